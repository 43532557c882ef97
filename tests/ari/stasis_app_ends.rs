//! How calls in Stasis and the app that serves them end, and what becomes of them when it is not heard.

use std::sync::Mutex;
use std::thread;
use std::time::Duration;

use crate::common::ari::{APP, everywhere};
use crate::common::stasis::*;
use crate::common::{LONG, logged};
use asterisk_sync::ari::event::{ChannelDtmfReceived, PlaybackStarted};
use asterisk_sync::ari::stasis::{StasisAppBuilder, StasisAppGuard};
use asterisk_sync::ari::{AriEvent, Departure, StasisApp, StasisCall};
use asterisk_sync::testing::AriReply;
use asterisk_sync::{ConnectionState, Error};
use crossbeam_channel::unbounded;
use serde_json::json;

#[test]
fn those_who_were_here_before_are_served_unless_that_is_not_wanted() {
    everywhere(|fake, ari| {
        let elsewhere = "another,demo";
        here(fake, &[("1", "demo,a,b"), ("2", elsewhere), ("3", "demo")]);
        fake.on("GET", "applications", |_| {
            // The second has been moved here, and the third somewhere else.
            let apps = json!([
                { "name": APP, "channel_ids": ["1", "2"] },
                { "name": "another", "channel_ids": ["3"] },
            ]);
            AriReply::ok(apps)
        });
        let (begun, begins) = unbounded();
        let serving = |settings: StasisAppBuilder| {
            let begun = begun.clone();
            serve(settings, move |call| {
                let id = call.channel().id().to_owned();
                begun.send((id, call.args().to_vec(), call.is_found())).unwrap();
                Err(call.wait_for_end(LONG).map_or_else(|e| e, |()| Error::Hangup))
            })
        };
        let app = serving(StasisApp::builder(ari));
        let mut all = [next(&begins), next(&begins)];
        all.sort();
        let args = |all: &[&str]| all.iter().map(|&arg| arg.to_owned()).collect::<Vec<_>>();
        assert_eq!(all[0], ("1".to_owned(), args(&["a", "b"]), true));
        assert_eq!(all[1], ("2".to_owned(), args(&["demo"]), true));
        // The event of its coming may be late; it is the same call.
        enter(fake, "1");
        leave(fake, "1");
        leave(fake, "2");
        wait_for(&app, |stats| stats.served == 2 && stats.active == 0);
        assert!(begins.is_empty());
        app.shutdown().unwrap();

        let before = fake.requests().len();
        let app = serving(StasisApp::builder(ari).adopt(false));
        let looked = fake.requests().iter().take(before).filter(|r| r.path == "channels").count();
        fake.wait_for_requests("GET", "channels", looked + 1, LONG).unwrap();
        enter(fake, "4");
        assert_eq!(next(&begins), ("4".to_owned(), Vec::new(), false));
        leave(fake, "4");
        wait_for(&app, |stats| stats.served == 1);
    });
}

#[test]
fn after_a_reconnect_calls_have_a_gap_the_gone_are_over_and_the_unheard_are_served() {
    everywhere(|fake, ari| {
        here(fake, &[]);
        let (app, calls) = told(StasisApp::builder(ari));
        fake.wait_for_requests("GET", "channels", 1, LONG).unwrap();
        for id in ["stays", "goes"] {
            enter(fake, id);
        }
        let mut all = [next(&calls), next(&calls)];
        all.sort_by(|a, b| b.0.cmp(&a.0));
        fake.push("ChannelDtmfReceived", APP, digit("stays", "1"));
        assert!(matches!(next(&all[0].1).event, AriEvent::ChannelDtmfReceived(_)));
        here(fake, &[("stays", "demo"), ("comes", "demo,x")]);
        fake.hang_up(APP);
        let (id, new) = next(&calls);
        assert_eq!(id, "comes");
        assert_eq!(digits(&all[1].1).0, "-");
        assert!(matches!(next(&all[0].1).event, AriEvent::Gap(gap) if gap.reconnected()));
        ari.wait_for_state(ConnectionState::Connected, LONG).unwrap();
        fake.push("ChannelDtmfReceived", APP, digit("stays", "2"));
        fake.push("ChannelDtmfReceived", APP, digit("comes", "3"));
        leave(fake, "stays");
        leave(fake, "comes");
        assert_eq!(digits(&all[0].1).0, "2");
        assert_eq!(digits(&new).0, "3");
        let stats = wait_for(&app, |stats| stats.active == 0);
        assert_eq!((stats.served, stats.failed), (3, 0));
    });
}

