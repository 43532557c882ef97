//! What ends a server, and what waits for its end.

use std::sync::{Arc, Weak};

use parking_lot::Mutex;

use super::{Floor, Service};
use crate::error::{Error, Result};
use crate::net::Listener;
use crate::sync::worker::Worker;

/// The thread only waits for the others.
const STACK: usize = 128 << 10;

/// Ends a server, from any thread, a handler's included, as often as one likes.
#[derive(Debug, Clone)]
pub struct ShutdownHandle {
    /// Weak, so that the port is free when the server is gone, whoever still holds this.
    listener: Weak<Listener>,
}

impl ShutdownHandle {
    pub(crate) fn new(listener: &Arc<Listener>) -> Self {
        Self { listener: Arc::downgrade(listener) }
    }

    /// Nobody is accepted any more from now on; the server's `run` lets those who are here come to
    /// an end and returns. Never waits for that. Again, or after the server's end, it does nothing.
    pub fn shutdown(&self) {
        if let Some(listener) = self.listener.upgrade() {
            listener.close();
        }
    }

    /// Whether the server has been told to end, or has ended.
    pub fn is_shutdown(&self) -> bool {
        self.listener.upgrade().is_none_or(|listener| listener.is_closed())
    }
}

/// A server that runs on a thread of its own.
///
/// Dropping it shuts the server down and waits for its end; on one of the server's own threads, in a
/// handler, it only shuts it down.
pub(crate) struct Running<S: Service, R> {
    pub(crate) floor: Arc<Floor<S>>,
    worker: Worker,
    /// What running it returned, once it has.
    outcome: Arc<Mutex<Option<Result<R>>>>,
}

impl<S: Service, R: Send + 'static> Running<S, R> {
    pub(crate) fn start(
        name: &str,
        floor: Arc<Floor<S>>,
        run: impl FnOnce() -> Result<R> + Send + 'static,
    ) -> Result<Self> {
        let outcome = Arc::new(Mutex::new(None));
        let told = Arc::clone(&outcome);
        let worker = Worker::spawn(name, STACK, move || {
            let ran = run();
            *told.lock() = Some(ran);
        })?;
        Ok(Self { floor, worker, outcome })
    }

    /// Stops accepting.
    pub(crate) fn close(&self) {
        self.floor.listener.close();
    }

    /// Waits until it has ended, and returns what happened.
    pub(crate) fn join(&self) -> Result<R> {
        if self.floor.crew.is_own_thread() {
            return Err(Error::invalid("a handler cannot wait for the end of its server"));
        }
        self.worker.join();
        let outcome = self.outcome.lock().take();
        outcome.unwrap_or(Err(Error::Closed))
    }
}

impl<S: Service, R> Drop for Running<S, R> {
    fn drop(&mut self) {
        self.floor.listener.close();
        if !self.floor.crew.is_own_thread() {
            self.worker.join();
        }
    }
}
