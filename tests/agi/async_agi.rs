//! Channels in `AGI(agi:async)`, where the manager, its connection and the call end in every order.

use std::sync::mpsc::{self, Receiver};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::Duration;

use crate::common::{LONG, SHORT, guarded, logged, next_gap};
use asterisk_sync::agi::{AgiChannel, AgiRequest, AgiServer};
use asterisk_sync::ami::AmiClient;
use asterisk_sync::async_agi::{AsyncAgi, ShutdownHandle};
use asterisk_sync::testing::{FakeAmi, Request};
use asterisk_sync::{Error, ReconnectPolicy, Result, TimeoutError};

/// Enough for a busy machine to send a command, and not too long to be waited for.
const ENOUGH: Duration = Duration::from_secs(2);

const CHANNEL: &str = "PJSIP/alice-00000001";
const ID: &str = "1700000000.1";
const ENV: &str = "agi_request: async\nagi_channel: PJSIP/alice-00000001\nagi_uniqueid: \
                   1700000000.1\nagi_version: 22.10.1\n";

/// As Asterisk does it.
fn encode(text: &str) -> String {
    text.bytes()
        .map(|byte| match byte {
            b'-' | b'_' | b'.' | b'!' | b'~' | b'*' | b'\'' | b'(' | b')' => {
                char::from(byte).to_string()
            }
            _ if byte.is_ascii_alphanumeric() => char::from(byte).to_string(),
            _ => format!("%{byte:02X}"),
        })
        .collect()
}

/// Asterisk, with one channel in `AGI(agi:async)`, and a client that serves it. What is wrong with
/// the connection a test says; every command is queued at once unless it says otherwise.
struct Pbx {
    fake: Arc<FakeAmi>,
    ami: AmiClient,
    commands: Receiver<Request>,
    /// What `AGISTATUS` is; the channel is gone without one.
    status: Arc<Mutex<Option<&'static str>>>,
    /// Whether the next command is queued and said to be.
    answers: Arc<Mutex<bool>>,
}

impl Pbx {
    fn start() -> Self {
        let fake = Arc::new(FakeAmi::start().unwrap());
        let (send, commands) = mpsc::channel();
        let answers = Arc::new(Mutex::new(true));
        let does = Arc::clone(&answers);
        fake.on("AGI", move |request| {
            if std::mem::replace(&mut *does.lock().unwrap(), true) {
                request.success(&[("Message", "Added AGI command to queue")]);
            }
            let _ = send.send(request.clone());
        });
        let status = Arc::new(Mutex::new(Some("FAILURE")));
        let told = Arc::clone(&status);
        fake.on("Getvar", move |request| match *told.lock().unwrap() {
            Some(status) => request.success(&[("Variable", "AGISTATUS"), ("Value", status)]),
            None => request.error("No such channel"),
        });
        // A channel that a command keeps busy.
        fake.on("Status", |request| {
            let channel = [("Channel", CHANNEL), ("Uniqueid", ID), ("Application", "Playback")];
            request.list(&[("Status", &channel)], "StatusComplete");
        });
        let soon = ReconnectPolicy::fixed(Duration::from_millis(1));
        let ami = fake.client().reconnect(soon).connect().unwrap();
        Self { fake, ami, commands, status, answers }
    }

