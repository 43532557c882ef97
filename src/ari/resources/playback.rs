//! Playbacks: what is being played to a channel or a bridge.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use super::target::Target;
use crate::ari::AriClient;
use crate::ari::event::AriEvent;
use crate::ari::ids::unique;
use crate::ari::model::Playback;
use crate::ari::rest::Request;
use crate::ari::watch::{Patience, Sign, Watch};
use crate::types::{PlaybackOperation, PlaybackState};
use crate::{Error, Result};

params! {
    /// What to play, and how. Text is a single medium.
    ///
    /// Media are `sound:{id}`, `recording:{name}`, `number:{n}`, `digits:{digits}`,
    /// `characters:{text}` and `tone:{name}`.
    ///
    /// ```
    /// use std::time::Duration;
    /// use asterisk_sync::ari::PlayParams;
    /// let one = PlayParams::from("sound:hello-world");
    /// let two = PlayParams::from(["sound:hello-world", "digits:42"])
    ///     .lang("en")
    ///     .skip(Duration::from_secs(5));
    /// # let _ = (one, two);
    /// ```
    PlayParams::new(
        /// What to play, one after the other.
        media: Vec<String> = "media",
    ) {
        /// The language of prompts.
        lang: String = "lang",
        /// The format of the channel that announces, such as `slin16`; only on a bridge, on a channel an
        /// error. Since 20.13, 21.8 and 22.3.
        announcer_format: String = "announcer_format",
        /// Where to begin.
        offset: Duration as "super::millis" = "offsetms",
        /// How far `forward` and `reverse` go; 3 seconds where nothing is said.
        skip: Duration as "super::millis" = "skipms",
        /// The id of the playback; otherwise one is made here.
        playback_id: String = "playbackId",
    }
}

impl From<&str> for PlayParams {
    fn from(medium: &str) -> Self {
        Self::new([medium.to_owned()])
    }
}

impl From<String> for PlayParams {
    fn from(medium: String) -> Self {
        Self::new([medium])
    }
}

impl<const N: usize> From<[&str; N]> for PlayParams {
    fn from(media: [&str; N]) -> Self {
        Self::new(media.map(str::to_owned))
    }
}

impl From<&PlayParams> for PlayParams {
    fn from(params: &PlayParams) -> Self {
        params.clone()
    }
}

/// One playback, by its id.
///
/// `GET /playbacks/{playbackId}`
pub fn get(client: &AriClient, playback_id: &str) -> Result<Playback> {
    client.fetch(Request::get(["playbacks", playback_id]))
}

/// A playback that one has the id of. It is a handle: cheap to clone, and at home in any thread.
#[derive(Clone)]
pub struct PlaybackHandle {
    id: String,
    client: AriClient,
    watch: Option<Arc<(Watch, Target)>>,
}

impl AriClient {
    /// A handle for the playback of this id. Asks nothing of the server.
    pub fn playback(&self, id: impl Into<String>) -> PlaybackHandle {
        PlaybackHandle::new(id, self.clone())
    }
}

/// Plays, watching from before it begins. `path` is whether the id goes there.
pub(in crate::ari) fn play(
    client: &AriClient,
    target: Target,
    path_id: Option<&str>,
    mut params: PlayParams,
) -> Result<PlaybackHandle> {
    if params.announcer_format.is_some() && matches!(target, Target::Channel(_)) {
        return Err(Error::invalid("announcer_format is for bridges"));
    }
    if params.media.is_empty() {
        return Err(Error::invalid("there is no medium to play"));
    }
    let id: String = match (path_id, params.playback_id.take()) {
        (Some(id), Some(other)) if id != other => {
            return Err(Error::invalid("playback_id is not the id that was given"));
        }
        (Some(id), _) => id.into(),
        (None, Some(id)) => id,
        (None, None) => unique("playback"),
    };
    let request = match path_id {
        Some(id) => target.post("play").segment(id),
        None => target.post("play").param("playbackId", &*id),
    };
    let watch = target.watch(client, filter(&id, &target))?;
    client.fetch::<Playback>(request.params(&params))?;
    Ok(PlaybackHandle { id, client: client.clone(), watch: Some(Arc::new((watch, target))) })
}

