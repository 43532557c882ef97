//! New calls, and what becomes of them.

use std::time::Duration;

use asterisk_sync::Error;
use asterisk_sync::ami::action::{OriginateAction, StatusAction};
use asterisk_sync::ami::event::{DialState, Hangup, NewChannel, OriginateResponse};
use asterisk_sync::types::{ChannelState, DialProgress, HangupCause, OriginateReason};

use crate::support::{Call, await_event, client, name_of, variable_of};

/// Makes the call without waiting for it, and returns what became of it.
fn outcome(call: &Call, action: OriginateAction) -> OriginateResponse {
    let responses = call.ami.subscribe_to::<OriginateResponse>();
    let answer = call.ami.send_action(&action.asynchronous(true)).expect("it is queued");
    assert_eq!(answer.text(), "Originate successfully queued");
    let id = answer.get("ActionID").expect("the client gives every action an id").to_owned();
    await_event(&responses, |it| it.message().get("ActionID") == Some(&id))
}

#[test]
fn an_answered_call_is_a_success() {
    let ami = client();
    let call = Call::new(&ami);
    let answer = ami.send_action(&call.action("answer")).unwrap();
    assert_eq!((answer.response(), answer.text()), ("Success", "Originate successfully queued"));
    let status = ami.list(&StatusAction::new().channel(call.name())).unwrap();
    let [it] = &status[..] else { panic!("{status:?}") };
    assert_eq!(it.channel().state(), Some(ChannelState::Up));
    assert_eq!(it.channel().unique_id(), call.id);
    assert_eq!((it.application(), it.data()), ("Wait", "60"));
    assert_eq!(it.channel_type(), "Local");
}

#[test]
fn an_answered_call_that_was_not_waited_for_says_so_in_an_event() {
    let ami = client();
    let call = Call::new(&ami);
    let response = outcome(&call, call.action("ring-answer"));
    assert!(response.is_success());
    assert_eq!(response.reason(), Some(OriginateReason::Answer));
    assert_eq!(response.channel().channel(), call.name());
    assert_eq!(response.channel().unique_id(), call.id);
    assert_eq!((response.application(), response.data()), (Some("Wait"), Some("60")));
}

#[test]
fn a_busy_extension_is_refused_and_its_event_says_busy() {
    let ami = client();
    let call = Call::new(&ami);
    let error = ami.send_action(&call.action("busy")).unwrap_err();
    let Error::Refused { action, message } = &error else { panic!("{error:?}") };
    assert_eq!((&**action, &**message), ("Originate", "Originate failed"));

    let call = Call::new(&ami);
    let response = outcome(&call, call.action("busy"));
    assert!(!response.is_success());
    assert_eq!(response.response(), "Failure");
    assert_eq!(response.reason(), Some(OriginateReason::Busy));
}

#[test]
fn congestion_is_refused_and_its_event_says_congestion() {
    let ami = client();
    let call = Call::new(&ami);
    assert!(ami.send_action(&call.action("congestion")).unwrap_err().is_refused());
    let call = Call::new(&ami);
    let response = outcome(&call, call.action("congestion"));
    assert!(!response.is_success());
    assert_eq!(response.reason(), Some(OriginateReason::Congestion));
}

#[test]
fn a_call_that_nobody_answers_fails_when_it_has_rung_long_enough() {
    let ami = client();
    let dialled = ami.subscribe_to::<DialState>();
    let call = Call::new(&ami);
    let action = call.action("noanswer").ring_for(Duration::from_secs(1));
    assert!(ami.send_action(&action).unwrap_err().is_refused());
    let state = await_event(&dialled, |it| it.dest().unique_id() == call.id);
    assert_eq!(state.dial_status(), Some(DialProgress::Ringing));
    let call = Call::new(&ami);
    let action = call.action("noanswer").ring_for(Duration::from_secs(1));
    let response = outcome(&call, action);
    assert!(!response.is_success());
    assert_eq!(response.reason(), Some(OriginateReason::Ringing));
}

#[test]
fn no_such_extension_is_refused_before_anybody_is_called() {
    let ami = client();
    let channels = ami.subscribe_to::<NewChannel>();
    let call = Call::new(&ami);
    let action = OriginateAction::to("Local/answer@test/n")
        .extension("test", "no-such-extension", 1)
        .channel_id(&call.id)
        .other_channel_id(&call.other);
    let error = ami.send_action(&action).unwrap_err();
    let Error::Refused { message, .. } = &error else { panic!("{error:?}") };
    assert_eq!(&**message, "Extension does not exist.");
    // Whatever had been begun would stand before this one.
    let next = Call::to(&ami, "answer");
    await_event(&channels, |it| {
        assert_ne!(it.channel().unique_id(), call.id);
        it.channel().unique_id() == next.id
    });
}

