//! Calls that are handled over the manager's connection.

#![allow(clippy::unwrap_used, reason = "a panic is how a test fails")]

use std::sync::mpsc;
use std::time::Duration;

use asterisk_sync::agi::{AgiChannel, AgiHandler, AgiRequest};
use asterisk_sync::ami::action::{AGIAction, HangupAction, PlayDTMFAction};
use asterisk_sync::ami::event::{AsyncAGIStart, UserEvent};
use asterisk_sync::ami::{AmiClient, AmiEvent, TypedSubscription};
use asterisk_sync::async_agi::{AsyncAgi, AsyncAgiOptions};
use asterisk_sync::{ConnectionState, Error, ProtocolError, ReconnectPolicy, Result};

use crate::relay::Relay;
use crate::support::{Call, PATIENCE, await_event, builder, client, events_until};

/// Serves the channels of these calls, and of nobody else's: other tests have some too.
fn serve(
    ami: &AmiClient,
    calls: &[&Call],
    options: AsyncAgiOptions,
    handler: impl AgiHandler,
) -> AsyncAgi {
    let ours: Vec<String> = calls.iter().map(|call| call.other.clone()).collect();
    let options =
        options.claim(move |start| ours.iter().any(|id| id == start.channel().unique_id()));
    ami.serve_async_agi(handler, options).unwrap()
}

/// Serves one call with a closure, and returns what that sends.
fn handled<T: Send + 'static>(
    handler: impl Fn(&AgiRequest, &mut AgiChannel) -> Result<T> + Send + Sync + 'static,
) -> T {
    let ami = client();
    let call = Call::new(&ami);
    let (send, receive) = mpsc::channel();
    let serving = serve(
        &ami,
        &[&call],
        AsyncAgiOptions::new(),
        move |request: &AgiRequest, agi: &mut AgiChannel| {
            let told = handler(request, agi);
            send.send(told).unwrap();
            Ok(())
        },
    );
    ami.send_action(&call.action("agi-async").asynchronous(true)).unwrap();
    let told = receive.recv_timeout(PATIENCE).expect("the call is handled");
    drop(serving);
    told.unwrap()
}

/// The event with which the dialplan of this call goes on behind `AGI()`.
fn await_dialplan(events: &TypedSubscription<UserEvent>, call: &Call) -> UserEvent {
    await_event(events, |event| {
        event.user_event() == "AgiEnded" && event.channel().unique_id() == call.other
    })
}

#[test]
fn a_channel_is_described_and_takes_commands() {
    let (channel, request, answer) = handled(|request, agi| {
        agi.answer()?;
        agi.set_variable("LIVE", "quotes \" and \\ and ), and Grüße\t.")?;
        let value = agi.get_variable("LIVE")?;
        let channel = agi.get_full_variable("${CHANNEL(name)}", None)?;
        Ok((channel, (request.channel().to_owned(), request.request().to_owned()), value))
    });
    assert_eq!(answer.as_deref(), Some("quotes \" and \\ and ), and Grüße\t."));
    assert_eq!(channel.as_deref(), Some(&*request.0));
    assert_eq!(request.1, "async");
}

#[test]
fn the_dialplan_goes_on_behind_a_handler_that_returns() {
    let ami = client();
    let call = Call::new(&ami);
    let events = ami.subscribe_to::<UserEvent>();
    let serving =
        serve(&ami, &[&call], AsyncAgiOptions::new(), |_: &AgiRequest, agi: &mut AgiChannel| {
            agi.noop()
        });
    ami.send_action(&call.action("agi-async").asynchronous(true)).unwrap();
    let ended = await_dialplan(&events, &call);
    assert_eq!(ended.message().get("AgiStatus"), Some("SUCCESS"));
    let report = serving.shutdown();
    assert_eq!((report.served, report.failed, report.closed), (1, 0, 0));
}

#[test]
fn the_dialplan_goes_on_behind_a_handler_that_panics_or_fails() {
    let ami = client();
    let (one, two) = (Call::new(&ami), Call::new(&ami));
    let events = ami.subscribe_to::<UserEvent>();
    let panics = one.other.clone();
    let serving = serve(
        &ami,
        &[&one, &two],
        AsyncAgiOptions::new(),
        move |request: &AgiRequest, _: &mut AgiChannel| {
            assert_ne!(request.unique_id(), panics, "as this test wants it");
            Err(Error::Closed)
        },
    );
    for call in [&one, &two] {
        ami.send_action(&call.action("agi-async").asynchronous(true)).unwrap();
        await_dialplan(&events, call);
    }
    let report = serving.shutdown();
    assert_eq!((report.served, report.failed, report.panicked), (0, 2, 1));
}

