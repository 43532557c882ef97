//! How a server is to be.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use super::AgiServer;
use crate::agi::{AgiHandler, AgiLimits};
use crate::error::Result;
use crate::net::SocketAddr;
use crate::serving::Admission;

/// Where a server listens if it is told nothing: this machine alone, on FastAGI's own port.
const ADDRESS: &str = "127.0.0.1:4573";

/// What becomes of a caller when all workers are busy and the queue is full.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[non_exhaustive]
pub enum AgiOverflow {
    /// He is refused at once: the dialplan goes on behind `AGI()`, with `AGISTATUS` at `FAILURE`.
    #[default]
    Refuse,
    /// He waits so long for a place in the queue, and is refused then. Meanwhile further callers
    /// are not even accepted: they wait in the operating system, which holds up to 4,096 of them.
    Wait(Duration),
}

/// Settings of an [`AgiServer`], from [`AgiServer::builder`].
///
/// ```
/// use asterisk_sync::agi::{AgiChannel, AgiRequest, AgiServer};
/// use std::time::Duration;
///
/// # fn main() -> asterisk_sync::Result<()> {
/// let server = AgiServer::builder()
///     .bind("127.0.0.1:0")
///     .workers(32)
///     .queue(16)
///     .admission(|peer| peer.ip().is_loopback())
///     .command_timeout(Duration::from_secs(60))
///     .handler(|_: &AgiRequest, agi: &mut AgiChannel| agi.answer())
///     .build()?;
/// println!("AGI(agi://{}/)", server.local_addr());
/// # Ok(()) }
/// ```
#[derive(Clone)]
#[must_use = "nothing listens before build()"]
pub struct AgiServerBuilder {
    pub(super) address: String,
    pub(super) workers: usize,
    pub(super) queue: usize,
    pub(super) overflow: AgiOverflow,
    pub(super) limits: AgiLimits,
    pub(super) receiving: usize,
    pub(super) command_timeout: Option<Duration>,
    pub(super) grace: Duration,
    pub(super) stack: usize,
    pub(super) admission: Option<Admission<SocketAddr>>,
    pub(super) handler: Option<Arc<dyn AgiHandler>>,
}

impl Default for AgiServerBuilder {
    fn default() -> Self {
        Self {
            address: ADDRESS.to_owned(),
            workers: 64,
            queue: 64,
            overflow: AgiOverflow::default(),
            limits: AgiLimits::default(),
            receiving: 256,
            command_timeout: None,
            grace: Duration::from_secs(10),
            stack: 256 << 10,
            admission: None,
            handler: None,
        }
    }
}

impl AgiServerBuilder {
    /// Where to listen: an address and a port, such as `0.0.0.0:4573` or `[::1]:4573`; port 0 is a
    /// free one. Default: `127.0.0.1:4573`, for Asterisk on the same machine.
    ///
    /// FastAGI has neither a password nor encryption: whoever reaches the port can play Asterisk.
    /// Behind any other address than loopback's, let only your own Asterisk in, by a firewall or by
    /// [`admission`](Self::admission).
    #[expect(clippy::needless_pass_by_value, reason = "a string or an address, at no cost")]
    pub fn bind(mut self, address: impl ToString) -> Self {
        self.address = address.to_string();
        self
    }

    /// How many calls are handled at a time, each by a thread. Default: 64. Up to 64 threads are
    /// started with the server, the others when there is need for one more; all stay.
    pub fn workers(mut self, workers: usize) -> Self {
        self.workers = workers;
        self
    }

    /// The same as [`workers`](Self::workers), by the name other libraries have for it.
    pub fn max_connections(self, connections: usize) -> Self {
        self.workers(connections)
    }

    /// How many callers wait for a worker when all are busy. Default: 64; with 0 nobody waits.
    ///
    /// There is no limit to how long: a caller waits until a worker is free, he hangs up and is
    /// noticed by the handler's first command, or the server ends. Where a caller must not wait in
    /// silence, keep the queue short.
    pub fn queue(mut self, places: usize) -> Self {
        self.queue = places;
        self
    }

    /// What becomes of a caller for whom the queue has no place. Default: he is refused at once.
    pub fn overflow(mut self, overflow: AgiOverflow) -> Self {
        self.overflow = overflow;
        self
    }

    /// How long a caller may take to describe the call. Default: the limits'
    /// [`timeout`](AgiLimits::timeout), 10 seconds. Asterisk does it at once.
    pub fn prelude_timeout(mut self, timeout: Duration) -> Self {
        self.limits = self.limits.timeout(timeout);
        self
    }

    /// How many callers may be describing their call at a time. Default: 256.
    ///
    /// They need no worker meanwhile. When there are as many, the one who came first, a quarter of a
    /// second ago at least, is sent away for the next, whatever he has said so far. So connections
    /// that say nothing, or go on and on, do not keep calls away.
    pub fn max_preludes(mut self, callers: usize) -> Self {
        self.receiving = callers;
        self
    }

    /// What is taken from whoever connects. [`prelude_timeout`](Self::prelude_timeout) is one of
    /// these.
    pub fn limits(mut self, limits: AgiLimits) -> Self {
        self.limits = limits;
        self
    }

    /// Who is let in, by his address. It is asked for each connection, before a byte is read; whom
    /// it refuses is hung up on. Default: everybody.
    ///
    /// It runs on a thread that could accept the next call, so it should not wait for anything. If
    /// it panics, the answer is no.
    pub fn admission(
        mut self,
        admits: impl Fn(SocketAddr) -> bool + Send + Sync + 'static,
    ) -> Self {
        self.admission = Some(Admission::new(move |peer: &SocketAddr| admits(*peer)));
        self
    }

    /// How long each command may take, as if every handler began with
    /// [`AgiChannel::set_timeout`](crate::agi::AgiChannel::set_timeout). Default: as long as it
    /// takes; a prompt, a recording, a dialled call may well take minutes.
    pub fn command_timeout(mut self, timeout: impl Into<Option<Duration>>) -> Self {
        self.command_timeout = timeout.into();
        self
    }

    /// How long calls may go on after a shutdown before their connections are closed. Default: 10
    /// seconds.
    pub fn grace(mut self, grace: Duration) -> Self {
        self.grace = grace;
        self
    }

    /// The stack of each thread, in bytes. Default: 256 KiB, of which the system only spends what is
    /// used. A handler that recurses deeply, or keeps large arrays, needs more.
    pub fn stack_size(mut self, bytes: usize) -> Self {
        self.stack = bytes;
        self
    }

    /// Who answers the calls: a closure, a [`Router`](crate::agi::Router), anything that is an
    /// [`AgiHandler`]. There is no default.
    pub fn handler(mut self, handler: impl AgiHandler) -> Self {
        self.handler = Some(Arc::new(handler));
        self
    }

    /// Listens. Calls that come from now on wait until [`AgiServer::run`].
    ///
    /// # Errors
    ///
    /// [`Error::Invalid`](crate::Error::Invalid) without a handler, or with settings that cannot be;
    /// [`Error::Io`](crate::Error::Io) if the address cannot be had.
    pub fn build(self) -> Result<AgiServer> {
        AgiServer::launch(self)
    }
}

impl fmt::Debug for AgiServerBuilder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("AgiServerBuilder")
            .field("address", &self.address)
            .field("workers", &self.workers)
            .field("queue", &self.queue)
            .field("overflow", &self.overflow)
            .field("limits", &self.limits)
            .field("command_timeout", &self.command_timeout)
            .field("grace", &self.grace)
            .finish_non_exhaustive()
    }
}
