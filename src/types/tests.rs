//! What all enums promise, tried on each, and what the irregular ones promise beside it.

use std::collections::HashSet;

use super::*;

/// Runs a test of one enum on every enum of its kind.
macro_rules! for_each {
    ($check:ident: $( $name:ident ),+ $(,)?) => { $( $check!($name); )+ };
}

macro_rules! for_each_text {
    ($check:ident) => {
        for_each!($check:
            AgentCompleteReason, AgentState, AgiOutcome, AmaFlags, AocBillingId, AocChargeType,
            AocChargedItem, AocChargingType, AocMessageType, AocMultiplier, AocRateType, AocTimeScale,
            AocTotalType, AocVolumeUnit, AuthType, BridgeTone, CallOfferPreference, BridgeType, CallerPresentation, CdrDisposition,
            CelEventType, ConfigAction, ContactStatus, DeviceState, DialProgress, DialStatus,
            DirectMediaGlareMitigation, DtlsSetup, DtlsVerify, DtmfDirection, DtmfMode, EndpointState, EventClass, ExternalMediaConnection,
            ExternalMediaEncapsulation, ExternalMediaTransport, FaxOperation, FaxSessionType, FaxState, FilterMethod,
            HangupReason, IaxRegistrationState, InfoSection, LogChannelStatus, LogChannelType, MediaControlFormat, MediaDirection, MediaEncryption,
            MixMonitorDirection, ModuleLoadStatus, ModuleLoadType, ModuleStatus, MuteDirection, PeerStatus,
            PlaybackControl, PlaybackOperation, PlaybackState, PresenceState, PriDebugLevel,
            QueueMembership, QueueStatus, QueueStrategy, RecordingIfExists, RecordingState,
            RecordingTerminateOn, RedirectMethod, RedirectingReason, Rel100, RtcpPacketType, RegistrationStatus, SecurityNegotiation, SecuritySeverity, SessionRefreshMethod, SessionTimeoutSource,
            SessionTimers, ShutdownKind,
            SnoopDirection, SubscriptionType, SupportLevel, TransferDestination, TransferResult, TransferProgress,
            UdptlErrorCorrection, VideoSourceMode,
        )
    };
}

macro_rules! for_each_code {
    ($check:ident) => {
        for_each!($check:
            AgiStatus, ChannelState, ExtensionState, HangupCause, OriginateReason, ReloadStatus)
    };
}

#[test]
fn every_word_is_read_back_as_it_is_written() {
    macro_rules! check {
        ($name:ident) => {
            for (value, spellings) in $name::ALL.iter().zip($name::SPELLINGS) {
                assert_eq!(value.to_string(), spellings[0], stringify!($name));
                for spelling in *spellings {
                    assert_eq!($name::from(*spelling), *value, stringify!($name));
                    assert_eq!($name::from(&*spelling.to_uppercase()), *value, stringify!($name));
                    assert_eq!($name::from(&*spelling.to_lowercase()), *value, stringify!($name));
                }
                let json = serde_json::to_string(value).unwrap();
                assert_eq!(json, format!("{:?}", spellings[0]), stringify!($name));
                assert_eq!(serde_json::from_str::<$name>(&json).unwrap(), *value);
            }
        };
    }
    for_each_text!(check);
}

#[test]
fn a_word_that_is_not_known_is_kept_as_it_came() {
    macro_rules! check {
        ($name:ident) => {
            let value = $name::from("Something New \"1\"");
            assert_eq!(value, $name::Other("Something New \"1\"".into()));
            assert_eq!(value.to_string(), "Something New \"1\"");
            let json = serde_json::to_string(&value).unwrap();
            assert_eq!(serde_json::from_str::<$name>(&json).unwrap(), value);
        };
    }
    for_each_text!(check);
}

