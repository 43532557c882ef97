//! Conversations with a caller who does as the test says.

use std::time::Duration;

use super::*;
use crate::agi::memory::{Far, pair};
use crate::agi::{AgiChannel, AgiLimits, RecordingEnd, open};
use crate::error::Error;

/// A channel whose commands are answered with these results, one after the other.
fn caller(results: &[&str]) -> (AgiChannel, Far) {
    let (near, far) = pair();
    far.send("agi_channel: x\nagi_version: 22.10.1\n\n");
    let (_, channel) = open(Box::new(near), &AgiLimits::new()).unwrap();
    for result in results {
        far.answer(format!("200 result={result}\n"));
    }
    (channel, far)
}

/// What was sent to them.
fn commands(far: &Far) -> Vec<String> {
    std::iter::from_fn(|| far.command(Duration::ZERO))
        .map(|line| line.trim_end().to_owned())
        .collect()
}

#[test]
fn a_prompt_is_said_in_its_order_and_broken_off_by_a_key() {
    let prompt = Prompt::new().file("you-have").number(3).digits("07").spelled("ab").file("end");
    let (mut agi, far) = caller(&["0 endpos=1", "0", "0", "0", "0 endpos=1"]);
    assert_eq!(agi.prompt(&prompt, "#").unwrap(), None);
    let said = [
        "STREAM FILE \"you-have\" \"#\"",
        "SAY NUMBER 3 \"#\"",
        "SAY DIGITS \"07\" \"#\"",
        "SAY ALPHA \"ab\" \"#\"",
        "STREAM FILE \"end\" \"#\"",
    ];
    assert_eq!(commands(&far), said);
    let (mut agi, far) = caller(&["0 endpos=1", "35"]);
    assert_eq!(agi.prompt(&prompt, "#").unwrap(), Some('#'));
    assert_eq!(commands(&far), said[..2]);
}

#[test]
fn an_answer_is_collected_by_the_command_that_plays_the_last_sound() {
    let (mut agi, far) = caller(&["0501"]);
    let heard = agi.ask(&Ask::new("enter-pin").digits(4..=4)).unwrap();
    assert_eq!(heard, Heard::Digits("0501".into()));
    assert_eq!(commands(&far), ["GET DATA \"enter-pin\" 5000 4"]);
}

#[test]
fn a_key_in_the_middle_of_a_question_is_the_first_of_the_answer() {
    let ask = Ask::new(Prompt::new().number(7).file("enter")).digits(2..=3).tries(1);
    let (mut agi, far) = caller(&["49", "23"]);
    assert_eq!(agi.ask(&ask).unwrap(), Heard::Digits("123".into()));
    assert_eq!(commands(&far)[1], "GET DATA \"\" 5000 2");
    let (mut agi, _far) = caller(&["35"]);
    assert_eq!(agi.ask(&ask).unwrap(), Heard::Nothing);
    let (mut agi, far) = caller(&["49"]);
    assert_eq!(agi.ask(&ask.digits(1..=1)).unwrap(), Heard::Digits("1".into()));
    assert_eq!(commands(&far).len(), 1);
}

#[test]
fn a_question_is_repeated_with_a_comment_until_the_answer_is_acceptable() {
    let ask = Ask::new("enter").digits(2..).invalid("wrong").nothing("hello").check(|d| d != "13");
    let (mut agi, far) = caller(&[" (timeout)", "0 endpos=1", "13", "0 endpos=1", "12"]);
    assert_eq!(agi.ask(&ask).unwrap().digits(), Some("12"));
    let sent = commands(&far);
    assert_eq!(sent[1], "STREAM FILE \"hello\" \"\"");
    assert_eq!(sent[3], "STREAM FILE \"wrong\" \"\"");
    let (mut agi, far) = caller(&["13", "0 endpos=1", "1 (timeout)"]);
    assert_eq!(agi.ask(&ask.tries(2)).unwrap(), Heard::Invalid("1".into()));
    // Nothing is said behind the last try.
    assert_eq!(commands(&far).len(), 3);
}

