//! What a test says instead of the model, and what the clients have said.

use std::collections::VecDeque;
use std::fmt;
use std::sync::Arc;
use std::time::{Duration, Instant};

use crossbeam_channel::{Receiver, RecvTimeoutError, Sender, bounded};
use parking_lot::{Condvar, Mutex};

use super::frame::Frame;
use super::session::Session;
use crate::ami::Message;
use crate::error::{Error, Result, TimeoutError};

/// How many requests are kept.
const KEPT: usize = 10_000;

/// How long [`Expected::wait`] waits.
const PATIENCE: Duration = Duration::from_secs(10);

type Handler = Arc<dyn Fn(&Request) + Send + Sync>;

/// Everything a test has said, and the record of what came.
#[derive(Default)]
pub(super) struct Script {
    state: Mutex<State>,
    arrived: Condvar,
}

#[derive(Default)]
struct State {
    expected: VecDeque<(String, Sender<Request>)>,
    handlers: Vec<(String, Handler)>,
    seen: VecDeque<Seen>,
}

struct Seen {
    request: Message,
    told: bool,
}

/// Who answers an action.
pub(super) enum Answerer {
    /// The test, which has it already.
    Test,
    Handler(Handler),
    Model,
}

impl Script {
    pub(super) fn expect(&self, action: &str) -> Expected {
        let (handed, request) = bounded(1);
        self.state.lock().expected.push_back((action.to_owned(), handed));
        Expected { action: action.to_owned(), request }
    }

    pub(super) fn on(&self, action: &str, handler: Handler) {
        let mut state = self.state.lock();
        state.handlers.retain(|(name, _)| !name.eq_ignore_ascii_case(action));
        state.handlers.push((action.to_owned(), handler));
    }

    /// Records an action and says who answers it.
    pub(super) fn take(&self, request: &Request) -> Answerer {
        let mut state = self.state.lock();
        if state.seen.len() == KEPT {
            state.seen.pop_front();
        }
        state.seen.push_back(Seen { request: request.message.detach(), told: false });
        self.arrived.notify_all();
        let action = request.action();
        while let Some(i) =
            state.expected.iter().position(|(name, _)| name.eq_ignore_ascii_case(action))
        {
            // Where nobody waits any more, the next one may.
            let test = state.expected.remove(i);
            if test.is_some_and(|(_, test)| test.send(request.clone()).is_ok()) {
                return Answerer::Test;
            }
        }
        let mut handlers = state.handlers.iter();
        match handlers.find(|(name, _)| name.eq_ignore_ascii_case(action)) {
            Some((_, handler)) => Answerer::Handler(Arc::clone(handler)),
            None => Answerer::Model,
        }
    }

    pub(super) fn requests(&self) -> Vec<Message> {
        self.state.lock().seen.iter().map(|seen| seen.request.clone()).collect()
    }

    pub(super) fn wait_for(&self, action: &str, timeout: Duration) -> Result<Message> {
        let deadline = Instant::now().checked_add(timeout);
        let mut state = self.state.lock();
        loop {
            let mut seen = state.seen.iter_mut();
            let next = seen
                .find(|seen| !seen.told && action_of(&seen.request).eq_ignore_ascii_case(action));
            if let Some(seen) = next {
                seen.told = true;
                return Ok(seen.request.clone());
            }
            match deadline {
                None => self.arrived.wait(&mut state),
                Some(at) if self.arrived.wait_until(&mut state, at).timed_out() => {
                    return Err(TimeoutError::Receive { after: timeout }.into());
                }
                Some(_) => {}
            }
        }
    }

    /// Nothing more will come: wakes every test that waits for it.
    pub(super) fn end(&self) {
        let state = std::mem::take(&mut *self.state.lock());
        // What the handlers hold is the test's, so it goes without the lock.
        drop(state);
    }
}

impl fmt::Debug for Script {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Script").finish_non_exhaustive()
    }
}

/// The name of the action; a message may have it anywhere.
pub(super) fn action_of(request: &Message) -> &str {
    request.get("Action").unwrap_or("")
}

/// An action that a test waits for, from [`FakeAmi::expect`](super::FakeAmi::expect).
#[derive(Debug)]
#[must_use = "the action is taken from the model; wait for it, and answer it"]
pub struct Expected {
    action: String,
    request: Receiver<Request>,
}

impl Expected {
    /// The action, when it has come; waits ten seconds for it.
    pub fn wait(self) -> Result<Request> {
        self.wait_timeout(PATIENCE)
    }

    /// The action, when it has come. [`TimeoutError::Receive`] if it does not within `timeout`,
    /// [`Error::Closed`] if the server is dropped first.
    ///
    /// After a timeout the expectation is over, and what comes later is answered by the model.
    pub fn wait_timeout(self, timeout: Duration) -> Result<Request> {
        self.request.recv_timeout(timeout).map_err(|e| match e {
            RecvTimeoutError::Timeout => {
                log::warn!("no {} came within {timeout:?}", self.action);
                TimeoutError::Receive { after: timeout }.into()
            }
            RecvTimeoutError::Disconnected => Error::Closed,
        })
    }
}

