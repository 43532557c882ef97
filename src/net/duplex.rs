//! One connection as two halves: one thread reads, any number write, and neither waits for the
//! other.

use std::fmt;
use std::io::{self, Read, Write};
use std::net::{Shutdown, TcpStream};
use std::sync::Arc;
use std::time::{Duration, Instant};

#[cfg(feature = "tls")]
use native_tls::TlsStream;
use parking_lot::Mutex;

#[cfg(all(feature = "tls", any(test, feature = "testing", feature = "ari")))]
use super::TlsServer;
#[cfg(feature = "tls")]
use super::{Deadline, Pipe, Tls, tls};

/// How much is written at a time: the ciphertext of a large write never exists as a whole, and this
/// much has to be taken by the peer within the write timeout.
pub(super) const PIECE: usize = 32 * 1024;

/// How much ciphertext is read at a time.
#[cfg(feature = "tls")]
const RAW: usize = 64 * 1024;

/// What the two halves share.
///
/// Two locks, always taken in this order:
///
/// 1. `wire` is the right to write to the socket. It is held across the blocking write, so that
///    writes do not mix, and by writers only.
/// 2. `tls` is the state of the cipher. It is held while bytes are encrypted or decrypted in
///    memory and **never across a system call**.
///
/// The reader takes `tls` alone, after its blocking read, and never writes to the socket. So a
/// writer that is blocked, because the peer does not read, never keeps the reader from reading;
/// with one lock over both, two ends that each wait for the other to read would wait forever.
struct Duplex {
    stream: TcpStream,
    wire: Mutex<Wire>,
    #[cfg(feature = "tls")]
    tls: Option<Mutex<TlsStream<Pipe>>>,
}

#[derive(Default)]
struct Wire {
    /// A write failed: what the peer has got ends in the middle of something.
    broken: bool,
    /// Ciphertext on its way from the pipe to the socket. Empty between writes; kept for its
    /// memory.
    #[cfg(feature = "tls")]
    ciphertext: Vec<u8>,
}

/// The reading half. There is one.
pub(crate) struct ReadHalf {
    duplex: Arc<Duplex>,
    #[cfg(feature = "tls")]
    raw: Box<[u8]>,
    /// What went wrong after bytes that had to be handed out first.
    #[cfg(feature = "tls")]
    failure: Option<io::Error>,
}

/// The writing half, for any number of threads.
#[derive(Clone)]
pub(crate) struct WriteHalf {
    duplex: Arc<Duplex>,
}

/// A write that failed. The stream is unusable from then on, and every further write fails: hang
/// up.
#[derive(Debug, thiserror::Error)]
#[error("{source}")]
pub(crate) struct WriteError {
    /// Whether any byte may have left.
    pub(crate) sent: bool,
    pub(crate) source: io::Error,
}

impl From<WriteError> for io::Error {
    fn from(e: WriteError) -> Self {
        e.source
    }
}

/// The halves of a plain connection.
pub(crate) fn plain(stream: TcpStream) -> (ReadHalf, WriteHalf) {
    halves(Duplex {
        stream,
        wire: Mutex::default(),
        #[cfg(feature = "tls")]
        tls: None,
    })
}

/// The halves of a connection after TLS was agreed on, as the client.
#[cfg(feature = "tls")]
pub(crate) fn tls_connect(
    stream: TcpStream,
    settings: &Tls,
    host: &str,
    deadline: &Deadline,
) -> crate::Result<(ReadHalf, WriteHalf)> {
    let tls = tls::connect(&stream, settings, host, deadline)?;
    Ok(halves(Duplex { stream, wire: Mutex::default(), tls: Some(Mutex::new(tls)) }))
}

/// The halves of a connection after TLS was agreed on, as the server.
#[cfg(all(feature = "tls", any(test, feature = "testing", feature = "ari")))]
pub(crate) fn tls_accept(
    stream: TcpStream,
    server: &TlsServer,
    deadline: &Deadline,
) -> crate::Result<(ReadHalf, WriteHalf)> {
    let tls = tls::accept(&stream, server, deadline)?;
    Ok(halves(Duplex { stream, wire: Mutex::default(), tls: Some(Mutex::new(tls)) }))
}

