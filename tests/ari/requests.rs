//! What becomes of a request, on every way it can go.

use std::sync::{Arc, mpsc};
use std::thread;
use std::time::Duration;

use crate::common::ari::{APP, configured, everywhere, servers};
use crate::common::{LONG, guarded};
use asterisk_sync::ari::resources::bridge::{self, BridgeParams};
use asterisk_sync::ari::resources::channel::{self, DialParams, OriginateParams, RingTime};
use asterisk_sync::ari::resources::{application, asterisk, mailbox};
use asterisk_sync::ari::rest::{Method, Request};
use asterisk_sync::ari::{AriClient, TransportKind};
use asterisk_sync::testing::{AriReply, FakeAri};
use asterisk_sync::types::ChannelState;
use asterisk_sync::{Error, ProtocolError, TimeoutError};
use serde_json::json;

#[test]
fn a_call_is_originated_answered_and_hung_up() {
    everywhere(|_, ari| {
        let params = OriginateParams::to("PJSIP/bob").app(APP).channel_id("a/b c+d%");
        let made = channel::originate(ari, &params).unwrap();
        assert_eq!(made.id, "a/b c+d%");
        let handle = ari.channel(&*made.id);
        handle.answer().unwrap();
        assert_eq!(handle.get().unwrap().state, ChannelState::Up);
        assert_eq!(channel::list(ari).unwrap(), [handle.get().unwrap()]);
        assert!(channel::originate(ari, &params).unwrap_err().is_conflict());
        handle.hangup(None).unwrap();
        handle.hangup(None).unwrap();
        assert!(handle.get().unwrap_err().is_not_found());
    });
}

#[test]
fn what_is_made_travels_as_json_with_real_numbers() {
    everywhere(|fake, ari| {
        let params = OriginateParams::to("PJSIP/bob")
            .extension("200")
            .priority(1)
            .timeout(Duration::from_millis(1500))
            .variables([("CALLERID(name)".to_owned(), "a,b".to_owned())]);
        channel::originate(ari, &params).unwrap();
        let seen = fake.wait_for_requests("POST", "channels", 1, LONG).unwrap();
        assert_eq!(seen[0].query, []);
        assert_eq!(
            seen[0].body,
            json!({
                "endpoint": "PJSIP/bob", "extension": "200", "priority": 1, "timeout": 2,
                "variables": { "CALLERID(name)": "a,b" },
            })
        );
    });
}

/// Asterisk 22.10 makes variables of the whole body here, and refuses those that are some.
#[test]
fn a_bridge_gets_its_variables_and_no_others() {
    everywhere(|fake, ari| {
        for path in ["bridges", "bridges/hall"] {
            fake.on("POST", path, |_| AriReply::ok(json!({ "id": "hall" })));
        }
        let plain = BridgeParams::default().bridge_id("hall").name("a+b");
        bridge::create(ari, &plain).unwrap();
        let seen = fake.wait_for_requests("POST", "bridges", 1, LONG).unwrap();
        assert_eq!(seen[0].body, json!({}));
        assert_eq!(seen[0].text("name").unwrap(), "a+b");
        bridge::create(ari, &plain.variables([("A", "1")])).unwrap();
        let seen = fake.wait_for_requests("POST", "bridges/hall", 1, LONG).unwrap();
        assert_eq!(seen[0].body["variables"], json!({ "A": "1" }));
    });
}

#[test]
fn what_is_asked_stands_in_the_query_unless_it_does_not_fit() {
    everywhere(|fake, ari| {
        fake.on("GET", "odd", |_| AriReply::ok(json!({})));
        let odd = "a+b c/%2B?&=#é";
        let request = || Request::get(["odd"]);
        ari.send(request().param("v", odd).param("list", vec!["x", "y"]).param("n", 7)).unwrap();
        ari.send(request().param("list", vec!["x,y", "z"])).unwrap();
        ari.send(request().param("long", "x".repeat(5000))).unwrap();
        // The server splits no longer list.
        for count in [127, 128] {
            ari.send(request().param("list", vec!["x"; count])).unwrap();
        }
        let seen = fake.wait_for_requests("GET", "odd", 5, LONG).unwrap();
        assert_eq!((seen[3].query.len(), seen[3].body.is_null()), (1, true));
        assert_eq!((seen[4].query.len(), &seen[4].body["list"]), (0, &json!(vec!["x"; 128])));
        let find = |name: &str| seen[0].text(name).unwrap();
        assert_eq!((find("v"), find("list"), find("n")), (odd.into(), "x,y".into(), "7".into()));
        assert_eq!(
            (&seen[1].query[..], &seen[1].body),
            (&[][..], &json!({ "list": ["x,y", "z"] }))
        );
        assert_eq!((&seen[2].query[..], seen[2].text("long").unwrap().len()), (&[][..], 5000));
    });
}

