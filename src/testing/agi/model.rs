//! A channel that answers commands as Asterisk 22 does.

use std::collections::{BTreeMap, VecDeque};

use super::answer::AgiAnswer;
use super::words::arguments;
use crate::agi::command as names;

/// What a channel's state is called by its number: down, and up.
const DOWN: u8 = 0;
const UP: u8 = 6;

#[derive(Debug, Clone, Default)]
pub(super) struct Model {
    pub(super) variables: BTreeMap<String, String>,
    /// By family and key.
    pub(super) database: BTreeMap<(String, String), String>,
    /// What the caller will press.
    pub(super) digits: VecDeque<char>,
    pub(super) is_up: bool,
    pub(super) is_dead: bool,
    /// There is a recogniser: `SPEECH CREATE`.
    listens: bool,
}

impl Model {
    /// The answer to a command on the channel with this name.
    pub(super) fn answer(&mut self, words: &[String], channel: &str) -> AgiAnswer {
        let found = names::spec::ALL
            .iter()
            .filter_map(|command| Some((command, arguments(words, command.name)?)))
            .max_by_key(|(command, _)| command.name.len());
        let Some((command, arguments)) = found else { return AgiAnswer::invalid_command() };
        if self.is_dead && !command.runs_dead {
            return AgiAnswer::dead_channel();
        }
        let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
        self.known(command.name, &arguments, channel)
    }

    fn known(&mut self, command: &str, arguments: &[&str], channel: &str) -> AgiAnswer {
        match (command, arguments) {
            (names::ANSWER, _) => {
                self.is_up = true;
                AgiAnswer::result(0)
            }
            // Somebody else's call ends.
            (names::HANGUP, [name, ..]) if *name != channel => AgiAnswer::result(1),
            (names::HANGUP, _) => {
                self.is_dead = true;
                AgiAnswer::result(1).then_hangup()
            }
            (names::CHANNEL_STATUS, _) => AgiAnswer::result(if self.is_up { UP } else { DOWN }),
            (names::SET_VARIABLE, [name, value]) => {
                self.variables.insert((*name).to_owned(), (*value).to_owned());
                AgiAnswer::result(1)
            }
            (names::GET_VARIABLE, [name]) => found(self.variables.get(*name)),
            (names::GET_FULL_VARIABLE, [expression, ..]) => {
                AgiAnswer::value(self.evaluate(expression))
            }
            (names::SET_CALLERID, [number]) => {
                self.variables.insert("CALLERID(all)".into(), (*number).to_owned());
                AgiAnswer::result(1)
            }
            (names::DATABASE_GET | names::DATABASE_PUT | names::DATABASE_DEL, [_, _, ..])
            | (names::DATABASE_DELTREE, [_, ..]) => self.database(command, arguments),
            (
                names::GET_DATA | names::GET_OPTION | names::STREAM_FILE | names::WAIT_FOR_DIGIT,
                [_, ..],
            )
            | (names::CONTROL_STREAM_FILE, [_, _, ..]) => self.press(command, arguments),
            (names::RECORD_FILE, [_, _, keys, _, ..]) => {
                let digit = self.digit(|digit| keys.contains(digit));
                let end = if digit == 0 { "timeout" } else { "dtmf" };
                AgiAnswer::raw(format!("200 result={digit} ({end}) endpos=8000\n"))
            }
            (names::GOSUB, [_, _, _, ..]) => {
                AgiAnswer::raw("200 result=0 Gosub complete\n").trying()
            }
            (names::EXEC, [application, ..]) => {
                if application.eq_ignore_ascii_case("Hangup") {
                    self.is_dead = true;
                    return AgiAnswer::result(-1).then_hangup();
                }
                AgiAnswer::result(0)
            }
            (names::VERBOSE, [_, ..]) => AgiAnswer::result(1),
            (
                names::SAY_ALPHA
                | names::SAY_DATE
                | names::SAY_DATETIME
                | names::SAY_DIGITS
                | names::SAY_NUMBER
                | names::SAY_PHONETIC
                | names::SAY_TIME,
                [_, keys, ..],
            ) => AgiAnswer::result(self.digit(|digit| keys.contains(digit))),
            // Nobody writes, which Asterisk tells so, on a channel that lives as well.
            (names::RECEIVE_CHAR, [_, ..]) => AgiAnswer::result("-1 (hangup)"),
            (names::RECEIVE_TEXT, [_, ..]) => AgiAnswer::result(-1),
            (
                names::NOOP
                | names::SET_AUTOHANGUP
                | names::SET_CONTEXT
                | names::SET_EXTENSION
                | names::SET_MUSIC
                | names::SET_PRIORITY
                | names::SEND_TEXT
                | names::SEND_IMAGE
                | names::TDD_MODE,
                _,
            ) => AgiAnswer::result(0),
            (name, _) if name.starts_with("SPEECH") => self.speech(name),
            (name, _) => AgiAnswer::usage(format!("Usage: {name} …")),
        }
    }

