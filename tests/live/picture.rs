//! The live picture, compared with what the server lists.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use asterisk_sync::ami::AmiClient;
use asterisk_sync::ami::action::{BridgeAction, HangupAction};
use asterisk_sync::ami::picture::{Change, Item, LivePicture, Part, Snapshot};

use crate::support::{Call, client, eventually, user};

/// What events tell as exactly as lists, of the channels and bridges that `is_mine` picks.
fn essence(now: &Snapshot, is_mine: impl Fn(&str) -> bool) -> BTreeMap<String, String> {
    let mut all = BTreeMap::new();
    for it in now.channels().filter(|it| is_mine(&it.linked_id)) {
        let place = (&it.context, &it.exten, it.priority, &it.bridge);
        all.insert(
            format!("channel {}", it.unique_id),
            format!("{} {} {place:?}", it.channel, it.state),
        );
        if let Some(bridge) = it.bridge.as_ref().and_then(|id| now.bridge(id)) {
            let mut members = bridge.members.clone();
            members.sort_unstable();
            all.insert(format!("bridge {}", bridge.unique_id), format!("{members:?}"));
        }
    }
    for queue in now.queues() {
        let callers = queue.callers.iter().filter(|it| {
            now.channel(&it.unique_id).is_some_and(|channel| is_mine(&channel.linked_id))
        });
        let callers: Vec<_> = callers.map(|it| &*it.unique_id).collect();
        all.insert(format!("callers of {}", queue.queue), format!("{callers:?}"));
    }
    all
}

/// Asks until the picture that was kept shows what one taken now shows.
fn assert_right(
    ami: &AmiClient,
    picture: &LivePicture,
    is_mine: impl Fn(&str) -> bool,
) -> Arc<Snapshot> {
    eventually(|| {
        let kept = picture.snapshot();
        let taken = ami.live_picture().expect("a picture").snapshot();
        let (ours, theirs) = (essence(&kept, &is_mine), essence(&taken, &is_mine));
        if ours == theirs { Ok(taken) } else { Err(format!("{ours:#?}\n{theirs:#?}")) }
    })
}

#[test]
fn after_a_storm_of_calls_the_picture_is_what_the_server_lists() {
    let ami = client();
    let picture = ami.live_picture().unwrap();
    let changes = picture.changes();
    let mine = crate::support::unique("storm");
    let is_mine = |linked: &str| linked.starts_with(&mine);
    let extensions =
        ["answer", "dial-local", "queue", "conf", "park", "hold", "busy", "hangup-after"];
    let mut pending = Vec::new();
    for (n, extension) in (0..50).zip(extensions.iter().cycle()) {
        let action =
            asterisk_sync::ami::action::OriginateAction::to(format!("Local/{extension}@test/n"))
                .application("Wait", "60")
                .channel_id(format!("{mine}-{n}"))
                .variable("QUEUE", "lobby")
                .variable("ROOM", &mine[mine.len() - 8..])
                .asynchronous(true);
        pending.push(ami.start_action(&action).unwrap());
    }
    for answer in pending {
        answer.wait().unwrap();
    }
    // Two of them meet, in the middle of it.
    eventually(|| ami.send_action(&BridgeAction::new(format!("{mine}-0"), format!("{mine}-8"))));
    // Another one is begun in the middle of it.
    let second = ami.live_picture().unwrap();
    let room = &mine[mine.len() - 8..];
    let now = eventually(|| {
        let now = picture.snapshot();
        let inside = now.bridge(room).map_or(0, |it| it.members.len());
        let waiting = now.queue("lobby").map_or(0, |it| it.callers.len());
        // Several of each; whether it is all of them, the server's lists say.
        if inside >= 3 && waiting >= 3 { Ok(now) } else { Err(format!("{inside}, {waiting}")) }
    });
    assert!(now.call_count() > 25, "{now:?}");
    let now = assert_right(&ami, &picture, is_mine);
    assert_right(&ami, &second, is_mine);

    // Queue callers and members have halves that the dialplan made, with ids of their own.
    let ids: Vec<_> = now
        .channels()
        .filter(|it| is_mine(&it.linked_id))
        .map(|it| it.unique_id.to_string())
        .collect();
    for id in &ids {
        let _ = ami.send_action(&HangupAction::new(id));
    }
    eventually(|| {
        let left = picture.snapshot().channels().filter(|it| is_mine(&it.linked_id)).count();
        if left == 0 { Ok(()) } else { Err(format!("{left} channels are left")) }
    });
    assert_right(&ami, &picture, is_mine);
    // Whatever was added was told to be gone, or is there: some have joined the calls of others.
    let (mut added, mut open) = (0, BTreeSet::new());
    // A change is told after a burst of events, which the snapshot may have already.
    eventually(|| {
        for change in changes.try_iter() {
            match change {
                Change::Added(Item::Channel(it)) if is_mine(&it.linked_id) => {
                    added += 1;
                    open.insert(it.unique_id.to_string());
                }
                Change::Removed(Item::Channel(it)) => _ = open.remove(&*it.unique_id),
                Change::Missed(_) | Change::Stale => panic!("{change:?}"),
                _ => {}
            }
        }
        let now = picture.snapshot();
        let untold: Vec<_> = open.iter().filter(|id| now.channel(id).is_none()).collect();
        if untold.is_empty() { Ok(()) } else { Err(format!("gone without a word: {untold:?}")) }
    });
    assert!(added >= 100, "{added}");
}

