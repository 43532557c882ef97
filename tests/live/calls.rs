//! Calls that are made and followed: every way they can end.

use std::time::Duration;

use asterisk_sync::ami::action::{
    BridgeAction, HangupAction, OriginateAction, StatusAction, UserEventAction,
};
use asterisk_sync::ami::event::{DialState, NewChannel, UserEvent};
use asterisk_sync::ami::{AmiClient, AmiEvent, EventMask, Filter};
use asterisk_sync::types::{CallFailure, EventClass, HangupCause};
use asterisk_sync::{Error, ProtocolError, TimeoutError};

use crate::support::{PATIENCE, builder, client, setting, unique, user};

fn to(channel: impl Into<String>) -> OriginateAction {
    OriginateAction::to(channel).application("Wait", "60")
}

fn short(channel: impl Into<String>) -> OriginateAction {
    to(channel).ring_for(Duration::from_secs(1))
}

/// A number of this same server, called as SIP.
fn sip(number: &str) -> String {
    format!("PJSIP/carol/sip:{number}@127.0.0.1:{}", setting("ASTERISK_SIP_PORT"))
}

/// How a call that has to fail does.
fn failure(ami: &AmiClient, action: &OriginateAction) -> (CallFailure, HangupCause) {
    match ami.originate(action) {
        Err(Error::NotAnswered { reason, cause, channel }) => {
            let asked = serde_json::to_value(action).expect("an action serialises");
            assert_eq!(asked["Channel"].as_str(), Some(&*channel));
            (reason, cause)
        }
        other => panic!("{other:?}"),
    }
}

#[test]
fn an_answered_call_is_there_with_its_ids_and_everything_that_happened() {
    let ami = client();
    for channel in ["Local/ring-answer@test/n".to_owned(), "PJSIP/bob".to_owned(), sip("answer")] {
        let call = ami.originate(&to(&channel)).unwrap();
        assert_eq!(call.linked_id(), call.unique_id());
        let technology = channel.split('/').next().unwrap();
        assert!(call.channel().starts_with(&format!("{technology}/")), "{call:?}");
        let status = ami.list(&StatusAction::new().channel(call.unique_id())).unwrap();
        assert_eq!(status[0].channel().channel(), call.channel());
        // From the very first event on.
        let first = call.wait_for(|event| matches!(event, AmiEvent::NewChannel(_)), PATIENCE);
        assert_eq!(first.unwrap().unique_id(), Some(call.unique_id()));
        call.hangup(HangupCause::NormalClearing).unwrap();
        assert_eq!(
            call.wait_for_hangup(PATIENCE).unwrap().cause(),
            Some(HangupCause::NormalClearing)
        );
        // Asked again, it says the same; and hanging up what is over is no error.
        let end = call.wait_for_hangup(Duration::ZERO).unwrap();
        assert_eq!(end.event().unwrap().channel().unique_id(), call.unique_id());
        call.hangup(None).unwrap();
        let none = call.wait_for(|_| false, PATIENCE).unwrap_err();
        assert!(matches!(none, Error::Hangup), "{none:?}");
    }
}

#[test]
fn a_busy_party_is_busy_whoever_says_it() {
    let ami = client();
    for channel in ["Local/busy@test/n".to_owned(), "Local/busy@test".to_owned(), sip("busy")] {
        let cause = HangupCause::UserBusy;
        assert_eq!(failure(&ami, &to(channel)), (CallFailure::Busy, cause));
    }
}

#[test]
fn congestion_is_congestion_whoever_says_it() {
    let ami = client();
    for channel in ["Local/congestion@test/n".to_owned(), sip("congestion")] {
        let cause = HangupCause::NormalCircuitCongestion;
        assert_eq!(failure(&ami, &to(channel)), (CallFailure::Congestion, cause));
    }
}

#[test]
fn nobody_answers_as_long_as_it_rings() {
    let ami = client();
    for channel in ["Local/noanswer@test/n".to_owned(), sip("noanswer")] {
        let cause = HangupCause::NoAnswer;
        assert_eq!(failure(&ami, &short(channel)), (CallFailure::NoAnswer, cause));
    }
}

#[test]
fn a_phone_that_does_not_even_react_does_not_answer() {
    let ami = client();
    let nobody = "PJSIP/carol/sip:nobody@127.0.0.1:9";
    assert_eq!(failure(&ami, &short(nobody)).0, CallFailure::NoAnswer);
}

