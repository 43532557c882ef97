//! A FastAGI connection.

use std::io;
use std::time::{Duration, Instant};

use super::transport::{Received, Transport, Wait};
use crate::error::{Error, Result};
use crate::net::{ReadHalf, SocketAddr, WriteHalf};

/// How long a write may make no progress. Commands go out one at a time and fit the socket's
/// buffer, so only a peer that answers without ever reading is met by this.
const WRITE_TIMEOUT: Duration = Duration::from_secs(20);

/// A socket as a [`Transport`].
#[derive(Debug)]
pub(crate) struct Socket {
    read: ReadHalf,
    write: WriteHalf,
    peer: Option<SocketAddr>,
    /// Whether the socket's read timeout is set: most commands have none, and need not ask the
    /// kernel to take away what is not there.
    timed: bool,
}

impl Socket {
    /// Takes the halves of an accepted connection. Whoever keeps a clone of `write` can end the
    /// session from any thread with [`WriteHalf::shutdown`].
    pub(crate) fn new(
        read: ReadHalf,
        write: WriteHalf,
        peer: Option<SocketAddr>,
    ) -> io::Result<Self> {
        read.set_read_timeout(None)?;
        write.set_write_timeout(Some(WRITE_TIMEOUT))?;
        Ok(Self { read, write, peer, timed: false })
    }

    fn set_timeout(&mut self, timeout: Option<Duration>) -> io::Result<()> {
        if timeout.is_some() || self.timed {
            self.read.set_read_timeout(timeout)?;
            self.timed = timeout.is_some();
        }
        Ok(())
    }
}

impl Transport for Socket {
    fn send(&mut self, line: &[u8], _: Wait) -> Result<()> {
        self.write.write_all(line).map_err(|e| Error::Disconnected { sent: e.sent })
    }

    fn receive(&mut self, buf: &mut [u8], wait: Wait) -> Result<Received> {
        let read = match wait {
            Wait::Always => self.set_timeout(None).and_then(|()| self.read.read(buf)),
            Wait::Never => self.read.try_read(buf),
            Wait::Until(at) => {
                let left = at.saturating_duration_since(Instant::now());
                if left.is_zero() {
                    // A timeout of zero would be none; and what is there already is not late.
                    self.read.try_read(buf)
                } else {
                    self.set_timeout(Some(left)).and_then(|()| self.read.read(buf))
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

    fn close(&mut self) {
        self.write.shutdown();
    }
}

impl Drop for Socket {
    fn drop(&mut self) {
        // Whoever holds the other half to end the session must not keep the call waiting.
        self.close();
    }
}
