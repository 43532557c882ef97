//! Actions under way: which frame answers which of them, and when it is complete.

use std::fmt;
use std::hash::{BuildHasher, RandomState};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Weak};
use std::time::Instant;

use parking_lot::Mutex;

use super::action::ListSpec;
use super::codec::made_up;
use super::message::{Block, Frame, Message, MessageKind};
use super::shares::Shares;
use crate::sync::pending::{Pending, Slot, Waited, Wake, Wakes};

/// Items of lists that were given up still come; so many such lists are remembered, so that none of
/// their items is taken for news.
const ABANDONED: usize = 256;

/// The actions of one client.
#[derive(Debug)]
pub(crate) struct Calls {
    /// Begins every `ActionID` of this client. Ids are visible to every other client of the
    /// server, some of which count from 1.
    prefix: String,
    /// How much memory the items of a list may take.
    list_limit: usize,
    next: AtomicU64,
    pending: Pending<Call, Outcome>,
    abandoned: Mutex<Vec<(u64, ListSpec)>>,
    /// Actions whose answers do not bear their ids, oldest first; some of them may be over. Its lock
    /// is taken before those of the two above, of which one at a time.
    unmarked: Mutex<Vec<(u64, ListSpec)>>,
}

/// An `ActionID` of ours, to be written.
#[derive(Debug, Clone, Copy)]
pub(crate) struct ActionId<'a> {
    pub(super) prefix: &'a str,
    pub(super) number: u64,
}

impl ActionId<'_> {
    /// Past the formatter, which would take longer than all else that a short action has to say.
    pub(super) fn write(self, text: &mut Vec<u8>) {
        text.extend_from_slice(self.prefix.as_bytes());
        text.extend_from_slice(itoa::Buffer::new().format(self.number).as_bytes());
    }
}

impl fmt::Display for ActionId<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}{}", self.prefix, self.number)
    }
}

/// Stands for the id in a frame that has none and may be part of an answer all the same.
const UNMARKED: u64 = 0;

/// What is kept for an action while its answer is incomplete.
#[derive(Debug)]
pub(crate) struct Call {
    /// Where it stands in the stream of bytes, and how many it has.
    position: u64,
    length: u32,
    pub(crate) deadline: Instant,
    response: Option<Message>,
    /// Boxed, since most actions have none and this is moved a few times.
    list: Option<Box<Gathered>>,
    /// Whether it is over and more of it may come.
    given_up: bool,
}

/// What has come of a list.
#[derive(Debug)]
struct Gathered {
    spec: ListSpec,
    items: Vec<Message>,
    /// The memory that the items hold.
    bytes: usize,
    /// The block of the latest item, which counts once.
    latest: Option<Weak<Block>>,
    /// The list's end, if it came before its response.
    end: Option<Message>,
}

/// How an action ended.
#[derive(Debug)]
pub(crate) struct Outcome {
    pub(crate) response: Option<Message>,
    pub(crate) items: Vec<Message>,
    /// The event that ended the list.
    pub(crate) end: Option<Message>,
    pub(crate) failure: Option<Failure>,
}

/// Why an answer is not whole.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Failure {
    /// The connection went; whether the action had left by then.
    Disconnected { sent: bool },
    /// The deadline passed; whether the action had left by then.
    TimedOut { sent: bool },
    /// The answer, or an item of it, was over the limit.
    Oversized,
    /// The items together were over the limit.
    ListTooLarge,
    /// The server broke the list off.
    Cancelled,
}

impl Call {
    pub(crate) fn new(
        position: u64,
        length: usize,
        deadline: Instant,
        collects: Option<ListSpec>,
    ) -> Self {
        let list = collects.map(|spec| Box::new(Gathered::new(spec)));
        // Far shorter: the server takes 128 lines of 1,022 bytes.
        let length = u32::try_from(length).unwrap_or(u32::MAX);
        Self { position, length, deadline, response: None, list, given_up: false }
    }

