//! Waiting for one event: what comes in between is not missed, what is missed is told, and no wait
//! outlasts its time.

use std::sync::Arc;
use std::time::Duration;

use crate::common::{LONG, SHORT, both, guarded, header, names_until};
use asterisk_sync::ami::action::UserEventAction;
use asterisk_sync::ami::event::{Hangup, NewChannel, UserEvent};
use asterisk_sync::ami::{AmiClient, AmiEvent, Filter};
use asterisk_sync::testing::FakeAmi;
use asterisk_sync::{Error, Event, EventBus, Gap, Overflow, Subscribe};

fn tell(ami: &AmiClient, n: &str) {
    ami.send_action(&UserEventAction::new("Tick").header("N", n)).unwrap();
}

fn is(n: &'static str) -> impl Fn(&AmiEvent) -> bool + Copy {
    move |event| event.message().get("N") == Some(n)
}

#[test]
fn what_comes_between_subscribing_and_waiting_is_waited_for_all_the_same() {
    both(|_, ami| {
        let (all, typed) = (ami.subscribe(), ami.subscribe_to::<UserEvent>());
        let filtered = ami.subscribe_filtered(|event| event.event_name() == "UserEvent");
        for n in ["1", "2", "3"] {
            tell(ami, n);
        }
        assert_eq!(header(&all.wait_for(is("2"), LONG).unwrap(), "N"), "2");
        // Those before it are gone.
        assert_eq!(header(&all.wait_for(|_| true, LONG).unwrap(), "N"), "3");
        assert_eq!(header(&filtered.wait_for(|_| true, LONG).unwrap(), "N"), "1");
        assert_eq!(header(&filtered.wait_for(is("3"), LONG).unwrap(), "N"), "3");
        let third = |event: &UserEvent| event.message().get("N") == Some("3");
        typed.wait_for(third, LONG).unwrap();
        for error in [
            all.wait_for(|_| true, SHORT).unwrap_err(),
            filtered.wait_for(|_| true, SHORT).unwrap_err(),
            typed.wait_for(|_| true, Duration::ZERO).unwrap_err(),
        ] {
            assert!(error.is_timeout(), "{error:?}");
        }
    });
}

#[test]
fn a_client_waits_for_what_somebody_else_causes() {
    both(|fake, ami| {
        let other = fake.client().connect().unwrap();
        std::thread::scope(|scope| {
            let typed = scope.spawn(|| {
                ami.wait_for_event::<Hangup>(|end| end.channel().channel() == "PJSIP/a-2", LONG)
            });
            let any = scope.spawn(|| ami.wait_for(is("7"), LONG));
            // They have subscribed when the client says so.
            while ami.stats().subscribers.len() < 2 {
                std::thread::yield_now();
            }
            tell(&other, "7");
            fake.push("Hangup", &[("Channel", "PJSIP/a-1")]);
            fake.push("Hangup", &[("Channel", "PJSIP/a-2"), ("Cause", "17")]);
            assert_eq!(typed.join().unwrap().unwrap().message().get("Cause"), Some("17"));
            any.join().unwrap().unwrap();
        });
        let error = ami.wait_for_event::<NewChannel>(|_| true, SHORT).unwrap_err();
        assert!(error.is_timeout(), "{error:?}");
    });
}

#[test]
fn a_loss_ends_a_wait_at_once_unless_it_is_what_is_waited_for() {
    both(|_, ami| {
        let narrow = || {
            let bounds = Subscribe::default().events(1).overflow(Overflow::DropNewest);
            ami.subscribe_bounded(Filter::names(["UserEvent"]), bounds)
        };
        let (plain, patient, filtered) = (narrow(), narrow(), narrow().filtered(|_| false));
        let all = ami.subscribe();
        for n in ["1", "2", "3"] {
            tell(ami, n);
        }
        // An event may come after the answer to the action that led to it.
        all.wait_for(is("3"), LONG).unwrap();
        assert!(matches!(plain.wait_for(is("2"), LONG), Err(Error::Missed)));
        assert!(matches!(filtered.wait_for(|_| false, LONG), Err(Error::Missed)));
        let gap = patient.wait_for(|event| matches!(event, AmiEvent::Gap(_)), LONG).unwrap();
        assert_eq!(header(&gap, "Missed"), "2");
    });
}

#[test]
fn a_reconnect_ends_a_wait_at_once_and_the_end_of_the_client_too() {
    both(|fake, ami| {
        let (all, typed) = (ami.subscribe(), ami.subscribe_to::<Hangup>());
        fake.reset_sessions();
        assert!(matches!(all.wait_for(|_| false, LONG), Err(Error::Missed)));
        assert!(matches!(typed.wait_for(|_| true, LONG), Err(Error::Missed)));
        assert_eq!(typed.gaps(), 1);
        ami.disconnect().unwrap();
        assert!(matches!(all.wait_for(|_| false, LONG), Err(Error::Closed)));
        assert!(matches!(ami.wait_for(|_| true, LONG), Err(Error::Closed)));
    });
}

