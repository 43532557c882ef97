//! Who does not read loses events and is told how many; nobody else notices.

use std::sync::Arc;

use crate::common::{header, next, servers, settled};
use asterisk_sync::ami::{AmiEvent, Filter};
use asterisk_sync::{Overflow, Subscribe};

const BLOCKS: u64 = 500;
const IN_BLOCK: u64 = 100;

/// A hundred numbered events.
fn block(number: u64) -> Vec<u8> {
    let first = number * IN_BLOCK;
    let event =
        |text: String, n: u64| text + &format!("Event: Tick\r\nN: {n}\r\nPadding: {n:64}\r\n\r\n");
    (first..first + IN_BLOCK).fold(String::new(), event).into_bytes()
}

/// The number of an event.
fn number(event: &AmiEvent) -> u64 {
    header(event, "N").parse().expect("a number")
}

/// Floods the server's client while actions go on; two subscriptions do not read until it is over.
fn flooded(overflow: Overflow) {
    servers(move |fake| {
        let ami = settled(fake.client());
        let ticks = || Filter::names(["Tick"]);
        let bounds = Subscribe::default().events(1_000).overflow(overflow);
        let never = ami.subscribe_bounded(ticks(), bounds.clone());
        let small = Subscribe::default().bytes(100_000).overflow(overflow);
        let by_size = ami.subscribe_bounded(ticks(), small);
        let reads =
            ami.subscribe_bounded(ticks(), Subscribe::default().overflow(Overflow::Unbounded));
        let flood = fake.flood(BLOCKS, block).expect("a thread");
        std::thread::scope(|scope| {
            scope.spawn(|| {
                for _ in 0..50 {
                    assert_eq!(ami.ping().expect("an answer").ping(), "Pong");
                }
            });
            for expected in 0..BLOCKS * IN_BLOCK {
                assert_eq!(number(&next(&reads)), expected);
            }
        });
        flood.wait();
        // Everything has been published, since the one who reads has it.
        fake.push("Tick", &[("N", "last")]);
        assert_eq!(header(&next(&reads), "N"), "last");
        for slow in [never, by_size] {
            let lost = slow.lost();
            let (mut expected, mut told) = (0, 0);
            let mut gaps = 0;
            let mut events = slow.try_iter().peekable();
            while let Some(event) = events.next() {
                match event {
                    AmiEvent::Gap(gap) => {
                        assert!(gap.missed() > 0 && !gap.reconnected(), "{gap:?}");
                        // It stands in the very place of what is missing.
                        expected += gap.missed();
                        told += gap.missed();
                        gaps += 1;
                    }
                    event if header(&event, "N") == "last" => {
                        assert_eq!(expected, BLOCKS * IN_BLOCK);
                        assert!(events.peek().is_none());
                        expected += 1;
                    }
                    event => {
                        assert_eq!(number(&event), expected);
                        expected += 1;
                    }
                }
            }
            assert!(lost > 0 && gaps > 0, "nothing was lost");
            assert_eq!(told, lost);
            assert_eq!(expected, BLOCKS * IN_BLOCK + 1);
        }
    });
}

#[test]
fn who_never_reads_is_told_his_loss_exactly_where_the_oldest_give_way() {
    flooded(Overflow::DropOldest);
}

#[test]
fn who_never_reads_is_told_his_loss_exactly_where_the_newest_are_dropped() {
    flooded(Overflow::DropNewest);
}

#[test]
fn the_loss_is_in_the_stats_of_the_client() {
    servers(|fake| {
        let ami = settled(fake.client());
        let reads = ami.subscribe_with(Filter::names(["Tick"]));
        let _never = ami.subscribe_bounded(Filter::all(), Subscribe::default().events(10));
        let same: Arc<[u8]> = block(0).into();
        fake.flood(10, move |_| Arc::clone(&same)).unwrap();
        assert_eq!(reads.iter().take(1_000).count(), 1_000);
        let stats = ami.stats().subscribers;
        assert_eq!(stats.len(), 2);
        assert_eq!((stats[0].id, stats[0].delivered, stats[0].lost), (0, 1_000, 0));
        assert_eq!((stats[1].id, stats[1].delivered, stats[1].lost), (1, 0, 990));
        assert_eq!(stats[1].queued, 10);
        drop(reads);
        assert_eq!(ami.stats().subscribers.len(), 1);
    });
}
