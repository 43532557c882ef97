//! Some events at once, and how the one who receives them finds the holes between.

use std::fmt;
use std::ops::Range;

use super::lane::LaneState;
use super::{Event, Source};
use crate::sync::prim::{Arc, Ordering};

/// Some events at once, as they cross the channel of a subscription: an iterator's worth.
///
/// It comes from [`receiver`](crate::EventSubscription::receiver), for `select!`. Iterating yields the
/// events, and before them a gap if there is a hole.
pub struct Batch<E: Event> {
    pub(super) source: Option<Arc<dyn Source<E>>>,
    pub(super) range: Range<usize>,
    /// The number of the first event in the subscriber's count.
    pub(super) first: u64,
    pub(super) epoch: u64,
    pub(super) bytes: usize,
    /// How many of its events still count as waiting.
    pub(super) queued: usize,
    pub(super) lane: Arc<LaneState>,
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
