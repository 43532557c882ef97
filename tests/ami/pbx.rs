//! The telephone system as its users see it.

use crate::common::{LONG, SHORT, both};
use asterisk_sync::Error;
use asterisk_sync::ami::AmiClient;
use asterisk_sync::ami::action::HangupAction;
use asterisk_sync::pbx::{Parked, Pbx, PhoneCall};
use asterisk_sync::testing::{CallOutcome, FakeAmi};
use asterisk_sync::types::CallFailure;

fn pbx(ami: &AmiClient) -> Pbx {
    Pbx::new(ami.clone()).context("internal").hold_at("internal", "music").ring_for(LONG)
}

/// Alice talks to bob, and this is bob's channel.
fn connected(fake: &FakeAmi, ami: &AmiClient) -> (PhoneCall, String) {
    fake.extension_dials("200", "PJSIP/bob");
    let call = pbx(ami).phone("PJSIP/alice").caller_id("Alice <100>").dial("200").unwrap();
    call.wait_for_answer(LONG).unwrap();
    // However often one asks.
    call.wait_for_answer(SHORT).unwrap();
    let peer = call.peer().unwrap();
    (call, peer)
}

fn place(ami: &AmiClient, id: &str) -> String {
    use asterisk_sync::ami::action::StatusAction;
    ami.list(&StatusAction::new().channel(id)).unwrap()[0].channel().exten().to_owned()
}

#[test]
fn a_phone_is_called_first_and_then_the_number() {
    both(|fake, ami| {
        let (call, peer) = connected(fake, ami);
        let request = fake.wait_for_request("Originate", LONG).unwrap();
        let said = ["Channel", "Context", "Exten", "Priority", "CallerID", "Timeout"];
        let said = said.map(|header| request.get(header).unwrap());
        assert_eq!(said, ["PJSIP/alice", "internal", "200", "1", "Alice <100>", "60000"]);
        assert!(ami.call(&peer).unwrap().channel().starts_with("PJSIP/bob-"));
        call.hangup().unwrap();
        call.wait_for_hangup(LONG).unwrap();
        assert!(call.peer().unwrap_err().is_refused());
    });
}

#[test]
fn the_phone_and_the_number_fail_each_for_their_own_reason() {
    both(|fake, ami| {
        fake.call_outcome("PJSIP/away", CallOutcome::NoAnswer);
        let error = pbx(ami).phone("PJSIP/away").dial("200").unwrap_err();
        let Error::NotAnswered { reason, channel, .. } = error else { panic!("{error:?}") };
        assert_eq!((reason, &*channel), (CallFailure::NoAnswer, "PJSIP/away"));

        fake.call_outcome("PJSIP/carol", CallOutcome::Busy);
        fake.extension_dials("300", "PJSIP/carol");
        let call = pbx(ami).phone("PJSIP/alice").dial("300").unwrap();
        let error = call.wait_for_answer(LONG).unwrap_err();
        let Error::NotAnswered { reason, channel, .. } = error else { panic!("{error:?}") };
        assert_eq!((reason, &*channel), (CallFailure::Busy, "300"));

        // A number that answers by itself connects with nobody.
        let call = pbx(ami).phone("PJSIP/alice").dial("voicemail").unwrap();
        assert!(call.wait_for_answer(SHORT).unwrap_err().is_timeout());
        assert!(matches!(call.peer(), Err(Error::Invalid(_))));
    });
}

#[test]
fn hold_and_back_again() {
    both(|fake, ami| {
        let (mut call, peer) = connected(fake, ami);
        for _ in 0..2 {
            call.hold().unwrap();
            assert_eq!((call.is_on_hold(), place(ami, &peer)), (true, "music".into()));
            assert!(matches!(call.hold(), Err(Error::Invalid(_))));
            assert!(matches!(call.blind_transfer("300"), Err(Error::Invalid(_))));
            call.unhold().unwrap();
            assert_eq!((call.is_on_hold(), call.peer().unwrap()), (false, peer.clone()));
        }
        assert!(matches!(call.unhold(), Err(Error::Invalid(_))));
        let bare = Pbx::new(ami.clone()).phone("PJSIP/alice");
        let mut call = bare.dial("200").unwrap();
        call.wait_for_answer(LONG).unwrap();
        assert!(matches!(call.hold(), Err(Error::Invalid(_))), "no extension for hold is known");
    });
}

#[test]
fn an_attended_transfer_connects_two_and_leaves_the_phone() {
    both(|fake, ami| {
        let (mut call, peer) = connected(fake, ami);
        call.attended_transfer("300", LONG).unwrap();
        call.wait_for_hangup(LONG).unwrap();
        assert!(ami.call(&peer).is_ok(), "who was transferred talks on");
        let leg = fake.requests().iter().rev().find_map(|it| Some(it.get("Exten")?.to_owned()));
        assert_eq!(leg.as_deref(), Some("music"), "the leg waits there to be joined");
    });
}

