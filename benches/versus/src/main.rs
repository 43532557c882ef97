//! Measures `asterisk-sync` beside its peers and beside a floor that moves the same bytes and
//! parses nothing.
//!
//! ```text
//! cargo run --release --manifest-path benches/versus/Cargo.toml --features ours -- \
//!     [--rounds N] [--only NAME,NAME] [WORK…]
//! ```
//!
//! Prints a Markdown table for each work. Every measurement is a client process and a load server
//! process of its own: this binary starts itself in those two parts. See [`runner`].

mod agi;
mod ari;
mod board;
mod callers;
mod client;
mod contender;
mod floor;
mod load;
mod measure;
#[cfg(feature = "ours")]
mod ours;
mod peers;
mod runner;
mod server;
mod session;
mod table;
mod work;

use std::env;
use std::process::ExitCode;

use contender::{ENTRANTS, Entrant, Outcome};
use runner::Plan;
use work::{WORKS, Work};

const USAGE: &str = "versus [--rounds N] [--only NAME,NAME] [WORK…]";

fn main() -> ExitCode {
    let arguments: Vec<String> = env::args().skip(1).collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let outcome = match arguments[..] {
        ["server", work] => Work::named(work).and_then(server::run),
        ["callers", work, port] => callers(work, port),
        ["client", entrant, work, port] => client(entrant, work, port),
        _ => plan(&arguments).map(|plan| runner::run(&plan)),
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(reason) => {
            eprintln!("versus: {reason}");
            ExitCode::FAILURE
        }
    }
}

/// The client tells its failure where it would have told its result.
fn client(entrant: &str, work: &str, port: &str) -> Outcome<()> {
    let port = port.parse().map_err(|_| format!("{port:?} is not a port"))?;
    let outcome = client::run(Entrant::named(entrant)?, Work::named(work)?, port);
    if let Err(reason) = &outcome {
        println!("ERROR {}", reason.replace('\n', " "));
    }
    // The runner has the reason; said twice it would only clutter.
    Ok(())
}

/// The same for those who call.
fn callers(work: &str, port: &str) -> Outcome<()> {
    let port = port.parse().map_err(|_| format!("{port:?} is not a port"))?;
    if let Err(reason) = callers::run(Work::named(work)?, port) {
        println!("ERROR {}", reason.replace('\n', " "));
    }
    Ok(())
}

fn plan(arguments: &[&str]) -> Outcome<Plan> {
    let mut plan = Plan { rounds: 3, works: Vec::new(), entrants: ENTRANTS.iter().collect() };
    let mut rest = arguments.iter();
    while let Some(argument) = rest.next() {
        let mut value = || rest.next().copied().ok_or(USAGE);
        match *argument {
            "--rounds" => plan.rounds = value()?.parse().map_err(|_| USAGE)?,
            "--only" => {
                plan.entrants =
                    value()?.split(',').map(Entrant::named).collect::<Result<_, _>>()?;
            }
            option if option.starts_with('-') => {
                let works: Vec<&str> = WORKS.iter().map(|work| work.name).collect();
                let names: Vec<&str> = ENTRANTS.iter().map(|entrant| entrant.name).collect();
                let (works, names) = (works.join(" "), names.join(" "));
                return Err(format!("usage: {USAGE}\nworks: {works}\nnames: {names}"));
            }
            name => plan.works.push(Work::named(name)?),
        }
    }
    if plan.works.is_empty() {
        plan.works = WORKS.iter().collect();
    }
    Ok(plan)
}
