//! The tables of events, on what a real Asterisk sent.

use std::sync::Arc;
use std::time::Duration;

use asterisk_sync::ami::AmiEvent;
use asterisk_sync::ami::codec::Decoder;
use asterisk_sync::ami::event::{self, ChannelView, TypedEvent};
use asterisk_sync::types::{
    CdrDisposition, CelEventType, ChannelState, DeviceState, DialStatus, HangupCause,
    QueueMembership, QueueStrategy, Rel100,
};

const CALLS: &[u8] = include_bytes!("../captures/calls.ami");
const STATE: &[u8] = include_bytes!("../captures/state.ami");
const LISTS: &[u8] = include_bytes!("../captures/lists.ami");
const ODD: &[u8] = include_bytes!("../captures/odd.ami");

/// All events of one kind, in the order they came.
fn all<E: TypedEvent>(capture: &[u8]) -> Vec<E> {
    let banner = capture.iter().position(|byte| *byte == b'\n').expect("a banner");
    let block = Decoder::new(1 << 20).push(&capture[banner + 1..]).expect("frames");
    let events: Vec<E> = Arc::new(block).messages().filter_map(E::from_message).collect();
    assert!(!events.is_empty(), "{}", E::NAME);
    events
}

#[test]
fn a_call_is_told_from_its_beginning_to_its_end() {
    let begin = &all::<event::DialBegin>(CALLS)[0];
    assert!(!begin.channel().is_present());
    assert_eq!(begin.dest(), "Local/answer@test-0000000f;1");
    assert_eq!(begin.dest().state(), Some(ChannelState::Down));
    assert_eq!(begin.dest().caller_id_num(), None);
    assert_eq!(begin.dial_string(), Some("answer@test"));
    let variables: Vec<_> = begin.dest().variables().collect();
    assert_eq!(variables, [("CALLTAG", "".into()), ("CALLNOTE", "".into())]);

    let bridge = &all::<event::LocalBridge>(CALLS)[0];
    assert_eq!(bridge.local_one().unique_id(), begin.dest().unique_id());
    assert_eq!(bridge.local_two().state(), Some(ChannelState::Ring));
    assert_eq!((bridge.context(), bridge.exten()), ("test", "answer"));
    assert_eq!(bridge.local_optimization(), Some(true));

    let ends: Vec<_> =
        all::<event::DialEnd>(CALLS).iter().map(event::DialEnd::dial_status).collect();
    assert_eq!(ends, [Some(DialStatus::Answer), Some(DialStatus::Busy)]);

    let hangup = &all::<event::Hangup>(CALLS)[0];
    assert_eq!(hangup.channel(), "Local/answer@test-0000000f;1");
    assert_eq!(hangup.cause(), Some(HangupCause::NormalClearing));
    assert_eq!(hangup.cause_txt(), "Normal Clearing");
    assert_eq!(hangup.linked_id(), Some(hangup.channel().linked_id()));
    assert_eq!(hangup.privilege(), Some("call"));

    assert!(all::<event::NewExten>(CALLS).iter().any(|step| step.application() == "Busy"));
}

/// Of the first event of a kind: what it says of its first channel, and what is expected.
fn assert_about<E: TypedEvent>(capture: &[u8], of: impl Fn(&E) -> ChannelView<'_>) {
    let typed = &all::<E>(capture)[0];
    let expected = of(typed);
    assert!(expected.is_present(), "{}", E::NAME);
    let event = AmiEvent::from(typed.message().clone());
    let told = [event.channel(), event.unique_id(), event.linked_id()];
    assert_eq!(told, [expected.channel(), expected.unique_id(), expected.linked_id()].map(Some));
    let told = [typed.channel(), typed.unique_id(), typed.linked_id()];
    assert_eq!(told, [event.channel(), event.unique_id(), event.linked_id()]);
}

