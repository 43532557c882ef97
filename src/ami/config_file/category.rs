//! A category and its lines.

use std::fmt;

use serde::Serialize;

use crate::ami::message::is_secret_setting;

/// One line of a category: `name = value`.
///
/// Whether the file has `=` or `=>` the server does not tell, and where it matters it keeps what
/// there is. `Debug` hides the values of secret settings.
#[derive(Clone, PartialEq, Eq, Serialize)]
pub struct Line {
    pub(super) name: String,
    pub(super) value: String,
}

impl Line {
    pub(super) fn new(name: impl Into<String>, value: impl Into<String>) -> Self {
        Self { name: name.into(), value: value.into() }
    }

    /// The name, as it is written in the file.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The value, without the blanks around it and with `;` as it is.
    pub fn value(&self) -> &str {
        &self.value
    }

    pub(super) fn is(&self, name: &str) -> bool {
        self.name.eq_ignore_ascii_case(name)
    }
}

impl fmt::Debug for Line {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let value = if is_secret_setting(&self.name) { "<redacted>" } else { &self.value };
        write!(f, "{} = {value}", self.name)
    }
}

/// A category of a configuration file: `[name]` and its lines.
///
/// Several may have one name, as the endpoint, the address and the password of one phone have in
/// `pjsip.conf`. The lines of its templates come first, as the server sees them, then its own. Names
/// of categories and lines are compared without regard to case, as the server does.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Category {
    pub(super) name: String,
    pub(super) is_template: bool,
    pub(super) templates: Vec<String>,
    pub(super) lines: Vec<Line>,
    /// So many of the lines, from the first, are those of the templates.
    pub(super) inherited: usize,
}

impl Category {
    pub(super) fn new(name: impl Into<String>) -> Self {
        let (templates, lines) = (Vec::new(), Vec::new());
        Self { name: name.into(), is_template: false, templates, lines, inherited: 0 }
    }

    /// The name, which others may have too.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Whether it is only there for others to be made of: `[name](!)`.
    pub fn is_template(&self) -> bool {
        self.is_template
    }

    /// The templates it is made of: `[name](template, another)`.
    pub fn templates(&self) -> impl ExactSizeIterator<Item = &str> {
        self.templates.iter().map(String::as_str)
    }

    /// All lines, those of its templates first.
    pub fn lines(&self) -> &[Line] {
        &self.lines
    }

    /// Its own lines, without those of its templates.
    pub fn own_lines(&self) -> &[Line] {
        &self.lines[self.inherited..]
    }

    /// How many of [`lines`](Self::lines), from the first, come from its templates.
    pub fn inherited(&self) -> usize {
        self.inherited
    }

    /// The value of the last line of this name. Where a module takes one value, it is mostly the
    /// last, so that what a category says itself counts more than what its templates say.
    pub fn get(&self, name: &str) -> Option<&str> {
        self.lines.iter().rev().find(|line| line.is(name)).map(Line::value)
    }

    /// The values of all lines of this name, in order.
    pub fn get_all<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a str> + 'a {
        self.lines.iter().filter(move |line| line.is(name)).map(Line::value)
    }

    /// Whether a line says this.
    pub fn has(&self, name: &str, value: &str) -> bool {
        self.get_all(name).any(|other| other == value)
    }

    pub(super) fn is(&self, name: &str) -> bool {
        self.name.eq_ignore_ascii_case(name)
    }
}
