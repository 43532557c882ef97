//! Every name of ARI that users of the crates before this one know is here: events, operations,
//! handles, settings. What compiles is there; what can be said beyond that is asserted.

use crate::common::ari::{APP, everywhere, next_message};
use asterisk_sync::ari::resources::application::EventFilter;
use asterisk_sync::ari::resources::bridge::{BridgeHandle, BridgeParams};
use asterisk_sync::ari::resources::channel::{
    ChannelHandle, ContinueParams, CreateParams, DialParams, DtmfParams, ExternalMediaParams,
    OriginateParams, SnoopParams,
};
use asterisk_sync::ari::resources::endpoint::{MessageParams, ReferParams};
use asterisk_sync::ari::resources::playback::PlaybackHandle;
use asterisk_sync::ari::resources::recording::{RecordParams, RecordingHandle};
use asterisk_sync::ari::resources::sound::SoundListParams;
use asterisk_sync::ari::resources::{
    application, asterisk, bridge, channel, device_state, endpoint, mailbox, playback, recording,
    sound,
};
use asterisk_sync::ari::{AriClient, AriConfig, AriEvent, AriMessage};
use asterisk_sync::types::{DeviceState, MediaDirection, PlaybackOperation};
use asterisk_sync::{EventSubscription, FilteredSubscription, Result};
use serde_json::json;

/// Whether an event of this name is this variant.
macro_rules! events {
    ($($name:ident),* $(,)?) => {
        fn is(event: &AriEvent, variant: &str) -> bool {
            match event {
                $( AriEvent::$name(_) => variant == stringify!($name), )*
                _ => false,
            }
        }

        const EVENTS: &[&str] = &[$( stringify!($name) ),*];
    };
}

events! {
StasisStart, StasisEnd, ChannelCreated, ChannelDestroyed, ChannelStateChange, ChannelDtmfReceived,
ChannelHangupRequest, ChannelVarset, BridgeCreated, BridgeDestroyed, ChannelEnteredBridge,
ChannelLeftBridge, PlaybackStarted, PlaybackFinished, RecordingStarted, RecordingFinished,
ChannelCallerId, ChannelConnectedLine, ChannelDialplan, ChannelHold, ChannelUnhold,
ChannelTalkingStarted, ChannelTalkingFinished, ChannelToneDetected, ChannelTransfer,
ChannelUserevent, Dial, BridgeAttendedTransfer, BridgeBlindTransfer, BridgeMerged,
BridgeVideoSourceChanged, ContactStatusChange, DeviceStateChanged, EndpointStateChange,
PeerStatusChange, PlaybackContinuing, RecordingFailed, ApplicationMoveFailed,
ApplicationRegistered, ApplicationReplaced, ApplicationUnregistered, TextMessageReceived,
RESTResponse, Unknown,
}

#[test]
fn every_event_has_its_variant_and_is_read_as_it() {
    assert_eq!(EVENTS.len(), 44);
    everywhere(|fake, ari| {
        let events = ari.subscribe();
        for name in EVENTS {
            // The application of another: to be replaced would be the end.
            let text = json!({ "type": name, "application": "other" }).to_string();
            fake.push_text(APP, &text);
            let message = next_message(&events);
            assert!(is(&message.event, name), "{name}: {message:?}");
            assert_eq!(message.application, "other");
        }
    });
}

/// Compiles if a client can do all of it; nothing is connected to.
#[allow(dead_code, reason = "it is there to be compiled")]
fn a_client_does_what_it_is_known_for() -> Result<()> {
    let config = AriConfig::builder("my-app")
        .host("10.0.0.1")
        .username("asterisk")
        .password("secret")
        .build()?;
    let client: AriClient = AriClient::connect(config)?;
    let events: EventSubscription<AriMessage> = client.subscribe();
    while let Some(message) = events.recv() {
        println!("{} {} {}", message.application, message.timestamp, message.asterisk_id);
        match &message.event {
            AriEvent::StasisStart(start) => println!("{} {:?}", start.channel.name, start.args),
            AriEvent::StasisEnd(end) => println!("{}", end.channel.name),
            _ => {}
        }
    }
    let calls: FilteredSubscription<AriMessage> = client.subscribe_filtered(|message| {
        matches!(message.event, AriEvent::StasisStart { .. } | AriEvent::StasisEnd { .. })
    });
    let _: Option<AriMessage> = calls.recv();
    client.disconnect();
    Ok(())
}

