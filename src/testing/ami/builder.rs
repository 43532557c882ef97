//! How a fake is to be.

use super::classes::Classes;
use super::server::FakeAmi;
use crate::{Credentials, Result};

/// Settings of a [`FakeAmi`], from [`FakeAmi::builder`].
///
/// ```
/// use asterisk_sync::testing::FakeAmi;
///
/// # fn main() -> asterisk_sync::Result<()> {
/// // A user of manager.conf who may look and not touch.
/// let fake = FakeAmi::builder()
///     .credentials("watcher", "s3cret")
///     .read("call,system")
///     .write("reporting")
///     .start()?;
/// assert!(fake.client().connect()?.command("core show version").is_err());
/// # Ok(()) }
/// ```
#[derive(Debug, Clone)]
#[must_use = "nothing listens before start()"]
pub struct FakeAmiBuilder {
    pub(super) credentials: Credentials,
    pub(super) banner: String,
    pub(super) read: Classes,
    pub(super) write: Classes,
    pub(super) buffers: Option<usize>,
    #[cfg(feature = "tls")]
    pub(super) tls: bool,
}

impl Default for FakeAmiBuilder {
    fn default() -> Self {
        Self {
            credentials: Credentials::new("admin", "secret"),
            banner: "Asterisk Call Manager/11.0.0".into(),
            read: Classes::ALL,
            write: Classes::ALL,
            buffers: None,
            #[cfg(feature = "tls")]
            tls: false,
        }
    }
}

impl FakeAmiBuilder {
    /// The one user there is. Default: `admin` with the secret `secret`.
    pub fn credentials(mut self, username: impl Into<String>, secret: impl Into<String>) -> Self {
        self.credentials = Credentials::new(username, secret);
        self
    }

    /// The line a client is greeted with. Default: that of Asterisk 22.
    pub fn banner(mut self, banner: impl Into<String>) -> Self {
        self.banner = banner.into();
        self
    }

    /// The classes of events the user may read, as in `manager.conf`. Default: `all`.
    pub fn read(mut self, classes: &str) -> Self {
        self.read = Classes::named(classes);
        self
    }

    /// The classes of actions the user may send, as in `manager.conf`. Default: `all`.
    pub fn write(mut self, classes: &str) -> Self {
        self.write = Classes::named(classes);
        self
    }

    /// How much the operating system may hold on its way from and to each client, where a test
    /// has to fill that. Default: what the system likes, which may be megabytes.
    pub fn socket_buffers(mut self, bytes: usize) -> Self {
        self.buffers = Some(bytes);
        self
    }

    /// Speaks TLS, with a certificate for `localhost` and `127.0.0.1` that nobody should trust;
    /// [`ca_pem`](FakeAmi::ca_pem) is the one that signed it.
    #[cfg(feature = "tls")]
    #[cfg_attr(docsrs, doc(cfg(feature = "tls")))]
    pub fn tls(mut self) -> Self {
        self.tls = true;
        self
    }

    /// Listens on a free port of 127.0.0.1.
    pub fn start(self) -> Result<FakeAmi> {
        FakeAmi::launch(self)
    }
}
