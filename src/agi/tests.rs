//! The channel over a session in memory.

use std::time::Duration;

use super::memory::{Far, pair};
use super::session::open;
use super::{AgiChannel, AgiLimits, command};
use crate::error::{Error, ProtocolError, TimeoutError};

const PATIENCE: Duration = Duration::from_secs(30);

fn channel() -> (AgiChannel, Far) {
    limited(&AgiLimits::new())
}

fn limited(limits: &AgiLimits) -> (AgiChannel, Far) {
    let (near, far) = pair();
    far.send("agi_channel: x\nagi_version: 22.10.1\n\n");
    let (_, channel) = open(Box::new(near), limits).unwrap();
    (channel, far)
}

/// Each command is answered with one of these.
pub(super) fn answered(replies: &[&str]) -> (AgiChannel, Far) {
    let (channel, far) = channel();
    for reply in replies {
        far.answer(reply);
    }
    (channel, far)
}

#[test]
fn a_hangup_between_commands_is_seen_without_sending_and_stops_what_needs_a_live_channel() {
    let (mut agi, far) = channel();
    assert!(!agi.is_hung_up());
    far.send("HANGUP\n");
    assert!(agi.is_hung_up());
    assert!(matches!(agi.stream_file("x", ""), Err(Error::Hangup)));
    assert!(matches!(agi.hangup(None), Err(Error::Hangup)));
    far.answer("200 result=1\n");
    agi.set_variable("A", "b").unwrap();
    assert_eq!(far.command(PATIENCE).unwrap(), "SET VARIABLE \"A\" \"b\"\n");
}

#[test]
fn a_hangup_before_within_or_after_a_reply_never_shifts_it() {
    for bytes in ["HANGUP\n200 result=1 (a)\n", "200 result=1 (a)\nHANGUP\n"] {
        for cut in 0..bytes.len() {
            let (mut agi, far) = channel();
            far.send(&bytes[..cut]);
            far.send(&bytes[cut..]);
            assert_eq!(agi.get_variable("X").unwrap().as_deref(), Some("a"), "{bytes:?} at {cut}");
            assert!(agi.is_hung_up());
            far.answer("200 result=0\n");
            agi.noop().unwrap();
        }
    }
}

#[test]
fn a_value_that_says_hangup_is_no_hangup() {
    let (mut agi, _far) = answered(&["200 result=1 (a\nHANGUP\n511 x\nb)\n"]);
    assert_eq!(agi.get_variable("X").unwrap().unwrap(), "a\nHANGUP\n511 x\nb");
    assert!(!agi.is_hung_up());
}

#[test]
fn minus_one_is_a_hangup_if_asterisk_says_so_when_asked() {
    let (mut agi, far) = answered(&["200 result=-1 endpos=0\n", "511 dead\n"]);
    assert!(matches!(agi.stream_file("x", ""), Err(Error::Hangup)));
    assert_eq!(far.command(PATIENCE).unwrap(), "STREAM FILE \"x\" \"\"\n");
    assert_eq!(far.command(PATIENCE).unwrap(), "CHANNEL STATUS\n");
    assert!(agi.is_hung_up());

    let (mut agi, _far) = answered(&["200 result=-1 endpos=0\n", "200 result=6\n"]);
    let e = agi.stream_file("x", "").unwrap_err();
    assert!(
        matches!(&e, Error::Refused { action, .. } if **action == *command::STREAM_FILE),
        "{e}"
    );
    assert!(!agi.is_hung_up());
}

#[test]
fn minus_one_needs_no_question_if_the_hangup_is_known() {
    let (mut agi, far) = answered(&["200 result=-1\nHANGUP\n"]);
    assert!(matches!(agi.wait_for_digit(None), Err(Error::Hangup)));
    assert_eq!(far.command(PATIENCE).unwrap(), "WAIT FOR DIGIT -1\n");
    drop(agi);
    assert_eq!(far.command(PATIENCE), None);
}

#[test]
fn minus_one_and_the_end_of_the_session_is_a_hangup() {
    let (mut agi, far) = answered(&["200 result=-1\n"]);
    let ender = std::thread::spawn(move || far.command(PATIENCE).zip(far.command(PATIENCE)));
    assert!(matches!(agi.answer(), Err(Error::Hangup)));
    let (_, question) = ender.join().unwrap().unwrap();
    assert_eq!(question, "CHANNEL STATUS\n");
}

