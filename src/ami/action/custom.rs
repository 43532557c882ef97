//! Actions that have no struct.

use std::fmt;

use serde::{Serialize, Serializer};

use super::fields::{Fields, Headers};
use super::{Action, ListSpec};
use crate::ami::response::Response;

/// Any action, header by header: for modules that are not Asterisk's own.
///
/// ```
/// use asterisk_sync::ami::action::CustomAction;
/// let action = CustomAction::new("MyModuleAction").header("Key", "value");
/// # let _ = action;
/// ```
#[derive(Clone, PartialEq, Eq)]
pub struct CustomAction {
    name: String,
    fields: Fields,
    list: Option<ListSpec>,
}

impl CustomAction {
    /// An action of this name.
    pub fn new(name: impl Into<String>) -> Self {
        Self { name: name.into(), fields: Fields::default(), list: None }
    }

    /// Adds a header; the same name may come more than once.
    #[must_use]
    pub fn header(mut self, name: impl Into<String>, value: impl Into<String>) -> Self {
        self.fields.add(name.into(), value.into());
        self
    }

    /// Says how its list ends, for an action that answers with one but does not announce it with
    /// `EventList: start`.
    #[must_use]
    pub fn ends_with(mut self, end: &'static str) -> Self {
        self.list = Some(ListSpec::new(&[], end).unannounced());
        self
    }
}

impl Action for CustomAction {
    type Reply = Response;

    fn name(&self) -> &str {
        &self.name
    }

    fn write(&self, headers: &mut Headers) {
        self.fields.write(headers);
    }

    fn list(&self) -> Option<ListSpec> {
        self.list
    }
}

impl fmt::Debug for CustomAction {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.fields.debug(&self.name, f)
    }
}

impl Serialize for CustomAction {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        self.fields.serialize(&self.name, to)
    }
}
