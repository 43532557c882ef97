//! Lists are whole, or say why they are not and bring what came.

use crate::common::{LONG, SHORT, bare, both, hasty, header, names_until, servers, settled};
use asterisk_sync::ami::action::{ConfbridgeListAction, CoreShowChannelsAction, QueueStatusAction};
use asterisk_sync::ami::event::CoreShowChannel;
use asterisk_sync::ami::{AmiClient, AmiEvent};
use asterisk_sync::testing::{FakeAmi, Request};
use asterisk_sync::{Error, ProtocolError};

const START: &str = "Response: Success\r\nActionID: {ActionID}\r\nEventList: start\r\n\
                     Message: Channels will follow\r\n\r\n";
const COMPLETE: &str = "Event: CoreShowChannelsComplete\r\nActionID: {ActionID}\r\n\
                        EventList: Complete\r\nListItems: 2\r\n\r\n";

fn item(channel: &str) -> String {
    format!("Event: CoreShowChannel\r\nActionID: {{ActionID}}\r\nChannel: {channel}\r\n\r\n")
}

fn answer_with(fake: &FakeAmi, parts: &[&str]) {
    let answer = parts.concat();
    fake.on("CoreShowChannels", move |request: &Request| request.raw(&answer));
}

fn channels(ami: &AmiClient) -> Result<Vec<String>, Error> {
    let all = ami.list(&CoreShowChannelsAction::new())?;
    Ok(all.iter().map(|item| item.message().get("Channel").unwrap_or("").to_owned()).collect())
}

/// What an incomplete list brought.
fn arrived(error: &Error) -> Vec<&str> {
    let items = error.arrived::<CoreShowChannel>().expect("the items");
    items.iter().map(|item| item.message().get("Channel").unwrap_or("")).collect()
}

/// Nothing of a list was told as news.
fn assert_no_news(
    fake: &FakeAmi,
    ami: &AmiClient,
    events: &asterisk_sync::EventSubscription<AmiEvent>,
) {
    ami.ping().expect("an answer");
    fake.push("UserEvent", &[]);
    assert_eq!(names_until(events, "UserEvent"), ["UserEvent"]);
}

#[test]
fn a_list_is_its_items_without_what_happens_meanwhile() {
    both(|fake, ami| {
        let events = ami.subscribe();
        let news = "Event: Newchannel\r\nChannel: c\r\n\r\nEvent: CoreShowChannel\r\nActionID: other-1\r\n\r\n";
        answer_with(fake, &[START, &item("a"), news, &item("b"), COMPLETE]);
        assert_eq!(channels(ami).unwrap(), ["a", "b"]);
        fake.push("UserEvent", &[]);
        let names = names_until(&events, "UserEvent");
        assert_eq!(names, ["Newchannel", "CoreShowChannel", "UserEvent"]);
    });
}

#[test]
fn a_list_that_is_complete_before_its_response_is_whole() {
    both(|fake, ami| {
        let events = ami.subscribe();
        answer_with(fake, &[&item("a"), COMPLETE, START]);
        assert_eq!(channels(ami).unwrap(), ["a"]);
        let all = ami.list_with_end(&CoreShowChannelsAction::new()).unwrap();
        assert_eq!(all.end.and_then(|end| end.list_items()), Some(2));
        assert_no_news(fake, ami, &events);
    });
}

#[test]
fn what_the_end_of_a_list_says_comes_with_its_items() {
    both(|fake, ami| {
        answer_with(fake, &[START, &item("a"), &item("b"), COMPLETE]);
        let all = ami.list_with_end(&CoreShowChannelsAction::new()).unwrap();
        assert_eq!((all.items.len(), all.response.text()), (2, "Channels will follow"));
        assert_eq!(all.end.and_then(|end| end.list_items()), Some(2));
        let collected = ami.send_collecting(&CoreShowChannelsAction::new()).unwrap();
        assert_eq!(collected.events.len(), 2);
        assert_eq!(collected.end.unwrap().event_name(), "CoreShowChannelsComplete");
    });
}

