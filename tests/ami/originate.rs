//! What becomes of calls that are made: every outcome, in whatever order it is told, and through
//! lost connections.

use std::time::Duration;

use crate::common::{LONG, SHORT, both, servers, servers_with, settled};
use asterisk_sync::ami::action::{EventsAction, HangupAction, OriginateAction};
use asterisk_sync::ami::{AmiClient, AmiEvent, EventMask, Filter};
use asterisk_sync::testing::{CallOutcome, FakeAmi};
use asterisk_sync::types::{CallFailure, HangupCause};
use asterisk_sync::{Error, ProtocolError, ReconnectPolicy, Result, TimeoutError};

fn to(channel: &str) -> OriginateAction {
    OriginateAction::to(channel).application("Wait", "60")
}

fn failure<T: std::fmt::Debug>(outcome: Result<T>) -> (CallFailure, HangupCause) {
    match outcome {
        Err(Error::NotAnswered { reason, cause, .. }) => (reason, cause),
        other => panic!("{other:?}"),
    }
}

/// Waits until the call is under way, which is when its channel rings.
fn rings(ami: &AmiClient, id: &str) -> impl FnOnce() {
    let events = ami.subscribe_with(Filter::names(["DialState"]).unique_id(id));
    move || drop(events.wait_for(|_| true, LONG).unwrap())
}

#[test]
fn every_outcome_is_told_as_what_it_is() {
    both(|fake, ami| {
        fake.call_outcome("PJSIP/busy", CallOutcome::Busy);
        fake.call_outcome("PJSIP/congestion", CallOutcome::Congestion);
        fake.call_outcome("PJSIP/noanswer", CallOutcome::NoAnswer);
        fake.call_outcome("PJSIP/rejected", CallOutcome::Rejected);
        fake.call_outcome("PJSIP/nobody", CallOutcome::NoSuchNumber);
        for (name, reason, cause) in [
            ("busy", CallFailure::Busy, HangupCause::UserBusy),
            ("congestion", CallFailure::Congestion, HangupCause::NormalCircuitCongestion),
            ("noanswer", CallFailure::NoAnswer, HangupCause::NoAnswer),
            ("rejected", CallFailure::Rejected, HangupCause::CallRejected),
            ("nobody", CallFailure::Unreachable, HangupCause::NotDefined),
        ] {
            for channel in [format!("PJSIP/{name}"), format!("Local/{name}@default/n")] {
                assert_eq!(failure(ami.originate(&to(&channel))), (reason, cause), "{channel}");
            }
        }
        for channel in ["PJSIP/alice", "Local/200@default/n"] {
            let call = ami.originate(&to(channel)).unwrap();
            assert!(call.channel().starts_with(channel.trim_end_matches("/n")), "{call:?}");
            assert_eq!(call.linked_id(), call.unique_id());
            call.hangup(HangupCause::UserBusy).unwrap();
            assert_eq!(call.wait_for_hangup(LONG).unwrap().cause(), Some(HangupCause::UserBusy));
            call.hangup(None).unwrap();
        }
        // Nothing of all this is left.
        ami.ping().unwrap();
        assert_eq!((ami.stats().subscribers.len(), ami.stats().in_flight), (0, 0));
    });
}

