//! What drives a client: one thread that reads, one that writes what nobody else would.
//!
//! The reading thread owns the connection for the client's life: it dials, logs in, decodes,
//! routes, notices a dead peer, and dials again. It runs no code of the user's and never writes
//! once others may. When it ends, everything ends: waiting actions, subscriptions, the client.
//!
//! Locks: `state` guards where the connection stands and is taken alone, for moments. The locks of
//! the outbox, of the pending calls and of the bus are described where they are; of these the
//! outbox's is taken before the calls'.

use std::collections::VecDeque;
use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::{Duration, Instant};

use crossbeam_channel::Sender;
use parking_lot::{Condvar, Mutex};

use super::action::{Action, Headers, PingAction, Restore, whole_lines};
use super::calls::{Call, Calls};
use super::config::Config;
use super::event::AmiEvent;
use super::filter::News;
use super::login::{Session, is_success};
use super::mask::EventMask;
use super::message::Block;
use super::pace::Pace;
use crate::net::Closer;
use crate::net::outbox::{Outbox, Send};
use crate::sync::bus::{EventBus, Source};
use crate::{ConnectionState, Error, Result};

/// How much is read at a time. The pages of the buffer come to be when they are first used, so a
/// quiet connection has few of them.
const READ: usize = 256 << 10;

/// What the handles and the threads of a client share.
#[derive(Debug)]
pub(super) struct Shared {
    pub(super) config: Config,
    pub(super) calls: Calls,
    pub(super) outbox: Outbox,
    pub(super) bus: EventBus<AmiEvent>,
    pub(super) closer: Closer,
    pub(super) pace: Option<Pace>,
    /// The server was told goodbye; when it hangs up, that is the end.
    leaving: AtomicBool,
    state: Mutex<State>,
    changed: Condvar,
    born: Instant,
    /// When bytes last came, in milliseconds since `born`.
    last_heard: AtomicU64,
}

#[derive(Debug)]
struct State {
    connection: ConnectionState,
    /// How often the connection came to stand in each state: one that is short may be over before
    /// somebody who waits for it has looked.
    entered: [u64; 4],
    attempts: u64,
    reconnects: u64,
    banner: String,
    /// What the server has to be told again after a reconnect.
    mask: Option<EventMask>,
    filters: Vec<super::action::FilterAction>,
}

impl State {
    fn enter(&mut self, connection: ConnectionState) {
        self.connection = connection;
        self.entered[connection as usize] += 1;
    }

    fn entered(&self, connection: ConnectionState) -> u64 {
        self.entered[connection as usize]
    }
}

/// What the reading thread knows of the connection at hand.
#[derive(Debug, Clone, Copy)]
pub(super) struct Progress {
    pub(super) attempts: u64,
    pub(super) reconnects: u64,
    pub(super) last_heard: Option<Instant>,
}

/// Why a connection ended.
#[derive(Debug)]
enum End {
    Closed,
    ByPeer,
    Failed(io::Error),
    Silent(Duration),
}

impl Shared {
    pub(super) fn new(config: Config) -> Self {
        let state = State {
            connection: ConnectionState::Connecting,
            entered: [0; 4],
            attempts: 0,
            reconnects: 0,
            banner: String::new(),
            mask: config.events.clone(),
            filters: config.filters.clone(),
        };
        Self {
            calls: Calls::new(config.max_list_size),
            outbox: Outbox::new(whole_lines),
            bus: EventBus::new(),
            pace: config.originates_per_second.map(Pace::new),
            config,
            closer: Closer::new(),
            leaving: AtomicBool::new(false),
            state: Mutex::new(state),
            changed: Condvar::new(),
            born: Instant::now(),
            last_heard: AtomicU64::new(0),
        }
    }

    pub(super) fn connection_state(&self) -> ConnectionState {
        self.state.lock().connection
    }

    /// Waits until `wanted` is the state, or was since this was called. False if the deadline passes,
    /// or if it cannot come any more.
    pub(super) fn wait_for(&self, wanted: ConnectionState, deadline: Option<Instant>) -> bool {
        let before = self.state.lock().entered(wanted);
        self.wait_since(before, wanted, deadline)
    }

    /// The same for a wait that began when `wanted` had come so many times.
    fn wait_since(&self, before: u64, wanted: ConnectionState, deadline: Option<Instant>) -> bool {
        let mut state = self.state.lock();
        while state.connection != wanted && state.entered(wanted) == before {
            if state.connection == ConnectionState::Disconnected {
                return false;
            }
            if let Some(at) = deadline {
                if self.changed.wait_until(&mut state, at).timed_out() {
                    return state.connection == wanted || state.entered(wanted) > before;
                }
            } else {
                self.changed.wait(&mut state);
            }
        }
        true
    }

