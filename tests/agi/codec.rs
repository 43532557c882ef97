//! Every form of reply that Asterisk has, cut at every byte; and descriptions of calls, hostile ones
//! among them.

use std::io::Write;
use std::net::{Shutdown, TcpListener, TcpStream};
use std::time::Duration;

use asterisk_sync::agi::codec::{Incoming, ReplyDecoder, RequestDecoder};
use asterisk_sync::agi::command::{self, ReplyShape, reply_shape};
use asterisk_sync::agi::{AgiChannel, AgiLimits, AgiReply, AgiRequest};
use asterisk_sync::types::{AgiStatus, CallerPresentation};
use asterisk_sync::{ConnectionError, Error, ProtocolError, TimeoutError};

/// Command, reply, its status, result, value and fields.
type Form = (
    &'static str,
    &'static str,
    u16,
    &'static str,
    Option<&'static str>,
    &'static [(&'static str, &'static str)],
);

/// What the commands of Asterisk 22 write, as its sources have it.
const FORMS: &[Form] = &[
    ("ANSWER", "200 result=48", 200, "48", None, &[]),
    ("ASYNCAGI BREAK", "200 result=0", 200, "0", None, &[]),
    ("CHANNEL STATUS", "200 result=6", 200, "6", None, &[]),
    ("CHANNEL STATUS", "200 result=-1", 200, "-1", None, &[]),
    ("CONTROL STREAM FILE", "200 result=48 endpos=3200", 200, "48", None, &[("endpos", "3200")]),
    ("DATABASE DEL", "200 result=1", 200, "1", None, &[]),
    ("DATABASE DELTREE", "200 result=1", 200, "1", None, &[]),
    ("DATABASE GET", "200 result=-1", 200, "-1", None, &[]),
    ("DATABASE GET", "200 result=0", 200, "0", None, &[]),
    ("DATABASE GET", "200 result=1 (a value)", 200, "1", Some("a value"), &[]),
    ("DATABASE PUT", "200 result=1", 200, "1", None, &[]),
    ("EXEC", "200 result=48", 200, "48", None, &[]),
    ("GET DATA", "200 result=0*5# (timeout)", 200, "0*5#", Some("timeout"), &[]),
    ("GET DATA", "200 result=-1", 200, "-1", None, &[]),
    ("GET DATA", "200 result=0*5#", 200, "0*5#", None, &[]),
    ("GET FULL VARIABLE", "200 result=0", 200, "0", None, &[]),
    ("GET FULL VARIABLE", "200 result=1 (two\nlines)", 200, "1", Some("two\nlines"), &[]),
    ("GET OPTION", "200 result=-1 endpos=3200", 200, "-1", None, &[("endpos", "3200")]),
    ("GET OPTION", "200 result=48 endpos=3200", 200, "48", None, &[("endpos", "3200")]),
    ("GET VARIABLE", "200 result=1 (v)al(ue)", 200, "1", Some("v)al(ue"), &[]),
    ("GET VARIABLE", "200 result=0", 200, "0", None, &[]),
    ("GOSUB", "200 result=-1 Gosub label not found", 200, "-1", None, &[]),
    ("GOSUB", "503 result=-2 Memory allocation failure", 503, "-2", None, &[]),
    ("GOSUB", "200 result=0 Gosub complete", 200, "0", None, &[]),
    ("GOSUB", "200 result=0 Gosub complete (ret (val))", 200, "0", Some("ret (val)"), &[]),
    ("GOSUB", "200 result=0 Gosub complete (abnormal exit)", 200, "0", Some("abnormal exit"), &[]),
    ("GOSUB", "200 result=48 Gosub failed", 200, "48", None, &[]),
    ("HANGUP", "200 result=1", 200, "1", None, &[]),
    ("HANGUP", "200 result=-1", 200, "-1", None, &[]),
    ("NOOP", "200 result=0", 200, "0", None, &[]),
    ("RECEIVE CHAR", "200 result=48 (timeout)", 200, "48", Some("timeout"), &[]),
    ("RECEIVE CHAR", "200 result=48", 200, "48", None, &[]),
    ("RECEIVE CHAR", "200 result=48 (hangup)", 200, "48", Some("hangup"), &[]),
    ("RECEIVE TEXT", "200 result=1 (hi)", 200, "1", Some("hi"), &[]),
    ("RECEIVE TEXT", "200 result=-1", 200, "-1", None, &[]),
    ("RECORD FILE", "200 result=48", 200, "48", None, &[]),
    ("RECORD FILE", "200 result=-1", 200, "-1", None, &[]),
    (
        "RECORD FILE",
        "200 result=48 (randomerror) endpos=3200",
        200,
        "48",
        Some("randomerror"),
        &[("endpos", "3200")],
    ),
    ("RECORD FILE", "200 result=48 (writefile)", 200, "48", Some("writefile"), &[]),
    (
        "RECORD FILE",
        "200 result=48 (waitfor) endpos=3200",
        200,
        "48",
        Some("waitfor"),
        &[("endpos", "3200")],
    ),
    (
        "RECORD FILE",
        "200 result=48 (hangup) endpos=3200",
        200,
        "48",
        Some("hangup"),
        &[("endpos", "3200")],
    ),
    (
        "RECORD FILE",
        "200 result=48 (dtmf) endpos=3200",
        200,
        "48",
        Some("dtmf"),
        &[("endpos", "3200")],
    ),
    (
        "RECORD FILE",
        "200 result=48 (timeout) endpos=3200",
        200,
        "48",
        Some("timeout"),
        &[("endpos", "3200")],
    ),
    ("SAY ALPHA", "200 result=48", 200, "48", None, &[]),
    ("SAY DATE", "200 result=48", 200, "48", None, &[]),
    ("SAY DATETIME", "200 result=48", 200, "48", None, &[]),
    ("SAY DIGITS", "200 result=48", 200, "48", None, &[]),
    ("SAY NUMBER", "200 result=48", 200, "48", None, &[]),
    ("SAY PHONETIC", "200 result=48", 200, "48", None, &[]),
    ("SAY TIME", "200 result=48", 200, "48", None, &[]),
    ("SEND IMAGE", "200 result=48", 200, "48", None, &[]),
    ("SEND TEXT", "200 result=48", 200, "48", None, &[]),
    ("SET AUTOHANGUP", "200 result=0", 200, "0", None, &[]),
    ("SET CALLERID", "200 result=1", 200, "1", None, &[]),
    ("SET CONTEXT", "200 result=0", 200, "0", None, &[]),
    ("SET EXTENSION", "200 result=0", 200, "0", None, &[]),
    ("SET MUSIC", "200 result=0", 200, "0", None, &[]),
    ("SET PRIORITY", "200 result=0", 200, "0", None, &[]),
    ("SET VARIABLE", "200 result=1", 200, "1", None, &[]),
    ("SPEECH ACTIVATE GRAMMAR", "200 result=0", 200, "0", None, &[]),
    ("SPEECH ACTIVATE GRAMMAR", "200 result=1", 200, "1", None, &[]),
    ("SPEECH CREATE", "200 result=0", 200, "0", None, &[]),
    ("SPEECH CREATE", "200 result=1", 200, "1", None, &[]),
    ("SPEECH DEACTIVATE GRAMMAR", "200 result=0", 200, "0", None, &[]),
    ("SPEECH DEACTIVATE GRAMMAR", "200 result=1", 200, "1", None, &[]),
    ("SPEECH DESTROY", "200 result=1", 200, "1", None, &[]),
    ("SPEECH DESTROY", "200 result=0", 200, "0", None, &[]),
    ("SPEECH LOAD GRAMMAR", "200 result=0", 200, "0", None, &[]),
    ("SPEECH LOAD GRAMMAR", "200 result=1", 200, "1", None, &[]),
    ("SPEECH RECOGNIZE", "200 result=0", 200, "0", None, &[]),
    (
        "SPEECH RECOGNIZE",
        "200 result=1 (speech) endpos=3200 results=1 score0=9 text0=\"a b\" grammar0=g",
        200,
        "1",
        Some("speech"),
        &[("endpos", "3200"), ("results", "1")],
    ),
    (
        "SPEECH RECOGNIZE",
        "200 result=1 (digit) digit=# endpos=3200",
        200,
        "1",
        Some("digit"),
        &[("digit", "#"), ("endpos", "3200")],
    ),
    (
        "SPEECH RECOGNIZE",
        "200 result=1 (hangup) endpos=3200",
        200,
        "1",
        Some("hangup"),
        &[("endpos", "3200")],
    ),
    ("SPEECH RECOGNIZE", "200 result=0 endpos=3200", 200, "0", None, &[("endpos", "3200")]),
    ("SPEECH SET", "200 result=0", 200, "0", None, &[]),
    ("SPEECH SET", "200 result=1", 200, "1", None, &[]),
    ("SPEECH UNLOAD GRAMMAR", "200 result=0", 200, "0", None, &[]),
    ("SPEECH UNLOAD GRAMMAR", "200 result=1", 200, "1", None, &[]),
    ("STREAM FILE", "200 result=-1 endpos=3200", 200, "-1", None, &[("endpos", "3200")]),
    ("STREAM FILE", "200 result=48 endpos=3200", 200, "48", None, &[("endpos", "3200")]),
    ("TDD MODE", "200 result=0", 200, "0", None, &[]),
    ("TDD MODE", "200 result=1", 200, "1", None, &[]),
    ("VERBOSE", "200 result=1", 200, "1", None, &[]),
    ("WAIT FOR DIGIT", "200 result=48", 200, "48", None, &[]),
];

