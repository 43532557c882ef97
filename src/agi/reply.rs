//! What Asterisk answers.

use std::borrow::Cow;
use std::fmt;

use serde::ser::{Serialize, SerializeStruct, Serializer};

use crate::types::AgiStatus;

/// The reply to a command, as it came: `200 result=1 (a value) endpos=3200`.
///
/// A result is text before it is anything else: the digits a caller typed keep their zeros. What is
/// not UTF-8 is shown with the character U+FFFD; the `_bytes` have it as it came.
#[derive(Clone, PartialEq, Eq)]
pub struct AgiReply {
    bytes: Box<[u8]>,
}

impl AgiReply {
    pub(super) fn new(bytes: &[u8]) -> Self {
        Self { bytes: bytes.into() }
    }

    /// The number it begins with.
    pub fn status(&self) -> AgiStatus {
        AgiStatus::from(self.view().status())
    }

    /// The whole reply, without its last line end.
    pub fn text(&self) -> Cow<'_, str> {
        String::from_utf8_lossy(&self.bytes)
    }

    /// The same as it came.
    pub fn as_bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// What follows `result=`, up to the next space. Often a number; the digits typed, for
    /// `GET DATA`; `""` if there is none.
    pub fn result(&self) -> Cow<'_, str> {
        String::from_utf8_lossy(self.view().result())
    }

    /// The result as a number.
    pub fn code(&self) -> Option<i64> {
        self.view().code()
    }

    /// What stands in parentheses behind the result: from the first ` (` to the last `)`, with all
    /// parentheses and line ends between them.
    pub fn value(&self) -> Option<Cow<'_, str>> {
        self.value_bytes().map(String::from_utf8_lossy)
    }

    /// The same as it came.
    pub fn value_bytes(&self) -> Option<&[u8]> {
        self.view().value()
    }

    /// The result as the key that was pressed, for the commands that take one key: `200 result=49`
    /// is `'1'`. `None` if there is none.
    pub fn digit(&self) -> Option<char> {
        self.view().digit()
    }

    /// The fields that follow, in their order: `endpos=3200`. Without the quotes of those that have
    /// some.
    pub fn fields(&self) -> impl Iterator<Item = (Cow<'_, str>, Cow<'_, str>)> {
        let text = String::from_utf8_lossy;
        self.view().fields().map(move |(name, value)| (text(name), text(value)))
    }

    /// Where a sound stopped, in samples: the field `endpos`. `None` if there is none, or Asterisk
    /// does not know.
    pub fn end_position(&self) -> Option<u64> {
        self.view().end_position()
    }

    /// One of the fields that follow, such as `endpos`; without the quotes, if it has some.
    pub fn field(&self, name: &str) -> Option<Cow<'_, str>> {
        self.view().field(name).map(String::from_utf8_lossy)
    }

    fn view(&self) -> Reply<'_> {
        Reply(&self.bytes)
    }
}

impl fmt::Debug for AgiReply {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("AgiReply").field(&self.text()).finish()
    }
}

impl fmt::Display for AgiReply {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.text())
    }
}

impl Serialize for AgiReply {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_struct("AgiReply", 4)?;
        map.serialize_field("status", &self.status())?;
        map.serialize_field("result", &self.result())?;
        map.serialize_field("value", &self.value())?;
        map.serialize_field("text", &self.text())?;
        map.end()
    }
}

/// The same where it was read, without a copy.
#[derive(Clone, Copy)]
pub(super) struct Reply<'a>(pub(super) &'a [u8]);

impl<'a> Reply<'a> {
    pub(super) fn status(self) -> u16 {
        let digits = self.0.get(..3).unwrap_or_default();
        digits.iter().fold(0, |n, byte| n * 10 + u16::from(byte.wrapping_sub(b'0') % 10))
    }

