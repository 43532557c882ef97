//! What is heard on a channel.

use super::handle::ChannelHandle;
use super::params::{DtmfParams, SnoopParams};
use crate::Result;
use crate::ari::ids::unique;
use crate::ari::model::Channel;
use crate::ari::resources::playback::{self, PlayParams, PlaybackHandle};
use crate::ari::resources::recording::{self, RecordParams, RecordingHandle};
use crate::ari::resources::target::Target;
use crate::ari::rest::{Method, Request};
use crate::types::MediaDirection;

impl ChannelHandle {
    pub(in crate::ari) fn target(&self) -> Target {
        Target::Channel(self.id.clone())
    }

    /// Plays to the channel: one medium, or [more](PlayParams). Returns at once, with a handle that has
    /// been listening from before it began.
    ///
    /// The handle waits and gives no events;
    /// [`pending_playback`](crate::ari::AriClient::pending_playback) has them, from the first on.
    ///
    /// `POST /channels/{channelId}/play`
    pub fn play(&self, what: impl Into<PlayParams>) -> Result<PlaybackHandle> {
        playback::play(&self.client, self.target(), None, what.into())
    }

    /// Plays to the channel, under this id.
    ///
    /// `POST /channels/{channelId}/play/{playbackId}`
    pub fn play_with_id(&self, id: &str, what: impl Into<PlayParams>) -> Result<PlaybackHandle> {
        playback::play(&self.client, self.target(), Some(id), what.into())
    }

    /// Records what the channel says, under this name. Returns at once, with a handle that has been
    /// listening from before it began. A name that is taken, and a channel in a bridge, is
    /// [`is_conflict`](crate::Error::is_conflict), a format that the server does not know
    /// [`is_unprocessable`](crate::Error::is_unprocessable).
    ///
    /// The handle waits and gives no events;
    /// [`pending_recording`](crate::ari::AriClient::pending_recording) has them, from the first on.
    ///
    /// `POST /channels/{channelId}/record`
    pub fn record(&self, name: &str, params: &RecordParams) -> Result<RecordingHandle> {
        recording::record(&self.client, self.target(), name, params)
    }

    /// Sends digits to the channel: `0` to `9`, `A` to `D`, `#`, `*`; `w` is a pause of half a second.
    ///
    /// `POST /channels/{channelId}/dtmf`
    pub fn send_dtmf(&self, digits: &str, params: &DtmfParams) -> Result<()> {
        let request = self.request(Method::Post, "dtmf").param("dtmf", digits);
        self.client.send(request.params(params))
    }

    /// Mutes what comes from it (`In`), what goes to it (`Out`), or both, which is what `None` means.
    ///
    /// `POST /channels/{channelId}/mute`
    pub fn mute(&self, direction: impl Into<Option<MediaDirection>>) -> Result<()> {
        self.muting(Method::Post, direction.into())
    }

    /// Takes muting back, as [`mute`](Self::mute) has it.
    ///
    /// `DELETE /channels/{channelId}/mute`
    pub fn unmute(&self, direction: impl Into<Option<MediaDirection>>) -> Result<()> {
        self.muting(Method::Delete, direction.into())
    }

    fn muting(&self, method: Method, direction: Option<MediaDirection>) -> Result<()> {
        // The server's documentation has a default here, and the server has not.
        let direction = direction.unwrap_or(MediaDirection::Both);
        self.client.send(self.request(method, "mute").param("direction", direction.as_str()))
    }

    /// Puts the channel on hold: its device is told.
    ///
    /// `POST /channels/{channelId}/hold`
    pub fn hold(&self) -> Result<()> {
        self.post("hold")
    }

    /// Takes the channel off hold.
    ///
    /// `DELETE /channels/{channelId}/hold`
    pub fn unhold(&self) -> Result<()> {
        self.delete("hold")
    }

    /// Plays music to the channel, of this class or the default one.
    ///
    /// `POST /channels/{channelId}/moh`
    pub fn start_moh<'a>(&self, class: impl Into<Option<&'a str>>) -> Result<()> {
        self.client.send(self.request(Method::Post, "moh").maybe("mohClass", class.into()))
    }

    /// Ends the music.
    ///
    /// `DELETE /channels/{channelId}/moh`
    pub fn stop_moh(&self) -> Result<()> {
        self.delete("moh")
    }

    /// Sends silence to the channel, for devices that take nothing for a broken line.
    ///
    /// `POST /channels/{channelId}/silence`
    pub fn start_silence(&self) -> Result<()> {
        self.post("silence")
    }

    /// Ends the silence.
    ///
    /// `DELETE /channels/{channelId}/silence`
    pub fn stop_silence(&self) -> Result<()> {
        self.delete("silence")
    }

    /// Listens in on the channel, or speaks into it, with a new channel, which enters the application
    /// and is returned; its handle has been listening from before it existed.
    ///
    /// The handle waits and gives no events; [`pending_channel`](crate::ari::AriClient::pending_channel)
    /// has them, from the first on.
    ///
    /// `POST /channels/{channelId}/snoop`
    pub fn snoop(&self, params: &SnoopParams) -> Result<ChannelHandle> {
        let id = params.snoop_id.as_deref().map_or_else(|| unique("snoop"), Into::into);
        let snoop = ChannelHandle::pending_in_stasis(id, self.client.clone());
        let request = self.request(Method::Post, "snoop").params(params);
        self.client.fetch::<Channel>(request.param("snoopId", snoop.id()))?;
        Ok(snoop)
    }

    /// Does what [`snoop`](Self::snoop) does, with a channel of this id.
    ///
    /// `POST /channels/{channelId}/snoop/{snoopId}`
    pub fn snoop_with_id(&self, id: &str, params: &SnoopParams) -> Result<ChannelHandle> {
        super::check_id(id, params.snoop_id.as_deref())?;
        let snoop = ChannelHandle::pending_in_stasis(id.into(), self.client.clone());
        let request = Request::post(["channels", &*self.id, "snoop", id]);
        self.client.fetch::<Channel>(request.params(params))?;
        Ok(snoop)
    }
}
