//! One handler, however the call comes: over a socket, as a script, over the manager's connection,
//! from the fake. And how it ends: by the signal of a hangup, by a failure that is logged.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::process::{Child, ChildStdout, Command, Stdio};
use std::sync::mpsc;

use crate::common::{guarded, logged};
use asterisk_sync::agi::{
    self, AgiChannel, AgiHandler, AgiLimits, AgiRequest, AgiServer, AudioReader,
};
use asterisk_sync::testing::{FakeAgiCaller, FakeAmi};
use asterisk_sync::types::AgiOutcome;
use asterisk_sync::{Error, Result};

const CHANNEL: &str = "PJSIP/alice-00000001";

/// What all of them run.
fn handler() -> impl AgiHandler + Clone {
    |request: &AgiRequest, agi: &mut AgiChannel| {
        agi.answer()?;
        let pin = agi.get_variable("PIN")?.unwrap_or_default();
        agi.set_variable("SEEN", &format!("{} {pin}", request.channel()))
    }
}

/// What that sends, whoever it is sent to.
const SENT: [&str; 3] =
    ["ANSWER", "GET VARIABLE \"PIN\"", "SET VARIABLE \"SEEN\" \"PJSIP/alice-00000001 0501\""];

fn reply(command: &str) -> &'static str {
    match command {
        "ANSWER" => "200 result=0\n",
        _ if command.starts_with("GET VARIABLE") => "200 result=1 (0501)\n",
        _ => "200 result=1\n",
    }
}

fn description() -> String {
    format!("agi_request: x\nagi_channel: {CHANNEL}\nagi_version: 22.10.1\n\n")
}

/// Answers commands until the session ends.
fn play(commands: impl Read, mut answers: impl Write) -> Vec<String> {
    let mut sent = Vec::new();
    for line in BufReader::new(commands).lines() {
        let line = line.unwrap();
        // What the test's own harness prints, where a test is the script.
        if line.is_empty() || line.starts_with("running ") || line.starts_with("test ") {
            continue;
        }
        // The script may end behind its last command.
        let _ = answers.write_all(reply(&line).as_bytes());
        sent.push(line);
    }
    sent
}

#[test]
fn one_handler_serves_calls_however_they_come() {
    guarded(|| {
        let server = AgiServer::builder().bind("127.0.0.1:0").handler(handler());
        let server = server.build().unwrap().spawn().unwrap();
        let call = FakeAgiCaller::new("x").variable("PIN", "0501").call(server.local_addr());
        assert_eq!(call.unwrap().commands(), SENT, "the fake");

        let mut socket = TcpStream::connect(server.local_addr()).unwrap();
        socket.write_all(description().as_bytes()).unwrap();
        assert_eq!(play(&socket, &socket), SENT, "a socket");

        let mut script = Script::start("shared");
        let answers = script.input.take().unwrap();
        assert_eq!(play(&mut script.output, answers), SENT, "a script");
        assert!(script.outcome().contains("Ok(())"));

        assert_eq!(over_the_manager(handler(), SENT.len()), SENT, "AsyncAGI");
    });
}

/// Serves one channel in `AGI(agi:async)`, and returns so many of its commands.
fn over_the_manager(handler: impl AgiHandler, count: usize) -> Vec<String> {
    let id = [("Channel", CHANNEL), ("Uniqueid", "1.1")];
    let fake = FakeAmi::start().unwrap();
    let (send, commands) = mpsc::channel();
    fake.on("AGI", move |request| {
        request.success(&[]);
        let _ = send.send(request.clone());
    });
    let ami = fake.client().connect().unwrap();
    let serving = ami.serve_async_agi(handler, 1).unwrap();
    let env = description().replace(' ', "%20").replace('\n', "%0A");
    fake.push("AsyncAGIStart", &[&id[..], &[("Env", &env)]].concat());
    let sent = (0..count)
        .map(|_| {
            let request = commands.recv_timeout(crate::common::LONG).unwrap();
            let command = request.get("Command").unwrap().to_owned();
            let result = reply(&command).replace(' ', "%20").replace('\n', "%0A");
            let about = [("CommandId", request.get("CommandID").unwrap()), ("Result", &*result)];
            fake.push("AsyncAGIExec", &[&id[..], &about].concat());
            command
        })
        .collect();
    let back = commands.recv_timeout(crate::common::LONG).unwrap();
    assert_eq!(back.get("Command"), Some("ASYNCAGI BREAK"));
    serving.shutdown();
    sent
}

