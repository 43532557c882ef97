//! What a client is told before it connects.

use std::env;
use std::time::Duration;

use zeroize::Zeroizing;

use super::resources::application::EventFilter;
use super::url::{Base, PORT, TLS_PORT, split_port};
use crate::base64;
use crate::sync::bus::{Overflow, Subscribe};
use crate::{AuthError, Credentials, Error, ReconnectPolicy, Result};

/// Which way requests go.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
#[non_exhaustive]
pub enum TransportKind {
    /// Over HTTP connections of their own, which are kept and used again.
    #[default]
    Http,
    /// Over the WebSocket that brings the events, one after another. Since Asterisk 20.15, 21.10 and
    /// 22.5; an older server does not answer, which is found out when the client connects.
    WebSocket,
}

/// Settings for an [`AriClient`](super::AriClient): where the server is, who we are, and which
/// applications are ours. Everything else has a default.
///
/// ```
/// use std::time::Duration;
/// use asterisk_sync::ari::AriConfig;
///
/// # fn main() -> asterisk_sync::Result<()> {
/// let short = AriConfig::new("http://pbx:8088", "asterisk", "secret", "my-app");
/// let long = AriConfig::builder("my-app")
///     .host("10.0.0.1")
///     .username("asterisk")
///     .password("secret")
///     .timeout(Duration::from_secs(5))
///     .build()?;
/// # drop((short, long)); Ok(()) }
/// ```
#[derive(Debug, Clone)]
#[must_use = "nothing happens before it is connected with"]
pub struct AriConfig {
    pub(super) url: Url,
    pub(super) credentials: Credentials,
    pub(super) applications: Vec<String>,
    pub(super) subscribe_all: bool,
    pub(super) event_filter: Option<EventFilter>,
    pub(super) transport: TransportKind,
    pub(super) timeout: Duration,
    pub(super) connect_timeout: Duration,
    pub(super) keep_alive: Option<Duration>,
    pub(super) idle_timeout: Duration,
    pub(super) max_idle: usize,
    pub(super) max_connections: usize,
    pub(super) reconnect: ReconnectPolicy,
    pub(super) subscribe: Subscribe,
    pub(super) max_message_size: usize,
    pub(super) max_body_size: usize,
    #[cfg(feature = "tls")]
    pub(super) tls: Option<crate::Tls>,
}

/// Where the server is, as it was given.
#[derive(Debug, Clone)]
pub(super) enum Url {
    Whole(String),
    Parts { host: String, port: Option<u16>, prefix: String },
}

impl AriConfig {
    /// The settings that have no default: the server's URL, user and password as `ari.conf` has them,
    /// and the application whose calls are ours.
    ///
    /// The URL is `http://host:port` or `https://…`, with the prefix of `http.conf` if there is one.
    /// What is wrong with it is said by [`AriClient::connect`](super::AriClient::connect).
    pub fn new(
        url: impl Into<String>,
        username: impl Into<String>,
        password: impl Into<String>,
        application: impl Into<String>,
    ) -> Self {
        Self {
            url: Url::Whole(url.into()),
            credentials: Credentials::new(username, password),
            applications: vec![application.into()],
            subscribe_all: false,
            event_filter: None,
            transport: TransportKind::default(),
            timeout: Duration::from_secs(10),
            connect_timeout: Duration::from_secs(10),
            keep_alive: Some(Duration::from_secs(10)),
            idle_timeout: Duration::from_secs(5),
            max_idle: 16,
            max_connections: 32,
            reconnect: ReconnectPolicy::default(),
            subscribe: Subscribe::default(),
            max_message_size: 16 << 20,
            max_body_size: 64 << 20,
            #[cfg(feature = "tls")]
            tls: None,
        }
    }

    /// The same, piece by piece.
    pub fn builder(application: impl Into<String>) -> AriConfigBuilder {
        let mut config = Self::new("", "", "", application);
        config.url = Url::Parts { host: String::new(), port: None, prefix: String::new() };
        AriConfigBuilder { config }
    }

    /// For connections that the server makes, once they are accepted: it says for which applications.
    pub(super) fn accepting() -> Self {
        let mut config = Self::new("", "", "", "");
        config.applications.clear();
        config.transport = TransportKind::WebSocket;
        config.reconnect = ReconnectPolicy::none();
        config
    }

