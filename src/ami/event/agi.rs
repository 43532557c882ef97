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
    AGIExecStart = "AGIExecStart" {}

    /// A command was carried out, or not.
    AGIExecEnd = "AGIExecEnd" {
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
    AsyncAGIStart = "AsyncAGIStart" {
        /// The variables that an AGI script begins with, percent-encoded.
        env: text = "Env",
    }

    /// A command of an action `AGI` was carried out.
    AsyncAGIExec = "AsyncAGIExec" {
        /// The id that the action gave it.
        command_id: maybe = "CommandId",
        /// The answer that a script would have read, percent-encoded.
        result: text = "Result",
    }

    /// `AGI(agi:async)` ends.
    AsyncAGIEnd = "AsyncAGIEnd" {}
}
