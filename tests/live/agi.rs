//! Every AGI command on a real call.

#![allow(clippy::unwrap_used, clippy::pedantic, reason = "a panic is how a test fails")]

use std::fs;
use std::time::{Duration, SystemTime};

use asterisk_sync::agi::{RecordOptions, RecordingEnd, StreamControls, TddMode, command};
use asterisk_sync::types::{AgiStatus, CallerPresentation, ChannelState};
use asterisk_sync::{Error, ami::action::HangupAction};

use crate::agi_support::Session;
use crate::support::{Call, Scratch, client, setting, unique, variable_of};

fn is_refused(error: &Error) -> bool {
    matches!(error, Error::Refused { .. })
}

#[test]
fn a_request_tells_of_the_call() {
    let ami = client();
    let session = Session::with(&ami, "agi", |action| action.caller_id("Desk <100>"));
    let request = &session.request;
    assert_eq!(request.unique_id(), session.call.other);
    assert_eq!(request.channel(), session.call.other_name());
    assert_eq!((request.context(), request.extension()), ("test", "agi"));
    assert_eq!((request.priority(), request.channel_type()), (Some(2), "Local"));
    assert_eq!(request.language(), "en");
    assert!(request.version().starts_with(char::is_numeric), "{}", request.version());
    assert_eq!(request.caller_id(), Some("100"));
    assert_eq!(request.caller_id_name(), Some("Desk"));
    assert_eq!(request.caller_presentation(), Some(CallerPresentation::AllowedNotScreened));
    assert_eq!((request.dnid(), request.rdnis(), request.account_code()), (None, None, None));
    assert_eq!((request.is_eagi(), request.is_dead(), request.is_network()), (false, false, true));
    assert_eq!(request.script(), "ivr/main");
    assert_eq!(request.query("tenant").as_deref(), Some("a b"));
    assert_eq!(request.query("plus").as_deref(), Some("+49"));
    assert_eq!(request.args().collect::<Vec<_>>(), ["an argument"]);
    assert!(request.peer_addr().unwrap().ip().is_loopback());
    assert_eq!(session.status(), "SUCCESS");
}

#[test]
fn values_go_there_and_back_as_they_are() {
    let ami = client();
    let mut session = Session::to(&ami, "agi");
    let agi = &mut session.agi;
    let values = [
        "plain",
        " spaces  around ",
        "a\tb",
        "\"quoted\"",
        "back\\slash\\",
        "\\\"",
        "a)b(c",
        ") endpos=5",
        "üñí 漢字",
        "semi;colon,comma|pipe",
        "$%{}[]'`",
        "=",
        "x\" 1\" HANGUP \"",
        "\u{1}\u{7f}",
    ];
    for value in values {
        agi.set_variable("ROUNDTRIP", value).unwrap();
        assert_eq!(agi.get_variable("ROUNDTRIP").unwrap().as_deref(), Some(value));
        let full = agi.get_full_variable("<${ROUNDTRIP}>", None).unwrap().unwrap();
        assert_eq!(full, format!("<{value}>"));
        agi.database_put("agilive", "roundtrip", value).unwrap();
        assert_eq!(agi.database_get("agilive", "roundtrip").unwrap().as_deref(), Some(value));
        agi.noop().unwrap();
    }
    // No command can hold a newline, so the dialplan makes one.
    for (code, value) in [
        ("a%0Ab", "a\nb"),
        ("a)%0A(b", "a)\n(b"),
        ("%0A", "\n"),
        ("a%0AHANGUP%0A200 result=1 (c", "a\nHANGUP\n200 result=1 (c"),
    ] {
        let expression = format!("${{URIDECODE({code})}}");
        assert_eq!(agi.get_full_variable(&expression, None).unwrap().as_deref(), Some(value));
        agi.noop().unwrap();
        assert!(!agi.is_hung_up());
    }
    let long = "0123456789".repeat(800);
    agi.set_variable("LONG", &long).unwrap();
    assert_eq!(agi.get_full_variable("${LONG}", None).unwrap().as_deref(), Some(&*long));
    // Asterisk itself cuts what this asks, so the rest of it is fetched.
    assert_eq!(agi.get_variable("LONG").unwrap().as_deref(), Some(&*long));
    let raw = agi.send_command("GET VARIABLE LONG").unwrap();
    assert_eq!(raw.value().as_deref(), Some(&long[..1023]));
    agi.database_deltree("agilive", None).unwrap();
}

