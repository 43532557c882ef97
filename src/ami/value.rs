//! How Asterisk writes values, read.

use std::borrow::Cow;
use std::time::{Duration, SystemTime};

use crate::types::CallerPresentation;

/// A truth in any of Asterisk's spellings.
pub(in crate::ami) fn flag(value: &str) -> Option<bool> {
    let is_one_of =
        |words: &[&str]| words.iter().any(|word| value.trim().eq_ignore_ascii_case(word));
    if is_one_of(&["yes", "true", "on", "1", "y", "t", "enabled"]) {
        Some(true)
    } else if is_one_of(&["no", "false", "off", "0", "n", "f", "disabled"]) {
        Some(false)
    } else {
        None
    }
}

/// A presentation as `0 (Presentation Allowed, Not Screened)`: a number, and words for it.
pub(in crate::ami) fn presentation(value: &str) -> Option<CallerPresentation> {
    value.split(' ').next()?.parse().ok()
}

/// A number in hexadecimal, with or without `0x`.
pub(in crate::ami) fn hex(value: &str) -> Option<u32> {
    let digits = value.trim();
    u32::from_str_radix(digits.strip_prefix("0x").unwrap_or(digits), 16).ok()
}

/// A length of time in seconds, with or without a fraction.
pub(in crate::ami) fn seconds(value: &str) -> Option<Duration> {
    Duration::try_from_secs_f64(value.trim().parse().ok()?).ok()
}

/// A point in time in seconds since 1970, with or without a fraction. 0 stands for never.
pub(in crate::ami) fn epoch(value: &str) -> Option<SystemTime> {
    let since = seconds(value).filter(|since| !since.is_zero())?;
    SystemTime::UNIX_EPOCH.checked_add(since)
}

/// A length of time as `00:01:23`: hours, of which there may be many, minutes and seconds.
pub(in crate::ami) fn clock(value: &str) -> Option<Duration> {
    let mut parts = value.trim().split(':').map(|part| part.parse::<u64>().ok());
    let (hours, minutes, seconds) = (parts.next()??, parts.next()??, parts.next()??);
    let minutes = hours.checked_mul(60)?.checked_add(minutes)?;
    let total = minutes.checked_mul(60)?.checked_add(seconds)?;
    parts.next().is_none().then_some(Duration::from_secs(total))
}

/// A point in time as `2026-01-31T13:59:00.000+0000`, with or without a fraction, and with `Z` or
/// a colon in the zone if somebody likes it so.
pub(in crate::ami) fn date(value: &str) -> Option<SystemTime> {
    let (day, time) = value.trim().split_once('T')?;
    let mut day = day.splitn(3, '-').map(|part| part.parse::<u32>().ok());
    let (year, month, day) = (day.next()??, day.next()??, day.next()??);
    let zone = time.find(['+', '-', 'Z'])?;
    let (time, zone) = time.split_at(zone);
    let (clock_part, fraction) = time.split_once('.').unwrap_or((time, "0"));
    let fraction = seconds(&format!("0.{fraction}"))?;
    let west = zone.starts_with('-');
    let zone = zone.trim_start_matches(['+', '-', 'Z']).replace(':', "");
    let zone: u64 = if zone.is_empty() { 0 } else { zone.parse().ok()? };
    let zone = Duration::from_secs((zone / 100 * 60 + zone % 100) * 60);
    let since = days(year, month, day)?.checked_add(clock(clock_part)?)?.checked_add(fraction)?;
    let since = if west { since.checked_add(zone) } else { since.checked_sub(zone) }?;
    SystemTime::UNIX_EPOCH.checked_add(since)
}

/// The days from 1970 on, in the calendar of today.
fn days(year: u32, month: u32, day: u32) -> Option<Duration> {
    if !(1970..=9999).contains(&year) || !(1..=12).contains(&month) || !(1..=31).contains(&day) {
        return None;
    }
    // Years begin with March here, so that the odd day is their last.
    let (year, month) = if month > 2 { (year, month - 3) } else { (year - 1, month + 9) };
    let leap_days = year / 4 - year / 100 + year / 400;
    let days = year * 365 + leap_days + (month * 153 + 2) / 5 + day - 1;
    Some(Duration::from_secs(u64::from(days - 719_468) * 86_400))
}

