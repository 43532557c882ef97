//! From a host name to a session that may act.

use std::sync::Arc;

use zeroize::Zeroizing;

use super::action::{Action, ChallengeAction, Headers, LoginAction, whole_lines};
use super::codec::{Banner, Decoder};
use super::config::{AuthMethod, Config};
use super::mask::EventMask;
use super::message::{Block, Message, MessageKind};
use crate::error::{AuthError, ConnectionError, Error, ProtocolError, Result, TimeoutError};
use crate::net::{self, Closer, Deadline, ReadHalf, WriteHalf};
use crate::types::AuthType;

/// A logged-in connection, before anybody else may use it.
pub(super) struct Session {
    pub(super) reader: ReadHalf,
    pub(super) writer: Arc<WriteHalf>,
    pub(super) decoder: Decoder,
    /// What the server calls itself.
    pub(super) banner: String,
    /// What came in one read with the last answer and is not part of it: the block and the first
    /// frame to look at.
    pub(super) rest: Option<(Arc<Block>, usize)>,
    host: Box<str>,
    deadline: Deadline,
    buffer: Vec<u8>,
}

/// How much is read at a time while logging in.
const LOGIN_READ: usize = 4096;

impl Session {
    /// Dials and agrees on TLS.
    pub(super) fn open(config: &Config, closer: &Closer) -> Result<Self> {
        let deadline = Deadline::after(config.connect_timeout);
        let stream = net::dial(&config.host, config.port, &deadline, closer)?;
        #[cfg(feature = "tls")]
        let (reader, writer) = match &config.tls {
            Some(tls) => net::tls_connect(stream, tls, &config.host, &deadline)?,
            None => net::plain(stream),
        };
        #[cfg(not(feature = "tls"))]
        let (reader, writer) = net::plain(stream);
        Ok(Self {
            reader,
            writer: Arc::new(writer),
            decoder: Decoder::new(config.max_message_size),
            banner: String::new(),
            rest: None,
            host: config.host.as_str().into(),
            deadline,
            buffer: vec![0; LOGIN_READ],
        })
    }

    /// Reads the banner and logs in.
    pub(super) fn log_in(&mut self, config: &Config, mask: Option<EventMask>) -> Result<()> {
        self.read_banner()?;
        let mut login = LoginAction::new(config.credentials.clone());
        if config.auth == AuthMethod::Md5 {
            login = login.challenge(self.challenge()?);
        }
        if let Some(mask) = mask {
            login = login.events(mask);
        }
        let response = self.act(&login)?;
        if is_success(&response) {
            return Ok(());
        }
        let message: Box<str> = response.get("Message").unwrap_or("no reason given").into();
        // Only this one speaks of the secret. `Login Already In Use`, for one, passes when the
        // server has noticed that the session before is dead.
        if message.contains("Authentication failed") {
            Err(AuthError::Rejected(message).into())
        } else {
            Err(Error::Refused { action: "Login".into(), message })
        }
    }

    fn challenge(&mut self) -> Result<String> {
        let response = self.act(&ChallengeAction::new(AuthType::Md5))?;
        match response.get("Challenge") {
            Some(challenge) if is_success(&response) => Ok(challenge.to_owned()),
            _ => {
                let why = response.get("Message").unwrap_or("there is none in the answer");
                Err(AuthError::Challenge(why.into()).into())
            }
        }
    }

    /// One action and its response. The server answers one at a time and in order, so before
    /// anybody else may write, the next response is ours.
    pub(super) fn act(&mut self, action: &impl Action) -> Result<Message> {
        let mut headers = Headers::new(action.name(), None);
        action.write(&mut headers);
        // With a login this is the secret, or what proves that we have it.
        let bytes = Zeroizing::new(headers.finish()?);
        self.writer.set_write_timeout(Some(self.left()?)).map_err(lost)?;
        let mut rest = &bytes[..];
        while !rest.is_empty() {
            let n = self.writer.write_first(rest, whole_lines).map_err(|e| lost(e.into()))?;
            rest = &rest[n..];
        }
        loop {
            while let Some((block, next)) = self.rest.take() {
                if next == block.len() {
                    break;
                }
                let kind = block.frame(next).kind;
                let message = Message::new(Arc::clone(&block), next);
                self.rest = Some((block, next + 1));
                if kind == MessageKind::Response {
                    return Ok(message);
                }
                // Events from before the session is anybody's are nobody's.
            }
            let n = self.read()?;
            self.rest = self.decoder.push(&self.buffer[..n]).map(|block| (Arc::new(block), 0));
        }
    }

    fn read_banner(&mut self) -> Result<()> {
        let mut banner = Banner::default();
        loop {
            let n = self.read()?;
            let Some((line, rest)) = banner.push(&self.buffer[..n])? else { continue };
            if !line.contains("Asterisk") && !line.contains("Manager") {
                return Err(ProtocolError::Banner(line.into()).into());
            }
            self.rest = self.decoder.push(rest).map(|block| (Arc::new(block), 0));
            self.banner = line;
            return Ok(());
        }
    }

    fn read(&mut self) -> Result<usize> {
        loop {
            self.reader.set_read_timeout(Some(self.left()?)).map_err(lost)?;
            match self.reader.read(&mut self.buffer) {
                Ok(0) => return Err(ConnectionError::ClosedByPeer(self.host.clone()).into()),
                Ok(n) => return Ok(n),
                // The deadline says so on the way round.
                Err(e) if e.kind() == std::io::ErrorKind::WouldBlock => {}
                Err(e) => return Err(lost(e)),
            }
        }
    }

    fn left(&self) -> Result<std::time::Duration> {
        self.deadline.left().map_err(|e| match e {
            TimeoutError::Connect { after } => TimeoutError::Login { after }.into(),
            other => other.into(),
        })
    }
}

fn lost(e: std::io::Error) -> Error {
    ConnectionError::Lost(e).into()
}

pub(super) fn is_success(response: &Message) -> bool {
    response.name().eq_ignore_ascii_case("Success")
}
