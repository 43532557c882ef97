//! Ids of our own making.

use std::hash::{BuildHasher, Hasher, RandomState};
use std::sync::LazyLock;
use std::sync::atomic::{AtomicU64, Ordering};

/// Random for this process.
static PROCESS: LazyLock<String> = LazyLock::new(|| {
    let [high, low] = [(); 2].map(|()| RandomState::new().build_hasher().finish());
    format!("{high:016x}{low:016x}")
});

/// An id that nobody else has: random for this process, counted within it.
///
/// All of a kind have one length, because to Asterisk a channel's id is taken where a longer one begins
/// with it.
pub(super) fn unique(what: &str) -> String {
    static NEXT: AtomicU64 = AtomicU64::new(1);
    let count = NEXT.fetch_add(1, Ordering::Relaxed);
    format!("{what}-{}-{count:016x}", *PROCESS)
}

/// Whether it is an id that this process has made. The second half of a Local channel, whose id is that
/// of the first and more, is not: the dialplan has it.
pub(super) fn is_own(id: &str) -> bool {
    let rest = id.split_once('-').and_then(|(_, rest)| rest.strip_prefix(PROCESS.as_str()));
    let count = rest.and_then(|rest| rest.strip_prefix('-'));
    count.is_some_and(|count| count.len() == 16 && count.bytes().all(|it| it.is_ascii_hexdigit()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_of_this_process_is_told_from_those_of_others() {
        let id = unique("channel");
        assert!(is_own(&id) && is_own(&unique("snoop")));
        for other in [&*format!("{id};2"), "channel-1", "1772366400.1", "", &*PROCESS] {
            assert!(!is_own(other), "{other}");
        }
    }

    #[test]
    fn no_id_is_the_beginning_of_another() {
        let ids: Vec<String> = (0..300).map(|_| unique("channel")).collect();
        assert!(ids.iter().all(|id| is_own(id)));
        for id in &ids {
            assert_eq!(ids.iter().filter(|other| other.starts_with(id)).count(), 1, "{id}");
        }
    }
}
