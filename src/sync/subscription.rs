//! The receiving end of a bus: an ordinary iterator, and its family.

use std::collections::VecDeque;
use std::fmt;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::time::{Duration, Instant};

use super::bus::{Batch, BatchIter, Event, LaneState, SubscriberStats};
use super::prim::{Arc, Mutex, channel};
use super::worker::Worker;
use crate::error::{Result, TimeoutError};

/// Events for one subscriber, in order, from its own queue.
///
/// `None` means over for good: the client was closed, or gave up. A lost connection is not the
/// end: after a reconnect the stream goes on behind a gap. Dropping the subscription ends it.
///
/// It can be shared between threads; each event goes to one of them.
pub struct EventSubscription<E: Event> {
    receiver: channel::Receiver<Batch<E>>,
    lane: Arc<LaneState>,
    /// What has been taken out of the queue and is not done.
    begun: Mutex<VecDeque<BatchIter<E>>>,
}

/// How long to wait.
#[derive(Clone, Copy)]
enum Patience {
    Forever,
    Until(Instant),
}

/// Why there is no event.
enum Nothing {
    Over,
    NotYet,
}

impl<E: Event> EventSubscription<E> {
    pub(crate) fn new(receiver: channel::Receiver<Batch<E>>, lane: Arc<LaneState>) -> Self {
        Self { receiver, lane, begun: Mutex::new(VecDeque::new()) }
    }

    /// The next event; waits until there is one. `None` means over for good.
    pub fn recv(&self) -> Option<E> {
        self.next(Patience::Forever, None).ok().map(|(event, _)| event)
    }

    /// The next event, waiting at most `timeout`. `Ok(None)` means over for good; a quiet stream
    /// is [`TimeoutError::Receive`], and goes on.
    pub fn recv_timeout(&self, timeout: Duration) -> Result<Option<E>> {
        self.recv_patiently(timeout).map(|received| received.map(|(event, _)| event))
    }

    /// The next event if it is already here; otherwise as [`recv_timeout`](Self::recv_timeout).
    pub fn try_recv(&self) -> Result<Option<E>> {
        self.recv_timeout(Duration::ZERO)
    }