    /// Settings from the environment: `ASTERISK_ARI_URL`, or `ASTERISK_HOST` and `ASTERISK_ARI_PORT`;
    /// `ASTERISK_ARI_USER`, `ASTERISK_ARI_PASSWORD`, and `ASTERISK_ARI_APP`, which may be several with
    /// commas between them; with the feature `tls` also `ASTERISK_TLS_CA`, a PEM file whose
    /// certificates are trusted besides the system's.
    ///
    /// What is wrong or missing is [`Error::Invalid`] or [`Error::Auth`].
    pub fn from_env() -> Result<Self> {
        let var = |name: &str| env::var(name).ok().filter(|value| !value.is_empty());
        let missing = |what: &str| Error::invalid(format!("{what} is not set"));
        let apps = var("ASTERISK_ARI_APP").ok_or_else(|| missing("ASTERISK_ARI_APP"))?;
        let mut apps = apps.split(',').map(str::trim);
        let user = var("ASTERISK_ARI_USER").ok_or(AuthError::MissingCredentials("user"))?;
        let password =
            var("ASTERISK_ARI_PASSWORD").ok_or(AuthError::MissingCredentials("password"))?;
        let url = match (var("ASTERISK_ARI_URL"), var("ASTERISK_HOST")) {
            (Some(url), _) => Url::Whole(url),
            (None, Some(host)) => {
                let port = var("ASTERISK_ARI_PORT")
                    .map(|port| {
                        port.parse().map_err(|_| {
                            Error::invalid(format!("ASTERISK_ARI_PORT is not a port: {port:?}"))
                        })
                    })
                    .transpose()?;
                Url::Parts { host, port, prefix: String::new() }
            }
            (None, None) => return Err(missing("ASTERISK_ARI_URL")),
        };
        let mut config = Self::new("", user, password, apps.next().unwrap_or_default());
        config.url = url;
        config = apps.fold(config, Self::application);
        #[cfg(feature = "tls")]
        if let Some(path) = var("ASTERISK_TLS_CA") {
            let pem = std::fs::read(&path)
                .map_err(|e| Error::invalid(format!("ASTERISK_TLS_CA, {path}: {e}")))?;
            // Only where the URL asks for TLS; here it would be a contradiction otherwise.
            if config.base()?.is_tls {
                config = config.tls(crate::Tls::default().root_pem(pem));
            }
        }
        config.validate()?;
        Ok(config)
    }

    /// The header that says who we are.
    pub(crate) fn authorization(&self) -> Zeroizing<String> {
        Zeroizing::new(format!("Basic {}", *self.basic()))
    }

    /// User and password, as that header has them.
    pub(super) fn basic(&self) -> Zeroizing<String> {
        let (user, password) = (self.credentials.username(), self.credentials.secret());
        let plain = Zeroizing::new(format!("{user}:{password}"));
        Zeroizing::new(base64::encode(plain.as_bytes()))
    }

    /// The server's URL in parts.
    pub(super) fn base(&self) -> Result<Base> {
        match &self.url {
            Url::Whole(url) => Base::parse(url),
            Url::Parts { host, port, prefix } => {
                #[cfg(feature = "tls")]
                let is_tls = self.tls.is_some();
                #[cfg(not(feature = "tls"))]
                let is_tls = false;
                let (host, given) = split_port(host, if is_tls { TLS_PORT } else { PORT })?;
                let host = if host.contains(':') { format!("[{host}]") } else { host };
                let scheme = if is_tls { "https" } else { "http" };
                let slash = if prefix.is_empty() || prefix.starts_with('/') { "" } else { "/" };
                Base::parse(&format!("{scheme}://{host}:{}{slash}{prefix}", port.unwrap_or(given)))
            }
        }
    }

    /// Finds what can never work before anybody is dialled.
    pub(super) fn validate(&self) -> Result<()> {
        let base = self.base()?;
        #[cfg(feature = "tls")]
        if self.tls.is_some() && !base.is_tls {
            return Err(Error::invalid("TLS is set up, and the URL says http"));
        }
        if cfg!(not(feature = "tls")) && base.is_tls {
            return Err(Error::invalid(
                "the URL says https, and the feature tls is not compiled in",
            ));
        }
        if self.max_connections == 0 {
            return Err(Error::invalid("without a connection no request would ever be sent"));
        }
        if let Some(filter) = &self.event_filter {
            filter.to_json(self.transport)?;
        }
        self.reconnect.validate().map_err(Error::invalid)?;
        self.validate_credentials()?;
        self.validate_applications()?;
        self.validate_times()
    }

