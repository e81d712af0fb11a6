//! `segment`: classes of one or several maps, and whether there is more than one.

mod classes;
mod report;
mod tables;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::data::{Kind, Map};
use crate::segment::segmentation::Segmentation;
use crate::segment::verdict::Verdict;
use crate::segment::{self, Setting};
use crate::stage::{
    Connections, Cx, Doc, Index, Inputs, Intervals, MetricDoc, Nulls, Output, Outputs, ParamError, Port, Scope, Stage,
    StageError,
};

/// Puts pixels into classes.
#[derive(Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub(super) struct Segment {
    /// Number of classes, or `"auto"`: as many, one among them, as show as peaks that a correlated field of fewer has not.
    k: Classes,
    /// Most classes that `"auto"` compares.
    k_max: usize,
    /// Gaussian mixture started from the classes: the deconvolved histogram.
    mixture: bool,
    /// Several maps: each in units of its own standard deviation; else all in the unit of the first.
    scale: bool,
    /// Starts of k-means++ for several maps; one map has its global optimum.
    starts: usize,
    /// Weight of a neighbour of another class, in units of the squared distance over twice the variance within classes; 0:
    /// every pixel by itself.
    neighbours: f64,
    /// Intervals.
    #[serde(flatten)]
    intervals: Intervals<200>,
    /// Featureless counterparts.
    #[serde(flatten)]
    nulls: Nulls,
}

impl Default for Segment {
    fn default() -> Segment {
        let setting = segment::Setting::default();
        Segment {
            k: setting.classes.map_or(Classes::Auto(Auto::Auto), Classes::Number),
            k_max: setting.most,
            mixture: setting.mixture,
            scale: setting.scale,
            starts: setting.starts,
            neighbours: setting.neighbours,
            intervals: Intervals::default(),
            nulls: Nulls::default(),
        }
    }
}

/// How many classes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(untagged, expecting = "`k` is a number of classes or \"auto\"")]
enum Classes {
    /// So many.
    Number(usize),
    /// As many as show as peaks.
    Auto(Auto),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
enum Auto {
    Auto,
}

/// Classes are numbered from 0.
const CLASS: Index = Index::Number(0, MOST - 1);

/// Most classes: beyond, a map is not segmented but drawn by numbers.
const MOST: usize = 20;

impl Stage for Segment {
    const DOC: &'static Doc = &Doc {
        id: "segment",
        version: 4,
        about: "k-means classes, 0 = lowest … k−1 = highest centre of the first map: one map by its global optimum, several by k-means++ with \
                restarts. A Gaussian mixture deconvolves the histogram without bins: its weights, means and widths estimate the classes, with \
                intervals from resampled blocks of four correlation lengths; what k-means cuts is descriptive. k = \"auto\" gives as many classes as \
                the distribution has peaks, as it is or without white noise, that hold half a per cent of the pixels and stand out of correlated \
                fields with the nearest distribution of fewer peaks; of several maps peaks are sought along principal components. Classes nearer \
                than some three of their widths make one peak and cannot be told from one skewed phase.",
        reference: "METHODS §8, §13; S1 §5.3, Fig. 78",
        scope: Scope::Sample,
        inputs: &[Port::new("maps", &[Kind::Map], "", "one or several maps of the same pixels").repeated()],
        outputs: &[
            Output {
                name: "classes",
                kind: Kind::Labels,
                unit: "",
                about: "class of each pixel from 0 on, written as TIFF of whole numbers, 4294967295 where invalid",
            },
            Output { name: "table", kind: Kind::Table, unit: "", about: "one row a class" },
            Output {
                name: "deconvolution",
                kind: Kind::Table,
                unit: "input",
                about: "density and share below of values and mixture, and the densities of its components",
            },
            Output {
                name: "candidates",
                kind: Kind::Table,
                unit: "",
                about: "what each number of classes gains, with criterion and gap statistic",
            },
        ],
        metrics: &[
            MetricDoc::new("k", "", "number of classes").null(),
            MetricDoc::new("separation", "", "least distance of neighbouring components over the root mean square of their widths; two peaks show from 2 on").null(),
            MetricDoc::new("inertia", "map^2", "sum of squared distances from the centres"),
            MetricDoc::new("silhouette", "", "mean silhouette"),
            MetricDoc::new("stability", "", "mean adjusted Rand index over resampled blocks"),
            MetricDoc::new("modes", "", "peaks of the density of the mixture"),
            MetricDoc::new("overlap", "", "share of the mixture that lies nearer to another component"),
            MetricDoc::new("fraction_<class>", "", "share of the pixels").of(CLASS),
            MetricDoc::new("centre_<class>", "map", "centre of the class (first map)").of(CLASS),
            MetricDoc::new("std_<class>", "map", "standard deviation within the class").of(CLASS),
            MetricDoc::new("xi_<class>", "m", "correlation length of the class (1 inside, 0 outside)").of(CLASS),
            MetricDoc::new("boundary_density_<class>", "1/m", "length of its boundary an area of valid pixels").of(CLASS),
            MetricDoc::new("gmm_weight_<class>", "", "share of the component").of(CLASS),
            MetricDoc::new("gmm_mean_<class>", "map", "its centre").of(CLASS),
            MetricDoc::new("gmm_std_<class>", "map", "its width").of(CLASS),
        ],
        metadata: &[],
        example: "run = \"segment\"\ninput = \"modulus\"\nk = \"auto\"\nmixture = true\nsurrogates = 200\n",
    };

