//! Frames as they arrived: a block of text with an index, and cheap handles into it.

use std::borrow::Cow;
use std::fmt;
use std::str::FromStr;
use std::sync::Arc;
use std::time::{Instant, SystemTime};

use serde::ser::{Serialize, SerializeMap, Serializer};

/// What a frame is, told by its first header alone: an `OriginateResponse` event has a
/// `Response` header too.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum MessageKind {
    /// `Event: …`
    Event,
    /// `Response: …`
    Response,
    /// `Action: …`, which clients send and servers read.
    Action,
    /// Anything else.
    Other,
}

/// One line of a frame: where its name begins, where its value lies.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Header {
    pub(crate) start: u32,
    /// The end of the value, without the line's end.
    pub(crate) end: u32,
    /// 0 for a line that is no header.
    pub(crate) name_len: u16,
    /// From the end of the name to the value: the colon, and a blank if there is one.
    pub(crate) gap: u8,
}

/// One frame of a block: a range of its headers and of its text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Frame {
    pub(crate) first: u32,
    pub(crate) last: u32,
    pub(crate) start: u32,
    pub(crate) end: u32,
    pub(crate) kind: MessageKind,
    /// Which typed event it is; 0 is none of them.
    pub(crate) event: u16,
    /// Whether it was over the limit, so that only its first headers are here.
    pub(crate) oversized: bool,
}

/// The frames that one read completed, immutable and shared by everyone who holds one of them.
#[derive(Clone, PartialEq, Eq)]
pub struct Block {
    text: String,
    headers: Vec<Header>,
    frames: Vec<Frame>,
    /// Where the text on the wire was not UTF-8: the bytes it had, and their own index.
    original: Option<Box<Parts>>,
    /// When the read that completed it was done; `None` if it came from nowhere.
    arrived: Option<(SystemTime, Instant)>,
}

/// What a block is made of.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct Parts {
    pub(crate) text: Vec<u8>,
    pub(crate) headers: Vec<Header>,
    pub(crate) frames: Vec<Frame>,
}

impl Block {
    /// Takes it apart for its memory.
    pub(crate) fn into_parts(self) -> Parts {
        Parts { text: self.text.into_bytes(), headers: self.headers, frames: self.frames }
    }

    /// Takes the text of complete frames with its index, and puts right what is not UTF-8.
    pub(crate) fn new(bytes: Vec<u8>, headers: Vec<Header>, frames: Vec<Frame>) -> Self {
        match String::from_utf8(bytes) {
            Ok(text) => Self { text, headers, frames, original: None, arrived: None },
            Err(e) => Self::lossy(e.into_bytes(), headers, frames),
        }
    }

    /// Writes each line anew with U+FFFD for what is no UTF-8; offsets move, so both indexes stay.
    fn lossy(bytes: Vec<u8>, headers: Vec<Header>, frames: Vec<Frame>) -> Self {
        let mut text = String::with_capacity(bytes.len() + bytes.len() / 8);
        let (mut new_headers, mut new_frames) = (Vec::new(), Vec::new());
        for frame in &frames {
            let (start, first) = (offset(text.len()), offset(new_headers.len()));
            for h in &headers[frame.first as usize..frame.last as usize] {
                let line_start = text.len();
                let name_end = h.start as usize + usize::from(h.name_len);
                let value = name_end + usize::from(h.gap);
                text.push_str(&String::from_utf8_lossy(&bytes[h.start as usize..name_end]));
                let name_len = u16::try_from(text.len() - line_start)
                    .expect("the longest name has room to grow threefold");
                text.push_str(&String::from_utf8_lossy(&bytes[name_end..value]));
                text.push_str(&String::from_utf8_lossy(&bytes[value..h.end as usize]));
                let end = offset(text.len());
                new_headers.push(Header { start: offset(line_start), end, name_len, gap: h.gap });
                text.push_str("\r\n");
            }
            let (last, end) = (offset(new_headers.len()), offset(text.len()));
            new_frames.push(Frame { first, last, start, end, ..*frame });
        }
        let original = Some(Box::new(Parts { text: bytes, headers, frames }));
        Self { text, headers: new_headers, frames: new_frames, original, arrived: None }
    }

    /// How many frames it holds.
    pub fn len(&self) -> usize {
        self.frames.len()
    }

