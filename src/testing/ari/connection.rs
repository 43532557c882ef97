//! One client's connection: requests, and after an upgrade frames.

use std::io;
use std::sync::Arc;

use serde_json::Value;

use super::message::{AriReply, AriRequest, object};
use super::server::{Shared, Socket};
use crate::net::head::Head;
use crate::net::websocket::{self, Decoder, Incoming, Role, proof, switching};
use crate::net::{ReadHalf, WriteHalf};

/// So much is read of a request before it is taken for none.
const MAX: usize = 1 << 20;

/// A request's head, and its body.
struct Parsed {
    request: AriRequest,
    /// Whether it is below `/ari`.
    is_ari: bool,
    /// What a request for an event socket is answered with.
    proof: Option<String>,
}

/// An answer as it is to be sent.
pub(super) struct Ready {
    writer: WriteHalf,
    bytes: Vec<u8>,
    cut_after: Option<usize>,
    events: Vec<(String, String, Value)>,
}

impl Ready {
    /// Sends it, and the events behind it. False if that was the end of the connection.
    pub(super) fn send(&self, shared: &Shared) -> bool {
        let end = self.cut_after.unwrap_or(self.bytes.len()).min(self.bytes.len());
        let is_sent = self.writer.write_all(&self.bytes[..end]).is_ok();
        for (kind, application, fields) in &self.events {
            shared.push_text(application, &event(kind, application, fields));
        }
        let goes_on = is_sent && self.cut_after.is_none();
        if !goes_on {
            self.writer.shutdown();
        }
        goes_on
    }
}

pub(super) struct Connection<'a> {
    pub(super) shared: &'a Shared,
    pub(super) number: u64,
    pub(super) reader: ReadHalf,
    pub(super) writer: WriteHalf,
    pub(super) buffer: Vec<u8>,
}

