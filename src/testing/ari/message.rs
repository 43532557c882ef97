//! Requests as they come, and answers as a test wants them.

use std::fmt::Write as _;

use serde_json::{Value, json};

/// A request that a [`FakeAri`](super::FakeAri) got, over HTTP or over an event socket.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct AriRequest {
    /// The method.
    pub method: String,
    /// The path below `/ari`, as it came: encoded, without a slash before it.
    pub path: String,
    /// The parameters of the query, decoded.
    pub query: Vec<(String, String)>,
    /// The body; `Null` if there is none.
    pub body: Value,
    /// The headers, with names in lower case; of a request over an event socket, none.
    pub headers: Vec<(String, String)>,
    /// Which connection it came over, counted from 1.
    pub connection: u64,
    /// Whether that is an event socket.
    pub over_socket: bool,
}

impl AriRequest {
    /// The segments of the path, decoded.
    pub fn segments(&self) -> Vec<String> {
        self.path.split('/').map(decode).collect()
    }

    /// A parameter: of the body, else of the query.
    pub fn param(&self, name: &str) -> Option<Value> {
        if let Some(value) = self.body.get(name) {
            return Some(value.clone());
        }
        self.query.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str().into())
    }

    /// A parameter that is text.
    pub fn text(&self, name: &str) -> Option<String> {
        self.param(name)?.as_str().map(str::to_owned)
    }

    /// A header.
    pub fn header(&self, name: &str) -> Option<&str> {
        let is_it = |(known, _): &&(String, String)| known.eq_ignore_ascii_case(name);
        self.headers.iter().find(is_it).map(|(_, value)| value.as_str())
    }

    /// Whether method and path are these; a `*` stands for any one segment.
    pub(super) fn is(&self, method: &str, pattern: &str) -> bool {
        let (segments, mut wanted) = (self.segments(), pattern.split('/'));
        self.method.eq_ignore_ascii_case(method)
            && pattern.split('/').count() == segments.len()
            && segments
                .iter()
                .all(|segment| wanted.next().is_some_and(|w| w == "*" || w == segment))
    }

    pub(super) fn split_target(target: &str) -> (String, Vec<(String, String)>) {
        let (path, query) = target.split_once('?').unwrap_or((target, ""));
        let pairs = query.split('&').filter(|pair| !pair.is_empty()).map(|pair| {
            let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
            (decode(name), decode(value))
        });
        (path.to_owned(), pairs.collect())
    }
}

/// As Asterisk decodes: a plus sign is a space, wherever it stands.
pub(super) fn decode(text: &str) -> String {
    crate::ari::decode(text, true)
}

/// What a [`FakeAri`](super::FakeAri) answers.
#[derive(Debug, Clone, PartialEq, Eq)]
#[must_use = "it is for a handler to return"]
pub struct AriReply {
    pub(super) status: u16,
    pub(super) content_type: String,
    pub(super) body: Vec<u8>,
    /// After so many bytes of the answer the connection ends.
    pub(super) cut_after: Option<usize>,
    pub(super) is_silent: bool,
    /// It is not sent before the test says so.
    pub(super) is_held: bool,
    /// What is sent behind it: type, application, and what is particular to each.
    pub(super) events: Vec<(String, String, Value)>,
    /// The answer as a whole, whatever it is.
    pub(super) raw: Option<Vec<u8>>,
}

impl AriReply {
    /// An answer of any kind.
    pub fn new(status: u16, content_type: impl Into<String>, body: impl Into<Vec<u8>>) -> Self {
        let (content_type, body) = (content_type.into(), body.into());
        Self {
            status,
            content_type,
            body,
            cut_after: None,
            is_silent: false,
            is_held: false,
            events: Vec::new(),
            raw: None,
        }
    }

    /// 200 and this.
    pub fn ok(body: impl Into<Value>) -> Self {
        Self::new(200, "application/json", body.into().to_string())
    }

    /// 204.
    pub fn no_content() -> Self {
        Self::new(204, "", "")
    }

    /// An error as ARI tells one.
    pub fn error(status: u16, message: &str) -> Self {
        Self::new(status, "application/json", json!({ "message": message }).to_string())
    }

