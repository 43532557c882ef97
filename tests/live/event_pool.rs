//! Events of many calls, handled by several threads.

use std::collections::{HashMap, HashSet};
use std::sync::{Arc, Mutex};
use std::thread::{self, ThreadId};

use asterisk_sync::ami::action::OriginateAction;
use asterisk_sync::ami::{AmiEvent, Filter, PoolSettings};
use crossbeam_channel::unbounded;

use crate::support::{PATIENCE, client, events_until, unique};

/// What a channel went through, in order.
type Lives = HashMap<String, Vec<String>>;

#[test]
fn thirty_calls_at_once_are_each_handled_in_order() {
    const CALLS: usize = 30;
    let ami = client();
    let mark = unique("pool");
    let names =
        ["Newchannel", "Newstate", "Newexten", "HangupRequest", "SoftHangupRequest", "Hangup"];
    let one_by_one = ami.subscribe_with(Filter::names(names));
    let lives = Arc::new(Mutex::new(Lives::new()));
    let (ended, ends) = unbounded();
    let recorded = Arc::clone(&lives);
    let threads = Arc::new(Mutex::new(HashMap::<String, HashSet<ThreadId>>::new()));
    let seen = Arc::clone(&threads);
    let ours = mark.clone();
    let pool = PoolSettings::new(8).filter(Filter::names(names));
    let pool = ami.on_event_ordered(pool, move |event| {
        record(&mut recorded.lock().expect("nobody panicked"), &ours, &event);
        if let Some(call) = event.linked_id().filter(|id| id.starts_with(&ours)) {
            let mut seen = seen.lock().expect("nobody panicked");
            seen.entry(call.to_owned()).or_default().insert(thread::current().id());
        }
        if event.unique_id().is_some_and(|id| id.starts_with(&ours)) && is_hangup(&event) {
            ended.send(()).expect("the test waits");
        }
    });
    let pool = pool.expect("threads");
    for call in 0..CALLS {
        let originate = OriginateAction::to("Local/answer@test/n")
            .application("NoOp", "")
            .channel_id(format!("{mark}-{call}-a"))
            .other_channel_id(format!("{mark}-{call}-b"))
            .asynchronous(true);
        ami.send_action(&originate).expect("it is queued");
    }
    for _ in 0..2 * CALLS {
        ends.recv_timeout(PATIENCE).expect("every half ends");
    }
    pool.stop();
    let mut left = 2 * CALLS;
    let came = events_until(&one_by_one, |event| {
        let ours = event.unique_id().is_some_and(|id| id.starts_with(&mark));
        left -= usize::from(ours && is_hangup(event));
        left == 0
    });
    let mut expected = Lives::new();
    for event in &came {
        record(&mut expected, &mark, event);
    }
    assert_eq!((pool.stats().panicked, pool.stats().lost), (0, 0));
    assert_eq!(expected.len(), 2 * CALLS);
    assert!(expected.values().all(|life| life.len() > 3), "{expected:?}");
    assert_eq!(*lives.lock().expect("nobody panicked"), expected);
    let threads = threads.lock().expect("nobody panicked");
    assert_eq!(threads.len(), CALLS, "both halves are of one call");
    assert!(threads.values().all(|of_one| of_one.len() == 1), "{threads:?}");
}

fn is_hangup(event: &AmiEvent) -> bool {
    event.event_name() == "Hangup"
}

fn record(lives: &mut Lives, mark: &str, event: &AmiEvent) {
    if let Some(id) = event.unique_id().filter(|id| id.starts_with(mark)) {
        lives.entry(id.to_owned()).or_default().push(format!("{:?}", event.message()));
    }
}
