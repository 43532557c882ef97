//! The server as a whole.

use std::fmt;
use std::net::{IpAddr, Ipv4Addr, TcpStream};
use std::sync::Arc;
use std::time::{Duration, Instant};

use parking_lot::{Condvar, Mutex, MutexGuard};
use serde_json::Value;

use super::connection::{Connection, Ready, event};
use super::message::{AriReply, AriRequest};
use super::model::{Model, channel};
use crate::ari::AriConfig;
use crate::net::websocket::{self, Role};
#[cfg(feature = "tls")]
use crate::net::{Deadline, TlsServer};
use crate::net::{ReadHalf, WriteHalf, plain, tune};
use crate::sync::worker::Worker;
use crate::testing::listener::Port;
use crate::{Credentials, ReconnectPolicy, Result, TimeoutError};

#[cfg(feature = "tls")]
pub(super) const CA: &str = include_str!("../certs/ca.pem");
#[cfg(feature = "tls")]
const SERVER: &str = include_str!("../certs/server.pem");
#[cfg(feature = "tls")]
const SERVER_KEY: &str = include_str!("../certs/server.key");

/// A connection's thread; a handshake and a handler of the test's have room on it.
const STACK: usize = 512 << 10;

/// A peer who does not read holds up nobody for longer.
pub(super) const WRITE_TIMEOUT: Duration = Duration::from_secs(60);

/// Settings of a [`FakeAri`], from [`FakeAri::builder`].
#[derive(Debug, Clone)]
#[must_use = "nothing listens before start()"]
pub struct FakeAriBuilder {
    pub(super) credentials: Credentials,
    pub(super) prefix: String,
    pub(super) rest_over_socket: bool,
    address: IpAddr,
    #[cfg(feature = "tls")]
    tls: bool,
}

impl FakeAriBuilder {
    /// The one user there is. Default: `asterisk` with the password `secret`.
    pub fn credentials(mut self, username: impl Into<String>, password: impl Into<String>) -> Self {
        self.credentials = Credentials::new(username, password);
        self
    }

    /// The prefix of its paths, such as `/pbx`. Default: none.
    pub fn prefix(mut self, prefix: impl Into<String>) -> Self {
        self.prefix = prefix.into();
        self
    }

    /// A server from before requests could go over the event socket: it passes them over.
    pub fn without_rest_over_socket(mut self) -> Self {
        self.rest_over_socket = false;
        self
    }

    /// Speaks TLS, with a certificate for `localhost` and 127.0.0.1.
    #[cfg(feature = "tls")]
    #[cfg_attr(docsrs, doc(cfg(feature = "tls")))]
    pub fn tls(mut self) -> Self {
        self.tls = true;
        self
    }

    /// The address of this machine that it listens on. Default: 127.0.0.1.
    pub fn address(mut self, address: impl Into<IpAddr>) -> Self {
        self.address = address.into();
        self
    }

    /// Listens on a free port of its address.
    pub fn start(self) -> Result<FakeAri> {
        FakeAri::launch(self)
    }
}

/// An ARI server inside this process, on a free port of 127.0.0.1 or of another address.
///
/// It is there for tests: of this crate, of what is built on it, and for trying things out. It knows
/// one user, sends the events that a test pushes, and answers requests, over HTTP and over the event
/// socket alike,
///
/// 1. as the test says: [`expect`](Self::expect) for the next one, [`on`](Self::on) for all;
/// 2. else as Asterisk 22 would, from a small model: `asterisk/ping` and `info`, channels that are
///    originated, answered and hung up, applications with their subscriptions and filters.
///
/// And it breaks: [`hang_up`](Self::hang_up), [`send_raw`](Self::send_raw),
/// [`go_deaf`](Self::go_deaf), [`stop`](Self::stop), and an [`AriReply`] for what goes wrong in an
/// answer. Nothing in it sleeps: an answer that is to come late is [held](AriReply::held) until the
/// test [releases](Self::release) it, and what a test waits for, it waits for by name.
///
/// Dropping it closes every socket and joins every thread. A handler of the test's that still waits for
/// something keeps it from that.
///
/// ```
/// use asterisk_sync::ari::{AriClient, AriEvent};
/// use asterisk_sync::testing::{AriReply, FakeAri};
///
/// # fn main() -> asterisk_sync::Result<()> {
/// let fake = FakeAri::start()?;
/// let ari = AriClient::connect(fake.config("my-app"))?;
///
/// let events = ari.subscribe();
/// fake.push("StasisStart", "my-app", serde_json::json!({
///     "args": [], "channel": FakeAri::channel("1.1", "PJSIP/alice-00000001"),
/// }));
/// let message = events.recv().expect("the event");
/// assert!(matches!(&message.event, AriEvent::StasisStart(start) if start.channel.id == "1.1"));
///
/// fake.on("POST", "channels/*/answer", |_| AriReply::error(409, "Channel not in Stasis"));
/// assert!(ari.channel("1.1").answer().is_err_and(|e| e.is_conflict()));
/// # Ok(()) }
/// ```
pub struct FakeAri {
    pub(super) shared: Arc<Shared>,
}

