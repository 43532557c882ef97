//! Events, typed: [`AmiEvent`] and one struct for each event.
//!
//! A typed event is the frame itself under a name, and its methods read headers when they are
//! called. So a known event can never fail to parse: what is absent is `None` or `""`, what is odd
//! is still there by [`message`](AmiEvent::message).

pub(in crate::ami) mod macros;
mod names;
#[cfg(feature = "testing")]
mod reading;
#[cfg(test)]
mod tests;
mod view;

mod about;
mod agent;
mod agi;
mod aoc;
mod bridge;
mod cc;
mod cdr;
mod channel;
mod complete;
mod confbridge;
mod dahdi;
mod dial;
mod drivers;
mod fax;
mod list;
mod local;
mod meetme;
mod monitor;
mod parking;
mod pjsip;
mod pjsip_aor;
mod pjsip_endpoint;
mod queue;
mod rtcp;
mod security;
mod state;
mod system;
mod transfer;
mod user;
mod variable;
mod voicemail;

use crate::ami::codec::made_up;
use std::time::{Duration, SystemTime};

pub(in crate::ami) use about::is_unique_id;
pub use aoc::{AocRate, AocUnits};
use macros::all_events;
#[cfg(feature = "testing")]
#[doc(hidden)]
pub use reading::{ReadValue, Reading};
pub use rtcp::RtcpReport;
pub use view::{BridgeView, ChannelView};

use super::Message;
use crate::sync::bus;

/// A struct of this module: the frame of one kind of event.
pub trait TypedEvent: Clone + Send + Sync + 'static {
    /// The event's name on the wire.
    const NAME: &'static str;

    /// The frame as it came.
    fn message(&self) -> &Message;

    /// The frame as this event, if it is one.
    fn from_message(message: Message) -> Option<Self>;

    /// The event's name as the server wrote it.
    fn event_name(&self) -> &str {
        self.message().name()
    }

    /// See [`AmiEvent::channel`].
    fn channel(&self) -> Option<&str> {
        about::channel(self.message())
    }

    /// That channel's unique id.
    fn unique_id(&self) -> Option<&str> {
        about::first(self.message(), "Uniqueid")
    }

    /// The `ActionID`: of the action that the event answers, or of whoever caused it.
    fn action_id(&self) -> Option<&str> {
        self.message().get("ActionID")
    }

    /// That channel's linked id: the same for all channels of one call.
    fn linked_id(&self) -> Option<&str> {
        about::first(self.message(), "Linkedid")
    }

    /// See [`AmiEvent::privilege`].
    fn privilege(&self) -> Option<&str> {
        self.message().get("Privilege").map(without_all)
    }

    /// `systemname` of the server's `asterisk.conf`, if it has one.
    fn system_name(&self) -> Option<&str> {
        self.message().get("SystemName")
    }

    /// See [`AmiEvent::timestamp`].
    fn timestamp(&self) -> Option<SystemTime> {
        timestamp(self.message())
    }
}

