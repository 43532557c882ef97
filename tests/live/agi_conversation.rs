//! Conversations with a caller who really presses keys.

#![allow(clippy::unwrap_used, clippy::pedantic, reason = "a panic is how a test fails")]

use std::fs;
use std::thread::{self, JoinHandle};
use std::time::Duration;

use asterisk_sync::Error;
use asterisk_sync::agi::RecordingEnd;
use asterisk_sync::agi::conversation::{
    ANY_KEY, Ask, Chosen, Confirm, Heard, Menu, MessageLeft, Prompt, RecordMessage, Review,
};
use asterisk_sync::ami::action::{HangupAction, PlayDTMFAction};
use asterisk_sync::ami::event::AGIExecStart;

use crate::agi_support::Session;
use crate::support::{PATIENCE, await_event, client, eventually, setting, unique};

#[test]
fn a_prompt_of_files_numbers_and_times_is_said() {
    let mut session = Session::to(&client(), "agi");
    let prompt = Prompt::new().file("beep").number(3).digits("07").spelled("ab").file("beep");
    assert_eq!(session.agi.prompt(&prompt, "").unwrap(), None);
    let press = session.press_at("SAY NUMBER", "5");
    let long = Prompt::new().file("beep").number(777_777).number(777_777);
    assert_eq!(session.agi.prompt(&long, ANY_KEY).unwrap(), Some('5'));
    press.join().unwrap();
}

#[test]
fn a_question_takes_the_keys_of_the_prompt_and_those_behind_it() {
    let mut session = Session::to(&client(), "agi");
    // All keys while the sound is played.
    let ask = Ask::new("vm-intro").digits(4..=4).timeout(PATIENCE).tries(1);
    let press = session.press_at("GET DATA", "0501");
    assert_eq!(session.agi.ask(&ask).unwrap(), Heard::Digits("0501".into()));
    press.join().unwrap();
    // The first key breaks a number off, the others are collected behind it.
    let ask = Ask::new(Prompt::new().number(777_777).number(777_777))
        .digits(2..=3)
        .timeout(PATIENCE)
        .tries(1);
    let (first, others) = (session.press_at("SAY NUMBER", "1"), session.press_at("GET DATA", "*2"));
    assert_eq!(session.agi.ask(&ask).unwrap(), Heard::Digits("1*2".into()));
    first.join().unwrap();
    others.join().unwrap();
    // The key that ends an answer is no part of it.
    let ask = Ask::new("beep").digits(2..).timeout(PATIENCE).tries(1);
    let press = session.press_at("GET DATA", "42#");
    assert_eq!(session.agi.ask(&ask).unwrap(), Heard::Digits("42".into()));
    press.join().unwrap();
}

#[test]
fn silence_and_nonsense_are_told_apart() {
    let mut session = Session::to(&client(), "agi");
    let ask =
        Ask::new("beep").digits(2..=4).timeout(Duration::from_millis(300)).tries(2).nothing("beep");
    assert_eq!(session.agi.ask(&ask).unwrap(), Heard::Nothing);
    let ask = Ask::new("beep").digits(2..=4).timeout(PATIENCE).tries(1);
    let press = session.press_at("GET DATA", "7#");
    assert_eq!(session.agi.ask(&ask).unwrap(), Heard::Invalid("7".into()));
    press.join().unwrap();
}

#[test]
fn a_menu_and_a_confirmation_take_a_key() {
    let mut session = Session::to(&client(), "agi");
    let menu = Menu::new("vm-intro")
        .choice('1', "one")
        .choice('D', "four")
        .invalid("beep")
        .timeout(PATIENCE);
    let press = session.press_at("GET OPTION \"vm-intro\"", "D");
    assert_eq!(session.agi.menu(&menu).unwrap(), Chosen::Choice("four"));
    press.join().unwrap();
    // Behind a number there is a command of its own that waits.
    let behind = Prompt::new().file("beep").number(2);
    let press = session.press_at("WAIT FOR DIGIT", "2");
    assert_eq!(
        session.agi.confirm(&Confirm::new(behind).timeout(PATIENCE)).unwrap(),
        Chosen::Choice(false)
    );
    press.join().unwrap();
    // A key that stands for nothing is heard as well as one that does.
    let press = session.press_at("GET OPTION \"vm-intro\"", "7");
    assert_eq!(session.agi.menu(&menu.tries(1)).unwrap(), Chosen::Invalid('7'));
    press.join().unwrap();
}