#[test]
fn numbers_of_a_queue_that_no_event_tells_are_asked_for() {
    let ami = client();
    let picture = ami.live_picture().unwrap();
    let lobby = || Arc::clone(picture.snapshot().queue("lobby").unwrap());
    let before = lobby().abandoned;
    let call = Call::new(&ami);
    ami.send_action(&call.action("queue").variable("QUEUE", "lobby")).unwrap();
    eventually(|| {
        let waits = lobby().callers.iter().any(|it| *it.unique_id == *call.other);
        if waits { Ok(()) } else { Err("not there yet") }
    });
    drop(call);
    eventually(|| {
        let now = lobby().abandoned;
        if now > before { Ok(()) } else { Err(format!("{now} have given up")) }
    });
}

#[test]
fn devices_hints_and_presence_are_in_it() {
    let ami = client();
    let now = ami.live_picture().unwrap().snapshot();
    assert!(Part::ALL.iter().all(|part| now.unavailable(*part).is_none()), "{now:?}");
    assert!(now.device("PJSIP/bob").is_some(), "{now:?}");
    let hint = now.extension("203", "hints").unwrap();
    assert_eq!(&*hint.hint, "PJSIP/bob");
    let state = ami.live_picture().unwrap();
    let changes = state.changes();
    let device = crate::support::unique("Custom:pic");
    let name = format!("DEVICE_STATE({device})");
    ami.send_action(&asterisk_sync::ami::action::SetVarAction::new(name, "RINGING")).unwrap();
    let is_it = |change: &Change| matches!(change, Change::Added(Item::Device(it)) if *it.device == *device);
    while !is_it(&changes.recv_timeout(crate::support::PATIENCE).unwrap().unwrap()) {}
    assert!(state.snapshot().device(&device).is_some());
    let gone = ami.send_action(&asterisk_sync::ami::action::CommandAction::new(format!(
        "devstate change {device} NOT_INUSE"
    )));
    gone.unwrap();
}

#[test]
fn who_may_not_list_has_the_parts_that_he_may_and_is_told_why_not_the_others() {
    let ami = user("quiet").connect().unwrap();
    assert!(ami.live_picture().unwrap().snapshot().unavailable(Part::Channels).is_none());
    let nobody = user("reader").connect().unwrap();
    let now = nobody.live_picture().unwrap().snapshot();
    // Reporting is enough to look.
    assert!(now.unavailable(Part::Channels).is_none() && now.unavailable(Part::Queues).is_none());
}
