//! So many jobs at a time, so many that wait, and no more.
//!
//! A pool has no threads of its own. Those who work in it bring themselves, in one of two ways:
//!
//! - A thread that has got hold of a job and could do it itself **offers** it
//!   ([`offer`](Pool::offer)). It is told to do it, or that the job is in the queue, or that there is
//!   no room. So no job changes threads as long as there is a turn for it, and nobody has to be
//!   woken. When a turn is over, the same thread goes on with the queue's next job
//!   ([`Turn::next`]); a queue can therefore only be other than empty while all turns are taken.
//! - A thread that cannot do jobs **submits** them ([`submit`](Pool::submit)) to threads that wait
//!   for some ([`take`](Pool::take)).

use std::any::Any;
use std::collections::VecDeque;
use std::fmt;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::time::Instant;

use super::prim::{Arc, AtomicU64, Condvar, Mutex, MutexGuard, Ordering, wait, wait_for};

/// What tells a job that is under way to come to an end. It is called from another thread, maybe
/// more than once, and must not wait.
pub(crate) type Ender = Arc<dyn Fn() + Send + Sync>;

/// Turns and a queue.
///
/// One lock, `state`, is taken alone. It is never held while a job runs or is told to end.
pub(crate) struct Pool<J> {
    state: Mutex<State<J>>,
    /// There may be room for a job.
    room: Condvar,
    /// There may be a job.
    work: Condvar,
    /// There may be nothing left to do.
    rest: Condvar,
    turns: usize,
    places: usize,
    done: AtomicU64,
    failed: AtomicU64,
    panicked: AtomicU64,
    refused: AtomicU64,
}

struct State<J> {
    queue: VecDeque<J>,
    running: usize,
    /// How the jobs under way are ended; a turn knows its index.
    enders: Vec<Option<Ender>>,
    free: Vec<usize>,
    closed: bool,
    /// Jobs under way are to end, those that have just begun as well.
    ending: bool,
    /// It was told that there is no room, and half of the turns have not been free since.
    is_overrun: bool,
}

/// The right to do one job, and then the next.
pub(crate) struct Turn<'a, J> {
    pool: &'a Pool<J>,
    index: usize,
    is_over: bool,
}

/// What became of a job that was offered.
pub(crate) enum Offer<'a, J> {
    /// Do it.
    Yours(Turn<'a, J>, J),
    /// It waits for a turn.
    Queued,
    /// There is no room for it, or the pool is closed.
    Refused(J),
}

/// How long to wait for room.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Patience {
    /// Not at all.
    None,
    /// So long.
    Until(Instant),
    /// As long as it takes.
    Endless,
}

/// What a pool is at.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Gauges {
    /// Jobs under way.
    pub(crate) active: usize,
    /// Jobs that wait for a turn.
    pub(crate) queued: usize,
    /// Jobs that ended well, so far.
    pub(crate) done: u64,
    /// Jobs that ended with an error or a panic, so far.
    pub(crate) failed: u64,
    /// Those of them that panicked.
    pub(crate) panicked: u64,
    /// Jobs for which there was no room, so far.
    pub(crate) refused: u64,
}

/// How a job failed.
#[derive(Debug)]
pub(crate) enum Failure<E> {
    /// It said so.
    Error(E),
    /// It panicked, with these words.
    Panic(Box<str>),
}

impl<J> Pool<J> {
    /// A pool that does up to `turns` jobs at a time while up to `places` wait.
    pub(crate) fn new(turns: usize, places: usize) -> Self {
        let state = State {
            queue: VecDeque::new(),
            running: 0,
            enders: Vec::new(),
            free: Vec::new(),
            closed: false,
            ending: false,
            is_overrun: false,
        };
        Self {
            state: Mutex::new(state),
            room: Condvar::new(),
            work: Condvar::new(),
            rest: Condvar::new(),
            turns,
            places,
            done: AtomicU64::new(0),
            failed: AtomicU64::new(0),
            panicked: AtomicU64::new(0),
            refused: AtomicU64::new(0),
        }
    }

