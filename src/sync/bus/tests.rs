//! What a subscriber is promised.

use std::ops::Range;

use super::*;

/// A number, or a hole before one.
#[derive(Debug, Clone, PartialEq)]
enum Tick {
    At(u64),
    Gap(u64, bool),
}

impl Event for Tick {
    fn gap(gap: Gap) -> Option<Self> {
        Some(Self::Gap(gap.missed(), gap.reconnected()))
    }
}

fn ticks(range: Range<u64>) -> Arc<dyn Source<Tick>> {
    Arc::new(range.map(Tick::At).collect::<Vec<_>>())
}

fn all(events: &EventSubscription<Tick>) -> Vec<Tick> {
    std::iter::from_fn(|| events.try_recv().ok().flatten()).collect()
}

/// Every number that came, and how many were said to be missing before it.
fn accounted(events: &[Tick]) -> u64 {
    let mut next = 0;
    for event in events {
        match event {
            Tick::Gap(missed, _) => next += missed,
            Tick::At(n) => {
                assert_eq!(*n, next, "{events:?}");
                next += 1;
            }
        }
    }
    next
}

#[cfg(not(loom))]
mod plain {
    use super::*;
    use crate::sync::subscription::Woken;

    #[test]
    fn every_subscriber_gets_every_event_in_order() {
        let bus = EventBus::new();
        let subscribers: Vec<_> = (0..3).map(|_| bus.subscribe(Subscribe::default())).collect();
        bus.publish_all(&ticks(0..3));
        bus.publish(Tick::At(3));
        for events in &subscribers {
            assert_eq!(all(events), (0..4).map(Tick::At).collect::<Vec<_>>());
        }
    }

    #[test]
    fn a_hole_that_is_passed_on_shows_as_one_in_its_place() {
        let bus = EventBus::new();
        let events = bus.subscribe(Subscribe::default());
        bus.publish(Tick::At(0));
        bus.pass_on(Gap { missed: 3, reconnected: true });
        bus.publish(Tick::At(4));
        assert_eq!(all(&events), [Tick::At(0), Tick::Gap(3, true), Tick::At(4)]);
        // The last words of a stream are told too.
        bus.pass_on(Gap { missed: 2, reconnected: false });
        assert_eq!(all(&events), [Tick::Gap(2, false)]);
        assert_eq!(events.lost(), 5);
    }

    #[test]
    fn what_was_published_before_is_not_seen() {
        let bus = EventBus::new();
        bus.publish(Tick::At(0));
        let events = bus.subscribe(Subscribe::default());
        bus.publish(Tick::At(1));
        assert_eq!(all(&events), [Tick::At(1)]);
    }

    #[test]
    fn drop_newest_keeps_the_first_and_tells_the_loss_when_the_queue_is_dry() {
        let bus = EventBus::new();
        let events = bus.subscribe(Subscribe::default().events(3).overflow(Overflow::DropNewest));
        bus.publish_all(&ticks(0..2));
        bus.publish_all(&ticks(2..5));
        bus.publish_all(&ticks(5..7));
        assert_eq!(all(&events), [Tick::At(0), Tick::At(1), Tick::At(2), Tick::Gap(4, false)]);
        assert_eq!((events.lost(), events.stats().delivered), (4, 3));
    }

    #[test]
    fn drop_oldest_keeps_the_last_and_tells_the_loss_before_them() {
        let bus = EventBus::new();
        let events = bus.subscribe(Subscribe::default().events(3));
        bus.publish_all(&ticks(0..2));
        bus.publish_all(&ticks(2..4));
        bus.publish_all(&ticks(4..9));
        let last: Vec<_> = [Tick::Gap(6, false)].into_iter().chain((6..9).map(Tick::At)).collect();
        assert_eq!(all(&events), last);
    }

