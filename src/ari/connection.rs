//! What drives a client: one thread that reads the event socket, one that writes what nobody else
//! would.
//!
//! The reading thread owns the event socket for the client's life: it dials, shakes hands, decodes,
//! routes, notices a dead peer, and dials again. It runs no code of the user's and never writes once
//! others may. When it ends, everything ends: waiting requests, subscriptions, the client.
//!
//! Locks: `state` guards where the connection stands and is taken alone, for moments. The locks of
//! the outbox, of the pending calls, of the bus and of the memory are described where they are; of
//! these the outbox's is taken before the calls'.

use std::io::Write;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, OnceLock};
use std::time::{Duration, Instant};

use crossbeam_channel::{Receiver, Sender, bounded};
use parking_lot::{Condvar, Mutex};

use super::calls::{self, Calls, Outcome};
use super::config::{AriConfig, TransportKind};
use super::http::Http;
use super::memory::{Change, Memory};
use super::message::AriMessage;
use super::reading::Reading;
use super::rest::{Answer, Request};
use super::session::{End, Session};
use super::url::Base;
use crate::error::{ProtocolError, TimeoutError};
use crate::net::outbox::{NotTaken, Outbox, Send};
use crate::net::websocket::{self, Role};
use crate::net::{Closer, Deadline};
use crate::sync::bus::EventBus;
use crate::sync::pending::Slot;
use crate::{ConnectionState, Error, Result};

/// How long `disconnect` waits for the server's goodbye.
const GOODBYE: Duration = Duration::from_secs(2);

/// What the handles and the threads of a client share.
#[derive(Debug)]
pub(super) struct Shared {
    pub(super) config: AriConfig,
    pub(super) bus: EventBus<AriMessage>,
    pub(super) memory: Memory,
    pub(super) calls: Calls,
    pub(super) outbox: Outbox,
    /// Where requests go; if there is none, over the event socket.
    pub(super) http: Option<Http>,
    /// Where files come from if requests go over the event socket, which brings none.
    files: OnceLock<Http>,
    base: Base,
    role: Role,
    /// Whether this side connects, and can do so again.
    pub(super) is_dialled: bool,
    closer: Closer,
    /// The server was told goodbye; when it hangs up, that is the end.
    leaving: AtomicBool,
    state: Mutex<State>,
    changed: Condvar,
    born: Instant,
    /// When bytes last came, in milliseconds since `born`.
    last_heard: AtomicU64,
}

#[derive(Debug)]
struct State {
    connection: ConnectionState,
    attempts: u64,
    reconnects: u64,
    /// The applications of this client: those it was made for, or those that the server has named.
    applications: Vec<String>,
    /// Those of them that another client has taken over.
    replaced: Vec<String>,
    /// Nothing is ever sent here: it is there while a connection stands, and waits end with it.
    standing: Option<(Sender<()>, Receiver<()>)>,
    /// A connection that stood before there was a client.
    accepted: Option<Session>,
}

/// What the reading thread knows of the connection at hand.
#[derive(Debug, Clone, Copy)]
pub(super) struct Progress {
    pub(super) attempts: u64,
    pub(super) reconnects: u64,
    pub(super) last_heard: Option<Instant>,
}

impl Shared {
    /// For a client that dials.
    pub(super) fn dialling(config: AriConfig) -> Result<Self> {
        let base = config.base()?;
        let http = match config.transport {
            TransportKind::Http => Some(Http::new(&config, &base)),
            TransportKind::WebSocket => None,
        };
        let filter = config.event_filter.as_ref().map(|filter| filter.to_json(config.transport));
        let filter = filter.transpose()?;
        let shared = Self::new(config, base, http, Role::Client, None);
        if let Some(filter) = &filter {
            for application in &shared.config.applications {
                shared.memory.note(0, application, &Change::Filtered(filter));
            }
        }
        Ok(shared)
    }

    /// For a connection that the server made to us; its requests go over it. It is not made again:
    /// that is the server's affair.
    pub(super) fn accepted(config: AriConfig, base: Base, session: Session) -> Result<Self> {
        let (role, writer) = (session.role, Arc::clone(&session.writer));
        let shared = Self::new(config, base, None, role, Some(session));
        writer.entrust_to(&shared.closer)?;
        Ok(shared)
    }

