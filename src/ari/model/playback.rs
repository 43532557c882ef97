//! Playbacks.

use crate::types::PlaybackState;

models! {
    /// Something that is played to a channel or a bridge.
    Playback as Playback(id) at target_uri {
        /// Its id, which is what every operation takes.
        id: String,
        /// What is played, such as `sound:hello-world`.
        media_uri: String,
        /// What is played after it, where several were asked for.
        next_media_uri: Option<String>,
        /// To whom: `channel:{id}` or `bridge:{id}`.
        target_uri: String,
        /// The language that was asked for.
        language: Option<String>,
        /// How far it has come.
        state: PlaybackState,
    }
}
