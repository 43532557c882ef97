//! What a list tells of a queue.

use std::fmt::Write as _;

use super::*;

/// A queue and who waits in it.
fn queue(callers: &[&str]) -> List {
    let mut text = "Asterisk Call Manager\r\nEvent: QueueParams\r\nQueue: sales\r\n\r\n".to_owned();
    for (position, id) in (1..).zip(callers) {
        let channel = format!("Channel: PJSIP/{id}\r\nUniqueid: {id}\r\n\r\n");
        let entry = format!("Event: QueueEntry\r\nQueue: sales\r\nPosition: {position}\r\n");
        write!(text, "{entry}{channel}").unwrap();
    }
    List::Queues(frames(text.as_bytes()).iter().filter_map(queue_item).collect())
}

#[test]
fn who_has_gone_by_a_list_is_told_before_who_moved_up_and_who_came() {
    let (mut picture, now) = (parts(), Moment::now());
    picture.install(queue(&["one", "two"]), now);
    picture.take_changes();
    picture.install(queue(&["two", "three"]), now);
    let told = picture.take_changes().into_iter().map(|change| match change {
        Change::Removed(Item::QueueCaller(it)) => format!("{} gone", it.unique_id),
        Change::Changed(Item::QueueCaller(it)) => format!("{} at {}", it.unique_id, it.position),
        Change::Added(Item::QueueCaller(it)) => format!("{} new at {}", it.unique_id, it.position),
        other => panic!("{other:?}"),
    });
    let told: Vec<_> = told.collect();
    assert_eq!(told, ["one gone", "two at 1", "three new at 2"]);
}

#[test]
fn a_member_has_what_only_events_say_of_it_until_another_does() {
    let member = |kind: &str, more: &str| {
        let text = format!("Asterisk Call Manager\r\nEvent: {kind}\r\nQueue: sales\r\n{more}\r\n");
        frames(text.as_bytes()).remove(0)
    };
    let mut list = vec![member("QueueParams", "")];
    list.push(member("QueueMember", "Location: PJSIP/bob\r\nWrapuptime: 5\r\n"));
    let list: Vec<_> = list.iter().filter_map(queue_item).collect();
    let (mut picture, now) = (parts(), Moment::now());
    let told = |picture: &mut Picture| {
        let snapshot = picture.snapshot();
        let bob = &snapshot.queue("sales").unwrap().members["PJSIP/bob"];
        (bob.wrapup_time.as_secs(), bob.ring_inuse)
    };
    picture.install(List::Queues(list.clone()), now);
    assert_eq!(told(&mut picture), (5, None));
    for (says, is) in [("0", false), ("1", true)] {
        let more = format!("Interface: PJSIP/bob\r\nRinginuse: {says}\r\nWrapuptime: 7\r\n");
        picture.apply(&AmiEvent::from(member("QueueMemberRinginuse", &more)), now);
        assert_eq!(told(&mut picture), (7, Some(is)));
    }
    picture.install(List::Queues(list), now);
    assert_eq!(told(&mut picture), (5, Some(true)));
}
