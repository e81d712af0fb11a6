//! `filter`: smoothing.

use std::sync::Arc;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Cx, Doc, Inputs, Output, Outputs, ParamError, Port, Scope, Stage, StageError};
use crate::data::{Artifact, Kind, Warning};
use crate::prepare::filter::{gaussian, median_filter};
use crate::unit::quantity::Length;

/// Smooths a map over its valid pixels.
#[derive(Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Filter {
    /// `gaussian` or `median`.
    method: Method,
    /// Standard deviation of the Gaussian.
    #[serde(default)]
    sigma: Option<Length>,
    /// Half side of the median's square, pixels: 1 is 3 × 3.
    #[serde(default)]
    radius: Option<usize>,
}

#[derive(Clone, Copy, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
enum Method {
    Gaussian,
    Median,
}

impl Stage for Filter {
    const DOC: &'static Doc = &Doc {
        id: "filter",
        version: 1,
        about: "Gaussian or median smoothing over valid pixels. A filter makes correlation: a correlation length measured after it holds its width too.",
        reference: "METHODS §1",
        scope: Scope::Sample,
        inputs: &[Port::new("map", &[Kind::Map], "", "the map")],
        outputs: &[Output { name: "map", kind: Kind::Map, unit: "input", about: "the smoothed map" }],
        metrics: &[],
        metadata: &[],
        example: "run = \"filter\"\ninput = \"frequency\"\nmethod = \"gaussian\"\nsigma = \"4 nm\"\n",
    };

    fn check(&self) -> Result<(), ParamError> {
        match (self.method, self.sigma, self.radius) {
            (Method::Gaussian, Some(s), None) if s.0 > 0.0 => Ok(()),
            (Method::Gaussian, ..) => Err(ParamError::new(
                "sigma",
                "a Gaussian wants `sigma`, a positive length such as \"4 nm\", and no `radius`",
            )),
            (Method::Median, None, Some(r)) if (1..=50).contains(&r) => Ok(()),
            (Method::Median, ..) => {
                Err(ParamError::new("radius", "a median wants `radius`, 1 to 50 pixels, and no `sigma`"))
            }
        }
    }

    fn run(&self, inputs: &Inputs<'_>, _cx: &Cx<'_>) -> Result<Outputs, StageError> {
        let map = inputs.map(0)?;
        let mut warnings = Vec::new();
        let values = match (self.sigma, self.radius) {
            (Some(sigma), _) => {
                let pixel = map.pixel_size()?;
                // A kernel wider than the map is its mean, slowly.
                let widths = [0, 1].map(|a| (sigma.0 / pixel[a]).min(map.shape()[a] as f64));
                gaussian(&map.values, widths)
            }
            (None, radius) => median_filter(&map.values, radius.unwrap_or(1)),
        };
        warnings.push(Warning::new(
            "filtered",
            "the map was smoothed: its correlation length and its spread are partly those of the filter",
            "quote values of the unfiltered map beside them",
        ));
        Ok(Outputs {
            artifacts: vec![("map", Artifact::Map(Arc::new(map.with_values(values))))],
            warnings,
            ..Outputs::default()
        })
    }
}
