//! Those of a client of the manager: not after reconnects, not after a drop.

use crate::common::{LONG, bare, next_gap, servers, settled};
use crate::{descriptors, wait_until};
use asterisk_sync::ami::{AmiClient, Filter};
use asterisk_sync::{ConnectionState, EventHandler, Overflow, Subscribe};
use crossbeam_channel::unbounded;

/// The threads of clients; those of the fake have names of their own.
fn threads() -> usize {
    crate::threads("ami-").len()
}

fn alone(test: impl Fn(&asterisk_sync::testing::FakeAmi) + Send + Copy + 'static) {
    let _alone = crate::alone();
    servers(move |fake| {
        wait_until(|| threads() == 0);
        test(fake);
        fake.wait_for_sessions(0, LONG).expect("the end of every connection");
        wait_until(|| threads() == 0);
    });
}

#[test]
fn fifty_reconnects_leave_two_threads_and_as_many_descriptors_as_before() {
    alone(|fake| {
        let ami = settled(fake.client());
        let events = ami.subscribe_with(Filter::names(["Tick"]));
        let mut before = None;
        for n in 0..50 {
            let never = ami.start_action(&bare("Ping")).unwrap();
            if n % 2 == 0 {
                fake.reset_sessions();
            } else {
                fake.close_sessions();
            }
            drop(never);
            assert_eq!(next_gap(&events), (0, true));
            ami.wait_for_state(ConnectionState::Connected, LONG).unwrap();
            ami.ping().unwrap();
            // Those of the connections before are gone.
            wait_until(|| fake.sessions() == 1);
            wait_until(|| threads() == 2);
            match before {
                None if n < 3 => {}
                None => before = Some(settle()),
                Some(before) => wait_until(|| descriptors() <= before),
            }
        }
        assert_eq!(ami.stats().reconnects, 50);
    });
}

/// The number of descriptors when it does not change any more.
fn settle() -> usize {
    let mut last = descriptors();
    let mut same = 0;
    while same < 1_000 {
        let now = descriptors();
        same = if now == last { same + 1 } else { 0 };
        last = now;
        std::thread::yield_now();
    }
    last
}

#[test]
fn the_drop_of_the_last_handle_joins_everything() {
    alone(|fake| {
        let before = settle();
        for _ in 0..20 {
            let ami = settled(fake.client());
            let (events, other) = (ami.subscribe(), ami.clone());
            let bounds = Subscribe::default().overflow(Overflow::Unbounded);
            let more = ami.subscribe_bounded(Filter::all(), bounds);
            let (done, ended) = unbounded::<()>();
            ami.on_event(move |_| {
                let _held = &done;
            })
            .unwrap();
            // A thread names itself when it begins.
            wait_until(|| threads() == 3);
            drop(ami);
            other.ping().unwrap();
            drop(other);
            // The handler's thread was joined, so what it held is gone.
            assert!(ended.try_recv().is_err_and(|e| e.is_disconnected()));
            assert!(events.recv().is_none() && more.recv().is_none());
        }
        fake.wait_for_sessions(0, LONG).unwrap();
        wait_until(|| threads() == 0);
        wait_until(|| descriptors() <= before);
    });
}

#[test]
fn the_last_handle_may_be_dropped_inside_a_handler() {
    alone(|fake| {
        let ami = settled(fake.client());
        let (give, given) = unbounded::<AmiClient>();
        let (dropped, drops) = unbounded();
        let handler: EventHandler = ami
            .on_event(move |event| {
                if event.event_name() == "Tick" {
                    drop(given.recv().expect("the last handle"));
                    dropped.send(()).expect("the test");
                }
            })
            .unwrap();
        let second = ami.on_event(|_| {}).unwrap();
        give.send(ami).unwrap();
        fake.push("Tick", &[]);
        drops.recv_timeout(LONG).unwrap();
        handler.join();
        assert!(handler.is_finished() && second.is_finished());
    });
}

#[test]
fn a_disconnect_inside_a_handler_that_holds_a_handle_leaves_nothing() {
    alone(|fake| {
        let ami = settled(fake.client());
        let inner = ami.clone();
        let handler = ami
            .on_event(move |event| {
                if event.event_name() == "Tick" {
                    inner.disconnect().expect("closed");
                }
            })
            .unwrap();
        drop(ami);
        fake.push("Tick", &[]);
        handler.join();
    });
}

#[test]
fn an_attempt_that_fails_leaves_nothing() {
    alone(|fake| {
        let before = settle();
        for _ in 0..10 {
            assert!(fake.client().credentials("admin", "wrong").connect().is_err());
            fake.silent();
            assert!(fake.client().connect_timeout(crate::common::SHORT).connect().is_err());
            fake.auth_limit();
            assert!(fake.client().connect().is_err());
            fake.heal().unwrap();
        }
        fake.wait_for_sessions(0, LONG).unwrap();
        wait_until(|| descriptors() <= before);
    });
}

#[test]
fn trackers_and_pictures_take_their_threads_with_them() {
    alone(|fake| {
        let ami = settled(fake.client());
        let tracker = ami.call_tracker().unwrap();
        let picture = ami.live_picture().unwrap();
        let told = picture.on_change(|_| {}).unwrap();
        let called = ami.call_tracker().unwrap().on_call(|_| {}).unwrap();
        // The client's two, three that follow, and two that call back.
        wait_until(|| threads() == 7);
        fake.reset_sessions();
        called.stop();
        drop(tracker);
        drop(picture);
        told.join();
        wait_until(|| threads() == 2);
    });
}

#[test]
fn a_picture_that_asks_while_the_last_handle_goes_ends_with_it() {
    alone(|fake| {
        let ami = settled(fake.client());
        let picture = ami.live_picture().unwrap();
        // The handler's thread is joined by the client, and the picture's by the handler.
        let handler = ami.on_event(move |_| drop(picture.snapshot())).unwrap();
        let asked = fake.expect("CoreShowChannels");
        fake.push("Reload", &[("Module", "all")]);
        asked.wait_timeout(LONG).unwrap().ignore();
        drop(ami);
        handler.join();
        wait_until(|| threads() == 0);
    });
}
