//! Many callers, one writer.
//!
//! Callers append to one buffer; whoever finds nobody writing writes for all, until the buffer is
//! empty or it has done so often enough. A caller who does not wait for the answer, or not as long
//! as a write may take, leaves the writing to a thread of the connection, which also sends what
//! nobody else would: keep-alives, and what TLS has to say. So the thread that reads never writes,
//! and requests that are made while one is being written go out together.
//!
//! A caller who gives up takes back what still waits, so that what he was told did not leave does not
//! leave later.
//!
//! Locks: `state` is never held across a system call. A caller's registration runs under it, and
//! may take the lock of the pending requests, in this order.

use std::ops::Range;
use std::sync::Arc;
use std::thread;
use std::time::Instant;

use parking_lot::{Condvar, Mutex, MutexGuard};

use super::duplex::{WriteError, WriteHalf};

/// Beyond this many bytes that wait for a peer who does not read, callers wait too.
const FULL: usize = 1 << 20;

/// So many times a caller writes before it leaves the rest to the writing thread: while it writes
/// for others, they ask for more.
const ROUNDS: usize = 8;

/// The buffer a writer gives back is kept up to this size.
const KEPT: usize = 64 << 10;

#[derive(Debug)]
pub(crate) struct Outbox {
    state: Mutex<State>,
    /// For the writing thread.
    work: Condvar,
    /// For callers who found the buffer full.
    room: Condvar,
    /// How much of some bytes the peer takes at once, which is encrypted for itself.
    first: fn(&[u8]) -> usize,
}

#[derive(Debug, Default)]
struct State {
    wire: Option<Arc<WriteHalf>>,
    buffer: Vec<u8>,
    /// Where the buffer begins in the stream of all bytes, over all connections: what is before that
    /// has been handed to the operating system.
    handed_over: u64,
    /// What of the buffer is not to be sent any more, by where it is in the stream, in no order.
    withdrawn: Vec<Range<u64>>,
    /// How many bytes the last connection left unsent. They keep their places in the stream, so that
    /// nothing of the next one is taken for them.
    dropped: u64,
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

impl State {
    /// Nothing of what waits is sent.
    fn drop_all(&mut self) {
        self.wire = None;
        self.dropped += std::mem::take(&mut self.buffer).len() as u64;
        self.withdrawn = Vec::new();
    }
}

impl Outbox {
    /// For a peer that sleeps on its socket while TLS has already taken from there what is next: of a
    /// record it would see no more than it reads at once, and the rest when something else comes. So
    /// under TLS each record holds the `first` of what is to be sent, and no more.
    pub(crate) fn new(first: fn(&[u8]) -> usize) -> Self {
        Self { state: Mutex::default(), work: Condvar::new(), room: Condvar::new(), first }
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
            Send::Now => self.write(state, ROUNDS, Some(deadline)),
            Send::Together => {
                state.busy = true;
                drop(state);
                thread::yield_now();
                self.write(self.state.lock(), ROUNDS, Some(deadline));
            }
        }
        Ok(registered)
    }

