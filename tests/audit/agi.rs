//! The methods of a channel against the commands that the running server documents: each is called
//! with as little as can be said and with everything, and the lines that it sends have the documented
//! words in their order.

use std::collections::BTreeSet;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use asterisk_sync::agi::{
    AgiChannel, AgiRequest, AgiServer, AgiServerGuard, RecordOptions, StreamControls, TddMode,
    command,
};
use asterisk_sync::testing::FakeAgiCaller;

use crate::agi_docs::{self, Parameter};
use crate::source::{Token, sources};

/// A command, and how it is said.
struct Command {
    name: &'static str,
    /// The first says as little as can be said, the last says all.
    calls: &'static [Call],
    /// What parameters are that cannot be their own names.
    words: &'static [(&'static str, &'static str)],
}

struct Call {
    method: &'static str,
    /// As it stands below.
    code: &'static str,
    run: fn(&mut AgiChannel),
}

/// `NAME: method(arguments), method(more arguments) where "parameter" = "word";`. A text is the name
/// of its parameter, so that the line shows which argument goes where.
macro_rules! commands {
    ($(
        $name:ident: $( $method:ident($($argument:expr),* $(,)?) ),+
            $(where $( $parameter:literal = $word:literal ),+)?;
    )+) => {
        &[$( Command {
            name: command::$name,
            calls: &[$( Call {
                method: stringify!($method),
                code: stringify!($method($($argument),*)),
                // What becomes of it is not asked: the line is all.
                run: |agi| drop(agi.$method($($argument),*)),
            } ),+],
            words: &[$( $( ($parameter, $word) ),+ )?],
        } ),+]
    };
}

const COMMANDS: &[Command] = commands! {
    ANSWER: answer();
    ASYNCAGI_BREAK: asyncagi_break();
    CHANNEL_STATUS: channel_status(None), channel_status("channelname");
    CONTROL_STREAM_FILE:
        control_stream_file("filename", "escape_digits", &StreamControls::new()),
        control_stream_file(
            "filename",
            "escape_digits",
            &StreamControls::new()
                .skip(seconds(1)).forward('2').rewind('3').pause('4').offset(seconds(5)),
        )
        where "skipms" = "3000", "ffchar" = "#", "rewchr" = "*",
            "skipms" = "1000", "ffchar" = "2", "rewchr" = "3", "pausechr" = "4",
            "offsetms" = "5000";
    DATABASE_DEL: database_del("family", "key");
    DATABASE_DELTREE: database_deltree("family", None), database_deltree("family", "keytree");
    DATABASE_GET: database_get("family", "key");
    DATABASE_PUT: database_put("family", "key", "value");
    EXEC: exec("application", "options");
    GET_DATA: get_data("file", None, None), get_data("file", seconds(1), 2)
        where "timeout" = "1000", "maxdigits" = "2";
    GET_FULL_VARIABLE:
        get_full_variable("expression", None), get_full_variable("expression", "channelname");
    GET_OPTION:
        get_option("filename", "escape_digits", None),
        get_option("filename", "escape_digits", seconds(1))
        where "timeout" = "1000";
    GET_VARIABLE: get_variable("variablename");
    GOSUB:
        gosub("context", "extension", "priority", None),
        gosub("context", "extension", "priority", "optional-argument");
    HANGUP: hangup(None), hangup("channelname");
    NOOP: noop();
    RECEIVE_CHAR: receive_char(seconds(1)) where "timeout" = "1000";
    RECEIVE_TEXT: receive_text(seconds(1)) where "timeout" = "1000";
    RECORD_FILE:
        record_file("filename", "format", "escape_digits", &RecordOptions::new()),
        record_file(
            "filename",
            "format",
            "escape_digits",
            &RecordOptions::new().timeout(seconds(1)).offset(2).beep(true).silence(seconds(3)),
        )
        where "timeout" = "-1", "timeout" = "1000", "offset_samples" = "2", "beep" = "BEEP",
            "s=silence" = "s=3";
    SAY_ALPHA: say_alpha("number", "escape_digits");
    SAY_DATE: say_date(time(), "escape_digits") where "date" = "1700000000";
    SAY_DATETIME:
        say_datetime(time(), "escape_digits", None, None),
        say_datetime(time(), "escape_digits", "format", "timezone")
        where "time" = "1700000000";
    SAY_DIGITS: say_digits("number", "escape_digits");
    SAY_NUMBER: say_number(1, "escape_digits", None), say_number(1, "escape_digits", "gender")
        where "number" = "1";
    SAY_PHONETIC: say_phonetic("string", "escape_digits");
    SAY_TIME: say_time(time(), "escape_digits") where "time" = "1700000000";
    SEND_IMAGE: send_image("image");
    SEND_TEXT: send_text("text to send");
    SET_AUTOHANGUP: set_autohangup(None), set_autohangup(seconds(1))
        where "time" = "0", "time" = "1";
    SET_CALLERID: set_callerid("number");
    SET_CONTEXT: set_context("desired context");
    SET_EXTENSION: set_extension("new extension");
    SET_MUSIC: set_music(true, None), set_music(false, None), set_music(true, "class");
    SET_PRIORITY: set_priority("priority");
    SET_VARIABLE: set_variable("variablename", "value");
    SPEECH_ACTIVATE_GRAMMAR: speech_activate_grammar("grammar name");
    SPEECH_CREATE: speech_create("engine");
    SPEECH_DEACTIVATE_GRAMMAR: speech_deactivate_grammar("grammar name");
    SPEECH_DESTROY: speech_destroy();
    SPEECH_LOAD_GRAMMAR: speech_load_grammar("grammar name", "path to grammar");
    SPEECH_RECOGNIZE:
        speech_recognize("prompt", seconds(1), None), speech_recognize("prompt", seconds(1), 2)
        where "timeout" = "1", "offset" = "2";
    SPEECH_SET: speech_set("name", "value");
    SPEECH_UNLOAD_GRAMMAR: speech_unload_grammar("grammar name");
    STREAM_FILE:
        stream_file("filename", "escape_digits"), stream_file_from("filename", "escape_digits", 1)
        where "sample offset" = "1";
    TDD_MODE: tdd_mode(TddMode::On), tdd_mode(TddMode::Off), tdd_mode(TddMode::Mate);
    VERBOSE: verbose("message", 1) where "level" = "1";
    WAIT_FOR_DIGIT: wait_for_digit(None), wait_for_digit(seconds(1))
        where "timeout" = "-1", "timeout" = "1000";
};

