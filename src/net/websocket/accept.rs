//! The handshake, from the server's side.

use tungstenite::handshake::derive_accept_key;
use zeroize::Zeroizing;

use super::handshake::read_more;
use crate::Result;
use crate::net::head::{Fault, Head, MAX_HEAD};
use crate::net::{Deadline, ReadHalf};

/// The version of the protocol there is.
const VERSION: &str = "13";

/// What was read until the head of a request had come whole.
#[derive(Debug)]
pub(crate) struct Received {
    bytes: Zeroizing<Vec<u8>>,
    size: usize,
}

/// Why there is no request.
#[derive(Debug)]
pub(crate) enum NoRequest {
    /// The peer is there, and what it says is none.
    Fault(Fault),
    /// It said nothing, or not in time, or has gone.
    Failed(crate::Error),
}

/// What keeps a request from becoming a WebSocket.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Obstacle {
    /// It is not a GET.
    Method,
    /// It does not ask for one, or for one of another version.
    NoUpgrade,
    /// It asks, and without a key that could be answered.
    NoKey,
}

impl Received {
    /// Reads a request's head. The read timeout of the socket is changed by it. `peer` is for errors.
    pub(crate) fn read(
        reader: &mut ReadHalf,
        deadline: &Deadline,
        peer: &str,
    ) -> Result<Self, NoRequest> {
        let mut bytes = Zeroizing::new(Vec::with_capacity(MAX_HEAD / 8));
        loop {
            match Head::parse(&bytes).map_err(NoRequest::Fault)? {
                Some((_, size)) => return Ok(Self { bytes, size }),
                None => match read_more(reader, deadline, &mut bytes, peer) {
                    Ok(0) => {
                        let closed = crate::ConnectionError::ClosedByPeer(peer.into());
                        return Err(NoRequest::Failed(closed.into()));
                    }
                    Ok(_) => {}
                    Err(e) => return Err(NoRequest::Failed(e)),
                },
            }
        }
    }

    pub(crate) fn head(&self) -> Option<Head<'_>> {
        Head::parse(&self.bytes).ok().flatten().map(|(head, _)| head)
    }

    /// What came behind the head.
    pub(crate) fn rest(&self) -> Vec<u8> {
        self.bytes[self.size..].to_vec()
    }
}

/// The proof that this is a server for `WebSocket`s, as the request demands it.
pub(crate) fn proof(head: &Head<'_>) -> Result<String, Obstacle> {
    if head.method != "GET" {
        return Err(Obstacle::Method);
    }
    if !head.says("upgrade", "websocket")
        || !head.says("connection", "upgrade")
        || head.header("sec-websocket-version") != Some(VERSION)
    {
        return Err(Obstacle::NoUpgrade);
    }
    match head.header("sec-websocket-key") {
        // 16 bytes in base 64.
        Some(key) if key.len() == 24 => Ok(derive_accept_key(key.as_bytes())),
        _ => Err(Obstacle::NoKey),
    }
}

/// The answer after which the connection is a WebSocket. There are no extensions.
pub(crate) fn switching(proof: &str, protocol: Option<&str>) -> String {
    let protocol = protocol.map(|name| format!("Sec-WebSocket-Protocol: {name}\r\n"));
    format!(
        "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\
         Sec-WebSocket-Accept: {proof}\r\n{}\r\n",
        protocol.unwrap_or_default()
    )
}

/// An answer that ends the connection.
pub(crate) fn refusal(status: u16) -> String {
    let (reason, header) = match status {
        400 => ("Bad Request", ""),
        401 => ("Unauthorized", "WWW-Authenticate: Basic realm=\"ARI\"\r\n"),
        403 => ("Forbidden", ""),
        404 => ("Not Found", ""),
        405 => ("Method Not Allowed", "Allow: GET\r\n"),
        426 => ("Upgrade Required", "Upgrade: websocket\r\nSec-WebSocket-Version: 13\r\n"),
        431 => ("Request Header Fields Too Large", ""),
        503 => ("Service Unavailable", ""),
        _ => ("Refused", ""),
    };
    format!("HTTP/1.1 {status} {reason}\r\n{header}Connection: close\r\nContent-Length: 0\r\n\r\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn asked(head: &str) -> Result<String, Obstacle> {
        proof(&Head::parse(head.as_bytes()).unwrap().unwrap().0)
    }

    #[test]
    fn the_proof_is_that_of_the_rfc() {
        let head = "GET /chat HTTP/1.1\r\nHost: x\r\nUpgrade: WebSocket\r\n\
                    Connection: keep-alive, Upgrade\r\nSec-WebSocket-Version: 13\r\n\
                    Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n";
        let proof = asked(head).unwrap();
        assert_eq!(proof, "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=");
        for (from, to, obstacle) in [
            ("GET ", "POST ", Obstacle::Method),
            ("Upgrade: WebSocket", "Upgrade: h2c", Obstacle::NoUpgrade),
            ("keep-alive, Upgrade", "close", Obstacle::NoUpgrade),
            ("Version: 13", "Version: 8", Obstacle::NoUpgrade),
            ("dGhlIHNhbXBsZSBub25jZQ==", "short", Obstacle::NoKey),
            ("Sec-WebSocket-Key", "X", Obstacle::NoKey),
        ] {
            assert_eq!(asked(&head.replace(from, to)), Err(obstacle), "{to}");
        }
    }

    #[test]
    fn a_protocol_is_named_only_where_there_is_one_and_extensions_never() {
        assert!(switching("p", Some("ari")).contains("\r\nSec-WebSocket-Protocol: ari\r\n\r\n"));
        let bare = switching("p", None);
        assert!(bare.ends_with("Accept: p\r\n\r\n") && !bare.contains("Extensions"));
    }
}