    /// For a thread that does jobs itself: takes a turn, or a place in the queue. If there is
    /// neither, waits for one as long as it has patience.
    pub(crate) fn offer(&self, job: J, patience: Patience) -> Offer<'_, J> {
        let mut state = self.state.lock();
        if patience != Patience::None {
            state = self.wait_for_room(state, patience);
        }
        if !state.closed && state.running < self.turns {
            return Offer::Yours(self.turn(&mut state), job);
        }
        if !state.closed && state.queue.len() < self.places {
            state.queue.push_back(job);
            return Offer::Queued;
        }
        drop(state);
        self.refuse();
        Offer::Refused(job)
    }

    /// Waits until there is room, or none to be waited for.
    fn wait_for_room<'a>(
        &self,
        mut state: MutexGuard<'a, State<J>>,
        patience: Patience,
    ) -> MutexGuard<'a, State<J>> {
        while !state.closed && self.has_no_room(&state) {
            match patience {
                Patience::None => break,
                Patience::Endless => state = wait(&self.room, state),
                Patience::Until(at) => {
                    if self.room.wait_until(&mut state, at).timed_out() {
                        break;
                    }
                }
            }
        }
        state
    }

    fn has_no_room(&self, state: &State<J>) -> bool {
        state.running >= self.turns && state.queue.len() >= self.places
    }

    /// For a thread that does no jobs: leaves it to one that does. Gives it back if there is no
    /// room.
    #[allow(
        dead_code,
        reason = "for calls that no thread accepts: AGI over the manager's connection"
    )]
    pub(crate) fn submit(&self, job: J) -> Result<(), J> {
        let mut state = self.state.lock();
        if state.closed || state.running + state.queue.len() >= self.turns + self.places {
            drop(state);
            self.refuse();
            return Err(job);
        }
        state.queue.push_back(job);
        drop(state);
        self.work.notify_one();
        Ok(())
    }

    /// Waits for a job; for as many threads as there are turns. `None` once the pool is closed and the queue is empty.
    #[allow(
        dead_code,
        reason = "for calls that no thread accepts: AGI over the manager's connection"
    )]
    pub(crate) fn take(&self) -> Option<(Turn<'_, J>, J)> {
        wait_for(&self.work, self.state.lock(), |state| match state.queue.pop_front() {
            Some(job) => Some(Some((self.turn(state), job))),
            None if state.closed => Some(None),
            None => None,
        })
    }

    /// Takes the first such job back, if it still waits.
    #[allow(dead_code, reason = "for calls that tell of their end while they wait: Stasis")]
    pub(crate) fn withdraw(&self, is_it: impl Fn(&J) -> bool) -> Option<J> {
        let mut state = self.state.lock();
        let at = state.queue.iter().position(is_it)?;
        let job = state.queue.remove(at);
        drop(state);
        self.room.notify_one();
        self.rest.notify_all();
        job
    }

    /// Whether an offer without patience would be refused.
    pub(crate) fn is_full(&self) -> bool {
        self.has_no_room(&self.state.lock())
    }

    /// Counts a job that was refused before it could be offered.
    pub(crate) fn refuse(&self) {
        self.refused.fetch_add(1, Ordering::Relaxed);
    }

    /// Logs that somebody is refused, for want of room or because the pool is closed. Of the former only
    /// the first of many is worth a warning: the next comes once half of the turns have been free, and
    /// the log would be full of them when there is least time for it.
    pub(crate) fn tell_refused(&self, who: impl fmt::Display) {
        let is_first = {
            let mut state = self.state.lock();
            (!state.closed).then(|| !std::mem::replace(&mut state.is_overrun, true))
        };
        match is_first {
            None => log::debug!("{who} is refused because of the shutdown"),
            Some(true) => log::warn!(
                "{who} is refused: all {} workers are busy and all {} places in the queue are taken. \
                 More `workers` or a longer `queue` would help. Those refused until half of the \
                 workers are free again are logged at the level debug",
                self.turns,
                self.places
            ),
            Some(false) => log::debug!("{who} is refused: there is no room"),
        }
    }

    /// Takes no more jobs. Those that wait keep their places; whoever waits for one is refused.
    pub(crate) fn close(&self) {
        self.state.lock().closed = true;
        self.room.notify_all();
        self.work.notify_all();
        self.rest.notify_all();
    }

    /// Waits until no job is under way and none waits; `false` if that is not so at the deadline.
    pub(crate) fn drain(&self, deadline: Option<Instant>) -> bool {
        let mut state = self.state.lock();
        while state.running > 0 || !state.queue.is_empty() {
            match deadline {
                Some(at) => {
                    if self.rest.wait_until(&mut state, at).timed_out() {
                        return state.running == 0 && state.queue.is_empty();
                    }
                }
                None => state = wait(&self.rest, state),
            }
        }
        true
    }

    /// Tells every job under way to end, and gives back those that wait; and how many are under way.
    /// One that is only about to begin is told when it does.
    pub(crate) fn end(&self) -> (Vec<J>, usize) {
        let (enders, waiting, running) = {
            let mut state = self.state.lock();
            state.ending = true;
            let enders: Vec<Ender> = state.enders.iter().flatten().cloned().collect();
            (enders, std::mem::take(&mut state.queue), state.running)
        };
        for end in &enders {
            end();
        }
        self.rest.notify_all();
        (waiting.into(), running)
    }

    pub(crate) fn gauges(&self) -> Gauges {
        let (active, queued) = {
            let state = self.state.lock();
            (state.running, state.queue.len())
        };
        let count = |counter: &AtomicU64| counter.load(Ordering::Relaxed);
        Gauges {
            active,
            queued,
            done: count(&self.done),
            failed: count(&self.failed),
            panicked: count(&self.panicked),
            refused: count(&self.refused),
        }
    }

    fn turn(&self, state: &mut State<J>) -> Turn<'_, J> {
        state.running += 1;
        let index = state.free.pop().unwrap_or_else(|| {
            state.enders.push(None);
            state.enders.len() - 1
        });
        Turn { pool: self, index, is_over: false }
    }
}

