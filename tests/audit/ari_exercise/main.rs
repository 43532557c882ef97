//! The server is made to perform every operation of ARI that it can and to send as many kinds of
//! events as it can, once with requests over HTTP and once with requests over the event socket.
//! Everything passes a wire on which it is kept; each answer and each event is compared, field by
//! field, with what the server documents and with what the library has read. Like `tests/live`, it
//! needs the server that `tests/asterisk/up` brings up, and for itself. What cannot be provoked is
//! listed in `account.rs`, with the reason.

#![allow(clippy::unwrap_used, clippy::pedantic, reason = "a panic is how a test fails")]

#[path = "../ari_docs.rs"]
mod ari_docs;
#[allow(dead_code, reason = "the exercise of the manager uses all of it")]
#[path = "../exercise/phone.rs"]
mod phone;
#[path = "../exercise/scenes.rs"]
mod scenes;
#[allow(dead_code, reason = "the live tests use all of it")]
#[path = "../../live/support.rs"]
mod support;

mod account;
mod bridges;
mod calls;
mod check;
mod media;
mod parameters;
mod phones;
mod server;
mod stage;
mod transfers;
mod wiretap;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Mutex, PoisonError};

use asterisk_sync::ari::resources::event::{self, UserEventParams};
use asterisk_sync::ari::{AriEvent, AriMessage, TransportKind};

use crate::account::{ANSWER, FLOOR, REFUSED, UNPROVOKED, UNSENT};
use crate::ari_docs::{Operation, operation_of, operations};
use crate::stage::{Stage, expect_where};
use crate::support::{eventually, unique};
use crate::wiretap::Exchange;

type Scene = (&'static str, fn(&Stage));

const SCENES: &[Scene] = &[
    ("beginnings", calls::beginnings),
    ("orders", calls::orders),
    ("moves", calls::moves),
    ("offer", calls::offer),
    ("companions", calls::companions),
    ("playing", media::playing),
    ("recording", media::recording),
    ("failed recording", media::failing),
    ("listening", media::listening),
    ("mixing", bridges::mixing),
    ("bridge media", bridges::media),
    ("holding", bridges::holding),
    ("blind transfer", transfers::blind),
    ("attended transfer", transfers::attended),
    ("merged transfer", transfers::merged),
    ("telephone", phones::telephone),
    ("endpoints", phones::endpoints),
    ("server", server::itself),
    ("configuration", server::configuration),
    ("applications", server::applications),
    ("late answer", server::late),
];

/// Waits until everything is over that has happened.
fn curtain(stage: &Stage) {
    // What hangs up by itself at the end of a scene still has things to say.
    eventually(|| match stage.left() {
        (channels, bridges) if channels.is_empty() && bridges.is_empty() => Ok(()),
        left => Err(format!("channels or bridges are left: {left:?}")),
    });
    let (events, last) = (stage.ari.subscribe(), unique("Curtain"));
    event::user_event(&stage.ari, &last, &stage.app, &UserEventParams::default()).unwrap();
    expect_where(
        &events,
        "ChannelUserevent",
        |event| matches!(event, AriEvent::ChannelUserevent(it) if it.eventname == last),
    );
}

fn exercise(kind: TransportKind) {
    // There is one server.
    static TURN: Mutex<()> = Mutex::new(());
    let _turn = TURN.lock().unwrap_or_else(PoisonError::into_inner);
    let stage = Stage::new(kind);
    let failed = scenes::play(SCENES, |scene| scene(&stage));
    if !failed.is_empty() {
        let failed = failed.join("\n");
        // First of all, whatever may be found in the way of the sweep.
        println!("scenes that failed:\n{failed}");
        stage.sweep();
        panic!("scenes that failed:\n{failed}");
    }
    curtain(&stage);
    let (mut heard, recording) = stage.finish();
    heard.extend(recording.responses.iter().map(|json| AriMessage::parse(json)));

    let mut faults = check::Faults::new();
    let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
    for message in &heard {
        *counts.entry(message.event.event_name()).or_default() += 1;
        check::event(message, &mut faults);
    }
    for (name, count) in &counts {
        println!("{count:6} {name}");
    }
    println!("{} kinds of events, {} requests", counts.len(), recording.exchanges.len());
    faults.extend(unseen(kind, &counts));
    faults.extend(unperformed(kind, &recording.exchanges));
    let faults: Vec<_> = faults.into_iter().collect();
    assert!(faults.is_empty(), "{} faults:\n{}", faults.len(), faults.join("\n"));
}

/// Events that did not come.
fn unseen(kind: TransportKind, counts: &BTreeMap<&str, usize>) -> Vec<String> {
    let answer = (kind == TransportKind::WebSocket).then_some(ANSWER);
    let wanted = FLOOR.iter().copied().chain(answer);
    let unseen = wanted.filter(|name| !counts.contains_key(name));
    unseen.map(|name| format!("{name} did not come")).collect()
}

/// What is wrong with the answers, and operations and parameters that were not tried.
fn unperformed(kind: TransportKind, exchanges: &[Exchange]) -> check::Faults {
    let all = operations();
    let mut faults = check::Faults::new();
    let mut performed: BTreeMap<String, BTreeSet<&str>> = BTreeMap::new();
    for exchange in exchanges {
        let Some(operation) = operation_of(&exchange.method, &exchange.path, &all) else {
            faults.insert(format!("{} {} is no operation", exchange.method, exchange.path));
            continue;
        };
        parameters::check(operation, exchange, &mut faults);
        check::answer(operation, exchange, &mut faults);
        let name = name_of(operation);
        if exchange.status < 300 {
            // Files come over HTTP only, and the event socket begins there.
            let only_http = ["binary", "Message"].contains(&&*operation.answer);
            if exchange.way != kind && !only_http {
                faults.insert(format!("{name} went over {:?}", exchange.way));
            }
            let sent = performed.entry(name).or_default();
            sent.extend(exchange.parameters.keys().map(String::as_str));
        }
    }
    let refused = |name: &str| REFUSED.iter().any(|(_, names)| names.contains(&name));
    for operation in &all {
        let name = name_of(operation);
        match performed.get(&name) {
            Some(_) if refused(&name) => {
                faults.insert(format!("{name} is not refused any more"));
            }
            None if !refused(&name) => {
                faults.insert(format!("{name} was not performed"));
            }
            None => {}
            Some(sent) => {
                let unsent = |parameter: &&str| {
                    let excuse = (&*name, *parameter);
                    !sent.contains(parameter)
                        && !UNSENT.iter().any(|(of, what, _)| (*of, *what) == excuse)
                };
                let names = operation.parameters.iter().map(|it| it.name.as_str());
                let unsent = names.filter(unsent);
                faults.extend(unsent.map(|parameter| format!("{name}: {parameter} was not sent")));
            }
        }
    }
    println!("{} of {} operations", performed.len(), all.len());
    faults
}

fn name_of(operation: &Operation) -> String {
    format!("{} {}", operation.method, operation.path)
}

#[test]
fn every_operation_is_performed_over_http_and_nothing_is_misread() {
    exercise(TransportKind::Http);
}

#[test]
fn every_operation_is_performed_over_the_event_socket_and_nothing_is_misread() {
    exercise(TransportKind::WebSocket);
}

#[test]
fn every_event_is_provoked_or_there_is_a_reason_why_not() {
    let unprovoked = UNPROVOKED.iter().flat_map(|(_, names)| names.iter());
    let told: BTreeSet<_> = FLOOR.iter().chain([&ANSWER]).chain(unprovoked).copied().collect();
    assert_eq!(told, AriEvent::NAMES.iter().copied().collect());
}
