//! Everything that goes wrong with servers and networks.

use super::frame::News;
use super::server::FakeAmi;
use super::session::Stalls;
use crate::Result;

/// What is wrong with the server.
#[derive(Debug, Default)]
pub(super) struct Faults {
    pub(super) stalls: Stalls,
    pub(super) greeting: Greeting,
    /// The next session ends after so many bytes.
    pub(super) cut_next: Option<usize>,
}

/// How a client is received.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) enum Greeting {
    #[default]
    Normal,
    Silent,
    NoLogin,
    AuthLimit,
}

/// Faults. Each lasts until it is undone, by its counterpart or by [`heal`](Self::heal); those
/// that say how a client is received are for connections taken from then on
/// ([`wait_for_connections`](Self::wait_for_connections) tells when one was).
impl FakeAmi {
    /// Stops reading what clients send, now and in sessions to come. What the operating system
    /// takes meanwhile it takes; [`socket_buffers`](super::FakeAmiBuilder::socket_buffers) bounds
    /// that.
    pub fn stall_reading(&self) {
        self.set_stalls(|stalls| stalls.reading = true);
    }

    /// Reads on.
    pub fn resume_reading(&self) {
        self.set_stalls(|stalls| stalls.reading = false);
    }

    /// Takes connections and reads, and sends nothing; answers and events queue up.
    pub fn stall_writing(&self) {
        self.set_stalls(|stalls| stalls.writing = true);
    }

    /// Sends what has queued up, and goes on.
    pub fn resume_writing(&self) {
        self.set_stalls(|stalls| stalls.writing = false);
    }

    fn set_stalls(&self, change: impl FnOnce(&mut Stalls)) {
        let mut registry = self.shared.registry();
        change(&mut registry.faults.stalls);
        for session in &registry.sessions {
            session.set_stalls(registry.faults.stalls);
        }
    }

    /// Ends every session in good order: what is queued is still sent, then the end of the stream.
    /// The next connection is taken as ever.
    pub fn close_sessions(&self) {
        self.shared.registry().sessions.iter().for_each(|session| session.close());
        self.shared.notify();
    }

    /// Ends every session as a crash does, by a TCP reset; what is queued is lost.
    pub fn reset_sessions(&self) {
        self.shared.sessions().iter().for_each(|session| session.reset());
        self.shared.notify();
    }

    /// Ends every session after it has been sent this many more bytes, wherever in a frame that
    /// is; if there is no session, the next one.
    ///
    /// The banner counts, so small numbers cut a login short.
    pub fn drop_after(&self, bytes: usize) {
        let mut registry = self.shared.registry();
        let mut open = 0;
        for session in registry.open() {
            session.cut_after(bytes);
            open += 1;
        }
        if open == 0 {
            registry.faults.cut_next = Some(bytes);
        }
    }

    /// Stops listening: whoever connects is refused. Sessions go on. The port stays ours.
    pub fn refuse(&self) {
        self.shared.port.close();
    }

    /// Listens again, on the same port.
    pub fn accept(&self) -> Result<()> {
        let shared = std::sync::Arc::clone(&self.shared);
        Ok(self.shared.port.listen(move |stream| shared.welcome(stream))?)
    }

    /// Restarts as `core restart now` does: tells everybody (`Shutdown`), ends every session,
    /// refuses connections for a moment, and is back with neither channels nor global variables.
    /// The AstDB stays.
    pub fn restart(&self) -> Result<()> {
        self.shared.broadcast(&News::new("system", "Shutdown", |frame| {
            frame.lines(&[("Shutdown", "Cleanly"), ("Restart", "True")])
        }));
        self.refuse();
        self.close_sessions();
        self.shared.model.lock().restart();
        self.accept()
    }

    /// Takes connections and says nothing at all, not even the banner.
    pub fn silent(&self) {
        self.shared.registry().faults.greeting = Greeting::Silent;
    }

    /// Sends the banner and never answers a login.
    pub fn no_login(&self) {
        self.shared.registry().faults.greeting = Greeting::NoLogin;
    }

    /// Takes connections and closes them at once, without a banner: so does Asterisk when too many
    /// clients that have not logged in are connected (`authlimit`).
    pub fn auth_limit(&self) {
        self.shared.registry().faults.greeting = Greeting::AuthLimit;
    }

    /// Undoes every fault: listens, greets, reads and writes again.
    pub fn heal(&self) -> Result<()> {
        {
            let mut registry = self.shared.registry();
            registry.faults = Faults::default();
            registry.sessions.iter().for_each(|session| session.set_stalls(Stalls::default()));
        }
        self.accept()
    }
}
