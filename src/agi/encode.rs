//! One command as one line: quoted, escaped, and never two.

use std::fmt::Display;
use std::io::Write;

use crate::error::{Error, Result};

/// How long a line may be, its newline included: since Asterisk 20.16, 21.11 and 22.6.
pub const LINE_LIMIT: usize = 8191;

/// How long a line may be, its newline included: before that.
pub const OLD_LINE_LIMIT: usize = 2047;

/// More words than this Asterisk throws away.
const MAX_WORDS: usize = 127;

/// How long a line that version takes: `agi_version`. What Asterisk does not take it cuts, and runs
/// the rest as a command of its own; so of a version that says nothing, the older limit holds.
pub fn line_limit(version: &str) -> usize {
    // `22.10.1`, `certified/18.9-cert5`, `GIT-18-ab12cd3M`, `GIT-master-ab12cd3`.
    let prefixes = ["certified/", "certified-", "GIT-", "SVN-branch-"];
    let text =
        prefixes.iter().fold(version, |text, prefix| text.strip_prefix(prefix).unwrap_or(text));
    let mut numbers = text.split(|c: char| !c.is_ascii_digit()).map(str::parse::<u32>);
    let is_new = match (numbers.next(), text.contains('.').then(|| numbers.next()).flatten()) {
        (Some(Ok(major @ 20..=22)), Some(Ok(minor))) => minor >= [16, 11, 6][major as usize - 20],
        (Some(Ok(major)), _) => major >= 23,
        _ => text.starts_with("master"),
    };
    if is_new { LINE_LIMIT } else { OLD_LINE_LIMIT }
}

/// A command and its arguments, put together so that Asterisk reads exactly them.
///
/// Asterisk splits a line at spaces and tabs; double quotes keep an argument together, and a
/// backslash makes the next character an ordinary one. So each text is quoted, with a backslash
/// before each quote and backslash. What no line can hold, CR, LF and NUL, is refused.
///
/// ```
/// use asterisk_sync::agi::codec::{LINE_LIMIT, Line};
///
/// let mut line = Line::new();
/// line.begin("SET VARIABLE").text("NOTE").text("say \"hi\"");
/// assert_eq!(line.finish(LINE_LIMIT)?, b"SET VARIABLE \"NOTE\" \"say \\\"hi\\\"\"\n");
///
/// line.begin("NOOP").text("\nHANGUP");
/// assert!(line.finish(LINE_LIMIT).is_err());
/// # Ok::<(), asterisk_sync::Error>(())
/// ```
#[derive(Debug, Default)]
pub struct Line {
    bytes: Vec<u8>,
    /// The first thing wrong with it.
    fault: Option<Error>,
}

impl Line {
    /// An empty line. It keeps its memory from one command to the next.
    pub const fn new() -> Self {
        Self { bytes: Vec::new(), fault: None }
    }

    /// Begins anew, with the words of a command.
    pub fn begin(&mut self, command: &str) -> &mut Self {
        self.fault = None;
        self.bytes.clear();
        self.bytes.extend_from_slice(command.as_bytes());
        self.check(command);
        self
    }

    /// An argument, quoted.
    pub fn text(&mut self, text: &str) -> &mut Self {
        self.bytes.extend_from_slice(b" \"");
        let mut rest = text.as_bytes();
        while let Some(at) = rest.iter().position(|byte| matches!(byte, b'"' | b'\\')) {
            self.bytes.extend_from_slice(&rest[..at]);
            self.bytes.extend_from_slice(&[b'\\', rest[at]]);
            rest = &rest[at + 1..];
        }
        self.bytes.extend_from_slice(rest);
        self.bytes.push(b'"');
        self.check(text);
        self
    }

    /// An argument that is made of digits.
    pub fn number(&mut self, number: impl Into<i64>) -> &mut Self {
        // Memory takes whatever is written.
        let _ = write!(self.bytes, " {}", number.into());
        self
    }

    /// An argument that shows itself, quoted.
    pub fn display(&mut self, value: impl Display) -> &mut Self {
        self.text(&value.to_string())
    }

    /// Refuses the command, saying why.
    pub fn refuse(&mut self, why: &str) -> &mut Self {
        self.fault.get_or_insert_with(|| Error::invalid(why));
        self
    }

    /// A whole command as somebody else wrote it, quoted already.
    pub(crate) fn raw(&mut self, command: &str) -> &mut Self {
        let command = command.strip_suffix('\n').unwrap_or(command);
        self.begin(command);
        if command.trim_matches([' ', '\t']).is_empty() {
            self.refuse("the command is empty");
        }
        let words = words(command);
        if words > MAX_WORDS {
            let (size, limit) = (words as u64, MAX_WORDS as u64);
            self.fault.get_or_insert(Error::Limit { what: "number of words", size, limit });
        }
        self
    }

    /// The line with its newline, at most `limit` bytes.
    ///
    /// # Errors
    ///
    /// [`Error::Invalid`] for CR, LF and NUL, [`Error::Limit`] for a line that is too long.
    pub fn finish(&mut self, limit: usize) -> Result<&[u8]> {
        if let Some(fault) = self.fault.take() {
            return Err(fault);
        }
        self.bytes.push(b'\n');
        if self.bytes.len() > limit {
            let (size, limit) = (self.bytes.len() as u64, limit as u64);
            return Err(Error::Limit { what: "length of the line in bytes", size, limit });
        }
        Ok(&self.bytes)
    }

