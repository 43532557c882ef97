//! The client process: does one work with one library and prints what it cost.

use std::collections::BTreeMap;
use std::io::{self, Write};
use std::thread;
use std::time::{Duration, Instant};

use crate::board::Board;
use crate::contender::{Contender, Entrant, Outcome};
use crate::load::{KINDS, Load};
use crate::measure::{Laps, cpu, median, peak_mb, pin_to_one_core, resident_mb};
use crate::work::{Flood, Task, Work};

/// Named numbers of one run.
pub type Report = BTreeMap<String, f64>;

/// Does the work and prints the report, one `name=value` after the other on one line.
pub fn run(entrant: &Entrant, work: &Work, port: u16) -> Outcome<()> {
    if work.pinned() {
        pin_to_one_core()?;
    }
    let contender = entrant.contender();
    let contender = contender.as_ref();
    let mut report = match work.task {
        Task::Events(flood) => events(contender, port, &flood),
        Task::List { items, times } => list(contender, port, items, times),
        Task::Pings(shape) => contender.pings(port, shape).map(pings),
        Task::Decode(events) => decode(contender, events),
        Task::Idle => idle(contender, port),
    }?;
    report.insert("peak".into(), peak_mb());
    let fields: Vec<String> =
        report.iter().map(|(name, value)| format!("{name}={value}")).collect();
    println!("RESULT {}", fields.join(" "));
    io::stdout().flush().map_err(|e| e.to_string())
}

fn report<const N: usize>(fields: [(&str, f64); N]) -> Report {
    fields.into_iter().map(|(name, value)| (name.to_owned(), value)).collect()
}

fn events(contender: &dyn Contender, port: u16, flood: &Flood) -> Outcome<Report> {
    let (board, tallies) = Board::new(flood.subscribers, flood.pause);
    let connection = contender.subscribe(port, flood, tallies)?;
    let before = cpu();
    println!("READY");
    io::stdout().flush().map_err(|e| e.to_string())?;
    let score = board.wait();
    let spent = cpu().saturating_sub(before);
    drop(connection);

    let due = flood.due() * flood.subscribers as u64;
    // A filter is judged by what went into it.
    let input = if flood.hangups_only { KINDS as f64 } else { 1.0 };
    let each = score.delivered as f64 / flood.subscribers as f64;
    Ok(report([
        ("rate", each * input / score.seconds),
        ("lost", due.saturating_sub(score.delivered) as f64 / due as f64 * 100.0),
        ("told", score.reported as f64),
        ("blank", score.blank as f64),
        ("complete", f64::from(u8::from(score.complete))),
        ("cpu_ms", spent.as_secs_f64() * 1e3),
        ("cpu_us", spent.as_secs_f64() * 1e6 / flood.events as f64),
    ]))
}

fn list(contender: &dyn Contender, port: u16, items: usize, times: usize) -> Outcome<Report> {
    let (counts, mut laps) = contender.lists(port, times)?;
    let fewest = counts.into_iter().min().unwrap_or(0);
    Ok(report([
        ("ms", laps.quantile_us(0.5) / 1e3),
        ("items", fewest as f64),
        ("lost", items.saturating_sub(fewest) as f64 / items as f64 * 100.0),
    ]))
}

fn pings(mut laps: Laps) -> Report {
    let (p50, p99) = (laps.quantile_us(0.5), laps.quantile_us(0.99));
    report([("p50", p50), ("p99", p99), ("rate", laps.rate()), ("lost", 0.0)])
}

fn decode(contender: &dyn Contender, events: u64) -> Outcome<Report> {
    let load = Load::new();
    let mut wire = load.corpus(events);
    wire.extend_from_slice(Load::last().as_bytes());
    let mut seconds = Vec::new();
    let mut lost = 0;
    for _ in 0..3 {
        let (board, mut tallies) = Board::new(1, None);
        let Some(tally) = tallies.pop() else { continue };
        let began = Instant::now();
        contender.decode(&wire, tally)?;
        seconds.push(began.elapsed().as_secs_f64());
        let score = board.wait();
        lost = lost.max(events.saturating_sub(score.delivered));
    }
    let seconds = median(&mut seconds);
    Ok(report([
        ("rate", events as f64 / seconds),
        ("mb_s", wire.len() as f64 / 1e6 / seconds),
        ("lost", lost as f64 / events as f64 * 100.0),
    ]))
}

/// How many connections idle at once: what the first one loads of the program is not theirs.
const IDLERS: usize = 50;

fn idle(contender: &dyn Contender, port: u16) -> Outcome<Report> {
    let first = contender.connect(port)?;
    thread::sleep(Duration::from_millis(500));
    let one = resident_mb();
    let others: Vec<_> =
        (0..IDLERS).map(|_| contender.connect(port)).collect::<Outcome<Vec<_>>>()?;
    thread::sleep(Duration::from_millis(500));
    let all = resident_mb();
    drop((first, others));
    Ok(report([("resident", one), ("added", (all - one) * 1e3 / IDLERS as f64), ("lost", 0.0)]))
}
