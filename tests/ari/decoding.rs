//! Every event of ARI is read with all that it has, and stays itself whatever is wrong with it.
//! `captures/events.ari` is what a real Asterisk 22.10 sent; `events_documented.ari` has those kinds
//! that it could not be made to send, by its own documentation.

use std::collections::BTreeSet;
use std::time::Duration;

use crate::common::ari::{APP, everywhere, next_message};
use asterisk_sync::ari::model::RtpStat;
use asterisk_sync::ari::{AriEvent, AriMessage, Filter, TypedEvent, event};
use asterisk_sync::types::{
    CallerPresentation, ChannelState, ContactStatus, DialStatus, EndpointState, HangupCause,
    PeerStatus, PlaybackState, RecordingState, TransferDestination, TransferProgress,
    TransferResult,
};
use serde_json::{Value, json};

const CAPTURED: &str = include_str!("../captures/events.ari");
const DOCUMENTED: &str = include_str!("../captures/events_documented.ari");

/// What the message tells, rather than the event.
const ENVELOPE: &[&str] = &["type", "application", "timestamp", "asterisk_id"];

fn lines() -> impl Iterator<Item = &'static str> {
    CAPTURED.lines().chain(DOCUMENTED.lines())
}

fn value(json: &str) -> Value {
    serde_json::from_str(json).unwrap()
}

/// The first event of a kind for which this holds.
fn find<E: TypedEvent>(is_it: impl Fn(&E) -> bool) -> E {
    let all = lines().map(AriMessage::parse);
    let mut found = all.filter_map(|message| E::of(&message.event).cloned());
    found.find(is_it).unwrap_or_else(|| panic!("no {}", E::NAME))
}

/// Fields that are written otherwise than ARI does: a number that is a word elsewhere, a word that AMI
/// spells in another way, and a text that is a number.
fn same(field: &str, ours: &Value, wire: &Value) -> bool {
    match field {
        "caller_presentation" => CallerPresentation::from(&*wire.to_string()).as_str() == *ours,
        "destination_type" => TransferDestination::from(wire.as_str().unwrap()).as_str() == *ours,
        "roundtrip_usec" => ours.as_u64() == wire.as_str().unwrap().parse().ok(),
        _ => false,
    }
}

/// Asserts that all of `wire` is in `ours`.
fn assert_holds(ours: &Value, wire: &Value, path: &str) {
    match wire {
        Value::Object(fields) => {
            for (name, wire) in fields {
                let path = format!("{path}.{name}");
                let ours = ours.get(name).unwrap_or_else(|| panic!("{path} was not read"));
                if !same(name, ours, wire) {
                    assert_holds(ours, wire, &path);
                }
            }
        }
        Value::Array(items) => {
            assert_eq!(ours.as_array().map(Vec::len), Some(items.len()), "{path}");
            for (i, wire) in items.iter().enumerate() {
                assert_holds(&ours[i], wire, &format!("{path}[{i}]"));
            }
        }
        _ => assert_eq!(ours, wire, "{path}"),
    }
}

#[test]
fn every_kind_is_there_and_is_read_with_all_that_it_has() {
    let mut kinds = BTreeSet::new();
    for line in lines() {
        let message = AriMessage::parse(line);
        let mut wire = value(line);
        assert_eq!(message.event.event_name(), wire["type"]);
        assert!(!matches!(message.event, AriEvent::Unknown(_)), "{line}");
        assert_eq!(message.application, wire["application"]);
        assert_eq!(message.asterisk_id, wire["asterisk_id"]);
        assert_eq!(message.timestamp.as_str(), wire["timestamp"]);
        assert!(message.timestamp.time().is_some());
        assert_eq!(serde_json::to_value(&message).unwrap(), wire, "it serialises as it came");
        wire.as_object_mut().unwrap().retain(|name, _| !ENVELOPE.contains(&name.as_str()));
        let ours = serde_json::to_value(&message.event).unwrap();
        assert_holds(&ours, &wire, message.event.event_name());
        kinds.insert(message.event.event_name().to_owned());
    }
    let known: BTreeSet<String> = AriEvent::NAMES.iter().map(|&name| name.to_owned()).collect();
    assert_eq!(kinds, known);
    assert_eq!(known.len(), 45);
}

#[test]
fn what_is_odd_or_missing_costs_nothing_else() {
    let odd = ["null", "7", "-1.5", "true", "\"\"", "\"odd\"", "[]", "{}", "[1,[{\"a\":null}]]"];
    for line in lines() {
        let wire = value(line);
        let name = wire["type"].as_str().unwrap();
        let whole = serde_json::to_value(&AriMessage::parse(line).event).unwrap();
        let fields: Vec<&String> = wire.as_object().unwrap().keys().collect();
        for field in fields.into_iter().filter(|field| *field != "type") {
            let mut damaged = vec![wire.clone()];
            damaged[0].as_object_mut().unwrap().remove(field);
            for odd in odd {
                damaged.push(wire.clone());
                damaged.last_mut().unwrap()[field] = value(odd);
            }
            for damaged in damaged {
                let message = AriMessage::parse(&damaged.to_string());
                assert!(!matches!(message.event, AriEvent::Unknown(_)), "{damaged}");
                assert_eq!(message.event.event_name(), name);
                let mut ours = serde_json::to_value(&message.event).unwrap();
                let mut rest = whole.clone();
                for event in [&mut ours, &mut rest] {
                    event.as_object_mut().unwrap().remove(field);
                }
                assert_eq!(ours, rest, "{field} of {damaged}");
                if field != "application" {
                    assert_eq!(message.application, wire["application"]);
                }
            }
        }
    }
}

