//! So many at a time; the others wait until one of them is done.

use std::time::Instant;

use parking_lot::{Condvar, Mutex};

/// A number of permits that are taken and given back. Whoever waits gets the next that is given back,
/// before anybody who comes later.
///
/// Locks: one, taken alone and for moments.
#[derive(Debug)]
pub(crate) struct Permits {
    state: Mutex<State>,
    changed: Condvar,
}

#[derive(Debug)]
struct State {
    free: usize,
    waiting: usize,
    /// So many of those who wait have one and have not noticed yet.
    granted: usize,
    is_closed: bool,
}

/// Why there is no permit.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum NoPermit {
    /// None was given back in time.
    Late,
    /// There will be none any more.
    Closed,
}

/// Leave to be one of so many, until it is dropped.
#[derive(Debug)]
#[must_use = "it is given back when it is dropped"]
pub(crate) struct Permit<'a>(&'a Permits);

impl Permits {
    pub(crate) fn new(count: usize) -> Self {
        let state = State { free: count, waiting: 0, granted: 0, is_closed: false };
        Self { state: Mutex::new(state), changed: Condvar::new() }
    }

    /// Takes one, and waits for it until the deadline.
    pub(crate) fn take(&self, deadline: Instant) -> Result<Permit<'_>, NoPermit> {
        let mut state = self.state.lock();
        if state.is_closed {
            return Err(NoPermit::Closed);
        }
        if state.free > 0 {
            state.free -= 1;
            return Ok(Permit(self));
        }
        state.waiting += 1;
        let mut is_late = false;
        let outcome = loop {
            match (state.is_closed, state.granted, is_late) {
                (true, ..) => break Err(NoPermit::Closed),
                (false, 1.., _) => break Ok(Permit(self)),
                (false, 0, true) => break Err(NoPermit::Late),
                (false, 0, false) => {
                    is_late = self.changed.wait_until(&mut state, deadline).timed_out();
                }
            }
        };
        state.waiting -= 1;
        if outcome.is_ok() {
            state.granted -= 1;
        }
        outcome
    }

    /// From now on there are none, for those who wait either.
    pub(crate) fn close(&self) {
        self.state.lock().is_closed = true;
        self.changed.notify_all();
    }
}

impl Drop for Permit<'_> {
    fn drop(&mut self) {
        let mut state = self.0.state.lock();
        if state.waiting > state.granted {
            state.granted += 1;
            drop(state);
            self.0.changed.notify_one();
        } else {
            state.free += 1;
        }
    }
}

#[cfg(test)]
mod tests {
    use std::thread;
    use std::time::Duration;

    use super::*;

    fn far() -> Instant {
        Instant::now() + Duration::from_secs(60)
    }

    #[test]
    fn there_are_so_many_and_one_that_is_given_back_is_had_by_who_waits() {
        let permits = Permits::new(2);
        let (one, two) = (permits.take(far()).unwrap(), permits.take(far()).unwrap());
        assert_eq!(permits.take(Instant::now()).unwrap_err(), NoPermit::Late);
        thread::scope(|scope| {
            let waiting = scope.spawn(|| permits.take(far()).map(drop));
            while permits.state.lock().waiting == 0 {
                thread::yield_now();
            }
            drop(one);
            assert_eq!(waiting.join().unwrap(), Ok(()));
        });
        drop(two);
        let state = permits.state.lock();
        assert_eq!((state.free, state.waiting, state.granted), (2, 0, 0));
    }

    #[test]
    fn what_somebody_waits_for_is_not_had_by_who_comes_later() {
        let permits = Permits::new(1);
        let one = permits.take(far()).unwrap();
        // As if somebody waited who is slow to wake up.
        permits.state.lock().waiting = 1;
        drop(one);
        assert_eq!(permits.state.lock().granted, 1);
        assert_eq!(permits.state.lock().free, 0);
    }

    #[test]
    fn the_end_ends_every_wait() {
        let permits = Permits::new(1);
        let one = permits.take(far()).unwrap();
        thread::scope(|scope| {
            let waiting = scope.spawn(|| permits.take(far()).map(drop));
            while permits.state.lock().waiting == 0 {
                thread::yield_now();
            }
            permits.close();
            assert_eq!(waiting.join().unwrap(), Err(NoPermit::Closed));
        });
        drop(one);
        assert_eq!(permits.take(far()).unwrap_err(), NoPermit::Closed);
    }
}
