//! Counting what subscribers get, the same way for every library.
//!
//! A [`Tally`] goes with each subscriber and sees every event it reads; the [`Board`] waits for
//! all of them. A subscriber that lost the flood's last event never says it is done, so the board
//! also ends when nothing has moved for a while.

use std::hint::black_box;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::time::{Duration, Instant};

use crate::load::LAST_UNIQUE_ID;

/// Silence after which a flood is over even though its last event did not come.
const QUIET: Duration = Duration::from_secs(3);

/// How often the board looks for silence; rare, since looking costs CPU that is being measured.
const LOOK: Duration = Duration::from_millis(100);

/// What a subscriber does after an event.
#[must_use]
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Next {
    /// Read the next one.
    Read,
    /// Be slow, once, then read on.
    Sleep(Duration),
    /// That was the last one.
    Stop,
}

/// Makes a subscriber slow once.
#[derive(Clone, Copy)]
pub struct Pause {
    /// After how many events.
    pub after: u64,
    /// For how long.
    pub length: Duration,
}

/// One subscriber's count.
pub struct Tally {
    delivered: u64,
    reported: u64,
    blank: u64,
    first: Option<Instant>,
    last: Option<Instant>,
    pause: Option<Pause>,
    shown: Arc<AtomicU64>,
    done: Sender<Count>,
}

/// What one subscriber got.
#[derive(Default)]
struct Count {
    delivered: u64,
    reported: u64,
    blank: u64,
    span: Option<(Instant, Instant)>,
    /// Whether the flood's last event was among them.
    complete: bool,
}

impl Tally {
    /// An event whose three fields were read.
    #[inline]
    pub fn event(&mut self, name: &str, channel: &str, unique_id: &str) -> Next {
        black_box((name, channel));
        if unique_id == LAST_UNIQUE_ID {
            self.finish();
            return Next::Stop;
        }
        // An event that came without its fields was not typed, only passed on.
        self.blank += u64::from(name.is_empty() || channel.is_empty() || unique_id.is_empty());
        self.events(1)
    }

    /// Events that nobody looked into: the floor's way.
    pub fn events(&mut self, count: u64) -> Next {
        if self.first.is_none() {
            self.first = Some(Instant::now());
        }
        self.delivered += count;
        self.shown.store(self.delivered, Relaxed);
        match self.pause {
            Some(pause) if self.delivered >= pause.after => {
                self.pause = None;
                Next::Sleep(pause.length)
            }
            _ => Next::Read,
        }
    }

    /// The library itself says that it lost some.
    pub fn missed(&mut self, count: u64) {
        self.reported += count;
    }

    /// The flood's last event came.
    pub fn finish(&mut self) {
        self.last = Some(Instant::now());
    }
}

impl Drop for Tally {
    fn drop(&mut self) {
        let last = self.last.unwrap_or_else(Instant::now);
        // The board may have given up waiting.
        let _ = self.done.send(Count {
            delivered: self.delivered,
            reported: self.reported,
            blank: self.blank,
            span: self.first.map(|first| (first, last)),
            complete: self.last.is_some(),
        });
    }
}

/// Waits for all subscribers.
pub struct Board {
    shown: Vec<Arc<AtomicU64>>,
    done: Receiver<Count>,
}

/// What all subscribers got together.
#[derive(Debug, Default)]
pub struct Score {
    /// Events over all subscribers, the last one not counted.
    pub delivered: u64,
    /// Events the library said it lost.
    pub reported: u64,
    /// Events that came without one of the three fields.
    pub blank: u64,
    /// From the first event anyone got to the last event of the slowest.
    pub seconds: f64,
    /// Whether every subscriber saw the last event.
    pub complete: bool,
}

impl Board {
    /// A board and a tally for each subscriber.
    pub fn new(subscribers: usize, pause: Option<Pause>) -> (Self, Vec<Tally>) {
        let (sender, done) = channel();
        let shown: Vec<Arc<AtomicU64>> = (0..subscribers).map(|_| Arc::default()).collect();
        let tally = |shown: &Arc<AtomicU64>| Tally {
            delivered: 0,
            reported: 0,
            blank: 0,
            first: None,
            last: None,
            pause,
            shown: shown.clone(),
            done: sender.clone(),
        };
        let tallies = shown.iter().map(tally).collect();
        (Self { shown, done }, tallies)
    }

    /// Waits until every subscriber is done or nothing moves any more.
    pub fn wait(self) -> Score {
        let began = Instant::now();
        let mut moved = began;
        let mut seen = 0;
        let mut counts = Vec::new();
        while counts.len() < self.shown.len() {
            match self.done.recv_timeout(LOOK) {
                Ok(count) => counts.push(count),
                Err(RecvTimeoutError::Disconnected) => break,
                Err(RecvTimeoutError::Timeout) => {
                    let now: u64 = self.shown.iter().map(|shown| shown.load(Relaxed)).sum();
                    if now != seen {
                        (seen, moved) = (now, Instant::now());
                    } else if moved.elapsed() > QUIET {
                        return self.quiet(&counts, began, moved);
                    }
                }
            }
        }
        score(&counts)
    }

    /// What is known when some subscriber never finished: the counts it showed.
    fn quiet(&self, counts: &[Count], began: Instant, moved: Instant) -> Score {
        Score {
            delivered: self.shown.iter().map(|shown| shown.load(Relaxed)).sum(),
            seconds: (moved - began).as_secs_f64(),
            complete: false,
            ..score(counts)
        }
    }
}

fn score(counts: &[Count]) -> Score {
    let spans = || counts.iter().filter_map(|count| count.span);
    let first = spans().map(|span| span.0).min();
    let last = spans().map(|span| span.1).max();
    Score {
        delivered: counts.iter().map(|count| count.delivered).sum(),
        reported: counts.iter().map(|count| count.reported).sum(),
        blank: counts.iter().map(|count| count.blank).sum(),
        seconds: first.zip(last).map_or(0.0, |(first, last)| (last - first).as_secs_f64()),
        complete: counts.iter().all(|count| count.complete),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tally_counts_until_the_last_event() {
        let pause = Pause { after: 2, length: Duration::from_millis(1) };
        let (board, mut tallies) = Board::new(1, Some(pause));
        let mut tally = tallies.pop().unwrap();
        assert_eq!(tally.event("Hangup", "PJSIP/a", "1.1"), Next::Read);
        assert_eq!(tally.event("Hangup", "", "1.1"), Next::Sleep(pause.length));
        tally.missed(4);
        assert_eq!(tally.event("Hangup", "PJSIP/a", "1.1"), Next::Read);
        assert_eq!(tally.event("Hangup", "PJSIP/a", LAST_UNIQUE_ID), Next::Stop);
        drop(tally);
        let score = board.wait();
        assert_eq!((score.delivered, score.reported, score.blank), (3, 4, 1));
        assert!(score.complete);
    }

    #[test]
    fn a_subscriber_that_goes_away_is_not_complete() {
        let (board, tallies) = Board::new(2, None);
        drop(tallies);
        assert!(!board.wait().complete);
    }
}