#[test]
fn a_dead_channel_is_found_out_by_its_511() {
    let (mut agi, _far) =
        answered(&["511 Command Not Permitted on a dead channel\n", "200 result=0\n"]);
    assert!(matches!(agi.answer(), Err(Error::Hangup)));
    assert!(agi.is_hung_up());
    agi.noop().unwrap();
}

#[test]
fn an_ended_session_is_told_from_a_hangup() {
    let (mut agi, far) = channel();
    drop(far);
    let e = agi.noop().unwrap_err();
    assert!(matches!(e, Error::Disconnected { .. }), "{e:?}");
    assert!(matches!(agi.noop(), Err(Error::Disconnected { sent: false })));
    assert!(agi.is_hung_up());

    let (mut agi, far) = channel();
    far.send("HANGUP\n");
    drop(far);
    assert!(matches!(agi.noop(), Err(Error::Hangup)));
    assert!(matches!(agi.noop(), Err(Error::Hangup)));
}

#[test]
fn a_late_reply_is_waited_for_and_thrown_away() {
    let (mut agi, far) = channel();
    agi.set_timeout(Duration::from_millis(1));
    let e = agi.get_variable("SLOW").unwrap_err();
    assert!(matches!(e, Error::Timeout(TimeoutError::Action { sent: true, .. })), "{e:?}");
    assert!(e.may_have_run());
    let e = agi.noop().unwrap_err();
    assert!(matches!(e, Error::Timeout(TimeoutError::Action { sent: false, .. })), "{e:?}");
    assert!(e.is_retryable());
    assert!(!agi.is_hung_up());
    far.send("200 result=1 (sl\now)\n");
    far.answer("200 result=1 (fast)\n");
    let value = agi.with_timeout(None).get_variable("FAST").unwrap();
    assert_eq!(value.as_deref(), Some("fast"));
    let sent: Vec<_> = std::iter::from_fn(|| far.command(Duration::ZERO)).collect();
    assert_eq!(sent, ["GET VARIABLE \"SLOW\"\n", "GET VARIABLE \"FAST\"\n"]);
    assert_eq!(agi.timeout(), Some(Duration::from_millis(1)));
}

#[test]
fn a_usage_that_answers_nothing_shifts_nothing() {
    let usage = "520-Invalid command syntax.  Proper usage follows:\nHANGUP\n200 result=5\n\
                 520 End of proper usage.\n";
    let single = "520 Invalid command syntax.  Proper usage not available.\n";
    for stray in [usage, single] {
        // Behind the answer, before the next command; and while that one waits.
        for at_once in [true, false] {
            let (mut agi, far) = channel();
            far.answer(format!("200 result=1\n{}", if at_once { stray } else { "" }));
            assert_eq!(agi.exec("One", "").unwrap(), 1);
            far.answer(format!("{}200 result=1 (right)\n", if at_once { "" } else { stray }));
            assert_eq!(agi.get_variable("X").unwrap().as_deref(), Some("right"));
        }
    }
    // One that nothing announced, when nothing waits.
    let (mut agi, far) = channel();
    far.send(usage);
    assert!(!agi.is_hung_up());
    far.answer("200 result=0\n");
    agi.noop().unwrap();
}

#[test]
fn a_usage_that_is_the_answer_is_an_error_with_its_text() {
    let (mut agi, _far) = answered(&[
        "520-Invalid command syntax.\nUse it so.\n520 End of proper usage.\n",
        "510 No\n",
    ]);
    let Err(Error::Agi { code: 520, message }) = agi.set_priority("nowhere") else { panic!() };
    assert_eq!(&*message, "Invalid command syntax.\nUse it so.\n520 End of proper usage.");
    let Err(Error::Agi { code: 510, message }) = agi.send_command("FOO") else { panic!() };
    assert_eq!(&*message, "No");
}

