//! Calls: how they begin, what happens to them, how they end.

use asterisk_sync::ami::action::{
    AGIAction, BridgeAction, BridgeDestroyAction, BridgeKickAction, BridgeTechnologySuspendAction,
    BridgeTechnologyUnsuspendAction, HangupAction, SendFlashAction,
};

use super::stage::{Stage, sip};

/// Every way a dialled call can end.
pub(super) fn dialling() {
    let stage = Stage::new();
    for (target, seconds, status) in [
        ("Local/agent@exercise", "20", "ANSWER"),
        ("Local/busy@test", "20", "BUSY"),
        ("Local/congestion@test", "20", "CONGESTION"),
        ("Local/ring@exercise", "1", "NOANSWER"),
        ("Local/nowhere@exercise", "1", ""),
        ("Local/ring@exercise&Local/agent@exercise", "20", "CANCEL"),
    ] {
        let call = stage.ring("dial", |action| {
            action.variable("__TARGET", target).variable("__SECONDS", seconds)
        });
        if !status.is_empty() {
            stage.expect("DialEnd", &[("Linkedid", &call.id), ("DialStatus", status)]);
        }
    }
    // The caller gives up.
    let call = stage.ring("ring", |action| action);
    stage.expect("DialState", &[("DestUniqueid", &call.id), ("DialStatus", "RINGING")]);
    stage.act(&HangupAction::new(&call.id));
    stage.expect("OriginateResponse", &[("Uniqueid", &call.id), ("Response", "Failure")]);
}

/// What happens to channels in dialplan, and to their media.
pub(super) fn channels() {
    let stage = Stage::new();
    let gone = stage.ring("handlers", |action| action.account("before"));
    for name in ["HangupHandlerPush", "HangupHandlerPop", "HangupHandlerRun", "NewAccountCode"] {
        stage.expect(name, &[("Uniqueid", &gone.other)]);
    }
    stage.expect("SoftHangupRequest", &[("Uniqueid", &gone.other)]);
    stage.expect("Hangup", &[("Uniqueid", &gone.other)]);
    stage.expect("Cdr", &[("UniqueID", &gone.other)]);

    // Keys and the hook.
    let call = stage.call_with("stay", |action| action.application("SendDTMF", "5,100,100"));
    stage.expect("DTMFBegin", &[("Digit", "5"), ("Uniqueid", &call.other)]);
    stage.expect("DTMFEnd", &[("Digit", "5"), ("Uniqueid", &call.other)]);
    let call = stage.call("stay");
    stage.act(&SendFlashAction::new(call.name()).receive(true));
    stage.expect("Flash", &[("Uniqueid", &call.id)]);

    let music = stage.call("hold");
    stage.expect("MusicOnHoldStart", &[("Uniqueid", &music.other)]);
    stage.act(&HangupAction::new(&music.other));
    stage.expect("MusicOnHoldStop", &[("Uniqueid", &music.other)]);

    let talk =
        stage.call_with("listen", |action| action.application("Playback", "hello-world&silence/5"));
    stage.expect("ChannelTalkingStart", &[("Uniqueid", &talk.other)]);
    stage.expect("ChannelTalkingStop", &[("Uniqueid", &talk.other)]);
}

/// The name of a `Local` channel without its half.
fn base(name: &str) -> &str {
    name.split(';').next().unwrap()
}

/// Somebody takes a call that rings elsewhere.
pub(super) fn pickup() {
    let stage = Stage::new();
    let call = stage.ring("dial", |action| action.variable("__TARGET", "Local/ring@exercise/n"));
    let ringing = stage.expect("DialState", &[("Linkedid", &call.id), ("DialStatus", "RINGING")]);
    let ringing = stage.expect_where("DialState", &[("Linkedid", &call.id)], |event| {
        event.message().get("DestChannel").is_some_and(|name| name.contains("ring@exercise"))
            && ringing.message().get("DestChannel").is_some()
    });
    let target = ringing.message().get("DestChannel").unwrap().to_owned();
    let taker = stage.ring("pickup", |action| action.variable("__TARGET", &target));
    stage.expect("Pickup", &[("Uniqueid", &taker.other)]);
}

