//! A limit on how fast calls are begun.

use std::time::{Duration, Instant};

use crate::common::{LONG, SHORT, bare, servers};
use asterisk_sync::ami::AmiClient;
use asterisk_sync::ami::action::OriginateAction;
use asterisk_sync::testing::FakeAmi;
use asterisk_sync::{Error, ReconnectPolicy, TimeoutError};
use crossbeam_channel::at;

fn action() -> OriginateAction {
    OriginateAction::to("PJSIP/alice").application("Wait", "1")
}

/// One call an hour: the first passes, nobody else does in a test's time.
fn hourly(fake: &FakeAmi) -> AmiClient {
    fake.client().originates_per_second(1.0 / 3600.0).timeout(LONG).connect().unwrap()
}

fn originates(fake: &FakeAmi) -> usize {
    fake.requests().iter().filter(|it| it.get("Action") == Some("Originate")).count()
}

#[test]
fn the_limit_holds_for_every_way_to_originate_and_for_nothing_else() {
    servers(|fake| {
        let ami = hourly(fake);
        ami.send_action(&action()).unwrap();
        let hurried = ami.with_timeout(SHORT);
        let custom = bare("originate").header("Channel", "PJSIP/alice");
        for outcome in [
            hurried.send_action(&action()).map(drop),
            hurried.start_action(&action()).map(drop),
            hurried.send_action(&custom).map(drop),
            hurried.send_collecting(&action()).map(drop),
            hurried.originate(&action()).map(drop),
        ] {
            let error = outcome.unwrap_err();
            let sent = matches!(&error, Error::Timeout(TimeoutError::Action { sent: false, .. }));
            assert!(sent && error.is_retryable(), "{error:?}");
        }
        ami.ping().unwrap();
        assert_eq!(originates(fake), 1);
        assert_eq!(ami.stats().subscribers.len(), 0);
    });
}

#[test]
fn all_get_their_turn_in_time() {
    servers(|fake| {
        let ami = fake.client().originates_per_second(500.0).connect().unwrap();
        std::thread::scope(|scope| {
            let callers = [(); 4].map(|()| {
                scope.spawn(|| (0..5).for_each(|_| drop(ami.send_action(&action()).unwrap())))
            });
            callers.into_iter().for_each(|caller| caller.join().unwrap());
        });
        assert_eq!(originates(fake), 20);
    });
}

#[test]
fn the_answers_time_begins_when_the_turn_has_come() {
    servers(|fake| {
        let timeout = Duration::from_secs(3);
        let ami = fake.client().originates_per_second(0.4).timeout(timeout).connect().unwrap();
        let (first, asked) = (fake.expect("Originate"), fake.expect("Originate"));
        let _first = ami.start_action(&action()).unwrap();
        let begun = Instant::now();
        let second = ami.start_action(&action()).unwrap();
        first.wait_timeout(LONG).unwrap().ignore();
        let asked = asked.wait_timeout(LONG).unwrap();
        // The call asked for its turn longer ago than it waits for an answer.
        let _ = at(begun + timeout).recv();
        asked.success(&[]);
        second.wait().unwrap();
    });
}

#[test]
fn an_invalid_call_takes_no_turn() {
    servers(|fake| {
        let ami = hourly(fake);
        let error = ami.send_action(&OriginateAction::to("PJSIP/alice")).unwrap_err();
        assert!(matches!(error, Error::Invalid(_)), "{error:?}");
        ami.send_action(&action()).unwrap();
    });
}

#[test]
fn a_lost_connection_ends_the_wait_for_a_turn() {
    servers(|fake| {
        let ami = hourly(fake);
        ami.send_action(&action()).unwrap();
        std::thread::scope(|scope| {
            let waiting = scope.spawn(|| ami.send_action(&action()));
            // Again and again, for nobody sees when it begins to wait.
            while !waiting.is_finished() {
                fake.wait_for_sessions(1, LONG).unwrap();
                fake.reset_sessions();
            }
            let error = waiting.join().unwrap().unwrap_err();
            assert!(matches!(error, Error::Disconnected { sent: false }), "{error:?}");
        });
    });
}

#[test]
fn closing_the_client_ends_the_wait_for_a_turn() {
    servers(|fake| {
        let settings = fake.client().reconnect(ReconnectPolicy::none()).timeout(LONG);
        let ami = settings.originates_per_second(1.0 / 3600.0).connect().unwrap();
        ami.send_action(&action()).unwrap();
        std::thread::scope(|scope| {
            let waiting = scope.spawn(|| ami.send_action(&action()));
            ami.disconnect().unwrap();
            let error = waiting.join().unwrap().unwrap_err();
            assert!(matches!(error, Error::Closed), "{error:?}");
        });
    });
}

#[test]
fn a_rate_that_is_none_is_refused() {
    for rate in [0.0, -1.0, f64::NAN, f64::INFINITY] {
        let settings = AmiClient::builder().host("127.0.0.1").credentials("user", "secret");
        let error = settings.originates_per_second(rate).connect().unwrap_err();
        assert!(matches!(error, Error::Invalid(_)), "{rate}: {error:?}");
    }
    // So slow that no clock reaches the second turn.
    let fake = FakeAmi::start().unwrap();
    let ami = fake.client().originates_per_second(f64::MIN_POSITIVE).connect().unwrap();
    ami.send_action(&action()).unwrap();
    let error = ami.with_timeout(Duration::from_millis(1)).send_action(&action()).unwrap_err();
    assert!(error.is_timeout(), "{error:?}");
}
