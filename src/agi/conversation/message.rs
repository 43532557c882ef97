//! A message that a caller leaves.

use std::time::Duration;

use super::TRIES;
use super::menu::{Chosen, Menu};
use super::prompt::Prompt;
use crate::agi::{AgiChannel, RecordOptions, Recording, RecordingEnd};
use crate::error::{Error, Result};

/// How a message is taken, for [`AgiChannel::record_message`].
///
/// ```
/// use asterisk_sync::agi::conversation::{RecordMessage, Review};
/// use std::time::Duration;
///
/// let message = RecordMessage::new("/var/spool/asterisk/messages/42")
///     .greeting("leave-a-message")
///     .limit(Duration::from_secs(120))
///     .silence(Duration::from_secs(5))
///     .at_least(Duration::from_secs(2))
///     .too_short("message-too-short")
///     .review(Review::new("press-1-to-keep-2-to-listen-3-to-record-again"));
/// ```
#[derive(Debug, Clone)]
#[must_use = "nothing is recorded by itself"]
pub struct RecordMessage {
    file: Box<str>,
    format: Box<str>,
    greeting: Option<Prompt>,
    keys: Box<str>,
    beep: bool,
    limit: Duration,
    silence: Option<Duration>,
    least: Duration,
    too_short: Option<Prompt>,
    tries: u32,
    review: Option<Review>,
}

/// How a caller may judge their own message.
#[derive(Debug, Clone)]
#[must_use = "it belongs to a RecordMessage"]
pub struct Review {
    menu: Menu<Judgement>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Judgement {
    Keep,
    Listen,
    Again,
}

impl Review {
    /// Offers to keep the message with `1`, to listen to it with `2`, to record it again with `3`.
    /// The prompt says so. Whoever does not answer keeps it.
    pub fn new(prompt: impl Into<Prompt>) -> Self {
        Self { menu: Menu::new(prompt) }.keys('1', '2', '3')
    }

    /// Other keys to keep, to listen and to record again.
    pub fn keys(mut self, keep: char, listen: char, again: char) -> Self {
        self.menu = self.menu.with_choices(vec![
            (keep, Judgement::Keep),
            (listen, Judgement::Listen),
            (again, Judgement::Again),
        ]);
        self
    }

    /// As [`Menu::timeout`].
    pub fn timeout(mut self, timeout: Duration) -> Self {
        self.menu = self.menu.timeout(timeout);
        self
    }

    /// As [`Menu::invalid`].
    pub fn invalid(mut self, prompt: impl Into<Prompt>) -> Self {
        self.menu = self.menu.invalid(prompt);
        self
    }

    /// What is offered when it cannot be recorded again.
    fn last(&self) -> Menu<Judgement> {
        self.menu.clone().without(&Judgement::Again)
    }
}

/// What came of taking a message.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum MessageLeft {
    /// There is one. If the caller hung up, so says its
    /// [`end`](crate::agi::Recording::end), or the next command.
    Kept(Recording),
    /// The last of the tries was too short. Its file is there, unless it ended with the beep.
    TooShort(Recording),
}

impl RecordMessage {
    /// A message in this file, named without its extension. A file that is there is written over.
    pub fn new(file: impl Into<String>) -> Self {
        Self {
            file: file.into().into(),
            format: "wav".into(),
            greeting: None,
            keys: "#".into(),
            beep: true,
            limit: Duration::from_secs(180),
            silence: None,
            least: Duration::ZERO,
            too_short: None,
            tries: TRIES,
            review: None,
        }
    }

    /// The format, which is the file's extension. `wav`.
    pub fn format(mut self, format: impl Into<String>) -> Self {
        self.format = format.into().into();
        self
    }

    /// What is said first. A key that ends the recording breaks it off, and recording begins.
    pub fn greeting(mut self, prompt: impl Into<Prompt>) -> Self {
        self.greeting = Some(prompt.into());
        self
    }

    /// The keys that end the recording. `#`.
    pub fn keys(mut self, keys: impl Into<String>) -> Self {
        self.keys = keys.into().into();
        self
    }

    /// Whether it beeps before it records. It does.
    pub fn beep(mut self, beep: bool) -> Self {
        self.beep = beep;
        self
    }

