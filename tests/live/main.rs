//! The client against a real Asterisk, as `tests/asterisk/up` brings one up: `tests/run`, or
//! `cargo test --test live` with the environment that `up` prints. Nothing is skipped: without a
//! server every test fails and says what is missing.

mod support;

mod channels;
mod commands;
mod database;
mod events;
mod filters;
mod lists;
mod login;
mod originate;
mod pjsip;
mod queues;
mod server;
mod states;
mod tls;
mod transfers;
mod variables;
