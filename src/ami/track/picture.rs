//! The picture: lists and events in, snapshots and changes out.
//!
//! Who is in a bridge is kept twice, with the channel and with the bridge, and changed in one place
//! ([`Picture::seat`]).

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::snapshot::{
    BridgeInfo, Change, ChannelInfo, DeviceInfo, ExtensionInfo, Item, Part, PresenceInfo, Snapshot,
    maybe, place, text,
};
use super::{Departed, ListedChannel, Moment};
use crate::ami::AmiEvent;
use crate::ami::event::{
    BridgeListItem, BridgeView, ChannelView, DeviceStateChange, ExtensionStatus,
    PresenceStateChange,
};
use crate::types::{ChannelState, DeviceState, PresenceState};

mod queues;

/// The events that a part needs.
pub(in crate::ami) fn events_of(part: Part) -> &'static [&'static str] {
    match part {
        Part::Channels => &[
            "Newchannel",
            "Newstate",
            "Newexten",
            "NewCallerid",
            "NewConnectedLine",
            "NewAccountCode",
            "Rename",
            "Hangup",
            "BridgeEnter",
            "BridgeLeave",
        ],
        Part::Bridges => {
            &["BridgeCreate", "BridgeEnter", "BridgeLeave", "BridgeDestroy", "Rename", "Hangup"]
        }
        Part::Queues => &[
            "QueueCallerJoin",
            "QueueCallerLeave",
            "QueueCallerAbandon",
            "QueueMemberAdded",
            "QueueMemberRemoved",
            "QueueMemberPause",
            "QueueMemberStatus",
            "QueueMemberPenalty",
            "QueueMemberRinginuse",
            "AgentConnect",
            "AgentComplete",
            "Rename",
        ],
        Part::Devices => &["DeviceStateChange"],
        Part::Extensions => &["ExtensionStatus"],
        Part::Presence => &["PresenceStateChange"],
    }
}

/// What a list brings.
#[derive(Debug)]
pub(in crate::ami) enum List {
    Channels(Vec<ListedChannel>),
    Bridges(Vec<BridgeListItem>),
    /// Who is in the bridges, for a picture without channels.
    Seats(Vec<ListedChannel>),
    Queues(Vec<crate::ami::action::QueueStatusItem>),
    /// One queue, which is gone if nothing is listed.
    Queue(Box<str>, Vec<crate::ami::action::QueueStatusItem>),
    Devices(Vec<DeviceStateChange>),
    Extensions(Vec<ExtensionStatus>),
    Presence(Vec<PresenceStateChange>),
    /// The server says no, and why.
    Refused(Part, Box<str>),
}

/// The state of a server, as far as it is known.
#[derive(Debug, Default)]
pub(in crate::ami) struct Picture {
    now: Snapshot,
    parts: BTreeSet<Part>,
    /// What was handed out last, while it is still right.
    shown: Option<Arc<Snapshot>>,
    departed: Departed,
    /// Queues of which something is known to be wrong, or not told by events.
    doubtful: BTreeSet<Box<str>>,
    changes: Vec<Change>,
}

impl Picture {
    pub(in crate::ami) fn new(parts: BTreeSet<Part>) -> Self {
        Self { parts, ..Self::default() }
    }

    pub(in crate::ami) fn parts(&self) -> &BTreeSet<Part> {
        &self.parts
    }

    /// The picture as it is now.
    pub(in crate::ami) fn snapshot(&mut self) -> Arc<Snapshot> {
        Arc::clone(self.shown.get_or_insert_with(|| Arc::new(self.now.clone())))
    }

    /// What changed since this was last asked.
    pub(in crate::ami) fn take_changes(&mut self) -> Vec<Change> {
        std::mem::take(&mut self.changes)
    }

    /// A queue to ask for.
    pub(in crate::ami) fn take_doubtful(&mut self) -> BTreeSet<Box<str>> {
        std::mem::take(&mut self.doubtful)
    }