/// This program again, as a script that Asterisk starts.
struct Script {
    child: Child,
    input: Option<std::process::ChildStdin>,
    output: BufReader<ChildStdout>,
}

impl Script {
    fn start(part: &str) -> Self {
        Self::start_as(Command::new(std::env::current_exe().unwrap()), part)
    }

    fn start_as(mut command: Command, part: &str) -> Self {
        let mut child = command
            .args([
                "--exact",
                "transports::as_a_script",
                "--ignored",
                "--nocapture",
                "--test-threads=2",
            ])
            .env("AGI_SCRIPT_PART", part)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let mut input = child.stdin.take().unwrap();
        input.write_all(description().as_bytes()).unwrap();
        let output = BufReader::new(child.stdout.take().unwrap());
        Self { child, input: Some(input), output }
    }

    fn await_command(&mut self, expected: &str) {
        let mut line = String::new();
        while line.trim_end() != expected {
            line.clear();
            assert_ne!(self.output.read_line(&mut line).unwrap(), 0, "{}", self.outcome());
        }
    }

    /// What came of it, once it has ended.
    fn outcome(&mut self) -> String {
        let mut told = String::new();
        self.child.stderr.take().unwrap().read_to_string(&mut told).unwrap();
        self.child.wait().unwrap();
        told
    }
}

/// What the script does; it tells what came of it on its standard error.
#[test]
#[ignore = "other tests start it, as a program of its own"]
fn as_a_script() {
    let part = std::env::var("AGI_SCRIPT_PART").unwrap_or_default();
    let outcome = match &*part {
        "shared" => agi::run_stdio(handler()),
        "limited" => agi::run_stdio_with(
            |_: &AgiRequest, agi: &mut AgiChannel| {
                let value = agi.get_variable("LONG");
                eprintln!("{value:?} {:?}", agi.noop());
                Ok(())
            },
            &AgiLimits::new().max_reply(1_000),
        ),
        "hears" => agi::run_stdio(|_: &AgiRequest, agi: &mut AgiChannel| {
            eprintln!("{:?}", AudioReader::open(agi)?);
            Ok(())
        }),
        "reads itself" | "has it read" => {
            agi::run_stdio(move |_: &AgiRequest, agi: &mut AgiChannel| {
                if part == "has it read" {
                    assert!(!agi.is_hung_up());
                }
                let waited = agi.wait_for_digit(None);
                let after = agi.noop();
                eprintln!("{waited:?} {after:?} {}", agi.is_hung_up());
                Ok(())
            })
        }
        _ => return,
    };
    eprintln!("{outcome:?}");
}

#[test]
fn a_hangup_ends_a_script_alike_whether_its_signal_or_the_end_of_its_input_comes_first() {
    for part in ["reads itself", "has it read"] {
        for signal_first in [true, false] {
            guarded(move || {
                let mut script = Script::start(part);
                script.await_command("WAIT FOR DIGIT -1");
                // It is there already when the signal is wanted.
                let mut killer = Command::new("sh")
                    .args(["-c", &format!("read go; kill -HUP {}", script.child.id())])
                    .stdin(Stdio::piped())
                    .spawn()
                    .unwrap();
                let mut kill = || {
                    killer.stdin.take().unwrap().write_all(b"go\n").unwrap();
                    assert!(killer.wait().unwrap().success());
                };
                if signal_first {
                    kill();
                    drop(script.input.take());
                } else {
                    drop(script.input.take());
                    kill();
                }
                let outcome = script.outcome();
                let expected = "Err(Hangup) Err(Hangup) true";
                assert!(outcome.contains(expected), "{part}, {signal_first}: {outcome}");
            });
        }
    }
}