/// Two calls in a bridge, and out of it.
pub(super) fn bridges() {
    let stage = Stage::new();
    let (one, two) = (stage.call("stay"), stage.call("stay"));
    stage.act(&BridgeAction::new(one.name(), two.name()));
    let enter = stage.expect("BridgeEnter", &[("Uniqueid", &two.id)]);
    stage.expect("BridgeEnter", &[("Uniqueid", &one.id)]);
    let bridge = enter.message().get("BridgeUniqueid").unwrap();
    super::lists::ask(&[
        ("BridgeList", &[]),
        ("BridgeInfo", &[("BridgeUniqueid", bridge)]),
        ("BridgeTechnologyList", &[]),
        ("CoreShowChannels", &[]),
        ("CoreShowChannelMap", &[("Channel", &one.name())]),
        ("Status", &[("AllVariables", "true")]),
    ]);
    stage.act(&BridgeTechnologySuspendAction::new("simple_bridge"));
    stage.act(&BridgeTechnologyUnsuspendAction::new("simple_bridge"));
    stage.act(&BridgeKickAction::new(one.name()));
    stage.expect("BridgeLeave", &[("Uniqueid", &one.id)]);
    stage.expect("BridgeDestroy", &[("BridgeUniqueid", bridge)]);

    let (one, two) = (stage.call("stay"), stage.call("stay"));
    stage.act(&BridgeAction::new(one.name(), two.name()));
    let enter = stage.expect("BridgeEnter", &[("Uniqueid", &two.id)]);
    stage.expect("BridgeEnter", &[("Uniqueid", &one.id)]);
    let bridge = enter.message().get("BridgeUniqueid").unwrap();
    stage.act(&BridgeDestroyAction::new(bridge));
    stage.expect("BridgeDestroy", &[("BridgeUniqueid", bridge)]);

    // Ends with a list of those that it ended.
    let last = stage.call("stay");
    let pattern = format!("/^{}.*$/", base(&last.name()));
    super::lists::ask(&[("Hangup", &[("Channel", &pattern)])]);
    stage.expect("Hangup", &[("Uniqueid", &last.id)]);
}

/// A `Local` channel between two real ones takes itself away once there is sound.
pub(super) fn optimisation() {
    let stage = Stage::new();
    let inner = stage.extension("Dial", &sip("moh"));
    let call = stage.sip_call("moh", "Dial", &format!("Local/{},20", inner.place()));
    stage.expect("LocalOptimizationBegin", &[("LocalOneLinkedid", &call.id)]);
    stage.expect("LocalOptimizationEnd", &[("LocalOneLinkedid", &call.id)]);
}

/// Scripts: one of the server's, and one of ours.
pub(super) fn scripts() {
    let stage = Stage::new();
    let call = stage.call("agi");
    stage.expect("AGIExecStart", &[("Uniqueid", &call.other)]);
    stage.expect("AGIExecEnd", &[("Uniqueid", &call.other)]);
    stage.expect("AsyncAGIStart", &[("Uniqueid", &call.other)]);
    let channel = call.other_name();
    stage.act(&AGIAction::new(&channel, "VERBOSE \"hello, world\" 3").command_id("exercise"));
    stage.expect("AsyncAGIExec", &[("Uniqueid", &call.other), ("CommandID", "exercise")]);
    stage.act(&AGIAction::new(&channel, "ASYNCAGI BREAK"));
    stage.expect("AsyncAGIEnd", &[("Uniqueid", &call.other)]);
}

/// Two ends of a call over SIP tell each other how well it sounds, and hold each other.
pub(super) fn media() {
    let stage = Stage::new();
    let call = stage.sip_call("moh", "Wait", "60");
    stage.expect("RTCPSent", &[("Uniqueid", &call.id)]);
    stage.expect("RTCPReceived", &[("Uniqueid", &call.id)]);
    // Reports come once something has been heard.
    stage.expect_where("RTCPSent", &[("Uniqueid", &call.id)], |event| {
        event.message().get("Report0SourceSSRC").is_some()
    });
}
