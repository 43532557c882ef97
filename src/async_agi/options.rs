//! How calls are to be served over AMI, and how that went.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use crate::agi::AgiLimits;
use crate::ami::event::AsyncAGIStart;

/// Which channels are ours.
pub(super) type Claim = Arc<dyn Fn(&AsyncAGIStart) -> bool + Send + Sync>;

/// Settings for [`AmiClient::serve_async_agi`](crate::ami::AmiClient::serve_async_agi). A number
/// is one of so many workers, and all else at its default.
///
/// ```
/// use asterisk_sync::async_agi::AsyncAgiOptions;
/// use std::time::Duration;
///
/// let options = AsyncAgiOptions::new()
///     .workers(32)
///     .queue(64)
///     .claim(|start| start.channel().context() == "ivr")
///     .command_timeout(Duration::from_secs(60));
/// ```
#[derive(Clone)]
#[must_use = "it is for serve_async_agi"]
pub struct AsyncAgiOptions {
    pub(super) workers: usize,
    pub(super) queue: usize,
    pub(super) grace: Duration,
    pub(super) stack: usize,
    pub(super) limits: AgiLimits,
    pub(super) command_timeout: Option<Duration>,
    pub(super) claim: Option<Claim>,
}

impl AsyncAgiOptions {
    /// The defaults, which each setter names.
    pub fn new() -> Self {
        Self {
            workers: 32,
            queue: 64,
            grace: Duration::from_secs(10),
            stack: 256 << 10,
            limits: AgiLimits::new(),
            command_timeout: None,
            claim: None,
        }
    }

    /// How many calls are handled at a time. 32.
    pub fn workers(mut self, workers: usize) -> Self {
        self.workers = workers;
        self
    }

    /// How many channels may wait for a worker. 64. Further ones are sent back to the dialplan at
    /// once, which goes on behind `AGI()`.
    pub fn queue(mut self, channels: usize) -> Self {
        self.queue = channels;
        self
    }

    /// How long calls may go on after a shutdown. 10 seconds.
    pub fn grace(mut self, grace: Duration) -> Self {
        self.grace = grace;
        self
    }

    /// The stack of a worker, in bytes. 256 KiB.
    pub fn stack_size(mut self, bytes: usize) -> Self {
        self.stack = bytes;
        self
    }

    /// How much a description and a reply may hold.
    pub fn limits(mut self, limits: AgiLimits) -> Self {
        self.limits = limits;
        self
    }

    /// How long each command may take, unless the handler says otherwise. Without it, as long as
    /// it takes.
    pub fn command_timeout(mut self, timeout: impl Into<Option<Duration>>) -> Self {
        self.command_timeout = timeout.into();
        self
    }

    /// Which channels are ours; without it, all. For channels that are found after a lost
    /// connection, the event is made of what `Status` tells.
    ///
    /// The closure runs on the thread that hears of channels; one that waits holds up all of them.
    pub fn claim(
        mut self,
        is_ours: impl Fn(&AsyncAGIStart) -> bool + Send + Sync + 'static,
    ) -> Self {
        self.claim = Some(Arc::new(is_ours));
        self
    }
}

impl Default for AsyncAgiOptions {
    fn default() -> Self {
        Self::new()
    }
}

impl From<usize> for AsyncAgiOptions {
    fn from(workers: usize) -> Self {
        Self::new().workers(workers)
    }
}

impl fmt::Debug for AsyncAgiOptions {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("AsyncAgiOptions")
            .field("workers", &self.workers)
            .field("queue", &self.queue)
            .field("grace", &self.grace)
            .field("stack", &self.stack)
            .field("limits", &self.limits)
            .field("command_timeout", &self.command_timeout)
            .field("claims", &if self.claim.is_some() { "some channels" } else { "all" })
            .finish()
    }
}

/// What is served at the moment, and has been so far.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct AsyncAgiStats {
    /// Calls that are being handled.
    pub active: usize,
    /// Channels that wait for a worker.
    pub queued: usize,
    /// Calls that ended as they should: the handler returned, or the caller hung up.
    pub served: u64,
    /// Calls whose handler returned an error or panicked.
    pub failed: u64,
    /// Those of them whose handler panicked.
    pub panicked: u64,
    /// Channels that were sent back to the dialplan for want of room, or at a shutdown.
    pub refused: u64,
}

/// What was served, from [`AsyncAgi::shutdown`](super::AsyncAgi::shutdown).
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct AsyncAgiReport {
    /// Calls that ended as they should: the handler returned, or the caller hung up.
    pub served: u64,
    /// Calls whose handler returned an error or panicked.
    pub failed: u64,
    /// Those of them whose handler panicked.
    pub panicked: u64,
    /// Channels that were sent back to the dialplan for want of room, or at the shutdown.
    pub refused: u64,
    /// Calls that were still under way when the grace was over, so that their sessions were ended.
    /// They are counted above as well, by how their handlers ended.
    pub closed: u64,
}
