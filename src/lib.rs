//! Blocking client for Asterisk.

mod credentials;
mod error;
mod reconnect;
pub mod types;

pub use credentials::Credentials;
pub use error::{
    AuthError, ConnectionError, Error, Incomplete, ProtocolError, Result, TimeoutError,
};
pub use reconnect::{ConnectionState, ReconnectPolicy};