/// Where a method differs from the documentation, and why.
const EXCEPTIONS: &[(&str, &str, &str)] = &[
    (command::CONTROL_STREAM_FILE, "skipms is always said", "what Asterisk takes without it"),
    (command::CONTROL_STREAM_FILE, "ffchar is always said", "what Asterisk takes without it"),
    (command::CONTROL_STREAM_FILE, "rewchr is always said", "what Asterisk takes without it"),
    (
        command::SET_MUSIC,
        "class can be left out",
        "the music is the channel's own then, as the live tests hear",
    ),
    (command::TDD_MODE, "boolean can be mate", "Asterisk knows it and does not document it"),
];

fn seconds(seconds: u64) -> Duration {
    Duration::from_secs(seconds)
}

fn time() -> SystemTime {
    UNIX_EPOCH + seconds(1_700_000_000)
}

/// Things that are documented, or said, and not both: each with its command.
type Differences = BTreeSet<(String, String)>;

/// A server that makes the call whose numbers, of the command and of the call, are the script.
fn server() -> AgiServerGuard {
    let run = |request: &AgiRequest, agi: &mut AgiChannel| {
        let script = request.script();
        let (command, call) = script.split_once('/').expect("two numbers");
        let (command, call): (usize, usize) = (command.parse().unwrap(), call.parse().unwrap());
        (COMMANDS[command].calls[call].run)(agi);
        Ok(())
    };
    AgiServer::builder().bind("127.0.0.1:0").handler(run).build().unwrap().spawn().unwrap()
}

/// The words behind the command's name that each of its calls sends.
fn said(server: &AgiServerGuard, number: usize) -> Vec<Vec<String>> {
    let command = &COMMANDS[number];
    let calls = command.calls.iter().enumerate().map(|(at, call)| {
        let caller = FakeAgiCaller::new(&format!("{number}/{at}"));
        let line = caller.dial(server.local_addr()).unwrap().next_command().unwrap();
        let line = line.unwrap_or_else(|| panic!("{} sends something", call.code));
        let rest =
            line.strip_prefix(command.name).filter(|it| it.is_empty() || it.starts_with(' '));
        words(rest.unwrap_or_else(|| panic!("{} sends {line}", call.code)))
    });
    calls.collect()
}

/// Words as they are quoted here: none of them has a quote or a backslash.
fn words(line: &str) -> Vec<String> {
    let (mut words, mut rest) = (Vec::new(), line.trim_start());
    while !rest.is_empty() {
        let (word, behind) = match rest.strip_prefix('"') {
            Some(quoted) => quoted.split_once('"').expect("a quote is closed"),
            None => rest.split_once(' ').unwrap_or((rest, "")),
        };
        words.push(word.to_owned());
        rest = behind.trim_start();
    }
    words
}

