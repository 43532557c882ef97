//! After a loss: what was missed is told, and what is known is right again.

use super::*;

#[test]
fn calls_that_went_unseen_are_told_and_those_that_came_are_found() {
    let Capture { events, lists, .. } = capture();
    let now = Moment::now();
    let mut calls = Calls::new(limits());
    // Everything from the fourth set of lists to the eighth is lost.
    let (lost_from, _) = lists[3];
    let (heard_from, list) = &lists[7];
    events[..lost_from].iter().for_each(|event| calls.apply(event, now));
    let before: Vec<_> = calls.active(now);
    assert!(before.len() > 4);
    while calls.take().is_some() {}
    calls.gap();
    calls.resync(&channels(list), [], now);
    let unseen: Vec<_> = std::iter::from_fn(|| calls.take()).collect();
    assert!(!unseen.is_empty());
    for record in &unseen {
        assert_eq!(record.ending(), Some(CallEnding::Unseen));
        assert!(record.had_gap() && !record.is_complete());
        assert!(record.legs().iter().any(CallLeg::ended_unseen));
    }
    // What is under way is what the server says.
    let mut legs: Vec<_> = calls
        .active(now)
        .iter()
        .flat_map(|it| it.legs().to_vec())
        .filter(|leg| leg.end().is_none())
        .map(|leg| leg.unique_id().to_owned())
        .collect();
    let mut listed: Vec<_> =
        channels(list).iter().map(|it| it.channel().unique_id().to_owned()).collect();
    legs.sort_unstable();
    listed.sort_unstable();
    assert_eq!(legs, listed);
    let found = calls.active(now).into_iter().flat_map(|it| it.legs().to_vec());
    assert!(found.clone().any(|leg| leg.was_found() && leg.unique_id() != leg.linked_id()));
    // It all ends.
    events[*heard_from..].iter().for_each(|event| calls.apply(event, now));
    assert_eq!(calls.len(), 0);
    for record in std::iter::from_fn(|| calls.take()) {
        assert_eq!(record.ending(), Some(CallEnding::HungUp));
        assert!(!record.is_complete());
    }
}

#[test]
fn a_hangup_that_waits_behind_the_list_says_how_the_call_ended() {
    let Capture { events, lists, .. } = capture();
    let now = Moment::now();
    let mut calls = Calls::new(limits());
    let end = &lists[9];
    events[..lists[7].0].iter().for_each(|event| calls.apply(event, now));
    while calls.take().is_some() {}
    // The list has nobody any more; the events that say why have arrived and were not read yet.
    let late = events[lists[7].0..end.0].to_vec();
    calls.resync(&channels(&end.1), late, now);
    let records: Vec<_> = std::iter::from_fn(|| calls.take()).collect();
    assert!(!records.is_empty());
    assert!(records.iter().all(|it| it.ending() == Some(CallEnding::HungUp)), "{records:?}");
    assert_eq!(calls.len(), 0);
}

#[test]
fn calls_found_at_the_beginning_say_so_and_know_how_old_they_are() {
    let list = &capture().lists[5].1;
    let now = Moment::now();
    let mut calls = Calls::new(limits());
    calls.resync(&channels(list), [], now);
    let active = calls.active(now);
    let attended = active.iter().find(|it| it.linked_id() == "attended1").unwrap();
    assert!(attended.was_found() && !attended.is_complete());
    assert_eq!(
        attended.unique_id(),
        "attended1",
        "the first channel is the one with the linked id"
    );
    assert!(attended.duration() >= Duration::from_secs(3), "{:?}", attended.duration());
    assert_eq!(attended.disposition(), CdrDisposition::Answered);
    assert_eq!(attended.end(), None);
}

#[test]
fn a_picture_that_missed_everything_is_put_right_by_the_lists_and_tells_what_changed() {
    let Capture { events, lists, .. } = capture();
    let now = Moment::now();
    let mut picture = parts();
    install(&mut picture, &lists[0].1, now);
    events[lists[0].0..lists[3].0].iter().for_each(|event| picture.apply(event, now));
    let before = picture.snapshot();
    picture.take_changes();
    install(&mut picture, &lists[7].1, now);
    assert_same(&picture.snapshot(), &taken(&lists[7].1, now), "after the loss");
    let mut ids: Vec<_> = before.channels().map(|it| Arc::clone(&it.unique_id)).collect();
    for change in picture.take_changes() {
        match change {
            Change::Added(Item::Channel(it)) => ids.push(Arc::clone(&it.unique_id)),
            Change::Removed(Item::Channel(it)) => ids.retain(|id| *id != it.unique_id),
            _ => {}
        }
    }
    ids.sort_unstable();
    assert!(ids.iter().eq(picture.snapshot().channels().map(|it| &it.unique_id)));
}

#[test]
fn a_part_that_is_refused_says_why_and_is_empty() {
    let list = &capture().lists[3].1;
    let mut picture = parts();
    install(&mut picture, list, Moment::now());
    assert!(picture.snapshot().bridges().len() > 1);
    picture.install(List::Refused(Part::Bridges, "Permission denied".into()), Moment::now());
    let now = picture.snapshot();
    assert_eq!(now.unavailable(Part::Bridges), Some("Permission denied"));
    assert_eq!(now.bridges().len(), 0);
    assert!(now.channels().len() > 5);
    assert_eq!(now.unavailable(Part::Channels), None);
}
