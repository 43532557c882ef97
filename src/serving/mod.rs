//! A server: a port that Asterisk connects to, and threads that handle who comes.
//!
//! All threads are alike: each accepts a connection, hears what it wants, handles it, and accepts
//! again. A caller never changes threads unless he had to wait in the queue, so nobody is woken for
//! him but the thread the kernel wakes anyway; that is what keeps this as fast as a bare pool of
//! accepting threads. Of `turns + seats + 1` threads at most `turns` handle callers and `seats` hear
//! what they want, so there is always one left that accepts, and tells a caller at once when there is
//! no room. Some threads are there from the start; more are started one by one, whenever a caller
//! leaves none to accept and none is about to come back.

mod admission;
mod reception;
mod running;

pub(crate) use admission::Admission;
pub(crate) use reception::Reception;
#[cfg(feature = "ari")]
pub(crate) use reception::Seat;
pub(crate) use running::Running;

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use crate::error::{Error, Result};
use crate::net::{Listener, ReadHalf, SocketAddr, WriteHalf};
use crate::sync::crew::Crew;
use crate::sync::pool::{Offer, Patience, Pool, Turn};

/// How long a silent caller keeps his place however many come after him. Asterisk's first words are
/// there within a round trip.
const FAIR: Duration = Duration::from_millis(250);

/// More threads than that are a mistake, and their stacks fill the address space of small systems.
const MOST_WORKERS: usize = 32_768;

/// What is served.
pub(crate) trait Service: Send + Sync + Sized + 'static {
    /// A caller who has said what he wants.
    type Job: Send;

    /// Lets a caller in and hears what he wants. Whom nothing comes of is counted here, and his
    /// connection ended.
    fn receive(&self, floor: &Floor<Self>, visitor: Visitor) -> Option<Self::Job>;

    /// How long a caller waits for a place.
    fn patience(&self) -> Patience;

    /// Sends away a caller for whom there is no place, so that Asterisk hears of it.
    fn refuse(&self, job: Self::Job);

    /// Ends the connection of a caller who was still waiting when the server's time was over.
    fn dismiss(&self, job: Self::Job);

    /// Handles a caller. That his turn comes is all that is known of him so far.
    fn handle(&self, floor: &Floor<Self>, turn: &Turn<'_, Self::Job>, job: &mut Self::Job);
}

/// Who has just been accepted.
#[derive(Debug)]
pub(crate) struct Visitor {
    pub(crate) read: ReadHalf,
    pub(crate) write: WriteHalf,
    pub(crate) peer: SocketAddr,
}

/// How large a server is.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Size {
    /// Callers who are handled at a time.
    pub(crate) turns: usize,
    /// Those who wait for that.
    pub(crate) queue: usize,
    /// Those who have not said what they want.
    pub(crate) seats: usize,
    /// Threads that are started with the server, of which there is always one.
    pub(crate) ready: usize,
    /// The stack of each thread, in bytes.
    pub(crate) stack: usize,
}

/// What the threads of a server share.
pub(crate) struct Floor<S: Service> {
    pub(crate) service: S,
    pub(crate) listener: Arc<Listener>,
    pub(crate) reception: Reception,
    pub(crate) pool: Pool<S::Job>,
    pub(crate) crew: Crew,
    ready: usize,
    has_run: AtomicBool,
    /// Threads that were started, or are about to be.
    threads: AtomicUsize,
    /// Those of them that wait for a connection.
    accepting: AtomicUsize,
    /// Those of them that have a caller. The others are about to wait for one.
    busy: AtomicUsize,
}

impl Size {
    /// Finds what cannot be. `turns` and `seats` are what the two are called by whoever set them.
    pub(crate) fn validate(&self, turns: &'static str, seats: &'static str) -> Result<()> {
        for (what, size) in [(turns, self.turns), (seats, self.seats)] {
            if size == 0 {
                return Err(Error::invalid(format!("a server without {what} serves nobody")));
            }
            if size > MOST_WORKERS {
                return Err(Error::Limit { what, size: size as u64, limit: MOST_WORKERS as u64 });
            }
        }
        Ok(())
    }
}

impl<S: Service> Floor<S> {
    /// A server on a port. Its threads have `name` and a number.
    pub(crate) fn new(service: S, listener: Listener, name: &'static str, size: Size) -> Self {
        Self {
            service,
            listener: Arc::new(listener),
            reception: Reception::new(size.seats, FAIR),
            pool: Pool::new(size.turns, size.queue),
            crew: Crew::new(name, size.stack, size.turns + size.seats + 1),
            ready: size.ready,
            has_run: AtomicBool::new(false),
            threads: AtomicUsize::new(0),
            accepting: AtomicUsize::new(0),
            busy: AtomicUsize::new(0),
        }
    }

