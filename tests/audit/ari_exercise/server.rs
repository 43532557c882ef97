//! The server itself, and what applications are told.

use asterisk_sync::ari::AriEvent;
use asterisk_sync::ari::resources::application::{self, EventFilter};
use asterisk_sync::ari::resources::event::{self, UserEventParams};
use asterisk_sync::ari::resources::sound::{self, SoundListParams};
use asterisk_sync::ari::resources::{asterisk, device_state, endpoint, mailbox};
use asterisk_sync::types::{DeviceState, EndpointState, InfoSection};

use super::stage::{Stage, expect, expect_where, the};
use crate::support::{eventually, unique};

pub(super) fn itself(stage: &Stage) {
    let ari = &stage.ari;
    assert_eq!(asterisk::ping(ari).unwrap().ping, "pong");
    let info = asterisk::info(ari, []).unwrap();
    assert!(info.build.is_some() && info.config.is_some() && info.status.is_some());
    assert!(asterisk::info(ari, [InfoSection::System]).unwrap().build.is_none());

    let module = "app_zapateller.so";
    assert!(asterisk::list_modules(ari).unwrap().iter().any(|known| known.name == module));
    asterisk::unload_module(ari, module).unwrap();
    assert!(asterisk::get_module(ari, module).unwrap_err().is_not_found());
    asterisk::load_module(ari, module).unwrap();
    assert_eq!(asterisk::get_module(ari, module).unwrap().status, "Running".into());
    asterisk::reload_module(ari, "res_musiconhold.so").unwrap();

    let log = unique("log");
    asterisk::add_log_channel(ari, &log, "notice,warning").unwrap();
    let is_ours = |name: &str| name.ends_with(&log);
    assert!(asterisk::list_log_channels(ari).unwrap().iter().any(|it| is_ours(&it.channel)));
    asterisk::remove_log_channel(ari, &log).unwrap();
    asterisk::add_log_channel(ari, &log, "notice").unwrap();
    asterisk::rotate_log_channel(ari, &log).unwrap();

    let global = unique("EXERCISE");
    asterisk::set_variable(ari, &global, "a b,c").unwrap();
    assert_eq!(asterisk::get_variable(ari, &global).unwrap(), "a b,c");
    asterisk::unset_variable(ari, &global).unwrap();

    let english = SoundListParams::default().lang("en").format("gsm");
    assert!(sound::list(ari, &english).unwrap().iter().any(|known| known.id == "hello-world"));
    assert!(!sound::get(ari, "hello-world").unwrap().formats.is_empty());
    for refused in [
        mailbox::list(ari).map(drop),
        mailbox::get(ari, "100").map(drop),
        mailbox::update(ari, "100", 1, 2),
    ] {
        assert!(refused.unwrap_err().is_not_found());
    }
    mailbox::delete(ari, "100").unwrap();
}

/// A phone that is made while the server runs, and taken away again.
pub(super) fn configuration(stage: &Stage) {
    let (ari, id) = (&stage.ari, unique("desk"));
    let auth = [("auth_type", "userpass"), ("username", &*id), ("password", "desk-secret")];
    let told = asterisk::update_config(ari, "res_pjsip", "auth", &id, auth).unwrap();
    assert!(told.iter().any(|field| field.attribute == "username" && field.value == id));
    let aor = [("max_contacts", "1")];
    asterisk::update_config(ari, "res_pjsip", "aor", &id, aor).unwrap();
    let phone = [
        ("aors", &*id),
        ("auth", &*id),
        ("context", "from-sip"),
        ("transport", "transport-udp"),
        ("disallow", "all"),
        ("allow", "ulaw,alaw"),
    ];
    asterisk::update_config(ari, "res_pjsip", "endpoint", &id, phone).unwrap();
    let told = asterisk::get_config(ari, "res_pjsip", "endpoint", &id).unwrap();
    assert!(told.iter().any(|field| field.attribute == "context" && field.value == "from-sip"));
    eventually(|| match endpoint::get(ari, "PJSIP", &id) {
        Ok(known) if known.state == Some(EndpointState::Offline) => Ok(()),
        other => Err(format!("it is {other:?}")),
    });
    for kind in ["endpoint", "aor", "auth"] {
        asterisk::delete_config(ari, "res_pjsip", kind, &id).unwrap();
        assert!(asterisk::get_config(ari, "res_pjsip", kind, &id).unwrap_err().is_not_found());
    }
}

