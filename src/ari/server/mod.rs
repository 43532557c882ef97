//! The third way to ARI: event sockets that Asterisk opens to us.
//!
//! The threads are those of a [`Floor`], named `ari-serve-1` and so on; each session has the two of
//! its client beside the one its handler runs on. Who connects passes these gates: the
//! [`reception`](crate::serving), where it sits until its request has come whole; user and password,
//! path and admission; the [`pool`](crate::sync::pool), which has a turn for it or not; and the
//! reception again, until Asterisk has said which application it is about. Turns are only ever kept by
//! those who have passed all of them, so silent connections can hold the reception's places at most,
//! and those they lose to whoever comes.

mod builder;
mod guard;
mod session;
mod stats;
mod upgrade;

pub use crate::sync::shutdown::ShutdownHandle;
pub use builder::AriServerBuilder;
pub use guard::AriServerGuard;
pub use session::{AriSession, AriSessionHandler};
pub use stats::{AriReport, AriServerStats};
pub use upgrade::AriUpgrade;

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use self::upgrade::{Asked, Gate};
use super::client::AriClient;
use super::config::AriConfig;
use super::connection::Shared;
use super::event::AriEvent;
use super::filter::Filter;
use super::message::AriMessage;
use super::session::Session;
use super::url::Base;
use crate::net::websocket::{Role, refusal, switching};
use crate::net::{Deadline, Listener, ReadHalf, SocketAddr, WriteHalf};
use crate::serving::{Floor, Seat, Service, Size, Visitor};
use crate::sync::bus::Subscribe;
use crate::sync::pool::{Failure, Patience, Turn};
use crate::{ConnectionState, Error, EventSubscription, Result};

/// How long telling somebody that he is refused may take.
const REFUSING: Duration = Duration::from_secs(1);

/// How soon after a handler has sent a call away it is heard that it has left.
const LEAVING: Duration = Duration::from_secs(1);

/// How long after that Asterisk closes the connection, which it does after three.
const CLOSING: Duration = Duration::from_secs(5);

/// So many calls that have left are remembered; on a connection for one call there are few.
const ENDS: usize = 64;

/// What tells of events.
type Events = EventSubscription<AriMessage>;

