//! Which events arrive, and what they say.

use std::collections::BTreeSet;
use std::sync::mpsc;
use std::time::Duration;

use asterisk_sync::TimeoutError;
use asterisk_sync::ami::action::{EventsAction, HangupAction, UserEventAction};
use asterisk_sync::ami::event::{ChannelView, Hangup, TypedEvent, UserEvent};
use asterisk_sync::ami::{AmiClient, AmiEvent, EventMask, Filter, Message};
use asterisk_sync::types::EventClass;
use asterisk_sync::{Error, EventSubscription};

use crate::support::{
    Call, PATIENCE, await_event, builder, client, events_until, names, unique, user,
};

/// Sends a user event of this name.
fn tell(ami: &AmiClient, name: &str) {
    let answer = ami.send_action(&UserEventAction::new(name)).expect("the event is sent");
    assert_eq!(answer.text(), "Event Sent");
}

fn is_user_event(event: &AmiEvent, name: &str) -> bool {
    matches!(event, AmiEvent::UserEvent(event) if event.user_event() == name)
}

/// Everything up to the end of the channel with this unique id.
fn until_hangup(events: &EventSubscription<AmiEvent>, id: &str) -> Vec<AmiEvent> {
    events_until(
        events,
        |event| matches!(event, AmiEvent::Hangup(hangup) if hangup.channel().unique_id() == id),
    )
}

