//! A zip archive of NPY arrays, stored or deflated.

use std::path::PathBuf;
use std::sync::Arc;

use crate::container::zip::Archive;
use crate::{Confidence, Dataset, Format, Limits, ReadError, Reader, Source, Store, Window};

use super::Place;
use super::array::{self, Array, Field};

const ID: &str = "npz";
/// Elements up to which a deflated array is unfolded whole.
const AT_ONCE: usize = 1 << 26;

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
                Ok(mut array) => {
                    dataset.metadata.push((name.to_string(), array.header.clone()));
                    let place = match zip.stored(member)? {
                        Some(at) => {
                            array.data = array.data.saturating_add(at);
                            Place::Direct(source.clone())
                        }
                        None => Place::Member(Arc::new(Member {
                            zip: Arc::clone(&zip),
                            member,
                            limits: *limits,
                            path: source.path().to_path_buf(),
                        })),
                    };
                    super::push(&mut dataset, name, &Arc::new(array), &place)?;
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
        Some(w) if w <= size => Ok(array),
        _ => Err(ReadError::new(ID, format!("{size} bytes are stored for {:?}", array.shape))
            .hint("the archive is damaged; save it again")),
    }
}

/// A deflated array.
pub(super) struct Member {
    zip: Arc<Archive>,
    member: usize,
    limits: Limits,
    path: PathBuf,
}

impl Member {
    /// All its bytes.
    pub(super) fn load(&self) -> Result<Source, ReadError> {
        Ok(Source::from_bytes(&self.path, self.zip.read(self.member, &self.limits)?))
    }

    /// The numbers of a field: unfolded whole where that is little, else as far as a window wants them.
    pub(super) fn store(self: &Arc<Member>, array: Arc<Array>, field: Field) -> Store {
        let own = Arc::clone(self);
        if array.fortran || array.count() <= AT_ONCE {
            let shown = Window::new(array.shown().iter().map(|n| 0..*n));
            return Store::whole(move || array.joined(&own.load()?, &field, &shown));
        }
        Store::windowed(move |w| own.zip.stream(own.member, |bytes| array.streamed(bytes, &field, w)))
    }
}
