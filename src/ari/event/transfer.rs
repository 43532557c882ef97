//! Transfers.

use super::macros::events;
use crate::ari::model::{Bridge, Channel, ReferTo, ReferredBy};
use crate::types::{TransferDestination, TransferProgress, TransferResult};

events! {
    /// A phone has transferred a call after it had talked to the other side, or tried to.
    BridgeAttendedTransfer {
        /// The channel that it talked to the transferred party on.
        transferer_first_leg: Channel,
        /// The channel that it talked to the other side on.
        transferer_second_leg: Channel,
        /// The channel that takes the place of the first one, where that had to be.
        replace_channel: Option<Channel>,
        /// The channel that was transferred.
        transferee: Option<Channel>,
        /// The channel that it was transferred to.
        transfer_target: Option<Channel>,
        /// What became of it.
        result: TransferResult,
        /// Whether the phone asked for it, rather than Asterisk's own feature codes.
        is_external: bool,
        /// The bridge of the first channel.
        transferer_first_leg_bridge: Option<Bridge>,
        /// The bridge of the second channel.
        transferer_second_leg_bridge: Option<Bridge>,
        /// How it was done, which says what of the rest is there.
        destination_type: TransferDestination,
        /// The id of the bridge that all are in now.
        destination_bridge: Option<String>,
        /// The dialplan application that the call went to.
        destination_application: Option<String>,
        /// One half of what links the two bridges.
        destination_link_first_leg: Option<Channel>,
        /// The other half.
        destination_link_second_leg: Option<Channel>,
        /// The channel of the transferring party that stayed.
        destination_threeway_channel: Option<Channel>,
        /// The bridge that the three are in.
        destination_threeway_bridge: Option<Bridge>,
    }

    /// A phone has transferred a call without asking the other side, or tried to.
    BridgeBlindTransfer {
        /// The channel of the transferring party.
        channel: Channel,
        /// The channel that takes the place of that one, where the call is not a simple one.
        replace_channel: Option<Channel>,
        /// The channel that was transferred.
        transferee: Option<Channel>,
        /// The extension that it went to.
        exten: String,
        /// That extension's context.
        context: String,
        /// What became of it.
        result: TransferResult,
        /// Whether the phone asked for it, rather than Asterisk's own feature codes.
        is_external: bool,
        /// The bridge that was transferred.
        bridge: Option<Bridge>,
    }

    /// A phone asks the application to transfer a call. Sent for channels whose transfers the
    /// application does itself. Since 20.13, 21.8 and 22.3.
    ChannelTransfer {
        /// How far it has come.
        state: Option<TransferProgress>,
        /// Where it is to lead.
        refer_to: ReferTo,
        /// Who asked.
        referred_by: ReferredBy,
    }
}
