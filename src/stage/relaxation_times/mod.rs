//! `relaxation-times`: the spectrum of relaxation times without a model, its peaks, and the zones they stand for.

mod equations;
mod null;
mod report;
mod tables;
mod tracks;
mod zones;

use crate::num::random::Stream;
use std::sync::Arc;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use self::report::Report;
use self::zones::Stz;
use super::{
    Connections, Cx, Doc, Index, Inputs, Intervals, MetricDoc, Output, Outputs, ParamError, Port, Scope, Stage,
    StageError, Uncertainty,
};
use crate::data::{Artifact, Kind, Role, Spectrum, Warning};
use crate::relax::times::Rule;
use crate::relax::times::bands::bands;
use crate::relax::times::peaks::peaks;
use crate::relax::times::refined::settled;
use crate::relax::times::strength::Normal;
use crate::relax::times::tracks::{PeakAtAge, Tracks};
use crate::relax::times::twin::resolution;
use crate::unit::quantity::{Duration, Temperature};

/// Finds a spectrum of relaxation times.
#[derive(Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub(super) struct RelaxationTimes {
    /// `[shortest, longest]` relaxation time; a decade beyond the data to both sides unless given.
    #[serde(skip_serializing_if = "Option::is_none")]
    range: Option<[Duration; 2]>,
    /// Times a decade.
    per_decade: usize,
    /// Whether a decay ends at a level other than 0.
    baseline: bool,
    /// Whether a decay drifts on a straight line besides.
    drift: bool,
    /// How the cost of roughness is chosen: `evidence`, `gcv`, `l-curve`.
    rule: Rule,
    /// Errors of the data: `relative` to each point (frequency), `absolute` (time), unless said otherwise.
    #[serde(skip_serializing_if = "Option::is_none")]
    noise: Option<Noise>,
    /// Temperature whose isotherm is taken where the table has several.
    #[serde(skip_serializing_if = "Option::is_none")]
    temperature: Option<Temperature>,
    /// Sizes and energies of shear transformation zones from the peaks.
    #[serde(skip_serializing_if = "Option::is_none")]
    stz: Option<Stz>,
    /// Intervals.
    #[serde(flatten)]
    intervals: Intervals<200>,
}

