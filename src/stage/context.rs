//! What a stage may ask of the world: random streams, the sample's metadata, whether to stop, where to report progress.

use std::path::Path;

use serde::{Deserialize, Serialize};

use crate::num::random::Stream;
pub use crate::num::work::Progress;
use crate::num::work::Work;
use crate::reduce::passes::Passes;
use crate::unit::Quantity;

/// A sample's metadata value.
#[derive(Clone, Debug, PartialEq)]
pub enum MetaValue {
    /// A number, or a quantity in SI with its unit.
    Quantity(Quantity),
    /// Text.
    Text(String),
}

impl MetaValue {
    /// As written into keys and records: text, or SI number and unit.
    pub fn canonical(&self) -> String {
        match self {
            MetaValue::Quantity(q) => format!("{:?} {}", q.si, q.unit.si_symbol()).trim_end().to_string(),
            MetaValue::Text(t) => t.clone(),
        }
    }
}

/// Metadata in the order of the definition.
pub type Meta = Vec<(String, MetaValue)>;

/// Who the sample is.
#[derive(Clone, Debug, Default)]
pub struct SampleInfo {
    /// Its id.
    pub id: String,
    /// Its metadata.
    pub metadata: Meta,
}

impl SampleInfo {
    /// A metadata number in SI.
    pub fn number(&self, key: &str) -> Option<f64> {
        self.metadata.iter().find(|(k, _)| k == key).and_then(|(_, v)| match v {
            MetaValue::Quantity(q) => Some(q.si),
            MetaValue::Text(_) => None,
        })
    }
}

/// The context of one stage on one sample.
pub struct Cx<'a> {
    /// Its random streams: of its kind, on the content of its inputs, under the definition's seed.
    pub stream: Stream,
    /// The key under which its result is stored.
    pub key: &'a str,
    /// The sample.
    pub sample: &'a SampleInfo,
    /// Asked often; true ends the work.
    pub cancelled: &'a (dyn Fn() -> bool + Sync),
    /// Told how far the stage is.
    pub progress: &'a dyn Progress,
    /// Bytes that a stage may take for volumes.
    pub memory: u64,
    /// Folder for what a stage keeps while it runs, so that an interrupted one goes on.
    pub scratch: &'a Path,
}

impl Cx<'_> {
    /// Whether to end, and whom to tell.
    pub fn work(&self) -> Work<'_> {
        Work { cancelled: self.cancelled, progress: self.progress }
    }

    /// Passes over volumes, which go on where an interrupted run of the same stage was.
    pub fn passes(&self) -> Passes<'_> {
        Passes { memory: self.memory, work: self.work(), save: Some((self.scratch, self.key)) }
    }
}

impl Serialize for MetaValue {
    fn serialize<S: serde::Serializer>(&self, s: S) -> Result<S::Ok, S::Error> {
        s.serialize_str(&self.canonical())
    }
}

impl<'de> Deserialize<'de> for MetaValue {
    fn deserialize<D: serde::Deserializer<'de>>(d: D) -> Result<MetaValue, D::Error> {
        let text = String::deserialize(d)?;
        Ok(Quantity::parse(&text).map_or(MetaValue::Text(text), MetaValue::Quantity))
    }
}
