//! ARI's operations on the server itself, on endpoints, devices, mailboxes, prompts, events, and what an
//! earlier run has left.

use asterisk_sync::ari::resources::bridge::BridgeParams;
use asterisk_sync::ari::resources::endpoint::{MessageParams, ReferParams};
use asterisk_sync::ari::resources::event::UserEventParams;
use asterisk_sync::ari::resources::sound::SoundListParams;
use asterisk_sync::ari::resources::{
    application, asterisk, device_state, endpoint, event, mailbox, sound,
};
use asterisk_sync::ari::{AriClient, AriEvent, OriginateParams, TransportKind, sweep_orphans};
use asterisk_sync::types::DeviceState;

use crate::ari_core::{await_message, config};
use crate::ari_ops::{await_type, call, everywhere};
use crate::support::{PATIENCE, console, unique};
use serde_json::json;

#[test]
fn applications_are_listed_and_hear_of_what_they_ask_for() {
    everywhere(|ari, app| {
        assert!(application::list(ari).unwrap().iter().any(|known| known.name == app));
        let told = application::subscribe(ari, app, &["endpoint:PJSIP/alice"]).unwrap();
        assert_eq!(told.endpoint_ids, ["PJSIP/alice"]);
        assert_eq!(application::get(ari, app).unwrap(), told);
        // What it does not hear of costs nothing, nor what is not there.
        let sources = ["endpoint:PJSIP/bob", "channel:nobody", "endpoint:PJSIP/alice"];
        for _ in 0..2 {
            let told = application::unsubscribe(ari, app, &sources).unwrap();
            assert!(told.endpoint_ids.is_empty());
        }
        assert!(application::get(ari, "nobody").unwrap_err().is_not_found());
        let e = application::subscribe(ari, app, &["channel:nobody"]).unwrap_err();
        assert!(e.is_unprocessable(), "{e}");
    });
}

#[test]
fn modules_are_looked_at_unloaded_and_loaded() {
    // One way at a time: there is one server.
    everywhere(|ari, _| {
        let module = "app_zapateller.so";
        assert!(asterisk::list_modules(ari).unwrap().iter().any(|known| known.name == module));
        assert_eq!(asterisk::get_module(ari, module).unwrap().status, "Running".into());
        for _ in 0..2 {
            asterisk::unload_module(ari, module).unwrap();
        }
        asterisk::load_module(ari, module).unwrap();
        assert!(asterisk::load_module(ari, module).unwrap_err().is_conflict());
        asterisk::reload_module(ari, "res_musiconhold.so").unwrap();
        assert!(asterisk::get_module(ari, "nothing.so").unwrap_err().is_not_found());
    });
}

#[test]
fn log_channels_come_and_go() {
    everywhere(|ari, _| {
        let name = unique("log");
        asterisk::add_log_channel(ari, &name, "notice,warning").unwrap();
        let all = asterisk::list_log_channels(ari).unwrap();
        let ours = all.iter().find(|log| log.channel.ends_with(&name)).expect("it is listed");
        assert_eq!(ours.kind, "File".into());
        assert!(asterisk::add_log_channel(ari, &name, "notice").unwrap_err().is_conflict());
        for _ in 0..2 {
            asterisk::remove_log_channel(ari, &name).unwrap();
        }
        asterisk::add_log_channel(ari, &name, "notice").unwrap();
        asterisk::rotate_log_channel(ari, &name).unwrap();
        assert!(asterisk::rotate_log_channel(ari, "no-such-log").unwrap_err().is_not_found());
    });
}

#[test]
fn global_variables_are_set_read_and_removed() {
    everywhere(|ari, _| {
        let name = unique("ARI");
        // To ARI, one that is empty is as one that is not there.
        let is_listed = || console("dialplan show globals").contains(&format!("{name}="));
        assert_eq!(asterisk::get_variable(ari, &name).unwrap(), "");
        asterisk::set_variable(ari, &name, "a b,c").unwrap();
        assert_eq!(asterisk::get_variable(ari, &name).unwrap(), "a b,c");
        asterisk::set_variable(ari, &name, "").unwrap();
        assert!(is_listed());
        for _ in 0..2 {
            asterisk::unset_variable(ari, &name).unwrap();
            assert!(!is_listed());
        }
    });
}

