//! Percent-encoding, read.

/// Percent-decodes. A `%` that no two hexadecimal digits follow stands for itself.
pub(crate) fn decode(encoded: &[u8]) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(encoded.len());
    let mut rest = encoded;
    while let Some((&first, tail)) = rest.split_first() {
        rest = tail;
        if let (b'%', [high, low, after @ ..]) = (first, tail) {
            if let (Some(high), Some(low)) = (digit(*high), digit(*low)) {
                bytes.push(high << 4 | low);
                rest = after;
                continue;
            }
        }
        bytes.push(first);
    }
    bytes
}

fn digit(byte: u8) -> Option<u8> {
    char::from(byte).to_digit(16).and_then(|digit| u8::try_from(digit).ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn percent_signs_are_decoded_where_digits_follow() {
        assert_eq!(decode(b"200%20result%3d1%0A"), b"200 result=1\n");
        assert_eq!(decode(b"100%, %zz, %4"), b"100%, %zz, %4");
        assert_eq!(decode(b"%FF+"), b"\xff+");
    }
}
