//! A lost connection: what fails, what comes back, and what is final.

use std::time::Duration;

use crate::common::{LONG, SHORT, bare, both, next, next_gap, servers, servers_with, settled};
use asterisk_sync::ami::action::{EventsAction, FilterAction, FilterCriteria};
use asterisk_sync::ami::event::Hangup;
use asterisk_sync::ami::{EventMask, Filter};
use asterisk_sync::types::EventClass;
use asterisk_sync::{ConnectionState, Error, ReconnectPolicy, TimeoutError};

#[test]
fn subscriptions_go_on_behind_a_gap() {
    both(|fake, ami| {
        let events = ami.subscribe();
        let typed = ami.subscribe_to::<Hangup>();
        fake.push("Hangup", &[("Cause", "16")]);
        assert_eq!(next(&events).event_name(), "Hangup");
        fake.reset_sessions();
        assert_eq!(next_gap(&events), (0, true));
        // Login and news can come in one read: the gap is before both.
        assert_eq!(next(&events).event_name(), "FullyBooted");
        fake.push("Hangup", &[("Cause", "17")]);
        assert_eq!(next(&events).event_name(), "Hangup");
        assert_eq!(typed.recv().unwrap().message().get("Cause"), Some("16"));
        assert_eq!(typed.recv().unwrap().message().get("Cause"), Some("17"));
        assert_eq!((typed.gaps(), typed.lost()), (1, 0));
    });
}

#[test]
fn who_hears_of_a_reconnect_finds_a_connection() {
    both(|fake, ami| {
        let events = ami.subscribe_with(Filter::names(["Never"]));
        for _ in 0..20 {
            fake.reset_sessions();
            assert_eq!(next_gap(&events), (0, true));
            assert_eq!(ami.connection_state(), ConnectionState::Connected);
        }
    });
}

#[test]
fn what_is_under_way_fails_at_once_and_may_have_run() {
    both(|fake, ami| {
        let expected = [fake.expect("Never"), fake.expect("Never")];
        let pending = ami.start_action(&bare("Never")).unwrap();
        std::thread::scope(|scope| {
            let waiting = scope.spawn(|| ami.send_collecting(&bare("Never")).map(drop));
            for request in expected {
                request.wait_timeout(LONG).unwrap().ignore();
            }
            fake.reset_sessions();
            for failed in [pending.wait().unwrap_err(), waiting.join().unwrap().unwrap_err()] {
                assert!(matches!(failed, Error::Disconnected { sent: true }), "{failed:?}");
                assert!(failed.may_have_run() && !failed.is_retryable());
            }
        });
        ami.wait_for_state(ConnectionState::Connected, LONG).unwrap();
        // Nothing is ever sent twice.
        ami.ping().unwrap();
        let sent = fake.requests().iter().filter(|r| r.name() == "Never").count();
        assert_eq!(sent, 2);
    });
}

/// As much as an action can be.
fn large() -> asterisk_sync::ami::action::CustomAction {
    let value = "x".repeat(1000);
    (0..120).fold(bare("Large"), |action, _| action.header("A", &*value))
}

#[test]
fn what_was_never_handed_over_certainly_did_not_run() {
    servers_with(
        |settings| settings.socket_buffers(32 << 10),
        |fake| {
            // A write that makes no progress for so long ends the connection, while the actions
            // themselves would wait longer.
            let ami = fake.client().timeout(SHORT * 25).connect().unwrap().with_timeout(LONG);
            ami.ping().unwrap();
            fake.stall_reading();
            let mut pending = Vec::new();
            let last = loop {
                match ami.start_action(&large()) {
                    Ok(answer) => pending.push(answer),
                    Err(e) => break e,
                }
            };
            assert!(matches!(last, Error::Disconnected { sent: false }), "{last:?}");
            assert!(last.is_retryable() && !last.may_have_run());
            let sent = pending.into_iter().map(|answer| match answer.wait() {
                Err(Error::Disconnected { sent }) => sent,
                other => panic!("{other:?}"),
            });
            // First those that may have run, then those that did not.
            let sent: Vec<_> = sent.collect();
            assert!(sent[0] && !sent[sent.len() - 1], "{sent:?}");
            assert!(sent.is_sorted_by(|a, b| a >= b), "{sent:?}");
        },
    );
}

#[test]
fn what_finds_no_room_within_its_timeout_certainly_did_not_run() {
    servers_with(
        |settings| settings.socket_buffers(32 << 10),
        |fake| {
            let ami = settled(fake.client().timeout(LONG)).with_timeout(SHORT * 10);
            fake.stall_reading();
            let full = loop {
                if let Err(e) = ami.start_action(&large()) {
                    break e;
                }
            };
            assert!(
                matches!(full, Error::Timeout(TimeoutError::Action { sent: false, .. })),
                "{full:?}"
            );
            assert!(full.is_retryable() && !full.may_have_run());
            assert_eq!(ami.connection_state(), ConnectionState::Connected);
            fake.resume_reading();
            ami.with_timeout(LONG).ping().unwrap();
        },
    );
}

#[test]
fn while_there_is_no_connection_an_action_may_simply_be_tried_again() {
    both(|fake, ami| {
        fake.refuse();
        fake.close_sessions();
        ami.wait_for_state(ConnectionState::Reconnecting, LONG).unwrap();
        // The state is set before what is under way is told, so this is refused at the latest now.
        let failed = ami.ping().unwrap_err();
        assert!(failed.is_disconnected(), "{failed:?}");
        let failed = ami.ping().unwrap_err();
        assert!(matches!(failed, Error::Disconnected { sent: false }), "{failed:?}");
        assert!(failed.is_retryable() && !failed.may_have_run());
        assert!(ami.wait_for_state(ConnectionState::Connected, SHORT).unwrap_err().is_timeout());
        fake.accept().unwrap();
        ami.wait_for_state(ConnectionState::Connected, LONG).unwrap();
        ami.ping().unwrap();
        let stats = ami.stats();
        assert_eq!((stats.reconnects, stats.in_flight), (1, 0));
        assert!(stats.attempts >= 2 && stats.last_activity.is_some());
    });
}

