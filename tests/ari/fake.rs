//! What the fake server can do with an answer: keep it, and send events behind it.

use std::thread;
use std::time::Duration;

use crate::common::ari::{APP, everywhere, next_message};
use crate::common::{LONG, SHORT};
use asterisk_sync::ari::resources::asterisk;
use asterisk_sync::ari::rest::Request;
use asterisk_sync::testing::AriReply;
use asterisk_sync::{ConnectionState, Error};
use serde_json::json;

#[test]
fn an_answer_that_is_held_comes_when_it_is_released_and_holds_up_nobody() {
    everywhere(|fake, ari| {
        fake.expect("POST", "slow", AriReply::ok(json!({ "n": 1 })).held());
        fake.expect("POST", "slow", AriReply::ok(json!({ "n": 2 })).held());
        thread::scope(|scope| {
            let asking = [(); 2]
                .map(|()| scope.spawn(|| ari.fetch::<serde_json::Value>(Request::post(["slow"]))));
            fake.wait_for_requests("POST", "slow", 2, LONG).unwrap();
            assert!(asterisk::ping(ari).is_ok());
            fake.release(2, LONG).unwrap();
            let mut all = asking.map(|it| it.join().unwrap().unwrap()["n"].as_u64().unwrap());
            all.sort_unstable();
            assert_eq!(all, [1, 2]);
        });
        assert!(fake.release(1, SHORT).unwrap_err().is_timeout());
    });
}

#[test]
fn an_answer_that_comes_late_is_nobodys() {
    everywhere(|fake, ari| {
        asterisk::ping(ari).unwrap();
        fake.expect("POST", "slow", AriReply::ok(json!({})).held());
        // Long enough for a busy machine to send it.
        let hasty = ari.with_timeout(Duration::from_secs(2));
        let e = hasty.send(Request::post(["slow"])).unwrap_err();
        assert!(e.is_timeout() && e.may_have_run(), "{e}");
        fake.release(1, LONG).unwrap();
        assert_eq!(asterisk::ping(ari).unwrap().ping, "pong");
    });
}

#[test]
fn events_come_behind_the_answer_that_they_belong_to() {
    everywhere(|fake, ari| {
        let events = ari.subscribe();
        let reply = AriReply::no_content()
            .then_push("ChannelDialplan", APP, json!({ "dialplan_app": "Answer" }))
            .then_push("ChannelStateChange", APP, json!({}));
        fake.on("POST", "channels/1/answer", move |_| reply.clone());
        ari.channel("1").answer().unwrap();
        for name in ["ChannelDialplan", "ChannelStateChange"] {
            assert_eq!(next_message(&events).event.event_name(), name);
        }
        // Behind one that is cut off as well.
        let cut = AriReply::hang_up().then_push("StasisEnd", APP, json!({}));
        fake.on("POST", "channels/1/answer", move |_| cut.clone());
        let e = ari.channel("1").answer().unwrap_err();
        assert!(matches!(e, Error::Disconnected { sent: true }), "{e}");
        assert_eq!(next_message(&events).event.event_name(), "StasisEnd");
        ari.wait_for_state(ConnectionState::Connected, LONG).unwrap();
    });
}