#[test]
fn what_injects_a_command_never_reaches_asterisk() {
    let ami = client();
    let mut session = Session::to(&ami, "agi");
    let agi = &mut session.agi;
    for evil in ["x\nHANGUP", "x\r\nHANGUP", "x\0"] {
        assert!(matches!(agi.set_variable("EVIL", evil), Err(Error::Invalid(_))));
        assert!(matches!(agi.send_command(evil), Err(Error::Invalid(_))));
    }
    let overlong = "x".repeat(8200) + " HANGUP";
    assert!(matches!(agi.set_variable("EVIL", &overlong), Err(Error::Limit { .. })));
    assert_eq!(agi.get_variable("EVIL").unwrap(), None);
    // The longest that may be sent arrives in one piece.
    let filler = "x".repeat(8191 - "NOOP \"\"\n".len());
    assert_eq!(agi.send_command(&format!("NOOP \"{filler}\"")).unwrap().code(), Some(0));
    assert_eq!(agi.channel_status(None).unwrap(), ChannelState::Up);
}

#[test]
fn variables_and_the_database() {
    let ami = client();
    let mut session = Session::to(&ami, "agi");
    let (id, agi) = (session.request.unique_id().to_owned(), &mut session.agi);
    agi.set_variable("CALLERID(name)", "Some Body").unwrap();
    assert_eq!(variable_of(&ami, &id, "CALLERID(name)"), "Some Body");
    assert_eq!(agi.get_variable("NOTSET").unwrap(), None);
    let far = session.call.name();
    let state = agi.get_full_variable("${CHANNEL(state)}", &*far).unwrap();
    assert_eq!(state.as_deref(), Some("Up"));
    assert_eq!(agi.get_full_variable("x", "No/such-channel").unwrap(), None);

    let family = unique("agi");
    assert_eq!(agi.database_get(&family, "k").unwrap(), None);
    for key in ["k", "l/1", "l/2"] {
        agi.database_put(&family, key, "v").unwrap();
    }
    assert!(agi.database_del(&family, "k").unwrap());
    assert_eq!(agi.database_get(&family, "k").unwrap(), None);
    assert!(agi.database_deltree(&family, "l").unwrap());
    assert_eq!(agi.database_get(&family, "l/2").unwrap(), None);
    assert!(!agi.database_deltree(&family, None).unwrap());
}

#[test]
fn sounds_play_to_their_end_or_to_a_key() {
    let ami = client();
    let mut session = Session::to(&ami, "agi");
    let played = session.agi.stream_file("beep", "").unwrap();
    assert_eq!(played.digit, None);
    let length = played.end_position.unwrap();
    assert!(length > 1000, "{length}");
    let half = session.agi.stream_file_from("beep", "", length / 2).unwrap();
    assert_eq!(half.end_position, Some(length));
    assert!(is_refused(&session.agi.stream_file("no-such-sound", "").unwrap_err()));
    assert!(is_refused(&session.agi.get_option("no-such-sound", "", None).unwrap_err()));

    let presser = session.press_at("STREAM FILE", "5");
    let played = session.agi.stream_file("demo-congrats", "0123456789*#").unwrap();
    assert_eq!(played.digit, Some('5'));
    presser.join().unwrap();

    let presser = session.press_at("GET OPTION", "*");
    let option = session.agi.get_option("beep", "*", Duration::from_secs(20)).unwrap();
    assert_eq!(option.digit, Some('*'));
    presser.join().unwrap();
    let option = session.agi.get_option("beep", "*", Duration::from_millis(10)).unwrap();
    assert_eq!(option.digit, None);
}

#[test]
fn a_controlled_sound_keeps_its_default_keys() {
    let ami = client();
    let mut session = Session::to(&ami, "agi");
    // Forward by 3 seconds at a time, until there is nothing more.
    let presser = session.press_at("CONTROL STREAM FILE", "############");
    let played =
        session.agi.control_stream_file("demo-congrats", "1", &StreamControls::new()).unwrap();
    assert_eq!(played.digit, None);
    presser.join().unwrap();

    let controls = StreamControls::new()
        .skip(Duration::from_secs(1))
        .forward('6')
        .rewind('4')
        .offset(Duration::from_millis(500));
    let presser = session.press_at("CONTROL STREAM FILE", "641");
    let played = session.agi.control_stream_file("demo-congrats", "1", &controls).unwrap();
    assert_eq!(played.digit, Some('1'));
    presser.join().unwrap();

    let presser = session.press_at("CONTROL STREAM FILE", "551");
    let paused = StreamControls::new().pause('5');
    let played = session.agi.control_stream_file("demo-congrats", "1", &paused).unwrap();
    assert_eq!(played.digit, Some('1'));
    presser.join().unwrap();
    assert!(is_refused(
        &session.agi.control_stream_file("no-such", "", &StreamControls::new()).unwrap_err()
    ));
}

