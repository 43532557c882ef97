//! What is measured against what.

use std::any::Any;

use crate::board::Tally;
use crate::floor::Floor;
use crate::measure::Laps;
use crate::peers::{AsteriskManager, AsteriskRs};
use crate::work::{Flood, Shape};

/// A result, or one line that says why there is none.
pub type Outcome<T> = Result<T, String>;

/// The line for what a library has no public way to do.
pub const NOT_OFFERED: &str = "not offered";

/// The buffer of a peer that was told to lose nothing.
pub const RAISED: usize = 262_144;

/// Whatever keeps a connection open until it is dropped.
pub type Connection = Box<dyn Any>;

/// One way to do the works. Everything takes the port of the load server on this machine.
pub trait Contender {
    /// Logs in, subscribes once for each tally, and feeds them on threads or tasks of its own.
    /// Returns as soon as all are subscribed.
    fn subscribe(&self, port: u16, flood: &Flood, tallies: Vec<Tally>) -> Outcome<Connection>;

    /// Logs in and does nothing.
    fn connect(&self, port: u16) -> Outcome<Connection>;

    /// Logs in, then collects the list `times` over; how many items came with their fields each
    /// time, and how long each took.
    fn lists(&self, port: u16, times: usize) -> Outcome<(Vec<usize>, Laps)>;

    /// Logs in, warms up, then sends the pings.
    fn pings(&self, port: u16, shape: Shape) -> Outcome<Laps>;

    /// Decodes what lies in memory, in pieces of the size a socket gives.
    fn decode(&self, wire: &[u8], tally: Tally) -> Outcome<()>;
}

/// A contender by name.
pub struct Entrant {
    /// Its name on the command line.
    pub name: &'static str,
    /// Its name in the report.
    pub title: &'static str,
    /// Whether it is someone else's library.
    pub peer: bool,
    /// Whether it is a peer with a larger event buffer than its own choice.
    pub raised: bool,
}

const fn entrant(name: &'static str, title: &'static str, peer: bool, raised: bool) -> Entrant {
    Entrant { name, title, peer, raised }
}

/// Everyone, in the order of the report.
pub const ENTRANTS: &[Entrant] = &[
    entrant("floor", "floor: same bytes, no parsing", false, false),
    #[cfg(feature = "ours")]
    entrant("ours", "**asterisk-sync**", false, false),
    entrant("asterisk-rs", "asterisk-rs-ami 0.8.0", true, false),
    entrant("asterisk-rs-raised", "asterisk-rs-ami, buffer 262,144", true, true),
    entrant("asterisk-manager", "asterisk-manager 2.1.3", true, false),
    entrant("asterisk-manager-raised", "asterisk-manager, buffer 262,144", true, true),
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
        let buffer = self.raised.then_some(RAISED);
        match self.name {
            #[cfg(feature = "ours")]
            "ours" => Box::new(crate::ours::Ours),
            "asterisk-rs" | "asterisk-rs-raised" => Box::new(AsteriskRs { buffer }),
            "asterisk-manager" | "asterisk-manager-raised" => Box::new(AsteriskManager { buffer }),
            _ => Box::new(Floor),
        }
    }
}
