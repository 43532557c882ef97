//! How a server is to be.

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::AtomicU64;
use std::time::Duration;

use super::upgrade::Gate;
use super::{Ari, AriServer, AriSessionHandler, AriUpgrade};
use crate::Credentials;
use crate::ari::config::{AriConfig, forward};
use crate::error::{Error, Result};
use crate::serving::{Admission, Size};
use crate::sync::bus::Overflow;

/// Where a server listens if it is told nothing: this machine alone, on the port of Asterisk's
/// examples.
const ADDRESS: &str = "127.0.0.1:8765";

/// Settings of an [`AriServer`], from [`AriServer::builder`].
///
/// ```
/// use asterisk_sync::ari::{AriServer, AriSession};
/// use std::time::Duration;
///
/// # fn main() -> asterisk_sync::Result<()> {
/// let server = AriServer::builder()
///     .bind("127.0.0.1:0")
///     .credentials("asterisk", "secret")
///     .sessions(32)
///     .admission(|asked| asked.path() == "/pbx")
///     .timeout(Duration::from_secs(5))
///     .handler(|session: AriSession| {
///         println!("{:?}", session.applications());
///         Ok(())
///     })
///     .build()?;
/// println!("uri = ws://{}/pbx", server.local_addr());
/// # Ok(()) }
/// ```
///
/// The settings at the end, from [`timeout`](Self::timeout) on, are those of each session's client.
#[derive(Clone)]
#[must_use = "nothing listens before build()"]
pub struct AriServerBuilder {
    address: String,
    size: Size,
    handshake_timeout: Duration,
    grace: Duration,
    credentials: Option<Credentials>,
    is_anonymous: bool,
    paths: Vec<String>,
    admission: Option<Admission<AriUpgrade>>,
    #[cfg(feature = "tls")]
    tls: Option<(Vec<u8>, zeroize::Zeroizing<Vec<u8>>)>,
    handler: Option<Arc<dyn AriSessionHandler>>,
    config: AriConfig,
}

impl Default for AriServerBuilder {
    fn default() -> Self {
        Self {
            address: ADDRESS.to_owned(),
            size: Size { turns: 64, queue: 0, seats: 256, ready: 1, stack: 512 << 10 },
            handshake_timeout: Duration::from_secs(10),
            grace: Duration::from_secs(10),
            credentials: None,
            is_anonymous: false,
            paths: Vec::new(),
            admission: None,
            #[cfg(feature = "tls")]
            tls: None,
            handler: None,
            config: AriConfig::accepting(),
        }
    }
}

impl AriServerBuilder {
    /// Where to listen: an address and a port, such as `0.0.0.0:8765` or `[::1]:8765`; port 0 is a free
    /// one. Default: `127.0.0.1:8765`, for Asterisk on the same machine.
    #[expect(clippy::needless_pass_by_value, reason = "a string or an address, at no cost")]
    pub fn bind(mut self, address: impl ToString) -> Self {
        self.address = address.to_string();
        self
    }

    /// The user and the password that Asterisk has to give, as `websocket_client.conf` has them.
    /// Whoever gives others is answered with 401. They travel in clear unless there is TLS.
    ///
    /// **Without them, everybody who reaches the port is let in, and can play Asterisk**: on a loopback
    /// address every program on the machine. On any other address, [`build`](Self::build) refuses to
    /// do without unless [`anonymous`](Self::anonymous) says that this is meant.
    pub fn credentials(mut self, username: impl Into<String>, password: impl Into<String>) -> Self {
        self.credentials = Some(Credentials::new(username, password));
        self.is_anonymous = false;
        self
    }

    /// Lets in everybody who reaches the port, and says that this is meant: because a firewall, or
    /// [`admission`](Self::admission), keeps out who is not to come in. Takes
    /// [`credentials`](Self::credentials) back.
    pub fn anonymous(mut self) -> Self {
        self.credentials = None;
        self.is_anonymous = true;
        self
    }

    /// One more path that is served, such as `/pbx`, percent-decoded; others are answered with 404.
    /// Default: all are served.
    pub fn path(mut self, path: impl Into<String>) -> Self {
        self.paths.push(path.into());
        self
    }

    /// Who is let in, by what he asks for, once he has given user and password. Whom it refuses is
    /// answered with 403. Default: everybody.
    ///
    /// It runs on a thread that could accept the next connection, so it should not wait for anything.
    /// If it panics, the answer is no.
    pub fn admission(
        mut self,
        admits: impl Fn(&AriUpgrade) -> bool + Send + Sync + 'static,
    ) -> Self {
        self.admission = Some(Admission::new(admits));
        self
    }

