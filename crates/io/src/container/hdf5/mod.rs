//! HDF5 files: groups, arrays and attributes, with bounds on what a header may claim.
//!
//! The structure is read by the crate `hdf5-reader`. Arrays are read window by window as they lie in the file, chunked
//! and compressed (deflate, shuffle, Fletcher-32, LZ4, LZF, SZIP) or not. Links out of the file are not followed.

mod array;
mod element;
mod filters;
mod links;

use std::collections::BTreeSet;

use hdf5_reader::error::Error;
use hdf5_reader::group::Group;
use hdf5_reader::{Attribute, Dataset, Hdf5File, OpenOptions};

use super::Shared;
use crate::{Limits, Metadata, ReadError, Source, natural};

pub(crate) use array::Array;
pub(crate) use element::{Element, Field};

const SIGNATURE: &[u8] = b"\x89HDF\r\n\x1a\n";
/// Deflate cannot do better; a claim beyond it is a lie, or an array that was never written.
const MAX_RATIO: u64 = 1100;
/// Levels of groups.
const DEPTH: usize = 32;
/// Numbers of an attribute or a small array that are worth listing.
pub(crate) const LISTED: usize = 64;
/// How a note on what is left out begins.
pub(crate) const NOT_READ: &str = "not read";

/// Whether it is an HDF5 file; a user block may stand before the signature.
pub(crate) fn is_hdf5(source: &Source) -> bool {
    let head = source.head();
    [0, 512, 1024, 2048, 4096, 8192].iter().any(|at| head.get(*at..).is_some_and(|h| h.starts_with(SIGNATURE)))
}

/// Names of the links in the root group; none where it is broken.
pub(super) fn roots(source: &Source) -> Vec<String> {
    let names = || {
        let file = File::open("hdf5", source, &Limits::default()).ok()?;
        let (groups, arrays) = file.file.root_group().ok()?.member_names().ok()?;
        Some(groups.into_iter().chain(arrays).collect())
    };
    names().unwrap_or_default()
}

/// An opened file.
pub(crate) struct File {
    format: &'static str,
    file: Hdf5File,
    limits: Limits,
    /// Bytes that all of the file can unfold to.
    possible: u64,
}

/// A group or an array.
pub(crate) struct Node {
    /// Names from the root on, joined by `/`; empty for the root.
    pub path: String,
    /// Attributes, as text.
    pub attributes: Metadata,
    /// The array; a group has none.
    pub array: Option<Array>,
}

impl Node {
    /// The text of an attribute.
    pub(crate) fn attribute(&self, name: &str) -> Option<&str> {
        self.attributes.iter().find(|(k, _)| k == name).map(|(_, v)| v.as_str())
    }

    /// The path of the group that holds it; empty for the root.
    pub(crate) fn parent(&self) -> &str {
        self.path.rsplit_once('/').map_or("", |(parent, _)| parent)
    }

    /// Its name in that group.
    pub(crate) fn name(&self) -> &str {
        self.path.rsplit_once('/').map_or(self.path.as_str(), |(_, name)| name)
    }
}

impl File {
    /// Reads the superblock.
    ///
    /// # Errors
    /// [`ReadError`] if it is broken.
    pub(crate) fn open(format: &'static str, source: &Source, limits: &Limits) -> Result<File, ReadError> {
        let possible = (source.bytes().len() as u64).saturating_mul(MAX_RATIO);
        let bytes = |n: u64| usize::try_from(n).unwrap_or(usize::MAX);
        let chunk = bytes(possible.min(limits.inflated).min(256 << 20));
        let options = OpenOptions::default()
            .with_chunk_cache_bytes(chunk.min(64 << 20))
            .with_max_chunk_bytes(chunk)
            .with_filter_registry(filters::registry(chunk))
            .with_max_read_bytes(bytes(limits.elements.saturating_mul(8)))
            .with_max_object_header_bytes(source.bytes().len().min(16 << 20));
        whole(format, source.bytes())?;
        let file = Hdf5File::from_owner(Shared(source.clone()), options).map_err(|e| broken(format, &e))?;
        Ok(File { format, file, limits: *limits, possible })
    }

