//! Handlers of events that a client waits for at its end.

use parking_lot::Mutex;

use super::subscription::EventHandler;

/// Those that were started for a client and may still run.
#[derive(Debug, Default)]
pub(crate) struct Handlers {
    /// Taken alone, and never held while a handler is waited for.
    running: Mutex<Vec<EventHandler>>,
}

impl Handlers {
    /// Has [`join`](Self::join) wait for this one too. Those that have ended meanwhile are forgotten.
    pub(crate) fn keep(&self, handler: EventHandler) {
        let mut running = self.running.lock();
        running.retain(|handler| !handler.is_finished());
        running.push(handler);
    }

    /// Waits until all of them have ended, but for the one that calls this.
    pub(crate) fn join(&mut self) {
        for handler in self.running.get_mut().drain(..) {
            handler.join();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_handler_that_has_ended_is_not_kept_for_ever() {
        let handlers = Handlers::default();
        for _ in 0..3 {
            let handler = EventHandler::spawn("test-event", |()| {}, |_| None).unwrap();
            handler.join();
            handlers.keep(handler);
            assert_eq!(handlers.running.lock().len(), 1);
        }
    }
}
