//! The event bus: `cargo bench --bench bus`.

use std::thread;
use std::time::Instant;

use asterisk_sync::{Event, EventBus, Subscribe};

#[derive(Debug, Clone)]
struct Tick(u64);

impl Event for Tick {}

const EVENTS: u64 = 200_000;

fn main() {
    println!(
        "nanoseconds for each event that a subscriber gets, one published at a time, best of 5"
    );
    for subscribers in [1, 8] {
        let best = (0..5).map(|_| run(subscribers)).fold(f64::MAX, f64::min);
        println!("{best:8.1}  {subscribers} subscribers");
    }
}

#[expect(clippy::cast_precision_loss, reason = "a bench")]
fn run(subscribers: usize) -> f64 {
    let bus = EventBus::<Tick>::new();
    let readers: Vec<_> = (0..subscribers)
        .map(|_| {
            let events = bus.subscribe(Subscribe::default());
            thread::spawn(move || events.iter().map(|tick: Tick| tick.0).sum::<u64>())
        })
        .collect();
    let since = Instant::now();
    for n in 0..EVENTS {
        bus.publish(Tick(n));
    }
    bus.close();
    for reader in readers {
        assert_eq!(reader.join().ok(), Some(EVENTS * (EVENTS - 1) / 2), "an event was lost");
    }
    since.elapsed().as_secs_f64() * 1e9 / (EVENTS as f64 * subscribers as f64)
}
