//! What an action says, and the limits of what Asterisk can hear.

use std::borrow::Cow;
use std::fmt;
use std::ops::Range;
use std::time::Duration;

use serde::ser::{SerializeMap, Serializer};

use crate::ami::calls::ActionId;
use crate::ami::message::is_secret;
use crate::error::{Error, Result};
use crate::types::{
    AocBillingId, AocChargeType, AocChargedItem, AocChargingType, AocMessageType, AocMultiplier,
    AocRateType, AocTimeScale, AocTotalType, AocVolumeUnit, AuthType, BridgeTone, ConfigAction,
    HangupCause, MixMonitorDirection, ModuleLoadType, MuteDirection, PlaybackControl,
    PriDebugLevel,
};

/// A line may have 1,024 bytes with its CRLF; Asterisk answers a longer one with an error, or
/// worse, with less than was asked.
const LINE_LIMIT: usize = 1022;

/// Asterisk reads so much at once.
const READ: usize = LINE_LIMIT + 2;

/// How much of some lines Asterisk takes at once: as many whole ones as it reads. Of a longer TLS
/// record it leaves the rest where it does not look before something else comes.
pub(in crate::ami) fn whole_lines(bytes: &[u8]) -> usize {
    let read = &bytes[..bytes.len().min(READ)];
    memchr::memrchr(b'\n', read).map_or(bytes.len(), |last| last + 1)
}

/// Asterisk refuses a message of more headers.
const HEADER_LIMIT: usize = 128;

/// Writes an action's headers and checks each of them. The first fault is kept, and reported before
/// anything is sent.
pub struct Headers {
    bytes: Vec<u8>,
    count: usize,
    fault: Option<Error>,
    /// The line with the action's id, to be repeated in a ping behind it.
    id: Range<usize>,
    pings: bool,
}

