//! The words that the running server allows for parameters of ARI against those that the types of the
//! library have.

use std::collections::BTreeSet;
use std::fmt::{Debug, Display};
use std::str::FromStr;

use asterisk_sync::types::{
    DeviceState, ExternalMediaConnection, ExternalMediaEncapsulation, ExternalMediaTransport,
    HangupReason, InfoSection, MediaDirection, PlaybackOperation, RecordingIfExists,
    RecordingTerminateOn, SnoopDirection,
};

use crate::ari_docs::operations;

/// Whether a type has this word as one of its own.
fn has<T: FromStr + Debug + Display>(word: &str) -> bool {
    word.parse::<T>()
        .is_ok_and(|value| value.to_string() == word && !format!("{value:?}").starts_with("Other"))
}

/// A parameter, and whether its type has a word.
type Known = (&'static str, fn(&str) -> bool);

/// The type of each parameter that is a word.
const TYPES: &[Known] = &[
    ("connection_type", has::<ExternalMediaConnection>),
    ("deviceState", has::<DeviceState>),
    ("direction", has::<MediaDirection>),
    ("encapsulation", has::<ExternalMediaEncapsulation>),
    ("ifExists", has::<RecordingIfExists>),
    ("only", has::<InfoSection>),
    ("operation", has::<PlaybackOperation>),
    ("reason", has::<HangupReason>),
    ("spy", has::<SnoopDirection>),
    ("terminateOn", has::<RecordingTerminateOn>),
    ("transport", has::<ExternalMediaTransport>),
    ("whisper", has::<SnoopDirection>),
];

#[test]
fn every_word_that_a_parameter_of_ari_may_be_can_be_said() {
    let (mut faults, mut used) = (Vec::new(), BTreeSet::new());
    for operation in operations() {
        for parameter in operation.parameters.iter().filter(|it| !it.values.is_empty()) {
            let at = format!("{} {}: {}", operation.method, operation.path, parameter.name);
            let Some((name, has)) = TYPES.iter().find(|(name, _)| *name == parameter.name) else {
                faults.push(format!("{at} has no type here, and may be {:?}", parameter.values));
                continue;
            };
            used.insert(*name);
            let unknown = parameter.values.iter().filter(|word| !has(word));
            faults.extend(unknown.map(|word| format!("{at} cannot be {word}")));
        }
    }
    let unused = TYPES.iter().filter(|(name, _)| !used.contains(name));
    faults.extend(unused.map(|(name, _)| format!("{name} is no word any more")));
    assert!(faults.is_empty(), "\n{}", faults.join("\n"));
}

#[test]
fn a_word_of_ones_own_is_not_taken_for_a_known_one() {
    assert!(has::<MediaDirection>("in") && !has::<MediaDirection>("inwards"));
}
