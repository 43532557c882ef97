//! Channels: what they are doing, how they end, and their variables.

use super::fields::Fields;
use super::macros::actions;
use crate::ami::event;
use crate::ami::response::{Response, responses};
use crate::types::HangupCause;

actions! {
    /// Lists channels, with the state of each and with variables if wanted.
    ///
    /// Refused with `No such channel` if the one asked for does not exist. Needs `system`, `call`
    /// or `reporting`.
    StatusAction = "Status" () -> Response [event::Status, StatusComplete] {
        /// Only this channel.
        channel: text = "Channel",
        /// Variables and functions to list with each channel. Functions that could run programs
        /// need `system`.
        variables: list = "Variables",
        /// Whether to list all variables of each channel.
        all_variables: bool = "AllVariables",
    }

    /// Lists channels as the console command `core show channels concise` does. Needs `system` or
    /// `reporting`.
    CoreShowChannelsAction = "CoreShowChannels" ()
        -> Response [event::CoreShowChannel, CoreShowChannelsComplete] {}

    /// Lists the channels that a channel is connected with, through whatever bridges and `Local`
    /// channels. Since 18.19 and 20.4. Needs `system` or `reporting`.
    CoreShowChannelMapAction = "CoreShowChannelMap" (
        /// the channel to begin with.
        channel: text = "Channel",
    ) -> Response [event::CoreShowChannelMap, CoreShowChannelMapComplete] {}

    /// Hangs a channel up.
    ///
    /// Refused with `No such channel` if it is gone already. For many channels at once there is
    /// [`HangupMatchingAction`]. Needs `system` or `call`.
    HangupAction = "Hangup" (
        /// the channel's name, or its unique id.
        channel: text = "Channel",
    ) -> Response where one_channel {
        /// Why, for the other side. A cause below 1 or above 127 is ignored.
        cause: HangupCause = "Cause",
    }

    /// Hangs all channels up whose name a regular expression matches, and lists them.
    ///
    /// An expression that matches nothing gives an empty list. Needs `system` or `call`.
    HangupMatchingAction = "Hangup" (
        /// the expression, a POSIX extended one, which matches any part of a name. It is sent
        /// between slashes.
        regex: regex = "Channel",
    ) -> Response [event::ChannelHungup, ChannelsHungupListComplete] where some_pattern {
        /// Why, for the other side. A cause below 1 or above 127 is ignored.
        cause: HangupCause = "Cause",
    }

    /// Reads a variable of a channel, or a global one.
    ///
    /// A variable that does not exist is empty. A name with parentheses is a function, whose value
    /// is cut at 1,023 bytes; one that could run programs needs `system`. Needs `call` or
    /// `reporting`.
    GetVarAction = "Getvar" (
        /// the variable's name, without `${}`.
        variable: text = "Variable",
    ) -> GetVarResponse {
        /// The channel; without one it is a global variable.
        channel: text = "Channel",
    }

    /// Sets a variable of a channel, or a global one. Needs `call`.
    SetVarAction = "Setvar" (
        /// the variable's name, without `${}`, or a function that can be written to.
        variable: text = "Variable",
        /// its value, which cannot begin with a blank: the server would drop it.
        value: text = "Value",
    ) -> Response {
        /// The channel; without one it is a global variable.
        channel: text = "Channel",
    }

    /// Lets a channel end after a time, or takes that time limit away. Needs `system` or `call`.
    AbsoluteTimeoutAction = "AbsoluteTimeout" (
        /// the channel.
        channel: text = "Channel",
        /// how long it may live from now on; zero is for ever.
        timeout: seconds = "Timeout",
    ) -> Response {}

    /// Lets a `Local` channel that was made to stay take itself out of the call. Needs `system` or
    /// `call`.
    LocalOptimizeAwayAction = "LocalOptimizeAway" (
        /// the channel.
        channel: text = "Channel",
    ) -> Response {}

    /// Sends a text to a channel that is in a call, if its technology can carry one. Needs `call`.
    SendTextAction = "SendText" (
        /// the channel.
        channel: text = "Channel",
        /// the text, in one line.
        message: text = "Message",
    ) -> Response {
        /// What kind of text it is, such as `text/html`.
        content_type: text = "Content-Type",
    }

    /// Queues an AGI command for a channel that is in the application `AGI(agi:async)`.
    ///
    /// The answer says that it is queued. What comes of it is in `AsyncAGIExec`. Needs `agi`.
    AGIAction = "AGI" (
        /// the channel.
        channel: text = "Channel",
        /// the command with its arguments.
        command: text = "Command",
    ) -> Response {
        /// An id that comes back in `AsyncAGIExec`.
        command_id: text = "CommandID",
    }
}

/// A name between slashes would be a pattern.
pub(super) fn one_channel(fields: &Fields) -> Result<(), &'static str> {
    match fields.get("Channel") {
        Some(name) if name.starts_with('/') => {
            Err("a pattern in place of a channel has an action of its own")
        }
        _ => Ok(()),
    }
}

pub(super) fn some_pattern(fields: &Fields) -> Result<(), &'static str> {
    match fields.get("Channel") {
        Some("//") => Err("an empty expression would match every channel"),
        _ => Ok(()),
    }
}

responses! {
    /// A variable's value.
    GetVarResponse {
        /// The name that was asked for.
        variable: text = "Variable",
        /// Its value.
        value: text = "Value",
    }
}
