//! From a host and a port to a connected socket.

use std::io;
use std::net::{IpAddr, SocketAddr, TcpStream, ToSocketAddrs};
use std::thread;
use std::time::Duration;

use crossbeam_channel::{Select, bounded};
use socket2::{Domain, Protocol, SockAddr, Socket, TcpKeepalive, Type};

use super::{Closer, Deadline};
use crate::{ConnectionError, Error, Result};

/// Connects to the first address of the host that takes the connection.
///
/// One deadline is over the name and all its addresses; each address gets an equal share of what is
/// left, so that a dead one cannot use it up. The socket is held by the closer, from before it
/// connects until the caller releases it.
pub(crate) fn dial(
    host: &str,
    port: u16,
    deadline: &Deadline,
    closer: &Closer,
) -> Result<TcpStream> {
    first_of(&resolve(host, port, deadline, closer)?, deadline, closer)
}

fn first_of(addresses: &[SocketAddr], deadline: &Deadline, closer: &Closer) -> Result<TcpStream> {
    let mut failure = None;
    for (index, address) in addresses.iter().enumerate() {
        if closer.is_closed() {
            return Err(Error::Closed);
        }
        let Ok(left) = deadline.left() else { break };
        let others = u32::try_from(addresses.len() - index).unwrap_or(u32::MAX);
        // What polls a connect cuts its timeout to whole milliseconds, and would give up before the
        // deadline has passed.
        let share = (left / others).saturating_add(Duration::from_millis(1));
        match connect(*address, share, closer) {
            Ok(stream) => return Ok(stream),
            Err(source) => {
                closer.release();
                log::debug!("cannot connect to {address}: {source}");
                failure = Some((address, source));
            }
        }
    }
    if closer.is_closed() {
        return Err(Error::Closed);
    }
    match failure {
        Some((address, source)) if !deadline.has_passed() => {
            Err(ConnectionError::Connect { address: address.to_string().into(), source }.into())
        }
        _ => Err(deadline.error()),
    }
}

/// Settings of every connection. Small packets leave at once; a peer that vanished without a word
/// is noticed although neither side has anything to say. A socket without them still works.
pub(crate) fn tune(socket: &Socket) {
    let keepalive = TcpKeepalive::new().with_time(Duration::from_secs(30));
    #[cfg(any(
        target_os = "android",
        target_os = "freebsd",
        target_os = "ios",
        target_os = "linux",
        target_os = "macos",
        target_os = "netbsd",
        target_os = "windows",
    ))]
    let keepalive = keepalive.with_interval(Duration::from_secs(10));
    #[cfg(not(any(
        target_os = "openbsd",
        target_os = "redox",
        target_os = "solaris",
        target_os = "nto",
        target_os = "espidf",
        target_os = "vita",
        target_os = "haiku",
        windows
    )))]
    let keepalive = keepalive.with_retries(3);
    if let Err(e) = socket.set_tcp_nodelay(true).and(socket.set_tcp_keepalive(&keepalive)) {
        log::debug!("socket options not set: {e}");
    }
}

/// The address in `host`, if it is one; `[::1]` is as good as `::1`.
pub(super) fn literal(host: &str) -> Option<IpAddr> {
    bare(host).parse().ok()
}

/// `host` without the brackets an IPv6 address has in a URL.
pub(super) fn bare(host: &str) -> &str {
    host.strip_prefix('[').and_then(|h| h.strip_suffix(']')).unwrap_or(host)
}

fn resolve(host: &str, port: u16, deadline: &Deadline, closer: &Closer) -> Result<Vec<SocketAddr>> {
    if let Some(ip) = literal(host) {
        return Ok(vec![SocketAddr::new(ip, port)]);
    }
    let left = deadline.left()?;
    let (answer, answered) = bounded(1);
    let name = bare(host).to_owned();
    // The system's resolver can be neither interrupted nor bounded, so it gets a thread that is
    // left alone when nobody waits for it any more. It ends when the resolver gives up.
    thread::Builder::new().name("resolve".into()).spawn(move || {
        let _ = answer.send((name.as_str(), port).to_socket_addrs().map(Vec::from_iter));
    })?;

    let mut select = Select::new_biased();
    let closing = select.recv(closer.signal());
    select.recv(&answered);
    let answer = match select.select_timeout(left) {
        Err(_) => return Err(deadline.error()),
        Ok(ready) if ready.index() == closing => {
            // Nothing is ever sent there: ready means disconnected.
            let _ = ready.recv(closer.signal());
            return Err(Error::Closed);
        }
        Ok(ready) => ready.recv(&answered),
    };
    match answer {
        Ok(Ok(addresses)) if !addresses.is_empty() => Ok(addresses),
        Ok(Ok(_)) => Err(unresolved(host, io::Error::other("the name has no address"))),
        Ok(Err(source)) => Err(unresolved(host, source)),
        Err(_) => Err(unresolved(host, io::Error::other("the resolver panicked"))),
    }
}

fn unresolved(host: &str, source: io::Error) -> Error {
    ConnectionError::Resolve { host: host.into(), source }.into()
}

fn connect(address: SocketAddr, timeout: Duration, closer: &Closer) -> io::Result<TcpStream> {
    let socket = Socket::new(Domain::for_address(address), Type::STREAM, Some(Protocol::TCP))?;
    tune(&socket);
    closer.hold(&socket)?;
    socket.connect_timeout(&SockAddr::from(address), timeout)?;
    Ok(socket.into())
}