/// An event of which there is always another.
#[derive(Debug, Clone, PartialEq)]
struct Tick(u32);

impl Event for Tick {
    fn gap(_: Gap) -> Option<Self> {
        Some(Self(0))
    }
}

#[test]
fn a_flood_of_refused_events_does_not_hold_a_wait_beyond_its_time() {
    guarded(|| {
        let bus = Arc::new(EventBus::<Tick>::new());
        let more = Arc::clone(&bus);
        let refused = bus.subscribe(Subscribe::default()).filtered(move |_| {
            more.publish(Tick(0));
            false
        });
        bus.publish(Tick(0));
        assert!(refused.recv_timeout(SHORT).is_err());
        assert!(refused.try_recv().is_err());
        assert_eq!(refused.try_iter().count(), 0);
        assert_eq!(refused.timeout_iter(SHORT).count(), 0);
        assert!(refused.wait_for(|_| true, SHORT).is_err());

        let all = bus.subscribe(Subscribe::default());
        bus.publish(Tick(0));
        let endless = |_: &Tick| {
            bus.publish(Tick(0));
            false
        };
        assert!(all.wait_for(endless, SHORT).is_err());
    });
}

#[test]
fn who_does_not_wait_still_sees_everything_that_is_there() {
    let bus = EventBus::<Tick>::new();
    let even = bus.subscribe(Subscribe::default()).filtered(|tick| tick.0 % 100 == 0);
    let all = bus.subscribe(Subscribe::default());
    for n in 1..=100 {
        bus.publish(Tick(n));
    }
    assert_eq!(even.try_recv().unwrap(), Some(Tick(100)));
    assert_eq!(all.wait_for(|tick| tick.0 == 100, Duration::ZERO).unwrap(), Tick(100));
}

#[test]
fn a_filter_of_no_names_matches_nothing() {
    both(|fake, ami| {
        let none = ami.subscribe_with(Filter::names::<&str>([]));
        let all = ami.subscribe();
        fake.push("Hangup", &[("Channel", "PJSIP/a-1")]);
        tell(ami, "1");
        assert_eq!(names_until(&all, "UserEvent"), ["Hangup", "UserEvent"]);
        assert_eq!(none.stats().queued, 0);
        assert!(none.try_recv().unwrap_err().is_timeout());
        // Named later, it is a filter like any other.
        let one = ami.subscribe_with(Filter::names::<&str>([]).name("UserEvent"));
        tell(ami, "2");
        one.wait_for(is("2"), LONG).unwrap();
    });
}

#[test]
fn a_filter_by_unique_id_matches_a_channel_in_any_of_its_roles() {
    both(|fake, ami| {
        let one = ami.subscribe_with(Filter::all().unique_id("1.1"));
        let both = ami.subscribe_with(Filter::names(["Hangup"]).unique_id("1.1").unique_id("1.2"));
        for (name, headers) in [
            ("Newchannel", [("Channel", "Local/a;1"), ("Uniqueid", "1.1")]),
            ("DialBegin", [("Uniqueid", "1.9"), ("DestUniqueid", "1.1")]),
            ("LocalBridge", [("LocalOneUniqueid", "1.1"), ("LocalTwoUniqueid", "1.2")]),
            // The call is not the channel, and one id is not another that begins like it.
            ("Newstate", [("Uniqueid", "1.2"), ("Linkedid", "1.1")]),
            ("Newstate", [("Uniqueid", "1.11"), ("Linkedid", "1.11")]),
            ("Hangup", [("Uniqueid", "1.2"), ("N", "1")]),
            ("Hangup", [("Uniqueid", "1.1"), ("N", "2")]),
        ] {
            fake.push(name, &headers);
        }
        let seen = names_until(&one, "Hangup");
        assert_eq!(seen, ["Newchannel", "DialBegin", "LocalBridge", "Hangup"]);
        assert_eq!(header(&both.wait_for(|_| true, LONG).unwrap(), "N"), "1");
        assert_eq!(header(&both.wait_for(|_| true, LONG).unwrap(), "N"), "2");
    });
}

#[test]
fn a_wait_leaves_no_subscription_behind() {
    let fake = FakeAmi::start().unwrap();
    let ami = fake.client().connect().unwrap();
    for _ in 0..10 {
        assert!(ami.wait_for(|_| false, Duration::ZERO).unwrap_err().is_timeout());
    }
    tell(&ami, "1");
    assert_eq!(ami.stats().subscribers.len(), 0);
}
