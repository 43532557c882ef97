//! Settings, and the way to a connected client.

use std::env;
use std::sync::Arc;
use std::time::Duration;

use super::action::FilterAction;
use super::client::AmiClient;
use super::config::{AuthMethod, Config};
use super::connection::Shared;
use super::event::AmiEvent;
use super::filter::Filter;
use super::mask::EventMask;
use crate::sync::bus::{Overflow, Subscribe};
use crate::{Credentials, Error, EventSubscription, ReconnectPolicy, Result};

/// The port of AMI without TLS.
const PORT: u16 = 5038;

/// The port of AMI with TLS.
#[cfg(feature = "tls")]
const TLS_PORT: u16 = 5039;

/// Settings for an [`AmiClient`]. Everything but host and credentials has a default.
///
/// ```no_run
/// use std::time::Duration;
/// use asterisk_sync::ReconnectPolicy;
/// use asterisk_sync::ami::AmiClient;
///
/// # fn main() -> asterisk_sync::Result<()> {
/// let ami = AmiClient::builder()
///     .host("pbx.example.com")
///     .credentials("admin", "secret")
///     .timeout(Duration::from_secs(5))
///     .reconnect(ReconnectPolicy::exponential(Duration::from_secs(1), Duration::from_secs(30)))
///     .connect()?;
/// # drop(ami); Ok(()) }
/// ```
#[derive(Debug, Clone)]
#[must_use = "nothing happens before connect()"]
pub struct AmiClientBuilder {
    config: Config,
    port: Option<u16>,
}

impl Default for AmiClientBuilder {
    fn default() -> Self {
        let config = Config {
            host: String::new(),
            port: PORT,
            credentials: Credentials::new("", ""),
            auth: AuthMethod::default(),
            events: None,
            timeout: Duration::from_secs(10),
            connect_timeout: Duration::from_secs(10),
            keep_alive: Some(Duration::from_secs(10)),
            reconnect: ReconnectPolicy::default(),
            subscribe: Subscribe::default(),
            max_message_size: 16 << 20,
            max_list_size: 256 << 20,
            filters: Vec::new(),
            originates_per_second: None,
            #[cfg(feature = "tls")]
            tls: None,
        };
        Self { config, port: None }
    }
}

impl AmiClientBuilder {
    /// Settings from the environment: `ASTERISK_HOST`, `ASTERISK_AMI_PORT`, `ASTERISK_AMI_USER`,
    /// `ASTERISK_AMI_SECRET`; with the feature `tls` also `ASTERISK_AMI_TLS` (`yes` or `no`) and
    /// `ASTERISK_TLS_CA`, a PEM file whose certificates are trusted besides the system's.
    ///
    /// Host, user and secret have to be there; what is wrong or missing is [`Error::Invalid`] or
    /// [`Error::Auth`].
    pub fn from_env() -> Result<Self> {
        let var = |name: &str| env::var(name).ok().filter(|value| !value.is_empty());
        let Some(host) = var("ASTERISK_HOST") else {
            return Err(Error::invalid("ASTERISK_HOST is not set"));
        };
        let user = var("ASTERISK_AMI_USER").unwrap_or_default();
        let secret = var("ASTERISK_AMI_SECRET").unwrap_or_default();
        let mut builder = Self::default().host(host).credentials(user, secret);
        if let Some(port) = var("ASTERISK_AMI_PORT") {
            let port = port.parse().map_err(|_| {
                Error::invalid(format!("ASTERISK_AMI_PORT is not a port: {port:?}"))
            })?;
            builder = builder.port(port);
        }
        match var("ASTERISK_AMI_TLS").as_deref().map(super::value::flag) {
            #[cfg(feature = "tls")]
            Some(Some(true)) => builder.tls_from_env(var("ASTERISK_TLS_CA")),
            #[cfg(not(feature = "tls"))]
            Some(Some(true)) => Err(Error::invalid(
                "ASTERISK_AMI_TLS is set, and the feature tls is not compiled in",
            )),
            Some(None) => Err(Error::invalid("ASTERISK_AMI_TLS is neither yes nor no")),
            _ => Ok(builder),
        }
    }

    #[cfg(feature = "tls")]
    fn tls_from_env(self, ca: Option<String>) -> Result<Self> {
        let mut tls = crate::Tls::default();
        if let Some(path) = ca {
            let pem = std::fs::read(&path)
                .map_err(|e| Error::invalid(format!("ASTERISK_TLS_CA, {path}: {e}")))?;
            tls = tls.root_pem(pem);
        }
        Ok(self.tls(tls))
    }