#[test]
fn a_gap_ends_a_wait_for_an_event_that_may_have_been_in_it() {
    everywhere(|fake, ari| {
        here(fake, &[]);
        let (ended, ends) = unbounded();
        let app = serve(StasisApp::builder(ari), move |call| {
            let e = call.wait_for(LONG, |_: &ChannelDtmfReceived| true).unwrap_err();
            ended.send(e).unwrap();
            Ok(())
        });
        enter(fake, "1");
        wait_for(&app, |stats| stats.active == 1);
        here(fake, &[("1", "demo")]);
        fake.hang_up(APP);
        assert!(matches!(next(&ends), Error::Missed));
    });
}

#[test]
fn a_channel_that_could_not_be_sent_away_is_later() {
    everywhere(|fake, ari| {
        here(fake, &[("1", "demo"), ("2", "demo")]);
        for id in ["1", "2"] {
            let path = format!("channels/{id}/continue");
            fake.expect("POST", &path, AriReply::error(503, "not now"));
        }
        let (app, begins, open) = gated(StasisApp::builder(ari).workers(1).queue(0).adopt(false));
        enter(fake, "1");
        next(&begins);
        enter(fake, "2");
        wait_for(&app, |stats| stats.refused == 1);
        drop(open);
        wait_for(&app, |stats| stats.served == 1);
        let mut sent = continued(fake, 4);
        sent.sort();
        assert_eq!(&sent[..4], ["1", "1", "2", "2"]);
        // What is refused for good is not tried for ever.
        wait_for(&app, |stats| stats.active == 0);
        fake.expect("POST", "channels/3/continue", AriReply::error(403, "Forbidden"));
        enter(fake, "3");
        wait_for(&app, |stats| stats.served == 2 && stats.active == 0);
        let tries = continued(fake, 5);
        assert_eq!(tries.iter().filter(|id| **id == "3").count(), 1);
    });
}

#[test]
fn a_shutdown_lets_calls_end_and_takes_no_more() {
    logged::listen(log::LevelFilter::Warn);
    everywhere(|fake, ari| {
        let (app, begins, open) = gated(StasisApp::builder(ari).workers(1).grace(LONG));
        enter(fake, "1");
        enter(fake, "2");
        next(&begins);
        wait_for(&app, |stats| stats.queued == 1);
        let stop = app.shutdown_handle();
        stop.shutdown();
        assert!(stop.is_shutdown());
        // Until the thread that ends it is there.
        let mut late = 0;
        while app.stats().refused == 0 {
            late += 1;
            enter(fake, &format!("late{late}"));
            settle(fake, ari, &app);
            if app.stats().queued > 1 {
                leave(fake, &format!("late{late}"));
            }
        }
        let sent = continued(fake, 1);
        assert_eq!(sent, [format!("late{late}")]);
        // Nor is it said that there is no room: it is because of the shutdown.
        let warnings = logged::lines();
        assert!(!warnings.iter().any(|line| line.contains("PJSIP/late")), "{warnings:?}");
        drop(open);
        let report = app.join().unwrap();
        assert_eq!((report.served, report.refused, report.closed), (2, 1, 0));
        assert!(stop.is_shutdown());
    });
}

#[test]
fn when_the_grace_is_over_calls_are_told_and_sent_away() {
    everywhere(|fake, ari| {
        let (ended, ends) = unbounded();
        let settings = StasisApp::builder(ari).workers(1).queue(1).grace(Duration::ZERO);
        let app = serve(settings.on_return(Departure::Stay), move |call| {
            let e = call.pause(LONG).unwrap_err();
            assert!(call.events().recv().is_none());
            ended.send(e).unwrap();
            call.check()
        });
        enter(fake, "1");
        enter(fake, "2");
        wait_for(&app, |stats| (stats.active, stats.queued) == (1, 1));
        let report = app.shutdown().unwrap();
        assert!(matches!(next(&ends), Error::Closed));
        assert_eq!((report.failed, report.refused, report.closed), (1, 1, 1));
        // The one that waited goes on in the dialplan; the other has nobody who would look after it.
        assert_eq!(continued(fake, 1), ["2"]);
        let hung_up = fake.wait_for_requests("DELETE", "channels/1", 1, LONG).unwrap();
        assert_eq!(hung_up.len(), 1);
    });
}

