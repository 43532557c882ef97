//! What subscribers of ARI get: typed where it can be, whole where it cannot, and never lost in
//! silence.

use crate::common::LONG;
use crate::common::ari::{APP, configured, everywhere, next_message, types_until};
use asterisk_sync::ari::resources::asterisk;
use asterisk_sync::ari::{AriEvent, Filter, event};
use asterisk_sync::testing::FakeAri;
use asterisk_sync::types::{ChannelState, HangupCause};
use asterisk_sync::{Overflow, Subscribe};
use serde_json::json;

#[test]
fn an_event_is_typed_and_has_what_all_events_have() {
    everywhere(|fake, ari| {
        let events = ari.subscribe();
        fake.push(
            "ChannelDestroyed",
            APP,
            json!({ "cause": 16, "cause_txt": "Normal Clearing", "new_field": [1],
                    "channel": FakeAri::channel("1.2", "PJSIP/alice-00000001") }),
        );
        let message = next_message(&events);
        assert_eq!((&*message.application, &*message.asterisk_id), (APP, "00:00:5e:00:53:01"));
        assert_eq!(message.timestamp.as_str(), "2026-03-01T12:00:00.123+0000");
        assert!(message.timestamp.time().is_some());
        let AriEvent::ChannelDestroyed(end) = &message.event else { panic!("{message:?}") };
        assert_eq!((end.cause, &*end.cause_txt), (HangupCause::NormalClearing, "Normal Clearing"));
        assert_eq!((&*end.channel.id, end.channel.state), ("1.2", ChannelState::Down));
        assert_eq!(message.as_event::<event::ChannelDestroyed>().unwrap().tech_cause, None);
        assert_eq!(message.get("new_field"), Some(json!([1])));
    });
}

#[test]
fn a_known_event_with_odd_content_is_still_that_event() {
    everywhere(|fake, ari| {
        let events = ari.subscribe();
        for fields in [
            json!({}),
            json!({ "channel": null, "args": null }),
            json!({ "channel": [], "args": "one" }),
            json!({ "channel": { "id": 7, "caller": null, "dialplan": "s", "state": {} }, "args": [1, null] }),
            json!({ "timestamp": 12, "asterisk_id": {}, "replace_channel": {} }),
        ] {
            fake.push("StasisStart", APP, fields.clone());
            let message = next_message(&events);
            let AriEvent::StasisStart(start) = &message.event else { panic!("{message:?}") };
            if fields["channel"].is_object() {
                assert_eq!(
                    (&*start.channel.id, &start.args[..]),
                    ("7", &["1".into(), String::new()][..])
                );
            }
        }
    });
}

