//! Every name that users of the crates before this one know is here: events, actions, settings,
//! states, errors, and the words and numbers of the domain. What compiles is there; what can be
//! said beyond that is asserted.

use std::fmt::{Debug, Display};
use std::time::Duration;

use asterisk_sync::ami::action::{self, Action, CustomAction};
use asterisk_sync::ami::{AmiClient, AmiClientBuilder, AmiEvent, Message, codec::Decoder};
use asterisk_sync::types::{
    AgiStatus, CdrDisposition, ChannelState, DeviceState, DialStatus, ExtensionState, HangupCause,
    PeerStatus, QueueStrategy,
};
use asterisk_sync::{
    AuthError, ConnectionError, ConnectionState, Credentials, Error, Event, EventBus,
    EventSubscription, FilteredSubscription, ProtocolError, ReconnectPolicy, Subscribe,
    TimeoutError,
};

/// Whether an event of this name, in whatever case the server writes it, is this variant.
macro_rules! events {
    ($($name:ident),* $(,)?) => {
        fn is(event: &AmiEvent, variant: &str) -> bool {
            match event {
                $( AmiEvent::$name(_) => variant == stringify!($name), )*
                _ => false,
            }
        }

        const EVENTS: &[(&str, &str)] = &[$( (
            stringify!($name),
            <asterisk_sync::ami::event::$name as asterisk_sync::ami::event::TypedEvent>::NAME,
        ), )*];
    };
}

events! {
NewChannel, Hangup, Newstate, DialBegin, DialEnd, DtmfBegin, DtmfEnd, FullyBooted, PeerStatus,
BridgeCreate, BridgeDestroy, BridgeEnter, BridgeLeave, VarSet, Hold, Unhold, HangupRequest,
SoftHangupRequest, NewExten, NewCallerid, NewConnectedLine, NewAccountCode, Rename,
OriginateResponse, DialState, Flash, Wink, UserEvent, AttendedTransfer, BlindTransfer,
BridgeMerge, BridgeInfoChannel, BridgeInfoComplete, BridgeVideoSourceUpdate, LocalBridge,
LocalOptimizationBegin, LocalOptimizationEnd, Cdr, Cel, QueueCallerAbandon, QueueCallerJoin,
QueueCallerLeave, QueueMemberAdded, QueueMemberRemoved, QueueMemberPause, QueueMemberStatus,
QueueMemberPenalty, QueueMemberRinginuse, QueueParams, QueueEntry, AgentCalled, AgentConnect,
AgentComplete, AgentDump, AgentLogin, AgentLogoff, AgentRingNoAnswer, Agents, AgentsComplete,
ConfbridgeStart, ConfbridgeEnd, ConfbridgeJoin, ConfbridgeLeave, ConfbridgeList,
ConfbridgeMute, ConfbridgeUnmute, ConfbridgeTalking, ConfbridgeRecord, ConfbridgeStopRecord,
ConfbridgeListRooms, MixMonitorStart, MixMonitorStop, MixMonitorMute, MusicOnHoldStart,
MusicOnHoldStop, ParkedCall, ParkedCallGiveUp, ParkedCallTimeOut, ParkedCallSwap, UnParkedCall,
Pickup, ChanSpyStart, ChanSpyStop, ChannelTalkingStart, ChannelTalkingStop, DeviceStateChange,
ExtensionStatus, PresenceStateChange, PresenceStatus, ContactStatus, Registry, MessageWaiting,
VoicemailPasswordChange, RTCPReceived, RTCPSent, FailedACL, InvalidAccountID, InvalidPassword,
ChallengeResponseFailed, ChallengeSent, SuccessfulAuth, SessionLimit, UnexpectedAddress,
RequestBadFormat, RequestNotAllowed, RequestNotSupported, InvalidTransport,
AuthMethodNotAllowed, Shutdown, Reload, Load, Unload, LogChannel, LoadAverageLimit,
MemoryLimit, AsyncAGIStart, AsyncAGIExec, AsyncAGIEnd, AGIExecStart, AGIExecEnd,
HangupHandlerPush, HangupHandlerPop, HangupHandlerRun, Status, StatusComplete, CoreShowChannel,
CoreShowChannelsComplete, CoreShowChannelMapComplete, DAHDIChannel, Alarm, AlarmClear,
SpanAlarm, SpanAlarmClear, AocD, AocE, AocS, FAXStatus, ReceiveFAX, SendFAX, MeetmeJoin,
MeetmeLeave, MeetmeEnd, MeetmeMute, MeetmeTalking, MeetmeTalkRequest, MeetmeList,
MeetmeListRooms, DeviceStateListComplete, ExtensionStateListComplete,
PresenceStateListComplete, AorDetail, AorList, AorListComplete, AuthDetail, AuthList,
AuthListComplete, ContactList, ContactListComplete, ContactStatusDetail, EndpointDetail,
EndpointDetailComplete, EndpointList, EndpointListComplete, IdentifyDetail, TransportDetail,
ResourceListDetail, InboundRegistrationDetail, OutboundRegistrationDetail,
InboundSubscriptionDetail, OutboundSubscriptionDetail, MWIGet, MWIGetComplete, MiniVoiceMail,
FAXSession, FAXSessionsEntry, FAXSessionsComplete, FAXStats, DNDState, DeadlockStart, MCID,
}

