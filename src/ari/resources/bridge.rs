//! Bridges: where channels hear each other.

use std::fmt;

use serde_json::json;

use super::playback::{self, PlayParams, PlaybackHandle};
use super::recording::{self, RecordParams, RecordingHandle};
use super::target::Target;
use super::variables::NewVariables;
use crate::ari::AriClient;
use crate::ari::ids::unique;
use crate::ari::model::{Bridge, Variable, Variables};
use crate::ari::rest::{Method, Request};
use crate::types::BridgeType;
use crate::{Error, Result};

params! {
    /// What a bridge is to be. Without anything it mixes.
    ///
    /// ```
    /// use asterisk_sync::ari::resources::bridge::BridgeParams;
    /// use asterisk_sync::types::BridgeType;
    /// let conference = BridgeParams::default()
    ///     .bridge_types([BridgeType::Mixing, BridgeType::DtmfEvents])
    ///     .name("sales");
    /// # let _ = conference;
    /// ```
    BridgeParams {
        /// What it is for, and what it must be able to do.
        bridge_types: Vec<BridgeType> as "super::joined" = "type",
        /// Its id; otherwise the server makes one.
        bridge_id: String = "bridgeId",
        /// Its name.
        name: String = "name",
        /// Its variables. Since 20.20, 22.10 and 23.4.
        variables: NewVariables = "variables",
    }

    /// How a channel is to be in a bridge.
    AddChannelParams {
        /// Its role: `announcer` or `participant` in a holding bridge.
        role: String = "role",
        /// Whether its digits stay in the bridge's events and are not heard by the others.
        absorb_dtmf: bool = "absorbDTMF",
        /// Whether it is not heard.
        mute: bool = "mute",
        /// Whether it is not told whom it is connected to.
        inhibit_connected_line_updates: bool = "inhibitConnectedLineUpdates",
    }
}

/// All bridges, those of the dialplan included.
///
/// `GET /bridges`
pub fn list(client: &AriClient) -> Result<Vec<Bridge>> {
    client.fetch(Request::get(["bridges"]))
}

/// One bridge.
///
/// `GET /bridges/{bridgeId}`
pub fn get(client: &AriClient, bridge_id: &str) -> Result<Bridge> {
    client.fetch(Request::get(["bridges", bridge_id]))
}

/// Makes a bridge. It stays until it is destroyed. An id that is taken by a bridge of another kind is
/// [`is_conflict`](Error::is_conflict); the same again gives it another name.
///
/// Nobody has subscribed to its events before it exists, so the first of them are missed:
/// [`pending_bridge`](AriClient::pending_bridge) misses none.
///
/// One with variables gets its id here if it has none, and is made by that, as
/// [`create_with_id`] does it: servers are known (22.10) that refuse variables otherwise, and leave the
/// bridge behind.
///
/// `POST /bridges`
pub fn create(client: &AriClient, params: &BridgeParams) -> Result<Bridge> {
    if params.variables.is_some() {
        let id = params.bridge_id.clone().unwrap_or_else(|| unique("bridge"));
        return create_with_id(client, &id, params);
    }
    // Those servers make a variable of everything that is in the body.
    client.fetch(Request::post(["bridges"]).params(params).body(json!({})))
}

/// Makes a bridge with this id; what [`create`] does with one in its parameters.
///
/// `POST /bridges/{bridgeId}`
pub fn create_with_id(client: &AriClient, id: &str, params: &BridgeParams) -> Result<Bridge> {
    if params.bridge_id.as_ref().is_some_and(|other| other != id) {
        return Err(Error::invalid("bridge_id is not the id that was given"));
    }
    client.fetch(Request::post(["bridges", id]).params(params))
}

/// A bridge that one has the id of. It is a handle: cheap to clone, and at home in any thread.
#[derive(Clone)]
pub struct BridgeHandle {
    id: String,
    client: AriClient,
}