fn halves(duplex: Duplex) -> (ReadHalf, WriteHalf) {
    let duplex = Arc::new(duplex);
    let reader = ReadHalf {
        #[cfg(feature = "tls")]
        raw: if duplex.tls.is_some() { vec![0; RAW].into() } else { Box::default() },
        #[cfg(feature = "tls")]
        failure: None,
        duplex: Arc::clone(&duplex),
    };
    (reader, WriteHalf { duplex })
}

#[cfg(feature = "ari")]
impl WriteHalf {
    /// Another handle of the socket, to go on under TLS with. This one is good for ending the
    /// connection from then on, and for nothing else.
    #[cfg(feature = "tls")]
    pub(crate) fn socket(&self) -> io::Result<TcpStream> {
        self.duplex.stream.try_clone()
    }

    /// Has the closer hold this connection's socket.
    pub(crate) fn entrust_to(&self, closer: &super::Closer) -> io::Result<()> {
        closer.hold(&socket2::SockRef::from(&self.duplex.stream))
    }
}

impl ReadHalf {
    /// Waits for bytes and reads what there is; 0 when the peer has ended the stream.
    ///
    /// When the read timeout passes it fails with `WouldBlock`, on every platform, and may simply
    /// be called again. Under TLS, a connection that ends without the peer saying so is
    /// `UnexpectedEof`: somebody may have cut it short.
    pub(crate) fn read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
        #[cfg(feature = "tls")]
        if let Some(tls) = &self.duplex.tls {
            if let Some(failure) = self.failure.take() {
                return Err(failure);
            }
            let mut arrived = 0;
            loop {
                // What was decrypted already comes first: a small `buf`, or bytes that arrived
                // together with the end of the handshake, leave some behind.
                let n = drain(&mut tls.lock(), &self.raw[..arrived], buf, &mut self.failure)?;
                if let Some(n) = n {
                    return Ok(n);
                }
                arrived = receive(&self.duplex.stream, &mut self.raw)?;
                if arrived == 0 {
                    return Err(io::Error::new(
                        io::ErrorKind::UnexpectedEof,
                        "the connection ended without the peer ending TLS",
                    ));
                }
            }
        }
        receive(&self.duplex.stream, buf)
    }

    /// Reads what there is and never waits: `WouldBlock` if there is nothing. The socket refuses to
    /// wait for writers too meanwhile, so this is for whoever has both halves in one thread.
    #[cfg(feature = "agi")]
    pub(crate) fn try_read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
        self.duplex.stream.set_nonblocking(true)?;
        let read = self.read(buf);
        self.duplex.stream.set_nonblocking(false)?;
        read
    }

    /// Whether the connection stands and the peer has said nothing that was not read. What TLS
    /// itself has to say is not for us and does not count.
    #[cfg(feature = "ari")]
    #[cfg_attr(not(unix), allow(unused_variables, reason = "there is one way for both there"))]
    pub(crate) fn is_quiet(&mut self) -> bool {
        #[cfg(feature = "tls")]
        let is_secured = self.duplex.tls.is_some();
        #[cfg(not(feature = "tls"))]
        let is_secured = false;
        #[cfg(unix)]
        if !is_secured {
            let stream = socket2::SockRef::from(&self.duplex.stream);
            let flags = libc::MSG_PEEK | libc::MSG_DONTWAIT;
            let read = stream.recv_with_flags(&mut [std::mem::MaybeUninit::uninit()], flags);
            return read.is_err_and(|e| e.kind() == io::ErrorKind::WouldBlock);
        }
        if self.duplex.stream.set_nonblocking(true).is_err() {
            return false;
        }
        let read = self.read(&mut [0]);
        let is_blocking = self.duplex.stream.set_nonblocking(false).is_ok();
        is_blocking && read.is_err_and(|e| e.kind() == io::ErrorKind::WouldBlock)
    }

    /// How long a read waits. It belongs to the socket.
    pub(crate) fn set_read_timeout(&self, timeout: Option<Duration>) -> io::Result<()> {
        self.duplex.stream.set_read_timeout(timeout)
    }
}

impl Read for ReadHalf {
    fn read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
        ReadHalf::read(self, buf)
    }
}

