//! What Asterisk says about a call before it takes commands.

use std::borrow::Cow;
use std::fmt;
use std::ops::Range;

use serde::ser::{Serialize, SerializeMap, Serializer};

use super::limits::AgiLimits;
use super::prelude::RequestDecoder;
use super::script::{Query, decode};
use crate::error::{Error, ProtocolError, Result as AgiResult};
use crate::net::SocketAddr;
use crate::types::CallerPresentation;

/// The call that AGI was started for: the variables `agi_*`, typed.
///
/// Asterisk sends them once, before the first command; they do not change afterwards. What a
/// version of Asterisk does not send, or sends empty, is `""` or `None`. Where the caller is not
/// known Asterisk writes `unknown`, which is `None` here.
///
/// Text that is not UTF-8 is shown with the character U+FFFD in the place of what is not;
/// [`get_bytes`](Self::get_bytes) has it as it came. Serialised, this is a map of all variables.
///
/// ```
/// use asterisk_sync::agi::AgiRequest;
///
/// let request = AgiRequest::parse(
///     b"agi_network: yes\nagi_network_script: ivr/main?tenant=7\nagi_channel: PJSIP/alice-00000001\n\
///       agi_callerid: unknown\nagi_priority: 2\nagi_arg_1: first\n\n",
/// )?;
/// assert_eq!(request.channel(), "PJSIP/alice-00000001");
/// assert_eq!(request.caller_id(), None);
/// assert_eq!(request.script(), "ivr/main");
/// assert_eq!(request.query("tenant").as_deref(), Some("7"));
/// assert_eq!(request.args().collect::<Vec<_>>(), ["first"]);
/// # Ok::<(), asterisk_sync::Error>(())
/// ```
#[derive(Clone, PartialEq, Eq)]
pub struct AgiRequest {
    bytes: Box<[u8]>,
    variables: Box<[Variable]>,
    peer: Option<SocketAddr>,
    params: Params,
}

/// What the names of a router's pattern stand for.
pub(super) type Params = Vec<(Box<str>, Box<str>)>;

/// Where one variable stands in the text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Variable {
    pub(super) name: Range<usize>,
    pub(super) value: Range<usize>,
    /// The value made text, if it is not.
    pub(super) repaired: Option<Box<str>>,
}

impl AgiRequest {
    pub(super) fn new(bytes: Box<[u8]>, variables: Box<[Variable]>) -> Self {
        Self { bytes, variables, peer: None, params: Params::new() }
    }

    /// Reads a description of a call that is there as a whole, with the empty line at its end: for
    /// tests, and for those who have it from elsewhere. What follows it is left alone.
    ///
    /// # Errors
    ///
    /// [`Error::Protocol`] if it is not one, or not whole, or over the usual
    /// [limits](AgiLimits::new).
    pub fn parse(bytes: &[u8]) -> AgiResult<Self> {
        let whole = RequestDecoder::new(&AgiLimits::new()).push(bytes)?;
        let incomplete = "the description of the call does not end";
        whole
            .map(|(request, _)| request)
            .ok_or_else(|| Error::Protocol(ProtocolError::Malformed(incomplete.into())))
    }

    pub(super) fn set_peer(&mut self, peer: Option<SocketAddr>) {
        self.peer = peer;
    }

    /// A variable by its name on the wire, without regard to case: `request.get("agi_channel")`.
    pub fn get(&self, name: &str) -> Option<&str> {
        self.find(name).map(|variable| self.text(variable))
    }

    /// The same as it came.
    pub fn get_bytes(&self, name: &str) -> Option<&[u8]> {
        self.find(name).map(|variable| &self.bytes[variable.value.clone()])
    }

