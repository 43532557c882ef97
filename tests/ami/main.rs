//! The manager's client, and what is made of it, on a fake Asterisk.

#![cfg(feature = "ami")]
#![allow(clippy::unwrap_used, clippy::pedantic, reason = "a panic is how a test fails")]

#[path = "../common/mod.rs"]
mod common;

mod answers;
mod call_tracker;
mod codec_split;
mod config_files;
mod connecting;
mod deadlines;
mod environment;
mod event_pool;
mod events;
mod hostile_peer;
mod injection;
mod keep_alive;
mod keep_alive_under_load;
mod lists;
mod live_picture;
mod originate;
mod pacing;
mod pbx;
mod reconnect;
mod reentrancy;
mod seed_names;
mod slow_subscriber_gets_gap;
mod subscriptions;
mod unmarked_answers;
mod waiting;