/// Decrypts into `buf` as much as it takes, over as many records as there are: a peer that sends
/// each message in a record of its own is still read in large pieces. `None` if there is nothing
/// yet.
#[cfg(feature = "tls")]
fn drain(
    tls: &mut TlsStream<Pipe>,
    arrived: &[u8],
    buf: &mut [u8],
    failure: &mut Option<io::Error>,
) -> io::Result<Option<usize>> {
    tls.get_mut().feed(arrived);
    let mut n = 0;
    while n < buf.len() {
        match tls.read(&mut buf[n..]) {
            // The peer's close_notify. It stays, for the next call.
            Ok(0) => return Ok(Some(n)),
            Ok(more) => n += more,
            Err(e) if e.kind() == io::ErrorKind::WouldBlock => {
                return Ok((n > 0).then_some(n));
            }
            Err(e) if n == 0 => return Err(e),
            Err(e) => {
                *failure = Some(e);
                break;
            }
        }
    }
    Ok(Some(n))
}

fn receive(mut stream: &TcpStream, buf: &mut [u8]) -> io::Result<usize> {
    let begun = Instant::now();
    loop {
        match stream.read(buf) {
            // A program that is signalled all the time would never see a timeout pass: the system
            // begins it anew with each read.
            Err(e) if e.kind() == io::ErrorKind::Interrupted => {
                if has_passed(&stream.read_timeout(), begun) {
                    return Err(io::ErrorKind::WouldBlock.into());
                }
            }
            // Windows' word for a read timeout. Elsewhere it means that keep-alive gave the peer
            // up, which is final.
            Err(e) if cfg!(windows) && e.kind() == io::ErrorKind::TimedOut => {
                return Err(io::ErrorKind::WouldBlock.into());
            }
            other => return other,
        }
    }
}

impl WriteHalf {
    /// Writes all of it. A peer that does not take a [`PIECE`] of it within twice the write timeout
    /// is given up, even if it reads a little now and then.
    pub(crate) fn write_all(&self, bytes: &[u8]) -> Result<(), WriteError> {
        let mut wire = self.wire()?;
        let mut sent = false;
        #[cfg(feature = "tls")]
        if self.duplex.tls.is_some() {
            let mut pieces = bytes.chunks(PIECE);
            loop {
                // No bytes at all still send what reading has produced.
                let piece = pieces.next().unwrap_or_default();
                self.encrypt_and_send(&mut wire, piece, &mut sent)?;
                if pieces.len() == 0 {
                    break;
                }
            }
            return Ok(());
        }
        let pieces = &mut bytes.chunks(PIECE);
        pieces.try_for_each(|p| send(&self.duplex.stream, &mut wire.broken, p, &mut sent))
    }

    /// Writes a piece of the bytes and says how long it was: under TLS one record with what `first`
    /// finds, or else what a step may take.
    pub(crate) fn write_first(
        &self,
        bytes: &[u8],
        first: fn(&[u8]) -> usize,
    ) -> Result<usize, WriteError> {
        let piece = if self.is_tls() { first(bytes).max(1) } else { PIECE };
        let piece = piece.min(bytes.len());
        self.write_all(&bytes[..piece])?;
        Ok(piece)
    }

