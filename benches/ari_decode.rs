//! Reading events of ARI that have arrived, beside what JSON alone costs:
//! `cargo bench --bench ari_decode`.

use std::hint::black_box;
use std::time::Instant;

use asterisk_sync::ari::{AriEvent, AriMessage};

/// What a real Asterisk sent, an event a line.
const EVENTS: &str = include_str!("../tests/captures/events.ari");

const ROUNDS: u32 = 20_000;

fn main() {
    // The first begins with its type, as most do; the second has it further on.
    for name in ["StasisStart", "ChannelVarset"] {
        let json = EVENTS
            .lines()
            .find(|line| line.contains(&format!(r#""type":"{name}""#)))
            .expect("the capture has one");
        let message = AriMessage::parse(json);
        assert_eq!(message.event.event_name(), name);
        assert!(!matches!(message.event, AriEvent::Unknown(_)));
        println!("{name}, {} bytes; nanoseconds, best of 9", json.len());
        print("to the end of the JSON, keeping nothing", || {
            serde_json::from_str::<serde::de::IgnoredAny>(black_box(json)).is_ok()
        });
        print("a tree of values", || {
            serde_json::from_str::<serde_json::Value>(black_box(json)).is_ok()
        });
        print("a typed event", || AriMessage::parse(black_box(json)));
    }
}

fn print<T>(what: &str, mut work: impl FnMut() -> T) {
    let mut best = f64::MAX;
    for _ in 0..9 {
        let since = Instant::now();
        for _ in 0..ROUNDS {
            black_box(work());
        }
        best = best.min(since.elapsed().as_secs_f64());
    }
    println!("{:>10.0}  {what}", best / f64::from(ROUNDS) * 1e9);
}
