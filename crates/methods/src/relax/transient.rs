//! Stress relaxation and creep in time: stretched exponentials, the rate in logarithmic time, one step or two (METHODS §11;
//! S3 §7, S4 Fig. 2).

use super::model::kww::decay;
use super::processes::{Bracket, NoFit};
use crate::num::separable::{Separable, Solution};
use crate::num::student::student;

/// A decay against time, rising times.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Transient {
    /// s, above 0.
    pub time: Vec<f64>,
    /// The quantity that decays, in its unit.
    pub value: Vec<f64>,
    /// Square root of the number of points that a row is the mean of: one over its error, up to a factor.
    pub weight: Vec<f64>,
}

/// When the decay began.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum ZeroTime {
    /// So long before the time 0 of the data, s.
    Given(f64),
    /// Fitted.
    Free,
}

/// `B + A exp[−((t + t₀)/τ)^β]`.
#[derive(Clone, Debug, PartialEq)]
pub struct StretchedExponential {
    /// A.
    pub amplitude: Bracket,
    /// B.
    pub baseline: Option<Bracket>,
    /// τ, s.
    pub tau: Bracket,
    /// β.
    pub beta: Bracket,
    /// t₀, s.
    pub zero: Bracket,
    /// Root mean square of the residuals.
    pub residual: f64,
    /// Lag-one correlation of the residuals.
    pub whiteness: f64,
    /// Criterion of Akaike.
    pub aicc: f64,
    /// Degrees of freedom.
    pub freedom: f64,
    /// Fitted values.
    pub curve: Vec<f64>,
    /// Parameters at the end of what was sought.
    pub at_bound: Vec<&'static str>,
}

/// Smallest and largest β.
const BETA: [f64; 2] = [0.05, 1.5];

fn starts(t: &[f64], more: &[f64]) -> Vec<Vec<f64>> {
    let (a, b) = (libm::log(t[0]), libm::log(t[t.len() - 1]));
    let times = (0..10).map(|i| a + (b - a) * (f64::from(i) + 0.5) / 10.0);
    times.flat_map(|x| [0.35, 0.6, 0.9].map(|beta| [vec![x, beta], more.to_vec()].concat())).collect()
}

fn bounds(t: &[f64]) -> [[f64; 2]; 2] {
    [[libm::log(t[0] / 30.0), libm::log(30.0 * t[t.len() - 1])], BETA]
}

fn stretched(t: &[f64], zero: f64, log_tau: f64, beta: f64) -> Vec<f64> {
    let tau = libm::exp(log_tau);
    t.iter().map(|t| decay((t + zero).max(0.0) / tau, beta)).collect()
}

impl Transient {
    /// Points as they were measured.
    pub fn new(time: Vec<f64>, value: Vec<f64>) -> Transient {
        Transient { weight: vec![1.0; time.len()], time, value }
    }

    /// Rows averaged within steps of ln t where there are more than `most`: a linear record crowds its last decade, and no
    /// relaxation changes within a fiftieth of one.
    pub fn thinned(self, most: usize) -> Transient {
        const STEP: f64 = std::f64::consts::LN_10 / 50.0;
        if self.time.len() <= most {
            return self;
        }
        let (mut out, mut from) = (Transient::default(), 0);
        while from < self.time.len() {
            let end = self.time[from] * libm::exp(STEP);
            let to = from + self.time[from..].partition_point(|t| *t < end).max(1);
            let mean = |v: &[f64]| crate::num::sum::mean(&v[from..to]);
            out.time.push(mean(&self.time));
            out.value.push(mean(&self.value));
            let points: f64 = self.weight[from..to].iter().map(|w| w * w).sum();
            out.weight.push(points.sqrt());
            from = to;
        }
        out
    }

    /// Points measured.
    pub fn points(&self) -> f64 {
        self.weight.iter().map(|w| w * w).sum()
    }

    /// A column over the errors of its rows.
    pub fn weighted(&self, column: &[f64]) -> Vec<f64> {
        column.iter().zip(&self.weight).map(|(v, w)| v * w).collect()
    }

    /// What weighted residuals leave of the values.
    pub fn fitted(&self, rest: &[f64]) -> Vec<f64> {
        (0..rest.len()).map(|i| self.value[i] - rest[i] / self.weight[i]).collect()
    }

    /// Whether the last tenth lies above the first.
    pub fn rises(&self) -> bool {
        let n = self.value.len();
        let tenth = (n / 10).max(1);
        let mean = crate::num::sum::mean;
        mean(&self.value[n - tenth..]) > mean(&self.value[..tenth])
    }

