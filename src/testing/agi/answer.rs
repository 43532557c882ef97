//! What a command is answered with, right or wrong.

use std::fmt::Display;

/// An answer to one command, as a test wants it: what Asterisk would say, or what it never should.
///
/// ```
/// use asterisk_sync::testing::AgiAnswer;
///
/// // The caller presses two digits, and hangs up before the answer is out.
/// let answer = AgiAnswer::result("12").hangup_first();
/// // A subroutine that takes its time, and returns a value.
/// let answer = AgiAnswer::raw("200 result=0 Gosub complete (done)\n").trying();
/// // An answer whose second half never comes.
/// let answer = AgiAnswer::raw("200 resu").then_close();
/// ```
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[must_use = "it answers nothing by itself"]
pub struct AgiAnswer {
    pub(super) bytes: Vec<u8>,
    pub(super) hangs_up: bool,
    pub(super) closes: bool,
    pub(super) in_pieces: bool,
}

impl AgiAnswer {
    /// `200 result=` and this.
    pub fn result(result: impl Display) -> Self {
        Self::raw(format!("200 result={result}\n"))
    }

    /// `200 result=1` and a value in parentheses, as it is.
    pub fn value(value: impl Display) -> Self {
        Self::raw(format!("200 result=1 ({value})\n"))
    }

    /// Exactly these bytes: a line end is the caller's business.
    pub fn raw(bytes: impl Into<Vec<u8>>) -> Self {
        Self { bytes: bytes.into(), ..Self::default() }
    }

    /// No answer at all.
    pub fn silence() -> Self {
        Self::default()
    }

    /// A value of so many bytes, which may be more than anybody should keep.
    pub fn flood(bytes: usize) -> Self {
        Self::value("x".repeat(bytes))
    }

    /// 510: there is no such command.
    pub fn invalid_command() -> Self {
        Self::raw("510 Invalid or unknown command\n")
    }

    /// 511: not on a channel that has hung up.
    pub fn dead_channel() -> Self {
        Self::raw("511 Command Not Permitted on a dead channel or intercept routine\n")
    }

    /// 520: used wrongly, and how it is used, over several lines.
    pub fn usage(usage: impl Display) -> Self {
        Self::raw(format!(
            "520-Invalid command syntax.  Proper usage follows:\n{usage}\n520 End of proper \
             usage.\n"
        ))
    }

    /// A `100` in front: the command is under way.
    pub fn trying(mut self) -> Self {
        self.bytes.splice(0..0, *b"100 result=0 Trying...\n");
        self
    }

    /// The caller hangs up before the answer.
    pub fn hangup_first(mut self) -> Self {
        self.hangs_up = true;
        self.bytes.splice(0..0, *b"HANGUP\n");
        self
    }

    /// The caller hangs up after the answer.
    pub fn then_hangup(mut self) -> Self {
        self.hangs_up = true;
        self.bytes.extend_from_slice(b"HANGUP\n");
        self
    }

    /// A usage text behind the answer that nobody asked for, as an application that returns 1 makes
    /// Asterisk print.
    pub fn then_usage(mut self, usage: impl Display) -> Self {
        self.bytes.extend_from_slice(&Self::usage(usage).bytes);
        self
    }

    /// The connection ends behind it.
    pub fn then_close(mut self) -> Self {
        self.closes = true;
        self
    }

    /// Each byte in a packet of its own.
    pub fn in_pieces(mut self) -> Self {
        self.in_pieces = true;
        self
    }
}
