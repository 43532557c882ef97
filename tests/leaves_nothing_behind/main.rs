//! Neither threads nor descriptors of a client or a server stay behind. In a process of their own,
//! because they count those of the process, and one at a time.

#![cfg(all(target_os = "linux", any(feature = "agi", feature = "ami", feature = "ari")))]
#![allow(clippy::unwrap_used, clippy::pedantic, reason = "a panic is how a test fails")]

#[path = "../common/mod.rs"]
mod common;

#[cfg(feature = "agi")]
mod agi_server;
#[cfg(feature = "ami")]
mod ami;
#[cfg(feature = "ari")]
mod ari;
#[cfg(feature = "ari")]
mod ari_server;
#[cfg(feature = "ari")]
mod stasis_app;

use std::fs::{read_dir, read_to_string};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Instant;

use common::LONG;

/// Every test of this program begins with it, and counts until it drops it. It is taken outside of
/// what is guarded, whose time is the test's alone.
fn alone() -> MutexGuard<'static, ()> {
    static ALONE: Mutex<()> = Mutex::new(());
    let alone = ALONE.lock().unwrap_or_else(PoisonError::into_inner);
    // What a test before it had has ended with it, and with the threads what they held.
    for prefix in ["agi-", "ami-", "ari-", "fake-", "stasis-"] {
        wait_until(|| threads(prefix).is_empty());
    }
    alone
}

/// The names of the threads whose names begin so.
fn threads(prefix: &str) -> Vec<String> {
    let tasks = read_dir("/proc/self/task").expect("Linux has /proc");
    let names = tasks.filter_map(|task| read_to_string(task.ok()?.path().join("comm")).ok());
    names.filter(|name| name.starts_with(prefix)).collect()
}

fn descriptors() -> usize {
    read_dir("/proc/self/fd").expect("Linux has /proc").count()
}

/// A thread that was joined may be in the list for a moment still, and a fake lets go of a connection
/// when it has noticed its end.
#[track_caller]
fn wait_until(reached: impl Fn() -> bool) {
    let begun = Instant::now();
    while !reached() {
        if begun.elapsed() > LONG {
            panic!("never, with {} descriptors and the threads {:?}", descriptors(), threads(""));
        }
        std::thread::yield_now();
    }
}
