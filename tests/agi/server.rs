//! A FastAGI server serves as many as it may, refuses the rest at once, and ends when it is told.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::thread;
use std::time::Duration;

use crate::common::{LONG, SHORT, guarded, logged};
use asterisk_sync::agi::{
    AgiChannel, AgiLimits, AgiOverflow, AgiRequest, AgiServer, AgiServerBuilder, AgiServerGuard,
    AgiServerStats, Router,
};
use asterisk_sync::testing::{AgiAnswer, FakeAgiCall, FakeAgiCaller};
use asterisk_sync::types::AgiOutcome;
use asterisk_sync::{Error, Result};
use crossbeam_channel::{Receiver, RecvTimeoutError, Sender, bounded, unbounded};

fn server() -> AgiServerBuilder {
    AgiServer::builder().bind("127.0.0.1:0")
}

/// A server whose handlers say that they have begun, and go on when they are let.
fn gated(settings: AgiServerBuilder) -> (AgiServerGuard, Receiver<String>, Sender<()>) {
    let (begun, begins) = unbounded();
    let (open, gate) = unbounded();
    let handler = move |request: &AgiRequest, agi: &mut AgiChannel| {
        begun.send(request.script().into_owned()).unwrap();
        let _ = gate.recv();
        agi.noop()
    };
    (settings.handler(handler).build().unwrap().spawn().unwrap(), begins, open)
}

fn dial(server: &AgiServerGuard, script: &str) -> FakeAgiCall {
    FakeAgiCaller::new(script).patience(LONG).dial(server.local_addr()).unwrap()
}

/// Plays all of them at once, each on a thread: a worker may be busy with any of them.
fn outcomes(calls: impl IntoIterator<Item = FakeAgiCall>) -> Vec<AgiOutcome> {
    let players: Vec<_> =
        calls.into_iter().map(|call| thread::spawn(move || outcome(call))).collect();
    players.into_iter().map(|player| player.join().unwrap()).collect()
}

fn outcome(call: FakeAgiCall) -> AgiOutcome {
    call.finish().unwrap().outcome()
}

/// What never comes hangs, which fails the test.
fn wait_for(server: &AgiServerGuard, reached: impl Fn(&AgiServerStats) -> bool) -> AgiServerStats {
    loop {
        let stats = server.stats();
        if reached(&stats) {
            return stats;
        }
        thread::yield_now();
    }
}

#[test]
fn sixty_four_calls_at_once_are_served_by_sixteen_workers() {
    guarded(|| {
        let (server, begins, open) = gated(server().workers(16).queue(48));
        let calls: Vec<_> = (0..64).map(|n| dial(&server, &n.to_string())).collect();
        let stats = wait_for(&server, |stats| stats.active + stats.queued == 64);
        assert_eq!((stats.active, stats.queued, stats.refused), (16, 48, 0));
        assert_eq!(begins.iter().take(16).count(), 16);
        assert!(begins.is_empty());
        drop(open);
        assert_eq!(outcomes(calls), vec![AgiOutcome::Success; 64]);
        let report = server.shutdown().unwrap();
        assert_eq!((report.served, report.refused, report.closed), (64, 0, 0));
    });
}

#[test]
fn workers_are_there_before_the_first_call_and_more_come_when_they_are_needed() {
    guarded(|| {
        let (server, begins, open) = gated(server().workers(80));
        // Up to 64 are started at once.
        wait_for(&server, |stats| stats.threads == 64);
        let calls: Vec<_> = (0..80).map(|n| dial(&server, &n.to_string())).collect();
        for _ in &calls {
            begins.recv().unwrap();
        }
        // All of them, and one that accepts.
        wait_for(&server, |stats| stats.active == 80 && stats.threads == 81);
        drop(open);
        assert!(outcomes(calls).iter().all(|outcome| *outcome == AgiOutcome::Success));
    });
}

#[test]
fn those_who_wait_are_served_in_the_order_in_which_they_came() {
    guarded(|| {
        let (server, begins, open) = gated(server().workers(1).queue(8));
        let mut calls = Vec::new();
        for n in 0..5 {
            calls.push(dial(&server, &n.to_string()));
            wait_for(&server, |stats| stats.active + stats.queued == n + 1);
        }
        drop(open);
        assert_eq!(outcomes(calls), vec![AgiOutcome::Success; 5]);
        let order: Vec<String> = begins.iter().take(5).collect();
        assert_eq!(order, ["0", "1", "2", "3", "4"]);
    });
}

