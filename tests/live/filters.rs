//! Filters that the server applies.

use asterisk_sync::Error;
use asterisk_sync::ami::action::{FilterAction, FilterCriteria, UserEventAction};
use asterisk_sync::ami::event::UserEvent;
use asterisk_sync::ami::{AmiClient, AmiEvent};
use asterisk_sync::types::FilterMethod;

use crate::support::{Call, builder, client, events_until, unique, user};

/// Makes events: a call, user events with `Color` red and blue, and a last one. Returns the values
/// of `Color`, and the names of all events, that the filtered client saw.
fn seen_by(filtered: &AmiClient, end: &str) -> (Vec<String>, Vec<String>) {
    let events = filtered.subscribe();
    let ami = client();
    drop(Call::to(&ami, "answer"));
    for color in ["red", "blue"] {
        let event = UserEventAction::new("LiveColor").header("Color", format!("{color}-{end}"));
        ami.send_action(&event).expect("the event is sent");
    }
    ami.send_action(&UserEventAction::new(end)).expect("the event is sent");
    let seen = events_until(
        &events,
        |event| matches!(event, AmiEvent::UserEvent(event) if event.user_event() == end),
    );
    let colors = seen
        .iter()
        .filter_map(|event| event.message().get("Color")?.strip_suffix(&format!("-{end}")))
        .map(str::to_owned)
        .collect();
    (colors, seen.iter().map(|event| event.event_name().to_owned()).collect())
}

#[test]
fn an_expression_lets_through_what_it_matches_and_nothing_else() {
    let end = unique("End");
    let filter = FilterAction::include(format!("^Event: UserEvent.*(UserEvent: {end}|Color: red)"));
    let ami = builder().filter(filter).connect().unwrap();
    let (colors, names) = seen_by(&ami, &end);
    assert_eq!(colors, ["red"]);
    assert!(names.iter().all(|name| name == "UserEvent"), "{names:?}");
}

#[test]
fn an_expression_keeps_back_what_it_matches_and_nothing_else() {
    let ami = client();
    ami.send_action(&FilterAction::exclude("Color: blue")).unwrap();
    let (colors, names) = seen_by(&ami, &unique("End"));
    assert_eq!(colors, ["red"]);
    assert!(names.iter().any(|name| name == "Newchannel"), "{names:?}");
}

#[test]
fn criteria_let_through_what_meets_them_and_nothing_else() {
    let end = unique("End");
    let criteria = FilterCriteria::include().name("UserEvent");
    let red = criteria.clone().header("Color").value(FilterMethod::StartsWith, "red-");
    let last = criteria.header("UserEvent").value(FilterMethod::Exact, &end);
    let ami = builder()
        .filter(FilterAction::matching(red))
        .filter(FilterAction::matching(last))
        .connect()
        .unwrap();
    let (colors, names) = seen_by(&ami, &end);
    assert_eq!(colors, ["red"]);
    assert!(names.iter().all(|name| name == "UserEvent"), "{names:?}");
}

#[test]
fn criteria_keep_back_what_meets_them_and_nothing_else() {
    let ami = client();
    let blue = FilterCriteria::exclude().header("Color").value(FilterMethod::Contains, "blue");
    let channels = FilterCriteria::exclude().name("Newchannel");
    for criteria in [blue, channels] {
        ami.send_action(&FilterAction::matching(criteria)).unwrap();
    }
    let (colors, names) = seen_by(&ami, &unique("End"));
    assert_eq!(colors, ["red"]);
    assert!(names.iter().any(|name| name == "Hangup"), "{names:?}");
    assert!(!names.iter().any(|name| name == "Newchannel"), "{names:?}");
}

#[test]
fn every_method_of_criteria_is_one_the_server_knows() {
    let ami = client();
    for method in FilterMethod::ALL {
        let value = if *method == FilterMethod::None { "" } else { "never" };
        let criteria =
            FilterCriteria::exclude().name("LiveNever").header("X").value(method.clone(), value);
        ami.send_action(&FilterAction::matching(criteria)).unwrap();
    }
}

#[test]
fn filters_in_the_servers_configuration_apply_too() {
    let ami = user("filtered").connect().unwrap();
    let (colors, names) = seen_by(&ami, &unique("End"));
    assert_eq!(colors, ["red", "blue"]);
    // What follows a login passes every filter.
    let others = names.iter().find(|name| !["UserEvent", "FullyBooted"].contains(&&***name));
    assert_eq!(others, None);
}

#[test]
fn answers_and_lists_pass_every_filter() {
    let ami = builder().filter(FilterAction::include("^no event is like this")).connect().unwrap();
    let call = Call::to(&ami, "answer");
    let listed = ami.list(&asterisk_sync::ami::action::CoreShowChannelsAction::new()).unwrap();
    assert!(listed.iter().any(|it| it.channel().unique_id() == call.id));
    let none = ami.subscribe_to::<UserEvent>();
    ami.send_action(&UserEventAction::new("LiveUnheard")).unwrap();
    ami.ping().unwrap();
    ami.ping().unwrap();
    assert_eq!(none.try_iter().count(), 0);
}

#[test]
fn an_expression_that_is_none_is_refused_in_the_servers_words() {
    let ami = client();
    let error = ami.send_action(&FilterAction::include("(")).unwrap_err();
    let Error::Refused { message, .. } = &error else { panic!("{error:?}") };
    assert!(message.starts_with("Filter did not compile"), "{message}");
    let error = builder().filter(FilterAction::include("(")).connect().unwrap_err();
    assert!(error.is_refused(), "{error:?}");
}

#[test]
fn criteria_that_say_nothing_are_refused_before_they_are_sent() {
    let error = client().send_action(&FilterAction::matching(FilterCriteria::include()));
    assert!(matches!(error, Err(Error::Invalid(_))), "{error:?}");
}
