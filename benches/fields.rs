//! Reading fields of an event that has arrived, beside scanning its bytes once for line ends:
//! `cargo bench --bench fields`.

use std::hint::black_box;
use std::sync::Arc;
use std::time::Instant;

use asterisk_sync::ami::AmiEvent;
use asterisk_sync::ami::codec::Decoder;

/// What a real Asterisk sent while calls came and went.
const CALLS: &str = include_str!("../tests/captures/calls.ami");

const HEADERS: usize = 25;
const ROUNDS: u32 = 200_000;

fn main() {
    let frame = newexten();
    let block = Arc::new(Decoder::new(1 << 20).push(frame.as_bytes()).expect("a frame"));
    let message = block.messages().next().expect("an event");
    assert_eq!(message.len(), HEADERS);
    let event = AmiEvent::from(message);
    let AmiEvent::NewExten(newexten) = &event else { panic!("{event:?}") };
    // The first header of its own, one of the channel, and the last.
    assert_eq!(newexten.app_data(), "(Outgoing Line)");
    println!("an event of {HEADERS} headers, {} bytes; nanoseconds, best of 9", frame.len());
    print("every line end, with memchr", || {
        memchr::memchr_iter(b'\n', black_box(frame.as_bytes())).fold(0, usize::wrapping_add)
    });
    print("three fields", || {
        let event = black_box(newexten);
        (event.channel().channel().len(), event.channel().unique_id().len(), event.app_data().len())
    });
    print("the first and the last, by name", || {
        let message = black_box(event.message());
        (message.get("Privilege").map(str::len), message.get("AppData").map(str::len))
    });
}

/// The event as it came, with more variables of the channel.
fn newexten() -> String {
    let (_, rest) = CALLS.split_once("Event: Newexten\r\n").expect("the capture has one");
    let (body, _) = rest.split_once("\r\n\r\n").expect("it has an end");
    let mut lines: Vec<&str> = body.lines().collect();
    let at = lines.iter().position(|line| line.starts_with("ChanVariable")).expect("one");
    while lines.len() < HEADERS - 1 {
        lines.insert(at, "ChanVariable: CALLTAG=");
    }
    lines.iter().fold("Event: Newexten\r\n".to_owned(), |frame, line| frame + line + "\r\n")
        + "\r\n"
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
    println!("{:8.1}  {what}", best * 1e9 / f64::from(ROUNDS));
}