/// What the threads of the server share.
pub(super) struct Shared {
    pub(super) settings: FakeAriBuilder,
    pub(super) authorization: String,
    #[cfg(feature = "tls")]
    tls: Option<TlsServer>,
    port: Port,
    state: Mutex<State>,
    changed: Condvar,
}

#[derive(Default)]
struct State {
    model: Model,
    rules: Vec<Rule>,
    requests: Vec<AriRequest>,
    /// The connections that stand.
    open: Vec<(u64, WriteHalf)>,
    sockets: Vec<Arc<Socket>>,
    workers: Vec<Worker>,
    connections: u64,
    /// How many event sockets there have been.
    upgrades: u64,
    /// How many pings there have been.
    pings: u64,
    /// How many of them were not answered.
    unanswered_pings: u64,
    is_deaf: bool,
    /// Answers that are not to be sent yet.
    held: Vec<Ready>,
    greeting: Option<String>,
    /// The event sockets that the other side has said goodbye on: whose, and with which code.
    goodbyes: Vec<(Vec<String>, Option<u16>)>,
}

/// An event socket.
pub(super) struct Socket {
    pub(super) number: u64,
    pub(super) role: Role,
    pub(super) applications: Vec<String>,
    pub(super) subscribe_all: bool,
    pub(super) writer: WriteHalf,
}

type Handler = Arc<dyn Fn(&AriRequest) -> AriReply + Send + Sync>;

struct Rule {
    method: String,
    path: String,
    is_once: bool,
    handler: Handler,
}

impl FakeAri {
    /// A server with the defaults of the [builder](Self::builder).
    pub fn start() -> Result<Self> {
        Self::builder().start()
    }

    /// All settings.
    pub fn builder() -> FakeAriBuilder {
        FakeAriBuilder {
            credentials: Credentials::new("asterisk", "secret"),
            prefix: String::new(),
            rest_over_socket: true,
            address: Ipv4Addr::LOCALHOST.into(),
            #[cfg(feature = "tls")]
            tls: false,
        }
    }

    fn launch(settings: FakeAriBuilder) -> Result<Self> {
        #[cfg(feature = "tls")]
        let tls = if settings.tls {
            Some(TlsServer::from_pem(SERVER.as_bytes(), SERVER_KEY.as_bytes())?)
        } else {
            None
        };
        let (user, password) = (settings.credentials.username(), settings.credentials.secret());
        let authorization = AriConfig::new("", user, password, "").authorization().to_string();
        let address = settings.address;
        let shared = Arc::new(Shared {
            settings,
            authorization,
            #[cfg(feature = "tls")]
            tls,
            port: Port::reserve_at(address, None)?,
            state: Mutex::default(),
            changed: Condvar::new(),
        });
        let fake = Self { shared };
        fake.listen()?;
        Ok(fake)
    }

    /// The port it listens on.
    pub fn port(&self) -> u16 {
        self.shared.port.number()
    }

