//! Making a call, and knowing what became of it.

use std::time::{Duration, Instant};

use super::AmiClient;
use super::attempt::{Attempt, SIGNALS, Stage};
use super::call::{BACKLOG, Call, left};
use crate::ami::action::{HangupAction, OriginateAction, StatusAction};
use crate::ami::event::{AmiEvent, Gap};
use crate::ami::filter::Filter;
use crate::error::{ProtocolError, TimeoutError};
use crate::net::outbox::Send;
use crate::types::EventClass;
use crate::{Error, EventSubscription, Result, Subscribe};

/// How long Asterisk lets it ring if nobody says otherwise.
const RING: Duration = Duration::from_secs(30);

/// What an event may need to overtake another that was sent before it.
pub(super) const SETTLE: Duration = Duration::from_millis(250);

/// Asterisk refuses a unique id that is longer.
const ID_LIMIT: usize = 149;

impl AmiClient {
    /// Makes a call, waits until it is answered, and returns it; or says why it was not.
    ///
    /// It blocks as long as it may ring ([`ring_for`](OriginateAction::ring_for), 30 seconds
    /// without it), and at most twice the client's timeout on top: once for the order, once for the
    /// outcome; and once more for its turn, if there is a
    /// [limit a second](crate::ami::AmiClientBuilder::originates_per_second). Other calls on this client go on meanwhile, for the order is always sent as
    /// [`asynchronous`](OriginateAction::asynchronous), whatever the action says. The channel gets
    /// an id of ours, unless the action names [its own](OriginateAction::channel_id), so that no
    /// event about it can be missed or mistaken.
    ///
    /// Errors:
    ///
    /// - [`Error::NotAnswered`], with the [reason](crate::types::CallFailure): the call is over.
    /// - [`Error::Refused`], in Asterisk's words, before anybody was called: the extension to go on
    ///   with does not exist, or the user may not originate.
    /// - [`TimeoutError::Action`] with `sent: true`: neither an answer nor a failure was heard of in
    ///   all that time. The channel, should there be one, has been told to hang up. With
    ///   `sent: false`, it was not the turn of this call in time
    ///   ([`originates_per_second`](crate::ami::AmiClientBuilder::originates_per_second)).
    /// - [`Error::Disconnected`] with `sent: true`: the connection was lost, and the call may stand
    ///   or not, for nobody could have it hung up. A connection that comes back in time is no error as long as the server still has
    ///   the channel: then this goes on waiting, or finds it answered.
    /// - [`Error::Invalid`], before anything is sent, if the client's own event mask leaves out the
    ///   class `call`, without which nothing is heard of calls;
    ///   [`ProtocolError::Unexpected`] if it is the server that lets nothing through (the user's
    ///   `read` in `manager.conf`, an event filter). That shows after half the client's timeout, and
    ///   the call is hung up.
    ///
    /// A `Local` channel counts as answered when its dialplan answers it. Without `/n` behind its
    /// name it takes itself out of the call soon after, which is then the end of this [`Call`]
    /// though the parties talk on.
    ///
    /// ```no_run
    /// # fn main() -> asterisk_sync::Result<()> {
    /// # use asterisk_sync::{Error, types::CallFailure};
    /// # use asterisk_sync::ami::{AmiClient, action::OriginateAction};
    /// # use std::time::Duration;
    /// # let ami = AmiClient::from_env()?;
    /// let action = OriginateAction::to("PJSIP/alice")
    ///     .extension("default", "200", 1)
    ///     .ring_for(Duration::from_secs(20));
    /// match ami.originate(&action) {
    ///     Ok(call) => println!("{} has answered", call.channel()),
    ///     Err(Error::NotAnswered { reason: CallFailure::Busy, .. }) => println!("later, then"),
    ///     Err(e) => return Err(e),
    /// }
    /// # Ok(()) }
    /// ```
    pub fn originate(&self, action: &OriginateAction) -> Result<Call> {
        let shared = &self.inner.shared;
        if shared.mask().is_some_and(|mask| !mask.includes(&EventClass::Call)) {
            return Err(Error::invalid(
                "the client's event mask leaves out the class call: nothing would be heard of it",
            ));
        }
        let number = shared.calls.next_id();
        let action_id = shared.calls.action_id(number).to_string();
        let (action, mut attempt) = named(action, action_id.clone())?;

        let id = attempt.unique_id.as_str();
        let mut signals = Filter::names(SIGNALS).unique_id(id).or_action_id(action_id.as_str());
        let mut about = Filter::all().call(id).or_action_id(action_id);
        if let Some(other) = action.get("OtherChannelId") {
            signals = signals.unique_id(other);
            about = about.call(other);
        }
        let signals = self.subscribe_with(signals);
        let events = self.subscribe_bounded(about, Subscribe::default().bytes(BACKLOG));

        let queued = self.submit_as(number, &action, None, Send::Now)?.response();
        if queued.as_ref().is_err_and(|e| e.is_timeout() && e.may_have_run()) {
            return Err(self.await_and_let_go(&mut attempt, &signals));
        }
        queued?;
        self.wait_for_answer(&mut attempt, &signals, &action)?;
        let Attempt { channel, unique_id, linked_id, ended, .. } = attempt;
        Ok(Call::new(self, [channel, unique_id, linked_id], signals, events).ended(ended))
    }

