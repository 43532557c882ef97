//! `WebSocket`s over the two halves of a connection: the handshake, and frames sans-I/O. What writes
//! needs no state of what reads, so any number of threads may send whole frames.
//!
//! Frames are cut here and not by the library that reads their headers, which would print what is in
//! them into the log.

mod accept;
mod handshake;

use std::hash::{BuildHasher, RandomState};
use std::io::Cursor;

use tungstenite::protocol::frame::FrameHeader;
use tungstenite::protocol::frame::coding::{Control, Data, OpCode};

pub(crate) use accept::{NoRequest, Obstacle, Received, proof, refusal, switching};
pub(crate) use handshake::{Refusal, Upgrade, Upgraded};

/// Which end of the connection this is. A client masks what it sends, a server does not.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Role {
    Client,
    Server,
}

/// What came: a whole message, or one of the small frames between.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Incoming<'a> {
    Text(&'a [u8]),
    Binary(&'a [u8]),
    Ping(&'a [u8]),
    Pong,
    Close(Option<u16>),
    /// A message over the limit was skipped; this is how it began.
    Oversized(&'a [u8]),
}

/// How much of a message over the limit is shown.
const SHOWN: usize = 1024;

/// Memory beyond this is given back when nothing is left in it.
const KEPT: usize = 512 << 10;

/// Finds messages in bytes that come in any pieces.
#[derive(Debug)]
pub(crate) struct Decoder {
    role: Role,
    limit: usize,
    buffer: Vec<u8>,
    /// How much of the buffer is done with.
    at: usize,
    /// How much of a skipped frame is still to come.
    skip: u64,
    /// A message in several frames.
    parts: Option<Parts>,
    /// Whether what `parts` holds has been handed out.
    is_done: bool,
}

#[derive(Debug)]
struct Parts {
    kind: Data,
    bytes: Vec<u8>,
    is_oversized: bool,
}

/// Where the payload of a frame is in the buffer.
struct Cut {
    header: FrameHeader,
    from: usize,
    to: usize,
    is_oversized: bool,
}

impl Decoder {
    /// `first` is what came behind the handshake.
    pub(crate) fn new(role: Role, limit: usize, first: Vec<u8>) -> Self {
        Self { role, limit, buffer: first, at: 0, skip: 0, parts: None, is_done: false }
    }

    pub(crate) fn push(&mut self, bytes: &[u8]) {
        if self.at == self.buffer.len() {
            self.buffer.clear();
            self.at = 0;
        } else if self.at > 0 {
            self.buffer.drain(..self.at);
            self.at = 0;
        }
        self.buffer.extend_from_slice(bytes);
    }

    /// Gives back memory that a flood or a large message has left behind.
    pub(crate) fn trim(&mut self) {
        if self.at == self.buffer.len() && self.buffer.capacity() > KEPT {
            self.buffer = Vec::new();
            self.at = 0;
        }
        if self.is_done {
            self.parts = None;
            self.is_done = false;
        }
    }

    /// The next message; `None` if it has not come whole. What is no WebSocket is an error, and the
    /// end.
    pub(crate) fn next(&mut self) -> Result<Option<Incoming<'_>>, String> {
        if self.is_done {
            self.parts = None;
            self.is_done = false;
        }
        loop {
            let Some(cut) = self.cut()? else { return Ok(None) };
            if let Some(mask) = cut.header.mask {
                for (byte, mask) in
                    self.buffer[cut.from..cut.to].iter_mut().zip(mask.iter().cycle())
                {
                    *byte ^= mask;
                }
            }
            let is_final = cut.header.is_final;
            match (cut.header.opcode, &mut self.parts) {
                (OpCode::Control(control), _) => {
                    return control_frame(control, &self.buffer[cut.from..cut.to]).map(Some);
                }
                (OpCode::Data(Data::Continue), None) => {
                    return Err("a message goes on that has not begun".into());
                }
                (OpCode::Data(Data::Continue), Some(parts)) => {
                    let bytes = &self.buffer[cut.from..cut.to];
                    parts.is_oversized |=
                        cut.is_oversized || parts.bytes.len() + bytes.len() > self.limit;
                    if parts.is_oversized {
                        let room = SHOWN.saturating_sub(parts.bytes.len());
                        parts.bytes.extend_from_slice(&bytes[..bytes.len().min(room)]);
                        parts.bytes.truncate(SHOWN);
                    } else {
                        parts.bytes.extend_from_slice(bytes);
                    }
                    if is_final {
                        break;
                    }
                }
                (OpCode::Data(_), Some(_)) => {
                    return Err("a message begins in the middle of another".into());
                }
                (OpCode::Data(kind), None) if !is_final => {
                    let bytes = self.buffer[cut.from..cut.to].to_vec();
                    self.parts = Some(Parts { kind, bytes, is_oversized: cut.is_oversized });
                }
                (OpCode::Data(kind), None) => {
                    let bytes = &self.buffer[cut.from..cut.to];
                    return Ok(Some(message(kind, bytes, cut.is_oversized)));
                }
            }
        }
        self.is_done = true;
        Ok(self.parts.as_ref().map(|parts| message(parts.kind, &parts.bytes, parts.is_oversized)))
    }

    /// The next frame, or so much of it as is shown of one that is too large.
    fn cut(&mut self) -> Result<Option<Cut>, String> {
        let rest = self.buffer.len() - self.at;
        let skipped = usize::try_from(self.skip).unwrap_or(usize::MAX).min(rest);
        self.at += skipped;
        self.skip -= skipped as u64;
        if self.skip > 0 {
            return Ok(None);
        }
        let mut cursor = Cursor::new(&self.buffer[self.at..]);
        let parsed = FrameHeader::parse(&mut cursor).map_err(|e| e.to_string())?;
        let Some((header, length)) = parsed else { return Ok(None) };
        if header.rsv1 || header.rsv2 || header.rsv3 {
            return Err("a frame uses an extension that nobody agreed on".into());
        }
        if header.mask.is_some() != (self.role == Role::Server) {
            return Err("a frame is masked that must not be, or the other way round".into());
        }
        if matches!(header.opcode, OpCode::Control(_)) && (length > 125 || !header.is_final) {
            return Err("a control frame is too long or in pieces".into());
        }
        let from = self.at + usize::try_from(cursor.position()).unwrap_or(usize::MAX);
        let is_oversized = length > self.limit as u64;
        let needed = if is_oversized { SHOWN.min(self.limit) as u64 } else { length };
        // No more than the limit.
        let needed = usize::try_from(needed).unwrap_or(usize::MAX);
        if self.buffer.len() - from < needed {
            return Ok(None);
        }
        self.at = from + needed;
        self.skip = length - needed as u64;
        Ok(Some(Cut { header, from, to: from + needed, is_oversized }))
    }
}

fn message(kind: Data, bytes: &[u8], is_oversized: bool) -> Incoming<'_> {
    match kind {
        _ if is_oversized => Incoming::Oversized(bytes),
        Data::Binary => Incoming::Binary(bytes),
        _ => Incoming::Text(bytes),
    }
}

fn control_frame(control: Control, bytes: &[u8]) -> Result<Incoming<'_>, String> {
    match (control, bytes) {
        (Control::Ping, _) => Ok(Incoming::Ping(bytes)),
        (Control::Pong, _) => Ok(Incoming::Pong),
        (Control::Close, []) => Ok(Incoming::Close(None)),
        (Control::Close, [high, low, ..]) => {
            Ok(Incoming::Close(Some(u16::from_be_bytes([*high, *low]))))
        }
        (Control::Close, _) => Err("the code of a close is cut short".into()),
        (Control::Reserved(_), _) => Err("a control frame of no known kind".into()),
    }
}

