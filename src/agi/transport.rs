//! What carries commands and replies: a socket, standard input and output, a manager's connection,
//! memory.

use std::convert::Infallible;
use std::fmt;
use std::time::Instant;

use crossbeam_channel::Receiver;

use crate::error::Result;
use crate::net::SocketAddr;

/// One session's way to Asterisk and back.
///
/// A transport moves bytes and knows nothing of what they say. It is used by one thread at a time,
/// the one that runs the handler. Dropping it ends the session in both directions.
pub(crate) trait Transport: Send + fmt::Debug {
    /// Sends one command: a whole line, its newline included. What fails says whether any of it
    /// may have left: [`Error::Disconnected`](crate::Error::Disconnected), or what else the
    /// transport knows better.
    fn send(&mut self, line: &[u8], wait: Wait) -> Result<()>;

    /// Reads what has arrived into `buf`, waiting as long as it may if there is nothing.
    fn receive(&mut self, buf: &mut [u8], wait: Wait) -> Result<Received>;

    /// Whether the hangup was told otherwise than by a line among the replies: by a signal, by an
    /// event. Never waits.
    fn is_hung_up(&mut self) -> bool {
        false
    }

    /// Once the session is over: whether the hangup ended it; `None` if there is no telling. Waits,
    /// a little and no longer than it may, where the word of it can come behind the end.
    fn ended_by_hangup(&mut self, _: Wait) -> Option<bool> {
        None
    }

    /// Whether the session goes on although something failed.
    fn goes_on(&self) -> bool {
        false
    }

    /// What disconnects at the hangup, if it is told otherwise than by a line.
    fn hangup_signal(&self) -> Option<Receiver<Infallible>> {
        None
    }

    /// The other end, where there is one with an address.
    fn peer_addr(&self) -> Option<SocketAddr> {
        None
    }
}

/// How long to wait.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Wait {
    /// As long as it takes.
    Always,
    /// Until then.
    Until(Instant),
    /// Not at all.
    Never,
}

impl Wait {
    /// Whether the time for it is over.
    pub(super) fn is_over(self) -> bool {
        match self {
            Self::Always => false,
            Self::Until(at) => at <= Instant::now(),
            Self::Never => true,
        }
    }
}

/// What came of waiting.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Received {
    /// So many bytes, at least one.
    Bytes(usize),
    /// Nothing within the time.
    Nothing,
    /// Nothing, for ever: the peer has ended the session, or the connection is lost.
    End,
}
