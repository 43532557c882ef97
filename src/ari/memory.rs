//! What Asterisk forgets with the event socket, and has to be told again after a reconnect.
//!
//! Locks: each is taken alone and for moments.

use std::collections::{BTreeMap, BTreeSet};

use crossbeam_channel::{Receiver, Sender, bounded};
use parking_lot::Mutex;
use serde_json::Value;

use super::rest::Request;

/// The event sources and the filter of each application, as the calls that were made have left them.
#[derive(Debug, Default)]
pub(in crate::ari) struct Memory {
    all: Mutex<All>,
    filters: Mutex<Filters>,
}

#[derive(Debug, Default)]
struct All {
    applications: Applications,
    /// How often a call has changed something.
    changes: u64,
    /// How often a new connection has been told everything.
    restored: u64,
}

type Applications = BTreeMap<String, Told>;

/// Nothing is ever sent here: it is there until a filter is set, and who waits for that wakes up.
#[derive(Debug)]
struct Filters(#[allow(dead_code, reason = "it is for its end")] Sender<()>, Receiver<()>);

impl Default for Filters {
    fn default() -> Self {
        let (sender, receiver) = bounded(0);
        Self(sender, receiver)
    }
}

#[derive(Debug, Default)]
struct Told {
    sources: BTreeSet<String>,
    filter: Option<Value>,
}

/// What a server has been told of an application.
#[derive(Debug)]
pub(in crate::ari) enum Change<'a> {
    Subscribed(&'a [&'a str]),
    Unsubscribed(&'a [&'a str]),
    Filtered(&'a Value),
}

impl Change<'_> {
    fn make(&self, applications: &mut Applications, application: &str) {
        let told = applications.entry(application.to_owned()).or_default();
        match *self {
            Self::Subscribed(sources) => {
                told.sources.extend(sources.iter().map(|&source| source.to_owned()));
            }
            Self::Unsubscribed(sources) => {
                for &source in sources {
                    told.sources.remove(source);
                }
            }
            Self::Filtered(filter) => told.filter = Some(filter.clone()),
        }
    }
}

impl Memory {
    /// How often a new connection has been told everything: what a call has to know before it makes a
    /// change.
    pub(in crate::ari) fn restored(&self) -> u64 {
        self.all.lock().restored
    }

    /// The server has made a change. False, and it is not remembered, if a new connection has been told
    /// everything since `restored` was looked at: of the change and of what it was told, either may have
    /// been the last.
    pub(in crate::ari) fn note(
        &self,
        restored: u64,
        application: &str,
        change: &Change<'_>,
    ) -> bool {
        {
            let mut all = self.all.lock();
            if all.restored != restored {
                return false;
            }
            all.changes += 1;
            change.make(&mut all.applications, application);
        }
        if matches!(change, Change::Filtered(_)) {
            *self.filters.lock() = Filters::default();
        }
        true
    }

    /// What is disconnected when the next filter is taken.
    pub(super) fn next_filter(&self) -> Receiver<()> {
        self.filters.lock().1.clone()
    }

    /// Whether one of these applications does not get all of these types of events, as its filter has it.
    pub(super) fn hides(&self, applications: &[String], types: &[String]) -> bool {
        let all = self.all.lock();
        let filter = |name: &String| all.applications.get(name)?.filter.as_ref();
        let mut filters = applications.iter().filter_map(filter);
        filters.any(|filter| types.iter().any(|name| is_hidden(filter, name)))
    }

    /// Whether there is a source that could be no more.
    pub(super) fn has_sources(&self) -> bool {
        self.all.lock().applications.values().any(|told| !told.sources.is_empty())
    }

    /// A channel or a bridge is no more, and with it what was subscribed of it.
    pub(super) fn gone(&self, kind: &str, names: [&str; 2]) {
        let mut all = self.all.lock();
        for told in all.applications.values_mut().filter(|told| !told.sources.is_empty()) {
            for name in names {
                told.sources.remove(&format!("{kind}:{name}"));
            }
        }
    }

    /// What a new connection has to be told next, of these applications, after what it has been `said`. If
    /// nothing is left, it has been told everything.
    pub(super) fn next(&self, applications: &[String], said: &Said) -> Option<Again> {
        let mut all = self.all.lock();
        let nothing = Told::default();
        for application in applications {
            let told = all.applications.get(application).unwrap_or(&nothing);
            let said = said.0.get(application).unwrap_or(&nothing);
            // One by one: that one of them is gone by now must not cost the others.
            let source = |a: &Told, b: &Told| a.sources.difference(&b.sources).next().cloned();
            let what =
                if let Some(filter) = told.filter.as_ref().filter(|_| told.filter != said.filter) {
                    What::Filter(filter.clone())
                } else if let Some(source) = source(told, said) {
                    What::Source(source)
                } else if let Some(source) = source(said, told) {
                    What::NoSource(source)
                } else {
                    continue;
                };
            let application = application.clone();
            return Some(Again { application, what, changes: all.changes });
        }
        all.restored += 1;
        None
    }

    /// The server says that there is no such source any more. It is forgotten, unless a call has changed
    /// something since this was to be told: it may have been this.
    pub(super) fn refused(&self, again: &Again) {
        let mut all = self.all.lock();
        if let (What::Source(source), true) = (&again.what, all.changes == again.changes) {
            Change::Unsubscribed(&[source]).make(&mut all.applications, &again.application);
        }
    }
}

/// Whether a filter keeps events of a type back: by not allowing it where others are, or by name.
fn is_hidden(filter: &Value, name: &str) -> bool {
    let list = |list: &str| filter[list].as_array().map(Vec::as_slice).unwrap_or_default();
    let has = |list: &[Value]| list.iter().any(|entry| entry["type"] == name);
    let allowed = list("allowed");
    !allowed.is_empty() && !has(allowed) || has(list("disallowed"))
}

/// What a new connection has been told so far.
#[derive(Debug, Default)]
pub(super) struct Said(Applications);

impl Said {
    pub(super) fn note(&mut self, again: &Again) {
        let change = match &again.what {
            What::Filter(filter) => Change::Filtered(filter),
            What::Source(source) => Change::Subscribed(&[source]),
            What::NoSource(source) => Change::Unsubscribed(&[source]),
        };
        change.make(&mut self.0, &again.application);
    }
}

/// One thing that the server is told again.
#[derive(Debug)]
pub(super) struct Again {
    application: String,
    pub(super) what: What,
    /// How often a call had changed something when this was to be told.
    changes: u64,
}

#[derive(Debug)]
pub(super) enum What {
    Filter(Value),
    Source(String),
    /// It has been told on this connection, and is unsubscribed from since.
    NoSource(String),
}

impl Again {
    pub(super) fn request(&self) -> Request {
        let path = |last| ["applications", &self.application, last];
        let of = |request: Request, source: &str| request.param("eventSource", vec![source]);
        match &self.what {
            What::Filter(filter) => {
                Request::put(path("eventFilter")).body(filter.clone()).repeatable()
            }
            What::Source(source) => of(Request::post(path("subscription")), source).repeatable(),
            What::NoSource(source) => of(Request::delete(path("subscription")), source),
        }
    }
}
