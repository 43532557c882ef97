//! Telephony cards: DAHDI, and ISDN on them.

use super::macros::actions;
use crate::ami::event;
use crate::ami::response::Response;
use crate::types::PriDebugLevel;

actions! {
    /// Lists the channels of cards.
    DAHDIShowChannelsAction = "DAHDIShowChannels" ()
        -> Response [event::DAHDIShowChannels, DAHDIShowChannelsComplete]
    {
        /// Only this channel, by its number.
        dahdi_channel: any = "DAHDIChannel",
    }

    /// Lists the spans of cards. Refused with `No DAHDI detected` if there are none. Since 18.23,
    /// 20.8 and 21.3.
    DAHDIShowStatusAction = "DAHDIShowStatus" ()
        -> Response [event::DAHDIShowStatus, DAHDIShowStatusComplete] {}

    /// Lets a channel take no calls.
    DAHDIDNDonAction = "DAHDIDNDon" (
        /// the channel, by its number.
        dahdi_channel: any = "DAHDIChannel",
    ) -> Response {}

    /// Lets a channel take calls again.
    DAHDIDNDoffAction = "DAHDIDNDoff" (
        /// the channel, by its number.
        dahdi_channel: any = "DAHDIChannel",
    ) -> Response {}

    /// Dials digits on a channel that is off hook.
    DAHDIDialOffhookAction = "DAHDIDialOffhook" (
        /// the channel, by its number.
        dahdi_channel: any = "DAHDIChannel",
        /// the digits.
        number: text = "Number",
    ) -> Response {}

    /// Hangs an analog channel up, as if the phone had been put down.
    DAHDIHangupAction = "DAHDIHangup" (
        /// the channel, by its number.
        dahdi_channel: any = "DAHDIChannel",
    ) -> Response {}

    /// Flashes an analog channel, as if to transfer.
    DAHDITransferAction = "DAHDITransfer" (
        /// the channel, by its number.
        dahdi_channel: any = "DAHDIChannel",
    ) -> Response {}

    /// Ends all calls on cards, and reads their configuration again.
    DAHDIRestartAction = "DAHDIRestart" () -> Response {}

    /// Lists ISDN spans.
    PRIShowSpansAction = "PRIShowSpans" ()
        -> Response [event::PRIShowSpans, PRIShowSpansComplete]
    {
        /// Only this one, by its number.
        span: u32 = "Span",
    }

    /// Chooses how much of the signalling of an ISDN span is logged.
    PRIDebugSetAction = "PRIDebugSet" (
        /// the span, by its number.
        span: u32 = "Span",
        /// how much.
        level: PriDebugLevel = "Level",
    ) -> Response {}

    /// Logs the signalling of ISDN to a file. Needs `system`.
    PRIDebugFileSetAction = "PRIDebugFileSet" (
        /// the file.
        file: text = "File",
    ) -> Response {}

    /// Logs the signalling of ISDN to no file any more.
    PRIDebugFileUnsetAction = "PRIDebugFileUnset" () -> Response {}
}
