//! ARI's connection and its requests, on all ways there are.

use std::time::Instant;

use asterisk_sync::ari::resources::application::{self, EventFilter};
use asterisk_sync::ari::resources::channel::{self, OriginateParams};
use asterisk_sync::ari::resources::event::{self, UserEventParams};
use asterisk_sync::ari::resources::{asterisk, device_state};
use asterisk_sync::ari::rest::Request;
use asterisk_sync::ari::{AriClient, AriConfig, AriEvent, AriMessage, Filter, TransportKind};
use asterisk_sync::types::{ChannelState, DeviceState, InfoSection};
use asterisk_sync::{ConnectionState, Error, EventSubscription, ProtocolError, Tls};

use crate::support::{PATIENCE, authority, setting, unique};

pub(crate) fn config(app: &str) -> AriConfig {
    let (url, user) = (setting("ASTERISK_ARI_URL"), setting("ASTERISK_ARI_USER"));
    AriConfig::new(url, user, setting("ASTERISK_ARI_PASSWORD"), app)
        .timeout(PATIENCE)
        .connect_timeout(PATIENCE)
}

fn tls_config(app: &str) -> AriConfig {
    let (url, user) = (setting("ASTERISK_ARI_TLS_URL"), setting("ASTERISK_ARI_USER"));
    AriConfig::new(url, user, setting("ASTERISK_ARI_PASSWORD"), app)
        .tls(Tls::new().root_pem(authority()))
        .timeout(PATIENCE)
        .connect_timeout(PATIENCE)
}

/// Every way a client can take, with an application of its own.
fn everywhere(test: impl Fn(&AriClient, &str)) {
    for (what, config) in [("plain", config as fn(&str) -> AriConfig), ("TLS", tls_config)] {
        for kind in [TransportKind::Http, TransportKind::WebSocket] {
            eprintln!("over {what}, requests over {kind:?}");
            let app = unique("app");
            let ari = AriClient::connect(config(&app).transport(kind)).expect("a connection");
            test(&ari, &app);
        }
    }
}

/// Waits for a message.
#[track_caller]
pub(crate) fn await_message(
    events: &EventSubscription<AriMessage>,
    mut wanted: impl FnMut(&AriMessage) -> bool,
) -> AriMessage {
    let deadline = Instant::now() + PATIENCE;
    loop {
        let left = deadline.saturating_duration_since(Instant::now());
        let message = events.recv_timeout(left).expect("the event in time").expect("no end");
        if wanted(&message) {
            return message;
        }
    }
}

fn originate(ari: &AriClient, app: &str) -> asterisk_sync::ari::model::Channel {
    let params = OriginateParams::to("Local/answer@test").app(app).app_args("a, b,c+d %2B");
    channel::originate(ari, &params.channel_id(unique("leg/+ %"))).expect("a channel")
}

#[test]
fn the_server_tells_what_it_is() {
    everywhere(|ari, _| {
        assert_eq!(asterisk::ping(ari).unwrap().ping, "pong");
        let info = asterisk::info(ari, [InfoSection::System, InfoSection::Status]).unwrap();
        assert!(info.system.unwrap().version.starts_with('2'));
        assert!(info.status.unwrap().startup_time.time().is_some());
        assert!(info.build.is_none() && info.config.is_none());
        assert!(asterisk::info(ari, []).unwrap().build.is_some());
    });
}

/// Over TLS, the server sees of several frames in one record only the first before it sleeps.
#[test]
fn requests_that_are_made_together_are_all_answered_at_once() {
    everywhere(|ari, _| {
        let hasty = ari.with_timeout(PATIENCE / 3);
        std::thread::scope(|scope| {
            for _ in 0..8 {
                scope.spawn(|| {
                    for _ in 0..40 {
                        asterisk::ping(&hasty).expect("an answer in time");
                    }
                });
            }
        });
    });
}

#[test]
fn a_call_is_made_heard_of_and_hung_up() {
    everywhere(|ari, app| {
        let events = ari.subscribe();
        let leg = originate(ari, app);
        let start = await_message(&events, |m| matches!(m.event, AriEvent::StasisStart(_)));
        let AriEvent::StasisStart(start_event) = &start.event else { unreachable!() };
        assert_eq!((&*start.application, &start_event.channel.id), (app, &leg.id));
        assert_eq!(start_event.args, ["a", " b", "c+d %2B"]);
        assert!(start.timestamp.time().is_some() && !start.asterisk_id.is_empty());
        assert!(channel::list(ari).unwrap().iter().any(|channel| channel.id == leg.id));

        let handle = ari.channel(&*leg.id);
        handle.answer().unwrap();
        assert_eq!(handle.get().unwrap().state, ChannelState::Up);
        let ends = ari.subscribe_with(Filter::types(["ChannelDestroyed"]).channel(&*leg.id));
        handle.hangup(None).unwrap();
        let end = await_message(&ends, |_| true);
        assert!(matches!(&end.event, AriEvent::ChannelDestroyed(e) if e.channel.id == leg.id));
        handle.hangup(None).unwrap();
        let gone = handle.get().unwrap_err();
        assert!(gone.is_not_found() && gone.is_refused(), "{gone}");
        assert!(gone.to_string().contains("Channel not found"), "{gone}");
    });
}

