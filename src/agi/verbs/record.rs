//! Recordings.

use std::time::Duration;

use serde::Serialize;

use crate::agi::AgiChannel;
use crate::agi::channel::refused;
use crate::agi::command::spec;
use crate::error::Result;

/// How to record: [`AgiChannel::record_file`].
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct RecordOptions {
    timeout: Option<Duration>,
    offset: Option<u64>,
    beep: bool,
    silence: Option<Duration>,
}

impl RecordOptions {
    /// Until a key is pressed or the caller hangs up, without a beep.
    pub const fn new() -> Self {
        Self { timeout: None, offset: None, beep: false, silence: None }
    }

    /// Records at most so long.
    #[must_use]
    pub const fn timeout(mut self, timeout: Duration) -> Self {
        self.timeout = Some(timeout);
        self
    }

    /// Goes on in a file that is there, from this place in samples.
    #[must_use]
    pub const fn offset(mut self, samples: u64) -> Self {
        self.offset = Some(samples);
        self
    }

    /// Beeps before it begins.
    #[must_use]
    pub const fn beep(mut self, beep: bool) -> Self {
        self.beep = beep;
        self
    }

    /// Ends after so much silence, in whole seconds, rounded up; zero is for no end by silence.
    #[must_use]
    pub const fn silence(mut self, silence: Duration) -> Self {
        self.silence = Some(silence);
        self
    }
}

/// A recording that was made.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Recording {
    /// Why it ended.
    pub end: RecordingEnd,
    /// The key that ended it.
    pub digit: Option<char>,
    /// How long it is, in samples.
    pub end_position: Option<u64>,
    /// How long it is, by the samples a second that its format has.
    pub duration: Option<Duration>,
}

/// Why a recording ended.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize)]
#[non_exhaustive]
pub enum RecordingEnd {
    /// A key was pressed. `dtmf`; during the beep, before anything was recorded and without a file,
    /// it is Asterisk's `randomerror` with the key.
    Dtmf,
    /// The time was over, or nobody spoke. `timeout`.
    Timeout,
    /// The caller hung up. What was said before is recorded. `hangup`.
    Hangup,
    /// Something else, in Asterisk's word for it.
    Other(Box<str>),
}

impl AgiChannel {
    /// Records what the caller says in a file, named without its extension, in a format such as
    /// `wav`, until one of these keys is pressed. `RECORD FILE`.
    ///
    /// A caller who hangs up ends a recording like any other, so that is no error:
    /// [`RecordingEnd::Hangup`]. The channel has hung up then.
    ///
    /// # Errors
    ///
    /// [`Error::Refused`](crate::Error::Refused) if the file cannot be written or the sound cannot
    /// be had, with Asterisk's word for it: `writefile`, `waitfor`, `randomerror`.
    ///
    /// ```no_run
    /// # use asterisk_sync::Result;
    /// # use asterisk_sync::agi::{AgiChannel, RecordOptions, RecordingEnd};
    /// # use std::time::Duration;
    /// # fn demo(agi: &mut AgiChannel) -> Result<()> {
    /// let options = RecordOptions::new().beep(true).timeout(Duration::from_secs(60));
    /// let message = agi.record_file("/tmp/message", "wav", "#", &options)?;
    /// if message.end == RecordingEnd::Hangup {
    ///     agi.set_variable("ABANDONED", "1")?;
    /// }
    /// # Ok(()) }
    /// ```
    pub fn record_file(
        &mut self,
        file: &str,
        format: &str,
        escape_digits: &str,
        options: &RecordOptions,
    ) -> Result<Recording> {
        let line = self.begin(&spec::RECORD_FILE).text(file).text(format).text(escape_digits);
        match options.timeout {
            Some(timeout) => line.millis(timeout),
            None => line.number(-1),
        };
        if let Some(samples) = options.offset {
            line.count(samples);
        }
        if options.beep {
            line.text("BEEP");
        }
        if let Some(silence) = options.silence.filter(|silence| !silence.is_zero()) {
            line.silence(silence);
        }
        let reply = self.run(&spec::RECORD_FILE)?;
        let word = reply.value_word().map(|word| String::from_utf8_lossy(word).into_owned());
        let word = word.unwrap_or_default();
        let (code, digit) = (reply.code(), reply.digit());
        let end_position = reply.end_position();
        let end = match &*word {
            "dtmf" => RecordingEnd::Dtmf,
            // A key that is pressed while it beeps.
            "randomerror" if digit.is_some() => RecordingEnd::Dtmf,
            "timeout" => RecordingEnd::Timeout,
            "hangup" => {
                self.note_hangup();
                RecordingEnd::Hangup
            }
            // It may be the hangup that is in the way.
            _ if code == Some(-1) => {
                self.must_live()?;
                let why = if word.is_empty() { "the sound cannot be recorded" } else { &word };
                return Err(refused(&spec::RECORD_FILE, why));
            }
            other => RecordingEnd::Other(other.into()),
        };
        // Behind a silence the number is what was left of the time.
        let digit = digit.filter(|_| end == RecordingEnd::Dtmf);
        let duration = end_position.map(|samples| length(samples, format));
        Ok(Recording { end, digit, end_position, duration })
    }
}

/// How long so many samples are in a format.
fn length(samples: u64, format: &str) -> Duration {
    let rate = u64::from(sample_rate(format));
    let rest = (samples % rate).saturating_mul(1_000_000_000) / rate;
    Duration::from_secs(samples / rate) + Duration::from_nanos(rest)
}

/// How many samples a second a format of Asterisk's has.
fn sample_rate(format: &str) -> u32 {
    let thousands = format.trim_start_matches(|c: char| !c.is_ascii_digit());
    match (format, thousands) {
        ("g722" | "siren7" | "wav16", _) => 16_000,
        ("siren14", _) => 32_000,
        (_, "44") => 44_100,
        (_, "12" | "16" | "24" | "32" | "48" | "96" | "192") if format.starts_with("sln") => {
            thousands.parse().map_or(8_000, |thousands: u32| thousands * 1000)
        }
        _ => 8_000,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_length_is_counted_in_its_format_and_overflows_nowhere() {
        assert_eq!(length(12_000, "wav"), Duration::from_millis(1_500));
        assert_eq!(length(12_000, "sln16"), Duration::from_millis(750));
        assert_eq!(length(u64::MAX, "sln192").as_secs(), u64::MAX / 192_000);
    }

    #[test]
    fn formats_have_their_rates() {
        for (format, rate) in [
            ("wav", 8_000),
            ("wav49", 8_000),
            ("wav16", 16_000),
            ("gsm", 8_000),
            ("g722", 16_000),
            ("sln", 8_000),
            ("sln16", 16_000),
            ("sln44", 44_100),
            ("sln192", 192_000),
            ("ulaw", 8_000),
            ("g729", 8_000),
            ("g726-16", 8_000),
        ] {
            assert_eq!(sample_rate(format), rate, "{format}");
        }
    }
}
