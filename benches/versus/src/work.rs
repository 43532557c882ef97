//! What is measured: every work, its size and what a client does in it.

use std::time::Duration;

use crate::board::Pause;

/// One row group of the report.
pub struct Work {
    /// Its name on the command line.
    pub name: &'static str,
    /// What it is, above its table.
    pub title: &'static str,
    /// What a client does.
    pub task: Task,
}

/// What a client does.
#[derive(Clone, Copy)]
pub enum Task {
    /// Subscribes and reads a flood.
    Events(Flood),
    /// Asks for `CoreShowChannels` of this many items, some times over.
    List {
        /// Items in the list.
        items: usize,
        /// How many times.
        times: usize,
    },
    /// Sends `Ping`.
    Pings(Shape),
    /// Decodes this many events that lie in memory.
    Decode(u64),
    /// Logs in and does nothing.
    Idle,
    /// Serves calls.
    Agi(Agi),
    /// Is a client of the REST Interface.
    Ari(Ari),
}

/// What a client of ARI does.
#[derive(Clone, Copy)]
pub enum Ari {
    /// Subscribes and reads a flood.
    Events(Flood),
    /// Decodes a `StasisStart` that lies in memory, so many times.
    Decode(usize),
    /// Asks for a channel.
    Rest(Way, Shape),
}

/// Which way requests go.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Way {
    /// Over connections of their own.
    Http,
    /// Over the event socket.
    WebSocket,
}

/// Calls to a FastAGI server.
#[derive(Clone, Copy)]
pub struct Agi {
    /// Callers at once.
    pub callers: usize,
    /// Calls each of them makes, one after the other.
    pub each: usize,
    /// Commands the handler sends in each.
    pub commands: usize,
    /// Whether the calls stay, idle, after their first command.
    pub holds: bool,
    /// Whether both ends share one core.
    pub pinned: bool,
}

impl Agi {
    /// Calls of five commands.
    const fn of(callers: usize, each: usize) -> Self {
        Self { callers, each, commands: 5, holds: false, pinned: false }
    }
}

/// Events, as they are sent and as they are read.
#[derive(Clone, Copy)]
pub struct Flood {
    /// How many are sent.
    pub events: u64,
    /// How many a second; as many as the socket takes without it.
    pub per_second: Option<u64>,
    /// How many subscribers read all of them.
    pub subscribers: usize,
    /// Whether they want `Hangup` alone, one event in seven.
    pub hangups_only: bool,
    /// Whether they are slow once.
    pub pause: Option<Pause>,
}

/// Who sends how many pings.
#[derive(Clone, Copy)]
pub enum Shape {
    /// One caller, one after the other.
    Sequential(usize),
    /// One thread has `window` under way at a time, and waits for all before the next `window`.
    Window {
        /// Pings under way at once.
        window: usize,
        /// How many windows.
        rounds: usize,
    },
    /// Callers at once on one connection, each waiting for its own answer.
    Callers {
        /// Threads, or tasks where the library is asynchronous.
        callers: usize,
        /// Pings each of them sends.
        each: usize,
    },
}

impl Work {
    /// The work of that name.
    pub fn named(name: &str) -> Result<&'static Self, String> {
        WORKS.iter().find(|work| work.name == name).ok_or_else(|| {
            let names: Vec<&str> = WORKS.iter().map(|work| work.name).collect();
            format!("no work is called {name:?}; there are {}", names.join(", "))
        })
    }

    /// Whether both ends share one core, the honest way to time sequential round trips.
    pub fn pinned(&self) -> bool {
        matches!(
            self.task,
            Task::Pings(Shape::Sequential(_))
                | Task::Agi(Agi { pinned: true, .. })
                | Task::Ari(Ari::Rest(_, Shape::Sequential(_)))
        )
    }

    /// The flood, if there is one.
    pub fn flood(&self) -> Option<Flood> {
        match self.task {
            Task::Events(flood) | Task::Ari(Ari::Events(flood)) => Some(flood),
            _ => None,
        }
    }

    /// Whether a larger event buffer could change anything.
    pub fn buffers_matter(&self) -> bool {
        matches!(self.task, Task::Events(_) | Task::List { .. })
    }
}

impl Flood {
    /// As many as the socket takes, one subscriber that wants all.
    const fn of(events: u64) -> Self {
        Self { events, per_second: None, subscribers: 1, hangups_only: false, pause: None }
    }

    /// How many events one subscriber should get.
    pub fn due(&self) -> u64 {
        if self.hangups_only { crate::load::Load::hangups(self.events) } else { self.events }
    }
}

