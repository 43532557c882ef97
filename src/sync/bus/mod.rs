//! Fan-out: one publisher, many subscribers, and nobody waits for anybody.
//!
//! What crosses a channel is a batch, a share in the events of one read, not an event. Every batch
//! carries the number of its first event in its subscriber's own count and the epoch of the
//! connection, so a receiver finds every hole by arithmetic: it cannot be told late, twice, or not
//! at all, whichever end of the queue was dropped.
//!
//! Locks: `EventBus::lanes` is taken by the publisher and by those who subscribe; no code of the
//! user's runs under it. A lane's counters are atomics: the publisher adds before it sends, the
//! receiver subtracts when it drops a batch.

mod batch;
mod lane;

use std::fmt;

use super::prim::{Arc, Mutex, Ordering, channel};
use super::subscription::EventSubscription;
pub use batch::{Batch, BatchIter};
use lane::Lane;
pub(crate) use lane::LaneState;
pub use lane::SubscriberStats;

/// What a bus can carry.
///
/// ```
/// use asterisk_sync::{Event, EventBus, Subscribe};
///
/// #[derive(Debug, Clone, PartialEq)]
/// struct Tick(u32);
/// impl Event for Tick {}
///
/// let bus = EventBus::new();
/// let ticks = bus.subscribe(Subscribe::default());
/// bus.publish(Tick(1));
/// drop(bus);
/// assert_eq!(ticks.iter().collect::<Vec<_>>(), [Tick(1)]);
/// ```
pub trait Event: Clone + Send + Sync + fmt::Debug + 'static {
    /// What the threads are called that [`on_event`](EventSubscription::on_event) starts.
    const THREAD: &'static str = "event";

    /// How a hole shows in the stream. `None`, the default, leaves it to
    /// [`lost`](EventSubscription::lost) alone.
    fn gap(gap: Gap) -> Option<Self> {
        let _ = gap;
        None
    }
}

/// A hole in a stream of events.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Gap {
    missed: u64,
    reconnected: bool,
}

impl Gap {
    /// How many events were dropped: because the subscriber's queue was full, or because they were
    /// too large to be kept.
    pub fn missed(&self) -> u64 {
        self.missed
    }

    /// Whether the connection was lost and made anew; what it would have brought nobody counted.
    pub fn reconnected(&self) -> bool {
        self.reconnected
    }
}

/// What happens to a subscriber that does not keep up.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
#[non_exhaustive]
pub enum Overflow {
    /// The oldest waiting events give way, whole reads at a time.
    #[default]
    DropOldest,
    /// What comes while the queue is full is dropped.
    DropNewest,
    /// The subscription ends, after what is already queued and a last word on the loss.
    Disconnect,
    /// Nothing is dropped and memory is the only limit.
    Unbounded,
}

/// How to subscribe: how much may wait, and what happens beyond it.
///
/// ```
/// use asterisk_sync::{Overflow, Subscribe};
/// let last_thousand = Subscribe::default().events(1_000).overflow(Overflow::DropOldest);
/// # let _ = last_thousand;
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Subscribe {
    pub(crate) events: usize,
    pub(crate) bytes: usize,
    pub(crate) overflow: Overflow,
}

impl Default for Subscribe {
    /// 64 MiB, any number of events, the oldest give way.
    fn default() -> Self {
        Self { events: usize::MAX, bytes: 64 << 20, overflow: Overflow::default() }
    }
}

impl Subscribe {
    /// At most this many events wait; at least one.
    #[must_use]
    pub fn events(mut self, events: usize) -> Self {
        self.events = events.max(1);
        self
    }

    /// Waiting events hold at most this much memory. One read's events are taken as a whole while
    /// the queue is empty, however large they are.
    #[must_use]
    pub fn bytes(mut self, bytes: usize) -> Self {
        self.bytes = bytes;
        self
    }

    /// What happens beyond the bound.
    #[must_use]
    pub fn overflow(mut self, overflow: Overflow) -> Self {
        self.overflow = overflow;
        self
    }
}

/// The events of one read, made into `E` when somebody asks for them.
pub(crate) trait Source<E>: Send + Sync {
    /// How many there are; never none.
    fn len(&self) -> usize;
    /// The memory they hold.
    fn bytes(&self) -> usize;
    /// One of them.
    fn get(&self, index: usize) -> E;
    /// For a lens that knows what is behind this.
    fn as_any(&self) -> &dyn std::any::Any;
}

impl<E: Event> Source<E> for Vec<E> {
    fn len(&self) -> usize {
        self.len()
    }
    fn bytes(&self) -> usize {
        size_of_val(&self[..])
    }
    fn get(&self, index: usize) -> E {
        self[index].clone()
    }
    fn as_any(&self) -> &dyn std::any::Any {
        self
    }
}