    #[test]
    fn disconnect_ends_the_stream_with_a_last_word_on_the_loss() {
        let bus = EventBus::new();
        let events = bus.subscribe(Subscribe::default().events(2).overflow(Overflow::Disconnect));
        bus.publish_all(&ticks(0..2));
        bus.publish_all(&ticks(2..5));
        bus.publish_all(&ticks(5..6));
        assert_eq!(
            events.iter().collect::<Vec<_>>(),
            [Tick::At(0), Tick::At(1), Tick::Gap(3, false)]
        );
        assert!(bus.stats().is_empty());
    }

    #[test]
    fn what_was_taken_of_a_batch_waits_no_longer() {
        for overflow in [Overflow::DropOldest, Overflow::DropNewest, Overflow::Disconnect] {
            let bus = EventBus::new();
            let events = bus.subscribe(Subscribe::default().events(10).overflow(overflow));
            bus.publish_all(&ticks(0..10));
            let mut iter = events.iter();
            assert_eq!(iter.by_ref().take(8).count(), 8);
            assert_eq!(events.stats().queued, 2);
            bus.publish_all(&ticks(10..18));
            assert_eq!((events.lost(), events.stats().queued), (0, 10), "{overflow:?}");
            drop(bus);
            assert_eq!(iter.collect::<Vec<_>>(), (8..18).map(Tick::At).collect::<Vec<_>>());
            assert_eq!(events.stats().queued, 0);
        }
    }

    #[test]
    fn a_loop_that_receives_in_its_body_sees_every_event_in_order() {
        let bus = EventBus::new();
        let events = bus.subscribe(Subscribe::default());
        bus.publish_all(&ticks(0..3));
        bus.publish_all(&ticks(3..5));
        let mut seen = Vec::new();
        for event in events.try_iter() {
            seen.push(event);
            if seen.len() == 1 {
                seen.extend(events.try_recv().ok().flatten());
            }
        }
        assert_eq!(seen, (0..5).map(Tick::At).collect::<Vec<_>>());
    }

    #[test]
    fn unbounded_loses_nothing() {
        let bus = EventBus::new();
        let bounds = Subscribe::default().events(1).bytes(1).overflow(Overflow::Unbounded);
        let events = bus.subscribe(bounds);
        for n in 0..1000 {
            bus.publish(Tick::At(n));
        }
        assert_eq!(accounted(&all(&events)), 1000);
        assert_eq!(events.lost(), 0);
    }

    #[test]
    fn a_bound_in_bytes_holds_for_what_waits() {
        let bus = EventBus::new();
        let bounds = Subscribe::default().bytes(100 * size_of::<Tick>());
        let events = bus.subscribe(bounds);
        for n in 0..1000 {
            bus.publish(Tick::At(n));
            assert!(events.stats().queued_bytes <= 100 * size_of::<Tick>());
        }
        assert_eq!(accounted(&all(&events)), 1000);
        assert!(events.lost() >= 900);
        assert_eq!(events.stats().queued_bytes, 0);
    }

    #[test]
    fn one_subscriber_that_does_not_keep_up_is_enough_to_be_behind() {
        let bus = EventBus::new();
        let (slow, fast) =
            (bus.subscribe(Subscribe::default()), bus.subscribe(Subscribe::default()));
        let each = size_of::<Tick>();
        bus.publish_all(&ticks(0..4));
        assert_eq!(all(&fast).len(), 4);
        assert!(bus.is_behind(4 * each - 1));
        assert!(!bus.is_behind(4 * each));
        assert_eq!(all(&slow).len(), 4);
        assert!(!bus.is_behind(0));
    }

    #[test]
    fn a_reconnect_is_a_gap_and_many_that_nobody_read_fill_no_memory() {
        let bus = EventBus::new();
        let events = bus.subscribe(Subscribe::default());
        bus.publish(Tick::At(0));
        bus.next_epoch();
        bus.next_epoch();
        bus.publish(Tick::At(1));
        let seen = all(&events);
        assert_eq!(accounted(&seen), 2);
        assert_eq!(seen[..2], [Tick::At(0), Tick::Gap(0, true)]);
        for _ in 0..1000 {
            bus.next_epoch();
        }
        assert_eq!(events.receiver().len(), 1);
        // One for the mark that waits, one for all that came after it.
        assert_eq!(all(&events), [Tick::Gap(0, true), Tick::Gap(0, true)]);
    }

