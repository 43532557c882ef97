//! Events handled by several threads: at once where they may be, in order where they must.

use std::collections::HashMap;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Barrier, Mutex};

use asterisk_sync::ami::{AmiClient, AmiEvent, Filter, PoolSettings};
use asterisk_sync::testing::FakeAmi;
use asterisk_sync::{Error, EventPool, Overflow, Subscribe};
use crossbeam_channel::{Receiver, Sender, bounded, unbounded};

use crate::common::{LONG, both, guarded, settled};

/// An event of a call, with a number.
fn tick(call: usize, number: usize) -> String {
    format!("Event: UserEvent\r\nUserEvent: Tick\r\nUniqueid: {call}\r\nNumber: {number}\r\n\r\n")
}

fn number(event: &AmiEvent) -> usize {
    event.message().parse("Number").unwrap()
}

fn unbounded_pool(workers: usize) -> PoolSettings {
    let bounds = Subscribe::default().overflow(Overflow::Unbounded);
    PoolSettings::new(workers).filter(Filter::names(["UserEvent"])).bounds(bounds)
}

fn quiet_panics() {
    // Other tests run in this process, and whatever is wrong with them has to be said as ever.
    let others = std::panic::take_hook();
    std::panic::set_hook(Box::new(move |info| {
        let words = info.payload().downcast_ref::<&str>().copied().unwrap_or_default();
        if !words.contains("on purpose") {
            others(info);
        }
    }));
}

#[test]
fn each_call_hears_its_events_in_order_whatever_the_handlers_do() {
    const CALLS: usize = 500;
    const EVENTS: usize = 100_000;
    quiet_panics();
    guarded(|| {
        let fake = FakeAmi::start().unwrap();
        let ami = settled(fake.client());
        let seen = Arc::new(Mutex::new(HashMap::<String, Vec<usize>>::new()));
        let at_work = Arc::new([const { AtomicUsize::new(0) }; CALLS]);
        let most = Arc::new(AtomicUsize::new(0));
        let now = Arc::new(AtomicUsize::new(0));
        let heard = Arc::new(AtomicU64::new(0));
        let (done, all_done) = unbounded();
        let (recorded, hear) = (Arc::clone(&seen), Arc::clone(&heard));
        let peak = Arc::clone(&most);
        let settings = unbounded_pool(8).on_panic(move |event| {
            assert_eq!(number(event) % 100, 99);
            hear.fetch_add(1, Ordering::Relaxed);
        });
        let pool = ami
            .on_event_ordered(settings, move |event| {
                let number = number(&event);
                let call: usize = event.unique_id().unwrap().parse().unwrap();
                assert_eq!(at_work[call].fetch_add(1, Ordering::SeqCst), 0, "two at once");
                peak.fetch_max(now.fetch_add(1, Ordering::SeqCst) + 1, Ordering::SeqCst);
                std::hint::black_box((0..number % 2000).sum::<usize>());
                let mut seen = recorded.lock().unwrap();
                seen.entry(event.unique_id().unwrap().to_owned()).or_default().push(number);
                drop(seen);
                now.fetch_sub(1, Ordering::SeqCst);
                at_work[call].fetch_sub(1, Ordering::SeqCst);
                if number + 1 == EVENTS {
                    done.send(()).unwrap();
                }
                if number % 100 == 99 {
                    panic!("on purpose");
                }
            })
            .unwrap();
        for chunk in (0..EVENTS).collect::<Vec<_>>().chunks(1000) {
            fake.push_raw(chunk.iter().map(|&i| tick(i * 7 % CALLS, i)).collect::<String>());
        }
        all_done.recv_timeout(LONG).unwrap();
        ami.disconnect().unwrap();
        pool.join();
        let seen = seen.lock().unwrap();
        assert_eq!(seen.values().map(Vec::len).sum::<usize>(), EVENTS);
        for (call, numbers) in seen.iter() {
            assert!(numbers.is_sorted(), "call {call}");
        }
        let stats = pool.stats();
        assert_eq!((stats.panicked, stats.queued, stats.lost), (1000, 0, 0));
        assert_eq!((stats.handled, heard.load(Ordering::Relaxed)), (EVENTS as u64 - 1000, 1000));
        assert!(most.load(Ordering::SeqCst) > 1, "calls were handled beside each other");
    });
}

/// A pool whose handler waits for a word for every event, and says what it has.
struct Held {
    go: Sender<()>,
    at: Receiver<String>,
    pool: EventPool,
}

fn held(ami: &AmiClient, settings: PoolSettings) -> Held {
    let ((go, gone), (here, at)) = (unbounded::<()>(), unbounded());
    let pool = ami.on_event_ordered(settings, move |event| {
        let what = match &event {
            AmiEvent::Gap(gap) => format!("gap {}", gap.missed()),
            event => number(event).to_string(),
        };
        here.send(what).unwrap();
        let _ = gone.recv_timeout(LONG);
    });
    Held { go, at, pool: pool.unwrap() }
}

#[test]
fn a_call_that_is_held_up_does_not_hold_up_another() {
    both(|fake, ami| {
        let held = held(ami, unbounded_pool(2));
        // Some of so many others are at home with the other thread.
        let others = (2..42).map(|call| tick(call, 100 + call));
        fake.push_raw([tick(1, 1), tick(1, 2)].into_iter().chain(others).collect::<String>());
        let first = [held.at.recv_timeout(LONG).unwrap(), held.at.recv_timeout(LONG).unwrap()];
        assert_eq!(first.iter().filter(|number| *number == "1").count(), 1, "{first:?}");
        assert!(!first.contains(&"2".to_owned()) && held.at.is_empty(), "{first:?}");
        (0..42).for_each(|_| held.go.send(()).unwrap());
        let rest: Vec<_> = (2..42).map(|_| held.at.recv_timeout(LONG).unwrap()).collect();
        assert!(rest.contains(&"2".to_owned()), "{rest:?}");
    });
}

