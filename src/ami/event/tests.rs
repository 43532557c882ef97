use super::*;
use crate::ami::codec::made_up;
use crate::types::*;

#[test]
fn an_event_is_16_bytes() {
    assert_eq!(size_of::<AmiEvent>(), 16);
}

#[test]
fn every_name_finds_its_own_type_in_any_case() {
    for (i, name) in NAMES.iter().enumerate() {
        assert_eq!(usize::from(id_of(name)), i + 1, "{name}");
        assert_eq!(usize::from(id_of(&name.to_ascii_uppercase())), i + 1, "{name}");
        let text = format!("Event: {name}\r\n\r\n");
        let event = AmiEvent::from_message(made_up(text.as_bytes()));
        assert!(!matches!(event, AmiEvent::Unknown(_)), "{name}");
        assert_eq!(event.event_name(), *name);
    }
    assert_eq!(id_of("NoSuchEvent"), 0);
}

#[test]
fn an_event_without_a_type_is_kept_whole() {
    let message = made_up(b"Event: NoSuchEvent\r\nA: 1\r\n\r\n");
    let event = AmiEvent::from_message(message);
    assert!(matches!(event, AmiEvent::Unknown(_)));
    assert_eq!(event.message().get("a"), Some("1"));
}

/// What a server sends, with the ends of lines that it has.
fn parsed<E: TypedEvent>(frame: &str) -> E {
    let wire: String = frame.lines().flat_map(|line| [line, "\r\n"]).chain(["\r\n"]).collect();
    E::from_message(made_up(wire.as_bytes())).expect("it is this event")
}

#[test]
fn a_hangup_has_its_channel_and_cause() {
    let event: Hangup = parsed(
        r#"Event: Hangup
Privilege: call,all
SystemName: pbx
Channel: PJSIP/alice-00000001
ChannelState: 6
ChannelStateDesc: Up
CallerIDNum: 100
CallerIDName: Alice \"A\"
ConnectedLineNum: <unknown>
ConnectedLineName: <unknown>
Language: en
AccountCode: 
Context: default
Exten: 200
Priority: 3
Uniqueid: 1760000000.1
Linkedid: 1760000000.1
Cause: 16
Cause-txt: Normal Clearing"#,
    );
    let channel = event.channel();
    assert_eq!(channel, "PJSIP/alice-00000001");
    assert_eq!(channel.state(), Some(ChannelState::Up));
    assert_eq!(channel.caller_id_name().as_deref(), Some("Alice \"A\""));
    assert_eq!(channel.connected_line_num(), None);
    assert_eq!((channel.exten(), channel.priority()), ("200", Some(3)));
    assert_eq!(event.cause(), Some(HangupCause::NormalClearing));
    assert_eq!(event.cause_txt(), "Normal Clearing");
    assert_eq!(event.tech_cause(), None);
    assert_eq!((event.privilege(), event.system_name()), (Some("call"), Some("pbx")));
    assert_eq!(event.linked_id(), Some("1760000000.1"));
}

#[test]
fn a_name_is_that_of_the_wire_and_not_that_of_the_documentation() {
    let frame = "Event: Newexten\nChannel: A\nExtension: 1\nApplication: NoOp\nAppData: a,b";
    let event: NewExten = parsed(frame);
    assert_eq!((event.application(), event.app_data()), ("NoOp", "a,b"));
    let wire = made_up(b"Event: Newexten\r\n\r\n");
    assert!(matches!(AmiEvent::from_message(wire), AmiEvent::NewExten(_)));
}

#[test]
fn a_dial_may_have_no_caller() {
    let event: DialBegin = parsed(
        "Event: DialBegin
Privilege: call,all
DestChannel: PJSIP/bob-00000002
DestChannelState: 0
DestChannelStateDesc: Down
DestUniqueid: 1760000000.2
DestLinkedid: 1760000000.2
DialString: bob",
    );
    assert!(!event.channel().is_present());
    assert_eq!(event.channel(), "");
    assert_eq!(event.dest(), "PJSIP/bob-00000002");
    assert_eq!(event.dest().state(), Some(ChannelState::Down));
    assert_eq!(event.dial_string(), Some("bob"));
}

