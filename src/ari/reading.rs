//! What is done with what the event socket brings: answers to those who wait, news to subscribers.

use std::sync::Arc;
use std::time::Instant;

use super::calls;
use super::config::TransportKind;
use super::connection::Shared;
use super::event::{AriEvent, RESTResponse};
use super::lenient::text_of;
use super::message::{AriMessage, News, type_of};
use super::rest::Request;
use super::session::{End, Heard, Session};
use super::spent::Spent;
use crate::error::ProtocolError;
use crate::net::outbox::Send;
use crate::net::websocket::{self, Incoming};
use crate::net::{Deadline, outbox};
use crate::sync::bus::Source;
use crate::{Error, Result};

/// Subscribers that have as many bytes before them do not keep up: it is a few reads of a flood.
const BEHIND: usize = 1 << 20;

/// A connection that is being read.
#[derive(Debug)]
pub(super) struct Reading<'a> {
    pub(super) shared: &'a Shared,
    pub(super) session: Session,
    tray: Tray,
    /// Where the first ping stands that was not answered.
    pinged: Option<u64>,
    ponged: bool,
    /// Whether an application may have been taken over.
    has_lost: bool,
}

/// What is on its way to the subscribers, and back from them.
#[derive(Debug)]
struct Tray {
    /// What a read has brought so far.
    news: Vec<AriMessage>,
    /// Whether a subscriber did not keep up with the last read's. Then messages are read here: two threads
    /// at it do more than one, and what nobody had time for is not lost to everybody.
    helps: bool,
    /// What all subscribers have seen.
    spent: Spent,
}

/// How long to read.
pub(super) struct Until<'a> {
    /// `None` leaves it to `is_done`.
    pub(super) deadline: Option<&'a Deadline>,
    pub(super) is_done: &'a dyn Fn(&Reading<'_>) -> bool,
}

impl<'a> Reading<'a> {
    pub(super) fn new(shared: &'a Shared, session: Session) -> Self {
        Self { shared, session, tray: Tray::new(), pinged: None, ponged: false, has_lost: false }
    }

    /// What has to be done before the connection is of use. Events that come meanwhile go their way.
    pub(super) fn prepare(&mut self, deadline: &Deadline, is_first: bool) -> Result<(), End> {
        if !self.shared.is_dialled {
            self.be_told(deadline)?;
        } else if self.shared.config.transport == TransportKind::WebSocket {
            self.probe(deadline)?;
        }
        // Before the first there was nothing but the settings.
        self.restore(is_first.then_some(deadline))
    }

    /// Reads until the connection ends.
    pub(super) fn serve(&mut self) -> End {
        self.read_until(None).err().unwrap_or(End::ByPeer(None))
    }

    /// Finds out whether requests may go this way: asks something, then for a sign of life. The server
    /// does one after the other, so one that gives the sign and no answer knows no requests.
    fn probe(&mut self, deadline: &Deadline) -> Result<(), End> {
        let id = self.ask(&Request::get(["asterisk", "ping"])).map_err(End::Unprepared)?;
        self.ponged = false;
        self.submit(&websocket::ping(self.session.role));
        let done = |reading: &Reading<'_>| reading.ponged;
        self.read_until(Some(&Until { deadline: Some(deadline), is_done: &done }))?;
        let answered = !self.shared.calls.is_waiting(id);
        self.shared.calls.forget(id);
        let e = if answered && self.ponged {
            return Ok(());
        } else if self.ponged {
            ProtocolError::Unexpected(
                "the server takes no requests over the event socket: it is older than 20.15, 21.10 or \
                 22.5, or an event filter keeps RESTResponse back; use TransportKind::Http"
                    .into(),
            )
            .into()
        } else {
            deadline.error()
        };
        Err(End::Unprepared(e))
    }

    /// Hears what a connection of the server's making is for: it begins with that.
    fn be_told(&mut self, deadline: &Deadline) -> Result<(), End> {
        let done = |reading: &Reading<'_>| !reading.shared.applications().is_empty();
        self.read_until(Some(&Until { deadline: Some(deadline), is_done: &done }))?;
        if done(self) { Ok(()) } else { Err(End::Unprepared(deadline.error())) }
    }

    /// Sends a request whose answer is only looked for.
    fn ask(&self, request: &Request) -> Result<u64> {
        let id = self.shared.calls.next_id();
        let frame = websocket::text(self.session.role, &calls::message(id, request.encode(0)?)?);
        let at = super::connection::deadline_of(self.shared.config.timeout);
        let sent = self.shared.submit(&frame, id, at, Send::Soon);
        sent.map(|_| id).map_err(|_| Error::Disconnected { sent: false })
    }

    /// Reads until it is done, or the deadline has passed, or the connection ends.
    pub(super) fn read_until(&mut self, until: Option<&Until<'_>>) -> Result<(), End> {
        let keep_alive = self.shared.config.keep_alive;
        loop {
            let drained = self.drain();
            self.tray.publish(self.shared);
            drained?;
            if self.session.writer.has_pending() {
                self.shared.outbox.nudge();
            }
            let timeout = match until {
                None => keep_alive,
                Some(until) if (until.is_done)(self) => return Ok(()),
                // Whatever is waited for, a peer that has died is noticed as soon.
                Some(until) => match until.deadline.map(Deadline::left) {
                    None => keep_alive,
                    Some(Ok(left)) => Some(keep_alive.map_or(left, |interval| interval.min(left))),
                    Some(Err(_)) => return Ok(()),
                },
            };
            match self.session.read(timeout)? {
                Heard::Something => {
                    self.pinged = None;
                    self.shared.heard();
                }
                Heard::Nothing if timeout == keep_alive => {
                    self.tray.spent.free();
                    self.silent()?;
                }
                Heard::Nothing => {}
            }
        }
    }

