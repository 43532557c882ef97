//! Every action gets its own answer: in whatever order, however late, however large.

use std::sync::Arc;
use std::time::Duration;

use crate::common::{LONG, SHORT, bare, both, header, names_until, next, servers, settled};
use asterisk_sync::ami::action::{CommandAction, GetVarAction, OriginateAction};
use asterisk_sync::ami::{AmiClient, PendingAnswer, response::Response};
use asterisk_sync::testing::{FakeAmi, Request};
use asterisk_sync::{Error, ProtocolError};

/// Starts so many actions named `Item`, each with its number.
fn start(ami: &AmiClient, count: usize) -> Vec<PendingAnswer<Response>> {
    let item = |n: usize| bare("Item").header("N", n.to_string());
    (0..count).map(|n| ami.start_action(&item(n)).expect("room")).collect()
}

/// Takes so many actions named `Item` from the server's model, in the order they arrive.
fn requests(
    fake: &FakeAmi,
    ami: &AmiClient,
    count: usize,
) -> Vec<(Request, PendingAnswer<Response>)> {
    let expected: Vec<_> = (0..count).map(|_| fake.expect("Item")).collect();
    let answers = start(ami, count);
    let requests = expected.into_iter().map(|e| e.wait_timeout(LONG).expect("the action"));
    requests.zip(answers).collect()
}

fn answer(request: &Request) {
    request.success(&[("Message", request.get("N").expect("a number"))]);
}

/// So many pieces of text, one behind the other.
fn numbered(count: usize, piece: impl Fn(usize) -> String) -> String {
    (0..count).fold(String::new(), |text, n| text + &piece(n))
}

#[test]
fn answers_out_of_order_reach_whom_they_are_for() {
    both(|fake, ami| {
        let [first, second, third] = requests(fake, ami, 3).try_into().expect("three");
        for (request, _) in [&third, &first, &second] {
            answer(request);
        }
        assert_eq!(second.1.wait().unwrap().text(), "1");
        assert_eq!(third.1.wait().unwrap().text(), "2");
        assert_eq!(first.1.wait().unwrap().text(), "0");
    });
}

#[test]
fn sixty_four_are_under_way_at_once_and_some_are_forgotten() {
    both(|fake, ami| {
        let mut under_way = Vec::new();
        for (n, (request, pending)) in requests(fake, ami, 64).into_iter().enumerate() {
            assert_eq!(request.get("N"), Some(&*n.to_string()));
            under_way.push((request, Some(pending)));
        }
        assert_eq!(ami.stats().in_flight, 64);
        for (_, pending) in under_way.iter_mut().step_by(5) {
            drop(pending.take());
        }
        assert_eq!(ami.stats().in_flight, 51);
        // 37 and 64 have no common factor, so this is all of them in another order.
        for n in 0..64 {
            answer(&under_way[n * 37 % 64].0);
        }
        for (n, (_, pending)) in under_way.into_iter().enumerate() {
            if let Some(pending) = pending {
                assert_eq!(pending.wait().unwrap().text(), n.to_string());
            }
        }
        assert_eq!(ami.stats().in_flight, 0);
    });
}

#[test]
fn sixty_four_threads_calling_at_once_each_get_their_own_answer() {
    both(|fake, ami| {
        fake.on("Item", answer);
        std::thread::scope(|scope| {
            for thread in 0..64 {
                scope.spawn(move || {
                    for call in 0..20 {
                        let n = format!("{thread}/{call}");
                        let reply = ami.send_action(&bare("Item").header("N", &*n)).unwrap();
                        assert_eq!(reply.text(), n);
                    }
                });
            }
        });
    });
}

