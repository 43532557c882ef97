//! What the picture shows: plain data, shared and never changed.

use std::borrow::Borrow;
use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use serde::Serialize;

use crate::types::{
    ChannelState, DeviceState, ExtensionState, PresenceState, QueueMembership, QueueStrategy,
};

/// A part of the picture, each from a list of its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[non_exhaustive]
pub enum Part {
    /// Channels, by `CoreShowChannels`, or `Status` where that is not allowed.
    Channels,
    /// Bridges, by `BridgeList`; who is in them comes with the channels.
    Bridges,
    /// Queues with members and callers, by `QueueStatus`.
    Queues,
    /// Devices, by `DeviceStateList`.
    Devices,
    /// Extensions that have a hint, by `ExtensionStateList`.
    Extensions,
    /// Who wants to be called, by `PresenceStateList`.
    Presence,
}

impl Part {
    /// All of them.
    pub const ALL: &'static [Self] = &[
        Self::Channels,
        Self::Bridges,
        Self::Queues,
        Self::Devices,
        Self::Extensions,
        Self::Presence,
    ];
}

/// A channel.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct ChannelInfo {
    /// Its name, such as `PJSIP/alice-00000001`.
    pub channel: Arc<str>,
    /// Its unique id.
    pub unique_id: Arc<str>,
    /// The id that all channels of its call share.
    pub linked_id: Arc<str>,
    /// What it is doing.
    pub state: ChannelState,
    /// The caller's number.
    pub caller_id_num: Option<Arc<str>>,
    /// The caller's name.
    pub caller_id_name: Option<Arc<str>>,
    /// The number of the other side.
    pub connected_line_num: Option<Arc<str>>,
    /// The name of the other side.
    pub connected_line_name: Option<Arc<str>>,
    /// The account code; empty if it has none.
    pub account_code: Arc<str>,
    /// The context where it is in the dialplan.
    pub context: Arc<str>,
    /// The extension where it is.
    pub exten: Arc<str>,
    /// The step of that extension.
    pub priority: Option<u32>,
    /// The application that it runs.
    pub application: Arc<str>,
    /// What the application was given.
    pub app_data: Arc<str>,
    /// When it came to be; from a list to the second.
    pub since: SystemTime,
    /// The unique id of the bridge it is in.
    pub bridge: Option<Arc<str>>,
}

/// A bridge.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct BridgeInfo {
    /// Its unique id.
    pub unique_id: Arc<str>,
    /// What it is for, such as `basic`, `base` (a conference) or `parking`.
    pub bridge_type: Arc<str>,
    /// What mixes in it, such as `simple_bridge`.
    pub technology: Arc<str>,
    /// Who made it, such as `ConfBridge`.
    pub creator: Option<Arc<str>>,
    /// Its name: of a conference, its number.
    pub name: Option<Arc<str>>,
    /// The unique ids of the channels in it, in the order they came; from a list in that of their
    /// ids.
    pub members: Vec<Arc<str>>,
}

/// A queue.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[non_exhaustive]
pub struct QueueInfo {
    /// Its name.
    pub queue: Arc<str>,
    /// How many callers may wait; 0 is any number.
    pub max: u32,
    /// Which members are called.
    pub strategy: Option<QueueStrategy>,
    /// How long callers wait on average.
    pub hold_time: Duration,
    /// How long calls take on average.
    pub talk_time: Duration,
    /// How many calls were answered.
    pub completed: u32,
    /// How many callers hung up before.
    pub abandoned: u32,
    /// Within which time calls should be answered.
    pub service_level: Duration,
    /// How many of the answered calls were answered within it, in percent.
    pub service_level_perf: f64,
    /// How many of all calls were answered within it, in percent.
    pub service_level_perf2: f64,
    /// Of two queues that share members, the heavier is served first.
    pub weight: u32,
    /// Its members, by what is dialled to reach them.
    pub members: BTreeMap<Arc<str>, Arc<QueueMemberInfo>>,
    /// Its callers, the next to be served first.
    pub callers: Vec<Arc<QueueCallerInfo>>,
}

/// A member of a queue.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct QueueMemberInfo {
    /// The queue.
    pub queue: Arc<str>,
    /// The member's name.
    pub name: Arc<str>,
    /// What is dialled to reach the member.
    pub interface: Arc<str>,
    /// The device whose state counts for the member.
    pub state_interface: Arc<str>,
    /// Where the membership comes from.
    pub membership: Option<QueueMembership>,
    /// Members with a lower penalty are called first.
    pub penalty: i32,
    /// How many calls the member took.
    pub calls_taken: u32,
    /// When the member's last call ended.
    pub last_call: Option<SystemTime>,
    /// When the member's last pause began.
    pub last_pause: Option<SystemTime>,
    /// When the member came into the queue.
    pub login_time: Option<SystemTime>,
    /// Whether the member is on a call of this queue.
    pub in_call: bool,
    /// What the member's device is doing.
    pub status: DeviceState,
    /// Whether the member has a break.
    pub paused: bool,
    /// Why.
    pub paused_reason: Option<Arc<str>>,
    /// How long the member is left alone after a call.
    pub wrapup_time: Duration,
    /// Whether the member is called while on another call. Events say it and the list of queues does
    /// not: it is as the last event about the member said, and `None` before the first.
    pub ring_inuse: Option<bool>,
}

