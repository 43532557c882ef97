//! Whatever comes, it is bounded.

use super::*;

fn event(name: &str, headers: &[(&str, &str)]) -> AmiEvent {
    let lines: String =
        headers.iter().map(|(name, value)| format!("{name}: {value}\r\n")).collect();
    let text = format!("Event: {name}\r\n{lines}");
    AmiEvent::from(crate::ami::codec::made_up(format!("{text}\r\n").as_bytes()))
}

fn new(id: &str, linked: &str) -> AmiEvent {
    let name = format!("PJSIP/{id}");
    event("Newchannel", &[("Channel", &name), ("Uniqueid", id), ("Linkedid", linked)])
}

fn hangup(id: &str, linked: &str) -> AmiEvent {
    let name = format!("PJSIP/{id}");
    let cause = ("Cause", "16");
    event("Hangup", &[("Channel", &name), ("Uniqueid", id), ("Linkedid", linked), cause])
}

#[test]
fn calls_that_never_end_give_way_to_newer_ones() {
    let mut calls = Calls::new(Limits { calls: 3, ..limits() });
    for n in 0..10 {
        calls.apply(&new(&format!("{n}"), &format!("{n}")), Moment::now());
    }
    assert_eq!(calls.len(), 3);
    let records: Vec<_> = std::iter::from_fn(|| calls.take()).collect();
    assert_eq!(records.len(), 7);
    assert!(records.iter().all(|it| it.ending() == Some(CallEnding::Forgotten)));
    let oldest = &records[0];
    assert_eq!((oldest.unique_id(), oldest.is_complete()), ("0", false));
    // What comes late about a call that had to go brings nothing back.
    calls.apply(&hangup("0", "0"), Moment::now());
    assert!(calls.take().is_none());
    assert_eq!(calls.len(), 3);
}

#[test]
fn a_conference_that_never_ends_keeps_the_legs_that_are_there_and_counts_the_others() {
    let mut calls = Calls::new(Limits { legs: 4, ..limits() });
    let now = Moment::now();
    calls.apply(&new("first", "first"), now);
    for n in 0..50 {
        let id = format!("guest{n}");
        // Each comes with a call of its own, which becomes the conference's.
        calls.apply(&new(&id, &id), now);
        let enter = [("Channel", &*id), ("Uniqueid", &id), ("Linkedid", "first")];
        let bridge = [("BridgeUniqueid", "b"), ("BridgeType", "base")];
        calls.apply(&event("BridgeEnter", &[&enter[..], &bridge].concat()), now);
        calls.apply(&hangup(&id, "first"), now);
    }
    let [active] = &calls.active(now)[..] else { panic!("one call") };
    assert_eq!(active.legs().len(), 4);
    assert_eq!(active.channel(), "PJSIP/first");
    assert_eq!(active.legs_left_out(), 47);
    // Of the 51 linked ids; the bridge is one and the same.
    assert_eq!((active.linked_ids().len(), active.others_left_out()), (4, 47));
    calls.apply(&hangup("first", "first"), now);
    let record = calls.take().unwrap();
    assert_eq!(record.ending(), Some(CallEnding::HungUp));
    assert!(!record.is_complete());
    assert_eq!(calls.len(), 0);
}

#[test]
fn whatever_a_record_has_no_room_for_is_counted() {
    let now = Moment::now();
    let record_of = |legs| {
        let mut calls = Calls::new(Limits { legs, ..limits() });
        let channel = [("Channel", "PJSIP/a"), ("Uniqueid", "a"), ("Linkedid", "a")];
        calls.apply(&new("a", "a"), now);
        for n in ["1", "2", "3"] {
            let queue = [&channel[..], &[("Queue", n)]].concat();
            calls.apply(&event("QueueCallerJoin", &queue), now);
            let bridge = [&channel[..], &[("BridgeUniqueid", n)]].concat();
            calls.apply(&event("BridgeEnter", &bridge), now);
            let transfer = [("TransfererUniqueid", "a"), ("Extension", n)];
            calls.apply(&event("BlindTransfer", &transfer), now);
        }
        calls.apply(&hangup("a", "a"), now);
        calls.take().unwrap()
    };
    let record = record_of(3);
    assert!(record.is_complete(), "{record:?}");
    assert_eq!((record.queues().len(), record.others_left_out()), (3, 0));
    let record = record_of(2);
    let kept = [record.queues().len(), record.bridges().len(), record.transfers().len()];
    assert_eq!((kept, record.others_left_out()), ([2, 2, 2], 3));
    assert!(!record.is_complete());
    let written = serde_json::to_value(&record).unwrap();
    assert_eq!(written["others_left_out"], 3);
}

