//! A call under way, and what is left of it.

use std::io::{self, Read, Write};
use std::net::{Shutdown, SocketAddr, TcpStream, ToSocketAddrs};
use std::time::{Duration, Instant};

use super::answer::AgiAnswer;
use super::caller::FakeAgiCaller;
use super::words::{arguments, split};
use crate::error::{ConnectionError, Error, Result, TimeoutError};
use crate::types::AgiOutcome;

/// A call that a [`FakeAgiCaller`] has begun. Dropping it closes the connection.
#[derive(Debug)]
pub struct FakeAgiCall {
    stream: TcpStream,
    caller: FakeAgiCaller,
    /// What was read and is not yet a line.
    inbox: Vec<u8>,
    commands: Vec<String>,
    outcome: Option<AgiOutcome>,
}

/// What a server did with a call: from [`FakeAgiCall::finish`].
#[derive(Debug, Clone)]
pub struct FakeAgiRecord {
    commands: Vec<String>,
    outcome: AgiOutcome,
    caller: FakeAgiCaller,
}

impl FakeAgiCall {
    pub(super) fn connect(caller: FakeAgiCaller, server: impl ToSocketAddrs) -> Result<Self> {
        let failed =
            |source| Error::from(ConnectionError::Connect { address: "the server".into(), source });
        let stream = TcpStream::connect(server).map_err(failed)?;
        stream.set_nodelay(true)?;
        stream.set_write_timeout(Some(caller.patience))?;
        Ok(Self { stream, caller, inbox: Vec::new(), commands: Vec::new(), outcome: None })
    }

    /// Our end of the connection.
    ///
    /// # Errors
    ///
    /// [`Error::Io`] if the connection is gone.
    pub fn local_addr(&self) -> Result<SocketAddr> {
        Ok(self.stream.local_addr()?)
    }

    /// Waits for the next command and does not answer it. `None` once the server has ended the
    /// session.
    ///
    /// # Errors
    ///
    /// [`Error::Timeout`] if nothing comes.
    pub fn next_command(&mut self) -> Result<Option<String>> {
        let Some(line) = self.line()? else { return Ok(None) };
        self.commands.push(line.clone());
        Ok(Some(line))
    }

    /// Answers a command as the test has said, else as the model does.
    pub fn answer(&mut self, command: &str) {
        let words = split(command);
        let scripted = &mut self.caller.scripted;
        let at = scripted
            .iter()
            .position(|(name, _)| name.is_empty() || arguments(&words, name).is_some());
        let scripted = at.and_then(|at| scripted.remove(at)).map(|(_, answer)| answer);
        let answer = scripted.unwrap_or_else(|| self.caller.model_answer(&words));
        self.answer_with(&answer);
    }

    /// Answers with this.
    pub fn answer_with(&mut self, answer: &AgiAnswer) {
        self.caller.model.is_dead |= answer.hangs_up;
        self.send_all(&answer.bytes, answer.in_pieces);
        if answer.closes {
            self.close();
        }
    }

    /// Waits for the next command and answers it. What it was; `None` once the server has ended the
    /// session.
    ///
    /// # Errors
    ///
    /// [`Error::Timeout`] if nothing comes.
    pub fn step(&mut self) -> Result<Option<String>> {
        let command = self.next_command()?;
        if let Some(command) = &command {
            self.answer(command);
        }
        Ok(command)
    }

    /// Answers commands up to one of this name, which it does not answer.
    ///
    /// # Errors
    ///
    /// [`Error::Timeout`] if nothing comes, [`Error::Disconnected`] if the session ends before.
    pub fn run_to(&mut self, command: &str) -> Result<String> {
        while let Some(next) = self.next_command()? {
            if arguments(&split(&next), command).is_some() {
                return Ok(next);
            }
            self.answer(&next);
        }
        Err(Error::Disconnected { sent: true })
    }

    /// The caller hangs up: the server is told, and commands for a living channel fail.
    pub fn hang_up(&mut self) {
        self.caller.model.is_dead = true;
        self.send("HANGUP\n");
    }

