//! Changing a file's categories, one recorded step at a time.

use std::ops::Deref;

use super::step::template_index;
use super::{Category, ConfigFile, Line, Step, check};
use crate::ami::action::{Action, Headers, UpdateConfigAction};
use crate::{Error, Result};

/// A category that is to be made, for [`ConfigFile::add`].
///
/// ```
/// use asterisk_sync::ami::config_file::NewCategory;
/// let phones = NewCategory::new("phones").template().line("type", "endpoint");
/// let desk = NewCategory::new("desk").inherit("phones");
/// let address = NewCategory::new("desk").allow_duplicate().line("type", "aor");
/// # let _ = (phones, desk, address);
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
#[must_use]
pub struct NewCategory {
    name: String,
    is_template: bool,
    templates: Vec<String>,
    lines: Vec<(Line, bool)>,
    duplicate: bool,
}

impl NewCategory {
    /// A category of this name, which nobody has yet.
    pub fn new(name: impl Into<String>) -> Self {
        let (templates, lines) = (Vec::new(), Vec::new());
        Self { name: name.into(), is_template: false, templates, lines, duplicate: false }
    }

    /// Only a template for others: `[name](!)`.
    pub fn template(mut self) -> Self {
        self.is_template = true;
        self
    }

    /// Made of this template, which is in the file; may be called more than once.
    pub fn inherit(mut self, template: impl Into<String>) -> Self {
        self.templates.push(template.into());
        self
    }

    /// With this line.
    pub fn line(mut self, name: impl Into<String>, value: impl Into<String>) -> Self {
        self.lines.push((Line::new(name, value), false));
        self
    }

    /// With this line: `name => value`.
    pub fn object_line(mut self, name: impl Into<String>, value: impl Into<String>) -> Self {
        self.lines.push((Line::new(name, value), true));
        self
    }

    /// Even if there is one of this name. It needs lines from the beginning: the server tells
    /// categories of one name apart by what is in them.
    pub fn allow_duplicate(mut self) -> Self {
        self.duplicate = true;
        self
    }
}

impl ConfigFile {
    /// Makes a category at the end of the file.
    ///
    /// One whose name is taken is made under a name of its own, `new-0` or so, and renamed when it
    /// has its lines; where that takes more than one request, others can see that.
    ///
    /// [`Error::Invalid`] if the server could not write it or there is one of this name already, or
    /// a template that it is to be made of is missing.
    pub fn add(&mut self, new: NewCategory) -> Result<CategoryMut<'_>> {
        let (before, steps) = (self.categories.clone(), self.steps.len());
        if let Err(e) = self.build(new) {
            self.categories = before;
            self.steps.truncate(steps);
            return Err(e);
        }
        let index = self.categories.len() - 1;
        Ok(CategoryMut::new(self, index))
    }

    fn build(&mut self, new: NewCategory) -> Result<()> {
        check::category(&new.name)?;
        let exists = self.category(&new.name).is_some();
        if exists && !new.duplicate {
            return Err(Error::invalid(format!("there is a category {:?} already", new.name)));
        }
        for template in &new.templates {
            check::template(template)?;
            if template_index(&self.categories, template).is_none() {
                return Err(Error::invalid(format!("there is no template {template:?}")));
            }
        }
        let mut free = (0..).map(|i| format!("new-{i}")).filter(|n| self.category(n).is_none());
        let name = if exists { free.next() } else { None };
        let name = name.unwrap_or_else(|| new.name.clone());
        let NewCategory { is_template, templates, lines, .. } = new;
        self.record(Step::New { name, is_template, templates })?;
        let at = self.categories.len() - 1;
        for (Line { name, value }, object) in &lines {
            CategoryMut::new(self, at).append_as(name, value, *object)?;
        }
        if exists {
            self.record(Step::Rename { at, name: new.name })?;
        }
        Ok(())
    }

    /// Takes a step here, if the server can be told of it.
    fn record(&mut self, step: Step) -> Result<()> {
        let change = step.change(&self.categories)?;
        let action = UpdateConfigAction::new(&self.filename, &self.filename).change(change);
        let mut headers = Headers::new(action.name(), None);
        action.write(&mut headers);
        headers.finish()?;
        step.apply(&mut self.categories);
        self.steps.push(step);
        Ok(())
    }
}

/// A category of a [`ConfigFile`] that is to be changed. It can be read as a [`Category`].
///
/// Every method fails with [`Error::Invalid`] or [`Error::Limit`], and changes nothing, where the
/// server would write something else than what is asked for, or cannot be told which category or
/// line is meant.
#[derive(Debug)]
pub struct CategoryMut<'a> {
    file: &'a mut ConfigFile,
    at: usize,
}

impl Deref for CategoryMut<'_> {
    type Target = Category;

    fn deref(&self) -> &Category {
        &self.file.categories[self.at]
    }
}

impl<'a> CategoryMut<'a> {
    pub(super) fn new(file: &'a mut ConfigFile, at: usize) -> Self {
        Self { file, at }
    }

    /// Where it is in [`ConfigFile::categories`].
    pub fn index(&self) -> usize {
        self.at
    }

