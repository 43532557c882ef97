//! What is not typed, and what is missing.

use serde_json::Value;

/// An event of a kind that is not known here, or one that could not be read.
#[derive(Debug, Clone, PartialEq)]
pub struct Unknown {
    pub(in crate::ari) name: Box<str>,
    pub(in crate::ari) value: Value,
}

impl Unknown {
    /// What stands in `type`; empty if there is none.
    pub fn event_name(&self) -> &str {
        &self.name
    }

    /// The event as JSON. Of what is no JSON at all, the text.
    pub fn value(&self) -> &Value {
        &self.value
    }

    /// One of its fields.
    pub fn get(&self, field: &str) -> Option<&Value> {
        self.value.get(field)
    }
}

/// A hole in the stream: events were dropped, or the connection was lost and made again. After it,
/// ask for the state, beginning with [`channel::list`](crate::ari::resources::channel::list).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Gap(pub(in crate::ari) crate::Gap);

impl Gap {
    /// How many events were dropped: because the subscriber's queue was full, or because they were
    /// too large.
    pub fn missed(&self) -> u64 {
        self.0.missed()
    }

    /// Whether the connection was lost and made anew; what it would have brought nobody counted.
    pub fn reconnected(&self) -> bool {
        self.0.reconnected()
    }
}

/// As if it were an event of the type `Gap`.
impl serde::Serialize for Gap {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serde_json::json!({
            "type": "Gap", "missed": self.missed(), "reconnected": self.reconnected(),
        })
        .serialize(serializer)
    }
}