    fn new(
        config: AriConfig,
        base: Base,
        http: Option<Http>,
        role: Role,
        accepted: Option<Session>,
    ) -> Self {
        let connection = ConnectionState::Connecting;
        let (attempts, reconnects, replaced) = (0, 0, Vec::new());
        let applications = config.applications.clone();
        Self {
            config,
            bus: EventBus::new(),
            memory: Memory::default(),
            calls: Calls::new(),
            outbox: Outbox::new(websocket::first),
            http,
            files: OnceLock::new(),
            base,
            role,
            is_dialled: accepted.is_none(),
            closer: Closer::new(),
            leaving: AtomicBool::new(false),
            state: Mutex::new(State {
                connection,
                attempts,
                reconnects,
                applications,
                replaced,
                standing: None,
                accepted,
            }),
            changed: Condvar::new(),
            born: Instant::now(),
            last_heard: AtomicU64::new(0),
        }
    }

    pub(super) fn server(&self) -> String {
        self.base.to_string()
    }

    /// How many requests have no answer yet, whichever way they went.
    pub(super) fn in_flight(&self) -> usize {
        let http = self.http.iter().chain(self.files.get()).map(Http::in_flight);
        self.calls.in_flight() + http.sum::<usize>()
    }

    /// A pool of connections beside that of the requests.
    pub(super) fn new_http(&self) -> Http {
        Http::new(&self.config, &self.base)
    }

    pub(super) fn connection_state(&self) -> ConnectionState {
        self.state.lock().connection
    }

    /// Waits until `wanted` is the state. False if the deadline passes, or if it cannot come any
    /// more.
    pub(super) fn wait_for(&self, wanted: ConnectionState, deadline: Option<Instant>) -> bool {
        let mut state = self.state.lock();
        while state.connection != wanted {
            if state.connection == ConnectionState::Disconnected {
                return false;
            }
            if let Some(at) = deadline {
                if self.changed.wait_until(&mut state, at).timed_out() {
                    return state.connection == wanted;
                }
            } else {
                self.changed.wait(&mut state);
            }
        }
        true
    }

    /// What is disconnected when the connection is lost that stands now; `None` if none does.
    pub(super) fn standing(&self) -> Option<Receiver<()>> {
        self.state.lock().standing.as_ref().map(|(_, receiver)| receiver.clone())
    }

    pub(super) fn progress(&self) -> Progress {
        let state = self.state.lock();
        let heard = self.last_heard.load(Ordering::Relaxed);
        Progress {
            attempts: state.attempts,
            reconnects: state.reconnects,
            last_heard: (heard > 0).then(|| self.born + Duration::from_millis(heard)),
        }
    }

    pub(super) fn replaced(&self) -> Vec<String> {
        self.state.lock().replaced.clone()
    }

    /// All applications of this client.
    pub(super) fn all_applications(&self) -> Vec<String> {
        self.state.lock().applications.clone()
    }

    /// The applications that are still ours.
    pub(super) fn applications(&self) -> Vec<String> {
        let state = self.state.lock();
        let ours = |name: &&String| !state.replaced.contains(name);
        state.applications.iter().filter(ours).cloned().collect()
    }

    /// The server says that an application is registered. Where it made the connection, this is how
    /// it tells what for.
    pub(super) fn gain(&self, application: &str) {
        if self.is_dialled {
            return;
        }
        let mut state = self.state.lock();
        state.replaced.retain(|name| name != application);
        if !state.applications.iter().any(|name| name == application) {
            state.applications.push(application.to_owned());
        }
    }

    /// The server no longer knows an application, of which it had told.
    pub(super) fn forgo(&self, application: &str) {
        if !self.is_dialled {
            let mut state = self.state.lock();
            state.applications.retain(|name| name != application);
            state.replaced.retain(|name| name != application);
        }
    }

