//! Bytes to requests and replies, and arguments to lines: no sockets, no waiting.
//!
//! [`AgiChannel`](super::AgiChannel) is built on it; who speaks AGI over something else, or tests
//! what speaks it, can be too.

use super::command::ReplyShape;
pub use super::encode::{LINE_LIMIT, Line, OLD_LINE_LIMIT, line_limit};
pub use super::prelude::RequestDecoder;
use super::reply::AgiReply;

/// How much of a line decides what it is. Of what is too large, only this and the last byte are
/// kept.
const HEAD: usize = 64;

/// Finds the replies in what Asterisk sends, however it is cut.
///
/// It is told with each question whether a reply is due, and of what shape; what comes otherwise,
/// apart from the line `HANGUP`, is no reply and is left out: the usage that Asterisk prints behind
/// the answer to an `EXEC` whose application returned 1, the rest of a value it could not see the
/// end of. So nothing of it is ever taken for the answer to the next command.
///
/// ```
/// use asterisk_sync::agi::codec::{Incoming, ReplyDecoder};
/// use asterisk_sync::agi::command::ReplyShape;
///
/// let mut decoder = ReplyDecoder::new(1024);
/// decoder.push(b"HANGUP\n200 result=1 (two\nlin");
/// assert_eq!(decoder.next(Some(ReplyShape::Value)), Some(Incoming::Hangup));
/// assert_eq!(decoder.next(Some(ReplyShape::Value)), None);
/// decoder.push(b"es)\n");
/// let Some(Incoming::Reply(reply)) = decoder.next(Some(ReplyShape::Value)) else { panic!() };
/// assert_eq!(reply.value().as_deref(), Some("two\nlines"));
/// ```
#[derive(Debug)]
pub struct ReplyDecoder {
    bytes: Vec<u8>,
    /// Where what is not done with begins.
    start: usize,
    /// Where the line begins whose end is looked for.
    line: usize,
    /// How far the search for it has come.
    searched: usize,
    inside: Inside,
    /// Something of what is being read was thrown away, because there was too much.
    shed: bool,
    /// The last answer may have a usage behind it that belongs to nothing.
    usage_follows: bool,
    limit: usize,
}

/// What the line that comes next continues.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Inside {
    Nothing,
    Value,
    /// A block of lines, and whether it answers something.
    Block {
        status: u16,
        wanted: bool,
    },
}

/// What [`ReplyDecoder::next`] found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Incoming {
    /// The channel has hung up. Asterisk says so once or twice, at any time.
    Hangup,
    /// The reply that is due.
    Reply(AgiReply),
    /// The reply that is due was larger than the limit, and was skipped.
    Oversized,
}

/// The same without a copy.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Found {
    Hangup,
    Reply { status: u16, span: Span },
    Oversized,
}

/// Where a reply stands in the decoder, until the next bytes come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Span {
    begin: usize,
    end: usize,
}

impl ReplyDecoder {
    /// An empty one, which keeps at most `limit` bytes of a reply; less than 256 is 256.
    pub fn new(limit: usize) -> Self {
        Self {
            bytes: Vec::new(),
            start: 0,
            line: 0,
            searched: 0,
            inside: Inside::Nothing,
            shed: false,
            usage_follows: false,
            limit: limit.max(HEAD * 4),
        }
    }

    /// Takes bytes.
    pub fn push(&mut self, bytes: &[u8]) {
        self.compact();
        self.bytes.extend_from_slice(bytes);
    }

    /// The next thing in what was pushed; `None` if there is nothing complete. `due` is the shape
    /// of the reply that a command waits for, or `None` if none does.
    pub fn next(&mut self, due: Option<ReplyShape>) -> Option<Incoming> {
        let found = self.find(due)?;
        Some(self.copied(found))
    }

