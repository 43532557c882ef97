//! Points in time as Asterisk writes them.

use std::fmt;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use crate::ari::lenient::Lenient;

/// A point in time, and the text it came as.
///
/// Asterisk writes `2026-03-01T12:00:00.123+0000`: ISO 8601, with a zone that has no colon. With a
/// colon, with `Z`, and without a fraction it is read as well. What cannot be read keeps its text.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Default)]
pub struct Timestamp {
    text: Box<str>,
    time: Option<SystemTime>,
}

impl Timestamp {
    /// The point in time; `None` if the text is none.
    pub fn time(&self) -> Option<SystemTime> {
        self.time
    }

    /// The text, as Asterisk wrote it.
    pub fn as_str(&self) -> &str {
        &self.text
    }
}

impl From<&str> for Timestamp {
    fn from(text: &str) -> Self {
        Self { text: text.into(), time: parse(text) }
    }
}

impl Lenient for Timestamp {
    fn missing() -> Self {
        Self::default()
    }

    fn from_text(text: &str) -> Option<Self> {
        Some(text.into())
    }
}

impl fmt::Display for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.text)
    }
}

impl serde::Serialize for Timestamp {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.text)
    }
}

impl<'de> serde::Deserialize<'de> for Timestamp {
    fn deserialize<D: serde::Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        Self::read(from)
    }
}

/// What is left of a text that is read from its beginning.
struct Cursor<'a>(&'a [u8]);

impl Cursor<'_> {
    /// So many digits.
    fn number(&mut self, digits: usize) -> Option<i64> {
        let (number, rest) = self.0.split_at_checked(digits)?;
        self.0 = rest;
        number.iter().try_fold(0, |sum, &digit| {
            digit.is_ascii_digit().then(|| sum * 10 + i64::from(digit - b'0'))
        })
    }

    /// One of these characters.
    fn one_of(&mut self, wanted: &[u8]) -> Option<u8> {
        let (&first, rest) = self.0.split_first()?;
        wanted.contains(&first).then(|| {
            self.0 = rest;
            first
        })
    }

    /// Any number of digits, as billionths.
    fn nanoseconds(&mut self) -> u32 {
        let (mut sum, mut unit) = (0, 100_000_000);
        while let Some(digit) = self.one_of(b"0123456789") {
            sum += u32::from(digit - b'0') * unit;
            unit /= 10;
        }
        sum
    }
}

fn parse(text: &str) -> Option<SystemTime> {
    let mut rest = Cursor(text.as_bytes());
    let year = rest.number(4)?;
    rest.one_of(b"-")?;
    let month = rest.number(2)?;
    rest.one_of(b"-")?;
    let day = rest.number(2)?;
    rest.one_of(b"T ")?;
    let hour = rest.number(2)?;
    rest.one_of(b":")?;
    let minute = rest.number(2)?;
    rest.one_of(b":")?;
    let second = rest.number(2)?;
    let nanoseconds = if rest.one_of(b".,").is_some() { rest.nanoseconds() } else { 0 };
    let zone = match rest.one_of(b"+-Z")? {
        b'Z' => 0,
        sign => {
            let hours = rest.number(2)?;
            rest.one_of(b":");
            let minutes = rest.number(2)?;
            (hours * 60 + minutes) * if sign == b'-' { -60 } else { 60 }
        }
    };
    let is_sane = rest.0.is_empty()
        && (1..=12).contains(&month)
        && (1..=31).contains(&day)
        && hour < 24
        && minute < 60
        && second <= 60;
    if !is_sane {
        return None;
    }
    let seconds =
        days_since_1970(year, month, day) * 86_400 + hour * 3600 + minute * 60 + second - zone;
    let whole = Duration::from_secs(seconds.unsigned_abs());
    let at =
        if seconds < 0 { UNIX_EPOCH.checked_sub(whole) } else { UNIX_EPOCH.checked_add(whole) };
    at?.checked_add(Duration::new(0, nanoseconds))
}

/// By counting from March, the leap day is the last of its year, and the months before it have
/// 153 days in every five.
fn days_since_1970(year: i64, month: i64, day: i64) -> i64 {
    let year = if month <= 2 { year - 1 } else { year };
    let month = (month + 9) % 12;
    let leap_days = year / 4 - year / 100 + year / 400;
    year * 365 + leap_days + (153 * month + 2) / 5 + day - 719_469
}

#[cfg(test)]
mod tests {
    use super::*;

    fn millis(text: &str) -> Option<i128> {
        let time = Timestamp::from(text).time()?;
        Some(match time.duration_since(UNIX_EPOCH) {
            Ok(after) => i128::try_from(after.as_millis()).unwrap(),
            Err(before) => -i128::try_from(before.duration().as_millis()).unwrap(),
        })
    }

    #[test]
    fn a_zone_may_have_no_colon() {
        assert_eq!(millis("1970-01-01T00:00:00.000+0000"), Some(0));
        assert_eq!(millis("2026-03-01T12:00:00.123+0000"), Some(1_772_366_400_123));
        assert_eq!(millis("2026-03-01T13:30:00.123+0130"), Some(1_772_366_400_123));
        assert_eq!(millis("2026-03-01T07:00:00.123-05:00"), Some(1_772_366_400_123));
        assert_eq!(millis("2026-03-01T12:00:00Z"), Some(1_772_366_400_000));
        assert_eq!(millis("2024-02-29T00:00:00Z"), Some(1_709_164_800_000));
        assert_eq!(millis("1969-12-31T23:59:59Z"), Some(-1000));
    }

    #[test]
    fn what_is_no_time_keeps_its_text() {
        for text in [
            "",
            "soon",
            "2026-13-01T00:00:00Z",
            "2026-03-01T12:00:00",
            "2026-03-01T12:00:00Zx",
            "ééé",
        ] {
            let stamp = Timestamp::from(text);
            assert_eq!((stamp.time(), stamp.as_str()), (None, text));
        }
    }
}
