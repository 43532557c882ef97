//! What may be handled at the same time, and what has to wait for what.
//!
//! Every event has keys. Two events that share one are handled one after the other, in the order in
//! which they came; so are two that a third one, between them, shares keys with. Such events wait in
//! one lane, and where an event belongs to two lanes they become one. A key is known only while an
//! event that has it is not done, so what is kept is bounded by what waits; and after that there is
//! nothing left whose turn could be missed.
//!
//! Every event has a home, too: the one of so many threads that handles it.

use std::collections::{HashMap, VecDeque};

/// Events that wait for their turn, and those whose turn it is. No threads, no locks.
#[derive(Debug)]
pub(crate) struct Lanes<E> {
    by_id: HashMap<u64, Lane<E>>,
    /// Which lane a key belongs to, and how many events of it have the key.
    keys: HashMap<u64, (u64, usize)>,
    /// For each home the lanes whose next event may be handled there; some may have changed since.
    ready: Vec<VecDeque<u64>>,
    /// Where lanes went that became part of another while so many of their events were handled.
    moved: HashMap<u64, (u64, usize)>,
    next_lane: u64,
    next_number: u64,
    waiting: usize,
    running: usize,
}

#[derive(Debug)]
struct Lane<E> {
    waiting: VecDeque<Entry<E>>,
    /// Events that are being handled: one, or several after lanes became one.
    running: Vec<(u64, Vec<u64>)>,
    /// Whose `ready` it is in; what else has it there is of no use any more.
    listed: Option<usize>,
}

#[derive(Debug)]
struct Entry<E> {
    number: u64,
    home: usize,
    keys: Vec<u64>,
    event: E,
}

/// Where an event belongs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Place {
    /// Events with the same one are handled by the same thread.
    pub(crate) home: u64,
    pub(crate) keys: Vec<u64>,
}

/// An event that is being handled.
#[derive(Debug)]
#[must_use = "its lane waits until it is done"]
pub(crate) struct Turn {
    lane: u64,
    number: u64,
}

impl<E> Lanes<E> {
    /// With so many homes, at least one.
    pub(crate) fn new(homes: usize) -> Self {
        Self {
            by_id: HashMap::new(),
            keys: HashMap::new(),
            ready: (0..homes.max(1)).map(|_| VecDeque::new()).collect(),
            moved: HashMap::new(),
            next_lane: 0,
            next_number: 0,
            waiting: 0,
            running: 0,
        }
    }

    /// How many wait for their turn.
    pub(crate) fn waiting(&self) -> usize {
        self.waiting
    }

    /// Whether none waits and none is being handled.
    pub(crate) fn is_idle(&self) -> bool {
        self.waiting == 0 && self.running == 0
    }

    /// Takes an event. Without a key it waits for none and none for it. Returns whose turn has come,
    /// if somebody's has.
    pub(crate) fn push(&mut self, place: Place, event: E) -> Option<usize> {
        let Place { home, mut keys } = place;
        let home = usize::try_from(home % self.ready.len() as u64).unwrap_or(0);
        keys.sort_unstable();
        keys.dedup();
        let mut target = None;
        for key in &keys {
            let Some(&(lane, _)) = self.keys.get(key) else { continue };
            match target {
                None => target = Some(lane),
                Some(target) => self.join(lane, target),
            }
        }
        let id = target.unwrap_or_else(|| {
            self.next_lane += 1;
            self.next_lane
        });
        for &key in &keys {
            self.keys.entry(key).or_insert((id, 0)).1 += 1;
        }
        let number = self.next_number;
        self.next_number += 1;
        self.waiting += 1;
        let lane = self.by_id.entry(id).or_insert_with(Lane::new);
        lane.waiting.push_back(Entry { number, home, keys, event });
        self.list(id)
    }

    /// The next event of this home whose turn has come.
    pub(crate) fn next(&mut self, home: usize) -> Option<(Turn, E)> {
        while let Some(id) = self.ready[home].pop_front() {
            let Some(lane) = self.by_id.get_mut(&id).filter(|lane| lane.listed == Some(home))
            else {
                continue;
            };
            lane.listed = None;
            if !lane.running.is_empty() {
                continue;
            }
            let Some(Entry { number, keys, event, .. }) = lane.waiting.pop_front() else {
                continue;
            };
            lane.running.push((number, keys));
            self.waiting -= 1;
            self.running += 1;
            return Some((Turn { lane: id, number }, event));
        }
        None
    }

