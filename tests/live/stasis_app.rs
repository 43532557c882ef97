//! Calls that come through `Stasis()`, on the real server.

#![allow(clippy::unwrap_used, clippy::pedantic, reason = "a panic is how a test fails")]

use std::time::Duration;

use asterisk_sync::ami::TypedSubscription;
use asterisk_sync::ami::event::UserEvent;
use asterisk_sync::ari::event::{ChannelDtmfReceived, StasisStart};
use asterisk_sync::ari::resources::bridge::BridgeParams;
use asterisk_sync::ari::resources::channel::{CreateParams, DtmfParams, OriginateParams};
use asterisk_sync::ari::stasis::{StasisAppBuilder, StasisAppGuard};
use asterisk_sync::ari::{
    AriClient, AriEvent, ChannelHandle, Departure, StasisApp, StasisCall, TransportKind,
};
use asterisk_sync::types::{ChannelState, HangupCause};
use asterisk_sync::{ConnectionState, Error, ReconnectPolicy, Result};
use crossbeam_channel::{Receiver, unbounded};

use crate::ari_core::{await_message, config};
use crate::relay::Relay;
use crate::support::{PATIENCE, await_event, client, setting, unique};

/// A client with an application that is served, and one for the far ends of its calls.
struct Place {
    ari: AriClient,
    app: String,
    far: String,
}

/// A call whose near end comes through the dialplan, and whose far end is ours.
struct Caller {
    near: String,
    far: ChannelHandle,
}

impl Drop for Caller {
    fn drop(&mut self) {
        let _ = self.far.hangup(None);
    }
}

/// With requests over HTTP and over the event socket.
fn everywhere(test: impl Fn(&Place)) {
    for kind in [TransportKind::Http, TransportKind::WebSocket] {
        eprintln!("requests over {kind:?}");
        let (app, far) = (unique("app"), unique("far"));
        let ari = AriClient::connect(config(&app).application(&*far).transport(kind));
        test(&Place { ari: ari.expect("a connection"), app, far });
    }
}

impl Place {
    fn serve(
        &self,
        settings: impl FnOnce(StasisAppBuilder) -> StasisAppBuilder,
        handler: impl Fn(&StasisCall) -> Result<()> + Send + Sync + 'static,
    ) -> StasisAppGuard {
        let app = settings(StasisApp::builder(&self.ari).application(&*self.app));
        app.handler(handler).build().unwrap().spawn().unwrap()
    }

    fn call(&self) -> Caller {
        call(&self.ari, &self.far, &self.app)
    }
}

/// Calls an extension that answers and goes to an application.
fn call(ari: &AriClient, far_app: &str, app: &str) -> Caller {
    let (near, far) = (unique("near"), unique("far"));
    let params = OriginateParams::to("Local/stasis@test")
        .other_channel_id(&*near)
        .variables([("__APP", app)])
        .app(far_app);
    let (far, _) = ari.pending_channel_with_id(far).originate(&params).unwrap();
    Caller { near, far }
}

/// Waits until the dialplan says that a call is back from Stasis.
fn await_dialplan(events: &TypedSubscription<UserEvent>, caller: &Caller) -> String {
    let event = await_event(events, |event| {
        event.user_event() == "StasisEnded" && event.channel().unique_id() == caller.near
    });
    let status = event.headers().find(|(name, _)| *name == "StasisStatus");
    status.map(|(_, value)| value.to_owned()).expect("a status")
}

fn next<T>(from: &Receiver<T>) -> T {
    from.recv_timeout(PATIENCE).expect("it in time")
}

#[test]
fn a_call_is_answered_played_to_and_heard_and_goes_on_in_the_dialplan() {
    let ami = client();
    everywhere(|place| {
        let back = ami.subscribe_to::<UserEvent>();
        let (heard, hears) = unbounded();
        let app = place.serve(
            |app| app,
            move |call| {
                assert_eq!(call.args(), ["one", "two"]);
                assert!(!call.is_found());
                call.channel().answer()?;
                assert_eq!(call.channel().get()?.state, ChannelState::Up);
                call.channel().play("sound:hello-world")?.wait()?;
                heard.send(String::new()).unwrap();
                let mut digits = String::new();
                while !digits.ends_with('#') {
                    digits += &call.wait_for(PATIENCE, |_: &ChannelDtmfReceived| true)?.digit;
                }
                heard.send(digits).unwrap();
                Ok(())
            },
        );
        let caller = place.call();
        next(&hears);
        caller.far.wait_for_stasis_start(PATIENCE).unwrap();
        caller.far.send_dtmf("42#", &DtmfParams::default()).unwrap();
        assert_eq!(next(&hears), "42#");
        assert_eq!(await_dialplan(&back, &caller), "SUCCESS");
        let report = app.shutdown().unwrap();
        assert_eq!((report.served, report.failed), (1, 0));
    });
}

