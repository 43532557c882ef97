//! What the load server of ARI sends, rendered before it is asked: the events of calls as frames of a
//! `WebSocket`, and the channel that everybody asks for.
//!
//! Names and order of fields are what an Asterisk 22 sends.

use tungstenite::protocol::frame::FrameHeader;
use tungstenite::protocol::frame::coding::{Data, OpCode};

use crate::load::{LAST_UNIQUE_ID, Load};

/// The channel that is asked for.
pub const CHANNEL: &str = "1753000001.2";

/// The ring of events, a frame each.
pub fn events() -> Load {
    Load::of(|number, kind| frame(&event(&id(number), number, kind)), {
        frame(&event(LAST_UNIQUE_ID, 0, 6))
    })
}

/// One `StasisStart`.
pub fn stasis_start() -> String {
    event(&id(1), 1, 4)
}

/// A frame as a server sends it.
pub fn frame(text: &str) -> Vec<u8> {
    let header = FrameHeader {
        is_final: true,
        rsv1: false,
        rsv2: false,
        rsv3: false,
        opcode: OpCode::Data(Data::Text),
        mask: None,
    };
    let mut frame = Vec::new();
    // Writing to a vector does not fail.
    let _ = header.format(text.len() as u64, &mut frame);
    frame.extend_from_slice(text.as_bytes());
    frame
}

/// The answer to the request for the channel, over HTTP.
pub fn answer() -> Vec<u8> {
    let body = channel(CHANNEL, 1, "Up", "Stasis", "versus,sales");
    let length = body.len();
    format!(
        "HTTP/1.1 200 OK\r\nServer: Asterisk/22.10.1\r\nDate: Sat, 01 Aug 2026 12:00:00 GMT\r\n\
         Cache-Control: no-cache, no-store\r\nContent-type: application/json\r\n\
         Content-Length: {length}\r\n\r\n{body}"
    )
    .into_bytes()
}

/// The same over the event socket: what stands before the id of the request, and behind it.
pub fn answer_over_socket() -> (String, String) {
    let body = channel(CHANNEL, 1, "Up", "Stasis", "versus,sales").replace('"', r#"\""#);
    let before = r#"{"type":"RESTResponse","transaction_id":"8d3cf7ae","request_id":""#.to_owned();
    let behind = format!(
        r#"","status_code":200,"reason_phrase":"OK","uri":"channels/{CHANNEL}","content_type":"application/json","message_body":"{body}",{TAIL}}}"#
    );
    (before, behind)
}

/// What all events end with.
const TAIL: &str = r#""asterisk_id":"02:00:00:00:00:01","application":"versus""#;

/// When everything happened.
const AT: &str = r#""timestamp":"2026-08-01T12:00:00.123+0000""#;

fn id(number: usize) -> String {
    format!("1753{number:06}.{}", number * 2)
}

fn event(id: &str, number: usize, kind: usize) -> String {
    let (name, own, state, app, data) = match kind {
        0 => ("ChannelCreated", "", "Ring", "", ""),
        1 => (
            "ChannelDialplan",
            r#""dialplan_app":"Stasis","dialplan_app_data":"versus,sales","#,
            "Ring",
            "Stasis",
            "versus,sales",
        ),
        2 => ("ChannelStateChange", "", "Up", "Stasis", "versus,sales"),
        3 => (
            "ChannelVarset",
            r#""variable":"STASISSTATUS","value":"","#,
            "Up",
            "Stasis",
            "versus,sales",
        ),
        4 => ("StasisStart", r#""args":["sales","7"],"#, "Up", "Stasis", "versus,sales"),
        5 => ("StasisEnd", "", "Up", "Stasis", "versus,sales"),
        _ => (
            "ChannelDestroyed",
            r#""cause":16,"cause_txt":"Normal Clearing","tech_cause":200,"#,
            "Up",
            "Hangup",
            "",
        ),
    };
    let channel = channel(id, number, state, app, data);
    // A real one has the fields of this kind before its type.
    if kind == 3 {
        return format!(r#"{{{own}"type":"{name}",{AT},"channel":{channel},{TAIL}}}"#);
    }
    format!(r#"{{"type":"{name}",{AT},{own}"channel":{channel},{TAIL}}}"#)
}

fn channel(id: &str, number: usize, state: &str, app: &str, data: &str) -> String {
    let caller = 1000 + number % 9000;
    format!(
        r#"{{"id":"{id}","name":"PJSIP/alice-{number:08x}","state":"{state}","protocol_id":"1bb38d2f-a8d0-42bd-8653-807b9d9419cc","caller":{{"name":"Alice Miller","number":"{caller}"}},"connected":{{"name":"Bob Baker","number":"200"}},"accountcode":"sales","dialplan":{{"context":"from-internal","exten":"200","priority":3,"app_name":"{app}","app_data":"{data}"}},"creationtime":"2026-08-01T11:59:59.877+0000","language":"en"}}"#
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::load::KINDS;

    #[test]
    fn events_are_json_of_the_size_of_real_ones() {
        let all: Vec<String> = (0..KINDS).map(|kind| event(&id(1), 1, kind)).collect();
        for text in &all {
            let value: serde_json::Value = serde_json::from_str(text).unwrap();
            assert_eq!(value["channel"]["id"], id(1).as_str());
        }
        let average = all.iter().map(String::len).sum::<usize>() / KINDS;
        assert!((520..640).contains(&average), "{average}");
    }

    #[test]
    fn both_answers_hold_the_same_channel() {
        let over_http = String::from_utf8(answer()).unwrap();
        let (head, body) = over_http.split_once("\r\n\r\n").unwrap();
        assert!(head.ends_with(&format!("Content-Length: {}", body.len())));
        let (before, behind) = answer_over_socket();
        let whole: serde_json::Value =
            serde_json::from_str(&format!("{before}17{behind}")).unwrap();
        assert_eq!(whole["request_id"], "17");
        assert_eq!(whole["message_body"], body);
    }
}
