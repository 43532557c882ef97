//! Conversations with a caller who really presses keys.

use std::time::Duration;

use asterisk_sync::Error;
use asterisk_sync::agi::conversation::{ANY_KEY, Ask, Chosen, Confirm, Heard, Menu, Prompt};
use asterisk_sync::ami::action::HangupAction;

use crate::agi_support::Session;
use crate::support::{PATIENCE, client};

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