    /// An event of an application has come. Where the server made the connection, it also says of one
    /// that it has registered over it anew that another client has taken it over: it was this one.
    /// Whether there are others that are taken over.
    pub(super) fn regain(&self, application: &str) -> bool {
        if self.is_dialled {
            return false;
        }
        let mut state = self.state.lock();
        let before = state.replaced.len();
        state.replaced.retain(|name| name != application);
        if state.replaced.len() < before {
            log::info!("{}: {application} is this client's after all", self.server());
        }
        !state.replaced.is_empty()
    }

    /// An application is another client's now. Whether it was the last of ours, and that the end.
    pub(super) fn lose(&self, application: &str) -> bool {
        log::warn!("{}: another client has taken over {application}", self.server());
        let mut state = self.state.lock();
        let is_ours = state.applications.iter().any(|name| name == application);
        if !is_ours || state.replaced.iter().any(|name| name == application) {
            return false;
        }
        state.replaced.push(application.to_owned());
        // A server that made the connection itself would only make the next.
        self.is_dialled && state.replaced.len() == state.applications.len()
    }

    /// Why nothing goes any more.
    pub(super) fn over_error(&self) -> Error {
        let state = self.state.lock();
        match state.replaced.last() {
            Some(name) if state.replaced.len() == state.applications.len() => {
                Error::Replaced { application: name.as_str().into() }
            }
            _ => Error::Closed,
        }
    }

    fn set(&self, connection: ConnectionState) {
        self.state.lock().connection = connection;
        self.changed.notify_all();
    }

    /// Ends the client: its connections, and every wait.
    pub(super) fn close(&self) {
        self.closer.close();
        for http in self.http.iter().chain(self.files.get()) {
            http.close();
        }
    }

    /// Says goodbye, and waits a moment for the server to have heard it.
    pub(super) fn leave(&self) {
        self.leaving.store(true, Ordering::Release);
        if self.connection_state() == ConnectionState::Connected {
            let goodbye = websocket::close(self.role, 1000);
            if self.outbox.submit(&goodbye, Instant::now(), Send::Soon, |_| ()).is_ok() {
                let patience = GOODBYE.min(self.config.timeout);
                self.wait_for(ConnectionState::Disconnected, Instant::now().checked_add(patience));
            }
        }
    }

    fn is_closing(&self) -> bool {
        self.closer.is_closed() || self.leaving.load(Ordering::Acquire)
    }

    pub(super) fn heard(&self) {
        let now = u64::try_from(self.born.elapsed().as_millis()).unwrap_or(u64::MAX);
        self.last_heard.store(now.max(1), Ordering::Relaxed);
    }

    /// The writing thread.
    pub(super) fn write(&self) {
        self.outbox.run();
    }

    /// The reading thread. Tells `first` how the first attempt went.
    pub(super) fn run(&self, first: Sender<Result<()>>) {
        let _guard = OverOnPanic(self);
        let mut first = Some(first);
        let mut failures = 0;
        let why = loop {
            match self.connection(&mut first) {
                Ok(End::Replaced(name)) => {
                    log::error!("{}: {name} is another client's now; giving up", self.server());
                    break "another client has taken over";
                }
                Ok(_) => failures = 0,
                Err(e) => {
                    if let Some(first) = first.take() {
                        let _ = first.send(Err(if self.is_closing() { Error::Closed } else { e }));
                        break "it could not connect";
                    }
                    if matches!(e, Error::Auth(_)) {
                        log::error!("{}: {e}; giving up", self.server());
                        break "user or password are refused";
                    }
                    log::warn!("{}: {e}", self.server());
                }
            }
            if self.is_closing() {
                break "closed by this program";
            }
            let Some(delay) = self.config.reconnect.delay(failures) else {
                break "the connection was lost, and is not made again";
            };
            self.set(ConnectionState::Reconnecting);
            failures = failures.saturating_add(1);
            log::info!("{}: trying again in {delay:?}", self.server());
            if !self.closer.sleep(delay) {
                break "closed by this program";
            }
        };
        self.over(why);
    }

