//! `level`: background subtraction.

use std::sync::Arc;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Cx, Doc, Inputs, MetricDoc, Output, Outputs, ParamError, Port, Scope, Stage, StageError};
use crate::data::{Artifact, Kind, Levelling, Map, Metric, RowMethod};
use crate::prepare::level::level;

/// Subtracts a background by least squares over valid pixels.
#[derive(Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Level {
    /// `polynomial` over the whole map, or `rows`, line by line.
    #[serde(default)]
    method: Method,
    /// Degree of the polynomial: `[x, y]` for `polynomial`, a number for `rows` with `row = "polynomial"`.
    #[serde(default)]
    degree: Option<Degree>,
    /// Estimator of a line's background for `rows`; `median` unless a degree is given.
    #[serde(default)]
    row: Option<RowMethod>,
}

#[derive(Clone, Copy, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
enum Method {
    #[default]
    Polynomial,
    Rows,
}

#[derive(Clone, Copy, Serialize, Deserialize, JsonSchema)]
#[serde(untagged)]
enum Degree {
    One(u8),
    Two([u8; 2]),
}

/// Beyond this a background is structure.
const HIGHEST: u8 = 9;

impl Level {
    fn step(&self) -> Result<Levelling, ParamError> {
        let step = match (self.method, self.row, self.degree) {
            (Method::Polynomial, Some(_), _) => {
                return Err(ParamError::new("row", "`row` belongs to `method = \"rows\"`"));
            }
            (Method::Polynomial, None, d) => Levelling::Polynomial {
                degree: match d {
                    None => [1, 1],
                    Some(Degree::One(n)) => [n, n],
                    Some(Degree::Two(d)) => d,
                },
            },
            (Method::Rows, _, Some(Degree::Two(_))) => {
                return Err(ParamError::new(
                    "degree",
                    "a line has one direction: give one number, such as `degree = 1`",
                ));
            }
            (Method::Rows, None | Some(RowMethod::Polynomial), Some(Degree::One(degree))) => {
                Levelling::Rows { row: RowMethod::Polynomial, degree }
            }
            (Method::Rows, Some(RowMethod::Polynomial), None) => {
                Levelling::Rows { row: RowMethod::Polynomial, degree: 1 }
            }
            (Method::Rows, Some(_), Some(_)) => {
                return Err(ParamError::new("degree", "`degree` belongs to `row = \"polynomial\"`"));
            }
            (Method::Rows, row, None) => Levelling::Rows { row: row.unwrap_or(RowMethod::Median), degree: 0 },
        };
        let highest = match step {
            Levelling::Polynomial { degree } => degree[0].max(degree[1]),
            Levelling::Rows { degree, .. } => degree,
        };
        if highest > HIGHEST {
            return Err(ParamError::new(
                "degree",
                format!("degree {highest}; at most {HIGHEST}, beyond that it removes structure"),
            ));
        }
        Ok(step)
    }
}

impl Stage for Level {
    const DOC: &'static Doc = &Doc {
        id: "level",
        version: 2,
        about: "Removes a polynomial of degree [x, y], or each line's median, mean or polynomial, by least squares over valid pixels. \
                What was removed travels with the map: `correlation` replays it to find the bias it causes.",
        reference: "METHODS §1; Nečas & Klapetek, doi:10.1038/s41598-020-72171-8",
        scope: Scope::Sample,
        inputs: &[Port::new("map", &[Kind::Map], "", "the map to level")],
        outputs: &[Output { name: "map", kind: Kind::Map, unit: "input", about: "the levelled map" }],
        metrics: &[MetricDoc::new("degrees_of_freedom", "", "degrees of freedom removed from the whole map")],
        metadata: &[],
        example: "run = \"level\"\ninput = \"frequency\"\nmethod = \"polynomial\"\ndegree = [1, 1]\n",
    };

    fn check(&self) -> Result<(), ParamError> {
        self.step().map(|_| ())
    }

    fn run(&self, inputs: &Inputs<'_>, _cx: &Cx<'_>) -> Result<Outputs, StageError> {
        let map = inputs.map(0)?;
        let step = self.step().map_err(|e| StageError::Failed(e.what))?;
        let mut values = map.values.clone();
        level(&mut values, &step)?;
        let mut levelling = map.levelling.clone();
        levelling.push(step);
        let freedom = Metric::number("degrees_of_freedom", step.degrees_of_freedom(map.shape()[0]) as f64, "")
            .note(&step.to_string());
        let out = Map { levelling, ..map.with_values(values) };
        Ok(Outputs {
            artifacts: vec![("map", Artifact::Map(Arc::new(out)))],
            metrics: vec![freedom],
            ..Outputs::default()
        })
    }
}
