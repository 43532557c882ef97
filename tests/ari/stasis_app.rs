//! Calls in Stasis: each has a handler, and its own events from start to end.

use std::sync::atomic::{AtomicUsize, Ordering};

use crate::common::ari::{APP, configured, everywhere};
use crate::common::stasis::*;
use crate::common::{LONG, SHORT, guarded, logged};
use asterisk_sync::ari::event::{ChannelDtmfReceived, StasisStart};
use asterisk_sync::ari::resources::channel::ContinueParams;
use asterisk_sync::ari::stasis::StasisAppBuilder;
use asterisk_sync::ari::{AriClient, AriEvent, AriMessage, Departure, StasisApp, StasisCall};
use asterisk_sync::testing::{AriReply, FakeAri};
use asterisk_sync::types::HangupCause;
use asterisk_sync::{Error, EventSubscription, Subscribe, TimeoutError};
use crossbeam_channel::{Receiver, unbounded};
use serde_json::json;

#[test]
fn a_call_has_every_event_from_its_start_to_its_end_and_no_other() {
    everywhere(|fake, ari| {
        let (app, calls) = told(StasisApp::builder(ari));
        let mut read = frame("ChannelDtmfReceived", &digit("1", "x"));
        read.extend(frame("StasisStart", &start("1", &["a", "b"])));
        for n in ["1", "2", "3"] {
            read.extend(frame("ChannelDtmfReceived", &digit("1", n)));
            read.extend(frame("ChannelDtmfReceived", &digit("2", "y")));
        }
        read.extend(frame("StasisStart", &start("2", &[])));
        read.extend(frame("ChannelDtmfReceived", &digit("2", "4")));
        read.extend(frame("ChannelDtmfReceived", &digit("1", "5")));
        fake.send_raw(APP, &read);
        let mut all = [next(&calls), next(&calls)];
        let mut read = frame("StasisEnd", &about("1"));
        read.extend(frame("ChannelDtmfReceived", &digit("1", "z")));
        read.extend(frame("ChannelDestroyed", &about("2")));
        fake.send_raw(APP, &read);
        all.sort_by(|a, b| a.0.cmp(&b.0));
        assert_eq!(digits(&all[0].1), ("1235".to_owned(), "StasisEnd".to_owned()));
        assert_eq!(digits(&all[1].1), ("4".to_owned(), "ChannelDestroyed".to_owned()));
        let report = app.shutdown().unwrap();
        assert_eq!((report.served, report.failed), (2, 0));
    });
}

#[test]
fn what_is_played_to_a_channel_is_heard_of_by_its_call_and_an_event_about_two_by_both() {
    everywhere(|fake, ari| {
        let (_app, calls) = told(StasisApp::builder(ari).workers(2));
        enter(fake, "1");
        enter(fake, "2");
        let mut all = [next(&calls), next(&calls)];
        all.sort_by(|a, b| a.0.cmp(&b.0));
        let playback = json!({ "id": "p", "state": "done", "target_uri": "channel:1" });
        fake.push("PlaybackFinished", APP, json!({ "playback": playback }));
        let peer = |id: &str| about(id)["channel"].take();
        fake.push("Dial", APP, json!({ "caller": peer("1"), "peer": peer("2"), "dialstatus": "" }));
        fake.push("Dial", APP, json!({ "caller": peer("1"), "peer": peer("1"), "dialstatus": "" }));
        leave(fake, "1");
        leave(fake, "2");
        let names = |events: &Receiver<AriMessage>| -> Vec<String> {
            events.iter().map(|message| message.event.event_name().to_owned()).collect()
        };
        assert_eq!(names(&all[0].1), ["PlaybackFinished", "Dial", "Dial", "StasisEnd"]);
        assert_eq!(names(&all[1].1), ["Dial", "StasisEnd"]);
    });
}

