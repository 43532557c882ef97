//! One subscription as the publisher sees it: its bounds, and the counts that both ends keep.

use std::ops::Range;

use super::batch::Batch;
use super::{Event, Gap, Lens, Overflow, Source, Subscribe};
use crate::sync::prim::{Arc, AtomicBool, AtomicU64, AtomicUsize, Ordering, channel};

/// The publisher's end of one subscription.
pub(super) struct Lane<E: Event> {
    pub(super) shared: Arc<LaneState>,
    pub(super) sender: channel::Sender<Batch<E>>,
    /// To take back what has to give way.
    pub(super) oldest: channel::Receiver<Batch<E>>,
    pub(super) lens: Option<Lens<E>>,
    pub(super) options: Subscribe,
}

/// What both ends of a subscription count.
#[derive(Debug)]
pub(crate) struct LaneState {
    id: u64,
    /// Whether the number of waiting events is bounded, so that each counts until it is taken. Where
    /// it is not, batches are counted as a whole, which costs less.
    pub(super) counts: bool,
    /// Events offered so far, taken or dropped; stored after they were sent.
    offered: AtomicU64,
    lost: AtomicU64,
    pub(super) received: AtomicU64,
    pub(super) queued_events: AtomicUsize,
    pub(super) queued_bytes: AtomicUsize,
    /// The number of the next event that the receiver expects, and the epoch it knows.
    expected: AtomicU64,
    epoch: AtomicU64,
    /// The epoch of the connection: the mark that would tell of it may have given way.
    latest: AtomicU64,
    /// A mark that has not been read yet stands for those that follow it.
    pub(super) mark_waits: AtomicBool,
    pub(super) gone: AtomicBool,
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

impl<E: Event> Lane<E> {
    /// Queues what the bounds allow and counts the rest as lost; false if the lane ends with it.
    pub(super) fn offer(&self, source: Arc<dyn Source<E>>, epoch: u64) -> bool {
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
    pub(super) fn mark(&self, epoch: u64) {
        self.shared.latest.store(epoch, Ordering::SeqCst);
        self.wake(epoch);
    }

    /// Tells of events that nobody gets.
    pub(super) fn lose(&self, lost: u64, epoch: u64) {
        self.shared.lost.fetch_add(lost, Ordering::Relaxed);
        self.shared.offered.fetch_add(lost, Ordering::SeqCst);
        self.wake(epoch);
    }

    /// Tells of both at once.
    pub(super) fn hole(&self, missed: u64, epoch: u64) {
        // The epoch first: who sees the count sees it too, and tells of one hole.
        self.shared.latest.store(epoch, Ordering::SeqCst);
        self.lose(missed, epoch);
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
    pub(super) fn new(id: u64, epoch: u64, counts: bool) -> Self {
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
