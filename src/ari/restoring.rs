//! Telling a new connection what the server has forgotten.
//!
//! It is all or nothing: a source that the server does not know any more is passed over, but a connection
//! on which something else could not be told is given up like one that was lost, and the next one tried.
//! A client that stands has what it was subscribed to.

use std::thread;
use std::time::{Duration, Instant};

use parking_lot::Mutex;

use super::calls::{self, Outcome};
use super::connection::{Shared, deadline_of};
use super::memory::Again;
use super::reading::{Reading, Until};
use super::rest::{Answer, Request};
use super::session::End;
use crate::net::Deadline;
use crate::net::outbox::Send;
use crate::net::websocket;
use crate::{Error, Result};

impl Reading<'_> {
    /// Tells the server what it has forgotten, or, on the first connection and within its deadline, what
    /// it has never been told. Events that come meanwhile go their way.
    pub(super) fn restore(&mut self, first: Option<&Deadline>) -> Result<(), End> {
        let shared = self.shared;
        let all = shared.memory.restore(&shared.applications());
        if all.is_empty() {
            return Ok(());
        }
        if shared.http.is_some() {
            return self.restore_over_http(&all, first);
        }
        for again in &all {
            let timeout = patience(shared, first).map_err(End::Unprepared)?;
            let outcome = self.ask_and_wait(&again.request, timeout)?;
            told(shared, again, outcome).map_err(End::Unprepared)?;
        }
        Ok(())
    }

    /// The same over HTTP. Another thread does it, for this one goes on reading: a client that does not
    /// is thrown out.
    fn restore_over_http(&mut self, all: &[Again], first: Option<&Deadline>) -> Result<(), End> {
        let (shared, role) = (self.shared, self.session.role);
        // Connections of its own: they end with the event socket, and wait for none of the others.
        let http = shared.new_http();
        let outcome = Mutex::new(None);
        let ask = || {
            let asked = all.iter().try_for_each(|again| {
                let outcome = http.perform(&again.request, patience(shared, first)?);
                told(shared, again, outcome)
            });
            *outcome.lock() = Some(asked);
            // The answer wakes this thread's reader.
            let ping = websocket::ping(role);
            let _ = shared.outbox.submit(&ping, Instant::now(), Send::Soon, |_| ());
        };
        thread::scope(|scope| {
            let asks = thread::Builder::new().name("ari-restore".to_owned());
            let asks = asks.spawn_scoped(scope, ask).map_err(|e| End::Unprepared(e.into()))?;
            let done = |_: &Reading<'_>| outcome.lock().is_some() || asks.is_finished();
            // Each request has its own time, and the first that takes longer is the last.
            let until = Until { deadline: None, is_done: &done };
            let read = self.read_until(Some(&until));
            http.close();
            read
        })?;
        outcome.into_inner().unwrap_or(Err(Error::Closed)).map_err(End::Unprepared)
    }

    fn ask_and_wait(
        &mut self,
        request: &Request,
        timeout: Duration,
    ) -> Result<Result<Answer>, End> {
        let shared = self.shared;
        let deadline = Deadline::after(timeout);
        let id = shared.calls.next_id();
        let frame = request.encode(0).and_then(|encoded| calls::message(id, encoded));
        let frame = websocket::text(self.session.role, &frame.map_err(End::Unprepared)?);
        let lost = |_| End::Unprepared(Error::Disconnected { sent: false });
        let slot = shared.submit(&frame, id, deadline_of(timeout), Send::Soon).map_err(lost)?;
        let done = |reading: &Reading<'_>| !reading.shared.calls.is_waiting(id);
        self.read_until(Some(&Until { deadline: Some(&deadline), is_done: &done }))?;
        Ok(match shared.calls.wait(id, &slot, Instant::now(), |_, _| false) {
            Outcome::Answered(answer) => Ok(answer),
            outcome => Err(shared.error_of(&outcome, &request.name(), timeout)),
        })
    }
}

/// How long one of the requests may take.
fn patience(shared: &Shared, first: Option<&Deadline>) -> Result<Duration> {
    let timeout = shared.config.timeout;
    Ok(first.map_or(Ok(timeout), Deadline::left)?.min(timeout))
}

/// What came of telling the server something again. A source that is not there any more is not told
/// again. Any other error is that of the connection; that there is no such application (404) as well, for
/// it is this connection's, and is there on the next.
fn told(shared: &Shared, again: &Again, outcome: Result<Answer>) -> Result<()> {
    match outcome.and_then(|answer| answer.check(&again.request)) {
        Ok(_) => Ok(()),
        Err(e) if again.is_source() && e.is_unprocessable() => {
            log::warn!("{}: not restored: {}: {e}", shared.server(), again.request.name());
            shared.memory.refused(again);
            Ok(())
        }
        Err(e) => Err(e),
    }
}