#[test]
fn digits_are_what_was_typed() {
    let ami = client();
    let mut session = Session::to(&ami, "agi");
    let long = Duration::from_secs(20);
    let presser = session.press_at("GET DATA", "0501");
    let digits = session.agi.get_data("beep", long, 4).unwrap();
    assert_eq!((digits.digits(), digits.is_timed_out()), ("0501", false));
    presser.join().unwrap();

    let presser = session.press_at("GET DATA", "12*4#");
    let digits = session.agi.get_data("beep", long, None).unwrap();
    assert_eq!((digits.digits(), digits.is_timed_out()), ("12*4", false));
    presser.join().unwrap();

    let digits = session.agi.get_data("beep", Duration::from_millis(50), 3).unwrap();
    assert_eq!((digits.digits(), digits.is_timed_out()), ("", true));

    let presser = session.press_at("WAIT FOR DIGIT", "#");
    assert_eq!(session.agi.wait_for_digit(None).unwrap(), Some('#'));
    presser.join().unwrap();
    assert_eq!(session.agi.wait_for_digit(Duration::from_millis(10)).unwrap(), None);
}

#[test]
fn everything_that_speaks_speaks_and_stops_at_a_key() {
    let ami = client();
    let mut session = Session::to(&ami, "agi");
    let now = SystemTime::now();
    let agi = &mut session.agi;
    assert_eq!(agi.say_number(7, "", None).unwrap(), None);
    assert_eq!(agi.say_number(-1, "", "f").unwrap(), None);
    assert_eq!(agi.say_digits("4", "").unwrap(), None);
    assert_eq!(agi.say_alpha("a", "").unwrap(), None);
    assert_eq!(agi.say_phonetic("a", "").unwrap(), None);
    assert_eq!(agi.say_datetime(now, "", "p", None).unwrap(), None);
    assert_eq!(agi.say_datetime(now, "", "p", "Europe/Berlin").unwrap(), None);
    assert!(matches!(agi.say_datetime(now, "", None, "UTC"), Err(Error::Invalid(_))));

    type Say = fn(&mut asterisk_sync::agi::AgiChannel) -> asterisk_sync::Result<Option<char>>;
    let sayings: [(&str, Say); 7] = [
        (command::SAY_NUMBER, |agi| agi.say_number(777_777, "9", None)),
        (command::SAY_DIGITS, |agi| agi.say_digits("1234567890*#", "9")),
        (command::SAY_ALPHA, |agi| agi.say_alpha("asterisk asterisk", "9")),
        (command::SAY_PHONETIC, |agi| agi.say_phonetic("asterisk", "9")),
        (command::SAY_DATE, |agi| agi.say_date(SystemTime::now(), "9")),
        (command::SAY_TIME, |agi| agi.say_time(SystemTime::now(), "9")),
        (command::SAY_DATETIME, |agi| agi.say_datetime(SystemTime::now(), "9", None, None)),
    ];
    for (name, say) in sayings {
        let presser = session.press_at(name, "9");
        assert_eq!(say(&mut session.agi).unwrap(), Some('9'), "{name}");
        presser.join().unwrap();
    }
}

#[test]
fn a_recording_ends_by_key_time_and_silence_and_is_there() {
    let ami = client();
    let mut session = Session::to(&ami, "agi");
    let folder = session.agi.get_full_variable("${ASTSPOOLDIR}", None).unwrap().unwrap();
    let name = unique("rec");
    let file = format!("{folder}/{name}");
    let long =
        RecordOptions::new().timeout(Duration::from_secs(25)).silence(Duration::from_secs(20));

    let presser = session.press_at("RECORD FILE", "#");
    let made = session.agi.record_file(&file, "wav", "#", &long).unwrap();
    assert_eq!((made.end, made.digit), (RecordingEnd::Dtmf, Some('#')));
    presser.join().unwrap();
    let there = format!("{}/{name}.wav", setting("ASTERISK_SPOOL_DIR"));
    assert!(fs::metadata(&there).is_ok(), "{there}");
    fs::remove_file(&there).unwrap();

    let presser = session.press_at("RECORD FILE", "#");
    let made = session.agi.record_file(&file, "wav", "#", &long.beep(true)).unwrap();
    assert_eq!((made.end, made.digit), (RecordingEnd::Dtmf, Some('#')));
    presser.join().unwrap();

    let short = RecordOptions::new().timeout(Duration::from_millis(100)).offset(0);
    let made = session.agi.record_file(&file, "wav", "#", &short).unwrap();
    assert_eq!((made.end, made.digit), (RecordingEnd::Timeout, None));
    let e = session.agi.record_file("/no/such/folder/x", "wav", "#", &short).unwrap_err();
    assert!(matches!(&e, Error::Refused { message, .. } if &**message == "writefile"), "{e}");
    let e = session.agi.record_file(&file, "no-such-format", "#", &short).unwrap_err();
    assert!(is_refused(&e), "{e}");
    fs::remove_file(&there).unwrap();
}

