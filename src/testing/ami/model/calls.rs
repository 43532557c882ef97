//! Calls: how one comes to be, how it goes on, how it ends.

use std::collections::BTreeMap;
use std::time::Instant;

use super::channel::{Channel, State, caller_id};
use super::core::Clock;
use super::variables::assignments;
use super::{Model, Turn};
use crate::testing::ami::frame::News;

/// How a call that is originated ends; see [`FakeAmi::call_outcome`](super::FakeAmi::call_outcome).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
#[non_exhaustive]
pub enum CallOutcome {
    /// It is answered and lasts until it is hung up.
    #[default]
    Answered,
    /// The other side is busy.
    Busy,
    /// There is no way to the other side.
    Congestion,
    /// It rings, and nobody answers; the fake does not wait for the time to pass.
    NoAnswer,
    /// There is no such extension or device.
    NoSuchNumber,
    /// The other side does not want it.
    Rejected,
    /// It rings until somebody hangs it up. An `Originate` that is not asynchronous fails at once
    /// instead, for the fake does not wait.
    Rings,
}

impl CallOutcome {
    /// What the extension of a `Local/` channel says in its name.
    pub(super) fn by_name(channel: &str) -> Self {
        match channel.strip_prefix("Local/").and_then(|rest| rest.split('@').next()) {
            Some("busy") => Self::Busy,
            Some("congestion") => Self::Congestion,
            Some("noanswer") => Self::NoAnswer,
            Some("nobody") => Self::NoSuchNumber,
            Some("rejected") => Self::Rejected,
            Some("rings") => Self::Rings,
            _ => Self::Answered,
        }
    }

    /// `DialStatus`, the reason in `OriginateResponse`, and the cause. The second half of a `Local`
    /// channel says what is wrong before it ends; of others, only the end says it.
    pub(super) fn facts(self, local: bool) -> (&'static str, u8, u16) {
        match self {
            Self::Answered => ("ANSWER", 4, 16),
            Self::Busy => ("BUSY", if local { 5 } else { 0 }, 17),
            Self::Congestion => ("CONGESTION", if local { 8 } else { 0 }, 34),
            Self::NoAnswer | Self::Rings => ("NOANSWER", 3, 19),
            Self::NoSuchNumber => ("CHANUNAVAIL", 0, 0),
            Self::Rejected => ("NOANSWER", 0, 21),
        }
    }
}

/// What an `Originate` asked for, as its response says it again.
#[derive(Debug, Clone)]
pub(super) struct Order {
    action_id: String,
    target: String,
    channel_id: Option<String>,
    application: Option<(String, String)>,
    /// Context and extension, where it is not an application.
    place: Option<[String; 2]>,
    caller: (String, String),
}

impl Model {
    /// Calls, not channels: the two halves of a Local channel are one.
    pub(super) fn calls(&self) -> usize {
        let mut linked: Vec<&str> = self.channels.iter().map(|c| &*c.linked_id).collect();
        linked.sort_unstable();
        linked.dedup();
        linked.len()
    }

    pub(super) fn channel(&mut self, name: &str) -> Option<&mut Channel> {
        self.channels.iter_mut().find(|channel| channel.is(name))
    }

