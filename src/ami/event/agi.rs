//! AGI, by a script, over the network, or over the Manager Interface itself.

use super::macros::events;
use crate::percent;
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
        /// The variables that an AGI script begins with, percent-encoded; see
        /// [`decoded_env`](Self::decoded_env).
        env: text = "Env",
    }

    /// A command of an action `AGI` was carried out.
    AsyncAGIExec = "AsyncAGIExec" since "12 or earlier" {
        /// The id that the action gave it.
        command_id: maybe = "CommandId",
        /// The answer that a script would have read, percent-encoded; see
        /// [`decoded_result`](Self::decoded_result).
        result: text = "Result",
    }

    /// `AGI(agi:async)` ends.
    AsyncAGIEnd = "AsyncAGIEnd" since "12 or earlier" {}
}

impl AsyncAGIStart {
    /// The variables that an AGI script begins with, as such a script reads them: a line each, such
    /// as `agi_context: default`, and an empty one.
    ///
    /// Of [`env`](Self::env). What is not UTF-8 is replaced.
    pub fn decoded_env(&self) -> String {
        decoded(self.env())
    }
}

impl AsyncAGIExec {
    /// The answer as a script would have read it, such as `200 result=0` with its newline.
    ///
    /// Of [`result`](Self::result). Asterisk sends 1,024 bytes of an answer at most, and what is left
    /// with the answer to the next command. What is not UTF-8 is replaced.
    pub fn decoded_result(&self) -> String {
        decoded(self.result())
    }
}

fn decoded(text: &str) -> String {
    String::from_utf8_lossy(&percent::decode(text.as_bytes())).into_owned()
}
