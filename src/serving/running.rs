//! A server that runs by itself, and what ends it.

use std::sync::Arc;

use parking_lot::Mutex;

use super::{Floor, Service};
use crate::error::{Error, Result};
use crate::net::Listener;
use crate::sync::shutdown::Closes;
use crate::sync::worker::Worker;

/// The thread only waits for the others.
const STACK: usize = 128 << 10;

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

/// What ends a server is that nobody is accepted any more.
impl Closes for Listener {
    fn close(&self) {
        self.close();
    }

    fn is_closed(&self) -> bool {
        self.is_closed()
    }
}
