//! Sockets: dialling, TLS, and two halves that several threads use at once. Knows nothing of
//! Asterisk.

mod closer;
mod deadline;
mod dial;
mod duplex;
pub(crate) mod outbox;
#[cfg(feature = "tls")]
mod pipe;
#[cfg(feature = "tls")]
mod tls;

pub(crate) use closer::Closer;
pub(crate) use deadline::Deadline;
pub(crate) use dial::dial;
#[cfg(feature = "testing")]
pub(crate) use dial::tune;
#[cfg(all(feature = "tls", any(test, feature = "testing")))]
pub(crate) use duplex::tls_accept;
#[cfg(feature = "tls")]
pub(crate) use duplex::tls_connect;
pub(crate) use duplex::{ReadHalf, WriteHalf, plain};
#[cfg(feature = "tls")]
pub(crate) use pipe::Pipe;
#[cfg(feature = "tls")]
pub use tls::Tls;
#[cfg(all(feature = "tls", any(test, feature = "testing")))]
pub(crate) use tls::TlsServer;

#[cfg(test)]
pub(crate) mod fixtures;
