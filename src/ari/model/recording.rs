//! Recordings, while they are made and after.

use std::time::Duration;

use crate::types::RecordingState;

models! {
    /// A recording that is being made.
    LiveRecording as Recording(name) at target_uri {
        /// Its name, which is what every operation takes.
        name: String,
        /// The format of the file, such as `wav`.
        format: String,
        /// Of whom: `channel:{id}` or `bridge:{id}`.
        target_uri: String,
        /// How far it has come.
        state: RecordingState,
        /// How long it is. In whole seconds.
        duration: Option<Duration> as secs,
        /// How long somebody talked in it, in whole seconds; known where silence ends the recording.
        talking_duration: Option<Duration> as secs,
        /// How long nobody talked in it, in whole seconds; known where silence ends the recording.
        silence_duration: Option<Duration> as secs,
        /// Why it failed.
        cause: Option<String>,
    }

    /// A recording that is made, and kept.
    StoredRecording as Recording(name) {
        /// Its name, which is what every operation takes.
        name: String,
        /// The format of the file, such as `wav`.
        format: String,
    }
}
