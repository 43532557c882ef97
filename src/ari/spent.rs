//! Messages that all have seen, on their way back to the thread that made them.
//!
//! In a flood one thread allocates what another would have to free, and the two wait for each other's
//! heap: that costs as much as reading the events does. So what has been seen goes home, and is freed
//! there.

use crossbeam_channel::{Receiver, Sender, bounded};

use super::message::AriMessage;

/// How many reads' messages wait to be freed. More of them are freed where they are.
const KEPT: usize = 8;

/// Where a read brings fewer messages than this, there is no flood, and nothing is kept.
const MANY: usize = 16;

/// The end of the thread that makes messages.
#[derive(Debug)]
pub(super) struct Spent {
    way: Sender<Vec<AriMessage>>,
    arrived: Receiver<Vec<AriMessage>>,
}

/// The way back of one read's messages.
#[derive(Debug)]
pub(super) struct Home {
    way: Sender<Vec<AriMessage>>,
    /// What they were read into is from there as well; otherwise it belongs to who has looked at them.
    has_read: bool,
}

impl Spent {
    pub(super) fn new() -> Self {
        let (way, arrived) = bounded(KEPT);
        Self { way, arrived }
    }

    /// The way back for so many messages, if it is worth it.
    pub(super) fn home(&self, messages: usize, has_read: bool) -> Option<Home> {
        (messages >= MANY).then(|| Home { way: self.way.clone(), has_read })
    }

    /// Frees what has come back; what is left is room for as many.
    pub(super) fn free(&self) -> Vec<AriMessage> {
        let mut room = Vec::new();
        for mut messages in self.arrived.try_iter() {
            messages.clear();
            room = messages;
        }
        room
    }
}

impl Home {
    /// Sends back what all have seen.
    pub(super) fn send(self, mut messages: Vec<AriMessage>) {
        if !self.has_read {
            messages.iter_mut().for_each(AriMessage::unread);
        }
        // If there is no room, or nobody, they are freed here.
        let _ = self.way.try_send(messages);
    }
}
