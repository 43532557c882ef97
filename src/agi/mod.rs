//! The Gateway Interface: the dialplan hands a call over, and takes it back afterwards.
//!
//! An [`AgiHandler`], most of the time a closure, gets the [`AgiRequest`], which describes the call,
//! and the [`AgiChannel`], on which every AGI command is a method. The same handler serves calls
//! however they come:
//!
//! | in the dialplan | here |
//! |---|---|
//! | `AGI(agi://host/script)` | FastAGI, over TCP: [`AgiServer`], with a [`Router`] for many scripts; [`AgiChannel::accept`] for a connection of one's own |
//! | `AGI(program)` | [`run_stdio`]: Asterisk starts the program |
//! | `EAGI(program)` | the same, and the call's sound beside it: [`AudioReader`] |
//! | `AGI(agi:async)` | AsyncAGI, over the manager's connection: `AmiClient::serve_async_agi`, in the module `async_agi` |
//!
//! ```no_run
//! use asterisk_sync::Result;
//! use asterisk_sync::agi::{self, AgiChannel, AgiRequest};
//! use std::time::Duration;
//!
//! fn account(_: &AgiRequest, agi: &mut AgiChannel) -> Result<()> {
//!     agi.answer()?;
//!     let pin = agi.get_data("enter-account", Duration::from_secs(5), 6)?;
//!     agi.set_variable("ACCOUNT", pin.digits())?;
//!     agi.hangup(None)
//! }
//!
//! fn main() -> Result<()> {
//!     agi::run_stdio(account)
//! }
//! ```
//!
//! # What one has to know
//!
//! - Returning ends the session and not the call: the dialplan goes on behind `AGI()`.
//!   [`AgiChannel::hangup`] ends the call.
//! - A caller who hangs up ends a command that waits with [`Error::Hangup`](crate::Error::Hangup),
//!   and `?` ends the handler. Variables and the AstDB can still be written after that.
//! - Results are text first: `0501` keeps its zero. A timeout of Asterisk's, a key that was not
//!   pressed, a variable that is not set are no errors.
//! - Commands wait as long as Asterisk takes, unless the channel has a
//!   [timeout](AgiChannel::set_timeout).
//! - Asterisk takes one command at a time. `&mut` says so.
//! - FastAGI has no passwords and no TLS. Who can reach the port can pretend to be Asterisk, so
//!   [`AgiLimits`] bound what a peer may send; what arguments hold can never become a command.

mod audio;
mod channel;
pub mod codec;
pub mod command;
pub mod conversation;
mod encode;
mod handler;
mod limits;
#[cfg(test)]
mod memory;
mod prelude;
mod reply;
mod request;
mod router;
mod script;
mod server;
mod session;
mod signal;
mod socket;
mod stdio;
#[cfg(test)]
mod tests;
mod transport;
mod verbs;

pub use audio::{AudioFrames, AudioReader};
pub use channel::{AgiChannel, TimedChannel};
pub use handler::AgiHandler;
pub use limits::AgiLimits;
pub use reply::AgiReply;
pub use request::AgiRequest;
pub use router::{Router, RouterBuilder};
pub use server::{
    AgiOverflow, AgiReport, AgiServer, AgiServerBuilder, AgiServerGuard, AgiServerStats,
    ShutdownHandle,
};
pub use stdio::{run_stdio, run_stdio_with};
pub use verbs::{
    Digits, Played, Recognition, RecognitionKind, RecordOptions, Recording, RecordingEnd,
    SpeechResult, StreamControls, TddMode,
};

#[cfg(feature = "ami")]
pub(crate) use session::open;
#[cfg(feature = "ami")]
pub(crate) use transport::{Received, Transport, Wait};