#[test]
fn every_event_has_its_variant_and_is_read_as_it() {
    // And `Unknown`, which is below.
    assert_eq!(EVENTS.len(), 180);
    for (variant, name) in EVENTS {
        let frame = format!("Event: {name}\r\nChannel: c\r\nUniqueid: u\r\n\r\n");
        let event = AmiEvent::from(decode(&frame));
        assert!(is(&event, variant), "{name} is read as {event:?}");
        assert_eq!(event.event_name(), *name);
        // There a channel is a log file.
        let channel = Some("c").filter(|_| *name != "LogChannel");
        assert_eq!((event.channel(), event.unique_id()), (channel, Some("u")));
    }
    let unknown = AmiEvent::from(decode("Event: NoSuchEvent\r\nA: b\r\n\r\n"));
    let AmiEvent::Unknown(message) = &unknown else { panic!("{unknown:?}") };
    assert_eq!(message.iter().collect::<Vec<_>>(), [("Event", "NoSuchEvent"), ("A", "b")]);
}

fn decode(frame: &str) -> Message {
    let block = Decoder::new(1 << 20).push(frame.as_bytes()).expect("a frame");
    std::sync::Arc::new(block).messages().next().expect("a message")
}

/// An action can be held, shown, copied, serialised and handed to another thread.
#[expect(clippy::extra_unused_type_parameters, reason = "that it compiles is the test")]
fn is_an_action<A: Action + Clone + Debug + serde::Serialize + Send + Sync + 'static>() -> usize {
    1
}

macro_rules! actions {
    ($($name:ident),* $(,)?) => {
        [$( is_an_action::<action::$name>() ),*]
    };
}

