//! How chunks and blocks of numbers are packed, whatever file they stand in: each unpacks at most as many bytes as it is
//! allowed, and gives `None` where the data are damaged or would unfold to more.

pub(super) mod bitshuffle;
mod blosc;
mod lzf;

use std::io::Read;

pub(crate) use blosc::unpack as blosc;
pub(crate) use lzf::unpack as lzf;

/// All that a decoder gives.
pub(crate) fn all(reader: impl Read, most: usize) -> Option<Vec<u8>> {
    let mut out = Vec::new();
    reader.take(most as u64 + 1).read_to_end(&mut out).ok()?;
    (out.len() <= most).then_some(out)
}

/// Streams of gzip, one behind the other.
pub(crate) fn gzip(data: &[u8], most: usize) -> Option<Vec<u8>> {
    all(flate2::read::MultiGzDecoder::new(data), most)
}

/// Deflate with the head and checksum of zlib.
pub(crate) fn zlib(data: &[u8], most: usize) -> Option<Vec<u8>> {
    all(flate2::read::ZlibDecoder::new(data), most)
}

/// Streams of bzip2, one behind the other.
pub(crate) fn bzip2(data: &[u8], most: usize) -> Option<Vec<u8>> {
    all(::bzip2::read::MultiBzDecoder::new(data), most)
}

/// Frames of Zstandard.
pub(crate) fn zstandard(data: &[u8], most: usize) -> Option<Vec<u8>> {
    all(zstd::stream::read::Decoder::new(data).ok()?, most)
}

/// A block of LZ4 that unfolds to just so many bytes.
pub(crate) fn lz4(data: &[u8], length: usize) -> Option<Vec<u8>> {
    let mut out = vec![0; length];
    let n = lz4_flex::block::decompress_into(data, &mut out).ok()?;
    (n == length).then_some(out)
}

/// A block of Snappy that unfolds to just so many bytes.
fn snappy(data: &[u8], length: usize) -> Option<Vec<u8>> {
    if snap::raw::decompress_len(data).ok()? != length {
        return None;
    }
    snap::raw::Decoder::new().decompress_vec(data).ok()
}

/// Puts back together what stands byte by byte: the first bytes of all numbers, then the second ones; what is no whole
/// number stands at the end as it is.
pub(crate) fn unshuffle(bytes: &[u8], size: usize) -> Vec<u8> {
    let count = bytes.len() / size.max(1);
    let mut out = bytes.to_vec();
    if size > 1 {
        for (i, plane) in bytes.chunks_exact(count.max(1)).take(size).enumerate() {
            for (o, b) in out.iter_mut().skip(i).step_by(size).zip(plane) {
                *o = *b;
            }
        }
    }
    out
}

/// The checksum CRC-32C (Castagnoli) of RFC 3720.
pub(crate) fn crc32c(bytes: &[u8]) -> u32 {
    const TABLE: [u32; 256] = {
        let mut table = [0u32; 256];
        let mut i = 0;
        while i < 256 {
            let mut c = i as u32;
            let mut k = 0;
            while k < 8 {
                c = if c & 1 == 1 { c >> 1 ^ 0x82f6_3b78 } else { c >> 1 };
                k += 1;
            }
            table[i] = c;
            i += 1;
        }
        table
    };
    !bytes.iter().fold(!0u32, |c, b| TABLE[usize::from(c as u8 ^ b)] ^ c >> 8)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn checksum_of_the_standard() {
        // RFC 3720, B.4: 32 bytes of zeros, of ones, and rising.
        assert_eq!(crc32c(&[0; 32]), 0x8a91_36aa);
        assert_eq!(crc32c(&[0xff; 32]), 0x62a8_ab43);
        assert_eq!(crc32c(&(0..32).collect::<Vec<u8>>()), 0x46dd_794e);
    }

    #[test]
    fn bytes_of_numbers() {
        assert_eq!(unshuffle(&[1, 2, 3, 4, 5, 6, 7], 3), [1, 3, 5, 2, 4, 6, 7]);
        assert_eq!(unshuffle(&[1, 2], 4), [1, 2]);
        assert_eq!(unshuffle(&[1, 2], 1), [1, 2]);
    }

    #[test]
    fn snappy_by_hand() {
        // Four bytes in all: a run of one as it is, then three from one back.
        assert_eq!(snappy(&[4, 0, 7, 0b1001, 1], 5), None);
        assert_eq!(snappy(&[1, 0, 7], 1).unwrap(), [7]);
    }

    #[test]
    fn what_claims_too_much_is_damaged() {
        let block = lz4_flex::block::compress(&[7; 100]);
        assert_eq!(lz4(&block, 100).unwrap(), [7; 100]);
        assert_eq!(lz4(&block, 99), None);
        assert_eq!(lz4(&block, 101), None);
        assert_eq!(bzip2(&[1, 2, 3], 100), None);
        let packed = zstd::encode_all(&[7u8; 100][..], 1).unwrap();
        assert_eq!(zstandard(&packed, 100).unwrap(), [7; 100]);
        assert_eq!(zstandard(&packed, 99), None);
    }
}
