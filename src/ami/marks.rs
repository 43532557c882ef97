//! Where the newlines and colons of a text are.
//!
//! Lines of AMI are some twenty bytes long: a vector search for each end of each line spends its
//! time in setting up, and in mispredicted branches. So 64 bytes at a time are compared in one
//! sweep, which the compiler makes vector code of, and the marks taken out of the resulting bits.

const WIDTH: usize = 64;

/// The positions of newlines and colons, from a place in a text to its end.
pub(super) struct Marks<'a> {
    text: &'a [u8],
    /// Where the block begins whose marks are being taken.
    block: usize,
    /// Its marks that have not been taken.
    bits: u64,
}

impl<'a> Marks<'a> {
    pub(super) fn new(text: &'a [u8], from: usize) -> Self {
        Self { text, block: from, bits: marks_at(text, from) }
    }
}

impl Iterator for Marks<'_> {
    type Item = usize;

    #[inline]
    fn next(&mut self) -> Option<usize> {
        while self.bits == 0 {
            self.block += WIDTH;
            if self.block >= self.text.len() {
                // Stay at the end, however often somebody asks.
                self.block -= WIDTH;
                return None;
            }
            self.bits = marks_at(self.text, self.block);
        }
        let mark = self.block + self.bits.trailing_zeros() as usize;
        self.bits &= self.bits - 1;
        Some(mark)
    }
}

/// The marks of the block that begins at `from`, which may go beyond the end of the text.
#[inline]
fn marks_at(text: &[u8], from: usize) -> u64 {
    let rest = text.get(from..).unwrap_or_default();
    if let Some(block) = rest.first_chunk() {
        return marks(block);
    }
    let mut block = [0; WIDTH];
    block[..rest.len()].copy_from_slice(rest);
    marks(&block)
}

/// A bit for every byte of the block that is a newline or a colon.
#[inline]
fn marks(block: &[u8; WIDTH]) -> u64 {
    let mut is_mark = [0_u8; WIDTH];
    for (mark, byte) in is_mark.iter_mut().zip(block) {
        *mark = u8::from(*byte == b'\n') | u8::from(*byte == b':');
    }
    let mut bits = 0;
    for (i, eight) in is_mark.chunks_exact(8).enumerate() {
        let word = u64::from_le_bytes(eight.try_into().unwrap_or_default());
        // Each byte is 0 or 1; the product gathers the lowest bits of all in its highest byte.
        bits |= (word.wrapping_mul(0x0102_0408_1020_4080) >> 56) << (8 * i);
    }
    bits
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_mark_is_found_and_nothing_else() {
        // 0x0b and 0x3b differ from the marks in their lowest bit alone.
        for length in 0..200 {
            let mut text = b"\x0b;\x8a\xba".repeat(length / 4 + 1);
            text.truncate(length);
            for i in (0..length).step_by(3) {
                text[i] = if i % 2 == 0 { b'\n' } else { b':' };
            }
            for from in [0, length / 3, length] {
                let found: Vec<_> = Marks::new(&text, from).collect();
                let plain: Vec<_> =
                    (from..length).filter(|&i| matches!(text[i], b'\n' | b':')).collect();
                assert_eq!(found, plain, "{length} from {from}");
            }
        }
    }

    #[test]
    fn every_position_of_a_block_has_its_bit() {
        for i in 0..WIDTH {
            let mut block = [b'x'; WIDTH];
            block[i] = b':';
            assert_eq!(marks(&block), 1 << i);
        }
    }
}
