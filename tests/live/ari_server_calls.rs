//! What is done with calls over an event socket that a real Asterisk has opened: all that can be done
//! over one of ours.

use asterisk_sync::ami::event::{MusicOnHoldStart, MusicOnHoldStop};
use asterisk_sync::ari::resources::application;
use asterisk_sync::ari::resources::channel::SnoopParams;
use asterisk_sync::ari::{AriClient, AriEvent, OriginateParams};
use asterisk_sync::types::{HangupCause, HangupReason, SnoopDirection};

use crate::ari_core::await_message;
use crate::ari_envelope::assert_is_bare;
use crate::ari_server::{await_start, enter, lent, next, per_call, persistent};
use crate::support::{PATIENCE, await_event, client};

#[test]
fn a_call_is_held_moved_listened_in_on_and_hung_up_with_a_reason() {
    let (_alone, settings) = persistent();
    let ami = client();
    let (_server, sessions) = lent(settings.path("/outbound"));
    let (session, _until) = next(&sessions);
    for app in ["outbound-app", "outbound-second"] {
        let message = await_message(session.events(), |m| {
            matches!(m.event, AriEvent::ApplicationRegistered(_))
        });
        assert_eq!(message.application, app);
        assert_is_bare(&message);
    }
    let ari = session.client();
    let call = enter(&ami, "outbound-app");
    await_start(session.events(), &call.other);
    let leg = ari.channel(&*call.other);
    leg.answer().unwrap();

    // A Local channel has music for whoever is on hold, and the manager tells of it.
    let (starts, stops) =
        (ami.subscribe_to::<MusicOnHoldStart>(), ami.subscribe_to::<MusicOnHoldStop>());
    let is_ours = |id: &str| [&*call.id, &*call.other].contains(&id);
    leg.hold().unwrap();
    await_event(&starts, |event| is_ours(event.channel().unique_id()));
    leg.unhold().unwrap();
    await_event(&stops, |event| is_ours(event.channel().unique_id()));
    leg.start_moh(None).unwrap();
    leg.stop_moh().unwrap();

    // Over the same socket it goes from one application to the other.
    leg.move_to("outbound-second", "a,b").unwrap();
    // Which of both is told first is not said.
    let (mut end, mut start) = (None, None);
    await_message(session.events(), |m| {
        match &m.event {
            AriEvent::StasisEnd(e) if e.channel.id == call.other => end = Some(m.clone()),
            AriEvent::StasisStart(e) if e.channel.id == call.other => start = Some(m.clone()),
            _ => {}
        }
        end.is_some() && start.is_some()
    });
    let (end, start) = (end.expect("it was told"), start.expect("it was told"));
    assert_eq!((&*end.application, &*start.application), ("outbound-app", "outbound-second"));
    assert!(matches!(&start.event, AriEvent::StasisStart(e) if e.args == ["a", "b"]));

    let params =
        SnoopParams::new("outbound-second").spy(SnoopDirection::Both).whisper(SnoopDirection::Out);
    let snoop = leg.snoop(&params).unwrap();
    assert_eq!(snoop.wait_for_stasis_start(PATIENCE).unwrap().id, snoop.id());
    snoop.hangup(None).unwrap();

    // An application hears of the end of a channel that has left it only if it asks to.
    let source = format!("channel:{}", leg.id());
    application::subscribe(ari, "outbound-second", &[source]).unwrap();
    leg.hangup(HangupReason::Busy).unwrap();
    let end = await_message(
        session.events(),
        |m| matches!(&m.event, AriEvent::ChannelDestroyed(e) if e.channel.id == call.other),
    );
    let AriEvent::ChannelDestroyed(end) = &end.event else { unreachable!() };
    assert_eq!(end.cause, HangupCause::UserBusy);
}

#[test]
fn a_call_is_sent_elsewhere_and_hung_up_with_any_cause() {
    let (_alone, settings) = persistent();
    let (_server, sessions) = lent(settings.path("/outbound"));
    let (session, _until) = next(&sessions);
    let ari: &AriClient = session.client();
    let to = |endpoint: &str| {
        let params = OriginateParams::to(endpoint).app("outbound-app");
        let (leg, _) = ari.pending_channel().originate(&params).unwrap();
        leg.wait_for_stasis_start(PATIENCE).unwrap();
        leg
    };
    let leg = to("PJSIP/bob");
    leg.wait_for_up(PATIENCE).unwrap();
    // Its other end takes a REFER or does not; either way it was asked.
    leg.redirect("PJSIP/carol").unwrap();
    leg.hangup_with_cause(HangupCause::CallRejected).unwrap();
    leg.wait_for_hangup(PATIENCE).unwrap();
    let leg = to("Local/answer@test");
    assert!(leg.redirect("PJSIP/carol").unwrap_err().is_unprocessable());
    leg.hangup_with_cause(HangupCause::CallRejected).unwrap();
    let end = leg.wait_for_hangup(PATIENCE).unwrap().expect("it was heard");
    assert_eq!(end.cause, HangupCause::CallRejected);
}

/// A call's own application is registered over its socket; that it is no more is told by the end of that.
#[test]
fn what_is_registered_for_one_call_is_told_field_by_field() {
    let (_alone, settings) = per_call();
    let ami = client();
    let (server, sessions) = lent(settings);
    let call = enter(&ami, "call-app");
    let (session, until) = next(&sessions);
    let first = await_message(session.events(), |_| true);
    assert!(matches!(first.event, AriEvent::ApplicationRegistered(_)), "{first:?}");
    assert_is_bare(&first);
    let start = await_start(session.events(), &call.other);
    assert_eq!(start.application, first.application);
    session.client().channel(&*call.other).hangup(None).unwrap();
    let mut seen = Vec::new();
    while let Some(message) = session.events().recv_timeout(PATIENCE).expect("an end") {
        seen.push(message.event.event_name().to_owned());
    }
    assert!(seen.iter().any(|name| name == "StasisEnd"), "{seen:?}");
    drop((session, until));
    assert_eq!(server.shutdown().unwrap().failed, 0);
}
