//! Whatever a server sends: no panic, bounded memory, and the same messages however it is cut.
//!
//! The last bytes of an input say where the rest is cut and how large a frame may be, so that any
//! capture is an input as it is.

#![no_main]

use std::sync::Arc;

use asterisk_sync::ami::codec::Decoder;
use asterisk_sync::ami::event::{ChannelView, TypedEvent};
use asterisk_sync::ami::{AmiEvent, Message, MessageKind, event};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|input: &[u8]| {
    let mut input = input;
    let limit = [256, 300, 1000, 5000, 1 << 20][usize::from(take(&mut input)) % 5];
    let cuts = usize::from(take(&mut input)) % 6;
    let places: Vec<usize> = (0..cuts).map(|_| usize::from(take_u16(&mut input))).collect();

    let whole = decode(limit, &[input]);
    assert!(whole == decode(limit, &pieces(input, &places)), "limit {limit}, cut at {places:?}");
    if input.len() <= 1024 {
        let bytes: Vec<&[u8]> = input.chunks(1).collect();
        assert!(whole == decode(limit, &bytes), "limit {limit}, byte by byte");
    }
    for message in &whole {
        read(message);
        read(&message.detach());
    }
    if limit > input.len() * 16 {
        nothing_is_lost(input, &whole);
    }
});

fn take(input: &mut &[u8]) -> u8 {
    let Some((last, rest)) = input.split_last() else { return 0 };
    *input = rest;
    *last
}

fn take_u16(input: &mut &[u8]) -> u16 {
    u16::from_le_bytes([take(input), take(input)])
}

fn pieces<'a>(input: &'a [u8], places: &[usize]) -> Vec<&'a [u8]> {
    let mut places: Vec<usize> = places.iter().map(|place| place % (input.len() + 1)).collect();
    places.sort_unstable();
    let mut from = 0;
    let mut pieces = Vec::new();
    for place in places.into_iter().chain([input.len()]) {
        pieces.push(&input[from..place]);
        from = place;
    }
    pieces
}

fn decode(limit: usize, pieces: &[&[u8]]) -> Vec<Seen> {
    let mut decoder = Decoder::new(limit);
    let mut messages = Vec::new();
    for piece in pieces {
        if let Some(block) = decoder.push(piece) {
            assert!(!block.is_empty());
            messages.extend(Arc::new(block).messages().map(Seen));
        }
        assert!(decoder.buffered() <= limit, "{} bytes are kept", decoder.buffered());
    }
    messages
}

/// A message; equal to another where every accessor is.
#[derive(Clone)]
struct Seen(Message);

impl std::ops::Deref for Seen {
    type Target = Message;

    fn deref(&self) -> &Message {
        &self.0
    }
}

impl PartialEq for Seen {
    fn eq(&self, other: &Self) -> bool {
        self.kind() == other.kind()
            && self.as_bytes() == other.as_bytes()
            && self.iter().eq(other.iter())
    }
}

/// Calls everything that can be called on a message.
fn read(message: &Message) {
    let mut count = 0;
    for (name, value) in message.iter() {
        count += 1;
        let first = message.get(name).expect("a header is found by its name");
        let bytes = message.get_bytes(name).expect("and so are its bytes");
        assert_eq!(first, String::from_utf8_lossy(bytes), "{name}");
        assert!(message.get_all(name).any(|v| v == value));
        assert_eq!(message.get_all(name).next(), Some(first));
        assert!(name.is_empty() || message.get(&name.to_ascii_uppercase()) == Some(first));
        let _ = message.parse::<i64>(name);
    }
    assert_eq!(count, message.len());
    assert!(!message.is_empty());
    assert_eq!(Some(message.name()), message.iter().next().map(|(_, value)| value));
    assert_eq!(message.get("No such header, since: it has a colon"), None);

    let detached = message.detach();
    assert!(&detached == message && Seen(detached.clone()) == Seen(message.clone()));
    let _ = format!("{message:?} {message:#?}");
    every_line_is_serialised(message, message.len());

    let event = AmiEvent::from(message.clone());
    assert!(message.kind() == MessageKind::Event || matches!(event, AmiEvent::Unknown(_)));
    assert_eq!(event, AmiEvent::from(detached));
    assert_eq!(event, event.detach());
    assert_eq!(event.event_name(), message.name());
    let _ = format!("{event:?}");
    every_line_is_serialised(&event, message.len());
    let texts = [
        event.channel(),
        event.unique_id(),
        event.linked_id(),
        event.action_id(),
        event.privilege(),
    ];
    let _ = (texts, event.system_name(), event.timestamp());
    read_event(&event);
}

