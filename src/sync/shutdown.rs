//! What ends those who serve, from anywhere.

use std::fmt;
use std::sync::{Arc, Weak};

/// What serves until it is told to end.
pub(crate) trait Closes: Send + Sync + 'static {
    /// Takes nobody any more. Never waits for those who are here; again does nothing.
    fn close(&self);

    /// Whether nobody is taken any more.
    fn is_closed(&self) -> bool;
}

/// Ends what serves, from any thread, a handler's included, as often as one likes.
///
/// It is one type for all that serve: servers, apps in Stasis, and the serving of AsyncAGI.
#[derive(Clone)]
pub struct ShutdownHandle {
    /// Weak, so that the port or the client is free when the serving is over, whoever still holds this.
    serving: Weak<dyn Closes>,
}

impl ShutdownHandle {
    pub(crate) fn new<C: Closes>(serving: &Arc<C>) -> Self {
        let serving = Arc::downgrade(serving);
        Self { serving }
    }

    /// Nobody is taken any more from now on; those who are here come to an end, and whoever runs or
    /// joins what serves waits for them. Returns at once. Again, or after the end, it does nothing.
    pub fn shutdown(&self) {
        if let Some(serving) = self.serving.upgrade() {
            serving.close();
        }
    }

    /// Whether it has been told to end, or has ended.
    pub fn is_shutdown(&self) -> bool {
        self.serving.upgrade().is_none_or(|serving| serving.is_closed())
    }
}

impl fmt::Debug for ShutdownHandle {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ShutdownHandle").field("is_shutdown", &self.is_shutdown()).finish()
    }
}
