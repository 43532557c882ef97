//! Against what a real Asterisk sent: `tests/captures/state.ami` has every kind of call at once, and
//! in between, the server's own lists.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use super::calls::{Calls, Limits};
use super::picture::{List, Picture};
use super::record::{CallEnding, CallLeg, CallRecord, TransferKind};
use super::snapshot::{Change, Item, Part, Snapshot};
use super::{ListedChannel, Moment};
use crate::ami::action::QueueStatusItem;
use crate::ami::codec::Decoder;
use crate::ami::event::{self, TypedEvent};
use crate::ami::{AmiEvent, Message, MessageKind};
use crate::types::{CdrDisposition, HangupCause, TransferResult};

mod bounds;
mod bridges;
mod gaps;
mod queues;

const CAPTURE: &[u8] = include_bytes!("../../../tests/captures/state.ami");

/// The lists of the capture that nothing was under way before: the events so far say the same.
const QUIET: &[usize] = &[3, 5, 7, 9];

/// The capture: events, and the places where a full set of lists was complete.
struct Capture {
    events: Vec<AmiEvent>,
    /// After so many events, and the lists.
    lists: Vec<(usize, Vec<Message>)>,
    /// After so many events the first of them began.
    begun: Vec<usize>,
}

fn frames(bytes: &[u8]) -> Vec<Message> {
    let banner = bytes.iter().position(|b| *b == b'\n').unwrap() + 1;
    let block = Decoder::new(1 << 20).push(&bytes[banner..]).unwrap();
    Arc::new(block).messages().collect()
}

fn capture() -> Capture {
    let (mut events, mut lists, mut list) = (Vec::new(), Vec::new(), Vec::new());
    let mut begun = Vec::new();
    for message in frames(CAPTURE) {
        let is_list = message.get("ActionID").is_some_and(|id| id.starts_with("list-"));
        match message.kind() {
            MessageKind::Event if is_list => {
                if list.is_empty() {
                    begun.push(events.len());
                }
                let is_last = message.name() == "DeviceStateListComplete";
                list.push(message);
                if is_last {
                    lists.push((events.len(), std::mem::take(&mut list)));
                }
            }
            MessageKind::Event => events.push(AmiEvent::from(message)),
            _ => {}
        }
    }
    assert_eq!(lists.len(), 10);
    Capture { events, lists, begun }
}

fn items<E: TypedEvent>(list: &[Message]) -> Vec<E> {
    let is_one = |message: &&Message| message.name() == E::NAME;
    list.iter().filter(is_one).filter_map(|message| E::from_message(message.clone())).collect()
}

fn channels(list: &[Message]) -> Vec<ListedChannel> {
    items(list).into_iter().map(ListedChannel::Core).collect()
}

fn queue_item(message: &Message) -> Option<QueueStatusItem> {
    match AmiEvent::from(message.clone()) {
        AmiEvent::QueueParams(it) => Some(QueueStatusItem::Params(it)),
        AmiEvent::QueueMember(it) => Some(QueueStatusItem::Member(it)),
        AmiEvent::QueueEntry(it) => Some(QueueStatusItem::Entry(it)),
        _ => None,
    }
}

fn install(picture: &mut Picture, list: &[Message], now: Moment) {
    picture.install(List::Channels(channels(list)), now);
    picture.install(List::Bridges(items(list)), now);
    picture.install(List::Queues(list.iter().filter_map(queue_item).collect()), now);
    picture.install(List::Devices(items(list)), now);
}

fn parts() -> Picture {
    Picture::new([Part::Channels, Part::Bridges, Part::Queues, Part::Devices].into())
}

fn taken(list: &[Message], now: Moment) -> Arc<Snapshot> {
    let mut picture = parts();
    install(&mut picture, list, now);
    picture.snapshot()
}

/// What of a picture events tell as exactly as lists do: not ages, not the numbers of a queue and of
/// its members, and not that an application has ended.
fn essence(snapshot: &Snapshot) -> BTreeMap<String, String> {
    let mut all = BTreeMap::new();
    for it in snapshot.channels() {
        let caller = (&it.caller_id_num, &it.caller_id_name);
        let connected = (&it.connected_line_num, &it.connected_line_name);
        let place = (&it.context, &it.exten, it.priority);
        let text = format!(
            "{} {} {} {caller:?} {connected:?} {place:?} {:?}",
            it.channel, it.linked_id, it.state, it.bridge
        );
        all.insert(format!("channel {}", it.unique_id), text);
    }
    for it in snapshot.bridges() {
        let mut members = it.members.clone();
        members.sort_unstable();
        let text = format!("{} {} {:?} {members:?}", it.bridge_type, it.technology, it.name);
        all.insert(format!("bridge {}", it.unique_id), text);
    }
    for it in snapshot.queues() {
        for member in it.members.values() {
            let key = format!("member {} of {}", member.interface, it.queue);
            all.insert(key, format!("{} {}", member.status, member.paused));
        }
        let callers: Vec<_> = it.callers.iter().map(|it| (&it.unique_id, it.position)).collect();
        all.insert(format!("callers of {}", it.queue), format!("{callers:?}"));
    }
    for it in snapshot.devices() {
        all.insert(format!("device {}", it.device), it.state.to_string());
    }
    all
}

