//! Bytes to frames, without a socket: push bytes as they come, take blocks of complete frames.
//!
//! The shape of the stream: lines end with CRLF or a bare LF, an empty line ends a frame, stray
//! empty lines are nothing. A line without a colon after a bare LF continues the value before it,
//! which held a newline; after CRLF it stands as a line without a name. The answer of an Asterisk
//! before 14 to `Command` is free text up to `--END COMMAND--`, and its lines, whatever they look
//! like, have no name either.

use std::borrow::Cow;
use std::ops::Range;
use std::sync::Arc;

use memchr::{memchr, memchr_iter};

use crate::error::{ProtocolError, Result};

use super::marks::Marks;
use super::message::{Block, Frame, Header, Message, MessageKind, Parts};

/// How many bytes of a frame over the limit are kept: enough to say whose answer it was.
const KEPT_OF_OVERSIZED: usize = 4096;

/// Offsets are 32 bits: a frame and what is pushed behind it stay far below that.
const LARGEST: usize = 1 << 30;

/// Asterisk's first line is short; a peer that sends more without a line's end is none.
const BANNER_LIMIT: usize = 1024;

/// Names are measured in 16 bits, also once each byte that is no UTF-8 has become the three of
/// U+FFFD.
const LONGEST_NAME: usize = (u16::MAX / 3) as usize;

const END_OF_COMMAND: &[u8] = b"--END COMMAND--";

/// Splits a stream into frames, in memory bounded by its limit.
///
/// However the bytes are cut when they are pushed, the same messages come out.
///
/// ```
/// use std::sync::Arc;
/// use asterisk_sync::ami::codec::Decoder;
///
/// let mut decoder = Decoder::new(16 << 20);
/// assert!(decoder.push(b"Event: Hangup\r\nCause: 16\r\n").is_none());
/// let block = Arc::new(decoder.push(b"\r\n").expect("a frame is complete"));
/// let hangup = block.messages().next().expect("one frame");
/// assert_eq!((hangup.name(), hangup.get("cause")), ("Hangup", Some("16")));
/// ```
#[derive(Debug)]
pub struct Decoder {
    limit: usize,
    classify: fn(&str) -> u16,
    text: Vec<u8>,
    headers: Vec<Header>,
    frames: Vec<Frame>,
    /// Up to here the text has been looked through for line ends.
    scanned: usize,
    /// Where the line that is being read begins.
    line: usize,
    /// Its first colon.
    colon: Option<usize>,
    open: Open,
    skip: Option<Skip>,
    spare: Parts,
}

/// The frame that is being read.
#[derive(Debug, Clone, Copy, Default)]
struct Open {
    start: usize,
    first: usize,
    /// Whether its first line ended with CRLF, so that a bare LF is part of a value.
    crlf: bool,
    after_bare_lf: bool,
    free: FreeText,
    /// Whether a line with a name is a header and nothing else has to be looked at.
    ordinary: bool,
}

/// Where an old-style command answer stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
enum FreeText {
    #[default]
    No,
    /// `Response: Follows` was read; `Privilege`, `ActionID` and `Message` are still headers.
    Headers,
    Text,
    /// The marker was read; the empty line comes next.
    Ended,
}

/// A frame over the limit: its first lines, and the end of the line that is passing.
#[derive(Debug)]
struct Skip {
    head: Vec<u8>,
    until_marker: bool,
    tail: Vec<u8>,
}

impl Decoder {
    /// A decoder that skips frames larger than `limit` bytes, index included.
    pub fn new(limit: usize) -> Self {
        Self {
            limit: limit.clamp(256, LARGEST),
            classify: super::event::id_of,
            text: Vec::new(),
            headers: Vec::new(),
            frames: Vec::new(),
            scanned: 0,
            line: 0,
            colon: None,
            open: Open::default(),
            skip: None,
            spare: Parts::default(),
        }
    }

