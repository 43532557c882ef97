//! What the repository has beside the behaviour of the library: its layers, and its examples.

#![allow(clippy::unwrap_used, clippy::pedantic, reason = "a panic is how a test fails")]

#[cfg(feature = "ami")]
#[path = "../common/mod.rs"]
mod common;
#[cfg(feature = "ami")]
#[path = "../running/mod.rs"]
mod running;

#[cfg(feature = "ami")]
mod examples;
mod layering;