#[test]
fn a_question_that_none_can_answer_is_not_asked() {
    let (mut agi, far) = caller(&[]);
    #[expect(clippy::reversed_empty_ranges, reason = "that is the mistake")]
    for ask in [Ask::new("x").tries(0), Ask::new("x").digits(5..=4), Ask::new("x").digits(0..=0)] {
        assert!(matches!(agi.ask(&ask), Err(Error::Invalid(_))), "{ask:?}");
    }
    let menu = Menu::new("x").choice('1', ());
    for menu in
        [Menu::new("x"), menu.clone().tries(0), menu.clone().choice('1', ()), menu.choice('x', ())]
    {
        assert!(matches!(agi.menu(&menu), Err(Error::Invalid(_))), "{menu:?}");
    }
    assert_eq!(commands(&far), [""; 0]);
}

#[test]
fn a_menu_takes_a_key_of_the_prompt_or_of_the_time_behind_it_by_one_command() {
    let menu = Menu::new("1-or-2").choice('1', "one").choice('2', "two").tries(2).invalid("no");
    let (mut agi, far) = caller(&["50 endpos=5"]);
    assert_eq!(agi.menu(&menu).unwrap(), Chosen::Choice("two"));
    assert_eq!(commands(&far), ["GET OPTION \"1-or-2\" \"0123456789*#\" 5000"]);
    let (mut agi, far) = caller(&["51 endpos=5", "0 endpos=1", "0 endpos=5", "6"]);
    assert_eq!(agi.menu(&menu).unwrap(), Chosen::Nothing);
    assert_eq!(commands(&far)[1], "STREAM FILE \"no\" \"\"");
    let (mut agi, _far) = caller(&["0 endpos=5", "6", "42 endpos=5"]);
    assert_eq!(agi.menu(&menu).unwrap(), Chosen::Invalid('*'));
}

#[test]
fn a_menu_that_ends_with_a_number_waits_for_the_key_behind_it() {
    let menu = Menu::new(Prompt::new().file("you-are").number(7)).choice('1', ()).tries(1);
    let (mut agi, far) = caller(&["0 endpos=5", "0", "49"]);
    assert_eq!(agi.menu(&menu).unwrap(), Chosen::Choice(()));
    let any = "\"0123456789*#\"";
    let said = [
        format!("STREAM FILE \"you-are\" {any}"),
        format!("SAY NUMBER 7 {any}"),
        "WAIT FOR DIGIT 5000".to_owned(),
    ];
    assert_eq!(commands(&far), said);
    let (mut agi, far) = caller(&["49 endpos=5"]);
    assert_eq!(agi.menu(&menu).unwrap(), Chosen::Choice(()));
    assert_eq!(commands(&far).len(), 1);
}

#[test]
fn a_caller_who_hangs_up_in_a_menu_has_not_pressed_nothing() {
    let menu = Menu::new("1-or-2").choice('1', ()).tries(1);
    let (mut agi, far) = caller(&["0 endpos=5"]);
    far.answer("511 Command Not Permitted on a dead channel or intercept routine\n");
    assert!(matches!(agi.menu(&menu), Err(Error::Hangup)));
    assert!(agi.is_hung_up());
}

#[test]
fn a_confirmation_is_yes_no_or_neither() {
    let (mut agi, _far) = caller(&["49 endpos=5", "50 endpos=5", "0 endpos=5", "6"]);
    let confirm = Confirm::new("sure").tries(1);
    assert_eq!(agi.confirm(&confirm).unwrap(), Chosen::Choice(true));
    assert_eq!(agi.confirm(&confirm).unwrap(), Chosen::Choice(false));
    assert_eq!(agi.confirm(&confirm).unwrap().choice(), None);
}

