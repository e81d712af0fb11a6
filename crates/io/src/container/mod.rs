//! Files in a file: zip archives, OLE compound files, HDF5 groups; and how their chunks are packed.

pub(super) mod hdf5;
pub(super) mod ole;
pub(super) mod packing;
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

/// What a file that no reader takes begins as, and what to do about it.
pub(super) fn look_alike(source: &Source) -> Option<(&'static str, &'static str)> {
    const CUT: &str = "copy it again from the instrument";
    let head = source.head();
    let none = source.members().is_empty();
    if head.starts_with(b"PK\x03\x04") {
        return Some(match none {
            true => (
                "begins as a zip archive (as .xlsx and JPK files are) whose list of contents is missing: truncated",
                CUT,
            ),
            false => ("a zip archive of no known format", "unpack it and name what is in it"),
        });
    }
    if ole::is_compound(source) {
        return Some(match none {
            true => {
                ("begins as an OLE file (as .xls and .txrm files are) whose list of contents is broken or cut off", CUT)
            }
            false => ("an OLE file (as .doc, .msg) of no known format", "export its numbers as text"),
        });
    }
    let text =
        String::from_utf8_lossy(head.get(..512).unwrap_or(head)).trim_start_matches('\u{feff}').trim().to_lowercase();
    if ["<html", "<!doctype html", "<table"].iter().any(|t| text.starts_with(t)) {
        let hint = "open it in a spreadsheet program and save it as .xlsx or CSV";
        return Some(("a web page (HTML), as some programs name `.xls`", hint));
    }
    if head.starts_with(b"%PDF") {
        return Some(("a PDF document", "name the file of the instrument that it was made from"));
    }
    None
}

/// The bytes of a source, which a reader can own.
#[derive(Clone)]
struct Shared(Source);

impl AsRef<[u8]> for Shared {
    fn as_ref(&self) -> &[u8] {
        self.0.bytes()
    }
}
