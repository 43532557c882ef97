//! What becomes of a client of ARI when its event socket is lost.

use std::thread;
use std::time::Duration;

use crate::common::LONG;
use crate::common::ari::{APP, configured, everywhere, next_message, servers};
use asterisk_sync::ari::resources::application::{self, EventFilter};
use asterisk_sync::ari::resources::asterisk;
use asterisk_sync::ari::{AriClient, AriEvent, TransportKind};
use asterisk_sync::testing::{AriReply, FakeAri};
use asterisk_sync::{ConnectionState, Error, ReconnectPolicy};
use serde_json::json;

fn assert_gap(events: &asterisk_sync::EventSubscription<asterisk_sync::ari::AriMessage>) {
    let message = next_message(events);
    assert!(matches!(&message.event, AriEvent::Gap(gap) if gap.reconnected()), "{message:?}");
}

#[test]
fn a_lost_connection_is_made_again_behind_a_gap_however_it_was_lost() {
    everywhere(|fake, ari| {
        let events = ari.subscribe();
        let half = b"\x81\x7e\x01\x00{\"type\":\"Sta";
        let ways: [&dyn Fn(); 5] = [
            &|| fake.hang_up(APP),
            &|| fake.close(APP, 1001),
            &|| {
                fake.send_raw(APP, half);
                fake.hang_up(APP);
            },
            &|| fake.send_raw(APP, b"\xff\xff no WebSocket"),
            &|| {
                fake.stop();
                fake.listen().unwrap();
            },
        ];
        for (count, lose) in ways.iter().enumerate() {
            fake.push("StasisEnd", APP, json!({}));
            assert_eq!(next_message(&events).event.event_name(), "StasisEnd", "before {count}");
            lose();
            assert_gap(&events);
            ari.wait_for_state(ConnectionState::Connected, LONG).unwrap();
            fake.wait_for_upgrades(count as u64 + 2, LONG).unwrap();
        }
        assert_eq!(ari.stats().reconnects, ways.len() as u64);
        assert!(asterisk::ping(ari).is_ok());
    });
}

#[test]
fn subscriptions_and_filters_are_set_again() {
    everywhere(|fake, ari| {
        let sources = ["deviceState:a,b", "channel:1", "endpoint:PJSIP/bob"];
        application::subscribe(ari, APP, &sources).unwrap();
        application::unsubscribe(ari, APP, &["channel:1"]).unwrap();
        let filter = EventFilter::new().allow("StasisEnd").disallow("ChannelVarset");
        let before = application::set_event_filter(ari, APP, &filter).unwrap();
        let events = ari.subscribe();
        fake.hang_up(APP);
        assert_gap(&events);
        ari.wait_for_state(ConnectionState::Connected, LONG).unwrap();
        assert_eq!(fake.sources(APP), ["deviceState:a,b", "endpoint:PJSIP/bob"]);
        assert_eq!(application::get(ari, APP).unwrap().events_allowed, before.events_allowed);
        let passes = before.events_allowed.iter().any(|event| event.name == "RESTResponse");
        assert_eq!(passes, ari.transport() == TransportKind::WebSocket);
    });
}

#[test]
fn what_cannot_be_set_again_does_not_cost_the_rest() {
    everywhere(|fake, ari| {
        application::subscribe(ari, APP, &["channel:gone", "channel:here"]).unwrap();
        fake.on("POST", "applications/demo/subscription", |request| {
            match request.param("eventSource").unwrap()[0].as_str() {
                Some("channel:gone") => AriReply::error(422, "Event source does not exist"),
                _ => AriReply::ok(json!({ "name": APP })),
            }
        });
        fake.hang_up(APP);
        let path = "applications/demo/subscription";
        let all = fake.wait_for_requests("POST", path, 3, LONG).unwrap();
        assert_eq!(all[2].param("eventSource"), Some(json!(["channel:here"])));
        ari.wait_for_state(ConnectionState::Connected, LONG).unwrap();
        // Nor is it tried again.
        let events = ari.subscribe();
        fake.hang_up(APP);
        assert_gap(&events);
        ari.wait_for_state(ConnectionState::Connected, LONG).unwrap();
        let all = fake.wait_for_requests("POST", path, 4, LONG).unwrap();
        assert_eq!(all.len(), 4);
        assert_eq!(all[3].param("eventSource"), Some(json!(["channel:here"])));
    });
}

