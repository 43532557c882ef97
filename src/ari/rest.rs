//! Requests and their answers, whichever way they go.
//!
//! Every operation of the library is made of these; they are public so that an operation that the
//! library does not know can be called as well.
//!
//! ```no_run
//! use asterisk_sync::ari::{AriClient, rest::Request};
//!
//! # fn demo(ari: &AriClient) -> asterisk_sync::Result<()> {
//! let request = Request::post(["channels", "1234.5", "newThing"]).param("depth", 3);
//! let answer = ari.request(request)?;
//! println!("{} {}", answer.status(), answer.text());
//! # Ok(()) }
//! ```

use std::borrow::Cow;
use std::fmt::Write as _;

use serde_json::{Map, Value};

use super::lenient::text_of;
use super::url::encode;
use crate::error::{AuthError, ProtocolError};
use crate::{Error, Result};

/// The server reads this much of a line, with its end.
const MAX_LINE: usize = 4096;
/// The server reads this much of a body.
const MAX_BODY: usize = 40_960;

/// The server splits a value of the query into this many; beyond that it refuses the request.
const MAX_VALUES: usize = 127;

/// What to do with a resource.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Method {
    /// Look.
    Get,
    /// Make, or have something done.
    Post,
    /// Set.
    Put,
    /// Remove.
    Delete,
}

impl Method {
    /// The word on the wire.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Get => "GET",
            Self::Post => "POST",
            Self::Put => "PUT",
            Self::Delete => "DELETE",
        }
    }
}

/// One request. Path segments and values are given as they are; encoding them is done here.
#[derive(Debug, Clone)]
#[must_use = "nothing happens before it is sent"]
pub struct Request {
    method: Method,
    path: String,
    params: Map<String, Value>,
    body: Option<Value>,
    is_repeatable: bool,
    flaw: Option<Cow<'static, str>>,
}

impl Request {
    /// A request of any method for the resource at these segments below `/ari`.
    pub fn new<S: AsRef<str>>(method: Method, path: impl IntoIterator<Item = S>) -> Self {
        let is_repeatable = matches!(method, Method::Get | Method::Delete);
        let mut request = Self {
            method,
            path: String::new(),
            params: Map::new(),
            body: None,
            is_repeatable,
            flaw: None,
        };
        for segment in path {
            request = request.segment(segment.as_ref());
        }
        request
    }

    /// `GET`.
    pub fn get<S: AsRef<str>>(path: impl IntoIterator<Item = S>) -> Self {
        Self::new(Method::Get, path)
    }

    /// `POST`.
    pub fn post<S: AsRef<str>>(path: impl IntoIterator<Item = S>) -> Self {
        Self::new(Method::Post, path)
    }

    /// `PUT`.
    pub fn put<S: AsRef<str>>(path: impl IntoIterator<Item = S>) -> Self {
        Self::new(Method::Put, path)
    }

    /// `DELETE`.
    pub fn delete<S: AsRef<str>>(path: impl IntoIterator<Item = S>) -> Self {
        Self::new(Method::Delete, path)
    }

    /// One more segment of the path. An empty one, and one with a NUL, is refused when the request
    /// is sent.
    pub fn segment(mut self, segment: &str) -> Self {
        if segment.is_empty() {
            self.flaw = Some("a name or an id in the path is empty".into());
        }
        if segment.contains('\0') {
            self.flaw = Some("a name or an id in the path has a NUL in it".into());
        }
        if !self.path.is_empty() {
            self.path.push('/');
        }
        encode(segment, &mut self.path);
        self
    }

    /// A parameter: text, a number, a flag, or a list.
    pub fn param(mut self, name: &str, value: impl Into<Value>) -> Self {
        self.params.insert(name.to_owned(), value.into());
        self
    }

    /// A parameter that may be left out.
    pub fn maybe(self, name: &str, value: Option<impl Into<Value>>) -> Self {
        match value {
            Some(value) => self.param(name, value),
            None => self,
        }
    }