    /// All events until it is over.
    pub fn iter(&self) -> Iter<'_, E> {
        Iter { subscription: self, patience: None }
    }

    /// The events that are already here.
    pub fn try_iter(&self) -> Iter<'_, E> {
        self.timeout_iter(Duration::ZERO)
    }

    /// Events until none comes for `quiet`, or it is over.
    pub fn timeout_iter(&self, quiet: Duration) -> Iter<'_, E> {
        Iter { subscription: self, patience: Some(quiet) }
    }

    /// The channel behind it, for `crossbeam_channel::select!`. What it gives are batches.
    ///
    /// A loss is told with the next batch; the other ways of receiving tell it when the queue has
    /// run dry.
    pub fn receiver(&self) -> &channel::Receiver<Batch<E>> {
        &self.receiver
    }

    /// How many events were dropped, in all: because the queue was full, or because they were too
    /// large to be kept.
    pub fn lost(&self) -> u64 {
        self.stats().lost
    }

    /// How it fares.
    pub fn stats(&self) -> SubscriberStats {
        self.lane.stats()
    }

    /// Only events that `accept` likes, tested on the thread that receives; gaps always pass.
    pub fn filtered(
        self,
        accept: impl Fn(&E) -> bool + Send + Sync + 'static,
    ) -> FilteredSubscription<E> {
        FilteredSubscription { inner: self, accept: Box::new(accept) }
    }

    /// Runs `handle` for each event on a thread of its own, in order, until it is over or the
    /// returned handle is told to stop. A panic in `handle` is logged, and the next event follows.
    pub fn on_event(self, mut handle: impl FnMut(E) + Send + 'static) -> Result<EventHandler> {
        let (stop, stopped) = channel::bounded(1);
        let alive = stop.clone();
        let worker = Worker::spawn("ami-event", HANDLER_STACK, move || {
            let _alive = alive;
            while let Ok((event, _)) = self.next(Patience::Forever, Some(&stopped)) {
                if catch_unwind(AssertUnwindSafe(|| handle(event))).is_err() {
                    log::error!("an event handler panicked; it goes on with the next event");
                }
            }
        })?;
        Ok(EventHandler { stop, worker })
    }

    pub(crate) fn recv_patiently(&self, timeout: Duration) -> Result<Option<(E, bool)>> {
        let patience = match Instant::now().checked_add(timeout) {
            Some(at) => Patience::Until(at),
            None => Patience::Forever,
        };
        match self.next(patience, None) {
            Ok(event) => Ok(Some(event)),
            Err(Nothing::Over) => Ok(None),
            Err(Nothing::NotYet) => Err(TimeoutError::Receive { after: timeout }.into()),
        }
    }

    /// The next event and whether it is a gap; over, too, when there is something in `stopped`.
    fn next(
        &self,
        patience: Patience,
        stopped: Option<&channel::Receiver<()>>,
    ) -> Result<(E, bool), Nothing> {
        loop {
            if stopped.is_some_and(|stopped| stopped.try_recv().is_ok()) {
                return Err(Nothing::Over);
            }
            match self.next_here() {
                Err(Nothing::NotYet) => {}
                seen => return seen,
            }
            // Only waits: the batch is taken under the lock, with the look at what was dropped, so
            // that two threads that share this cannot see a hole where the other has the batch.
            let mut select = channel::Select::new();
            select.recv(&self.receiver);
            if let Some(stopped) = stopped {
                select.recv(stopped);
            }
            let ready = match patience {
                Patience::Forever => select.ready(),
                Patience::Until(at) => select.ready_deadline(at).map_err(|_| Nothing::NotYet)?,
            };
            if ready == 1 {
                return Err(Nothing::Over);
            }
        }
    }

    /// The next event without waiting.
    fn next_here(&self) -> Result<(E, bool), Nothing> {
        let mut begun = self.begun.lock();
        loop {
            while let Some(batch) = begun.front_mut() {
                let event = batch.step();
                if batch.is_done() {
                    begun.pop_front();
                }
                if let Some(event) = event {
                    return Ok(event);
                }
            }
            match self.take_batch()? {
                Taken::Batch(batch) => begun.push_back(batch),
                Taken::Gap(gap) => return Ok((gap, true)),
            }
        }
    }

    /// The next batch without waiting; called under the lock of `begun`. If the queue is empty and
    /// events were offered that nobody received, they were dropped; this is where it is told.
    fn take_batch(&self) -> Result<Taken<E>, Nothing> {
        // Before the look into the queue: what was offered by now is in it, received, or dropped.
        let (offered, epoch) = self.lane.offered();
        let nothing = match self.receiver.try_recv() {
            Ok(batch) => return Ok(Taken::Batch(batch.into_iter())),
            Err(channel::TryRecvError::Empty) => Nothing::NotYet,
            Err(channel::TryRecvError::Disconnected) => Nothing::Over,
        };
        match self.lane.advance(offered, 0, epoch).and_then(E::gap) {
            Some(gap) => Ok(Taken::Gap(gap)),
            None => Err(nothing),
        }
    }
}

enum Taken<E: Event> {
    Batch(BatchIter<E>),
    Gap(E),
}

/// A handler may do anything; it gets a stack like any thread's.
const HANDLER_STACK: usize = 2 << 20;

impl<E: Event> Drop for EventSubscription<E> {
    fn drop(&mut self) {
        self.lane.leave();
        // What waits is of no use to anybody; the publisher may not come by for long.
        while self.receiver.try_recv().is_ok() {}
    }
}

impl<E: Event> fmt::Debug for EventSubscription<E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("EventSubscription").field("stats", &self.stats()).finish_non_exhaustive()
    }
}

impl<'a, E: Event> IntoIterator for &'a EventSubscription<E> {
    type Item = E;
    type IntoIter = Iter<'a, E>;

    fn into_iter(self) -> Iter<'a, E> {
        self.iter()
    }
}

/// The events of a subscription. It holds none of them back: in the body of the loop, and after it,
/// the subscription goes on with the next.
#[derive(Debug)]
pub struct Iter<'a, E: Event> {
    subscription: &'a EventSubscription<E>,
    patience: Option<Duration>,
}