#[test]
fn a_transfer_that_fails_leaves_the_call_as_it_was() {
    both(|fake, ami| {
        let (mut call, peer) = connected(fake, ami);
        for (number, expected) in
            [("busy", CallFailure::Busy), ("nobody", CallFailure::Unreachable)]
        {
            let error = call.attended_transfer(number, LONG).unwrap_err();
            let Error::NotAnswered { reason, .. } = error else { panic!("{error:?}") };
            assert_eq!(reason, expected);
            assert_eq!((call.is_on_hold(), call.peer().unwrap()), (false, peer.clone()));
        }
        // Taken back after somebody has been consulted, who is hung up.
        call.consult("300", LONG).unwrap();
        let consulted = call.peer().unwrap();
        assert_ne!(consulted, peer);
        assert!(matches!(call.consult("301", LONG), Err(Error::Invalid(_))));
        call.unhold().unwrap();
        assert_eq!(call.peer().unwrap(), peer);
        assert!(ami.call(&consulted).unwrap_err().is_refused());
        assert!(matches!(call.complete_transfer(), Err(Error::Invalid(_))));
    });
}

#[test]
fn a_phone_that_is_hung_up_during_a_transfer_leaves_nobody_on_hold() {
    both(|fake, ami| {
        let (mut call, peer) = connected(fake, ami);
        let asked = fake.expect("Originate");
        let phone = call.call().unique_id().to_owned();
        std::thread::scope(|scope| {
            let transfer = scope.spawn(|| call.attended_transfer("300", LONG));
            let asked = asked.wait_timeout(LONG).unwrap();
            ami.send_action(&HangupAction::new(&*phone)).unwrap();
            asked.error("Extension does not exist.");
            assert!(transfer.join().unwrap().unwrap_err().is_refused());
        });
        assert!(!call.is_on_hold());
        assert!(ami.call(&peer).unwrap_err().is_refused(), "nobody would ever come back to it");
    });
}

#[test]
fn a_blind_transfer_is_asked_of_the_server_in_the_phones_name() {
    both(|fake, ami| {
        let (call, _) = connected(fake, ami);
        fake.on("BlindTransfer", |request| request.success(&[("Message", "Transfer succeeded")]));
        call.blind_transfer("300").unwrap();
        let request = fake.wait_for_request("BlindTransfer", LONG).unwrap();
        let said = ["Channel", "Context", "Exten"].map(|header| request.get(header).unwrap());
        assert_eq!(said, [call.call().unique_id(), "internal", "300"]);
        fake.on("BlindTransfer", |request| request.error("Transfer not permitted"));
        assert!(call.blind_transfer("300").unwrap_err().is_refused());
    });
}

#[test]
fn a_call_is_parked_and_fetched() {
    both(|fake, ami| {
        let (mut call, peer) = connected(fake, ami);
        let park = fake.expect("Park");
        let parked = std::thread::scope(|scope| {
            let parked = scope.spawn(|| call.park(Some("garage")));
            let request = park.wait().unwrap();
            let said = ["Channel", "Parkinglot"].map(|header| request.get(header).unwrap());
            assert_eq!(said, [&*peer, "garage"]);
            request.success(&[("Message", "Park successful")]);
            let lot = [("Parkinglot", "garage"), ("ParkingSpace", "703")];
            // Somebody else's comes first.
            for id in ["1.1", &peer] {
                fake.push("ParkedCall", &[&[("ParkeeUniqueid", id)][..], &lot].concat());
            }
            parked.join().unwrap().unwrap()
        });
        assert_eq!(parked, Parked::at("garage", 703));
        pbx(ami).phone("PJSIP/dora").fetch(&parked).unwrap();
        let requests = fake.requests();
        let fetch = requests.iter().rev().find(|it| it.get("Action") == Some("Originate")).unwrap();
        let said = ["Channel", "Application", "Data"].map(|header| fetch.get(header).unwrap());
        assert_eq!(said, ["PJSIP/dora", "ParkedCall", "garage,703"]);
    });
}

#[test]
fn who_is_parked_from_hold_is_not_forgotten_before_it_is_known_where() {
    both(|fake, ami| {
        let (mut call, _) = connected(fake, ami);
        call.hold().unwrap();
        let (park, news) = (fake.expect("Park"), ami.subscribe());
        std::thread::scope(|scope| {
            let parked = scope.spawn(|| call.park(None));
            park.wait_timeout(LONG).unwrap().success(&[("Message", "Park successful")]);
            // The answer is here, and where they are parked gets lost.
            fake.push("UserEvent", &[]);
            news.wait_for(|event| event.event_name() == "UserEvent", LONG).unwrap();
            fake.reset_sessions();
            let error = parked.join().unwrap().unwrap_err();
            assert!(matches!(error, Error::Missed), "{error:?}");
        });
        assert!(call.is_on_hold());
    });
}

#[test]
fn a_channel_that_cannot_be_joined_for_a_moment_is_joined_after_it() {
    both(|fake, ami| {
        let (mut call, peer) = connected(fake, ami);
        call.hold().unwrap();
        let asked = [fake.expect("Bridge"), fake.expect("Bridge")];
        std::thread::scope(|scope| {
            let back = scope.spawn(|| call.unhold());
            for asked in asked {
                asked.wait_timeout(LONG).unwrap().error("Unable to add Channel1 to bridge: x");
            }
            back.join().unwrap().unwrap();
        });
        assert_eq!(call.peer().unwrap(), peer);
        // What is refused for good is an error.
        call.hold().unwrap();
        let asked = fake.expect("Bridge");
        std::thread::scope(|scope| {
            let back = scope.spawn(|| call.unhold());
            asked.wait_timeout(LONG).unwrap().error("Channel2 does not exists: y");
            assert!(back.join().unwrap().unwrap_err().is_refused());
        });
    });
}