    pub(in crate::ami) fn is_doubtful(&self) -> bool {
        !self.doubtful.is_empty()
    }

    /// The server may have begun anew, with ids that it had before.
    pub(in crate::ami) fn forget_departed(&mut self) {
        self.departed.clear();
    }

    fn changed(&mut self, change: Change) {
        self.shown = None;
        self.changes.push(change);
    }

    /// Takes in a list, which was asked for after the last event that was applied. Events that come
    /// from now on are applied on top of it, those included that it has in it already.
    pub(in crate::ami) fn install(&mut self, list: List, now: Moment) {
        let part = match &list {
            List::Channels(_) => Part::Channels,
            List::Bridges(_) | List::Seats(_) => Part::Bridges,
            List::Queues(_) | List::Queue(..) => Part::Queues,
            List::Devices(_) => Part::Devices,
            List::Extensions(_) => Part::Extensions,
            List::Presence(_) => Part::Presence,
            List::Refused(part, _) => *part,
        };
        if !matches!(list, List::Refused(..)) && self.now.unavailable.contains_key(&part) {
            Arc::make_mut(&mut self.now.unavailable).remove(&part);
            self.shown = None;
        }
        match list {
            List::Channels(items) => self.install_channels(&items, now),
            List::Bridges(items) => self.install_bridges(&items),
            List::Seats(items) => self.install_seats(&items),
            List::Queues(items) => self.install_queues(None, &items, now),
            List::Queue(queue, items) => self.install_queues(Some(&queue), &items, now),
            List::Devices(items) => {
                let gone = missing(&self.now.devices, items.iter().map(|it| it.device().into()));
                for it in &items {
                    self.device(it);
                }
                for it in remove_all(&mut self.now.devices, &gone) {
                    self.changed(Change::Removed(Item::Device(it)));
                }
            }
            List::Extensions(items) => {
                let listed = items.iter().map(|it| place(it.exten(), it.context()));
                let gone = missing(&self.now.extensions, listed);
                for it in &items {
                    self.extension(it);
                }
                for it in remove_all(&mut self.now.extensions, &gone) {
                    self.changed(Change::Removed(Item::Extension(it)));
                }
            }
            List::Presence(items) => {
                let listed = items.iter().map(|it| it.presentity().into());
                let gone = missing(&self.now.presence, listed);
                for it in &items {
                    self.presence(it);
                }
                for it in remove_all(&mut self.now.presence, &gone) {
                    self.changed(Change::Removed(Item::Presence(it)));
                }
            }
            List::Refused(part, why) => {
                self.clear(part, now);
                Arc::make_mut(&mut self.now.unavailable).insert(part, why);
                self.shown = None;
            }
        }
    }

    /// A part that can no longer be asked for is not shown as it once was.
    fn clear(&mut self, part: Part, now: Moment) {
        match part {
            Part::Channels => self.install_channels(&[], now),
            Part::Bridges => self.install_bridges(&[]),
            Part::Queues => self.install_queues(None, &[], now),
            Part::Devices => self.install(List::Devices(Vec::new()), now),
            Part::Extensions => self.install(List::Extensions(Vec::new()), now),
            Part::Presence => self.install(List::Presence(Vec::new()), now),
        }
    }

    /// Whether a part is kept: asked for, and to be had.
    fn has(&self, part: Part) -> bool {
        self.parts.contains(&part) && !self.now.unavailable.contains_key(&part)
    }