#[test]
fn a_local_channel_to_no_such_extension_fails() {
    let ami = client();
    let call = Call::new(&ami);
    assert!(ami.send_action(&call.action("no-such-extension")).unwrap_err().is_refused());
    let response = outcome(&call, call.action("no-such-extension"));
    assert!(!response.is_success());
    assert_eq!(response.reason(), Some(OriginateReason::Failure));
    assert_eq!(response.channel().channel(), "Local/no-such-extension@test/n");
}

#[test]
fn an_unknown_technology_fails() {
    let ami = client();
    let action = OriginateAction::to("NoSuchTech/1").application("Wait", "1");
    assert!(ami.send_action(&action).unwrap_err().is_refused());
}

#[test]
fn a_call_may_go_on_in_an_extension_by_number_or_label() {
    let ami = client();
    let call = Call::new(&ami);
    let action = OriginateAction::to("Local/answer@test/n")
        .extension("test", "hold", 1)
        .channel_id(&call.id)
        .other_channel_id(&call.other);
    ami.send_action(&action).unwrap();
    assert_eq!(call.variable("CHANNEL(channeltype)"), "Local");
    let status = ami.list(&StatusAction::new().channel(call.name())).unwrap();
    let channel = status[0].channel();
    assert_eq!((channel.context(), channel.exten()), ("test", "hold"));
}

#[test]
fn caller_id_account_and_ids_are_those_that_were_given() {
    let ami = client();
    let channels = ami.subscribe_to::<NewChannel>();
    let call = Call::new(&ami);
    let action = call
        .action("answer")
        .caller_id(r#""Zoë \"Zed\" Łuka" <+49301234>"#)
        .account("cost-centre 7");
    ami.send_action(&action).unwrap();
    assert_eq!(call.variable("CHANNEL(accountcode)"), "cost-centre 7");
    assert_eq!(call.variable("CALLERID(num)"), "+49301234");
    assert_eq!(call.variable("CALLERID(name)"), r#"Zoë "Zed" Łuka"#);
    let other = await_event(&channels, |it| it.channel().unique_id() == call.other);
    assert_eq!(other.channel().linked_id(), call.id);
    let status = ami.list(&StatusAction::new().channel(call.name())).unwrap();
    assert_eq!(status[0].channel().caller_id_name().as_deref(), Some(r#"Zoë "Zed" Łuka"#));
}

#[test]
fn an_id_that_is_taken_is_refused() {
    let ami = client();
    let call = Call::to(&ami, "answer");
    let error = ami.send_action(&call.action("answer")).unwrap_err();
    assert!(error.is_refused(), "{error:?}");
    assert_eq!(call.variable("CHANNEL(state)"), "Up");
}

#[test]
fn a_call_ends_with_the_cause_it_was_given() {
    let ami = client();
    let hangups = ami.subscribe_to::<Hangup>();
    for cause in [HangupCause::CallRejected, HangupCause::NoRouteDestination] {
        let call = Call::new(&ami);
        let action = call.action("cause").variable("__CAUSE", cause.code().to_string());
        assert!(ami.send_action(&action).unwrap_err().is_refused());
        let event = await_event(&hangups, |it| it.channel().unique_id() == call.other);
        assert_eq!(event.cause(), Some(cause));
    }
}

#[test]
fn a_synchronous_call_holds_up_nobody_but_its_own_connection() {
    let (ami, other) = (client(), client());
    let channels = other.subscribe_to::<NewChannel>();
    let call = Call::new(&other);
    let pending = ami.start_action(&call.action("noanswer")).unwrap();
    await_event(&channels, |it| it.channel().unique_id() == call.other);
    // While it rings, others go on.
    assert_eq!(other.ping().unwrap().ping(), "Pong");
    assert_eq!(variable_of(&other, &call.other, "CHANNEL(state)"), "Ring");
    let name = name_of(&other, &call.other);
    assert!(name.starts_with("Local/noanswer@test-") && name.ends_with(";2"), "{name}");
    drop(call);
    assert!(pending.wait().unwrap_err().is_refused());
    assert_eq!(ami.ping().unwrap().ping(), "Pong");
}
