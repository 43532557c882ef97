//! What a subscription brings, how it is bounded, and how it ends.

use crate::common::{LONG, SHORT, both, header, names_until, next, next_gap, servers, settled};
use asterisk_sync::ami::event::{Hangup, NewChannel};
use asterisk_sync::ami::{AmiEvent, Filter};
use asterisk_sync::{ConnectionState, Overflow, Subscribe};
use crossbeam_channel::{never, select, unbounded};

#[test]
fn typed_subscriptions_bring_one_kind() {
    both(|fake, ami| {
        let hangups = ami.subscribe_to::<Hangup>();
        let both = ami.subscribe_with(Filter::names(["hangup", "NEWCHANNEL"]));
        fake.push("Newchannel", &[("Channel", "PJSIP/a-1"), ("Exten", "7")]);
        fake.push("Newstate", &[("Channel", "PJSIP/a-1")]);
        fake.push("Hangup", &[("Channel", "PJSIP/a-1"), ("Cause", "16")]);
        assert_eq!(hangups.recv_timeout(LONG).unwrap().unwrap().channel(), "PJSIP/a-1");
        assert!(hangups.try_recv().unwrap_err().is_timeout());
        let first = next(&both);
        assert_eq!(first.as_event::<NewChannel>().unwrap().channel(), "PJSIP/a-1");
        assert!(matches!(next(&both), AmiEvent::Hangup(_)));
        ami.disconnect().unwrap();
        assert!(hangups.recv().is_none());
        assert_eq!(hangups.iter().count(), 0);
    });
}

#[test]
fn filters_choose_by_name_channel_and_call() {
    both(|fake, ami| {
        let alice = ami.subscribe_with(Filter::all().channel("PJSIP/alice"));
        let call = ami.subscribe_with(Filter::all().linked_id("100.1"));
        let both =
            ami.subscribe_with(Filter::names(["Hangup"]).channel("PJSIP/bob-2").linked_id("100.1"));
        for (name, channel, linked) in [
            ("Newchannel", "PJSIP/alice-1", "100.1"),
            ("Newchannel", "PJSIP/alice2-9", "100.9"),
            ("Newchannel", "PJSIP/bob-2", "100.1"),
            ("Hangup", "PJSIP/bob-2", "100.9"),
            ("Hangup", "PJSIP/alice-1", "100.1"),
            ("Hangup", "PJSIP/bob-2", "100.1"),
        ] {
            fake.push(name, &[("Channel", channel), ("Linkedid", linked), ("N", "1")]);
        }
        // A channel counts in whatever part it plays.
        fake.push("DialBegin", &[("DestChannel", "PJSIP/alice-1"), ("DestLinkedid", "100.1")]);
        let end = |channel: &str| {
            fake.push(
                "End",
                &[("Privilege", "call,all"), ("Channel", channel), ("Linkedid", "100.1")],
            );
        };
        end("PJSIP/alice-1");
        fake.push("Hangup", &[("Channel", "PJSIP/bob-2"), ("Linkedid", "100.1"), ("N", "2")]);
        assert_eq!(names_until(&alice, "End"), ["Newchannel", "Hangup", "DialBegin", "End"]);
        let of_call = ["Newchannel", "Newchannel", "Hangup", "Hangup", "DialBegin", "End"];
        assert_eq!(names_until(&call, "End"), of_call);
        let numbers = [next(&both), next(&both)].map(|event| header(&event, "N"));
        assert_eq!(numbers, ["1", "2"]);
    });
}

#[test]
fn a_closure_chooses_on_the_thread_that_receives() {
    both(|fake, ami| {
        let here = std::thread::current().id();
        let odd = ami.subscribe_filtered(move |event| {
            assert_eq!(std::thread::current().id(), here);
            event.message().parse::<u32>("N").is_some_and(|n| n % 2 == 1)
        });
        for n in ["1", "2", "3"] {
            fake.push("Tick", &[("N", n)]);
        }
        assert_eq!(header(&odd.recv().unwrap(), "N"), "1");
        assert_eq!(header(&odd.recv().unwrap(), "N"), "3");
    });
}

