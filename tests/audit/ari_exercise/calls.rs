//! Channels: made, told what to do, moved, listened in on, offered, and hung up with a reason.

use std::net::TcpListener;
use std::time::Duration;

use asterisk_sync::ari::resources::channel::{
    self, ContinueParams, CreateParams, DialParams, DtmfParams, ExternalMediaParams, SnoopParams,
};
use asterisk_sync::ari::resources::event;
use asterisk_sync::ari::{AriEvent, ChannelHandle, Filter, NewVariables, OriginateParams};
use asterisk_sync::types::{
    ChannelState, ExternalMediaConnection, ExternalMediaEncapsulation, ExternalMediaTransport,
    HangupCause, HangupReason, MediaDirection, SnoopDirection,
};

use super::stage::{Events, Stage, expect, expect_where, the};
use crate::support::{PATIENCE, eventually, unique};

const STAY: &str = "Local/stay@exercise/n";

/// Hangs up, and returns with what cause the server says that it was.
fn end(leg: &ChannelHandle, events: &Events, hangup: impl FnOnce(&ChannelHandle)) -> HangupCause {
    hangup(leg);
    let end = expect_where(
        events,
        "ChannelDestroyed",
        |event| matches!(event, AriEvent::ChannelDestroyed(it) if it.channel.id == leg.id()),
    );
    the!(ChannelDestroyed in end).cause
}

/// The ways to make a channel.
pub(super) fn beginnings(stage: &Stage) {
    let (ari, app) = (&stage.ari, &*stage.app);
    let [id, other] = ["leg", "half"].map(unique);
    let first = stage
        .to(STAY)
        .app_args("one,two")
        .caller_id("Desk <100>")
        .timeout(Duration::from_secs(20))
        .formats("ulaw,alaw")
        .variables(NewVariables::new().set("A", "1").reported("B", "2"));
    let whole = first.clone().channel_id(&*id).other_channel_id(&*other);
    assert_eq!(channel::originate(ari, &whole).unwrap().id, id);
    let leg = ari.channel(&*id);
    leg.wait_for_stasis_start(PATIENCE).unwrap();
    assert_eq!(ari.channel(&*other).get().unwrap().id, other);

    // The dialplan has it, by a priority and by a label, on behalf of the first.
    let there = OriginateParams::to(STAY).context("exercise").extension("onward");
    let led = there.clone().priority(3).originator(leg.id()).other_channel_id(unique("half"));
    // Once with the id among the parameters, and once in the path.
    for params in [led, there.label("here").timeout(Duration::from_secs(20))] {
        let pending = ari.pending_channel();
        let whole = params.clone().channel_id(pending.id());
        let led = ari.channel(channel::originate(ari, &whole).unwrap().id);
        let waits = expect_where(
            pending.events(),
            "ChannelDialplan",
            |event| matches!(event, AriEvent::ChannelDialplan(it) if it.dialplan_app == "Wait"),
        );
        assert_eq!(the!(ChannelDialplan in waits).channel.dialplan.exten, "onward");
        end(&led, pending.events(), |it| it.hangup(None).unwrap());
        let named = params.clone().other_channel_id(unique("half"));
        let (led, events) = ari.pending_channel().originate(&named).unwrap();
        let waits = expect_where(
            &events,
            "ChannelDialplan",
            |event| matches!(event, AriEvent::ChannelDialplan(it) if it.dialplan_app == "Wait"),
        );
        assert_eq!(the!(ChannelDialplan in waits).channel.dialplan.exten, "onward");
        end(&led, &events, |it| it.hangup(None).unwrap());
    }

    // Made now and dialled later.
    let params = CreateParams::to(STAY, app)
        .app_args("x")
        .originator(leg.id())
        .other_channel_id(unique("half"))
        .variables([("C", "3")]);
    let (later, events) = ari.pending_channel().create(&params).unwrap();
    later.wait_for_stasis_start(PATIENCE).unwrap();
    assert_eq!(later.get_variable("C").unwrap(), "3");
    let dial = DialParams::default().caller(leg.id()).timeout(Duration::from_secs(20));
    later.dial(&dial).unwrap();
    assert_eq!(later.wait_for_up(PATIENCE).unwrap().state, ChannelState::Up);
    expect(&events, "Dial");
    let plain = CreateParams::to(STAY, app).formats("ulaw").channel_id(unique("leg"));
    let plain = ari.channel(channel::create(ari, &plain).unwrap().id);
    plain.wait_for_stasis_start(PATIENCE).unwrap();
    assert!(channel::list(ari).unwrap().iter().any(|channel| channel.id == plain.id()));
    for one in [&plain, &later, &leg] {
        one.hangup(None).unwrap();
    }
}

