//! The telephone system in the words of somebody with a phone on the desk: dial, hold, transfer,
//! park.
//!
//! Everything here is made of [`AmiClient`]'s calls and actions; what they cannot do is not
//! offered. A phone that rings can be called, but only its user can pick it up.
//!
//! ```no_run
//! use asterisk_sync::ami::AmiClient;
//! use asterisk_sync::pbx::Pbx;
//! use std::time::Duration;
//!
//! # fn main() -> asterisk_sync::Result<()> {
//! let pbx = Pbx::new(AmiClient::from_env()?).context("internal").hold_at("internal", "hold");
//! // Rings alice's phone; when she picks up, it dials 200.
//! let mut call = pbx.phone("PJSIP/alice").dial("200")?;
//! call.wait_for_answer(Duration::from_secs(30))?;
//! call.hold()?;
//! call.unhold()?;
//! call.attended_transfer("300", Duration::from_secs(30))?;
//! # Ok(()) }
//! ```
//!
//! # What the dialplan has to have
//!
//! Numbers are extensions of one [context](Pbx::context). What an extension does is the dialplan's
//! business: mostly it dials a device, and whoever answers is then in a bridge with the phone. That
//! is what [`connected`](PhoneCall::wait_for_answer) means here. An extension that answers by
//! itself and plays something, such as voicemail, connects the phone with nobody.
//!
//! AMI has no action that puts somebody on hold. What it can do is to send channels to an extension
//! that plays music and waits, and to join them again. So [`hold`](PhoneCall::hold) and what is
//! built on it need [such an extension](Pbx::hold_at):
//!
//! It needs a user who reads the classes `call` and `dialplan`, for that is how it is heard that the
//! channels have arrived there.
//!
//! ```text
//! exten => hold,1,Answer()
//!  same => n,MusicOnHold()
//! ```

use std::fmt;
use std::time::{Duration, Instant};

use crate::ami::action::{
    BlindTransferAction, BridgeAction, BridgeInfoAction, HangupAction, OriginateAction, ParkAction,
    RedirectAction, StatusAction,
};
use crate::ami::event::{self, AmiEvent};
use crate::ami::{AmiClient, Call, CallEnd, Filter};
use crate::types::{CallFailure, HangupCause};
use crate::{Error, Result};

/// How soon what was refused for a moment is asked again.
const AGAIN: Duration = Duration::from_millis(20);

/// How long the server may take for what it has said it will do: to take a channel out of its
/// bridge, to put it into another.
const PROMPT: Duration = Duration::from_secs(10);

/// A telephone system: a client, and where its numbers are.
#[derive(Debug, Clone)]
pub struct Pbx {
    ami: AmiClient,
    context: String,
    hold: Option<[String; 2]>,
    ring_for: Duration,
}

impl Pbx {
    /// With numbers in the context `default`, phones that ring for 30 seconds, and no hold.
    pub fn new(ami: AmiClient) -> Self {
        Self { ami, context: "default".into(), hold: None, ring_for: Duration::from_secs(30) }
    }

    /// The context of the dialplan in which numbers are dialled.
    #[must_use]
    pub fn context(mut self, context: impl Into<String>) -> Self {
        self.context = context.into();
        self
    }

    /// The extension that keeps whoever is on hold: it answers, plays music, and does not end.
    #[must_use]
    pub fn hold_at(mut self, context: impl Into<String>, extension: impl Into<String>) -> Self {
        self.hold = Some([context.into(), extension.into()]);
        self
    }

    /// How long a phone rings before its user is taken for absent.
    #[must_use]
    pub fn ring_for(mut self, time: Duration) -> Self {
        self.ring_for = time;
        self
    }

    /// A phone, by its device, such as `PJSIP/alice`. Nothing is sent; whether there is such a phone
    /// shows when it is called.
    pub fn phone(&self, device: impl Into<String>) -> Phone {
        Phone { pbx: self.clone(), device: device.into(), caller_id: None }
    }

    /// The client behind it.
    pub fn client(&self) -> &AmiClient {
        &self.ami
    }

    fn hold_place(&self) -> Result<&[String; 2]> {
        self.hold.as_ref().ok_or_else(|| {
            Error::invalid("no extension for hold is known; `Pbx::hold_at` names one")
        })
    }
}

/// Somebody's phone.
#[derive(Debug, Clone)]
pub struct Phone {
    pbx: Pbx,
    device: String,
    caller_id: Option<String>,
}

impl Phone {
    /// What the phone shows while it rings, as `Name <number>`.
    #[must_use]
    pub fn caller_id(mut self, caller_id: impl Into<String>) -> Self {
        self.caller_id = Some(caller_id.into());
        self
    }

