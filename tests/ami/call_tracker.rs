//! Records of calls: what they say, and what becomes of them when something is lost.

use std::sync::mpsc;

use crate::common::{LONG, SHORT, both, servers, settled};
use asterisk_sync::ami::AmiClient;
use asterisk_sync::ami::action::{HangupAction, OriginateAction};
use asterisk_sync::ami::tracker::{CallEnding, CallRecord, CallTracker, CallTrackerOptions};
use asterisk_sync::testing::FakeAmi;
use asterisk_sync::types::{CdrDisposition, HangupCause};
use asterisk_sync::{Error, Subscribe, TimeoutError};

fn call(ami: &AmiClient, target: &str, id: &str) {
    let call = OriginateAction::to(target).application("Wait", "30").caller_id("Desk <100>");
    ami.send_action(&call.channel_id(id).asynchronous(true)).expect("a call");
}

fn hang_up(ami: &AmiClient, id: &str) {
    ami.send_action(&HangupAction::new(id)).expect("an end");
}

fn next(tracker: &CallTracker) -> CallRecord {
    tracker.recv_timeout(LONG).expect("a record in time").expect("no end")
}

/// Waits until the tracker knows of a call: a loop over what it is told, not over time.
fn until(tracker: &CallTracker, reached: impl Fn(&CallTracker) -> bool) {
    let deadline = std::time::Instant::now() + LONG;
    while !reached(tracker) {
        assert!(std::time::Instant::now() < deadline, "{:?}", tracker.active());
        std::thread::yield_now();
    }
}

fn push_new(fake: &FakeAmi, id: &str) {
    let name = format!("PJSIP/pushed-{id}");
    let headers = [("Channel", &*name), ("ChannelState", "4"), ("Uniqueid", id), ("Linkedid", id)];
    fake.push("Newchannel", &headers);
}

#[test]
fn any_number_of_records_may_wait_and_costs_nothing_before_they_do() {
    both(|_, ami| {
        let options = CallTrackerOptions::default().waiting(usize::MAX);
        let tracker = ami.call_tracker_with(options).unwrap();
        call(ami, "Local/busy@default", "one");
        assert_eq!(next(&tracker).unique_id(), "one");
    });
}

#[test]
fn a_call_gives_one_record_with_legs_times_and_cause() {
    both(|_, ami| {
        let tracker = ami.call_tracker().unwrap();
        call(ami, "Local/200@default", "one");
        until(&tracker, |it| it.active().iter().any(|call| call.answer().is_some()));
        let [active] = &tracker.active()[..] else { panic!("one call") };
        assert_eq!((active.ending(), active.end()), (None, None));
        hang_up(ami, "one");
        let done = next(&tracker);
        assert_eq!((done.unique_id(), done.linked_id()), ("one", "one"));
        assert!(done.channel().starts_with("Local/200@default-") && done.channel().ends_with(";1"));
        assert_eq!(done.caller_id_num(), Some("100"));
        assert_eq!(done.legs().len(), 2);
        assert!(done.legs().iter().all(|leg| leg.is_local() && leg.end().is_some()));
        assert_eq!(done.disposition(), CdrDisposition::Answered);
        assert_eq!(done.cause(), HangupCause::NormalClearing);
        assert_eq!(done.ending(), Some(CallEnding::HungUp));
        assert!(done.is_complete() && !done.was_found());
        assert!(done.start() <= done.answer().unwrap() && done.answer() <= done.end());
        assert!(done.talk_time() <= done.duration());
        assert_eq!(tracker.active_count(), 0);
        assert!(matches!(tracker.try_recv(), Err(Error::Timeout(TimeoutError::Receive { .. }))));
    });
}

#[test]
fn what_came_of_a_call_is_told_as_asterisk_would() {
    both(|_, ami| {
        let tracker = ami.call_tracker().unwrap();
        for (target, disposition, cause) in [
            ("Local/busy@default", CdrDisposition::Busy, HangupCause::UserBusy),
            ("Local/congestion@default", CdrDisposition::Congestion, HangupCause::from(34)),
            ("Local/noanswer@default", CdrDisposition::NoAnswer, HangupCause::NoAnswer),
        ] {
            call(ami, target, target);
            let done = next(&tracker);
            assert_eq!((done.disposition(), done.cause()), (disposition, cause), "{target}");
            assert_eq!((done.answer(), done.talk_time().is_zero()), (None, true));
        }
    });
}

#[test]
fn calls_under_way_at_the_beginning_are_taken_from_the_server_and_say_so() {
    both(|_, ami| {
        call(ami, "Local/200@default", "before");
        let tracker = ami.call_tracker().unwrap();
        let [active] = &tracker.active()[..] else { panic!("one call") };
        assert!(active.was_found());
        assert_eq!(active.legs().len(), 2);
        hang_up(ami, "before");
        let done = next(&tracker);
        assert_eq!((done.unique_id(), done.ending()), ("before", Some(CallEnding::HungUp)));
        assert!(!done.is_complete());
        assert_eq!(done.disposition(), CdrDisposition::Answered);
    });
}