#[test]
fn configuration_is_read_and_what_comes_from_a_file_is_not_changed() {
    everywhere(|ari, _| {
        let fields = asterisk::get_config(ari, "res_pjsip", "aor", "alice").unwrap();
        assert!(fields.iter().any(|field| field.attribute == "max_contacts" && field.value == "2"));
        let change = [("max_contacts", "3")];
        let e = asterisk::update_config(ari, "res_pjsip", "aor", "alice", change).unwrap_err();
        assert!(e.is_forbidden(), "{e}");
        let e = asterisk::delete_config(ari, "res_pjsip", "aor", "alice").unwrap_err();
        assert!(e.is_forbidden(), "{e}");
        let e = asterisk::get_config(ari, "res_pjsip", "aor", "nobody").unwrap_err();
        assert!(e.is_not_found(), "{e}");
    });
}

#[test]
fn devices_of_ours_have_the_state_that_is_set() {
    everywhere(|ari, _| {
        let name = format!("Stasis:{}", unique("desk"));
        device_state::update(ari, &name, DeviceState::InUse).unwrap();
        assert_eq!(device_state::get(ari, &name).unwrap().state, DeviceState::InUse);
        assert!(device_state::list(ari).unwrap().iter().any(|known| known.name == name));
        device_state::delete(ari, &name).unwrap();
        assert!(!device_state::list(ari).unwrap().iter().any(|known| known.name == name));
        let e = device_state::update(ari, "PJSIP/alice", DeviceState::Busy).unwrap_err();
        assert!(e.is_conflict(), "{e}");
        assert_ne!(device_state::get(ari, "PJSIP/bob").unwrap().name, "");
    });
}

#[test]
fn endpoints_are_listed_written_to_and_referred() {
    everywhere(|ari, _| {
        assert!(endpoint::list(ari).unwrap().iter().any(|known| known.resource == "bob"));
        assert!(endpoint::list_by_tech(ari, "PJSIP").unwrap().len() > 2);
        assert_eq!(endpoint::get(ari, "PJSIP", "bob").unwrap().technology, "PJSIP");
        assert!(endpoint::get(ari, "PJSIP", "nobody").unwrap_err().is_not_found());
        let message = MessageParams::new("pjsip:alice").body("hello, you");
        let message = message.variables([("X-Tag".to_owned(), "1".to_owned())]);
        endpoint::send_message(ari, "pjsip:bob", &message).unwrap();
        endpoint::send_message_to_endpoint(ari, "PJSIP", "bob", &message).unwrap();
        let refer = ReferParams::new("pjsip:alice", "sip:carol@127.0.0.1").to_self(false);
        endpoint::refer(ari, "pjsip:bob", &refer).unwrap();
        endpoint::refer_to_endpoint(ari, "PJSIP", "bob", &refer).unwrap();
        let e = endpoint::send_message(ari, "nothing", &message).unwrap_err();
        assert!(e.http_status().is_some(), "{e}");
    });
}

#[test]
fn a_user_event_comes_to_the_application_it_is_sent_to() {
    everywhere(|ari, app| {
        let events = ari.subscribe();
        let said = [
            ("key".to_owned(), json!("a, b")),
            ("number".to_owned(), json!(17)),
            ("deep".to_owned(), json!({ "list": [true, 1.5, null] })),
        ];
        event::user_event(ari, "Mine", app, &UserEventParams::default().variables(said)).unwrap();
        let message = await_type(&events, "ChannelUserevent");
        let json: serde_json::Value = serde_json::from_str(message.json()).unwrap();
        assert_eq!(
            (&json["eventname"], &json["userevent"]["key"]),
            (&"Mine".into(), &"a, b".into())
        );
        assert_eq!(json["userevent"]["number"], 17);
        assert_eq!(json["userevent"]["deep"], json!({ "list": [true, 1.5, null] }));
        let (leg, _) = call(ari, app);
        let about = UserEventParams::default().sources([format!("channel:{}", leg.id())]);
        event::user_event(ari, "About", app, &about).unwrap();
        await_message(&events, |m| m.json().contains("\"About\""));
        let nobody = UserEventParams::default().sources(["channel:nobody".to_owned()]);
        let e = event::user_event(ari, "Mine", app, &nobody).unwrap_err();
        assert!(e.is_unprocessable(), "{e}");
        let e = event::claim_channel(ari, leg.id(), app).unwrap_err();
        assert!(e.is_conflict() || e.is_not_found(), "{e}");
        leg.hangup(None).unwrap();
    });
}