#[test]
fn the_order_in_which_it_is_told_does_not_matter() {
    both(|fake, ami| {
        for order in [[0, 1, 2], [0, 2, 1], [1, 0, 2], [1, 2, 0], [2, 0, 1], [2, 1, 0]] {
            for (last_word, expected) in [("17", Some(CallFailure::Busy)), ("answered", None)] {
                let originate = fake.expect("Originate");
                let outcome = std::thread::scope(|scope| {
                    let call = scope.spawn(|| ami.originate(&to("PJSIP/alice")));
                    let request = originate.wait().unwrap();
                    let id = |header| request.get(header).unwrap();
                    request.success(&[("Message", "Originate successfully queued")]);
                    let answered = last_word == "answered";
                    let (word, reason, status, cause) = match answered {
                        true => ("Success", "4", "ANSWER", "16"),
                        false => ("Failure", "0", "BUSY", "17"),
                    };
                    let channel = ("Channel", "PJSIP/alice-00000001");
                    let unique = ("Uniqueid", id("ChannelId"));
                    for step in order {
                        match step {
                            0 => {
                                let action = ("ActionID", id("ActionID"));
                                let word = [("Response", word), ("Reason", reason)];
                                let all = [&[action, channel, unique][..], &word].concat();
                                fake.push("OriginateResponse", &all);
                            }
                            1 => {
                                let dest = ("DestUniqueid", id("ChannelId"));
                                let name = ("DestChannel", channel.1);
                                fake.push("DialEnd", &[name, dest, ("DialStatus", status)]);
                            }
                            _ => fake.push("Hangup", &[channel, unique, ("Cause", cause)]),
                        }
                    }
                    call.join().unwrap()
                });
                match (outcome, expected) {
                    (Err(Error::NotAnswered { reason, .. }), Some(expected)) => {
                        assert_eq!(reason, expected, "{order:?}");
                    }
                    // It was answered, and over at once: its end has been heard, too.
                    (Ok(call), None) => {
                        assert_eq!(call.channel(), "PJSIP/alice-00000001");
                        let end = call.wait_for_hangup(LONG).unwrap();
                        assert_eq!(end.cause(), Some(HangupCause::NormalClearing), "{order:?}");
                    }
                    (outcome, _) => panic!("{order:?}: {outcome:?}"),
                }
            }
        }
    });
}

#[test]
fn the_outcome_of_another_call_is_not_ours() {
    both(|fake, ami| {
        let originate = fake.expect("Originate");
        std::thread::scope(|scope| {
            let call = scope.spawn(|| ami.originate(&to("PJSIP/alice")));
            let request = originate.wait().unwrap();
            request.success(&[("Message", "Originate successfully queued")]);
            let [action, unique] = ["ActionID", "ChannelId"].map(|name| request.get(name).unwrap());
            let failed = [("Response", "Failure"), ("Reason", "5")];
            // Another client's action, and another channel.
            let other = [("ActionID", "1"), ("Uniqueid", unique)];
            fake.push("OriginateResponse", &[&other[..], &failed].concat());
            fake.push("Hangup", &[("Uniqueid", "1.1"), ("Linkedid", unique), ("Cause", "17")]);
            fake.push("DialEnd", &[("DestUniqueid", "1.1"), ("DialStatus", "ANSWER")]);
            let ours = [("ActionID", action), ("Response", "Success"), ("Reason", "4")];
            let channel = [("Channel", "PJSIP/alice-00000001"), ("Uniqueid", unique)];
            fake.push("OriginateResponse", &[&ours[..], &channel].concat());
            assert_eq!(call.join().unwrap().unwrap().unique_id(), unique);
        });
    });
}

#[test]
fn ids_are_unique_and_short_and_those_that_are_given_are_kept() {
    servers(|fake| {
        let clients = [settled(fake.client()), settled(fake.client())];
        for ami in &clients {
            for _ in 0..3 {
                ami.originate(&to("Local/200@default").asynchronous(false)).unwrap();
            }
        }
        let mut ids: Vec<String> = Vec::new();
        for request in fake.requests().iter().filter(|it| it.get("Action") == Some("Originate")) {
            assert_eq!(request.get("Async"), Some("true"));
            ids.extend(["ChannelId", "OtherChannelId"].map(|id| request.get(id).unwrap().into()));
        }
        assert_eq!(ids.len(), 12);
        assert!(ids.iter().all(|id| id.len() <= 64), "{ids:?}");
        ids.sort_unstable();
        ids.dedup();
        assert_eq!(ids.len(), 12);

        let ami = &clients[0];
        let given = to("Local/200@default").channel_id("mine").other_channel_id("mine-too");
        assert_eq!(ami.originate(&given).unwrap().unique_id(), "mine");
        assert_eq!(ami.call("mine-too").unwrap().linked_id(), "mine");
        let long = to("PJSIP/alice").channel_id("x".repeat(150));
        assert!(matches!(ami.originate(&long), Err(Error::Limit { size: 150, limit: 149, .. })));
        let twice = to("Local/200@default").channel_id("x").other_channel_id("x");
        assert!(matches!(ami.originate(&twice), Err(Error::Invalid(_))));
    });
}