/// A header that repeats is a list.
fn every_line_is_serialised(value: &impl serde::Serialize, lines: usize) {
    let json = serde_json::to_value(value).expect("everything can be serialised");
    let map = json.as_object().expect("a map");
    let count: usize = map.values().map(|v| v.as_array().map_or(1, Vec::len)).sum();
    assert_eq!(count, lines);
}

/// The accessors of events that do more than to look a header up.
fn read_event(event: &AmiEvent) {
    match event {
        AmiEvent::Hangup(e) => {
            let _ = (e.cause(), e.cause_txt(), e.timestamp(), e.linked_id());
            read_channel(e.channel());
        }
        AmiEvent::NewChannel(e) => read_channel(e.channel()),
        AmiEvent::DialBegin(e) => {
            read_channel(e.channel());
            read_channel(e.dest());
        }
        AmiEvent::VarSet(e) => {
            let _ = (e.variable(), e.value());
        }
        AmiEvent::RTCPReceived(e) => read_reports(e.reports()),
        AmiEvent::RTCPSent(e) => read_reports(e.reports()),
        AmiEvent::AocD(e) => drop(e.units().collect::<Vec<_>>()),
        AmiEvent::AocE(e) => drop(e.units().collect::<Vec<_>>()),
        AmiEvent::AocS(e) => {
            for rate in e.rates() {
                let _ = (rate.chargeable(), rate.rate_type(), rate.currency_name(), rate.unit());
                let _ = (rate.cost(), rate.multiplier(), rate.length(), rate.scale());
            }
        }
        AmiEvent::BridgeEnter(e) => {
            let bridge = e.bridge();
            let _ = (bridge.unique_id(), bridge.num_channels(), format!("{bridge:?} {bridge:>9}"));
            read_channel(e.channel());
        }
        AmiEvent::UserEvent(e) => drop(format!("{:?}", e.message())),
        _ => {}
    }
    if let Some(hangup) = event.as_event::<event::Hangup>() {
        assert!(matches!(event, AmiEvent::Hangup(same) if *same == hangup));
    }
}

fn read_channel(channel: ChannelView<'_>) {
    let _ = (channel.channel(), channel.state(), channel.caller_id_name(), channel.priority());
    let _ = channel.variables().map(|(name, value)| name.len() + value.len()).sum::<usize>();
    let _ = format!("{channel:?} {channel:<40}");
}

fn read_reports<'a>(reports: impl Iterator<Item = event::RtcpReport<'a>>) {
    for report in reports {
        let _ = (report.source_ssrc(), report.dlsr(), report.cumulative_lost());
    }
}

/// Where no frame is over the limit, messages are the input without stray line ends and without
/// what has no end yet; and each, alone, reads as it did in its company.
fn nothing_is_lost(input: &[u8], messages: &[Seen]) {
    let mut rest = input;
    for message in messages {
        while !rest.starts_with(message.as_bytes()) {
            assert!(matches!(rest[0], b'\r' | b'\n'), "{:?}", rest.escape_ascii().to_string());
            rest = &rest[1..];
        }
        rest = &rest[message.as_bytes().len()..];
        let alone = decode(1 << 20, &[message.as_bytes()]);
        assert!(alone.len() == 1 && alone[0] == *message);
    }
}
