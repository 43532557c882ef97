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

/// FNV-1a, four bytes at a time, over what `| 0x20` makes the same of both cases.
#[allow(clippy::cast_possible_truncation, reason = "a hash")]
const fn hash(name: &[u8]) -> usize {
    let mut hash = 0x811c_9dc5 ^ name.len() as u32;
    let mut rest = name;
    while let Some((four, behind)) = rest.split_first_chunk::<4>() {
        hash = mix(hash, u32::from_le_bytes(*four));
        rest = behind;
    }
    let mut last = 0;
    while let [byte, behind @ ..] = rest {
        last = last << 8 | *byte as u32;
        rest = behind;
    }
    hash = mix(hash, last);
    (hash ^ (hash >> 15)) as usize % SLOTS
}

const fn mix(hash: u32, four: u32) -> u32 {
    (hash ^ (four | 0x2020_2020)).wrapping_mul(0x0100_0193).rotate_left(11)
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