    /// The caller hangs up and the server is not told, as with the variable `AGISIGHUP` at `no`.
    pub fn hang_up_quietly(&mut self) {
        self.caller.model.is_dead = true;
    }

    /// Sends exactly these bytes. Nothing happens if the server has gone.
    pub fn send(&mut self, bytes: impl AsRef<[u8]>) {
        self.send_all(bytes.as_ref(), false);
    }

    /// Ends the connection: Asterisk is gone.
    pub fn close(&mut self) {
        // It may be closed already.
        let _ = self.stream.shutdown(Shutdown::Both);
    }

    /// The commands that have come, as they were written.
    pub fn commands(&self) -> &[String] {
        &self.commands
    }

    /// Answers commands until the server ends the session.
    ///
    /// # Errors
    ///
    /// [`Error::Timeout`] if nothing comes.
    pub fn finish(mut self) -> Result<FakeAgiRecord> {
        while self.step()?.is_some() {}
        let outcome = match self.outcome.take() {
            Some(outcome) => outcome,
            None if self.caller.model.is_dead => AgiOutcome::Hangup,
            None => AgiOutcome::Success,
        };
        Ok(FakeAgiRecord { commands: self.commands, outcome, caller: self.caller })
    }

    pub(super) fn send_all(&mut self, bytes: &[u8], in_pieces: bool) {
        let size = if in_pieces { 1 } else { bytes.len().max(1) };
        for piece in bytes.chunks(size) {
            // A server that has gone is found out by reading.
            if let Err(e) = self.stream.write_all(piece) {
                log::debug!("the AGI server does not listen: {e}");
                return;
            }
        }
    }

    /// The next line, without its end.
    fn line(&mut self) -> Result<Option<String>> {
        let patience = self.caller.patience;
        let until = Instant::now().checked_add(patience);
        let mut buf = [0; 4096];
        loop {
            if self.outcome.is_some() {
                return Ok(None);
            }
            if let Some(end) = self.inbox.iter().position(|&byte| byte == b'\n') {
                let line: Vec<u8> = self.inbox.drain(..=end).collect();
                let line = String::from_utf8_lossy(&line[..end]).into_owned();
                // Asterisk's own word for it: the session is over.
                if line.get(..7).is_some_and(|start| start.eq_ignore_ascii_case("failure")) {
                    self.outcome = Some(AgiOutcome::Failure);
                    continue;
                }
                return Ok(Some(line));
            }
            let left = until.map(|until| until.saturating_duration_since(Instant::now()));
            if left == Some(Duration::ZERO) {
                return Err(Error::Timeout(TimeoutError::Receive { after: patience }));
            }
            self.stream.set_read_timeout(left)?;
            match self.stream.read(&mut buf) {
                Ok(0) => return Ok(None),
                Ok(n) => self.inbox.extend_from_slice(&buf[..n]),
                Err(e) if is_timeout(&e) || e.kind() == io::ErrorKind::Interrupted => {}
                Err(e) => {
                    log::debug!("the AGI server has gone: {e}");
                    return Ok(None);
                }
            }
        }
    }
}

fn is_timeout(e: &io::Error) -> bool {
    matches!(e.kind(), io::ErrorKind::WouldBlock | io::ErrorKind::TimedOut)
}

impl FakeAgiRecord {
    /// The commands that came, as they were written.
    pub fn commands(&self) -> &[String] {
        &self.commands
    }

    /// What `AGISTATUS` is for the dialplan: `Failure` if the server has refused the call or its
    /// handler failed, else `Hangup` if the caller has hung up, else `Success`.
    pub fn outcome(&self) -> AgiOutcome {
        self.outcome.clone()
    }

    /// A channel variable as it is now.
    pub fn variable(&self, name: &str) -> Option<&str> {
        self.caller.model.variables.get(name).map(String::as_str)
    }

    /// An entry of the AstDB as it is now.
    pub fn database(&self, family: &str, key: &str) -> Option<&str> {
        let entry = (family.to_owned(), key.to_owned());
        self.caller.model.database.get(&entry).map(String::as_str)
    }

    /// Whether the call was answered.
    pub fn is_answered(&self) -> bool {
        self.caller.model.is_up
    }
}