#[test]
fn the_channel_of_an_event_has_all_its_ids_or_none() {
    let about = |frame: &str| {
        let event = AmiEvent::from_message(made_up(frame.as_bytes()));
        [event.channel(), event.unique_id(), event.linked_id()].map(|it| it.map(str::to_owned))
    };
    let some = |text: &str| Some(text.to_owned());
    // One without a prefix is the one, wherever it stands and whatever it lacks.
    let both = "Event: Some\r\nDestChannel: b\r\nDestUniqueid: 2\r\nDestLinkedid: 1\r\n";
    assert_eq!(about(&format!("{both}Channel: a\r\n\r\n")), [some("a"), None, None]);
    assert_eq!(about(&format!("{both}\r\n")), [some("b"), some("2"), some("1")]);
    // Nor are two mixed.
    let two =
        "Event: Some\r\nBridgeUniqueid: x\r\nAUniqueid: 1\r\nBChannel: b\r\nBLinkedid: 2\r\n\r\n";
    assert_eq!(about(two), [None, some("1"), None]);
    // A bridge is no channel, and a log file is none.
    assert_eq!(about("Event: BridgeDestroy\r\nBridgeUniqueid: x\r\n\r\n"), [None, None, None]);
    assert_eq!(about("Event: LogChannel\r\nChannel: full\r\n\r\n"), [None, None, None]);
}

#[test]
fn what_agi_reads_over_the_manager_is_decoded() {
    let start: AsyncAGIStart =
        parsed("Event: AsyncAGIStart\nEnv: agi_request%3A%20async%0Aagi_threadid%3A%201%0A%0A");
    assert_eq!(start.decoded_env(), "agi_request: async\nagi_threadid: 1\n\n");
    let exec: AsyncAGIExec =
        parsed("Event: AsyncAGIExec\nResult: 200%20result%3D1%20(%C3%BC%FF)%0A");
    assert_eq!(exec.decoded_result(), "200 result=1 (\u{fc}\u{fffd})\n");
}

#[test]
fn a_malicious_call_says_what_may_be_shown_of_whom() {
    use CallerPresentation::{AllowedNotScreened, AllowedPassedScreen, Prohib};
    let event: MCID = parsed(
        "Event: MCID
MCallerIDPres: 1 (Presentation Allowed, Passed Screen)
MCallerIDNumPres: 0 (Presentation Allowed, Not Screened)
MConnectedIDPres: 35 (Presentation Prohibited, Network Number)",
    );
    assert_eq!(event.caller_presentation(), Some(AllowedPassedScreen));
    assert_eq!(event.caller_number_presentation(), Some(AllowedNotScreened));
    assert_eq!(event.caller_name_presentation(), None);
    assert_eq!(event.connected_presentation(), Some(Prohib));
}

