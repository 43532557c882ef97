//! Bridges: what joins channels so that they hear each other.

use super::macros::events;

events! {
    /// A bridge came to be.
    BridgeCreate = "BridgeCreate" since "12 or earlier" {
        /// The bridge.
        bridge: bridge = "",
    }

    /// A bridge is gone.
    BridgeDestroy = "BridgeDestroy" since "12 or earlier" {
        /// The bridge as it was last.
        bridge: bridge = "",
    }

    /// A channel came into a bridge.
    BridgeEnter = "BridgeEnter" since "12 or earlier" {
        /// The bridge, with the channel counted.
        bridge: bridge = "",
        /// The channel.
        channel: channel = "",
        /// The unique id of the channel whose place it takes.
        swap_unique_id: maybe = "SwapUniqueid",
    }

    /// A channel left a bridge.
    BridgeLeave = "BridgeLeave" since "12 or earlier" {
        /// The bridge, with the channel no longer counted.
        bridge: bridge = "",
        /// The channel.
        channel: channel = "",
    }

    /// All channels of one bridge went over to another.
    BridgeMerge = "BridgeMerge" since "13 or earlier" {
        /// The bridge they went to.
        to: bridge = "To",
        /// The bridge they came from.
        from: bridge = "From",
    }

    /// Another channel's picture is shown to all in a bridge.
    BridgeVideoSourceUpdate = "BridgeVideoSourceUpdate" since "13.13 and 14.2" {
        /// The bridge, with its new video source.
        bridge: bridge = "",
        /// The unique id of the channel that was shown before.
        bridge_previous_video_source: maybe = "BridgePreviousVideoSource",
    }

    /// One bridge of the answer to `BridgeList`.
    BridgeListItem = "BridgeListItem" since "13 or earlier" {
        /// The bridge.
        bridge: bridge = "",
    }

    /// One channel of the answer to `BridgeInfo`.
    BridgeInfoChannel = "BridgeInfoChannel" since "13" {
        /// The channel.
        channel: channel = "",
    }

    /// The end of the answer to `BridgeInfo`: the bridge itself.
    BridgeInfoComplete = "BridgeInfoComplete" since "13" {
        /// The bridge.
        bridge: bridge = "",
        /// `Complete`.
        event_list: text = "EventList",
        /// How many channels were listed.
        list_items: parsed<u32> = "ListItems",
    }

    /// One technology of the answer to `BridgeTechnologyList`.
    BridgeTechnologyListItem = "BridgeTechnologyListItem" since "13 or earlier" {
        /// Its name, such as `simple_bridge`.
        bridge_technology: text = "BridgeTechnology",
        /// What it can do, such as `1to1Mix` or `Holding`.
        bridge_type: text = "BridgeType",
        /// Of those that can do it, the one with the highest number is taken.
        bridge_priority: parsed<i32> = "BridgePriority",
        /// Whether it is not to be used at the moment.
        bridge_suspended: flag = "BridgeSuspended",
    }
}
