//! The client process: does one work with one library and prints what it cost.

use std::collections::BTreeMap;
use std::io::{self, Write};
use std::thread;
use std::time::{Duration, Instant};

use crate::board::{Board, Tally};
use crate::contender::{Connection, Contender, Entrant, Outcome};
use crate::load::{KINDS, Load};
use crate::measure::{Laps, cpu, median, peak_kb, pin_to_one_core, resident_kb};
use crate::work::{Ari, Flood, Task, Work};

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
        Task::Events(flood) => events(&flood, |tallies| contender.subscribe(port, &flood, tallies)),
        Task::List { items, times } => list(contender, port, items, times),
        Task::Pings(shape) => contender.pings(port, shape).map(pings),
        Task::Decode(events) => decode(contender, events),
        Task::Idle => idle(contender, port),
        Task::Agi(job) => crate::agi::run(contender, &job),
        Task::Ari(Ari::Events(flood)) => {
            events(&flood, |tallies| contender.ari_subscribe(port, &flood, tallies))
        }
        Task::Ari(Ari::Decode(times)) => ari_decode(contender, times),
        Task::Ari(Ari::Rest(way, shape)) => contender.ari_rest(port, way, shape).map(pings),
    }?;
    report.insert("peak".into(), peak_kb() / 1024.0);
    let fields: Vec<String> =
        report.iter().map(|(name, value)| format!("{name}={value}")).collect();
    println!("RESULT {}", fields.join(" "));
    io::stdout().flush().map_err(|e| e.to_string())
}

fn report<const N: usize>(fields: [(&str, f64); N]) -> Report {
    fields.into_iter().map(|(name, value)| (name.to_owned(), value)).collect()
}

fn events(
    flood: &Flood,
    subscribe: impl FnOnce(Vec<Tally>) -> Outcome<Connection>,
) -> Outcome<Report> {
    let (board, tallies) = Board::new(flood.subscribers, flood.pause);
    let connection = subscribe(tallies)?;
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
    let load = Load::ami();
    let mut wire = load.corpus(events);
    wire.extend_from_slice(load.last());
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

fn ari_decode(contender: &dyn Contender, times: usize) -> Outcome<Report> {
    let json = crate::ari::load::stasis_start();
    let mut seconds = Vec::new();
    // What the first one loads and sorts out is not measured.
    contender.ari_decode(&json, 1_000)?;
    for _ in 0..5 {
        // One thread's work: what others do on the machine need not count.
        let before = cpu();
        contender.ari_decode(&json, times)?;
        seconds.push(cpu().saturating_sub(before).as_secs_f64());
    }
    let seconds = median(&mut seconds) / times as f64;
    Ok(report([
        ("rate", 1.0 / seconds),
        ("ns", seconds * 1e9),
        ("mb_s", json.len() as f64 / 1e6 / seconds),
        ("lost", 0.0),
    ]))
}

/// How many connections idle at once: what the first one loads of the program is not theirs.
const IDLERS: usize = 50;

fn idle(contender: &dyn Contender, port: u16) -> Outcome<Report> {
    let first = contender.connect(port)?;
    thread::sleep(Duration::from_millis(500));
    let one = resident_kb();
    let others: Vec<_> =
        (0..IDLERS).map(|_| contender.connect(port)).collect::<Outcome<Vec<_>>>()?;
    thread::sleep(Duration::from_millis(500));
    let all = resident_kb();
    drop((first, others));
    let added = (all - one) / IDLERS as f64;
    Ok(report([("resident", one / 1024.0), ("added", added), ("lost", 0.0)]))
}
