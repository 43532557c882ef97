//! Event sockets that a real Asterisk opens to a server of ours.

use std::net::TcpStream;
use std::time::Duration;

use asterisk_sync::ami::AmiClient;
use asterisk_sync::ami::TypedSubscription;
use asterisk_sync::ami::event::UserEvent;
use asterisk_sync::ari::resources::bridge::{self, BridgeParams};
use asterisk_sync::ari::resources::channel::ContinueParams;
use asterisk_sync::ari::resources::{application, asterisk, recording};
use asterisk_sync::ari::{
    AriClient, AriEvent, AriMessage, AriServer, AriServerBuilder, AriServerGuard, AriSession,
    OriginateParams, RecordParams,
};
use asterisk_sync::types::{ChannelState, PlaybackState, RecordingState};
use asterisk_sync::{ConnectionState, Error, EventSubscription};
use crossbeam_channel::{Receiver, Sender, unbounded};
use parking_lot::{Mutex, MutexGuard};

use crate::ari_core::await_message;
use crate::examples::running;
use crate::support::{Call, PATIENCE, await_event, client, eventually, setting, unique};

/// A session, and what ends it when it is dropped.
pub(crate) type Lent = (AriSession, Sender<()>);

/// The two ports that Asterisk connects to; one test at a time has one of them.
static PERSISTENT: Mutex<()> = Mutex::new(());
static PER_CALL: Mutex<()> = Mutex::new(());

fn at(port: &str) -> AriServerBuilder {
    AriServer::builder()
        .bind(format!("127.0.0.1:{}", setting(port)))
        .credentials("asterisk", "outbound-secret")
        .timeout(PATIENCE)
        .handshake_timeout(PATIENCE)
}

pub(crate) fn persistent() -> (MutexGuard<'static, ()>, AriServerBuilder) {
    (PERSISTENT.lock(), at("ASTERISK_OUTBOUND_PORT"))
}

pub(crate) fn per_call() -> (MutexGuard<'static, ()>, AriServerBuilder) {
    (PER_CALL.lock(), at("ASTERISK_OUTBOUND_CALL_PORT"))
}

/// A server that hands its sessions to the test.
pub(crate) fn lent(settings: AriServerBuilder) -> (AriServerGuard, Receiver<Lent>) {
    let (lend, lent) = unbounded();
    let handler = move |session: AriSession| {
        let (until, ended) = unbounded::<()>();
        drop(lend.send((session, until)));
        let _ = ended.recv();
        Ok(())
    };
    let server = settings.handler(handler).build().and_then(AriServer::spawn);
    (server.expect("the port is free"), lent)
}

pub(crate) fn next(sessions: &Receiver<Lent>) -> Lent {
    sessions.recv_timeout(PATIENCE).expect("Asterisk connects")
}

/// Lets a channel enter an application, and goes on at once.
pub(crate) fn enter(ami: &AmiClient, app: &str) -> Call {
    let call = Call::new(ami);
    let action = call.action("stasis").variable("APP", app).asynchronous(true);
    ami.send_action(&action).expect("Asterisk takes the call");
    call
}

/// What the dialplan says behind `Stasis()`.
fn status(events: &TypedSubscription<UserEvent>, call: &Call) -> String {
    let event = await_event(events, |event: &UserEvent| {
        event.user_event() == "StasisEnded" && event.message().get("Uniqueid") == Some(&*call.other)
    });
    event.message().get("StasisStatus").unwrap_or_default().to_owned()
}

pub(crate) fn await_start(events: &EventSubscription<AriMessage>, id: &str) -> AriMessage {
    await_message(
        events,
        |m| matches!(&m.event, AriEvent::StasisStart(start) if start.channel.id == id),
    )
}

/// Answered, bridged, played to, recorded, hung up.
#[allow(clippy::unwrap_used, reason = "a panic is how a test fails")]
fn exercise(ari: &AriClient, app: &str, id: &str) {
    let leg = ari.channel(id);
    leg.answer().unwrap();
    assert_eq!(leg.get().unwrap().state, ChannelState::Up);
    let played = leg.play("sound:beep").unwrap().wait_timeout(PATIENCE).unwrap();
    assert_eq!(played.expect("it was heard").state, PlaybackState::Done);

    let pending = ari.pending_channel_with_id(unique("leg/+ %"));
    let params = OriginateParams::to("Local/answer@test").app(app).app_args("a, b,c+d %2B");
    let (other, events) = pending.originate(&params).unwrap();
    let start = await_start(&events, other.id());
    assert!(matches!(&start.event, AriEvent::StasisStart(e) if e.args == ["a", " b", "c+d %2B"]));
    let (room, events) = ari.pending_bridge().create(&BridgeParams::default()).unwrap();
    let room = room.guard();
    for id in [leg.id(), other.id()] {
        room.add_channel(id).unwrap();
    }
    for _ in 0..2 {
        await_message(&events, |m| matches!(m.event, AriEvent::ChannelEnteredBridge(_)));
    }
    assert_eq!(bridge::get(ari, room.id()).unwrap().channels.len(), 2);
    room.remove_channel(leg.id()).unwrap();

    let name = unique("rec");
    let recorded = leg.record(&name, &RecordParams::new("wav")).unwrap();
    eventually(|| recorded.stop());
    let ended = recorded.wait_timeout(PATIENCE).unwrap().expect("it was heard");
    assert_eq!(ended.state, RecordingState::Done);
    let e = recording::download_stored(ari, &name, &mut Vec::new()).unwrap_err();
    assert!(matches!(&e, Error::Invalid(why) if why.contains("event socket")), "{e}");
    recording::delete_stored(ari, &name).unwrap();

    other.hangup(None).unwrap();
    leg.hangup(None).unwrap();
    assert!(leg.wait_for_hangup(PATIENCE).is_ok());
    leg.hangup(None).unwrap();
}