    /// Fits a stretched exponential, on a baseline if asked for.
    ///
    /// # Errors
    /// [`NoFit`] where the points do not determine it.
    pub fn kww(&self, baseline: bool, zero: ZeroTime) -> Result<StretchedExponential, NoFit> {
        let t = &self.time;
        let [log_tau, beta] = bounds(t);
        let mut limits = vec![log_tau, beta];
        if zero == ZeroTime::Free {
            limits.push([-t[0], t[t.len() / 4]]);
        }
        let columns = |p: &[f64]| {
            let shift = match zero {
                ZeroTime::Given(v) => v,
                ZeroTime::Free => p[2],
            };
            let mut out = vec![stretched(t, shift, p[0], p[1])];
            if baseline {
                out.push(vec![1.0; t.len()]);
            }
            out.iter().map(|c| self.weighted(c)).collect()
        };
        let data = self.weighted(&self.value);
        let s = Separable { data: &data, columns, bounds: &limits };
        let more: &[f64] = if zero == ZeroTime::Free { &[0.0] } else { &[] };
        let f = s.solve(&starts(t, more)).map_err(|e| NoFit(e.to_string()))?;
        let q = student(f.freedom);
        let linear = |i: usize| (f.linear[i], [f.linear[i] - q * f.error(i), f.linear[i] + q * f.error(i)]);
        let zero = match zero {
            ZeroTime::Given(v) => (v, [v; 2]),
            ZeroTime::Free => (f.sought[2], s.profile(&f, 2)),
        };
        let names = ["kww_tau", "kww_beta", "zero_time"];
        Ok(StretchedExponential {
            amplitude: linear(0),
            baseline: baseline.then(|| linear(1)),
            tau: (libm::exp(f.sought[0]), s.profile(&f, 0).map(libm::exp)),
            beta: (f.sought[1], s.profile(&f, 1)),
            zero,
            residual: (f.chi2 / t.len() as f64).sqrt(),
            whiteness: whiteness(&f),
            aicc: f.aicc(),
            freedom: f.freedom,
            curve: self.fitted(&f.rest),
            at_bound: names.into_iter().zip(&f.at_bound).filter(|n| *n.1).map(|n| n.0).collect(),
        })
    }

    /// How far τ moves, relative, when time zero is half of the first interval earlier or later (METHODS §14).
    pub fn sensitivity(&self, of: &StretchedExponential, baseline: bool) -> f64 {
        let half = 0.5 * (self.time[1] - self.time[0]).min(self.time[0]);
        let moved = |shift: f64| {
            let f = self.kww_at(of, baseline, of.zero.0 + shift)?;
            Some((f / of.tau.0 - 1.0).abs())
        };
        [half, -half].into_iter().filter_map(moved).fold(0.0, f64::max)
    }

    /// τ with a given zero time, starting from a fit.
    fn kww_at(&self, of: &StretchedExponential, baseline: bool, zero: f64) -> Option<f64> {
        let t = &self.time;
        let limits = bounds(t);
        let columns = |p: &[f64]| {
            let mut out = vec![stretched(t, zero, p[0], p[1])];
            if baseline {
                out.push(vec![1.0; t.len()]);
            }
            out.iter().map(|c| self.weighted(c)).collect()
        };
        let data = self.weighted(&self.value);
        let s = Separable { data: &data, columns, bounds: &limits };
        let f = s.solve(&[vec![libm::log(of.tau.0), of.beta.0]]).ok()?;
        Some(libm::exp(f.sought[0]))
    }

    /// Two stretched exponentials on a baseline: `(share of the faster, τ of both)`; `None` where they are not there.
    pub fn two_steps(&self, at: [f64; 2], baseline: bool) -> Option<(Bracket, [Bracket; 2])> {
        let t = &self.time;
        let [log_tau, beta] = bounds(t);
        let limits = [log_tau, beta, log_tau, beta];
        let columns = |p: &[f64]| {
            let mut out = vec![stretched(t, 0.0, p[0], p[1]), stretched(t, 0.0, p[2], p[3])];
            if baseline {
                out.push(vec![1.0; t.len()]);
            }
            out.iter().map(|c| self.weighted(c)).collect()
        };
        let data = self.weighted(&self.value);
        let s = Separable { data: &data, columns, bounds: &limits };
        let [a, b] = at.map(libm::log);
        let starts: Vec<Vec<f64>> = [0.5, 0.9].into_iter().flat_map(|x| [0.4, 0.7].map(|y| vec![a, x, b, y])).collect();
        let f = s.solve(&starts).ok()?;
        if f.linear[..2].iter().any(|v| !(*v > 0.0)) {
            return None;
        }
        let (fast, slow) = if f.sought[0] <= f.sought[2] { (0, 1) } else { (1, 0) };
        let total: f64 = f.linear.iter().sum();
        let share = f.linear[fast] / total;
        // Of A₁/ΣA by its derivatives.
        let m = f.linear.len() + f.sought.len();
        let gradient: Vec<f64> =
            (0..f.linear.len()).map(|i| (f64::from(u8::from(i == fast)) - share) / total).collect();
        let mut variance = 0.0;
        for (i, a) in gradient.iter().enumerate() {
            for (j, b) in gradient.iter().enumerate() {
                variance += a * b * f.covariance[i * m + j];
            }
        }
        let half = student(f.freedom) * variance.max(0.0).sqrt();
        let tau = |k: usize| (libm::exp(f.sought[2 * k]), s.profile(&f, 2 * k).map(libm::exp));
        Some(((share, [share - half, share + half]), [tau(fast), tau(slow)]))
    }

