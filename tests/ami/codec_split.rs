//! However a stream is cut, the same messages come out.

use std::sync::Arc;

use asterisk_sync::ami::codec::Decoder;
use asterisk_sync::ami::{Message, MessageKind};

const LIMIT: usize = 1 << 20;

/// What a real Asterisk 22 sent; `captures/make` takes them anew.
const CAPTURES: [(&str, &[u8]); 4] = [
    ("commands", include_bytes!("../captures/commands.ami")),
    ("lists", include_bytes!("../captures/lists.ami")),
    ("odd", include_bytes!("../captures/odd.ami")),
    ("calls", include_bytes!("../captures/calls.ami")),
];

/// An answer to `Command` of an Asterisk before 14, from its source: nobody has one to capture.
const FOLLOWS: &[u8] = b"Response: Follows\r\nPrivilege: Command\r\nActionID: 7\r\n\
    Name: not a header\n\n  indented\nlast line--END COMMAND--\r\n\r\n\
    Event: After\r\n\r\n";

type Seen = (MessageKind, Vec<(String, String)>, Vec<u8>);

fn seen(message: &Message) -> Seen {
    let headers = message.iter().map(|(n, v)| (n.to_owned(), v.to_owned())).collect();
    (message.kind(), headers, message.as_bytes().to_vec())
}

fn decode(limit: usize, pieces: &[&[u8]]) -> Vec<Seen> {
    let mut decoder = Decoder::new(limit);
    let mut messages = Vec::new();
    for piece in pieces {
        if let Some(block) = decoder.push(piece) {
            messages.extend(Arc::new(block).messages().map(|message| seen(&message)));
        }
    }
    messages
}

