//! One client's connection: a queue of what it is to be sent, and the thread that sends it.

use std::collections::VecDeque;
use std::net::{Shutdown, TcpStream};
use std::sync::Arc;
use std::time::{Duration, Instant};

use parking_lot::{Condvar, Mutex, MutexGuard};
use socket2::SockRef;

use super::classes::{Classes, Filters};
use super::frame::News;
use crate::net::WriteHalf;

/// Whoever can wait does so while more than this is queued for a client that does not read.
const FULL: usize = 1 << 20;

/// A client for whom more than this is queued is cut off, as Asterisk does after its write
/// timeout.
const LIMIT: usize = 64 << 20;

/// Small pieces go out together up to this size.
const TOGETHER: usize = 64 << 10;

/// A write that takes longer waits for a client that does not read.
const BLOCKED: Duration = Duration::from_millis(100);

/// What the threads of a session share with everybody else.
#[derive(Debug)]
pub(super) struct Session {
    /// Counted from 1 in the order of connecting.
    pub(super) id: u64,
    state: Mutex<State>,
    /// Anything in the state is not as it was.
    changed: Condvar,
}

#[derive(Debug)]
struct State {
    /// To shut down and to reset; gone with the session.
    socket: Option<TcpStream>,
    queue: VecDeque<Arc<[u8]>>,
    queued: usize,
    phase: Phase,
    writing: bool,
    stalls: Stalls,
    /// After so many more bytes the connection ends.
    cut_after: Option<usize>,
    /// TLS has something to say.
    nudged: bool,
    /// The challenge that waits for its answer.
    challenge: Option<String>,
    user: Option<User>,
}

/// How near its end it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Phase {
    Open,
    /// What is queued goes out, then the connection ends.
    Closing,
    /// It ends at once.
    Dead,
}

/// What is held up.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Stalls {
    pub(super) reading: bool,
    pub(super) writing: bool,
}

/// What a session may and wants to hear since it logged in.
#[derive(Debug)]
struct User {
    mask: Classes,
    filters: Filters,
}

impl Session {
    pub(super) fn new(id: u64, socket: TcpStream, stalls: Stalls, cut: Option<usize>) -> Self {
        let state = State {
            socket: Some(socket),
            queue: VecDeque::new(),
            queued: 0,
            phase: Phase::Open,
            writing: false,
            stalls,
            cut_after: cut,
            nudged: false,
            challenge: None,
            user: None,
        };
        Self { id, state: Mutex::new(state), changed: Condvar::new() }
    }

    /// Queues bytes, whether or not there is room.
    pub(super) fn send(&self, bytes: impl Into<Arc<[u8]>>) {
        let bytes = bytes.into();
        let mut state = self.state.lock();
        if state.phase != Phase::Open || bytes.is_empty() {
            return;
        }
        state.queued += bytes.len();
        state.queue.push_back(bytes);
        if state.queued > LIMIT {
            log::warn!("session {} does not read; cut off", self.id);
            Self::end(&mut state);
        }
        self.changed.notify_all();
    }

    /// Queues an event if the session is to hear it.
    pub(super) fn hear(&self, news: &News) {
        let hears =
            self.state.lock().user.as_ref().is_some_and(|user| {
                user.mask.contains(news.classes) && user.filters.pass(&news.name)
            });
        if hears {
            self.send(Arc::clone(&news.bytes));
        }
    }

    /// Waits until there is room in the queue. False if the session ends instead.
    pub(super) fn wait_for_room(&self) -> bool {
        let mut state = self.state.lock();
        while state.queued > FULL && state.phase == Phase::Open {
            self.changed.wait(&mut state);
        }
        state.phase == Phase::Open
    }

    /// Waits until everything that was queued is written, or the session ends.
    pub(super) fn wait_until_written(&self) {
        let mut state = self.state.lock();
        while (state.queued > 0 || state.writing) && state.phase != Phase::Dead {
            self.changed.wait(&mut state);
        }
    }

    /// Waits while reading is stalled. False if the session ends instead.
    pub(super) fn may_read(&self) -> bool {
        let mut state = self.state.lock();
        while state.stalls.reading && state.phase != Phase::Dead {
            self.changed.wait(&mut state);
        }
        state.phase != Phase::Dead
    }

    pub(super) fn set_stalls(&self, stalls: Stalls) {
        self.state.lock().stalls = stalls;
        self.changed.notify_all();
    }

    pub(super) fn cut_after(&self, bytes: usize) {
        self.state.lock().cut_after = Some(bytes);
    }

    /// Has the writer send what TLS has to say.
    pub(super) fn nudge(&self) {
        self.state.lock().nudged = true;
        self.changed.notify_all();
    }

    /// Ends the connection in good order, after what is queued; what a stall holds up is dropped.
    pub(super) fn close(&self) {
        let mut state = self.state.lock();
        state.phase = state.phase.max(Phase::Closing);
        // From here on the reader lets everything pass.
        state.stalls.reading = false;
        if std::mem::take(&mut state.stalls.writing) {
            state.queue.clear();
            state.queued = 0;
        }
        self.changed.notify_all();
    }

