//! Queues and their members; nobody calls them. Who waits is in `waiting`.

use std::collections::BTreeMap;

use super::core::Clock;
use super::{Model, Turn};
use crate::testing::ami::frame::{Frame, News};

#[derive(Debug, Clone)]
pub(super) struct Member {
    name: String,
    interface: String,
    state_interface: String,
    membership: &'static str,
    penalty: u32,
    last_pause: u64,
    login: u64,
    paused: bool,
    reason: String,
}

/// What stands in `queues.conf`.
pub(super) fn configured() -> BTreeMap<String, Vec<Member>> {
    let members = [("Alice", "PJSIP/alice"), ("Bob", "PJSIP/bob")];
    let members = members.map(|(name, interface)| Member::new(name, interface, "static"));
    BTreeMap::from([("sales".to_owned(), members.into())])
}

impl Member {
    fn new(name: &str, interface: &str, membership: &'static str) -> Self {
        Self {
            name: name.to_owned(),
            interface: interface.to_owned(),
            state_interface: interface.to_owned(),
            membership,
            penalty: 0,
            last_pause: 0,
            login: Clock::now().seconds(),
            paused: false,
            reason: String::new(),
        }
    }

    /// The device whose state counts.
    pub(super) fn device(&self) -> &str {
        &self.state_interface
    }

    /// The lines that the events and the list have in common.
    fn lines(&self, frame: Frame) -> Frame {
        frame
            .line("StateInterface", &self.state_interface)
            .line("Membership", self.membership)
            .line("Penalty", self.penalty)
            .lines(&[("CallsTaken", "0"), ("LastCall", "0")])
            .line("LastPause", self.last_pause)
            .line("LoginTime", self.login)
            // Not in use.
            .lines(&[("InCall", "0"), ("Status", "1")])
            .line("Paused", u8::from(self.paused))
            .line("PausedReason", &self.reason)
    }

    fn event(&self, queue: &str, name: &'static str) -> News {
        News::new("agent", name, |frame| {
            let frame = frame.line("Queue", queue).line("MemberName", &self.name);
            self.lines(frame.line("Interface", &self.interface))
                .lines(&[("Ringinuse", "0"), ("Wrapuptime", "0")])
        })
    }
}

impl Model {
    pub(super) fn queue_add(&mut self, turn: &mut Turn<'_>) {
        let Some(queue) = turn.get("Queue") else { return turn.error("'Queue' not specified.") };
        let Some(interface) = turn.get("Interface") else {
            return turn.error("'Interface' not specified.");
        };
        let Some(members) = self.queues.get_mut(queue) else {
            return turn.error("Unable to add interface to queue: No such queue");
        };
        if members.iter().any(|member| member.interface == interface) {
            return turn.error("Unable to add interface: Already there");
        }
        let name = turn.get("MemberName").unwrap_or(interface);
        let member = Member {
            penalty: turn.request().parse("Penalty").unwrap_or(0),
            state_interface: turn.get("StateInterface").unwrap_or(interface).to_owned(),
            paused: turn.is_true("Paused"),
            reason: turn.get("Reason").unwrap_or("").to_owned(),
            ..Member::new(name, interface, "dynamic")
        };
        turn.ack("Added interface to queue");
        turn.tell(member.event(queue, "QueueMemberAdded"));
        members.push(member);
    }

    pub(super) fn queue_remove(&mut self, turn: &mut Turn<'_>) {
        let (Some(queue), Some(interface)) = (turn.get("Queue"), turn.get("Interface")) else {
            return turn.error("Need 'Queue' and 'Interface' parameters.");
        };
        let Some(members) = self.queues.get_mut(queue) else {
            return turn.error("Unable to remove interface from queue: No such queue");
        };
        let Some(i) = members.iter().position(|member| member.interface == interface) else {
            return turn.error("Unable to remove interface: Not there");
        };
        if members[i].membership != "dynamic" {
            return turn.error("Member not dynamic");
        }
        turn.ack("Removed interface from queue");
        turn.tell(members.remove(i).event(queue, "QueueMemberRemoved"));
    }

    pub(super) fn queue_pause(&mut self, turn: &mut Turn<'_>) {
        let (Some(interface), Some(_)) = (turn.get("Interface"), turn.get("Paused")) else {
            return turn.error("Need 'Interface' and 'Paused' parameters.");
        };
        let paused = turn.is_true("Paused");
        let mut found = Vec::new();
        for (queue, members) in &mut self.queues {
            if turn.get("Queue").is_some_and(|wanted| wanted != queue) {
                continue;
            }
            for member in members.iter_mut().filter(|member| member.interface == interface) {
                member.paused = paused;
                let reason = turn.get("Reason").filter(|_| paused);
                reason.unwrap_or("").clone_into(&mut member.reason);
                if paused {
                    member.last_pause = Clock::now().seconds();
                }
                found.push(member.event(queue, "QueueMemberPause"));
            }
        }
        match (found.is_empty(), paused) {
            (true, _) => turn.error("Interface not found"),
            (false, true) => turn.ack("Interface paused successfully"),
            (false, false) => turn.ack("Interface unpaused successfully"),
        }
        for news in found {
            turn.tell(news);
        }
    }

    pub(super) fn queue_status(&mut self, turn: &mut Turn<'_>) {
        turn.list("Queue status will follow");
        let (queue, member) = (turn.get("Queue"), turn.get("Member"));
        for (name, members) in &self.queues {
            if queue.is_some_and(|wanted| wanted != name) {
                continue;
            }
            turn.item("QueueParams", |frame, id| {
                frame
                    .lines(&[("Queue", name), ("Max", "0"), ("Strategy", "ringall")])
                    .line("Calls", self.waiting_in(name).count())
                    .lines(&[("Holdtime", "0"), ("TalkTime", "0")])
                    .lines(&[("Completed", "0"), ("Abandoned", "0"), ("ServiceLevel", "0")])
                    .lines(&[("ServicelevelPerf", "0.0"), ("ServicelevelPerf2", "0.0")])
                    .line("Weight", "0")
                    .action_id(id)
            });
            for m in members {
                if member.is_some_and(|wanted| wanted != m.interface) {
                    continue;
                }
                turn.item("QueueMember", |frame, id| {
                    let frame = frame.line("Queue", name).line("Name", &m.name);
                    m.lines(frame.line("Location", &m.interface))
                        .line("Wrapuptime", "0")
                        .action_id(id)
                });
            }
            self.queue_entries(turn, name);
        }
        turn.complete("QueueStatusComplete");
    }

    pub(super) fn queue_summary(&mut self, turn: &mut Turn<'_>) {
        turn.list("Queue summary will follow");
        let queue = turn.get("Queue");
        for (name, members) in &self.queues {
            if queue.is_some_and(|wanted| wanted != name) {
                continue;
            }
            let available = members.iter().filter(|member| !member.paused).count();
            turn.item("QueueSummary", |frame, id| {
                frame
                    .line("Queue", name)
                    .line("LoggedIn", members.len())
                    .line("Available", available)
                    .line("Callers", self.waiting_in(name).count())
                    .lines(&[("HoldTime", "0"), ("TalkTime", "0")])
                    .line("LongestHoldTime", "0")
                    .action_id(id)
            });
        }
        turn.complete("QueueSummaryComplete");
    }
}
