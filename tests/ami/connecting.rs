//! The way to a connection, and the ways in which it can fail or be broken off.

use std::net::{Ipv4Addr, TcpListener};
use std::time::Duration;

use crate::common::{LONG, SHORT, both, guarded, servers, servers_with};
use asterisk_sync::ami::{AmiClient, AuthMethod, Filter};
use asterisk_sync::testing::FakeAmi;
use asterisk_sync::{
    AuthError, ConnectionError, ConnectionState, Error, ProtocolError, ReconnectPolicy,
    TimeoutError,
};

#[test]
fn the_host_may_bring_its_port() {
    guarded(|| {
        let fake = FakeAmi::start().unwrap();
        let host = format!("127.0.0.1:{}", fake.port());
        let ami = AmiClient::connect(host, "admin", "secret").unwrap();
        assert_eq!(ami.banner(), "Asterisk Call Manager/11.0.0");
        assert_eq!(ami.ping().unwrap().ping(), "Pong");
    });
}

#[test]
fn a_server_that_accepts_and_says_nothing_is_a_timeout() {
    servers(|fake| {
        fake.silent();
        let failed = fake.client().connect_timeout(SHORT * 5).connect().unwrap_err();
        // Of the attempt or of the login: a busy machine may not get as far as that.
        assert!(
            matches!(
                failed,
                Error::Timeout(TimeoutError::Login { after } | TimeoutError::Connect { after })
                    if after == SHORT * 5
            ),
            "{failed:?}"
        );
        assert!(failed.is_timeout() && failed.is_retryable());
        if matches!(failed, Error::Timeout(TimeoutError::Login { .. })) {
            // The system takes a connection before the server does.
            fake.wait_for_connections(1, LONG).unwrap();
        }
        assert!(fake.connections() <= 1);
    });
}

#[test]
fn under_tls_a_server_that_says_nothing_at_all_is_a_timeout() {
    #[cfg(feature = "tls")]
    guarded(|| {
        // The system accepts, nobody takes the connection.
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
        let failed = AmiClient::builder()
            .host("127.0.0.1")
            .port(listener.local_addr().unwrap().port())
            .credentials("admin", "secret")
            .tls(asterisk_sync::Tls::new())
            .connect_timeout(SHORT * 5)
            .connect()
            .unwrap_err();
        assert!(failed.is_timeout(), "{failed:?}");
    });
}

#[test]
fn a_server_that_never_answers_the_login_is_a_timeout() {
    servers(|fake| {
        fake.no_login();
        let mut timeout = SHORT * 10;
        loop {
            let failed = fake.client().connect_timeout(timeout).connect().unwrap_err();
            assert!(failed.is_timeout() && failed.is_retryable(), "{failed:?}");
            let is_of_login = matches!(failed, Error::Timeout(TimeoutError::Login { .. }));
            if is_of_login && fake.requests().iter().any(|it| it.name() == "Challenge") {
                break;
            }
            // A busy machine did not get as far as that.
            assert!(timeout < LONG, "{failed:?}");
            timeout *= 4;
        }
    });
}

#[test]
fn a_first_failure_is_reported_and_not_repeated() {
    servers(|fake| {
        fake.auth_limit();
        let failed = fake.client().connect().unwrap_err();
        assert!(failed.is_disconnected(), "{failed:?}");
        fake.heal().unwrap();
        for auth in [AuthMethod::Md5, AuthMethod::Plain] {
            let failed = fake.client().credentials("admin", "wrong").auth(auth).connect();
            assert!(matches!(failed, Err(Error::Auth(AuthError::Rejected(_)))), "{failed:?}");
        }
        fake.refuse();
        let failed = fake.client().connect();
        assert!(
            matches!(failed, Err(Error::Connection(ConnectionError::Connect { .. }))),
            "{failed:?}"
        );
        assert_eq!(fake.connections(), 3);
    });
}

#[test]
fn what_is_not_asterisk_is_said_so() {
    servers_with(
        |settings| settings.banner("220 mail.example.com ESMTP"),
        |fake| {
            let failed = fake.client().connect();
            assert!(
                matches!(&failed, Err(Error::Protocol(ProtocolError::Banner(banner))) if banner.contains("ESMTP")),
                "{failed:?}"
            );
            assert!(fake.requests().is_empty());
        },
    );
}

