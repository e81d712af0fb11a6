//! Vogel–Fulcher–Tammann: ln f = a − B/(T − T₀) through peaks or shifts, the fragility at T_g and the energy of the liquid
//! there (METHODS §11).
//!
//! T₀ = 0 is Arrhenius' law, so an interval of T₀ that reaches 0 says that the data do not show curvature. Fragility is
//! profiled by itself: B and T₀ are so correlated that errors propagated from them are far too wide.

use std::f64::consts::LN_10;

use super::GAS_CONSTANT;
use super::processes::Bracket;
use crate::num::parallel::ordered;
use crate::num::quantile::quantile;
use crate::num::random::Stream;
use crate::num::student::student;

/// A fitted law.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Vft {
    /// ln f at infinite temperature.
    pub log_prefactor: f64,
    /// B, K.
    pub b: f64,
    /// T₀, K, with its 95 % interval; an end at 0 does not exclude Arrhenius' law.
    pub t0: Bracket,
    /// Points less three parameters.
    pub freedom: f64,
    /// Root mean square of the residuals of ln f.
    pub residual: f64,
}

/// Points that give no law.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum VftError {
    /// Too few.
    #[error("{0} points; three parameters with intervals need at least 4")]
    TooFew(usize),
    /// All at one temperature, or moving the wrong way.
    #[error("the process does not get faster with temperature: it is not thermally activated")]
    NotActivated,
}

/// Places of T₀ that are tried before the best is refined.
const GRID: usize = 300;
/// Closest that T₀ comes to the lowest temperature, in parts of the range of temperatures.
const CLOSEST: f64 = 0.02;

/// ln f at temperatures with the errors of T where they are known.
#[derive(Clone, Copy, Debug)]
pub struct Points<'a> {
    /// ln f, or minus the logarithm of a time or a shift.
    pub log: &'a [f64],
    /// K.
    pub temperature: &'a [f64],
    /// One standard error of T, K; one that is not positive makes all count alike.
    pub error: &'a [f64],
}

/// The line of ln f against 1/(T − T₀).
#[derive(Clone, Copy)]
struct Line {
    log_prefactor: f64,
    b: f64,
    chi2: f64,
    /// Weighted spread of 1/(T − T₀): one over the variance of B in units of that of a point.
    spread: f64,
}

impl Points<'_> {
    fn ends(&self) -> [f64; 2] {
        self.temperature.iter().fold([f64::INFINITY, f64::NEG_INFINITY], |e, t| [e[0].min(*t), e[1].max(*t)])
    }

    /// Largest T₀.
    fn limit(&self) -> f64 {
        let [low, high] = self.ends();
        // A table that begins near 0 K leaves room below all the same.
        (low - CLOSEST * (high - low)).max(0.5 * low)
    }

    fn line(&self, t0: f64, weight: &[f64]) -> Line {
        let x: Vec<f64> = self.temperature.iter().map(|t| 1.0 / (t - t0)).collect();
        let total: f64 = weight.iter().sum();
        let mean = |v: &[f64]| v.iter().zip(weight).map(|(v, w)| v * w).sum::<f64>() / total;
        let (mx, my) = (mean(&x), mean(self.log));
        let (mut spread, mut product) = (0.0, 0.0);
        for i in 0..x.len() {
            spread += weight[i] * (x[i] - mx) * (x[i] - mx);
            product += weight[i] * (x[i] - mx) * (self.log[i] - my);
        }
        let slope = product / spread;
        let chi2 = (0..x.len()).map(|i| weight[i] * (self.log[i] - my - slope * (x[i] - mx)).powi(2)).sum();
        Line { log_prefactor: my - slope * mx, b: -slope, chi2, spread }
    }

    /// T₀ of the least sum of squares.
    fn best(&self, weight: &[f64], below: f64) -> f64 {
        // Even steps of ln(T_low − T₀), from T₀ = 0.
        let far = self.ends()[0];
        let near = far - below;
        let at = |u: f64| far - far * libm::exp(u * libm::log(near / far));
        let cost = |u: f64| self.line(at(u), weight).chi2;
        least(cost, GRID).map_or(0.0, at)
    }
}