/// A caller who waits in a queue.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct QueueCallerInfo {
    /// The queue.
    pub queue: Arc<str>,
    /// The caller's channel.
    pub channel: Arc<str>,
    /// Its unique id.
    pub unique_id: Arc<str>,
    /// The caller's number.
    pub caller_id_num: Option<Arc<str>>,
    /// The caller's name.
    pub caller_id_name: Option<Arc<str>>,
    /// The caller's place; 1 is the next to be served.
    pub position: u32,
    /// Since when the caller waits; from a list to the second.
    pub since: SystemTime,
}

/// A device.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct DeviceInfo {
    /// The device, such as `PJSIP/alice`.
    pub device: Arc<str>,
    /// What it is doing.
    pub state: DeviceState,
}

/// An extension that has a hint.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct ExtensionInfo {
    /// The extension.
    pub exten: Arc<str>,
    /// Its context.
    pub context: Arc<str>,
    /// Its hint.
    pub hint: Arc<str>,
    /// What its devices are doing together; `None` if that was not told.
    pub status: Option<ExtensionState>,
}

/// Somebody's presence.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct PresenceInfo {
    /// Who tells it, such as `CustomPresence:alice`.
    pub presentity: Arc<str>,
    /// Whether they want to be called.
    pub status: PresenceState,
    /// A finer distinction, in words of their own.
    pub subtype: Arc<str>,
    /// What they want to say.
    pub message: Arc<str>,
}

type Table<T> = Arc<BTreeMap<Arc<str>, Arc<T>>>;

/// The state of a server at one moment: plain data that nobody changes any more.
///
/// Cheap to clone. What two snapshots have in common they share: tables that did not change
/// between them are the same memory, and in tables that did, everything but what changed.
#[derive(Clone, Default, PartialEq, Serialize)]
pub struct Snapshot {
    pub(super) channels: Table<ChannelInfo>,
    pub(super) bridges: Table<BridgeInfo>,
    pub(super) queues: Table<QueueInfo>,
    pub(super) devices: Table<DeviceInfo>,
    /// By `exten@context`.
    pub(super) extensions: Table<ExtensionInfo>,
    pub(super) presence: Table<PresenceInfo>,
    pub(super) unavailable: Arc<BTreeMap<Part, Box<str>>>,
}

impl Snapshot {
    /// All channels, by unique id.
    pub fn channels(&self) -> impl ExactSizeIterator<Item = &Arc<ChannelInfo>> {
        self.channels.values()
    }

    /// A channel by its unique id, which is found at once, or by its name, which is searched for.
    pub fn channel(&self, id_or_name: &str) -> Option<&Arc<ChannelInfo>> {
        let by_name = || self.channels().find(|it| it.channel.eq_ignore_ascii_case(id_or_name));
        self.channels.get(id_or_name).or_else(by_name)
    }

    /// The channels of a call.
    pub fn call(&self, linked_id: &str) -> impl Iterator<Item = &Arc<ChannelInfo>> {
        self.channels().filter(move |it| *it.linked_id == *linked_id)
    }

    /// How many calls there are: linked ids.
    pub fn call_count(&self) -> usize {
        let mut ids: Vec<&str> = self.channels().map(|it| &*it.linked_id).collect();
        ids.sort_unstable();
        ids.dedup();
        ids.len()
    }

    /// All bridges, by unique id.
    pub fn bridges(&self) -> impl ExactSizeIterator<Item = &Arc<BridgeInfo>> {
        self.bridges.values()
    }

    /// A bridge by its unique id, which is found at once, or by its name, which is searched for.
    pub fn bridge(&self, id_or_name: &str) -> Option<&Arc<BridgeInfo>> {
        let by_name = || self.bridges().find(|it| it.name.as_deref() == Some(id_or_name));
        self.bridges.get(id_or_name).or_else(by_name)
    }

    /// All queues, by name.
    pub fn queues(&self) -> impl ExactSizeIterator<Item = &Arc<QueueInfo>> {
        self.queues.values()
    }

    /// A queue by its name.
    pub fn queue(&self, queue: &str) -> Option<&Arc<QueueInfo>> {
        self.queues.get(queue)
    }

