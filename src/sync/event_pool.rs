//! Several threads that handle the events of one subscription, in order where it matters.
//!
//! One thread takes events from the subscription and puts them into [`Lanes`]; the others take from
//! there. It takes only so many ahead; beyond that they wait in the subscription, whose bounds say
//! what is lost, and which tells of it.
//!
//! Locks: `state` is taken alone, and no code of the user's runs under it.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicU64, Ordering};

use super::bus::{Event, LaneState};
use super::lanes::Lanes;
pub(crate) use super::lanes::Place;
use super::prim::{Arc, Condvar, Mutex, channel, wait_for};
use super::subscription::{EventHandler, EventSubscription};
use super::worker::Worker;
use crate::error::{Error, Result};

/// How a pool of event handlers fares.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct PoolStats {
    /// Events that wait: in the subscription, and for their turn.
    pub queued: usize,
    /// Events and gaps that the handler has come back from.
    pub handled: u64,
    /// Events and gaps at which it panicked.
    pub panicked: u64,
    /// Events that were dropped: because the bounds were reached, or because they were too large to
    /// be kept.
    pub lost: u64,
}

/// What runs on the threads, for each event.
pub(crate) type Handle<E> = Box<dyn Fn(E) + Send + Sync>;

/// What hears of an event at which that panicked.
pub(crate) type OnPanic<E> = Option<Box<dyn Fn(&E) + Send + Sync>>;

/// Which thread handles an event, and what it is kept in order by.
pub(crate) type Places<E> = Box<dyn Fn(&E) -> Place + Send>;

/// What a pool is made of.
pub(crate) struct Plan<E> {
    /// Begins the names of its threads.
    pub(crate) name: &'static str,
    pub(crate) workers: usize,
    /// How many events are taken from the subscription ahead of their turn.
    pub(crate) ahead: usize,
    pub(crate) places: Places<E>,
    pub(crate) handle: Handle<E>,
    pub(crate) on_panic: OnPanic<E>,
}

/// Threads that handle events. They run on when this is dropped, until the stream is over.
#[derive(Debug, Clone)]
pub struct EventPool {
    handler: EventHandler,
    lane: Arc<LaneState>,
    tally: Arc<Tally>,
    stop: Stop,
}

/// Sends the threads home.
#[derive(Clone)]
struct Stop(Arc<dyn Fn() + Send + Sync>);

impl std::fmt::Debug for Stop {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Stop")
    }
}

#[derive(Debug, Default)]
struct Tally {
    /// Taken from the subscription and waiting for their turn.
    waiting: AtomicU64,
    handled: AtomicU64,
    panicked: AtomicU64,
}

/// What the threads share.
struct Shared<E> {
    state: Mutex<State<E>>,
    /// For those who handle, one for each.
    work: Vec<Condvar>,
    /// For the one who takes events out of the subscription.
    room: Condvar,
    tally: Arc<Tally>,
    handle: Handle<E>,
    on_panic: OnPanic<E>,
}

struct State<E> {
    lanes: Lanes<E>,
    /// Nothing follows.
    over: bool,
    /// What waits is of no use any more.
    stopped: bool,
}

/// A handler may do anything; it gets a stack like any thread's.
const HANDLER_STACK: usize = 2 << 20;
const FEEDER_STACK: usize = 256 << 10;

impl EventPool {
    /// Starts the threads.
    pub(crate) fn start<E: Event>(events: EventSubscription<E>, plan: Plan<E>) -> Result<Self> {
        let Plan { name, workers, ahead, places, handle, on_panic } = plan;
        if workers == 0 || ahead == 0 {
            return Err(Error::invalid("a pool that nobody works in would never handle anything"));
        }
        let tally = Arc::new(Tally::default());
        let state = State { lanes: Lanes::new(workers), over: false, stopped: false };
        let shared = Arc::new(Shared {
            state: Mutex::new(state),
            work: (0..workers).map(|_| Condvar::new()).collect(),
            room: Condvar::new(),
            tally: Arc::clone(&tally),
            handle,
            on_panic,
        });
        let lane = events.lane();
        let (stop, stopped) = channel::bounded(1);
        let mut crew = Vec::with_capacity(workers + 1);
        let started = (0..workers).try_for_each(|i| {
            let (shared, name) = (Arc::clone(&shared), format!("{name}-{}", i + 1));
            crew.push(Worker::spawn(&name, HANDLER_STACK, move || shared.work(i))?);
            Ok(())
        });
        let started = started.and_then(|()| {
            let (shared, alive) = (Arc::clone(&shared), stop.clone());
            crew.push(Worker::spawn(&format!("{name}s"), FEEDER_STACK, move || {
                let _alive = alive;
                let _over = OverAtTheEnd(&shared);
                while let Some((event, is_gap)) = events.next_unless(&stopped) {
                    if is_gap {
                        shared.push_alone(event);
                    } else {
                        shared.push(places(&event), event, ahead);
                    }
                }
            })?);
            Ok(())
        });
        let send_home = Stop(Arc::new(move || shared.stop()));
        if let Err(e) = started {
            (send_home.0)();
            crew.iter().for_each(Worker::join);
            return Err(e);
        }
        let handler = EventHandler::new(stop, crew);
        Ok(Self { handler, lane, tally, stop: send_home })
    }