/// Asterisk lets a channel leave only when what it plays is done, and a tone never is.
#[test]
fn what_is_played_is_stopped_where_the_call_is_ended_and_done_where_it_has_ended() {
    everywhere(|fake, ari| {
        fake.on("POST", CONTINUE, |_| AriReply::no_content());
        let settings = StasisApp::builder(ari).grace(Duration::ZERO);
        let app = serve(settings, |call| {
            call.wait_for(LONG, |e: &PlaybackStarted| e.playback.id.ends_with("-2"))?;
            match call.channel().id() {
                "good" => Ok(()),
                "bad" => Err(Error::Missed),
                _ => call.pause(LONG),
            }
        });
        let play = |id: &str, n: u32, event: &str| {
            let playback =
                json!({ "id": format!("{id}-{n}"), "target_uri": format!("channel:{id}") });
            fake.push(event, APP, json!({ "playback": playback }));
        };
        for id in ["good", "bad", "ended"] {
            enter(fake, id);
            play(id, 1, "PlaybackStarted");
            play(id, 1, "PlaybackFinished");
            play(id, 2, "PlaybackStarted");
        }
        wait_for(&app, |stats| stats.served + stats.failed == 2 && stats.active == 1);
        continued(fake, 2);
        fake.wait_for_requests("DELETE", "playbacks/bad-2", 1, LONG).unwrap();
        // What was to come next.
        play("bad", 3, "PlaybackStarted");
        fake.wait_for_requests("DELETE", "playbacks/bad-3", 1, LONG).unwrap();
        assert_eq!(app.shutdown().unwrap().closed, 1);
        continued(fake, 3);
        let stopped = fake.wait_for_requests("DELETE", "playbacks/*", 3, LONG).unwrap();
        let stopped: Vec<_> = stopped.iter().map(|request| &*request.path).collect();
        assert_eq!(stopped, ["playbacks/bad-2", "playbacks/bad-3", "playbacks/ended-2"]);
    });
}

#[test]
fn the_end_of_the_client_is_the_end_of_the_app() {
    everywhere(|fake, ari| {
        let (ended, ends) = unbounded();
        let app = StasisApp::builder(ari)
            .handler(move |call: &StasisCall| {
                ended.send(call.pause(LONG).unwrap_err()).unwrap();
                Err(Error::Hangup)
            })
            .build()
            .unwrap();
        enter(fake, "1");
        thread::scope(|scope| {
            let running = scope.spawn(|| app.run().unwrap());
            while app.stats().active == 0 {
                thread::yield_now();
            }
            ari.disconnect();
            assert_eq!(running.join().unwrap().served, 1);
        });
        assert!(matches!(next(&ends), Error::Closed));
        assert!(app.shutdown_handle().is_shutdown());
        assert!(matches!(app.run(), Err(Error::Invalid(_))));
    });
}

#[test]
fn a_handler_may_end_its_app_and_cannot_wait_for_it() {
    everywhere(|fake, ari| {
        let slot: &'static Mutex<Option<StasisAppGuard>> = Box::leak(Box::new(Mutex::new(None)));
        let (ended, ends) = unbounded();
        let app = serve(StasisApp::builder(ari), move |_| {
            let app = loop {
                if let Some(app) = slot.lock().unwrap().take() {
                    break app;
                }
                thread::yield_now();
            };
            let stop = app.shutdown_handle();
            ended.send((app.join().is_err(), stop)).unwrap();
            Ok(())
        });
        *slot.lock().unwrap() = Some(app);
        enter(fake, "1");
        let (is_refused, stop) = next(&ends);
        assert!(is_refused && stop.is_shutdown());
        assert_eq!(continued(fake, 1), ["1"]);
    });
}
