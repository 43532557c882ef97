//! Connections for the HTTP library: dialled, secured, and given up as all others here are, and with
//! exact knowledge of what has left and what has come.

use std::cell::Cell;
use std::io;
use std::sync::{Arc, OnceLock, Weak};
use std::time::Duration;

use ureq::http::Uri;
use ureq::unversioned::resolver::{ResolvedSocketAddrs, Resolver};
use ureq::unversioned::transport::{
    Buffers, ConnectionDetails, Connector, LazyBuffers, NextTimeout, ShutdownHandle, Transport,
};

use zeroize::Zeroizing;

use super::{Closer, Deadline, ReadHalf, WriteHalf, dial, plain};
use crate::Result;

/// How much is read at a time, and how much of a request goes out in one piece.
const BUFFER: usize = 16 << 10;

/// Makes connections to one server.
pub(crate) struct Dialler {
    /// The header that says who we are. The library never sees it: at its lowest level it logs all
    /// that goes through it.
    pub(crate) authorization: Arc<Zeroizing<String>>,
    pub(crate) host: String,
    pub(crate) port: u16,
    #[cfg(feature = "tls")]
    pub(crate) tls: Option<crate::Tls>,
}

/// How a request ended that has no answer. Whether it has left is said by [`has_left`].
#[derive(Debug, thiserror::Error)]
pub(crate) enum Lost {
    /// There was no connection.
    #[error("{0}")]
    NotConnected(#[source] crate::Error),
    /// The connection went down.
    #[error("{source}")]
    Down {
        /// Whether another request had used the connection before.
        reused: bool,
        source: io::Error,
    },
    /// The deadline passed.
    #[error("the deadline has passed")]
    TimedOut,
}

thread_local! {
    /// Whether a byte of the request of this thread may have left.
    static HAS_LEFT: Cell<bool> = const { Cell::new(false) };
}

/// A request of this thread begins.
pub(crate) fn begin_request() {
    HAS_LEFT.set(false);
}

/// Whether any byte of the request of this thread may have left, however often it was tried.
///
/// The library works on the thread that asks it to, and gives up at points at which no connection of
/// ours is asked: so it is the thread that knows.
pub(crate) fn has_left() -> bool {
    HAS_LEFT.get()
}

impl From<Lost> for ureq::Error {
    fn from(lost: Lost) -> Self {
        Self::Other(Box::new(lost))
    }
}

/// The names are looked up where the sockets are made.
#[derive(Debug)]
pub(crate) struct NoResolver;

impl Resolver for NoResolver {
    fn resolve(
        &self,
        _: &Uri,
        _: &ureq::config::Config,
        _: NextTimeout,
    ) -> Result<ResolvedSocketAddrs, ureq::Error> {
        let mut some = self.empty();
        some.push(std::net::SocketAddr::from(([0, 0, 0, 0], 0)));
        Ok(some)
    }
}

impl std::fmt::Debug for Dialler {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Dialler")
            .field("host", &self.host)
            .field("port", &self.port)
            .finish_non_exhaustive()
    }
}

impl Connector for Dialler {
    type Out = Connection;

    fn connect(
        &self,
        details: &ConnectionDetails<'_>,
        _: Option<()>,
    ) -> Result<Option<Connection>, ureq::Error> {
        let handle = Arc::new(Handle { closer: Closer::new(), writer: OnceLock::new() });
        let weak = Arc::downgrade(&handle);
        (details.register_shutdown)(weak as Weak<dyn ShutdownHandle>)
            .map_err(|_| Lost::NotConnected(crate::Error::Closed))?;
        let deadline = Deadline::after(*details.timeout.after);
        let halves = self.open(&deadline, &handle.closer);
        handle.closer.release();
        let (reader, writer) = halves.map_err(Lost::NotConnected)?;
        let _ = handle.writer.set(writer.clone());
        if handle.closer.is_closed() {
            writer.shutdown();
        }
        Ok(Some(Connection {
            reader,
            writer,
            buffers: LazyBuffers::new(BUFFER, BUFFER),
            waiting: Zeroizing::default(),
            authorization: Arc::clone(&self.authorization),
            progress: Progress::Nothing,
            reused: false,
            rests: false,
            read_timeout: None,
            write_timeout: None,
            is_tls: details.needs_tls(),
            handle,
        }))
    }
}

impl Dialler {
    fn open(&self, deadline: &Deadline, closer: &Closer) -> Result<(ReadHalf, WriteHalf)> {
        let stream = dial(&self.host, self.port, deadline, closer)?;
        #[cfg(feature = "tls")]
        if let Some(tls) = &self.tls {
            return super::tls_connect(stream, tls, &self.host, deadline);
        }
        Ok(plain(stream))
    }
}

/// What ends a connection that somebody uses.
#[derive(Debug)]
struct Handle {
    closer: Closer,
    writer: OnceLock<WriteHalf>,
}

impl ShutdownHandle for Handle {
    fn shutdown(&self) {
        self.closer.close();
        if let Some(writer) = self.writer.get() {
            writer.shutdown();
        }
    }
}

/// How far the request at hand has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Progress {
    Nothing,
    /// A byte of it may have left.
    Sent,
    /// A byte of the answer has come.
    Answered,
}

