//! A wire between the client and the server, on which all that passes is kept, and read afterwards:
//! which requests were made, whichever way they went, and what was answered.

use std::collections::BTreeMap;
use std::io::{Read, Write};
use std::net::{Shutdown, SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::{self, JoinHandle};

use asterisk_sync::ari::TransportKind;
use serde_json::Value;

/// Both directions of one connection.
#[derive(Debug, Default)]
struct Tape {
    asked: Mutex<Vec<u8>>,
    told: Mutex<Vec<u8>>,
}

/// A request and its answer.
#[derive(Debug)]
pub(super) struct Exchange {
    pub(super) method: String,
    /// Behind `/ari/`, as it was sent, without parameters.
    pub(super) path: String,
    /// Its parameters, in the query and in the body.
    pub(super) parameters: BTreeMap<String, Said>,
    pub(super) status: u16,
    pub(super) body: Vec<u8>,
    pub(super) way: TransportKind,
}

/// What a parameter was.
#[derive(Debug)]
pub(super) enum Said {
    /// In the query; as it was sent.
    Query(String),
    /// In the body.
    Body(Value),
}

/// All that passed.
#[derive(Debug, Default)]
pub(super) struct Recording {
    pub(super) exchanges: Vec<Exchange>,
    /// Answers that came as messages, as they came.
    pub(super) responses: Vec<String>,
}

pub(super) struct Wiretap {
    address: SocketAddr,
    tapes: Arc<Mutex<Vec<Arc<Tape>>>>,
    is_over: Arc<AtomicBool>,
    listener: JoinHandle<Vec<JoinHandle<()>>>,
}

impl Wiretap {
    /// A port that leads to the server.
    pub(super) fn new(server: &str) -> Self {
        let port = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = port.local_addr().unwrap();
        let tapes = Arc::<Mutex<Vec<Arc<Tape>>>>::default();
        let is_over = Arc::new(AtomicBool::new(false));
        let (kept, over, server) = (Arc::clone(&tapes), Arc::clone(&is_over), server.to_owned());
        let listener = thread::spawn(move || {
            let mut copying = Vec::new();
            for client in port.incoming() {
                let client = client.unwrap();
                if over.load(Ordering::Acquire) {
                    break;
                }
                let server = TcpStream::connect(&server).unwrap();
                for socket in [&client, &server] {
                    socket.set_nodelay(true).unwrap();
                }
                let tape = Arc::<Tape>::default();
                kept.lock().unwrap().push(Arc::clone(&tape));
                let ways = [(client.try_clone(), server.try_clone()), (Ok(server), Ok(client))];
                for (index, (from, to)) in ways.into_iter().enumerate() {
                    let (from, to, tape) = (from.unwrap(), to.unwrap(), Arc::clone(&tape));
                    copying.push(thread::spawn(move || {
                        copy(from, to, if index == 0 { &tape.asked } else { &tape.told });
                    }));
                }
            }
            copying
        });
        Self { address, tapes, is_over, listener }
    }

    /// Where it listens.
    pub(super) fn address(&self) -> SocketAddr {
        self.address
    }

    /// What has passed, once nobody is connected any more.
    pub(super) fn finish(self) -> Recording {
        self.is_over.store(true, Ordering::Release);
        drop(TcpStream::connect(self.address).unwrap());
        for copying in self.listener.join().unwrap() {
            copying.join().unwrap();
        }
        let mut recording = Recording::default();
        for tape in self.tapes.lock().unwrap_or_else(PoisonError::into_inner).iter() {
            read(&tape.asked.lock().unwrap(), &tape.told.lock().unwrap(), &mut recording);
        }
        recording
    }
}

fn copy(mut from: TcpStream, mut to: TcpStream, tape: &Mutex<Vec<u8>>) {
    let mut buffer = vec![0; 64 << 10];
    while let Ok(length @ 1..) = from.read(&mut buffer) {
        tape.lock().unwrap().extend_from_slice(&buffer[..length]);
        if to.write_all(&buffer[..length]).is_err() {
            break;
        }
    }
    let _ = to.shutdown(Shutdown::Write);
    let _ = from.shutdown(Shutdown::Read);
}

/// A message of HTTP: its first line, its headers, its body, and what comes after it.
struct Message<'a> {
    first: &'a str,
    body: &'a [u8],
    rest: &'a [u8],
}

impl<'a> Message<'a> {
    fn read(bytes: &'a [u8]) -> Option<Self> {
        let end = bytes.windows(4).position(|four| four == b"\r\n\r\n")?;
        let head = std::str::from_utf8(&bytes[..end]).expect("a head is text");
        let (first, headers) = head.split_once("\r\n").unwrap_or((head, ""));
        let length = headers.lines().filter_map(|line| line.split_once(':')).find_map(|header| {
            let is_length = header.0.eq_ignore_ascii_case("content-length");
            is_length.then(|| header.1.trim().parse::<usize>().expect("a length"))
        });
        let (body, rest) = bytes[end + 4..].split_at_checked(length.unwrap_or(0))?;
        Some(Self { first, body, rest })
    }