    #[test]
    fn batches_from_the_raw_channel_tell_their_gaps_too() {
        let bus = EventBus::new();
        let events = bus.subscribe(Subscribe::default().events(2));
        bus.publish_all(&ticks(0..2));
        bus.publish_all(&ticks(2..4));
        let batch = events.receiver().try_recv().unwrap();
        assert_eq!(batch.len(), 2);
        let seen: Vec<_> = batch.into_iter().collect();
        assert_eq!(seen, [Tick::Gap(2, false), Tick::At(2), Tick::At(3)]);
    }

    #[test]
    fn an_iterator_left_in_the_middle_of_a_batch_loses_nothing() {
        let bus = EventBus::new();
        let events = bus.subscribe(Subscribe::default());
        bus.publish_all(&ticks(0..5));
        assert_eq!(events.iter().next(), Some(Tick::At(0)));
        assert_eq!(events.recv(), Some(Tick::At(1)));
        assert_eq!(events.try_iter().collect::<Vec<_>>(), (2..5).map(Tick::At).collect::<Vec<_>>());
    }

    #[test]
    fn a_closed_bus_ends_every_stream_after_what_is_queued() {
        let bus = EventBus::new();
        let events = bus.subscribe(Subscribe::default());
        bus.publish(Tick::At(0));
        bus.close();
        assert_eq!(events.iter().count(), 1);
        assert!(matches!(events.recv_timeout(std::time::Duration::MAX), Ok(None)));
        assert_eq!(bus.subscribe(Subscribe::default()).recv(), None);
    }

    #[test]
    fn a_dropped_subscription_is_forgotten() {
        let bus = EventBus::new();
        drop(bus.subscribe(Subscribe::default()));
        assert!(bus.stats().is_empty());
        bus.publish(Tick::At(0));
    }

    #[test]
    fn threads_that_share_a_subscription_share_its_events() {
        let bus = EventBus::new();
        let events = bus.subscribe(Subscribe::default());
        let seen = std::thread::scope(|scope| {
            let threads: Vec<_> =
                (0..4).map(|_| scope.spawn(|| events.iter().collect::<Vec<_>>())).collect();
            for n in 0..200 {
                bus.publish_all(&ticks(n * 50..n * 50 + 50));
            }
            bus.close();
            threads.into_iter().flat_map(|t| t.join().unwrap()).collect::<Vec<_>>()
        });
        assert_eq!(seen.len(), 10_000);
        assert!(seen.iter().all(|event| matches!(event, Tick::At(_))));
    }

    #[test]
    fn who_is_told_to_stop_hears_it_however_often_it_asks() {
        let bus = EventBus::<Tick>::new();
        let events = bus.subscribe(Subscribe::default());
        let (stop, stopped) = channel::bounded(1);
        stop.send(()).unwrap();
        for _ in 0..2 {
            assert!(matches!(events.next_until(None, &stopped), Woken::Over));
        }
    }

    #[test]
    fn a_handler_that_panics_goes_on_with_the_next_event() {
        let bus = EventBus::new();
        let (tell, told) = crossbeam_channel::unbounded();
        let handler = bus
            .subscribe(Subscribe::default())
            .on_event(move |event| {
                assert_ne!(event, Tick::At(1), "as the test wants it");
                tell.send(event).unwrap();
            })
            .unwrap();
        bus.publish_all(&ticks(0..3));
        bus.close();
        handler.join();
        assert_eq!(told.iter().collect::<Vec<_>>(), [Tick::At(0), Tick::At(2)]);
    }

