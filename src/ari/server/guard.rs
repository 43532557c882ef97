//! A server that runs by itself.

use std::fmt;

use super::{Ari, AriReport, AriServer, AriServerStats, ShutdownHandle};
use crate::error::Result;
use crate::net::SocketAddr;
use crate::serving::Running;

/// A server that runs on a thread of its own, from [`AriServer::spawn`].
///
/// Dropping it shuts the server down and waits for its end, as [`AriServer::run`] does; on one of
/// the server's own threads, in a handler, it only shuts it down.
#[must_use = "dropping it ends the server"]
pub struct AriServerGuard {
    running: Running<Ari, AriReport>,
}

impl AriServerGuard {
    pub(super) fn start(server: AriServer) -> Result<Self> {
        let floor = server.floor.clone();
        let running = Running::start("ari-server", floor, move || server.run())?;
        Ok(Self { running })
    }

    /// The address the server listens on.
    pub fn local_addr(&self) -> SocketAddr {
        self.running.floor.listener.address()
    }

    /// What the server is at, and has done so far.
    pub fn stats(&self) -> AriServerStats {
        AriServerStats::of(&self.running.floor)
    }

    /// What ends the server, from any thread.
    pub fn shutdown_handle(&self) -> ShutdownHandle {
        ShutdownHandle::new(&self.running.floor.listener)
    }

    /// Shuts the server down, waits for its end and returns what happened: see [`AriServer::run`].
    ///
    /// # Errors
    ///
    /// Those of [`AriServer::run`]; [`Error::Invalid`](crate::Error::Invalid) in a handler of this
    /// server, which cannot wait for its own end.
    pub fn shutdown(self) -> Result<AriReport> {
        self.running.close();
        self.running.join()
    }

    /// Waits until somebody else has shut the server down and returns what happened.
    ///
    /// # Errors
    ///
    /// Those of [`AriServer::run`]; [`Error::Invalid`](crate::Error::Invalid) in a handler of this
    /// server, which cannot wait for its own end.
    pub fn join(self) -> Result<AriReport> {
        self.running.join()
    }
}

impl fmt::Debug for AriServerGuard {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("AriServerGuard")
            .field("address", &self.local_addr())
            .field("stats", &self.stats())
            .finish_non_exhaustive()
    }
}
