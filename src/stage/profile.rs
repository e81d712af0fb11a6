//! `profile`: values along a line.

use std::sync::Arc;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::tables::LineProfile;
use super::{Cx, Doc, Inputs, MetricDoc, Output, Outputs, ParamError, Port, Scope, Stage, StageError};
use crate::data::{Artifact, Kind, Metric};
use crate::num::sum::moments;

/// Samples a map along a line.
#[derive(Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub(super) struct Profile {
    /// Start `[row, column]` as shares of the map, 0 to 1; the middle of the left edge unless given.
    from: [f64; 2],
    /// End `[row, column]` as shares of the map; the middle of the right edge unless given.
    to: [f64; 2],
    /// Parallel lines averaged, one pixel apart.
    width: usize,
}

impl Default for Profile {
    fn default() -> Profile {
        Profile { from: [0.5, 0.0], to: [0.5, 1.0], width: 1 }
    }
}

impl Stage for Profile {
    const DOC: &'static Doc = &Doc {
        id: "profile",
        version: 1,
        about: "Values along a line, bilinear, averaged over a width.",
        reference: "METHODS §3; S2 Fig. 3d–f",
        scope: Scope::Sample,
        inputs: &[Port::new("map", &[Kind::Map], "", "the map")],
        outputs: &[Output {
            name: "profile",
            kind: Kind::Table,
            unit: "input",
            about: "distance, value, row and column along the line",
        }],
        metrics: &[
            MetricDoc::new("length", "m", "length of the line"),
            MetricDoc::new("range", "map", "largest less smallest value on the line"),
            MetricDoc::new("rms", "map", "standard deviation along the line"),
        ],
        metadata: &[],
        example: "run = \"profile\"\ninput = \"frequency\"\nfrom = [0.5, 0.0]\nto = [0.5, 1.0]\nwidth = 3\n",
    };

    fn check(&self) -> Result<(), ParamError> {
        for (key, p) in [("from", self.from), ("to", self.to)] {
            if p.iter().any(|v| !(0.0..=1.0).contains(v)) {
                return Err(ParamError::new(key, "rows and columns are given as shares of the map, 0 to 1"));
            }
        }
        if self.from == self.to {
            return Err(ParamError::new("to", "the line has no length"));
        }
        if !(1..=1000).contains(&self.width) {
            return Err(ParamError::new("width", "1 to 1000 parallel lines can be averaged"));
        }
        Ok(())
    }

    fn run(&self, inputs: &Inputs<'_>, _cx: &Cx<'_>) -> Result<Outputs, StageError> {
        let map = inputs.map(0)?;
        let pixel = map.pixel_size()?;
        let [rows, columns] = map.shape();
        let at = |p: [f64; 2]| [p[0] * (rows - 1) as f64, p[1] * (columns - 1) as f64];
        let (a, b) = (at(self.from), at(self.to));
        if a == b {
            return Err(StageError::Failed(format!(
                "the line has no length on a map of {rows} × {columns} pixels; give other `from` and `to`"
            )));
        }
        let line = crate::prepare::profile::profile(&map.values, pixel, a, b, self.width);
        let valid: Vec<f64> = line.values.iter().copied().filter(|v| v.is_finite()).collect();
        if valid.is_empty() {
            return Err(StageError::Failed("no valid pixel lies on the line; move it or mask less".into()));
        }
        let length = line.distance.last().copied().unwrap_or(0.0);
        let (low, high) = valid.iter().fold((f64::INFINITY, f64::NEG_INFINITY), |(l, h), v| (l.min(*v), h.max(*v)));
        let share = |i: usize| line.distance.iter().map(move |d| a[i] + (b[i] - a[i]) * d / length);
        let n = valid.len() as f64;
        let metrics = vec![
            Metric::number("length", length, "m").n(n),
            Metric::with_unit("range", high - low, &map.unit).n(n),
            Metric::with_unit("rms", moments(&valid).std, &map.unit).n(n),
        ];
        let (row, column) = (share(0).collect(), share(1).collect());
        let units = vec![map.unit.clone()];
        let table = LineProfile { distance: line.distance, value: line.values, row, column, units }.table();
        Ok(Outputs { artifacts: vec![("profile", Artifact::Table(Arc::new(table)))], metrics, ..Outputs::default() })
    }
}
