//! Records of calls: [`CallTracker`].
//!
//! Asterisk tells of channels; this puts together what belongs together. A call is what has one
//! linked id, from its first channel to its last; see [`CallRecord`].
//!
//! ```no_run
//! # fn main() -> asterisk_sync::Result<()> {
//! let ami = asterisk_sync::ami::AmiClient::from_env()?;
//! for done in &ami.call_tracker()? {
//!     println!("{} {:?} {}", done.channel(), done.duration(), done.cause());
//! }
//! # Ok(()) }
//! ```
//!
//! # What may be missing, and how that is told
//!
//! - Calls that were under way when the tracker began are taken from the server:
//!   [`was_found`](CallRecord::was_found). They lack what happened before.
//! - After a reconnect, or a loss because the tracker's own queue was full, the server is asked
//!   which channels there are. Calls that are gone end as [`Unseen`](CallEnding::Unseen), new ones
//!   are found, and all that were under way say [`had_gap`](CallRecord::had_gap).
//! - Everything is bounded ([`CallTrackerOptions`]), and what had to go is counted where it is
//!   missing.
//!
//! Needs the event classes `call`, and `agent` for queues; to ask for channels, one of the
//! privileges `system`, `call` and `reporting`. Without those, calls under way at the beginning are
//! not known ([`CallTracker::unavailable`]), and after a reconnect, which may be a restart of the
//! server, all calls count as ended.

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use crossbeam_channel::{Receiver, RecvTimeoutError, Sender, select, unbounded};
use parking_lot::Mutex;

use super::event::{AmiEvent, Gap};
use super::follow::{Follow, Follower, Late, channels};
use super::track::Moment;
use super::track::calls::{Calls, EVENTS, Limits};
pub use super::track::record::{
    CallBridge, CallEnding, CallLeg, CallRecord, CallTransfer, TransferKind,
};
use super::{AmiClient, Filter};
use crate::error::TimeoutError;
use crate::{Error, EventHandler, Result, Subscribe};

/// How much a [`CallTracker`] keeps.
///
/// ```
/// use asterisk_sync::ami::tracker::CallTrackerOptions;
/// let with_events = CallTrackerOptions::default().events(500).also("VarSet").waiting(10_000);
/// # let _ = with_events;
/// ```
#[derive(Debug, Clone)]
pub struct CallTrackerOptions {
    limits: Limits,
    waiting: usize,
    also: Vec<Box<str>>,
    bounds: Option<Subscribe>,
}

impl Default for CallTrackerOptions {
    /// 10,000 calls under way with 256 channels each and no events, 10,000 finished records.
    fn default() -> Self {
        Self {
            limits: Limits { calls: 10_000, legs: 256, events: 0 },
            waiting: 10_000,
            also: Vec::new(),
            bounds: None,
        }
    }
}

impl CallTrackerOptions {
    /// At most this many calls under way, at least one. The oldest gives way:
    /// [`CallEnding::Forgotten`].
    #[must_use]
    pub fn calls(mut self, calls: usize) -> Self {
        self.limits.calls = calls.max(1);
        self
    }

    /// At most this many channels of a call, at least two, and as many bridges, transfers and
    /// queues. Channels that hung up give way first; those that find no room are counted.
    #[must_use]
    pub fn legs(mut self, legs: usize) -> Self {
        self.limits.legs = legs.max(2);
        self
    }

    /// Keep the events of each call, at most this many. Those beyond are counted.
    #[must_use]
    pub fn events(mut self, events: usize) -> Self {
        self.limits.events = events;
        self
    }

    /// Also keep events of this name; without it, only those that say what becomes of a call are
    /// kept. Of use with [`events`](Self::events).
    #[must_use]
    pub fn also(mut self, event: impl Into<String>) -> Self {
        self.also.push(event.into().into());
        self
    }

    /// At most this many finished records wait to be taken, at least one. The oldest give way, and
    /// the next record says how many did: [`CallRecord::missed`].
    #[must_use]
    pub fn waiting(mut self, records: usize) -> Self {
        self.waiting = records.max(1);
        self
    }

