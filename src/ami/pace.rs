//! How fast calls may be begun: one at a time, in the order in which they were asked for.
//!
//! Locks: `line` is taken alone, for moments; whoever waits in it sleeps on `moved`.

use std::collections::VecDeque;
use std::time::{Duration, Instant};

use parking_lot::{Condvar, Mutex};

/// Lets callers pass one by one, with at least an interval between any two. It has no thread: who
/// is first in the line sleeps until its turn, the others until they are first.
#[derive(Debug)]
pub(super) struct Pace {
    line: Mutex<Line>,
    moved: Condvar,
}

/// Why somebody did not pass.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Held {
    /// The deadline came first.
    TooLate,
    /// The connection went.
    Interrupted,
}

impl Pace {
    /// `per_second` is finite and above zero.
    pub(super) fn new(per_second: f64) -> Self {
        let interval = Duration::try_from_secs_f64(per_second.recip()).unwrap_or(Duration::MAX);
        Self { line: Mutex::new(Line::new(interval)), moved: Condvar::new() }
    }

    /// How often it was interrupted. Asked before looking whether there is a connection, so that
    /// its loss between the look and the wait is no wait in vain.
    pub(super) fn interrupts(&self) -> u64 {
        self.line.lock().interrupts
    }

    /// Waits for a turn, at most until the deadline, unless there are more `interrupts`.
    pub(super) fn pass(&self, interrupts: u64, deadline: Instant) -> Result<(), Held> {
        let mut line = self.line.lock();
        let ticket = line.join();
        let held = loop {
            if line.interrupts != interrupts {
                break Some(Held::Interrupted);
            }
            let now = Instant::now();
            let until = match line.ask(ticket, now) {
                Turn::Now => break None,
                Turn::At(turn) => turn.min(deadline),
                Turn::Later => deadline,
            };
            if now >= deadline {
                break Some(Held::TooLate);
            }
            self.moved.wait_until(&mut line, until);
        };
        line.leave(ticket);
        let others = !line.waiting.is_empty();
        drop(line);
        if others {
            self.moved.notify_all();
        }
        held.map_or(Ok(()), Err)
    }

    /// Ends every wait: what it was for cannot be sent.
    pub(super) fn interrupt(&self) {
        self.line.lock().interrupts += 1;
        self.moved.notify_all();
    }
}

/// Who waits, and when somebody passed. Knows no clock.
#[derive(Debug)]
struct Line {
    interval: Duration,
    /// When somebody passed last.
    last: Option<Instant>,
    waiting: VecDeque<u64>,
    tickets: u64,
    interrupts: u64,
}

#[derive(Debug, PartialEq, Eq)]
enum Turn {
    Now,
    At(Instant),
    /// When those in front have passed, or never in the time that clocks have.
    Later,
}

impl Line {
    fn new(interval: Duration) -> Self {
        Self { interval, last: None, waiting: VecDeque::new(), tickets: 0, interrupts: 0 }
    }

    /// A place at the end.
    fn join(&mut self) -> u64 {
        self.tickets += 1;
        self.waiting.push_back(self.tickets);
        self.tickets
    }

    /// Whose turn it is passes by asking.
    fn ask(&mut self, ticket: u64, now: Instant) -> Turn {
        if self.waiting.front() != Some(&ticket) {
            return Turn::Later;
        }
        match self.last.map(|last| last.checked_add(self.interval)) {
            Some(None) => Turn::Later,
            Some(Some(next)) if now < next => Turn::At(next),
            _ => {
                self.last = Some(now);
                Turn::Now
            }
        }
    }

    fn leave(&mut self, ticket: u64) {
        if let Some(at) = self.waiting.iter().position(|waiting| *waiting == ticket) {
            self.waiting.remove(at);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECOND: Duration = Duration::from_secs(1);

    #[test]
    fn turns_come_in_order_and_an_interval_apart() {
        let (mut line, start) = (Line::new(SECOND), Instant::now());
        let [a, b, c] = [line.join(), line.join(), line.join()];
        assert_eq!(line.ask(b, start), Turn::Later);
        assert_eq!(line.ask(a, start), Turn::Now);
        line.leave(a);
        assert_eq!(line.ask(c, start + 5 * SECOND), Turn::Later);
        assert_eq!(line.ask(b, start), Turn::At(start + SECOND));
        assert_eq!(line.ask(b, start + SECOND), Turn::Now);
        line.leave(b);
        assert_eq!(line.ask(c, start + SECOND), Turn::At(start + 2 * SECOND));
    }

    #[test]
    fn quiet_times_save_nothing_up() {
        let (mut line, start) = (Line::new(SECOND), Instant::now());
        let later = start + 60 * SECOND;
        for at in [start, later] {
            let ticket = line.join();
            assert_eq!(line.ask(ticket, at), Turn::Now);
            line.leave(ticket);
        }
        let ticket = line.join();
        assert_eq!(line.ask(ticket, later), Turn::At(later + SECOND));
    }

    #[test]
    fn who_gives_up_takes_no_turn() {
        let (mut line, start) = (Line::new(SECOND), Instant::now());
        let [a, b] = [line.join(), line.join()];
        line.leave(a);
        assert_eq!(line.ask(b, start), Turn::Now);
    }

    #[test]
    fn a_turn_that_comes_too_late_is_not_waited_for_beyond_the_deadline() {
        let pace = Pace::new(1.0 / 3600.0);
        assert_eq!(pace.pass(0, Instant::now()), Ok(()));
        assert_eq!(pace.pass(0, Instant::now()), Err(Held::TooLate));
        assert!(pace.line.lock().waiting.is_empty());
    }

    #[test]
    fn an_interrupted_line_lets_nobody_wait() {
        let pace = Pace::new(1.0 / 3600.0);
        let far = Instant::now() + 3600 * SECOND;
        assert_eq!(pace.pass(0, far), Ok(()));
        std::thread::scope(|scope| {
            let waiters = [(); 3].map(|()| scope.spawn(|| pace.pass(0, far)));
            while pace.line.lock().waiting.len() < waiters.len() {
                std::thread::yield_now();
            }
            pace.interrupt();
            for waiter in waiters {
                assert_eq!(waiter.join().unwrap(), Err(Held::Interrupted));
            }
        });
        assert_eq!(pace.pass(0, far), Err(Held::Interrupted), "it was before this one came");
        assert!(pace.line.lock().waiting.is_empty());
    }
}
