//! The live picture: right at the beginning, right after every change, and right again after a loss.

use std::sync::{Arc, mpsc};

use crate::common::{LONG, both, servers, settled};
use asterisk_sync::ami::AmiClient;
use asterisk_sync::ami::action::{HangupAction, OriginateAction, QueuePauseAction};
use asterisk_sync::ami::picture::{
    Change, Item, LivePicture, LivePictureOptions, Part, QueueMemberInfo, Snapshot,
};
use asterisk_sync::types::{ChannelState, DeviceState};
use asterisk_sync::{Error, EventSubscription, Subscribe};

fn call(ami: &AmiClient, id: &str) {
    let call = OriginateAction::to("Local/200@default").application("Wait", "30");
    ami.send_action(&call.channel_id(id).asynchronous(true)).expect("a call");
}

fn next(changes: &EventSubscription<Change>) -> Change {
    changes.recv_timeout(LONG).expect("a change in time").expect("no end")
}

/// Reads changes until one is as wanted.
fn until(changes: &EventSubscription<Change>, wanted: impl Fn(&Change) -> bool) -> Vec<Change> {
    let mut seen = Vec::new();
    while !seen.last().is_some_and(&wanted) {
        seen.push(next(changes));
    }
    seen
}

fn added_channel(change: &Change) -> bool {
    matches!(change, Change::Added(Item::Channel(_)))
}

fn is_caller(change: &Change) -> bool {
    match change {
        Change::Added(item) | Change::Changed(item) | Change::Removed(item) => {
            matches!(item, Item::QueueCaller(_))
        }
        _ => false,
    }
}

/// What a picture taken now shows, to compare with one that was kept.
fn anew(ami: &AmiClient) -> Arc<Snapshot> {
    ami.live_picture().expect("a picture").snapshot()
}

/// The members of a queue, without what only events say.
fn members(snapshot: &Snapshot) -> Vec<QueueMemberInfo> {
    let members = snapshot.queue("sales").unwrap().members.values();
    let without = |mut member: QueueMemberInfo| {
        member.ring_inuse = None;
        member
    };
    members.map(|member| without(QueueMemberInfo::clone(member))).collect()
}

#[test]
fn it_begins_with_everything_the_server_lists() {
    both(|fake, ami| {
        call(ami, "before");
        fake.call_queue("sales", "5551");
        let picture = ami.live_picture().unwrap();
        let now = picture.snapshot();
        assert!(picture.is_current());
        assert_eq!((now.channels().len(), now.call_count()), (3, 2));
        let one = now.channel("before").unwrap();
        assert_eq!((one.state, &*one.application), (ChannelState::Up, "Wait"));
        assert_eq!(now.channel(&one.channel).map(|it| &*it.unique_id), Some("before"));
        assert_eq!(now.call("before").count(), 2);
        let sales = now.queue("sales").unwrap();
        assert_eq!((sales.members.len(), sales.free_members(), sales.callers.len()), (2, 2, 1));
        assert_eq!(sales.callers[0].caller_id_num.as_deref(), Some("5551"));
        assert_eq!(now.device("PJSIP/alice").unwrap().state, DeviceState::NotInUse);
        assert!(Part::ALL.iter().all(|part| now.unavailable(*part).is_none()), "{now:?}");
        assert!(Arc::ptr_eq(&now, &picture.snapshot()), "nothing has changed");
    });
}

#[test]
fn every_change_is_told_and_is_in_the_picture_by_then() {
    both(|fake, ami| {
        let picture = ami.live_picture().unwrap();
        let changes = picture.changes();
        let before = picture.snapshot();
        call(ami, "one");
        let Change::Added(Item::Channel(one)) = next(&changes) else { panic!("a channel") };
        assert_eq!(&*one.unique_id, "one");
        assert!(picture.snapshot().channel("one").is_some());
        assert_eq!(before.channels().len(), 0, "a snapshot never changes");
        ami.send_action(&QueuePauseAction::new("PJSIP/bob", true).reason("lunch")).unwrap();
        until(&changes, |it| {
            matches!(it, Change::Changed(Item::QueueMember(m))
            if m.paused && m.paused_reason.as_deref() == Some("lunch"))
        });
        let [first, second] = ["5551", "5552"].map(|number| fake.call_queue("sales", number));
        let seen = until(&changes, |it| {
            matches!(it, Change::Added(Item::QueueCaller(c))
            if c.position == 2)
        });
        assert_eq!(seen.iter().filter(|it| is_caller(it)).count(), 2);
        ami.send_action(&HangupAction::new(&first)).unwrap();
        let seen = until(&changes, |it| {
            matches!(it, Change::Removed(Item::Channel(c))
            if *c.unique_id == *first)
        });
        let seen: Vec<_> = seen.into_iter().filter(is_caller).collect();
        let [Change::Removed(Item::QueueCaller(gone)), Change::Changed(Item::QueueCaller(moved))] =
            &seen[..]
        else {
            panic!("{seen:?}")
        };
        assert_eq!((&*gone.unique_id, &*moved.unique_id, moved.position), (&*first, &*second, 1));
        let now = picture.snapshot();
        assert_eq!(now.queue("sales").unwrap().callers.len(), 1);
        let again = anew(ami);
        assert_eq!(now.channels().len(), again.channels().len());
        assert_eq!(members(&now), members(&again));
    });
}

