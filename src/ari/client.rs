//! The client: a handle that any thread may hold and call.

use std::fmt;
use std::hash::RandomState;
use std::io::Write;
use std::sync::Arc;
use std::time::{Duration, Instant};

use crossbeam_channel::{Receiver, bounded};
use serde::de::DeserializeOwned;

use super::config::{AriConfig, AriConfigBuilder, TransportKind};
use super::connection::Shared;
use super::filter::Filter;
use super::message::{AriMessage, TypedEvent};
use super::pool::{PoolSettings, place};
use super::rest::{Answer, Request};
use super::typed::TypedSubscription;
use crate::error::TimeoutError;
use crate::sync::bus::{Subscribe, SubscriberStats};
use crate::sync::handlers::Handlers;
use crate::sync::worker::Worker;
use crate::{
    ConnectionState, Error, EventHandler, EventPool, EventSubscription, FilteredSubscription,
    Result,
};

/// The threads of a client keep little on their stacks.
const STACK: usize = 256 << 10;

/// A connection to the REST Interface, for the life of the program.
///
/// It is a handle: cloning is cheap, every thread may have one, and all of them share one event
/// socket and one pool of HTTP connections. The event socket reconnects by itself; subscriptions
/// outlive that. Every call returns within its timeout and may be made from any thread, an event loop
/// or an event handler included: no code of yours ever runs on the client's own threads. When the last
/// handle is dropped, the connection is closed and its threads are joined.
///
/// ```no_run
/// use asterisk_sync::ari::{AriClient, AriConfig, AriEvent};
///
/// # fn main() -> asterisk_sync::Result<()> {
/// let ari = AriClient::connect(AriConfig::new("http://pbx:8088", "user", "secret", "my-app"))?;
/// for message in &ari.subscribe() {
///     if let AriEvent::StasisStart(start) = &message.event {
///         let channel = ari.channel(&start.channel.id);
///         std::thread::spawn(move || channel.answer());
///     }
/// }
/// # Ok(()) }
/// ```
#[derive(Clone)]
pub struct AriClient {
    inner: Arc<Inner>,
    timeout: Duration,
}

/// What the last handle takes with it.
struct Inner {
    shared: Arc<Shared>,
    workers: [Worker; 2],
    handlers: Handlers,
}

/// How a client fares.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct AriStats {
    /// Where the connection stands.
    pub state: ConnectionState,
    /// How often a connection was attempted, the first included.
    pub attempts: u64,
    /// How often one was made again.
    pub reconnects: u64,
    /// When the event socket last brought something.
    pub last_activity: Option<Instant>,
    /// How many requests wait for their answer, over HTTP or over the event socket, or for a connection
    /// to be free.
    pub in_flight: usize,
    /// Each subscription's events: delivered, lost, waiting.
    pub subscribers: Vec<SubscriberStats>,
}

impl AriConfigBuilder {
    /// Connects with the settings, as [`AriClient::connect`].
    pub fn connect(self) -> Result<AriClient> {
        AriClient::connect(self.build()?)
    }

    /// Connects with the settings and a subscription from the first event on, as
    /// [`AriClient::connect_subscribed`].
    pub fn connect_subscribed(
        self,
        filter: Filter,
    ) -> Result<(AriClient, EventSubscription<AriMessage>)> {
        AriClient::connect_subscribed(self.build()?, filter)
    }
}

impl AriClient {
    /// Connects; returns when the event socket is live and the applications are registered, or at
    /// once with the reason why not. Blocks at most for the connect timeout.
    ///
    /// A wrong user or password is [`Error::Auth`]; a server that is there and says no, because it is
    /// not ARI's (404), forbids it (403) or has not booted (503), is [`Error::Http`].
    ///
    /// What happens from now on and before somebody [subscribes](Self::subscribe) is heard by nobody:
    /// calls may enter at once. [`connect_subscribed`](Self::connect_subscribed) misses none of it, and
    /// a [`StasisApp`](super::StasisApp) finds the calls that are there when it begins.
    pub fn connect(config: AriConfig) -> Result<Self> {
        config.validate()?;
        Self::start(Shared::dialling(config)?)
    }

