//! What happens to bridges.

use super::macros::events;
use crate::ari::model::{Bridge, Channel};

events! {
    /// A bridge came to be.
    BridgeCreated {
        /// The bridge.
        bridge: Bridge,
    }

    /// A bridge is gone.
    BridgeDestroyed {
        /// The bridge as it was.
        bridge: Bridge,
    }

    /// The channels of one bridge went to another.
    BridgeMerged {
        /// The bridge they are in now.
        bridge: Bridge,
        /// The bridge they were in.
        bridge_from: Bridge,
    }

    /// The others see somebody else now.
    BridgeVideoSourceChanged {
        /// The bridge.
        bridge: Bridge,
        /// The id of the channel that was seen before.
        old_video_source_id: Option<String>,
    }

    /// A channel has entered a bridge.
    ChannelEnteredBridge {
        /// The bridge.
        bridge: Bridge,
        /// The channel.
        channel: Option<Channel>,
    }

    /// A channel has left a bridge.
    ChannelLeftBridge {
        /// The bridge.
        bridge: Bridge,
        /// The channel.
        channel: Channel,
    }
}
