//! Sockets: dialling, TLS, and two halves that several threads use at once. Knows nothing of
//! Asterisk.

mod closer;
mod deadline;
mod dial;
mod duplex;
#[cfg(feature = "ari")]
pub(crate) mod head;
#[cfg(feature = "ari")]
pub(crate) mod http;
#[cfg(any(feature = "agi", feature = "ari"))]
mod listen;
pub(crate) mod outbox;
#[cfg(feature = "tls")]
mod pipe;
#[cfg(feature = "tls")]
mod tls;
#[cfg(feature = "ari")]
pub(crate) mod websocket;

// An address is no socket, and whoever hands an accepted one in has to name it.
#[cfg(feature = "ari")]
pub(crate) use std::net::Ipv6Addr;
#[cfg(any(feature = "agi", feature = "ari"))]
pub(crate) use std::net::SocketAddr;
#[cfg(feature = "agi")]
pub(crate) use std::net::TcpStream as Stream;

pub(crate) use closer::Closer;
pub(crate) use deadline::Deadline;
pub(crate) use dial::dial;
#[cfg(any(feature = "testing", feature = "agi", feature = "ari"))]
pub(crate) use dial::tune;
#[cfg(all(feature = "tls", any(test, feature = "testing", feature = "ari")))]
pub(crate) use duplex::tls_accept;
#[cfg(feature = "tls")]
pub(crate) use duplex::tls_connect;
pub(crate) use duplex::{ReadHalf, WriteHalf, plain};
#[cfg(any(feature = "agi", feature = "ari"))]
pub(crate) use listen::Listener;
#[cfg(feature = "agi")]
pub(crate) use listen::accepted;
#[cfg(feature = "tls")]
pub(crate) use pipe::Pipe;
#[cfg(feature = "tls")]
pub use tls::Tls;
#[cfg(all(feature = "tls", any(test, feature = "testing", feature = "ari")))]
pub(crate) use tls::TlsServer;

#[cfg(test)]
pub(crate) mod fixtures;
