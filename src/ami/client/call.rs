//! A call that stands.

use std::fmt;
use std::time::{Duration, Instant};

use parking_lot::Mutex;

use super::AmiClient;
use super::attempt::SIGNALS;
use super::originate::SETTLE;
use crate::ami::action::{HangupAction, StatusAction};
use crate::ami::event::{self, AmiEvent};
use crate::ami::filter::Filter;
use crate::error::TimeoutError;
use crate::types::HangupCause;
use crate::{Error, EventSubscription, Result, Subscribe};

/// How many bytes of events may wait in a call of which nobody reads them: a dialler has hundreds.
pub(super) const BACKLOG: usize = 256 << 10;

/// A call: one channel, what is heard of it, and what can be done with it.
///
/// It comes from [`AmiClient::originate`] and [`AmiClient::call`]. Dropping it ends nothing but the
/// listening; [`hangup`](Self::hangup) ends the call.
///
/// ```no_run
/// # fn main() -> asterisk_sync::Result<()> {
/// # use asterisk_sync::ami::{AmiClient, AmiEvent, action::OriginateAction};
/// # use std::time::Duration;
/// # let ami = AmiClient::from_env()?;
/// let call = ami.originate(&OriginateAction::to("PJSIP/alice").extension("default", "200", 1))?;
/// call.wait_for(|event| matches!(event, AmiEvent::BridgeEnter(_)), Duration::from_secs(60))?;
/// let end = call.wait_for_hangup(Duration::from_secs(3600))?;
/// println!("{} talked until {:?}", call.channel(), end.cause());
/// # Ok(()) }
/// ```
// Locks: `state` is held by whoever waits for the end of the call, for as long as it waits; others
// wait for the lock, each within its own timeout.
pub struct Call {
    ami: AmiClient,
    channel: Box<str>,
    unique_id: Box<str>,
    linked_id: Box<str>,
    events: EventSubscription<AmiEvent>,
    /// Hears of the end, whoever takes the events.
    signals: EventSubscription<AmiEvent>,
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    end: Option<CallEnd>,
    /// There was a gap, and the server has not been asked yet.
    unsure: bool,
}

/// How a call ended.
#[derive(Debug, Clone)]
pub struct CallEnd {
    hangup: Option<event::Hangup>,
}

impl CallEnd {
    /// Why; `None` if it ended while the connection was lost, and nobody heard.
    pub fn cause(&self) -> Option<HangupCause> {
        self.hangup.as_ref().and_then(event::Hangup::cause)
    }

    /// The event that told of it; `None` if it ended while the connection was lost.
    pub fn event(&self) -> Option<&event::Hangup> {
        self.hangup.as_ref()
    }
}

impl AmiClient {
    /// A call that exists already, by the name of its channel or, better, its unique id; or by the
    /// linked id that its channels have in common, of which the first that is there is taken.
    ///
    /// It listens before it asks the server for the channel, so that nothing slips through between
    /// the two. [`Error::Refused`] if there is no such channel. Two questions, or three where the
    /// channel has to be looked for by the linked id, each within the client's timeout; needs
    /// `system`, `call` or `reporting`.
    pub fn call(&self, channel: &str) -> Result<Call> {
        let found = match self.status_of(channel) {
            Err(e) if is_gone(&e) => self.status_in_call(channel)?.ok_or(e)?,
            found => found?,
        };
        let [id, linked] = [found.channel().unique_id(), found.channel().linked_id()];
        let signals = self.subscribe_with(Filter::names(SIGNALS).unique_id(id));
        let about = Filter::all().call(id).call(linked);
        let events = self.subscribe_bounded(about, Subscribe::default().bytes(BACKLOG));
        let status = self.status_of(id)?;
        let channel = status.channel();
        let names = [channel.channel(), channel.unique_id(), channel.linked_id()];
        Ok(Call::new(self, names.map(ToOwned::to_owned), signals, events))
    }

