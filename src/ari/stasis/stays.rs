//! Channels in the applications, as long as they are there.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use super::builder::Departure;
use super::line::Line;

/// Channels that are in the applications.
pub(super) struct Stays {
    /// By application, then by the channel's id.
    pub(super) open: HashMap<Box<str>, HashMap<Box<str>, Stay>>,
    /// Whose coming or going was heard since somebody began to look who is here: what was seen of
    /// these is old.
    pub(super) heard: Option<HashSet<(Box<str>, Box<str>)>>,
    pub(super) is_over: bool,
}

/// A channel from its coming until it is known to have left: longer than the call, so that one on
/// its way out is not taken for one that has just come.
pub(super) struct Stay {
    pub(super) line: Arc<Line>,
    pub(super) number: u64,
    /// Whether it was found, so that the event of its coming may still be on its way.
    pub(super) was_found: bool,
    /// How it is to leave, once this program is done with it.
    pub(super) departure: Option<Departure>,
    /// Whether that came to nothing, and is to be tried again.
    pub(super) is_late: bool,
    /// What it plays and records. Asterisk lets it leave only when that is done.
    pub(super) at_work: Vec<Work>,
    /// Whether that is not to be waited for.
    pub(super) is_hurried: bool,
}

/// What is played to a channel, or recorded of it, by its id or name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Work {
    Playback(Box<str>),
    Recording(Box<str>),
}

impl Stay {
    pub(super) fn new(line: Arc<Line>, number: u64, was_found: bool) -> Self {
        let (departure, is_late) = (None, false);
        let (at_work, is_hurried) = (Vec::new(), false);
        Self { line, number, was_found, departure, is_late, at_work, is_hurried }
    }
}

impl Stays {
    /// Nobody yet, in these.
    pub(super) fn new(applications: &[String]) -> Self {
        let open = applications.iter().map(|name| (name.as_str().into(), HashMap::new())).collect();
        Self { open, heard: None, is_over: false }
    }

    pub(super) fn note(&mut self, application: &str, id: &str) {
        if let Some(heard) = &mut self.heard {
            heard.insert((application.into(), id.into()));
        }
    }

    pub(super) fn take(&mut self, application: &str, id: &str) -> Option<Stay> {
        self.open.get_mut(application)?.remove(id)
    }

    /// The stay of this number, if it lasts.
    pub(super) fn find(&mut self, application: &str, id: &str, number: u64) -> Option<&mut Stay> {
        self.open.get_mut(application)?.get_mut(id).filter(|stay| stay.number == number)
    }

    /// Whether more is known of a channel than that it was found.
    pub(super) fn is_old(&self, application: &str, id: &str) -> bool {
        let is_here = self.open.get(application).is_some_and(|open| open.contains_key(id));
        let heard = self.heard.as_ref();
        is_here || heard.is_some_and(|heard| heard.contains(&(application.into(), id.into())))
    }
}