/// An action that a client sent, and the way to answer it: with one answer, with several, or with
/// none. The client's session goes on meanwhile, so answers may come late and in another order.
#[derive(Debug, Clone)]
pub struct Request {
    message: Message,
    session: Arc<Session>,
}

impl Request {
    pub(super) fn new(message: Message, session: Arc<Session>) -> Self {
        Self { message, session }
    }

    /// The action as it came.
    pub fn message(&self) -> &Message {
        &self.message
    }

    /// Its name.
    pub fn action(&self) -> &str {
        action_of(&self.message)
    }

    /// The value of a header; `None` if there is none.
    pub fn get(&self, header: &str) -> Option<&str> {
        self.message.get(header)
    }

    /// Which session it came by: counted from 1 in the order of connecting.
    pub fn session(&self) -> u64 {
        self.session.id
    }

    fn action_id(&self) -> &str {
        self.get("ActionID").unwrap_or("")
    }

    /// Sends one frame of these headers, with the request's `ActionID` behind the first of them
    /// unless one is among them.
    ///
    /// ```
    /// # use asterisk_sync::testing::FakeAmi;
    /// # fn main() -> asterisk_sync::Result<()> {
    /// let fake = FakeAmi::start()?;
    /// fake.on("Ping", |ping| ping.reply(&[("Response", "Success"), ("Ping", "Pang")]));
    /// assert_eq!(fake.client().connect()?.ping()?.ping(), "Pang");
    /// # Ok(()) }
    /// ```
    pub fn reply(&self, headers: &[(&str, &str)]) {
        let (first, rest) = headers.split_at(headers.len().min(1));
        let mut frame = Frame::default().lines(first);
        if !headers.iter().any(|(name, _)| name.eq_ignore_ascii_case("ActionID")) {
            frame = frame.action_id(self.action_id());
        }
        self.session.send(frame.lines(rest).end());
    }

    /// Answers `Response: Success` with these headers.
    pub fn success(&self, headers: &[(&str, &str)]) {
        self.session.send(Frame::response("Success", self.action_id()).lines(headers).end());
    }

    /// Answers `Response: Error` with this `Message`.
    pub fn error(&self, message: &str) {
        let frame = Frame::response("Error", self.action_id()).line("Message", message);
        self.session.send(frame.end());
    }

    /// Answers with a list: a start, these events, and an event named `complete` with their
    /// number.
    ///
    /// ```
    /// # use asterisk_sync::testing::FakeAmi;
    /// # use asterisk_sync::ami::action::CustomAction;
    /// # fn main() -> asterisk_sync::Result<()> {
    /// let fake = FakeAmi::start()?;
    /// fake.on("Meters", |meters| {
    ///     let items: &[(&str, &[(&str, &str)])] = &[("Meter", &[("Name", "a"), ("Value", "7")])];
    ///     meters.list(items, "MetersComplete");
    /// });
    /// let meters = fake.client().connect()?.send_collecting(&CustomAction::new("Meters"))?;
    /// assert_eq!(meters.events[0].message().get("Value"), Some("7"));
    /// # Ok(()) }
    /// ```
    pub fn list(&self, items: &[(&str, &[(&str, &str)])], complete: &str) {
        let id = self.action_id();
        let mut bytes = Frame::response("Success", id)
            .lines(&[("EventList", "start"), ("Message", "A list follows")])
            .end();
        for (name, headers) in items {
            bytes.extend(Frame::event(name).action_id(id).lines(headers).end());
        }
        let end = Frame::event(complete).action_id(id).line("EventList", "Complete");
        bytes.extend(end.line("ListItems", items.len()).end());
        self.session.send(bytes);
    }

    /// Sends exactly these bytes, with the request's `ActionID` wherever `{ActionID}` stands.
    pub fn raw(&self, bytes: impl AsRef<[u8]>) {
        const PLACE: &[u8] = b"{ActionID}";
        let mut rest = bytes.as_ref();
        let mut filled = Vec::with_capacity(rest.len());
        while let Some(at) = rest.windows(PLACE.len()).position(|window| window == PLACE) {
            filled.extend_from_slice(&rest[..at]);
            filled.extend_from_slice(self.action_id().as_bytes());
            rest = &rest[at + PLACE.len()..];
        }
        filled.extend_from_slice(rest);
        self.session.send(filled);
    }

    /// Answers nothing, and says so to whoever reads the test.
    pub fn ignore(self) {}

    /// Ends the session it came by, after what has been answered.
    pub fn close(&self) {
        self.session.close();
    }
}