impl<J> Turn<'_, J> {
    /// Does a job, and counts it. A panic goes no further.
    pub(crate) fn run<E>(
        &self,
        ender: Ender,
        job: impl FnOnce() -> Result<(), E>,
    ) -> Result<(), Failure<E>> {
        self.begin(ender);
        let outcome = catch_unwind(AssertUnwindSafe(job));
        let pool = self.pool;
        let (counter, outcome) = match outcome {
            Ok(Ok(())) => (&pool.done, Ok(())),
            Ok(Err(e)) => (&pool.failed, Err(Failure::Error(e))),
            Err(panic) => {
                pool.panicked.fetch_add(1, Ordering::Relaxed);
                let words = words(panic.as_ref());
                // What was thrown may throw again when it is dropped.
                let _ = catch_unwind(AssertUnwindSafe(|| drop(panic)));
                (&pool.failed, Err(Failure::Panic(words)))
            }
        };
        counter.fetch_add(1, Ordering::Relaxed);
        outcome
    }

    /// Goes on with the next job that waits, or gives the turn back.
    pub(crate) fn next(mut self) -> Option<(Self, J)> {
        let mut state = self.pool.state.lock();
        // Dropped at the end, without the lock: it may hold the last share in a connection.
        let _ended = state.enders[self.index].take();
        if let Some(job) = state.queue.pop_front() {
            drop(state);
            self.pool.room.notify_one();
            return Some((self, job));
        }
        // Under the same lock: a job that is offered meanwhile finds either a queue that somebody
        // will look into, or a turn.
        self.is_over = true;
        self.give_back(state);
        None
    }

    fn give_back(&self, mut state: MutexGuard<'_, State<J>>) {
        let _ended = state.enders[self.index].take();
        state.free.push(self.index);
        state.running -= 1;
        if state.queue.is_empty() && state.running <= self.pool.turns / 2 {
            state.is_overrun = false;
        }
        let is_idle = state.running == 0;
        drop(state);
        self.pool.room.notify_one();
        if is_idle {
            self.pool.rest.notify_all();
        }
    }

    fn begin(&self, ender: Ender) {
        {
            let mut state = self.pool.state.lock();
            if !state.ending {
                state.enders[self.index] = Some(ender);
                return;
            }
        }
        ender();
    }
}

impl<J> Drop for Turn<'_, J> {
    fn drop(&mut self) {
        if !self.is_over {
            self.give_back(self.pool.state.lock());
        }
    }
}

/// What a panic said.
fn words(panic: &(dyn Any + Send)) -> Box<str> {
    match (panic.downcast_ref::<&str>(), panic.downcast_ref::<String>()) {
        (Some(words), _) => (*words).into(),
        (_, Some(words)) => words.as_str().into(),
        _ => "no words".into(),
    }
}

impl<J> fmt::Debug for Pool<J> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.gauges().fmt(f)
    }
}

#[cfg(all(test, loom))]
mod models;
#[cfg(all(test, not(loom)))]
mod tests;
