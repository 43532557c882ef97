//! The caller that is none speaks as Asterisk does, rightly and wrongly, and tells what it heard.

use crate::common::{LONG, guarded};
use asterisk_sync::agi::{
    AgiChannel, AgiHandler, AgiRequest, AgiServer, AgiServerGuard, RecognitionKind, RecordOptions,
    RecordingEnd,
};
use asterisk_sync::testing::{AgiAnswer, FakeAgiCaller, FakeAgiRecord};
use asterisk_sync::types::AgiOutcome;
use asterisk_sync::{Error, Result};
use crossbeam_channel::bounded;

fn server(handler: impl AgiHandler) -> AgiServerGuard {
    let builder = AgiServer::builder().bind("127.0.0.1:0").limits(limits()).handler(handler);
    builder.build().unwrap().spawn().unwrap()
}

fn limits() -> asterisk_sync::agi::AgiLimits {
    asterisk_sync::agi::AgiLimits::new().max_reply(10_000)
}

/// Runs one call, and returns what the handler returned of it beside the record.
fn call<T: Send + 'static>(
    caller: FakeAgiCaller,
    handler: impl Fn(&AgiRequest, &mut AgiChannel) -> T + Send + Sync + 'static,
) -> (T, FakeAgiRecord) {
    let (told, heard) = bounded(1);
    let server = server(move |request: &AgiRequest, agi: &mut AgiChannel| {
        told.send(handler(request, agi)).unwrap();
        Ok(())
    });
    let record = caller.patience(LONG).call(server.local_addr()).unwrap();
    (heard.recv().unwrap(), record)
}

#[test]
fn the_call_is_described_as_asterisk_describes_it() {
    guarded(|| {
        let caller = FakeAgiCaller::new("ivr/main?tenant=7").arg("first").arg("second");
        let caller = caller.environment("agi_callerid", "unknown").in_pieces();
        let (request, _) = call(caller, |request, _| request.clone());
        assert_eq!(request.script(), "ivr/main");
        assert_eq!(request.query("tenant").as_deref(), Some("7"));
        assert_eq!(request.args().collect::<Vec<_>>(), ["first", "second"]);
        assert_eq!(request.caller_id(), None);
        assert!(request.is_network() && !request.is_dead());
        let (request, _) = call(FakeAgiCaller::new("").dead(), |request, _| request.clone());
        assert_eq!((request.script(), request.is_dead()), ("".into(), true));
    });
}

#[test]
fn the_model_keeps_variables_the_astdb_and_what_is_pressed() {
    guarded(|| {
        let caller = FakeAgiCaller::new("")
            .variable("TENANT", "a (b) c")
            .database("cf", "100", "200")
            .press("0501#5");
        let (outcome, record) = call(caller, |_, agi| -> Result<()> {
            agi.answer()?;
            assert_eq!(agi.get_variable("TENANT")?.as_deref(), Some("a (b) c"));
            assert_eq!(agi.get_variable("NONE")?, None);
            assert_eq!(agi.database_get("cf", "100")?.as_deref(), Some("200"));
            agi.database_put("cf", "100", "say \"300\"")?;
            assert_eq!(agi.get_data("pin", LONG, 9)?.digits(), "0501");
            assert_eq!(agi.stream_file("menu", "5")?.digit, Some('5'));
            agi.set_variable("NOTE", "back\\slash")
        });
        outcome.unwrap();
        assert_eq!(record.outcome(), AgiOutcome::Success);
        assert!(record.is_answered());
        assert_eq!(record.database("cf", "100"), Some("say \"300\""));
        assert_eq!(record.variable("NOTE"), Some("back\\slash"));
        assert_eq!(record.commands().first().map(String::as_str), Some("ANSWER"));
    });
}

/// What a real channel of Asterisk 22 answers: see `agi_effects.rs` of the live tests.
#[test]
fn what_nobody_does_is_answered_as_asterisk_answers_it() {
    guarded(|| {
        let (outcome, record) = call(FakeAgiCaller::new(""), |_, agi| -> Result<()> {
            for (command, reply) in [
                ("DATABASE DEL none none", "200 result=1"),
                ("RECEIVE TEXT 20", "200 result=-1"),
                ("RECEIVE CHAR 20", "200 result=-1 (hangup)"),
                ("RECORD FILE x wav # 200", "200 result=0 (timeout) endpos=8000"),
                ("SAY DIGITS 1 #", "200 result=0"),
                ("SPEECH RECOGNIZE beep 1", "200 result=0"),
                ("SPEECH SET a b", "200 result=0"),
                ("SPEECH DESTROY", "200 result=0"),
                ("HANGUP PJSIP/other-1", "200 result=1"),
            ] {
                assert_eq!(agi.send_command(command)?.text(), reply, "{command}");
            }
            assert_eq!(agi.receive_text(LONG)?, None);
            assert_eq!(agi.receive_char(LONG)?, None);
            assert!(!agi.is_hung_up());
            agi.hangup("PJSIP/alice-00000001")?;
            assert!(agi.is_hung_up());
            Ok(())
        });
        outcome.unwrap();
        assert_eq!(record.outcome(), AgiOutcome::Hangup);
    });
}