/// One connection of the pool.
pub(crate) struct Connection {
    reader: ReadHalf,
    writer: WriteHalf,
    buffers: LazyBuffers,
    /// The request so far. It goes out as one when the answer is waited for.
    waiting: Zeroizing<Vec<u8>>,
    authorization: Arc<Zeroizing<String>>,
    progress: Progress,
    /// Whether another request had used it before.
    reused: bool,
    /// Whether it was put away since the last answer.
    rests: bool,
    /// The timeouts of the socket, as they are set.
    read_timeout: Option<Duration>,
    write_timeout: Option<Duration>,
    is_tls: bool,
    handle: Arc<Handle>,
}

/// Rounded up, so that nobody gives up early and one request after the other waits for the same time.
fn whole_millis(left: Duration) -> Duration {
    let millis = left.as_nanos().div_ceil(1_000_000);
    Duration::from_millis(millis.try_into().unwrap_or(u64::MAX))
}

/// Sets a timeout unless it is set.
fn set_anew(
    is: &mut Option<Duration>,
    to: Duration,
    set: impl FnOnce(Option<Duration>) -> io::Result<()>,
) -> io::Result<()> {
    if *is != Some(to) {
        set(Some(to))?;
        *is = Some(to);
    }
    Ok(())
}

impl Connection {
    fn flush(&mut self, timeout: NextTimeout) -> Result<(), ureq::Error> {
        if self.waiting.is_empty() {
            return Ok(());
        }
        let deadline = Deadline::after(*timeout.after);
        let set = |timeout| self.writer.set_write_timeout(timeout);
        let written = set_anew(&mut self.write_timeout, whole_millis(*timeout.after), set)
            .map_err(|source| super::duplex::WriteError { sent: false, source })
            .and_then(|()| self.writer.write_all(&self.waiting));
        self.waiting.clear();
        if written.as_ref().map_or_else(|e| e.sent, |()| true) {
            self.progress = Progress::Sent;
            HAS_LEFT.set(true);
        }
        written.map_err(|e| self.lost(e.source, &deadline).into())
    }

    fn lost(&self, source: io::Error, deadline: &Deadline) -> Lost {
        let is_late = matches!(source.kind(), io::ErrorKind::WouldBlock | io::ErrorKind::TimedOut);
        if is_late && deadline.has_passed() {
            return Lost::TimedOut;
        }
        if self.handle.closer.is_closed() {
            return Lost::NotConnected(crate::Error::Closed);
        }
        let reused = self.reused && self.progress < Progress::Answered;
        Lost::Down { reused, source }
    }

    fn read(&mut self, timeout: NextTimeout) -> Result<usize, ureq::Error> {
        let deadline = Deadline::after(*timeout.after);
        loop {
            let Ok(left) = deadline.left() else { return Err(Lost::TimedOut.into()) };
            let set = |timeout| self.reader.set_read_timeout(timeout);
            let read = set_anew(&mut self.read_timeout, whole_millis(left), set)
                .and_then(|()| self.reader.read(self.buffers.input_append_buf()));
            match read {
                Ok(n) => return Ok(n),
                Err(e) if e.kind() == io::ErrorKind::WouldBlock => {}
                Err(e) if e.kind() == io::ErrorKind::UnexpectedEof => return Ok(0),
                Err(e) => return Err(self.lost(e, &deadline).into()),
            }
        }
    }
}

impl Transport for Connection {
    fn buffers(&mut self) -> &mut dyn Buffers {
        &mut self.buffers
    }

    fn transmit_output(&mut self, amount: usize, timeout: NextTimeout) -> Result<(), ureq::Error> {
        if self.progress == Progress::Answered {
            // Another request.
            (self.progress, self.reused, self.rests) = (Progress::Nothing, true, false);
        }
        let output = &self.buffers.output()[..amount];
        // A request begins with its first line, which is shorter than the buffer.
        let is_first = self.progress == Progress::Nothing && self.waiting.is_empty();
        let line = output.windows(2).position(|end| end == b"\r\n").filter(|_| is_first);
        let (line, rest) = output.split_at(line.map_or(0, |end| end + 2));
        self.waiting.extend_from_slice(line);
        if !line.is_empty() {
            for part in ["Authorization: ", &self.authorization, "\r\n"] {
                self.waiting.extend_from_slice(part.as_bytes());
            }
        }
        self.waiting.extend_from_slice(rest);
        if self.waiting.len() > BUFFER { self.flush(timeout) } else { Ok(()) }
    }

    fn await_input(&mut self, timeout: NextTimeout) -> Result<bool, ureq::Error> {
        self.flush(timeout)?;
        match self.read(timeout)? {
            0 => {
                let source = io::Error::new(io::ErrorKind::UnexpectedEof, "the server closed it");
                if self.progress == Progress::Answered {
                    // Where no length was given, this is the regular end.
                    return Err(source.into());
                }
                Err(self.lost(source, &Deadline::after(*timeout.after)).into())
            }
            n => {
                self.buffers.input_appended(n);
                self.progress = Progress::Answered;
                Ok(true)
            }
        }
    }

    fn is_open(&mut self) -> bool {
        if self.handle.closer.is_closed() {
            return false;
        }
        // The library asks when it puts a connection away, and again when it takes it out. What is there to
        // be found comes in between, so the first time nobody looks.
        let is_put_away = self.progress == Progress::Answered && !self.rests;
        self.rests = true;
        is_put_away || self.reader.is_quiet()
    }

    fn is_tls(&self) -> bool {
        self.is_tls
    }
}

impl Drop for Connection {
    fn drop(&mut self) {
        self.writer.shutdown();
    }
}

impl std::fmt::Debug for Connection {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Connection").field("reader", &self.reader).finish_non_exhaustive()
    }
}