    fn word(&self, index: usize) -> &'a str {
        self.first.split(' ').nth(index).expect("a first line has three words")
    }
}

/// Reads both directions of one connection.
fn read(mut asked: &[u8], mut told: &[u8], into: &mut Recording) {
    while let (Some(request), Some(answer)) = (Message::read(asked), Message::read(told)) {
        let status = answer.word(1).parse().expect("a status");
        let target = request.word(1).strip_prefix("/ari/").expect("a path of ARI");
        let (path, parameters) = parts(target, request.body);
        into.exchanges.push(Exchange {
            method: request.word(0).to_owned(),
            path,
            parameters,
            status,
            body: answer.body.to_owned(),
            way: TransportKind::Http,
        });
        (asked, told) = (request.rest, answer.rest);
        if status == 101 {
            read_messages(&texts(asked), &texts(told), into);
            return;
        }
    }
}

/// What was asked for, and the parameters.
fn parts(target: &str, body: &[u8]) -> (String, BTreeMap<String, Said>) {
    let (path, query) = target.split_once('?').unwrap_or((target, ""));
    let in_query = query.split('&').filter_map(|pair| pair.split_once('='));
    let in_query = in_query.map(|(name, value)| (name.to_owned(), Said::Query(value.to_owned())));
    let mut all: BTreeMap<String, Said> = in_query.collect();
    if let Ok(Value::Object(fields)) = serde_json::from_slice(body) {
        all.extend(fields.into_iter().map(|(name, value)| (name, Said::Body(value))));
    }
    (path.to_owned(), all)
}

/// Reads the messages of one event socket.
fn read_messages(asked: &[String], told: &[String], into: &mut Recording) {
    let text = |value: &Value, name: &str| {
        value[name].as_str().unwrap_or_else(|| panic!("{name} in {value}")).to_owned()
    };
    let told = told.iter().filter(|json| json.starts_with(r#"{"type":"RESTResponse""#));
    let answers: Vec<(&String, Value)> =
        told.map(|json| (json, serde_json::from_str(json).expect("an answer is JSON"))).collect();
    for request in asked {
        let request: Value = serde_json::from_str(request).expect("a request is JSON");
        let is_its =
            |(_, answer): &&(&String, Value)| answer["request_id"] == request["request_id"];
        let Some((json, answer)) = answers.iter().find(is_its) else { continue };
        let body = answer["message_body"].as_str().unwrap_or_default();
        let given = request["message_body"].as_str().unwrap_or_default();
        let (path, parameters) = parts(&text(&request, "uri"), given.as_bytes());
        into.exchanges.push(Exchange {
            method: text(&request, "method"),
            path,
            parameters,
            status: answer["status_code"].as_u64().expect("a status").try_into().unwrap(),
            body: body.as_bytes().to_owned(),
            way: TransportKind::WebSocket,
        });
        into.responses.push((*json).clone());
    }
}

/// The texts in frames that are whole.
fn texts(mut bytes: &[u8]) -> Vec<String> {
    let mut texts = Vec::new();
    while let Some((opcode, payload, rest)) = frame(bytes) {
        if opcode == 1 {
            texts.push(String::from_utf8(payload).expect("a text is UTF-8"));
        }
        bytes = rest;
    }
    texts
}

/// The first frame: what it is, and what is in it.
fn frame(bytes: &[u8]) -> Option<(u8, Vec<u8>, &[u8])> {
    let (&[first, second], mut rest) = bytes.split_first_chunk::<2>()?;
    let length = match second & 0x7f {
        126 => {
            let (length, after) = rest.split_first_chunk::<2>()?;
            rest = after;
            u16::from_be_bytes(*length).into()
        }
        127 => {
            let (length, after) = rest.split_first_chunk::<8>()?;
            rest = after;
            usize::try_from(u64::from_be_bytes(*length)).unwrap()
        }
        short => usize::from(short),
    };
    let mut mask = [0; 4];
    if second & 0x80 != 0 {
        let (key, after) = rest.split_first_chunk::<4>()?;
        (mask, rest) = (*key, after);
    }
    let (payload, rest) = rest.split_at_checked(length)?;
    let payload = payload.iter().zip(mask.iter().cycle()).map(|(byte, key)| byte ^ key).collect();
    assert!(first & 0x80 != 0, "neither side cuts a message into several frames");
    Some((first & 0xf, payload, rest))
}