/// Where a function of 0 … 1 is least: a grid, then golden section.
fn least(cost: impl Fn(f64) -> f64, grid: usize) -> Option<f64> {
    const SECTION: f64 = 0.618_033_988_749_894_9;
    let h = 1.0 / grid as f64;
    let best = (0..=grid).map(|i| h * i as f64).min_by(|p, q| cost(*p).total_cmp(&cost(*q)))?;
    let (mut p, mut q) = ((best - h).max(0.0), (best + h).min(1.0));
    for _ in 0..60 {
        let (c, d) = (q - SECTION * (q - p), p + SECTION * (q - p));
        if cost(c) <= cost(d) { q = d } else { p = c }
    }
    let found = 0.5 * (p + q);
    // An end is an answer too: T₀ = 0 is Arrhenius' law.
    Some([0.0, found, 1.0].into_iter().fold(best, |a, b| if cost(b) < cost(a) { b } else { a }))
}

/// From `inside`, where `excess` is negative, towards `outside`: where it turns positive, or the end if it never does.
fn crossing(excess: impl Fn(f64) -> f64, mut inside: f64, mut outside: f64) -> f64 {
    if !(excess(outside) > 0.0) {
        return outside;
    }
    for _ in 0..60 {
        let middle = 0.5 * (inside + outside);
        if excess(middle) > 0.0 { outside = middle } else { inside = middle }
    }
    0.5 * (inside + outside)
}

impl Vft {
    /// Fits ln f = a − B/(T − T₀).
    ///
    /// # Errors
    /// [`VftError`].
    pub fn fit(points: &Points<'_>) -> Result<Vft, VftError> {
        let n = points.log.len();
        if n < 4 {
            return Err(VftError::TooFew(n));
        }
        let weight = points.weights();
        let t0 = points.best(&weight, points.limit());
        let line = points.line(t0, &weight);
        if !(line.b > 0.0 && line.chi2.is_finite()) {
            return Err(VftError::NotActivated);
        }
        let freedom = n as f64 - 3.0;
        let limit = line.chi2 * (1.0 + student(freedom).powi(2) / freedom);
        let excess = |t0: f64| points.line(t0, &weight).chi2 - limit;
        let interval = [crossing(excess, t0, 0.0), crossing(excess, t0, points.limit())];
        let at = |t: f64| line.log_prefactor - line.b / (t - t0);
        let squares: f64 = points.log.iter().zip(points.temperature).map(|(y, t)| (y - at(*t)).powi(2)).sum();
        let residual = (squares / n as f64).sqrt();
        Ok(Vft { log_prefactor: line.log_prefactor, b: line.b, t0: (t0, interval), freedom, residual })
    }

    /// ln f at a temperature, K.
    pub fn at(&self, temperature: f64) -> f64 {
        self.log_prefactor - self.b / (temperature - self.t0.0)
    }

    /// Temperature, K, at which τ = 1/(2πf) is 100 s.
    pub fn glass_transition(&self) -> f64 {
        self.t0.0 + self.b / (self.log_prefactor + libm::log(100.0 * std::f64::consts::TAU))
    }

    /// 95 % band of ln f at temperatures (K), by fresh scatter about the law.
    pub fn band(&self, points: &Points<'_>, temperature: &[f64], resamples: usize, stream: &Stream) -> Vec<[f64; 2]> {
        let weight = points.weights();
        let clean: Vec<f64> = points.temperature.iter().map(|t| self.at(*t)).collect();
        let chi2: f64 = (0..clean.len()).map(|i| weight[i] * (points.log[i] - clean[i]).powi(2)).sum();
        let scatter = (chi2 / self.freedom).sqrt();
        let laws: Vec<Vft> = ordered(resamples, |i| {
            let mut r = stream.replicate(i);
            let log: Vec<f64> = clean.iter().zip(&weight).map(|(y, w)| y + scatter / w.sqrt() * r.normal()).collect();
            Vft::fit(&Points { log: &log, ..*points }).ok()
        })
        .into_iter()
        .flatten()
        .collect();
        let ends = |t: &f64| {
            let mut v: Vec<f64> = laws.iter().map(|l| l.at(*t)).collect();
            if v.is_empty() { [f64::NAN; 2] } else { [quantile(&mut v, 0.025), quantile(&mut v, 0.975)] }
        };
        temperature.iter().map(ends).collect()
    }

