//! What the tests of this module share.

use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::sync::mpsc;
use std::thread;
use std::time::Duration;

use socket2::{Domain, Socket, Type};

pub(crate) const CA: &str = include_str!("../testing/certs/ca.pem");
pub(crate) const OTHER_CA: &str = include_str!("../testing/certs/other-ca.pem");
pub(crate) const SERVER: &str = include_str!("../testing/certs/server.pem");
pub(crate) const SERVER_KEY: &str = include_str!("../testing/certs/server.key");
pub(crate) const CLIENT: &str = include_str!("../testing/certs/client.pem");
pub(crate) const CLIENT_KEY: &str = include_str!("../testing/certs/client.key");
pub(crate) const CLIENT_ARCHIVE: &[u8] = include_bytes!("../testing/certs/client.p12");

/// Long enough that a test which needs it has failed.
pub(crate) const LONG: Duration = Duration::from_secs(120);

/// Runs a test that hangs when it fails, and makes it fail instead.
pub(crate) fn guarded(test: impl FnOnce() + Send + 'static) {
    let (done, wait) = mpsc::channel::<()>();
    let runner = thread::spawn(move || {
        let _done = done;
        test();
    });
    assert_ne!(wait.recv_timeout(LONG), Err(mpsc::RecvTimeoutError::Timeout), "hung");
    if let Err(panic) = runner.join() {
        std::panic::resume_unwind(panic);
    }
}

pub(crate) fn listener() -> (TcpListener, u16) {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
    let port = listener.local_addr().unwrap().port();
    (listener, port)
}

/// A port that refuses. What is returned keeps it, so that nobody else is given it meanwhile.
pub(crate) fn refusing() -> (Socket, u16) {
    let socket = Socket::new(Domain::IPV4, Type::STREAM, None).unwrap();
    socket.bind(&SocketAddr::from((Ipv4Addr::LOCALHOST, 0)).into()).unwrap();
    let port = socket.local_addr().unwrap().as_socket().unwrap().port();
    (socket, port)
}

pub(crate) fn tcp_pair() -> (TcpStream, TcpStream) {
    let (listener, port) = listener();
    let near = TcpStream::connect((Ipv4Addr::LOCALHOST, port)).unwrap();
    let (far, _) = listener.accept().unwrap();
    (near, far)
}
