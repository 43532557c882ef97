//! State over time: what a stream of events makes of calls, channels, bridges and queues.
//!
//! All of it is pure: events and lists go in, records and snapshots come out. No thread, no socket,
//! no clock of its own; [`tracker`](super::tracker) and [`picture`](super::picture) drive it.
//!
//! Lists and events come by different ways, and nobody says which events a list has already in it.
//! So the rule everywhere is: events since *before* the list was asked for are applied on top of it.
//! That is right because what they say is absolute, a state and not a step, because they come in
//! order, and because what is gone stays gone ([`Departed`]).

pub(in crate::ami) mod calls;
mod departed;
mod listed;
mod moment;
pub(in crate::ami) mod picture;
pub(in crate::ami) mod record;
pub(in crate::ami) mod snapshot;

#[cfg(test)]
mod tests;

pub(in crate::ami) use departed::Departed;
pub(in crate::ami) use listed::ListedChannel;
pub(in crate::ami) use moment::Moment;