#[test]
fn an_event_whose_channels_have_prefixes_is_about_the_first_of_them() {
    assert_about(CALLS, event::DialBegin::dest);
    assert_about(CALLS, event::LocalBridge::local_one);
    assert_about(STATE, event::ParkedCall::parkee);
    assert_about(STATE, event::ParkedCallGiveUp::parkee);
    assert_about(STATE, event::BlindTransfer::transferer);
    assert_about(STATE, event::AttendedTransfer::orig_transferer);
    assert_about(STATE, event::LocalOptimizationBegin::local_one);
    // One without a prefix is about that.
    assert_about(CALLS, event::NewExten::channel);
}

#[test]
fn a_call_is_recorded() {
    let step = &all::<event::Cel>(CALLS)[0];
    assert_eq!(step.event_name(), Some(CelEventType::ChannelStart));
    assert_eq!(step.channel(), "Local/answer@test-0000000f;1");
    assert_eq!((step.application(), step.user_field()), ("", ""));

    let record = &all::<event::Cdr>(CALLS)[0];
    assert_eq!(record.disposition(), Some(CdrDisposition::Answered));
    assert_eq!(record.duration(), Some(Duration::ZERO));
    assert_eq!(record.caller_id(), r#""" <>"#);
    assert_eq!(record.message().get("CallTag"), Some(""));
}

#[test]
fn a_client_sends_an_event_of_its_own() {
    let event = &all::<event::UserEvent>(CALLS)[0];
    assert_eq!(event.user_event(), "Hello");
    assert!(!event.channel().is_present());
    let headers: Vec<_> = event.headers().collect();
    assert_eq!(headers, [("ActionID", "3"), ("Greeting", "gr\u{fc}\u{df} dich")]);
}

#[test]
fn a_queue_and_its_members_are_listed() {
    let queues = all::<event::QueueParams>(LISTS);
    assert_eq!(queues[0].queue(), "support");
    assert_eq!(queues[0].strategy(), Some(QueueStrategy::LeastRecent));
    assert_eq!(queues[0].service_level(), Some(Duration::from_secs(60)));
    assert_eq!(queues[0].service_level_perf2(), Some(0.0));

    let member = &all::<event::QueueMember>(LISTS)[1];
    assert_eq!((member.name(), member.location()), ("Agent One", "Local/agent1@test/n"));
    assert_eq!(member.membership(), Some(QueueMembership::Static));
    assert_eq!(member.status(), Some(DeviceState::NotInUse));
    assert_eq!((member.paused(), member.in_call()), (Some(false), Some(false)));
    assert_eq!(member.last_call(), None);
    assert!(member.login_time().is_some());
}

#[test]
fn an_endpoint_is_shown_with_all_it_has() {
    let endpoints = all::<event::EndpointList>(LISTS);
    assert_eq!(endpoints[1].object_name(), "bob");
    assert_eq!(endpoints[1].device_state(), Some(DeviceState::NotInUse));
    assert_eq!(endpoints[1].active_channels(), Some(0));

    let detail = &all::<event::EndpointDetail>(LISTS)[0];
    assert_eq!(detail.caller_id(), r#""Alice Example" <201>"#);
    assert_eq!((detail.rel100(), detail.allow()), (Some(Rel100::Yes), "(ulaw|alaw)"));
    assert_eq!((detail.rtp_symmetric(), detail.webrtc()), (Some(true), Some(false)));
    assert_eq!(detail.timers_sess_expires(), Some(Duration::from_secs(1800)));

    let aor = &all::<event::AorDetail>(LISTS)[0];
    assert_eq!((aor.max_contacts(), aor.endpoint_name()), (Some(2), "alice"));
    assert_eq!(aor.qualify_timeout(), Some(Duration::from_secs(3)));

    let end = &all::<event::EndpointDetailComplete>(LISTS)[0];
    assert_eq!(end.event_list(), "Complete");
    assert!(end.list_items().is_some());
}

#[test]
fn a_value_is_what_it_was_before_the_server_escaped_it() {
    let sets = all::<event::VarSet>(ODD);
    let blanks = sets.iter().find(|set| set.variable() == "BLANKS").expect("it was captured");
    assert_eq!(blanks.value(), r#""quoted"  \back\  "#);
    assert_eq!(blanks.channel(), "none");
}
