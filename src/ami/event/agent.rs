//! Members of queues who are called, and agents of the agent pool.

use super::macros::events;
use crate::types::{AgentCompleteReason, AgentState};

events! {
    all have {
        /// The caller's channel.
        channel: channel = "",
        /// The member's channel.
        dest: channel = "Dest",
        /// The queue.
        queue: text = "Queue",
        /// The member's name.
        member_name: text = "MemberName",
        /// What is dialled to reach the member.
        interface: text = "Interface",
    }

    /// A queue calls one of its members.
    AgentCalled = "AgentCalled" since "12 or earlier" {}

    /// A member of a queue answered, and has the caller.
    AgentConnect = "AgentConnect" since "12 or earlier" {
        /// How long the caller waited.
        hold_time: seconds = "HoldTime",
        /// How long the member's phone rang.
        ring_time: seconds = "RingTime",
    }

    /// A member of a queue has served a caller.
    AgentComplete = "AgentComplete" since "12 or earlier" {
        /// How long the caller waited.
        hold_time: seconds = "HoldTime",
        /// How long they talked.
        talk_time: seconds = "TalkTime",
        /// Who ended it.
        reason: parsed<AgentCompleteReason> = "Reason",
    }

    /// A member of a queue hung up while the announcement before the call was played.
    AgentDump = "AgentDump" since "12 or earlier" {}

    /// A member of a queue did not answer.
    AgentRingNoAnswer = "AgentRingNoAnswer" since "12 or earlier" {
        /// How long the member's phone rang.
        ring_time: millis = "RingTime",
    }
}

events! {
    /// An agent of the agent pool is there.
    AgentLogin = "AgentLogin" since "12 or earlier" {
        /// The agent's channel.
        channel: channel = "",
        /// The agent's id.
        agent: text = "Agent",
    }

    /// An agent of the agent pool left.
    AgentLogoff = "AgentLogoff" since "12 or earlier" {
        /// The agent's channel.
        channel: channel = "",
        /// The agent's id.
        agent: text = "Agent",
        /// How long the agent was there.
        login_time: seconds = "Logintime",
    }

    /// One agent of the answer to `Agents`.
    Agents = "Agents" since "12 or earlier" {
        /// The agent's channel; absent unless the agent is there.
        channel: channel = "",
        /// The agent's id.
        agent: text = "Agent",
        /// The agent's name.
        name: text = "Name",
        /// What the agent is doing.
        status: parsed<AgentState> = "Status",
        /// The channel that the agent talks with.
        talking_to_chan: maybe = "TalkingToChan",
        /// When that call began.
        call_started: epoch = "CallStarted",
        /// When the agent came.
        logged_in_time: epoch = "LoggedInTime",
    }
}