    /// An error as the web server tells one.
    pub fn page(status: u16, text: &str) -> Self {
        let page = format!(
            "<!DOCTYPE html><html><head><title>{status} {text}</title></head>\
             <body><h1>{text}</h1></body></html>"
        );
        Self::new(status, "text/html", page)
    }

    /// Bytes that need not be HTTP.
    pub fn raw(bytes: impl Into<Vec<u8>>) -> Self {
        Self { raw: Some(bytes.into()), ..Self::no_content() }
    }

    /// No answer: the connection ends instead.
    pub fn hang_up() -> Self {
        Self::no_content().cut_after(0)
    }

    /// No answer, ever; the connection stays.
    pub fn silence() -> Self {
        Self { is_silent: true, ..Self::no_content() }
    }

    /// The connection ends after so many bytes of the answer.
    pub fn cut_after(self, bytes: usize) -> Self {
        Self { cut_after: Some(bytes), ..self }
    }

    /// The answer is not sent before [`release`](super::FakeAri::release); what comes after the request
    /// is answered meanwhile.
    pub fn held(self) -> Self {
        Self { is_held: true, ..self }
    }

    /// Behind the answer an event is sent to an application: a type and what is particular to it. Said
    /// again, also that one. Over the event socket it comes behind the answer for certain, over HTTP it
    /// may be seen first.
    pub fn then_push(mut self, kind: &str, application: &str, fields: impl Into<Value>) -> Self {
        self.events.push((kind.to_owned(), application.to_owned(), fields.into()));
        self
    }

    /// As HTTP.
    pub(super) fn to_bytes(&self) -> Vec<u8> {
        if let Some(raw) = &self.raw {
            return raw.clone();
        }
        let mut head = format!("HTTP/1.1 {} {}\r\n", self.status, reason(self.status));
        if !self.content_type.is_empty() {
            let _ = write!(head, "Content-Type: {}\r\n", self.content_type);
        }
        if self.status == 401 {
            head.push_str("WWW-Authenticate: Basic realm=\"Asterisk REST Interface\"\r\n");
        }
        if self.status != 204 {
            let _ = write!(head, "Content-Length: {}\r\n", self.body.len());
        }
        head.push_str("Cache-Control: no-cache, no-store\r\n\r\n");
        let mut bytes = head.into_bytes();
        bytes.extend_from_slice(&self.body);
        bytes
    }

    /// As an answer over an event socket, with its fields in Asterisk's order.
    pub(super) fn to_response(&self, request_id: &str, uri: &str, application: &str) -> String {
        let mut fields = vec![
            ("type", "RESTResponse".into()),
            ("transaction_id", "".into()),
            ("request_id", request_id.into()),
            ("status_code", self.status.into()),
            ("reason_phrase", reason(self.status).into()),
            ("uri", uri.into()),
        ];
        if !self.body.is_empty() {
            fields.push(("content_type", self.content_type.as_str().into()));
            fields.push(("message_body", String::from_utf8_lossy(&self.body).into()));
        }
        fields.extend([
            ("application", application.into()),
            ("timestamp", "2026-03-01T12:00:00.000+0000".into()),
            ("asterisk_id", "00:00:5e:00:53:01".into()),
        ]);
        object(fields)
    }
}

/// An object with its fields in this order.
pub(super) fn object<'a>(fields: impl IntoIterator<Item = (&'a str, Value)>) -> String {
    let fields = fields.into_iter().map(|(name, value)| format!("{}:{value}", Value::from(name)));
    format!("{{{}}}", fields.collect::<Vec<_>>().join(","))
}

pub(super) fn reason(status: u16) -> &'static str {
    match status {
        200 => "OK",
        201 => "Created",
        202 => "Accepted",
        204 => "No Content",
        400 => "Bad Request",
        401 => "Unauthorized",
        403 => "Forbidden",
        404 => "Not Found",
        409 => "Conflict",
        412 => "Precondition Failed",
        422 => "Unprocessable Entity",
        426 => "Upgrade Required",
        500 => "Internal Server Error",
        503 => "Service Unavailable",
        _ => "Something Else",
    }
}
