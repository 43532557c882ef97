//! Every name of AGI that users of the crates before this one know is here: commands, methods, the
//! server. What compiles is there.

use std::time::{Duration, SystemTime};

use asterisk_sync::Result;
use asterisk_sync::agi::{
    AgiChannel, AgiHandler, AgiRequest, AgiServer, RecordOptions, StreamControls, TddMode, command,
};

macro_rules! commands {
    ($($name:ident),* $(,)?) => {
        const COMMANDS: &[(&str, &str)] = &[$( (stringify!($name), command::$name) ),*];
    };
}

commands! {
ANSWER, HANGUP, STREAM_FILE, GET_DATA, SAY_DIGITS, SAY_NUMBER, SET_VARIABLE, GET_VARIABLE, EXEC,
WAIT_FOR_DIGIT, CHANNEL_STATUS, VERBOSE, SET_CALLERID, DATABASE_GET, DATABASE_PUT, DATABASE_DEL,
CONTROL_STREAM_FILE, DATABASE_DELTREE, GET_FULL_VARIABLE, GET_OPTION, GOSUB, NOOP, RECEIVE_CHAR,
RECEIVE_TEXT, RECORD_FILE, SAY_ALPHA, SAY_DATE, SAY_DATETIME, SAY_PHONETIC, SAY_TIME, SEND_IMAGE,
SEND_TEXT, SET_AUTOHANGUP, SET_CONTEXT, SET_EXTENSION, SET_MUSIC, SET_PRIORITY,
SPEECH_ACTIVATE_GRAMMAR, SPEECH_CREATE, SPEECH_DEACTIVATE_GRAMMAR, SPEECH_DESTROY,
SPEECH_LOAD_GRAMMAR, SPEECH_RECOGNIZE, SPEECH_SET, SPEECH_UNLOAD_GRAMMAR, TDD_MODE, ASYNCAGI_BREAK,
}

#[test]
fn every_command_has_its_name() {
    assert_eq!(COMMANDS.len(), 47);
    for (name, words) in COMMANDS {
        assert_eq!(*words, name.replace('_', " "));
        assert!(command::ALL.contains(words), "{name}");
    }
    assert_eq!(command::ALL.len(), COMMANDS.len());
}

/// Compiles if a channel can do all of it; nothing is called.
#[allow(dead_code, reason = "it is there to be compiled")]
fn a_channel_does_what_it_is_known_for(channel: &mut AgiChannel) -> Result<()> {
    let (second, now) = (Duration::from_secs(1), SystemTime::now());
    channel.send_command("NOOP")?;
    channel.answer()?;
    channel.hangup(None)?;
    channel.stream_file("hello-world", "")?;
    channel.get_data("prompt", second, 4)?;
    channel.say_digits("123", "#")?;
    channel.say_number(12, "", None)?;
    channel.set_variable("NAME", "value")?;
    channel.get_variable("NAME")?;
    channel.exec("Playback", "hello-world")?;
    channel.wait_for_digit(None)?;
    channel.channel_status(None)?;
    channel.verbose("words", 1)?;
    channel.set_callerid("100")?;
    channel.database_get("family", "key")?;
    channel.database_put("family", "key", "value")?;
    channel.database_del("family", "key")?;
    channel.database_deltree("family", None)?;
    channel.control_stream_file("hello-world", "", &StreamControls::default())?;
    channel.get_full_variable("${NAME}", None)?;
    channel.get_option("hello-world", "#", second)?;
    channel.gosub("context", "s", 1, None)?;
    channel.noop()?;
    channel.receive_char(second)?;
    channel.receive_text(second)?;
    channel.record_file("file", "wav", "#", &RecordOptions::new())?;
    channel.say_alpha("abc", "")?;
    channel.say_date(now, "")?;
    channel.say_datetime(now, "", None, None)?;
    channel.say_phonetic("abc", "")?;
    channel.say_time(now, "")?;
    channel.send_image("image")?;
    channel.send_text("text")?;
    channel.set_autohangup(second)?;
    channel.set_context("default")?;
    channel.set_extension("100")?;
    channel.set_music(true, None)?;
    channel.set_priority(1)?;
    channel.speech_create("engine")?;
    channel.speech_destroy()?;
    channel.speech_activate_grammar("grammar")?;
    channel.speech_deactivate_grammar("grammar")?;
    channel.speech_load_grammar("grammar", "path")?;
    channel.speech_unload_grammar("grammar")?;
    channel.speech_recognize("prompt", second, None)?;
    channel.speech_set("name", "value")?;
    channel.tdd_mode(TddMode::On)?;
    channel.asyncagi_break()
}

struct Greeter;

impl AgiHandler for Greeter {
    fn handle(&self, request: &AgiRequest, channel: &mut AgiChannel) -> Result<()> {
        let _ = request;
        channel.answer()?;
        channel.stream_file("hello-world", "")?;
        channel.hangup(None)
    }
}

#[test]
fn a_server_does_what_it_is_known_for() {
    let server = AgiServer::builder()
        .bind("127.0.0.1:0")
        .handler(Greeter)
        .max_connections(100)
        .build()
        .unwrap();
    server.shutdown_handle().shutdown();
    server.run().unwrap();
}