#[test]
fn every_action_has_its_struct() {
    let actions = actions![
        LogoffAction,
        PingAction,
        OriginateAction,
        HangupAction,
        RedirectAction,
        CommandAction,
        GetVarAction,
        SetVarAction,
        StatusAction,
        CoreStatusAction,
        CoreSettingsAction,
        CoreShowChannelsAction,
        CoreShowChannelMapAction,
        ListCommandsAction,
        EventsAction,
        FilterAction,
        WaitEventAction,
        ReloadAction,
        LoggerRotateAction,
        ModuleCheckAction,
        ModuleLoadAction,
        UserEventAction,
        AbsoluteTimeoutAction,
        MuteAudioAction,
        SendTextAction,
        PlayDTMFAction,
        AGIAction,
        DBGetAction,
        DBPutAction,
        DBDelAction,
        DBDelTreeAction,
        DBGetTreeAction,
        AtxferAction,
        BlindTransferAction,
        CancelAtxferAction,
        BridgeAction,
        BridgeDestroyAction,
        BridgeInfoAction,
        BridgeKickAction,
        BridgeListAction,
        QueueAddAction,
        QueueRemoveAction,
        QueuePauseAction,
        QueuePenaltyAction,
        QueueStatusAction,
        QueueSummaryAction,
        QueueReloadAction,
        QueueResetAction,
        QueueLogAction,
        MixMonitorAction,
        MixMonitorMuteAction,
        StopMixMonitorAction,
        ControlPlaybackAction,
        ConfbridgeListAction,
        ConfbridgeListRoomsAction,
        ConfbridgeKickAction,
        ConfbridgeMuteAction,
        ConfbridgeUnmuteAction,
        ConfbridgeLockAction,
        ConfbridgeUnlockAction,
        ConfbridgeStartRecordAction,
        ConfbridgeStopRecordAction,
        ParkAction,
        ParkedCallsAction,
        ParkinglotsAction,
        GetConfigAction,
        GetConfigJSONAction,
        UpdateConfigAction,
        CreateConfigAction,
        ListCategoriesAction,
        ShowDialPlanAction,
        PJSIPShowEndpointsAction,
        PJSIPShowEndpointAction,
        PJSIPQualifyAction,
        PJSIPRegisterAction,
        PJSIPUnregisterAction,
        PJSIPShowRegistrationsInboundAction,
        PJSIPShowRegistrationsOutboundAction,
        PJSIPShowContactsAction,
        PJSIPShowAorsAction,
        PJSIPShowAuthsAction,
        PJSIPNotifyAction,
        PJSIPHangupAction,
        ExtensionStateAction,
        ExtensionStateListAction,
        DeviceStateListAction,
        PresenceStateAction,
        PresenceStateListAction,
        DialplanExtensionAddAction,
        DialplanExtensionRemoveAction,
        LocalOptimizeAwayAction,
        MailboxCountAction,
        MailboxStatusAction,
        MWIGetAction,
        MWIUpdateAction,
        MWIDeleteAction,
        MessageSendAction,
        VoicemailUsersListAction,
        VoicemailUserStatusAction,
        VoicemailRefreshAction,
        VoicemailBoxSummaryAction,
        MeetmeListAction,
        MeetmeListRoomsAction,
        MeetmeMuteAction,
        MeetmeUnmuteAction,
        AgentLogoffAction,
        AgentsAction,
        FAXSessionAction,
        FAXSessionsAction,
        FAXStatsAction,
        AOCMessageAction,
        SendFlashAction,
        PlayMFAction,
        DAHDIDNDoffAction,
        DAHDIDNDonAction,
        DAHDIDialOffhookAction,
        DAHDIHangupAction,
        DAHDIRestartAction,
        DAHDIShowChannelsAction,
        DAHDIShowStatusAction,
        DAHDITransferAction,
        IAXnetstatsAction,
        IAXpeerlistAction,
        IAXpeersAction,
        IAXregistryAction,
        PRIDebugFileSetAction,
        PRIDebugFileUnsetAction,
        PRIDebugSetAction,
        PRIShowSpansAction,
        BridgeTechnologyListAction,
        BridgeTechnologySuspendAction,
        BridgeTechnologyUnsuspendAction,
        PJSIPShowRegistrationInboundContactStatusesAction,
        PJSIPShowResourceListsAction,
        PJSIPShowSubscriptionsInboundAction,
        PJSIPShowSubscriptionsOutboundAction,
        QueueChangePriorityCallerAction,
        QueueMemberRingInUseAction,
        QueueRuleAction,
        QueueWithdrawCallerAction,
        SorceryMemoryCacheExpireAction,
        SorceryMemoryCacheExpireObjectAction,
        SorceryMemoryCachePopulateAction,
        SorceryMemoryCacheStaleAction,
        SorceryMemoryCacheStaleObjectAction,
        VoicemailForwardAction,
        VoicemailMoveAction,
        VoicemailRemoveAction,
        ConfbridgeSetSingleVideoSrcAction,
        JabberSendAction,
    ];
    assert_eq!(actions.iter().sum::<usize>(), 150);
    is_an_action::<CustomAction>();
}

/// Values that are numbers: the code of each is the one on the wire.
macro_rules! numbers {
    ($($name:ident { $($variant:ident = $code:literal),* $(,)? })*) => { $( $(
        assert_eq!($name::$variant.code(), $code);
        assert_eq!($name::from($code), $name::$variant);
        assert_eq!(stringify!($code).replace(' ', "").parse(), Ok($name::$variant));
    )* )* };
}

/// Values that are words: each is read as it is written, in any case.
macro_rules! words {
    ($($name:ident { $($variant:ident),* $(,)? })*) => { $( $(
        let word = $name::$variant;
        assert_eq!($name::from(word.as_str()), word);
        assert_eq!($name::from(&*word.to_string().to_lowercase()), word);
        assert!($name::ALL.contains(&word));
    )* )* };
}

