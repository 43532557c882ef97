//! Playing scenes side by side, and saying shortly which failed and why.

use std::cell::RefCell;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Once;
use std::thread;
use std::time::Instant;

/// What is kept of a reason; the whole of it stands where the scene's thread has printed it.
const SHORT: usize = 300;

thread_local! {
    /// What the last panic of this thread said, and where.
    static REASON: RefCell<String> = const { RefCell::new(String::new()) };
}

/// Plays the scenes whose names have `EXERCISE` in them, each on a thread of its own.
pub(crate) fn play<S: Sync>(
    scenes: &[(&'static str, S)],
    scene: impl Fn(&S) + Sync,
) -> Vec<String> {
    keep_reasons();
    let only = std::env::var("EXERCISE").unwrap_or_default();
    thread::scope(|scope| {
        let playing: Vec<_> = scenes
            .iter()
            .filter(|(name, _)| name.contains(&only))
            .map(|(name, it)| {
                let scene = &scene;
                let run = move || {
                    let begun = Instant::now();
                    let end = catch_unwind(AssertUnwindSafe(|| scene(it)));
                    println!("{name}: {:.1} s", begun.elapsed().as_secs_f64());
                    end.err().map(|_| format!("{name}: {}", REASON.take()))
                };
                thread::Builder::new().name((*name).to_owned()).spawn_scoped(scope, run)
            })
            .collect();
        playing.into_iter().filter_map(|thread| thread.unwrap().join().unwrap()).collect()
    })
}

fn keep_reasons() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        let print = std::panic::take_hook();
        std::panic::set_hook(Box::new(move |info| {
            let text = info.payload().downcast_ref::<&str>().copied();
            let text = info.payload().downcast_ref::<String>().map(String::as_str).or(text);
            let at = info.location().map(|at| format!("{}:{}", at.file(), at.line()));
            REASON.set(shortened(text.unwrap_or_default(), &at.unwrap_or_default()));
            print(info);
        }));
    });
}

fn shortened(text: &str, at: &str) -> String {
    let words: Vec<_> = text.split_whitespace().collect();
    let words = words.join(" ");
    match words.char_indices().nth(SHORT) {
        Some((end, _)) => format!("{} … ({at})", &words[..end]),
        None => format!("{words} ({at})"),
    }
}
