//! Files in a file: zip archives, OLE compound files, HDF5 groups.

pub(super) mod ole;
pub(super) mod zip;

use super::Source;

/// Names in whatever container it is; empty for anything else and for a broken one.
pub(super) fn members(source: &Source) -> Vec<String> {
    let head = source.head();
    if head.starts_with(b"PK\x03\x04") {
        return zip::Archive::open("zip", source).map(|a| a.names()).unwrap_or_default();
    }
    if ole::is_compound(source) {
        return ole::Compound::open("ole", source).map(|c| c.names()).unwrap_or_default();
    }
    Vec::new()
}