#[test]
fn a_channel_that_comes_again_or_replaces_another_is_a_call_of_its_own() {
    everywhere(|fake, ari| {
        let (app, calls) = told(StasisApp::builder(ari).workers(4));
        enter(fake, "1");
        let (_, first) = next(&calls);
        fake.push("ChannelDtmfReceived", APP, digit("1", "1"));
        // Its leaving was not heard.
        enter(fake, "1");
        let (_, second) = next(&calls);
        assert_eq!(digits(&first), ("1".to_owned(), String::new()));
        fake.push("ChannelDtmfReceived", APP, digit("1", "2"));
        let mut replacing = start("3", &[]);
        replacing["replace_channel"] = about("1")["channel"].take();
        fake.push("StasisStart", APP, replacing);
        let (id, third) = next(&calls);
        fake.push("ChannelDtmfReceived", APP, digit("3", "3"));
        leave(fake, "1");
        leave(fake, "3");
        assert_eq!(id, "3");
        assert_eq!(next(&second).as_event::<ChannelDtmfReceived>().unwrap().digit, "2");
        let replaced = next(&second);
        let by = replaced.as_event::<StasisStart>().unwrap();
        assert_eq!((&*by.channel.id, second.iter().count()), ("3", 1));
        assert_eq!(digits(&third), ("3".to_owned(), "StasisEnd".to_owned()));
        wait_for(&app, |stats| stats.served == 3 && stats.active == 0);
        // All of them had left by themselves.
        assert!(fake.requests().iter().all(|request| request.method == "GET"));
    });
}

#[test]
fn a_channel_that_goes_over_to_another_application_takes_no_events_along() {
    configured(
        |config| config.application("second").application("third"),
        |fake, ari| {
            let apps = StasisApp::builder(ari).application(APP).application("second");
            let (_app, calls) = told(apps);
            enter(fake, "1");
            let (_, first) = next(&calls);
            // In whatever order: the applications are told independently.
            fake.push("StasisStart", "third", start("1", &[]));
            fake.push("StasisStart", "second", start("1", &[]));
            let (_, second) = next(&calls);
            fake.push("ChannelDtmfReceived", "second", digit("1", "2"));
            fake.push("ChannelDtmfReceived", APP, digit("1", "1"));
            leave(fake, "1");
            fake.push("ChannelDtmfReceived", "second", digit("1", "3"));
            fake.push("StasisEnd", "second", about("1"));
            assert_eq!(digits(&first), ("1".to_owned(), "StasisEnd".to_owned()));
            assert_eq!(digits(&second), ("23".to_owned(), "StasisEnd".to_owned()));
            assert!(calls.is_empty());
        },
    );
}

#[test]
fn a_handler_that_sleeps_is_told_exactly_what_it_lost() {
    everywhere(|fake, ari| {
        let (slept, done) = unbounded();
        let (woken, wake) = unbounded::<()>();
        let settings = StasisApp::builder(ari).events(Subscribe::default().events(4));
        let app = serve(settings, move |call| {
            wake.recv().unwrap();
            let missed: u64 = call
                .events()
                .iter()
                .map(|message| match &message.event {
                    AriEvent::Gap(gap) => gap.missed(),
                    _ => 1_000_000,
                })
                .sum();
            slept.send((missed, call.events().lost())).unwrap();
            Ok(())
        });
        enter(fake, "1");
        wait_for(&app, |stats| stats.active == 1);
        for _ in 0..20 {
            fake.push("ChannelDtmfReceived", APP, digit("1", "1"));
        }
        leave(fake, "1");
        settle(fake, ari, &app);
        woken.send(()).unwrap();
        assert_eq!(next(&done), (4_000_017, 17));
    });
}

