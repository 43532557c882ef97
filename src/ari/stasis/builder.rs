//! How an app is to be.

use std::fmt;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::time::Duration;

use super::StasisApp;
use super::call::StasisHandler;
use crate::ari::client::AriClient;
use crate::ari::event::StasisStart;
use crate::ari::ids::is_own;
use crate::ari::resources::channel::ContinueParams;
use crate::error::{Error, Result};
use crate::sync::bus::Subscribe;
use crate::types::HangupCause;

/// More threads than that are a mistake, and their stacks fill the address space of small systems.
const MOST_WORKERS: usize = 32_768;

/// How a channel leaves the application when this program is done with it.
#[derive(Debug, Clone, Default, PartialEq)]
#[non_exhaustive]
pub enum Departure {
    /// It goes on in the dialplan behind `Stasis()`. A channel that was called into the application, by
    /// [`originate`](crate::ari::resources::channel::originate), comes from no dialplan, and has hung up
    /// by that.
    #[default]
    Continue,
    /// It goes on in the dialplan elsewhere.
    ContinueAt(ContinueParams),
    /// It is hung up.
    HangUp(HangupCause),
    /// It stays: somebody else looks after it.
    Stay,
}

/// Which channels are calls, and which are left to others.
#[derive(Clone)]
struct Accept(Arc<dyn Fn(&StasisStart) -> bool + Send + Sync>);

/// Settings of a [`StasisApp`], from [`StasisApp::builder`].
///
/// ```no_run
/// use asterisk_sync::ari::{AriClient, Departure, StasisApp, StasisCall};
/// use asterisk_sync::types::HangupCause;
/// use std::time::Duration;
///
/// # fn demo(ari: &AriClient) -> asterisk_sync::Result<()> {
/// let app = StasisApp::builder(ari)
///     .workers(32)
///     .queue(16)
///     .overflow(Departure::HangUp(HangupCause::SwitchCongestion))
///     .accept(|start| start.args.first().is_some_and(|first| first == "ivr"))
///     .grace(Duration::from_secs(60))
///     .handler(|call: &StasisCall| call.channel().answer())
///     .build()?;
/// # let _ = app;
/// # Ok(()) }
/// ```
#[derive(Clone)]
#[must_use = "nothing is heard before build()"]
pub struct StasisAppBuilder {
    pub(super) ari: AriClient,
    pub(super) applications: Vec<String>,
    pub(super) workers: usize,
    pub(super) queue: usize,
    pub(super) overflow: Departure,
    pub(super) on_return: Departure,
    pub(super) on_failure: Option<Departure>,
    pub(super) bounds: Subscribe,
    pub(super) adopts: bool,
    pub(super) grace: Duration,
    pub(super) stack: usize,
    own_legs: bool,
    accept: Option<Accept>,
    pub(super) handler: Option<Arc<dyn StasisHandler>>,
}

impl StasisAppBuilder {
    pub(super) fn new(ari: &AriClient) -> Self {
        Self {
            ari: ari.clone(),
            applications: Vec::new(),
            workers: 64,
            queue: 64,
            overflow: Departure::default(),
            on_return: Departure::default(),
            on_failure: None,
            bounds: Subscribe::default().events(1_024).bytes(4 << 20),
            adopts: true,
            grace: Duration::from_secs(10),
            stack: 512 << 10,
            own_legs: false,
            accept: None,
            handler: None,
        }
    }

    /// Serves only this application of the client's; said again, also that one. Default: all that it
    /// has, and where Asterisk made the connection those too that it registers later.
    pub fn application(mut self, name: impl Into<String>) -> Self {
        self.applications.push(name.into());
        self
    }

    /// How many calls are handled at a time, each by a thread. Default: 64. A thread is started when
    /// there is need for one more, and stays.
    pub fn workers(mut self, workers: usize) -> Self {
        self.workers = workers;
        self
    }

    /// How many calls wait for a worker when all are busy. Default: 64; with 0 nobody waits.
    ///
    /// Who waits hears nothing, unless the dialplan has answered or rung before `Stasis()`.
    pub fn queue(mut self, places: usize) -> Self {
        self.queue = places;
        self
    }

    /// What becomes of a call for which the queue has no place, and of those that come or wait at a
    /// shutdown. Default: it goes on in the dialplan at once, behind `Stasis()`.
    pub fn overflow(mut self, departure: Departure) -> Self {
        self.overflow = departure;
        self
    }

    /// What becomes of a call that is still in the application when its handler has returned. Default:
    /// it goes on in the dialplan, behind `Stasis()`, as behind `AGI()`.
    ///
    /// What it is then playing or recording is done first, since Asterisk lets a channel leave no sooner;
    /// stop what has no end of its own, such as a tone. Not asked where the handler has hung up,
    /// continued or moved the channel by [`StasisCall::channel`](super::StasisCall::channel).
    pub fn on_return(mut self, departure: Departure) -> Self {
        self.on_return = departure;
        self
    }

    /// The same for one whose handler has failed or panicked, or was still at it when the grace of a
    /// shutdown was over; what it is then playing or recording is stopped. Default: what [`on_return`](Self::on_return) says, and where that is
    /// [`Departure::Stay`], it is hung up: nobody would look after it.
    pub fn on_failure(mut self, departure: Departure) -> Self {
        self.on_failure = Some(departure);
        self
    }

