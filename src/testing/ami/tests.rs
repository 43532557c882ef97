use std::io::{Read, Write};
use std::net::{Shutdown, TcpStream};
use std::time::Duration;

use super::*;
use crate::ami::action::CustomAction;
use crate::ami::{AmiClient, AmiEvent, AuthMethod, Filter};
use crate::net::fixtures::guarded;
use crate::{ConnectionState, Error, Result};

/// Long enough that a test which needs it has failed.
const LONG: Duration = Duration::from_secs(60);

/// A client that knows nothing: what it is sent, byte for byte.
struct Wire(TcpStream);

impl Wire {
    fn dial(fake: &FakeAmi) -> Self {
        let stream = TcpStream::connect(fake.address()).unwrap();
        stream.set_read_timeout(Some(LONG)).unwrap();
        Self(stream)
    }

    fn logged_in(fake: &FakeAmi, events: &str) -> Self {
        let mut wire = Self::dial(fake);
        wire.read_until("\r\n");
        wire.send(&["Action: Login", "Username: admin", "Secret: secret", events]);
        wire.read_until("accepted\r\n\r\n");
        wire
    }

    fn send(&mut self, lines: &[&str]) {
        let text: String = lines.iter().flat_map(|line| [*line, "\r\n"]).collect();
        self.0.write_all(format!("{text}\r\n").as_bytes()).unwrap();
    }

    /// A byte at a time, so that nothing behind `end` is taken.
    fn read_until(&mut self, end: &str) -> String {
        let (mut text, mut byte) = (Vec::new(), [0]);
        while !text.ends_with(end.as_bytes()) {
            assert_eq!(self.0.read(&mut byte).unwrap(), 1, "{}", String::from_utf8_lossy(&text));
            text.push(byte[0]);
        }
        String::from_utf8(text).unwrap()
    }

    fn ask(&mut self, lines: &[&str]) -> String {
        self.send(lines);
        self.read_until("\r\n\r\n")
    }

    fn read_to_end(&mut self) -> String {
        let mut text = String::new();
        self.0.read_to_string(&mut text).unwrap();
        text
    }
}

fn custom(client: &AmiClient, action: &str) -> Result<String> {
    client.send_action(&CustomAction::new(action)).map(|response| response.text().to_owned())
}

#[test]
fn it_greets_and_refuses_as_asterisk_does() {
    guarded(|| {
        let fake = FakeAmi::start().unwrap();
        let mut wire = Wire::dial(&fake);
        assert_eq!(wire.read_until("\n"), "Asterisk Call Manager/11.0.0\r\n");
        assert_eq!(
            wire.ask(&["Action: Ping", "ActionID: 1"]),
            "Response: Error\r\nActionID: 1\r\nMessage: Permission denied\r\n\r\n"
        );
        assert_eq!(
            wire.ask(&["ActionID: 9"]),
            "Response: Error\r\nActionID: 9\r\nMessage: Missing action in request\r\n\r\n"
        );
        assert_eq!(
            wire.ask(&["Action: Challenge"]),
            "Response: Error\r\nMessage: Must specify AuthType\r\n\r\n"
        );
        let one = wire.ask(&["Action: Challenge", "AuthType: MD5"]);
        assert_eq!(one, wire.ask(&["Action: Challenge", "AuthType: MD5"]));
        wire.send(&["Action: Logoff", "ActionID: 7"]);
        assert_eq!(
            wire.read_to_end(),
            "Response: Goodbye\r\nActionID: 7\r\nMessage: Thanks for all the fish.\r\n\r\n"
        );
    });
}