#[test]
fn values_longer_than_asterisks_buffer_come_whole() {
    // The first that does not fit, and its neighbours: 1,024 bytes with `200 result=1 ()`.
    let lengths = [900_usize, 1_006, 1_007, 1_008, 1_009, 2_000, 4_050, 20_000];
    let values = handled(move |_, agi| {
        agi.set_variable("BIT", &"x".repeat(500))?;
        let mut values = Vec::new();
        for length in lengths {
            let whole = "${BIT}".repeat(length / 500) + &"y".repeat(length % 500);
            values.push(agi.get_full_variable(&whole, None)?);
            // What follows is not shifted.
            values.push(agi.get_full_variable("next", None)?);
        }
        Ok(values)
    });
    for (length, pair) in lengths.iter().zip(values.chunks(2)) {
        let expected = "x".repeat(length / 500 * 500) + &"y".repeat(length % 500);
        assert_eq!(pair[0].as_deref(), Some(&*expected), "{length}");
        assert_eq!(pair[1].as_deref(), Some("next"), "after {length}");
    }
}

#[test]
fn a_value_with_a_newline_goes_there_and_back() {
    let values = handled(|_, agi| {
        // No command can hold one, so the dialplan makes it of what was sent.
        agi.set_variable("AGIEXECFULL", "yes")?;
        let mut values = Vec::new();
        for encoded in ["a%0Ab", "%0A", "a)%0A(b", "a%0AHANGUP%0A200 result=1 (c", "100%25%0A"] {
            agi.exec("Set", &format!("LINES=${{URIDECODE({encoded})}}"))?;
            values.push(agi.get_variable("LINES")?.unwrap_or_default());
            assert_eq!(agi.get_full_variable("next", None)?.as_deref(), Some("next"));
        }
        Ok(values)
    });
    assert_eq!(values, ["a\nb", "\n", "a)\n(b", "a\nHANGUP\n200 result=1 (c", "100%\n"]);
}

#[test]
fn a_value_that_asterisk_cuts_is_an_error_and_the_next_is_right() {
    let (cut, next) = handled(|_, agi| {
        agi.set_variable("BIT", &"\"<>".repeat(100))?;
        let cut = agi.get_full_variable("${BIT}${BIT}${BIT}", None).unwrap_err();
        Ok((cut, agi.get_full_variable("${LEN(${BIT})}", None)?))
    });
    assert!(matches!(cut, Error::Protocol(ProtocolError::Oversized { .. })), "{cut:?}");
    assert_eq!(next.as_deref(), Some("300"));
}

#[test]
fn a_command_too_long_for_ami_is_not_sent() {
    let (error, next) = handled(|_, agi| {
        let error = agi.set_variable("LONG", &"x".repeat(1_100)).unwrap_err();
        Ok((error, agi.get_variable("LONG")?))
    });
    assert!(matches!(error, Error::Limit { limit: 1022, .. }), "{error:?}");
    assert_eq!(next, None);
}

#[test]
fn digits_that_the_other_side_dials_are_read() {
    let ami = client();
    let call = Call::new(&ami);
    let (send, receive) = mpsc::channel();
    let (asking, asked) = mpsc::channel();
    let _serving = serve(
        &ami,
        &[&call],
        AsyncAgiOptions::new(),
        move |_: &AgiRequest, agi: &mut AgiChannel| {
            asking.send(()).unwrap();
            send.send(agi.wait_for_digit(PATIENCE)?).unwrap();
            Ok(())
        },
    );
    ami.send_action(&call.action("agi-async").asynchronous(true)).unwrap();
    asked.recv_timeout(PATIENCE).unwrap();
    // It is lost on a channel that is not yet listening, so again until it is heard.
    let digit = loop {
        ami.send_action(
            &PlayDTMFAction::new(call.name(), '7').duration(Duration::from_millis(100)),
        )
        .unwrap();
        match receive.recv_timeout(Duration::from_secs(2)) {
            Ok(digit) => break digit,
            Err(mpsc::RecvTimeoutError::Timeout) => {}
            Err(e) => panic!("{e}"),
        }
    };
    assert_eq!(digit, Some('7'));
}