    /// All devices, by name.
    pub fn devices(&self) -> impl ExactSizeIterator<Item = &Arc<DeviceInfo>> {
        self.devices.values()
    }

    /// A device by its name, such as `PJSIP/alice`.
    pub fn device(&self, device: &str) -> Option<&Arc<DeviceInfo>> {
        self.devices.get(device)
    }

    /// All extensions that have a hint.
    pub fn extensions(&self) -> impl ExactSizeIterator<Item = &Arc<ExtensionInfo>> {
        self.extensions.values()
    }

    /// An extension that has a hint.
    pub fn extension(&self, exten: &str, context: &str) -> Option<&Arc<ExtensionInfo>> {
        self.extensions.get(&*place(exten, context))
    }

    /// Everybody's presence.
    pub fn presence_list(&self) -> impl ExactSizeIterator<Item = &Arc<PresenceInfo>> {
        self.presence.values()
    }

    /// The presence that somebody tells, such as `CustomPresence:alice`.
    pub fn presence(&self, presentity: &str) -> Option<&Arc<PresenceInfo>> {
        self.presence.get(presentity)
    }

    /// Why a part is not here: what the server said when it was asked. `None` if it is here, or
    /// was not asked for.
    pub fn unavailable(&self, part: Part) -> Option<&str> {
        self.unavailable.get(&part).map(|why| &**why)
    }
}

impl fmt::Debug for Snapshot {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Snapshot")
            .field("channels", &self.channels.len())
            .field("bridges", &self.bridges.len())
            .field("queues", &self.queues.len())
            .field("devices", &self.devices.len())
            .field("extensions", &self.extensions.len())
            .field("presence", &self.presence.len())
            .field("unavailable", &self.unavailable)
            .finish()
    }
}

impl QueueInfo {
    /// A member, by what is dialled to reach it.
    pub fn member(&self, interface: &str) -> Option<&Arc<QueueMemberInfo>> {
        self.members.get(interface)
    }

    /// How many members could take a call now: not paused, and their device is free.
    pub fn free_members(&self) -> usize {
        let is_free = |it: &&Arc<QueueMemberInfo>| {
            !it.paused && matches!(it.status, DeviceState::NotInUse | DeviceState::Unknown)
        };
        self.members.values().filter(is_free).count()
    }
}

impl ChannelInfo {
    /// Whether it is one end of a `Local` channel: a way through the dialplan, not a person.
    pub fn is_local(&self) -> bool {
        self.channel.get(..6).is_some_and(|begin| begin.eq_ignore_ascii_case("Local/"))
    }
}

pub(super) fn place(exten: &str, context: &str) -> Box<str> {
    format!("{exten}@{context}").into()
}

/// Something in the picture.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[non_exhaustive]
pub enum Item {
    /// A channel.
    Channel(Arc<ChannelInfo>),
    /// A bridge.
    Bridge(Arc<BridgeInfo>),
    /// A queue: its numbers, not its members and callers, which are items of their own.
    Queue(Arc<QueueInfo>),
    /// A member of a queue.
    QueueMember(Arc<QueueMemberInfo>),
    /// A caller in a queue.
    QueueCaller(Arc<QueueCallerInfo>),
    /// A device.
    Device(Arc<DeviceInfo>),
    /// An extension.
    Extension(Arc<ExtensionInfo>),
    /// Somebody's presence.
    Presence(Arc<PresenceInfo>),
}

/// What changed in the picture. By the time it is told, the picture has it.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[non_exhaustive]
pub enum Change {
    /// It is new.
    Added(Item),
    /// It is another now: this is how.
    Changed(Item),
    /// It is gone: this is how it was last.
    Removed(Item),
    /// Events were lost, or the connection: what the picture shows may be old, until it is taken
    /// anew.
    Stale,
    /// The picture was taken anew, and is right again. What had changed meanwhile was told before.
    Resynced,
    /// So many changes were not told, since this subscription did not keep up. The picture has
    /// them: look at a snapshot.
    Missed(u64),
}

impl crate::Event for Change {
    const THREAD: &'static str = "ami-change";

    fn gap(gap: crate::Gap) -> Option<Self> {
        Some(Self::Missed(gap.missed()))
    }
}

/// The same text in the memory that the old one has, if it is the same.
pub(super) fn text(new: &str, old: Option<&Arc<str>>) -> Arc<str> {
    match old {
        Some(old) if **old == *new => Arc::clone(old),
        _ => new.into(),
    }
}

/// The same for a text that may be absent.
pub(super) fn maybe<T: Borrow<str>>(new: Option<T>, old: Option<&Arc<str>>) -> Option<Arc<str>> {
    new.map(|new| text(new.borrow(), old))
}