#[test]
fn both_logins_work_and_the_mask_says_what_follows() {
    guarded(|| {
        let fake = FakeAmi::start().unwrap();
        for auth in [AuthMethod::Md5, AuthMethod::Plain] {
            let client = fake.client().auth(auth).connect().unwrap();
            assert_eq!(client.ping().unwrap().ping(), "Pong");
        }
        assert_eq!(fake.logins(), 2);
        let mut wire = Wire::logged_in(&fake, "Events: system,call");
        let booted = wire.read_until("\r\n\r\n");
        assert!(booted.starts_with("Event: FullyBooted\r\nPrivilege: system,all\r\nUptime: "));
        assert!(booted.ends_with("Status: Fully Booted\r\n\r\n"), "{booted}");
        let mut wire = Wire::logged_in(&fake, "Events: off");
        assert!(wire.ask(&["Action: Login"]).contains("Already authenticated"));
        assert!(wire.ask(&["Action: Nosuch"]).contains(
            "Message: Invalid/unknown command: Nosuch. Use Action: ListCommands to show"
        ));
        assert!(wire.ask(&["Action: ListCommands"]).contains("Ping: Keepalive command.  (Priv: <"));
    });
}

#[test]
fn a_wrong_secret_or_user_is_refused_and_the_connection_closed() {
    guarded(|| {
        let fake = FakeAmi::start().unwrap();
        for (user, secret) in [("admin", "wrong"), ("somebody", "secret")] {
            for auth in [AuthMethod::Md5, AuthMethod::Plain] {
                let refused = fake.client().credentials(user, secret).auth(auth).connect();
                assert!(matches!(refused, Err(Error::Auth(_))), "{refused:?}");
            }
        }
        let mut wire = Wire::dial(&fake);
        wire.read_until("\n");
        wire.send(&["Action: Login", "Username: admin", "Secret: "]);
        assert_eq!(wire.read_to_end(), "Response: Error\r\nMessage: Authentication failed\r\n\r\n");
        assert!(!format!("{:?}", fake.requests()).contains("wrong"));
        assert_eq!(fake.logins(), 0);
    });
}

#[test]
fn a_user_may_do_what_his_classes_say() {
    guarded(|| {
        let fake = FakeAmi::builder().read("call").write("call,reporting").start().unwrap();
        let client = fake.client().connect().unwrap();
        assert!(custom(&client, "UserEvent").unwrap_err().is_refused());
        assert!(custom(&client, "CoreStatus").is_ok());
        let events = client.subscribe();
        fake.push("PeerStatus", &[]);
        fake.push("Hangup", &[]);
        assert_eq!(events.recv().unwrap().event_name(), "Hangup");
    });
}

#[test]
fn events_go_through_each_sessions_mask_and_filters() {
    guarded(|| {
        let fake = FakeAmi::start().unwrap();
        let mut calls = Wire::logged_in(&fake, "Events: call");
        let mut users = Wire::logged_in(&fake, "Events: user");
        let mut neither = Wire::logged_in(&fake, "Events: off");
        fake.push("Hangup", &[("Channel", "a")]);
        fake.push("UserEvent", &[("UserEvent", "b")]);
        fake.push("Odd", &[("Privilege", "call,user,all"), ("A", "1")]);
        fake.push("Odd", &[("Privilege", "user,all"), ("A", "2")]);
        fake.push_raw("Event: Raw\r\n\r\n");
        assert_eq!(
            calls.read_until("Raw\r\n\r\n"),
            "Event: Hangup\r\nPrivilege: call,all\r\nChannel: a\r\n\r\nEvent: Raw\r\n\r\n"
        );
        assert_eq!(
            users.read_until("Raw\r\n\r\n"),
            "Event: UserEvent\r\nPrivilege: user,all\r\nUserEvent: b\r\n\r\n\
             Event: Odd\r\nPrivilege: user,all\r\nA: 2\r\n\r\nEvent: Raw\r\n\r\n"
        );
        assert_eq!(neither.read_until("\r\n\r\n"), "Event: Raw\r\n\r\n");
        assert!(neither.ask(&["Action: Events", "EventMask: on"]).contains("Events: On"));
        let criteria = "MatchCriteria: action(exclude),name(Noise)";
        let filter = ["Action: Filter", "Operation: Add", criteria];
        assert!(neither.ask(&filter).contains("Message: Success"));
        assert!(neither.ask(&["Action: Filter", "Operation: Del"]).contains("Unknown operation"));
        fake.push("Noise", &[]);
        fake.push("Music", &[]);
        assert!(neither.read_until("\r\n\r\n").starts_with("Event: Music\r\n"));
    });
}

