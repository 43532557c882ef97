//! The server's configuration files: read one, change it, have the changes written.
//!
//! ```no_run
//! use asterisk_sync::ami::config_file::{NewCategory, Save};
//!
//! # fn main() -> asterisk_sync::Result<()> {
//! # let ami = asterisk_sync::ami::AmiClient::from_env()?;
//! let mut file = ami.config_file("pjsip.conf")?;
//! // Several categories may be named alice: the endpoint, its address, its password.
//! if let Some(mut address) = file.category_with_mut("alice", "type", "aor") {
//!     address.set("max_contacts", "2")?;
//! }
//! let mut desk = file.add(NewCategory::new("desk").inherit("phones"))?;
//! desk.append("callerid", "Desk <100>")?;
//! let steps = file.save(&ami, &Save::new().reload_module("res_pjsip.so"))?;
//! println!("{steps} steps");
//! # Ok(()) }
//! ```
//!
//! # What happens to the file
//!
//! The server reads it, makes the changes and writes it anew. Lines that are not changed stay, and
//! so do comments that begin with `;` and end with their line; comments in `;--` and `--;` are lost.
//! A line that only says what a template of its category says already is not written. `[name](+)`
//! is joined to what it adds to. Lines of included files are shown where they are included.
//!
//! The file on disk is written over, not replaced: the user that the server runs as must be allowed
//! to write it. Who reads it at that moment sees half of it.
//!
//! # Templates
//!
//! A category shows the lines of its templates first, then its own. Only its own can be changed:
//! [`CategoryMut::set`] adds one of its own where the only one comes from a template. When a
//! template's line is changed or removed, the categories that are made of it keep what they had, as
//! lines of their own, unless [`Save::preserve_effective_context`] says otherwise; lines that are
//! added to it they get in any case. That shows after the file is saved.
//!
//! # What is written at once
//!
//! One request has room for about twenty to forty steps, and the server carries it out as a whole
//! or not at all. More steps take several requests, each written as it is carried out: between two
//! of them, or where a later one fails, the file has the steps of the earlier ones
//! ([`Error::Unfinished`](crate::Error::Unfinished)). Modules are told to reload with the last one.
//! Nothing is ever sent twice. Before each request the file is read again, and if it is not what it
//! was, nothing is sent: what somebody else has changed is not written over by line numbers that
//! have moved.

mod address;
mod category;
mod check;
mod edit;
mod read;
mod save;
mod step;
#[cfg(test)]
mod tests;

pub use category::{Category, Line};
pub use edit::{CategoryMut, NewCategory};
pub use save::Save;

use super::AmiClient;
use super::action::GetConfigAction;
use crate::Result;
use step::Step;

/// A configuration file of the server: its categories, in order, and what is to be changed.
///
/// Nothing is changed before [`save`](Self::save). `Debug` hides the values of secret settings.
#[derive(Debug, Clone)]
pub struct ConfigFile {
    filename: String,
    /// As the server had it.
    base: Vec<Category>,
    /// With the changes.
    categories: Vec<Category>,
    steps: Vec<Step>,
}

impl AmiClient {
    /// Reads a configuration file, templates included: `GetConfig`. For a part of one, send a
    /// [`GetConfigAction`] with a category or a filter.
    ///
    /// Waits at most the client's timeout. [`Error::Refused`](crate::Error::Refused) if there is no
    /// such file or it cannot be read. Needs `system` or `config`.
    pub fn config_file(&self, filename: impl Into<String>) -> Result<ConfigFile> {
        let filename = filename.into();
        let base = ConfigFile::fetch(self, &filename)?;
        Ok(ConfigFile { filename, categories: base.clone(), base, steps: Vec::new() })
    }
}

impl ConfigFile {
    fn fetch(ami: &AmiClient, filename: &str) -> Result<Vec<Category>> {
        let all = GetConfigAction::new(filename).filter("TEMPLATES=include");
        Ok(read::categories(&ami.send_action(&all)?))
    }

    /// The file's name, such as `pjsip.conf`.
    pub fn filename(&self) -> &str {
        &self.filename
    }

    /// The categories in the order of the file, with the changes that were made here.
    pub fn categories(&self) -> &[Category] {
        &self.categories
    }

    /// All categories of a name, in order.
    pub fn named<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a Category> + 'a {
        self.categories.iter().filter(move |category| category.is(name))
    }

    /// The first category of a name.
    pub fn category(&self, name: &str) -> Option<&Category> {
        self.category_where(name, |_| true)
    }

    /// The first category of a name that has this line, such as `type = aor`.
    pub fn category_with(&self, name: &str, line: &str, value: &str) -> Option<&Category> {
        self.category_where(name, |category| category.has(line, value))
    }

    fn category_where(&self, name: &str, accept: impl Fn(&Category) -> bool) -> Option<&Category> {
        Some(&self.categories[self.position(name, accept)?])
    }

    /// Where the first category is that has this name and is accepted, in
    /// [`categories`](Self::categories).
    pub fn position(&self, name: &str, accept: impl Fn(&Category) -> bool) -> Option<usize> {
        self.categories.iter().position(|category| category.is(name) && accept(category))
    }

    /// The category at a place, to be changed.
    pub fn at_mut(&mut self, index: usize) -> Option<CategoryMut<'_>> {
        (index < self.categories.len()).then(|| CategoryMut::new(self, index))
    }

    /// The first category of a name, to be changed.
    pub fn category_mut(&mut self, name: &str) -> Option<CategoryMut<'_>> {
        let index = self.position(name, |_| true)?;
        self.at_mut(index)
    }

    /// The first category of a name that has this line, to be changed.
    pub fn category_with_mut(
        &mut self,
        name: &str,
        line: &str,
        value: &str,
    ) -> Option<CategoryMut<'_>> {
        let index = self.position(name, |category| category.has(line, value))?;
        self.at_mut(index)
    }

    /// How many steps wait to be saved.
    pub fn unsaved(&self) -> usize {
        self.steps.len()
    }

    /// Forgets all changes that were not saved.
    pub fn revert(&mut self) {
        self.categories.clone_from(&self.base);
        self.steps.clear();
    }

    /// Whether other categories are made of this one.
    fn has_heirs(all: &[Category], index: usize) -> bool {
        let name = &all[index].name;
        all.iter().any(|other| other.templates.iter().any(|t| t.eq_ignore_ascii_case(name)))
    }
}
