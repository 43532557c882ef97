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
