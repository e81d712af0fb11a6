//! What is reported of classes.

use std::sync::Arc;

use ndarray::Array2;

use super::Segment;
use super::verdict::Verdict;
use crate::data::{Artifact, Column, Labels, Map, Meaning, Metric, Table, Warning};
use crate::num::resample::jackknife;
use crate::num::sum::{mean, moments};
use crate::segment::boundary;
use crate::segment::resampled::Resample;
use crate::spatial::blocks::Blocks;
use crate::spatial::covariance::{Model, fit};
use crate::spatial::distribution::histogram;
use crate::spatial::structure_function::{Request, fitted_range, structure_function};
use crate::stage::{Cx, Outputs, StageError, Uncertainty};
use crate::unit::Unit;

/// Classes found.
pub(super) struct Segmentation {
    pub labels: Array2<f64>,
    /// Centres in the unit of the first map.
    pub centres: Vec<f64>,
    /// Those in further maps.
    pub others: Vec<Vec<f64>>,
    pub counts: Vec<u64>,
    pub stds: Vec<f64>,
    pub inertia: f64,
    pub inertia_unit: Unit,
    pub inertia_note: String,
    pub silhouette: f64,
    pub silhouette_note: String,
    pub mixed: Option<MixtureFit>,
    pub resamples: Vec<Resample>,
    pub blocks: Option<Blocks>,
    pub no_interval: String,
    /// Values of the first map by rising size.
    pub sorted: Vec<f64>,
}

/// A mixture in the unit of the first map.
pub(super) struct MixtureFit {
    /// Weight, centre and width, by rising centre.
    pub components: Vec<[f64; 3]>,
    pub separation: f64,
    pub overlap: f64,
    /// Peaks of the density, for one map.
    pub modes: Option<usize>,
    pub converged: bool,
}

/// Adjusted Rand index below which classes are not those of the sample but of the window.
const STABLE: f64 = 0.8;
/// Pixels up to which correlation lengths of classes get intervals.
const JACKKNIFE: usize = 1 << 20;
/// Strips that are left out in turn.
const STRIPS: usize = 8;

impl Segmentation {
    pub(super) fn of(map: &Map, labels: Array2<f64>, centres: Vec<f64>, mixed: Option<MixtureFit>) -> Segmentation {
        let k = centres.len();
        let mut of_class: Vec<Vec<f64>> = vec![Vec::new(); k];
        for (v, l) in map.values.iter().zip(&labels).filter(|(_, l)| l.is_finite()) {
            of_class[*l as usize].push(*v);
        }
        Segmentation {
            labels,
            centres,
            others: Vec::new(),
            counts: of_class.iter().map(|c| c.len() as u64).collect(),
            stds: of_class.iter().map(|c| moments(c).std).collect(),
            inertia: f64::NAN,
            inertia_unit: map.unit.squared(),
            inertia_note: String::new(),
            silhouette: f64::NAN,
            silhouette_note: String::new(),
            mixed,
            resamples: Vec::new(),
            blocks: None,
            no_interval: String::new(),
            sorted: Vec::new(),
        }
    }

    /// With its interval from resamples, or a note why it has none.
    fn with_interval(&self, m: Metric, of: impl Fn(&Resample) -> f64) -> Metric {
        match (&self.blocks, m.as_number()) {
            (Some(b), Some(v)) => {
                let [low, high] = b.interval(v, self.resamples.iter().map(of));
                m.interval(low, high)
            }
            _ => m.note(&self.no_interval),
        }
    }
}