#[test]
fn lists_are_announced_and_completed() {
    guarded(|| {
        let fake = FakeAmi::start().unwrap();
        let client = fake.client().connect().unwrap();
        let queue = CustomAction::new("QueueStatus").header("Queue", "sales");
        let status = client.send_collecting(&queue).unwrap();
        assert_eq!(status.response.text(), "Queue status will follow");
        let names: Vec<_> = status.events.iter().map(AmiEvent::event_name).collect();
        assert_eq!(names, ["QueueParams", "QueueMember", "QueueMember"]);
        let put = |key: &str, value: &str| {
            let put = CustomAction::new("DBPut").header("Family", "cid").header("Key", key);
            client.send_action(&put.header("Val", value)).unwrap();
        };
        put("100", "Alice");
        put("200", "Bob");
        let tree = CustomAction::new("DBGetTree").header("Family", "cid");
        let tree = client.send_collecting(&tree).unwrap().events;
        let values: Vec<_> = tree.iter().filter_map(|e| e.message().get("Val")).collect();
        assert_eq!(values, ["Alice", "Bob"]);
        let get = CustomAction::new("DBGet").header("Family", "cid").header("Key", "300");
        assert!(client.send_collecting(&get).unwrap_err().is_refused());
    });
}

#[test]
fn queue_members_come_pause_and_go() {
    guarded(|| {
        let fake = FakeAmi::start().unwrap();
        fake.add_queue("support");
        let client = fake.client().connect().unwrap();
        let events = client.subscribe_with(Filter::names([
            "QueueMemberAdded",
            "QueueMemberPause",
            "QueueMemberRemoved",
        ]));
        let act = |action: &str| {
            let action = CustomAction::new(action).header("Queue", "support");
            client.send_action(&action.header("Interface", "PJSIP/c").header("Paused", "true"))
        };
        act("QueueAdd").unwrap();
        let again = act("QueueAdd").unwrap_err().to_string();
        assert!(again.ends_with("Unable to add interface: Already there"), "{again}");
        act("QueuePause").unwrap();
        act("QueueRemove").unwrap();
        assert!(act("QueueRemove").is_err());
        let names: Vec<_> = events.iter().take(3).map(|e| e.event_name().to_owned()).collect();
        assert_eq!(names, ["QueueMemberAdded", "QueueMemberPause", "QueueMemberRemoved"]);
    });
}

#[test]
fn a_call_is_made_shown_and_hung_up() {
    guarded(|| {
        let fake = FakeAmi::start().unwrap();
        fake.call_outcome("PJSIP/bob", CallOutcome::NoAnswer);
        let client = fake.client().connect().unwrap();
        let events = client.subscribe();
        let call = |channel: &str| {
            CustomAction::new("Originate")
                .header("Channel", channel)
                .header("Application", "Wait")
                .header("Data", "30")
                .header("CallerID", "Desk <100>")
                .header("Variable", "A=1,B=2")
        };
        let until = |name: &str| {
            let mut names = Vec::new();
            loop {
                let event = events.recv().unwrap();
                names.push(event.event_name().to_owned());
                if event.event_name() == name {
                    return (names, event);
                }
            }
        };
        client.send_action(&call("Local/200@default").header("Async", "true")).unwrap();
        let (names, answer) = until("OriginateResponse");
        assert_eq!(names.iter().filter(|name| *name == "Newchannel").count(), 2);
        assert_eq!(answer.message().get("Reason"), Some("4"));
        let channel = answer.channel().unwrap().to_owned();
        let shown = client.send_collecting(&CustomAction::new("CoreShowChannels")).unwrap().events;
        assert!(shown.iter().any(|event| event.channel() == Some(&channel)), "{shown:?}");
        let get = |name: &str| {
            let get = CustomAction::new("Getvar").header("Channel", channel.as_str());
            let answer = client.send_action(&get.header("Variable", name)).unwrap();
            answer.get("Value").unwrap().to_owned()
        };
        assert_eq!([get("B"), get("CALLERID(num)")], ["2", "100"]);
        let hangup = CustomAction::new("Hangup").header("Channel", channel.as_str());
        client.send_action(&hangup).unwrap();
        let (_, hangup) = until("Hangup");
        assert_eq!(hangup.message().get("Cause-txt"), Some("Normal Clearing"));
        assert!(custom(&client, "Hangup").is_err());

        let busy = client.send_action(&call("Local/busy@default")).unwrap_err();
        assert!(busy.to_string().ends_with("Originate failed"), "{busy}");
        client.send_action(&call("PJSIP/bob").header("Async", "true")).unwrap();
        let (_, missed) = until("OriginateResponse");
        assert_eq!(missed.message().get("Reason"), Some("3"));
    });
}

