//! What became of a call, as somebody who dials would put it.

use std::fmt;

use super::{DialStatus, HangupCause};

/// Why a call was not answered.
///
/// Asterisk says it in several places and in none of them always: the `Reason` of
/// `OriginateResponse`, the `DialStatus` of `DialEnd`, the `Cause` of `Hangup`. This is what they
/// come to together.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, serde::Serialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum CallFailure {
    /// The called party is on another call.
    Busy,
    /// It rang, or should have, until the time was over or the other side gave up.
    NoAnswer,
    /// The network would not carry it, or is out of order.
    Congestion,
    /// The called party, or somebody on the way, does not want the call.
    Rejected,
    /// Nobody could be called: there is no such extension, device or technology, or the device is
    /// not registered. Asterisk does not tell these apart.
    Unreachable,
    /// It was hung up before it was answered: by somebody else who works with this server, or by
    /// the dialplan that a `Local` channel runs.
    Cancelled,
    /// It failed in another way; the cause may say how.
    Failed,
}

impl CallFailure {
    /// In words.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Busy => "busy",
            Self::NoAnswer => "no answer",
            Self::Congestion => "congestion",
            Self::Rejected => "rejected",
            Self::Unreachable => "no such extension or device, or it is not registered",
            Self::Cancelled => "hung up before it was answered",
            Self::Failed => "the call failed",
        }
    }

    /// What a hangup cause says of a call that was not answered; `None` where it says nothing.
    pub fn from_cause(cause: HangupCause) -> Option<Self> {
        use HangupCause as C;
        Some(match cause {
            C::UserBusy => Self::Busy,
            C::NoAnswer | C::NoUserResponse | C::RecoveryOnTimerExpire => Self::NoAnswer,
            C::NormalCircuitCongestion
            | C::NetworkOutOfOrder
            | C::NormalTemporaryFailure
            | C::SwitchCongestion
            | C::RequestedChanUnavail => Self::Congestion,
            C::CallRejected | C::OutgoingCallBarred | C::IncomingCallBarred => Self::Rejected,
            C::Unallocated
            | C::NoRouteTransitNet
            | C::NoRouteDestination
            | C::SubscriberAbsent
            | C::NumberChanged
            | C::DestinationOutOfOrder
            | C::InvalidNumberFormat
            | C::ChanNotImplemented => Self::Unreachable,
            C::NotDefined | C::NormalClearing | C::NormalUnspecified => return None,
            _ => Self::Failed,
        })
    }

    /// What the status of a dial says of it; `None` for an answer, and for what says nothing.
    pub fn from_dial_status(status: &DialStatus) -> Option<Self> {
        Some(match status {
            DialStatus::Busy => Self::Busy,
            DialStatus::NoAnswer => Self::NoAnswer,
            DialStatus::Congestion => Self::Congestion,
            DialStatus::ChanUnavail | DialStatus::Unavailable | DialStatus::InvalidArgs => {
                Self::Unreachable
            }
            DialStatus::DontCall | DialStatus::Torture => Self::Rejected,
            DialStatus::Cancel => Self::Cancelled,
            _ => return None,
        })
    }
}

impl fmt::Display for CallFailure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}
