//! What is gone, so that nothing late brings it back.

use std::collections::{HashSet, VecDeque};

/// The ids of what went last. A list that was made before, or an event that was, may still speak of
/// it.
#[derive(Debug, Default)]
pub(in crate::ami) struct Departed {
    ids: HashSet<Box<str>>,
    order: VecDeque<Box<str>>,
}

/// Far more than can go while a list is on its way.
const REMEMBERED: usize = 16_384;

impl Departed {
    pub(in crate::ami) fn remember(&mut self, id: &str) {
        if self.ids.insert(id.into()) {
            self.order.push_back(id.into());
        }
        if self.order.len() > REMEMBERED {
            if let Some(oldest) = self.order.pop_front() {
                self.ids.remove(&oldest);
            }
        }
    }

    /// Somebody chose the same id again.
    pub(in crate::ami) fn forget(&mut self, id: &str) {
        self.ids.remove(id);
    }

    pub(in crate::ami) fn has(&self, id: &str) -> bool {
        self.ids.contains(id)
    }

    /// After a restart of the server ids may come again.
    pub(in crate::ami) fn clear(&mut self) {
        self.ids.clear();
        self.order.clear();
    }
}