#[test]
fn what_is_odd_inside_of_an_object_costs_nothing_else_in_it() {
    for line in lines() {
        let wire = value(line);
        for (outer, object) in wire.as_object().unwrap() {
            for field in object.as_object().into_iter().flatten().map(|(field, _)| field) {
                for odd in [json!(null), json!([]), json!({}), json!([{}, 1])] {
                    let mut damaged = wire.clone();
                    damaged[outer][field] = odd;
                    let message = AriMessage::parse(&damaged.to_string());
                    assert!(!matches!(message.event, AriEvent::Unknown(_)), "{damaged}");
                    let ours = serde_json::to_value(&message.event).unwrap();
                    let mut rest = object.clone();
                    rest.as_object_mut().unwrap().remove(field);
                    assert_holds(&ours[outer], &rest, &format!("{outer} without {field}"));
                }
            }
        }
    }
}

#[test]
fn what_no_version_knows_yet_is_passed_over_and_kept() {
    for line in lines() {
        let mut wire = value(line);
        wire["from_the_future"] = json!({ "type": "StasisEnd", "of": [1] });
        let message = AriMessage::parse(&wire.to_string());
        assert_eq!(message.event, AriMessage::parse(line).event);
        assert_eq!(message.get("from_the_future"), Some(json!({ "type": "StasisEnd", "of": [1] })));
    }
    let dreamt = AriMessage::parse(r#"{"type":"Dreamt","application":"a","sheep":3}"#);
    let AriEvent::Unknown(unknown) = &dreamt.event else { panic!("{dreamt:?}") };
    assert_eq!((unknown.event_name(), unknown.get("sheep")), ("Dreamt", Some(&json!(3))));
}

#[test]
fn words_numbers_and_times_are_typed() {
    let digit = find::<event::ChannelDtmfReceived>(|event| event.channel.id == "cap-3");
    assert_eq!((&*digit.digit, digit.duration), ("5", Duration::from_millis(120)));
    assert_eq!(digit.channel.state, ChannelState::Up);
    assert!(digit.channel.creationtime.time().is_some());

    let end = find::<event::ChannelHangupRequest>(|event| event.soft == Some(true));
    assert_eq!(end.cause, Some(HangupCause::from(32)));
    let by_far_end = find::<event::ChannelHangupRequest>(|event| event.soft.is_none());
    assert_eq!(by_far_end.tech_cause, None);

    let caller = find::<event::ChannelCallerId>(|_| true);
    assert_eq!(caller.caller_presentation, CallerPresentation::AllowedNotScreened);

    let begun = find::<event::Dial>(|event| event.dialstatus.as_str().is_empty());
    assert!(!begun.dialstatus.is_final());
    find::<event::Dial>(|event| event.dialstatus == DialStatus::Answer);

    let contact = find::<event::ContactStatusChange>(|_| true).contact_info;
    assert_eq!(contact.contact_status, ContactStatus::NonQualified);
    assert_eq!(contact.roundtrip, Some(Duration::ZERO));
    let gone = find::<event::ContactStatusChange>(|event| {
        event.contact_info.contact_status == ContactStatus::Removed
    });
    assert_eq!(gone.endpoint.state, Some(EndpointState::Offline));
    find::<event::PeerStatusChange>(|event| event.peer.peer_status == PeerStatus::Reachable);

    let playback = find::<event::PlaybackContinuing>(|_| true).playback;
    assert_eq!(playback.state, PlaybackState::Continuing);
    assert_eq!(playback.next_media_uri.as_deref(), Some("digits:7"));
    let recording = find::<event::RecordingFinished>(|_| true).recording;
    assert_eq!((recording.state, recording.duration), (RecordingState::Done, Some(Duration::ZERO)));

    let threeway = find::<event::BridgeAttendedTransfer>(|event| {
        event.destination_type == TransferDestination::Threeway
    });
    assert_eq!(threeway.result, TransferResult::Success);
    assert!(
        threeway.destination_threeway_bridge.is_some() && threeway.destination_bridge.is_none()
    );
    let transfer = find::<event::ChannelTransfer>(|_| true);
    assert_eq!(transfer.state, Some(TransferProgress::Answered));

    let user = find::<event::ChannelUserevent>(|_| true);
    assert_eq!(user.userevent["count"], json!(3));
}

#[test]
fn statistics_are_read_with_what_is_not_documented() {
    // From a call between two endpoints on one machine, shortened.
    let wire = json!({
        "txcount": 64, "rxcount": 0, "txploss": 0, "rxploss": 1, "local_ssrc": 4219891040_u32,
        "remote_ssrc": 0, "txoctetcount": 10240, "rxoctetcount": 0, "channel_uniqueid": "cap-1",
        "txjitter": 0.0, "rtt": 0.000656, "txmes": 88, "local_normdevmes": 88.005,
    });
    let statistics: RtpStat = serde_json::from_value(wire).unwrap();
    assert_eq!((statistics.txcount, statistics.local_ssrc), (64, 4_219_891_040));
    assert_eq!((statistics.rtt, statistics.maxrtt), (Some(0.000_656), None));
    assert_eq!((statistics.txmes, statistics.local_normdevmes), (Some(88.0), Some(88.005)));
}

/// Whether an event mentions this channel: itself, or as what is played to or recorded.
fn mentions(wire: &Value, is_it: &dyn Fn(&Value) -> bool) -> bool {
    is_it(wire)
        || match wire {
            Value::Object(fields) => fields.values().any(|value| mentions(value, is_it)),
            Value::Array(items) => items.iter().any(|value| mentions(value, is_it)),
            _ => false,
        }
}

#[test]
fn filters_know_what_each_kind_is_about() {
    everywhere(|fake, ari| {
        type Holds = Box<dyn Fn(&Value) -> bool>;
        let by = |kind: &'static str, id: &'static str, uri: &'static str| -> Holds {
            Box::new(move |it| {
                (it["id"] == id && it.get(kind).is_some()) || it["target_uri"] == uri
            })
        };
        let all = Filter::all;
        let cases: Vec<(Filter, Holds, usize)> = vec![
            (all().channel("cap-1"), by("dialplan", "cap-1", "channel:cap-1"), 10),
            (all().channel("to-2"), by("dialplan", "to-2", "channel:to-2"), 1),
            (all().channel("by-1"), by("dialplan", "by-1", "channel:by-1"), 1),
            (all().bridge("br-1"), by("bridge_type", "br-1", "bridge:br-1"), 1),
            (all().bridge("br-2"), by("bridge_type", "br-2", "bridge:br-2"), 2),
            (all().bridge("br-by"), by("bridge_type", "br-by", "bridge:br-by"), 1),
            (all().playback("pb-1"), by("media_uri", "pb-1", "-"), 3),
            (all().recording("cap-rec"), Box::new(|it| it["name"] == "cap-rec"), 3),
        ];
        let running: Vec<_> =
            cases.iter().map(|(filter, ..)| ari.subscribe_with(filter.clone())).collect();
        lines().for_each(|line| fake.push_text(APP, line));
        let last = json!({
            "type": "ChannelTransfer", "refer_to": {},
            "referred_by": { "source_channel": { "id": "last" } },
        });
        let ends = ari.subscribe_with(Filter::all().channel("last"));
        fake.push_text(APP, &last.to_string());
        next_message(&ends);
        for (events, (filter, is_it, at_least)) in running.iter().zip(&cases) {
            let wanted: Vec<Value> =
                lines().map(value).filter(|wire| mentions(wire, &**is_it)).collect();
            assert!(wanted.len() >= *at_least, "{filter:?}: {}", wanted.len());
            for wire in wanted {
                assert_eq!(value(next_message(events).json()), wire, "{filter:?}");
            }
            assert!(events.try_recv().is_err(), "{filter:?}");
        }
    });
}

