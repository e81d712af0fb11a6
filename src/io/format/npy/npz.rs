//! A zip archive of NPY arrays, stored or deflated.

use std::sync::Arc;

use crate::io::container::zip::Archive;
use crate::io::{Confidence, Dataset, Format, Limits, ReadError, Reader, Source};

use super::array::{self, Array};

const ID: &str = "npz";

/// The reader of zipped arrays.
pub struct Npz;

static FORMAT: Format = Format {
    id: ID,
    name: "NumPy archive",
    extensions: &["npz"],
    about: "The numeric arrays of `numpy.savez` and `savez_compressed`; other arrays are named in the metadata.",
    reference: "https://numpy.org/doc/stable/reference/generated/numpy.savez.html",
};

impl Reader for Npz {
    fn format(&self) -> &'static Format {
        &FORMAT
    }

    fn sniff(&self, source: &Source) -> Confidence {
        let zip = source.head().starts_with(b"PK\x03\x04");
        if zip && source.members().iter().any(|m| m.ends_with(".npy")) { 90 } else { 0 }
    }

    fn open(&self, source: &Source, limits: &Limits) -> Result<Dataset, ReadError> {
        let zip = Arc::new(Archive::open(ID, source)?);
        let names = zip.names();
        let mut dataset = Dataset::new(ID, limits);
        let mut refused = None;
        for (member, name) in names.iter().enumerate().take(limits.channels) {
            let Some(name) = name.strip_suffix(".npy") else { continue };
            match header(&zip, member, limits) {
                Ok(array) => {
                    dataset.metadata.push((name.to_string(), array.header.clone()));
                    let (zip, limits, path) = (Arc::clone(&zip), *limits, source.path().to_path_buf());
                    let load = move || Ok(Source::from_bytes(&path, zip.read(member, &limits)?));
                    super::push(&mut dataset, name, &array, &load, None)?;
                }
                Err(e) => {
                    dataset.metadata.push((name.to_string(), format!("not read: {}", e.what)));
                    refused.get_or_insert(ReadError::new(ID, format!("`{name}`: {}", e.what)).hint(e.hint));
                }
            }
        }
        if dataset.channels().is_empty() {
            return Err(refused.unwrap_or_else(|| ReadError::new(ID, "the archive holds no array")));
        }
        dataset.finish()
    }
}

fn header(zip: &Archive, member: usize, limits: &Limits) -> Result<Array, ReadError> {
    let size = zip.size(member)?;
    let end = array::header_end(&zip.start(member, array::PREFIX)?)?;
    let array = array::parse(&zip.start(member, end)?, limits)?;
    let wanted = array.bytes().and_then(|n| n.checked_add(array.data)).map(|n| n as u64);
    match wanted {
        Some(w) if w <= size && w <= limits.inflated => Ok(array),
        _ => Err(ReadError::new(ID, format!("{size} bytes are stored for {:?}", array.shape))
            .hint("the archive is damaged, or larger than the limit")),
    }
}
