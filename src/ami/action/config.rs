//! Configuration files of the server.

use std::fmt;

use super::fields::Fields;
use super::macros::{actions, setters, shape};
use super::{Action, Headers};
use crate::ami::message::is_secret_setting;
use crate::ami::response::{Response, responses};
use crate::error::Result;
use crate::types::ConfigAction;

actions! {
    /// Reads a configuration file: its categories and their lines, templates resolved.
    ///
    /// A category that does not exist gives an empty answer, a file an error. Only files in the
    /// server's folder for them. Needs `system` or `config`.
    GetConfigAction = "GetConfig" (
        /// the file, such as `queues.conf`.
        filename: text = "Filename",
    ) -> GetConfigResponse {
        /// Only this category.
        category: text = "Category",
        /// Only categories with lines that match: `name=value` with regular expressions on both
        /// sides, several with commas. `TEMPLATES=include` lists templates too.
        filter: text = "Filter",
    }

    /// The same as a JSON text. Needs `system` or `config`.
    GetConfigJSONAction = "GetConfigJSON" (
        /// the file, such as `queues.conf`.
        filename: text = "Filename",
    ) -> GetConfigJSONResponse {
        /// Only this category.
        category: text = "Category",
        /// Only categories with lines that match, as for [`GetConfigAction::filter`].
        filter: text = "Filter",
    }

    /// Lists the categories of a configuration file. Needs `config`.
    ListCategoriesAction = "ListCategories" (
        /// the file.
        filename: text = "Filename",
    ) -> ListCategoriesResponse {}

    /// Makes an empty configuration file. Needs `config`.
    CreateConfigAction = "CreateConfig" (
        /// the file.
        filename: text = "Filename",
    ) -> Response {}
}

shape! {
    /// Changes a configuration file, step by step, and writes it if all steps could be made.
    ///
    /// About thirty steps fit into one action, which may have 128 headers. Modules that are to read
    /// it do so after the answer. For the file as a whole there is
    /// [`ConfigFile`](crate::ami::config_file::ConfigFile). Needs `config`.
    ///
    /// ```
    /// use asterisk_sync::ami::action::{ConfigChange, UpdateConfigAction};
    /// let update = UpdateConfigAction::new("queues.conf", "queues.conf")
    ///     .change(ConfigChange::new_category("night"))
    ///     .change(ConfigChange::append("night", "strategy", "ringall"))
    ///     .change(ConfigChange::append("night", "member", "PJSIP/alice").object())
    ///     .reload_module("app_queue.so");
    /// # let _ = update;
    /// ```
    UpdateConfigAction = "UpdateConfig"
}

impl UpdateConfigAction {
    /// The action `UpdateConfig`: which file to read, and which to write, mostly the same.
    ///
    /// Headers `SrcFilename` and `DstFilename`.
    pub fn new(src_filename: impl Into<String>, dst_filename: impl Into<String>) -> Self {
        let mut fields = Fields::default();
        fields.set("SrcFilename", src_filename.into());
        fields.set("DstFilename", dst_filename.into());
        Self(fields)
    }

    /// Reloads everything afterwards.
    ///
    /// Header `Reload`.
    #[must_use]
    pub fn reload(mut self) -> Self {
        self.0.set("Reload", "yes");
        self
    }

    /// Adds a step.
    ///
    /// Headers `Action-000000`, `Cat-000000` and so on, counted up.
    #[must_use]
    pub fn change(mut self, change: ConfigChange) -> Self {
        let number = self.0.count("Action-");
        self.0.extend(change.0, &format!("-{number:06}"));
        self
    }
}

setters! {
    UpdateConfigAction {
        /// Reloads this module afterwards.
        reload_module: text = "Reload",
        /// Whether categories stay as they are in effect where a template of theirs changes; they
        /// do unless this is `false`.
        preserve_effective_context: bool = "PreserveEffectiveContext",
    }
}

impl Action for UpdateConfigAction {
    type Reply = Response;

    fn name(&self) -> &'static str {
        "UpdateConfig"
    }

    fn write(&self, headers: &mut Headers) {
        self.0.write(headers);
    }
}

/// A step of an [`UpdateConfigAction`]. It is carried out on every category of its name, unless
/// [`options`](ConfigChange::options) choose among them, and never on a template, unless they say so
/// (`catfilter="TEMPLATES=restrict"`). [`ConfigFile`](crate::ami::config_file::ConfigFile) sees to
/// all that.
#[derive(Clone, PartialEq, Eq)]
pub struct ConfigChange(Fields);

impl ConfigChange {
    fn new(action: ConfigAction, category: impl Into<String>) -> Self {
        let mut fields = Fields::default();
        fields.set("Action", action);
        fields.set("Cat", category.into());
        Self(fields)
    }

    fn line(mut self, name: impl Into<String>, value: impl Into<String>) -> Self {
        let (name, value) = (name.into(), value.into());
        if value.starts_with('>') {
            self.0.refuse("a value with > in front would be an object's");
        }
        self.0.set("Var", name);
        self.0.set("Value", value);
        self.hide_secrets();
        self
    }

    /// How many headers it takes.
    pub(in crate::ami) fn headers(&self) -> usize {
        self.0.count("")
    }

    fn hide_secrets(&mut self) {
        if self.0.get("Var").is_some_and(is_secret_setting) {
            self.0.hide("Value");
            self.0.hide("Match");
        }
    }

    /// Makes a category at the end. [`options`](Self::options) can make it a template, let it
    /// inherit from some, or allow another of the same name.
    pub fn new_category(category: impl Into<String>) -> Self {
        Self::new(ConfigAction::NewCategory, category)
    }