/// Names that users of the crates before this one know: each is a variant and a struct.
macro_rules! known {
    ($($name:ident),* $(,)?) => {
        fn is(event: &AriEvent, variant: &str) -> bool {
            match event {
                $( AriEvent::$name(_) => variant == stringify!($name), )*
                _ => false,
            }
        }

        const KNOWN: &[(&str, &str)] =
            &[$( (stringify!($name), <event::$name as TypedEvent>::NAME), )*];
    };
}

known! {
    StasisStart, StasisEnd, ChannelCreated, ChannelDestroyed, ChannelStateChange,
    ChannelDtmfReceived, ChannelHangupRequest, ChannelVarset, BridgeCreated, BridgeDestroyed,
    ChannelEnteredBridge, ChannelLeftBridge, PlaybackStarted, PlaybackFinished, RecordingStarted,
    RecordingFinished, ChannelCallerId, ChannelConnectedLine, ChannelDialplan, ChannelHold,
    ChannelUnhold, ChannelTalkingStarted, ChannelTalkingFinished, ChannelToneDetected,
    ChannelTransfer, ChannelUserevent, Dial, BridgeAttendedTransfer, BridgeBlindTransfer,
    BridgeMerged, BridgeVideoSourceChanged, ContactStatusChange, DeviceStateChanged,
    EndpointStateChange, PeerStatusChange, PlaybackContinuing, RecordingFailed,
    ApplicationMoveFailed, ApplicationRegistered, ApplicationReplaced, ApplicationUnregistered,
    TextMessageReceived, RESTResponse,
}

#[test]
fn every_name_that_is_known_elsewhere_is_a_variant() {
    for (variant, name) in KNOWN {
        assert_eq!(variant, name);
        let message = AriMessage::parse(&json!({ "type": name }).to_string());
        assert!(is(&message.event, variant), "{message:?}");
    }
}
