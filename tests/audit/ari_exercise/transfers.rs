//! Calls that are handed on by those who talk, with the server's own feature codes.

use asterisk_sync::ami::AmiClient;
use asterisk_sync::ami::action::{AtxferAction, BlindTransferAction, PlayDTMFAction};
use asterisk_sync::ari::{AriEvent, ChannelHandle};
use asterisk_sync::types::TransferResult;

use super::stage::{Events, Stage, expect_where, the};
use crate::support::{client, eventually, name_of, unique};

struct Talk {
    ami: AmiClient,
    leg: ChannelHandle,
    events: Events,
    /// The half that has dialled somebody, and may transfer them.
    other: String,
}

/// The bridge that somebody is in now together with one other.
fn together(events: &Events, id: &str, not: &str) -> String {
    let mut bridge = String::new();
    while bridge.is_empty() {
        let entered = expect_where(
            events,
            "ChannelEnteredBridge",
            |event| matches!(event, AriEvent::ChannelEnteredBridge(it) if it.bridge.id != not),
        );
        let entered = the!(ChannelEnteredBridge in entered);
        if entered.bridge.channels.len() == 2 && entered.bridge.channels.iter().any(|it| it == id) {
            bridge.clone_from(&entered.bridge.id);
        }
    }
    bridge
}

/// A call of two, and the bridge that they are in.
fn talking(stage: &Stage) -> (Talk, String) {
    let (ami, other) = (client(), unique("half"));
    let events = stage.ari.subscribe();
    let params = stage
        .to("Local/dial@exercise/n")
        .other_channel_id(&*other)
        .variables([("__TARGET", "Local/agent@exercise/n"), ("__OPTIONS", "tT")]);
    let (leg, _) = stage.ari.pending_channel().originate(&params).unwrap();
    let bridge = together(&events, &other, "");
    (Talk { ami, leg, events, other }, bridge)
}

/// Begins a transfer, and waits until the transferer speaks with the target.
fn consulting(stage: &Stage) -> Talk {
    let (talk, first) = talking(stage);
    let name = name_of(&talk.ami, &talk.other);
    talk.ami.send_action(&AtxferAction::new(&name, "61").context("exercise")).unwrap();
    together(&talk.events, &talk.other, &first);
    talk
}

pub(super) fn blind(stage: &Stage) {
    let (talk, _) = talking(stage);
    let name = name_of(&talk.ami, &talk.other);
    // Both have entered before both may be transferred: until then it is refused.
    let transfer = BlindTransferAction::new(&name, "stay").context("exercise");
    eventually(|| talk.ami.send_action(&transfer));
    let is_ours = |event: &AriEvent| matches!(event, AriEvent::BridgeBlindTransfer(it) if it.channel.id == talk.other);
    let done = expect_where(&talk.events, "BridgeBlindTransfer", is_ours);
    let done = the!(BridgeBlindTransfer in done);
    assert_eq!((&*done.exten, &done.result), ("stay", &TransferResult::Success));
    stage.end(&talk.leg);
}

pub(super) fn attended(stage: &Stage) {
    let talk = consulting(stage);
    talk.leg.hangup(None).unwrap();
    expect_attended(&talk);
    stage.end(&talk.leg);
}

/// All three stay, in one bridge made of two.
pub(super) fn merged(stage: &Stage) {
    let talk = consulting(stage);
    let name = name_of(&talk.ami, &talk.other);
    for digit in ['*', '3'] {
        talk.ami.send_action(&PlayDTMFAction::new(&name, digit).receive(true)).unwrap();
    }
    expect_where(&talk.events, "BridgeMerged", |_| true);
    expect_attended(&talk);
    stage.end(&talk.leg);
}

fn expect_attended(talk: &Talk) {
    let is_ours = |event: &AriEvent| matches!(event, AriEvent::BridgeAttendedTransfer(it) if it.transferer_first_leg.id == talk.other);
    let done = expect_where(&talk.events, "BridgeAttendedTransfer", is_ours);
    assert_eq!(the!(BridgeAttendedTransfer in done).result, TransferResult::Success);
}