    /// −d(σ/σ₀)/d ln t by parabolas over `width` in ln t to both sides: `[t, rate, standard error]`.
    pub fn rate(&self, width: f64) -> Vec<[f64; 3]> {
        const FEWEST: usize = 6;
        let x: Vec<f64> = self.time.iter().map(|t| libm::log(*t)).collect();
        let first = self.value[0];
        let y: Vec<f64> = self.value.iter().map(|v| v / first).collect();
        let (a, b) = (x[0], x[x.len() - 1]);
        let count = ((b - a) / (0.25 * width)).ceil().max(1.0) as usize;
        let mut out = Vec::new();
        for k in 0..=count {
            let at = a + (b - a) * k as f64 / count as f64;
            let from = x.partition_point(|v| *v < at - width);
            let to = x.partition_point(|v| *v <= at + width);
            if to - from < FEWEST {
                continue;
            }
            if let Some((slope, error)) = parabola(&x[from..to], &y[from..to], &self.weight[from..to], at) {
                out.push([libm::exp(at), -slope, error]);
            }
        }
        out
    }
}

fn whiteness(f: &Solution) -> f64 {
    let r = &f.rest;
    crate::num::sum::dot(&r[1..], &r[..r.len() - 1]) / f.chi2.max(f64::MIN_POSITIVE)
}

/// Slope at a place of the parabola of least squares, and its standard error.
fn parabola(x: &[f64], y: &[f64], weight: &[f64], at: f64) -> Option<(f64, f64)> {
    let scale = x.iter().fold(0.0f64, |m, v| m.max((v - at).abs()));
    if !(scale > 0.0) {
        return None;
    }
    let u: Vec<f64> = x.iter().map(|v| (v - at) / scale).collect();
    let by = |v: &[f64]| v.iter().zip(weight).map(|(v, w)| v * w).collect::<Vec<f64>>();
    let columns = vec![weight.to_vec(), by(&u), by(&u.iter().map(|v| v * v).collect::<Vec<f64>>())];
    let y = by(y);
    let s = Separable { data: &y, columns: |_: &[f64]| columns.clone(), bounds: &[] };
    let f = s.solve(&[Vec::new()]).ok()?;
    Some((f.linear[1] / scale, f.error(1) / scale))
}

/// A maximum of the rate.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Step {
    /// Where, s.
    pub time: f64,
    /// Rate there.
    pub rate: f64,
    /// Whether the rate still rises where the data end, or falls from where they begin.
    pub at_edge: bool,
}

/// Rises that stand this many standard errors above the dip before and after.
const SURE: f64 = 4.0;
/// Part of the largest rate that a dip must have at least.
const DIP: f64 = 0.02;

