//! Channels that wait for commands without our having heard of their coming.

use std::fmt::Write as _;
use std::sync::Arc;

use crate::ami::codec::Decoder;
use crate::ami::event::{AsyncAGIStart, Status, TypedEvent};

/// Whether the channel is in `AGI(agi:async)`.
pub(super) fn waits(status: &Status) -> bool {
    let first = status.data().split(',').next().unwrap_or_default();
    status.application().eq_ignore_ascii_case("AGI") && first.eq_ignore_ascii_case("agi:async")
}

/// The description of its call, as far as `Status` has it: no presentation, no redirecting number.
/// As in the event of a channel that comes, there are no arguments, and the request is `async`.
pub(super) fn description(status: &Status) -> String {
    let channel = status.channel();
    let known = |value: Option<&str>| match value {
        None | Some("" | "<unknown>") => "unknown".to_owned(),
        Some(value) => value.to_owned(),
    };
    let name = channel.caller_id_name();
    let mut text = String::new();
    let mut line = |variable: &str, value: &str| {
        // No header of AMI has a line's end in it.
        let _ = writeln!(text, "agi_{variable}: {value}");
    };
    line("request", "async");
    line("channel", channel.channel());
    line("language", channel.language());
    line("type", status.channel_type());
    line("uniqueid", channel.unique_id());
    line("callerid", &known(channel.caller_id_num()));
    line("calleridname", &known(name.as_deref()));
    line("dnid", &known(Some(status.dnid())));
    line("rdnis", "unknown");
    line("context", channel.context());
    line("extension", channel.exten());
    line("priority", &channel.priority().unwrap_or_default().to_string());
    line("enhanced", "0.0");
    line("accountcode", channel.account_code());
    text.push('\n');
    text
}

/// The event that we did not hear, for whoever decides by it.
pub(super) fn event(status: &Status) -> Option<AsyncAGIStart> {
    let mut text = "Event: AsyncAGIStart\r\n".to_owned();
    for (name, value) in status.message().iter().skip(1) {
        if !name.is_empty() {
            let _ = write!(text, "{name}: {value}\r\n");
        }
    }
    text += "\r\n";
    let block = Decoder::new(text.len() * 2 + 1024).push(text.as_bytes())?;
    AsyncAGIStart::from_message(Arc::new(block).messages().next()?)
}