/// Ten events while nobody reads, in a queue for four.
fn overflown(
    fake: &asterisk_sync::testing::FakeAmi,
    overflow: Overflow,
) -> (asterisk_sync::EventSubscription<AmiEvent>, asterisk_sync::ami::AmiClient) {
    let ami = settled(fake.client());
    let bounds = Subscribe::default().events(4).overflow(overflow);
    let events = ami.subscribe_bounded(Filter::names(["Tick"]), bounds);
    let all = ami.subscribe();
    for n in 1..=10 {
        fake.push("Tick", &[("N", &n.to_string())]);
    }
    fake.push("UserEvent", &[]);
    names_until(&all, "UserEvent");
    (events, ami)
}

fn numbers(events: &asterisk_sync::EventSubscription<AmiEvent>, count: usize) -> Vec<String> {
    (0..count).map(|_| header(&next(events), "N")).collect()
}

#[test]
fn the_oldest_events_may_give_way() {
    servers(|fake| {
        let (events, _ami) = overflown(fake, Overflow::DropOldest);
        // They go a read at a time, so that fewer than four may be left.
        let (missed, reconnected) = next_gap(&events);
        assert!((6..10).contains(&missed) && !reconnected, "{missed}");
        for n in missed + 1..=10 {
            assert_eq!(header(&next(&events), "N"), n.to_string());
        }
        fake.push("Tick", &[("N", "11")]);
        assert_eq!(numbers(&events, 1), ["11"]);
        assert_eq!(events.lost(), missed);
    });
}

#[test]
fn the_newest_events_may_be_dropped() {
    servers(|fake| {
        let (events, _ami) = overflown(fake, Overflow::DropNewest);
        assert_eq!(numbers(&events, 4), ["1", "2", "3", "4"]);
        assert_eq!(next_gap(&events), (6, false));
        fake.push("Tick", &[("N", "11")]);
        assert_eq!(numbers(&events, 1), ["11"]);
    });
}

#[test]
fn a_subscription_may_end_when_it_is_full() {
    servers(|fake| {
        let (events, ami) = overflown(fake, Overflow::Disconnect);
        let mut seen: Vec<_> = events.iter().collect();
        let Some(AmiEvent::Gap(gap)) = seen.pop() else { panic!("no last word: {seen:?}") };
        assert!(seen.len() <= 4 && gap.missed() > 0, "{} and {gap:?}", seen.len());
        assert!(events.recv().is_none());
        // The connection and the others go on.
        assert_eq!(ami.connection_state(), ConnectionState::Connected);
        ami.ping().unwrap();
    });
}

#[test]
fn a_subscription_may_have_no_bound() {
    servers(|fake| {
        let (events, _ami) = overflown(fake, Overflow::Unbounded);
        assert_eq!(numbers(&events, 10).last().unwrap(), "10");
        assert_eq!(events.lost(), 0);
    });
}

#[test]
fn a_receiver_can_be_selected_on() {
    both(|fake, ami| {
        let events = ami.subscribe_with(Filter::names(["Tick"]));
        let (commands, commanded) = unbounded();
        commands.send("first").unwrap();
        let turn = || {
            select! {
                recv(events.receiver()) -> batch => batch.map(|batch| {
                    batch.into_iter().map(|event| header(&event, "N")).collect::<String>()
                }),
                recv(commanded) -> command => command.map(str::to_owned),
            }
        };
        assert_eq!(turn().unwrap(), "first");
        fake.push_raw("Event: Tick\r\nN: 1\r\n\r\nEvent: Tick\r\nN: 2\r\n\r\n");
        let mut seen = String::new();
        while seen.len() < 2 {
            seen += &turn().unwrap();
        }
        assert_eq!(seen, "12");
        ami.disconnect().unwrap();
        select! {
            recv(events.receiver()) -> batch => assert!(batch.is_err(), "{batch:?}"),
            recv(never::<()>()) -> _ => unreachable!(),
        }
    });
}

#[test]
fn a_handler_is_called_in_order_and_stopped() {
    both(|fake, ami| {
        let (tell, told) = unbounded();
        let handler = ami.on_event(move |event| tell.send(event).unwrap()).unwrap();
        for n in ["1", "2", "3"] {
            fake.push("Tick", &[("N", n)]);
        }
        let numbers: Vec<_> =
            (0..3).map(|_| header(&told.recv_timeout(LONG).unwrap(), "N")).collect();
        assert_eq!(numbers, ["1", "2", "3"]);
        assert!(!handler.is_finished());
        handler.stop();
        assert!(handler.is_finished());
        handler.stop();
        fake.push("Tick", &[("N", "4")]);
        ami.ping().unwrap();
        assert!(told.recv().is_err(), "called after it was stopped");
    });
}

