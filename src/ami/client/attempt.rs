//! What is heard of a call while it is being made, and what that comes to. Knows no clock and no
//! connection.

use crate::ami::event::{AmiEvent, ChannelView, Hangup, OriginateResponse};
use crate::types::{CallFailure, ChannelState, DialStatus, HangupCause, OriginateReason};

/// The events that tell how a call fares.
pub(super) const SIGNALS: [&str; 6] =
    ["OriginateResponse", "Newchannel", "Newstate", "DialBegin", "DialEnd", "Hangup"];

/// A call that is being made.
#[derive(Debug)]
pub(super) struct Attempt {
    action_id: String,
    pub(super) unique_id: String,
    /// Of the second half, where there is one.
    other_id: Option<String>,
    /// Empty until there is one.
    pub(super) channel: String,
    pub(super) linked_id: String,
    /// Whether there was anything at all to hear.
    pub(super) heard: bool,
    dialled: bool,
    status: Option<DialStatus>,
    answered: bool,
    reason: Option<OriginateReason>,
    /// How the channel ended.
    pub(super) ended: Option<Hangup>,
    other_ended: Option<HangupCause>,
}

/// How far it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Stage {
    Open,
    Answered,
    /// The server has said that it failed; its channel is still to end, and says why.
    Failing,
    /// It failed, and there seems to be no channel; or its channel ended, and the server is still
    /// to say so. What is missing was sent already, or never will be.
    Settling,
    Failed,
}

impl Attempt {
    pub(super) fn new(action_id: String, unique_id: String, other_id: Option<String>) -> Self {
        Self {
            linked_id: unique_id.clone(),
            action_id,
            unique_id,
            other_id,
            channel: String::new(),
            heard: false,
            dialled: false,
            status: None,
            answered: false,
            reason: None,
            ended: None,
            other_ended: None,
        }
    }

    pub(super) fn hear(&mut self, event: &AmiEvent) {
        self.heard = true;
        match event {
            AmiEvent::OriginateResponse(response) => self.respond(response),
            AmiEvent::NewChannel(event) => _ = self.see(event.channel()),
            AmiEvent::Newstate(event) => _ = self.see(event.channel()),
            AmiEvent::DialBegin(event) => self.dialled |= self.see(event.dest()),
            AmiEvent::DialEnd(event) if self.see(event.dest()) => {
                self.dialled = true;
                self.status = event.dial_status();
                self.answered |= self.status == Some(DialStatus::Answer);
            }
            AmiEvent::Hangup(event) => {
                if self.see(event.channel()) {
                    self.ended = Some(event.clone());
                } else if self.other_id.as_deref() == Some(event.channel().unique_id()) {
                    self.other_ended = event.cause();
                }
            }
            _ => {}
        }
    }

    fn respond(&mut self, response: &OriginateResponse) {
        // Others may have named their actions as we have named ours, but not their channels.
        if response.message().get("ActionID") != Some(&self.action_id) {
            return;
        }
        if response.is_success() {
            self.answered = true;
            if self.channel.is_empty() {
                response.channel().channel().clone_into(&mut self.channel);
            }
        } else {
            self.reason = Some(response.reason().unwrap_or(OriginateReason::Failure));
        }
    }

    /// Whether this is our channel; if so, what it is called.
    pub(super) fn see(&mut self, channel: ChannelView<'_>) -> bool {
        if channel.unique_id() != self.unique_id {
            return false;
        }
        channel.channel().clone_into(&mut self.channel);
        if !channel.linked_id().is_empty() {
            channel.linked_id().clone_into(&mut self.linked_id);
        }
        true
    }

    /// The server was asked, and has this channel.
    pub(super) fn find(&mut self, channel: ChannelView<'_>) {
        self.answered |= self.see(channel) && channel.state() == Some(ChannelState::Up);
    }