#[test]
fn an_answer_after_its_timeout_is_nobodys() {
    both(|fake, ami| {
        let events = ami.subscribe();
        let slow = fake.expect("Slow");
        let pending = ami.with_timeout(SHORT).start_action(&bare("Slow")).unwrap();
        // What the server has was sent in any case.
        let slow = slow.wait_timeout(LONG).unwrap();
        let late = pending.wait().unwrap_err();
        assert!(late.is_timeout() && late.may_have_run() && !late.is_retryable(), "{late:?}");
        assert_eq!(ami.stats().in_flight, 0);
        slow.success(&[("Message", "too late")]);
        assert_eq!(ami.ping().unwrap().ping(), "Pong");
        fake.push("UserEvent", &[("UserEvent", "End")]);
        assert_eq!(names_until(&events, "UserEvent"), ["UserEvent"]);
        assert_eq!(ami.stats().reconnects, 0);
    });
}

#[test]
fn a_pending_answer_can_be_asked_for_without_waiting() {
    both(|fake, ami| {
        let (request, pending) = requests(fake, ami, 1).remove(0);
        let mut pending = pending.try_wait().expect_err("nobody has answered");
        answer(&request);
        // A second answer comes behind the first, so that the first is there.
        ami.ping().unwrap();
        let reply = loop {
            match pending.try_wait() {
                Ok(reply) => break reply,
                Err(again) => pending = again,
            }
        };
        assert_eq!(reply.unwrap().text(), "0");
    });
}

#[test]
fn a_value_of_two_megabytes_arrives_whole() {
    both(|fake, ami| {
        let value: Arc<str> = numbered(200_000, |n| format!("{n:010}")).into();
        assert_eq!(value.len(), 2_000_000);
        let sent = Arc::clone(&value);
        fake.on("Getvar", move |request| {
            request.success(&[("Variable", "BIG"), ("Value", &sent)]);
        });
        assert!(ami.send_action(&GetVarAction::new("BIG")).unwrap().value() == &*value);
        assert_eq!(ami.ping().unwrap().ping(), "Pong");
    });
}

#[test]
fn a_command_may_print_a_hundred_thousand_lines() {
    both(|fake, ami| {
        fake.on("Command", |request| {
            let lines: String = numbered(100_000, |n| format!("Output:   line {n}: x\r\n"));
            request.raw(format!(
                "Response: Success\r\nActionID: {{ActionID}}\r\nMessage: Command output follows\r\n\
                 {lines}Output: \r\nOutput: end\r\n\r\n"
            ));
        });
        assert_all_lines(ami);
    });
}

#[test]
fn a_command_of_an_older_server_may_too() {
    both(|fake, ami| {
        fake.on("Command", |request| {
            let lines: String = numbered(100_000, |n| format!("  line {n}: x\n"));
            request.raw(format!(
                "Response: Follows\r\nPrivilege: Command\r\nActionID: {{ActionID}}\r\n\
                 {lines}\nend\n--END COMMAND--\r\n\r\n"
            ));
        });
        assert_all_lines(ami);
    });
}

fn assert_all_lines(ami: &AmiClient) {
    let output = ami.command("dialplan show").expect("an answer");
    let lines: Vec<_> = output.lines().collect();
    assert_eq!(lines.len(), 100_002);
    for (n, line) in lines[..100_000].iter().enumerate() {
        assert_eq!(*line, format!("  line {n}: x"));
    }
    assert_eq!(lines[100_000..], ["", "end"]);
    assert_eq!(ami.ping().expect("an answer").ping(), "Pong");
}

#[test]
fn what_is_not_utf8_is_read_and_its_bytes_are_kept() {
    both(|fake, ami| {
        let events = ami.subscribe();
        fake.push_raw(b"Event: Newchannel\r\nCallerIDName: J\xf6rg \xff\r\nExten: 1\r\n\r\n");
        let event = next(&events);
        assert_eq!(header(&event, "CallerIDName"), "J\u{fffd}rg \u{fffd}");
        assert_eq!(event.message().get_bytes("CallerIDName"), Some(&b"J\xf6rg \xff"[..]));
        assert_eq!(header(&event, "Exten"), "1");
        fake.on("Getvar", |request| {
            request.raw(b"Response: Success\r\nActionID: {ActionID}\r\nValue: \xc3\r\n\r\n");
        });
        let reply = ami.send_action(&GetVarAction::new("NAME")).unwrap();
        assert_eq!(reply.value(), "\u{fffd}");
        assert_eq!(reply.message().get_bytes("Value"), Some(&b"\xc3"[..]));
    });
}