/// What a subscriber sees of a batch, decided before it is queued; `None` is nothing.
pub(crate) type Lens<E> = Box<dyn Fn(&dyn Source<E>) -> Option<Arc<dyn Source<E>>> + Send + Sync>;

/// A hub that hands every event to every subscriber.
pub struct EventBus<E: Event> {
    lanes: Mutex<Lanes<E>>,
}

struct Lanes<E: Event> {
    open: Vec<Lane<E>>,
    next: u64,
    epoch: u64,
    closed: bool,
}

impl<E: Event> Default for EventBus<E> {
    fn default() -> Self {
        Self::new()
    }
}

impl<E: Event> EventBus<E> {
    /// A bus without subscribers.
    pub fn new() -> Self {
        let lanes = Lanes { open: Vec::new(), next: 0, epoch: 0, closed: false };
        Self { lanes: Mutex::new(lanes) }
    }

    /// Subscribes to everything that is published from now on.
    pub fn subscribe(&self, options: Subscribe) -> EventSubscription<E> {
        self.subscribe_through(options, None)
    }

    /// Hands one event to everybody.
    pub fn publish(&self, event: E) {
        self.publish_all(&(Arc::new(vec![event]) as Arc<dyn Source<E>>));
    }

    /// Ends every subscription after what is queued.
    pub fn close(&self) {
        let mut lanes = self.lanes.lock();
        lanes.closed = true;
        lanes.open.clear();
    }

    /// How each subscription fares.
    pub fn stats(&self) -> Vec<SubscriberStats> {
        let mut lanes = self.lanes.lock();
        lanes.open.retain(|lane| !lane.shared.gone.load(Ordering::Relaxed));
        lanes.open.iter().map(|lane| lane.shared.stats()).collect()
    }

    pub(crate) fn subscribe_through(
        &self,
        options: Subscribe,
        lens: Option<Lens<E>>,
    ) -> EventSubscription<E> {
        let mut lanes = self.lanes.lock();
        let (sender, receiver) = channel::unbounded();
        let counts = options.events < usize::MAX;
        let shared = Arc::new(LaneState::new(lanes.next, lanes.epoch, counts));
        lanes.next += 1;
        if !lanes.closed {
            let (shared, oldest) = (Arc::clone(&shared), receiver.clone());
            lanes.open.push(Lane { shared, sender, oldest, lens, options });
        }
        EventSubscription::new(receiver, shared)
    }

    /// Whether anybody listens.
    pub(crate) fn is_idle(&self) -> bool {
        self.lanes.lock().open.is_empty()
    }

    /// Whether more bytes than this wait for one of the subscribers.
    #[cfg_attr(not(feature = "ari"), allow(dead_code, reason = "for whoever can work ahead"))]
    pub(crate) fn is_behind(&self, bytes: usize) -> bool {
        let lanes = self.lanes.lock();
        lanes.open.iter().any(|lane| lane.shared.stats().queued_bytes > bytes)
    }

    /// Hands a read's events to everybody, each as much of it as its lens lets through.
    pub(crate) fn publish_all(&self, source: &Arc<dyn Source<E>>) {
        let mut lanes = self.lanes.lock();
        let epoch = lanes.epoch;
        lanes.open.retain(|lane| {
            if lane.shared.gone.load(Ordering::Relaxed) {
                return false;
            }
            let seen = match &lane.lens {
                None => Some(Arc::clone(source)),
                Some(lens) => lens(&**source),
            };
            seen.is_none_or(|seen| lane.offer(seen, epoch))
        });
    }

    /// Counts events that cannot be handed out as lost, for everybody whose lens lets them through.
    pub(crate) fn lose_all(&self, source: &dyn Source<E>) {
        let lanes = self.lanes.lock();
        for lane in &lanes.open {
            let lost = match &lane.lens {
                None => source.len(),
                Some(lens) => lens(source).map_or(0, |seen| seen.len()),
            };
            if lost > 0 {
                lane.lose(lost as u64, lanes.epoch);
            }
        }
    }

    /// Hands on a hole in the stream that this bus is fed from, to everybody.
    #[cfg_attr(not(feature = "ari"), allow(dead_code, reason = "for calls in Stasis"))]
    pub(crate) fn pass_on(&self, gap: Gap) {
        let mut lanes = self.lanes.lock();
        lanes.epoch += u64::from(gap.reconnected);
        let epoch = lanes.epoch;
        for lane in &lanes.open {
            lane.hole(gap.missed, epoch);
        }
    }

    /// From here on it is another connection.
    pub(crate) fn next_epoch(&self) {
        let mut lanes = self.lanes.lock();
        lanes.epoch += 1;
        let epoch = lanes.epoch;
        for lane in &lanes.open {
            lane.mark(epoch);
        }
    }
}

impl<E: Event> fmt::Debug for EventBus<E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("EventBus")
            .field("subscribers", &self.lanes.lock().open.len())
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests;