pub(super) fn outputs(
    stage: &Segment,
    map: &Map,
    found: &Segmentation,
    verdict: &Verdict,
    cx: &Cx<'_>,
) -> Result<Outputs, StageError> {
    let k = found.centres.len();
    let pixels: u64 = found.counts.iter().sum();
    let separation = found.mixed.as_ref().map_or(f64::NAN, |m| m.separation);
    let mut metrics = verdict.rows(separation);
    metrics.push(
        Metric::with_unit("inertia", found.inertia, &found.inertia_unit).n(pixels as f64).note(&found.inertia_note),
    );
    metrics.push(match found.silhouette.is_finite() {
        true => Metric::number("silhouette", found.silhouette, "").note(&found.silhouette_note),
        false => Metric::missing("silhouette", "one class has none"),
    });
    metrics.push(stability(found));
    metrics.extend(of_mixture(found));
    let lengths = map.pixel.map(|p| boundary::lengths(found.labels.view(), k, p));
    let mut xis = Vec::new();
    for class in 0..k {
        if (cx.cancelled)() {
            return Err(StageError::Cancelled);
        }
        let name = |m: &str| format!("{m}_{class}");
        let n = verdict.n * found.counts[class] as f64 / pixels as f64;
        let fraction = found.counts[class] as f64 / pixels as f64;
        let rows = [
            (Metric::number(&name("fraction"), fraction, "").n(verdict.n), 0),
            (Metric::with_unit(&name("centre"), found.centres[class], &map.unit).n(n), 1),
            (Metric::with_unit(&name("std"), found.stds[class], &map.unit).n(n), 2),
        ];
        for (m, which) in rows {
            metrics.push(found.with_interval(m, |r| [&r.fractions, &r.centres, &r.stds][which][class]));
        }
        let xi = correlation_length(&name("xi"), map, found, class, stage.uncertainty);
        xis.push(xi.as_number().unwrap_or(f64::NAN));
        metrics.push(xi);
        metrics.push(match (&lengths, map.pixel) {
            (Some(l), Some(p)) => {
                let area = pixels as f64 * p[0] * p[1];
                Metric::number(&name("boundary_density"), l[class] / area, "1/µm").n(n)
            }
            _ => Metric::missing(&name("boundary_density"), "the map has no pixel size"),
        });
        if let Some(m) = &found.mixed {
            let [weight, mean, std] = m.components[class];
            metrics.push(Metric::number(&name("gmm_weight"), weight, "").n(verdict.n));
            metrics.push(Metric::with_unit(&name("gmm_mean"), mean, &map.unit).n(n));
            metrics.push(Metric::with_unit(&name("gmm_std"), std, &map.unit).n(n));
        }
    }
    let lengths = lengths.unwrap_or_else(|| vec![f64::NAN; k]);
    let area = map.pixel.map_or(f64::NAN, |p| p[0] * p[1] * pixels as f64);
    let densities: Vec<f64> = lengths.iter().map(|l| l / area).collect();
    let labels = Map {
        unit: Unit::none(),
        quantity: "Class".into(),
        levelling: Vec::new(),
        ..map.with_values(found.labels.clone())
    };
    Ok(Outputs {
        artifacts: vec![
            ("classes", Artifact::Labels(Arc::new(Labels::of_map(Meaning::Classes, labels)))),
            ("table", Artifact::Table(Arc::new(table(map, found, &xis, &densities)))),
            ("deconvolution", Artifact::Table(Arc::new(deconvolution(map, found)))),
            ("candidates", Artifact::Table(Arc::new(candidates(verdict)))),
        ],
        metrics,
        warnings: verdict.warnings.iter().cloned().chain(warnings(found)).collect(),
    })
}

fn stability(found: &Segmentation) -> Metric {
    let rand: Vec<f64> = found.resamples.iter().map(|r| r.rand).collect();
    if rand.is_empty() {
        let why = if found.no_interval.is_empty() { "no resamples were asked for" } else { &found.no_interval };
        return Metric::missing("stability", &why.replace("no interval: ", ""));
    }
    let mut sorted = rand.clone();
    let [low, high] = crate::num::quantile::quantiles(&mut sorted, [0.025, 0.975]);
    Metric::number("stability", mean(&rand), "").interval(low, high).n(rand.len() as f64).note("of resampled blocks")
}