/// Everything, in the order of the report.
pub const WORKS: &[Work] = &[
    Work {
        name: "flood",
        title: "Every event, typed, three fields read, one subscriber (200,000 events)",
        task: Task::Events(Flood::of(200_000)),
    },
    Work {
        name: "filter",
        title: "One subscriber that wants Hangup alone (200,000 events, one in seven)",
        task: Task::Events(Flood { hangups_only: true, ..Flood::of(200_000) }),
    },
    Work {
        name: "fanout",
        title: "Eight subscribers that want every event (100,000 events)",
        task: Task::Events(Flood { subscribers: 8, ..Flood::of(100_000) }),
    },
    Work {
        name: "hiccup",
        title: "A subscriber sleeps 200 ms once, at 10,000 events a second",
        task: Task::Events(Flood {
            per_second: Some(10_000),
            pause: Some(Pause { after: 5_000, length: Duration::from_millis(200) }),
            ..Flood::of(20_000)
        }),
    },
    Work {
        name: "paced",
        title: "CPU for 100,000 events a second (200,000 events in two seconds)",
        task: Task::Events(Flood { per_second: Some(100_000), ..Flood::of(200_000) }),
    },
    Work {
        name: "list",
        title: "CoreShowChannels with 10,000 channels, until the caller has them typed",
        task: Task::List { items: 10_000, times: 5 },
    },
    Work {
        name: "ping",
        title: "Ping, one caller, both ends on one core",
        task: Task::Pings(Shape::Sequential(20_000)),
    },
    Work {
        name: "window",
        title: "64 pings under way from one thread",
        task: Task::Pings(Shape::Window { window: 64, rounds: 2_000 }),
    },
    Work {
        name: "callers-8",
        title: "8 callers at once on one connection (threads; tasks where async; floor: a window of 8)",
        task: Task::Pings(Shape::Callers { callers: 8, each: 12_500 }),
    },
    Work {
        name: "callers-64",
        title: "64 callers at once on one connection (threads; tasks where async; floor: a window of 64)",
        task: Task::Pings(Shape::Callers { callers: 64, each: 1_600 }),
    },
    Work {
        name: "decode",
        title: "Decoding to typed events in memory, three fields read (128,000 events)",
        task: Task::Decode(128_000),
    },
    Work { name: "idle", title: "Memory of a connection that idles", task: Task::Idle },
    Work {
        name: "million",
        title: "Memory for a million events through a subscriber that reads them",
        task: Task::Events(Flood::of(1_000_000)),
    },
    Work {
        name: "agi-1",
        title: "FastAGI, calls of five commands, one caller",
        task: Task::Agi(Agi::of(1, 5_000)),
    },
    Work {
        name: "agi-8",
        title: "FastAGI, calls of five commands, 8 callers at once",
        task: Task::Agi(Agi::of(8, 2_500)),
    },
    Work {
        name: "agi-64",
        title: "FastAGI, calls of five commands, 64 callers at once",
        task: Task::Agi(Agi::of(64, 400)),
    },
    Work {
        name: "agi-256",
        title: "FastAGI, calls of five commands, 256 callers at once, 4,096 calls",
        task: Task::Agi(Agi::of(256, 16)),
    },
    Work {
        name: "agi-256-long",
        title: "FastAGI, calls of five commands, 256 callers at once, 25,600 calls",
        task: Task::Agi(Agi::of(256, 100)),
    },
    Work {
        name: "agi-command",
        title: "FastAGI, one command after the other, both ends on one core",
        task: Task::Agi(Agi { commands: 50_000, pinned: true, ..Agi::of(1, 1) }),
    },
    Work {
        name: "agi-1cpu",
        title: "FastAGI, calls of five commands, one caller, both ends on one core",
        task: Task::Agi(Agi { pinned: true, ..Agi::of(1, 5_000) }),
    },
    Work {
        name: "agi-idle",
        title: "FastAGI, 2,000 calls that are idle",
        task: Task::Agi(Agi { holds: true, ..Agi::of(2_000, 1) }),
    },
    Work {
        name: "ari-flood",
        title: "ARI, every event, typed, three fields read, one subscriber (200,000 events)",
        task: Task::Ari(Ari::Events(Flood::of(200_000))),
    },
    Work {
        name: "ari-fanout",
        title: "ARI, eight subscribers that want every event (100,000 events)",
        task: Task::Ari(Ari::Events(Flood { subscribers: 8, ..Flood::of(100_000) })),
    },
    Work {
        name: "ari-decode",
        title: "ARI, decoding one StasisStart in memory",
        task: Task::Ari(Ari::Decode(100_000)),
    },
    Work {
        name: "ari-http",
        title: "ARI, GET of a channel over HTTP, one caller, both ends on one core",
        task: Task::Ari(Ari::Rest(Way::Http, Shape::Sequential(20_000))),
    },
    Work {
        name: "ari-http-8",
        title: "ARI, GET of a channel over HTTP, 8 callers at once (threads; tasks where async)",
        task: Task::Ari(Ari::Rest(Way::Http, Shape::Callers { callers: 8, each: 10_000 })),
    },
    Work {
        name: "ari-http-64",
        title: "ARI, GET of a channel over HTTP, 64 callers at once (threads; tasks where async)",
        task: Task::Ari(Ari::Rest(Way::Http, Shape::Callers { callers: 64, each: 1_250 })),
    },
    Work {
        name: "ari-socket",
        title: "ARI, GET of a channel over the WebSocket, one caller, both ends on one core",
        task: Task::Ari(Ari::Rest(Way::WebSocket, Shape::Sequential(20_000))),
    },
    Work {
        name: "ari-socket-64",
        title: "ARI, GET of a channel over the WebSocket, 64 callers at once (floor: a window of 64)",
        task: Task::Ari(Ari::Rest(Way::WebSocket, Shape::Callers { callers: 64, each: 1_250 })),
    },
];
