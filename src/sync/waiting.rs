//! Waiting for one event among others.

use std::time::{Duration, Instant};

use super::bus::Event;
use super::subscription::{EventSubscription, FilteredSubscription};
use crate::error::{Error, Result, TimeoutError};

/// A search through a stream that has to end in time, whatever comes that is not wanted.
#[derive(Debug)]
pub(crate) struct Search {
    /// `None` is so far away that no clock reaches it.
    deadline: Option<Instant>,
    timeout: Duration,
    /// Who does not wait at all looks at what was there when he came, and at no more.
    here: usize,
}

impl Search {
    /// `queued` is how many events are there already.
    pub(crate) fn begin(timeout: Duration, queued: impl FnOnce() -> usize) -> Self {
        let here = if timeout.is_zero() { queued() } else { 0 };
        Self { deadline: Instant::now().checked_add(timeout), timeout, here }
    }

    pub(crate) fn left(&self) -> Duration {
        self.deadline.map_or(Duration::MAX, |at| at.saturating_duration_since(Instant::now()))
    }

    /// An event was not the right one: may there be another?
    pub(crate) fn go_on(&mut self) -> Result<()> {
        if !self.left().is_zero() {
            return Ok(());
        }
        self.here = self.here.checked_sub(1).ok_or_else(|| self.late())?;
        Ok(())
    }

    pub(crate) fn late(&self) -> Error {
        TimeoutError::Receive { after: self.timeout }.into()
    }
}

impl<E: Event> EventSubscription<E> {
    /// Waits for the first event that `wanted` accepts, at most `timeout`. Those before it are
    /// taken and gone.
    ///
    /// Subscribe, act, then wait: what happens in between waits in the subscription, so nothing can
    /// be missed. Where something may have been, it is said at once: a gap ends the wait with
    /// [`Error::Missed`], unless `wanted` accepts the gap itself. That goes for a gap from before
    /// this call, too, if it has not been received yet.
    ///
    /// A timeout is [`TimeoutError::Receive`], the end of the stream [`Error::Closed`].
    pub fn wait_for(&self, mut wanted: impl FnMut(&E) -> bool, timeout: Duration) -> Result<E> {
        self.find(|event, _| wanted(event), timeout)
    }

    /// The first event that is `wanted`; a gap that is not ends the search.
    fn find(&self, mut wanted: impl FnMut(&E, bool) -> bool, timeout: Duration) -> Result<E> {
        let mut search = Search::begin(timeout, || self.stats().queued);
        loop {
            match self.recv_patiently(search.left()) {
                Ok(None) => return Err(Error::Closed),
                Err(_) => return Err(search.late()),
                Ok(Some((event, is_gap))) => {
                    if wanted(&event, is_gap) {
                        return Ok(event);
                    }
                    if is_gap {
                        return Err(Error::Missed);
                    }
                    search.go_on()?;
                }
            }
        }
    }
}

impl<E: Event> FilteredSubscription<E> {
    /// As [`EventSubscription::wait_for`], among the events that the subscription's own closure
    /// accepts.
    pub fn wait_for(&self, mut wanted: impl FnMut(&E) -> bool, timeout: Duration) -> Result<E> {
        self.inner.find(|event, is_gap| self.passes(event, is_gap) && wanted(event), timeout)
    }

    /// As [`EventSubscription::recv_timeout`]: the deadline is for an event that is accepted, and
    /// holds however many others come.
    pub fn recv_timeout(&self, timeout: Duration) -> Result<Option<E>> {
        let mut search = Search::begin(timeout, || self.stats().queued);
        loop {
            match self.inner.recv_patiently(search.left()) {
                Ok(None) => return Ok(None),
                Err(_) => return Err(search.late()),
                Ok(Some((event, is_gap))) if self.passes(&event, is_gap) => {
                    return Ok(Some(event));
                }
                Ok(Some(_)) => search.go_on()?,
            }
        }
    }
}
