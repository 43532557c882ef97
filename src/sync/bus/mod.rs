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

use std::fmt;
use std::ops::Range;

use super::prim::{Arc, AtomicBool, AtomicU64, AtomicUsize, Mutex, Ordering, channel};
use super::subscription::EventSubscription;

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

/// The publisher's end of one subscription.
struct Lane<E: Event> {
    shared: Arc<LaneState>,
    sender: channel::Sender<Batch<E>>,
    /// To take back what has to give way.
    oldest: channel::Receiver<Batch<E>>,
    lens: Option<Lens<E>>,
    options: Subscribe,
}

/// What both ends of a subscription count.
#[derive(Debug)]
pub(crate) struct LaneState {
    id: u64,
    /// Whether the number of waiting events is bounded, so that each counts until it is taken. Where
    /// it is not, batches are counted as a whole, which costs less.
    counts: bool,
    /// Events offered so far, taken or dropped; stored after they were sent.
    offered: AtomicU64,
    lost: AtomicU64,
    received: AtomicU64,
    queued_events: AtomicUsize,
    queued_bytes: AtomicUsize,
    /// The number of the next event that the receiver expects, and the epoch it knows.
    expected: AtomicU64,
    epoch: AtomicU64,
    /// The epoch of the connection: the mark that would tell of it may have given way.
    latest: AtomicU64,
    /// A mark that has not been read yet stands for those that follow it.
    mark_waits: AtomicBool,
    gone: AtomicBool,
}

/// How one subscription fares.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct SubscriberStats {
    /// Which one: counted from 0 in the order of subscribing.
    pub id: u64,
    /// Events taken out of the queue.
    pub delivered: u64,
    /// Events dropped: because the queue was full, or because they were too large to be kept.
    pub lost: u64,
    /// Events that wait.
    pub queued: usize,
    /// The memory they hold, shared with other subscribers or not.
    pub queued_bytes: usize,
}

/// Some events at once, as they cross the channel of a subscription: an iterator's worth.
///
/// It comes from [`receiver`](EventSubscription::receiver), for `select!`. Iterating yields the
/// events, and before them a gap if there is a hole.
pub struct Batch<E: Event> {
    source: Option<Arc<dyn Source<E>>>,
    range: Range<usize>,
    /// The number of the first event in the subscriber's count.
    first: u64,
    epoch: u64,
    bytes: usize,
    /// How many of its events still count as waiting.
    queued: usize,
    lane: Arc<LaneState>,
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

impl<E: Event> Lane<E> {
    /// Queues what the bounds allow and counts the rest as lost; false if the lane ends with it.
    fn offer(&self, source: Arc<dyn Source<E>>, epoch: u64) -> bool {
        let (n, bytes) = (source.len(), source.bytes());
        let first = self.shared.offered.load(Ordering::Relaxed);
        let range = match self.options.overflow {
            Overflow::Unbounded => 0..n,
            Overflow::DropNewest => 0..self.room(n, bytes),
            Overflow::Disconnect => match self.room(n, bytes) {
                room if room < n => 0..0,
                _ => 0..n,
            },
            Overflow::DropOldest => {
                while self.room(n, bytes) < n && self.drop_oldest() {}
                n - self.room(n, bytes)..n
            }
        };
        let dropped = n - range.len();
        if !range.is_empty() {
            let bytes = bytes * range.len() / n;
            let first = first + range.start as u64;
            self.send(Some(source), range, first, epoch, bytes);
        }
        self.shared.lost.fetch_add(dropped as u64, Ordering::Relaxed);
        // After the send: who sees this count and an empty queue knows that the rest was dropped.
        self.shared.offered.store(first + n as u64, Ordering::SeqCst);
        dropped == 0 || self.options.overflow != Overflow::Disconnect
    }

    /// How many of `n` events of together `bytes` find room. An empty queue takes at least one, so
    /// that a receiver that waits is woken.
    fn room(&self, n: usize, bytes: usize) -> usize {
        let events = self.shared.queued_events.load(Ordering::Acquire);
        let queued = self.shared.queued_bytes.load(Ordering::Acquire);
        let by_count = self.options.events.saturating_sub(events);
        if events == 0 {
            return n.min(by_count);
        }
        let left = self.options.bytes.saturating_sub(queued);
        let by_bytes = if bytes <= left { n } else { n * left / bytes.max(1) };
        n.min(by_count).min(by_bytes)
    }

    fn drop_oldest(&self) -> bool {
        let Ok(batch) = self.oldest.try_recv() else { return false };
        self.shared.lost.fetch_add(batch.range.len() as u64, Ordering::Relaxed);
        true
    }

    /// Tells of a reconnect.
    fn mark(&self, epoch: u64) {
        self.shared.latest.store(epoch, Ordering::SeqCst);
        self.wake(epoch);
    }

    /// Tells of events that nobody gets.
    fn lose(&self, lost: u64, epoch: u64) {
        self.shared.lost.fetch_add(lost, Ordering::Relaxed);
        self.shared.offered.fetch_add(lost, Ordering::SeqCst);
        self.wake(epoch);
    }

    /// Has the receiver look at what was counted. One that has not been read yet is enough: its
    /// reader looks again after it. So the count is stored before the look at the mark here, and
    /// read after the mark is taken down there, in one order that both see.
    fn wake(&self, epoch: u64) {
        if !self.shared.mark_waits.swap(true, Ordering::SeqCst) {
            let first = self.shared.offered.load(Ordering::Relaxed);
            self.send(None, 0..0, first, epoch, 0);
        }
    }

