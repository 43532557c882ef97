//! A script that Asterisk starts: `AGI(script)`.

use std::convert::Infallible;
use std::io::{self, Read, Write};
use std::time::{Duration, Instant};

use crossbeam_channel::{Receiver, RecvTimeoutError, TryRecvError, bounded};

use super::handler::AgiHandler;
use super::limits::AgiLimits;
use super::session::open;
use super::signal::HangupSignal;
use super::transport::{Received, Transport, Wait};
use crate::error::{Error, Result};

/// Handles the call that Asterisk started this program for, as `AGI(program)` or `EAGI(program)`.
///
/// Commands go to standard output, and nothing else may: whatever a program prints there Asterisk
/// takes for a command. Standard error is free, and goes to Asterisk's console. Call this once, from
/// `main`; afterwards the program should end, because that is what the dialplan waits for. When the
/// program's status is not 0, `AGISTATUS` is `FAILURE`.
///
/// Asterisk tells of the hangup by the signal SIGHUP, which ends a program that does not take it.
/// This does: commands end with [`Error::Hangup`] as everywhere, and those that a dead channel
/// allows go on working, so the handler can end its work. It stays so for the rest of the program:
/// another SIGHUP does not end it either. With the variable `AGISIGHUP` set to `no` Asterisk sends
/// no signal, and the hangup is found out at the next command. When standard input ends, the command
/// that finds it so waits up to two seconds for the signal that says why.
///
/// Without a timeout in the channel, and as long as nobody asks
/// [`is_hung_up`](super::AgiChannel::is_hung_up), the calling thread reads standard input itself;
/// from then on a thread `agi-stdin` does, which lives as long as the program.
///
/// # Errors
///
/// What the handler returns, except for [`Error::Hangup`], which is how a call ends.
/// [`Error::Protocol`] if what comes on standard input is not AGI: the program was started by hand.
///
/// ```no_run
/// use asterisk_sync::agi::{self, AgiChannel, AgiRequest};
///
/// fn main() -> asterisk_sync::Result<()> {
///     agi::run_stdio(|request: &AgiRequest, agi: &mut AgiChannel| {
///         agi.answer()?;
///         agi.say_digits(request.caller_id().unwrap_or("0"), "")?;
///         Ok(())
///     })
/// }
/// ```
pub fn run_stdio(handler: impl AgiHandler) -> Result<()> {
    // Asterisk itself is on the other end, and may be busy.
    run_stdio_with(handler, &AgiLimits::new().timeout(Duration::MAX))
}

/// The same as [`run_stdio`] with limits of one's own, on the size of a reply for example.
///
/// The limits' own [`timeout`](AgiLimits::timeout) holds too, for the description of the call;
/// [`run_stdio`] waits for that as long as it takes.
///
/// # Errors
///
/// Those of [`run_stdio`], and [`TimeoutError::Description`](crate::TimeoutError::Description) if the
/// description does not come in time.
///
/// ```no_run
/// use asterisk_sync::agi::{self, AgiChannel, AgiLimits, AgiRequest};
///
/// fn main() -> asterisk_sync::Result<()> {
///     let handler = |_: &AgiRequest, agi: &mut AgiChannel| agi.answer();
///     agi::run_stdio_with(handler, &AgiLimits::new().max_reply(16 * 1024))
/// }
/// ```
#[expect(clippy::needless_pass_by_value, reason = "a program has one, and gives it away")]
pub fn run_stdio_with(handler: impl AgiHandler, limits: &AgiLimits) -> Result<()> {
    // Before anything is read, so that no hangup finds the program without it.
    let hangup = HangupSignal::new()?;
    let transport = Stdio { source: Source::Caller, pending: Vec::new(), at: 0, hangup };
    let (request, mut channel) = open(Box::new(transport), limits)?;
    match handler.handle(&request, &mut channel) {
        Err(Error::Hangup) => Ok(()),
        other => other,
    }
}

/// Standard input and output as a [`Transport`].
#[derive(Debug)]
struct Stdio {
    source: Source,
    /// What the thread has read, and how much of it is used up.
    pending: Vec<u8>,
    at: usize,
    hangup: HangupSignal,
}

