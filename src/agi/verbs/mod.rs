//! The commands as methods, by what they are about.

mod call;
mod data;
mod dialplan;
mod input;
mod play;
mod record;
mod say;
mod speech;
#[cfg(test)]
mod tests;

pub use call::TddMode;
pub use input::Digits;
pub use play::{Played, StreamControls};
pub use record::{RecordOptions, Recording, RecordingEnd};
pub use speech::{Recognition, RecognitionKind, SpeechResult};

use std::time::Duration;

use super::encode::Line;

/// A second, in nanoseconds.
const SECOND: u128 = 1_000_000_000;

const TOO_LONG: &str = "a time is longer than Asterisk can count";

impl Line {
    /// A time in milliseconds. What is less than one is one: zero often means for ever.
    fn millis(&mut self, time: Duration) -> &mut Self {
        self.length(time, 1_000_000)
    }

    /// A time in seconds. What is less than one is one.
    fn seconds(&mut self, time: Duration) -> &mut Self {
        self.length(time, SECOND)
    }

    /// A time in units of so many nanoseconds, rounded up.
    fn length(&mut self, time: Duration, unit: u128) -> &mut Self {
        match units(time, unit) {
            Some(units) => self.number(units),
            None => self.refuse(TOO_LONG),
        }
    }

    /// The silence that ends a recording, in seconds.
    fn silence(&mut self, time: Duration) -> &mut Self {
        match units(time, SECOND) {
            Some(seconds) => self.display(format_args!("s={seconds}")),
            None => self.refuse(TOO_LONG),
        }
    }

    /// A number that Asterisk reads as one without a sign.
    fn count(&mut self, count: u64) -> &mut Self {
        let Ok(count) = i64::try_from(count) else {
            return self.refuse("a number is larger than Asterisk can count");
        };
        self.number(count)
    }
}

/// How many units of so many nanoseconds a time is, rounded up, if Asterisk can count them.
fn units(time: Duration, unit: u128) -> Option<i32> {
    i32::try_from(time.as_nanos().div_ceil(unit)).ok()
}
