//! M*(ω) at one temperature as a sum of processes: joint least squares of M′ and M″ (METHODS §11).

use super::model::Model;
use crate::num::separable::{Separable, Solution, student};
use crate::num::sum::dot;

/// Storage and loss against angular frequency; one of them may be missing.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Isotherm {
    /// Angular frequencies, rising, rad/s.
    pub omega: Vec<f64>,
    /// M′, Pa; empty where it was not measured.
    pub storage: Vec<f64>,
    /// M″, Pa; empty where it was not measured.
    pub loss: Vec<f64>,
}

/// What is added to the processes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Background {
    /// Nothing.
    None,
    /// A constant loss.
    Constant,
    /// A fractional element A(iω)ⁿ.
    SpringPot,
}

/// A fit that cannot be made.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct NoFit(pub String);

/// A value with its 95 % interval.
pub type Bracket = (f64, [f64; 2]);

/// One process.
#[derive(Clone, Debug, PartialEq)]
pub struct Process {
    /// τ, s.
    pub tau: Bracket,
    /// ΔM, Pa.
    pub strength: Bracket,
    /// Shape parameters of the model.
    pub shape: Vec<Bracket>,
    /// M′ it takes away and M″ it adds at each frequency, Pa.
    pub curve: [Vec<f64>; 2],
}

/// A fitted spectrum.
#[derive(Clone, Debug)]
pub struct Fitted {
    /// M_u, Pa, where M′ was measured.
    pub unrelaxed: Option<Bracket>,
    /// Processes by rising time.
    pub processes: Vec<Process>,
    /// Strength of the background: Pa, or Pa sⁿ of a spring-pot, and n.
    pub background: Option<(f64, f64)>,
    /// M′ and M″ of the fit, Pa.
    pub curve: [Vec<f64>; 2],
    /// Root mean square of the relative residuals.
    pub residual: f64,
    /// Criterion of Akaike for few points; comparable for the same data.
    pub aicc: f64,
    /// Degrees of freedom.
    pub freedom: f64,
    /// Lag-one correlation of the residuals: near 0 where the model is all there is.
    pub whiteness: f64,
    /// Parameters at the end of what was sought.
    pub at_bound: Vec<String>,
}

/// How far beyond the frequencies measured a time may lie, as a factor.
const BEYOND: f64 = 30.0;
/// Places at which a process is tried.
const PLACES: usize = 9;
/// Residuals below this part of the data are taken for it: noise-free data have none.
const EXACT: f64 = 1e-9;

/// Whether intervals are profiled (slower) or taken from the covariance.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Interval {
    /// By the profile of the sum of squares.
    Profile,
    /// From the covariance of the linearised model.
    Covariance,
}

struct Layout<'a> {
    data: &'a Isotherm,
    model: &'a dyn Model,
    processes: usize,
    background: Background,
    /// One over the error of each point: M′ first, then M″.
    weight: Vec<f64>,
}