    /// Whether the root has an attribute.
    pub(crate) fn has_attribute(&self, name: &str) -> bool {
        let attributes = self.file.root_group().ok().and_then(|g| g.attributes().ok());
        attributes.is_some_and(|list| list.iter().any(|a| a.name == name))
    }

    /// Every group and array, each before what is in it, in the order of their names. What is linked twice comes once.
    /// What is broken is left out and named in `notes`.
    ///
    /// # Errors
    /// [`ReadError`] if the root is broken, or there are more nodes than the limit.
    pub(crate) fn nodes(&self, notes: &mut Metadata) -> Result<Vec<Node>, ReadError> {
        let root = self.file.root_group().map_err(|e| broken(self.format, &e))?;
        let mut walk = Walk { file: self, seen: BTreeSet::from([root.address()]), nodes: Vec::new(), notes };
        walk.group(&root, "", 0)?;
        Ok(walk.nodes)
    }
}

struct Walk<'a> {
    file: &'a File,
    seen: BTreeSet<u64>,
    nodes: Vec<Node>,
    notes: &'a mut Metadata,
}

impl Walk<'_> {
    fn group(&mut self, group: &Group, path: &str, depth: usize) -> Result<(), ReadError> {
        let attributes = match group.attributes() {
            Ok(list) => texts(&list),
            Err(e) => {
                self.note(path, &e);
                Metadata::new()
            }
        };
        self.add(Node { path: path.to_string(), attributes, array: None })?;
        let join = |name: &str| if path.is_empty() { name.to_string() } else { format!("{path}/{name}") };
        let (mut groups, mut arrays) = self.members(group, path, &join);
        // The file lists them by the bytes of their names: `test_10` before `test_2`.
        groups.sort_by(|a, b| natural::compare(a.name(), b.name()));
        arrays.sort_by(|a, b| natural::compare(a.name(), b.name()));
        for dataset in arrays {
            if !self.seen.insert(dataset.address()) {
                continue;
            }
            let path = join(dataset.name());
            let attributes = texts(&dataset.attributes());
            match Array::new(self.file.format, dataset, self.file.possible) {
                Ok(array) => self.add(Node { path, attributes, array: Some(array) })?,
                Err(what) => self.notes.push((path, what)),
            }
        }
        for inner in groups {
            if !self.seen.insert(inner.address()) {
                continue;
            }
            if depth < DEPTH {
                self.group(&inner, &join(inner.name()), depth + 1)?;
            } else {
                self.notes.push((join(inner.name()), format!("{NOT_READ}: it lies in more than {DEPTH} groups")));
            }
        }
        Ok(())
    }

    /// The groups and arrays of a group. Those that cannot be opened, or lie in other files, are noted.
    fn members(&mut self, group: &Group, path: &str, join: &dyn Fn(&str) -> String) -> (Vec<Group>, Vec<Dataset>) {
        let links = links::of(group);
        if let (Err(e), Err(_)) = (&links, group.members()) {
            // The list of what it holds is damaged, or longer than the crate can read.
            let name = if path.is_empty() { "/" } else { path };
            self.notes.push((name.to_string(), format!("{NOT_READ}: what the group holds cannot be listed: {e}")));
        }
        let links = links.unwrap_or_default();
        for link in &links {
            if let Some(file) = &link.elsewhere {
                self.notes.push((join(&link.name), format!("{NOT_READ}: it lies in another file, `{file}`")));
            }
        }
        if let Ok((groups, arrays)) = group.members() {
            // What is listed and is not there leads nowhere.
            let known = |n: &str| groups.iter().any(|g| g.name() == n) || arrays.iter().any(|a| a.name() == n);
            if links.len() > groups.len() + arrays.len() && links.len() < 1000 {
                for link in links.iter().filter(|l| l.elsewhere.is_none() && !known(&l.name)) {
                    self.notes
                        .push((join(&link.name), format!("{NOT_READ}: a named type, or a link that leads nowhere")));
                }
            }
            return (groups, arrays);
        }
        let (mut groups, mut arrays) = (Vec::new(), Vec::new());
        for link in links.iter().filter(|l| l.elsewhere.is_none()) {
            match (group.dataset(&link.name), group.group(&link.name)) {
                (Ok(array), _) => arrays.push(array),
                (_, Ok(inner)) => groups.push(inner),
                // A data type that has a name, or a link that leads nowhere.
                (Err(Error::DatasetNotFound(_)), _) => {}
                (Err(e), _) => self.note(&join(&link.name), &e),
            }
        }
        (groups, arrays)
    }

    fn add(&mut self, node: Node) -> Result<(), ReadError> {
        if self.nodes.len() > self.file.limits.channels.saturating_mul(2) {
            let what = format!("the file has more groups and arrays than the limit of {}", self.nodes.len() - 1);
            return Err(ReadError::new(self.file.format, what).hint("the file is damaged, or it must be split"));
        }
        self.nodes.push(node);
        Ok(())
    }

    fn note(&mut self, path: &str, e: &Error) {
        // The class of a virtual array, whose numbers are those of other arrays.
        let is_virtual = e.to_string().contains("layout class 3");
        let why = if is_virtual { "it is a virtual array, made of others".to_string() } else { e.to_string() };
        self.notes.push((path.to_string(), format!("{NOT_READ}: {why}")));
    }
}

