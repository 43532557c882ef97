//! Events of the user's own.

use super::macros::events;

events! {
    /// The dialplan, an ARI application or a client of the Manager Interface sent an event of its
    /// own.
    UserEvent = "UserEvent" since "12.3" {
        /// The channel that ran the application `UserEvent`; absent if a client sent it.
        channel: channel = "",
        /// The event's name.
        user_event: text = "UserEvent",
    }
}

impl UserEvent {
    /// The headers that the sender put in, in order; names may repeat.
    ///
    /// A client's `ActionID` is one of them.
    pub fn headers(&self) -> impl Iterator<Item = (&str, &str)> {
        let mut all = self.0.iter();
        // Whatever stands before this header is Asterisk's own.
        all.find(|(name, _)| name.eq_ignore_ascii_case("UserEvent"));
        all
    }
}
