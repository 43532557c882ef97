//! The connection itself, and the server as a whole.

use std::fmt;

use super::fields::Headers;
use super::macros::actions;
use super::{Action, Restore};
use crate::Credentials;
use crate::ami::response::{CommandOutput, Response, responses};

actions! {
    /// Asks whether the server is there.
    PingAction = "Ping" () -> PingResponse {}

    /// Runs a CLI command and returns what it prints.
    ///
    /// The server does nothing else on this connection meanwhile. It refuses `module load`,
    /// `module unload` and `restart gracefully` over AMI.
    CommandAction = "Command" (
        /// the command as one would type it at the console.
        command: text = "Command",
    ) -> CommandOutput {}

    /// x
    LogoffAction = "Logoff" () -> Response {}
    /// x
    GetVarAction = "Getvar" (
    /// x
    variable: text = "Variable") -> GetVarResponse {
    /// x
    channel: text = "Channel" }
    /// Adds a filter to the events of this connection. There is no way to take one away.
    FilterAction = "Filter" (
        /// the expression.
        filter: text = "Filter",
    ) -> Response {}
}

responses! {
    /// x
    GetVarResponse {
    /// x
    value: text = "Value" }

    /// The answer to a ping.
    PingResponse {
        /// The word the server answers with: `Pong`.
        ping: text = "Ping",
        /// The server's clock, in seconds since 1970 with a fraction.
        timestamp: maybe = "Timestamp",
    }
}
