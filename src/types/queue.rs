//! Queues, their members and their agents.
//!
//! The `Status` of a queue member is a [`DeviceState`](super::DeviceState), as a number.

use super::macros::text_enums;

text_enums! {
    /// Which members of a queue a call rings: `Strategy` of AMI's `QueueParams`, `strategy` in
    /// `queues.conf`.
    QueueStrategy {
        /// All that are free, at once.
        RingAll = "ringall",
        /// Whoever was called the longest ago.
        LeastRecent = "leastrecent",
        /// Whoever has taken the fewest calls.
        FewestCalls = "fewestcalls",
        /// Anyone.
        Random = "random",
        /// One after the other, going on where the last call left off.
        RoundRobin = "rrmemory" | "roundrobin",
        /// One after the other, in the order of the list, always from its beginning.
        Linear = "linear",
        /// Anyone, those with a low penalty more often.
        WeightedRandom = "wrandom",
    }

    /// Why a caller left a queue without having been answered: the channel variable `QUEUESTATUS`.
    QueueStatus {
        /// There is no such queue, or no reason is known.
        Unknown = "UNKNOWN",
        /// The caller has waited as long as was allowed.
        Timeout = "TIMEOUT",
        /// The queue took no more callers.
        Full = "FULL",
        /// Nobody was there who could answer, so the caller was not let in.
        JoinEmpty = "JOINEMPTY",
        /// Nobody was left who could answer.
        LeaveEmpty = "LEAVEEMPTY",
        /// All members were unavailable, so the caller was not let in.
        JoinUnavail = "JOINUNAVAIL",
        /// All members had become unavailable.
        LeaveUnavail = "LEAVEUNAVAIL",
        /// A member answered and hung up, and the call goes on in the dialplan.
        Continue = "CONTINUE",
        /// The action `QueueWithdrawCaller` took the caller out.
        Withdraw = "WITHDRAW",
    }

    /// How somebody came to be a member of a queue: `Membership` of AMI's `QueueMember` and its
    /// relatives.
    QueueMembership {
        /// Added while Asterisk runs, by an action, an application or the command line.
        Dynamic = "dynamic",
        /// Read from a database.
        Realtime = "realtime",
        /// Written in `queues.conf`.
        Static = "static",
    }

    /// What an agent is doing: `Status` of AMI's `Agents`.
    AgentState {
        /// Not logged in.
        LoggedOff = "AGENT_LOGGEDOFF",
        /// Logged in, waiting for a call.
        Idle = "AGENT_IDLE",
        /// On a call.
        OnCall = "AGENT_ONCALL",
    }

    /// Who ended a queue call: `Reason` of AMI's `AgentComplete`.
    AgentCompleteReason {
        /// The caller hung up.
        Caller = "caller",
        /// The agent hung up.
        Agent = "agent",
        /// The agent transferred the caller.
        Transfer = "transfer",
    }
}
