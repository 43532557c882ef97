//! A channel in `AGI(agi:async)` as a transport: commands go out as actions, replies come in
//! events.

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use crossbeam_channel::{Receiver, Select, Sender, TryRecvError, bounded};

use super::wire::{FETCH, Gathered, Gathering};
use crate::agi::{Received, Transport, Wait};
use crate::ami::AmiClient;
use crate::ami::action::{AGIAction, GetVarAction};
use crate::{Error, ProtocolError, Result, TimeoutError};

/// Ends the session, and lets the dialplan go on.
const BREAK: &str = "ASYNCAGI BREAK";

/// How much may wait for a session to take it. There is one command under way at a time.
const WAITING: usize = 256;

/// How long a command waits for a lost connection to come back.
const OUTAGE: Duration = Duration::from_secs(60);

/// How long the question may take whether a channel is still there to be sent back.
const PARTING: Duration = Duration::from_secs(10);

/// How long after the end of a channel the word of it may come.
const BEHIND: Duration = Duration::from_secs(1);

/// How often it is asked how AGI has ended.
const QUESTIONS: usize = 50;

/// What a session is told.
#[derive(Debug)]
pub(super) enum News {
    /// What a command brought, encoded.
    Result {
        /// The command's.
        id: Box<str>,
        /// The reply.
        encoded: Box<str>,
    },
    /// Events were lost.
    Gap,
}

/// What is known of the call.
pub(super) enum Described {
    /// The `Env` of `AsyncAGIStart`.
    Encoded(Box<str>),
    /// The same without encoding, and whole.
    Plain(Box<str>),
}

/// A session as others see it. Without it the session is over.
#[derive(Debug)]
pub(super) struct Line {
    news: Sender<News>,
    hang_up: HangUp,
    has_hung_up: Arc<AtomicBool>,
    fate: Sender<bool>,
    prefix: Box<str>,
}

/// Ends a session, even in the middle of a command, from any thread.
#[derive(Debug, Clone)]
pub(super) struct HangUp(Sender<()>);

impl HangUp {
    pub(super) fn now(&self) {
        // Full means that it has been told.
        let _ = self.0.try_send(());
    }
}

impl Line {
    /// Never waits. A session that does not take what is meant for it has no future.
    pub(super) fn tell(&self, news: News) {
        if self.news.try_send(news).is_err() {
            self.hang_up.now();
        }
    }

    /// The channel has hung up, or is about to.
    pub(super) fn has_hung_up(&self) {
        self.has_hung_up.store(true, Ordering::Release);
    }

    /// What takes, where the channel ended behind AGI, whether it had been hung up in AGI. The session
    /// is over without the line, and may still ask for that.
    pub(super) fn fate(&self) -> Sender<bool> {
        self.fate.clone()
    }

    /// Whether a command is the session's.
    pub(super) fn is_theirs(&self, id: &str) -> bool {
        id.starts_with(&*self.prefix)
    }
}

/// The transport.
pub(super) struct Session {
    ami: AmiClient,
    unique_id: Box<str>,
    /// Begins the ids of this session's commands.
    prefix: Box<str>,
    news: Receiver<News>,
    hang_up: HangUp,
    told_to_end: Receiver<()>,
    /// Whether a hangup was told. That the channel has left AGI is none: a command that fails ends
    /// AGI too, and so does somebody else's `ASYNCAGI BREAK`.
    has_hung_up: Arc<AtomicBool>,
    fate: Receiver<bool>,
    commands: u64,
    /// The command under way.
    waits_for: Option<Box<str>>,
    gathering: Gathering,
    /// Whether the rest of a reply has to be fetched, which takes somebody who waits.
    is_cut: bool,
    /// Whether the last reply was one with which a failing command ends AGI.
    has_failed: bool,
    /// What has come and was not read, from `read` on.
    bytes: Vec<u8>,
    read: usize,
    state: State,
    /// Whether a command was given up whose reply may still be in Asterisk's pipe, or which may
    /// still run. What is under way then is what fetches the reply.
    is_stale: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    Open,
    /// We were told to end.
    Dismissed,
    /// The handler has given the channel back.
    Left,
    /// The channel is not in AGI any more.
    Over,
    /// The same, and it was asked whether it has hung up.
    Asked,
}

/// What came while a session waited.
enum Came {
    Reply(Box<str>),
    Gap,
    Over,
    Nothing,
}

