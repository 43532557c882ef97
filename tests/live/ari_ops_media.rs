//! What is played and recorded through ARI, and waiting for it.

use std::time::Duration;

use asterisk_sync::ari::resources::bridge::BridgeParams;
use asterisk_sync::ari::resources::{playback, recording};
use asterisk_sync::ari::{AriClient, PlayParams, RecordParams};
use asterisk_sync::types::{
    PlaybackOperation, PlaybackState, RecordingIfExists, RecordingState, RecordingTerminateOn,
};
use asterisk_sync::{Error, TimeoutError};

use crate::ari_core::config;
use crate::ari_ops::{await_type, call, everywhere};
use crate::support::{PATIENCE, eventually, unique};

#[test]
fn a_playback_is_waited_for_and_says_how_it_ended() {
    everywhere(|ari, app| {
        let (leg, _) = call(ari, app);
        let played = leg.play("sound:beep").unwrap();
        let ended = played.wait_timeout(PATIENCE).unwrap().expect("it was heard");
        assert_eq!((&*ended.id, ended.state), (played.id(), PlaybackState::Done));
        // Any number of times, and by anybody.
        assert!(played.clone().wait().unwrap().is_some());
        // Asterisk tells of the end a moment before it forgets the playback.
        eventually(|| match ari.playback(played.id()).wait_timeout(PATIENCE).unwrap() {
            None => Ok(()),
            Some(again) => {
                assert_eq!(again.state, PlaybackState::Done);
                Err("it is there still")
            }
        });
        let missing = leg.play("sound:there-is-no-such-sound").unwrap();
        assert_eq!(missing.wait_timeout(PATIENCE).unwrap().unwrap().state, PlaybackState::Failed);
        leg.hangup(None).unwrap();
    });
}

#[test]
fn a_playback_is_steered_and_stopped() {
    everywhere(|ari, app| {
        let (leg, _) = call(ari, app);
        let media = PlayParams::from(["sound:hello-world", "digits:1,2", "number:42"])
            .lang("en")
            .offset(Duration::from_millis(10))
            .skip(Duration::from_millis(100));
        let (played, events) = ari.pending_playback().on_channel(&leg, media).unwrap();
        await_type(&events, "PlaybackStarted");
        assert_eq!(played.get().unwrap().target_uri, format!("channel:{}", leg.id()));
        played.control(PlaybackOperation::Pause).unwrap();
        for operation in [
            PlaybackOperation::Unpause,
            PlaybackOperation::Forward,
            PlaybackOperation::Reverse,
            PlaybackOperation::Restart,
        ] {
            // What it is at by now may not allow it.
            match played.control(operation) {
                Ok(()) => {}
                Err(e) => assert!(e.is_conflict() || e.is_not_found(), "{e}"),
            }
        }
        assert!(playback::get(ari, played.id()).is_ok());
        played.stop().unwrap();
        assert!(played.wait_timeout(PATIENCE).unwrap().is_some());
        played.stop().unwrap();
        leg.hangup(None).unwrap();
    });
}

#[test]
fn a_hangup_ends_the_waits_for_what_is_played() {
    everywhere(|ari, app| {
        let (leg, _) = call(ari, app);
        let long = PlayParams::from(["sound:hello-world"; 50]);
        let id = unique("play");
        let (first, second) =
            (leg.play(long.clone()).unwrap(), leg.play_with_id(&id, long).unwrap());
        let late = ari.playback(first.id());
        std::thread::scope(|scope| {
            let first = scope.spawn(|| first.wait());
            let late = scope.spawn(|| late.wait());
            let second = scope.spawn(|| second.wait());
            assert!(matches!(
                ari.playback(&*id).wait_timeout(Duration::from_millis(1)),
                Err(Error::Timeout(TimeoutError::State { .. }))
            ));
            leg.hangup(None).unwrap();
            let over = |outcome: asterisk_sync::Result<Option<_>>| match outcome {
                Err(Error::Hangup) => true,
                Ok(Some(asterisk_sync::ari::model::Playback { state, .. })) => {
                    state == PlaybackState::Failed
                }
                Ok(None) => false,
                Err(e) => panic!("{e}"),
            };
            assert!(over(first.join().unwrap()));
            assert!(over(second.join().unwrap()));
            late.join().unwrap().ok();
        });
        leg.wait_for_hangup(PATIENCE).unwrap();
    });
}