#[test]
fn every_number_and_every_name_is_read_back() {
    macro_rules! check {
        ($name:ident) => {
            for (value, spellings) in $name::ALL.iter().zip($name::SPELLINGS) {
                assert_eq!($name::from(value.code()), *value);
                assert_eq!(value.code().to_string().parse(), Ok(*value));
                assert_eq!(value.to_string().parse(), Ok(*value));
                assert_eq!(value.as_str(), spellings[0]);
                for spelling in *spellings {
                    assert_eq!(spelling.parse(), Ok(*value), "{spelling}");
                    assert_eq!(
                        $name::try_from(&*spelling.to_lowercase()),
                        Ok(*value),
                        "{spelling}"
                    );
                }
                let json = serde_json::to_string(value).unwrap();
                assert_eq!(serde_json::from_str::<$name>(&json).unwrap(), *value, "{json}");
            }
        };
    }
    for_each_code!(check);
}

#[test]
fn a_number_that_is_not_known_is_kept_and_a_word_that_is_not_known_is_an_error() {
    macro_rules! check {
        ($name:ident) => {
            let value: $name = "4711".parse().unwrap();
            assert_eq!(value, $name::Other(4711));
            assert_eq!(value.code(), 4711);
            assert!(!$name::ALL.contains(&value));
            let json = serde_json::to_string(&value).unwrap();
            assert_eq!(serde_json::from_str::<$name>(&json).unwrap(), value, "{json}");

            let error = "something new".parse::<$name>().unwrap_err();
            assert_eq!(error.text(), "something new");
            assert_eq!(
                error.to_string(),
                concat!("no ", stringify!($name), " is called \"something new\"")
            );
            assert!("".parse::<$name>().is_err());
            assert!(serde_json::from_str::<$name>("\"something new\"").is_err());
        };
    }
    for_each_code!(check);
}

#[test]
fn no_spelling_stands_for_two_values() {
    macro_rules! check {
        ($name:ident) => {
            let mut seen = HashSet::new();
            for spelling in $name::SPELLINGS.concat() {
                assert!(seen.insert(spelling.to_lowercase()), "{}: {spelling}", stringify!($name));
            }
        };
    }
    for_each_text!(check);
    for_each_code!(check);
}

#[test]
fn hangup_causes_have_the_numbers_of_q850() {
    use HangupCause as C;
    let causes = [
        (C::NotDefined, 0),
        (C::Unallocated, 1),
        (C::NoRouteTransitNet, 2),
        (C::NoRouteDestination, 3),
        (C::MisdialledTrunkPrefix, 5),
        (C::ChannelUnacceptable, 6),
        (C::CallAwardedDelivered, 7),
        (C::PreEmpted, 8),
        (C::NumberPortedNotHere, 14),
        (C::NormalClearing, 16),
        (C::UserBusy, 17),
        (C::NoUserResponse, 18),
        (C::NoAnswer, 19),
        (C::SubscriberAbsent, 20),
        (C::CallRejected, 21),
        (C::NumberChanged, 22),
        (C::RedirectedToNewDestination, 23),
        (C::AnsweredElsewhere, 26),
        (C::DestinationOutOfOrder, 27),
        (C::InvalidNumberFormat, 28),
        (C::FacilityRejected, 29),
        (C::ResponseToStatusEnquiry, 30),
        (C::NormalUnspecified, 31),
        (C::NormalCircuitCongestion, 34),
        (C::NetworkOutOfOrder, 38),
        (C::NormalTemporaryFailure, 41),
        (C::SwitchCongestion, 42),
        (C::AccessInfoDiscarded, 43),
        (C::RequestedChanUnavail, 44),
        (C::FacilityNotSubscribed, 50),
        (C::OutgoingCallBarred, 52),
        (C::IncomingCallBarred, 54),
        (C::BearerCapabilityNotAuth, 57),
        (C::BearerCapabilityNotAvail, 58),
        (C::BearerCapabilityNotImpl, 65),
        (C::ChanNotImplemented, 66),
        (C::FacilityNotImplemented, 69),
        (C::InvalidCallReference, 81),
        (C::IncompatibleDestination, 88),
        (C::InvalidMsgUnspecified, 95),
        (C::MandatoryIeMissing, 96),
        (C::MessageTypeNonexist, 97),
        (C::WrongMessage, 98),
        (C::IeNonexist, 99),
        (C::InvalidIeContents, 100),
        (C::WrongCallState, 101),
        (C::RecoveryOnTimerExpire, 102),
        (C::MandatoryIeLengthError, 103),
        (C::ProtocolError, 111),
        (C::Interworking, 127),
    ];
    assert_eq!(causes.map(|(cause, _)| cause), C::ALL);
    assert_eq!(causes.map(|(_, code)| code), causes.map(|(cause, _)| cause.code()));
}

