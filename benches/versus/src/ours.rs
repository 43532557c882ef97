//! asterisk-sync, used as its own documentation shows: plain threads, a subscription each.

mod ari;

use std::sync::Arc;
use std::thread;
use std::time::Instant;

use asterisk_sync::agi::{AgiChannel, AgiRequest, AgiServer};
use asterisk_sync::ami::action::{CoreShowChannelsAction, PingAction};
use asterisk_sync::ami::codec::Decoder;
use asterisk_sync::ami::{AmiClient, AmiEvent, Filter};

use crate::board::{Next, Tally};
use crate::contender::{Connection, Contender, Outcome};
use crate::measure::{Laps, callers};
use crate::session::{SECRET, USERNAME};
use crate::work::{Agi, Flood, Shape, Way};

/// Far beyond any frame of the load.
const LARGEST_FRAME: usize = 16 << 20;

/// What a server has by itself.
const AGI_WORKERS: usize = 64;

/// See the module.
pub struct Ours;

impl Contender for Ours {
    fn agi(&self, job: &Agi) -> Outcome<(u16, Connection)> {
        let commands = job.commands;
        // Nobody is refused, as nobody is by the others: whom the workers of the default have no time for
        // waits, unless all have to be served at once.
        let workers = if job.holds { job.callers } else { AGI_WORKERS };
        let server =
            AgiServer::builder().bind("127.0.0.1:0").workers(workers).queue(job.callers).handler(
                move |_: &AgiRequest, agi: &mut AgiChannel| {
                    for number in 0..commands {
                        match number % 5 {
                            0 => agi.answer()?,
                            1 => agi.set_variable("ACCOUNT", "1234")?,
                            2 => drop(agi.get_variable("CHANNEL(name)")?),
                            3 => drop(agi.stream_file("hello-world", "#")?),
                            _ => agi.verbose("hello from a script", 1)?,
                        }
                    }
                    Ok(())
                },
            );
        let server = server.build().and_then(AgiServer::spawn).map_err(text)?;
        Ok((server.local_addr().port(), Box::new(server)))
    }

    fn ari_subscribe(&self, port: u16, _: &Flood, tallies: Vec<Tally>) -> Outcome<Connection> {
        ari::subscribe(port, tallies)
    }

    fn ari_decode(&self, json: &str, times: usize) -> Outcome<()> {
        ari::decode(json, times)
    }

    fn ari_rest(&self, port: u16, way: Way, shape: Shape) -> Outcome<Laps> {
        ari::requests(port, way, shape)
    }

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
        if let Shape::Window { window, rounds } = shape {
            windows(&client, window, rounds / 10)?;
            return windows(&client, window, rounds);
        }
        callers(shape, || Ok(|| client.ping().map(drop).map_err(text)))
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
