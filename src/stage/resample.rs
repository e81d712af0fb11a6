//! `resample`: coarser or square pixels.

use std::sync::Arc;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Cx, Doc, Inputs, Output, Outputs, ParamError, Port, Scope, Stage, StageError};
use crate::data::{Artifact, Kind};
use crate::unit::quantity::Length;

/// Averages a map onto coarser pixels.
#[derive(Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Resample {
    /// Target step: one length for square pixels, or `[row, column]`. The physical size is kept, the step rounded to fit it.
    pixel: Step,
}

#[derive(Clone, Copy, Serialize, Deserialize, JsonSchema)]
#[serde(untagged)]
enum Step {
    Square(Length),
    Two([Length; 2]),
}

impl Resample {
    fn step(&self) -> [f64; 2] {
        match self.pixel {
            Step::Square(s) => [s.0, s.0],
            Step::Two([a, b]) => [a.0, b.0],
        }
    }
}

impl Stage for Resample {
    const DOC: &'static Doc = &Doc {
        id: "resample",
        version: 1,
        about: "Area-weighted means of the valid pixels under each coarser pixel; refining is refused, since it would invent resolution.",
        reference: "METHODS §1",
        scope: Scope::Sample,
        inputs: &[Port::new("map", &[Kind::Map], "", "the map")],
        outputs: &[Output { name: "map", kind: Kind::Map, unit: "input", about: "the coarser map" }],
        metrics: &[],
        metadata: &[],
        example: "run = \"resample\"\ninput = \"frequency\"\npixel = \"4 nm\"\n",
    };

    fn check(&self) -> Result<(), ParamError> {
        if self.step().iter().any(|s| !(*s > 0.0)) {
            return Err(ParamError::new("pixel", "a positive length is wanted, such as \"4 nm\""));
        }
        Ok(())
    }

    fn run(&self, inputs: &Inputs<'_>, _cx: &Cx<'_>) -> Result<Outputs, StageError> {
        let out = crate::prepare::resample::resample(inputs.map(0)?, self.step())?;
        Ok(Outputs { artifacts: vec![("map", Artifact::Map(Arc::new(out)))], ..Outputs::default() })
    }
}
