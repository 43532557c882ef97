//! A client of ARI while the server goes down and comes back.

use std::thread;
use std::time::Duration;

use asterisk_sync::ari::resources::bridge::BridgeParams;
use asterisk_sync::ari::resources::{application, asterisk};
use asterisk_sync::ari::{
    AriClient, AriConfig, AriEvent, AriServer, AriSession, BridgeHandle, ChannelHandle, Filter,
    OriginateParams, PlayParams, PlaybackHandle, TransportKind,
};
use asterisk_sync::{ConnectionState, Error, ReconnectPolicy};

use crate::Server;
use crate::ari_envelope::assert_is_bare;
use crate::support::{PATIENCE, run, setting, unique};

const KINDS: [TransportKind; 2] = [TransportKind::Http, TransportKind::WebSocket];

/// A client that comes back soon.
fn connect(app: &str, kind: TransportKind) -> AriClient {
    let (url, user) = (setting("ASTERISK_ARI_URL"), setting("ASTERISK_ARI_USER"));
    let config = AriConfig::new(url, user, setting("ASTERISK_ARI_PASSWORD"), app)
        .reconnect(ReconnectPolicy::fixed(Duration::from_millis(50)))
        .transport(kind)
        .timeout(PATIENCE)
        .connect_timeout(PATIENCE);
    AriClient::connect(config).expect("the server is up")
}

#[test]
fn an_ari_client_outlives_stops_and_kills_with_what_it_was_subscribed_to() {
    let server = Server::take();
    for kind in KINDS {
        let app = unique("app");
        let ari = connect(&app, kind);
        application::subscribe(&ari, &app, &["deviceState:Stasis:mine"]).unwrap();
        let gaps = ari.subscribe_with(Filter::types(["Never"]));
        for (count, way) in [Server::stop, Server::kill].into_iter().enumerate() {
            way(&server);
            ari.wait_for_state(ConnectionState::Reconnecting, PATIENCE).unwrap();
            server.start();
            ari.wait_for_state(ConnectionState::Connected, PATIENCE).unwrap();
            let message = gaps.recv_timeout(PATIENCE).unwrap().unwrap();
            assert!(matches!(&message.event, AriEvent::Gap(gap) if gap.reconnected()));
            let told = application::get(&ari, &app).unwrap();
            assert_eq!(told.device_names, ["Stasis:mine"], "{count}");
        }
    }
}

/// A call that is played to, and a bridge.
struct Scene {
    ari: AriClient,
    leg: ChannelHandle,
    played: PlaybackHandle,
    room: BridgeHandle,
}

fn call(ari: &AriClient) -> ChannelHandle {
    let to = OriginateParams::to("Local/answer@test/n").app(&*ari.applications()[0]);
    let (leg, _) = ari.pending_channel().originate(&to).expect("a channel");
    leg.wait_for_up(PATIENCE).expect("it is answered");
    leg.wait_for_stasis_start(PATIENCE).expect("it enters the application");
    leg
}

impl Scene {
    fn new(kind: TransportKind) -> Self {
        let ari = connect(&unique("app"), kind);
        let leg = call(&ari);
        let played = leg.play(PlayParams::from(["sound:hello-world"; 100])).expect("a playback");
        let (room, _) = ari.pending_bridge().create(&BridgeParams::default()).expect("a bridge");
        Self { ari, leg, played, room }
    }
}