#[test]
fn a_bridge_plays_and_records() {
    everywhere(|ari, app| {
        let (room, _events) = ari.pending_bridge().create(&BridgeParams::default()).unwrap();
        let room = room.guard();
        let (leg, _) = call(ari, app);
        room.add_channel(leg.id()).unwrap();
        let name = unique("rec");
        let params = RecordParams::new("wav").recorder_format("slin").beep(true);
        let recorded = room.record(&name, &params).unwrap();
        let announced = PlayParams::from("sound:beep").announcer_format("slin");
        assert!(room.play(announced).unwrap().wait_timeout(PATIENCE).unwrap().is_some());
        let id = unique("play");
        let played = room.play_with_id(&id, "sound:hello-world").unwrap();
        assert_eq!(played.get().unwrap().target_uri, format!("bridge:{}", room.id()));
        played.stop().unwrap();
        assert!(played.wait_timeout(PATIENCE).unwrap().is_some());
        recorded.stop().unwrap();
        let ended = recorded.wait_timeout(PATIENCE).unwrap().expect("it was heard");
        assert_eq!(ended.state, RecordingState::Done);
        recording::delete_stored(ari, &name).unwrap();
        let refused = leg.play(PlayParams::from("sound:beep").announcer_format("slin"));
        assert!(matches!(refused, Err(Error::Invalid(_))));
        leg.hangup(None).unwrap();
    });
}

#[test]
fn a_recording_is_made_fetched_copied_and_removed() {
    everywhere(|ari, app| {
        let (leg, _) = call(ari, app);
        let name = unique("folder/rec +");
        let params = RecordParams::new("wav")
            .max_duration(Duration::from_secs(60))
            .max_silence(Duration::from_secs(50))
            .if_exists(RecordingIfExists::Fail)
            .terminate_on(RecordingTerminateOn::Hash);
        let pending = ari.pending_recording_with_id(&*name);
        let (recorded, events) = pending.on_channel(&leg, &params).unwrap();
        await_type(&events, "RecordingStarted");
        assert_eq!(recorded.get().unwrap().state, RecordingState::Recording);
        recorded.pause().unwrap();
        recorded.unpause().unwrap();
        recorded.mute().unwrap();
        recorded.unmute().unwrap();
        recorded.stop().unwrap();
        let ended = recorded.wait_timeout(PATIENCE).unwrap().expect("it was heard");
        assert_eq!((&*ended.name, ended.state), (&*name, RecordingState::Done));
        assert!(ended.duration.is_some());
        assert!(recorded.get().unwrap_err().is_not_found());
        assert!(leg.record(&name, &params).unwrap_err().is_conflict());

        let copy = unique("copy");
        assert_eq!(recording::get_stored(ari, &name).unwrap().format, "wav");
        assert_eq!(recording::copy_stored(ari, &name, &copy).unwrap().name, copy);
        assert!(recording::copy_stored(ari, &name, &copy).unwrap_err().is_conflict());
        assert!(recording::list_stored(ari).unwrap().iter().any(|kept| kept.name == copy));
        let mut file = Vec::new();
        let size = recording::download_stored(ari, &copy, &mut file).unwrap();
        assert!(size == file.len() as u64 && file.starts_with(b"RIFF"), "{size}");
        for name in [&name, &copy] {
            for _ in 0..2 {
                recording::delete_stored(ari, name).unwrap();
            }
            let e = recording::download_stored(ari, name, &mut file).unwrap_err();
            assert!(e.is_not_found(), "{e}");
        }
        leg.hangup(None).unwrap();
    });
}

#[test]
fn a_cancelled_recording_is_over_and_nothing_is_kept() {
    everywhere(|ari, app| {
        let (leg, _) = call(ari, app);
        let name = unique("rec");
        let recorded = leg.record(&name, &RecordParams::new("wav")).unwrap();
        eventually(|| match recorded.get().unwrap().state {
            RecordingState::Recording => Ok(()),
            state => Err(format!("it is {state}")),
        });
        for _ in 0..2 {
            recorded.cancel().unwrap();
        }
        let ended = recorded.wait_timeout(PATIENCE).unwrap();
        assert!(ended.is_none_or(|ended| ended.state != RecordingState::Recording));
        assert!(recording::get_stored(ari, &name).unwrap_err().is_not_found());
        let bad = leg.record(&name, &RecordParams::new("no-such-format")).unwrap_err();
        assert!(bad.is_unprocessable(), "{bad}");
        leg.hangup(None).unwrap();
    });
}

#[test]
fn a_hangup_ends_the_wait_for_a_recording() {
    everywhere(|ari, app| {
        let (leg, _) = call(ari, app);
        let name = unique("rec");
        let (recorded, events) = ari
            .pending_recording_with_id(&*name)
            .on_channel(&leg, &RecordParams::new("wav"))
            .unwrap();
        await_type(&events, "RecordingStarted");
        let waiting = std::thread::spawn(move || recorded.wait());
        leg.hangup(None).unwrap();
        let ended = waiting.join().unwrap().unwrap().expect("it was heard");
        assert_eq!(ended.state, RecordingState::Done);
        recording::delete_stored(ari, &name).unwrap();
    });
}

#[test]
fn the_end_of_the_client_ends_the_waits() {
    everywhere(|ari, app| {
        let (leg, _) = call(ari, app);
        let played = leg.play(PlayParams::from(["sound:hello-world"; 50])).unwrap();
        let waiting = std::thread::spawn(move || played.wait());
        ari.disconnect();
        assert!(waiting.join().unwrap().is_err());
        let again = AriClient::connect(config(app)).unwrap();
        again.channel(leg.id()).hangup(None).unwrap();
    });
}