    /// Takes an event in. `now` is when it arrived.
    pub(in crate::ami) fn apply(&mut self, event: &AmiEvent, now: Moment) {
        let at = now.of(event);
        match event {
            AmiEvent::NewChannel(e) => {
                let (view, id) = (e.channel(), e.channel().unique_id());
                self.departed.forget(id);
                if self.has(Part::Channels) && !id.is_empty() {
                    let known = self.now.channels.get(id).cloned();
                    self.channel(view, known.as_deref(), |it| {
                        it.since = known.as_ref().map_or(at.wall, |known| known.since);
                    });
                }
            }
            AmiEvent::Newstate(e) => self.update(e.channel(), |_| {}),
            AmiEvent::NewCallerid(e) => self.update(e.channel(), |_| {}),
            AmiEvent::NewConnectedLine(e) => self.update(e.channel(), |_| {}),
            AmiEvent::NewAccountCode(e) => self.update(e.channel(), |_| {}),
            AmiEvent::NewExten(e) => self.update(e.channel(), |it| {
                it.application = text(e.application(), Some(&it.application));
                it.app_data = text(e.app_data(), Some(&it.app_data));
            }),
            AmiEvent::Rename(e) => self.rename(e.channel().unique_id(), e.new_name()),
            AmiEvent::Hangup(e) => self.hang_up(e.channel().unique_id()),
            AmiEvent::BridgeCreate(e) => {
                self.departed.forget(e.bridge().unique_id());
                self.bridge(e.bridge());
            }
            AmiEvent::BridgeEnter(e) => {
                self.bridge(e.bridge());
                self.met(e.channel());
                self.seat(e.channel().unique_id(), Some(e.bridge().unique_id()));
            }
            AmiEvent::BridgeLeave(e) => {
                self.met(e.channel());
                let (id, bridge) = (e.channel().unique_id(), e.bridge().unique_id());
                let members = self.now.bridges.get(bridge).map(|it| &it.members);
                let is_member = members.is_some_and(|them| them.iter().any(|it| **it == *id));
                let channel = self.now.channels.get(id);
                let is_there = channel.is_some_and(|it| it.bridge.as_deref() == Some(bridge));
                if is_member || is_there {
                    self.unseat(id, bridge);
                }
            }
            AmiEvent::BridgeDestroy(e) => self.destroy(e.bridge().unique_id()),
            AmiEvent::DeviceStateChange(e) if self.has(Part::Devices) => self.device(e),
            AmiEvent::ExtensionStatus(e) if self.has(Part::Extensions) => self.extension(e),
            AmiEvent::PresenceStateChange(e) if self.has(Part::Presence) => self.presence(e),
            other if self.has(Part::Queues) => self.apply_to_queues(other, at),
            _ => {}
        }
    }

    fn install_channels(&mut self, items: &[ListedChannel], now: Moment) {
        let listed = items.iter().map(|it| it.channel().unique_id().into());
        for id in missing(&self.now.channels, listed) {
            self.forget_channel(&id);
        }
        for item in items {
            let view = item.channel();
            let id = view.unique_id();
            if self.departed.has(id) {
                continue;
            }
            let known = self.now.channels.get(id).cloned();
            let (application, data) = item.application();
            self.channel(view, known.as_deref(), |it| {
                it.application = text(application, Some(&it.application));
                it.app_data = text(data, Some(&it.app_data));
                it.since = known.as_ref().map_or(now.ago(item.age()).wall, |known| known.since);
            });
            self.seat(id, item.bridge_id());
        }
    }

    fn install_bridges(&mut self, items: &[BridgeListItem]) {
        let listed = items.iter().map(|it| it.bridge().unique_id().into());
        for id in missing(&self.now.bridges, listed) {
            self.forget_bridge(&id);
        }
        for item in items {
            self.bridge(item.bridge());
        }
        // The channels may have been listed first.
        let seats: Vec<(Arc<str>, Arc<str>)> = self
            .now
            .channels()
            .filter_map(|it| Some((Arc::clone(&it.unique_id), it.bridge.clone()?)))
            .collect();
        for (channel, bridge) in seats {
            self.seat(&channel, Some(&bridge));
        }
    }

