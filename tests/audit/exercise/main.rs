//! The server is made to send as many kinds of events as it can, and of each that comes every
//! accessor is compared with its header, and every header has to have an accessor. Like
//! `tests/live`, it needs the server that `tests/asterisk/up` brings up, and for itself: it ends
//! when no channel is left. What cannot be provoked is listed in `account.rs`, with the reason.

#![allow(clippy::unwrap_used, clippy::pedantic, reason = "a panic is how a test fails")]

#[allow(dead_code, reason = "the audit uses all of it")]
#[path = "../source.rs"]
mod source;
#[allow(dead_code, reason = "the live tests use all of it")]
#[path = "../../live/support.rs"]
mod support;
#[allow(dead_code, reason = "the audit uses all of it")]
#[path = "../tables.rs"]
mod tables;

mod account;
mod calls;
mod check;
mod lists;
mod mailboxes;
mod media;
mod phone;
mod queues;
mod scenes;
mod stage;
mod system;
mod transfers;

use std::collections::{BTreeMap, BTreeSet};

use asterisk_sync::ami::AmiEvent;
use asterisk_sync::ami::action::{
    CoreShowChannelsAction, QueueStatusAction, QueueStatusItem, UserEventAction,
};
use asterisk_sync::ami::event::CoreShowChannel;

use crate::support::{builder, eventually, unique};
use crate::tables::{events, fold};

type Scene = (&'static str, fn());

const SCENES: &[Scene] = &[
    ("dialling", calls::dialling),
    ("channels", calls::channels),
    ("pickup", calls::pickup),
    ("bridges", calls::bridges),
    ("optimisation", calls::optimisation),
    ("scripts", calls::scripts),
    ("media", calls::media),
    ("standing lists", lists::standing),
    ("blind transfer", transfers::blind),
    ("attended transfer", transfers::attended),
    ("merged transfer", transfers::merged),
    ("parking", transfers::parking),
    ("swapping", transfers::swapping),
    ("queue", queues::callers_and_members),
    ("agents", queues::agents),
    ("conference", media::conference),
    ("recording", media::recording),
    ("spying", media::spying),
    ("fax", media::fax),
    ("message", mailboxes::message),
    ("states", system::states),
    ("modules", system::modules),
    ("registrations", system::registrations),
    ("maintenance", system::maintenance),
    ("managers", system::managers),
    ("phones", system::phones),
    ("greeting", lists::greeting),
];

#[test]
fn every_event_that_can_be_provoked_has_a_type_whose_accessors_say_what_its_headers_say() {
    let ami = builder().event_memory(usize::MAX).connect().unwrap();
    let heard = ami.subscribe();
    let failed = scenes::play(SCENES, |scene| scene());
    // At once: what a scene has left undone is no fault of what is looked at below.
    assert!(failed.is_empty(), "scenes that failed:\n{}", failed.join("\n"));
    // What hangs up by itself at the end of a scene still has things to say.
    // The channel that carries messages stays once there was one.
    let stays = |it: &CoreShowChannel| it.channel().channel() == "Message/ast_msg_queue";
    eventually(|| match ami.list(&CoreShowChannelsAction::new()) {
        Ok(channels) if channels.iter().all(stays) => Ok(()),
        other => Err(format!("channels are left: {other:?}")),
    });
    for item in ami.list(&QueueStatusAction::new().queue("exercise")).unwrap() {
        assert!(matches!(item, QueueStatusItem::Params(_)), "is left: {item:?}");
    }
    let curtain = unique("Curtain");
    ami.send_action(&UserEventAction::new(&curtain)).unwrap();
    let mut seen = crate::support::events_until(
        &heard,
        |event| matches!(event, AmiEvent::UserEvent(it) if it.user_event() == curtain),
    );
    seen.extend(lists::take());

    let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
    let mut faults = BTreeSet::new();
    for event in &seen {
        *counts.entry(event.event_name()).or_default() += 1;
        faults.extend(check::faults(event));
    }
    for (name, count) in &counts {
        println!("{count:6} {name}");
    }
    println!("{} kinds of events", counts.len());
    for fault in &faults {
        println!("fault: {fault}");
    }
    let missing: Vec<_> = account::FLOOR.iter().filter(|it| !counts.contains_key(**it)).collect();
    assert!(missing.is_empty(), "did not come: {missing:?}");
    let faults: Vec<_> = faults.into_iter().collect();
    assert!(faults.is_empty(), "{} faults:\n{}", faults.len(), faults.join("\n"));
}

#[test]
fn every_event_of_the_tables_is_provoked_or_there_is_a_reason_why_not() {
    let unprovoked = account::UNPROVOKED.iter().flat_map(|(_, names)| names.iter());
    let mut told: Vec<_> = account::FLOOR.iter().chain(unprovoked).map(|it| fold(it)).collect();
    told.sort();
    let all: Vec<_> = events().keys().cloned().collect();
    assert_eq!(told, all);
}
