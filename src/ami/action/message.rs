//! Text messages without a call.

use super::fields::Fields;
use super::macros::actions;
use crate::ami::response::Response;
use crate::base64;

actions! {
    /// Sends a text message. It needs a destination or a recipient, and a body. Needs `message`.
    MessageSendAction = "MessageSend" () -> Response where has_recipient {
        /// Where to send it, such as `pjsip:alice` or `xmpp:alice@example.com`. Servers that do not
        /// know it go by [`to`](Self::to) alone.
        destination: text = "Destination",
        /// Whom it is for; also where to send it if there is no destination.
        to: text = "To",
        /// Whom it is from.
        from: text = "From",
        /// The text in base64, as [`body`](Self::body) writes it where that is needed.
        base64_body: text = "Base64Body",
        /// A variable of the message. The value arrives byte for byte.
        variable: variable = "Variable",
    }

    /// Sends a message by XMPP. Needs `system`.
    JabberSendAction = "JabberSend" (
        /// the account of the server.
        jabber: text = "Jabber",
        /// whom it is for.
        jid: text = "JID",
        /// the text.
        message: text = "Message",
    ) -> Response {}
}

impl MessageSendAction {
    /// The text, of at most 1,016 bytes. One of several lines, or that begins with a blank, goes in
    /// base64, and has at most 756: the server reads no longer line.
    ///
    /// Header `Body` or `Base64Body`.
    #[must_use]
    pub fn body(mut self, body: impl Into<String>) -> Self {
        let body = body.into();
        if body.contains('\0') {
            self.0.refuse("a text has no NUL, Asterisk would cut it there");
        }
        let is_plain = !body.contains(['\r', '\n']) && !body.starts_with(|c| c <= ' ');
        let (header, other) =
            if is_plain { ("Body", "Base64Body") } else { ("Base64Body", "Body") };
        self.0.remove(other);
        self.0.set(header, if is_plain { body } else { base64::encode(body.as_bytes()) });
        self
    }
}

fn has_recipient(fields: &Fields) -> Result<(), &'static str> {
    if fields.has("Destination") || fields.has("To") {
        return Ok(());
    }
    Err("a message needs a destination or a recipient")
}