#[test]
fn an_originate_response_is_an_event_and_no_response() {
    both(|fake, ami| {
        let events = ami.subscribe();
        fake.on("Originate", |request| {
            // It has a header `Response`, bears the action's id, and here even comes first.
            request.raw(
                "Event: OriginateResponse\r\nPrivilege: call,all\r\nActionID: {ActionID}\r\n\
                 Response: Failure\r\nReason: 3\r\n\r\n\
                 Response: Success\r\nActionID: {ActionID}\r\nMessage: Originate queued\r\n\r\n",
            );
        });
        let call = OriginateAction::to("PJSIP/alice").application("Wait", "1").asynchronous(true);
        assert_eq!(ami.send_action(&call).unwrap().text(), "Originate queued");
        assert_eq!(header(&next(&events), "Response"), "Failure");
        // Nor does it belong to what is collected.
        let collected = ami.send_collecting(&call).unwrap();
        assert_eq!(collected.response.text(), "Originate queued");
        assert!(collected.events.is_empty());
        assert_eq!(next(&events).event_name(), "OriginateResponse");
    });
}

#[test]
fn a_refusal_has_the_servers_words() {
    both(|fake, ami| {
        fake.on("Getvar", |request| request.error("No such channel"));
        match ami.send_action(&GetVarAction::new("X").channel("PJSIP/gone")) {
            Err(Error::Refused { action, message }) => {
                assert_eq!((&*action, &*message), ("Getvar", "No such channel"));
            }
            other => panic!("{other:?}"),
        }
    });
}

#[test]
fn an_oversized_answer_fails_its_own_action_and_the_stream_goes_on() {
    servers(|fake| {
        let ami = settled(fake.client().max_message_size(10_000));
        fake.on("Getvar", |request| request.success(&[("Value", &"x".repeat(100_000))]));
        let (other, pending) = requests(fake, &ami, 1).remove(0);
        let failed = ami.send_action(&GetVarAction::new("BIG")).unwrap_err();
        assert!(
            matches!(failed, Error::Protocol(ProtocolError::Oversized { limit: 10_000, .. })),
            "{failed:?}"
        );
        assert!(failed.may_have_run());
        answer(&other);
        assert_eq!(pending.wait().unwrap().text(), "0");
        assert_eq!(ami.stats().reconnects, 0);
    });
}

#[test]
fn an_oversized_answer_to_an_older_command_ends_at_its_marker() {
    servers(|fake| {
        let ami = settled(fake.client().max_message_size(10_000));
        fake.on("Command", |request| {
            let lines = "a line\n\n".repeat(10_000);
            request.raw(format!(
                "Response: Follows\r\nPrivilege: Command\r\nActionID: {{ActionID}}\r\n\
                 {lines}--END COMMAND--\r\n\r\n"
            ));
        });
        let failed = ami.send_action(&CommandAction::new("core show channels")).unwrap_err();
        assert!(matches!(failed, Error::Protocol(ProtocolError::Oversized { .. })), "{failed:?}");
        assert_eq!(ami.ping().unwrap().ping(), "Pong");
    });
}

#[test]
fn each_handle_may_have_a_patience_of_its_own() {
    both(|fake, ami| {
        let (request, pending) = requests(fake, ami, 1).remove(0);
        let hasty = ami.with_timeout(Duration::from_millis(1));
        let never = fake.expect("Never");
        let failed = hasty.send_action(&bare("Never")).unwrap_err();
        assert!(failed.to_string().contains("1ms"), "{failed}");
        never.wait_timeout(LONG).unwrap().ignore();
        // The other handle's action still waits.
        answer(&request);
        assert_eq!(pending.wait().unwrap().text(), "0");
    });
}
