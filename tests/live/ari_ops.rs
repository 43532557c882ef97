//! ARI's operations on channels and bridges, over HTTP and over the event socket.

use std::time::Duration;

use asterisk_sync::ari::resources::bridge::{self, AddChannelParams, BridgeParams};
use asterisk_sync::ari::resources::channel::{
    self, ContinueParams, CreateParams, DialParams, DtmfParams, ExternalMediaParams, SnoopParams,
};
use asterisk_sync::ari::{
    AriClient, AriEvent, AriMessage, BridgeHandle, ChannelHandle, Filter, NewVariables,
    OriginateParams, TransportKind,
};
use asterisk_sync::types::{
    BridgeType, ChannelState, HangupCause, HangupReason, MediaDirection, SnoopDirection,
    TransferProgress,
};
use asterisk_sync::{Error, EventSubscription};

use crate::ari_core::{await_message, config};
use crate::support::{PATIENCE, eventually, unique};

/// Both ways that requests can take, with an application of its own each.
pub(crate) fn everywhere(test: impl Fn(&AriClient, &str)) {
    for kind in [TransportKind::Http, TransportKind::WebSocket] {
        eprintln!("requests over {kind:?}");
        let app = unique("app");
        let ari = AriClient::connect(config(&app).transport(kind)).expect("a connection");
        test(&ari, &app);
    }
}

/// A call to an extension of the test's dialplan that is in the application.
pub(crate) fn call(ari: &AriClient, app: &str) -> (ChannelHandle, EventSubscription<AriMessage>) {
    call_to(ari, app, "Local/answer@test/n")
}

pub(crate) fn call_to(
    ari: &AriClient,
    app: &str,
    endpoint: &str,
) -> (ChannelHandle, EventSubscription<AriMessage>) {
    let params = OriginateParams::to(endpoint).app(app);
    let (leg, events) = ari.pending_channel().originate(&params).expect("a channel");
    leg.wait_for_stasis_start(PATIENCE).expect("it enters the application");
    leg.wait_for_up(PATIENCE).expect("it is answered");
    (leg, events)
}

pub(crate) fn await_type(events: &EventSubscription<AriMessage>, name: &str) -> AriMessage {
    await_message(events, |message| message.event.event_name() == name)
}

#[test]
fn a_channel_is_made_under_our_id_in_every_way_there_is() {
    everywhere(|ari, app| {
        let to = "Local/answer@test/n";
        let id = unique("leg");
        let params = OriginateParams::to(to)
            .app(app)
            .app_args("one,two")
            .caller_id("Desk <100>")
            .timeout(Duration::from_secs(20))
            .other_channel_id(format!("{id}-other"))
            .formats("ulaw,alaw")
            .variables(NewVariables::new().set("A", "1 , 2").reported("B", "3"));
        let made = channel::originate_with_id(ari, &id, &params).unwrap();
        assert_eq!(made.id, id);
        assert_eq!(ari.channel(format!("{id}-other")).get().unwrap().id, format!("{id}-other"));
        let leg = ari.channel(&*id);
        assert_eq!(leg.get_variable("A").unwrap(), "1 , 2");
        assert_eq!(leg.get_variable("B").unwrap(), "3");
        assert!(
            channel::originate(ari, &params.clone().channel_id(&*id)).unwrap_err().is_conflict()
        );
        let other = params.clone().channel_id("another");
        let e = channel::originate_with_id(ari, &id, &other).unwrap_err();
        assert!(matches!(e, Error::Invalid(_)), "{e}");
        leg.hangup(HangupReason::Busy).unwrap();

        let (leg, events) =
            ari.pending_channel().create(&CreateParams::to(to, app).app_args("x")).unwrap();
        assert_eq!(leg.get().unwrap().state, ChannelState::Down);
        leg.wait_for_stasis_start(PATIENCE).unwrap();
        leg.dial(&DialParams::default().timeout(Duration::from_secs(20))).unwrap();
        let start = await_type(&events, "StasisStart");
        assert!(matches!(&start.event, AriEvent::StasisStart(e) if e.args == ["x"]));
        assert_eq!(leg.wait_for_up(PATIENCE).unwrap().id, leg.id());
        leg.hangup_with_cause(HangupCause::UserBusy).unwrap();
        // The server may have forgotten it before it tells of its end.
        leg.wait_for_hangup(PATIENCE).unwrap();
        let end = await_type(&events, "ChannelDestroyed");
        assert!(matches!(&end.event, AriEvent::ChannelDestroyed(e) if e.channel.id == leg.id()));
        leg.hangup(None).unwrap();
    });
}

