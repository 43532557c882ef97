//! Blocking client for Asterisk.

mod credentials;
mod error;
mod net;
mod reconnect;
pub mod types;

pub use credentials::Credentials;
pub use error::{
    AuthError, ConnectionError, Error, Incomplete, ProtocolError, Result, TimeoutError,
};
#[cfg(feature = "tls")]
pub use net::Tls;
pub use reconnect::{ConnectionState, ReconnectPolicy};
