//! Event sockets that the fake opens itself, as Asterisk does to an `AriServer`.

use std::fmt;
use std::sync::Arc;

use crossbeam_channel::bounded;
use serde_json::Value;

use super::connection::{Connection, event};
use super::server::{FakeAri, Socket, WRITE_TIMEOUT};
use crate::ari::{AriConfig, refused};
use crate::net::websocket::{self, Role, Upgrade, Upgraded};
use crate::net::{Closer, Deadline, SocketAddr, dial, plain};
use crate::{Credentials, Result};

/// An event socket that a [`FakeAri`] is to open to a server, as Asterisk does with
/// `type = outbound_websocket`.
///
/// ```
/// # fn main() -> asterisk_sync::Result<()> {
/// use asterisk_sync::ari::{AriServer, AriSession};
/// use asterisk_sync::testing::{FakeAri, FakeAriDial};
///
/// let server = AriServer::builder()
///     .bind("127.0.0.1:0")
///     .credentials("asterisk", "secret")
///     .handler(|session: AriSession| session.client().channel("1.1").answer())
///     .build()?
///     .spawn()?;
/// let fake = FakeAri::start()?;
/// fake.expect("POST", "channels/*/answer", asterisk_sync::testing::AriReply::no_content());
/// FakeAriDial::to(server.local_addr()).application("my-app:PJSIP/alice-1").open(&fake)?;
/// fake.wait_for_requests("POST", "channels/*/answer", 1, std::time::Duration::from_secs(10))?;
/// # Ok(()) }
/// ```
#[derive(Clone)]
#[must_use = "nothing is opened before open()"]
pub struct FakeAriDial {
    address: SocketAddr,
    target: String,
    applications: Vec<String>,
    /// If not the fake's own.
    credentials: Option<Credentials>,
    is_anonymous: bool,
    protocol: Option<String>,
    is_told: bool,
    #[cfg(feature = "tls")]
    tls: bool,
}

impl FakeAriDial {
    /// To the server at this address. Without further settings: path `/`, the fake's own user and
    /// password, the protocol `ari`, and no application.
    pub fn to(address: SocketAddr) -> Self {
        Self {
            address,
            target: "/".to_owned(),
            applications: Vec::new(),
            credentials: None,
            is_anonymous: false,
            protocol: Some("ari".to_owned()),
            is_told: true,
            #[cfg(feature = "tls")]
            tls: false,
        }
    }

    /// Path and query, encoded.
    pub fn path(mut self, target: impl Into<String>) -> Self {
        self.target = target.into();
        self
    }

    /// One more application that is registered over the socket. A socket for one call has one whose
    /// name ends in a colon and the channel's name.
    pub fn application(mut self, name: impl Into<String>) -> Self {
        self.applications.push(name.into());
        self
    }

    /// Says that it is this user. Default: the fake's own.
    pub fn credentials(mut self, username: impl Into<String>, password: impl Into<String>) -> Self {
        self.credentials = Some(Credentials::new(username, password));
        self.is_anonymous = false;
        self
    }

    /// Does not say who it is.
    pub fn anonymous(mut self) -> Self {
        self.is_anonymous = true;
        self
    }

    /// The protocols it offers, as the header has them; `None` for no such header. Default: `ari`.
    pub fn protocol(mut self, protocols: impl Into<Option<&'static str>>) -> Self {
        self.protocol = protocols.into().map(str::to_owned);
        self
    }

    /// Registers its applications without a word, which Asterisk would not.
    pub fn silent(mut self) -> Self {
        self.is_told = false;
        self
    }

    /// Speaks TLS, and trusts the authority of the fakes.
    #[cfg(feature = "tls")]
    #[cfg_attr(docsrs, doc(cfg(feature = "tls")))]
    pub fn tls(mut self) -> Self {
        self.tls = true;
        self
    }

    /// Opens it: returns when the server has agreed. From then on the socket is one of the fake's event
    /// sockets, and its requests are answered as all others.
    ///
    /// Blocks for a minute at most. A server that refuses is [`Error::Auth`](crate::Error::Auth) for
    /// 401 and else [`Error::Http`](crate::Error::Http) with its status.
    pub fn open(&self, fake: &FakeAri) -> Result<()> {
        let deadline = Deadline::after(WRITE_TIMEOUT);
        let (host, closer) = (self.address.ip().to_string(), Closer::new());
        let stream = dial(&host, self.address.port(), &deadline, &closer);
        closer.release();
        let stream = stream?;
        #[cfg(feature = "tls")]
        let (mut reader, writer) = if self.tls {
            let tls = crate::Tls::new().root_pem(super::server::CA).only_given_roots();
            crate::net::tls_connect(stream, &tls, &host, &deadline)?
        } else {
            plain(stream)
        };
        #[cfg(not(feature = "tls"))]
        let (mut reader, writer) = plain(stream);
        let own = &fake.shared.settings.credentials;
        let credentials = self.credentials.as_ref().unwrap_or(own);
        let credentials = (!self.is_anonymous).then_some(credentials);
        let authorization = credentials
            .map(|known| AriConfig::new("", known.username(), known.secret(), "").authorization());
        let upgrade = Upgrade {
            target: &self.target,
            host: &self.address.to_string(),
            authorization: authorization.as_ref().map(|header| header.as_str()),
            protocol: self.protocol.as_deref(),
        };
        let Upgraded { rest } =
            upgrade.perform(&mut reader, &writer, &deadline).map_err(refused)?;
        reader.set_read_timeout(None)?;
        writer.set_write_timeout(Some(WRITE_TIMEOUT))?;
        let told = self.applications.iter().filter(|_| self.is_told);
        let opening = told.flat_map(|name| {
            let text = event("ApplicationRegistered", name, &Value::Null);
            websocket::text(Role::Client, &text)
        });
        let (opening, applications) = (opening.collect(), self.applications.clone());
        let shared = Arc::clone(&fake.shared);
        let (open, opens) = bounded::<()>(0);
        let ending = writer.clone();
        fake.shared.begin(ending, move |number| {
            let socket = Arc::new(Socket {
                number,
                role: Role::Client,
                applications,
                subscribe_all: false,
                writer: writer.clone(),
            });
            let shared = &*shared;
            let mut connection = Connection { shared, number, reader, writer, buffer: rest };
            connection.serve_events(&socket, opening, || drop(open));
        })?;
        // Nothing is sent there: it ends when the socket is open, or cannot be.
        let _ = opens.recv();
        Ok(())
    }
}

impl FakeAri {
    /// Opens an event socket to a server, as Asterisk does with `type = outbound_websocket`, for one
    /// application. [`FakeAriDial`] has the settings there are.
    pub fn dial(&self, address: SocketAddr, application: impl Into<String>) -> Result<()> {
        FakeAriDial::to(address).application(application).open(self)
    }
}

impl fmt::Debug for FakeAriDial {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("FakeAriDial")
            .field("address", &self.address)
            .field("applications", &self.applications)
            .finish_non_exhaustive()
    }
}
