//! `correlation`: the structure function, its length, and whether that length means something.

mod volume;

use std::sync::Arc;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::data::{Artifact, Column, Kind, Map, Metric, Table, Warning};
use crate::spatial::bootstrap::{Bootstrap, BootstrapError, Setting, bootstrap};
use crate::spatial::covariance::{Covariance, Model, fit};
use crate::spatial::estimate::{Estimate, Options, estimate};
use crate::spatial::resolution::{DISC, contact_radius, judge};
use crate::spatial::structure_function::{Curve, StructureFunction, fitted_range};
use crate::stage::{
    Cx, Doc, Inputs, MetricDoc, Output, Outputs, ParamError, Port, Scope, Stage, StageError, Uncertainty, VolumeCost,
    check_resamples,
};
use crate::unit::Unit;
use crate::unit::quantity::{Force, Length, Pressure};

/// Measures how coarse a map is.
#[derive(Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Correlation {
    /// Covariance model: `self-affine`, `gaussian`, `exponential`, or `auto`, the one of smallest AICc.
    #[serde(default)]
    model: Model,
    /// Whether uncorrelated noise (a nugget) is fitted.
    #[serde(default)]
    noise: bool,
    /// Largest lag of the fit; a quarter of the shorter side unless given.
    #[serde(default)]
    r_max: Option<Length>,
    /// Angular sectors over 180°, for the anisotropy; 0 for none.
    #[serde(default = "sectors")]
    sectors: usize,
    /// Radius of the tip–sample contact, for the verdict on resolution.
    #[serde(default)]
    contact_radius: Option<Length>,
    /// Tip from which the contact radius follows (Hertz), instead of `contact_radius`.
    #[serde(default)]
    tip: Option<Tip>,
    /// `bootstrap`: fields of the fitted covariance, levelled as the map was; `none`: raw estimates.
    #[serde(default)]
    uncertainty: Uncertainty,
    /// Simulated fields in the last round of the bootstrap.
    #[serde(default = "resamples")]
    resamples: usize,
    /// Largest lag in all directions of a volume, all pairs; eight voxels unless given. Maps always have it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    radial: Option<Length>,
    /// 0 leaves the rows `xi_null` and `xi_excess` out; the null of a length is the probe's, so every other number is the same.
    #[serde(default = "one")]
    surrogates: usize,
}

/// A spherical tip in contact.
#[derive(Clone, Copy, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Tip {
    /// Tip radius.
    radius: Length,
    /// Normal force.
    force: Force,
    /// Reduced modulus E* of tip and sample.
    reduced_modulus: Pressure,
}

fn sectors() -> usize {
    8
}

fn resamples() -> usize {
    100
}

fn one() -> usize {
    1
}

/// Maps of at most so many pixels a side have their curves over all lags.
const SMALL: f64 = 64.0;