#[test]
fn what_cannot_be_sent_is_refused_before_it_is() {
    everywhere(|fake, ari| {
        let before = fake.requests().len();
        let request = || Request::post(["channels", "1"]);
        for (what, request) in [
            ("an empty id", Request::get(["channels", ""])),
            ("a NUL in an id", Request::get(["channels", "a\0b"])),
            ("a NUL in a value", request().param("v", "a\0b")),
            ("a NUL deep in a value", request().param("v", json!({ "a": ["b\0"] }))),
        ] {
            assert!(matches!(ari.send(request), Err(Error::Invalid(_))), "{what}");
        }
        for (what, request) in [
            ("a long path", Request::get(["channels", &"x".repeat(5000)])),
            ("a large body", request().param("v", "x".repeat(41_000))),
            ("a query beside a body", request().param("v", "x".repeat(5000)).body(json!({}))),
        ] {
            assert!(matches!(ari.send(request), Err(Error::Limit { .. })), "{what}");
        }
        let e = bridge::create(ari, &BridgeParams::default().name("x".repeat(5000))).unwrap_err();
        let Error::Limit { size, limit, .. } = e else { panic!("{e:?}") };
        assert!(size > 5000 && limit < 4096, "{size} {limit}");
        assert_eq!(fake.requests().len(), before);
    });
}

#[test]
fn mailboxes_are_listed_looked_at_filled_and_removed() {
    everywhere(|fake, ari| {
        let hundred = json!({ "name": "100@default", "old_messages": 3, "new_messages": 4 });
        let other = json!({ "name": "b/x", "old_messages": 0, "new_messages": 1 });
        let both = json!([hundred, other]);
        fake.on("GET", "mailboxes", move |_| AriReply::ok(both.clone()));
        fake.on("GET", "mailboxes/100@default", move |_| AriReply::ok(hundred.clone()));
        for method in ["PUT", "DELETE"] {
            fake.on(method, "mailboxes/*", |_| AriReply::no_content());
        }
        let all = mailbox::list(ari).unwrap();
        let told: Vec<_> =
            all.iter().map(|it| (&*it.name, it.old_messages, it.new_messages)).collect();
        assert_eq!(told, [("100@default", 3, 4), ("b/x", 0, 1)]);
        assert_eq!(mailbox::get(ari, "100@default").unwrap(), all[0]);
        mailbox::update(ari, "b/x", 5, 6).unwrap();
        mailbox::delete(ari, "b/x").unwrap();
        let last: Vec<_> = fake.requests().into_iter().rev().take(2).collect();
        let body = json!({ "oldMessages": 5, "newMessages": 6 });
        assert_eq!((&*last[1].method, &last[1].body), ("PUT", &body));
        assert_eq!(&*last[0].method, "DELETE");
        assert!(last.iter().all(|request| request.segments() == ["mailboxes", "b/x"]));
    });
}

#[test]
fn an_error_has_its_request_its_status_and_the_servers_words() {
    everywhere(|fake, ari| {
        for (status, check) in [
            (403, Error::is_forbidden as fn(&Error) -> bool),
            (404, Error::is_not_found),
            (409, Error::is_conflict),
            (422, Error::is_unprocessable),
        ] {
            fake.expect("GET", "asterisk/ping", AriReply::error(status, "as it were"));
            let e = asterisk::ping(ari).unwrap_err();
            assert!(check(&e) && e.is_refused() && !e.may_have_run(), "{e:?}");
            assert_eq!(e.to_string(), format!("GET asterisk/ping: HTTP {status}: as it were"));
        }
        fake.expect("GET", "asterisk/ping", AriReply::page(500, "Out of <b>cheese</b>"));
        let e = asterisk::ping(ari).unwrap_err();
        assert_eq!(e.to_string(), "GET asterisk/ping: HTTP 500: Out of cheese");
        fake.expect("GET", "asterisk/ping", AriReply::error(401, "Who?"));
        assert!(matches!(asterisk::ping(ari), Err(Error::Auth(_))));
    });
}

