//! Records of calls, compared with the server's own.

use std::time::Duration;

use asterisk_sync::ami::AmiClient;
use asterisk_sync::ami::action::{
    AtxferAction, BlindTransferAction, BridgeAction, HangupAction, OriginateAction,
};
use asterisk_sync::ami::event::{
    AttendedTransfer, BridgeEnter, BridgeLeave, Cdr, ChannelView, DialEnd, NewExten, ParkedCall,
    UserEvent,
};
use asterisk_sync::ami::tracker::{CallRecord, CallTracker, TransferKind};
use asterisk_sync::ami::{AmiEvent, TypedSubscription};
use asterisk_sync::types::{CdrDisposition, HangupCause, TransferResult};

use crate::support::{Call, PATIENCE, Scratch, await_event, client, eventually, unique};

/// Records until that of a call has come; other tests make calls too.
fn record(tracker: &CallTracker, id: &str) -> CallRecord {
    loop {
        let record = tracker.recv_timeout(PATIENCE).expect("the record in time").expect("no end");
        if record.linked_ids().any(|linked| linked == id) {
            return record;
        }
    }
}

/// The server's record of the channel that runs the dialplan: the first of them, if it dialled.
fn cdr(cdrs: &TypedSubscription<Cdr>, id: &str) -> Cdr {
    await_event(cdrs, |it| it.unique_id() == id)
}

fn originate(ami: &AmiClient, call: &Call, extension: &str, more: &[(&str, &str)]) {
    let action =
        more.iter().fold(call.action(extension), |it, (name, value)| it.variable(*name, *value));
    ami.send_action(&action.asynchronous(true)).expect("a call");
}

/// What both count must be the same; the server counts whole seconds.
fn assert_like(record: &CallRecord, cdr: &Cdr) {
    assert_eq!(Some(record.disposition()), cdr.disposition(), "{record:?}\n{cdr:?}");
    assert_eq!(record.answer().is_some(), !cdr.answer_time().is_empty(), "{cdr:?}");
    let pairs = [(record.duration(), cdr.duration()), (record.talk_time(), cdr.billable_seconds())];
    for (ours, theirs) in pairs {
        let apart = ours.abs_diff(theirs.expect("a duration"));
        assert!(apart < Duration::from_secs(3), "{ours:?} and {theirs:?}\n{record:?}");
    }
}

#[test]
fn an_answered_call_is_like_the_servers_record() {
    let ami = client();
    let (tracker, cdrs) = (ami.call_tracker().unwrap(), ami.subscribe_to::<Cdr>());
    let call = Call::new(&ami);
    originate(&ami, &call, "hangup-after", &[("SECONDS", "1")]);
    let (record, cdr) = (record(&tracker, &call.id), cdr(&cdrs, &call.other));
    assert_like(&record, &cdr);
    assert_eq!(record.disposition(), CdrDisposition::Answered);
    assert_eq!(record.cause(), HangupCause::NormalClearing);
    assert!(record.talk_time() >= Duration::from_millis(900), "{record:?}");
    assert!(record.is_complete());
}

#[test]
fn a_call_over_sip_has_the_legs_of_both_sides() {
    let ami = client();
    let (tracker, cdrs) = (ami.call_tracker().unwrap(), ami.subscribe_to::<Cdr>());
    let call = Call::new(&ami);
    let enters = ami.subscribe_to::<BridgeEnter>();
    originate(&ami, &call, "dial", &[("TARGET", "PJSIP/bob")]);
    await_event(&enters, |it| {
        it.channel().linked_id() == call.id && it.bridge().num_channels() == Some(2)
    });
    ami.send_action(&HangupAction::new(&call.other)).unwrap();
    let (record, cdr) = (record(&tracker, &call.id), cdr(&cdrs, &call.other));
    assert_like(&record, &cdr);
    let [bob] = record.parties().collect::<Vec<_>>()[..] else { panic!("{record:?}") };
    assert_eq!(bob.channel(), cdr.destination_channel());
    assert_eq!((bob.dialled_by(), bob.dial_string()), (Some(&*call.other), Some("bob")));
    assert!(bob.talk_time() > Some(Duration::ZERO));
    assert_eq!(record.bridges().len(), 1);
}

