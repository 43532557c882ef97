//! Queues.

use super::macros::{actions, items};
use crate::ami::event;
use crate::ami::response::{Response, responses};

actions! {
    /// Lists queues, each with its members and the callers who wait in it.
    ///
    /// An unknown queue gives an empty list.
    QueueStatusAction = "QueueStatus" () -> Response [QueueStatusItem, QueueStatusComplete] {
        /// Only this queue.
        queue: text = "Queue",
        /// Only this member of each queue.
        member: text = "Member",
    }

    /// Lists queues, each with how many members and callers it has and how long they wait.
    QueueSummaryAction = "QueueSummary" ()
        -> Response [event::QueueSummary, QueueSummaryComplete]
    {
        /// Only this queue.
        queue: text = "Queue",
    }

    /// Lets an interface take calls of a queue.
    ///
    /// Refused with `Unable to add interface: Already there` if it does already. Needs `agent`.
    QueueAddAction = "QueueAdd" (
        /// the queue.
        queue: text = "Queue",
        /// what to dial, such as `PJSIP/alice`.
        interface: text = "Interface",
    ) -> Response {
        /// How much worse it is than others: calls go to lower penalties first.
        penalty: u32 = "Penalty",
        /// Whether it begins with a pause.
        paused: bool = "Paused",
        /// Why it pauses.
        reason: text = "Reason",
        /// The member's name, for people.
        member_name: text = "MemberName",
        /// The device whose state says whether the member is free, if it is not the interface.
        state_interface: text = "StateInterface",
    }

    /// Takes a member out of a queue. Only one that was added, not one of the configuration. Needs
    /// `agent`.
    QueueRemoveAction = "QueueRemove" (
        /// the queue.
        queue: text = "Queue",
        /// the member's interface.
        interface: text = "Interface",
    ) -> Response {}

    /// Lets a member pause, or go on. Needs `agent`.
    QueuePauseAction = "QueuePause" (
        /// the member's interface.
        interface: text = "Interface",
        /// whether it pauses.
        paused: bool = "Paused",
    ) -> Response {
        /// Only in this queue.
        queue: text = "Queue",
        /// Why, for `QueueMemberPause`.
        reason: text = "Reason",
    }

    /// Sets a member's penalty. Needs `agent`.
    QueuePenaltyAction = "QueuePenalty" (
        /// the member's interface.
        interface: text = "Interface",
        /// how much worse it is than others.
        penalty: u32 = "Penalty",
    ) -> Response {
        /// Only in this queue.
        queue: text = "Queue",
    }

    /// Sets whether a member gets calls while it is on one. Needs `agent`.
    QueueMemberRingInUseAction = "QueueMemberRingInUse" (
        /// the member's interface.
        interface: text = "Interface",
        /// whether it does.
        ring_in_use: bool = "RingInUse",
    ) -> Response {
        /// Only in this queue.
        queue: text = "Queue",
    }

    /// Lists the rules by which penalties change while a caller waits.
    QueueRuleAction = "QueueRule" () -> QueueRuleResponse {
        /// Only this rule.
        rule: text = "Rule",
    }

    /// Moves a caller of a queue to another priority. Since 15.0.
    QueueChangePriorityCallerAction = "QueueChangePriorityCaller" (
        /// the queue.
        queue: text = "Queue",
        /// the caller's channel.
        caller: text = "Caller",
        /// the new priority; higher ones are served first.
        priority: i32 = "Priority",
    ) -> Response {
        /// Whether to move the caller at once to the place that the priority gives.
        immediate: bool = "Immediate",
    }

    /// Asks a caller to leave a queue, which the dialplan sees as `QUEUESTATUS` of `WITHDRAW`.
    /// Since 16.25, 18.11 and 19.3.
    QueueWithdrawCallerAction = "QueueWithdrawCaller" (
        /// the queue.
        queue: text = "Queue",
        /// the caller's channel.
        caller: text = "Caller",
    ) -> Response {
        /// A text for the dialplan's `QUEUE_WITHDRAW_INFO`.
        withdraw_info: text = "WithdrawInfo",
    }

    /// Writes a line of one's own into the queue log. Needs `agent`.
    QueueLogAction = "QueueLog" (
        /// the queue.
        queue: text = "Queue",
        /// what happened.
        event: text = "Event",
    ) -> Response {
        /// The unique id of the caller's channel.
        unique_id: text = "Uniqueid",
        /// The member's interface.
        interface: text = "Interface",
        /// Anything more.
        message: text = "Message",
    }

    /// Reads the configuration of queues again, or parts of it.
    QueueReloadAction = "QueueReload" () -> Response {
        /// Only this queue.
        queue: text = "Queue",
        /// Whether to read the members.
        members: yes_no = "Members",
        /// Whether to read the rules, in `queuerules.conf`.
        rules: yes_no = "Rules",
        /// Whether to read everything else.
        parameters: yes_no = "Parameters",
    }

    /// Sets the statistics of queues to zero.
    QueueResetAction = "QueueReset" () -> Response {
        /// Only this queue.
        queue: text = "Queue",
    }
}

items! {
    /// A queue, or one of its members or callers. They come in that order, queue by queue.
    QueueStatusItem {
        /// A queue: its settings and statistics.
        Params(QueueParams),
        /// A member of the queue.
        Member(QueueMember),
        /// A caller who waits in the queue.
        Entry(QueueEntry),
    }
}

responses! {
    /// Rules by which penalties change.
    QueueRuleResponse {
        /// The names of the lists of rules.
        rule_lists: repeated = "RuleList",
        /// The rules of all lists: seconds, and the changes of the highest and lowest penalty.
        /// [`lists`](Self::lists) has them read, each in its list.
        rules: repeated = "Rule",
    }
}
