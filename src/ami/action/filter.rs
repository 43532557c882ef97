//! Filters on the events of a connection, kept by the server.

use std::fmt::Write;

use super::fields::Fields;
use super::macros::shape;
use super::{Action, Headers, Restore};
use crate::ami::response::Response;
use crate::types::FilterMethod;

shape! {
    /// Adds a filter to the events of this connection.
    ///
    /// With filters that include, only what one of them matches is sent; with filters that exclude,
    /// what one of them matches is not. There is no way to take one away but to connect anew; after
    /// a reconnect they are added again. Answers to actions are never filtered. Needs `system`.
    ///
    /// ```
    /// use asterisk_sync::ami::action::{FilterAction, FilterCriteria};
    /// use asterisk_sync::types::FilterMethod;
    /// // Everything but one kind of event, by a regular expression over its whole text:
    /// let quiet = FilterAction::exclude("^Event: VarSet");
    /// // Hangups of one technology only, without a regular expression:
    /// let hangups = FilterAction::matching(
    ///     FilterCriteria::include()
    ///         .name("Hangup")
    ///         .header("Channel")
    ///         .value(FilterMethod::StartsWith, "PJSIP/"),
    /// );
    /// # let _ = (quiet, hangups);
    /// ```
    FilterAction = "Filter"
}

impl FilterAction {
    /// Lets through what this regular expression matches, in any version.
    ///
    /// It is a POSIX extended one, and sees the whole text of an event, line ends included.
    pub fn include(regex: impl Into<String>) -> Self {
        let regex = regex.into();
        // A `!` in front would exclude.
        Self::add(match regex.strip_prefix('!') {
            Some(rest) => format!("[!]{rest}"),
            None => regex,
        })
    }

    /// Keeps back what this regular expression matches, in any version.
    pub fn exclude(regex: impl Into<String>) -> Self {
        Self::add(format!("!{}", regex.into()))
    }

    fn add(filter: String) -> Self {
        let mut fields = Fields::default();
        fields.set("Operation", "Add");
        if filter.trim_start_matches('!').is_empty() {
            fields.refuse("a filter needs an expression");
        }
        fields.set("Filter", filter);
        Self(fields)
    }

    /// Lets through or keeps back what meets these criteria.
    ///
    /// Since 18.26, 20.11, 21.6 and 22.1; an older server ignores them.
    pub fn matching(criteria: FilterCriteria) -> Self {
        let mut fields = Fields::default();
        fields.set("Operation", "Add");
        if let Err(why) = criteria.check() {
            fields.refuse(why);
        }
        fields.set("MatchCriteria", criteria.shown());
        if let Some((_, value)) = criteria.value {
            fields.set("Filter", value);
        }
        Self(fields)
    }
}

impl Action for FilterAction {
    type Reply = Response;

    fn name(&self) -> &'static str {
        "Filter"
    }

    fn write(&self, headers: &mut Headers) {
        self.0.write(headers);
    }

    fn restores(&self) -> Option<Restore> {
        Some(Restore::Filter(self.clone()))
    }
}

/// What a [`FilterAction`] looks at.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FilterCriteria {
    action: &'static str,
    name: Option<String>,
    header: Option<String>,
    value: Option<(FilterMethod, String)>,
}

impl FilterCriteria {
    /// Criteria for what to let through.
    pub fn include() -> Self {
        Self { action: "include", name: None, header: None, value: None }
    }

    /// Criteria for what to keep back.
    pub fn exclude() -> Self {
        Self { action: "exclude", ..Self::include() }
    }

    /// Only events of this name, in the case in which the server writes it.
    #[must_use]
    pub fn name(mut self, event: impl Into<String>) -> Self {
        self.name = Some(event.into());
        self
    }

    /// Only events with this header, in the case in which the server writes it; what is compared
    /// is then its value.
    #[must_use]
    pub fn header(mut self, name: impl Into<String>) -> Self {
        self.header = Some(name.into());
        self
    }

    /// Compares the header's value, or without a header the event's whole text.
    #[must_use]
    pub fn value(mut self, method: FilterMethod, value: impl Into<String>) -> Self {
        self.value = Some((method, value.into()));
        self
    }

    fn check(&self) -> Result<(), &'static str> {
        let mut names = self.name.iter().chain(&self.header);
        if names.any(|name| name.is_empty() || name.contains([' ', ',', '(', ')'])) {
            return Err("a filter's names have neither blanks nor commas nor parentheses");
        }
        match &self.value {
            Some((FilterMethod::None, value)) if !value.is_empty() => {
                Err("a filter that does not compare has no value")
            }
            Some((method, value)) if *method != FilterMethod::None && value.is_empty() => {
                Err("a filter that compares needs a value")
            }
            None | Some((FilterMethod::None, _))
                if self.name.is_none() && self.header.is_none() =>
            {
                Err("a filter needs a name, a header or a value")
            }
            _ => Ok(()),
        }
    }

    fn shown(&self) -> String {
        let mut text = format!("action({})", self.action);
        let method = self.value.as_ref().map(|(method, _)| method.as_str());
        let parts = [
            ("name", self.name.as_deref()),
            ("header", self.header.as_deref()),
            ("method", method),
        ];
        for (part, value) in parts {
            if let Some(value) = value {
                let _ = write!(text, ",{part}({value})");
            }
        }
        text
    }
}
