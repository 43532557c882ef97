//! Where callers sit until they have said what they want.
//!
//! Asterisk says what it wants at once, and anybody else never, if he likes: a thousand connections
//! that say nothing must not keep it away. So those who have not said all yet sit in places of their
//! own, beside the workers. When all are taken, the one who came first makes room for the newcomer,
//! once he has had a fair time; so a call gets through however many are silent, and nobody has to
//! look at them again and again.

use std::collections::VecDeque;
use std::time::{Duration, Instant};

use parking_lot::{Condvar, Mutex};

use crate::net::WriteHalf;

/// A number of places.
///
/// One lock, taken alone. Ending a connection does not wait, so it is done under it.
#[derive(Debug)]
pub(crate) struct Reception {
    state: Mutex<State>,
    /// A place may be free, or the reception closed.
    changed: Condvar,
    places: usize,
    /// How long everybody may stay whoever else comes.
    fair: Duration,
}

#[derive(Debug, Default)]
struct State {
    /// In the order in which they came.
    sitting: VecDeque<Guest>,
    next: u64,
    closed: bool,
}

#[derive(Debug)]
struct Guest {
    number: u64,
    since: Instant,
    connection: WriteHalf,
}

/// A place at the reception, until it is dropped.
#[derive(Debug)]
pub(crate) struct Seat<'a> {
    reception: &'a Reception,
    number: u64,
}

impl Reception {
    pub(crate) fn new(places: usize, fair: Duration) -> Self {
        Self { state: Mutex::default(), changed: Condvar::new(), places, fair }
    }

    /// Takes a place. If there is none, waits until somebody leaves one or has had his time, who
    /// loses his place and his connection then. `None` once closed.
    pub(crate) fn sit(&self, connection: &WriteHalf) -> Option<Seat<'_>> {
        let mut state = self.state.lock();
        loop {
            if state.closed {
                return None;
            }
            if state.sitting.len() < self.places {
                break;
            }
            let Some(first) = state.sitting.front() else { break };
            // Too far away to be reached, should it be that.
            let due = first.since.checked_add(self.fair);
            if due.is_some_and(|due| due <= Instant::now()) {
                if let Some(guest) = state.sitting.pop_front() {
                    guest.connection.shutdown();
                }
                break;
            }
            match due {
                Some(due) => drop(self.changed.wait_until(&mut state, due)),
                None => self.changed.wait(&mut state),
            }
        }
        let number = state.next;
        state.next += 1;
        let since = Instant::now();
        state.sitting.push_back(Guest { number, since, connection: connection.clone() });
        Some(Seat { reception: self, number })
    }

    /// How many sit here.
    pub(crate) fn len(&self) -> usize {
        self.state.lock().sitting.len()
    }

    /// Sends everybody away, and whoever comes.
    pub(crate) fn close(&self) {
        let mut state = self.state.lock();
        state.closed = true;
        for guest in state.sitting.drain(..) {
            guest.connection.shutdown();
        }
        drop(state);
        self.changed.notify_all();
    }
}

impl Seat<'_> {
    /// Leaves the place; `false` if it had been lost.
    pub(crate) fn leave(self) -> bool {
        self.take()
    }

    fn take(&self) -> bool {
        let mut state = self.reception.state.lock();
        let at = state.sitting.iter().position(|guest| guest.number == self.number);
        let guest = at.and_then(|at| state.sitting.remove(at));
        drop(state);
        if guest.is_some() {
            self.reception.changed.notify_one();
        }
        guest.is_some()
    }
}

impl Drop for Seat<'_> {
    fn drop(&mut self) {
        self.take();
    }
}

#[cfg(test)]
mod tests {
    use std::io::Read;
    use std::thread;

    use super::*;
    use crate::net::fixtures::{LONG, guarded, tcp_pair};
    use crate::net::plain;

    #[test]
    fn the_first_makes_room_once_he_had_his_time() {
        guarded(|| {
            let reception = Reception::new(2, Duration::from_millis(1));
            let pairs: Vec<_> = (0..3).map(|_| tcp_pair()).collect();
            let mut far = Vec::new();
            let mut seats = Vec::new();
            for (near, other) in pairs {
                seats.push(reception.sit(&plain(near).1).unwrap());
                far.push(other);
            }
            assert_eq!(far[0].read(&mut [0; 1]).unwrap(), 0);
            assert_eq!(reception.len(), 2);
            let kept: Vec<bool> = seats.into_iter().map(Seat::leave).collect();
            assert_eq!(kept, [false, true, true]);
            assert_eq!(reception.len(), 0);
        });
    }

    #[test]
    fn nobody_makes_room_before_his_time_and_a_free_place_is_taken_at_once() {
        guarded(|| {
            let reception = Reception::new(1, LONG * 100);
            let ((first, _far), (second, _other)) = (tcp_pair(), tcp_pair());
            let seat = reception.sit(&plain(first).1).unwrap();
            let second = plain(second).1;
            thread::scope(|scope| {
                let waiting = scope.spawn(|| reception.sit(&second).is_some());
                assert!(seat.leave());
                assert!(waiting.join().unwrap());
            });
        });
    }

    #[test]
    fn closing_sends_everybody_away() {
        guarded(|| {
            let reception = Reception::new(1, LONG * 100);
            let ((first, mut far), (second, _other)) = (tcp_pair(), tcp_pair());
            let seat = reception.sit(&plain(first).1).unwrap();
            let second = plain(second).1;
            thread::scope(|scope| {
                let waiting = scope.spawn(|| reception.sit(&second).is_none());
                reception.close();
                assert!(waiting.join().unwrap());
            });
            assert_eq!(far.read(&mut [0; 1]).unwrap(), 0);
            assert!(!seat.leave());
        });
    }
}
