//! Transfers.

use super::macros::events;
use crate::types::{TransferDestination, TransferResult};

events! {
    /// A transfer that was announced to its target first has ended.
    AttendedTransfer = "AttendedTransfer" since "12 or earlier" {
        /// What came of it.
        result: parsed<TransferResult> = "Result",
        /// Whether somebody outside Asterisk, such as a phone, asked for it.
        is_external: flag = "IsExternal",
        /// The transferer's channel towards the one who is transferred.
        orig_transferer: channel = "OrigTransferer",
        /// The bridge that this channel is in, if any.
        orig_bridge: bridge = "Orig",
        /// The transferer's channel towards the target.
        second_transferer: channel = "SecondTransferer",
        /// The bridge that this channel is in, if any.
        second_bridge: bridge = "Second",
        /// How the two were joined.
        dest_type: parsed<TransferDestination> = "DestType",
        /// The unique id of the bridge in which they met, for `Bridge` and `Threeway`.
        dest_bridge_unique_id: maybe = "DestBridgeUniqueid",
        /// The application that the transferred channel runs now, for `App`.
        dest_app: maybe = "DestApp",
        /// The channel that stayed in the bridge with both others, for `Threeway`.
        dest_transferer_channel: maybe = "DestTransfererChannel",
        /// The first end of the local channel that links two bridges, for `Link`.
        local_one: channel = "LocalOne",
        /// The second end of that local channel, for `Link`.
        local_two: channel = "LocalTwo",
        /// Who was transferred; absent if it is more than one channel.
        transferee: channel = "Transferee",
        /// Whom they were transferred to; absent if it is more than one channel.
        transfer_target: channel = "TransferTarget",
    }

    /// A call was sent on without asking the target.
    BlindTransfer = "BlindTransfer" since "12 or earlier" {
        /// What came of it.
        result: parsed<TransferResult> = "Result",
        /// The channel that sent the call on.
        transferer: channel = "Transferer",
        /// The channel that was sent on; absent if it is more than one.
        transferee: channel = "Transferee",
        /// The bridge that they were in.
        bridge: bridge = "",
        /// Whether somebody outside Asterisk, such as a phone, asked for it.
        is_external: flag = "IsExternal",
        /// The context that the call was sent to.
        context: text = "Context",
        /// The extension that the call was sent to.
        extension: text = "Extension",
    }
}
