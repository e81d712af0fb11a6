//! What a definition may name: the stages and formats there are, and one's own beside them.

use crate::io::{READERS, Reader};
use crate::stage::{Entry, STAGES};

/// Stages and readers that a pipeline knows.
#[derive(Clone)]
pub struct Registry {
    stages: Vec<&'static Entry>,
    readers: Vec<&'static dyn Reader>,
}

impl Default for Registry {
    /// Those of softspot.
    fn default() -> Registry {
        Registry { stages: STAGES.iter().collect(), readers: READERS.to_vec() }
    }
}

impl Registry {
    /// With a stage from outside; one of the same name takes the place of softspot's.
    #[must_use]
    pub fn stage(mut self, entry: &'static Entry) -> Registry {
        self.stages.retain(|e| e.doc.id != entry.doc.id);
        self.stages.push(entry);
        self
    }

    /// With a reader from outside, which is asked first where both are equally sure.
    #[must_use]
    pub fn reader(mut self, reader: &'static dyn Reader) -> Registry {
        self.readers.retain(|r| r.format().id != reader.format().id);
        self.readers.insert(0, reader);
        self
    }

    /// Every stage.
    pub fn stages(&self) -> &[&'static Entry] {
        &self.stages
    }

    /// Every reader, in the order in which they are asked.
    pub fn readers(&self) -> &[&'static dyn Reader] {
        &self.readers
    }
}