impl AriClient {
    /// A handle for the bridge of this id. Asks nothing of the server.
    pub fn bridge(&self, id: impl Into<String>) -> BridgeHandle {
        BridgeHandle::new(id, self.clone())
    }
}

impl BridgeHandle {
    /// A handle for the bridge of this id. Asks nothing of the server.
    pub fn new(id: impl Into<String>, client: AriClient) -> Self {
        Self { id: id.into(), client }
    }

    /// The bridge's id.
    pub fn id(&self) -> &str {
        &self.id
    }

    /// The client behind it.
    pub fn client(&self) -> &AriClient {
        &self.client
    }

    fn request(&self, method: Method, what: &str) -> Request {
        Request::new(method, ["bridges", &*self.id, what])
    }

    fn target(&self) -> Target {
        Target::Bridge(self.id.clone())
    }

    /// What the bridge is, and who is in it.
    ///
    /// `GET /bridges/{bridgeId}`
    pub fn get(&self) -> Result<Bridge> {
        get(&self.client, &self.id)
    }

    /// Destroys it; its channels stay in the application. That it is gone already is a success.
    ///
    /// `DELETE /bridges/{bridgeId}`
    pub fn destroy(&self) -> Result<()> {
        super::gone_is_fine(self.client.send(Request::delete(["bridges", &*self.id])))
    }

    /// Puts a channel of the application into the bridge. One that is not there is 400, one that is in
    /// no application [`is_unprocessable`](Error::is_unprocessable), one that is being recorded
    /// [`is_conflict`](Error::is_conflict).
    ///
    /// `POST /bridges/{bridgeId}/addChannel`
    pub fn add_channel(&self, channel_id: &str) -> Result<()> {
        self.add_channels(&[channel_id], &AddChannelParams::default())
    }

    /// Puts several channels into the bridge, and says how they are to be there.
    ///
    /// `POST /bridges/{bridgeId}/addChannel`
    pub fn add_channels<S: AsRef<str>>(
        &self,
        channel_ids: &[S],
        params: &AddChannelParams,
    ) -> Result<()> {
        let request = self.request(Method::Post, "addChannel");
        self.client.send(request.param("channel", super::texts(channel_ids)).params(params))
    }

    /// Takes a channel out of the bridge. One that is in no application or not in this bridge is
    /// [`is_unprocessable`](Error::is_unprocessable).
    ///
    /// `POST /bridges/{bridgeId}/removeChannel`
    pub fn remove_channel(&self, channel_id: &str) -> Result<()> {
        self.remove_channels(&[channel_id])
    }

    /// Takes several channels out of the bridge.
    ///
    /// `POST /bridges/{bridgeId}/removeChannel`
    pub fn remove_channels<S: AsRef<str>>(&self, channel_ids: &[S]) -> Result<()> {
        let request = self.request(Method::Post, "removeChannel");
        self.client.send(request.param("channel", super::texts(channel_ids)))
    }

    /// Plays to everyone in the bridge: one medium, or [more](PlayParams). Returns at once, with a
    /// handle that has been listening from before it began: the application is subscribed to the bridge
    /// first, for as long as that exists.
    ///
    /// The handle waits and gives no events;
    /// [`pending_playback`](crate::ari::AriClient::pending_playback) has them, from the first on.
    ///
    /// `POST /bridges/{bridgeId}/play`
    pub fn play(&self, what: impl Into<PlayParams>) -> Result<PlaybackHandle> {
        playback::play(&self.client, self.target(), None, what.into())
    }

    /// Plays to everyone in the bridge, under this id.
    ///
    /// `POST /bridges/{bridgeId}/play/{playbackId}`
    pub fn play_with_id(&self, id: &str, what: impl Into<PlayParams>) -> Result<PlaybackHandle> {
        playback::play(&self.client, self.target(), Some(id), what.into())
    }