#[test]
fn sixty_four_calls_at_once_are_served_by_sixteen_workers() {
    everywhere(|fake, ari| {
        let (app, begins, open) = gated(StasisApp::builder(ari).workers(16).queue(48));
        for n in 0..65 {
            enter(fake, &n.to_string());
        }
        // The last one, at once.
        assert_eq!(continued(fake, 1), ["64"]);
        let stats = wait_for(&app, |stats| stats.active == 16);
        assert_eq!((stats.active, stats.queued, stats.refused, stats.threads), (16, 48, 1, 16));
        assert_eq!(begins.iter().take(16).count(), 16);
        assert!(begins.is_empty());
        drop(open);
        let mut order = continued(fake, 65);
        order.sort_by_key(|id| id.parse::<u32>().unwrap());
        assert_eq!(order, (0..65).map(|n| n.to_string()).collect::<Vec<_>>());
        let report = app.shutdown().unwrap();
        assert_eq!((report.served, report.refused, report.closed), (64, 1, 0));
    });
}

#[test]
fn those_who_wait_are_served_in_the_order_in_which_they_came() {
    everywhere(|fake, ari| {
        let (app, begins, open) = gated(StasisApp::builder(ari).workers(1).queue(8));
        for n in 0..5 {
            enter(fake, &n.to_string());
        }
        wait_for(&app, |stats| stats.queued == 4);
        drop(open);
        let order: Vec<String> = begins.iter().take(5).collect();
        assert_eq!(order, ["0", "1", "2", "3", "4"]);
    });
}

#[test]
fn a_call_for_which_there_is_no_room_leaves_as_it_was_said_and_no_other() {
    everywhere(|fake, ari| {
        let overflows = [
            Departure::HangUp(HangupCause::SwitchCongestion),
            Departure::Stay,
            Departure::ContinueAt(ContinueParams::default().context("busy").extension("s")),
        ];
        for (n, overflow) in overflows.into_iter().enumerate() {
            let settings = StasisApp::builder(ari).workers(1).queue(0).overflow(overflow);
            let (app, begins, open) = gated(settings.on_return(Departure::Stay));
            enter(fake, &format!("first{n}"));
            next(&begins);
            enter(fake, &format!("second{n}"));
            wait_for(&app, |stats| stats.refused == 1);
            drop(open);
            let report = app.shutdown().unwrap();
            assert_eq!((report.served, report.refused), (1, 1));
        }
        let mut sent = fake.requests();
        sent.retain(|request| request.method != "GET");
        assert_eq!(sent.len(), 2, "{sent:?}");
        assert_eq!((&*sent[0].method, &*sent[0].path), ("DELETE", "channels/second0"));
        assert_eq!(sent[0].text("reason_code").as_deref(), Some("42"));
        assert_eq!(&*sent[1].path, "channels/second2/continue");
        assert_eq!(sent[1].text("context").as_deref(), Some("busy"));
    });
}

#[test]
fn a_handler_that_sends_its_channel_on_itself_is_not_interfered_with() {
    everywhere(|fake, ari| {
        fake.on("POST", "channels/*/move", |_| AriReply::no_content());
        fake.on("POST", CONTINUE, |_| AriReply::no_content());
        let app = serve(StasisApp::builder(ari), |call| match &*call.args()[0] {
            "move" => call.channel().move_to("other", None),
            "hang up" => call.channel().hangup(None),
            "fail" => call.channel().clone().hangup(None).and(Err(Error::Missed)),
            "continue" => call.channel().continue_in_dialplan(&Default::default()),
            _ => Ok(()),
        });
        for what in ["move", "hang up", "continue", "fail", "nothing"] {
            fake.push("StasisStart", APP, start(what, &[what]));
        }
        wait_for(&app, |stats| stats.served + stats.failed == 5 && stats.active == 0);
        let mut sent: Vec<String> = fake
            .requests()
            .iter()
            .filter(|r| r.method != "GET")
            .map(|r| r.segments()[1].clone())
            .collect();
        sent.sort();
        assert_eq!(sent, ["continue", "fail", "hang up", "move", "nothing"]);
    });
}