#[test]
fn a_cause_is_a_number_a_name_and_a_text() {
    let cause = HangupCause::NormalClearing;
    for text in ["16", "NORMAL_CLEARING", "Normal Clearing", "normal"] {
        assert_eq!(text.parse(), Ok(cause), "{text}");
    }
    assert_eq!(cause.to_string(), "16");
    assert_eq!(cause.as_str(), "NORMAL_CLEARING");
    assert_eq!(cause.description(), "Normal Clearing");
    assert_eq!(serde_json::to_string(&cause).unwrap(), "16");
    assert_eq!(HangupCause::Other(200).description(), "Unknown");
}

#[test]
fn channel_states_are_read_as_numbers_and_as_words() {
    use ChannelState as S;
    let states = [
        (S::Down, 0, "Down"),
        (S::Reserved, 1, "Rsrvd"),
        (S::OffHook, 2, "OffHook"),
        (S::Dialing, 3, "Dialing"),
        (S::Ring, 4, "Ring"),
        (S::Ringing, 5, "Ringing"),
        (S::Up, 6, "Up"),
        (S::Busy, 7, "Busy"),
        (S::DialingOffhook, 8, "Dialing Offhook"),
        (S::PreRing, 9, "Pre-ring"),
    ];
    assert_eq!(states.map(|(state, ..)| state), S::ALL);
    for (state, code, word) in states {
        assert_eq!((state.code(), &*state.to_string()), (code, word));
        assert_eq!(serde_json::from_str::<S>(&code.to_string()).unwrap(), state);
        assert_eq!(serde_json::from_str::<S>(&format!("{word:?}")).unwrap(), state);
    }
    assert_eq!(S::Other(12).to_string(), "Unknown (12)");
    assert_eq!("Unknown (12)".parse(), Ok(S::Other(12)));
    assert_eq!(serde_json::to_string(&S::Up).unwrap(), "\"Up\"");
}

#[test]
fn device_states_have_the_numbers_of_queue_members() {
    for (state, code) in DeviceState::ALL.iter().zip(0_u8..) {
        assert_eq!(state.code(), Some(code));
        assert_eq!(DeviceState::from(code), *state);
        assert_eq!(serde_json::from_str::<DeviceState>(&code.to_string()).unwrap(), *state);
    }
    assert_eq!(DeviceState::ALL.len(), 9);
    assert_eq!(DeviceState::from("Ring+Inuse"), DeviceState::RingInUse);
    assert_eq!(DeviceState::from(42).code(), Some(42));
    assert_eq!(DeviceState::from("BROKEN").code(), None);
}

