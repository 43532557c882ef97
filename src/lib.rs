//! Blocking client for Asterisk.

pub mod types;
