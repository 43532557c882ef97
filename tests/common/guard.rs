//! Patience that ends.

use std::panic::resume_unwind;
use std::sync::mpsc::{self, RecvTimeoutError};
use std::thread;
use std::time::Duration;

/// Long enough that a test which needs it has failed.
pub(crate) const LONG: Duration = Duration::from_secs(60);

/// Short enough to be waited for where a wait has to end without anything.
pub(crate) const SHORT: Duration = Duration::from_millis(20);

/// How long a whole test may take before it counts as hung.
const HUNG: Duration = Duration::from_secs(100);

/// Runs a test that hangs when it fails, and makes it fail instead.
pub(crate) fn guarded(test: impl FnOnce() + Send + 'static) {
    let (done, ended) = mpsc::channel::<()>();
    let runner = thread::spawn(move || {
        let _done = done;
        test();
    });
    assert_ne!(ended.recv_timeout(HUNG), Err(RecvTimeoutError::Timeout), "hung");
    if let Err(panic) = runner.join() {
        resume_unwind(panic);
    }
}
