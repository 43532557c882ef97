//! Endpoints: phones and trunks, and messages to them.

use std::collections::BTreeMap;

use crate::Result;
use crate::ari::AriClient;
use crate::ari::model::Endpoint;
use crate::ari::rest::Request;

params! {
    /// A text message.
    MessageParams::new(
        /// Who it is from: a URI, such as `pjsip:alice@example.com`.
        from: String = "from",
    ) {
        /// What it says.
        body: String = "body",
        /// Headers and the like, by the names that the technology has for them.
        variables: BTreeMap<String, String> = "variables",
    }

    /// A request to call somebody.
    ReferParams::new(
        /// Who asks: a URI.
        from: String = "from",
        /// Whom to call: a URI.
        refer_to: String = "refer_to",
    ) {
        /// Whether `refer_to` is to be used as the other side's own address: a name alone gets the host
        /// that the request goes to.
        to_self: bool = "to_self",
        /// Headers and the like, by the names that the technology has for them.
        variables: BTreeMap<String, String> = "variables",
    }
}

/// All endpoints.
///
/// `GET /endpoints`
pub fn list(client: &AriClient) -> Result<Vec<Endpoint>> {
    client.fetch(Request::get(["endpoints"]))
}

/// The endpoints of a technology, such as `PJSIP`.
///
/// `GET /endpoints/{tech}`
pub fn list_by_tech(client: &AriClient, tech: &str) -> Result<Vec<Endpoint>> {
    client.fetch(Request::get(["endpoints", tech]))
}

/// One endpoint.
///
/// `GET /endpoints/{tech}/{resource}`
pub fn get(client: &AriClient, tech: &str, resource: &str) -> Result<Endpoint> {
    client.fetch(Request::get(["endpoints", tech, resource]))
}

/// Sends a text message to any URI, such as `pjsip:bob` or `pjsip:bob@example.com`. A technology that
/// cannot do it, or a URI that it does not understand, is 400.
///
/// `PUT /endpoints/sendMessage`
pub fn send_message(client: &AriClient, to: &str, message: &MessageParams) -> Result<()> {
    client.send(Request::put(["endpoints", "sendMessage"]).param("to", to).params(message))
}

/// Sends a text message to an endpoint.
///
/// `PUT /endpoints/{tech}/{resource}/sendMessage`
pub fn send_message_to_endpoint(
    client: &AriClient,
    tech: &str,
    resource: &str,
    message: &MessageParams,
) -> Result<()> {
    client.send(Request::put(["endpoints", tech, resource, "sendMessage"]).params(message))
}

/// Asks whoever is at a URI to call somebody. Since 18.20 and 20.5.
///
/// `POST /endpoints/refer`
pub fn refer(client: &AriClient, to: &str, params: &ReferParams) -> Result<()> {
    client.send(Request::post(["endpoints", "refer"]).param("to", to).params(params))
}

/// Asks an endpoint to call somebody. Since 18.20 and 20.5.
///
/// `POST /endpoints/{tech}/{resource}/refer`
pub fn refer_to_endpoint(
    client: &AriClient,
    tech: &str,
    resource: &str,
    params: &ReferParams,
) -> Result<()> {
    client.send(Request::post(["endpoints", tech, resource, "refer"]).params(params))
}