    /// The server: a name or an address, with or without `:port`. An IPv6 address with a port
    /// stands in brackets.
    pub fn host(mut self, host: impl Into<String>) -> Self {
        let host = host.into();
        let parts = host.rsplit_once(':').filter(|(name, _)| {
            !name.contains(':') || (name.starts_with('[') && name.ends_with(']'))
        });
        match parts.and_then(|(name, port)| Some((name.to_owned(), port.parse().ok()?))) {
            Some((name, port)) => {
                self.config.host = name;
                self.port = Some(port);
            }
            None => self.config.host = host,
        }
        self
    }

    /// The port. Default: 5038, with TLS 5039.
    pub fn port(mut self, port: u16) -> Self {
        self.port = Some(port);
        self
    }

    /// The user and secret of the server's `manager.conf`.
    pub fn credentials(mut self, username: impl Into<String>, secret: impl Into<String>) -> Self {
        self.config.credentials = Credentials::new(username, secret);
        self
    }

    /// How to log in. Default: MD5 challenge; the client never falls back to sending the secret.
    pub fn auth(mut self, method: AuthMethod) -> Self {
        self.config.auth = method;
        self
    }

    /// Speaks TLS from the first byte, and verifies the server unless the settings say otherwise.
    #[cfg(feature = "tls")]
    #[cfg_attr(docsrs, doc(cfg(feature = "tls")))]
    pub fn tls(mut self, tls: crate::Tls) -> Self {
        self.config.tls = Some(tls);
        self
    }

    /// How long to wait for an answer, where a call does not say otherwise; and how long a write
    /// may make no progress before the connection is given up. Default: 10 seconds.
    pub fn timeout(mut self, timeout: Duration) -> Self {
        self.config.timeout = timeout;
        self
    }

    /// How long one attempt to connect may take, from the name to the login. Default: 10 seconds.
    pub fn connect_timeout(mut self, timeout: Duration) -> Self {
        self.config.connect_timeout = timeout;
        self
    }

    /// After so long without a byte the server is pinged, and after twice as long it is taken for
    /// dead and the connection made anew, unless an action from before the ping is still within its
    /// own timeout. `None` leaves it to TCP. Default: 10 seconds.
    pub fn keep_alive(mut self, interval: impl Into<Option<Duration>>) -> Self {
        self.config.keep_alive = interval.into();
        self
    }

    /// What to do when the connection is lost. Default: exponential from 1 to 30 seconds, for ever.
    pub fn reconnect(mut self, policy: ReconnectPolicy) -> Self {
        self.config.reconnect = policy;
        self
    }

    /// Which classes of events the server sends, told with the login itself. Default: whatever the
    /// user may read.
    pub fn events(mut self, mask: EventMask) -> Self {
        self.config.events = Some(mask);
        self
    }

    /// A filter that the server applies before it sends; may be called more than once. Needs the
    /// privilege `system`.
    pub fn filter(mut self, filter: FilterAction) -> Self {
        self.config.filters.push(filter);
        self
    }

    /// How many events may wait in a subscription that does not say otherwise. Default: any number,
    /// within [`event_memory`](Self::event_memory).
    pub fn event_capacity(mut self, events: usize) -> Self {
        self.config.subscribe = self.config.subscribe.events(events);
        self
    }

    /// How much memory events that wait in a subscription may hold. Default: 64 MiB.
    pub fn event_memory(mut self, bytes: usize) -> Self {
        self.config.subscribe = self.config.subscribe.bytes(bytes);
        self
    }

    /// What happens in a subscription that is full. Default: the oldest events give way.
    pub fn overflow(mut self, overflow: Overflow) -> Self {
        self.config.subscribe = self.config.subscribe.overflow(overflow);
        self
    }

    /// How large a message of the server may be. A larger one fails the action it answers, or is
    /// told as a gap, and the connection goes on. Default: 16 MiB; at least 256 bytes, at most
    /// 1 GiB.
    pub fn max_message_size(mut self, bytes: usize) -> Self {
        self.config.max_message_size = bytes;
        self
    }

    /// How much memory the items of one list may take. Default: 256 MiB.
    pub fn max_list_size(mut self, bytes: usize) -> Self {
        self.config.max_list_size = bytes;
        self
    }