#[test]
fn a_caller_for_whom_there_is_no_place_is_refused_at_once_and_nobody_else() {
    guarded(|| {
        let (server, begins, open) = gated(server().workers(1).queue(1));
        let first = dial(&server, "first");
        begins.recv().unwrap();
        let second = dial(&server, "second");
        wait_for(&server, |stats| stats.queued == 1);
        for n in 1..=3 {
            let record = dial(&server, "third").finish().unwrap();
            assert_eq!(record.outcome(), AgiOutcome::Failure);
            assert!(record.commands().is_empty());
            wait_for(&server, |stats| stats.refused == n);
        }
        drop(open);
        assert_eq!(outcomes([first, second]), vec![AgiOutcome::Success; 2]);
        let report = server.shutdown().unwrap();
        assert_eq!((report.served, report.refused), (2, 3));
    });
}

#[test]
fn with_patience_a_caller_waits_for_a_place_and_without_is_refused() {
    guarded(|| {
        let settings = server().workers(1).queue(0);
        let (patient, begins, open) = gated(settings.clone().overflow(AgiOverflow::Wait(LONG)));
        let calls = [dial(&patient, "first"), dial(&patient, "second")];
        begins.recv().unwrap();
        assert_eq!(patient.stats().refused, 0);
        drop(open);
        assert_eq!(outcomes(calls), vec![AgiOutcome::Success; 2]);
        assert_eq!(begins.iter().take(1).count(), 1);

        let (hasty, begins, open) = gated(settings.overflow(AgiOverflow::Wait(SHORT)));
        let first = dial(&hasty, "first");
        begins.recv().unwrap();
        assert_eq!(outcome(dial(&hasty, "second")), AgiOutcome::Failure);
        drop(open);
        assert_eq!(outcome(first), AgiOutcome::Success);
    });
}

#[test]
fn the_first_who_is_refused_is_a_warning_that_says_what_helps_and_the_others_are_none() {
    logged::listen(log::LevelFilter::Warn);
    guarded(|| {
        let (server, begins, open) = gated(server().workers(2).queue(0));
        let name = server.local_addr().to_string();
        // Another server may have had the port.
        let warnings =
            || logged::lines().into_iter().filter(|line| line.contains(&name)).collect::<Vec<_>>();
        let before = warnings().len();
        for burst in 1..=2 {
            let busy = [dial(&server, "one"), dial(&server, "two")];
            assert_eq!(begins.iter().take(2).count(), 2);
            for _ in 0..3 {
                assert_eq!(outcome(dial(&server, "three")), AgiOutcome::Failure);
            }
            let told = warnings().split_off(before);
            assert_eq!(told.len(), burst, "{told:?}");
            assert!(told.iter().all(|line| line.starts_with("WARN") && line.contains("queue")));
            open.send(()).unwrap();
            open.send(()).unwrap();
            assert_eq!(outcomes(busy), vec![AgiOutcome::Success; 2]);
            wait_for(&server, |stats| stats.active == 0);
        }
        drop(open);
    });
}

/// How many connections say nothing, or too little.
const SILENT: usize = 1_000;

#[test]
fn a_thousand_silent_connections_held_at_once_keep_no_call_away() {
    guarded(|| {
        let served = server()
            .workers(2)
            .queue(100)
            .max_preludes(250)
            // Nobody is sent away for his silence alone.
            .prelude_timeout(LONG * 60)
            .handler(|_: &AgiRequest, agi: &mut AgiChannel| agi.noop());
        let server = served.build().unwrap().spawn().unwrap();
        // From another process: this one may not have that many descriptors besides.
        let mut attacker = Command::new(std::env::current_exe().unwrap())
            .args(["--exact", "server::says_nothing", "--ignored", "--nocapture"])
            .env("AGI_SILENT_TO", server.local_addr().to_string())
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut held = 0;
        let mut told = BufReader::new(attacker.stdout.take().unwrap()).lines();
        for line in told.by_ref() {
            if let Some(count) = line.unwrap().strip_prefix("held ") {
                held = count.parse().unwrap();
                assert_eq!(outcome(dial(&server, "real")), AgiOutcome::Success);
                if held == SILENT {
                    break;
                }
            }
        }
        assert_eq!(held, SILENT);
        for _ in 0..50 {
            assert_eq!(outcome(dial(&server, "real")), AgiOutcome::Success);
        }
        let stats = server.stats();
        assert!(stats.receiving <= 250 && stats.threads <= 253, "{stats:?}");
        assert_eq!((stats.served, stats.failed, stats.refused), (100, 0, 0));
        // It has held all of them so long.
        assert!(attacker.try_wait().unwrap().is_none());
        drop(attacker.stdin.take());
        told.for_each(drop);
        assert!(attacker.wait().unwrap().success());
    });
}

