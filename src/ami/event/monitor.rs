//! Recording and listening in.

use super::macros::events;
use crate::types::MixMonitorDirection;

events! {
    /// A call is being recorded.
    MixMonitorStart = "MixMonitorStart" since "16.17 and 18.3" {
        /// The channel.
        channel: channel = "",
    }

    /// A call is no longer being recorded.
    MixMonitorStop = "MixMonitorStop" since "16.17 and 18.3" {
        /// The channel.
        channel: channel = "",
    }

    /// One side of a recording was silenced, or is heard again.
    MixMonitorMute = "MixMonitorMute" since "16.17 and 18.3" {
        /// The channel.
        channel: channel = "",
        /// Which side.
        direction: parsed<MixMonitorDirection> = "Direction",
        /// Whether it is silent now.
        state: flag = "State",
    }

    /// A call is being recorded by `Monitor`. Only up to Asterisk 20.
    MonitorStart = "MonitorStart" since "13 or earlier" {
        /// The channel.
        channel: channel = "",
    }

    /// A call is no longer being recorded by `Monitor`. Only up to Asterisk 20.
    MonitorStop = "MonitorStop" since "13 or earlier" {
        /// The channel.
        channel: channel = "",
    }

    /// Somebody listens in on a channel.
    ChanSpyStart = "ChanSpyStart" since "12 or earlier" {
        /// The channel that listens.
        spyer: channel = "Spyer",
        /// The channel that is listened to.
        spyee: channel = "Spyee",
    }

    /// They no longer listen.
    ChanSpyStop = "ChanSpyStop" since "12 or earlier" {
        /// The channel that listened.
        spyer: channel = "Spyer",
        /// The channel that was listened to.
        spyee: channel = "Spyee",
    }
}
