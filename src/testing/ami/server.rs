//! The server as a whole.

use std::net::{SocketAddr, TcpStream};
use std::sync::Arc;
use std::time::{Duration, Instant};

use parking_lot::{Condvar, Mutex, MutexGuard};

use super::builder::FakeAmiBuilder;
use super::classes::usual_class;
use super::faults::Faults;
use super::frame::News;
use super::model::Model;
use super::script::{Expected, Request, Script};
use super::session::Session;
use crate::ami::{AmiClient, AmiClientBuilder, Message};
use crate::error::{Result, TimeoutError};
use crate::sync::worker::Worker;
use crate::testing::listener::Port;
use crate::{Credentials, ReconnectPolicy};

const CA: &str = include_str!("../certs/ca.pem");
#[cfg(feature = "tls")]
const SERVER: &str = include_str!("../certs/server.pem");
#[cfg(feature = "tls")]
const SERVER_KEY: &str = include_str!("../certs/server.key");

/// A session's threads; a handshake and a handler of the test's have room on them.
const STACK: usize = 512 << 10;

/// An AMI server inside this process, on a free port of 127.0.0.1.
///
/// It is there for tests: of this crate, of what is built on it, and for trying things out. It
/// logs in one user, sends events through each session's mask, and answers actions
///
/// 1. as the test says: [`expect`](Self::expect) for the next one, [`on`](Self::on) for all;
/// 2. else as Asterisk 22 would, from a small model of a PBX: `Ping`, `Command`, `CoreStatus`,
///    `CoreShowChannels`, `Getvar`, `DBPut`, `QueueStatus`, `Originate` and their like;
///    `ListCommands` lists them.
///
/// And it breaks in all the ways servers and networks do: [`stall_writing`](Self::stall_writing),
/// [`reset_sessions`](Self::reset_sessions), [`restart`](Self::restart) and so on. Nothing in it
/// sleeps: what a test waits for, it waits for by name.
///
/// Dropping it closes every socket and joins every thread.
///
/// ```
/// use asterisk_sync::ami::AmiEvent;
/// use asterisk_sync::testing::FakeAmi;
///
/// # fn main() -> asterisk_sync::Result<()> {
/// let fake = FakeAmi::start()?;
/// let ami = fake.client().connect()?;
///
/// let events = ami.subscribe();
/// fake.push("Hangup", &[("Channel", "PJSIP/alice-00000001"), ("Cause", "16")]);
/// let hangup = events.iter().find(|event| matches!(event, AmiEvent::Hangup(_)));
/// assert_eq!(hangup.unwrap().channel(), Some("PJSIP/alice-00000001"));
///
/// fake.on("Hangup", |request| request.error("No such channel"));
/// # Ok(()) }
/// ```
#[derive(Debug)]
pub struct FakeAmi {
    pub(super) shared: Arc<Shared>,
}

/// What the threads of the server share.
#[derive(Debug)]
pub(super) struct Shared {
    pub(super) settings: FakeAmiBuilder,
    #[cfg(feature = "tls")]
    pub(super) tls: Option<crate::net::TlsServer>,
    pub(super) port: Port,
    pub(super) model: Mutex<Model>,
    pub(super) script: Script,
    registry: Mutex<Registry>,
    changed: Condvar,
}

/// Who is connected, and how the next one is received.
#[derive(Debug, Default)]
pub(super) struct Registry {
    /// All whose threads run.
    pub(super) sessions: Vec<Arc<Session>>,
    pub(super) faults: Faults,
    workers: Vec<Worker>,
    connections: u64,
    logins: u64,
    stopped: bool,
}

impl FakeAmi {
    /// A server with the defaults of the [builder](Self::builder).
    pub fn start() -> Result<Self> {
        Self::builder().start()
    }

    /// All settings.
    pub fn builder() -> FakeAmiBuilder {
        FakeAmiBuilder::default()
    }

    pub(super) fn launch(settings: FakeAmiBuilder) -> Result<Self> {
        #[cfg(feature = "tls")]
        let tls = if settings.tls {
            Some(crate::net::TlsServer::from_pem(SERVER.as_bytes(), SERVER_KEY.as_bytes())?)
        } else {
            None
        };
        let shared = Arc::new(Shared {
            port: Port::reserve(settings.buffers)?,
            settings,
            #[cfg(feature = "tls")]
            tls,
            model: Mutex::new(Model::new()),
            script: Script::default(),
            registry: Mutex::default(),
            changed: Condvar::new(),
        });
        let fake = Self { shared };
        fake.accept()?;
        Ok(fake)
    }

