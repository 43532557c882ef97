//! Variables, of channels and global.

use super::{Model, Turn};
use crate::testing::ami::frame::News;

impl Model {
    pub(super) fn getvar(&mut self, turn: &mut Turn<'_>) {
        let Some(variable) = turn.get("Variable") else {
            return turn.error("No variable specified");
        };
        let value = match turn.get("Channel") {
            None => self.globals.get(variable).cloned().unwrap_or_default(),
            Some(name) => match self.channel(name) {
                Some(channel) => channel.function(variable),
                None => return turn.error("No such channel"),
            },
        };
        turn.success(&[("Variable", variable), ("Value", &value)]);
    }

    pub(super) fn setvar(&mut self, turn: &mut Turn<'_>) {
        let Some(variable) = turn.get("Variable") else {
            return turn.error("No variable specified");
        };
        let value = turn.get("Value").unwrap_or("");
        let news = match turn.get("Channel") {
            None => {
                self.globals.insert(variable.to_owned(), value.to_owned());
                News::new("dialplan", "VarSet", |frame| {
                    frame
                        .lines(&[("Channel", "none"), ("Uniqueid", "none")])
                        .lines(&[("Variable", variable), ("Value", value)])
                })
            }
            Some(name) => {
                let Some(channel) = self.channel(name) else {
                    return turn.error("No such channel");
                };
                channel.variables.insert(variable.to_owned(), value.to_owned());
                News::new("dialplan", "VarSet", |frame| {
                    channel.snapshot(frame, "").lines(&[("Variable", variable), ("Value", value)])
                })
            }
        };
        turn.ack("Variable Set");
        turn.tell(news);
    }
}

/// The assignments of one `Variable` header. Asterisk separates them with commas, and takes quotes,
/// brackets and backslashes as a shell would.
pub(super) fn assignments(line: &str) -> Vec<(String, String)> {
    let (mut parts, mut depth, mut quoted) = (vec![String::new()], 0, false);
    let mut chars = line.chars();
    while let Some(c) = chars.next() {
        let part = match c {
            '"' => {
                quoted = !quoted;
                continue;
            }
            ',' if depth == 0 && !quoted => {
                parts.push(String::new());
                continue;
            }
            '\\' => chars.next(),
            c => Some(c),
        };
        match c {
            '(' | '[' => depth += 1,
            ')' | ']' if depth > 0 => depth -= 1,
            _ => {}
        }
        if let Some(last) = parts.last_mut() {
            last.extend(part);
        }
    }
    let pairs = parts.iter().filter_map(|part| part.split_once('='));
    pairs.map(|(name, value)| (name.trim_start_matches('_').into(), value.into())).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn assignments_are_separated_by_bare_commas() {
        let values = |line| assignments(line).into_iter().map(|(_, v)| v).collect::<Vec<_>>();
        assert_eq!(values("A=1,__B=2"), ["1", "2"]);
        assert_eq!(values(r#"A=\"a\, b\",B=f(x,y),C="p,q""#), ["\"a, b\"", "f(x,y)", "p,q"]);
        assert_eq!(assignments("__A=1"), [("A".to_owned(), "1".to_owned())]);
    }
}
