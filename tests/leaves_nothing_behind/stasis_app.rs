//! An app of Stasis takes its threads with it.

use std::time::Duration;

use crate::common::LONG;
use crate::common::ari::{APP, everywhere};
use crate::{alone, threads, wait_until};
use asterisk_sync::ari::{AriClient, StasisApp, StasisCall};
use asterisk_sync::testing::FakeAri;
use serde_json::json;

fn enter(fake: &FakeAri, id: &str) {
    fake.push("StasisStart", APP, json!({ "channel": FakeAri::channel(id, id) }));
}

fn round(fake: &FakeAri, ari: &AriClient, number: u32) {
    let app = StasisApp::builder(ari).workers(8).grace(Duration::ZERO);
    let app = app
        .handler(|call: &StasisCall| match call.channel().id() {
            "panic" => panic!("as it was told"),
            "good" => Ok(()),
            _ => call.pause(LONG),
        })
        .build()
        .unwrap();
    if number == 0 {
        // One that has never run.
        return;
    }
    let app = app.spawn().unwrap();
    enter(fake, "good");
    enter(fake, "panic");
    wait_until(|| app.stats().served == 1 && app.stats().panicked == 1);
    // They are counted a little before their workers are free.
    wait_until(|| app.stats().active == 0);
    for n in 0..9 {
        enter(fake, &n.to_string());
    }
    wait_until(|| app.stats().active == 8 && app.stats().queued == 1);
    assert_eq!(threads("stasis-").len(), 8 + 3);
    if number % 2 == 0 {
        let report = app.shutdown().unwrap();
        assert_eq!((report.closed, report.refused), (8, 1));
    } else {
        drop(app);
    }
}

#[test]
fn no_thread_outlives_an_app_and_no_subscription() {
    let _alone = alone();
    everywhere(|fake, ari| {
        for number in 0..6 {
            round(fake, ari, number);
            wait_until(|| threads("stasis-").is_empty());
            assert!(ari.stats().subscribers.is_empty());
        }
    });
    wait_until(|| threads("ari-").is_empty());
}
