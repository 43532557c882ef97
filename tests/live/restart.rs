//! The client while the server goes down and comes back. A target of its own, since nothing else
//! can use the server meanwhile; its tests take turns.

mod ari_envelope;
mod restart_ari;
#[allow(dead_code, reason = "made for the tests that need no restart")]
mod support;

use std::process::{Command, Stdio};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::Duration;

use asterisk_sync::ami::action::{
    EventsAction, FilterAction, FilterCriteria, GetVarAction, HangupAction, OriginateAction,
    SetVarAction, StatusAction, UserEventAction,
};
use asterisk_sync::ami::event::{NewChannel, Shutdown};
use asterisk_sync::ami::picture::{Change, Part};
use asterisk_sync::ami::tracker::CallEnding;
use asterisk_sync::ami::{AmiClient, AmiClientBuilder, AmiEvent, EventMask, Filter};
use asterisk_sync::types::{CallFailure, EventClass, FilterMethod, HangupCause, ShutdownKind};
use asterisk_sync::{ConnectionError, ConnectionState, Error, ReconnectPolicy, TimeoutError};
use support::{Call, PATIENCE, await_event, events_until, names, over_tls, run, setting, unique};

/// Whoever holds it may do with the server what they like; at the end it is up.
struct Server {
    script: String,
    _turn: MutexGuard<'static, ()>,
}

impl Server {
    fn take() -> Self {
        static TURN: Mutex<()> = Mutex::new(());
        let turn = TURN.lock().unwrap_or_else(PoisonError::into_inner);
        Self { script: setting("ASTERISK_RESTART"), _turn: turn }
    }

    fn restart(&self) {
        run(&self.script, &[]);
    }

    fn stop(&self) {
        run(&self.script, &["--stop"]);
    }

    fn kill(&self) {
        run(&self.script, &["--kill", "--stop"]);
    }

    fn start(&self) {
        run(&self.script, &["--start"]);
    }

    /// It neither says anything nor hangs up, until it is thawed.
    fn freeze(&self) {
        run(&self.script, &["--freeze"]);
    }

    fn thaw(&self) {
        run(&self.script, &["--thaw"]);
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // If it does not start, the next test says so.
        let _ = Command::new(&self.script).arg("--start").stdin(Stdio::null()).status();
    }
}

/// A client that comes back soon.
fn builder() -> AmiClientBuilder {
    support::builder().reconnect(ReconnectPolicy::fixed(Duration::from_millis(50)))
}

fn client() -> AmiClient {
    builder().connect().expect("the server is up")
}

/// Waits until the client has noticed, and is back.
fn await_reconnect(ami: &AmiClient, reconnects: u64) {
    support::eventually(|| {
        ami.wait_for_state(ConnectionState::Connected, PATIENCE).expect("it reconnects");
        let made = ami.stats().reconnects;
        if made >= reconnects { Ok(()) } else { Err(format!("{made} reconnects")) }
    });
}

fn tell(ami: &AmiClient, name: &str) {
    ami.send_action(&UserEventAction::new(name)).expect("the event is sent");
}

fn is_user_event(event: &AmiEvent, name: &str) -> bool {
    matches!(event, AmiEvent::UserEvent(event) if event.user_event() == name)
}

#[test]
fn subscriptions_outlive_a_restart_and_tell_of_the_gap() {
    let server = Server::take();
    let ami = client();
    let (all, typed) = (ami.subscribe(), ami.subscribe_to::<Shutdown>());
    let [before, after] = ["Before", "After"].map(unique);
    tell(&ami, &before);
    events_until(&all, |event| is_user_event(event, &before));

    server.restart();
    await_reconnect(&ami, 1);
    tell(&ami, &after);
    let seen = events_until(&all, |event| is_user_event(event, &after));
    let position = |wanted: fn(&AmiEvent) -> bool| seen.iter().position(wanted);
    let shutdown = position(|event| matches!(event, AmiEvent::Shutdown(_))).unwrap();
    let gap = position(|event| matches!(event, AmiEvent::Gap(_))).unwrap();
    assert!(shutdown < gap, "{:?}", names(&seen));
    let gaps: Vec<_> = seen
        .iter()
        .filter_map(|event| match event {
            AmiEvent::Gap(gap) => Some((gap.reconnected(), gap.missed())),
            _ => None,
        })
        .collect();
    assert_eq!(gaps, [(true, 0)]);
    let event = await_event(&typed, |_| true);
    assert_eq!((event.shutdown(), event.restart()), (Some(ShutdownKind::Cleanly), Some(false)));
    assert_eq!(ami.stats().reconnects, 1);
}