impl Layout<'_> {
    fn rows(&self) -> usize {
        self.data.storage.len() + self.data.loss.len()
    }

    /// A column of M′ and M″, weighted.
    fn column(&self, of: impl Fn(f64) -> [f64; 2]) -> Vec<f64> {
        let both: Vec<[f64; 2]> = self.data.omega.iter().map(|w| of(*w)).collect();
        let storage = both.iter().take(self.data.storage.len()).map(|b| b[0]);
        let loss = both.iter().take(self.data.loss.len()).map(|b| b[1]);
        storage.chain(loss).zip(&self.weight).map(|(v, w)| v * w).collect()
    }

    fn per_process(&self) -> usize {
        1 + self.model.doc().shape.len()
    }

    fn columns(&self, sought: &[f64]) -> Vec<Vec<f64>> {
        let mut out = Vec::new();
        if !self.data.storage.is_empty() {
            out.push(self.column(|_| [1.0, 0.0]));
        }
        let size = self.per_process();
        for p in sought[..self.processes * size].chunks(size) {
            let tau = libm::exp(p[0]);
            out.push(self.column(|w| {
                let chi = self.model.susceptibility(w * tau, &p[1..]);
                [-chi.re, -chi.im]
            }));
        }
        match self.background {
            Background::None => {}
            Background::Constant => out.push(self.column(|_| [0.0, 1.0])),
            Background::SpringPot => {
                let n = sought[self.processes * size];
                let angle = n * std::f64::consts::FRAC_PI_2;
                out.push(self.column(|w| {
                    let size = libm::pow(w, n);
                    [size * libm::cos(angle), size * libm::sin(angle)]
                }));
            }
        }
        out
    }

    fn bounds(&self) -> Vec<[f64; 2]> {
        let (first, last) = (self.data.omega[0], self.data.omega[self.data.omega.len() - 1]);
        let time = [-libm::log(last * BEYOND), -libm::log(first / BEYOND)];
        let one = || std::iter::once(time).chain(self.model.doc().shape.iter().map(|s| [s.low, s.high]));
        let mut out: Vec<[f64; 2]> = (0..self.processes).flat_map(|_| one()).collect();
        if self.background == Background::SpringPot {
            out.push([0.02, 0.98]);
        }
        out
    }

    /// Starts with one process more than `before` has.
    fn starts(&self, before: &[f64]) -> Vec<Vec<f64>> {
        let [low, high] = self.bounds()[0];
        let margin = libm::log(BEYOND);
        let place = |i: usize| low + margin + (high - low - 2.0 * margin) * (i as f64 + 0.5) / PLACES as f64;
        let mut shapes: Vec<Vec<f64>> = vec![Vec::new()];
        for s in self.model.doc().shape {
            shapes = shapes.iter().flat_map(|v| s.starts.iter().map(|x| [v.clone(), vec![*x]].concat())).collect();
        }
        let tail: Vec<f64> = if self.background == Background::SpringPot { vec![0.3] } else { Vec::new() };
        let all = (0..PLACES).flat_map(|i| shapes.iter().map(move |s| (i, s)));
        all.map(|(i, s)| [before.to_vec(), vec![place(i)], s.clone(), tail.clone()].concat()).collect()
    }

    fn solve(&self, y: &[f64], starts: &[Vec<f64>]) -> Result<Solution, NoFit> {
        let bounds = self.bounds();
        let separable = Separable { data: y, columns: |p: &[f64]| self.columns(p), bounds: &bounds };
        separable.solve(starts).map_err(|e| NoFit(e.to_string()))
    }
}

/// Fits `processes` of one model; errors are relative to each point, one size for M′ and one for M″.
///
/// # Errors
/// [`NoFit`] for spectra that do not determine the parameters.
pub fn fit(
    data: &Isotherm,
    model: &dyn Model,
    processes: usize,
    background: Background,
    interval: Interval,
) -> Result<Fitted, NoFit> {
    let mut weight: Vec<f64> = data.storage.iter().chain(&data.loss).map(|v| 1.0 / v).collect();
    let n = weight.len();
    if n <= processes * (2 + model.doc().shape.len()) + 2 {
        return Err(NoFit(format!(
            "{n} values do not determine {processes} processes of the model {}",
            model.doc().id
        )));
    }
    let split = data.storage.len();
    let mut solution = None;
    let mut known: Vec<f64> = Vec::new();
    for count in 1..=processes {
        // The last sum once more with each modulus in units of its own scatter.
        for _ in 0..if count == processes { 2 } else { 1 } {
            let layout = Layout { data, model, processes: count, background, weight: weight.clone() };
            let y: Vec<f64> = data.storage.iter().chain(&data.loss).zip(&weight).map(|(v, w)| v * w).collect();
            // A first fit is a place to begin the second.
            let starts =
                solution.as_ref().map_or_else(|| layout.starts(&known), |s: &(Solution, _)| vec![s.0.sought.clone()]);
            let found = layout.solve(&y, &starts)?;
            let scatter = |rows: std::ops::Range<usize>| {
                let r = &found.rest[rows];
                (dot(r, r) / r.len().max(1) as f64).sqrt()
            };
            let (storage, loss) = (scatter(0..split), scatter(split..n));
            if count == processes && solution.is_none() && split > 0 && split < n {
                for (i, w) in weight.iter_mut().enumerate() {
                    *w /= if i < split { storage } else { loss }.max(EXACT);
                }
                solution = Some((found, layout));
                continue;
            }
            let size = layout.per_process();
            if count < processes {
                known = found.sought[..count * size].to_vec();
            } else {
                solution = Some((found, layout));
            }
        }
    }
    let (found, layout) = solution.ok_or_else(|| NoFit("no process was asked for".into()))?;
    finish(&layout, found, interval)
}