/// One whole frame, ready to be sent.
pub(crate) fn frame(role: Role, opcode: OpCode, payload: &[u8]) -> Vec<u8> {
    // The keys of a hasher are random, and what it makes of anything is as hard to foretell.
    let random = || RandomState::new().hash_one(payload.len()).to_ne_bytes();
    let mask = (role == Role::Client).then(|| {
        let [a, b, c, d, ..] = random();
        [a, b, c, d]
    });
    let header =
        FrameHeader { is_final: true, rsv1: false, rsv2: false, rsv3: false, opcode, mask };
    let length = payload.len() as u64;
    let mut bytes = Vec::with_capacity(header.len(length) + payload.len());
    // Writing to a vector does not fail.
    let _ = header.format(length, &mut bytes);
    let start = bytes.len();
    bytes.extend_from_slice(payload);
    if let Some(mask) = mask {
        for (byte, mask) in bytes[start..].iter_mut().zip(mask.iter().cycle()) {
            *byte ^= mask;
        }
    }
    bytes
}

/// How long the first of some frames is.
pub(crate) fn first(frames: &[u8]) -> usize {
    let mut cursor = Cursor::new(frames);
    let Ok(Some((_, length))) = FrameHeader::parse(&mut cursor) else { return frames.len() };
    usize::try_from(cursor.position().saturating_add(length)).unwrap_or(frames.len())
}

pub(crate) fn text(role: Role, text: &str) -> Vec<u8> {
    frame(role, OpCode::Data(Data::Text), text.as_bytes())
}

pub(crate) fn ping(role: Role) -> Vec<u8> {
    frame(role, OpCode::Control(Control::Ping), b"")
}

pub(crate) fn pong(role: Role, payload: &[u8]) -> Vec<u8> {
    frame(role, OpCode::Control(Control::Pong), payload)
}

pub(crate) fn close(role: Role, code: u16) -> Vec<u8> {
    frame(role, OpCode::Control(Control::Close), &code.to_be_bytes())
}

#[cfg(test)]
mod tests;
