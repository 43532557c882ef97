//! An Asterisk REST Interface that is none.
//!
//! Threads: one that accepts, and one for each connection, which reads, runs the handlers of the test
//! and writes what they answer. Events are written by whoever pushes them.
//!
//! Locks: `state`, for moments; never across a handler of the test's, nor a system call but for the
//! answer to a handshake.

mod connection;
mod dial;
mod message;
mod model;
mod server;

pub use dial::FakeAriDial;
pub use message::{AriReply, AriRequest};
pub use server::{FakeAri, FakeAriBuilder};