    fn wait_for_answer(
        &self,
        attempt: &mut Attempt,
        signals: &EventSubscription<AmiEvent>,
        action: &OriginateAction,
    ) -> Result<()> {
        let queued = Instant::now();
        let rings = action.get("Timeout").and_then(|millis| millis.parse().ok());
        let patience = rings.map_or(RING, Duration::from_millis).saturating_add(self.timeout);
        let deadline = queued.checked_add(patience);
        // When to ask whether there is a channel of which nothing is heard.
        let mut doubt = queued.checked_add(self.timeout / 2);
        // What it is if nothing more comes after the connection was lost.
        let mut lost = None;
        let mut stage = (Stage::Open, queued);
        loop {
            let now = Instant::now();
            if attempt.stage() != stage.0 {
                stage = (attempt.stage(), now);
            }
            let until = match stage.0 {
                Stage::Answered => return Ok(()),
                Stage::Failed => return Err(failed(attempt, action)),
                Stage::Failing => stage.1.checked_add(self.timeout),
                Stage::Settling => Some(stage.1 + SETTLE),
                Stage::Open => {
                    let settled = lost.as_ref().map(|(at, _)| *at);
                    [deadline, settled, doubt.filter(|_| !attempt.heard)]
                        .into_iter()
                        .flatten()
                        .min()
                }
            };
            let left = until.map_or(Duration::MAX, |at| at.saturating_duration_since(now));
            match signals.recv_timeout(left) {
                Ok(Some(AmiEvent::Gap(gap))) => lost = self.look_for(attempt, &gap),
                Ok(Some(event)) => attempt.hear(&event),
                Ok(None) => return Err(Error::Disconnected { sent: true }),
                Err(_) if stage.0 != Stage::Open => return Err(failed(attempt, action)),
                Err(_) => {
                    let now = Instant::now();
                    if let Some((_, error)) = lost.take_if(|(at, _)| *at <= now) {
                        return Err(error);
                    }
                    if deadline.is_some_and(|at| at <= now) {
                        return Err(self.give_up(attempt, patience));
                    }
                    if doubt.take().is_some() && !attempt.heard {
                        self.doubt(attempt, signals)?;
                    }
                }
            }
        }
    }

    /// Events were missed: what does the server have of the call? If nothing, then the error it is
    /// unless the reason is still heard, and until when.
    fn look_for(&self, attempt: &mut Attempt, gap: &Gap) -> Option<(Instant, Error)> {
        let error =
            if gap.reconnected() { Error::Disconnected { sent: true } } else { Error::Missed };
        match self.list(&StatusAction::new().channel(&attempt.unique_id)) {
            Ok(channels) => {
                for status in &channels {
                    attempt.find(status.channel());
                }
                None
            }
            // Another gap follows this one.
            Err(e) if e.is_disconnected() => None,
            Err(_) => Some((Instant::now() + SETTLE, error)),
        }
    }

