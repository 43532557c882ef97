//! A stream in memory, for protocol libraries that want one.

use std::io::{self, Read, Write};

/// The end of a connection as a library sees it that must not touch the socket: it reads what was
/// fed or is told `WouldBlock`, and what it writes is kept until it is taken.
#[derive(Debug, Default)]
pub(crate) struct Pipe {
    inbound: Vec<u8>,
    /// How much of `inbound` has been read.
    read: usize,
    outbound: Vec<u8>,
}

impl Pipe {
    /// Appends what arrived.
    pub(crate) fn feed(&mut self, bytes: &[u8]) {
        if self.read == self.inbound.len() {
            self.inbound.clear();
            self.read = 0;
        }
        self.inbound.extend_from_slice(bytes);
    }

    /// Whether anything is to be sent.
    pub(crate) fn has_outbound(&self) -> bool {
        !self.outbound.is_empty()
    }

    /// Moves what is to be sent into `buffer`, which must be empty: the two are swapped, so that
    /// neither allocates again.
    pub(crate) fn take_outbound(&mut self, buffer: &mut Vec<u8>) {
        debug_assert!(buffer.is_empty());
        std::mem::swap(&mut self.outbound, buffer);
    }
}

impl Read for Pipe {
    fn read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
        let mut rest = &self.inbound[self.read..];
        if rest.is_empty() && !buf.is_empty() {
            return Err(io::ErrorKind::WouldBlock.into());
        }
        let n = rest.read(buf)?;
        self.read += n;
        Ok(n)
    }
}

impl Write for Pipe {
    fn write(&mut self, buf: &[u8]) -> io::Result<usize> {
        self.outbound.extend_from_slice(buf);
        Ok(buf.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_fed_is_read_in_order_and_then_it_would_block() {
        let mut pipe = Pipe::default();
        let mut buf = [0; 2];
        pipe.feed(b"abc");
        assert_eq!(pipe.read(&mut buf).unwrap(), 2);
        pipe.feed(b"d");
        assert_eq!((pipe.read(&mut buf).unwrap(), &buf), (2, b"cd"));
        assert_eq!(pipe.read(&mut buf).unwrap_err().kind(), io::ErrorKind::WouldBlock);
        pipe.feed(b"e");
        assert_eq!((pipe.read(&mut buf).unwrap(), buf[0]), (1, b'e'));
    }

    #[test]
    fn what_is_written_is_taken_once() {
        let mut pipe = Pipe::default();
        let mut taken = Vec::new();
        pipe.write_all(b"ab").unwrap();
        pipe.write_all(b"c").unwrap();
        assert!(pipe.has_outbound());
        pipe.take_outbound(&mut taken);
        assert_eq!(taken, b"abc");
        assert!(!pipe.has_outbound());
    }
}