#[test]
fn a_far_end_that_hangs_up_ends_what_is_played_and_every_wait() {
    everywhere(|place| {
        let (begun, begins) = unbounded();
        let app = place.serve(
            |app| app,
            move |call| {
                let prompt = call.channel().play("tone:ring")?;
                begun.send(()).unwrap();
                // It ends unfinished, just before the channel leaves.
                assert!(prompt.wait().is_ok_and(|played| played.is_some()));
                assert!(matches!(call.pause(PATIENCE), Err(Error::Hangup)));
                let last = call.events().iter().last().expect("an event");
                assert!(matches!(last.event, AriEvent::StasisEnd(_)), "{last:?}");
                call.channel().answer()
            },
        );
        let caller = place.call();
        next(&begins);
        caller.far.hangup(None).unwrap();
        let report = loop {
            let stats = app.stats();
            if stats.served + stats.failed > 0 {
                break app.shutdown().unwrap();
            }
            std::thread::yield_now();
        };
        assert_eq!((report.served, report.failed), (1, 0));
    });
}

#[test]
fn a_call_for_which_there_is_no_room_goes_on_in_the_dialplan_or_is_hung_up() {
    let ami = client();
    everywhere(|place| {
        let back = ami.subscribe_to::<UserEvent>();
        let (begun, begins) = unbounded();
        let full = Departure::HangUp(HangupCause::SwitchCongestion);
        for overflow in [Departure::Continue, full] {
            let begun = begun.clone();
            let app = place.serve(
                |app| app.workers(1).queue(0).overflow(overflow.clone()),
                move |call| {
                    begun.send(call.channel().id().to_owned()).unwrap();
                    call.wait_for_end(PATIENCE)
                },
            );
            let first = place.call();
            assert_eq!(next(&begins), first.near);
            let second = place.call();
            if overflow == Departure::Continue {
                assert_eq!(await_dialplan(&back, &second), "SUCCESS");
            } else {
                second.far.wait_for_hangup(PATIENCE).unwrap();
            }
            let stats = app.stats();
            assert_eq!((stats.active, stats.refused), (1, 1));
            first.far.hangup(None).unwrap();
            assert_eq!(app.shutdown().unwrap().served, 1);
        }
    });
}

#[test]
fn a_handler_dials_somebody_and_connects_the_two() {
    everywhere(|place| {
        let (begun, begins) = unbounded();
        let app = place.serve(
            |app| app,
            move |call| {
                let ari = call.client();
                call.channel().ring()?;
                let to_bob = OriginateParams::to("Local/answer@test").app(call.application());
                let (bob, _) = ari.pending_channel().originate(&to_bob)?;
                let bob = bob.guard();
                bob.wait_for_stasis_start(PATIENCE)?;
                let (bridge, events) = ari.pending_bridge().create(&BridgeParams::default())?;
                let bridge = bridge.guard();
                bridge.add_channel(call.channel().id())?;
                bridge.add_channel(bob.id())?;
                for _ in 0..2 {
                    let entered =
                        |event: &AriEvent| matches!(event, AriEvent::ChannelEnteredBridge(_));
                    await_message(&events, |message| entered(&message.event));
                }
                begun.send((bob.id().to_owned(), bridge.id().to_owned())).unwrap();
                call.wait_for_end(PATIENCE)
            },
        );
        let caller = place.call();
        let (bob, bridge) = next(&begins);
        caller.far.hangup(None).unwrap();
        place.ari.channel(&*bob).wait_for_hangup(PATIENCE).unwrap();
        let report = app.shutdown().unwrap();
        assert_eq!((report.served, report.failed, report.passed_over), (1, 0, 1));
        assert!(place.ari.bridge(bridge).get().unwrap_err().is_not_found());
    });
}

#[test]
fn a_channel_that_is_moved_and_moved_back_is_a_call_of_its_own_each_time() {
    everywhere(|place| {
        let (begun, begins) = unbounded();
        let other = place.far.clone();
        let app = place.serve(
            |app| app,
            move |call| {
                begun.send(call.args().to_vec()).unwrap();
                if call.args() == ["back"] {
                    let last = call.events().iter().last().expect("an event");
                    assert!(matches!(last.event, AriEvent::StasisEnd(_)), "{last:?}");
                    return Err(Error::Hangup);
                }
                call.channel().move_to(&other, "over")?;
                call.wait_for_end(PATIENCE)
            },
        );
        let moved = place.ari.subscribe();
        let caller = place.call();
        assert_eq!(next(&begins), ["one", "two"]);
        await_message(&moved, |message| {
            message.application == place.far
                && message
                    .as_event::<StasisStart>()
                    .is_some_and(|start| start.channel.id == caller.near)
        });
        // Where it is now only its events tell; an app that looks finds it there.
        let (found, finds) = unbounded();
        let second = StasisApp::builder(&place.ari)
            .application(&*place.far)
            .accept({
                let near = caller.near.clone();
                move |start| start.channel.id == near
            })
            .handler(move |call: &StasisCall| {
                found.send(call.is_found()).unwrap();
                call.channel().move_to(&call.client().applications()[0], "back")?;
                call.wait_for_end(PATIENCE)
            })
            .build()
            .unwrap()
            .spawn()
            .unwrap();
        assert!(next(&finds));
        assert_eq!(next(&begins), ["back"]);
        caller.far.hangup(None).unwrap();
        let report = app.shutdown().unwrap();
        assert_eq!((report.served, report.failed), (2, 0));
        assert_eq!(second.shutdown().unwrap().served, 1);
    });
}