    /// The same where all has been pushed that had arrived: a value then goes on over what stands
    /// behind its end and is no beginning of anything, since Asterisk writes a reply in one piece
    /// and marks its end by nothing but `)`, which values may have too.
    ///
    /// ```
    /// use asterisk_sync::agi::codec::{Incoming, ReplyDecoder};
    /// use asterisk_sync::agi::command::ReplyShape;
    ///
    /// let mut decoder = ReplyDecoder::new(1024);
    /// decoder.push(b"200 result=1 (a)\nb)\nHANGUP\n");
    /// let Some(Incoming::Reply(reply)) = decoder.next_whole(Some(ReplyShape::Value)) else { panic!() };
    /// assert_eq!(reply.value().as_deref(), Some("a)\nb"));
    /// assert_eq!(decoder.next_whole(None), Some(Incoming::Hangup));
    /// ```
    pub fn next_whole(&mut self, due: Option<ReplyShape>) -> Option<Incoming> {
        let found = self.find_whole(due)?;
        Some(self.copied(found))
    }

    /// Says that the answer just read may have a usage behind it which answers nothing: that of an
    /// `EXEC` with the result 1.
    pub fn usage_may_follow(&mut self) {
        self.usage_follows = true;
    }

    /// How many bytes are kept.
    pub fn buffered(&self) -> usize {
        self.bytes.len() - self.start
    }

    pub(super) fn limit(&self) -> usize {
        self.limit
    }

    pub(super) fn text(&self, span: Span) -> &[u8] {
        &self.bytes[span.begin..span.end]
    }

    fn copied(&self, found: Found) -> Incoming {
        match found {
            Found::Hangup => Incoming::Hangup,
            Found::Oversized => Incoming::Oversized,
            Found::Reply { span, .. } => Incoming::Reply(AgiReply::new(self.text(span))),
        }
    }

    /// [`next_whole`](Self::next_whole) without a copy.
    pub(super) fn find_whole(&mut self, due: Option<ReplyShape>) -> Option<Found> {
        let found = self.find(due)?;
        let (Found::Reply { status: 200, span }, Some(ReplyShape::Value)) = (found, due) else {
            return Some(found);
        };
        let span = self.extend(span);
        let is_oversized = span.end - span.begin > self.limit;
        Some(if is_oversized { Found::Oversized } else { Found::Reply { status: 200, span } })
    }

    pub(super) fn find(&mut self, due: Option<ReplyShape>) -> Option<Found> {
        loop {
            let Some(end) = memchr(&self.bytes[self.searched..]).map(|at| self.searched + at)
            else {
                self.searched = self.bytes.len();
                if self.buffered() > self.limit {
                    self.shed();
                }
                return None;
            };
            let line = &self.bytes[self.line..end];
            self.searched = end + 1;
            let found = match self.inside {
                Inside::Nothing => self.first_line(due, end),
                Inside::Value if line.ends_with(b")") => Some(self.reply(200, end)),
                Inside::Block { status, wanted } if status_of(line) == Some((status, b' ')) => {
                    self.inside = Inside::Nothing;
                    if wanted { Some(self.reply(status, end)) } else { self.pass() }
                }
                Inside::Block { wanted: false, .. } => {
                    let inside = self.inside;
                    self.pass();
                    self.inside = inside;
                    None
                }
                Inside::Value | Inside::Block { .. } => None,
            };
            self.line = self.searched;
            if found.is_some() {
                return found;
            }
        }
    }

    /// A line that continues nothing, and ends at `end`.
    fn first_line(&mut self, due: Option<ReplyShape>, end: usize) -> Option<Found> {
        let line = &self.bytes[self.line..end];
        if matches!(line, b"HANGUP" | b"HANGUP\r") {
            self.pass();
            return Some(Found::Hangup);
        }
        let Some((status, separator)) = status_of(line) else {
            if !line.is_empty() {
                log::debug!("{} bytes that answer nothing", line.len());
            }
            return self.pass();
        };
        let is_usage = status == 520;
        if separator == b'-' {
            let wanted = due.is_some() && !(is_usage && self.usage_follows);
            self.usage_follows = false;
            if !wanted {
                self.pass();
            }
            self.inside = Inside::Block { status, wanted };
            return None;
        }
        // Preliminary: the reply is still to come.
        if status < 200 {
            return self.pass();
        }
        let is_stray = is_usage && self.usage_follows;
        self.usage_follows = false;
        let Some(shape) = due.filter(|_| !is_stray) else {
            log::debug!("a reply with {status} that answers nothing");
            return self.pass();
        };
        if status == 200 && goes_on(line, shape) {
            self.inside = Inside::Value;
            return None;
        }
        Some(self.reply(status, end))
    }

