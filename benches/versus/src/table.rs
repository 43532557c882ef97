//! A Markdown table for each work.

use std::fmt::Write as _;

use crate::contender::{Entrant, NOT_OFFERED};
use crate::measure::median;
use crate::runner::Runs;
use crate::work::{Ari, Shape, Task, Work};

/// How a number is written.
#[derive(Clone, Copy)]
enum Style {
    /// 6.74M, 212k.
    Rate,
    /// Three digits that matter.
    Plain,
    /// The share that did not arrive, and whether the library said so.
    Lost,
    /// Whether all items of a list came.
    Whole,
}

/// One column: the number's name, its heading and how it is written.
struct Column(&'static str, &'static str, Style);

/// The number of a work that is compared.
struct Headline {
    key: &'static str,
    more_is_better: bool,
}

/// The table of one work, its title above it.
pub fn render(work: &Work, results: &[(&Entrant, Runs)]) -> String {
    let columns = columns(&work.task);
    let headline = headline(&work.task);
    let mut head = String::from("| |");
    for Column(_, title, _) in columns {
        let _ = write!(head, " {title} |");
    }
    let mut width = columns.len() + 1;
    if headline.is_some() {
        head.push_str(" x floor | x best peer |");
        width += 2;
    }
    let mut text = format!("### {}\n\n{head}\n|---|{}\n", work.title, "---:|".repeat(width - 1));
    for (entrant, runs) in results {
        let _ = write!(text, "| {} |", entrant.title);
        if runs.values.is_empty() {
            let reason = runs.failures.first().map_or("no rounds", String::as_str);
            let cell = if reason == NOT_OFFERED { "-".into() } else { format!("error: {reason}") };
            let _ = writeln!(text, " {cell} |{}", " |".repeat(width - 2));
            continue;
        }
        for column in columns {
            let _ = write!(text, " {} |", cell(column, runs));
        }
        if let Some(headline) = &headline {
            let own = headline.of(runs);
            let floor = results.iter().find(|(e, _)| e.name == "floor");
            let floor = floor.and_then(|(_, runs)| headline.of(runs));
            let _ = write!(text, " {} |", headline.ratio(own, floor));
            let _ = write!(text, " {} |", headline.ratio(own, headline.best_peer(results)));
        }
        text.push('\n');
    }
    for (entrant, runs) in results {
        note(&mut text, entrant, runs);
    }
    text
}

/// What the numbers do not say: failed rounds, events without fields, floods without an end.
fn note(text: &mut String, entrant: &Entrant, runs: &Runs) {
    let some = |name: &str| runs.values.get(name).is_some_and(|all| all.iter().any(|v| *v > 0.0));
    if let (false, Some(reason)) = (runs.values.is_empty(), runs.failures.first()) {
        let count = runs.failures.len();
        let _ = writeln!(text, "\n{}: {count} rounds failed, one with: {reason}.", entrant.title);
    }
    if some("blank") {
        let _ = writeln!(text, "\n{}: events came without their fields.", entrant.title);
    }
    if runs.values.get("complete").is_some_and(|all| all.contains(&0.0)) {
        let _ = writeln!(text, "\n{}: the last event did not come in every round.", entrant.title);
    }
}

