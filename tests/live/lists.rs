//! Lists against what the console counts.

use std::collections::BTreeSet;

use asterisk_sync::ami::action::{
    BridgeTechnologyListAction, ConfbridgeListAction, CoreShowChannelsAction, DBGetTreeAction,
    DeviceStateListAction, ExtensionStateListAction, OriginateAction,
    PJSIPOutboundRegistrationItem, PJSIPShowAorsAction, PJSIPShowAuthsAction,
    PJSIPShowContactsAction, PJSIPShowEndpointsAction, PJSIPShowRegistrationsOutboundAction,
    QueueStatusAction, QueueStatusItem, QueueSummaryAction, ShowDialPlanAction, StatusAction,
    VoicemailUsersListAction,
};
use asterisk_sync::ami::event::ConfbridgeJoin;

use crate::support::{Call, PATIENCE, await_event, client, console, eventually, unique};

/// The number in front of these words.
fn counted(text: &str, words: &str) -> usize {
    let before = text.split(words).next().filter(|before| before.len() < text.len());
    before
        .and_then(|before| before.split_whitespace().last()?.parse().ok())
        .unwrap_or_else(|| panic!("nothing is counted as {words:?} in {text}"))
}

/// The number behind these words.
fn counted_after(text: &str, words: &str) -> usize {
    let behind = text.split(words).nth(1).and_then(|it| it.split_whitespace().next());
    behind
        .and_then(|it| it.parse().ok())
        .unwrap_or_else(|| panic!("nothing is counted behind {words:?} in {text}"))
}

/// Compares a list with the console while others change both: a list that is the same before and
/// after the console spoke has to be the console's.
fn compare(listed: impl Fn() -> BTreeSet<String>, shown: impl Fn() -> BTreeSet<String>) {
    eventually(|| {
        let (before, shown, after) = (listed(), shown(), listed());
        if before == after && after == shown {
            return Ok(());
        }
        Err(format!("listed {before:?}, then {after:?}; the console in between: {shown:?}"))
    });
}

#[test]
fn the_list_of_channels_is_the_consoles() {
    let ami = client();
    let call = Call::to(&ami, "answer");
    // Those of the tests beside this one come and go.
    let is_ours = |id: &String| *id == call.id || *id == call.other;
    let shown = || {
        // name!context!…!uniqueid, whatever else may come between
        let lines = console("core show channels concise");
        lines
            .lines()
            .filter_map(|it| it.rsplit('!').next().map(str::to_owned))
            .filter(is_ours)
            .collect()
    };
    compare(
        || {
            let items = ami.list(&CoreShowChannelsAction::new()).expect("a list");
            items.iter().map(|it| it.channel().unique_id().to_owned()).filter(is_ours).collect()
        },
        shown,
    );
    compare(
        || {
            let items = ami.list(&StatusAction::new()).expect("a list");
            items.iter().map(|it| it.channel().unique_id().to_owned()).filter(is_ours).collect()
        },
        shown,
    );
    drop(call);
}

#[test]
fn the_list_of_queues_is_the_consoles() {
    let ami = client();
    let shown = console("queue show");
    let shown: BTreeSet<_> = shown
        .lines()
        .filter(|line| line.contains(" strategy "))
        .filter_map(|line| line.split(' ').next().map(str::to_owned))
        .collect();
    let status = ami.list(&QueueStatusAction::new()).unwrap();
    let queues: BTreeSet<_> = status
        .iter()
        .filter_map(|item| match item {
            QueueStatusItem::Params(queue) => Some(queue.queue().to_owned()),
            _ => None,
        })
        .collect();
    let summary = ami.list(&QueueSummaryAction::new()).unwrap();
    let summary: BTreeSet<_> = summary.iter().map(|it| it.queue().to_owned()).collect();
    assert!(shown.len() >= 3, "{shown:?}");
    assert_eq!(queues, shown);
    assert_eq!(summary, shown);
}

#[test]
fn the_lists_of_pjsip_have_as_many_objects_as_the_console_finds() {
    let ami = client();
    let objects = |command: &str| counted_after(&console(command), "Objects found:");
    assert_eq!(
        ami.list(&PJSIPShowEndpointsAction::new()).unwrap().len(),
        objects("pjsip show endpoints")
    );
    assert_eq!(ami.list(&PJSIPShowAorsAction::new()).unwrap().len(), objects("pjsip show aors"));
    assert_eq!(ami.list(&PJSIPShowAuthsAction::new()).unwrap().len(), objects("pjsip show auths"));
    eventually(|| {
        let listed = ami.list(&PJSIPShowContactsAction::new()).unwrap().len();
        // That of `carol` stands in the configuration, and is not in the list.
        let shown = objects("pjsip show contacts") - 1;
        if listed == shown { Ok(()) } else { Err(format!("{listed} contacts, {shown} shown")) }
    });
}

