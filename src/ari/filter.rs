//! Filters that the reader applies before events are queued.

use std::sync::Arc;

use super::lenient::About;
use super::message::{AriMessage, News};
use crate::sync::bus::{Lens, Source};

/// Which events a subscription gets: by type, by what they are about, by application. Conditions of
/// different kinds must all hold; of several of a kind, one is enough. What events are about counts as
/// one kind: a filter with a channel and a bridge passes what is about either.
///
/// It is applied by the reading thread, so that what is not wanted costs no queue space. Gaps always
/// pass.
///
/// ```
/// use asterisk_sync::ari::Filter;
/// let filter = Filter::types(["StasisStart", "StasisEnd"]).application("my-app");
/// # let _ = filter;
/// ```
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Filter {
    types: Vec<String>,
    applications: Vec<String>,
    channels: Vec<String>,
    bridges: Vec<String>,
    playbacks: Vec<String>,
    recordings: Vec<String>,
}

impl Filter {
    /// Everything.
    pub fn all() -> Self {
        Self::default()
    }

    /// Events of these types, spelled as Asterisk does.
    pub fn types<N: AsRef<str>>(types: impl IntoIterator<Item = N>) -> Self {
        types.into_iter().fold(Self::default(), |filter, name| filter.event_type(name.as_ref()))
    }

    /// Also events of this type.
    #[must_use]
    pub fn event_type(mut self, name: impl Into<String>) -> Self {
        self.types.push(name.into());
        self
    }

    /// Events sent to this application.
    #[must_use]
    pub fn application(mut self, name: impl Into<String>) -> Self {
        self.applications.push(name.into());
        self
    }

    /// Events about this channel, given by its id or its name. What is played to a channel and what
    /// is recorded of it is about it too, but knows only its id.
    #[must_use]
    pub fn channel(mut self, channel: impl Into<String>) -> Self {
        self.channels.push(channel.into());
        self
    }

    /// Events about this bridge, given by its id or its name. What is played to a bridge and what is
    /// recorded of it is about it too, but knows only its id.
    #[must_use]
    pub fn bridge(mut self, bridge: impl Into<String>) -> Self {
        self.bridges.push(bridge.into());
        self
    }

    /// Events about this playback.
    #[must_use]
    pub fn playback(mut self, id: impl Into<String>) -> Self {
        self.playbacks.push(id.into());
        self
    }

    /// Events about the recording of this name.
    #[must_use]
    pub fn recording(mut self, name: impl Into<String>) -> Self {
        self.recordings.push(name.into());
        self
    }

    /// Which types it names.
    pub(super) fn named_types(&self) -> &[String] {
        &self.types
    }

    fn matches(&self, message: &AriMessage) -> bool {
        let one_of = |wanted: &[String], name: &str| wanted.iter().any(|wanted| *wanted == *name);
        // What is not asked for is not looked up: the type can be told without reading the rest.
        (self.types.is_empty() || one_of(&self.types, &message.type_name()))
            && (self.applications.is_empty() || one_of(&self.applications, &message.application))
            && self.matches_subject(message)
    }

    /// Whether an event may have been wanted of which only the beginning is there.
    fn may_match(&self, message: &AriMessage) -> bool {
        let name = message.type_name();
        self.types.is_empty() || name.is_empty() || self.types.iter().any(|wanted| *wanted == *name)
    }

    fn matches_subject(&self, message: &AriMessage) -> bool {
        let all = [&self.channels, &self.bridges, &self.playbacks, &self.recordings];
        if all.iter().all(|wanted| wanted.is_empty()) {
            return true;
        }
        let mut found = false;
        message.about(&mut |about| {
            let (wanted, names) = match about {
                About::Channel(names) => (&self.channels, names),
                About::Bridge(names) => (&self.bridges, names),
                About::Playback(names) => (&self.playbacks, names),
                About::Recording(names) => (&self.recordings, names),
            };
            found = found || wanted.iter().any(|wanted| names.contains(&wanted.as_str()));
        });
        found
    }

    /// The filter as the bus applies it.
    pub(crate) fn into_lens(self) -> Option<Lens<AriMessage>> {
        if self == Self::default() {
            return None;
        }
        Some(Box::new(move |source| {
            let news = source.as_any().downcast_ref::<News>()?;
            if news.is_cut_short() {
                let lost = news.messages().iter().any(|message| self.may_match(message));
                return lost.then(|| Arc::new(News::cut_short("")) as Arc<dyn Source<AriMessage>>);
            }
            let seen = news.messages().iter().filter(|message| self.matches(message));
            News::new(seen.cloned().collect())
                .map(|news| Arc::new(news) as Arc<dyn Source<AriMessage>>)
        }))
    }
}
