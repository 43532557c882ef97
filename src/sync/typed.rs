//! Subscriptions to one type of event.

use std::fmt;
use std::marker::PhantomData;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use super::bus::{Event, SubscriberStats};
use super::subscription::EventSubscription;
use super::waiting::Search;
use crate::error::{Error, Result};

/// One type of what comes in a stream of events. Every `TypedEvent` is one, of its own stream.
pub trait OneOf<S>: Sized {
    /// Its name on the wire.
    const KIND: &'static str;

    /// The event as this type, if it is one.
    fn one_of(event: &S) -> Option<Self>;

    /// If the event is a gap: how many are missing, and whether the connection was made anew.
    fn gap(event: &S) -> Option<(u64, bool)>;
}

/// Events of one type, typed: `E` out of the stream of `S`.
///
/// What it yields has no place for a gap, so a loss or a reconnect is logged as a warning, and
/// counted: [`lost`](Self::lost) and [`gaps`](Self::gaps). Who has to act on one subscribes with a
/// filter instead, and gets it in line.
pub struct TypedSubscription<S: Event, E> {
    inner: EventSubscription<S>,
    gaps: AtomicU64,
    event: PhantomData<fn() -> E>,
}

impl<S: Event, E: OneOf<S>> TypedSubscription<S, E> {
    pub(crate) fn new(inner: EventSubscription<S>) -> Self {
        Self { inner, gaps: AtomicU64::new(0), event: PhantomData }
    }

    fn typed(&self, event: &S) -> Option<E> {
        if let Some((missed, reconnected)) = E::gap(event) {
            log::warn!(
                "the stream of {} has a gap: {missed} events lost, reconnected: {reconnected}",
                E::KIND
            );
            self.gaps.fetch_add(1, Ordering::Relaxed);
            return None;
        }
        E::one_of(event)
    }

    /// As [`EventSubscription::recv`].
    pub fn recv(&self) -> Option<E> {
        loop {
            if let Some(event) = self.typed(&self.inner.recv()?) {
                return Some(event);
            }
        }
    }

    /// As [`EventSubscription::recv_timeout`], however many gaps come.
    pub fn recv_timeout(&self, timeout: Duration) -> Result<Option<E>> {
        let mut search = Search::begin(timeout, || self.inner.stats().queued);
        loop {
            match self.inner.recv_timeout(search.left()) {
                Ok(None) => return Ok(None),
                Err(_) => return Err(search.late()),
                Ok(Some(event)) => match self.typed(&event) {
                    Some(event) => return Ok(Some(event)),
                    None => search.go_on()?,
                },
            }
        }
    }

    /// Waits for the first event that `wanted` accepts, at most `timeout`, as
    /// [`EventSubscription::wait_for`]. A gap is always [`Error::Missed`]: there is no event to
    /// accept it by.
    pub fn wait_for(&self, mut wanted: impl FnMut(&E) -> bool, timeout: Duration) -> Result<E> {
        let mut found = None;
        let sought = |event: &S| {
            found = self.typed(event).filter(&mut wanted);
            found.is_some()
        };
        self.inner.wait_for(sought, timeout)?;
        // It was found, or there would have been an error.
        found.ok_or(Error::Missed)
    }

    /// As [`EventSubscription::try_recv`].
    pub fn try_recv(&self) -> Result<Option<E>> {
        self.recv_timeout(Duration::ZERO)
    }

    /// All events until it is over.
    pub fn iter(&self) -> impl Iterator<Item = E> + '_ {
        self.inner.iter().filter_map(|event| self.typed(&event))
    }

    /// The events that are already here.
    pub fn try_iter(&self) -> impl Iterator<Item = E> + '_ {
        self.timeout_iter(Duration::ZERO)
    }

    /// Events until none comes for `quiet`, or it is over.
    pub fn timeout_iter(&self, quiet: Duration) -> impl Iterator<Item = E> + '_ {
        std::iter::from_fn(move || self.recv_timeout(quiet).ok().flatten())
    }

    /// As [`EventSubscription::lost`].
    pub fn lost(&self) -> u64 {
        self.inner.lost()
    }

    /// How many gaps were passed over: losses and reconnects.
    pub fn gaps(&self) -> u64 {
        self.gaps.load(Ordering::Relaxed)
    }

    /// How it fares.
    pub fn stats(&self) -> SubscriberStats {
        self.inner.stats()
    }

    /// The subscription with its gaps, untyped.
    pub fn into_inner(self) -> EventSubscription<S> {
        self.inner
    }
}

impl<S: Event, E> fmt::Debug for TypedSubscription<S, E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("TypedSubscription").field(&self.inner).finish()
    }
}

impl<'a, S: Event, E: OneOf<S>> IntoIterator for &'a TypedSubscription<S, E> {
    type Item = E;
    type IntoIter = Box<dyn Iterator<Item = E> + 'a>;

    fn into_iter(self) -> Self::IntoIter {
        Box::new(self.iter())
    }
}
