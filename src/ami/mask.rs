//! Which events a connection hears.

use std::borrow::Cow;
use std::fmt;

use crate::ami::action::Value;
use crate::types::EventClass;

/// Which classes of events the server sends on this connection.
///
/// What an action answers with is never held back.
///
/// ```
/// use asterisk_sync::ami::EventMask;
/// use asterisk_sync::types::EventClass;
/// let mask = EventMask::of([EventClass::Call, EventClass::Agent]);
/// assert_eq!(mask.to_string(), "call,agent");
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct EventMask(Cow<'static, str>);

impl EventMask {
    /// Everything that the user may read.
    pub const fn all() -> Self {
        Self(Cow::Borrowed("on"))
    }

    /// Nothing.
    pub const fn none() -> Self {
        Self(Cow::Borrowed("off"))
    }

    /// These classes; none given is [`none`](Self::none). An event that belongs to several is sent
    /// if all of them are here.
    pub fn of(classes: impl IntoIterator<Item = EventClass>) -> Self {
        let mut known: Vec<EventClass> = Vec::new();
        for class in classes {
            match class {
                EventClass::All => return Self::all(),
                EventClass::None => {}
                class if known.contains(&class) => {}
                class => known.push(class),
            }
        }
        let names: Vec<&str> = known.iter().map(EventClass::as_str).collect();
        if names.is_empty() { Self::none() } else { Self(names.join(",").into()) }
    }
}

impl EventMask {
    /// What an action has told the server.
    pub(in crate::ami) fn from_wire(text: String) -> Self {
        Self(Cow::Owned(text))
    }

    /// Whether events of this class, and no other, are among what is sent.
    pub(in crate::ami) fn includes(&self, class: &EventClass) -> bool {
        let words: Vec<String> = self.0.split(',').map(|w| w.trim().to_ascii_lowercase()).collect();
        let is_any = |all: &[&str]| words.iter().any(|word| all.contains(&word.as_str()));
        is_any(&["on", "yes", "true", "all", class.as_str()])
    }
}

impl Default for EventMask {
    fn default() -> Self {
        Self::all()
    }
}

/// As Asterisk reads it: `on`, `off`, or names with commas between. Never a number, which would be
/// a mask of bits, and never a blank, which would be part of a name.
impl fmt::Display for EventMask {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

impl Value for EventMask {
    fn to_wire(self) -> String {
        self.0.into_owned()
    }
}

impl serde::Serialize for EventMask {
    fn serialize<S: serde::Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.serialize_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mask_is_words_without_blanks_or_repeats() {
        assert_eq!(EventMask::all().to_string(), "on");
        assert_eq!(EventMask::none().to_string(), "off");
        assert_eq!(EventMask::of([]), EventMask::none());
        let mask = EventMask::of([EventClass::Call, EventClass::Agent, EventClass::Call]);
        assert_eq!(mask.to_string(), "call,agent");
        assert_eq!(EventMask::of([EventClass::Call, EventClass::All]), EventMask::all());
        assert_eq!(EventMask::of([EventClass::None]), EventMask::none());
    }

    #[test]
    fn a_mask_includes_what_it_names_or_everything() {
        let call = EventClass::Call;
        assert!(EventMask::all().includes(&call));
        assert!(EventMask::of([EventClass::Agent, EventClass::Call]).includes(&call));
        assert!(!EventMask::of([EventClass::Agent]).includes(&call));
        assert!(!EventMask::none().includes(&call));
    }
}
