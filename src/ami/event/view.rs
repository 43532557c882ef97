//! Snapshots that stand in many events under many prefixes.

use std::borrow::Cow;
use std::fmt;

use crate::ami::Message;
use crate::ami::value::unescape;
use crate::types::ChannelState;

/// A channel as an event shows it: `Channel`, `ChannelState`, `CallerIDNum`, … under a prefix such
/// as `Dest`. Shows itself as the channel's name.
#[derive(Clone, Copy)]
pub struct ChannelView<'a> {
    message: &'a Message,
    prefix: &'static str,
}

impl<'a> ChannelView<'a> {
    pub(in crate::ami) fn new(message: &'a Message, prefix: &'static str) -> Self {
        Self { message, prefix }
    }

    fn get(&self, name: &str) -> Option<&'a str> {
        self.message.get_prefixed(self.prefix, name)
    }

    fn known(&self, name: &str) -> Option<&'a str> {
        self.get(name).filter(|value| !value.is_empty() && *value != "<unknown>")
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
        self.known("CallerIDName").map(unescape)
    }

    /// The number of the other side (`ConnectedLineNum`); `None` where Asterisk knows none.
    pub fn connected_line_num(&self) -> Option<&'a str> {
        self.known("ConnectedLineNum")
    }

    /// The name of the other side (`ConnectedLineName`), unescaped; `None` where Asterisk knows
    /// none.
    pub fn connected_line_name(&self) -> Option<Cow<'a, str>> {
        self.known("ConnectedLineName").map(unescape)
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

    /// The variables that `channelvars` of the server's `manager.conf` adds: name and value, the
    /// value unescaped.
    pub fn variables(&self) -> impl Iterator<Item = (&'a str, Cow<'a, str>)> + use<'a> {
        let (message, prefix) = (self.message, self.prefix);
        message.iter().filter_map(move |(name, value)| {
            let rest = name.get(..prefix.len()).filter(|p| p.eq_ignore_ascii_case(prefix));
            rest.filter(|_| name[prefix.len()..].eq_ignore_ascii_case("ChanVariable"))?;
            let (name, value) = value.split_once('=')?;
            Some((name, unescape(value)))
        })
    }
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

    /// How its video source is chosen (`BridgeVideoSourceMode`); empty if absent.
    pub fn video_source_mode(&self) -> &'a str {
        self.get("BridgeVideoSourceMode").unwrap_or("")
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
