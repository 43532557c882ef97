//! Snapshots that stand in many events under many prefixes.

use std::borrow::Cow;
use std::fmt;

use crate::ami::Message;
use crate::ami::value::unescape;
use crate::types::{ChannelState, VideoSourceMode};

/// A channel as an event shows it: `Channel`, `ChannelState`, `CallerIDNum`, … under a prefix such
/// as `Dest`. Shows itself as the channel's name.
#[derive(Clone, Copy)]
pub struct ChannelView<'a> {
    message: &'a Message,
    prefix: &'static str,
    escaped: bool,
}

impl<'a> ChannelView<'a> {
    pub(in crate::ami) fn new(message: &'a Message, prefix: &'static str) -> Self {
        Self { message, prefix, escaped: true }
    }

    /// Of one of the few events that write these headers on their own, and escape nothing.
    pub(in crate::ami) fn raw(message: &'a Message, prefix: &'static str) -> Self {
        Self { message, prefix, escaped: false }
    }

    fn get(&self, name: &str) -> Option<&'a str> {
        self.message.get_prefixed(self.prefix, name)
    }

    fn known(&self, name: &str) -> Option<&'a str> {
        self.get(name).filter(|value| !value.is_empty() && *value != "<unknown>")
    }

    fn known_text(&self, name: &str) -> Option<Cow<'a, str>> {
        self.known(name).map(|text| if self.escaped { unescape(text) } else { Cow::Borrowed(text) })
    }

    /// Whether the event has this channel at all.
    pub fn is_present(&self) -> bool {
        self.get("Channel").is_some()
    }

    /// The name, such as `PJSIP/alice-00000001`; empty if absent.
    pub fn channel(&self) -> &'a str {
        self.get("Channel").unwrap_or("")
    }

    /// The state (`ChannelState`).
    pub fn state(&self) -> Option<ChannelState> {
        self.get("ChannelState")?.parse().ok()
    }

    /// The state in words (`ChannelStateDesc`); empty if absent.
    pub fn state_desc(&self) -> &'a str {
        self.get("ChannelStateDesc").unwrap_or("")
    }

    /// The caller's number (`CallerIDNum`); `None` where Asterisk knows none.
    pub fn caller_id_num(&self) -> Option<&'a str> {
        self.known("CallerIDNum")
    }

    /// The caller's name (`CallerIDName`), unescaped; `None` where Asterisk knows none.
    pub fn caller_id_name(&self) -> Option<Cow<'a, str>> {
        self.known_text("CallerIDName")
    }

    /// The number of the other side (`ConnectedLineNum`); `None` where Asterisk knows none.
    pub fn connected_line_num(&self) -> Option<&'a str> {
        self.known("ConnectedLineNum")
    }

    /// The name of the other side (`ConnectedLineName`), unescaped; `None` where Asterisk knows
    /// none.
    pub fn connected_line_name(&self) -> Option<Cow<'a, str>> {
        self.known_text("ConnectedLineName")
    }

    /// The language of prompts (`Language`); empty if absent.
    pub fn language(&self) -> &'a str {
        self.get("Language").unwrap_or("")
    }

    /// The account code (`AccountCode`); empty if absent.
    pub fn account_code(&self) -> &'a str {
        self.get("AccountCode").unwrap_or("")
    }

    /// The dialplan context (`Context`); empty if absent.
    pub fn context(&self) -> &'a str {
        self.get("Context").unwrap_or("")
    }

    /// The extension (`Exten`); empty if absent.
    pub fn exten(&self) -> &'a str {
        self.get("Exten").unwrap_or("")
    }

    /// The priority (`Priority`).
    pub fn priority(&self) -> Option<u32> {
        self.get("Priority")?.parse().ok()
    }

    /// The unique id (`Uniqueid`); empty if absent.
    pub fn unique_id(&self) -> &'a str {
        self.get("Uniqueid").unwrap_or("")
    }

    /// The id that all channels of a call share (`Linkedid`); empty if absent.
    pub fn linked_id(&self) -> &'a str {
        self.get("Linkedid").unwrap_or("")
    }

    /// The tenant (`Tenantid`), where the server has tenants.
    pub fn tenant_id(&self) -> Option<&'a str> {
        self.get("Tenantid")
    }

    /// The variables that `channelvars` of the server's `manager.conf` adds: name and value.
    ///
    /// Headers `ChanVariable`, whose values are unescaped, and `ChanVariable(…)` with this
    /// channel's name in the parentheses, which has nothing escaped.
    pub fn variables(&self) -> impl Iterator<Item = (&'a str, Cow<'a, str>)> + use<'a> {
        let (message, prefix, channel) = (self.message, self.prefix, self.channel());
        message.iter().filter_map(move |(header, value)| {
            let suffix = header.get(..prefix.len()).filter(|p| p.eq_ignore_ascii_case(prefix));
            let suffix = suffix.map_or("", |_| &header[prefix.len()..]);
            if suffix.eq_ignore_ascii_case("ChanVariable") {
                let (name, value) = value.split_once('=')?;
                return Some((name, unescape(value)));
            }
            let (name, value) = parenthesized(header, value, channel)?.split_once('=')?;
            Some((name, Cow::Borrowed(value)))
        })
    }
}