#[test]
fn a_connection_on_which_something_cannot_be_set_again_is_given_up_for_the_next() {
    configured(
        |config| config.timeout(LONG),
        |fake, ari| {
            application::subscribe(ari, APP, &["endpoint:PJSIP/bob"]).unwrap();
            let path = "applications/demo/subscription";
            fake.expect("POST", path, AriReply::error(500, "Allocation failed"));
            fake.expect("POST", path, AriReply::page(503, "Service Unavailable"));
            fake.expect("POST", path, AriReply::hang_up());
            fake.hang_up(APP);
            fake.wait_for_requests("POST", path, 5, LONG).unwrap();
            ari.wait_for_state(ConnectionState::Connected, LONG).unwrap();
            assert_eq!(fake.sources(APP), ["endpoint:PJSIP/bob"]);
            let stats = ari.stats();
            assert_eq!((stats.attempts, stats.reconnects), (5, 1));
        },
    );
}

#[test]
fn a_connection_on_which_setting_again_is_not_answered_is_given_up_for_the_next() {
    configured(
        |config| config.timeout(Duration::from_secs(1)),
        |fake, ari| {
            let patient = ari.with_timeout(LONG);
            application::subscribe(&patient, APP, &["endpoint:PJSIP/bob"]).unwrap();
            let path = "applications/demo/subscription";
            fake.expect("POST", path, AriReply::silence());
            fake.hang_up(APP);
            fake.wait_for_requests("POST", path, 3, LONG).unwrap();
            ari.wait_for_state(ConnectionState::Connected, LONG).unwrap();
            assert_eq!(fake.sources(APP), ["endpoint:PJSIP/bob"]);
            // More of them on a machine that is late itself.
            let stats = ari.stats();
            assert!(stats.attempts >= 3 && stats.reconnects == 1, "{stats:?}");
        },
    );
}

/// 404 says that the application is not there, and nothing of what it is to hear of.
#[test]
fn nothing_is_forgotten_because_the_application_is_not_there_for_a_moment() {
    everywhere(|fake, ari| {
        let filter = EventFilter::new().disallow("ChannelVarset");
        application::set_event_filter(ari, APP, &filter).unwrap();
        application::subscribe(ari, APP, &["deviceState:a"]).unwrap();
        let before = fake.filter(APP);
        for (count, (method, path)) in
            [("PUT", "applications/demo/eventFilter"), ("POST", "applications/demo/subscription")]
                .into_iter()
                .enumerate()
        {
            fake.expect(method, path, AriReply::error(404, "Application not found"));
            fake.hang_up(APP);
            // The connection on which it was not there, and the next.
            fake.wait_for_upgrades(count as u64 * 2 + 3, LONG).unwrap();
            ari.wait_for_state(ConnectionState::Connected, LONG).unwrap();
            assert_eq!(
                (fake.filter(APP), fake.sources(APP)),
                (before.clone(), vec!["deviceState:a".to_owned()])
            );
        }
    });
}

#[test]
fn connections_that_never_get_all_that_is_to_be_set_again_are_failures_in_a_row() {
    configured(
        |config| {
            let policy = ReconnectPolicy::fixed(Duration::from_millis(10));
            config.reconnect(policy.with_max_retries(3))
        },
        |fake, ari| {
            application::subscribe(ari, APP, &["endpoint:PJSIP/bob"]).unwrap();
            fake.on("POST", "applications/demo/subscription", |_| AriReply::error(500, "No"));
            fake.hang_up(APP);
            ari.wait_for_state(ConnectionState::Disconnected, LONG).unwrap();
            assert_eq!(ari.stats().attempts, 4);
        },
    );
}