    /// How many calls may be begun in a second, evenly spaced: for diallers, whose server or trunk
    /// bears only so many. May be below one. Default: no limit.
    ///
    /// It holds for every `Originate` that the client sends, whichever handle, thread or method it
    /// comes from; those that wait go in the order in which they came. The wait takes at most the
    /// client's timeout, also in [`start_action`](AmiClient::start_action); the time for the answer
    /// begins after it. Whose turn does not come in time gets [`TimeoutError::Action`](crate::TimeoutError::Action) with
    /// `sent: false`, which is [retryable](Error::is_retryable); a lost connection ends the wait
    /// with [`Error::Disconnected`]. A rate that is not a number above zero is refused when
    /// connecting.
    pub fn originates_per_second(mut self, rate: f64) -> Self {
        self.config.originates_per_second = Some(rate);
        self
    }

    /// Connects and logs in; blocks at most for the connect timeout.
    ///
    /// A failure of this first attempt is reported, whatever the reconnect policy.
    ///
    /// What happens from the login on and before somebody [subscribes](AmiClient::subscribe) is heard by
    /// nobody; [`connect_subscribed`](Self::connect_subscribed) misses none of it.
    pub fn connect(self) -> Result<AmiClient> {
        AmiClient::start(self.shared()?)
    }

    /// Connects as [`connect`](Self::connect) does, with a subscription that has been there before: it
    /// has all events from the first on that passes the filter.
    ///
    /// ```no_run
    /// # fn main() -> asterisk_sync::Result<()> {
    /// use asterisk_sync::ami::{AmiClient, Filter};
    /// let settings = AmiClient::builder().host("pbx").credentials("admin", "secret");
    /// let (ami, events) = settings.connect_subscribed(Filter::names(["FullyBooted", "Hangup"]))?;
    /// for event in &events {
    ///     println!("{}", event.event_name());
    /// }
    /// # let _ = ami; Ok(()) }
    /// ```
    pub fn connect_subscribed(
        self,
        filter: Filter,
    ) -> Result<(AmiClient, EventSubscription<AmiEvent>)> {
        let shared = self.shared()?;
        let bounds = shared.config.subscribe.clone();
        let events = shared.bus.subscribe_through(bounds, filter.into_lens());
        Ok((AmiClient::start(shared)?, events))
    }

    fn shared(mut self) -> Result<Arc<Shared>> {
        #[cfg(feature = "tls")]
        let default = if self.config.tls.is_some() { TLS_PORT } else { PORT };
        #[cfg(not(feature = "tls"))]
        let default = PORT;
        self.config.port = self.port.unwrap_or(default);
        self.config.validate()?;
        Ok(Arc::new(Shared::new(self.config)))
    }

    #[cfg(test)]
    pub(super) fn into_config(self) -> Config {
        self.config
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_host_may_bring_its_port() {
        let parts = |host: &str| {
            let builder = AmiClientBuilder::default().host(host);
            (builder.config.host, builder.port)
        };
        assert_eq!(parts("pbx"), ("pbx".into(), None));
        assert_eq!(parts("pbx:5040"), ("pbx".into(), Some(5040)));
        assert_eq!(parts("::1"), ("::1".into(), None));
        assert_eq!(parts("[::1]:5040"), ("[::1]".into(), Some(5040)));
    }

    #[test]
    fn senseless_settings_are_refused_before_anything_is_dialled() {
        let good = || AmiClientBuilder::default().host("pbx").credentials("user", "secret");
        for (what, builder) in [
            ("host", good().host("")),
            ("timeout", good().timeout(Duration::ZERO)),
            ("connect timeout", good().connect_timeout(Duration::ZERO)),
            ("keep-alive", good().keep_alive(Duration::ZERO)),
            ("policy", good().reconnect(ReconnectPolicy::fixed(Duration::ZERO))),
        ] {
            assert!(matches!(builder.connect(), Err(Error::Invalid(_))), "{what}");
        }
        assert!(matches!(good().credentials("user", "").connect(), Err(Error::Auth(_))));
    }

    #[test]
    fn settings_do_not_show_the_secret() {
        let builder = AmiClientBuilder::default().host("pbx").credentials("user", "hunter2");
        assert!(!format!("{builder:?}").contains("hunter2"));
    }
}