impl Connection<'_> {
    /// Until the client or the test ends it.
    pub(super) fn serve(mut self) {
        while let Ok(Some(parsed)) = self.next_request() {
            let Parsed { request, is_ari, proof } = parsed;
            let is_upgrade = request.method == "GET" && request.path == "events";
            let reply = if !is_ari {
                AriReply::page(404, "Not Found")
            } else if request.header("authorization") != Some(&self.shared.authorization) {
                self.shared.record(&request);
                AriReply::error(401, "Authentication required")
            } else {
                match self.shared.scripted(&request) {
                    Some(reply) => reply,
                    None if is_upgrade => {
                        if let Some(reply) = self.upgrade(&request, proof) {
                            reply
                        } else {
                            return;
                        }
                    }
                    None => self.shared.modelled(&request),
                }
            };
            if !self.reply(reply.to_bytes(), &reply) {
                break;
            }
        }
        self.writer.shutdown();
    }

    /// Sends an answer, or keeps it until the test wants it sent. False if that was the end.
    fn reply(&self, bytes: Vec<u8>, reply: &AriReply) -> bool {
        if reply.is_silent {
            return true;
        }
        let (writer, cut_after, events) =
            (self.writer.clone(), reply.cut_after, reply.events.clone());
        let ready = Ready { writer, bytes, cut_after, events };
        if reply.is_held {
            self.shared.hold(ready);
            return true;
        }
        self.shared.is_deaf() || ready.send(self.shared)
    }

    fn fill(&mut self) -> io::Result<bool> {
        let mut bytes = [0; 16 << 10];
        let n = self.reader.read(&mut bytes)?;
        self.buffer.extend_from_slice(&bytes[..n]);
        Ok(n > 0 && self.buffer.len() <= MAX)
    }

    fn next_request(&mut self) -> io::Result<Option<Parsed>> {
        let (size, method, target, headers, proof) = loop {
            if let Ok(Some((head, size))) = Head::parse(&self.buffer) {
                let headers = head.headers();
                let headers: Vec<(String, String)> = headers
                    .map(|(name, value)| (name.to_ascii_lowercase(), value.to_owned()))
                    .collect();
                let (method, target) = (head.method.to_owned(), head.target.to_owned());
                break (size, method, target, headers, proof(&head).ok());
            }
            if Head::parse(&self.buffer).is_err() || !self.fill()? {
                return Ok(None);
            }
        };
        self.buffer.drain(..size);
        let length = headers.iter().find(|(name, _)| name == "content-length");
        let length = length.and_then(|(_, value)| value.parse().ok()).unwrap_or(0);
        while self.buffer.len() < length {
            if !self.fill()? {
                return Ok(None);
            }
        }
        let body: Vec<u8> = self.buffer.drain(..length).collect();
        let root = format!("{}/ari/", self.shared.settings.prefix);
        let below = target.strip_prefix(&root);
        let is_ari = below.is_some();
        let (path, query) = AriRequest::split_target(below.unwrap_or(&target));
        let request = AriRequest {
            method,
            path,
            query,
            body: serde_json::from_slice(&body).unwrap_or_default(),
            headers,
            connection: self.number,
            over_socket: false,
        };
        Ok(Some(Parsed { request, is_ari, proof }))
    }

    /// Becomes an event socket and serves it to its end; or says why not.
    fn upgrade(&mut self, request: &AriRequest, proof: Option<String>) -> Option<AriReply> {
        let Some(proof) = proof else {
            return Some(AriReply::page(426, "Upgrade Required"));
        };
        let apps = request.text("app").unwrap_or_default();
        let apps: Vec<String> =
            apps.split(',').filter(|app| !app.is_empty()).map(str::to_owned).collect();
        if apps.is_empty() {
            return Some(AriReply::error(400, "HTTP request is missing param: [app]"));
        }
        let socket = Arc::new(Socket {
            number: self.number,
            role: Role::Server,
            applications: apps,
            subscribe_all: request.text("subscribeAll").as_deref() == Some("true"),
            writer: self.writer.clone(),
        });
        self.serve_events(&socket, switching(&proof, None).into_bytes(), || ());
        None
    }

    /// Serves an event socket to its end. `opening` is what it begins with; `opened` is called when
    /// events can be sent over it.
    pub(super) fn serve_events(
        &mut self,
        socket: &Arc<Socket>,
        opening: Vec<u8>,
        opened: impl FnOnce(),
    ) {
        if self.shared.register(socket, opening) {
            opened();
            self.frames(socket);
            self.shared.unregister(socket);
        }
        self.writer.shutdown();
    }

    fn frames(&mut self, socket: &Socket) {
        let first = std::mem::take(&mut self.buffer);
        let role = socket.role;
        let mut decoder = Decoder::new(role, MAX, first);
        let mut bytes = vec![0; 64 << 10];
        loop {
            loop {
                match decoder.next() {
                    Err(_) => return,
                    Ok(None) => break,
                    Ok(Some(Incoming::Ping(payload))) => {
                        let pong = websocket::pong(role, payload);
                        if self.shared.pinged() && self.writer.write_all(&pong).is_err() {
                            return;
                        }
                    }
                    Ok(Some(Incoming::Close(code))) => {
                        self.shared.bidden_goodbye(socket, code);
                        let goodbye = websocket::close(role, code.unwrap_or(1000));
                        let _ = self.writer.write_all(&goodbye);
                        return;
                    }
                    Ok(Some(Incoming::Text(bytes))) => {
                        let text = String::from_utf8_lossy(bytes).into_owned();
                        if !self.rest(&text, socket) {
                            return;
                        }
                    }
                    Ok(Some(_)) => {}
                }
            }
            match self.reader.read(&mut bytes) {
                Ok(n) if n > 0 => decoder.push(&bytes[..n]),
                _ => return,
            }
        }
    }

    /// Answers a request over the event socket. False if that was the end.
    fn rest(&self, text: &str, socket: &Socket) -> bool {
        let application = socket.applications.first();
        let Some(application) = application.filter(|_| self.shared.settings.rest_over_socket)
        else {
            return true;
        };
        let frame = |text: &str| websocket::text(socket.role, text);
        let Ok(message) = serde_json::from_str::<Value>(text) else {
            let reply = AriReply::error(400, "Unable to parse");
            return self.reply(frame(&reply.to_response("", "", application)), &reply);
        };
        let field = |name: &str| message.get(name).and_then(Value::as_str).unwrap_or_default();
        let (path, query) = AriRequest::split_target(field("uri"));
        let request = AriRequest {
            method: field("method").to_owned(),
            path: path.clone(),
            query,
            body: serde_json::from_str(field("message_body")).unwrap_or_default(),
            headers: Vec::new(),
            connection: self.number,
            over_socket: true,
        };
        let reply = if path.starts_with('/') {
            self.shared.record(&request);
            AriReply::error(405, "Invalid method")
        } else {
            self.shared.scripted(&request).unwrap_or_else(|| self.shared.modelled(&request))
        };
        let response = reply.to_response(field("request_id"), &path, application);
        let bytes = reply.raw.clone().unwrap_or_else(|| frame(&response));
        self.reply(bytes, &reply)
    }
}

/// An event as Asterisk would send it, with what all events have.
pub(super) fn event(kind: &str, application: &str, fields: &Value) -> String {
    let common = [
        ("type", Value::from(kind)),
        ("timestamp", "2026-03-01T12:00:00.123+0000".into()),
        ("asterisk_id", "00:00:5e:00:53:01".into()),
        ("application", application.into()),
    ];
    let own = fields.as_object().into_iter().flatten();
    object(common.into_iter().chain(own.map(|(name, value)| (name.as_str(), value.clone()))))
}
