//! Bridges: where channels meet.

use super::macros::actions;
use crate::ami::event;
use crate::ami::response::Response;
use crate::types::BridgeTone;

actions! {
    /// Puts two channels into a bridge, taking each out of whatever it is in. Needs `call`.
    BridgeAction = "Bridge" (
        /// one channel.
        channel1: text = "Channel1",
        /// the other.
        channel2: text = "Channel2",
    ) -> Response {
        /// Who hears a tone first.
        tone: BridgeTone = "Tone",
    }

    /// Lists the bridges there are.
    BridgeListAction = "BridgeList" () -> Response [event::BridgeListItem, BridgeListComplete] {
        /// Only those of this type, such as `basic` or `stasis`.
        bridge_type: text = "BridgeType",
    }

    /// Lists the channels of a bridge.
    BridgeInfoAction = "BridgeInfo" (
        /// the bridge.
        bridge_unique_id: text = "BridgeUniqueid",
    ) -> Response [event::BridgeInfoChannel, BridgeInfoComplete] {}

    /// Ends a bridge. Its channels go on in the dialplan, or are hung up.
    BridgeDestroyAction = "BridgeDestroy" (
        /// the bridge.
        bridge_unique_id: text = "BridgeUniqueid",
    ) -> Response {}

    /// Takes a channel out of its bridge.
    BridgeKickAction = "BridgeKick" (
        /// the channel.
        channel: text = "Channel",
    ) -> Response {
        /// Only if it is in this bridge.
        bridge_unique_id: text = "BridgeUniqueid",
    }

    /// Lists the technologies that can mix, and whether each may.
    BridgeTechnologyListAction = "BridgeTechnologyList" ()
        -> Response [event::BridgeTechnologyListItem, BridgeTechnologyListComplete] {}

    /// Keeps a technology from being used for new bridges.
    BridgeTechnologySuspendAction = "BridgeTechnologySuspend" (
        /// the technology, such as `softmix`.
        bridge_technology: text = "BridgeTechnology",
    ) -> Response {}

    /// Lets a technology be used again.
    BridgeTechnologyUnsuspendAction = "BridgeTechnologyUnsuspend" (
        /// the technology.
        bridge_technology: text = "BridgeTechnology",
    ) -> Response {}
}
