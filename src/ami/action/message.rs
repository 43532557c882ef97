//! Text messages without a call.

use super::fields::Fields;
use super::macros::actions;
use crate::ami::response::Response;

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
        /// The text, in one line.
        body: text = "Body",
        /// The text in base64, for texts of several lines: at most 1,300 bytes when decoded. It
        /// goes before `body`.
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

fn has_recipient(fields: &Fields) -> Result<(), &'static str> {
    if fields.has("Destination") || fields.has("To") {
        return Ok(());
    }
    Err("a message needs a destination or a recipient")
}
