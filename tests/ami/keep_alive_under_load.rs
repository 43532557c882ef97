//! A dead peer is noticed also by a program that never stops asking.

use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::Duration;

use crate::common::{LONG, servers};
use asterisk_sync::ConnectionState;

#[test]
fn a_peer_that_says_nothing_any_more_is_noticed_although_actions_keep_coming() {
    servers(|fake| {
        let interval = Duration::from_millis(500);
        let ami = fake.client().keep_alive(interval).timeout(interval * 4).connect().unwrap();
        ami.with_timeout(LONG).ping().unwrap();
        fake.stall_writing();
        let noticed = AtomicBool::new(false);
        thread::scope(|scope| {
            // Each is within its timeout while the one before it runs out of its own.
            for i in 0..4 {
                let (ami, noticed) = (&ami, &noticed);
                scope.spawn(move || {
                    thread::park_timeout(interval * i);
                    while !noticed.load(Ordering::Relaxed) {
                        let _ = ami.ping();
                    }
                });
            }
            let waited = ami.wait_for_state(ConnectionState::Reconnecting, LONG);
            noticed.store(true, Ordering::Relaxed);
            waited.unwrap();
        });
    });
}