    /// Whether it holds none.
    pub fn is_empty(&self) -> bool {
        self.frames.is_empty()
    }

    /// Its frames, in the order they came.
    pub fn messages(self: &Arc<Self>) -> impl Iterator<Item = Message> + use<'_> {
        (0..self.frames.len()).map(|i| Message::new(Arc::clone(self), i))
    }

    pub(crate) fn frame(&self, index: usize) -> &Frame {
        &self.frames[index]
    }

    pub(crate) fn frames(&self) -> &[Frame] {
        &self.frames
    }

    /// The memory it holds.
    pub(crate) fn bytes(&self) -> usize {
        self.text.len()
            + size_of_val(&self.headers[..])
            + size_of_val(&self.frames[..])
            + self.original.as_ref().map_or(0, |o| o.text.len() + size_of_val(&o.headers[..]))
    }

    /// The memory one of its frames needs.
    pub(crate) fn frame_bytes(&self, index: usize) -> usize {
        let f = &self.frames[index];
        (f.end - f.start) as usize
            + (f.last - f.first) as usize * size_of::<Header>()
            + size_of::<Frame>()
    }

    /// A block of its own for some of its frames.
    pub(crate) fn select(&self, picks: impl IntoIterator<Item = usize>) -> Self {
        let (bytes, headers, frames) = match &self.original {
            Some(o) => (&o.text[..], &o.headers[..], &o.frames[..]),
            None => (self.text.as_bytes(), &self.headers[..], &self.frames[..]),
        };
        let (mut text, mut index, mut kept) = (Vec::new(), Vec::new(), Vec::new());
        for pick in picks {
            let frame = frames[pick];
            let (start, first) = (offset(text.len()), offset(index.len()));
            text.extend_from_slice(&bytes[frame.start as usize..frame.end as usize]);
            index.extend(headers[frame.first as usize..frame.last as usize].iter().map(|h| {
                Header {
                    start: h.start - frame.start + start,
                    end: h.end - frame.start + start,
                    ..*h
                }
            }));
            let (last, end) = (offset(index.len()), offset(text.len()));
            kept.push(Frame { first, last, start, end, ..frame });
        }
        Self { arrived: self.arrived, ..Self::new(text, index, kept) }
    }

    /// The same block, which has come now.
    pub(crate) fn arrived(self) -> Self {
        Self { arrived: Some((SystemTime::now(), Instant::now())), ..self }
    }

    fn headers_of(&self, frame: &Frame) -> &[Header] {
        &self.headers[frame.first as usize..frame.last as usize]
    }

    fn name(&self, h: &Header) -> &str {
        let start = h.start as usize;
        &self.text[start..start + usize::from(h.name_len)]
    }

    fn value(&self, h: &Header) -> &str {
        &self.text[h.start as usize + usize::from(h.name_len) + usize::from(h.gap)..h.end as usize]
    }

    /// The first header of a frame with this name.
    fn find(&self, frame: &Frame, name: &str) -> Option<usize> {
        find(&self.text, self.headers_of(frame), name)
    }

    /// The value of a frame's first header with this name.
    pub(crate) fn get(&self, frame: &Frame, name: &str) -> Option<&str> {
        self.find(frame, name).map(|i| self.value(&self.headers_of(frame)[i]))
    }

    /// The value of a frame's first header: the event's name, or the response's word.
    pub(crate) fn first_value(&self, frame: &Frame) -> &str {
        self.headers_of(frame).first().map_or("", |h| self.value(h))
    }

    /// Whether a header whose name ends with `suffix` has a value that `test` accepts.
    pub(crate) fn any_value(
        &self,
        frame: &Frame,
        suffix: &str,
        mut test: impl FnMut(&str) -> bool,
    ) -> bool {
        self.headers_of(frame)
            .iter()
            .any(|h| ends_with(self.name(h), suffix) && test(self.value(h)))
    }
}

/// Most names are written as Asterisk writes them, so equality comes first.
fn find(text: &str, headers: &[Header], name: &str) -> Option<usize> {
    let (text, wanted) = (text.as_bytes(), name.as_bytes());
    headers.iter().position(|h| {
        usize::from(h.name_len) == wanted.len() && {
            let start = h.start as usize;
            let got = &text[start..start + wanted.len()];
            got == wanted || got.eq_ignore_ascii_case(wanted)
        }
    })
}

