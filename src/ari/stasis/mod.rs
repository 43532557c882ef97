//! Calls in Stasis, each with a handler of its own: [`StasisApp`].
//!
//! # Threads
//!
//! One thread, `stasis-events`, hears of everything that happens in the applications, and waits for
//! nothing else. At a `StasisStart` it makes a call, with a queue for its events, before it looks at
//! the next event; so a call has every event that follows its `StasisStart`, be it in the same read.
//! It hands each event to the calls that it is about, and calls to the workers, `stasis-1` and so on,
//! by way of a pool, which has a worker for it, or a place in the queue, or
//! neither.
//!
//! Another, `stasis-door`, waits for the server where somebody has to: it sends away those for whom
//! there is no room, and looks who is here when that may not have been heard.

mod builder;
mod call;
mod desk;
mod door;
mod guard;
mod line;
mod stats;
mod stays;

pub use crate::sync::shutdown::ShutdownHandle;
pub use builder::{Departure, StasisAppBuilder};
pub use call::{StasisCall, StasisHandler};
pub use guard::StasisAppGuard;
pub use stats::{StasisAppStats, StasisReport};

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use crossbeam_channel::{Receiver, bounded, unbounded};
use parking_lot::Mutex;

use self::desk::Desk;
use self::door::Errand;
use super::client::AriClient;
use super::filter::Filter;
use super::message::AriMessage;
use crate::EventSubscription;
use crate::error::{Error, Result};
use crate::sync::worker::Worker;

/// These threads keep little on their stacks.
const STACK: usize = 256 << 10;

/// Serves the calls that enter an application: each gets a worker, which runs the handler with the
/// call's own events, from its entering to its leaving. It is to
/// Stasis what `AgiServer` is to AGI.
///
/// ```no_run
/// use asterisk_sync::ari::{AriClient, AriConfig, StasisApp, StasisCall};
///
/// # fn main() -> asterisk_sync::Result<()> {
/// let ari = AriClient::connect(AriConfig::new("http://pbx:8088", "user", "secret", "my-app"))?;
/// let app = StasisApp::builder(&ari)
///     .workers(32)
///     .handler(|call: &StasisCall| {
///         call.channel().answer()?;
///         call.channel().play("sound:hello-world")?.wait()?;
///         Ok(())
///     })
///     .build()?;
/// let stop = app.shutdown_handle();
/// std::thread::spawn(move || {
///     let _ = std::io::stdin().read_line(&mut String::new());
///     stop.shutdown();
/// });
/// let report = app.run()?;
/// println!("{} calls", report.served);
/// # Ok(()) }
/// ```
///
/// # What happens when
///
/// | | |
/// |---|---|
/// | all workers are busy | the call waits in the queue |
/// | the queue is full | it goes on in the dialplan at once, or what [`overflow`](StasisAppBuilder::overflow) says |
/// | this program has made the channel itself | it is no call: whoever made it drives it; see [`own_legs`](StasisAppBuilder::own_legs) and [`accept`](StasisAppBuilder::accept) |
/// | the handler returns | the call goes on in the dialplan, or what [`on_return`](StasisAppBuilder::on_return) says |
/// | the caller hangs up | the call's events and every wait end at once, with [`Error::Hangup`], and the handler returns |
/// | he does so while he waits | no handler is run |
/// | a handler returns an error, or panics | its call ends, nothing else, by [`on_failure`](StasisAppBuilder::on_failure); that is logged and counted |
/// | the channel comes back, is moved to another application, or another takes its place | that is another call, with events of its own |
/// | the event socket is lost | calls go on, with a gap in their events. When it stands again the server is asked: calls whose channels have gone are over, and channels whose coming was not heard are served ([`adopt`](StasisAppBuilder::adopt)) |
/// | the client is closed, or gives up | all calls are ended, and [`run`](Self::run) returns |
/// | [`ShutdownHandle::shutdown`] | calls that come or wait too long are treated as if the queue were full; those under way go on as long as [`grace`](StasisAppBuilder::grace) lasts, then they are ended and sent away |
///
/// No call of this app's stays in the application without anybody to look after it: what cannot be
/// sent away at once, for the connection is lost, is when it stands again. After the end of the app the
/// application is there as long as its client, and takes calls that nobody serves: close the client
/// then.
pub struct StasisApp {
    desk: Arc<Desk>,
    /// What the threads begin with, until they have.
    start: Mutex<Option<(EventSubscription<AriMessage>, Receiver<Errand>)>>,
    grace: Duration,
}

