//! Waiting and handing over between threads; knows nothing of sockets or Asterisk.

pub(crate) mod bus;
#[cfg(all(any(feature = "agi", feature = "ari"), not(all(loom, test))))]
pub(crate) mod crew;
pub(crate) mod event_pool;
#[cfg(all(any(feature = "ami", feature = "ari"), not(all(loom, test))))]
pub(crate) mod handlers;
mod lanes;
pub(crate) mod pending;
#[cfg(all(feature = "ari", not(all(loom, test))))]
pub(crate) mod permits;
#[cfg_attr(
    any(not(any(feature = "agi", feature = "ari")), all(loom, test)),
    allow(dead_code, reason = "for the servers")
)]
pub(crate) mod pool;
pub(crate) mod pool_settings;
mod prim;
#[cfg(all(any(feature = "agi", feature = "ari"), not(all(loom, test))))]
pub(crate) mod shutdown;
pub(crate) mod subscription;
pub(crate) mod typed;
pub(crate) mod waiting;
pub(crate) mod worker;