    /// One connection, from dialling to its end. An error is that it never stood.
    fn connection(&self, first: &mut Option<Sender<Result<()>>>) -> Result<End> {
        let accepted = {
            let mut state = self.state.lock();
            state.attempts += 1;
            state.accepted.take()
        };
        let opened = match accepted {
            Some(session) => Ok((session, Deadline::after(self.config.connect_timeout))),
            None => Session::open(&self.config, &self.base, &self.applications(), &self.closer),
        };
        let (session, deadline) = opened.inspect_err(|_| self.closer.release())?;
        self.heard();
        self.outbox.attach(Arc::clone(&session.writer));
        if first.is_none() {
            self.bus.next_epoch();
        }
        let mut reading = Reading::new(self, session);
        let end = match reading.prepare(&deadline, first.is_some()) {
            Ok(()) => {
                self.connected(first.is_some());
                if let Some(first) = first.take() {
                    let _ = first.send(Ok(()));
                }
                reading.serve()
            }
            Err(End::Unprepared(e)) => {
                self.disconnected("it is of no use");
                return Err(e);
            }
            Err(End::Replaced(name)) => End::Replaced(name),
            Err(end) => {
                let why = describe(&end);
                self.disconnected(&why);
                return Err(ProtocolError::Unexpected(why.into()).into());
            }
        };
        if matches!(end, End::Replaced(_)) {
            // First, so that nobody is told in between that it could be tried again.
            self.close();
        }
        self.disconnected(&describe(&end));
        Ok(end)
    }

    fn connected(&self, is_first: bool) {
        log::info!("{}: connected", self.server());
        let mut state = self.state.lock();
        state.connection = ConnectionState::Connected;
        state.reconnects += u64::from(!is_first);
        state.standing = Some(bounded(0));
        drop(state);
        self.changed.notify_all();
    }

    fn disconnected(&self, why: &str) {
        let is_closing = self.is_closing();
        if is_closing {
            log::info!("{}: closed", self.server());
            self.closer.close();
            self.set(ConnectionState::Disconnected);
        } else if !self.is_dialled {
            log::info!("{}: the connection has ended: {why}", self.server());
            // First, so that whoever sees the state is told `Closed`, and not to try again.
            self.closer.close();
            self.set(ConnectionState::Disconnected);
        } else {
            log::warn!("{}: connection lost: {why}", self.server());
            if self.connection_state() == ConnectionState::Connected {
                self.set(ConnectionState::Reconnecting);
            }
        }
        self.state.lock().standing = None;
        let handed_over = self.outbox.detach();
        self.closer.hang_up();
        self.calls.disconnect(handed_over);
    }

    fn over(&self, why: &str) {
        log::info!("{}: the client is over: {why}", self.server());
        // First, so that whoever sees the state is told `Closed`, and not to try again.
        self.close();
        self.set(ConnectionState::Disconnected);
        self.state.lock().standing = None;
        let handed_over = self.outbox.detach();
        self.calls.disconnect(handed_over);
        self.bus.close();
        self.outbox.stop();
    }

    /// Registers a request over the event socket and sends it.
    pub(super) fn submit(
        &self,
        frame: &[u8],
        id: u64,
        deadline: Instant,
        send: Send,
    ) -> Result<Arc<Slot<Outcome>>, NotTaken> {
        self.outbox.submit(frame, deadline, send, |position| {
            self.calls.insert(id, position, frame.len(), deadline)
        })
    }

    /// Sends a request, whichever way they go, and waits for its answer.
    pub(super) fn perform(&self, request: &Request, timeout: Duration) -> Result<Answer> {
        let name = request.name();
        log::trace!("{name}");
        let answer = match &self.http {
            _ if self.is_closing() => Err(Error::Closed),
            Some(http) => http.perform(request, timeout),
            None => self.perform_over_socket(request, &name, timeout),
        };
        answer.map_err(|e| match e {
            Error::Closed => self.over_error(),
            e => e,
        })
    }