    /// Finds user and password that no header can carry.
    pub(super) fn validate_credentials(&self) -> Result<()> {
        let (user, password) = (self.credentials.username(), self.credentials.secret());
        for (what, value) in [("user", user), ("password", password)] {
            if value.is_empty() {
                return Err(AuthError::MissingCredentials(what).into());
            }
            if value.contains(char::is_control) {
                return Err(Error::invalid(format!("the {what} has a control character in it")));
            }
        }
        if user.contains(':') {
            return Err(Error::invalid("the user has a colon in it"));
        }
        // The server decodes into a buffer of 256 bytes.
        let size = user.len() + 1 + password.len();
        if size > 255 {
            return Err(super::rest::limit("user and password in bytes", size, 255));
        }
        Ok(())
    }

    /// Finds times within which nothing can happen.
    pub(super) fn validate_times(&self) -> Result<()> {
        for (what, value) in [
            ("timeout", Some(self.timeout)),
            ("connect timeout", Some(self.connect_timeout)),
            ("keep-alive interval", self.keep_alive),
        ] {
            if value.is_some_and(|value| value.is_zero()) {
                let why = format!("a {what} of zero would never let anything happen");
                return Err(Error::invalid(why));
            }
        }
        Ok(())
    }

    fn validate_applications(&self) -> Result<()> {
        // The name of a context in the dialplan is made of it: `stasis-` and the name.
        const MAX: usize = 72;
        for (index, name) in self.applications.iter().enumerate() {
            if name.is_empty() {
                return Err(Error::invalid("the name of an application is empty"));
            }
            if name.contains(|c: char| c == ',' || c.is_control()) {
                return Err(Error::invalid(format!(
                    "the application's name {name:?} has a comma or a control character in it"
                )));
            }
            if name.len() > MAX {
                return Err(super::rest::limit("an application's name in bytes", name.len(), MAX));
            }
            if self.applications[..index].contains(name) {
                return Err(Error::invalid(format!("the application {name:?} is given twice")));
            }
        }
        Ok(())
    }
}

/// The settings piece by piece; see [`AriConfig::builder`].
#[derive(Debug, Clone)]
#[must_use = "nothing happens before build() or connect()"]
pub struct AriConfigBuilder {
    config: AriConfig,
}

impl AriConfigBuilder {
    /// The server: a name or an address, with or without `:port`.
    pub fn host(mut self, name: impl Into<String>) -> Self {
        if let Url::Parts { host, .. } = &mut self.config.url {
            *host = name.into();
        }
        self
    }

    /// The port. Default: 8088, with TLS 8089.
    pub fn port(mut self, number: u16) -> Self {
        if let Url::Parts { port, .. } = &mut self.config.url {
            *port = Some(number);
        }
        self
    }

    /// The prefix of `http.conf`. Default: none.
    pub fn prefix(mut self, path: impl Into<String>) -> Self {
        if let Url::Parts { prefix, .. } = &mut self.config.url {
            *prefix = path.into();
        }
        self
    }

    /// The user, as `ari.conf` has it.
    pub fn username(mut self, name: impl Into<String>) -> Self {
        self.config.credentials = Credentials::new(name, self.config.credentials.secret());
        self
    }

    /// The user's password.
    pub fn password(mut self, password: impl Into<String>) -> Self {
        self.config.credentials = Credentials::new(self.config.credentials.username(), password);
        self
    }

    /// User and password at once.
    pub fn credentials(mut self, credentials: impl Into<Credentials>) -> Self {
        self.config.credentials = credentials.into();
        self
    }

    /// The settings, checked.
    pub fn build(self) -> Result<AriConfig> {
        self.config.validate()?;
        Ok(self.config)
    }
}

