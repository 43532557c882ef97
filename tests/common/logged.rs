//! All that is logged in this process, by whatever test.

use std::sync::Mutex;

static LINES: Mutex<Vec<String>> = Mutex::new(Vec::new());

struct Listener;

impl log::Log for Listener {
    fn enabled(&self, _: &log::Metadata<'_>) -> bool {
        true
    }
    fn log(&self, record: &log::Record<'_>) {
        let line = format!("{} {}: {}", record.level(), record.target(), record.args());
        LINES.lock().expect("no panic in here").push(line);
    }
    fn flush(&self) {}
}

/// Listens from now on.
pub(crate) fn listen(level: log::LevelFilter) {
    if log::set_logger(&Listener).is_ok() {
        log::set_max_level(level);
    }
}

/// What was logged so far: level, target and words.
pub(crate) fn lines() -> Vec<String> {
    // A copy, so that a test which finds fault with it fails alone.
    LINES.lock().expect("no panic in there").clone()
}