impl Session {
    /// A session of the channel with this id, whose commands' ids begin with `prefix`.
    pub(super) fn new(ami: AmiClient, unique_id: &str, prefix: String) -> (Self, Line) {
        let (news, inbox) = bounded(WAITING);
        let (hang_up, told_to_end) = bounded(1);
        let hang_up = HangUp(hang_up);
        let prefix: Box<str> = prefix.into();
        let has_hung_up = Arc::new(AtomicBool::new(false));
        let (tell_fate, fate) = bounded(1);
        let line = Line {
            news,
            hang_up: hang_up.clone(),
            has_hung_up: Arc::clone(&has_hung_up),
            fate: tell_fate,
            prefix: prefix.clone(),
        };
        let session = Self {
            ami,
            unique_id: unique_id.into(),
            prefix,
            news: inbox,
            hang_up,
            told_to_end,
            has_hung_up,
            fate,
            commands: 0,
            waits_for: None,
            gathering: Gathering::default(),
            is_cut: false,
            has_failed: false,
            bytes: Vec::new(),
            read: 0,
            state: State::Open,
            is_stale: false,
        };
        (session, line)
    }

    /// What ends it.
    pub(super) fn hang_up(&self) -> HangUp {
        self.hang_up.clone()
    }

    /// Puts the description of the call where it is read first; fetches the rest, within the time,
    /// if it was cut.
    pub(super) fn describe(&mut self, described: Described, timeout: Duration) -> Result<()> {
        self.bytes = match described {
            Described::Plain(text) => text.into_string().into_bytes(),
            Described::Encoded(env) => match self.gathering.push(&env) {
                Gathered::Whole(bytes) => bytes,
                Gathered::Cut => return Err(too_long()),
                Gathered::More => {
                    self.is_cut = true;
                    let at = Instant::now().checked_add(timeout);
                    self.gather(at.map_or(Wait::Always, Wait::Until))?.ok_or_else(|| {
                        Error::Timeout(TimeoutError::Description { after: timeout })
                    })?
                }
            },
        };
        Ok(())
    }

    /// Sends a command, which is one line.
    fn command(&mut self, command: &str, wait: Wait) -> Result<()> {
        self.commands += 1;
        let id = format!("{}{}", self.prefix, self.commands);
        let action = AGIAction::new(&*self.unique_id, command).command_id(&*id);
        match self.client(wait).send_action(&action) {
            Ok(_) => {
                self.waits_for = Some(id.into());
                Ok(())
            }
            Err(Error::Refused { message, .. }) if message.contains("does not exist") => {
                log::debug!("{}: {message}", self.unique_id);
                // A failure may have led it to its end, which is no hangup: `ended_by_hangup` asks.
                self.state = State::Over;
                Err(Error::Disconnected { sent: false })
            }
            Err(e) => {
                self.is_stale |= e.may_have_run();
                Err(e)
            }
        }
    }

    /// The client, which waits no longer than this.
    fn client(&self, wait: Wait) -> AmiClient {
        match wait {
            Wait::Until(at) => self.ami.with_timeout(at.saturating_duration_since(Instant::now())),
            Wait::Always | Wait::Never => self.ami.clone(),
        }
    }

    /// The same, waiting for a lost connection to come back.
    fn command_patiently(&mut self, command: &str, wait: Wait) -> Result<()> {
        let outage = match (wait, Instant::now() + OUTAGE) {
            (Wait::Until(at), outage) => at.min(outage),
            (_, outage) => outage,
        };
        loop {
            match self.command(command, wait) {
                Err(Error::Disconnected { sent: false }) if self.state == State::Open => {}
                done => return done,
            }
            // The new connection is told by the gap that the old one left.
            match self.wait(Wait::Until(outage)) {
                Came::Over | Came::Nothing => return Err(Error::Disconnected { sent: false }),
                Came::Gap | Came::Reply(_) => {}
            }
        }
    }

    /// Waits for all that the command under way brings, and fetches what Asterisk has cut off.
    /// `None` if the time is over; it goes on with the next call.
    fn gather(&mut self, wait: Wait) -> Result<Option<Vec<u8>>> {
        loop {
            if self.is_cut {
                if wait == Wait::Never {
                    return Ok(None);
                }
                if let Err(e) = self.command_patiently(FETCH, wait) {
                    self.lose();
                    return match e {
                        Error::Timeout(_) => Ok(None),
                        Error::Disconnected { .. } => Err(Error::Disconnected { sent: true }),
                        e => Err(e),
                    };
                }
                self.is_cut = false;
            }
            match self.wait(wait) {
                Came::Nothing => return Ok(None),
                Came::Over => return Err(Error::Disconnected { sent: true }),
                // If the channel were gone, so would be the line.
                Came::Gap => {
                    self.lose();
                    return Err(Error::Disconnected { sent: true });
                }
                Came::Reply(encoded) => match self.gathering.push(&encoded) {
                    Gathered::More => self.is_cut = true,
                    Gathered::Whole(bytes) => return Ok(Some(bytes)),
                    Gathered::Cut => return Err(too_long()),
                },
            }
        }
    }

