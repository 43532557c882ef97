//! Events of one type, and events that several threads handle.

use std::collections::{HashMap, HashSet};
use std::sync::{Arc, Mutex};
use std::thread::{self, ThreadId};

use crate::common::LONG;
use crate::common::ari::{APP, everywhere, servers};
use asterisk_sync::ari::event::ChannelDtmfReceived;
use asterisk_sync::ari::{AriClient, AriEvent, AriMessage, Filter, PoolSettings};
use asterisk_sync::testing::FakeAri;
use asterisk_sync::{ConnectionState, Error};
use crossbeam_channel::unbounded;
use serde_json::json;

fn press(fake: &FakeAri, channel: usize, digit: &str) {
    let channel = FakeAri::channel(&channel.to_string(), &format!("PJSIP/x-{channel}"));
    fake.push("ChannelDtmfReceived", APP, json!({ "digit": digit, "channel": channel }));
}

fn digit(message: &AriMessage) -> Option<(usize, usize)> {
    let event = message.as_event::<ChannelDtmfReceived>()?;
    Some((event.channel.id.parse().ok()?, event.digit.parse().ok()?))
}

#[test]
fn a_subscription_to_one_type_has_nothing_else_and_counts_its_gaps() {
    everywhere(|fake, ari| {
        let digits = ari.subscribe_to::<ChannelDtmfReceived>();
        for digit in ["1", "2", "#"] {
            fake.push("StasisEnd", APP, json!({ "channel": FakeAri::channel("1", "x") }));
            press(fake, 7, digit);
        }
        assert_eq!(digits.recv().unwrap().digit, "1");
        let hash = digits.wait_for(|event| event.digit == "#", LONG).unwrap();
        assert_eq!(hash.channel.id, "7");
        fake.hang_up(APP);
        fake.wait_for_upgrades(2, LONG).unwrap();
        ari.wait_for_state(ConnectionState::Connected, LONG).unwrap();
        press(fake, 7, "9");
        let e = digits.wait_for(|_| true, LONG).unwrap_err();
        assert!(matches!(e, Error::Missed), "{e:?}");
        assert_eq!(digits.recv_timeout(LONG).unwrap().unwrap().digit, "9");
        assert_eq!((digits.gaps(), digits.lost()), (1, 0));
        ari.disconnect();
        assert!(digits.iter().next().is_none());
    });
}

#[test]
fn each_channel_hears_its_events_in_order_on_one_thread() {
    const CHANNELS: usize = 40;
    const EVENTS: usize = 2000;
    servers(|fake| {
        let ari = AriClient::connect(fake.config(APP)).unwrap();
        let seen = Arc::new(Mutex::new(HashMap::<usize, Vec<usize>>::new()));
        let threads = Arc::new(Mutex::new(HashMap::<usize, HashSet<ThreadId>>::new()));
        let (done, dones) = unbounded();
        let (numbers, at) = (Arc::clone(&seen), Arc::clone(&threads));
        let pool = PoolSettings::new(4).filter(Filter::types(["ChannelDtmfReceived"]));
        let pool = ari.on_event_ordered(pool, move |message| {
            let (channel, number) = digit(&message).unwrap();
            numbers.lock().unwrap().entry(channel).or_default().push(number);
            at.lock().unwrap().entry(channel).or_default().insert(thread::current().id());
            done.send(()).unwrap();
        });
        let pool = pool.unwrap();
        for number in 0..EVENTS {
            press(fake, number % CHANNELS, &number.to_string());
            fake.push("StasisEnd", APP, json!({}));
        }
        for _ in 0..EVENTS {
            dones.recv_timeout(LONG).unwrap();
        }
        let seen = seen.lock().unwrap();
        assert_eq!(seen.len(), CHANNELS);
        for (channel, numbers) in &*seen {
            let all: Vec<_> = (*channel..EVENTS).step_by(CHANNELS).collect();
            assert_eq!(*numbers, all, "{channel}");
        }
        let threads = threads.lock().unwrap();
        assert!(threads.values().all(|of_one| of_one.len() == 1), "{threads:?}");
        let all: HashSet<_> = threads.values().flatten().collect();
        assert!(all.len() > 1, "more than one thread works");
        drop(ari);
        pool.join();
        assert_eq!((pool.stats().lost, pool.stats().panicked), (0, 0));
    });
}

#[test]
fn a_handler_that_panics_is_told_of_and_a_gap_stands_between_the_connections() {
    servers(|fake| {
        let ari = AriClient::connect(fake.config(APP)).unwrap();
        let (told, tells) = unbounded();
        let (panicked, panics) = unbounded();
        let settings = PoolSettings::new(2).on_panic(move |message| {
            panicked.send(digit(message).unwrap()).unwrap();
        });
        let pool = ari.on_event_ordered(settings, move |message| {
            let is_gap = matches!(&message.event, AriEvent::Gap(gap) if gap.reconnected());
            told.send((digit(&message), is_gap)).unwrap();
            assert_ne!(digit(&message), Some((1, 13)), "on purpose");
        });
        let pool = pool.unwrap();
        press(fake, 1, "13");
        press(fake, 1, "14");
        assert_eq!(panics.recv_timeout(LONG).unwrap(), (1, 13));
        fake.hang_up(APP);
        fake.wait_for_upgrades(2, LONG).unwrap();
        press(fake, 1, "15");
        let next = || tells.recv_timeout(LONG).unwrap();
        assert_eq!([next(), next()], [(Some((1, 13)), false), (Some((1, 14)), false)]);
        assert_eq!([next(), next()], [(None, true), (Some((1, 15)), false)]);
        pool.stop();
        assert_eq!((pool.stats().handled, pool.stats().panicked), (3, 1));
    });
}

#[test]
fn a_pool_of_no_threads_is_refused() {
    servers(|fake| {
        let ari = AriClient::connect(fake.config(APP)).unwrap();
        for settings in [PoolSettings::new(0), PoolSettings::new(1).ahead(0)] {
            assert!(matches!(ari.on_event_ordered(settings, drop), Err(Error::Invalid(_))));
        }
    });
}
