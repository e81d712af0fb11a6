//! Why a file cannot be read: format, place, reason, remedy.

use std::fmt;
use std::path::{Path, PathBuf};

/// Where in a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    /// Not known, or the whole file.
    Whole,
    /// Byte offset of a binary file.
    Offset(u64),
    /// Line of a text file, from 1.
    Line(u64),
}

/// What nearly always helps.
const DAMAGED: &str = "the file is damaged or not as its maker writes it; copy it again from the instrument";

/// A file that cannot be read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReadError {
    /// Format id; empty before it is known.
    pub format: String,
    /// The file, once known.
    pub path: Option<PathBuf>,
    /// Where it stops making sense.
    pub place: Place,
    /// What is wrong.
    pub what: String,
    /// What to do about it.
    pub hint: String,
}

impl ReadError {
    /// An error of a format. The remedy is that for a damaged file unless [`ReadError::hint`] gives another.
    pub fn new(format: &str, what: impl Into<String>) -> ReadError {
        ReadError { format: format.into(), path: None, place: Place::Whole, what: what.into(), hint: DAMAGED.into() }
    }

    /// At a byte offset.
    pub fn at(mut self, offset: usize) -> ReadError {
        self.place = Place::Offset(offset as u64);
        self
    }

    /// At a line of text, counted from 1.
    pub fn line(mut self, line: usize) -> ReadError {
        self.place = Place::Line(line as u64);
        self
    }

    /// With a remedy.
    pub fn hint(mut self, hint: impl Into<String>) -> ReadError {
        self.hint = hint.into();
        self
    }

    /// In a file; an inner path is kept.
    pub fn in_file(mut self, path: &Path) -> ReadError {
        self.path.get_or_insert_with(|| path.to_path_buf());
        self
    }
}

impl fmt::Display for ReadError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(p) = &self.path {
            write!(f, "{}: ", p.display())?;
        }
        f.write_str(&self.what)?;
        match (self.format.as_str(), self.place) {
            ("", _) => {}
            (id, Place::Offset(o)) => write!(f, " ({id}, offset {o})")?,
            (id, Place::Line(l)) => write!(f, " ({id}, line {l})")?,
            (id, Place::Whole) => write!(f, " ({id})")?,
        }
        write!(f, "; {}", self.hint)
    }
}

impl std::error::Error for ReadError {}
