//! Answers that do not bear the id of their action are told from news all the same.

use crate::common::{LONG, both, hasty, names_until, servers};
use asterisk_sync::Error;
use asterisk_sync::ami::AmiClient;
use asterisk_sync::ami::action::{
    Action, DataGetAction, IAXnetstatsAction, IAXpeerlistAction, IAXpeersAction, QueuesAction,
};
use asterisk_sync::testing::FakeAmi;

const START: &str = "Response: Success\r\nActionID: {ActionID}\r\nEventList: start\r\n\r\n";
const END: &str = "Event: PeerlistComplete\r\nActionID: {ActionID}\r\nEventList: Complete\r\n\r\n";

fn peer(name: &str) -> String {
    format!("Event: PeerEntry\r\nObjectName: {name}\r\n\r\n")
}

fn peers(ami: &AmiClient) -> Result<Vec<String>, Error> {
    let all = ami.list(&IAXpeersAction::new())?;
    Ok(all.iter().map(|peer| peer.object_name().to_owned()).collect())
}

/// The names of what was told as news by now.
fn news(
    fake: &FakeAmi,
    ami: &AmiClient,
    events: &asterisk_sync::EventSubscription<asterisk_sync::ami::AmiEvent>,
) -> Vec<String> {
    ami.ping().unwrap();
    fake.push("UserEvent", &[]);
    names_until(events, "UserEvent")
}

#[test]
fn items_without_an_id_belong_to_the_list_that_is_under_way() {
    both(|fake, ami| {
        let events = ami.subscribe();
        fake.on("IAXpeers", |request| {
            let hangup = "Event: Hangup\r\nChannel: c\r\n\r\n";
            request.raw([START, &peer("a"), hangup, &peer("b"), END].concat());
        });
        assert_eq!(peers(ami).unwrap(), ["a", "b"]);
        assert_eq!(peers(ami).unwrap(), ["a", "b"]);
        assert_eq!(news(fake, ami, &events), ["Hangup", "Hangup", "UserEvent"]);
        // Nobody asked for this one.
        fake.push_raw(peer("c"));
        assert_eq!(news(fake, ami, &events), ["PeerEntry", "UserEvent"]);
    });
}

#[test]
fn lists_that_are_under_way_together_have_their_items_in_the_order_they_were_asked_for() {
    both(|fake, ami| {
        let list = fake.expect("IAXpeers");
        let late = {
            let ami = ami.clone();
            std::thread::spawn(move || peers(&ami))
        };
        let first = list.wait().unwrap();
        let list = fake.expect("IAXpeers");
        let later = {
            let ami = ami.clone();
            std::thread::spawn(move || peers(&ami))
        };
        let second = list.wait().unwrap();
        first.raw([START, &peer("a"), END].concat());
        second.raw([START, &peer("b"), END].concat());
        assert_eq!(late.join().unwrap().unwrap(), ["a"]);
        assert_eq!(later.join().unwrap().unwrap(), ["b"]);
    });
}

#[test]
fn items_of_a_list_that_was_given_up_are_no_news() {
    servers(|fake| {
        let hasty = hasty(fake);
        let ami = &hasty.with_timeout(LONG);
        let events = ami.subscribe();
        let list = fake.expect("IAXpeers");
        let failed = peers(&hasty).unwrap_err();
        assert!(failed.is_timeout(), "{failed:?}");
        list.wait().unwrap().raw([START, &peer("a"), END].concat());
        assert_eq!(news(fake, ami, &events), ["UserEvent"]);
        fake.push_raw(peer("c"));
        assert_eq!(news(fake, ami, &events), ["PeerEntry", "UserEvent"]);
    });
}

#[test]
fn items_with_an_id_stay_with_their_own_list() {
    both(|fake, ami| {
        let marked = "Event: PeerEntry\r\nActionID: {ActionID}\r\nObjectName: a\r\n\r\n";
        fake.on("IAXpeerlist", move |request| request.raw([START, marked, END].concat()));
        assert_eq!(ami.list(&IAXpeerlistAction::new()).unwrap().len(), 1);
    });
}

#[test]
fn bare_text_is_the_answer_up_to_the_pong_behind_it() {
    both(|fake, ami| {
        let events = ami.subscribe();
        fake.on("IAXnetstats", |request| {
            request.raw("IAX2/a-1 1000 -1 Tx:NEW     Tx:NEW    \nplain line\n\r\n");
        });
        let output = ami.send_action(&IAXnetstatsAction::new()).unwrap();
        let lines: Vec<_> = output.lines().collect();
        assert_eq!(lines, ["IAX2/a-1 1000 -1 Tx:NEW     Tx:NEW    ", "plain line"]);
        fake.on("Queues", |request| {
            request.raw("sales has 0 calls\n   No Members\n\nnight has 1 call\n\n\r\n\r\n");
        });
        let output = ami.send_action(&QueuesAction::new()).unwrap();
        let lines: Vec<_> = output.lines().collect();
        assert_eq!(lines, ["sales has 0 calls", "   No Members", "night has 1 call"]);
        assert_eq!(news(fake, ami, &events), ["UserEvent"]);
    });
}

#[test]
fn bare_text_of_nothing_is_an_answer_too() {
    both(|fake, ami| {
        fake.on("IAXnetstats", |request| request.raw("\r\n"));
        let output = ami.start_action(&IAXnetstatsAction::new()).unwrap().wait().unwrap();
        assert_eq!(output.lines().count(), 0);
    });
}

#[test]
fn a_server_that_does_not_know_the_action_refuses_it_once() {
    both(|fake, ami| {
        fake.on("IAXnetstats", |request| request.error("Invalid/unknown command: IAXnetstats."));
        let action = IAXnetstatsAction::new();
        let failed = ami.send_action(&action).unwrap_err();
        assert!(matches!(&failed, Error::Refused { action: name, .. } if **name == *action.name()));
        ami.ping().unwrap();
    });
}

#[test]
fn an_event_in_place_of_a_response_is_the_list() {
    both(|fake, ami| {
        fake.on("DataGet", |request| {
            request.raw("Event: DataGet Tree\r\nActionID: {ActionID}\r\nasterisk/x: 1\r\n\r\n");
        });
        let all = ami.list(&DataGetAction::new("asterisk")).unwrap();
        assert_eq!(all.len(), 1, "{all:?}");
        assert_eq!(all[0].message().get("asterisk/x"), Some("1"));
    });
}
