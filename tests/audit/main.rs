//! The tables of actions and events, what the methods of AGI say and what the operations of ARI demand,
//! against what a running Asterisk knows of itself: its documentation, its lists of actions and events,
//! and what it sends. Like `tests/live`, it needs the server that `tests/asterisk/up` brings up, and
//! fails without one.

#![allow(clippy::unwrap_used, clippy::pedantic, reason = "a panic is how a test fails")]

#[allow(dead_code, reason = "the live tests use all of it")]
#[path = "../live/support.rs"]
mod support;

mod actions;
mod agi;
mod agi_docs;
#[allow(dead_code, reason = "the exercise of ARI uses all of it")]
mod ari_docs;
mod ari_least;
mod ari_models;
mod ari_words;
mod complete;
mod docs;
mod lists;
mod programs;
mod source;
mod tables;
