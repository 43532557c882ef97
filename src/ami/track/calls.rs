//! Calls: events in, records out.

use std::collections::{BTreeMap, BTreeSet, HashMap, VecDeque};
use std::sync::Arc;

use super::record::{
    CallBridge, CallEnding, CallLeg, CallRecord, CallTransfer, Data, TransferKind,
};
use super::{Departed, ListedChannel, Moment};
use crate::ami::AmiEvent;
use crate::ami::event::{BridgeView, ChannelView};

/// The events that say what becomes of calls.
pub(in crate::ami) const EVENTS: &[&str] = &[
    "Newchannel",
    "Newstate",
    "NewCallerid",
    "NewConnectedLine",
    "NewAccountCode",
    "Rename",
    "Hangup",
    "DialBegin",
    "DialEnd",
    "BridgeEnter",
    "BridgeLeave",
    "BlindTransfer",
    "AttendedTransfer",
    "Pickup",
    "QueueCallerJoin",
    "ParkedCall",
    "UnParkedCall",
];

/// How much is kept.
#[derive(Debug, Clone)]
pub(in crate::ami) struct Limits {
    /// Calls under way.
    pub(in crate::ami) calls: usize,
    /// Channels of a call; as many bridges, transfers, queues and linked ids.
    pub(in crate::ami) legs: usize,
    /// Events of a call.
    pub(in crate::ami) events: usize,
}

/// All calls under way.
#[derive(Debug)]
pub(in crate::ami) struct Calls {
    limits: Limits,
    /// By number, so the oldest comes first.
    open: BTreeMap<u64, Arc<Data>>,
    /// Which call a channel that is there is a leg of, by unique id.
    channels: HashMap<Box<str>, u64>,
    /// Which call a linked id means.
    linked: HashMap<Box<str>, u64>,
    departed: Departed,
    /// Calls that ended and were not taken yet.
    done: VecDeque<CallRecord>,
    next: u64,
}

impl Calls {
    pub(in crate::ami) fn new(limits: Limits) -> Self {
        Self {
            limits,
            open: BTreeMap::new(),
            channels: HashMap::new(),
            linked: HashMap::new(),
            departed: Departed::default(),
            done: VecDeque::new(),
            next: 0,
        }
    }

    /// The calls under way, the oldest first, as they are at this moment.
    pub(in crate::ami) fn active(&self, now: Moment) -> Vec<CallRecord> {
        self.open.values().map(|data| CallRecord::new(Arc::clone(data), now)).collect()
    }

    pub(in crate::ami) fn len(&self) -> usize {
        self.open.len()
    }

    /// The next record that is complete.
    pub(in crate::ami) fn take(&mut self) -> Option<CallRecord> {
        self.done.pop_front()
    }

