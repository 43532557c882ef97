//! What lists tell of bridges.

use super::*;

fn messages(text: &str) -> Vec<Message> {
    frames(format!("Asterisk Call Manager\r\n{text}").as_bytes())
}

#[test]
fn a_picture_without_channels_learns_who_has_left_unseen_and_who_came() {
    let (mut picture, now) = (Picture::new([Part::Bridges].into()), Moment::now());
    let bridge = "BridgeUniqueid: b\r\nBridgeType: basic\r\n";
    let enter =
        |id| format!("Event: BridgeEnter\r\n{bridge}Channel: PJSIP/{id}\r\nUniqueid: {id}\r\n\r\n");
    let heard = format!("Event: BridgeCreate\r\n{bridge}\r\n{}{}", enter("one"), enter("two"));
    for message in messages(&heard) {
        picture.apply(&AmiEvent::from(message), now);
    }
    let members = |picture: &mut Picture| {
        let now = picture.snapshot();
        let bridge = now.bridges().next().unwrap();
        bridge.members.iter().map(ToString::to_string).collect::<Vec<_>>()
    };
    assert_eq!(members(&mut picture), ["one", "two"]);
    let list = format!("Event: BridgeListItem\r\n{bridge}\r\n");
    picture.install(List::Bridges(items(&messages(&list))), now);
    let channel = |id, bridge| {
        format!(
            "Event: CoreShowChannel\r\nChannel: PJSIP/{id}\r\nUniqueid: {id}\r\nBridgeId: {bridge}\r\n\r\n"
        )
    };
    let list = [channel("two", "b"), channel("three", "b"), channel("one", "")].concat();
    picture.install(List::Seats(channels(&messages(&list))), now);
    assert_eq!(members(&mut picture), ["two", "three"]);
}
