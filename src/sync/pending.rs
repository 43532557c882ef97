//! Requests that wait for their answer: an id, a slot, and one thread that sleeps on it.
//!
//! Locks: the map's lock is taken alone or inside a lock of the caller's; a slot's lock is taken
//! alone. Whoever takes an entry out of the map is the one who fills its slot, so a slot is filled
//! once, and never after its waiter gave up.

use std::collections::HashMap;
use std::time::Instant;

use super::prim::{Arc, Condvar, Mutex};

/// The requests of one connection. `S` is what the reader keeps for a request while its answer is
/// incomplete, `T` the answer.
#[derive(Debug)]
pub(crate) struct Pending<S, T> {
    map: Mutex<HashMap<u64, Entry<S, T>>>,
}

#[derive(Debug)]
struct Entry<S, T> {
    state: S,
    slot: Arc<Slot<T>>,
}

/// Where one answer is put and waited for.
#[derive(Debug)]
pub(crate) struct Slot<T> {
    value: Mutex<Option<T>>,
    filled: Condvar,
}

impl<T> Slot<T> {
    fn fill(&self, value: T) {
        *self.value.lock() = Some(value);
        self.filled.notify_one();
    }

    /// Waits for the answer; `None` at the deadline.
    fn wait(&self, deadline: Option<Instant>) -> Option<T> {
        let mut value = self.value.lock();
        loop {
            if let Some(value) = value.take() {
                return Some(value);
            }
            match deadline {
                None => self.filled.wait(&mut value),
                Some(at) => {
                    if self.filled.wait_until(&mut value, at).timed_out() {
                        return value.take();
                    }
                }
            }
        }
    }
}

/// How a wait ended.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Waited<S, T> {
    /// The answer came.
    Answered(T),
    /// The deadline passed. What had been kept so far; the entry is gone.
    TimedOut(S),
}

impl<S, T> Pending<S, T> {
    pub(crate) fn new() -> Self {
        Self { map: Mutex::new(HashMap::new()) }
    }

    /// How many wait.
    pub(crate) fn len(&self) -> usize {
        self.map.lock().len()
    }

    /// Registers a request before it is sent.
    pub(crate) fn insert(&self, id: u64, state: S) -> Arc<Slot<T>> {
        let slot = Arc::new(Slot { value: Mutex::new(None), filled: Condvar::new() });
        let entry = Entry { state, slot: Arc::clone(&slot) };
        self.map.lock().insert(id, entry);
        slot
    }

    /// Lets `look` see and change what is kept for a request. If it returns an answer, the request
    /// is over and its waiter wakes. `None` if nobody waits for this id.
    pub(crate) fn update<R>(
        &self,
        id: u64,
        look: impl FnOnce(&mut S) -> (R, Option<T>),
    ) -> Option<R> {
        let (seen, done) = {
            let mut map = self.map.lock();
            let entry = map.get_mut(&id)?;
            let (seen, answer) = look(&mut entry.state);
            (seen, answer.and_then(|answer| Some((map.remove(&id)?.slot, answer))))
        };
        if let Some((slot, answer)) = done {
            slot.fill(answer);
        }
        Some(seen)
    }

    /// Looks at all that is kept.
    pub(crate) fn fold<R>(&self, first: R, look: impl Fn(R, &S) -> R) -> R {
        self.map.lock().values().fold(first, |so_far, entry| look(so_far, &entry.state))
    }

    /// Forgets a request; its answer will find nobody.
    pub(crate) fn remove(&self, id: u64) -> Option<S> {
        self.map.lock().remove(&id).map(|entry| entry.state)
    }

    /// Ends every request with an answer made from what was kept for it.
    pub(crate) fn drain(&self, end: impl Fn(S) -> T) {
        let all = std::mem::take(&mut *self.map.lock());
        for entry in all.into_values() {
            entry.slot.fill(end(entry.state));
        }
    }

    /// Waits for an answer up to a deadline.
    pub(crate) fn wait(&self, id: u64, slot: &Slot<T>, deadline: Instant) -> Waited<S, T> {
        if let Some(answer) = slot.wait(Some(deadline)) {
            return Waited::Answered(answer);
        }
        match self.remove(id) {
            Some(state) => Waited::TimedOut(state),
            // Somebody took the entry out and fills the slot this very moment.
            None => match slot.wait(None) {
                Some(answer) => Waited::Answered(answer),
                None => unreachable!("a wait without a deadline ends with an answer"),
            },
        }
    }

    /// The answer, if it is there.
    pub(crate) fn poll(slot: &Slot<T>) -> Option<T> {
        slot.value.lock().take()
    }
}
