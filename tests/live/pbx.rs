//! The telephone system as its users see it. The phones are channels that this same server answers.

#![allow(clippy::unwrap_used, reason = "a panic is how a test fails")]

use std::time::Duration;

use asterisk_sync::Error;
use asterisk_sync::ami::action::{ParkedCallsAction, StatusAction};
use asterisk_sync::ami::event::{AmiEvent, BlindTransfer};
use asterisk_sync::ami::{AmiClient, Filter};
use asterisk_sync::pbx::{Pbx, PhoneCall};
use asterisk_sync::types::CallFailure;

use crate::support::{PATIENCE, Scratch, client, eventually};

const PHONE: &str = "PJSIP/bob";

fn pbx(ami: &AmiClient) -> Pbx {
    Pbx::new(ami.clone()).context("scratch").hold_at("test", "hold")
}

/// A number that dials somebody.
fn number(ami: &AmiClient, dials: &str) -> Scratch {
    Scratch::new(ami, &[("Dial", dials)])
}

/// The application that a channel runs.
fn application(ami: &AmiClient, id: &str) -> String {
    let status = ami.list(&StatusAction::new().channel(id)).expect("the channel is there");
    status[0].application().to_owned()
}

/// A call to somebody who has answered, and who that is.
fn connected(ami: &AmiClient, number: &Scratch) -> (PhoneCall, String) {
    let call = pbx(ami).phone(PHONE).dial(&number.extension).unwrap();
    call.wait_for_answer(PATIENCE).unwrap();
    let peer = call.peer().unwrap();
    (call, peer)
}

fn end(call: &PhoneCall) {
    call.hangup().unwrap();
    call.wait_for_hangup(PATIENCE).unwrap();
}

#[test]
fn a_phone_dials_and_is_connected_and_hangs_up() {
    let ami = client();
    for dials in ["PJSIP/carol", "Local/answer@test/n"] {
        let number = number(&ami, dials);
        let (call, peer) = connected(&ami, &number);
        let name = ami.call(&peer).unwrap().channel().to_owned();
        assert!(name.starts_with(dials.split('@').next().unwrap()), "{name}");
        end(&call);
        assert!(matches!(call.peer(), Err(Error::Refused { .. })));
    }
}

#[test]
fn who_is_dialled_and_does_not_answer_is_said_to_be_so() {
    let ami = client();
    let says = &|dials: &str, expected: CallFailure| {
        let number = number(&ami, dials);
        let call = pbx(&ami).phone(PHONE).dial(&number.extension).unwrap();
        match call.wait_for_answer(PATIENCE) {
            Err(Error::NotAnswered { reason, channel, .. }) => {
                assert_eq!((reason, &*channel), (expected, &*number.extension));
            }
            other => panic!("{dials}: {other:?}"),
        }
    };
    // Beside each other: each takes its time.
    std::thread::scope(|scope| {
        for (dials, expected) in [
            ("Local/busy@test/n", CallFailure::Busy),
            ("Local/congestion@test/n", CallFailure::Congestion),
            ("Local/noanswer@test/n,1", CallFailure::NoAnswer),
            ("PJSIP/alice", CallFailure::Unreachable),
        ] {
            scope.spawn(move || says(dials, expected));
        }
    });
}

#[test]
fn a_phone_that_is_not_picked_up_or_a_number_that_is_none_is_an_error() {
    let ami = client();
    let number = number(&ami, "PJSIP/carol");
    let away = pbx(&ami).phone("PJSIP/alice").dial(&number.extension).unwrap_err();
    let reason = CallFailure::Unreachable;
    assert!(matches!(&away, Error::NotAnswered { reason: r, .. } if *r == reason), "{away:?}");
    let nowhere = pbx(&ami).phone(PHONE).dial("no-such-number").unwrap_err();
    assert!(nowhere.is_refused(), "{nowhere:?}");
    // A call that is not connected with anybody cannot be held.
    let silent = Scratch::new(&ami, &[("Wait", "60")]);
    let mut call = pbx(&ami).phone(PHONE).dial(&silent.extension).unwrap();
    assert!(call.wait_for_answer(Duration::from_millis(100)).unwrap_err().is_timeout());
    for outcome in [call.hold(), call.unhold(), call.complete_transfer()] {
        assert!(matches!(outcome, Err(Error::Invalid(_))), "{outcome:?}");
    }
    end(&call);
}

