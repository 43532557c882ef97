//! The client: a handle that any thread may hold and call.

use std::fmt;
use std::marker::PhantomData;
use std::sync::Arc;
use std::time::{Duration, Instant};

use crossbeam_channel::bounded;
use parking_lot::Mutex;

use super::action::PingResponse;
use super::action::{
    Action, CommandAction, Headers, ListAction, ListItem, ListSpec, LogoffAction, PingAction,
};
use super::builder::AmiClientBuilder;
use super::calls::{Failure, Outcome};
use super::config::Config;
use super::connection::Shared;
use super::event::{AmiEvent, TypedEvent};
use super::filter::Filter;
use super::message::Message;
use super::response::{CommandOutput, Reply, Response};
use super::subscription::TypedSubscription;
use crate::error::{ProtocolError, TimeoutError};
use crate::net::outbox::{NotTaken, Send};
use crate::sync::bus::{Subscribe, SubscriberStats};
use crate::sync::pending::{Pending, Slot};
use crate::sync::worker::Worker;
use crate::{
    ConnectionState, Error, EventHandler, EventSubscription, FilteredSubscription, Result,
};

/// The threads of a client keep little on their stacks.
const STACK: usize = 256 << 10;

/// How long `disconnect` waits for the server's goodbye.
const GOODBYE: Duration = Duration::from_secs(2);

/// A connection to the Manager Interface, for the life of the program.
///
/// It is a handle: cloning is cheap, every thread may have one, and all of them share one
/// connection. It reconnects by itself; subscriptions outlive that. Every call returns within its
/// timeout and may be made from any thread, an event loop or an event handler included: no code of
/// yours ever runs on the client's own threads. When the last handle is dropped, the connection is
/// closed and its threads are joined.
///
/// ```no_run
/// use asterisk_sync::ami::{AmiClient, AmiEvent};
///
/// # fn main() -> asterisk_sync::Result<()> {
/// let ami = AmiClient::connect("pbx.example.com", "admin", "secret")?;
/// for event in &ami.subscribe() {
///     if let AmiEvent::Hangup(hangup) = event {
///         println!("{} ended: {}", hangup.channel(), hangup.cause_txt());
///     }
/// }
/// # Ok(()) }
/// ```
#[derive(Clone)]
pub struct AmiClient {
    inner: Arc<Inner>,
    timeout: Duration,
}

/// What the last handle takes with it.
struct Inner {
    shared: Arc<Shared>,
    workers: [Worker; 2],
    handlers: Mutex<Vec<EventHandler>>,
}

/// How a client fares.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct AmiStats {
    /// Where the connection stands.
    pub state: ConnectionState,
    /// How often a connection was attempted, the first included.
    pub attempts: u64,
    /// How often one was made again.
    pub reconnects: u64,
    /// When the server was last heard.
    pub last_activity: Option<Instant>,
    /// How many actions wait for their answer.
    pub in_flight: usize,
    /// Each subscription's events: delivered, lost, waiting.
    pub subscribers: Vec<SubscriberStats>,
}

impl AmiClient {
    /// Connects and logs in, with the defaults of the [builder](Self::builder). `host` may have
    /// `:port` behind it.
    pub fn connect(
        host: impl Into<String>,
        username: impl Into<String>,
        secret: impl Into<String>,
    ) -> Result<Self> {
        Self::builder().host(host).credentials(username, secret).connect()
    }

    /// Connects as the environment says; see [`AmiClientBuilder::from_env`].
    pub fn from_env() -> Result<Self> {
        AmiClientBuilder::from_env()?.connect()
    }

    /// All settings.
    pub fn builder() -> AmiClientBuilder {
        AmiClientBuilder::default()
    }

    pub(super) fn start(config: Config) -> Result<Self> {
        let timeout = config.timeout;
        let shared = Arc::new(Shared::new(config));
        let (first, connected) = bounded(1);
        let reading = Arc::clone(&shared);
        let reader = Worker::spawn("ami-read", STACK, move || reading.run(first))?;
        let writing = Arc::clone(&shared);
        let writer = Worker::spawn("ami-write", STACK, move || writing.outbox.run());
        let writer = writer.inspect_err(|_| shared.closer.close())?;
        let handlers = Mutex::new(Vec::new());
        // From here on a failure is cleaned up by the drop.
        let client = Self {
            inner: Arc::new(Inner { shared, workers: [reader, writer], handlers }),
            timeout,
        };
        connected.recv().unwrap_or(Err(Error::Closed))?;
        Ok(client)
    }