    /// Gives the last line of this name another value, or adds one if there is none. Where the only
    /// ones come from templates it adds one of its own, and where a template says the same already
    /// it needs none.
    pub fn set(&mut self, name: &str, value: &str) -> Result<()> {
        check::name(name)?;
        check::value(name, value)?;
        if self.get(name) == Some(value) {
            return Ok(());
        }
        let own = self.own_lines().iter().rposition(|line| line.is(name));
        let Some(line) = own.map(|i| i + self.inherited) else {
            return self.append(name, value);
        };
        let theirs = self.lines[..self.inherited].iter().rev().find(|line| line.is(name));
        let others = self.own_lines().iter().filter(|line| line.is(name)).count() - 1;
        if others == 0 && theirs.is_some_and(|theirs| theirs.value == value) {
            return self.remove_line(line);
        }
        self.set_line(line, value)
    }

    /// Gives the line at a place of [`lines`](Category::lines) another value; `=>` stays.
    pub fn set_line(&mut self, line: usize, value: &str) -> Result<()> {
        self.own(line)?;
        let Line { name, value: now } = self.lines[line].clone();
        check::value(&name, value)?;
        if now == value {
            return Ok(());
        }
        self.is_new(&name, value)?;
        // The server changes the first line that has the name and the value of now; an empty value
        // it cannot be told.
        let first = self.lines.iter().position(|other| {
            other.is(&name) && (now.is_empty() || other.value.eq_ignore_ascii_case(&now))
        });
        if first != Some(line) {
            return Err(Error::invalid(format!(
                "the server cannot be told which line {name:?} is meant: one before it says the \
                 same; remove it and insert another"
            )));
        }
        let value = value.to_owned();
        self.file.record(Step::Update { at: self.at, line, value })
    }

    /// Adds a line at the end.
    pub fn append(&mut self, name: &str, value: &str) -> Result<()> {
        self.append_as(name, value, false)
    }

    /// Adds a line `name => value` at the end.
    pub fn append_object(&mut self, name: &str, value: &str) -> Result<()> {
        self.append_as(name, value, true)
    }

    fn append_as(&mut self, name: &str, value: &str, object: bool) -> Result<()> {
        self.is_writable(name, value)?;
        let line = Line::new(name, value);
        self.file.record(Step::Append { at: self.at, line, object })
    }

    /// Adds a line in front of the one at a place of [`lines`](Category::lines), which is its own;
    /// with `=`, the server takes no other there.
    pub fn insert(&mut self, before: usize, name: &str, value: &str) -> Result<()> {
        self.own(before)?;
        self.is_writable(name, value)?;
        let line = Line::new(name, value);
        self.file.record(Step::Insert { at: self.at, before, line })
    }

    /// Removes its own lines of this name and returns how many.
    ///
    /// [`Error::Invalid`] if there are only some of its templates'.
    pub fn remove(&mut self, name: &str) -> Result<usize> {
        let inherited = self.inherited;
        let own: Vec<usize> =
            (inherited..self.lines.len()).filter(|&i| self.lines[i].is(name)).collect();
        let theirs = self.lines[..inherited].iter().any(|line| line.is(name));
        match own[..] {
            [] if theirs => return Err(theirs_not_its(name)),
            [] => {}
            [line] => self.remove_line(line)?,
            // By name the server removes them all, those that it copied from templates, too.
            _ if !theirs => {
                check::name(name)?;
                self.file.record(Step::RemoveAll { at: self.at, name: name.to_owned() })?;
            }
            _ => own.iter().rev().try_for_each(|&line| self.remove_line(line))?,
        }
        Ok(own.len())
    }

    /// Removes the line at a place of [`lines`](Category::lines).
    pub fn remove_line(&mut self, line: usize) -> Result<()> {
        self.own(line)?;
        self.file.record(Step::Remove { at: self.at, line })
    }

    /// Removes all of its own lines.
    pub fn clear(&mut self) -> Result<()> {
        if self.inherited == 0 && !self.lines.is_empty() {
            return self.file.record(Step::Empty { at: self.at });
        }
        (self.inherited..self.lines.len()).rev().try_for_each(|line| self.remove_line(line))
    }

    /// Gives it another name, which others may have.
    pub fn rename(&mut self, name: &str) -> Result<()> {
        check::category(name)?;
        self.has_no_heirs()?;
        if self.name == name {
            return Ok(());
        }
        self.file.record(Step::Rename { at: self.at, name: name.to_owned() })
    }

    /// Deletes it.
    pub fn delete(self) -> Result<()> {
        self.has_no_heirs()?;
        self.file.record(Step::Delete { at: self.at })
    }

    /// Without it the server could not read its own file.
    fn has_no_heirs(&self) -> Result<()> {
        if ConfigFile::has_heirs(&self.file.categories, self.at) {
            return Err(Error::invalid(format!(
                "other categories are made of the template {:?}",
                self.name
            )));
        }
        Ok(())
    }

    fn own(&self, line: usize) -> Result<()> {
        match self.lines.get(line) {
            None => Err(Error::invalid(format!("the category {:?} has no line {line}", self.name))),
            Some(theirs) if line < self.inherited => Err(theirs_not_its(&theirs.name)),
            Some(_) => Ok(()),
        }
    }

    fn is_writable(&self, name: &str, value: &str) -> Result<()> {
        check::name(name)?;
        check::value(name, value)?;
        self.is_new(name, value)
    }

    fn is_new(&self, name: &str, value: &str) -> Result<()> {
        let theirs = &self.lines[..self.inherited];
        if theirs.iter().any(|line| line.is(name) && line.value == value) {
            return Err(Error::invalid(format!(
                "a template has the line {name:?} with this value already, so the server would not \
                 write it"
            )));
        }
        Ok(())
    }
}

fn theirs_not_its(name: &str) -> Error {
    Error::invalid(format!("the line {name:?} is a template's; change it there"))
}