#[test]
fn a_panic_in_every_tenth_of_two_thousand_calls_leaves_the_pool_whole() {
    guarded(|| {
        let fake = FakeAri::start().unwrap();
        let ari = AriClient::connect(fake.config(APP)).unwrap();
        let count = AtomicUsize::new(0);
        let settings = StasisApp::builder(&ari).workers(4).queue(2_000);
        let app = serve(
            settings.on_failure(Departure::HangUp(HangupCause::NormalTemporaryFailure)),
            move |_| {
                let number = count.fetch_add(1, Ordering::Relaxed);
                assert!(number % 10 != 0, "every tenth");
                Ok(())
            },
        );
        for n in 0..2_000 {
            enter(&fake, &n.to_string());
        }
        let stats = wait_for(&app, |stats| stats.served + stats.failed == 2_000);
        assert_eq!((stats.served, stats.failed, stats.panicked), (1_800, 200, 200));
        assert_eq!((stats.threads, stats.refused), (4, 0));
        let report = app.shutdown().unwrap();
        assert_eq!((report.served, report.closed), (1_800, 0));
        let hung_up = fake.requests().iter().filter(|r| r.method == "DELETE").count();
        assert_eq!((hung_up, continued(&fake, 1_800).len()), (200, 1_800));
    });
}

#[test]
fn a_failure_is_logged_with_its_channel_and_its_application() {
    logged::listen(log::LevelFilter::Warn);
    everywhere(|fake, ari| {
        let app = serve(StasisApp::builder(ari), |call| match &*call.args()[0] {
            "panic" => panic!("so it was told"),
            _ => Err(Error::Missed),
        });
        fake.push("StasisStart", APP, start("bad-1", &["panic"]));
        fake.push("StasisStart", APP, start("bad-2", &["fail"]));
        wait_for(&app, |stats| stats.failed == 2 && stats.active == 0);
        assert_eq!(continued(fake, 2).len(), 2);
        let logged = logged::lines();
        let has =
            |words: &[&str]| logged.iter().any(|line| words.iter().all(|word| line.contains(word)));
        assert!(has(&["ERROR", "PJSIP/bad-1", APP, "so it was told"]), "{logged:?}");
        assert!(has(&["WARN", "PJSIP/bad-2", APP, &Error::Missed.to_string()]), "{logged:?}");
    });
}

#[test]
fn a_caller_who_hangs_up_ends_every_wait_and_that_is_no_failure() {
    everywhere(|fake, ari| {
        let (ended, ends) = unbounded();
        let app = serve(StasisApp::builder(ari), move |call| {
            let e = match &*call.args()[0] {
                "pause" => call.pause(LONG).unwrap_err(),
                "event" => call.wait_for(LONG, |_: &ChannelDtmfReceived| false).unwrap_err(),
                "end" => call.wait_for_end(LONG).map_or_else(|e| e, |()| Error::Hangup),
                _ => {
                    // Before it is heard that the channel has gone.
                    ended.send(Error::Hangup).unwrap();
                    call.channel().answer().unwrap_err()
                }
            };
            let is_over = matches!(call.check(), Err(Error::Hangup)) && call.is_over();
            if is_over {
                ended.send(Error::Hangup).unwrap();
            }
            Err(e)
        });
        let kinds = ["pause", "event", "end", "request"];
        for kind in kinds {
            fake.push("StasisStart", APP, start(kind, &[kind]));
        }
        assert!(matches!(next(&ends), Error::Hangup));
        wait_for(&app, |stats| stats.served == 1);
        for kind in &kinds[..3] {
            fake.push("ChannelHangupRequest", APP, about(kind));
            leave(fake, kind);
            assert!(matches!(next(&ends), Error::Hangup));
        }
        let stats = wait_for(&app, |stats| stats.active == 0);
        assert_eq!((stats.served, stats.failed), (4, 0));
    });
}