    /// Before the next command: waits until one that was given up has run, and takes its reply out
    /// of Asterisk's pipe. That may take as long as that command does, so only the caller knows how
    /// long it may.
    fn catch_up(&mut self, wait: Wait) -> Result<()> {
        while self.is_stale {
            if self.waits_for.is_none() && !self.is_cut {
                self.gathering = Gathering::fetching();
                match self.command_patiently(FETCH, wait) {
                    Err(Error::Disconnected { sent: true }) => continue,
                    asked => asked?,
                }
            }
            match self.gather(wait) {
                Ok(Some(_)) | Err(Error::Protocol(_)) => self.is_stale = false,
                Ok(None) => {
                    let (action, after) = (FETCH.into(), Duration::ZERO);
                    let late = TimeoutError::Action { action, after, sent: false };
                    return Err(Error::Timeout(late));
                }
                // Lost once more, so it is asked for once more.
                Err(Error::Disconnected { .. }) if self.state == State::Open => {}
                Err(e) => return Err(e),
            }
        }
        Ok(())
    }

    /// Waits for the reply to the command under way.
    fn wait(&mut self, wait: Wait) -> Came {
        loop {
            if self.told_to_end.try_recv().is_ok() {
                self.state = State::Dismissed;
            }
            if self.state == State::Dismissed {
                return Came::Over;
            }
            let mut select = Select::new();
            select.recv(&self.news);
            select.recv(&self.told_to_end);
            let ready = match wait {
                Wait::Never => select.try_ready().ok(),
                Wait::Until(at) => select.ready_deadline(at).ok(),
                Wait::Always => Some(select.ready()),
            };
            if ready.is_none() {
                return Came::Nothing;
            }
            match self.news.try_recv() {
                Ok(News::Result { id, encoded }) if self.waits_for.as_ref() == Some(&id) => {
                    self.waits_for = None;
                    return Came::Reply(encoded);
                }
                // A late one, which nobody waits for any more; or it was the other channel.
                Ok(News::Result { .. }) | Err(TryRecvError::Empty) => {}
                Ok(News::Gap) => return Came::Gap,
                Err(TryRecvError::Disconnected) => {
                    if self.state == State::Open {
                        self.state = State::Over;
                    }
                    return Came::Over;
                }
            }
        }
    }

    /// The reply to the command under way will not come.
    fn lose(&mut self) {
        self.is_stale = true;
        self.waits_for = None;
        self.is_cut = false;
        self.gathering = Gathering::default();
    }

    /// Takes what has come for a command that was given up: nobody reads it.
    fn skip(&mut self) {
        if self.waits_for.is_some()
            && matches!(self.gather(Wait::Never), Ok(Some(_)) | Err(Error::Protocol(_)))
        {
            self.is_stale = false;
        }
    }

    /// Looks whether the session has ended, where no reply is waited for.
    fn look(&mut self) {
        if self.state == State::Open && self.waits_for.is_none() {
            // A gap means nothing here: no command is under way, and an end would still be told.
            while let Came::Gap = self.wait(Wait::Never) {}
        }
    }

    /// Whether Asterisk says that AGI has ended with a hangup. It is to say so a moment after it has
    /// told of the end.
    fn ask_for_hangup(&self, wait: Wait) -> bool {
        let action = GetVarAction::new("AGISTATUS").channel(&*self.unique_id);
        for _ in 0..QUESTIONS {
            match self.client(wait).send_action(&action) {
                Ok(status) if status.value().is_empty() => {}
                Ok(status) => return status.value() == "HANGUP",
                Err(Error::Refused { message, .. }) if message.contains("No such channel") => {
                    // It may have ended in the dialplan behind AGI, which its end tells.
                    let latest = Instant::now() + BEHIND;
                    let until = if let Wait::Until(at) = wait { at.min(latest) } else { latest };
                    return self.fate.recv_deadline(until).unwrap_or(true);
                }
                Err(e) => {
                    log::debug!("why {} has left AGI is not known: {e}", self.unique_id);
                    return false;
                }
            }
        }
        false
    }