all_events! {
    agent {
        AgentCalled, AgentConnect, AgentComplete, AgentDump, AgentRingNoAnswer, AgentLogin,
        AgentLogoff, Agents,
    }
    agi {
        AGIExecStart, AGIExecEnd, AsyncAGIStart, AsyncAGIExec, AsyncAGIEnd,
    }
    aoc {
        AocD, AocE, AocS,
    }
    bridge {
        BridgeCreate, BridgeDestroy, BridgeEnter, BridgeLeave, BridgeMerge,
        BridgeVideoSourceUpdate, BridgeListItem, BridgeInfoChannel, BridgeInfoComplete,
        BridgeTechnologyListItem,
    }
    cc {
        CCAvailable, CCOfferTimerStart, CCRequested, CCRequestAcknowledged,
        CCCallerStartMonitoring, CCCallerStopMonitoring, CCCallerRecalling, CCRecallComplete,
        CCFailure, CCMonitorFailed,
    }
    cdr {
        Cdr, Cel,
    }
    channel {
        NewChannel, Newstate, NewExten, NewCallerid, NewConnectedLine, NewAccountCode, Rename,
        HangupRequest, SoftHangupRequest, Hangup, Hold, Unhold, DtmfBegin, DtmfEnd, Flash, Wink,
        HangupHandlerPush, HangupHandlerPop, HangupHandlerRun, ChannelTalkingStart,
        ChannelTalkingStop, Pickup, MusicOnHoldStart, MusicOnHoldStop, SessionTimeout,
    }
    complete {
        AgentsComplete, AorListComplete, AuthListComplete, BridgeListComplete,
        BridgeTechnologyListComplete, ChannelsHungupListComplete, ConfbridgeListComplete,
        ConfbridgeListRoomsComplete, ContactListComplete, ContactStatusDetailComplete,
        CoreShowChannelMapComplete, CoreShowChannelsComplete, DAHDIShowChannelsComplete,
        DAHDIShowStatusComplete, DBGetComplete, DBGetTreeComplete, DevicelistComplete,
        DeviceStateListComplete, EndpointDetailComplete, EndpointListComplete,
        ExtensionStateListComplete, FAXSessionsComplete, InboundRegistrationDetailComplete,
        InboundSubscriptionDetailComplete, LinelistComplete, MeetmeListComplete,
        MeetmeListRoomsComplete, MWIGetComplete, OutboundRegistrationDetailComplete,
        OutboundSubscriptionDetailComplete, ParkedCallsComplete, ParkinglotsComplete,
        PeerlistComplete, PJSIPMaintenanceStatusComplete, PresenceStateListComplete,
        PRIShowSpansComplete, QueueStatusComplete, QueueSummaryComplete, RegistrationsComplete,
        ResourceListDetailComplete, ShowDialPlanComplete, SIPpeerstatusComplete, StatusComplete,
        VoicemailBoxDetailComplete, VoicemailUserDetailComplete, VoicemailUserEntryComplete,
    }
    confbridge {
        ConfbridgeStart, ConfbridgeEnd, ConfbridgeRecord, ConfbridgeStopRecord, ConfbridgeJoin,
        ConfbridgeLeave, ConfbridgeMute, ConfbridgeUnmute, ConfbridgeTalking, ConfbridgeList,
        ConfbridgeListRooms,
    }
    dahdi {
        Alarm, AlarmClear, SpanAlarm, SpanAlarmClear, DNDState, DAHDIChannel, DAHDIShowChannels,
        DAHDIShowStatus, PRIShowSpans, MCID,
    }
    dial {
        DialBegin, DialState, DialEnd, OriginateResponse,
    }
    drivers {
        PeerEntry, RegistryEntry, SIPQualifyPeerDone, DeviceEntry, LineEntry, JabberStatus,
        MobileStatus,
    }
    fax {
        FAXStatus, ReceiveFAX, SendFAX, FAXSession, FAXSessionsEntry, FAXStats,
    }
    list {
        CoreShowChannel, CoreShowChannelMap, Status, ChannelHungup, DBGetResponse,
        DBGetTreeResponse, ListDialplan, WaitEventComplete,
    }
    local {
        LocalBridge, LocalOptimizationBegin, LocalOptimizationEnd,
    }
    meetme {
        MeetmeJoin, MeetmeLeave, MeetmeMute, MeetmeTalking, MeetmeTalkRequest, MeetmeEnd,
        MeetmeList, MeetmeListRooms,
    }
    monitor {
        MixMonitorStart, MixMonitorStop, MixMonitorMute, MonitorStart, MonitorStop, ChanSpyStart,
        ChanSpyStop,
    }
    parking {
        ParkedCall, UnParkedCall, ParkedCallGiveUp, ParkedCallTimeOut, ParkedCallSwap, Parkinglot,
    }
    pjsip {
        IdentifyDetail, TransportDetail, ResourceListDetail, PJSIPMaintenanceStatus,
        InboundSubscriptionDetail, OutboundSubscriptionDetail,
    }
    pjsip_aor {
        AorList, AorDetail, InboundRegistrationDetail, AuthList, AuthDetail, ContactList,
        ContactStatusDetail, OutboundRegistrationDetail,
    }
    pjsip_endpoint {
        EndpointList, EndpointDetail,
    }
    queue {
        QueueCallerJoin, QueueCallerLeave, QueueCallerAbandon, QueueMemberAdded,
        QueueMemberRemoved, QueueMemberPause, QueueMemberStatus, QueueMemberPenalty,
        QueueMemberRinginuse, QueueParams, QueueMember, QueueEntry, QueueSummary,
    }
    rtcp {
        RTCPReceived, RTCPSent,
    }
    security {
        FailedACL, InvalidAccountID, InvalidPassword, ChallengeSent, ChallengeResponseFailed,
        SuccessfulAuth, AuthMethodNotAllowed, UnexpectedAddress, InvalidTransport,
        RequestBadFormat, RequestNotAllowed, RequestNotSupported, SessionLimit, LoadAverageLimit,
        MemoryLimit,
    }
    state {
        DeviceStateChange, ExtensionStatus, PresenceStateChange, PresenceStatus,
    }
    system {
        FullyBooted, Shutdown, Reload, Load, Unload, LogChannel, DeadlockStart, PeerStatus,
        Registry, ContactStatus, TestEvent,
    }
    transfer {
        AttendedTransfer, BlindTransfer,
    }
    user {
        UserEvent,
    }
    variable {
        VarSet,
    }
    voicemail {
        VoicemailUserEntry, VoicemailUserDetail, VoicemailBoxDetail, VoicemailPasswordChange,
        MessageWaiting, MWIGet, MiniVoiceMail,
    }
}

