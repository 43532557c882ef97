//! The dialplan: what it runs, and where it goes on.

use std::fmt::Display;

use crate::agi::AgiChannel;
use crate::agi::channel::refused;
use crate::agi::command::spec;
use crate::error::{Error, Result};

impl AgiChannel {
    /// Runs an application of the dialplan with its arguments, as they stand between the
    /// parentheses there: `agi.exec("Dial", "PJSIP/alice,20")`. Works after the hangup too, as far
    /// as the application does. `EXEC`.
    ///
    /// What is returned is the application's own code, mostly 0; what came of it is in the
    /// variables it sets, such as `DIALSTATUS`. -1 from an application that ended with the call is
    /// [`Error::Hangup`].
    ///
    /// Asterisk replaces no `${…}` in the arguments, unless the variable `AGIEXECFULL` is `yes`.
    ///
    /// # Errors
    ///
    /// [`Error::Refused`] if there is no such application (the result -2).
    pub fn exec(&mut self, application: &str, options: &str) -> Result<i32> {
        self.begin(&spec::EXEC).text(application).text(options);
        let code = self.run(&spec::EXEC)?.code().and_then(|code| i32::try_from(code).ok());
        match code {
            Some(-2) => Err(Error::Refused {
                action: format!("EXEC {application}").into(),
                message: "there is no such application".into(),
            }),
            Some(-1) => self.must_live().map(|()| -1),
            Some(code) => Ok(code),
            None => Err(refused(&spec::EXEC, "the application gave no number")),
        }
    }

    /// Runs a subroutine of the dialplan, at a priority or a label, with arguments separated by
    /// commas, until its `Return()`; what that returns, if it returns something. Asterisk 22 leaves
    /// that in the variable `GOSUB_RETVAL`, which is read afterwards. `GOSUB`.
    ///
    /// # Errors
    ///
    /// [`Error::Refused`] if there is no such place, or the subroutine ends without `Return()`.
    ///
    /// ```no_run
    /// # use asterisk_sync::{Result, agi::AgiChannel};
    /// # fn demo(agi: &mut AgiChannel) -> Result<()> {
    /// let price = agi.gosub("billing", "price", 1, "4912345,night")?;
    /// # Ok(()) }
    /// ```
    pub fn gosub<'a>(
        &mut self,
        context: &str,
        extension: &str,
        priority: impl Display,
        arguments: impl Into<Option<&'a str>>,
    ) -> Result<Option<String>> {
        let line = self.begin(&spec::GOSUB).text(context).text(extension).display(priority);
        if let Some(arguments) = arguments.into() {
            line.text(arguments);
        }
        let reply = self.run(&spec::GOSUB)?;
        if reply.code() == Some(0) {
            let Some(value) = reply.value_text() else {
                return Ok(self.get_variable("GOSUB_RETVAL")?.filter(|value| !value.is_empty()));
            };
            if value != "abnormal exit" {
                return Ok(Some(value));
            }
            self.must_live()?;
            return Err(refused(&spec::GOSUB, "the subroutine ended without Return()"));
        }
        let message = reply.message();
        let words = message.split_once(' ').map_or(&*message, |(_, words)| words).to_owned();
        self.must_live()?;
        Err(refused(&spec::GOSUB, &words))
    }

    /// The context in which the dialplan goes on afterwards. `SET CONTEXT`.
    pub fn set_context(&mut self, context: &str) -> Result<()> {
        self.begin(&spec::SET_CONTEXT).text(context);
        self.expect(&spec::SET_CONTEXT, 0, "the context was not set")
    }

    /// The extension with which the dialplan goes on afterwards. `SET EXTENSION`.
    pub fn set_extension(&mut self, extension: &str) -> Result<()> {
        self.begin(&spec::SET_EXTENSION).text(extension);
        self.expect(&spec::SET_EXTENSION, 0, "the extension was not set")
    }

    /// The priority, or the label, at which the dialplan goes on afterwards. `SET PRIORITY`.
    ///
    /// # Errors
    ///
    /// [`Error::Agi`] with 520 if there is no such label.
    pub fn set_priority(&mut self, priority: impl Display) -> Result<()> {
        self.begin(&spec::SET_PRIORITY).display(priority);
        self.expect(&spec::SET_PRIORITY, 0, "the priority was not set")
    }

    /// Prints on Asterisk's console, for those who watch at this level of verbosity, 1 to 4.
    /// Works after the hangup too. `VERBOSE`.
    pub fn verbose(&mut self, message: &str, level: u8) -> Result<()> {
        self.begin(&spec::VERBOSE).text(message).number(level);
        self.run(&spec::VERBOSE).map(drop)
    }

    /// Does nothing, and takes as long as it takes Asterisk to answer. Works after the hangup too.
    /// `NOOP`.
    pub fn noop(&mut self) -> Result<()> {
        self.begin(&spec::NOOP);
        self.run(&spec::NOOP).map(drop)
    }

    /// Ends `AGI(agi:async)`: the dialplan goes on, and every further command is [`Error::Closed`].
    /// Over any other transport it does nothing. `ASYNCAGI BREAK`.
    pub fn asyncagi_break(&mut self) -> Result<()> {
        self.begin(&spec::ASYNCAGI_BREAK);
        self.run(&spec::ASYNCAGI_BREAK).map(drop)
    }
}
