//! A server for event sockets that Asterisk opens: who gets a session, what it is, and how it ends.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use std::time::Duration;

use crate::common::{LONG, SHORT, guarded};
use asterisk_sync::ari::resources::{asterisk, channel, recording};
use asterisk_sync::ari::{
    AriClient, AriEvent, AriServer, AriServerBuilder, AriServerGuard, AriServerStats, AriSession,
    OriginateParams, TransportKind,
};
use asterisk_sync::testing::{AriReply, FakeAri, FakeAriDial};
use asterisk_sync::{ConnectionState, Error};
use crossbeam_channel::{Receiver, Sender, unbounded};
use serde_json::json;

const APP: &str = "demo";

fn server() -> AriServerBuilder {
    AriServer::builder().bind("127.0.0.1:0").credentials("asterisk", "secret")
}

fn spawn(settings: AriServerBuilder) -> AriServerGuard {
    settings.build().unwrap().spawn().unwrap()
}

/// A server that hands its sessions to the test, which ends each by dropping what comes with it.
fn lent(settings: AriServerBuilder) -> (AriServerGuard, Receiver<(AriSession, Sender<()>)>) {
    let (lend, lent) = unbounded();
    let handler = move |session: AriSession| {
        let (until, ended) = unbounded::<()>();
        // Nobody takes it if the test is over.
        drop(lend.send((session, until)));
        let _ = ended.recv();
        Ok(())
    };
    (spawn(settings.handler(handler)), lent)
}

/// What never comes hangs, which fails the test.
fn wait_for(server: &AriServerGuard, reached: impl Fn(&AriServerStats) -> bool) -> AriServerStats {
    loop {
        let stats = server.stats();
        if reached(&stats) {
            return stats;
        }
        thread::yield_now();
    }
}

fn next(session: &AriSession) -> Option<AriEvent> {
    let message = session.events().recv_timeout(LONG).expect("in time");
    message.map(|message| message.event.clone())
}

fn start(id: &str) -> serde_json::Value {
    serde_json::json!({ "args": [], "channel": FakeAri::channel(id, "PJSIP/alice-00000001") })
}

/// The status line that a request is answered with.
fn answer(server: &AriServerGuard, request: &str) -> String {
    let mut socket = TcpStream::connect(server.local_addr()).unwrap();
    socket.write_all(request.as_bytes()).unwrap();
    let mut answer = String::new();
    socket.read_to_string(&mut answer).unwrap();
    answer
}

/// A proper request, by user `asterisk` with the password `secret`.
const REQUEST: &str = "GET /ari HTTP/1.1\r\nSec-WebSocket-Version: 13\r\nUpgrade: websocket\r\n\
    Connection: Upgrade\r\nHost: x\r\nAuthorization: Basic YXN0ZXJpc2s6c2VjcmV0\r\n\
    Sec-WebSocket-Protocol: ari\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n";

#[test]
fn everything_a_client_does_is_done_over_a_socket_that_asterisk_opened() {
    guarded(|| {
        let fake = FakeAri::start().unwrap();
        let (server, sessions) = lent(server());
        fake.dial(server.local_addr(), APP).unwrap();
        let (session, until) = sessions.recv().unwrap();
        let ari = session.client();
        assert_eq!(ari.applications(), [APP]);
        assert_eq!(ari.transport(), TransportKind::WebSocket);
        assert_eq!(asterisk::ping(ari).unwrap().ping, "pong");

        let params = OriginateParams::to("PJSIP/bob").app(APP);
        let leg = ari.channel(channel::originate(ari, &params).unwrap().id);
        leg.answer().unwrap();
        assert_eq!(channel::list(ari).unwrap().len(), 1);
        assert!(ari.channel("none").get().unwrap_err().is_not_found());
        leg.hangup(None).unwrap();
        assert!(fake.requests().iter().all(|request| request.over_socket));

        fake.push("StasisStart", APP, start("1.1"));
        assert!(matches!(next(&session), Some(AriEvent::ApplicationRegistered(_))));
        assert!(matches!(next(&session), Some(AriEvent::StasisStart(e)) if e.channel.id == "1.1"));

        drop(until);
        assert_eq!(fake.wait_for_goodbye(APP, LONG).unwrap(), Some(1000));
        fake.wait_for_open(0, LONG).unwrap();
        let report = server.shutdown().unwrap();
        assert_eq!((report.served, report.failed, report.closed), (1, 0, 0), "{report:?}");
    });
}