impl Stage for Correlation {
    const DOC: &'static Doc = &Doc {
        id: "correlation",
        version: 3,
        about: "Structure function H(r) over all valid pairs with exact pair counts – radial, along the fast and the slow axis, by sectors – and \
                a covariance fitted to it. A parametric bootstrap replays the levelling on simulated fields, removes the bias of finite windows \
                and gives intervals; a verdict compares ξ with pixel, contact and window.",
        reference: "METHODS §2, §13; S1 §3.3.2; Nečas & Klapetek, doi:10.1038/s41598-020-72171-8",
        scope: Scope::Sample,
        inputs: &[Port::new("map", &[Kind::Map, Kind::Volume], "", "the map, levelled or not, or the volume")],
        outputs: &[
            Output {
                name: "curve",
                kind: Kind::Table,
                unit: "input",
                about: "H by direction and lag: radial, fast, slow, sectors (of volumes radial, x, y, z); with model and band",
            },
            Output { name: "lags", kind: Kind::Map, unit: "", about: "H(dx, dy) with zero lag in the middle" },
        ],
        metrics: &[
            MetricDoc::new("xi", "m", "lateral correlation length, bias removed; its null is what the probe makes of white noise: 1.04 contact radii, or the pixel").nulls(&["null", "excess"]),
            MetricDoc::new("sigma", "map", "rms of the correlated part, bias removed"),
            MetricDoc::new("alpha", "", "roughness exponent, bias removed"),
            MetricDoc::new("noise", "map", "rms of the uncorrelated part (0 unless fitted)"),
            MetricDoc::new("xi_raw", "m", "ξ as fitted"),
            MetricDoc::new("sigma_raw", "map", "σ as fitted"),
            MetricDoc::new("alpha_raw", "", "α as fitted"),
            MetricDoc::new("r2", "", "coefficient of determination of the fit"),
            MetricDoc::new("window_over_xi", "", "shorter side over ξ"),
            MetricDoc::new("xi_verdict", "", "resolved, resolution-limited or window-limited"),
            MetricDoc::new("xi_fast", "m", "ξ along the fast axis, x"),
            MetricDoc::new("xi_slow", "m", "ξ along the slow axis, y"),
            MetricDoc::new("xi_z", "m", "ξ along z, of volumes"),
            MetricDoc::new("anisotropy", "", "ξ_max/ξ_min ≥ 1 of an ellipse through the sectors; its null is what 95 % of isotropic fields stay below").nulls(&["null", "p"]),
            MetricDoc::new("anisotropy_angle", "deg", "direction of ξ_max, from +x towards the top"),
            MetricDoc::new("model", "", "the model used"),
            MetricDoc::new("aicc_gaussian", "", "AICc with α = 1"),
            MetricDoc::new("aicc_exponential", "", "AICc with α = 1/2"),
            MetricDoc::new("aicc_self_affine", "", "AICc with α free"),
            MetricDoc::new("aicc_self_affine_noise", "", "AICc with α and a nugget free"),
        ],
        metadata: &[],
        example: "run = \"correlation\"\ninput = \"level\"\nmodel = \"self-affine\"\ncontact_radius = \"4 nm\"\nresamples = 100\n",
    };

    fn check(&self) -> Result<(), ParamError> {
        if self.contact_radius.is_some() && self.tip.is_some() {
            return Err(ParamError::new("tip", "give `contact_radius` or `tip`, not both"));
        }
        if self.r_max.is_some_and(|r| !(r.0 > 0.0)) {
            return Err(ParamError::new("r_max", "a positive length is wanted, such as \"200 nm\""));
        }
        if self.contact_radius.is_some_and(|r| !(r.0 > 0.0)) {
            return Err(ParamError::new("contact_radius", "a positive length is wanted, such as \"4 nm\""));
        }
        if self.tip.is_some_and(|t| !(t.radius.0 > 0.0 && t.force.0 > 0.0 && t.reduced_modulus.0 > 0.0)) {
            return Err(ParamError::new("tip", "radius, force and reduced modulus are positive"));
        }
        if self.radial.is_some_and(|r| !(r.0 > 0.0)) {
            return Err(ParamError::new("radial", "a positive length is wanted, such as \"300 nm\""));
        }
        if self.sectors != 0 && !(4..=36).contains(&self.sectors) {
            return Err(ParamError::new("sectors", "4 to 36 sectors, or 0 for none"));
        }
        check_resamples(self.uncertainty, self.resamples)
    }

    fn volume_cost(&self, shape: [usize; 3], voxel: Option<[f64; 3]>) -> VolumeCost {
        let lags = match (self.r_max, voxel) {
            (Some(r), Some(v)) => (r.0 / v[0]) as usize,
            _ => (shape[0] / 2).min(volume::LAGS),
        };
        VolumeCost { halo: lags.min(shape[0] - 1), nanoseconds: 0.4 * 3.0 * lags as f64 + 0.3 * 1072.0, seconds: 0.0 }
    }

    fn run(&self, inputs: &Inputs<'_>, cx: &Cx<'_>) -> Result<Outputs, StageError> {
        if let Some(Artifact::Volume(v)) = inputs.get(0) {
            return volume::run(self, v, cx);
        }
        let map = inputs.map(0)?;
        let pixel = map.pixel_size()?;
        let [rows, columns] = map.shape();
        let sides = [rows as f64 * pixel[0], columns as f64 * pixel[1]];
        let window = sides[0].min(sides[1]);
        let r_max = self.r_max.map_or_else(|| fitted_range(map.shape(), pixel), |r| r.0);
        if r_max > libm::hypot(sides[0], sides[1]) {
            return Err(StageError::Failed(format!(
                "r_max of {r_max:e} m is larger than the map; leave it out or give a smaller length"
            )));
        }
        // Curves go on to half of the window, in small maps to all of it; beyond, pairs are few and say little.
        let reach = (window / 2.0).max(window.min(SMALL * pixel[0].max(pixel[1])));
        let options = Options { model: self.model, noise: self.noise, r_max, reach, sectors: self.sectors };
        let (sf, e) = estimate(map.values.view(), pixel, &options, true)?;
        let boot = match self.uncertainty {
            Uncertainty::None => None,
            Uncertainty::Bootstrap => Some(self.bootstrap(map, pixel, &options, &e, cx)?),
        };
        let contact = self
            .contact_radius
            .map(|r| r.0)
            .or(self.tip.map(|t| contact_radius(t.force.0, t.radius.0, t.reduced_modulus.0)));
        let mut warnings = Vec::new();
        let boot = match boot {
            Some(Err(BootstrapError::Unstable)) => {
                warnings.push(Warning::new(
                    "no-interval",
                    "simulated fields of the fitted covariance cannot be fitted: there is no interval, and the bias stays in",
                    "the window holds too few correlation lengths; scan a larger area",
                ));
                None
            }
            Some(Ok(b)) => Some(b),
            Some(Err(BootstrapError::Cancelled)) => return Err(StageError::Cancelled),
            None => None,
        };
        let report = Report { map, sf: &sf, e: &e, boot: boot.as_ref(), pixel, window, contact, stage: self };
        let metrics = report.metrics(&mut warnings);
        let table = report.table(r_max);
        let mut artifacts = vec![("curve", Artifact::Table(Arc::new(table)))];
        if let Some(plane) = sf.plane.clone() {
            let lags = Map {
                values: plane,
                unit: map.unit.squared(),
                quantity: "Structure function".into(),
                pixel: Some(pixel),
                levelling: Vec::new(),
                convention: None,
            };
            artifacts.push(("lags", Artifact::Map(Arc::new(lags))));
        }
        Ok(Outputs { artifacts, metrics, warnings })
    }
}