    /// Has a file sent, over HTTP whichever way requests go.
    pub(super) fn download(
        &self,
        request: &Request,
        timeout: Duration,
        to: &mut dyn Write,
    ) -> Result<u64> {
        log::trace!("{}", request.name());
        let http = match (&self.http, self.is_dialled) {
            (Some(http), _) => http,
            (None, true) => self.files.get_or_init(|| self.new_http()),
            (None, false) => {
                return Err(Error::invalid(
                    "files do not come over the event socket, and this client has nothing else",
                ));
            }
        };
        // A client that is closed after this look closes what it finds there.
        let outcome = if self.is_closing() {
            http.close();
            Err(Error::Closed)
        } else {
            http.download(request, timeout, to)
        };
        outcome.map_err(|e| match e {
            Error::Closed => self.over_error(),
            e => e,
        })
    }

    fn perform_over_socket(
        &self,
        request: &Request,
        name: &str,
        timeout: Duration,
    ) -> Result<Answer> {
        let encoded = request.encode(0)?;
        let id = self.calls.next_id();
        let frame = websocket::text(self.role, &calls::message(id, encoded)?);
        let deadline = deadline_of(timeout);
        // Only a call with the time that a write may take, where the server does not read, writes
        // itself.
        let send = match self.calls.in_flight() {
            _ if timeout < self.config.timeout => Send::Soon,
            0 => Send::Now,
            _ => Send::Together,
        };
        let slot = self.submit(&frame, id, deadline, send).map_err(|e| match e {
            NotTaken::Full => late(name, timeout, false),
            NotTaken::NotConnected => self.unsent_error(),
        })?;
        // What is told not to have left must not leave later.
        let withdraw = |position, length| self.outbox.withdraw(position, length);
        let outcome = self.calls.wait(id, &slot, deadline, withdraw);
        match outcome {
            Outcome::Answered(answer) if answer.bytes().len() > self.config.max_body_size => {
                Err(self.error_of(&Outcome::Oversized, name, timeout))
            }
            Outcome::Answered(answer) => Ok(answer),
            outcome => Err(self.error_of(&outcome, name, timeout)),
        }
    }

    /// Why a request did not leave. That of a client that is over says so; one that may have left
    /// says that instead, and whether the client is over is seen by the next.
    fn unsent_error(&self) -> Error {
        if self.is_closing() { Error::Closed } else { Error::Disconnected { sent: false } }
    }

    /// Why there is no answer.
    pub(super) fn error_of(&self, outcome: &Outcome, name: &str, timeout: Duration) -> Error {
        let limit = self.config.max_message_size.min(self.config.max_body_size) as u64;
        match *outcome {
            Outcome::Oversized | Outcome::Answered(_) => {
                ProtocolError::Oversized { what: "the size of the answer in bytes", limit }.into()
            }
            Outcome::Disconnected { sent: true } => Error::Disconnected { sent: true },
            Outcome::Disconnected { sent: false } => self.unsent_error(),
            Outcome::TimedOut { sent } => late(name, timeout, sent),
        }
    }
}

fn late(name: &str, after: Duration, sent: bool) -> Error {
    TimeoutError::Action { action: name.into(), after, sent }.into()
}

fn describe(end: &End) -> String {
    match end {
        End::ByPeer(None) => "the server closed it".into(),
        End::ByPeer(Some(code)) => format!("the server closed it with code {code}"),
        End::Failed(e) => e.to_string(),
        End::Malformed(why) => format!("what comes is no WebSocket: {why}"),
        End::Silent(bound) => format!("no sign of life for {bound:?}"),
        End::Replaced(name) => format!("another client has taken over {name}"),
        End::Unprepared(e) => e.to_string(),
    }
}

/// For deadlines that no clock reaches.
const FAR: Duration = Duration::from_secs(100 * 365 * 24 * 3600);

/// When a call that begins now must have ended.
pub(super) fn deadline_of(timeout: Duration) -> Instant {
    let now = Instant::now();
    now.checked_add(timeout).unwrap_or(now + FAR)
}

/// Nobody may wait for a reading thread that has died of a fault of its own.
struct OverOnPanic<'a>(&'a Shared);

impl Drop for OverOnPanic<'_> {
    fn drop(&mut self) {
        if std::thread::panicking() {
            self.0.over("its reading thread panicked");
        }
    }
}