    #[test]
    fn a_handler_can_stop_itself() {
        let bus = EventBus::new();
        let (give, given) = crossbeam_channel::bounded::<crate::EventHandler>(1);
        let handler = bus
            .subscribe(Subscribe::default())
            .on_event(move |_| given.recv().unwrap().stop())
            .unwrap();
        give.send(handler.clone()).unwrap();
        bus.publish_all(&ticks(0..2));
        handler.join();
        assert!(handler.is_finished());
    }
}

/// Every interleaving of a publisher and a receiver.
#[cfg(loom)]
mod models {
    use loom::thread;

    use super::*;

    /// The publisher sends ones and twos while the receiver reads; then everything is accounted for.
    fn accounts(options: Subscribe, reconnect: bool) {
        loom::model(move || {
            let bus = Arc::new(EventBus::new());
            let events = bus.subscribe(options.clone());
            let publishing = Arc::clone(&bus);
            let publisher = thread::spawn(move || {
                publishing.publish_all(&ticks(0..2));
                if reconnect {
                    publishing.next_epoch();
                }
                publishing.publish_all(&ticks(2..3));
            });
            let mut seen = Vec::new();
            for _ in 0..2 {
                seen.extend(events.try_recv().ok().flatten());
            }
            publisher.join().unwrap();
            seen.extend(all(&events));
            assert_eq!(accounted(&seen), 3, "{seen:?}");
            let reconnects = seen.iter().filter(|e| matches!(e, Tick::Gap(_, true))).count();
            assert_eq!(reconnects, usize::from(reconnect), "{seen:?}");
            let missed: u64 =
                seen.iter().map(|e| if let Tick::Gap(n, _) = e { *n } else { 0 }).sum();
            assert_eq!(events.lost(), missed, "{seen:?}");
            let stats = events.stats();
            assert_eq!((stats.queued, stats.queued_bytes), (0, 0));
        });
    }

    #[test]
    fn drop_oldest_accounts_for_every_event() {
        accounts(Subscribe::default().events(1), false);
    }

    #[test]
    fn drop_newest_accounts_for_every_event() {
        accounts(Subscribe::default().events(1).overflow(Overflow::DropNewest), false);
    }

    #[test]
    fn disconnect_accounts_for_what_was_offered() {
        loom::model(|| {
            let bus = Arc::new(EventBus::new());
            let bounds = Subscribe::default().events(1).overflow(Overflow::Disconnect);
            let events = bus.subscribe(bounds);
            let publishing = Arc::clone(&bus);
            let publisher = thread::spawn(move || {
                for n in 0..3 {
                    publishing.publish(Tick::At(n));
                }
            });
            let mut seen: Vec<_> = events.try_recv().ok().flatten().into_iter().collect();
            publisher.join().unwrap();
            seen.extend(all(&events));
            // Either it kept up, or it was cut with the first event that found no room.
            let lost = events.lost();
            assert!(lost <= 1);
            assert_eq!(
                accounted(&seen),
                seen.iter().filter(|e| matches!(e, Tick::At(_))).count() as u64 + lost
            );
        });
    }

    #[test]
    fn a_reconnect_is_told_once_and_in_its_place() {
        accounts(Subscribe::default(), true);
    }

    #[test]
    fn a_reconnect_is_told_even_where_its_mark_gave_way() {
        accounts(Subscribe::default().events(1), true);
    }

    #[test]
    fn a_receiver_that_waits_is_woken() {
        loom::model(|| {
            let bus = Arc::new(EventBus::new());
            let events = bus.subscribe(Subscribe::default().events(1).bytes(0));
            let publishing = Arc::clone(&bus);
            let publisher = thread::spawn(move || {
                publishing.publish(Tick::At(0));
                publishing.close();
            });
            assert_eq!(events.recv(), Some(Tick::At(0)));
            assert_eq!(events.recv(), None);
            publisher.join().unwrap();
        });
    }
}
