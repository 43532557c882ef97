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
}

impl CallOutcome {
    /// What the extension of a `Local/` channel says in its name.
    fn by_name(channel: &str) -> Self {
        match channel.strip_prefix("Local/").and_then(|rest| rest.split('@').next()) {
            Some("busy") => Self::Busy,
            Some("congestion") => Self::Congestion,
            Some("noanswer") => Self::NoAnswer,
            Some("nobody") => Self::NoSuchNumber,
            _ => Self::Answered,
        }
    }

    /// `DialStatus`, the reason in `OriginateResponse`, and the cause.
    fn facts(self) -> (&'static str, u8, u16) {
        match self {
            Self::Answered => ("ANSWER", 4, 16),
            Self::Busy => ("BUSY", 5, 17),
            Self::Congestion => ("CONGESTION", 8, 34),
            Self::NoAnswer => ("NOANSWER", 3, 19),
            Self::NoSuchNumber => ("CHANUNAVAIL", 0, 0),
        }
    }
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
        let outcome = self.outcomes.get(target).copied();
        let outcome = outcome.unwrap_or_else(|| CallOutcome::by_name(target));
        let (status, reason, cause) = outcome.facts();
        let answered = outcome == CallOutcome::Answered;
        let is_async = turn.is_true("Async");
        if is_async || answered {
            turn.ack("Originate successfully queued");
        } else {
            turn.error("Originate failed");
        }

        let mut legs = self.make_legs(turn, technology, target);
        self.calls_processed += 1;
        for leg in &legs {
            turn.tell(leg.event("Newchannel"));
        }
        if outcome != CallOutcome::NoSuchNumber {
            if let [one, two] = &legs[..] {
                turn.tell(local_bridge(one, two));
            }
            let dialled = target.split_once('/').map_or(target, |(_, rest)| rest);
            turn.tell(legs[0].dial("DialBegin", "DialString", dialled));
            if technology != "Local" || outcome == CallOutcome::NoAnswer {
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
            if outcome != CallOutcome::NoAnswer {
                turn.tell(legs[0].dial("DialEnd", "DialStatus", status));
            }
        }
        if is_async {
            turn.tell(originate_response(turn, &legs[0], target, answered, reason));
        }
        if answered {
            self.channels.extend(legs);
        } else {
            legs.iter().rev().for_each(|leg| turn.tell(leg.hangup(cause)));
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
            });
        }
        legs
    }

    pub(super) fn hangup(&mut self, turn: &mut Turn<'_>) {
        let Some(name) = turn.get("Channel") else { return turn.error("No channel specified") };
        let Some(linked) = self.channel(name).map(|channel| channel.linked_id.clone()) else {
            return turn.error("No such channel");
        };
        let cause = turn.request().parse("Cause").unwrap_or(16);
        turn.ack("Channel Hungup");
        let (ended, stay) =
            std::mem::take(&mut self.channels).into_iter().partition(|c| c.linked_id == linked);
        self.channels = stay;
        let ended: Vec<Channel> = ended;
        for (i, channel) in ended.iter().enumerate() {
            let request = if i == 0 { "HangupRequest" } else { "SoftHangupRequest" };
            turn.tell(channel.event_with(request, |frame| frame.line("Cause", cause)));
        }
        ended.iter().rev().for_each(|channel| turn.tell(channel.hangup(cause)));
    }

    pub(super) fn redirect(&mut self, turn: &mut Turn<'_>) {
        let Some(name) = turn.get("Channel") else { return turn.error("Channel not specified") };
        let place = ["Context", "Exten", "Priority"].map(|header| turn.get(header));
        let Some(channel) = self.channel(name) else {
            return turn.error("Channel does not exist");
        };
        if let [Some(context), Some(exten), Some(priority)] = place.map(|p| p.map(str::to_owned)) {
            (channel.context, channel.exten, channel.priority) = (context, exten, priority);
        }
        turn.ack("Redirect successful");
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
                    .line("BridgeId", "")
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
                    .lines(&[("TimeToHangup", "0"), ("BridgeID", "")])
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

fn originate_response(
    turn: &Turn<'_>,
    leg: &Channel,
    target: &str,
    answered: bool,
    reason: u8,
) -> News {
    let (word, channel, unique_id) = if answered {
        ("Success", &*leg.name, &*leg.unique_id)
    } else {
        ("Failure", target, "<unknown>")
    };
    let known = |value: &str| if value.is_empty() { "<unknown>" } else { value }.to_owned();
    News::new("call", "OriginateResponse", |frame| {
        let frame = frame.action_id(turn.id()).line("Response", word).line("Channel", channel);
        let frame = match turn.get("Application") {
            None => frame.line("Context", &leg.context).line("Exten", &leg.exten),
            Some(_) => frame,
        };
        let frame = frame
            .line("Reason", reason)
            .line("Uniqueid", unique_id)
            .line("CallerIDNum", known(&leg.caller.0))
            .line("CallerIDName", known(&leg.caller.1));
        match turn.get("Application") {
            Some(application) => {
                frame.line("Application", application).line("Data", turn.get("Data").unwrap_or(""))
            }
            None => frame,
        }
    })
}