/// What an application of its own hears of, and what it is told.
pub(super) fn applications(stage: &Stage) {
    let app = unique("listener");
    let ari = &stage.another(&app);
    let events = ari.subscribe();
    assert!(application::list(ari).unwrap().iter().any(|known| known.name == app));
    let device = format!("Stasis:{}", unique("desk"));
    let sources = ["endpoint:PJSIP/alice".to_owned(), format!("deviceState:{device}")];
    let told = application::subscribe(ari, &app, &sources).unwrap();
    assert_eq!(told.endpoint_ids, ["PJSIP/alice"]);
    assert_eq!(application::get(ari, &app).unwrap(), told);

    device_state::update(ari, &device, DeviceState::InUse).unwrap();
    let changed = expect(&events, "DeviceStateChanged");
    assert_eq!(the!(DeviceStateChanged in changed).device_state.state, DeviceState::InUse);
    assert_eq!(device_state::get(ari, &device).unwrap().state, DeviceState::InUse);
    assert!(device_state::list(ari).unwrap().iter().any(|known| known.name == device));
    device_state::delete(ari, &device).unwrap();

    let said = [("key".to_owned(), "a, b".into())];
    let about = UserEventParams::default().sources(["endpoint:PJSIP/alice".to_owned()]);
    event::user_event(ari, "Mine", &app, &about.variables(said)).unwrap();
    let mine = expect(&events, "ChannelUserevent");
    let mine = the!(ChannelUserevent in mine);
    assert_eq!((&*mine.eventname, &mine.userevent["key"]), ("Mine", &"a, b".into()));
    assert_eq!(mine.endpoint.as_ref().map(|it| &*it.resource), Some("alice"));

    let filter = EventFilter::new().disallow("DeviceStateChanged");
    let told = application::set_event_filter(ari, &app, &filter).unwrap();
    assert_eq!(told.events_disallowed.len(), 1);
    device_state::update(ari, &device, DeviceState::Busy).unwrap();
    event::user_event(ari, "Behind", &app, &UserEventParams::default()).unwrap();
    // What happened before the filter may still come, what happened behind it not.
    loop {
        match &events.recv().unwrap().event {
            AriEvent::ChannelUserevent(_) => break,
            AriEvent::DeviceStateChanged(it) => {
                assert_ne!(it.device_state.state, DeviceState::Busy);
            }
            other => panic!("{other:?}"),
        }
    }
    device_state::delete(ari, &device).unwrap();
    let told = application::unsubscribe(ari, &app, &sources).unwrap();
    assert_eq!(told.endpoint_ids, [""; 0]);
    ari.disconnect();
}

/// An answer that comes when nobody waits for it any more is news.
pub(super) fn late(stage: &Stage) {
    use std::time::Duration;

    use asterisk_sync::ari::TransportKind;

    if stage.kind() == TransportKind::Http {
        return;
    }
    let events = stage.ari.subscribe();
    // What does not leave in its time is taken back, and the answer may be there in time all the same:
    // it takes a time between the two.
    let mut times = (1..40).map(|n| Duration::from_micros(10 * n)).cycle();
    eventually(|| match asterisk::ping(&stage.ari.with_timeout(times.next().unwrap())) {
        Err(e) if e.is_timeout() && e.may_have_run() => Ok(()),
        other => Err(format!("it is no timeout of what has left: {other:?}")),
    });
    let answer = expect_where(
        &events,
        "RESTResponse",
        |event| matches!(event, AriEvent::RESTResponse(it) if it.uri == "asterisk/ping"),
    );
    assert_eq!(the!(RESTResponse in answer).status_code, 200);
}