    pub(super) fn progress(&self) -> Progress {
        let state = self.state.lock();
        let heard = self.last_heard.load(Ordering::Relaxed);
        Progress {
            attempts: state.attempts,
            reconnects: state.reconnects,
            last_heard: (heard > 0).then(|| self.born + Duration::from_millis(heard)),
        }
    }

    pub(super) fn banner(&self) -> String {
        self.state.lock().banner.clone()
    }

    /// Remembers what a reconnect has to repeat.
    pub(super) fn remember(&self, restore: Restore) {
        let mut state = self.state.lock();
        match restore {
            Restore::Mask(mask) => state.mask = Some(EventMask::from_wire(mask)),
            Restore::Filter(filter) => state.filters.push(filter),
        }
    }

    /// What the server was told about events, if it was told anything.
    pub(super) fn mask(&self) -> Option<EventMask> {
        self.state.lock().mask.clone()
    }

    fn set(&self, connection: ConnectionState) {
        self.state.lock().enter(connection);
        self.changed.notify_all();
    }

    /// From now on the end of the connection is the end of the client.
    pub(super) fn leave(&self) {
        self.leaving.store(true, Ordering::Release);
    }

    /// Whether the end of the connection is, or would be, the end of the client.
    pub(super) fn is_closing(&self) -> bool {
        self.closer.is_closed() || self.leaving.load(Ordering::Acquire)
    }

    /// Why an action did not leave. That of a client that is over says so; one that may have left says
    /// that instead, and whether the client is over is seen by the next.
    pub(super) fn unsent_error(&self) -> Error {
        if self.is_closing() { Error::Closed } else { Error::Disconnected { sent: false } }
    }

    fn heard(&self) {
        let now = u64::try_from(self.born.elapsed().as_millis()).unwrap_or(u64::MAX);
        self.last_heard.store(now.max(1), Ordering::Relaxed);
    }

    /// The reading thread. Tells `first` how the first attempt went.
    pub(super) fn run(&self, first: Sender<Result<()>>) {
        let _guard = OverOnPanic(self);
        let mut first = Some(first);
        let mut failures = 0;
        let end = loop {
            match self.establish() {
                Ok(session) => {
                    failures = 0;
                    let mut reader = self.connected(session, first.is_some());
                    if let Some(first) = first.take() {
                        let _ = first.send(Ok(()));
                    }
                    let end = reader.serve(self);
                    self.disconnected(&end);
                }
                Err(e) => {
                    self.closer.release();
                    match (first.take(), e) {
                        (Some(first), e) => {
                            let e = if self.is_closing() { Error::Closed } else { e };
                            let why = e.to_string();
                            let _ = first.send(Err(e));
                            break why;
                        }
                        (None, e @ Error::Auth(_)) => {
                            log::error!("{}: {e}; giving up", self.address());
                            break e.to_string();
                        }
                        (None, e) => log::warn!("{}: {e}", self.address()),
                    }
                }
            }
            if self.is_closing() {
                break "closed by this program".to_owned();
            }
            let Some(delay) = self.config.reconnect.delay(failures) else {
                break "the connection was lost, and the reconnect policy gave up".to_owned();
            };
            self.set(ConnectionState::Reconnecting);
            failures = failures.saturating_add(1);
            log::info!("{}: trying again in {delay:?}", self.address());
            if !self.closer.sleep(delay) {
                break "closed by this program".to_owned();
            }
        };
        self.over(&end);
    }

    fn address(&self) -> String {
        format!("{}:{}", self.config.host, self.config.port)
    }

    /// Dials, logs in, and repeats what the server has forgotten.
    fn establish(&self) -> Result<Session> {
        let (mask, filters) = {
            let mut state = self.state.lock();
            state.attempts += 1;
            (state.mask.clone(), state.filters.clone())
        };
        let mut session = Session::open(&self.config, &self.closer)?;
        session.log_in(&self.config, mask)?;
        for filter in &filters {
            let response = session.act(filter)?;
            if !is_success(&response) {
                let message = response.get("Message").unwrap_or("no reason given").into();
                return Err(Error::Refused { action: filter.name().into(), message });
            }
        }
        Ok(session)
    }

