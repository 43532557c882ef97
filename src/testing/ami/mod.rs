//! An Asterisk Manager that is none.
//!
//! Threads: one that accepts, and for each session one that reads and one that writes. Everything
//! a session is sent goes through its queue, so nobody who pushes an event ever waits for a client
//! that does not read.
//!
//! Locks, in the order they are taken: `model`, `registry`, a session's `state`. The lock of the
//! script is taken alone. None is held across a system call that blocks, or a handler of the test's.

mod builder;
mod classes;
mod faults;
mod flood;
mod frame;
mod model;
mod script;
mod serve;
mod server;
mod session;

pub use builder::FakeAmiBuilder;
pub use flood::Flood;
pub use model::CallOutcome;
pub use script::{Expected, Request};
pub use server::FakeAmi;

#[cfg(test)]
mod tests;