#[test]
#[ignore = "another test starts it, as a program of its own"]
fn says_nothing() {
    let Ok(server) = std::env::var("AGI_SILENT_TO") else { return };
    let mut silent = Vec::new();
    let (held, dripping) = unbounded();
    let drips = thread::spawn(move || drip(&dripping));
    for n in 1..=SILENT {
        let mut connection = TcpStream::connect(&server).unwrap();
        // Whoever is sent away is told so by this; his end stays open all the same.
        let _ = match n % 3 {
            0 => Ok(()),
            1 => connection.write_all([&b"agi_network: yes\n"[..], b"agi_netw"][n % 2]),
            _ => {
                held.send(connection.try_clone().unwrap()).unwrap();
                Ok(())
            }
        };
        silent.push(connection);
        if n % 20 == 0 {
            println!("\nheld {n}");
        }
    }
    // Until nobody wants them held any more.
    let _ = std::io::stdin().read(&mut [0]);
    drop(held);
    drips.join().unwrap();
}

/// Sends a byte of a description over each of these connections, again and again, which never comes
/// to its end.
fn drip(connections: &Receiver<TcpStream>) {
    let mut dripping: Vec<(TcpStream, _)> = Vec::new();
    loop {
        // With a rest, or the system has nothing else to do.
        match connections.recv_timeout(SHORT) {
            // Each from its beginning: an empty line would be the end.
            Ok(connection) => dripping.push((connection, b"agi_arg_1: x\n".iter().cycle())),
            Err(RecvTimeoutError::Timeout) => {}
            Err(RecvTimeoutError::Disconnected) => return,
        }
        // Whoever has been sent away takes no more.
        dripping.retain_mut(|(connection, bytes)| {
            let byte = *bytes.next().expect("it begins again");
            connection.write_all(&[byte]).is_ok()
        });
    }
}

#[test]
fn a_panic_in_every_tenth_of_ten_thousand_sessions_leaves_the_pool_whole() {
    guarded(|| {
        let count = AtomicUsize::new(0);
        let handler = move |_: &AgiRequest, agi: &mut AgiChannel| {
            let number = count.fetch_add(1, Ordering::Relaxed);
            agi.noop()?;
            assert!(number % 10 != 0, "every tenth");
            Ok(())
        };
        let server = server().workers(4).queue(8).handler(handler).build().unwrap();
        let server = server.spawn().unwrap();
        let failures: usize = thread::scope(|scope| {
            let callers: Vec<_> = (0..8)
                .map(|_| {
                    scope.spawn(|| {
                        (0..1_250)
                            .filter(|_| outcome(dial(&server, "x")) == AgiOutcome::Failure)
                            .count()
                    })
                })
                .collect();
            callers.into_iter().map(|caller| caller.join().unwrap()).sum()
        });
        assert_eq!(failures, 1_000);
        let stats = wait_for(&server, |stats| stats.active == 0);
        assert_eq!((stats.served, stats.failed, stats.panicked), (9_000, 1_000, 1_000));
        let report = server.shutdown().unwrap();
        assert_eq!((report.served, report.panicked, report.closed), (9_000, 1_000, 0));
    });
}

#[test]
fn a_shutdown_lets_calls_and_those_who_wait_end_within_its_grace() {
    guarded(|| {
        let (server, begins, open) = gated(server().workers(1).queue(1).grace(LONG));
        let calls = [dial(&server, "first"), dial(&server, "second")];
        begins.recv().unwrap();
        wait_for(&server, |stats| stats.queued == 1);
        let (address, stop) = (server.local_addr(), server.shutdown_handle());
        stop.shutdown();
        stop.shutdown();
        assert!(stop.is_shutdown());
        assert!(FakeAgiCaller::new("late").call(address).is_err());
        drop(open);
        assert_eq!(outcomes(calls), vec![AgiOutcome::Success; 2]);
        let report = server.join().unwrap();
        assert_eq!((report.served, report.closed), (2, 0));
        stop.shutdown();
    });
}