    /// What was read up to `end` is the reply.
    fn reply(&mut self, status: u16, end: usize) -> Found {
        let span = Span { begin: self.start, end };
        let is_oversized = self.shed || span.end - span.begin > self.limit;
        self.pass();
        if is_oversized { Found::Oversized } else { Found::Reply { status, span } }
    }

    /// Done with everything up to here.
    fn pass(&mut self) -> Option<Found> {
        self.start = self.searched;
        self.inside = Inside::Nothing;
        self.shed = false;
        None
    }

    /// Whether a value that ended where it could went on after all.
    fn extend(&mut self, span: Span) -> Span {
        let rest = &self.bytes[self.start..];
        if rest.is_empty() || b"HANGUP\n".starts_with(&rest[..rest.len().min(7)]) {
            return span;
        }
        if status_of(rest).is_some() {
            return span;
        }
        let Some(at) = rest.windows(2).rposition(|two| two == b")\n") else { return span };
        let end = self.start + at + 1;
        self.start = end + 1;
        self.line = self.start;
        self.searched = self.start;
        Span { begin: span.begin, end }
    }

    /// Keeps of what is too large only what finding its end takes.
    fn shed(&mut self) {
        let first = self.start..(self.start + HEAD).min(self.line.max(self.start));
        let head = self.line..(self.line + HEAD).min(self.bytes.len());
        let mut kept = self.bytes[first].to_vec();
        let line = kept.len();
        kept.extend_from_slice(&self.bytes[head.clone()]);
        if head.end < self.bytes.len() {
            kept.extend(self.bytes.last());
        }
        self.bytes = kept;
        self.start = 0;
        self.line = line;
        self.searched = self.bytes.len();
        self.shed = true;
    }

    fn compact(&mut self) {
        if self.start == 0 {
            return;
        }
        let rest = self.bytes.len() - self.start;
        self.bytes.copy_within(self.start.., 0);
        self.bytes.truncate(rest);
        self.line -= self.start;
        self.searched -= self.start;
        self.start = 0;
        // A large value does not hold its memory for the rest of the call.
        if self.bytes.capacity() > 64 * 1024 && rest < 4096 {
            self.bytes.shrink_to(4096);
        }
    }
}

fn memchr(bytes: &[u8]) -> Option<usize> {
    bytes.iter().position(|&byte| byte == b'\n')
}

/// Three digits at the beginning, and what follows them: a space, or a hyphen if lines follow.
fn status_of(line: &[u8]) -> Option<(u16, u8)> {
    let [a @ b'1'..=b'9', b @ b'0'..=b'9', c @ b'0'..=b'9', rest @ ..] = line else { return None };
    let digit = |byte: &u8| u16::from(byte - b'0');
    let separator = match rest.first() {
        None | Some(b' ' | b'\r') => b' ',
        Some(b'-') => b'-',
        Some(_) => return None,
    };
    Some((digit(a) * 100 + digit(b) * 10 + digit(c), separator))
}

/// Whether the reply that begins with this line has more of them.
fn goes_on(line: &[u8], shape: ReplyShape) -> bool {
    let head = &line[..line.len().min(HEAD)];
    let Some(open) = head.windows(2).position(|two| two == b" (") else { return false };
    match shape {
        ReplyShape::Line => false,
        ReplyShape::Value => !line[open + 2..].ends_with(b")"),
        // What was thrown away is not looked at, so that it makes no difference how it came.
        ReplyShape::Unknown => {
            let after = &head[open + 2..];
            !after.contains(&b')') && !line[open + 2..].ends_with(b")")
        }
    }
}