#[test]
fn what_only_the_cause_of_the_hangup_tells_is_told() {
    let ami = client();
    for (cause, reason) in [
        (HangupCause::UserBusy, CallFailure::Busy),
        (HangupCause::NoAnswer, CallFailure::NoAnswer),
        (HangupCause::NoUserResponse, CallFailure::NoAnswer),
        (HangupCause::CallRejected, CallFailure::Rejected),
        (HangupCause::NormalCircuitCongestion, CallFailure::Congestion),
        (HangupCause::Unallocated, CallFailure::Unreachable),
        (HangupCause::SubscriberAbsent, CallFailure::Unreachable),
        (HangupCause::BearerCapabilityNotAvail, CallFailure::Failed),
        (HangupCause::NormalClearing, CallFailure::Cancelled),
    ] {
        let action = to("Local/cause@test/n").variable("__CAUSE", cause.code().to_string());
        assert_eq!(failure(&ami, &action), (reason, cause));
    }
}

#[test]
fn who_cannot_be_called_is_unreachable() {
    let ami = client();
    for channel in [
        "Local/no-such-extension@test/n",
        "Local/200@no-such-context",
        "PJSIP/alice",
        "PJSIP/no-such-endpoint",
        "NoSuchTechnology/1",
    ] {
        assert_eq!(
            failure(&ami, &to(channel)),
            (CallFailure::Unreachable, HangupCause::NotDefined)
        );
    }
    let (reason, cause) = failure(&ami, &to(sip("no-such-number")));
    assert_eq!((reason, cause), (CallFailure::Unreachable, HangupCause::Unallocated));
}

#[test]
fn the_failure_of_a_call_behind_a_local_channel_is_its_own() {
    let ami = client();
    let behind = |target: &str| to("Local/dial@test/n").variable("__TARGET", target);
    assert_eq!(failure(&ami, &behind("PJSIP/alice")).0, CallFailure::Unreachable);
    assert_eq!(failure(&ami, &behind(&sip("busy"))), (CallFailure::Busy, HangupCause::UserBusy));
    let call = ami.originate(&behind("PJSIP/bob")).unwrap();
    call.hangup(None).unwrap();
}

#[test]
fn a_call_that_somebody_else_hangs_up_is_cancelled_or_what_they_say() {
    let ami = client();
    for (cause, reason) in [
        (HangupCause::NormalClearing, CallFailure::Cancelled),
        (HangupCause::CallRejected, CallFailure::Rejected),
    ] {
        let id = unique("call");
        let rings = ami.subscribe_with(Filter::names(["DialState"]).unique_id(&*id));
        let outcome = std::thread::scope(|scope| {
            let call = scope.spawn(|| failure(&ami, &to("Local/noanswer@test/n").channel_id(&*id)));
            rings.wait_for(|_| true, PATIENCE).unwrap();
            ami.send_action(&HangupAction::new(&*id).cause(cause)).unwrap();
            call.join().unwrap()
        });
        assert_eq!(outcome, (reason, cause));
    }
}

#[test]
fn what_asterisk_refuses_is_refused_in_its_words_before_anybody_is_called() {
    let ami = client();
    let action = OriginateAction::to("Local/answer@test/n").extension("test", "nowhere", 1);
    let Err(Error::Refused { action, message }) = ami.originate(&action) else { panic!() };
    assert_eq!((&*action, &*message), ("Originate", "Extension does not exist."));
    let reader = user("reader").connect().unwrap();
    let Err(Error::Refused { message, .. }) = reader.originate(&to("Local/answer@test")) else {
        panic!()
    };
    assert_eq!(&*message, "Permission denied");
}

#[test]
fn a_client_that_hears_nothing_of_calls_says_so_and_leaves_none_behind() {
    let masked = builder().events(EventMask::of([EventClass::User])).connect().unwrap();
    let error = masked.originate(&to("Local/answer@test/n")).unwrap_err();
    assert!(matches!(error, Error::Invalid(_)), "{error:?}");

    // It may do everything, and its events are filtered by the server.
    let all = client();
    let deaf = user("filtered").timeout(Duration::from_secs(2)).connect().unwrap();
    let id = unique("call");
    let hangups = all.subscribe_with(Filter::names(["Hangup"]).unique_id(&*id));
    let error = deaf.originate(&to("Local/answer@test/n").channel_id(&*id)).unwrap_err();
    assert!(matches!(error, Error::Protocol(ProtocolError::Unexpected(_))), "{error:?}");
    hangups.wait_for(|_| true, PATIENCE).unwrap();
    // Who hears of calls and of nothing else hears enough.
    let quiet = user("quiet").connect().unwrap();
    quiet.originate(&to("Local/answer@test/n")).unwrap().hangup(None).unwrap();
}