    /// How many sessions there may be at a time, each with three threads: the handler's, and its
    /// client's two. Default: 64. For whoever comes when there are as many, the answer is 503 at once,
    /// so that the dialplan goes on; nobody waits.
    pub fn sessions(mut self, sessions: usize) -> Self {
        self.size.turns = sessions;
        self
    }

    /// How long a connection may take until it is a session: for TLS, for its request, for the first
    /// application that it names. Default: 10 seconds. Asterisk does it at once.
    pub fn handshake_timeout(mut self, timeout: Duration) -> Self {
        self.handshake_timeout = timeout;
        self
    }

    /// How many connections may be on the way to that at a time. Default: 256.
    ///
    /// When there are as many, the one who came first, and has been there for a quarter of a second at
    /// least, is sent away for the next. So connections that say nothing do not keep Asterisk away.
    pub fn max_handshakes(mut self, connections: usize) -> Self {
        self.size.seats = connections;
        self
    }

    /// How long sessions may go on after a shutdown before their sockets are closed. Default: 10
    /// seconds.
    pub fn grace(mut self, grace: Duration) -> Self {
        self.grace = grace;
        self
    }

    /// The stack of each thread that runs the handler, in bytes. Default: 512 KiB, of which the system
    /// only spends what is used.
    pub fn stack_size(mut self, bytes: usize) -> Self {
        self.size.stack = bytes;
        self
    }

    /// Speaks TLS (`wss://` in `websocket_client.conf`), with this certificate: the certificate first,
    /// then what leads to its root; the key must be PKCS#8 (`BEGIN PRIVATE KEY`). Both are PEM, and
    /// read by [`build`](Self::build). Who connects is asked for none.
    #[cfg(feature = "tls")]
    #[cfg_attr(docsrs, doc(cfg(feature = "tls")))]
    pub fn tls(mut self, cert_chain: impl AsRef<[u8]>, key: impl AsRef<[u8]>) -> Self {
        let key = zeroize::Zeroizing::new(key.as_ref().to_vec());
        self.tls = Some((cert_chain.as_ref().to_vec(), key));
        self
    }

    /// Who handles the sessions: a closure, or anything that is an [`AriSessionHandler`]. There is no
    /// default.
    pub fn handler(mut self, handler: impl AriSessionHandler) -> Self {
        self.handler = Some(Arc::new(handler));
        self
    }

    /// Listens. Who comes from now on waits until [`AriServer::run`].
    ///
    /// # Errors
    ///
    /// [`Error::Invalid`] without a handler, without credentials on an address that others reach, or
    /// with settings that cannot be; [`Error::Io`] if the address cannot be had.
    pub fn build(self) -> Result<AriServer> {
        let Some(handler) = self.handler else {
            return Err(Error::invalid("a server needs a handler"));
        };
        self.size.validate("sessions", "handshakes")?;
        if self.handshake_timeout.is_zero() {
            return Err(Error::invalid("within no time nobody can shake hands"));
        }
        if let Some(path) = self.paths.iter().find(|path| !path.starts_with('/')) {
            return Err(Error::invalid(format!("the path {path:?} does not begin with a slash")));
        }
        self.config.validate_times()?;
        let secret = match &self.credentials {
            None => None,
            Some(known) => {
                let (user, password) = (known.username(), known.secret());
                let known = AriConfig::new("", user, password, "");
                known.validate_credentials()?;
                Some(known.basic())
            }
        };
        let service = Ari {
            handler,
            gate: Gate { secret, paths: self.paths, admission: self.admission },
            config: self.config,
            handshake_timeout: self.handshake_timeout,
            #[cfg(feature = "tls")]
            tls: match &self.tls {
                Some((chain, key)) => Some(crate::net::TlsServer::from_pem(chain, key)?),
                None => None,
            },
            unauthorized: AtomicU64::new(0),
            turned_away: AtomicU64::new(0),
            unread: AtomicU64::new(0),
        };
        AriServer::launch(service, &self.address, self.size, self.grace, self.is_anonymous)
    }
}

forward! {
    AriServerBuilder:
    timeout(Duration),
    keep_alive(impl Into<Option<Duration>>),
    event_capacity(usize),
    event_memory(usize),
    overflow(Overflow),
    max_message_size(usize),
    max_body_size(usize),
}

impl fmt::Debug for AriServerBuilder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("AriServerBuilder")
            .field("address", &self.address)
            .field("size", &self.size)
            .field("handshake_timeout", &self.handshake_timeout)
            .field("grace", &self.grace)
            .field("credentials", &self.credentials)
            .field("paths", &self.paths)
            .finish_non_exhaustive()
    }
}