#[test]
fn a_persistent_connection_names_its_applications_and_carries_calls() {
    let (_alone, settings) = persistent();
    let ami = client();
    let (server, sessions) = lent(settings.path("/outbound"));
    let (session, _until) = next(&sessions);
    assert_eq!((session.path(), session.param("name")), ("/outbound", Some("a b")));
    assert!(session.call().is_none() && session.upgrade().protocols() == ["ari"]);
    for app in ["outbound-app", "outbound-second"] {
        let message = await_message(
            session.events(),
            // Behind what it kept of earlier calls while nobody was connected.
            |m| matches!(m.event, AriEvent::ApplicationRegistered(_)),
        );
        assert_eq!(message.application, app);
    }
    assert_eq!(session.applications(), ["outbound-app", "outbound-second"]);
    let ari = session.client();
    assert_eq!(asterisk::ping(ari).unwrap().ping, "pong");
    for app in session.applications() {
        assert_eq!(application::get(ari, &app).unwrap().name, app);
        let call = enter(&ami, &app);
        let start = await_start(session.events(), &call.other);
        assert_eq!(start.application, app);
        exercise(ari, &app, &call.other);
    }
    let stats = server.stats();
    assert_eq!((stats.active, stats.failed, stats.unread), (1, 0, 0), "{stats:?}");
}

#[test]
fn every_call_has_a_connection_of_its_own_until_it_has_left() {
    let (_alone, settings) = per_call();
    let ami = client();
    let (server, sessions) = lent(settings);
    let calls: Vec<Call> = (0..3).map(|_| enter(&ami, "call-app")).collect();
    let held: Vec<Lent> = calls.iter().map(|_| next(&sessions)).collect();
    for (session, _) in &held {
        let start =
            await_message(session.events(), |m| matches!(m.event, AriEvent::StasisStart(_)));
        let AriEvent::StasisStart(event) = &start.event else { unreachable!() };
        assert_eq!(session.call().as_deref(), Some(&*event.channel.name));
        assert_eq!(session.applications(), [&*start.application]);
        assert_eq!(start.application, format!("call-app:{}", event.channel.name));
        assert!(calls.iter().any(|call| call.other == event.channel.id));
        exercise(session.client(), &start.application, &event.channel.id);
    }
    // Asterisk closes them by itself, those whose handlers have returned and the others.
    let clients: Vec<AriClient> =
        held.iter().map(|(session, _)| session.client().clone()).collect();
    let mut held = held.into_iter();
    drop((held.next(), held.next()));
    for client in &clients {
        client.wait_for_state(ConnectionState::Disconnected, PATIENCE).unwrap();
    }
    drop((held, calls));
    let report = server.shutdown().unwrap();
    assert_eq!((report.served, report.failed, report.unread), (3, 0, 0), "{report:?}");
    assert!(sessions.is_empty(), "and makes no other ones");
}

#[test]
fn where_a_call_gets_no_session_the_dialplan_goes_on_and_is_told() {
    let (_alone, settings) = per_call();
    let ami = client();
    let ends = ami.subscribe_to::<UserEvent>();
    let (server, sessions) = lent(settings.sessions(1).admission(|asked| asked.path() != "/tls"));
    let refused = enter(&ami, "refused-app");
    assert_eq!(status(&ends, &refused), "FAILED");
    assert_eq!(server.stats().unauthorized, 1);

    let served = enter(&ami, "call-app");
    let (session, until) = next(&sessions);
    let too_many = enter(&ami, "call-app");
    assert_eq!(status(&ends, &too_many), "FAILED");
    assert_eq!((server.stats().refused, server.stats().active), (1, 1));

    let start = await_start(session.events(), &served.other);
    assert!(start.application.starts_with("call-app:Local/stasis@test-"));
    session
        .client()
        .channel(&*served.other)
        .continue_in_dialplan(&ContinueParams::default())
        .unwrap();
    assert_eq!(status(&ends, &served), "SUCCESS");
    drop((session, until));
    let report = server.shutdown().unwrap();
    assert_eq!((report.served, report.refused, report.unauthorized), (1, 1, 1), "{report:?}");

    // And where there is no server at all.
    assert_eq!(status(&ends, &enter(&ami, "call-app")), "FAILED");
}

