//! Sounds.

use std::time::Duration;

use serde::Serialize;

use crate::agi::AgiChannel;
use crate::agi::command::{Command, spec};
use crate::error::Result;

const NO_FILE: &str = "the file cannot be played";

/// How playing a sound ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Played {
    /// The key that broke it off; `None` if it was played to its end.
    pub digit: Option<char>,
    /// Where it stopped, in samples; `None` if Asterisk does not say.
    pub end_position: Option<u64>,
}

/// How a caller may wind a sound: [`AgiChannel::control_stream_file`]. What is not set is as
/// Asterisk has it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StreamControls {
    skip: Duration,
    forward: char,
    rewind: char,
    pause: Option<char>,
    offset: Option<Duration>,
}

impl StreamControls {
    /// `#` goes 3 seconds forward, `*` back; nothing pauses.
    pub const fn new() -> Self {
        Self { skip: Duration::from_secs(3), forward: '#', rewind: '*', pause: None, offset: None }
    }

    /// How far one press winds.
    #[must_use]
    pub const fn skip(mut self, skip: Duration) -> Self {
        self.skip = skip;
        self
    }

    /// The key that winds forward.
    #[must_use]
    pub const fn forward(mut self, key: char) -> Self {
        self.forward = key;
        self
    }

    /// The key that winds back.
    #[must_use]
    pub const fn rewind(mut self, key: char) -> Self {
        self.rewind = key;
        self
    }

    /// The key that pauses and goes on.
    #[must_use]
    pub const fn pause(mut self, key: char) -> Self {
        self.pause = Some(key);
        self
    }

    /// Where to begin.
    #[must_use]
    pub const fn offset(mut self, offset: Duration) -> Self {
        self.offset = Some(offset);
        self
    }
}

impl Default for StreamControls {
    fn default() -> Self {
        Self::new()
    }
}

impl AgiChannel {
    /// Plays a sound, named without its extension, until it ends or one of these keys is pressed;
    /// `""` lets none break it off. `STREAM FILE`.
    ///
    /// # Errors
    ///
    /// [`Error::Refused`](crate::Error::Refused) if there is no such sound.
    ///
    /// ```no_run
    /// # use asterisk_sync::{Result, agi::AgiChannel};
    /// # fn demo(agi: &mut AgiChannel) -> Result<()> {
    /// if agi.stream_file("welcome", "12")?.digit == Some('1') {
    ///     agi.exec("Queue", "sales")?;
    /// }
    /// # Ok(()) }
    /// ```
    pub fn stream_file(&mut self, file: &str, escape_digits: &str) -> Result<Played> {
        self.begin(&spec::STREAM_FILE).text(file).text(escape_digits);
        self.play(&spec::STREAM_FILE)
    }

    /// The same from a place in the sound, in samples: the
    /// [`end_position`](Played::end_position) of before.
    pub fn stream_file_from(
        &mut self,
        file: &str,
        escape_digits: &str,
        offset: u64,
    ) -> Result<Played> {
        self.begin(&spec::STREAM_FILE).text(file).text(escape_digits).count(offset);
        self.play(&spec::STREAM_FILE)
    }

    /// Plays a sound that the caller can wind. The variables `CPLAYBACKSTATUS`,
    /// `CPLAYBACKOFFSET` and `CPLAYBACKSTOPKEY` tell more. `CONTROL STREAM FILE`.
    ///
    /// # Errors
    ///
    /// [`Error::Refused`](crate::Error::Refused) if there is no such sound.
    pub fn control_stream_file(
        &mut self,
        file: &str,
        escape_digits: &str,
        controls: &StreamControls,
    ) -> Result<Played> {
        // Each stands at its place, so those in front of one that is set are written out.
        let mut key = [0; 4];
        let line = self.begin(&spec::CONTROL_STREAM_FILE).text(file).text(escape_digits);
        line.millis(controls.skip);
        line.text(controls.forward.encode_utf8(&mut key));
        line.text(controls.rewind.encode_utf8(&mut key));
        match (controls.pause, controls.offset) {
            (Some(pause), _) => drop(line.text(pause.encode_utf8(&mut key))),
            // No key is what there is without one.
            (None, Some(_)) => drop(line.text("")),
            (None, None) => {}
        }
        if let Some(offset) = controls.offset {
            line.millis(offset);
        }
        self.play(&spec::CONTROL_STREAM_FILE)
    }

    /// Plays a sound and then waits for one of these keys; as long as the dialplan waits for a
    /// digit, unless told otherwise. `GET OPTION`.
    ///
    /// # Errors
    ///
    /// [`Error::Refused`](crate::Error::Refused) if there is no such sound.
    pub fn get_option(
        &mut self,
        file: &str,
        escape_digits: &str,
        timeout: impl Into<Option<Duration>>,
    ) -> Result<Played> {
        let line = self.begin(&spec::GET_OPTION).text(file).text(escape_digits);
        if let Some(timeout) = timeout.into() {
            line.millis(timeout);
        }
        self.play(&spec::GET_OPTION)
    }

    fn play(&mut self, command: &'static Command) -> Result<Played> {
        let reply = self.succeed(command, NO_FILE)?;
        Ok(Played { digit: reply.digit(), end_position: reply.end_position() })
    }
}