    /// Takes an event in. `now` is when it arrived.
    pub(in crate::ami) fn apply(&mut self, event: &AmiEvent, now: Moment) {
        let at = now.of(event);
        if let AmiEvent::NewChannel(new) = event {
            self.departed.forget(new.channel().unique_id());
            self.add(new.channel(), at, false);
        }
        self.keep(event);
        match event {
            AmiEvent::Newstate(e) => self.update(e.channel(), at),
            AmiEvent::NewCallerid(e) => self.update(e.channel(), at),
            AmiEvent::NewConnectedLine(e) => self.update(e.channel(), at),
            AmiEvent::NewAccountCode(e) => self.update(e.channel(), at),
            AmiEvent::Rename(e) => self.rename(e.channel().unique_id(), e.new_name()),
            AmiEvent::Pickup(e) => {
                self.update(e.channel(), at);
                self.update(e.target(), at);
            }
            AmiEvent::DialBegin(e) => {
                self.update(e.channel(), at);
                self.update(e.dest(), at);
                if let Some(leg) = self.leg(e.dest().unique_id()) {
                    leg.dial_string = e.dial_string().map(Into::into);
                    let by = Some(e.channel().unique_id()).filter(|id| !id.is_empty());
                    leg.dialled_by = by.map(Into::into);
                }
            }
            AmiEvent::DialEnd(e) => {
                self.update(e.channel(), at);
                self.update(e.dest(), at);
                // The dialled channel may be gone already.
                let dest = e.dest();
                let mut legs = self.call_of(dest).into_iter().flat_map(|it| it.legs.iter_mut());
                if let Some(leg) = legs.rfind(|leg| *leg.unique_id == *dest.unique_id()) {
                    leg.dial_status = e.dial_status();
                }
            }
            AmiEvent::BridgeEnter(e) => {
                self.update(e.channel(), at);
                self.enter(e.channel().unique_id(), e.bridge(), at);
            }
            AmiEvent::BridgeLeave(e) => self.update(e.channel(), at),
            AmiEvent::QueueCallerJoin(e) => {
                self.update(e.channel(), at);
                let limit = self.limits.legs;
                if let Some(call) = self.call_of(e.channel()) {
                    call.others_left_out += bounded_push(&mut call.queues, e.queue().into(), limit);
                }
            }
            AmiEvent::BlindTransfer(e) => {
                let transfer = CallTransfer {
                    kind: TransferKind::Blind,
                    result: e.result(),
                    transferer: e.transferer().channel().into(),
                    transferee: name_of(e.transferee()),
                    target: None,
                    context: Some(e.context().into()),
                    exten: Some(e.extension().into()),
                    at: at.wall,
                };
                self.transfer(&[e.transferer(), e.transferee()], transfer);
            }
            AmiEvent::AttendedTransfer(e) => {
                let transfer = CallTransfer {
                    kind: TransferKind::Attended,
                    result: e.result(),
                    transferer: e.orig_transferer().channel().into(),
                    transferee: name_of(e.transferee()),
                    target: name_of(e.transfer_target()),
                    context: None,
                    exten: None,
                    at: at.wall,
                };
                let channels = [e.transferee(), e.orig_transferer(), e.second_transferer()];
                self.transfer(&channels, transfer);
            }
            AmiEvent::Hangup(e) => {
                self.update(e.channel(), at);
                let id = e.channel().unique_id();
                self.departed.remember(id);
                self.end_leg(id, at, |leg| leg.cause = e.cause().unwrap_or(leg.cause));
            }
            _ => {}
        }
    }

    /// Takes in the list of all channels, which was asked for after the last event that was applied.
    /// Calls whose channels are not in it have ended, unless the events that `late` has say how.
    pub(in crate::ami) fn resync(
        &mut self,
        channels: &[ListedChannel],
        late: impl IntoIterator<Item = AmiEvent>,
        now: Moment,
    ) {
        let mut absent: BTreeSet<Box<str>> = self.channels.keys().cloned().collect();
        for item in channels {
            let view = item.channel();
            absent.remove(view.unique_id());
            self.add(view, now.ago(item.age()), true);
            self.update(view, now);
        }
        for event in late {
            self.apply(&event, now);
        }
        for id in absent {
            self.departed.remember(&id);
            self.end_leg(&id, now, |leg| leg.unseen_end = true);
        }
    }

    /// From here on the records of all calls under way may lack something.
    pub(in crate::ami) fn gap(&mut self) {
        for call in self.open.values_mut() {
            Arc::make_mut(call).had_gap = true;
        }
    }

    /// Nothing is known of what there is: whatever was under way counts as ended.
    pub(in crate::ami) fn lose_all(&mut self, now: Moment) {
        self.resync(&[], [], now);
    }

    /// The server may have begun anew, with ids that it had before.
    pub(in crate::ami) fn forget_departed(&mut self) {
        self.departed.clear();
    }

    fn call_of(&mut self, channel: ChannelView<'_>) -> Option<&mut Data> {
        let by_channel = self.channels.get(channel.unique_id());
        let number = by_channel.or_else(|| self.linked.get(channel.linked_id()))?;
        self.open.get_mut(number).map(Arc::make_mut)
    }

    fn leg(&mut self, unique_id: &str) -> Option<&mut CallLeg> {
        let number = self.channels.get(unique_id)?;
        let call = Arc::make_mut(self.open.get_mut(number)?);
        call.legs.iter_mut().rev().find(|leg| *leg.unique_id == *unique_id)
    }

