//! The states of devices. Those whose names begin with `Stasis:` are ours to set.

use crate::Result;
use crate::ari::AriClient;
use crate::ari::model::DeviceState;
use crate::ari::rest::Request;
use crate::types;

/// All devices of ours.
///
/// `GET /deviceStates`
pub fn list(client: &AriClient) -> Result<Vec<DeviceState>> {
    client.fetch(Request::get(["deviceStates"]))
}

/// The state of a device of any technology, such as `PJSIP/alice`. One that nobody knows is there and
/// has the state `INVALID` or `UNKNOWN`.
///
/// `GET /deviceStates/{deviceName}`
pub fn get(client: &AriClient, device: &str) -> Result<DeviceState> {
    client.fetch(Request::get(["deviceStates", device]))
}

/// Sets the state of a device of ours, and makes it if there is none. One whose name does not begin
/// with `Stasis:` is [`is_conflict`](crate::Error::is_conflict).
///
/// `PUT /deviceStates/{deviceName}`
#[allow(clippy::needless_pass_by_value, reason = "a word is given to be sent")]
pub fn update(client: &AriClient, device: &str, state: types::DeviceState) -> Result<()> {
    let request = Request::put(["deviceStates", device]);
    client.send(request.param("deviceState", state.as_str()).repeatable())
}

/// Removes a device of ours. That it is not there is a success; one that is not ours is
/// [`is_conflict`](crate::Error::is_conflict).
///
/// `DELETE /deviceStates/{deviceName}`
pub fn delete(client: &AriClient, device: &str) -> Result<()> {
    super::gone_is_fine(client.send(Request::delete(["deviceStates", device])))
}
