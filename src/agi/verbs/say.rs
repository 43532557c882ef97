//! Numbers, letters and times as speech. Each gives the key that broke it off, if one did.

use std::time::{SystemTime, UNIX_EPOCH};

use crate::agi::AgiChannel;
use crate::agi::command::{Command, spec};
use crate::agi::encode::Line;
use crate::error::Result;

const NO_SOUND: &str = "it cannot be said";

impl AgiChannel {
    /// Says digits one by one; `*`, `#`, `-` and `+` may be among them. `SAY DIGITS`.
    pub fn say_digits(&mut self, digits: &str, escape_digits: &str) -> Result<Option<char>> {
        self.begin(&spec::SAY_DIGITS).text(digits).text(escape_digits);
        self.say(&spec::SAY_DIGITS)
    }

    /// Says a number. In some languages the gender changes it: `f`, `m`, `c`, `n`, as the
    /// dialplan's `SayNumber` has it. `SAY NUMBER`.
    pub fn say_number<'a>(
        &mut self,
        number: i32,
        escape_digits: &str,
        gender: impl Into<Option<&'a str>>,
    ) -> Result<Option<char>> {
        let line = self.begin(&spec::SAY_NUMBER).number(number).text(escape_digits);
        if let Some(gender) = gender.into() {
            line.text(gender);
        }
        self.say(&spec::SAY_NUMBER)
    }

    /// Spells a text. `SAY ALPHA`.
    pub fn say_alpha(&mut self, text: &str, escape_digits: &str) -> Result<Option<char>> {
        self.begin(&spec::SAY_ALPHA).text(text).text(escape_digits);
        self.say(&spec::SAY_ALPHA)
    }

    /// Spells a text in the phonetic alphabet. `SAY PHONETIC`.
    pub fn say_phonetic(&mut self, text: &str, escape_digits: &str) -> Result<Option<char>> {
        self.begin(&spec::SAY_PHONETIC).text(text).text(escape_digits);
        self.say(&spec::SAY_PHONETIC)
    }

    /// Says the date of a time, in the server's zone. `SAY DATE`.
    pub fn say_date(&mut self, date: SystemTime, escape_digits: &str) -> Result<Option<char>> {
        self.begin(&spec::SAY_DATE).time(date).text(escape_digits);
        self.say(&spec::SAY_DATE)
    }

    /// Says the time of day of a time, in the server's zone. `SAY TIME`.
    pub fn say_time(&mut self, time: SystemTime, escape_digits: &str) -> Result<Option<char>> {
        self.begin(&spec::SAY_TIME).time(time).text(escape_digits);
        self.say(&spec::SAY_TIME)
    }

    /// Says a time in a format of `voicemail.conf`, such as `ABdY 'digits/at' IMp`, and in a zone,
    /// such as `Europe/Berlin`. Without them it is as the channel's language has it, and in the
    /// server's zone. `SAY DATETIME`.
    ///
    /// # Errors
    ///
    /// [`Error::Invalid`](crate::Error::Invalid) for a zone without a format: the format stands in
    /// front of it, and an empty one would say nothing.
    pub fn say_datetime<'f, 'z>(
        &mut self,
        time: SystemTime,
        escape_digits: &str,
        format: impl Into<Option<&'f str>>,
        timezone: impl Into<Option<&'z str>>,
    ) -> Result<Option<char>> {
        let (format, timezone) = (format.into(), timezone.into());
        let line = self.begin(&spec::SAY_DATETIME).time(time).text(escape_digits);
        if let Some(format) = format {
            line.text(format);
        }
        if let Some(zone) = timezone {
            line.text(zone);
            if format.is_none() {
                line.refuse("a time zone needs a format in front of it");
            }
        }
        self.say(&spec::SAY_DATETIME)
    }

    fn say(&mut self, command: &'static Command) -> Result<Option<char>> {
        Ok(self.succeed(command, NO_SOUND)?.digit())
    }
}

impl Line {
    /// A time in seconds since 1970.
    fn time(&mut self, time: SystemTime) -> &mut Self {
        match time.duration_since(UNIX_EPOCH) {
            Ok(since) => self.count(since.as_secs()),
            Err(_) => self.refuse("a time before 1970 cannot be said"),
        }
    }
}