#[test]
fn a_client_over_tls_comes_back_too() {
    let server = Server::take();
    let ami = over_tls(builder()).connect().unwrap();
    let events = ami.subscribe();
    server.restart();
    await_reconnect(&ami, 1);
    let name = unique("After");
    tell(&ami, &name);
    let seen = events_until(&events, |event| is_user_event(event, &name));
    assert!(seen.iter().any(|event| matches!(event, AmiEvent::Gap(_))), "{:?}", names(&seen));
}

#[test]
fn masks_hold_after_a_restart_whether_given_at_login_or_later() {
    let server = Server::take();
    let given = builder().events(EventMask::of([EventClass::User])).connect().unwrap();
    let changed = client();
    let mask = EventMask::of([EventClass::User, EventClass::Security]);
    changed.send_action(&EventsAction::new(mask)).unwrap();
    let silent = builder().events(EventMask::none()).connect().unwrap();
    let streams = [given.subscribe(), changed.subscribe(), silent.subscribe()];
    server.restart();
    for ami in [&given, &changed, &silent] {
        await_reconnect(ami, 1);
    }

    let ami = client();
    let end = unique("End");
    drop(Call::to(&ami, "answer"));
    tell(&ami, &end);
    for stream in &streams[..2] {
        let seen = events_until(stream, |event| is_user_event(event, &end));
        let gap = seen.iter().position(|event| matches!(event, AmiEvent::Gap(_))).unwrap();
        for event in &seen[gap + 1..] {
            assert!(matches!(event.privilege(), Some("user" | "security")), "{event:?}");
        }
    }
    silent.disconnect().unwrap();
    assert!(streams[2].iter().all(|event| matches!(event, AmiEvent::Gap(_))));
}

#[test]
fn filters_hold_after_a_restart_in_both_syntaxes() {
    let server = Server::take();
    let end = unique("End");
    let by_name = FilterCriteria::include().name("UserEvent");
    let by_value = FilterCriteria::exclude().header("Color").value(FilterMethod::Exact, "blue");
    let criteria = builder()
        .filter(FilterAction::matching(by_name))
        .filter(FilterAction::matching(by_value))
        .connect()
        .unwrap();
    let expressions = client();
    for filter in [FilterAction::include("^Event: UserEvent"), FilterAction::exclude("blue")] {
        expressions.send_action(&filter).unwrap();
    }
    let streams = [criteria.subscribe(), expressions.subscribe()];
    // Two restarts: filters are added once each time, and no more.
    for round in 1..=2 {
        server.restart();
        await_reconnect(&criteria, round);
        await_reconnect(&expressions, round);
    }
    let ami = client();
    drop(Call::to(&ami, "answer"));
    for color in ["blue", "red"] {
        ami.send_action(&UserEventAction::new("LiveColor").header("Color", color)).unwrap();
    }
    tell(&ami, &end);
    for stream in &streams {
        let seen = events_until(stream, |event| is_user_event(event, &end));
        let last_gap = seen.iter().rposition(|event| matches!(event, AmiEvent::Gap(_))).unwrap();
        let after = &seen[last_gap + 1..];
        assert!(after.iter().all(|event| event.event_name() == "UserEvent"), "{:?}", names(after));
        let colors: Vec<_> = after.iter().filter_map(|it| it.message().get("Color")).collect();
        assert_eq!(colors, ["red"]);
    }
}

#[test]
fn an_action_under_way_when_the_server_is_killed_fails_and_may_have_run() {
    let server = Server::take();
    let (ami, watcher) = (client(), client());
    let channels = watcher.subscribe_to::<NewChannel>();
    let call = Call::new(&watcher);
    // It would ring for longer than the test runs.
    let patient = ami.with_timeout(Duration::from_secs(3600));
    let action = call.action("noanswer").ring_for(Duration::from_secs(3000));
    let pending = patient.start_action(&action).unwrap();
    let waiting = ami.with_timeout(Duration::from_secs(3600));
    await_event(&channels, |it| it.channel().unique_id() == call.id);
    // The server is busy with the call, so these wait behind it.
    let behind = waiting.start_action(&GetVarAction::new("EPOCH")).unwrap();

    server.kill();
    for error in [pending.wait().unwrap_err(), behind.wait().unwrap_err()] {
        assert!(matches!(error, Error::Disconnected { sent: true }), "{error:?}");
        assert!(error.may_have_run() && !error.is_retryable() && error.is_disconnected());
    }
    server.start();
    await_reconnect(&ami, 1);
    assert_eq!(ami.ping().unwrap().ping(), "Pong");
}