#[test]
fn the_list_of_hints_is_the_consoles() {
    let ami = client();
    let shown = console("core show hints");
    let count = counted(&shown, "hints registered");
    let listed = ami.list(&ExtensionStateListAction::new()).unwrap();
    assert_eq!(listed.len(), count, "{shown}");
    for item in listed {
        assert!(shown.contains(&format!("{}@{}", item.exten(), item.context())), "{item:?}");
        assert!(shown.contains(item.hint()), "{item:?}");
    }
}

#[test]
fn the_tree_of_the_database_is_the_consoles() {
    let ami = client();
    let shown = || {
        let lines = console("database show");
        let entries = lines.lines().filter(|line| line.starts_with('/'));
        entries.filter_map(|line| Some(line.split_once(':')?.0.trim().to_owned())).collect()
    };
    compare(
        || {
            let items = ami.list(&DBGetTreeAction::new()).expect("a list");
            // A colon in a key cannot be told from the one behind it on the console.
            items
                .iter()
                .filter_map(|it| Some(it.key().split(':').next()?.trim().to_owned()))
                .collect()
        },
        shown,
    );
}

#[test]
fn the_dialplan_has_as_many_steps_as_the_console_shows() {
    let ami = client();
    let collected = ami.send_collecting(&ShowDialPlanAction::new().context("test")).unwrap();
    let list = ami.list_with_end(&ShowDialPlanAction::new().context("test")).unwrap();
    let (steps, end) = (list.items, list.end.unwrap());
    assert_eq!(collected.events.len(), steps.len());
    let shown = console("dialplan show test");
    // "-= 57 extensions (150 priorities) in 1 context. =-"
    let summary = shown.lines().rfind(|line| line.contains("-=")).unwrap();
    let priorities = counted(&summary.replace('(', " "), "priorities");
    assert_eq!(steps.iter().filter(|it| it.priority().is_some()).count(), priorities, "{shown}");
    assert_eq!(end.list_priorities().map(|all| all as usize), Some(priorities), "{shown}");
    assert_eq!(
        (end.list_contexts(), end.list_items().map(|all| all as usize)),
        (Some(1), Some(steps.len()))
    );
    assert!(steps.iter().all(|it| it.context() == "test"));
}

#[test]
fn the_technologies_of_bridges_are_the_consoles() {
    let ami = client();
    let listed = ami.list(&BridgeTechnologyListAction::new()).unwrap();
    let listed: BTreeSet<_> = listed.iter().map(|it| it.bridge_technology().to_owned()).collect();
    let shown = console("bridge technology show all");
    let shown: BTreeSet<_> = shown
        .lines()
        .skip(1)
        .filter_map(|line| line.split_whitespace().next().map(str::to_owned))
        .collect();
    assert_eq!(listed, shown);
}

#[test]
fn the_registrations_with_others_are_counted_as_they_are() {
    let list = client().list_with_end(&PJSIPShowRegistrationsOutboundAction::new()).unwrap();
    let entries =
        list.items.iter().filter(|it| matches!(it, PJSIPOutboundRegistrationItem::Registration(_)));
    let end = list.end.unwrap();
    let (registered, not) = (end.registered().unwrap(), end.not_registered().unwrap());
    assert_eq!((registered + not) as usize, entries.count(), "{end:?}");
    assert!(registered >= 1, "bob is registered: {end:?}");
}

#[test]
fn the_boxes_of_voicemail_are_the_consoles() {
    let listed = client().list(&VoicemailUsersListAction::new()).unwrap();
    let shown = console("voicemail show users");
    assert_eq!(listed.len(), counted(&shown, "voicemail users configured"));
}

#[test]
fn the_list_of_device_states_has_the_devices_of_the_configuration() {
    let listed = client().list(&DeviceStateListAction::new()).unwrap();
    for device in ["PJSIP/alice", "PJSIP/bob", "PJSIP/carol"] {
        assert!(listed.iter().any(|it| it.device() == device), "{device}: {listed:?}");
    }
    assert!(listed.iter().all(|it| it.state().is_some()));
}

#[test]
fn a_conference_that_there_is_not_has_nobody_in_it() {
    let (ami, room) = (client(), unique("room"));
    let joins = ami.subscribe_to::<ConfbridgeJoin>();
    let call = OriginateAction::to("Local/answer@test/n")
        .application("ConfBridge", format!("{room},test_bridge,test_user"));
    let call = ami.originate(&call).unwrap();
    await_event(&joins, |it| it.conference() == room);
    assert_eq!(ami.list(&ConfbridgeListAction::new(&*room)).unwrap().len(), 1);
    let other = ConfbridgeListAction::new(unique("room"));
    assert!(ami.list(&other).unwrap().is_empty());
    call.hangup(None).unwrap();
    call.wait_for_hangup(PATIENCE).unwrap();
}
