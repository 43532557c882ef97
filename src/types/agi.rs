//! How AGI commands and scripts end.

use super::macros::{code_enums, no_other_name, shown_as_number, text_enums, unnamed};

code_enums! {
    /// The number that the answer to an AGI command begins with. The names are ours: on the wire
    /// there is only the number.
    AgiStatus(u16) {
        /// The command was run; what came of it is the answer's result.
        Success = 200 "Success",
        /// There is no such command, or it cannot be understood.
        InvalidCommand = 510 "Invalid command",
        /// The channel has hung up, and the command needs one that has not.
        DeadChannel = 511 "Dead channel",
        /// The command was used wrongly; how to use it follows.
        EndUsage = 520 "End of usage",
    } else unnamed, no_other_name;
}

shown_as_number!(AgiStatus);

text_enums! {
    /// How a script ended, for the dialplan after it: the channel variable `AGISTATUS`.
    AgiOutcome {
        /// It ran to its end.
        Success = "SUCCESS",
        /// It could not be run, or it or one of its commands failed.
        Failure = "FAILURE",
        /// There is no such script.
        NotFound = "NOTFOUND",
        /// The channel hung up meanwhile.
        Hangup = "HANGUP",
    }
}
