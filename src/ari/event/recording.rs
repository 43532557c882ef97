//! What happens to recordings.

use super::macros::events;
use crate::ari::model::LiveRecording;

events! {
    /// A recording could not be made.
    RecordingFailed {
        /// The recording; `cause` says why.
        recording: LiveRecording,
    }

    /// A recording is over.
    RecordingFinished {
        /// The recording.
        recording: LiveRecording,
    }

    /// A recording begins.
    RecordingStarted {
        /// The recording.
        recording: LiveRecording,
    }
}
