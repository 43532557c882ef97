//! The client and the server of ARI, and applications of Stasis, on a fake Asterisk.

#![cfg(feature = "ari")]
#![allow(clippy::unwrap_used, clippy::pedantic, reason = "a panic is how a test fails")]

#[path = "../common/mod.rs"]
mod common;

mod connecting;
mod connections;
mod decoding;
mod environment;
mod event_pool;
mod events;
mod fake;
mod hidden_events;
mod orphans;
mod reconnect;
mod removing;
mod requests;
mod restoring;
mod seed_names;
mod server;
mod stasis_app;
mod stasis_app_applications;
mod stasis_app_ends;
mod waits;
