//! The states of devices, extensions and people, and bridges: what there is of them here.

use super::{Model, Turn};

impl Model {
    /// Nobody meets anybody here.
    #[expect(clippy::unused_self, reason = "an entry of the table of actions")]
    pub(super) fn bridge_list(&mut self, turn: &mut Turn<'_>) {
        turn.list("Bridge listing will follow");
        turn.complete("BridgeListComplete");
    }

    /// The devices of the members of queues; nobody is on a call.
    pub(super) fn device_state_list(&mut self, turn: &mut Turn<'_>) {
        turn.list("Device State Changes will follow");
        let mut devices: Vec<&str> =
            self.queues.values().flatten().map(super::queues::Member::device).collect();
        devices.sort_unstable();
        devices.dedup();
        for device in devices {
            turn.item("DeviceStateChange", |frame, id| {
                frame.action_id(id).lines(&[("Device", device), ("State", "NOT_INUSE")])
            });
        }
        turn.complete("DeviceStateListComplete");
    }

    #[expect(clippy::unused_self, reason = "an entry of the table of actions")]
    pub(super) fn extension_state_list(&mut self, turn: &mut Turn<'_>) {
        turn.error("No dialplan hints are available");
    }

    #[expect(clippy::unused_self, reason = "an entry of the table of actions")]
    pub(super) fn presence_state_list(&mut self, turn: &mut Turn<'_>) {
        turn.list("Presence State Changes will follow");
        turn.complete("PresenceStateListComplete");
    }
}
