//! From a transport to a call that can be handled.

use std::time::Instant;

use super::channel::AgiChannel;
use super::limits::AgiLimits;
use super::prelude::RequestDecoder;
use super::request::AgiRequest;
use super::socket::Socket;
use super::transport::{Received, Transport, Wait};
use crate::error::{ConnectionError, Error, Result, TimeoutError};
use crate::net::{Stream, accepted};

/// Reads what a session begins with, within the limits; the channel takes commands from then on.
///
/// # Errors
///
/// [`TimeoutError::Description`] if it does not come in time, [`ConnectionError::ClosedByPeer`] if the
/// peer ends before it has begun, [`Error::Protocol`] for what is over a limit or is not AGI. The
/// transport is closed then.
pub(crate) fn open(
    mut transport: Box<dyn Transport>,
    limits: &AgiLimits,
) -> Result<(AgiRequest, AgiChannel)> {
    let wait = Instant::now().checked_add(limits.timeout).map_or(Wait::Always, Wait::Until);
    let mut decoder = RequestDecoder::new(limits);
    let mut buf = [0; 1024];
    loop {
        match transport.receive(&mut buf, wait)? {
            Received::Bytes(n) => {
                if let Some((mut request, used)) = decoder.push(&buf[..n])? {
                    request.set_peer(transport.peer_addr());
                    let channel = AgiChannel::new(transport, &request, limits, &buf[used..n]);
                    return Ok((request, channel));
                }
            }
            Received::Nothing => {
                return Err(Error::Timeout(TimeoutError::Description { after: limits.timeout }));
            }
            Received::End => {
                let peer = transport.peer_addr().map_or("the peer".to_owned(), |a| a.to_string());
                return Err(Error::Connection(ConnectionError::ClosedByPeer(peer.into())));
            }
        }
    }
}

impl AgiChannel {
    /// Begins a session on a connection that was accepted elsewhere: for programs that have their
    /// own way to listen, such as a socket that systemd or inetd hands over. `AgiServer` is the
    /// ready-made one.
    ///
    /// Blocks until Asterisk has described the call, at most for the limits'
    /// [`timeout`](AgiLimits::timeout).
    ///
    /// # Errors
    ///
    /// [`TimeoutError::Description`] if that does not come in time, [`ConnectionError::ClosedByPeer`]
    /// if the peer ends before it has begun, [`Error::Protocol`] for what is over a limit or is not
    /// AGI. The connection is closed then.
    ///
    /// ```no_run
    /// use asterisk_sync::agi::{AgiChannel, AgiLimits};
    /// use std::net::TcpListener;
    ///
    /// # fn main() -> asterisk_sync::Result<()> {
    /// let (stream, _) = TcpListener::bind("127.0.0.1:4573")?.accept()?;
    /// let (request, mut agi) = AgiChannel::accept(stream, &AgiLimits::new())?;
    /// println!("{} wants {}", request.channel(), request.script());
    /// agi.stream_file("hello-world", "")?;
    /// # Ok(()) }
    /// ```
    pub fn accept(stream: Stream, limits: &AgiLimits) -> Result<(AgiRequest, AgiChannel)> {
        let (read, write, peer) = accepted(stream);
        open(Box::new(Socket::new(read, write, peer)), limits)
    }
}