fn filter(id: &str, target: &Target) -> crate::ari::Filter {
    target.filter(&["PlaybackFinished"]).playback(id)
}

fn is_over(playback: &Playback) -> bool {
    matches!(playback.state, PlaybackState::Done | PlaybackState::Failed)
}

impl PlaybackHandle {
    /// A handle for the playback of this id. Asks nothing of the server.
    pub fn new(id: impl Into<String>, client: AriClient) -> Self {
        Self { id: id.into(), client, watch: None }
    }

    /// The playback's id.
    pub fn id(&self) -> &str {
        &self.id
    }

    /// The client behind it.
    pub fn client(&self) -> &AriClient {
        &self.client
    }

    /// How far it is. One that is over is [`is_not_found`](crate::Error::is_not_found).
    ///
    /// `GET /playbacks/{playbackId}`
    pub fn get(&self) -> Result<Playback> {
        get(&self.client, &self.id)
    }

    /// Stops it. That it is over already is a success.
    ///
    /// `DELETE /playbacks/{playbackId}`
    pub fn stop(&self) -> Result<()> {
        super::gone_is_fine(self.client.send(Request::delete(["playbacks", &*self.id])))
    }

    /// Pauses it, goes on, goes back or forth. What its state does not allow is
    /// [`is_conflict`](crate::Error::is_conflict).
    ///
    /// `POST /playbacks/{playbackId}/control`
    #[allow(clippy::needless_pass_by_value, reason = "a word is given to be sent")]
    pub fn control(&self, operation: PlaybackOperation) -> Result<()> {
        let request = Request::post(["playbacks", &*self.id, "control"]);
        self.client.send(request.param("operation", operation.as_str()))
    }

    /// Waits until it is over, and returns it as it ended: look at its
    /// [`state`](Playback::state), which is `Failed` where the medium is missing, or the channel hung up
    /// while it played. `None` if it is over and how was not heard: events were lost, or the bridge is
    /// gone.
    ///
    /// Ends at once with [`Error::Hangup`] if the channel is gone or has left the application before
    /// it was this playback's turn, and with [`Error::Disconnected`] if the event socket is lost: wait
    /// again when it stands again, and the server is asked. A pause is waited for like playing.
    ///
    /// The channel has to be in an application of this client. To a bridge it is subscribed when
    /// this client plays, records or waits there, for as long as the bridge exists.
    pub fn wait(&self) -> Result<Option<Playback>> {
        self.wait_patiently(Patience::NO_END)
    }

    /// As [`wait`](Self::wait), but at most for `timeout`, which passing is
    /// [`TimeoutError::State`](crate::TimeoutError::State). The playback goes on then.
    pub fn wait_timeout(&self, timeout: Duration) -> Result<Option<Playback>> {
        self.wait_patiently(Patience::of(timeout))
    }

    fn wait_patiently(&self, patience: Patience) -> Result<Option<Playback>> {
        let Some(watched) = self.watched(patience)? else { return Ok(None) };
        let (watch, target) = &*watched;
        let read = |event: &AriEvent| match event {
            AriEvent::PlaybackFinished(e) if *e.playback.id == *self.id => {
                Sign::Decided(Ok(Some(e.playback.clone())))
            }
            event => Sign::of(target.end(event)),
        };
        let ask = |client: &AriClient| {
            target.listen(client)?;
            let found = super::unless_gone(get(client, &self.id))?;
            Ok(found.as_ref().is_none_or(is_over).then_some(found))
        };
        watch.wait(&self.client, patience, read, ask)
    }

    /// What this handle watches; from now on, if it did not play itself. `None` if it is over.
    fn watched(&self, patience: Patience) -> Result<Option<Arc<(Watch, Target)>>> {
        if let Some(watched) = &self.watch {
            return Ok(Some(Arc::clone(watched)));
        }
        let playback = patience.within(get(&patience.bound(&self.client), &self.id));
        let Some(playback) = super::unless_gone(playback)? else { return Ok(None) };
        let target = super::target_of(&playback.target_uri)?;
        let watch = Watch::late(&self.client, filter(&self.id, &target));
        Ok(Some(Arc::new((watch, target))))
    }
}

impl fmt::Debug for PlaybackHandle {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("PlaybackHandle").field(&self.id).finish()
    }
}