    /// Serves the channel with a closure, and tells what that returns.
    fn serve<T: Send + 'static>(
        &self,
        handler: impl Fn(&AgiRequest, &mut AgiChannel) -> T + Send + Sync + 'static,
    ) -> (AsyncAgi, Receiver<T>) {
        let (send, told) = mpsc::channel();
        let handler = move |request: &AgiRequest, agi: &mut AgiChannel| {
            let _ = send.send(handler(request, agi));
            Ok(())
        };
        let serving = self.ami.serve_async_agi(handler, 2).unwrap();
        self.come(&encode(&format!("{ENV}\n")));
        (serving, told)
    }

    fn come(&self, env: &str) {
        self.push("AsyncAGIStart", &[("Env", env)]);
    }

    fn push(&self, event: &str, headers: &[(&str, &str)]) {
        let channel = [("Channel", CHANNEL), ("Uniqueid", ID)];
        self.fake.push(event, &[&channel, headers].concat());
    }

    fn leave(&self) {
        self.push("AsyncAGIEnd", &[]);
    }

    /// The next command.
    fn command(&self, expected: &str) -> Request {
        let request = self.commands.recv_timeout(LONG).expect("a command");
        assert_eq!(request.get("Command"), Some(expected));
        request
    }

    fn reply(&self, request: &Request, reply: &str) {
        self.reply_encoded(request, &encode(reply));
    }

    fn reply_encoded(&self, request: &Request, result: &str) {
        let id = request.get("CommandID").unwrap();
        self.push("AsyncAGIExec", &[("CommandId", id), ("Result", result)]);
    }

    /// Answers what fetches a reply after a lost connection, and returns the command behind it. A
    /// session that hears of the loss only when it has used the new connection asks once more: it
    /// cannot know that the answer is not lost as well.
    fn command_behind(&self, fetch: &Request, reply: &str, expected: &str) -> Request {
        self.reply(fetch, reply);
        let next = self.commands.recv_timeout(LONG).expect("a command");
        if next.get("Command") != Some("NOOP") {
            assert_eq!(next.get("Command"), Some(expected));
            return next;
        }
        self.reply(&next, "200 result=0\n");
        self.command(expected)
    }

    /// The channel goes back to the dialplan.
    fn sent_back(&self) {
        self.command("ASYNCAGI BREAK");
        self.leave();
    }

    /// Nothing was sent to the channel that has not been looked at.
    fn nothing_more(&self, serving: AsyncAgi) {
        serving.shutdown();
        self.ami.ping().unwrap();
        let more: Vec<_> =
            self.commands.try_iter().map(|r| r.get("Command").map(str::to_owned)).collect();
        assert_eq!(more, []);
    }
}

fn told<T>(told: &Receiver<T>) -> T {
    told.recv_timeout(LONG).expect("the handler returns")
}

fn digits(agi: &mut AgiChannel) -> Result<String> {
    agi.get_data("no-such-file", None, None).map(|digits| digits.digits().to_owned())
}

#[test]
fn a_failure_that_ends_agi_on_a_live_call_is_no_hangup() {
    guarded(|| {
        let pbx = Pbx::start();
        let (serving, results) = pbx.serve(|_, agi| (digits(agi), agi.noop()));
        let asked = pbx.command("GET DATA \"no-such-file\"");
        pbx.reply(&asked, "200 result=-1\n");
        pbx.command("CHANNEL STATUS");
        pbx.leave();
        let (failed, after) = told(&results);
        assert!(failed.as_ref().is_err_and(Error::is_refused), "{failed:?}");
        assert!(matches!(after, Err(Error::Disconnected { sent: false })), "{after:?}");
        // A break now would meet the channel when it comes again.
        pbx.nothing_more(serving);
    });
}

#[test]
fn a_failure_is_no_hangup_although_the_dialplan_ends_the_call_at_once() {
    guarded(|| {
        let pbx = Pbx::start();
        *pbx.status.lock().unwrap() = None;
        let (serving, results) = pbx.serve(|_, agi| (digits(agi), agi.noop()));
        pbx.reply(&pbx.command("GET DATA \"no-such-file\""), "200 result=-1\n");
        pbx.command("CHANNEL STATUS");
        pbx.leave();
        // Further on than it was in AGI.
        pbx.push("Hangup", &[("Priority", "7")]);
        let (failed, after) = told(&results);
        assert!(failed.as_ref().is_err_and(Error::is_refused), "{failed:?}");
        assert!(matches!(after, Err(Error::Disconnected { sent: false })), "{after:?}");
        pbx.nothing_more(serving);
    });
}