#[test]
fn a_plain_success_where_a_list_was_expected_is_an_empty_list() {
    both(|fake, ami| {
        answer_with(fake, &["Response: Success\r\nActionID: {ActionID}\r\nMessage: None\r\n\r\n"]);
        assert!(channels(ami).unwrap().is_empty());
        let collected = ami.send_collecting(&CoreShowChannelsAction::new()).unwrap();
        assert_eq!((collected.response.text(), collected.events.len()), ("None", 0));
        assert!(collected.end.is_none());
    });
}

#[test]
fn a_conference_that_is_over_has_nobody_in_it_whether_there_are_others_or_not() {
    both(|fake, ami| {
        for refusal in ["No active conferences.", "No Conference by that name found."] {
            fake.on("ConfbridgeList", |request| request.error(refusal));
            assert!(ami.list(&ConfbridgeListAction::new("over")).unwrap().is_empty());
        }
        fake.on("ConfbridgeList", |request| request.error("No Conference name provided."));
        assert!(ami.list(&ConfbridgeListAction::new("")).unwrap_err().is_refused());
    });
}

#[test]
fn a_cancelled_list_brings_what_came() {
    both(|fake, ami| {
        let events = ami.subscribe();
        let cancelled = "Event: CoreShowChannelsComplete\r\nActionID: {ActionID}\r\n\
                         EventList: cancelled\r\n\r\n";
        answer_with(fake, &[START, &item("a"), cancelled]);
        let failed = channels(ami).unwrap_err();
        assert!(failed.is_refused(), "{failed}");
        assert_eq!(arrived(&failed), ["a"]);
        assert_no_news(fake, ami, &events);
    });
}

#[test]
fn an_error_after_the_start_brings_what_came() {
    both(|fake, ami| {
        let error = "Response: Error\r\nActionID: {ActionID}\r\nMessage: Lost it\r\n\r\n";
        answer_with(fake, &[START, &item("a"), &item("b"), error]);
        let failed = channels(ami).unwrap_err();
        assert!(failed.is_refused() && failed.to_string().contains("Lost it"), "{failed}");
        assert_eq!(arrived(&failed), ["a", "b"]);
        // Without items it is a refusal like any other.
        answer_with(fake, &[error]);
        assert!(matches!(channels(ami), Err(Error::Refused { .. })));
    });
}

#[test]
fn a_list_that_is_late_brings_what_came_and_its_rest_is_no_news() {
    servers(|fake| {
        let hasty = hasty(fake);
        let ami = &hasty.with_timeout(LONG);
        let events = ami.subscribe();
        let request = fake.expect("CoreShowChannels");
        std::thread::scope(|scope| {
            let call = scope.spawn(|| channels(&hasty));
            let request = request.wait_timeout(LONG).unwrap();
            let failed = call.join().unwrap().unwrap_err();
            assert!(failed.is_timeout() && failed.may_have_run(), "{failed:?}");
            request.raw([START, &item("a"), &item("b")].concat());
            request.raw([item("c"), COMPLETE.to_owned()].concat());
        });
        assert_no_news(fake, ami, &events);
    });
}

#[test]
fn what_came_before_the_timeout_is_brought() {
    both(|fake, ami| {
        let events = ami.subscribe();
        answer_with(fake, &[START, &item("a"), "Event: Marker\r\n\r\n"]);
        // The items are sent at once; how long that takes, a busy machine says.
        let mut timeout = SHORT * 10;
        let failed = loop {
            let failed = channels(&ami.with_timeout(timeout)).unwrap_err();
            assert!(failed.is_timeout(), "{failed:?}");
            if matches!(failed, Error::Incomplete(_)) {
                break failed;
            }
            assert!(timeout < LONG, "{failed:?}");
            timeout *= 4;
        };
        assert_eq!(arrived(&failed), ["a"]);
        assert_eq!(names_until(&events, "Marker"), ["Marker"]);
        // That as often as it was asked, and nothing else.
        fake.push("UserEvent", &[]);
        let mut names = names_until(&events, "UserEvent");
        names.retain(|name| name != "Marker");
        assert_eq!(names, ["UserEvent"]);
    });
}

