//! The Manager Interface: actions, their answers, and events.
//!
//! [`AmiClient`] is the way in. It [sends](AmiClient::send_action) [actions](action), each a struct
//! whose answer has a type of its own; it [collects](AmiClient::list) lists; and it
//! [subscribes](AmiClient::subscribe) to [events](event), which are an ordinary iterator.
//! [`originate`](AmiClient::originate) makes a call and says what became of it, and
//! [`wait_for`](crate::EventSubscription::wait_for) waits for one event.
//!
//! ```no_run
//! use asterisk_sync::ami::{AmiClient, AmiEvent, Filter, action, event};
//! use std::time::Duration;
//!
//! # fn main() -> asterisk_sync::Result<()> {
//! let ami = AmiClient::from_env()?;
//!
//! // One question, one typed answer.
//! let core = ami.send_action(&action::CoreStatusAction::new())?;
//! println!("{} calls", core.current_calls().unwrap_or(0));
//! for line in ami.command("core show version")?.lines() {
//!     println!("{line}");
//! }
//!
//! // A list: complete, or an error that holds what came.
//! for channel in ami.list(&action::CoreShowChannelsAction::new())? {
//!     println!("{}", channel.channel());
//! }
//!
//! // Events of one kind, typed.
//! for join in &ami.subscribe_to::<event::QueueCallerJoin>() {
//!     println!("{} waits in {}", join.channel(), join.queue());
//! #   break;
//! }
//!
//! // Patiently: `Ok(None)` is over for good, a timeout is only quiet.
//! let calls = ami.subscribe_with(Filter::names(["Hangup", "Newchannel"]).channel("PJSIP/alice"));
//! while let Some(event) = calls.recv_timeout(Duration::from_secs(30))? {
//!     match event {
//!         AmiEvent::Gap(gap) => println!("{} events lost; ask for the state", gap.missed()),
//!         event => println!("{}", event.event_name()),
//!     }
//! }
//! # Ok(()) }
//! ```
//!
//! Rules of every call: it returns within its deadline; it may be made from any thread, an event
//! loop included; it never runs your code on the client's threads; `None` from a subscription means
//! over for good.
//!
//! # What Asterisk does that one has to know
//!
//! - The actions of one connection run one after another, and while one runs no event is sent. A
//!   slow one, an `Originate` that is not asynchronous or a big `Command`, holds up all others; a
//!   second client does not cost much.
//! - `Redirect`, `Atxfer`, `BlindTransfer` and `Bridge` are answered when they are queued, not when
//!   they are done.
//! - A client that does not read for 100 milliseconds is thrown out, which is why this one's reader
//!   waits for nobody.
//! - After a reconnect nothing is sent again: ask for the state
//!   ([`CoreShowChannels`](action::CoreShowChannelsAction), [`QueueStatus`](action::QueueStatusAction)).

pub mod action;
mod answer;
mod builder;
mod calls;
mod client;
pub mod codec;
mod config;
pub mod config_file;
mod connection;
pub mod event;
mod filter;
mod follow;
mod login;
mod marks;
mod mask;
mod message;
mod pace;
pub mod picture;
mod pool;
pub mod response;
mod shares;
mod subscription;
mod track;
pub mod tracker;
mod value;

pub use answer::{Collected, List, PendingAnswer};
pub use builder::AmiClientBuilder;
pub use client::{AmiClient, AmiStats, Call, CallEnd};
pub use config::AuthMethod;
pub use config_file::ConfigFile;
pub use event::AmiEvent;
pub use filter::Filter;
pub use mask::EventMask;
pub use message::{Block, Message, MessageKind};
pub use pool::PoolSettings;
pub use subscription::TypedSubscription;
