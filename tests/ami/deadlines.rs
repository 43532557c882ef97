//! A call returns within its own timeout, whatever the peer and the other callers do.

use std::collections::BTreeSet;
use std::time::{Duration, Instant};

use crate::common::{LONG, bare, servers_with};
use asterisk_sync::ami::action::CustomAction;

/// Some hundred are too much for the sockets' buffers.
fn large() -> CustomAction {
    (0..50).fold(bare("Large"), |action, _| action.header("Text", "x".repeat(1000)))
}

#[test]
fn a_call_with_a_short_timeout_does_not_wait_for_a_peer_that_does_not_read() {
    servers_with(
        |settings| settings.socket_buffers(16 << 10),
        |fake| {
            let ami = fake.client().timeout(LONG).keep_alive(None).connect().unwrap();
            fake.stall_reading();
            let hasty = ami.with_timeout(Duration::from_millis(1));
            let begun = Instant::now();
            // The sockets take some before they are full.
            for i in 0..400 {
                assert!(hasty.send_action(&large()).unwrap_err().is_timeout());
                assert!(begun.elapsed() < LONG / 2, "{i} calls took {:?}", begun.elapsed());
            }
        },
    );
}

#[test]
fn what_is_said_not_to_have_left_does_not_leave_later() {
    servers_with(
        |settings| settings.socket_buffers(16 << 10),
        |fake| {
            let ami = fake.client().timeout(LONG).keep_alive(None).connect().unwrap();
            fake.stall_reading();
            let hasty = ami.with_timeout(Duration::from_millis(5));
            let mut unsent = BTreeSet::new();
            for n in 0..200 {
                let n = n.to_string();
                let late = hasty.send_action(&large().header("N", &*n)).unwrap_err();
                if !late.may_have_run() {
                    unsent.insert(n);
                }
            }
            assert!(!unsent.is_empty());
            fake.resume_reading();
            ami.ping().unwrap();
            let requests = fake.requests();
            let ran: Vec<_> = requests.iter().filter_map(|request| request.get("N")).collect();
            assert!(!ran.is_empty());
            assert!(!ran.iter().any(|n| unsent.contains(*n)), "{ran:?} but not {unsent:?}");
        },
    );
}

#[test]
fn closing_does_not_wait_for_a_peer_that_does_not_read() {
    servers_with(
        |settings| settings.socket_buffers(16 << 10),
        |fake| {
            let ami = fake.client().timeout(LONG).keep_alive(None).connect().unwrap();
            fake.stall_reading();
            let hasty = ami.with_timeout(Duration::from_millis(1));
            // Until no more is taken.
            while hasty.start_action(&large()).is_ok() {}
            let begun = Instant::now();
            ami.disconnect().unwrap();
            assert!(begun.elapsed() < LONG / 2, "{:?}", begun.elapsed());
        },
    );
}