    /// Records what is heard in the bridge, under this name. Returns at once, with a handle that has
    /// been listening from before it began. A name that is taken is
    /// [`is_conflict`](Error::is_conflict), a format that the server does not know
    /// [`is_unprocessable`](Error::is_unprocessable).
    ///
    /// The handle waits and gives no events;
    /// [`pending_recording`](crate::ari::AriClient::pending_recording) has them, from the first on.
    ///
    /// `POST /bridges/{bridgeId}/record`
    pub fn record(&self, name: &str, params: &RecordParams) -> Result<RecordingHandle> {
        recording::record(&self.client, self.target(), name, params)
    }

    /// Plays music to everyone in the bridge, of this class or the default one.
    ///
    /// `POST /bridges/{bridgeId}/moh`
    pub fn start_moh<'a>(&self, class: impl Into<Option<&'a str>>) -> Result<()> {
        self.client.send(self.request(Method::Post, "moh").maybe("mohClass", class.into()))
    }

    /// Ends the music. That there is none is a success.
    ///
    /// `DELETE /bridges/{bridgeId}/moh`
    pub fn stop_moh(&self) -> Result<()> {
        match self.client.send(self.request(Method::Delete, "moh")) {
            Err(e) if e.is_conflict() => Ok(()),
            outcome => outcome,
        }
    }

    /// Has everyone see this channel.
    ///
    /// `POST /bridges/{bridgeId}/videoSource/{channelId}`
    pub fn set_video_source(&self, channel_id: &str) -> Result<()> {
        self.client.send(self.request(Method::Post, "videoSource").segment(channel_id))
    }

    /// Has everyone see whoever talks.
    ///
    /// `DELETE /bridges/{bridgeId}/videoSource`
    pub fn clear_video_source(&self) -> Result<()> {
        self.client.send(self.request(Method::Delete, "videoSource"))
    }

    /// A variable of the bridge. One that is not set is [`is_not_found`](Error::is_not_found). Since
    /// 20.20, 22.10 and 23.4.
    ///
    /// `GET /bridges/{bridgeId}/variable`
    pub fn get_variable(&self, name: &str) -> Result<String> {
        let request = self.request(Method::Get, "variable").param("variable", name);
        self.client.fetch(request).map(|Variable { value, .. }| value)
    }

    /// Sets a variable of the bridge. One that is set to nothing is as one that is not set. Since
    /// 20.20, 22.10 and 23.4.
    ///
    /// `POST /bridges/{bridgeId}/variable`
    pub fn set_variable(&self, name: &str, value: &str) -> Result<()> {
        let request = self.request(Method::Post, "variable");
        self.client.send(request.param("variable", name).param("value", value).repeatable())
    }

    /// Sets a variable of the bridge, and has an event tell of it. Since 20.20, 22.10 and 23.4.
    ///
    /// `POST /bridges/{bridgeId}/variable` with `report_events`
    pub fn set_reported_variable(&self, name: &str, value: &str) -> Result<()> {
        let request = self.request(Method::Post, "variable").param("report_events", true);
        self.client.send(request.param("variable", name).param("value", value))
    }

    /// Several variables of the bridge. If one of them is not set, all is
    /// [`is_not_found`](Error::is_not_found). Since 20.20, 22.10 and 23.4.
    ///
    /// `GET /bridges/{bridgeId}/variables`
    pub fn get_variables<S: AsRef<str>>(&self, names: &[S]) -> Result<Variables> {
        let request = self.request(Method::Get, "variables");
        self.client.fetch(request.param("variables", super::texts(names)))
    }

    /// Sets several variables of the bridge. Since 20.20, 22.10 and 23.4.
    ///
    /// `POST /bridges/{bridgeId}/variables`
    pub fn set_variables(&self, variables: impl Into<NewVariables>) -> Result<()> {
        let request = self.request(Method::Post, "variables");
        self.client.send(super::with_variables(request, variables.into()))
    }
}

impl fmt::Debug for BridgeHandle {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("BridgeHandle").field(&self.id).finish()
    }
}
