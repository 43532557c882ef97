//! Those of a client of ARI: not after reconnects, not after a drop.

use crate::common::LONG;
use crate::common::ari::{APP, next_message, servers};
use crate::{descriptors, wait_until};
use asterisk_sync::ConnectionState;
use asterisk_sync::ari::resources::asterisk;
use asterisk_sync::ari::{AriClient, TransportKind};
use asterisk_sync::testing::{AriReply, FakeAri};

/// The threads of clients; those of the fake have names of their own.
fn threads() -> usize {
    crate::threads("ari-").len()
}

fn alone(test: impl Fn(&FakeAri, TransportKind) + Send + Copy + 'static) {
    let _alone = crate::alone();
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