/// What a channel that is up can be told.
pub(super) fn orders(stage: &Stage) {
    let (leg, events) = stage.call(STAY);
    leg.answer().unwrap();
    leg.ring().unwrap();
    leg.ring_stop().unwrap();
    leg.progress().unwrap();
    leg.mute(MediaDirection::In).unwrap();
    leg.unmute(MediaDirection::In).unwrap();
    leg.start_moh("default").unwrap();
    leg.stop_moh().unwrap();
    leg.start_silence().unwrap();
    leg.stop_silence().unwrap();
    leg.hold().unwrap();
    leg.unhold().unwrap();
    let ms = Duration::from_millis;
    let slowly = DtmfParams::default().before(ms(1)).between(ms(40)).duration(ms(60)).after(ms(1));
    leg.send_dtmf("1#", &slowly).unwrap();

    leg.set_variable("CALLERID(all)", "Somebody <4711>").unwrap();
    let caller = the!(ChannelCallerId in expect(&events, "ChannelCallerId")).channel.caller.clone();
    assert_eq!((&*caller.name, &*caller.number), ("Somebody", "4711"));
    leg.set_variable("CONNECTEDLINE(num)", "4712").unwrap();
    expect_where(
        &events,
        "ChannelConnectedLine",
        |event| matches!(event, AriEvent::ChannelConnectedLine(it) if it.channel.connected.number == "4712"),
    );
    leg.set_reported_variable("ONE", "a,b \"c\"").unwrap();
    let set = expect_where(
        &events,
        "ChannelVarset",
        |event| matches!(event, AriEvent::ChannelVarset(it) if it.variable == "ONE"),
    );
    assert_eq!(the!(ChannelVarset in set).value, "a,b \"c\"");
    leg.set_variables(NewVariables::from([("TWO", "2")]).reported("THREE", "3")).unwrap();
    assert_eq!(leg.get_variable("TWO").unwrap(), "2");
    let all = leg.get_variables(&["ONE", "TWO", "THREE"]).unwrap().variables;
    assert_eq!((&*all["ONE"], &*all["THREE"]), ("a,b \"c\"", "3"));

    let reason = |leg: &ChannelHandle| leg.hangup(HangupReason::Busy).unwrap();
    assert_eq!(end(&leg, &events, reason), HangupCause::UserBusy);
    let (leg, events) = stage.call(STAY);
    let code = |leg: &ChannelHandle| leg.hangup_with_cause(HangupCause::CallRejected).unwrap();
    assert_eq!(end(&leg, &events, code), HangupCause::CallRejected);
    // What has gone says so, and to hang it up is a success.
    assert!(leg.get().unwrap_err().is_not_found());
    leg.hangup(None).unwrap();
}

/// From one application to another, to one that is not there, and into the dialplan.
pub(super) fn moves(stage: &Stage) {
    let away = unique("away");
    let second = stage.another(&away);
    let arrivals = second.subscribe();
    let (leg, events) = stage.call(STAY);
    leg.move_to(&away, "a,b").unwrap();
    expect(&events, "StasisEnd");
    let start = expect(&arrivals, "StasisStart");
    assert_eq!(
        (&*start.application, &*the!(StasisStart in start).args),
        (&*away, &["a", "b"].map(String::from)[..])
    );

    let there = ContinueParams::default().context("exercise").extension("onward").label("here");
    second.channel(leg.id()).continue_in_dialplan(&there).unwrap();
    expect(&arrivals, "StasisEnd");
    expect_where(
        &events,
        "ChannelDialplan",
        |event| matches!(event, AriEvent::ChannelDialplan(it) if it.dialplan_app == "Wait"),
    );
    assert!(leg.answer().unwrap_err().is_conflict());
    leg.hangup(None).unwrap();

    let (leg, events) = stage.call(STAY);
    leg.move_to("nobody", "c").unwrap();
    let failed = expect(&events, "ApplicationMoveFailed");
    let failed = the!(ApplicationMoveFailed in failed);
    assert_eq!((&*failed.destination, &failed.args[..]), ("nobody", &["c".to_owned()][..]));
    leg.hangup(None).unwrap();
    let (leg, events) = stage.call(STAY);
    let there = ContinueParams::default().context("exercise").extension("onward").priority(3);
    leg.continue_in_dialplan(&there).unwrap();
    expect(&events, "StasisEnd");
    leg.hangup(None).unwrap();

    // Whoever connects last has the application.
    let third = stage.another(&away);
    expect(&arrivals, "ApplicationReplaced");
    assert_eq!(second.replaced_applications(), [&*away]);
    third.disconnect();
}