fn assert_same(picture: &Snapshot, server: &Snapshot, what: &str) {
    let (ours, theirs) = (essence(picture), essence(server));
    for (key, theirs) in &theirs {
        assert_eq!(ours.get(key), Some(theirs), "{what}: {key}");
    }
    for (key, ours) in &ours {
        // A list of devices leaves out those whose state is not kept; events tell of them too.
        assert!(theirs.contains_key(key) || key.starts_with("device"), "{what}: {key}: {ours}");
    }
}

/// Wherever a picture is begun, with whatever list, and however early it began to listen: at every
/// quiet moment after that it shows what the server says.
#[test]
fn a_picture_begun_anywhere_ends_as_the_server_lists_it() {
    let Capture { events, lists, begun } = capture();
    let now = Moment::now();
    let mut compared = 0;
    for (n, (_, list)) in lists.iter().enumerate() {
        let earliest = n.checked_sub(2).map_or(0, |earlier| lists[earlier].0);
        for heard_from in earliest..=begun[n] {
            let mut picture = parts();
            install(&mut picture, list, now);
            let mut next = heard_from;
            for &quiet in QUIET.iter().filter(|quiet| **quiet > n) {
                let (until, server) = &lists[quiet];
                events[next..*until].iter().for_each(|event| picture.apply(event, now));
                next = *until;
                let what = format!("list {n}, heard from event {heard_from}, at list {quiet}");
                assert_same(&picture.snapshot(), &taken(server, now), &what);
                compared += 1;
            }
        }
    }
    assert!(compared > 500, "{compared}");
}

#[test]
fn changes_applied_to_a_snapshot_give_the_next_snapshot() {
    let Capture { events, lists, .. } = capture();
    let now = Moment::now();
    let mut picture = parts();
    install(&mut picture, &lists[3].1, now);
    picture.take_changes();
    let mut channels: BTreeMap<_, _> = picture
        .snapshot()
        .channels()
        .map(|it| (Arc::clone(&it.unique_id), Arc::clone(it)))
        .collect();
    let (mut added, mut removed) = (0, 0);
    for event in &events[lists[3].0..] {
        picture.apply(event, now);
        for change in picture.take_changes() {
            match change {
                Change::Added(Item::Channel(it)) => {
                    added += 1;
                    assert!(channels.insert(Arc::clone(&it.unique_id), it).is_none());
                }
                Change::Changed(Item::Channel(it)) => {
                    let old = channels.insert(Arc::clone(&it.unique_id), Arc::clone(&it));
                    assert_ne!(old.unwrap(), it, "a change that changes nothing");
                }
                Change::Removed(Item::Channel(it)) => {
                    removed += 1;
                    assert!(channels.remove(&it.unique_id).is_some());
                }
                _ => {}
            }
        }
        let shown = picture.snapshot();
        assert!(channels.values().eq(shown.channels()));
    }
    assert!(added > 3 && removed > added, "{added} {removed}");
}

#[test]
fn what_did_not_change_is_the_same_memory_in_the_next_snapshot() {
    let Capture { events, lists, .. } = capture();
    let now = Moment::now();
    let mut picture = parts();
    install(&mut picture, &lists[3].1, now);
    let before = picture.snapshot();
    assert!(Arc::ptr_eq(&before, &picture.snapshot()), "nothing changed");
    let hangup = events.iter().rfind(|event| {
        matches!(event, AmiEvent::Hangup(e)
        if before.channel(e.channel().unique_id()).is_some())
    });
    picture.apply(hangup.unwrap(), now);
    let after = picture.snapshot();
    assert_eq!(after.channels().len() + 1, before.channels().len());
    for channel in after.channels() {
        assert!(Arc::ptr_eq(channel, before.channel(&channel.unique_id).unwrap()));
    }
    assert!(Arc::ptr_eq(&before.queues, &after.queues));
}

fn limits() -> Limits {
    Limits { calls: 1000, legs: 100, events: 0 }
}

/// The records of the whole capture, by linked id.
fn records() -> BTreeMap<String, CallRecord> {
    let mut calls = Calls::new(limits());
    let now = Moment::now();
    for event in &capture().events {
        calls.apply(event, now);
    }
    assert_eq!(calls.len(), 0, "{:?}", calls.active(now));
    let records = std::iter::from_fn(|| calls.take());
    records.map(|record| (record.linked_id().to_owned(), record)).collect()
}

#[test]
fn every_channel_is_a_leg_of_one_record() {
    let (records, events) = (records(), capture().events);
    let mut legs: Vec<_> =
        records.values().flat_map(CallRecord::legs).map(|leg| leg.unique_id().to_owned()).collect();
    let new = events.iter().filter(|event| matches!(event, AmiEvent::NewChannel(_)));
    let mut made: Vec<_> = new.filter_map(|event| event.unique_id().map(str::to_owned)).collect();
    legs.sort_unstable();
    made.sort_unstable();
    assert_eq!(legs, made);
    assert!(records.values().all(CallRecord::is_complete));
    assert!(records.values().all(|record| record.ending() == Some(CallEnding::HungUp)));
}

