//! AGI, by a script, over the network, or over the Manager Interface itself.

use super::macros::events;
use crate::types::AgiStatus;

events! {
    all have {
        /// The channel.
        channel: channel = "",
        /// The command.
        command: text = "Command",
        /// A number that start and end of a command share.
        command_id: text = "CommandId",
    }

    /// A script sent a command.
    AGIExecStart = "AGIExecStart" since "12 or earlier" {}

    /// A command was carried out, or not.
    AGIExecEnd = "AGIExecEnd" since "12 or earlier" {
        /// The code of the answer.
        result_code: parsed<AgiStatus> = "ResultCode",
        /// The code in words.
        result: text = "Result",
    }
}

events! {
    all have {
        /// The channel.
        channel: channel = "",
    }

    /// `AGI(agi:async)` begins: the channel waits for actions `AGI`.
    AsyncAGIStart = "AsyncAGIStart" since "12 or earlier" {
        /// The variables that an AGI script begins with, percent-encoded.
        env: text = "Env",
    }

    /// A command of an action `AGI` was carried out.
    AsyncAGIExec = "AsyncAGIExec" since "12 or earlier" {
        /// The id that the action gave it.
        command_id: maybe = "CommandId",
        /// The answer that a script would have read, percent-encoded.
        result: text = "Result",
    }

    /// `AGI(agi:async)` ends.
    AsyncAGIEnd = "AsyncAGIEnd" since "12 or earlier" {}
}