    fn check(&self) -> Result<(), ParamError> {
        if let Classes::Number(k) = self.k
            && !(1..=MOST).contains(&k)
        {
            return Err(ParamError::new("k", format!("{k} classes; 1 to {MOST}, or \"auto\"")));
        }
        if !(2..=MOST).contains(&self.k_max) {
            return Err(ParamError::new("k_max", format!("2 to {MOST} classes can be compared")));
        }
        if !(1..=1000).contains(&self.starts) {
            return Err(ParamError::new("starts", "1 to 1000 starts"));
        }
        if !(self.neighbours >= 0.0 && self.neighbours <= 100.0) {
            return Err(ParamError::new("neighbours", "a weight from 0 (off) to 100; 1 is a strong one"));
        }
        self.nulls.check()?;
        self.intervals.check()
    }

    fn metrics(&self) -> Vec<MetricDoc> {
        let most = match self.k {
            Classes::Number(k) => k.max(1),
            Classes::Auto(Auto::Auto) => self.k_max,
        };
        let family = |m: &MetricDoc| match m.index {
            Index::Number(..) => m.clone().of(Index::Number(0, most - 1)),
            _ => m.clone(),
        };
        let mixed = |m: &MetricDoc| self.mixture || !m.name.starts_with("gmm_");
        Self::DOC.metrics.iter().filter(|m| mixed(m)).map(family).collect()
    }

    fn idle(&self, given: &Connections) -> Vec<ParamError> {
        let mut out = self.intervals.idle();
        if let Classes::Number(_) = self.k {
            out.push(ParamError::new("k_max", "it is for k = \"auto\""));
        }
        if given.len() == 1 {
            out.push(ParamError::new("scale", "it weighs several maps against each other"));
            out.push(ParamError::new("starts", "one map has its global optimum"));
        }
        out
    }

    fn run(&self, inputs: &Inputs<'_>, cx: &Cx<'_>) -> Result<Outputs, StageError> {
        let maps: Vec<&Map> = inputs.maps(0)?;
        let first = *maps.first().ok_or_else(|| StageError::Failed("a map is wanted".into()))?;
        for m in &maps[1..] {
            if m.shape() != first.shape() {
                return Err(StageError::Failed(format!(
                    "maps of {:?} and {:?} pixels are not co-registered; crop or resample them to the same pixels",
                    first.shape(),
                    m.shape()
                )));
            }
            if !self.scale && !m.unit.same_dimension(&first.unit) {
                return Err(StageError::Failed(format!(
                    "maps in {} and in {} have no common scale; set `scale = true`",
                    first.unit.in_words(),
                    m.unit.in_words()
                )));
            }
        }
        let (setting, work) = (self.setting(), cx.work());
        let verdict = Verdict::of(&setting, &maps, &cx.stream, &work)?;
        let found = Segmentation::classes(&setting, &maps, &verdict, &cx.stream)?;
        report::outputs(&setting, first, &found, &verdict, &work)
    }
}

impl Segment {
    fn setting(&self) -> Setting {
        Setting {
            classes: match self.k {
                Classes::Number(k) => Some(k),
                Classes::Auto(Auto::Auto) => None,
            },
            most: self.k_max,
            mixture: self.mixture,
            scale: self.scale,
            starts: self.starts,
            neighbours: self.neighbours,
            resamples: self.intervals.count(),
            surrogates: self.nulls.surrogates,
        }
    }
}
