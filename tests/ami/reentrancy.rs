//! Actions may be sent from wherever events are received: nothing can deadlock.

use crate::common::{LONG, both, header};
use asterisk_sync::ami::action::GetVarAction;
use asterisk_sync::ami::{AmiEvent, Filter};
use crossbeam_channel::unbounded;

const CALLS: usize = 100;

/// So many events, in few reads.
fn ticks() -> String {
    (0..CALLS).fold(String::new(), |text, n| text + &format!("Event: Tick\r\nN: {n}\r\n\r\n"))
}

#[test]
fn an_action_from_inside_an_event_loop() {
    both(|fake, ami| {
        fake.on("Getvar", |request| {
            let value = request.get("Variable").unwrap_or("");
            request.success(&[("Value", value)]);
        });
        let events = ami.subscribe_with(Filter::names(["Tick"]));
        fake.push_raw(ticks());
        let mut answers = Vec::new();
        for event in events.iter().take(CALLS) {
            let n = header(&event, "N");
            assert_eq!(ami.send_action(&GetVarAction::new(&*n)).unwrap().value(), n);
            answers.push(n);
        }
        assert_eq!(answers.len(), CALLS);
    });
}

#[test]
fn an_action_and_a_list_from_inside_a_handler() {
    both(|fake, ami| {
        let (done, ended) = unbounded();
        let caller = ami.clone();
        let handler = ami
            .on_event(move |event| {
                if event.event_name() == "Tick" {
                    let queues = asterisk_sync::ami::action::QueueStatusAction::new();
                    let listed = caller.list(&queues).map(|items| items.len());
                    done.send((caller.ping().is_ok(), listed.is_ok_and(|n| n > 0))).unwrap();
                }
            })
            .unwrap();
        fake.push_raw(ticks());
        for _ in 0..CALLS {
            assert_eq!(ended.recv_timeout(LONG).unwrap(), (true, true));
        }
        handler.stop();
    });
}

#[test]
fn an_action_from_inside_a_filter() {
    both(|fake, ami| {
        let asks = ami.clone();
        let events = ami
            .subscribe_filtered(move |event| event.event_name() == "Tick" && asks.ping().is_ok());
        fake.push_raw(ticks());
        assert_eq!(events.iter().take(CALLS).count(), CALLS);
    });
}

#[test]
fn an_action_on_the_answer_to_which_the_handlers_event_depends() {
    both(|fake, ami| {
        // Each answer is accompanied by the next event, which the same thread has to read.
        fake.on("Getvar", |request| {
            let n: usize = request.get("Variable").and_then(|n| n.parse().ok()).unwrap_or(0);
            request.raw(format!("Event: Tick\r\nN: {}\r\n\r\n", n + 1));
            request.success(&[("Value", "x")]);
        });
        let events = ami.subscribe_with(Filter::names(["Tick"]));
        fake.push_raw("Event: Tick\r\nN: 0\r\n\r\n");
        for (n, event) in events.iter().take(CALLS).enumerate() {
            assert_eq!(header(&event, "N"), n.to_string());
            ami.send_action(&GetVarAction::new(n.to_string())).unwrap();
        }
    });
}

#[test]
fn a_subscription_and_a_handler_begun_inside_a_handler() {
    both(|fake, ami| {
        let (inner, outer) = (ami.clone(), ami);
        let (done, ended) = unbounded();
        let handler = outer
            .on_event(move |event| {
                if event.event_name() != "Begin" {
                    return;
                }
                let events = inner.subscribe();
                let done = done.clone();
                let nested = inner.on_event(move |event: AmiEvent| {
                    let _ = done.send(event.event_name().to_owned());
                });
                assert!(nested.is_ok());
                drop(events);
            })
            .unwrap();
        fake.push_raw("Event: Begin\r\n\r\n");
        let name = loop {
            fake.push_raw("Event: Tick\r\n\r\n");
            if let Ok(name) = ended.recv_timeout(crate::common::SHORT) {
                break name;
            }
        };
        assert_eq!(name, "Tick");
        handler.stop();
        ami.disconnect().unwrap();
    });
}

#[test]
fn a_handler_may_stop_itself_and_close_the_client() {
    both(|fake, ami| {
        let (done, ended) = unbounded();
        let (given, mine) = unbounded::<asterisk_sync::EventHandler>();
        let closes = ami.clone();
        let handler = ami
            .on_event(move |event| {
                if event.event_name() == "Tick" {
                    mine.recv().unwrap().stop();
                    closes.disconnect().unwrap();
                    done.send(()).unwrap();
                }
            })
            .unwrap();
        given.send(handler.clone()).unwrap();
        fake.push_raw("Event: Tick\r\n\r\n");
        ended.recv_timeout(LONG).unwrap();
        handler.join();
        assert!(matches!(ami.ping(), Err(asterisk_sync::Error::Closed)));
    });
}