/// A server for the event sockets that Asterisk opens itself: `type = outbound_websocket` in
/// `ari.conf`, and its address in `websocket_client.conf`. Since Asterisk 20.15, 21.10 and 22.5.
///
/// ```no_run
/// use asterisk_sync::ari::{AriEvent, AriServer, AriSession};
///
/// # fn main() -> asterisk_sync::Result<()> {
/// let server = AriServer::builder()
///     .bind("127.0.0.1:8765")
///     .credentials("asterisk", "secret")
///     .handler(|session: AriSession| {
///         for message in session.events() {
///             if let AriEvent::StasisStart(start) = &message.event {
///                 session.client().channel(&start.channel.id).answer()?;
///             }
///         }
///         Ok(())
///     })
///     .build()?;
/// let stop = server.shutdown_handle();
/// std::thread::spawn(move || {
///     let _ = std::io::stdin().read_line(&mut String::new());
///     stop.shutdown();
/// });
/// println!("{:?}", server.run()?);
/// # Ok(()) }
/// ```
///
/// with, on the other side,
///
/// ```text
/// ; websocket_client.conf              ; ari.conf
/// [my-program]                         [my-program]
/// type = websocket_client              type = outbound_websocket
/// uri = ws://127.0.0.1:8765/           websocket_client_id = my-program
/// protocols = ari                      apps = my-app
/// username = asterisk                  local_ari_user = a-user-of-ari.conf
/// password = secret
/// connection_type = persistent
/// ```
///
/// A `persistent` connection is one session for as long as it lasts; when it ends, Asterisk makes the
/// next one by itself, and calls in the application meanwhile wait unheard.
///
/// With `per_call_config` every `Stasis()` is a session of its own, with an application of its own
/// ([`AriSession::call`]). When the call has left, Asterisk closes it three seconds later, and until
/// then it counts as one of the [sessions](AriServerBuilder::sessions). A handler that returns while
/// the call is there leaves it without anybody: Asterisk opens another socket for it at once, which is
/// another session of the same handler, without a `StasisStart`. So hang up, or send the call on,
/// whatever happens.
///
/// # What happens when
///
/// | | |
/// |---|---|
/// | a request is no handshake of a WebSocket | 400, 405, 426 or 431, and the connection ends |
/// | user or password are wrong, or missing | 401 |
/// | the path is not among those that are [served](AriServerBuilder::path) | 404 |
/// | the [admission](AriServerBuilder::admission) says no | 403 |
/// | there are as many [sessions](AriServerBuilder::sessions) as there may be | 503, at once |
/// | nothing comes, or no application is named | the connection ends after [`handshake_timeout`](AriServerBuilder::handshake_timeout), or earlier if others want its place |
/// | another client connects for one of the applications | its events go there ([`AriClient::replaced_applications`]); the socket stays. Asterisk 22.10 does not give the application back before it is restarted |
/// | `ari.conf` is read again | applications that are no longer in it are gone, new ones are there ([`AriClient::applications`]). Of the others Asterisk 22.10 says that another client has taken them over; that none has is seen by their next event |
/// | Asterisk closes the socket | events end; requests and waits fail with an error that [is a lost connection](Error::is_disconnected), and the handler returns |
/// | the handler returns | the socket is closed, with code 1000; that of a single call that has left, by Asterisk |
/// | a handler returns an error, or panics | the same; that is logged and counted, and costs nobody else anything |
/// | [`ShutdownHandle::shutdown`] | nobody is accepted any more; sessions go on as long as [`grace`](AriServerBuilder::grace) lasts, then their sockets are closed |
///
/// Where `Stasis()` gets no session of its own, the dialplan goes on with `STASISSTATUS` at `FAILED`.
pub struct AriServer {
    floor: Arc<Floor<Ari>>,
    grace: Duration,
}

/// What is done with those who connect.
struct Ari {
    handler: Arc<dyn AriSessionHandler>,
    gate: Gate,
    /// What every session begins with.
    config: AriConfig,
    handshake_timeout: Duration,
    #[cfg(feature = "tls")]
    tls: Option<crate::net::TlsServer>,
    unauthorized: AtomicU64,
    turned_away: AtomicU64,
    unread: AtomicU64,
}

/// Somebody who may have a session.
struct Call {
    /// Taken when the session begins.
    asked: Option<Asked>,
    read: Option<ReadHalf>,
    write: WriteHalf,
    deadline: Deadline,
}

impl AriServer {
    /// A server with everything at its default: see [`AriServerBuilder`].
    pub fn builder() -> AriServerBuilder {
        AriServerBuilder::default()
    }

    fn launch(
        service: Ari,
        address: &str,
        size: Size,
        grace: Duration,
        is_anonymous: bool,
    ) -> Result<Self> {
        let listener = Listener::bind(address)?;
        if service.gate.is_open() && !is_anonymous && !listener.address().ip().is_loopback() {
            return Err(Error::invalid(format!(
                "whoever reaches {} would be let in: give credentials, or say anonymous()",
                listener.address()
            )));
        }
        let floor = Arc::new(Floor::new(service, listener, "ari-serve", size));
        Ok(Self { floor, grace })
    }

    /// The address it listens on, with the port it got if it asked for any.
    pub fn local_addr(&self) -> SocketAddr {
        self.floor.listener.address()
    }

    /// What ends [`run`](Self::run), from any thread.
    pub fn shutdown_handle(&self) -> ShutdownHandle {
        ShutdownHandle::new(&self.floor.listener)
    }

    /// What it is at, and has done so far.
    pub fn stats(&self) -> AriServerStats {
        AriServerStats::of(&self.floor)
    }

