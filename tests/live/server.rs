//! The server as a whole, and the connection under load.

use std::thread;
use std::time::Duration;

use asterisk_sync::ami::action::{
    CoreSettingsAction, CoreStatusAction, GetVarAction, ModuleCheckAction, PingAction, ReloadAction,
};
use asterisk_sync::ami::event::{FullyBooted, NewChannel, Reload};
use asterisk_sync::types::ReloadStatus;
use asterisk_sync::{Error, TimeoutError};

use crate::support::{Call, Global, await_event, builder, client, console};

#[test]
fn a_thousand_pings_from_sixteen_threads_are_all_answered() {
    let ami = client();
    thread::scope(|scope| {
        for index in 0..16 {
            let ami = ami.clone();
            // 1,000 in all.
            let count = 62 + usize::from(index < 8);
            scope.spawn(move || {
                for _ in 0..count {
                    let pong = ami.ping().unwrap();
                    assert_eq!(pong.ping(), "Pong");
                    assert!(pong.timestamp().is_some());
                }
            });
        }
    });
    let stats = ami.stats();
    assert_eq!((stats.in_flight, stats.reconnects), (0, 0));
}

#[test]
fn every_thread_gets_the_answer_to_its_own_question() {
    let ami = client();
    thread::scope(|scope| {
        for index in 0..16 {
            let ami = ami.clone();
            scope.spawn(move || {
                for turn in 0..20 {
                    let question = format!("MATH({index}*1000+{turn},int)");
                    let answer = ami.send_action(&GetVarAction::new(&question)).unwrap();
                    assert_eq!(answer.variable(), question);
                    let answer =
                        ami.send_action(&GetVarAction::new(format!("LEN({index}-{turn})")));
                    let expected = format!("{index}-{turn}").len().to_string();
                    assert_eq!(answer.unwrap().value(), expected);
                }
            });
        }
    });
}

#[test]
fn many_actions_are_under_way_at_once_and_answered_in_order() {
    let ami = client();
    let pending: Vec<_> = (0..300)
        .map(|index| {
            let ask = GetVarAction::new(format!("LEN({})", "x".repeat(index % 100)));
            ami.start_action(&ask).unwrap()
        })
        .collect();
    for (index, answer) in pending.into_iter().enumerate() {
        assert_eq!(answer.wait().unwrap().value(), (index % 100).to_string());
    }
}

#[test]
fn an_answer_that_comes_too_late_disturbs_nobody() {
    let (ami, other) = (client(), client());
    let channels = other.subscribe_to::<NewChannel>();
    let call = Call::new(&other);
    let pending = ami.with_timeout(Duration::from_secs(1)).start_action(&call.action("noanswer"));
    let pending = pending.unwrap();
    // It did run. Its late answer comes when the call ends, and belongs to nobody.
    await_event(&channels, |it| it.channel().unique_id() == call.id);
    let error = pending.wait().unwrap_err();
    let Error::Timeout(TimeoutError::Action { action, sent, .. }) = &error else {
        panic!("{error:?}")
    };
    assert_eq!((&**action, *sent), ("Originate", true));
    assert!(error.is_timeout() && error.may_have_run() && !error.is_retryable());
    drop(call);
    assert_eq!(ami.ping().unwrap().ping(), "Pong");
    assert_eq!(ami.stats().reconnects, 0);
}

#[test]
fn an_action_that_takes_longer_than_the_keep_alive_does_not_cost_the_connection() {
    let ami = builder().keep_alive(Duration::from_secs(1)).connect().unwrap();
    let call = Call::new(&client());
    let action = call.action("noanswer").ring_for(Duration::from_secs(5));
    assert!(ami.send_action(&action).unwrap_err().is_refused());
    assert_eq!(ami.ping().unwrap().ping(), "Pong");
    assert_eq!(ami.stats().reconnects, 0);
}

#[test]
fn the_settings_are_those_the_console_shows() {
    let ami = client();
    let settings = ami.send_action(&CoreSettingsAction::new()).unwrap();
    let version = console("core show version");
    assert!(version.contains(settings.asterisk_version()), "{version}");
    assert_eq!(ami.banner(), format!("Asterisk Call Manager/{}", settings.ami_version()));
    // Of the Manager Interface, which the configuration has off.
    assert_eq!(settings.http_enabled(), Some(false));
    assert_eq!(settings.cdr_enabled(), Some(true));
    assert_eq!((settings.max_calls(), settings.system_name()), (Some(0), ""));
}

#[test]
fn the_status_counts_calls_and_knows_when_the_server_was_started() {
    let ami = client();
    let before = ami.send_action(&CoreStatusAction::new()).unwrap();
    let call = Call::to(&ami, "answer");
    let after = ami.send_action(&CoreStatusAction::new()).unwrap();
    assert!(after.processed_calls() > before.processed_calls(), "{before:?} {after:?}");
    assert!(after.current_calls() >= Some(1));
    assert_eq!(before.startup_date().len(), "2026-01-31".len());
    assert_eq!(before.startup_time().len(), "23:59:59".len());
    assert_eq!(before.startup_date(), after.startup_date());
    drop(call);
}

#[test]
fn a_reload_of_one_module_is_told_as_an_event() {
    let ami = client();
    let reloads = ami.subscribe_to::<Reload>();
    let action = ReloadAction::new().module("app_voicemail.so");
    assert_eq!(ami.send_action(&action).unwrap().text(), "Module Reloaded");
    let event = await_event(&reloads, |it| it.module() == "app_voicemail.so");
    assert_eq!(event.status(), Some(ReloadStatus::Success));
    let error = ami.send_action(&ReloadAction::new().module("no_such_module")).unwrap_err();
    assert!(error.is_refused(), "{error:?}");
}

#[test]
fn a_module_is_there_or_refused() {
    let ami = client();
    ami.send_action(&ModuleCheckAction::new("app_dial")).unwrap();
    let error = ami.send_action(&ModuleCheckAction::new("no_such_module")).unwrap_err();
    assert!(error.is_refused(), "{error:?}");
}

#[test]
fn a_client_hears_that_the_server_is_ready_or_can_ask() {
    // Whether the event that follows a login comes before a subscription is a matter of luck; that
    // the server is ready is not.
    let ami = client();
    let booted = ami.subscribe_to::<FullyBooted>();
    let answer = ami.command("core waitfullybooted").unwrap();
    assert!(answer.text().contains("fully booted"), "{}", answer.text());
    for event in booted.try_iter() {
        assert_eq!(event.status(), "Fully Booted");
        assert!(event.uptime().is_some());
    }
}

#[test]
fn many_clients_come_and_go() {
    for _ in 0..3 {
        let clients: Vec<_> = (0..16).map(|_| client()).collect();
        for ami in &clients {
            ami.send_action(&PingAction::new()).unwrap();
        }
    }
    let ami = client();
    let global = Global::new(&ami);
    assert_eq!(ami.send_action(&GetVarAction::new(&global.name)).unwrap().value(), "");
}
