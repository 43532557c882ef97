//! The states of devices, extensions and people.

use asterisk_sync::ami::AmiClient;
use asterisk_sync::ami::action::{
    DeviceStateListAction, DialplanExtensionAddAction, DialplanExtensionRemoveAction,
    ExtensionStateAction, ExtensionStateListAction, PresenceStateAction, SetVarAction,
};
use asterisk_sync::ami::event::{DeviceStateChange, ExtensionStatus, PresenceStateChange};
use asterisk_sync::types::{DeviceState, ExtensionState, PresenceState};

use crate::support::{await_event, client, console, eventually, unique};

/// A device whose state the test sets, and which is forgotten at the end.
struct Device {
    ami: AmiClient,
    name: String,
}

impl Device {
    fn new(ami: &AmiClient) -> Self {
        Self { ami: ami.clone(), name: unique("Custom:live") }
    }

    fn set(&self, state: &str) {
        let function = format!("DEVICE_STATE({})", self.name);
        self.ami.send_action(&SetVarAction::new(function, state)).expect("the state is set");
    }
}

impl Drop for Device {
    fn drop(&mut self) {
        let _ = self.ami.command(format!("devstate change {} UNKNOWN", self.name));
        let key = self.name.trim_start_matches("Custom:");
        let _ = self.ami.command(format!("database del CustomDevstate {key}"));
    }
}

/// An extension with a hint, which is taken away at the end of the test.
struct Hint {
    ami: AmiClient,
    exten: String,
}

impl Hint {
    fn new(ami: &AmiClient, device: &str) -> Self {
        let hint = Self { ami: ami.clone(), exten: unique("h") };
        let add = DialplanExtensionAddAction::new("scratch", &hint.exten, "hint", device);
        ami.send_action(&add).expect("the hint is added");
        hint
    }
}

impl Drop for Hint {
    fn drop(&mut self) {
        let remove = DialplanExtensionRemoveAction::new("scratch", &self.exten);
        let _ = self.ami.send_action(&remove);
    }
}

#[test]
fn the_state_of_a_device_changes_as_an_event_and_in_the_list() {
    let ami = client();
    let device = Device::new(&ami);
    let changes = ami.subscribe_to::<DeviceStateChange>();
    for (set, expected) in [
        ("INUSE", DeviceState::InUse),
        ("RINGING", DeviceState::Ringing),
        ("ONHOLD", DeviceState::OnHold),
        ("BUSY", DeviceState::Busy),
        ("UNAVAILABLE", DeviceState::Unavailable),
        ("NOT_INUSE", DeviceState::NotInUse),
    ] {
        device.set(set);
        let event = await_event(&changes, |it| {
            it.device() == device.name && it.message().get("State") == Some(set)
        });
        assert_eq!(event.state(), Some(expected.clone()));
        let listed = ami.list(&DeviceStateListAction::new()).unwrap();
        let mine = listed.iter().find(|it| it.device() == device.name).unwrap();
        assert_eq!(mine.state(), Some(expected));
    }
}

#[test]
fn the_state_of_an_extension_follows_its_device() {
    let ami = client();
    let device = Device::new(&ami);
    device.set("NOT_INUSE");
    let hint = Hint::new(&ami, &device.name);
    let ask = || ami.send_action(&ExtensionStateAction::new(&hint.exten, "scratch")).unwrap();
    eventually(|| match ask() {
        it if it.status() == Some(ExtensionState::Idle) => Ok(()),
        other => Err(format!("{other:?}")),
    });
    let changes = ami.subscribe_to::<ExtensionStatus>();
    device.set("INUSE");
    let event = await_event(&changes, |it| {
        it.exten() == hint.exten && it.status() == Some(ExtensionState::InUse)
    });
    assert_eq!((event.context(), event.hint()), ("scratch", &*device.name));
    assert_eq!(event.status_text(), "InUse");

    let answer = ask();
    assert_eq!(answer.status(), Some(ExtensionState::InUse));
    assert_eq!((answer.exten(), answer.hint()), (&*hint.exten, &*device.name));
    assert_eq!((answer.context(), answer.status_text()), ("scratch", "InUse"));

    let listed = ami.list(&ExtensionStateListAction::new()).unwrap();
    let mine = listed.iter().find(|it| it.exten() == hint.exten).unwrap();
    assert_eq!(mine.status(), Some(ExtensionState::InUse));
    assert!(console("core show hints").contains(&device.name[..20]));
}

#[test]
fn an_extension_without_a_hint_is_deactivated() {
    let answer = client().send_action(&ExtensionStateAction::new("answer", "test")).unwrap();
    assert!(answer.status().unwrap().is_deactivated());
    assert_eq!(answer.hint(), "");
}

#[test]
fn somebodys_presence_is_set_and_read_in_their_own_words() {
    let ami = client();
    let name = unique("CustomPresence:live");
    let changes = ami.subscribe_to::<PresenceStateChange>();
    // State, subtype, message; in base64, since they may hold anything.
    let set = SetVarAction::new(
        format!("PRESENCE_STATE({name})"),
        "away,TWl0dGFn,R3LDvMOfZSwg5LiW55WM,e",
    );
    ami.send_action(&set).unwrap();
    let event = await_event(&changes, |it| it.presentity() == name);
    assert_eq!(event.status(), Some(PresenceState::Away));
    assert_eq!((&*event.subtype(), &*event.message_text()), ("Mittag", "Grüße, 世界"));
    let answer = ami.send_action(&PresenceStateAction::new(&name)).unwrap();
    assert_eq!(answer.state(), Some(PresenceState::Away));
    assert_eq!(answer.subtype(), Some("Mittag"));
    assert_eq!(answer.presence_message(), Some("Grüße, 世界"));
    let key = name.trim_start_matches("CustomPresence:");
    ami.command(format!("database del CustomPresence {key}")).unwrap();
}
