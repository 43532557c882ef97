//! SIGHUP, by which Asterisk tells a script that the channel has hung up.

use std::convert::Infallible;

use crossbeam_channel::Receiver;

use crate::error::Result;
use crate::net::Closer;

/// Takes SIGHUP for as long as it lives, instead of being killed by it.
///
/// A thread of its own, `agi-signal`, waits for the signal; it is joined in the end.
#[derive(Debug)]
pub(crate) struct HangupSignal {
    told: Closer,
    #[cfg(unix)]
    waiter: (signal_hook::iterator::Handle, crate::sync::worker::Worker),
}

/// What the thread that waits needs of a stack.
#[cfg(unix)]
const STACK: usize = 64 * 1024;

impl HangupSignal {
    #[cfg(unix)]
    pub(crate) fn new() -> Result<Self> {
        let mut signals = signal_hook::iterator::Signals::new([signal_hook::consts::SIGHUP])?;
        let handle = signals.handle();
        let told = Closer::new();
        let teller = told.clone();
        let worker = crate::sync::worker::Worker::spawn("agi-signal", STACK, move || {
            for _ in signals.forever() {
                teller.close();
            }
        })?;
        Ok(Self { told, waiter: (handle, worker) })
    }

    #[cfg(not(unix))]
    pub(crate) fn new() -> Result<Self> {
        Ok(Self { told: Closer::new() })
    }

    pub(crate) fn is_hung_up(&self) -> bool {
        self.told.is_closed()
    }

    /// Disconnects at the hangup.
    pub(crate) fn receiver(&self) -> Receiver<Infallible> {
        self.told.signal().clone()
    }
}

#[cfg(unix)]
impl Drop for HangupSignal {
    fn drop(&mut self) {
        let (handle, worker) = &self.waiter;
        handle.close();
        worker.join();
    }
}