fn offset(n: usize) -> u32 {
    u32::try_from(n).expect("a block is far below 4 GiB: the decoder's limit sees to it")
}

impl fmt::Debug for Block {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Block").field("frames", &self.len()).field("bytes", &self.bytes()).finish()
    }
}

/// One frame: an event, a response, or an action, exactly as it was sent.
///
/// Headers keep their order and may repeat; names are found without regard to case; values are
/// byte for byte what stood behind the colon and one blank. Text is valid UTF-8, with U+FFFD where
/// the wire's was not; [`get_bytes`](Self::get_bytes) still has the original.
///
/// A message is 8 bytes, and cloning it counts a reference. It shares the block of frames it
/// arrived in, some 100 KiB in a flood: to keep one for long, keep its [`detach`](Self::detach).
/// `Debug` hides the values of headers that hold secrets, and those of secret settings in answers
/// to `GetConfig`.
#[derive(Clone)]
pub struct Message(Arc<Place>);

/// A frame's place. Behind an `Arc` of its own so that a message is one pointer, and an enum over
/// hundreds of events two.
struct Place {
    block: Arc<Block>,
    index: u32,
}

impl Message {
    pub(crate) fn new(block: Arc<Block>, index: usize) -> Self {
        Self(Arc::new(Place { block, index: offset(index) }))
    }

    fn frame(&self) -> &Frame {
        self.0.block.frame(self.0.index as usize)
    }

    fn headers(&self) -> &[Header] {
        self.0.block.headers_of(self.frame())
    }

    /// The memory of the block it is in.
    #[cfg(test)]
    pub(crate) fn block_bytes(&self) -> usize {
        self.0.block.bytes()
    }

    /// What it is.
    pub fn kind(&self) -> MessageKind {
        self.frame().kind
    }

    pub(crate) fn event_id(&self) -> u16 {
        self.frame().event
    }

    pub(crate) fn is_oversized(&self) -> bool {
        self.frame().oversized
    }

    /// The value of the first header: an event's name, a response's word, an action's name.
    pub fn name(&self) -> &str {
        self.0.block.first_value(self.frame())
    }

    /// The value of the first header with this name.
    pub fn get(&self, name: &str) -> Option<&str> {
        self.0.block.get(self.frame(), name)
    }

    /// All of it, as it came.
    pub(crate) fn text(&self) -> &str {
        let frame = self.frame();
        &self.0.block.text[frame.start as usize..frame.end as usize]
    }

    /// The value of the first header with the name that `prefix` and `name` make together.
    pub(crate) fn get_prefixed(&self, prefix: &str, name: &str) -> Option<&str> {
        if prefix.is_empty() {
            return self.get(name);
        }
        let block = &*self.0.block;
        let h = self.headers().iter().find(|h| {
            usize::from(h.name_len) == prefix.len() + name.len() && {
                let (p, n) = block.name(h).as_bytes().split_at(prefix.len());
                p.eq_ignore_ascii_case(prefix.as_bytes()) && n.eq_ignore_ascii_case(name.as_bytes())
            }
        })?;
        Some(block.value(h))
    }

    /// The first header with this name whose value reads as a `T`. An empty value is none.
    pub fn parse<T: FromStr>(&self, name: &str) -> Option<T> {
        let value = self.get(name)?.trim();
        if value.is_empty() { None } else { value.parse().ok() }
    }