/// Settings that can be made on an [`AriConfig`] and on its builder alike.
macro_rules! settings {
    ($(
        $(#[$meta:meta])*
        pub fn $name:ident($self:ident, $value:ident: $type:ty) $set:block
    )+) => {
        impl AriConfig { $(
            $(#[$meta])*
            pub fn $name(mut $self, $value: $type) -> Self {
                $set
                $self
            }
        )+ }

        impl AriConfigBuilder { $(
            $(#[$meta])*
            pub fn $name(mut $self, $value: $type) -> Self {
                $self.config = $self.config.$name($value);
                $self
            }
        )+ }
    };
}

settings! {
    /// One more application whose events come over the same connection.
    pub fn application(self, name: impl Into<String>) {
        self.applications.push(name.into());
    }

    /// Has the server send the events of everything there is, not only of what is in the application
    /// or was subscribed to.
    pub fn subscribe_all(self, all: bool) {
        self.subscribe_all = all;
    }

    /// Which types of events the server sends, for every application of the client. It is set before
    /// connecting is done, and again after every reconnect; what comes in the moment before that is not
    /// filtered. A filter that is set [later](crate::ari::resources::application::set_event_filter)
    /// takes its place, and that is also where what a filter does is described. Default: all.
    pub fn event_filter(self, filter: EventFilter) {
        self.event_filter = Some(filter);
    }

    /// Which way requests go. Default: [`TransportKind::Http`].
    pub fn transport(self, kind: TransportKind) {
        self.transport = kind;
    }

    /// How to speak TLS, where the URL says `https`. Without this the platform's roots are trusted.
    #[cfg(feature = "tls")]
    #[cfg_attr(docsrs, doc(cfg(feature = "tls")))]
    pub fn tls(self, tls: crate::Tls) {
        self.tls = Some(tls);
    }

    /// How long to wait for an answer, where a call does not say otherwise. Default: 10 seconds.
    pub fn timeout(self, timeout: Duration) {
        self.timeout = timeout;
    }

    /// How long one attempt to connect may take, from the name to the live event socket, and the first
    /// also to the [event filter](Self::event_filter). Default: 10 seconds.
    pub fn connect_timeout(self, timeout: Duration) {
        self.connect_timeout = timeout;
    }

    /// After so long without a byte on the event socket the server is pinged, and after twice as long
    /// it is taken for dead and the connection made anew; where a request over the event socket waits
    /// for its answer, not before that request's time is over, for the server answers nothing else
    /// meanwhile. `None` leaves it to TCP. Default: 10 seconds.
    pub fn keep_alive(self, interval: impl Into<Option<Duration>>) {
        self.keep_alive = interval.into();
    }

    /// How long an HTTP connection may be idle and still be used again. Shorter than the server's
    /// `session_keep_alive`, which is 15 seconds, it meets few that the server has closed. Default: 5
    /// seconds.
    pub fn idle_timeout(self, timeout: Duration) {
        self.idle_timeout = timeout;
    }

    /// How many HTTP connections there may be at a time, whatever they do. Where all are in use, the next
    /// request waits for one, within its own timeout. The server takes 100 sessions in all, those of
    /// others and event sockets included (`session_limit` of `http.conf`), and refuses whoever comes
    /// then. Setting subscriptions and filters again after a reconnect takes one more, for as long as it
    /// lasts. Default: 32.
    pub fn max_connections(self, connections: usize) {
        self.max_connections = connections;
    }

    /// How many HTTP connections that are idle are kept, of [those there may be](Self::max_connections).
    /// Default: 16.
    pub fn max_idle_connections(self, connections: usize) {
        self.max_idle = connections;
    }

    /// What to do when the event socket is lost. A new one counts as lost, too, if the subscriptions and
    /// filters of the one before could not be set again on it. Default: exponential from 1 to 30
    /// seconds, for ever.
    pub fn reconnect(self, policy: ReconnectPolicy) {
        self.reconnect = policy;
    }

    /// How many events may wait in a subscription that does not say otherwise. Default: any number,
    /// within [`event_memory`](Self::event_memory).
    pub fn event_capacity(self, events: usize) {
        self.subscribe = self.subscribe.events(events);
    }

    /// How much memory events that wait in a subscription may hold. Default: 64 MiB.
    pub fn event_memory(self, bytes: usize) {
        self.subscribe = self.subscribe.bytes(bytes);
    }

    /// What happens in a subscription that is full. Default: the oldest events give way.
    pub fn overflow(self, overflow: Overflow) {
        self.subscribe = self.subscribe.overflow(overflow);
    }

    /// How large a message on the event socket may be. A larger one is dropped and told as a gap, or
    /// fails the request it answers; the connection goes on. Default: 16 MiB.
    pub fn max_message_size(self, bytes: usize) {
        self.max_message_size = bytes;
    }

    /// How large the answer to a request may be. Default: 64 MiB.
    pub fn max_body_size(self, bytes: usize) {
        self.max_body_size = bytes;
    }
}

/// The same settings as [`AriConfig`] has, for something with a `config`.
macro_rules! forward {
    ($builder:ident: $( $(#[$meta:meta])* $name:ident($type:ty) ),+ $(,)?) => {
        impl $builder { $(
            #[doc = concat!("As [`AriConfig::", stringify!($name), "`](crate::ari::AriConfig::", stringify!($name), ").")]
            $(#[$meta])*
            pub fn $name(mut self, value: $type) -> Self {
                self.config = self.config.$name(value);
                self
            }
        )+ }
    };
}
pub(super) use forward;