    /// A channel came to be, or was found.
    fn add(&mut self, view: ChannelView<'_>, start: Moment, found: bool) {
        let (id, linked) = (view.unique_id(), view.linked_id());
        if id.is_empty() || self.channels.contains_key(id) || self.departed.has(id) {
            return;
        }
        let linked = if linked.is_empty() { id } else { linked };
        let number = match self.linked.get(linked) {
            Some(number) => *number,
            None => self.begin(linked, start),
        };
        let limit = self.limits.legs;
        let Some(call) = self.open.get_mut(&number).map(Arc::make_mut) else { return };
        make_room(call, limit);
        if call.legs.len() >= limit {
            call.legs_left_out += 1;
            return;
        }
        let leg = CallLeg { found, ..CallLeg::new(view, start) };
        if found {
            // A list has them in any order. The linked id is the unique id of the first.
            let is_first = *leg.unique_id == *linked;
            let key =
                |leg: &CallLeg| (leg.start.steady, leg.unique_id.len(), leg.unique_id.clone());
            let at = call.legs.partition_point(|other| {
                !is_first && (*other.unique_id == *linked || key(other) <= key(&leg))
            });
            call.legs.insert(at, leg);
        } else {
            call.legs.push(leg);
        }
        self.channels.insert(id.into(), number);
    }

    fn begin(&mut self, linked: &str, at: Moment) -> u64 {
        while self.open.len() >= self.limits.calls.max(1) {
            let Some((&oldest, _)) = self.open.first_key_value() else { break };
            self.finish(oldest, CallEnding::Forgotten, at);
        }
        let number = self.next;
        self.next += 1;
        let data = Data {
            number,
            linked_ids: vec![linked.into()],
            legs: Vec::new(),
            transfers: Vec::new(),
            bridges: Vec::new(),
            queues: Vec::new(),
            events: Vec::new(),
            legs_left_out: 0,
            events_left_out: 0,
            others_left_out: 0,
            had_gap: false,
            ending: None,
        };
        self.open.insert(number, Arc::new(data));
        self.linked.insert(linked.into(), number);
        number
    }

    /// Takes from a channel's snapshot what it knows, its linked id above all.
    fn update(&mut self, view: ChannelView<'_>, at: Moment) {
        let Some(&number) = self.channels.get(view.unique_id()) else { return };
        let linked = view.linked_id();
        if !linked.is_empty() {
            match self.linked.get(linked) {
                Some(&other) if other != number => self.merge(number, other),
                Some(_) => {}
                None => self.alias(number, linked),
            }
        }
        if let Some(leg) = self.leg(view.unique_id()) {
            leg.update(view, at);
        }
    }

    /// Another linked id of a call.
    fn alias(&mut self, number: u64, linked: &str) {
        let Some(call) = self.open.get_mut(&number).map(Arc::make_mut) else { return };
        self.linked.insert(linked.into(), number);
        call.linked_ids.push(linked.into());
        // In a conference that never ends they would grow without end.
        if call.linked_ids.len() > self.limits.legs.max(1) {
            let old = call.linked_ids.remove(1);
            call.others_left_out += 1;
            self.linked.remove(&old);
        }
    }

    /// Two calls become one.
    fn merge(&mut self, one: u64, other: u64) {
        let (older, younger) = (one.min(other), one.max(other));
        let Some(gone) = self.open.remove(&younger) else { return };
        let mut gone = Arc::unwrap_or_clone(gone);
        for leg in gone.legs.iter().filter(|leg| leg.end.is_none()) {
            self.channels.insert(leg.unique_id.clone(), older);
        }
        for linked in std::mem::take(&mut gone.linked_ids) {
            self.alias(older, &linked);
        }
        let Limits { legs: limit, events, .. } = self.limits;
        let Some(call) = self.open.get_mut(&older).map(Arc::make_mut) else { return };
        for leg in gone.legs {
            make_room(call, limit);
            if call.legs.len() < limit {
                call.legs.push(leg);
            } else {
                call.legs_left_out += 1;
                self.channels.remove(&leg.unique_id);
            }
        }
        call.others_left_out += bounded_extend(&mut call.transfers, gone.transfers, limit);
        call.others_left_out += bounded_extend(&mut call.bridges, gone.bridges, limit);
        call.others_left_out += bounded_extend(&mut call.queues, gone.queues, limit);
        let room = events.saturating_sub(call.events.len()).min(gone.events.len());
        call.events_left_out += gone.events_left_out + (gone.events.len() - room) as u64;
        call.events.extend(gone.events.into_iter().take(room));
        call.legs_left_out += gone.legs_left_out;
        call.others_left_out += gone.others_left_out;
        call.had_gap |= gone.had_gap;
    }

