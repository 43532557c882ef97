//! FastAGI: a port that Asterisk calls.
//!
//! The threads are those of a [`Floor`], named `agi-1` and so on. A call passes three gates: the
//! admission, by its address; the [`reception`](crate::serving), where it sits until it has been
//! described; the [`pool`](crate::sync::pool), which has a turn for it, or a place in the queue, or
//! neither. Workers and queue are only ever held by callers who have spoken, so silent connections
//! can hold the reception's places at most, and those they lose to whoever comes.

mod builder;
mod guard;
mod stats;

pub use crate::sync::shutdown::ShutdownHandle;
pub use builder::{AgiOverflow, AgiServerBuilder};
pub use guard::AgiServerGuard;
pub use stats::{AgiReport, AgiServerStats};

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use super::socket::Socket;
use super::{AgiChannel, AgiHandler, AgiLimits, AgiRequest, session};
use crate::error::{Error, Result};
use crate::net::{Listener, ReadHalf, SocketAddr, WriteHalf};
use crate::serving::{Admission, Floor, Service, Size, Visitor};
use crate::sync::pool::{Failure, Patience, Turn};

/// Workers that wait for calls from the start. One caller at a time gets a tenth more from many threads
/// that take turns than from a few: where the system wakes a thread depends on where it ran last
/// (`agi-1` in `benches/versus`).
const READY: usize = 64;

/// The line that makes Asterisk leave AGI with `AGISTATUS` at `FAILURE`, whatever it expects.
const FAILURE: &[u8] = b"FAILURE\n";

/// A FastAGI server: Asterisk connects to it for each `AGI(agi://host/script)`.
///
/// ```no_run
/// use asterisk_sync::agi::{AgiChannel, AgiRequest, AgiServer};
///
/// # fn main() -> asterisk_sync::Result<()> {
/// let server = AgiServer::builder()
///     .bind("0.0.0.0:4573")
///     .admission(|peer| peer.ip().to_string() == "192.0.2.10")
///     .handler(|request: &AgiRequest, agi: &mut AgiChannel| {
///         agi.answer()?;
///         agi.stream_file("hello-world", "")?;
///         agi.verbose(&format!("{} has heard it", request.channel()), 1)
///     })
///     .build()?;
/// let stop = server.shutdown_handle();
/// std::thread::spawn(move || {
///     let _ = std::io::stdin().read_line(&mut String::new());
///     stop.shutdown();
/// });
/// let report = server.run()?;
/// println!("{} calls", report.served);
/// # Ok(()) }
/// ```
///
/// # What happens when
///
/// | | |
/// |---|---|
/// | all workers are busy | the caller waits in the queue |
/// | the queue is full | he is refused at once, or waits as long as [`AgiOverflow::Wait`] says; the first who is refused is logged as a warning |
/// | he says nothing | he is hung up on after [`prelude_timeout`](AgiServerBuilder::prelude_timeout), or earlier if others want his place |
/// | the caller hangs up | the handler's commands fail with [`Error::Hangup`], and it returns |
/// | a handler returns an error, or panics | its call ends, nothing else; that is logged and counted |
/// | there are no descriptors | callers wait in the operating system, and accepting is tried again, ever more slowly |
/// | [`ShutdownHandle::shutdown`] | no more callers are accepted; those who are here are served as long as [`grace`](AgiServerBuilder::grace) lasts, then hung up on |
///
/// Where a caller is refused, or his handler fails, the dialplan goes on behind `AGI()` with
/// `AGISTATUS` at `FAILURE`.
pub struct AgiServer {
    floor: Arc<Floor<Agi>>,
    grace: Duration,
}

/// What is done with callers.
struct Agi {
    handler: Arc<dyn AgiHandler>,
    admission: Option<Admission<SocketAddr>>,
    limits: AgiLimits,
    overflow: AgiOverflow,
    command_timeout: Option<Duration>,
    turned_away: AtomicU64,
    unread: AtomicU64,
}

/// A call that has been described.
struct Call {
    request: AgiRequest,
    channel: AgiChannel,
    connection: WriteHalf,
}

impl AgiServer {
    /// A server with everything at its default: see [`AgiServerBuilder`].
    pub fn builder() -> AgiServerBuilder {
        AgiServerBuilder::default()
    }

    fn launch(settings: AgiServerBuilder) -> Result<Self> {
        let Some(handler) = settings.handler else {
            return Err(Error::invalid("a server needs a handler"));
        };
        let size = Size {
            turns: settings.workers,
            queue: settings.queue,
            seats: settings.receiving,
            ready: settings.workers.min(READY),
            stack: settings.stack,
        };
        size.validate("workers", "preludes")?;
        let service = Agi {
            handler,
            admission: settings.admission,
            limits: settings.limits,
            overflow: settings.overflow,
            command_timeout: settings.command_timeout,
            turned_away: AtomicU64::new(0),
            unread: AtomicU64::new(0),
        };
        let listener = Listener::bind(&settings.address)?;
        let floor = Arc::new(Floor::new(service, listener, "agi", size));
        Ok(Self { floor, grace: settings.grace })
    }

