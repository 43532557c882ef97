//! Telling a new connection what the server has forgotten.
//!
//! It is all or nothing: a source that the server does not know any more is passed over, but a connection
//! on which something else could not be told is given up like one that was lost, and the next one tried.
//! A client that stands has what it was subscribed to.

use std::sync::Arc;
use std::thread;
use std::time::{Duration, Instant};

use parking_lot::Mutex;

use super::calls::{self, Outcome};
use super::connection::{Shared, deadline_of};
use super::memory::{Said, What};
use super::reading::{Reading, Until};
use super::resources::application::is_unheard;
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
        let restored = if shared.memory.next(&shared.applications(), &Said::default()).is_none() {
            Ok(())
        } else if shared.http.is_some() {
            self.restore_over_http(first)
        } else {
            tell(shared, first, |request, timeout| self.ask_and_wait(request, timeout))
        };
        restored.map_err(|end| match (end, first) {
            // It was not the request that took too long, but all together.
            (End::Unprepared(Error::Timeout(_)), Some(first)) if first.has_passed() => {
                End::Unprepared(first.error())
            }
            (end, _) => end,
        })
    }

    /// Over HTTP another thread does it, for this one goes on reading: a client that does not is thrown out.
    fn restore_over_http(&mut self, first: Option<&Deadline>) -> Result<(), End> {
        let shared = self.shared;
        let (role, writer) = (self.session.role, Arc::clone(&self.session.writer));
        // Connections of its own: they end with the event socket, and wait for none of the others.
        let http = shared.new_http();
        let outcome = Mutex::new(None);
        let ask = || {
            let asked = tell(shared, first, |request, timeout| Ok(http.perform(request, timeout)));
            let is_done = asked.is_ok();
            *outcome.lock() = Some(asked);
            // Either wakes this thread's reader: the answer, or the end, which a connection comes to on
            // which not all could be told, whether or not the server answers anything on it.
            if is_done {
                let ping = websocket::ping(role);
                let _ = shared.outbox.submit(&ping, Instant::now(), Send::Soon, |_| ());
            } else {
                writer.shutdown();
            }
        };
        let (read, asked) = thread::scope(|scope| {
            let asks = thread::Builder::new().name("ari-restore".to_owned());
            let asks = asks.spawn_scoped(scope, ask).map_err(|e| End::Unprepared(e.into()))?;
            let done = |_: &Reading<'_>| outcome.lock().is_some() || asks.is_finished();
            let read = self.read_until_asked(first, &done);
            // Before that ends what is not done, and makes an error of it.
            let asked = outcome.lock().take();
            http.close();
            Ok((read, asked))
        })?;
        match asked {
            // It is the end of the client, whatever else went wrong.
            _ if matches!(read, Err(End::Replaced(_))) => read,
            Some(failed @ Err(_)) => failed,
            Some(Ok(())) => read,
            None => read.and(Err(End::Unprepared(first.map_or(Error::Closed, Deadline::error)))),
        }
    }

    /// Reads until another thread is done with its requests, each of which has its own time; on the first
    /// connection until the deadline at most.
    fn read_until_asked(
        &mut self,
        first: Option<&Deadline>,
        is_done: &dyn Fn(&Reading<'_>) -> bool,
    ) -> Result<(), End> {
        let (keep_alive, timeout) = (self.shared.config.keep_alive, self.shared.config.timeout);
        loop {
            // A server may do as it is told and answer no ping. So it is looked again after the time of
            // a request, or that of the keep-alive, whichever is less.
            let is_long = keep_alive.is_none_or(|interval| interval > timeout);
            let pause = is_long.then(|| Deadline::after(timeout));
            let until = Until { deadline: first.or(pause.as_ref()), is_done };
            self.read_until(Some(&until))?;
            if first.is_some() || is_done(self) {
                return Ok(());
            }
        }
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

/// Tells the server everything, one thing after the other; `ask` sends a request and waits.
///
/// Calls go on making changes meanwhile. So each thing is looked up right before it is told, and it is
/// over when what is remembered is what was told. Then the server has it too, whichever order it had things
/// in: for each thing, what a call has changed last and what was told last are the same. And a call that
/// has not heard yet that its change was made finds that everything has been told since, and makes it
/// again ([`Memory::note`](super::memory::Memory::note)): behind all that was told here.
fn tell(
    shared: &Shared,
    first: Option<&Deadline>,
    mut ask: impl FnMut(&Request, Duration) -> Result<Result<Answer>, End>,
) -> Result<(), End> {
    let mut said = Said::default();
    while let Some(again) = shared.memory.next(&shared.applications(), &said) {
        let request = again.request();
        let outcome = ask(&request, patience(shared, first).map_err(End::Unprepared)?)?;
        match (outcome.and_then(|answer| answer.check(&request)), &again.what) {
            (Ok(_), _) => said.note(&again),
            (Err(e), What::NoSource(_)) if is_unheard(&e) => said.note(&again),
            // A source that is not there any more is not told again. Any other error is that of the
            // connection; that there is no such application (404) as well, for it is this connection's,
            // and is there on the next.
            (Err(e), What::Source(source)) if e.is_unprocessable() => {
                log::warn!("{}: {source} is not subscribed to again: {e}", shared.server());
                shared.memory.refused(&again);
            }
            (Err(e), _) => return Err(End::Unprepared(e)),
        }
    }
    Ok(())
}

/// How long one of the requests may take.
fn patience(shared: &Shared, first: Option<&Deadline>) -> Result<Duration> {
    let timeout = shared.config.timeout;
    Ok(first.map_or(Ok(timeout), Deadline::left)?.min(timeout))
}