#[test]
fn what_is_refused_is_refused_at_once_and_in_the_servers_words() {
    both(|fake, ami| {
        fake.on("Originate", |request| request.error("Extension does not exist."));
        let action = OriginateAction::to("PJSIP/alice").extension("default", "nowhere", 1);
        let Err(Error::Refused { message, .. }) = ami.originate(&action) else { panic!() };
        assert_eq!(&*message, "Extension does not exist.");
    });
}

#[test]
fn a_call_that_is_never_decided_is_hung_up_when_patience_ends() {
    servers(|fake| {
        // With the client's own timeout, whoever calls sends the order by himself, however short the
        // time is.
        let impatient = fake.client().timeout(Duration::from_millis(200)).connect().unwrap();
        let action = to("Local/rings@default/n").ring_for(SHORT).channel_id("undecided");
        let error = impatient.originate(&action).unwrap_err();
        let sent = matches!(error, Error::Timeout(TimeoutError::Action { sent: true, .. }));
        assert!(sent && error.may_have_run(), "{error:?}");
        let hangup = fake.wait_for_request("Hangup", LONG).unwrap();
        assert_eq!(hangup.get("Channel"), Some("undecided"));
    });
}

#[test]
fn a_client_without_events_of_calls_is_told_before_or_soon_after() {
    both(|fake, ami| {
        ami.send_action(&EventsAction::new(EventMask::none())).unwrap();
        let error = ami.originate(&to("PJSIP/alice")).unwrap_err();
        assert!(matches!(error, Error::Invalid(_)), "{error:?}");
        assert!(fake.requests().iter().all(|it| it.get("Action") != Some("Originate")));
    });
    servers_with(
        |settings| settings.read("system,user"),
        |fake| {
            let ami = settled(fake.client().timeout(LONG / 15));
            let error = ami.originate(&to("PJSIP/alice")).unwrap_err();
            let is_deaf = matches!(error, Error::Protocol(ProtocolError::Unexpected(_)));
            assert!(is_deaf && error.may_have_run(), "{error:?}");
            fake.wait_for_request("Hangup", LONG).unwrap();
        },
    );
}

#[test]
fn a_call_that_rings_through_a_lost_connection_is_waited_for() {
    both(|fake, ami| {
        let other = settled(fake.client());
        let is_ringing = rings(ami, "survivor");
        std::thread::scope(|scope| {
            let action = to("Local/rings@default/n").channel_id("survivor");
            let call = scope.spawn(move || ami.originate(&action));
            is_ringing();
            let logins = fake.logins();
            fake.reset_sessions();
            fake.wait_for_logins(logins + 2, LONG).unwrap();
            // It asks whether the channel is still there.
            fake.wait_for_request("Status", LONG).unwrap();
            let cause = HangupCause::CallRejected;
            let hangup = HangupAction::new("survivor").cause(cause);
            other.wait_for_state(asterisk_sync::ConnectionState::Connected, LONG).unwrap();
            other.send_action(&hangup).unwrap();
            assert_eq!(failure(call.join().unwrap()), (CallFailure::Rejected, cause));
        });
    });
}

#[test]
fn a_call_that_was_answered_while_nobody_listened_is_answered() {
    both(|fake, ami| {
        let is_ringing = rings(ami, "away");
        fake.on("Status", |request| {
            let up = [("Channel", "PJSIP/alice-7"), ("Uniqueid", "away"), ("ChannelState", "6")];
            request.list(&[("Status", &up)], "StatusComplete");
        });
        std::thread::scope(|scope| {
            let action = to("Local/rings@default/n").channel_id("away");
            let call = scope.spawn(move || ami.originate(&action));
            is_ringing();
            fake.reset_sessions();
            assert_eq!(call.join().unwrap().unwrap().channel(), "PJSIP/alice-7");
        });
    });
}

