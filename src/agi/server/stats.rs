//! What a server counts.

use std::sync::atomic::Ordering;

use super::Agi;
use crate::serving::Floor;

/// What a server is at, and has done so far.
///
/// Every connection is counted once, as one of `served`, `failed`, `refused`, `turned_away` and
/// `unread`, when it is over.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct AgiServerStats {
    /// Calls that are being handled.
    pub active: usize,
    /// Callers who wait for a worker.
    pub queued: usize,
    /// Callers who have not yet described their call.
    pub receiving: usize,
    /// Threads there are, busy or not.
    pub threads: usize,
    /// Calls that ended as they should: the handler returned, or the caller hung up.
    pub served: u64,
    /// Calls whose handler returned an error or panicked.
    pub failed: u64,
    /// Those of them whose handler panicked.
    pub panicked: u64,
    /// Callers for whom there was neither a worker nor a place in the queue, or no time at a
    /// shutdown.
    pub refused: u64,
    /// Connections that the admission did not let in.
    pub turned_away: u64,
    /// Connections that never described a call: silent, too slow, too large, gone, or no AGI.
    pub unread: u64,
}

impl AgiServerStats {
    pub(super) fn of(floor: &Floor<Agi>) -> Self {
        let pool = floor.pool.gauges();
        Self {
            active: pool.active,
            queued: pool.queued,
            receiving: floor.reception.len(),
            threads: floor.crew.len(),
            served: pool.done,
            failed: pool.failed,
            panicked: pool.panicked,
            refused: pool.refused,
            turned_away: floor.service.turned_away.load(Ordering::Relaxed),
            unread: floor.service.unread.load(Ordering::Relaxed),
        }
    }
}

/// What a server did in its life, from [`AgiServer::run`](super::AgiServer::run).
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct AgiReport {
    /// Calls that ended as they should: the handler returned, or the caller hung up.
    pub served: u64,
    /// Calls whose handler returned an error or panicked.
    pub failed: u64,
    /// Those of them whose handler panicked.
    pub panicked: u64,
    /// Callers for whom there was neither a worker nor a place in the queue, or no time at the
    /// shutdown.
    pub refused: u64,
    /// Connections that the admission did not let in.
    pub turned_away: u64,
    /// Connections that never described a call.
    pub unread: u64,
    /// Calls that were still under way when the shutdown's grace was over, so that their
    /// connections were closed. They are counted above as well, by how their handlers ended.
    pub closed: u64,
}