    /// Opens the connection to everybody.
    fn connected(&self, session: Session, first: bool) -> Reading {
        log::info!("{}: logged in to {}", self.address(), session.banner);
        let old_server = is_old(&session.banner);
        let reading = Reading { session, old_server, spent: VecDeque::new() };
        // A peer that stops reading must not hold up a writer for ever.
        let timeouts = reading
            .session
            .writer
            .set_write_timeout(Some(self.config.timeout))
            .and_then(|()| reading.session.reader.set_read_timeout(self.config.keep_alive));
        if let Err(e) = timeouts {
            log::warn!("{}: cannot set the socket's timeouts: {e}", self.address());
        }
        self.heard();
        self.outbox.attach(Arc::clone(&reading.session.writer));
        {
            let mut state = self.state.lock();
            state.enter(ConnectionState::Connected);
            state.reconnects += u64::from(!first);
            state.banner.clone_from(&reading.session.banner);
        }
        // After that: whoever is told of the gap asks for the state, and has to find a connection.
        if !first {
            self.bus.next_epoch();
        }
        self.changed.notify_all();
        reading
    }

    fn disconnected(&self, end: &End) {
        match end {
            End::Closed => log::info!("{}: closed", self.address()),
            End::ByPeer => log::warn!("{}: the server closed the connection", self.address()),
            End::Failed(e) => log::warn!("{}: connection lost: {e}", self.address()),
            End::Silent(bound) => {
                log::warn!("{}: no sign of life for {bound:?}; hanging up", self.address());
            }
        }
        if self.is_closing() {
            self.closer.close();
            self.set(ConnectionState::Disconnected);
        } else {
            self.set(ConnectionState::Reconnecting);
        }
        let handed_over = self.outbox.detach();
        self.interrupt();
        self.closer.hang_up();
        self.closer.release();
        self.calls.disconnect(handed_over);
    }

    fn over(&self, why: &str) {
        log::info!("{}: the client is over: {why}", self.address());
        // First, so that whoever sees the state is told `Closed`, and not to try again.
        self.closer.close();
        self.set(ConnectionState::Disconnected);
        let handed_over = self.outbox.detach();
        self.interrupt();
        self.calls.disconnect(handed_over);
        self.bus.close();
        self.outbox.stop();
    }

    /// Who waits for a turn to send learns that there is nobody to send to.
    fn interrupt(&self) {
        if let Some(pace) = &self.pace {
            pace.interrupt();
        }
    }

    /// Hands a block's news to the subscribers, and then its answers to those who wait.
    fn route(&self, block: &Arc<Block>, from: usize, old_server: bool) {
        // The answers arrive at the end of this, behind the news that came before them.
        let (mut news, _answers) = self.calls.route(block, from, old_server);
        if self.bus.is_idle() {
            return;
        }
        // An event over the limit is told as a gap, in its place among the others.
        while let Some(at) = news.iter().position(|&index| block.frame(index).oversized) {
            let rest = news.split_off(at + 1);
            let oversized = news.split_off(at);
            self.publish(block, news);
            log::warn!("{}: an event over the limit was dropped", self.address());
            if let Some(oversized) = News::new(block, oversized) {
                self.bus.lose_all(&oversized);
            }
            news = rest;
        }
        self.publish(block, news);
    }

    fn publish(&self, block: &Arc<Block>, news: Vec<usize>) {
        if let Some(news) = News::new(block, news) {
            self.bus.publish_all(&(Arc::new(news) as Arc<dyn Source<AmiEvent>>));
        }
    }

    /// Asks for a sign of life, and returns where in the stream. Its answer is nobody's; any byte is
    /// one.
    fn send_ping(&self) -> u64 {
        let id = self.calls.next_id();
        let ping = PingAction::new();
        let headers = Headers::new(ping.name(), Some(self.calls.action_id(id)));
        headers
            .finish()
            .ok()
            .and_then(|bytes| {
                self.outbox.submit(&bytes, Instant::now(), Send::Soon, |position| position).ok()
            })
            // Full or not connected: either way the silence goes on and speaks for itself, and the
            // server can be busy only with what has left.
            .unwrap_or_else(|| self.outbox.handed_over())
    }

    /// Registers an action and sends it.
    pub(super) fn submit(
        &self,
        bytes: &[u8],
        id: u64,
        deadline: Instant,
        send: Send,
        collects: Option<super::action::ListSpec>,
    ) -> Result<Arc<crate::sync::pending::Slot<super::calls::Outcome>>, crate::net::outbox::NotTaken>
    {
        self.outbox.submit(bytes, deadline, send, |position| {
            self.calls.insert(id, Call::new(position, bytes.len(), deadline, collects))
        })
    }
}

/// Nobody may wait for a reading thread that has died of a fault of its own.
struct OverOnPanic<'a>(&'a Shared);

impl Drop for OverOnPanic<'_> {
    fn drop(&mut self) {
        if std::thread::panicking() {
            self.0.over("its reading thread panicked");
        }
    }
}

/// Before Asterisk 12, lists are not announced. Its banner says 1.x; the versions from 12 on begin
/// with 2.
fn is_old(banner: &str) -> bool {
    banner.rsplit('/').next().is_some_and(|version| version.starts_with("1."))
}