#[test]
fn long_and_odd_values_arrive_as_they_are() {
    everywhere(|ari, app| {
        let events = ari.subscribe();
        let leg = originate(ari, app);
        await_message(&events, |m| matches!(m.event, AriEvent::StasisStart(_)));
        for value in ["a+b c/%2B?&=#\"\\é😀", "", ",", &"x".repeat(7000)] {
            let path = ["channels", &*leg.id, "variable"];
            let set = Request::post(path).param("variable", "ODD").param("value", value);
            ari.send(set).unwrap();
            let got = ari.request(Request::get(path).param("variable", "ODD")).unwrap();
            let got: serde_json::Value = got.json().unwrap();
            assert_eq!(got["value"], value);
        }
        ari.channel(leg.id).hangup(None).unwrap();
    });
}

#[test]
fn a_list_with_commas_in_a_request_without_a_body_is_sent_as_json() {
    everywhere(|ari, app| {
        let odd = ["deviceState:Stasis:a,b".to_owned(), "deviceState:Stasis:c".to_owned()];
        let told = application::subscribe(ari, app, &odd).unwrap();
        assert_eq!(told.device_names, ["Stasis:a,b", "Stasis:c"]);
        let told = application::unsubscribe(ari, app, &odd).unwrap();
        assert_eq!(told.device_names, [""; 0]);
    });
}

#[test]
fn a_filter_keeps_events_back_and_answers_come_all_the_same() {
    everywhere(|ari, app| {
        let filter = EventFilter::new().allow("StasisStart");
        application::set_event_filter(ari, app, &filter).unwrap();
        let events = ari.subscribe();
        let leg = originate(ari, app);
        let first = await_message(&events, |_| true);
        assert_eq!(first.event.event_name(), "StasisStart");
        ari.channel(leg.id).hangup(None).unwrap();
        application::set_event_filter(ari, app, &EventFilter::new()).unwrap();
        originate(ari, app);
        let next = await_message(&events, |_| true);
        assert_ne!(next.event.event_name(), "StasisStart");
    });
}

#[test]
fn a_refusal_is_told_at_once_and_for_what_it_is() {
    let begun = Instant::now();
    let app = unique("app");
    let url = setting("ASTERISK_ARI_URL");
    let with = |url: &str, password: &str| {
        AriClient::connect(AriConfig::new(url, "ari", password, &app).timeout(PATIENCE))
            .expect_err("a refusal")
    };
    assert!(matches!(with(&url, "wrong"), Error::Auth(_)));
    for kind in [TransportKind::Http, TransportKind::WebSocket] {
        let tls = AriConfig::new(setting("ASTERISK_ARI_TLS_URL"), "ari", "wrong", &app)
            .tls(Tls::new().root_pem(authority()));
        let e = AriClient::connect(tls.transport(kind).connect_timeout(PATIENCE)).unwrap_err();
        assert!(matches!(e, Error::Auth(_)), "{e}");
    }
    let prefixed = format!("{}/nowhere", url.trim_end_matches("/ari"));
    assert!(with(&prefixed, "ari-secret").is_not_found());
    // The port of AMI does not speak HTTP.
    let ami = format!("http://{}:{}", setting("ASTERISK_HOST"), setting("ASTERISK_AMI_PORT"));
    assert!(matches!(with(&ami, "x"), Error::Protocol(ProtocolError::Banner(_))));
    let tls = url.replace("http://", "https://");
    assert!(matches!(with(&tls, "x"), Error::Connection(_)));
    assert!(matches!(with("http://127.0.0.1:1", "x"), Error::Connection(_)));
    assert!(begun.elapsed() < PATIENCE);
}