#[test]
fn every_number_of_the_domain_has_its_name() {
    numbers! {
        HangupCause {
            NotDefined = 0, Unallocated = 1, NoRouteTransitNet = 2, NoRouteDestination = 3,
            MisdialledTrunkPrefix = 5, ChannelUnacceptable = 6, CallAwardedDelivered = 7,
            PreEmpted = 8, NumberPortedNotHere = 14, NormalClearing = 16, UserBusy = 17,
            NoUserResponse = 18, NoAnswer = 19, SubscriberAbsent = 20, CallRejected = 21,
            NumberChanged = 22, RedirectedToNewDestination = 23, AnsweredElsewhere = 26,
            DestinationOutOfOrder = 27, InvalidNumberFormat = 28, FacilityRejected = 29,
            ResponseToStatusEnquiry = 30, NormalUnspecified = 31, NormalCircuitCongestion = 34,
            NetworkOutOfOrder = 38, NormalTemporaryFailure = 41, SwitchCongestion = 42,
            AccessInfoDiscarded = 43, RequestedChanUnavail = 44, FacilityNotSubscribed = 50,
            OutgoingCallBarred = 52, IncomingCallBarred = 54, BearerCapabilityNotAuth = 57,
            BearerCapabilityNotAvail = 58, BearerCapabilityNotImpl = 65, ChanNotImplemented = 66,
            FacilityNotImplemented = 69, InvalidCallReference = 81, IncompatibleDestination = 88,
            InvalidMsgUnspecified = 95, MandatoryIeMissing = 96, MessageTypeNonexist = 97,
            WrongMessage = 98, IeNonexist = 99, InvalidIeContents = 100, WrongCallState = 101,
            RecoveryOnTimerExpire = 102, MandatoryIeLengthError = 103, ProtocolError = 111,
            Interworking = 127,
        }
        ChannelState {
            Down = 0, Reserved = 1, OffHook = 2, Dialing = 3, Ring = 4, Ringing = 5, Up = 6,
            Busy = 7, DialingOffhook = 8, PreRing = 9,
        }
        ExtensionState {
            Removed = -2, Idle = 0, InUse = 1, Busy = 2, Unavailable = 4, Ringing = 8, OnHold = 16,
        }
        AgiStatus {
            Success = 200, InvalidCommand = 510, DeadChannel = 511, EndUsage = 520,
        }
    }
}

#[test]
fn every_word_of_the_domain_has_its_name() {
    words! {
        DeviceState {
            Unknown, NotInUse, InUse, Busy, Invalid, Unavailable, Ringing, RingInUse, OnHold,
        }
        DialStatus {
            Answer, Busy, NoAnswer, Cancel, Congestion, ChanUnavail, DontCall, Torture,
            InvalidArgs, Unavailable,
        }
        CdrDisposition {
            NoAnswer, Answered, Busy, Failed, Congestion,
        }
        PeerStatus {
            Registered, Unregistered, Reachable, Unreachable, Lagged, Rejected, Unknown,
        }
        QueueStrategy {
            RingAll, LeastRecent, FewestCalls, Random, RoundRobin, Linear, WeightedRandom,
        }
    }
}

/// Compiles if the client can do all of it; nothing is connected to.
#[allow(dead_code, reason = "it is there to be compiled")]
fn a_client_does_what_it_is_known_for() -> asterisk_sync::Result<()> {
    let builder: AmiClientBuilder = AmiClient::builder()
        .host("10.0.0.1")
        .port(5038)
        .credentials("admin", "secret")
        .timeout(Duration::from_secs(10))
        .reconnect(ReconnectPolicy::exponential(Duration::from_secs(1), Duration::from_secs(30)))
        .event_capacity(2048);
    let client: AmiClient = builder.connect()?;
    let pong = client.ping()?;
    println!("{pong:?} {:?}", client.connection_state());
    let all: EventSubscription<AmiEvent> = client.subscribe();
    let _: Option<AmiEvent> = all.recv();
    let some: FilteredSubscription<AmiEvent> =
        client.subscribe_filtered(|event| event.event_name() == "Hangup");
    while let Some(event) = some.recv() {
        if let AmiEvent::Hangup(hangup) = event {
            println!("{} {:?} {}", hangup.channel(), hangup.cause(), hangup.cause_txt());
        }
    }
    let result = client.send_collecting(&action::StatusAction::new())?;
    println!("{:?} {}", result.response, result.events.len());
    for line in client.send_action(&action::CommandAction::new("core show version"))?.lines() {
        println!("{line}");
    }
    client.send_action(&CustomAction::new("MyAction").header("Key", "value"))?;
    client.disconnect()
}