    /// The same connection with another timeout for its calls.
    ///
    /// ```no_run
    /// # fn main() -> asterisk_sync::Result<()> {
    /// # use std::time::Duration;
    /// # let ami = asterisk_sync::ami::AmiClient::from_env()?;
    /// let lines = ami.with_timeout(Duration::from_secs(120)).command("core reload")?;
    /// # Ok(()) }
    /// ```
    #[must_use]
    pub fn with_timeout(&self, timeout: Duration) -> Self {
        Self { inner: Arc::clone(&self.inner), timeout }
    }

    /// Sends an action and waits for its answer, at most the client's timeout.
    ///
    /// A refusal is [`Error::Refused`] with Asterisk's words. An error says whether the action may
    /// have run ([`may_have_run`](Error::may_have_run)); nothing is ever sent twice.
    pub fn send_action<A: Action>(&self, action: &A) -> Result<A::Reply> {
        let answer = self.submit(action, None, Send::Now)?;
        let restore = action.restores();
        let reply = answer.into_response().and_then(A::Reply::from_response)?;
        if let Some(restore) = restore {
            self.inner.shared.remember(restore);
        }
        Ok(reply)
    }

    /// Sends an action and returns at once; the answer is waited for later. Many may be under way,
    /// and the server answers them in order. Only where a megabyte waits already for a server that
    /// does not read, it waits too, at most the client's timeout.
    ///
    /// The timeout begins now. Dropping the pending answer forgets it; the action runs all the
    /// same.
    pub fn start_action<A: Action>(&self, action: &A) -> Result<PendingAnswer<A::Reply>> {
        let answer = self.submit(action, None, Send::Soon)?;
        let restore = action.restores();
        Ok(PendingAnswer { answer, restore, reply: PhantomData })
    }

    /// Sends an action that answers with a list and waits until the list is complete, at most the
    /// client's timeout.
    ///
    /// A list that ends early is [`Error::Incomplete`], which carries what had arrived:
    /// [`arrived`](Error::arrived) with this item type.
    pub fn list<A: ListAction>(&self, action: &A) -> Result<Vec<A::Item>> {
        let list = action.list().unwrap_or(ListSpec::new(A::Item::NAMES, ""));
        let (end, events) = self.collect(action, list)?;
        let items: Vec<_> = events.into_iter().filter_map(A::Item::from_event).collect();
        match end {
            Ok(_) => Ok(items),
            Err(cause) => Err(Error::incomplete(cause, items)),
        }
    }

    /// Sends any action and collects the events that answer it, together with its response. An
    /// action that answers without events gives none.
    ///
    /// What ends early is [`Error::Incomplete`] with the [`AmiEvent`]s that had arrived.
    pub fn send_collecting<A: Action>(&self, action: &A) -> Result<Collected> {
        let list = action.list().unwrap_or(ListSpec::new(&[], ""));
        let (end, events) = self.collect(action, list)?;
        match end {
            Ok(response) => Ok(Collected { response, events }),
            Err(cause) => Err(Error::incomplete(cause, events)),
        }
    }

    /// What came, and the response or what ended it early. An error if nothing came but that.
    fn collect<A: Action>(
        &self,
        action: &A,
        list: ListSpec,
    ) -> Result<(Result<Response>, Vec<AmiEvent>)> {
        let outcome = self.submit(action, Some(list), Send::Now)?.wait();
        let events: Vec<_> = outcome.items.iter().cloned().map(AmiEvent::from_message).collect();
        let failure = outcome.failure.map(|failure| self.failure(action.name(), failure));
        if let (None, Some(message)) = (&failure, empty_list(outcome.response.as_ref(), list)) {
            return Ok((Ok(Response(message.clone())), Vec::new()));
        }
        match (response_of(action.name(), outcome.response), failure) {
            (Ok(response), None) => Ok((Ok(response), events)),
            (Ok(_), Some(cause)) => Ok((Err(cause), events)),
            (Err(e), failure) => match failure.unwrap_or(e) {
                cause if events.is_empty() => Err(cause),
                cause => Ok((Err(cause), events)),
            },
        }
    }