    /// Ends it after the events it is at, and waits for that, unless called from the handler itself.
    /// What still waits is dropped.
    pub fn stop(&self) {
        (self.stop.0)();
        self.handler.stop();
    }

    /// Whether all of its threads have ended.
    pub fn is_finished(&self) -> bool {
        self.handler.is_finished()
    }

    /// Waits until the stream is over and everything is handled; at once from the handler itself.
    pub fn join(&self) {
        self.handler.join();
    }

    /// How it fares.
    pub fn stats(&self) -> PoolStats {
        let lane = self.lane.stats();
        let waiting = self.tally.waiting.load(Ordering::Relaxed);
        PoolStats {
            queued: lane.queued + usize::try_from(waiting).unwrap_or(usize::MAX),
            handled: self.tally.handled.load(Ordering::Relaxed),
            panicked: self.tally.panicked.load(Ordering::Relaxed),
            lost: lane.lost,
        }
    }

    /// The threads, for the one who has to wait for them in the end.
    pub(crate) fn handler(&self) -> EventHandler {
        self.handler.clone()
    }
}

/// The others go home when there is nobody to give them work, for whatever reason.
struct OverAtTheEnd<'a, E>(&'a Shared<E>);

impl<E> Drop for OverAtTheEnd<'_, E> {
    fn drop(&mut self) {
        self.0.state.lock().over = true;
        self.0.wake_all();
    }
}

impl<E> Shared<E> {
    /// Waits for room, unless nobody is interested any more.
    fn push(&self, place: Place, event: E, ahead: usize) {
        let mut event = Some((place, event));
        let home = wait_for(&self.room, self.state.lock(), |state| {
            if state.stopped {
                return Some(None);
            }
            if state.lanes.waiting() >= ahead {
                return None;
            }
            let (place, event) = event.take()?;
            let home = state.lanes.push(place, event);
            self.count(state);
            Some(home)
        });
        self.wake(home);
    }

    fn wake(&self, home: Option<usize>) {
        if let Some(home) = home {
            self.work[home].notify_one();
        }
    }

    fn wake_all(&self) {
        for home in &self.work {
            home.notify_all();
        }
    }

    fn count(&self, state: &State<E>) {
        self.tally.waiting.store(state.lanes.waiting() as u64, Ordering::Relaxed);
    }

    /// Behind everything that came before it, and before everything that comes after.
    fn push_alone(&self, event: E) {
        self.wait_until_idle();
        self.push(Place { home: 0, keys: Vec::new() }, event, 1);
        self.wait_until_idle();
    }

    fn wait_until_idle(&self) {
        wait_for(&self.room, self.state.lock(), |state| {
            (state.stopped || state.lanes.is_idle()).then_some(())
        });
    }

    fn stop(&self) {
        let mut state = self.state.lock();
        state.stopped = true;
        let rest = std::mem::replace(&mut state.lanes, Lanes::new(self.work.len()));
        self.count(&state);
        drop(state);
        self.wake_all();
        self.room.notify_all();
        drop(rest);
    }
}

impl<E: Event> Shared<E> {
    /// A handling thread's work.
    fn work(&self, home: usize) {
        loop {
            let next = wait_for(&self.work[home], self.state.lock(), |state| {
                if let Some(next) = state.lanes.next(home) {
                    self.count(state);
                    return Some(Some(next));
                }
                (state.stopped || (state.over && state.lanes.waiting() == 0)).then_some(None)
            });
            let Some((turn, event)) = next else { return };
            self.room.notify_one();
            self.handle(event);
            let (next, is_over) = {
                let mut state = self.state.lock();
                let next = if state.stopped { None } else { state.lanes.done(turn) };
                (next, state.over && state.lanes.waiting() == 0)
            };
            self.room.notify_one();
            self.wake(next.filter(|next| *next != home));
            if is_over {
                self.wake_all();
            }
        }
    }

    fn handle(&self, event: E) {
        let kept = self.on_panic.as_ref().map(|_| event.clone());
        if catch_unwind(AssertUnwindSafe(|| (self.handle)(event))).is_ok() {
            self.tally.handled.fetch_add(1, Ordering::Relaxed);
            return;
        }
        self.tally.panicked.fetch_add(1, Ordering::Relaxed);
        log::error!("an event handler panicked; it goes on with the next event");
        if let (Some(on_panic), Some(event)) = (&self.on_panic, kept) {
            if catch_unwind(AssertUnwindSafe(|| on_panic(&event))).is_err() {
                log::error!("what was to hear of the panic panicked, too");
            }
        }
    }
}