fn of_mixture(found: &Segmentation) -> Vec<Metric> {
    let Some(m) = &found.mixed else {
        let why = if found.centres.len() < 2 { "there is one class" } else { "there is no mixture" };
        return vec![Metric::missing("modes", why), Metric::missing("overlap", why)];
    };
    let modes = match m.modes {
        Some(modes) => Metric::number("modes", modes as f64, ""),
        None => Metric::missing("modes", "of several maps peaks are not counted"),
    };
    vec![modes, Metric::number("overlap", m.overlap, "")]
}

fn warnings(found: &Segmentation) -> Vec<Warning> {
    let mut out = Vec::new();
    let rand: Vec<f64> = found.resamples.iter().map(|r| r.rand).collect();
    if !rand.is_empty() && mean(&rand) < STABLE {
        out.push(Warning::new(
            "unstable-classes",
            format!("resampled blocks agree with the classes to {:.2} only (adjusted Rand index)", mean(&rand)),
            "take fewer classes, or a larger map",
        ));
    }
    if let Some(m) = &found.mixed {
        if m.modes == Some(1) {
            out.push(Warning::new(
                "one-peak",
                format!(
                    "{} classes overlap in one peak: a single skewed phase has such a histogram",
                    m.components.len()
                ),
                "look at the map of classes: do they have shapes that noise has not?",
            ));
        }
        if !m.converged {
            out.push(Warning::new(
                "slow-mixture",
                "the mixture had not come to rest: its components overlap too much to be told apart",
                "take fewer classes",
            ));
        }
    }
    out
}

/// ξ of one class as METHODS §2 reads it off its indicator, with a jackknife over strips.
fn correlation_length(name: &str, map: &Map, found: &Segmentation, class: usize, uncertainty: Uncertainty) -> Metric {
    let missing = |why: &str| Metric { unit: Unit::of("nm"), ..Metric::missing(name, why) };
    let Some(pixel) = map.pixel else { return missing("the map has no pixel size") };
    if found.centres.len() < 2 {
        return missing("one class everywhere has no length");
    }
    let indicator = found.labels.mapv(|l| if l.is_finite() { f64::from(u8::from(l as usize == class)) } else { l });
    let [rows, _] = map.shape();
    let r_max = fitted_range(map.shape(), pixel);
    let xi = |z: &Array2<f64>| {
        let sf = structure_function(z.view(), &Request { pixel, r_max, sectors: 0, plane: false }).ok()?;
        Some(fit(&sf.radial, Model::SelfAffine, false, r_max).ok()?.covariance)
    };
    let Some(c) = xi(&indicator) else { return missing("too few lags, or a class without a neighbour") };
    let area = found.counts.iter().sum::<u64>() as f64 * pixel[0] * pixel[1];
    let m = Metric::number(name, c.xi, "nm").n((area / c.correlation_area()).max(1.0));
    if uncertainty == Uncertainty::None || map.values.len() > JACKKNIFE || rows < 2 * STRIPS {
        return m.note("no interval");
    }
    let without = crate::num::parallel::ordered(STRIPS, |s| {
        let mut z = indicator.clone();
        z.slice_mut(ndarray::s![s * rows / STRIPS..(s + 1) * rows / STRIPS, ..]).fill(f64::NAN);
        xi(&z).map_or(f64::NAN, |c| libm::log(c.xi))
    });
    let [low, high] = jackknife(libm::log(c.xi), &without);
    m.interval(libm::exp(low), libm::exp(high)).note("interval by a jackknife over strips")
}

