//! A call as its handler has it.

use std::fmt;
use std::sync::Arc;
use std::time::{Duration, Instant};

use super::line::{End, Line};
use crate::ari::client::AriClient;
use crate::ari::event::{AriEvent, StasisStart};
use crate::ari::message::{AriMessage, TypedEvent};
use crate::ari::resources::channel::ChannelHandle;
use crate::error::TimeoutError;
use crate::{ConnectionState, Error, EventSubscription, Result};

/// What is done with a channel that has entered an application.
///
/// A closure is a handler; so is anything that implements this trait. One handler serves all calls,
/// many at a time, which is why it is shared (`&self`, `Sync`): what belongs to one call lives in the
/// call.
///
/// When it returns, the channel goes on in the dialplan behind `Stasis()`, as a call does behind
/// `AGI()`; [`on_return`](super::StasisAppBuilder::on_return) says otherwise for all calls, and a
/// handler that hangs up, continues or moves the channel by [`StasisCall::channel`] itself has said so
/// for this one. An error ends the call in the same way, and is logged;
/// [`Error::Hangup`] is how most calls end and no failure, so `?` is all that most handlers need.
///
/// ```
/// use asterisk_sync::Result;
/// use asterisk_sync::ari::{StasisCall, StasisHandler};
///
/// struct Greeter { sound: String }
///
/// impl StasisHandler for Greeter {
///     fn handle(&self, call: &StasisCall) -> Result<()> {
///         call.channel().answer()?;
///         call.channel().play(&*self.sound)?.wait()?;
///         Ok(())
///     }
/// }
///
/// fn takes_a_handler(_: impl StasisHandler) {}
/// takes_a_handler(Greeter { sound: "sound:hello-world".to_owned() });
/// takes_a_handler(|call: &StasisCall| call.channel().ring());
/// ```
pub trait StasisHandler: Send + Sync + 'static {
    /// Handles one call, on a thread of its own until it returns.
    fn handle(&self, call: &StasisCall) -> Result<()>;
}

impl<F> StasisHandler for F
where
    F: Fn(&StasisCall) -> Result<()> + Send + Sync + 'static,
{
    fn handle(&self, call: &StasisCall) -> Result<()> {
        self(call)
    }
}

/// A channel from its entering an application to its leaving it, as a [`StasisHandler`] gets it.
///
/// A channel that leaves and comes back, or goes over to another application of the same client, is
/// another call each time, with events of its own.
pub struct StasisCall {
    application: Box<str>,
    start: StasisStart,
    channel: ChannelHandle,
    events: EventSubscription<AriMessage>,
    line: Arc<Line>,
    is_found: bool,
}

impl StasisCall {
    pub(super) fn new(
        client: AriClient,
        application: &str,
        start: StasisStart,
        (line, events): (Arc<Line>, EventSubscription<AriMessage>),
        is_found: bool,
    ) -> Self {
        let channel = ChannelHandle::new(&*start.channel.id, client).telling(line.departed());
        Self { application: application.into(), start, channel, events, line, is_found }
    }

    /// The channel.
    ///
    /// What it plays and records is over when it leaves, and a wait for that too: with what became of
    /// it, or with [`Error::Hangup`]. A request for a channel that has hung up is refused
    /// ([`Error::is_not_found`]), which, returned by the handler, is no failure either.
    pub fn channel(&self) -> &ChannelHandle {
        &self.channel
    }

    /// What the dialplan gave to `Stasis()` behind the application's name.
    pub fn args(&self) -> &[String] {
        &self.start.args
    }

    /// The event it began with: the channel as it was then, the arguments, and the channel it replaces
    /// if it does.
    pub fn start(&self) -> &StasisStart {
        &self.start
    }

    /// The application it is in.
    pub fn application(&self) -> &str {
        &self.application
    }

    /// The client behind it.
    pub fn client(&self) -> &AriClient {
        self.channel.client()
    }

    /// What happens to the channel, from what follows its `StasisStart` to its `StasisEnd` or
    /// `ChannelDestroyed`, whichever comes first; then the stream is over. Nothing between is missed:
    /// what is, is told by a [`Gap`](crate::ari::event::Gap) in its place.
    ///
    /// Of a gap in what the client hears nobody knows which call's events it has cost. So each call's
    /// stream has it, with all that are missing.
    pub fn events(&self) -> &EventSubscription<AriMessage> {
        &self.events
    }

