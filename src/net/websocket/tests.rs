use super::*;

#[derive(Debug, PartialEq)]
enum Seen {
    Text(Vec<u8>),
    Ping(Vec<u8>),
    Pong,
    Close(Option<u16>),
    Oversized(Vec<u8>),
    Binary(Vec<u8>),
}

fn all(decoder: &mut Decoder) -> Result<Vec<Seen>, String> {
    let mut seen = Vec::new();
    while let Some(incoming) = decoder.next()? {
        seen.push(match incoming {
            Incoming::Text(bytes) => Seen::Text(bytes.to_vec()),
            Incoming::Binary(bytes) => Seen::Binary(bytes.to_vec()),
            Incoming::Ping(bytes) => Seen::Ping(bytes.to_vec()),
            Incoming::Pong => Seen::Pong,
            Incoming::Close(code) => Seen::Close(code),
            Incoming::Oversized(bytes) => Seen::Oversized(bytes.to_vec()),
        });
    }
    Ok(seen)
}

/// A frame that is not the last of its message, or not the first.
fn piece(is_final: bool, first: bool, payload: &[u8]) -> Vec<u8> {
    let kind = if first { Data::Text } else { Data::Continue };
    let mut bytes = frame(Role::Server, OpCode::Data(kind), payload);
    if !is_final {
        bytes[0] &= 0x7f;
    }
    bytes
}

#[test]
fn messages_are_found_however_the_bytes_are_split() {
    let large = vec![b'x'; 70_000];
    let mut stream = text(Role::Server, "one");
    stream.extend(ping(Role::Server));
    stream.extend(piece(false, true, b"tw"));
    stream.extend(pong(Role::Server, b"y"));
    stream.extend(piece(true, false, b"o"));
    stream.extend(frame(Role::Server, OpCode::Data(Data::Binary), &large));
    stream.extend(text(Role::Server, ""));
    stream.extend(close(Role::Server, 1001));
    let expected = [
        Seen::Text(b"one".to_vec()),
        Seen::Ping(Vec::new()),
        Seen::Pong,
        Seen::Text(b"two".to_vec()),
        Seen::Binary(large),
        Seen::Text(Vec::new()),
        Seen::Close(Some(1001)),
    ];
    for split in (0..64).chain([1000, 69_000, stream.len() - 3]) {
        let mut decoder = Decoder::new(Role::Client, 1 << 20, stream[..split].to_vec());
        let mut seen = all(&mut decoder).unwrap();
        decoder.push(&stream[split..]);
        seen.extend(all(&mut decoder).unwrap());
        assert_eq!(seen, expected, "split at {split}");
    }
}

#[test]
fn a_message_over_the_limit_is_shown_in_part_and_what_follows_is_whole() {
    let mut stream = text(Role::Server, &"abcd".repeat(1000));
    stream.extend(text(Role::Server, "next"));
    stream.extend(piece(false, true, &[b'p'; 1500]));
    stream.extend(piece(true, false, &[b'q'; 1500]));
    stream.extend(text(Role::Server, "last"));
    for step in [1, 7, 1000, stream.len()] {
        let mut decoder = Decoder::new(Role::Client, 2000, Vec::new());
        let mut seen = Vec::new();
        for bytes in stream.chunks(step) {
            decoder.push(bytes);
            seen.extend(all(&mut decoder).unwrap());
        }
        assert_eq!(seen.len(), 4, "in steps of {step}");
        assert_eq!(seen[0], Seen::Oversized(b"abcd".repeat(256)));
        assert_eq!(seen[1], Seen::Text(b"next".to_vec()));
        assert_eq!(seen[2], Seen::Oversized(vec![b'p'; 1024]));
        assert_eq!(seen[3], Seen::Text(b"last".to_vec()));
    }
}

#[test]
fn the_memory_for_a_frame_is_never_more_than_the_limit() {
    let mut decoder = Decoder::new(Role::Client, 2000, Vec::new());
    // A length of nearly all there is.
    decoder.push(&[0x81, 127, 0x7f, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff]);
    for _ in 0..1000 {
        decoder.push(&[b'x'; 10_000]);
        let _ = all(&mut decoder).unwrap();
    }
    assert!(decoder.buffer.capacity() < 100_000, "{}", decoder.buffer.capacity());
}

#[test]
fn a_client_masks_and_a_server_understands() {
    let bytes = text(Role::Client, "hello");
    assert!(!bytes.windows(5).any(|window| window == b"hello"));
    let mut decoder = Decoder::new(Role::Server, 100, bytes);
    assert_eq!(all(&mut decoder).unwrap(), [Seen::Text(b"hello".to_vec())]);
}

#[test]
fn frames_that_stand_together_are_told_apart() {
    for size in [0, 125, 126, 65_535, 65_536] {
        let frame = text(Role::Client, &"x".repeat(size));
        let both = [&frame[..], &ping(Role::Client)].concat();
        assert_eq!(first(&both), frame.len(), "{size}");
        assert_eq!(first(&frame), frame.len(), "{size}");
    }
    assert_eq!(first(b"\x81"), 1);
}

#[test]
fn what_is_no_websocket_is_an_error() {
    for bytes in [
        &text(Role::Client, "masked")[..],
        &piece(true, false, b"goes on"),
        &[piece(false, true, b"a"), piece(true, true, b"b")].concat(),
        &[0xc1, 0][..],
        &[0x83, 0],
        &[0x8b, 0],
        &[0x89, 126, 0, 126],
        &[0x09, 0],
        &[0x88, 1, 0],
    ] {
        let mut decoder = Decoder::new(Role::Client, 100, bytes.to_vec());
        assert!(all(&mut decoder).is_err(), "{bytes:?}");
    }
}
