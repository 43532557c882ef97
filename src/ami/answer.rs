//! Answers that are on their way, and what becomes of them.

use std::fmt;
use std::marker::PhantomData;
use std::sync::Arc;
use std::time::{Duration, Instant};

use super::action::{ListSpec, Restore};
use super::calls::{Failure, Outcome};
use super::connection::Shared;
use super::event::AmiEvent;
use super::message::Message;
use super::response::{Reply, Response};
use crate::error::{ProtocolError, TimeoutError};
use crate::sync::pending::{Pending, Slot};
use crate::{Error, Result};

/// The response to an action and the events that came with it.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Collected {
    /// The response.
    pub response: Response,
    /// The events, in order, without the one that only ends the list.
    pub events: Vec<AmiEvent>,
    /// The event that ended the list, if one did.
    pub end: Option<AmiEvent>,
}

/// A whole list: its items, and what its response and its end say beside them.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct List<I, E> {
    /// The response.
    pub response: Response,
    /// The items, in order.
    pub items: Vec<I>,
    /// The event that ended the list. `None` where there was nothing to list and the server said so
    /// with its response alone.
    pub end: Option<E>,
}

/// An answer that is on its way. Dropping it forgets it.
pub(super) struct Answer {
    shared: Arc<Shared>,
    id: u64,
    slot: Arc<Slot<Outcome>>,
    deadline: Instant,
    timeout: Duration,
    action: Box<str>,
    taken: bool,
}

impl Answer {
    pub(super) fn new(
        shared: Arc<Shared>,
        id: u64,
        slot: Arc<Slot<Outcome>>,
        deadline: Instant,
        timeout: Duration,
        action: &str,
    ) -> Self {
        Self { shared, id, slot, deadline, timeout, action: action.into(), taken: false }
    }

    pub(super) fn wait(&mut self) -> Outcome {
        self.taken = true;
        // The waiting thread has nothing better to do than to send what waits.
        if may_write(&self.shared, self.timeout) {
            self.shared.outbox.flush(self.deadline);
        }
        // What is told not to have left must not leave later.
        let withdraw = |position, length| self.shared.outbox.withdraw(position, length);
        self.shared.calls.wait(self.id, &self.slot, self.deadline, withdraw)
    }

    pub(super) fn response(&mut self) -> Result<Response> {
        let outcome = self.wait();
        self.read(outcome)
    }

    fn read(&self, outcome: Outcome) -> Result<Response> {
        match outcome.failure {
            Some(failure) => Err(error_of(&self.shared, &self.action, self.timeout, failure)),
            None => response_of(&self.action, outcome.response),
        }
    }
}

impl Drop for Answer {
    fn drop(&mut self) {
        if !self.taken {
            self.shared.calls.forget(self.id);
        }
    }
}

/// Whether a call with this timeout has the time that a write may take where the peer does not read.
pub(super) fn may_write(shared: &Shared, timeout: Duration) -> bool {
    timeout >= shared.config.timeout
}

/// The answer to an action that was started.
///
/// ```no_run
/// # fn main() -> asterisk_sync::Result<()> {
/// # use asterisk_sync::ami::{AmiClient, action::GetVarAction};
/// # let ami = AmiClient::from_env()?;
/// let pending = ["CALLERID(num)", "CHANNEL(state)"]
///     .map(|name| ami.start_action(&GetVarAction::new(name).channel("PJSIP/alice-00000001")));
/// for answer in pending {
///     println!("{}", answer?.wait()?.value());
/// }
/// # Ok(()) }
/// ```
#[must_use = "dropping it forgets the answer"]
pub struct PendingAnswer<R> {
    answer: Answer,
    restore: Option<Restore>,
    reply: PhantomData<fn() -> R>,
}

impl<R: Reply> PendingAnswer<R> {
    pub(super) fn new(answer: Answer, restore: Option<Restore>) -> Self {
        Self { answer, restore, reply: PhantomData }
    }

    /// Waits for the answer, at most what is left of the timeout.
    pub fn wait(mut self) -> Result<R> {
        let response = self.answer.response();
        self.reply(response)
    }

    /// The answer if it is there; otherwise the pending answer again.
    pub fn try_wait(mut self) -> Result<Result<R>, Self> {
        if let Some(outcome) = Pending::<(), Outcome>::poll(&self.answer.slot) {
            self.answer.taken = true;
            let response = self.answer.read(outcome);
            return Ok(self.reply(response));
        }
        if self.answer.deadline <= Instant::now() {
            return Ok(self.wait());
        }
        Err(self)
    }

    fn reply(&mut self, response: Result<Response>) -> Result<R> {
        let reply = response.and_then(R::from_response)?;
        if let Some(restore) = self.restore.take() {
            self.answer.shared.remember(restore);
        }
        Ok(reply)
    }
}

impl<R> fmt::Debug for PendingAnswer<R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PendingAnswer").field("action", &self.answer.action).finish_non_exhaustive()
    }
}

/// The refusal, if it only says that there is nothing to list.
pub(super) fn empty_list(response: Option<&Message>, list: ListSpec) -> Option<&Message> {
    response.filter(|response| {
        let text = response.get("Message").unwrap_or("");
        response.name().eq_ignore_ascii_case("Error") && list.empty.contains(&text)
    })
}

pub(super) fn response_of(action: &str, response: Option<Message>) -> Result<Response> {
    let Some(message) = response else { return Err(Error::Disconnected { sent: true }) };
    if message.name().eq_ignore_ascii_case("Error") {
        return Err(Error::Refused { action: action.into(), message: reason(&message) });
    }
    Ok(Response(message))
}

/// Why the server refused. Of a console command that failed, what it printed: the message only says
/// that this follows.
fn reason(message: &Message) -> Box<str> {
    let printed: Vec<&str> = message.get_all("Output").collect();
    if printed.is_empty() {
        return message.get("Message").unwrap_or("no reason given").into();
    }
    printed.join("\n").trim_end().into()
}

pub(super) fn error_of(shared: &Shared, action: &str, after: Duration, failure: Failure) -> Error {
    match failure {
        Failure::Disconnected { sent: true } => Error::Disconnected { sent: true },
        Failure::Disconnected { sent: false } => shared.unsent_error(),
        Failure::TimedOut { sent } => {
            TimeoutError::Action { action: action.into(), after, sent }.into()
        }
        Failure::Oversized => {
            let limit = shared.config.max_message_size as u64;
            ProtocolError::Oversized { what: "the size of the answer in bytes", limit }.into()
        }
        Failure::ListTooLarge => {
            let limit = shared.config.max_list_size as u64;
            ProtocolError::Oversized { what: "the size of the list in bytes", limit }.into()
        }
        Failure::Cancelled => {
            Error::Refused { action: action.into(), message: "the list was cancelled".into() }
        }
    }
}