impl<E: Event> Iter<'_, E> {
    fn step(&mut self) -> Option<(E, bool)> {
        match (self.subscription.next_here(), self.patience) {
            (Ok(event), _) => Some(event),
            (Err(Nothing::Over), _) => None,
            (Err(Nothing::NotYet), None) => self.subscription.next(Patience::Forever, None).ok(),
            (Err(Nothing::NotYet), Some(quiet)) => {
                self.subscription.recv_patiently(quiet).ok().flatten()
            }
        }
    }
}

impl<E: Event> Iterator for Iter<'_, E> {
    type Item = E;

    fn next(&mut self) -> Option<E> {
        self.step().map(|(event, _)| event)
    }
}

/// A subscription that yields what a closure accepts, and every gap.
///
/// The closure runs on the thread that receives. A filter that is known by names and channels is
/// better given to the reader, before events are queued.
pub struct FilteredSubscription<E: Event> {
    inner: EventSubscription<E>,
    accept: Box<dyn Fn(&E) -> bool + Send + Sync>,
}

impl<E: Event> FilteredSubscription<E> {
    fn passes(&self, (event, is_gap): &(E, bool)) -> bool {
        *is_gap || (self.accept)(event)
    }

    /// As [`EventSubscription::recv`].
    pub fn recv(&self) -> Option<E> {
        self.iter().next()
    }

    /// As [`EventSubscription::recv_timeout`]: the deadline is for an event that is accepted.
    pub fn recv_timeout(&self, timeout: Duration) -> Result<Option<E>> {
        let deadline = Instant::now().checked_add(timeout);
        loop {
            let left = deadline.map_or(timeout, |at| at.saturating_duration_since(Instant::now()));
            match self.inner.recv_patiently(left) {
                Ok(Some(seen)) if !self.passes(&seen) => {}
                Ok(seen) => return Ok(seen.map(|(event, _)| event)),
                Err(_) => return Err(TimeoutError::Receive { after: timeout }.into()),
            }
        }
    }

    /// As [`EventSubscription::try_recv`].
    pub fn try_recv(&self) -> Result<Option<E>> {
        self.recv_timeout(Duration::ZERO)
    }

    /// As [`EventSubscription::iter`].
    pub fn iter(&self) -> impl Iterator<Item = E> + '_ {
        self.through(self.inner.iter())
    }

    /// As [`EventSubscription::try_iter`].
    pub fn try_iter(&self) -> impl Iterator<Item = E> + '_ {
        self.through(self.inner.try_iter())
    }

    /// As [`EventSubscription::timeout_iter`]: the quiet is that of accepted events.
    pub fn timeout_iter(&self, quiet: Duration) -> impl Iterator<Item = E> + '_ {
        std::iter::from_fn(move || self.recv_timeout(quiet).ok().flatten())
    }

    fn through<'a>(&'a self, mut iter: Iter<'a, E>) -> impl Iterator<Item = E> + 'a {
        std::iter::from_fn(move || {
            loop {
                let seen = iter.step()?;
                if self.passes(&seen) {
                    return Some(seen.0);
                }
            }
        })
    }

    /// The subscription without the filter.
    pub fn into_inner(self) -> EventSubscription<E> {
        self.inner
    }

    /// How it fares; events that the closure refused count as delivered.
    pub fn stats(&self) -> SubscriberStats {
        self.inner.stats()
    }
}

impl<E: Event> fmt::Debug for FilteredSubscription<E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("FilteredSubscription").field("stats", &self.stats()).finish_non_exhaustive()
    }
}

impl<'a, E: Event> IntoIterator for &'a FilteredSubscription<E> {
    type Item = E;
    type IntoIter = Box<dyn Iterator<Item = E> + 'a>;

    fn into_iter(self) -> Self::IntoIter {
        Box::new(self.iter())
    }
}

/// A thread that handles events. It runs on when this is dropped, until the stream is over.
#[derive(Debug, Clone)]
pub struct EventHandler {
    stop: channel::Sender<()>,
    worker: Worker,
}

impl EventHandler {
    /// Ends it after the event it is at, and waits for that, unless called from the handler itself.
    pub fn stop(&self) {
        // Full means that it has been told already.
        let _ = self.stop.try_send(());
        self.worker.join();
    }

    /// Whether it has ended.
    pub fn is_finished(&self) -> bool {
        self.worker.is_finished()
    }

    /// Waits until the stream is over and the handler done; at once from the handler itself.
    pub fn join(&self) {
        self.worker.join();
    }
}