    /// Connects as [`connect`](Self::connect) does, with a subscription that has been there before: it
    /// has all events from the first on that passes the filter.
    ///
    /// ```no_run
    /// use asterisk_sync::ari::{AriClient, AriConfig, Filter};
    ///
    /// # fn main() -> asterisk_sync::Result<()> {
    /// let config = AriConfig::new("http://pbx:8088", "user", "secret", "my-app");
    /// let (ari, events) = AriClient::connect_subscribed(config, Filter::all())?;
    /// for message in &events {
    ///     println!("{}", message.event.event_name());
    /// }
    /// # let _ = ari; Ok(()) }
    /// ```
    pub fn connect_subscribed(
        config: AriConfig,
        filter: Filter,
    ) -> Result<(Self, EventSubscription<AriMessage>)> {
        config.validate()?;
        let bounds = config.subscribe.clone();
        let shared = Shared::dialling(config)?;
        let events = shared.bus.subscribe_through(bounds, filter.into_lens());
        Ok((Self::start(shared)?, events))
    }

    /// Connects as the environment says; see [`AriConfig::from_env`].
    pub fn from_env() -> Result<Self> {
        Self::connect(AriConfig::from_env()?)
    }

    /// Settings, piece by piece.
    pub fn builder(application: impl Into<String>) -> super::AriConfigBuilder {
        AriConfig::builder(application)
    }

    /// Starts the threads of a client and waits until its first connection stands.
    pub(in crate::ari) fn start(shared: Shared) -> Result<Self> {
        let timeout = shared.config.timeout;
        let shared = Arc::new(shared);
        let (first, connected) = bounded(1);
        let reading = Arc::clone(&shared);
        let reader = Worker::spawn("ari-read", STACK, move || reading.run(first))?;
        let writing = Arc::clone(&shared);
        let writer = Worker::spawn("ari-write", STACK, move || writing.write());
        let writer = writer.inspect_err(|_| shared.close())?;
        let handlers = Handlers::default();
        // From here on a failure is cleaned up by the drop.
        let client = Self {
            inner: Arc::new(Inner { shared, workers: [reader, writer], handlers }),
            timeout,
        };
        connected.recv().unwrap_or(Err(Error::Closed))?;
        Ok(client)
    }

    /// The same connection with another timeout for its calls.
    #[must_use]
    pub fn with_timeout(&self, timeout: Duration) -> Self {
        Self { inner: Arc::clone(&self.inner), timeout }
    }

    /// Sends a request and waits for its answer, at most the client's timeout.
    ///
    /// A status that is no success is [`Error::Http`] with the server's words, 401 [`Error::Auth`].
    /// An error says whether the request may have run ([`may_have_run`](Error::may_have_run)). A
    /// request that does no harm when it is repeated is sent once more if the connection turned out
    /// to be closed before a byte of the answer came; no other is ever sent twice.
    #[allow(clippy::needless_pass_by_value, reason = "a request is made to be sent, and once")]
    pub fn request(&self, request: Request) -> Result<Answer> {
        self.inner.shared.perform(&request, self.timeout)?.check(&request)
    }

    /// Sends a request whose answer has nothing in it.
    pub fn send(&self, request: Request) -> Result<()> {
        self.request(request).map(drop)
    }

    /// Sends a request and reads its answer.
    pub fn fetch<T: DeserializeOwned>(&self, request: Request) -> Result<T> {
        self.request(request)?.json()
    }

    /// Sends a request that only looks, and writes what is in the answer to `to`; how much it was.
    pub(in crate::ari) fn download(&self, request: &Request, to: &mut dyn Write) -> Result<u64> {
        self.inner.shared.download(request, self.timeout, to)
    }

    /// All events from now on.
    pub fn subscribe(&self) -> EventSubscription<AriMessage> {
        self.subscribe_with(Filter::all())
    }

    /// The events that pass a filter; what does not pass is never queued.
    pub fn subscribe_with(&self, filter: Filter) -> EventSubscription<AriMessage> {
        self.subscribe_bounded(filter, self.inner.shared.config.subscribe.clone())
    }

