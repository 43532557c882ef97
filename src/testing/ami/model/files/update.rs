//! The steps of `UpdateConfig`.

use super::parsed::{Category, Line, Parsed};
use crate::testing::ami::model::Turn;

/// One step, as its headers say it.
pub(super) struct Update<'a> {
    action: &'a str,
    category: &'a str,
    var: Option<&'a str>,
    value: &'a str,
    object: bool,
    matching: Option<&'a str>,
    line: Option<&'a str>,
    options: Vec<(&'a str, &'a str)>,
}

const FAILED: &str = "did not complete successfully";

impl<'a> Update<'a> {
    pub(super) fn read(turn: &Turn<'a>, number: usize) -> Option<Self> {
        let get = |name: &str| turn.get(&format!("{name}-{number:06}"));
        let value = get("Value").unwrap_or("");
        Some(Self {
            action: get("Action")?,
            category: get("Cat").unwrap_or(""),
            var: get("Var"),
            value: value.strip_prefix('>').unwrap_or(value),
            object: value.starts_with('>'),
            matching: get("Match"),
            line: get("Line"),
            options: options(get("Options").unwrap_or("")),
        })
    }

    fn option(&self, name: &str) -> Option<&'a str> {
        self.options.iter().find(|(other, _)| *other == name).map(|(_, value)| *value)
    }

    /// Every category that is meant; there has to be one.
    pub(super) fn run(&self, file: &mut Parsed) -> Result<(), &'static str> {
        let action = self.action.to_ascii_lowercase();
        if action == "newcat" {
            return self.new_category(file);
        }
        let meant = file.pick(Some(self.category), self.option("catfilter"));
        if meant.is_empty() {
            return Err("Given category does not exist");
        }
        for &at in meant.iter().rev() {
            match &*action {
                "delcat" => drop(file.categories.remove(at)),
                "renamecat" => self.value.clone_into(&mut file.categories[at].name),
                "emptycat" => file.categories[at].lines.clear(),
                action => self.lines(action, &mut file.categories[at])?,
            }
        }
        Ok(())
    }

    fn new_category(&self, file: &mut Parsed) -> Result<(), &'static str> {
        let exists = !file.pick(Some(self.category), None).is_empty();
        if exists && self.option("allowdups").is_none() {
            return Err("Create category did not complete successfully");
        }
        let mut new = Category {
            name: self.category.to_owned(),
            is_template: self.option("template").is_some(),
            templates: Vec::new(),
            lines: Vec::new(),
        };
        let inherit = self.option("inherit").unwrap_or("");
        for name in inherit.split(',').filter(|name| !name.is_empty()) {
            file.inherit(&mut new, name, true).ok_or("Template category not found")?;
        }
        file.categories.push(new);
        Ok(())
    }

    fn lines(&self, action: &str, category: &mut Category) -> Result<(), &'static str> {
        let new = |name: &str| Line {
            name: name.to_owned(),
            value: self.value.to_owned(),
            object: self.object,
            inherited: false,
        };
        let place = self.line.and_then(|line| line.parse::<usize>().ok());
        let lines = &mut category.lines;
        let is_meant = |line: &Line| {
            self.var.is_some_and(|var| line.name.eq_ignore_ascii_case(var))
                && self.matching.is_none_or(|value| line.value.eq_ignore_ascii_case(value))
        };
        match (action, self.var, place) {
            ("append", Some(var), _) => lines.push(new(var)),
            // Beyond the end it adds nothing and says that all is well.
            ("insert", Some(var), Some(at)) => {
                if at < lines.len() {
                    lines.insert(at, Line { object: false, ..new(var) });
                }
            }
            ("update", Some(var), _) => {
                let line = lines.iter_mut().find(|line| is_meant(line));
                let line = line.ok_or("Update did not complete successfully")?;
                *line = Line { object: line.object || self.object, ..new(var) };
            }
            ("delete", _, Some(at)) if at < lines.len() => drop(lines.remove(at)),
            ("delete", Some(_), None) if lines.iter().any(is_meant) => {
                lines.retain(|line| !is_meant(line));
            }
            ("delete", ..) => return Err("Delete did not complete successfully"),
            _ => return Err(FAILED),
        }
        Ok(())
    }
}

/// `allowdups,inherit="a,b"`, taken apart.
fn options(mut text: &str) -> Vec<(&str, &str)> {
    let mut all = Vec::new();
    while !text.is_empty() {
        let (name, rest) = text.split_at(text.find([',', '=']).unwrap_or(text.len()));
        let (value, rest) = match rest.strip_prefix("=\"").and_then(|rest| rest.split_once('"')) {
            Some((value, rest)) => (value, rest),
            None => ("", rest),
        };
        all.push((name, value));
        text = rest.strip_prefix(',').unwrap_or("");
    }
    all
}