/// Over HTTP it is the event socket's silence that tells, whatever time a request may take; over the
/// event socket the request's own time, for nothing is answered behind it.
#[test]
fn a_server_that_falls_silent_while_subscriptions_are_set_again_is_noticed() {
    let endless = Duration::from_secs(24 * 3600);
    for (kind, timeout) in
        [(TransportKind::Http, endless), (TransportKind::WebSocket, Duration::from_secs(2))]
    {
        servers(move |fake| {
            let config = fake.config(APP).transport(kind).timeout(timeout);
            let ari = AriClient::connect(config.keep_alive(Duration::from_secs(2))).unwrap();
            application::subscribe(&ari.with_timeout(LONG), APP, &["endpoint:PJSIP/bob"]).unwrap();
            let path = "applications/demo/subscription";
            fake.on("POST", path, |_| AriReply::ok(json!({ "name": APP })).held());
            fake.hang_up(APP);
            fake.wait_for_requests("POST", path, 2, LONG).unwrap();
            fake.forget("POST", path);
            fake.go_deaf();
            fake.wait_for_upgrades(3, LONG).unwrap();
            fake.hear_again();
            // What it did not hear is not answered later.
            fake.hang_up_http();
            ari.wait_for_state(ConnectionState::Connected, LONG).unwrap();
            assert_eq!(ari.stats().reconnects, 1);
        });
    }
}

#[test]
fn a_connection_on_which_nothing_is_answered_is_given_up_without_a_keep_alive() {
    servers(|fake| {
        let config = fake.config(APP).keep_alive(None).timeout(Duration::from_millis(500));
        let ari = AriClient::connect(config).unwrap();
        application::subscribe(&ari, APP, &["endpoint:PJSIP/bob"]).unwrap();
        fake.go_deaf();
        fake.hang_up(APP);
        fake.wait_for_upgrades(4, LONG).unwrap();
        fake.hear_again();
        ari.wait_for_state(ConnectionState::Connected, LONG).unwrap();
        assert_eq!(fake.sources(APP), ["endpoint:PJSIP/bob"]);
    });
}

#[test]
fn a_server_that_answers_requests_and_no_ping_is_connected_to_without_a_keep_alive() {
    servers(|fake| {
        let config = fake.config(APP).keep_alive(None).timeout(Duration::from_secs(2));
        let ari = AriClient::connect(config).unwrap();
        application::subscribe(&ari, APP, &["endpoint:PJSIP/bob"]).unwrap();
        let path = "applications/demo/subscription";
        fake.on("POST", path, |_| AriReply::ok(json!({ "name": APP })).held());
        fake.go_deaf();
        fake.hang_up(APP);
        fake.wait_for_requests("POST", path, 2, LONG).unwrap();
        fake.release(1, LONG).unwrap();
        ari.wait_for_state(ConnectionState::Connected, LONG).unwrap();
    });
}

#[test]
fn what_is_over_is_not_subscribed_to_again() {
    everywhere(|fake, ari| {
        application::subscribe(ari, APP, &["channel:1", "bridge:b", "endpoint:PJSIP"]).unwrap();
        let events = ari.subscribe();
        fake.push(
            "ChannelDestroyed",
            APP,
            json!({ "channel": FakeAri::channel("1", "PJSIP/x-1") }),
        );
        fake.push("BridgeDestroyed", APP, json!({ "bridge": { "id": "b" } }));
        fake.hang_up(APP);
        assert_eq!(events.recv().unwrap().event.event_name(), "ChannelDestroyed");
        assert_eq!(events.recv().unwrap().event.event_name(), "BridgeDestroyed");
        assert_gap(&events);
        ari.wait_for_state(ConnectionState::Connected, LONG).unwrap();
        assert_eq!(fake.sources(APP), ["endpoint:PJSIP"]);
    });
}

