//! New calls.

use super::fields::{Fields, Value};
use super::macros::{setters, shape};
use super::{Action, Headers};
use crate::ami::response::Response;

shape! {
    /// Calls somebody, and sends whoever answers to an extension or into an application.
    ///
    /// [`AmiClient::originate`](crate::ami::AmiClient::originate) sends it and says what became of
    /// the call. Sent as any other action, the server answers when the call is answered or has
    /// failed, and does nothing else on this connection meanwhile, unless the call is
    /// [`asynchronous`](Self::asynchronous). Refused with
    /// `Extension does not exist.` before anybody is called, with `Originate failed` otherwise.
    /// Needs `originate`, and `system` too for applications and data that could run programs.
    ///
    /// ```
    /// use asterisk_sync::ami::action::OriginateAction;
    /// use std::time::Duration;
    /// let call = OriginateAction::to("PJSIP/alice")
    ///     .extension("default", "200", 1)
    ///     .caller_id("Desk <100>")
    ///     .ring_for(Duration::from_secs(30))
    ///     .variable("NOTE", "commas, \"quotes\" and all");
    /// # let _ = call;
    /// ```
    OriginateAction = "Originate"
}

impl OriginateAction {
    /// A call to this channel, as `Dial` takes it: technology, slash, and what the technology
    /// needs. What to do with whoever answers has to follow: [`extension`](Self::extension) or
    /// [`application`](Self::application).
    ///
    /// Header `Channel`.
    pub fn to(channel: impl Into<String>) -> Self {
        let mut fields = Fields::default();
        fields.set("Channel", channel.into());
        Self(fields)
    }

    /// Goes on in the dialplan. The priority is a number or a label.
    ///
    /// Headers `Context`, `Exten` and `Priority`.
    #[must_use]
    pub fn extension(
        mut self,
        context: impl Into<String>,
        exten: impl Into<String>,
        priority: impl Value,
    ) -> Self {
        self.0.set("Context", context.into());
        self.0.set("Exten", exten.into());
        self.0.set("Priority", priority);
        self
    }

    /// Goes on in a single application, with these arguments.
    ///
    /// Headers `Application` and `Data`.
    #[must_use]
    pub fn application(mut self, application: impl Into<String>, data: impl Into<String>) -> Self {
        self.0.set("Application", application.into());
        self.0.set("Data", data.into());
        self
    }

    /// What a header has been set to.
    pub(in crate::ami) fn get(&self, header: &str) -> Option<&str> {
        self.0.get(header)
    }

    fn check(&self) -> Result<(), &'static str> {
        let fields = &self.0;
        let given = |header| fields.get(header).is_some_and(|value| !value.is_empty());
        match (fields.has("Exten"), fields.has("Application")) {
            (false, false) => Err("a call needs an extension or an application to go on with"),
            (true, true) => Err("a call goes on with an extension or an application, not both"),
            (true, false) if !["Context", "Exten", "Priority"].into_iter().all(given) => {
                Err("an extension needs a context, a name and a priority")
            }
            (false, true) if !given("Application") => Err("an application needs a name"),
            _ if !given("Channel") => Err("a call needs a channel"),
            _ => Ok(()),
        }
    }
}

setters! {
    OriginateAction {
        /// Who is calling, as `Name <number>`.
        caller_id: text = "CallerID",
        /// How long it may ring; without it, 30 seconds. The server does not count it in the
        /// timeout of this action, which should be longer, or the call
        /// [`asynchronous`](Self::asynchronous).
        ring_for: millis = "Timeout",
        /// A variable of the new channel; a name with `_` or `__` in front is inherited by the
        /// channels that it makes. The value arrives byte for byte.
        variable: variable = "Variable",
        /// The account code for call records.
        account: text = "Account",
        /// Whether to go on as soon as there is sound, before the call is answered.
        early_media: bool = "EarlyMedia",
        /// Whether the server answers at once. What becomes of the call is then in an
        /// `OriginateResponse` event, which only who hears the class `call` gets.
        asynchronous: bool = "Async",
        /// The codecs to offer.
        codecs: list = "Codecs",
        /// The unique id of the new channel, instead of one that the server makes up: at most 149
        /// bytes, and of no other channel.
        channel_id: text = "ChannelId",
        /// The unique id of the second half, if it is a `Local` channel.
        other_channel_id: text = "OtherChannelId",
        /// A subroutine that the new channel runs before it is dialled, as
        /// `context,extension,priority`. The server obeys only if the call goes on in an extension
        /// and is not asynchronous.
        pre_dial_gosub: text = "PreDialGoSub",
    }
}

impl Action for OriginateAction {
    type Reply = Response;

    fn name(&self) -> &'static str {
        "Originate"
    }

    fn write(&self, headers: &mut Headers) {
        if let Err(why) = self.check() {
            headers.refuse(why);
        }
        self.0.write(headers);
    }
}
