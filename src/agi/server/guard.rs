//! A server that runs by itself.

use std::fmt;

use super::{Agi, AgiReport, AgiServer, AgiServerStats, ShutdownHandle};
use crate::error::Result;
use crate::net::SocketAddr;
use crate::serving::Running;

/// A server that runs on a thread of its own, from [`AgiServer::spawn`].
///
/// Dropping it shuts the server down and waits for its end, as [`AgiServer::run`] does; on one of
/// the server's own threads, in a handler, it only shuts it down.
#[must_use = "dropping it ends the server"]
pub struct AgiServerGuard {
    running: Running<Agi, AgiReport>,
}

impl AgiServerGuard {
    pub(super) fn start(server: AgiServer) -> Result<Self> {
        let floor = server.floor.clone();
        let running = Running::start("agi-server", floor, move || server.run())?;
        Ok(Self { running })
    }

    /// The address the server listens on.
    pub fn local_addr(&self) -> SocketAddr {
        self.running.floor.listener.address()
    }

    /// What the server is at, and has done so far.
    pub fn stats(&self) -> AgiServerStats {
        AgiServerStats::of(&self.running.floor)
    }

    /// What ends the server, from any thread.
    pub fn shutdown_handle(&self) -> ShutdownHandle {
        ShutdownHandle::new(&self.running.floor.listener)
    }

    /// Shuts the server down, waits for its end and returns what happened: see [`AgiServer::run`].
    ///
    /// # Errors
    ///
    /// Those of [`AgiServer::run`]; [`Error::Invalid`](crate::Error::Invalid) in a handler of this
    /// server, which cannot wait for its own end.
    pub fn shutdown(self) -> Result<AgiReport> {
        self.running.close();
        self.running.join()
    }

    /// Waits until somebody else has shut the server down and returns what happened.
    ///
    /// # Errors
    ///
    /// Those of [`AgiServer::run`]; [`Error::Invalid`](crate::Error::Invalid) in a handler of this
    /// server, which cannot wait for its own end.
    pub fn join(self) -> Result<AgiReport> {
        self.running.join()
    }
}

impl fmt::Debug for AgiServerGuard {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("AgiServerGuard")
            .field("address", &self.local_addr())
            .field("stats", &self.stats())
            .finish_non_exhaustive()
    }
}