    /// The first of the channels that have this linked id.
    fn status_in_call(&self, linked_id: &str) -> Result<Option<event::Status>> {
        let mut all = self.list(&StatusAction::new())?.into_iter();
        Ok(all.find(|it| it.channel().linked_id() == linked_id))
    }

    fn status_of(&self, channel: &str) -> Result<event::Status> {
        let mut found = self.list(&StatusAction::new().channel(channel))?;
        found.pop().ok_or_else(|| Error::Refused {
            action: "Status".into(),
            message: NO_SUCH_CHANNEL.into(),
        })
    }
}

/// The server's words for a channel that is not there.
const NO_SUCH_CHANNEL: &str = "No such channel";

/// Whether the server has said that a channel is not there.
fn is_gone(error: &Error) -> bool {
    matches!(error, Error::Refused { message, .. } if message.starts_with(NO_SUCH_CHANNEL))
}

impl Call {
    pub(super) fn new(
        ami: &AmiClient,
        [channel, unique_id, linked_id]: [String; 3],
        signals: EventSubscription<AmiEvent>,
        events: EventSubscription<AmiEvent>,
    ) -> Self {
        Self {
            ami: ami.clone(),
            channel: channel.into(),
            unique_id: unique_id.into(),
            linked_id: linked_id.into(),
            events,
            signals,
            state: Mutex::default(),
        }
    }

    /// The same call, which has ended already if there is such an event.
    pub(super) fn ended(self, hangup: Option<event::Hangup>) -> Self {
        if hangup.is_some() {
            self.state.lock().end = Some(CallEnd { hangup });
        }
        self
    }

    /// The channel's name when the call was answered or found. A transfer may change it; the unique
    /// id stays, and every action takes that as well.
    pub fn channel(&self) -> &str {
        &self.channel
    }

    /// The channel's unique id.
    pub fn unique_id(&self) -> &str {
        &self.unique_id
    }

    /// The linked id when the call was answered or found: the same for all channels of one call. It
    /// changes where calls are joined.
    pub fn linked_id(&self) -> &str {
        &self.linked_id
    }

    /// The client it belongs to.
    pub fn client(&self) -> &AmiClient {
        &self.ami
    }

    /// Every event about the channel, in whatever role, and about the channels that had its linked
    /// id when it was answered or found, or get it later. Of a call that was originated it has everything from the beginning.
    ///
    /// It is a subscription like any other, with gaps, and can be received from in all ways;
    /// [`wait_for`](Self::wait_for) takes from it, too. Up to 256 KiB of them, some hundred events,
    /// wait to be read; then the oldest give way, which is told as a gap. Who wants more
    /// [subscribes](AmiClient::subscribe_bounded) with a filter. What is taken here does not keep
    /// [`wait_for_hangup`](Self::wait_for_hangup) from hearing of the end.
    pub fn events(&self) -> &EventSubscription<AmiEvent> {
        &self.events
    }

    /// Waits for the first of the call's [events](Self::events) that `wanted` accepts, at most
    /// `timeout`; those before it are taken and gone.
    ///
    /// A call that ends meanwhile, or has ended, is [`Error::Hangup`]; a gap in a call that goes on
    /// is [`Error::Missed`]. `wanted` sees both before, and may accept them.
    pub fn wait_for(
        &self,
        mut wanted: impl FnMut(&AmiEvent) -> bool,
        timeout: Duration,
    ) -> Result<AmiEvent> {
        let deadline = Instant::now().checked_add(timeout);
        if self.events.stats().queued == 0 && self.wait_for_hangup(Duration::ZERO).is_ok() {
            return Err(Error::Hangup);
        }
        let mut was_wanted = false;
        let seen = self.events.wait_for(
            |event| {
                was_wanted = wanted(event);
                was_wanted || self.is_end(event)
            },
            timeout,
        );
        match seen {
            Ok(event) if was_wanted => Ok(event),
            Ok(_) => Err(Error::Hangup),
            Err(Error::Missed) => match self.lives(left(deadline)) {
                Ok(false) => Err(Error::Hangup),
                _ => Err(Error::Missed),
            },
            Err(e) => Err(e),
        }
    }

