//! What AGI commands do on a real call, and not only what they answer.

#![allow(clippy::unwrap_used, clippy::pedantic, reason = "a panic is how a test fails")]

use std::time::Duration;

use asterisk_sync::Error;
use asterisk_sync::agi::TddMode;
use asterisk_sync::ami::action::SendTextAction;
use asterisk_sync::ami::event::{Hangup, MusicOnHoldStart, MusicOnHoldStop};

use crate::agi_support::Session;
use crate::support::{PATIENCE, Scratch, await_event, client, unique};

#[test]
fn long_values_with_newlines_and_parentheses_come_whole() {
    let ami = client();
    let family = unique("agi");
    // No command can hold a newline, so the dialplan makes them.
    let big = "BIG=${ARG1}${URIDECODE(%29%0A)}${ARG1}${URIDECODE(%29%0A%28HANGUP%0A)}${ARG1})";
    let kept = format!("DB({family}/big)=${{BIG}}");
    let makes = Scratch::new(&ami, &[("Set", big), ("Set", &kept), ("Return", "")]);
    let mut session = Session::to(&ami, "agi");
    let agi = &mut session.agi;
    for bit in ["x".repeat(300), "x".repeat(510), "a)b".repeat(170)] {
        agi.gosub("scratch", &makes.extension, 1, &*bit).unwrap();
        let value = format!("{bit})\n{bit})\n(HANGUP\n{bit})");
        assert_eq!(agi.get_full_variable("${BIG}", None).unwrap().as_deref(), Some(&*value));
        assert_eq!(agi.database_get(&family, "big").unwrap().as_deref(), Some(&*value));
        // Asterisk itself cuts this one, so the rest of it is fetched.
        assert_eq!(agi.get_variable("BIG").unwrap().as_deref(), Some(&*value));
        assert!(!agi.is_hung_up());
        agi.noop().unwrap();
    }
    agi.database_deltree(&family, None).unwrap();
}

#[test]
fn what_has_no_effect_on_this_channel_says_so_and_nothing_else() {
    let ami = client();
    let mut session = Session::to(&ami, "agi");
    let agi = &mut session.agi;
    // As it is answered, and as it is understood.
    for (command, result) in [
        ("NOOP", "0"),
        ("VERBOSE \"words\" 1", "1"),
        ("TDD MODE on", "0"),
        ("SEND TEXT \"words\"", "0"),
        ("SEND IMAGE \"none\"", "0"),
        ("SET MUSIC off", "0"),
        ("SET AUTOHANGUP 0", "0"),
        ("DATABASE DEL none none", "1"),
        ("RECEIVE CHAR 20", "-1"),
        ("RECEIVE TEXT 20", "-1"),
        ("SPEECH RECOGNIZE beep 1", "0"),
        ("SPEECH SET a b", "0"),
        ("SPEECH DESTROY", "0"),
    ] {
        assert_eq!(agi.send_command(command).unwrap().result(), result, "{command}");
    }
    assert!(!agi.tdd_mode(TddMode::On).unwrap());
    assert_eq!(agi.receive_char(Duration::from_millis(20)).unwrap(), None);
    assert_eq!(agi.receive_text(Duration::from_millis(20)).unwrap(), None);
    agi.noop().unwrap();
}

#[test]
fn a_character_from_the_far_end_is_received() {
    let ami = client();
    let mut session = Session::to(&ami, "agi");
    let sender = session.at("RECEIVE CHAR", {
        let (ami, far) = (ami.clone(), session.call.name());
        move || drop(ami.send_action(&SendTextAction::new(&far, "hello")).unwrap())
    });
    assert_eq!(session.agi.receive_char(PATIENCE).unwrap(), Some('h'));
    sender.join().unwrap();
}

#[test]
fn a_call_ends_by_itself_when_it_was_told_to() {
    let ami = client();
    let mut session = Session::to(&ami, "agi");
    let hangups = ami.subscribe_to::<Hangup>();
    session.agi.set_autohangup(Duration::from_secs(1)).unwrap();
    let waited = session.agi.wait_for_digit(None);
    assert!(matches!(waited, Err(Error::Hangup)), "{waited:?}");
    assert!(session.agi.is_hung_up());
    let id = session.request.unique_id().to_owned();
    drop(session.agi);
    await_event(&hangups, |hangup| hangup.channel().unique_id() == id);
}

#[test]
fn music_begins_and_ends_as_it_was_told_to() {
    let ami = client();
    let mut session = Session::to(&ami, "agi");
    let starts = ami.subscribe_to::<MusicOnHoldStart>();
    let stops = ami.subscribe_to::<MusicOnHoldStop>();
    let id = session.request.unique_id().to_owned();
    for class in [None, Some("default")] {
        session.agi.set_music(true, class).unwrap();
        let start = await_event(&starts, |start| start.channel().unique_id() == id);
        assert_eq!(start.class(), "default");
        session.agi.set_music(false, None).unwrap();
        await_event(&stops, |stop| stop.channel().unique_id() == id);
    }
}
