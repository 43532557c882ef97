//! Calling somebody, and what came of it.

use super::macros::events;
use crate::types::{DialProgress, DialStatus, OriginateReason};

events! {
    /// A dial attempt started.
    DialBegin = "DialBegin" since "12 or earlier" {
        /// The calling channel; absent where Asterisk itself dials, as for `Originate`.
        channel: channel = "",
        /// The called channel.
        dest: channel = "Dest",
        /// What was dialled, without the technology.
        dial_string: maybe = "DialString",
    }

    /// A dial attempt got further: the far end rings.
    DialState = "DialState" since "14" {
        /// The calling channel; absent where Asterisk itself dials.
        channel: channel = "",
        /// The called channel.
        dest: channel = "Dest",
        /// How far it got.
        dial_status: parsed<DialProgress> = "DialStatus",
        /// Where the call was sent on to.
        forward: maybe = "Forward",
    }

    /// A dial attempt ended: it was answered, or given up.
    DialEnd = "DialEnd" since "12 or earlier" {
        /// The calling channel; absent where Asterisk itself dials.
        channel: channel = "",
        /// The called channel.
        dest: channel = "Dest",
        /// What came of it.
        dial_status: parsed<DialStatus> = "DialStatus",
        /// Where the call was sent on to.
        forward: maybe = "Forward",
    }

    /// What came of an `Originate` that was not waited for. Every connection gets it, not only the
    /// one that asked.
    OriginateResponse = "OriginateResponse" since "13 or earlier" {
        /// The channel that was made; what was asked for, such as `PJSIP/alice`, if none was.
        channel: raw_channel = "",
        /// `Success` or `Failure`.
        response: text = "Response",
        /// Why it failed, or that it was answered.
        reason: parsed<OriginateReason> = "Reason",
        /// The application it was to run.
        application: maybe = "Application",
        /// What the application was to be given.
        data: maybe = "Data",
    }
}

impl OriginateResponse {
    /// Whether the call was answered.
    pub fn is_success(&self) -> bool {
        self.response().eq_ignore_ascii_case("Success")
    }
}
