//! Whatever comes as an event or as a model: no panic, a known event stays itself, and nothing of what
//! came is lost.
//!
//! An input is lines, so that any capture is one; each line is an event, and what stands in one is a
//! model.

#![no_main]

use asterisk_sync::ari::model::{
    Application, AsteriskInfo, Bridge, Channel, Endpoint, LiveRecording, Playback, RtpStat,
    StoredRecording,
};
use asterisk_sync::ari::{AriEvent, AriMessage, Filter};
use libfuzzer_sys::fuzz_target;
use serde::de::{DeserializeOwned, IgnoredAny, MapAccess, Visitor};
use serde::{Deserializer, Serialize};
use serde_json::Value;

fuzz_target!(|input: &[u8]| {
    let text = String::from_utf8_lossy(input);
    for line in text.lines() {
        event(line);
        models(line);
    }
    let _ = format!("{:?}", Filter::types([&*text]).channel(&*text).bridge(&*text));
});

fn event(line: &str) {
    let message = AriMessage::parse(line);
    assert_eq!(message.json(), line);
    assert!(message == AriMessage::parse(line), "read twice, it is two things: {line}");
    let _ = (message.timestamp.time(), format!("{message:?}"));
    let again = serde_json::to_value(&message).expect("every event serialises");
    assert!(serde_json::to_value(&message.event).is_ok());
    // Numbers beyond what JSON's reader holds exactly come back as another text of the same value.
    let Ok(wire) = serde_json::from_str::<Value>(line) else { return };
    assert_eq!(again, wire, "it serialises as it came");
    let Some(name) = wire.get("type").and_then(Value::as_str) else { return };
    // Named twice, it is the first, for nothing more need be read to know it; JSON's reader has the last.
    if names(line) != 1 {
        return;
    }
    assert_eq!(message.event.event_name(), name);
    let is_known = AriEvent::NAMES.contains(&name);
    assert_eq!(is_known, !matches!(message.event, AriEvent::Unknown(_)), "{line}");
    for field in wire.as_object().into_iter().flatten().map(|(field, _)| field) {
        assert_eq!(message.get(field).as_ref(), wire.get(field), "{field} of {line}");
    }
}

/// How often an event says what it is.
fn names(line: &str) -> usize {
    struct Types(usize);

    impl<'de> Visitor<'de> for Types {
        type Value = usize;

        fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
            f.write_str("an event")
        }

        fn visit_map<A: MapAccess<'de>>(mut self, mut map: A) -> Result<usize, A::Error> {
            while let Some((key, _)) = map.next_entry::<String, IgnoredAny>()? {
                self.0 += usize::from(key == "type");
            }
            Ok(self.0)
        }
    }

    let mut from = serde_json::Deserializer::from_str(line);
    from.deserialize_map(Types(0)).expect("it was read before")
}

/// What a request is answered with, and what events are made of.
fn models(line: &str) {
    let Ok(wire) = serde_json::from_str::<Value>(line) else { return };
    let parts = wire.as_object().into_iter().flatten().map(|(_, part)| part);
    for part in parts.chain([&wire]) {
        model::<Application>(part);
        model::<AsteriskInfo>(part);
        model::<Bridge>(part);
        model::<Channel>(part);
        model::<Endpoint>(part);
        model::<LiveRecording>(part);
        model::<Playback>(part);
        model::<RtpStat>(part);
        model::<StoredRecording>(part);
    }
}

/// An object is always a model, whatever stands in it, and what was read is read again.
fn model<T: DeserializeOwned + Serialize + PartialEq + std::fmt::Debug>(wire: &Value) {
    let Ok(read) = T::deserialize(wire) else {
        return assert!(!wire.is_object(), "no model: {wire}");
    };
    let written = serde_json::to_value(&read).expect("every model serialises");
    assert_eq!(T::deserialize(&written).expect("what was written"), read, "{wire}");
}
