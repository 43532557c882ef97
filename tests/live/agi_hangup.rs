//! The far end hangs up: at any moment, and before AGI begins.

#![allow(clippy::unwrap_used, clippy::pedantic, reason = "a panic is how a test fails")]

use std::time::Duration;

use asterisk_sync::agi::{RecordOptions, RecordingEnd, StreamControls};
use asterisk_sync::ami::AmiClient;
use asterisk_sync::ami::action::HangupAction;
use asterisk_sync::{Error, Result, agi::AgiChannel};

use crate::agi_support::Session;
use crate::support::{client, eventually, unique};

fn hang_up(ami: &AmiClient, channel: &str) {
    ami.send_action(&HangupAction::new(channel)).expect("the far end hangs up");
}

/// What a handler can still do, and cannot.
fn is_dead_but_not_gone(agi: &mut AgiChannel) {
    assert!(agi.is_hung_up());
    for gone in [agi.stream_file("beep", "").map(drop), agi.answer(), agi.hangup(None)] {
        assert!(matches!(gone, Err(Error::Hangup)), "{gone:?}");
    }
    let key = unique("k");
    agi.set_variable("AFTER", "the hangup").unwrap();
    assert_eq!(agi.get_variable("AFTER").unwrap().as_deref(), Some("the hangup"));
    assert_eq!(agi.get_full_variable("${AFTER}", None).unwrap().as_deref(), Some("the hangup"));
    // Too long for one command, so that a second one fetches it.
    let long = "0123456789".repeat(500);
    agi.set_variable("AFTER", &long).unwrap();
    assert_eq!(agi.get_variable("AFTER").unwrap().as_deref(), Some(&*long));
    agi.database_put("agidead", &key, "1").unwrap();
    assert_eq!(agi.database_get("agidead", &key).unwrap().as_deref(), Some("1"));
    assert!(agi.database_del("agidead", &key).unwrap());
    agi.verbose("dead", 3).unwrap();
    assert_eq!(agi.exec("NoOp", "dead").unwrap(), 0);
    agi.noop().unwrap();
}

#[test]
fn while_a_command_runs_it_ends_with_a_hangup() {
    type Run = fn(&mut AgiChannel) -> Result<()>;
    let commands: [(&str, Run); 8] = [
        ("STREAM FILE", |agi| agi.stream_file("demo-congrats", "").map(drop)),
        ("CONTROL STREAM FILE", |agi| {
            agi.control_stream_file("demo-congrats", "", &StreamControls::new()).map(drop)
        }),
        ("GET DATA", |agi| agi.get_data("demo-congrats", Duration::from_secs(60), 9).map(drop)),
        ("GET OPTION", |agi| agi.get_option("demo-congrats", "1", None).map(drop)),
        ("WAIT FOR DIGIT", |agi| agi.wait_for_digit(None).map(drop)),
        ("SAY DIGITS", |agi| agi.say_digits("12345678901234567890", "").map(drop)),
        ("RECEIVE TEXT", |agi| agi.receive_text(Duration::from_secs(60)).map(drop)),
        ("EXEC", |agi| agi.exec("Wait", "60").map(drop)),
    ];
    let ami = client();
    for (name, run) in commands {
        let mut session = Session::to(&ami, "agi");
        let far = session.call.name();
        let ender = session.at(name, {
            let ami = ami.clone();
            move || hang_up(&ami, &far)
        });
        let outcome = run(&mut session.agi);
        assert!(matches!(outcome, Err(Error::Hangup)), "{name}: {outcome:?}");
        ender.join().unwrap();
        is_dead_but_not_gone(&mut session.agi);
    }
}

#[test]
fn a_recording_keeps_what_was_said_before() {
    let ami = client();
    let mut session = Session::to(&ami, "agi");
    let folder = session.agi.get_full_variable("${ASTSPOOLDIR}", None).unwrap().unwrap();
    let far = session.call.name();
    let ender = session.at("RECORD FILE", {
        let ami = ami.clone();
        move || hang_up(&ami, &far)
    });
    let file = format!("{folder}/{}", unique("rec"));
    let made = session.agi.record_file(&file, "wav", "#", &RecordOptions::new()).unwrap();
    assert_eq!((made.end, made.digit), (RecordingEnd::Hangup, None));
    ender.join().unwrap();
    is_dead_but_not_gone(&mut session.agi);
}

#[test]
fn between_commands_it_is_seen_without_sending() {
    let ami = client();
    let mut session = Session::to(&ami, "agi");
    session.agi.noop().unwrap();
    assert!(!session.agi.is_hung_up());
    hang_up(&ami, &session.call.name());
    eventually(|| if session.agi.is_hung_up() { Ok(()) } else { Err("not hung up") });
    is_dead_but_not_gone(&mut session.agi);
}

#[test]
fn our_own_hangup_is_one_too() {
    let ami = client();
    let mut session = Session::to(&ami, "agi");
    session.agi.hangup(None).unwrap();
    let error = session.agi.wait_for_digit(None).unwrap_err();
    assert!(matches!(error, Error::Hangup), "{error:?}");
    is_dead_but_not_gone(&mut session.agi);
}

#[test]
fn in_the_h_extension_the_channel_is_dead_from_the_start() {
    let ami = client();
    let mut session = Session::to(&ami, "agi-dead");
    assert!(session.request.is_dead());
    let error = session.agi.stream_file("beep", "").unwrap_err();
    assert!(matches!(error, Error::Hangup), "{error:?}");
    is_dead_but_not_gone(&mut session.agi);
    assert_eq!(session.status(), "SUCCESS");
}

#[test]
fn without_a_signal_it_is_found_out_at_the_next_command() {
    let ami = client();
    let mut session = Session::with(&ami, "agi", |action| action.variable("__AGISIGHUP", "no"));
    let far = session.call.name();
    let ender = session.at("STREAM FILE", {
        let ami = ami.clone();
        move || hang_up(&ami, &far)
    });
    let error = session.agi.stream_file("demo-congrats", "").unwrap_err();
    assert!(matches!(error, Error::Hangup), "{error:?}");
    ender.join().unwrap();
    is_dead_but_not_gone(&mut session.agi);
}

#[test]
fn with_agiexitonhangup_the_session_is_over_and_it_is_a_hangup() {
    let ami = client();
    let mut session =
        Session::with(&ami, "agi", |action| action.variable("__AGIEXITONHANGUP", "yes"));
    let far = session.call.name();
    let ender = session.at("WAIT FOR DIGIT", {
        let ami = ami.clone();
        move || hang_up(&ami, &far)
    });
    let error = session.agi.wait_for_digit(None).unwrap_err();
    assert!(matches!(error, Error::Hangup), "{error:?}");
    ender.join().unwrap();
    assert!(session.agi.is_hung_up());
    eventually(|| match session.agi.noop() {
        Err(Error::Hangup) => Ok(()),
        other => Err(format!("{other:?}")),
    });
}