#[test]
fn who_is_busy_congested_or_does_not_answer_is_told_as_the_server_does() {
    let ami = client();
    let (tracker, cdrs) = (ami.call_tracker().unwrap(), ami.subscribe_to::<Cdr>());
    for (target, disposition) in [
        ("Local/busy@test", CdrDisposition::Busy),
        ("Local/congestion@test", CdrDisposition::Congestion),
    ] {
        let call = Call::new(&ami);
        originate(&ami, &call, "dial", &[("TARGET", target)]);
        let (record, cdr) = (record(&tracker, &call.id), cdr(&cdrs, &call.other));
        assert_eq!(record.disposition(), disposition, "{record:?}");
        assert_like(&record, &cdr);
        assert_eq!(record.answer(), None);
    }
    let scratch = Scratch::new(&ami, &[("Dial", "Local/noanswer@test,1")]);
    let call = Call::new(&ami);
    ami.send_action(&call.action_at(&scratch.place()).asynchronous(true)).unwrap();
    let (record, cdr) = (record(&tracker, &call.id), cdr(&cdrs, &call.other));
    assert_eq!(record.disposition(), CdrDisposition::NoAnswer);
    assert_like(&record, &cdr);
    assert!(record.duration() >= Duration::from_millis(900));
}

#[test]
fn a_blind_transfer_is_told_and_joins_the_calls() {
    let ami = client();
    let tracker = ami.call_tracker().unwrap();
    let (one, two) = (Call::to(&ami, "hold"), Call::to(&ami, "hold"));
    let enters = ami.subscribe_to::<BridgeEnter>();
    let steps = ami.subscribe_to::<NewExten>();
    ami.send_action(&BridgeAction::new(one.name(), two.name())).unwrap();
    let enter = await_event(&enters, |it| {
        let id = it.channel().unique_id();
        it.bridge().num_channels() == Some(2) && (id == one.id || id == two.id)
    });
    // Until both are fully in the bridge it is refused.
    let transfer = BlindTransferAction::new(one.name(), "echo").context("test");
    eventually(|| ami.send_action(&transfer));
    await_event(&steps, |it| it.channel().unique_id() == two.id && it.extension() == "echo");
    let name = two.name();
    drop((one, two));
    let record = record(&tracker, enter.channel().linked_id());
    let [transfer] = record.transfers() else { panic!("{record:?}") };
    assert_eq!(transfer.kind, TransferKind::Blind);
    assert_eq!(transfer.result, Some(TransferResult::Success));
    assert_eq!(transfer.transferee.as_deref(), Some(&*name));
    assert_eq!(
        (transfer.context.as_deref(), transfer.exten.as_deref()),
        (Some("test"), Some("echo"))
    );
    assert_eq!(record.legs().len(), 4, "both calls: {record:?}");
    assert_eq!(record.linked_ids().len(), 2);
}

#[test]
fn an_attended_transfer_is_told() {
    let ami = client();
    let tracker = ami.call_tracker().unwrap();
    let scratch = Scratch::new(&ami, &[("Dial", "Local/hold@test/n,20,Tt")]);
    let call = Call::new(&ami);
    let enters = ami.subscribe_to::<BridgeEnter>();
    let leaves = ami.subscribe_to::<BridgeLeave>();
    let action = OriginateAction::to("Local/hold@test/n")
        .extension("scratch", &scratch.extension, 1)
        .channel_id(&call.id)
        .other_channel_id(&call.other)
        .asynchronous(true);
    ami.send_action(&action).unwrap();
    let of_call = |it: &BridgeEnter| it.channel().linked_id() == call.id;
    let bridge = await_event(&enters, |it| of_call(it) && it.bridge().num_channels() == Some(2));
    let bridge = bridge.bridge().unique_id().to_owned();
    let dials = ami.subscribe_to::<DialEnd>();
    ami.send_action(&AtxferAction::new(&call.id, "201").context("hints")).unwrap();
    // The transferer talks to the target in a bridge of their own.
    await_event(&leaves, |it| it.channel().unique_id() == call.id);
    await_event(&dials, |it| {
        let dest = it.dest();
        dest.linked_id() == call.id && dest.channel().starts_with("Local/201@hints")
    });
    await_event(&enters, |it| {
        of_call(it) && it.bridge().unique_id() != bridge && it.bridge().num_channels() == Some(2)
    });
    let transfers = ami.subscribe_to::<AttendedTransfer>();
    ami.send_action(&HangupAction::new(&call.id)).unwrap();
    let told = await_event(&transfers, |it| it.orig_transferer().unique_id() == call.id);
    let transfer = eventually(|| {
        let active = tracker.active();
        let record = active.iter().find(|it| it.linked_id() == call.id);
        let transfers = record.map(CallRecord::transfers).unwrap_or_default();
        transfers.first().cloned().ok_or("no transfer yet")
    });
    assert_eq!(transfer.kind, TransferKind::Attended);
    assert_eq!(transfer.result, Some(TransferResult::Success));
    // Asterisk names the target only where it ends up in a bridge with the transferee.
    let name =
        |channel: ChannelView<'_>| channel.is_present().then(|| channel.channel().to_owned());
    assert_eq!(transfer.transferee.as_deref(), name(told.transferee()).as_deref());
    assert_eq!(transfer.target.as_deref(), name(told.transfer_target()).as_deref());
    assert!(transfer.transferee.is_some(), "{transfer:?}");
    let active = tracker.active();
    for leg in active.iter().filter(|it| it.linked_id() == call.id).flat_map(CallRecord::legs) {
        let _ = ami.send_action(&HangupAction::new(leg.unique_id()));
    }
    let record = record(&tracker, &call.id);
    assert_eq!(record.transfers().len(), 1);
    assert!(record.end() > record.legs()[0].end(), "the others went on: {record:?}");
}

