//! How many threads handle events, and which.

use std::fmt;

use super::bus::{Event, Subscribe};
use super::event_pool::{OnPanic, Place, Plan};
use crate::error::{Error, Result};

/// How many events are taken ahead where nothing else is said.
const AHEAD: usize = 4096;

/// More threads than this are a mistake.
const MOST: usize = 1024;

/// How a client's `on_event_ordered` handles events: by how many threads, which events, and what
/// happens where they do not keep up. `E` is what events are, and `F` the filter for them; every
/// interface has a name of its own for its settings.
pub struct PoolSettings<E, F> {
    workers: usize,
    ahead: usize,
    filter: F,
    bounds: Option<Subscribe>,
    on_panic: OnPanic<E>,
}

impl<E: Event, F: Default> PoolSettings<E, F> {
    /// So many threads, at least 1 and at most 1,024.
    pub fn new(workers: usize) -> Self {
        Self { workers, ahead: AHEAD, filter: F::default(), bounds: None, on_panic: None }
    }
}

impl<E: Event, F> PoolSettings<E, F> {
    /// Only events that pass this; what does not pass is never queued.
    #[must_use]
    pub fn filter(mut self, filter: F) -> Self {
        self.filter = filter;
        self
    }

    /// How much may wait, and what is lost beyond that. Default: the client's bounds for
    /// subscriptions.
    #[must_use]
    pub fn bounds(mut self, bounds: Subscribe) -> Self {
        self.bounds = Some(bounds);
        self
    }

    /// How many events are looked at ahead of their turn to find work for idle threads; they wait
    /// beside those of [`bounds`](Self::bounds). A call whose handler hangs holds up the others once
    /// so many events wait. Default: 4,096; at least 1.
    #[must_use]
    pub fn ahead(mut self, events: usize) -> Self {
        self.ahead = events;
        self
    }

    /// Hears of every event at which the handler panicked, on the thread that handled it.
    #[must_use]
    pub fn on_panic(mut self, hear: impl Fn(&E) + Send + Sync + 'static) -> Self {
        self.on_panic = Some(Box::new(hear));
        self
    }

    /// What the client subscribes to, and what it starts.
    pub(crate) fn plan(
        self,
        default: &Subscribe,
        places: impl Fn(&E) -> Place + Send + 'static,
        handle: impl Fn(E) + Send + Sync + 'static,
    ) -> Result<(F, Subscribe, Plan<E>)> {
        if !(1..=MOST).contains(&self.workers) || self.ahead == 0 {
            return Err(Error::invalid(format!(
                "a pool has 1 to {MOST} threads and looks at least 1 event ahead"
            )));
        }
        let plan = Plan {
            name: E::THREAD,
            workers: self.workers,
            ahead: self.ahead,
            places: Box::new(places),
            handle: Box::new(handle),
            on_panic: self.on_panic,
        };
        Ok((self.filter, self.bounds.unwrap_or_else(|| default.clone()), plan))
    }
}

impl<E, F: fmt::Debug> fmt::Debug for PoolSettings<E, F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PoolSettings")
            .field("workers", &self.workers)
            .field("ahead", &self.ahead)
            .field("filter", &self.filter)
            .field("bounds", &self.bounds)
            .finish_non_exhaustive()
    }
}
