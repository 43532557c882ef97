//! Recording and listening in.

use super::macros::events;
use crate::types::MixMonitorDirection;

events! {
    /// A call is being recorded. Since Asterisk 16.17.
    MixMonitorStart = "MixMonitorStart" {
        /// The channel.
        channel: channel = "",
    }

    /// A call is no longer being recorded. Since Asterisk 16.17.
    MixMonitorStop = "MixMonitorStop" {
        /// The channel.
        channel: channel = "",
    }

    /// One side of a recording was silenced, or is heard again. Since Asterisk 16.17.
    MixMonitorMute = "MixMonitorMute" {
        /// The channel.
        channel: channel = "",
        /// Which side.
        direction: parsed<MixMonitorDirection> = "Direction",
        /// Whether it is silent now.
        state: flag = "State",
    }

    /// A call is being recorded by `Monitor`. Only up to Asterisk 20.
    MonitorStart = "MonitorStart" {
        /// The channel.
        channel: channel = "",
    }

    /// A call is no longer being recorded by `Monitor`. Only up to Asterisk 20.
    MonitorStop = "MonitorStop" {
        /// The channel.
        channel: channel = "",
    }

    /// Somebody listens in on a channel.
    ChanSpyStart = "ChanSpyStart" {
        /// The channel that listens.
        spyer: channel = "Spyer",
        /// The channel that is listened to.
        spyee: channel = "Spyee",
    }

    /// They no longer listen.
    ChanSpyStop = "ChanSpyStop" {
        /// The channel that listened.
        spyer: channel = "Spyer",
        /// The channel that was listened to.
        spyee: channel = "Spyee",
    }
}