impl Headers {
    pub(crate) fn new(action: &str, id: Option<ActionId<'_>>) -> Self {
        let mut headers =
            Self { bytes: Vec::with_capacity(256), count: 0, fault: None, id: 0..0, pings: false };
        headers.write("Action", action);
        if let Some(id) = id {
            let begin = headers.bytes.len();
            headers.bytes.extend_from_slice(b"ActionID: ");
            // Ours, so there is nothing to check.
            id.write(&mut headers.bytes);
            headers.bytes.extend_from_slice(b"\r\n");
            headers.count += 1;
            headers.id = begin..headers.bytes.len();
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

    /// Refuses the action, saying why: [`Error::Invalid`], and nothing is sent.
    pub fn refuse(&mut self, why: &str) {
        self.fail(Error::invalid(why));
    }

    /// Sends a ping with the same id behind the action: its response is the end of an answer that
    /// has none, because the server does one thing after the other.
    pub(in crate::ami) fn ping_behind(&mut self) {
        self.pings = true;
    }

    fn fail(&mut self, error: Error) {
        self.fault.get_or_insert(error);
    }

    /// The whole message, or what is wrong with it.
    pub(crate) fn finish(mut self) -> Result<Vec<u8>> {
        if let Some(fault) = self.fault {
            return Err(fault);
        }
        limit("number of headers", self.count, HEADER_LIMIT)?;
        self.bytes.extend_from_slice(b"\r\n");
        if self.pings {
            self.bytes.extend_from_slice(b"Action: Ping\r\n");
            self.bytes.extend_from_within(self.id);
            self.bytes.extend_from_slice(b"\r\n");
        }
        Ok(self.bytes)
    }
}

/// Without what was written, which may hold secrets.
impl fmt::Debug for Headers {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Headers")
            .field("count", &self.count)
            .field("fault", &self.fault)
            .finish_non_exhaustive()
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
pub(crate) struct Fields {
    headers: Vec<Field>,
    /// The first thing that cannot be said in a header, kept until the action is sent.
    fault: Option<&'static str>,
}

#[derive(Clone, PartialEq, Eq)]
struct Field {
    name: Cow<'static, str>,
    value: String,
    /// Whether it is a secret although its name does not say so.
    secret: bool,
}

impl Fields {
    /// Sets a header, in the place it had if it was set before.
    pub(crate) fn set(&mut self, name: &'static str, value: impl Value) {
        let value = value.to_wire();
        match self.headers.iter_mut().find(|field| field.name == name) {
            Some(field) => field.value = value,
            None => self.add(name, value),
        }
    }

    /// Adds a header that may repeat.
    pub(crate) fn add(&mut self, name: impl Into<Cow<'static, str>>, value: impl Value) {
        self.headers.push(Field { name: name.into(), value: value.to_wire(), secret: false });
    }

    /// Takes a header away.
    pub(crate) fn remove(&mut self, name: &str) {
        self.headers.retain(|field| field.name != name);
    }

    /// Keeps a header from being shown.
    pub(crate) fn hide(&mut self, name: &str) {
        self.headers.iter_mut().filter(|f| f.name == name).for_each(|f| f.secret = true);
    }

    /// Adds all headers of another, with this behind their names.
    pub(crate) fn extend(&mut self, other: Self, suffix: &str) {
        self.fault = self.fault.or(other.fault);
        self.headers.extend(other.headers.into_iter().map(|field| match suffix {
            "" => field,
            _ => Field { name: format!("{}{suffix}", field.name).into(), ..field },
        }));
    }

    /// Adds a header of the form `name=value` that Asterisk splits at commas, so that it arrives
    /// as it is.
    pub(crate) fn add_variable(&mut self, header: &'static str, name: &str, value: &str) {
        if name.is_empty() || name.contains('=') {
            self.refuse("a variable has a name, without an equals sign");
        }
        let mut both = String::with_capacity(name.len() + value.len() + 8);
        for c in name.chars().chain(['=']).chain(value.chars()) {
            if matches!(c, ',' | '"' | '\\') {
                both.push('\\');
            }
            both.push(c);
        }
        self.add(header, both);
    }

    /// Sets a header to a list with commas.
    pub(crate) fn set_list<I>(&mut self, name: &'static str, items: I)
    where
        I: IntoIterator<Item: AsRef<str>>,
    {
        let mut list = String::new();
        for item in items {
            if !list.is_empty() {
                list.push(',');
            }
            list.push_str(item.as_ref());
        }
        self.set(name, list);
    }

    /// Makes the action one that is refused when it is sent.
    pub(crate) fn refuse(&mut self, why: &'static str) {
        self.fault.get_or_insert(why);
    }

    /// A header's value, if it was set.
    pub(crate) fn get(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|field| field.name == name).map(|field| field.value.as_str())
    }

    /// How many headers have a name that begins like this.
    pub(crate) fn count(&self, prefix: &str) -> usize {
        self.headers.iter().filter(|field| field.name.starts_with(prefix)).count()
    }

    /// Whether a header was set.
    pub(crate) fn has(&self, name: &str) -> bool {
        self.get(name).is_some()
    }

    pub(crate) fn write(&self, headers: &mut Headers) {
        if let Some(why) = self.fault {
            headers.refuse(why);
        }
        for field in &self.headers {
            headers.header(&field.name, &field.value);
        }
    }

    /// The headers as they may be shown.
    fn shown(&self, action: &str) -> impl Iterator<Item = (&str, &str)> {
        self.headers.iter().map(move |Field { name, value, secret }| {
            (&**name, if *secret || is_secret(action, name) { "<redacted>" } else { value })
        })
    }

    /// `Debug` for the action that has these fields.
    pub(crate) fn debug(&self, name: &str, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(name)?;
        f.write_str(" ")?;
        f.debug_map().entries(self.shown(name)).finish()
    }

    /// `Serialize` for the action that has these fields, without secrets.
    pub(crate) fn serialize<S: Serializer>(&self, name: &str, to: S) -> Result<S::Ok, S::Error> {
        let mut map = to.serialize_map(None)?;
        map.serialize_entry("Action", name)?;
        let all: Vec<_> = self.shown(name).collect();
        for (i, (name, value)) in all.iter().enumerate() {
            if all[..i].iter().any(|(n, _)| n == name) {
                continue;
            }
            let values: Vec<&str> =
                all[i..].iter().filter(|(n, _)| n == name).map(|(_, v)| *v).collect();
            match values[..] {
                [_] => map.serialize_entry(name, value)?,
                _ => map.serialize_entry(name, &values)?,
            }
        }
        map.end()
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

shown_values!(char, u8, u16, u32, u64, usize, i32, i64, f64);
shown_values!(
    AocBillingId,
    AocChargeType,
    AocChargedItem,
    AocChargingType,
    AocMessageType,
    AocMultiplier,
    AocRateType,
    AocTimeScale,
    AocTotalType,
    AocVolumeUnit,
    AuthType,
    BridgeTone,
    ConfigAction,
    HangupCause,
    MixMonitorDirection,
    ModuleLoadType,
    MuteDirection,
    PlaybackControl,
    PriDebugLevel,
);

#[cfg(test)]
mod tests {
    use super::*;

    fn one(name: &str, value: &str) -> Result<Vec<u8>> {
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
            let mut headers = Headers::new("X", Some(ActionId { prefix: "", number: 1 }));
            (0..n).for_each(|_| headers.header("Variable", "a=b"));
            headers.finish()
        };
        assert!(many(126).is_ok());
        assert!(matches!(many(127), Err(Error::Limit { size: 129, limit: 128, .. })));
    }
}