#[test]
fn the_dialplan_goes_on_where_it_is_told() {
    let ami = client();
    let mark = unique("mark");
    let place = Scratch::new(&ami, &[("NoOp", "x"), ("Set", &format!("GLOBAL({mark})=yes"))]);
    let mut session = Session::to(&ami, "agi");
    let agi = &mut session.agi;
    agi.set_context("scratch").unwrap();
    agi.set_extension(&place.extension).unwrap();
    agi.set_priority(2).unwrap();
    let error = agi.set_priority("no-such-label").unwrap_err();
    assert!(matches!(error, Error::Agi { code: 520, .. }), "{error:?}");
    agi.noop().unwrap();
    drop(session.agi);
    crate::support::eventually(|| match crate::support::console("dialplan show globals") {
        globals if globals.contains(&format!("{mark}=yes")) => Ok(()),
        _ => Err("the global variable is not set"),
    });
}

#[test]
fn applications_and_subroutines_run() {
    let ami = client();
    let sub = Scratch::new(&ami, &[("NoOp", "x"), ("Return", "got ${ARG1} (and ${ARG2})")]);
    let silent = Scratch::new(&ami, &[("Return", "")]);
    let endless = Scratch::new(&ami, &[("NoOp", "no Return")]);
    let mut session = Session::to(&ami, "agi");
    let agi = &mut session.agi;
    assert_eq!(agi.exec("Set", "EXECUTED=a \"b\" \\c").unwrap(), 0);
    assert_eq!(agi.get_variable("EXECUTED").unwrap().as_deref(), Some("a \"b\" \\c"));
    let error = agi.exec("NoSuchApplication", "").unwrap_err();
    assert!(
        matches!(&error, Error::Refused { action, .. } if action.contains("NoSuch")),
        "{error}"
    );

    let returned = agi.gosub("scratch", &sub.extension, 1, "one,two").unwrap();
    assert_eq!(returned.as_deref(), Some("got one (and two)"));
    assert_eq!(agi.gosub("scratch", &silent.extension, 1, None).unwrap(), None);
    let error = agi.gosub("scratch", &endless.extension, 1, None).unwrap_err();
    assert!(
        matches!(&error, Error::Refused { message, .. } if message.contains("Return")),
        "{error}"
    );
    let error = agi.gosub("scratch", "no-such-extension", 1, None).unwrap_err();
    assert!(
        matches!(&error, Error::Refused { message, .. } if message.contains("label")),
        "{error}"
    );
    assert_eq!(agi.channel_status(None).unwrap(), ChannelState::Up);
}

#[test]
fn the_channel_itself() {
    let ami = client();
    let mut session = Session::to(&ami, "agi-early");
    let far = session.call.name();
    let agi = &mut session.agi;
    assert_eq!(agi.channel_status(None).unwrap(), ChannelState::Ring);
    agi.answer().unwrap();
    agi.answer().unwrap();
    assert_eq!(agi.channel_status(None).unwrap(), ChannelState::Up);
    assert_eq!(agi.channel_status(&*far).unwrap(), ChannelState::Up);
    assert!(is_refused(&agi.channel_status("No/such-channel").unwrap_err()));
    assert!(is_refused(&agi.hangup("No/such-channel").unwrap_err()));
    agi.set_callerid("4711").unwrap();
    assert_eq!(agi.get_variable("CALLERID(num)").unwrap().as_deref(), Some("4711"));
    agi.set_music(true, None).unwrap();
    agi.set_music(false, None).unwrap();
    agi.set_music(true, "default").unwrap();
    agi.set_music(false, None).unwrap();
    for mode in [TddMode::On, TddMode::Mate, TddMode::Off] {
        assert!(!agi.tdd_mode(mode).unwrap(), "a Local channel has no TDD");
    }
    agi.send_text("hello").unwrap();
    agi.send_image("no-image").unwrap();
    assert_eq!(agi.receive_char(Duration::from_millis(50)).unwrap(), None);
    assert_eq!(agi.receive_text(Duration::from_millis(50)).unwrap(), None);
    agi.verbose("a \"message\"", 3).unwrap();
    agi.asyncagi_break().unwrap();
    agi.set_autohangup(Duration::from_secs(3600)).unwrap();
    agi.set_autohangup(None).unwrap();
    agi.noop().unwrap();

    // Another channel ends by its name.
    let other = Call::to(&ami, "answer");
    agi.hangup(&*other.name()).unwrap();
    assert!(!agi.is_hung_up());
}

