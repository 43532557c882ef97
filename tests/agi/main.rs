//! Sessions of AGI, on every way they come, and what serves them.

#![cfg(feature = "agi")]
#![allow(clippy::unwrap_used, clippy::pedantic, reason = "a panic is how a test fails")]

#[path = "../common/mod.rs"]
mod common;

#[cfg(feature = "ami")]
mod async_agi;
mod codec;
mod fake_caller;
mod seed_names;
mod server;
#[cfg(all(unix, feature = "ami"))]
mod transports;