#[test]
fn who_was_there_before_is_found_and_what_was_created_is_not() {
    everywhere(|place| {
        let starts = place.ari.subscribe();
        let caller = place.call();
        let leg = CreateParams::to("Local/answer@test", &*place.app);
        let (leg, _) = place.ari.pending_channel().create(&leg).unwrap();
        let mut awaited = vec![caller.near.clone(), leg.id().to_owned()];
        while !awaited.is_empty() {
            let start =
                await_message(&starts, |message| message.as_event::<StasisStart>().is_some());
            let start = start.as_event::<StasisStart>().unwrap();
            awaited.retain(|id| *id != start.channel.id);
        }
        let (begun, begins) = unbounded();
        let app = place.serve(
            |app| app,
            move |call| {
                let id = call.channel().id().to_owned();
                begun.send((id, call.args().to_vec(), call.is_found())).unwrap();
                call.wait_for(PATIENCE, |event: &ChannelDtmfReceived| event.digit == "5").map(drop)
            },
        );
        let args = ["one", "two"].map(str::to_owned).to_vec();
        assert_eq!(next(&begins), (caller.near.clone(), args, true));
        caller.far.wait_for_stasis_start(PATIENCE).unwrap();
        caller.far.send_dtmf("5", &DtmfParams::default()).unwrap();
        while app.stats().served == 0 {
            std::thread::yield_now();
        }
        leg.hangup(None).unwrap();
        assert_eq!(app.shutdown().unwrap().served, 1);
    });
}

#[test]
fn calls_outlive_the_connection_with_a_gap_and_those_that_ended_meanwhile_are_over() {
    let direct = AriClient::connect(config(&unique("far"))).unwrap();
    let far = direct.applications()[0].clone();
    for kind in [TransportKind::Http, TransportKind::WebSocket] {
        let url = setting("ASTERISK_ARI_URL");
        let rest = url.strip_prefix("http://").unwrap();
        let (server, path) = rest.split_once('/').unwrap();
        let relay = Relay::to(server.to_owned());
        let through = format!("http://127.0.0.1:{}/{path}", relay.port);
        let app = unique("app");
        let user = (setting("ASTERISK_ARI_USER"), setting("ASTERISK_ARI_PASSWORD"));
        let settings = asterisk_sync::ari::AriConfig::new(through, user.0, user.1, &*app)
            .transport(kind)
            .timeout(PATIENCE)
            .reconnect(ReconnectPolicy::fixed(Duration::from_millis(20)));
        let ari = AriClient::connect(settings).unwrap();
        let (begun, begins) = unbounded();
        let (ended, ends) = unbounded();
        let serving = StasisApp::builder(&ari)
            .handler(move |call: &StasisCall| {
                begun.send(call.channel().id().to_owned()).unwrap();
                let missed = call.wait_for(PATIENCE, |_: &ChannelDtmfReceived| false).unwrap_err();
                assert!(matches!(missed, Error::Missed), "{missed}");
                ended.send(()).unwrap();
                let digit = call.wait_for(PATIENCE, |_: &ChannelDtmfReceived| true);
                begun.send(digit.map_or_else(|e| e.to_string(), |event| event.digit)).unwrap();
                call.wait_for_end(PATIENCE)
            })
            .build()
            .unwrap()
            .spawn()
            .unwrap();
        let (stays, goes) = (call(&direct, &far, &app), call(&direct, &far, &app));
        next(&begins);
        next(&begins);
        relay.cut();
        ari.wait_for_state(ConnectionState::Reconnecting, PATIENCE).unwrap();
        goes.far.hangup(None).unwrap();
        goes.far.wait_for_hangup(PATIENCE).unwrap();
        relay.mend();
        next(&ends);
        next(&ends);
        assert_eq!(next(&begins), Error::Hangup.to_string());
        stays.far.send_dtmf("7", &DtmfParams::default()).unwrap();
        assert_eq!(next(&begins), "7");
        stays.far.hangup(None).unwrap();
        let report = serving.shutdown().unwrap();
        assert_eq!((report.served, report.failed), (2, 0), "{kind:?}");
    }
}

#[test]
fn a_shutdown_sends_the_calls_on() {
    let ami = client();
    everywhere(|place| {
        let back = ami.subscribe_to::<UserEvent>();
        let (begun, begins) = unbounded();
        let app = place.serve(
            |app| app.grace(Duration::ZERO),
            move |call| {
                let prompt = call.channel().play("tone:ring")?;
                begun.send(()).unwrap();
                // What knows nothing of the shutdown ends since the channel leaves.
                prompt.wait().map(drop)
            },
        );
        let caller = place.call();
        next(&begins);
        let report = app.shutdown().unwrap();
        assert_eq!((report.served, report.closed), (1, 1));
        assert_eq!(await_dialplan(&back, &caller), "SUCCESS");
    });
}