impl StasisApp {
    /// An app with everything at its default: see [`StasisAppBuilder`].
    pub fn builder(ari: &AriClient) -> StasisAppBuilder {
        StasisAppBuilder::new(ari)
    }

    fn launch(settings: StasisAppBuilder) -> Result<Self> {
        let Some(handler) = settings.handler.clone() else {
            return Err(Error::invalid("calls need a handler"));
        };
        let filter = settings.applications.iter().fold(Filter::all(), Filter::application);
        let events = settings.ari.subscribe_with(filter);
        // After that: one that is registered meanwhile is heard of.
        let applications = if settings.serves_all() {
            settings.ari.applications()
        } else {
            settings.applications.clone()
        };
        let (errands, work) = unbounded();
        let grace = settings.grace;
        let desk = Arc::new(Desk::new(settings, handler, &applications, errands));
        Ok(Self { desk, start: Mutex::new(Some((events, work))), grace })
    }

    /// What ends [`run`](Self::run), from any thread.
    pub fn shutdown_handle(&self) -> ShutdownHandle {
        ShutdownHandle::new(&self.desk)
    }

    /// What it is at, and has done so far.
    pub fn stats(&self) -> StasisAppStats {
        self.desk.stats()
    }

    /// Serves calls until [`ShutdownHandle::shutdown`] or the end of the client, and returns what
    /// happened when all is over: every thread has been joined. Channels that are in the application
    /// already are looked for and served too.
    ///
    /// After a shutdown that takes until the calls have ended, and no longer than the
    /// [`grace`](StasisAppBuilder::grace) if their handlers return soon after their calls have been
    /// ended: from then on every wait for something of the call fails at once, and the channel leaves,
    /// so that requests for it do too. A handler that never returns is waited for, since nothing can
    /// end a thread of yours. Where the server does not answer, up to two of the client's timeouts
    /// are spent on it.
    ///
    /// # Errors
    ///
    /// [`Error::Io`] if the threads cannot be started, [`Error::Invalid`] if it has been run before.
    pub fn run(&self) -> Result<StasisReport> {
        let Some((events, errands)) = self.start.lock().take() else {
            return Err(Error::invalid("the app has been run before"));
        };
        let desk = &self.desk;
        let serving = Arc::clone(desk);
        let door = Worker::spawn("stasis-door", STACK, move || door::serve(&serving, &errands))?;
        let (stop, stopped) = bounded(1);
        let hearing = Arc::clone(desk);
        let ears = Worker::spawn("stasis-events", STACK, move || hearing.listen(&events, &stopped));
        let started = ears.and_then(|ears| match desk.start_worker() {
            Ok(()) => Ok(ears),
            Err(e) => {
                let _ = stop.try_send(());
                ears.join();
                Err(e)
            }
        });
        let ears = match started {
            Ok(ears) => ears,
            Err(e) => {
                desk.ask_for(Errand::Leave);
                door.join();
                return Err(e.into());
            }
        };
        log::info!("calls in Stasis are served");
        desk.ask_for(Errand::Look);
        desk.wait_closed();
        let closed = desk.finish(self.grace);
        // While there are calls, what happens to them has to reach them.
        desk.crew.join();
        let _ = stop.try_send(());
        ears.join();
        desk.ask_for(Errand::Leave);
        door.join();
        let stats = desk.stats();
        log::info!("calls in Stasis are no longer served: {stats:?}");
        Ok(StasisReport {
            served: stats.served,
            failed: stats.failed,
            panicked: stats.panicked,
            refused: stats.refused,
            abandoned: stats.abandoned,
            passed_over: stats.passed_over,
            closed,
        })
    }

    /// [`run`](Self::run)s on a thread of its own, named `stasis-app`. What is returned ends it when it
    /// is dropped.
    ///
    /// # Errors
    ///
    /// [`Error::Io`] if the thread cannot be started.
    pub fn spawn(self) -> Result<StasisAppGuard> {
        StasisAppGuard::start(self)
    }
}

impl fmt::Debug for StasisApp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("StasisApp")
            .field("settings", &self.desk.settings)
            .field("stats", &self.stats())
            .finish_non_exhaustive()
    }
}