impl Default for RelaxationTimes {
    fn default() -> RelaxationTimes {
        RelaxationTimes {
            range: None,
            per_decade: 10,
            baseline: true,
            drift: false,
            rule: Rule::default(),
            noise: None,
            temperature: None,
            stz: None,
            intervals: Intervals::default(),
        }
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
enum Noise {
    Relative,
    Absolute,
}

/// Most times of a grid.
const MOST: usize = 400;

/// Peaks are numbered from 1.
const PEAK: Index = Index::Number(1, usize::MAX);

impl Stage for RelaxationTimes {
    const DOC: &'static Doc = &Doc {
        id: "relaxation-times",
        version: 4,
        about: "Non-negative f(ln τ), as smooth as the data allow, from a decay in time with a level and a drift, from loss, or storage and loss \
                in frequency, or from both of one material; the cost of roughness by the evidence of the data. Peaks of at least 1 % of the area with \
                centroid and area, by a fit of log-normal processes, as few as describe the data as well, against the null of one broad process, bands, and what separation of two times these data can resolve; shear transformation zones with their volume \
                fractions; peaks followed over ageing time where the table has one. Bands and the resolution come from fresh noise on the fit, intervals of peaks from least squares.",
        reference: "METHODS §11; S3 §3, §6, Eq. 1–9",
        scope: Scope::Sample,
        inputs: &[
            Port::new(
                "data",
                &[Kind::Spectrum, Kind::Table],
                "",
                "time and stress, modulus or strain; or frequency and loss or storage and loss; ageing_time where there are several",
            ).columns(&["time", "stress"]),
            Port::new(
                "more",
                &[Kind::Spectrum, Kind::Table],
                "",
                "of the same material: a frequency sweep beside a relaxation modulus, or the reverse",
            ).columns(&["time", "stress"])
            .optional(),
        ],
        outputs: &[
            Output {
                name: "spectrum",
                kind: Kind::Table,
                unit: "",
                about: "f(ln τ) with its band, and where the data see it",
            },
            Output { name: "peaks", kind: Kind::Table, unit: "", about: "one row a peak, with its zone" },
            Output { name: "curve", kind: Kind::Table, unit: "", about: "data and fit" },
            Output {
                name: "tracks",
                kind: Kind::Table,
                unit: "",
                about: "peaks over ageing time, where the table has one",
            },
        ],
        metrics: &[
            MetricDoc::new("peaks", "", "number of peaks"),
            MetricDoc::new("tau_<peak>", "s", "centroid τ_m of the peak; peaks count by rising time").of(PEAK),
            MetricDoc::new("c_<peak>", "data", "its area c_m = ∫ f d ln τ").of(PEAK),
            MetricDoc::new("stz_n_<peak>", "", "atoms of its zone").of(PEAK),
            MetricDoc::new("stz_energy_<peak>", "eV", "its activation energy ΔF").of(PEAK),
            MetricDoc::new(
                "stz_fraction_<peak>",
                "",
                "volume fraction of potential zones: area over elastic strain or unrelaxed modulus",
            )
            .of(PEAK),
            MetricDoc::new("stz_slope", "", "atoms from one peak to the next"),
            MetricDoc::new(
                "one_process",
                "",
                "of several peaks: `yes` where one Havriliak–Negami or KWW process describes the data as well",
            ),
            MetricDoc::new("tracks", "", "peaks followed over ageing time"),
            MetricDoc::new("tau_trend_<peak>", "", "d ln τ/d ln(ageing time)").of(PEAK),
            MetricDoc::new("c_trend_<peak>", "", "d ln c/d ln(ageing time)").of(PEAK),
            MetricDoc::new("baseline", "data", "level that the decay ends at"),
            MetricDoc::new("drift", "data/s", "slope besides"),
            MetricDoc::new("relaxed_modulus", "Pa", "storage at frequency 0"),
            MetricDoc::new("resolution", "", "decades between two times that twins of these data tell apart"),
            MetricDoc::new("strength", "", "cost of roughness, as data and roughness weigh alike at 1"),
            MetricDoc::new("rule", "", "the rule that chose it"),
            MetricDoc::new("noise", "", "scatter of the data about the fit, relative or in the unit of the data"),
        ],
        metadata: &[],
        example: "run = \"relaxation-times\"\ninput = \"recovery\"\nbaseline = true\nrange = [\"0.1 s\", \"1e9 s\"]\n",
    };

    fn check(&self) -> Result<(), ParamError> {
        if let Some([a, b]) = self.range
            && !(a.0 > 0.0 && b.0 > a.0)
        {
            return Err(ParamError::new("range", "two positive times are wanted, the shorter first"));
        }
        if !(2..=50).contains(&self.per_decade) {
            return Err(ParamError::new("per_decade", "2 to 50 times a decade"));
        }
        if let Some(stz) = &self.stz {
            stz.check()?;
        }
        self.intervals.check()
    }

    fn idle(&self, _: &Connections) -> Vec<ParamError> {
        self.intervals.idle()
    }

    fn run(&self, inputs: &Inputs<'_>, cx: &Cx<'_>) -> Result<Outputs, StageError> {
        let data = inputs.spectrum_or_table(0)?;
        let more = inputs.get(1).map(|_| inputs.spectrum_or_table(1)).transpose()?;
        let ages = data.split_by(Role::AgeingTime);
        match (ages.as_slice(), &more) {
            ([], None) => Ok(self.one(&data, None, &cx.stream)?.0),
            ([], Some(m)) => Ok(self.one(&data, Some(m), &cx.stream)?.0),
            (_, Some(_)) => Err(StageError::Failed("states of several ageing times take one input each".into())),
            (ages, None) => self.aged(ages, &cx.stream),
        }
    }
}

impl RelaxationTimes {
    /// One spectrum, and its peaks as they are followed.
    fn one(
        &self,
        data: &Spectrum,
        more: Option<&Spectrum>,
        stream: &Stream,
    ) -> Result<(Outputs, Vec<PeakAtAge>), StageError> {
        let made = self.problem(data, more)?;
        let p = &made.problem;
        let normal = Normal::of(p);
        let s = self.solved(p, &normal)?;
        let (mut found, refined) = settled(&s, p, peaks(&s, p));
        let (mut band, resolved) = match self.intervals.uncertainty {
            Uncertainty::None => (None, None),
            Uncertainty::Bootstrap => {
                let band = bands(&s, p, &normal, &found, self.intervals.resamples, &stream.role("resample"));
                (band, Some(resolution(&s, p, &normal, self.rule, &stream.role("twin"))))
            }
        };
        if let Some(r) = &refined {
            for (k, of) in found.iter_mut().zip(&r.peaks) {
                (k.tau, k.area, k.width) = (of.tau.0, of.area.0, of.width);
            }
            if let Some(b) = &mut band {
                b.peaks = r.peaks.iter().map(|k| [k.tau.1, k.area.1]).collect();
                b.extras = r.extras.iter().map(|e| e.1).collect();
            }
        }
        let grid = p.grid.tau.len();
        let extras = match &refined {
            Some(r) => r.extras.iter().map(|e| e.0).collect(),
            None => s.x[grid..].to_vec(),
        };
        let (band, refined) = (band.as_ref(), refined.is_some());
        let single = if found.len() > 1 { self.one_process(&made, &s) } else { None };
        let report = Report { stage: self, made: &made, s: &s, found: &found, band, resolved, extras, refined, single };
        let mut warnings = made.warnings.clone();
        report.warn(&mut warnings);
        let artifacts = vec![
            ("spectrum", Artifact::Table(Arc::new(report.spectrum()))),
            ("peaks", Artifact::Table(Arc::new(report.peaks()))),
            ("curve", Artifact::Table(Arc::new(report.curve()))),
        ];
        let seen = report.peaks_at_age();
        Ok((Outputs { artifacts, metrics: report.metrics(), warnings }, seen))
    }

