//! The one thing that can go wrong in reading these values.

/// A name that stands for no number.
///
/// Numbers are always read, known or not; a word in their place that Asterisk does not use has no
/// number to keep, and is this error instead of a made-up value.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("no {kind} is called {text:?}")]
pub struct UnknownName {
    kind: &'static str,
    text: Box<str>,
}

impl UnknownName {
    pub(in crate::types) fn new(kind: &'static str, text: &str) -> Self {
        Self { kind, text: text.into() }
    }

    /// What was read.
    pub fn text(&self) -> &str {
        &self.text
    }
}
