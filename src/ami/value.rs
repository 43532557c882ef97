//! How Asterisk writes values, read.

use std::borrow::Cow;
use std::time::{Duration, SystemTime};

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
    fn the_beginning_of_time_is_never() {
        assert_eq!(epoch("0"), None);
        assert_eq!(epoch("N/A"), None);
        assert_eq!(epoch("12"), Some(SystemTime::UNIX_EPOCH + Duration::from_secs(12)));
    }
}
