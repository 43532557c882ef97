//! Sockets: dialling, TLS, and two halves that several threads use at once. Knows nothing of
//! Asterisk.

mod closer;
mod deadline;
pub(crate) mod dial;
pub(crate) mod duplex;
pub(crate) mod outbox;
mod pipe;
#[cfg(feature = "tls")]
mod tls;

pub(crate) use closer::Closer;
pub(crate) use deadline::Deadline;
pub(crate) use dial::{dial, tune};
pub(crate) use duplex::{ReadHalf, WriteError, WriteHalf, plain};
#[cfg(feature = "tls")]
pub(crate) use duplex::{tls_accept, tls_connect};
pub(crate) use pipe::Pipe;
#[cfg(feature = "tls")]
pub use tls::Tls;
#[cfg(feature = "tls")]
pub(crate) use tls::TlsServer;

#[cfg(test)]
pub(crate) mod fixtures;