#[test]
fn while_the_server_is_down_nothing_is_sent_and_everything_says_so() {
    let server = Server::take();
    let ami = client();
    let events = ami.subscribe();
    server.stop();
    ami.wait_for_state(ConnectionState::Reconnecting, PATIENCE).unwrap();
    let error = ami.ping().unwrap_err();
    assert!(matches!(error, Error::Disconnected { sent: false }), "{error:?}");
    assert!(error.is_retryable() && !error.may_have_run());
    let error = support::builder().connect().unwrap_err();
    assert!(matches!(error, Error::Connection(ConnectionError::Connect { .. })), "{error:?}");
    assert!(error.is_retryable());

    server.start();
    await_reconnect(&ami, 1);
    assert_eq!(ami.ping().unwrap().ping(), "Pong");
    let end = unique("End");
    tell(&ami, &end);
    events_until(&events, |event| is_user_event(event, &end));
}

#[test]
fn a_client_that_is_not_to_reconnect_is_over_when_the_server_is_killed() {
    let server = Server::take();
    let once = builder().reconnect(ReconnectPolicy::none()).connect().unwrap();
    let policy = ReconnectPolicy::fixed(Duration::from_millis(10)).with_max_retries(3);
    let thrice = builder().reconnect(policy).connect().unwrap();
    let events = [once.subscribe(), thrice.subscribe()];
    server.kill();
    for (ami, events) in [&once, &thrice].into_iter().zip(&events) {
        ami.wait_for_state(ConnectionState::Disconnected, PATIENCE).unwrap();
        assert!(matches!(ami.ping(), Err(Error::Closed)));
        while events.recv().is_some() {}
    }
    assert_eq!(once.stats().attempts, 1);
    assert_eq!(thrice.stats().attempts, 4);
}

#[test]
fn threads_that_never_stop_calling_get_answers_or_honest_errors_through_a_kill() {
    let server = Server::take();
    let ami = client();
    let global = support::unique("LIVE");
    thread::scope(|scope| {
        let threads: Vec<_> = (0..8)
            .map(|index| {
                let (ami, global) = (ami.clone(), format!("{global}T{index}"));
                scope.spawn(move || {
                    let (mut good, mut bad) = (0_u64, 0_u64);
                    // Until it has been through it, and works again.
                    while bad == 0 || ami.stats().reconnects == 0 || good == 0 {
                        let value = (good + bad).to_string();
                        let set = ami
                            .send_action(&SetVarAction::new(&global, &value))
                            .and_then(|_| ami.send_action(&GetVarAction::new(&global)));
                        match set {
                            Ok(answer) => {
                                assert_eq!(answer.value(), value);
                                good += 1;
                            }
                            Err(Error::Disconnected { .. }) => {
                                bad += 1;
                                let _ = ami.wait_for_state(ConnectionState::Connected, PATIENCE);
                            }
                            Err(Error::Refused { message, .. }) => {
                                assert!(message.contains("shutting down"), "{message}");
                            }
                            Err(other) => panic!("{other:?}"),
                        }
                    }
                    assert_eq!(ami.ping().unwrap().ping(), "Pong");
                })
            })
            .collect();
        server.kill();
        server.start();
        for thread in threads {
            thread.join().unwrap();
        }
    });
    assert_eq!(ami.stats().in_flight, 0);
}

#[test]
fn calls_under_way_at_a_restart_end_unseen_and_the_tracker_and_the_picture_heal() {
    let server = Server::take();
    let ami = client();
    let tracker = ami.call_tracker().unwrap();
    let picture = ami.live_picture().unwrap();
    let changes = picture.changes();
    let calls = [Call::to(&ami, "answer"), Call::to(&ami, "hold")];
    support::eventually(|| {
        let now = picture.snapshot();
        let active = tracker.active();
        let is_known = |call: &Call| {
            active.iter().any(|it| it.linked_id() == call.id) && now.channel(&call.id).is_some()
        };
        if calls.iter().all(is_known) { Ok(()) } else { Err(format!("{active:?}, {now:?}")) }
    });
    server.kill();
    ami.wait_for_state(ConnectionState::Reconnecting, PATIENCE).unwrap();
    assert!(!tracker.is_current() && !picture.is_current());
    server.start();
    let mut left = calls.each_ref().map(|call| &call.id).to_vec();
    while !left.is_empty() {
        let record = tracker.recv_timeout(PATIENCE).unwrap().unwrap();
        if left.iter().any(|id| **id == *record.linked_id()) {
            assert_eq!(record.ending(), Some(CallEnding::Unseen));
            assert!(record.had_gap());
        }
        left.retain(|id| **id != *record.linked_id());
    }
    picture.wait_until_current(PATIENCE).unwrap();
    let mut seen = Vec::new();
    while !matches!(seen.last(), Some(Change::Resynced)) {
        seen.push(changes.recv_timeout(PATIENCE).unwrap().unwrap());
    }
    assert!(seen.contains(&Change::Stale), "{seen:?}");
    // Modules come one by one; in the end everything is there again.
    support::eventually(|| {
        let now = picture.snapshot();
        let missing = Part::ALL.iter().find_map(|part| now.unavailable(*part));
        match (missing, now.queues().len(), now.call_count()) {
            (None, 4, 0) => Ok(()),
            other => Err(format!("{other:?}")),
        }
    });
    let call = Call::to(&ami, "answer");
    let id = call.id.clone();
    support::eventually(|| picture.snapshot().channel(&id).map(drop).ok_or("not there yet"));
    drop(call);
    let record = loop {
        let record = tracker.recv_timeout(PATIENCE).unwrap().unwrap();
        if record.linked_id() == id {
            break record;
        }
    };
    assert!(record.is_complete(), "{record:?}");
}

