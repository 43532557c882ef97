//! What `AsyncAGIExec` brings, put together again.
//!
//! Asterisk writes a command's reply into a pipe, reads it from there once, 1,024 bytes at most,
//! and percent-encodes that into a buffer of 2,048. So a longer reply is cut at 1,024 bytes, and its
//! rest comes as the beginning of what the next command brings; and of a reply whose bytes need
//! encoding something may be missing altogether. Both can be told from the lengths. What was left in
//! the pipe is fetched with `NOOP`, whose own reply is known.

use crate::percent;

/// How much Asterisk reads at once.
const READ: usize = 1024;

/// From this length on, the encoding of one more byte may not have fit.
const NEARLY_FULL: usize = 2045;

/// The command that fetches what is left.
pub(super) const FETCH: &str = "NOOP";

/// What it brings itself.
const FETCHED: &[u8] = b"200 result=0\n";

/// How much is put together. The pipe holds 64 KiB, so Asterisk itself never has more.
const MOST: usize = 256 << 10;

/// The bytes of one reply, while they come.
#[derive(Debug, Default)]
pub(super) struct Gathering {
    bytes: Vec<u8>,
    fetches: usize,
    is_cut: bool,
}

/// What to do next.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Gathered {
    /// There is more in the pipe: send [`FETCH`], and put in what it brings.
    More,
    /// All of it.
    Whole(Vec<u8>),
    /// The pipe is empty, and some of the reply is lost.
    Cut,
}

impl Gathering {
    /// One that puts together what is left of something that nobody wants any more: `FETCH` comes
    /// first.
    pub(super) fn fetching() -> Self {
        Self { fetches: 1, ..Self::default() }
    }

    /// Takes a `Result`, or the `Env` that a session begins with.
    pub(super) fn push(&mut self, encoded: &str) -> Gathered {
        let piece = percent::decode(encoded.as_bytes());
        let is_full = piece.len() >= READ;
        // The reply may just fit. There is no telling, and better no value than half of one.
        let may_be_cut = encoded.len() >= NEARLY_FULL;
        self.is_cut |= may_be_cut || self.bytes.len() + piece.len() > MOST;
        if !self.is_cut {
            self.bytes.extend_from_slice(&piece);
        }
        if is_full || may_be_cut {
            self.fetches += 1;
            return Gathered::More;
        }
        let Self { mut bytes, fetches, is_cut } = std::mem::take(self);
        for _ in 0..fetches {
            if !is_cut && !bytes.ends_with(FETCHED) {
                return Gathered::Cut;
            }
            bytes.truncate(bytes.len().saturating_sub(FETCHED.len()));
        }
        if is_cut { Gathered::Cut } else { Gathered::Whole(bytes) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What Asterisk makes of the bytes in its pipe: the pieces, and the fetches between them.
    fn pieces(reply: &[u8]) -> Vec<String> {
        let mut pipe = reply.to_vec();
        let mut pieces = Vec::new();
        loop {
            let rest = pipe.split_off(pipe.len().min(READ));
            let is_full = pipe.len() == READ;
            let mut piece = String::new();
            for byte in pipe {
                let plain = byte.is_ascii_alphanumeric() || b"-_.!~*'()".contains(&byte);
                let code =
                    if plain { char::from(byte).to_string() } else { format!("%{byte:02X}") };
                if piece.len() + code.len() > 2047 {
                    break;
                }
                piece += &code;
            }
            pieces.push(piece);
            if !is_full && pieces.last().is_some_and(|last| last.len() < NEARLY_FULL) {
                return pieces;
            }
            pipe = [rest, FETCHED.to_vec()].concat();
        }
    }

    fn gather(reply: &[u8]) -> (Gathered, usize) {
        let mut gathering = Gathering::default();
        for (fetches, piece) in pieces(reply).iter().enumerate() {
            match gathering.push(piece) {
                Gathered::More => {}
                end => return (end, fetches),
            }
        }
        panic!("the last piece is not the end");
    }

    #[test]
    fn a_reply_of_any_length_comes_whole_and_without_what_fetched_it() {
        for length in (0..4000).step_by(7).chain(990..1030) {
            let reply = format!("200 result=1 ({})\n", "x".repeat(length)).into_bytes();
            let (gathered, fetches) = gather(&reply);
            assert_eq!(gathered, Gathered::Whole(reply.clone()), "{length}");
            assert!(fetches >= reply.len() / READ, "{length} with {fetches} fetches");
        }
    }

    #[test]
    fn a_reply_that_lost_bytes_in_its_encoding_is_not_believed() {
        for (length, is_whole) in
            [(100, true), (600, true), (700, false), (1000, false), (3000, false)]
        {
            let reply = format!("200 result=1 ({})\n", "\n\"<".repeat(length / 3)).into_bytes();
            let (gathered, _) = gather(&reply);
            let expected = if is_whole { Gathered::Whole(reply) } else { Gathered::Cut };
            assert_eq!(gathered, expected, "{length}");
        }
    }

    #[test]
    fn what_is_left_of_another_reply_goes_with_what_fetches_it() {
        let mut gathering = Gathering::fetching();
        assert_eq!(gathering.push("xxx)%0A200%20result=0%0A"), Gathered::Whole(b"xxx)\n".into()));
        assert_eq!(Gathering::fetching().push("200%20result=0%0A"), Gathered::Whole(Vec::new()));
        assert_eq!(Gathering::fetching().push("strange"), Gathered::Cut);
    }
}
