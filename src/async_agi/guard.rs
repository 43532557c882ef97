//! What ends the serving from elsewhere.

use std::fmt;
use std::sync::{Arc, Weak};

use super::desk::Desk;

/// Ends what an [`AsyncAgi`](super::AsyncAgi) does, from any thread, a handler's included, as often
/// as one likes.
#[derive(Clone)]
pub struct ShutdownHandle {
    /// Weak, so that the client is free when the serving is over, whoever still holds this.
    desk: Weak<Desk>,
}

impl ShutdownHandle {
    pub(super) fn new(desk: &Arc<Desk>) -> Self {
        Self { desk: Arc::downgrade(desk) }
    }

    /// Takes no more channels from now on: those that come are sent back to the dialplan.
    /// [`AsyncAgi::join`](super::AsyncAgi::join) lets the calls under way come to an end and
    /// returns. Never waits for that. Again, or after the end, it does nothing.
    pub fn shutdown(&self) {
        if let Some(desk) = self.desk.upgrade() {
            desk.close();
        }
    }

    /// Whether the serving has been told to end, or has ended.
    pub fn is_shutdown(&self) -> bool {
        self.desk.upgrade().is_none_or(|desk| desk.is_closed())
    }
}

impl fmt::Debug for ShutdownHandle {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ShutdownHandle").field("is_shutdown", &self.is_shutdown()).finish()
    }
}
