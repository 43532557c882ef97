//! Events that tell nothing but that they happened.

use asterisk_sync::ari::AriMessage;
use serde_json::Value;

/// What all events have, and such a one nothing else.
const ENVELOPE: [&str; 4] = ["application", "asterisk_id", "timestamp", "type"];

/// Every field against its accessor, and that there are no others.
pub(crate) fn assert_is_bare(message: &AriMessage) {
    let raw: Value = serde_json::from_str(message.json()).expect("an event is JSON");
    let mut names: Vec<&str> =
        raw.as_object().expect("an object").keys().map(String::as_str).collect();
    names.sort_unstable();
    assert_eq!(names, ENVELOPE, "{raw}");
    assert_eq!(raw["type"], message.event.event_name());
    assert_eq!(raw["application"], message.application);
    assert_eq!(raw["asterisk_id"], message.asterisk_id);
    assert_eq!(raw["timestamp"], message.timestamp.as_str());
    assert!(message.timestamp.time().is_some() && !message.asterisk_id.is_empty(), "{raw}");
}
