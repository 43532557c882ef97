//! The call itself.

use std::time::Duration;

use crate::agi::AgiChannel;
use crate::agi::channel::refused;
use crate::agi::command::spec;
use crate::error::Result;
use crate::types::ChannelState;

/// What text telephony is set to: [`AgiChannel::tdd_mode`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum TddMode {
    /// It is on.
    On,
    /// It is off.
    Off,
    /// The channel's own end is the machine: `mate`.
    Mate,
}

impl AgiChannel {
    /// Answers the call, if that has not been done. `ANSWER`.
    ///
    /// # Errors
    ///
    /// [`Error::Refused`](crate::Error::Refused) if the channel cannot answer.
    pub fn answer(&mut self) -> Result<()> {
        self.begin(&spec::ANSWER);
        self.expect(&spec::ANSWER, 0, "the channel cannot answer")
    }

    /// Ends a call: this one, or that of the channel with this name. `HANGUP`.
    ///
    /// The handler goes on, and is told of its own hangup as of any other.
    ///
    /// # Errors
    ///
    /// [`Error::Refused`](crate::Error::Refused) if there is no such channel.
    pub fn hangup<'a>(&mut self, channel: impl Into<Option<&'a str>>) -> Result<()> {
        let line = self.begin(&spec::HANGUP);
        if let Some(name) = channel.into() {
            line.text(name);
        }
        match self.run(&spec::HANGUP)?.code() {
            Some(1) => Ok(()),
            _ => Err(refused(&spec::HANGUP, "there is no such channel")),
        }
    }

    /// What a channel is doing: this one, or the one with this name. `CHANNEL STATUS`.
    ///
    /// # Errors
    ///
    /// [`Error::Refused`](crate::Error::Refused) if there is no such channel.
    pub fn channel_status<'a>(
        &mut self,
        channel: impl Into<Option<&'a str>>,
    ) -> Result<ChannelState> {
        let line = self.begin(&spec::CHANNEL_STATUS);
        if let Some(name) = channel.into() {
            line.text(name);
        }
        let code = self.run(&spec::CHANNEL_STATUS)?.code();
        code.and_then(|code| u32::try_from(code).ok())
            .map(ChannelState::from)
            .ok_or_else(|| refused(&spec::CHANNEL_STATUS, "there is no such channel"))
    }

    /// Hangs up by itself after so long, in whole seconds, rounded up; `None` takes that back, and
    /// so does zero. `SET AUTOHANGUP`.
    pub fn set_autohangup(&mut self, after: impl Into<Option<Duration>>) -> Result<()> {
        self.begin(&spec::SET_AUTOHANGUP).seconds(after.into().unwrap_or_default());
        self.expect(&spec::SET_AUTOHANGUP, 0, "the time was not set")
    }

    /// Sets the caller's number, or name and number as `"Name" <number>`. `SET CALLERID`.
    pub fn set_callerid(&mut self, number: &str) -> Result<()> {
        self.begin(&spec::SET_CALLERID).text(number);
        self.expect(&spec::SET_CALLERID, 1, "the number was not set")
    }

    /// Plays music on hold, of this class or the channel's own, until it is switched off.
    /// `SET MUSIC`.
    pub fn set_music<'a>(&mut self, on: bool, class: impl Into<Option<&'a str>>) -> Result<()> {
        let line = self.begin(&spec::SET_MUSIC).text(if on { "on" } else { "off" });
        if let Some(class) = class.into() {
            line.text(class);
        }
        self.expect(&spec::SET_MUSIC, 0, "the music was not set")
    }

    /// Sets text telephony for the deaf; `false` if the channel has none. `TDD MODE`.
    pub fn tdd_mode(&mut self, mode: TddMode) -> Result<bool> {
        let word = match mode {
            TddMode::On => "on",
            TddMode::Off => "off",
            TddMode::Mate => "mate",
        };
        self.begin(&spec::TDD_MODE).text(word);
        Ok(self.succeed(&spec::TDD_MODE, "the mode was not set")?.code() == Some(1))
    }

    /// Sends text to the caller's phone. A channel that has no text ignores it. `SEND TEXT`.
    pub fn send_text(&mut self, text: &str) -> Result<()> {
        self.begin(&spec::SEND_TEXT).text(text);
        self.expect(&spec::SEND_TEXT, 0, "the text was not sent")
    }

    /// Sends an image, named without its extension. A channel that has no images ignores it.
    /// `SEND IMAGE`.
    pub fn send_image(&mut self, image: &str) -> Result<()> {
        self.begin(&spec::SEND_IMAGE).text(image);
        self.expect(&spec::SEND_IMAGE, 0, "the image was not sent")
    }

    /// Receives text from the caller's phone, waiting so long; zero is for ever. `None` if none
    /// comes. `RECEIVE TEXT`.
    pub fn receive_text(&mut self, timeout: Duration) -> Result<Option<String>> {
        self.begin(&spec::RECEIVE_TEXT).millis(timeout);
        let reply = self.run(&spec::RECEIVE_TEXT)?;
        if reply.code() == Some(1) {
            return Ok(reply.value_text());
        }
        self.must_live()?;
        Ok(None)
    }

    /// Receives one character from the caller's phone, waiting so long; zero is for ever. `None`
    /// if none comes. `RECEIVE CHAR`.
    pub fn receive_char(&mut self, timeout: Duration) -> Result<Option<char>> {
        self.begin(&spec::RECEIVE_CHAR).millis(timeout);
        let reply = self.run(&spec::RECEIVE_CHAR)?;
        match reply.code() {
            // It says so of a hangup and, since Asterisk 13, of a timeout alike.
            Some(-1) => self.must_live().map(|()| None),
            _ => Ok(reply.digit()),
        }
    }
}