#[test]
fn an_answer_of_another_kind_is_an_error_and_not_made_up() {
    everywhere(|fake, ari| {
        for body in ["", "[]", "7", "{", "<html>"] {
            fake.expect("GET", "asterisk/ping", AriReply::new(200, "application/json", body));
            let e = asterisk::ping(ari).unwrap_err();
            assert!(matches!(e, Error::Protocol(ProtocolError::Unexpected(_))), "{body}: {e:?}");
        }
        assert!(asterisk::ping(ari).is_ok());
    });
}

#[test]
fn an_answer_that_does_not_come_ends_at_the_deadline_and_the_next_one_is_not_mistaken_for_it() {
    everywhere(|fake, ari| {
        // So that the time is not spent on a new connection.
        asterisk::ping(ari).unwrap();
        fake.expect("POST", "channels/1/answer", AriReply::silence());
        // Long enough for a busy machine to send it.
        let timeout = Duration::from_secs(2);
        let e = ari.with_timeout(timeout).channel("1").answer().unwrap_err();
        let Error::Timeout(TimeoutError::Action { action, after, sent: true }) = &e else {
            panic!("{e:?}")
        };
        assert_eq!((&**action, *after), ("POST channels/1/answer", timeout));
        assert!(e.may_have_run() && !e.is_retryable());
        assert!(asterisk::ping(ari).is_ok());
    });
}

#[test]
fn a_connection_that_ends_without_an_answer_says_that_the_request_may_have_run() {
    everywhere(|fake, ari| {
        for cut in [0, 20] {
            let reply = AriReply::ok(json!({ "much": "x".repeat(100) })).cut_after(cut);
            fake.expect("POST", "channels/1/answer", reply);
            let e = ari.channel("1").answer().unwrap_err();
            assert!(matches!(e, Error::Disconnected { sent: true }), "{cut}: {e:?}");
            assert!(e.may_have_run());
            ari.wait_for_state(asterisk_sync::ConnectionState::Connected, LONG).unwrap();
        }
        let answers = fake.wait_for_requests("POST", "channels/1/answer", 2, LONG).unwrap();
        assert_eq!(answers.len(), 2, "none was sent twice");
    });
}

#[test]
fn an_answer_over_the_limit_is_an_error_and_costs_nothing_else() {
    configured(
        |config| config.max_body_size(4000).max_message_size(4000),
        |fake, ari| {
            fake.on("GET", "asterisk/ping", |_| AriReply::ok(json!({ "ping": "x".repeat(9000) })));
            let e = asterisk::ping(ari).unwrap_err();
            assert!(
                matches!(e, Error::Protocol(ProtocolError::Oversized { limit: 4000, .. })),
                "{e:?}"
            );
            assert!(application::list(ari).is_ok());
        },
    );
}

#[test]
fn an_answer_of_just_the_limit_is_taken_and_one_of_a_byte_more_is_not() {
    servers(|fake| {
        let config = fake.config(APP).max_body_size(4000);
        let ari = AriClient::connect(config).unwrap();
        let whole = "{\"ping\":\"\"}".len();
        for (size, is_taken) in [(4000, true), (4001, false), (3999, true)] {
            let reply = AriReply::ok(json!({ "ping": "x".repeat(size - whole) }));
            fake.expect("GET", "asterisk/ping", reply);
            assert_eq!(asterisk::ping(&ari).is_ok(), is_taken, "{size}");
        }
    });
}

