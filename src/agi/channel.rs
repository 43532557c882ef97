//! What a handler holds: one command, one reply, and what happens meanwhile.

use std::convert::Infallible;
use std::fmt;
use std::ops::{Deref, DerefMut};
use std::time::{Duration, Instant};

use crossbeam_channel::Receiver;

use super::codec::{Found, ReplyDecoder, Span};
use super::command::{self, Command, ReplyShape, spec};
use super::encode::{Line, line_limit};
use super::limits::AgiLimits;
use super::reply::{AgiReply, Reply};
use super::request::AgiRequest;
use super::transport::{Received, Transport, Wait};
use crate::error::{Error, ProtocolError, Result, TimeoutError};

/// How much is read at a time.
const INBOX: usize = 1024;

/// How often a look that does not wait reads on.
const LOOKS: usize = 64;

/// The call, as a handler holds it: every AGI command is a method.
///
/// Each sends one line, waits for the reply and gives what it says a type. There is one at a time:
/// Asterisk breaks a prompt off when the next command comes, so this never sends one before the
/// last is answered.
///
/// # Arguments
///
/// Text goes to Asterisk as it is, whatever is in it: quotes, backslashes, tabs, UTF-8. What no AGI
/// command can hold, CR, LF and NUL, is [`Error::Invalid`]; a line longer than the connected
/// Asterisk takes is [`Error::Limit`]. Neither is sent.
///
/// # When the caller hangs up
///
/// A command that is running ends with [`Error::Hangup`]. After that, Asterisk runs only some
/// commands: variables, the AstDB, [`exec`](Self::exec), [`verbose`](Self::verbose),
/// [`noop`](Self::noop), [`speech_destroy`](Self::speech_destroy). They go on working, so a handler
/// can still write down what it has; all others are [`Error::Hangup`] at once, and are not sent.
/// [`is_hung_up`](Self::is_hung_up) asks without sending anything.
///
/// Asterisk tells by a line on a socket, by the signal SIGHUP to a script, not at all if the
/// variable `AGISIGHUP` is `no`; whatever is set, a hangup is found out at the next command. If
/// `AGIEXITONHANGUP` is `yes`, Asterisk ends the session with the call, and all commands fail.
///
/// The result -1 can mean a hangup or a sound that does not exist. The channel asks Asterisk which
/// it is, with a `CHANNEL STATUS` of its own: the former is [`Error::Hangup`], the latter
/// [`Error::Refused`].
///
/// # How long a call blocks
///
/// As long as Asterisk takes: a prompt, a recording and a `Dial` have no end of their own. Set one
/// with [`set_timeout`](Self::set_timeout) or [`with_timeout`](Self::with_timeout). When it passes,
/// [`TimeoutError::Action`] comes; the command still runs in Asterisk, and cannot be stopped. The
/// channel stays in order: the next command first waits for the late reply, within its own timeout,
/// and throws it away.
///
/// # Errors
///
/// | error | what |
/// |---|---|
/// | [`Error::Hangup`] | the channel has hung up; Asterisk's 511 |
/// | [`Error::Refused`] | Asterisk ran it and it failed: no such file, no such channel |
/// | [`Error::Agi`] | Asterisk does not know the command (510) or its arguments (520) |
/// | [`Error::Invalid`], [`Error::Limit`] | it cannot be sent |
/// | [`Error::Timeout`] | it took too long |
/// | [`Error::Disconnected`] | the session ended, and no hangup was told |
/// | [`Error::Closed`] | it was given back: [`asyncagi_break`](Self::asyncagi_break) |
/// | [`Error::Protocol`] | the reply is over the limit |
///
/// Dropping the channel ends the session; the dialplan goes on behind `AGI()`.
pub struct AgiChannel {
    transport: Box<dyn Transport>,
    decoder: ReplyDecoder,
    inbox: Box<[u8]>,
    pub(super) line: Line,
    line_limit: usize,
    timeout: Option<Duration>,
    /// A command whose timeout passed: its reply is still to come.
    late: Option<&'static Command>,
    hung_up: bool,
    /// The session is over: nothing can be sent.
    ended: bool,
}

