//! Actions under way: which frame answers which of them, and when it is complete.

use std::fmt;
use std::hash::{BuildHasher, RandomState};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Instant;

use parking_lot::Mutex;

use super::action::ListSpec;
use super::message::{Block, Frame, Message, MessageKind};
use crate::sync::pending::{Pending, Slot, Waited, Wake};

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
}

/// What is kept for an action while its answer is incomplete.
#[derive(Debug)]
pub(crate) struct Call {
    /// Where it stands in the stream of bytes.
    position: u64,
    pub(crate) deadline: Instant,
    collects: Option<ListSpec>,
    response: Option<Message>,
    items: Vec<Message>,
    /// The memory of the items.
    bytes: usize,
    /// Whether the list's end came before its response.
    ended: bool,
    /// Whether it is over and more of it may come.
    given_up: bool,
}

/// How an action ended.
#[derive(Debug)]
pub(crate) struct Outcome {
    pub(crate) response: Option<Message>,
    pub(crate) items: Vec<Message>,
    pub(crate) failure: Option<Failure>,
}

/// Why an answer is not whole.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Failure {
    /// The connection went; whether the action had left by then.
    Disconnected { sent: bool },
    /// The deadline passed; whether the action had left by then.
    TimedOut { sent: bool },
    /// The client was closed.
    Closed,
    /// The answer, or an item of it, was over the limit.
    Oversized,
    /// The items together were over the limit.
    ListTooLarge,
    /// The server broke the list off.
    Cancelled,
}

impl Call {
    pub(crate) fn new(position: u64, deadline: Instant, collects: Option<ListSpec>) -> Self {
        Self {
            position,
            deadline,
            collects,
            response: None,
            items: Vec::new(),
            bytes: 0,
            ended: false,
            given_up: false,
        }
    }

    fn outcome(&mut self, failure: Option<Failure>) -> Outcome {
        Outcome { response: self.response.take(), items: std::mem::take(&mut self.items), failure }
    }

    /// Takes the response; returns the outcome if it is all that comes.
    fn respond(&mut self, response: Message, old_server: bool) -> Option<Outcome> {
        let oversized = response.is_oversized();
        let refused = response.name().eq_ignore_ascii_case("Error");
        let announced =
            response.get("EventList").is_some_and(|word| word.eq_ignore_ascii_case("start"));
        // A server from before Asterisk 12 announces nothing, whatever follows.
        let follows = match self.collects {
            None => false,
            Some(list) => announced || list.unannounced || (old_server && !list.end.is_empty()),
        };
        self.response = Some(response);
        if oversized {
            self.given_up = follows && !self.ended;
            return Some(self.outcome(Some(Failure::Oversized)));
        }
        (refused || !follows || self.ended).then(|| self.outcome(None))
    }

    /// Takes an item or the end of the list; `Err` if the event is neither.
    fn collect(
        &mut self,
        block: &Arc<Block>,
        index: usize,
        limit: usize,
    ) -> Result<Option<Outcome>, ()> {
        let list = self.collects.ok_or(())?;
        let frame = block.frame(index);
        let role = role(block, frame, list).ok_or(())?;
        let message = Message::new(Arc::clone(block), index);
        if frame.oversized {
            self.given_up = role == Role::Item;
            return Ok(Some(self.outcome(Some(Failure::Oversized))));
        }
        match role {
            Role::Item => {
                self.bytes += block.frame_bytes(index);
                self.items.push(message);
                self.given_up = self.bytes > limit;
                Ok(self.given_up.then(|| self.outcome(Some(Failure::ListTooLarge))))
            }
            Role::End => {
                // Some events are the only item of their list and its end in one.
                if list.items.contains(&list.end) {
                    self.items.push(message);
                }
                self.ended = true;
                Ok(self.response.is_some().then(|| self.outcome(None)))
            }
            Role::Cancelled => Ok(Some(self.outcome(Some(Failure::Cancelled)))),
        }
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
        }
    }

    /// A number that no other action of this client has.
    pub(crate) fn next_id(&self) -> u64 {
        self.next.fetch_add(1, Ordering::Relaxed)
    }

    /// The number as `ActionID`: at most 37 bytes of ASCII, because some of Asterisk's buffers cut
    /// at 67.
    pub(crate) fn action_id(&self, id: u64) -> impl fmt::Display + '_ {
        struct Id<'a>(&'a str, u64);
        impl fmt::Display for Id<'_> {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, "{}{}", self.0, self.1)
            }
        }
        Id(&self.prefix, id)
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
        self.pending.insert(id, call)
    }

    /// Waits for the outcome up to the deadline. `handed_over` says how far the bytes have gone.
    pub(crate) fn wait(
        &self,
        id: u64,
        slot: &Slot<Outcome>,
        deadline: Instant,
        handed_over: impl Fn() -> u64,
    ) -> Outcome {
        match self.pending.wait(id, slot, deadline) {
            Waited::Answered(outcome) => outcome,
            Waited::TimedOut(mut call) => {
                self.abandon(id, &call);
                let sent = call.position < handed_over();
                call.outcome(Some(Failure::TimedOut { sent }))
            }
        }
    }

    /// Nobody waits for this one any more.
    pub(crate) fn forget(&self, id: u64) {
        if let Some(call) = self.pending.remove(id) {
            self.abandon(id, &call);
        }
    }

    fn abandon(&self, id: u64, call: &Call) {
        if let Some(list) = call.collects {
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

    /// Ends everything because the client is closed.
    pub(crate) fn close(&self) {
        self.pending.drain(|mut call| call.outcome(Some(Failure::Closed)));
    }

    /// Takes the answers out of a block and returns the indexes of what is left: the news.
    pub(crate) fn route(&self, block: &Arc<Block>, from: usize, old_server: bool) -> Vec<usize> {
        let mut news = Vec::with_capacity(block.len() - from);
        let mut answers = Vec::new();
        let nobody_waits = self.pending.len() == 0 && self.abandoned.lock().is_empty();
        for (index, frame) in block.frames().iter().enumerate().skip(from) {
            let id = match frame.kind {
                MessageKind::Event if nobody_waits => None,
                _ => block.get(frame, "ActionID").and_then(|id| self.id_of(id)),
            };
            match (frame.kind, id) {
                (MessageKind::Event, None) => news.push(index),
                (MessageKind::Event | MessageKind::Response, Some(id)) => answers.push((id, index)),
                (kind, id) => {
                    log::debug!("a frame that answers nothing: {kind:?} with the id {id:?}");
                }
            }
        }
        if !answers.is_empty() {
            self.answer(block, &answers, old_server, &mut news);
        }
        news
    }

    /// Hands answers out. They may be kept for long, so if they are a small part of their block
    /// they get one of their own.
    fn answer(
        &self,
        block: &Arc<Block>,
        answers: &[(u64, usize)],
        old_server: bool,
        news: &mut Vec<usize>,
    ) {
        let bytes: usize = answers.iter().map(|&(_, index)| block.frame_bytes(index)).sum();
        let own = (block.bytes() > 4 * bytes + 1024)
            .then(|| Arc::new(block.select(answers.iter().map(|&(_, index)| index))));
        let mut wakes = Vec::with_capacity(answers.len());
        for (i, &(id, index)) in answers.iter().enumerate() {
            let (block, place) = own.as_ref().map_or((block, index), |own| (own, i));
            match self.deliver(id, block, place, old_server) {
                Ok(wake) => wakes.extend(wake),
                Err(()) => news.push(index),
            }
        }
        news.sort_unstable();
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
