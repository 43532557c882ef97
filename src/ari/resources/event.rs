//! Events that a program sends itself, and calls that are offered to several applications.
//!
//! The third operation of this resource, `GET /events`, is the event socket: see
//! [`AriClient::connect`](crate::ari::AriClient::connect).

use std::collections::BTreeMap;

use serde_json::Value;

use crate::Result;
use crate::ari::AriClient;
use crate::ari::rest::Request;

params! {
    /// What goes with an event of one's own.
    UserEventParams {
        /// What it is about, and so who hears of it: `channel:{id}`, `bridge:{id}`,
        /// `endpoint:{tech}/{resource}`, `deviceState:{name}`.
        sources: Vec<String> = "source",
        /// What it says, by names of one's own. Whatever JSON stands there comes back as it is.
        variables: BTreeMap<String, Value> = "variables",
    }
}

/// Sends an application an event of one's own: it comes as `ChannelUserevent` of that name. An
/// application that is not there is [`is_not_found`](crate::Error::is_not_found), a source that is not
/// there [`is_unprocessable`](crate::Error::is_unprocessable).
///
/// `POST /events/user/{eventName}`
pub fn user_event(
    client: &AriClient,
    name: &str,
    application: &str,
    params: &UserEventParams,
) -> Result<()> {
    let request = Request::post(["events", "user", name]);
    client.send(request.param("application", application).params(params))
}

/// Takes a call for an application that was offered to several. If another one was faster, or nobody
/// offers it, that is [`is_conflict`](crate::Error::is_conflict). Since 20.17, 22.7 and 23.1.
///
/// `POST /events/claim`
pub fn claim_channel(client: &AriClient, channel_id: &str, application: &str) -> Result<()> {
    let request = Request::post(["events", "claim"]);
    client.send(request.param("channelId", channel_id).param("application", application))
}