    fn send(
        &self,
        source: Option<Arc<dyn Source<E>>>,
        range: Range<usize>,
        first: u64,
        epoch: u64,
        bytes: usize,
    ) {
        self.shared.queued_events.fetch_add(range.len(), Ordering::AcqRel);
        self.shared.queued_bytes.fetch_add(bytes, Ordering::AcqRel);
        let lane = Arc::clone(&self.shared);
        // The lane's own receiver keeps the channel open.
        let queued = range.len();
        let _ = self.sender.send(Batch { source, range, first, epoch, bytes, queued, lane });
    }
}

impl LaneState {
    fn new(id: u64, epoch: u64, counts: bool) -> Self {
        Self {
            id,
            counts,
            offered: AtomicU64::new(0),
            lost: AtomicU64::new(0),
            received: AtomicU64::new(0),
            queued_events: AtomicUsize::new(0),
            queued_bytes: AtomicUsize::new(0),
            expected: AtomicU64::new(0),
            epoch: AtomicU64::new(epoch),
            latest: AtomicU64::new(epoch),
            mark_waits: AtomicBool::new(false),
            gone: AtomicBool::new(false),
        }
    }

    pub(crate) fn stats(&self) -> SubscriberStats {
        SubscriberStats {
            id: self.id,
            delivered: self.received.load(Ordering::Relaxed),
            lost: self.lost.load(Ordering::Relaxed),
            queued: self.queued_events.load(Ordering::Relaxed),
            queued_bytes: self.queued_bytes.load(Ordering::Relaxed),
        }
    }

    /// How many events were offered, and in which epoch.
    pub(crate) fn offered(&self) -> (u64, u64) {
        (self.offered.load(Ordering::SeqCst), self.latest.load(Ordering::SeqCst))
    }

    /// The receiver is gone; the publisher forgets the lane when it next comes by.
    pub(crate) fn leave(&self) {
        self.gone.store(true, Ordering::Relaxed);
    }

    /// The hole between what the receiver has and an event number, if there is one.
    pub(crate) fn advance(&self, first: u64, len: usize, epoch: u64) -> Option<Gap> {
        let expected = self.expected.fetch_max(first + len as u64, Ordering::AcqRel);
        let reconnected = self.epoch.fetch_max(epoch, Ordering::AcqRel) < epoch;
        let missed = first.saturating_sub(expected);
        (missed > 0 || reconnected).then_some(Gap { missed, reconnected })
    }
}

impl<E: Event> Batch<E> {
    /// How many events it holds; a batch that only tells of a gap holds none.
    pub fn len(&self) -> usize {
        self.range.len()
    }

    /// Whether it holds no event.
    pub fn is_empty(&self) -> bool {
        self.range.is_empty()
    }
}

impl<E: Event> Drop for Batch<E> {
    fn drop(&mut self) {
        let lane = &self.lane;
        if self.source.is_none() {
            lane.mark_waits.store(false, Ordering::SeqCst);
        }
        lane.queued_bytes.fetch_sub(self.bytes, Ordering::AcqRel);
        lane.queued_events.fetch_sub(self.queued, Ordering::AcqRel);
    }
}

impl<E: Event> fmt::Debug for Batch<E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Batch")
            .field("len", &self.len())
            .field("bytes", &self.bytes)
            .finish_non_exhaustive()
    }
}

impl<E: Event> IntoIterator for Batch<E> {
    type Item = E;
    type IntoIter = BatchIter<E>;

    fn into_iter(self) -> BatchIter<E> {
        let gap = self.lane.advance(self.first, self.range.len(), self.epoch);
        self.lane.received.fetch_add(self.range.len() as u64, Ordering::Relaxed);
        BatchIter { gap: gap.and_then(E::gap), next: self.range.start, batch: self }
    }
}

/// The events of a batch, and before them the gap if there is one.
#[derive(Debug)]
pub struct BatchIter<E: Event> {
    batch: Batch<E>,
    gap: Option<E>,
    next: usize,
}

impl<E: Event> BatchIter<E> {
    /// The next one, and whether it is a gap.
    pub(crate) fn step(&mut self) -> Option<(E, bool)> {
        if let Some(gap) = self.gap.take() {
            return Some((gap, true));
        }
        if self.next >= self.batch.range.end {
            return None;
        }
        self.next += 1;
        if self.batch.lane.counts {
            self.batch.queued -= 1;
            self.batch.lane.queued_events.fetch_sub(1, Ordering::AcqRel);
        }
        let event = self.batch.source.as_ref()?.get(self.next - 1);
        Some((event, false))
    }

    /// Whether that was all. Such a batch is let go before its last event is handed out: while it
    /// is there it takes room from those that wait.
    pub(crate) fn is_done(&self) -> bool {
        self.gap.is_none() && self.next >= self.batch.range.end
    }
}

impl<E: Event> Iterator for BatchIter<E> {
    type Item = E;

    fn next(&mut self) -> Option<E> {
        self.step().map(|(event, _)| event)
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        let n = self.batch.range.end.saturating_sub(self.next) + usize::from(self.gap.is_some());
        (n, Some(n))
    }
}

#[cfg(test)]
mod tests;