    /// Writes what waits, if nobody is at it; what the peer has not taken by the deadline is the
    /// writing thread's.
    #[cfg_attr(not(feature = "ami"), allow(dead_code, reason = "for AMI"))]
    pub(crate) fn flush(&self, deadline: Instant) {
        let state = self.state.lock();
        if !state.busy && (state.nudged || !state.buffer.is_empty()) {
            self.write(state, ROUNDS, Some(deadline));
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
        let mut state = self.state.lock();
        state.handed_over += std::mem::take(&mut state.dropped);
        state.wire = Some(wire);
    }

    /// Takes back what was queued at this position, if none of it has been handed over; `false` if
    /// it may have been sent.
    pub(crate) fn withdraw(&self, position: u64, length: usize) -> bool {
        let mut state = self.state.lock();
        if position < state.handed_over {
            return false;
        }
        if state.wire.is_some() {
            state.withdrawn.push(position..position + length as u64);
        }
        true
    }

    /// From now on bytes go nowhere. What waited is dropped; everything registered before the
    /// returned position may have been sent, everything from there on was not.
    pub(crate) fn detach(&self) -> u64 {
        let mut state = self.state.lock();
        state.drop_all();
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
                self.write(state, usize::MAX, None);
                state = self.state.lock();
            } else {
                self.work.wait(&mut state);
            }
        }
    }

    /// Writes until nothing waits, at most so many times and not beyond the deadline; the rest is the
    /// writing thread's. Only one thread is in here: the one that set `busy`.
    fn write<'a>(
        &'a self,
        mut state: MutexGuard<'a, State>,
        rounds: usize,
        deadline: Option<Instant>,
    ) {
        let is_late = || deadline.is_some_and(|at| at <= Instant::now());
        state.busy = true;
        for round in 0..rounds {
            if !state.nudged && state.buffer.is_empty() || (round > 0 && is_late()) {
                break;
            }
            state.nudged = false;
            let Some(wire) = state.wire.clone() else { break };
            let mut bytes = std::mem::take(&mut state.buffer);
            let mut withdrawn = std::mem::take(&mut state.withdrawn);
            let begin = state.handed_over;
            state.handed_over += bytes.len() as u64;
            // There is room from now on, however long the writing takes.
            self.make_room_known(&state);
            drop(state);
            let gone = from_the_first(&mut withdrawn, begin);
            let written = self.write_until(&wire, &bytes, gone, is_late);
            state = self.state.lock();
            let is_current = state.wire.as_ref().is_some_and(|now| Arc::ptr_eq(now, &wire));
            match written {
                Ok(n) if n < bytes.len() && is_current => {
                    // The rest goes back to where it was, in front of what has come since.
                    state.handed_over -= (bytes.len() - n) as u64;
                    bytes.drain(..n);
                    bytes.append(&mut state.buffer);
                    state.buffer = bytes;
                    withdrawn.retain(|gone| gone.start >= state.handed_over);
                    state.withdrawn.append(&mut withdrawn);
                    break;
                }
                Ok(_) => {}
                Err(e) => {
                    log::debug!("writing failed: {e}");
                    // The reader hears of it and takes the wire away. Nothing may follow half a
                    // message.
                    wire.shutdown();
                    if is_current {
                        state.drop_all();
                        self.make_room_known(&state);
                    }
                }
            }
            bytes.clear();
            if state.buffer.is_empty() && bytes.capacity() <= KEPT {
                state.buffer = bytes;
            }
        }
        state.busy = false;
        if state.nudged || !state.buffer.is_empty() {
            // It may have been told while it could do nothing.
            state.nudged = true;
            drop(state);
            self.work.notify_one();
        }
    }

    /// Writes piece by piece until it is late, but what is `gone`, and returns how far it came.
    fn write_until(
        &self,
        wire: &WriteHalf,
        bytes: &[u8],
        gone: impl Iterator<Item = Range<usize>>,
        is_late: impl Fn() -> bool,
    ) -> Result<usize, WriteError> {
        let mut gone = gone.peekable();
        let (mut at, mut has_written) = (0, false);
        while at < bytes.len() && !(has_written && is_late()) {
            if let Some(gone) = gone.next_if(|gone| gone.start <= at) {
                at = gone.end;
                continue;
            }
            let end = gone.peek().map_or(bytes.len(), |gone| gone.start);
            at += wire.write_first(&bytes[at..end], self.first)?;
            has_written = true;
        }
        if !has_written {
            wire.flush_pending()?;
        }
        Ok(at)
    }

    /// Wakes the callers who wait for room, or for the news that there is no connection.
    fn make_room_known(&self, state: &State) {
        if state.waiting > 0 {
            self.room.notify_all();
        }
    }
}

/// Ranges of the stream in their order, by where they are behind `begin`.
fn from_the_first(
    ranges: &mut [Range<u64>],
    begin: u64,
) -> impl Iterator<Item = Range<usize>> + use<'_> {
    ranges.sort_unstable_by_key(|range| range.start);
    // They are of one buffer, so they are not as far away as that.
    let behind = move |position: u64| usize::try_from(position - begin).unwrap_or(usize::MAX);
    ranges.iter().map(move |range| behind(range.start)..behind(range.end))
}

#[cfg(test)]
mod tests {
    use std::io::Read;

    use super::*;
    use crate::net::duplex::PIECE;
    use crate::net::fixtures::{LONG, guarded, tcp_pair};
    use crate::net::plain;

    #[test]
    fn a_caller_does_not_write_for_others_for_ever() {
        guarded(|| {
            let (near, mut far) = tcp_pair();
            // So that most of a write has been read when it ends.
            socket2::SockRef::from(&near).set_send_buffer_size(64 << 10).unwrap();
            socket2::SockRef::from(&far).set_recv_buffer_size(64 << 10).unwrap();
            let outbox = Outbox::new(<[u8]>::len);
            let wire = Arc::new(plain(near).1);
            outbox.attach(Arc::clone(&wire));
            thread::scope(|scope| {
                // For each byte that arrives somebody sends two more, so there is always something
                // to write.
                scope.spawn(|| {
                    let mut buffer = [0; 4096];
                    while far.read(&mut buffer).is_ok_and(|n| n > 0) {
                        let _ = outbox.submit(&[b'x'; 8192], Instant::now(), Send::Soon, |_| ());
                    }
                });
                let deadline = Instant::now() + LONG;
                outbox.submit(&vec![b'x'; FULL], deadline, Send::Now, |_| ()).unwrap();
                outbox.detach();
                wire.shutdown();
            });
        });
    }