    /// The port it listens on.
    pub fn port(&self) -> u16 {
        self.shared.port.number()
    }

    /// The address it listens on.
    pub fn address(&self) -> SocketAddr {
        self.shared.port.address()
    }

    /// The user it knows.
    pub fn credentials(&self) -> Credentials {
        self.shared.settings.credentials.clone()
    }

    /// The certificate, as PEM text, that signed the one it shows under TLS.
    pub fn ca_pem(&self) -> &'static str {
        CA
    }

    /// A client's settings, complete for connecting to this server. It reconnects after 20
    /// milliseconds and a little more each time, so that tests do not wait.
    pub fn client(&self) -> AmiClientBuilder {
        let settings = &self.shared.settings;
        let builder = AmiClient::builder()
            .host("127.0.0.1")
            .port(self.port())
            .credentials(settings.credentials.username(), settings.credentials.secret())
            .reconnect(ReconnectPolicy::exponential(
                Duration::from_millis(20),
                Duration::from_millis(500),
            ));
        #[cfg(feature = "tls")]
        if settings.tls {
            return builder.tls(crate::Tls::new().root_pem(CA).only_given_roots());
        }
        builder
    }

    /// Takes the next action of this name from the model and hands it to the test, which answers
    /// it. Several wait in line, each for one action.
    ///
    /// ```
    /// # use asterisk_sync::testing::FakeAmi;
    /// # fn main() -> asterisk_sync::Result<()> {
    /// # let fake = FakeAmi::start()?;
    /// # let ami = fake.client().connect()?;
    /// let reload = fake.expect("Command");
    /// std::thread::scope(|scope| {
    ///     let client = scope.spawn(|| ami.command("core reload"));
    ///     let request = reload.wait()?;
    ///     assert_eq!(request.get("Command"), Some("core reload"));
    ///     request.error("Command blacklisted");
    ///     assert!(client.join().unwrap().unwrap_err().is_refused());
    ///     Ok(())
    /// })
    /// # }
    /// ```
    pub fn expect(&self, action: &str) -> Expected {
        self.shared.script.expect(action)
    }

    /// Answers every action of this name with `handler` instead of the model; the last one given
    /// counts. What is [expected](Self::expect) comes before it.
    ///
    /// It runs on the thread of the session, which reads nothing else until it returns: so does
    /// Asterisk.
    pub fn on(&self, action: &str, handler: impl Fn(&Request) + Send + Sync + 'static) {
        self.shared.script.on(action, Arc::new(handler));
    }

    /// Sends an event to every session that may and wants to hear its class: that of a
    /// `Privilege` among the headers, else the one such events usually have.
    pub fn push(&self, event: &str, headers: &[(&str, &str)]) {
        let is_privilege = |(name, _): &&(&str, &str)| name.eq_ignore_ascii_case("Privilege");
        let given = headers.iter().find(is_privilege);
        let class = given.map_or_else(|| usual_class(event), |(_, class)| class);
        let news = News::new(class, event.to_owned(), |frame| {
            let rest = headers.iter().filter(|header| !is_privilege(header));
            rest.fold(frame, |frame, (name, value)| frame.line(name, value))
        });
        self.shared.broadcast(&news);
    }

    /// Sends exactly these bytes to every session, logged in or not, whatever its mask: half a
    /// frame, two and a half, nonsense.
    pub fn push_raw(&self, bytes: impl AsRef<[u8]>) {
        let bytes: Arc<[u8]> = bytes.as_ref().into();
        for session in self.shared.sessions() {
            session.send(Arc::clone(&bytes));
        }
    }

    /// How many clients are connected, logged in or not.
    pub fn sessions(&self) -> usize {
        self.shared.registry.lock().open().count()
    }

    /// How many connections were taken, in all.
    pub fn connections(&self) -> u64 {
        self.shared.registry.lock().connections
    }

    /// How many logins succeeded, in all.
    pub fn logins(&self) -> u64 {
        self.shared.registry.lock().logins
    }

    /// Waits until exactly so many clients are connected and logged in.
    pub fn wait_for_sessions(&self, sessions: usize, timeout: Duration) -> Result<()> {
        self.shared.wait_for(timeout, |registry| {
            registry.open().count() == sessions
                && registry.open().all(|session| session.is_logged_in())
        })
    }

    /// Waits until at least so many logins have succeeded, in all.
    pub fn wait_for_logins(&self, logins: u64, timeout: Duration) -> Result<()> {
        self.shared.wait_for(timeout, |registry| registry.logins >= logins)
    }

    /// Waits until at least so many connections were taken, in all.
    pub fn wait_for_connections(&self, connections: u64, timeout: Duration) -> Result<()> {
        self.shared.wait_for(timeout, |registry| registry.connections >= connections)
    }

    /// All actions so far, the last ten thousand of them. `Debug` hides their secrets.
    pub fn requests(&self) -> Vec<Message> {
        self.shared.script.requests()
    }

    /// The first action of this name that no such call has returned yet; waits until it comes.
    pub fn wait_for_request(&self, action: &str, timeout: Duration) -> Result<Message> {
        self.shared.script.wait_for(action, timeout)
    }
}

