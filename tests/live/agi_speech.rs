//! Speech, with a recogniser that Asterisk asks over a WebSocket and that this test plays.

#![allow(clippy::unwrap_used, clippy::pedantic, reason = "a panic is how a test fails")]

use std::net::{TcpListener, TcpStream};
use std::sync::mpsc::{self, Receiver, Sender};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use asterisk_sync::Error;
use asterisk_sync::agi::RecognitionKind;
use serde_json::{Value, json};
use tungstenite::{Message, WebSocket};

use crate::agi_support::{Session, accept};
use crate::support::{PATIENCE, client, setting};

/// The recogniser: what it is asked for, and what it is to understand at the next sound it hears.
struct Recogniser {
    asked: Receiver<Value>,
    understand: Sender<Value>,
    serving: JoinHandle<()>,
}

impl Recogniser {
    fn start() -> Self {
        let listener = TcpListener::bind(format!("127.0.0.1:{}", setting("ASTERISK_AEAP_PORT")));
        let listener = listener.expect("the port is free");
        let (ask, asked) = mpsc::channel();
        let (understand, understood) = mpsc::channel();
        let serving = thread::spawn(move || {
            let socket = tungstenite::accept_hdr(accept(&listener), echo_protocol).unwrap();
            serve(socket, &ask, &understood);
        });
        Self { asked, understand, serving }
    }

    /// The next request of this name.
    fn asked_for(&self, name: &str) -> Value {
        loop {
            let request = self.asked.recv_timeout(PATIENCE).expect("Asterisk asks");
            if request["request"] == name {
                return request;
            }
        }
    }
}

/// Asterisk names the protocol it wants, and wants it named back.
#[allow(clippy::result_large_err, reason = "it is tungstenite's")]
fn echo_protocol(
    request: &tungstenite::handshake::server::Request,
    mut response: tungstenite::handshake::server::Response,
) -> Result<tungstenite::handshake::server::Response, tungstenite::handshake::server::ErrorResponse>
{
    let name = "Sec-WebSocket-Protocol";
    if let Some(protocol) = request.headers().get(name) {
        response.headers_mut().insert(name, protocol.clone());
    }
    Ok(response)
}

fn serve(mut socket: WebSocket<TcpStream>, ask: &Sender<Value>, understood: &Receiver<Value>) {
    while let Ok(message) = socket.read() {
        let say = match message {
            Message::Text(text) => {
                let request: Value = serde_json::from_str(&text).unwrap();
                let reply = request.get("request").map(|name| {
                    json!({
                        "response": name, "id": request["id"], "codecs": request["codecs"],
                        "params": {"results": []},
                    })
                });
                let _ = ask.send(request);
                reply
            }
            Message::Binary(_) => understood.try_recv().ok().map(
                |results| json!({"request": "set", "id": "1", "params": {"results": results}}),
            ),
            _ => None,
        };
        if let Some(say) = say {
            socket.send(Message::text(say.to_string())).unwrap();
        }
    }
}

#[test]
fn what_is_said_pressed_or_not_said_is_recognised() {
    let recogniser = Recogniser::start();
    let ami = client();
    // The far end makes a sound, which is not what is understood.
    let mut session = Session::with(&ami, "agi", |action| action.application("Milliwatt", ""));
    let agi = &mut session.agi;
    agi.speech_create("test-recogniser").unwrap();
    assert_eq!(recogniser.asked_for("setup")["codecs"][0]["name"], "slin");
    agi.speech_set("language", "de").unwrap();
    assert_eq!(recogniser.asked_for("set")["params"], json!({"language": "de"}));
    // This kind of recogniser has no grammars.
    for refusal in [
        agi.speech_load_grammar("g", "/g"),
        agi.speech_activate_grammar("g"),
        agi.speech_deactivate_grammar("g"),
        agi.speech_unload_grammar("g"),
    ] {
        assert!(refusal.as_ref().is_err_and(Error::is_refused), "{refusal:?}");
    }

    let results = json!([
        {"text": "yet (perhaps)", "score": 40, "grammar": "words"},
        {"text": "yes, please", "score": 900, "grammar": "bool"},
    ]);
    recogniser.understand.send(results).unwrap();
    let heard = agi.speech_recognize("demo-congrats", PATIENCE, None).unwrap();
    assert_eq!((heard.kind, heard.digit), (RecognitionKind::Speech, None));
    let seen: Vec<_> = heard.results.iter().map(|r| (r.score, &*r.text, &*r.grammar)).collect();
    assert_eq!(seen, [(900, "yes, please", "bool"), (40, "yet (perhaps)", "words")]);
    assert!(heard.end_position.is_some());

    let heard = agi.speech_recognize("beep", Duration::from_secs(1), None).unwrap();
    assert_eq!((heard.kind, heard.results.len()), (RecognitionKind::Timeout, 0));

    let presser = session.press_at("SPEECH RECOGNIZE", "5");
    let heard = session.agi.speech_recognize("demo-congrats", PATIENCE, 0).unwrap();
    assert_eq!((heard.kind, heard.digit), (RecognitionKind::Digit, Some('5')));
    presser.join().unwrap();

    session.agi.speech_destroy().unwrap();
    assert!(session.agi.speech_destroy().unwrap_err().is_refused());
    session.agi.noop().unwrap();
    recogniser.serving.join().expect("Asterisk hangs up on the recogniser");
}
