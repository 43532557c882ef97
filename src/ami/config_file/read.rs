//! From what the server says of a file to its categories.

use std::fmt::{self, Write as _};

use serde::de::{Deserializer, IgnoredAny, MapAccess, Visitor};

use super::{Category, Line};
use crate::Result;
use crate::ami::action::{GetConfigJSONResponse, GetConfigResponse};

/// The categories of an answer to `GetConfig`.
pub(super) fn categories(response: &GetConfigResponse) -> Vec<Category> {
    let all = response.categories().into_iter().map(|read| {
        let mut category = Category::new(read.name);
        category.is_template = read.is_template;
        category.templates = read.templates.iter().map(|name| name.trim().to_owned()).collect();
        category.lines = read.lines.iter().map(|&(name, value)| Line::new(name, value)).collect();
        category
    });
    told_apart(all.collect())
}

/// Finds out which lines come from templates. The server does not say it, but puts copies of them
/// in front of a category's own.
fn told_apart(mut all: Vec<Category>) -> Vec<Category> {
    for i in 0..all.len() {
        let (before, rest) = all.split_at_mut(i);
        let category = &mut rest[0];
        for name in &category.templates {
            let template = before.iter().find(|c| c.is(name) && c.is_template);
            let Some(template) = template.or_else(|| before.iter().find(|c| c.is(name))) else {
                continue;
            };
            let own = &category.lines[category.inherited..];
            category.inherited +=
                own.iter().zip(&template.lines).take_while(|(line, theirs)| line == theirs).count();
        }
    }
    all
}

impl GetConfigJSONResponse {
    /// The categories in the order of the file, with every line, repeats included.
    ///
    /// It reads what is no JSON, too: the server leaves control characters as they are. Here, as in
    /// JSON's objects, names may be anything; a line named `templates` cannot be told from the list
    /// of templates, which [`GetConfig`](crate::ami::action::GetConfigAction) keeps apart.
    /// [`Error::Json`](crate::Error::Json) if it cannot be read.
    pub fn categories(&self) -> Result<Vec<Category>> {
        let text = escaped(self.json());
        let mut reader = serde_json::Deserializer::from_str(&text);
        let all = reader.deserialize_map(File)?;
        reader.end()?;
        Ok(told_apart(all))
    }
}

/// With the control characters written as JSON has them.
fn escaped(json: &str) -> String {
    let mut text = String::with_capacity(json.len());
    for c in json.chars() {
        if c < ' ' {
            let _ = write!(text, "\\u{:04x}", u32::from(c));
        } else {
            text.push(c);
        }
    }
    text
}

/// An object whose names may repeat, in order.
struct File;

impl<'de> Visitor<'de> for File {
    type Value = Vec<Category>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object of categories")
    }

    fn visit_map<M: MapAccess<'de>>(self, mut map: M) -> Result<Vec<Category>, M::Error> {
        let mut all = Vec::new();
        while let Some(name) = map.next_key::<String>()? {
            let mut category = map.next_value::<Body>()?.0;
            category.name = name;
            all.push(category);
        }
        Ok(all)
    }
}

/// A category without its name.
struct Body(Category);

impl<'de> serde::Deserialize<'de> for Body {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        from.deserialize_map(Lines).map(Body)
    }
}

struct Lines;

impl<'de> Visitor<'de> for Lines {
    type Value = Category;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object of lines")
    }

    fn visit_map<M: MapAccess<'de>>(self, mut map: M) -> Result<Category, M::Error> {
        let mut category = Category::new("");
        while let Some(name) = map.next_key::<String>()? {
            // A line's value is always in quotes; this is a number.
            match map.next_value::<Word>()? {
                Word::Number => category.is_template |= name == "istemplate",
                Word::Text(list) if name == "templates" && category.lines.is_empty() => {
                    category.templates = list.split(',').map(|t| t.trim().to_owned()).collect();
                }
                Word::Text(value) => category.lines.push(Line::new(name, value)),
            }
        }
        Ok(category)
    }
}

enum Word {
    Text(String),
    Number,
}

impl<'de> serde::Deserialize<'de> for Word {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        from.deserialize_any(WordVisitor)
    }
}

struct WordVisitor;

impl<'de> Visitor<'de> for WordVisitor {
    type Value = Word;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a line's value")
    }

    fn visit_str<E>(self, text: &str) -> Result<Word, E> {
        Ok(Word::Text(text.to_owned()))
    }

    fn visit_u64<E>(self, _: u64) -> Result<Word, E> {
        Ok(Word::Number)
    }

    fn visit_map<M: MapAccess<'de>>(self, mut map: M) -> Result<Word, M::Error> {
        while map.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
        Err(serde::de::Error::custom("an object where a line's value should be"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ami::Message;
    use crate::ami::codec::Decoder;
    use crate::ami::response::{Reply, Response};

    fn message(text: &str) -> Message {
        let block = Decoder::new(1 << 20).push(text.as_bytes()).unwrap();
        std::sync::Arc::new(block).messages().next().unwrap()
    }

    #[test]
    fn json_that_is_none_is_read_whole_and_in_order() {
        let text = "Response: Success\r\nJSON: {\"t\":{\"istemplate\":1,\"b\":\"1\"},\"a\":{\"templates\":\"t\",\"b\":\"1\",\"m\":\"x\ty\",\"m\":\"\\\"q\\\"\"},\"a\":{}}\r\n\r\n";
        let json = GetConfigJSONResponse::from_response(Response(message(text))).unwrap();
        let all = json.categories().unwrap();
        let names: Vec<_> = all.iter().map(Category::name).collect();
        assert_eq!(names, ["t", "a", "a"]);
        assert!(all[0].is_template() && !all[1].is_template());
        assert_eq!(all[1].inherited(), 1);
        assert_eq!(all[1].get_all("M").collect::<Vec<_>>(), ["x\ty", "\"q\""]);
        assert!(json.value().is_err(), "it is no JSON");
    }

    #[test]
    fn json_that_was_cut_off_is_an_error() {
        let text = "Response: Success\r\nJSON: {\"t\":{\"b\":\"1\"\r\n\r\n";
        let json = GetConfigJSONResponse::from_response(Response(message(text))).unwrap();
        assert!(matches!(json.categories(), Err(crate::Error::Json(_))));
    }
}
