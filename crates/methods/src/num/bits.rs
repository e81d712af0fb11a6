//! Rows of a set as bits, 64 voxels a word.

/// Words that hold so many voxels.
pub fn words(n: usize) -> usize {
    n.div_ceil(64)
}

/// Sets the bits of a row of voxels.
pub fn pack(row: &[bool], out: &mut [u64]) {
    let (whole, rest) = row.as_chunks::<64>();
    for (word, voxels) in out.iter_mut().zip(whole) {
        *word = word_of(voxels);
    }
    if !rest.is_empty()
        && let Some(word) = out.get_mut(whole.len())
    {
        *word = rest.iter().enumerate().fold(0, |w, (i, v)| w | u64::from(*v) << i);
    }
}

/// 64 voxels as a word, eight at a time: the product moves the lowest bit of each byte into the highest byte.
fn word_of(voxels: &[bool; 64]) -> u64 {
    let mut out = 0;
    let (eights, _) = voxels.as_chunks::<8>();
    for (k, eight) in eights.iter().enumerate() {
        let bytes = u64::from_le_bytes(eight.map(u8::from));
        out |= (bytes.wrapping_mul(0x0102_0408_1020_4080) >> 56) << (8 * k);
    }
    out
}

/// Number of boxes of `size` voxels that hold a bit, the first box beginning `offset` voxels before the row; the row has
/// `n` voxels.
pub fn boxes(row: &[u64], n: usize, size: usize, offset: usize) -> u64 {
    if size == 1 {
        return row.iter().map(|w| u64::from(w.count_ones())).sum();
    }
    if size.is_power_of_two() && size <= 64 && offset == 0 {
        return row.iter().map(|w| folded(*w, size)).sum();
    }
    let last = (n - 1 + offset) / size;
    (0..=last).filter(|k| any(row, (k * size).saturating_sub(offset), n.min((k + 1) * size - offset))).count() as u64
}

/// Which boxes, as for [`boxes`], hold a bit: one bit a box.
pub fn box_bits(row: &[u64], n: usize, size: usize, offset: usize) -> Vec<u64> {
    let last = (n - 1 + offset) / size;
    let mut out = vec![0; words(last + 1)];
    for k in 0..=last {
        if any(row, (k * size).saturating_sub(offset), n.min((k + 1) * size - offset)) {
            out[k / 64] |= 1 << (k % 64);
        }
    }
    out
}

/// Groups of `size` bits of a word that hold one.
fn folded(mut w: u64, size: usize) -> u64 {
    let mut step = 1;
    while step < size {
        w |= w >> step;
        step *= 2;
    }
    // The first bit of each group.
    let first = match size {
        2 => 0x5555_5555_5555_5555,
        4 => 0x1111_1111_1111_1111,
        8 => 0x0101_0101_0101_0101,
        16 => 0x0001_0001_0001_0001,
        32 => 0x0000_0001_0000_0001,
        _ => 1u64,
    };
    u64::from((w & first).count_ones())
}

/// Whether a bit of `from..to` is set.
fn any(row: &[u64], from: usize, to: usize) -> bool {
    if from >= to {
        return false;
    }
    let (a, b) = (from / 64, (to - 1) / 64);
    let head = u64::MAX << (from % 64);
    let tail = u64::MAX >> (63 - (to - 1) % 64);
    if a == b {
        return row[a] & head & tail != 0;
    }
    row[a] & head != 0 || row[a + 1..b].iter().any(|w| *w != 0) || row[b] & tail != 0
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::num::random::Random;

    #[test]
    fn boxes_agree_with_counting_one_by_one() {
        let mut random = Random::named("bits", 0);
        for n in [1usize, 7, 63, 64, 65, 130, 300] {
            let row: Vec<bool> = (0..n).map(|_| random.uniform() < 0.1).collect();
            let mut packed = vec![0; words(n)];
            pack(&row, &mut packed);
            for size in [1usize, 2, 3, 4, 5, 8, 16, 32, 33, 64, 65, 128, 400] {
                for offset in [0, size / 3, size - 1] {
                    let holds = |k: usize| (0..n).any(|x| (x + offset) / size == k && row[x]);
                    let last = (n - 1 + offset) / size;
                    let want = (0..=last).filter(|k| holds(*k)).count() as u64;
                    assert_eq!(boxes(&packed, n, size, offset), want, "{n} {size} {offset}");
                    let bits = box_bits(&packed, n, size, offset);
                    assert!((0..=last).all(|k| (bits[k / 64] >> (k % 64) & 1 == 1) == holds(k)));
                }
            }
        }
    }
}