impl AgiChannel {
    pub(super) fn new(
        transport: Box<dyn Transport>,
        request: &AgiRequest,
        limits: &AgiLimits,
        rest: &[u8],
    ) -> Self {
        let mut decoder = ReplyDecoder::new(limits.max_reply);
        decoder.push(rest);
        Self {
            transport,
            decoder,
            inbox: vec![0; INBOX].into(),
            line: Line::new(),
            line_limit: line_limit(request.version()),
            timeout: None,
            late: None,
            hung_up: false,
            ended: false,
        }
    }

    /// How long each command from now on may take. `None` is as long as it takes, and so it is at
    /// first.
    pub fn set_timeout(&mut self, timeout: impl Into<Option<Duration>>) {
        self.timeout = timeout.into();
    }

    /// How long each command may take.
    pub fn timeout(&self) -> Option<Duration> {
        self.timeout
    }

    /// The same channel with another timeout, for as long as what this returns lives.
    ///
    /// ```no_run
    /// # use asterisk_sync::{Result, agi::AgiChannel};
    /// # use std::time::Duration;
    /// # fn demo(agi: &mut AgiChannel) -> Result<()> {
    /// agi.with_timeout(Duration::from_secs(5)).database_get("cache", "greeting")?;
    /// # Ok(()) }
    /// ```
    pub fn with_timeout(&mut self, timeout: impl Into<Option<Duration>>) -> TimedChannel<'_> {
        let before = std::mem::replace(&mut self.timeout, timeout.into());
        TimedChannel { channel: self, before }
    }

    /// Whether the channel has hung up, or the session has ended before its time. Looks at what has
    /// arrived; sends nothing, never waits.
    pub fn is_hung_up(&mut self) -> bool {
        self.look();
        self.hung_up || self.ended
    }

    /// Sends a command that stands in no table, as it is: quoting is the caller's business.
    ///
    /// The reply comes as it is too, with whatever result; see [`Line`] for how to quote, and
    /// [`command`] for the names.
    ///
    /// # Errors
    ///
    /// [`Error::Invalid`] if it holds CR, LF (but one at its end) or NUL, or is empty,
    /// [`Error::Limit`] if it is too long or has over 127 words; [`Error::Agi`] for what Asterisk
    /// does not know.
    ///
    /// ```no_run
    /// # use asterisk_sync::{Result, agi::AgiChannel};
    /// # fn demo(agi: &mut AgiChannel) -> Result<()> {
    /// let reply = agi.send_command("GET VARIABLE \"CHANNEL(name)\"")?;
    /// println!("{:?}", reply.value());
    /// # Ok(()) }
    /// ```
    pub fn send_command(&mut self, command: &str) -> Result<AgiReply> {
        self.line.raw(command);
        let command = command::of(command);
        let span = self.exchange(command)?;
        let reply = AgiReply::new(self.decoder.text(span));
        self.after_exec(command, span);
        Ok(reply)
    }

    /// What disconnects at the hangup, where the transport has such a thing.
    pub(super) fn hangup_signal(&self) -> Option<Receiver<Infallible>> {
        self.transport.hangup_signal()
    }

    /// Begins a command; its arguments are added, and [`run`](Self::run) sends it.
    pub(super) fn begin(&mut self, command: &Command) -> &mut Line {
        self.line.begin(command.name)
    }

    /// Sends the line and returns the reply, whatever its result.
    pub(super) fn run(&mut self, command: &'static Command) -> Result<Reply<'_>> {
        let span = self.exchange(command)?;
        self.after_exec(command, span);
        Ok(Reply(self.decoder.text(span)))
    }

    /// Sends the line; the result -1 is an error, [`Error::Hangup`] or what `failure` calls it.
    pub(super) fn succeed(
        &mut self,
        command: &'static Command,
        failure: &str,
    ) -> Result<Reply<'_>> {
        let span = self.exchange(command)?;
        if Reply(self.decoder.text(span)).code() == Some(-1) {
            self.must_live()?;
            return Err(refused(command, failure));
        }
        Ok(Reply(self.decoder.text(span)))
    }

    /// Sends the line; every result but `good` is an error.
    pub(super) fn expect(
        &mut self,
        command: &'static Command,
        good: i64,
        failure: &str,
    ) -> Result<()> {
        if self.succeed(command, failure)?.code() == Some(good) {
            return Ok(());
        }
        Err(refused(command, failure))
    }

    /// After a result that may mean a hangup: asks Asterisk which it was. `CHANNEL STATUS` is
    /// refused on a channel that has hung up, whether or not that was told otherwise.
    pub(super) fn must_live(&mut self) -> Result<()> {
        self.look();
        if self.hung_up {
            return Err(Error::Hangup);
        }
        self.begin(&spec::CHANNEL_STATUS);
        match self.exchange(&spec::CHANNEL_STATUS) {
            Ok(_) => Ok(()),
            Err(Error::Disconnected { .. }) if self.ended => {
                let wait = self.wait();
                // AsyncAGI ends with a command that fails, and the call goes on.
                if self.transport.ended_by_hangup(wait) == Some(false) {
                    return Ok(());
                }
                // Otherwise Asterisk ends the session with the call, if it is told to.
                self.hung_up = true;
                Err(Error::Hangup)
            }
            Err(e) => Err(e),
        }
    }

    /// A reply has told of the hangup by itself.
    pub(super) fn note_hangup(&mut self) {
        self.hung_up = true;
    }

    /// The application's own 1 is taken for wrong usage by Asterisk, which prints it behind the
    /// answer.
    fn after_exec(&mut self, command: &'static Command, span: Span) {
        if std::ptr::eq(command, &raw const spec::EXEC)
            && Reply(self.decoder.text(span)).code() == Some(1)
        {
            self.decoder.usage_may_follow();
        }
    }

    /// One command and its reply, which stays where it was read until the next.
    fn exchange(&mut self, command: &'static Command) -> Result<Span> {
        self.line.finish(self.line_limit)?;
        if self.decoder.buffered() > 0 {
            self.settle();
        }
        self.hung_up |= self.transport.is_hung_up();
        if self.hung_up && (self.ended || !command.runs_dead) {
            return Err(Error::Hangup);
        }
        let wait = self.wait();
        if self.ended {
            return Err(self.gone(false, wait));
        }
        if let Some(late) = self.late {
            // An answer over the limit is no better than one that is not wanted.
            match self.receive(late.shape, wait) {
                Ok(Some((_, span))) => self.after_exec(late, span),
                Err(Error::Protocol(_)) => self.late = None,
                Ok(None) => return Err(self.too_late(command, false)),
                // It is lost, and the session is not.
                Err(Error::Disconnected { .. }) if !self.ended => self.late = None,
                Err(Error::Disconnected { .. }) => return Err(Error::Disconnected { sent: false }),
                Err(e) => return Err(e),
            }
            if self.hung_up && !command.runs_dead {
                return Err(Error::Hangup);
            }
        }
        if let Err(e) = self.transport.send(self.line.bytes(), wait) {
            return Err(self.not_sent(e, command, wait));
        }
        if let Some((status, span)) = self.receive(command.shape, wait)? {
            self.judge(status, span)
        } else {
            self.late = Some(command);
            Err(self.too_late(command, true))
        }
    }

    /// Waits for a reply; `None` if the time is over.
    fn receive(&mut self, shape: ReplyShape, wait: Wait) -> Result<Option<(u16, Span)>> {
        let mut has_looked = false;
        loop {
            match self.decoder.find_whole(Some(shape)) {
                Some(Found::Hangup) => self.hung_up = true,
                Some(Found::Reply { status, span }) => {
                    self.late = None;
                    return Ok(Some((status, span)));
                }
                Some(Found::Oversized) => {
                    self.late = None;
                    let limit = self.decoder.limit() as u64;
                    return Err(Error::Protocol(ProtocolError::Oversized {
                        what: "the size of the reply in bytes",
                        limit,
                    }));
                }
                // Whoever sends without pause and says nothing does not stretch the time.
                None if has_looked && wait.is_over() => return Ok(None),
                None => match self.take_in(wait)? {
                    Received::Bytes(_) => has_looked = true,
                    Received::Nothing => return Ok(None),
                    Received::End => {
                        self.ended = true;
                        return Err(self.gone(true, wait));
                    }
                },
            }
        }
    }

    /// Reads, and all of what is there: a value ends where nothing stands behind it, which does not
    /// show in the first piece of a long one. At most as much as a reply may have.
    fn take_in(&mut self, wait: Wait) -> Result<Received> {
        let received = self.transport.receive(&mut self.inbox, wait)?;
        let Received::Bytes(mut n) = received else { return Ok(received) };
        let mut size = n;
        self.decoder.push(&self.inbox[..n]);
        while n == self.inbox.len() && size < self.decoder.limit() {
            let Ok(Received::Bytes(more)) = self.transport.receive(&mut self.inbox, Wait::Never)
            else {
                // What else it is shows again when there is nothing left to read.
                break;
            };
            self.decoder.push(&self.inbox[..more]);
            (n, size) = (more, size + more);
        }
        Ok(received)
    }

    /// A reply's number as a result or an error.
    fn judge(&mut self, status: u16, span: Span) -> Result<Span> {
        match status {
            200 => Ok(span),
            511 => {
                self.hung_up = true;
                Err(Error::Hangup)
            }
            code => {
                let message = Reply(self.decoder.text(span)).message().into();
                Err(Error::Agi { code, message })
            }
        }
    }

    /// Reads what has arrived, without waiting.
    fn look(&mut self) {
        self.settle();
        // A peer that sends faster than this reads would have it read for ever.
        for _ in 0..LOOKS {
            match self.take_in(Wait::Never) {
                Ok(Received::Bytes(_)) => self.settle(),
                Ok(Received::Nothing) => break,
                // Lost with a connection that the session outlives.
                Err(_) if self.transport.goes_on() => self.late = None,
                Ok(Received::End) | Err(_) => self.ended = true,
            }
            if self.ended {
                break;
            }
        }
        self.hung_up |= self.transport.is_hung_up();
    }

    /// Reads what is there, when no command waits for a reply.
    fn settle(&mut self) {
        while let Some(found) = self.decoder.find_whole(self.late.map(|late| late.shape)) {
            match found {
                Found::Hangup => self.hung_up = true,
                Found::Reply { span, .. } => {
                    if let Some(late) = self.late.take() {
                        self.after_exec(late, span);
                    }
                }
                Found::Oversized => self.late = None,
            }
        }
    }

    /// A line that could not be sent: the hangup that explains it may have arrived already.
    fn not_sent(&mut self, e: Error, command: &Command, wait: Wait) -> Error {
        match e {
            // The transport knows when the time is over, and not how long it was.
            Error::Timeout(_) if self.timeout.is_some() => self.too_late(command, e.may_have_run()),
            Error::Disconnected { sent } => {
                self.look();
                if !self.ended && self.transport.goes_on() {
                    return e;
                }
                self.ended = true;
                self.gone(sent, wait)
            }
            e => e,
        }
    }

    /// The error for what the end of the session left undone.
    fn gone(&mut self, sent: bool, wait: Wait) -> Error {
        self.hung_up |=
            self.transport.is_hung_up() || self.transport.ended_by_hangup(wait) == Some(true);
        if self.hung_up { Error::Hangup } else { Error::Disconnected { sent } }
    }

    /// How long a command that begins now may take.
    fn wait(&self) -> Wait {
        let at = self.timeout.and_then(|timeout| Instant::now().checked_add(timeout));
        at.map_or(Wait::Always, Wait::Until)
    }

    fn too_late(&self, command: &Command, sent: bool) -> Error {
        let after = self.timeout.unwrap_or_default();
        Error::Timeout(TimeoutError::Action { action: command.name.into(), after, sent })
    }
}

/// Asterisk ran it and it failed.
pub(super) fn refused(command: &Command, message: &str) -> Error {
    Error::Refused { action: command.name.into(), message: message.into() }
}

impl fmt::Debug for AgiChannel {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("AgiChannel")
            .field("transport", &self.transport)
            .field("timeout", &self.timeout)
            .field("hung_up", &self.hung_up)
            .field("ended", &self.ended)
            .finish_non_exhaustive()
    }
}

/// An [`AgiChannel`] with another timeout: [`AgiChannel::with_timeout`].
#[derive(Debug)]
pub struct TimedChannel<'a> {
    channel: &'a mut AgiChannel,
    before: Option<Duration>,
}

impl Deref for TimedChannel<'_> {
    type Target = AgiChannel;

    fn deref(&self) -> &AgiChannel {
        self.channel
    }
}

impl DerefMut for TimedChannel<'_> {
    fn deref_mut(&mut self) -> &mut AgiChannel {
        self.channel
    }
}

impl Drop for TimedChannel<'_> {
    fn drop(&mut self) {
        self.channel.timeout = self.before;
    }
}
