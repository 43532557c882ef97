//! One signal that ends every wait of a connection.

use std::convert::Infallible;
use std::fmt;
use std::io;
use std::net::Shutdown;
use std::sync::Arc;
use std::time::Duration;

use crossbeam_channel::{Receiver, RecvTimeoutError, Sender, bounded};
use parking_lot::Mutex;
use socket2::Socket;

/// Ends every wait of one connection: a sleep between attempts, a connect in progress, a blocking
/// read or write.
///
/// It keeps a duplicate of the socket at work. As long as it does, dropping the socket elsewhere
/// does not end the connection: whoever gives a socket up calls [`hang_up`](Self::hang_up) or
/// [`release`](Self::release). Both are of the connection as a whole, so they belong to the one
/// thread that dials; any other thread ends the connection it knows by
/// [`WriteHalf::shutdown`](super::WriteHalf::shutdown), which can never hit its successor.
#[derive(Clone)]
pub(crate) struct Closer {
    shared: Arc<Shared>,
}

struct Shared {
    state: Mutex<State>,
    /// Never carries anything. It disconnects when the sender is dropped, which wakes any number
    /// of threads at once and stays true for all that come later.
    closed: Receiver<Infallible>,
}

struct State {
    open: Option<Sender<Infallible>>,
    held: Option<Socket>,
}

impl Closer {
    pub(crate) fn new() -> Self {
        let (open, closed) = bounded(0);
        let state = Mutex::new(State { open: Some(open), held: None });
        Self { shared: Arc::new(Shared { state, closed }) }
    }

    /// Closes for good: wakes every wait and shuts the socket at work down. Again does nothing.
    pub(crate) fn close(&self) {
        let mut state = self.shared.state.lock();
        state.open = None;
        hang_up(&mut state);
    }

    pub(crate) fn is_closed(&self) -> bool {
        self.shared.state.lock().open.is_none()
    }

    /// Disconnects when closed; for waits that select over several channels.
    pub(crate) fn signal(&self) -> &Receiver<Infallible> {
        &self.shared.closed
    }

    /// Waits. `false`, at once, if closed before or meanwhile.
    pub(crate) fn sleep(&self, duration: Duration) -> bool {
        matches!(self.shared.closed.recv_timeout(duration), Err(RecvTimeoutError::Timeout))
    }

    /// Makes this the socket at work, in place of any other. If already closed, shuts it down and
    /// errs.
    ///
    /// A socket may be held before it connects. On Linux, shutting such a socket down wakes the
    /// connect; elsewhere the connect's own timeout ends it.
    pub(crate) fn hold(&self, socket: &Socket) -> io::Result<()> {
        let held = socket.try_clone()?;
        let mut state = self.shared.state.lock();
        state.held = Some(held);
        if state.open.is_some() {
            return Ok(());
        }
        hang_up(&mut state);
        Err(io::Error::new(io::ErrorKind::NotConnected, "the client is closed"))
    }

    /// Shuts the socket at work down and forgets it: the peer is dead, or a write failed.
    pub(crate) fn hang_up(&self) {
        hang_up(&mut self.shared.state.lock());
    }

    /// Forgets the socket at work, and gives its descriptor back.
    pub(crate) fn release(&self) {
        let held = self.shared.state.lock().held.take();
        drop(held);
    }

    #[cfg(test)]
    pub(crate) fn is_holding(&self) -> bool {
        self.shared.state.lock().held.is_some()
    }
}

/// Under the lock, so that nobody can believe the connection closed before it is.
fn hang_up(state: &mut State) {
    if let Some(socket) = state.held.take() {
        // It fails on a socket that is not connected, and has its effect there nevertheless.
        let _ = socket.shutdown(Shutdown::Both);
    }
}

impl fmt::Debug for Closer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Closer").field("closed", &self.is_closed()).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use std::io::Read;

    use socket2::SockRef;

    use super::*;
    use crate::net::fixtures::{guarded, tcp_pair};

    #[test]
    fn close_wakes_a_sleep_that_would_never_end() {
        guarded(|| {
            let closer = Closer::new();
            let other = closer.clone();
            let sleeper = std::thread::spawn(move || other.sleep(Duration::MAX));
            closer.close();
            assert!(!sleeper.join().unwrap());
            assert!(!closer.sleep(Duration::MAX));
        });
    }

    #[test]
    fn a_sleep_ends_by_itself() {
        assert!(Closer::new().sleep(Duration::from_millis(1)));
    }

    #[test]
    fn close_wakes_a_blocked_reader() {
        guarded(|| {
            let (mut near, _far) = tcp_pair();
            let closer = Closer::new();
            closer.hold(&SockRef::from(&near)).unwrap();
            let reader = std::thread::spawn(move || near.read(&mut [0; 16]));
            closer.close();
            closer.close();
            assert_eq!(reader.join().unwrap().unwrap(), 0);
            assert!(closer.is_closed());
        });
    }

    #[test]
    fn a_closed_closer_refuses_and_shuts_what_it_is_given() {
        guarded(|| {
            let (near, mut far) = tcp_pair();
            let closer = Closer::new();
            closer.close();
            assert!(closer.hold(&SockRef::from(&near)).is_err());
            assert!(!closer.is_holding());
            assert_eq!(far.read(&mut [0; 16]).unwrap(), 0);
        });
    }

    #[test]
    fn hanging_up_ends_the_connection_and_not_the_closer() {
        guarded(|| {
            let closer = Closer::new();
            for _ in 0..2 {
                let (near, mut far) = tcp_pair();
                closer.hold(&SockRef::from(&near)).unwrap();
                closer.hang_up();
                assert_eq!(far.read(&mut [0; 16]).unwrap(), 0);
                assert!(!closer.is_closed() && !closer.is_holding());
            }
        });
    }

    #[test]
    fn a_released_socket_is_left_alone() {
        guarded(|| {
            let (near, mut far) = tcp_pair();
            let closer = Closer::new();
            closer.hold(&SockRef::from(&near)).unwrap();
            closer.release();
            closer.close();
            std::io::Write::write_all(&mut &near, b"x").unwrap();
            assert_eq!(far.read(&mut [0; 16]).unwrap(), 1);
        });
    }
}