    /// All variables, in their order: names and values.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        self.variables.iter().map(|variable| (self.name(variable), self.text(variable)))
    }

    /// The channel's name. `agi_channel`.
    pub fn channel(&self) -> &str {
        self.word("agi_channel")
    }

    /// The channel's unique id. `agi_uniqueid`.
    pub fn unique_id(&self) -> &str {
        self.word("agi_uniqueid")
    }

    /// The language of its prompts. `agi_language`.
    pub fn language(&self) -> &str {
        self.word("agi_language")
    }

    /// The channel's technology, such as `PJSIP`. `agi_type`.
    pub fn channel_type(&self) -> &str {
        self.word("agi_type")
    }

    /// The version of Asterisk. `agi_version`.
    pub fn version(&self) -> &str {
        self.word("agi_version")
    }

    /// The caller's number. `agi_callerid`.
    pub fn caller_id(&self) -> Option<&str> {
        self.known("agi_callerid")
    }

    /// The caller's name. `agi_calleridname`.
    pub fn caller_id_name(&self) -> Option<&str> {
        self.known("agi_calleridname")
    }

    /// Whether the caller's number may be shown. `agi_callingpres`.
    pub fn caller_presentation(&self) -> Option<CallerPresentation> {
        self.known("agi_callingpres").map(CallerPresentation::from)
    }

    /// The second digit pair of the caller's automatic number identification, ANI 2.
    /// `agi_callingani2`.
    pub fn caller_ani2(&self) -> Option<u32> {
        self.number("agi_callingani2")
    }

    /// The caller's type of number. `agi_callington`.
    pub fn caller_ton(&self) -> Option<u32> {
        self.number("agi_callington")
    }

    /// The caller's transit network. `agi_callingtns`.
    pub fn caller_tns(&self) -> Option<u32> {
        self.number("agi_callingtns")
    }

    /// The number that was dialled. `agi_dnid`.
    pub fn dnid(&self) -> Option<&str> {
        self.known("agi_dnid")
    }

    /// The number the call was redirected from. `agi_rdnis`.
    pub fn rdnis(&self) -> Option<&str> {
        self.known("agi_rdnis")
    }

    /// The dialplan context. `agi_context`.
    pub fn context(&self) -> &str {
        self.word("agi_context")
    }

    /// The dialplan extension. `agi_extension`.
    pub fn extension(&self) -> &str {
        self.word("agi_extension")
    }

    /// The dialplan priority. `agi_priority`.
    pub fn priority(&self) -> Option<u32> {
        self.number("agi_priority")
    }

    /// Whether the call's sound can be read beside the commands: the dialplan said `EAGI`.
    /// `agi_enhanced`.
    pub fn is_eagi(&self) -> bool {
        self.word("agi_enhanced").parse::<f32>().is_ok_and(|enhanced| enhanced > 0.0)
    }

    /// Whether AGI was started in the extension `h`, where the channel has hung up already.
    ///
    /// Asterisk does not tell of a dead channel otherwise, so this goes by the extension's name
    /// alone: it is `true` as well of a living call that a `Goto` has led into an extension `h`.
    /// In a hangup handler it is `false` all the same. The first command that needs a live channel
    /// says how it is.
    pub fn is_dead(&self) -> bool {
        self.extension() == "h"
    }

    /// The account code. `agi_accountcode`.
    pub fn account_code(&self) -> Option<&str> {
        self.known("agi_accountcode")
    }

    /// The number of Asterisk's thread that serves the channel. `agi_threadid`.
    pub fn thread_id(&self) -> &str {
        self.word("agi_threadid")
    }

    /// Whether AGI came over the network. `agi_network`.
    pub fn is_network(&self) -> bool {
        self.word("agi_network").eq_ignore_ascii_case("yes")
    }

    /// What stands behind the host in `agi://host/…`, as it was written. `agi_network_script`.
    pub fn network_script(&self) -> Option<&str> {
        self.get("agi_network_script").filter(|script| !script.is_empty())
    }

    /// The first argument of `AGI()`: a URL, or a path. `agi_request`.
    pub fn request(&self) -> &str {
        self.word("agi_request")
    }

    /// Which script is wanted: the path of the URL, percent-decoded, without the slash at its
    /// beginning and without the query. Of a script that Asterisk started it is the path as it
    /// stands.
    pub fn script(&self) -> Cow<'_, str> {
        match self.target() {
            Some(target) => decode(target.split('?').next().unwrap_or_default()),
            None => Cow::Borrowed(self.request()),
        }
    }

    /// A value from the query of the URL, percent-decoded; the first, if the key stands there more
    /// than once.
    ///
    /// A `+` stays a `+`: in a dialplan it is the beginning of a phone number.
    pub fn query(&self, key: &str) -> Option<Cow<'_, str>> {
        self.query_pairs().find(|(name, _)| name == key).map(|(_, value)| value)
    }

    /// All keys and values of the query, percent-decoded, in their order.
    pub fn query_pairs(&self) -> impl Iterator<Item = (Cow<'_, str>, Cow<'_, str>)> {
        Query::new(self.target().and_then(|target| target.split_once('?')).map(|(_, query)| query))
    }

    /// What a name in the pattern of a [`Router`](super::Router) stands for: `menu` in
    /// `ivr/{menu}`, percent-decoded.
    pub fn param(&self, name: &str) -> Option<&str> {
        self.params.iter().find(|(key, _)| &**key == name).map(|(_, value)| &**value)
    }

    /// The same call with what the names of a pattern stand for.
    pub(super) fn with_params(&self, params: Params) -> Self {
        Self { params, ..self.clone() }
    }

    /// The script as it was written, not decoded, with the query.
    pub(super) fn path(&self) -> &str {
        self.target().unwrap_or_else(|| self.request())
    }

    /// What follows the first argument of `AGI()`. `agi_arg_1` and so on.
    pub fn args(&self) -> impl Iterator<Item = &str> {
        (1_u32..)
            .map_while(|number| {
                // Most are right behind each other, so this is not as quadratic as it looks.
                self.variables.iter().find(|v| arg_number(self.name(v)) == Some(number))
            })
            .map(|variable| self.text(variable))
    }

    /// One of them, counted from 1 as Asterisk does: `agi_arg_1`.
    pub fn arg(&self, number: u32) -> Option<&str> {
        self.variables
            .iter()
            .find(|variable| arg_number(self.name(variable)) == Some(number))
            .map(|variable| self.text(variable))
    }

    /// Who connected, where there is a connection.
    pub fn peer_addr(&self) -> Option<SocketAddr> {
        self.peer
    }

    /// What follows the host in a URL: `agi_network_script`, or cut from `agi_request`, where it is
    /// if Asterisk has no path to send.
    fn target(&self) -> Option<&str> {
        if let Some(script) = self.network_script() {
            return Some(script);
        }
        let (_, rest) = self.request().split_once("agi://")?;
        Some(rest.find(['/', '?']).map_or("", |at| rest[at..].trim_start_matches('/')))
    }

    fn find(&self, name: &str) -> Option<&Variable> {
        self.variables.iter().find(|variable| self.name(variable).eq_ignore_ascii_case(name))
    }

    fn name(&self, variable: &Variable) -> &str {
        // Only ASCII is taken for a name.
        std::str::from_utf8(&self.bytes[variable.name.clone()]).unwrap_or_default()
    }

    fn text<'a>(&'a self, variable: &'a Variable) -> &'a str {
        match &variable.repaired {
            Some(text) => text,
            None => std::str::from_utf8(&self.bytes[variable.value.clone()]).unwrap_or_default(),
        }
    }

    fn word(&self, name: &str) -> &str {
        self.get(name).unwrap_or_default()
    }

    /// What Asterisk knows: not empty, not its word for what it does not know.
    fn known(&self, name: &str) -> Option<&str> {
        self.get(name).filter(|value| !value.is_empty() && !value.eq_ignore_ascii_case("unknown"))
    }

    fn number(&self, name: &str) -> Option<u32> {
        self.get(name)?.trim().parse().ok()
    }
}

fn arg_number(name: &str) -> Option<u32> {
    let prefix = name.get(..8)?;
    if prefix.eq_ignore_ascii_case("agi_arg_") { name[8..].parse().ok() } else { None }
}

impl fmt::Debug for AgiRequest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_map().entries(self.iter()).finish()
    }
}

impl Serialize for AgiRequest {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(self.variables.len()))?;
        for (name, value) in self.iter() {
            map.serialize_entry(name, value)?;
        }
        map.end()
    }
}