/// Undoes the C escapes that the server writes into a few fields.
pub(in crate::ami) fn unescape(value: &str) -> Cow<'_, str> {
    if !value.contains('\\') {
        return Cow::Borrowed(value);
    }
    let mut out = String::with_capacity(value.len());
    let mut chars = value.chars();
    while let Some(c) = chars.next() {
        if c != '\\' {
            out.push(c);
            continue;
        }
        match chars.next() {
            Some('a') => out.push('\x07'),
            Some('b') => out.push('\x08'),
            Some('f') => out.push('\x0c'),
            Some('n') => out.push('\n'),
            Some('r') => out.push('\r'),
            Some('t') => out.push('\t'),
            Some('v') => out.push('\x0b'),
            Some(other @ ('\\' | '\'' | '"' | '?')) => out.push(other),
            Some(other) => out.extend(['\\', other]),
            None => out.push('\\'),
        }
    }
    Cow::Owned(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_spelling_of_a_truth_is_read() {
        for (text, truth) in [
            ("Yes", Some(true)),
            ("0", Some(false)),
            ("TRUE", Some(true)),
            ("Off", Some(false)),
            ("maybe", None),
        ] {
            assert_eq!(flag(text), truth, "{text}");
        }
    }

    #[test]
    fn escapes_are_undone_and_others_are_left() {
        assert_eq!(unescape(r"a\nb\\c\'d\te\?"), "a\nb\\c'd\te?");
        assert_eq!(unescape(r"C:\dir\"), "C:\\dir\\");
        assert!(matches!(unescape("plain"), Cow::Borrowed(_)));
    }

    #[test]
    fn lengths_of_time_have_fractions_or_not() {
        assert_eq!(seconds("12"), Some(Duration::from_secs(12)));
        assert_eq!(seconds("1.5"), Some(Duration::from_millis(1500)));
        assert_eq!(seconds("-1"), None);
    }

    #[test]
    fn a_length_of_time_on_a_clock_is_read() {
        assert_eq!(clock("00:01:23"), Some(Duration::from_secs(83)));
        assert_eq!(clock("100:00:01"), Some(Duration::from_secs(360_001)));
        for odd in ["", "1:2", "1:2:3:4", "a:b:c", "18446744073709551615:00:00"] {
            assert_eq!(clock(odd), None, "{odd}");
        }
    }

    #[test]
    fn a_date_is_read_in_whatever_zone() {
        let at = |millis| Some(SystemTime::UNIX_EPOCH + Duration::from_millis(millis));
        assert_eq!(date("1970-01-01T00:00:00.000+0000"), at(0));
        assert_eq!(date("2026-11-21T09:59:28.980+0000"), at(1_795_255_168_980));
        assert_eq!(date("2026-11-21T11:59:28.980+0200"), at(1_795_255_168_980));
        assert_eq!(date("2026-11-21T05:29:28.98-04:30"), at(1_795_255_168_980));
        assert_eq!(date("2024-02-29T00:00:00Z"), at(1_709_164_800_000));
        assert_eq!(date("2024-03-01T00:00:00Z"), at(1_709_251_200_000));
        for odd in ["", "2026-11-21", "2026-13-01T00:00:00Z", "1969-12-31T23:59:59Z", "x-y-zTaZ"] {
            assert_eq!(date(odd), None, "{odd}");
        }
    }

    #[test]
    fn the_beginning_of_time_is_never() {
        assert_eq!(epoch("0"), None);
        assert_eq!(epoch("N/A"), None);
        assert_eq!(epoch("12"), Some(SystemTime::UNIX_EPOCH + Duration::from_secs(12)));
    }
}