#[test]
fn a_channel_does_what_it_is_told() {
    everywhere(|ari, app| {
        let (leg, events) = call(ari, app);
        assert_eq!(channel::get(ari, leg.id()).unwrap().id, leg.id());
        assert!(channel::list(ari).unwrap().iter().any(|channel| channel.id == leg.id()));
        leg.answer().unwrap();
        leg.ring().unwrap();
        leg.ring_stop().unwrap();
        leg.progress().unwrap();
        leg.mute(None).unwrap();
        leg.unmute(MediaDirection::Both).unwrap();
        leg.mute(MediaDirection::In).unwrap();
        leg.unmute(MediaDirection::In).unwrap();
        leg.hold().unwrap();
        leg.unhold().unwrap();
        leg.start_moh(None).unwrap();
        leg.stop_moh().unwrap();
        leg.start_moh("default").unwrap();
        leg.stop_moh().unwrap();
        leg.start_silence().unwrap();
        leg.stop_silence().unwrap();
        let ms = Duration::from_millis;
        let slowly =
            DtmfParams::default().before(ms(1)).between(ms(50)).duration(ms(100)).after(ms(1));
        leg.send_dtmf("1#", &slowly).unwrap();
        leg.transfer_progress(TransferProgress::Answered).unwrap();
        let e = leg.redirect("PJSIP/bob").unwrap_err();
        assert!(e.is_unprocessable(), "{e}");
        let e = leg.rtp_statistics().unwrap_err();
        assert!(e.http_status().is_some(), "{e}");
        drop(events);
        leg.hangup(None).unwrap();
    });
}

#[test]
fn variables_of_channels_are_set_and_read_one_by_one_and_together() {
    everywhere(|ari, app| {
        let (leg, _) = call(ari, app);
        let events = ari.subscribe_with(Filter::types(["ChannelVarset"]));
        leg.set_variable("ONE", "a,b \"c\"").unwrap();
        assert_eq!(leg.get_variable("ONE").unwrap(), "a,b \"c\"");
        leg.set_reported_variable("TWO", "2").unwrap();
        await_message(&events, |m| m.json().contains("\"TWO\""));
        leg.set_variables(NewVariables::from([("THREE", "3")]).reported("FOUR", "4")).unwrap();
        await_message(&events, |m| m.json().contains("\"FOUR\""));
        let all = leg.get_variables(&["ONE", "TWO", "THREE", "FOUR"]).unwrap().variables;
        assert_eq!(all.len(), 4);
        assert_eq!((&*all["ONE"], &*all["FOUR"]), ("a,b \"c\"", "4"));
        assert_eq!(leg.get_variable("CHANNEL(state)").unwrap(), "Up");
        assert!(leg.get_variable("NOT_SET").unwrap_err().is_not_found());
        leg.set_variable("ONE", "").unwrap();
        assert_eq!(leg.get_variable("ONE").unwrap(), "");
        for _ in 0..2 {
            leg.unset_variable("ONE").unwrap();
            assert!(leg.get_variable("ONE").unwrap_err().is_not_found());
        }
        leg.hangup(None).unwrap();
    });
}

#[test]
fn a_channel_goes_on_in_the_dialplan_and_over_to_another_application() {
    everywhere(|ari, app| {
        let other = unique("app");
        let second = AriClient::connect(config(&other)).unwrap();
        let arrivals = second.subscribe_with(Filter::types(["StasisStart"]));
        let (leg, _) = call(ari, app);
        leg.move_to(&other, "a,b").unwrap();
        let start = await_message(&arrivals, |_| true);
        assert!(matches!(&start.event, AriEvent::StasisStart(e) if e.args == ["a", "b"]));
        let there = ContinueParams::default().context("test").extension("moh").priority(1);
        second.channel(leg.id()).continue_in_dialplan(&there).unwrap();
        eventually(|| {
            let place = leg.get().unwrap().dialplan;
            if place.exten == "moh" { Ok(()) } else { Err(format!("it is in {}", place.exten)) }
        });
        assert!(leg.answer().unwrap_err().is_conflict());
        leg.hangup(None).unwrap();
    });
}

#[test]
fn a_sip_channel_has_statistics_and_is_sent_elsewhere() {
    everywhere(|ari, app| {
        let (leg, _) = call_to(ari, app, "PJSIP/bob");
        let stat = leg.rtp_statistics().unwrap();
        assert_eq!(stat.channel_uniqueid, leg.id());
        // Its other end takes a REFER or does not; either way it was asked.
        leg.redirect("PJSIP/carol").unwrap();
        leg.hangup(None).unwrap();
    });
}

