//! What the caller types.

use std::fmt;
use std::time::Duration;

use serde::Serialize;

use crate::agi::AgiChannel;
use crate::agi::command::spec;
use crate::error::Result;

/// What a caller has typed: [`AgiChannel::get_data`].
///
/// It is text: `0501` keeps its zero, `12*4` is what was typed.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize)]
pub struct Digits {
    digits: String,
    timed_out: bool,
}

impl Digits {
    /// The keys, in their order; `""` if none was pressed.
    pub fn digits(&self) -> &str {
        &self.digits
    }

    /// Whether the caller stopped typing, instead of ending with `#` or typing all there may be.
    pub fn is_timed_out(&self) -> bool {
        self.timed_out
    }

    /// Whether no key was pressed, but perhaps for `#`.
    pub fn is_empty(&self) -> bool {
        self.digits.is_empty()
    }

    /// The keys as a number, if they are one. Zeros at the beginning are lost with it.
    pub fn parse<T: std::str::FromStr>(&self) -> Option<T> {
        self.digits.parse().ok()
    }
}

impl fmt::Display for Digits {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.digits)
    }
}

impl PartialEq<str> for Digits {
    fn eq(&self, digits: &str) -> bool {
        self.digits == digits
    }
}

impl PartialEq<&str> for Digits {
    fn eq(&self, digits: &&str) -> bool {
        self.digits == *digits
    }
}

impl AgiChannel {
    /// Plays a sound and collects keys: until `#`, until there are `max_digits`, or until none
    /// comes for so long. `GET DATA`.
    ///
    /// Without a timeout Asterisk waits 6 seconds for the first key and 2 for each other, whatever
    /// the dialplan's `TIMEOUT(response)` and `TIMEOUT(digit)` say; without a maximum there may be
    /// 1,024 keys. That the time is over is no error: see
    /// [`Digits::is_timed_out`].
    ///
    /// ```no_run
    /// # use asterisk_sync::{Result, agi::AgiChannel};
    /// # use std::time::Duration;
    /// # fn demo(agi: &mut AgiChannel) -> Result<()> {
    /// let pin = agi.get_data("enter-account", Duration::from_secs(5), 6)?;
    /// agi.set_variable("ACCOUNT", pin.digits())?;
    /// let free = agi.get_data("beep", None, None)?;
    /// # Ok(()) }
    /// ```
    pub fn get_data(
        &mut self,
        file: &str,
        timeout: impl Into<Option<Duration>>,
        max_digits: impl Into<Option<u32>>,
    ) -> Result<Digits> {
        let (timeout, max_digits) = (timeout.into(), max_digits.into());
        let line = self.begin(&spec::GET_DATA).text(file);
        if timeout.is_some() || max_digits.is_some() {
            // Zero is Asterisk's own word for what it does without one.
            line.millis(timeout.unwrap_or_default());
        }
        if let Some(max) = max_digits {
            line.number(max);
        }
        let reply = self.succeed(&spec::GET_DATA, "the digits cannot be collected")?;
        let digits = String::from_utf8_lossy(reply.result()).into_owned();
        Ok(Digits { digits, timed_out: reply.value() == Some(b"timeout") })
    }

    /// Waits for one key; `None` waits for ever, and what comes of a time that passes is `None`
    /// too. `WAIT FOR DIGIT`.
    pub fn wait_for_digit(&mut self, timeout: impl Into<Option<Duration>>) -> Result<Option<char>> {
        let line = self.begin(&spec::WAIT_FOR_DIGIT);
        match timeout.into() {
            Some(timeout) => line.millis(timeout),
            None => line.number(-1),
        };
        Ok(self.succeed(&spec::WAIT_FOR_DIGIT, "the channel cannot wait")?.digit())
    }
}
