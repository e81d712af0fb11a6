//! `cluster-sizes`: the law of the sizes of regions.

mod population;
mod report;

pub(super) use report::UNDECIDED;

use std::sync::Arc;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{
    Connections, Cx, Doc, Index, Inputs, Intervals, MetricDoc, Nulls, Output, Outputs, ParamError, Port, Scope, Stage,
    StageError,
};
use crate::data::{Artifact, Kind, Table, Warning};
use crate::spatial::sizes::LEAST;
use crate::spatial::sizes::analysis::SizeLaw;
use crate::spatial::sizes::law::Name;
use crate::unit::Quantity;

/// Fits the law of sizes.
#[derive(Default, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub(super) struct ClusterSizes {
    /// The smallest size that belongs to the law, with its unit; the one of least Kolmogorov–Smirnov distance unless
    /// given.
    x_min: Option<String>,
    /// What the exponent of regions is one of: `r_eq`, or `area`.
    variable: Variable,
    /// Whether regions that the border of the map cuts are taken: `exclude` or `include`.
    border: Border,
    /// Intervals.
    #[serde(flatten)]
    intervals: Intervals<200>,
    /// Featureless counterparts.
    #[serde(flatten)]
    nulls: Nulls,
}

/// What a size is measured as.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
enum Variable {
    /// The radius of the disc of the same area.
    #[default]
    REq,
    /// The area.
    Area,
}

/// What becomes of regions at the border.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
enum Border {
    /// Left out and counted.
    #[default]
    Exclude,
    /// Taken as they are seen.
    Include,
}

/// The rivals of the power law.
const RIVALS: Index = Index::Name(|| Name::ALL[1..].iter().map(|n| n.text().to_string()).collect());