    /// Runs a CLI command and returns what it prints.
    pub fn command(&self, command: impl Into<String>) -> Result<CommandOutput> {
        self.send_action(&CommandAction::new(command))
    }

    /// Asks whether the server is there.
    pub fn ping(&self) -> Result<PingResponse> {
        self.send_action(&PingAction::new())
    }

    /// All events from now on.
    pub fn subscribe(&self) -> EventSubscription<AmiEvent> {
        self.subscribe_with(Filter::all())
    }

    /// The events that pass a filter; what does not pass is never queued.
    pub fn subscribe_with(&self, filter: Filter) -> EventSubscription<AmiEvent> {
        self.subscribe_bounded(filter, self.inner.shared.config.subscribe.clone())
    }

    /// The events that pass a filter, with bounds of its own for what may wait.
    pub fn subscribe_bounded(
        &self,
        filter: Filter,
        bounds: Subscribe,
    ) -> EventSubscription<AmiEvent> {
        self.inner.shared.bus.subscribe_through(bounds, filter.into_lens())
    }

    /// The events of one type, typed. Gaps are not in it; see [`TypedSubscription`].
    pub fn subscribe_to<E: TypedEvent>(&self) -> TypedSubscription<E> {
        TypedSubscription::new(self.subscribe_with(Filter::names([E::NAME])))
    }

    /// The events that a closure accepts, which runs on the thread that receives.
    pub fn subscribe_filtered(
        &self,
        accept: impl Fn(&AmiEvent) -> bool + std::marker::Send + Sync + 'static,
    ) -> FilteredSubscription<AmiEvent> {
        self.subscribe().filtered(accept)
    }

    /// Runs `handle` for every event, in order, on a thread of its own, until the client is closed
    /// or the returned handle is told to stop. A panic in it is logged, and the next event follows.
    ///
    /// The thread is joined when the last handle of the client is dropped. A handler that holds a
    /// handle itself keeps the client alive until it is stopped or the client disconnected.
    pub fn on_event(
        &self,
        handle: impl FnMut(AmiEvent) + std::marker::Send + 'static,
    ) -> Result<EventHandler> {
        let handler = self.subscribe().on_event(handle)?;
        let mut handlers = self.inner.handlers.lock();
        handlers.retain(|handler| !handler.is_finished());
        handlers.push(handler.clone());
        Ok(handler)
    }

    /// Where the connection stands.
    pub fn connection_state(&self) -> ConnectionState {
        self.inner.shared.connection_state()
    }

    /// Waits until the connection stands there. [`TimeoutError::State`] if it does not within
    /// `timeout`, [`Error::Closed`] if it never will.
    pub fn wait_for_state(&self, state: ConnectionState, timeout: Duration) -> Result<()> {
        let shared = &self.inner.shared;
        if shared.wait_for(state, Instant::now().checked_add(timeout)) {
            return Ok(());
        }
        match shared.connection_state() {
            ConnectionState::Disconnected => Err(Error::Closed),
            _ => Err(TimeoutError::State { after: timeout }.into()),
        }
    }

    /// What the server calls itself: `Asterisk Call Manager/` and the version of AMI.
    pub fn banner(&self) -> String {
        self.inner.shared.banner()
    }

    /// How the client fares.
    pub fn stats(&self) -> AmiStats {
        let shared = &self.inner.shared;
        let progress = shared.progress();
        AmiStats {
            state: shared.connection_state(),
            attempts: progress.attempts,
            reconnects: progress.reconnects,
            last_activity: progress.last_heard,
            in_flight: shared.calls.in_flight(),
            subscribers: shared.bus.stats(),
        }
    }

