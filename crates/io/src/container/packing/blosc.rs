//! Blosc, version 1 (Alted and others): a head of 16 bytes, the offset of every block, blocks whose bytes or bits are
//! shuffled and which may be cut into a stream for every byte of a number.

use super::{bitshuffle, lz4, snappy, unshuffle, zlib, zstandard};

const HEAD: usize = 16;
/// Streams of a block, and bytes of each, from which on a block is cut.
const MOST_STREAMS: usize = 16;
const LEAST_STREAM: usize = 128;

/// Unpacks all blocks; `None` where they are damaged, or unfold to more than `most` bytes.
pub(crate) fn unpack(data: &[u8], most: usize) -> Option<Vec<u8>> {
    let &[_, _, flags, size, ..] = data else { return None };
    let number = |at: usize| data.get(at..)?.first_chunk::<4>().map(|b| u32::from_le_bytes(*b) as usize);
    let (total, block) = (number(4).filter(|n| *n <= most)?, number(8)?);
    let size = usize::from(size).max(1);
    if flags & 2 != 0 {
        // Stored as it is.
        return data.get(HEAD..)?.get(..total).map(<[u8]>::to_vec);
    }
    if total == 0 {
        return Some(Vec::new());
    }
    if block == 0 || total.div_ceil(block) > data.len() {
        return None;
    }
    let mut out = Vec::with_capacity(total.min(data.len().saturating_mul(256)));
    for i in 0..total.div_ceil(block) {
        let length = block.min(total - i * block);
        let packed = data.get(number(HEAD + 4 * i)?..)?;
        let whole = length == block;
        let cut = flags & 0x10 == 0 && size <= MOST_STREAMS && block / size >= LEAST_STREAM && whole;
        let bytes = streams(packed, length, if cut { size } else { 1 }, flags >> 5)?;
        let count = length / size;
        match flags & 5 {
            1 if size > 1 => out.extend(unshuffle(&bytes, size)),
            // Numbers that fill no eight are left as they are.
            4 | 5 if count.is_multiple_of(8) => {
                let (numbers, rest) = bytes.split_at_checked(count * size)?;
                out.extend(bitshuffle::transpose(numbers, size));
                out.extend_from_slice(rest);
            }
            _ => out.extend(bytes),
        }
    }
    Some(out)
}

/// The streams of a block one behind the other, each behind its length.
fn streams(mut packed: &[u8], length: usize, count: usize, kind: u8) -> Option<Vec<u8>> {
    let own = length / count;
    let mut out = Vec::with_capacity(length);
    for _ in 0..count {
        let (n, rest) = packed.split_first_chunk::<4>()?;
        let (stream, rest) = rest.split_at_checked(u32::from_le_bytes(*n) as usize)?;
        packed = rest;
        if stream.len() == own {
            // What does not shrink is stored.
            out.extend_from_slice(stream);
            continue;
        }
        let bytes = match kind {
            0 => blosclz(stream, own)?,
            1 => lz4(stream, own)?,
            2 => snappy(stream, own)?,
            3 => zlib(stream, own)?,
            4 => zstandard(stream, own)?,
            _ => return None,
        };
        if bytes.len() != own {
            return None;
        }
        out.extend(bytes);
    }
    Some(out)
}

/// Unpacks BloscLZ, a kind of FastLZ: a byte below 32 is followed by that many bytes and one, as they are; another
/// holds a length in its first three bits, more bytes of it where all are set, and a distance back, which a mark of all
/// bits moves to two more bytes. The first byte is one of the first kind whatever its upper bits.
fn blosclz(data: &[u8], length: usize) -> Option<Vec<u8>> {
    /// Distance from which on two more bytes hold it.
    const FAR: usize = 8191;
    let mut out: Vec<u8> = Vec::with_capacity(length.min(data.len().saturating_mul(256)));
    let mut bytes = data.iter().copied();
    let mut control = usize::from(bytes.next()? & 31);
    loop {
        if control < 32 {
            for _ in 0..=control {
                out.push(bytes.next()?);
            }
        } else {
            let mut n = (control >> 5) - 1;
            if n == 6 {
                loop {
                    let more = bytes.next()?;
                    n += usize::from(more);
                    if more < 255 {
                        break;
                    }
                }
            }
            let upper = (control & 31) << 8;
            let lower = usize::from(bytes.next()?);
            let distance = match (upper, lower) {
                (0x1f00, 255) => {
                    let far = usize::from(bytes.next()?) << 8 | usize::from(bytes.next()?);
                    far + FAR + 1
                }
                _ => upper + lower + 1,
            };
            let from = out.len().checked_sub(distance)?;
            if out.len() + n + 3 > length {
                return None;
            }
            for i in from..from + n + 3 {
                out.push(*out.get(i)?);
            }
        }
        if out.len() > length {
            return None;
        }
        match bytes.next() {
            Some(next) => control = usize::from(next),
            None => return Some(out),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn blosclz_by_hand() {
        // Three bytes as they are; nine from one back; one as it is.
        let want = [1, 2, 3, 3, 3, 3, 3, 3, 3, 3, 3, 3, 9];
        assert_eq!(blosclz(&[32 | 2, 1, 2, 3, 7 << 5, 0, 0, 0, 9], 13).unwrap(), want);
        for damaged in [&[5, 1][..], &[0, 1, 1 << 5, 9], &[0, 1, 7 << 5], &[0, 1, 7 << 5, 255]] {
            assert_eq!(blosclz(damaged, 100), None, "{damaged:?}");
        }
        assert_eq!(blosclz(&[0, 1, 7 << 5, 255, 255, 0, 0], 100), None, "more than a block");
    }

    #[test]
    fn heads_that_claim_too_much() {
        let head = |total: u32, block: u32, flags: u8| {
            [&[2, 1, flags, 4][..], &total.to_le_bytes(), &block.to_le_bytes(), &[0; 4]].concat()
        };
        assert_eq!(unpack(&head(1000, 1, 1), 100), None);
        assert_eq!(unpack(&head(100, 0, 1), 100), None);
        assert_eq!(unpack(&head(100, 1, 1), 100), None);
        assert_eq!(unpack(&[head(4, 4, 2), vec![1, 2, 3, 4]].concat(), 100).unwrap(), [1, 2, 3, 4]);
        assert_eq!(unpack(&head(4, 4, 2), 100), None);
        assert_eq!(unpack(&[], 100), None);
    }
}