    pub(super) fn originate(&mut self, turn: &mut Turn<'_>) {
        let Some(target) = turn.get("Channel") else { return turn.error("Channel not specified") };
        let (context, exten) = (turn.get("Context"), turn.get("Exten"));
        if turn.get("Application").is_none()
            && [context, exten, turn.get("Priority")].contains(&None)
        {
            return turn.error("Originate with 'Exten' requires 'Context' and 'Priority'");
        }
        let Some((technology, _)) = target.split_once('/') else {
            return turn.error("Invalid channel");
        };
        let order = Order {
            action_id: turn.id().to_owned(),
            target: target.to_owned(),
            channel_id: turn.get("ChannelId").map(ToOwned::to_owned),
            application: turn
                .get("Application")
                .map(|name| (name.to_owned(), turn.get("Data").unwrap_or("").to_owned())),
            place: context.zip(exten).map(|(context, exten)| [context, exten].map(str::to_owned)),
            caller: caller_id(turn.get("CallerID").unwrap_or("")),
        };
        let local = technology == "Local";
        let is_async = turn.is_true("Async");
        let outcome = self.outcomes.get(target).copied();
        let outcome = match outcome.unwrap_or_else(|| CallOutcome::by_name(target)) {
            CallOutcome::Rings if !is_async => CallOutcome::NoAnswer,
            outcome => outcome,
        };
        let (status, reason, cause) = outcome.facts(local);
        let answered = outcome == CallOutcome::Answered;
        if is_async || answered {
            turn.ack("Originate successfully queued");
        } else {
            turn.error("Originate failed");
        }
        self.calls_processed += 1;
        if outcome == CallOutcome::NoSuchNumber && !local {
            // Nothing came to be.
            if is_async {
                turn.tell(order.response(None, reason));
            }
            return;
        }

        let mut legs = self.make_legs(turn, technology, target);
        for leg in &legs {
            turn.tell(leg.event("Newchannel"));
        }
        if outcome != CallOutcome::NoSuchNumber {
            if let [one, two] = &legs[..] {
                turn.tell(local_bridge(one, two));
            }
            let dialled = target.split_once('/').map_or(target, |(_, rest)| rest);
            turn.tell(legs[0].dial("DialBegin", "DialString", dialled));
            let rings = [CallOutcome::NoAnswer, CallOutcome::Rings].contains(&outcome);
            if !local || rings {
                legs[0].state = State::Ringing;
                turn.tell(legs[0].event("Newstate"));
                turn.tell(legs[0].dial("DialState", "DialStatus", "RINGING"));
            }
            if answered {
                for leg in legs.iter_mut().rev() {
                    leg.state = State::Up;
                    turn.tell(leg.event("Newstate"));
                }
            }
            // Nobody tells that a ringing call was given up.
            if !rings {
                turn.tell(legs[0].dial("DialEnd", "DialStatus", status));
            }
        }
        if outcome == CallOutcome::Rings {
            self.ringing.push((legs[0].unique_id.clone(), order));
            return self.channels.extend(legs);
        }
        if is_async {
            turn.tell(order.response(answered.then_some(&legs[0]), reason));
        }
        if answered {
            let id = legs[0].unique_id.clone();
            self.channels.extend(legs);
            if let Some([_, extension]) = &order.place {
                if let Some(channel) = self.channel(&id) {
                    turn.tell(channel.step());
                }
                self.go_on(turn, &id, extension);
            }
            return;
        }
        // The second half knows why; the first hears of it only where it was not told before.
        for leg in legs.iter().rev() {
            let told = leg.name.ends_with(";1") && [5, 8].contains(&reason);
            turn.tell(leg.hangup(if told { 0 } else { cause }));
        }
    }

    /// The channel, or both halves of a Local one.
    fn make_legs(&mut self, turn: &Turn<'_>, technology: &str, target: &str) -> Vec<Channel> {
        let variables: BTreeMap<_, _> =
            turn.request().get_all("Variable").flat_map(assignments).collect();
        let text = |header| turn.get(header).unwrap_or("").to_owned();
        let serial = self.channels_made;
        let halves: &[(&str, State)] = match technology {
            "Local" => &[(";1", State::Down), (";2", State::Ring)],
            _ => &[("", State::Down)],
        };
        let mut legs: Vec<Channel> = Vec::new();
        for (half, state) in halves {
            let given = if half.ends_with('2') { "OtherChannelId" } else { "ChannelId" };
            let unique_id = turn.get(given).map_or_else(
                || format!("{}.{}", Clock::now().seconds(), self.channels_made),
                ToOwned::to_owned,
            );
            self.channels_made += 1;
            let name = target.strip_suffix("/n").unwrap_or(target);
            legs.push(Channel {
                name: format!("{name}-{serial:08x}{half}"),
                state: *state,
                caller: caller_id(turn.get("CallerID").unwrap_or("")),
                context: turn.get("Context").unwrap_or("default").to_owned(),
                exten: text("Exten"),
                priority: turn.get("Priority").unwrap_or("1").to_owned(),
                application: (text("Application"), text("Data")),
                linked_id: legs.first().map_or(&unique_id, |one| &one.unique_id).clone(),
                unique_id,
                variables: variables.clone(),
                born: Instant::now(),
                bridge: String::new(),
            });
        }
        legs
    }

    pub(super) fn hangup(&mut self, turn: &mut Turn<'_>) {
        let Some(name) = turn.get("Channel") else { return turn.error("No channel specified") };
        let Some(id) = self.channel(name).map(|channel| channel.unique_id.clone()) else {
            return turn.error("No such channel");
        };
        turn.ack("Channel Hungup");
        self.end(turn, &id, turn.request().parse("Cause").unwrap_or(16));
    }

    /// Ends a channel, the other half if it is a Local one, and whoever is in a bridge with them.
    pub(super) fn end(&mut self, turn: &mut Turn<'_>, id: &str, cause: u16) {
        let whole = |name: &str| name.trim_end_matches([';', '1', '2'].as_slice()).to_owned();
        let halves =
            |c: &Channel, name: &str| c.name.contains(';') && whole(&c.name) == whole(name);
        let Some(name) = self.channel(id).map(|channel| channel.name.clone()) else { return };
        let bridges: Vec<String> = self
            .channels
            .iter()
            .filter(|c| (c.is(id) || halves(c, &name)) && !c.bridge.is_empty())
            .map(|c| c.bridge.clone())
            .collect();
        let (ended, stay): (Vec<Channel>, Vec<Channel>) = std::mem::take(&mut self.channels)
            .into_iter()
            .partition(|c| c.is(id) || halves(c, &name) || bridges.contains(&c.bridge));
        self.channels = stay;
        for channel in &ended {
            self.leave_queues(channel).into_iter().for_each(|news| turn.tell(news));
        }
        // Of a call that still rang, that was the outcome.
        if let Some(i) = self.ringing.iter().position(|(id, _)| ended.iter().any(|c| c.is(id))) {
            let (_, order) = self.ringing.remove(i);
            turn.tell(ended[0].dial("DialEnd", "DialStatus", "NOANSWER"));
            turn.tell(order.response(None, 0));
        }
        for (i, channel) in ended.iter().enumerate() {
            let request = if i == 0 { "HangupRequest" } else { "SoftHangupRequest" };
            turn.tell(channel.event_with(request, |frame| frame.line("Cause", cause)));
        }
        ended.iter().rev().for_each(|channel| turn.tell(channel.hangup(cause)));
    }

