//! The files of a store: in a folder, or in a zip archive.

use std::collections::BTreeMap;
use std::io::Read;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use zarrs::filesystem::FilesystemStore;
use zarrs::storage::byte_range::{ByteRangeIterator, InvalidByteRangeError};
use zarrs::storage::{Bytes, MaybeBytesIterator, ReadableStorage, ReadableStorageTraits, StorageError, StoreKey};

use super::ID;
use super::node::FILES;
use crate::container::zip::Archive;
use crate::{Limits, ReadError, Source, natural};

/// Where the files of a store are.
#[derive(Clone)]
pub(super) enum Files {
    Folder(PathBuf),
    Zip(Arc<Zip>),
}

/// A store in an archive.
pub(super) struct Zip {
    archive: Archive,
    /// Members by their path below the root of the store.
    members: BTreeMap<String, usize>,
    limits: Limits,
}

/// The folder of an archive that is the root of a store: the top, or one that holds all.
pub(super) fn root_of(names: &[String]) -> Option<String> {
    let is_root = |prefix: &str| FILES.iter().any(|f| names.iter().any(|n| n.strip_prefix(prefix) == Some(f)));
    if is_root("") {
        return Some(String::new());
    }
    let first = names.iter().find(|n| !n.starts_with("__MACOSX/"))?.split_once('/')?.0;
    let prefix = format!("{first}/");
    let all = names.iter().all(|n| n.starts_with(&prefix) || n.starts_with("__MACOSX/"));
    // A folder without metadata of its own may stand for the group of what is in it.
    let below = || {
        let inner = |n: &String| FILES.iter().any(|f| n.strip_suffix(f).is_some_and(|d| d.matches('/').count() == 2));
        names.iter().any(inner)
    };
    (all && (is_root(&prefix) || below())).then_some(prefix)
}

impl Files {
    /// The store in a file or a folder.
    pub(super) fn of(source: &Source, limits: &Limits) -> Result<Files, ReadError> {
        if source.is_folder() {
            return Ok(Files::Folder(source.path().to_path_buf()));
        }
        let archive = Archive::open(ID, source)?;
        let names = archive.names();
        let root = root_of(&names).ok_or_else(|| {
            ReadError::new(ID, "a Zarr dataset is a folder or a zip archive of one, and this is neither")
                .hint("name the folder that holds `zarr.json` or `.zgroup`")
        })?;
        let own = |(i, n): (usize, &String)| Some((n.strip_prefix(&root)?.to_string(), i));
        let members = names.iter().enumerate().filter_map(own).filter(|(n, _)| !n.ends_with('/')).collect();
        Ok(Files::Zip(Arc::new(Zip { archive, members, limits: *limits })))
    }

    /// A file of at most so many bytes; `None` if there is none.
    ///
    /// # Errors
    /// What is wrong with it.
    pub(super) fn read(&self, path: &str, most: u64) -> Result<Option<Vec<u8>>, String> {
        let long = || "its metadata are no file, or too long".to_string();
        match self {
            Files::Folder(root) => {
                let Ok(file) = std::fs::File::open(root.join(path)) else { return Ok(None) };
                if !file.metadata().is_ok_and(|m| m.is_file() && m.len() <= most) {
                    return Err(long());
                }
                let mut out = Vec::new();
                file.take(most).read_to_end(&mut out).map_err(|e| e.to_string())?;
                Ok(Some(out))
            }
            Files::Zip(zip) => {
                let Some(member) = zip.members.get(path) else { return Ok(None) };
                if zip.archive.size(*member).map_err(|e| e.what)? > most {
                    return Err(long());
                }
                zip.archive.read(*member, &zip.limits).map(Some).map_err(|e| e.what)
            }
        }
    }

