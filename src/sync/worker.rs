//! Threads with names that somebody joins.

use std::io;
use std::sync::Arc;
use std::thread::{self, JoinHandle, ThreadId};

use crossbeam_channel::{Receiver, bounded};
use parking_lot::Mutex;

/// A thread that anybody may wait for, as often as they like.
#[derive(Debug, Clone)]
pub(crate) struct Worker {
    id: ThreadId,
    /// Its other end lives in the thread, and falls with it.
    done: Receiver<()>,
    handle: Arc<Mutex<Option<JoinHandle<()>>>>,
}

impl Worker {
    /// Starts a thread. `stack` is in bytes.
    pub(crate) fn spawn(
        name: &str,
        stack: usize,
        work: impl FnOnce() + Send + 'static,
    ) -> io::Result<Self> {
        let (alive, done) = bounded::<()>(0);
        let handle =
            thread::Builder::new().name(name.to_owned()).stack_size(stack).spawn(move || {
                let _alive = alive;
                work();
            })?;
        let id = handle.thread().id();
        Ok(Self { id, done, handle: Arc::new(Mutex::new(Some(handle))) })
    }

    /// Whether it has ended.
    pub(crate) fn is_finished(&self) -> bool {
        matches!(self.done.try_recv(), Err(crossbeam_channel::TryRecvError::Disconnected))
    }

    /// Whether the calling thread is this one.
    pub(crate) fn is_current(&self) -> bool {
        self.id == thread::current().id()
    }

    /// Waits for its end; returns at once in the thread itself.
    pub(crate) fn join(&self) {
        if self.is_current() {
            return;
        }
        // No lock is held in the wait, so any number of threads may stand here, and the worker
        // may join others meanwhile.
        let _ = self.done.recv();
        let handle = self.handle.lock().take();
        if handle.is_some_and(|handle| handle.join().is_err()) {
            log::error!("a thread of asterisk-sync panicked");
        }
    }
}