    /// Serves until the listener is closed, and then as long as `grace` says; returns when every
    /// thread has been joined, and tells how many callers were still being handled after that time.
    pub(crate) fn run(self: &Arc<Self>, grace: Duration) -> Result<u64> {
        if self.has_run.swap(true, Ordering::AcqRel) {
            return Err(Error::invalid("the server has been run before"));
        }
        self.threads.fetch_add(1, Ordering::SeqCst);
        self.start_thread()?;
        for _ in 1..self.ready {
            self.threads.fetch_add(1, Ordering::SeqCst);
            if let Err(e) = self.start_thread() {
                self.tell_short(&e);
                break;
            }
        }
        self.listener.wait_closed();
        let closed = self.finish(grace);
        self.crew.join();
        Ok(closed)
    }

    /// Starts one more thread, which has been counted, unless there are as many as there may be.
    fn start_thread(self: &Arc<Self>) -> std::io::Result<()> {
        let floor = Arc::clone(self);
        let started = self.crew.grow(move || floor.work());
        if !matches!(started, Ok(true)) {
            self.threads.fetch_sub(1, Ordering::SeqCst);
        }
        started.map(drop)
    }

    /// This thread has a caller: makes sure that another accepts the next. A thread that is neither
    /// busy nor accepting is on its way to do so, and will come here if it gets a call from the queue
    /// instead; so none is started in its place.
    fn get_busy(self: &Arc<Self>) {
        let busy = self.busy.fetch_add(1, Ordering::SeqCst) + 1;
        if self.accepting.load(Ordering::SeqCst) > 0 {
            return;
        }
        // Counted before it is started, which takes a while: others who get busy meanwhile would
        // each start one in its place.
        let is_short = |threads| (threads <= busy).then_some(threads + 1);
        if self.threads.fetch_update(Ordering::SeqCst, Ordering::SeqCst, is_short).is_err() {
            return;
        }
        if let Err(e) = self.start_thread() {
            self.tell_short(&e);
        }
    }

    /// Logs that a thread could not be started. Those there are go on; callers wait a little longer
    /// to be accepted.
    fn tell_short(&self, e: &std::io::Error) {
        log::warn!("no further thread for {}: {e}", self.listener.address());
    }

    fn get_free(&self) {
        self.busy.fetch_sub(1, Ordering::SeqCst);
    }

    /// What every thread does until the server ends.
    fn work(self: &Arc<Self>) {
        loop {
            self.accepting.fetch_add(1, Ordering::SeqCst);
            let accepted = self.listener.accept();
            self.accepting.fetch_sub(1, Ordering::SeqCst);
            let Some((read, write, peer)) = accepted else { return };
            self.get_busy();
            let visitor = Visitor { read, write, peer };
            let job = self.service.receive(self, visitor);
            match job.map(|job| self.pool.offer(job, self.service.patience())) {
                Some(Offer::Yours(turn, job)) => {
                    self.serve(turn, job);
                    continue;
                }
                Some(Offer::Refused(job)) => {
                    self.tell_refused(peer);
                    self.service.refuse(job);
                }
                Some(Offer::Queued) | None => {}
            }
            self.get_free();
        }
    }

    /// Logs that there is no room for a caller.
    pub(crate) fn tell_refused(&self, peer: SocketAddr) {
        self.pool.tell_refused(format_args!("{}: {peer}", self.listener.address()));
    }

    /// Handles a caller, and then those who wait, as long as there are any. The thread is free
    /// afterwards.
    fn serve(self: &Arc<Self>, turn: Turn<'_, S::Job>, job: S::Job) {
        let mut next = Some((turn, job));
        while let Some((turn, mut job)) = next {
            self.service.handle(self, &turn, &mut job);
            // The caller may come again as soon as he hears of the end, and then this is a thread
            // that can be counted on.
            self.get_free();
            // The connection is closed before the turn ends: who is active holds one.
            drop(job);
            next = turn.next();
            if next.is_some() {
                self.get_busy();
            }
        }
    }

    /// Lets the callers come to an end; after the grace, ends them. Returns how many had to be.
    fn finish(&self, grace: Duration) -> u64 {
        // Whoever has not said what he wants is no caller yet.
        self.reception.close();
        self.pool.close();
        if self.pool.drain(Instant::now().checked_add(grace)) {
            return 0;
        }
        let (waiting, active) = self.pool.end();
        for job in waiting {
            self.pool.refuse();
            self.service.dismiss(job);
        }
        let address = self.listener.address();
        log::warn!("{address}: {active} did not end within {grace:?} and are closed");
        active as u64
    }
}

impl<S: Service> fmt::Debug for Floor<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Floor")
            .field("address", &self.listener.address())
            .field("pool", &self.pool)
            .finish_non_exhaustive()
    }
}
