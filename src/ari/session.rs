//! One event socket: how it comes to be, and what is read from it until it ends.

use std::fmt;
use std::io;
use std::sync::Arc;
use std::time::Duration;

use super::config::AriConfig;
use super::rest::reason;
use super::url::{Base, encode};
use crate::net::websocket::{Decoder, Incoming, Refusal, Role, Upgrade, Upgraded};
use crate::net::{Closer, Deadline, ReadHalf, WriteHalf, dial, plain};
use crate::{AuthError, Error, Result};

/// How much is read at a time.
const READ: usize = 128 << 10;

/// Why there is no event socket.
pub(crate) fn refused(refusal: Refusal) -> Error {
    match refusal {
        Refusal::Failed(e) => e,
        Refusal::Http { status: 401, body } => AuthError::Rejected(reason(&body)).into(),
        Refusal::Http { status, body } => {
            Error::Http { request: "GET events".into(), status, message: reason(&body) }
        }
    }
}

/// One connection, from its handshake to its end.
pub(super) struct Session {
    reader: ReadHalf,
    pub(super) writer: Arc<WriteHalf>,
    pub(super) role: Role,
    decoder: Decoder,
    buffer: Vec<u8>,
    /// The read timeout as it is set.
    timeout: Option<Duration>,
}

/// Why a connection ended.
#[derive(Debug)]
pub(super) enum End {
    ByPeer(Option<u16>),
    Failed(io::Error),
    Malformed(String),
    Silent(Duration),
    /// All applications are somebody else's now, this one last.
    Replaced(String),
    /// What has to be done before the connection is of use did not succeed.
    Unprepared(Error),
}

/// What reading brought.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Heard {
    Something,
    /// The read timeout passed.
    Nothing,
}

impl Session {
    /// Dials and shakes hands.
    pub(super) fn open(
        config: &AriConfig,
        base: &Base,
        applications: &[String],
        closer: &Closer,
    ) -> Result<(Self, Deadline)> {
        let deadline = Deadline::after(config.connect_timeout);
        let stream = dial(&base.host, base.port, &deadline, closer)?;
        #[cfg(feature = "tls")]
        let (mut reader, writer) = if base.is_tls {
            let tls = config.tls.clone().unwrap_or_default();
            crate::net::tls_connect(stream, &tls, &base.host, &deadline)?
        } else {
            plain(stream)
        };
        #[cfg(not(feature = "tls"))]
        let (mut reader, writer) = plain(stream);
        let mut target = format!("{}events?app=", base.root());
        for (index, name) in applications.iter().enumerate() {
            if index > 0 {
                target.push(',');
            }
            encode(name, &mut target);
        }
        if config.subscribe_all {
            target.push_str("&subscribeAll=true");
        }
        let authorization = config.authorization();
        let authority = base.authority();
        let upgrade = Upgrade {
            target: &target,
            host: &authority,
            authorization: Some(&authorization),
            protocol: None,
        };
        let Upgraded { rest } =
            upgrade.perform(&mut reader, &writer, &deadline).map_err(refused)?;
        Ok((Self::new(Role::Client, reader, writer, rest, config), deadline))
    }

    /// A connection whose handshake is done. `rest` is what came behind it.
    pub(super) fn new(
        role: Role,
        reader: ReadHalf,
        writer: WriteHalf,
        rest: Vec<u8>,
        config: &AriConfig,
    ) -> Self {
        // A peer that stops reading must not hold up a writer for ever.
        let set = writer
            .set_write_timeout(Some(config.timeout))
            .and_then(|()| reader.set_read_timeout(config.keep_alive));
        if let Err(e) = set {
            log::warn!("cannot set the socket's timeouts: {e}");
        }
        let decoder = Decoder::new(role, config.max_message_size, rest);
        let (writer, timeout) = (Arc::new(writer), config.keep_alive);
        Self { reader, writer, role, decoder, buffer: vec![0; READ], timeout }
    }

    /// The next message of what was read.
    pub(super) fn next(&mut self) -> Result<Option<Incoming<'_>>, End> {
        self.decoder.next().map_err(End::Malformed)
    }

    /// Waits for bytes.
    pub(super) fn read(&mut self, timeout: Option<Duration>) -> Result<Heard, End> {
        if self.timeout != timeout {
            self.reader.set_read_timeout(timeout).map_err(End::Failed)?;
            self.timeout = timeout;
        }
        match self.reader.read(&mut self.buffer) {
            Ok(0) => Err(End::ByPeer(None)),
            Ok(n) => {
                self.decoder.push(&self.buffer[..n]);
                Ok(Heard::Something)
            }
            Err(e) if e.kind() == io::ErrorKind::WouldBlock => {
                self.decoder.trim();
                Ok(Heard::Nothing)
            }
            Err(e) => Err(End::Failed(e)),
        }
    }
}

impl fmt::Debug for Session {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Session").field("reader", &self.reader).finish_non_exhaustive()
    }
}