    pub(super) fn core_show_channels(&mut self, turn: &mut Turn<'_>) {
        turn.list("Channels will follow");
        for channel in self.channels.iter().rev() {
            let seconds = channel.born.elapsed().as_secs();
            let (hours, minutes, seconds) = (seconds / 3600, seconds / 60 % 60, seconds % 60);
            turn.item("CoreShowChannel", |frame, id| {
                channel
                    .snapshot(frame.action_id(id), "")
                    .line("Application", &channel.application.0)
                    .line("ApplicationData", &channel.application.1)
                    .line("Duration", format_args!("{hours:02}:{minutes:02}:{seconds:02}"))
                    .line("BridgeId", &channel.bridge)
            });
        }
        turn.complete("CoreShowChannelsComplete");
    }

    pub(super) fn status(&mut self, turn: &mut Turn<'_>) {
        let wanted = turn.get("Channel");
        if wanted.is_some_and(|name| self.channel(name).is_none()) {
            return turn.error("No such channel");
        }
        let variables = turn.get("Variables").unwrap_or("");
        let variables = variables.split(',').filter(|name| !name.is_empty());
        turn.list("Channel status will follow");
        for channel in self.channels.iter().rev() {
            if wanted.is_some_and(|name| !channel.is(name)) {
                continue;
            }
            turn.item("Status", |frame, id| {
                let technology = channel.name.split('/').next().unwrap_or("");
                let frame = channel
                    .snapshot(frame.line("Privilege", "Call"), "")
                    .lines(&[("Type", technology), ("DNID", "")])
                    .line("EffectiveConnectedLineNum", &channel.caller.0)
                    .line("EffectiveConnectedLineName", &channel.caller.1)
                    .line("TimeToHangup", "0")
                    .line("BridgeID", &channel.bridge)
                    .line("Application", &channel.application.0)
                    .line("Data", &channel.application.1)
                    .lines(&[("Nativeformats", "(slin)"), ("Readformat", "slin")])
                    .lines(&[("Readtrans", ""), ("Writeformat", "slin"), ("Writetrans", "")])
                    .lines(&[("Callgroup", "0"), ("Pickupgroup", "0")])
                    .line("Seconds", channel.born.elapsed().as_secs());
                let frame = variables.clone().fold(frame, |frame, name| {
                    frame.line("Variable", format_args!("{name}={}", channel.function(name)))
                });
                frame.action_id(id)
            });
        }
        turn.complete_with("StatusComplete", |frame, items| frame.line("Items", items));
    }
}

fn local_bridge(one: &Channel, two: &Channel) -> News {
    News::new("call", "LocalBridge", |frame| {
        two.snapshot(one.snapshot(frame, "LocalOne"), "LocalTwo")
            .line("Context", &one.context)
            .line("Exten", &one.exten)
            .line("LocalOptimization", "Yes")
    })
}

impl Order {
    /// What came of it, with the channel if it was answered.
    fn response(&self, answered: Option<&Channel>, reason: u8) -> News {
        let unknown = "<unknown>";
        let known = |value: &str| if value.is_empty() { unknown } else { value }.to_owned();
        let (word, channel, unique_id) = match answered {
            Some(leg) => ("Success", &*leg.name, &*leg.unique_id),
            None => ("Failure", &*self.target, self.channel_id.as_deref().unwrap_or(unknown)),
        };
        News::new("call", "OriginateResponse", |frame| {
            let frame = frame.action_id(&self.action_id).line("Response", word);
            let frame = frame.line("Channel", channel);
            let frame = match (&self.application, &self.place) {
                (None, Some([context, exten])) => {
                    frame.line("Context", context).line("Exten", exten)
                }
                _ => frame,
            };
            let frame = frame
                .line("Reason", reason)
                .line("Uniqueid", unique_id)
                .line("CallerIDNum", known(&self.caller.0))
                .line("CallerIDName", known(&self.caller.1));
            match &self.application {
                Some((name, data)) => frame.line("Application", name).line("Data", data),
                None => frame,
            }
        })
    }
}