#[test]
fn a_failure_that_leaves_the_channel_in_agi_is_a_refusal_and_all_goes_on() {
    guarded(|| {
        let pbx = Pbx::start();
        let (serving, results) =
            pbx.serve(|_, agi| (digits(agi), agi.is_hung_up(), agi.get_variable("X").unwrap()));
        pbx.reply(&pbx.command("GET DATA \"no-such-file\""), "200 result=-1\n");
        pbx.reply(&pbx.command("CHANNEL STATUS"), "200 result=6\n");
        pbx.reply(&pbx.command("GET VARIABLE \"X\""), "200 result=1 (yes)\n");
        let (failed, hung_up, after) = told(&results);
        assert!(failed.as_ref().is_err_and(Error::is_refused), "{failed:?}");
        assert!(!hung_up);
        assert_eq!(after.as_deref(), Some("yes"));
        pbx.sent_back();
        pbx.nothing_more(serving);
    });
}

#[test]
fn a_failure_by_a_hangup_is_a_hangup_however_that_is_told() {
    for way in ["HangupRequest", "SoftHangupRequest", "Hangup", "status", "gone", "gone there"] {
        guarded(move || {
            let pbx = Pbx::start();
            let (serving, results) =
                pbx.serve(|_, agi| (digits(agi), agi.is_hung_up(), agi.noop()));
            let asked = pbx.command("GET DATA \"no-such-file\"");
            match way {
                "status" => *pbx.status.lock().unwrap() = Some("HANGUP"),
                "gone" | "gone there" => *pbx.status.lock().unwrap() = None,
                event => pbx.push(event, &[]),
            }
            pbx.reply(&asked, "200 result=-1\n");
            pbx.leave();
            if way == "gone there" {
                pbx.push("Hangup", &[]);
            }
            let (failed, hung_up, after) = told(&results);
            assert!(matches!(failed, Err(Error::Hangup)), "{way}: {failed:?}");
            assert!(hung_up, "{way}");
            assert!(matches!(after, Err(Error::Hangup)), "{way}: {after:?}");
            serving.shutdown();
            let broken = |r: Request| r.get("Command") == Some("ASYNCAGI BREAK");
            assert!(!pbx.commands.try_iter().any(broken), "{way}");
        });
    }
}

#[test]
fn an_end_between_commands_is_a_hangup_only_where_one_is_told() {
    for (status, is_hangup) in [("HANGUP", true), ("SUCCESS", false)] {
        guarded(move || {
            let pbx = Pbx::start();
            *pbx.status.lock().unwrap() = Some(status);
            let (serving, results) = pbx.serve(|_, agi| {
                agi.noop().unwrap();
                while !agi.is_hung_up() {
                    std::thread::yield_now();
                }
                agi.noop()
            });
            pbx.reply(&pbx.command("NOOP"), "200 result=0\n");
            pbx.leave();
            let after = told(&results);
            if is_hangup {
                assert!(matches!(after, Err(Error::Hangup)), "{after:?}");
            } else {
                assert!(matches!(after, Err(Error::Disconnected { sent: false })), "{after:?}");
            }
            pbx.nothing_more(serving);
        });
    }
}

#[test]
fn nobody_is_sent_back_whom_a_failed_command_has_sent_back_already() {
    // The handler is done before the end is told; so it is asked for.
    guarded(|| {
        let pbx = Pbx::start();
        let (serving, results) = pbx.serve(|_, agi| agi.send_command("GET DATA x").map(drop));
        pbx.reply(&pbx.command("GET DATA x"), "200 result=-1\n");
        told(&results).unwrap();
        pbx.command("NOOP");
        pbx.leave();
        pbx.nothing_more(serving);
    });
    guarded(|| {
        let pbx = Pbx::start();
        let (serving, results) = pbx.serve(|_, agi| agi.send_command("CHANNEL STATUS x").map(drop));
        pbx.reply(&pbx.command("CHANNEL STATUS x"), "200 result=-1\n");
        told(&results).unwrap();
        pbx.reply(&pbx.command("NOOP"), "200 result=0\n");
        pbx.sent_back();
        pbx.nothing_more(serving);
    });
}