    fn database(&mut self, command: &str, arguments: &[&str]) -> AgiAnswer {
        let (family, key) = (arguments[0], arguments.get(1).copied());
        let entry = || (family.to_owned(), key.unwrap_or_default().to_owned());
        match command {
            names::DATABASE_GET => found(self.database.get(&entry())),
            names::DATABASE_PUT => match arguments {
                [_, _, value] => {
                    self.database.insert(entry(), (*value).to_owned());
                    AgiAnswer::result(1)
                }
                _ => AgiAnswer::usage("Usage: DATABASE PUT <family> <key> <value>"),
            },
            names::DATABASE_DEL => {
                self.database.remove(&entry());
                // Whether there was one does not matter.
                AgiAnswer::result(1)
            }
            _ => {
                let before = self.database.len();
                self.database.retain(|(this, name), _| {
                    this != family || key.is_some_and(|key| !name.starts_with(key))
                });
                // The wrong way round, as in Asterisk.
                AgiAnswer::result(u8::from(self.database.len() == before))
            }
        }
    }

    /// A recogniser that hears keys and no words.
    fn speech(&mut self, command: &str) -> AgiAnswer {
        let had = self.listens;
        match command {
            names::SPEECH_CREATE => {
                self.listens = true;
                AgiAnswer::result(1)
            }
            names::SPEECH_DESTROY => {
                self.listens = false;
                AgiAnswer::result(u8::from(had))
            }
            names::SPEECH_RECOGNIZE if had => match self.digits.pop_front() {
                Some(digit) => AgiAnswer::result(format!("1 (digit) digit={digit} endpos=8000")),
                None => AgiAnswer::result("1 (timeout) endpos=8000"),
            },
            _ => AgiAnswer::result(u8::from(had)),
        }
    }

    /// Commands that end with a digit or several.
    fn press(&mut self, command: &str, arguments: &[&str]) -> AgiAnswer {
        match command {
            names::GET_DATA => {
                let most = arguments.get(2).and_then(|most| most.parse().ok()).unwrap_or(1024);
                let mut digits = String::new();
                while digits.len() < most {
                    match self.digits.pop_front() {
                        Some('#') => return AgiAnswer::result(digits),
                        Some(digit) => digits.push(digit),
                        None => return AgiAnswer::raw(format!("200 result={digits} (timeout)\n")),
                    }
                }
                AgiAnswer::result(digits)
            }
            names::WAIT_FOR_DIGIT => AgiAnswer::result(self.digit(|_| true)),
            // The file first, then the digits that end it.
            _ => {
                let keys = arguments.get(1).copied().unwrap_or_default();
                let digit = self.digit(|digit| keys.contains(digit));
                AgiAnswer::raw(format!("200 result={digit} endpos=8000\n"))
            }
        }
    }

    /// The code of the next digit the caller presses, if it is one that counts; else 0.
    fn digit(&mut self, counts: impl Fn(char) -> bool) -> u32 {
        match self.digits.front() {
            Some(&digit) if counts(digit) => {
                self.digits.pop_front();
                u32::from(digit)
            }
            _ => 0,
        }
    }

    /// Puts variables in the place of `${…}`, without functions and without expressions.
    fn evaluate(&self, expression: &str) -> String {
        let (mut text, mut rest) = (String::new(), expression);
        while let Some((before, after)) = rest.split_once("${") {
            text.push_str(before);
            let Some((name, after)) = after.split_once('}') else { return text + "${" + after };
            text.push_str(self.variables.get(name).map_or("", String::as_str));
            rest = after;
        }
        text + rest
    }
}

fn found(value: Option<&String>) -> AgiAnswer {
    value.map_or_else(|| AgiAnswer::result(0), AgiAnswer::value)
}