    /// m = d log₁₀ τ/d(T_g/T) at T_g, with its 95 % profile interval; `None` where T_g does not lie above T₀.
    pub fn fragility(&self, points: &Points<'_>, tg: f64) -> Option<Bracket> {
        let slope = |t0: f64| tg / (LN_10 * (tg - t0) * (tg - t0));
        let m = self.b * slope(self.t0.0);
        if !(tg > self.t0.0 && m.is_finite()) {
            return None;
        }
        let weight = points.weights();
        let chi2 = points.line(self.t0.0, &weight).chi2;
        let limit = chi2 * (1.0 + student(self.freedom).powi(2) / self.freedom);
        let below = points.limit().min(tg - 1e-3 * tg);
        // For a fragility, the best T₀ with the B that makes it.
        let cost = |m: f64| {
            let at = |u: f64| u * below;
            let residual = |u: f64| {
                let line = points.line(at(u), &weight);
                line.chi2 + (m / slope(at(u)) - line.b).powi(2) * line.spread
            };
            least(residual, GRID).map_or(f64::INFINITY, residual)
        };
        // Data without noise have no width.
        if !(chi2 > 1e-18 * points.log.len() as f64) {
            return Some((m, [m; 2]));
        }
        let excess = |m: f64| cost(m) - limit;
        let end = |factor: f64| {
            let mut far = m * factor;
            for _ in 0..20 {
                if excess(far) > 0.0 {
                    return crossing(excess, m, far);
                }
                far *= factor;
            }
            f64::NAN
        };
        Some((m, [end(0.8), end(1.25)]))
    }
}

impl Points<'_> {
    /// One over the variance of ln f, up to a factor: an error of T counts by the slope of the law there.
    fn weights(&self) -> Vec<f64> {
        let n = self.log.len();
        let mut weight = vec![1.0; n];
        if self.error.len() != n || !self.error.iter().all(|e| e.is_finite() && *e > 0.0) {
            return weight;
        }
        for _ in 0..4 {
            let t0 = self.best(&weight, self.limit());
            for (w, (t, e)) in weight.iter_mut().zip(self.temperature.iter().zip(self.error)) {
                *w = ((t - t0) * (t - t0) / e).powi(2);
            }
            let largest = weight.iter().copied().fold(0.0, f64::max);
            weight.iter_mut().for_each(|w| *w /= largest);
        }
        weight
    }
}

/// m R T_g ln 10, J/mol: the apparent energy of a liquid of fragility m at T_g, K.
pub fn liquid_energy(fragility: f64, tg: f64) -> f64 {
    fragility * GAS_CONSTANT * tg * LN_10
}