#[test]
fn disconnecting_breaks_an_attempt_off() {
    servers(|fake| {
        for quiet in [FakeAmi::silent, FakeAmi::no_login] {
            let ami = fake.client().connect_timeout(LONG * 60).connect().unwrap();
            let (taken, events) = (fake.connections(), ami.subscribe());
            quiet(fake);
            fake.reset_sessions();
            fake.wait_for_connections(taken + 1, LONG).unwrap();
            ami.disconnect().unwrap();
            assert_eq!(ami.connection_state(), ConnectionState::Disconnected);
            while events.recv().is_some() {}
            fake.heal().unwrap();
        }
    });
}

#[test]
fn disconnecting_breaks_a_wait_between_attempts_off() {
    servers(|fake| {
        let day = Duration::from_secs(24 * 3600);
        let ami = fake.client().reconnect(ReconnectPolicy::fixed(day)).connect().unwrap();
        fake.refuse();
        fake.reset_sessions();
        ami.wait_for_state(ConnectionState::Reconnecting, LONG).unwrap();
        ami.disconnect().unwrap();
        assert_eq!(ami.connection_state(), ConnectionState::Disconnected);
        assert!(matches!(ami.ping(), Err(Error::Closed)));

        // A drop does as well.
        fake.accept().unwrap();
        let ami = fake.client().reconnect(ReconnectPolicy::fixed(day)).connect().unwrap();
        fake.reset_sessions();
        ami.wait_for_state(ConnectionState::Reconnecting, LONG).unwrap();
        drop(ami);
    });
}

#[test]
fn a_subscription_that_was_there_first_misses_nothing() {
    crate::common::servers(|fake| {
        let (ami, events) = fake.client().connect_subscribed(Filter::all()).unwrap();
        let first = events.recv_timeout(LONG).unwrap().unwrap();
        assert_eq!(first.event_name(), "FullyBooted");
        fake.push("UserEvent", &[]);
        assert_eq!(crate::common::names_until(&events, "UserEvent"), ["UserEvent"]);
        ami.disconnect().unwrap();
        assert!(events.recv().is_none());
        let refused = fake.client().credentials("admin", "wrong").connect_subscribed(Filter::all());
        assert!(matches!(refused, Err(Error::Auth(_))), "{refused:?}");
    });
}

#[test]
fn disconnecting_says_goodbye_and_may_be_repeated() {
    both(|fake, ami| {
        let other = ami.clone();
        let events = other.subscribe();
        let never = fake.expect("Never");
        let pending = other.start_action(&crate::common::bare("Never")).unwrap();
        never.wait_timeout(LONG).unwrap().ignore();
        ami.disconnect().unwrap();
        fake.wait_for_request("Logoff", LONG).unwrap();
        fake.wait_for_sessions(0, LONG).unwrap();
        ami.disconnect().unwrap();
        other.disconnect().unwrap();
        // All handles are of one connection. What the server has may have run.
        let failed = pending.wait().unwrap_err();
        assert!(matches!(failed, Error::Disconnected { sent: true }), "{failed:?}");
        assert!(failed.may_have_run() && !failed.is_retryable());
        assert!(matches!(other.ping(), Err(Error::Closed)));
        assert!(events.recv().is_none());
        assert_eq!(fake.logins(), 1);
        let never = other.wait_for_state(ConnectionState::Connected, LONG);
        assert!(matches!(never, Err(Error::Closed)), "{never:?}");
        other.wait_for_state(ConnectionState::Disconnected, LONG).unwrap();
    });
}

#[test]
fn a_server_that_does_not_answer_the_goodbye_holds_nobody_up() {
    both(|fake, ami| {
        fake.on("Logoff", |_| {});
        ami.with_timeout(SHORT).disconnect().unwrap();
        assert_eq!(ami.connection_state(), ConnectionState::Disconnected);
        fake.wait_for_sessions(0, LONG).unwrap();
    });
}

#[test]
fn handles_share_one_connection_which_ends_with_the_last() {
    servers(|fake| {
        let ami = fake.client().connect().unwrap();
        let handles: Vec<_> = (0..8).map(|_| ami.clone()).collect();
        let hasty = ami.with_timeout(LONG / 2);
        let events = ami.subscribe();
        drop(ami);
        std::thread::scope(|scope| {
            for handle in handles {
                scope.spawn(move || handle.ping().unwrap());
            }
        });
        assert_eq!((fake.sessions(), fake.connections()), (1, 1));
        hasty.ping().unwrap();
        drop(hasty);
        fake.wait_for_sessions(0, LONG).unwrap();
        while events.recv().is_some() {}
    });
}
