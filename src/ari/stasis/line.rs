//! What the thread that hears of a call tells the one that handles it.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Instant;

use parking_lot::{Condvar, Mutex};

use crate::EventSubscription;
use crate::ari::message::AriMessage;
use crate::sync::bus::{EventBus, Gap, Subscribe};

/// Why there is nothing more to hear of a call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum End {
    /// The channel has left the application.
    Left,
    /// This side ends it and sends the channel away: there is no room, or a shutdown's grace is over.
    Closed,
    /// There is nobody any more who would hear of it: the client is over.
    Over,
}

/// One call's news, and its end.
///
/// Locks: `end`, taken alone and for moments; the lock of the bus is taken by itself.
pub(super) struct Line {
    bus: EventBus<AriMessage>,
    end: Mutex<Option<End>>,
    ended: Condvar,
    /// The handler has sent the channel out of the application itself.
    departed: Arc<AtomicBool>,
}

impl Line {
    /// A line, and the events that will be told to it.
    pub(super) fn open(bounds: &Subscribe) -> (Arc<Self>, EventSubscription<AriMessage>) {
        let line = Self {
            bus: EventBus::new(),
            end: Mutex::new(None),
            ended: Condvar::new(),
            departed: Arc::default(),
        };
        let events = line.bus.subscribe(bounds.clone());
        (Arc::new(line), events)
    }

    pub(super) fn tell(&self, message: &AriMessage) {
        self.bus.publish(message.clone());
    }

    /// Events are missing that may have been this call's.
    pub(super) fn miss(&self, gap: Gap) {
        self.bus.pass_on(gap);
    }

    /// Ends every wait. The first end counts.
    pub(super) fn end(&self, end: End) {
        self.end.lock().get_or_insert(end);
        self.ended.notify_all();
        // Last: whoever finds the stream at its end looks for the reason.
        self.bus.close();
    }

    pub(super) fn how_it_ended(&self) -> Option<End> {
        *self.end.lock()
    }

    /// Waits until it ends; `None` if it has not at the deadline.
    pub(super) fn wait(&self, deadline: Option<Instant>) -> Option<End> {
        let mut end = self.end.lock();
        while end.is_none() {
            match deadline {
                Some(at) => {
                    if self.ended.wait_until(&mut end, at).timed_out() {
                        break;
                    }
                }
                None => self.ended.wait(&mut end),
            }
        }
        *end
    }

    pub(super) fn has_departed(&self) -> bool {
        self.departed.load(Ordering::Acquire)
    }

    pub(super) fn departed(&self) -> Arc<AtomicBool> {
        Arc::clone(&self.departed)
    }
}