/// What is wrong with the lines of a command.
fn compare(command: &Command, lines: &[Vec<String>], parameters: &[Parameter]) -> Vec<String> {
    let mut differences = Vec::new();
    let (least, most) = (&lines[0], &lines[lines.len() - 1]);
    for (at, parameter) in parameters.iter().enumerate() {
        let name = &parameter.name;
        match (at < least.len(), at < most.len()) {
            (_, false) => differences.push(format!("{name} cannot be said")),
            (true, true) if !parameter.required => {
                differences.push(format!("{name} is always said"));
            }
            (false, true) if parameter.required => {
                differences.push(format!("{name} can be left out"));
            }
            _ => {}
        }
        let words: BTreeSet<_> = lines.iter().filter_map(|line| line.get(at)).collect();
        let lacking = parameter.values.iter().filter(|value| !words.contains(value));
        differences.extend(lacking.map(|value| format!("{name} cannot be {value}")));
        let given: Vec<_> =
            command.words.iter().filter(|(of, _)| of == name).map(|(_, word)| *word).collect();
        let may_be = |word: &str| match (&*parameter.values, &*given) {
            ([], []) => word == name,
            ([], given) => given.contains(&word),
            (values, _) => values.iter().any(|value| value == word),
        };
        let others = words.iter().filter(|word| !may_be(word));
        differences.extend(others.map(|word| format!("{name} can be {word}")));
    }
    for word in lines.iter().flat_map(|line| line.iter().skip(parameters.len())) {
        differences.push(format!("{word} is no parameter"));
    }
    differences
}

#[test]
fn every_method_of_a_channel_says_what_the_server_documents() {
    let (server, mut documented) = (server(), agi_docs::commands());
    let mut found = Differences::new();
    for (number, command) in COMMANDS.iter().enumerate() {
        let Some(parameters) = documented.remove(command.name) else {
            found.insert((command.name.to_owned(), "is not documented".to_owned()));
            continue;
        };
        let differences = compare(command, &said(&server, number), &parameters);
        found.extend(differences.into_iter().map(|it| (command.name.to_owned(), it)));
    }
    found.extend(documented.into_keys().map(|name| (name, "has no method here".to_owned())));
    server.shutdown().unwrap();

    let expected = EXCEPTIONS.iter().map(|(name, what, why)| {
        assert!(!why.is_empty());
        ((*name).to_owned(), (*what).to_owned())
    });
    let expected = expected.collect();
    let new: Vec<_> = found.difference(&expected).collect();
    let old: Vec<_> = expected.difference(&found).collect();
    assert!(new.is_empty(), "what the server documents and what is said differ: {new:#?}");
    assert!(old.is_empty(), "what needs no exception any more: {old:#?}");
}

#[test]
fn every_command_that_the_server_has_is_documented() {
    // Otherwise it would have parameters that nobody can compare.
    let (documented, registered) = (agi_docs::commands(), agi_docs::registered());
    let bare: Vec<_> = registered.iter().filter(|it| !documented.contains_key(*it)).collect();
    assert!(bare.is_empty(), "{bare:?}");
}

#[test]
fn every_method_and_every_option_of_the_library_is_compared() {
    let is_said = |name: &str| {
        COMMANDS
            .iter()
            .flat_map(|command| command.calls)
            .any(|call| call.method == name || call.code.contains(&format!(".{name}(")))
    };
    let (mut count, mut missing) = (0, Vec::new());
    for (_, tokens) in sources("agi/verbs") {
        for name in methods(&tokens) {
            count += 1;
            if !is_said(name) {
                missing.push(name.to_owned());
            }
        }
    }
    assert!(count > command::ALL.len(), "{count} methods are not all");
    assert!(missing.is_empty(), "{missing:?}");
    let ours: BTreeSet<_> = COMMANDS.iter().map(|command| command.name).collect();
    assert_eq!(ours, command::ALL.iter().copied().collect());
}

/// The public functions of `impl Name { … }` that change what they are called on: the methods of the
/// channel, and what sets an option.
fn methods(tokens: &[Token]) -> Vec<&str> {
    let mut found = Vec::new();
    for implementation in tokens.windows(3).filter(|it| it[0].word() == Some("impl")) {
        let Some(body) = implementation[2].group('{') else { continue };
        for at in 2..body.len() {
            let before = [body[at - 2].word(), body[at - 1].word()];
            let is_public =
                [[Some("pub"), Some("fn")], [Some("const"), Some("fn")]].contains(&before);
            let Some(name) = body[at].word().filter(|_| is_public) else { continue };
            let arguments = body[at..].iter().find_map(|token| token.group('(')).expect("some");
            let changes = arguments
                .windows(2)
                .any(|it| [it[0].word(), it[1].word()] == [Some("mut"), Some("self")]);
            if changes {
                found.push(name);
            }
        }
    }
    found
}
