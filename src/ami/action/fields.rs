//! What an action says, and the limits of what Asterisk can hear.

use std::borrow::Cow;
use std::fmt;
use std::time::Duration;

use serde::ser::{Serialize, SerializeMap, Serializer};
use zeroize::Zeroizing;

use crate::ami::message::is_secret;
use crate::error::{Error, Result};

/// A line may have 1,024 bytes with its CRLF; Asterisk answers a longer one with an error, or
/// worse, with less than was asked.
const LINE_LIMIT: usize = 1022;

/// Asterisk refuses a message of more headers.
const HEADER_LIMIT: usize = 128;

/// Writes an action's headers and checks each of them. The first fault is kept, and reported before
/// anything is sent.
#[derive(Debug)]
pub struct Headers {
    bytes: Zeroizing<Vec<u8>>,
    count: usize,
    fault: Option<Error>,
}

impl Headers {
    pub(crate) fn new(action: &str, id: Option<fmt::Arguments<'_>>) -> Self {
        let bytes = Zeroizing::new(Vec::with_capacity(256));
        let mut headers = Self { bytes, count: 0, fault: None };
        headers.write("Action", action);
        if let Some(id) = id {
            headers.write("ActionID", &id.to_string());
        }
        headers
    }

    /// One header. The `ActionID` is the client's own business.
    pub fn header(&mut self, name: &str, value: &str) {
        if ["Action", "ActionID"].iter().any(|ours| name.eq_ignore_ascii_case(ours)) {
            self.fail(Error::invalid(format!("the header {name} is set by the client")));
        } else {
            self.write(name, value);
        }
    }

    fn write(&mut self, name: &str, value: &str) {
        if let Err(e) = check(name, value) {
            self.fail(e);
        }
        self.count += 1;
        for part in [name, ": ", value, "\r\n"] {
            self.bytes.extend_from_slice(part.as_bytes());
        }
    }

    fn fail(&mut self, error: Error) {
        self.fault.get_or_insert(error);
    }

    /// The whole message, or what is wrong with it.
    pub(crate) fn finish(mut self) -> Result<Zeroizing<Vec<u8>>> {
        if let Some(fault) = self.fault {
            return Err(fault);
        }
        limit("number of headers", self.count, HEADER_LIMIT)?;
        self.bytes.extend_from_slice(b"\r\n");
        Ok(self.bytes)
    }
}

fn check(name: &str, value: &str) -> Result<()> {
    let named = |fault: &str| {
        // A name that is at fault itself is shown in an escaped form.
        Err(Error::invalid(format!("header {name:?}: {fault}")))
    };
    if name.is_empty() {
        return Err(Error::invalid("a header needs a name"));
    }
    if name.bytes().any(|b| b == b':' || b <= b' ' || b == 0x7f) {
        return named("a name has neither colons nor blanks nor control characters");
    }
    if value.bytes().any(|b| matches!(b, b'\r' | b'\n' | 0)) {
        return named("a value has neither line breaks nor NUL, AMI cannot send them");
    }
    if value.bytes().next().is_some_and(|b| b <= b' ') {
        return named("a value cannot begin with a blank, Asterisk would drop it");
    }
    limit("length of a line in bytes", name.len() + 2 + value.len(), LINE_LIMIT)
}

fn limit(what: &'static str, size: usize, limit: usize) -> Result<()> {
    if size > limit {
        return Err(Error::Limit { what, size: size as u64, limit: limit as u64 });
    }
    Ok(())
}