#[test]
fn after_a_restart_it_heals_and_says_when_it_was_stale() {
    both(|fake, ami| {
        let picture = ami.live_picture().unwrap();
        let changes = picture.changes();
        call(ami, "before");
        until(&changes, added_channel);
        let asked = fake.expect("QueueStatus");
        fake.restart().unwrap();
        let asked = asked.wait_timeout(LONG).unwrap();
        assert!(!picture.is_current(), "the lists are on their way");
        asked.list(&[], "QueueStatusComplete");
        picture.wait_until_current(LONG).unwrap();
        let seen = until(&changes, |it| *it == Change::Resynced);
        let stale = seen.iter().position(|it| *it == Change::Stale);
        let gone = seen.iter().position(|it| matches!(it, Change::Removed(Item::Channel(_))));
        assert!(stale.is_some() && gone > stale, "{seen:?}");
        assert_eq!(picture.snapshot().channels().len(), 0);
        call(ami, "after");
        until(&changes, added_channel);
        assert!(picture.snapshot().channel("after").is_some());
    });
}

#[test]
fn what_happens_while_the_lists_are_on_their_way_is_neither_lost_nor_brought_back() {
    both(|fake, ami| {
        let picture = ami.live_picture().unwrap();
        let changes = picture.changes();
        let asked = fake.expect("CoreShowChannels");
        fake.reset_sessions();
        let asked = asked.wait_timeout(LONG).unwrap();
        let ids = |id| [("Channel", "PJSIP/x"), ("Uniqueid", id), ("Linkedid", id)];
        fake.push("Newchannel", &ids("stays"));
        fake.push("Newchannel", &ids("goes"));
        fake.push("Hangup", &ids("goes"));
        fake.push("Hangup", &ids("listed"));
        // The list is older than the last of them.
        let rows = [("CoreShowChannel", &ids("goes")[..]), ("CoreShowChannel", &ids("listed")[..])];
        asked.list(&rows, "CoreShowChannelsComplete");
        until(&changes, |it| *it == Change::Resynced);
        fake.push("Newchannel", &ids("last"));
        until(
            &changes,
            |it| matches!(it, Change::Added(Item::Channel(c)) if &*c.unique_id == "last"),
        );
        let now = picture.snapshot();
        let ids: Vec<_> = now.channels().map(|it| &*it.unique_id).collect();
        assert_eq!(ids, ["last", "stays"]);
    });
}

#[test]
fn a_part_that_cannot_be_had_says_why_and_the_rest_works() {
    servers(|fake| {
        let why = "Invalid/unknown command: QueueStatus.";
        fake.on("QueueStatus", move |request| request.error(why));
        let ami = settled(fake.client());
        call(&ami, "one");
        let picture = ami.live_picture().unwrap();
        let now = picture.snapshot();
        assert_eq!(now.unavailable(Part::Queues), Some(why));
        assert_eq!((now.queues().len(), now.channels().len()), (0, 2));
        assert!(picture.is_current());
        // The module is loaded.
        fake.on("QueueStatus", |request| {
            let queue = [("Queue", "late"), ("Calls", "0")];
            request.list(&[("QueueParams", &queue)], "QueueStatusComplete");
        });
        let changes = picture.changes();
        fake.push(
            "Load",
            &[("Privilege", "system"), ("Module", "app_queue"), ("Status", "Loaded")],
        );
        until(&changes, |it| matches!(it, Change::Added(Item::Queue(_))));
        let now = picture.snapshot();
        assert!(now.queue("late").is_some() && now.unavailable(Part::Queues).is_none());
    });
}

