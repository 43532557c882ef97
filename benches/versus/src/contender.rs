//! What is measured against what.

use std::any::Any;

use crate::ari::bare;
use crate::board::Tally;
use crate::floor::Floor;
use crate::measure::Laps;
use crate::peers::{AsteriskManager, AsteriskRs};
use crate::work::{Agi, Ari, Flood, Shape, Task, Way, Work};

/// A result, or one line that says why there is none.
pub type Outcome<T> = Result<T, String>;

/// The line for what a library has no public way to do.
pub const NOT_OFFERED: &str = "not offered";

/// The buffer of a peer that was told to lose nothing.
pub const RAISED: usize = 262_144;

/// Whatever keeps a connection open until it is dropped.
pub type Connection = Box<dyn Any>;

/// One way to do the works. Everything takes the port of the load server on this machine. What one does
/// not say how to do it does not offer.
pub trait Contender {
    /// Logs in, subscribes once for each tally, and feeds them on threads or tasks of its own.
    /// Returns as soon as all are subscribed.
    fn subscribe(&self, _port: u16, _flood: &Flood, _: Vec<Tally>) -> Outcome<Connection> {
        not_offered()
    }

    /// Logs in and does nothing.
    fn connect(&self, _port: u16) -> Outcome<Connection> {
        not_offered()
    }

    /// Logs in, then collects the list `times` over; how many items came with their fields each
    /// time, and how long each took.
    fn lists(&self, _port: u16, _times: usize) -> Outcome<(Vec<usize>, Laps)> {
        not_offered()
    }

    /// Logs in, warms up, then sends the pings.
    fn pings(&self, _port: u16, _shape: Shape) -> Outcome<Laps> {
        not_offered()
    }

    /// Serves AGI on a free port, with a handler that sends the job's commands; the port, and what
    /// ends the server when it is dropped.
    fn agi(&self, _job: &Agi) -> Outcome<(u16, Connection)> {
        not_offered()
    }

    /// Decodes what lies in memory, in pieces of the size a socket gives.
    fn decode(&self, _wire: &[u8], _tally: Tally) -> Outcome<()> {
        not_offered()
    }

    /// Opens ARI's event socket, subscribes once for each tally, and feeds them on threads or tasks of
    /// its own. Returns as soon as all are subscribed.
    fn ari_subscribe(&self, _port: u16, _: &Flood, _: Vec<Tally>) -> Outcome<Connection> {
        not_offered()
    }

    /// Decodes one event of ARI, a `StasisStart`, so many times.
    fn ari_decode(&self, _json: &str, _times: usize) -> Outcome<()> {
        not_offered()
    }

    /// Connects to ARI, warms up, then asks for a channel until it has it typed.
    fn ari_rest(&self, _port: u16, _way: Way, _shape: Shape) -> Outcome<Laps> {
        not_offered()
    }
}

fn not_offered<T>() -> Outcome<T> {
    Err(NOT_OFFERED.to_owned())
}

/// A contender by name.
pub struct Entrant {
    /// Its name on the command line.
    pub name: &'static str,
    /// Its name in the report.
    pub title: &'static str,
    /// Whether it is someone else's library.
    pub peer: bool,
    /// Which works it is measured in.
    pub joins: fn(&Work) -> bool,
}

const fn entrant(
    name: &'static str,
    title: &'static str,
    peer: bool,
    joins: fn(&Work) -> bool,
) -> Entrant {
    Entrant { name, title, peer, joins }
}

/// Everyone, in the order of the report.
pub const ENTRANTS: &[Entrant] = &[
    entrant("floor", "floor: same bytes, no parsing", false, |_| true),
    entrant(
        "tungstenite",
        "floor: tungstenite, no JSON",
        false,
        |work| matches!(work.task, Task::Ari(Ari::Events(flood)) if flood.subscribers == 1),
    ),
    entrant("serde", "floor: tungstenite, serde_json to one flat struct", false, |work| match work
        .task
    {
        Task::Ari(Ari::Events(flood)) => flood.subscribers == 1,
        Task::Ari(Ari::Decode(_)) => true,
        _ => false,
    }),
    entrant("ureq", "floor: ureq, no JSON", false, |work| {
        matches!(work.task, Task::Ari(Ari::Rest(Way::Http, _)))
    }),
    #[cfg(feature = "ours")]
    entrant("ours", "**asterisk-sync**", false, |_| true),
    entrant("asterisk-rs", "asterisk-rs 0.8.0", true, |_| true),
    entrant("asterisk-rs-raised", "asterisk-rs, buffer 262,144", true, Work::buffers_matter),
    entrant("asterisk-manager", "asterisk-manager 2.1.3", true, |work| {
        !matches!(work.task, Task::Agi(_) | Task::Ari(_))
    }),
    entrant(
        "asterisk-manager-raised",
        "asterisk-manager, buffer 262,144",
        true,
        Work::buffers_matter,
    ),
];

impl Entrant {
    /// The entrant of that name.
    pub fn named(name: &str) -> Outcome<&'static Self> {
        ENTRANTS.iter().find(|entrant| entrant.name == name).ok_or_else(|| {
            let names: Vec<&str> = ENTRANTS.iter().map(|entrant| entrant.name).collect();
            format!("nobody is called {name:?}; there are {}", names.join(", "))
        })
    }

    /// What it runs.
    pub fn contender(&self) -> Box<dyn Contender> {
        let buffer = self.name.ends_with("-raised").then_some(RAISED);
        match self.name {
            #[cfg(feature = "ours")]
            "ours" => Box::new(crate::ours::Ours),
            "asterisk-rs" | "asterisk-rs-raised" => Box::new(AsteriskRs { buffer }),
            "asterisk-manager" | "asterisk-manager-raised" => Box::new(AsteriskManager { buffer }),
            "tungstenite" => Box::new(bare::Tungstenite { reads: false }),
            "serde" => Box::new(bare::Tungstenite { reads: true }),
            "ureq" => Box::new(bare::Ureq),
            _ => Box::new(Floor),
        }
    }
}