    /// The address it listens on, with the port it got if it asked for any.
    pub fn local_addr(&self) -> SocketAddr {
        self.floor.listener.address()
    }

    /// What ends [`run`](Self::run), from any thread.
    pub fn shutdown_handle(&self) -> ShutdownHandle {
        ShutdownHandle::new(&self.floor.listener)
    }

    /// What it is at, and has done so far.
    pub fn stats(&self) -> AgiServerStats {
        AgiServerStats::of(&self.floor)
    }

    /// Serves calls until [`ShutdownHandle::shutdown`], and returns what happened when all is over:
    /// every thread has been joined.
    ///
    /// After a shutdown that takes until the calls have ended, and no longer than the
    /// [`grace`](AgiServerBuilder::grace) if their handlers return soon after their connections have
    /// been closed: from then on every AGI command fails at once. A handler that never returns is
    /// waited for, since nothing can end a thread of yours.
    ///
    /// # Errors
    ///
    /// [`Error::Io`] if not even one thread can be started, [`Error::Invalid`] if it has been run
    /// before.
    pub fn run(&self) -> Result<AgiReport> {
        let address = self.local_addr();
        log::info!("AGI is served on {address}");
        let closed = self.floor.run(self.grace)?;
        let stats = self.stats();
        log::info!("AGI is no longer served on {address}: {stats:?}");
        Ok(AgiReport {
            served: stats.served,
            failed: stats.failed,
            panicked: stats.panicked,
            refused: stats.refused,
            turned_away: stats.turned_away,
            unread: stats.unread,
            closed,
        })
    }

    /// [`run`](Self::run)s on a thread of its own, named `agi-server`. What is returned ends it when
    /// it is dropped.
    ///
    /// # Errors
    ///
    /// [`Error::Io`] if the thread cannot be started.
    pub fn spawn(self) -> Result<AgiServerGuard> {
        AgiServerGuard::start(self)
    }
}

impl Service for Agi {
    type Job = Call;

    fn receive(&self, floor: &Floor<Self>, visitor: Visitor) -> Option<Call> {
        let Visitor { read, write: connection, peer } = visitor;
        if self.admission.as_ref().is_some_and(|admission| !admission.admits(&peer)) {
            log::debug!("{peer} is not let in");
            self.turned_away.fetch_add(1, Ordering::Relaxed);
            return None;
        }
        if self.overflow == AgiOverflow::Refuse && floor.pool.is_full() {
            floor.tell_refused(peer);
            floor.pool.refuse();
            refuse(&connection);
            return None;
        }
        match self.describe(floor, read, &connection, peer) {
            Ok((request, mut channel)) => {
                channel.set_timeout(self.command_timeout);
                Some(Call { request, channel, connection })
            }
            Err(e) => {
                connection.shutdown();
                log::debug!("{peer} described no call: {e}");
                self.unread.fetch_add(1, Ordering::Relaxed);
                None
            }
        }
    }

    fn patience(&self) -> Patience {
        match self.overflow {
            AgiOverflow::Refuse => Patience::None,
            AgiOverflow::Wait(limit) => {
                Instant::now().checked_add(limit).map_or(Patience::Endless, Patience::Until)
            }
        }
    }

    fn refuse(&self, call: Call) {
        refuse(&call.connection);
    }

    fn dismiss(&self, call: Call) {
        call.connection.shutdown();
    }

    fn handle(&self, _: &Floor<Self>, turn: &Turn<'_, Call>, call: &mut Call) {
        let Call { request, channel, connection } = call;
        let ending = connection.clone();
        let outcome = turn.run(Arc::new(move || ending.shutdown()), || {
            match self.handler.handle(request, channel) {
                Err(Error::Hangup) => Ok(()),
                other => other,
            }
        });
        let Err(failure) = outcome else { return };
        let (name, script) = (request.channel(), request.script());
        match failure {
            Failure::Error(e) => log::warn!("{name:?}: the script {script:?} failed: {e}"),
            Failure::Panic(words) => {
                log::error!("{name:?}: the script {script:?} panicked: {words}");
            }
        }
        // Nobody is there to hear it, most likely, if the connection was what failed.
        let _ = connection.write_all(FAILURE);
    }
}

impl Agi {
    fn describe(
        &self,
        floor: &Floor<Self>,
        read: ReadHalf,
        connection: &WriteHalf,
        peer: SocketAddr,
    ) -> Result<(AgiRequest, AgiChannel)> {
        let seat = floor.reception.sit(connection).ok_or(Error::Closed)?;
        let socket = Socket::new(read, connection.clone(), Some(peer));
        let call = session::open(Box::new(socket), &self.limits)?;
        // Whoever took the place has closed the connection.
        if seat.leave() { Ok(call) } else { Err(Error::Closed) }
    }
}

/// Sends a caller away so that the dialplan hears of it.
fn refuse(connection: &WriteHalf) {
    // He may have left already.
    let _ = connection.write_all(FAILURE);
    connection.shutdown();
}

impl fmt::Debug for AgiServer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("AgiServer")
            .field("address", &self.local_addr())
            .field("stats", &self.stats())
            .finish_non_exhaustive()
    }
}