    /// Whether the channel waits for commands still. After a command that failed it may have left,
    /// with the word of it on its way; what was sent to it then would meet it when it comes back.
    fn is_there(&mut self) -> bool {
        self.waits_for = None;
        loop {
            match self.news.try_recv() {
                Ok(_) => {}
                Err(TryRecvError::Empty) => break,
                Err(TryRecvError::Disconnected) => return false,
            }
        }
        if self.state == State::Open && self.has_failed {
            let until = Wait::Until(Instant::now() + PARTING);
            // Where that cannot be found out, the desk finds the channel.
            if self.command(FETCH, until).is_ok() {
                self.wait(until);
            }
        }
        let is_open = matches!(self.state, State::Open | State::Dismissed);
        is_open && !self.has_hung_up.load(Ordering::Acquire)
    }
}

impl Transport for Session {
    fn send(&mut self, line: &[u8], wait: Wait) -> Result<()> {
        self.look();
        if !self.is_stale && self.waits_for.is_some() {
            self.lose();
        }
        match self.state {
            State::Open => {}
            State::Left => return Err(Error::Closed),
            State::Dismissed | State::Over | State::Asked => {
                return Err(Error::Disconnected { sent: false });
            }
        }
        self.catch_up(wait).map_err(unsent)?;
        let line = line.strip_suffix(b"\n").unwrap_or(line);
        let command = std::str::from_utf8(line).map_err(|_| Error::invalid("it is not UTF-8"))?;
        self.command_patiently(command, wait)?;
        if command.get(..BREAK.len()).is_some_and(|begin| begin.eq_ignore_ascii_case(BREAK)) {
            self.state = State::Left;
        }
        Ok(())
    }

    fn receive(&mut self, buf: &mut [u8], wait: Wait) -> Result<Received> {
        loop {
            let waiting = &self.bytes[self.read..];
            if !waiting.is_empty() {
                let n = waiting.len().min(buf.len());
                buf[..n].copy_from_slice(&waiting[..n]);
                self.read += n;
                return Ok(Received::Bytes(n));
            }
            if self.is_stale && wait == Wait::Never {
                self.skip();
            }
            if self.is_stale || (self.waits_for.is_none() && !self.is_cut) {
                self.look();
                return match self.state {
                    State::Over | State::Asked | State::Dismissed => Ok(Received::End),
                    _ if wait == Wait::Never => Ok(Received::Nothing),
                    // What came was no whole reply, although it looked like one.
                    _ => Err(too_long()),
                };
            }
            match self.gather(wait) {
                Ok(Some(bytes)) => {
                    self.has_failed = bytes.starts_with(b"200 result=-1");
                    (self.bytes, self.read) = (bytes, 0);
                }
                Ok(None) => return Ok(Received::Nothing),
                Err(Error::Disconnected { .. }) if self.state == State::Left => {
                    return Err(Error::Closed);
                }
                Err(Error::Disconnected { .. }) if self.state != State::Open => {
                    return Ok(Received::End);
                }
                Err(e) => return Err(e),
            }
        }
    }

    fn is_hung_up(&mut self) -> bool {
        self.has_hung_up.load(Ordering::Acquire)
    }

    fn ended_by_hangup(&mut self, wait: Wait) -> Option<bool> {
        if self.state == State::Over && !self.is_hung_up() {
            // Only who may hear of calls is told of hangups; and not all of them are told.
            let has_hung_up = self.ask_for_hangup(wait);
            self.state = State::Asked;
            self.has_hung_up.fetch_or(has_hung_up, Ordering::AcqRel);
        }
        Some(self.is_hung_up())
    }

    fn goes_on(&self) -> bool {
        matches!(self.state, State::Open | State::Left)
    }
}

impl Drop for Session {
    fn drop(&mut self) {
        if self.is_there() {
            leave(&self.ami, &self.unique_id);
        }
    }
}

impl fmt::Debug for Session {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Session")
            .field("unique_id", &self.unique_id)
            .field("state", &self.state)
            .finish_non_exhaustive()
    }
}

/// Sends a channel back to the dialplan. If that is lost, the desk does it again when it finds the
/// channel still waiting.
pub(super) fn leave(ami: &AmiClient, unique_id: &str) {
    // Nobody waits for what comes of it: at worst the channel is gone already.
    if let Err(e) = ami.start_action(&AGIAction::new(unique_id, BREAK)) {
        log::warn!("channel {unique_id} cannot be sent back to the dialplan yet: {e}");
    }
}

/// What Asterisk's buffers cannot hold.
fn too_long() -> Error {
    Error::Protocol(ProtocolError::Oversized {
        what: "the length of the encoded reply in bytes",
        limit: 1024,
    })
}

/// What failed before a command could be sent.
fn unsent(e: Error) -> Error {
    match e {
        Error::Disconnected { .. } => Error::Disconnected { sent: false },
        Error::Timeout(TimeoutError::Action { action, after, .. }) => {
            Error::Timeout(TimeoutError::Action { action, after, sent: false })
        }
        e => e,
    }
}