#[test]
fn a_wait_ends_with_its_time_and_what_was_waited_for_comes_at_once() {
    everywhere(|fake, ari| {
        let (heard, hears) = unbounded();
        let _app = serve(StasisApp::builder(ari), move |call| {
            call.pause(SHORT)?;
            let e = call.wait_for_end(SHORT).unwrap_err();
            assert!(matches!(e, Error::Timeout(TimeoutError::State { .. })), "{e}");
            let e = call.wait_for(SHORT, |e: &ChannelDtmfReceived| e.digit == "0").unwrap_err();
            assert!(matches!(e, Error::Timeout(TimeoutError::Receive { .. })), "{e}");
            heard.send(String::new()).unwrap();
            let event = call.wait_for(LONG, |e: &ChannelDtmfReceived| e.digit != "1")?;
            heard.send(event.digit).unwrap();
            Ok(())
        });
        enter(fake, "1");
        next(&hears);
        for n in ["1", "1", "7"] {
            fake.push("ChannelDtmfReceived", APP, digit("1", n));
        }
        assert_eq!(next(&hears), "7");
    });
}

#[test]
fn a_caller_who_hangs_up_while_he_waits_is_not_served_and_leaves_his_place() {
    everywhere(|fake, ari| {
        let (app, begins, open) = gated(StasisApp::builder(ari).workers(1).queue(1));
        enter(fake, "1");
        next(&begins);
        for n in 1..=3 {
            enter(fake, &format!("gone{n}"));
            leave(fake, &format!("gone{n}"));
            wait_for(&app, |stats| stats.abandoned == n);
        }
        enter(fake, "2");
        wait_for(&app, |stats| stats.queued == 1);
        drop(open);
        assert_eq!(next(&begins), "2");
        let report = app.shutdown().unwrap();
        assert_eq!((report.served, report.abandoned, report.refused), (2, 3, 0));
    });
}

#[test]
fn legs_of_this_program_and_what_is_declined_are_no_calls() {
    everywhere(|fake, ari| {
        let ours = ari.pending_channel().id().to_owned();
        let half = format!("{ours};2");
        let settings = StasisApp::builder(ari).accept(|start| match start.args.first() {
            Some(word) if word == "panic" => panic!("so it was told"),
            Some(word) => word != "no",
            None => true,
        });
        let (app, begins, open) = gated(settings.clone());
        drop(open);
        enter(fake, &ours);
        fake.push("StasisStart", APP, start("1", &["no"]));
        fake.push("StasisStart", APP, start("2", &["panic"]));
        enter(fake, &half);
        assert_eq!(next(&begins), half);
        let report = app.shutdown().unwrap();
        assert_eq!((report.served, report.passed_over), (1, 3));
        assert_eq!(continued(fake, 1), [half]);
        let (_app, begins, open) = gated(settings.own_legs(true));
        drop(open);
        enter(fake, &ours);
        assert_eq!(next(&begins), ours);
    });
}

#[test]
fn what_cannot_be_is_refused_before_anything_is_heard() {
    everywhere(|_, ari| {
        let app = || StasisApp::builder(ari).handler(|_: &StasisCall| Ok(()));
        let invalid =
            |settings: StasisAppBuilder| matches!(settings.build(), Err(Error::Invalid(_)));
        assert!(invalid(app().workers(0)));
        assert!(invalid(StasisApp::builder(ari)));
        assert!(invalid(app().application("nobody's")));
        assert!(matches!(app().workers(1 << 20).build(), Err(Error::Limit { .. })));
        assert!(ari.stats().subscribers.is_empty());
        let shown = format!("{:?}", app().build().unwrap());
        assert!(shown.contains("workers: 64"), "{shown}");
    });
}

#[allow(dead_code, reason = "a handler may share its call with threads of its own")]
fn a_call_is_shared_between_threads(call: &StasisCall) -> impl Send + Sync + '_ {
    let _: &EventSubscription<AriMessage> = call.events();
    call
}
