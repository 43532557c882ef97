//! Rust, as far as is read of our sources: words, literals, and what stands in brackets.

use std::path::{Path, PathBuf};

/// A piece of source. Comments are none.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Token {
    Word(String),
    /// A string literal, without its quotes.
    Text(String),
    Sign(char),
    /// What stands between brackets, and which they are.
    Group(char, Vec<Token>),
}

impl Token {
    pub(crate) fn word(&self) -> Option<&str> {
        if let Self::Word(word) = self { Some(word) } else { None }
    }

    pub(crate) fn text(&self) -> Option<&str> {
        if let Self::Text(text) = self { Some(text) } else { None }
    }

    pub(crate) fn is(&self, sign: char) -> bool {
        *self == Self::Sign(sign)
    }

    /// What is in it, if it stands in these brackets.
    pub(crate) fn group(&self, bracket: char) -> Option<&[Token]> {
        match self {
            Self::Group(open, tokens) if *open == bracket => Some(tokens),
            _ => None,
        }
    }
}

/// The string literals in these tokens, however deep.
pub(crate) fn texts(tokens: &[Token]) -> Vec<&str> {
    let mut found = Vec::new();
    for token in tokens {
        match token {
            Token::Text(text) => found.push(text.as_str()),
            Token::Group(_, inside) => found.extend(texts(inside)),
            _ => {}
        }
    }
    found
}

/// The sources in a folder below `src/`, by the names of their files.
pub(crate) fn sources(folder: &str) -> Vec<(String, Vec<Token>)> {
    let folder: PathBuf = Path::new(env!("CARGO_MANIFEST_DIR")).join("src").join(folder);
    let mut files: Vec<_> = std::fs::read_dir(&folder)
        .unwrap_or_else(|e| panic!("{}: {e}", folder.display()))
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|extension| extension == "rs"))
        .collect();
    files.sort();
    files
        .into_iter()
        .map(|path| {
            let name = path.file_stem().unwrap().to_string_lossy().into_owned();
            (name, read(&std::fs::read_to_string(&path).unwrap()))
        })
        .collect()
}

/// Cuts a source into tokens.
pub(crate) fn read(source: &str) -> Vec<Token> {
    let chars: Vec<char> = source.chars().collect();
    let mut at = 0;
    let tokens = group(&chars, &mut at, None);
    assert_eq!(at, chars.len(), "the brackets match");
    tokens
}

fn group(chars: &[char], at: &mut usize, close: Option<char>) -> Vec<Token> {
    let mut tokens = Vec::new();
    while let Some(&c) = chars.get(*at) {
        *at += 1;
        match c {
            _ if Some(c) == close => return tokens,
            '/' if chars.get(*at) == Some(&'/') => {
                while chars.get(*at).is_some_and(|c| *c != '\n') {
                    *at += 1;
                }
            }
            '(' => tokens.push(Token::Group(c, group(chars, at, Some(')')))),
            '[' => tokens.push(Token::Group(c, group(chars, at, Some(']')))),
            '{' => tokens.push(Token::Group(c, group(chars, at, Some('}')))),
            '"' => tokens.push(Token::Text(literal(chars, at))),
            '\'' => skip_char(chars, at),
            _ if c.is_alphanumeric() || c == '_' => {
                let from = *at - 1;
                while chars.get(*at).is_some_and(|c| c.is_alphanumeric() || *c == '_') {
                    *at += 1;
                }
                tokens.push(Token::Word(chars[from..*at].iter().collect()));
            }
            _ if c.is_whitespace() => {}
            _ => tokens.push(Token::Sign(c)),
        }
    }
    assert_eq!(close, None, "a bracket is closed");
    tokens
}

/// The literal whose first quote has been read.
fn literal(chars: &[char], at: &mut usize) -> String {
    let mut text = String::new();
    while chars[*at] != '"' {
        if chars[*at] == '\\' {
            text.push(chars[*at]);
            *at += 1;
        }
        text.push(chars[*at]);
        *at += 1;
    }
    *at += 1;
    text
}

/// A character is of no interest, but it may be a quote or a bracket. Otherwise it is a lifetime.
fn skip_char(chars: &[char], at: &mut usize) {
    if chars[*at] == '\\' {
        *at += 2;
        while chars[*at] != '\'' {
            *at += 1;
        }
        *at += 1;
    } else if chars.get(*at + 1) == Some(&'\'') {
        *at += 2;
    }
}

#[test]
fn sources_are_read_as_the_compiler_reads_them() {
    let tokens = read("x! { A = \"b\" ('\"', '{', '\\'', &'a \"\\\"c\") } // \" {\n y");
    let word = |text: &str| Token::Word(text.to_owned());
    let text = |text: &str| Token::Text(text.to_owned());
    let sign = Token::Sign;
    let inner = [sign(','), sign(','), sign(','), sign('&'), word("a"), text("\\\"c")];
    let outer = vec![word("A"), sign('='), text("b"), Token::Group('(', inner.to_vec())];
    assert_eq!(tokens, [word("x"), sign('!'), Token::Group('{', outer), word("y")]);
}
