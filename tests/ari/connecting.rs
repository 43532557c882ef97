//! How a client of ARI comes to be connected, or hears why not.

use std::net::Ipv6Addr;
use std::time::Duration;

use crate::common::ari::{APP, everywhere, next_message, servers, servers_with};
use crate::common::{LONG, guarded};
use asterisk_sync::ari::resources::application::{self, EventFilter};
use asterisk_sync::ari::resources::asterisk;
use asterisk_sync::ari::{AriClient, AriConfig, AriEvent, Filter, TransportKind};
use asterisk_sync::testing::{AriReply, FakeAri};
use asterisk_sync::{
    AuthError, ConnectionError, ConnectionState, Error, ProtocolError, TimeoutError,
};
use serde_json::json;

#[test]
fn a_client_is_connected_when_its_event_socket_is_live() {
    everywhere(|fake, ari| {
        assert_eq!(ari.connection_state(), ConnectionState::Connected);
        let events = ari.subscribe();
        fake.push("StasisEnd", APP, json!({ "channel": FakeAri::channel("1", "x") }));
        assert_eq!(next_message(&events).event.event_name(), "StasisEnd");
        assert_eq!(asterisk::ping(ari).unwrap().ping, "pong");
    });
}

#[test]
fn a_wrong_password_is_told_as_such() {
    servers(|fake| {
        for kind in [TransportKind::Http, TransportKind::WebSocket] {
            let config = AriConfig::new(fake.url(), "asterisk", "wrong", APP).transport(kind);
            #[cfg(feature = "tls")]
            let config = if fake.url().starts_with("https") {
                config.tls(asterisk_sync::Tls::new().danger_accept_invalid_certificates())
            } else {
                config
            };
            let e = AriClient::connect(config).unwrap_err();
            let Error::Auth(AuthError::Rejected(why)) = &e else { panic!("{e:?}") };
            assert_eq!(&**why, "Authentication required");
            assert!(!e.is_retryable());
        }
    });
}

