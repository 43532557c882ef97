//! What it takes a telephone for: contacts, holding, transfers that the application does, messages.

use std::thread;

use asterisk_sync::ari::model::ContactInfo;
use asterisk_sync::ari::resources::application;
use asterisk_sync::ari::resources::endpoint::{self, MessageParams, ReferParams};
use asterisk_sync::ari::{AriEvent, PlayParams};
use asterisk_sync::types::{ContactStatus, EndpointState, TransferProgress};

use super::phone::Phone;
use super::stage::{Stage, expect, expect_where, the};
use crate::support::{PATIENCE, eventually, unique};

/// It registers, calls an application, holds, asks for a transfer, writes, and goes.
pub(super) fn telephone(stage: &Stage) {
    let ari = &stage.ari;
    let events = ari.subscribe();
    let watcher = unique("watcher");
    let second = stage.another(&watcher);
    let watched = second.subscribe();
    application::subscribe(&second, &watcher, &["endpoint:PJSIP/phone"]).unwrap();
    let phone = Phone::new("phone", "phone-secret");
    let mut home = phone.dialog("phone");
    let answer = phone.request(&mut home, "REGISTER", &[("Expires", "60")], "");
    assert_eq!(answer.status, 200, "{}", answer.text);
    // An earlier run may have left one, which goes then.
    let is_there = |it: &ContactInfo| it.contact_status != ContactStatus::Removed;
    expect_where(
        &watched,
        "ContactStatusChange",
        |event| matches!(event, AriEvent::ContactStatusChange(it) if is_there(&it.contact_info)),
    );
    assert_eq!(endpoint::get(ari, "PJSIP", "phone").unwrap().state, Some(EndpointState::Online));

    let mut call = phone.dialog(&format!("app{}", stage.app));
    let leg = thread::scope(|scope| {
        let invited =
            scope.spawn(|| phone.request(&mut call, "INVITE", &[], &Phone::sdp("sendrecv")));
        let start = expect_where(
            &events,
            "StasisStart",
            |event| matches!(event, AriEvent::StasisStart(it) if it.channel.name.starts_with("PJSIP/phone-")),
        );
        let leg = ari.channel(&*the!(StasisStart in start).channel.id);
        leg.ring().unwrap();
        leg.answer().unwrap();
        let answer = invited.join().unwrap();
        assert_eq!(answer.status, 200, "{}", answer.text);
        leg
    });
    for (direction, name) in [("sendonly", "ChannelHold"), ("sendrecv", "ChannelUnhold")] {
        let answer = phone.request(&mut call, "INVITE", &[], &Phone::sdp(direction));
        assert_eq!(answer.status, 200, "{}", answer.text);
        expect_where(&events, name, |event| match event {
            AriEvent::ChannelHold(it) => {
                it.channel.id == leg.id() && it.musicclass.as_deref() == Some("default")
            }
            AriEvent::ChannelUnhold(it) => it.channel.id == leg.id(),
            _ => false,
        });
    }

    let to = format!("<{}>", phone.address_of("elsewhere"));
    let by = format!("<{}>", phone.address_of("phone"));
    let refer = [("Refer-To", &*to), ("Referred-By", &*by)];
    let answer = phone.request(&mut call, "REFER", &refer, "");
    assert_eq!(answer.status, 202, "{}", answer.text);
    let asked = expect(&events, "ChannelTransfer");
    let asked = the!(ChannelTransfer in asked);
    assert_eq!(asked.referred_by.source_channel.id, leg.id());
    let wanted = asked.refer_to.requested_destination.destination.as_deref();
    assert_eq!(wanted, Some("elsewhere"));
    leg.transfer_progress(TransferProgress::Progress).unwrap();
    leg.transfer_progress(TransferProgress::Answered).unwrap();

    let mut note = phone.dialog("anybody");
    let text = ("Content-Type", "text/plain");
    let answer = phone.request(&mut note, "MESSAGE", &[text, ("X-Tag", "1")], "hello, you");
    assert_eq!(answer.status, 202, "{}", answer.text);
    let came = expect(&watched, "TextMessageReceived");
    let came = the!(TextMessageReceived in came);
    assert_eq!(came.message.body, "hello, you");
    assert_eq!(came.endpoint.as_ref().map(|it| &*it.resource), Some("phone"));

    let answer = phone.request(&mut call, "BYE", &[], "");
    assert_eq!(answer.status, 200, "{}", answer.text);
    expect_where(
        &events,
        "ChannelDestroyed",
        |event| matches!(event, AriEvent::ChannelDestroyed(it) if it.channel.id == leg.id()),
    );
    let answer = phone.request(&mut home, "REGISTER", &[("Expires", "0")], "");
    assert_eq!(answer.status, 200, "{}", answer.text);
    // To who hears of everything this is not told.
    expect_where(
        &watched,
        "EndpointStateChange",
        |event| matches!(event, AriEvent::EndpointStateChange(it) if it.endpoint.state == Some(EndpointState::Offline)),
    );
    // Otherwise the application would be there for as long as the server runs.
    application::unsubscribe(&second, &watcher, &["endpoint:PJSIP/phone"]).unwrap();
    second.disconnect();
}

/// Calls over SIP have statistics, and can be sent elsewhere; endpoints are written to and referred.
pub(super) fn endpoints(stage: &Stage) {
    let ari = &stage.ari;
    assert!(endpoint::list(ari).unwrap().iter().any(|known| known.resource == "bob"));
    assert!(endpoint::list_by_tech(ari, "PJSIP").unwrap().len() > 2);
    assert!(endpoint::get(ari, "PJSIP", "nobody").unwrap_err().is_not_found());
    // The server registers him with itself a moment after its start.
    eventually(|| match endpoint::get(ari, "PJSIP", "bob") {
        Ok(bob) if bob.state == Some(EndpointState::Online) => Ok(()),
        other => Err(format!("it is {other:?}")),
    });
    let message = MessageParams::new("pjsip:alice").body("hello");
    let message = message.variables([("X-Tag".to_owned(), "1".to_owned())]);
    // Where the server has just been started, he registers a moment later.
    eventually(|| endpoint::send_message(ari, "pjsip:bob", &message));
    endpoint::send_message_to_endpoint(ari, "PJSIP", "bob", &message).unwrap();
    let refer = ReferParams::new("pjsip:alice", "sip:carol@127.0.0.1")
        .to_self(false)
        .variables([("X-Tag".to_owned(), "1".to_owned())]);
    endpoint::refer(ari, "pjsip:bob", &refer).unwrap();
    endpoint::refer_to_endpoint(ari, "PJSIP", "bob", &refer).unwrap();

    let (leg, _) = stage.call("PJSIP/bob");
    // Both ends have reported on the media by the time that something was heard.
    let said = leg.play(PlayParams::from(["sound:hello-world", "sound:hello-world"])).unwrap();
    said.wait_timeout(PATIENCE).unwrap();
    let stat = eventually(|| match leg.rtp_statistics().unwrap() {
        stat if stat.rtt.is_some() => Ok(stat),
        stat => Err(format!("nothing was reported: {stat:?}")),
    });
    assert_eq!(stat.channel_uniqueid, leg.id());
    assert!(stat.txcount > 0, "{stat:?}");
    leg.redirect("PJSIP/carol").unwrap();
    leg.hangup(None).unwrap();
}
