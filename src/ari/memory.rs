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
    applications: Mutex<BTreeMap<String, Told>>,
    filters: Mutex<Filters>,
}

/// Nothing is ever sent here: it is there until a filter is set, and who waits for that wakes up.
#[derive(Debug)]
struct Filters(#[allow(dead_code, reason = "it is for its end")] Sender<()>, Receiver<()>);

impl Default for Filters {
    fn default() -> Self {
        let (sender, receiver) = bounded(0);
        Self(sender, receiver)
    }
}

#[derive(Debug, Default, Clone)]
struct Told {
    sources: BTreeSet<String>,
    filter: Option<Value>,
}

impl Memory {
    /// The server has subscribed an application to these sources.
    pub(in crate::ari) fn subscribed<S: AsRef<str>>(&self, application: &str, sources: &[S]) {
        let mut all = self.applications.lock();
        let told = all.entry(application.to_owned()).or_default();
        told.sources.extend(sources.iter().map(|source| source.as_ref().to_owned()));
    }

    /// The server has unsubscribed an application from these sources.
    pub(in crate::ari) fn unsubscribed<S: AsRef<str>>(&self, application: &str, sources: &[S]) {
        if let Some(told) = self.applications.lock().get_mut(application) {
            for source in sources {
                told.sources.remove(source.as_ref());
            }
        }
    }

    /// The server has taken this event filter.
    pub(in crate::ari) fn filtered(&self, application: &str, filter: Value) {
        self.applications.lock().entry(application.to_owned()).or_default().filter = Some(filter);
        *self.filters.lock() = Filters::default();
    }

    /// What is disconnected when the next filter is taken.
    pub(super) fn next_filter(&self) -> Receiver<()> {
        self.filters.lock().1.clone()
    }

    /// Whether one of these applications does not get all of these types of events, as its filter has it.
    pub(super) fn hides(&self, applications: &[String], types: &[String]) -> bool {
        let all = self.applications.lock();
        let mut filters = applications.iter().filter_map(|name| all.get(name)?.filter.as_ref());
        filters.any(|filter| types.iter().any(|name| is_hidden(filter, name)))
    }

    /// Whether there is a source that could be no more.
    pub(super) fn has_sources(&self) -> bool {
        self.applications.lock().values().any(|told| !told.sources.is_empty())
    }

    /// A channel or a bridge is no more, and with it what was subscribed of it.
    pub(super) fn gone(&self, kind: &str, names: [&str; 2]) {
        let mut all = self.applications.lock();
        for told in all.values_mut().filter(|told| !told.sources.is_empty()) {
            for name in names {
                told.sources.remove(&format!("{kind}:{name}"));
            }
        }
    }

    /// What tells it all again, for these applications.
    pub(super) fn restore(&self, applications: &[String]) -> Vec<Again> {
        let all = self.applications.lock();
        let mut again = Vec::new();
        for name in applications {
            let Some(told) = all.get(name) else { continue };
            if let Some(filter) = &told.filter {
                let path = ["applications", name, "eventFilter"];
                let request = Request::put(path).body(filter.clone()).repeatable();
                again.push(Again { request, of: None });
            }
            // One by one: that one of them is gone by now must not cost the others.
            for source in &told.sources {
                let path = ["applications", name, "subscription"];
                let request = Request::post(path).param("eventSource", vec![source.as_str()]);
                let of = Some((name.clone(), source.clone()));
                again.push(Again { request: request.repeatable(), of });
            }
        }
        again
    }

    /// The server says that there is no such source any more.
    pub(super) fn refused(&self, again: &Again) {
        if let Some((application, source)) = &again.of {
            self.unsubscribed(application, &[source]);
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

/// One thing that the server is told again.
#[derive(Debug)]
pub(super) struct Again {
    pub(super) request: Request,
    /// The application and the source, if it is a subscription.
    of: Option<(String, String)>,
}

impl Again {
    /// Whether it is a subscription.
    pub(super) fn is_source(&self) -> bool {
        self.of.is_some()
    }
}
