//! What a stage says of itself: ports, outputs, metrics, an example.

use super::MetricDoc;
use crate::data::Kind;

/// What a stage consumes.
#[derive(Debug)]
pub struct Port {
    /// Its name in the documentation.
    pub name: &'static str,
    /// Kinds it takes.
    pub kinds: &'static [Kind],
    /// Whether it may be left out.
    pub optional: bool,
    /// Unit whose dimension it must have; empty for any.
    pub unit: &'static str,
    /// What it is for.
    pub about: &'static str,
    /// Whether any number of inputs may be connected to it: a list of names without ports goes there from it on.
    pub repeated: bool,
    /// Columns that a table needs to be what it takes, as a definition names them.
    pub columns: &'static [&'static str],
    /// Tables of our own stages that it takes, as `stage.output`; any where there is none.
    pub tables: &'static [&'static str],
}

impl Port {
    /// One that must be connected.
    pub const fn new(name: &'static str, kinds: &'static [Kind], unit: &'static str, about: &'static str) -> Port {
        Port { name, kinds, optional: false, unit, about, repeated: false, columns: &[], tables: &[] }
    }

    /// May be left out.
    pub const fn optional(mut self) -> Port {
        self.optional = true;
        self
    }

    /// Columns by role that make a table what it takes.
    pub const fn columns(mut self, columns: &'static [&'static str]) -> Port {
        self.columns = columns;
        self
    }

    /// Tables of our own stages that it takes.
    pub const fn tables(mut self, tables: &'static [&'static str]) -> Port {
        self.tables = tables;
        self
    }

    /// Takes any number of inputs.
    pub const fn repeated(mut self) -> Port {
        self.repeated = true;
        self
    }
}

/// What a stage produces.
#[derive(Debug)]
pub struct Output {
    /// Its name: `stage.name`; the first output is also the bare stage name.
    pub name: &'static str,
    /// Its kind.
    pub kind: Kind,
    /// Its unit: `input` for that of the first input, empty where it depends.
    pub unit: &'static str,
    /// What it is.
    pub about: &'static str,
}

/// Whether a stage runs for every sample or once for all.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scope {
    /// For every sample that has its input.
    Sample,
    /// Once, seeing all samples.
    Study,
}

/// A stage's documentation: what `softspot stages NAME` prints.
#[derive(Debug)]
pub struct Doc {
    /// Name in `run = "…"`.
    pub id: &'static str,
    /// Raised when results change for the same parameters.
    pub version: u32,
    /// Purpose, one or two sentences.
    pub about: &'static str,
    /// METHODS section or DOI.
    pub reference: &'static str,
    /// Once a sample, or once a study.
    pub scope: Scope,
    /// Inputs in order.
    pub inputs: &'static [Port],
    /// Outputs, the main one first.
    pub outputs: &'static [Output],
    /// Metrics.
    pub metrics: &'static [MetricDoc],
    /// Sample metadata it reads, so that a change of them recomputes it.
    pub metadata: &'static [&'static str],
    /// A definition that parses.
    pub example: &'static str,
}