/// One row a class.
fn table(map: &Map, found: &Segmentation, xis: &[f64], densities: &[f64]) -> Table {
    let none = Unit::none();
    let n: u64 = found.counts.iter().sum();
    let mut columns = vec![
        Column::number("class", &none, (0..found.centres.len()).map(|c| c as f64)),
        Column::number("pixels", &none, found.counts.iter().map(|c| *c as f64)),
        Column::number("fraction", &none, found.counts.iter().map(|c| *c as f64 / n as f64)),
        Column::number("centre", &map.unit, found.centres.iter().copied()),
        Column::number("std", &map.unit, found.stds.iter().copied()),
        Column::number("xi", &Unit::of("nm"), xis.iter().copied()),
        Column::number("boundary_density", &Unit::of("1/µm"), densities.iter().copied()),
    ];
    for (i, centres) in found.others.iter().enumerate() {
        columns.push(Column::number(&format!("centre_of_map_{}", i + 2), &none, centres.iter().copied()));
    }
    if let Some(m) = &found.mixed {
        let part = |i: usize| m.components.iter().map(move |c| c[i]);
        columns.push(Column::number("gmm_weight", &none, part(0)));
        columns.push(Column::number("gmm_mean", &map.unit, part(1)));
        columns.push(Column::number("gmm_std", &map.unit, part(2)));
    }
    Table { columns }
}

/// Points of the curves.
const CURVE: usize = 200;

/// Densities and shares below, of values and mixture.
fn deconvolution(map: &Map, found: &Segmentation) -> Table {
    let (Some(low), Some(high)) = (found.sorted.first(), found.sorted.last()) else { return Table::default() };
    let bins = histogram(&mut found.sorted.clone());
    let x: Vec<f64> = (0..CURVE).map(|i| low + (high - low) * i as f64 / (CURVE - 1) as f64).collect();
    let density_unit = Unit { symbol: format!("1/({})", map.unit.si_symbol()), opaque: true, ..Unit::none() };
    let n = found.sorted.len() as f64;
    let density = |v: f64| {
        let Some(h) = &bins else { return f64::NAN };
        h.density((((v - h.low) / h.width) as usize).min(h.counts.len() - 1))
    };
    let components = found.mixed.as_ref().map(|m| m.components.clone()).unwrap_or_default();
    let gauss = |c: &[f64; 3], v: f64| {
        let z = (v - c[1]) / c[2];
        c[0] / (c[2] * std::f64::consts::TAU.sqrt()) * libm::exp(-0.5 * z * z)
    };
    let below = |c: &[f64; 3], v: f64| c[0] * 0.5 * libm::erfc((c[1] - v) / (c[2] * std::f64::consts::SQRT_2));
    let mut columns = vec![
        Column::number("value", &map.unit, x.iter().copied()),
        Column::number("density", &density_unit, x.iter().map(|v| density(*v))),
        Column::number("below", &Unit::none(), x.iter().map(|v| found.sorted.partition_point(|s| s <= v) as f64 / n)),
    ];
    if !components.is_empty() {
        let sum = |f: &dyn Fn(&[f64; 3], f64) -> f64, v: f64| components.iter().map(|c| f(c, v)).sum::<f64>();
        columns.push(Column::number("mixture_density", &density_unit, x.iter().map(|v| sum(&gauss, *v))));
        columns.push(Column::number("mixture_below", &Unit::none(), x.iter().map(|v| sum(&below, *v))));
    }
    for (i, c) in components.iter().enumerate() {
        columns.push(Column::number(&format!("density_{i}"), &density_unit, x.iter().map(|v| gauss(c, *v))));
    }
    Table { columns }
}

/// One row a number of classes.
fn candidates(verdict: &Verdict) -> Table {
    let all = verdict.choice.as_ref().map(|c| c.candidates.as_slice()).unwrap_or_default();
    let column = |name: &str, of: fn(&crate::segment::choice::Candidate) -> f64| {
        Column::number(name, &Unit::none(), all.iter().map(of))
    };
    Table {
        columns: vec![
            column("k", |c| c.k as f64),
            column("gain", |c| c.gain),
            column("score", |c| c.score),
            column("bic", |c| c.bic),
            column("gap", |c| c.gap),
            column("gap_error", |c| c.gap_error),
        ],
    }
}