    /// Nothing came for the interval of the keep-alive.
    fn silent(&mut self) -> Result<(), End> {
        // A request that takes its time keeps the server from answering a ping behind it; its own
        // deadline bounds that. Those that came after the ping do not count.
        let now = Instant::now();
        if self.pinged.is_some_and(|position| !self.shared.calls.is_patient(now, position)) {
            return Err(End::Silent(self.shared.config.keep_alive.unwrap_or_default() * 2));
        }
        let position = self.submit(&websocket::ping(self.session.role));
        self.pinged.get_or_insert(position);
        Ok(())
    }

    /// Has the writing thread send a frame, and returns where in the stream it stands.
    fn submit(&self, frame: &[u8]) -> u64 {
        let outbox = &self.shared.outbox;
        // Full or not connected: either way the silence goes on and speaks for itself.
        outbox
            .submit(frame, Instant::now(), outbox::Send::Soon, |position| position)
            .unwrap_or_else(|_| outbox.handed_over())
    }

    fn drain(&mut self) -> Result<(), End> {
        let role = self.session.role;
        while let Some(incoming) = self.session.next()? {
            match incoming {
                Incoming::Text(bytes) => {
                    let json = text_of(bytes);
                    let kind = type_of(&json).unwrap_or_default();
                    if kind == "RESTResponse" {
                        // Whoever gets it finds all that came before it.
                        self.tray.publish(self.shared);
                        if let Some(message) = nobodys_answer(self.shared, &json) {
                            self.tray.news.push(message);
                        }
                    } else {
                        let message = AriMessage::parse(&json);
                        if self.tray.helps {
                            message.read();
                        }
                        let replaced = noted(self.shared, &kind, &message);
                        if self.has_lost && !CHANGES_OF_HANDS.contains(&&*kind) {
                            self.has_lost = self.shared.regain(&message.application);
                        }
                        self.tray.news.push(message);
                        if let Some(name) = replaced {
                            self.has_lost = true;
                            if self.shared.lose(&name) {
                                return Err(End::Replaced(name));
                            }
                        }
                    }
                }
                Incoming::Oversized(bytes) => {
                    let beginning = String::from_utf8_lossy(bytes).into_owned();
                    self.oversized(&beginning);
                }
                Incoming::Ping(payload) => {
                    let pong = websocket::pong(role, payload);
                    self.submit(&pong);
                }
                Incoming::Pong => self.ponged = true,
                Incoming::Close(code) => {
                    let reply = websocket::close(role, code.unwrap_or(1000));
                    self.submit(&reply);
                    return Err(End::ByPeer(code));
                }
                Incoming::Binary(bytes) => {
                    log::debug!("a binary message of {} bytes, which is no event", bytes.len());
                }
            }
        }
        Ok(())
    }

    /// A message was too large. An answer fails its request; an event is told as a gap, in its place
    /// among the others.
    fn oversized(&mut self, beginning: &str) {
        self.tray.publish(self.shared);
        if self.shared.calls.oversized(beginning) {
            return;
        }
        log::warn!("{}: an event over the limit was dropped", self.shared.server());
        self.shared.bus.lose_all(&News::cut_short(beginning));
    }
}

impl Tray {
    fn new() -> Self {
        Self { news: Vec::new(), helps: false, spent: Spent::new() }
    }

    /// Hands what was read to the subscribers, and notes whether they are behind.
    fn publish(&mut self, shared: &Shared) {
        let news = std::mem::replace(&mut self.news, self.spent.free());
        if shared.bus.is_idle() {
            return;
        }
        if let Some(news) = News::new(news) {
            let news = news.returning(&self.spent, self.helps);
            shared.bus.publish_all(&(Arc::new(news) as Arc<dyn Source<AriMessage>>));
            self.helps = shared.bus.is_behind(BEHIND);
        }
    }
}

/// What says whose an application is, and is not sent because it is somebody's.
const CHANGES_OF_HANDS: [&str; 3] =
    ["ApplicationReplaced", "ApplicationRegistered", "ApplicationUnregistered"];

/// Takes note of the few events that the connection itself has to know of; no other is looked into here.
/// Returns the application that was taken over, if that is the event.
fn noted(shared: &Shared, kind: &str, message: &AriMessage) -> Option<String> {
    match kind {
        "ChannelDestroyed" | "BridgeDestroyed" if shared.memory.has_sources() => {}
        _ if CHANGES_OF_HANDS.contains(&kind) => {}
        _ => return None,
    }
    match &message.event {
        AriEvent::ChannelDestroyed(e) => {
            shared.memory.gone("channel", [&*e.channel.id, &*e.channel.name]);
        }
        AriEvent::BridgeDestroyed(e) => {
            shared.memory.gone("bridge", [&*e.bridge.id, &*e.bridge.name]);
        }
        AriEvent::ApplicationReplaced(_) => return Some(message.application.clone()),
        AriEvent::ApplicationRegistered(_) => shared.gain(&message.application),
        AriEvent::ApplicationUnregistered(_) => shared.forgo(&message.application),
        _ => {}
    }
    None
}

/// Hands an answer to whoever waits for it. One that nobody waits for is news.
fn nobodys_answer(shared: &Shared, json: &str) -> Option<AriMessage> {
    match serde_json::from_str::<RESTResponse>(json) {
        Ok(response) => {
            let left = shared.calls.answer(response)?;
            log::debug!(
                "{}: an answer that nobody waits for: {}",
                shared.server(),
                left.request_id
            );
        }
        Err(e) => log::debug!("{}: an answer that cannot be read: {e}", shared.server()),
    }
    Some(AriMessage::parse(json))
}
