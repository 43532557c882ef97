//! Bridges.

use std::collections::BTreeMap;

use super::Timestamp;
use crate::types::{BridgeType, VideoSourceMode};

models! {
    /// A bridge: where channels hear each other.
    Bridge as Bridge(id, name) {
        /// Its id, which is what every operation takes.
        id: String,
        /// What mixes in it at the moment, such as `simple_bridge`.
        technology: String,
        /// What it is for.
        bridge_type: BridgeType,
        /// The class of its users: `stasis` for those of applications.
        bridge_class: String,
        /// Who made it.
        creator: String,
        /// Its name.
        name: String,
        /// The ids of the channels in it.
        channels: Vec<String>,
        /// What is seen in it.
        video_mode: Option<VideoSourceMode>,
        /// Whose video that is.
        video_source_id: Option<String>,
        /// When it came to be.
        creationtime: Timestamp,
        /// Its variables. Since 22.10.
        bridgevars: Option<BTreeMap<String, String>>,
    }
}