    /// The certificate, as PEM text, that signed the one it shows under TLS.
    #[cfg(feature = "tls")]
    #[cfg_attr(docsrs, doc(cfg(feature = "tls")))]
    pub fn ca_pem(&self) -> &'static str {
        CA
    }

    /// Its URL.
    pub fn url(&self) -> String {
        #[cfg(feature = "tls")]
        let scheme = if self.shared.settings.tls { "https" } else { "http" };
        #[cfg(not(feature = "tls"))]
        let scheme = "http";
        format!("{scheme}://{}{}", self.shared.port.address(), self.shared.settings.prefix)
    }

    /// Settings of a client that gets on with it, and comes back quickly when it is lost.
    pub fn config(&self, application: impl Into<String>) -> AriConfig {
        let credentials = &self.shared.settings.credentials;
        let (user, password) = (credentials.username(), credentials.secret());
        let config = AriConfig::new(self.url(), user, password, application)
            .reconnect(ReconnectPolicy::fixed(Duration::from_millis(10)));
        #[cfg(feature = "tls")]
        if self.shared.settings.tls {
            return config.tls(crate::Tls::new().root_pem(CA).only_given_roots());
        }
        config
    }

    /// A channel as events and answers have it.
    pub fn channel(id: &str, name: &str) -> Value {
        channel(id, name)
    }

    /// Answers all requests of this method and path, in which `*` stands for any one segment, with
    /// what `handler` returns. Of several that fit, the latest counts. With `GET` and `events` it
    /// says what an attempt to open an event socket is refused with.
    pub fn on(
        &self,
        method: &str,
        path: &str,
        handler: impl Fn(&AriRequest) -> AriReply + Send + Sync + 'static,
    ) {
        self.rule(method, path, false, Arc::new(handler));
    }

    /// Answers the next such request, and no other, with this. Several are used in their order.
    pub fn expect(&self, method: &str, path: &str, reply: AriReply) {
        self.rule(method, path, true, Arc::new(move |_| reply.clone()));
    }

    /// Takes back what [`on`](Self::on) and [`expect`](Self::expect) said of this method and path.
    pub fn forget(&self, method: &str, path: &str) {
        let is_it = |rule: &Rule| rule.method == method && rule.path == path;
        self.shared.state.lock().rules.retain(|rule| !is_it(rule));
    }

    fn rule(&self, method: &str, path: &str, is_once: bool, handler: Handler) {
        let (method, path) = (method.to_owned(), path.to_owned());
        self.shared.state.lock().rules.push(Rule { method, path, is_once, handler });
    }

    /// All requests so far, those for event sockets included.
    pub fn requests(&self) -> Vec<AriRequest> {
        self.shared.state.lock().requests.clone()
    }

    /// Waits until there were so many requests of this method and path, and returns them.
    pub fn wait_for_requests(
        &self,
        method: &str,
        path: &str,
        count: usize,
        timeout: Duration,
    ) -> Result<Vec<AriRequest>> {
        self.wait(timeout, |state| {
            let wanted = state.requests.iter().filter(|request| request.is(method, path));
            let all: Vec<_> = wanted.cloned().collect();
            (all.len() >= count).then_some(all)
        })
    }

    /// Waits until there have been so many event sockets since the start.
    pub fn wait_for_upgrades(&self, count: u64, timeout: Duration) -> Result<()> {
        self.wait(timeout, |state| (state.upgrades >= count).then_some(()))
    }

    /// Waits until there have been so many pings since the start, on whatever event socket.
    pub fn wait_for_pings(&self, count: u64, timeout: Duration) -> Result<()> {
        self.wait(timeout, |state| (state.pings >= count).then_some(()))
    }

    /// How many pings came while it was [deaf](Self::go_deaf), on whatever event socket.
    pub fn unanswered_pings(&self) -> u64 {
        self.shared.state.lock().unanswered_pings
    }

    /// Waits until the other side has said goodbye on an event socket of this application, and returns
    /// the code it gave.
    pub fn wait_for_goodbye(&self, application: &str, timeout: Duration) -> Result<Option<u16>> {
        self.wait(timeout, |state| {
            let mut all = state.goodbyes.iter();
            all.find(|(names, _)| names.iter().any(|name| name == application))
                .map(|&(_, code)| code)
        })
    }

    /// Waits until so many connections stand, event sockets included.
    pub fn wait_for_open(&self, count: usize, timeout: Duration) -> Result<()> {
        self.wait(timeout, |state| (state.open.len() == count).then_some(()))
    }

    /// How many connections there have been.
    pub fn connections(&self) -> u64 {
        self.shared.state.lock().connections
    }

    /// What an application has been subscribed to, as it was told.
    pub fn sources(&self, application: &str) -> Vec<String> {
        self.shared.state.lock().model.sources(application)
    }

    /// The event filter of an application, as it was told.
    pub fn filter(&self, application: &str) -> Value {
        self.shared.state.lock().model.filter(application)
    }

    /// Whether an application's event socket was opened for everything there is.
    pub fn subscribes_to_all(&self, application: &str) -> bool {
        let state = self.shared.state.lock();
        state.sockets.iter().any(|s| s.subscribe_all && s.has(application))
    }

    /// Sends an event to an application: a type and what is particular to it.
    pub fn push(&self, kind: &str, application: &str, fields: impl Into<Value>) {
        self.push_text(application, &event(kind, application, &fields.into()));
    }

    /// Sends a message to an application, whatever it is.
    pub fn push_text(&self, application: &str, text: &str) {
        self.shared.push_text(application, text);
    }

    /// Waits until so many answers are [`held`](AriReply::held), and sends all of them, in the order of
    /// their requests.
    pub fn release(&self, count: usize, timeout: Duration) -> Result<()> {
        self.wait(timeout, |state| (state.held.len() >= count).then_some(()))?;
        let held = std::mem::take(&mut self.shared.state.lock().held);
        for ready in held {
            ready.send(&self.shared);
        }
        Ok(())
    }

    /// Sends many events of one type at once.
    pub fn flood(&self, kind: &str, application: &str, fields: impl Into<Value>, count: usize) {
        let text = event(kind, application, &fields.into());
        let (rounds, rest) = (count / 1024, count % 1024);
        for _ in 0..rounds {
            self.shared.send(application, |role| websocket::text(role, &text).repeat(1024));
        }
        self.shared.send(application, |role| websocket::text(role, &text).repeat(rest));
    }

    /// Sends bytes on an application's event socket that need not be frames.
    pub fn send_raw(&self, application: &str, bytes: &[u8]) {
        self.shared.send(application, |_| bytes.to_vec());
    }

    /// Has every event socket begin with this message, in one write with what comes before it.
    pub fn greet_with(&self, text: &str) {
        self.shared.state.lock().greeting = Some(text.to_owned());
    }

    /// Ends an application's event socket in good form.
    pub fn close(&self, application: &str, code: u16) {
        self.shared.send(application, |role| websocket::close(role, code));
    }

    /// Ends an application's event socket without a word.
    pub fn hang_up(&self, application: &str) {
        for socket in self.shared.sockets(application) {
            socket.writer.shutdown();
        }
    }

    /// Ends all connections that are no event sockets.
    pub fn hang_up_http(&self) {
        let state = self.shared.state.lock();
        for (number, writer) in &state.open {
            if state.sockets.iter().all(|socket| socket.number != *number) {
                writer.shutdown();
            }
        }
    }

    /// From now on answers nothing, on no connection: as if the network swallowed it.
    pub fn go_deaf(&self) {
        self.shared.state.lock().is_deaf = true;
    }

    /// Answers again.
    pub fn hear_again(&self) {
        self.shared.state.lock().is_deaf = false;
    }

    /// Ends all connections, and refuses new ones.
    pub fn stop(&self) {
        self.shared.port.close();
        for (_, writer) in &self.shared.state.lock().open {
            writer.shutdown();
        }
    }

    /// Takes connections again.
    pub fn listen(&self) -> Result<()> {
        let shared = Arc::clone(&self.shared);
        Ok(self.shared.port.listen(move |stream| accept(&shared, stream))?)
    }

    fn wait<T>(&self, timeout: Duration, look: impl Fn(&State) -> Option<T>) -> Result<T> {
        let deadline = Instant::now() + timeout;
        let mut state = self.shared.state.lock();
        loop {
            if let Some(seen) = look(&state) {
                return Ok(seen);
            }
            if self.shared.changed.wait_until(&mut state, deadline).timed_out() {
                return look(&state).ok_or(TimeoutError::State { after: timeout }.into());
            }
        }
    }
}