    fn rename(&mut self, unique_id: &str, name: &str) {
        if let Some(leg) = self.leg(unique_id) {
            leg.channel = name.into();
        }
    }

    fn enter(&mut self, unique_id: &str, bridge: BridgeView<'_>, at: Moment) {
        let limit = self.limits.legs;
        let Some(number) = self.channels.get(unique_id) else { return };
        let Some(call) = self.open.get_mut(number).map(Arc::make_mut) else { return };
        if call.bridges.iter().any(|known| *known.unique_id == *bridge.unique_id()) {
            return;
        }
        let bridge = CallBridge {
            unique_id: bridge.unique_id().into(),
            bridge_type: bridge.bridge_type().into(),
            creator: bridge.creator().map(Into::into),
            name: bridge.name().map(Into::into),
            entered: at.wall,
        };
        call.others_left_out += bounded_push(&mut call.bridges, bridge, limit);
    }

    /// To the first of these channels whose call is known.
    fn transfer(&mut self, channels: &[ChannelView<'_>], transfer: CallTransfer) {
        let limit = self.limits.legs;
        for channel in channels {
            if let Some(call) = self.call_of(*channel) {
                call.others_left_out += bounded_push(&mut call.transfers, transfer, limit);
                return;
            }
        }
    }

    fn end_leg(&mut self, unique_id: &str, at: Moment, tell: impl FnOnce(&mut CallLeg)) {
        let Some(leg) = self.leg(unique_id) else { return };
        leg.end = Some(at);
        tell(leg);
        let ending = if leg.unseen_end { CallEnding::Unseen } else { CallEnding::HungUp };
        let Some(number) = self.channels.remove(unique_id) else { return };
        let is_over = |call: &Arc<Data>| call.legs.iter().all(|leg| leg.end.is_some());
        if self.open.get(&number).is_some_and(is_over) {
            self.finish(number, ending, at);
        }
    }

    fn finish(&mut self, number: u64, ending: CallEnding, at: Moment) {
        let Some(mut data) = self.open.remove(&number) else { return };
        let call = Arc::make_mut(&mut data);
        call.ending = Some(ending);
        for linked in &call.linked_ids {
            self.linked.remove(linked);
        }
        for leg in call.legs.iter().filter(|leg| leg.end.is_none()) {
            self.channels.remove(&leg.unique_id);
        }
        self.done.push_back(CallRecord::new(data, at));
    }

    /// Keeps an event with its call, if events are to be kept.
    fn keep(&mut self, event: &AmiEvent) {
        let limit = self.limits.events;
        if limit == 0 {
            return;
        }
        let message = event.message();
        let ids = ["Uniqueid", "DestUniqueid", "TransfererUniqueid", "OrigTransfererUniqueid"];
        let channels = ids.iter().filter_map(|name| message.get(name));
        let number = channels
            .chain(message.get("ParkeeUniqueid"))
            .find_map(|id| self.channels.get(id).copied());
        let linked = || message.get("Linkedid").and_then(|id| self.linked.get(id).copied());
        let Some(call) = number.or_else(linked).and_then(|number| self.open.get_mut(&number))
        else {
            return;
        };
        let call = Arc::make_mut(call);
        if call.events.len() < limit {
            call.events.push(event.detach());
        } else {
            call.events_left_out += 1;
        }
    }
}

/// Lets the leg go that ended first, if there is no room for another. Not the first of all: it is
/// what the call is known by.
fn make_room(call: &mut Data, limit: usize) {
    if call.legs.len() < limit {
        return;
    }
    let ended = call.legs.iter().skip(1).position(|leg| leg.end.is_some());
    if let Some(at) = ended {
        call.legs.remove(at + 1);
        call.legs_left_out += 1;
    }
}

/// Puts an item behind the others, unless it is the last of them again. Says how many were left out.
fn bounded_push<T: PartialEq>(list: &mut Vec<T>, item: T, limit: usize) -> u64 {
    if list.last() == Some(&item) {
        return 0;
    }
    if list.len() >= limit {
        return 1;
    }
    list.push(item);
    0
}

fn bounded_extend<T: PartialEq>(list: &mut Vec<T>, items: Vec<T>, limit: usize) -> u64 {
    items.into_iter().map(|item| bounded_push(list, item, limit)).sum()
}

fn name_of(channel: ChannelView<'_>) -> Option<Box<str>> {
    channel.is_present().then(|| channel.channel().into())
}
