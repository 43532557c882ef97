//! What happens to playbacks.

use super::macros::events;
use crate::ari::model::Playback;

events! {
    /// One of several media is through, and the next begins.
    PlaybackContinuing {
        /// The playback.
        playback: Playback,
    }

    /// A playback is over: heard to its end, stopped, or failed.
    PlaybackFinished {
        /// The playback; its state says how it ended.
        playback: Playback,
    }

    /// A playback begins.
    PlaybackStarted {
        /// The playback.
        playback: Playback,
    }
}
