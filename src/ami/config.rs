//! What a client is told before it connects.

use std::time::Duration;

use super::action::{Action, Headers, LoginAction};
use super::mask::EventMask;
use crate::sync::bus::Subscribe;
use crate::{Credentials, Error, ReconnectPolicy, Result};

/// How to prove who we are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
#[non_exhaustive]
pub enum AuthMethod {
    /// The server asks a question that only somebody who knows the secret can answer; the secret
    /// itself is not sent.
    #[default]
    Md5,
    /// The secret itself. Over plain TCP everybody on the way can read it.
    Plain,
}

/// The settings of one client, checked.
#[derive(Debug, Clone)]
pub(super) struct Config {
    pub(super) host: String,
    pub(super) port: u16,
    pub(super) credentials: Credentials,
    pub(super) auth: AuthMethod,
    pub(super) events: Option<EventMask>,
    pub(super) timeout: Duration,
    pub(super) connect_timeout: Duration,
    pub(super) keep_alive: Option<Duration>,
    pub(super) reconnect: ReconnectPolicy,
    pub(super) subscribe: Subscribe,
    pub(super) max_message_size: usize,
    pub(super) max_list_size: usize,
    pub(super) filters: Vec<super::action::FilterAction>,
    pub(super) originates_per_second: Option<f64>,
    #[cfg(feature = "tls")]
    pub(super) tls: Option<crate::Tls>,
}

impl Config {
    pub(super) fn validate(&self) -> Result<()> {
        self.reconnect.validate().map_err(Error::invalid)?;
        if self.host.is_empty() {
            return Err(Error::invalid("no host is given"));
        }
        for (what, value) in
            [("user", self.credentials.username()), ("secret", self.credentials.secret())]
        {
            if value.is_empty() {
                return Err(crate::AuthError::MissingCredentials(what).into());
            }
        }
        let zero = |what: &str| {
            Err(Error::invalid(format!("a {what} of zero would never let anything happen")))
        };
        if self.timeout.is_zero() {
            return zero("timeout");
        }
        if self.connect_timeout.is_zero() {
            return zero("connect timeout");
        }
        if self.keep_alive.is_some_and(|interval| interval.is_zero()) {
            return zero("keep-alive interval");
        }
        if self.originates_per_second.is_some_and(|rate| !rate.is_finite() || rate <= 0.0) {
            return Err(Error::invalid("originates per second are a number above zero"));
        }
        self.validate_actions()
    }

    /// What cannot be said in an action is found out before anybody is dialled.
    fn validate_actions(&self) -> Result<()> {
        let mut login = LoginAction::new(self.credentials.clone());
        if self.auth == AuthMethod::Md5 {
            login = login.challenge("0");
        }
        check(&login)?;
        self.filters.iter().try_for_each(check)
    }
}

fn check(action: &impl Action) -> Result<()> {
    let mut headers = Headers::new(action.name(), None);
    action.write(&mut headers);
    headers.finish().map(drop)
}
