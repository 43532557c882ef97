//! One change: what it does to the categories here, and how the server is told.

use super::{Category, Line, address};
use crate::Result;
use crate::ami::action::ConfigChange;

/// A change, in terms of the categories as they are when its turn comes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Step {
    New { name: String, is_template: bool, templates: Vec<String> },
    Rename { at: usize, name: String },
    Delete { at: usize },
    Empty { at: usize },
    Update { at: usize, line: usize, value: String },
    Remove { at: usize, line: usize },
    RemoveAll { at: usize, name: String },
    Append { at: usize, line: Line, object: bool },
    Insert { at: usize, before: usize, line: Line },
}

impl Step {
    /// Which category's lines it changes.
    pub(super) fn lines_of(&self) -> Option<usize> {
        match *self {
            Self::New { .. } | Self::Rename { .. } | Self::Delete { .. } => None,
            Self::Empty { at }
            | Self::Update { at, .. }
            | Self::Remove { at, .. }
            | Self::RemoveAll { at, .. }
            | Self::Append { at, .. }
            | Self::Insert { at, .. } => Some(at),
        }
    }

    pub(super) fn apply(&self, all: &mut Vec<Category>) {
        match self {
            Self::New { name, is_template, templates } => {
                let mut new = Category::new(name);
                for name in templates {
                    if let Some(template) = template_index(all, name) {
                        new.lines.extend_from_slice(&all[template].lines);
                    }
                }
                new.inherited = new.lines.len();
                new.is_template = *is_template;
                new.templates.clone_from(templates);
                all.push(new);
            }
            Self::Rename { at, name } => all[*at].name.clone_from(name),
            Self::Delete { at } => drop(all.remove(*at)),
            Self::Empty { at } => all[*at].lines.clear(),
            Self::Update { at, line, value } => all[*at].lines[*line].value.clone_from(value),
            Self::Remove { at, line } => drop(all[*at].lines.remove(*line)),
            Self::RemoveAll { at, name } => all[*at].lines.retain(|line| !line.is(name)),
            Self::Append { at, line, .. } => all[*at].lines.push(line.clone()),
            Self::Insert { at, before, line } => all[*at].lines.insert(*before, line.clone()),
        }
    }

    /// The step as the server takes it.
    pub(super) fn change(&self, all: &[Category]) -> Result<ConfigChange> {
        let number = |line: usize| u32::try_from(line).unwrap_or(u32::MAX);
        let (at, change) = match self {
            Self::New { name, is_template, templates } => {
                let mut options = Vec::new();
                if *is_template {
                    options.push("template".to_owned());
                }
                if !templates.is_empty() {
                    options.push(format!("inherit=\"{}\"", templates.join(",")));
                }
                let change = ConfigChange::new_category(name);
                return Ok(if options.is_empty() {
                    change
                } else {
                    change.options(options.join(","))
                });
            }
            Self::Rename { at, name } => (*at, ConfigChange::rename_category(&all[*at].name, name)),
            Self::Delete { at } => (*at, ConfigChange::delete_category(&all[*at].name)),
            Self::Empty { at } => (*at, ConfigChange::empty_category(&all[*at].name)),
            Self::Update { at, line, value } => {
                let category = &all[*at];
                let Line { name, value: now } = &category.lines[*line];
                let change = ConfigChange::update(&category.name, name, value);
                (*at, if now.is_empty() { change } else { change.matching(now) })
            }
            Self::Remove { at, line } => {
                (*at, ConfigChange::delete_line(&all[*at].name, number(*line)))
            }
            Self::RemoveAll { at, name } => (*at, ConfigChange::delete(&all[*at].name, name)),
            Self::Append { at, line, object } => {
                let change = ConfigChange::append(&all[*at].name, &line.name, &line.value);
                (*at, if *object { change.object() } else { change })
            }
            Self::Insert { at, before, line } => {
                let name = &all[*at].name;
                (*at, ConfigChange::insert(name, number(*before), &line.name, &line.value))
            }
        };
        Ok(match address::filter(all, at)? {
            Some(filter) => change.options(format!("catfilter=\"{filter}\"")),
            None => change,
        })
    }
}

/// The template that the server takes for a name: the first.
pub(super) fn template_index(all: &[Category], name: &str) -> Option<usize> {
    all.iter().position(|category| category.is_template && category.is(name))
}