    /// What stands behind the number: the words of an error.
    pub(super) fn message(self) -> Cow<'a, str> {
        String::from_utf8_lossy(self.0.get(4..).unwrap_or_default())
    }

    /// Where the result stands.
    fn result_range(self) -> (usize, usize) {
        const BEGIN: &[u8] = b"result=";
        // It is the first word behind the number.
        if self.0.get(4..4 + BEGIN.len()) != Some(BEGIN) {
            return (0, 0);
        }
        let begin = 4 + BEGIN.len();
        let rest = &self.0[begin..];
        let end = rest.iter().position(|byte| matches!(byte, b' ' | b'\n' | b'\r'));
        (begin, begin + end.unwrap_or(rest.len()))
    }

    pub(super) fn result(self) -> &'a [u8] {
        let (begin, end) = self.result_range();
        &self.0[begin..end]
    }

    pub(super) fn code(self) -> Option<i64> {
        number(self.result())
    }

    /// The result as the key that was pressed.
    pub(super) fn digit(self) -> Option<char> {
        let code = u32::try_from(self.code()?).ok().filter(|&code| code > 0)?;
        char::from_u32(code)
    }

    /// Where the value stands, without its parentheses.
    fn value_range(self) -> Option<(usize, usize)> {
        let (_, from) = self.result_range();
        let open = from + self.0[from..].windows(2).position(|two| two == b" (")? + 2;
        let close = open + self.0[open..].iter().rposition(|&byte| byte == b')')?;
        Some((open, close))
    }

    pub(super) fn value(self) -> Option<&'a [u8]> {
        self.value_range().map(|(open, close)| &self.0[open..close])
    }

    /// The word in parentheses that fields may follow.
    pub(super) fn value_word(self) -> Option<&'a [u8]> {
        let (open, _) = self.value_range()?;
        Some(&self.0[open..self.first_value_end()? - 1])
    }

    /// The value as text.
    pub(super) fn value_text(self) -> Option<String> {
        self.value().map(|bytes| String::from_utf8_lossy(bytes).into_owned())
    }

    pub(super) fn field(self, name: &str) -> Option<&'a [u8]> {
        self.fields().find(|(key, _)| *key == name.as_bytes()).map(|(_, value)| value)
    }

    pub(super) fn number(self, name: &str) -> Option<i64> {
        self.field(name).and_then(number)
    }

    /// `key=value` and `key="a value"` behind the value, or the result if there is no value.
    pub(super) fn fields(self) -> Fields<'a> {
        let from = self.first_value_end().unwrap_or(self.result_range().1);
        Fields { rest: &self.0[from..] }
    }

    /// Where the word in parentheses ends that fields follow: at its first `)`, since the fields
    /// may hold others.
    fn first_value_end(self) -> Option<usize> {
        let (open, _) = self.value_range()?;
        Some(open + self.0[open..].iter().position(|&byte| byte == b')')? + 1)
    }

    /// Where sound stopped, in samples. Asterisk writes -1 where it does not know.
    pub(super) fn end_position(self) -> Option<u64> {
        self.number("endpos").and_then(|samples| u64::try_from(samples).ok())
    }
}

fn number(digits: &[u8]) -> Option<i64> {
    std::str::from_utf8(digits).ok()?.parse().ok()
}

/// The fields of a reply.
pub(super) struct Fields<'a> {
    rest: &'a [u8],
}

impl<'a> Iterator for Fields<'a> {
    type Item = (&'a [u8], &'a [u8]);

    fn next(&mut self) -> Option<Self::Item> {
        loop {
            let text = self.rest.trim_ascii_start();
            if text.is_empty() {
                return None;
            }
            let end = text.iter().position(|&byte| byte == b'=' || byte == b' ');
            let (key, after) = text.split_at(end.unwrap_or(text.len()));
            let Some(after) = after.strip_prefix(b"=") else {
                self.rest = after;
                continue;
            };
            let (value, rest) = if let Some(quoted) = after.strip_prefix(b"\"") {
                let end = quoted.iter().position(|&byte| byte == b'"').unwrap_or(quoted.len());
                (&quoted[..end], quoted.get(end + 1..).unwrap_or_default())
            } else {
                let end = after.iter().position(|&byte| byte == b' ').unwrap_or(after.len());
                after.split_at(end)
            };
            self.rest = rest;
            return Some((key, value));
        }
    }
}
