//! What a session's thread does: greet, read, log in, and find who answers.

use std::fmt::Write as _;
use std::io;
use std::net::TcpStream;
use std::sync::Arc;
use std::time::{Duration, UNIX_EPOCH};

use md5::{Digest, Md5};
use socket2::SockRef;

use super::classes::Classes;
use super::faults::Greeting;
use super::frame::News;
use super::model::{self, Turn};
use super::script::{Answerer, Request, action_of};
use super::server::Shared;
use super::session::Session;
use crate::Result;
use crate::ami::Message;
use crate::ami::codec::Decoder;
use crate::net::{ReadHalf, WriteHalf, plain, tune};
use crate::sync::worker::Worker;

/// A client's frames are small: Asterisk takes 128 lines of 1,024 bytes.
const LIMIT: usize = 256 << 10;

/// A line without its end, and the lines of a message.
const LINE: usize = 1022;
const LINES: usize = 128;

const READ: usize = 16 << 10;
const WRITER_STACK: usize = 128 << 10;

#[cfg(feature = "tls")]
const HANDSHAKE: Duration = Duration::from_secs(30);

/// Takes the session off the list however its thread ends.
struct Leaving<'a>(&'a Shared, &'a Session);

impl Drop for Leaving<'_> {
    fn drop(&mut self) {
        self.1.release();
        self.0.forget(self.1);
    }
}

impl Shared {
    /// The reading thread's work, from the greeting to the end.
    pub(super) fn serve(
        self: &Arc<Self>,
        session: &Arc<Session>,
        stream: TcpStream,
        greeting: Greeting,
    ) {
        let _leaving = Leaving(self, session);
        tune(&SockRef::from(&stream));
        if greeting == Greeting::AuthLimit {
            return;
        }
        let (mut reader, writer) = match self.halves(stream) {
            Ok(halves) => halves,
            Err(e) => return log::debug!("session {}: {e}", session.id),
        };
        let (writing, to, tls) = (Arc::clone(session), writer.clone(), self.is_tls());
        let Ok(worker) = Worker::spawn("fake-ami-write", WRITER_STACK, move || {
            writing.write(&to, tls);
        }) else {
            return;
        };
        // The writer ends with the session, even if a handler of the test's panics.
        let _ending = Ending(session, worker);
        if greeting != Greeting::Silent {
            session.send(format!("{}\r\n", self.settings.banner).into_bytes());
        }
        self.read(session, &mut reader, &writer, greeting);
    }

    #[cfg(feature = "tls")]
    fn halves(&self, stream: TcpStream) -> Result<(ReadHalf, WriteHalf)> {
        match &self.tls {
            Some(tls) => {
                crate::net::tls_accept(stream, tls, &crate::net::Deadline::after(HANDSHAKE))
            }
            None => Ok(plain(stream)),
        }
    }

    #[cfg(not(feature = "tls"))]
    #[expect(clippy::unnecessary_wraps, reason = "TLS can fail")]
    #[expect(clippy::unused_self, reason = "TLS has settings")]
    fn halves(&self, stream: TcpStream) -> Result<(ReadHalf, WriteHalf)> {
        Ok(plain(stream))
    }

    #[cfg(feature = "tls")]
    fn is_tls(&self) -> bool {
        self.tls.is_some()
    }

    #[cfg(not(feature = "tls"))]
    #[expect(clippy::unused_self, reason = "TLS is a setting")]
    fn is_tls(&self) -> bool {
        false
    }

    fn read(
        self: &Arc<Self>,
        session: &Arc<Session>,
        reader: &mut ReadHalf,
        writer: &WriteHalf,
        greeting: Greeting,
    ) {
        let mut decoder = Decoder::new(LIMIT);
        let mut buffer = vec![0; READ];
        while session.may_read() {
            let n = match reader.read(&mut buffer) {
                Ok(0) => return,
                Ok(n) => n,
                Err(e) if e.kind() == io::ErrorKind::WouldBlock => continue,
                Err(_) => return,
            };
            if writer.has_pending() {
                session.nudge();
            }
            // What came while reading was stalled waits here.
            if !session.may_read() {
                return;
            }
            if session.is_ending() || greeting == Greeting::Silent {
                continue;
            }
            if let Some(block) = decoder.push(&buffer[..n]) {
                for message in Arc::new(block).messages() {
                    if !session.wait_for_room() {
                        break;
                    }
                    self.answer(session, message, greeting);
                }
            }
        }
    }

    /// One action. Nobody but the model answers it before the login.
    fn answer(self: &Arc<Self>, session: &Arc<Session>, message: Message, greeting: Greeting) {
        let request = Request::new(message, Arc::clone(session));
        let action = request.action();
        let is_login = ["Login", "Challenge"].iter().any(|name| action.eq_ignore_ascii_case(name));
        let answerer = self.script.take(&request);
        if is_login && greeting == Greeting::NoLogin {
            return;
        }
        match answerer {
            Answerer::Test => {}
            Answerer::Handler(handler) => handler(&request),
            Answerer::Model => self.act(session, request.message()),
        }
    }

