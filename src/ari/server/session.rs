//! One event socket that Asterisk has opened, as a handler sees it.

use std::fmt;

use super::{AriUpgrade, ShutdownHandle};
use crate::ari::client::AriClient;
use crate::ari::message::AriMessage;
use crate::net::SocketAddr;
use crate::{EventSubscription, Result};

/// An event socket that Asterisk has opened to an [`AriServer`](super::AriServer).
///
/// It ends when the handler returns, whoever still holds a handle of its client, or when Asterisk
/// closes it. It is never opened again from this side: Asterisk makes the next, and that is the next
/// session.
pub struct AriSession {
    client: AriClient,
    events: EventSubscription<AriMessage>,
    upgrade: AriUpgrade,
    stop: ShutdownHandle,
}

impl AriSession {
    pub(super) fn new(
        client: AriClient,
        events: EventSubscription<AriMessage>,
        upgrade: AriUpgrade,
        stop: ShutdownHandle,
    ) -> Self {
        Self { client, events, upgrade, stop }
    }

    /// The client, on whose connection all resources are. It works as one that dialled does, over this
    /// socket alone: a recorded file, which no event socket brings, is an error.
    pub fn client(&self) -> &AriClient {
        &self.client
    }

    /// All events from the very first on. That is that an application was registered, or what Asterisk
    /// kept for a persistent connection while there was none.
    ///
    /// What nobody takes waits here, within the bounds of the server's
    /// [`event_capacity`](super::AriServerBuilder::event_capacity) and
    /// [`event_memory`](super::AriServerBuilder::event_memory). A handler that has no use for it does
    /// [`into_client`](Self::into_client).
    pub fn events(&self) -> &EventSubscription<AriMessage> {
        &self.events
    }

    /// The client alone, for a handler that subscribes for itself.
    pub fn into_client(self) -> AriClient {
        self.client
    }

    /// Client and events apart.
    pub fn into_parts(self) -> (AriClient, EventSubscription<AriMessage>) {
        (self.client, self.events)
    }

    /// The applications that Asterisk has registered over this socket so far. There is one at least
    /// when the handler begins; of several, Asterisk names the others right behind the first.
    pub fn applications(&self) -> Vec<String> {
        self.client.applications()
    }

    /// The name of the channel that a connection for one call (`per_call_config`) is about; `None` on
    /// a persistent one.
    ///
    /// The channel is about to enter the application; its `StasisStart` comes among the
    /// [`events`](Self::events).
    ///
    /// Asterisk says so by the name of the application, which ends in a colon and the channel's then.
    /// An application that has a colon in its name by itself looks the same.
    pub fn call(&self) -> Option<String> {
        let applications = self.applications();
        let (_, channel) = applications.first()?.split_once(':')?;
        Some(channel.to_owned())
    }

    /// The request that opened the socket.
    pub fn upgrade(&self) -> &AriUpgrade {
        &self.upgrade
    }

    /// Who connected.
    pub fn peer(&self) -> SocketAddr {
        self.upgrade.peer()
    }

    /// The path of the URI in `websocket_client.conf`, percent-decoded.
    pub fn path(&self) -> &str {
        self.upgrade.path()
    }

    /// A parameter of that URI.
    pub fn param(&self, name: &str) -> Option<&str> {
        self.upgrade.param(name)
    }

    /// What ends the server, and says whether it is to end: a handler of a persistent connection that
    /// looks now and then need not be ended by the [`grace`](super::AriServerBuilder::grace).
    pub fn shutdown_handle(&self) -> &ShutdownHandle {
        &self.stop
    }
}

impl fmt::Debug for AriSession {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("AriSession")
            .field("client", &self.client)
            .field("upgrade", &self.upgrade)
            .finish_non_exhaustive()
    }
}

/// What is done with an event socket that Asterisk has opened.
///
/// A closure is a handler; so is anything that implements this trait. One handler serves all sessions,
/// many at a time, which is why it is shared (`&self`, `Sync`): what belongs to one session lives in
/// the call.
///
/// Returning closes the socket, on a persistent connection as well. It ends no call: a channel stays in
/// the application until somebody hangs it up or sends it on, and Asterisk opens another socket. That Asterisk has closed the socket is how
/// most sessions end, so an error that only says so is no failure, and neither is
/// [`Error::Hangup`](crate::Error::Hangup): `?` is all that most handlers need.
///
/// ```
/// use asterisk_sync::Result;
/// use asterisk_sync::ari::{AriEvent, AriSession, AriSessionHandler};
///
/// struct Greeter { sound: String }
///
/// impl AriSessionHandler for Greeter {
///     fn handle(&self, session: AriSession) -> Result<()> {
///         for message in session.events() {
///             let AriEvent::StasisStart(start) = &message.event else { continue };
///             let channel = session.client().channel(&start.channel.id);
///             channel.answer()?;
///             channel.play(&*self.sound)?.wait()?;
///             channel.hangup(None)?;
///         }
///         Ok(())
///     }
/// }
///
/// fn takes_a_handler(_: impl AriSessionHandler) {}
/// takes_a_handler(Greeter { sound: "sound:hello-world".to_owned() });
/// takes_a_handler(|session: AriSession| {
///     session.events().iter().for_each(|message| println!("{}", message.event.event_name()));
///     Ok(())
/// });
/// ```
pub trait AriSessionHandler: Send + Sync + 'static {
    /// Handles one session, on a thread of its own until it returns.
    fn handle(&self, session: AriSession) -> Result<()>;
}

impl<F> AriSessionHandler for F
where
    F: Fn(AriSession) -> Result<()> + Send + Sync + 'static,
{
    fn handle(&self, session: AriSession) -> Result<()> {
        self(session)
    }
}
