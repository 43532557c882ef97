//! The life of a channel.

use super::macros::events;
use crate::types::HangupCause;

events! {
    /// A channel came to be.
    Newchannel = "Newchannel" {
        /// The channel.
        channel: channel = "",
    }

    /// A channel is gone.
    Hangup = "Hangup" {
        /// The channel as it was last.
        channel: channel = "",
        /// Why.
        cause: parsed<HangupCause> = "Cause",
        /// Why, in words.
        cause_txt: text = "Cause-txt",
        /// The cause as the channel's own technology has it, since Asterisk 20.17.
        tech_cause: maybe = "TechCause",
    }
}
