//! Transfers that the application has to do itself.

use super::{Bridge, Channel};

models! {
    /// Where a transfer is to lead to.
    ReferTo {
        /// What was asked for.
        requested_destination: RequiredDestination,
        /// The channel that is to be replaced.
        destination_channel: Option<Channel>,
        /// The channel that talks to that one.
        connected_channel: Option<Channel>,
        /// The bridge that those two are in.
        bridge: Option<Bridge>,
    }

    /// Who asked for a transfer.
    ReferredBy {
        /// The channel that it was asked on.
        source_channel: Channel,
        /// The channel that talks to that one.
        connected_channel: Option<Channel>,
        /// The bridge that those two are in.
        bridge: Option<Bridge>,
    }

    /// A destination as the phone has named it: a call or an extension, not both.
    RequiredDestination {
        /// The call, by the id of its technology: with SIP, the `Call-ID`.
        protocol_id: Option<String>,
        /// The extension, of a blind transfer.
        destination: Option<String>,
        /// What else the phone has said.
        additional_protocol_params: Option<Vec<AdditionalParam>>,
    }

    /// Something that only one technology knows.
    AdditionalParam {
        /// Its name.
        parameter_name: String,
        /// Its value.
        parameter_value: String,
    }
}