    pub(super) fn stage(&self) -> Stage {
        match (self.reason, &self.ended) {
            _ if self.answered => Stage::Answered,
            (None, None) => Stage::Open,
            (Some(_), Some(_)) => Stage::Failed,
            // The server's word for its own failure is written by another of its threads than the
            // events of channels, and may be before or after any of them.
            (Some(reason), None)
                if !self.channel.is_empty() || reason != OriginateReason::Failure =>
            {
                Stage::Failing
            }
            (Some(_), None) | (None, Some(_)) => Stage::Settling,
        }
    }

    /// Why it failed, as far as is known.
    pub(super) fn failure(&self) -> (CallFailure, HangupCause) {
        let ended = self.ended.as_ref().and_then(Hangup::cause);
        let mut causes = [ended, self.other_ended].into_iter().flatten();
        let cause = causes.find(|cause| *cause != HangupCause::NotDefined);
        let cause = cause.unwrap_or(HangupCause::NotDefined);
        let reason = self.reason.unwrap_or(OriginateReason::Hangup);
        let status = self.status.as_ref();
        let failure = sum_up(reason, cause, self.dialled, status);
        // The first half of a `Local` channel ends without a cause, and when the second does is not
        // waited for.
        let cause = match (cause, failure) {
            (HangupCause::NotDefined, CallFailure::Busy) => HangupCause::UserBusy,
            (HangupCause::NotDefined, CallFailure::NoAnswer) => HangupCause::NoAnswer,
            (HangupCause::NotDefined, CallFailure::Congestion) => {
                HangupCause::NormalCircuitCongestion
            }
            (cause, _) => cause,
        };
        (failure, cause)
    }
}

/// What all that Asterisk says comes to: the reason of an `Originate`, the cause of its channel's
/// end, and whether it was dialled at all and with what status.
fn sum_up(
    reason: OriginateReason,
    cause: HangupCause,
    dialled: bool,
    status: Option<&DialStatus>,
) -> CallFailure {
    // A cause that says something says it best.
    if let Some(failure) = CallFailure::from_cause(cause) {
        return failure;
    }
    // The normal ends say only that somebody hung up; then the status of the dial is a guess of
    // Asterisk's, made from that same cause.
    let normal = [HangupCause::NormalClearing, HangupCause::NormalUnspecified];
    match reason {
        OriginateReason::Busy => CallFailure::Busy,
        OriginateReason::Congestion => CallFailure::Congestion,
        OriginateReason::Ringing => CallFailure::NoAnswer,
        _ if normal.contains(&cause) => CallFailure::Cancelled,
        _ if !dialled => CallFailure::Unreachable,
        _ => status.and_then(CallFailure::from_dial_status).unwrap_or(CallFailure::Failed),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// As seen on Asterisk 22.
    #[test]
    fn what_asterisk_says_in_three_places_comes_to_one() {
        use CallFailure as F;
        let statuses = [DialStatus::Busy, DialStatus::NoAnswer, DialStatus::ChanUnavail];
        let [busy, no_answer, unavailable] = statuses.each_ref().map(Some);
        for (reason, cause, dialled, status, failure) in [
            (5, 0, true, busy, F::Busy),
            (0, 17, true, busy, F::Busy),
            (8, 0, true, None, F::Congestion),
            (0, 34, true, None, F::Congestion),
            (3, 19, true, None, F::NoAnswer),
            (3, 0, true, None, F::NoAnswer),
            (0, 21, true, no_answer, F::Rejected),
            (8, 21, true, None, F::Rejected),
            (0, 0, false, None, F::Unreachable),
            (0, 3, true, unavailable, F::Unreachable),
            (0, 1, true, no_answer, F::Unreachable),
            (0, 16, true, no_answer, F::Cancelled),
            (0, 0, true, busy, F::Busy),
            (1, 0, true, None, F::Failed),
            (0, 65, true, no_answer, F::Failed),
            (0, 127, true, no_answer, F::Failed),
        ] {
            let found = sum_up(reason.into(), cause.into(), dialled, status);
            assert_eq!(found, failure, "reason {reason}, cause {cause}, {status:?}");
        }
    }
}