/// Attributes as text, in file order.
fn texts(list: &[Attribute]) -> Metadata {
    list.iter().filter_map(|a| Some((a.name.clone(), text(a)?))).collect()
}

fn text(attribute: &Attribute) -> Option<String> {
    if let Ok(words) = attribute.read_strings() {
        return Some(words.join(", "));
    }
    if let Ok(word) = attribute.read_string() {
        return Some(word);
    }
    let count = attribute.num_elements().ok()?;
    if count > LISTED as u64 {
        return Some(format!("{count} values"));
    }
    let numbers = attribute.read_1d::<element::Number>().ok()?;
    Some(numbers.iter().map(|n| n.0.to_string()).collect::<Vec<_>>().join(" "))
}

/// Whether the file is as long as its superblock says: a file cut short would seem to hold less than it does.
fn whole(format: &str, bytes: &[u8]) -> Result<(), ReadError> {
    let stored = || {
        // Addresses: base, free space or extension, end of the file.
        let (size, first) = match *bytes.get(8)? {
            0 => (*bytes.get(13)?, 24),
            1 => (*bytes.get(13)?, 28),
            _ => (*bytes.get(9)?, 12),
        };
        let size = usize::from(size);
        let address = |i: usize| {
            let raw = bytes.get(first + i * size..first + (i + 1) * size).filter(|_| size <= 8)?;
            Some(raw.iter().rev().fold(0u64, |a, b| a << 8 | u64::from(*b)))
        };
        address(0)?.checked_add(address(2)?)
    };
    match stored().filter(|_| bytes.starts_with(SIGNATURE)) {
        Some(end) if end > bytes.len() as u64 => {
            let what = format!("the file is truncated: it should have {end} bytes and has {}", bytes.len());
            Err(ReadError::new(format, what).at(bytes.len()).hint("copy it again"))
        }
        _ => Ok(()),
    }
}

/// An error of the crate that reads the structure.
fn broken(format: &str, e: &Error) -> ReadError {
    ReadError::new(format, format!("the HDF5 file is broken or uses what is not read: {e}")).hint(
        match e.to_string().contains("filter") {
            // Blosc, bitshuffle and the like live in libraries of their own.
            true => "save the array again packed by gzip: in h5py `create_dataset(name, data=a, compression=\"gzip\")`",
            false => "copy the file again; `h5repack -f GZIP=6 IN OUT` rewrites rare kinds of storage",
        },
    )
}