    /// How many events may wait for the tracker itself; the client's setting if not given. It keeps
    /// up with any server, unless the machine does not.
    #[must_use]
    pub fn bounds(mut self, bounds: Subscribe) -> Self {
        self.bounds = Some(bounds);
        self
    }
}

/// Records of calls as they end, and those under way.
///
/// An iterator in the manner of the subscriptions: `None` means over for good, when the client was
/// closed or gave up, or its last handle dropped. It works on a thread of its own, `ami-calls`,
/// which is joined when this is dropped; that takes no longer than an answer of the server's that
/// it may be waiting for.
///
/// It can be shared between threads; each record goes to one of them.
pub struct CallTracker {
    shared: Arc<Shared>,
    records: Receiver<CallRecord>,
    client: AmiClient,
    _follower: Follower,
}

/// What the tracker and its thread share. `state` is held for one event at a time, and taken alone.
struct Shared {
    state: Mutex<State>,
    lost: AtomicU64,
}

struct State {
    calls: Calls,
    /// The connection of which the calls under way are known to be right.
    epoch: Option<u64>,
    unavailable: Option<Box<str>>,
}

impl AmiClient {
    /// Follows all calls from now on, those under way included; see [`tracker`](super::tracker).
    ///
    /// Blocks until the server has said which channels there are, at most the client's timeout.
    pub fn call_tracker(&self) -> Result<CallTracker> {
        self.call_tracker_with(CallTrackerOptions::default())
    }

    /// The same with bounds of its own, and with the events of each call if wanted.
    pub fn call_tracker_with(&self, options: CallTrackerOptions) -> Result<CallTracker> {
        let filter = options.also.iter().fold(Filter::names(EVENTS), Filter::name);
        let events = match options.bounds {
            Some(bounds) => self.subscribe_bounded(filter, bounds),
            None => self.subscribe_with(filter),
        };
        let calls = Calls::new(options.limits);
        let state = Mutex::new(State { calls, epoch: None, unavailable: None });
        let shared = Arc::new(Shared { state, lost: AtomicU64::new(0) });
        let (sender, records) = unbounded();
        let job = Job {
            shared: Arc::clone(&shared),
            sender,
            oldest: records.clone(),
            waiting: options.waiting,
            missed: 0,
            reconnected: false,
        };
        let follower = Follower::start("ami-calls", self, events, job)?;
        Ok(CallTracker { shared, records, client: self.onlooker(), _follower: follower })
    }
}

impl CallTracker {
    /// The record of the next call that ends; waits until one does. `None` means over for good.
    pub fn recv(&self) -> Option<CallRecord> {
        self.records.recv().ok()
    }

    /// The same, waiting at most `timeout`. `Ok(None)` means over for good; that no call ended is
    /// [`TimeoutError::Receive`].
    pub fn recv_timeout(&self, timeout: Duration) -> Result<Option<CallRecord>> {
        let received = match Instant::now().checked_add(timeout) {
            Some(at) => self.records.recv_deadline(at),
            None => self.records.recv().map_err(|_| RecvTimeoutError::Disconnected),
        };
        match received {
            Ok(record) => Ok(Some(record)),
            Err(RecvTimeoutError::Disconnected) => Ok(None),
            Err(RecvTimeoutError::Timeout) => Err(TimeoutError::Receive { after: timeout }.into()),
        }
    }

    /// The next record if it is already here; otherwise as [`recv_timeout`](Self::recv_timeout).
    pub fn try_recv(&self) -> Result<Option<CallRecord>> {
        self.recv_timeout(Duration::ZERO)
    }