#[test]
fn a_hangup_ends_the_command_that_waits_and_the_session() {
    let ami = client();
    let call = Call::new(&ami);
    let (send, receive) = mpsc::channel();
    let (asking, asked) = mpsc::channel();
    let serving = serve(
        &ami,
        &[&call],
        AsyncAgiOptions::new(),
        move |_: &AgiRequest, agi: &mut AgiChannel| {
            asking.send(()).unwrap();
            let waited = agi.wait_for_digit(None);
            send.send((waited, agi.is_hung_up(), agi.noop())).unwrap();
            Err(Error::Hangup)
        },
    );
    ami.send_action(&call.action("agi-async").asynchronous(true)).unwrap();
    asked.recv_timeout(PATIENCE).unwrap();
    ami.send_action(&HangupAction::new(&call.other)).unwrap();
    let (waited, is_hung_up, after) = receive.recv_timeout(PATIENCE).unwrap();
    assert!(matches!(waited, Err(Error::Hangup)), "{waited:?}");
    assert!(is_hung_up);
    assert!(matches!(after, Err(Error::Hangup)), "{after:?}");
    assert_eq!(serving.shutdown().served, 1);
}

#[test]
fn a_hangup_that_no_event_announces_is_one_all_the_same() {
    let (waited, hung_up) = handled(|_, agi| {
        agi.set_autohangup(Duration::from_secs(1))?;
        Ok((agi.wait_for_digit(None), agi.is_hung_up()))
    });
    assert!(matches!(waited, Err(Error::Hangup)), "{waited:?}");
    assert!(hung_up);
}

#[test]
fn a_failure_ends_agi_and_not_the_call() {
    let ami = client();
    let call = Call::new(&ami);
    let events = ami.subscribe_to::<UserEvent>();
    let (send, receive) = mpsc::channel();
    let serving = serve(
        &ami,
        &[&call],
        AsyncAgiOptions::new(),
        move |_: &AgiRequest, agi: &mut AgiChannel| {
            let played = agi.stream_file("no-such-sound", "");
            send.send((played, agi.noop())).unwrap();
            Ok(())
        },
    );
    ami.send_action(&call.action("agi-async").asynchronous(true)).unwrap();
    let (played, after) = receive.recv_timeout(PATIENCE).unwrap();
    assert!(played.as_ref().is_err_and(Error::is_refused), "{played:?}");
    assert!(matches!(after, Err(Error::Disconnected { sent: false })), "{after:?}");
    let ended = await_dialplan(&events, &call);
    assert_eq!(ended.message().get("AgiStatus"), Some("FAILURE"));
    drop(serving);
}

#[test]
fn a_channel_that_is_given_back_goes_on_while_its_handler_does() {
    let ami = client();
    let call = Call::new(&ami);
    let events = ami.subscribe_to::<UserEvent>();
    let (send, receive) = mpsc::channel();
    let (go, going) = mpsc::channel::<()>();
    let going = std::sync::Mutex::new(going);
    let serving = serve(
        &ami,
        &[&call],
        AsyncAgiOptions::new(),
        move |_: &AgiRequest, agi: &mut AgiChannel| {
            agi.asyncagi_break()?;
            going.lock().unwrap().recv().unwrap();
            send.send((agi.is_hung_up(), agi.noop())).unwrap();
            Ok(())
        },
    );
    ami.send_action(&call.action("agi-async").asynchronous(true)).unwrap();
    let ended = await_dialplan(&events, &call);
    assert_eq!(ended.message().get("AgiStatus"), Some("SUCCESS"));
    go.send(()).unwrap();
    let (hung_up, after) = receive.recv_timeout(PATIENCE).unwrap();
    assert!(!hung_up);
    assert!(matches!(after, Err(Error::Closed)), "{after:?}");
    assert_eq!(serving.shutdown().served, 1);
}

