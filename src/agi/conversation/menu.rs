//! A choice by one key.

use std::time::Duration;

use super::prompt::{ANY_KEY, Prompt};
use super::{PATIENCE, TRIES};
use crate::agi::AgiChannel;
use crate::error::{Error, Result};

/// Keys and what they stand for, for [`AgiChannel::menu`].
///
/// ```
/// use asterisk_sync::agi::conversation::Menu;
///
/// let menu = Menu::new("press-1-for-sales-2-for-support")
///     .choice('1', "sales")
///     .choice('2', "support")
///     .choice('0', "operator")
///     .invalid("invalid")
///     .tries(2);
/// ```
#[derive(Debug, Clone)]
#[must_use = "a menu has to be offered"]
pub struct Menu<T> {
    prompt: Prompt,
    choices: Vec<(char, T)>,
    timeout: Duration,
    tries: u32,
    invalid: Option<Prompt>,
    nothing: Option<Prompt>,
}

/// What came of a menu.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Chosen<T> {
    /// What the key stands for.
    Choice(T),
    /// The last of the tries brought this key, which stands for nothing.
    Invalid(char),
    /// The last of the tries brought no key.
    Nothing,
}

impl<T> Chosen<T> {
    /// The choice, if there was one.
    pub fn choice(self) -> Option<T> {
        match self {
            Self::Choice(choice) => Some(choice),
            Self::Invalid(_) | Self::Nothing => None,
        }
    }
}

impl<T> Menu<T> {
    /// A menu that is announced so.
    pub fn new(prompt: impl Into<Prompt>) -> Self {
        Self {
            prompt: prompt.into(),
            choices: Vec::new(),
            timeout: PATIENCE,
            tries: TRIES,
            invalid: None,
            nothing: None,
        }
    }

    /// What a key stands for: one of `0` to `9`, `*`, `#`, `A` to `D`.
    pub fn choice(mut self, key: char, choice: T) -> Self {
        self.choices.push((key, choice));
        self
    }

    /// How long to wait for a key after the prompt. 5 seconds.
    pub fn timeout(mut self, timeout: Duration) -> Self {
        self.timeout = timeout;
        self
    }

    /// How often to offer it. 3.
    pub fn tries(mut self, tries: u32) -> Self {
        self.tries = tries;
        self
    }

    /// What to say to a key that stands for nothing, before the menu is offered again.
    pub fn invalid(mut self, prompt: impl Into<Prompt>) -> Self {
        self.invalid = Some(prompt.into());
        self
    }

    /// What to say to a caller who pressed no key, before the menu is offered again.
    pub fn nothing(mut self, prompt: impl Into<Prompt>) -> Self {
        self.nothing = Some(prompt.into());
        self
    }

    pub(super) fn with_choices(mut self, choices: Vec<(char, T)>) -> Self {
        self.choices = choices;
        self
    }

    pub(super) fn without(mut self, choice: &T) -> Self
    where
        T: PartialEq,
    {
        self.choices.retain(|(_, other)| other != choice);
        self
    }

    fn check(&self) -> Result<()> {
        if self.tries == 0 {
            return Err(Error::invalid("a menu has to be offered at least once"));
        }
        if self.choices.is_empty() {
            return Err(Error::invalid("a menu needs choices"));
        }
        for (at, (key, _)) in self.choices.iter().enumerate() {
            if !matches!(key, '0'..='9' | '*' | '#' | 'A'..='D') {
                return Err(Error::invalid(format!("{key:?} is no key of a phone")));
            }
            if self.choices[..at].iter().any(|(other, _)| other == key) {
                return Err(Error::invalid(format!("the key {key} stands for two choices")));
            }
        }
        Ok(())
    }
}