    /// How long it may be. 3 minutes.
    pub fn limit(mut self, limit: Duration) -> Self {
        self.limit = limit;
        self
    }

    /// After how much silence it ends, in whole seconds, rounded up. Without it, and with zero,
    /// never.
    pub fn silence(mut self, silence: Duration) -> Self {
        self.silence = Some(silence);
        self
    }

    /// How long it has to be. Any length will do but none at all.
    pub fn at_least(mut self, least: Duration) -> Self {
        self.least = least;
        self
    }

    /// What to say to one that is too short, before it is recorded again.
    pub fn too_short(mut self, prompt: impl Into<Prompt>) -> Self {
        self.too_short = Some(prompt.into());
        self
    }

    /// How often to record, if it is too short or the caller wants it again. 3. The last recording
    /// is judged too, and cannot be asked for again: the key for that stands for nothing then.
    pub fn tries(mut self, tries: u32) -> Self {
        self.tries = tries;
        self
    }

    /// Lets the caller judge each recording that is not too short.
    pub fn review(mut self, review: Review) -> Self {
        self.review = Some(review);
        self
    }
}

impl AgiChannel {
    /// Takes a message: greets, beeps, records, and lets the caller judge it if that is wanted.
    ///
    /// A caller who hangs up has left the message, unless it is too short; while it is judged, too.
    ///
    /// # Errors
    ///
    /// [`Error::Hangup`] if the caller hangs up before it is recorded; [`Error::Invalid`] without
    /// tries; [`Error::Refused`] if the file cannot be written or a sound does not exist.
    ///
    /// ```no_run
    /// # use asterisk_sync::{Result, agi::AgiChannel};
    /// # use asterisk_sync::agi::conversation::{MessageLeft, RecordMessage};
    /// # fn demo(agi: &mut AgiChannel) -> Result<()> {
    /// let message = RecordMessage::new("/tmp/message").greeting("vm-intro");
    /// if let MessageLeft::Kept(_) = agi.record_message(&message)? {
    ///     agi.set_variable("MESSAGE", "/tmp/message.wav")?;
    /// }
    /// # Ok(()) }
    /// ```
    pub fn record_message(&mut self, message: &RecordMessage) -> Result<MessageLeft> {
        if message.tries == 0 {
            return Err(Error::invalid("a message has to be recorded at least once"));
        }
        if let Some(greeting) = &message.greeting {
            self.prompt(greeting, &message.keys)?;
        }
        let mut options = RecordOptions::new().timeout(message.limit).beep(message.beep);
        if let Some(silence) = message.silence {
            options = options.silence(silence);
        }
        let mut left = message.tries;
        loop {
            left -= 1;
            let recording =
                self.record_file(&message.file, &message.format, &message.keys, &options)?;
            let hung_up = recording.end == RecordingEnd::Hangup;
            // A key in the middle of the beep: there is not even a file.
            let is_empty = recording.end_position.is_none_or(|samples| samples == 0);
            let length = recording.duration.unwrap_or_default();
            if is_empty || length < message.least {
                if hung_up || left == 0 {
                    return Ok(MessageLeft::TooShort(recording));
                }
                if let Some(prompt) = &message.too_short {
                    self.prompt(prompt, "")?;
                }
                continue;
            }
            let is_wanted = match &message.review {
                Some(review) if !hung_up => {
                    let menu = if left > 0 { &review.menu } else { &review.last() };
                    match self.review(menu, &message.file) {
                        Err(Error::Hangup) => true,
                        judged => judged?,
                    }
                }
                _ => true,
            };
            if is_wanted {
                return Ok(MessageLeft::Kept(recording));
            }
        }
    }

    /// Whether the caller keeps the message.
    fn review(&mut self, menu: &Menu<Judgement>, file: &str) -> Result<bool> {
        loop {
            match self.menu(menu)? {
                Chosen::Choice(Judgement::Listen) => {
                    self.prompt(file, super::ANY_KEY)?;
                }
                Chosen::Choice(Judgement::Again) => return Ok(false),
                Chosen::Choice(Judgement::Keep) | Chosen::Nothing | Chosen::Invalid(_) => {
                    return Ok(true);
                }
            }
        }
    }
}
