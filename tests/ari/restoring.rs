//! What is changed while a new connection is told what it has to know.

use std::sync::Mutex;
use std::thread;

use crossbeam_channel::bounded;

use crate::common::LONG;
use crate::common::ari::{APP, configured, everywhere};
use asterisk_sync::ConnectionState;
use asterisk_sync::ari::AriClient;
use asterisk_sync::ari::resources::application::{self, EventFilter};
use asterisk_sync::testing::{AriReply, FakeAri};
use serde_json::json;

const FILTER: &str = "applications/demo/eventFilter";
const SUBSCRIPTION: &str = "applications/demo/subscription";

fn taken() -> AriReply {
    AriReply::ok(json!({ "name": APP }))
}

fn hide(ari: &AriClient, application: &str, kind: &str) {
    application::set_event_filter(ari, application, &EventFilter::new().disallow(kind)).unwrap();
}

/// Loses the connection, and returns when the next has been told the first thing: the answer is held.
fn lose(fake: &FakeAri) {
    let before = fake.requests().iter().filter(|request| request.path == FILTER).count();
    fake.expect("PUT", FILTER, taken().held());
    fake.hang_up(APP);
    fake.wait_for_requests("PUT", FILTER, before + 1, LONG).unwrap();
}

fn go_on(fake: &FakeAri, ari: &AriClient) {
    fake.release(1, LONG).unwrap();
    ari.wait_for_state(ConnectionState::Connected, LONG).unwrap();
}

#[test]
fn what_is_changed_before_it_is_told_again_is_not_undone() {
    everywhere(|fake, ari| {
        hide(ari, APP, "ChannelVarset");
        application::subscribe(ari, APP, &["deviceState:a", "deviceState:b"]).unwrap();
        lose(fake);
        application::unsubscribe(ari, APP, &["deviceState:b"]).unwrap();
        application::subscribe(ari, APP, &["deviceState:c"]).unwrap();
        go_on(fake, ari);
        assert_eq!(fake.sources(APP), ["deviceState:a", "deviceState:c"]);
    });
}

#[test]
fn what_is_changed_after_it_was_told_again_is_not_undone() {
    everywhere(|fake, ari| {
        application::subscribe(ari, APP, &["deviceState:a", "deviceState:b"]).unwrap();
        // The answer is late, and whether it was done before what is told meanwhile is not known.
        fake.expect("POST", SUBSCRIPTION, taken().held());
        fake.hang_up(APP);
        fake.wait_for_requests("POST", SUBSCRIPTION, 2, LONG).unwrap();
        application::unsubscribe(ari, APP, &["deviceState:a"]).unwrap();
        go_on(fake, ari);
        assert_eq!(fake.sources(APP), ["deviceState:b"]);
        // By the call, and then again.
        let deleted = fake.wait_for_requests("DELETE", SUBSCRIPTION, 2, LONG).unwrap();
        assert_eq!(deleted[1].param("eventSource"), deleted[0].param("eventSource"));
    });
}

#[test]
fn a_filter_that_is_set_while_others_are_told_again_stays() {
    configured(
        |config| config.application("second"),
        |fake, ari| {
            hide(ari, APP, "ChannelVarset");
            hide(ari, "second", "ChannelVarset");
            lose(fake);
            hide(ari, "second", "ChannelDialplan");
            hide(ari, APP, "ChannelHold");
            go_on(fake, ari);
            let hidden = |name| fake.filter(name)["disallowed"].clone();
            assert_eq!(hidden("second"), json!([{ "type": "ChannelDialplan" }]));
            assert_eq!(hidden(APP), json!([{ "type": "ChannelHold" }]));
            // And that is what is remembered.
            fake.hang_up(APP);
            fake.wait_for_upgrades(3, LONG).unwrap();
            ari.wait_for_state(ConnectionState::Connected, LONG).unwrap();
            assert_eq!(hidden("second"), json!([{ "type": "ChannelDialplan" }]));
        },
    );
}

/// The server does it, is told the opposite by the new connection, and only then is the answer there.
#[test]
fn a_change_whose_answer_comes_after_all_was_told_again_is_made_again() {
    everywhere(|fake, ari| {
        hide(ari, APP, "ChannelVarset");
        application::subscribe(ari, APP, &["deviceState:a", "deviceState:b"]).unwrap();
        let (arrived, arrives) = bounded(0);
        let (release, released) = bounded::<()>(0);
        let gate = Mutex::new(Some((arrived, released)));
        fake.on("PUT", FILTER, move |_| {
            if let Some((arrived, released)) = gate.lock().unwrap().take() {
                let _ = arrived.send(());
                let _ = released.recv_timeout(LONG);
            }
            taken()
        });
        fake.expect("DELETE", SUBSCRIPTION, taken().held());
        fake.hang_up(APP);
        arrives.recv_timeout(LONG).unwrap();
        let before = ari.stats().in_flight;
        thread::scope(|scope| {
            let sources = ["deviceState:b"];
            let asking = scope.spawn(move || application::unsubscribe(ari, APP, &sources));
            // It is on its way before anything is told of its source.
            while ari.stats().in_flight == before {
                thread::yield_now();
            }
            release.send(()).unwrap();
            ari.wait_for_state(ConnectionState::Connected, LONG).unwrap();
            assert_eq!(fake.sources(APP), ["deviceState:a", "deviceState:b"]);
            fake.release(1, LONG).unwrap();
            asking.join().unwrap().unwrap();
            assert_eq!(fake.sources(APP), ["deviceState:a"]);
        });
    });
}

#[test]
fn a_source_that_comes_back_while_it_is_told_again_is_not_forgotten() {
    everywhere(|fake, ari| {
        application::subscribe(ari, APP, &["endpoint:PJSIP/bob"]).unwrap();
        let gone = AriReply::error(422, "Event source does not exist");
        fake.expect("POST", SUBSCRIPTION, gone.held());
        fake.hang_up(APP);
        fake.wait_for_requests("POST", SUBSCRIPTION, 2, LONG).unwrap();
        application::subscribe(ari, APP, &["endpoint:PJSIP/bob"]).unwrap();
        go_on(fake, ari);
        fake.hang_up(APP);
        fake.wait_for_upgrades(3, LONG).unwrap();
        ari.wait_for_state(ConnectionState::Connected, LONG).unwrap();
        assert_eq!(fake.sources(APP), ["endpoint:PJSIP/bob"]);
    });
}