    /// Nothing has been heard for long. If there is a channel all the same, nothing will be.
    fn doubt(&self, attempt: &Attempt, signals: &EventSubscription<AmiEvent>) -> Result<()> {
        let channels = self.list(&StatusAction::new().channel(&attempt.unique_id));
        let is_there = channels.is_ok_and(|channels| !channels.is_empty());
        if !is_there || signals.stats().queued > 0 {
            return Ok(());
        }
        self.let_go(&attempt.unique_id)?;
        let why = "the server sends no events about calls to this user: the class call has to be \
                   in its `read`, and no event filter may hide it; the call was hung up";
        Err(ProtocolError::Unexpected(why.into()).into())
    }

    /// The order was not answered in time. A server that is so late may still make the call, and
    /// would read a hangup right behind the order before there is a channel: so that waits for the
    /// channel, as long as the order itself was waited for.
    fn await_and_let_go(
        &self,
        attempt: &mut Attempt,
        signals: &EventSubscription<AmiEvent>,
    ) -> Error {
        let deadline = Instant::now().checked_add(self.timeout);
        while attempt.channel.is_empty() && attempt.stage() == Stage::Open {
            match signals.recv_timeout(left(deadline)) {
                Ok(Some(event)) => attempt.hear(&event),
                Ok(None) | Err(_) => break,
            }
        }
        self.give_up(attempt, self.timeout)
    }

    /// Has the channel hung up. If that cannot be ordered, the connection is what was lost.
    fn give_up(&self, attempt: &Attempt, after: Duration) -> Error {
        match self.let_go(&attempt.unique_id) {
            Ok(()) => TimeoutError::Action { action: "Originate".into(), after, sent: true }.into(),
            Err(e) => {
                log::debug!("a call that was given up could not be hung up: {e}");
                Error::Disconnected { sent: true }
            }
        }
    }

    /// Has a channel hung up, and does not wait for it.
    fn let_go(&self, unique_id: &str) -> Result<()> {
        self.start_action(&HangupAction::new(unique_id)).map(drop)
    }
}

/// The action with ids for everything that is to be recognised.
fn named(action: &OriginateAction, action_id: String) -> Result<(OriginateAction, Attempt)> {
    let mut action = action.clone().asynchronous(true);
    let given = |action: &OriginateAction, header| -> Result<Option<String>> {
        let id = action.get(header).filter(|id| !id.is_empty()).map(ToOwned::to_owned);
        match id.as_ref().map_or(0, String::len) {
            size if size > ID_LIMIT => Err(Error::Limit {
                what: "bytes of a unique id",
                size: size as u64,
                limit: ID_LIMIT as u64,
            }),
            _ => Ok(id),
        }
    };
    // Some actions, such as `Bridge`, take the beginning of an id for the whole: so none of ours may
    // begin another.
    let id = given(&action, "ChannelId")?.unwrap_or_else(|| format!("{action_id}-1"));
    let mut other = given(&action, "OtherChannelId")?;
    let channel = action.get("Channel").unwrap_or("");
    if channel.get(..6).is_some_and(|technology| technology.eq_ignore_ascii_case("Local/")) {
        other.get_or_insert_with(|| format!("{action_id}-2"));
    }
    if other.as_ref() == Some(&id) {
        return Err(Error::invalid("both halves of a call cannot have the same unique id"));
    }
    action = action.channel_id(id.as_str());
    if let Some(other) = &other {
        action = action.other_channel_id(other.as_str());
    }
    Ok((action, Attempt::new(action_id, id, other)))
}

fn failed(attempt: &Attempt, action: &OriginateAction) -> Error {
    let (reason, cause) = attempt.failure();
    Error::NotAnswered { reason, cause, channel: action.get("Channel").unwrap_or("").into() }
}
