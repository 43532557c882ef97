//! From a name to an id, in one probe most of the time. The table is made at compile time.

use super::NAMES;

const SLOTS: usize = 1024;
const _: () = assert!(NAMES.len() * 2 < SLOTS, "the table of names is more than half full");

static TABLE: [u16; SLOTS] = table();

#[allow(clippy::cast_possible_truncation, reason = "there are a few hundred names")]
const fn table() -> [u16; SLOTS] {
    let mut table = [0; SLOTS];
    let mut i = 0;
    while i < NAMES.len() {
        let mut slot = hash(NAMES[i].as_bytes());
        while table[slot] != 0 {
            slot = (slot + 1) % SLOTS;
        }
        table[slot] = i as u16 + 1;
        i += 1;
    }
    table
}

/// FNV-1a over lower case, folded to a slot.
const fn hash(name: &[u8]) -> usize {
    let mut hash: u32 = 0x811c_9dc5;
    let mut i = 0;
    while i < name.len() {
        hash = (hash ^ name[i].to_ascii_lowercase() as u32).wrapping_mul(0x0100_0193);
        i += 1;
    }
    (hash ^ (hash >> 15)) as usize % SLOTS
}

/// The id of an event's name, without regard to case; 0 for one that has no type.
pub(super) fn id_of(name: &str) -> u16 {
    let mut slot = hash(name.as_bytes());
    loop {
        match TABLE[slot] {
            0 => return 0,
            id if NAMES[usize::from(id) - 1].eq_ignore_ascii_case(name) => return id,
            _ => slot = (slot + 1) % SLOTS,
        }
    }
}
