//! asterisk-rs-ami: typed events over a tokio broadcast, one clone for each subscriber.

use std::time::Instant;

use asterisk_rs_ami::action::CoreShowChannelsAction;
use asterisk_rs_ami::{AmiClient, AmiCodec, AmiEvent};
use asterisk_rs_core::event::EventReceive;
use bytes::BytesMut;
use tokio_util::codec::Decoder;

use super::{Ping, pings, text, threads};
use crate::board::{Next, Tally};
use crate::contender::{Connection, Contender, Outcome};
use crate::measure::Laps;
use crate::session::{SECRET, USERNAME};
use crate::work::{Agi, Flood, Shape, Way};

/// See the module.
pub struct AsteriskRs {
    /// Its event buffer, if not its own choice of 1,024.
    pub buffer: Option<usize>,
}

impl AsteriskRs {
    async fn log_in(&self, port: u16) -> Outcome<AmiClient> {
        let builder =
            AmiClient::builder().host("127.0.0.1").port(port).credentials(USERNAME, SECRET);
        let builder = match self.buffer {
            Some(events) => builder.event_capacity(events),
            None => builder,
        };
        builder.build().await.map_err(text)
    }
}

/// Both its subscriptions answer alike and share no trait.
macro_rules! read {
    ($subscription:expr, $tally:expr) => {{
        let (mut subscription, mut tally) = ($subscription, $tally);
        tokio::spawn(async move {
            loop {
                match subscription.recv().await {
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
    }};
}

impl Contender for AsteriskRs {
    fn agi(&self, job: &Agi) -> Outcome<(u16, Connection)> {
        super::asterisk_rs_agi::serve(job)
    }

    fn ari_subscribe(&self, port: u16, _: &Flood, tallies: Vec<Tally>) -> Outcome<Connection> {
        super::asterisk_rs_ari::subscribe(port, tallies)
    }

    fn ari_decode(&self, json: &str, times: usize) -> Outcome<()> {
        super::asterisk_rs_ari::decode(json, times)
    }

    fn ari_rest(&self, port: u16, way: Way, shape: Shape) -> Outcome<Laps> {
        super::asterisk_rs_ari::requests(port, way, shape)
    }

    fn subscribe(&self, port: u16, flood: &Flood, tallies: Vec<Tally>) -> Outcome<Connection> {
        let runtime = threads()?;
        let client = runtime.block_on(self.log_in(port))?;
        let guard = runtime.enter();
        for tally in tallies {
            if flood.hangups_only {
                read!(client.subscribe_filtered(|e| e.event_name() == "Hangup"), tally);
            } else {
                read!(client.subscribe(), tally);
            }
        }
        drop(guard);
        Ok(Box::new((client, runtime)))
    }

    fn connect(&self, port: u16) -> Outcome<Connection> {
        let runtime = threads()?;
        let client = runtime.block_on(self.log_in(port))?;
        Ok(Box::new((client, runtime)))
    }

    fn lists(&self, port: u16, times: usize) -> Outcome<(Vec<usize>, Laps)> {
        threads()?.block_on(async {
            let client = self.log_in(port).await?;
            let mut laps = Laps::with_capacity(times);
            let mut counts = Vec::new();
            for _ in 0..times {
                let since = Instant::now();
                let list = client.send_collecting(&CoreShowChannelsAction).await.map_err(text)?;
                laps.note(since, 1);
                let whole = |event: &&AmiEvent| {
                    matches!(event, AmiEvent::CoreShowChannel { channel, unique_id, .. }
                        if !channel.is_empty() && !unique_id.is_empty())
                };
                counts.push(list.events.iter().filter(whole).count());
            }
            Ok((counts, laps))
        })
    }

    fn pings(&self, port: u16, shape: Shape) -> Outcome<Laps> {
        pings(self.log_in(port), shape)
    }

    fn decode(&self, wire: &[u8], mut tally: Tally) -> Outcome<()> {
        let mut codec = AmiCodec::new();
        let mut buffer = BytesMut::from(&b"Asterisk Call Manager/11.0.0\r\n"[..]);
        for piece in wire.chunks(64 * 1024) {
            buffer.extend_from_slice(piece);
            while let Some(raw) = codec.decode(&mut buffer).map_err(text)? {
                let event = AmiEvent::from_raw(&raw).ok_or("not an event")?;
                if show(&event, &mut tally) == Next::Stop {
                    return Ok(());
                }
            }
        }
        Err("the last event did not come".into())
    }
}

/// Reads the three fields.
fn show(event: &AmiEvent, tally: &mut Tally) -> Next {
    // It spells one name otherwise than Asterisk does, and leaves that event a map.
    if let AmiEvent::Unknown { event_name, headers } = event {
        let field = |name: &str| headers.get(name).map_or("", String::as_str);
        return tally.event(event_name, field("Channel"), field("Uniqueid"));
    }
    let (channel, unique_id) = (event.channel(), event.unique_id());
    tally.event(event.event_name(), channel.unwrap_or_default(), unique_id.unwrap_or_default())
}

impl Ping for AmiClient {
    async fn ping(&self) -> Outcome<()> {
        let answer = self.send_action(&asterisk_rs_ami::action::PingAction).await.map_err(text)?;
        if answer.success { Ok(()) } else { Err("the ping was refused".into()) }
    }
}