/// A connection that is being read.
struct Reading {
    session: Session,
    old_server: bool,
    /// The latest blocks. One that nobody else holds gives its memory to the next: otherwise each
    /// would be allocated here and freed by whichever thread reads the events, and its pages come
    /// and go.
    spent: VecDeque<Arc<Block>>,
}

/// How many blocks are remembered. In a flood, a few are on their way at any time.
const SPENT: usize = 8;

impl Reading {
    /// Reads until the connection ends.
    fn serve(&mut self, shared: &Shared) -> End {
        if let Some((block, from)) = self.session.rest.take() {
            shared.route(&block, from, self.old_server);
        }
        let mut buffer = vec![0; READ];
        // Where the first ping stands that was not answered.
        let mut pinged = None;
        loop {
            match self.session.reader.read(&mut buffer) {
                Ok(0) => return ended(shared, End::ByPeer),
                Ok(n) => {
                    pinged = None;
                    shared.heard();
                    self.recycle();
                    if let Some(block) = self.session.decoder.push(&buffer[..n]) {
                        let block = Arc::new(block.arrived());
                        shared.route(&block, 0, self.old_server);
                        self.spent.push_back(block);
                    }
                    if self.session.writer.has_pending() {
                        shared.outbox.nudge();
                    }
                }
                Err(e) if e.kind() == io::ErrorKind::WouldBlock => {
                    // An action that takes its time keeps the server from answering a ping behind
                    // it; its own deadline bounds that. Those that came after the ping do not
                    // count, or a program that never stops asking would never hear of a dead peer.
                    let now = Instant::now();
                    if pinged.is_some_and(|position| !shared.calls.is_patient(now, position)) {
                        let interval = shared.config.keep_alive.unwrap_or_default();
                        return ended(shared, End::Silent(interval * 2));
                    }
                    let position = shared.send_ping();
                    pinged.get_or_insert(position);
                    // Nothing came for a while: what a flood has left behind is not needed.
                    self.spent.clear();
                    self.session.decoder.trim();
                    drop(std::mem::take(&mut buffer));
                    buffer = vec![0; READ];
                }
                Err(e) => return ended(shared, End::Failed(e)),
            }
        }
    }
}

impl Reading {
    /// Hands the memory of the oldest block that nobody holds any more to the decoder.
    fn recycle(&mut self) {
        let Some(oldest) = self.spent.front() else { return };
        if Arc::strong_count(oldest) > 1 && self.spent.len() < SPENT {
            return;
        }
        if let Some(block) = self.spent.pop_front().and_then(Arc::into_inner) {
            self.session.decoder.recycle(block);
        }
    }
}

/// After a close, whatever reading ended with is the close.
fn ended(shared: &Shared, end: End) -> End {
    if shared.is_closing() { End::Closed } else { end }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ami::AmiClient;
    use crate::ami::calls::Failure;
    use crate::net::fixtures::{LONG, guarded};

    #[test]
    fn a_state_that_was_over_before_its_waiter_looked_was_there_all_the_same() {
        let settings = AmiClient::builder().host("pbx").credentials("user", "secret");
        let shared = Shared::new(settings.into_config());
        shared.set(ConnectionState::Connected);
        let wanted = ConnectionState::Reconnecting;
        let before = shared.state.lock().entered(wanted);
        shared.set(wanted);
        shared.set(ConnectionState::Connected);
        assert!(shared.wait_since(before, wanted, Some(Instant::now())));
        // Who begins to wait now waits for the next one.
        assert!(!shared.wait_for(wanted, Some(Instant::now())));
    }

    #[test]
    fn a_reading_thread_that_panics_ends_the_client_for_everybody() {
        guarded(|| {
            let settings = AmiClient::builder().host("pbx").credentials("user", "secret");
            let shared = Arc::new(Shared::new(settings.into_config()));
            let events = shared.bus.subscribe(crate::Subscribe::default());
            let deadline = Instant::now() + LONG;
            let slot = shared.calls.insert(1, Call::new(0, 0, deadline, None));
            let dying = Arc::clone(&shared);
            let reader = std::thread::spawn(move || {
                let _guard = OverOnPanic(&dying);
                panic!("as a bug would");
            });
            assert!(reader.join().is_err());
            let outcome = shared.calls.wait(1, &slot, deadline, |_, _| true);
            assert!(matches!(outcome.failure, Some(Failure::Disconnected { sent: false })));
            assert!(matches!(shared.unsent_error(), Error::Closed));
            assert_eq!(events.recv(), None);
            assert_eq!(shared.connection_state(), ConnectionState::Disconnected);
        });
    }
}
