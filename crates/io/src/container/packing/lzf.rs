//! LZF, which h5py has built in.

/// Unpacks LZF (Lehmann): a byte below 32 is followed by that many bytes and one, as they are; another holds a length in
/// its first three bits, one more byte of it where all three are set, and the distance back in the rest and the byte behind.
/// `None` where the data are damaged, or unfold to more than `most` bytes.
pub(crate) fn unpack(data: &[u8], most: usize) -> Option<Vec<u8>> {
    let mut out: Vec<u8> = Vec::with_capacity(most.min(data.len().saturating_mul(4)));
    let mut at = 0;
    while let Some(&control) = data.get(at) {
        at += 1;
        if control < 32 {
            let n = usize::from(control) + 1;
            out.extend_from_slice(data.get(at..at + n)?);
            at += n;
        } else {
            let mut n = usize::from(control >> 5);
            if n == 7 {
                n += usize::from(*data.get(at)?);
                at += 1;
            }
            let distance = (usize::from(control & 31) << 8) + usize::from(*data.get(at)?) + 1;
            at += 1;
            let from = out.len().checked_sub(distance)?;
            for i in from..from + n + 2 {
                out.push(*out.get(i)?);
            }
        }
        if out.len() > most {
            return None;
        }
    }
    Some(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lzf_by_hand() {
        // Three bytes as they are; nine from one back; one as it is.
        assert_eq!(unpack(&[2, 1, 2, 3, 7 << 5, 0, 0, 0, 9], 100).unwrap(), [1, 2, 3, 3, 3, 3, 3, 3, 3, 3, 3, 3, 9]);
        // Four from three back.
        assert_eq!(unpack(&[2, 1, 2, 3, 2 << 5, 2], 100).unwrap(), [1, 2, 3, 1, 2, 3, 1]);
        assert_eq!(unpack(&[], 0).unwrap(), Vec::<u8>::new());
        for damaged in [&[5, 1][..], &[1 << 5, 0], &[0, 1, 1 << 5], &[0, 1, 7 << 5]] {
            assert_eq!(unpack(damaged, 100), None, "{damaged:?}");
        }
        assert_eq!(unpack(&[2, 1, 2, 3, 7 << 5, 255, 0], 100), None, "more than a chunk");
    }
}
