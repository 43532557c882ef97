//! What answers keep of the block they arrived in.

use std::sync::Arc;

use super::message::{Block, MessageKind};

/// The answers of one read, as they are handed out.
///
/// They may be kept for long, so if they are a small part of their block they get one of their own.
/// So do the items of one list among those of others, since a list's limit is on what it holds.
pub(super) struct Shares<'a> {
    block: &'a Arc<Block>,
    answers: &'a [(u64, usize)],
    /// Whether there are items of more than one list.
    are_several: bool,
    taken: Vec<Share>,
}

/// Some of the answers.
struct Share {
    whose: u64,
    own: Option<Arc<Block>>,
    handed_out: usize,
}

/// Whose everything is that need not be told apart.
const ANYBODY: u64 = 0;

impl<'a> Shares<'a> {
    /// Answers are the id of the action and the number of the frame, in the order of the frames.
    pub(super) fn new(block: &'a Arc<Block>, answers: &'a [(u64, usize)]) -> Self {
        let mut lists =
            answers.iter().filter(|(_, index)| is_item(block, *index)).map(|(id, _)| id);
        let first = lists.next();
        let are_several = lists.any(|id| Some(id) != first);
        Self { block, answers, are_several, taken: Vec::new() }
    }

    /// The next answer, and where it is kept. They have to be asked for in their order.
    pub(super) fn hand_out(&mut self, id: u64, index: usize) -> (Arc<Block>, usize) {
        let whose = self.whose(id, index);
        let at = self.taken.iter().position(|share| share.whose == whose).unwrap_or_else(|| {
            let own = self.own(whose);
            self.taken.push(Share { whose, own, handed_out: 0 });
            self.taken.len() - 1
        });
        let share = &mut self.taken[at];
        let place = share.handed_out;
        share.handed_out += 1;
        match &share.own {
            Some(own) => (Arc::clone(own), place),
            None => (Arc::clone(self.block), index),
        }
    }

    fn whose(&self, id: u64, index: usize) -> u64 {
        if self.are_several && is_item(self.block, index) { id } else { ANYBODY }
    }

    fn own(&self, whose: u64) -> Option<Arc<Block>> {
        let picks = || {
            let theirs = self.answers.iter().filter(|&&(id, index)| self.whose(id, index) == whose);
            theirs.map(|&(_, index)| index)
        };
        let bytes: usize = picks().map(|index| self.block.frame_bytes(index)).sum();
        (self.block.bytes() > 4 * bytes + 1024).then(|| Arc::new(self.block.select(picks())))
    }
}

fn is_item(block: &Block, index: usize) -> bool {
    block.frame(index).kind == MessageKind::Event
}