#[test]
fn the_other_side_waits_on_hold_and_is_taken_back() {
    let ami = client();
    let number = number(&ami, "PJSIP/carol");
    let (mut call, peer) = connected(&ami, &number);
    for _ in 0..2 {
        call.hold().unwrap();
        assert!(call.is_on_hold());
        eventually(|| match application(&ami, &peer).as_str() {
            "Wait" => Ok(()),
            other => Err(format!("it is in {other:?}")),
        });
        assert!(matches!(call.peer(), Err(Error::Invalid(_))));
        assert!(matches!(call.hold(), Err(Error::Invalid(_))));
        call.unhold().unwrap();
        assert!(!call.is_on_hold());
        assert_eq!(call.peer().unwrap(), peer);
    }
    end(&call);
    let without = Pbx::new(ami.clone()).context("scratch").phone(PHONE);
    let mut call = without.dial(&number.extension).unwrap();
    call.wait_for_answer(PATIENCE).unwrap();
    assert!(matches!(call.hold(), Err(Error::Invalid(_))));
    end(&call);
}

#[test]
fn a_blind_transfer_sends_the_other_side_on_and_frees_the_phone() {
    let ami = client();
    let (number, target) = (number(&ami, "PJSIP/carol"), Scratch::new(&ami, &[("Echo", "")]));
    let (call, peer) = connected(&ami, &number);
    let transfers = ami.subscribe_to::<BlindTransfer>();
    call.blind_transfer(&target.extension).unwrap();
    let to = |it: &BlindTransfer| it.transferee().unique_id() == peer;
    assert_eq!(transfers.wait_for(to, PATIENCE).unwrap().extension(), target.extension);
    call.wait_for_hangup(PATIENCE).unwrap();
    let rest = ami.call(&peer).unwrap();
    eventually(|| match application(&ami, &peer).as_str() {
        "Echo" => Ok(()),
        other => Err(format!("it is in {other:?}")),
    });
    rest.hangup(None).unwrap();
}

#[test]
fn an_attended_transfer_connects_the_two_and_frees_the_phone() {
    let ami = client();
    let (number, target) = (number(&ami, "PJSIP/carol"), number(&ami, "Local/answer@test/n"));
    let (mut call, peer) = connected(&ami, &number);
    let enters = ami.subscribe_with(Filter::names(["BridgeEnter"]).unique_id(peer.as_str()));
    call.attended_transfer(&target.extension, PATIENCE).unwrap();
    call.wait_for_hangup(PATIENCE).unwrap();
    enters.wait_for(|_| true, PATIENCE).unwrap();
    let rest = ami.call(&peer).unwrap();
    rest.hangup(None).unwrap();
}

#[test]
fn a_transfer_that_does_not_come_off_leaves_the_call_as_it_was() {
    let ami = client();
    let number = number(&ami, "PJSIP/carol");
    let (mut call, peer) = connected(&ami, &number);
    for (dials, patience, expected) in [
        ("Local/noanswer@test/n,60", Duration::from_secs(1), CallFailure::NoAnswer),
        // Where it has nothing else to do, the dialplan says that it is congested.
        ("PJSIP/alice", PATIENCE, CallFailure::Congestion),
    ] {
        let target = self::number(&ami, dials);
        let error = call.attended_transfer(&target.extension, patience).unwrap_err();
        match error {
            Error::NotAnswered { reason, .. } => assert_eq!(reason, expected),
            other => panic!("{other:?}"),
        }
        assert_eq!((call.peer().unwrap(), call.is_on_hold()), (peer.clone(), false));
    }
    // In steps, from a hold of its own, and back.
    let third = self::number(&ami, "Local/answer@test/n");
    call.hold().unwrap();
    call.consult(&third.extension, PATIENCE).unwrap();
    let consulted = call.peer().unwrap();
    assert_ne!(consulted, peer);
    let gone = ami.call(&consulted).unwrap();
    assert!(matches!(call.consult(&third.extension, PATIENCE), Err(Error::Invalid(_))));
    call.unhold().unwrap();
    assert_eq!(call.peer().unwrap(), peer);
    gone.wait_for_hangup(PATIENCE).unwrap();
    end(&call);
}

#[test]
fn a_parked_call_is_fetched_by_another_phone() {
    let ami = client();
    let number = number(&ami, "PJSIP/carol");
    let (mut call, peer) = connected(&ami, &number);
    let parked = call.park(None).unwrap();
    let listed = ami.list(&ParkedCallsAction::new()).unwrap();
    let mine = listed.iter().find(|it| it.parkee().unique_id() == peer).unwrap();
    assert_eq!(mine.parking_space(), Some(parked.space));
    let fetched = pbx(&ami).phone("Local/answer@test/n").fetch(&parked).unwrap();
    fetched.wait_for_answer(PATIENCE).unwrap();
    assert_eq!(fetched.peer().unwrap(), peer);
    let gone = ami.subscribe_with(Filter::names(["Hangup"]).unique_id(peer.as_str()));
    end(&fetched);
    gone.wait_for(|event| matches!(event, AmiEvent::Hangup(_)), PATIENCE).unwrap();
    call.wait_for_hangup(PATIENCE).unwrap();
}