#[test]
fn calls_come_to_what_the_servers_own_records_say() {
    let (records, events) = (records(), capture().events);
    let cdrs: Vec<&event::Cdr> = events
        .iter()
        .filter_map(|event| match event {
            AmiEvent::Cdr(cdr) => Some(cdr),
            _ => None,
        })
        .collect();
    for (id, answered) in [("simple1", true), ("busy1", false), ("queue1", true), ("park1", true)] {
        let record = &records[id];
        assert_eq!(record.unique_id(), id);
        // The end of the Local channel that runs the dialplan is who dials; a channel has a record
        // for everybody it dials, and the first is the one that counts.
        let other = record.legs()[1].unique_id();
        let own = cdrs.iter().find(|cdr| cdr.unique_id() == other).unwrap();
        assert_eq!(Some(record.disposition()), own.disposition(), "{id}");
        assert_eq!(record.disposition() == CdrDisposition::Answered, answered, "{id}");
        assert_eq!(record.answer().is_some(), answered, "{id}");
    }
    let busy = &records["busy1"];
    assert_eq!(busy.disposition(), CdrDisposition::Busy);
    let far = busy.legs().iter().find(|leg| leg.cause() == HangupCause::UserBusy);
    assert!(far.is_some(), "{busy:?}");
    assert_eq!(records["queue1"].queues().collect::<Vec<_>>(), ["sales"]);
    let park = records["park1"].bridges().iter().map(|it| &*it.bridge_type).collect::<Vec<_>>();
    assert_eq!(park, ["parking"]);
}

#[test]
fn a_blind_transfer_joins_two_calls_into_the_older() {
    let records = records();
    let record = &records["blinda1"];
    assert!(!records.contains_key("blindb1"));
    assert_eq!(record.linked_ids().collect::<Vec<_>>(), ["blinda1", "blindb1"]);
    let [transfer] = record.transfers() else { panic!("{record:?}") };
    assert_eq!(
        (transfer.kind, transfer.result.clone()),
        (TransferKind::Blind, Some(TransferResult::Success))
    );
    assert_eq!(transfer.exten.as_deref(), Some("echo"));
    let name = |id: &str| {
        record.legs().iter().find(|leg| leg.unique_id() == id).map(CallLeg::channel).unwrap()
    };
    assert_eq!(*transfer.transferer, *name("blinda1"));
    assert_eq!(transfer.transferee.as_deref(), Some(name("blindb1")));
    assert_eq!(record.bridges().len(), 1);
}

#[test]
fn an_attended_transfer_is_in_the_record_of_its_call() {
    let records = records();
    let record = &records["attended1"];
    let [transfer] = record.transfers() else { panic!("{record:?}") };
    assert_eq!(transfer.kind, TransferKind::Attended);
    assert_eq!(transfer.result, Some(TransferResult::Success));
    assert!(transfer.target.as_deref().unwrap().starts_with("Local/201@hints"), "{transfer:?}");
    assert!(transfer.transferee.is_some());
    assert_eq!(record.bridges().len(), 3, "{:?}", record.bridges());
    // The transferer left while the others went on.
    let transferer = record.legs().iter().find(|leg| leg.unique_id() == "attended1").unwrap();
    assert!(record.end() >= transferer.end());
}

#[test]
fn those_in_a_conference_have_its_bridge_in_common() {
    let records = records();
    let [a, b] = ["confa1", "confb1"].map(|id| &records[id]);
    for record in [a, b] {
        assert_eq!(record.legs().len(), 2);
        assert!(record.parties().next().is_none(), "they are all ends of Local channels");
    }
    assert_eq!(a.bridges()[0].unique_id, b.bridges()[0].unique_id);
    assert_eq!(a.bridges()[0].name.as_deref(), Some("100"));
    assert_eq!(a.bridges()[0].creator.as_deref(), Some("ConfBridge"));
}

#[test]
fn records_and_snapshots_serialise() {
    let record = serde_json::to_value(&records()["busy1"]).unwrap();
    assert_eq!(record["disposition"], "BUSY");
    assert_eq!(record["legs"][0]["unique_id"], "busy1");
    let snapshot = serde_json::to_value(&*taken(&capture().lists[3].1, Moment::now())).unwrap();
    assert_eq!(snapshot["channels"]["confa1"]["unique_id"], "confa1");
    assert!(snapshot["queues"]["sales"]["members"]["Local/agent1@test/n"].is_object());
}

#[test]
fn durations_come_from_the_clock_that_never_jumps() {
    let mut calls = Calls::new(limits());
    let begin = Moment::now();
    let mut now = begin;
    for event in &capture().events {
        calls.apply(event, now);
        now.steady += Duration::from_millis(10);
        // The wall's clock is set back.
        now.wall -= Duration::from_secs(60);
    }
    for record in std::iter::from_fn(|| calls.take()) {
        assert!(record.duration() >= record.talk_time());
        assert!(!record.duration().is_zero() && record.duration() < Duration::from_secs(30));
    }
}