/// Here the stream has a hole: events were lost because the subscriber was slow or they were over
/// the limit for a message, or the connection was gone for a while, or both.
///
/// It stands before the first event that came after the hole. What happened meanwhile has to be
/// asked for.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct Gap(pub(in crate::ami) Message);

impl Gap {
    /// How many events of this subscription were lost because its queue was full, or because they
    /// were over the limit for a message. What happened while there was no connection nobody has
    /// counted.
    pub fn missed(&self) -> u64 {
        self.0.parse("Missed").unwrap_or(0)
    }

    /// Whether the connection was lost and made anew.
    pub fn reconnected(&self) -> bool {
        self.0.get("Reconnected") == Some("true")
    }

    /// The made-up frame.
    pub fn message(&self) -> &Message {
        &self.0
    }
}

impl AmiEvent {
    pub(in crate::ami) fn from_message(message: Message) -> Self {
        MAKE[usize::from(message.event_id())](message)
    }

    /// The event's name as the server wrote it; `Gap` for a gap.
    pub fn event_name(&self) -> &str {
        self.message().name()
    }

    /// The first channel it speaks of: that of `Channel`, or in an event that has its channels under
    /// prefixes alone the first of these, such as the `ParkeeChannel` of a `ParkedCall`. `None` if it
    /// speaks of no channel.
    pub fn channel(&self) -> Option<&str> {
        about::channel(self.message())
    }

    /// That channel's unique id.
    pub fn unique_id(&self) -> Option<&str> {
        about::first(self.message(), "Uniqueid")
    }

    /// That channel's linked id: the same for all channels of one call.
    pub fn linked_id(&self) -> Option<&str> {
        about::first(self.message(), "Linkedid")
    }

    /// The `ActionID`: of the action that the event answers, or of whoever caused it.
    pub fn action_id(&self) -> Option<&str> {
        self.message().get("ActionID")
    }

    /// The event's class, such as `call`: the `Privilege` header without the `all` that Asterisk
    /// puts behind every one.
    pub fn privilege(&self) -> Option<&str> {
        self.message().get("Privilege").map(without_all)
    }

    /// `systemname` of the server's `asterisk.conf`, if it has one.
    pub fn system_name(&self) -> Option<&str> {
        self.message().get("SystemName")
    }

    /// When it was sent, if the server has `timestampevents` on.
    pub fn timestamp(&self) -> Option<SystemTime> {
        timestamp(self.message())
    }

    /// This event as one type: `event.as_event::<event::Hangup>()`.
    pub fn as_event<E: TypedEvent>(&self) -> Option<E> {
        match self {
            Self::Gap(_) => None,
            _ => E::from_message(self.message().clone()),
        }
    }

    /// The same event in memory of its own. An event shares the block of frames it arrived in; one
    /// that is kept for long should not keep the others.
    #[must_use]
    pub fn detach(&self) -> Self {
        match self {
            Self::Gap(gap) => Self::Gap(Gap(gap.0.detach())),
            _ => Self::from_message(self.message().detach()),
        }
    }
}

/// The typed form of a frame. What is not an event at all is `Unknown`.
impl From<Message> for AmiEvent {
    fn from(message: Message) -> Self {
        Self::from_message(message)
    }
}

impl bus::Event for AmiEvent {
    const THREAD: &'static str = "ami-event";

    fn gap(gap: bus::Gap) -> Option<Self> {
        let (missed, reconnected) = (gap.missed(), gap.reconnected());
        let text = format!("Event: Gap\r\nMissed: {missed}\r\nReconnected: {reconnected}\r\n\r\n");
        Some(Self::Gap(Gap(made_up(text.as_bytes()))))
    }
}

/// An event's id by its name, without regard to case; 0 for a name that has no type.
pub(in crate::ami) fn id_of(name: &str) -> u16 {
    names::id_of(name)
}

fn is_event(message: &Message, name: &str) -> bool {
    message.kind() == super::MessageKind::Event && message.name().eq_ignore_ascii_case(name)
}

fn without_all(privilege: &str) -> &str {
    privilege.strip_suffix(",all").unwrap_or(privilege)
}

fn timestamp(message: &Message) -> Option<SystemTime> {
    let (seconds, fraction) = message.get("Timestamp")?.split_once('.')?;
    let micros: u32 = format!("{fraction:0<6.6}").parse().ok()?;
    SystemTime::UNIX_EPOCH.checked_add(Duration::new(seconds.parse().ok()?, micros * 1000))
}