    /// What it is to collect, if anything.
    fn collects(&self) -> Option<ListSpec> {
        self.list.as_ref().map(|list| list.spec)
    }

    fn outcome(&mut self, failure: Option<Failure>) -> Outcome {
        let response = self.response.take();
        let (items, end) = match &mut self.list {
            Some(list) => (std::mem::take(&mut list.items), list.end.take()),
            None => (Vec::new(), None),
        };
        Outcome { response, items, end, failure }
    }

    /// Takes the response; returns the outcome if it is all that comes.
    fn respond(&mut self, response: Message, old_server: bool) -> Option<Outcome> {
        let oversized = response.is_oversized();
        let Some(list) = self.list.as_deref() else {
            self.response = Some(response);
            return Some(self.outcome(oversized.then_some(Failure::Oversized)));
        };
        let Gathered { spec, .. } = *list;
        let has_ended = list.end.is_some();
        let refused = response.name().eq_ignore_ascii_case("Error");
        let announced =
            || response.get("EventList").is_some_and(|word| word.eq_ignore_ascii_case("start"));
        // A server from before Asterisk 12 announces nothing, whatever follows.
        let follows = spec.unannounced || (old_server && !spec.end.is_empty()) || announced();
        self.response = Some(if spec.text && !refused { list.output() } else { response });
        if oversized {
            self.given_up = follows && !has_ended;
            return Some(self.outcome(Some(Failure::Oversized)));
        }
        (refused || !follows || has_ended).then(|| self.outcome(None))
    }

    /// Takes an item or the end of the list; `Err` if the event is neither.
    fn collect(
        &mut self,
        block: &Arc<Block>,
        index: usize,
        limit: usize,
    ) -> Result<Option<Outcome>, ()> {
        let list = self.list.as_deref_mut().ok_or(())?;
        let frame = block.frame(index);
        let role = role(block, frame, list.spec).ok_or(())?;
        let message = Message::new(Arc::clone(block), index);
        if frame.oversized {
            self.given_up = role == Role::Item;
            return Ok(Some(self.outcome(Some(Failure::Oversized))));
        }
        match role {
            Role::Item => {
                list.add(message, block);
                self.given_up = list.bytes > limit;
                Ok(self.given_up.then(|| self.outcome(Some(Failure::ListTooLarge))))
            }
            Role::End => {
                // Some events are the only item of their list and its end in one.
                if list.spec.items.contains(&list.spec.end) {
                    list.items.push(message.clone());
                }
                list.end = Some(message);
                Ok(self.response.is_some().then(|| self.outcome(None)))
            }
            Role::Cancelled => Ok(Some(self.outcome(Some(Failure::Cancelled)))),
        }
    }
}

impl Gathered {
    fn new(spec: ListSpec) -> Self {
        Self { spec, items: Vec::new(), bytes: 0, latest: None, end: None }
    }

    fn add(&mut self, item: Message, block: &Arc<Block>) {
        let is_latest = |latest: &Weak<Block>| std::ptr::eq(latest.as_ptr(), Arc::as_ptr(block));
        if !self.latest.as_ref().is_some_and(is_latest) {
            self.bytes += block.bytes();
            self.latest = Some(Arc::downgrade(block));
        }
        self.items.push(item);
    }