fn decode(pieces: &[&[u8]], shapes: &[ReplyShape]) -> Vec<Incoming> {
    let mut decoder = ReplyDecoder::new(64 * 1024);
    let mut found = Vec::new();
    for piece in pieces {
        decoder.push(piece);
        loop {
            let due = found.iter().filter(|it| matches!(it, Incoming::Reply(_))).count();
            match decoder.next(shapes.get(due).copied()) {
                Some(incoming) => found.push(incoming),
                None => break,
            }
        }
    }
    found
}

fn reply(text: &str, shape: ReplyShape) -> AgiReply {
    match decode(&[text.as_bytes(), b"\n"], &[shape]).pop() {
        Some(Incoming::Reply(reply)) => reply,
        other => panic!("{text:?}: {other:?}"),
    }
}

#[test]
fn every_form_is_read_with_all_that_is_in_it() {
    for (name, text, status, result, value, fields) in FORMS {
        let reply = reply(text, reply_shape(name));
        assert_eq!(reply.status(), AgiStatus::from(*status), "{text}");
        assert_eq!(reply.result(), *result, "{text}");
        assert_eq!(reply.value().as_deref(), *value, "{text}");
        for (key, expected) in *fields {
            assert_eq!(reply.field(key).as_deref(), Some(*expected), "{text}");
        }
        assert_eq!(reply.code(), result.parse().ok(), "{text}");
        assert_eq!(reply.text(), *text);
    }
    for name in command::ALL {
        assert!(FORMS.iter().any(|form| form.0 == *name), "{name} has no form");
    }
}