    /// Waits until the channel is hung up, at most `timeout`; at once if it has been.
    ///
    /// After a gap, as a reconnect leaves it, the server is asked whether the channel still lives.
    /// If not, this is the end of the call, of which nobody heard the cause. A timeout is
    /// [`TimeoutError::Receive`], the end of the client [`Error::Closed`].
    pub fn wait_for_hangup(&self, timeout: Duration) -> Result<CallEnd> {
        let deadline = Instant::now().checked_add(timeout);
        let late = || Error::from(TimeoutError::Receive { after: timeout });
        let state = match deadline {
            Some(at) => self.state.try_lock_until(at),
            None => Some(self.state.lock()),
        };
        let mut state = state.ok_or_else(late)?;
        loop {
            if let Some(end) = &state.end {
                return Ok(end.clone());
            }
            if state.unsure && !left(deadline).is_zero() {
                match self.lives(left(deadline)) {
                    Ok(true) => state.unsure = false,
                    Ok(false) => {
                        // The event may have come after the gap. Or it is still to come: the
                        // server forgets a channel first, and tells of its end then.
                        let hangup = self
                            .signals
                            .timeout_iter(SETTLE.min(left(deadline)))
                            .find_map(|event| self.hangup_in(&event));
                        state.end = Some(CallEnd { hangup });
                        continue;
                    }
                    // There will be another gap.
                    Err(e) if e.is_disconnected() && !matches!(e, Error::Closed) => {}
                    Err(e) if e.is_timeout() => return Err(late()),
                    Err(e) => return Err(e),
                }
            }
            match self.signals.recv_timeout(left(deadline)) {
                Ok(Some(AmiEvent::Gap(_))) => state.unsure = true,
                Ok(Some(event)) => {
                    if let Some(hangup) = self.hangup_in(&event) {
                        state.end = Some(CallEnd { hangup: Some(hangup) });
                    }
                }
                Ok(None) => return Err(Error::Closed),
                Err(_) => return Err(late()),
            }
        }
    }

    /// Hangs the channel up, with this cause for the other side, and waits for the server's answer.
    /// A call that is over is no error.
    pub fn hangup(&self, cause: impl Into<Option<HangupCause>>) -> Result<()> {
        let mut action = HangupAction::new(&*self.unique_id);
        if let Some(cause) = cause.into() {
            action = action.cause(cause);
        }
        match self.ami.send_action(&action) {
            Err(e) if is_gone(&e) => Ok(()),
            answer => answer.map(drop),
        }
    }

    /// Whether the server has the channel.
    fn lives(&self, within: Duration) -> Result<bool> {
        let ami = self.ami.with_timeout(within.min(self.ami.timeout));
        match ami.status_of(&self.unique_id) {
            Ok(_) => Ok(true),
            Err(e) if is_gone(&e) => Ok(false),
            Err(e) => Err(e),
        }
    }

    fn is_end(&self, event: &AmiEvent) -> bool {
        matches!(event, AmiEvent::Hangup(end) if end.channel().unique_id() == &*self.unique_id)
    }

    fn hangup_in(&self, event: &AmiEvent) -> Option<event::Hangup> {
        match event.detach() {
            AmiEvent::Hangup(end) if self.is_end(event) => Some(end),
            _ => None,
        }
    }
}

/// How long it is until then.
pub(super) fn left(deadline: Option<Instant>) -> Duration {
    deadline.map_or(Duration::MAX, |at| at.saturating_duration_since(Instant::now()))
}

impl fmt::Debug for Call {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Call")
            .field("channel", &self.channel)
            .field("unique_id", &self.unique_id)
            .field("linked_id", &self.linked_id)
            .finish_non_exhaustive()
    }
}