#[test]
fn a_test_answers_what_it_expects_and_the_model_the_rest() {
    guarded(|| {
        let fake = FakeAmi::start().unwrap();
        let (first, second) = (fake.expect("Reload"), fake.expect("reload"));
        fake.on("Whoami", |request| {
            request.success(&[("Message", &format!("session {}", request.session()))]);
        });
        let client = fake.client().connect().unwrap();
        assert_eq!(custom(&client, "Whoami").unwrap(), "session 1");
        let one = client.start_action(&CustomAction::new("Reload").header("Module", "1")).unwrap();
        let two = client.start_action(&CustomAction::new("Reload").header("Module", "2")).unwrap();
        let (first, second) = (first.wait().unwrap(), second.wait().unwrap());
        assert_eq!((first.get("Module"), second.get("Module")), (Some("1"), Some("2")));
        // The session goes on while the test thinks.
        client.ping().unwrap();
        second.error("not now");
        first.raw("Response: Success\r\nActionID: {ActionID}\r\nMessage: done\r\n\r\n");
        assert_eq!(one.wait().unwrap().text(), "done");
        assert!(two.wait().unwrap_err().is_refused());
        assert_eq!(custom(&client, "Reload").unwrap(), "Module Reloaded");
        // An expectation that is given up takes nothing away.
        assert!(fake.expect("Ping").wait_timeout(Duration::ZERO).unwrap_err().is_timeout());
        client.ping().unwrap();
        let reloads = ["1", "2"].map(|_| fake.wait_for_request("Reload", LONG).unwrap());
        assert_eq!(reloads.map(|r| r.get("Module").unwrap().to_owned()), ["1", "2"]);
        let given_up = fake.wait_for_request("Originate", Duration::ZERO);
        assert!(given_up.unwrap_err().is_timeout());
    });
}

#[test]
fn half_a_frame_is_half_a_frame() {
    guarded(|| {
        let fake = FakeAmi::start().unwrap();
        let client = fake.client().connect().unwrap();
        let events = client.subscribe_with(Filter::names(["Odd"]));
        fake.push_raw("Event: Odd\r\nA");
        fake.push_raw(": 1\r\n\r\nEvent: Odd\r\nA: 2\r\n\r\nEvent: Odd\r\nA: 3\r\n");
        fake.close_sessions();
        let values: Vec<_> = events
            .iter()
            .take(3)
            .map(|event| event.message().get("A").map(str::to_owned))
            .collect();
        // What was cut off is nothing; then comes the gap.
        assert_eq!(values, [Some("1".to_owned()), Some("2".to_owned()), None]);
    });
}

#[test]
fn a_restart_is_on_the_same_port_and_the_client_comes_back() {
    guarded(|| {
        let fake = FakeAmi::start().unwrap();
        let client = fake.client().connect().unwrap();
        let events = client.subscribe();
        let set = CustomAction::new("Setvar").header("Variable", "X").header("Value", "1");
        client.send_action(&set).unwrap();
        fake.restart().unwrap();
        fake.wait_for_logins(2, LONG).unwrap();
        fake.wait_for_sessions(1, LONG).unwrap();
        client.wait_for_state(ConnectionState::Connected, LONG).unwrap();
        let names = ["Shutdown", "Gap"];
        let seen = events.iter().filter(|e| names.contains(&e.event_name())).take(2);
        assert_eq!(seen.map(|e| e.event_name().to_owned()).collect::<Vec<_>>(), names);
        let get = CustomAction::new("Getvar").header("Variable", "X");
        assert_eq!(client.send_action(&get).unwrap().get("Value"), Some(""));
    });
}