#[test]
fn text_from_the_far_end_is_received() {
    use asterisk_sync::ami::action::SendTextAction;
    let ami = client();
    let mut session = Session::to(&ami, "agi");
    let far = session.call.name();
    let sender = session.at("RECEIVE TEXT", {
        let (ami, far) = (ami.clone(), far.clone());
        move || drop(ami.send_action(&SendTextAction::new(&far, "some (text)")).unwrap())
    });
    let text = session.agi.receive_text(Duration::from_secs(20)).unwrap();
    assert_eq!(text.as_deref(), Some("some (text)"));
    sender.join().unwrap();
}

#[test]
fn without_a_recogniser_speech_is_refused_by_name() {
    let ami = client();
    let mut session = Session::to(&ami, "agi");
    let agi = &mut session.agi;
    let refusals = [
        (command::SPEECH_CREATE, agi.speech_create("")),
        (command::SPEECH_SET, agi.speech_set("name", "value")),
        (command::SPEECH_LOAD_GRAMMAR, agi.speech_load_grammar("g", "/tmp/g")),
        (command::SPEECH_ACTIVATE_GRAMMAR, agi.speech_activate_grammar("g")),
        (command::SPEECH_DEACTIVATE_GRAMMAR, agi.speech_deactivate_grammar("g")),
        (command::SPEECH_UNLOAD_GRAMMAR, agi.speech_unload_grammar("g")),
        (
            command::SPEECH_RECOGNIZE,
            agi.speech_recognize("beep", Duration::from_millis(10), None).map(drop),
        ),
        (command::SPEECH_DESTROY, agi.speech_destroy()),
    ];
    for (name, refusal) in refusals {
        let error = refusal.unwrap_err();
        assert!(matches!(&error, Error::Refused { action, .. } if **action == *name), "{error}");
    }
    agi.noop().unwrap();
}

#[test]
fn what_asterisk_does_not_know_is_named_and_shifts_nothing() {
    let ami = client();
    let mut session = Session::to(&ami, "agi");
    let agi = &mut session.agi;
    let error = agi.send_command("NO SUCH COMMAND").unwrap_err();
    assert!(matches!(error, Error::Agi { code: 510, .. }), "{error:?}");
    let error = agi.send_command("SET VARIABLE one two three four").unwrap_err();
    let Error::Agi { code: 520, message } = &error else { panic!("{error:?}") };
    assert!(message.lines().count() > 2, "{message}");
    let reply = agi.send_command("get variable CHANNEL(state)").unwrap();
    assert_eq!((reply.status(), &*reply.result()), (AgiStatus::Success, "1"));
    assert_eq!(reply.value().as_deref(), Some("Up"));
}

#[test]
fn every_command_asterisk_has_is_in_the_table() {
    let listed = crate::support::console("agi show commands");
    let mut known: Vec<String> = Vec::new();
    for line in listed.lines() {
        let mut words = line.split_whitespace();
        let dead = match words.next() {
            Some("Yes") => true,
            Some("No") => false,
            _ => continue,
        };
        let rest: Vec<&str> = words.collect();
        let named = command::ALL.iter().filter(|name| {
            let name: Vec<&str> = name.split(' ').collect();
            rest.len() >= name.len()
                && name.iter().zip(&rest).all(|(a, b)| a.eq_ignore_ascii_case(b))
        });
        // `SAY DATE` is not what begins with it.
        let name = named.max_by_key(|name| name.len()).unwrap_or_else(|| panic!("{line}"));
        assert_eq!(command::runs_on_dead_channel(name), Some(dead), "{line}");
        known.push((*name).to_owned());
    }
    known.sort();
    known.dedup();
    let mut ours = command::ALL.to_vec();
    ours.sort_unstable();
    assert_eq!(known, ours);
    assert_eq!(ours.len(), 47);
}

#[test]
fn a_timeout_leaves_the_channel_in_order() {
    let ami = client();
    let mut session = Session::to(&ami, "agi");
    let error = session
        .agi
        .with_timeout(Duration::from_millis(20))
        .wait_for_digit(Duration::from_millis(300));
    assert!(error.unwrap_err().is_timeout());
    session.agi.set_variable("AFTER", "right").unwrap();
    assert_eq!(session.agi.get_variable("AFTER").unwrap().as_deref(), Some("right"));
    let far = session.call.name();
    ami.send_action(&HangupAction::new(&far)).unwrap();
}