#[test]
fn a_call_that_is_gone_with_the_connection_may_have_run() {
    both(|fake, ami| {
        let is_ringing = rings(ami, "gone");
        std::thread::scope(|scope| {
            let action = to("Local/rings@default/n").channel_id("gone");
            let call = scope.spawn(move || ami.originate(&action));
            is_ringing();
            fake.restart().unwrap();
            let error = call.join().unwrap().unwrap_err();
            assert!(matches!(error, Error::Disconnected { sent: true }), "{error:?}");
        });
    });
    servers(|fake| {
        let ami = &settled(fake.client().reconnect(ReconnectPolicy::none()));
        let is_ringing = rings(ami, "gone");
        std::thread::scope(|scope| {
            let action = to("Local/rings@default/n").channel_id("gone");
            let call = scope.spawn(move || ami.originate(&action));
            is_ringing();
            fake.close_sessions();
            let error = call.join().unwrap().unwrap_err();
            assert!(matches!(error, Error::Disconnected { sent: true }), "{error:?}");
        });
        // With the connection gone for good, nothing is even tried.
        let error = ami.originate(&to("PJSIP/alice")).unwrap_err();
        assert!(!error.may_have_run(), "{error:?}");
    });
}

#[test]
fn a_standing_call_outlives_a_lost_connection_and_not_a_restart() {
    both(|fake, ami| {
        let (one, two) =
            (ami.originate(&to("PJSIP/alice")).unwrap(), ami.originate(&to("PJSIP/bob")).unwrap());
        fake.reset_sessions();
        let missed = one.wait_for(|event| event.event_name() == "Nothing", LONG).unwrap_err();
        assert!(matches!(missed, Error::Missed), "{missed:?}");
        one.hangup(HangupCause::UserBusy).unwrap();
        assert_eq!(one.wait_for_hangup(LONG).unwrap().cause(), Some(HangupCause::UserBusy));

        fake.restart().unwrap();
        let over = two.wait_for(|event| event.event_name() == "Nothing", LONG).unwrap_err();
        assert!(matches!(over, Error::Missed | Error::Hangup), "{over:?}");
        let end = two.wait_for_hangup(LONG).unwrap();
        assert!(end.cause().is_none() && end.event().is_none(), "{end:?}");
        // It stays so, for every thread and every wait.
        assert!(two.wait_for_hangup(Duration::ZERO).is_ok());
        assert!(matches!(two.wait_for(|_| false, LONG), Err(Error::Hangup)));
        ami.disconnect().unwrap();
        assert!(two.wait_for_hangup(Duration::ZERO).is_ok());
    });
}

#[test]
fn a_calls_events_are_its_own_from_the_first_to_the_last() {
    both(|fake, ami| {
        let call = ami.originate(&to("Local/200@default/n")).unwrap();
        ami.originate(&to("PJSIP/bob")).unwrap().hangup(None).unwrap();
        // A channel that the dialplan makes for this call belongs to it.
        let leg = [("Channel", "PJSIP/carol-1"), ("Uniqueid", "c"), ("Linkedid", call.unique_id())];
        fake.push("Newchannel", &leg);
        call.hangup(None).unwrap();
        let mut names = Vec::new();
        let hangup = |event: &AmiEvent| {
            names.push(event.event_name().to_owned());
            matches!(event, AmiEvent::Hangup(_)) && event.unique_id() == Some(call.unique_id())
        };
        call.wait_for(hangup, LONG).unwrap();
        for (name, times) in [("Newchannel", 3), ("OriginateResponse", 1), ("Hangup", 2)] {
            assert_eq!(names.iter().filter(|it| *it == name).count(), times, "{name}: {names:?}");
        }
        assert!(matches!(call.wait_for(|_| true, LONG), Err(Error::Hangup)));
        call.wait_for_hangup(Duration::ZERO).unwrap();
    });
}

#[test]
fn a_call_is_found_by_name_and_by_id_or_refused() {
    both(|_, ami| {
        let made = ami.originate(&to("PJSIP/alice")).unwrap();
        for channel in [made.channel(), made.unique_id()] {
            let call = ami.call(channel).unwrap();
            assert_eq!((call.channel(), call.unique_id()), (made.channel(), made.unique_id()));
        }
        let found = ami.call(made.unique_id()).unwrap();
        let ended = std::thread::scope(|scope| {
            let waits = [(); 3].map(|()| scope.spawn(|| found.wait_for_hangup(LONG)));
            made.hangup(None).unwrap();
            waits.map(|wait| wait.join().unwrap().unwrap().cause())
        });
        assert_eq!(ended, [Some(HangupCause::NormalClearing); 3]);
        assert!(ami.call(made.unique_id()).unwrap_err().is_refused());
    });
}