fn columns(task: &Task) -> &'static [Column] {
    const LOST: Column = Column("lost", "lost", Style::Lost);
    const CPU: Column = Column("cpu_us", "CPU µs/event", Style::Plain);
    const PEAK: Column = Column("peak", "peak MB", Style::Plain);
    const P50: Column = Column("p50", "p50 µs", Style::Plain);
    const P99: Column = Column("p99", "p99 µs", Style::Plain);
    const RATE: Column = Column("rate", "requests/s", Style::Rate);
    match task {
        Task::Events(flood) if flood.pause.is_some() => &[LOST, PEAK],
        Task::Events(flood) if flood.per_second.is_some() => {
            &[Column("cpu_ms", "CPU ms", Style::Plain), LOST, PEAK]
        }
        Task::Events(flood) if flood.hangups_only => {
            &[Column("rate", "input events/s", Style::Rate), LOST, CPU, PEAK]
        }
        Task::Events(flood) | Task::Ari(Ari::Events(flood)) if flood.subscribers > 1 => {
            &[Column("rate", "events/s, each", Style::Rate), LOST, CPU, PEAK]
        }
        Task::Events(_) | Task::Ari(Ari::Events(_)) => {
            &[Column("rate", "events/s", Style::Rate), LOST, CPU, PEAK]
        }
        Task::List { .. } => {
            &[Column("ms", "ms", Style::Plain), Column("items", "complete", Style::Whole), PEAK]
        }
        Task::Pings(Shape::Sequential(_)) | Task::Ari(Ari::Rest(_, Shape::Sequential(_))) => {
            &[P50, P99]
        }
        Task::Pings(Shape::Window { .. }) => {
            &[RATE, Column("p50", "µs for 64, p50", Style::Plain), P99]
        }
        Task::Pings(Shape::Callers { .. }) => &[RATE, P50, P99],
        Task::Ari(Ari::Rest(..)) => &[RATE, P50, P99, PEAK],
        Task::Ari(Ari::Decode(_)) => {
            &[Column("ns", "ns", Style::Plain), Column("mb_s", "MB/s", Style::Plain)]
        }
        Task::Decode(_) => {
            &[Column("rate", "events/s", Style::Rate), Column("mb_s", "MB/s", Style::Plain)]
        }
        Task::Agi(job) if job.holds => &[
            Column("threads", "threads", Style::Plain),
            PEAK,
            Column("added", "each call, KB", Style::Plain),
        ],
        Task::Agi(job) if job.commands > 5 => &[P50, P99],
        Task::Agi(_) => &[
            Column("rate", "calls/s", Style::Rate),
            Column("p50", "a command, p50 µs", Style::Plain),
            P99,
            Column("worst", "slowest call, ms", Style::Plain),
            PEAK,
            Column("threads", "threads", Style::Plain),
        ],
        Task::Idle => &[
            Column("resident", "process with one, MB", Style::Plain),
            Column("added", "each further one, KB", Style::Plain),
        ],
    }
}

fn headline(task: &Task) -> Option<Headline> {
    let (key, more_is_better) = match task {
        Task::Events(flood) if flood.pause.is_some() => return None,
        Task::Events(flood) if flood.per_second.is_some() => ("cpu_ms", false),
        Task::List { .. } => ("ms", false),
        Task::Pings(Shape::Sequential(_)) | Task::Ari(Ari::Rest(_, Shape::Sequential(_))) => {
            ("p50", false)
        }
        Task::Ari(Ari::Decode(_)) => ("ns", false),
        Task::Idle => ("added", false),
        Task::Agi(job) if job.holds => ("added", false),
        Task::Agi(job) if job.commands > 5 => ("p50", false),
        Task::Events(flood) if flood.events >= 1_000_000 => ("peak", false),
        Task::Events(_) | Task::Pings(_) | Task::Decode(_) | Task::Agi(_) | Task::Ari(_) => {
            ("rate", true)
        }
    };
    Some(Headline { key, more_is_better })
}

impl Headline {
    fn of(&self, runs: &Runs) -> Option<f64> {
        middle(runs, self.key)
    }

    /// The best of the peers that lost nothing in any round; of all, where each of them lost some.
    fn best_peer(&self, results: &[(&Entrant, Runs)]) -> Option<f64> {
        let best = |may_lose: bool| {
            let peers = results.iter().filter(|(e, runs)| e.peer && runs.failures.is_empty());
            let values = peers
                .filter(|(_, runs)| may_lose || worst(runs, "lost") <= 0.0)
                .filter_map(|(_, runs)| self.of(runs));
            values.reduce(if self.more_is_better { f64::max } else { f64::min })
        };
        best(false).or_else(|| best(true))
    }

