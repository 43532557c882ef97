//! SIP: endpoints, and calls over the wire.

use asterisk_sync::Error;
use asterisk_sync::ami::AmiClient;
use asterisk_sync::ami::action::{
    ExtensionStateAction, OriginateAction, PJSIPEndpointItem, PJSIPOutboundRegistrationItem,
    PJSIPQualifyAction, PJSIPShowContactsAction, PJSIPShowEndpointAction, PJSIPShowEndpointsAction,
    PJSIPShowRegistrationsOutboundAction, PlayDTMFAction, SendTextAction,
};
use asterisk_sync::ami::event::{DtmfEnd, Hangup, NewChannel};
use asterisk_sync::types::DtmfDirection;

use crate::support::{Call, await_event, client, console, eventually};

/// Waits until the server has registered `bob` with itself, which it does a moment after its start.
fn await_bob(ami: &AmiClient) {
    eventually(|| {
        let contacts = ami.list(&PJSIPShowContactsAction::new()).expect("a list");
        let here = contacts.iter().any(|it| it.message().get("Endpoint") == Some("bob"));
        if here { Ok(()) } else { Err("bob is not registered") }
    });
}

#[test]
fn the_endpoints_are_those_of_the_configuration() {
    let listed = client().list(&PJSIPShowEndpointsAction::new()).unwrap();
    let mut names: Vec<_> = listed.iter().filter_map(|it| it.message().get("ObjectName")).collect();
    names.sort_unstable();
    assert_eq!(names, ["alice", "bob", "carol", "erin", "fenced", "loop", "marked", "phone"]);
}

#[test]
fn an_endpoint_is_listed_with_all_that_belongs_to_it() {
    let ami = client();
    await_bob(&ami);
    let items = ami.list(&PJSIPShowEndpointAction::new("bob")).unwrap();
    let (mut endpoints, mut aors, mut auths, mut transports, mut contacts) = (0, 0, 0, 0, 0);
    for item in &items {
        match item {
            PJSIPEndpointItem::Endpoint(it) => {
                endpoints += 1;
                assert_eq!(it.message().get("ObjectName"), Some("bob"));
                assert_eq!(it.message().get("Callerid"), Some("\"Bob Example\" <203>"));
            }
            PJSIPEndpointItem::Aor(_) => aors += 1,
            PJSIPEndpointItem::Auth(_) => auths += 1,
            PJSIPEndpointItem::Transport(_) => transports += 1,
            PJSIPEndpointItem::Contact(_) => contacts += 1,
            other => panic!("{other:?}"),
        }
    }
    assert_eq!((endpoints, aors, auths, transports, contacts), (1, 1, 1, 1, 1));
    assert!(!format!("{items:?}").contains("bob-secret"));
}

#[test]
fn an_unknown_endpoint_is_refused_by_its_name() {
    let ami = client();
    let error = ami.list(&PJSIPShowEndpointAction::new("nobody")).unwrap_err();
    let Error::Refused { message, .. } = &error else { panic!("{error:?}") };
    assert_eq!(&**message, "Unable to retrieve endpoint nobody");
    // The answer ends with one line break too many; what follows is not disturbed.
    assert_eq!(ami.ping().unwrap().ping(), "Pong");
}

#[test]
fn the_registration_of_the_server_with_itself_is_listed() {
    let ami = client();
    await_bob(&ami);
    let items = ami.list(&PJSIPShowRegistrationsOutboundAction::new()).unwrap();
    let registrations = items
        .iter()
        .filter(|item| matches!(item, PJSIPOutboundRegistrationItem::Registration(_)))
        .count();
    assert_eq!(registrations, 2);
    assert!(console("pjsip show registrations").contains("bob-registers"));
}

#[test]
fn the_hint_of_an_endpoint_says_whether_it_is_there() {
    let ami = client();
    await_bob(&ami);
    eventually(|| {
        let answer = ami.send_action(&ExtensionStateAction::new("203", "hints")).expect("a state");
        match answer.status() {
            Some(state) if !state.is_unavailable() => Ok(()),
            _ => Err(format!("{answer:?}")),
        }
    });
    ami.send_action(&PJSIPQualifyAction::new("carol")).unwrap();
    assert!(ami.send_action(&PJSIPQualifyAction::new("nobody")).unwrap_err().is_refused());
}

#[test]
fn a_call_over_sip_is_answered_hears_digits_and_ends_on_both_sides() {
    let ami = client();
    await_bob(&ami);
    let channels = ami.subscribe_to::<NewChannel>();
    let digits = ami.subscribe_to::<DtmfEnd>();
    let hangups = ami.subscribe_to::<Hangup>();
    // Ends the call however the test ends.
    let call = Call::new(&ami);
    let action = OriginateAction::to("PJSIP/carol")
        .application("Wait", "60")
        .channel_id(&call.id)
        .caller_id("\"Jürgen \\\"J\\\" 世界\" <100>");
    ami.send_action(&action).unwrap();
    let name = call.name();
    assert!(name.starts_with("PJSIP/carol-"), "{name}");

    // The other end of the same SIP call, as a call from `loop`.
    let sip_id = call.variable("CHANNEL(pjsip,call-id)");
    let loops = || channels.try_iter().map(|it| it.channel().unique_id().to_owned());
    let mut others: Vec<String> = Vec::new();
    let other = eventually(|| {
        others.extend(loops());
        let found = others.iter().find(|id| **id != call.id && has_call_id(&ami, id, &sip_id));
        found.cloned().ok_or("the call did not come back")
    });

    ami.send_action(&PlayDTMFAction::new(&name, '5')).unwrap();
    let digit = await_event(&digits, |it| {
        it.channel().unique_id() == other && it.direction() == Some(DtmfDirection::Received)
    });
    assert_eq!(digit.digit(), "5");
    let text = SendTextAction::new(&name, "Grüße, 世界");
    assert_eq!(ami.send_action(&text).unwrap().text(), "Success");
    drop(call);
    await_event(&hangups, |it| it.channel().unique_id() == other);
}

fn has_call_id(ami: &AmiClient, channel: &str, sip_id: &str) -> bool {
    use asterisk_sync::ami::action::GetVarAction;
    // It may be another test's channel, gone by now or without SIP.
    let ask = GetVarAction::new("CHANNEL(pjsip,call-id)").channel(channel);
    ami.send_action(&ask).is_ok_and(|answer| answer.value() == sip_id)
}

#[test]
fn a_call_to_somebody_who_is_not_there_fails() {
    let ami = client();
    let action = OriginateAction::to("PJSIP/alice").application("Wait", "1");
    assert!(ami.send_action(&action).unwrap_err().is_refused());
}
