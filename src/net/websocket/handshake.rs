//! The handshake, from the client's side.

use std::io;

use tungstenite::handshake::client::{Response, generate_key};
use tungstenite::handshake::derive_accept_key;
use tungstenite::handshake::machine::TryParse;
use zeroize::Zeroizing;

use crate::error::ProtocolError;
use crate::net::{Deadline, ReadHalf, WriteHalf};
use crate::{ConnectionError, Error, Result};

/// So much of an answer is read, headers and reason.
const MAX: usize = 64 << 10;

/// What is asked for.
#[derive(Debug)]
pub(crate) struct Upgrade<'a> {
    /// Path and query.
    pub(crate) target: &'a str,
    /// The header `Host`.
    pub(crate) host: &'a str,
    /// The header `Authorization`.
    pub(crate) authorization: Option<&'a str>,
    /// The protocols that are offered, with commas between them.
    pub(crate) protocol: Option<&'a str>,
}

/// A connection that is a WebSocket now.
#[derive(Debug)]
pub(crate) struct Upgraded {
    /// What came behind the handshake.
    pub(crate) rest: Vec<u8>,
}

/// Why it is none.
#[derive(Debug)]
pub(crate) enum Refusal {
    /// The server answered, and with this.
    Http { status: u16, body: Vec<u8> },
    /// There is no answer, or none that can be understood.
    Failed(Error),
}

impl<E: Into<Error>> From<E> for Refusal {
    fn from(e: E) -> Self {
        Self::Failed(e.into())
    }
}

impl Upgrade<'_> {
    /// Asks, and reads the answer. The read timeout of the socket is changed by it.
    pub(crate) fn perform(
        &self,
        reader: &mut ReadHalf,
        writer: &WriteHalf,
        deadline: &Deadline,
    ) -> Result<Upgraded, Refusal> {
        let key = generate_key();
        writer.set_write_timeout(Some(deadline.left()?)).map_err(ConnectionError::Lost)?;
        writer.write_all(self.request(&key).as_bytes()).map_err(|e| {
            if deadline.has_passed() {
                deadline.error()
            } else {
                ConnectionError::Lost(e.source).into()
            }
        })?;
        let mut answer = Vec::new();
        let (size, response) = loop {
            if read_more(reader, deadline, &mut answer, self.host)? == 0 {
                return Err(ConnectionError::ClosedByPeer(self.host.into()).into());
            }
            let parsed = Response::try_parse(&answer)
                .map_err(|e| ProtocolError::Banner(e.to_string().into()))?;
            match parsed {
                Some(parsed) => break parsed,
                None if answer.len() >= MAX => {
                    return Err(malformed("its headers have no end").into());
                }
                None => {}
            }
        };
        let mut rest = answer.split_off(size);
        let status = response.status().as_u16();
        if status != 101 {
            let body = header(&response, "content-length").and_then(|length| length.parse().ok());
            let length = body.unwrap_or(if status == 204 { 0 } else { MAX }).min(MAX);
            // The status is known; that the reason is cut short does not change it.
            while rest.len() < length
                && read_more(reader, deadline, &mut rest, self.host).is_ok_and(|n| n > 0)
            {
            }
            return Err(Refusal::Http { status, body: rest });
        }
        let says = |name, wanted: &str| {
            header(&response, name).is_some_and(|value| {
                value.split(',').any(|word| word.trim().eq_ignore_ascii_case(wanted))
            })
        };
        if !says("upgrade", "websocket") || !says("connection", "upgrade") {
            return Err(malformed("it does not say that it is a WebSocket").into());
        }
        if header(&response, "sec-websocket-accept") != Some(&derive_accept_key(key.as_bytes())) {
            return Err(malformed("its accept key is wrong").into());
        }
        if header(&response, "sec-websocket-extensions").is_some() {
            return Err(malformed("it uses an extension that was not asked for").into());
        }
        let mut offered = self.protocol.unwrap_or_default().split(',').map(str::trim);
        if header(&response, "sec-websocket-protocol")
            .is_some_and(|chosen| offered.all(|known| known != chosen))
        {
            return Err(malformed("it chose a protocol that was not offered").into());
        }
        Ok(Upgraded { rest })
    }

    fn request(&self, key: &str) -> Zeroizing<String> {
        let mut request = format!(
            "GET {} HTTP/1.1\r\nHost: {}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\
             Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: {key}\r\n",
            self.target, self.host,
        );
        let optional =
            [("Sec-WebSocket-Protocol", self.protocol), ("Authorization", self.authorization)];
        for (name, value) in optional {
            if let Some(value) = value {
                for part in [name, ": ", value, "\r\n"] {
                    request.push_str(part);
                }
            }
        }
        request.push_str("\r\n");
        Zeroizing::new(request)
    }
}

/// Waits for more bytes, until the deadline; 0 at the end. `peer` is for errors.
pub(super) fn read_more(
    reader: &mut ReadHalf,
    deadline: &Deadline,
    into: &mut Vec<u8>,
    peer: &str,
) -> Result<usize, Error> {
    let mut buffer = Zeroizing::new([0; 4096]);
    loop {
        reader.set_read_timeout(Some(deadline.left()?)).map_err(ConnectionError::Lost)?;
        match reader.read(&mut *buffer) {
            Ok(n) => {
                into.extend_from_slice(&buffer[..n]);
                return Ok(n);
            }
            // Timeouts are rounded: ask the clock.
            Err(e) if e.kind() == io::ErrorKind::WouldBlock => {}
            Err(e) if is_end(&e) => return Err(ConnectionError::ClosedByPeer(peer.into()).into()),
            Err(e) => return Err(ConnectionError::Lost(e).into()),
        }
    }
}

fn is_end(e: &io::Error) -> bool {
    matches!(e.kind(), io::ErrorKind::ConnectionReset | io::ErrorKind::UnexpectedEof)
}

fn header<'a>(response: &'a Response, name: &str) -> Option<&'a str> {
    response.headers().get(name)?.to_str().ok().map(str::trim)
}

fn malformed(why: &str) -> ProtocolError {
    ProtocolError::Malformed(format!("the answer to the WebSocket handshake: {why}").into())
}