    /// Serves until [`ShutdownHandle::shutdown`], and returns what happened when all is over: every
    /// thread has been joined.
    ///
    /// After a shutdown that takes until the sessions have ended, and little longer than the
    /// [`grace`](AriServerBuilder::grace) if their handlers return soon after their sockets have been
    /// closed: from then on every request fails at once, and events end. A handler that never returns
    /// is waited for, since nothing can end a thread of yours.
    ///
    /// # Errors
    ///
    /// [`Error::Io`] if not even one thread can be started, [`Error::Invalid`] if it has been run
    /// before.
    pub fn run(&self) -> Result<AriReport> {
        let address = self.local_addr();
        log::info!("event sockets are served on {address}");
        let closed = self.floor.run(self.grace)?;
        let stats = self.stats();
        log::info!("event sockets are no longer served on {address}: {stats:?}");
        Ok(AriReport {
            served: stats.served,
            failed: stats.failed,
            panicked: stats.panicked,
            refused: stats.refused,
            unauthorized: stats.unauthorized,
            turned_away: stats.turned_away,
            unread: stats.unread,
            closed,
        })
    }

    /// [`run`](Self::run)s on a thread of its own, named `ari-server`. What is returned ends it when
    /// it is dropped.
    ///
    /// # Errors
    ///
    /// [`Error::Io`] if the thread cannot be started.
    pub fn spawn(self) -> Result<AriServerGuard> {
        AriServerGuard::start(self)
    }
}

impl Service for Ari {
    type Job = Call;

    fn receive(&self, floor: &Floor<Self>, visitor: Visitor) -> Option<Call> {
        let Visitor { read, write: raw, peer } = visitor;
        let seat = floor.reception.sit(&raw);
        let deadline = Deadline::after(self.handshake_timeout);
        let secured = match &seat {
            None => Err(Error::Closed),
            #[cfg(feature = "tls")]
            Some(_) => self.secure(read, &raw, &deadline),
            #[cfg(not(feature = "tls"))]
            Some(_) => Ok((read, raw.clone())),
        };
        let (mut read, write) = match secured {
            Ok(halves) => halves,
            Err(e) => {
                raw.shutdown();
                log::debug!("{peer} did not get so far as to ask: {e}");
                self.unread.fetch_add(1, Ordering::Relaxed);
                return None;
            }
        };
        let asked = self.gate.ask(&mut read, peer, &deadline);
        // Whoever took the place has closed the connection.
        let stayed = seat.is_some_and(Seat::leave);
        match asked {
            Ok(asked) if stayed => {
                Some(Call { asked: Some(asked), read: Some(read), write, deadline })
            }
            Ok(_) => {
                self.unread.fetch_add(1, Ordering::Relaxed);
                None
            }
            Err(no) => {
                log::debug!("{peer} gets no session: {no}");
                let counter = match no.status {
                    Some(401) => &self.unauthorized,
                    Some(403) => &self.turned_away,
                    _ => &self.unread,
                };
                counter.fetch_add(1, Ordering::Relaxed);
                match no.status {
                    Some(status) => refuse(&write, status),
                    None => write.shutdown(),
                }
                None
            }
        }
    }

    fn patience(&self) -> Patience {
        Patience::None
    }

    fn refuse(&self, call: Call) {
        refuse(&call.write, 503);
    }

    fn dismiss(&self, call: Call) {
        refuse(&call.write, 503);
    }

    fn handle(&self, floor: &Floor<Self>, turn: &Turn<'_, Call>, call: &mut Call) {
        let (session, ends) = match self.begin(floor, call) {
            Ok(begun) => begun,
            Err(e) => {
                call.write.shutdown();
                log::debug!("a session did not begin: {e}");
                self.unread.fetch_add(1, Ordering::Relaxed);
                return;
            }
        };
        let client = session.client().clone();
        let (peer, path, channel) = (session.peer(), session.path().to_owned(), session.call());
        let ending = call.write.clone();
        let outcome = turn.run(Arc::new(move || ending.shutdown()), || {
            match self.handler.handle(session) {
                // How sessions end, and what is done with calls.
                Err(Error::Hangup) => Ok(()),
                Err(e) if e.is_disconnected() && is_over(&client) => Ok(()),
                other => other,
            }
        });
        match outcome {
            Ok(()) => {}
            Err(Failure::Error(e)) => log::warn!("{peer}: the session at {path:?} failed: {e}"),
            Err(Failure::Panic(words)) => {
                log::error!("{peer}: the session at {path:?} panicked: {words}");
            }
        }
        if let Some(channel) = channel {
            see_off(&client, &ends, &channel);
        }
        // For every handle there may be.
        client.disconnect();
    }
}

