//! ARI without a library for it: sockets alone, and each of the parts that libraries are made of.

use std::hint::black_box;
use std::io::Read as _;
use std::net::TcpStream;
use std::thread;

use serde::Deserialize;
use serde::de::DeserializeOwned;
use tungstenite::protocol::frame::FrameHeader;
use tungstenite::protocol::frame::coding::{Data, OpCode};
use tungstenite::{Message, WebSocket};
use ureq::Agent;

use super::load::CHANNEL;
use crate::board::{Next, Tally};
use crate::contender::{Connection, Contender, NOT_OFFERED, Outcome};
use crate::floor::{read_block, windows, write};
use crate::load::LAST_UNIQUE_ID;
use crate::measure::{Laps, callers};
use crate::work::{Flood, Shape, Way};

/// The header with user and password, as every client sends it.
const AUTHORIZATION: &str = "Basic dmVyc3VzOm1lYXN1cmU=";

/// An event socket, its handshake done and nothing else.
pub fn event_socket(port: u16) -> Outcome<TcpStream> {
    let mut stream = connect(port)?;
    let request = format!(
        "GET /ari/events?app=versus HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\n\
         Authorization: {AUTHORIZATION}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\
         Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"
    );
    write(&mut stream, request.as_bytes())?;
    let answer = read_block(&mut stream)?;
    if answer.starts_with(b"HTTP/1.1 101") { Ok(stream) } else { Err("no event socket".into()) }
}

/// Requests over HTTP: a connection for each caller, kept, and answers of the same length.
pub fn requests(port: u16, shape: Shape) -> Outcome<Laps> {
    let request = format!(
        "GET /ari/channels/{CHANNEL} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\n\
         Authorization: {AUTHORIZATION}\r\nUser-Agent: versus\r\nAccept: */*\r\n\r\n"
    );
    let request = request.as_bytes();
    callers(shape, || {
        let mut stream = connect(port)?;
        let mut answer = super::load::answer();
        Ok(move || {
            write(&mut stream, request)?;
            stream.read_exact(&mut answer).map_err(text)
        })
    })
}

/// Requests over the event socket, and answers of the same length.
pub fn requests_over_socket(port: u16, shape: Shape) -> Outcome<Laps> {
    let mut stream = event_socket(port)?;
    let text = format!(
        r#"{{"type":"RESTRequest","request_id":"100000","method":"GET","uri":"channels/{CHANNEL}"}}"#
    );
    let header = FrameHeader {
        is_final: true,
        rsv1: false,
        rsv2: false,
        rsv3: false,
        opcode: OpCode::Data(Data::Text),
        // Masked with nothing.
        mask: Some([0; 4]),
    };
    let mut request = Vec::new();
    // Writing to a vector does not fail.
    let _ = header.format(text.len() as u64, &mut request);
    request.extend_from_slice(text.as_bytes());
    let (before, behind) = super::load::answer_over_socket();
    let answer = super::load::frame(&format!("{before}100000{behind}")).len();
    windows(&mut stream, &request, answer, shape)
}

/// Reads the same text over and over.
pub fn decode<T: DeserializeOwned>(json: &str, times: usize) -> Outcome<()> {
    for _ in 0..times {
        black_box(serde_json::from_str::<T>(black_box(json)).map_err(text)?);
    }
    Ok(())
}

/// tungstenite on the subscriber's own thread.
pub struct Tungstenite {
    /// Whether each message is read into an [`Event`] as well; otherwise nobody looks into them.
    pub reads: bool,
}

impl Contender for Tungstenite {
    fn ari_subscribe(&self, port: u16, flood: &Flood, tallies: Vec<Tally>) -> Outcome<Connection> {
        let Ok([tally]) = <[Tally; 1]>::try_from(tallies) else { return Err(NOT_OFFERED.into()) };
        let url = format!("ws://127.0.0.1:{port}/ari/events?app=versus");
        let (socket, _) = tungstenite::client(url, connect(port)?).map_err(text)?;
        let (reads, events) = (self.reads, flood.events);
        thread::spawn(
            move || if reads { read(socket, tally) } else { count(socket, events, tally) },
        );
        Ok(Box::new(()))
    }

    fn ari_decode(&self, json: &str, times: usize) -> Outcome<()> {
        decode::<Event>(json, times)
    }
}

/// Counts messages: the last of them is known by its number alone.
fn count(mut socket: WebSocket<TcpStream>, events: u64, mut tally: Tally) {
    for _ in 0..events {
        let Ok(message) = socket.read() else { return };
        black_box(message);
        let _ = tally.events(1);
    }
    if socket.read().is_ok() {
        tally.finish();
    }
}

fn read(mut socket: WebSocket<TcpStream>, mut tally: Tally) {
    while let Ok(Message::Text(message)) = socket.read() {
        let Ok(event) = serde_json::from_str::<Event>(&message) else { return };
        let channel = event.channel.as_ref();
        let (name, id) = channel.map_or(("", ""), |channel| (&channel.name, &channel.id));
        if tally.event(&event.kind, name, id) == Next::Stop {
            debug_assert_eq!(id, LAST_UNIQUE_ID);
            return;
        }
        black_box(event);
    }
}

/// All fields of all kinds in the flood, as one writes it down for just these.
#[derive(Deserialize)]
#[expect(dead_code, reason = "they are read, and that is what is measured")]
struct Event {
    #[serde(rename = "type")]
    kind: String,
    timestamp: String,
    application: String,
    asterisk_id: String,
    channel: Option<Channel>,
    #[serde(default)]
    args: Vec<String>,
    variable: Option<String>,
    value: Option<String>,
    dialplan_app: Option<String>,
    dialplan_app_data: Option<String>,
    cause: Option<i64>,
    cause_txt: Option<String>,
    tech_cause: Option<i64>,
}

#[derive(Deserialize)]
#[expect(dead_code, reason = "as above")]
struct Channel {
    id: String,
    name: String,
    state: String,
    protocol_id: String,
    caller: Caller,
    connected: Caller,
    accountcode: String,
    dialplan: Dialplan,
    creationtime: String,
    language: String,
}

#[derive(Deserialize)]
#[expect(dead_code, reason = "as above")]
struct Caller {
    name: String,
    number: String,
}

#[derive(Deserialize)]
#[expect(dead_code, reason = "as above")]
struct Dialplan {
    context: String,
    exten: String,
    priority: i64,
    app_name: String,
    app_data: String,
}

/// ureq with a pool that is large enough for all callers: what it costs by itself.
pub struct Ureq;

impl Contender for Ureq {
    fn ari_rest(&self, port: u16, way: Way, shape: Shape) -> Outcome<Laps> {
        if way == Way::WebSocket {
            return Err(NOT_OFFERED.into());
        }
        let settings =
            Agent::config_builder().max_idle_connections(1024).max_idle_connections_per_host(1024);
        let agent = Agent::new_with_config(settings.proxy(None).build());
        let url = format!("http://127.0.0.1:{port}/ari/channels/{CHANNEL}");
        callers(shape, || {
            let (agent, url) = (agent.clone(), url.as_str());
            Ok(move || {
                let request = agent.get(url).header("Authorization", AUTHORIZATION);
                let mut answer = request.call().map_err(text)?;
                black_box(answer.body_mut().read_to_vec().map_err(text)?);
                Ok(())
            })
        })
    }
}

fn connect(port: u16) -> Outcome<TcpStream> {
    let stream = TcpStream::connect(("127.0.0.1", port)).map_err(text)?;
    stream.set_nodelay(true).map_err(text)?;
    Ok(stream)
}

fn text(error: impl std::fmt::Display) -> String {
    error.to_string()
}
