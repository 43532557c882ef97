//! A port that any number of threads accept from.

use std::io;
use std::net::{Ipv4Addr, Ipv6Addr, Shutdown, SocketAddr, TcpListener, TcpStream, ToSocketAddrs};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use socket2::{Domain, Protocol, SockRef, Socket, Type};

use super::{Closer, ReadHalf, WriteHalf, plain, tune};

/// How many connections the kernel may hold that nobody has accepted yet. std asks for 128, which a
/// burst of callers overflows: each that does not fit waits a second before it tries again. The
/// kernel cuts it to its own limit, 4,096 on Linux.
const BACKLOG: i32 = 4096;

/// The first rest after the system refused to accept, when it has no descriptors, most likely. Each
/// further one is twice as long.
const REST: Duration = Duration::from_millis(10);

/// The longest of these rests.
const LONGEST_REST: Duration = Duration::from_secs(1);

/// How long waking a thread may take that waits for a connection.
const WAKE: Duration = Duration::from_secs(1);

/// How long a write may make no progress, until whoever talks to the caller says otherwise. Words
/// that fit the socket's buffer are gone at once, so only a peer that talks without ever reading is
/// met by this.
const WRITE_TIMEOUT: Duration = Duration::from_secs(20);

/// A port that is listened on until it is closed.
#[derive(Debug)]
pub(crate) struct Listener {
    socket: TcpListener,
    address: SocketAddr,
    /// Only its signal is used; there is nothing for it to hold.
    closer: Closer,
    /// How many threads wait for a connection.
    waiting: AtomicUsize,
}

impl Listener {
    /// Listens on the first address of `address`, such as `127.0.0.1:4573` or `[::1]:0`, that can be
    /// had. A name is looked up, which waits as long as the system's resolver does.
    ///
    /// What is in the way is named with the address.
    pub(crate) fn bind(address: &str) -> io::Result<Self> {
        let named =
            |e: io::Error| io::Error::new(e.kind(), format!("cannot listen on {address}: {e}"));
        Self::bind_any(address).map_err(named)
    }

    fn bind_any(address: &str) -> io::Result<Self> {
        let mut failure = None;
        for address in address.to_socket_addrs()? {
            match listen(address) {
                Ok(socket) => {
                    return Ok(Self {
                        address: socket.local_addr()?,
                        socket,
                        closer: Closer::new(),
                        waiting: AtomicUsize::new(0),
                    });
                }
                Err(e) => failure = Some(e),
            }
        }
        let nothing = || io::Error::new(io::ErrorKind::InvalidInput, "the name has no address");
        Err(failure.unwrap_or_else(nothing))
    }

    pub(crate) fn address(&self) -> SocketAddr {
        self.address
    }

    /// Waits for a connection: its halves, and who it is. `None` once closed.
    ///
    /// What the system refuses is tried again, ever more slowly: there are no descriptors at the
    /// moment, and callers wait in the kernel until there are.
    pub(crate) fn accept(&self) -> Option<(ReadHalf, WriteHalf, SocketAddr)> {
        let mut rest = REST;
        loop {
            // Before it is asked whether it is closed: so either that is seen here, or whoever
            // closes sees this thread.
            self.waiting.fetch_add(1, Ordering::SeqCst);
            let accepted = (!self.closer.is_closed()).then(|| self.socket.accept());
            self.waiting.fetch_sub(1, Ordering::SeqCst);
            let accepted = accepted?;
            if self.closer.is_closed() {
                return None;
            }
            match accepted {
                Ok((stream, peer)) => {
                    // On Linux they have it from the listener.
                    if !cfg!(target_os = "linux") {
                        furnish(&SockRef::from(&stream));
                    }
                    let (read, write) = plain(stream);
                    return Some((read, write, peer));
                }
                Err(e) if is_the_callers_fault(&e) => log::debug!("a caller has left: {e}"),
                Err(e) => {
                    log::warn!("cannot accept on {}, next try in {rest:?}: {e}", self.address);
                    if !self.closer.sleep(rest) {
                        return None;
                    }
                    rest = (rest * 2).min(LONGEST_REST);
                }
            }
        }
    }

    /// Stops listening for good, which wakes every thread that waits for a connection. Whom nobody
    /// has accepted is sent away by the kernel. Again does nothing.
    pub(crate) fn close(&self) {
        self.closer.close();
        // On Linux this wakes all of them. Elsewhere it may fail or do nothing.
        let is_shut = SockRef::from(&self.socket).shutdown(Shutdown::Both).is_ok();
        if !(is_shut && cfg!(target_os = "linux")) {
            self.wake();
        }
    }