    /// The event is done, and the next of its lane may follow; returns where.
    #[expect(clippy::needless_pass_by_value, reason = "a turn that is over cannot be used again")]
    pub(crate) fn done(&mut self, turn: Turn) -> Option<usize> {
        let Turn { lane: mut id, number: done } = turn;
        while let Some((to, left)) = self.moved.get_mut(&id) {
            let to = *to;
            *left -= 1;
            if *left == 0 {
                self.moved.remove(&id);
            }
            id = to;
        }
        let lane = self.by_id.get_mut(&id)?;
        let i = lane.running.iter().position(|(number, _)| *number == done)?;
        let (_, keys) = lane.running.swap_remove(i);
        self.running -= 1;
        if lane.running.is_empty() && lane.waiting.is_empty() {
            self.by_id.remove(&id);
        }
        for key in keys {
            if let Some((_, events)) = self.keys.get_mut(&key) {
                *events -= 1;
                if *events == 0 {
                    self.keys.remove(&key);
                }
            }
        }
        self.list(id)
    }

    /// Makes one lane part of another, everything in the order in which it came.
    fn join(&mut self, from: u64, to: u64) {
        if from == to {
            return;
        }
        let Some(from_lane) = self.by_id.remove(&from) else { return };
        let Some(lane) = self.by_id.get_mut(&to) else { return };
        let waiting = from_lane.waiting.iter().map(|entry| &entry.keys);
        for key in waiting.chain(from_lane.running.iter().map(|(_, keys)| keys)).flatten() {
            if let Some((lane, _)) = self.keys.get_mut(key) {
                *lane = to;
            }
        }
        if !from_lane.running.is_empty() {
            self.moved.insert(from, (to, from_lane.running.len()));
        }
        lane.running.extend(from_lane.running);
        let mut theirs = from_lane.waiting.into_iter().peekable();
        let mut both = VecDeque::with_capacity(lane.waiting.len() + theirs.len());
        for entry in lane.waiting.drain(..) {
            while let Some(earlier) = theirs.next_if(|other| other.number < entry.number) {
                both.push_back(earlier);
            }
            both.push_back(entry);
        }
        both.extend(theirs);
        lane.waiting = both;
    }

    fn list(&mut self, id: u64) -> Option<usize> {
        let lane = self.by_id.get_mut(&id).filter(|lane| lane.running.is_empty())?;
        let home = lane.waiting.front()?.home;
        // What has become its next may belong elsewhere than what was.
        if lane.listed != Some(home) {
            lane.listed = Some(home);
            self.ready[home].push_back(id);
        }
        Some(home)
    }
}

impl<E> Lane<E> {
    fn new() -> Self {
        Self { waiting: VecDeque::new(), running: Vec::new(), listed: None }
    }
}

#[cfg(all(test, not(loom)))]
mod tests {
    use super::*;

    fn next(lanes: &mut Lanes<&'static str>) -> (Option<Turn>, &'static str) {
        match lanes.next(0) {
            Some((turn, event)) => (Some(turn), event),
            None => (None, ""),
        }
    }

    fn place(keys: &[u64]) -> Place {
        Place { home: 0, keys: keys.to_vec() }
    }

    fn done(lanes: &mut Lanes<&'static str>, turn: Option<Turn>) {
        lanes.done(turn.expect("a turn"));
    }

    #[test]
    fn one_key_is_one_at_a_time_and_another_goes_beside_it() {
        let mut lanes = Lanes::new(1);
        lanes.push(place(&[1]), "a1");
        lanes.push(place(&[1]), "a2");
        lanes.push(place(&[2]), "b1");
        let (a, name) = next(&mut lanes);
        assert_eq!(name, "a1");
        let (b, name) = next(&mut lanes);
        assert_eq!(name, "b1");
        assert!(lanes.next(0).is_none());
        done(&mut lanes, a);
        let (a, name) = next(&mut lanes);
        assert_eq!(name, "a2");
        done(&mut lanes, b);
        done(&mut lanes, a);
        assert!(lanes.is_idle());
    }

