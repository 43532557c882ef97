//! asterisk-sync, used as its own documentation shows: plain threads, a subscription each.

use std::sync::Arc;
use std::thread;
use std::time::Instant;

use asterisk_sync::ami::action::{CoreShowChannelsAction, PingAction};
use asterisk_sync::ami::codec::Decoder;
use asterisk_sync::ami::{AmiClient, AmiEvent, Filter};

use crate::board::{Next, Tally};
use crate::contender::{Connection, Contender, Outcome};
use crate::measure::Laps;
use crate::session::{SECRET, USERNAME};
use crate::work::{Flood, Shape};

/// Far beyond any frame of the load.
const LARGEST_FRAME: usize = 16 << 20;

/// See the module.
pub struct Ours;

impl Contender for Ours {
    fn subscribe(&self, port: u16, flood: &Flood, tallies: Vec<Tally>) -> Outcome<Connection> {
        let client = log_in(port)?;
        for mut tally in tallies {
            let events = if flood.hangups_only {
                client.subscribe_with(Filter::names(["Hangup"]))
            } else {
                client.subscribe()
            };
            thread::spawn(move || {
                for event in &events {
                    match show(&event, &mut tally) {
                        Next::Read => {}
                        Next::Sleep(length) => thread::sleep(length),
                        Next::Stop => break,
                    }
                }
            });
        }
        Ok(Box::new(client))
    }

    fn connect(&self, port: u16) -> Outcome<Connection> {
        Ok(Box::new(log_in(port)?))
    }

    fn lists(&self, port: u16, times: usize) -> Outcome<(Vec<usize>, Laps)> {
        let client = log_in(port)?;
        let mut laps = Laps::with_capacity(times);
        let mut counts = Vec::new();
        for _ in 0..times {
            let since = Instant::now();
            let list = client.list(&CoreShowChannelsAction::new()).map_err(text)?;
            laps.note(since, 1);
            let whole = list.iter().filter(|item| {
                let has = |name| item.message().get(name).is_some_and(|value| !value.is_empty());
                has("Event") && has("Channel") && has("Uniqueid")
            });
            counts.push(whole.count());
        }
        Ok((counts, laps))
    }

    fn pings(&self, port: u16, shape: Shape) -> Outcome<Laps> {
        let client = log_in(port)?;
        match shape {
            Shape::Sequential(count) => {
                sequential(&client, count / 10)?;
                sequential(&client, count)
            }
            Shape::Window { window, rounds } => {
                windows(&client, window, rounds / 10)?;
                windows(&client, window, rounds)
            }
            Shape::Callers { callers: count, each } => {
                callers(&client, count, each / 10)?;
                callers(&client, count, each)
            }
        }
    }

    fn decode(&self, wire: &[u8], mut tally: Tally) -> Outcome<()> {
        let mut decoder = Decoder::new(LARGEST_FRAME);
        for piece in wire.chunks(64 * 1024) {
            let Some(block) = decoder.push(piece).map(Arc::new) else { continue };
            for message in block.messages() {
                if show(&AmiEvent::from(message), &mut tally) == Next::Stop {
                    return Ok(());
                }
            }
        }
        Err("the last event did not come".into())
    }
}

fn log_in(port: u16) -> Outcome<AmiClient> {
    let builder = AmiClient::builder().host("127.0.0.1").port(port);
    builder.credentials(USERNAME, SECRET).connect().map_err(text)
}

fn sequential(client: &AmiClient, count: usize) -> Outcome<Laps> {
    let mut laps = Laps::with_capacity(count);
    let began = Instant::now();
    for _ in 0..count {
        let since = Instant::now();
        client.ping().map_err(text)?;
        laps.note(since, 1);
    }
    laps.wall = began.elapsed();
    Ok(laps)
}

/// Starts a window of actions, then waits for their answers: one thread, one wake-up or few.
fn windows(client: &AmiClient, window: usize, rounds: usize) -> Outcome<Laps> {
    let mut laps = Laps::with_capacity(rounds);
    let mut pending = Vec::with_capacity(window);
    let began = Instant::now();
    for _ in 0..rounds {
        let since = Instant::now();
        for _ in 0..window {
            pending.push(client.start_action(&PingAction::new()).map_err(text)?);
        }
        for answer in pending.drain(..) {
            answer.wait().map_err(text)?;
        }
        laps.note(since, window as u64);
    }
    laps.wall = began.elapsed();
    Ok(laps)
}

fn callers(client: &AmiClient, count: usize, each: usize) -> Outcome<Laps> {
    let began = Instant::now();
    let mut laps = Laps::default();
    thread::scope(|scope| {
        let threads: Vec<_> =
            (0..count).map(|_| scope.spawn(|| sequential(client, each))).collect();
        for thread in threads {
            laps.merge(thread.join().map_err(|_| "a caller panicked")??);
        }
        Outcome::Ok(())
    })?;
    laps.wall = began.elapsed();
    Ok(laps)
}

/// Reads the three fields.
fn show(event: &AmiEvent, tally: &mut Tally) -> Next {
    if let AmiEvent::Gap(gap) = event {
        tally.missed(gap.missed());
        return Next::Read;
    }
    let (channel, unique_id) = (event.channel(), event.unique_id());
    tally.event(event.event_name(), channel.unwrap_or_default(), unique_id.unwrap_or_default())
}

fn text(error: impl std::fmt::Display) -> String {
    error.to_string()
}