#[test]
fn no_event_is_lost_that_comes_before_the_handler_looks() {
    guarded(|| {
        let fake = FakeAri::start().unwrap();
        // It comes in one piece with the application.
        let early = serde_json::json!({
            "type": "StasisStart", "application": APP, "args": [],
            "channel": FakeAri::channel("early", "PJSIP/alice-00000001"),
        });
        fake.greet_with(&early.to_string());
        let (server, sessions) = lent(server());
        fake.dial(server.local_addr(), APP).unwrap();
        let (session, _until) = sessions.recv().unwrap();
        for n in 0..2000 {
            fake.push("StasisStart", APP, start(&n.to_string()));
        }
        assert!(matches!(next(&session), Some(AriEvent::ApplicationRegistered(_))));
        for id in ["early".to_owned()].into_iter().chain((0..2000).map(|n| n.to_string())) {
            let Some(AriEvent::StasisStart(event)) = next(&session) else { panic!("no {id}") };
            assert_eq!(event.channel.id, id);
        }
    });
}

#[test]
fn a_session_knows_what_it_was_opened_for() {
    guarded(|| {
        let fake = FakeAri::start().unwrap();
        let (server, sessions) = lent(server());
        let to = FakeAriDial::to(server.local_addr());
        let persistent = to.clone().path("/p%20b/x+y?a=1+2&b=%2B&a=3").application(APP);
        persistent.application("second").open(&fake).unwrap();
        let (session, _until) = sessions.recv().unwrap();
        let asked = session.upgrade();
        assert_eq!((session.path(), session.param("b")), ("/p b/x+y", Some("+")));
        assert_eq!((asked.query().len(), asked.param("a")), (3, Some("1 2")));
        assert_eq!(asked.protocols(), ["ari"]);
        assert!(session.peer().ip().is_loopback() && session.call().is_none());
        for _ in 0..2 {
            assert!(matches!(next(&session), Some(AriEvent::ApplicationRegistered(_))));
        }
        assert_eq!(session.applications(), [APP, "second"]);
        fake.push("ApplicationUnregistered", APP, serde_json::json!({}));
        assert!(matches!(next(&session), Some(AriEvent::ApplicationUnregistered(_))));
        assert_eq!(session.applications(), ["second"]);

        to.application("demo:PJSIP/a:b-1").protocol("media, ari").open(&fake).unwrap();
        let (session, _until) = sessions.recv().unwrap();
        assert_eq!(session.call().as_deref(), Some("PJSIP/a:b-1"));
        assert!(!format!("{session:?} {server:?}").contains("secret"));
    });
}

#[test]
fn who_gives_a_wrong_password_or_none_is_told_so_and_gets_no_session() {
    guarded(|| {
        let fake = FakeAri::start().unwrap();
        let (server, sessions) = lent(server());
        let to = FakeAriDial::to(server.local_addr()).application(APP);
        for wrong in [
            to.clone().anonymous(),
            to.clone().credentials("asterisk", "secreT"),
            to.clone().credentials("asterisk", "secret2"),
            to.clone().credentials("asteris", "ksecret"),
        ] {
            let e = wrong.open(&fake).unwrap_err();
            assert!(matches!(e, Error::Auth(_)), "{e}");
        }
        let said = answer(&server, &REQUEST.replace("c2VjcmV0", "c2VjcmV1"));
        assert!(said.starts_with("HTTP/1.1 401 ") && said.contains("\r\nWWW-Authenticate: Basic"));
        let stats = wait_for(&server, |stats| stats.unauthorized == 5);
        assert_eq!((stats.active, stats.unread, sessions.len()), (0, 0, 0));
        to.open(&fake).unwrap();
        sessions.recv().unwrap();

        let (open, sessions) = lent(AriServer::builder().bind("127.0.0.1:0"));
        let nobody = FakeAriDial::to(open.local_addr()).application(APP).anonymous();
        nobody.open(&fake).unwrap();
        sessions.recv().unwrap();
    });
}