    /// Whether reading has produced something to send. It goes out with the next write, or by
    /// [`flush_pending`](Self::flush_pending).
    #[cfg_attr(
        not(feature = "tls"),
        expect(clippy::unused_self, reason = "only TLS answers by itself")
    )]
    pub(crate) fn has_pending(&self) -> bool {
        #[cfg(feature = "tls")]
        if let Some(tls) = &self.duplex.tls {
            return tls.lock().get_mut().has_outbound();
        }
        false
    }

    #[cfg_attr(
        not(feature = "tls"),
        expect(clippy::unused_self, reason = "without it, nothing is encrypted")
    )]
    fn is_tls(&self) -> bool {
        #[cfg(feature = "tls")]
        return self.duplex.tls.is_some();
        #[cfg(not(feature = "tls"))]
        false
    }

    /// Sends what reading has produced. Blocks as a write does, so it is not for the reader.
    pub(crate) fn flush_pending(&self) -> Result<(), WriteError> {
        self.write_all(&[])
    }

    /// How long a [`PIECE`] may take. It belongs to the socket.
    pub(crate) fn set_write_timeout(&self, timeout: Option<Duration>) -> io::Result<()> {
        self.duplex.stream.set_write_timeout(timeout)
    }

    /// Ends the connection in both directions, which wakes the reader and any writer. Never waits:
    /// the end of TLS is told to the peer if that can be done at once.
    pub(crate) fn shutdown(&self) {
        let stream = &self.duplex.stream;
        #[cfg(feature = "tls")]
        if let (Some(tls), Some(mut wire)) = (&self.duplex.tls, self.duplex.wire.try_lock()) {
            if !std::mem::replace(&mut wire.broken, true) {
                {
                    let mut tls = tls.lock();
                    let _ = tls.shutdown();
                    tls.get_mut().take_outbound(&mut wire.ciphertext);
                }
                // The reader is sent away first: it shares the socket, and must not mistake
                // non-blocking for a timeout.
                let _ = stream.shutdown(Shutdown::Read);
                if stream.set_nonblocking(true).is_ok() {
                    let mut stream = stream;
                    let _ = stream.write(&wire.ciphertext);
                }
            }
        }
        let _ = stream.shutdown(Shutdown::Both);
    }

    fn wire(&self) -> Result<parking_lot::MutexGuard<'_, Wire>, WriteError> {
        let wire = self.duplex.wire.lock();
        if wire.broken {
            let source = io::Error::new(io::ErrorKind::BrokenPipe, "the connection has ended");
            return Err(WriteError { sent: false, source });
        }
        Ok(wire)
    }

    #[cfg(feature = "tls")]
    fn encrypt_and_send(
        &self,
        wire: &mut Wire,
        piece: &[u8],
        sent: &mut bool,
    ) -> Result<(), WriteError> {
        let Some(tls) = &self.duplex.tls else { return Ok(()) };
        {
            let mut tls = tls.lock();
            if let Err(e) = tls.write_all(piece) {
                wire.broken = true;
                // The pipe takes everything, so what would block is reading: the peer wants to
                // agree anew in the middle of the connection, which nothing has to grant.
                let source = if e.kind() == io::ErrorKind::WouldBlock {
                    io::Error::other("the peer renegotiates TLS, which is not supported")
                } else {
                    e
                };
                return Err(WriteError { sent: *sent, source });
            }
            tls.get_mut().take_outbound(&mut wire.ciphertext);
        }
        let Wire { broken, ciphertext } = wire;
        send(&self.duplex.stream, broken, ciphertext, sent)?;
        ciphertext.clear();
        Ok(())
    }
}

/// `write_all` that knows whether anything left, and does not begin another step when it has taken
/// as long as one may.
fn send(
    mut stream: &TcpStream,
    broken: &mut bool,
    mut bytes: &[u8],
    sent: &mut bool,
) -> Result<(), WriteError> {
    let begun = Instant::now();
    let is_late = || has_passed(&stream.write_timeout(), begun);
    while !bytes.is_empty() {
        let source = match stream.write(bytes) {
            Ok(0) => io::ErrorKind::WriteZero.into(),
            Ok(n) => {
                *sent = true;
                bytes = &bytes[n..];
                if bytes.is_empty() || !is_late() {
                    continue;
                }
                too_slow()
            }
            // As for reading.
            Err(e) if e.kind() == io::ErrorKind::Interrupted && !is_late() => continue,
            Err(e) if e.kind() == io::ErrorKind::Interrupted => too_slow(),
            Err(e) => e,
        };
        *broken = true;
        return Err(WriteError { sent: *sent, source });
    }
    Ok(())
}

fn too_slow() -> io::Error {
    io::Error::new(io::ErrorKind::TimedOut, "the peer reads too slowly")
}

/// Whether a socket's timeout, if it has one, is over.
fn has_passed(timeout: &io::Result<Option<Duration>>, begun: Instant) -> bool {
    matches!(timeout, Ok(Some(timeout)) if begun.elapsed() >= *timeout)
}

impl fmt::Debug for ReadHalf {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ReadHalf").field("stream", &self.duplex.stream).finish_non_exhaustive()
    }
}

impl fmt::Debug for WriteHalf {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("WriteHalf").field("stream", &self.duplex.stream).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests;