fn finish(layout: &Layout<'_>, found: Solution, interval: Interval) -> Result<Fitted, NoFit> {
    let data = layout.data;
    let y: Vec<f64> = data.storage.iter().chain(&data.loss).zip(&layout.weight).map(|(v, w)| v * w).collect();
    let bounds = layout.bounds();
    let separable = Separable { data: &y, columns: |p: &[f64]| layout.columns(p), bounds: &bounds };
    let t = student(found.freedom);
    let first = usize::from(!data.storage.is_empty());
    let linear = |i: usize| {
        let (v, e) = (found.linear[i], t * found.error(i));
        (v, [v - e, v + e])
    };
    let ends = |i: usize| match interval {
        Interval::Profile => separable.profile(&found, i),
        Interval::Covariance => {
            let e = t * found.error(found.linear.len() + i);
            [found.sought[i] - e, found.sought[i] + e]
        }
    };
    let size = layout.per_process();
    let mut at_bound = Vec::new();
    let mut processes: Vec<Process> = (0..layout.processes)
        .map(|k| {
            let at = k * size;
            for (j, _) in found.at_bound[at..at + size].iter().enumerate().filter(|h| *h.1) {
                let name = if j == 0 { "tau" } else { layout.model.doc().shape[j - 1].name };
                at_bound.push(name.to_string());
            }
            let tau = libm::exp(found.sought[at]);
            let shape = &found.sought[at + 1..at + size];
            let strength = found.linear[first + k];
            let curve: Vec<[f64; 2]> = data
                .omega
                .iter()
                .map(|w| {
                    let chi = layout.model.susceptibility(w * tau, shape);
                    [strength * chi.re, -strength * chi.im]
                })
                .collect();
            Process {
                tau: (tau, ends(at).map(libm::exp)),
                strength: linear(first + k),
                shape: shape.iter().enumerate().map(|(j, v)| (*v, ends(at + 1 + j))).collect(),
                curve: [0, 1].map(|c| curve.iter().map(|v| v[c]).collect()),
            }
        })
        .collect();
    if processes.iter().any(|p| !(p.strength.0 > 0.0)) {
        return Err(NoFit(
            "a process of positive strength is not in the data; ask for fewer, or another background".into(),
        ));
    }
    processes.sort_by(|a, b| a.tau.0.total_cmp(&b.tau.0));
    // The columns of a frequency at which only one modulus was measured are none.
    let whole = Layout { weight: vec![1.0; layout.rows()], ..*layout };
    let columns = whole.columns(&found.sought);
    let sum: Vec<f64> =
        (0..layout.rows()).map(|i| found.linear.iter().zip(&columns).map(|(w, c)| w * c[i]).sum()).collect();
    let background = match layout.background {
        Background::None => None,
        Background::Constant => Some((found.linear[found.linear.len() - 1], 0.0)),
        Background::SpringPot => Some((found.linear[found.linear.len() - 1], found.sought[found.sought.len() - 1])),
    };
    let relative: Vec<f64> = data.storage.iter().chain(&data.loss).zip(&sum).map(|(v, s)| (v - s) / v).collect();
    // Of the loss, which shows what a model lacks; of storage where there is no loss.
    let rows = if data.loss.is_empty() { 0..found.rest.len() } else { data.storage.len()..found.rest.len() };
    let r = &found.rest[rows];
    Ok(Fitted {
        unrelaxed: (first == 1).then(|| linear(0)),
        processes,
        background,
        curve: [sum[..data.storage.len()].to_vec(), sum[data.storage.len()..].to_vec()],
        residual: (dot(&relative, &relative) / relative.len() as f64).sqrt(),
        aicc: found.aicc(),
        freedom: found.freedom,
        whiteness: dot(&r[1..], &r[..r.len() - 1]) / dot(r, r).max(f64::MIN_POSITIVE),
        at_bound,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::num::normal::Random;
    use crate::relax::model::{MODELS, find};

    fn made(model: &dyn Model, tau: f64, shape: &[f64], noise: f64, seed: u64) -> Isotherm {
        let mut r = Random::named("isotherm", seed);
        let omega: Vec<f64> = (0..60).map(|i| libm::exp10(-3.0 + 0.1 * f64::from(i))).collect();
        let chi: Vec<_> = omega.iter().map(|w| model.susceptibility(w * tau, shape)).collect();
        let (storage, loss) = chi
            .iter()
            .map(|c| {
                let (a, b) = (1.0 + 0.1 * noise * r.normal(), 1.0 + noise * r.normal());
                ((60e9 - 1.7e9 * c.re) * a, -1.7e9 * c.im * b)
            })
            .unzip();
        Isotherm { omega, storage, loss }
    }

    #[test]
    fn every_model_finds_itself() {
        for m in MODELS {
            let shape: &[f64] = match m.doc().shape.len() {
                0 => &[],
                1 => &[0.55],
                _ => &[0.93, 0.43],
            };
            let data = made(*m, 0.8, shape, 0.0, 0);
            let f = fit(&data, *m, 1, Background::None, Interval::Covariance).unwrap();
            let p = &f.processes[0];
            assert!((p.tau.0 / 0.8 - 1.0).abs() < 1e-4, "{}: {}", m.doc().id, p.tau.0);
            assert!((p.strength.0 / 1.7e9 - 1.0).abs() < 1e-4 && (f.unrelaxed.unwrap().0 / 60e9 - 1.0).abs() < 1e-6);
            p.shape.iter().zip(shape).for_each(|(got, want)| assert!((got.0 - want).abs() < 1e-4));
        }
    }

    #[test]
    fn intervals_of_a_noisy_spectrum_cover() {
        // 60 spectra at 1 % noise: profiles of τ, α, γ hold the truth in at least 52 of 60 each (a true 95 % gives fewer in
        // 1 % of all runs).
        let model = find("havriliak-negami").unwrap();
        let mut held = [0; 3];
        for seed in 0..60 {
            let data = made(model, 0.8, &[0.93, 0.43], 0.01, seed);
            let f = fit(&data, model, 1, Background::None, Interval::Profile).unwrap();
            let p = &f.processes[0];
            for (k, (b, truth)) in [(&p.tau, 0.8), (&p.shape[0], 0.93), (&p.shape[1], 0.43)].into_iter().enumerate() {
                held[k] += usize::from(b.1[0] <= truth && truth <= b.1[1]);
            }
        }
        assert!(held.iter().all(|h| *h >= 52), "{held:?}");
    }

    #[test]
    fn two_processes_and_a_background() {
        let cc = find("cole-cole").unwrap();
        let (a, b) = (made(cc, 1e-2, &[0.7], 0.0, 0), made(cc, 30.0, &[0.8], 0.0, 0));
        let loss: Vec<f64> = a.loss.iter().zip(&b.loss).map(|(a, b)| a + 0.5 * b + 2e7).collect();
        let data = Isotherm { omega: a.omega.clone(), storage: Vec::new(), loss };
        let f = fit(&data, cc, 2, Background::Constant, Interval::Covariance).unwrap();
        let tau: Vec<f64> = f.processes.iter().map(|p| p.tau.0).collect();
        assert!((tau[0] / 1e-2 - 1.0).abs() < 1e-3 && (tau[1] / 30.0 - 1.0).abs() < 1e-3, "{tau:?}");
        assert!((f.background.unwrap().0 / 2e7 - 1.0).abs() < 1e-3 && f.unrelaxed.is_none());
        assert!(
            fit(
                &Isotherm { omega: vec![1.0; 3], storage: vec![], loss: vec![1.0; 3] },
                cc,
                1,
                Background::None,
                Interval::Covariance
            )
            .is_err()
        );
    }
}
