//! Which channel an event is about.

use crate::ami::Message;
use crate::ami::message::ends_with;

/// Whether a header has the unique id of a channel, in whatever role. That of a bridge is none.
pub(in crate::ami) fn is_unique_id(header: &str) -> bool {
    ends_with(header, "Uniqueid") && !ends_with(header, "BridgeUniqueid")
}

/// The name of the first channel that an event speaks of.
pub(super) fn channel(message: &Message) -> Option<&str> {
    // There it is a log file.
    first(message, "Channel").filter(|_| !message.name().eq_ignore_ascii_case("LogChannel"))
}

/// `name` of the first channel that an event speaks of. Where none has the headers without a prefix,
/// it is the first that has them with one, such as `LocalOne`. One and the same channel gives all.
pub(super) fn first<'a>(message: &'a Message, name: &str) -> Option<&'a str> {
    message.get(name).or_else(|| {
        let (header, _) = message.iter().find(|(header, _)| is_unique_id(header))?;
        let prefix = &header[..header.len() - "Uniqueid".len()];
        let is_other = !prefix.is_empty() && message.get("Channel").is_none();
        is_other.then(|| message.get_prefixed(prefix, name)).flatten()
    })
}
