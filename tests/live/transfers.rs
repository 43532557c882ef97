//! Sending channels elsewhere, and joining them.

use asterisk_sync::Error;
use asterisk_sync::ami::AmiClient;
use asterisk_sync::ami::action::{
    AtxferAction, BlindTransferAction, BridgeAction, BridgeInfoAction, BridgeListAction,
    CancelAtxferAction, CoreShowChannelMapAction, RedirectAction,
};
use asterisk_sync::ami::event::{BlindTransfer, BridgeEnter, DtmfEnd, NewExten};
use asterisk_sync::types::TransferResult;

use crate::support::{Call, await_event, client, eventually};

/// Two calls whose first halves are in one bridge, and that bridge's id.
fn bridged(ami: &AmiClient) -> (Call, Call, String) {
    let (one, two) = (Call::to(ami, "hold"), Call::to(ami, "hold"));
    let enters = ami.subscribe_to::<BridgeEnter>();
    let action = BridgeAction::new(one.name(), two.name());
    let answer = ami.send_action(&action).expect("the channels are joined");
    assert_eq!(answer.text(), "Channels have been bridged");
    let enter = await_event(&enters, |it| {
        let id = it.channel().unique_id().to_owned();
        it.bridge().num_channels() == Some(2) && (id == one.id || id == two.id)
    });
    let bridge = enter.bridge().unique_id().to_owned();
    (one, two, bridge)
}

#[test]
fn a_channel_is_redirected_to_another_extension() {
    let ami = client();
    let call = Call::to(&ami, "answer");
    let steps = ami.subscribe_to::<NewExten>();
    let answer = ami.send_action(&RedirectAction::new(call.name(), "test", "hold", 1)).unwrap();
    assert_eq!(answer.text(), "Redirect successful");
    let step =
        await_event(&steps, |it| it.channel().unique_id() == call.id && it.extension() == "hold");
    assert_eq!((step.channel().context(), step.application()), ("test", "Answer"));
}

#[test]
fn two_channels_are_redirected_to_places_of_their_own() {
    let ami = client();
    let (one, two) = (Call::to(&ami, "answer"), Call::to(&ami, "answer"));
    let steps = ami.subscribe_to::<NewExten>();
    let action = RedirectAction::new(one.name(), "test", "hold", 1)
        .extra_channel(two.name())
        .extra_context("test")
        .extra_exten("echo")
        .extra_priority(1);
    ami.send_action(&action).unwrap();
    let mut left = vec![(&one.id, "hold"), (&two.id, "echo")];
    while !left.is_empty() {
        let step =
            await_event(&steps, |it| left.iter().any(|(id, _)| *it.channel().unique_id() == **id));
        left.retain(|(id, exten)| {
            *step.channel().unique_id() != **id || step.extension() != *exten
        });
    }
}

#[test]
fn redirecting_nobody_or_nowhere_is_refused() {
    let ami = client();
    let error = ami.send_action(&RedirectAction::new("nobody", "test", "hold", 1)).unwrap_err();
    let Error::Refused { action, message } = &error else { panic!("{error:?}") };
    assert_eq!(&**action, "Redirect");
    assert!(message.contains("does not exist"), "{message}");
}

#[test]
fn two_channels_are_bridged_and_the_bridge_lists_them() {
    let ami = client();
    let (one, two, bridge) = bridged(&ami);
    let listed = ami.list(&BridgeListAction::new()).unwrap();
    let mine = listed.iter().find(|it| it.bridge().unique_id() == bridge).unwrap();
    assert_eq!((mine.bridge().num_channels(), mine.bridge().bridge_type()), (Some(2), "basic"));
    let inside = ami.list_with_end(&BridgeInfoAction::new(&bridge)).unwrap();
    let end = inside.end.unwrap();
    assert_eq!((end.bridge().unique_id(), end.bridge().num_channels()), (&*bridge, Some(2)));
    let mut ids: Vec<_> = inside.items.iter().map(|it| it.channel().unique_id()).collect();
    ids.sort_unstable();
    let mut expected = [&*one.id, &*two.id];
    expected.sort_unstable();
    assert_eq!(ids, expected);
    let map = ami.list(&CoreShowChannelMapAction::new(one.name())).unwrap();
    assert!(map.iter().any(|it| it.connected_channel() == two.name()), "{map:?}");
    assert!(map.iter().all(|it| it.channel() == one.name()), "{map:?}");
    let error = ami.send_action(&BridgeAction::new(one.name(), "nobody")).unwrap_err();
    assert!(error.is_refused(), "{error:?}");
}

#[test]
fn a_blind_transfer_sends_the_other_side_away() {
    let ami = client();
    let (one, two, bridge) = bridged(&ami);
    let transfers = ami.subscribe_to::<BlindTransfer>();
    let steps = ami.subscribe_to::<NewExten>();
    let action = BlindTransferAction::new(one.name(), "echo").context("test");
    // Until both are fully in the bridge it is refused.
    assert_eq!(eventually(|| ami.send_action(&action)).text(), "Transfer succeeded");
    let event = await_event(&transfers, |it| it.transferer().unique_id() == one.id);
    assert_eq!(event.result(), Some(TransferResult::Success));
    assert_eq!(event.transferee().unique_id(), two.id);
    assert_eq!(event.bridge().unique_id(), bridge);
    assert_eq!((event.context(), event.extension()), ("test", "echo"));
    await_event(&steps, |it| it.channel().unique_id() == two.id && it.extension() == "echo");

    let error = ami.send_action(&BlindTransferAction::new("nobody", "echo")).unwrap_err();
    assert!(error.is_refused(), "{error:?}");
}

#[test]
fn an_attended_transfer_dials_its_code_on_the_channels_behalf() {
    let ami = client();
    let (one, _two, _) = bridged(&ami);
    let digits = ami.subscribe_to::<DtmfEnd>();
    let action = AtxferAction::new(one.name(), "201").context("hints");
    assert_eq!(ami.send_action(&action).unwrap().text(), "Atxfer successfully queued");
    for expected in ["*", "2", "2", "0", "1"] {
        let digit = await_event(&digits, |it| it.channel().unique_id() == one.id);
        assert_eq!(digit.digit(), expected);
    }
    assert_eq!(one.variable("TRANSFER_CONTEXT"), "hints");
    let cancel = CancelAtxferAction::new(one.name());
    assert_eq!(ami.send_action(&cancel).unwrap().text(), "CancelAtxfer successfully queued");
    let error = ami.send_action(&AtxferAction::new("nobody", "201")).unwrap_err();
    assert!(error.is_refused(), "{error:?}");
}