    fn install_seats(&mut self, items: &[ListedChannel]) {
        let is_listed = |member: &str, bridge: &str| {
            items
                .iter()
                .any(|it| it.channel().unique_id() == member && it.bridge_id() == Some(bridge))
        };
        let bridges = self.now.bridges().flat_map(|it| {
            let bridge = Arc::clone(&it.unique_id);
            it.members.iter().map(move |member| (Arc::clone(member), Arc::clone(&bridge)))
        });
        let gone: Vec<_> = bridges.filter(|(member, bridge)| !is_listed(member, bridge)).collect();
        for (member, bridge) in gone {
            self.unseat(&member, &bridge);
        }
        for item in items {
            self.seat(item.channel().unique_id(), item.bridge_id());
        }
    }

    /// Takes in a channel's snapshot; `more` adds what that has not.
    fn channel(
        &mut self,
        view: ChannelView<'_>,
        known: Option<&ChannelInfo>,
        more: impl FnOnce(&mut ChannelInfo),
    ) {
        let own = |field: fn(&ChannelInfo) -> &Arc<str>| known.map(field);
        let mut info = ChannelInfo {
            channel: text(view.channel(), own(|it| &it.channel)),
            unique_id: text(view.unique_id(), own(|it| &it.unique_id)),
            linked_id: text(view.linked_id(), own(|it| &it.linked_id)),
            state: view.state().unwrap_or(ChannelState::Down),
            caller_id_num: maybe(
                view.caller_id_num(),
                known.and_then(|it| it.caller_id_num.as_ref()),
            ),
            caller_id_name: maybe(
                view.caller_id_name(),
                known.and_then(|it| it.caller_id_name.as_ref()),
            ),
            connected_line_num: maybe(
                view.connected_line_num(),
                known.and_then(|it| it.connected_line_num.as_ref()),
            ),
            connected_line_name: maybe(
                view.connected_line_name(),
                known.and_then(|it| it.connected_line_name.as_ref()),
            ),
            account_code: text(view.account_code(), own(|it| &it.account_code)),
            context: text(view.context(), own(|it| &it.context)),
            exten: text(view.exten(), own(|it| &it.exten)),
            priority: view.priority(),
            application: known.map_or_else(|| "".into(), |it| Arc::clone(&it.application)),
            app_data: known.map_or_else(|| "".into(), |it| Arc::clone(&it.app_data)),
            since: known.map_or(std::time::SystemTime::UNIX_EPOCH, |it| it.since),
            bridge: known.and_then(|it| it.bridge.clone()),
        };
        more(&mut info);
        if known != Some(&info) {
            let is_new = known.is_none();
            let info = Arc::new(info);
            let table = Arc::make_mut(&mut self.now.channels);
            table.insert(Arc::clone(&info.unique_id), Arc::clone(&info));
            self.changed(if is_new { Change::Added } else { Change::Changed }(Item::Channel(info)));
        }
    }

    fn update(&mut self, view: ChannelView<'_>, more: impl FnOnce(&mut ChannelInfo)) {
        if let Some(known) = self.now.channels.get(view.unique_id()).cloned() {
            self.channel(view, Some(&known), more);
        }
    }

    fn change_channel(&mut self, id: &str, change: impl FnOnce(&mut ChannelInfo)) {
        let Some(known) = self.now.channels.get(id) else { return };
        let mut info = ChannelInfo::clone(known);
        change(&mut info);
        if info != **known {
            let info = Arc::new(info);
            let key = Arc::clone(&info.unique_id);
            Arc::make_mut(&mut self.now.channels).insert(key, Arc::clone(&info));
            self.changed(Change::Changed(Item::Channel(info)));
        }
    }

    /// Meeting in a bridge gives channels one linked id, and may take them out of the dialplan between
    /// two steps. No event of its own says so.
    fn met(&mut self, view: ChannelView<'_>) {
        self.change_channel(view.unique_id(), |it| {
            if !view.linked_id().is_empty() {
                it.linked_id = text(view.linked_id(), Some(&it.linked_id));
            }
            if view.priority().is_some() {
                it.context = text(view.context(), Some(&it.context));
                it.exten = text(view.exten(), Some(&it.exten));
                it.priority = view.priority();
            }
        });
    }

