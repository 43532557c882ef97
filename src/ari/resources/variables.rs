//! Variables to be set on channels and bridges, several at once.

use std::collections::BTreeMap;

use serde::ser::SerializeMap;

/// Names and values of variables. A name such as `CALLERID(name)` calls the function.
///
/// ```
/// use asterisk_sync::ari::resources::NewVariables;
/// let two = NewVariables::from([("ACCOUNT", "17"), ("CALLERID(name)", "Desk")]);
/// let heard_of = NewVariables::new().set("ACCOUNT", "17").reported("STEP", "menu");
/// # let _ = (two, heard_of);
/// ```
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct NewVariables(BTreeMap<String, New>);

#[derive(Debug, Clone, PartialEq, Eq)]
struct New {
    value: String,
    is_reported: bool,
}

impl NewVariables {
    /// None yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// Also this one.
    #[must_use]
    pub fn set(mut self, name: impl Into<String>, value: impl Into<String>) -> Self {
        self.0.insert(name.into(), New { value: value.into(), is_reported: false });
        self
    }

    /// Also this one, of which `ChannelVarset` tells even where events about variables were not asked
    /// for. Since 20.20, 22.10 and 23.4; an older server refuses it or sets something else.
    ///
    /// On the wire: `report_events`.
    #[must_use]
    pub fn reported(mut self, name: impl Into<String>, value: impl Into<String>) -> Self {
        self.0.insert(name.into(), New { value: value.into(), is_reported: true });
        self
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl<K: Into<String>, V: Into<String>> FromIterator<(K, V)> for NewVariables {
    fn from_iter<I: IntoIterator<Item = (K, V)>>(all: I) -> Self {
        all.into_iter().fold(Self::new(), |variables, (name, value)| variables.set(name, value))
    }
}

impl<K: Into<String>, V: Into<String>, const N: usize> From<[(K, V); N]> for NewVariables {
    fn from(all: [(K, V); N]) -> Self {
        all.into_iter().collect()
    }
}

impl From<BTreeMap<String, String>> for NewVariables {
    fn from(all: BTreeMap<String, String>) -> Self {
        all.into_iter().collect()
    }
}

impl serde::Serialize for NewVariables {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(self.0.len()))?;
        for (name, New { value, is_reported }) in &self.0 {
            if *is_reported {
                let both = serde_json::json!({ "value": value, "report_events": true });
                map.serialize_entry(name, &both)?;
            } else {
                map.serialize_entry(name, value)?;
            }
        }
        map.end()
    }
}
