//! AGI without a connection of its own: `AGI(agi:async)`, served over the manager's.
//!
//! The dialplan says `AGI(agi:async)`, and the channel waits for commands that come as AMI actions.
//! [`AmiClient::serve_async_agi`] takes such channels, and gives each to an
//! [`AgiHandler`] as FastAGI would: nothing has to listen, no firewall has
//! to be opened, and the handler is the same.
//!
//! # What is different from FastAGI
//!
//! - There is no script and there are no arguments, whatever the dialplan says behind `agi:async`:
//!   [`request`](crate::agi::AgiRequest::request) is always `async`. What a handler has to know goes
//!   into channel variables.
//! - Every AMI client that serves AsyncAGI hears of every channel. If there is more than one, say
//!   which channels are whose: [`AsyncAgiOptions::claim`].
//! - A command with its arguments has to fit a line of AMI: 1,022 bytes with the header's name.
//!   What does not is [`Error::Limit`], and is not sent.
//! - Asterisk cuts replies at 1,024 bytes and their encoding at 2,048. The rest of the former is
//!   fetched, so they come whole; what is lost of the latter makes the reply
//!   [`ProtocolError::Oversized`](crate::ProtocolError::Oversized) and never a wrong value.
//! - If the connection is lost, the channel goes on waiting. A command under way is then
//!   [`Error::Disconnected`] with `sent: true`; the next waits up to a
//!   minute for the new connection, and then for the command before it, which Asterisk still runs,
//!   as long as it may take itself. Channels that came meanwhile are found after it, and those that
//!   were already waiting when serving began: their description is put together from what `Status`
//!   tells.
//! - A command that fails with -1 mostly ends AGI although the call goes on: to play a sound that does
//!   not exist, for example. It is [`Error::Refused`] all the same, and all that follow are
//!   [`Error::Disconnected`]; the dialplan goes on behind `AGI()`.
//! - After [`asyncagi_break`](crate::agi::AgiChannel::asyncagi_break) the channel is the dialplan's
//!   again, and every command is [`Error::Closed`].
//!
//! # Rights
//!
//! The AMI user needs `agi` to hear of the channels and to command them, and `call`, `system` or
//! `reporting` for `Status`; without the latter nothing is found after a lost connection. Hangups are
//! told to those who may read `call`; where none was told, the channel's `AGISTATUS` is read when it
//! has left AGI, for which `call` or `reporting` is needed. Without both, the end of a call is
//! [`Error::Disconnected`].

mod desk;
mod found;
mod options;
mod session;
mod wire;

use std::fmt;
use std::sync::Arc;

pub use crate::sync::shutdown::ShutdownHandle;
use desk::Desk;
pub use options::{AsyncAgiOptions, AsyncAgiReport, AsyncAgiStats};

use crate::agi::AgiHandler;
use crate::ami::AmiClient;
use crate::sync::crew::Crew;
use crate::{Error, EventHandler, Result};

impl AmiClient {
    /// Serves the channels that are in, or come to, `AGI(agi:async)`: each gets a worker, which runs
    /// the handler, and goes back to the dialplan when that returns.
    ///
    /// Blocks until `Status` has told who waits, at most the client's timeout; calls are handled
    /// after it has returned too. Serving ends when what is returned is dropped or told to, or when the client
    /// is closed. See [`async_agi`](crate::async_agi) for what is different from FastAGI.
    ///
    /// # Errors
    ///
    /// [`Error::Invalid`] for no workers at all, [`Error::Io`] if the threads cannot be started,
    /// those of any action if `Status` fails for another reason than a refusal.
    ///
    /// ```no_run
    /// use asterisk_sync::agi::{AgiChannel, AgiRequest};
    /// use asterisk_sync::ami::AmiClient;
    ///
    /// # fn main() -> asterisk_sync::Result<()> {
    /// let ami = AmiClient::connect("pbx.example.com", "admin", "secret")?;
    /// let serving = ami.serve_async_agi(
    ///     |request: &AgiRequest, agi: &mut AgiChannel| {
    ///         agi.answer()?;
    ///         agi.stream_file("hello-world", "")?;
    ///         agi.verbose(&format!("{} has heard it", request.channel()), 1)
    ///     },
    ///     32,
    /// )?;
    /// let stop = serving.shutdown_handle();
    /// std::thread::spawn(move || {
    ///     let _ = std::io::stdin().read_line(&mut String::new());
    ///     stop.shutdown();
    /// });
    /// let report = serving.join();
    /// println!("{} calls", report.served);
    /// # Ok(()) }
    /// ```
    pub fn serve_async_agi(
        &self,
        handler: impl AgiHandler,
        options: impl Into<AsyncAgiOptions>,
    ) -> Result<AsyncAgi> {
        let options = options.into();
        if options.workers == 0 {
            return Err(Error::invalid("calls need at least one worker"));
        }
        let workers = options.workers;
        let crew = Crew::new("agi-async", options.stack, workers);
        let desk = Arc::new(Desk::new(self.clone(), Arc::new(handler), options));
        let serving = AsyncAgi { events: desk.listen()?, desk, crew };
        for _ in 0..workers {
            let desk = Arc::clone(&serving.desk);
            // What has been started is ended by the drop.
            serving.crew.grow(move || desk.work())?;
        }
        Ok(serving)
    }
}

/// Calls that are served over the manager's connection, from [`AmiClient::serve_async_agi`].
///
/// Dropping it ends that as [`shutdown`](Self::shutdown) does.
#[must_use = "dropping it ends the serving"]
pub struct AsyncAgi {
    desk: Arc<Desk>,
    crew: Crew,
    events: EventHandler,
}

impl AsyncAgi {
    /// What it is at, and has done so far.
    pub fn stats(&self) -> AsyncAgiStats {
        self.desk.stats()
    }

    /// Takes no more channels: those that come from now on are sent back to the dialplan while
    /// there are calls under way. Waits for these as long as [`AsyncAgiOptions::grace`] lasts, then
    /// ends their sessions, so that every command is [`Error::Disconnected`]; returns when all handlers have returned.
    pub fn shutdown(self) -> AsyncAgiReport {
        self.finish()
    }

    /// Waits until the client is closed, or a [`ShutdownHandle`] is used, and for the end of all
    /// calls then, as [`shutdown`](Self::shutdown) does.
    pub fn join(self) -> AsyncAgiReport {
        self.desk.wait_closed();
        self.finish()
    }

    /// What ends the serving while a thread is in [`join`](Self::join), from any other thread: channels
    /// that come from then on are sent back to the dialplan.
    pub fn shutdown_handle(&self) -> ShutdownHandle {
        ShutdownHandle::new(&self.desk)
    }

    fn finish(&self) -> AsyncAgiReport {
        let closed = self.desk.finish();
        // While there are sessions, their news has to reach them.
        self.crew.join();
        self.events.stop();
        self.desk.report(closed)
    }
}

impl Drop for AsyncAgi {
    fn drop(&mut self) {
        self.finish();
    }
}

impl fmt::Debug for AsyncAgi {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("AsyncAgi").field("stats", &self.stats()).finish_non_exhaustive()
    }
}
