//! Blocking client for Asterisk.

#[cfg(feature = "ami")]
pub mod ami;
mod credentials;
#[cfg_attr(not(feature = "ami"), allow(dead_code, reason = "what is there for protocols"))]
mod error;
#[cfg(feature = "ami")]
mod net;
#[cfg_attr(not(feature = "ami"), allow(dead_code, reason = "what is there for protocols"))]
mod reconnect;
#[cfg_attr(not(feature = "ami"), allow(dead_code, reason = "what is there for protocols"))]
mod sync;
#[cfg(feature = "testing")]
#[cfg_attr(docsrs, doc(cfg(feature = "testing")))]
pub mod testing;
pub mod types;

pub use credentials::Credentials;
pub use error::{
    AuthError, ConnectionError, Error, Incomplete, ProtocolError, Result, TimeoutError,
};
#[cfg(all(feature = "ami", feature = "tls"))]
pub use net::Tls;
pub use reconnect::{ConnectionState, ReconnectPolicy};
pub use sync::bus::{Batch, BatchIter, Event, EventBus, Gap, Overflow, Subscribe, SubscriberStats};
pub use sync::subscription::{EventHandler, EventSubscription, FilteredSubscription, Iter};