    /// Takes bytes, and returns the frames that are complete now, if any are.
    ///
    /// # Panics
    ///
    /// If more than 1 GiB is pushed at once.
    pub fn push(&mut self, bytes: &[u8]) -> Option<Block> {
        assert!(bytes.len() <= LARGEST, "that much at once has no place in 32-bit offsets");
        let mut bytes = Cow::Borrowed(bytes);
        loop {
            let rest = match self.skip.take() {
                Some(skip) => self.pass_over(skip, &bytes),
                None => &bytes,
            };
            self.text.extend_from_slice(rest);
            match self.scan() {
                // What follows the place where the frame went over the limit.
                Some(unread) => bytes = Cow::Owned(unread),
                None => return self.cut(),
            }
        }
    }

    /// How many bytes wait for the rest of their frame.
    pub fn buffered(&self) -> usize {
        self.text.len()
    }

    /// Indexes the lines that are complete, up to the place where a frame goes over the limit.
    fn scan(&mut self) -> Option<Vec<u8>> {
        // The text is lent out so that the loop may write to the index.
        let text = std::mem::take(&mut self.text);
        let mut colon = self.colon.take();
        let mut over = false;
        for mark in Marks::new(&text, self.scanned) {
            if text[mark] == b':' {
                colon = colon.or(Some(mark));
                continue;
            }
            // A line takes twelve bytes of index and one of text at least, where a blank one is
            // part of free text: far below the limit there is nothing to count.
            over = mark - self.open.start > self.limit / 16 && self.is_over_limit(mark + 1);
            if over {
                break;
            }
            self.end_line(&text, mark, colon.take());
        }
        self.colon = colon;
        over = over || self.is_over_limit(text.len());
        self.scanned = text.len();
        self.text = text;
        over.then(|| self.begin_skip())
    }

    fn is_over_limit(&self, end: usize) -> bool {
        let index = (self.headers.len() - self.open.first) * size_of::<Header>();
        end - self.open.start + index > self.limit
    }

    /// The line from `self.line` to the newline is complete; its first colon, if it has one.
    #[inline]
    fn end_line(&mut self, text: &[u8], newline: usize, colon: Option<usize>) {
        let start = self.line;
        let bare = newline == start || text[newline - 1] != b'\r';
        let end = newline - usize::from(!bare);
        self.line = newline + 1;
        match colon {
            // Nearly every line goes this way.
            Some(colon) if self.open.ordinary && !bare && colon > start => {
                self.push_header(text, start, end, colon - start);
            }
            _ => self.end_odd_line(text, start..end, bare, colon),
        }
    }

    /// The same for a line that begins or ends a frame, has no name, or follows a bare newline.
    fn end_odd_line(&mut self, text: &[u8], line: Range<usize>, bare: bool, colon: Option<usize>) {
        let Range { start, end } = line;
        if self.open.free != FreeText::No && self.end_free_line(text, start, end) {
            return;
        }
        if start == end {
            self.end_frame(text, self.line);
            return;
        }
        let first = self.headers.len() == self.open.first;
        let continues = self.open.after_bare_lf && self.open.crlf;
        self.open.after_bare_lf = bare;
        if first {
            self.open.crlf = !bare;
            if text[start..end].eq_ignore_ascii_case(b"Response: Follows") {
                self.open.free = FreeText::Headers;
            }
        }
        self.open.ordinary =
            self.open.free == FreeText::No && !(self.open.after_bare_lf && self.open.crlf);
        let name_len = colon.map_or(0, |colon| colon - start);
        // No name of Asterisk's has a blank in it.
        if continues && (name_len == 0 || text[start..start + name_len].contains(&b' ')) {
            let last = self.headers.len() - 1;
            self.headers[last].end = small(end);
        } else {
            self.push_header(text, start, end, name_len);
        }
    }

    /// A line of an old-style command answer; true if it was taken as free text.
    fn end_free_line(&mut self, text: &[u8], start: usize, end: usize) -> bool {
        let line = &text[start..end];
        if self.open.free == FreeText::Headers {
            let name = memchr(b':', line).map_or(&line[..0], |colon| &line[..colon]);
            if [&b"Privilege"[..], b"ActionID", b"Message"]
                .iter()
                .any(|known| name.eq_ignore_ascii_case(known))
            {
                return false;
            }
            self.open.free = FreeText::Text;
        }
        if self.open.free == FreeText::Ended {
            return false;
        }
        match line.strip_suffix(END_OF_COMMAND) {
            None => self.push_header(text, start, end, 0),
            Some(before) => {
                if !before.is_empty() {
                    self.push_header(text, start, start + before.len(), 0);
                }
                self.open.free = FreeText::Ended;
            }
        }
        true
    }