#[test]
fn after_the_grace_calls_are_closed_and_their_handlers_hear_of_it() {
    guarded(|| {
        let (told, hears) = unbounded();
        let (begun, begins) = unbounded();
        let handler = move |_: &AgiRequest, agi: &mut AgiChannel| {
            begun.send(()).unwrap();
            let outcome = agi.stream_file("for-ever", "").map(drop);
            told.send(outcome.as_ref().is_err_and(Error::is_disconnected)).unwrap();
            outcome
        };
        let server = server().workers(2).queue(1).grace(Duration::ZERO).handler(handler);
        let server = server.build().unwrap().spawn().unwrap();
        let mut playing: Vec<_> = (0..2).map(|_| dial(&server, "playing")).collect();
        for call in &mut playing {
            call.run_to("STREAM FILE").unwrap();
            begins.recv().unwrap();
        }
        let mut waiting = dial(&server, "waiting");
        wait_for(&server, |stats| stats.queued == 1);
        let report = server.shutdown().unwrap();
        assert_eq!((report.closed, report.failed, report.refused), (2, 2, 1));
        assert_eq!(hears.try_iter().collect::<Vec<_>>(), [true, true]);
        assert_eq!(waiting.next_command().unwrap(), None);
        for call in playing {
            assert!(call.commands().len() == 1);
        }
    });
}

#[test]
fn a_handler_may_end_its_server() {
    guarded(|| {
        let (hand, handle) = bounded::<AgiServerGuard>(1);
        let handler = move |_: &AgiRequest, agi: &mut AgiChannel| {
            // Dropped here, where nobody can wait for the thread this runs on.
            drop(handle.recv());
            agi.noop()
        };
        let server = server().handler(handler).build().unwrap().spawn().unwrap();
        let call = dial(&server, "last");
        hand.send(server).unwrap();
        assert_eq!(outcome(call), AgiOutcome::Success);
    });
}

#[test]
fn a_server_that_was_told_to_end_before_it_ran_returns_at_once_and_runs_once() {
    guarded(|| {
        let server = server().handler(|_: &AgiRequest, _: &mut AgiChannel| Ok(())).build().unwrap();
        let stop = server.shutdown_handle();
        stop.shutdown();
        assert_eq!(server.run().unwrap(), Default::default());
        assert!(matches!(server.run(), Err(Error::Invalid(_))));
        let address = server.local_addr();
        drop(server);
        // The handle that is left does not keep the port.
        assert!(stop.is_shutdown());
        // Somebody else may be given it for a moment.
        let again = || {
            let again = AgiServer::builder().bind(address);
            again.handler(|_: &AgiRequest, _: &mut AgiChannel| Ok(())).build()
        };
        while again().is_err() {
            thread::yield_now();
        }
    });
}

#[test]
fn a_failing_handler_ends_its_call_as_a_failure_and_a_hangup_is_none() {
    guarded(|| {
        let handler = |request: &AgiRequest, agi: &mut AgiChannel| -> Result<()> {
            agi.answer()?;
            match &*request.script() {
                "fails" => Err(Error::Closed),
                _ => agi.stream_file("hello-world", "").map(drop),
            }
        };
        let server = server().handler(handler).build().unwrap().spawn().unwrap();
        assert_eq!(outcome(dial(&server, "fails")), AgiOutcome::Failure);
        let hangup = AgiAnswer::result(-1).hangup_first();
        let call = FakeAgiCaller::new("hears").on("STREAM FILE", hangup);
        let record = call.call(server.local_addr()).unwrap();
        assert_eq!(record.outcome(), AgiOutcome::Hangup);
        assert_eq!(outcome(dial(&server, "hears")), AgiOutcome::Success);
        let report = server.shutdown().unwrap();
        assert_eq!((report.served, report.failed, report.panicked), (2, 1, 0));
    });
}

#[test]
fn who_is_not_admitted_is_hung_up_on_unheard() {
    guarded(|| {
        let admits = Arc::new(AtomicBool::new(false));
        let asked = Arc::clone(&admits);
        let served = server()
            .admission(move |peer| {
                assert!(peer.ip().is_loopback());
                // Not before the third: the second is a panic.
                asked.load(Ordering::SeqCst) || panic!("no opinion")
            })
            .handler(|_: &AgiRequest, agi: &mut AgiChannel| agi.noop());
        let server = served.build().unwrap().spawn().unwrap();
        assert_eq!(dial(&server, "x").next_command().unwrap(), None);
        admits.store(true, Ordering::SeqCst);
        assert_eq!(outcome(dial(&server, "x")), AgiOutcome::Success);
        let report = server.shutdown().unwrap();
        assert_eq!((report.served, report.turned_away, report.refused), (1, 1, 0));
    });
}

