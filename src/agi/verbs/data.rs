//! Variables, and the AstDB.

use crate::agi::AgiChannel;
use crate::agi::channel::refused;
use crate::agi::command::{Command, spec};
use crate::agi::reply::Reply;
use crate::error::Result;

/// Where Asterisk cuts what GET VARIABLE says, in bytes.
const CUT: usize = 1023;

impl AgiChannel {
    /// A variable of the channel, or what a dialplan function such as `CALLERID(num)` says; `None`
    /// if it is not set. Works after the hangup too. `GET VARIABLE`.
    ///
    /// The value comes as it is, with all parentheses and line ends. Only one whose line ends with
    /// `)` can be cut there, if the rest of it comes late: nothing in AGI marks the end of a value.
    /// Bytes that are not UTF-8 come as the character U+FFFD; [`send_command`](Self::send_command)
    /// has them as they are.
    ///
    /// Asterisk cuts the answer to this command at 1,023 bytes. A variable that may have been cut is
    /// read again by [`get_full_variable`](Self::get_full_variable), which cuts nothing. A function
    /// is not, since asking it twice may do something twice: for one that may say more, ask for
    /// `${FUNCTION(…)}` there.
    pub fn get_variable(&mut self, name: &str) -> Result<Option<String>> {
        self.begin(&spec::GET_VARIABLE).text(name);
        let reply = self.run(&spec::GET_VARIABLE)?;
        let is_cut = reply.value().is_some_and(|value| value.len() == CUT);
        let value = held(&spec::GET_VARIABLE, reply)?;
        if !is_cut || !is_plain(name) {
            return Ok(value);
        }
        let whole = self.get_full_variable(&format!("${{{name}}}"), None)?;
        // It may be another by now, or gone.
        Ok(whole.filter(|whole| !whole.is_empty()).or(value))
    }

    /// What an expression says, such as `${CALLERID(num)} in ${CONTEXT}`, on this channel or the
    /// one with this name; `None` if that does not exist. Works after the hangup too.
    /// `GET FULL VARIABLE`.
    pub fn get_full_variable<'a>(
        &mut self,
        expression: &str,
        channel: impl Into<Option<&'a str>>,
    ) -> Result<Option<String>> {
        let line = self.begin(&spec::GET_FULL_VARIABLE).text(expression);
        if let Some(name) = channel.into() {
            line.text(name);
        }
        self.value(&spec::GET_FULL_VARIABLE)
    }

    /// Sets a variable of the channel, or a dialplan function such as `CALLERID(name)`. Works after
    /// the hangup too. `SET VARIABLE`.
    pub fn set_variable(&mut self, name: &str, value: &str) -> Result<()> {
        self.begin(&spec::SET_VARIABLE).text(name).text(value);
        self.expect_dead(&spec::SET_VARIABLE, "the variable was not set")
    }

    /// A value of the AstDB; `None` if there is none. Works after the hangup too. `DATABASE GET`.
    pub fn database_get(&mut self, family: &str, key: &str) -> Result<Option<String>> {
        self.begin(&spec::DATABASE_GET).text(family).text(key);
        self.value(&spec::DATABASE_GET)
    }

    /// Writes a value to the AstDB. Works after the hangup too. `DATABASE PUT`.
    ///
    /// # Errors
    ///
    /// [`Error::Refused`](crate::Error::Refused) if it cannot be written.
    pub fn database_put(&mut self, family: &str, key: &str, value: &str) -> Result<()> {
        self.begin(&spec::DATABASE_PUT).text(family).text(key).text(value);
        self.expect_dead(&spec::DATABASE_PUT, "the value was not written")
    }

    /// Takes a key from the AstDB; `false` if that failed. Asterisk 22 says `true` of a key that
    /// was not there, too. Works after the hangup too. `DATABASE DEL`.
    pub fn database_del(&mut self, family: &str, key: &str) -> Result<bool> {
        self.begin(&spec::DATABASE_DEL).text(family).text(key);
        Ok(self.run(&spec::DATABASE_DEL)?.code() == Some(1))
    }

    /// Takes a family from the AstDB, or what is below a key of it; `false` if there was nothing.
    /// Works after the hangup too. `DATABASE DELTREE`.
    pub fn database_deltree<'a>(
        &mut self,
        family: &str,
        keytree: impl Into<Option<&'a str>>,
    ) -> Result<bool> {
        let line = self.begin(&spec::DATABASE_DELTREE).text(family);
        if let Some(tree) = keytree.into() {
            line.text(tree);
        }
        // The other way round than it is documented, and than everywhere else.
        Ok(self.run(&spec::DATABASE_DELTREE)?.code() == Some(0))
    }

    fn value(&mut self, command: &'static Command) -> Result<Option<String>> {
        let reply = self.run(command)?;
        held(command, reply)
    }

    /// Sends the line of a command that runs on a dead channel too, so that no result of it means
    /// a hangup; everything but 1 is a failure.
    fn expect_dead(&mut self, command: &'static Command, failure: &str) -> Result<()> {
        match self.run(command)?.code() {
            Some(1) => Ok(()),
            _ => Err(refused(command, failure)),
        }
    }
}

/// The value that a reply holds, if there is one.
fn held(command: &Command, reply: Reply<'_>) -> Result<Option<String>> {
    match reply.code() {
        Some(1) => Ok(reply.value_text()),
        Some(0) => Ok(None),
        _ => Err(refused(command, "there is no memory for the value")),
    }
}

/// Whether it is a variable and no function, and means the same between `${` and `}`.
fn is_plain(name: &str) -> bool {
    name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
}
