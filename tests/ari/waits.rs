//! Waiting for what becomes of channels, playbacks and recordings of ARI, and files.

use std::thread;
use std::time::Duration;

use crate::common::LONG;
use crate::common::ari::{APP, everywhere, next_message, servers};
use asterisk_sync::ari::resources::recording;
use asterisk_sync::ari::{
    AriClient, OriginateParams, PlayParams, PlaybackHandle, RecordParams, TransportKind,
};
use asterisk_sync::testing::{AriReply, FakeAri};
use asterisk_sync::types::{ChannelState, PlaybackState, RecordingState};
use asterisk_sync::{ConnectionState, Error, TimeoutError};
use serde_json::{Value, json};

fn playback(id: &str, state: &str) -> Value {
    json!({ "id": id, "state": state, "media_uri": "sound:x", "target_uri": "channel:1" })
}

fn leg(id: &str, state: &str) -> Value {
    let mut channel = FakeAri::channel(id, "PJSIP/bob-1");
    channel["state"] = state.into();
    json!({ "channel": channel })
}

/// A playback that the server has taken and that goes on until the test ends it.
fn playing(fake: &FakeAri, ari: &AriClient) -> PlaybackHandle {
    fake.on("POST", "channels/*/play", |request| {
        AriReply::new(
            201,
            "application/json",
            playback(&request.text("playbackId").unwrap(), "queued").to_string(),
        )
    });
    fake.on("GET", "playbacks/*", |request| {
        AriReply::ok(playback(&request.segments()[1], "playing"))
    });
    ari.channel("1").play("sound:x").unwrap()
}

#[test]
fn everybody_who_waits_for_a_playback_is_told_of_its_end() {
    everywhere(|fake, ari| {
        let played = playing(fake, ari);
        let late = ari.playback(played.id());
        let all: Vec<_> = [played.clone(), played.clone(), late]
            .map(|handle| thread::spawn(move || handle.wait_timeout(LONG)))
            .into();
        // The late one has asked, and asked again once it listened.
        fake.wait_for_requests("GET", "playbacks/*", 2, LONG).unwrap();
        fake.push("PlaybackFinished", APP, json!({ "playback": playback("another", "done") }));
        fake.push("PlaybackFinished", APP, json!({ "playback": playback(played.id(), "done") }));
        for waiting in all {
            assert_eq!(waiting.join().unwrap().unwrap().unwrap().state, PlaybackState::Done);
        }
    });
}

#[test]
fn a_wait_ends_with_its_time_and_the_next_one_goes_on() {
    everywhere(|fake, ari| {
        let played = playing(fake, ari);
        let e = played.wait_timeout(Duration::from_millis(1)).unwrap_err();
        assert!(matches!(e, Error::Timeout(TimeoutError::State { .. })), "{e}");
        fake.push("PlaybackFinished", APP, json!({ "playback": playback(played.id(), "failed") }));
        assert_eq!(played.wait().unwrap().unwrap().state, PlaybackState::Failed);
    });
}

#[test]
fn a_hangup_ends_a_wait_for_what_is_still_to_be_played() {
    everywhere(|fake, ari| {
        for end in ["StasisEnd", "ChannelDestroyed"] {
            let played = playing(fake, ari);
            let waiting = thread::spawn(move || played.wait());
            fake.push(end, APP, leg("2", "Up"));
            fake.push(end, APP, leg("1", "Up"));
            assert!(matches!(waiting.join().unwrap(), Err(Error::Hangup)));
        }
    });
}

#[test]
fn a_lost_connection_ends_a_wait_at_once_and_the_next_one_asks_the_server() {
    everywhere(|fake, ari| {
        let played = playing(fake, ari);
        let events = ari.subscribe();
        let waiting = {
            let played = played.clone();
            thread::spawn(move || played.wait())
        };
        // While nothing but this could end it.
        fake.on("GET", "events", |_| AriReply::page(503, "Asterisk not booted"));
        fake.hang_up(APP);
        assert!(matches!(waiting.join().unwrap(), Err(Error::Disconnected { .. })));
        assert!(matches!(played.wait(), Err(Error::Disconnected { .. })));
        fake.forget("GET", "events");
        next_message(&events);
        ari.wait_for_state(ConnectionState::Connected, LONG).unwrap();
        fake.on("GET", "playbacks/*", |_| AriReply::error(404, "Playback not found"));
        assert_eq!(played.wait().unwrap(), None);
    });
}

#[test]
fn a_closed_client_ends_a_wait() {
    everywhere(|fake, ari| {
        let played = playing(fake, ari);
        let waiting = {
            let played = played.clone();
            thread::spawn(move || played.wait())
        };
        ari.disconnect();
        assert!(waiting.join().unwrap().is_err());
        assert!(matches!(played.wait(), Err(Error::Closed)));
    });
}

