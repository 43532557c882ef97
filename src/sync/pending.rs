//! Requests that wait for their answer: an id, a slot, and one thread that sleeps on it.
//!
//! Locks: the map's lock is taken alone or inside a lock of the caller's; a slot's lock is taken
//! alone. Whoever takes an entry out of the map is the one who fills its slot, so a slot is filled
//! once, and never after its waiter gave up.

use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::hash::{BuildHasherDefault, Hasher};
use std::time::Instant;

use super::prim::{Arc, Condvar, Mutex, wait_for, yield_now};

/// How often a waiter gives way before it sleeps. An answer over loopback or a fast network is there
/// by then more often than not, and nobody has to be put to sleep and woken; on a slow one this is
/// a microsecond.
const YIELDS: usize = 3;

/// The requests of one connection. `S` is what the reader keeps for a request while its answer is
/// incomplete, `T` the answer.
#[derive(Debug)]
pub(crate) struct Pending<S, T> {
    map: Mutex<HashMap<u64, Waiting<S, T>, BuildHasherDefault<IdHasher>>>,
}

#[derive(Debug)]
struct Waiting<S, T> {
    state: S,
    slot: Arc<Slot<T>>,
}

/// Where one answer is put and waited for.
#[derive(Debug)]
pub(crate) struct Slot<T> {
    value: Mutex<Option<T>>,
    filled: Condvar,
}

/// Ids count up, and no peer chooses which are in the map: one multiplication spreads them.
#[derive(Default)]
struct IdHasher(u64);

impl Hasher for IdHasher {
    fn write(&mut self, bytes: &[u8]) {
        for byte in bytes {
            self.write_u64(u64::from(*byte));
        }
    }

    fn write_u64(&mut self, id: u64) {
        self.0 = (self.0 ^ id).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    }

    fn finish(&self) -> u64 {
        self.0
    }
}

/// An answer on its way to who waits for it: it is there when this is dropped, and no sooner.
#[derive(Debug)]
pub(crate) struct Wake<T> {
    slot: Arc<Slot<T>>,
    answer: Option<T>,
}

impl<T> Wake<T> {
    fn fill(&mut self) {
        if let Some(answer) = self.answer.take() {
            *self.slot.value.lock() = Some(answer);
        }
    }
}

impl<T> Drop for Wake<T> {
    fn drop(&mut self) {
        self.fill();
        self.slot.filled.notify_one();
    }
}

/// Answers that arrive together: all are there before the first waiter is woken, so that he finds
/// those to his other requests, too.
#[derive(Debug)]
#[must_use = "the answers arrive when this is dropped"]
pub(crate) struct Wakes<T>(Vec<Wake<T>>);

impl<T> Wakes<T> {
    pub(crate) fn new() -> Self {
        Self(Vec::new())
    }

    pub(crate) fn extend(&mut self, wakes: impl IntoIterator<Item = Wake<T>>) {
        self.0.extend(wakes);
    }
}

impl<T> Drop for Wakes<T> {
    fn drop(&mut self) {
        self.0.iter_mut().for_each(Wake::fill);
    }
}

impl<T> Slot<T> {
    fn fill(self: Arc<Self>, value: T) -> Wake<T> {
        Wake { slot: self, answer: Some(value) }
    }

    /// Waits for the answer, however long it takes.
    fn wait(&self) -> T {
        wait_for(&self.filled, self.value.lock(), Option::take)
    }

    /// Waits for the answer; `None` at the deadline.
    fn wait_until(&self, deadline: Instant) -> Option<T> {
        for _ in 0..YIELDS {
            if let Some(value) = self.value.lock().take() {
                return Some(value);
            }
            yield_now();
        }
        let mut value = self.value.lock();
        while value.is_none() && !self.filled.wait_until(&mut value, deadline).timed_out() {}
        value.take()
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
        Self { map: Mutex::new(HashMap::default()) }
    }

    /// How many wait.
    pub(crate) fn len(&self) -> usize {
        self.map.lock().len()
    }

    /// Whether somebody waits for this id.
    pub(crate) fn contains(&self, id: u64) -> bool {
        self.map.lock().contains_key(&id)
    }

    /// Registers a request before it is sent.
    pub(crate) fn insert(&self, id: u64, state: S) -> Arc<Slot<T>> {
        let slot = Arc::new(Slot { value: Mutex::new(None), filled: Condvar::new() });
        let entry = Waiting { state, slot: Arc::clone(&slot) };
        self.map.lock().insert(id, entry);
        slot
    }

    /// Lets `look` see and change what is kept for a request. If it returns an answer, the request
    /// is over and its waiter wakes when the caller likes. `None` if nobody waits for this id.
    pub(crate) fn update<R>(
        &self,
        id: u64,
        look: impl FnOnce(&mut S) -> (R, Option<T>),
    ) -> Option<(R, Option<Wake<T>>)> {
        let (seen, done) = {
            let mut map = self.map.lock();
            let Entry::Occupied(mut waiting) = map.entry(id) else { return None };
            let (seen, answer) = look(&mut waiting.get_mut().state);
            (seen, answer.map(|answer| (waiting.remove().slot, answer)))
        };
        Some((seen, done.map(|(slot, answer)| slot.fill(answer))))
    }