    /// Calls the phone, and when its user has picked up, dials the number for them. Returns then;
    /// [`wait_for_answer`](PhoneCall::wait_for_answer) waits for the other side.
    ///
    /// It blocks and fails as [`AmiClient::originate`] does: [`Error::NotAnswered`] is about the
    /// phone's own user, and a number that the context does not have is [`Error::Refused`].
    pub fn dial(&self, number: &str) -> Result<PhoneCall> {
        let action = OriginateAction::to(&*self.device).extension(&*self.pbx.context, number, 1);
        self.begin(action, number)
    }

    /// Calls the phone, and when its user has picked up, gives them the call that waits in a
    /// parking space. It blocks and fails as [`dial`](Self::dial) does.
    pub fn fetch(&self, parked: &Parked) -> Result<PhoneCall> {
        let place = format!("{},{}", parked.lot, parked.space);
        let action = OriginateAction::to(&*self.device).application("ParkedCall", place);
        self.begin(action, &parked.space.to_string())
    }

    fn begin(&self, action: OriginateAction, number: &str) -> Result<PhoneCall> {
        let mut action = action.ring_for(self.pbx.ring_for);
        if let Some(caller_id) = &self.caller_id {
            action = action.caller_id(&**caller_id);
        }
        let call = self.pbx.ami.originate(&action)?;
        Ok(PhoneCall {
            pbx: self.pbx.clone(),
            call,
            number: number.to_owned(),
            held: None,
            consulted: None,
        })
    }
}

/// A call that a phone is in.
///
/// Dropping it ends nothing. Every method blocks for its questions to the server, each within the
/// client's timeout, and ten seconds at most for what the server has promised to do.
pub struct PhoneCall {
    pbx: Pbx,
    call: Call,
    number: String,
    /// The unique id of whoever waits on hold.
    held: Option<String>,
    /// Whom the phone talks to meanwhile.
    consulted: Option<Call>,
}

/// Where a call was parked.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Parked {
    /// The parking lot.
    pub lot: String,
    /// The space: what is dialled to fetch the call, where the dialplan has that.
    pub space: u32,
}

impl Parked {
    /// A space that was learned elsewhere, such as from `ParkedCalls`.
    pub fn at(lot: impl Into<String>, space: u32) -> Self {
        Self { lot: lot.into(), space }
    }
}

impl PhoneCall {
    /// The phone's own side of it.
    pub fn call(&self) -> &Call {
        &self.call
    }

    /// Waits until the phone is connected with somebody, at most `timeout`.
    ///
    /// [`Error::NotAnswered`] if the call ends before: the reason is that of the last device that
    /// was tried. A timeout leaves the call alone. [`Error::Missed`] if events were lost, and the
    /// server says that the call stands and is not connected.
    pub fn wait_for_answer(&self, timeout: Duration) -> Result<()> {
        // What told of it may have been taken long ago.
        if self.peer().is_ok() {
            return Ok(());
        }
        let mut tried = None;
        let id = self.call.unique_id();
        let connected = self.call.wait_for(
            |event| match event {
                AmiEvent::BridgeEnter(enter) => enter.channel().unique_id() == id,
                AmiEvent::DialEnd(dial) if dial.channel().unique_id() == id => {
                    let status = dial.dial_status();
                    tried = status.as_ref().and_then(CallFailure::from_dial_status).or(tried);
                    false
                }
                _ => false,
            },
            timeout,
        );
        match connected {
            Ok(_) => Ok(()),
            Err(Error::Hangup) => {
                let cause = self.call.wait_for_hangup(PROMPT)?.cause();
                let cause = cause.unwrap_or(HangupCause::NotDefined);
                let reason = tried.or_else(|| CallFailure::from_cause(cause));
                let reason = reason.unwrap_or(CallFailure::Cancelled);
                Err(Error::NotAnswered { reason, cause, channel: self.number.as_str().into() })
            }
            Err(Error::Missed) if self.peer().is_ok() => Ok(()),
            Err(e) => Err(e),
        }
    }

    /// The unique id of the channel that the phone is connected with.
    /// [`Error::Invalid`] if it is connected with nobody, or with several.
    pub fn peer(&self) -> Result<String> {
        let status = StatusAction::new().channel(self.call.unique_id());
        let bridge = self.pbx.ami.list(&status)?.pop().map(|it| it.bridge_id().to_owned());
        let Some(bridge) = bridge.filter(|id| !id.is_empty()) else {
            return Err(Error::invalid("the phone is connected with nobody"));
        };
        let others: Vec<_> = self
            .pbx
            .ami
            .list(&BridgeInfoAction::new(bridge))?
            .iter()
            .map(|it| it.channel().unique_id().to_owned())
            .filter(|id| *id != self.call.unique_id())
            .collect();
        match <[String; 1]>::try_from(others) {
            Ok([other]) => Ok(other),
            Err(others) if others.is_empty() => {
                Err(Error::invalid("the phone is connected with nobody"))
            }
            Err(_) => Err(Error::invalid("the phone is in a conference")),
        }
    }