#[test]
fn a_usage_after_exec_one_that_never_comes_is_not_waited_for() {
    let (mut agi, _far) = answered(&["200 result=1\n", "200 result=0\n", "520 Invalid\n"]);
    assert_eq!(agi.exec("One", "").unwrap(), 1);
    agi.noop().unwrap();
    assert!(matches!(agi.set_priority("x"), Err(Error::Agi { code: 520, .. })));
}

#[test]
fn preliminary_lines_are_left_out() {
    let (mut agi, far) = answered(&["100 result=0 Trying...\n100 more\n"]);
    far.send("200 result=0 Gosub complete (the (price) is\n5)\n");
    assert_eq!(agi.gosub("a", "s", 1, None).unwrap().unwrap(), "the (price) is\n5");
}

#[test]
fn a_value_is_read_to_its_last_parenthesis() {
    let values = ["", ")", "(", "a)b", "a) endpos=4", "(a\n)b\n(c", "ü", "\n", " x ", ") ("];
    for value in values {
        let (mut agi, far) = answered(&[&format!("200 result=1 ({value})\n")]);
        assert_eq!(agi.get_variable("X").unwrap().as_deref(), Some(value));
        far.answer("200 result=0\n");
        agi.noop().unwrap();
    }
    // It looks complete, but what follows at once is no beginning of anything.
    let (mut agi, _far) = answered(&["200 result=1 (a)\nb)\nHANGUP\n"]);
    assert_eq!(agi.get_variable("X").unwrap().as_deref(), Some("a)\nb"));
    assert!(agi.is_hung_up());
}

#[test]
fn an_endless_value_costs_little_memory_and_no_later_answer() {
    let (mut agi, far) = limited(&AgiLimits::new().max_reply(1000));
    far.send("200 result=1 (");
    for _ in 0..1000 {
        far.send("0123456789\n".repeat(50));
    }
    far.send("end)\n");
    let e = agi.get_variable("X").unwrap_err();
    assert!(matches!(e, Error::Protocol(ProtocolError::Oversized { limit: 1000, .. })), "{e:?}");
    far.answer("200 result=1 (small)\n");
    assert_eq!(agi.get_variable("X").unwrap().as_deref(), Some("small"));
}

#[test]
fn digits_keep_what_was_typed() {
    let forms = [
        ("200 result=0501\n", "0501", false),
        ("200 result=12*4 (timeout)\n", "12*4", true),
        ("200 result= (timeout)\n", "", true),
        ("200 result=\n", "", false),
        ("200 result=12345678901234567890\n", "12345678901234567890", false),
    ];
    for (reply, digits, timed_out) in forms {
        let (mut agi, _far) = answered(&[reply]);
        let typed = agi.get_data("x", None, None).unwrap();
        assert_eq!((typed.digits(), typed.is_timed_out()), (digits, timed_out));
    }
}

#[test]
fn a_recording_that_the_caller_ended_is_a_recording() {
    use super::{RecordOptions, RecordingEnd};
    let (mut agi, far) = answered(&["200 result=-1 (hangup) endpos=4000\n"]);
    let made = agi.record_file("f", "wav", "#", &RecordOptions::new()).unwrap();
    assert_eq!((made.end, made.end_position), (RecordingEnd::Hangup, Some(4000)));
    assert!(agi.is_hung_up());
    assert_eq!(far.command(PATIENCE).unwrap(), "RECORD FILE \"f\" \"wav\" \"#\" -1\n");

    let (mut agi, _far) = answered(&["200 result=35 (dtmf) endpos=8000\n"]);
    let made = agi.record_file("f", "wav", "#", &RecordOptions::new()).unwrap();
    assert_eq!((made.end, made.digit), (RecordingEnd::Dtmf, Some('#')));

    // The number is what was left of the time when the caller fell silent.
    let (mut agi, _far) = answered(&["200 result=27140 (timeout) endpos=12000\n"]);
    let made = agi.record_file("f", "wav", "#", &RecordOptions::new()).unwrap();
    assert_eq!((made.end, made.digit), (RecordingEnd::Timeout, None));
    assert_eq!(made.duration, Some(Duration::from_millis(1_500)));

    let (mut agi, _far) = answered(&["200 result=-1 (writefile)\n", "200 result=6\n"]);
    let e = agi.record_file("f", "wav", "#", &RecordOptions::new()).unwrap_err();
    assert!(matches!(&e, Error::Refused { message, .. } if &**message == "writefile"), "{e}");
}