    /// The events that pass a filter, with bounds of its own for what may wait.
    pub fn subscribe_bounded(
        &self,
        filter: Filter,
        bounds: Subscribe,
    ) -> EventSubscription<AriMessage> {
        self.inner.shared.bus.subscribe_through(bounds, filter.into_lens())
    }

    /// The events of one type, typed. Gaps are not in it; see
    /// [`TypedSubscription`](crate::TypedSubscription).
    ///
    /// ```no_run
    /// # fn main() -> asterisk_sync::Result<()> {
    /// # let ari = asterisk_sync::ari::AriClient::from_env()?;
    /// use std::time::Duration;
    /// use asterisk_sync::ari::event::ChannelDtmfReceived;
    ///
    /// let digits = ari.subscribe_to::<ChannelDtmfReceived>();
    /// let hash = digits.wait_for(|event| event.digit == "#", Duration::from_secs(10))?;
    /// println!("{}", hash.channel.name);
    /// # Ok(()) }
    /// ```
    pub fn subscribe_to<E: TypedEvent>(&self) -> TypedSubscription<E> {
        TypedSubscription::new(self.subscribe_with(Filter::types([E::NAME])))
    }

    /// The events that a closure accepts, which runs on the thread that receives.
    pub fn subscribe_filtered(
        &self,
        accept: impl Fn(&AriMessage) -> bool + Send + Sync + 'static,
    ) -> FilteredSubscription<AriMessage> {
        self.subscribe().filtered(accept)
    }

    /// Runs `handle` for every event, in order, on a thread of its own, until the client is closed
    /// or the returned handle is told to stop. A panic in it is logged, and the next event follows.
    ///
    /// The thread is joined when the last handle of the client is dropped. A handler that holds a
    /// handle itself keeps the client alive until it is stopped or the client disconnected.
    pub fn on_event(
        &self,
        handle: impl FnMut(AriMessage) + Send + 'static,
    ) -> Result<EventHandler> {
        let handler = self.subscribe().on_event(handle)?;
        self.inner.handlers.keep(handler.clone());
        Ok(handler)
    }

    /// Runs `handle` for events on several threads: those of different channels at once, those of one
    /// channel one after the other, in the order in which they came.
    ///
    /// An event belongs to all channels that it is about, in whatever role: what is played to one and
    /// recorded of one, the channel that is dialled and the one that dials. Where it is about none, it
    /// belongs to its bridge, its playback or its recording; what is about none of these is in order
    /// among those of its type. It is handled on the thread of what it names first. A bridge's own events are
    /// in order among themselves, and not with those of the channels that enter and leave it.
    ///
    /// A [`Gap`](super::event::Gap) concerns all: everything before it is handled first, then it alone,
    /// then what follows. Where the handler does not keep up, events wait, and are lost beyond the
    /// [bounds](crate::PoolSettings::bounds), which the next gap tells exactly; the connection's reader
    /// never waits. A panic in the handler is logged and counted, and the next event follows.
    ///
    /// The threads, `ari-event-1` and so on, are joined when the last handle of the client is dropped,
    /// as for [`on_event`](Self::on_event).
    ///
    /// ```no_run
    /// # fn main() -> asterisk_sync::Result<()> {
    /// # use asterisk_sync::ari::{AriEvent, PoolSettings};
    /// # let ari = asterisk_sync::ari::AriClient::from_env()?;
    /// let pool = ari.on_event_ordered(PoolSettings::new(8), |message| match &message.event {
    ///     AriEvent::Gap(gap) => println!("{} events lost", gap.missed()),
    ///     event => println!("{}", event.event_name()),
    /// })?;
    /// println!("{} wait", pool.stats().queued);
    /// # Ok(()) }
    /// ```
    pub fn on_event_ordered(
        &self,
        settings: PoolSettings,
        handle: impl Fn(AriMessage) + Send + Sync + 'static,
    ) -> Result<EventPool> {
        let hasher = RandomState::new();
        let places = move |message: &AriMessage| place(&hasher, message);
        let bounds = &self.inner.shared.config.subscribe;
        let (filter, bounds, plan) = settings.plan(bounds, places, handle)?;
        let pool = EventPool::start(self.subscribe_bounded(filter, bounds), plan)?;
        self.inner.handlers.keep(pool.handler());
        Ok(pool)
    }