    /// Waits until it is closed.
    pub(crate) fn wait_closed(&self) {
        // Nothing is ever sent there: it ends when closed.
        let _ = self.closer.signal().recv();
    }

    pub(crate) fn is_closed(&self) -> bool {
        self.closer.is_closed()
    }

    /// Sends each waiting thread a connection, which it will not take.
    fn wake(&self) {
        let mut address = self.address;
        if address.ip().is_unspecified() {
            address.set_ip(match address {
                SocketAddr::V4(_) => Ipv4Addr::LOCALHOST.into(),
                SocketAddr::V6(_) => Ipv6Addr::LOCALHOST.into(),
            });
        }
        for _ in 0..self.waiting.load(Ordering::SeqCst) {
            if let Err(e) = TcpStream::connect_timeout(&address, WAKE) {
                log::debug!("cannot wake who waits on {address}: {e}");
            }
        }
    }
}

/// Whether only this connection is lost, and the next one is there or will be.
fn is_the_callers_fault(e: &io::Error) -> bool {
    use io::ErrorKind::{ConnectionAborted, ConnectionReset, Interrupted};
    matches!(e.kind(), ConnectionAborted | ConnectionReset | Interrupted)
}

/// The halves of a connection that was accepted elsewhere, and who is on the other end.
#[cfg(feature = "agi")]
pub(crate) fn accepted(stream: TcpStream) -> (ReadHalf, WriteHalf, Option<SocketAddr>) {
    let peer = stream.peer_addr().ok();
    furnish(&SockRef::from(&stream));
    let (read, write) = plain(stream);
    (read, write, peer)
}

/// What every connection has that was accepted.
fn furnish(socket: &Socket) {
    tune(socket);
    if let Err(e) = socket.set_write_timeout(Some(WRITE_TIMEOUT)) {
        log::debug!("no write timeout: {e}");
    }
}

fn listen(address: SocketAddr) -> io::Result<TcpListener> {
    let socket = Socket::new(Domain::for_address(address), Type::STREAM, Some(Protocol::TCP))?;
    // So that a server that was stopped can be started again at once. On Windows it would let
    // others take the port over.
    #[cfg(not(windows))]
    socket.set_reuse_address(true)?;
    socket.bind(&address.into())?;
    furnish(&socket);
    socket.listen(BACKLOG)?;
    Ok(socket.into())
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::thread;

    use super::*;
    use crate::net::fixtures::guarded;

    fn accepting(count: usize) -> (Arc<Listener>, Vec<thread::JoinHandle<bool>>) {
        let listener = Arc::new(Listener::bind("127.0.0.1:0").unwrap());
        let threads = (0..count).map(|_| {
            let listener = Arc::clone(&listener);
            thread::spawn(move || listener.accept().is_none())
        });
        let threads = threads.collect();
        while listener.waiting.load(Ordering::SeqCst) < count {
            thread::yield_now();
        }
        (listener, threads)
    }

    #[test]
    fn closing_wakes_every_thread_and_every_later_one() {
        guarded(|| {
            let (listener, threads) = accepting(8);
            listener.close();
            assert!(threads.into_iter().all(|thread| thread.join().unwrap()));
            assert!(listener.accept().is_none());
            listener.wait_closed();
            assert!(TcpStream::connect(listener.address()).is_err());
        });
    }

    #[test]
    fn where_shutting_a_listener_does_nothing_its_threads_wake_all_the_same() {
        guarded(|| {
            let (listener, threads) = accepting(8);
            listener.closer.close();
            listener.wake();
            assert!(threads.into_iter().all(|thread| thread.join().unwrap()));
        });
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn an_accepted_connection_has_the_settings_of_its_listener() {
        let listener = Listener::bind("127.0.0.1:0").unwrap();
        let _far = TcpStream::connect(listener.address()).unwrap();
        let near = listener.socket.accept().unwrap().0;
        assert!(near.nodelay().unwrap());
        assert!(SockRef::from(&near).keepalive().unwrap());
        assert_eq!(near.write_timeout().unwrap(), Some(WRITE_TIMEOUT));
    }

    #[test]
    fn an_address_that_is_taken_is_an_error_and_a_free_one_is_told() {
        let listener = Listener::bind("localhost:0").unwrap();
        assert_ne!(listener.address().port(), 0);
        let taken = listener.address().to_string();
        let e = Listener::bind(&taken).unwrap_err();
        assert_eq!(e.kind(), io::ErrorKind::AddrInUse);
        assert!(e.to_string().contains(&taken), "{e}");
        let e = Listener::bind("no port").unwrap_err();
        assert!(e.to_string().contains("no port"), "{e}");
    }
}