#[test]
fn a_restart_ends_the_calls_that_were_under_way_unseen_and_the_tracker_goes_on() {
    both(|fake, ami| {
        let tracker = ami.call_tracker().unwrap();
        call(ami, "Local/200@default", "before");
        until(&tracker, |it| it.active_count() == 1);
        fake.restart().unwrap();
        let lost = next(&tracker);
        assert_eq!((lost.unique_id(), lost.ending()), ("before", Some(CallEnding::Unseen)));
        assert!(lost.had_gap() && lost.legs().iter().all(|leg| leg.ended_unseen()));
        until(&tracker, CallTracker::is_current);
        call(ami, "Local/200@default", "after");
        hang_up(ami, "after");
        let done = next(&tracker);
        assert!(done.unique_id() == "after" && done.is_complete(), "{done:?}");
    });
}

#[test]
fn calls_that_outlive_a_lost_connection_go_on_and_say_that_there_was_a_gap() {
    both(|fake, ami| {
        let tracker = ami.call_tracker().unwrap();
        call(ami, "Local/200@default", "stays");
        until(&tracker, |it| it.active_count() == 1);
        let answer = fake.expect("CoreShowChannels");
        fake.reset_sessions();
        let asked = answer.wait_timeout(LONG).unwrap();
        assert!(!tracker.is_current());
        // Somebody calls while nobody listens, and the list has them.
        let channel = |name, id, linked| {
            (
                "CoreShowChannel",
                [
                    ("Channel", name),
                    ("ChannelState", "6"),
                    ("Uniqueid", id),
                    ("Linkedid", linked),
                    ("Duration", "00:01:00"),
                ],
            )
        };
        let rows = [
            channel("Local/200@default-00000000;1", "stays", "stays"),
            channel("PJSIP/bob-2", "came", "came"),
        ];
        let rows: Vec<(&str, &[(&str, &str)])> =
            rows.iter().map(|(name, headers)| (*name, &headers[..])).collect();
        asked.list(&rows, "CoreShowChannelsComplete");
        until(&tracker, CallTracker::is_current);
        let active = tracker.active();
        let [stays, came] = &active[..] else { panic!("{active:?}") };
        assert!(stays.had_gap() && !stays.was_found());
        assert!(came.was_found() && came.duration().as_secs() >= 60);
        hang_up(ami, "stays");
        let done = next(&tracker);
        assert_eq!((done.unique_id(), done.ending()), ("stays", Some(CallEnding::HungUp)));
        assert!(done.had_gap() && !done.is_complete());
    });
}

#[test]
fn a_call_that_comes_and_goes_while_a_list_is_on_its_way_lasts_as_long_as_it_did() {
    both(|fake, ami| {
        let tracker = ami.call_tracker().unwrap();
        let asked = fake.expect("CoreShowChannels");
        fake.reset_sessions();
        let asked = asked.wait_timeout(LONG).unwrap();
        let between = std::time::Instant::now();
        push_new(fake, "short");
        // Both are here, one after the other, before anybody looks at them.
        ami.ping().unwrap();
        fake.push("Hangup", &[("Uniqueid", "short"), ("Linkedid", "short"), ("Cause", "16")]);
        ami.ping().unwrap();
        let at_most = between.elapsed();
        asked.list(&[], "CoreShowChannelsComplete");
        let done = next(&tracker);
        let lasted = done.duration();
        assert!(!lasted.is_zero() && lasted <= at_most, "{lasted:?} of {at_most:?}");
    });
}

#[test]
fn a_loss_of_events_is_put_right_by_asking_the_server() {
    both(|fake, ami| {
        let options = CallTrackerOptions::default().bounds(Subscribe::default().events(10));
        let tracker = ami.call_tracker_with(options).unwrap();
        push_new(fake, "gone");
        until(&tracker, |it| it.active_count() == 1);
        // While it waits for a list it cannot read its events.
        let first = fake.expect("CoreShowChannels");
        fake.reset_sessions();
        let asked = first.wait_timeout(LONG).unwrap();
        let second = fake.expect("CoreShowChannels");
        // The oldest gives way to what follows.
        fake.push("Hangup", &[("Uniqueid", "gone"), ("Linkedid", "gone"), ("Cause", "16")]);
        for n in 0..100 {
            push_new(fake, &format!("{n}"));
        }
        until(&tracker, |_| ami.stats().subscribers.iter().any(|it| it.lost > 0));
        let gone = [("Channel", "PJSIP/pushed-gone"), ("Uniqueid", "gone"), ("Linkedid", "gone")];
        asked.list(&[("CoreShowChannel", &gone)], "CoreShowChannelsComplete");
        // It noticed, and asks again.
        second.wait_timeout(LONG).unwrap().list(&[], "CoreShowChannelsComplete");
        let gone = loop {
            let done = next(&tracker);
            assert!(done.had_gap() && done.ending() == Some(CallEnding::Unseen), "{done:?}");
            if done.unique_id() == "gone" {
                break done;
            }
        };
        assert!(!gone.is_complete());
        until(&tracker, CallTracker::is_current);
        assert_eq!(tracker.active_count(), 0);
    });
}

