//! The answers that are lists, read from the wire with their ends.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::sync::Mutex;

use asterisk_sync::ami::codec::Decoder;
use asterisk_sync::ami::{AmiEvent, MessageKind};

use crate::support::{PATIENCE, setting};

/// What all lists had in them, their ends as well.
static LISTED: Mutex<Vec<AmiEvent>> = Mutex::new(Vec::new());

/// An action and its headers.
pub(super) type Question<'a> = (&'a str, &'a [(&'a str, &'a str)]);

/// Sends these actions over a connection that hears no events but their answers, and keeps those
/// for the end. The client gives out the items of a list; here it is every frame that counts.
pub(super) fn ask(questions: &[Question<'_>]) -> Vec<AmiEvent> {
    converse("off", questions)
}

/// What the server says to everybody who comes in and listens.
pub(super) fn greeting() {
    let heard = converse("system", &[("Ping", &[])]);
    assert!(heard.iter().any(|event| event.event_name() == "FullyBooted"), "{heard:?}");
}

fn converse(mask: &str, questions: &[Question<'_>]) -> Vec<AmiEvent> {
    let address = format!("{}:{}", setting("ASTERISK_HOST"), setting("ASTERISK_AMI_PORT"));
    let mut socket = TcpStream::connect(address).unwrap();
    socket.set_read_timeout(Some(PATIENCE)).unwrap();
    let (user, secret) = (setting("ASTERISK_AMI_USER"), setting("ASTERISK_AMI_SECRET"));
    let mut text =
        format!("Action: Login\r\nUsername: {user}\r\nSecret: {secret}\r\nEvents: {mask}\r\n\r\n");
    for (index, (action, headers)) in questions.iter().enumerate() {
        text += &format!("Action: {action}\r\nActionID: {index}\r\n");
        for (name, value) in *headers {
            text += &format!("{name}: {value}\r\n");
        }
        text += "\r\n";
    }
    // The server answers in order, so the goodbye is the end.
    text += "Action: Logoff\r\n\r\n";
    socket.write_all(text.as_bytes()).unwrap();
    let mut came = Vec::new();
    socket.read_to_end(&mut came).expect("the server hangs up");
    let banner = came.iter().position(|byte| *byte == b'\n').expect("a banner") + 1;
    let block = Decoder::new(1 << 24).push(&came[banner..]).expect("answers");
    let (mut listed, mut answers) = (Vec::new(), 0);
    for message in std::sync::Arc::new(block).messages() {
        if message.kind() == MessageKind::Event {
            listed.push(AmiEvent::from(message));
        } else if let Some(index) = message.get("ActionID") {
            let (action, headers) = questions[index.parse::<usize>().unwrap()];
            assert_eq!(message.name(), "Success", "{action} {headers:?}: {message:?}");
            answers += 1;
        }
    }
    assert_eq!(answers, questions.len(), "each is answered");
    LISTED.lock().unwrap().extend(listed.iter().cloned());
    listed
}

/// What all lists so far had in them.
pub(super) fn take() -> Vec<AmiEvent> {
    std::mem::take(&mut LISTED.lock().unwrap())
}

/// The lists that need nothing to go on.
pub(super) fn standing() {
    let stage = super::stage::Stage::new();
    let family = crate::support::unique("exercise");
    stage.send("DBPut", &[("Family", &family), ("Key", "key"), ("Val", "value")]);
    ask(&[
        ("DBGet", &[("Family", &family), ("Key", "key")]),
        ("DBGetTree", &[("Family", &family)]),
        ("ShowDialPlan", &[]),
        ("DeviceStateList", &[]),
        ("PresenceStateList", &[]),
        ("ExtensionStateList", &[]),
        ("Parkinglots", &[]),
        ("ParkedCalls", &[]),
        ("QueueStatus", &[]),
        ("QueueSummary", &[]),
        ("FAXSessions", &[]),
        ("FAXStats", &[]),
        ("Agents", &[]),
        ("IAXpeers", &[]),
        ("IAXregistry", &[]),
        ("VoicemailUsersList", &[]),
        ("VoicemailUserStatus", &[("Mailbox", "110"), ("Context", "exercise")]),
        ("PJSIPShowEndpoints", &[]),
        ("PJSIPShowEndpoint", &[("Endpoint", "bob")]),
        ("PJSIPShowEndpoint", &[("Endpoint", "marked")]),
        ("PJSIPShowAors", &[]),
        ("PJSIPShowAuths", &[]),
        ("PJSIPShowContacts", &[]),
        ("PJSIPShowRegistrationsInbound", &[]),
        ("PJSIPShowRegistrationsOutbound", &[]),
        ("PJSIPShowRegistrationInboundContactStatuses", &[]),
        ("PJSIPShowSubscriptionsOutbound", &[]),
        ("PJSIPShowResourceLists", &[]),
        ("BridgeTechnologyList", &[]),
        ("WaitEvent", &[("Timeout", "0")]),
    ]);
    stage.send("DBDel", &[("Family", &family), ("Key", "key")]);
}
