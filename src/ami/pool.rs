//! Handling the events of many calls at once, and those of each in order.

use std::hash::{BuildHasher, RandomState};

use super::event::{AmiEvent, is_unique_id};
use super::filter::Filter;
use super::message::ends_with;
use crate::sync::event_pool::Place;

/// How [`AmiClient::on_event_ordered`](super::AmiClient::on_event_ordered) handles events: by how
/// many threads, which events, and what happens where they do not keep up.
///
/// ```
/// use asterisk_sync::ami::{Filter, PoolSettings};
/// let settings = PoolSettings::new(8)
///     .filter(Filter::names(["DialBegin", "DialEnd", "Hangup"]))
///     .on_panic(|event| eprintln!("no luck with {}", event.event_name()));
/// # let _ = settings;
/// ```
pub type PoolSettings = crate::PoolSettings<AmiEvent, Filter>;

/// Where an event belongs. It is kept in order by the ids of all channels and calls that it names; two
/// that hash alike are only handled one after the other. Its thread is that of its call, or of what it
/// names first where it does not say which call it is of.
pub(super) fn place(hasher: &RandomState, event: &AmiEvent) -> Place {
    let (mut keys, mut call) = (Vec::new(), None);
    for (name, value) in event.message().iter() {
        if !value.is_empty() && names_call(name) {
            let key = hasher.hash_one(value);
            if call.is_none() && ends_with(name, "Linkedid") {
                call = Some(key);
            }
            keys.push(key);
        }
    }
    if keys.is_empty() {
        keys.push(hasher.hash_one(event.event_name().to_ascii_lowercase()));
    }
    Place { home: call.unwrap_or(keys[0]), keys }
}

/// Whether a header has the id of a channel or a call, in whatever role, or the channel's name. A
/// bridge may hold many calls, so its id is none.
fn names_call(header: &str) -> bool {
    header.eq_ignore_ascii_case("Channel") || ends_with(header, "Linkedid") || is_unique_id(header)
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::ami::codec::Decoder;

    fn event(text: &str) -> AmiEvent {
        let block = Decoder::new(1 << 16).push(format!("{text}\r\n").as_bytes()).unwrap();
        Arc::new(block).messages().next().unwrap().into()
    }

    fn share(one: &str, other: &str) -> bool {
        let hasher = RandomState::new();
        let (one, other) = (place(&hasher, &event(one)), place(&hasher, &event(other)));
        one.keys.iter().any(|key| other.keys.contains(key))
    }

    #[test]
    fn all_channels_of_a_call_are_at_home_with_the_call() {
        let hasher = RandomState::new();
        let home = |text: &str| place(&hasher, &event(text)).home;
        let one = home("Event: Newchannel\r\nChannel: a-1\r\nUniqueid: 1.1\r\nLinkedid: 1.1\r\n");
        let other = home("Event: Newstate\r\nChannel: b-2\r\nUniqueid: 1.2\r\nLinkedid: 1.1\r\n");
        let stranger =
            home("Event: Newstate\r\nChannel: c-3\r\nUniqueid: 1.3\r\nLinkedid: 1.3\r\n");
        assert_eq!(one, other);
        assert_ne!(one, stranger);
    }

    #[test]
    fn an_event_whose_channels_have_prefixes_is_at_home_with_their_call() {
        let hasher = RandomState::new();
        let home = |text: &str| place(&hasher, &event(text)).home;
        let call = home("Event: Newstate\r\nChannel: b-2\r\nUniqueid: 1.2\r\nLinkedid: 1.1\r\n");
        for prefix in ["Dest", "Parkee", "LocalOne"] {
            let other = format!(
                "Event: Some\r\n{prefix}Channel: c-3\r\n{prefix}Uniqueid: 1.3\r\n{prefix}Linkedid: 1.1\r\n"
            );
            assert_eq!(home(&other), call, "{prefix}");
        }
    }

    #[test]
    fn the_events_of_a_channel_stay_in_order_when_its_call_becomes_another() {
        let before = "Event: Newstate\r\nUniqueid: 2.1\r\nLinkedid: 2.1\r\n";
        let after = "Event: Hangup\r\nUniqueid: 2.1\r\nLinkedid: 1.1\r\n";
        assert!(share(before, after));
        assert!(share(after, "Event: Hangup\r\nUniqueid: 1.1\r\nLinkedid: 1.1\r\n"));
    }

    #[test]
    fn an_event_belongs_to_every_channel_it_names() {
        let dial = "Event: DialBegin\r\nUniqueid: 1\r\nLinkedid: 1\r\nDestUniqueid: 2\r\nDestLinkedid: 1\r\n";
        assert!(share(dial, "Event: Hangup\r\nUniqueid: 2\r\nLinkedid: 9\r\n"));
        let by_name = "Event: Some\r\nChannel: PJSIP/alice-1\r\n";
        assert!(share(by_name, "Event: Hangup\r\nChannel: PJSIP/alice-1\r\nUniqueid: 5\r\n"));
    }

    #[test]
    fn calls_that_share_a_bridge_are_not_one() {
        let enter = |id: &str| {
            format!(
                "Event: BridgeEnter\r\nBridgeUniqueid: b\r\nUniqueid: {id}\r\nLinkedid: {id}\r\n"
            )
        };
        assert!(!share(&enter("1"), &enter("2")));
    }

    #[test]
    fn events_of_no_call_stay_in_order_among_those_of_their_name() {
        assert!(share("Event: PeerStatus\r\nPeer: a\r\n", "Event: PeerStatus\r\nPeer: b\r\n"));
        assert!(!share("Event: PeerStatus\r\nPeer: a\r\n", "Event: Reload\r\nModule: x\r\n"));
    }
}