impl Correlation {
    fn bootstrap(
        &self,
        map: &Map,
        pixel: [f64; 2],
        options: &Options,
        e: &Estimate,
        cx: &Cx<'_>,
    ) -> Result<Result<Bootstrap, BootstrapError>, StageError> {
        let setting = Setting {
            values: &map.values,
            pixel,
            levelling: &map.levelling,
            options,
            stream: &cx.stream,
            resamples: self.resamples,
            cancelled: cx.cancelled,
            progress: &|done, total| cx.progress.step(done, total),
        };
        let out = bootstrap(&setting, e);
        if out == Err(BootstrapError::Cancelled) { Err(StageError::Cancelled) } else { Ok(out) }
    }
}

/// What is known of one map, ready to be written down.
struct Report<'a> {
    map: &'a Map,
    sf: &'a StructureFunction,
    e: &'a Estimate,
    boot: Option<&'a Bootstrap>,
    pixel: [f64; 2],
    window: f64,
    contact: Option<f64>,
    stage: &'a Correlation,
}

impl Report<'_> {
    fn covariance(&self) -> Covariance {
        self.boot.map_or(self.e.fitted.covariance, |b| b.corrected)
    }

    fn metrics(&self, warnings: &mut Vec<Warning>) -> Vec<Metric> {
        let (raw, c) = (self.e.fitted.covariance, self.covariance());
        let unit = &self.map.unit;
        let pixels = self.map.values.iter().filter(|v| v.is_finite()).count() as f64;
        let n = (pixels * self.pixel[0] * self.pixel[1] / c.correlation_area()).clamp(1.0, pixels);
        let with = |m: Metric, i: Option<[f64; 2]>| i.map_or_else(|| m.clone(), |[a, b]| m.clone().interval(a, b)).n(n);
        let of = |k: usize| self.boot.map(|b| b.intervals[k]);
        let axis = |k: usize| self.boot.map(|b| b.axis_intervals[k]);
        let (verdict, found) = judge(c.xi, self.pixel[0].max(self.pixel[1]), self.contact, self.window);
        let note = found.iter().map(|w| w.message.as_str()).collect::<Vec<_>>().join("; ");
        warnings.extend(found);
        warnings.extend(self.lost_to_levelling(&c));
        let lines: Vec<Warning> = self.line_noise().into_iter().chain(self.misfit()).collect();
        let note = lines
            .iter()
            .fold(note, |n, w| if n.is_empty() { w.message.clone() } else { format!("{n}; {}", w.message) });
        warnings.extend(lines);
        let bias = if self.boot.is_some() { "" } else { "bias not removed" };
        let axes = self.boot.map_or([self.e.xi_fast, self.e.xi_slow], |b| b.axes);
        let mut out = vec![
            match self.beyond(c.xi) {
                Some(why) => Metric::missing("xi", why).note(&note),
                None => with(Metric::number("xi", c.xi, "m").note(bias).note(&note), of(0)),
            },
            with(Metric::with_unit("sigma", c.sigma, unit).note(bias), of(1)),
            with(Metric::number("alpha", c.alpha, "").note(bias), of(2)),
            with(Metric::with_unit("noise", c.noise, unit), of(3).filter(|_| self.stage.noise)),
            Metric::number("xi_raw", raw.xi, "m").n(n),
            Metric::with_unit("sigma_raw", raw.sigma, unit).n(n),
            Metric::number("alpha_raw", raw.alpha, "").n(n),
            Metric::number("r2", self.e.fitted.r2, "").n(self.e.fitted.points as f64),
            Metric::number("window_over_xi", self.window / c.xi, ""),
            Metric::text("xi_verdict", verdict.name()).note(&note),
        ];
        if self.stage.surrogates > 0 {
            let pixel = self.pixel[0].max(self.pixel[1]);
            let (null, why) = match self.contact {
                Some(a) => (DISC * a, "white noise seen through the contact"),
                None => (pixel, "the pixel; give `contact_radius` or `tip` for the probe's"),
            };
            out.push(Metric::number("xi_null", null, "m").note(why));
            out.push(with(Metric::number("xi_excess", c.xi - null, "m"), of(0).map(|i| i.map(|v| v - null))));
        }
        for (k, name) in ["xi_fast", "xi_slow"].iter().enumerate() {
            out.push(match self.beyond(axes[k]) {
                Some(why) => Metric::missing(name, why),
                None => with(Metric::number(name, axes[k], "m"), axis(k)),
            });
        }
        out.extend(self.anisotropy(n));
        out.extend(self.models());
        out
    }

    /// Why a length cannot be one of this map.
    fn beyond(&self, xi: f64) -> Option<&'static str> {
        let pixel = self.pixel[0].min(self.pixel[1]);
        if !xi.is_finite() {
            Some("the direction cannot be fitted")
        } else if xi > self.window {
            Some("longer than the window: H(r) has no plateau in this direction")
        } else if xi < 0.3 * pixel {
            Some("below the pixel: neighbours in this direction are uncorrelated")
        } else {
            None
        }
    }

    /// A curve that none of the models describes has no ξ of theirs.
    fn misfit(&self) -> Option<Warning> {
        (self.e.fitted.r2 < 0.9).then(|| {
            Warning::new(
                "poor-fit",
                format!("the model explains {:.0} % of the variation of H(r)", 100.0 * self.e.fitted.r2.max(0.0)),
                "look at the curve: two lengths, a background or scan noise are not in the model; try `noise`, another levelling, a smaller `r_max`",
            )
        })
    }

    /// Lines that hardly know each other: the scanner's, not the sample's.
    fn line_noise(&self) -> Option<Warning> {
        let ratio = self.e.xi_fast / self.e.xi_slow;
        let short = self.e.xi_slow < 4.0 * self.pixel[0];
        (ratio > 2.0 && short).then(|| {
            let times = if ratio > 20.0 { "more than 20".to_string() } else { format!("{ratio:.1}") };
            Warning::new(
                "line-noise",
                format!("ξ across the lines is {:.1} pixels, along them {times} times as long", self.e.xi_slow / self.pixel[0]),
                "line-to-line noise of the scan is part of ξ: level rows by `row = \"median-difference\"`, scan slower, or compare forward with backward",
            )
        })
    }

    fn anisotropy(&self, n: f64) -> Vec<Metric> {
        if self.stage.sectors == 0 {
            return Vec::new();
        }
        let why = "a sector cannot be fitted";
        let or_missing = |m: Metric| if m.as_number().is_some() { m.n(n) } else { Metric::missing(&m.name, why) };
        let mut out = vec![or_missing(Metric::number("anisotropy", self.e.anisotropy, ""))];
        if let Some(b) = self.boot {
            out.push(or_missing(Metric::number("anisotropy_null", b.isotropic_limit, "")));
            let p = if self.e.anisotropy.is_finite() { b.isotropy_p } else { f64::NAN };
            out.push(or_missing(Metric::number("anisotropy_p", p, "")));
        }
        out.push(or_missing(Metric::number("anisotropy_angle", self.e.anisotropy_angle, "deg")));
        out
    }

    /// AICc of the candidates on the same lags.
    fn models(&self) -> Vec<Metric> {
        let note = if self.stage.noise { "with a nugget" } else { "" };
        let mut out = vec![Metric::text("model", self.stage.model.name()).note(note)];
        out.extend(candidates(&self.sf.radial, self.r_max()));
        out
    }

    fn r_max(&self) -> f64 {
        self.stage.r_max.map_or_else(|| fitted_range(self.map.shape(), self.pixel), |r| r.0)
    }

    /// METHODS §14: what line levelling takes from the variance, 1-D, degree p.
    fn lost_to_levelling(&self, c: &Covariance) -> Option<Warning> {
        use crate::data::Levelling;
        let degree = self.map.levelling.iter().filter_map(|l| match l {
            Levelling::Rows { degree, .. } => Some(*degree),
            Levelling::Polynomial { .. } => None,
        });
        let terms = f64::from(degree.max()?) + 1.0;
        let length = self.map.shape()[1] as f64 * self.pixel[1];
        let lost = terms * c.correlation_length() / length;
        (lost > 0.05).then(|| {
            Warning::new(
                "levelling-eats-xi",
                format!("line levelling takes about {:.0} % of the variance at this ξ", 100.0 * lost.min(1.0)),
                "level the whole map by a plane instead, or scan longer lines; the bootstrap corrects ξ and σ for it",
            )
        })
    }

    fn table(&self, r_max: f64) -> Table {
        let mut rows = Rows::default();
        let band = self.boot.map(|b| b.band.as_slice()).unwrap_or_default();
        let raw = self.e.fitted.covariance;
        rows.add(
            "radial",
            &self.sf.radial,
            band,
            |r| if r <= r_max * (1.0 + 1e-9) { raw.structure(r) } else { f64::NAN },
        );
        rows.add("fast", &self.sf.fast, &[], |_| f64::NAN);
        rows.add("slow", &self.sf.slow, &[], |_| f64::NAN);
        for (k, sector) in self.sf.sectors.iter().enumerate() {
            let angle = 180.0 * k as f64 / self.sf.sectors.len() as f64;
            rows.add(&format!("{angle} deg"), sector, &[], |_| f64::NAN);
        }
        rows.table(&self.map.unit.squared())
    }
}