#[test]
fn a_user_event_brings_its_headers_in_order_and_byte_for_byte() {
    let (ami, other) = (client(), client());
    let events = other.subscribe_to::<UserEvent>();
    let name = unique("Live");
    let headers = [
        ("Key", "value with blanks  "),
        ("Quotes", r#""so" and 'so'"#),
        ("Backslash", r"C:\new\n\"),
        ("Utf8", "Grüße, 世界 🙂"),
        ("Key", "again"),
        ("Colons", "a: b:c"),
        ("Empty", ""),
    ];
    let action = headers
        .iter()
        .fold(UserEventAction::new(&name), |action, (name, value)| action.header(*name, *value));
    ami.send_action(&action).unwrap();
    let event = await_event(&events, |it| it.user_event() == name);
    let got: Vec<_> = event.headers().filter(|(name, _)| *name != "ActionID").collect();
    assert_eq!(got, headers);
    assert_eq!(event.privilege(), Some("user"));
    assert!(!event.channel().is_present());
}

#[test]
fn a_user_event_of_the_dialplan_has_its_channel() {
    let ami = client();
    let events = ami.subscribe_to::<UserEvent>();
    let call = Call::new(&ami);
    let tag = unique("tag");
    ami.send_action(&call.action("userevent").variable("__TAG", &tag)).unwrap();
    let event = await_event(&events, |it| it.message().get("Unique") == Some(&tag));
    assert_eq!(event.user_event(), "TestEvent");
    assert_eq!(event.channel().unique_id(), call.other);
    let headers: Vec<_> = event.headers().collect();
    assert!(headers.contains(&("Key1", "value1")), "{headers:?}");
    assert!(headers.contains(&("Key2", "value with spaces")), "{headers:?}");
}

#[test]
fn a_mask_given_at_login_lets_its_classes_through_and_no_others() {
    let masked = builder().events(EventMask::of([EventClass::User])).connect().unwrap();
    let events = masked.subscribe();
    let ami = client();
    let end = unique("End");
    drop(Call::to(&ami, "answer"));
    tell(&ami, &end);
    let seen = events_until(&events, |event| is_user_event(event, &end));
    for event in &seen {
        assert_eq!(event.privilege(), Some("user"), "{event:?}");
    }
}

#[test]
fn a_mask_of_several_classes_lets_each_of_them_through() {
    let mask = EventMask::of([EventClass::User, EventClass::Call]);
    let masked = builder().events(mask).connect().unwrap();
    let events = masked.subscribe();
    let ami = client();
    let call = Call::to(&ami, "answer");
    ami.send_action(&HangupAction::new(&call.id)).unwrap();
    let seen = until_hangup(&events, &call.id);
    let classes: BTreeSet<_> = seen.iter().filter_map(AmiEvent::privilege).collect();
    assert!(classes.contains("call") && classes.len() <= 2, "{classes:?}");
    assert!(!seen.iter().any(|event| matches!(event, AmiEvent::VarSet(_) | AmiEvent::NewExten(_))));
}

#[test]
fn a_mask_is_changed_while_events_come() {
    let (ami, other) = (client(), client());
    let events = ami.subscribe();
    let [heard, unheard, end] = ["Heard", "Unheard", "End"].map(unique);
    tell(&other, &heard);
    events_until(&events, |event| is_user_event(event, &heard));

    assert_eq!(
        ami.send_action(&EventsAction::new(EventMask::none())).unwrap().events(),
        Some(false)
    );
    tell(&other, &unheard);
    // The server hands events over between two actions: by the second answer it has let the first
    // event pass.
    ami.ping().unwrap();
    ami.ping().unwrap();
    assert_eq!(ami.send_action(&EventsAction::new(EventMask::all())).unwrap().events(), Some(true));
    tell(&other, &end);
    let seen = events_until(&events, |event| is_user_event(event, &end));
    assert!(!seen.iter().any(|event| is_user_event(event, &unheard)));
}

#[test]
fn a_client_without_events_still_gets_answers_and_lists() {
    let ami = builder().events(EventMask::none()).connect().unwrap();
    let events = ami.subscribe();
    let call = Call::to(&ami, "answer");
    let listed = ami.list(&asterisk_sync::ami::action::CoreShowChannelsAction::new()).unwrap();
    assert!(listed.iter().any(|it| it.channel().unique_id() == call.id));
    drop(call);
    ami.disconnect().unwrap();
    assert_eq!(events.iter().count(), 0);
}

#[test]
fn a_user_hears_only_what_they_may_read() {
    let quiet = user("quiet").connect().unwrap();
    let events = quiet.subscribe();
    let unheard = unique("Unheard");
    tell(&quiet, &unheard);
    let call = Call::to(&quiet, "answer");
    quiet.send_action(&HangupAction::new(&call.id)).unwrap();
    for event in until_hangup(&events, &call.id) {
        assert_eq!(event.privilege(), Some("call"), "{event:?}");
    }
}

#[test]
fn a_subscription_to_a_call_gets_that_call_and_no_other() {
    let ami = client();
    let call = Call::new(&ami);
    let events = ami.subscribe_with(Filter::all().linked_id(&*call.id));
    let noise = Call::to(&ami, "answer");
    ami.send_action(&call.action("answer")).unwrap();
    ami.send_action(&HangupAction::new(&noise.id)).unwrap();
    ami.send_action(&HangupAction::new(&call.id)).unwrap();
    let seen = until_hangup(&events, &call.id);
    assert!(seen.len() > 5, "{:?}", names(&seen));
    for event in &seen {
        // In whatever role: `Linkedid`, `DestLinkedid`, …
        let mut ids = event.message().iter().filter(|(name, _)| {
            name.len() >= 8 && name[name.len() - 8..].eq_ignore_ascii_case("Linkedid")
        });
        assert!(ids.any(|(_, id)| id == call.id), "{event:?}");
    }
}

#[test]
fn a_subscription_to_a_channel_gets_every_role_of_it() {
    let ami = client();
    let call = Call::to(&ami, "answer");
    let name = call.name();
    let events = ami.subscribe_with(Filter::names(["VarSet", "Hangup"]).channel(&*name));
    let set = asterisk_sync::ami::action::SetVarAction::new("MARK", "1").channel(&name);
    ami.send_action(&set).unwrap();
    ami.send_action(&HangupAction::new(&call.id)).unwrap();
    let seen = until_hangup(&events, &call.id);
    assert_eq!(seen.first().map(AmiEvent::event_name), Some("VarSet"));
    assert!(seen.iter().all(|event| event.channel() == Some(&name)), "{seen:?}");
}

#[test]
fn every_way_of_receiving_gets_the_same_event() {
    let ami = client();
    let name = unique("Live");
    let (all, typed) = (ami.subscribe(), ami.subscribe_to::<UserEvent>());
    let wanted = name.clone();
    let filtered = ami.subscribe_filtered(move |event| is_user_event(event, &wanted));
    let (sender, receiver) = mpsc::channel();
    let wanted = name.clone();
    let handler = ami
        .on_event(move |event| {
            if is_user_event(&event, &wanted) {
                let _ = sender.send(event);
            }
        })
        .unwrap();
    tell(&ami, &name);
    let first = events_until(&all, |event| is_user_event(event, &name)).pop().unwrap();
    assert_eq!(AmiEvent::from(await_event(&typed, |it| it.user_event() == name)), first);
    assert_eq!(filtered.recv_timeout(PATIENCE).unwrap(), Some(first.clone()));
    assert_eq!(receiver.recv_timeout(PATIENCE).unwrap(), first);
    handler.stop();
    // Of its own events there is no other.
    let quiet = filtered.recv_timeout(Duration::from_millis(1)).unwrap_err();
    assert!(matches!(quiet, Error::Timeout(TimeoutError::Receive { .. })), "{quiet:?}");
}

#[test]
fn an_event_handler_may_send_actions() {
    let ami = client();
    let (name, echo) = (unique("Live"), unique("Echo"));
    let events = ami.subscribe_to::<UserEvent>();
    let (wanted, answer, acting) = (name.clone(), echo.clone(), ami.clone());
    let handler = ami
        .on_event(move |event| {
            if is_user_event(&event, &wanted) {
                tell(&acting, &answer);
            }
        })
        .unwrap();
    tell(&ami, &name);
    await_event(&events, |it| it.user_event() == echo);
    handler.stop();
}

/// Compares each accessor of a channel with the header it is made of.
fn assert_channel(channel: ChannelView<'_>, message: &Message, prefix: &str) {
    let header = |name: &str| message.get(&format!("{prefix}{name}"));
    let known = |name: &str| header(name).filter(|value| !matches!(*value, "" | "<unknown>"));
    let text = |name: &str| header(name).unwrap_or("");
    assert_eq!(channel.is_present(), header("Channel").is_some());
    for (got, name) in [
        (channel.channel(), "Channel"),
        (channel.state_desc(), "ChannelStateDesc"),
        (channel.language(), "Language"),
        (channel.account_code(), "AccountCode"),
        (channel.context(), "Context"),
        (channel.exten(), "Exten"),
        (channel.unique_id(), "Uniqueid"),
        (channel.linked_id(), "Linkedid"),
    ] {
        assert_eq!(got, text(name), "{prefix}{name} of {message:?}");
    }
    assert_eq!(channel.caller_id_num(), known("CallerIDNum"));
    assert_eq!(channel.connected_line_num(), known("ConnectedLineNum"));
    assert_eq!(channel.caller_id_name().as_deref(), known("CallerIDName"));
    assert_eq!(channel.connected_line_name().as_deref(), known("ConnectedLineName"));
    if channel.is_present() && header("ChannelState").is_some() {
        let state = channel.state().expect("a state that is known");
        assert_eq!(state.code().to_string(), text("ChannelState"));
        assert_eq!(state.to_string(), text("ChannelStateDesc"));
        assert_eq!(channel.priority().map(|it| it.to_string()).as_deref(), header("Priority"));
    }
}

/// Compares the typed accessors of the events of a call with their headers.
fn assert_typed(event: &AmiEvent) {
    let message = event.message();
    let raw = |name: &str| message.get(name);
    let text = |name: &str| message.get(name).unwrap_or("");
    let its = |name: &str| match event {
        // It may have the dialled channel alone.
        AmiEvent::DialBegin(_) | AmiEvent::DialState(_) | AmiEvent::DialEnd(_)
            if raw("Channel").is_none() =>
        {
            raw(&format!("Dest{name}"))
        }
        AmiEvent::LocalBridge(_) => raw(&format!("LocalOne{name}")),
        _ => raw(name),
    };
    assert_eq!(event.channel(), its("Channel"));
    assert_eq!(event.unique_id(), its("Uniqueid"));
    assert_eq!(event.linked_id(), its("Linkedid"));
    let class = text("Privilege").strip_suffix(",all").unwrap_or(text("Privilege"));
    assert_eq!(event.privilege(), Some(class));
    match event {
        AmiEvent::NewChannel(it) => assert_channel(it.channel(), message, ""),
        AmiEvent::Newstate(it) => assert_channel(it.channel(), message, ""),
        AmiEvent::NewConnectedLine(it) => assert_channel(it.channel(), message, ""),
        AmiEvent::NewCallerid(it) => {
            assert_channel(it.channel(), message, "");
            assert_eq!(it.cid_calling_pres(), text("CID-CallingPres"));
        }
        AmiEvent::NewExten(it) => {
            assert_channel(it.channel(), message, "");
            assert_eq!(it.extension(), text("Extension"));
            assert_eq!(it.application(), text("Application"));
            assert_eq!(it.app_data(), text("AppData"));
        }
        AmiEvent::VarSet(it) => {
            assert_channel(it.channel(), message, "");
            assert_eq!((it.variable(), &*it.value()), (text("Variable"), text("Value")));
        }
        AmiEvent::DialBegin(it) => {
            assert_channel(it.channel(), message, "");
            assert_channel(it.dest(), message, "Dest");
            assert_eq!(it.dial_string(), raw("DialString"));
        }
        AmiEvent::DialState(it) => {
            assert_channel(it.dest(), message, "Dest");
            assert_eq!(it.dial_status().map(|it| it.to_string()).as_deref(), raw("DialStatus"));
        }
        AmiEvent::DialEnd(it) => {
            assert_channel(it.dest(), message, "Dest");
            let status = it.dial_status().expect("a status");
            assert!(status.is_final());
            assert_eq!(status.as_str(), text("DialStatus"));
        }
        AmiEvent::LocalBridge(it) => {
            assert_channel(it.local_one(), message, "LocalOne");
            assert_channel(it.local_two(), message, "LocalTwo");
            assert_eq!((it.context(), it.exten()), (text("Context"), text("Exten")));
            assert_eq!(it.local_optimization(), Some(text("LocalOptimization") == "Yes"));
        }
        AmiEvent::BridgeEnter(it) => {
            assert_channel(it.channel(), message, "");
            assert_eq!(it.bridge().unique_id(), text("BridgeUniqueid"));
            assert_eq!(it.bridge().bridge_type(), text("BridgeType"));
            assert_eq!(it.bridge().technology(), text("BridgeTechnology"));
            let count = it.bridge().num_channels().map(|count| count.to_string());
            assert_eq!(count.as_deref(), raw("BridgeNumChannels"));
        }
        AmiEvent::HangupRequest(it) => assert_channel(it.channel(), message, ""),
        AmiEvent::Hangup(it) => {
            assert_channel(it.channel(), message, "");
            let cause = it.cause().expect("a cause");
            assert_eq!(cause.code().to_string(), text("Cause"));
            assert_eq!(it.cause_txt(), text("Cause-txt"));
            assert_eq!(it.tech_cause(), raw("TechCause"));
        }
        AmiEvent::Cdr(it) => {
            assert_eq!(it.message().get("UniqueID"), raw("UniqueID"));
        }
        AmiEvent::Unknown(_) => panic!("an event without a type: {message:?}"),
        _ => {}
    }
}

#[test]
fn the_typed_fields_of_a_calls_events_say_what_their_headers_say() {
    let ami = client();
    let call = Call::new(&ami);
    let events = ami.subscribe_with(Filter::all().linked_id(&*call.id));
    // A call that makes a call: four channels of dialplan, dialling and bridges.
    let action = call
        .action("dial-local")
        .caller_id("\"Plain Name\" <100>")
        .variable("PLAIN", "value")
        .account("account");
    ami.send_action(&action).unwrap();
    ami.send_action(&HangupAction::new(&call.other)).unwrap();
    // Until all of its channels are gone.
    let mut open = BTreeSet::new();
    let seen = events_until(&events, |event| match event {
        AmiEvent::NewChannel(it) => {
            open.insert(it.channel().unique_id().to_owned());
            false
        }
        AmiEvent::Hangup(it) => open.remove(it.channel().unique_id()) && open.is_empty(),
        _ => false,
    });
    seen.iter().for_each(assert_typed);
    let kinds: BTreeSet<_> = seen.iter().map(AmiEvent::event_name).collect();
    for kind in [
        "Newchannel",
        "Newstate",
        "NewCallerid",
        "Newexten",
        "VarSet",
        "DialBegin",
        "DialEnd",
        "BridgeEnter",
        "BridgeLeave",
        "HangupRequest",
        "Hangup",
    ] {
        assert!(kinds.contains(kind), "no {kind} among {kinds:?}");
    }
}

#[test]
fn no_event_of_everything_that_goes_on_is_without_a_type() {
    let ami = client();
    let events = ami.subscribe();
    for extension in ["dial-local", "vars", "userevent", "moh", "echo"] {
        drop(Call::to(&ami, extension));
    }
    let call = Call::to(&ami, "answer");
    ami.send_action(&HangupAction::new(&call.id)).unwrap();
    for event in until_hangup(&events, &call.id) {
        assert!(!matches!(event, AmiEvent::Unknown(_)), "{event:?}");
        assert!(!matches!(event, AmiEvent::Gap(_)), "{event:?}");
    }
}

#[test]
fn an_event_kept_for_long_is_the_same() {
    let ami = client();
    let hangups = ami.subscribe_to::<Hangup>();
    let call = Call::to(&ami, "answer");
    ami.send_action(&HangupAction::new(&call.id)).unwrap();
    let event = AmiEvent::from(await_event(&hangups, |it| it.channel().unique_id() == call.id));
    let kept = event.detach();
    assert_eq!(kept, event);
    assert_eq!(kept.message().as_bytes(), event.message().as_bytes());
}
