//! Bridges: who is in them, and what is heard and seen there.

use std::time::Duration;

use asterisk_sync::ari::resources::bridge::{self, AddChannelParams, BridgeParams};
use asterisk_sync::ari::resources::recording;
use asterisk_sync::ari::{AriEvent, NewVariables, PlayParams, RecordParams};
use asterisk_sync::types::{
    BridgeType, RecordingIfExists, RecordingState, RecordingTerminateOn, VideoSourceMode,
};

use super::stage::{Stage, expect, expect_where, the};
use crate::support::{PATIENCE, unique};

const STAY: &str = "Local/stay@exercise/n";

pub(super) fn mixing(stage: &Stage) {
    let ari = &stage.ari;
    let params = BridgeParams::default()
        .bridge_types([BridgeType::Mixing, BridgeType::DtmfEvents])
        .name("sales")
        .variables([("ROOM", "7")]);
    let (room, events) = ari.pending_bridge().create(&params).unwrap();
    expect(&events, "BridgeCreated");
    assert_eq!(room.get_variable("ROOM").unwrap(), "7");
    room.set_reported_variable("FLOOR", "1").unwrap();
    room.set_variables(NewVariables::from([("WING", "west")]).reported("ROOM", "8")).unwrap();
    let all = room.get_variables(&["ROOM", "FLOOR", "WING"]).unwrap().variables;
    assert_eq!((&*all["ROOM"], &*all["FLOOR"], &*all["WING"]), ("8", "1", "west"));
    assert!(bridge::list(ari).unwrap().iter().any(|bridge| bridge.id == room.id()));

    let ((one, _), (two, _)) = (stage.call(STAY), stage.call(STAY));
    let gently = AddChannelParams::default()
        .absorb_dtmf(true)
        .mute(false)
        .inhibit_connected_line_updates(true);
    room.add_channels(&[one.id(), two.id()], &gently).unwrap();
    expect_where(
        &events,
        "ChannelEnteredBridge",
        |event| matches!(event, AriEvent::ChannelEnteredBridge(it) if it.bridge.channels.len() == 2),
    );
    assert_eq!(room.get().unwrap().channels.len(), 2);
    room.set_video_source(one.id()).unwrap();
    room.set_video_source(two.id()).unwrap();
    let seen = expect_where(
        &events,
        "BridgeVideoSourceChanged",
        |event| matches!(event, AriEvent::BridgeVideoSourceChanged(it) if it.old_video_source_id.is_some()),
    );
    let seen = the!(BridgeVideoSourceChanged in seen);
    assert_eq!(seen.old_video_source_id.as_deref(), Some(one.id()));
    assert_eq!(seen.bridge.video_source_id.as_deref(), Some(two.id()));
    assert_eq!(seen.bridge.video_mode, Some(VideoSourceMode::Single));
    room.clear_video_source().unwrap();
    room.start_moh("default").unwrap();
    for _ in 0..2 {
        room.stop_moh().unwrap();
    }
    room.remove_channel(one.id()).unwrap();
    expect(&events, "ChannelLeftBridge");
    one.hangup(None).unwrap();
    two.hangup(None).unwrap();
    room.destroy().unwrap();
    expect(&events, "BridgeDestroyed");
    room.destroy().unwrap();
}

/// What everybody in a bridge hears, and what is kept of it.
pub(super) fn media(stage: &Stage) {
    let (ari, ms) = (&stage.ari, Duration::from_millis);
    let id = unique("room");
    let named = BridgeParams::default().name("media").bridge_types([BridgeType::Mixing]);
    assert_eq!(bridge::create_with_id(ari, &id, &named.variables([("A", "1")])).unwrap().id, id);
    let room = ari.bridge(&*id);
    let (leg, _) = stage.call("Local/beeps@exercise/n");
    room.add_channel(leg.id()).unwrap();
    let name = unique("rec");
    let params = RecordParams::new("wav")
        .recorder_format("slin")
        .max_duration(Duration::from_secs(50))
        .max_silence(Duration::from_secs(40))
        .if_exists(RecordingIfExists::Fail)
        .terminate_on(RecordingTerminateOn::Any)
        .beep(true);
    let recorded = room.record(&name, &params).unwrap();
    let media = PlayParams::from("sound:beep").announcer_format("slin").lang("en");
    let media = media.offset(ms(0)).skip(ms(100));
    let played = room.play(&media).unwrap();
    assert!(played.wait_timeout(PATIENCE).unwrap().is_some());
    let again = room.play_with_id(&unique("play"), &media).unwrap();
    assert!(again.wait_timeout(PATIENCE).unwrap().is_some());
    recorded.stop().unwrap();
    let ended = recorded.wait_timeout(PATIENCE).unwrap().expect("it was heard");
    assert_eq!(ended.state, RecordingState::Done);
    recording::delete_stored(ari, &name).unwrap();
    leg.hangup(None).unwrap();
    room.destroy().unwrap();
}

/// A bridge to wait in, and one to be seen in.
pub(super) fn holding(stage: &Stage) {
    let ari = &stage.ari;
    let params = BridgeParams::default()
        .bridge_id(unique("hall"))
        .name("hall")
        .bridge_types([BridgeType::Holding]);
    let hall = ari.bridge(bridge::create(ari, &params).unwrap().id);
    assert!(hall.get_variable("name").unwrap_err().is_not_found());
    let ((waiting, _), (speaker, _)) = (stage.call(STAY), stage.call(STAY));
    let events = ari.subscribe();
    hall.add_channel(waiting.id()).unwrap();
    let announcer = AddChannelParams::default().role("announcer");
    hall.add_channels(&[speaker.id()], &announcer).unwrap();
    expect_where(
        &events,
        "ChannelEnteredBridge",
        |event| matches!(event, AriEvent::ChannelEnteredBridge(it) if it.bridge.id == hall.id() && it.bridge.channels.len() == 2),
    );
    assert_eq!(hall.get().unwrap().bridge_type, BridgeType::Holding);
    for leg in [&waiting, &speaker] {
        leg.hangup(None).unwrap();
    }
    hall.destroy().unwrap();
    let params = BridgeParams::default().bridge_types([BridgeType::VideoSfu]);
    let room = bridge::create(ari, &params.variables([("SEEN", "yes")])).unwrap();
    let room = ari.bridge(room.id);
    assert_eq!(room.get_variable("SEEN").unwrap(), "yes");
    assert_eq!(room.get().unwrap().video_mode, Some(VideoSourceMode::Sfu));
    room.destroy().unwrap();
}