#[test]
fn a_user_who_may_only_read_is_told_so() {
    for kind in [TransportKind::Http, TransportKind::WebSocket] {
        let (url, app) = (setting("ASTERISK_ARI_URL"), unique("app"));
        let reader = AriConfig::new(url, "ari-reader", "ari-reader-secret", &app);
        let ari = AriClient::connect(reader.transport(kind)).unwrap();
        assert!(asterisk::ping(&ari).is_ok());
        let device = format!("Stasis:{}", unique("desk"));
        for refused in [
            channel::originate(&ari, &OriginateParams::to("Local/answer@test")).map(drop),
            device_state::update(&ari, &device, DeviceState::Busy),
            ari.channel("nobody").hangup(None),
            ari.send(Request::delete(["deviceStates", &device])),
        ] {
            let e = refused.unwrap_err();
            assert!(e.is_forbidden() && !e.may_have_run(), "{kind:?}: {e}");
        }
        assert!(device_state::list(&ari).unwrap().iter().all(|known| known.name != device));
    }
}

#[test]
fn whoever_connects_last_has_the_application_and_the_other_gives_up() {
    for kind in [TransportKind::Http, TransportKind::WebSocket] {
        let app = unique("app");
        let connect = || AriClient::connect(config(&app).transport(kind)).unwrap();
        let first = connect();
        let events = first.subscribe();
        let second = connect();
        let message = await_message(&events, |_| true);
        assert!(matches!(message.event, AriEvent::ApplicationReplaced(_)), "{message:?}");
        assert_eq!(events.recv_timeout(PATIENCE).unwrap(), None);
        assert_eq!(first.connection_state(), ConnectionState::Disconnected);
        assert_eq!(first.replaced_applications(), [&*app]);
        let e = asterisk::ping(&first).unwrap_err();
        assert!(matches!(&e, Error::Replaced { application } if **application == *app), "{e}");
        let e = first.wait_for_state(ConnectionState::Connected, PATIENCE).unwrap_err();
        assert!(matches!(e, Error::Replaced { .. }), "{e}");

        // Neither fights for it, and the calls are the second's.
        let calls = second.subscribe_with(Filter::types(["StasisStart"]));
        let leg = originate(&second, &app);
        await_message(&calls, |_| true);
        second.channel(leg.id).hangup(None).unwrap();
        assert_eq!((first.stats().attempts, second.stats().attempts), (1, 1));
        assert_eq!(second.connection_state(), ConnectionState::Connected);
        assert_eq!(second.replaced_applications(), [""; 0]);
    }
}

#[test]
fn one_connection_may_have_several_applications() {
    let (one, two) = (unique("app"), unique("app"));
    let ari = AriClient::connect(config(&one).application(&*two)).unwrap();
    let events = ari.subscribe_with(Filter::types(["StasisStart"]).application(&*two));
    let leg = originate(&ari, &two);
    let start = await_message(&events, |_| true);
    assert_eq!(start.application, two);
    ari.channel(leg.id).hangup(None).unwrap();
}

#[test]
fn an_event_filter_of_the_settings_holds_from_the_beginning() {
    for (config, kind) in [
        (config as fn(&str) -> AriConfig, TransportKind::Http),
        (tls_config, TransportKind::WebSocket),
    ] {
        let app = unique("app");
        let filter = EventFilter::new().disallow("DeviceStateChanged");
        let config = config(&app).transport(kind).event_filter(filter);
        let (ari, events) = AriClient::connect_subscribed(config, Filter::all()).unwrap();
        let told = application::get(&ari, &app).unwrap();
        assert_eq!(told.events_disallowed[0].name, "DeviceStateChanged");
        let device = format!("Stasis:{}", unique("filtered"));
        application::subscribe(&ari, &app, &[format!("deviceState:{device}")]).unwrap();
        device_state::update(&ari, &device, DeviceState::InUse).unwrap();
        event::user_event(&ari, "Behind", &app, &UserEventParams::default()).unwrap();
        let seen = await_message(&events, |message| {
            matches!(message.event.event_name(), "DeviceStateChanged" | "ChannelUserevent")
        });
        assert_eq!(seen.event.event_name(), "ChannelUserevent");
        device_state::delete(&ari, &device).unwrap();
    }
}

/// The server splits a list in the query into 127 at most.
#[test]
fn many_sources_are_unsubscribed_from_at_once() {
    everywhere(|ari, app| {
        let sources: Vec<_> = (0..130).map(|i| format!("deviceState:Stasis:{i}")).collect();
        let told = application::subscribe(ari, app, &sources).unwrap();
        assert_eq!(told.device_names.len(), sources.len());
        let request = Request::delete(["applications", app, "subscription"]);
        ari.send(request.param("eventSource", sources)).unwrap();
        assert_eq!(application::get(ari, app).unwrap().device_names.len(), 0);
    });
}
