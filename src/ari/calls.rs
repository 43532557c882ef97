//! Requests over the event socket, and which frame answers which.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Instant;

use serde_json::{Map, Value};

use super::event::RESTResponse;
use super::rest::{Answer, Encoded, limit};
use crate::Result;
use crate::sync::pending::{Pending, Slot, Waited};

/// The server closes the connection over a longer frame, whose header is up to 14 bytes.
const MAX_FRAME: usize = 65_535 - 14;

/// The requests of one connection that wait for their answer.
#[derive(Debug)]
pub(super) struct Calls {
    pending: Pending<Call, Outcome>,
    next: AtomicU64,
}

/// A request on its way.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Call {
    /// Where it begins in the stream of all bytes, and how many it has.
    position: u64,
    length: usize,
    deadline: Instant,
}

/// How a request ended.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Outcome {
    Answered(Answer),
    /// The answer was too large.
    Oversized,
    Disconnected {
        sent: bool,
    },
    TimedOut {
        sent: bool,
    },
}

impl Calls {
    pub(super) fn new() -> Self {
        Self { pending: Pending::new(), next: AtomicU64::new(1) }
    }

    pub(super) fn next_id(&self) -> u64 {
        self.next.fetch_add(1, Ordering::Relaxed)
    }

    pub(super) fn in_flight(&self) -> usize {
        self.pending.len()
    }

    /// Registers a request of so many bytes, which begin at `position`.
    pub(super) fn insert(
        &self,
        id: u64,
        position: u64,
        length: usize,
        deadline: Instant,
    ) -> Arc<Slot<Outcome>> {
        self.pending.insert(id, Call { position, length, deadline })
    }

    /// Waits for the outcome up to the deadline. `withdraw` takes back what has not left, by its
    /// position and length; `false` if it may have.
    pub(super) fn wait(
        &self,
        id: u64,
        slot: &Slot<Outcome>,
        deadline: Instant,
        withdraw: impl Fn(u64, usize) -> bool,
    ) -> Outcome {
        match self.pending.wait(id, slot, deadline, |_| ()) {
            Waited::Answered(outcome) => outcome,
            Waited::TimedOut(call) => {
                Outcome::TimedOut { sent: !withdraw(call.position, call.length) }
            }
        }
    }

    /// Hands an answer to whoever waits for it; gives it back if nobody does.
    pub(super) fn answer(&self, response: RESTResponse) -> Option<RESTResponse> {
        let id = response.request_id.parse().ok();
        let mut response = Some(response);
        if let Some(id) = id {
            self.pending
                .update(id, |_| ((), response.take().map(answer_of).map(Outcome::Answered)));
        }
        response
    }

    /// Nobody waits for this one.
    pub(super) fn forget(&self, id: u64) {
        self.pending.remove(id, |_| ());
    }

    /// Whether a request has no answer yet.
    pub(super) fn is_waiting(&self, id: u64) -> bool {
        self.pending.update(id, |_| ((), None)).is_some()
    }

    /// An answer was too large to be kept. Whether anybody waited for it.
    pub(super) fn oversized(&self, beginning: &str) -> bool {
        let id = beginning
            .split_once(r#""request_id":""#)
            .and_then(|(_, rest)| rest.split_once('"')?.0.parse().ok());
        id.is_some_and(|id| self.pending.update(id, |_| ((), Some(Outcome::Oversized))).is_some())
    }

    /// Whether the server may be busy with a request from before this position that still has time.
    pub(super) fn is_patient(&self, now: Instant, before: u64) -> bool {
        let is_so = |call: &Call| call.position < before && call.deadline > now;
        self.pending.fold(false, |any, call| any || is_so(call))
    }

    /// The connection is gone: what begins before `handed_over` may have been sent.
    pub(super) fn disconnect(&self, handed_over: u64) {
        self.pending.drain(|call| Outcome::Disconnected { sent: call.position < handed_over });
    }
}

fn answer_of(response: RESTResponse) -> Answer {
    Answer {
        status: u16::try_from(response.status_code).unwrap_or(0),
        content_type: response.content_type.unwrap_or_default(),
        body: response.message_body.unwrap_or_default().into_bytes(),
    }
}

/// A request as a message.
pub(super) fn message(id: u64, encoded: Encoded) -> Result<String> {
    let mut fields = Map::new();
    let mut put = |name: &str, value: String| fields.insert(name.to_owned(), Value::String(value));
    put("type", "RESTRequest".to_owned());
    put("request_id", id.to_string());
    put("method", encoded.method.as_str().to_owned());
    put("uri", encoded.target);
    if let Some(body) = encoded.body {
        put("content_type", "application/json".to_owned());
        put("message_body", body);
    }
    let text = Value::Object(fields).to_string();
    if text.len() > MAX_FRAME {
        return Err(limit("the request over the event socket in bytes", text.len(), MAX_FRAME));
    }
    Ok(text)
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    fn response(id: &str) -> RESTResponse {
        let json = format!(r#"{{"request_id":"{id}","status_code":204}}"#);
        serde_json::from_str(&json).unwrap()
    }

    #[test]
    fn an_answer_finds_its_request_and_no_other() {
        let calls = Calls::new();
        let deadline = Instant::now() + Duration::from_secs(60);
        let (one, two) = (calls.insert(1, 0, 10, deadline), calls.insert(2, 10, 10, deadline));
        assert!(calls.answer(response("2")).is_none());
        for nobodys in ["2", "3", "", "x"] {
            assert_eq!(calls.answer(response(nobodys)).unwrap().request_id, nobodys);
        }
        assert!(calls.oversized(r#"{"type":"RESTResponse","request_id":"1","uri":""#));
        let wait = |id, slot: &Slot<Outcome>| calls.wait(id, slot, deadline, |_, _| true);
        assert!(matches!(wait(2, &two), Outcome::Answered(Answer { status: 204, .. })));
        assert_eq!(wait(1, &one), Outcome::Oversized);
    }

    #[test]
    fn what_was_not_handed_over_was_not_sent() {
        let calls = Calls::new();
        let deadline = Instant::now() + Duration::from_secs(60);
        let (one, two) = (calls.insert(1, 0, 10, deadline), calls.insert(2, 10, 10, deadline));
        calls.disconnect(10);
        assert_eq!(
            calls.wait(1, &one, deadline, |_, _| true),
            Outcome::Disconnected { sent: true }
        );
        assert_eq!(
            calls.wait(2, &two, deadline, |_, _| true),
            Outcome::Disconnected { sent: false }
        );
    }
}