impl Ari {
    /// Agrees on TLS, where it is spoken.
    #[cfg(feature = "tls")]
    fn secure(
        &self,
        read: ReadHalf,
        raw: &WriteHalf,
        deadline: &Deadline,
    ) -> Result<(ReadHalf, WriteHalf)> {
        match &self.tls {
            Some(tls) => crate::net::tls_accept(raw.socket()?, tls, deadline),
            None => Ok((read, raw.clone())),
        }
    }

    /// Opens the event socket, and waits until Asterisk has said what for.
    ///
    /// Besides the session there is what tells of calls that leave.
    fn begin(&self, floor: &Floor<Self>, call: &mut Call) -> Result<(AriSession, Events)> {
        let (Some(asked), Some(read)) = (call.asked.take(), call.read.take()) else {
            return Err(Error::Closed);
        };
        let Asked { upgrade, proof, protocol, rest } = asked;
        let Some(seat) = floor.reception.sit(&call.write) else {
            refuse(&call.write, 503);
            return Err(Error::Closed);
        };
        let left = call.deadline.left()?;
        call.write.set_write_timeout(Some(left))?;
        let answer = switching(&proof, protocol);
        call.write.write_all(answer.as_bytes()).map_err(|e| Error::Io(e.source))?;
        let config = self.config.clone().connect_timeout(left);
        let session = Session::new(Role::Server, read, call.write.clone(), rest, &config);
        let peer = upgrade.peer();
        #[cfg(feature = "tls")]
        let is_tls = self.tls.is_some();
        #[cfg(not(feature = "tls"))]
        let is_tls = false;
        let base =
            Base { is_tls, host: peer.ip().to_string(), port: peer.port(), prefix: String::new() };
        let bounds = config.subscribe.clone();
        let shared = Shared::accepted(config, base, session)?;
        // Before the first byte is read, so that nothing is missed.
        let listen =
            |bounds, filter: Filter| shared.bus.subscribe_through(bounds, filter.into_lens());
        let events = listen(bounds, Filter::all());
        let ends = listen(Subscribe::default().events(ENDS), Filter::types(["StasisEnd"]));
        let client = AriClient::start(shared)?;
        // Whoever took the place has closed the connection.
        if !seat.leave() {
            return Err(Error::Closed);
        }
        let stop = ShutdownHandle::new(&floor.listener);
        Ok((AriSession::new(client, events, upgrade, stop), ends))
    }
}

/// Waits for Asterisk to close the connection of a call that has left. It does so by itself, and would
/// make another for a call that it still counts as there when it finds the connection closed.
fn see_off(client: &AriClient, ends: &Events, channel: &str) {
    let deadline = Instant::now() + LEAVING;
    while let Ok(Some(message)) =
        ends.recv_timeout(deadline.saturating_duration_since(Instant::now()))
    {
        if matches!(&message.event, AriEvent::StasisEnd(end) if end.channel.name == channel) {
            // Whether it comes or not, that was all.
            let _ = client.wait_for_state(ConnectionState::Disconnected, CLOSING);
            return;
        }
    }
}

fn is_over(client: &AriClient) -> bool {
    client.connection_state() != ConnectionState::Connected
}

/// Sends somebody away so that he hears of it.
fn refuse(connection: &WriteHalf, status: u16) {
    // He may have left already.
    let _ = connection.set_write_timeout(Some(REFUSING));
    let _ = connection.write_all(refusal(status).as_bytes());
    connection.shutdown();
}

impl fmt::Debug for AriServer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("AriServer")
            .field("address", &self.local_addr())
            .field("stats", &self.stats())
            .finish_non_exhaustive()
    }
}
