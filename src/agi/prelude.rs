//! From bytes to the description of a call, sans I/O.

use memchr::memchr;

use super::limits::AgiLimits;
use super::request::{AgiRequest, Variable};
use crate::error::{Error, ProtocolError, Result};

/// As many variables as a call has that is given a few arguments.
const USUAL: usize = 28;

/// Collects the lines `name: value` that an AGI session begins with, up to the empty one.
///
/// Asterisk escapes nothing, so an argument of `AGI()` with a line's end in it takes several lines.
/// A line that is no variable whose name begins with `agi_` belongs to the value before it. What such an argument has
/// behind an empty line is lost, and what looks like a variable is taken for one: see to it that no
/// caller writes such arguments.
///
/// ```
/// use asterisk_sync::agi::AgiLimits;
/// use asterisk_sync::agi::codec::RequestDecoder;
///
/// let mut decoder = RequestDecoder::new(&AgiLimits::new());
/// assert!(decoder.push(b"agi_channel: PJSIP/al")?.is_none());
/// let (request, used) = decoder.push(b"ice-1\n\nHANGUP\n")?.expect("it is complete");
/// assert_eq!(request.channel(), "PJSIP/alice-1");
/// assert_eq!(used, 7);
/// # Ok::<(), asterisk_sync::Error>(())
/// ```
#[derive(Debug)]
pub struct RequestDecoder {
    bytes: Vec<u8>,
    /// Where the line begins whose end has not come.
    line: usize,
    variables: Vec<Variable>,
    limits: AgiLimits,
}

impl RequestDecoder {
    /// An empty one, which takes no more than this.
    pub fn new(limits: &AgiLimits) -> Self {
        Self { bytes: Vec::new(), line: 0, variables: Vec::new(), limits: limits.clone() }
    }

    /// Takes bytes, however they are cut. Once the request is complete it is returned, with the
    /// number of these bytes that belong to it; what follows them belongs to the replies. The
    /// decoder is empty again then.
    ///
    /// # Errors
    ///
    /// [`ProtocolError::Oversized`] for what is over a limit, [`ProtocolError::Banner`] for what is
    /// not AGI. The decoder is of no use afterwards.
    pub fn push(&mut self, bytes: &[u8]) -> Result<Option<(AgiRequest, usize)>> {
        let mut used = 0;
        if self.bytes.is_empty() {
            // Asterisk's comes as one, so this is all the room it takes.
            self.bytes.reserve_exact(bytes.len().min(self.limits.max_bytes));
            self.variables.reserve_exact(USUAL.min(self.limits.max_variables));
        }
        while used < bytes.len() {
            let rest = &bytes[used..];
            let piece = &rest[..memchr(b'\n', rest).map_or(rest.len(), |end| end + 1)];
            used += piece.len();
            // Before they are kept, so that no peer makes us keep more.
            limit(ALL, self.bytes.len() + piece.len(), self.limits.max_bytes)?;
            limit(LINE, self.bytes.len() - self.line + piece.len(), self.limits.max_line)?;
            self.bytes.extend_from_slice(piece);
            if piece.ends_with(b"\n") && self.end_line()? {
                self.line = 0;
                let bytes = std::mem::take(&mut self.bytes);
                let mut variables = std::mem::take(&mut self.variables);
                repair(&bytes, &mut variables);
                return Ok(Some((AgiRequest::new(bytes.into(), variables.into()), used)));
            }
        }
        Ok(None)
    }

    /// Whether nothing of a request has come.
    pub fn is_empty(&self) -> bool {
        self.bytes.is_empty()
    }

    /// Reads the line that has just ended; `true` if it was the empty one.
    fn end_line(&mut self) -> Result<bool> {
        let begin = std::mem::replace(&mut self.line, self.bytes.len());
        let mut line = &self.bytes[begin..self.bytes.len() - 1];
        // Asterisk never sends it, but who feeds a script by hand may.
        line = line.strip_suffix(b"\r").unwrap_or(line);
        if line.is_empty() {
            return Ok(true);
        }
        let colon = memchr(b':', line);
        let colon = colon.filter(|&at| at > 0 && line[..at].iter().all(u8::is_ascii_graphic));
        let is_variable = colon.is_some()
            && line.get(..4).is_some_and(|begin| begin.eq_ignore_ascii_case(b"agi_"));
        if let (false, Some(last)) = (is_variable, self.variables.last_mut()) {
            let end = begin + line.len();
            limit(LINE, end - last.name.start, self.limits.max_line)?;
            last.value.end = end;
            return Ok(false);
        }
        limit(VARIABLES, self.variables.len() + 1, self.limits.max_variables)?;
        let Some(colon) = colon else {
            let shown = String::from_utf8_lossy(&line[..line.len().min(80)]);
            let shown = shown.escape_debug().to_string();
            return Err(Error::Protocol(ProtocolError::Banner(shown.into())));
        };
        let after = &line[colon + 1..];
        let value = after.strip_prefix(b" ").unwrap_or(after);
        let end = begin + line.len();
        let value = end - value.len()..end;
        self.variables.push(Variable { name: begin..begin + colon, value, repaired: None });
        Ok(false)
    }
}

/// Finds what to read for values that are not UTF-8, which hardly ever are among them.
fn repair(bytes: &[u8], variables: &mut [Variable]) {
    if std::str::from_utf8(bytes).is_ok() {
        return;
    }
    for variable in variables {
        let value = &bytes[variable.value.clone()];
        let is_text = std::str::from_utf8(value).is_ok();
        variable.repaired = (!is_text).then(|| String::from_utf8_lossy(value).into());
    }
}

const ALL: &str = "the size of a call's description in bytes";
const LINE: &str = "the length of a line in bytes";
const VARIABLES: &str = "the number of a call's variables";

fn limit(what: &'static str, size: usize, limit: usize) -> Result<()> {
    if size > limit {
        return Err(Error::Protocol(ProtocolError::Oversized { what, limit: limit as u64 }));
    }
    Ok(())
}
