//! Queues: their callers and their members.

use super::macros::events;
use crate::types::{DeviceState, QueueMembership, QueueStrategy};

events! {
    all have {
        /// The caller's channel.
        channel: channel = "",
        /// The queue.
        queue: text = "Queue",
        /// The caller's place in it; 1 is the next to be served.
        position: parsed<u32> = "Position",
    }

    /// A caller came into a queue.
    QueueCallerJoin = "QueueCallerJoin" since "12 or earlier" {
        /// How many callers wait now.
        count: parsed<u32> = "Count",
    }

    /// A caller left a queue, for whatever reason.
    QueueCallerLeave = "QueueCallerLeave" since "12 or earlier" {
        /// How many callers still wait.
        count: parsed<u32> = "Count",
    }

    /// A caller hung up before anybody answered.
    QueueCallerAbandon = "QueueCallerAbandon" since "12 or earlier" {
        /// The place they had when they came.
        original_position: parsed<u32> = "OriginalPosition",
        /// How long they waited.
        hold_time: seconds = "HoldTime",
    }
}

events! {
    all have {
        /// The queue.
        queue: text = "Queue",
        /// The member's name.
        member_name: text = "MemberName",
        /// What is dialled to reach the member.
        interface: text = "Interface",
        /// The device whose state counts for the member.
        state_interface: text = "StateInterface",
        /// Where the membership comes from.
        membership: parsed<QueueMembership> = "Membership",
        /// Members with a lower penalty are called first.
        penalty: parsed<i32> = "Penalty",
        /// How many calls the member took.
        calls_taken: parsed<u32> = "CallsTaken",
        /// When the member's last call ended.
        last_call: epoch = "LastCall",
        /// When the member's last pause began.
        last_pause: epoch = "LastPause",
        /// When the member came into the queue.
        login_time: epoch = "LoginTime",
        /// Whether the member is on a call of this queue.
        in_call: flag = "InCall",
        /// What the member's device is doing.
        status: parsed<DeviceState> = "Status",
        /// Whether the member has a break.
        paused: flag = "Paused",
        /// Why.
        paused_reason: maybe = "PausedReason",
        /// Whether the member is called while on another call.
        ring_inuse: flag = "Ringinuse",
        /// How long the member is left alone after a call.
        wrapup_time: seconds = "Wrapuptime",
    }

    /// A member came into a queue.
    QueueMemberAdded = "QueueMemberAdded" since "12 or earlier" {}

    /// A member left a queue.
    QueueMemberRemoved = "QueueMemberRemoved" since "12 or earlier" {}

    /// A member's pause began or ended.
    QueueMemberPause = "QueueMemberPause" since "12.2" {}

    /// A member's device is in another state.
    QueueMemberStatus = "QueueMemberStatus" since "12 or earlier" {}

    /// A member's penalty changed.
    QueueMemberPenalty = "QueueMemberPenalty" since "12 or earlier" {}

    /// Whether a member is called while on another call changed.
    QueueMemberRinginuse = "QueueMemberRinginuse" since "12 or earlier" {}
}

events! {
    /// One queue of the answer to `QueueStatus`.
    QueueParams = "QueueParams" since "13 or earlier" {
        /// The queue.
        queue: text = "Queue",
        /// How many callers may wait; 0 is any number.
        max: parsed<u32> = "Max",
        /// Which members are called.
        strategy: parsed<QueueStrategy> = "Strategy",
        /// How many callers wait.
        calls: parsed<u32> = "Calls",
        /// How long callers wait on average.
        hold_time: seconds = "Holdtime",
        /// How long calls take on average.
        talk_time: seconds = "TalkTime",
        /// How many calls were answered.
        completed: parsed<u32> = "Completed",
        /// How many callers hung up before.
        abandoned: parsed<u32> = "Abandoned",
        /// Within which time calls should be answered.
        service_level: seconds = "ServiceLevel",
        /// How many of the answered calls were answered within it, in percent.
        service_level_perf: parsed<f64> = "ServicelevelPerf",
        /// How many of all calls were answered within it, in percent.
        service_level_perf2: parsed<f64> = "ServicelevelPerf2",
        /// Of two queues that share members, the heavier is served first.
        weight: parsed<u32> = "Weight",
    }

    /// One member of a queue, of the answer to `QueueStatus`.
    QueueMember = "QueueMember" since "13 or earlier" {
        /// The queue.
        queue: text = "Queue",
        /// The member's name.
        name: text = "Name",
        /// What is dialled to reach the member.
        location: text = "Location",
        /// The device whose state counts for the member.
        state_interface: text = "StateInterface",
        /// Where the membership comes from.
        membership: parsed<QueueMembership> = "Membership",
        /// Members with a lower penalty are called first.
        penalty: parsed<i32> = "Penalty",
        /// How many calls the member took.
        calls_taken: parsed<u32> = "CallsTaken",
        /// When the member's last call ended.
        last_call: epoch = "LastCall",
        /// When the member's last pause began.
        last_pause: epoch = "LastPause",
        /// When the member came into the queue.
        login_time: epoch = "LoginTime",
        /// Whether the member is on a call of this queue.
        in_call: flag = "InCall",
        /// What the member's device is doing.
        status: parsed<DeviceState> = "Status",
        /// Whether the member has a break.
        paused: flag = "Paused",
        /// Why.
        paused_reason: maybe = "PausedReason",
        /// How long the member is left alone after a call.
        wrapup_time: seconds = "Wrapuptime",
    }

    /// One caller in a queue, of the answer to `QueueStatus`.
    QueueEntry = "QueueEntry" since "13 or earlier" {
        /// The caller's channel. Its priority is not the dialplan's here: see
        /// [`priority`](Self::priority).
        channel: raw_channel = "",
        /// The queue.
        queue: text = "Queue",
        /// The caller's place in it; 1 is the next to be served.
        position: parsed<u32> = "Position",
        /// How long they have waited.
        wait: seconds = "Wait",
        /// Callers with a higher priority are served first.
        priority: parsed<i32> = "Priority",
    }

    /// One queue of the answer to `QueueSummary`.
    QueueSummary = "QueueSummary" since "13 or earlier" {
        /// The queue.
        queue: text = "Queue",
        /// How many members it has.
        logged_in: parsed<u32> = "LoggedIn",
        /// How many of them could take a call now.
        available: parsed<u32> = "Available",
        /// How many callers wait.
        callers: parsed<u32> = "Callers",
        /// How long callers wait on average.
        hold_time: seconds = "HoldTime",
        /// How long calls take on average.
        talk_time: seconds = "TalkTime",
        /// How long the caller has waited who waits longest.
        longest_hold_time: seconds = "LongestHoldTime",
    }
}