#[test]
fn a_caller_who_hangs_up_while_a_menu_waits_is_told_from_one_who_presses_nothing() {
    let mut session = Session::to(&client(), "agi");
    let menu = Menu::new("beep").choice('1', ()).timeout(Duration::from_millis(100)).tries(1);
    assert_eq!(session.agi.menu(&menu).unwrap(), Chosen::Nothing);
    let hangup = session.at("GET OPTION", {
        let (ami, channel) = (session.ami.clone(), session.call.name());
        move || drop(ami.send_action(&HangupAction::new(channel)).unwrap())
    });
    let chosen = session.agi.menu(&menu.timeout(PATIENCE));
    assert!(matches!(chosen, Err(Error::Hangup)), "{chosen:?}");
    hangup.join().unwrap();
}

/// A caller whose phone makes a sound without end, and the file their message goes to, without its
/// extension, as Asterisk and as this test name it.
fn humming() -> (Session, String, String) {
    let mut session = Session::with(&client(), "agi", |action| action.application("Milliwatt", ""));
    let folder = session.agi.get_full_variable("${ASTSPOOLDIR}", None).unwrap().unwrap();
    let name = unique("message");
    let there = format!("{}/{name}", setting("ASTERISK_SPOOL_DIR"));
    (session, format!("{folder}/{name}"), there)
}

/// Does something as soon as the file has something of the sound in it.
fn once_recorded(there: &str, act: impl FnOnce() + Send + 'static) -> JoinHandle<()> {
    let file = format!("{there}.wav");
    thread::spawn(move || {
        eventually(|| match fs::metadata(&file) {
            Ok(file) if file.len() > 8_000 => Ok(()),
            Ok(_) => Err("there is no sound in it".to_owned()),
            Err(e) => Err(e.to_string()),
        });
        act();
    })
}

/// Presses one key each time this command runs.
fn press_in_turn(session: &Session, command: &str, keys: &'static str) -> JoinHandle<()> {
    let starts = session.ami.subscribe_to::<AGIExecStart>();
    let (ami, far) = (session.ami.clone(), session.call.name());
    let (channel, command) = (session.request.channel().to_owned(), command.to_owned());
    thread::spawn(move || {
        for key in keys.chars() {
            await_event(&starts, |start| {
                start.channel().channel() == channel && start.command().starts_with(&command)
            });
            ami.send_action(&PlayDTMFAction::new(&far, key)).unwrap();
        }
    })
}

#[test]
fn a_message_is_recorded_up_to_the_key_and_kept() {
    let (mut session, file, there) = humming();
    let press = once_recorded(&there, {
        let (ami, far) = (session.ami.clone(), session.call.name());
        move || drop(ami.send_action(&PlayDTMFAction::new(&far, '#')).unwrap())
    });
    let message = RecordMessage::new(&file).greeting("beep").at_least(Duration::from_millis(100));
    let left = session.agi.record_message(&message).unwrap();
    press.join().unwrap();
    let MessageLeft::Kept(kept) = left else { panic!("{left:?}") };
    assert_eq!((kept.end, kept.digit), (RecordingEnd::Dtmf, Some('#')));
    let samples = kept.end_position.unwrap();
    assert_eq!(kept.duration, Some(Duration::from_micros(samples * 125)));
    // A header, and two bytes a sample.
    let size = fs::metadata(format!("{there}.wav")).unwrap().len();
    assert!(size.abs_diff(samples * 2 + 44) <= 320, "{samples} samples in {size} bytes");
    fs::remove_file(format!("{there}.wav")).unwrap();
}

