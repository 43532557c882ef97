//! What a phone menu is made of: a prompt, a question, a choice, a yes or no, a message.
//!
//! Each is described once, as a value that can be kept and shared, and held with any caller:
//!
//! ```no_run
//! use asterisk_sync::agi::conversation::{Ask, Chosen, Heard, Menu, Prompt};
//! use asterisk_sync::agi::{AgiChannel, AgiRequest};
//! use asterisk_sync::Result;
//!
//! # #[derive(Clone, Copy)]
//! enum Department { Sales, Support }
//!
//! fn handle(_: &AgiRequest, agi: &mut AgiChannel) -> Result<()> {
//!     let menu = Menu::new("press-1-or-2")
//!         .choice('1', Department::Sales)
//!         .choice('2', Department::Support)
//!         .invalid("invalid");
//!     match agi.menu(&menu)? {
//!         Chosen::Choice(Department::Sales) => agi.set_extension("sales")?,
//!         Chosen::Choice(Department::Support) => {
//!             let account = Ask::new("enter-account").digits(4..=8).tries(3);
//!             if let Heard::Digits(digits) = agi.ask(&account)? {
//!                 agi.set_variable("ACCOUNT", &digits)?;
//!                 agi.prompt(Prompt::new().file("you-entered").digits(&digits), "")?;
//!             }
//!         }
//!         Chosen::Nothing | Chosen::Invalid(_) => agi.stream_file("goodbye", "").map(drop)?,
//!     }
//!     Ok(())
//! }
//! ```
//!
//! # What all have in common
//!
//! They return what the caller did. That a caller stays silent, or types nonsense to the end of the
//! tries, is something they did, and no error. A caller who hangs up is
//! [`Error::Hangup`](crate::Error::Hangup), except that a message they left before is kept.
//!
//! They block as long as the caller takes: the length of the prompts, and the timeouts that are
//! named at each setting, times the tries.
//!
//! Keys that are pressed in the middle of a prompt count, and break it off.

mod ask;
mod menu;
mod message;
mod prompt;
#[cfg(test)]
mod tests;

pub use ask::{Ask, Heard};
pub use menu::{Chosen, Confirm, Menu};
pub use message::{MessageLeft, RecordMessage, Review};
pub use prompt::{ANY_KEY, Prompt};

use std::time::Duration;

/// How long to wait for a key after a prompt, unless it is said.
const PATIENCE: Duration = Duration::from_secs(5);

/// How often to ask, unless it is said.
const TRIES: u32 = 3;
