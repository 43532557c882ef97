//! Queues in the picture.
//!
//! Events say who comes and goes, and at which place; not what becomes of a queue's numbers. So
//! where an event means that those have changed, or does not fit what is known, the queue is
//! doubtful, and whoever drives this asks for it again.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use super::super::Moment;
use super::super::snapshot::{
    Change, Item, QueueCallerInfo, QueueInfo, QueueMemberInfo, maybe, text,
};
use super::{Picture, remove};
use crate::ami::AmiEvent;
use crate::ami::action::QueueStatusItem;
use crate::ami::event::{ChannelView, QueueEntry, QueueMember, QueueParams};
use crate::types::DeviceState;

/// What `QueueEntry` has where nothing is known.
const UNKNOWN: &str = "unknown";

/// A member as the events about members show it; they have the same fields. All but the list's have
/// the last.
macro_rules! member {
    ($event:expr, $name:expr, $interface:expr, $ring_inuse:expr) => {
        QueueMemberInfo {
            queue: $event.queue().into(),
            name: $name.into(),
            interface: $interface.into(),
            state_interface: $event.state_interface().into(),
            membership: $event.membership(),
            penalty: $event.penalty().unwrap_or(0),
            calls_taken: $event.calls_taken().unwrap_or(0),
            last_call: $event.last_call(),
            last_pause: $event.last_pause(),
            login_time: $event.login_time(),
            in_call: $event.in_call().unwrap_or(false),
            status: $event.status().unwrap_or(DeviceState::Unknown),
            paused: $event.paused().unwrap_or(false),
            paused_reason: $event.paused_reason().filter(|why| !why.is_empty()).map(Into::into),
            wrapup_time: $event.wrapup_time().unwrap_or_default(),
            ring_inuse: $ring_inuse,
        }
    };
}

impl Picture {
    pub(super) fn apply_to_queues(&mut self, event: &AmiEvent, at: Moment) {
        match event {
            AmiEvent::QueueMemberAdded(e) => {
                self.member(member!(e, e.member_name(), e.interface(), e.ring_inuse()));
            }
            AmiEvent::QueueMemberPause(e) => {
                self.member(member!(e, e.member_name(), e.interface(), e.ring_inuse()));
            }
            AmiEvent::QueueMemberStatus(e) => {
                self.member(member!(e, e.member_name(), e.interface(), e.ring_inuse()));
            }
            AmiEvent::QueueMemberPenalty(e) => {
                self.member(member!(e, e.member_name(), e.interface(), e.ring_inuse()));
            }
            AmiEvent::QueueMemberRinginuse(e) => {
                self.member(member!(e, e.member_name(), e.interface(), e.ring_inuse()));
            }
            AmiEvent::QueueMemberRemoved(e) => {
                let gone = self.in_queue(e.queue(), |it| it.members.remove(e.interface()));
                if let Some(gone) = gone.flatten() {
                    self.changed(Change::Removed(Item::QueueMember(gone)));
                }
            }
            AmiEvent::QueueCallerJoin(e) => {
                self.join(e.queue(), e.channel(), e.position().unwrap_or(u32::MAX), at.wall);
                self.check(e.queue(), e.count());
            }
            AmiEvent::QueueCallerLeave(e) => {
                self.leave(e.queue(), e.channel().unique_id());
                self.doubt(e.queue());
            }
            AmiEvent::QueueCallerAbandon(e) => self.doubt(e.queue()),
            AmiEvent::AgentConnect(e) => self.doubt(e.queue()),
            AmiEvent::AgentComplete(e) => self.doubt(e.queue()),
            _ => {}
        }
    }

    fn doubt(&mut self, queue: &str) {
        if !self.doubtful.contains(queue) {
            self.doubtful.insert(queue.into());
        }
    }

    /// What the server counts must be what is here.
    fn check(&mut self, queue: &str, count: Option<u32>) {
        let here = self.now.queues.get(queue).map_or(0, |it| it.callers.len());
        if count.is_some_and(|count| count as usize != here) {
            self.doubt(queue);
        }
    }

    /// Changes a queue without telling; one that is not known has to be asked for.
    fn in_queue<R>(&mut self, queue: &str, change: impl FnOnce(&mut QueueInfo) -> R) -> Option<R> {
        if !self.now.queues.contains_key(queue) {
            self.doubt(queue);
            return None;
        }
        self.shown = None;
        Arc::make_mut(&mut self.now.queues).get_mut(queue).map(|it| change(Arc::make_mut(it)))
    }

