//! Waiting and handing over between threads; knows nothing of sockets or Asterisk.

pub(crate) mod bus;
pub(crate) mod pending;
mod prim;
pub(crate) mod subscription;
pub(crate) mod worker;