#[test]
fn extension_states_are_bits_and_idle_is_none_of_them() {
    use ExtensionState as S;
    let codes = [-2, 0, 1, 2, 4, 8, 16];
    let all = [S::Removed, S::Idle, S::InUse, S::Busy, S::Unavailable, S::Ringing, S::OnHold];
    assert_eq!(all, S::ALL);
    assert_eq!(codes, all.map(S::code));

    let both: S = "InUse&Ringing".parse().unwrap();
    assert_eq!(both, S::Other(9));
    assert_eq!(both.to_string(), "InUse&Ringing");
    assert!(both.is_in_use() && both.is_ringing());
    assert!(!both.is_busy() && !both.is_on_hold() && !both.is_idle() && !both.is_unavailable());
    assert_eq!(serde_json::to_string(&both).unwrap(), "9");
    assert_eq!("InUse&Hold".parse(), Ok(S::Other(17)));
    assert!("InUse&Unknown".parse::<S>().is_err());

    for gone in [S::from(-1), S::from(-2)] {
        assert!(!gone.is_idle() && !gone.is_in_use() && !gone.is_ringing() && !gone.is_on_hold());
        assert_eq!(gone.to_string(), "Unknown");
    }
    assert!(S::from(-1).is_deactivated() && S::from(-2).is_removed());
    assert_eq!(S::from(-1).code(), -1);
}

#[test]
fn agi_status_is_the_number_of_the_answer() {
    use AgiStatus as S;
    let all = [S::Success, S::InvalidCommand, S::DeadChannel, S::EndUsage];
    assert_eq!(all, S::ALL);
    assert_eq!(all.map(S::code), [200, 510, 511, 520]);
    assert_eq!(S::from(100), S::Other(100));
}

#[test]
fn dial_statuses_are_all_there() {
    use DialStatus as D;
    let all = [
        D::Answer,
        D::Busy,
        D::NoAnswer,
        D::Cancel,
        D::Congestion,
        D::ChanUnavail,
        D::DontCall,
        D::Torture,
        D::InvalidArgs,
        D::Unavailable,
    ];
    assert_eq!(D::ALL, all);
    assert_eq!(D::NoAnswer.as_str(), "NOANSWER");
}

#[test]
fn dispositions_are_all_there_and_read_with_and_without_the_blank() {
    use CdrDisposition as C;
    assert_eq!(C::ALL, [C::NoAnswer, C::Answered, C::Busy, C::Failed, C::Congestion]);
    assert_eq!(C::NoAnswer.as_str(), "NO ANSWER");
    assert_eq!(C::from("NOANSWER"), C::NoAnswer);
}

#[test]
fn queue_strategies_are_all_there_and_round_robin_is_the_one_with_memory() {
    use QueueStrategy as Q;
    let all = [
        Q::RingAll,
        Q::LeastRecent,
        Q::FewestCalls,
        Q::Random,
        Q::RoundRobin,
        Q::Linear,
        Q::WeightedRandom,
    ];
    assert_eq!(Q::ALL, all);
    assert_eq!(Q::RoundRobin.as_str(), "rrmemory");
}

#[test]
fn peer_statuses_are_all_there() {
    use PeerStatus as P;
    let all = [
        P::Registered,
        P::Unregistered,
        P::Reachable,
        P::Unreachable,
        P::Lagged,
        P::Rejected,
        P::Unknown,
    ];
    assert_eq!(P::ALL, all);
}

#[test]
fn a_dial_status_tells_whether_the_call_is_decided() {
    assert_eq!(DialStatus::from("RINGING").progress(), Some(DialProgress::Ringing));
    assert!(!DialStatus::from("RINGING").is_final());
    assert!(!DialStatus::from("").is_final());
    assert!(DialStatus::NoAnswer.is_final());
    assert!(DialStatus::from("ABORT").is_final());
    assert_eq!(DialStatus::from("GOTO:1").progress(), None);
}

#[test]
fn event_classes_are_bits_of_the_mask() {
    let singles =
        EventClass::ALL.iter().filter(|c| !matches!(c, EventClass::All | EventClass::None));
    let masks: Vec<u32> = singles.filter_map(EventClass::mask).collect();
    assert_eq!(masks.iter().fold(0, |all, mask| all | mask).count_ones() as usize, masks.len());
    assert_eq!(EventClass::Message.mask(), Some(1 << 30));
    assert_eq!(EventClass::All.mask(), Some(0x7fff_ffff));
    assert_eq!(EventClass::from("newer").mask(), None);
}
