//! What is played, recorded and heard.

use std::time::Duration;

use asterisk_sync::ari::resources::{playback, recording};
use asterisk_sync::ari::{AriEvent, Filter, OriginateParams, PlayParams, RecordParams};
use asterisk_sync::types::{
    PlaybackOperation, PlaybackState, RecordingIfExists, RecordingState, RecordingTerminateOn,
};

use super::stage::{Stage, expect, expect_where, the};
use crate::support::{PATIENCE, unique};

const STAY: &str = "Local/stay@exercise/n";

pub(super) fn playing(stage: &Stage) {
    let (ari, ms) = (&stage.ari, Duration::from_millis);
    let (leg, _) = stage.call(STAY);
    let media = PlayParams::from(["sound:hello-world", "digits:1,2", "tone:ring"])
        .lang("en")
        .offset(ms(10))
        .skip(ms(100));
    let (played, events) = ari.pending_playback().on_channel(&leg, media.clone()).unwrap();
    expect(&events, "PlaybackStarted");
    for operation in [
        PlaybackOperation::Pause,
        PlaybackOperation::Unpause,
        PlaybackOperation::Forward,
        PlaybackOperation::Reverse,
        PlaybackOperation::Restart,
    ] {
        // On a slow machine the sound may be over by now.
        match played.control(operation) {
            Ok(()) => {}
            Err(e) => assert!(e.is_conflict(), "{e}"),
        }
    }
    expect(&events, "PlaybackContinuing");
    // The tone has no end of its own.
    expect_where(
        &events,
        "PlaybackStarted",
        |event| matches!(event, AriEvent::PlaybackStarted(it) if it.playback.media_uri == "tone:ring"),
    );
    assert_eq!(playback::get(ari, played.id()).unwrap().id, played.id());
    played.stop().unwrap();
    assert!(played.wait_timeout(PATIENCE).unwrap().is_some());
    let short = PlayParams::from("sound:beep").lang("en").offset(ms(0)).skip(ms(100));
    let short = leg.play(short.playback_id(unique("play"))).unwrap();
    assert_eq!(short.wait_timeout(PATIENCE).unwrap().unwrap().state, PlaybackState::Done);
    let missing = leg.play("sound:there-is-no-such-sound").unwrap();
    assert_eq!(missing.wait_timeout(PATIENCE).unwrap().unwrap().state, PlaybackState::Failed);
    leg.hangup(None).unwrap();
}

pub(super) fn recording(stage: &Stage) {
    let ari = &stage.ari;
    let (leg, _) = stage.call("Local/beeps@exercise/n");
    let [name, copy] = ["rec", "copy"].map(unique);
    let params = RecordParams::new("wav")
        .max_duration(Duration::from_secs(50))
        .max_silence(Duration::from_secs(40))
        .if_exists(RecordingIfExists::Fail)
        .terminate_on(RecordingTerminateOn::Hash);
    let pending = ari.pending_recording_with_id(&*name);
    let (recorded, events) = pending.on_channel(&leg, &params).unwrap();
    expect(&events, "RecordingStarted");
    assert_eq!(recorded.get().unwrap().state, RecordingState::Recording);
    recorded.mute().unwrap();
    recorded.unmute().unwrap();
    recorded.pause().unwrap();
    recorded.unpause().unwrap();
    recorded.stop().unwrap();
    let ended = the!(RecordingFinished in expect(&events, "RecordingFinished")).recording.clone();
    assert!(ended.duration.is_some() && ended.silence_duration.is_some(), "{ended:?}");
    assert!(leg.record(&name, &params).unwrap_err().is_conflict());

    assert_eq!(recording::get_stored(ari, &name).unwrap().format, "wav");
    assert_eq!(recording::copy_stored(ari, &name, &copy).unwrap().name, copy);
    assert!(recording::list_stored(ari).unwrap().iter().any(|kept| kept.name == copy));
    let mut file = Vec::new();
    let size = recording::download_stored(ari, &copy, &mut file).unwrap();
    assert!(size == file.len() as u64 && file.starts_with(b"RIFF"), "{size}");
    for name in [&name, &copy] {
        recording::delete_stored(ari, name).unwrap();
    }

    // What it is told while it beeps is lost, so this one ends by itself.
    let short = RecordParams::new("wav").beep(true).max_duration(Duration::from_secs(1));
    let beeped = leg.record(&name, &short).unwrap();
    assert_eq!(beeped.wait_timeout(PATIENCE).unwrap().unwrap().state, RecordingState::Done);
    recording::delete_stored(ari, &name).unwrap();

    let pending = ari.pending_recording_with_id(&*name);
    let (cancelled, events) = pending.on_channel(&leg, &RecordParams::new("wav")).unwrap();
    expect(&events, "RecordingStarted");
    cancelled.cancel().unwrap();
    cancelled.wait_timeout(PATIENCE).unwrap();
    assert!(recording::get_stored(ari, &name).unwrap_err().is_not_found());

    leg.hangup(None).unwrap();
}

/// A recording that cannot be made: when it is its turn, the channel can no longer be answered.
pub(super) fn failing(stage: &Stage) {
    let (ari, half) = (&stage.ari, unique("half"));
    let params = OriginateParams::to("Local/early@exercise/n")
        .context("exercise")
        .extension("stay")
        .priority(1)
        .other_channel_id(&*half)
        .variables([("__APP", &*stage.app)]);
    let events = ari.subscribe_with(Filter::types(["StasisStart"]).channel(&*half));
    let (caller, _) = ari.pending_channel().originate(&params).unwrap();
    expect(&events, "StasisStart");
    let leg = ari.channel(half);
    let (_, playing) = ari.pending_playback().on_channel(&leg, "tone:ring").unwrap();
    expect(&playing, "PlaybackStarted");
    let pending = ari.pending_recording();
    let (failed, events) = pending.on_channel(&leg, &RecordParams::new("wav")).unwrap();
    leg.hangup(None).unwrap();
    expect(&events, "RecordingFailed");
    let failed = failed.wait_timeout(PATIENCE).unwrap().expect("it was heard");
    assert!(failed.state == RecordingState::Failed && failed.cause.is_some(), "{failed:?}");
    caller.hangup(None).unwrap();
}

/// What comes over the line: talking, a tone, digits.
pub(super) fn listening(stage: &Stage) {
    let (leg, events) = stage.call("Local/beeps@exercise/n");
    leg.set_variable("TALK_DETECT(set)", "200,100").unwrap();
    expect(&events, "ChannelTalkingStarted");
    let talked = expect(&events, "ChannelTalkingFinished");
    assert!(the!(ChannelTalkingFinished in talked).duration > Duration::ZERO);
    leg.hangup(None).unwrap();
    // The server measures tones as if every channel had 8000 samples a second.
    let (leg, events) = stage.originate(&stage.to("Local/beeps@exercise/n").formats("ulaw"));
    leg.set_variable("TONE_DETECT(440,100)", "").unwrap();
    expect(&events, "ChannelToneDetected");
    leg.hangup(None).unwrap();
    let (leg, events) = stage.call("Local/dtmf@test/n");
    for expected in ["1", "2", "3", "4", "#"] {
        let digit = expect(&events, "ChannelDtmfReceived");
        assert_eq!(the!(ChannelDtmfReceived in digit).digit, expected);
    }
    leg.hangup(None).unwrap();
}
