//! Waits for what an event filter of the client's own keeps back.

use std::thread;

use crate::common::LONG;
use crate::common::ari::{APP, everywhere};
use asterisk_sync::ari::resources::application::{self, EventFilter};
use asterisk_sync::ari::{AriClient, RecordParams};
use asterisk_sync::testing::{AriReply, FakeAri};
use asterisk_sync::types::ChannelState;
use serde_json::{Value, json};

fn hide(ari: &AriClient, filter: &EventFilter) {
    application::set_event_filter(ari, APP, filter).unwrap();
}

fn channel(state: &str) -> Value {
    let mut channel = FakeAri::channel("1", "PJSIP/bob-1");
    channel["state"] = state.into();
    channel
}

/// A playback and a recording that the server has taken and that go on until a test ends them.
fn at_work(fake: &FakeAri) {
    fake.on("POST", "channels/1/play", |request| {
        let id = request.text("playbackId").unwrap();
        AriReply::ok(json!({ "id": id, "state": "queued", "target_uri": "channel:1" }))
    });
    fake.on("GET", "playbacks/*", |request| {
        let id = &request.segments()[1];
        AriReply::ok(json!({ "id": id, "state": "playing", "target_uri": "channel:1" }))
    });
    let live = json!({ "name": "r", "state": "recording", "target_uri": "channel:1" });
    let recording = live.clone();
    fake.on("POST", "channels/1/record", move |_| AriReply::ok(live.clone()));
    fake.on("GET", "recordings/live/r", move |_| AriReply::ok(recording.clone()));
}

#[test]
fn the_end_of_what_is_played_or_recorded_is_asked_for() {
    everywhere(|fake, ari| {
        at_work(fake);
        for filter in [
            EventFilter::new().disallow("PlaybackFinished").disallow("RecordingFinished"),
            EventFilter::new().allow("StasisStart"),
        ] {
            hide(ari, &filter);
            let played = ari.channel("1").play("sound:x").unwrap();
            let recorded = ari.channel("1").record("r", &RecordParams::new("wav")).unwrap();
            let playing = format!("playbacks/{}", played.id());
            // Both who waits for the socket and who waits for that one.
            let others = played.clone();
            let waiting = [
                thread::spawn(move || played.wait().map(|end| end.is_some())),
                thread::spawn(move || others.wait_timeout(LONG).map(|end| end.is_some())),
                thread::spawn(move || recorded.wait().map(|end| end.is_some())),
            ];
            fake.wait_for_requests("GET", &playing, 4, LONG).unwrap();
            fake.on("GET", &playing, |_| AriReply::error(404, "Playback not found"));
            fake.on("GET", "recordings/live/r", |_| AriReply::error(404, "Recording not found"));
            for waiting in waiting {
                assert!(!waiting.join().unwrap().unwrap());
            }
            at_work(fake);
        }
    });
}

#[test]
fn a_filter_that_is_set_during_a_wait_does_not_leave_it_waiting() {
    everywhere(|fake, ari| {
        at_work(fake);
        let played = ari.channel("1").play("sound:x").unwrap();
        let late = ari.playback(played.id());
        let waiting =
            [thread::spawn(move || late.wait()), thread::spawn(move || played.wait_timeout(LONG))];
        // One has begun to wait.
        fake.wait_for_requests("GET", "playbacks/*", 2, LONG).unwrap();
        hide(ari, &EventFilter::new().disallow("PlaybackFinished"));
        fake.on("GET", "playbacks/*", |_| AriReply::error(404, "Playback not found"));
        for waiting in waiting {
            assert_eq!(waiting.join().unwrap().unwrap(), None);
        }
        // Asked for where it is told, it would not be.
        let asked = fake.wait_for_requests("GET", "playbacks/*", 0, LONG).unwrap().len();
        hide(ari, &EventFilter::new().disallow("ChannelVarset"));
        at_work(fake);
        let played = ari.channel("1").play("sound:x").unwrap();
        let playback = json!({ "id": played.id(), "state": "done", "target_uri": "channel:1" });
        fake.push("PlaybackFinished", APP, json!({ "playback": playback }));
        assert!(played.wait().unwrap().is_some());
        assert_eq!(fake.wait_for_requests("GET", "playbacks/*", 0, LONG).unwrap().len(), asked);
    });
}

#[test]
fn what_becomes_of_a_channel_is_asked_for() {
    everywhere(|fake, ari| {
        hide(ari, &EventFilter::new().allow("StasisEnd"));
        let asked =
            |count: usize| fake.wait_for_requests("GET", "channels/1", count, LONG).unwrap().len();
        let wait = || {
            fake.on("GET", "channels/1", |_| AriReply::ok(channel("Ringing")));
            (ari.channel("1"), asked(0))
        };
        let (leg, before) = wait();
        let up = thread::spawn(move || leg.wait_for_up(LONG));
        // Twice before it begins to wait.
        asked(before + 2);
        fake.on("GET", "channels/1", |_| AriReply::ok(channel("Up")));
        assert_eq!(up.join().unwrap().unwrap().state, ChannelState::Up);

        let (leg, before) = wait();
        let start = thread::spawn(move || leg.wait_for_stasis_start(LONG));
        asked(before + 2);
        let mut entered = channel("Up");
        entered["dialplan"]["app_name"] = "Stasis".into();
        fake.on("GET", "channels/1", move |_| AriReply::ok(entered.clone()));
        assert_eq!(start.join().unwrap().unwrap().id, "1");

        let (leg, before) = wait();
        let end = thread::spawn(move || leg.wait_for_hangup(LONG));
        asked(before + 1);
        fake.on("GET", "channels/1", |_| AriReply::error(404, "Channel not found"));
        assert_eq!(end.join().unwrap().unwrap(), None);
    });
}
