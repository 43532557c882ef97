//! The floor: the same bytes over the same socket, and nobody looks into them.
//!
//! No library can be faster, so every result is also told as a share of this one.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, channel};
use std::thread;
use std::time::Instant;

use crate::ari::{self, bare};
use crate::board::{Next, Tally};
use crate::contender::{Connection, Contender, Outcome};
use crate::load::Load;
use crate::measure::Laps;
use crate::session::{SECRET, USERNAME};
use crate::work::{Agi, Flood, Shape, Way};

/// What one read of a flood may bring.
const BLOCK: usize = 256 * 1024;

/// Fixed, so that every answer has the same length and none needs to be looked at.
const PING: &[u8] = b"Action: Ping\r\nActionID: 100000\r\n\r\n";

/// See the module.
pub struct Floor;

impl Contender for Floor {
    fn agi(&self, job: &Agi) -> Outcome<(u16, Connection)> {
        crate::agi::floor(job)
    }

    fn subscribe(&self, port: u16, flood: &Flood, tallies: Vec<Tally>) -> Outcome<Connection> {
        let stream = log_in(port)?;
        drain(stream, &Load::ami(), flood, tallies);
        Ok(Box::new(()))
    }

    fn connect(&self, port: u16) -> Outcome<Connection> {
        Ok(Box::new(log_in(port)?))
    }

    fn lists(&self, port: u16, times: usize) -> Outcome<(Vec<usize>, Laps)> {
        let mut stream = log_in(port)?;
        let mut laps = Laps::with_capacity(times);
        let mut counts = Vec::new();
        for _ in 0..times {
            let since = Instant::now();
            write(&mut stream, b"Action: CoreShowChannels\r\nActionID: 1\r\n\r\n")?;
            let list = read_until_items(&mut stream)?;
            laps.note(since, 1);
            counts.push(list.windows(15).filter(|name| name == b"CoreShowChannel").count() - 1);
        }
        Ok((counts, laps))
    }

    fn pings(&self, port: u16, shape: Shape) -> Outcome<Laps> {
        let mut stream = log_in(port)?;
        write(&mut stream, PING)?;
        let answer = read_block(&mut stream)?.len();
        windows(&mut stream, PING, answer, shape)
    }

    fn ari_subscribe(&self, port: u16, flood: &Flood, tallies: Vec<Tally>) -> Outcome<Connection> {
        drain(bare::event_socket(port)?, &ari::load::events(), flood, tallies);
        Ok(Box::new(()))
    }

    fn ari_decode(&self, json: &str, times: usize) -> Outcome<()> {
        bare::decode::<serde::de::IgnoredAny>(json, times)
    }

    fn ari_rest(&self, port: u16, way: Way, shape: Shape) -> Outcome<Laps> {
        match way {
            Way::Http => bare::requests(port, shape),
            Way::WebSocket => bare::requests_over_socket(port, shape),
        }
    }

    fn decode(&self, wire: &[u8], mut tally: Tally) -> Outcome<()> {
        let mut buffer = vec![0; 64 * 1024];
        for piece in wire.chunks(buffer.len()) {
            buffer[..piece.len()].copy_from_slice(piece);
            std::hint::black_box(&buffer);
        }
        // All of them are there; nobody knows how many that is.
        let _ = tally.events(u64::MAX / 2);
        tally.finish();
        Ok(())
    }
}

/// Turns bytes into events: the floor knows how many were sent, not where they begin.
#[derive(Clone, Copy)]
struct Share {
    bytes: u64,
    events: u64,
}

/// Counts one subscriber's bytes.
struct Reader {
    share: Share,
    tally: Tally,
    got: u64,
    counted: u64,
}

impl Reader {
    fn new(share: Share, tally: Tally) -> Self {
        Self { share, tally, got: 0, counted: 0 }
    }

    /// Takes a block; whether there will be more.
    fn block(&mut self, length: usize) -> bool {
        self.got += length as u64;
        let events = self.share.events * self.got / self.share.bytes;
        if let Next::Sleep(length) = self.tally.events(events - self.counted) {
            thread::sleep(length);
        }
        self.counted = events;
        let more = self.got < self.share.bytes;
        if !more {
            self.tally.finish();
        }
        more
    }
}