    /// What [`finish`](Self::finish) has made.
    pub(crate) fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    fn check(&mut self, text: &str) {
        if let Some(at) = text.bytes().position(|byte| matches!(byte, b'\r' | b'\n' | 0)) {
            let name = match text.as_bytes()[at] {
                b'\r' => "CR",
                b'\n' => "LF",
                _ => "NUL",
            };
            self.fault.get_or_insert_with(|| {
                Error::invalid(format!("{name} cannot be sent in an AGI command (byte {at})"))
            });
        }
    }
}

/// How many words Asterisk reads in a line.
fn words(line: &str) -> usize {
    let (mut words, mut is_quoted, mut is_escaped, mut is_between) = (0, false, false, true);
    for byte in line.bytes() {
        if matches!(byte, b' ' | b'\t') && !is_quoted && !is_escaped {
            is_between = true;
            continue;
        }
        if std::mem::take(&mut is_between) {
            words += 1;
        }
        match byte {
            _ if is_escaped => is_escaped = false,
            b'"' => is_quoted = !is_quoted,
            b'\\' => is_escaped = true,
            _ => {}
        }
    }
    words
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Reads a line as Asterisk does.
    fn read(line: &[u8]) -> Vec<Vec<u8>> {
        let (mut words, mut quoted, mut escaped) = (Vec::new(), false, false);
        let mut word: Option<Vec<u8>> = None;
        for &byte in line.strip_suffix(b"\n").unwrap() {
            match byte {
                _ if escaped => {
                    word.get_or_insert_default().push(byte);
                    escaped = false;
                }
                b'"' => {
                    quoted = !quoted;
                    word.get_or_insert_default();
                }
                b'\\' => escaped = true,
                b' ' | b'\t' if !quoted => words.extend(word.take()),
                _ => word.get_or_insert_default().push(byte),
            }
        }
        words.extend(word);
        words
    }

    #[test]
    fn asterisk_reads_the_arguments_that_were_given() {
        let texts = [
            "", "a b", "a\tb", "\\", "\"", "a\\\"b\\", "\\\\", "ünï", "')(", " x ", "\"\" \"",
            "a=b,c", "${X}", "x\\ y",
        ];
        let mut line = Line::new();
        for a in texts {
            for b in texts {
                line.begin("GET DATA").text(a).number(-5).text(b);
                let words = read(line.finish(LINE_LIMIT).unwrap());
                let expected: [&[u8]; 5] = [b"GET", b"DATA", a.as_bytes(), b"-5", b.as_bytes()];
                assert_eq!(words, expected);
            }
        }
    }

    #[test]
    fn what_would_end_the_line_is_refused_and_the_next_command_is_not() {
        let mut line = Line::new();
        for text in ["a\nHANGUP", "a\rb", "a\0b"] {
            line.begin("NOOP").text(text);
            assert!(matches!(line.finish(100), Err(Error::Invalid(_))), "{text:?}");
            line.raw(text);
            assert!(matches!(line.finish(100), Err(Error::Invalid(_))), "{text:?}");
        }
        line.begin("NOOP").text("a");
        assert_eq!(line.finish(100).unwrap(), b"NOOP \"a\"\n");
        line.raw("NOOP x\n");
        assert_eq!(line.finish(100).unwrap(), b"NOOP x\n");
    }

    #[test]
    fn a_line_may_be_as_long_as_the_version_takes() {
        let mut line = Line::new();
        let longest = "x".repeat(LINE_LIMIT - "NOOP \"\"\n".len());
        line.begin("NOOP").text(&longest);
        assert_eq!(line.finish(LINE_LIMIT).unwrap().len(), LINE_LIMIT);
        line.begin("NOOP").text(&(longest + "x"));
        let e = line.finish(LINE_LIMIT).unwrap_err();
        assert!(matches!(e, Error::Limit { size: 8192, limit: 8191, .. }), "{e}");
        let new = ["20.16.0", "21.11.0", "22.6.0-rc1", "22.10.1+dfsg", "23.0.0", "GIT-23-4a"];
        for new in new.into_iter().chain(["certified/22.8-cert1", "GIT-master-x"]) {
            assert_eq!(line_limit(new), LINE_LIMIT, "{new}");
        }
        let old = ["18.26.4", "20.15.2", "21.10.9", "22.5.0", "16.30.1", "certified/20.7-cert10"];
        for old in old.into_iter().chain(["13.1", "", "SVN-trunk-r1", "GIT-22-7a6b", "22"]) {
            assert_eq!(line_limit(old), OLD_LINE_LIMIT, "{old}");
        }
    }

    #[test]
    fn a_raw_command_has_no_more_words_than_asterisk_keeps() {
        let mut line = Line::new();
        line.raw(&"a ".repeat(127));
        assert!(line.finish(LINE_LIMIT).is_ok());
        line.raw(&"a ".repeat(128));
        assert!(matches!(line.finish(LINE_LIMIT), Err(Error::Limit { size: 128, .. })));
        line.raw(" \t");
        assert!(matches!(line.finish(LINE_LIMIT), Err(Error::Invalid(_))));
        assert_eq!(words("a \"b c\" d\\ e \"\""), 4);
    }
}
