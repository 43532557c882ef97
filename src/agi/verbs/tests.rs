//! What each method sends, and what it makes of the reply.

use std::fmt::Debug;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use crate::agi::tests::answered;
use crate::agi::{AgiChannel, RecordOptions, StreamControls, TddMode, command};
use crate::error::{Error, Result};
use crate::types::ChannelState;

/// A call, its line without the newline, and the reply to it.
type Row<'a> = (&'a dyn Fn(&mut AgiChannel) -> Result<String>, &'a str, &'a str, &'a str);

fn shown<T: Debug>(result: Result<T>) -> Result<String> {
    result.map(|value| format!("{value:?}"))
}

fn secs(seconds: u64) -> Duration {
    Duration::from_secs(seconds)
}

fn time() -> SystemTime {
    UNIX_EPOCH + secs(1_700_000_000)
}

fn check(rows: &[Row<'_>]) {
    for (call, line, reply, expected) in rows {
        let (mut agi, far) = answered(&[&format!("{reply}\n")]);
        let outcome = call(&mut agi).unwrap_or_else(|e| panic!("{line}: {e}"));
        assert_eq!(far.command(secs(30)).unwrap(), format!("{line}\n"));
        assert_eq!(outcome, *expected, "{line} with {reply}");
    }
}

#[test]
fn what_is_not_given_is_not_sent_and_switches_nothing_off() {
    let controls = StreamControls::new;
    check(&[
        (
            &|a| shown(a.get_data("f", None, None)).map(drop_value),
            "GET DATA \"f\"",
            "200 result=",
            "",
        ),
        (
            &|a| shown(a.get_data("f", secs(5), 6)).map(drop_value),
            "GET DATA \"f\" 5000 6",
            "200 result=1",
            "",
        ),
        (
            &|a| shown(a.get_data("f", None, 6)).map(drop_value),
            "GET DATA \"f\" 0 6",
            "200 result=1",
            "",
        ),
        (
            &|a| shown(a.control_stream_file("f", "", &controls())).map(drop_value),
            "CONTROL STREAM FILE \"f\" \"\" 3000 \"#\" \"*\"",
            "200 result=0 endpos=1",
            "",
        ),
        (
            &|a| shown(a.control_stream_file("f", "1", &controls().pause('0'))).map(drop_value),
            "CONTROL STREAM FILE \"f\" \"1\" 3000 \"#\" \"*\" \"0\"",
            "200 result=0 endpos=1",
            "",
        ),
        (
            &|a| {
                shown(a.control_stream_file("f", "1", &controls().offset(secs(2)).skip(secs(1))))
                    .map(drop_value)
            },
            "CONTROL STREAM FILE \"f\" \"1\" 1000 \"#\" \"*\" \"\" 2000",
            "200 result=0 endpos=1",
            "",
        ),
        (
            &|a| shown(a.record_file("f", "wav", "", &RecordOptions::new())).map(drop_value),
            "RECORD FILE \"f\" \"wav\" \"\" -1",
            "200 result=0 (timeout) endpos=1",
            "",
        ),
        (
            &|a| {
                shown(a.record_file(
                    "f",
                    "wav",
                    "#",
                    &RecordOptions::new().timeout(secs(9)).offset(8).beep(true).silence(secs(3)),
                ))
                .map(drop_value)
            },
            "RECORD FILE \"f\" \"wav\" \"#\" 9000 8 \"BEEP\" \"s=3\"",
            "200 result=0 (timeout) endpos=1",
            "",
        ),
        (
            &|a| shown(a.say_datetime(time(), "", None, None)),
            "SAY DATETIME 1700000000 \"\"",
            "200 result=0",
            "None",
        ),
        (
            &|a| shown(a.say_datetime(time(), "#", "Q", "UTC")),
            "SAY DATETIME 1700000000 \"#\" \"Q\" \"UTC\"",
            "200 result=35",
            "Some('#')",
        ),
        (&|a| shown(a.set_music(true, None)), "SET MUSIC \"on\"", "200 result=0", "()"),
        (&|a| shown(a.set_music(false, "c")), "SET MUSIC \"off\" \"c\"", "200 result=0", "()"),
        (&|a| shown(a.wait_for_digit(None)), "WAIT FOR DIGIT -1", "200 result=48", "Some('0')"),
        (&|a| shown(a.wait_for_digit(secs(1))), "WAIT FOR DIGIT 1000", "200 result=0", "None"),
        (&|a| shown(a.set_autohangup(None)), "SET AUTOHANGUP 0", "200 result=0", "()"),
        (
            &|a| shown(a.get_option("f", "1", None)).map(drop_value),
            "GET OPTION \"f\" \"1\"",
            "200 result=0 endpos=1",
            "",
        ),
        (
            &|a| shown(a.stream_file_from("f", "", 80)).map(drop_value),
            "STREAM FILE \"f\" \"\" 80",
            "200 result=0 endpos=1",
            "",
        ),
        (&|a| shown(a.say_number(-3, "", "f")), "SAY NUMBER -3 \"\" \"f\"", "200 result=0", "None"),
        (&|a| shown(a.hangup(None)), "HANGUP", "200 result=1", "()"),
        (&|a| shown(a.hangup("X/1 2")), "HANGUP \"X/1 2\"", "200 result=1", "()"),
    ]);
}

#[test]
fn a_time_of_zero_switches_off_and_others_are_rounded_up() {
    check(&[
        (&|a| shown(a.set_autohangup(Duration::ZERO)), "SET AUTOHANGUP 0", "200 result=0", "()"),
        (
            &|a| shown(a.set_autohangup(Duration::from_millis(1))),
            "SET AUTOHANGUP 1",
            "200 result=0",
            "()",
        ),
        (
            &|a| shown(a.set_autohangup(Duration::from_millis(1_500))),
            "SET AUTOHANGUP 2",
            "200 result=0",
            "()",
        ),
        (
            &|a| {
                let none = RecordOptions::new().silence(Duration::ZERO);
                shown(a.record_file("f", "wav", "", &none)).map(drop_value)
            },
            "RECORD FILE \"f\" \"wav\" \"\" -1",
            "200 result=0 (timeout) endpos=1",
            "",
        ),
        (
            &|a| {
                let some = RecordOptions::new().silence(Duration::from_millis(2_001));
                shown(a.record_file("f", "wav", "", &some)).map(drop_value)
            },
            "RECORD FILE \"f\" \"wav\" \"\" -1 \"s=3\"",
            "200 result=0 (timeout) endpos=1",
            "",
        ),
    ]);
}

fn drop_value(_: String) -> String {
    String::new()
}

#[test]
fn results_mean_what_the_code_means() {
    check(&[
        (
            &|a| shown(a.database_deltree("f", None)),
            "DATABASE DELTREE \"f\"",
            "200 result=0",
            "true",
        ),
        (
            &|a| shown(a.database_deltree("f", "k")),
            "DATABASE DELTREE \"f\" \"k\"",
            "200 result=1",
            "false",
        ),
        (&|a| shown(a.database_del("f", "k")), "DATABASE DEL \"f\" \"k\"", "200 result=1", "true"),
        (&|a| shown(a.database_get("f", "k")), "DATABASE GET \"f\" \"k\"", "200 result=0", "None"),
        (&|a| shown(a.channel_status(None)), "CHANNEL STATUS", "200 result=6", "Up"),
        (&|a| shown(a.tdd_mode(TddMode::Mate)), "TDD MODE \"mate\"", "200 result=1", "true"),
        (&|a| shown(a.receive_char(secs(1))), "RECEIVE CHAR 1000", "200 result=65", "Some('A')"),
        (
            &|a| shown(a.receive_char(secs(1))),
            "RECEIVE CHAR 1000",
            "200 result=0 (timeout)",
            "None",
        ),
        (&|a| shown(a.exec("App", "a,b")), "EXEC \"App\" \"a,b\"", "200 result=3", "3"),
        (
            &|a| shown(a.gosub("c", "s", "label", None)),
            "GOSUB \"c\" \"s\" \"label\"",
            "100 result=0 Trying...\n200 result=0 Gosub complete (x)",
            "Some(\"x\")",
        ),
        (&|a| shown(a.set_priority("label")), "SET PRIORITY \"label\"", "200 result=0", "()"),
        (
            &|a| shown(a.speech_recognize("p", secs(2), 5).map(|r| r.digit)),
            "SPEECH RECOGNIZE \"p\" 2 5",
            "200 result=1 (digit) digit=1 endpos=5",
            "Some('1')",
        ),
    ]);
    assert_eq!(ChannelState::Up.code(), 6);
}

#[test]
fn a_failure_has_the_name_of_its_command() {
    type Call = fn(&mut AgiChannel) -> Result<()>;
    let rows: [(Call, &str, &str); 8] = [
        (|a| a.hangup("X"), command::HANGUP, "200 result=-1"),
        (|a| a.channel_status("X").map(drop), command::CHANNEL_STATUS, "200 result=-1"),
        (|a| a.database_put("f", "k", "v"), command::DATABASE_PUT, "200 result=0"),
        (|a| a.database_get("f", "k").map(drop), command::DATABASE_GET, "200 result=-1"),
        (|a| a.exec("No", "").map(drop), "EXEC No", "200 result=-2"),
        (|a| a.speech_create(""), command::SPEECH_CREATE, "200 result=0"),
        (
            |a| a.speech_recognize("p", secs(1), None).map(drop),
            command::SPEECH_RECOGNIZE,
            "200 result=0",
        ),
        (|a| a.set_callerid("1"), command::SET_CALLERID, "200 result=0"),
    ];
    for (call, name, reply) in rows {
        let (mut agi, _far) = answered(&[&format!("{reply}\n")]);
        let error = call(&mut agi).unwrap_err();
        assert!(matches!(&error, Error::Refused { action, .. } if **action == *name), "{error:?}");
    }
}

#[test]
fn times_that_asterisk_cannot_count_are_refused() {
    let (mut agi, _far) = answered(&[]);
    let before = UNIX_EPOCH - secs(1);
    let refusals = [
        agi.say_date(before, "").map(drop),
        agi.say_datetime(time(), "", None, "UTC").map(drop),
        agi.get_data("f", secs(3_000_000), None).map(drop),
        agi.stream_file_from("f", "", u64::MAX).map(drop),
        agi.set_autohangup(Duration::MAX),
        agi.record_file("f", "wav", "", &RecordOptions::new().silence(Duration::MAX)).map(drop),
    ];
    for refusal in refusals {
        assert!(matches!(refusal, Err(Error::Invalid(_))), "{refusal:?}");
    }
}

#[test]
fn a_variable_that_asterisk_has_cut_is_read_again_and_a_function_is_not() {
    let cut = format!("200 result=1 ({})\n", "x".repeat(1023));
    let whole = "x".repeat(5_000);
    let (mut agi, far) = answered(&[&cut, &format!("200 result=1 ({whole})\n")]);
    assert_eq!(agi.get_variable("LONG_1").unwrap().unwrap(), whole);
    far.command(secs(30)).unwrap();
    assert_eq!(far.command(secs(30)).unwrap(), "GET FULL VARIABLE \"${LONG_1}\"\n");
    // Gone meanwhile.
    let (mut agi, _far) = answered(&[&cut, "200 result=1 ()\n"]);
    assert_eq!(agi.get_variable("LONG").unwrap().unwrap().len(), 1023);
    for (name, length) in [("CURL(http://x)", 1023), ("A}${B", 1023), ("SHORT", 1022)] {
        let (mut agi, far) = answered(&[&format!("200 result=1 ({})\n", "x".repeat(length))]);
        assert_eq!(agi.get_variable(name).unwrap().unwrap().len(), length);
        far.command(secs(30)).unwrap();
        assert_eq!(far.command(Duration::ZERO), None, "{name}");
    }
}

#[test]
fn a_reply_as_it_came_tells_of_its_key_and_its_fields() {
    let heard = "200 result=1 (speech) endpos=16 results=1 score0=9 text0=\"a b\" grammar0=g\n";
    let (mut agi, _far) =
        answered(&["200 result=49 endpos=3200\n", "200 result=0 endpos=-1\n", heard]);
    let reply = agi.send_command("STREAM FILE a 1").unwrap();
    assert_eq!((reply.digit(), reply.end_position()), (Some('1'), Some(3200)));
    let reply = agi.send_command("STREAM FILE a 1").unwrap();
    assert_eq!((reply.digit(), reply.end_position()), (None, None));
    let reply = agi.send_command("SPEECH RECOGNIZE a 1").unwrap();
    let fields: Vec<_> = reply.fields().collect();
    let expected =
        [("endpos", "16"), ("results", "1"), ("score0", "9"), ("text0", "a b"), ("grammar0", "g")];
    assert_eq!(fields, expected.map(|(name, value)| (name.into(), value.into())));
}