    /// The values of all headers with this name, in order.
    pub fn get_all<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a str> + 'a {
        self.iter().filter(move |(n, _)| n.eq_ignore_ascii_case(name)).map(|(_, value)| value)
    }

    /// The value of the first header with this name, as the bytes that were on the wire.
    pub fn get_bytes(&self, name: &str) -> Option<&[u8]> {
        let block = &*self.0.block;
        let i = block.find(self.frame(), name)?;
        match &block.original {
            None => Some(block.value(&self.headers()[i]).as_bytes()),
            Some(o) => {
                let h = o.headers[o.frames[self.0.index as usize].first as usize + i];
                let value = h.start as usize + usize::from(h.name_len) + usize::from(h.gap);
                Some(&o.text[value..h.end as usize])
            }
        }
    }

    /// The whole frame as the bytes that were on the wire, with its closing blank line.
    pub fn as_bytes(&self) -> &[u8] {
        let (bytes, frame) = match &self.0.block.original {
            None => (self.0.block.text.as_bytes(), self.frame()),
            Some(o) => (&o.text[..], &o.frames[self.0.index as usize]),
        };
        &bytes[frame.start as usize..frame.end as usize]
    }

    /// All headers in order, repeats included. A line that is no header has an empty name.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = (&str, &str)> {
        let block = &*self.0.block;
        self.headers().iter().map(|h| (block.name(h), block.value(h)))
    }

    /// How many lines it has.
    pub fn len(&self) -> usize {
        self.headers().len()
    }

    /// Whether it has no line at all.
    pub fn is_empty(&self) -> bool {
        self.headers().is_empty()
    }

    /// When it came in: the moment at which the read was done that completed it, before it waited in
    /// any queue. `None` if it did not come over a connection.
    pub fn arrived(&self) -> Option<Instant> {
        self.arrival().map(|(_, steady)| steady)
    }

    /// The same by the clock on the wall, and by the one that never jumps.
    pub(crate) fn arrival(&self) -> Option<(SystemTime, Instant)> {
        self.0.block.arrived
    }

    /// The same message in memory of its own, for keeping.
    #[must_use]
    pub fn detach(&self) -> Self {
        if self.0.block.len() == 1 {
            return self.clone();
        }
        Self::new(Arc::new(self.0.block.select([self.0.index as usize])), 0)
    }
}

/// Whether a header's name ends so, without regard to case.
pub(crate) fn ends_with(name: &str, suffix: &str) -> bool {
    name.len() >= suffix.len()
        && name.as_bytes()[name.len() - suffix.len()..].eq_ignore_ascii_case(suffix.as_bytes())
}

/// Header names whose values are nobody's business.
pub(crate) fn is_secret(frame_name: &str, header: &str) -> bool {
    let ends = |suffix: &str| ends_with(header, suffix);
    ends("secret")
        || (ends("password") && !header.eq_ignore_ascii_case("UsingPassword"))
        || ends("passworddigest")
        || ends("md5cred")
        || ends("token")
        || ends("md5_cred")
        || (ends("key") && frame_name.eq_ignore_ascii_case("Login"))
}

/// Names of the server's settings whose values are nobody's business.
pub(crate) fn is_secret_setting(name: &str) -> bool {
    is_secret("", name) || ends_with(name, "pass")
}

/// A value as it may be shown.
fn shown<'a>(frame_name: &str, header: &str, value: &'a str) -> Cow<'a, str> {
    const REDACTED: &str = "<redacted>";
    if is_secret(frame_name, header) {
        return REDACTED.into();
    }
    let begins = |prefix: &str| {
        header.get(..prefix.len()).is_some_and(|start| start.eq_ignore_ascii_case(prefix))
    };
    // The answers to `GetConfig` and `GetConfigJSON`: lines and files of the server's settings.
    if begins("Line-") {
        if let Some((name, _)) = value.split_once('=') {
            let name = name.trim();
            if is_secret_setting(name) {
                return format!("{name}={REDACTED}").into();
            }
        }
    } else if header.eq_ignore_ascii_case("JSON") {
        return REDACTED.into();
    }
    value.into()
}

impl fmt::Debug for Message {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut map = f.debug_map();
        for (name, value) in self.iter() {
            map.entry(&name, &shown(self.name(), name, value));
        }
        map.finish()
    }
}

impl PartialEq for Message {
    fn eq(&self, other: &Self) -> bool {
        self.as_bytes() == other.as_bytes()
    }
}

impl Eq for Message {}

/// A map from header to value; a header that repeats has a list of its values, in order.
impl Serialize for Message {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        let headers: Vec<_> = self.iter().collect();
        for (i, (name, value)) in headers.iter().enumerate() {
            let same = |other: &&(&str, &str)| other.0.eq_ignore_ascii_case(name);
            if headers[..i].iter().any(|other| same(&other)) {
                continue;
            }
            let rest: Vec<&str> = headers[i..].iter().filter(same).map(|(_, v)| *v).collect();
            match rest[..] {
                [_] => map.serialize_entry(name, value)?,
                _ => map.serialize_entry(name, &rest)?,
            }
        }
        map.end()
    }
}
