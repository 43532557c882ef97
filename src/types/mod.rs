//! Asterisk's words and numbers as types, the same for every interface.
//!
//! They come in two kinds, and all of a kind can do the same.
//!
//! **Words**, such as [`DialStatus`]: reading cannot fail. All spellings that Asterisk uses are
//! read, without regard to case; what is not known is kept as it came, in `Other`. Shown and
//! serialised is the spelling that Asterisk expects. So a newer server never makes an error, and
//! nothing is lost:
//!
//! ```
//! use asterisk_sync::types::DialStatus;
//! assert_eq!(DialStatus::from("NOANSWER"), DialStatus::NoAnswer);
//! assert_eq!(DialStatus::NoAnswer.to_string(), "NOANSWER");
//! assert_eq!(DialStatus::from("Abort").as_str(), "Abort");
//! ```
//!
//! **Numbers**, such as [`HangupCause`], [`ChannelState`], [`ExtensionState`], [`AgiStatus`],
//! [`OriginateReason`] and [`ReloadStatus`]: they are `Copy`, have a `code()` and are made from it
//! with `From`; a number that is not known is kept in `Other`, so `code()` always gives back what
//! was read. They are read from digits and from their names too, where only a word that stands for
//! no number is an error, [`UnknownName`], since there would be no number to keep. Shown and
//! serialised is what Asterisk expects: mostly the number; each type says so if not.
//!
//! ```
//! use asterisk_sync::types::HangupCause;
//! assert_eq!(HangupCause::from(16), HangupCause::NormalClearing);
//! assert_eq!("NORMAL_CLEARING".parse(), Ok(HangupCause::NormalClearing));
//! assert_eq!(HangupCause::from(200).code(), 200);
//! assert!("no such cause".parse::<HangupCause>().is_err());
//! ```
//!
//! Both kinds can be deserialised from text and from numbers, and each has its known values in
//! `ALL`. Make an `Other` by reading, not by hand: `Other` around a known spelling or number is not
//! equal to the variant that has it.

mod agi;
mod aoc;
mod bridge;
mod call;
mod cause;
mod cdr;
mod channel;
mod device;
mod dial;
mod macros;
mod manager;
mod media;
mod peer;
mod pjsip;
mod queue;
mod server;
mod unknown;

#[cfg(test)]
mod tests;

pub use agi::{AgiOutcome, AgiStatus};
pub use aoc::{
    AocBillingId, AocChargeType, AocChargedItem, AocChargingType, AocMessageType, AocMultiplier,
    AocRateType, AocTimeScale, AocTotalType, AocVolumeUnit,
};
pub use bridge::{BridgeTone, BridgeType, VideoSourceMode};
pub use call::CallFailure;
pub use cause::{HangupCause, HangupReason};
pub use cdr::{AmaFlags, CdrDisposition, CelEventType};
pub use channel::{
    CallerPresentation, ChannelState, DtmfDirection, MixMonitorDirection, MuteDirection,
    PlaybackControl, RedirectingReason, TransferProgress,
};
pub use device::{DeviceState, ExtensionState, PresenceState};
pub use dial::{DialProgress, DialStatus, OriginateReason, TransferDestination, TransferResult};
pub use manager::{
    AuthType, ConfigAction, EventClass, FaxOperation, FaxSessionType, FaxState, FilterMethod,
    ModuleLoadStatus, ModuleLoadType, PriDebugLevel, ReloadStatus, RtcpPacketType,
    SecuritySeverity, SessionTimeoutSource, ShutdownKind,
};
pub use media::{
    ExternalMediaConnection, ExternalMediaEncapsulation, ExternalMediaTransport, InfoSection,
    MediaControlFormat, MediaDirection, PlaybackOperation, PlaybackState, RecordingIfExists,
    RecordingState, RecordingTerminateOn, SnoopDirection,
};
pub use peer::{
    ContactStatus, EndpointState, IaxRegistrationState, PeerStatus, RegistrationStatus,
    SubscriptionType,
};
pub use pjsip::{
    CallOfferPreference, DirectMediaGlareMitigation, DtlsSetup, DtlsVerify, DtmfMode,
    MediaEncryption, RedirectMethod, Rel100, SecurityNegotiation, SessionRefreshMethod,
    SessionTimers, UdptlErrorCorrection,
};
pub use queue::{AgentCompleteReason, AgentState, QueueMembership, QueueStatus, QueueStrategy};
pub use server::{LogChannelStatus, LogChannelType, ModuleStatus, SupportLevel};
pub use unknown::UnknownName;