#[test]
fn a_channel_is_listened_in_on() {
    everywhere(|ari, app| {
        let (leg, _) = call(ari, app);
        let params = SnoopParams::new(app).spy(SnoopDirection::Both).whisper(SnoopDirection::Out);
        let snoop = leg.snoop(&params.clone().app_args("s")).unwrap();
        snoop.wait_for_stasis_start(PATIENCE).unwrap();
        let id = unique("snoop");
        let named = leg.snoop_with_id(&id, &params).unwrap();
        assert_eq!(named.wait_for_stasis_start(PATIENCE).unwrap().id, id);
        let (third, events) = ari.pending_channel().snoop(&leg, &params).unwrap();
        await_type(&events, "StasisStart");
        // Those that listen in may be listed for a while after they are gone.
        for channel in [&snoop, &named, &third, &leg] {
            channel.hangup(None).unwrap();
        }
        leg.wait_for_hangup(PATIENCE).unwrap();
    });
}

#[test]
fn media_goes_elsewhere() {
    everywhere(|ari, app| {
        let params = ExternalMediaParams::new(app, "slin16").external_host("127.0.0.1:9");
        let (leg, channel, _) = ari.pending_channel().external_media(&params).unwrap();
        assert_eq!(channel.id, leg.id());
        let port = leg.get_variable("UNICASTRTP_LOCAL_PORT").unwrap();
        assert!(port.parse::<u16>().is_ok(), "{port}");
        leg.wait_for_stasis_start(PATIENCE).unwrap();
        leg.hangup(None).unwrap();
        let bad = ExternalMediaParams::new(app, "slin16");
        assert_eq!(channel::external_media(ari, &bad).unwrap_err().http_status(), Some(400));
    });
}

#[test]
fn channels_meet_in_a_bridge_and_leave_it() {
    everywhere(|ari, app| {
        let types = [BridgeType::Mixing, BridgeType::DtmfEvents];
        let params = BridgeParams::default().bridge_types(types).name("sales");
        let params = params.variables([("ROOM", "7")]);
        let (room, events) = ari.pending_bridge().create(&params).unwrap();
        let room = room.guard();
        assert_eq!(room.get().unwrap().name, "sales");
        assert_eq!(room.get_variable("ROOM").unwrap(), "7");
        room.set_variable("ROOM", "8").unwrap();
        room.set_reported_variable("FLOOR", "1").unwrap();
        room.set_variables([("WING", "west")]).unwrap();
        let all = room.get_variables(&["ROOM", "FLOOR", "WING"]).unwrap().variables;
        assert_eq!((&*all["ROOM"], &*all["FLOOR"], &*all["WING"]), ("8", "1", "west"));
        assert!(bridge::list(ari).unwrap().iter().any(|bridge| bridge.id == room.id()));

        let ((one, _), (two, _)) = (call(ari, app), call(ari, app));
        room.add_channel(one.id()).unwrap();
        let gently = AddChannelParams::default()
            .absorb_dtmf(true)
            .mute(false)
            .inhibit_connected_line_updates(true);
        room.add_channels(&[two.id()], &gently).unwrap();
        for _ in 0..2 {
            await_type(&events, "ChannelEnteredBridge");
        }
        assert_eq!(bridge::get(ari, room.id()).unwrap().channels.len(), 2);
        assert!(room.add_channel("nobody").unwrap_err().http_status() == Some(400));
        room.start_moh("default").unwrap();
        for _ in 0..2 {
            room.stop_moh().unwrap();
        }
        room.set_video_source(one.id()).unwrap();
        room.clear_video_source().unwrap();
        room.remove_channel(one.id()).unwrap();
        room.remove_channels(&[two.id()]).unwrap();
        assert!(room.remove_channel(two.id()).unwrap_err().is_unprocessable());
        for _ in 0..2 {
            await_type(&events, "ChannelLeftBridge");
        }
        let id = room.id().to_owned();
        drop(room);
        eventually(|| match ari.bridge(&*id).get() {
            Err(e) if e.is_not_found() => Ok(()),
            _ => Err("it is still there"),
        });
        BridgeHandle::new(id, ari.clone()).destroy().unwrap();
        one.hangup(None).unwrap();
        two.hangup(None).unwrap();
    });
}

#[test]
fn a_bridge_has_the_id_that_it_is_given() {
    everywhere(|ari, _| {
        let id = unique("bridge/ +");
        assert_eq!(bridge::create_with_id(ari, &id, &BridgeParams::default()).unwrap().id, id);
        ari.bridge(&*id).destroy().unwrap();
        // The server goes on knowing the first for a moment.
        let id = unique("bridge/ +");
        let params = BridgeParams::default().bridge_id(&*id).bridge_types([BridgeType::Holding]);
        let made = bridge::create(ari, &params).unwrap();
        assert_eq!((&*made.id, made.bridge_type), (&*id, BridgeType::Holding));
        ari.bridge(&*id).destroy().unwrap();
    });
}
