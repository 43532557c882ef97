//! Everything that the server documents is in the tables.

use std::collections::BTreeSet;

use crate::docs::{Documented, docs};
use crate::tables::{actions, events, fold};

/// A header that is documented and has no counterpart under its name, and why not.
struct Exception {
    of: &'static str,
    header: &'static str,
    why: &'static str,
}

const fn except(of: &'static str, header: &'static str, why: &'static str) -> Exception {
    Exception { of, header, why }
}

/// The parameters of actions that stand for something else.
const ACTION_EXCEPTIONS: &[Exception] = &[
    except("UserEvent", "Header1", "stands for any header"),
    except("UserEvent", "HeaderN", "stands for any header"),
];

/// The parameters of events that are on the wire under another name, or never.
const EVENT_EXCEPTIONS: &[Exception] = &[
    except("AOC-S", "RateType", "is a part of the path to what it is about"),
    except("AOC-S", "StepFunction", "is a value of ChargingType"),
    except("TransportDetail", "AsycOperations", "the wire says AsyncOperations"),
];

/// What has no counterpart: the name, and the header if it is only that.
fn missing(
    documented: &Documented,
    has: impl Fn(&str, Option<&str>) -> bool,
) -> BTreeSet<(String, String)> {
    let mut missing = BTreeSet::new();
    for (name, headers) in documented {
        if !has(name, None) {
            missing.insert((name.clone(), String::new()));
            continue;
        }
        for header in headers.iter().filter(|header| !has(name, Some(header))) {
            missing.insert((name.clone(), header.clone()));
        }
    }
    missing
}

fn compare(what: &str, missing: &BTreeSet<(String, String)>, exceptions: &[Exception]) {
    let mut expected = BTreeSet::new();
    for exception in exceptions {
        assert!(!exception.why.is_empty());
        expected.insert((exception.of.to_owned(), exception.header.to_owned()));
    }
    let new: Vec<_> = missing.difference(&expected).collect();
    let old: Vec<_> = expected.difference(missing).collect();
    assert!(new.is_empty(), "{what} that the server documents and the tables lack: {new:#?}");
    assert!(old.is_empty(), "{what} that need no exception any more: {old:#?}");
}

#[test]
fn every_documented_action_has_all_its_parameters() {
    let missing = missing(&docs().actions, |name, header| {
        actions().get(&fold(name)).is_some_and(|it| header.is_none_or(|header| it.has(header)))
    });
    compare("parameters of actions", &missing, ACTION_EXCEPTIONS);
}

#[test]
fn every_documented_event_has_all_its_parameters() {
    let missing = missing(&docs().events, |name, header| {
        events().get(&fold(name)).is_some_and(|it| header.is_none_or(|header| it.has(header)))
    });
    compare("parameters of events", &missing, EVENT_EXCEPTIONS);
}

#[test]
fn every_action_of_the_server_is_documented() {
    // Otherwise it would have parameters that nobody can compare.
    let is_bare = |name: &&String| !docs().actions.contains_key(*name);
    let bare: Vec<_> = docs().registered.iter().filter(is_bare).collect();
    assert!(bare.is_empty(), "{bare:?}");
}