    #[test]
    fn a_caller_whose_time_is_over_leaves_the_rest_to_the_writing_thread_in_order() {
        guarded(|| {
            let (near, mut far) = tcp_pair();
            let outbox = Outbox::new(<[u8]>::len);
            outbox.attach(Arc::new(plain(near).1));
            let bytes: Vec<u8> = (0..4_u8).flat_map(|piece| vec![piece; PIECE]).collect();
            // It writes one piece, which fits into the socket, and no more.
            let position =
                outbox.submit(&bytes, Instant::now(), Send::Now, |position| position).unwrap();
            assert_eq!((position, outbox.handed_over()), (0, PIECE as u64));
            let deadline = Instant::now() + LONG;
            let next = outbox.submit(b"end", deadline, Send::Soon, |position| position).unwrap();
            assert_eq!(next, bytes.len() as u64);
            thread::scope(|scope| {
                scope.spawn(|| outbox.run());
                let mut read = vec![0; bytes.len() + 3];
                far.read_exact(&mut read).unwrap();
                assert_eq!(read, [&bytes[..], b"end"].concat());
                outbox.stop();
            });
        });
    }

    #[test]
    fn what_is_withdrawn_before_it_is_handed_over_is_never_sent() {
        guarded(|| {
            let (near, mut far) = tcp_pair();
            let outbox = Outbox::new(<[u8]>::len);
            outbox.attach(Arc::new(plain(near).1));
            let deadline = Instant::now() + LONG;
            let submit = |bytes: &[u8]| {
                outbox.submit(bytes, deadline, Send::Soon, |position| position).unwrap()
            };
            let places = [b"aa", b"bb", b"cc", b"dd"].map(|bytes| submit(bytes));
            assert_eq!(places, [0, 2, 4, 6]);
            // In any order.
            assert!(outbox.withdraw(6, 2) && outbox.withdraw(2, 2));
            outbox.flush(deadline);
            assert_eq!(outbox.handed_over(), 8);
            assert!(!outbox.withdraw(4, 2));
            // Nothing but what is withdrawn waits.
            assert!(outbox.withdraw(submit(b"ee"), 2));
            outbox.flush(deadline);
            outbox.submit(b"ff", deadline, Send::Now, |_| ()).unwrap();
            let mut read = [0; 6];
            far.read_exact(&mut read).unwrap();
            assert_eq!(&read, b"aaccff");
        });
    }

    #[test]
    fn what_is_withdrawn_behind_a_write_that_was_cut_short_is_not_sent_either() {
        guarded(|| {
            let (near, mut far) = tcp_pair();
            let outbox = Outbox::new(<[u8]>::len);
            outbox.attach(Arc::new(plain(near).1));
            let deadline = Instant::now() + LONG;
            let submit = |bytes: &[u8]| {
                outbox.submit(bytes, deadline, Send::Soon, |position| position).unwrap()
            };
            submit(&vec![b'a'; 2 * PIECE]);
            let (before, behind) = (submit(b"bb"), submit(b"cc"));
            assert!(outbox.withdraw(before, 2));
            // It writes one piece and no more.
            outbox.flush(Instant::now());
            assert_eq!(outbox.handed_over(), PIECE as u64);
            assert!(!outbox.withdraw(0, 2 * PIECE));
            submit(b"dd");
            assert!(outbox.withdraw(behind, 2));
            outbox.flush(deadline);
            let mut read = vec![0; 2 * PIECE + 2];
            far.read_exact(&mut read).unwrap();
            assert_eq!(read, [&vec![b'a'; 2 * PIECE][..], b"dd"].concat());
        });
    }

    #[test]
    fn what_a_lost_connection_left_is_not_taken_for_something_of_the_next() {
        guarded(|| {
            let (near, _far) = tcp_pair();
            let outbox = Outbox::new(<[u8]>::len);
            outbox.attach(Arc::new(plain(near).1));
            let deadline = Instant::now() + LONG;
            let submit = |bytes: &[u8]| {
                outbox.submit(bytes, deadline, Send::Soon, |position| position).unwrap()
            };
            let lost = submit(b"lost");
            assert_eq!(outbox.detach(), lost);
            assert!(outbox.withdraw(lost, 4));
            let (near, mut far) = tcp_pair();
            outbox.attach(Arc::new(plain(near).1));
            submit(b"next");
            assert!(!outbox.withdraw(lost, 4));
            outbox.flush(deadline);
            let mut read = [0; 4];
            far.read_exact(&mut read).unwrap();
            assert_eq!(&read, b"next");
        });
    }

    #[test]
    fn what_a_caller_leaves_is_written_all_the_same() {
        guarded(|| {
            let (near, mut far) = tcp_pair();
            let outbox = Outbox::new(<[u8]>::len);
            outbox.attach(Arc::new(plain(near).1));
            let deadline = Instant::now() + LONG;
            thread::scope(|scope| {
                scope.spawn(|| outbox.run());
                let callers: Vec<_> = (0..4)
                    .map(|_| {
                        scope.spawn(|| {
                            for _ in 0..5000 {
                                outbox.submit(b"x", deadline, Send::Now, |_| ()).unwrap();
                            }
                        })
                    })
                    .collect();
                far.read_exact(&mut vec![0; 4 * 5000]).unwrap();
                for caller in callers {
                    caller.join().unwrap();
                }
                outbox.stop();
            });
        });
    }
}