/// A call that rings until somebody does something about it.
fn ringing(id: &str) -> OriginateAction {
    OriginateAction::to("Local/noanswer@test/n").application("Wait", "60").channel_id(id)
}

/// Makes a call, does something when it rings, and returns what became of it.
fn while_it_rings(
    ami: &AmiClient,
    id: &str,
    rings_for: Duration,
    act: impl FnOnce(),
) -> asterisk_sync::Result<asterisk_sync::ami::Call> {
    let rings = ami.subscribe_with(Filter::names(["DialState"]).unique_id(id));
    thread::scope(|scope| {
        let call = scope.spawn(|| ami.originate(&ringing(id).ring_for(rings_for)));
        rings.wait_for(|_| true, PATIENCE).expect("it rings");
        act();
        call.join().expect("no panic")
    })
}

#[test]
fn a_call_that_rings_when_the_server_dies_may_have_run() {
    let server = Server::take();
    let ami = client();
    let outcome = while_it_rings(&ami, &unique("call"), PATIENCE, || {
        server.kill();
        server.start();
    });
    assert!(matches!(outcome, Err(Error::Disconnected { sent: true })), "{outcome:?}");
}

#[test]
fn a_call_of_which_nothing_more_is_heard_times_out_here_and_is_hung_up() {
    let server = Server::take();
    let ami = builder().timeout(Duration::from_secs(2)).keep_alive(None).connect().unwrap();
    let id = unique("call");
    let outcome = while_it_rings(&ami, &id, Duration::from_secs(6), || server.freeze());
    server.thaw();
    let Err(Error::Timeout(TimeoutError::Action { action, sent: true, .. })) = &outcome else {
        panic!("{outcome:?}")
    };
    assert_eq!(&**action, "Originate");
    support::eventually(|| match ami.list(&StatusAction::new().channel(&id)) {
        Ok(channels) if channels.is_empty() => Ok(()),
        // That is how the server says it of one that is named.
        Err(e) if e.is_refused() => Ok(()),
        other => Err(format!("{other:?}")),
    });
    assert_eq!(ami.stats().reconnects, 0);
}

#[test]
fn a_call_that_rings_while_the_connection_is_lost_is_waited_for() {
    let _server = Server::take();
    let ami = client();
    let id = unique("call");
    let outcome = while_it_rings(&ami, &id, PATIENCE, || {
        kick_everybody();
        await_reconnect(&ami, 1);
        let cause = HangupCause::CallRejected;
        ami.send_action(&HangupAction::new(&*id).cause(cause)).expect("it still rings");
    });
    let rejected = CallFailure::Rejected;
    assert!(
        matches!(&outcome, Err(Error::NotAnswered { reason, .. }) if *reason == rejected),
        "{outcome:?}"
    );
}

#[test]
fn a_standing_call_outlives_the_connection_and_not_the_server() {
    let server = Server::take();
    let ami = client();
    let to = |extension: &str| {
        let to = OriginateAction::to(format!("Local/{extension}@test/n"));
        ami.originate(&to.application("Wait", "60")).expect("it is answered")
    };
    let (one, two) = (to("answer"), to("hold"));
    kick_everybody();
    await_reconnect(&ami, 1);
    one.hangup(HangupCause::UserBusy).unwrap();
    assert_eq!(one.wait_for_hangup(PATIENCE).unwrap().cause(), Some(HangupCause::UserBusy));
    assert!(two.wait_for_hangup(Duration::from_millis(50)).unwrap_err().is_timeout());
    server.kill();
    server.start();
    assert_eq!(two.wait_for_hangup(PATIENCE).unwrap().cause(), None);
    assert!(ami.call(two.unique_id()).unwrap_err().is_refused());
}

/// Has the server end every connection, without a word.
fn kick_everybody() {
    for line in support::console("manager show connected").lines() {
        let mut columns = line.split_whitespace();
        if columns.next() == Some("admin") {
            let session = columns.nth(3).expect("the file descriptor");
            support::console(&format!("manager kick session {session}"));
        }
    }
}
