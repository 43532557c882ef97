//! A file between its text and its text.

use std::fmt::Write as _;

#[derive(Debug, Clone, PartialEq)]
pub(super) struct Line {
    pub(super) name: String,
    pub(super) value: String,
    pub(super) object: bool,
    /// A copy of a template's.
    pub(super) inherited: bool,
}

#[derive(Debug, Clone)]
pub(super) struct Category {
    pub(super) name: String,
    pub(super) is_template: bool,
    pub(super) templates: Vec<String>,
    pub(super) lines: Vec<Line>,
}

#[derive(Debug, Default)]
pub(super) struct Parsed {
    pub(super) categories: Vec<Category>,
}

impl Parsed {
    pub(super) fn read(text: &str) -> Option<Self> {
        let mut file = Self::default();
        for line in text.lines() {
            let line = uncommented(line);
            let line = line.trim_matches(|c| c <= ' ');
            if line.is_empty() {
                continue;
            }
            if let Some(rest) = line.strip_prefix('[') {
                file.header(rest)?;
                continue;
            }
            let category = file.categories.last_mut()?;
            let Some((name, value)) = line.split_once('=') else { continue };
            let object = value.starts_with('>');
            category.lines.push(Line {
                name: name.trim().to_owned(),
                value: value.strip_prefix('>').unwrap_or(value).trim().to_owned(),
                object,
                inherited: false,
            });
        }
        Some(file)
    }

    /// What stands behind `[`.
    fn header(&mut self, text: &str) -> Option<()> {
        let (name, options) = text.split_once(']')?;
        let mut new = Category {
            name: name.to_owned(),
            is_template: false,
            templates: Vec::new(),
            lines: Vec::new(),
        };
        let options = options.trim().strip_prefix('(').and_then(|o| o.split_once(')'));
        for option in options.map_or("", |(list, _)| list).split(',').map(str::trim) {
            match option {
                "" => {}
                "!" => new.is_template = true,
                template => self.inherit(&mut new, template, false)?,
            }
        }
        self.categories.push(new);
        Some(())
    }

    /// Puts copies of a template's lines into a category.
    pub(super) fn inherit(&self, new: &mut Category, name: &str, strictly: bool) -> Option<()> {
        let named = |c: &&Category| c.name.eq_ignore_ascii_case(name);
        let template = self.categories.iter().filter(named).find(|c| c.is_template);
        let any = || self.categories.iter().find(named).filter(|_| !strictly);
        let template = template.or_else(any)?;
        new.templates.push(template.name.clone());
        let copies = template.lines.iter().map(|l| Line { inherited: true, ..l.clone() });
        new.lines.extend(copies);
        Some(())
    }

    /// The categories of this name that pass a filter. Without one, templates do not.
    pub(super) fn pick(&self, name: Option<&str>, filter: Option<&str>) -> Vec<usize> {
        let passes = |(_, c): &(usize, &Category)| {
            name.is_none_or(|name| c.name.eq_ignore_ascii_case(name)) && c.passes(filter)
        };
        self.categories.iter().enumerate().filter(passes).map(|(i, _)| i).collect()
    }

    /// What a category has from its templates it does not say itself, unless they say so no more.
    pub(super) fn write(&self, preserve: bool) -> String {
        let mut text = String::new();
        for category in &self.categories {
            let mut options: Vec<&str> = category.templates.iter().map(String::as_str).collect();
            if category.is_template {
                options.insert(0, "!");
            }
            let options = match options[..] {
                [] => String::new(),
                _ => format!("({})", options.join(",")),
            };
            let _ = writeln!(text, "[{}]{options}", category.name);
            let theirs: Vec<&Line> = category
                .templates
                .iter()
                .filter_map(|name| self.template(name))
                .flatten()
                .collect();
            for line in &category.lines {
                let same =
                    |t: &&Line| t.name.eq_ignore_ascii_case(&line.name) && t.value == line.value;
                if theirs.iter().any(same) || (line.inherited && !preserve) {
                    continue;
                }
                let sign = if line.object { "=>" } else { "=" };
                let value = line.value.replace(';', "\\;");
                let _ = writeln!(text, "{} {sign} {value}", line.name);
            }
        }
        text
    }

    fn template(&self, name: &str) -> Option<&Vec<Line>> {
        let named = |c: &&Category| c.name.eq_ignore_ascii_case(name);
        let template = self.categories.iter().filter(named).find(|c| c.is_template);
        template.or_else(|| self.categories.iter().find(named)).map(|c| &c.lines)
    }
}

impl Category {
    fn passes(&self, filter: Option<&str>) -> bool {
        let Some(filter) = filter else { return !self.is_template };
        let mut template_ok = !self.is_template;
        filter.split(',').all(|condition| match condition.split_once('=') {
            Some(("TEMPLATES", word)) => {
                template_ok = true;
                word.eq_ignore_ascii_case("include") || self.is_template
            }
            Some((name, value)) => {
                self.lines.iter().any(|l| matches(name, &l.name) && matches(value, &l.value))
            }
            None => false,
        }) && template_ok
    }
}

/// Expressions are played as far as `^`, `.*` and `$`.
fn matches(expression: &str, text: &str) -> bool {
    let (begins, expression) = match expression.strip_prefix('^') {
        Some(rest) => (true, rest),
        None => (false, expression),
    };
    let (ends, expression) = match expression.strip_suffix('$') {
        Some(rest) => (true, rest),
        None => (false, expression),
    };
    let parts: Vec<&str> = expression.split(".*").collect();
    let (mut at, last) = (0, parts.len() - 1);
    for (i, part) in parts.iter().enumerate() {
        let rest = &text[at..];
        let found = match (i == 0 && begins, i == last && ends) {
            (true, true) => (rest == *part).then_some(0),
            (true, false) => rest.starts_with(part).then_some(0),
            (false, true) => rest.ends_with(part).then(|| rest.len() - part.len()),
            (false, false) => rest.find(part),
        };
        let Some(found) = found else { return false };
        at += found + part.len();
    }
    true
}

/// Without the comment; `\;` is none.
fn uncommented(line: &str) -> String {
    let mut text = String::new();
    for c in line.chars() {
        if c == ';' {
            match text.pop() {
                Some('\\') => {}
                Some(other) => {
                    text.push(other);
                    break;
                }
                None => break,
            }
        }
        text.push(c);
    }
    text
}
