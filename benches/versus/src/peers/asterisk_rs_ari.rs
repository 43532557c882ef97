//! asterisk-rs-ari: typed events over a tokio broadcast of 256, one clone for each subscriber; requests
//! through reqwest, or over the event socket.

use std::hint::black_box;

use asterisk_rs_ari::config::AriConfigBuilder;
use asterisk_rs_ari::resources::channel;
use asterisk_rs_ari::{AriClient, AriConfig, AriEvent, AriMessage, TransportMode};
use asterisk_rs_core::event::EventReceive;

use super::{Ping, pings, text, threads};
use crate::ari::load::CHANNEL;
use crate::board::{Next, Tally};
use crate::contender::{Connection, Outcome};
use crate::measure::Laps;
use crate::session::{SECRET, USERNAME};
use crate::work::{Shape, Way};

pub fn subscribe(port: u16, tallies: Vec<Tally>) -> Outcome<Connection> {
    let runtime = threads()?;
    let config = config(port, TransportMode::Http)?;
    let client = runtime.block_on(AriClient::connect(config)).map_err(text)?;
    for mut tally in tallies {
        let mut events = client.subscribe();
        runtime.spawn(async move {
            loop {
                match events.recv().await {
                    EventReceive::Event(event) => match show(&event, &mut tally) {
                        Next::Read => {}
                        Next::Sleep(length) => tokio::time::sleep(length).await,
                        Next::Stop => break,
                    },
                    EventReceive::Lagged(count) => tally.missed(count),
                    EventReceive::Closed => break,
                }
            }
        });
    }
    Ok(Box::new((client, runtime)))
}

pub fn decode(json: &str, times: usize) -> Outcome<()> {
    for _ in 0..times {
        let message: AriMessage = serde_json::from_str(black_box(json)).map_err(text)?;
        if !matches!(black_box(&message).event, AriEvent::StasisStart { .. }) {
            return Err("it is no StasisStart".into());
        }
    }
    Ok(())
}

pub fn requests(port: u16, way: Way, shape: Shape) -> Outcome<Laps> {
    let mode = match way {
        Way::Http => TransportMode::Http,
        Way::WebSocket => TransportMode::WebSocket,
    };
    let config = config(port, mode)?;
    pings(async { AriClient::connect(config).await.map_err(text) }, shape)
}

fn config(port: u16, mode: TransportMode) -> Outcome<AriConfig> {
    let builder = AriConfigBuilder::new("versus").port(port).username(USERNAME).password(SECRET);
    builder.transport(mode).build().map_err(text)
}

impl Ping for AriClient {
    async fn ping(&self) -> Outcome<()> {
        let channel = channel::get(self, CHANNEL).await.map_err(text)?;
        if channel.id == CHANNEL { Ok(()) } else { Err("another channel".into()) }
    }
}

/// Reads the three fields.
fn show(message: &AriMessage, tally: &mut Tally) -> Next {
    let (AriEvent::ChannelCreated { channel }
    | AriEvent::ChannelDialplan { channel, .. }
    | AriEvent::ChannelStateChange { channel }
    | AriEvent::ChannelVarset { channel: Some(channel), .. }
    | AriEvent::StasisStart { channel, .. }
    | AriEvent::StasisEnd { channel }
    | AriEvent::ChannelDestroyed { channel, .. }) = &message.event
    else {
        return tally.event(message.event_type(), "", "");
    };
    tally.event(message.event_type(), &channel.name, &channel.id)
}