    /// The youngest state whole, and the peaks of all as they move.
    fn aged(&self, ages: &[(f64, Spectrum)], stream: &Stream) -> Result<Outputs, StageError> {
        let mut states = Vec::new();
        let mut first: Option<Outputs> = None;
        let mut failed: Vec<Warning> = Vec::new();
        for (age, spectrum) in ages {
            match self.one(spectrum, None, &stream.role("age").content([*age])) {
                Ok((outputs, seen)) => {
                    states.push((*age, seen));
                    first.get_or_insert(outputs);
                }
                Err(e) => failed.push(Warning::new(
                    "age-left-out",
                    format!("the state aged for {age:.3e} s: {e}"),
                    "see what its rows hold",
                )),
            }
        }
        let Some(mut out) = first else {
            let why = failed.first().map_or_else(String::new, |w| w.message.clone());
            return Err(StageError::Failed(format!("no state could be solved for: {why}")));
        };
        out.warnings.extend(failed);
        let aged = Tracks::of(&states);
        out.metrics.extend(tracks::metrics(&aged));
        let unit = self.unit_of(&ages[0].1);
        out.artifacts.push(("tracks", Artifact::Table(Arc::new(tracks::table(&aged, &unit)))));
        Ok(out)
    }

    /// Unit of areas.
    fn unit_of(&self, s: &Spectrum) -> crate::unit::Unit {
        let role = [Role::Stress, Role::Modulus, Role::Strain].into_iter().find(|r| s.get(*r).is_some());
        match (s.get(Role::Time), role) {
            (Some(_), Some(role)) => role.unit(),
            _ => crate::unit::Unit::of("Pa"),
        }
    }
}
