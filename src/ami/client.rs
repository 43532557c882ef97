//! The client: a handle that any thread may hold and call.

mod attempt;
mod call;
mod originate;
mod wait;

use std::fmt;
use std::hash::RandomState;
use std::sync::Arc;
use std::time::{Duration, Instant};

use crossbeam_channel::bounded;

use super::action::PingResponse;
use super::action::{
    Action, CommandAction, Headers, ListAction, ListItem, ListSpec, LogoffAction, PingAction,
};
use super::answer::{
    Answer, Collected, List, PendingAnswer, empty_list, error_of, may_write, response_of,
};
use super::builder::AmiClientBuilder;
use super::calls::Failure;
use super::connection::Shared;
use super::event::{AmiEvent, TypedEvent};
use super::filter::Filter;
use super::pace::{Held, Pace};
use super::pool::{PoolSettings, place};
use super::response::{CommandOutput, Response};
use super::subscription::TypedSubscription;
use crate::error::TimeoutError;
use crate::net::outbox::{NotTaken, Send};
use crate::sync::bus::{Subscribe, SubscriberStats};
use crate::sync::handlers::Handlers;
use crate::sync::worker::Worker;
use crate::{
    ConnectionState, Error, EventHandler, EventPool, EventSubscription, FilteredSubscription,
    Result,
};
pub use call::{Call, CallEnd};

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
    /// Of a handle that only looks on there are none: its end is the end of nothing.
    workers: Option<[Worker; 2]>,
    handlers: Handlers,
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

    /// A handle that does not keep the connection open: for those who work for a client, on threads
    /// of their own. They may not hold the last one, for what that has to wait for may be themselves.
    pub(super) fn onlooker(&self) -> Self {
        let shared = Arc::clone(&self.inner.shared);
        let inner = Inner { shared, workers: None, handlers: Handlers::default() };
        Self { inner: Arc::new(inner), timeout: self.timeout }
    }

    /// How often the connection was made anew, if it stands.
    pub(super) fn epoch(&self) -> Option<u64> {
        let shared = &self.inner.shared;
        let is_up = shared.connection_state() == ConnectionState::Connected;
        is_up.then(|| shared.progress().reconnects)
    }

    pub(super) fn start(shared: Arc<Shared>) -> Result<Self> {
        let timeout = shared.config.timeout;
        let (first, connected) = bounded(1);
        let reading = Arc::clone(&shared);
        let reader = Worker::spawn("ami-read", STACK, move || reading.run(first))?;
        let writing = Arc::clone(&shared);
        let writer = Worker::spawn("ami-write", STACK, move || writing.outbox.run());
        let writer = writer.inspect_err(|_| shared.closer.close())?;
        let handlers = Handlers::default();
        // From here on a failure is cleaned up by the drop.
        let client = Self {
            inner: Arc::new(Inner { shared, workers: Some([reader, writer]), handlers }),
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
        self.begin(action, Send::Now)?.wait()
    }

    /// Sends an action and returns at once; the answer is waited for later. Many may be under way,
    /// and the server answers them in order. Only where a megabyte waits already for a server that
    /// does not read, it waits too, at most the client's timeout.
    ///
    /// The timeout begins now. Dropping the pending answer forgets it; the action runs all the
    /// same.
    pub fn start_action<A: Action>(&self, action: &A) -> Result<PendingAnswer<A::Reply>> {
        self.begin(action, Send::Soon)
    }

    fn begin<A: Action>(&self, action: &A, send: Send) -> Result<PendingAnswer<A::Reply>> {
        let answer = self.submit(action, text_of(action), send)?;
        Ok(PendingAnswer::new(answer, action.restores()))
    }

    /// Sends an action that answers with a list and waits until the list is complete, at most the
    /// client's timeout.
    ///
    /// A list that ends early is [`Error::Incomplete`], which carries what had arrived:
    /// [`arrived`](Error::arrived) with this item type.
    pub fn list<A: ListAction>(&self, action: &A) -> Result<Vec<A::Item>> {
        Ok(self.list_with_end(action)?.items)
    }

    /// The same with what the list's end says beside its items, such as totals.
    ///
    /// ```no_run
    /// # fn main() -> asterisk_sync::Result<()> {
    /// # use asterisk_sync::ami::{AmiClient, action::BridgeInfoAction};
    /// # let ami = AmiClient::from_env()?;
    /// let channels = ami.list_with_end(&BridgeInfoAction::new("4f7f06ab-9b2e"))?;
    /// if let Some(end) = channels.end {
    ///     println!("{}: {} channels", end.bridge().bridge_type(), channels.items.len());
    /// }
    /// # Ok(()) }
    /// ```
    pub fn list_with_end<A: ListAction>(&self, action: &A) -> Result<List<A::Item, A::End>> {
        let list = action.list().unwrap_or(ListSpec::new(A::Item::NAMES, ""));
        let (ended, Came { events, end }) = self.collect(action, list)?;
        let items: Vec<_> = events.into_iter().filter_map(A::Item::from_event).collect();
        match ended {
            Ok(response) => Ok(List { response, items, end: end.and_then(A::End::from_event) }),
            Err(cause) => Err(Error::incomplete(cause, items)),
        }
    }

    /// Sends any action and collects the events that answer it, together with its response. An
    /// action that answers without events gives none.
    ///
    /// What ends early is [`Error::Incomplete`] with the [`AmiEvent`]s that had arrived.
    pub fn send_collecting<A: Action>(&self, action: &A) -> Result<Collected> {
        let list = action.list().unwrap_or(ListSpec::new(&[], ""));
        let (ended, Came { events, end }) = self.collect(action, list)?;
        match ended {
            Ok(response) => Ok(Collected { response, events, end }),
            Err(cause) => Err(Error::incomplete(cause, events)),
        }
    }

    /// What came, and the response or what ended it early. An error if nothing came but that.
    fn collect<A: Action>(&self, action: &A, list: ListSpec) -> Result<(Result<Response>, Came)> {
        let outcome = self.submit(action, Some(list), Send::Now)?.wait();
        let failure = outcome.failure.map(|failure| self.failure(action.name(), failure));
        if let (None, Some(message)) = (&failure, empty_list(outcome.response.as_ref(), list)) {
            return Ok((Ok(Response(message.clone())), Came::default()));
        }
        let came = Came {
            events: outcome.items.into_iter().map(AmiEvent::from_message).collect(),
            end: outcome.end.map(AmiEvent::from_message),
        };
        match (response_of(action.name(), outcome.response), failure) {
            (Ok(response), None) => Ok((Ok(response), came)),
            (Ok(_), Some(cause)) => Ok((Err(cause), came)),
            (Err(e), failure) => match failure.unwrap_or(e) {
                cause if came.events.is_empty() => Err(cause),
                cause => Ok((Err(cause), came)),
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
    /// handle itself keeps the client alive until it is stopped or the client disconnected. That drop
    /// waits until the handler has been through all events that are queued by then, however long it
    /// takes for them: whoever wants to go at once [stops](EventHandler::stop) it first.
    pub fn on_event(
        &self,
        handle: impl FnMut(AmiEvent) + std::marker::Send + 'static,
    ) -> Result<EventHandler> {
        let handler = self.subscribe().on_event(handle)?;
        self.inner.handlers.keep(handler.clone());
        Ok(handler)
    }

    /// Runs `handle` for events on several threads: those of different calls at once, those of one
    /// call one after the other, in the order in which they came, and on one thread, so that what a
    /// handler keeps of a call can stay with the thread.
    ///
    /// The thread is chosen by the linked id, which all channels of a call share: by the first of the
    /// event, be it `Linkedid`, `DestLinkedid` or another. Where it has none, as `OriginateResponse` and
    /// `Cdr` have not, it is chosen by the channel that it names first. A handler that takes its time over
    /// one call therefore holds up those other calls whose thread is the same.
    ///
    /// Two events belong together if they name the same channel or call, in whatever role:
    /// `Uniqueid`, `Linkedid`, `Channel`, and `DestUniqueid` and its kin. Calls that become one, when
    /// they are bridged, are handled as one from the event on that says so, and whatever waits of
    /// either comes before it; so neither a call nor a channel ever sees its events out of order.
    /// Events of no call are in order among those of their name.
    ///
    /// A [`Gap`](super::event::Gap) concerns all calls: everything before it is handled first, then
    /// it alone, then what follows. Where the handler does not keep up, events wait, and are lost
    /// beyond the [bounds](PoolSettings::bounds), which the next gap tells exactly; the connection's
    /// reader never waits. A panic in the handler is logged and counted, and the next event follows.
    ///
    /// The threads, `ami-event-1` and so on, are joined when the last handle of the client is
    /// dropped, as for [`on_event`](Self::on_event).
    ///
    /// ```no_run
    /// # fn main() -> asterisk_sync::Result<()> {
    /// # use asterisk_sync::ami::{AmiEvent, PoolSettings};
    /// # let ami = asterisk_sync::ami::AmiClient::from_env()?;
    /// let pool = ami.on_event_ordered(PoolSettings::new(8), |event| match event {
    ///     AmiEvent::Gap(gap) => println!("{} events lost", gap.missed()),
    ///     event => println!("{}", event.event_name()),
    /// })?;
    /// println!("{} wait", pool.stats().queued);
    /// # Ok(()) }
    /// ```
    pub fn on_event_ordered(
        &self,
        settings: PoolSettings,
        handle: impl Fn(AmiEvent) + std::marker::Send + Sync + 'static,
    ) -> Result<EventPool> {
        let hasher = RandomState::new();
        let places = move |event: &AmiEvent| place(&hasher, event);
        let bounds = &self.inner.shared.config.subscribe;
        let (filter, bounds, plan) = settings.plan(bounds, places, handle)?;
        let pool = EventPool::start(self.subscribe_bounded(filter, bounds), plan)?;
        self.inner.handlers.keep(pool.handler());
        Ok(pool)
    }

    /// Where the connection stands.
    pub fn connection_state(&self) -> ConnectionState {
        self.inner.shared.connection_state()
    }

    /// Waits until the connection stands there, or did for a moment meanwhile.
    /// [`TimeoutError::State`] if it does not within
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
    /// Subscriptions end, and so do waiting actions: with [`Error::Closed`] where nothing has left, and
    /// else with [`Error::Disconnected`], which says that it may have run. Closing twice is no error.
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

    fn submit<A: Action>(
        &self,
        action: &A,
        collects: Option<ListSpec>,
        send: Send,
    ) -> Result<Answer> {
        self.submit_as(self.inner.shared.calls.next_id(), action, collects, send)
    }

    /// Encodes, registers and sends, with a number that is known before.
    fn submit_as<A: Action>(
        &self,
        id: u64,
        action: &A,
        collects: Option<ListSpec>,
        send: Send,
    ) -> Result<Answer> {
        let shared = &self.inner.shared;
        let mut headers = Headers::new(action.name(), Some(shared.calls.action_id(id)));
        action.write(&mut headers);
        let bytes = headers.finish()?;
        if let Some(pace) = shared.pace.as_ref().filter(|_| is_originate(action.name())) {
            self.wait_for_turn(pace, action.name(), self.deadline())?;
        }
        // The time of the answer begins when it can be sent, or who waits long for a turn would ask
        // for a call and have no time left to hear of it.
        let deadline = self.deadline();
        let send = match send {
            Send::Now if !may_write(shared, self.timeout) => Send::Soon,
            // Others who wait are likely to be about to call again.
            Send::Now if shared.calls.in_flight() > 0 => Send::Together,
            other => other,
        };
        log::trace!("sending {} as {id}", action.name());
        let slot = shared.submit(&bytes, id, deadline, send, collects).map_err(|e| match e {
            NotTaken::Full => self.failure(action.name(), Failure::TimedOut { sent: false }),
            NotTaken::NotConnected => shared.unsent_error(),
        })?;
        let shared = Arc::clone(shared);
        Ok(Answer::new(shared, id, slot, deadline, self.timeout, action.name()))
    }

    /// When what begins now has to have ended.
    fn deadline(&self) -> Instant {
        let now = Instant::now();
        now.checked_add(self.timeout).unwrap_or(now + FAR)
    }

    /// What is to be sent when there is no connection would fail whenever its turn came.
    fn wait_for_turn(&self, pace: &Pace, action: &str, deadline: Instant) -> Result<()> {
        let shared = &self.inner.shared;
        let interrupts = pace.interrupts();
        if shared.connection_state() != ConnectionState::Connected {
            return Err(shared.unsent_error());
        }
        pace.pass(interrupts, deadline).map_err(|held| match held {
            Held::TooLate => self.failure(action, Failure::TimedOut { sent: false }),
            Held::Interrupted => shared.unsent_error(),
        })
    }

    fn failure(&self, action: &str, failure: Failure) -> Error {
        error_of(&self.inner.shared, action, self.timeout, failure)
    }
}

fn is_originate(action: &str) -> bool {
    action.eq_ignore_ascii_case("Originate")
}

/// The events that an action is answered with.
#[derive(Default)]
struct Came {
    events: Vec<AmiEvent>,
    end: Option<AmiEvent>,
}

/// How the answer ends of an action whose answer is text, for those who want no list.
fn text_of(action: &impl Action) -> Option<ListSpec> {
    action.list().filter(|list| list.text)
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
        self.workers.iter().flatten().for_each(Worker::join);
    }
}

impl Drop for Inner {
    fn drop(&mut self) {
        if self.workers.is_some() {
            self.close();
        }
        self.handlers.join();
    }
}