    /// Which channels are calls. What it declines stays in the application, for others of this program
    /// to look after. Default: all but [those that this program has made](Self::own_legs), of which this
    /// is not asked.
    ///
    /// It runs on the thread that hears of everything, so it should not wait for anything. If it panics,
    /// the answer is no.
    pub fn accept(
        mut self,
        is_ours: impl Fn(&StasisStart) -> bool + Send + Sync + 'static,
    ) -> Self {
        self.accept = Some(Accept(Arc::new(is_ours)));
        self
    }

    /// Whether channels that this program has made itself are calls for the handler. Default: no, since
    /// whoever made them, most often a handler that dials somebody, drives them.
    ///
    /// They are known by their ids: those of [`pending_channel`](AriClient::pending_channel), and of what
    /// is made without an id of the caller's choice by handles, such as
    /// [`snoop`](crate::ari::ChannelHandle::snoop). A leg that was made with an id of one's own, or with
    /// one that the server chose, is taken for a call unless [`accept`](Self::accept) declines it. The
    /// second half of a Local channel is where the dialplan has it; if that brings it here, it is a
    /// call.
    pub fn own_legs(mut self, are_calls: bool) -> Self {
        self.own_legs = are_calls;
        self
    }

    /// Whether channels are served that are found in the application: at the beginning, those that
    /// entered it before, of an earlier run maybe; after a lost connection, those whose entering was not
    /// heard. Default: yes. If not, they stay where they are.
    ///
    /// What an earlier run has called itself cannot be told from callers; if there can be such,
    /// [`sweep_orphans`](crate::ari::sweep_orphans) hangs it up before the client connects.
    pub fn adopt(mut self, found: bool) -> Self {
        self.adopts = found;
        self
    }

    /// How many events of each call may wait for its handler, and which are dropped beyond that. Default:
    /// 1,024 events of together 4 MiB, of which the oldest give way.
    pub fn events(mut self, bounds: Subscribe) -> Self {
        self.bounds = bounds;
        self
    }

    /// How long calls may go on after a shutdown before they are ended. Default: 10 seconds.
    pub fn grace(mut self, grace: Duration) -> Self {
        self.grace = grace;
        self
    }

    /// The stack of each worker, in bytes. Default: 512 KiB, of which the system only spends what is
    /// used. A handler that recurses deeply, or keeps large arrays, needs more.
    pub fn stack_size(mut self, bytes: usize) -> Self {
        self.stack = bytes;
        self
    }

    /// Who answers the calls: a closure, or anything that is a [`StasisHandler`]. There is no default.
    pub fn handler(mut self, handler: impl StasisHandler) -> Self {
        self.handler = Some(Arc::new(handler));
        self
    }

    /// Begins to listen. Calls that come from now on wait until [`StasisApp::run`]. Asks nothing of the
    /// server.
    ///
    /// # Errors
    ///
    /// [`Error::Invalid`] without a handler, with no workers, and for an
    /// [application](Self::application) that is none of the client's, or that Asterisk has not
    /// registered yet where it made the connection; [`Error::Limit`] for too many workers.
    pub fn build(self) -> Result<StasisApp> {
        if self.workers == 0 {
            return Err(Error::invalid("calls need at least one worker"));
        }
        if self.workers > MOST_WORKERS {
            let (size, limit) = (self.workers as u64, MOST_WORKERS as u64);
            return Err(Error::Limit { what: "workers", size, limit });
        }
        let ours = self.ari.applications();
        if let Some(other) = self.applications.iter().find(|name| !ours.contains(name)) {
            return Err(Error::invalid(format!("{other:?} is no application of this client's")));
        }
        StasisApp::launch(self)
    }

    /// Whether all applications of the client's are served, and not only those that were named.
    pub(super) fn serves_all(&self) -> bool {
        self.applications.is_empty()
    }

    pub(super) fn on_failure_or_default(&self) -> Departure {
        self.on_failure.clone().unwrap_or_else(|| match &self.on_return {
            Departure::Stay => Departure::HangUp(HangupCause::NormalTemporaryFailure),
            departure => departure.clone(),
        })
    }

    /// Whether a channel is a call for the handler. A question that panics has not been answered with
    /// yes.
    pub(super) fn takes(&self, start: &StasisStart) -> bool {
        if !self.own_legs && is_own(&start.channel.id) {
            return false;
        }
        self.accept.as_ref().is_none_or(|accept| {
            catch_unwind(AssertUnwindSafe(|| (accept.0)(start))).unwrap_or_else(|_| {
                log::error!(
                    "{:?}: the question whether it is accepted panicked",
                    start.channel.name
                );
                false
            })
        })
    }
}

impl fmt::Debug for StasisAppBuilder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("StasisAppBuilder")
            .field("applications", &self.applications)
            .field("workers", &self.workers)
            .field("queue", &self.queue)
            .field("overflow", &self.overflow)
            .field("on_return", &self.on_return)
            .field("on_failure", &self.on_failure)
            .field("adopt", &self.adopts)
            .field("own_legs", &self.own_legs)
            .field("events", &self.bounds)
            .field("grace", &self.grace)
            .finish_non_exhaustive()
    }
}
