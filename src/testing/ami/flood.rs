//! More than anybody can read.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use super::server::FakeAmi;
use crate::Result;
use crate::sync::worker::Worker;

const STACK: usize = 256 << 10;

/// A flood that is under way, from [`FakeAmi::flood`]. It goes on when this is dropped.
#[derive(Debug, Clone)]
pub struct Flood {
    worker: Worker,
    sent: Arc<AtomicU64>,
}

impl FakeAmi {
    /// Sends `blocks` blocks to every session that is connected now, as fast as they are read,
    /// whatever their masks. `block` makes each from its number; for a block that is always the
    /// same, make it once and clone the `Arc`.
    ///
    /// ```
    /// # use std::sync::Arc;
    /// # use asterisk_sync::testing::FakeAmi;
    /// # fn main() -> asterisk_sync::Result<()> {
    /// let fake = FakeAmi::start()?;
    /// let ami = fake.client().connect()?;
    /// let events = ami.subscribe_with(asterisk_sync::ami::Filter::names(["Tick"]));
    ///
    /// let block: Arc<[u8]> = b"Event: Tick\r\n\r\n".repeat(100).into();
    /// let flood = fake.flood(50, move |_| Arc::clone(&block))?;
    /// flood.wait();
    /// assert_eq!(events.iter().take(5_000).count(), 5_000);
    /// # Ok(()) }
    /// ```
    pub fn flood<B: Into<Arc<[u8]>>>(
        &self,
        blocks: u64,
        mut block: impl FnMut(u64) -> B + Send + 'static,
    ) -> Result<Flood> {
        let sessions: Vec<_> = self.shared.registry().open().cloned().collect();
        let sent = Arc::new(AtomicU64::new(0));
        let (count, shared) = (Arc::clone(&sent), Arc::clone(&self.shared));
        let worker = Worker::spawn("fake-ami-flood", STACK, move || {
            for i in 0..blocks {
                let bytes: Arc<[u8]> = block(i).into();
                let mut heard = false;
                for session in &sessions {
                    if session.wait_for_room() {
                        session.send(Arc::clone(&bytes));
                        heard = true;
                    }
                }
                if !heard || shared.is_stopped() {
                    return;
                }
                count.fetch_add(1, Ordering::Relaxed);
            }
            for session in &sessions {
                session.wait_until_written();
            }
        })?;
        self.shared.keep(worker.clone());
        Ok(Flood { worker, sent })
    }
}

impl Flood {
    /// How many blocks were queued so far.
    pub fn sent(&self) -> u64 {
        self.sent.load(Ordering::Relaxed)
    }

    /// Whether everything was handed to the operating system, or every session has ended.
    pub fn is_finished(&self) -> bool {
        self.worker.is_finished()
    }

    /// Waits until everything was handed to the operating system, or every session has ended.
    pub fn wait(&self) {
        self.worker.join();
    }
}