    /// A line with a name of this length; of none, or an impossible one, it has none.
    #[inline]
    fn push_header(&mut self, text: &[u8], start: usize, end: usize, name_len: usize) {
        let value = start + name_len + 1;
        let (name_len, gap) = match name_len {
            1..=LONGEST_NAME => (name_len, 1 + u8::from(value < end && text[value] == b' ')),
            _ => (0, 0),
        };
        #[expect(clippy::cast_possible_truncation, reason = "the longest name is shorter")]
        let name_len = name_len as u16;
        self.headers.push(Header { start: small(start), end: small(end), name_len, gap });
    }

    /// The frame ends at `end`. One without lines is a stray blank line, and nothing.
    fn end_frame(&mut self, text: &[u8], end: usize) {
        let Open { start, first, .. } = self.open;
        if let Some(h) = self.headers.get(first) {
            let name_end = h.start as usize + usize::from(h.name_len);
            let name = &text[h.start as usize..name_end];
            let value = &text[name_end + usize::from(h.gap)..h.end as usize];
            let kind = MessageKind::of(name);
            let event = match kind {
                MessageKind::Event => std::str::from_utf8(value).map_or(0, self.classify),
                _ => 0,
            };
            self.frames.push(Frame {
                first: small(first),
                last: small(self.headers.len()),
                start: small(start),
                end: small(end),
                kind,
                event,
                oversized: false,
            });
        }
        self.open = Open { start: end, first: self.headers.len(), ..Open::default() };
    }

    /// Puts the first lines of the open frame aside and returns what has not been read of it.
    fn begin_skip(&mut self) -> Vec<u8> {
        let unread = self.text.split_off(self.line);
        let Open { start, first, free, .. } = self.open;
        let keep = start + KEPT_OF_OVERSIZED.min(self.limit);
        let lines = &self.headers[first..];
        let kept = lines.partition_point(|h| h.end as usize <= keep);
        let end = lines.get(kept).map_or(self.line, |h| h.start as usize);
        let mut head = self.text.split_off(start);
        if end == start {
            // Not even the first line is short: its beginning has to do.
            head.extend_from_slice(&unread);
            head.truncate(keep - start);
            head.push(b'\n');
        } else {
            head.truncate(end - start);
        }
        self.headers.truncate(first);
        self.colon = None;
        self.line = start;
        self.scanned = start;
        self.skip = Some(Skip {
            head,
            until_marker: matches!(free, FreeText::Headers | FreeText::Text),
            tail: Vec::new(),
        });
        self.open = Open { start, first, ..Open::default() };
        unread
    }