#[test]
fn a_key_breaks_off_what_is_said_recorded_or_listened_for() {
    guarded(|| {
        let (outcome, _) = call(FakeAgiCaller::new("").press("1#5"), |_, agi| -> Result<()> {
            assert_eq!(agi.say_number(7, "#", None)?, None);
            assert_eq!(agi.say_digits("123", "1#")?, Some('1'));
            let made = agi.record_file("x", "wav", "#", &RecordOptions::new())?;
            assert_eq!((made.end, made.digit), (RecordingEnd::Dtmf, Some('#')));
            assert!(agi.speech_recognize("prompt", LONG, None).is_err());
            agi.speech_create("")?;
            let heard = agi.speech_recognize("prompt", LONG, None)?;
            assert_eq!((heard.kind, heard.digit), (RecognitionKind::Digit, Some('5')));
            let heard = agi.speech_recognize("prompt", LONG, None)?;
            assert_eq!((heard.kind, heard.digit), (RecognitionKind::Timeout, None));
            agi.speech_destroy()
        });
        outcome.unwrap();
    });
}

#[test]
fn a_hangup_at_any_moment_is_an_error_and_what_a_dead_channel_may_still_works() {
    guarded(|| {
        let moments: [fn(AgiAnswer) -> AgiAnswer; 2] =
            [AgiAnswer::hangup_first, AgiAnswer::then_hangup];
        for moment in moments {
            let caller = FakeAgiCaller::new("").on("STREAM FILE", moment(AgiAnswer::result(-1)));
            let (outcomes, record) = call(caller, |_, agi| {
                let played = agi.stream_file("menu", "").map(drop);
                (played, agi.set_variable("LEFT", "yes"), agi.answer())
            });
            assert!(matches!(outcomes, (Err(Error::Hangup), Ok(()), Err(Error::Hangup))));
            assert_eq!(record.outcome(), AgiOutcome::Hangup);
            assert_eq!(record.variable("LEFT"), Some("yes"));
        }
    });
}

#[test]
fn odd_answers_are_read_as_what_they_mean() {
    guarded(|| {
        let caller = FakeAgiCaller::new("")
            .on("GET VARIABLE", AgiAnswer::value("two\nlines)").in_pieces())
            .on("EXEC", AgiAnswer::result(1).then_usage("Usage: EXEC"))
            .on("ANSWER", AgiAnswer::invalid_command())
            .on("ANSWER", AgiAnswer::usage("Usage: ANSWER"))
            .on("ANSWER", AgiAnswer::result(0).trying())
            .on("GET VARIABLE", AgiAnswer::flood(20_000));
        let (outcome, _) = call(caller, |_, agi| -> Result<()> {
            assert_eq!(agi.get_variable("A")?.as_deref(), Some("two\nlines)"));
            assert_eq!(agi.exec("Odd", "")?, 1);
            for code in [510, 520] {
                let refused = agi.answer();
                assert!(matches!(refused, Err(Error::Agi { code: c, .. }) if c == code));
            }
            agi.answer()?;
            assert!(matches!(agi.get_variable("B"), Err(Error::Protocol(_))));
            agi.noop()
        });
        outcome.unwrap();
    });
}

#[test]
fn half_an_answer_and_the_end_are_a_lost_connection() {
    guarded(|| {
        let caller = FakeAgiCaller::new("").on("", AgiAnswer::raw("200 resu").then_close());
        let (outcome, _) = call(caller, |_, agi| agi.answer());
        assert!(matches!(outcome, Err(Error::Disconnected { sent: true })));
    });
}

#[test]
fn a_test_leads_a_call_step_by_step() {
    guarded(|| {
        let server = server(|_: &AgiRequest, agi: &mut AgiChannel| {
            agi.answer()?;
            agi.stream_file("long", "")?;
            Ok(())
        });
        let caller = FakeAgiCaller::new("").patience(LONG);
        let mut call = caller.dial(server.local_addr()).unwrap();
        assert_eq!(call.step().unwrap().as_deref(), Some("ANSWER"));
        assert!(call.run_to("STREAM FILE").unwrap().contains("long"));
        call.hang_up();
        call.answer_with(&AgiAnswer::result(-1));
        assert!(call.run_to("NOOP").unwrap_err().is_disconnected());
        assert_eq!(call.commands().len(), 2);
        let stats = server.shutdown().unwrap();
        assert_eq!((stats.served, stats.failed), (1, 0));
    });
}