    /// Ends the connection as a crash would: the client's next read is an error, not an end.
    pub(super) fn reset(&self) {
        let mut state = self.state.lock();
        if let Some(socket) = &state.socket {
            let _ = SockRef::from(socket).set_linger(Some(Duration::ZERO));
        }
        state.phase = Phase::Dead;
        self.changed.notify_all();
        let blocked = Instant::now() + BLOCKED;
        while state.writing && !self.changed.wait_until(&mut state, blocked).timed_out() {}
        if let Some(socket) = &state.socket {
            // This wakes the reader and says nothing to the peer. Nor does that which wakes the
            // writer: what it is blocked in goes before it, and nothing goes any more.
            let _ = socket.shutdown(Shutdown::Read);
            if state.writing {
                let _ = socket.shutdown(Shutdown::Write);
            }
        }
    }

    /// Ends the connection now, whatever is queued.
    pub(super) fn kill(&self) {
        Self::end(&mut self.state.lock());
        self.changed.notify_all();
    }

    fn end(state: &mut MutexGuard<'_, State>) {
        if let Some(socket) = state.socket.as_ref().filter(|_| state.phase != Phase::Dead) {
            let _ = socket.shutdown(Shutdown::Both);
        }
        state.phase = Phase::Dead;
        state.queue.clear();
        state.queued = 0;
    }

    /// The last thing its threads do: gives the descriptor back.
    pub(super) fn release(&self) {
        let mut state = self.state.lock();
        state.phase = Phase::Dead;
        state.queue = VecDeque::new();
        state.queued = 0;
        let socket = state.socket.take();
        drop(state);
        self.changed.notify_all();
        drop(socket);
    }

    pub(super) fn is_ending(&self) -> bool {
        self.state.lock().phase != Phase::Open
    }

    pub(super) fn is_logged_in(&self) -> bool {
        self.state.lock().user.is_some()
    }

    pub(super) fn log_in(&self, mask: Classes) {
        self.state.lock().user = Some(User { mask, filters: Filters::default() });
    }

    pub(super) fn set_mask(&self, mask: Classes) {
        if let Some(user) = &mut self.state.lock().user {
            user.mask = mask;
        }
    }

    pub(super) fn add_filter(&self, request: &crate::ami::Message) -> Result<(), &'static str> {
        match &mut self.state.lock().user {
            Some(user) => user.filters.add(request),
            None => Ok(()),
        }
    }

    /// The challenge of this session, made if there is none yet.
    pub(super) fn challenge(&self, make: impl FnOnce() -> String) -> String {
        self.state.lock().challenge.get_or_insert_with(make).clone()
    }

    pub(super) fn take_challenge(&self) -> Option<String> {
        self.state.lock().challenge.take()
    }

    /// The writing thread's work.
    pub(super) fn write(&self, to: &WriteHalf, tls: bool) {
        let mut bytes = Vec::new();
        let mut state = self.state.lock();
        loop {
            while state.phase != Phase::Dead
                && !state.nudged
                && (state.stalls.writing || (state.queue.is_empty() && state.phase == Phase::Open))
            {
                self.changed.wait(&mut state);
            }
            if state.phase == Phase::Dead {
                return;
            }
            state.nudged = false;
            let mut last = false;
            let first = if state.stalls.writing { None } else { state.queue.pop_front() };
            if first.is_none() && state.phase == Phase::Closing {
                break;
            }
            bytes.clear();
            bytes.extend_from_slice(first.as_deref().unwrap_or_default());
            while first.is_some()
                && state.queue.front().is_some_and(|next| bytes.len() + next.len() <= TOGETHER)
            {
                bytes.extend_from_slice(&state.queue.pop_front().unwrap_or_default());
            }
            let taken = bytes.len();
            if let Some(left) = &mut state.cut_after {
                last = bytes.len() >= *left;
                bytes.truncate(*left);
                *left -= bytes.len();
            }
            state.writing = true;
            drop(state);
            let written = match &bytes[..] {
                [] => to.flush_pending(),
                bytes => to.write_all(bytes),
            };
            state = self.state.lock();
            state.writing = false;
            state.queued = state.queued.saturating_sub(taken);
            self.changed.notify_all();
            if written.is_err() {
                Self::end(&mut state);
                return;
            }
            if last {
                break;
            }
        }
        state.phase = state.phase.max(Phase::Closing);
        state.queue.clear();
        state.queued = 0;
        let socket = state.socket.as_ref().map(TcpStream::try_clone);
        drop(state);
        self.changed.notify_all();
        if let Some(Ok(socket)) = socket {
            self.say_goodbye(to, &socket, tls);
        }
    }

    /// The end of the stream, and no reset: what the client still sends is read.
    fn say_goodbye(&self, to: &WriteHalf, socket: &TcpStream, tls: bool) {
        if tls {
            to.shutdown();
        } else if socket.shutdown(Shutdown::Write).is_err() {
            self.kill();
        }
    }
}
