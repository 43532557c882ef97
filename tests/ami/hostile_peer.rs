//! A peer that does everything wrong cannot hang, crash or confuse the client.

use std::sync::Arc;

use crate::common::{LONG, bare, both, header, next, next_gap, servers, servers_with, settled};
use asterisk_sync::ami::Filter;

#[test]
fn a_peer_that_does_not_read_while_it_is_blocked_writing() {
    // It answers each action with four times as much as that took, and reads the next one when
    // that is written: with one lock over both directions, both would wait for ever.
    servers_with(
        |settings| settings.socket_buffers(256 << 10),
        |fake| {
            const ACTIONS: usize = 100;
            let ami = settled(fake.client().timeout(LONG));
            let answer: Arc<str> = "x".repeat(400_000).into();
            fake.on("Large", move |request| request.success(&[("Value", &answer)]));
            let value = "x".repeat(1000);
            let large = (0..100).fold(bare("Large"), |action, _| action.header("A", &*value));
            let pending: Vec<_> = (0..ACTIONS).map(|_| ami.start_action(&large).unwrap()).collect();
            for answer in pending {
                assert_eq!(answer.wait().unwrap().get("Value").map(str::len), Some(400_000));
            }
            assert_eq!(ami.stats().reconnects, 0);
        },
    );
}

#[test]
fn events_are_read_while_nothing_can_be_written() {
    // The system's own buffers: with small ones Linux may fall silent for minutes where both directions
    // were full.
    servers(|fake| {
        let ami = settled(fake.client().timeout(LONG));
        let events = ami.subscribe_with(Filter::names(["Tick"]));
        fake.stall_reading();
        let value = "x".repeat(1000);
        let large = (0..100).fold(bare("Ping"), |action, _| action.header("A", &*value));
        std::thread::scope(|scope| {
            // Some 20 MB, which no system keeps for a peer that does not read.
            let filler = scope.spawn(|| {
                let sent: Vec<_> = (0..200).map(|_| ami.start_action(&large).unwrap()).collect();
                for answer in sent {
                    answer.wait().unwrap();
                }
            });
            let block: Arc<[u8]> = b"Event: Tick\r\n\r\n".repeat(100).into();
            let flood = fake.flood(1_000, move |_| Arc::clone(&block)).unwrap();
            assert_eq!(events.iter().take(100_000).count(), 100_000);
            flood.wait();
            assert!(!filler.is_finished());
            fake.resume_reading();
            filler.join().unwrap();
        });
        assert_eq!(ami.stats().reconnects, 0);
    });
}

#[test]
fn nonsense_is_passed_over() {
    both(|fake, ami| {
        let events = ami.subscribe();
        for nonsense in [
            &b"\r\n\r\n\r\n"[..],
            b"no colon at all\r\n\r\n",
            b": nameless\r\n\r\n",
            b"\0\x01\x02\xff\xfe\r\n\r\n",
            b"Response: Success\r\nActionID: 1\r\n\r\n",
            b"Response: Success\r\n\r\n",
            b"Response: Goodbye\r\nActionID: ffffffffffffffff-1\r\n\r\n",
            b"Action: Command\r\nCommand: core stop now\r\n\r\n",
            b"HTTP/1.1 400 Bad Request\r\n\r\n",
            b"Asterisk Call Manager/1.0\r\n\r\n",
        ] {
            fake.push_raw(nonsense);
        }
        fake.push_raw("Event: \r\n\r\nEvent: End\r\nA\r\nB:\r\n: c\r\n\r\n");
        assert_eq!(next(&events).event_name(), "");
        let end = next(&events);
        assert_eq!((end.event_name(), header(&end, "B")), ("End", String::new()));
        assert_eq!(ami.ping().unwrap().ping(), "Pong");
        assert_eq!(ami.stats().reconnects, 0);
    });
}

#[test]
fn a_line_without_an_end_takes_no_memory_and_is_told() {
    servers(|fake| {
        let ami = settled(fake.client().max_message_size(100_000));
        let events = ami.subscribe();
        fake.push_raw("Event: Endless\r\nA: ");
        let block: Arc<[u8]> = vec![b'x'; 1 << 16].into();
        fake.flood(500, move |_| Arc::clone(&block)).unwrap().wait();
        fake.push_raw("\r\n\r\nEvent: Next\r\n\r\n");
        assert_eq!(next_gap(&events), (1, false));
        assert_eq!(next(&events).event_name(), "Next");
        assert_eq!(ami.ping().unwrap().ping(), "Pong");
    });
}

#[test]
fn bytes_one_at_a_time_make_the_same_events() {
    both(|fake, ami| {
        let events = ami.subscribe();
        for byte in b"Event: Slow\r\nA: 1\r\n\r\nEvent: Slow\r\nA: 2\r\n\r\n" {
            fake.push_raw([*byte]);
        }
        assert_eq!([next(&events), next(&events)].map(|e| header(&e, "A")), ["1", "2"]);
    });
}

#[test]
fn an_answer_that_comes_twice_is_taken_once() {
    both(|fake, ami| {
        fake.on("Twice", |request| {
            request.success(&[("Message", "first")]);
            request.success(&[("Message", "second")]);
        });
        for _ in 0..10 {
            assert_eq!(ami.send_action(&bare("Twice")).unwrap().text(), "first");
        }
        assert_eq!(ami.stats().in_flight, 0);
    });
}

#[test]
fn a_connection_that_ends_within_a_frame_loses_that_frame_only() {
    both(|fake, ami| {
        let events = ami.subscribe_with(Filter::names(["Odd"]));
        fake.push_raw("Event: Odd\r\nA: 1\r\n\r\nEvent: Odd\r\nA: 2\r\n");
        fake.close_sessions();
        assert_eq!(header(&next(&events), "A"), "1");
        assert_eq!(next_gap(&events), (0, true));
        fake.push("Odd", &[("A", "3")]);
        assert_eq!(header(&next(&events), "A"), "3");
    });
}