    /// Whether the other side waits on hold.
    pub fn is_on_hold(&self) -> bool {
        self.held.is_some()
    }

    /// Puts the other side on hold. The phone waits with them at the extension for hold, each for
    /// itself. [`Error::Invalid`] if there is nobody to hold, or no such extension is known.
    pub fn hold(&mut self) -> Result<()> {
        if self.held.is_some() {
            return Err(Error::invalid("somebody is on hold already"));
        }
        let [context, extension] = self.pbx.hold_place()?;
        let (id, peer) = (self.call.unique_id(), self.peer()?);
        // Both in one go: each would be hung up where the other is gone.
        let action = RedirectAction::new(id, &**context, &**extension, 1)
            .extra_channel(&*peer)
            .extra_context(&**context)
            .extra_exten(&**extension)
            .extra_priority(1);
        let steps = Filter::names(["Newexten"]).unique_id(id).unique_id(peer.as_str());
        let steps = self.pbx.ami.subscribe_with(steps);
        self.pbx.ami.send_action(&action)?;
        let extension = extension.clone();
        let mut away = vec![id.to_owned(), peer.clone()];
        self.held = Some(peer);
        // A channel between a bridge and the dialplan cannot be joined with another.
        let arrived = |event: &AmiEvent| {
            if let AmiEvent::NewExten(step) = event {
                let id = step.channel().unique_id();
                away.retain(|it| it != id || step.extension() != extension);
            }
            away.is_empty()
        };
        steps.wait_for(arrived, PROMPT).map(drop)
    }

    /// Connects the phone again with whom it had put on hold. Whom it [consulted](Self::consult)
    /// meanwhile is hung up.
    pub fn unhold(&mut self) -> Result<()> {
        let held = self.held()?.to_owned();
        self.join(&held)?;
        self.held = None;
        match self.consulted.take() {
            Some(call) => call.hangup(HangupCause::NormalClearing),
            None => Ok(()),
        }
    }

    /// Sends the other side to a number, without asking there first. The phone is hung up.
    ///
    /// [`Error::Refused`] if the server does not let it be, and then the call is as it was.
    pub fn blind_transfer(&self, number: &str) -> Result<()> {
        if self.held.is_some() {
            return Err(Error::invalid("whoever is on hold has to be taken back first"));
        }
        let action = BlindTransferAction::new(self.call.unique_id(), number);
        self.pbx.ami.send_action(&action.context(&*self.pbx.context)).map(drop)
    }

    /// Puts the other side on hold, if it is not, calls a number, which may ring for `ring_for`, and
    /// connects the phone with whoever answers: the beginning of an attended transfer.
    /// [`complete_transfer`](Self::complete_transfer) leaves the two others to themselves,
    /// [`unhold`](Self::unhold) takes it all back.
    ///
    /// It blocks and fails as [`AmiClient::originate`] does; then the other side is still on hold,
    /// and so is the phone. The phone hears the music of hold until the number answers.
    pub fn consult(&mut self, number: &str, ring_for: Duration) -> Result<()> {
        if self.consulted.is_some() {
            return Err(Error::invalid("somebody is being consulted already"));
        }
        let [context, extension] = self.pbx.hold_place()?.clone();
        if self.held.is_none() {
            self.hold()?;
        }
        let device = format!("Local/{number}@{}/n", self.pbx.context);
        let mut action =
            OriginateAction::to(device).extension(context, extension, 1).ring_for(ring_for);
        let status = StatusAction::new().channel(self.call.unique_id());
        let status = self.pbx.ami.list(&status)?;
        if let Some(caller) = status.first().and_then(|it| it.channel().caller_id_num()) {
            action = action.caller_id(caller);
        }
        let leg = self.pbx.ami.originate(&action)?;
        let id = leg.unique_id();
        let step = |event: &AmiEvent| matches!(event, AmiEvent::NewExten(step) if step.channel().unique_id() == id);
        let joined = leg.wait_for(step, PROMPT).and_then(|_| self.join(id));
        if joined.is_err() {
            let _ = leg.hangup(None).inspect_err(|e| log::warn!("a call was left behind: {e}"));
        } else {
            self.consulted = Some(leg);
        }
        joined
    }

    /// Connects whoever is on hold with whom the phone has [consulted](Self::consult), and hangs the
    /// phone up. [`Error::Invalid`] if there is nobody to connect.
    pub fn complete_transfer(&mut self) -> Result<()> {
        let (held, leg) = (self.held()?, self.consulted.as_ref());
        let target = leg.ok_or_else(|| Error::invalid("nobody is being consulted"))?.unique_id();
        join(&self.pbx.ami, held, target)?;
        (self.held, self.consulted) = (None, None);
        self.call.hangup(HangupCause::NormalClearing)
    }