    fn member(&mut self, info: QueueMemberInfo) {
        let queue = self.now.queues.get(&info.queue);
        if queue.is_some_and(|it| it.members.get(&info.interface).is_some_and(|m| **m == info)) {
            return;
        }
        let info = Arc::new(info);
        let (key, value) = (Arc::clone(&info.interface), Arc::clone(&info));
        match self.in_queue(&info.queue, |it| it.members.insert(key, value).is_none()) {
            None => {}
            Some(true) => self.changed(Change::Added(Item::QueueMember(info))),
            Some(false) => self.changed(Change::Changed(Item::QueueMember(info))),
        }
    }

    /// A caller who is there already is there by a list, which knows better than an event that may
    /// be older.
    fn join(&mut self, queue: &str, view: ChannelView<'_>, position: u32, since: SystemTime) {
        let id = view.unique_id();
        let queue_now = self.now.queues.get(queue);
        let is_there = queue_now.is_some_and(|it| it.callers.iter().any(|c| *c.unique_id == *id));
        if is_there || self.departed.has(id) {
            return;
        }
        let info = Arc::new(QueueCallerInfo {
            queue: queue.into(),
            channel: view.channel().into(),
            unique_id: id.into(),
            caller_id_num: maybe(view.caller_id_num(), None),
            caller_id_name: maybe(view.caller_id_name(), None),
            position,
            since,
        });
        let joined = self.in_queue(queue, |it| {
            let at = (position as usize).saturating_sub(1).min(it.callers.len());
            it.callers.insert(at, info);
            at
        });
        if let Some(at) = joined {
            self.renumber(queue, Some(at));
        }
    }

    fn leave(&mut self, queue: &str, unique_id: &str) {
        let gone = self.in_queue(queue, |it| {
            let at = it.callers.iter().position(|caller| *caller.unique_id == *unique_id)?;
            Some(it.callers.remove(at))
        });
        if let Some(gone) = gone.flatten() {
            self.changed(Change::Removed(Item::QueueCaller(gone)));
            self.renumber(queue, None);
        }
    }

    /// Gives every caller of a queue the place where it stands, and tells of those who moved and of
    /// the new one.
    fn renumber(&mut self, queue: &str, new: Option<usize>) {
        let told = self.in_queue(queue, |it| {
            let mut told = Vec::new();
            for ((at, caller), position) in it.callers.iter_mut().enumerate().zip(1_u32..) {
                if caller.position != position {
                    Arc::make_mut(caller).position = position;
                } else if new != Some(at) {
                    continue;
                }
                let item = Item::QueueCaller(Arc::clone(caller));
                let is_new = new == Some(at);
                told.push(if is_new { Change::Added(item) } else { Change::Changed(item) });
            }
            told
        });
        told.into_iter().flatten().for_each(|change| self.changed(change));
    }

    pub(super) fn rename_caller(&mut self, unique_id: &str, name: &str) {
        let is_it = |caller: &Arc<QueueCallerInfo>| *caller.unique_id == *unique_id;
        let queue = self.now.queues().find(|it| it.callers.iter().any(is_it));
        let Some(queue) = queue.map(|it| Arc::clone(&it.queue)) else { return };
        let renamed = self.in_queue(&queue, |it| {
            let caller = it.callers.iter_mut().find(|caller| is_it(caller))?;
            Arc::make_mut(caller).channel = name.into();
            Some(Arc::clone(caller))
        });
        if let Some(caller) = renamed.flatten() {
            self.changed(Change::Changed(Item::QueueCaller(caller)));
        }
    }

    /// All queues, or one of them.
    pub(super) fn install_queues(
        &mut self,
        only: Option<&str>,
        items: &[QueueStatusItem],
        now: Moment,
    ) {
        let mut listed = BTreeSet::new();
        for item in items {
            if let QueueStatusItem::Params(params) = item {
                listed.insert(params.queue());
                self.install_queue(params, items, now);
            }
        }
        let is_meant = |queue: &str| only.is_none_or(|only| only == queue);
        let known = self.now.queues.keys();
        let gone = known.filter(|queue| is_meant(queue) && !listed.contains(&***queue));
        for queue in gone.cloned().collect::<Vec<_>>() {
            if let Some(gone) = remove(&mut self.now.queues, &queue) {
                self.changed(Change::Removed(Item::Queue(gone)));
            }
        }
    }

