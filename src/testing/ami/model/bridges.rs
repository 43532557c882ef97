//! Bridges: who is connected with whom, and what becomes of them.

use std::time::Instant;

use super::calls::CallOutcome;
use super::channel::{Channel, State};
use super::core::Clock;
use super::{Model, Turn};
use crate::testing::ami::frame::{Frame, News};

impl Model {
    /// What a channel that goes on in an extension meets there, if the test has said: a channel of
    /// the device that the extension dials.
    pub(super) fn go_on(&mut self, turn: &mut Turn<'_>, id: &str, extension: &str) {
        let Some(device) = self.dials.get(extension).cloned() else { return };
        let Some(caller) = self.channel(id).cloned() else { return };
        let outcome = self.outcomes.get(&device).copied();
        let outcome = outcome.unwrap_or_else(|| CallOutcome::by_name(&device));
        let (status, _, cause) = outcome.facts(false);
        let serial = self.channels_made;
        self.channels_made += 1;
        let called = Channel {
            name: format!("{}-{serial:08x}", device.strip_suffix("/n").unwrap_or(&device)),
            state: if outcome == CallOutcome::Answered { State::Up } else { State::Ringing },
            unique_id: format!("{}.{serial}", Clock::now().seconds()),
            application: ("AppDial".into(), "(Outgoing Line)".into()),
            born: Instant::now(),
            bridge: String::new(),
            ..caller.clone()
        };
        let dial = |name, header, value: &str| {
            News::new("call", name, |frame| {
                called.snapshot(caller.snapshot(frame, ""), "Dest").line(header, value)
            })
        };
        turn.tell(called.event("Newchannel"));
        turn.tell(dial("DialBegin", "DialString", device.as_str()));
        turn.tell(called.event("Newstate"));
        let other = called.unique_id.clone();
        match outcome {
            CallOutcome::Rings => return self.channels.push(called),
            CallOutcome::Answered => {
                turn.tell(dial("DialEnd", "DialStatus", status));
                self.channels.push(called);
                return self.join(turn, [id, &other]);
            }
            _ => {}
        }
        // The dialplan has nothing else for the caller.
        turn.tell(dial("DialEnd", "DialStatus", status));
        turn.tell(called.hangup(cause));
        self.end(turn, id, cause);
    }

    /// Puts two channels into a new bridge, out of whatever they are in.
    fn join(&mut self, turn: &mut Turn<'_>, ids: [&str; 2]) {
        self.bridges_made += 1;
        let bridge = format!("00000000-0000-4000-8000-{:012x}", self.bridges_made);
        for id in ids {
            self.leave(turn, id);
        }
        for (n, id) in ids.into_iter().enumerate() {
            if let Some(channel) = self.channel(id) {
                channel.bridge.clone_from(&bridge);
                turn.tell(bridge_event("BridgeEnter", channel, &bridge, n + 1));
            }
        }
    }

    /// Takes a channel out of its bridge, if it is in one.
    fn leave(&mut self, turn: &mut Turn<'_>, id: &str) {
        if let Some(channel) = self.channel(id).filter(|channel| !channel.bridge.is_empty()) {
            let bridge = std::mem::take(&mut channel.bridge);
            turn.tell(bridge_event("BridgeLeave", channel, &bridge, 1));
        }
    }

    pub(super) fn bridge(&mut self, turn: &mut Turn<'_>) {
        let (Some(one), Some(two)) = (turn.get("Channel1"), turn.get("Channel2")) else {
            return turn.error("Missing channel parameter in request");
        };
        if let Some(name) = [one, two].into_iter().find(|name| self.channel(name).is_none()) {
            return turn.error(&format!("Channel does not exists: {name}"));
        }
        turn.ack("Channels have been bridged");
        self.join(turn, [one, two]);
    }

    pub(super) fn bridge_info(&mut self, turn: &mut Turn<'_>) {
        let id = turn.get("BridgeUniqueid").unwrap_or("");
        let inside: Vec<&Channel> =
            self.channels.iter().filter(|c| !id.is_empty() && c.bridge == id).collect();
        if inside.is_empty() {
            return turn.error("Specified BridgeUniqueid not found");
        }
        turn.list("Bridge channel listing will follow");
        for channel in &inside {
            turn.item("BridgeInfoChannel", |frame, action| {
                channel.snapshot(frame, "").action_id(action)
            });
        }
        turn.complete_with("BridgeInfoComplete", |frame, _| bridge_lines(frame, id, inside.len()));
    }

    pub(super) fn redirect(&mut self, turn: &mut Turn<'_>) {
        let Some(name) = turn.get("Channel") else { return turn.error("Channel not specified") };
        if self.channel(name).is_none() {
            return turn.error("Channel does not exist");
        }
        let extra = turn.get("ExtraChannel");
        if extra.is_some_and(|name| self.channel(name).is_none()) {
            return turn.error("ExtraChannel does not exist");
        }
        turn.ack("Redirect successful");
        let place = ["Context", "Exten", "Priority"].map(|header| turn.get(header));
        let other = ["ExtraContext", "ExtraExten", "ExtraPriority"].map(|header| turn.get(header));
        for (name, place) in [(Some(name), place), (extra, other)] {
            let Some(name) = name else { continue };
            self.leave(turn, name);
            if let (Some(channel), [Some(context), Some(exten), Some(priority)]) =
                (self.channel(name), place.map(|part| part.map(str::to_owned)))
            {
                (channel.context, channel.exten, channel.priority) = (context, exten, priority);
                turn.tell(channel.step());
            }
        }
    }
}

fn bridge_event(name: &'static str, channel: &Channel, bridge: &str, inside: usize) -> News {
    News::new("call", name, |frame| channel.snapshot(bridge_lines(frame, bridge, inside), ""))
}

fn bridge_lines(frame: Frame, id: &str, inside: usize) -> Frame {
    frame
        .line("BridgeUniqueid", id)
        .lines(&[("BridgeType", "basic"), ("BridgeTechnology", "simple_bridge")])
        .lines(&[("BridgeCreator", "<unknown>"), ("BridgeName", "<unknown>")])
        .line("BridgeNumChannels", inside)
        .line("BridgeVideoSourceMode", "none")
}