#[test]
fn a_message_is_kept_judged_and_recorded_again() {
    let message = RecordMessage::new("/m").greeting("hi").review(Review::new("judge"));
    let (mut agi, far) = caller(&[
        "0 endpos=1",
        "35 (dtmf) endpos=16000",
        "50 endpos=1",
        "0 endpos=16000",
        "51 endpos=1",
        "0 (timeout) endpos=24000",
        "49 endpos=1",
    ]);
    let MessageLeft::Kept(kept) = agi.record_message(&message).unwrap() else { panic!("kept") };
    assert_eq!((kept.end, kept.end_position), (RecordingEnd::Timeout, Some(24_000)));
    let sent = commands(&far);
    assert_eq!(sent[1], "RECORD FILE \"/m\" \"wav\" \"#\" 180000 \"BEEP\"");
    assert_eq!(sent[3], "STREAM FILE \"/m\" \"0123456789*#\"");
    assert_eq!(sent.len(), 7);
}

#[test]
fn the_last_recording_is_judged_too_and_cannot_be_made_again() {
    let review = Review::new("judge").invalid("no");
    let message = RecordMessage::new("/m").review(review).tries(1);
    let (mut agi, far) = caller(&[
        "35 (dtmf) endpos=16000",
        "51 endpos=1",
        "0 endpos=1",
        "50 endpos=1",
        "0 endpos=16000",
        "49 endpos=1",
    ]);
    let left = agi.record_message(&message).unwrap();
    assert!(matches!(left, MessageLeft::Kept(_)), "{left:?}");
    let sent = commands(&far);
    let judge = "GET OPTION \"judge\" \"0123456789*#\" 5000";
    assert_eq!([&*sent[1], &*sent[3], &*sent[5]], [judge; 3]);
    assert_eq!(sent[2], "STREAM FILE \"no\" \"\"");
    assert_eq!(sent[4], "STREAM FILE \"/m\" \"0123456789*#\"");
}

#[test]
fn a_message_that_is_too_short_is_asked_for_again() {
    let message =
        RecordMessage::new("/m").at_least(Duration::from_secs(2)).too_short("short").tries(2);
    let (mut agi, far) = caller(&["35 (dtmf) endpos=8000", "0 endpos=1", "35 (dtmf) endpos=15999"]);
    let left = agi.record_message(&message).unwrap();
    assert!(matches!(left, MessageLeft::TooShort(_)), "{left:?}");
    assert_eq!(commands(&far)[1], "STREAM FILE \"short\" \"\"");
}

#[test]
fn a_key_in_the_middle_of_the_beep_leaves_no_message() {
    let message = RecordMessage::new("/m").tries(2).review(Review::new("judge"));
    let (mut agi, far) = caller(&["35 (randomerror)", "35 (randomerror)"]);
    let left = agi.record_message(&message).unwrap();
    assert!(matches!(&left, MessageLeft::TooShort(r) if r.end == RecordingEnd::Dtmf), "{left:?}");
    assert_eq!(commands(&far).len(), 2);
}

#[test]
fn a_caller_who_hangs_up_has_left_the_message() {
    let message = RecordMessage::new("/m").review(Review::new("judge"));
    let (mut agi, far) = caller(&["-1 (hangup) endpos=16000"]);
    let left = agi.record_message(&message).unwrap();
    assert!(matches!(&left, MessageLeft::Kept(r) if r.end == RecordingEnd::Hangup), "{left:?}");
    assert_eq!(commands(&far).len(), 1);
    // While it is judged.
    let (mut agi, far) = caller(&["35 (dtmf) endpos=16000", "-1 endpos=0"]);
    far.answer("511 Command Not Permitted on a dead channel or intercept routine\n");
    let left = agi.record_message(&message).unwrap();
    assert!(matches!(&left, MessageLeft::Kept(r) if r.end == RecordingEnd::Dtmf), "{left:?}");
    assert!(agi.is_hung_up());
}
