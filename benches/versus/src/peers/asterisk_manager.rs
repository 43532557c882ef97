//! asterisk-manager: JSON maps over a tokio broadcast, one clone for each subscriber.

use std::collections::HashMap;
use std::time::Instant;

use asterisk_manager::{AmiAction, AmiEvent, Manager, ManagerOptions};
use tokio_stream::wrappers::errors::BroadcastStreamRecvError;
use tokio_stream::{Stream, StreamExt as _};

use super::{Ping, pings, text, threads};
use crate::board::{Next, Tally};
use crate::contender::{Connection, Contender, Outcome};
use crate::measure::Laps;
use crate::session::{SECRET, USERNAME};
use crate::work::{Flood, Shape};

/// See the module.
pub struct AsteriskManager {
    /// Its event buffer, if not its own choice of 1,024.
    pub buffer: Option<usize>,
}

impl AsteriskManager {
    async fn log_in(&self, port: u16) -> Outcome<Manager> {
        let mut manager = self.buffer.map_or_else(Manager::new, Manager::new_with_buffer);
        let options = ManagerOptions {
            port,
            host: "127.0.0.1".into(),
            username: USERNAME.into(),
            password: SECRET.into(),
            events: true,
        };
        manager.connect_and_login(options).await.map_err(text)?;
        Ok(manager)
    }
}

impl Contender for AsteriskManager {
    fn subscribe(&self, port: u16, flood: &Flood, tallies: Vec<Tally>) -> Outcome<Connection> {
        let runtime = threads()?;
        let manager = runtime.block_on(self.log_in(port))?;
        for tally in tallies {
            let events = runtime.block_on(manager.all_events_stream());
            runtime.spawn(read(events, flood.hangups_only, tally));
        }
        Ok(Box::new((manager, runtime)))
    }

    fn connect(&self, port: u16) -> Outcome<Connection> {
        let runtime = threads()?;
        let manager = runtime.block_on(self.log_in(port))?;
        Ok(Box::new((manager, runtime)))
    }

    fn lists(&self, port: u16, times: usize) -> Outcome<(Vec<usize>, Laps)> {
        threads()?.block_on(async {
            let manager = self.log_in(port).await?;
            let mut laps = Laps::with_capacity(times);
            let mut counts = Vec::new();
            for _ in 0..times {
                let since = Instant::now();
                let action = AmiAction::Custom {
                    action: "CoreShowChannels".into(),
                    params: HashMap::new(),
                    action_id: None,
                };
                let list = manager.send_action(action).await.map_err(text)?;
                laps.note(since, 1);
                // It gives no types here: the list is JSON under a name of its own.
                let items = list.fields.get("CollectedEvents").and_then(|all| all.as_array());
                let whole = items.into_iter().flatten().filter(|item| {
                    ["Event", "Channel", "Uniqueid"].iter().all(|name| item[name].is_string())
                });
                counts.push(whole.count());
            }
            Ok((counts, laps))
        })
    }

    fn pings(&self, port: u16, shape: Shape) -> Outcome<Laps> {
        pings(self.log_in(port), shape)
    }
}

/// Reads a stream; its filter is the subscriber's own, for it has none.
async fn read(
    mut events: impl Stream<Item = Result<AmiEvent, BroadcastStreamRecvError>> + Unpin,
    hangups_only: bool,
    mut tally: Tally,
) {
    while let Some(event) = events.next().await {
        let next = match event {
            Ok(event) if hangups_only && !matches!(event, AmiEvent::Hangup(_)) => Next::Read,
            Ok(event) => show(&event, &mut tally),
            Err(BroadcastStreamRecvError::Lagged(count)) => {
                tally.missed(count);
                Next::Read
            }
        };
        match next {
            Next::Read => {}
            Next::Sleep(length) => tokio::time::sleep(length).await,
            Next::Stop => break,
        }
    }
}

/// Reads the three fields.
fn show(event: &AmiEvent, tally: &mut Tally) -> Next {
    match event {
        AmiEvent::Newchannel(data) => tally.event("Newchannel", &data.channel, &data.uniqueid),
        AmiEvent::Hangup(data) => tally.event("Hangup", &data.channel, &data.uniqueid),
        AmiEvent::UnknownEvent { event_type, fields } => {
            let field = |name: &str| fields.get(name).map_or("", String::as_str);
            tally.event(event_type, field("Channel"), field("Uniqueid"))
        }
        AmiEvent::PeerStatus(_) | AmiEvent::InternalConnectionLost { .. } => Next::Stop,
    }
}

impl Ping for Manager {
    async fn ping(&self) -> Outcome<()> {
        let answer = self.send_action(AmiAction::Ping { action_id: None }).await.map_err(text)?;
        if answer.response == "Success" { Ok(()) } else { Err("the ping was refused".into()) }
    }
}
