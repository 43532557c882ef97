//! Subscriptions to one type of event.

use std::fmt;
use std::marker::PhantomData;
use std::time::Duration;

use super::event::{AmiEvent, TypedEvent};
use crate::sync::waiting::Search;
use crate::{Error, EventSubscription, Result, SubscriberStats};

/// Events of one type, typed.
///
/// What it yields has no place for a [`Gap`](super::event::Gap), so a loss or a reconnect is logged
/// as a warning, and counted: [`lost`](Self::lost) and [`gaps`](Self::gaps). Who has to act on one
/// subscribes with a filter instead, and gets it in line.
pub struct TypedSubscription<E> {
    inner: EventSubscription<AmiEvent>,
    gaps: std::sync::atomic::AtomicU64,
    event: PhantomData<fn() -> E>,
}

impl<E: TypedEvent> TypedSubscription<E> {
    pub(super) fn new(inner: EventSubscription<AmiEvent>) -> Self {
        Self { inner, gaps: std::sync::atomic::AtomicU64::new(0), event: PhantomData }
    }

    fn typed(&self, event: &AmiEvent) -> Option<E> {
        if let AmiEvent::Gap(gap) = event {
            log::warn!(
                "the stream of {} has a gap: {} events lost, reconnected: {}",
                E::NAME,
                gap.missed(),
                gap.reconnected()
            );
            self.gaps.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
            return None;
        }
        event.as_event()
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
        let sought = |event: &AmiEvent| {
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
        self.gaps.load(std::sync::atomic::Ordering::Relaxed)
    }

    /// How it fares.
    pub fn stats(&self) -> SubscriberStats {
        self.inner.stats()
    }

    /// The subscription with its gaps, untyped.
    pub fn into_inner(self) -> EventSubscription<AmiEvent> {
        self.inner
    }
}

impl<E> fmt::Debug for TypedSubscription<E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("TypedSubscription").field(&self.inner).finish()
    }
}

impl<'a, E: TypedEvent> IntoIterator for &'a TypedSubscription<E> {
    type Item = E;
    type IntoIter = Box<dyn Iterator<Item = E> + 'a>;

    fn into_iter(self) -> Self::IntoIter {
        Box::new(self.iter())
    }
}
