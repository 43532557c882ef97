//! Servers that play Asterisk's part, for tests that need none. Feature `testing`.
//!
//! [`FakeAmi`] speaks the Manager Interface on a port of its own and answers as Asterisk 22 does,
//! from a small model of a PBX: channels, queues, variables, the AstDB. A test scripts what the
//! model would not say, pushes events, and breaks things: half frames, stalls, resets, restarts.
//!
//! ```
//! use asterisk_sync::testing::FakeAmi;
//!
//! # fn main() -> asterisk_sync::Result<()> {
//! let fake = FakeAmi::start()?;
//! let ami = fake.client().connect()?;
//! assert_eq!(ami.ping()?.ping(), "Pong");
//! # Ok(()) }
//! ```

mod ami;

pub use ami::{CallOutcome, Expected, FakeAmi, FakeAmiBuilder, Flood, Request};
