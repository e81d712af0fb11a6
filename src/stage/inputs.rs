//! What is connected to the ports of a stage.

use super::StageError;
use crate::data::{Artifact, Curves, Kind, Map, Spectrum, Table, Volume};

/// What is connected to the ports of a stage, as far as it is known before anything runs.
#[derive(Clone, Debug, Default)]
pub struct Connections(pub Vec<Connection>);

/// One input of a stage.
#[derive(Clone, Debug)]
pub struct Connection {
    /// The number of its port.
    pub port: usize,
    /// Its kinds over all samples; none where no file can be opened.
    pub kinds: Vec<Kind>,
    /// Whether it is read from files, not made by a stage.
    pub file: bool,
}

impl Connections {
    /// How many inputs there are.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// What is connected to a port.
    pub fn at(&self, port: usize) -> impl Iterator<Item = &Connection> {
        self.0.iter().filter(move |c| c.port == port)
    }

    /// Whether everything on a port is known to be of that kind.
    pub fn are(&self, port: usize, kind: Kind) -> bool {
        self.at(port).next().is_some() && self.at(port).all(|c| c.kinds == [kind])
    }
}

/// The artifacts on a stage's ports: the number of the port, and what is connected to it.
pub struct Inputs<'a>(pub &'a [(usize, Artifact)]);

impl Inputs<'_> {
    /// What is connected to port `i`; the first where several are.
    pub fn get(&self, i: usize) -> Option<&Artifact> {
        self.all(i).next()
    }

    /// Everything that is connected to port `i`.
    pub fn all(&self, i: usize) -> impl Iterator<Item = &Artifact> {
        self.0.iter().filter(move |(port, _)| *port == i).map(|(_, a)| a)
    }

    /// The map on port `i`.
    ///
    /// # Errors
    /// [`StageError`] if it is something else; the plan rules that out.
    pub fn map(&self, i: usize) -> Result<&Map, StageError> {
        match self.get(i) {
            Some(Artifact::Map(m)) => Ok(m),
            other => Err(wrong("map", other)),
        }
    }

    /// All maps on port `i`.
    ///
    /// # Errors
    /// As for [`Inputs::map`].
    pub fn maps(&self, i: usize) -> Result<Vec<&Map>, StageError> {
        let mut out = Vec::new();
        for a in self.all(i) {
            match a {
                Artifact::Map(m) => out.push(&**m),
                other => return Err(wrong("map", Some(other))),
            }
        }
        Ok(out)
    }

    /// The volume on port `i`.
    ///
    /// # Errors
    /// As for [`Inputs::map`].
    pub fn volume(&self, i: usize) -> Result<&Volume, StageError> {
        match self.get(i) {
            Some(Artifact::Volume(v)) => Ok(v),
            other => Err(wrong("volume", other)),
        }
    }

    /// The curves on port `i`.
    ///
    /// # Errors
    /// As for [`Inputs::map`].
    pub fn curves(&self, i: usize) -> Result<&Curves, StageError> {
        match self.get(i) {
            Some(Artifact::Curves(c)) => Ok(c),
            other => Err(wrong("set of curves", other)),
        }
    }

    /// The volume on port `i`, or the volume of labels.
    ///
    /// # Errors
    /// As for [`Inputs::map`].
    pub fn volume_or_labels(&self, i: usize) -> Result<&Volume, StageError> {
        match self.get(i) {
            Some(Artifact::Labels(l)) => l.volume().map(|v| &**v).ok_or_else(|| wrong("volume", self.get(i))),
            _ => self.volume(i),
        }
    }

    /// The spectrum on port `i`.
    ///
    /// # Errors
    /// As for [`Inputs::map`].
    pub fn spectrum(&self, i: usize) -> Result<&Spectrum, StageError> {
        match self.get(i) {
            Some(Artifact::Spectrum(s)) => Ok(s),
            other => Err(wrong("spectrum", other)),
        }
    }

    /// The spectrum on port `i`, or what a table with columns of the names of roles (a master curve) says as one.
    ///
    /// # Errors
    /// As for [`Inputs::map`].
    pub fn spectrum_or_table(&self, i: usize) -> Result<std::borrow::Cow<'_, Spectrum>, StageError> {
        match self.get(i) {
            Some(Artifact::Table(t)) => Ok(std::borrow::Cow::Owned(Spectrum::of_table(t))),
            _ => self.spectrum(i).map(std::borrow::Cow::Borrowed),
        }
    }

    /// The table on port `i`.
    ///
    /// # Errors
    /// As for [`Inputs::map`].
    pub fn table(&self, i: usize) -> Result<&Table, StageError> {
        match self.get(i) {
            Some(Artifact::Table(t)) => Ok(t),
            other => Err(wrong("table", other)),
        }
    }
}

fn wrong(wanted: &str, got: Option<&Artifact>) -> StageError {
    match got {
        Some(a) => StageError::Failed(format!("a {wanted} is wanted, the input is a {}", a.kind())),
        None => StageError::Failed(format!("a {wanted} is wanted, nothing is connected")),
    }
}