#[test]
fn all_forms_in_a_row_read_the_same_cut_at_every_byte() {
    let mut stream = Vec::new();
    let mut shapes = Vec::new();
    for (name, text, ..) in FORMS {
        stream.extend_from_slice(text.as_bytes());
        stream.push(b'\n');
        shapes.push(reply_shape(name));
        stream.extend_from_slice(b"HANGUP\n100 result=0 Trying...\n");
    }
    stream.extend_from_slice(b"520-Usage:\nHANGUP\n200 result=1\n520 End.\n511 dead\n510 no\n");
    shapes.extend([ReplyShape::Line; 3]);
    let whole = decode(&[&stream], &shapes);
    assert_eq!(whole.len(), FORMS.len() * 2 + 3);
    for cut in 0..stream.len() {
        assert_eq!(decode(&[&stream[..cut], &stream[cut..]], &shapes), whole, "cut at {cut}");
    }
    let bytes: Vec<&[u8]> = stream.chunks(1).collect();
    assert_eq!(decode(&bytes, &shapes), whole, "byte by byte");
}

#[test]
fn what_answers_nothing_is_left_out_and_hangups_are_not() {
    let stream = b"200 result=0\nnoise\n520-a\n520 b\n\n999\nHANGUP\n600 x\n510 y\nHANGUP\n";
    assert_eq!(decode(&[stream], &[]), [Incoming::Hangup, Incoming::Hangup]);
}

