//! How to say which of several categories of one name is meant.
//!
//! The server carries out a step on every category that has the name and passes the step's filter:
//! regular expressions for the name and the value of a line that the category must have. What
//! might mean something in an expression, or in the list of them, is left open in it, so what it
//! matches is found out here, with the same openness.

use std::fmt;

use super::{Category, Line};
use crate::{Error, Result};

/// So much of a name or a value is enough to tell it from others.
const ENOUGH: usize = 64;

/// A text with holes where anything may stand.
struct Pattern(Vec<String>);

impl Pattern {
    fn of(text: &str) -> Self {
        let mut parts = vec![String::new()];
        let mut open = false;
        for (i, c) in text.char_indices() {
            let plain = c.is_ascii_alphanumeric() || "_-/:@".contains(c);
            if plain && i < ENOUGH {
                if let Some(part) = parts.last_mut() {
                    part.push(c);
                }
                open = false;
            } else if !open {
                parts.push(String::new());
                open = true;
            }
        }
        Self(parts)
    }

    fn matches(&self, text: &str) -> bool {
        let (Some(first), Some(last)) = (self.0.first(), self.0.last()) else { return false };
        if self.0.len() == 1 {
            return text == first;
        }
        let Some(mut rest) = text.strip_prefix(&**first) else { return false };
        for part in &self.0[1..self.0.len() - 1] {
            let Some(at) = rest.find(&**part) else { return false };
            rest = &rest[at + part.len()..];
        }
        rest.ends_with(&**last)
    }
}

impl fmt::Display for Pattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "^{}$", self.0.join(".*"))
    }
}

/// That a category has a line like this one.
struct Condition {
    name: Pattern,
    value: Pattern,
}

impl Condition {
    fn of(line: &Line) -> Self {
        Self { name: Pattern::of(&line.name), value: Pattern::of(&line.value) }
    }

    fn holds(&self, category: &Category) -> bool {
        category.lines.iter().any(|l| self.name.matches(&l.name) && self.value.matches(&l.value))
    }
}

impl fmt::Display for Condition {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}={}", self.name, self.value)
    }
}

/// The filter that only this category passes among those of its name; `None` if the name is enough.
pub(super) fn filter(all: &[Category], index: usize) -> Result<Option<String>> {
    let wanted = &all[index];
    let mut others: Vec<&Category> = all
        .iter()
        .enumerate()
        .filter(|&(i, c)| i != index && c.is(&wanted.name) && c.is_template == wanted.is_template)
        .map(|(_, other)| other)
        .collect();
    let mut conditions = Vec::new();
    if wanted.is_template {
        conditions.push("TEMPLATES=restrict".to_owned());
    }
    while let Some(&other) = others.last() {
        let all = wanted.lines.iter().map(Condition::of);
        let Some(condition) = all.into_iter().find(|condition| !condition.holds(other)) else {
            return Err(Error::invalid(format!(
                "another category {:?} has all the lines of this one, so the server cannot be told \
                 which is meant; make a new one with its lines",
                wanted.name
            )));
        };
        others.retain(|other| condition.holds(other));
        conditions.push(condition.to_string());
    }
    Ok((!conditions.is_empty()).then(|| conditions.join(",")))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn category(lines: &[(&str, &str)]) -> Category {
        let mut category = Category::new("alice");
        category.lines = lines.iter().map(|&(name, value)| Line::new(name, value)).collect();
        category
    }

    #[test]
    fn a_name_that_only_one_has_is_enough() {
        assert_eq!(filter(&[category(&[])], 0).unwrap(), None);
    }

    #[test]
    fn each_namesake_is_told_apart_by_lines_that_it_does_not_have() {
        let all = [
            category(&[("type", "endpoint"), ("x", "1")]),
            category(&[("type", "aor"), ("x", "1")]),
            category(&[("type", "aor"), ("x", "a, b; \"c\"")]),
        ];
        assert_eq!(filter(&all, 0).unwrap().unwrap(), "^type$=^endpoint$");
        assert_eq!(filter(&all, 1).unwrap().unwrap(), "^x$=^1$,^type$=^aor$");
        assert_eq!(filter(&all, 2).unwrap().unwrap(), "^x$=^a.*b.*c.*$");
    }

    #[test]
    fn who_has_less_than_a_namesake_cannot_be_meant_alone() {
        let all = [category(&[("type", "aor")]), category(&[("type", "aor"), ("x", "1")])];
        assert!(filter(&all, 0).is_err());
        assert_eq!(filter(&all, 1).unwrap().unwrap(), "^x$=^1$");
    }

    #[test]
    fn a_template_is_told_from_a_category_of_its_name() {
        let mut all = [category(&[]), category(&[])];
        all[0].is_template = true;
        assert_eq!(filter(&all, 0).unwrap().unwrap(), "TEMPLATES=restrict");
        assert_eq!(filter(&all, 1).unwrap(), None);
    }

    #[test]
    fn what_is_left_open_in_an_expression_is_left_open_here() {
        // Only the comma tells them apart, and that cannot be said.
        let all = [category(&[("x", "a,b")]), category(&[("x", "a;b")])];
        assert!(filter(&all, 0).is_err());
    }
}