#[test]
fn a_cel_record_has_headers_of_its_own() {
    let event: Cel = parsed(
        r#"Event: CEL
Privilege: call,all
EventName: BRIDGE_ENTER
CallerIDnum: 100
Exten: 200
Channel: PJSIP/alice-00000001
Application: Dial
AppData: PJSIP/bob,30
EventTime: 2026-01-31 13:59:00
AMAFlags: DOCUMENTATION
UniqueID: 1760000000.1
LinkedID: 1760000000.1
Userfield: x
Extra: {"bridge_id":"b1"}"#,
    );
    assert_eq!(event.event_name(), Some(CelEventType::BridgeEnter));
    assert_eq!((event.application(), event.app_data()), ("Dial", "PJSIP/bob,30"));
    assert_eq!(event.ama_flags(), Some(AmaFlags::Documentation));
    assert_eq!((event.unique_id(), event.linked_id()), ("1760000000.1", "1760000000.1"));
    assert_eq!((event.user_field(), event.peer()), ("x", ""));
    assert_eq!(event.extra(), r#"{"bridge_id":"b1"}"#);
}

#[test]
fn one_event_has_many_channels_and_bridges_by_their_prefixes() {
    let event: LocalBridge = parsed(
        "Event: LocalBridge
LocalOneChannel: Local/1@a-00000001;1
LocalOneUniqueid: 1.1
LocalTwoChannel: Local/1@a-00000001;2
LocalTwoUniqueid: 1.2
Context: a
Exten: 1
LocalOptimization: Yes",
    );
    assert_eq!(event.local_one().unique_id(), "1.1");
    assert_eq!(event.local_two(), "Local/1@a-00000001;2");
    assert_eq!(event.local_optimization(), Some(true));

    let event: BridgeMerge = parsed(
        "Event: BridgeMerge
ToBridgeUniqueid: b1
ToBridgeType: basic
ToBridgeNumChannels: 2
ToBridgeVideoSourceMode: none
FromBridgeUniqueid: b2
FromBridgeName: <unknown>",
    );
    assert_eq!((event.to().unique_id(), event.to().num_channels()), ("b1", Some(2)));
    assert_eq!(event.to().video_source_mode(), Some(VideoSourceMode::None));
    assert_eq!((event.from().unique_id(), event.from().name()), ("b2", None));

    let event: ParkedCall = parsed(
        "Event: ParkedCall
ParkeeChannel: PJSIP/alice-00000001
ParkeeChannelState: 6
ParkeeUniqueid: 1.1
ParkerDialString: PJSIP/bob
Parkinglot: default
ParkingSpace: 701
ParkingTimeout: 45
ParkingDuration: 0",
    );
    assert_eq!(event.parkee().unique_id(), "1.1");
    assert_eq!((event.parking_space(), event.parkinglot()), (Some(701), "default"));
    assert_eq!(event.parking_timeout(), Some(Duration::from_secs(45)));
    assert_eq!(event.parking_duration(), Some(Duration::ZERO));
}

#[test]
fn a_queue_member_has_numbers_truths_and_times() {
    let event: QueueMemberStatus = parsed(
        "Event: QueueMemberStatus
Privilege: agent,all
Queue: sales
MemberName: Bob
Interface: PJSIP/bob
StateInterface: PJSIP/bob
Membership: dynamic
Penalty: -1
CallsTaken: 7
LastCall: 1760000000
LastPause: 0
LoginTime: 1750000000
InCall: 0
Status: 1
Paused: 1
PausedReason: lunch
Ringinuse: 0
Wrapuptime: 15",
    );
    assert_eq!(event.membership(), Some(QueueMembership::Dynamic));
    assert_eq!((event.penalty(), event.calls_taken()), (Some(-1), Some(7)));
    let last_call = SystemTime::UNIX_EPOCH + Duration::from_secs(1_760_000_000);
    assert_eq!((event.last_call(), event.last_pause()), (Some(last_call), None));
    assert_eq!(event.status(), Some(DeviceState::NotInUse));
    assert_eq!((event.in_call(), event.paused()), (Some(false), Some(true)));
    assert_eq!((event.ring_inuse(), event.paused_reason()), (Some(false), Some("lunch")));
    assert_eq!(event.wrapup_time(), Some(Duration::from_secs(15)));
}

#[test]
fn a_caller_in_a_queue_has_a_priority_of_its_own_and_nothing_escaped() {
    let event: QueueEntry = parsed(
        r"Event: QueueEntry
Queue: sales
Position: 1
Channel: PJSIP/alice-00000001
Uniqueid: 1.1
CallerIDName: C:\new
Wait: 12
Priority: 5",
    );
    assert_eq!(event.channel().caller_id_name().as_deref(), Some(r"C:\new"));
    assert_eq!((event.position(), event.priority()), (Some(1), Some(5)));
    assert_eq!(event.wait(), Some(Duration::from_secs(12)));
}

#[test]
fn an_empty_header_is_no_word_and_no_number() {
    let leave: BridgeCreate = parsed("Event: BridgeCreate\nBridgeVideoSourceMode: \n\n");
    assert_eq!(leave.bridge().video_source_mode(), None);
    let end: DialEnd = parsed("Event: DialEnd\nDialStatus: \n\n");
    assert_eq!(end.dial_status(), None);
}

#[test]
fn times_are_read_in_all_their_forms() {
    use std::time::{Duration, SystemTime};
    let channel: CoreShowChannel = parsed("Event: CoreShowChannel\nDuration: 01:00:05\n\n");
    assert_eq!(channel.duration(), Some(Duration::from_secs(3605)));
    let status: Status = parsed("Event: Status\nTimeToHangup: 0\n\n");
    assert_eq!(status.time_to_hangup(), None);
    let status: Status = parsed("Event: Status\nTimeToHangup: 1795254987\n\n");
    let end = SystemTime::UNIX_EPOCH + Duration::from_secs(1_795_254_987);
    assert_eq!(status.time_to_hangup(), Some(end));
    let auth: SuccessfulAuth =
        parsed("Event: SuccessfulAuth\nEventTV: 2026-11-21T09:56:27.000+0000\n\n");
    assert_eq!(auth.event_tv(), Some(end));
}

#[test]
fn an_unknown_word_or_state_is_kept() {
    let event: ExtensionStatus = parsed("Event: ExtensionStatus\nStatus: -1");
    assert_eq!(event.status(), Some(ExtensionState::Other(-1)));
    let event: DialEnd = parsed("Event: DialEnd\nDialStatus: SOMETHING_NEW");
    assert_eq!(event.dial_status().as_ref().map(DialStatus::as_str), Some("SOMETHING_NEW"));
}

#[test]
fn what_the_user_put_into_an_event_is_told_from_what_asterisk_did() {
    let event: UserEvent = parsed(
        "Event: UserEvent
Privilege: user,all
Channel: PJSIP/alice-00000001
Uniqueid: 1.1
UserEvent: Lunch
Key: a: b
Empty: 
Key: again",
    );
    assert_eq!(event.user_event(), "Lunch");
    assert_eq!(event.channel().unique_id(), "1.1");
    let headers: Vec<_> = event.headers().collect();
    assert_eq!(headers, [("Key", "a: b"), ("Empty", ""), ("Key", "again")]);
}

#[test]
fn a_variable_is_as_it_was_before_the_server_escaped_it() {
    let event: VarSet = parsed("Event: VarSet\nVariable: V\nValue: a\\nb\\\\c ");
    assert_eq!((event.variable(), &*event.value()), ("V", "a\nb\\c "));
}

#[test]
fn variables_of_a_channel_come_in_two_forms() {
    let event: DialEnd = parsed(
        r"Event: DialEnd
Channel: IAX2/192.0.2.1:4569-1
ChanVariable: A=1\n
DestChannel: PJSIP/bob-00000002
DestChanVariable: B=2
ChanVariable(IAX2/192.0.2.1:4569-1): C=3\n
ChanVariable(PJSIP/bob-00000002): D=x=y",
    );
    let variables = |view: ChannelView| -> Vec<_> {
        view.variables().map(|(name, value)| format!("{name}={value}")).collect()
    };
    assert_eq!(variables(event.channel()), ["A=1\n", r"C=3\n"]);
    assert_eq!(variables(event.dest()), ["B=2", "D=x=y"]);
}

#[test]
fn an_originate_response_is_an_event_in_spite_of_its_response() {
    let event: OriginateResponse = parsed(
        "Event: OriginateResponse
ActionID: 1
Response: Failure
Channel: PJSIP/alice
Reason: 5
Uniqueid: <null>",
    );
    assert!(!event.is_success());
    assert_eq!(event.reason(), Some(OriginateReason::Busy));
    assert_eq!(event.channel(), "PJSIP/alice");
    assert_eq!(event.action_id(), Some("1"));
}

#[test]
fn a_list_may_have_a_header_named_event() {
    let frame = "Event: ResourceListDetail\nObjectName: staff\nEvent: presence\nFullState: yes";
    let event: ResourceListDetail = parsed(frame);
    assert_eq!((event.list_event(), event.full_state()), (Some("presence"), Some(true)));
}

#[test]
fn reports_of_a_stream_are_numbered() {
    let event: RTCPReceived = parsed(
        "Event: RTCPReceived
Channel: PJSIP/alice-00000001
SSRC: 0x0000abcd
PT: 200(SR)
From: 192.0.2.1:4001
RTT: 0.0312
ReportCount: 1
Report0SourceSSRC: 0xffffffff
Report0FractionLost: 3
Report0CumulativeLost: -2
Report0DLSR: 1.5000",
    );
    assert_eq!((event.ssrc(), event.report_count()), (Some(0xabcd), Some(1)));
    assert_eq!(event.rtt(), Some(Duration::from_micros(31_200)));
    let reports: Vec<_> = event.reports().collect();
    assert_eq!(reports.len(), 1);
    assert_eq!(reports[0].source_ssrc(), Some(u32::MAX));
    assert_eq!(reports[0].cumulative_lost(), Some(-2));
    assert_eq!(reports[0].dlsr(), Some(Duration::from_millis(1500)));
}

#[test]
fn charges_are_read_from_their_paths() {
    let event: AocE = parsed(
        "Event: AOC-E
Channel: DAHDI/1-1
ChargingAssociation/Number: 100
Charge/Type: Units
Charge/BillingID: Reverse
Charge/Units(0)/NumberOf: 3
Charge/Units(1)/TypeOf: 1",
    );
    assert_eq!(event.charge_type(), Some(AocChargeType::Unit));
    assert_eq!(event.billing_id(), Some(AocBillingId::ReverseCharge));
    assert_eq!((event.number(), event.cost()), (Some("100"), None));
    let units: Vec<_> = event.units().map(|units| (units.number_of, units.type_of)).collect();
    assert_eq!(units, [(Some(3), None), (None, Some(1))]);

    let event: AocS = parsed(
        "Event: AOC-S
Channel: DAHDI/1-1
(null)(0)/Chargeable: BasicCommunication
(null)(0)/Duration/Currency/Name: EUR
(null)(0)/Duration/Currency/Cost: 12
(null)(0)/Duration/Currency/Multiplier: 1/100
(null)(0)/Duration/Time/Length: 60
(null)(1)/Chargeable: NotAvailable",
    );
    let rates: Vec<_> = event.rates().collect();
    assert_eq!(rates.len(), 2);
    assert_eq!(rates[0].chargeable(), Some(AocChargedItem::BasicCommunication));
    assert_eq!(rates[0].rate_type(), Some(AocRateType::Duration));
    assert_eq!((rates[0].currency_name(), rates[0].cost()), (Some("EUR"), Some(12)));
    assert_eq!(rates[0].multiplier(), Some(AocMultiplier::OneHundredth));
    assert_eq!(rates[0].length(), Some(60));
    assert_eq!((rates[1].rate_type(), rates[1].cost()), (None, None));
}