/// Maxima of a rate that noise does not explain, in order.
pub fn steps(rate: &[[f64; 3]]) -> Vec<Step> {
    let largest = rate.iter().map(|r| r[1]).fold(0.0, f64::max);
    if rate.len() < 3 || !(largest > 0.0) {
        return Vec::new();
    }
    let margin = |i: usize| (SURE * rate[i][2]).max(DIP * largest);
    let mut out: Vec<Step> = Vec::new();
    let (mut top, mut dip, mut rising) = (0, 0, true);
    let step = |i: usize| Step { time: rate[i][0], rate: rate[i][1], at_edge: i == 0 || i + 1 == rate.len() };
    for i in 1..rate.len() {
        if rising {
            if rate[i][1] > rate[top][1] {
                top = i;
            }
            if rate[top][1] - rate[i][1] > margin(top).max(margin(i)) {
                out.push(step(top));
                (rising, dip) = (false, i);
            }
        } else {
            if rate[i][1] < rate[dip][1] {
                dip = i;
            }
            if rate[i][1] - rate[dip][1] > margin(dip).max(margin(i)) {
                (rising, top) = (true, i);
            }
        }
    }
    // What still rises, or has not fallen by enough, at the end.
    if rising && (out.is_empty() || rate[top][1] - rate[dip][1] > margin(top)) {
        out.push(Step { at_edge: top + 2 >= rate.len() || top == 0, ..step(top) });
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::num::random::Random;

    fn grid(n: usize, from: f64, to: f64) -> Vec<f64> {
        (0..n).map(|i| libm::exp10(from + (to - from) * i as f64 / (n - 1) as f64)).collect()
    }

    #[test]
    fn a_stretched_exponential_and_its_intervals() {
        // 200 decays at 1 % noise of the amplitude: profiles of τ and β hold the truth in 90 to 98 % (at a true 95 % the
        // false alarm is 2·10⁻³).
        let time = grid(150, -1.0, 4.0);
        let mut held = [0; 2];
        for seed in 0..200 {
            let mut r = Random::named("kww", seed);
            let value = time.iter().map(|t| 10.0 + 90.0 * decay(t / 120.0, 0.51) + 0.9 * r.normal()).collect();
            let f = Transient::new(time.clone(), value).kww(true, ZeroTime::Given(0.0)).unwrap();
            for (k, (b, truth)) in [(f.tau, 120.0), (f.beta, 0.51)].into_iter().enumerate() {
                held[k] += usize::from(b.1[0] <= truth && truth <= b.1[1]);
            }
        }
        assert!(held.iter().all(|h| (180..=196).contains(h)), "{held:?}");
    }

    #[test]
    fn the_pitfall_of_time_zero() {
        // S3 §7: y = exp(−((t+3)/30)^½) fitted as if it began at t = 0 gives τ of more than 39; with a free zero it is 30.
        let time: Vec<f64> = (1..=300).map(f64::from).collect();
        let value: Vec<f64> = time.iter().map(|t| decay((t + 3.0) / 30.0, 0.5)).collect();
        let d = Transient::new(time, value);
        let fixed = d.kww(false, ZeroTime::Given(0.0)).unwrap();
        assert!((39.0..50.0).contains(&fixed.tau.0), "{}", fixed.tau.0);
        let free = d.kww(false, ZeroTime::Free).unwrap();
        assert!((free.tau.0 / 30.0 - 1.0).abs() < 1e-3 && (free.zero.0 - 3.0).abs() < 1e-2, "{:?}", free.zero);
        // Half a second moves τ by a few per cent.
        assert!((0.01..0.2).contains(&d.sensitivity(&fixed, false)));
    }

    #[test]
    fn a_long_record_is_averaged_and_fits_the_same() {
        // 20,000 points at even steps: means over a fiftieth of a decade hold all of them and give τ and β of all within a
        // tenth of their errors.
        let time: Vec<f64> = (1..=20_000).map(|i| 0.1 * f64::from(i)).collect();
        let mut r = Random::named("thinned", 0);
        let value = time.iter().map(|t| 10.0 + 90.0 * decay(t / 120.0, 0.51) + 0.9 * r.normal()).collect();
        let all = Transient::new(time, value);
        let few = all.clone().thinned(2000);
        assert!(few.time.len() < 250 && few.points() == 20_000.0 && all.clone().thinned(20_000) == all);
        let (a, b) = (all.kww(true, ZeroTime::Given(0.0)).unwrap(), few.kww(true, ZeroTime::Given(0.0)).unwrap());
        for (a, b) in [(a.tau, b.tau), (a.beta, b.beta)] {
            let error = 0.25 * (a.1[1] - a.1[0]);
            assert!((a.0 - b.0).abs() < 0.1 * error, "{a:?} {b:?}");
            assert!(((b.1[1] - b.1[0]) / (4.0 * error) - 1.0).abs() < 0.15, "{a:?} {b:?}");
        }
    }

    #[test]
    fn one_step_or_two() {
        let time = grid(400, -0.3, 4.5);
        for (share, want) in [(0.0, 1), (0.05, 2)] {
            for seed in 0..10 {
                let mut r = Random::named("steps", seed);
                let value = time
                    .iter()
                    .map(|t| share * decay(t / 8.0, 0.9) + (1.0 - share) * decay(t / 2e4, 0.8) + 2e-4 * r.normal())
                    .collect();
                let d = Transient::new(time.clone(), value);
                let found = steps(&d.rate(0.6));
                assert_eq!(found.len(), want, "{share} {seed}: {found:?}");
                if want == 2 {
                    assert!((found[0].time / 8.0 - 1.0).abs() < 0.35, "{found:?}");
                    let (part, tau) = d.two_steps([8.0, 2e4], false).unwrap();
                    assert!((part.0 - 0.05).abs() < 0.01 && (tau[0].0 / 8.0 - 1.0).abs() < 0.15, "{part:?} {tau:?}");
                }
            }
        }
    }
}
