//! Waiting for what becomes of one thing: a subscription from before it existed, and what it has
//! brought so far.
//!
//! Locks: `seen` is taken alone, for moments. Of several who wait for the same thing one waits for the
//! socket, and receives for all; the others wait for what that one finds, or for its leaving.

use std::time::{Duration, Instant};

use crossbeam_channel::{Receiver, Select, TryRecvError};
use parking_lot::{Condvar, Mutex, MutexGuard};

use super::client::AriClient;
use super::event::AriEvent;
use super::filter::Filter;
use super::message::AriMessage;
use crate::error::TimeoutError;
use crate::sync::bus::{Overflow, Subscribe};
use crate::{Error, EventSubscription, Result};

/// So many events are kept of one thing. It has a handful; more come only from a thing that starts
/// over and over, and then the server is asked.
const KEPT: usize = 64;

/// How often the server is asked, where an event filter of our own keeps back what would tell.
const ASK_EVERY: Duration = Duration::from_millis(500);

/// The events that decide what became of something.
pub(super) struct Watch {
    events: EventSubscription<AriMessage>,
    /// Which they are.
    types: Vec<String>,
    seen: Mutex<Seen>,
    /// There may be more in `seen`, or nobody who waits for the socket.
    changed: Condvar,
}

#[derive(Default)]
struct Seen {
    kept: Vec<AriMessage>,
    /// How many were kept before those.
    dropped: usize,
    /// Something may have been missed: the events alone do not tell.
    is_incomplete: bool,
    /// How often that was found out.
    gaps: u64,
    /// Nothing will come any more.
    is_over: bool,
    /// Somebody waits for the socket, as long as this connection stands.
    awaited: Option<Receiver<()>>,
}

/// How long to wait.
#[derive(Clone, Copy)]
pub(super) struct Patience {
    timeout: Option<Duration>,
    /// `None` where there is none, and where no clock reaches it.
    deadline: Option<Instant>,
}

impl Patience {
    /// Until it ends by itself.
    pub(super) const NO_END: Self = Self { timeout: None, deadline: None };

    pub(super) fn of(timeout: Duration) -> Self {
        Self { timeout: Some(timeout), deadline: Instant::now().checked_add(timeout) }
    }

    fn late(self) -> Error {
        TimeoutError::State { after: self.timeout.unwrap_or(Duration::MAX) }.into()
    }

    /// What came of a request within the wait. That the wait is over counts for more than what the request
    /// was at by then.
    pub(super) fn within<T>(self, outcome: Result<T>) -> Result<T> {
        outcome.map_err(|e| match e {
            Error::Timeout(_) if self.is_over() => self.late(),
            e => e,
        })
    }

    fn is_over(self) -> bool {
        self.deadline.is_some_and(|at| Instant::now() >= at)
    }

    /// A client whose requests are over when the wait is.
    pub(super) fn bound(self, client: &AriClient) -> AriClient {
        match self.deadline {
            Some(at) => {
                let left = at.saturating_duration_since(Instant::now());
                client.with_timeout(left.min(client.timeout()))
            }
            None => client.clone(),
        }
    }
}

/// What an event says of what is waited for.
pub(super) enum Sign<T> {
    Nothing,
    Decided(Result<T>),
}

impl<T> Sign<T> {
    pub(super) fn of(outcome: Option<Result<T>>) -> Self {
        outcome.map_or(Self::Nothing, Self::Decided)
    }
}

/// The first event that decides.
fn decide<T>(events: &[AriMessage], read: impl Fn(&AriEvent) -> Sign<T>) -> Option<Result<T>> {
    for message in events {
        match read(&message.event) {
            Sign::Nothing => {}
            Sign::Decided(outcome) => return Some(outcome),
        }
    }
    None
}

impl Watch {
    /// For something that does not exist yet.
    pub(super) fn new(client: &AriClient, filter: Filter) -> Self {
        let bounds = Subscribe::default().events(KEPT).overflow(Overflow::DropOldest);
        let types = filter.named_types().to_vec();
        let events = client.subscribe_bounded(filter, bounds);
        Self { events, types, seen: Mutex::default(), changed: Condvar::new() }
    }

    /// For something that has a past, or events that may not reach us: the server is asked first.
    pub(super) fn late(client: &AriClient, filter: Filter) -> Self {
        let watch = Self::new(client, filter);
        watch.seen.lock().is_incomplete = true;
        watch
    }