    /// How many times as good; above 1 is better whichever way the number counts.
    fn ratio(&self, own: Option<f64>, other: Option<f64>) -> String {
        let (Some(own), Some(other)) = (own, other) else { return "-".into() };
        let ratio = if self.more_is_better { own / other } else { other / own };
        format!("{}", Digits(ratio))
    }
}

fn middle(runs: &Runs, key: &str) -> Option<f64> {
    let mut values = runs.values.get(key)?.clone();
    Some(median(&mut values))
}

/// The largest value of any round; a loss that a median would hide is still a loss.
fn worst(runs: &Runs, key: &str) -> f64 {
    runs.values.get(key).map_or(0.0, |all| all.iter().copied().fold(0.0, f64::max))
}

fn cell(column: &Column, runs: &Runs) -> String {
    let Column(key, _, style) = column;
    let Some(value) = middle(runs, key) else { return "-".into() };
    match style {
        Style::Rate if value >= 1e6 => format!("{}M", Digits(value / 1e6)),
        Style::Rate if value >= 1e3 => format!("{}k", Digits(value / 1e3)),
        Style::Rate | Style::Plain => Digits(value).to_string(),
        Style::Lost => {
            let lost = worst(runs, key);
            let told = if worst(runs, "told") > 0.0 { "told" } else { "untold" };
            if lost > 0.0 { format!("**{} %**, {told}", Digits(lost)) } else { "0".into() }
        }
        Style::Whole if worst(runs, "lost") > 0.0 => {
            let all = runs.values.get(*key).map_or(&[][..], Vec::as_slice);
            let fewest = all.iter().copied().fold(f64::INFINITY, f64::min);
            format!("**no**: {fewest}, as a success")
        }
        Style::Whole => "yes".into(),
    }
}

/// Three digits, no more after the point than it takes.
struct Digits(f64);

impl std::fmt::Display for Digits {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let size = self.0.abs();
        let places = if size >= 100.0 {
            0
        } else if size >= 10.0 {
            1
        } else if size >= 1.0 {
            2
        } else {
            3
        };
        write!(f, "{:.places$}", self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn runs(values: &[(&str, &[f64])]) -> Runs {
        let values = values.iter().map(|(name, all)| ((*name).to_owned(), all.to_vec()));
        Runs { values: values.collect(), failures: Vec::new() }
    }

    #[test]
    fn a_lossy_peer_is_not_the_best_one() {
        let named = |name| Entrant::named(name).unwrap();
        let results = [
            (named("floor"), runs(&[("rate", &[8e6]), ("lost", &[0.0])])),
            (named("asterisk-rs"), runs(&[("rate", &[4e5, 4e5]), ("lost", &[0.0, 3.0])])),
            (named("asterisk-manager"), runs(&[("rate", &[2e5]), ("lost", &[0.0])])),
        ];
        let text = render(Work::named("flood").unwrap(), &results);
        assert!(text.contains("| 8.00M | 0 |"), "{text}");
        assert!(text.contains("| 400k | **3.00 %**, untold |"), "{text}");
        assert!(text.contains("| 0.050 | 2.00 |"), "{text}");
    }

    #[test]
    fn every_row_has_the_width_of_its_head() {
        for work in crate::work::WORKS {
            let results = [
                (Entrant::named("floor").unwrap(), runs(&[("peak", &[1.0])])),
                (Entrant::named("asterisk-rs").unwrap(), Runs::default()),
            ];
            let text = render(work, &results);
            let rows = text.lines().filter(|line| line.starts_with('|'));
            let widths: Vec<usize> = rows.map(|row| row.matches('|').count()).collect();
            assert!(widths.windows(2).all(|two| two[0] == two[1]), "{text}");
        }
    }
}
