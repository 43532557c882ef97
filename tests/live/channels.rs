//! Channels at work: looking at them, ending them, digits, texts, recordings.

use std::time::Duration;

use asterisk_sync::Error;
use asterisk_sync::ami::action::{
    AbsoluteTimeoutAction, CoreShowChannelsAction, HangupAction, HangupMatchingAction,
    MixMonitorAction, PlayDTMFAction, SendTextAction, StatusAction, StopMixMonitorAction,
};
use asterisk_sync::ami::event::{
    DtmfEnd, Hangup, MixMonitorStart, MixMonitorStop, TypedEvent, UserEvent,
};
use asterisk_sync::types::{ChannelState, DtmfDirection, HangupCause};

use crate::support::{Call, await_event, client, eventually, unique};

fn is_no_such_channel(error: &Error) -> bool {
    matches!(error, Error::Refused { message, .. } if &**message == "No such channel")
}

#[test]
fn hanging_up_gives_the_cause_to_the_channel() {
    let ami = client();
    let call = Call::to(&ami, "answer");
    let hangups = ami.subscribe_to::<Hangup>();
    let name = call.name();
    let action = HangupAction::new(&name).cause(HangupCause::UserBusy);
    assert_eq!(ami.send_action(&action).unwrap().text(), "Channel Hungup");
    let event = await_event(&hangups, |it| it.channel().unique_id() == call.id);
    assert_eq!(event.cause(), Some(HangupCause::UserBusy));
    assert_eq!(event.cause_txt(), "User busy");
    assert_eq!(event.channel().channel(), name);
    let error = ami.send_action(&HangupAction::new(&name)).unwrap_err();
    assert!(is_no_such_channel(&error), "{error:?}");
}

#[test]
fn a_channel_may_be_named_by_its_unique_id() {
    let ami = client();
    let call = Call::to(&ami, "answer");
    let hangups = ami.subscribe_to::<Hangup>();
    ami.send_action(&HangupAction::new(&call.other)).unwrap();
    // The other half follows.
    await_event(&hangups, |it| it.channel().unique_id() == call.id);
}

#[test]
fn a_pattern_hangs_up_what_it_matches_and_lists_it() {
    let ami = client();
    let calls = [Call::to(&ami, "answer"), Call::to(&ami, "answer"), Call::to(&ami, "answer")];
    let names: Vec<String> = calls.iter().map(Call::name).collect();
    let hangups = ami.subscribe_to::<Hangup>();
    let pattern = format!("^({}|{})$", names[0], names[1]);
    let listed = ami.list(&HangupMatchingAction::new(pattern)).unwrap();
    let mut listed: Vec<_> = listed.iter().map(|it| it.channel().to_owned()).collect();
    listed.sort();
    let mut expected = names[..2].to_vec();
    expected.sort();
    assert_eq!(listed, expected);
    await_event(&hangups, |it| it.channel().channel() == names[0]);
    assert_eq!(calls[2].variable("CHANNEL(state)"), "Up");
    let none = ami.list(&HangupMatchingAction::new("^no such channel$")).unwrap();
    assert_eq!(none, []);
}

#[test]
fn a_channel_is_listed_with_what_it_does() {
    let ami = client();
    let call = Call::to(&ami, "answer");
    // It is answered a moment before it begins with its application.
    let channels = eventually(|| {
        let channels = ami.list(&CoreShowChannelsAction::new()).unwrap();
        let mine = channels.iter().find(|it| it.channel().unique_id() == call.id).unwrap();
        match (mine.application(), mine.application_data()) {
            ("Wait", "60") => Ok(channels),
            other => Err(format!("it does {other:?}")),
        }
    });
    let mine = channels.iter().find(|it| it.channel().unique_id() == call.id).unwrap();
    assert_eq!(mine.channel().channel(), call.name());
    assert_eq!(mine.channel().state(), Some(ChannelState::Up));
    let other = channels.iter().find(|it| it.channel().unique_id() == call.other).unwrap();
    assert_eq!(other.channel().linked_id(), call.id);
    assert_eq!(other.channel().exten(), "answer");
}

#[test]
fn the_status_of_an_unknown_channel_is_refused() {
    let ami = client();
    let error = ami.list(&StatusAction::new().channel("Local/nobody@test-1;1")).unwrap_err();
    assert!(is_no_such_channel(&error), "{error:?}");
}

#[test]
fn digits_reach_the_other_side() {
    let ami = client();
    let call = Call::to(&ami, "read");
    let events = ami.subscribe_to::<UserEvent>();
    let digits = ami.subscribe_to::<DtmfEnd>();
    for digit in "4711".chars() {
        // Played to the first half, they come out of the second.
        let play = PlayDTMFAction::new(&call.other, digit).receive(true);
        let play = play.duration(Duration::from_millis(100));
        assert_eq!(ami.send_action(&play).unwrap().text(), "DTMF successfully queued");
        let event = await_event(&digits, |it| {
            it.channel().unique_id() == call.other
                && it.direction() == Some(DtmfDirection::Received)
        });
        assert_eq!(event.digit(), digit.to_string());
        assert!(event.duration_ms().is_some());
    }
    let event = await_event(&events, |it| {
        it.user_event() == "Digits" && it.channel().unique_id() == call.other
    });
    assert_eq!(event.message().get("Digits"), Some("4711"));
}

#[test]
fn a_recording_begins_and_ends_by_its_id() {
    let ami = client();
    let call = Call::to(&ami, "answer");
    let (starts, stops) =
        (ami.subscribe_to::<MixMonitorStart>(), ami.subscribe_to::<MixMonitorStop>());
    let file = format!("{}.wav", unique("live"));
    let record = MixMonitorAction::new(call.name()).file(&file);
    let answer = ami.send_action(&record.options("i(RECORDING)")).unwrap();
    let id = answer.mix_monitor_id().unwrap().to_owned();
    assert_eq!(call.variable("RECORDING"), id);
    await_event(&starts, |it| it.channel().unique_id() == call.id);
    ami.send_action(&StopMixMonitorAction::new(call.name()).mix_monitor_id(&id)).unwrap();
    await_event(&stops, |it| it.channel().unique_id() == call.id);
    let again = StopMixMonitorAction::new(call.name()).mix_monitor_id(&id);
    assert!(ami.send_action(&again).unwrap_err().is_refused());
    let nobody = MixMonitorAction::new("Local/nobody@test-1;1").file(&file);
    assert!(is_no_such_channel(&ami.send_action(&nobody).unwrap_err()));
}

#[test]
fn a_text_is_sent_to_a_channel() {
    let ami = client();
    let call = Call::to(&ami, "answer");
    let text = SendTextAction::new(call.name(), r#"Grüße, "世界" \o/"#);
    assert_eq!(ami.send_action(&text).unwrap().text(), "Success");
    let typed = SendTextAction::new(call.name(), "<b>x</b>").content_type("text/html");
    ami.send_action(&typed).unwrap();
    let error = ami.send_action(&SendTextAction::new("nobody", "x")).unwrap_err();
    assert!(is_no_such_channel(&error), "{error:?}");
}

#[test]
fn a_time_limit_ends_a_channel() {
    let ami = client();
    let call = Call::to(&ami, "answer");
    let hangups = ami.subscribe_to::<Hangup>();
    let limit = AbsoluteTimeoutAction::new(call.name(), Duration::from_secs(1));
    assert_eq!(ami.send_action(&limit).unwrap().text(), "Timeout Set");
    let event = await_event(&hangups, |it| it.channel().unique_id() == call.id);
    assert_eq!(event.action_id(), None);
}