    /// All parameters of a struct, by the names it serialises with. What is `null` is left out.
    pub fn params(mut self, params: &impl serde::Serialize) -> Self {
        match serde_json::to_value(params) {
            Ok(Value::Object(all)) => {
                self.params.extend(all.into_iter().filter(|(_, value)| !value.is_null()));
            }
            Ok(_) => self.flaw = Some("the parameters are no object".into()),
            Err(e) => self.flaw = Some(format!("the parameters: {e}").into()),
        }
        self
    }

    /// The body as a whole, for operations that want one that is not made of parameters.
    pub fn body(mut self, body: impl Into<Value>) -> Self {
        self.body = Some(body.into());
        self
    }

    /// Says that it does no harm to send it twice. It is, once, when the connection turns out to
    /// have been closed by the server while it was idle. Requests that look or remove are so anyway.
    pub fn repeatable(mut self) -> Self {
        self.is_repeatable = true;
        self
    }

    /// Says that it does something each time, though it seems only to look or to remove: a variable may
    /// be a function. It is never sent twice.
    pub fn unrepeatable(mut self) -> Self {
        self.is_repeatable = false;
        self
    }

    /// The method.
    pub fn method(&self) -> Method {
        self.method
    }

    /// What it is called in errors and logs: method and path, without parameters.
    pub fn name(&self) -> String {
        format!("{} {}", self.method.as_str(), self.path)
    }

    pub(super) fn is_repeatable(&self) -> bool {
        self.is_repeatable
    }

    /// As it goes to the wire. `root` is how much stands before the path in a request line.
    ///
    /// What is made or set travels as JSON, where a number is a number and a list may hold commas.
    /// What looks or removes has its parameters in the query, unless they do not fit there.
    pub(super) fn encode(&self, root: usize) -> Result<Encoded> {
        if let Some(flaw) = &self.flaw {
            return Err(Error::invalid(flaw.as_ref()));
        }
        if self.params.iter().any(|(_, value)| has_nul(value))
            || self.body.as_ref().is_some_and(has_nul)
        {
            return Err(Error::invalid("a parameter has a NUL in it"));
        }
        let line = self.method.as_str().len() + root + " HTTP/1.1\r\n".len() + 1;
        let mut target = self.path.clone();
        let mut body = self.body.clone();
        if !self.params.is_empty() {
            let in_query = match self.method {
                Method::Get | Method::Delete => query(&self.params),
                Method::Post | Method::Put if body.is_some() => query(&self.params),
                Method::Post | Method::Put => None,
            };
            match in_query {
                Some(query) if line + target.len() + 1 + query.len() < MAX_LINE => {
                    target.push('?');
                    target.push_str(&query);
                }
                _ if body.is_none() => body = Some(Value::Object(self.params.clone())),
                Some(query) => {
                    let size = line + target.len() + 1 + query.len();
                    return Err(limit("the request line in bytes", size, MAX_LINE - 1));
                }
                None => return Err(Error::invalid("the parameters do not fit into the request")),
            }
        }
        let size = line + target.len();
        if size >= MAX_LINE {
            return Err(limit("the request line in bytes", size, MAX_LINE - 1));
        }
        let body = body.map(|body| body.to_string());
        if let Some(size) = body.as_ref().map(String::len).filter(|&size| size > MAX_BODY) {
            return Err(limit("the request's body in bytes", size, MAX_BODY));
        }
        Ok(Encoded { method: self.method, target, body })
    }
}

pub(super) fn limit(what: &'static str, size: usize, limit: usize) -> Error {
    Error::Limit { what, size: size as u64, limit: limit as u64 }
}

/// A request as it goes to the wire.
#[derive(Debug)]
pub(super) struct Encoded {
    pub(super) method: Method,
    /// Path and query, without a slash before them.
    pub(super) target: String,
    /// JSON.
    pub(super) body: Option<String>,
}

