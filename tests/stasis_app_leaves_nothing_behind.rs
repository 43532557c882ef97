//! An app of Stasis takes its threads with it. In a process of its own, because it counts those of the
//! process.

#![allow(clippy::unwrap_used, clippy::pedantic, reason = "a panic is how a test fails")]
#![cfg(target_os = "linux")]

mod common;

use std::fs::{read_dir, read_to_string};
use std::time::Duration;

use asterisk_sync::ari::{AriClient, StasisApp, StasisCall};
use asterisk_sync::testing::FakeAri;
use common::LONG;
use common::ari::{APP, everywhere};
use serde_json::json;

fn threads(prefix: &str) -> usize {
    let tasks = read_dir("/proc/self/task").expect("Linux has /proc");
    let names = tasks.filter_map(|task| read_to_string(task.ok()?.path().join("comm")).ok());
    names.filter(|name| name.starts_with(prefix)).count()
}

/// A thread that was joined may be in the list for a moment still. What never comes hangs, which fails
/// the test.
fn wait_until(reached: impl Fn() -> bool) {
    while !reached() {
        std::thread::yield_now();
    }
}

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
    assert_eq!(threads("stasis-"), 8 + 3);
    if number % 2 == 0 {
        let report = app.shutdown().unwrap();
        assert_eq!((report.closed, report.refused), (8, 1));
    } else {
        drop(app);
    }
}

#[test]
fn no_thread_outlives_an_app_and_no_subscription() {
    everywhere(|fake, ari| {
        for number in 0..6 {
            round(fake, ari, number);
            wait_until(|| threads("stasis-") == 0);
            assert!(ari.stats().subscribers.is_empty());
        }
    });
    wait_until(|| threads("ari-") == 0);
}
