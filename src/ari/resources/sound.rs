//! The prompts that the server has.

use crate::Result;
use crate::ari::AriClient;
use crate::ari::model::Sound;
use crate::ari::rest::Request;

params! {
    /// Which prompts to list.
    SoundListParams {
        /// Only those that are there in this language.
        lang: String = "lang",
        /// Only those that are there in this format.
        format: String = "format",
    }
}

/// The prompts. Without parameters all of them, which can be many.
///
/// `GET /sounds`
pub fn list(client: &AriClient, params: &SoundListParams) -> Result<Vec<Sound>> {
    client.fetch(Request::get(["sounds"]).params(params))
}

/// One prompt, by its id.
///
/// `GET /sounds/{soundId}`
pub fn get(client: &AriClient, sound_id: &str) -> Result<Sound> {
    client.fetch(Request::get(["sounds", sound_id]))
}