#[test]
fn handles_go_to_any_thread_and_can_be_shown() {
    fn is_shared<T: Send + Sync + 'static>() {}
    fn is_shown<T: Debug>() {}
    fn is_handle<T: Clone + Debug + Send + Sync + 'static>() {}
    fn is_error<T: std::error::Error + Display + Send + Sync + 'static>() {}
    is_handle::<AmiClient>();
    is_handle::<AmiClientBuilder>();
    is_handle::<AmiEvent>();
    is_handle::<Message>();
    is_handle::<Credentials>();
    is_handle::<ReconnectPolicy>();
    is_handle::<ConnectionState>();
    is_handle::<asterisk_sync::EventHandler>();
    is_handle::<asterisk_sync::ami::Filter>();
    is_handle::<asterisk_sync::ami::AmiStats>();
    is_handle::<asterisk_sync::ami::Collected>();
    is_handle::<asterisk_sync::ami::response::Response>();
    is_handle::<asterisk_sync::ami::response::CommandOutput>();
    is_shared::<EventSubscription<AmiEvent>>();
    is_shared::<FilteredSubscription<AmiEvent>>();
    is_shared::<asterisk_sync::ami::TypedSubscription<asterisk_sync::ami::event::Hangup>>();
    is_shared::<asterisk_sync::ami::PendingAnswer<asterisk_sync::ami::response::Response>>();
    is_shared::<EventBus<AmiEvent>>();
    is_shared::<asterisk_sync::Batch<AmiEvent>>();
    is_shown::<EventSubscription<AmiEvent>>();
    is_shown::<FilteredSubscription<AmiEvent>>();
    is_shown::<EventBus<AmiEvent>>();
    is_error::<Error>();
    is_error::<ConnectionError>();
    is_error::<AuthError>();
    is_error::<TimeoutError>();
    is_error::<ProtocolError>();
    is_error::<asterisk_sync::Incomplete>();
    is_error::<asterisk_sync::types::UnknownName>();
}

#[test]
fn a_bus_carries_events_of_ones_own() {
    #[derive(Debug, Clone, PartialEq)]
    struct Tick(u32);
    impl Event for Tick {}

    let bus = EventBus::new();
    let all: EventSubscription<Tick> = bus.subscribe(Subscribe::default());
    let odd = bus.subscribe(Subscribe::default()).filtered(|tick: &Tick| tick.0 % 2 == 1);
    (0..4).map(Tick).for_each(|tick| bus.publish(tick));
    drop(bus);
    assert_eq!(all.iter().collect::<Vec<_>>(), [Tick(0), Tick(1), Tick(2), Tick(3)]);
    assert_eq!(odd.iter().collect::<Vec<_>>(), [Tick(1), Tick(3)]);
}

#[test]
fn policies_states_and_credentials_are_what_they_were() {
    let (one, four) = (Duration::from_secs(1), Duration::from_secs(4));
    let doubled = ReconnectPolicy::exponential(one, four);
    assert_eq!(ReconnectPolicy::fixed(one).delay(7), Some(one));
    assert_eq!(ReconnectPolicy::none().delay(0), None);
    assert_eq!(ReconnectPolicy::fixed(one).with_max_retries(2).delay(2), None);
    assert!((0..100).all(|attempt| doubled.delay(attempt).is_some_and(|wait| wait <= four)));
    assert!((2..100).all(|attempt| doubled.delay(attempt).is_some_and(|wait| wait >= four / 2)));
    assert!(matches!(ReconnectPolicy::default().delay(u32::MAX), Some(wait) if wait > 4 * one));

    let states = [
        ConnectionState::Disconnected,
        ConnectionState::Connecting,
        ConnectionState::Connected,
        ConnectionState::Reconnecting,
    ];
    for state in states {
        assert!(!state.to_string().is_empty());
    }
    assert!(!format!("{:?}", Credentials::new("admin", "hunter2")).contains("hunter2"));
}

#[test]
fn an_error_has_four_parts_that_become_it() {
    let after = Duration::from_secs(1);
    let closed: Error = ConnectionError::ClosedByPeer("pbx".into()).into();
    assert!(matches!(closed, Error::Connection(_)) && closed.is_retryable());
    let rejected: Error = AuthError::Rejected("Authentication failed".into()).into();
    assert!(matches!(rejected, Error::Auth(_)) && rejected.is_refused());
    let missing: Error = AuthError::MissingCredentials("secret").into();
    let challenge: Error = AuthError::Challenge("none".into()).into();
    assert!(!missing.is_retryable() && !challenge.is_retryable());
    let login: Error = TimeoutError::Login { after }.into();
    assert!(matches!(login, Error::Timeout(_)) && login.is_timeout());
    let malformed: Error = ProtocolError::Malformed("what".into()).into();
    assert!(matches!(malformed, Error::Protocol(_)) && malformed.to_string().contains("what"));
}
