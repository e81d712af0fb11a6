//! Bitshuffle (Masui and others, 2015): the first bits of all numbers of a block, then the second bits, and so on.
//! Packed blocks are LZ4 or Zstandard, each behind its length; numbers that fill no eight are left as they are.

use super::{lz4, zstandard};

/// Bytes of a block that names no size.
const BLOCK: usize = 8192;
/// Numbers that a block has at least, and a multiple of which it holds.
const LEAST: usize = 128;
const MULTIPLE: usize = 8;

/// Parameters: two numbers of a version, bytes of a number, numbers of a block, kind of packing.
pub(crate) fn unpack(client: &[u32], data: &[u8], most: usize) -> Option<Vec<u8>> {
    let size = *client.get(2)? as usize;
    if size == 0 || size > BLOCK {
        return None;
    }
    let standard = (BLOCK / size / MULTIPLE * MULTIPLE).max(LEAST);
    let said = client.get(3).map_or(0, |n| *n as usize);
    let block = if said == 0 { standard } else { said };
    if !block.is_multiple_of(MULTIPLE) {
        return None;
    }
    let packing = client.get(4).copied().unwrap_or(0);
    if packing == 0 {
        return (data.len() <= most).then(|| plain(data, size, block));
    }
    // Bytes of the whole and of a block, most significant first.
    let (total, rest) = data.split_first_chunk::<8>()?;
    let (bytes, mut rest) = rest.split_first_chunk::<4>()?;
    let total = usize::try_from(u64::from_be_bytes(*total)).ok().filter(|n| *n <= most)?;
    let block = match u32::from_be_bytes(*bytes) as usize / size {
        0 => block,
        n => n,
    };
    let mut out = Vec::with_capacity(total.min(data.len().saturating_mul(256)));
    let count = total / size;
    let mut done = 0;
    while count - done >= MULTIPLE {
        let n = block.min((count - done) / MULTIPLE * MULTIPLE);
        let (length, behind) = rest.split_first_chunk::<4>()?;
        let (packed, behind) = behind.split_at_checked(u32::from_be_bytes(*length) as usize)?;
        let shuffled = match packing {
            2 => lz4(packed, n * size)?,
            3 => zstandard(packed, n * size).filter(|b| b.len() == n * size)?,
            _ => return None,
        };
        out.extend(transpose(&shuffled, size));
        (rest, done) = (behind, done + n);
    }
    out.extend_from_slice(rest.get(..total - out.len())?);
    Some(out)
}

/// Blocks one behind the other, not packed.
fn plain(data: &[u8], size: usize, block: usize) -> Vec<u8> {
    let mut out = Vec::with_capacity(data.len());
    let mut rest = data;
    while rest.len() / size >= MULTIPLE {
        let n = block.min(rest.len() / size / MULTIPLE * MULTIPLE);
        let (own, behind) = rest.split_at(n * size);
        out.extend(transpose(own, size));
        rest = behind;
    }
    out.extend_from_slice(rest);
    out
}

/// The numbers of a block, a multiple of eight, from the rows of their bits.
pub(super) fn transpose(rows: &[u8], size: usize) -> Vec<u8> {
    let row = rows.len() / size / MULTIPLE;
    let mut out = vec![0u8; rows.len()];
    if row == 0 {
        return out;
    }
    for (byte, bits) in rows.chunks_exact(row * 8).enumerate() {
        for i in 0..row {
            // Byte k holds bit k of eight numbers; turned, byte j holds the eight bits of number j.
            let mut eight = [0u8; 8];
            eight.iter_mut().zip(bits.iter().skip(i).step_by(row)).for_each(|(e, b)| *e = *b);
            let turned = turn(u64::from_le_bytes(eight)).to_le_bytes();
            for (o, b) in out.iter_mut().skip(8 * i * size + byte).step_by(size).zip(turned) {
                *o = b;
            }
        }
    }
    out
}

/// Turns a square of 8 × 8 bits: bit 8 k + j becomes bit 8 j + k (Warren, Hacker's Delight, 7-3).
fn turn(square: u64) -> u64 {
    let mut x = square;
    for (shift, mask) in [(7, 0x00aa_00aa_00aa_00aa), (14, 0x0000_cccc_0000_cccc), (28, 0x0000_0000_f0f0_f0f0u64)] {
        let t = (x ^ x >> shift) & mask;
        x ^= t ^ t << shift;
    }
    x
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bits_of_eight_numbers() {
        // Bit k of number j stands in row k at place j: only number 3 has bit 0, all have bit 9.
        let mut rows = vec![0u8; 16];
        rows[0] = 1 << 3;
        rows[9] = 0xff;
        let out = transpose(&rows, 2);
        let numbers: Vec<u16> = out.as_chunks::<2>().0.iter().map(|b| u16::from_le_bytes(*b)).collect();
        assert_eq!(numbers, [512, 512, 512, 513, 512, 512, 512, 512]);
    }

    #[test]
    fn what_fills_no_eight_is_left() {
        let mut data = vec![0xff; 8];
        data.extend([1, 2, 3]);
        assert_eq!(unpack(&[0, 3, 1, 0, 0], &data, 100).unwrap(), [vec![0xff; 8], vec![1, 2, 3]].concat());
        for damaged in [&[0u32, 3][..], &[0, 3, 0, 0, 0], &[0, 3, 1, 7, 0]] {
            assert_eq!(unpack(damaged, &data, 100), None);
        }
        // Lengths that claim more than there is.
        let claim = [&u64::MAX.to_be_bytes()[..], &[0, 0, 0, 8]].concat();
        assert_eq!(unpack(&[0, 3, 1, 0, 2], &claim, 100), None);
        let claim = [&64u64.to_be_bytes()[..], &[0, 0, 0, 8], &[0xff; 8]].concat();
        assert_eq!(unpack(&[0, 3, 1, 0, 2], &claim, 100), None);
    }
}
