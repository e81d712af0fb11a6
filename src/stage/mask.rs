//! `mask`: pixels that take no part.

use std::sync::Arc;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Connections, Cx, Doc, Inputs, MetricDoc, Output, Outputs, ParamError, Port, Scope, Stage, StageError};
use crate::data::{Artifact, Kind, Metric, Warning};
use crate::prepare::mask::{outliers, range, scars};
use crate::unit::Quantity;

/// Marks pixels invalid.
#[derive(Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub(super) struct Mask {
    /// Smallest valid value, with its unit.
    min: Option<String>,
    /// Largest valid value, with its unit.
    max: Option<String>,
    /// Farthest valid distance from the median, in robust standard deviations (1.4826 MAD).
    outliers: Option<f64>,
    /// Height of a scar above both neighbouring lines, in robust standard deviations of the line-to-line differences.
    scars: Option<f64>,
    /// Shortest scar, pixels along the line.
    scar_length: usize,
}

impl Default for Mask {
    fn default() -> Mask {
        Mask { min: None, max: None, outliers: None, scars: None, scar_length: 8 }
    }
}

impl Stage for Mask {
    const DOC: &'static Doc = &Doc {
        id: "mask",
        version: 1,
        about: "Marks pixels invalid: outside a range, outliers by k·MAD, scars of the slow scan. Invalid pixels take no part in any later \
                statistic; nothing is filled in.",
        reference: "METHODS §0, §1",
        scope: Scope::Sample,
        inputs: &[Port::new("map", &[Kind::Map], "", "the map")],
        outputs: &[Output { name: "map", kind: Kind::Map, unit: "input", about: "the map with invalid pixels" }],
        metrics: &[MetricDoc::new("masked_fraction", "", "share of the pixels marked here")],
        metadata: &[],
        example: "run = \"mask\"\ninput = \"frequency\"\nmin = \"1 MHz\"\noutliers = 6\n",
    };

    fn check(&self) -> Result<(), ParamError> {
        for (key, k) in [("outliers", self.outliers), ("scars", self.scars)] {
            if k.is_some_and(|k| !(k > 0.0)) {
                return Err(ParamError::new(key, "a positive number of standard deviations is wanted"));
            }
        }
        for (key, text) in [("min", &self.min), ("max", &self.max)] {
            if let Some(t) = text {
                Quantity::parse(t).map_err(|e| ParamError::new(key, e))?;
            }
        }
        if self.min.is_none() && self.max.is_none() && self.outliers.is_none() && self.scars.is_none() {
            return Err(ParamError::new("run", "nothing is masked: give `min`, `max`, `outliers` or `scars`"));
        }
        Ok(())
    }

    fn idle(&self, _: &Connections) -> Vec<ParamError> {
        match self.scars {
            None => vec![ParamError::new("scar_length", "it is for `scars`")],
            Some(_) => Vec::new(),
        }
    }

    fn run(&self, inputs: &Inputs<'_>, _cx: &Cx<'_>) -> Result<Outputs, StageError> {
        let map = inputs.map(0)?;
        let bound = |text: &Option<String>, default: f64| -> Result<f64, StageError> {
            let Some(t) = text else { return Ok(default) };
            let q = Quantity::parse(t).map_err(StageError::Failed)?;
            if !q.unit.same_dimension(&map.unit) {
                return Err(StageError::Failed(format!(
                    "`{t}` is not in the unit of the map ({})",
                    map.unit.si_symbol()
                )));
            }
            Ok(q.si)
        };
        let mut values = map.values.clone();
        let mut n = range(&mut values, bound(&self.min, f64::NEG_INFINITY)?, bound(&self.max, f64::INFINITY)?);
        if let Some(k) = self.scars {
            n += scars(&mut values, k, self.scar_length);
        }
        if let Some(k) = self.outliers {
            n += outliers(&mut values, k);
        }
        let share = n as f64 / values.len() as f64;
        let mut warnings = Vec::new();
        if share > 0.2 {
            warnings.push(Warning::new(
                "much-masked",
                format!("{:.0} % of the map is masked", share * 100.0),
                "check the limits: what is left may not represent the sample",
            ));
        }
        Ok(Outputs {
            artifacts: vec![("map", Artifact::Map(Arc::new(map.with_values(values))))],
            metrics: vec![Metric::number("masked_fraction", share, "").n(n as f64)],
            warnings,
        })
    }
}
