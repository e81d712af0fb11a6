//! Write beside, then rename.

use std::io::Write;
use std::path::{Path, PathBuf};

/// A file that could not be written.
#[derive(Debug, thiserror::Error)]
#[error("{}: cannot be written: {source}; {hint}", path.display())]
pub struct WriteError {
    /// The file.
    pub path: PathBuf,
    /// What the system said.
    pub source: std::io::Error,
    /// What to do.
    pub hint: &'static str,
}

impl WriteError {
    /// With the remedy that fits the system's error.
    pub fn new(path: &Path, source: std::io::Error) -> WriteError {
        let hint = match source.kind() {
            std::io::ErrorKind::StorageFull | std::io::ErrorKind::QuotaExceeded => {
                "the disk is full; free some space and run again, what is done is kept"
            }
            std::io::ErrorKind::PermissionDenied | std::io::ErrorKind::ReadOnlyFilesystem => {
                "choose a folder that you may write to (of a run: --out DIR)"
            }
            std::io::ErrorKind::NotADirectory | std::io::ErrorKind::AlreadyExists => {
                "something else stands there; choose another place (of a run: --out DIR)"
            }
            _ => "nothing was left half-written",
        };
        WriteError { path: path.to_path_buf(), source, hint }
    }
}

/// How the name of a file begins that is being written.
pub const PART: &str = ".part-";

/// Writes `bytes` to a temporary file in the same folder and renames it over `path`; makes the folder.
///
/// # Errors
/// [`WriteError`]; the old file, if any, is then untouched.
pub fn atomic(path: &Path, bytes: &[u8]) -> Result<(), WriteError> {
    let fail = |e| WriteError::new(path, e);
    let folder = path.parent().unwrap_or(Path::new("."));
    std::fs::create_dir_all(folder).map_err(fail)?;
    let mut file = tempfile::Builder::new().prefix(PART).tempfile_in(folder).map_err(fail)?;
    file.write_all(bytes).map_err(fail)?;
    file.as_file().sync_data().map_err(fail)?;
    readable(file.as_file()).map_err(fail)?;
    file.persist(path).map_err(|e| fail(e.error))?;
    Ok(())
}

/// A temporary file is private; a result is not.
#[cfg(unix)]
fn readable(file: &std::fs::File) -> std::io::Result<()> {
    use std::os::unix::fs::PermissionsExt;
    file.set_permissions(std::fs::Permissions::from_mode(0o644))
}

#[cfg(not(unix))]
fn readable(_: &std::fs::File) -> std::io::Result<()> {
    Ok(())
}
