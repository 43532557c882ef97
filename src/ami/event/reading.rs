//! What the accessors of an event say, for a test that compares all of them with the wire.

use std::borrow::Cow;
use std::time::{Duration, SystemTime};

use super::{BridgeView, ChannelView};

/// What one accessor says.
#[derive(Debug)]
pub struct Reading<'a> {
    /// The accessor.
    pub field: &'static str,
    /// The header that it reads; of a view, the prefix of its headers.
    pub header: &'static str,
    /// What it says.
    pub value: ReadValue<'a>,
}

/// What an accessor says, by the kind that it has in its table.
#[derive(Debug)]
#[non_exhaustive]
pub enum ReadValue<'a> {
    /// `text`
    Text(&'a str),
    /// `maybe`
    Maybe(Option<&'a str>),
    /// `parsed`: as it shows itself, and as it is.
    Parsed(Option<(String, String)>),
    /// `hex`
    Hex(Option<u32>),
    /// `flag`
    Flag(Option<bool>),
    /// `seconds`
    Seconds(Option<Duration>),
    /// `millis`
    Millis(Option<Duration>),
    /// `micros`
    Micros(Option<Duration>),
    /// `clock`
    Clock(Option<Duration>),
    /// `epoch`
    Epoch(Option<SystemTime>),
    /// `date`
    Date(Option<SystemTime>),
    /// `escaped`
    Escaped(Cow<'a, str>),
    /// `repeated`
    Repeated(Vec<&'a str>),
    /// `channel`, `raw_channel`
    Channel(ChannelView<'a>),
    /// `bridge`
    Bridge(BridgeView<'a>),
}
