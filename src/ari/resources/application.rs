//! Stasis applications: what each hears of. What is set here is set again after a reconnect, for the
//! applications of the client's own event socket.

use serde_json::{Map, Value, json};

use crate::ari::AriClient;
use crate::ari::TransportKind;
use crate::ari::model::Application;
use crate::ari::rest::Request;
use crate::{Error, Result};

/// Which types of events an application gets.
///
/// Where nothing is allowed by name, everything is; what is disallowed is so whatever is allowed.
///
/// ```
/// use asterisk_sync::ari::resources::application::EventFilter;
/// let filter = EventFilter::new().disallow("ChannelVarset").disallow("ChannelDialplan");
/// # let _ = filter;
/// ```
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct EventFilter {
    allowed: Vec<String>,
    disallowed: Vec<String>,
}

impl EventFilter {
    /// Everything.
    pub fn new() -> Self {
        Self::default()
    }

    /// Only this type, and others that are allowed by name.
    #[must_use]
    pub fn allow(mut self, event_type: impl Into<String>) -> Self {
        self.allowed.push(event_type.into());
        self
    }

    /// Not this type.
    #[must_use]
    pub fn disallow(mut self, event_type: impl Into<String>) -> Self {
        self.disallowed.push(event_type.into());
        self
    }

    /// As Asterisk wants it. Where the answers to requests come as events, they have to pass as well.
    pub(in crate::ari) fn to_json(&self, kind: TransportKind) -> Result<Value> {
        const ANSWER: &str = "RESTResponse";
        let mut allowed = self.allowed.clone();
        if kind == TransportKind::WebSocket {
            if self.disallowed.iter().any(|name| name == ANSWER) {
                return Err(Error::invalid(
                    "without RESTResponse no request over the event socket would be answered",
                ));
            }
            if !allowed.is_empty() && !allowed.iter().any(|name| name == ANSWER) {
                allowed.push(ANSWER.to_owned());
            }
        }
        let types = |names: &[String]| -> Value {
            names.iter().map(|name| json!({ "type": name })).collect()
        };
        let mut filter = Map::new();
        filter.insert("allowed".into(), types(&allowed));
        filter.insert("disallowed".into(), types(&self.disallowed));
        Ok(Value::Object(filter))
    }
}

/// All applications.
///
/// `GET /applications`
pub fn list(client: &AriClient) -> Result<Vec<Application>> {
    client.fetch(Request::get(["applications"]))
}

/// One application.
///
/// `GET /applications/{applicationName}`
pub fn get(client: &AriClient, application: &str) -> Result<Application> {
    client.fetch(Request::get(["applications", application]))
}

/// Has an application hear of these sources as well: `channel:{id}`, `bridge:{id}`,
/// `endpoint:{tech}/{resource}`, `deviceState:{name}`. One that is not there is
/// [`is_unprocessable`](Error::is_unprocessable).
///
/// `POST /applications/{applicationName}/subscription`
pub fn subscribe<S: AsRef<str>>(
    client: &AriClient,
    application: &str,
    sources: &[S],
) -> Result<Application> {
    let request = Request::post(["applications", application, "subscription"]);
    let told = client.fetch(request.param("eventSource", super::texts(sources)).repeatable())?;
    client.memory().subscribed(application, sources);
    Ok(told)
}

/// Has an application not hear of these sources any more. That it did not hear of one, or that there
/// is none, is a success.
///
/// `DELETE /applications/{applicationName}/subscription`
pub fn unsubscribe<S: AsRef<str>>(
    client: &AriClient,
    application: &str,
    sources: &[S],
) -> Result<Application> {
    let unsubscribe = |sources: &[S]| {
        let request = Request::delete(["applications", application, "subscription"]);
        client.fetch(request.param("eventSource", super::texts(sources)))
    };
    let told = match unsubscribe(sources) {
        Err(e) if is_unheard(&e) => {
            // Which one it was is not said, nor what has become of the others.
            for source in sources.chunks(1).filter(|_| sources.len() > 1) {
                match unsubscribe(source) {
                    Err(e) if !is_unheard(&e) => return Err(e),
                    _ => {}
                }
            }
            get(client, application)?
        }
        told => told?,
    };
    client.memory().unsubscribed(application, sources);
    Ok(told)
}

/// Whether an application cannot be unsubscribed because it does not hear of the source anyway.
fn is_unheard(e: &Error) -> bool {
    e.is_conflict() || e.is_unprocessable()
}

/// Sets which types of events an application gets.
///
/// What is kept back reaches no subscription. The waits of this client, such as
/// [`PlaybackHandle::wait`](super::playback::PlaybackHandle::wait), notice: where the events that they
/// wait for do not all come, they ask the server twice a second besides. A
/// [`StasisApp`](crate::ari::StasisApp) does not: it lives on `StasisStart`, `StasisEnd` and
/// `ChannelDestroyed`.
///
/// One that is to be there from the beginning is a setting of the client's:
/// [`AriConfig::event_filter`](crate::ari::AriConfig::event_filter).
///
/// `PUT /applications/{applicationName}/eventFilter`
pub fn set_event_filter(
    client: &AriClient,
    application: &str,
    filter: &EventFilter,
) -> Result<Application> {
    let filter = filter.to_json(client.transport())?;
    let request = Request::put(["applications", application, "eventFilter"]);
    let told = client.fetch(request.body(filter.clone()).repeatable())?;
    client.memory().filtered(application, filter);
    Ok(told)
}