    #[test]
    fn an_event_of_two_lanes_waits_for_both_and_what_comes_later_waits_for_it() {
        let mut lanes = Lanes::new(1);
        for (keys, event) in
            [(&[1][..], "a"), (&[2], "b"), (&[1, 2], "both"), (&[2], "b2"), (&[1], "a2")]
        {
            lanes.push(place(keys), event);
        }
        // Both were waiting; now they are one lane, in the order in which they came.
        for expected in ["a", "b", "both", "b2", "a2"] {
            let (turn, name) = next(&mut lanes);
            assert_eq!(name, expected);
            assert!(lanes.next(0).is_none(), "{expected} is alone");
            done(&mut lanes, turn);
        }
        assert!(lanes.is_idle());
    }

    #[test]
    fn lanes_that_become_one_while_both_are_at_work_wait_for_both() {
        let mut lanes = Lanes::new(1);
        lanes.push(place(&[1]), "a");
        lanes.push(place(&[2]), "b");
        lanes.push(place(&[3]), "c");
        let (a, _) = next(&mut lanes);
        let (b, _) = next(&mut lanes);
        let (c, _) = next(&mut lanes);
        lanes.push(place(&[1, 2]), "ab");
        lanes.push(place(&[2, 3]), "bc");
        done(&mut lanes, b);
        assert!(lanes.next(0).is_none());
        done(&mut lanes, c);
        assert!(lanes.next(0).is_none());
        done(&mut lanes, a);
        let (turn, name) = next(&mut lanes);
        assert_eq!(name, "ab");
        done(&mut lanes, turn);
        let (turn, name) = next(&mut lanes);
        assert_eq!(name, "bc");
        done(&mut lanes, turn);
        assert!(lanes.is_idle());
    }

    #[test]
    fn each_home_gets_its_own_and_waits_for_what_comes_before() {
        let mut lanes = Lanes::new(2);
        let place = |home, keys: &[u64]| Place { home, keys: keys.to_vec() };
        assert_eq!(lanes.push(place(5, &[1]), "a"), Some(1));
        assert_eq!(lanes.push(place(4, &[1]), "b"), Some(1), "the one before it is first");
        assert!(lanes.next(0).is_none());
        let (turn, event) = lanes.next(1).unwrap();
        assert_eq!(event, "a");
        assert!(lanes.next(0).is_none(), "its turn comes when the other is done");
        assert_eq!(lanes.done(turn), Some(0));
        assert!(lanes.next(1).is_none());
        assert_eq!(lanes.next(0).unwrap().1, "b");
    }

    #[test]
    fn a_lane_whose_next_changes_by_a_join_is_listed_where_that_belongs() {
        let mut lanes = Lanes::new(2);
        let place = |home, keys: &[u64]| Place { home, keys: keys.to_vec() };
        lanes.push(place(0, &[1]), "first");
        lanes.push(place(1, &[2]), "second");
        // They become one lane, the second's, whose next was the second until now.
        assert_eq!(lanes.push(place(1, &[2, 1]), "both"), Some(0));
        assert!(lanes.next(1).is_none());
        let (turn, event) = lanes.next(0).unwrap();
        assert_eq!(event, "first");
        assert_eq!(lanes.done(turn), Some(1));
        let (turn, event) = lanes.next(1).unwrap();
        assert_eq!(event, "second");
        lanes.done(turn);
        let (turn, event) = lanes.next(1).unwrap();
        assert_eq!(event, "both");
        lanes.done(turn);
        assert!(lanes.is_idle() && lanes.by_id.is_empty() && lanes.keys.is_empty());
    }

    #[test]
    fn nothing_is_kept_of_what_is_done() {
        let mut lanes = Lanes::new(1);
        for i in 0..100 {
            lanes.push(place(&[i, i + 1, 1000 + i]), "x");
        }
        lanes.push(place(&[]), "free");
        while let Some((turn, _)) = lanes.next(0) {
            lanes.done(turn);
        }
        assert!(lanes.is_idle());
        assert!(lanes.by_id.is_empty() && lanes.keys.is_empty());
        assert!(lanes.ready[0].is_empty() && lanes.moved.is_empty());
    }

    #[test]
    fn a_busy_lane_does_not_keep_the_others_from_their_turn() {
        let mut lanes = Lanes::new(1);
        for _ in 0..3 {
            lanes.push(place(&[1]), "a");
        }
        lanes.push(place(&[2]), "b");
        let (a, _) = next(&mut lanes);
        done(&mut lanes, a);
        // The lane with more to do goes behind the one that has waited.
        let (_turn, name) = next(&mut lanes);
        assert_eq!(name, "b");
    }
}
