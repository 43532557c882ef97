//! Frames, written as Asterisk writes them.

use std::borrow::Cow;
use std::fmt::Display;
use std::sync::Arc;

use super::classes::Classes;

/// A frame that is being written.
#[derive(Debug, Default)]
pub(super) struct Frame(Vec<u8>);

impl Frame {
    pub(super) fn response(word: &str, action_id: &str) -> Self {
        Self::default().line("Response", word).action_id(action_id)
    }

    pub(super) fn event(name: &str) -> Self {
        Self::default().line("Event", name)
    }

    pub(super) fn line(mut self, name: &str, value: impl Display) -> Self {
        self.0.extend_from_slice(format!("{name}: {value}\r\n").as_bytes());
        self
    }

    pub(super) fn lines(self, headers: &[(&str, &str)]) -> Self {
        headers.iter().fold(self, |frame, (name, value)| frame.line(name, value))
    }

    /// A line that is no header.
    pub(super) fn bare(mut self, line: &str) -> Self {
        self.0.extend_from_slice(format!("{line}\r\n").as_bytes());
        self
    }

    /// An answer to an action that has no id has none.
    pub(super) fn action_id(self, id: &str) -> Self {
        if id.is_empty() { self } else { self.line("ActionID", id) }
    }

    pub(super) fn end(mut self) -> Vec<u8> {
        self.0.extend_from_slice(b"\r\n");
        self.0
    }
}

/// An event for every session that may and wants to hear it.
#[derive(Debug, Clone)]
pub(super) struct News {
    pub(super) classes: Classes,
    pub(super) name: Cow<'static, str>,
    pub(super) bytes: Arc<[u8]>,
}

impl News {
    /// `write` adds what follows the `Privilege`.
    pub(super) fn new(
        class: &str,
        name: impl Into<Cow<'static, str>>,
        write: impl FnOnce(Frame) -> Frame,
    ) -> Self {
        let name = name.into();
        let privilege = format!("{},all", class.strip_suffix(",all").unwrap_or(class));
        let frame = write(Frame::event(&name).line("Privilege", &privilege));
        Self { classes: Classes::of_event(&privilege), name, bytes: frame.end().into() }
    }
}