    /// The model's answer, with what everybody hears of it.
    fn act(&self, session: &Arc<Session>, request: &Message) {
        let mut turn = Turn::new(request);
        if request.is_oversized() || request.len() > LINES {
            turn.error("Too many lines in message or allocation failure");
        } else if request.iter().any(|(name, value)| name.len() + 2 + value.len() > LINE) {
            turn.error("Failed to parse message: line too long");
        } else if action_of(request).is_empty() {
            turn.error("Missing action in request");
        } else {
            // Until everything is queued, so that what happens later is heard later.
            let mut model = self.model.lock();
            let entry = model::find(action_of(request));
            match action_of(request).to_ascii_lowercase().as_str() {
                "login" => self.log_in(session, &mut turn, model.uptime()),
                "challenge" => challenge(session, &mut turn),
                "logoff" => turn.goodbye(),
                _ if !session.is_logged_in() => turn.error("Permission denied"),
                "events" => self.events(session, &mut turn),
                "filter" if self.may(Classes::named("system")) => filter(session, &mut turn),
                "listcommands" => turn.list_commands(self.settings.write),
                _ => match entry {
                    Some(entry) if self.may(entry.privilege()) => {
                        (entry.run)(&mut model, &mut turn);
                    }
                    Some(_) => turn.error("Permission denied"),
                    None => turn.unknown_action(),
                },
            }
            turn.deliver(session, |news| self.broadcast(news));
            drop(model);
            if turn.has_ended_session() {
                session.close();
                self.notify();
            }
            return;
        }
        turn.deliver(session, |_| {});
    }

    /// An action without a privilege is for everybody.
    fn may(&self, privilege: Classes) -> bool {
        privilege == Classes::NONE || self.settings.write.overlaps(privilege)
    }

    fn log_in(&self, session: &Session, turn: &mut Turn<'_>, uptime: Duration) {
        if session.is_logged_in() {
            return turn.ack("Already authenticated");
        }
        let user = &self.settings.credentials;
        let named = turn.get("Username").unwrap_or("").eq_ignore_ascii_case(user.username());
        let md5 = turn.get("AuthType").is_some_and(|kind| kind.eq_ignore_ascii_case("MD5"));
        let proven = if md5 {
            let challenge = session.take_challenge();
            challenge.is_some_and(|c| turn.get("Key") == Some(&key(&c, user.secret())))
        } else {
            turn.get("Secret") == Some(user.secret())
        };
        if !named || !proven {
            turn.error("Authentication failed");
            return turn.end_session();
        }
        let wanted = turn.get("Events").and_then(Classes::mask).unwrap_or(Classes::ALL);
        let mask = wanted.and(self.settings.read);
        session.log_in(mask);
        turn.ack("Authentication accepted");
        if mask.contains(Classes::named("system")) {
            let uptime = uptime.as_secs().to_string();
            let booted = News::new("system", "FullyBooted", |frame| {
                frame.lines(&[
                    ("Uptime", &uptime),
                    ("LastReload", &uptime),
                    ("Status", "Fully Booted"),
                ])
            });
            turn.append(&booted.bytes);
        }
        self.logged_in();
    }

    fn events(&self, session: &Session, turn: &mut Turn<'_>) {
        match Classes::mask(turn.get("EventMask").unwrap_or("")) {
            None => turn.error("Invalid event mask"),
            Some(mask) => {
                session.set_mask(mask.and(self.settings.read));
                let word = if mask == Classes::NONE { "Off" } else { "On" };
                turn.success(&[("Events", word)]);
            }
        }
    }
}

fn challenge(session: &Session, turn: &mut Turn<'_>) {
    if !turn.get("AuthType").is_some_and(|kind| kind.eq_ignore_ascii_case("MD5")) {
        return turn.error("Must specify AuthType");
    }
    let challenge = session.challenge(|| {
        let now = UNIX_EPOCH.elapsed().unwrap_or_default();
        format!("{}", (now.as_nanos() / 7 + u128::from(session.id) * 7919) % 1_000_000_000)
    });
    turn.success(&[("Challenge", &challenge)]);
}

fn filter(session: &Session, turn: &mut Turn<'_>) {
    match session.add_filter(turn.request()) {
        Ok(()) => turn.ack("Success"),
        Err(why) => turn.error(why),
    }
}

/// What proves that a client knows the secret.
fn key(challenge: &str, secret: &str) -> String {
    let digest = Md5::new().chain_update(challenge).chain_update(secret).finalize();
    digest.iter().fold(String::new(), |mut hex, byte| {
        let _ = write!(hex, "{byte:02x}");
        hex
    })
}

/// Ends the writer, then waits for it.
struct Ending<'a>(&'a Session, Worker);

impl Drop for Ending<'_> {
    fn drop(&mut self) {
        self.0.kill();
        self.1.join();
    }
}
