//! Files in a file: zip archives, OLE compound files, HDF5 groups.

pub(super) mod hdf5;
pub(super) mod ole;
pub(super) mod zip;

use super::Source;

/// Names in whatever container it is; empty for anything else and for a broken one.
pub(super) fn members(source: &Source) -> Vec<String> {
    if source.head().starts_with(b"PK\x03\x04") {
        return zip::Archive::open("zip", source).map(|a| a.names()).unwrap_or_default();
    }
    if ole::is_compound(source) {
        return ole::Compound::open("ole", source).map(|c| c.names()).unwrap_or_default();
    }
    if hdf5::is_hdf5(source) {
        return hdf5::roots(source);
    }
    Vec::new()
}

/// The bytes of a source, which a reader can own.
#[derive(Clone)]
struct Shared(Source);

impl AsRef<[u8]> for Shared {
    fn as_ref(&self) -> &[u8] {
        self.0.bytes()
    }
}