#[allow(dead_code, reason = "it is there to be compiled")]
fn all_that_is_not_of_a_handle_is_there(client: &AriClient) -> Result<()> {
    application::list(client)?;
    application::get(client, "my-app")?;
    application::subscribe(client, "my-app", &["endpoint:PJSIP"])?;
    application::unsubscribe(client, "my-app", &["endpoint:PJSIP"])?;
    application::set_event_filter(client, "my-app", &EventFilter::new())?;
    asterisk::info(client, None)?;
    asterisk::ping(client)?;
    asterisk::list_modules(client)?;
    asterisk::get_module(client, "res_pjsip.so")?;
    asterisk::load_module(client, "res_pjsip.so")?;
    asterisk::unload_module(client, "res_pjsip.so")?;
    asterisk::reload_module(client, "res_pjsip.so")?;
    asterisk::list_log_channels(client)?;
    asterisk::add_log_channel(client, "log", "notice")?;
    asterisk::remove_log_channel(client, "log")?;
    asterisk::rotate_log_channel(client, "log")?;
    asterisk::get_variable(client, "NAME")?;
    asterisk::set_variable(client, "NAME", "value")?;
    asterisk::get_config(client, "res_pjsip", "endpoint", "alice")?;
    asterisk::update_config(client, "res_pjsip", "endpoint", "alice", [("a", "b")])?;
    asterisk::delete_config(client, "res_pjsip", "endpoint", "alice")?;
    device_state::list(client)?;
    device_state::get(client, "Stasis:desk")?;
    device_state::update(client, "Stasis:desk", DeviceState::InUse)?;
    device_state::delete(client, "Stasis:desk")?;
    endpoint::list(client)?;
    endpoint::list_by_tech(client, "PJSIP")?;
    endpoint::get(client, "PJSIP", "alice")?;
    let message = MessageParams::new("pjsip:bob");
    endpoint::send_message(client, "pjsip:alice", &message)?;
    endpoint::send_message_to_endpoint(client, "PJSIP", "alice", &message)?;
    let refer = ReferParams::new("pjsip:bob", "pjsip:carol");
    endpoint::refer(client, "pjsip:alice", &refer)?;
    endpoint::refer_to_endpoint(client, "PJSIP", "alice", &refer)?;
    mailbox::list(client)?;
    mailbox::get(client, "100")?;
    mailbox::update(client, "100", 1, 2)?;
    mailbox::delete(client, "100")?;
    recording::list_stored(client)?;
    sound::list(client, &SoundListParams::default())?;
    sound::get(client, "hello-world")?;
    bridge::create(client, &BridgeParams::default())?;
    bridge::list(client)?;
    bridge::get(client, "hall")?;
    channel::list(client)?;
    channel::get(client, "1.1")?;
    channel::create(client, &CreateParams::to("PJSIP/100", "my-app"))?;
    channel::external_media(client, &ExternalMediaParams::new("my-app", "slin16"))?;
    playback::get(client, "1")?;
    Ok(())
}

#[allow(dead_code, reason = "it is there to be compiled")]
fn all_that_handles_do_is_there(client: &AriClient) -> Result<()> {
    let params = OriginateParams {
        endpoint: "PJSIP/100".into(),
        app: Some("my-app".into()),
        ..Default::default()
    };
    let made = channel::originate(client, &params)?;
    let handle = ChannelHandle::new(made.id, client.clone());
    handle.answer()?;
    handle.play("sound:hello-world")?;
    handle.play_with_id("1", "sound:hello-world")?;
    handle.record("name", &RecordParams::new("wav"))?;
    handle.mute(None)?;
    handle.unmute(MediaDirection::In)?;
    handle.hold()?;
    handle.unhold()?;
    handle.send_dtmf("12#", &DtmfParams::default())?;
    handle.get_variable("NAME")?;
    handle.set_variable("NAME", "value")?;
    handle.continue_in_dialplan(&ContinueParams::default())?;
    handle.snoop(&SnoopParams::new("my-app"))?;
    handle.redirect("PJSIP/200")?;
    handle.ring()?;
    handle.ring_stop()?;
    handle.start_silence()?;
    handle.stop_silence()?;
    handle.start_moh(None)?;
    handle.stop_moh()?;
    handle.dial(&DialParams::default())?;
    handle.rtp_statistics()?;
    handle.hangup(None)?;
    let hall = BridgeHandle::new("hall", client.clone());
    hall.add_channel("1.1")?;
    hall.remove_channel("1.1")?;
    hall.play("sound:hello-world")?;
    hall.play_with_id("2", "sound:hello-world")?;
    hall.record("name", &RecordParams::new("wav"))?;
    hall.start_moh(None)?;
    hall.stop_moh()?;
    hall.set_video_source("1.1")?;
    hall.clear_video_source()?;
    hall.destroy()?;
    let played = PlaybackHandle::new("1", client.clone());
    played.control(PlaybackOperation::Pause)?;
    played.get()?;
    played.stop()?;
    let recorded = RecordingHandle::new("name", client.clone());
    recorded.pause()?;
    recorded.unpause()?;
    recorded.mute()?;
    recorded.unmute()?;
    recorded.get()?;
    recorded.stop()
}