#[test]
fn calls_at_a_stop_or_a_kill_end_for_an_ari_client_and_others_can_be_made() {
    let server = Server::take();
    for (what, way) in [("stop", Server::stop as fn(&Server)), ("kill", Server::kill)] {
        let scenes = KINDS.map(Scene::new);
        let gaps = scenes.each_ref().map(|it| it.ari.subscribe_with(Filter::types(["Never"])));
        thread::scope(|scope| {
            let waits = scenes.each_ref().map(|it| {
                let hangup = scope.spawn(|| it.leg.wait_for_hangup(2 * PATIENCE));
                (hangup, scope.spawn(|| it.played.wait()))
            });
            way(&server);
            for (hangup, played) in waits {
                // A server that stops may still say how the call ends; one that is killed says nothing.
                match hangup.join().unwrap() {
                    Ok(Some(_)) => assert_eq!(what, "stop"),
                    Err(Error::Disconnected { .. }) => {}
                    other => panic!("{what}: {other:?}"),
                }
                match played.join().unwrap() {
                    Ok(Some(_)) | Err(Error::Hangup) => assert_eq!(what, "stop"),
                    Err(Error::Disconnected { .. }) => {}
                    other => panic!("{what}: {other:?}"),
                }
            }
        });
        for Scene { ari, .. } in &scenes {
            ari.wait_for_state(ConnectionState::Reconnecting, PATIENCE).unwrap();
            let e = asterisk::ping(ari).unwrap_err();
            assert!(e.is_retryable() && !e.may_have_run(), "{what}: {e:?}");
        }
        server.start();
        for (Scene { ari, leg, played, room }, gaps) in scenes.iter().zip(&gaps) {
            ari.wait_for_state(ConnectionState::Connected, PATIENCE).unwrap();
            let message = gaps.recv_timeout(PATIENCE).unwrap().unwrap();
            assert!(matches!(&message.event, AriEvent::Gap(gap) if gap.reconnected()));
            // All that was there is gone, and to end it is a success.
            assert!(leg.get().unwrap_err().is_not_found());
            assert!(room.get().unwrap_err().is_not_found());
            leg.wait_for_hangup(PATIENCE).unwrap();
            let ended = played.wait_timeout(PATIENCE);
            assert!(matches!(ended, Ok(_) | Err(Error::Hangup)), "{what}: {ended:?}");
            leg.hangup(None).unwrap();
            played.stop().unwrap();
            room.destroy().unwrap();
            let next = call(ari);
            next.hangup(None).unwrap();
            next.wait_for_hangup(PATIENCE).unwrap();
        }
    }
}

/// A configuration file that is as it was at the end.
struct Changed {
    path: std::path::PathBuf,
    before: String,
}

impl Changed {
    fn take(name: &str) -> Self {
        let path = std::path::Path::new(&setting("ASTERISK_SPOOL_DIR")).with_file_name("etc");
        let path = path.join(name);
        let before = std::fs::read_to_string(&path).expect("it is there");
        Self { path, before }
    }

    fn set(&self, text: &str) {
        std::fs::write(&self.path, text).expect("it can be written");
        run(&setting("ASTERISK_CONSOLE"), &["module reload res_ari.so"]);
    }
}

impl Drop for Changed {
    fn drop(&mut self) {
        self.set(&self.before);
    }
}

#[test]
fn applications_that_come_and_go_with_the_configuration_are_told_field_by_field() {
    let _server = Server::take();
    let config = Changed::take("ari.conf");
    let (lend, lent) = crossbeam_channel::unbounded();
    let (over, until) = crossbeam_channel::unbounded::<()>();
    let server = AriServer::builder()
        .bind(format!("127.0.0.1:{}", setting("ASTERISK_OUTBOUND_PORT")))
        .credentials("asterisk", "outbound-secret")
        .path("/outbound")
        .handler(move |session: AriSession| {
            let _ = lend.send(session);
            let _ = until.recv();
            Ok(())
        });
    let server = server.build().unwrap().spawn().unwrap();
    // Where something fails, the handler has to end before the server, which waits for it.
    let over = over;
    let session = lent.recv_timeout(PATIENCE).expect("Asterisk connects");
    let ari = session.client();
    let both = "apps = outbound-app,outbound-second";
    let await_type = |kind: &str, application: &str| loop {
        let message = session.events().recv_timeout(PATIENCE).expect("it in time").expect("no end");
        if message.event.event_name() == kind && message.application == application {
            return message;
        }
    };
    await_type("ApplicationRegistered", "outbound-second");
    config.set(&config.before.replace(both, "apps = outbound-app"));
    assert_is_bare(&await_type("ApplicationUnregistered", "outbound-second"));
    assert_is_bare(&await_type("ApplicationReplaced", "outbound-app"));
    assert_eq!(ari.applications(), ["outbound-app"]);
    assert_eq!(ari.replaced_applications(), ["outbound-app"]);
    // Which it is not. The server may say of the channel that it is in Stasis before the event comes.
    let leg = call(ari);
    await_type("StasisStart", "outbound-app");
    assert_eq!(ari.replaced_applications(), Vec::<String>::new());
    leg.hangup(None).unwrap();
    // The server may have forgotten it before it tells of its end.
    leg.wait_for_hangup(PATIENCE).unwrap();
    config.set(&config.before);
    assert_is_bare(&await_type("ApplicationRegistered", "outbound-second"));
    assert_eq!(ari.applications(), ["outbound-app", "outbound-second"]);
    drop((over, session));
    server.shutdown().unwrap();
}