#[test]
fn what_is_no_handshake_is_told_what_is_wrong_with_it() {
    guarded(|| {
        let settings = server().path("/ari").admission(|asked| asked.param("let-me-in").is_some());
        let (server, sessions) = lent(settings);
        let (long, many) = ("x".repeat(20_000), "A: b\r\n".repeat(200));
        let cases = [
            (400, "GET /ari", "nonsense"),
            (400, "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n", ""),
            (400, "Protocol: ari", "Protocol: media, aria"),
            (401, "Authorization", "X-Authorization"),
            (403, "", ""),
            (404, "GET /ari ", "GET /other?let-me-in "),
            (405, "GET ", "POST "),
            (426, "Upgrade: websocket\r\n", ""),
            (426, "Version: 13", "Version: 12"),
            (431, "Host: x", &*format!("Host: {long}")),
            (431, "Host: x\r\n", &*many),
        ];
        for (status, from, to) in cases {
            let said = answer(&server, &REQUEST.replacen(from, to, 1));
            assert!(said.starts_with(&format!("HTTP/1.1 {status} ")), "{from:?}, {to:?}: {said}");
            assert!(said.ends_with("Connection: close\r\nContent-Length: 0\r\n\r\n"), "{said}");
        }
        let stats = wait_for(&server, |stats| stats.unread == 9);
        assert_eq!((stats.unauthorized, stats.turned_away), (1, 1));
        assert!(sessions.is_empty());

        let good = REQUEST.replace("/ari ", "/ari?let-me-in ");
        let mut socket = TcpStream::connect(server.local_addr()).unwrap();
        socket.write_all(good.as_bytes()).unwrap();
        let mut said = [0; 160];
        let n = socket.read(&mut said).unwrap();
        let said = std::str::from_utf8(&said[..n]).unwrap();
        assert!(said.starts_with("HTTP/1.1 101 "), "{said}");
        assert!(said.contains("\r\nSec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n"));
        assert!(said.contains("\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"));
        assert!(said.ends_with("\r\nSec-WebSocket-Protocol: ari\r\n\r\n"), "{said}");
    });
}

#[test]
fn the_admission_sees_what_is_asked_for_and_a_panic_in_it_is_a_no() {
    guarded(|| {
        let fake = FakeAri::start().unwrap();
        let (server, sessions) = lent(server().admission(|asked| {
            assert_ne!(asked.path(), "/panic", "as the test wants it");
            assert!(!format!("{asked:?} {asked}").contains("secret"));
            asked.peer().ip().is_loopback() && asked.path() == "/good"
        }));
        let to = FakeAriDial::to(server.local_addr()).application(APP);
        for path in ["/bad", "/panic"] {
            let e = to.clone().path(path).open(&fake).unwrap_err();
            assert!(matches!(e, Error::Http { status: 403, .. }), "{e}");
        }
        to.path("/good").open(&fake).unwrap();
        sessions.recv().unwrap();
        assert_eq!(server.stats().turned_away, 2);
    });
}