#[test]
fn a_server_that_says_no_is_quoted() {
    servers(|fake| {
        for (reply, status, words) in [
            (AriReply::error(403, "Write access denied"), 403, "Write access denied"),
            (AriReply::page(404, "Not Found"), 404, "Not Found"),
            (AriReply::page(503, "Asterisk not booted"), 503, "Asterisk not booted"),
            (
                AriReply::new(500, "application/json", r#"{"error":"Allocation failed"}"#),
                500,
                "Allocation failed",
            ),
            (AriReply::new(409, "", ""), 409, "no reason given"),
        ] {
            fake.expect("GET", "events", reply);
            match AriClient::connect(fake.config(APP)).unwrap_err() {
                Error::Http { status: seen, message, .. } => {
                    assert_eq!((seen, &*message), (status, words))
                }
                other => panic!("{other:?}"),
            }
        }
    });
}

#[test]
fn what_is_no_websocket_is_refused() {
    let accepts = |extra: &str| {
        format!(
            "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n{extra}\r\n"
        )
    };
    let answers = [
        "SIP/2.0 200 OK\r\n\r\n".to_owned(),
        accepts(""),
        accepts("Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n"),
        "HTTP/1.1 101 Switching Protocols\r\nConnection: close\r\n\r\n".to_owned(),
        format!("HTTP/1.1 101 X\r\n{}", "A: b\r\n".repeat(20_000)),
    ];
    guarded(move || {
        let fake = FakeAri::start().unwrap();
        for answer in &answers {
            fake.expect("GET", "events", AriReply::raw(answer.as_bytes()));
            let e = AriClient::connect(fake.config(APP)).unwrap_err();
            assert!(
                matches!(
                    e,
                    Error::Protocol(ProtocolError::Malformed(_) | ProtocolError::Banner(_))
                ),
                "{answer:.80}: {e:?}"
            );
        }
    });
}

#[test]
fn a_server_that_hangs_up_or_is_not_there_is_told_at_once() {
    servers(|fake| {
        fake.expect("GET", "events", AriReply::hang_up());
        let e = AriClient::connect(fake.config(APP)).unwrap_err();
        assert!(matches!(e, Error::Connection(ConnectionError::ClosedByPeer(_))), "{e:?}");
        fake.stop();
        let e = AriClient::connect(fake.config(APP)).unwrap_err();
        assert!(matches!(e, Error::Connection(ConnectionError::Connect { .. })), "{e:?}");
        assert!(e.is_retryable());
    });
}

#[test]
fn a_server_that_does_not_answer_is_given_up_at_the_deadline() {
    servers(|fake| {
        fake.on("GET", "events", |_| AriReply::silence());
        let short = Duration::from_millis(300);
        let e = AriClient::connect(fake.config(APP).connect_timeout(short)).unwrap_err();
        assert!(
            matches!(e, Error::Timeout(TimeoutError::Connect { after }) if after == short),
            "{e:?}"
        );
    });
}

#[test]
fn an_old_server_that_takes_no_requests_over_the_event_socket_is_found_out_at_once() {
    servers_with(FakeOptions::old, |fake| {
        let config = fake.config(APP).transport(TransportKind::WebSocket).connect_timeout(LONG);
        let e = AriClient::connect(config).unwrap_err();
        assert!(e.to_string().contains("20.15, 21.10 or 22.5"), "{e}");
        let ari = AriClient::connect(fake.config(APP)).unwrap();
        assert!(asterisk::ping(&ari).is_ok());
    });
}

struct FakeOptions;

impl FakeOptions {
    fn old(
        builder: asterisk_sync::testing::FakeAriBuilder,
    ) -> asterisk_sync::testing::FakeAriBuilder {
        builder.without_rest_over_socket()
    }
}

#[test]
fn an_event_right_behind_the_handshake_is_not_lost_on_the_way() {
    servers(|fake| {
        // It waits for the first connection, before anybody can subscribe; so it is seen after the
        // second, which subscriptions outlive.
        let ari = AriClient::connect(fake.config(APP)).unwrap();
        let events = ari.subscribe();
        fake.greet_with(r#"{"type":"ApplicationRegistered","application":"demo"}"#);
        fake.hang_up(APP);
        assert!(matches!(&next_message(&events).event, AriEvent::Gap(gap) if gap.reconnected()));
        assert_eq!(next_message(&events).event.event_name(), "ApplicationRegistered");
    });
}

#[test]
fn a_server_at_an_ipv6_address_is_reached_both_ways() {
    guarded(|| {
        let fake = FakeAri::builder().address(Ipv6Addr::LOCALHOST).start().unwrap();
        let port = fake.port();
        let at = |host: &str| AriConfig::builder(APP).host(host).port(port);
        let mut builders = vec![at("::1"), at("[::1]"), at(&format!("[::1]:{port}"))];
        if cfg!(target_os = "linux") {
            // The loopback interface is always the first there.
            builders.push(at("[::1%1]"));
        }
        for builder in builders {
            for kind in [TransportKind::Http, TransportKind::WebSocket] {
                let builder = builder.clone().username("asterisk").password("secret");
                let (ari, events) =
                    builder.transport(kind).connect_subscribed(Filter::all()).unwrap();
                assert!(asterisk::ping(&ari).is_ok());
                fake.push("StasisEnd", APP, json!({}));
                assert_eq!(next_message(&events).event.event_name(), "StasisEnd");
            }
        }
        let ari = AriClient::connect(fake.config(APP)).unwrap();
        assert!(asterisk::ping(&ari).is_ok());
        let hosts: Vec<_> =
            fake.requests().iter().map(|it| it.header("host").map(str::to_owned)).collect();
        let host = Some(format!("[::1]:{port}"));
        assert!(hosts.iter().flatten().all(|it| Some(it) == host.as_ref()), "{hosts:?}");
    });
}

#[test]
fn all_that_is_asked_for_is_in_the_handshake() {
    guarded(|| {
        let fake = FakeAri::builder().prefix("/pbx/one").start().unwrap();
        let config = fake.config("a b+c").application("second/é").subscribe_all(true);
        let ari = AriClient::connect(config).unwrap();
        let request = &fake.requests()[0];
        assert_eq!(
            request.query,
            [("app".into(), "a b+c,second/é".into()), ("subscribeAll".into(), "true".into())]
        );
        assert!(fake.subscribes_to_all("second/é"));
        assert!(asterisk::ping(&ari).is_ok());
        // The user is in a header and nowhere else.
        assert!(request.header("authorization").is_some());
        assert!(
            fake.requests()
                .iter()
                .all(|request| !format!("{:?}", request.query).contains("secret"))
        );
    });
}

#[test]
fn an_event_filter_of_the_settings_is_there_when_connecting_is_done_and_after_reconnects() {
    for kind in [TransportKind::Http, TransportKind::WebSocket] {
        servers(move |fake| {
            let filter = EventFilter::new().allow("StasisStart").disallow("ChannelVarset");
            let config = fake.config(APP).application("second").transport(kind);
            let ari = AriClient::connect(config.event_filter(filter)).unwrap();
            let expected = fake.filter(APP);
            assert_eq!(expected["allowed"][0], json!({ "type": "StasisStart" }));
            assert_eq!(expected["disallowed"], json!([{ "type": "ChannelVarset" }]));
            assert_eq!(fake.filter("second"), expected);
            let lose = |upgrades| {
                fake.hang_up(APP);
                fake.wait_for_upgrades(upgrades, LONG).unwrap();
                ari.wait_for_state(ConnectionState::Connected, LONG).unwrap();
            };
            lose(2);
            assert_eq!([fake.filter(APP), fake.filter("second")], [expected.clone(), expected]);
            // What is said later counts.
            application::set_event_filter(&ari, "second", &EventFilter::new()).unwrap();
            lose(3);
            assert_eq!(fake.filter("second"), json!({ "allowed": [], "disallowed": [] }));
        });
    }
}

#[test]
fn an_event_filter_that_is_not_taken_is_why_there_is_no_client() {
    for kind in [TransportKind::Http, TransportKind::WebSocket] {
        servers(move |fake| {
            let path = "applications/demo/eventFilter";
            let connect = |timeout| {
                let config = fake.config(APP).transport(kind).connect_timeout(timeout);
                let filter = EventFilter::new().disallow("ChannelVarset");
                AriClient::connect(config.event_filter(filter)).unwrap_err()
            };
            for status in [400, 404, 422, 500] {
                fake.expect("PUT", path, AriReply::error(status, "No"));
                assert_eq!(connect(LONG).http_status(), Some(status));
            }
            fake.expect("PUT", path, AriReply::silence());
            assert!(connect(Duration::from_millis(500)).is_timeout());
            fake.wait_for_open(0, LONG).unwrap();
        });
    }
    let filter = EventFilter::new().disallow("RESTResponse");
    let config = AriConfig::new("http://127.0.0.1:1", "user", "secret", APP).event_filter(filter);
    let e = AriClient::connect(config.transport(TransportKind::WebSocket)).unwrap_err();
    assert!(matches!(e, Error::Invalid(_)), "{e:?}");
}

/// Whatever the keep-alive is, and whether or not there is one.
#[test]
fn connecting_ends_in_time_where_the_server_agrees_and_then_answers_nothing() {
    for kind in [TransportKind::Http, TransportKind::WebSocket] {
        servers(move |fake| {
            fake.go_deaf();
            for keep_alive in [None, Some(LONG * 10)] {
                let filter = EventFilter::new().disallow("ChannelVarset");
                let config = fake.config(APP).transport(kind).event_filter(filter);
                let short = Duration::from_millis(300);
                let config = config.connect_timeout(short).keep_alive(keep_alive);
                let e = AriClient::connect(config).unwrap_err();
                let Error::Timeout(TimeoutError::Connect { after }) = e else { panic!("{e:?}") };
                assert_eq!(after, short);
            }
        });
    }
}

#[test]
fn senseless_settings_are_refused_before_anybody_is_dialled() {
    let good = || AriConfig::new("http://127.0.0.1:1", "user", "secret", APP);
    for (what, config) in [
        ("no host", AriConfig::new("http://", "user", "secret", APP)),
        ("a scheme", AriConfig::new("ftp://pbx", "user", "secret", APP)),
        ("a user in the URL", AriConfig::new("http://user:secret@pbx", "user", "secret", APP)),
        ("no application", AriConfig::new("http://pbx", "user", "secret", "")),
        ("a comma", good().application("a,b")),
        ("one twice", good().application(APP)),
        ("a line end", AriConfig::new("http://pbx", "user", "sec\r\nret", APP)),
        ("a colon", AriConfig::new("http://pbx", "us:er", "secret", APP)),
        ("no timeout", good().timeout(Duration::ZERO)),
        ("no connect timeout", good().connect_timeout(Duration::ZERO)),
        ("no connections", good().max_connections(0)),
        ("no keep-alive", good().keep_alive(Duration::ZERO)),
        ("a policy", good().reconnect(asterisk_sync::ReconnectPolicy::fixed(Duration::ZERO))),
    ] {
        let e = AriClient::connect(config).expect_err(what);
        assert!(matches!(e, Error::Invalid(_)), "{what}: {e:?}");
        assert!(!e.to_string().contains("secret"), "{e}");
    }
    let nobody = AriConfig::new("http://pbx", "", "secret", APP);
    assert!(matches!(AriClient::connect(nobody), Err(Error::Auth(_))));
    let long = AriConfig::new("http://pbx", "user", "x".repeat(300), APP);
    assert!(matches!(AriClient::connect(long), Err(Error::Limit { limit: 255, .. })));
    let settings = AriConfig::new("http://pbx", "user", "hunter2", APP);
    assert!(!format!("{settings:?}").contains("hunter2"));
}

#[test]
fn the_builder_makes_the_same_settings() {
    guarded(|| {
        let fake = FakeAri::builder().credentials("u", "p").prefix("/x").start().unwrap();
        let builder = AriConfig::builder(APP)
            .host(format!("127.0.0.1:{}", fake.port()))
            .prefix("x")
            .username("u")
            .password("p")
            .timeout(LONG)
            .max_connections(1);
        let config = builder.clone().build().unwrap();
        assert!(asterisk::ping(&AriClient::connect(config).unwrap()).is_ok());
        assert!(asterisk::ping(&builder.clone().connect().unwrap()).is_ok());
        let (ari, events) = builder.clone().connect_subscribed(Filter::all()).unwrap();
        fake.push("StasisEnd", APP, json!({}));
        assert_eq!(next_message(&events).event.event_name(), "StasisEnd");
        drop(ari);
        assert!(builder.max_connections(0).build().is_err());
        assert!(AriConfig::builder(APP).username("u").password("p").build().is_err());
    });
}

#[test]
fn a_subscription_that_was_there_first_has_every_event() {
    for kind in [TransportKind::Http, TransportKind::WebSocket] {
        servers(move |fake| {
            fake.greet_with(r#"{"type":"StasisStart","application":"demo","args":["first"]}"#);
            let config = fake.config(APP).transport(kind);
            let starts = Filter::types(["StasisStart"]);
            let (ari, events) = AriClient::connect_subscribed(config, starts).unwrap();
            let message = next_message(&events);
            let AriEvent::StasisStart(start) = &message.event else { panic!("{message:?}") };
            assert_eq!(start.args, ["first"]);
            fake.push("StasisEnd", APP, json!({}));
            fake.push("StasisStart", APP, json!({ "args": ["second"] }));
            let message = next_message(&events);
            let AriEvent::StasisStart(start) = &message.event else { panic!("{message:?}") };
            assert_eq!(start.args, ["second"]);
            assert_eq!(events.lost(), 0);
            drop(ari);
            assert_eq!(events.recv_timeout(LONG).unwrap(), None);
        });
    }
}
