//! A port that can stop listening and listen again.

use std::io;
use std::net::{IpAddr, SocketAddr, TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use parking_lot::Mutex;
use socket2::{Domain, SockRef, Socket, Type};

use crate::sync::worker::Worker;

/// The accepting thread keeps next to nothing on its stack.
const STACK: usize = 128 << 10;

/// How long the thread rests when the system has no descriptor for another connection.
const REST: Duration = Duration::from_millis(10);

/// One port of an address of this machine for as long as this lives.
#[derive(Debug)]
pub(in crate::testing) struct Port {
    address: SocketAddr,
    /// Bound and never listening, so that the port stays ours while nobody listens on it: nobody
    /// else is given it, and no client that dials it in vain is connected to itself. Not every
    /// system allows that beside a listener; where it does not, this is given up.
    reserved: Mutex<Option<Socket>>,
    buffers: Option<usize>,
    listening: Mutex<Option<Listening>>,
}

#[derive(Debug)]
struct Listening {
    stop: Arc<AtomicBool>,
    socket: TcpListener,
    worker: Worker,
}

impl Port {
    /// A port of 127.0.0.1.
    #[cfg(feature = "ami")]
    pub(in crate::testing) fn reserve(buffers: Option<usize>) -> io::Result<Self> {
        Self::reserve_at(std::net::Ipv4Addr::LOCALHOST.into(), buffers)
    }

    /// A port of this address.
    pub(in crate::testing) fn reserve_at(ip: IpAddr, buffers: Option<usize>) -> io::Result<Self> {
        let mut address = SocketAddr::new(ip, 0);
        let socket = bound(address)?;
        address.set_port(socket.local_addr()?.as_socket().map_or(0, |address| address.port()));
        Ok(Self {
            address,
            reserved: Mutex::new(Some(socket)),
            buffers,
            listening: Mutex::new(None),
        })
    }

    pub(in crate::testing) fn number(&self) -> u16 {
        self.address.port()
    }

    pub(in crate::testing) fn address(&self) -> SocketAddr {
        self.address
    }

    /// Accepts connections on a thread of its own; nothing if that is so already.
    pub(in crate::testing) fn listen(
        &self,
        accept: impl Fn(TcpStream) + Send + 'static,
    ) -> io::Result<()> {
        let mut listening = self.listening.lock();
        if listening.is_some() {
            return Ok(());
        }
        let socket = self.open().or_else(|e| match self.reserved.lock().take() {
            Some(reserved) => {
                drop(reserved);
                self.open()
            }
            None => Err(e),
        })?;
        let stop = Arc::new(AtomicBool::new(false));
        let (stopped, incoming) = (Arc::clone(&stop), socket.try_clone()?);
        let worker = Worker::spawn("fake-accept", STACK, move || {
            while !stopped.load(Ordering::Acquire) {
                match incoming.accept() {
                    _ if stopped.load(Ordering::Acquire) => return,
                    Ok((stream, _)) => accept(stream),
                    Err(e) => {
                        log::warn!("cannot accept: {e}");
                        std::thread::park_timeout(REST);
                    }
                }
            }
        })?;
        *listening = Some(Listening { stop, socket, worker });
        Ok(())
    }

    /// From now on connections are refused; nothing if that is so already.
    pub(in crate::testing) fn close(&self) {
        let Some(Listening { stop, socket, worker }) = self.listening.lock().take() else { return };
        stop.store(true, Ordering::Release);
        // One of the two wakes the thread: the first on Linux, the second elsewhere.
        let _ = SockRef::from(&socket).shutdown(std::net::Shutdown::Both);
        if !worker.is_finished() {
            let _ = TcpStream::connect_timeout(&self.address(), Duration::from_secs(1));
        }
        drop(socket);
        worker.join();
    }

    fn open(&self) -> io::Result<TcpListener> {
        let socket = bound(self.address)?;
        if let Some(bytes) = self.buffers {
            socket.set_recv_buffer_size(bytes)?;
            socket.set_send_buffer_size(bytes)?;
        }
        socket.listen(1024)?;
        Ok(socket.into())
    }
}

fn bound(address: SocketAddr) -> io::Result<Socket> {
    let socket = Socket::new(Domain::for_address(address), Type::STREAM, None)?;
    // On Windows it would let others take the port over.
    #[cfg(not(windows))]
    socket.set_reuse_address(true)?;
    socket.bind(&address.into())?;
    Ok(socket)
}
