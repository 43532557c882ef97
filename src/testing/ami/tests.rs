use std::io::{Read, Write};
use std::net::TcpStream;
use std::time::Duration;

use super::*;
use crate::ami::action::CustomAction;
use crate::ami::{AmiClient, AmiEvent, AuthMethod, Filter};
use crate::net::fixtures::guarded;
use crate::{ConnectionState, Error, Result};

mod faults;

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
