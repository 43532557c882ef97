//! Sending calls elsewhere.

use super::fields::Fields;
use super::macros::actions;
use crate::ami::response::Response;

actions! {
    /// Sends a channel to another place in the dialplan, and with it a second one if wanted.
    ///
    /// The answer says that it is under way. A channel that is not up yet is refused. Needs `call`.
    RedirectAction = "Redirect" (
        /// the channel.
        channel: text = "Channel",
        /// where to.
        context: text = "Context",
        /// where to.
        exten: text = "Exten",
        /// where to: a number or a label.
        priority: any = "Priority",
    ) -> Response where extra_has_channel {
        /// A second channel to send along, usually the one it is talking to. Without a place of its
        /// own it goes to the same.
        extra_channel: text = "ExtraChannel",
        /// Where the second channel goes.
        extra_context: text = "ExtraContext",
        /// Where the second channel goes.
        extra_exten: text = "ExtraExten",
        /// Where the second channel goes: a number or a label.
        extra_priority: any = "ExtraPriority",
    }

    /// Begins an attended transfer on a channel's behalf, as if it had dialled the feature code.
    ///
    /// Refused if the server has no such feature code. Needs `call`.
    AtxferAction = "Atxfer" (
        /// the channel that transfers.
        channel: text = "Channel",
        /// the extension to transfer to.
        exten: text = "Exten",
    ) -> Response {
        /// The extension's context; without one it is the channel's own for transfers.
        context: text = "Context",
    }

    /// Ends an attended transfer that has begun, as if the channel had dialled the feature code to
    /// disconnect. Since 13.18, 14.7 and 15.1. Needs `call`.
    CancelAtxferAction = "CancelAtxfer" (
        /// the channel that transfers.
        channel: text = "Channel",
    ) -> Response {}

    /// Sends those whom a channel talks to elsewhere; the channel itself is hung up.
    ///
    /// Refused with `Transfer not permitted`, `invalid` or `failed`. Needs `call`.
    BlindTransferAction = "BlindTransfer" (
        /// the channel that transfers.
        channel: text = "Channel",
        /// the extension to transfer to.
        exten: text = "Exten",
    ) -> Response {
        /// The extension's context; without one it is the channel's own.
        context: text = "Context",
    }
}

fn extra_has_channel(fields: &Fields) -> Result<(), &'static str> {
    let place = ["ExtraContext", "ExtraExten", "ExtraPriority"];
    if !fields.has("ExtraChannel") && place.into_iter().any(|header| fields.has(header)) {
        return Err("a second place needs a second channel");
    }
    Ok(())
}