    /// Lets bytes pass up to the end of the frame; returns those behind it.
    fn pass_over<'a>(&mut self, mut skip: Skip, bytes: &'a [u8]) -> &'a [u8] {
        let mut from = 0;
        for newline in memchr_iter(b'\n', bytes) {
            skip.remember(&bytes[from..newline]);
            from = newline + 1;
            let line = skip.tail.strip_suffix(b"\r").unwrap_or(&skip.tail);
            if skip.until_marker {
                skip.until_marker = !line.ends_with(END_OF_COMMAND);
            } else if line.is_empty() {
                self.end_skip(&skip.head);
                return &bytes[from..];
            }
            skip.tail.clear();
        }
        skip.remember(&bytes[from..]);
        self.skip = Some(skip);
        &[]
    }

    /// The frame that was let pass stands as its first lines.
    fn end_skip(&mut self, head: &[u8]) {
        let mut text = std::mem::take(&mut self.text);
        let start = text.len();
        text.extend_from_slice(head);
        self.line = start;
        for mark in Marks::new(&text, start) {
            if text[mark] == b':' {
                self.colon = self.colon.or(Some(mark));
            } else {
                let colon = self.colon.take();
                self.end_line(&text, mark, colon);
            }
        }
        self.end_frame(&text, start + head.len());
        if let Some(frame) = self.frames.last_mut() {
            frame.oversized = true;
        }
        self.line = text.len();
        self.scanned = text.len();
        self.text = text;
    }

    /// Cuts the complete frames off, and drops stray blank lines.
    fn cut(&mut self) -> Option<Block> {
        let Open { start, first, .. } = self.open;
        if start == 0 {
            return None;
        }
        let text = take_front(&mut self.text, start, &mut self.spare.text);
        let headers = take_front(&mut self.headers, first, &mut self.spare.headers);
        for h in &mut self.headers {
            h.start -= small(start);
            h.end -= small(start);
        }
        self.scanned -= start;
        self.line -= start;
        self.colon = self.colon.map(|colon| colon - start);
        self.open.start = 0;
        self.open.first = 0;
        let count = self.frames.len();
        let frames = take_front(&mut self.frames, count, &mut self.spare.frames);
        (count > 0).then(|| Block::new(text, headers, frames))
    }

    /// Takes the memory of a block that nobody holds any more, for the next one.
    pub(crate) fn recycle(&mut self, block: Block) {
        self.spare = block.into_parts();
        self.spare.text.clear();
        self.spare.headers.clear();
        self.spare.frames.clear();
    }

    /// Gives back what is kept for the next block.
    pub(crate) fn trim(&mut self) {
        self.spare = Parts::default();
        self.text.shrink_to_fit();
        self.headers.shrink_to_fit();
        self.frames.shrink_to_fit();
    }
}

/// Cuts the first `at` items off, with little memory behind them that they do not use: what waits
/// in a queue is counted by what it holds. `spare` is used up if it is of use.
fn take_front<T: Copy>(from: &mut Vec<T>, at: usize, spare: &mut Vec<T>) -> Vec<T> {
    let fits = |vec: &Vec<T>| vec.capacity() <= 2 * at + 256;
    if fits(from) {
        let mut rest = std::mem::take(spare);
        rest.extend_from_slice(&from[at..]);
        let mut front = std::mem::replace(from, rest);
        front.truncate(at);
        return front;
    }
    let mut front = if fits(spare) { std::mem::take(spare) } else { Vec::new() };
    front.extend_from_slice(&from[..at]);
    from.drain(..at);
    front
}

impl Skip {
    /// Keeps as much of the line's end as the marker is long.
    fn remember(&mut self, bytes: &[u8]) {
        let keep = END_OF_COMMAND.len() + 1;
        self.tail.extend_from_slice(&bytes[bytes.len().saturating_sub(keep)..]);
        let excess = self.tail.len().saturating_sub(keep);
        self.tail.drain(..excess);
    }
}

impl MessageKind {
    fn of(name: &[u8]) -> Self {
        if name.eq_ignore_ascii_case(b"Event") {
            Self::Event
        } else if name.eq_ignore_ascii_case(b"Response") {
            Self::Response
        } else if name.eq_ignore_ascii_case(b"Action") {
            Self::Action
        } else {
            Self::Other
        }
    }
}

/// Asterisk's first line, which no empty line follows.
#[derive(Debug, Default)]
pub(crate) struct Banner {
    bytes: Vec<u8>,
}

impl Banner {
    /// Takes bytes; once the line is complete, returns it and the bytes behind it.
    pub(crate) fn push<'a>(&mut self, bytes: &'a [u8]) -> Result<Option<(String, &'a [u8])>> {
        let newline = memchr(b'\n', bytes);
        self.bytes.extend_from_slice(&bytes[..newline.unwrap_or(bytes.len())]);
        if self.bytes.len() > BANNER_LIMIT {
            return Err(ProtocolError::Banner("its first line has no end".into()).into());
        }
        Ok(newline.map(|newline| {
            (String::from_utf8_lossy(&self.bytes).trim().to_owned(), &bytes[newline + 1..])
        }))
    }
}

/// A message that no server sent.
pub(super) fn made_up(text: &[u8]) -> Message {
    let block = Decoder::new(LARGEST).push(text).expect("a made-up frame is complete");
    Message::new(Arc::new(block), 0)
}

#[expect(clippy::cast_possible_truncation, reason = "text is at most the limit and one push")]
fn small(n: usize) -> u32 {
    n as u32
}