#[test]
fn a_session_that_was_given_back_says_so_and_is_no_hangup() {
    guarded(|| {
        let pbx = Pbx::start();
        let (go, gone) = mpsc::channel();
        let gone = Mutex::new(gone);
        let (serving, results) = pbx.serve(move |_, agi| {
            let given_back = agi.asyncagi_break();
            let seen = (given_back, agi.is_hung_up(), agi.noop());
            gone.lock().unwrap().recv().unwrap();
            (seen, (agi.is_hung_up(), agi.noop()))
        });
        pbx.reply(&pbx.command("ASYNCAGI BREAK"), "200 result=0\n");
        pbx.leave();
        // The end has been heard by then.
        pbx.ami.ping().unwrap();
        go.send(()).unwrap();
        let ((given_back, hung_up, after), (still, later)) = told(&results);
        given_back.unwrap();
        assert!(!hung_up && !still);
        assert!(matches!(after, Err(Error::Closed)), "{after:?}");
        assert!(matches!(later, Err(Error::Closed)), "{later:?}");
        pbx.nothing_more(serving);
    });
}

#[test]
fn a_description_longer_than_asterisks_buffer_comes_whole() {
    guarded(|| {
        let pbx = Pbx::start();
        let handler = move |request: &AgiRequest, _: &mut AgiChannel| {
            let args: Vec<_> = request.args().map(str::to_owned).collect();
            (request.channel().to_owned(), args)
        };
        let (send, results) = mpsc::channel();
        let serving = pbx
            .ami
            .serve_async_agi(
                move |request: &AgiRequest, agi: &mut AgiChannel| {
                    send.send(handler(request, agi)).unwrap();
                    Ok(())
                },
                1,
            )
            .unwrap();
        let args = ["a".repeat(700), "b".repeat(900), "c".repeat(800)];
        let mut env = ENV.to_owned();
        for (number, arg) in args.iter().enumerate() {
            env += &format!("agi_arg_{}: {arg}\n", number + 1);
        }
        env += "\n";
        let (first, rest) = env.split_at(1024);
        pbx.come(&encode(first));
        let (second, third) = rest.split_at(1024);
        pbx.reply(&pbx.command("NOOP"), second);
        // Each fetch leaves its own reply behind what it fetches.
        pbx.reply(&pbx.command("NOOP"), &format!("{third}200 result=0\n200 result=0\n"));
        assert_eq!(told(&results), (CHANNEL.to_owned(), args.to_vec()));
        pbx.sent_back();
        pbx.nothing_more(serving);
    });
}

#[test]
fn a_connection_lost_before_the_actions_answer_costs_that_command_alone() {
    guarded(|| {
        let pbx = Pbx::start();
        *pbx.answers.lock().unwrap() = false;
        let (serving, results) = pbx.serve(|_, agi| {
            (agi.set_variable("A", "b"), agi.is_hung_up(), agi.get_variable("A").unwrap())
        });
        pbx.command("SET VARIABLE \"A\" \"b\"").close();
        // What that command may have left in the pipe is taken out first.
        let fetch = pbx.command("NOOP");
        let left = "200 result=1\n200 result=0\n";
        let asked = pbx.command_behind(&fetch, left, "GET VARIABLE \"A\"");
        pbx.reply(&asked, "200 result=1 (b)\n");
        let (lost, hung_up, value) = told(&results);
        assert!(matches!(lost, Err(Error::Disconnected { sent: true })), "{lost:?}");
        assert!(!hung_up);
        assert_eq!(value.as_deref(), Some("b"));
        pbx.sent_back();
        pbx.nothing_more(serving);
    });
}

#[test]
fn after_a_reconnect_a_command_waits_for_the_one_that_still_runs_as_long_as_it_may_itself() {
    guarded(|| {
        let pbx = Pbx::start();
        let (serving, results) = pbx.serve(|_, agi| {
            let lost = agi.exec("Dial", "PJSIP/bob");
            let late = agi.with_timeout(SHORT).get_variable("A");
            let hung_up = agi.is_hung_up();
            (lost, late, hung_up, agi.get_variable("B").unwrap())
        });
        pbx.command("EXEC \"Dial\" \"PJSIP/bob\"").close();
        // `Dial` goes on, so this is not answered; and it is not asked again, but for the loss.
        let mut fetch = pbx.command("NOOP");
        if let Ok(again) = pbx.commands.recv_timeout(SHORT * 5) {
            assert_eq!(again.get("Command"), Some("NOOP"));
            fetch = again;
            let early = pbx.commands.recv_timeout(SHORT * 5);
            assert!(early.is_err(), "{early:?}");
        }
        let left = "200 result=0\n200 result=0\n";
        let asked = pbx.command_behind(&fetch, left, "GET VARIABLE \"B\"");
        pbx.reply(&asked, "200 result=1 (c)\n");
        let (lost, late, hung_up, value) = told(&results);
        assert!(matches!(lost, Err(Error::Disconnected { sent: true })), "{lost:?}");
        let Err(Error::Timeout(TimeoutError::Action { action, after, sent: false })) = late else {
            panic!("{late:?}")
        };
        assert_eq!((&*action, after), ("GET VARIABLE", SHORT));
        assert!(!hung_up);
        assert_eq!(value.as_deref(), Some("c"));
        pbx.sent_back();
        pbx.nothing_more(serving);
    });
}