#[test]
fn without_room_the_dialplan_goes_on_at_once() {
    let ami = client();
    let (one, two) = (Call::new(&ami), Call::new(&ami));
    let events = ami.subscribe_to::<UserEvent>();
    let (busy, is_busy) = mpsc::channel();
    let options = AsyncAgiOptions::new().workers(1).queue(0);
    let serving =
        serve(&ami, &[&one, &two], options, move |_: &AgiRequest, agi: &mut AgiChannel| {
            busy.send(()).unwrap();
            agi.wait_for_digit(None).map(drop)
        });
    ami.send_action(&one.action("agi-async").asynchronous(true)).unwrap();
    is_busy.recv_timeout(PATIENCE).unwrap();
    ami.send_action(&two.action("agi-async").asynchronous(true)).unwrap();
    await_dialplan(&events, &two);
    assert_eq!(serving.stats().refused, 1);
    ami.send_action(&HangupAction::new(&one.other)).unwrap();
    let report = serving.shutdown();
    assert_eq!((report.served, report.refused), (1, 1));
}

#[test]
fn a_shutdown_ends_calls_after_the_grace_and_the_dialplan_goes_on() {
    let ami = client();
    let call = Call::new(&ami);
    let events = ami.subscribe_to::<UserEvent>();
    let (send, receive) = mpsc::channel();
    let (busy, is_busy) = mpsc::channel();
    let options = AsyncAgiOptions::new().grace(Duration::ZERO);
    let serving = serve(&ami, &[&call], options, move |_: &AgiRequest, agi: &mut AgiChannel| {
        busy.send(()).unwrap();
        let waited = agi.wait_for_digit(Duration::from_secs(10));
        send.send(waited).unwrap();
        Ok(())
    });
    ami.send_action(&call.action("agi-async").asynchronous(true)).unwrap();
    is_busy.recv_timeout(PATIENCE).unwrap();
    let report = serving.shutdown();
    assert_eq!((report.served, report.closed), (1, 1));
    assert!(receive.recv().unwrap().is_err());
    await_dialplan(&events, &call);
}

#[test]
fn a_channel_that_waited_before_is_found() {
    let ami = client();
    let call = Call::new(&ami);
    let starts = ami.subscribe_to::<AsyncAGIStart>();
    ami.send_action(&call.action("agi-async").asynchronous(true)).unwrap();
    await_event(&starts, |start| start.channel().unique_id() == call.other);
    let (send, receive) = mpsc::channel();
    let _serving = serve(
        &ami,
        &[&call],
        AsyncAgiOptions::new(),
        move |request: &AgiRequest, agi: &mut AgiChannel| {
            let said = (
                request.channel().to_owned(),
                request.request().to_owned(),
                request.context().to_owned(),
                request.args().count(),
            );
            send.send((said, agi.get_full_variable("${CHANNEL(name)}", None)?)).unwrap();
            Ok(())
        },
    );
    let ((channel, asked, context, arguments), name) = receive.recv_timeout(PATIENCE).unwrap();
    assert_eq!(name.as_deref(), Some(&*channel));
    // As of a channel that comes later: see `a_channel_is_described_and_takes_commands`.
    assert_eq!((&*asked, &*context, arguments), ("async", "test", 0));
}

#[test]
fn commands_of_others_do_not_confuse_a_session() {
    let ami = client();
    let call = Call::new(&ami);
    let other = client();
    let (begin, began) = mpsc::channel();
    let (go, going) = mpsc::channel::<()>();
    let going = std::sync::Mutex::new(going);
    let (send, receive) = mpsc::channel();
    let _serving = serve(
        &ami,
        &[&call],
        AsyncAgiOptions::new(),
        move |_: &AgiRequest, agi: &mut AgiChannel| {
            begin.send(()).unwrap();
            going.lock().unwrap().recv().unwrap();
            let values: Result<Vec<_>> = (0..20)
                .map(|i| agi.get_full_variable(&format!("${{MATH(1+{i},int)}}"), None))
                .collect();
            send.send(values?).unwrap();
            Ok(())
        },
    );
    ami.send_action(&call.action("agi-async").asynchronous(true)).unwrap();
    began.recv_timeout(PATIENCE).unwrap();
    for i in 0..20 {
        let command =
            AGIAction::new(&call.other, "GET FULL VARIABLE 99").command_id(format!("{i}"));
        other.send_action(&command).unwrap();
    }
    go.send(()).unwrap();
    let values = receive.recv_timeout(PATIENCE).unwrap();
    let expected: Vec<_> = (1..=20).map(|i| Some(i.to_string())).collect();
    assert_eq!(values, expected);
}