impl Socket {
    fn has(&self, application: &str) -> bool {
        self.applications.iter().any(|known| known == application)
    }
}

impl Shared {
    fn changed(&self, state: MutexGuard<'_, State>) {
        drop(state);
        self.changed.notify_all();
    }

    fn sockets(&self, application: &str) -> Vec<Arc<Socket>> {
        let state = self.state.lock();
        state.sockets.iter().filter(|socket| socket.has(application)).cloned().collect()
    }

    /// Sends what it is to each of an application's event sockets.
    fn send(&self, application: &str, bytes: impl Fn(Role) -> Vec<u8>) {
        for socket in self.sockets(application) {
            if let Err(e) = socket.writer.write_all(&bytes(socket.role)) {
                log::debug!("not sent: {e}");
            }
        }
    }

    pub(super) fn push_text(&self, application: &str, text: &str) {
        self.send(application, |role| websocket::text(role, text));
    }

    /// Keeps an answer until it is wanted.
    pub(super) fn hold(&self, ready: Ready) {
        let mut state = self.state.lock();
        state.held.push(ready);
        self.changed(state);
    }

    pub(super) fn is_deaf(&self) -> bool {
        self.state.lock().is_deaf
    }

    /// A ping has come. Whether it is to be answered.
    pub(super) fn pinged(&self) -> bool {
        let mut state = self.state.lock();
        let is_heard = !state.is_deaf;
        state.pings += 1;
        state.unanswered_pings += u64::from(!is_heard);
        self.changed(state);
        is_heard
    }

    pub(super) fn bidden_goodbye(&self, socket: &Socket, code: Option<u16>) {
        let mut state = self.state.lock();
        state.goodbyes.push((socket.applications.clone(), code));
        self.changed(state);
    }

