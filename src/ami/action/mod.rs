//! Actions: one struct for each, with its required fields in `new` and the others as setters.

pub(in crate::ami) mod fields;
pub(in crate::ami) mod macros;

mod agent;
mod aoc;
mod bridge;
mod channel;
mod conference;
mod config;
mod core;
mod custom;
mod dahdi;
mod database;
mod dialplan;
mod fax;
mod filter;
mod iax;
mod legacy;
pub(in crate::ami) mod login;
mod meetme;
mod message;
mod originate;
mod parking;
mod pjsip;
mod queue;
mod queue_rule;
mod sorcery;
mod sound;
mod state;
mod system;
mod transfer;
mod unanswered;
mod voicemail;

pub use self::core::*;
pub use agent::*;
pub use aoc::*;
pub use bridge::*;
pub use channel::*;
pub use conference::*;
pub use config::*;
pub use custom::CustomAction;
pub use dahdi::*;
pub use database::*;
pub use dialplan::*;
pub use fax::*;
pub(super) use fields::whole_lines;
pub use fields::{Headers, Value};
pub use filter::*;
pub use iax::*;
pub use legacy::*;
pub use login::LoginAction;
pub use meetme::*;
pub use message::*;
pub use originate::*;
pub use parking::*;
pub use pjsip::*;
pub use queue::*;
pub use queue_rule::*;
pub use sorcery::*;
pub use sound::*;
pub use state::*;
pub use system::*;
pub use transfer::*;
pub use unanswered::*;
pub use voicemail::*;

#[cfg(test)]
mod tests;

use super::event::{AmiEvent, TypedEvent};
use super::response::Reply;

/// Something that can be asked of the server.
///
/// The structs of this module implement it; [`CustomAction`] is for what has no struct.
pub trait Action {
    /// What a success brings.
    type Reply: Reply;

    /// The name on the wire.
    fn name(&self) -> &str;

    /// Writes everything but the name and the `ActionID`.
    fn write(&self, headers: &mut Headers);

    /// How its list ends, if it answers with one.
    fn list(&self) -> Option<ListSpec> {
        None
    }

    /// What has to be asked again after a reconnect, because the server forgets it.
    #[doc(hidden)]
    fn restores(&self) -> Option<Restore> {
        None
    }
}

/// An action that answers with a list.
pub trait ListAction: Action {
    /// What the list is of.
    type Item: ListItem;
    /// The event that ends it, which has its totals.
    type End: ListItem;
}

/// An item of a list: an event, or one of several.
pub trait ListItem: Sized + Send + Sync + 'static {
    /// The events it can be, by name.
    const NAMES: &'static [&'static str];

    /// Takes what it is one of.
    fn from_event(event: AmiEvent) -> Option<Self>;
}

impl<E: TypedEvent> ListItem for E {
    const NAMES: &'static [&'static str] = &[E::NAME];

    fn from_event(event: AmiEvent) -> Option<Self> {
        event.as_event()
    }
}

/// Whatever comes.
impl ListItem for AmiEvent {
    const NAMES: &'static [&'static str] = &[];

    fn from_event(event: AmiEvent) -> Option<Self> {
        Some(event)
    }
}

/// How a list is recognised.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ListSpec {
    /// The names of its items; none given means any event with the action's id.
    pub(in crate::ami) items: &'static [&'static str],
    /// The name of the event that ends it, where `EventList: Complete` does not.
    pub(in crate::ami) end: &'static str,
    /// Whether its events follow a response that announces no list.
    pub(in crate::ami) unannounced: bool,
    /// Whether its items lack the action's id.
    pub(in crate::ami) unmarked: bool,
    /// Whether the answer is bare text in front of the response to a ping.
    pub(in crate::ami) text: bool,
    /// The refusals that only say that the list is empty.
    pub(in crate::ami) empty: &'static [&'static str],
}

impl ListSpec {
    /// A list of events of these names, ended by `EventList: Complete` or an event named `end`,
    /// which can be the only item itself.
    pub const fn new(items: &'static [&'static str], end: &'static str) -> Self {
        Self { items, end, unannounced: false, unmarked: false, text: false, empty: &[] }
    }

    /// An answer of bare text, without a response or an id: it is over when the ping that is sent
    /// behind the action is answered.
    pub(in crate::ami) const fn text() -> Self {
        Self { text: true, ..Self::new(&[], "") }
    }

    /// The same for an action whose response does not say that a list follows.
    #[must_use]
    pub const fn unannounced(mut self) -> Self {
        self.unannounced = true;
        self
    }

    /// The same for an action whose items do not bear its id: events with the names of the items
    /// and without any id are its own while it is the oldest of its kind.
    #[must_use]
    pub const fn unmarked(mut self) -> Self {
        self.unmarked = true;
        self
    }

    /// The same for a server that refuses with one of these messages where there is nothing to
    /// list.
    #[must_use]
    pub const fn or_refused_with(mut self, empty: &'static [&'static str]) -> Self {
        self.empty = empty;
        self
    }
}

/// What the server forgets with a connection.
#[doc(hidden)]
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Restore {
    /// The event mask.
    Mask(String),
    /// One filter.
    Filter(FilterAction),
}