#[test]
fn prompts_are_listed() {
    everywhere(|ari, _| {
        let english = SoundListParams::default().lang("en").format("gsm");
        assert!(sound::list(ari, &english).unwrap().iter().any(|known| known.id == "hello-world"));
        assert!(!sound::get(ari, "hello-world").unwrap().formats.is_empty());
        assert!(sound::get(ari, "no-such-sound").unwrap_err().is_not_found());
    });
}

#[test]
fn a_server_without_mailboxes_of_others_says_so() {
    everywhere(|ari, _| {
        assert!(mailbox::list(ari).unwrap_err().is_not_found());
        assert!(mailbox::get(ari, "100").unwrap_err().is_not_found());
        assert!(mailbox::update(ari, "100", 1, 2).unwrap_err().is_not_found());
        mailbox::delete(ari, "100").unwrap();
    });
}

#[test]
fn what_an_earlier_run_has_left_is_swept_and_nothing_else() {
    let (app, other) = (unique("app"), unique("app"));
    let others = AriClient::connect(config(&other)).unwrap();
    let (theirs, _) = call(&others, &other);
    let left = {
        let earlier = AriClient::connect(config(&app)).unwrap();
        let ((one, _), (two, _)) = (call(&earlier, &app), call(&earlier, &app));
        let (room, _) = earlier.pending_bridge().create(&BridgeParams::default()).unwrap();
        room.add_channel(one.id()).unwrap();
        let (mixed, _) = earlier.pending_bridge().create(&BridgeParams::default()).unwrap();
        mixed.add_channel(two.id()).unwrap();
        others.bridge(mixed.id()).add_channel(theirs.id()).unwrap();
        crate::support::eventually(|| match mixed.get().unwrap().channels.len() {
            2 => Ok(()),
            n => Err(format!("{n} are in it")),
        });
        [one.id().to_owned(), two.id().to_owned(), room.id().to_owned(), mixed.id().to_owned()]
    };
    let config = config(&app).transport(TransportKind::WebSocket);
    let swept = sweep_orphans(&config).unwrap();
    let ids: Vec<&str> = swept.channels.iter().map(|channel| &*channel.id).collect();
    assert!(ids.len() == 2 && ids.contains(&&*left[0]) && ids.contains(&&*left[1]), "{ids:?}");
    let bridges: Vec<&str> = swept.bridges.iter().map(|bridge| &*bridge.id).collect();
    assert_eq!(bridges, [&*left[2]]);
    assert!(others.channel(&*left[0]).wait_for_hangup(PATIENCE).is_ok());
    assert!(theirs.get().is_ok());
    crate::support::eventually(|| match sweep_orphans(&config).unwrap().channels.len() {
        0 => Ok(()),
        n => Err(format!("{n} are still listed")),
    });
    others.bridge(&*left[3]).destroy().unwrap();
    theirs.hangup(None).unwrap();
}

#[test]
fn a_guard_hangs_up_and_one_that_is_released_does_not() {
    everywhere(|ari, app| {
        let guarded = call(ari, app).0.guard();
        let id = guarded.id().to_owned();
        drop(guarded);
        assert!(ari.channel(&*id).wait_for_hangup(PATIENCE).is_ok());
        let (leg, _) = call(ari, app);
        let kept = leg.guard().release();
        assert!(kept.get().is_ok());
        kept.hangup(None).unwrap();
    });
}

#[test]
fn a_call_that_nobody_takes_ends_its_waits() {
    everywhere(|ari, app| {
        let params = OriginateParams::to("Local/busy@test/n").app(app);
        let (leg, events) = ari.pending_channel().originate(&params).unwrap();
        let e = leg.wait_for_up(PATIENCE).unwrap_err();
        assert!(matches!(e, asterisk_sync::Error::Hangup), "{e}");
        let end = leg.wait_for_hangup(PATIENCE).unwrap().expect("it was heard");
        assert_eq!(end.channel.id, leg.id());
        assert!(leg.wait_for_stasis_start(PATIENCE).is_err());
        await_message(&events, |m| matches!(m.event, AriEvent::ChannelDestroyed(_)));
    });
}