#[test]
fn what_is_not_known_or_cannot_be_read_is_kept_whole() {
    everywhere(|fake, ari| {
        let events = ari.subscribe();
        for (text, name) in [
            (r#"{"type":"Dreamt","application":"demo","of":{"sheep":3}}"#, "Dreamt"),
            (r#"{"application":"demo","nothing":1}"#, ""),
            (r#"{"application":"demo","type":"StasisStart","channel":{"#, "StasisStart"),
            (r#"{"type":"StasisStart","channel":{"#, "StasisStart"),
            ("[1,2]", ""),
            ("7", ""),
            ("", ""),
            ("not JSON at all", ""),
        ] {
            fake.push_text(APP, text);
            let message = next_message(&events);
            let AriEvent::Unknown(event) = &message.event else { panic!("{text}: {message:?}") };
            assert_eq!((event.event_name(), message.json()), (name, text));
        }
        let deep =
            format!(r#"{{"type":"StasisEnd","channel":{}1{}}}"#, "[".repeat(500), "]".repeat(500));
        fake.push_text(APP, &deep);
        assert_eq!(next_message(&events).json(), deep);
        // Names that are escaped, or come late, are names all the same.
        fake.push_text(APP, r#"{"channel":{"id":"1"},"t\u0079pe":"Stasis\u0045nd"}"#);
        assert_eq!(next_message(&events).event.event_name(), "StasisEnd");
    });
}

#[test]
fn filters_let_through_what_they_say_and_nothing_else() {
    everywhere(|fake, ari| {
        let by_type = ari.subscribe_with(Filter::types(["StasisEnd"]));
        let by_id = ari.subscribe_with(Filter::all().channel("1"));
        let by_name = ari.subscribe_with(Filter::all().channel("PJSIP/b-2"));
        let by_bridge = ari.subscribe_with(Filter::all().bridge("B").event_type("BridgeCreated"));
        let by_app = ari.subscribe_with(Filter::all().application("other"));
        let either = ari.subscribe_filtered(|m| m.event.event_name().starts_with("Bridge"));
        let (one, two) = (FakeAri::channel("1", "PJSIP/a-1"), FakeAri::channel("2", "PJSIP/b-2"));
        fake.push("StasisStart", APP, json!({ "channel": one }));
        fake.push("StasisStart", APP, json!({ "channel": two }));
        fake.push("BridgeCreated", APP, json!({ "bridge": { "id": "B" } }));
        fake.push("ChannelEnteredBridge", APP, json!({ "bridge": { "id": "B" }, "channel": one }));
        fake.push("StasisEnd", APP, json!({ "channel": one }));
        // The last one, for all.
        fake.push_text(
            APP,
            r#"{"type":"StasisEnd","application":"other","channel":{"id":"1","name":"PJSIP/b-2"}}"#,
        );
        fake.push("BridgeDestroyed", APP, json!({ "bridge": { "id": "C" } }));
        assert_eq!(next_message(&by_type).application, APP);
        assert_eq!(next_message(&by_type).application, "other");
        let types = |events: &_, count: usize| -> Vec<String> {
            (0..count).map(|_| next_message(events).event.event_name().to_owned()).collect()
        };
        assert_eq!(
            types(&by_id, 4),
            ["StasisStart", "ChannelEnteredBridge", "StasisEnd", "StasisEnd"]
        );
        assert_eq!(types(&by_name, 2), ["StasisStart", "StasisEnd"]);
        assert_eq!(types(&by_bridge, 1), ["BridgeCreated"]);
        assert_eq!(types(&by_app, 1), ["StasisEnd"]);
        let bridges: Vec<_> = either.timeout_iter(LONG).take(2).collect();
        assert_eq!(bridges.len(), 2);
        assert!(by_bridge.try_recv().is_err() && by_app.try_recv().is_err());
    });
}

#[test]
fn a_subscriber_that_does_not_keep_up_is_told_what_it_lost() {
    everywhere(|fake, ari| {
        let bounds = Subscribe::default().events(10).overflow(Overflow::DropNewest);
        let slow = ari.subscribe_bounded(Filter::all(), bounds);
        let fast = ari.subscribe();
        let total = 5000;
        fake.flood("StasisStart", APP, json!({ "channel": FakeAri::channel("1", "x") }), total);
        fake.push("StasisEnd", APP, json!({}));
        assert_eq!(types_until(&fast, "StasisEnd").len(), total + 1);
        let mut seen = 0;
        let mut missed = 0;
        while seen + missed < total as u64 + 1 {
            match &next_message(&slow).event {
                AriEvent::Gap(gap) => missed += gap.missed(),
                _ => seen += 1,
            }
        }
        assert!(seen >= 10 && missed > 0, "{seen} {missed}");
        assert_eq!(slow.lost(), missed);
    });
}

#[test]
fn an_event_over_the_limit_is_told_as_a_gap_in_its_place() {
    configured(
        |config| config.max_message_size(2000),
        |fake, ari| {
            let events = ari.subscribe();
            let ends = ari.subscribe_with(Filter::types(["StasisEnd"]).channel("1"));
            let starts = ari.subscribe_with(Filter::types(["StasisStart"]));
            let channel = json!({ "channel": FakeAri::channel("1", "x") });
            fake.push("StasisStart", APP, channel.clone());
            fake.push("StasisEnd", APP, json!({ "channel": { "id": "x".repeat(5000) } }));
            fake.push("StasisEnd", APP, channel.clone());
            fake.push("StasisStart", APP, channel);
            assert_eq!(types_until(&events, "StasisEnd"), ["StasisStart", "Gap", "StasisEnd"]);
            assert_eq!(types_until(&ends, "StasisEnd"), ["Gap", "StasisEnd"]);
            assert_eq!(next_message(&starts).event.event_name(), "StasisStart");
            assert_eq!(next_message(&starts).event.event_name(), "StasisStart");
            assert!(asterisk::ping(ari).is_ok());
        },
    );
}

#[test]
fn a_request_from_an_event_loop_or_a_handler_does_not_stop_anything() {
    everywhere(|fake, ari| {
        let (tell, told) = std::sync::mpsc::channel();
        let asking = ari.clone();
        let handler =
            ari.on_event(move |_| tell.send(asterisk::ping(&asking).is_ok()).unwrap()).unwrap();
        let events = ari.subscribe();
        for _ in 0..3 {
            fake.push("StasisEnd", APP, json!({}));
            next_message(&events);
            assert!(asterisk::ping(ari).is_ok());
            assert!(told.recv_timeout(LONG).unwrap());
        }
        handler.stop();
    });
}

#[test]
fn a_message_serialises_as_it_came() {
    everywhere(|fake, ari| {
        let events = ari.subscribe();
        fake.push("StasisEnd", APP, json!({ "unheard": { "of": null } }));
        let message = next_message(&events);
        let text = serde_json::to_value(&message).unwrap();
        assert_eq!(text["unheard"], json!({ "of": null }));
        assert_eq!(message, message.clone());
    });
}

#[test]
fn of_a_hundred_thousand_events_a_subscriber_that_sleeps_is_told_exactly_what_it_lost() {
    const ALL: usize = 100_000;
    everywhere(|fake, ari| {
        let oldest = Subscribe::default().events(1_000).overflow(Overflow::DropOldest);
        let newest = Subscribe::default().events(1_000).overflow(Overflow::DropNewest);
        let asleep = [oldest, newest].map(|it| ari.subscribe_bounded(Filter::all(), it));
        let ends = ari.subscribe_with(Filter::types(["StasisEnd"]));
        // A stream with an order, so that what is lost can be counted.
        for first in (0..ALL).step_by(1_000) {
            let frames = (first..first + 1_000).flat_map(|number| {
                let text = format!(
                    r#"{{"type":"StasisStart","application":"demo","channel":{{"id":"{number}"}}}}"#
                );
                [&[0x81, text.len() as u8], text.as_bytes()].concat()
            });
            fake.send_raw(APP, &frames.collect::<Vec<u8>>());
            // Requests are answered meanwhile, whichever way they go.
            if first % 10_000 == 0 {
                assert!(asterisk::ping(ari).is_ok());
            }
        }
        fake.push("StasisEnd", APP, json!({}));
        assert_eq!(next_message(&ends).event.event_name(), "StasisEnd");
        for slow in asleep {
            let (mut next, mut missed) = (0_u64, 0);
            // All are through when the last is accounted for.
            while next < ALL as u64 + 1 {
                match &next_message(&slow).event {
                    AriEvent::Gap(gap) => {
                        next += gap.missed();
                        missed += gap.missed();
                    }
                    AriEvent::StasisStart(start) => {
                        assert_eq!(start.channel.id, next.to_string());
                        next += 1;
                    }
                    AriEvent::StasisEnd(_) => {
                        assert_eq!(next, ALL as u64);
                        next += 1;
                    }
                    other => panic!("{other:?}"),
                }
            }
            assert_eq!(slow.lost(), missed);
            assert!(missed > 0, "the bound holds");
        }
    });
}