#[cfg(test)]
mod tests {
    use std::net::Ipv4Addr;

    use super::*;
    use crate::TimeoutError;
    use crate::net::fixtures::{LONG, guarded, listener, refusing};

    fn long() -> Deadline {
        Deadline::after(LONG * 10)
    }

    /// A port nobody answers: its queue of one is full, so further connects hang. What is returned
    /// keeps it so.
    fn full_port() -> (u16, [Socket; 2]) {
        let any = SockAddr::from(SocketAddr::from((Ipv4Addr::LOCALHOST, 0)));
        let listener = Socket::new(Domain::IPV4, Type::STREAM, None).unwrap();
        listener.bind(&any).unwrap();
        listener.listen(0).unwrap();
        let address = listener.local_addr().unwrap();
        let filler = Socket::new(Domain::IPV4, Type::STREAM, None).unwrap();
        filler.connect(&address).unwrap();
        (address.as_socket().unwrap().port(), [listener, filler])
    }

    #[test]
    fn a_dialled_socket_is_tuned_and_held() {
        let (_listener, port) = listener();
        let closer = Closer::new();
        for host in ["127.0.0.1", "localhost"] {
            let stream = dial(host, port, &long(), &closer).unwrap();
            assert!(stream.nodelay().unwrap());
            assert!(socket2::SockRef::from(&stream).keepalive().unwrap());
            assert!(closer.is_holding());
        }
    }

    #[test]
    fn a_refused_connection_names_the_address() {
        let (_refusing, port) = refusing();
        let closer = Closer::new();
        let e = dial("127.0.0.1", port, &long(), &closer).unwrap_err();
        let Error::Connection(ConnectionError::Connect { address, source }) = &e else {
            panic!("{e:?}")
        };
        assert_eq!(**address, *format!("127.0.0.1:{port}"));
        assert_eq!(source.kind(), io::ErrorKind::ConnectionRefused);
        assert!(!closer.is_holding());
    }

    #[test]
    fn a_name_that_does_not_exist_is_a_resolve_error() {
        let e = dial("nonexistent.invalid", 5038, &long(), &Closer::new()).unwrap_err();
        assert!(matches!(e, Error::Connection(ConnectionError::Resolve { .. })), "{e:?}");
    }

    #[test]
    fn a_passed_deadline_is_a_timeout_for_names_and_addresses() {
        for host in ["127.0.0.1", "localhost"] {
            let deadline = Deadline::after(Duration::ZERO);
            let e = dial(host, 9, &deadline, &Closer::new()).unwrap_err();
            assert!(matches!(e, Error::Timeout(TimeoutError::Connect { .. })), "{e:?}");
        }
    }

    #[test]
    fn a_closed_closer_dials_nowhere() {
        let (_listener, port) = listener();
        let closer = Closer::new();
        closer.close();
        for host in ["127.0.0.1", "localhost"] {
            assert!(matches!(dial(host, port, &long(), &closer), Err(Error::Closed)));
        }
    }

    #[test]
    fn a_bracketed_literal_needs_no_resolver() {
        assert_eq!(literal("[::1]"), literal("::1"));
        assert!(literal("::1").is_some());
        assert!(literal("localhost").is_none());
    }

    #[test]
    fn dead_addresses_leave_time_for_the_one_that_answers() {
        let (_refusing, refusing) = refusing();
        let (hanging, _full) = full_port();
        let (_listener, port) = listener();
        let addresses =
            [refusing, hanging, port].map(|port| SocketAddr::from((Ipv4Addr::LOCALHOST, port)));
        // The one that hangs uses up half of it.
        let deadline = Deadline::after(LONG / 20);
        let stream = first_of(&addresses, &deadline, &Closer::new()).unwrap();
        assert_eq!(stream.peer_addr().unwrap(), addresses[2]);
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn a_connect_that_hangs_ends_at_the_deadline() {
        let (port, _full) = full_port();
        let deadline = Deadline::after(Duration::from_millis(20));
        let e = dial("127.0.0.1", port, &deadline, &Closer::new()).unwrap_err();
        assert!(matches!(e, Error::Timeout(TimeoutError::Connect { .. })), "{e:?}");
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn close_wakes_a_connect_that_hangs() {
        guarded(|| {
            let (port, _full) = full_port();
            let closer = Closer::new();
            let other = closer.clone();
            let dialler = thread::spawn(move || dial("127.0.0.1", port, &long(), &other));
            // Until the kernel shows the connect on its way: state 02 is SYN_SENT.
            let wanted = format!(" 0100007F:{port:04X} 02 ");
            while !std::fs::read_to_string("/proc/net/tcp").unwrap().contains(&wanted) {
                assert!(!dialler.is_finished(), "{:?}", dialler.join());
                thread::yield_now();
            }
            closer.close();
            assert!(matches!(dialler.join().unwrap(), Err(Error::Closed)));
            assert!(!closer.is_holding());
        });
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn close_just_before_a_connect_that_would_hang_wakes_it() {
        guarded(|| {
            let (port, _full) = full_port();
            let closer = Closer::new();
            let socket = Socket::new(Domain::IPV4, Type::STREAM, None).unwrap();
            closer.hold(&socket).unwrap();
            closer.close();
            let address = SocketAddr::from((Ipv4Addr::LOCALHOST, port));
            assert!(socket.connect_timeout(&address.into(), LONG * 10).is_err());
        });
    }
}