/// The assignment in `ChanVariable(channel): name=value`, if it is this channel's.
fn parenthesized<'a>(header: &str, value: &'a str, channel: &str) -> Option<&'a str> {
    const BEGIN: &str = "ChanVariable(";
    let named = header.get(..BEGIN.len()).filter(|begin| begin.eq_ignore_ascii_case(BEGIN));
    let named = named.map(|_| &header[BEGIN.len()..])?;
    if let Some(named) = named.strip_suffix(')') {
        return (named == channel).then_some(value);
    }
    // A colon in the channel's name, as in `IAX2/192.0.2.1:4569-1`, is where the line was cut.
    let (rest, assignment) = value.split_once("): ")?;
    let is_it = channel.strip_prefix(named)?.strip_prefix(':')? == rest;
    is_it.then_some(assignment)
}

impl fmt::Display for ChannelView<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.channel())
    }
}

impl fmt::Debug for ChannelView<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ChannelView")
            .field("channel", &self.channel())
            .field("unique_id", &self.unique_id())
            .field("state", &self.state())
            .finish_non_exhaustive()
    }
}

impl PartialEq<str> for ChannelView<'_> {
    fn eq(&self, name: &str) -> bool {
        self.channel() == name
    }
}

impl PartialEq<&str> for ChannelView<'_> {
    fn eq(&self, name: &&str) -> bool {
        self.channel() == *name
    }
}

/// A bridge as an event shows it: `BridgeUniqueid`, `BridgeType`, … under a prefix such as `To`.
/// Shows itself as the bridge's unique id.
#[derive(Clone, Copy)]
pub struct BridgeView<'a> {
    message: &'a Message,
    prefix: &'static str,
}

impl<'a> BridgeView<'a> {
    pub(in crate::ami) fn new(message: &'a Message, prefix: &'static str) -> Self {
        Self { message, prefix }
    }

    fn get(&self, name: &str) -> Option<&'a str> {
        self.message.get_prefixed(self.prefix, name)
    }

    /// Whether the event has this bridge at all.
    pub fn is_present(&self) -> bool {
        self.get("BridgeUniqueid").is_some()
    }

    /// The unique id (`BridgeUniqueid`); empty if absent.
    pub fn unique_id(&self) -> &'a str {
        self.get("BridgeUniqueid").unwrap_or("")
    }

    /// The type (`BridgeType`), such as `basic`; empty if absent.
    pub fn bridge_type(&self) -> &'a str {
        self.get("BridgeType").unwrap_or("")
    }

    /// The technology that mixes (`BridgeTechnology`), such as `simple_bridge`; empty if absent.
    pub fn technology(&self) -> &'a str {
        self.get("BridgeTechnology").unwrap_or("")
    }

    /// Who made it (`BridgeCreator`); `None` where nobody says.
    pub fn creator(&self) -> Option<&'a str> {
        self.get("BridgeCreator").filter(|value| !matches!(*value, "" | "<unknown>"))
    }

    /// Its name (`BridgeName`); `None` if it has none.
    pub fn name(&self) -> Option<&'a str> {
        self.get("BridgeName").filter(|value| !matches!(*value, "" | "<unknown>"))
    }

    /// How many channels are in it (`BridgeNumChannels`).
    pub fn num_channels(&self) -> Option<u32> {
        self.get("BridgeNumChannels")?.parse().ok()
    }

    /// How its video source is chosen (`BridgeVideoSourceMode`).
    pub fn video_source_mode(&self) -> Option<VideoSourceMode> {
        self.get("BridgeVideoSourceMode").filter(|value| !value.is_empty())?.parse().ok()
    }

    /// The channel whose video is shown (`BridgeVideoSource`).
    pub fn video_source(&self) -> Option<&'a str> {
        self.get("BridgeVideoSource")
    }
}

impl fmt::Display for BridgeView<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.unique_id())
    }
}

impl fmt::Debug for BridgeView<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("BridgeView")
            .field("unique_id", &self.unique_id())
            .field("bridge_type", &self.bridge_type())
            .field("num_channels", &self.num_channels())
            .finish_non_exhaustive()
    }
}
