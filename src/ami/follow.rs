//! A thread that follows the events of a client, and asks for lists where events do not say enough.
//!
//! It looks on at the client, so it ends with it, and asks on its own thread: events that come
//! meanwhile wait in its queue, and are applied on top of the list.

use std::time::{Duration, Instant};

use crossbeam_channel::{Receiver, Sender, bounded};

use super::AmiClient;
use super::event::{AmiEvent, Gap};
use crate::sync::subscription::Woken;
use crate::sync::worker::Worker;
use crate::{Error, EventSubscription, Result};

const STACK: usize = 512 << 10;

/// After so many events whoever looks on is told, however many more there are.
const BURST: usize = 1024;

/// How long after a list that failed it is asked for again, doubling from the first to the last.
const RETRY: (Duration, Duration) = (Duration::from_secs(1), Duration::from_secs(60));

/// The events that have arrived already, one at a time.
pub(super) type Late<'a> = &'a mut dyn FnMut() -> Option<AmiEvent>;

/// What a follower does.
pub(super) trait Follow: Send + 'static {
    /// Asks for all lists, and puts right what is known. An error is tried again.
    fn resync(&mut self, ami: &AmiClient, late: Late<'_>) -> Result<()>;

    /// Takes in an event that is no gap.
    fn apply(&mut self, event: &AmiEvent);

    /// Events were lost; a `resync` follows.
    fn gap(&mut self, gap: &Gap);

    /// All that has arrived is taken in.
    fn settle(&mut self);

    /// Whether an event means that all lists should be asked for again.
    fn is_upheaval(&self, event: &AmiEvent) -> bool;

    /// When something smaller wants to be asked for.
    fn wants(&self) -> Option<Instant> {
        None
    }

    /// Asks for that.
    fn refresh(&mut self, ami: &AmiClient) -> Result<()> {
        let _ = ami;
        Ok(())
    }
}

/// The thread. It is stopped and joined when this is dropped.
#[derive(Debug)]
pub(super) struct Follower {
    stop: Sender<()>,
    worker: Worker,
}

impl Follower {
    /// Asks for the lists once, here, and follows from then on on a thread of that name.
    pub(super) fn start(
        name: &str,
        ami: &AmiClient,
        events: EventSubscription<AmiEvent>,
        mut job: impl Follow,
    ) -> Result<Self> {
        let (stop, stopped) = bounded(1);
        let mut following = Following { events, stopped, resync_at: None, failures: 0 };
        following.resync(ami, &mut job)?;
        job.settle();
        let client = ami.onlooker();
        let worker = Worker::spawn(name, STACK, move || following.run(&client, &mut job))?;
        Ok(Self { stop, worker })
    }
}

impl Drop for Follower {
    fn drop(&mut self) {
        // Full means that it has been told already.
        let _ = self.stop.try_send(());
        self.worker.join();
    }
}

struct Following {
    events: EventSubscription<AmiEvent>,
    stopped: Receiver<()>,
    resync_at: Option<Instant>,
    failures: u32,
}

impl Following {
    fn run(&mut self, ami: &AmiClient, job: &mut impl Follow) {
        loop {
            let wanted = job.wants();
            let due = self.resync_at.into_iter().chain(wanted).min();
            match self.events.next_until(due, &self.stopped) {
                Woken::Over => return,
                Woken::Quiet => {}
                Woken::Event(event) => {
                    self.take(&event, job);
                    for _ in 0..BURST {
                        match self.events.next_until(Some(Instant::now()), &self.stopped) {
                            Woken::Event(event) => self.take(&event, job),
                            Woken::Quiet | Woken::Over => break,
                        }
                    }
                    job.settle();
                }
            }
            let now = Instant::now();
            let is_due = |at: Option<Instant>| at.is_some_and(|at| at <= now);
            let asked = if is_due(self.resync_at) {
                self.resync(ami, job)
            } else if is_due(wanted) {
                job.refresh(ami)
            } else {
                continue;
            };
            match asked {
                Ok(()) => {}
                Err(Error::Closed) => return,
                // The gap that tells of the next connection asks again.
                Err(Error::Disconnected { .. }) => self.resync_at = None,
                Err(e) => {
                    let pause = RETRY.0.saturating_mul(1 << self.failures.min(6)).min(RETRY.1);
                    self.failures += 1;
                    log::warn!("the server was asked for its state: {e}; again in {pause:?}");
                    self.resync_at = Instant::now().checked_add(pause);
                }
            }
            job.settle();
        }
    }

    fn take(&mut self, event: &AmiEvent, job: &mut impl Follow) {
        if let AmiEvent::Gap(gap) = event {
            job.gap(gap);
            self.resync_at = Some(Instant::now());
            return;
        }
        if job.is_upheaval(event) {
            self.resync_at = Some(Instant::now());
        }
        job.apply(event);
    }

    fn resync(&mut self, ami: &AmiClient, job: &mut impl Follow) -> Result<()> {
        let mut gaps = Vec::new();
        let (events, stopped) = (&self.events, &self.stopped);
        let mut left = BURST * 64;
        let mut late = || {
            while left > 0 {
                left -= 1;
                match events.next_until(Some(Instant::now()), stopped) {
                    Woken::Event(AmiEvent::Gap(gap)) => gaps.push(gap),
                    Woken::Event(event) => return Some(event),
                    Woken::Quiet | Woken::Over => break,
                }
            }
            None
        };
        job.resync(ami, &mut late)?;
        self.resync_at = None;
        self.failures = 0;
        for gap in gaps {
            self.take(&AmiEvent::Gap(gap), job);
        }
        Ok(())
    }
}

/// The list, or why the server will not give it; any other failure is an error.
pub(super) fn unless_refused<T>(answer: Result<T>) -> Result<Result<T, Box<str>>> {
    match answer {
        Ok(list) => Ok(Ok(list)),
        Err(Error::Refused { message, .. }) => Ok(Err(message)),
        Err(e) => Err(e),
    }
}

/// All channels there are: with `CoreShowChannels`, or where that is not allowed, with `Status`.
pub(super) fn channels(
    ami: &AmiClient,
) -> Result<Result<Vec<super::track::ListedChannel>, Box<str>>> {
    use super::action::{CoreShowChannelsAction, StatusAction};
    use super::track::ListedChannel;
    if let Ok(items) = unless_refused(ami.list(&CoreShowChannelsAction::new()))? {
        return Ok(Ok(items.into_iter().map(ListedChannel::Core).collect()));
    }
    let items = unless_refused(ami.list(&StatusAction::new()))?;
    Ok(items.map(|items| items.into_iter().map(ListedChannel::Status).collect()))
}
