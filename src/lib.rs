//! Blocking client for [Asterisk](https://www.asterisk.org), the open-source phone system: on plain
//! threads, without an async runtime, without `unsafe`.
//!
//! For scripts at a customer's site, for wallboards and diallers that run for a year, and for
//! threaded programs that get a phone.
//!
//! ```no_run
//! use asterisk_sync::ami::{AmiClient, AmiEvent};
//!
//! fn main() -> asterisk_sync::Result<()> {
//!     let ami = AmiClient::connect("pbx.example.com", "admin", "secret")?;
//!     for event in &ami.subscribe() {
//!         if let AmiEvent::Hangup(hangup) = event {
//!             println!("{} ended: {}", hangup.channel(), hangup.cause_txt());
//!         }
//!     }
//!     Ok(())
//! }
//! ```
//!
//! # What is here
//!
//! | module | interface | for |
//! |---|---|---|
//! | [`ami`] | Manager Interface, TCP 5038, TLS 5039 | acting on calls, queues and the server; hearing what happens |
//! | [`ari`] | REST Interface, HTTP and a WebSocket, TCP 8088 | controlling calls in Stasis, and hearing of them |
//! | [`pbx`] | the same in the words of somebody with a phone | dialling, holding, transferring, parking |
//! | [`agi`] | Gateway Interface: FastAGI, TCP 4573; scripts; EAGI | handling calls that the dialplan hands over |
//! | [`async_agi`] | Gateway Interface over the Manager Interface | handling them without a port of one's own |
//! | [`types`] | | the enums that all interfaces speak in |
//! | [`testing`] | | servers that play Asterisk's part in your tests |
//!
//! # Features
//!
//! | feature | default | gives |
//! |---|---|---|
//! | `ami` | yes | [`ami`] |
//! | `agi` | yes | [`agi`]; with `ami`, [`async_agi`] |
//! | `ari` | yes | [`ari`] |
//! | `tls` | yes | TLS for every interface that has it, by the system's own library |
//! | `testing` | no | [`testing`] |
//!
//! # Threads, and what blocks
//!
//! A client has two threads. `ami-read` owns the connection: it dials, logs in, reads, routes, and
//! dials again. `ami-write` sends what no caller stays to send. Whoever calls writes for itself and
//! sleeps until its own answer is there. So:
//!
//! - Every call returns within its deadline: the client's timeout, or the one it is given. What
//!   waits without one says so: iterating over a subscription, [`EventSubscription::recv`].
//! - Everything may be called from any thread, an event loop and an event handler included. No code
//!   of yours ever runs on the client's threads, so nothing you do can hold them up.
//! - The reader waits for nobody. A subscriber that does not keep up loses events by the rule it
//!   chose ([`Overflow`]), and the stream itself says how many, where they are missing.
//! - All handles share one connection; the last one to be dropped closes it and joins its threads.
//!
//! # When the connection is lost
//!
//! It is made again ([`ReconnectPolicy`]): by default for ever, after one second at first and
//! thirty at most. Actions that were under way end at once with [`Error::Disconnected`], which says
//! whether they may have run; nothing is sent twice. Subscriptions go on, behind a
//! [`Gap`](ami::event::Gap). What Asterisk forgets, the event mask and the filters, is told it
//! again. A password that is refused ends the client for good.
//!
//! A dead peer is noticed without TCP's help: after 10 seconds of silence the server is pinged,
//! after 20 it is taken for dead, unless an action is still within its own timeout.
//!
//! # Errors
//!
//! There is one [`Error`], sorted by what one can do about it, with two questions it always answers:
//! [`is_retryable`](Error::is_retryable), it certainly did not run, and
//! [`may_have_run`](Error::may_have_run), look before you act again.
//!
//! # Logging
//!
//! Through [`log`], with the module as target, such as `asterisk_sync::ami::connection`:
//!
//! | level | what |
//! |---|---|
//! | error | the client gave up for good; a handler panicked |
//! | warn | a connection was lost, or not made; a typed subscription has a gap |
//! | info | logged in, trying again, closed |
//! | debug | late answers, frames that answer nothing, addresses that do not connect |
//! | trace | the name of every action, and its number |
//!
//! No level of this crate's prints a value of an action or an event, so no secret is ever in a log.
//! The HTTP library under ARI prints the bodies of requests and answers at trace, as `ureq_proto`;
//! passwords are kept from it.

#![cfg_attr(docsrs, feature(doc_cfg))]

#[cfg(all(feature = "agi", not(all(loom, test))))]
#[cfg_attr(docsrs, doc(cfg(feature = "agi")))]
pub mod agi;
#[cfg(all(feature = "ami", not(all(loom, test))))]
#[cfg_attr(docsrs, doc(cfg(feature = "ami")))]
pub mod ami;
#[cfg(all(feature = "ari", not(all(loom, test))))]
#[cfg_attr(docsrs, doc(cfg(feature = "ari")))]
pub mod ari;
#[cfg(all(feature = "agi", feature = "ami", not(all(loom, test))))]
#[cfg_attr(docsrs, doc(cfg(all(feature = "agi", feature = "ami"))))]
pub mod async_agi;
#[cfg(all(any(feature = "ami", feature = "ari"), not(all(loom, test))))]
mod base64;
mod credentials;
#[cfg_attr(
    any(not(feature = "ami"), all(loom, test)),
    allow(dead_code, reason = "for the protocols")
)]
mod error;
#[cfg(all(any(feature = "ami", feature = "agi", feature = "ari"), not(all(loom, test))))]
#[cfg_attr(
    not(all(feature = "ami", feature = "ari")),
    allow(dead_code, unused_imports, unreachable_pub, reason = "for the protocols")
)]
mod net;
#[cfg(all(feature = "ami", not(all(loom, test))))]
#[cfg_attr(docsrs, doc(cfg(feature = "ami")))]
pub mod pbx;
#[cfg(all(any(feature = "ami", feature = "agi", feature = "ari"), not(all(loom, test))))]
mod percent;
#[cfg_attr(
    any(not(feature = "ami"), all(loom, test)),
    allow(dead_code, reason = "for the protocols")
)]
mod reconnect;
#[cfg(all(any(feature = "agi", feature = "ari"), not(all(loom, test))))]
mod serving;
#[cfg_attr(
    any(not(feature = "ami"), all(loom, test)),
    allow(dead_code, reason = "for the protocols")
)]
mod sync;
#[cfg(all(feature = "testing", not(all(loom, test))))]
#[cfg_attr(docsrs, doc(cfg(feature = "testing")))]
pub mod testing;
pub mod types;

pub use credentials::Credentials;
pub use error::{
    AuthError, ConnectionError, Error, Incomplete, ProtocolError, Result, TimeoutError, Unfinished,
};
#[cfg(all(any(feature = "ami", feature = "ari"), feature = "tls", not(all(loom, test))))]
#[cfg_attr(docsrs, doc(cfg(feature = "tls")))]
pub use net::Tls;
pub use reconnect::{ConnectionState, ReconnectPolicy};
pub use sync::bus::{Batch, BatchIter, Event, EventBus, Gap, Overflow, Subscribe, SubscriberStats};
pub use sync::event_pool::{EventPool, PoolStats};
pub use sync::pool_settings::PoolSettings;
pub use sync::subscription::{EventHandler, EventSubscription, FilteredSubscription, Iter};
pub use sync::typed::{OneOf, TypedSubscription};

/// The programs in the README are compiled with the documentation's.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