#[test]
fn a_loss_of_its_own_events_heals_too() {
    both(|fake, ami| {
        let options =
            LivePictureOptions::only([Part::Channels]).bounds(Subscribe::default().events(10));
        let picture = ami.live_picture_with(options).unwrap();
        let changes = picture.changes();
        let first = fake.expect("CoreShowChannels");
        fake.reset_sessions();
        let asked = first.wait_timeout(LONG).unwrap();
        for n in 0..100 {
            let id = n.to_string();
            fake.push("Newchannel", &[("Channel", "PJSIP/x"), ("Uniqueid", &id)]);
        }
        asked.list(&[], "CoreShowChannelsComplete");
        // The model, which is asked for the second time, knows of nobody.
        for _ in 0..2 {
            until(&changes, |it| *it == Change::Resynced);
        }
        picture.wait_until_current(LONG).unwrap();
        assert_eq!(picture.snapshot().channels().len(), 0);
    });
}

#[test]
fn who_does_not_read_changes_is_told_how_many_he_missed() {
    both(|fake, ami| {
        let picture = ami.live_picture_with(LivePictureOptions::only([Part::Devices])).unwrap();
        // The first to be told: what has come to the other has been offered here.
        let slow = picture.changes_bounded(Subscribe::default().events(3));
        let reads = picture.changes();
        for n in 0..20 {
            let device = format!("Custom:{n}");
            fake.push("DeviceStateChange", &[("Device", &device), ("State", "INUSE")]);
        }
        for _ in 0..20 {
            next(&reads);
        }
        let Change::Missed(missed) = next(&slow) else { panic!("a gap") };
        let rest = slow.try_iter().count() as u64;
        assert!(missed >= 17 && missed + rest == 20, "{missed} and {rest}");
        assert!(picture.snapshot().devices().len() >= 20);
    });
}

#[test]
fn a_callback_is_woken_and_ends_with_the_client() {
    both(|_, ami| {
        let picture = ami.live_picture().unwrap();
        let (sender, told) = mpsc::channel();
        let handler = picture.on_change(move |change| sender.send(change).unwrap()).unwrap();
        call(ami, "one");
        assert!(added_channel(&told.recv_timeout(LONG).unwrap()));
        ami.disconnect().unwrap();
        handler.join();
        assert!(picture.changes().recv().is_none());
        assert!(!picture.is_current());
        assert!(matches!(picture.wait_until_current(LONG), Err(Error::Closed)));
        assert_eq!(picture.snapshot().channels().len(), 2, "what it knew last stays to be seen");
    });
}

#[test]
fn parts_that_nobody_wants_are_not_asked_for() {
    servers(|fake| {
        let ami = settled(fake.client());
        let _picture = ami.live_picture_with(LivePictureOptions::only([Part::Queues])).unwrap();
        let asked: Vec<_> =
            fake.requests().iter().map(|it| it.get("Action").unwrap().to_owned()).collect();
        assert!(asked.contains(&"QueueStatus".to_owned()));
        assert!(!asked.contains(&"CoreShowChannels".to_owned()), "{asked:?}");
    });
}

#[test]
fn neither_thread_stays_when_it_is_dropped() {
    servers(|fake| {
        let ami = settled(fake.client());
        let picture: LivePicture = ami.live_picture().unwrap();
        let changes = picture.changes();
        drop(picture);
        assert!(changes.recv().is_none());
        assert_eq!(ami.stats().subscribers.len(), 0);
    });
}

#[test]
fn what_no_event_tells_of_a_queue_is_asked_for_when_a_caller_has_left() {
    both(|fake, ami| {
        let picture = ami.live_picture_with(LivePictureOptions::only([Part::Queues])).unwrap();
        let changes = picture.changes();
        let caller = fake.call_queue("sales", "5551");
        until(&changes, is_caller);
        let asked = fake.expect("QueueStatus");
        ami.send_action(&HangupAction::new(&caller)).unwrap();
        let asked = asked.wait_timeout(LONG).unwrap();
        assert_eq!(asked.get("Queue"), Some("sales"));
        let numbers = [("Queue", "sales"), ("Calls", "0"), ("Abandoned", "1")];
        asked.list(&[("QueueParams", &numbers)], "QueueStatusComplete");
        until(&changes, |it| matches!(it, Change::Changed(Item::Queue(q)) if q.abandoned == 1));
        assert_eq!(picture.snapshot().queue("sales").unwrap().abandoned, 1);
    });
}
