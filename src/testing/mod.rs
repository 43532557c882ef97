//! Servers that play Asterisk's part, for tests that need none. Feature `testing`.
//!
//! With the feature `ami`, [`FakeAmi`] speaks the Manager Interface on a port of its own and answers as Asterisk 22 does,
//! from a small model of a PBX: channels, queues, variables, the AstDB. A test scripts what the
//! model would not say, pushes events, and breaks things: half frames, stalls, resets, restarts.
//!
//! With the feature `ari`, [`FakeAri`] does the same for the REST Interface, over HTTP and over the event
//! socket; and [`FakeAriDial`] has it open event sockets itself, to an `AriServer`.
//!
//! ```
//! # #[cfg(not(feature = "ami"))] fn main() {}
//! # #[cfg(feature = "ami")]
//! use asterisk_sync::testing::FakeAmi;
//!
//! # #[cfg(feature = "ami")]
//! # fn main() -> asterisk_sync::Result<()> {
//! let fake = FakeAmi::start()?;
//! let ami = fake.client().connect()?;
//! assert_eq!(ami.ping()?.ping(), "Pong");
//! # Ok(()) }
//! ```
//!
//! With the feature `agi`, [`FakeAgiCaller`] calls a FastAGI server as Asterisk does, answers its
//! commands from a model of a channel or as a test says, hangs up at the worst moment, and tells
//! which commands came.

#[cfg(feature = "agi")]
mod agi;
#[cfg(feature = "ami")]
mod ami;
#[cfg(feature = "ari")]
mod ari;
#[cfg(any(feature = "ami", feature = "ari"))]
mod listener;

#[cfg(feature = "agi")]
#[cfg_attr(docsrs, doc(cfg(feature = "agi")))]
pub use agi::{AgiAnswer, FakeAgiCall, FakeAgiCaller, FakeAgiRecord};
#[cfg(feature = "ami")]
#[cfg_attr(docsrs, doc(cfg(feature = "ami")))]
pub use ami::{CallOutcome, Expected, FakeAmi, FakeAmiBuilder, Flood, Request};
#[cfg(feature = "ari")]
#[cfg_attr(docsrs, doc(cfg(feature = "ari")))]
pub use ari::{AriReply, AriRequest, FakeAri, FakeAriBuilder, FakeAriDial};