#[test]
fn one_session_too_many_is_refused_at_once_and_a_later_one_is_not() {
    guarded(|| {
        let fake = FakeAri::start().unwrap();
        let (server, sessions) = lent(server().sessions(2));
        let mut held = Vec::new();
        for name in ["one", "two"] {
            fake.dial(server.local_addr(), name).unwrap();
            held.push(sessions.recv().unwrap());
        }
        for n in 1..=3 {
            let e = fake.dial(server.local_addr(), "three").unwrap_err();
            assert!(matches!(e, Error::Http { status: 503, .. }), "{e}");
            let stats = wait_for(&server, |stats| stats.refused == n);
            assert_eq!(stats.active, 2);
        }
        assert!(held.iter().all(|(session, _)| asterisk::ping(session.client()).is_ok()));
        held.pop();
        wait_for(&server, |stats| stats.active == 1);
        fake.dial(server.local_addr(), "three").unwrap();
        held.push(sessions.recv().unwrap());
        drop(held);
        wait_for(&server, |stats| stats.active == 0);
        let report = server.shutdown().unwrap();
        assert_eq!((report.served, report.refused), (3, 3));
    });
}

#[test]
fn a_handler_that_fails_or_panics_costs_nobody_but_its_own_session() {
    guarded(|| {
        let fake = FakeAri::start().unwrap();
        let server = spawn(server().handler(|session: AriSession| match session.path() {
            "/panic" => panic!("as the test wants it"),
            "/error" => session.client().channel("none").answer(),
            "/hangup" => Err(Error::Hangup),
            _ => asterisk::ping(session.client()).map(drop),
        }));
        for path in ["/panic", "/error", "/hangup", "/good"] {
            let to = FakeAriDial::to(server.local_addr()).path(path).application(path);
            to.open(&fake).unwrap();
            assert_eq!(fake.wait_for_goodbye(path, LONG).unwrap(), Some(1000), "{path}");
        }
        wait_for(&server, |stats| stats.active == 0);
        let report = server.shutdown().unwrap();
        assert_eq!((report.served, report.failed, report.panicked), (2, 2, 1), "{report:?}");
    });
}

#[test]
fn when_the_far_side_goes_requests_waits_and_events_end_with_what_that_is() {
    for how in ["closes", "hangs up", "stops"] {
        guarded(move || {
            let fake = FakeAri::start().unwrap();
            let (ended, ends) = unbounded();
            let server = spawn(server().handler(move |session: AriSession| {
                let (client, events) = session.into_parts();
                let waiting = client.channel("1").wait_for_hangup(LONG);
                while events.recv_timeout(LONG).expect("an end").is_some() {}
                let later = asterisk::ping(&client);
                ended.send((client, waiting)).unwrap();
                later.map(drop)
            }));
            // Whoever is asked and does not answer any more.
            fake.on("GET", "channels/1", |_| AriReply::silence());
            fake.dial(server.local_addr(), APP).unwrap();
            fake.wait_for_requests("GET", "channels/1", 1, LONG).unwrap();
            match how {
                "closes" => fake.close(APP, 1001),
                "hangs up" => fake.hang_up(APP),
                _ => fake.stop(),
            }
            let (client, waiting) = ends.recv().unwrap();
            let e = waiting.unwrap_err();
            assert!(e.is_disconnected() && !e.is_retryable(), "{how}: {e}");
            let e = asterisk::ping(&client).unwrap_err();
            assert!(matches!(e, Error::Closed), "{how}: {e}");
            assert_eq!(client.connection_state(), ConnectionState::Disconnected);
            wait_for(&server, |stats| stats.active == 0);
            let report = server.shutdown().unwrap();
            assert_eq!((report.served, report.failed), (1, 0), "{how}");
        });
    }
}

#[test]
fn a_request_that_was_under_way_when_the_socket_went_may_have_run() {
    guarded(|| {
        let fake = FakeAri::start().unwrap();
        let (server, sessions) = lent(server());
        fake.on("POST", "channels/*/answer", |_| AriReply::silence());
        fake.dial(server.local_addr(), APP).unwrap();
        let (session, _until) = sessions.recv().unwrap();
        let client = session.client().clone();
        let asking = thread::spawn(move || client.channel("1").answer());
        fake.wait_for_requests("POST", "channels/1/answer", 1, LONG).unwrap();
        fake.hang_up(APP);
        let e = asking.join().unwrap().unwrap_err();
        assert!(matches!(e, Error::Disconnected { sent: true }), "{e}");
        assert!(e.may_have_run());
    });
}

