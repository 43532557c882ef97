//! The head of an HTTP request, as a server reads it, sans-I/O.

use std::fmt;

/// So many bytes a head may have.
pub(crate) const MAX_HEAD: usize = 16 << 10;

/// So many headers it may have.
const MAX_HEADERS: usize = 100;

/// Method, target and headers. They borrow from what was read, which may hold a password: whoever
/// read it wipes it.
#[derive(Clone)]
pub(crate) struct Head<'a> {
    pub(crate) method: &'a str,
    /// Path and query, as they came.
    pub(crate) target: &'a str,
    headers: Vec<(&'a str, &'a str)>,
}

/// Why something is no head.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Fault {
    /// It is not HTTP.
    Malformed(&'static str),
    /// It is over a limit.
    TooLarge,
}

impl<'a> Head<'a> {
    /// Reads a head, and how long it is; `None` if it has not come whole.
    pub(crate) fn parse(bytes: &'a [u8]) -> Result<Option<(Self, usize)>, Fault> {
        let Some(end) = bytes.windows(4).position(|end| end == b"\r\n\r\n") else {
            return if bytes.len() >= MAX_HEAD { Err(Fault::TooLarge) } else { Ok(None) };
        };
        if end + 4 > MAX_HEAD {
            return Err(Fault::TooLarge);
        }
        let text = std::str::from_utf8(&bytes[..end]);
        let text = text.map_err(|_| Fault::Malformed("its head is not UTF-8"))?;
        let mut lines = text.split("\r\n");
        let mut words = lines.next().unwrap_or_default().split(' ');
        let (Some(method), Some(target), Some(version), None) =
            (words.next(), words.next(), words.next(), words.next())
        else {
            return Err(Fault::Malformed("its first line is not that of a request"));
        };
        if !is_token(method) || !version.starts_with("HTTP/1.") {
            return Err(Fault::Malformed("its first line is not that of HTTP/1"));
        }
        if !target.starts_with('/') || target.contains(|c: char| !c.is_ascii_graphic()) {
            return Err(Fault::Malformed("its target is no path"));
        }
        let mut headers = Vec::new();
        for line in lines {
            if headers.len() == MAX_HEADERS {
                return Err(Fault::TooLarge);
            }
            let (name, value) = line.split_once(':').unwrap_or_default();
            let value = value.trim_matches([' ', '\t']);
            if !is_token(name) || value.contains(|c: char| c.is_control() && c != '\t') {
                return Err(Fault::Malformed("one of its headers is none"));
            }
            headers.push((name, value));
        }
        Ok(Some((Self { method, target, headers }, end + 4)))
    }

    /// All headers, in their order.
    #[cfg(any(test, feature = "testing"))]
    pub(crate) fn headers(&self) -> impl Iterator<Item = (&'a str, &'a str)> + '_ {
        self.headers.iter().copied()
    }

    /// The values of a header, whichever way its name is written.
    fn values<'b>(&'b self, name: &'b str) -> impl Iterator<Item = &'a str> + 'b {
        let is_it = move |(known, _): &&(&str, &str)| known.eq_ignore_ascii_case(name);
        self.headers.iter().filter(is_it).map(|&(_, value)| value)
    }

    /// A header that may stand there once; the first of several.
    pub(crate) fn header(&self, name: &str) -> Option<&'a str> {
        self.values(name).next()
    }

    /// The words of a header that is a list, or of several headers of that name.
    pub(crate) fn words<'b>(&'b self, name: &'b str) -> impl Iterator<Item = &'a str> + 'b {
        self.values(name)
            .flat_map(|value| value.split(','))
            .map(str::trim)
            .filter(|word| !word.is_empty())
    }

    /// Whether a header that is a list has this word.
    pub(crate) fn says(&self, name: &str, wanted: &str) -> bool {
        self.words(name).any(|word| word.eq_ignore_ascii_case(wanted))
    }
}

fn is_token(text: &str) -> bool {
    let is_part = |c: char| c.is_ascii_alphanumeric() || "!#$%&'*+-.^_`|~".contains(c);
    !text.is_empty() && text.chars().all(is_part)
}

/// What stands in the headers may be secret.
impl fmt::Debug for Head<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Head")
            .field("method", &self.method)
            .field("headers", &self.headers.len())
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fault(bytes: &[u8]) -> Fault {
        Head::parse(bytes).unwrap_err()
    }

    #[test]
    fn a_head_is_read_once_it_is_whole_and_what_follows_is_left() {
        let bytes = b"GET /a?b=c HTTP/1.1\r\nHost: x\r\nA: 1, two\r\na:\t3 \r\nEmpty:\r\n\r\nrest";
        for cut in 0..bytes.len() - 4 {
            assert!(Head::parse(&bytes[..cut]).unwrap().is_none(), "{cut}");
        }
        let (head, size) = Head::parse(bytes).unwrap().unwrap();
        assert_eq!(&bytes[size..], b"rest");
        assert_eq!((head.method, head.target), ("GET", "/a?b=c"));
        assert_eq!(head.words("a").collect::<Vec<_>>(), ["1", "two", "3"]);
        assert!(head.says("A", "TWO") && !head.says("A", "tw"));
        assert_eq!((head.header("EMPTY"), head.header("none")), (Some(""), None));
        assert_eq!(head.headers().count(), 4);
    }

    #[test]
    fn what_is_no_request_is_refused() {
        for text in [
            "\r\n\r\n",
            "GET\r\n\r\n",
            "GET /\r\n\r\n",
            "GET / HTTP/2\r\n\r\n",
            "GET / HTTP/1.1 x\r\n\r\n",
            "G\u{7}T / HTTP/1.1\r\n\r\n",
            "GET http://x/ HTTP/1.1\r\n\r\n",
            "GET /\u{e9} HTTP/1.1\r\n\r\n",
            "GET / HTTP/1.1\r\nno colon\r\n\r\n",
            "GET / HTTP/1.1\r\n folded: x\r\n\r\n",
            "GET / HTTP/1.1\r\nA: b\rc\r\n\r\n",
            "GET / HTTP/1.1\r\nA: b\nB: c\r\n\r\n",
            "GET / HTTP/1.1\r\nA: \u{0}\r\n\r\n",
        ] {
            assert!(matches!(fault(text.as_bytes()), Fault::Malformed(_)), "{text:?}");
        }
        assert!(matches!(fault(b"GET / HTTP/1.1\r\nA: \xff\r\n\r\n"), Fault::Malformed(_)));
    }

    #[test]
    fn what_has_no_end_is_too_large() {
        let many = "A: b\r\n".repeat(MAX_HEADERS + 1);
        assert_eq!(fault(format!("GET / HTTP/1.1\r\n{many}\r\n").as_bytes()), Fault::TooLarge);
        let long = format!("GET / HTTP/1.1\r\nA: {}", "b".repeat(MAX_HEAD));
        assert_eq!(fault(long.as_bytes()), Fault::TooLarge);
        assert_eq!(fault(format!("{long}\r\n\r\n").as_bytes()), Fault::TooLarge);
    }

    #[test]
    fn no_header_is_shown() {
        let (head, _) = Head::parse(b"GET /?k=s HTTP/1.1\r\nA: s3cret\r\n\r\n").unwrap().unwrap();
        assert!(!format!("{head:?}").contains("s3cret"));
    }
}