#[test]
fn a_pooled_connection_that_the_server_has_closed_is_replaced_where_that_is_safe() {
    servers(|fake| {
        // None is given up for its age, however slow the machine.
        let ari = AriClient::connect(fake.config(APP).idle_timeout(LONG)).unwrap();
        asterisk::ping(&ari).unwrap();
        let warm = fake.connections();
        asterisk::ping(&ari).unwrap();
        assert_eq!(fake.connections(), warm, "connections are used again");
        // Closed while idle, and seen to be.
        fake.hang_up_http();
        fake.wait_for_open(1, LONG).unwrap();
        channel::originate(&ari, &OriginateParams::to("x")).unwrap();
        assert_eq!(fake.connections(), warm + 1);
        // Closed by a server that has read the request: nobody can know that it did not run.
        fake.expect("GET", "asterisk/ping", AriReply::hang_up());
        asterisk::ping(&ari).unwrap();
        assert_eq!(fake.connections(), warm + 2);
        fake.expect("POST", "channels", AriReply::hang_up());
        let e = channel::originate(&ari, &OriginateParams::to("y")).unwrap_err();
        assert!(matches!(e, Error::Disconnected { sent: true }), "{e:?}");
        // On a new connection it was not closed while idle: a second time is not tried.
        fake.expect("GET", "asterisk/ping", AriReply::hang_up());
        let e = asterisk::ping(&ari).unwrap_err();
        assert!(matches!(e, Error::Disconnected { sent: true }), "{e:?}");
        // A variable may be a function that does something each time.
        let get: &dyn Fn() -> Error = &|| asterisk::get_variable(&ari, "SHIFT(x)").unwrap_err();
        let set: &dyn Fn() -> Error = &|| asterisk::set_variable(&ari, "INC(x)", "").unwrap_err();
        for (method, ask) in [("GET", get), ("POST", set)] {
            asterisk::ping(&ari).unwrap();
            fake.expect(method, "asterisk/variable", AriReply::hang_up());
            let e = ask();
            assert!(matches!(e, Error::Disconnected { sent: true }), "{method}: {e:?}");
        }
    });
}

#[test]
fn many_threads_ask_at_once_and_each_gets_its_own_answer() {
    everywhere(|fake, ari| {
        fake.on("GET", "echo/*", |request| AriReply::ok(json!({ "id": request.segments()[1] })));
        thread::scope(|scope| {
            for thread in 0..8 {
                scope.spawn(move || {
                    for round in 0..50 {
                        let id = format!("{thread}-{round}");
                        let request = Request::new(Method::Get, ["echo", &*id]);
                        let answer: serde_json::Value = ari.fetch(request).unwrap();
                        assert_eq!(answer["id"], *id);
                    }
                });
            }
        });
        assert_eq!(ari.stats().in_flight, 0);
    });
}

#[test]
fn requests_that_wait_are_counted_whichever_way_they_go() {
    configured(
        |config| config.max_connections(2),
        |fake, ari| {
            fake.on("GET", "slow", |_| AriReply::ok(json!({})).held());
            thread::scope(|scope| {
                let asking: Vec<_> =
                    (0..2).map(|_| scope.spawn(|| ari.send(Request::get(["slow"])))).collect();
                fake.wait_for_requests("GET", "slow", 2, LONG).unwrap();
                assert_eq!(ari.stats().in_flight, 2);
                fake.release(2, LONG).unwrap();
                assert!(asking.into_iter().all(|one| one.join().unwrap().is_ok()));
            });
            assert_eq!(ari.stats().in_flight, 0);
            assert!(ari.send(Request::get(["nothing"])).is_err());
            assert_eq!(ari.stats().in_flight, 0);
        },
    );
}

/// Asks for something that is not answered, does something else once the server has it, and returns
/// what became of it.
fn unanswered(fake: &FakeAri, ari: &AriClient, meanwhile: impl FnOnce()) -> Error {
    let (entered, is_in) = mpsc::channel();
    let entered = std::sync::Mutex::new(entered);
    fake.on("POST", "channels/1/answer", move |_| {
        entered.lock().unwrap().send(()).unwrap();
        AriReply::silence()
    });
    thread::scope(|scope| {
        let asking = scope.spawn(|| ari.with_timeout(LONG).channel("1").answer());
        is_in.recv_timeout(LONG).unwrap();
        meanwhile();
        asking.join().unwrap().unwrap_err()
    })
}

#[test]
fn closing_ends_a_request_that_waits_and_says_that_it_may_have_run() {
    everywhere(|fake, ari| {
        let e = unanswered(fake, ari, || ari.disconnect());
        assert!(matches!(e, Error::Disconnected { sent: true }) && e.may_have_run(), "{e:?}");
        let e = asterisk::ping(ari).unwrap_err();
        assert!(matches!(e, Error::Closed) && !e.may_have_run(), "{e:?}");
    });
}