    /// Names of the folders in a folder, in natural order.
    pub(super) fn folders(&self, path: &str) -> Result<Vec<String>, ReadError> {
        let mut names: Vec<String> = match self {
            Files::Folder(root) => {
                let at = root.join(path);
                let list = std::fs::read_dir(&at).map_err(|e| crate::unreadable(&at, &e))?;
                // A link might lead out of the folder, or in a circle.
                let folders = list.filter_map(Result::ok).filter(|e| e.file_type().is_ok_and(|t| t.is_dir()));
                folders.map(|e| e.file_name().to_string_lossy().into_owned()).collect()
            }
            Files::Zip(zip) => zip.folders(path),
        };
        names.sort_by(|a, b| natural::compare(a, b));
        Ok(names)
    }

    /// The store whose root is a folder in it.
    pub(super) fn store(&self, path: &str) -> Result<ReadableStorage, String> {
        match self {
            Files::Folder(root) => {
                let store = FilesystemStore::new(root.join(path)).map_err(|e| e.to_string())?;
                Ok(Arc::new(store))
            }
            Files::Zip(zip) => Ok(Arc::new(Part { zip: Arc::clone(zip), path: prefix(path) })),
        }
    }
}

fn prefix(path: &str) -> String {
    if path.is_empty() { String::new() } else { format!("{path}/") }
}

impl Zip {
    fn folders(&self, path: &str) -> Vec<String> {
        let prefix = prefix(path);
        let mut out = Vec::new();
        let mut from = prefix.clone();
        while let Some((name, _)) = self.members.range(from.clone()..).next() {
            let Some(rest) = name.strip_prefix(&prefix) else { break };
            match rest.split_once('/') {
                Some((folder, _)) => {
                    out.push(folder.to_string());
                    // `0` is the sign behind `/`: what follows is not in that folder.
                    from = format!("{prefix}{folder}0");
                }
                None => from = format!("{name}\0"),
            }
        }
        // `a` and `a0/` are parted by files such as `a.b`: a folder may come twice.
        out.dedup();
        out
    }
}

/// A folder of an archive as a store of the crate.
struct Part {
    zip: Arc<Zip>,
    path: String,
}

impl Part {
    fn member(&self, key: &StoreKey) -> Option<usize> {
        self.zip.members.get(&format!("{}{}", self.path, key.as_str())).copied()
    }
}

fn storage(e: ReadError) -> StorageError {
    StorageError::IOError(Arc::new(std::io::Error::other(e.what)))
}

impl ReadableStorageTraits for Part {
    fn get_partial_many<'a>(
        &'a self,
        key: &StoreKey,
        ranges: ByteRangeIterator<'a>,
    ) -> Result<MaybeBytesIterator<'a>, StorageError> {
        let Some(member) = self.member(key) else { return Ok(None) };
        let data = Bytes::from(self.zip.archive.read(member, &self.zip.limits).map_err(storage)?);
        Ok(Some(Box::new(ranges.map(move |range| {
            let length = data.len() as u64;
            let (start, end) = (range.start(length), range.end(length));
            if start > end || end > length {
                return Err(InvalidByteRangeError::new(range, length).into());
            }
            Ok(data.slice(start as usize..end as usize))
        }))))
    }

    fn size_key(&self, key: &StoreKey) -> Result<Option<u64>, StorageError> {
        self.member(key).map(|m| self.zip.archive.size(m).map_err(storage)).transpose()
    }

    fn supports_get_partial(&self) -> bool {
        false
    }
}

impl std::fmt::Debug for Part {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "zip:{}", self.path)
    }
}

/// Whether a folder holds nothing but groups and arrays, though it has no metadata of its own, and no dataset of its own
/// name.
pub(super) fn is_group_of_all(source: &Source, most: usize) -> bool {
    let path: &Path = source.path();
    let below = |n: &&String| {
        let named = n.ends_with(".zarr") || n.ends_with(".zspy");
        !named && FILES.iter().any(|f| path.join(n).join(f).is_file())
    };
    let mut shown = source.entries().iter().filter(|n| !n.starts_with('.')).take(most).peekable();
    shown.peek().is_some() && shown.all(|n| below(&n))
}
