//! What a server counts.

use std::sync::atomic::Ordering;

use super::Ari;
use crate::serving::Floor;

/// What a server is at, and has done so far.
///
/// Every connection is counted once, as one of `served`, `failed`, `refused`, `unauthorized`,
/// `turned_away` and `unread`, when it is over.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct AriServerStats {
    /// Sessions there are, those included that are about to begin or to end.
    pub active: usize,
    /// Connections that have not yet said what they want.
    pub receiving: usize,
    /// Threads there are, busy or not, without those of the sessions' clients.
    pub threads: usize,
    /// Sessions that ended as they should: the handler returned, or Asterisk closed the socket.
    pub served: u64,
    /// Sessions whose handler returned an error or panicked.
    pub failed: u64,
    /// Those of them whose handler panicked.
    pub panicked: u64,
    /// Connections for which there was no room (503).
    pub refused: u64,
    /// Connections with a wrong user or password, or none (401).
    pub unauthorized: u64,
    /// Connections that the admission did not let in (403).
    pub turned_away: u64,
    /// Connections that never became a session: silent, too slow, gone, without a proper request, for a
    /// path that is not served, or by somebody who names no application as Asterisk does.
    pub unread: u64,
}

impl AriServerStats {
    pub(super) fn of(floor: &Floor<Ari>) -> Self {
        let (pool, service) = (floor.pool.gauges(), &floor.service);
        Self {
            active: pool.active,
            receiving: floor.reception.len(),
            threads: floor.crew.len(),
            served: pool.done,
            failed: pool.failed,
            panicked: pool.panicked,
            refused: pool.refused,
            unauthorized: service.unauthorized.load(Ordering::Relaxed),
            turned_away: service.turned_away.load(Ordering::Relaxed),
            unread: service.unread.load(Ordering::Relaxed),
        }
    }
}

/// What a server did in its life, from [`AriServer::run`](super::AriServer::run).
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct AriReport {
    /// Sessions that ended as they should: the handler returned, or Asterisk closed the socket.
    pub served: u64,
    /// Sessions whose handler returned an error or panicked.
    pub failed: u64,
    /// Those of them whose handler panicked.
    pub panicked: u64,
    /// Connections for which there was no room.
    pub refused: u64,
    /// Connections with a wrong user or password, or none.
    pub unauthorized: u64,
    /// Connections that the admission did not let in.
    pub turned_away: u64,
    /// Connections that never became a session.
    pub unread: u64,
    /// Sessions that were still under way when the shutdown's grace was over, so that their sockets
    /// were closed. They are counted above as well, by how their handlers ended.
    pub closed: u64,
}