#[test]
fn a_port_that_refuses_stays_ours() {
    guarded(|| {
        let fake = FakeAmi::start().unwrap();
        fake.refuse();
        fake.refuse();
        for _ in 0..100 {
            assert!(TcpStream::connect(fake.address()).is_err());
        }
        fake.accept().unwrap();
        fake.accept().unwrap();
        fake.client().connect().unwrap();
    });
}

#[test]
fn a_close_is_an_end_and_a_reset_an_error() {
    guarded(|| {
        let fake = FakeAmi::start().unwrap();
        let mut wire = Wire::logged_in(&fake, "Events: off");
        fake.close_sessions();
        assert_eq!(wire.read_to_end(), "");
        fake.wait_for_sessions(0, LONG).unwrap();
        let mut wire = Wire::logged_in(&fake, "Events: off");
        fake.reset_sessions();
        let e = wire.0.read(&mut [0]).unwrap_err();
        assert_eq!(e.kind(), std::io::ErrorKind::ConnectionReset);
    });
}

#[test]
fn a_session_ends_after_so_many_bytes() {
    guarded(|| {
        let fake = FakeAmi::start().unwrap();
        fake.drop_after(8);
        assert_eq!(Wire::dial(&fake).read_to_end(), "Asterisk");
        let mut wire = Wire::logged_in(&fake, "Events: off");
        fake.drop_after(19);
        wire.send(&["Action: Ping"]);
        assert_eq!(wire.read_to_end(), "Response: Success\r\n");
    });
}

#[test]
fn clients_are_received_as_the_faults_say() {
    guarded(|| {
        let fake = FakeAmi::start().unwrap();
        fake.auth_limit();
        assert_eq!(Wire::dial(&fake).read_to_end(), "");
        fake.silent();
        let mut silent = Wire::dial(&fake);
        fake.wait_for_connections(2, LONG).unwrap();
        fake.no_login();
        let mut wire = Wire::dial(&fake);
        wire.read_until("\n");
        wire.send(&["Action: Login", "Username: admin", "Secret: secret"]);
        assert!(wire.ask(&["Action: Ping"]).contains("Permission denied"));
        fake.wait_for_connections(3, LONG).unwrap();
        fake.heal().unwrap();
        fake.client().connect().unwrap();
        silent.send(&["Action: Ping"]);
        fake.close_sessions();
        assert_eq!(silent.read_to_end(), "");
    });
}

#[test]
fn a_stall_holds_answers_back_until_it_is_over() {
    guarded(|| {
        let fake = FakeAmi::start().unwrap();
        let mut wire = Wire::logged_in(&fake, "Events: call");
        fake.stall_writing();
        wire.send(&["Action: Ping", "ActionID: 1"]);
        fake.wait_for_request("Ping", LONG).unwrap();
        fake.push("Hangup", &[]);
        wire.0.set_nonblocking(true).unwrap();
        assert!(wire.0.read(&mut [0]).is_err());
        wire.0.set_nonblocking(false).unwrap();
        fake.resume_writing();
        let both = wire.read_until("\r\n\r\n") + &wire.read_until("\r\n\r\n");
        assert!(both.contains("ActionID: 1") && both.contains("Event: Hangup"), "{both}");

        fake.stall_reading();
        wire.send(&["Action: Ping"]);
        assert!(fake.wait_for_request("Ping", Duration::from_millis(20)).is_err());
        fake.resume_reading();
        fake.wait_for_request("Ping", LONG).unwrap();
    });
}