#[test]
fn a_lost_connection_ends_a_list_with_what_came() {
    both(|fake, ami| {
        fake.on("CoreShowChannels", |request| {
            request.raw([START, &item("a"), &item("b")].concat());
            request.close();
        });
        let failed = channels(ami).unwrap_err();
        assert!(failed.is_disconnected() && failed.may_have_run(), "{failed:?}");
        assert_eq!(arrived(&failed), ["a", "b"]);
    });
}

#[test]
fn an_oversized_item_fails_the_list_and_what_follows_it_is_no_news() {
    servers(|fake| {
        let ami = settled(fake.client().max_message_size(10_000));
        let events = ami.subscribe();
        let large = item(&"x".repeat(100_000));
        answer_with(fake, &[START, &item("a"), &large, &item("b"), COMPLETE]);
        let failed = channels(&ami).unwrap_err();
        assert!(failed.may_have_run(), "{failed:?}");
        assert_eq!(arrived(&failed), ["a"]);
        match failed {
            Error::Incomplete(list) => assert!(
                matches!(
                    list.cause(),
                    Error::Protocol(ProtocolError::Oversized { limit: 10_000, .. })
                ),
                "{list:?}"
            ),
            other => panic!("{other:?}"),
        }
        assert_no_news(fake, &ami, &events);
    });
}

#[test]
fn a_list_over_its_limit_is_broken_off_and_its_rest_is_no_news() {
    servers(|fake| {
        let ami = settled(fake.client().max_list_size(5_000));
        let events = ami.subscribe();
        let many: String = (0..200).map(|n| item(&n.to_string())).collect();
        answer_with(fake, &[START, &many, COMPLETE]);
        let failed = channels(&ami).unwrap_err();
        // What is held counts as it is held, by the read: so how many came is the network's choice.
        assert!(
            matches!(&failed, Error::Incomplete(_)) && arrived(&failed).len() < 200,
            "{failed}"
        );
        assert_no_news(fake, &ami, &events);
    });
}

#[test]
fn an_old_server_announces_nothing_and_its_lists_end_by_name() {
    crate::common::servers_with(
        |settings| settings.banner("Asterisk Call Manager/1.3"),
        |fake| {
            let ami = fake.client().connect().unwrap();
            fake.on("QueueStatus", |request| {
                request.raw(
                    "Response: Success\r\nActionID: {ActionID}\r\nMessage: Queue status will \
                     follow\r\n\r\nEvent: QueueParams\r\nQueue: sales\r\nActionID: {ActionID}\
                     \r\n\r\nEvent: QueueStatusComplete\r\nActionID: {ActionID}\r\n\r\n",
                );
            });
            assert_eq!(ami.list(&QueueStatusAction::new()).unwrap().len(), 1);
        },
    );
}

#[test]
fn a_list_without_an_announcement_can_be_told_by_its_end() {
    both(|fake, ami| {
        fake.on("Meters", |request| {
            request.raw(
                "Response: Success\r\nActionID: {ActionID}\r\n\r\n\
                 Event: Meter\r\nActionID: {ActionID}\r\nValue: 7\r\n\r\n\
                 Event: MetersEnd\r\nActionID: {ActionID}\r\n\r\n",
            );
        });
        let meters = ami.send_collecting(&bare("Meters").ends_with("MetersEnd")).unwrap();
        assert_eq!(meters.events.len(), 1);
        assert_eq!(header(&meters.events[0], "Value"), "7");
    });
}
