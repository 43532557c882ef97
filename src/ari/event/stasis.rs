//! Channels that enter and leave applications.

use super::macros::events;
use crate::ari::model::Channel;

events! {
    /// A channel waits for the first application that claims it. Sent to all that the call was
    /// announced to. Since 20.17, 22.7 and 23.1.
    CallBroadcast {
        /// The channel.
        channel: Channel,
        /// The number that calls.
        caller: Option<String>,
        /// The number that was called.
        called: Option<String>,
    }

    /// A channel that was announced has been claimed. Its winner may hear of this after its
    /// `StasisStart`. Since 20.17, 22.7 and 23.1.
    CallClaimed {
        /// The channel.
        channel: Channel,
        /// The application that has it now.
        winner_app: String,
    }

    /// A channel has left the application.
    StasisEnd {
        /// The channel.
        channel: Channel,
    }

    /// A channel has entered the application: it is ours.
    StasisStart {
        /// What the dialplan gave to `Stasis()` behind the application's name.
        args: Vec<String>,
        /// The channel.
        channel: Channel,
        /// The channel that it replaces.
        replace_channel: Option<Channel>,
    }
}