#[test]
fn calls_that_become_one_are_counted_as_one() {
    let now = Moment::now();
    let mut calls = Calls::new(Limits { legs: 2, ..limits() });
    for id in ["a", "b"] {
        calls.apply(&new(id, id), now);
        for n in 0..3 {
            let queue = format!("{id}{n}");
            let join = [("Uniqueid", id), ("Linkedid", id), ("Queue", &queue)];
            calls.apply(&event("QueueCallerJoin", &join), now);
        }
    }
    calls.apply(&event("Newstate", &[("Uniqueid", "b"), ("Linkedid", "a")]), now);
    let [active] = &calls.active(now)[..] else { panic!("one call") };
    // One of each before, and both of the younger.
    assert_eq!((active.queues().len(), active.others_left_out()), (2, 4));
}

#[test]
fn events_are_kept_up_to_the_bound_and_counted_beyond() {
    let mut calls = Calls::new(Limits { events: 5, ..limits() });
    for event in &capture().events {
        calls.apply(event, Moment::now());
    }
    let records: Vec<_> = std::iter::from_fn(|| calls.take()).collect();
    assert!(records.iter().all(|it| it.events().len() <= 5));
    let simple = records.iter().find(|it| it.linked_id() == "simple1").unwrap();
    assert_eq!(simple.events()[0].event_name(), "Newchannel");
    assert!(simple.events_left_out() > 5);
}

#[test]
fn a_chosen_id_may_be_used_again() {
    let mut calls = Calls::new(limits());
    let mut picture = Picture::new([Part::Channels].into());
    let now = Moment::now();
    for _ in 0..2 {
        for event in [new("mine", "mine"), hangup("mine", "mine")] {
            calls.apply(&event, now);
            picture.apply(&event, now);
            let is_there = matches!(event, AmiEvent::NewChannel(_));
            assert_eq!(picture.snapshot().channel("mine").is_some(), is_there);
        }
        assert!(calls.take().is_some());
    }
}

#[test]
fn what_is_gone_is_not_brought_back_by_what_comes_late() {
    let mut picture = parts();
    let now = Moment::now();
    picture.install(List::Queues(Vec::new()), now);
    let channel = [("Channel", "PJSIP/a"), ("Uniqueid", "a"), ("Linkedid", "a")];
    let bridge = [("BridgeUniqueid", "b"), ("BridgeType", "basic")];
    let both = [&channel[..], &bridge].concat();
    picture.apply(&new("a", "a"), now);
    picture.apply(&event("BridgeCreate", &bridge), now);
    picture.apply(&event("BridgeEnter", &both), now);
    assert_eq!(picture.snapshot().bridge("b").unwrap().members.len(), 1);
    picture.apply(&hangup("a", "a"), now);
    assert!(picture.snapshot().bridge("b").unwrap().members.is_empty());
    picture.apply(&event("BridgeDestroy", &bridge), now);
    for late in ["Newstate", "BridgeEnter", "BridgeLeave", "Newexten"] {
        picture.apply(&event(late, &both), now);
    }
    let item = event("CoreShowChannel", &both).as_event().unwrap();
    picture.install(List::Channels(vec![ListedChannel::Core(item)]), now);
    assert_eq!(picture.snapshot().channels().len(), 0);
    assert_eq!(picture.snapshot().bridges().len(), 0);
}

#[test]
fn times_are_the_servers_if_it_tells_them() {
    let mut calls = Calls::new(limits());
    for (name, time) in [("Newchannel", "1700000000.250000"), ("Hangup", "1700000007.500000")] {
        let id = [("Channel", "PJSIP/a"), ("Uniqueid", "a"), ("Linkedid", "a")];
        calls.apply(&event(name, &[&[("Timestamp", time)][..], &id].concat()), Moment::now());
    }
    let record = calls.take().unwrap();
    let at = |millis| std::time::SystemTime::UNIX_EPOCH + Duration::from_millis(millis);
    assert_eq!(record.start(), at(1_700_000_000_250));
    assert_eq!(record.end(), Some(at(1_700_000_007_500)));
    assert!(record.duration() < Duration::from_secs(5), "by the clock here, which is steady");
}
