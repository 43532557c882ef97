//! A FastAGI connection.

use std::io;
use std::time::{Duration, Instant};

use super::transport::{Received, Transport, Wait};
use crate::error::{Error, Result};
use crate::net::{ReadHalf, SocketAddr, WriteHalf};

/// A socket as a [`Transport`].
#[derive(Debug)]
pub(crate) struct Socket {
    read: ReadHalf,
    write: WriteHalf,
    peer: Option<SocketAddr>,
    /// Whether a read may end for want of time. It is only asked for no more once one has: most
    /// commands are answered long before the time that the description of the call had is over.
    timed: bool,
}

impl Socket {
    /// Takes the halves of an accepted connection. Whoever keeps a clone of `write` can end the
    /// session from any thread with [`WriteHalf::shutdown`].
    pub(crate) fn new(read: ReadHalf, write: WriteHalf, peer: Option<SocketAddr>) -> Self {
        // Whoever made the connection may have set a timeout of his own.
        Self { read, write, peer, timed: true }
    }

    fn read_within(&mut self, buf: &mut [u8], time: Duration) -> io::Result<usize> {
        self.read.set_read_timeout(Some(time))?;
        self.timed = true;
        self.read.read(buf)
    }

    fn read_whenever(&mut self, buf: &mut [u8]) -> io::Result<usize> {
        match self.read.read(buf) {
            Err(e) if self.timed && e.kind() == io::ErrorKind::WouldBlock => {
                self.read.set_read_timeout(None)?;
                self.timed = false;
                self.read.read(buf)
            }
            other => other,
        }
    }
}

impl Transport for Socket {
    fn send(&mut self, line: &[u8], _: Wait) -> Result<()> {
        self.write.write_all(line).map_err(|e| Error::Disconnected { sent: e.sent })
    }

    fn receive(&mut self, buf: &mut [u8], wait: Wait) -> Result<Received> {
        let read = match wait {
            Wait::Always => self.read_whenever(buf),
            Wait::Never => self.read.try_read(buf),
            Wait::Until(at) => {
                let left = at.saturating_duration_since(Instant::now());
                if left.is_zero() {
                    // A timeout of zero would be none; and what is there already is not late.
                    self.read.try_read(buf)
                } else {
                    self.read_within(buf, left)
                }
            }
        };
        match read {
            Ok(0) => Ok(Received::End),
            Ok(n) => Ok(Received::Bytes(n)),
            Err(e) if e.kind() == io::ErrorKind::WouldBlock => Ok(Received::Nothing),
            Err(e) => {
                log::debug!("a session is lost: {e}");
                Ok(Received::End)
            }
        }
    }

    fn peer_addr(&self) -> Option<SocketAddr> {
        self.peer
    }
}

impl Drop for Socket {
    fn drop(&mut self) {
        // Whoever holds the other half to end the session must not keep the call waiting.
        self.write.shutdown();
    }
}
