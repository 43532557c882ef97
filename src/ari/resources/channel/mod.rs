//! Channels.

mod handle;
mod media;
mod params;
mod wait;

pub use handle::ChannelHandle;
pub use params::{
    ContinueParams, CreateParams, DialParams, DtmfParams, ExternalMediaParams, OriginateParams,
    RingTime, SnoopParams,
};

use super::gone_is_fine;
use crate::ari::AriClient;
use crate::ari::model::Channel;
use crate::ari::rest::Request;
use crate::{Error, Result};

/// All channels.
///
/// `GET /channels`
pub fn list(client: &AriClient) -> Result<Vec<Channel>> {
    client.fetch(Request::get(["channels"]))
}

/// One channel, by its id or its name.
///
/// `GET /channels/{channelId}`
pub fn get(client: &AriClient, channel_id: &str) -> Result<Channel> {
    client.fetch(Request::get(["channels", channel_id]))
}

/// Calls somebody. Returns at once with a channel that has not been answered yet; what becomes of it
/// is told by events, which may come before this returns:
/// [`pending_channel`](AriClient::pending_channel) misses none. An id that is taken is a conflict
/// ([`is_conflict`](crate::Error::is_conflict)).
///
/// `POST /channels`
pub fn originate(client: &AriClient, params: &OriginateParams) -> Result<Channel> {
    client.fetch(Request::post(["channels"]).params(params))
}

/// Calls somebody with a channel of this id; what [`originate`] does with one in its parameters.
///
/// `POST /channels/{channelId}`
pub fn originate_with_id(
    client: &AriClient,
    id: &str,
    params: &OriginateParams,
) -> Result<Channel> {
    check_id(id, params.channel_id.as_deref())?;
    client.fetch(Request::post(["channels", id]).params(params))
}

/// Makes a channel and dials nobody yet. It enters the application at once, and from its `StasisStart`
/// on ([`wait_for_stasis_start`](ChannelHandle::wait_for_stasis_start)) it can be
/// [dialled](ChannelHandle::dial), and put into a bridge before. An id that is taken is a
/// conflict ([`is_conflict`](crate::Error::is_conflict)). Since 14.
///
/// Its events may come before this returns, that `StasisStart` as well:
/// [`pending_channel`](AriClient::pending_channel) misses none.
///
/// `POST /channels/create`
pub fn create(client: &AriClient, params: &CreateParams) -> Result<Channel> {
    client.fetch(Request::post(["channels", "create"]).params(params))
}

/// Makes a channel whose media goes elsewhere. Where its other end is stands in the channel's
/// [`channelvars`](Channel::channelvars): with RTP `UNICASTRTP_LOCAL_ADDRESS` and
/// `UNICASTRTP_LOCAL_PORT`, with a WebSocket `MEDIA_WEBSOCKET_CONNECTION_ID`. Combinations that do not
/// go together are 400. Since 16.6.
///
/// Its events may come before this returns: [`pending_channel`](AriClient::pending_channel) misses none.
///
/// `POST /channels/externalMedia`
pub fn external_media(client: &AriClient, params: &ExternalMediaParams) -> Result<Channel> {
    client.fetch(Request::post(["channels", "externalMedia"]).params(params))
}

/// An id in the parameters may only be the one that is meant.
pub(in crate::ari) fn check_id(id: &str, other: Option<&str>) -> Result<()> {
    match other {
        Some(other) if other != id => {
            Err(Error::invalid("the id in the parameters is not the id that was given"))
        }
        _ => Ok(()),
    }
}