#[test]
fn events_go_on_while_subscriptions_are_set_again() {
    everywhere(|fake, ari| {
        application::subscribe(ari, APP, &["endpoint:PJSIP/bob"]).unwrap();
        let events = ari.subscribe();
        let (release, released) = crossbeam_channel::unbounded::<()>();
        fake.on("POST", "applications/demo/subscription", move |_| {
            let _ = released.recv_timeout(LONG);
            AriReply::ok(json!({ "name": APP }))
        });
        fake.hang_up(APP);
        assert_gap(&events);
        fake.wait_for_requests("POST", "applications/demo/subscription", 2, LONG).unwrap();
        fake.push("ChannelHold", APP, json!({ "channel": FakeAri::channel("1", "PJSIP/x-1") }));
        assert_eq!(events.recv().unwrap().event.event_name(), "ChannelHold");
        assert_ne!(ari.connection_state(), ConnectionState::Connected);
        release.send(()).unwrap();
        ari.wait_for_state(ConnectionState::Connected, LONG).unwrap();
    });
}

#[test]
fn a_server_that_answers_nothing_any_more_is_noticed_and_connected_to_again() {
    configured(
        |config| config.keep_alive(Duration::from_secs(1)),
        |fake, ari| {
            let events = ari.subscribe();
            fake.go_deaf();
            ari.wait_for_state(ConnectionState::Reconnecting, LONG).unwrap();
            fake.hear_again();
            assert_gap(&events);
            assert!(asterisk::ping(ari).is_ok());
        },
    );
}

#[test]
fn a_connection_is_given_up_at_the_first_ping_that_is_not_answered() {
    configured(
        |config| config.keep_alive(Duration::from_secs(1)).reconnect(ReconnectPolicy::none()),
        |fake, ari| {
            fake.go_deaf();
            ari.wait_for_state(ConnectionState::Disconnected, LONG).unwrap();
            fake.wait_for_open(0, LONG).unwrap();
            assert_eq!(fake.unanswered_pings(), 1);
        },
    );
}

#[test]
fn a_quiet_server_that_answers_pings_is_left_alone() {
    configured(
        |config| config.keep_alive(Duration::from_secs(2)),
        |fake, ari| {
            // There is no second one without an answer to the first.
            fake.wait_for_pings(2, LONG).unwrap();
            assert_eq!(ari.stats().reconnects, 0);
            assert_eq!(ari.connection_state(), ConnectionState::Connected);
        },
    );
}

#[test]
fn a_password_that_is_refused_ends_the_client_for_good() {
    everywhere(|fake, ari| {
        let events = ari.subscribe();
        fake.on("GET", "events", |_| AriReply::error(401, "Authentication required"));
        fake.hang_up(APP);
        assert_eq!(events.recv_timeout(LONG).unwrap(), None);
        assert_eq!(ari.connection_state(), ConnectionState::Disconnected);
        assert!(matches!(asterisk::ping(ari), Err(Error::Closed)));
    });
}

#[test]
fn a_server_that_is_not_ready_is_tried_again() {
    everywhere(|fake, ari| {
        let events = ari.subscribe();
        for reply in [
            AriReply::page(503, "Asterisk not booted"),
            AriReply::page(404, "Not Found"),
            AriReply::hang_up(),
        ] {
            fake.expect("GET", "events", reply);
        }
        fake.hang_up(APP);
        assert_gap(&events);
        assert!(ari.stats().attempts >= 5);
    });
}

#[test]
fn without_a_policy_the_first_loss_is_the_end() {
    configured(
        |config| config.reconnect(ReconnectPolicy::none()),
        |fake, ari| {
            let events = ari.subscribe();
            fake.hang_up(APP);
            assert_eq!(events.recv_timeout(LONG).unwrap(), None);
            let e = ari.wait_for_state(ConnectionState::Connected, LONG).unwrap_err();
            assert!(matches!(e, Error::Closed), "{e:?}");
        },
    );
}