    fn rename(&mut self, unique_id: &str, name: &str) {
        self.change_channel(unique_id, |it| it.channel = text(name, Some(&it.channel)));
        self.rename_caller(unique_id, name);
    }

    fn hang_up(&mut self, unique_id: &str) {
        self.departed.remember(unique_id);
        self.forget_channel(unique_id);
    }

    fn forget_channel(&mut self, unique_id: &str) {
        let bridge = self.now.channels.get(unique_id).and_then(|it| it.bridge.clone());
        if let Some(bridge) = bridge {
            self.unseat(unique_id, &bridge);
        } else if !self.has(Part::Channels) {
            let bridges = self.now.bridges();
            let is_in = |it: &&Arc<BridgeInfo>| it.members.iter().any(|m| **m == *unique_id);
            let ids: Vec<_> = bridges.filter(is_in).map(|it| Arc::clone(&it.unique_id)).collect();
            for id in ids {
                self.unseat(unique_id, &id);
            }
        }
        if let Some(gone) = remove(&mut self.now.channels, unique_id) {
            self.changed(Change::Removed(Item::Channel(gone)));
        }
    }

    fn bridge(&mut self, view: BridgeView<'_>) {
        let id = view.unique_id();
        if !self.has(Part::Bridges) || self.departed.has(id) || id.is_empty() {
            return;
        }
        let known = self.now.bridges.get(id).map(|it| &**it);
        let info = BridgeInfo {
            unique_id: text(id, known.map(|it| &it.unique_id)),
            bridge_type: text(view.bridge_type(), known.map(|it| &it.bridge_type)),
            technology: text(view.technology(), known.map(|it| &it.technology)),
            creator: maybe(view.creator(), known.and_then(|it| it.creator.as_ref())),
            name: maybe(view.name(), known.and_then(|it| it.name.as_ref())),
            members: known.map_or_else(Vec::new, |it| it.members.clone()),
        };
        self.put_bridge(info);
    }

    fn put_bridge(&mut self, info: BridgeInfo) {
        let known = self.now.bridges.get(&info.unique_id);
        if known.is_some_and(|known| **known == info) {
            return;
        }
        let (is_new, info) = (known.is_none(), Arc::new(info));
        let key = Arc::clone(&info.unique_id);
        Arc::make_mut(&mut self.now.bridges).insert(key, Arc::clone(&info));
        self.changed(if is_new { Change::Added } else { Change::Changed }(Item::Bridge(info)));
    }

    fn change_members(&mut self, bridge: &str, change: impl FnOnce(&mut Vec<Arc<str>>)) {
        if let Some(known) = self.now.bridges.get(bridge) {
            let mut info = BridgeInfo::clone(known);
            change(&mut info.members);
            self.put_bridge(info);
        }
    }

    /// A channel is in this bridge, or in none, and so in no other.
    fn seat(&mut self, unique_id: &str, bridge: Option<&str>) {
        let bridge = bridge.filter(|bridge| !self.departed.has(bridge));
        let before = self.now.channels.get(unique_id).and_then(|it| it.bridge.clone());
        if let Some(before) = before.filter(|before| Some(&**before) != bridge) {
            self.unseat(unique_id, &before);
        }
        let Some(bridge) = bridge else { return };
        if self.departed.has(unique_id) {
            return;
        }
        self.change_channel(unique_id, |it| it.bridge = Some(text(bridge, it.bridge.as_ref())));
        let id = self.now.channels.get(unique_id).map(|it| Arc::clone(&it.unique_id));
        let id = id.unwrap_or_else(|| unique_id.into());
        self.change_members(bridge, |members| {
            if !members.contains(&id) {
                members.push(id);
            }
        });
    }

