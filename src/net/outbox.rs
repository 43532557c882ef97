//! Many callers, one writer.
//!
//! Callers append to one buffer; whoever finds nobody writing writes for all, until the buffer is
//! empty. A caller who does not wait for the answer leaves the writing to a thread of the
//! connection, which also sends what nobody else would: keep-alives, and what TLS has to say. So
//! the thread that reads never writes, and requests that are made while one is being written go
//! out together.
//!
//! Locks: `state` is never held across a system call. A caller's registration runs under it, and
//! may take the lock of the pending requests, in this order.

use std::sync::Arc;
use std::thread;
use std::time::Instant;

use parking_lot::{Condvar, Mutex, MutexGuard};

use super::duplex::WriteHalf;

/// Beyond this many bytes that wait for a peer who does not read, callers wait too.
const FULL: usize = 1 << 20;

/// The buffer a writer gives back is kept up to this size.
const KEPT: usize = 64 << 10;

#[derive(Debug)]
pub(crate) struct Outbox {
    state: Mutex<State>,
    /// For the writing thread.
    work: Condvar,
    /// For callers who found the buffer full.
    room: Condvar,
}

#[derive(Debug, Default)]
struct State {
    wire: Option<Arc<WriteHalf>>,
    buffer: Vec<u8>,
    /// How many bytes have been handed to the operating system, over all connections.
    handed_over: u64,
    /// Somebody is writing.
    busy: bool,
    /// The writing thread, or whoever writes now, has something to send.
    nudged: bool,
    waiting: usize,
    stopped: bool,
}

/// Who writes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Send {
    /// The caller, unless somebody is at it.
    Now,
    /// The caller, after others who are about to call too had their chance to.
    Together,
    /// The writing thread.
    Soon,
}

/// Why nothing was taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum NotTaken {
    NotConnected,
    Full,
}

impl Outbox {
    pub(crate) fn new() -> Self {
        Self { state: Mutex::default(), work: Condvar::new(), room: Condvar::new() }
    }

    /// Queues `bytes`. `register` is called with their position in the stream of all bytes, before
    /// any of them can be written; it is not called if they are not taken.
    pub(crate) fn submit<R>(
        &self,
        bytes: &[u8],
        deadline: Instant,
        send: Send,
        register: impl FnOnce(u64) -> R,
    ) -> Result<R, NotTaken> {
        let mut state = self.state.lock();
        while state.wire.is_some() && state.buffer.len() >= FULL {
            state.waiting += 1;
            let late = self.room.wait_until(&mut state, deadline).timed_out();
            state.waiting -= 1;
            if late {
                return Err(NotTaken::Full);
            }
        }
        if state.wire.is_none() {
            return Err(NotTaken::NotConnected);
        }
        let registered = register(state.handed_over + state.buffer.len() as u64);
        state.buffer.extend_from_slice(bytes);
        match send {
            _ if state.busy => {}
            Send::Soon => self.leave_to_thread(state),
            Send::Now => self.write_all(state),
            Send::Together => {
                state.busy = true;
                drop(state);
                thread::yield_now();
                self.write_all(self.state.lock());
            }
        }
        Ok(registered)
    }

    /// Writes what waits, if nobody is at it.
    pub(crate) fn flush(&self) {
        let state = self.state.lock();
        if !state.busy && (state.nudged || !state.buffer.is_empty()) {
            self.write_all(state);
        }
    }

    /// Has the writing thread send what TLS has to say.
    pub(crate) fn nudge(&self) {
        self.leave_to_thread(self.state.lock());
    }

    fn leave_to_thread(&self, mut state: MutexGuard<'_, State>) {
        let first = !std::mem::replace(&mut state.nudged, true);
        drop(state);
        if first {
            self.work.notify_one();
        }
    }

    /// From now on bytes go here.
    pub(crate) fn attach(&self, wire: Arc<WriteHalf>) {
        self.state.lock().wire = Some(wire);
    }

    /// From now on bytes go nowhere. What waited is dropped; everything registered before the
    /// returned position may have been sent, everything from there on was not.
    pub(crate) fn detach(&self) -> u64 {
        let mut state = self.state.lock();
        state.wire = None;
        state.buffer = Vec::new();
        self.room.notify_all();
        state.handed_over
    }

    /// How many bytes have been handed to the operating system.
    pub(crate) fn handed_over(&self) -> u64 {
        self.state.lock().handed_over
    }

    /// Ends the writing thread.
    pub(crate) fn stop(&self) {
        self.state.lock().stopped = true;
        self.work.notify_all();
    }

    /// The writing thread's work.
    pub(crate) fn run(&self) {
        let mut state = self.state.lock();
        while !state.stopped {
            if state.nudged && !state.busy {
                self.write_all(state);
                state = self.state.lock();
            } else {
                self.work.wait(&mut state);
            }
        }
    }

    /// Writes until nothing waits. Only one thread is in here: the one that set `busy`.
    fn write_all<'a>(&'a self, mut state: MutexGuard<'a, State>) {
        state.busy = true;
        while state.nudged || !state.buffer.is_empty() {
            state.nudged = false;
            let Some(wire) = state.wire.clone() else { break };
            let mut bytes = std::mem::take(&mut state.buffer);
            state.handed_over += bytes.len() as u64;
            // There is room from now on, however long the writing takes.
            self.make_room_known(&state);
            drop(state);
            let written =
                if bytes.is_empty() { wire.flush_pending() } else { wire.write_all(&bytes) };
            bytes.clear();
            state = self.state.lock();
            if state.buffer.is_empty() && bytes.capacity() <= KEPT {
                state.buffer = bytes;
            }
            if let Err(e) = written {
                log::debug!("writing failed: {e}");
                // The reader hears of it and takes the wire away. Nothing may follow half a message.
                wire.shutdown();
                if state.wire.as_ref().is_some_and(|current| Arc::ptr_eq(current, &wire)) {
                    state.wire = None;
                    state.buffer = Vec::new();
                    self.make_room_known(&state);
                }
            }
        }
        state.busy = false;
    }

    /// Wakes the callers who wait for room, or for the news that there is no connection.
    fn make_room_known(&self, state: &State) {
        if state.waiting > 0 {
            self.room.notify_all();
        }
    }
}