#[test]
fn what_a_handler_leaves_behind_ends_with_its_session() {
    guarded(|| {
        let fake = FakeAri::start().unwrap();
        let (keep, kept) = unbounded::<AriClient>();
        let server = spawn(server().handler(move |session: AriSession| {
            keep.send(session.into_client()).unwrap();
            Ok(())
        }));
        fake.dial(server.local_addr(), APP).unwrap();
        let client = kept.recv().unwrap();
        client.wait_for_state(ConnectionState::Disconnected, LONG).unwrap();
        assert!(matches!(asterisk::ping(&client), Err(Error::Closed)));
        assert_eq!(client.subscribe().recv_timeout(LONG).unwrap(), None);
        assert_eq!(fake.wait_for_goodbye(APP, LONG).unwrap(), Some(1000));
        // It is never opened anew from here.
        wait_for(&server, |stats| stats.active == 0);
        assert_eq!((client.stats().attempts, client.stats().reconnects), (1, 0));
    });
}

#[test]
fn the_socket_of_a_call_that_has_left_is_closed_by_asterisk() {
    guarded(|| {
        let fake = FakeAri::start().unwrap();
        let app = "demo:PJSIP/alice-00000001";
        let (ended, ends) = unbounded();
        let server = spawn(server().handler(move |session: AriSession| {
            let mut events = session.events().iter().map(|message| message.event.clone());
            assert!(events.any(|event| matches!(event, AriEvent::StasisEnd(_))));
            ended.send(()).unwrap();
            Ok(())
        }));
        fake.dial(server.local_addr(), app).unwrap();
        fake.push("StasisEnd", app, start("1"));
        ends.recv().unwrap();
        assert!(fake.wait_for_goodbye(app, SHORT).is_err());
        assert_eq!(server.stats().active, 1);
        fake.hang_up(app);
        wait_for(&server, |stats| stats.active == 0);
        assert_eq!(server.shutdown().unwrap().served, 1);
    });
}

#[test]
fn a_thousand_silent_connections_keep_asterisk_not_away() {
    guarded(|| {
        let fake = FakeAri::start().unwrap();
        let settings = server().sessions(4).max_handshakes(200);
        // Nobody is sent away for his silence alone.
        let (server, sessions) = lent(settings.handshake_timeout(LONG * 60));
        let dial = || TcpStream::connect(server.local_addr()).unwrap();
        let mut silent: Vec<TcpStream> = (0..1000).map(|_| dial()).collect();
        fake.dial(server.local_addr(), APP).unwrap();
        let (first, until) = sessions.recv().unwrap();
        assert!(asterisk::ping(first.client()).is_ok());
        // And those who have begun to speak, and never end.
        for socket in &mut silent[800..] {
            let _ = socket.write_all(b"GET / HTTP/1.1\r\n");
        }
        fake.dial(server.local_addr(), "second").unwrap();
        let (second, also_until) = sessions.recv().unwrap();
        assert_eq!(second.applications(), ["second"]);
        drop(silent);
        drop((first, until));
        drop((second, also_until));
        let report = server.shutdown().unwrap();
        assert_eq!((report.unread, report.refused), (1000, 0), "{report:?}");
    });
}

#[test]
fn who_shakes_hands_and_names_no_application_is_sent_away() {
    guarded(|| {
        let fake = FakeAri::start().unwrap();
        // Long enough for the handshake itself on a busy machine.
        let (server, sessions) = lent(server().handshake_timeout(LONG / 20));
        let silent = FakeAriDial::to(server.local_addr()).silent().application(APP);
        silent.open(&fake).unwrap();
        fake.wait_for_open(0, LONG).unwrap();
        let stats = wait_for(&server, |stats| stats.active == 0 && stats.unread == 1);
        assert_eq!((stats.served, stats.failed, sessions.len()), (0, 0, 0));
    });
}

