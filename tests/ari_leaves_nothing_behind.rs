//! Neither threads nor descriptors of an ARI client stay behind: not after reconnects, not after a
//! drop. In a process of its own, because it counts those of the process.

#![allow(clippy::unwrap_used, clippy::pedantic, reason = "a panic is how a test fails")]
#![cfg(target_os = "linux")]

mod common;

use std::fs::{read_dir, read_to_string};
use std::sync::Mutex;

use asterisk_sync::ConnectionState;
use asterisk_sync::ari::resources::asterisk;
use asterisk_sync::ari::{AriClient, TransportKind};
use asterisk_sync::testing::{AriReply, FakeAri};
use common::LONG;
use common::ari::{APP, next_message, servers};

/// One test at a time may count.
static ALONE: Mutex<()> = Mutex::new(());

/// The threads of clients; those of the fake have names of their own.
fn threads() -> usize {
    let tasks = read_dir("/proc/self/task").expect("Linux has /proc");
    let names = tasks.filter_map(|task| read_to_string(task.ok()?.path().join("comm")).ok());
    names.filter(|name| name.starts_with("ari-")).count()
}

fn descriptors() -> usize {
    read_dir("/proc/self/fd").expect("Linux has /proc").count()
}

/// What was joined or closed may be in the list for a moment still. What never comes hangs, which
/// fails the test.
fn wait_until(reached: impl Fn() -> bool) {
    while !reached() {
        std::thread::yield_now();
    }
}

fn alone(test: impl Fn(&FakeAri, TransportKind) + Send + Copy + 'static) {
    let _alone = ALONE.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
    servers(move |fake| {
        for kind in [TransportKind::Http, TransportKind::WebSocket] {
            wait_until(|| threads() == 0);
            let before = descriptors();
            test(fake, kind);
            fake.wait_for_open(0, LONG).expect("the end of every connection");
            wait_until(|| threads() == 0);
            wait_until(|| descriptors() == before);
        }
    });
}

#[test]
fn reconnects_leave_two_threads_and_as_many_descriptors_as_before() {
    alone(|fake, kind| {
        let ari = AriClient::connect(fake.config(APP).transport(kind)).unwrap();
        let events = ari.subscribe();
        asterisk::ping(&ari).unwrap();
        let mut before = None;
        for round in 0..30 {
            match round % 3 {
                0 => fake.hang_up(APP),
                1 => fake.close(APP, 1001),
                _ => {
                    fake.expect("GET", "events", AriReply::page(503, "Asterisk not booted"));
                    fake.send_raw(APP, b"\x83\x00");
                }
            }
            next_message(&events);
            ari.wait_for_state(ConnectionState::Connected, LONG).unwrap();
            asterisk::ping(&ari).unwrap();
            let open = if kind == TransportKind::Http { 2 } else { 1 };
            fake.wait_for_open(open, LONG).unwrap();
            wait_until(|| threads() == 2);
            // The fake lets go of a connection a moment after it says so.
            match before {
                None if round < 3 => {}
                None => before = Some(descriptors()),
                Some(before) => wait_until(|| descriptors() <= before),
            }
        }
    });
}

#[test]
fn the_drop_of_the_last_handle_closes_and_joins_everything() {
    alone(|fake, kind| {
        for _ in 0..10 {
            let ari = AriClient::connect(fake.config(APP).transport(kind)).unwrap();
            let channel = ari.channel("1");
            let (events, handled) = (ari.subscribe(), ari.on_event(drop).unwrap());
            asterisk::ping(&ari).unwrap();
            drop(ari);
            assert!(channel.get().unwrap_err().is_not_found());
            drop(channel);
            assert_eq!(events.recv_timeout(LONG).unwrap(), None);
            assert!(handled.is_finished());
            wait_until(|| threads() == 0);
        }
    });
}

#[test]
fn a_client_that_could_not_connect_leaves_nothing() {
    alone(|fake, kind| {
        for _ in 0..10 {
            fake.expect("GET", "events", AriReply::error(403, "no"));
            AriClient::connect(fake.config(APP).transport(kind)).unwrap_err();
            wait_until(|| threads() == 0);
        }
    });
}