#[test]
fn bytes_that_are_no_utf8_are_kept_beside_the_text() {
    let mut decoder = ReplyDecoder::new(1000);
    decoder.push(b"200 result=1 (M\xfcller)\n");
    let Some(Incoming::Reply(reply)) = decoder.next(Some(ReplyShape::Value)) else { panic!() };
    assert_eq!(reply.value().as_deref(), Some("M\u{fffd}ller"));
    assert_eq!(reply.value_bytes(), Some(&b"M\xfcller"[..]));
    assert_eq!(
        serde_json::to_value(&reply).unwrap(),
        serde_json::json!({"status": 200, "result": "1", "value": "M\u{fffd}ller",
            "text": "200 result=1 (M\u{fffd}ller)"})
    );
}

#[test]
fn what_is_too_large_is_skipped_within_bounds_however_it_is_cut() {
    let long = "x".repeat(3000);
    let stream = format!(
        "200 result=1 ({long}\n{long}\n)a\n{long})\n200 result={long}\n520-{long}\n{long}\n520 e\n200 result=7\n"
    );
    let shapes = [ReplyShape::Value, ReplyShape::Line, ReplyShape::Line, ReplyShape::Line];
    for size in [1, 7, 1000, stream.len()] {
        let mut decoder = ReplyDecoder::new(500);
        let mut found = Vec::new();
        for piece in stream.as_bytes().chunks(size) {
            decoder.push(piece);
            while let Some(incoming) = decoder.next(shapes.get(found.len()).copied()) {
                found.push(incoming);
            }
            assert!(decoder.buffered() <= 500, "{} bytes are kept", decoder.buffered());
        }
        assert_eq!(found.len(), 4, "{size} at a time: {found:?}");
        assert_eq!(found[..3], [Incoming::Oversized, Incoming::Oversized, Incoming::Oversized]);
        assert!(matches!(&found[3], Incoming::Reply(reply) if reply.code() == Some(7)), "{size}");
    }
}

const PRELUDE: &[u8] = b"agi_network: yes\nagi_network_script: a%2Fb/c?x=%31&y\n\
    agi_request: agi://h/a%2Fb/c?x=%31&y\nagi_channel: PJSIP/a-1\nagi_callerid: unknown\n\
    agi_calleridname: M\xfcller: Fritz\nagi_callingpres: 35\nagi_callingani2: 0\nagi_priority: 7\n\
    agi_enhanced: 1.0\nagi_accountcode: \nagi_arg_1: one\nagi_arg_2: \nagi_arg_3: three\n\n";

#[test]
fn a_request_reads_the_same_cut_at_every_byte_and_takes_no_byte_too_many() {
    let whole = AgiRequest::parse(PRELUDE).unwrap();
    let mut stream = PRELUDE.to_vec();
    stream.extend_from_slice(b"HANGUP\n");
    for cut in 0..stream.len() {
        let mut decoder = RequestDecoder::new(&AgiLimits::new());
        let mut used = None;
        for piece in [&stream[..cut], &stream[cut..]] {
            if used.is_none() {
                used = decoder.push(piece).unwrap().map(|(request, n)| {
                    assert_eq!(request, whole, "cut at {cut}");
                    piece.len() - n
                });
            }
        }
        let rest = stream.len() - cut.max(PRELUDE.len());
        let left = if cut < PRELUDE.len() { b"HANGUP\n".len() } else { cut - PRELUDE.len() };
        assert_eq!(used, Some(left), "{rest} bytes follow");
    }
    assert_eq!(whole.script(), "a/b/c");
    assert_eq!(whole.network_script(), Some("a%2Fb/c?x=%31&y"));
    assert_eq!(whole.query("x").as_deref(), Some("1"));
    assert_eq!(whole.query("y").as_deref(), Some(""));
    assert_eq!(whole.query("z"), None);
    assert_eq!(whole.caller_id(), None);
    assert_eq!(whole.get("agi_callerid"), Some("unknown"));
    assert_eq!(whole.caller_id_name(), Some("M\u{fffd}ller: Fritz"));
    assert_eq!(whole.get_bytes("AGI_CALLERIDNAME"), Some(&b"M\xfcller: Fritz"[..]));
    assert_eq!(whole.caller_presentation(), Some(CallerPresentation::Prohib));
    assert_eq!((whole.priority(), whole.is_eagi()), (Some(7), true));
    assert_eq!(whole.account_code(), None);
    assert_eq!(whole.args().collect::<Vec<_>>(), ["one", "", "three"]);
    assert_eq!((whole.arg(3), whole.arg(4)), (Some("three"), None));
    let json = serde_json::to_value(&whole).unwrap();
    assert_eq!(json["agi_arg_3"], "three");
    assert_eq!(json.as_object().unwrap().len(), whole.iter().count());
}

