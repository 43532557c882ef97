//! The names of AGI's commands, and what has to be known of each before its reply comes.
//!
//! Every one is a method of [`AgiChannel`](super::AgiChannel); the names are for those who
//! [send](super::AgiChannel::send_command) by hand, or serve commands in a test.

/// What the reply to a command looks like, as far as finding its end needs it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ReplyShape {
    /// One line.
    Line,
    /// A value in parentheses, as it is: it may hold parentheses and line ends, and goes on to a
    /// line that ends with `)`.
    Value,
    /// Not known: a parenthesis that is not closed in its line is taken for a value.
    Unknown,
}

/// One row of the table.
#[derive(Debug)]
pub(crate) struct Command {
    /// The name, as it is sent.
    pub(crate) name: &'static str,
    /// Whether Asterisk runs it after the hangup too.
    pub(crate) runs_dead: bool,
    pub(crate) shape: ReplyShape,
}

macro_rules! commands {
    ($( $(#[$doc:meta])* $constant:ident = $name:literal $life:ident $shape:ident )+) => {
        $(
            $(#[$doc])*
            pub const $constant: &str = $name;
        )+

        /// All of them.
        pub const ALL: &[&str] = &[$( $constant ),+];

        /// The same with what is known of them.
        pub(crate) mod spec {
            use super::{Command, ReplyShape};

            $(
                pub(crate) static $constant: Command = Command {
                    name: $name,
                    runs_dead: commands!(@ $life),
                    shape: ReplyShape::$shape,
                };
            )+

            pub(crate) static ALL: &[&Command] = &[$( &$constant ),+];
        }
    };
    (@ live) => { false };
    (@ dead) => { true };
}

commands! {
    /// Answers the call.
    ANSWER = "ANSWER" live Line
    /// Ends `AGI(agi:async)`.
    ASYNCAGI_BREAK = "ASYNCAGI BREAK" dead Line
    /// What a channel is doing.
    CHANNEL_STATUS = "CHANNEL STATUS" live Line
    /// Plays a sound that the caller can wind.
    CONTROL_STREAM_FILE = "CONTROL STREAM FILE" live Line
    /// Takes a key from the AstDB.
    DATABASE_DEL = "DATABASE DEL" dead Line
    /// Takes a family, or a part of it, from the AstDB.
    DATABASE_DELTREE = "DATABASE DELTREE" dead Line
    /// Reads the AstDB.
    DATABASE_GET = "DATABASE GET" dead Value
    /// Writes to the AstDB.
    DATABASE_PUT = "DATABASE PUT" dead Line
    /// Runs a dialplan application.
    EXEC = "EXEC" dead Line
    /// Plays a sound and collects digits.
    GET_DATA = "GET DATA" live Line
    /// Evaluates an expression.
    GET_FULL_VARIABLE = "GET FULL VARIABLE" dead Value
    /// Plays a sound and waits for one digit.
    GET_OPTION = "GET OPTION" live Line
    /// Reads a variable.
    GET_VARIABLE = "GET VARIABLE" dead Value
    /// Runs a subroutine of the dialplan.
    GOSUB = "GOSUB" live Value
    /// Ends a call.
    HANGUP = "HANGUP" live Line
    /// Does nothing.
    NOOP = "NOOP" dead Line
    /// Receives a character.
    RECEIVE_CHAR = "RECEIVE CHAR" live Line
    /// Receives text.
    RECEIVE_TEXT = "RECEIVE TEXT" live Value
    /// Records what the caller says.
    RECORD_FILE = "RECORD FILE" live Line
    /// Spells a text.
    SAY_ALPHA = "SAY ALPHA" live Line
    /// Says a date.
    SAY_DATE = "SAY DATE" live Line
    /// Says a date and a time in a format.
    SAY_DATETIME = "SAY DATETIME" live Line
    /// Says digits one by one.
    SAY_DIGITS = "SAY DIGITS" live Line
    /// Says a number.
    SAY_NUMBER = "SAY NUMBER" live Line
    /// Spells a text in the phonetic alphabet.
    SAY_PHONETIC = "SAY PHONETIC" live Line
    /// Says a time.
    SAY_TIME = "SAY TIME" live Line
    /// Sends an image.
    SEND_IMAGE = "SEND IMAGE" live Line
    /// Sends text.
    SEND_TEXT = "SEND TEXT" live Line
    /// Hangs up by itself later.
    SET_AUTOHANGUP = "SET AUTOHANGUP" live Line
    /// Sets the caller's number.
    SET_CALLERID = "SET CALLERID" live Line
    /// Where the dialplan goes on.
    SET_CONTEXT = "SET CONTEXT" live Line
    /// Where the dialplan goes on.
    SET_EXTENSION = "SET EXTENSION" live Line
    /// Music on hold.
    SET_MUSIC = "SET MUSIC" live Line
    /// Where the dialplan goes on.
    SET_PRIORITY = "SET PRIORITY" live Line
    /// Sets a variable.
    SET_VARIABLE = "SET VARIABLE" dead Line
    /// Listens for what a grammar knows.
    SPEECH_ACTIVATE_GRAMMAR = "SPEECH ACTIVATE GRAMMAR" live Line
    /// Gets a speech recogniser.
    SPEECH_CREATE = "SPEECH CREATE" live Line
    /// No longer listens for what a grammar knows.
    SPEECH_DEACTIVATE_GRAMMAR = "SPEECH DEACTIVATE GRAMMAR" live Line
    /// Gives the recogniser back.
    SPEECH_DESTROY = "SPEECH DESTROY" dead Line
    /// Loads a grammar.
    SPEECH_LOAD_GRAMMAR = "SPEECH LOAD GRAMMAR" live Line
    /// Plays a sound and listens.
    SPEECH_RECOGNIZE = "SPEECH RECOGNIZE" live Line
    /// Sets something of the recogniser.
    SPEECH_SET = "SPEECH SET" live Line
    /// Unloads a grammar.
    SPEECH_UNLOAD_GRAMMAR = "SPEECH UNLOAD GRAMMAR" dead Line
    /// Plays a sound.
    STREAM_FILE = "STREAM FILE" live Line
    /// Text telephony.
    TDD_MODE = "TDD MODE" live Line
    /// Prints on Asterisk's console.
    VERBOSE = "VERBOSE" dead Line
    /// Waits for one digit.
    WAIT_FOR_DIGIT = "WAIT FOR DIGIT" live Line
}

/// What a line runs that is not in the table: Asterisk's modules can bring commands of their own.
pub(crate) static OTHER: Command =
    Command { name: "AGI command", runs_dead: true, shape: ReplyShape::Unknown };

/// The command that a line runs, read as Asterisk does: words, without regard to case.
pub(crate) fn of(line: &str) -> &'static Command {
    let runs = |command: &&&'static Command| {
        let mut words = line.split([' ', '\t']).filter(|word| !word.is_empty());
        command
            .name
            .split(' ')
            .all(|name| words.next().is_some_and(|word| word.eq_ignore_ascii_case(name)))
    };
    spec::ALL.iter().find(runs).copied().unwrap_or(&OTHER)
}

/// Whether Asterisk runs this command after the hangup too. Not known of what is not in
/// [`ALL`]: `None`.
pub fn runs_on_dead_channel(name: &str) -> Option<bool> {
    let command = of(name);
    (!std::ptr::eq(command, &raw const OTHER)).then_some(command.runs_dead)
}

/// What the reply to a line looks like.
pub fn reply_shape(line: &str) -> ReplyShape {
    of(line).shape
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_is_known_by_its_words() {
        assert_eq!(of("get  Variable X").name, GET_VARIABLE);
        assert_eq!(of("GET VARIABLES X").name, OTHER.name);
        assert_eq!(of("GET").name, OTHER.name);
        assert_eq!(of("answer").name, ANSWER);
        assert_eq!(runs_on_dead_channel("EXEC Dial x"), Some(true));
        assert_eq!(runs_on_dead_channel("STREAM FILE"), Some(false));
        assert_eq!(runs_on_dead_channel("MODULE OWN"), None);
        assert_eq!(reply_shape("DATABASE GET a b"), ReplyShape::Value);
    }
}
