//! The Manager Interface: actions, their answers, and events.

pub mod action;
mod builder;
mod calls;
mod client;
pub mod codec;
mod config;
mod connection;
pub mod event;
mod filter;
mod login;
mod marks;
mod mask;
mod message;
pub mod response;
mod subscription;
mod value;

pub use builder::AmiClientBuilder;
pub use client::{AmiClient, AmiStats, Collected, PendingAnswer};
pub use config::AuthMethod;
pub use event::AmiEvent;
pub use filter::Filter;
pub use mask::EventMask;
pub use message::{Block, Message, MessageKind};
pub use subscription::TypedSubscription;