impl Stage for ClusterSizes {
    const DOC: &'static Doc = &Doc {
        id: "cluster-sizes",
        version: 3,
        about: "Law of sizes by maximum likelihood. All laws are judged over all sizes, or those from a given x_min on: one is named where it fits \
                by simulation and the others are rejected. Else a power law, with or without a cut-off, may hold from the x_min of least \
                Kolmogorov–Smirnov distance on, if it does so over a longer range than the best law of all sizes gives by simulation. Otherwise \
                the law is `undecided`. Sizes of regions are whole numbers of pixels and are fitted as such, as are sizes of a table that were measured in steps; \
                spanning regions and those at the border are left out and counted. Only the exponent of a law that is named has an \
                interval. With the surrogates of `regions` connected, the law is compared with that of featureless fields. \
                Intervals resample sizes, or images where there are five or more.",
        reference: "METHODS §6, §13; S1 §3.3.3, Fig. 41; Clauset, Shalizi & Newman, doi:10.1137/070710111",
        scope: Scope::Sample,
        inputs: &[
            Port::new(
                "sizes",
                &[Kind::Table],
                "",
                "regions of one image or of several, or a table with columns = { size = \"…\" } (and `image`)",
            )
            .columns(&["size"])
            .tables(&["regions.regions"])
            .repeated(),
            Port::new("surrogates", &[Kind::Table], "", "the output `surrogates` of the stage `regions`")
                .tables(&["regions.surrogates"])
                .optional(),
        ],
        outputs: &[Output {
            name: "curve",
            kind: Kind::Table,
            unit: "",
            about: "number of sizes at least as large, with the power law, the preferred law and the band of surrogates",
        }],
        metrics: &[
            MetricDoc::new(
                "alpha",
                "",
                "exponent of the density: of the law with a cut-off where that is preferred, else of the power law",
            )
            .null(),
            MetricDoc::new("x_min", "m|m^2|m^3|", "size from which on the law of `alpha` holds"),
            MetricDoc::new("cutoff", "m|m^2|m^3|", "size of the exponential cut-off, where that law is preferred"),
            MetricDoc::new("tail_n", "", "sizes of at least x_min"),
            MetricDoc::new("ks_p", "", "goodness of fit by simulation, of the preferred law, else of the power law"),
            MetricDoc::new(
                "preferred",
                "",
                "power-law, cutoff-power-law, log-normal, exponential, half-normal; or undecided, with the reason",
            )
            .nulls(&["null", "p"]),
            MetricDoc::new(
                "lr_<law>",
                "",
                "log-likelihood of the power law less the rival's, over the range in the note",
            )
            .of(RIVALS),
            MetricDoc::new(
                "p_<law>",
                "",
                "p that both are equally near (Vuong); of the cut-off that there is none (χ², nested)",
            )
            .of(RIVALS),
        ],
        metadata: &[],
        example: "run = \"cluster-sizes\"\ninput = { sizes = \"top\", surrogates = \"top.surrogates\" }\nvariable = \"r_eq\"\nresamples = 200\n",
    };

    fn metrics(&self) -> Vec<MetricDoc> {
        self.nulls.metrics(Self::DOC.metrics)
    }

    fn check(&self) -> Result<(), ParamError> {
        if let Some(text) = &self.x_min {
            let q = Quantity::parse(text).map_err(|e| ParamError::new("x_min", e))?;
            if !(q.si > 0.0) {
                return Err(ParamError::new("x_min", "a positive size is wanted, such as \"2 nm\""));
            }
        }
        self.nulls.check()?;
        self.intervals.check()
    }

    fn idle(&self, given: &Connections) -> Vec<ParamError> {
        let mut out = self.intervals.idle();
        if given.at(1).next().is_none() && self.nulls.surrogates > 0 {
            out.push(ParamError::new(
                "surrogates",
                "it says how many of the port `surrogates`, which is not connected",
            ));
        }
        if given.at(0).next().is_some() && given.at(0).all(|c| c.file) {
            let what = "it is for regions, and the sizes of a table are taken as they are";
            out.extend(ParamError::each(&["variable", "border"], what));
        }
        out
    }

    fn run(&self, inputs: &Inputs<'_>, cx: &Cx<'_>) -> Result<Outputs, StageError> {
        let (population, left_out) = self.population(inputs)?;
        let x_min = self.x_min.as_deref().map(|t| {
            let size = Quantity::parse(t).map_err(StageError::Failed)?;
            population.scale.fitted(&size).map_err(|why| StageError::Failed(format!("x_min = \"{t}\" {why}")))
        });
        let null = match inputs.get(1) {
            Some(Artifact::Table(t)) if self.nulls.surrogates > 0 => Some(&**t),
            _ => None,
        };
        let resamples = self.intervals.count();
        let found = SizeLaw::of(&population, x_min.transpose()?, resamples, &cx.stream, &cx.work())?;
        let few = |what: String, remedy| Warning::new("few-clusters", what, remedy);
        let law = match found {
            Ok(law) => law,
            Err(why) => {
                let why = why.to_string();
                let metrics = report::nothing(&why, &left_out, null.is_some());
                let warnings = vec![few(why, "pool several images, or choose a larger fraction")];
                return Ok(Outputs { metrics, warnings, ..Outputs::default() });
            }
        };
        let mut warnings = Vec::new();
        if law.start.n < LEAST {
            let what = format!("{} sizes of at least x_min; a law needs {LEAST}", law.start.n);
            warnings.push(few(what, "pool several images, or give a smaller x_min"));
        }
        let mut metrics = report::rows(&population, &law, &left_out);
        let mut fields = Vec::new();
        if let Some(t) = null {
            if t.columns.is_empty() {
                metrics.extend(report::no_null("no surrogates were made; see the stage that is connected"));
            } else {
                fields = self.fields(t, &population)?;
                metrics.extend(report::null_rows(&law.null(&fields, &population.scale)));
            }
        }
        let table: Table = report::curve(&population.scale, &law, &fields).table();
        Ok(Outputs { artifacts: vec![("curve", Artifact::Table(Arc::new(table)))], metrics, warnings })
    }
}