#[test]
fn what_came_before_the_answer_to_the_request_is_not_missed() {
    everywhere(|fake, ari| {
        let pending = ari.pending_channel_with_id("ours");
        fake.push("ChannelCreated", APP, leg("ours", "Down"));
        fake.push("ChannelStateChange", APP, leg("ours", "Up"));
        fake.push("StasisStart", APP, leg("ours", "Up"));
        fake.on("POST", "channels/ours", |_| AriReply::ok(FakeAri::channel("ours", "x")));
        assert_eq!(next_message(pending.events()).event.event_name(), "ChannelCreated");
        let params = OriginateParams::to("PJSIP/bob").app(APP).channel_id("ours");
        let (leg_handle, events) = pending.originate(&params).unwrap();
        assert_eq!(next_message(&events).event.event_name(), "ChannelStateChange");
        // The model of the fake does not know the channel: nobody may ask.
        fake.push("ChannelStateChange", APP, leg("ours", "Up"));
        fake.push("StasisStart", APP, leg("ours", "Up"));
        assert_eq!(leg_handle.wait_for_up(LONG).unwrap().state, ChannelState::Up);
        assert_eq!(leg_handle.wait_for_stasis_start(LONG).unwrap().id, "ours");
        fake.push("ChannelDestroyed", APP, leg("ours", "Up"));
        let end = leg_handle.wait_for_hangup(LONG).unwrap().expect("it was heard");
        assert_eq!(end.channel.id, "ours");
        assert!(matches!(
            ari.pending_channel_with_id("a").originate(&params),
            Err(Error::Invalid(_))
        ));
    });
}

#[test]
fn why_a_channel_is_gone_is_told_if_it_was_heard_before_the_server_said_that_it_is() {
    servers(|fake| {
        // Over one socket, where what comes first is heard first.
        let config = fake.config(APP).transport(TransportKind::WebSocket);
        let ari = AriClient::connect(config).unwrap();
        fake.expect("GET", "channels/1", AriReply::error(404, "Channel not found").held());
        let leg_handle = ari.channel("1");
        let waiting = thread::spawn(move || leg_handle.wait_for_hangup(LONG));
        fake.wait_for_requests("GET", "channels/1", 1, LONG).unwrap();
        fake.push("ChannelDestroyed", APP, leg("1", "Up"));
        fake.release(1, LONG).unwrap();
        assert_eq!(waiting.join().unwrap().unwrap().expect("it was heard").channel.id, "1");
    });
}

#[test]
fn a_channel_that_is_up_or_gone_is_not_waited_for() {
    everywhere(|fake, ari| {
        fake.on("GET", "channels/1", |_| AriReply::ok(leg("1", "Up")["channel"].clone()));
        assert_eq!(ari.channel("1").wait_for_up(LONG).unwrap().state, ChannelState::Up);
        let gone = ari.channel("2");
        assert!(matches!(gone.wait_for_up(LONG), Err(Error::Hangup)));
        assert_eq!(gone.wait_for_hangup(LONG).unwrap(), None);
        gone.hangup(None).unwrap();
        fake.on("DELETE", "bridges/*", |_| AriReply::error(404, "Bridge not found"));
        ari.bridge("1").destroy().unwrap();
        drop(ari.bridge("1").guard());
        let kept = ari.bridge("1").guard().release();
        drop(kept);
        assert_eq!(fake.wait_for_requests("DELETE", "bridges/1", 2, LONG).unwrap().len(), 2);
    });
}

#[test]
fn a_channel_that_leaves_the_application_is_heard_of_to_its_end() {
    everywhere(|fake, ari| {
        fake.on("GET", "channels/1", |_| AriReply::ok(leg("1", "Up")["channel"].clone()));
        let waiting = {
            let channel = ari.channel("1");
            thread::spawn(move || channel.wait_for_hangup(LONG))
        };
        let path = "applications/demo/subscription";
        let asked = fake.wait_for_requests("POST", path, 1, LONG).unwrap();
        fake.push("StasisEnd", APP, leg("1", "Up"));
        assert_eq!(asked[0].param("eventSource"), Some(json!(["channel:1"])));
        fake.push("ChannelDestroyed", APP, leg("1", "Up"));
        assert!(waiting.join().unwrap().unwrap().is_some());
    });
}

#[test]
fn a_recording_of_a_bridge_is_heard_of_and_waited_for() {
    everywhere(|fake, ari| {
        let live = |state: &str| json!({ "name": "r", "state": state, "format": "wav", "target_uri": "bridge:b" });
        let queued = live("queued");
        fake.on("POST", "bridges/b/record", move |_| AriReply::ok(queued.clone()));
        let params = RecordParams::new("wav").max_duration(Duration::from_millis(1500)).beep(true);
        let recorded = ari.bridge("b").record("r", &params).unwrap();
        assert_eq!(fake.sources(APP), ["bridge:b"]);
        let sent = fake.wait_for_requests("POST", "bridges/b/record", 1, LONG).unwrap();
        let wanted = json!({ "name": "r", "format": "wav", "maxDurationSeconds": 2, "beep": true });
        assert_eq!(sent[0].body, wanted);
        fake.push("RecordingFailed", APP, json!({ "recording": live("failed") }));
        assert_eq!(recorded.wait().unwrap().unwrap().state, RecordingState::Failed);
    });
}