#[test]
fn a_script_takes_no_more_than_its_limits_say() {
    guarded(|| {
        let mut script = Script::start("limited");
        let mut answers = script.input.take().unwrap();
        script.await_command("GET VARIABLE \"LONG\"");
        answers.write_all(format!("200 result=1 ({})\n", "x".repeat(20_000)).as_bytes()).unwrap();
        script.await_command("NOOP");
        answers.write_all(b"200 result=0\n").unwrap();
        let outcome = script.outcome();
        assert!(outcome.contains("Oversized") && outcome.contains("limit: 1000 }"), "{outcome}");
        assert!(outcome.contains(" Ok(())"), "{outcome}");
    });
}

#[test]
fn a_line_that_tells_a_script_of_the_hangup_is_one_without_any_signal() {
    for part in ["reads itself", "has it read"] {
        guarded(move || {
            let mut script = Script::start(part);
            let mut answers = script.input.take().unwrap();
            script.await_command("WAIT FOR DIGIT -1");
            answers.write_all(b"HANGUP\n200 result=-1\n").unwrap();
            // A dead channel may do nothing, and that is answered.
            script.await_command("NOOP");
            answers.write_all(b"200 result=0\n").unwrap();
            let outcome = script.outcome();
            assert!(outcome.contains("Err(Hangup) Ok(()) true"), "{part}: {outcome}");
        });
    }
}

#[test]
fn sound_is_waited_for_without_end_only_where_a_signal_tells_of_it() {
    for (sighup, timeout) in [("0", "None"), ("1 (yes)", "None"), ("1 (no)", "Some(5s)")] {
        guarded(move || {
            let pipe = std::env::temp_dir().join(format!("agi-sound-{}", std::process::id()));
            let made = Command::new("mkfifo").arg(&pipe).status().unwrap();
            assert!(made.success());
            // With both of its ends there, opening it waits for nobody.
            let mut shell = Command::new("sh");
            shell.args(["-c", &format!("exec \"$0\" \"$@\" 3<>{}", pipe.display())]);
            shell.arg(std::env::current_exe().unwrap());
            let mut script = Script::start_as(shell, "hears");
            for (variable, answer) in [("EAGI_AUDIO_FORMAT", "0"), ("AGISIGHUP", sighup)] {
                script.await_command(&format!("GET VARIABLE \"{variable}\""));
                let answer = format!("200 result={answer}\n");
                script.input.as_mut().unwrap().write_all(answer.as_bytes()).unwrap();
            }
            let outcome = script.outcome();
            std::fs::remove_file(&pipe).unwrap();
            assert!(outcome.contains(&format!("timeout: {timeout}")), "{sighup}: {outcome}");
        });
    }
}

#[test]
fn a_failure_is_logged_with_its_channel_and_its_script() {
    logged::listen(log::LevelFilter::Warn);
    guarded(|| {
        let fails = |request: &AgiRequest, agi: &mut AgiChannel| -> Result<()> {
            agi.answer()?;
            assert_ne!(request.script(), "panics", "so it was told");
            Err(Error::Missed)
        };
        let server = AgiServer::builder().bind("127.0.0.1:0").handler(fails);
        let server = server.build().unwrap().spawn().unwrap();
        for (script, channel) in [("fails", "PJSIP/bad-1"), ("panics", "PJSIP/bad-2")] {
            let caller = FakeAgiCaller::new(script).environment("agi_channel", channel);
            assert_eq!(caller.call(server.local_addr()).unwrap().outcome(), AgiOutcome::Failure);
        }
        server.shutdown().unwrap();
        over_the_manager(fails, 1);
        let logged = logged::lines();
        let has =
            |words: &[&str]| logged.iter().any(|line| words.iter().all(|word| line.contains(word)));
        let missed = Error::Missed.to_string();
        assert!(has(&["WARN", "PJSIP/bad-1", "\"fails\"", &missed]), "{logged:?}");
        assert!(has(&["ERROR", "PJSIP/bad-2", "\"panics\"", "so it was told"]), "{logged:?}");
        assert!(has(&["WARN", CHANNEL, "\"x\"", &missed]), "{logged:?}");
    });
}