impl Drop for FakeAmi {
    fn drop(&mut self) {
        self.shared.port.close();
        let workers = {
            let mut registry = self.shared.registry.lock();
            registry.stopped = true;
            registry.sessions.iter().for_each(|session| session.kill());
            std::mem::take(&mut registry.workers)
        };
        self.shared.script.end();
        self.shared.changed.notify_all();
        workers.iter().for_each(Worker::join);
    }
}

impl Shared {
    pub(super) fn registry(&self) -> MutexGuard<'_, Registry> {
        self.registry.lock()
    }

    pub(super) fn sessions(&self) -> Vec<Arc<Session>> {
        self.registry.lock().sessions.clone()
    }

    /// Hands an event to everybody who wants it. Whoever makes it from the model holds the model's
    /// lock, so that everybody hears in the order in which things happened.
    pub(super) fn broadcast(&self, news: &News) {
        for session in &self.registry.lock().sessions {
            session.hear(news);
        }
    }

    /// Takes a connection and starts its threads.
    pub(super) fn welcome(self: &Arc<Self>, stream: TcpStream) {
        let mut registry = self.registry.lock();
        let Ok(socket) = stream.try_clone() else { return };
        if registry.stopped {
            return;
        }
        registry.connections += 1;
        let Faults { stalls, greeting, .. } = registry.faults;
        let cut = registry.faults.cut_next.take();
        let session = Arc::new(Session::new(registry.connections, socket, stalls, cut));
        let (shared, serving) = (Arc::clone(self), Arc::clone(&session));
        let worker = Worker::spawn("fake-ami-read", STACK, move || {
            shared.serve(&serving, stream, greeting);
        });
        match worker {
            Ok(worker) => {
                registry.sessions.push(session);
                registry.keep(worker);
            }
            Err(e) => log::error!("no thread for a session: {e}"),
        }
        drop(registry);
        self.changed.notify_all();
    }

    /// Keeps a thread to be joined in the end.
    pub(super) fn keep(&self, worker: Worker) {
        self.registry.lock().keep(worker);
    }

    /// Something changed that somebody may wait for.
    pub(super) fn notify(&self) {
        self.changed.notify_all();
    }

    /// A session's threads have ended.
    pub(super) fn forget(&self, session: &Session) {
        self.registry.lock().sessions.retain(|other| other.id != session.id);
        self.changed.notify_all();
    }

    pub(super) fn logged_in(&self) {
        self.registry.lock().logins += 1;
        self.changed.notify_all();
    }

    pub(super) fn is_stopped(&self) -> bool {
        self.registry.lock().stopped
    }

    pub(super) fn wait_for(
        &self,
        timeout: Duration,
        mut reached: impl FnMut(&Registry) -> bool,
    ) -> Result<()> {
        let deadline = Instant::now().checked_add(timeout);
        let mut registry = self.registry.lock();
        while !reached(&registry) {
            match deadline {
                None => self.changed.wait(&mut registry),
                Some(at) => {
                    let late = self.changed.wait_until(&mut registry, at).timed_out();
                    if late && !reached(&registry) {
                        return Err(TimeoutError::State { after: timeout }.into());
                    }
                }
            }
        }
        Ok(())
    }
}

impl Registry {
    /// The sessions that are not about to end.
    pub(super) fn open(&self) -> impl Iterator<Item = &Arc<Session>> {
        self.sessions.iter().filter(|session| !session.is_ending())
    }

    fn keep(&mut self, worker: Worker) {
        let (ended, mut running): (Vec<_>, Vec<_>) =
            std::mem::take(&mut self.workers).into_iter().partition(Worker::is_finished);
        ended.iter().for_each(Worker::join);
        running.push(worker);
        self.workers = running;
    }
}