#[test]
fn what_is_only_for_bridges_is_refused_before_anything_is_sent() {
    everywhere(|fake, ari| {
        let channel = ari.channel("1");
        let announced = PlayParams::from("sound:x").announcer_format("slin");
        assert!(matches!(channel.play(announced), Err(Error::Invalid(_))));
        let params = RecordParams::new("wav").recorder_format("slin");
        assert!(matches!(channel.record("r", &params), Err(Error::Invalid(_))));
        assert!(matches!(channel.play(PlayParams::default()), Err(Error::Invalid(_))));
        assert!(fake.requests().iter().all(|request| request.method == "GET"));
    });
}

#[test]
fn a_file_comes_over_http_whole_or_as_an_error() {
    everywhere(|fake, ari| {
        let file: Vec<u8> = (0..3_000_000_u32).map(|n| n as u8).collect();
        let path = "recordings/stored/*/file";
        let whole = file.clone();
        fake.on("GET", path, move |request| {
            assert!(!request.over_socket);
            AriReply::new(200, "audio/wav", whole.clone())
        });
        let mut got = Vec::new();
        let size = recording::download_stored(ari, "a/b", &mut got).unwrap();
        assert!(size == file.len() as u64 && got == file);
        fake.on("GET", path, |_| AriReply::error(404, "Recording not found"));
        let e = recording::download_stored(ari, "a", &mut got).unwrap_err();
        assert!(e.is_not_found() && got == file, "{e}");
        let whole = file.clone();
        fake.on("GET", path, move |_| {
            AriReply::new(200, "audio/wav", whole.clone()).cut_after(1_000_000)
        });
        let e = recording::download_stored(ari, "a", &mut Vec::new()).unwrap_err();
        assert!(matches!(e, Error::Disconnected { .. }), "{e}");
    });
}

#[test]
fn a_long_wait_for_one_thing_keeps_nobody_from_waiting_for_another() {
    everywhere(|fake, ari| {
        let params = OriginateParams::to("PJSIP/bob").app(APP);
        fake.on("POST", "channels/*", |request| {
            AriReply::ok(FakeAri::channel(&request.segments()[1], "PJSIP/bob-1"))
        });
        let (leg, _events) = ari.pending_channel().originate(&params).unwrap();
        let id = leg.id().to_owned();
        let (hangup, up) = (leg.clone(), leg.clone());
        let hangup = thread::spawn(move || hangup.wait_for_hangup(LONG));
        let up = thread::spawn(move || up.wait_for_up(LONG));
        fake.push("ChannelStateChange", APP, self::leg(&id, "Up"));
        assert_eq!(up.join().unwrap().unwrap().state, ChannelState::Up);
        // Whoever was waiting for the socket has gone; the other waits on.
        let late = thread::spawn(move || leg.wait_for_hangup(LONG));
        fake.push("ChannelDestroyed", APP, self::leg(&id, "Up"));
        for waiting in [hangup, late] {
            assert!(waiting.join().unwrap().unwrap().is_some());
        }
    });
}

#[test]
fn a_leg_that_is_made_for_the_dialplan_is_heard_of_all_the_same() {
    everywhere(|fake, ari| {
        fake.on("POST", "channels/*", |request| {
            AriReply::ok(FakeAri::channel(&request.segments()[1], "PJSIP/bob-1"))
        });
        fake.on("GET", "channels/*", |request| {
            let mut channel = FakeAri::channel(&request.segments()[1], "PJSIP/bob-1");
            channel["state"] = "Ringing".into();
            AriReply::ok(channel)
        });
        let params = OriginateParams::to("PJSIP/bob").extension("100").context("default");
        let (leg, _events) = ari.pending_channel().originate(&params).unwrap();
        let id = leg.id().to_owned();
        let waiting = thread::spawn(move || leg.wait_for_up(LONG));
        // It has been asked for, subscribed to, and asked for again.
        fake.wait_for_requests("GET", "channels/*", 2, LONG).unwrap();
        fake.wait_for_requests("POST", "applications/*/subscription", 1, LONG).unwrap();
        fake.push("ChannelStateChange", APP, self::leg(&id, "Up"));
        assert_eq!(waiting.join().unwrap().unwrap().state, ChannelState::Up);
    });
}

#[test]
fn a_wait_whose_time_is_over_while_the_server_is_asked_says_so() {
    everywhere(|fake, ari| {
        for path in ["playbacks/*", "recordings/live/*", "channels/*"] {
            fake.on("GET", path, |_| AriReply::silence());
        }
        let soon = Duration::from_millis(50);
        for (what, outcome) in [
            ("a playback", ari.playback("1").wait_timeout(soon).map(drop)),
            ("a recording", ari.recording("1").wait_timeout(soon).map(drop)),
            ("up", ari.channel("1").wait_for_up(soon).map(drop)),
            ("the end", ari.channel("1").wait_for_hangup(soon).map(drop)),
        ] {
            let e = outcome.unwrap_err();
            let is_it = matches!(e, Error::Timeout(TimeoutError::State { after }) if after == soon);
            assert!(is_it, "{what}: {e:?}");
        }
    });
}