    /// Whether the channel was in the application already when it was looked for: at the beginning, or
    /// after a gap. [`start`](Self::start) is then made of what the server tells of the channel, with
    /// the arguments cut at each comma, and [`events`](Self::events) begin where it was found.
    pub fn is_found(&self) -> bool {
        self.is_found
    }

    /// Whether it is over: the channel has left the application, or this side has ended the call.
    pub fn is_over(&self) -> bool {
        self.line.how_it_ended().is_some()
    }

    /// That it is not over.
    ///
    /// # Errors
    ///
    /// [`Error::Hangup`] if the channel has left the application; if this side has ended the call,
    /// [`Error::Closed`], or [`Error::Replaced`] where that is why.
    pub fn check(&self) -> Result<()> {
        self.line.how_it_ended().map_or(Ok(()), |end| Err(self.error_of(end)))
    }

    /// Waits until the call is over, at most `timeout`. Takes no events.
    ///
    /// # Errors
    ///
    /// [`TimeoutError::State`] if it goes on; if this side has ended it, those of
    /// [`check`](Self::check).
    pub fn wait_for_end(&self, timeout: Duration) -> Result<()> {
        match self.line.wait(Instant::now().checked_add(timeout)) {
            Some(End::Left) => Ok(()),
            Some(end) => Err(self.error_of(end)),
            None => Err(TimeoutError::State { after: timeout }.into()),
        }
    }

    /// Waits so long, and no longer than the call. Takes no events.
    ///
    /// # Errors
    ///
    /// Those of [`check`](Self::check), as soon as the call is over.
    pub fn pause(&self, duration: Duration) -> Result<()> {
        let end = self.line.wait(Instant::now().checked_add(duration));
        end.map_or(Ok(()), |end| Err(self.error_of(end)))
    }

    /// Waits for an event of one type that `wanted` likes, at most `timeout`, and passes over all
    /// [`events`](Self::events) before it.
    ///
    /// ```no_run
    /// use asterisk_sync::ari::{StasisCall, event::ChannelDtmfReceived};
    /// use std::time::Duration;
    ///
    /// # fn demo(call: &StasisCall) -> asterisk_sync::Result<()> {
    /// let patience = Duration::from_secs(10);
    /// let digit = call.wait_for(patience, |e: &ChannelDtmfReceived| e.digit != "#")?.digit;
    /// # Ok(()) }
    /// ```
    ///
    /// # Errors
    ///
    /// Those of [`check`](Self::check), as soon as the call is over; [`Error::Missed`] at a gap, in
    /// which it may have been; [`TimeoutError::Receive`].
    pub fn wait_for<E: TypedEvent>(
        &self,
        timeout: Duration,
        wanted: impl Fn(&E) -> bool,
    ) -> Result<E> {
        let deadline = Instant::now().checked_add(timeout);
        loop {
            let left = deadline.map_or(timeout, |at| at.saturating_duration_since(Instant::now()));
            let message = match self.events.recv_timeout(left) {
                Err(_) => return Err(TimeoutError::Receive { after: timeout }.into()),
                Ok(None) => {
                    let end = self.line.how_it_ended();
                    return Err(end.map_or(Error::Closed, |end| self.error_of(end)));
                }
                Ok(Some(message)) => message,
            };
            if matches!(message.event, AriEvent::Gap(_)) {
                return Err(Error::Missed);
            }
            if let Some(event) = message.as_event::<E>().filter(|event| wanted(event)) {
                return Ok(event.clone());
            }
        }
    }

    fn error_of(&self, end: End) -> Error {
        match end {
            End::Left => Error::Hangup,
            End::Over if self.client().connection_state() == ConnectionState::Disconnected => {
                self.client().lost_error()
            }
            End::Closed | End::Over => Error::Closed,
        }
    }

    pub(super) fn line(&self) -> &Arc<Line> {
        &self.line
    }
}

impl fmt::Debug for StasisCall {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("StasisCall")
            .field("application", &self.application)
            .field("channel", &self.start.channel.name)
            .field("is_over", &self.is_over())
            .finish_non_exhaustive()
    }
}