#[test]
fn a_message_that_is_too_short_is_asked_for_again_and_then_no_more() {
    let (mut session, file, there) = humming();
    let comments = session.ami.subscribe_to::<AGIExecStart>();
    let message = RecordMessage::new(&file)
        .limit(Duration::from_millis(300))
        .at_least(Duration::from_secs(10))
        .too_short("beep")
        .tries(2);
    let left = session.agi.record_message(&message).unwrap();
    let MessageLeft::TooShort(short) = left else { panic!("{left:?}") };
    assert_eq!(short.end, RecordingEnd::Timeout);
    for command in ["RECORD FILE", "STREAM FILE \"beep\"", "RECORD FILE"] {
        await_event(&comments, |start| {
            start.channel().channel() == session.request.channel()
                && start.command().starts_with(command)
        });
    }
    fs::remove_file(format!("{there}.wav")).unwrap();
}

#[test]
fn a_message_of_a_caller_who_hangs_up_in_it_is_kept() {
    let (mut session, file, there) = humming();
    let hangup = once_recorded(&there, {
        let (ami, far) = (session.ami.clone(), session.call.name());
        move || drop(ami.send_action(&HangupAction::new(far)).unwrap())
    });
    let message = RecordMessage::new(&file).review(Review::new("beep"));
    let left = session.agi.record_message(&message).unwrap();
    hangup.join().unwrap();
    let MessageLeft::Kept(kept) = left else { panic!("{left:?}") };
    assert_eq!(kept.end, RecordingEnd::Hangup);
    assert!(kept.end_position.unwrap() > 1_000);
    assert!(session.agi.is_hung_up());
    fs::remove_file(format!("{there}.wav")).unwrap();
}

#[test]
fn a_message_is_listened_to_made_again_and_kept_by_its_keys() {
    let (mut session, file, there) = humming();
    let commands = session.ami.subscribe_to::<AGIExecStart>();
    let presses = press_in_turn(&session, "GET OPTION \"vm-intro\"", "23231");
    let message = RecordMessage::new(&file)
        .limit(Duration::from_millis(300))
        .beep(false)
        .tries(2)
        .review(Review::new("vm-intro").timeout(PATIENCE).invalid("beep"));
    let left = session.agi.record_message(&message).unwrap();
    presses.join().unwrap();
    assert!(matches!(left, MessageLeft::Kept(_)), "{left:?}");
    // Of the last there is no further one: the second 3 stands for nothing.
    for command in [
        "RECORD FILE".to_owned(),
        format!("STREAM FILE \"{file}\""),
        "RECORD FILE".to_owned(),
        format!("STREAM FILE \"{file}\""),
        "STREAM FILE \"beep\"".to_owned(),
    ] {
        let next = await_event(&commands, |start| {
            start.channel().channel() == session.request.channel()
                && !start.command().starts_with("GET OPTION")
                && !start.command().starts_with("GET FULL VARIABLE")
        });
        assert!(next.command().starts_with(&command), "{command}: {}", next.command());
    }
    fs::remove_file(format!("{there}.wav")).unwrap();
}

#[test]
fn a_message_ends_when_the_caller_falls_silent() {
    let quiet = ("Playback", "beep&beep&silence/10&silence/10");
    let mut session =
        Session::with(&client(), "agi", |action| action.application(quiet.0, quiet.1));
    let folder = session.agi.get_full_variable("${ASTSPOOLDIR}", None).unwrap().unwrap();
    let name = unique("message");
    let message = RecordMessage::new(format!("{folder}/{name}"))
        .beep(false)
        .limit(PATIENCE)
        .silence(Duration::from_secs(2));
    let left = session.agi.record_message(&message).unwrap();
    let MessageLeft::Kept(kept) = left else { panic!("{left:?}") };
    // Asterisk calls it so, as when the time is over; but that is far away.
    assert_eq!((kept.end, kept.digit), (RecordingEnd::Timeout, None));
    let length = kept.duration.unwrap();
    assert!(length < PATIENCE / 2, "{length:?}");
    fs::remove_file(format!("{}/{name}.wav", setting("ASTERISK_SPOOL_DIR"))).unwrap();
}