impl AgiChannel {
    /// Offers a menu until a key that stands for something is pressed, or the tries are used up.
    ///
    /// # Errors
    ///
    /// [`Error::Invalid`] for a menu without choices or tries, or with a key that is none or stands
    /// for two things; [`Error::Refused`] for a sound that does not exist.
    pub fn menu<T: Clone>(&mut self, menu: &Menu<T>) -> Result<Chosen<T>> {
        menu.check()?;
        let letters: String =
            menu.choices.iter().map(|(key, _)| *key).filter(char::is_ascii_alphabetic).collect();
        let keys = format!("{ANY_KEY}{letters}");
        let mut chosen = Chosen::Nothing;
        for left in (0..menu.tries).rev() {
            let comment = match self.choose(&menu.prompt, &keys, menu.timeout)? {
                None => {
                    chosen = Chosen::Nothing;
                    &menu.nothing
                }
                Some(key) => {
                    if let Some((_, choice)) = menu.choices.iter().find(|(known, _)| *known == key)
                    {
                        return Ok(Chosen::Choice(choice.clone()));
                    }
                    chosen = Chosen::Invalid(key);
                    &menu.invalid
                }
            };
            if let (Some(comment), true) = (comment, left > 0) {
                self.prompt(comment, "")?;
            }
        }
        Ok(chosen)
    }

    /// Says the prompt and waits for a key. The last sound is played by the command that waits, so
    /// that no key falls between two commands.
    fn choose(&mut self, prompt: &Prompt, keys: &str, timeout: Duration) -> Result<Option<char>> {
        let (before, last) = prompt.split_last_file();
        let key = self.say_parts(before, keys)?;
        if key.is_some() {
            return Ok(key);
        }
        let Some(file) = last else { return self.wait_for_digit(timeout) };
        let key = self.get_option(file, keys, timeout)?.digit;
        if key.is_none() {
            // A hangup while it waits has the same answer as a caller who presses nothing.
            self.must_live()?;
        }
        Ok(key)
    }

    /// Asks for a yes or a no: a [`menu`](Self::menu) of two.
    ///
    /// # Errors
    ///
    /// Those of a menu.
    ///
    /// ```no_run
    /// # use asterisk_sync::{Result, agi::AgiChannel};
    /// # use asterisk_sync::agi::conversation::{Confirm, Prompt};
    /// # fn demo(agi: &mut AgiChannel) -> Result<()> {
    /// let repeat = Prompt::new().file("you-entered").digits("0501").file("if-correct-press-1");
    /// if agi.confirm(&Confirm::new(repeat))?.choice() == Some(true) {
    ///     agi.stream_file("thank-you", "")?;
    /// }
    /// # Ok(()) }
    /// ```
    pub fn confirm(&mut self, confirm: &Confirm) -> Result<Chosen<bool>> {
        self.menu(&confirm.0)
    }
}

/// A question for yes or no, for [`AgiChannel::confirm`]: `1` is yes, `2` is no.
#[derive(Debug, Clone)]
#[must_use = "a question has to be asked"]
pub struct Confirm(Menu<bool>);

impl Confirm {
    /// Asked so.
    pub fn new(prompt: impl Into<Prompt>) -> Self {
        Self(Menu::new(prompt).choice('1', true).choice('2', false))
    }

    /// Other keys for yes and for no.
    pub fn keys(self, yes: char, no: char) -> Self {
        Self(self.0.with_choices(vec![(yes, true), (no, false)]))
    }

    /// As [`Menu::timeout`].
    pub fn timeout(self, timeout: Duration) -> Self {
        Self(self.0.timeout(timeout))
    }

    /// As [`Menu::tries`].
    pub fn tries(self, tries: u32) -> Self {
        Self(self.0.tries(tries))
    }

    /// As [`Menu::invalid`].
    pub fn invalid(self, prompt: impl Into<Prompt>) -> Self {
        Self(self.0.invalid(prompt))
    }

    /// As [`Menu::nothing`].
    pub fn nothing(self, prompt: impl Into<Prompt>) -> Self {
        Self(self.0.nothing(prompt))
    }
}