    fn unseat(&mut self, unique_id: &str, bridge: &str) {
        self.change_channel(unique_id, |it| {
            if it.bridge.as_deref() == Some(bridge) {
                it.bridge = None;
            }
        });
        self.change_members(bridge, |members| members.retain(|it| **it != *unique_id));
    }

    fn destroy(&mut self, bridge: &str) {
        self.departed.remember(bridge);
        self.forget_bridge(bridge);
    }

    fn forget_bridge(&mut self, bridge: &str) {
        let Some(gone) = remove(&mut self.now.bridges, bridge) else { return };
        for member in &gone.members {
            self.unseat(member, bridge);
        }
        self.changed(Change::Removed(Item::Bridge(gone)));
    }

    fn device(&mut self, event: &DeviceStateChange) {
        let known = self.now.devices.get(event.device());
        let info = DeviceInfo {
            device: text(event.device(), known.map(|it| &it.device)),
            state: event.state().unwrap_or(DeviceState::Unknown),
        };
        let put = put(&mut self.now.devices, Arc::clone(&info.device), info);
        self.tell(put, Item::Device);
    }

    fn extension(&mut self, event: &ExtensionStatus) {
        let key = place(event.exten(), event.context());
        if event.status().is_some_and(crate::types::ExtensionState::is_removed) {
            if let Some(gone) = remove(&mut self.now.extensions, &key) {
                self.changed(Change::Removed(Item::Extension(gone)));
            }
            return;
        }
        let known = self.now.extensions.get(&*key);
        let info = ExtensionInfo {
            exten: text(event.exten(), known.map(|it| &it.exten)),
            context: text(event.context(), known.map(|it| &it.context)),
            hint: text(event.hint(), known.map(|it| &it.hint)),
            status: event.status(),
        };
        let put = put(&mut self.now.extensions, key.into(), info);
        self.tell(put, Item::Extension);
    }

    fn presence(&mut self, event: &PresenceStateChange) {
        let known = self.now.presence.get(event.presentity());
        let info = PresenceInfo {
            presentity: text(event.presentity(), known.map(|it| &it.presentity)),
            status: event.status().unwrap_or(PresenceState::NotSet),
            subtype: text(&event.subtype(), known.map(|it| &it.subtype)),
            message: text(&event.message_text(), known.map(|it| &it.message)),
        };
        let put = put(&mut self.now.presence, Arc::clone(&info.presentity), info);
        self.tell(put, Item::Presence);
    }

    /// Tells what came of [`put`].
    fn tell<T>(&mut self, put: Option<(bool, Arc<T>)>, item: fn(Arc<T>) -> Item) {
        if let Some((is_new, info)) = put {
            self.changed(if is_new { Change::Added } else { Change::Changed }(item(info)));
        }
    }
}

type Table<T> = Arc<BTreeMap<Arc<str>, Arc<T>>>;

/// Puts something into a table: whether it is new there, or `None` if it was there just so.
fn put<T: PartialEq>(table: &mut Table<T>, key: Arc<str>, info: T) -> Option<(bool, Arc<T>)> {
    let known = table.get(&key);
    if known.is_some_and(|known| **known == info) {
        return None;
    }
    let (is_new, info) = (known.is_none(), Arc::new(info));
    Arc::make_mut(table).insert(key, Arc::clone(&info));
    Some((is_new, info))
}

fn remove<T>(table: &mut Table<T>, key: &str) -> Option<Arc<T>> {
    if !table.contains_key(key) {
        return None;
    }
    Arc::make_mut(table).remove(key)
}

fn remove_all<T>(table: &mut Table<T>, keys: &[Arc<str>]) -> Vec<Arc<T>> {
    keys.iter().filter_map(|key| remove(table, key)).collect()
}

/// What a table has and a list has not.
fn missing<T>(table: &Table<T>, listed: impl Iterator<Item = Box<str>>) -> Vec<Arc<str>> {
    let listed: BTreeSet<Box<str>> = listed.collect();
    table.keys().filter(|key| !listed.contains(&***key)).cloned().collect()
}