#[test]
fn an_application_that_another_client_takes_over_is_not_fought_for() {
    everywhere(|fake, first| {
        let events = first.subscribe();
        let config = fake.config(APP).transport(first.transport());
        let second = AriClient::connect(config).unwrap();
        assert_eq!(next_message(&events).event.event_name(), "ApplicationReplaced");
        assert_eq!(events.recv_timeout(LONG).unwrap(), None);
        let e = asterisk::ping(first).unwrap_err();
        assert!(matches!(&e, Error::Replaced { application } if &**application == APP), "{e:?}");
        assert!(e.is_disconnected() && !e.is_retryable());
        assert_eq!(second.connection_state(), ConnectionState::Connected);
        assert_eq!(fake.requests().iter().filter(|r| r.path == "events").count(), 2);
    });
}

#[test]
fn of_several_applications_those_that_are_left_go_on() {
    servers(|fake| {
        let ari = AriClient::connect(fake.config(APP).application("other")).unwrap();
        let events = ari.subscribe();
        let thief = AriClient::connect(fake.config("other")).unwrap();
        assert_eq!(next_message(&events).application, "other");
        assert_eq!(ari.replaced_applications(), ["other"]);
        assert_eq!(ari.connection_state(), ConnectionState::Connected);
        fake.hang_up(APP);
        assert_gap(&events);
        let upgrades = fake.wait_for_requests("GET", "events", 3, LONG).unwrap();
        assert_eq!(upgrades[2].text("app").as_deref(), Some(APP));
        assert_eq!(thief.connection_state(), ConnectionState::Connected);
    });
}

#[test]
fn closing_ends_everything_and_leaves_nothing_behind() {
    servers(|fake| {
        for round in 0..3 {
            for kind in [TransportKind::Http, TransportKind::WebSocket] {
                let ari = AriClient::connect(fake.config(APP).transport(kind)).unwrap();
                assert!(asterisk::ping(&ari).is_ok());
                let events = ari.subscribe();
                let other = ari.clone();
                if round == 0 {
                    ari.disconnect();
                    ari.disconnect();
                }
                drop(ari);
                assert!(asterisk::ping(&other).is_ok() || round == 0);
                drop(other);
                assert_eq!(events.recv_timeout(LONG).unwrap(), None);
                fake.wait_for_open(0, LONG).unwrap();
            }
        }
    });
}

#[test]
fn a_client_is_closed_while_it_waits_to_connect_again() {
    everywhere(|fake, ari| {
        fake.stop();
        ari.wait_for_state(ConnectionState::Reconnecting, LONG).unwrap();
        ari.disconnect();
        assert_eq!(ari.connection_state(), ConnectionState::Disconnected);
    });
}

#[test]
fn the_fake_itself_can_be_dropped_with_clients_connected() {
    servers(|_| {
        let fake = FakeAri::start().unwrap();
        let ari = AriClient::connect(fake.config(APP)).unwrap();
        drop(fake);
        ari.wait_for_state(ConnectionState::Reconnecting, LONG).unwrap();
    });
}

/// Over the event socket the server does one request after the other, and answers no ping meanwhile: so
/// a request is waited for, and no longer than it waits itself.
#[test]
fn a_server_that_answers_nothing_any_more_is_noticed_while_a_request_waits() {
    configured(
        |config| config.keep_alive(Duration::from_secs(2)).timeout(Duration::from_secs(5)),
        |fake, ari| {
            // So that the request's time is not spent on a new connection.
            asterisk::ping(&ari.with_timeout(LONG)).unwrap();
            let events = ari.subscribe();
            fake.on("POST", "channels/1/answer", |_| AriReply::ok(json!({})).held());
            thread::scope(|scope| {
                let asking = scope.spawn(|| ari.channel("1").answer());
                fake.wait_for_requests("POST", "channels/1/answer", 1, LONG).unwrap();
                fake.go_deaf();
                assert_gap(&events);
                let e = asking.join().unwrap().unwrap_err();
                assert!(e.may_have_run(), "{e:?}");
                fake.hear_again();
            });
            ari.wait_for_state(ConnectionState::Connected, LONG).unwrap();
        },
    );
}
