//! What a process can say of itself: CPU, memory, its core, and how long things took.

use std::fs;
use std::time::{Duration, Instant};

use rustix::thread::{CpuSet, sched_getaffinity, sched_setaffinity};
use rustix::time::{ClockId, clock_gettime};

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

/// The most memory this process ever held, in MB.
pub fn peak_mb() -> f64 {
    status_mb("VmHWM:")
}

/// The memory this process holds now, in MB.
pub fn resident_mb() -> f64 {
    status_mb("VmRSS:")
}

fn status_mb(field: &str) -> f64 {
    let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix(field));
    let kilobytes = line.and_then(|rest| rest.split_whitespace().next()?.parse::<f64>().ok());
    kilobytes.unwrap_or(f64::NAN) / 1024.0
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
        assert!(resident_mb() > 0.1);
        assert!(peak_mb() >= resident_mb() * 0.9);
    }
}