/// Who reads standard input.
#[derive(Debug)]
enum Source {
    /// The caller, who then cannot do anything else until something comes.
    Caller,
    /// A thread. Its other end falls when there is nothing more to read.
    Thread(Receiver<Vec<u8>>),
}

const STACK: usize = 64 * 1024;

/// How long the signal may come behind the end of the input. Asterisk sends the one before the
/// other, and then it is up to the system who of us hears what first.
const BEHIND: Duration = Duration::from_secs(2);

/// Pieces that are read before anybody takes them: a reply is one.
const AHEAD: usize = 4;

fn read(buf: &mut [u8]) -> io::Result<usize> {
    loop {
        match io::stdin().lock().read(buf) {
            Err(e) if e.kind() == io::ErrorKind::Interrupted => {}
            other => return other,
        }
    }
}

impl Stdio {
    /// The thread that reads, from now on if there was none.
    fn thread(&mut self) -> Result<&Receiver<Vec<u8>>> {
        if let Source::Caller = self.source {
            let (pieces, source) = bounded(AHEAD);
            std::thread::Builder::new().name("agi-stdin".to_owned()).stack_size(STACK).spawn(
                move || {
                    let mut buf = [0; 4096];
                    while let Ok(n @ 1..) = read(&mut buf) {
                        if pieces.send(buf[..n].to_vec()).is_err() {
                            break;
                        }
                    }
                },
            )?;
            self.source = Source::Thread(source);
        }
        match &self.source {
            Source::Thread(source) => Ok(source),
            Source::Caller => Err(Error::Closed),
        }
    }
}

impl Transport for Stdio {
    fn send(&mut self, line: &[u8], _: Wait) -> Result<()> {
        let mut out = io::stdout().lock();
        // Whether a part of a failed write left cannot be known.
        let written = out.write_all(line).and_then(|()| out.flush());
        written.map_err(|_| Error::Disconnected { sent: true })
    }

    fn receive(&mut self, buf: &mut [u8], wait: Wait) -> Result<Received> {
        if self.at == self.pending.len() {
            if let (Wait::Always, Source::Caller) = (wait, &self.source) {
                return Ok(match read(buf) {
                    Ok(0) | Err(_) => Received::End,
                    Ok(n) => Received::Bytes(n),
                });
            }
            let source = self.thread()?;
            let piece = match wait {
                Wait::Always => source.recv().map_err(|_| RecvTimeoutError::Disconnected),
                Wait::Until(at) => {
                    source.recv_timeout(at.saturating_duration_since(Instant::now()))
                }
                Wait::Never => source.try_recv().map_err(|e| match e {
                    TryRecvError::Empty => RecvTimeoutError::Timeout,
                    TryRecvError::Disconnected => RecvTimeoutError::Disconnected,
                }),
            };
            match piece {
                Ok(piece) => self.pending = piece,
                Err(RecvTimeoutError::Timeout) => return Ok(Received::Nothing),
                Err(RecvTimeoutError::Disconnected) => return Ok(Received::End),
            }
            self.at = 0;
        }
        let n = buf.len().min(self.pending.len() - self.at);
        buf[..n].copy_from_slice(&self.pending[self.at..self.at + n]);
        self.at += n;
        Ok(Received::Bytes(n))
    }

    fn is_hung_up(&mut self) -> bool {
        self.hangup.is_hung_up()
    }

    fn ended_by_hangup(&mut self, wait: Wait) -> Option<bool> {
        let latest = Instant::now() + BEHIND;
        let until = match wait {
            Wait::Until(at) => at.min(latest),
            Wait::Always | Wait::Never => latest,
        };
        // Without the signal there is no telling: Asterisk may have been told not to send it.
        let told = self.hangup.receiver().recv_deadline(until);
        matches!(told, Err(RecvTimeoutError::Disconnected)).then_some(true)
    }

    fn hangup_signal(&self) -> Option<Receiver<Infallible>> {
        Some(self.hangup.receiver())
    }
}