#[test]
fn a_queue_call_names_its_queue_and_has_the_member_as_a_leg() {
    let ami = client();
    let tracker = ami.call_tracker().unwrap();
    let call = Call::new(&ami);
    let talks = ami.subscribe_to::<asterisk_sync::ami::event::AgentConnect>();
    originate(&ami, &call, "queue", &[]);
    let connect = await_event(&talks, |it| it.channel().unique_id() == call.other);
    let member = connect.dest().unique_id().to_owned();
    ami.send_action(&HangupAction::new(&call.other)).unwrap();
    let record = record(&tracker, &call.id);
    assert_eq!(record.queues().collect::<Vec<_>>(), ["sales"]);
    assert!(record.legs().iter().any(|leg| leg.unique_id() == member));
    assert_eq!(record.disposition(), CdrDisposition::Answered);
}

#[test]
fn calls_in_a_conference_have_its_bridge_in_common() {
    let ami = client();
    let tracker = ami.call_tracker().unwrap();
    let room = unique("");
    let enters = ami.subscribe_to::<BridgeEnter>();
    let calls = [Call::new(&ami), Call::new(&ami)];
    for call in &calls {
        originate(&ami, call, "conf", &[("ROOM", &room)]);
        await_event(&enters, |it| it.channel().unique_id() == call.other);
    }
    let ids = calls.each_ref().map(|call| call.id.clone());
    drop(calls);
    let mut bridges = Vec::new();
    for record in std::iter::repeat_with(|| tracker.recv_timeout(PATIENCE).unwrap().unwrap()) {
        if ids.iter().any(|id| record.linked_id() == id) {
            assert_eq!(record.bridges()[0].name.as_deref(), Some(&*room));
            bridges.push(record.bridges()[0].unique_id.clone());
        }
        if bridges.len() == 2 {
            break;
        }
    }
    assert_eq!(bridges[0], bridges[1]);
}

#[test]
fn a_parked_call_was_in_a_parking_bridge() {
    let ami = client();
    let tracker = ami.call_tracker().unwrap();
    let parked = ami.subscribe_to::<ParkedCall>();
    let call = Call::new(&ami);
    originate(&ami, &call, "park", &[]);
    await_event(&parked, |it| it.parkee().unique_id() == call.other);
    ami.send_action(&HangupAction::new(&call.other)).unwrap();
    let record = record(&tracker, &call.id);
    let types: Vec<_> = record.bridges().iter().map(|it| &*it.bridge_type).collect();
    assert!(types.contains(&"parking"), "{types:?}");
}

#[test]
fn the_events_of_a_call_come_with_it() {
    let ami = client();
    let options = asterisk_sync::ami::tracker::CallTrackerOptions::default();
    let tracker = ami.call_tracker_with(options.events(1000).also("UserEvent")).unwrap();
    let call = Call::new(&ami);
    let ends = ami.subscribe_to::<UserEvent>();
    originate(&ami, &call, "dial", &[("TARGET", "Local/busy@test")]);
    await_event(&ends, |it| {
        it.user_event() == "DialEnded" && it.channel().unique_id() == call.other
    });
    let record = record(&tracker, &call.id);
    assert!(record.events().iter().any(|event| matches!(event, AmiEvent::UserEvent(_))));
    assert!(matches!(record.events()[0], AmiEvent::NewChannel(_)));
    assert_eq!(record.events_left_out(), 0);
}