#[test]
fn a_script_without_a_network_is_its_path() {
    let request = AgiRequest::parse(b"agi_request: /opt/100%25.sh\n\n").unwrap();
    assert_eq!((request.script().as_ref(), request.is_network()), ("/opt/100%25.sh", false));
    for (url, script) in [
        ("agi://h", ""),
        ("agi://h:4573/x?a=b", "x"),
        ("hagi://h/a/b", "a/b"),
        ("agi://h?a=b", ""),
        ("agi:async", "agi:async"),
    ] {
        let request = AgiRequest::parse(format!("agi_request: {url}\n\n").as_bytes()).unwrap();
        assert_eq!(request.script(), script, "{url}");
    }
}

#[test]
fn an_argument_with_line_ends_costs_no_call() {
    let lines = "agi_request: agi://h/x\nagi_arg_1: one\ntwo: with a colon\r\nthree\nagi_four\nagi_arg_2: \
                 next\nagi_arg_3: M\nü\n\n";
    let request = AgiRequest::parse(lines.as_bytes()).unwrap();
    let args: Vec<_> = request.args().collect();
    assert_eq!(args, ["one\ntwo: with a colon\r\nthree\nagi_four", "next", "M\nü"]);
    // What is no UTF-8 is repaired over all lines.
    let request = AgiRequest::parse(b"agi_arg_1: a\xff\nb\xff\n\n").unwrap();
    assert_eq!(request.arg(1), Some("a\u{fffd}\nb\u{fffd}"));
    assert_eq!(request.get_bytes("agi_arg_1"), Some(&b"a\xff\nb\xff"[..]));
    // Its lines count as one.
    let long = format!("agi_arg_1: {}", "x\n".repeat(10_000));
    let e = AgiRequest::parse(format!("{long}\n").as_bytes()).unwrap_err();
    assert!(matches!(e, Error::Protocol(ProtocolError::Oversized { .. })), "{e:?}");
}

fn fed(limits: &AgiLimits, bytes: &[u8], then: Shutdown) -> Error {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let mut far = TcpStream::connect(listener.local_addr().unwrap()).unwrap();
    let near = listener.accept().unwrap().0;
    // The peer may be cut off before it has said all.
    let _ = far.write_all(bytes);
    if then == Shutdown::Write {
        let _ = far.shutdown(then);
    }
    AgiChannel::accept(near, limits).unwrap_err()
}

#[test]
fn a_hostile_or_silent_peer_is_given_up_within_the_limits() {
    let limits = AgiLimits::new().timeout(Duration::from_millis(30));
    for silent in [&b""[..], b"agi_channel: x\n", b"agi_cha"] {
        let e = fed(&limits, silent, Shutdown::Read);
        assert!(matches!(e, Error::Timeout(TimeoutError::Description { .. })), "{e:?}");
        let e = fed(&AgiLimits::new(), silent, Shutdown::Write);
        assert!(matches!(e, Error::Connection(ConnectionError::ClosedByPeer(_))), "{e:?}");
    }
    let many = "agi_x: y\n".repeat(300);
    let large = format!("agi_x: {}\n", "y".repeat(10_000)).repeat(7);
    let long = format!("agi_x: {}", "y".repeat(20_000));
    for hostile in [many, large, long] {
        let e = fed(&AgiLimits::new(), hostile.as_bytes(), Shutdown::Read);
        assert!(matches!(e, Error::Protocol(ProtocolError::Oversized { .. })), "{e:?}");
    }
    for stranger in ["GET / HTTP/1.1\r\n\r\n", "\u{16}\u{3}\u{1}\n", ": x\n", "ü: x\n"] {
        let e = fed(&AgiLimits::new(), stranger.as_bytes(), Shutdown::Read);
        assert!(matches!(e, Error::Protocol(ProtocolError::Banner(_))), "{stranger:?}: {e:?}");
    }
}