#[test]
fn a_handler_that_panics_gets_the_next_event() {
    both(|fake, ami| {
        let (tell, told) = unbounded();
        ami.on_event(move |event| {
            assert_ne!(header(&event, "N"), "1", "on purpose");
            tell.send(event).unwrap();
        })
        .unwrap();
        fake.push("Tick", &[("N", "1")]);
        fake.push("Tick", &[("N", "2")]);
        assert_eq!(header(&told.recv_timeout(LONG).unwrap(), "N"), "2");
        ami.disconnect().unwrap();
        assert!(told.recv_timeout(LONG).is_err(), "the handler did not end");
    });
}

#[test]
fn a_quiet_stream_is_a_timeout_and_goes_on() {
    both(|fake, ami| {
        let events = ami.subscribe_with(Filter::names(["Tick"]));
        assert!(events.recv_timeout(SHORT).unwrap_err().is_timeout());
        assert!(events.try_recv().unwrap_err().is_timeout());
        assert_eq!(events.try_iter().count() + events.timeout_iter(SHORT).count(), 0);
        fake.push("Tick", &[]);
        assert_eq!(next(&events).event_name(), "Tick");
        ami.disconnect().unwrap();
        assert!(matches!(events.recv_timeout(LONG), Ok(None)));
        assert!(events.recv().is_none());
        // One that begins now is over, too.
        assert!(ami.subscribe().recv().is_none());
    });
}

#[test]
fn an_oversized_event_is_told_as_a_gap_in_its_place() {
    servers(|fake| {
        let ami = settled(fake.client().max_message_size(10_000));
        let all = ami.subscribe();
        let ticks = ami.subscribe_with(Filter::names(["Tick"]));
        let others = ami.subscribe_with(Filter::names(["Tock"]));
        let mine = ami.subscribe_with(Filter::names(["Tick"]).channel("PJSIP/alice"));
        let waiting = std::thread::spawn(move || ticks.recv_timeout(LONG));
        let large =
            format!("Event: Tick\r\nA: {}\r\nChannel: PJSIP/alice-1\r\n\r\n", "x".repeat(100_000));
        fake.push_raw(format!(
            "Event: Tock\r\nN: 1\r\n\r\n{large}{large}Event: Tock\r\nN: 2\r\n\r\n"
        ));
        assert_eq!(header(&next(&all), "N"), "1");
        // One or two gaps, as they are read: two events in all.
        let mut missed = 0;
        while missed < 2 {
            let (more, reconnected) = next_gap(&all);
            assert!(more > 0 && !reconnected);
            missed += more;
        }
        assert_eq!(missed, 2);
        assert_eq!(header(&next(&all), "N"), "2");
        assert_eq!((all.lost(), others.lost(), mine.lost()), (2, 0, 2));
        // Who did not want it hears nothing of it; who may have wanted it does, and who waits is
        // woken.
        assert_eq!(numbers(&others, 2), ["1", "2"]);
        assert!(next_gap(&mine).0 > 0);
        let woken = waiting.join().unwrap().unwrap();
        assert!(matches!(woken, Some(AmiEvent::Gap(_))), "{woken:?}");
        assert_eq!(ami.stats().reconnects, 0);
    });
}

#[test]
fn an_event_that_was_handed_out_takes_no_room_from_the_next() {
    servers(|fake| {
        let ami = settled(fake.client());
        let all = ami.subscribe();
        let latest = ami.subscribe_bounded(Filter::all(), Subscribe::default().events(1));
        for n in 1..=5 {
            fake.push("Tick", &[("N", &n.to_string())]);
            next(&all);
            // Neither by one way of receiving nor by the other.
            let event = if n % 2 == 0 { next(&latest) } else { latest.iter().next().unwrap() };
            assert_eq!(header(&event, "N"), n.to_string());
        }
        assert_eq!(latest.lost(), 0);
    });
}
