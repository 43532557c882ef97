//! A session without a socket: both ends in memory, for tests.

use std::time::{Duration, Instant};

use crossbeam_channel::{Receiver, RecvTimeoutError, Sender, TryRecvError, unbounded};

use super::transport::{Received, Transport, Wait};
use crate::error::{Error, Result};

/// Our end of it.
#[derive(Debug)]
pub(crate) struct Memory {
    out: Sender<Vec<u8>>,
    input: Receiver<Vec<u8>>,
    answers: Receiver<Vec<u8>>,
    pending: Vec<u8>,
}

/// Asterisk's end of it. Dropping it ends the session.
#[derive(Debug)]
pub(crate) struct Far {
    out: Sender<Vec<u8>>,
    answers: Sender<Vec<u8>>,
    input: Receiver<Vec<u8>>,
}

/// The two ends of a session.
pub(crate) fn pair() -> (Memory, Far) {
    let (near_out, far_in) = unbounded();
    let (far_out, near_in) = unbounded();
    let (answers, near_answers) = unbounded();
    let pending = Vec::new();
    let near = Memory { out: near_out, input: near_in, answers: near_answers, pending };
    (near, Far { out: far_out, answers, input: far_in })
}

impl Far {
    /// Sends bytes, which arrive as one piece.
    pub(crate) fn send(&self, bytes: impl AsRef<[u8]>) {
        // Nobody is there any more: as with a socket, that is found out by reading.
        let _ = self.out.send(bytes.as_ref().to_vec());
    }

    /// Sends bytes once the next command has come that has no answer yet.
    pub(crate) fn answer(&self, bytes: impl AsRef<[u8]>) {
        let _ = self.answers.send(bytes.as_ref().to_vec());
    }

    /// The next command, with its newline; `None` if none comes within the time, or ever.
    pub(crate) fn command(&self, patience: Duration) -> Option<String> {
        let line = self.input.recv_timeout(patience).ok()?;
        Some(String::from_utf8_lossy(&line).into_owned())
    }
}

impl Transport for Memory {
    fn send(&mut self, line: &[u8], _: Wait) -> Result<()> {
        let sent = self.out.send(line.to_vec()).is_ok();
        if let Ok(answer) = self.answers.try_recv() {
            self.pending.extend(answer);
        }
        if sent { Ok(()) } else { Err(Error::Disconnected { sent: false }) }
    }

    fn receive(&mut self, buf: &mut [u8], wait: Wait) -> Result<Received> {
        while self.pending.is_empty() {
            let piece = match wait {
                Wait::Always => self.input.recv().map_err(|_| RecvTimeoutError::Disconnected),
                Wait::Until(at) => {
                    self.input.recv_timeout(at.saturating_duration_since(Instant::now()))
                }
                Wait::Never => self.input.try_recv().map_err(|e| match e {
                    TryRecvError::Empty => RecvTimeoutError::Timeout,
                    TryRecvError::Disconnected => RecvTimeoutError::Disconnected,
                }),
            };
            match piece {
                Ok(piece) => self.pending = piece,
                Err(RecvTimeoutError::Timeout) => return Ok(Received::Nothing),
                Err(RecvTimeoutError::Disconnected) => return Ok(Received::End),
            }
        }
        let n = buf.len().min(self.pending.len());
        buf[..n].copy_from_slice(&self.pending[..n]);
        self.pending.drain(..n);
        Ok(Received::Bytes(n))
    }
}