/// A call that is offered to applications, and taken by one of them.
pub(super) fn offer(stage: &Stage) {
    let taker = unique("taker");
    let second = stage.another(&taker);
    let heard = second.subscribe();
    // It is told before or after that it has been claimed.
    let starts = second.subscribe_with(Filter::types(["StasisStart"]));
    let params = OriginateParams::to("Local/broadcast@exercise/n")
        .context("exercise")
        .extension("stay")
        .priority(1)
        .caller_id("Desk <100>")
        .variables([("__APP", &*taker)]);
    let (leg, _) = stage.ari.pending_channel().originate(&params).unwrap();
    let offered = expect(&heard, "CallBroadcast");
    let channel = the!(CallBroadcast in offered).channel.id.clone();
    event::claim_channel(&second, &channel, &taker).unwrap();
    let claimed = expect(&heard, "CallClaimed");
    assert_eq!(the!(CallClaimed in claimed).winner_app, taker);
    let start = expect(&starts, "StasisStart");
    assert_eq!(the!(StasisStart in start).args, ["claimed"]);
    assert!(event::claim_channel(&stage.ari, &channel, &stage.app).is_err());
    leg.hangup(None).unwrap();
    expect(&heard, "StasisEnd");
    second.disconnect();
}

/// Channels beside a channel: those that listen in, and those whose media goes elsewhere.
pub(super) fn companions(stage: &Stage) {
    let (ari, app) = (&stage.ari, &*stage.app);
    let (leg, events) = stage.originate(&stage.to(STAY).app_args("one,two"));
    let start = expect(&events, "StasisStart");
    assert_eq!(the!(StasisStart in start).args, ["one", "two"]);
    let params =
        SnoopParams::new(app).spy(SnoopDirection::Both).whisper(SnoopDirection::Out).app_args("s");
    let snoop = leg.snoop(&params).unwrap();
    snoop.wait_for_stasis_start(PATIENCE).unwrap();
    let named = leg.snoop_with_id(&unique("snoop"), &params).unwrap();
    named.wait_for_stasis_start(PATIENCE).unwrap();

    let rtp = ExternalMediaParams::new(app, "slin16")
        .external_host("127.0.0.1:9")
        .encapsulation(ExternalMediaEncapsulation::Rtp)
        .transport(ExternalMediaTransport::Udp)
        .connection_type(ExternalMediaConnection::Client)
        .direction(MediaDirection::Both)
        .variables([("D", "4")]);
    let (outside, channel, _) = ari.pending_channel().external_media(&rtp).unwrap();
    let vars = channel.channelvars.expect("where its other end is");
    assert!(vars["UNICASTRTP_LOCAL_PORT"].parse::<u16>().is_ok(), "{vars:?}");
    let socket = ExternalMediaParams::new(app, "slin16")
        .encapsulation(ExternalMediaEncapsulation::None)
        .transport(ExternalMediaTransport::WebSocket)
        .connection_type(ExternalMediaConnection::Server)
        .transport_data("f(json)");
    let (waiting, channel, _) = ari.pending_channel().external_media(&socket).unwrap();
    assert!(channel.channelvars.unwrap().contains_key("MEDIA_WEBSOCKET_CONNECTION_ID"));
    let nobody = TcpListener::bind("127.0.0.1:0").unwrap();
    let audio = ExternalMediaParams::new(app, "slin")
        .external_host(nobody.local_addr().unwrap().to_string())
        .encapsulation(ExternalMediaEncapsulation::AudioSocket)
        .transport(ExternalMediaTransport::Tcp)
        .data("40325ec2-5efd-4bd3-805f-53576e581d13");
    let (spoken, _, _) = ari.pending_channel().external_media(&audio).unwrap();
    outside.wait_for_stasis_start(PATIENCE).unwrap();
    for one in [&spoken, &waiting, &outside, &named, &snoop, &leg] {
        one.hangup(None).unwrap();
    }
    eventually(|| match channel::get(ari, waiting.id()) {
        Err(e) if e.is_not_found() => Ok(()),
        other => Err(format!("it is still there: {other:?}")),
    });
}
