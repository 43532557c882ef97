//! A question that is answered with digits.

use std::fmt;
use std::ops::{Bound, RangeBounds};
use std::sync::Arc;
use std::time::Duration;

use super::prompt::{ANY_KEY, Prompt};
use super::{PATIENCE, TRIES};
use crate::agi::AgiChannel;
use crate::error::{Error, Result};

/// As many keys as Asterisk collects at most.
const MOST: u32 = 1024;

/// Whether digits are acceptable.
type Check = Arc<dyn Fn(&str) -> bool + Send + Sync>;

/// A question, for [`AgiChannel::ask`].
///
/// ```
/// use asterisk_sync::agi::conversation::Ask;
/// use std::time::Duration;
///
/// let pin = Ask::new("enter-pin")
///     .digits(4..=8)
///     .timeout(Duration::from_secs(8))
///     .tries(3)
///     .invalid("pin-invalid")
///     .check(|digits| !digits.contains('*'));
/// ```
#[derive(Clone)]
#[must_use = "a question has to be asked"]
pub struct Ask {
    prompt: Prompt,
    least: u32,
    most: u32,
    timeout: Duration,
    tries: u32,
    invalid: Option<Prompt>,
    nothing: Option<Prompt>,
    check: Option<Check>,
}

/// What came of a question.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Heard {
    /// These keys, which are as many as asked for, and acceptable.
    Digits(String),
    /// The last of the tries brought these, which are not.
    Invalid(String),
    /// The last of the tries brought nothing.
    Nothing,
}

impl Heard {
    /// The acceptable answer, if there is one.
    pub fn digits(&self) -> Option<&str> {
        match self {
            Self::Digits(digits) => Some(digits),
            Self::Invalid(_) | Self::Nothing => None,
        }
    }
}

impl Ask {
    /// A question that is answered with one digit or more, and `#`.
    pub fn new(prompt: impl Into<Prompt>) -> Self {
        Self {
            prompt: prompt.into(),
            least: 1,
            most: MOST,
            timeout: PATIENCE,
            tries: TRIES,
            invalid: None,
            nothing: None,
            check: None,
        }
    }

    /// How many keys an answer has. The last possible one ends it, and so does `#` at any time.
    pub fn digits(mut self, count: impl RangeBounds<u32>) -> Self {
        self.least = match count.start_bound() {
            Bound::Included(&least) => least,
            Bound::Excluded(&below) => below.saturating_add(1),
            Bound::Unbounded => 0,
        };
        self.most = match count.end_bound() {
            Bound::Included(&most) => most,
            Bound::Excluded(&above) => above.saturating_sub(1),
            Bound::Unbounded => MOST,
        };
        self
    }

    /// How long to wait for the first key after the prompt, and for each further one. 5 seconds.
    pub fn timeout(mut self, timeout: Duration) -> Self {
        self.timeout = timeout;
        self
    }

    /// How often to ask. 3.
    pub fn tries(mut self, tries: u32) -> Self {
        self.tries = tries;
        self
    }

    /// What to say to an answer that is too short or not acceptable, before asking again.
    pub fn invalid(mut self, prompt: impl Into<Prompt>) -> Self {
        self.invalid = Some(prompt.into());
        self
    }

    /// What to say to a caller who typed nothing, before asking again.
    pub fn nothing(mut self, prompt: impl Into<Prompt>) -> Self {
        self.nothing = Some(prompt.into());
        self
    }

    /// Which answers are acceptable; it sees only those of the right length.
    pub fn check(mut self, is_acceptable: impl Fn(&str) -> bool + Send + Sync + 'static) -> Self {
        self.check = Some(Arc::new(is_acceptable));
        self
    }

    fn accepts(&self, digits: &str) -> bool {
        digits.len() >= self.least as usize && self.check.as_ref().is_none_or(|check| check(digits))
    }
}

impl AgiChannel {
    /// Asks for digits until there is an acceptable answer, or the tries are used up. An answer
    /// ends with `#`, which is no part of it, with as many keys as there may be, or when none comes
    /// for a while.
    ///
    /// A caller who types nothing has answered if none were asked for ([`Ask::digits`] from 0);
    /// then that is `Heard::Digits("")`.
    ///
    /// # Errors
    ///
    /// [`Error::Invalid`] for a question without tries or that no number of keys can answer;
    /// [`Error::Refused`] for a sound that does not exist.
    ///
    /// ```no_run
    /// # use asterisk_sync::{Result, agi::AgiChannel};
    /// # use asterisk_sync::agi::conversation::{Ask, Heard};
    /// # fn demo(agi: &mut AgiChannel) -> Result<()> {
    /// match agi.ask(&Ask::new("enter-account").digits(4..=8))? {
    ///     Heard::Digits(account) => agi.set_variable("ACCOUNT", &account)?,
    ///     Heard::Invalid(_) | Heard::Nothing => agi.hangup(None)?,
    /// }
    /// # Ok(()) }
    /// ```
    pub fn ask(&mut self, ask: &Ask) -> Result<Heard> {
        if ask.tries == 0 {
            return Err(Error::invalid("a question has to be asked at least once"));
        }
        if ask.most == 0 || ask.least > ask.most || ask.most > MOST {
            return Err(Error::invalid(
                "an answer has 1 to 1024 keys, and no more at least than at most",
            ));
        }
        let mut heard = Heard::Nothing;
        for left in (0..ask.tries).rev() {
            let digits = self.collect(&ask.prompt, ask.most, ask.timeout)?;
            heard = if ask.accepts(&digits) {
                return Ok(Heard::Digits(digits));
            } else if digits.is_empty() {
                Heard::Nothing
            } else {
                Heard::Invalid(digits)
            };
            let comment = if heard == Heard::Nothing { &ask.nothing } else { &ask.invalid };
            if let (Some(comment), true) = (comment, left > 0) {
                self.prompt(comment, "")?;
            }
        }
        Ok(heard)
    }

    /// Says the prompt and collects keys. The last sound is played by the command that collects,
    /// so that no key falls between two commands.
    fn collect(&mut self, prompt: &Prompt, most: u32, timeout: Duration) -> Result<String> {
        let (before, last) = prompt.split_last_file();
        match self.say_parts(before, ANY_KEY)? {
            None => Ok(self.get_data(last.unwrap_or_default(), timeout, most)?.digits().to_owned()),
            Some('#') => Ok(String::new()),
            Some(first) if most == 1 => Ok(first.to_string()),
            // Asterisk plays nothing if it is given no sound.
            Some(first) => Ok(format!("{first}{}", self.get_data("", timeout, most - 1)?)),
        }
    }
}

impl fmt::Debug for Ask {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Ask")
            .field("prompt", &self.prompt)
            .field("digits", &(self.least..=self.most))
            .field("timeout", &self.timeout)
            .field("tries", &self.tries)
            .finish_non_exhaustive()
    }
}
