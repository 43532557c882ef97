//! Requests as they go over the event socket. The client makes them by itself
//! ([`Request`](crate::ari::rest::Request)); these are for who reads or writes the socket's text.

models! {
    /// A request over the event socket. Since 20.15, 21.10 and 22.5.
    RestRequest = "RESTRequest" {
        /// Always `RESTRequest`.
        kind: String = "type",
        /// Comes back in the answer.
        transaction_id: String,
        /// Comes back in the answer.
        request_id: String,
        /// `GET`, `POST`, `PUT` or `DELETE`.
        method: String,
        /// What is asked for, without a slash before it; parameters may follow behind a question mark.
        uri: String,
        /// The type of the body: `application/json` or `application/x-www-form-urlencoded`.
        content_type: Option<String>,
        /// Parameters, beside those in `uri`.
        query_strings: Option<Vec<RestQueryStringParameter>>,
        /// The body.
        message_body: Option<String>,
    }

    /// A parameter of a request over the event socket.
    RestQueryStringParameter = "RESTQueryStringParameter" {
        /// Its name.
        name: String,
        /// Its value.
        value: String,
    }

    /// A header of a request over the event socket. No server is known to use it.
    RestHeader = "RESTHeader" {
        /// Its name.
        name: String,
        /// Its value.
        value: String,
    }
}
