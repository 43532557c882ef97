//! What `sync` is built on, so that a model checker can take its place.
//!
//! With `--cfg loom` the locks, atomics and the channel are loom's, and the tests of this folder
//! run under every interleaving that matters.

#[cfg(not(loom))]
mod real {
    pub(crate) use std::sync::Arc;
    pub(crate) use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering};

    pub(crate) use crossbeam_channel as channel;
    pub(crate) use parking_lot::{Condvar, Mutex};
}

#[cfg(loom)]
mod modelled;

#[cfg(loom)]
pub(crate) use modelled::*;
#[cfg(not(loom))]
pub(crate) use real::*;
