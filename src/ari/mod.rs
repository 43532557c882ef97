//! The REST Interface: control over calls, and what happens to them.
//!
//! [`AriClient`] is the way in. Its [`resources`] are channels, bridges, playbacks and the rest, each
//! with functions that list and create and a handle that acts; it
//! [subscribes](AriClient::subscribe) to [events](event), which are an ordinary iterator.
//!
//! ```no_run
//! use asterisk_sync::ari::{AriClient, AriConfig, AriEvent, Filter, resources};
//!
//! # fn main() -> asterisk_sync::Result<()> {
//! let config = AriConfig::new("http://pbx:8088", "user", "secret", "my-app");
//! let (ari, events) = AriClient::connect_subscribed(config, Filter::all())?;
//! for channel in resources::channel::list(&ari)? {
//!     println!("{} is {}", channel.name, channel.state);
//! }
//! for message in &events {
//!     match &message.event {
//!         AriEvent::StasisStart(start) => ari.channel(&start.channel.id).answer()?,
//!         AriEvent::Gap(gap) => println!("{} events lost; ask for the state", gap.missed()),
//!         _ => {}
//!     }
//! }
//! # Ok(()) }
//! ```
//!
//! To serve calls there is [`StasisApp`]: it takes those that enter an application, and runs a handler for
//! each, on one of a bounded number of threads and with the call's own events.
//!
//! Rules of every call: it returns within its deadline; it may be made from any thread, an event loop
//! included; it never runs your code on the client's threads; `None` from a subscription means over
//! for good.
//!
//! # Where Asterisk connects to us
//!
//! Since 20.15, 21.10 and 22.5 it can be Asterisk that opens the event socket, one for good or one for
//! each call (`outbound_websocket` in `ari.conf`). [`AriServer`] is what it connects to: with a password,
//! so many [sessions](AriSession) at a time, and a handler that each is given to. A session's client is
//! an [`AriClient`] as any other, whose requests go over that socket.
//!
//! # What Asterisk does that one has to know
//!
//! - Events may come before the answer to the request that caused them. Choose ids yourself and
//!   subscribe first. They may also come as soon as the client is connected: what came before the first
//!   subscription is heard by nobody, but where that is there
//!   [first](AriClient::connect_subscribed).
//! - An application is there as long as its event socket is. While it is not, calls for it fail or
//!   stay where they are, and events are lost: after a [`Gap`](event::Gap) ask for the state.
//! - One client an application: whoever connects last has it. The one before is told
//!   ([`ApplicationReplaced`](event::ApplicationReplaced)) and here gives up ([`Error::Replaced`]).
//! - A client that does not read for 100 milliseconds is thrown out, which is why this one's reader
//!   waits for nobody.
//!
//! # Logging
//!
//! As with the whole crate, no level prints a value, and none of any crate below it the password. The
//! HTTP library however, with the target `ureq_proto` and the level trace, prints all requests and
//! answers but for that header. Leave it off where they hold secrets.
//!
//! [`Error::Replaced`]: crate::Error::Replaced

mod calls;
mod census;
mod client;
mod config;
mod connection;
pub mod event;
mod filter;
mod guard;
mod http;
mod ids;
mod lenient;
mod memory;
mod message;
pub mod model;
mod orphans;
mod pending;
mod pool;
mod reading;
pub mod resources;
pub mod rest;
mod restoring;
mod server;
mod session;
mod spent;
pub mod stasis;
mod typed;
mod units;
mod url;
mod watch;

pub use client::{AriClient, AriStats};
pub use config::{AriConfig, AriConfigBuilder, TransportKind};
pub use event::AriEvent;
pub use filter::Filter;
pub use guard::{Guard, Guarded};
pub use message::{AriMessage, MessageParts, TypedEvent};
pub use orphans::{Orphans, sweep_orphans};
pub use pending::{PendingBridge, PendingChannel, PendingPlayback, PendingRecording};
pub use pool::PoolSettings;
pub use resources::NewVariables;
pub use resources::bridge::BridgeHandle;
pub use resources::channel::{ChannelHandle, OriginateParams};
pub use resources::playback::{PlayParams, PlaybackHandle};
pub use resources::recording::{RecordParams, RecordingHandle};
pub use server::{
    AriReport, AriServer, AriServerBuilder, AriServerGuard, AriServerStats, AriSession,
    AriSessionHandler, AriUpgrade, ShutdownHandle,
};
#[cfg(feature = "testing")]
pub(crate) use session::refused;
pub use stasis::{Departure, StasisApp, StasisCall, StasisHandler};
pub use typed::TypedSubscription;
#[cfg(feature = "testing")]
pub(crate) use url::decode;
