//! Whom something is played to, or who is recorded: a channel or a bridge.

use crate::ari::event::AriEvent;
use crate::ari::model::Channel;
use crate::ari::rest::Request;
use crate::ari::watch::Watch;
use crate::ari::{AriClient, Filter};
use crate::{Error, Result};

#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::ari) enum Target {
    Channel(String),
    Bridge(String),
}

impl Target {
    /// From `target_uri`.
    pub(super) fn parse(uri: &str) -> Option<Self> {
        match uri.split_once(':')? {
            ("channel", id) => Some(Self::Channel(id.into())),
            ("bridge", id) => Some(Self::Bridge(id.into())),
            _ => None,
        }
    }

    /// `POST` for something of it.
    pub(super) fn post(&self, what: &str) -> Request {
        match self {
            Self::Channel(id) => Request::post(["channels", &**id, what]),
            Self::Bridge(id) => Request::post(["bridges", &**id, what]),
        }
    }

    /// The events of these types that are about it, and its end.
    pub(super) fn filter(&self, types: &[&str]) -> Filter {
        let filter = Filter::types(types);
        match self {
            Self::Channel(id) => {
                filter.event_type("StasisEnd").event_type("ChannelDestroyed").channel(&**id)
            }
            Self::Bridge(id) => filter.event_type("BridgeDestroyed").bridge(&**id),
        }
    }

    /// Begins to watch something of it, by these events, before that exists.
    pub(super) fn watch(&self, client: &AriClient, filter: Filter) -> Result<Watch> {
        self.listen(client)?;
        Ok(Watch::new(client, filter))
    }

    /// Makes sure that the events of a bridge come. An application hears of one as long as it has a
    /// channel in it, which may be too short.
    pub(super) fn listen(&self, client: &AriClient) -> Result<()> {
        match self {
            Self::Channel(_) => Ok(()),
            Self::Bridge(id) => listen(client, &format!("bridge:{id}")).map(drop),
        }
    }

    /// If this event is its end: what becomes of a wait for something on it.
    ///
    /// What a channel plays and records is done one by one before it leaves the application, and what
    /// comes after that is not done any more.
    pub(super) fn end<T>(&self, event: &AriEvent) -> Option<Result<Option<T>>> {
        let ended = match (self, event) {
            (Self::Channel(id), AriEvent::StasisEnd(e)) => is(&e.channel, id),
            (Self::Channel(id), AriEvent::ChannelDestroyed(e)) => is(&e.channel, id),
            (Self::Bridge(id), AriEvent::BridgeDestroyed(e)) => {
                return (*e.bridge.id == **id || *e.bridge.name == **id).then_some(Ok(None));
            }
            _ => false,
        };
        ended.then_some(Err(Error::Hangup))
    }
}

/// Has an application hear of a source while that exists. False if it does not exist.
pub(super) fn listen(client: &AriClient, source: &str) -> Result<bool> {
    let Some(application) = client.heard_applications().into_iter().next() else {
        return Err(client.lost_error());
    };
    let request = Request::post(["applications", &*application, "subscription"]);
    let source = [source.to_owned()];
    match client.send(request.param("eventSource", &source[..]).repeatable()) {
        Ok(()) => Ok(true),
        Err(e) if e.is_unprocessable() => Ok(false),
        Err(e) => Err(e),
    }
}

/// Whether a channel goes by this id or name.
pub(super) fn is(channel: &Channel, id: &str) -> bool {
    channel.id == id || channel.name == id
}
