//! What a file was when it was hashed: one that changes while a run is going would be stored under the hash of another.

use std::path::{Path, PathBuf};
use std::time::SystemTime;

/// Length, times and identity of a file, as the system tells them.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Mark {
    length: u64,
    modified: Option<SystemTime>,
    /// File number, and the time at which anything of the file changed, which no program sets.
    identity: [i64; 3],
}

/// The files of an input when they were hashed.
#[derive(Clone, Debug, Default)]
pub(super) struct State(Vec<(PathBuf, Option<Mark>)>);

impl State {
    /// Of these files now.
    pub(super) fn of(files: &[PathBuf]) -> State {
        State(files.iter().map(|f| (f.clone(), mark(f))).collect())
    }

    /// The first file that is another one now.
    pub(super) fn changed(&self) -> Option<&Path> {
        self.0.iter().find(|(file, then)| then.is_none() || mark(file) != *then).map(|(file, _)| file.as_path())
    }

    /// What to say of an input that changed; `None` where it did not.
    pub(super) fn complaint(&self) -> Option<String> {
        let file = self.changed()?;
        Some(format!("{}: changed while the run was going; run again when it is complete", file.display()))
    }
}

fn mark(file: &Path) -> Option<Mark> {
    let m = std::fs::metadata(file).ok()?;
    Some(Mark { length: m.len(), modified: m.modified().ok(), identity: identity(&m) })
}

#[cfg(unix)]
fn identity(m: &std::fs::Metadata) -> [i64; 3] {
    use std::os::unix::fs::MetadataExt;
    [m.ino() as i64, m.ctime(), m.ctime_nsec()]
}

#[cfg(not(unix))]
fn identity(_: &std::fs::Metadata) -> [i64; 3] {
    [0; 3]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn another_file_of_the_same_name_and_a_file_that_is_gone() {
        let dir = tempfile::tempdir().unwrap();
        let file = dir.path().join("a");
        std::fs::write(&file, "1").unwrap();
        let state = State::of(std::slice::from_ref(&file));
        assert_eq!(state.changed(), None);
        let other = dir.path().join("b");
        std::fs::write(&other, "2").unwrap();
        let modified = std::fs::metadata(&file).unwrap().modified().unwrap();
        std::fs::File::options().write(true).open(&other).unwrap().set_modified(modified).unwrap();
        std::fs::rename(&other, &file).unwrap();
        assert_eq!(state.changed(), Some(file.as_path()));
        let state = State::of(std::slice::from_ref(&file));
        std::fs::remove_file(&file).unwrap();
        assert!(state.complaint().unwrap().contains("changed while the run was going"));
    }
}