    /// An attended transfer whole: [consults](Self::consult) the number, and if somebody answers,
    /// leaves the two to themselves. If not, the phone is connected with the other side again, and
    /// the error says why. If the phone has been hung up meanwhile, so is the other side.
    pub fn attended_transfer(&mut self, number: &str, ring_for: Duration) -> Result<()> {
        self.consult(number, ring_for).and_then(|()| self.complete_transfer()).inspect_err(|_| {
            if let Err(e) = self.take_back() {
                log::warn!("a transfer failed, and so did taking it back: {e}");
            }
        })
    }

    /// Ends a hold that was for a transfer. With the phone gone nobody would ever come back to
    /// whoever hears the music.
    fn take_back(&mut self) -> Result<()> {
        let Some(held) = self.held.clone() else { return Ok(()) };
        let Err(e) = self.unhold() else { return Ok(()) };
        if self.call.wait_for_hangup(Duration::ZERO).is_err() {
            return Err(e);
        }
        self.held = None;
        self.pbx.ami.send_action(&HangupAction::new(held)).map(drop)
    }

    /// Parks the other side, on hold or not, in a parking lot: the server's own unless one is named.
    /// The phone is hung up, as far as its dialplan has nothing more to do.
    pub fn park(&mut self, lot: Option<&str>) -> Result<Parked> {
        if self.consulted.is_some() {
            return Err(Error::invalid("the phone talks to somebody else, whom it consults"));
        }
        let parkee = match &self.held {
            Some(held) => held.clone(),
            None => self.peer()?,
        };
        let parks = Filter::names(["ParkedCall"]).unique_id(parkee.as_str());
        let parks = self.pbx.ami.subscribe_with(parks);
        let mut action = ParkAction::new(parkee).timeout_channel(self.call.channel());
        if let Some(lot) = lot {
            action = action.parking_lot(lot);
        }
        self.pbx.ami.send_action(&action)?;
        // As long as nobody says where they are, they are not forgotten.
        let parked = parks.wait_for(|event| matches!(event, AmiEvent::ParkedCall(_)), PROMPT)?;
        self.held = None;
        let parked = parked.as_event::<event::ParkedCall>();
        parked
            .and_then(|it| Some(Parked::at(it.parkinglot(), it.parking_space()?)))
            .ok_or(Error::Missed)
    }

    /// Hangs the phone up. Whoever is on hold stays there: take them back, or hang them up first.
    pub fn hangup(&self) -> Result<()> {
        self.call.hangup(HangupCause::NormalClearing)
    }

    /// As [`Call::wait_for_hangup`].
    pub fn wait_for_hangup(&self, timeout: Duration) -> Result<CallEnd> {
        self.call.wait_for_hangup(timeout)
    }

    fn held(&self) -> Result<&str> {
        self.held.as_deref().ok_or_else(|| Error::invalid("nobody is on hold"))
    }

    /// Joins the phone with somebody. What it was in before is past: its events are taken.
    fn join(&self, other: &str) -> Result<()> {
        let id = self.call.unique_id();
        let bridge = join(&self.pbx.ami, id, other)?;
        let entered = |event: &AmiEvent| {
            matches!(event, AmiEvent::BridgeEnter(it)
                if it.channel().unique_id() == id && it.bridge().unique_id() == bridge)
        };
        self.call.wait_for(entered, PROMPT).map(drop)
    }
}

/// Joins two channels, waits until both are, and says in which bridge.
fn join(ami: &AmiClient, one: &str, two: &str) -> Result<String> {
    let enters = Filter::names(["BridgeEnter"]).unique_id(one).unique_id(two);
    let enters = ami.subscribe_with(enters);
    let until = Instant::now() + PROMPT;
    loop {
        match ami.send_action(&BridgeAction::new(one, two)) {
            // On its way from one place to another a channel cannot be had for a moment. Nothing has
            // been done then, and no event tells when it can be.
            Err(Error::Refused { message, .. })
                if message.starts_with("Unable to add Channel1") && Instant::now() < until =>
            {
                let _ = enters.recv_timeout(AGAIN);
            }
            answer => break answer.map(drop)?,
        }
    }
    let left = || until.saturating_duration_since(Instant::now());
    enters.wait_for(|_| true, left())?;
    let last = enters.wait_for(|_| true, left())?;
    Ok(last.message().get("BridgeUniqueid").unwrap_or("").to_owned())
}

impl fmt::Debug for PhoneCall {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PhoneCall")
            .field("call", &self.call)
            .field("number", &self.number)
            .field("held", &self.held)
            .finish_non_exhaustive()
    }
}