    /// Waits until `read` makes something of an event, or, where the events alone do not tell, `ask` of
    /// the server's answer. Ends at once when the event socket is lost.
    ///
    /// Where an application of the client's does not get all of these events, because this client has
    /// told the server so, the server is asked again and again.
    pub(super) fn wait<T>(
        &self,
        client: &AriClient,
        patience: Patience,
        read: impl Fn(&AriEvent) -> Sign<T>,
        ask: impl Fn(&AriClient) -> Result<Option<T>>,
    ) -> Result<T> {
        let mut seen = self.seen.lock();
        // Before the look into the queue: a loss after it is seen by the wait.
        let standing = client.standing();
        let (mut looked_at, mut gaps, mut must_ask) = (0_usize, seen.gaps, seen.is_incomplete);
        let (mut asks_at, mut answer) = (None, None);
        loop {
            // Before the look at the filters: one that is set after it is seen by the wait.
            let next_filter = client.memory().next_filter();
            if client.memory().hides(&client.heard_applications(), &self.types) {
                let at = *asks_at.get_or_insert_with(|| Instant::now() + ASK_EVERY);
                if at <= Instant::now() {
                    (must_ask, asks_at) = (true, Some(Instant::now() + ASK_EVERY));
                }
            } else {
                asks_at = None;
            }
            // Only one takes from the queue: what somebody else took from under him would not wake him.
            let is_mine = seen.awaited.is_none();
            // What came before the loss of the connection is in the queue when that shows.
            let is_lost = standing.as_ref().is_none_or(|it| it.try_recv() == DISCONNECTED);
            if is_mine {
                self.receive(&mut seen);
            }
            let new = looked_at.saturating_sub(seen.dropped);
            if let Some(outcome) = decide(&seen.kept[new..], &read) {
                return outcome;
            }
            if let Some(answer) = answer.take() {
                return Ok(answer);
            }
            looked_at = seen.dropped + seen.kept.len();
            must_ask |= std::mem::replace(&mut gaps, seen.gaps) != seen.gaps;
            // Who waits on another connection has begun after the loss, and has received all before it.
            let is_same =
                |it: &Receiver<()>| standing.as_ref().is_some_and(|my| my.same_channel(it));
            if seen.is_over || is_lost && !seen.awaited.as_ref().is_some_and(is_same) {
                return Err(client.lost_error());
            }
            if must_ask && !is_lost {
                must_ask = false;
                let asked = MutexGuard::unlocked(&mut seen, || ask(&patience.bound(client)));
                // What happened meanwhile is in the queue, and an event tells more than the answer.
                answer = patience.within(asked)?;
                continue;
            }
            if patience.is_over() {
                return Err(patience.late());
            }
            let until = patience.deadline.into_iter().chain(asks_at).min();
            match (&standing, until) {
                (Some(standing), _) if seen.awaited.is_none() => {
                    seen.awaited = Some(standing.clone());
                    MutexGuard::unlocked(&mut seen, || {
                        self.await_socket(standing, &next_filter, until);
                    });
                    seen.awaited = None;
                    self.changed.notify_all();
                }
                (_, Some(at)) => drop(self.changed.wait_until(&mut seen, at)),
                (_, None) => self.changed.wait(&mut seen),
            }
        }
    }

    /// Waits until there is an event, or the connection is lost, or a filter is set, or the time is over.
    fn await_socket(
        &self,
        standing: &Receiver<()>,
        next_filter: &Receiver<()>,
        until: Option<Instant>,
    ) {
        let mut select = Select::new();
        select.recv(self.events.receiver());
        select.recv(standing);
        select.recv(next_filter);
        match until {
            Some(at) => _ = select.ready_deadline(at),
            None => _ = select.ready(),
        }
    }

    /// Takes what is there.
    fn receive(&self, seen: &mut Seen) {
        loop {
            match self.events.try_recv() {
                Ok(None) => {
                    seen.is_over = true;
                    return;
                }
                Err(_) => return,
                Ok(Some(message)) if matches!(message.event, AriEvent::Gap(_)) => {
                    seen.is_incomplete = true;
                    seen.gaps += 1;
                }
                Ok(Some(message)) => {
                    if seen.kept.len() == KEPT {
                        seen.kept.remove(0);
                        seen.dropped += 1;
                        seen.is_incomplete = true;
                    }
                    seen.kept.push(message);
                }
            }
        }
    }
}

/// What a standing connection's channel says when it stands no more.
const DISCONNECTED: std::result::Result<(), TryRecvError> = Err(TryRecvError::Disconnected);