/// The parameters as a query; `None` if one cannot stand there: an object, a list whose items have
/// commas in them, which Asterisk would split, or one that is longer than it splits.
fn query(params: &Map<String, Value>) -> Option<String> {
    let mut query = String::new();
    for (name, value) in params {
        if !query.is_empty() {
            query.push('&');
        }
        encode(name, &mut query);
        query.push('=');
        match value {
            Value::Array(items) if items.len() > MAX_VALUES => return None,
            Value::Array(items) => {
                for (index, item) in items.iter().enumerate() {
                    if index > 0 {
                        query.push(',');
                    }
                    let text = scalar(item)?;
                    if text.contains(',') {
                        return None;
                    }
                    encode(&text, &mut query);
                }
            }
            value => encode(&scalar(value)?, &mut query),
        }
    }
    Some(query)
}

fn scalar(value: &Value) -> Option<Cow<'_, str>> {
    match value {
        Value::String(text) => Some(text.as_str().into()),
        Value::Bool(_) | Value::Number(_) => Some(value.to_string().into()),
        Value::Null | Value::Array(_) | Value::Object(_) => None,
    }
}

fn has_nul(value: &Value) -> bool {
    match value {
        Value::String(text) => text.contains('\0'),
        Value::Array(items) => items.iter().any(has_nul),
        Value::Object(fields) => {
            fields.iter().any(|(key, value)| key.contains('\0') || has_nul(value))
        }
        Value::Null | Value::Bool(_) | Value::Number(_) => false,
    }
}

/// An answer that is no error.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answer {
    pub(super) status: u16,
    pub(super) content_type: String,
    pub(super) body: Vec<u8>,
}

impl Answer {
    /// The status: 200, 201, 202 or 204.
    pub fn status(&self) -> u16 {
        self.status
    }

    /// The type of what is in it; empty if there is nothing in it.
    pub fn content_type(&self) -> &str {
        &self.content_type
    }

    /// What is in it.
    pub fn bytes(&self) -> &[u8] {
        &self.body
    }

    /// What is in it.
    pub fn into_bytes(self) -> Vec<u8> {
        self.body
    }

    /// What is in it as text.
    pub fn text(&self) -> Cow<'_, str> {
        text_of(&self.body)
    }

    /// What is in it as JSON.
    pub fn json<T: serde::de::DeserializeOwned>(&self) -> Result<T> {
        serde_json::from_str(&self.text()).map_err(|e| {
            ProtocolError::Unexpected(format!("the answer cannot be read: {e}").into()).into()
        })
    }

    /// The answer, or the error that it is.
    pub(super) fn check(self, request: &Request) -> Result<Self> {
        if (200..300).contains(&self.status) {
            return Ok(self);
        }
        let message = reason(&self.body);
        match self.status {
            401 => Err(AuthError::Rejected(message).into()),
            status => Err(Error::Http { request: request.name().into(), status, message }),
        }
    }
}

/// The server's reason: the message of ARI's JSON, or the text of the web server's page.
pub(super) fn reason(body: &[u8]) -> Box<str> {
    const MAX: usize = 500;
    let text = String::from_utf8_lossy(body);
    let from_json = serde_json::from_str::<Value>(&text).ok().and_then(|value| {
        let message = value.get("message").or_else(|| value.get("error"))?;
        Some(message.as_str().map_or_else(|| message.to_string(), str::to_owned))
    });
    let mut reason = String::new();
    for word in from_json.unwrap_or_else(|| without_tags(&text)).split_whitespace() {
        if reason.len() + word.len() > MAX {
            reason.push('…');
            break;
        }
        let gap = if reason.is_empty() { "" } else { " " };
        let _ = write!(reason, "{gap}{}", word.replace(char::is_control, ""));
    }
    if reason.is_empty() { "no reason given".into() } else { reason.into() }
}

/// The text of a page's body.
fn without_tags(page: &str) -> String {
    let body = page.find("<body").map_or(page, |at| &page[at..]);
    let mut text = String::new();
    let mut rest = body;
    while let Some((before, tag)) = rest.split_once('<') {
        text.push_str(before);
        text.push(' ');
        rest = tag.split_once('>').map_or("", |(_, after)| after);
    }
    text.push_str(rest);
    text
}
