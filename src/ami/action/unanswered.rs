//! Actions that the server answers without a response. A ping goes behind each, with the same id:
//! the server does one thing after the other, so whatever stands before the pong is the answer.

use super::fields::Fields;
use super::macros::{setters, shape};
use super::{Action, Headers, ListAction, ListSpec};
use crate::ami::AmiEvent;
use crate::ami::response::{CommandOutput, Response};

shape! {
    /// Shows how well the calls of IAX2 are carried, in the text that the console shows too.
    ///
    /// Needs `system` or `reporting`.
    IAXnetstatsAction = "IAXnetstats"
}

shape! {
    /// Shows queues as the console does. Only in 13.
    QueuesAction = "Queues"
}

shape! {
    /// Reads the server's inner data; the list has one event, `DataGet Tree`. Only in 13.
    DataGetAction = "DataGet"
}

impl IAXnetstatsAction {
    /// The action `IAXnetstats`.
    #[allow(clippy::new_without_default, reason = "as all actions")]
    pub fn new() -> Self {
        Self(Fields::default())
    }
}

impl QueuesAction {
    /// The action `Queues`.
    #[allow(clippy::new_without_default, reason = "as all actions")]
    pub fn new() -> Self {
        Self(Fields::default())
    }
}

impl DataGetAction {
    /// The action `DataGet`.
    ///
    /// `path` (`Path`): where it is.
    pub fn new(path: impl Into<String>) -> Self {
        let mut fields = Fields::default();
        fields.set("Path", path.into());
        Self(fields)
    }
}

setters! {
    DataGetAction {
        /// Only what matches this.
        search: text = "Search",
        /// Only these parts of it.
        filter: text = "Filter",
    }
}

impl Action for IAXnetstatsAction {
    type Reply = CommandOutput;

    fn name(&self) -> &'static str {
        "IAXnetstats"
    }

    fn write(&self, headers: &mut Headers) {
        headers.ping_behind();
    }

    fn list(&self) -> Option<ListSpec> {
        Some(ListSpec::text())
    }
}

impl Action for QueuesAction {
    type Reply = CommandOutput;

    fn name(&self) -> &'static str {
        "Queues"
    }

    fn write(&self, headers: &mut Headers) {
        headers.ping_behind();
    }

    fn list(&self) -> Option<ListSpec> {
        Some(ListSpec::text())
    }
}

impl Action for DataGetAction {
    type Reply = Response;

    fn name(&self) -> &'static str {
        "DataGet"
    }

    fn write(&self, headers: &mut Headers) {
        self.0.write(headers);
        headers.ping_behind();
    }

    fn list(&self) -> Option<ListSpec> {
        Some(ListSpec::new(&["DataGet Tree"], ""))
    }
}

impl ListAction for DataGetAction {
    type Item = AmiEvent;
    type End = AmiEvent;
}
