//! asterisk-sync's REST Interface.

use std::hint::black_box;
use std::thread;

use asterisk_sync::ari::{AriClient, AriConfig, AriEvent, AriMessage, TransportKind, resources};

use super::text;
use crate::ari::load::CHANNEL;
use crate::board::{Next, Tally};
use crate::contender::{Connection, Outcome};
use crate::measure::{Laps, callers};
use crate::session::{SECRET, USERNAME};
use crate::work::{Shape, Way};

pub fn subscribe(port: u16, tallies: Vec<Tally>) -> Outcome<Connection> {
    let client = AriClient::connect(config(port)).map_err(text)?;
    for mut tally in tallies {
        let events = client.subscribe();
        thread::spawn(move || {
            for message in &events {
                match show(&message, &mut tally) {
                    Next::Read => {}
                    Next::Sleep(length) => thread::sleep(length),
                    Next::Stop => break,
                }
            }
        });
    }
    Ok(Box::new(client))
}

pub fn decode(json: &str, times: usize) -> Outcome<()> {
    for _ in 0..times {
        let message = black_box(AriMessage::parse(black_box(json)));
        if !matches!(message.event, AriEvent::StasisStart(_)) {
            return Err("it is no StasisStart".into());
        }
    }
    Ok(())
}

pub fn requests(port: u16, way: Way, shape: Shape) -> Outcome<Laps> {
    let config = match way {
        Way::Http => config(port),
        Way::WebSocket => config(port).transport(TransportKind::WebSocket),
    };
    // As many as there are callers, as for the others.
    let client =
        AriClient::connect(config.max_connections(64).max_idle_connections(64)).map_err(text)?;
    callers(shape, || {
        Ok(|| {
            let channel = resources::channel::get(&client, CHANNEL).map_err(text)?;
            if channel.id == CHANNEL { Ok(()) } else { Err("another channel".into()) }
        })
    })
}

fn config(port: u16) -> AriConfig {
    AriConfig::new(format!("http://127.0.0.1:{port}"), USERNAME, SECRET, "versus")
}

/// Reads the three fields.
fn show(message: &AriMessage, tally: &mut Tally) -> Next {
    let channel = match &message.event {
        AriEvent::ChannelCreated(event) => &event.channel,
        AriEvent::ChannelDialplan(event) => &event.channel,
        AriEvent::ChannelStateChange(event) => &event.channel,
        AriEvent::StasisStart(event) => &event.channel,
        AriEvent::StasisEnd(event) => &event.channel,
        AriEvent::ChannelDestroyed(event) => &event.channel,
        AriEvent::ChannelVarset(event) => match &event.channel {
            Some(channel) => channel,
            None => return tally.event(message.event.event_name(), "", ""),
        },
        AriEvent::Gap(gap) => {
            tally.missed(gap.missed());
            return Next::Read;
        }
        other => return tally.event(other.event_name(), "", ""),
    };
    tally.event(message.event.event_name(), &channel.name, &channel.id)
}