/// Constants of Williams, Landel and Ferry for a reference temperature: C₁ = B/[ln 10 (T_r − T₀)], C₂ = T_r − T₀, K.
pub fn wlf(law: &Vft, reference: f64) -> [f64; 2] {
    let c2 = reference - law.t0.0;
    [law.b / (LN_10 * c2), c2]
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::num::random::Random;

    const TRUTH: (f64, f64, f64) = (30.0, 3500.0, 380.0);

    fn temperature(log: f64) -> f64 {
        TRUTH.2 + TRUTH.1 / (TRUTH.0 - log)
    }

    fn logs(n: usize) -> Vec<f64> {
        (0..n).map(|i| libm::log(0.01) + libm::log(1e4) * i as f64 / (n - 1) as f64).collect()
    }

    #[test]
    fn exact_points_give_the_law_back() {
        let log = logs(8);
        let t: Vec<f64> = log.iter().map(|y| temperature(*y)).collect();
        for error in [vec![0.1; 8], vec![f64::NAN; 8]] {
            let p = Points { log: &log, temperature: &t, error: &error };
            let f = Vft::fit(&p).unwrap();
            assert!((f.t0.0 - 380.0).abs() < 1e-3 && (f.b / 3500.0 - 1.0).abs() < 1e-4, "{f:?}");
            // τ = 100 s: ln f = −ln(2π 100).
            let tg = f.glass_transition();
            assert!((tg - temperature(-libm::log(100.0 * std::f64::consts::TAU))).abs() < 1e-3);
            // m = B T_g/[ln 10 (T_g − T₀)²], closed form; E = m R T_g ln 10 is R B [T_g/(T_g − T₀)]².
            let (m, _) = f.fragility(&p, tg).unwrap();
            assert!((m / (3500.0 * tg / (LN_10 * (tg - 380.0).powi(2))) - 1.0).abs() < 1e-4);
            let e = GAS_CONSTANT * 3500.0 * (tg / (tg - 380.0)).powi(2);
            assert!((liquid_energy(m, tg) / e - 1.0).abs() < 1e-4);
            let [c1, c2] = wlf(&f, 500.0);
            assert!((c2 - 120.0).abs() < 1e-3 && (c1 - 3500.0 / (LN_10 * 120.0)).abs() < 1e-3);
        }
    }

    #[test]
    fn intervals_cover() {
        // 200 sets of 10 peaks with 0.3 K error: T₀ and m lie in their 95 % intervals in 90 to 98 % (at a true 95 % the
        // false alarm is 2·10⁻³ each).
        let log = logs(10);
        let tg = 480.0;
        let truth = TRUTH.1 * tg / (LN_10 * (tg - TRUTH.2) * (tg - TRUTH.2));
        let mut held = [0; 2];
        let mut r = Random::named("vft", 1);
        for _ in 0..200 {
            let t: Vec<f64> = log.iter().map(|y| temperature(*y) + 0.3 * r.normal()).collect();
            let p = Points { log: &log, temperature: &t, error: &[0.3; 10] };
            let f = Vft::fit(&p).unwrap();
            let (_, [low, high]) = f.fragility(&p, tg).unwrap();
            held[0] += usize::from(f.t0.1[0] <= TRUTH.2 && TRUTH.2 <= f.t0.1[1]);
            held[1] += usize::from(low <= truth && truth <= high);
        }
        assert!(held.iter().all(|h| (180..=196).contains(h)), "{held:?}");
    }

    #[test]
    fn a_straight_line_keeps_the_way_to_zero_open() {
        // 200 Arrhenius sets with 0.3 K error: the interval of T₀ reaches 0 in at least 190 (one-sided, 97.5 % of them; fewer
        // in 2 % of all runs).
        let log = logs(10);
        let mut r = Random::named("straight", 1);
        let open = (0..200)
            .filter(|_| {
                let t: Vec<f64> = log.iter().map(|y| 10_000.0 / (28.9 - y) + 0.3 * r.normal()).collect();
                Vft::fit(&Points { log: &log, temperature: &t, error: &[0.3; 10] }).unwrap().t0.1[0] <= 0.0
            })
            .count();
        assert!((190..200).contains(&open), "{open}");
    }

    #[test]
    fn too_few_or_backwards_is_an_error() {
        let p = |log: &[f64], t: &[f64]| Vft::fit(&Points { log, temperature: t, error: &[] });
        assert_eq!(p(&[0.0, 1.0, 2.0], &[300.0, 310.0, 320.0]), Err(VftError::TooFew(3)));
        assert_eq!(p(&[3.0, 2.0, 1.0, 0.0], &[300.0, 310.0, 320.0, 330.0]), Err(VftError::NotActivated));
        assert_eq!(p(&[3.0, 2.0, 1.0, 0.0], &[300.0; 4]), Err(VftError::NotActivated));
    }
}