#[test]
fn who_describes_no_call_is_hung_up_on_and_counted() {
    guarded(|| {
        let served = server()
            .limits(AgiLimits::new().max_bytes(10_000))
            .prelude_timeout(SHORT)
            .handler(|_: &AgiRequest, agi: &mut AgiChannel| agi.noop());
        let server = served.build().unwrap().spawn().unwrap();
        let said: [&[u8]; 4] = [b"", b"agi_netw", b"GET / HTTP/1.1\r\n\r\n", &[b'x'; 20_000]];
        for words in said {
            let caller = FakeAgiCaller::new("").patience(LONG);
            let mut call = caller.dial_silently(server.local_addr()).unwrap();
            call.send(words);
            assert_eq!(call.next_command().unwrap(), None);
        }
        wait_for(&server, |stats| stats.unread == said.len() as u64);
        assert_eq!(server.stats().served, 0);
    });
}

#[test]
fn a_router_hands_each_script_to_its_handler_with_what_its_names_stand_for() {
    guarded(|| {
        let say = |request: &AgiRequest, agi: &mut AgiChannel| {
            let menu = request.param("menu").unwrap_or("none");
            agi.set_variable("MENU", menu)
        };
        let router = Router::builder()
            .route("ivr/{menu}", say)
            .route("ivr/main", |_: &AgiRequest, agi: &mut AgiChannel| agi.set_variable("MENU", "!"))
            .build()
            .unwrap();
        let server = server().handler(router).build().unwrap().spawn().unwrap();
        let call = |script: &str| FakeAgiCaller::new(script).call(server.local_addr()).unwrap();
        assert_eq!(call("ivr/main?menu=x").variable("MENU"), Some("!"));
        assert_eq!(call("ivr/a%20b?menu=x").variable("MENU"), Some("a b"));
        assert_eq!(call("unknown").outcome(), AgiOutcome::Failure);
    });
}

#[test]
fn a_command_that_takes_longer_than_the_servers_timeout_fails() {
    guarded(|| {
        let served =
            server().command_timeout(SHORT).handler(|_: &AgiRequest, agi: &mut AgiChannel| {
                assert!(agi.answer().unwrap_err().is_timeout());
                Ok(())
            });
        let server = served.build().unwrap().spawn().unwrap();
        let call = FakeAgiCaller::new("").on("ANSWER", AgiAnswer::silence()).patience(LONG);
        assert_eq!(call.call(server.local_addr()).unwrap().outcome(), AgiOutcome::Success);
        assert_eq!(server.shutdown().unwrap().panicked, 0);
    });
}

#[test]
fn a_command_may_take_longer_than_the_description_of_the_call() {
    guarded(|| {
        // Long enough for a busy machine to describe the call.
        let served =
            server().prelude_timeout(LONG / 20).handler(|_: &AgiRequest, agi: &mut AgiChannel| {
                agi.answer()?;
                agi.noop()
            });
        let server = served.build().unwrap().spawn().unwrap();
        let caller = || FakeAgiCaller::new("").patience(LONG);
        let mut call = caller().dial(server.local_addr()).unwrap();
        for command in ["ANSWER", "NOOP"] {
            assert_eq!(call.next_command().unwrap().as_deref(), Some(command));
            // When this one's time is over, so would the other's be.
            let mut silent = caller().dial_silently(server.local_addr()).unwrap();
            assert_eq!(silent.next_command().unwrap(), None);
            call.answer(command);
        }
        assert_eq!(call.finish().unwrap().outcome(), AgiOutcome::Success);
    });
}

#[test]
fn settings_that_cannot_be_are_refused() {
    let handler = |_: &AgiRequest, _: &mut AgiChannel| Ok(());
    assert!(matches!(server().build(), Err(Error::Invalid(_))));
    let settings = || server().handler(handler);
    assert!(matches!(settings().workers(0).build(), Err(Error::Invalid(_))));
    assert!(matches!(settings().max_preludes(0).build(), Err(Error::Invalid(_))));
    assert!(matches!(settings().max_connections(1 << 20).build(), Err(Error::Limit { .. })));
    assert!(matches!(settings().bind("nowhere").build(), Err(Error::Io(_))));
}
