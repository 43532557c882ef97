//! Calls that are handed on, and calls that are parked.

use asterisk_sync::ami::AmiEvent;
use asterisk_sync::ami::action::{
    AtxferAction, BlindTransferAction, BridgeAction, HangupAction, PlayDTMFAction,
};

use super::lists::ask;
use super::stage::{CONTEXT, Stage};
use crate::support::{Call, eventually};

/// A call whose second half has dialled somebody and may transfer them.
fn talking(stage: &Stage) -> Call {
    let call = stage.ring("dial", |action| {
        action.variable("__TARGET", "Local/agent@exercise/n").variable("__OPTIONS", "tT")
    });
    stage.expect("BridgeEnter", &[("Uniqueid", &call.other), ("BridgeNumChannels", "2")]);
    call
}

/// Begins a transfer, and waits until the transferer speaks with the target.
fn consulting(stage: &Stage) -> Call {
    let call = talking(stage);
    let bridge_of =
        |event: &AmiEvent| event.message().get("BridgeUniqueid").map(str::to_owned).unwrap();
    let first = bridge_of(&stage.expect("BridgeEnter", &[("Uniqueid", &call.other)]));
    stage.act(&AtxferAction::new(call.other_name(), "61").context(CONTEXT));
    let enters = [("Uniqueid", &*call.other)];
    let second = stage.expect_where("BridgeEnter", &enters, |event| bridge_of(event) != first);
    stage.expect(
        "BridgeEnter",
        &[("BridgeUniqueid", &bridge_of(&second)), ("BridgeNumChannels", "2")],
    );
    call
}

pub(super) fn blind() {
    let stage = Stage::new();
    let (one, two) = (stage.call("stay"), stage.call("stay"));
    stage.act(&BridgeAction::new(one.name(), two.name()));
    for call in [&one, &two] {
        stage.expect("BridgeEnter", &[("Uniqueid", &call.id)]);
    }
    // Both have entered before both may be transferred: until then it is refused.
    let transfer = BlindTransferAction::new(one.name(), "stay").context(CONTEXT);
    eventually(|| stage.ami.send_action(&transfer));
    stage.expect("BlindTransfer", &[("TransfererUniqueid", &one.id)]);
}

pub(super) fn attended() {
    let stage = Stage::new();
    let call = consulting(&stage);
    stage.act(&HangupAction::new(&call.id));
    stage.expect("AttendedTransfer", &[("OrigTransfererUniqueid", &call.other)]);
    stage.end(&call);
}

/// All three stay, in one bridge made of two.
pub(super) fn merged() {
    let stage = Stage::new();
    let call = consulting(&stage);
    for digit in ['*', '3'] {
        stage.act(&PlayDTMFAction::new(call.other_name(), digit).receive(true));
    }
    stage.expect("BridgeMerge", &[]);
    stage.expect("AttendedTransfer", &[("OrigTransfererUniqueid", &call.other)]);
    stage.end(&call);
}

pub(super) fn parking() {
    let stage = Stage::new();
    let park = |options: &str| {
        let call = stage.ring("park", |action| action.variable("__OPTIONS", options));
        let parked = stage.expect("ParkedCall", &[("ParkeeUniqueid", &call.other)]);
        (call, parked.message().get("ParkingSpace").unwrap().to_owned())
    };
    let (gone, _) = park("s");
    stage.act(&HangupAction::new(&gone.id));
    stage.expect("ParkedCallGiveUp", &[("ParkeeUniqueid", &gone.other)]);

    let (call, space) = park("s");
    ask(&[("ParkedCalls", &[]), ("Parkinglots", &[])]);
    let _taker = stage.ring(&space, |action| action);
    stage.expect("UnParkedCall", &[("ParkeeUniqueid", &call.other)]);

    let (late, _) = park("t(1)s");
    stage.expect("ParkedCallTimeOut", &[("ParkeeUniqueid", &late.other)]);
}

/// A `Local` channel is parked, and takes itself away: who is behind it is parked instead.
pub(super) fn swapping() {
    let stage = Stage::new();
    let call = stage.sip_call("moh", "Dial", "Local/park@exercise,20");
    stage.expect("ParkedCall", &[("ParkeeLinkedid", &call.id)]);
    stage.expect("ParkedCallSwap", &[("ParkeeUniqueid", &call.id)]);
}