#[test]
fn who_shakes_hands_and_says_no_more_loses_his_place_to_whoever_comes() {
    guarded(|| {
        let fake = FakeAri::start().unwrap();
        let settings = server().sessions(2).max_handshakes(1).handshake_timeout(LONG * 60);
        let (server, sessions) = lent(settings);
        let to = FakeAriDial::to(server.local_addr());
        to.clone().silent().application("silent").open(&fake).unwrap();
        to.application(APP).open(&fake).unwrap();
        let (session, _until) = sessions.recv().unwrap();
        assert_eq!(session.applications(), [APP]);
        wait_for(&server, |stats| stats.active == 1 && stats.unread == 1);
    });
}

#[test]
fn a_shutdown_lets_sessions_end_and_after_its_grace_ends_them() {
    guarded(|| {
        let fake = FakeAri::start().unwrap();
        let (patient, sessions) = lent(server().grace(LONG));
        fake.dial(patient.local_addr(), APP).unwrap();
        let (session, until) = sessions.recv().unwrap();
        assert!(!session.shutdown_handle().is_shutdown());
        patient.shutdown_handle().shutdown();
        assert!(session.shutdown_handle().is_shutdown());
        assert!(asterisk::ping(session.client()).is_ok());
        fake.dial(patient.local_addr(), "late").unwrap_err();
        drop((session, until));
        let report = patient.join().unwrap();
        assert_eq!((report.served, report.closed), (1, 0), "{report:?}");

        let (ended, ends) = unbounded();
        let hasty = server().grace(Duration::ZERO).handler(move |session: AriSession| {
            session.events().iter().for_each(drop);
            ended.send(()).unwrap();
            asterisk::ping(session.client()).map(drop)
        });
        let hasty = spawn(hasty);
        fake.dial(hasty.local_addr(), "cut").unwrap();
        wait_for(&hasty, |stats| stats.active == 1 && stats.receiving == 0);
        let report = hasty.shutdown().unwrap();
        assert_eq!((report.served, report.failed, report.closed), (1, 0, 1), "{report:?}");
        assert!(ends.try_recv().is_ok());
    });
}

#[test]
fn a_handler_can_end_its_server_and_not_wait_for_that() {
    guarded(|| {
        let fake = FakeAri::start().unwrap();
        let (hand, own) = unbounded::<AriServerGuard>();
        let (told, tells) = unbounded();
        let server = spawn(server().handler(move |_: AriSession| {
            told.send(own.recv().unwrap().join()).unwrap();
            Ok(())
        }));
        fake.dial(server.local_addr(), APP).unwrap();
        let stop = server.shutdown_handle();
        hand.send(server).unwrap();
        assert!(matches!(tells.recv().unwrap(), Err(Error::Invalid(_))));
        // Its guard was dropped there.
        fake.wait_for_open(0, LONG).unwrap();
        assert!(stop.is_shutdown());
    });
}

#[test]
fn an_asterisk_that_is_gone_without_a_word_is_noticed_at_the_first_ping_without_answer() {
    guarded(|| {
        let fake = FakeAri::start().unwrap();
        let (server, sessions) = lent(server().keep_alive(Duration::from_secs(2)));
        fake.dial(server.local_addr(), APP).unwrap();
        let (session, _until) = sessions.recv().unwrap();
        fake.wait_for_pings(2, LONG).unwrap();
        fake.go_deaf();
        session.client().wait_for_state(ConnectionState::Disconnected, LONG).unwrap();
        fake.wait_for_open(0, LONG).unwrap();
        assert_eq!(fake.unanswered_pings(), 1);
    });
}

