//! The files of a store: in a folder, or in a zip archive.

use std::collections::BTreeMap;
use std::io::Read;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::ID;
use super::grid::Piece;
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

    /// The bytes of a chunk, each page when it is looked at; `None` if there is none.
    ///
    /// # Errors
    /// [`ReadError`] if it is there and cannot be read.
    pub(super) fn chunk(&self, path: &str) -> Result<Option<Piece>, ReadError> {
        let source = match self {
            Files::Folder(root) => {
                let file = root.join(path);
                match std::fs::metadata(&file) {
                    Err(e) if e.kind() == std::io::ErrorKind::NotFound => return Ok(None),
                    _ => Source::open(&file)?,
                }
            }
            Files::Zip(zip) => {
                let Some(member) = zip.members.get(path) else { return Ok(None) };
                Source::from_bytes(Path::new(path), zip.archive.read(*member, &zip.limits)?)
            }
        };
        Ok(Some(Piece::whole(source)))
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
