//! What is said of a spectrum: metrics, warnings, tables.

use super::RelaxationTimes;
use super::equations::Equations;
use super::zones::PeakTime;
use crate::data::{Metric, Warning};
use crate::relax::times::bands::Bands;
use crate::relax::times::peaks::Peak;
use crate::relax::times::refined::allowed;
use crate::relax::times::tracks::PeakAtAge;
use crate::relax::times::twin::SEPARATIONS;
use crate::relax::times::{Rule, Smooth};
use crate::unit::{Unit, display};

pub(super) struct Report<'a> {
    pub stage: &'a RelaxationTimes,
    pub made: &'a Equations,
    pub s: &'a Smooth,
    pub found: &'a [Peak],
    pub band: Option<&'a Bands>,
    pub resolved: Option<Option<f64>>,
    /// Levels and drifts.
    pub extras: Vec<f64>,
    /// Whether the peaks are fitted as log-normal processes.
    pub refined: bool,
    /// Of several peaks: variance about one broad process over that about the spectrum.
    pub single: Option<f64>,
}

impl Report<'_> {
    /// The peaks as they are followed over ageing time.
    pub(super) fn peaks_at_age(&self) -> Vec<PeakAtAge> {
        let followed = |z: PeakTime| PeakAtAge { tau: (z.tau, z.tau_ends), area: (z.area, z.area_ends) };
        self.of_zones().into_iter().map(followed).collect()
    }

    /// The peaks as zones are computed from them.
    pub(super) fn of_zones(&self) -> Vec<PeakTime> {
        let peak_time = |(k, p): (usize, &Peak)| {
            let [tau_ends, area_ends] = self.ends(k);
            PeakTime { tau: p.tau, tau_ends, area: p.area, area_ends }
        };
        self.found.iter().enumerate().map(peak_time).collect()
    }

    /// Ends of τ and of the area of a peak that a fitted process describes.
    pub(super) fn ends(&self, peak: usize) -> [[f64; 2]; 2] {
        self.band.filter(|_| self.refined).map_or([[f64::NAN; 2]; 2], |b| b.peaks[peak])
    }

    pub(super) fn metrics(&self) -> Vec<Metric> {
        let n = self.made.count;
        let zones = self.of_zones();
        let mut out = vec![Metric::number("peaks", self.found.len() as f64, "").n(n)];
        out.push(match (self.single, self.found.len()) {
            (Some(v), _) => {
                let said = if self.one_does() { "yes" } else { "no" };
                let note = format!("variance about it {} of that about the spectrum", display::significant(v, 3));
                Metric::text("one_process", said).n(n).note(&note)
            }
            (None, 0 | 1) => Metric::missing("one_process", "there are no several peaks"),
            (None, _) => Metric::missing("one_process", "errors of another kind than those of a fit, or no fit"),
        });
        for (k, peak) in self.found.iter().enumerate() {
            let name = |s: &str| format!("{s}_{}", k + 1);
            // Fresh noise on the spectrum knows nothing of its bias: only a fitted process has an interval.
            let ends = self.band.filter(|_| self.refined).map(|b| b.peaks[k]);
            let with =
                |m: Metric, e: Option<[f64; 2]>| e.map_or_else(|| m.clone(), |[a, b]| m.clone().interval(a, b)).n(n);
            let shape = "no interval: the peak is no log-normal process";
            let edge = match (self.at_edge(peak), self.refined || self.band.is_none()) {
                (true, _) => "at the edge of the time window",
                (false, false) => shape,
                (false, true) => "",
            };
            out.push(with(Metric::number(&name("tau"), peak.tau, "s").note(edge), ends.map(|e| e[0])));
            out.push(with(Metric::with_unit(&name("c"), peak.area, &self.made.unit).note(edge), ends.map(|e| e[1])));
            if let Some(stz) = &self.stage.stz {
                out.extend(stz.metrics(k + 1, &zones[k], &self.made.unit, n));
            }
        }
        out.extend(self.stage.stz.map(|stz| stz.slope(&zones)));
        for (k, name) in self.made.problem.extras.iter().enumerate() {
            let unit = match *name {
                "drift" => Unit::of("1/s"),
                _ => self.made.unit.clone(),
            };
            let m = Metric::with_unit(name, self.extras[k], &unit).n(n);
            out.push(self.band.map_or_else(|| m.clone(), |b| m.clone().interval(b.extras[k][0], b.extras[k][1])));
        }
        out.push(match self.resolved {
            Some(Some(d)) => Metric::number("resolution", d, "").note("decades, in nine of ten twins of the data"),
            Some(None) => Metric::missing(
                "resolution",
                &format!(
                    "twins of the data do not tell two times {} decades apart",
                    SEPARATIONS[SEPARATIONS.len() - 1]
                ),
            ),
            None => Metric::missing("resolution", "no twins were asked for"),
        });
        let end = if self.s.at_end { "at the end of what was tried" } else { "" };
        out.push(Metric::number("strength", self.s.strength, "").note(end));
        let rule = match self.stage.rule {
            Rule::Evidence => "evidence",
            Rule::Gcv => "gcv",
            Rule::LCurve => "l-curve",
        };
        out.push(Metric::text("rule", rule));
        let noise = self.s.noise(&self.made.problem);
        out.push(match self.made.relative {
            _ if self.made.groups.iter().any(|g| g.kind == "value") && !self.made.in_time() => {
                Metric::missing("noise", "time and frequency have each their own")
            }
            true => Metric::number("noise", noise, "").n(n).note("relative"),
            false => Metric::with_unit("noise", noise * self.made.size, &self.made.unit).n(n),
        });
        out
    }

    fn at_edge(&self, peak: &Peak) -> bool {
        const NEAR: f64 = 2.0;
        peak.tau < self.made.window[0] * NEAR || peak.tau > self.made.window[1] / NEAR
    }

    /// Whether one broad process describes the data as well as several peaks.
    fn one_does(&self) -> bool {
        self.single.is_some_and(|v| v <= allowed(self.made.problem.points() as f64))
    }

    pub(super) fn warn(&self, warnings: &mut Vec<Warning>) {
        let edge: Vec<String> =
            self.found.iter().filter(|p| self.at_edge(p)).map(|p| format!("{:.1e} s", p.tau)).collect();
        if !edge.is_empty() {
            let drift = if self.made.in_time() && !self.stage.drift {
                "; a drift of the instrument looks like a slow process: try `drift = true`"
            } else {
                ""
            };
            warnings.push(Warning::new(
                "peak-at-edge",
                format!("peaks at the edge of the time window: {}", edge.join(", ")),
                format!("measure longer, or faster, before naming a process{drift}"),
            ));
        }
        if self.one_does() {
            warnings.push(Warning::new(
                "one-process",
                format!("one broad process describes the data as well as these {} peaks", self.found.len()),
                "do not count peaks: name the process by `spectrum-fit`, or reduce the noise",
            ));
        }
        let open = |k: &usize| self.band.is_some_and(|b| !(b.peaks[*k][1][0] > 0.0));
        let unsure: Vec<String> = (0..self.found.len()).filter(open).map(|k| (k + 1).to_string()).collect();
        if !unsure.is_empty() {
            warnings.push(Warning::new(
                "undetermined-peaks",
                format!("the areas of peaks {} are not told from 0", unsure.join(", ")),
                "neighbours may be parts of one broad process: `spectrum-fit` compares models of such",
            ));
        }
        if self.stage.rule == Rule::Gcv {
            warnings.push(Warning::new(
                "under-smoothed",
                "cross-validation with non-negative spectra is known to find too many peaks",
                "take `rule = \"evidence\"`",
            ));
        }
        let Some(Some(d)) = self.resolved else { return };
        let close = self.found.windows(2).find(|w| libm::log10(w[1].tau / w[0].tau) < d);
        if let Some(w) = close {
            warnings.push(Warning::new(
                "below-resolution",
                format!(
                    "peaks at {:.1e} and {:.1e} s are closer than the {d} decades that twins of these data resolve",
                    w[0].tau, w[1].tau
                ),
                "they may be one broad process; reduce the noise or widen the window",
            ));
        }
    }
}
