//! What a process can say of itself: CPU, memory, its core, and how long things took.

use std::fs;
use std::thread;
use std::time::{Duration, Instant};

use rustix::thread::{CpuSet, sched_getaffinity, sched_setaffinity};
use rustix::time::{ClockId, clock_gettime};

use crate::contender::Outcome;
use crate::work::Shape;

/// CPU this process has used, all its threads, in nanosecond steps.
///
/// The counters in `/proc/self/stat` move in ticks of 10 ms, a third of what the floor needs for
/// a whole flood.
pub fn cpu() -> Duration {
    let spent = clock_gettime(ClockId::ProcessCPUTime);
    Duration::new(
        u64::try_from(spent.tv_sec).unwrap_or(0),
        u32::try_from(spent.tv_nsec).unwrap_or(0),
    )
}

/// The most memory this process ever held, in KB of 1,024 bytes, as all memory here.
pub fn peak_kb() -> f64 {
    status_kb("VmHWM:")
}

/// The memory this process holds now, in KB.
pub fn resident_kb() -> f64 {
    status_kb("VmRSS:")
}

/// How many threads this process has now.
pub fn threads() -> f64 {
    let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("Threads:"));
    line.and_then(|rest| rest.trim().parse().ok()).unwrap_or(f64::NAN)
}

fn status_kb(field: &str) -> f64 {
    let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix(field));
    let kilobytes = line.and_then(|rest| rest.split_whitespace().next()?.parse::<f64>().ok());
    kilobytes.unwrap_or(f64::NAN)
}

/// Keeps this process and every thread it will start on the first core it may use.
///
/// Sequential round trips otherwise jump between 12 and 60 µs by where the scheduler happens to
/// put the two ends.
pub fn pin_to_one_core() -> Result<(), String> {
    let allowed = sched_getaffinity(None).map_err(|e| format!("cannot read the cores: {e}"))?;
    let first = (0..CpuSet::MAX_CPU).find(|cpu| allowed.is_set(*cpu)).unwrap_or(0);
    let mut one = CpuSet::new();
    one.set(first);
    sched_setaffinity(None, &one).map_err(|e| format!("cannot pin to core {first}: {e}"))
}

/// Times of many round trips, and the time they took together.
#[derive(Default)]
pub struct Laps {
    nanos: Vec<u64>,
    /// Requests answered; more than the round trips where one of them carries several.
    pub requests: u64,
    /// From the first request to the last answer.
    pub wall: Duration,
}

impl Laps {
    /// Room for `count` round trips, so that noting one never allocates.
    pub fn with_capacity(count: usize) -> Self {
        Self { nanos: Vec::with_capacity(count), ..Self::default() }
    }

    /// Notes a round trip that began at `since` and carried `requests`.
    pub fn note(&mut self, since: Instant, requests: u64) {
        self.nanos.push(u64::try_from(since.elapsed().as_nanos()).unwrap_or(u64::MAX));
        self.requests += requests;
    }

    /// Takes over another caller's round trips; `wall` stays the whole's.
    pub fn merge(&mut self, other: Self) {
        self.nanos.extend(other.nanos);
        self.requests += other.requests;
    }

    /// The time below which a share of the round trips stayed, in µs.
    pub fn quantile_us(&mut self, share: f64) -> f64 {
        if self.nanos.is_empty() {
            return f64::NAN;
        }
        self.nanos.sort_unstable();
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "an index")]
        let index = ((self.nanos.len() - 1) as f64 * share).round() as usize;
        self.nanos[index] as f64 / 1000.0
    }

    /// Requests answered in a second.
    pub fn rate(&self) -> f64 {
        self.requests as f64 / self.wall.as_secs_f64()
    }
}

/// Asks `count` times, one after the other.
pub fn sequential(count: usize, mut ask: impl FnMut() -> Outcome<()>) -> Outcome<Laps> {
    let mut laps = Laps::with_capacity(count);
    let began = Instant::now();
    for _ in 0..count {
        let since = Instant::now();
        ask()?;
        laps.note(since, 1);
    }
    laps.wall = began.elapsed();
    Ok(laps)
}

/// Each of the callers on a thread of its own, `each` times one after the other.
pub fn at_once<A: FnMut() -> Outcome<()> + Send>(callers: &mut [A], each: usize) -> Outcome<Laps> {
    let began = Instant::now();
    let mut laps = Laps::default();
    thread::scope(|scope| {
        let threads: Vec<_> =
            callers.iter_mut().map(|ask| scope.spawn(|| sequential(each, ask))).collect();
        for thread in threads {
            laps.merge(thread.join().map_err(|_| "a caller panicked")??);
        }
        Outcome::Ok(())
    })?;
    laps.wall = began.elapsed();
    Ok(laps)
}

/// One caller, or callers at once, each as `caller` makes it, after a tenth as many round trips that do
/// not count. A window is one caller here.
pub fn callers<A: FnMut() -> Outcome<()> + Send>(
    shape: Shape,
    mut caller: impl FnMut() -> Outcome<A>,
) -> Outcome<Laps> {
    let (count, each) = match shape {
        Shape::Sequential(count) => (1, count),
        Shape::Callers { callers, each } => (callers, each),
        Shape::Window { window, rounds } => (1, window * rounds),
    };
    let mut all = (0..count).map(|_| caller()).collect::<Outcome<Vec<A>>>()?;
    // One stays on this very thread.
    if let [alone] = &mut all[..] {
        sequential(each / 10, &mut *alone)?;
        return sequential(each, alone);
    }
    at_once(&mut all, each / 10)?;
    at_once(&mut all, each)
}

/// The middle value; `NaN` of none.
pub fn median(values: &mut [f64]) -> f64 {
    if values.is_empty() {
        return f64::NAN;
    }
    values.sort_unstable_by(f64::total_cmp);
    let middle = values.len() / 2;
    if values.len() % 2 == 1 {
        values[middle]
    } else {
        f64::midpoint(values[middle - 1], values[middle])
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn median_of_odd_even_and_none() {
        assert!((median(&mut [3.0, 1.0, 2.0]) - 2.0).abs() < 1e-9);
        assert!((median(&mut [4.0, 1.0, 2.0, 3.0]) - 2.5).abs() < 1e-9);
        assert!(median(&mut []).is_nan());
    }

    #[test]
    fn a_process_knows_its_memory() {
        assert!(resident_kb() > 100.0);
        assert!(peak_kb() >= resident_kb() * 0.9);
    }
}
