//! Filters of arrays that the crate does not know, by their numbers among the registered filters of HDF5.

use hdf5_reader::FilterRegistry;
use hdf5_reader::error::Error;
use hdf5_reader::messages::filter_pipeline::FilterDescription;

use crate::container::packing::{self, bitshuffle, lz4};

/// What a filter does: from its parameters, packed bytes and the most that they may unfold to.
type Unpack = fn(&[u32], &[u8], usize) -> Option<Vec<u8>>;

/// Number, name and function of a filter.
const FILTERS: &[(u16, &str, Unpack)] = &[
    (307, "bzip2", |_, data, most| packing::bzip2(data, most)),
    // Versions of filter and library, then the size of a chunk.
    (32_000, "LZF", |client, data, most| packing::lzf(data, at_most(client.get(2), most))),
    // The crate has one of its own, which ends at the first of several blocks.
    (32_004, "LZ4", |_, data, most| blocks(data, most)),
    (32_001, "Blosc", |_, data, most| packing::blosc(data, most)),
    (32_008, "bitshuffle", bitshuffle::unpack),
    (32_015, "Zstandard", |_, data, most| packing::zstandard(data, most)),
];

/// All filters, with a bound on the bytes of one unpacked chunk.
pub(super) fn registry(most: usize) -> FilterRegistry {
    let mut out = FilterRegistry::new();
    for (number, name, unpack) in FILTERS {
        let filter = move |filter: &FilterDescription, data: &[u8], _: usize| {
            let damaged = || Error::InvalidData(format!("the data packed by {name} are damaged"));
            unpack(&filter.client_data, data, most).ok_or_else(damaged)
        };
        out.register(*number, Box::new(filter));
    }
    out
}

/// A size that is said, or the most that is allowed.
fn at_most(said: Option<&u32>, most: usize) -> usize {
    said.map(|n| *n as usize).filter(|n| *n > 0).map_or(most, |n| n.min(most))
}

/// LZ4 as HDF5 packs it: bytes of the whole and of a block, most significant first, then every block behind its length;
/// one that does not shrink is stored.
fn blocks(data: &[u8], most: usize) -> Option<Vec<u8>> {
    let (total, rest) = data.split_first_chunk::<8>()?;
    let (size, mut rest) = rest.split_first_chunk::<4>()?;
    let total = usize::try_from(u64::from_be_bytes(*total)).ok().filter(|n| *n <= most)?;
    let size = u32::from_be_bytes(*size) as usize;
    let mut out = Vec::with_capacity(total.min(data.len().saturating_mul(256)));
    while out.len() < total {
        let (length, behind) = rest.split_first_chunk::<4>()?;
        let (packed, behind) = behind.split_at_checked(u32::from_be_bytes(*length) as usize)?;
        let own = size.min(total - out.len());
        if own == 0 {
            return None;
        }
        if packed.len() == own {
            out.extend_from_slice(packed)
        } else {
            out.extend(lz4(packed, own)?)
        }
        rest = behind;
    }
    Some(out)
}