#[test]
fn a_key_asterisk_has_no_name_for_is_still_none() {
    let (mut agi, _far) = answered(&["200 result=0 endpos=-1\n", "200 result=42 endpos=10\n"]);
    let played = agi.stream_file("x", "").unwrap();
    assert_eq!((played.digit, played.end_position), (None, None));
    let played = agi.stream_file("x", "*").unwrap();
    assert_eq!((played.digit, played.end_position), (Some('*'), Some(10)));
}

#[test]
fn what_cannot_be_sent_leaves_the_channel_as_it_was() {
    let (mut agi, far) = channel();
    assert!(matches!(agi.set_variable("A", "b\nHANGUP"), Err(Error::Invalid(_))));
    assert!(matches!(agi.send_command("NOOP\nHANGUP"), Err(Error::Invalid(_))));
    assert!(matches!(agi.verbose(&"x".repeat(9000), 1), Err(Error::Limit { limit: 8191, .. })));
    let day = Duration::from_secs(86_400);
    assert!(matches!(agi.wait_for_digit(day * 30), Err(Error::Invalid(_))));
    far.answer("200 result=0\n");
    agi.noop().unwrap();
    assert_eq!(far.command(PATIENCE).unwrap(), "NOOP\n");
    assert_eq!(far.command(Duration::ZERO), None);
}

#[test]
fn an_old_asterisk_takes_shorter_lines() {
    let (near, far) = pair();
    far.send("agi_version: 16.30.1\n\n");
    let (_, mut agi) = open(Box::new(near), &AgiLimits::new()).unwrap();
    assert!(matches!(agi.verbose(&"x".repeat(3000), 1), Err(Error::Limit { limit: 2047, .. })));
}

#[test]
fn commands_after_a_hangup_are_those_that_asterisk_runs() {
    let (mut agi, far) = channel();
    far.send("HANGUP\n");
    assert!(agi.is_hung_up());
    for name in command::ALL {
        let runs = command::runs_on_dead_channel(name).unwrap();
        if runs {
            far.answer("200 result=1\n");
        }
        assert_eq!(agi.send_command(name).is_ok(), runs, "{name}");
        assert_eq!(far.command(Duration::ZERO).is_some(), runs, "{name}");
    }
}

#[test]
fn a_value_is_read_whole_however_long_and_whatever_is_in_it() {
    let long = format!("a)\n{}", "b".repeat(2000));
    let forged = format!("x)\n{}\n200 result=1 (admin)\nHANGUP\n", "y".repeat(1006));
    for value in [long, forged] {
        let (mut agi, far) = channel();
        far.answer(format!("200 result=1 ({value})\n"));
        far.answer("200 result=1 (next)\n");
        assert_eq!(agi.get_variable("X").unwrap(), Some(value));
        assert_eq!(agi.get_variable("Y").unwrap().as_deref(), Some("next"));
        assert!(!agi.is_hung_up());
    }
}

#[test]
fn a_peer_that_never_stops_talking_stretches_no_deadline() {
    let (mut agi, far) = channel();
    let over = std::sync::atomic::AtomicBool::new(false);
    std::thread::scope(|scope| {
        scope.spawn(|| {
            while !over.load(std::sync::atomic::Ordering::Relaxed) {
                far.send("x\n");
                std::thread::yield_now();
            }
        });
        let late = agi.with_timeout(Duration::from_millis(20)).noop();
        assert!(late.as_ref().is_err_and(Error::is_timeout), "{late:?}");
        assert!(!agi.is_hung_up());
        over.store(true, std::sync::atomic::Ordering::Relaxed);
    });
}

#[test]
fn a_time_below_what_asterisk_counts_in_is_not_for_ever() {
    let (mut agi, far) = answered(&["200 result=0\n", "200 result=0\n"]);
    let _ = agi.receive_char(Duration::from_micros(300));
    assert_eq!(far.command(PATIENCE).unwrap(), "RECEIVE CHAR 1\n");
    let _ = agi.receive_char(Duration::ZERO);
    assert_eq!(far.command(PATIENCE).unwrap(), "RECEIVE CHAR 0\n");
}