#[test]
fn the_rest_of_a_long_reply_is_waited_for_as_long_as_its_command_may_take() {
    guarded(|| {
        let pbx = Pbx::start();
        let (given_up, gives_up) = mpsc::channel();
        let given_up = Mutex::new(given_up);
        let (serving, results) = pbx.serve(move |_, agi| {
            let late = agi.with_timeout(ENOUGH).get_variable("A");
            given_up.lock().unwrap().send(()).unwrap();
            (late, agi.get_variable("B").unwrap())
        });
        let value = format!("200 result=1 ({})\n", "x".repeat(2_000));
        let (first, rest) = value.split_at(1024);
        pbx.reply(&pbx.command("GET VARIABLE \"A\""), first);
        let fetch = pbx.command("NOOP");
        told(&gives_up);
        // Nothing else is sent until that is answered, late as it is.
        assert!(pbx.commands.recv_timeout(SHORT * 5).is_err());
        pbx.reply(&fetch, &format!("{rest}200 result=0\n"));
        pbx.reply(&pbx.command("GET VARIABLE \"B\""), "200 result=1 (c)\n");
        let (late, value) = told(&results);
        let Err(Error::Timeout(TimeoutError::Action { action, after, sent: true })) = late else {
            panic!("{late:?}")
        };
        assert_eq!((&*action, after), ("GET VARIABLE", ENOUGH));
        assert_eq!(value.as_deref(), Some("c"));
        pbx.sent_back();
        pbx.nothing_more(serving);
    });
}

#[test]
fn a_connection_lost_while_a_late_reply_is_awaited_costs_no_session() {
    guarded(|| {
        let pbx = Pbx::start();
        let (again, looked) = mpsc::channel();
        let again = Mutex::new(again);
        let (go, going) = mpsc::channel::<()>();
        let going = Mutex::new(going);
        let (serving, results) = pbx.serve(move |_, agi| {
            let late = agi.with_timeout(ENOUGH).get_variable("A");
            again.lock().unwrap().send(()).unwrap();
            going.lock().unwrap().recv().unwrap();
            (late, agi.is_hung_up(), agi.get_variable("B").unwrap())
        });
        let slow = pbx.command("GET VARIABLE \"A\"");
        told(&looked);
        let events = pbx.ami.subscribe();
        slow.close();
        assert_eq!(next_gap(&events), (0, true));
        go.send(()).unwrap();
        let fetch = pbx.command("NOOP");
        let left = "200 result=1 (late)\n200 result=0\n";
        let asked = pbx.command_behind(&fetch, left, "GET VARIABLE \"B\"");
        pbx.reply(&asked, "200 result=1 (c)\n");
        let (late, hung_up, value) = told(&results);
        assert!(late.as_ref().is_err_and(Error::is_timeout), "{late:?}");
        assert!(!hung_up);
        assert_eq!(value.as_deref(), Some("c"));
        pbx.sent_back();
        pbx.nothing_more(serving);
    });
}