#[test]
fn a_client_that_is_replaced_says_of_a_request_under_way_that_it_may_have_run() {
    everywhere(|fake, ari| {
        let config = fake.config(APP).transport(ari.transport());
        let mut second = None;
        let e = unanswered(fake, ari, || second = Some(AriClient::connect(config).unwrap()));
        assert!(matches!(e, Error::Disconnected { sent: true }) && e.may_have_run(), "{e:?}");
        let e = asterisk::ping(ari).unwrap_err();
        assert!(matches!(e, Error::Replaced { .. }) && !e.may_have_run(), "{e:?}");
    });
}

#[test]
fn a_request_without_time_to_leave_says_that_it_has_not() {
    servers(|fake| {
        let ari = AriClient::connect(fake.config(APP)).unwrap();
        asterisk::ping(&ari).unwrap();
        let before = fake.requests().len();
        let e = ari.with_timeout(Duration::ZERO).channel("1").answer().unwrap_err();
        assert!(matches!(e, Error::Timeout(TimeoutError::Action { sent: false, .. })), "{e:?}");
        assert!(e.is_retryable() && !e.may_have_run());
        assert_eq!(fake.requests().len(), before);
    });
}

#[test]
fn a_request_that_is_lost_and_cannot_be_sent_again_may_have_run_the_first_time() {
    guarded(|| {
        let fake = Arc::new(FakeAri::start().unwrap());
        let ari = AriClient::connect(fake.config(APP)).unwrap();
        asterisk::ping(&ari).unwrap();
        let server = Arc::downgrade(&fake);
        fake.on("DELETE", "channels/1", move |_| {
            server.upgrade().unwrap().stop();
            AriReply::hang_up()
        });
        let e = ari.channel("1").hangup(None).unwrap_err();
        assert!(matches!(e, Error::Disconnected { sent: true }), "{e:?}");
        assert!(e.may_have_run() && !e.is_retryable());
        let e = ari.channel("1").hangup(None).unwrap_err();
        assert!(e.is_retryable(), "{e:?}");
    });
}

#[test]
fn requests_go_on_over_http_while_the_event_socket_is_down() {
    servers(|fake| {
        let config = fake.config(APP).transport(TransportKind::Http);
        let ari = AriClient::connect(config).unwrap();
        fake.on("GET", "events", |_| AriReply::error(503, "not yet"));
        fake.hang_up(APP);
        ari.wait_for_state(asterisk_sync::ConnectionState::Reconnecting, LONG).unwrap();
        assert!(asterisk::ping(&ari).is_ok());
    });
}

#[test]
fn a_call_rings_as_long_as_was_said() {
    everywhere(|fake, ari| {
        let to = || OriginateParams::to("PJSIP/bob").app(APP);
        for (params, seconds) in [
            (to(), json!(null)),
            (to().timeout(Duration::from_millis(1)), json!(1)),
            (to().timeout(Duration::from_secs(7)), json!(7)),
            (to().timeout(RingTime::Within(Duration::from_millis(7_001))), json!(8)),
            (to().timeout(RingTime::Unlimited), json!(-1)),
        ] {
            fake.expect("POST", "channels", AriReply::ok(FakeAri::channel("1", "PJSIP/bob-1")));
            channel::originate(ari, &params).unwrap();
            let all = fake.wait_for_requests("POST", "channels", 1, LONG).unwrap();
            assert_eq!(all.last().unwrap().body["timeout"], seconds);
        }
        fake.on("POST", "channels/1/dial", |_| AriReply::no_content());
        let dial = |params: DialParams| ari.channel("1").dial(&params);
        dial(DialParams::default().timeout(Duration::from_millis(1_500))).unwrap();
        let dialled = fake.wait_for_requests("POST", "channels/1/dial", 1, LONG).unwrap();
        assert_eq!(dialled[0].body["timeout"], 2);
        // The server would take these for 30 seconds, and for ever.
        let before = fake.requests().len();
        let e = channel::originate(ari, &to().timeout(Duration::ZERO)).unwrap_err();
        assert!(matches!(e, Error::Invalid(_)) && e.to_string().contains("ring"), "{e}");
        let e = dial(DialParams::default().timeout(Duration::ZERO)).unwrap_err();
        assert!(matches!(e, Error::Invalid(_)), "{e}");
        assert_eq!(fake.requests().len(), before);
    });
}