    /// The applications of this client: those it was connected for, or, where Asterisk made the
    /// connection, those that it has registered over it so far.
    pub fn applications(&self) -> Vec<String> {
        self.inner.shared.all_applications()
    }

    /// Which way requests go.
    pub fn transport(&self) -> TransportKind {
        self.inner.shared.config.transport
    }

    /// Where the connection stands.
    pub fn connection_state(&self) -> ConnectionState {
        self.inner.shared.connection_state()
    }

    /// Waits until the connection stands there. [`TimeoutError::State`] if it does not within
    /// `timeout`; if it never will, the reason: [`Error::Closed`], or [`Error::Replaced`].
    pub fn wait_for_state(&self, state: ConnectionState, timeout: Duration) -> Result<()> {
        let shared = &self.inner.shared;
        if shared.wait_for(state, Instant::now().checked_add(timeout)) {
            return Ok(());
        }
        match shared.connection_state() {
            ConnectionState::Disconnected => Err(shared.over_error()),
            _ => Err(TimeoutError::State { after: timeout }.into()),
        }
    }

    /// Those of the applications that another client has taken over. Their events go there now, and
    /// this client does not take them back. When it has lost all, it is over.
    ///
    /// Where Asterisk made the connection, it says so as well of those that it registers over it anew,
    /// when its configuration is read again. One whose events go on coming is none of these any more.
    pub fn replaced_applications(&self) -> Vec<String> {
        self.inner.shared.replaced()
    }

    /// How the client fares.
    pub fn stats(&self) -> AriStats {
        let shared = &self.inner.shared;
        let progress = shared.progress();
        AriStats {
            state: shared.connection_state(),
            attempts: progress.attempts,
            reconnects: progress.reconnects,
            last_activity: progress.last_heard,
            in_flight: shared.in_flight(),
            subscribers: shared.bus.stats(),
        }
    }

    /// Closes the connection for every handle. The applications are unregistered; their channels
    /// stay where they are. Subscriptions end, and so do waiting requests: with [`Error::Closed`] where
    /// nothing has left, and else with [`Error::Disconnected`], which says that it may have run. Closing
    /// twice is no error.
    ///
    /// Blocks two seconds at most for the server's goodbye.
    pub fn disconnect(&self) {
        self.inner.shared.leave();
        self.inner.close();
    }

    pub(in crate::ari) fn timeout(&self) -> Duration {
        self.timeout
    }

    /// What is disconnected when the connection is lost that stands now; `None` if none does.
    pub(in crate::ari) fn standing(&self) -> Option<Receiver<()>> {
        self.inner.shared.standing()
    }

    /// The applications whose events are to be heard: those that nobody has taken over.
    ///
    /// A server that made the connection says so too of what it registers over this very connection
    /// anew, until the next event shows whose it is. So if it says it of all, it is believed of none.
    pub(in crate::ari) fn heard_applications(&self) -> Vec<String> {
        let shared = &self.inner.shared;
        let ours = shared.applications();
        if ours.is_empty() && !shared.is_dialled { shared.all_applications() } else { ours }
    }

    /// Why a wait for events ended that the connection has ended. It had sent nothing, and may begin again.
    pub(in crate::ari) fn lost_error(&self) -> Error {
        match self.connection_state() {
            ConnectionState::Disconnected => self.inner.shared.over_error(),
            _ => Error::Disconnected { sent: false },
        }
    }

    /// What a reconnect has to repeat is remembered here.
    pub(in crate::ari) fn memory(&self) -> &super::memory::Memory {
        &self.inner.shared.memory
    }
}

impl Inner {
    fn close(&self) {
        self.shared.close();
        for worker in &self.workers {
            worker.join();
        }
    }
}

impl Drop for Inner {
    fn drop(&mut self) {
        self.close();
        self.handlers.join();
    }
}

impl fmt::Debug for AriClient {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("AriClient")
            .field("server", &self.inner.shared.server())
            .field("applications", &self.applications())
            .field("state", &self.connection_state())
            .finish_non_exhaustive()
    }
}
