//! A `FakeAmi` that is dropped leaves neither threads nor descriptors. In a process of its own,
//! because it counts those of the process.

#![allow(clippy::unwrap_used, clippy::pedantic, reason = "a panic is how a test fails")]
#![cfg(all(target_os = "linux", feature = "ami"))]

use std::fs::read_dir;
use std::io::Write;
use std::net::TcpStream;
use std::time::{Duration, Instant};

use asterisk_sync::testing::FakeAmi;

const LONG: Duration = Duration::from_secs(60);

fn threads_and_descriptors() -> (usize, usize) {
    let count = |path| read_dir(path).expect("Linux has /proc").count();
    (count("/proc/self/task"), count("/proc/self/fd"))
}

/// One life with everything that can be left behind: clients that come and go, are cut off, do not
/// read, and a flood.
fn live_and_die() {
    let fake = FakeAmi::start().expect("a free port");
    for _ in 0..3 {
        let ami = fake.client().connect().expect("a login");
        ami.ping().expect("an answer");
        fake.restart().expect("the same port");
    }
    let mut deaf = TcpStream::connect(fake.address()).expect("a connection");
    deaf.write_all(b"Action: Login\r\nUsername: admin\r\nSecret: secret\r\n\r\n").expect("room");
    fake.wait_for_logins(4, LONG).expect("the login");
    fake.flood(u64::MAX, |_| vec![b'x'; 1 << 16]).expect("a thread");
    let silent = TcpStream::connect(fake.address()).expect("a connection");
    let gone = TcpStream::connect(fake.address()).expect("a connection");
    drop(gone);
    fake.close_sessions();
    drop(fake);
    drop(silent);
}

#[test]
fn a_fake_that_is_dropped_leaves_neither_threads_nor_descriptors() {
    live_and_die();
    let before = threads_and_descriptors();
    for _ in 0..5 {
        live_and_die();
    }
    // A thread that was joined may be in the list for a moment still; so it may have been before.
    let begun = Instant::now();
    loop {
        let now = threads_and_descriptors();
        if now.0 <= before.0 && now.1 <= before.1 {
            break;
        }
        assert!(begun.elapsed() < LONG, "{before:?} threads and descriptors have become {now:?}");
        std::thread::yield_now();
    }
}