#[test]
fn a_connection_that_stays_away_while_it_rings_is_no_timeout() {
    servers(|fake| {
        fake.call_outcome("PJSIP/rings", CallOutcome::Rings);
        let ami = settled(fake.client());
        let ringing = rings(&ami, "it");
        let action = to("PJSIP/rings").channel_id("it").ring_for(SHORT);
        std::thread::scope(|scope| {
            let outcome = scope.spawn(|| ami.with_timeout(LONG / 15).originate(&action));
            ringing();
            fake.refuse();
            fake.close_sessions();
            let outcome = outcome.join().unwrap();
            assert!(matches!(outcome, Err(Error::Disconnected { sent: true })), "{outcome:?}");
        });
    });
}

#[test]
fn a_call_whose_order_was_answered_too_late_is_hung_up_once_it_is_there() {
    servers(|fake| {
        let ami = settled(fake.client().timeout(LONG / 15));
        let (order, hangup) = (fake.expect("Originate"), fake.expect("Hangup"));
        let action = to("PJSIP/alice").channel_id("it");
        std::thread::scope(|scope| {
            let outcome = scope.spawn(|| ami.originate(&action));
            let order = order.wait_timeout(LONG).unwrap();
            while ami.stats().in_flight > 0 {
                std::thread::yield_now();
            }
            // It has been given up, and only now does the server get to it.
            let early = fake.requests().iter().any(|it| it.get("Action") == Some("Hangup"));
            assert!(!early, "there is nothing to hang up yet");
            order.success(&[("Message", "Originate successfully queued")]);
            fake.push("Newchannel", &[("Channel", "PJSIP/alice-1"), ("Uniqueid", "it")]);
            let hangup = hangup.wait_timeout(LONG).unwrap();
            assert_eq!(hangup.get("Channel"), Some("it"));
            let error = outcome.join().unwrap().unwrap_err();
            assert!(error.is_timeout() && error.may_have_run(), "{error:?}");
        });
    });
}

#[test]
fn a_client_without_a_timeout_makes_calls() {
    both(|_, ami| {
        ami.with_timeout(Duration::MAX).originate(&to("PJSIP/alice")).unwrap();
    });
}

#[test]
fn a_call_of_which_nobody_reads_the_events_holds_little_and_says_so() {
    both(|fake, ami| {
        let call = ami.originate(&to("PJSIP/alice")).unwrap();
        let text = "x".repeat(1000);
        for _ in 0..1000 {
            fake.push("RTCPSent", &[("Uniqueid", call.unique_id()), ("Report0", &text)]);
        }
        call.hangup(None).unwrap();
        call.wait_for_hangup(LONG).unwrap();
        let stats = call.events().stats();
        assert!(stats.queued < 300 && stats.lost > 700, "{stats:?}");
        let told = call.events().try_iter().find_map(|event| match event {
            AmiEvent::Gap(gap) => Some(gap.missed()),
            _ => None,
        });
        assert_eq!(told, Some(stats.lost));
    });
}

#[test]
fn a_call_is_found_by_its_linked_id_when_its_first_channel_has_gone() {
    both(|fake, ami| {
        let leg = [("Channel", "PJSIP/b-1"), ("Uniqueid", "second"), ("Linkedid", "first")];
        fake.on("Status", move |request| match request.get("Channel") {
            None | Some("second") => request.list(&[("Status", &leg)], "StatusComplete"),
            Some(_) => request.error("No such channel"),
        });
        let call = ami.call("first").unwrap();
        assert_eq!((call.unique_id(), call.linked_id()), ("second", "first"));
        // What its other channels do is heard as well.
        fake.push("Newchannel", &[("Uniqueid", "third"), ("Linkedid", "first")]);
        call.wait_for(|event| event.unique_id() == Some("third"), LONG).unwrap();
        assert!(ami.call("other").unwrap_err().is_refused());
    });
}

#[test]
fn an_event_loop_may_make_calls_on_the_client_it_listens_to() {
    both(|fake: &FakeAmi, ami| {
        let events = ami.subscribe_with(Filter::names(["UserEvent"]));
        fake.push("UserEvent", &[("UserEvent", "Dial")]);
        let outcome = events.iter().next().map(|_| ami.originate(&to("Local/busy@default")));
        assert_eq!(failure(outcome.unwrap()).0, CallFailure::Busy);
    });
}
