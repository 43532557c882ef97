//! How much a peer may send, and how long it may take.

use std::time::Duration;

/// What is taken from whoever connects, before and after it has proved to be Asterisk.
///
/// FastAGI knows no passwords: anybody who reaches the port can speak. So what describes the call
/// has a deadline and a size, and so has each reply.
///
/// ```
/// use asterisk_sync::agi::AgiLimits;
/// use std::time::Duration;
///
/// let limits = AgiLimits::new().timeout(Duration::from_secs(2)).max_bytes(16 * 1024);
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AgiLimits {
    pub(crate) timeout: Duration,
    pub(crate) max_line: usize,
    pub(crate) max_variables: usize,
    pub(crate) max_bytes: usize,
    pub(crate) max_reply: usize,
}

impl AgiLimits {
    /// The limits that hold unless others are set: each setter names its own.
    pub const fn new() -> Self {
        Self {
            timeout: Duration::from_secs(10),
            max_line: 16 * 1024,
            max_variables: 256,
            max_bytes: 64 * 1024,
            max_reply: 1024 * 1024,
        }
    }

    /// How long the description of the call may take to arrive as a whole. 10 seconds.
    #[must_use]
    pub const fn timeout(mut self, timeout: Duration) -> Self {
        self.timeout = timeout;
        self
    }

    /// How long one line of it may be. 16 KiB.
    #[must_use]
    pub const fn max_line(mut self, bytes: usize) -> Self {
        self.max_line = bytes;
        self
    }

    /// How many variables it may have. 256; Asterisk sends about 20, and one for each argument.
    #[must_use]
    pub const fn max_variables(mut self, count: usize) -> Self {
        self.max_variables = count;
        self
    }

    /// How large it may be. 64 KiB.
    #[must_use]
    pub const fn max_bytes(mut self, bytes: usize) -> Self {
        self.max_bytes = bytes;
        self
    }

    /// How large one reply may be: in effect, the value of a variable. 1 MiB. A larger one is
    /// skipped and is [`ProtocolError::Oversized`](crate::ProtocolError::Oversized).
    #[must_use]
    pub const fn max_reply(mut self, bytes: usize) -> Self {
        self.max_reply = bytes;
        self
    }
}

impl Default for AgiLimits {
    fn default() -> Self {
        Self::new()
    }
}