#[test]
fn an_application_that_another_takes_is_told_of_and_the_socket_stays() {
    guarded(|| {
        let fake = FakeAri::start().unwrap();
        let (server, sessions) = lent(server());
        fake.dial(server.local_addr(), APP).unwrap();
        let (session, _until) = sessions.recv().unwrap();
        let other = AriClient::connect(fake.config(APP)).unwrap();
        assert!(matches!(next(&session), Some(AriEvent::ApplicationRegistered(_))));
        assert!(matches!(next(&session), Some(AriEvent::ApplicationReplaced(_))));
        assert_eq!(session.client().replaced_applications(), [APP]);
        assert!(asterisk::ping(session.client()).is_ok());
        assert_eq!(other.connection_state(), ConnectionState::Connected);
    });
}

/// What Asterisk says when its configuration is read again.
#[test]
fn an_application_that_is_registered_anew_is_not_taken_for_one_that_is_taken_over() {
    guarded(|| {
        let fake = FakeAri::start().unwrap();
        let (server, sessions) = lent(server());
        FakeAriDial::to(server.local_addr())
            .application(APP)
            .application("second")
            .open(&fake)
            .unwrap();
        let (session, until) = sessions.recv().unwrap();
        let ari = session.client().clone();
        let push = |kind: &str, app: &str| {
            fake.push_text(APP, &format!(r#"{{"type":"{kind}","application":"{app}"}}"#));
            while next(&session).unwrap().event_name() != kind {}
        };
        push("ApplicationReplaced", "second");
        push("ApplicationReplaced", APP);
        push("ApplicationUnregistered", "second");
        assert_eq!(ari.applications(), [APP]);
        assert_eq!(ari.replaced_applications(), [APP]);
        // A wait counts on its events all the same, and here hears that there will be none.
        let channel = json!({ "id": "1", "name": "Local/1", "state": "Up" });
        fake.expect("GET", "channels/1", AriReply::ok(channel));
        fake.expect("POST", "applications/demo/subscription", AriReply::error(422, "gone"));
        assert_eq!(ari.channel("1").wait_for_hangup(LONG).unwrap(), None);
        push("StasisEnd", APP);
        assert_eq!(ari.replaced_applications(), Vec::<String>::new());
        // One that is gone for good stays so, whatever comes of others.
        push("ApplicationRegistered", "second");
        push("ApplicationReplaced", "second");
        push("StasisEnd", APP);
        assert_eq!(ari.replaced_applications(), ["second"]);
        drop((session, until));
        ari.wait_for_state(ConnectionState::Disconnected, LONG).unwrap();
        assert!(matches!(asterisk::ping(&ari), Err(Error::Closed)));
    });
}

#[test]
fn a_file_does_not_come_this_way_and_the_error_says_so() {
    guarded(|| {
        let fake = FakeAri::start().unwrap();
        let (server, sessions) = lent(server());
        fake.dial(server.local_addr(), APP).unwrap();
        let (session, _until) = sessions.recv().unwrap();
        let e = recording::download_stored(session.client(), "x", &mut Vec::new()).unwrap_err();
        assert!(matches!(&e, Error::Invalid(why) if why.contains("event socket")), "{e}");
    });
}

#[test]
fn an_answer_over_the_limit_fails_its_request_and_the_session_goes_on() {
    guarded(|| {
        let fake = FakeAri::start().unwrap();
        let (server, sessions) = lent(server().max_message_size(4096));
        fake.on("GET", "channels", |_| AriReply::ok("x".repeat(5000)));
        fake.dial(server.local_addr(), APP).unwrap();
        let (session, _until) = sessions.recv().unwrap();
        let e = channel::list(session.client()).unwrap_err();
        assert!(matches!(e, Error::Protocol(_)), "{e}");
        assert!(asterisk::ping(session.client()).is_ok());
    });
}

#[test]
fn as_many_sessions_as_there_may_be_are_served_side_by_side() {
    guarded(|| {
        let fake = FakeAri::start().unwrap();
        let answered = Arc::new(AtomicUsize::new(0));
        let counted = Arc::clone(&answered);
        let (server, sessions) = {
            let (lend, lent) = unbounded();
            let handler = move |session: AriSession| {
                lend.send(session.applications()).unwrap();
                for message in session.events() {
                    let AriEvent::StasisStart(event) = &message.event else { continue };
                    assert_eq!([&*message.application], *session.applications());
                    let asked = asterisk::ping(session.client());
                    counted.fetch_add(usize::from(asked.is_ok()), Ordering::SeqCst);
                    assert_eq!(event.channel.id, "1");
                    break;
                }
                Ok(())
            };
            (spawn(server().sessions(16).handler(handler)), lent)
        };
        let names: Vec<String> = (0..16).map(|n| format!("demo:PJSIP/{n}")).collect();
        names.iter().for_each(|name| fake.dial(server.local_addr(), name).unwrap());
        assert_eq!(sessions.iter().take(16).count(), 16);
        names.iter().for_each(|name| fake.push("StasisStart", name, start("1")));
        wait_for(&server, |stats| stats.served == 16);
        assert_eq!(answered.load(Ordering::SeqCst), 16);
    });
}

#[cfg(feature = "tls")]
#[test]
fn over_tls_it_is_the_same_and_without_tls_nothing() {
    guarded(|| {
        let fake = FakeAri::start().unwrap();
        let cert = include_bytes!("../../src/testing/certs/server.pem");
        let key = include_bytes!("../../src/testing/certs/server.key");
        let (server, sessions) = lent(server().tls(cert, key));
        let to = FakeAriDial::to(server.local_addr()).application(APP);
        let e = to.clone().open(&fake).unwrap_err();
        assert!(e.is_disconnected(), "{e}");
        wait_for(&server, |stats| stats.unread == 1);
        let e = to.clone().tls().credentials("asterisk", "wrong").open(&fake).unwrap_err();
        assert!(matches!(e, Error::Auth(_)), "{e}");
        to.tls().open(&fake).unwrap();
        let (session, until) = sessions.recv().unwrap();
        for n in 0..100 {
            fake.push("StasisStart", APP, start(&n.to_string()));
            assert!(asterisk::ping(session.client()).is_ok());
        }
        drop(until);
        assert_eq!(fake.wait_for_goodbye(APP, LONG).unwrap(), Some(1000));
        let bad = AriServer::builder().tls(cert, b"no key").handler(|_: AriSession| Ok(()));
        assert!(matches!(bad.build(), Err(Error::Invalid(_))));
    });
}

#[test]
fn settings_that_cannot_be_are_refused_before_anybody_is_served() {
    let with = |settings: AriServerBuilder| settings.handler(|_: AriSession| Ok(())).build();
    let local = || AriServer::builder().bind("127.0.0.1:0");
    assert!(matches!(local().build(), Err(Error::Invalid(_))), "no handler");
    let everywhere = || AriServer::builder().bind("0.0.0.0:0");
    let e = with(everywhere()).unwrap_err();
    assert!(matches!(&e, Error::Invalid(why) if why.contains("anonymous()")), "{e}");
    let e = with(everywhere().credentials("a", "b").anonymous().credentials("a", ""));
    assert!(matches!(e, Err(Error::Auth(_))));
    assert!(with(everywhere().anonymous()).is_ok());
    assert!(with(everywhere().credentials("a", "b")).is_ok());
    for bad in [
        local().sessions(0),
        local().max_handshakes(0),
        local().handshake_timeout(Duration::ZERO),
        local().timeout(Duration::ZERO),
        local().keep_alive(Duration::ZERO),
        local().credentials("a:b", "c"),
        local().credentials("a", "b\n"),
        local().path("no-slash"),
    ] {
        assert!(matches!(with(bad), Err(Error::Invalid(_))));
    }
    assert!(matches!(with(local().sessions(1 << 20)), Err(Error::Limit { .. })));
    let taken = with(local()).unwrap();
    assert!(matches!(with(local().bind(taken.local_addr())), Err(Error::Io(_))));
    let shown = format!("{:?}", local().credentials("asterisk", "s3cret"));
    assert!(shown.contains("asterisk") && !shown.contains("s3cret"), "{shown}");
}