/// The headers of an action from the tables, in the order they were set.
#[derive(Clone, PartialEq, Eq, Default)]
pub(crate) struct Fields(Vec<(Cow<'static, str>, String)>);

impl Fields {
    /// Sets a header, in the place it had if it was set before.
    pub(crate) fn set(&mut self, name: &'static str, value: impl Value) {
        let value = value.to_wire();
        match self.0.iter_mut().find(|(n, _)| n == name) {
            Some((_, old)) => *old = value,
            None => self.0.push((name.into(), value)),
        }
    }

    /// Adds a header that may repeat.
    pub(crate) fn add(&mut self, name: impl Into<Cow<'static, str>>, value: impl Value) {
        self.0.push((name.into(), value.to_wire()));
    }

    pub(crate) fn write(&self, headers: &mut Headers) {
        for (name, value) in &self.0 {
            headers.header(name, value);
        }
    }

    fn shown(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0.iter().map(|(name, value)| {
            (&**name, if is_secret("", name) { "<redacted>" } else { value.as_str() })
        })
    }

    /// `Debug` for the action that has these fields.
    pub(crate) fn debug(&self, name: &str, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(name)?;
        f.write_str(" ")?;
        f.debug_map().entries(self.shown()).finish()
    }

    /// `Serialize` for the action that has these fields.
    pub(crate) fn serialize<S: Serializer>(&self, name: &str, to: S) -> Result<S::Ok, S::Error> {
        let mut map = to.serialize_map(None)?;
        map.serialize_entry("Action", name)?;
        for (i, (name, value)) in self.0.iter().enumerate() {
            if self.0[..i].iter().any(|(n, _)| n == name) {
                continue;
            }
            let all: Vec<&str> =
                self.0[i..].iter().filter(|(n, _)| n == name).map(|(_, v)| v.as_str()).collect();
            match all[..] {
                [_] => map.serialize_entry(name, value)?,
                _ => map.serialize_entry(name, &all)?,
            }
        }
        map.end()
    }
}

impl Serialize for Fields {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(self.0.iter().map(|(name, value)| (name, value)))
    }
}

/// What a setter takes, and how Asterisk reads it.
pub trait Value {
    /// The value as it stands behind the colon.
    fn to_wire(self) -> String;
}

impl Value for String {
    fn to_wire(self) -> String {
        self
    }
}

impl Value for &str {
    fn to_wire(self) -> String {
        self.to_owned()
    }
}

impl Value for &String {
    fn to_wire(self) -> String {
        self.clone()
    }
}

impl Value for bool {
    fn to_wire(self) -> String {
        if self { "true" } else { "false" }.to_owned()
    }
}

/// A length of time that Asterisk takes in whole milliseconds.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Millis(pub(crate) Duration);

/// A length of time that Asterisk takes in whole seconds; a part of one counts as one.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Seconds(pub(crate) Duration);

impl Value for Millis {
    fn to_wire(self) -> String {
        self.0.as_millis().to_string()
    }
}

impl Value for Seconds {
    fn to_wire(self) -> String {
        self.0.as_secs().saturating_add(u64::from(self.0.subsec_nanos() > 0)).to_string()
    }
}

macro_rules! shown_values {
    ($($type:ty),* $(,)?) => { $(
        impl Value for $type {
            fn to_wire(self) -> String {
                self.to_string()
            }
        }
    )* };
}

shown_values!(u8, u16, u32, u64, usize, i32, i64, f64);
pub(crate) use shown_values;

#[cfg(test)]
mod tests {
    use super::*;

    fn one(name: &str, value: &str) -> Result<Zeroizing<Vec<u8>>> {
        let mut headers = Headers::new("X", None);
        headers.header(name, value);
        headers.finish()
    }

    #[test]
    fn what_asterisk_would_misread_is_refused() {
        for (name, value) in [
            ("", "x"),
            ("A:B", "x"),
            ("A B", "x"),
            ("A\r\nB", "x"),
            ("A", "x\r\nAction: Command"),
            ("A", "x\ny"),
            ("A", "x\0y"),
            ("A", " x"),
            ("ActionID", "mine"),
            ("action", "Originate"),
        ] {
            assert!(matches!(one(name, value), Err(Error::Invalid(_))), "{name:?}: {value:?}");
        }
        assert!(one("A", "x: y ").is_ok());
        assert!(one("A", "").is_ok());
    }

    #[test]
    fn a_line_has_at_most_1022_bytes_and_a_message_128_headers() {
        assert!(one("A", &"x".repeat(1019)).is_ok());
        assert!(matches!(
            one("A", &"x".repeat(1020)),
            Err(Error::Limit { size: 1023, limit: 1022, .. })
        ));
        let many = |n: usize| {
            let mut headers = Headers::new("X", Some(format_args!("1")));
            (0..n).for_each(|_| headers.header("Variable", "a=b"));
            headers.finish()
        };
        assert!(many(126).is_ok());
        assert!(matches!(many(127), Err(Error::Limit { size: 129, limit: 128, .. })));
    }
}