    /// Logs off and closes the connection for every handle; blocks two seconds at most, or as long
    /// as an attempt to connect cannot be broken off, which on Linux is no time at all.
    ///
    /// Waiting actions end with [`Error::Closed`], subscriptions end. Closing twice is no error.
    pub fn disconnect(&self) -> Result<()> {
        let shared = &self.inner.shared;
        shared.leave();
        if shared.connection_state() == ConnectionState::Connected {
            let goodbye = self.with_timeout(self.timeout.min(GOODBYE));
            if let Err(e) = goodbye.send_action(&LogoffAction::new()) {
                log::debug!("no goodbye: {e}");
            }
        }
        self.inner.close();
        Ok(())
    }

    /// Encodes, registers and sends.
    fn submit<A: Action>(
        &self,
        action: &A,
        collects: Option<ListSpec>,
        send: Send,
    ) -> Result<Answer> {
        let shared = &self.inner.shared;
        let id = shared.calls.next_id();
        let action_id = format_args!("{}", shared.calls.action_id(id));
        let mut headers = Headers::new(action.name(), Some(action_id));
        action.write(&mut headers);
        let bytes = headers.finish()?;
        let begun = Instant::now();
        let deadline = begun.checked_add(self.timeout).unwrap_or(begun + FAR);
        let send = match send {
            Send::Now if !may_write(shared, self.timeout) => Send::Soon,
            // Others who wait are likely to be about to call again.
            Send::Now if shared.calls.in_flight() > 0 => Send::Together,
            other => other,
        };
        log::trace!("sending {} as {id}", action.name());
        let slot = shared.submit(&bytes, id, deadline, send, collects).map_err(|e| match e {
            NotTaken::Full => self.failure(action.name(), Failure::TimedOut { sent: false }),
            NotTaken::NotConnected if shared.is_closing() => Error::Closed,
            NotTaken::NotConnected => Error::Disconnected { sent: false },
        })?;
        let (shared, timeout, action) = (Arc::clone(shared), self.timeout, action.name().into());
        Ok(Answer { shared, id, slot, deadline, timeout, action, taken: false })
    }

    fn failure(&self, action: &str, failure: Failure) -> Error {
        error_of(&self.inner.shared, action, self.timeout, failure)
    }
}

/// For deadlines that no clock reaches.
const FAR: Duration = Duration::from_secs(100 * 365 * 24 * 3600);

impl fmt::Debug for AmiClient {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let config = &self.inner.shared.config;
        f.debug_struct("AmiClient")
            .field("host", &config.host)
            .field("port", &config.port)
            .field("username", &config.credentials.username())
            .field("state", &self.connection_state())
            .field("timeout", &self.timeout)
            .finish_non_exhaustive()
    }
}

impl Inner {
    /// Ends the connection and its threads. Handlers hear of it as the end of their stream.
    fn close(&self) {
        self.shared.closer.close();
        for worker in &self.workers {
            worker.join();
        }
    }
}

impl Drop for Inner {
    fn drop(&mut self) {
        self.close();
        for handler in self.handlers.get_mut().drain(..) {
            handler.join();
        }
    }
}

/// The response to an action and the events that came with it.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Collected {
    /// The response.
    pub response: Response,
    /// The events, in order, without the one that only ends the list.
    pub events: Vec<AmiEvent>,
}

/// An answer that is on its way. Dropping it forgets it.
struct Answer {
    shared: Arc<Shared>,
    id: u64,
    slot: Arc<Slot<Outcome>>,
    deadline: Instant,
    timeout: Duration,
    action: Box<str>,
    taken: bool,
}

impl Answer {
    fn wait(mut self) -> Outcome {
        self.taken = true;
        // The waiting thread has nothing better to do than to send what waits.
        if may_write(&self.shared, self.timeout) {
            self.shared.outbox.flush();
        }
        let handed_over = || self.shared.outbox.handed_over();
        self.shared.calls.wait(self.id, &self.slot, self.deadline, handed_over)
    }

    fn into_response(self) -> Result<Response> {
        let (shared, action, timeout) =
            (Arc::clone(&self.shared), self.action.clone(), self.timeout);
        self.wait().into_response(&shared, &action, timeout)
    }
}

impl Drop for Answer {
    fn drop(&mut self) {
        if !self.taken {
            self.shared.calls.forget(self.id);
        }
    }
}