    /// The text that came, in the form of the answer to `Command`.
    fn output(&self) -> Message {
        let mut text = String::from("Response: Success\r\n");
        for line in self.items.iter().flat_map(|item| item.text().lines()) {
            if !line.is_empty() {
                text.extend(["Output: ", line, "\r\n"]);
            }
        }
        text.push_str("\r\n");
        made_up(text.as_bytes())
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Role {
    Item,
    End,
    Cancelled,
}

/// What an event that bears the action's id is to its list. Some events bear the id of whoever
/// caused them and go to everybody; those are news.
fn role(block: &Block, frame: &Frame, list: ListSpec) -> Option<Role> {
    if frame.kind == MessageKind::Other {
        return list.text.then_some(Role::Item);
    }
    let name = block.first_value(frame);
    let is = |other: &&str| name.eq_ignore_ascii_case(other);
    match block.get(frame, "EventList").map(str::to_ascii_lowercase).as_deref() {
        Some("complete") => return Some(Role::End),
        Some("cancelled" | "canceled") => return Some(Role::Cancelled),
        _ => {}
    }
    if !list.end.is_empty() && is(&list.end) {
        return Some(Role::End);
    }
    let item = if list.items.is_empty() {
        !["UserEvent", "OriginateResponse"].iter().any(is)
    } else {
        list.items.iter().any(is)
    };
    item.then_some(Role::Item)
}

impl Calls {
    pub(crate) fn new(list_limit: usize) -> Self {
        let random = RandomState::new().hash_one(Instant::now());
        Self {
            prefix: format!("{random:016x}-"),
            list_limit,
            next: AtomicU64::new(1),
            pending: Pending::new(),
            abandoned: Mutex::new(Vec::new()),
            unmarked: Mutex::new(Vec::new()),
        }
    }

    /// A number that no other action of this client has.
    pub(crate) fn next_id(&self) -> u64 {
        self.next.fetch_add(1, Ordering::Relaxed)
    }

    /// The number as `ActionID`: at most 37 bytes of ASCII, because some of Asterisk's buffers cut
    /// at 67.
    pub(crate) fn action_id(&self, id: u64) -> ActionId<'_> {
        ActionId { prefix: &self.prefix, number: id }
    }

    fn id_of(&self, action_id: &str) -> Option<u64> {
        action_id.strip_prefix(&*self.prefix)?.parse().ok()
    }

    /// How many wait for an answer.
    pub(crate) fn in_flight(&self) -> usize {
        self.pending.len()
    }

    /// Whether an answer to what was sent before this position is still allowed to take its time.
    pub(crate) fn is_patient(&self, now: Instant, before: u64) -> bool {
        self.pending
            .fold(false, |patient, call| patient || (call.position < before && call.deadline > now))
    }

    pub(crate) fn insert(&self, id: u64, call: Call) -> Arc<Slot<Outcome>> {
        let list = call.collects().filter(|list| list.unmarked || list.text);
        let slot = self.pending.insert(id, call);
        if let Some(list) = list {
            self.unmarked.lock().push((id, list));
        }
        slot
    }

    /// The actions under way whose answers do not bear their ids.
    fn unmarked(&self) -> Vec<(u64, ListSpec)> {
        let mut unmarked = self.unmarked.lock();
        unmarked.retain(|(id, _)| {
            self.pending.contains(*id) || self.abandoned.lock().iter().any(|(old, _)| old == id)
        });
        unmarked.clone()
    }

    /// Waits for the outcome up to the deadline. `withdraw` takes back what has not left, by its
    /// position and length; `false` if it may have.
    pub(crate) fn wait(
        &self,
        id: u64,
        slot: &Slot<Outcome>,
        deadline: Instant,
        withdraw: impl Fn(u64, usize) -> bool,
    ) -> Outcome {
        // Noted before it is gone: an item that comes in between would be taken for news.
        match self.pending.wait(id, slot, deadline, |call| self.abandon(id, call)) {
            Waited::Answered(outcome) => outcome,
            Waited::TimedOut(mut call) => {
                let sent = !withdraw(call.position, call.length as usize);
                call.outcome(Some(Failure::TimedOut { sent }))
            }
        }
    }

    /// Nobody waits for this one any more.
    pub(crate) fn forget(&self, id: u64) {
        self.pending.remove(id, |call| self.abandon(id, call));
    }

    fn abandon(&self, id: u64, call: &Call) {
        if let Some(list) = call.collects() {
            let mut abandoned = self.abandoned.lock();
            if abandoned.len() == ABANDONED {
                abandoned.remove(0);
            }
            abandoned.push((id, list));
        }
    }

    /// Ends everything; what was registered before `handed_over` may have left.
    pub(crate) fn disconnect(&self, handed_over: u64) {
        self.abandoned.lock().clear();
        self.pending.drain(|mut call| {
            let sent = call.position < handed_over;
            call.outcome(Some(Failure::Disconnected { sent }))
        });
    }

    /// Takes the answers out of a block and returns the indexes of what is left, the news, and the
    /// answers, for when the news are told: who has an answer has been told all that came before.
    pub(crate) fn route(
        &self,
        block: &Arc<Block>,
        from: usize,
        old_server: bool,
    ) -> (Vec<usize>, Wakes<Outcome>) {
        let mut news = Vec::with_capacity(block.len() - from);
        let mut answers = Vec::new();
        let nobody_waits = self.pending.len() == 0 && self.abandoned.lock().is_empty();
        let unmarked = if nobody_waits { Vec::new() } else { self.unmarked() };
        for (index, frame) in block.frames().iter().enumerate().skip(from) {
            let id = match frame.kind {
                MessageKind::Event if nobody_waits => None,
                _ => block.get(frame, "ActionID").and_then(|id| self.id_of(id)),
            };
            let is_unmarked =
                || unmarked.iter().any(|&(_, list)| role(block, frame, list).is_some());
            match (frame.kind, id) {
                (MessageKind::Event | MessageKind::Other, None)
                    if !unmarked.is_empty() && is_unmarked() =>
                {
                    answers.push((UNMARKED, index));
                }
                (MessageKind::Event, None) => news.push(index),
                (MessageKind::Event | MessageKind::Response, Some(id)) => answers.push((id, index)),
                (kind, id) => {
                    log::debug!("a frame that answers nothing: {kind:?} with the id {id:?}");
                }
            }
        }
        let mut wakes = Wakes::new();
        if !answers.is_empty() {
            wakes = self.answer(block, &answers, old_server, &mut news);
        }
        (news, wakes)
    }

    /// Finds out whose the answers are; those that nobody takes are news.
    fn answer(
        &self,
        block: &Arc<Block>,
        answers: &[(u64, usize)],
        old_server: bool,
        news: &mut Vec<usize>,
    ) -> Wakes<Outcome> {
        let mut shares = Shares::new(block, answers);
        let mut wakes = Wakes::new();
        for &(id, index) in answers {
            let (block, place) = shares.hand_out(id, index);
            let delivered = match id {
                UNMARKED => self.deliver_unmarked(&block, place, old_server),
                _ => self.deliver(id, &block, place, old_server),
            };
            match delivered {
                Ok(wake) => wakes.extend(wake),
                Err(()) => news.push(index),
            }
        }
        news.sort_unstable();
        wakes
    }

    /// One frame without an id to the oldest call that it can be part of.
    fn deliver_unmarked(
        &self,
        block: &Arc<Block>,
        index: usize,
        old_server: bool,
    ) -> Result<Option<Wake<Outcome>>, ()> {
        let calls = self.unmarked();
        let mut calls = calls
            .iter()
            .filter(|&&(_, list)| role(block, block.frame(index), list) == Some(Role::Item));
        calls.find_map(|&(id, _)| self.deliver(id, block, index, old_server).ok()).ok_or(())
    }

    /// One frame to the call with this id, and whom to wake if it was the last; `Err` if it is news.
    fn deliver(
        &self,
        id: u64,
        block: &Arc<Block>,
        index: usize,
        old_server: bool,
    ) -> Result<Option<Wake<Outcome>>, ()> {
        let frame = block.frame(index);
        let taken = self.pending.update(id, |call| {
            let outcome = if frame.kind == MessageKind::Response {
                Ok(call.respond(Message::new(Arc::clone(block), index), old_server))
            } else {
                call.collect(block, index, self.list_limit)
            };
            if call.given_up {
                self.abandon(id, call);
            }
            match outcome {
                Ok(outcome) => (Ok(()), outcome),
                Err(()) => (Err(()), None),
            }
        });
        match taken {
            Some((taken, wake)) => taken.map(|()| wake),
            None => self.late(id, block, frame).map(|()| None),
        }
    }

    /// A frame for a call that nobody waits for: dropped if it is part of an answer.
    fn late(&self, id: u64, block: &Block, frame: &Frame) -> Result<(), ()> {
        if frame.kind == MessageKind::Response {
            log::debug!("a late answer was dropped");
            // Behind text there is nothing more.
            self.abandoned.lock().retain(|(old, list)| *old != id || !list.text);
            return Ok(());
        }
        let mut abandoned = self.abandoned.lock();
        let i = abandoned.iter().position(|(other, _)| *other == id).ok_or(())?;
        match role(block, frame, abandoned[i].1).ok_or(())? {
            Role::Item => {}
            Role::End | Role::Cancelled => drop(abandoned.remove(i)),
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Barrier;
    use std::thread;

    use super::*;
    use crate::ami::codec::Decoder;

    const LIST: ListSpec = ListSpec::new(&["Item"], "ItemsComplete");

    fn gathered(call: &Call) -> &Gathered {
        call.list.as_deref().unwrap()
    }

    fn block(text: &str) -> Arc<Block> {
        Arc::new(Decoder::new(1 << 20).push(text.as_bytes()).unwrap())
    }

    fn item(calls: &Calls, id: u64, filling: usize) -> String {
        let fill = "x".repeat(filling);
        format!("Event: Item\r\nActionID: {}\r\nFill: {fill}\r\n\r\n", calls.action_id(id))
    }

    #[test]
    fn an_item_is_never_news_however_it_meets_the_end_of_its_lists_time() {
        let calls = Calls::new(usize::MAX);
        for _ in 0..3000 {
            let id = calls.next_id();
            let slot = calls.insert(id, Call::new(0, 0, Instant::now(), Some(LIST)));
            let block = block(&item(&calls, id, 0));
            let start = Barrier::new(2);
            thread::scope(|scope| {
                scope.spawn(|| {
                    start.wait();
                    calls.wait(id, &slot, Instant::now(), |_, _| true)
                });
                start.wait();
                assert_eq!(calls.route(&block, 0, false).0, [0_usize; 0]);
            });
        }
    }

    #[test]
    fn a_lists_limit_is_on_what_its_items_hold_and_not_on_how_small_they_are() {
        let calls = Calls::new(20_000);
        let deadline = Instant::now() + std::time::Duration::from_secs(60);
        let (small, large) = (calls.next_id(), calls.next_id());
        for id in [small, large] {
            calls.insert(id, Call::new(0, 0, deadline, Some(LIST)));
        }
        // Among the items of a large list those of a small one get memory of their own.
        for _ in 0..10 {
            let text = item(&calls, large, 1500) + &item(&calls, small, 0);
            assert!(calls.route(&block(&text), 0, false).0.is_empty());
        }
        assert_eq!(
            calls.pending.update(small, |call| (gathered(call).items.len(), None)).unwrap().0,
            10
        );
        for id in [small, large] {
            let (held, counted) = calls
                .pending
                .update(id, |call| {
                    let list = gathered(call);
                    let held: usize = list.items.iter().map(Message::block_bytes).sum();
                    ((held, list.bytes), None)
                })
                .unwrap()
                .0;
            assert!(held <= counted && counted <= 20_000, "{held} of {counted}");
        }
        // Until there is no room for more.
        for _ in 0..10 {
            drop(calls.route(&block(&item(&calls, large, 1500)), 0, false));
        }
        assert!(calls.pending.update(large, |_| ((), None)).is_none());
        assert!(calls.pending.update(small, |_| ((), None)).is_some());
    }
}
