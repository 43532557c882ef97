//! The client against a real Asterisk, as `tests/asterisk/up` brings one up: `tests/run`, or
//! `cargo test --test live` with the environment that `up` prints. Nothing is skipped: without a
//! server every test fails and says what is missing.

mod relay;
mod support;

mod agi;
mod agi_conversation;
mod agi_effects;
mod agi_hangup;
mod agi_script;
mod agi_server;
mod agi_speech;
mod agi_support;
mod ari_core;
mod ari_envelope;
mod ari_ops;
mod ari_ops_media;
mod ari_ops_server;
mod ari_server;
mod ari_server_calls;
mod async_agi;
mod calls;
mod channels;
mod commands;
mod config_files;
mod database;
mod event_pool;
mod events;
mod examples;
mod filters;
mod lists;
mod login;
mod originate;
mod pbx;
mod picture;
mod pjsip;
mod queues;
mod server;
mod stasis_app;
mod states;
mod tls;
mod tracker;
mod transfers;
mod variables;