    pub(super) fn record(&self, request: &AriRequest) {
        let mut state = self.state.lock();
        state.requests.push(request.clone());
        self.changed(state);
    }

    /// What the test has to say about a request.
    pub(super) fn scripted(&self, request: &AriRequest) -> Option<AriReply> {
        let handler = {
            let mut state = self.state.lock();
            state.requests.push(request.clone());
            let fits = |rule: &Rule| request.is(&rule.method, &rule.path);
            let once = state.rules.iter().position(|rule| rule.is_once && fits(rule));
            let handler = match once {
                Some(index) => Some(state.rules.remove(index).handler),
                None => {
                    state.rules.iter().rev().find(|rule| fits(rule)).map(|r| Arc::clone(&r.handler))
                }
            };
            self.changed(state);
            handler
        };
        handler.map(|handler| handler(request))
    }

    pub(super) fn modelled(&self, request: &AriRequest) -> AriReply {
        self.state.lock().model.answer(request)
    }

    /// Opens an event socket with what it begins with. The one before it for the same application is
    /// told. False if the other side has gone.
    pub(super) fn register(&self, socket: &Arc<Socket>, mut opening: Vec<u8>) -> bool {
        let mut state = self.state.lock();
        if let Some(greeting) = &state.greeting {
            opening.extend(websocket::text(socket.role, greeting));
        }
        // Under the lock: who has the answer finds the socket registered, and nothing overtakes it.
        // So little does not block.
        if socket.writer.write_all(&opening).is_err() {
            return false;
        }
        let mut told = Vec::new();
        for name in &socket.applications {
            state.model.register(name);
            let before = state.sockets.iter().filter(|other| other.has(name));
            told.extend(before.map(|other| (Arc::clone(other), name.clone())));
        }
        state.sockets.push(Arc::clone(socket));
        state.upgrades += 1;
        self.changed(state);
        for (other, name) in told {
            let text = event("ApplicationReplaced", &name, &Value::Null);
            let _ = other.writer.write_all(&websocket::text(other.role, &text));
        }
        true
    }

    pub(super) fn unregister(&self, socket: &Arc<Socket>) {
        let mut state = self.state.lock();
        state.sockets.retain(|known| !Arc::ptr_eq(known, socket));
        self.changed(state);
    }

    fn halves(&self, stream: TcpStream) -> Result<(ReadHalf, WriteHalf)> {
        #[cfg(feature = "tls")]
        if let Some(tls) = &self.tls {
            return crate::net::tls_accept(stream, tls, &Deadline::after(WRITE_TIMEOUT));
        }
        Ok(plain(stream))
    }
}

fn accept(shared: &Arc<Shared>, stream: TcpStream) {
    tune(&socket2::SockRef::from(&stream));
    let Ok(raw) = stream.try_clone() else { return };
    let serving = Arc::clone(shared);
    // Until TLS stands it is ended by its socket.
    let begun = shared.begin(plain(raw).1, move |number| {
        if let Ok((reader, writer)) = serving.halves(stream) {
            let _ = writer.set_write_timeout(Some(WRITE_TIMEOUT));
            let shared = &*serving;
            Connection { shared, number, reader, writer, buffer: Vec::new() }.serve();
        }
    });
    if let Err(e) = begun {
        log::warn!("no thread for a connection: {e}");
    }
}

impl Shared {
    /// Serves a connection on a thread of its own. `writer` is what ends it.
    pub(super) fn begin(
        self: &Arc<Self>,
        writer: WriteHalf,
        serve: impl FnOnce(u64) + Send + 'static,
    ) -> std::io::Result<()> {
        let mut state = self.state.lock();
        state.connections += 1;
        let number = state.connections;
        state.workers.retain(|worker| !worker.is_finished());
        let serving = Arc::clone(self);
        let worker = Worker::spawn("fake-ari", STACK, move || {
            serve(number);
            let mut state = serving.state.lock();
            state.open.retain(|(open, _)| *open != number);
            serving.changed(state);
        })?;
        // Under the lock: the thread that ends at once still finds it there.
        state.open.push((number, writer));
        state.workers.push(worker);
        self.changed(state);
        Ok(())
    }
}

impl Drop for FakeAri {
    fn drop(&mut self) {
        self.stop();
        let workers = std::mem::take(&mut self.shared.state.lock().workers);
        for worker in workers {
            worker.join();
        }
    }
}

impl fmt::Debug for FakeAri {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("FakeAri").field("url", &self.url()).finish_non_exhaustive()
    }
}