/// What the documentation says of handlers that return too early.
#[test]
fn for_a_call_that_is_still_there_asterisk_opens_another_socket() {
    let (_alone, settings) = per_call();
    let ami = client();
    let (server, sessions) = lent(settings);
    let call = enter(&ami, "call-app");
    let (session, until) = next(&sessions);
    await_start(session.events(), &call.other);
    let name = session.call().expect("it is for one call");
    drop((session, until));

    let (again, until) = next(&sessions);
    assert_eq!(again.call().as_deref(), Some(&*name));
    let leg = again.client().channel(&*call.other);
    assert_eq!(leg.get().unwrap().dialplan.app_name, "Stasis");
    leg.hangup(None).unwrap();
    // From its registration to its end, without a beginning.
    let mut seen = Vec::new();
    await_message(again.events(), |message| {
        seen.push(message.event.event_name().to_owned());
        matches!(message.event, AriEvent::StasisEnd(_))
    });
    assert_eq!(seen[0], "ApplicationRegistered");
    assert!(!seen.iter().any(|name| name == "StasisStart"), "{seen:?}");
    drop((again, until));
    let report = server.shutdown().unwrap();
    assert_eq!((report.served, sessions.len()), (2, 0), "{report:?}");
}

#[test]
fn asterisk_connects_again_to_a_server_that_was_restarted() {
    let (_alone, settings) = persistent();
    let ami = client();
    let (server, sessions) = lent(settings.clone().grace(Duration::ZERO));
    let (session, until) = next(&sessions);
    let first = session.client().clone();
    // The server's end is the session's, and Asterisk's next connection is for the next server.
    server.shutdown_handle().shutdown();
    first.wait_for_state(ConnectionState::Disconnected, PATIENCE).unwrap();
    drop((session, until));
    assert_eq!(server.join().unwrap().closed, 1);

    let (server, sessions) = lent(settings);
    for _ in 0..2 {
        let (session, until) = next(&sessions);
        let call = enter(&ami, "outbound-app");
        await_start(session.events(), &call.other);
        session.client().channel(&*call.other).hangup(None).unwrap();
        // Asterisk 22 crashes when it has an event to send while its socket goes: there is none left.
        await_message(session.events(), |m| matches!(m.event, AriEvent::StasisEnd(_)));
        // It is a session that ends here, with a goodbye; Asterisk makes another.
        drop((session, until));
    }
    let report = server.stats();
    assert_eq!((report.failed, report.unread), (0, 0), "{report:?}");
}

#[test]
fn over_tls_the_certificate_is_verified_and_calls_are_the_same() {
    let (_alone, settings) = per_call();
    let ami = client();
    let path = setting("ASTERISK_OUTBOUND_IDENTITY");
    let pem = std::fs::read(&path).unwrap_or_else(|e| panic!("{path}: {e}"));
    let (server, sessions) = lent(settings.tls(&pem, &pem));
    let call = enter(&ami, "tls-app");
    let (session, until) = next(&sessions);
    assert_eq!(session.path(), "/tls");
    let start = await_start(session.events(), &call.other);
    exercise(session.client(), &start.application, &call.other);
    drop((session, until));
    let ends = ami.subscribe_to::<UserEvent>();
    // This one does not speak TLS.
    assert_eq!(status(&ends, &enter(&ami, "call-app")), "FAILED");
    let report = server.shutdown().unwrap();
    assert_eq!((report.served, report.unread), (1, 1), "{report:?}");
}

#[test]
fn the_example_welcomes_a_real_call() {
    let (_alone, _) = per_call();
    let ami = client();
    let address = format!("127.0.0.1:{}", setting("ASTERISK_OUTBOUND_CALL_PORT"));
    let bind = address.clone();
    let example = std::thread::spawn(move || {
        running::run("ari_server", |command| {
            command
                .env("ASTERISK_ARI_BIND", bind)
                .env("ASTERISK_ARI_PASSWORD", "outbound-secret")
                .env("CALLS", "1");
        })
    });
    // Until it listens, calls would go on in the dialplan.
    while !example.is_finished() && TcpStream::connect(&address).is_err() {
        std::thread::yield_now();
    }
    let _call = enter(&ami, "call-app");
    let printed = example.join().expect("it ends well");
    for words in ["calls call-app:Local/stasis@test-", "sound:hello-world is done", "served: 1"] {
        assert!(printed.contains(words), "{words:?} is not in:\n{printed}");
    }
}
