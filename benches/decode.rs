//! The decoder and the typed view, in memory: `cargo bench --bench decode`.

use std::hint::black_box;
use std::sync::Arc;
use std::time::Instant;

use asterisk_sync::ami::AmiEvent;
use asterisk_sync::ami::codec::Decoder;

/// What a real Asterisk sent while calls came and went.
const CALLS: &[u8] = include_bytes!("../tests/captures/calls.ami");

const READ: usize = 64 << 10;

fn main() {
    let start = CALLS.iter().position(|b| *b == b'\n').map_or(0, |end| end + 1);
    let stream = CALLS[start..].repeat(400);
    let mut frames = 0;
    let mut best = [f64::MAX; 2];
    for _ in 0..7 {
        frames = 0;
        best[0] = best[0].min(time(|| {
            each_block(&stream, |block| frames += block.len());
        }));
        best[1] = best[1].min(time(|| {
            each_block(&stream, |block| {
                for message in block.messages() {
                    let event = AmiEvent::from(message);
                    black_box((event.event_name(), event.channel(), event.unique_id()));
                }
            });
        }));
    }
    let bytes = stream.len() / frames;
    println!("{frames} frames of {bytes} bytes on average, nanoseconds for each, best of 7");
    for (what, seconds) in ["index", "index, typed, three fields read"].iter().zip(best) {
        #[expect(clippy::cast_precision_loss, reason = "a bench")]
        let each = seconds * 1e9 / frames as f64;
        println!("{each:8.1}  {what}");
    }
}

fn each_block(stream: &[u8], mut see: impl FnMut(&Arc<asterisk_sync::ami::Block>)) {
    let mut decoder = Decoder::new(1 << 20);
    for piece in stream.chunks(READ) {
        if let Some(block) = decoder.push(piece) {
            see(&Arc::new(block));
        }
    }
}

fn time(work: impl FnOnce()) -> f64 {
    let since = Instant::now();
    work();
    since.elapsed().as_secs_f64()
}
