//! The path and the query of a URL.

use std::borrow::Cow;

use crate::percent;

/// Percent-decodes. A `%` that no two hexadecimal digits follow stands for itself; bytes that are
/// not UTF-8 become U+FFFD.
pub(super) fn decode(text: &str) -> Cow<'_, str> {
    if !text.contains('%') {
        return Cow::Borrowed(text);
    }
    let text = String::from_utf8(percent::decode(text.as_bytes()));
    Cow::Owned(text.unwrap_or_else(|e| String::from_utf8_lossy(e.as_bytes()).into_owned()))
}

/// The pairs of a query; what has no `=` is a key without a value.
pub(super) struct Query<'a> {
    rest: Option<&'a str>,
}

impl<'a> Query<'a> {
    pub(super) fn new(query: Option<&'a str>) -> Self {
        Self { rest: query }
    }
}

impl<'a> Iterator for Query<'a> {
    type Item = (Cow<'a, str>, Cow<'a, str>);

    fn next(&mut self) -> Option<Self::Item> {
        loop {
            let rest = self.rest.take()?;
            let (pair, after) = rest.split_once('&').map_or((rest, None), |(a, b)| (a, Some(b)));
            self.rest = after;
            if !pair.is_empty() {
                let (key, value) = pair.split_once('=').unwrap_or((pair, ""));
                return Some((decode(key), decode(value)));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn percent_signs_are_decoded_where_digits_follow_and_kept_where_not() {
        assert_eq!(decode("a%20b%2Fc"), "a b/c");
        assert_eq!(decode("100%"), "100%");
        assert_eq!(decode("%zz%4"), "%zz%4");
        assert_eq!(decode("%c3%bc"), "ü");
        assert_eq!(decode("%ff"), "\u{fffd}");
        assert_eq!(decode("ü%41"), "üA");
    }

    #[test]
    fn a_query_is_pairs() {
        let pairs: Vec<_> = Query::new(Some("a=1&&b=x%26y&c&from=+49=")).collect();
        let expected = [("a", "1"), ("b", "x&y"), ("c", ""), ("from", "+49=")];
        assert_eq!(pairs, expected.map(|(a, b)| (Cow::from(a), Cow::from(b))));
        assert_eq!(Query::new(None).count(), 0);
    }
}