#[test]
fn records_that_nobody_takes_give_way_and_the_next_one_counts_them() {
    both(|_, ami| {
        let tracker = ami.call_tracker_with(CallTrackerOptions::default().waiting(2)).unwrap();
        for n in 0..7 {
            call(ami, "Local/busy@default", &format!("n{n}"));
        }
        until(&tracker, |it| it.lost() == 5);
        let [one, two] = [next(&tracker), next(&tracker)];
        assert_eq!((one.unique_id(), two.unique_id()), ("n5", "n6"));
        assert_eq!(one.missed() + two.missed(), 5);
        call(ami, "Local/busy@default", "last");
        assert_eq!(next(&tracker).missed(), 0);
    });
}

#[test]
fn a_server_that_lists_no_channels_still_has_its_calls_recorded() {
    servers(|fake| {
        let why = "Permission denied";
        fake.on("CoreShowChannels", move |request| request.error(why));
        fake.on("Status", move |request| request.error(why));
        let ami = settled(fake.client());
        let tracker = ami.call_tracker().unwrap();
        assert_eq!(tracker.unavailable().as_deref(), Some(why));
        call(&ami, "Local/200@default", "one");
        until(&tracker, |it| it.active_count() == 1);
        // Nobody can say what is left after a reconnect.
        fake.restart().unwrap();
        assert_eq!(next(&tracker).ending(), Some(CallEnding::Unseen));
        call(&ami, "Local/busy@default", "two");
        assert_eq!(next(&tracker).disposition(), CdrDisposition::Busy);
    });
}

#[test]
fn where_one_list_is_not_allowed_the_other_is_taken() {
    servers(|fake| {
        fake.on("CoreShowChannels", |request| request.error("Permission denied"));
        let ami = settled(fake.client());
        call(&ami, "Local/200@default", "before");
        let tracker = ami.call_tracker().unwrap();
        assert_eq!((tracker.active_count(), tracker.unavailable()), (1, None));
    });
}

#[test]
fn a_list_that_fails_is_an_error_at_the_beginning() {
    servers(|fake| {
        let ami = settled(fake.client());
        let _never = fake.expect("CoreShowChannels");
        let hasty = ami.with_timeout(SHORT);
        assert!(hasty.call_tracker().unwrap_err().is_timeout());
        assert_eq!(ami.stats().subscribers.len(), 0, "nothing is left of it");
    });
}

#[test]
fn it_is_over_for_good_when_the_client_is() {
    both(|_, ami| {
        let tracker = ami.call_tracker().unwrap();
        let (done, ended) = mpsc::channel();
        std::thread::scope(|scope| {
            scope.spawn(|| done.send((&tracker).into_iter().count()).unwrap());
            call(ami, "Local/busy@default", "one");
            until(&tracker, |it| it.active_count() == 0);
            ami.disconnect().unwrap();
            ended.recv_timeout(LONG).unwrap();
        });
        assert!(tracker.recv().is_none() && !tracker.is_current());
    });
}

#[test]
fn it_does_not_keep_the_client_alive() {
    servers(|fake| {
        let ami = settled(fake.client());
        let tracker = ami.call_tracker().unwrap();
        drop(ami);
        assert!(tracker.recv().is_none());
        fake.wait_for_sessions(0, LONG).unwrap();
    });
}

#[test]
fn a_callback_gets_each_record_on_a_thread_of_its_own() {
    both(|_, ami| {
        let (sender, records) = mpsc::channel();
        let handler = ami
            .call_tracker()
            .unwrap()
            .on_call(move |record| {
                let name = std::thread::current().name().map(str::to_owned);
                sender.send((name, record)).unwrap();
                assert!(!records_panic(), "a panic of the handler's");
            })
            .unwrap();
        for id in ["one", "two"] {
            call(ami, "Local/busy@default", id);
            let (thread, record) = records.recv_timeout(LONG).unwrap();
            assert_eq!((thread.as_deref(), record.unique_id()), (Some("ami-call"), id));
        }
        handler.stop();
        assert!(handler.is_finished());
        call(ami, "Local/busy@default", "three");
        assert!(records.recv_timeout(LONG).is_err(), "the handler and its end are gone");
    });
}

/// Every record makes the handler panic, and the next one comes all the same.
fn records_panic() -> bool {
    true
}

#[test]
fn events_of_a_call_are_kept_if_wanted() {
    both(|_, ami| {
        let options = CallTrackerOptions::default().events(100).also("OriginateResponse");
        let tracker = ami.call_tracker_with(options).unwrap();
        call(ami, "Local/200@default", "one");
        hang_up(ami, "one");
        let done = next(&tracker);
        let names: Vec<_> = done.events().iter().map(|event| event.event_name()).collect();
        assert_eq!(names.first(), Some(&"Newchannel"));
        assert_eq!(names.last(), Some(&"Hangup"));
        assert!(names.contains(&"OriginateResponse"), "{names:?}");
        assert_eq!(done.events_left_out(), 0);
    });
}
