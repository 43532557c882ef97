//! Runs every measurement in processes of its own and takes the median over interleaved rounds.
//!
//! A process of its own gives each library its own peak of memory and its own CPU clock, and
//! nobody inherits another's warm heap. A load server of its own keeps the sender's cost out of
//! both. Rounds go around all entrants, so that a machine that slows down slows down everyone;
//! still only ratios within one run mean anything.

use std::collections::BTreeMap;
use std::env;
use std::fs;
use std::io::{BufRead, BufReader, Write};
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::thread;
use std::time::{Duration, Instant};

use crate::client::Report;
use crate::contender::{Entrant, NOT_OFFERED, Outcome};
use crate::table;
use crate::work::{Task, Work};

/// A client that has not reported by then never will.
const PATIENCE: Duration = Duration::from_secs(180);

/// What to run.
pub struct Plan {
    /// How often everything is measured.
    pub rounds: usize,
    /// What is measured.
    pub works: Vec<&'static Work>,
    /// Who is measured.
    pub entrants: Vec<&'static Entrant>,
}

/// All rounds of one entrant in one work.
#[derive(Default)]
pub struct Runs {
    /// Each number's values, a round each.
    pub values: BTreeMap<String, Vec<f64>>,
    /// Why rounds gave no numbers.
    pub failures: Vec<String>,
}

/// Measures and prints.
pub fn run(plan: &Plan) {
    let before = load_average();
    for work in &plan.works {
        let entrants = plan.entrants.iter().filter(|e| (e.joins)(work));
        let mut results: Vec<(&Entrant, Runs)> =
            entrants.map(|entrant| (*entrant, Runs::default())).collect();
        for round in 1..=plan.rounds {
            for (entrant, runs) in &mut results {
                eprintln!("{} {round}/{} {}", work.name, plan.rounds, entrant.name);
                runs.add(measure(entrant, work));
            }
        }
        println!("{}", table::render(work, &results));
    }
    let cores = thread::available_parallelism().map_or(1, usize::from);
    println!(
        "Medians of {} interleaved rounds; losses are the worst round's. {cores} cores, load \
         average {before} before and {} after.",
        plan.rounds,
        load_average()
    );
}

impl Runs {
    fn add(&mut self, outcome: Outcome<Report>) {
        match outcome {
            Ok(report) => {
                for (name, value) in report {
                    self.values.entry(name).or_default().push(value);
                }
            }
            Err(reason) => {
                if reason != NOT_OFFERED {
                    eprintln!("  {reason}");
                }
                self.failures.push(reason);
            }
        }
    }
}

/// One measurement: a server, a client, and the word that starts the flood.
fn measure(entrant: &Entrant, work: &Work) -> Outcome<Report> {
    if let Task::Agi(_) = work.task {
        return measure_agi(entrant, work);
    }
    let mut server = Process::start(&["server", work.name])?;
    let port = server.line("PORT ")?;
    let mut client = Process::start(&["client", entrant.name, work.name, &port])?;
    loop {
        let line = client.line("")?;
        if line == "READY" {
            server.say("go")?;
        } else if let Some(fields) = line.strip_prefix("RESULT ") {
            return parse(fields);
        } else if let Some(reason) = line.strip_prefix("ERROR ") {
            return Err(reason.to_owned());
        }
    }
}

/// One measurement of AGI, where it is the library that serves.
fn measure_agi(entrant: &Entrant, work: &Work) -> Outcome<Report> {
    let mut server = Process::start(&["client", entrant.name, work.name, "0"])?;
    let port = server.answer("READY ")?;
    let mut callers = Process::start(&["callers", work.name, &port])?;
    let mut report = parse(&callers.answer("RESULT ")?)?;
    server.say("enough")?;
    report.extend(parse(&server.answer("RESULT ")?)?);
    Ok(report)
}

fn parse(fields: &str) -> Outcome<Report> {
    let field = |field: &str| {
        let (name, value) = field.split_once('=')?;
        Some((name.to_owned(), value.parse().ok()?))
    };
    let report = fields.split(' ').map(field).collect::<Option<Report>>();
    report.ok_or_else(|| format!("cannot read {fields:?}"))
}

/// This binary in one of its parts; ends when dropped.
struct Process {
    child: Child,
    input: ChildStdin,
    lines: Receiver<String>,
    until: Instant,
}

impl Process {
    fn start(arguments: &[&str]) -> Outcome<Self> {
        let itself = env::current_exe().map_err(|e| format!("cannot find myself: {e}"))?;
        let mut child = Command::new(itself)
            .args(arguments)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .map_err(|e| format!("cannot start {arguments:?}: {e}"))?;
        let (Some(input), Some(output)) = (child.stdin.take(), child.stdout.take()) else {
            return Err("a child without pipes".into());
        };
        let (sender, lines) = channel();
        thread::spawn(move || {
            for line in BufReader::new(output).lines().map_while(Result::ok) {
                if sender.send(line).is_err() {
                    break;
                }
            }
        });
        Ok(Self { child, input, lines, until: Instant::now() + PATIENCE })
    }

    /// The rest of the next line that starts so.
    fn line(&mut self, prefix: &str) -> Outcome<String> {
        loop {
            let left = self.until.saturating_duration_since(Instant::now());
            match self.lines.recv_timeout(left) {
                Ok(line) => {
                    if let Some(rest) = line.strip_prefix(prefix) {
                        return Ok(rest.to_owned());
                    }
                }
                Err(RecvTimeoutError::Timeout) => return Err("took too long".into()),
                Err(RecvTimeoutError::Disconnected) => return Err("ended without a word".into()),
            }
        }
    }

    /// The rest of the next line that starts so, or the failure that comes in its place.
    fn answer(&mut self, prefix: &str) -> Outcome<String> {
        loop {
            let line = self.line("")?;
            if let Some(rest) = line.strip_prefix(prefix) {
                return Ok(rest.to_owned());
            }
            if let Some(reason) = line.strip_prefix("ERROR ") {
                return Err(reason.to_owned());
            }
        }
    }

    fn say(&mut self, word: &str) -> Outcome<()> {
        writeln!(self.input, "{word}").map_err(|e| format!("a child does not listen: {e}"))
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        // It may have ended by itself; either way it is gone after this.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn load_average() -> String {
    let text = fs::read_to_string("/proc/loadavg").unwrap_or_default();
    text.split(' ').next().unwrap_or("unknown").to_owned()
}