#[test]
fn all_channels_of_a_call_are_handled_on_one_thread() {
    const CALLS: usize = 64;
    both(|fake, ami| {
        let (here, at) = unbounded();
        let pool = ami.on_event_ordered(unbounded_pool(4), move |event| {
            let call = event.linked_id().unwrap().to_owned();
            let name = std::thread::current().name().map(str::to_owned);
            here.send((call, number(&event), name.unwrap())).unwrap();
        });
        let pool = pool.unwrap();
        for round in 0..50 {
            let events = (0..CALLS).map(|call| {
                let channel = call + CALLS * (round % 3);
                tick(channel, round).replace("Number", &format!("Linkedid: call-{call}\r\nNumber"))
            });
            fake.push_raw(events.collect::<String>());
        }
        let mut threads = HashMap::<String, (String, usize)>::new();
        for _ in 0..50 * CALLS {
            let (call, round, thread) = at.recv_timeout(LONG).unwrap();
            let (at_home, last) = threads.entry(call).or_insert_with(|| (thread.clone(), round));
            assert_eq!(*at_home, thread);
            assert!(*last <= round, "in order");
            *last = round;
        }
        let used: std::collections::HashSet<_> = threads.values().map(|(name, _)| name).collect();
        assert!(used.len() > 1, "{used:?}");
        pool.stop();
    });
}

#[test]
fn a_loss_is_told_exactly_and_alone_between_what_came_before_and_after() {
    both(|fake, ami| {
        let bounds = Subscribe::default().events(2).overflow(Overflow::DropNewest);
        let held = held(ami, unbounded_pool(3).bounds(bounds).ahead(1));
        fake.push_raw(tick(1, 0));
        assert_eq!(held.at.recv_timeout(LONG).unwrap(), "0");
        // All of one call, so that they have to wait; far more than may.
        fake.push_raw((1..=50).map(|i| tick(1, i)).collect::<String>());
        ami.ping().unwrap();
        fake.push_raw(tick(2, 51));
        ami.ping().unwrap();
        let lost = held.pool.stats().lost;
        assert!(lost >= 40, "{lost}");
        let (mut events, mut told) = (1, 0);
        while events + told < 52 {
            held.go.send(()).unwrap();
            let next = held.at.recv_timeout(LONG).unwrap();
            let Some(missed) = next.strip_prefix("gap ") else {
                events += 1;
                continue;
            };
            told += missed.parse::<u64>().unwrap();
            // Nothing is beside the gap: not even the other call, which came later.
            assert!(held.at.is_empty());
        }
        assert_eq!((told, held.pool.stats().lost), (lost, lost));
        held.go.send(()).unwrap();
    });
}

#[test]
fn two_handlers_that_stop_their_pool_at_once_do_not_wait_for_each_other() {
    guarded(|| {
        let fake = FakeAmi::start().unwrap();
        let ami = settled(fake.client());
        let (handed, pool) = bounded::<EventPool>(2);
        let meet = Barrier::new(2);
        let started = ami.on_event_ordered(unbounded_pool(2), move |_| {
            let pool = pool.recv_timeout(LONG).unwrap();
            meet.wait();
            pool.stop();
        });
        let started = started.unwrap();
        (0..2).for_each(|_| handed.send(started.clone()).unwrap());
        // Some are at home with one thread, some with the other.
        fake.push_raw((0..40).map(|call| tick(call, call)).collect::<String>());
        started.join();
        assert!(started.is_finished());
    });
}

#[test]
fn a_pool_that_is_stopped_drops_what_waits() {
    both(|fake, ami| {
        let (handed, pool) = bounded::<EventPool>(1);
        let started = ami.on_event_ordered(unbounded_pool(2), move |_| {
            // By the handler itself, so that it cannot come to the next event before.
            if let Ok(pool) = pool.recv() {
                pool.stop();
            }
        });
        let started = started.unwrap();
        fake.push_raw((0..100).map(|i| tick(1, i)).collect::<String>());
        while started.stats().queued < 99 {
            std::thread::yield_now();
        }
        handed.send(started.clone()).unwrap();
        drop(handed);
        started.join();
        assert!(started.is_finished());
        assert_eq!((started.stats().handled, started.stats().queued), (1, 0));
    });
}

#[test]
fn the_last_handle_may_be_dropped_in_a_handler() {
    guarded(|| {
        let fake = FakeAmi::start().unwrap();
        let ami = settled(fake.client());
        let (handed, client) = bounded::<AmiClient>(1);
        let (here, at) = bounded(1);
        let pool = ami
            .on_event_ordered(unbounded_pool(3), move |_| {
                drop(client.recv_timeout(LONG).unwrap());
                here.send(()).unwrap();
            })
            .unwrap();
        fake.push_raw(tick(1, 1));
        handed.send(ami).unwrap();
        at.recv_timeout(LONG).unwrap();
        pool.join();
        assert_eq!(pool.stats().handled, 1);
    });
}

#[test]
fn a_pool_of_nobody_is_refused() {
    guarded(|| {
        let fake = FakeAmi::start().unwrap();
        let ami = settled(fake.client());
        for settings in
            [PoolSettings::new(0), PoolSettings::new(5000), PoolSettings::new(1).ahead(0)]
        {
            assert!(matches!(ami.on_event_ordered(settings, |_| ()), Err(Error::Invalid(_))));
        }
        assert!(ami.stats().subscribers.is_empty());
    });
}
