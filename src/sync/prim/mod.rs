//! What `sync` is built on, so that a model checker can take its place.
//!
//! With `--cfg loom` the locks, atomics and the channel are loom's, and the tests of this folder
//! run under every interleaving that matters.

#[cfg(not(all(loom, test)))]
mod real {
    pub(crate) use std::sync::Arc;
    pub(crate) use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering};
    pub(crate) use std::thread::yield_now;

    pub(crate) use crossbeam_channel as channel;
    pub(crate) use parking_lot::{Condvar, Mutex, MutexGuard};

    /// Waits to be woken, or for nothing at all: the caller looks again.
    pub(crate) fn wait<'a, T>(
        condvar: &Condvar,
        mut guard: MutexGuard<'a, T>,
    ) -> MutexGuard<'a, T> {
        condvar.wait(&mut guard);
        guard
    }

    /// Waits until `look` finds something.
    pub(crate) fn wait_for<T, R>(
        condvar: &Condvar,
        mut guard: MutexGuard<'_, T>,
        mut look: impl FnMut(&mut T) -> Option<R>,
    ) -> R {
        loop {
            if let Some(found) = look(&mut guard) {
                return found;
            }
            condvar.wait(&mut guard);
        }
    }
}

#[cfg(all(loom, test))]
mod modelled;

#[cfg(all(loom, test))]
pub(crate) use modelled::*;
#[cfg(not(all(loom, test)))]
pub(crate) use real::*;