impl Outcome {
    fn into_response(self, shared: &Shared, action: &str, timeout: Duration) -> Result<Response> {
        match self.failure {
            Some(failure) => Err(error_of(shared, action, timeout, failure)),
            None => response_of(action, self.response),
        }
    }
}

/// Whether a call with this timeout has the time that a write may take where the peer does not read.
fn may_write(shared: &Shared, timeout: Duration) -> bool {
    timeout >= shared.config.timeout
}

/// The answer to an action that was started.
///
/// ```no_run
/// # fn main() -> asterisk_sync::Result<()> {
/// # use asterisk_sync::ami::{AmiClient, action::GetVarAction};
/// # let ami = AmiClient::from_env()?;
/// let pending = ["CALLERID(num)", "CHANNEL(state)"]
///     .map(|name| ami.start_action(&GetVarAction::new(name).channel("PJSIP/alice-00000001")));
/// for answer in pending {
///     println!("{}", answer?.wait()?.value());
/// }
/// # Ok(()) }
/// ```
#[must_use = "dropping it forgets the answer"]
pub struct PendingAnswer<R> {
    answer: Answer,
    restore: Option<super::action::Restore>,
    reply: PhantomData<fn() -> R>,
}

impl<R: Reply> PendingAnswer<R> {
    /// Waits for the answer, at most what is left of the timeout.
    pub fn wait(self) -> Result<R> {
        let shared = Arc::clone(&self.answer.shared);
        let reply = self.answer.into_response().and_then(R::from_response)?;
        if let Some(restore) = self.restore {
            shared.remember(restore);
        }
        Ok(reply)
    }

    /// The answer if it is there; otherwise the pending answer again.
    pub fn try_wait(mut self) -> Result<Result<R>, Self> {
        if let Some(outcome) = Pending::<(), Outcome>::poll(&self.answer.slot) {
            self.answer.taken = true;
            let Answer { shared, action, timeout, .. } = &self.answer;
            let reply = outcome.into_response(shared, action, *timeout).and_then(R::from_response);
            if let (Ok(_), Some(restore)) = (&reply, self.restore.take()) {
                shared.remember(restore);
            }
            return Ok(reply);
        }
        if self.answer.deadline <= Instant::now() {
            return Ok(self.wait());
        }
        Err(self)
    }
}

impl<R> fmt::Debug for PendingAnswer<R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PendingAnswer").field("action", &self.answer.action).finish_non_exhaustive()
    }
}

/// The refusal, if it only says that there is nothing to list.
fn empty_list(response: Option<&Message>, list: ListSpec) -> Option<&Message> {
    response.filter(|response| {
        let text = response.get("Message").unwrap_or("");
        response.name().eq_ignore_ascii_case("Error") && list.empty.contains(&text)
    })
}

fn response_of(action: &str, response: Option<Message>) -> Result<Response> {
    let Some(message) = response else { return Err(Error::Disconnected { sent: true }) };
    if message.name().eq_ignore_ascii_case("Error") {
        return Err(Error::Refused { action: action.into(), message: reason(&message) });
    }
    Ok(Response(message))
}

/// Why the server refused. Of a console command that failed, what it printed: the message only says
/// that this follows.
fn reason(message: &Message) -> Box<str> {
    let printed: Vec<&str> = message.get_all("Output").collect();
    if printed.is_empty() {
        return message.get("Message").unwrap_or("no reason given").into();
    }
    printed.join("\n").trim_end().into()
}

fn error_of(shared: &Shared, action: &str, after: Duration, failure: Failure) -> Error {
    match failure {
        Failure::Closed => Error::Closed,
        Failure::Disconnected { sent } => Error::Disconnected { sent },
        Failure::TimedOut { sent } => {
            TimeoutError::Action { action: action.into(), after, sent }.into()
        }
        Failure::Oversized => {
            let limit = shared.config.max_message_size as u64;
            ProtocolError::Oversized { limit }.into()
        }
        Failure::ListTooLarge => {
            let limit = shared.config.max_list_size as u64;
            ProtocolError::Oversized { limit }.into()
        }
        Failure::Cancelled => {
            Error::Refused { action: action.into(), message: "the list was cancelled".into() }
        }
    }
}
