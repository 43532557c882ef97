//! Handling the events of many channels at once, and those of each in order.

use std::hash::{BuildHasher, RandomState};

use super::filter::Filter;
use super::lenient::About;
use super::message::AriMessage;
use crate::sync::event_pool::Place;

/// How [`AriClient::on_event_ordered`](super::AriClient::on_event_ordered) handles events: by how
/// many threads, which events, and what happens where they do not keep up.
///
/// ```
/// use asterisk_sync::ari::{Filter, PoolSettings};
/// let settings = PoolSettings::new(8)
///     .filter(Filter::types(["StasisStart", "ChannelDtmfReceived", "StasisEnd"]))
///     .on_panic(|message| eprintln!("no luck with {}", message.event.event_name()));
/// # let _ = settings;
/// ```
pub type PoolSettings = crate::PoolSettings<AriMessage, Filter>;

/// Where an event belongs: to all channels it is about, or else to its bridge, its playback or its
/// recording, or else to its type. Two that hash alike are only handled one after the other. Its thread
/// is that of what it names first.
pub(super) fn place(hasher: &RandomState, message: &AriMessage) -> Place {
    let (mut channels, mut others) = (Vec::new(), Vec::new());
    message.about(&mut |about| {
        let (all, kind, names) = match about {
            About::Channel(names) => (&mut channels, 0, names),
            About::Bridge(names) => (&mut others, 1, names),
            About::Playback(names) => (&mut others, 2, names),
            About::Recording(names) => (&mut others, 3, names),
        };
        // Its id; the name behind it is not known to all that are about it.
        all.extend(names.first().map(|id| hasher.hash_one((kind, id))));
    });
    // A bridge may hold many channels, whose events would all wait for each other.
    let mut keys = if channels.is_empty() { others } else { channels };
    if keys.is_empty() {
        keys.push(hasher.hash_one(message.event.event_name()));
    }
    Place { home: keys[0], keys }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn share(one: &str, other: &str) -> bool {
        let hasher = RandomState::new();
        let [one, other] = [one, other].map(|json| place(&hasher, &AriMessage::parse(json)));
        one.keys.iter().any(|key| other.keys.contains(key))
    }

    const START: &str = r#"{"type":"StasisStart","args":[],"channel":{"id":"1","name":"x-1"}}"#;

    #[test]
    fn an_event_belongs_to_every_channel_it_names_and_what_is_played_to_it() {
        let dial = r#"{"type":"Dial","caller":{"id":"1"},"peer":{"id":"2"},"dialstatus":""}"#;
        let end = r#"{"type":"StasisEnd","channel":{"id":"2"}}"#;
        let play = r#"{"type":"PlaybackFinished","playback":{"id":"p","target_uri":"channel:1"}}"#;
        assert!(share(START, dial) && share(dial, end) && share(START, play));
        assert!(!share(START, end));
    }

    #[test]
    fn channels_that_share_a_bridge_are_not_one_and_the_bridges_own_events_are() {
        let enter = |id: &str| {
            format!(
                r#"{{"type":"ChannelEnteredBridge","bridge":{{"id":"b"}},"channel":{{"id":"{id}"}}}}"#
            )
        };
        assert!(!share(&enter("1"), &enter("2")));
        let made = r#"{"type":"BridgeCreated","bridge":{"id":"b"}}"#;
        assert!(share(made, r#"{"type":"BridgeDestroyed","bridge":{"id":"b"}}"#));
        assert!(!share(made, r#"{"type":"BridgeDestroyed","bridge":{"id":"c"}}"#));
    }

    #[test]
    fn events_about_nothing_stay_in_order_among_those_of_their_type() {
        let device =
            |name| format!(r#"{{"type":"DeviceStateChanged","device_state":{{"name":"{name}"}}}}"#);
        assert!(share(&device("a"), &device("b")));
        assert!(!share(&device("a"), r#"{"type":"Dreamt"}"#));
    }
}
