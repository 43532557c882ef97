//! Whatever a peer sends as a call and as replies: no panic, bounded memory, and the same however it
//! is cut.
//!
//! The last bytes of an input say how it is cut, how large a reply may be, and which are due.

#![no_main]

use asterisk_sync::agi::codec::{Incoming, LINE_LIMIT, Line, ReplyDecoder, RequestDecoder};
use asterisk_sync::agi::command::ReplyShape;
use asterisk_sync::agi::{AgiLimits, AgiRequest};
use libfuzzer_sys::fuzz_target;

const SHAPES: [Option<ReplyShape>; 4] =
    [None, Some(ReplyShape::Line), Some(ReplyShape::Value), Some(ReplyShape::Unknown)];

fuzz_target!(|input: &[u8]| {
    let mut input = input;
    let limit = [256, 300, 1000, 1 << 20][usize::from(take(&mut input)) % 4];
    let due = take(&mut input);
    let cut = usize::from(take(&mut input)) << 8 | usize::from(take(&mut input));
    let (head, tail) = input.split_at(cut % (input.len() + 1));

    let whole = replies(ReplyDecoder::next, limit, due, &[input]);
    let cut_once = replies(ReplyDecoder::next, limit, due, &[head, tail]);
    assert!(whole == cut_once, "limit {limit}, due {due}, cut at {cut}");
    if input.len() <= 1024 {
        let bytes: Vec<&[u8]> = input.chunks(1).collect();
        let cut_often = replies(ReplyDecoder::next, limit, due, &bytes);
        assert!(whole == cut_often, "limit {limit}, due {due}, byte by byte");
    }
    // What is taken at once makes a difference here, as it is to.
    replies(ReplyDecoder::next_whole, limit, due, &[head, tail]);
    let lines: Vec<&[u8]> = input.split_inclusive(|&byte| byte == b'\n').collect();
    replies(ReplyDecoder::next_whole, limit, due, &lines);
    value(input);

    let described = request(&[input]);
    assert!(described == request(&[head, tail]), "cut at {cut}");
    if let Some((request, used)) = described {
        assert!(used <= input.len());
        read(&request);
    }

    if let Ok(text) = std::str::from_utf8(input) {
        let mut line = Line::new();
        if let Ok(bytes) = line.begin("NOOP").text(text).number(1).finish(LINE_LIMIT) {
            assert!(bytes.len() <= LINE_LIMIT);
            assert_eq!(bytes.iter().position(|&byte| byte == b'\n'), Some(bytes.len() - 1));
        }
    }
});

fn take(input: &mut &[u8]) -> u8 {
    let Some((last, rest)) = input.split_last() else { return 0 };
    *input = rest;
    *last
}

/// Reads the next thing, in one of the two ways.
type Next = fn(&mut ReplyDecoder, Option<ReplyShape>) -> Option<Incoming>;

fn replies(next: Next, limit: usize, due: u8, pieces: &[&[u8]]) -> Vec<Incoming> {
    let mut decoder = ReplyDecoder::new(limit);
    let mut found: Vec<Incoming> = Vec::new();
    for piece in pieces {
        decoder.push(piece);
        loop {
            let shape = SHAPES[(usize::from(due) >> (found.len() % 4 * 2)) % 4];
            let Some(incoming) = next(&mut decoder, shape) else { break };
            if let Incoming::Reply(reply) = &incoming {
                assert!(shape.is_some() && reply.as_bytes().len() <= limit);
                let _ = (reply.status(), reply.result(), reply.code(), reply.value());
                let _ = (reply.field("endpos"), reply.field("digit"), format!("{reply:?} {reply}"));
                assert!(serde_json::to_string(reply).is_ok());
                if reply.code() == Some(1) {
                    decoder.usage_may_follow();
                }
            }
            found.push(incoming);
        }
        assert!(decoder.buffered() <= limit, "{} bytes are kept", decoder.buffered());
    }
    found
}

/// A value that arrives at once is read to its end, whatever is in it; but for what looks like the
/// beginning of something else.
fn value(value: &[u8]) {
    let sent = [b"200 result=1 (", value, b")\n"].concat();
    let mut decoder = ReplyDecoder::new(1 << 20);
    decoder.push(&sent);
    let Some(Incoming::Reply(reply)) = decoder.next_whole(Some(ReplyShape::Value)) else {
        panic!("a value is a reply")
    };
    assert!(sent.starts_with(reply.as_bytes()) && reply.as_bytes().ends_with(b")"));
    let is_plain = |two: &[u8]| two[0] != b'\n' || (!two[1].is_ascii_digit() && two[1] != b'H');
    if value.windows(2).all(is_plain) {
        assert_eq!(reply.as_bytes(), &sent[..sent.len() - 1]);
        assert_eq!(decoder.buffered(), 0);
    }
}

fn request(pieces: &[&[u8]]) -> Option<(AgiRequest, usize)> {
    let limits = AgiLimits::new().max_bytes(4000).max_line(500).max_variables(30);
    let mut decoder = RequestDecoder::new(&limits);
    let mut before = 0;
    for piece in pieces {
        match decoder.push(piece) {
            Ok(Some((request, used))) => return Some((request, before + used)),
            Ok(None) => before += piece.len(),
            Err(_) => return None,
        }
    }
    None
}

fn read(request: &AgiRequest) {
    for (name, value) in request.iter() {
        let bytes = request.get_bytes(name).expect("a variable is found by its name");
        assert_eq!(String::from_utf8_lossy(bytes), request.get(name).unwrap_or_default());
        let _ = value;
    }
    let _ = (request.script(), request.query("a"), request.query_pairs().count());
    let _ = (request.args().count(), request.priority(), request.caller_presentation());
    let _ = (request.is_eagi(), request.is_dead(), request.thread_id(), format!("{request:?}"));
    assert!(serde_json::to_string(request).is_ok());
}
