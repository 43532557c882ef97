//! Logging in.

use std::fmt;
use std::fmt::Write;

use md5::{Digest, Md5};
use serde::ser::{Serialize, SerializeMap, Serializer};
use zeroize::Zeroizing;

use super::{Action, Headers};
use crate::Credentials;
use crate::ami::EventMask;
use crate::ami::response::Response;

/// Logs in.
///
/// The client has done this already when it is connected, and does it again after a reconnect; the
/// server answers a second login with `Already authenticated`. Wrong credentials make it wait a
/// second and close the connection.
///
/// On the wire: `Action: Login`.
#[derive(Clone, PartialEq, Eq)]
pub struct LoginAction {
    credentials: Credentials,
    challenge: Option<String>,
    events: Option<EventMask>,
}

impl LoginAction {
    /// The action `Login`, with `Username` and `Secret`.
    pub fn new(credentials: impl Into<Credentials>) -> Self {
        Self { credentials: credentials.into(), challenge: None, events: None }
    }

    /// Which events to hear.
    ///
    /// Header `Events`.
    #[must_use]
    pub fn events(mut self, events: EventMask) -> Self {
        self.events = Some(events);
        self
    }

    /// Proves the secret by the answer to this [challenge](super::ChallengeAction), instead of
    /// sending it.
    ///
    /// Headers `AuthType` and `Key`.
    #[must_use]
    pub fn challenge(mut self, challenge: impl Into<String>) -> Self {
        self.challenge = Some(challenge.into());
        self
    }
}

/// The answer to a challenge.
pub(in crate::ami) fn md5_key(challenge: &str, credentials: &Credentials) -> Zeroizing<String> {
    let digest = Md5::new().chain_update(challenge).chain_update(credentials.secret()).finalize();
    digest.iter().fold(Zeroizing::new(String::with_capacity(32)), |mut hex, byte| {
        // Asterisk compares byte by byte, so the case matters.
        let _ = write!(hex, "{byte:02x}");
        hex
    })
}

impl Action for LoginAction {
    type Reply = Response;

    fn name(&self) -> &'static str {
        "Login"
    }

    fn write(&self, headers: &mut Headers) {
        headers.header("Username", self.credentials.username());
        match &self.challenge {
            Some(challenge) => {
                headers.header("AuthType", "MD5");
                headers.header("Key", &md5_key(challenge, &self.credentials));
            }
            None => headers.header("Secret", self.credentials.secret()),
        }
        if let Some(events) = &self.events {
            headers.header("Events", &events.to_string());
        }
    }
}

impl fmt::Debug for LoginAction {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("LoginAction")
            .field("credentials", &self.credentials)
            .field("challenge", &self.challenge)
            .field("events", &self.events)
            .finish()
    }
}

/// Without the secret, and without the key that is made of it.
impl Serialize for LoginAction {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        let mut map = to.serialize_map(None)?;
        map.serialize_entry("Action", "Login")?;
        map.serialize_entry("Username", self.credentials.username())?;
        if self.challenge.is_some() {
            map.serialize_entry("AuthType", "MD5")?;
        }
        if let Some(events) = &self.events {
            map.serialize_entry("Events", events)?;
        }
        map.end()
    }
}
