//! Stasis applications: what each hears of. What is set here is set again after a reconnect, for the
//! applications of the client's own event socket.

use std::time::Instant;

use serde_json::{Map, Value, json};

use crate::ari::AriClient;
use crate::ari::TransportKind;
use crate::ari::memory::Change;
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
    let all: Vec<&str> = sources.iter().map(AsRef::as_ref).collect();
    change(client, application, &Change::Subscribed(&all), |client| {
        let request = Request::post(["applications", application, "subscription"]);
        client.fetch(request.param("eventSource", super::texts(sources)).repeatable())
    })
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
    let all: Vec<&str> = sources.iter().map(AsRef::as_ref).collect();
    change(client, application, &Change::Unsubscribed(&all), |client| {
        let unsubscribe = |sources: &[&str]| {
            let request = Request::delete(["applications", application, "subscription"]);
            client.fetch(request.param("eventSource", super::texts(sources)))
        };
        match unsubscribe(&all) {
            Err(e) if is_unheard(&e) => {
                // Which one it was is not said, nor what has become of the others.
                for source in all.chunks(1).filter(|_| all.len() > 1) {
                    match unsubscribe(source) {
                        Err(e) if !is_unheard(&e) => return Err(e),
                        _ => {}
                    }
                }
                get(client, application)
            }
            told => told,
        }
    })
}

/// Whether an application cannot be unsubscribed because it does not hear of the source anyway.
pub(in crate::ari) fn is_unheard(e: &Error) -> bool {
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
    change(client, application, &Change::Filtered(&filter), |client| {
        let request = Request::put(["applications", application, "eventFilter"]);
        client.fetch(request.body(filter.clone()).repeatable())
    })
}

/// Has `tell` tell the server of a change, and remembers it.
fn change(
    client: &AriClient,
    application: &str,
    change: &Change<'_>,
    tell: impl Fn(&AriClient) -> Result<Application>,
) -> Result<Application> {
    let (memory, begun) = (client.memory(), Instant::now());
    let mut restored = memory.restored();
    let mut told = tell(client)?;
    while !memory.note(restored, application, change) {
        // A new connection was told meanwhile what was remembered without this, and perhaps after this.
        // So once more, to be the last.
        restored = memory.restored();
        let left = client.timeout().saturating_sub(begun.elapsed());
        told = tell(&client.with_timeout(left))?;
    }
    Ok(told)
}
