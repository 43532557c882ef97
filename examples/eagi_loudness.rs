//! How loud a caller is: `EAGI(eagi_loudness,3)` listens for three seconds.
//!
//! Standard output belongs to Asterisk, so the bars go to standard error, which is its console. In
//! the end the variable `LOUDNESS` has the level of the whole in decibels below the loudest there
//! can be: about -20 for speech, -90 for silence. `HEARD` has how many samples that were, and how
//! many there are in a second.
//!
//! ```text
//! exten => 101,1,Answer()
//!  same => n,EAGI(eagi_loudness,3)
//!  same => n,NoOp(${LOUDNESS} dB)
//! ```

use std::time::Duration;

use asterisk_sync::agi::{self, AgiChannel, AgiRequest, AudioReader};
use asterisk_sync::{Error, Result};

/// How much is shown as one bar.
const FRAME: Duration = Duration::from_millis(100);

fn main() -> Result<()> {
    agi::run_stdio(|request: &AgiRequest, agi: &mut AgiChannel| {
        let seconds: usize = request.arg(1).and_then(|arg| arg.parse().ok()).unwrap_or(3);
        if !request.is_eagi() {
            return Err(Error::Invalid("there is no sound with AGI(): use EAGI()".into()));
        }
        let mut audio = AudioReader::open(agi)?;
        let rate = audio.rate();
        // A call without any sound would be waited for until it ends.
        audio.set_timeout(Duration::from_secs(2));
        let mut whole = Level::default();
        for frame in audio.frames(FRAME).take(seconds * 10) {
            let mut level = Level::default();
            for &sample in &frame? {
                level.add(sample);
                whole.add(sample);
            }
            // From -60 dB up, one for each 2 dB.
            let width = (0..30).filter(|&n| level.decibels() > f64::from(n) * 2.0 - 60.0).count();
            eprintln!("{:>6.1} dB {}", level.decibels(), "#".repeat(width));
        }
        agi.set_variable("HEARD", &format!("{} at {rate}", whole.count))?;
        agi.set_variable("LOUDNESS", &format!("{:.1}", whole.decibels()))
    })
}

/// The mean power of samples.
#[derive(Default)]
struct Level {
    power: f64,
    count: f64,
}

impl Level {
    fn add(&mut self, sample: i16) {
        let sample = f64::from(sample) / 32_768.0;
        self.power += sample * sample;
        self.count += 1.0;
    }

    fn decibels(&self) -> f64 {
        if self.power > 0.0 { 10.0 * (self.power / self.count).log10() } else { -96.0 }
    }
}