    /// Gives a category another name.
    pub fn rename_category(category: impl Into<String>, name: impl Into<String>) -> Self {
        let mut change = Self::new(ConfigAction::RenameCategory, category);
        change.0.set("Value", name.into());
        change
    }

    /// Deletes a category.
    pub fn delete_category(category: impl Into<String>) -> Self {
        Self::new(ConfigAction::DeleteCategory, category)
    }

    /// Deletes all lines of a category.
    pub fn empty_category(category: impl Into<String>) -> Self {
        Self::new(ConfigAction::EmptyCategory, category)
    }

    /// Gives the first line of this name another value, in every category that is meant.
    pub fn update(
        category: impl Into<String>,
        name: impl Into<String>,
        value: impl Into<String>,
    ) -> Self {
        Self::new(ConfigAction::Update, category).line(name, value)
    }

    /// Deletes the lines of this name.
    pub fn delete(category: impl Into<String>, name: impl Into<String>) -> Self {
        let mut change = Self::new(ConfigAction::Delete, category);
        change.0.set("Var", name.into());
        change
    }

    /// Deletes the line with this number, counted from 0, those of templates included.
    pub fn delete_line(category: impl Into<String>, line: u32) -> Self {
        let mut change = Self::new(ConfigAction::Delete, category);
        change.0.set("Line", line);
        change
    }

    /// Adds a line at the end of a category.
    pub fn append(
        category: impl Into<String>,
        name: impl Into<String>,
        value: impl Into<String>,
    ) -> Self {
        Self::new(ConfigAction::Append, category).line(name, value)
    }

    /// Adds a line in front of the one with this number, counted from 0, those of templates
    /// included. Where there is no such line the server says that all is well, and adds nothing. It
    /// takes no [`object`](Self::object) here.
    pub fn insert(
        category: impl Into<String>,
        line: u32,
        name: impl Into<String>,
        value: impl Into<String>,
    ) -> Self {
        let mut change = Self::new(ConfigAction::Insert, category).line(name, value);
        change.0.set("Line", line);
        change
    }

    /// Only a line that has this value now, compared without regard to case.
    ///
    /// Header `Match`.
    #[must_use]
    pub fn matching(mut self, value: impl Into<String>) -> Self {
        self.0.set("Match", value.into());
        self.hide_secrets();
        self
    }

    /// Writes the line with `=>` instead of `=`.
    #[must_use]
    pub fn object(mut self) -> Self {
        if let Some(value) = self.0.get("Value").map(|value| format!(">{value}")) {
            self.0.set("Value", value);
        }
        self
    }
}

setters! {
    ConfigChange {
        /// Options, with commas: `allowdups`, `template` and `inherit="…"` for a new category,
        /// `catfilter="…"` to choose among categories of one name.
        options: text = "Options",
    }
}

impl std::fmt::Debug for ConfigChange {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.0.debug("ConfigChange", f)
    }
}

responses! {
    /// The text of a configuration file.
    GetConfigResponse {}

    /// The text of a configuration file as JSON.
    GetConfigJSONResponse {
        /// The text. What the server writes is not always JSON: it does not escape control
        /// characters, and repeats a name that has several lines.
        json: text = "JSON",
    }

    /// The categories of a configuration file.
    ListCategoriesResponse {}
}

/// A category of a [configuration file](GetConfigResponse). `Debug` hides the values of secret
/// settings.
#[derive(Clone, PartialEq, Eq, serde::Serialize)]
#[non_exhaustive]
pub struct ConfigCategory<'a> {
    /// Its name, which others may have too.
    pub name: &'a str,
    /// Whether it is only a template for others.
    pub is_template: bool,
    /// The templates it is made of.
    pub templates: Vec<&'a str>,
    /// Its lines, name and value, with those of its templates.
    pub lines: Vec<(&'a str, &'a str)>,
}

impl fmt::Debug for ConfigCategory<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let shown = |&(name, value): &(&'_ str, &'_ str)| {
            (name.to_owned(), if is_secret_setting(name) { "<redacted>" } else { value }.to_owned())
        };
        f.debug_struct("ConfigCategory")
            .field("name", &self.name)
            .field("is_template", &self.is_template)
            .field("templates", &self.templates)
            .field("lines", &self.lines.iter().map(shown).collect::<Vec<_>>())
            .finish()
    }
}

impl GetConfigResponse {
    /// The categories in the order of the file.
    pub fn categories(&self) -> Vec<ConfigCategory<'_>> {
        let mut all: Vec<ConfigCategory<'_>> = Vec::new();
        for (header, value) in self.0.iter() {
            match (header.split('-').next(), all.last_mut()) {
                (Some("Category"), _) => all.push(ConfigCategory {
                    name: value,
                    is_template: false,
                    templates: Vec::new(),
                    lines: Vec::new(),
                }),
                (Some("IsTemplate"), Some(category)) => category.is_template = value == "1",
                (Some("Templates"), Some(category)) => {
                    category.templates = value.split(',').collect();
                }
                (Some("Line"), Some(category)) => {
                    category.lines.push(value.split_once('=').unwrap_or((value, "")));
                }
                _ => {}
            }
        }
        all
    }
}

impl GetConfigJSONResponse {
    /// The text, read: an object of categories, each an object of lines. Of lines with the same
    /// name only the last is there; [`categories`](Self::categories) has them all.
    pub fn value(&self) -> Result<serde_json::Value> {
        Ok(serde_json::from_str(self.json())?)
    }
}

impl ListCategoriesResponse {
    /// The categories' names in the order of the file.
    pub fn categories(&self) -> impl Iterator<Item = &str> {
        self.0.iter().filter(|(header, _)| header.starts_with("Category-")).map(|(_, name)| name)
    }
}