/// The stream without the banner, which is no frame.
fn frames(capture: &'static [u8]) -> &'static [u8] {
    let end = capture.iter().position(|b| *b == b'\n').expect("a banner");
    assert!(capture.starts_with(b"Asterisk Call Manager/"));
    &capture[end + 1..]
}

#[test]
fn every_capture_split_at_every_byte_gives_the_same_messages() {
    let streams = CAPTURES.map(|(name, capture)| (name, frames(capture)));
    for (name, stream) in streams.into_iter().chain([("follows", FOLLOWS)]) {
        for limit in [LIMIT, 300] {
            let whole = decode(limit, &[stream]);
            assert!(!whole.is_empty(), "{name}");
            for at in 0..=stream.len() {
                let (a, b) = stream.split_at(at);
                assert!(decode(limit, &[a, b]) == whole, "{name}, limit {limit}, split at {at}");
            }
            let bytes: Vec<&[u8]> = stream.chunks(1).collect();
            assert!(decode(limit, &bytes) == whole, "{name}, limit {limit}, byte by byte");
        }
    }
}

#[test]
fn a_capture_comes_out_byte_for_byte() {
    for (name, capture) in CAPTURES {
        let stream = frames(capture);
        let all: Vec<u8> = decode(LIMIT, &[stream]).into_iter().flat_map(|m| m.2).collect();
        // What is not in a message are stray line ends between them.
        let strays = stream.len() - all.len();
        let mut rest = stream;
        for (_, _, bytes) in decode(LIMIT, &[stream]) {
            while !rest.starts_with(&bytes) {
                assert!(matches!(rest[0], b'\r' | b'\n'), "{name}: {:?}", &rest[..20]);
                rest = &rest[1..];
            }
            rest = &rest[bytes.len()..];
        }
        assert!(rest.iter().all(|b| matches!(b, b'\r' | b'\n')), "{name}");
        assert!(strays <= 8, "{name}: {strays} stray bytes");
    }
}

fn find(capture: &'static [u8], id: &str) -> Message {
    let block = Arc::new(Decoder::new(LIMIT).push(frames(capture)).expect("frames"));
    let message = block.messages().find(|m| m.get("ActionID") == Some(id));
    message.expect("an answer")
}

#[test]
fn what_is_not_utf_8_is_shown_as_text_and_kept_as_bytes() {
    let answer = find(CAPTURES[2].1, "2");
    assert_eq!(answer.get("Value"), Some("caf\u{fffd}"));
    assert_eq!(answer.get_bytes("Value"), Some(&b"caf\xe9"[..]));
    assert!(answer.detach().get_bytes("value") == Some(&b"caf\xe9"[..]));
    // Its neighbours are not the worse for it.
    let next = find(CAPTURES[2].1, "4");
    assert_eq!(next.get("Value"), Some(r#""quoted"  \back\  "#));
}

#[test]
fn a_value_keeps_its_newline_up_to_the_blank_line_that_splits_the_frame() {
    assert_eq!(find(CAPTURES[2].1, "5").get("Value"), Some("one\ntwo"));
}

#[test]
fn a_line_without_a_colon_stands_by_itself() {
    let text = b"Response: Success\r\nActionID: 1\r\nNo categories found\r\n\r\n";
    let message = &decode(LIMIT, &[text])[0];
    let lines: Vec<_> = message.1.iter().map(|(n, v)| (n.as_str(), v.as_str())).collect();
    assert_eq!(lines, [("Response", "Success"), ("ActionID", "1"), ("", "No categories found")]);
}

#[test]
fn bare_newlines_among_crlf_end_lines_too() {
    let messages = decode(LIMIT, &[b"Event: A\r\nB: 1\nC: 2\r\n\n\r\n\r\nEvent: D\nE: 3\n\n"]);
    assert_eq!(messages.len(), 2);
    assert_eq!(messages[0].1[1..], [("B".into(), "1".into()), ("C".into(), "2".into())]);
    assert_eq!(messages[1].1[1..], [("E".into(), "3".into())]);
}

#[test]
fn an_answer_of_an_old_server_is_free_text_up_to_its_marker() {
    let messages = decode(LIMIT, &[FOLLOWS]);
    let output: Vec<_> =
        messages[0].1.iter().filter(|(n, _)| n.is_empty()).map(|(_, v)| v.as_str()).collect();
    assert_eq!(output, ["Name: not a header", "", "  indented", "last line"]);
    assert_eq!(messages[0].1[2], ("ActionID".into(), "7".into()));
    assert_eq!(messages[1].1, [("Event".into(), "After".into())]);
}

#[test]
fn a_frame_over_the_limit_is_cut_and_the_stream_goes_on() {
    let huge = "x".repeat(5000);
    let text = format!(
        "Event: Before\r\n\r\nResponse: Success\r\nActionID: 9\r\nValue: {huge}\r\nMore: 1\r\n\r\nEvent: After\r\n\r\n"
    );
    let messages = decode(1000, &[text.as_bytes()]);
    let names: Vec<_> = messages.iter().map(|m| m.1[0].1.as_str()).collect();
    assert_eq!(names, ["Before", "Success", "After"]);
    assert_eq!(messages[1].1[1], ("ActionID".into(), "9".into()));
    assert_eq!(messages[1].1.len(), 2, "the value was over the limit");
}

#[test]
fn a_first_line_too_long_to_keep_stands_for_its_frame_however_it_is_cut() {
    let text =
        format!("Event: {}\r\nMore: 1\r\nValue: {}\r\n\r\n", "n".repeat(5000), "v".repeat(9000));
    let whole = decode(10_000, &[text.as_bytes()]);
    assert_eq!(whole[0].1, [("Event".to_owned(), "n".repeat(4096 - "Event: ".len()))]);
    for at in (0..text.len()).step_by(97) {
        let (a, b) = text.as_bytes().split_at(at);
        assert!(decode(10_000, &[a, b]) == whole, "split at {at}");
    }
}

#[test]
fn blank_lines_of_free_text_count_towards_the_limit_however_they_are_cut() {
    let text = format!("Response: Follows\r\n{}--END COMMAND--\n\nEvent: A\n\n", "\n".repeat(90));
    let whole = decode(1000, &[text.as_bytes()]);
    for at in 0..text.len() {
        let (a, b) = text.as_bytes().split_at(at);
        assert!(decode(1000, &[a, b]) == whole, "split at {at}");
    }
}

#[test]
fn a_name_of_any_length_and_any_bytes_can_be_read() {
    for length in [21_845, 21_846, 65_535, 65_536] {
        for byte in [b'n', 0xff] {
            let name = [byte].repeat(length);
            let text = [b"Event: A\r\n", &name[..], b": 1\r\nB: 2\r\n\r\n"].concat();
            let block = Arc::new(Decoder::new(LIMIT).push(&text).expect("a frame"));
            let message = block.messages().next().expect("a frame");
            let lines: Vec<_> = message.iter().collect();
            let (name, value) = lines[1];
            let shown = String::from_utf8_lossy(&text[10..10 + length]);
            match name {
                "" => assert_eq!(value, format!("{shown}: 1"), "{length} times {byte}"),
                _ => assert_eq!((name, value), (&*shown, "1"), "{length} times {byte}"),
            }
            assert_eq!(message.get_bytes("b"), Some(&b"2"[..]));
        }
    }
}

#[test]
fn memory_is_bounded_whatever_comes() {
    let mut decoder = Decoder::new(10_000);
    for garbage in [&b"a"[..], b"\r\n", b"a:\n", b"\n", b"Response: Follows\n", b": \r\n"] {
        let piece = garbage.repeat(1000);
        for _ in 0..100 {
            let _ = decoder.push(&piece);
            assert!(decoder.buffered() <= 10_000 + piece.len(), "{garbage:?}");
        }
    }
}
