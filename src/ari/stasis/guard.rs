//! An app that runs by itself.

use std::fmt;
use std::sync::Arc;

use parking_lot::Mutex;

use super::desk::Desk;
use super::stats::{StasisAppStats, StasisReport};
use super::{STACK, StasisApp};
use crate::error::{Error, Result};
use crate::sync::shutdown::{Closes, ShutdownHandle};
use crate::sync::worker::Worker;

/// An app that runs on a thread of its own, from [`StasisApp::spawn`].
///
/// Dropping it shuts the app down and waits for its end, as [`StasisApp::run`] does; on one of the
/// app's own threads, in a handler, it only shuts it down.
#[must_use = "dropping it ends the app"]
pub struct StasisAppGuard {
    desk: Arc<Desk>,
    worker: Worker,
    /// What `run` returned, once it has.
    outcome: Arc<Mutex<Option<Result<StasisReport>>>>,
}

impl StasisAppGuard {
    pub(super) fn start(app: StasisApp) -> Result<Self> {
        let desk = Arc::clone(&app.desk);
        let outcome = Arc::new(Mutex::new(None));
        let told = Arc::clone(&outcome);
        let worker = Worker::spawn("stasis-app", STACK, move || {
            let ran = app.run();
            *told.lock() = Some(ran);
        })?;
        Ok(Self { desk, worker, outcome })
    }

    /// What the app is at, and has done so far.
    pub fn stats(&self) -> StasisAppStats {
        self.desk.stats()
    }

    /// What ends the app, from any thread.
    pub fn shutdown_handle(&self) -> ShutdownHandle {
        ShutdownHandle::new(&self.desk)
    }

    /// Shuts the app down, waits for its end and returns what happened: see [`StasisApp::run`].
    ///
    /// # Errors
    ///
    /// Those of [`StasisApp::run`]; [`Error::Invalid`] in a handler of this app, which cannot wait for
    /// its own end.
    pub fn shutdown(self) -> Result<StasisReport> {
        self.desk.close();
        self.join()
    }

    /// Waits until somebody else has shut the app down, or its client is over, and returns what
    /// happened.
    ///
    /// # Errors
    ///
    /// Those of [`StasisApp::run`]; [`Error::Invalid`] in a handler of this app, which cannot wait for
    /// its own end.
    pub fn join(self) -> Result<StasisReport> {
        if self.desk.crew.is_own_thread() {
            return Err(Error::invalid("a handler cannot wait for the end of its app"));
        }
        self.worker.join();
        let outcome = self.outcome.lock().take();
        outcome.unwrap_or(Err(Error::Closed))
    }
}

impl Drop for StasisAppGuard {
    fn drop(&mut self) {
        self.desk.close();
        if !self.desk.crew.is_own_thread() {
            self.worker.join();
        }
    }
}

impl fmt::Debug for StasisAppGuard {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("StasisAppGuard").field("stats", &self.stats()).finish_non_exhaustive()
    }
}