#[test]
fn a_channel_that_comes_again_is_handled_again_and_its_old_session_does_not_disturb_it() {
    guarded(|| {
        let pbx = Pbx::start();
        let (serving, results) = pbx.serve(|_, agi| agi.get_variable("ROUND"));
        pbx.reply(&pbx.command("GET VARIABLE \"ROUND\""), "200 result=1 (1)\n");
        assert_eq!(told(&results).unwrap().as_deref(), Some("1"));
        pbx.sent_back();
        pbx.come(&encode(&format!("{ENV}\n")));
        let second = pbx.command("GET VARIABLE \"ROUND\"");
        pbx.reply(&second, "200 result=1 (2)\n");
        assert_eq!(told(&results).unwrap().as_deref(), Some("2"));
        pbx.command("ASYNCAGI BREAK");
        // Its end is lost, and it comes once more all the same.
        pbx.come(&encode(&format!("{ENV}\n")));
        let third = pbx.command("GET VARIABLE \"ROUND\"");
        // Late words of the session before are nothing to this one.
        pbx.reply(&second, "200 result=1 (old)\n");
        pbx.reply(&third, "200 result=1 (3)\n");
        assert_eq!(told(&results).unwrap().as_deref(), Some("3"));
        pbx.sent_back();
        assert_eq!(serving.stats().failed, 0);
        pbx.nothing_more(serving);
    });
}

#[test]
fn a_handle_ends_the_serving_from_a_handler_while_somebody_waits_for_its_end() {
    guarded(|| {
        let pbx = Pbx::start();
        let (give, given) = mpsc::channel::<ShutdownHandle>();
        let given = Mutex::new(given);
        let (serving, told) = pbx.serve(move |_, agi| {
            let stop = given.lock().unwrap().recv().unwrap();
            assert!(!stop.is_shutdown());
            stop.shutdown();
            stop.shutdown();
            // The call goes on.
            (agi.noop(), stop.is_shutdown())
        });
        let stop = serving.shutdown_handle();
        let waiting = thread::spawn(move || serving.join());
        give.send(stop.clone()).unwrap();
        let noop = pbx.command("NOOP");
        pbx.reply(&noop, "200 result=0\n");
        let (went_on, is_shutdown) = told.recv_timeout(LONG).expect("the handler returns");
        went_on.unwrap();
        assert!(is_shutdown);
        let report = waiting.join().unwrap();
        assert_eq!((report.served, report.refused, report.closed), (1, 0, 0));
        // There is nothing left that it could end.
        assert!(stop.is_shutdown());
        stop.shutdown();
        pbx.ami.ping().unwrap();
    });
}

#[test]
fn one_list_of_handles_ends_all_that_serve() {
    guarded(|| {
        let pbx = Pbx::start();
        let script = |_: &AgiRequest, _: &mut AgiChannel| Ok(());
        let server = AgiServer::builder().bind("127.0.0.1:0").handler(script).build().unwrap();
        let server = server.spawn().unwrap();
        let serving = pbx.ami.serve_async_agi(script, 1).unwrap();
        let all: Vec<ShutdownHandle> = vec![server.shutdown_handle(), serving.shutdown_handle()];
        assert!(!all.iter().any(ShutdownHandle::is_shutdown), "{all:?}");
        all.iter().for_each(ShutdownHandle::shutdown);
        assert_eq!((server.join().unwrap().served, serving.join().served), (0, 0));
    });
}

#[test]
fn that_a_channel_comes_after_the_shutdown_is_no_warning_that_there_are_no_workers() {
    const LATE: &str = "PJSIP/late-00000001";
    logged::listen(log::LevelFilter::Warn);
    guarded(|| {
        let pbx = Pbx::start();
        let serving = pbx.ami.serve_async_agi(|_: &AgiRequest, _: &mut AgiChannel| Ok(()), 8);
        let serving = serving.unwrap();
        serving.shutdown_handle().shutdown();
        let env = encode(&format!("{ENV}\n"));
        let headers = [("Channel", LATE), ("Uniqueid", ID), ("Env", &*env)];
        pbx.fake.push("AsyncAGIStart", &headers);
        // It is sent back when it has been told.
        pbx.command("ASYNCAGI BREAK");
        let warnings = logged::lines();
        assert!(!warnings.iter().any(|line| line.contains(LATE)), "{warnings:?}");
        assert_eq!(serving.shutdown().refused, 1);
    });
}