    fn install_queue(&mut self, params: &QueueParams, items: &[QueueStatusItem], now: Moment) {
        let name = params.queue();
        let known = self.now.queues.get(name).cloned();
        let members = items.iter().filter_map(|item| match item {
            QueueStatusItem::Member(member) if member.queue() == name => Some(member),
            _ => None,
        });
        let mut callers: Vec<&QueueEntry> = items
            .iter()
            .filter_map(|item| match item {
                QueueStatusItem::Entry(caller) if caller.queue() == name => Some(caller),
                _ => None,
            })
            .filter(|caller| !self.departed.has(caller.channel().unique_id()))
            .collect();
        callers.sort_by_key(|caller| caller.position());
        let seconds = |time: Option<Duration>| time.unwrap_or_default();
        let info = Arc::new(QueueInfo {
            queue: text(name, known.as_ref().map(|it| &it.queue)),
            max: params.max().unwrap_or(0),
            strategy: params.strategy(),
            hold_time: seconds(params.hold_time()),
            talk_time: seconds(params.talk_time()),
            completed: params.completed().unwrap_or(0),
            abandoned: params.abandoned().unwrap_or(0),
            service_level: seconds(params.service_level()),
            service_level_perf: params.service_level_perf().unwrap_or(0.0),
            service_level_perf2: params.service_level_perf2().unwrap_or(0.0),
            weight: params.weight().unwrap_or(0),
            members: members
                .map(|member| listed_member(member, known.as_deref()))
                .map(|it| (Arc::clone(&it.interface), it))
                .collect(),
            callers: callers
                .into_iter()
                .zip(1..)
                .map(|(caller, position)| listed_caller(caller, position, known.as_deref(), now))
                .collect(),
        });
        if known.as_ref() == Some(&info) {
            return;
        }
        let key = Arc::clone(&info.queue);
        Arc::make_mut(&mut self.now.queues).insert(key, Arc::clone(&info));
        self.shown = None;
        self.tell_queue(known.as_deref(), &info);
    }

    /// Tells what is new in a queue.
    fn tell_queue(&mut self, known: Option<&QueueInfo>, info: &Arc<QueueInfo>) {
        let Some(known) = known else {
            self.changed(Change::Added(Item::Queue(Arc::clone(info))));
            let members = info.members.values().cloned().map(Item::QueueMember);
            let callers = info.callers.iter().cloned().map(Item::QueueCaller);
            members.chain(callers).for_each(|item| self.changed(Change::Added(item)));
            return;
        };
        let numbers = |it: &QueueInfo| QueueInfo {
            members: BTreeMap::new(),
            callers: Vec::new(),
            ..it.clone()
        };
        if numbers(known) != numbers(info) {
            self.changed(Change::Changed(Item::Queue(Arc::clone(info))));
        }
        let members = (known.members.values(), info.members.values());
        self.tell_items(members, |it| &it.interface, Item::QueueMember);
        let callers = (known.callers.iter(), info.callers.iter());
        self.tell_items(callers, |it| &it.unique_id, Item::QueueCaller);
    }

    /// Who has gone first: whoever else stands in the queue has moved up because of that.
    fn tell_items<'a, T: PartialEq + 'a>(
        &mut self,
        (before, after): (impl Iterator<Item = &'a Arc<T>>, impl Iterator<Item = &'a Arc<T>>),
        id: fn(&T) -> &Arc<str>,
        item: fn(Arc<T>) -> Item,
    ) {
        let before: BTreeMap<_, _> = before.map(|it| (id(it), it)).collect();
        let after: Vec<_> = after.collect();
        let staying: BTreeSet<_> = after.iter().map(|it| id(it)).collect();
        for (_, gone) in before.iter().filter(|(id, _)| !staying.contains(*id)) {
            self.changed(Change::Removed(item(Arc::clone(gone))));
        }
        for it in after {
            let told = match before.get(id(it)) {
                None => Change::Added,
                Some(old) if *old == it => continue,
                Some(_) => Change::Changed,
            };
            self.changed(told(item(Arc::clone(it))));
        }
    }
}

fn listed_member(member: &QueueMember, known: Option<&QueueInfo>) -> Arc<QueueMemberInfo> {
    let known = known.and_then(|it| it.members.get(member.location()));
    let ring_inuse = known.and_then(|it| it.ring_inuse);
    Arc::new(member!(member, member.name(), member.location(), ring_inuse))
}

fn listed_caller(
    caller: &QueueEntry,
    position: u32,
    known: Option<&QueueInfo>,
    now: Moment,
) -> Arc<QueueCallerInfo> {
    let view = caller.channel();
    let mut waiting = known.into_iter().flat_map(|it| &it.callers);
    let known = waiting.find(|it| *it.unique_id == *view.unique_id());
    Arc::new(QueueCallerInfo {
        queue: text(caller.queue(), known.map(|it| &it.queue)),
        channel: text(view.channel(), known.map(|it| &it.channel)),
        unique_id: text(view.unique_id(), known.map(|it| &it.unique_id)),
        caller_id_num: maybe(
            view.caller_id_num().filter(|number| *number != UNKNOWN),
            known.and_then(|it| it.caller_id_num.as_ref()),
        ),
        caller_id_name: maybe(
            view.caller_id_name().filter(|name| *name != UNKNOWN),
            known.and_then(|it| it.caller_id_name.as_ref()),
        ),
        position,
        since: known.map_or(now.ago(caller.wait().unwrap_or_default()).wall, |it| it.since),
    })
}
