//! TLS: whom the client trusts, and that it is the same protocol within.

use std::thread;
use std::time::Duration;

use asterisk_sync::ami::action::UserEventAction;
use asterisk_sync::ami::event::UserEvent;
use asterisk_sync::{ConnectionError, Error, TimeoutError, Tls};

use crate::support::{authority, await_event, builder, client, over_tls, tls_port, unique};

/// That the server's certificate was not good enough.
fn assert_not_trusted(error: &Error) {
    assert!(matches!(error, Error::Connection(ConnectionError::Tls { .. })), "{error:?}");
    assert!(error.is_disconnected() && !error.is_retryable() && !error.may_have_run());
}

#[test]
fn a_certificate_of_an_unknown_authority_is_refused() {
    let error = builder().port(tls_port()).tls(Tls::new()).connect().unwrap_err();
    assert_not_trusted(&error);
}

#[test]
fn a_certificate_for_another_name_is_refused() {
    let tls = Tls::new().root_pem(authority()).server_name("pbx.example.com");
    let error = builder().port(tls_port()).tls(tls).connect().unwrap_err();
    assert_not_trusted(&error);
}

#[test]
fn a_name_of_the_certificate_is_accepted_in_place_of_the_hosts() {
    let tls = Tls::new().root_pem(authority()).only_given_roots().server_name("asterisk.test");
    let ami = builder().port(tls_port()).tls(tls).connect().unwrap();
    assert_eq!(ami.ping().unwrap().ping(), "Pong");
}

#[test]
fn trusting_nobody_is_refused_before_anything_is_dialled() {
    let tls = Tls::new().only_given_roots();
    let error = builder().port(tls_port()).tls(tls).connect().unwrap_err();
    assert!(matches!(error, Error::Invalid(_)), "{error:?}");
}

#[test]
fn whoever_asks_for_danger_gets_any_certificate() {
    let tls = Tls::new().server_name("pbx.example.com").danger_accept_invalid_certificates();
    let ami = builder().port(tls_port()).tls(tls).connect().unwrap();
    assert_eq!(ami.ping().unwrap().ping(), "Pong");
}

#[test]
fn tls_to_the_port_without_it_fails_as_tls() {
    let error = builder().tls(Tls::new().root_pem(authority())).connect().unwrap_err();
    assert_not_trusted(&error);
}

#[test]
fn a_client_without_tls_on_the_port_with_it_gives_up_at_its_deadline() {
    // Both sides wait for the other to begin.
    let hasty = builder().port(tls_port()).connect_timeout(Duration::from_millis(300));
    let error = hasty.connect().unwrap_err();
    // Of the attempt, where the machine is too busy to get as far as the login.
    let is_late =
        |it: &TimeoutError| matches!(it, TimeoutError::Login { .. } | TimeoutError::Connect { .. });
    assert!(matches!(&error, Error::Timeout(it) if is_late(it)), "{error:?}");
    assert!(error.is_retryable());
}

#[test]
fn long_output_is_the_same_with_and_without_tls() {
    let (plain, encrypted) = (client(), over_tls(builder()).connect().unwrap());
    // The dialplan of others changes meanwhile; these do not.
    for command in ["core show applications", "core show functions", "manager show commands"] {
        let text = plain.command(command).unwrap().text();
        assert!(text.len() > 10_000, "{command}: {}", text.len());
        assert_eq!(encrypted.command(command).unwrap().text(), text, "{command}");
    }
}

#[test]
fn what_the_server_does_not_read_at_once_is_answered_over_tls() {
    // It keeps alive by itself, which would wake the server.
    let ami = over_tls(builder().keep_alive(None)).connect().unwrap();
    let mine = unique("Long");
    let long = |n: usize| {
        let text = "a".repeat(900);
        let headers = (0..n).map(|i| (format!("Text{i}"), text.clone()));
        headers.fold(UserEventAction::new(&mine), |action, (name, text)| action.header(name, text))
    };
    for n in 1..=5 {
        ami.send_action(&long(n)).unwrap();
    }
    let pending: Vec<_> = (0..20).map(|_| ami.start_action(&long(1)).unwrap()).collect();
    for answer in pending {
        answer.wait().unwrap();
    }
}

#[test]
fn eight_threads_share_one_encrypted_connection_while_events_come() {
    let ami = over_tls(builder()).connect().unwrap();
    let mine = unique("Tls");
    let events = ami.subscribe_to::<UserEvent>();
    thread::scope(|scope| {
        for _ in 0..8 {
            scope.spawn(|| {
                for _ in 0..25 {
                    assert_eq!(ami.ping().unwrap().ping(), "Pong");
                    let event = UserEventAction::new(&mine).header("Text", "ä".repeat(400));
                    ami.send_action(&event).unwrap();
                }
            });
        }
    });
    for _ in 0..200 {
        let event = await_event(&events, |event| event.user_event() == mine);
        let text = event.headers().find(|(name, _)| *name == "Text").unwrap().1.to_owned();
        assert_eq!(text, "ä".repeat(400));
    }
    assert_eq!((events.lost(), events.gaps()), (0, 0));
}