#[test]
fn ids_of_the_users_own_are_kept_and_too_long_ones_refused() {
    let ami = client();
    let (id, other) = (unique("one"), unique("two"));
    let action = to("Local/answer@test/n").channel_id(&*id).other_channel_id(&*other);
    let call = ami.originate(&action).unwrap();
    assert_eq!(call.unique_id(), id);
    assert_eq!(ami.call(&other).unwrap().linked_id(), id);
    call.hangup(None).unwrap();
    let error = ami.originate(&to("Local/answer@test/n").channel_id("x".repeat(150))).unwrap_err();
    assert!(matches!(error, Error::Limit { size: 150, limit: 149, .. }), "{error:?}");
    let same = to("Local/answer@test/n").channel_id("same").other_channel_id("same");
    assert!(matches!(ami.originate(&same).unwrap_err(), Error::Invalid(_)));
}

#[test]
fn many_calls_at_once_each_have_their_own_outcome() {
    let ami = client();
    std::thread::scope(|scope| {
        let calls = ["busy", "answer", "congestion", "answer", "nowhere"].map(|number| {
            let (ami, action) = (&ami, to(format!("Local/{number}@test/n")));
            (number, scope.spawn(move || ami.originate(&action)))
        });
        for (number, call) in calls {
            let outcome = match call.join().unwrap() {
                Ok(call) => call.hangup(None).map(|()| None).unwrap(),
                Err(Error::NotAnswered { reason, .. }) => Some(reason),
                Err(e) => panic!("{number}: {e:?}"),
            };
            let expected = match number {
                "busy" => Some(CallFailure::Busy),
                "congestion" => Some(CallFailure::Congestion),
                "nowhere" => Some(CallFailure::Unreachable),
                _ => None,
            };
            assert_eq!(outcome, expected, "{number}");
        }
    });
}

#[test]
fn a_call_that_exists_is_found_by_name_and_by_id_and_followed_to_its_end() {
    let ami = client();
    let made = ami.originate(&to("Local/answer@test/n")).unwrap();
    let by_name = ami.call(made.channel()).unwrap();
    let by_id = ami.call(made.unique_id()).unwrap();
    for call in [&by_name, &by_id] {
        assert_eq!((call.channel(), call.unique_id()), (made.channel(), made.unique_id()));
        assert!(call.wait_for_hangup(Duration::ZERO).unwrap_err().is_timeout());
    }
    made.hangup(HangupCause::UserBusy).unwrap();
    // Both threads that wait hear of it.
    std::thread::scope(|scope| {
        let ends =
            [&by_name, &by_name, &by_id].map(|call| scope.spawn(|| call.wait_for_hangup(PATIENCE)));
        for end in ends {
            assert_eq!(end.join().unwrap().unwrap().cause(), Some(HangupCause::UserBusy));
        }
    });
    let gone = ami.call(made.unique_id()).unwrap_err();
    assert!(matches!(&gone, Error::Refused { message, .. } if **message == *"No such channel"));
}

#[test]
fn a_wait_takes_the_first_event_that_is_wanted() {
    let ami = client();
    let tag = unique("Wait");
    let events = ami.subscribe_to::<UserEvent>();
    for n in ["1", "2", "3"] {
        ami.send_action(&UserEventAction::new(&*tag).header("N", n)).unwrap();
    }
    let second = |it: &UserEvent| it.user_event() == tag && it.message().get("N") == Some("2");
    events.wait_for(second, PATIENCE).unwrap();
    let third = events.wait_for(|it| it.user_event() == tag, PATIENCE).unwrap();
    assert_eq!(third.message().get("N"), Some("3"));
    let error = ami.wait_for_event::<NewChannel>(|_| false, Duration::from_millis(50)).unwrap_err();
    assert!(matches!(error, Error::Timeout(TimeoutError::Receive { .. })));
}

#[test]
fn a_unique_id_filter_hears_of_a_channel_in_every_role() {
    let ami = client();
    let id = unique("role");
    let events = ami.subscribe_with(Filter::all().unique_id(&*id));
    let dialled = ami.subscribe_to::<DialState>();
    let call = ami.originate(&to("Local/ring-answer@test/n").channel_id(&*id)).unwrap();
    dialled.wait_for(|it| it.dest().unique_id() == id, PATIENCE).unwrap();
    let other = ami.originate(&to("Local/answer@test/n")).unwrap();
    ami.send_action(&BridgeAction::new(call.unique_id(), other.unique_id())).unwrap();
    for name in ["Newchannel", "LocalBridge", "DialBegin", "BridgeEnter"] {
        events.wait_for(|event| event.event_name() == name, PATIENCE).unwrap();
    }
    call.hangup(None).unwrap();
    other.hangup(None).unwrap();
}
