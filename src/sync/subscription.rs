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

/// What a thread that waits for events wakes up to.
pub(crate) enum Woken<E> {
    Event(E),
    /// The time is over.
    Quiet,
    /// The stream is over, or the thread is to stop.
    Over,
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
    ///
    /// A batch counts as received when it is turned into an iterator. As long as one is held that is
    /// not, no other way of receiving should be used, nor a later batch be read: the events in it
    /// are missing there, and show as a gap that is none.
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
    pub fn on_event(self, handle: impl FnMut(E) + Send + 'static) -> Result<EventHandler> {
        EventHandler::spawn(E::THREAD, handle, move |stopped| {
            self.next(Patience::Forever, Some(stopped)).ok().map(|(event, _)| event)
        })
    }

    /// The next event, for a thread that can be told to stop; waits until then at most.
    pub(crate) fn next_until(
        &self,
        until: Option<Instant>,
        stopped: &channel::Receiver<()>,
    ) -> Woken<E> {
        match self.next(until.map_or(Patience::Forever, Patience::Until), Some(stopped)) {
            Ok((event, _)) => Woken::Event(event),
            Err(Nothing::NotYet) => Woken::Quiet,
            Err(Nothing::Over) => Woken::Over,
        }
    }

    /// The next event and whether it is a gap; `None` if it is over or there is something in
    /// `stopped`.
    pub(crate) fn next_unless(&self, stopped: &channel::Receiver<()>) -> Option<(E, bool)> {
        self.next(Patience::Forever, Some(stopped)).ok()
    }

    /// What both ends count.
    pub(crate) fn lane(&self) -> Arc<LaneState> {
        Arc::clone(&self.lane)
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
            // Looked at and left there: a thread that asks again in the next loop hears it again.
            if stopped.is_some_and(|stopped| !stopped.is_empty()) {
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
    pub(super) inner: EventSubscription<E>,
    accept: Box<dyn Fn(&E) -> bool + Send + Sync>,
}

impl<E: Event> FilteredSubscription<E> {
    pub(super) fn passes(&self, event: &E, is_gap: bool) -> bool {
        is_gap || (self.accept)(event)
    }

    /// As [`EventSubscription::recv`].
    pub fn recv(&self) -> Option<E> {
        self.iter().next()
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
        self.timeout_iter(Duration::ZERO)
    }

    /// As [`EventSubscription::timeout_iter`]: the quiet is that of accepted events.
    pub fn timeout_iter(&self, quiet: Duration) -> impl Iterator<Item = E> + '_ {
        std::iter::from_fn(move || self.recv_timeout(quiet).ok().flatten())
    }

    fn through<'a>(&'a self, mut iter: Iter<'a, E>) -> impl Iterator<Item = E> + 'a {
        std::iter::from_fn(move || {
            loop {
                let (event, is_gap) = iter.step()?;
                if self.passes(&event, is_gap) {
                    return Some(event);
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
    workers: Arc<[Worker]>,
}

impl EventHandler {
    /// Runs `handle` for whatever `next` gives, until that gives nothing. `next` is given what has
    /// something in it when the handler is to stop.
    pub(crate) fn spawn<T>(
        name: &str,
        mut handle: impl FnMut(T) + Send + 'static,
        mut next: impl FnMut(&channel::Receiver<()>) -> Option<T> + Send + 'static,
    ) -> Result<Self> {
        let (stop, stopped) = channel::bounded(1);
        let alive = stop.clone();
        let worker = Worker::spawn(name, HANDLER_STACK, move || {
            let _alive = alive;
            while let Some(event) = next(&stopped) {
                if catch_unwind(AssertUnwindSafe(|| handle(event))).is_err() {
                    log::error!("an event handler panicked; it goes on with the next event");
                }
            }
        })?;
        Ok(Self::new(stop, vec![worker]))
    }

    pub(super) fn new(stop: channel::Sender<()>, workers: Vec<Worker>) -> Self {
        Self { stop, workers: workers.into() }
    }

    /// Ends it after the event it is at, and waits for that, unless called from the handler itself.
    pub fn stop(&self) {
        // Full means that it has been told already.
        let _ = self.stop.try_send(());
        self.join();
    }

    /// Whether it has ended.
    pub fn is_finished(&self) -> bool {
        self.workers.iter().all(Worker::is_finished)
    }

    /// Waits until the stream is over and the handler done; at once from the handler itself.
    pub fn join(&self) {
        // Two of several threads may both be here, and would wait for each other.
        if !self.workers.iter().any(Worker::is_current) {
            self.workers.iter().for_each(Worker::join);
        }
    }
}
