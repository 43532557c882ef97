//! A dead peer is noticed, a busy one is not taken for dead, and nobody sees the pings.

use std::time::Duration;

use crate::common::{LONG, bare, names_until, servers, servers_with, settled};
use asterisk_sync::ConnectionState;
use crossbeam_channel::unbounded;

/// For a peer that is to be taken for dead: a busy machine may be late as long as it likes.
const INTERVAL: Duration = Duration::from_millis(30);

/// For one that is not: it has to answer in this time, on a busy machine as well.
const PATIENT: Duration = Duration::from_secs(1);

#[test]
fn a_peer_that_says_nothing_any_more_is_noticed() {
    servers(|fake| {
        let ami = settled(fake.client().keep_alive(INTERVAL));
        let events = ami.subscribe();
        fake.stall_writing();
        ami.wait_for_state(ConnectionState::Reconnecting, LONG).unwrap();
        fake.heal().unwrap();
        ami.wait_for_state(ConnectionState::Connected, LONG).unwrap();
        assert!(names_until(&events, "FullyBooted").contains(&"Gap".to_owned()));
        assert!(ami.stats().reconnects >= 1);
    });
}

#[test]
fn a_peer_that_neither_reads_nor_writes_is_noticed() {
    servers_with(
        |settings| settings.socket_buffers(32 << 10),
        |fake| {
            let ami = settled(fake.client().keep_alive(INTERVAL));
            fake.stall_reading();
            fake.stall_writing();
            ami.wait_for_state(ConnectionState::Reconnecting, LONG).unwrap();
            fake.heal().unwrap();
            ami.wait_for_state(ConnectionState::Connected, LONG).unwrap();
        },
    );
}

#[test]
fn an_action_that_takes_its_time_keeps_the_connection() {
    servers(|fake| {
        let ami = settled(fake.client().keep_alive(PATIENT).timeout(LONG));
        let slow = fake.expect("Slow");
        let pending = ami.start_action(&bare("Slow")).unwrap();
        let slow = slow.wait_timeout(LONG).unwrap();
        // As Asterisk does, which answers nothing else meanwhile.
        let (unanswered, pings) = unbounded();
        fake.on("Ping", move |_| {
            let _ = unanswered.send(());
        });
        for _ in 0..3 {
            pings.recv_timeout(LONG).unwrap();
        }
        fake.on("Ping", |ping| ping.success(&[("Ping", "Pong")]));
        slow.success(&[("Message", "done")]);
        assert_eq!(pending.wait().unwrap().text(), "done");
        assert_eq!(ami.stats().reconnects, 0);
    });
}

#[test]
fn a_quiet_connection_stays_and_nobody_sees_the_pings() {
    servers(|fake| {
        let ami = settled(fake.client().keep_alive(PATIENT));
        fake.wait_for_request("Ping", LONG).unwrap();
        let events = ami.subscribe();
        let heard = ami.stats().last_activity;
        for _ in 0..3 {
            fake.wait_for_request("Ping", LONG).unwrap();
        }
        assert_eq!(ami.stats().in_flight, 0);
        fake.push("UserEvent", &[]);
        assert_eq!(names_until(&events, "UserEvent"), ["UserEvent"]);
        assert!(ami.stats().last_activity > heard);
    });
}
