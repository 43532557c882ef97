//! What is said to a caller: files, numbers and times in a row.

use std::time::SystemTime;

use crate::agi::AgiChannel;
use crate::error::Result;

/// All keys of a phone that has no letters.
pub const ANY_KEY: &str = "0123456789*#";

/// A sentence: sounds, and what Asterisk says itself, one after the other.
///
/// The name of a sound is a prompt too, and so is an array of names.
///
/// ```
/// use asterisk_sync::agi::conversation::Prompt;
///
/// let messages = Prompt::new().file("vm-youhave").number(3).file("vm-messages");
/// let welcome = Prompt::from(["welcome", "to-our-shop"]);
/// ```
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[must_use = "it says nothing by itself"]
pub struct Prompt {
    parts: Vec<Part>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Part {
    File(Box<str>),
    Number(i32, Option<Box<str>>),
    Digits(Box<str>),
    Spelled(Box<str>),
    Date(SystemTime),
    Time(SystemTime),
    DateTime(SystemTime, Box<str>, Option<Box<str>>),
}

impl Prompt {
    /// Silence, to which the rest is added.
    pub const fn new() -> Self {
        Self { parts: Vec::new() }
    }

    /// Then a sound, named without its extension.
    pub fn file(self, file: impl Into<String>) -> Self {
        self.then(Part::File(file.into().into()))
    }

    /// Then a number: 12 is twelve.
    pub fn number(self, number: i32) -> Self {
        self.then(Part::Number(number, None))
    }

    /// The same in a language where numbers have a gender: `f`, `m`, `c` or `n`.
    pub fn number_of(self, number: i32, gender: impl Into<String>) -> Self {
        self.then(Part::Number(number, Some(gender.into().into())))
    }

    /// Then digits one by one: 12 is one, two.
    pub fn digits(self, digits: impl Into<String>) -> Self {
        self.then(Part::Digits(digits.into().into()))
    }

    /// Then a text, letter by letter.
    pub fn spelled(self, text: impl Into<String>) -> Self {
        self.then(Part::Spelled(text.into().into()))
    }

    /// Then the date of a time, in the server's zone.
    pub fn date(self, date: SystemTime) -> Self {
        self.then(Part::Date(date))
    }

    /// Then the time of day of a time, in the server's zone.
    pub fn time(self, time: SystemTime) -> Self {
        self.then(Part::Time(time))
    }

    /// Then a time in a format of `voicemail.conf`, and in a zone; see
    /// [`say_datetime`](AgiChannel::say_datetime).
    pub fn date_time<'a>(
        self,
        time: SystemTime,
        format: impl Into<String>,
        timezone: impl Into<Option<&'a str>>,
    ) -> Self {
        self.then(Part::DateTime(time, format.into().into(), timezone.into().map(Into::into)))
    }

    fn then(mut self, part: Part) -> Self {
        self.parts.push(part);
        self
    }

    /// What comes before its last sound, and that; `None` if it does not end with one.
    pub(super) fn split_last_file(&self) -> (&[Part], Option<&str>) {
        match self.parts.split_last() {
            Some((Part::File(file), before)) => (before, Some(file)),
            _ => (&self.parts, None),
        }
    }
}

impl From<&str> for Prompt {
    fn from(file: &str) -> Self {
        Self::new().file(file)
    }
}

impl From<String> for Prompt {
    fn from(file: String) -> Self {
        Self::new().file(file)
    }
}

impl From<&Self> for Prompt {
    fn from(prompt: &Self) -> Self {
        prompt.clone()
    }
}

impl<const N: usize> From<[&str; N]> for Prompt {
    fn from(files: [&str; N]) -> Self {
        files.into_iter().fold(Self::new(), Self::file)
    }
}

impl AgiChannel {
    /// Says something. Returns the key that broke it off, or `None` if it was said to its end.
    ///
    /// `keys` are those that break it off: `""` for none, [`ANY_KEY`] for all.
    ///
    /// # Errors
    ///
    /// [`Error::Refused`](crate::Error::Refused) for a sound that does not exist.
    ///
    /// ```no_run
    /// # use asterisk_sync::{Result, agi::AgiChannel};
    /// # use asterisk_sync::agi::conversation::Prompt;
    /// # fn demo(agi: &mut AgiChannel) -> Result<()> {
    /// agi.prompt("welcome", "")?;
    /// let key = agi.prompt(Prompt::new().file("you-are-number").number(3), "#")?;
    /// # Ok(()) }
    /// ```
    pub fn prompt(&mut self, prompt: impl Into<Prompt>, keys: &str) -> Result<Option<char>> {
        self.say_parts(&prompt.into().parts, keys)
    }

    pub(super) fn say_parts(&mut self, parts: &[Part], keys: &str) -> Result<Option<char>> {
        for part in parts {
            let key = match part {
                Part::File(file) => self.stream_file(file, keys)?.digit,
                Part::Number(number, gender) => {
                    self.say_number(*number, keys, gender.as_deref())?
                }
                Part::Digits(digits) => self.say_digits(digits, keys)?,
                Part::Spelled(text) => self.say_alpha(text, keys)?,
                Part::Date(date) => self.say_date(*date, keys)?,
                Part::Time(time) => self.say_time(*time, keys)?,
                Part::DateTime(time, format, zone) => {
                    self.say_datetime(*time, keys, &**format, zone.as_deref())?
                }
            };
            if key.is_some() {
                return Ok(key);
            }
        }
        Ok(None)
    }
}