/// AICc of the candidates on the same lags.
fn candidates(curve: &Curve, r_max: f64) -> Vec<Metric> {
    let candidates = [
        ("aicc_gaussian", Model::Gaussian, false),
        ("aicc_exponential", Model::Exponential, false),
        ("aicc_self_affine", Model::SelfAffine, false),
        ("aicc_self_affine_noise", Model::SelfAffine, true),
    ];
    let of = |(name, model, noise): (&str, Model, bool)| match fit(curve, model, noise, r_max) {
        Ok(f) => Metric::number(name, f.aicc, "").n(f.points as f64),
        Err(e) => Metric::missing(name, &e.to_string()),
    };
    candidates.map(of).into()
}

#[derive(Default)]
struct Rows {
    direction: Vec<String>,
    values: [Vec<f64>; 7],
}

impl Rows {
    fn add(&mut self, direction: &str, curve: &Curve, band: &[[f64; 2]], model: impl Fn(f64) -> f64) {
        for i in 0..curve.r.len() {
            self.direction.push(direction.to_string());
            let [low, high] = band.get(i).copied().unwrap_or([f64::NAN; 2]);
            let row = [curve.lag[i] as f64, curve.r[i], curve.h[i], curve.pairs[i], model(curve.r[i]), low, high];
            self.values.iter_mut().zip(row).for_each(|(c, v)| c.push(v));
        }
    }

    fn table(self, squared: &Unit) -> Table {
        let (m, none) = (Unit::of("m"), Unit::none());
        let names = [
            ("lag", &none),
            ("r", &m),
            ("h", squared),
            ("pairs", &none),
            ("model", squared),
            ("band_low", squared),
            ("band_high", squared),
        ];
        let mut columns = vec![Column::text("direction", self.direction)];
        columns.extend(names.iter().zip(self.values).map(|((n, u), v)| Column::number(n, u, v)));
        Table { columns }
    }
}