    /// All records until it is over.
    pub fn iter(&self) -> impl Iterator<Item = CallRecord> + '_ {
        self.records.iter()
    }

    /// The records that are already here.
    pub fn try_iter(&self) -> impl Iterator<Item = CallRecord> + '_ {
        self.records.try_iter()
    }

    /// Records until no call ends for `quiet`, or it is over.
    pub fn timeout_iter(&self, quiet: Duration) -> impl Iterator<Item = CallRecord> + '_ {
        std::iter::from_fn(move || self.recv_timeout(quiet).ok().flatten())
    }

    /// The channel behind it, for `crossbeam_channel::select!`.
    pub fn receiver(&self) -> &Receiver<CallRecord> {
        &self.records
    }

    /// Runs `handle` for each record on a thread of its own, `ami-call`, in order, until it is over
    /// or the returned handle is told to stop. A panic in `handle` is logged, and the next record
    /// follows.
    pub fn on_call(self, handle: impl FnMut(CallRecord) + Send + 'static) -> Result<EventHandler> {
        let tracker = self;
        EventHandler::spawn("ami-call", handle, move |stopped| {
            // The whole of it, which lives as long as the handler.
            let tracker = &tracker;
            select! {
                recv(tracker.records) -> record => record.ok(),
                recv(stopped) -> _ => None,
            }
        })
    }

    /// The calls under way, the oldest first, as they are now.
    pub fn active(&self) -> Vec<CallRecord> {
        self.shared.state.lock().calls.active(Moment::now())
    }

    /// How many calls are under way.
    pub fn active_count(&self) -> usize {
        self.shared.state.lock().calls.len()
    }

    /// Whether the calls under way are known to be right: connected, and nothing was lost of which
    /// the server has not been asked yet.
    pub fn is_current(&self) -> bool {
        let known = self.shared.state.lock().epoch;
        known.is_some() && known == self.client.epoch()
    }

    /// Why the server would not say which channels there are, in its words; `None` if it did.
    pub fn unavailable(&self) -> Option<Box<str>> {
        self.shared.state.lock().unavailable.clone()
    }

    /// How many records were dropped in all because nobody took them.
    pub fn lost(&self) -> u64 {
        self.shared.lost.load(Ordering::Relaxed)
    }
}

impl<'a> IntoIterator for &'a CallTracker {
    type Item = CallRecord;
    type IntoIter = crossbeam_channel::Iter<'a, CallRecord>;

    fn into_iter(self) -> Self::IntoIter {
        self.records.iter()
    }
}

impl fmt::Debug for CallTracker {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CallTracker")
            .field("active", &self.active_count())
            .field("waiting", &self.records.len())
            .field("lost", &self.lost())
            .finish_non_exhaustive()
    }
}

/// What the thread does.
struct Job {
    shared: Arc<Shared>,
    sender: Sender<CallRecord>,
    /// To take back what has to give way.
    oldest: Receiver<CallRecord>,
    /// How many may wait.
    waiting: usize,
    /// How many did, and were not told yet.
    missed: u64,
    reconnected: bool,
}

impl Follow for Job {
    fn resync(&mut self, ami: &AmiClient, late: Late<'_>) -> Result<()> {
        let epoch = ami.epoch().ok_or(Error::Disconnected { sent: false })?;
        let list = channels(ami)?;
        let now = Moment::now();
        let late = std::iter::from_fn(late);
        let mut state = self.shared.state.lock();
        match list {
            Ok(list) => {
                state.unavailable = None;
                state.calls.resync(&list, late, now);
            }
            Err(why) => {
                state.unavailable = Some(why);
                if self.reconnected {
                    state.calls.lose_all(now);
                }
                late.for_each(|event| state.calls.apply(&event, now));
            }
        }
        self.reconnected = false;
        state.epoch = Some(epoch);
        Ok(())
    }

    fn apply(&mut self, event: &AmiEvent) {
        self.shared.state.lock().calls.apply(event, Moment::now());
    }

    fn gap(&mut self, gap: &Gap) {
        log::warn!("calls: {} events lost, reconnected: {}", gap.missed(), gap.reconnected());
        let mut state = self.shared.state.lock();
        state.epoch = None;
        state.calls.gap();
        if gap.reconnected() {
            state.calls.forget_departed();
            self.reconnected = true;
        }
    }

    fn settle(&mut self) {
        loop {
            let Some(mut record) = self.shared.state.lock().calls.take() else { return };
            record.missed = std::mem::take(&mut self.missed);
            while self.oldest.len() >= self.waiting {
                let Ok(oldest) = self.oldest.try_recv() else { break };
                // What that one would have told, this one tells.
                record.missed += 1 + oldest.missed;
                self.shared.lost.fetch_add(1, Ordering::Relaxed);
            }
            // There is a receiver: this holds one.
            let _ = self.sender.send(record);
        }
    }

    fn is_upheaval(&self, _: &AmiEvent) -> bool {
        false
    }
}