#[test]
fn mask_and_filters_are_told_again() {
    servers(|fake| {
        let first = FilterAction::matching(FilterCriteria::exclude().name("Noise"));
        let second = FilterAction::matching(FilterCriteria::exclude().name("Racket"));
        let mask = EventMask::of([EventClass::Call, EventClass::System]);
        let ami = settled(fake.client().events(mask).filter(first));
        ami.send_action(&second).unwrap();
        ami.send_action(&EventsAction::new(EventMask::of([EventClass::User]))).unwrap();
        // What the server refuses is not remembered.
        let refused = fake.expect("Events");
        let pending = ami.start_action(&EventsAction::new(EventMask::none())).unwrap();
        refused.wait_timeout(LONG).unwrap().error("no");
        assert!(pending.wait().is_err());
        fake.restart().unwrap();
        fake.wait_for_logins(2, LONG).unwrap();
        ami.wait_for_state(ConnectionState::Connected, LONG).unwrap();
        ami.ping().unwrap();

        let requests = fake.requests();
        let of = |action: &str, header: &str| -> Vec<String> {
            let all = requests.iter().filter(|r| r.name() == action);
            all.map(|r| r.get(header).unwrap_or("").to_owned()).collect()
        };
        assert_eq!(of("Login", "Events"), ["call,system", "user"]);
        let criteria = of("Filter", "MatchCriteria");
        assert_eq!(criteria.len(), 4);
        assert_eq!(criteria[..2], criteria[2..]);
        let events = ami.subscribe();
        for name in ["Noise", "Racket", "UserEvent"] {
            fake.push(name, &[("Privilege", "user,all")]);
        }
        assert_eq!(next(&events).event_name(), "UserEvent");
    });
}

#[test]
fn a_password_that_became_wrong_is_final() {
    both(|fake, ami| {
        let events = ami.subscribe_with(Filter::names(["Tick"]));
        fake.on("Login", |login| {
            login.error("Authentication failed");
            login.close();
        });
        fake.close_sessions();
        ami.wait_for_state(ConnectionState::Disconnected, LONG).unwrap();
        assert!(events.recv().is_none());
        assert!(matches!(ami.ping(), Err(Error::Closed)));
        let never = ami.wait_for_state(ConnectionState::Connected, LONG);
        assert!(matches!(never, Err(Error::Closed)), "{never:?}");
        let stats = ami.stats();
        assert_eq!((stats.attempts, stats.state), (2, ConnectionState::Disconnected));
    });
}

#[test]
fn a_login_that_is_still_in_use_is_tried_again() {
    both(|fake, ami| {
        let twice = [fake.expect("Login"), fake.expect("Login")];
        fake.reset_sessions();
        for login in twice {
            let login = login.wait_timeout(LONG).unwrap();
            login.error("Login Already In Use");
            login.close();
        }
        fake.wait_for_logins(2, LONG).unwrap();
        ami.wait_for_state(ConnectionState::Connected, LONG).unwrap();
        ami.ping().unwrap();
        assert_eq!((ami.stats().attempts, ami.stats().reconnects), (4, 1));
    });
}

#[test]
fn without_a_policy_the_first_loss_is_the_end() {
    servers(|fake| {
        let ami = settled(fake.client().reconnect(ReconnectPolicy::none()));
        let events = ami.subscribe();
        fake.reset_sessions();
        ami.wait_for_state(ConnectionState::Disconnected, LONG).unwrap();
        assert!(events.recv().is_none());
        assert!(matches!(ami.ping(), Err(Error::Closed)));
        assert_eq!(fake.connections(), 1);
    });
}

#[test]
fn after_the_last_retry_it_is_over() {
    servers(|fake| {
        let policy = ReconnectPolicy::fixed(Duration::from_millis(1)).with_max_retries(3);
        let ami = settled(fake.client().reconnect(policy));
        // A connection that stands begins the count anew.
        let events = ami.subscribe_with(Filter::names(["Tick"]));
        for _ in 0..5 {
            fake.close_sessions();
            assert_eq!(next_gap(&events), (0, true));
        }
        ami.wait_for_state(ConnectionState::Connected, LONG).unwrap();
        let before = ami.stats();
        assert_eq!((before.attempts, before.reconnects), (6, 5));
        fake.refuse();
        fake.close_sessions();
        ami.wait_for_state(ConnectionState::Disconnected, LONG).unwrap();
        assert_eq!((ami.stats().attempts, ami.stats().reconnects), (9, 5));
        assert!(matches!(ami.ping(), Err(Error::Closed)));
    });
}

#[test]
fn a_login_that_is_cut_short_is_tried_again() {
    both(|fake, ami| {
        // Before the banner, in it, in the challenge, in the answer to the login.
        for bytes in [0, 8, 40, 100] {
            fake.refuse();
            fake.close_sessions();
            fake.wait_for_sessions(0, LONG).unwrap();
            fake.drop_after(bytes);
            let cut = fake.connections() + 1;
            fake.accept().unwrap();
            fake.wait_for_connections(cut + 1, LONG).unwrap();
            ami.wait_for_state(ConnectionState::Connected, LONG).unwrap();
            ami.ping().unwrap();
        }
        assert_eq!(ami.stats().reconnects, 4);
    });
}
