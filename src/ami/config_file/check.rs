//! What the server would take and write as something else.

use crate::{Error, Result};

/// A category's name is cut there.
const NAME: usize = 79;

fn refuse<T>(what: &str, text: &str, why: &str) -> Result<T> {
    Err(Error::invalid(format!("{what} {text:?}: {why}")))
}

/// Blanks, and what the server takes for one.
fn is_blank(c: char) -> bool {
    c <= ' '
}

fn no_breaks(what: &str, text: &str) -> Result<()> {
    if text.contains(['\r', '\n', '\0']) {
        return refuse(what, text, "a line of a file has neither line breaks nor NUL");
    }
    Ok(())
}

pub(super) fn category(name: &str) -> Result<()> {
    let what = "the category";
    no_breaks(what, name)?;
    if name.is_empty() {
        return refuse(what, name, "it needs a name");
    }
    if name.starts_with(is_blank) || name.ends_with(is_blank) {
        return refuse(what, name, "the server may not keep blanks around a name");
    }
    if name.contains(['[', ']', ';']) {
        return refuse(what, name, "a name with a bracket or a semicolon cannot be written");
    }
    if name.len() > NAME {
        let size = name.len() as u64;
        let what = "length of a category's name in bytes";
        return Err(Error::Limit { what, size, limit: NAME as u64 });
    }
    Ok(())
}

pub(super) fn template(name: &str) -> Result<()> {
    category(name)?;
    if name.contains([',', ')', '"', '\\', '\'']) {
        return refuse("the template", name, "such a name cannot stand in a list of templates");
    }
    Ok(())
}

pub(super) fn name(name: &str) -> Result<()> {
    let what = "the line";
    no_breaks(what, name)?;
    if name.is_empty() {
        return refuse(what, name, "it needs a name");
    }
    if name.starts_with(is_blank) || name.ends_with(is_blank) {
        return refuse(what, name, "the server would drop the blanks around its name");
    }
    if name.contains(['=', ';']) {
        return refuse(what, name, "the name would end at the equals sign or the semicolon");
    }
    if name.starts_with(['[', '#', '\\']) {
        return refuse(what, name, "it would be read as a category, a directive or an escape");
    }
    if name.ends_with('+') {
        return refuse(what, name, "it would be read as an addition to the line above");
    }
    Ok(())
}

/// The value's text is not in the error: it may be a secret.
pub(super) fn value(of: &str, value: &str) -> Result<()> {
    let what = "the value of";
    if value.contains(['\r', '\n', '\0']) {
        return refuse(what, of, "a line of a file has neither line breaks nor NUL");
    }
    if value.starts_with(is_blank) || value.ends_with(is_blank) {
        return refuse(what, of, "the server would drop the blanks around it");
    }
    if value.starts_with('>') {
        return refuse(what, of, "with > in front it would become an object's");
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_would_be_written_as_something_else_is_refused() {
        for bad in ["", " a", "a ", "a]b", "a;b", "a\nb"] {
            assert!(category(bad).is_err(), "{bad:?}");
        }
        assert!(category(&"x".repeat(79)).is_ok() && category(&"x".repeat(80)).is_err());
        for bad in ["", " a", "a\t", "a=b", "a;b", "[a", "#include", "\\a", "a+", "a\rb"] {
            assert!(name(bad).is_err(), "{bad:?}");
        }
        for bad in [" a", "a ", "a\0b", ">a", "a\nb"] {
            assert!(value("x", bad).is_err(), "{bad:?}");
        }
        for good in ["", "a;b", "\"a\", 'b'", "äöü", "a\\", "=>", "[x]", "a\tb"] {
            assert!(value("x", good).is_ok(), "{good:?}");
        }
    }

    #[test]
    fn a_refused_value_is_not_shown() {
        let e = value("secret", " hunter2").unwrap_err();
        assert!(!e.to_string().contains("hunter2"), "{e}");
    }
}
