//! Every list action of the tables, against a server that has something to list: each is complete,
//! or refused for a reason that is named here; and every header of every item has an accessor.

use std::collections::BTreeSet;
use std::fmt::Debug;
use std::time::Duration;

use asterisk_sync::Error;
use asterisk_sync::ami::action::*;
use asterisk_sync::ami::event::{BridgeEnter, ConfbridgeJoin, ParkedCall};
use asterisk_sync::ami::{AmiClient, AmiEvent};

use crate::docs::docs;
use crate::support::{Call, await_event, client, unique};
use crate::tables::{actions, events, fold};

/// How a list ends.
enum Expected {
    /// With at least so many items.
    Items(usize),
    /// With these words.
    Refusal(&'static str),
}
use Expected::{Items, Refusal};

/// Runs list actions, and remembers which.
struct Runner {
    ami: AmiClient,
    run: BTreeSet<&'static str>,
    faults: Vec<String>,
}

impl Runner {
    fn run<A: ListAction>(&mut self, name: &'static str, action: &A, expected: Expected)
    where
        A::Item: Debug,
    {
        assert!(self.run.insert(name), "{name} is run once");
        let expected = if docs().registered.contains(action.name()) {
            expected
        } else {
            // Its module is not there.
            Refusal("Invalid/unknown command")
        };
        let collected = match (self.ami.send_collecting(action), &expected) {
            (Ok(collected), Items(_)) => collected,
            (Err(Error::Refused { message, .. }), Refusal(words)) if message.starts_with(words) => {
                return;
            }
            (Ok(_), Refusal(words)) => {
                return self.fault(name, format!("not refused with {words}"));
            }
            (Err(e), _) => return self.fault(name, e.to_string()),
        };
        for event in &collected.events {
            self.check(name, event);
        }
        match (self.ami.list(action), expected) {
            (Ok(items), Items(least)) if items.len() < least => {
                self.fault(name, format!("{items:?} are fewer than {least}"));
            }
            (Ok(_), _) => {}
            (Err(e), _) => self.fault(name, e.to_string()),
        }
    }

    /// Every header of an item has an accessor.
    fn check(&mut self, name: &str, event: &AmiEvent) {
        if matches!(event, AmiEvent::Unknown(_)) {
            return self.fault(name, format!("{event:?} has no type"));
        }
        let known = &events()[&fold(event.event_name())];
        for (header, _) in event.message().iter().skip(1) {
            // Status has the variables that were asked for.
            if !known.has(header) {
                self.fault(name, format!("{} of {} has no accessor", header, known.name));
            }
        }
    }

    fn fault(&mut self, name: &str, what: String) {
        self.faults.push(format!("{name}: {what}"));
    }
}

/// Writes an action's name once.
macro_rules! run {
    ($runner:ident: $( $name:ident ( $($arg:expr),* ) $(.$setter:ident($($value:expr),*))* => $expected:expr; )*) => {
        $( $runner.run(stringify!($name), &$name::new($($arg),*) $(.$setter($($value),*))*, $expected); )*
    };
}

/// Something of each kind that a server without phones can have.
struct Scene {
    calls: Vec<Call>,
    bridge: String,
    conference: String,
}

fn scene(ami: &AmiClient) -> Scene {
    let (one, two) = (Call::to(ami, "hold"), Call::to(ami, "hold"));
    let enters = ami.subscribe_to::<BridgeEnter>();
    ami.send_action(&BridgeAction::new(one.name(), two.name())).unwrap();
    let enter = await_event(&enters, |it| it.channel().unique_id() == one.id);
    let bridge = enter.bridge().unique_id().to_owned();

    let conference = unique("audit");
    let joins = ami.subscribe_to::<ConfbridgeJoin>();
    let member = Call::new(ami);
    ami.send_action(&member.action("conf").variable("__ROOM", &conference)).unwrap();
    let join = await_event(&joins, |it| {
        [&member.id, &member.other].iter().any(|id| it.channel().unique_id() == id.as_str())
    });
    let conference = join.conference().to_owned();

    let parks = ami.subscribe_to::<ParkedCall>();
    let parked = Call::new(ami);
    ami.send_action(&parked.action("park")).unwrap();
    await_event(&parks, |it| {
        [&parked.id, &parked.other].iter().any(|id| it.parkee().unique_id() == id.as_str())
    });

    let presence =
        SetVarAction::new("PRESENCE_STATE(CustomPresence:audit)", "away,lunch,back soon");
    ami.send_action(&presence).unwrap();
    ami.send_action(&DBPutAction::new("audit", "key", "value")).unwrap();
    Scene { calls: vec![one, two, member, parked], bridge, conference }
}

#[test]
fn every_list_is_complete_and_every_header_of_its_items_is_read() {
    let ami = client();
    let scene = scene(&ami);
    let mut runner = Runner { ami: ami.clone(), run: BTreeSet::new(), faults: Vec::new() };
    run! { runner:
        AgentsAction() => Items(1);
        BridgeInfoAction(&scene.bridge) => Items(2);
        BridgeListAction() => Items(1);
        BridgeTechnologyListAction() => Items(1);
        ConfbridgeListAction(&scene.conference) => Items(1);
        ConfbridgeListRoomsAction() => Items(1);
        CoreShowChannelMapAction(scene.calls[0].name()) => Items(1);
        CoreShowChannelsAction() => Items(4);
        DAHDIShowChannelsAction() => Items(0);
        DAHDIShowStatusAction() => Refusal("No DAHDI detected");
        DBGetAction("audit", "key") => Items(1);
        DBGetTreeAction() => Items(1);
        DataGetAction("/") => Items(0);
        DeviceStateListAction() => Items(1);
        ExtensionStateListAction() => Items(3);
        FAXSessionAction(1) => Refusal("Session not found");
        FAXSessionsAction() => Items(0);
        FAXStatsAction() => Items(1);
        HangupMatchingAction("^no such channel$") => Items(0);
        IAXpeerlistAction() => Items(2);
        IAXpeersAction() => Items(2);
        IAXregistryAction() => Items(0);
        MWIGetAction("/./") => Items(0);
        MeetmeListAction() => Items(0);
        MeetmeListRoomsAction() => Items(0);
        PJSIPHangupMatchingAction("^no such channel$", 404) => Items(0);
        PJSIPShowAorsAction() => Items(3);
        PJSIPShowAuthsAction() => Items(2);
        PJSIPShowContactsAction() => Items(0);
        PJSIPShowEndpointAction("alice") => Items(4);
        PJSIPShowEndpointsAction() => Items(3);
        PJSIPShowMaintenanceAction() => Items(0);
        PJSIPShowRegistrationInboundContactStatusesAction() => Items(0);
        PJSIPShowRegistrationsInboundAction() => Items(1);
        PJSIPShowRegistrationsOutboundAction() => Items(1);
        PJSIPShowResourceListsAction() => Items(0);
        PJSIPShowSubscriptionsInboundAction() => Items(0);
        PJSIPShowSubscriptionsOutboundAction() => Items(0);
        PRIShowSpansAction() => Items(0);
        ParkedCallsAction() => Items(1);
        ParkinglotsAction() => Items(1);
        PresenceStateListAction() => Items(1);
        QueueStatusAction() => Items(6);
        QueueSummaryAction() => Items(3);
        SIPpeersAction() => Items(0);
        SIPpeerstatusAction() => Items(0);
        SIPshowregistryAction() => Items(0);
        SKINNYdevicesAction() => Items(0);
        SKINNYlinesAction() => Items(0);
        ShowDialPlanAction() => Items(1);
        StatusAction().variables(["CHANNEL(state)"]) => Items(4);
        VoicemailBoxSummaryAction("default", "100") => Items(0);
        VoicemailUserStatusAction("default", "100") => Items(1);
        VoicemailUsersListAction() => Items(1);
        WaitEventAction(Duration::ZERO) => Items(0);
    }
    drop(scene);

    let mut tables: BTreeSet<&str> = BTreeSet::new();
    for action in actions().values() {
        tables.extend(action.lists.iter().map(String::as_str));
    }
    let missing: Vec<_> = tables.difference(&runner.run).collect();
    assert!(missing.is_empty(), "lists of the tables that are not run: {missing:?}");
    assert!(runner.faults.is_empty(), "{}", runner.faults.join("\n"));
}

#[test]
fn a_list_without_items_is_empty_and_no_error() {
    let ami = client();
    let empty = [
        ami.list(&HangupMatchingAction::new("^no such channel$")).map(|it| it.len()),
        ami.list(&QueueStatusAction::new().queue("no-such-queue")).map(|it| it.len()),
        ami.list(&QueueSummaryAction::new().queue("no-such-queue")).map(|it| it.len()),
        ami.list(&DBGetTreeAction::new().family("no-such-family")).map(|it| it.len()),
        ami.list(&BridgeListAction::new().bridge_type("no-such-type")).map(|it| it.len()),
        ami.list(&PJSIPShowSubscriptionsInboundAction::new()).map(|it| it.len()),
        ami.list(&FAXSessionsAction::new()).map(|it| it.len()),
        ami.list(&VoicemailUserStatusAction::new("default", "nobody")).map(|it| it.len()),
        ami.list(&VoicemailBoxSummaryAction::new("default", "nobody")).map(|it| it.len()),
        ami.list(&ParkedCallsAction::new().parking_lot("default")).map(|_| 0),
    ];
    for (i, answer) in empty.into_iter().enumerate() {
        assert_eq!(answer.unwrap_or_else(|e| panic!("number {i}: {e}")), 0, "number {i}");
    }
}

#[test]
fn what_belongs_to_a_list_without_saying_so_is_no_news() {
    let ami = client();
    let news = ami.subscribe();
    let other = ami.clone();
    let both = std::thread::spawn(move || other.list(&IAXpeersAction::new()).unwrap());
    let names = |items: &[asterisk_sync::ami::event::PeerEntry]| -> BTreeSet<String> {
        items.iter().map(|it| it.object_name().to_owned()).collect()
    };
    let mine = ami.list(&IAXpeersAction::new()).unwrap();
    let theirs = both.join().unwrap();
    assert_eq!(names(&mine).len(), 2, "{mine:?}");
    assert_eq!(names(&mine), names(&theirs));
    let marker = unique("marker");
    ami.send_action(&UserEventAction::new(&marker)).unwrap();
    let before = crate::support::events_until(
        &news,
        |it| matches!(it, AmiEvent::UserEvent(it) if it.user_event() == marker),
    );
    assert!(!before.iter().any(|it| matches!(it, AmiEvent::PeerEntry(_))), "{before:?}");
}

#[test]
fn an_answer_of_bare_text_ends_and_belongs_to_its_action() {
    let ami = client();
    // One line for each call; the list of peers has none, so there may be none.
    let output = ami.send_action(&IAXnetstatsAction::new()).unwrap();
    let calls = output.lines().filter(|line| line.contains("IAX2/")).count();
    let call = OriginateAction::to("IAX2/iax-server/answer").application("Wait", "5");
    ami.send_action(&call.asynchronous(true)).unwrap();
    crate::support::eventually(|| {
        let output = ami.send_action(&IAXnetstatsAction::new()).unwrap();
        let now = output.lines().filter(|line| line.contains("IAX2/")).count();
        if now > calls { Ok(()) } else { Err(format!("{now} calls: {}", output.text())) }
    });
    ami.list(&HangupMatchingAction::new("^IAX2/iax-server")).unwrap();
}