    /// Looks at all that is kept.
    pub(crate) fn fold<R>(&self, first: R, look: impl Fn(R, &S) -> R) -> R {
        self.map.lock().values().fold(first, |so_far, entry| look(so_far, &entry.state))
    }

    /// Forgets a request; its answer will find nobody. `note` sees what was kept for it before
    /// anybody can find it gone.
    pub(crate) fn remove(&self, id: u64, note: impl FnOnce(&S)) -> Option<S> {
        let mut map = self.map.lock();
        let entry = map.remove(&id)?;
        note(&entry.state);
        Some(entry.state)
    }

    /// Ends every request with an answer made from what was kept for it.
    pub(crate) fn drain(&self, end: impl Fn(S) -> T) {
        let all = std::mem::take(&mut *self.map.lock());
        for entry in all.into_values() {
            drop(entry.slot.fill(end(entry.state)));
        }
    }

    /// Waits for an answer up to a deadline. If that passes, `note` sees what was kept, as in
    /// [`remove`](Self::remove).
    pub(crate) fn wait(
        &self,
        id: u64,
        slot: &Slot<T>,
        deadline: Instant,
        note: impl FnOnce(&S),
    ) -> Waited<S, T> {
        if let Some(answer) = slot.wait_until(deadline) {
            return Waited::Answered(answer);
        }
        match self.remove(id, note) {
            Some(state) => Waited::TimedOut(state),
            // Somebody took the entry out and fills the slot this very moment.
            None => Waited::Answered(slot.wait()),
        }
    }

    /// The answer, if it is there.
    #[cfg_attr(not(feature = "ami"), allow(dead_code, reason = "for AMI"))]
    pub(crate) fn poll(slot: &Slot<T>) -> Option<T> {
        slot.value.lock().take()
    }
}

#[cfg(all(test, not(loom)))]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn an_answer_after_the_deadline_finds_nobody() {
        let pending = Pending::<&str, u8>::new();
        let slot = pending.insert(1, "kept");
        assert_eq!(pending.wait(1, &slot, Instant::now(), |_| ()), Waited::TimedOut("kept"));
        assert!(pending.update(1, |_| ((), Some(9))).is_none());
        assert_eq!(pending.len(), 0);
    }

    #[test]
    fn an_answer_wakes_its_own_waiter() {
        let pending = Pending::<(), u8>::new();
        let deadline = Instant::now() + Duration::from_secs(60);
        std::thread::scope(|scope| {
            for id in 0..8 {
                let slot = pending.insert(id, ());
                let pending = &pending;
                scope.spawn(move || {
                    let answer = Waited::Answered(u8::try_from(id).unwrap());
                    assert_eq!(pending.wait(id, &slot, deadline, |()| ()), answer);
                });
            }
            for id in (0..8).rev() {
                pending.update(id, |()| ((), Some(u8::try_from(id).unwrap())));
            }
        });
    }
}

/// Every interleaving of a waiter that may give up, an answer, and the end of the connection.
#[cfg(all(test, loom))]
mod models {
    use loom::thread;

    use super::*;

    #[test]
    fn an_answer_and_a_deadline_meet_and_exactly_one_of_them_wins() {
        loom::model(|| {
            let pending = Arc::new(Pending::<u8, u8>::new());
            let slot = pending.insert(1, 7);
            let answering = Arc::clone(&pending);
            let answerer = thread::spawn(move || answering.update(1, |_| ((), Some(9))).is_some());
            let waited = pending.wait(1, &slot, Instant::now(), |_| ());
            let taken = answerer.join().unwrap();
            let expected = if taken { Waited::Answered(9) } else { Waited::TimedOut(7) };
            assert_eq!(waited, expected);
            assert_eq!(pending.len(), 0);
        });
    }

    #[test]
    fn a_lost_connection_and_an_answer_meet_and_the_waiter_hears_one_of_them() {
        loom::model(|| {
            let pending = Arc::new(Pending::<u8, u8>::new());
            let slot = pending.insert(1, 7);
            let (one, other) = (Arc::clone(&pending), Arc::clone(&pending));
            let reader = thread::spawn(move || one.update(1, |_| ((), Some(9))).is_some());
            let closer = thread::spawn(move || other.drain(|_| 0));
            let answer = slot.wait();
            let taken = reader.join().unwrap();
            closer.join().unwrap();
            assert_eq!(answer, if taken { 9 } else { 0 });
        });
    }

    #[test]
    fn an_answer_in_two_parts_is_whole_when_the_waiter_wakes() {
        loom::model(|| {
            let pending = Arc::new(Pending::<u8, u8>::new());
            let slot = pending.insert(1, 0);
            let reading = Arc::clone(&pending);
            let reader = thread::spawn(move || {
                for part in [1, 2] {
                    reading.update(1, |sum| {
                        *sum += part;
                        ((), (part == 2).then_some(*sum))
                    });
                }
            });
            assert_eq!(slot.wait(), 3);
            reader.join().unwrap();
        });
    }
}
