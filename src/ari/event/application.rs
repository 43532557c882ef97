//! Applications themselves.

use super::macros::events;
use crate::ari::model::Channel;

events! {
    /// A channel could not be moved to another application, and goes on in the dialplan.
    ApplicationMoveFailed {
        /// The channel.
        channel: Channel,
        /// The application it was to go to.
        destination: String,
        /// What that was to be given.
        args: Vec<String>,
    }

    /// The server has connected to the application: calls may come. Sent over connections that the
    /// server makes. Since 20.15, 21.10 and 22.5.
    ApplicationRegistered {}

    /// Another client has connected for the application. From here on it gets the events.
    ApplicationReplaced {}

    /// The application is no longer known to the server. Since 20.15, 21.10 and 22.5.
    ApplicationUnregistered {}

    /// The answer to a request that was sent over the event socket. Those to this client's own requests
    /// go to whoever waits for them; only one that nobody waits for is an event.
    RESTResponse {
        /// What the request had there.
        transaction_id: String,
        /// What the request had there.
        request_id: String,
        /// The status, as HTTP has it.
        status_code: i64,
        /// The status in words.
        reason_phrase: String,
        /// What was asked for, without parameters.
        uri: String,
        /// The type of the body.
        content_type: Option<String>,
        /// The body.
        message_body: Option<String>,
    }
}