/// A client whose wire can be cut, and which is back soon after it is mended.
fn relayed() -> (Relay, AmiClient) {
    let relay = Relay::start();
    let soon = ReconnectPolicy::fixed(Duration::from_millis(50));
    let ami = builder().host("127.0.0.1").port(relay.port).reconnect(soon).connect().unwrap();
    (relay, ami)
}

#[test]
fn a_session_goes_on_over_the_next_connection() {
    let (relay, ami) = relayed();
    let watcher = client();
    let call = Call::new(&watcher);
    let (tell, told) = mpsc::channel();
    let serving = serve(
        &ami,
        &[&call],
        AsyncAgiOptions::new(),
        move |_: &AgiRequest, agi: &mut AgiChannel| {
            agi.set_variable("BEFORE", "yes")?;
            tell.send(None).unwrap();
            // The wire is cut in the middle of this.
            tell.send(Some(agi.wait_for_digit(PATIENCE).map(drop))).unwrap();
            // This waits for it to be mended, and for the command before to end.
            let before =
                agi.get_variable("BEFORE").map(|value| assert_eq!(value.as_deref(), Some("yes")));
            tell.send(Some(before)).unwrap();
            Ok(())
        },
    );
    let events = watcher.subscribe();
    let ended = watcher.subscribe_to::<UserEvent>();
    watcher.send_action(&call.action("agi-async").asynchronous(true)).unwrap();
    assert!(told.recv_timeout(PATIENCE).unwrap().is_none());
    events_until(&events, |event| {
        matches!(event, AmiEvent::AGIExecStart(exec)
            if exec.channel().unique_id() == call.other && exec.command().starts_with("WAIT"))
    });
    relay.cut();
    ami.wait_for_state(ConnectionState::Reconnecting, PATIENCE).unwrap();
    relay.mend();
    let waited = told.recv_timeout(PATIENCE).unwrap().unwrap();
    assert!(matches!(waited, Err(Error::Disconnected { sent: true })), "{waited:?}");
    // Ends the command that nobody waits for any more.
    watcher.send_action(&PlayDTMFAction::new(call.name(), '1')).unwrap();
    told.recv_timeout(PATIENCE).unwrap().unwrap().unwrap();
    await_dialplan(&ended, &call);
    assert_eq!(serving.shutdown().served, 1);
}

#[test]
fn what_came_and_what_ended_while_there_was_no_connection_is_put_right() {
    let (relay, ami) = relayed();
    let watcher = client();
    let (ends, comes) = (Call::new(&watcher), Call::new(&watcher));
    let ended = watcher.subscribe_to::<UserEvent>();
    let starts = watcher.subscribe_to::<AsyncAGIStart>();
    let (tell, told) = mpsc::channel();
    let (go, going) = mpsc::channel::<()>();
    let going = std::sync::Mutex::new(going);
    let _serving = serve(
        &ami,
        &[&ends, &comes],
        AsyncAgiOptions::new(),
        move |request: &AgiRequest, _: &mut AgiChannel| {
            tell.send(request.unique_id().to_owned()).unwrap();
            going.lock().unwrap().recv().unwrap();
            Ok(())
        },
    );
    watcher.send_action(&ends.action("agi-async").asynchronous(true)).unwrap();
    assert_eq!(told.recv_timeout(PATIENCE).unwrap(), ends.other);
    relay.cut();
    ami.wait_for_state(ConnectionState::Reconnecting, PATIENCE).unwrap();
    // Its handler returns, and cannot say so.
    go.send(()).unwrap();
    watcher.send_action(&comes.action("agi-async").asynchronous(true)).unwrap();
    await_event(&starts, |start| start.channel().unique_id() == comes.other);
    relay.mend();
    // The one that came is handled, the other goes on in the dialplan and is not handled again.
    assert_eq!(told.recv_timeout(PATIENCE).unwrap(), comes.other);
    await_dialplan(&ended, &ends);
    go.send(()).unwrap();
    await_dialplan(&ended, &comes);
    assert!(told.try_recv().is_err());
}
