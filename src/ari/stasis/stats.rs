//! What is counted.

/// What a [`StasisApp`](super::StasisApp) is at, and has done so far.
///
/// Every call is counted once, as one of `served`, `failed`, `refused` and `abandoned`, when it is
/// over for this program.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct StasisAppStats {
    /// Calls that are being handled.
    pub active: usize,
    /// Calls that wait for a worker.
    pub queued: usize,
    /// Workers there are, busy or not.
    pub threads: usize,
    /// Calls that ended as they should: the handler returned, or the caller hung up.
    pub served: u64,
    /// Calls whose handler returned an error or panicked.
    pub failed: u64,
    /// Those of them whose handler panicked.
    pub panicked: u64,
    /// Calls for which there was neither a worker nor a place in the queue, or no time at a shutdown.
    pub refused: u64,
    /// Calls that ended while they waited for a worker.
    pub abandoned: u64,
    /// Channels that entered the application and were not taken for calls: legs that this program has
    /// made, and what [`accept`](super::StasisAppBuilder::accept) left to others.
    pub passed_over: u64,
}

/// What a [`StasisApp`](super::StasisApp) did in its life, from [`run`](super::StasisApp::run).
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct StasisReport {
    /// Calls that ended as they should: the handler returned, or the caller hung up.
    pub served: u64,
    /// Calls whose handler returned an error or panicked.
    pub failed: u64,
    /// Those of them whose handler panicked.
    pub panicked: u64,
    /// Calls for which there was neither a worker nor a place in the queue, or no time at the
    /// shutdown.
    pub refused: u64,
    /// Calls that ended while they waited for a worker.
    pub abandoned: u64,
    /// Channels that entered the application and were not taken for calls.
    pub passed_over: u64,
    /// Calls that were still under way when the shutdown's grace was over, so that they were ended.
    /// They are counted above as well, by how their handlers ended.
    pub closed: u64,
}
