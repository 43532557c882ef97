//! The load server: one process for each measurement, the same for every library.
//!
//! It prints the port it listens on, serves whoever connects, and starts the flood when its
//! standard input says `go`. It ends with its standard input, so it never outlives the runner.

use std::io::{self, BufRead, Write};
use std::net::TcpListener;
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use crate::ari;
use crate::load::{Load, channel_item};
use crate::measure::pin_to_one_core;
use crate::session::{Session, Writer, send};
use crate::work::{Flood, Task, Work};

/// Where the flood goes: the client that connected last.
pub type Latest = Arc<Mutex<Option<Writer>>>;

/// Serves until standard input ends.
pub fn run(work: &Work) -> Result<(), String> {
    if work.pinned() {
        pin_to_one_core()?;
    }
    let listener = TcpListener::bind("127.0.0.1:0").map_err(|e| format!("cannot listen: {e}"))?;
    let port = listener.local_addr().map_err(|e| e.to_string())?.port();
    let items = match work.task {
        Task::List { items, .. } => (1..=items).map(channel_item).collect(),
        _ => Vec::new(),
    };
    let is_ari = matches!(work.task, Task::Ari(_));
    let load = if is_ari { ari::load::events() } else { Load::ami() };
    let latest = Latest::default();
    thread::spawn({
        let latest = latest.clone();
        move || {
            if is_ari {
                ari::session::accept(&listener, &latest);
            } else {
                accept(&listener, &Arc::new(items), &latest);
            }
        }
    });
    println!("PORT {port}");
    io::stdout().flush().map_err(|e| e.to_string())?;
    for line in io::stdin().lock().lines() {
        let writer = latest.lock().unwrap_or_else(PoisonError::into_inner).clone();
        if let (Ok("go"), Some(flood), Some(writer)) = (line.as_deref(), work.flood(), writer) {
            pour(&load, &flood, &writer).map_err(|e| format!("the client left: {e}"))?;
        }
    }
    Ok(())
}

fn accept(listener: &TcpListener, items: &Arc<Vec<String>>, latest: &Latest) {
    for stream in listener.incoming().flatten() {
        let Ok(session) = Session::new(stream, items.clone()) else { continue };
        *latest.lock().unwrap_or_else(PoisonError::into_inner) = Some(session.writer());
        // A session that ends with an error is a client that went away.
        thread::spawn(move || session.serve().ok());
    }
}

fn pour(load: &Load, flood: &Flood, writer: &Writer) -> io::Result<()> {
    let began = Instant::now();
    let mut sent = 0;
    while sent < flood.events {
        let due = flood.per_second.map_or(flood.events, |rate| due_by(began, rate, flood.events));
        while sent < due {
            let (bytes, count) = load.run(sent, due - sent);
            send(writer, bytes)?;
            sent += count;
        }
        if sent < flood.events {
            thread::sleep(Duration::from_millis(1));
        }
    }
    send(writer, load.last())
}

/// How many events a steady pace would have sent by now; what a late wake-up missed is made good.
fn due_by(began: Instant, per_second: u64, events: u64) -> u64 {
    let elapsed = u64::try_from(began.elapsed().as_micros()).unwrap_or(u64::MAX);
    (elapsed.saturating_mul(per_second) / 1_000_000).min(events)
}
