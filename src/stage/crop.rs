//! `crop`: a rectangle of a map.

use std::sync::Arc;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Cx, Doc, Inputs, Output, Outputs, ParamError, Port, Scope, Stage, StageError};
use crate::data::{Artifact, Kind, Warning};

/// Cuts out a rectangle.
#[derive(Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Crop {
    /// First row and the row after the last, from the top line 0.
    rows: [usize; 2],
    /// First column and the column after the last.
    columns: [usize; 2],
}

impl Stage for Crop {
    const DOC: &'static Doc = &Doc {
        id: "crop",
        version: 1,
        about: "Cuts out a rectangle given in pixels; crop before levelling, so that the levelling is that of the part.",
        reference: "METHODS §1",
        scope: Scope::Sample,
        inputs: &[Port::new("map", &[Kind::Map], "", "the map")],
        outputs: &[Output { name: "map", kind: Kind::Map, unit: "input", about: "the part" }],
        metrics: &[],
        metadata: &[],
        example: "run = \"crop\"\ninput = \"frequency\"\nrows = [0, 256]\ncolumns = [128, 384]\n",
    };

    fn check(&self) -> Result<(), ParamError> {
        for (key, [a, b]) in [("rows", self.rows), ("columns", self.columns)] {
            if a >= b {
                return Err(ParamError::new(
                    key,
                    format!("the range {a} to {b} is empty: the second number is the one after the last"),
                ));
            }
        }
        Ok(())
    }

    fn run(&self, inputs: &Inputs<'_>, _cx: &Cx<'_>) -> Result<Outputs, StageError> {
        let map = inputs.map(0)?;
        let part = crate::prepare::crop::crop(map, self.rows, self.columns)?;
        let mut warnings = Vec::new();
        if !map.levelling.is_empty() && part.shape() != map.shape() {
            warnings.push(Warning::new(
                "levelled-before-crop",
                "the map was levelled before it was cropped; a later `correlation` replays the levelling on the part alone",
                "crop first, then level",
            ));
        }
        Ok(Outputs { artifacts: vec![("map", Artifact::Map(Arc::new(part)))], warnings, ..Outputs::default() })
    }
}