#[test]
fn a_flood_waits_for_its_readers_and_for_nobody_else() {
    guarded(|| {
        let fake = FakeAmi::builder().socket_buffers(32 << 10).start().unwrap();
        let mut wire = Wire::logged_in(&fake, "Events: off");
        let block: std::sync::Arc<[u8]> = b"Event: Tick\r\n\r\n".repeat(1000).into();
        let all = block.len() * 1000;
        let flood = fake.flood(1000, move |_| std::sync::Arc::clone(&block)).unwrap();
        let mut read = 0;
        let mut buffer = vec![0; 1 << 16];
        while read < all {
            read += wire.0.read(&mut buffer).unwrap();
        }
        flood.wait();
        assert_eq!((flood.sent(), read), (1000, all));
        // Nobody reads this one.
        let endless = fake.flood(u64::MAX, |_| b"Event: Tick\r\n\r\n".repeat(100)).unwrap();
        assert!(!endless.is_finished());
        drop(fake);
        assert!(endless.is_finished());
    });
}

#[test]
fn a_hostile_client_gets_an_error_and_no_more_memory() {
    guarded(|| {
        let fake = FakeAmi::start().unwrap();
        let mut wire = Wire::logged_in(&fake, "Events: off");
        let long = format!("A: {}", "x".repeat(1100));
        assert!(wire.ask(&["Action: Ping", &long]).contains("line too long"));
        let many: Vec<&str> = std::iter::repeat_n("A: 1", 200).collect();
        assert!(wire.ask(&many).contains("Too many lines"));
        let huge = format!("Action: Ping\r\nA: {}", "x".repeat(8 << 20));
        assert!(wire.ask(&[&huge]).contains("Message: "));
        assert!(wire.ask(&["Action: Ping"]).contains("Pong"));
    });
}

#[cfg(feature = "tls")]
#[test]
fn tls_is_spoken_from_the_first_byte_and_both_ways_at_once() {
    guarded(|| {
        let fake = FakeAmi::builder().tls().start().unwrap();
        let client = fake.client().connect().unwrap();
        let events = client.subscribe_with(Filter::names(["Tick"]));
        let flood = fake.flood(500, |_| b"Event: Tick\r\n\r\n".repeat(100)).unwrap();
        for _ in 0..100 {
            client.ping().unwrap();
        }
        flood.wait();
        assert_eq!(events.iter().take(50_000).count(), 50_000);
        // Whoever does not know the authority is not fooled.
        let untrusting = fake.client().tls(crate::Tls::new()).connect();
        assert!(matches!(untrusting, Err(Error::Connection(_))), "{untrusting:?}");
        fake.restart().unwrap();
        fake.wait_for_logins(2, LONG).unwrap();
        fake.close_sessions();
        fake.wait_for_logins(3, LONG).unwrap();
    });
}

#[cfg(feature = "tls")]
#[test]
fn dropping_it_does_not_wait_for_a_handshake() {
    guarded(|| {
        let fake = FakeAmi::builder().tls().start().unwrap();
        let mut wire = Wire::dial(&fake);
        fake.wait_for_connections(1, LONG).unwrap();
        drop(fake);
        let _ = wire.0.read(&mut [0]);
    });
}

#[test]
fn dropping_it_ends_every_thread_and_every_socket() {
    guarded(|| {
        let fake = FakeAmi::start().unwrap();
        // One that does not read, one that says nothing, one half closed, one lingering.
        let deaf = Wire::logged_in(&fake, "Events: on");
        fake.flood(u64::MAX, |_| vec![b'x'; 1 << 16]).unwrap();
        let mute = Wire::dial(&fake);
        let half = Wire::dial(&fake);
        half.0.shutdown(Shutdown::Write).unwrap();
        fake.wait_for_connections(3, LONG).unwrap();
        let expected = fake.expect("Ping");
        let shared = std::sync::Arc::downgrade(&fake.shared);
        drop(fake);
        // Every thread held a share.
        assert!(shared.upgrade().is_none());
        assert!(matches!(expected.wait(), Err(Error::Closed)));
        for mut wire in [deaf, mute, half] {
            let mut rest = Vec::new();
            let _ = wire.0.read_to_end(&mut rest);
        }
    });
}