/// The same request over and over, and answers of the same length. Callers at once are a window here:
/// as many requests under way, at no cost for threads.
pub fn windows(
    stream: &mut TcpStream,
    request: &[u8],
    answer: usize,
    shape: Shape,
) -> Outcome<Laps> {
    let (window, rounds) = match shape {
        Shape::Sequential(count) => (1, count),
        Shape::Window { window, rounds } => (window, rounds),
        Shape::Callers { callers, each } => (callers, each),
    };
    let request = request.repeat(window);
    let mut answers = vec![0; answer * window];
    let mut laps = Laps::with_capacity(rounds);
    let mut began = Instant::now();
    for round in 0..rounds + rounds / 10 {
        if round == rounds / 10 {
            laps = Laps::with_capacity(rounds);
            began = Instant::now();
        }
        let since = Instant::now();
        write(stream, &request)?;
        stream.read_exact(&mut answers).map_err(|e| e.to_string())?;
        laps.note(since, window as u64);
    }
    laps.wall = began.elapsed();
    Ok(laps)
}

/// Reads a flood: one subscriber reads the socket itself; several get blocks from a thread that does.
pub fn drain(stream: TcpStream, load: &Load, flood: &Flood, tallies: Vec<Tally>) {
    let bytes = load.bytes(flood.events) + load.last().len() as u64;
    let share = Share { bytes, events: flood.due() };
    match <[Tally; 1]>::try_from(tallies) {
        Ok([tally]) => drop(thread::spawn(move || read_alone(stream, share, tally))),
        Err(many) => fan(stream, share, many),
    }
}

fn read_alone(mut stream: TcpStream, share: Share, tally: Tally) {
    let mut reader = Reader::new(share, tally);
    let mut buffer = vec![0; BLOCK];
    while let Ok(length @ 1..) = stream.read(&mut buffer) {
        if !reader.block(length) {
            break;
        }
    }
}

fn fan(mut stream: TcpStream, share: Share, tallies: Vec<Tally>) {
    let mut senders = Vec::new();
    for tally in tallies {
        let (sender, blocks): (_, Receiver<Arc<[u8]>>) = channel();
        senders.push(sender);
        thread::spawn(move || {
            let mut reader = Reader::new(share, tally);
            while let Ok(block) = blocks.recv()
                && reader.block(block.len())
            {}
        });
    }
    thread::spawn(move || {
        let mut buffer = vec![0; BLOCK];
        while let Ok(length @ 1..) = stream.read(&mut buffer) {
            let block: Arc<[u8]> = Arc::from(&buffer[..length]);
            senders.retain(|sender| sender.send(block.clone()).is_ok());
        }
    });
}

fn log_in(port: u16) -> Outcome<TcpStream> {
    let mut stream = TcpStream::connect(("127.0.0.1", port)).map_err(|e| e.to_string())?;
    stream.set_nodelay(true).map_err(|e| e.to_string())?;
    let login = format!("Action: Login\r\nUsername: {USERNAME}\r\nSecret: {SECRET}\r\n\r\n");
    write(&mut stream, login.as_bytes())?;
    let answer = read_block(&mut stream)?;
    if answer.windows(7).any(|word| word == b"Success") {
        Ok(stream)
    } else {
        Err("the load server refused the login".into())
    }
}

pub fn write(stream: &mut TcpStream, bytes: &[u8]) -> Outcome<()> {
    stream.write_all(bytes).map_err(|e| e.to_string())
}

/// Reads until a blank line ends what came.
pub fn read_block(stream: &mut TcpStream) -> Outcome<Vec<u8>> {
    read_while(stream, |bytes| !bytes.ends_with(b"\r\n\r\n"))
}

/// Reads until the event that ends a list, the only one whose last line is `ListItems`.
fn read_until_items(stream: &mut TcpStream) -> Outcome<Vec<u8>> {
    read_while(stream, |bytes| {
        let tail = &bytes[bytes.len().saturating_sub(32)..];
        !(tail.ends_with(b"\r\n\r\n") && tail.windows(9).any(|word| word == b"ListItems"))
    })
}

fn read_while(stream: &mut TcpStream, more: impl Fn(&[u8]) -> bool) -> Outcome<Vec<u8>> {
    let mut bytes = Vec::new();
    let mut buffer = vec![0; BLOCK];
    while bytes.is_empty() || more(&bytes) {
        match stream.read(&mut buffer).map_err(|e| e.to_string())? {
            0 => return Err("the load server left".into()),
            length => bytes.extend_from_slice(&buffer[..length]),
        }
    }
    Ok(bytes)
}
