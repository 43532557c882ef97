//! A FastAGI server that a real Asterisk calls.

use std::collections::HashMap;
use std::time::Duration;

use asterisk_sync::agi::{AgiChannel, AgiRequest, AgiServer, AgiServerBuilder, AgiServerGuard};
use asterisk_sync::ami::event::UserEvent;
use asterisk_sync::ami::{AmiClient, TypedSubscription};
use asterisk_sync::types::AgiOutcome;
use crossbeam_channel::{Receiver, Sender, unbounded};

use crate::support::{Call, PATIENCE, await_event, client, eventually};

fn server() -> AgiServerBuilder {
    AgiServer::builder().bind("127.0.0.1:0")
}

/// A server whose handlers say that they have begun, and go on when they are let.
fn gated(settings: AgiServerBuilder) -> (AgiServerGuard, Receiver<String>, Sender<()>) {
    let (begun, begins) = unbounded();
    let (open, gate) = unbounded::<()>();
    let handler = move |request: &AgiRequest, agi: &mut AgiChannel| {
        begun.send(request.unique_id().to_owned()).expect("the test waits");
        // Until the test drops its end.
        let _ = gate.recv();
        agi.noop()
    };
    let server = settings.handler(handler).build().and_then(AgiServer::spawn);
    (server.expect("a free port"), begins, open)
}

/// Lets a channel run `AGI()` with this server, and goes on at once.
fn call(ami: &AmiClient, server: &AgiServerGuard) -> Call {
    let call = Call::new(ami);
    let action = call
        .action("agi")
        .variable("AGIPORT", server.local_addr().port().to_string())
        .variable("AGIPATH", "live")
        .asynchronous(true);
    ami.send_action(&action).expect("Asterisk takes the call");
    call
}

/// What the dialplan says behind `AGI()`: by the channel's unique id.
fn ended(events: &TypedSubscription<UserEvent>, calls: &[&Call]) -> Vec<AgiOutcome> {
    let mut outcomes = HashMap::new();
    while outcomes.len() < calls.len() {
        let event = await_event(events, |event: &UserEvent| {
            event.user_event() == "AgiEnded"
                && calls
                    .iter()
                    .any(|call| event.message().get("Uniqueid") == Some(call.other.as_str()))
        });
        let id = event.channel().unique_id().to_owned();
        let status = event.message().get("AgiStatus").unwrap_or_default();
        outcomes.insert(id, AgiOutcome::from(status));
    }
    calls.iter().map(|call| outcomes[&call.other].clone()).collect()
}

/// Asks the server until it is so far.
fn wait_for(server: &AgiServerGuard, active: usize, queued: usize) {
    eventually(|| {
        let stats = server.stats();
        if (stats.active, stats.queued) == (active, queued) {
            Ok(())
        } else {
            Err(format!("{stats:?}"))
        }
    });
}

#[test]
fn sixty_four_calls_at_once_go_through_sixteen_workers_and_a_queue() {
    let ami = client();
    let events = ami.subscribe_to::<UserEvent>();
    let (server, _begins, open) = gated(server().workers(16).queue(48));
    let calls: Vec<Call> = (0..64).map(|_| call(&ami, &server)).collect();
    wait_for(&server, 16, 48);
    drop(open);
    let outcomes = ended(&events, &calls.iter().collect::<Vec<_>>());
    assert_eq!(outcomes, vec![AgiOutcome::Success; 64]);
    let report = server.shutdown().expect("a report");
    assert_eq!((report.served, report.failed, report.refused), (64, 0, 0), "{report:?}");
}

#[test]
fn the_dialplan_of_a_refused_caller_goes_on_and_is_told() {
    let ami = client();
    let events = ami.subscribe_to::<UserEvent>();
    let (server, begins, open) = gated(server().workers(1).queue(0));
    let served = call(&ami, &server);
    assert_eq!(begins.recv_timeout(PATIENCE).expect("the first is handled"), served.other);
    let refused = call(&ami, &server);
    assert_eq!(ended(&events, &[&refused]), [AgiOutcome::Failure]);
    assert_eq!(server.stats().active, 1);
    drop(open);
    assert_eq!(ended(&events, &[&served]), [AgiOutcome::Success]);
    let report = server.shutdown().expect("a report");
    assert_eq!((report.served, report.refused), (1, 1));
}

#[test]
fn a_handler_that_fails_or_panics_is_a_failure_for_the_dialplan() {
    let ami = client();
    let events = ami.subscribe_to::<UserEvent>();
    let (turn, turns) = unbounded();
    let handler = move |_: &AgiRequest, agi: &mut AgiChannel| {
        let panics: bool = turns.recv().expect("the test says");
        assert!(!panics, "as the test has said");
        agi.exec("NoSuchApplication", "")?;
        agi.set_variable("CR", "\r")
    };
    let server = server().workers(1).handler(handler).build().and_then(AgiServer::spawn);
    let server = server.expect("a free port");
    for panics in [true, false] {
        turn.send(panics).expect("the server is there");
        assert_eq!(ended(&events, &[&call(&ami, &server)]), [AgiOutcome::Failure]);
    }
    let report = server.shutdown().expect("a report");
    assert_eq!((report.failed, report.panicked), (2, 1));
}

#[test]
fn a_shutdown_lets_calls_end_and_after_its_grace_ends_them() {
    let ami = client();
    let events = ami.subscribe_to::<UserEvent>();

    let (patient, begins, open) = gated(server().workers(1).queue(1).grace(PATIENCE));
    let (first, second) = (call(&ami, &patient), call(&ami, &patient));
    begins.recv_timeout(PATIENCE).expect("one is handled");
    wait_for(&patient, 1, 1);
    patient.shutdown_handle().shutdown();
    drop(open);
    assert_eq!(ended(&events, &[&first, &second]), vec![AgiOutcome::Success; 2]);
    let report = patient.join().expect("a report");
    assert_eq!((report.served, report.closed), (2, 0));

    let (hasty, begins, open) = gated(server().workers(1).grace(Duration::ZERO));
    let cut = call(&ami, &hasty);
    begins.recv_timeout(PATIENCE).expect("it is handled");
    hasty.shutdown_handle().shutdown();
    // The dialplan goes on although the handler is still at it.
    assert_eq!(ended(&events, &[&cut]), [AgiOutcome::Success]);
    drop(open);
    let report = hasty.join().expect("a report");
    assert_eq!((report.failed, report.closed), (1, 1));
}
