//! A script that Asterisk starts: `AGI(agi_script,Alice)`.
//!
//! It greets the caller and asks for a digit, and goes on writing down what it has when the caller
//! hangs up. Copy the program to Asterisk's agi-bin folder; in the dialplan:
//!
//! ```text
//! exten => 100,1,Answer()
//!  same => n,AGI(agi_script,Alice)
//!  same => n,NoOp(${AGISTATUS}: ${HELLO}, ${CHOICE})
//! ```

use std::time::Duration;

use asterisk_sync::agi::{self, AgiChannel, AgiRequest};
use asterisk_sync::{Error, Result};

fn main() -> Result<()> {
    agi::run_stdio(|request: &AgiRequest, agi: &mut AgiChannel| {
        let name = request.arg(1).unwrap_or("nobody");
        agi.verbose(&format!("{} calls {name}", request.caller_id().unwrap_or("somebody")), 1)?;
        agi.set_variable("HELLO", &format!("hello {name}"))?;

        let choice = match ask(agi) {
            Ok(Some(key)) => key.to_string(),
            Ok(None) => "nothing".to_owned(),
            // Variables can still be set, and the dialplan's `h` extension sees them.
            Err(Error::Hangup) => "hung up".to_owned(),
            Err(e) => return Err(e),
        };
        agi.set_variable("CHOICE", &choice)
    })
}

fn ask(agi: &mut AgiChannel) -> Result<Option<char>> {
    let played = agi.stream_file("hello-world", "0123456789")?;
    match played.digit {
        Some(key) => Ok(Some(key)),
        None => agi.wait_for_digit(Duration::from_secs(5)),
    }
}
