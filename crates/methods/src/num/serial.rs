//! Noise of a record in time: white noise beside noise that remembers (an Ornstein–Uhlenbeck process), estimated by the
//! restricted likelihood of what a smooth curve leaves (Harville 1977, doi:10.1080/01621459.1977.10480998), and taken off by
//! Kalman's filter, whose innovations are independent (METHODS §14a).

use crate::num::linear::log_determinant;
use crate::num::random::Random;
use crate::num::separable::project;
use crate::num::sum::dot;

/// Covariance of the noise of rows, up to a common factor.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Serial {
    /// Standard deviation of each row.
    pub scale: Vec<f64>,
    /// Part of each row's variance that remembers.
    share: Vec<f64>,
    /// Correlation of the part that remembers with that of the row before.
    link: Vec<f64>,
}

/// How the noise of a record remembers.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Memory {
    /// Part of the variance of a point.
    pub share: f64,
    /// Points, or seconds, over which it falls to 1/e.
    pub length: f64,
    /// What it is counted in.
    pub axis: Axis,
}

/// What noise remembers over.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Axis {
    /// Points, whatever their distance in time.
    Points,
    /// Seconds.
    Time,
}

impl Memory {
    /// Correlation of neighbours of the part that remembers; 0 for the first.
    fn links(&self, time: &[f64]) -> Vec<f64> {
        let step = |i: usize| match self.axis {
            Axis::Points => 1.0,
            Axis::Time => time[i] - time[i - 1],
        };
        (0..time.len()).map(|i| if i == 0 { 0.0 } else { libm::exp(-step(i) / self.length) }).collect()
    }

    /// Noise of points at these times.
    pub fn of_points(&self, time: &[f64]) -> Serial {
        let n = time.len();
        Serial { scale: vec![1.0; n], share: vec![self.share; n], link: self.links(time) }
    }

    /// Noise of means over neighbouring points; `ends[k]` is one past the last of the kth.
    pub fn of_means(&self, time: &[f64], ends: &[usize]) -> Serial {
        let link = self.links(time);
        let (mut out, mut from) = (Serial::default(), 0);
        let mut before: Option<(f64, f64)> = None;
        for to in ends {
            let m = (to - from) as f64;
            // Sums of the correlations of all pairs, of all with the last, and of all with the first.
            let (mut pairs, mut with_last) = (0.0, 0.0);
            let (mut with_first, mut chain) = (0.0, 1.0);
            for (i, link) in link[from..*to].iter().enumerate() {
                let own = if i == 0 { 0.0 } else { *link };
                with_last = 1.0 + own * with_last;
                pairs += 2.0 * with_last - 1.0;
                chain = if i == 0 { 1.0 } else { chain * own };
                with_first += chain;
            }
            let (remembers, white) = (self.share * pairs / (m * m), (1.0 - self.share) / m);
            let correlated =
                before.map_or(0.0, |(last, spread)| link[from] * last * with_first / (spread * pairs.sqrt()));
            out.scale.push((remembers + white).sqrt());
            out.share.push(remembers / (remembers + white));
            out.link.push(correlated);
            before = Some((with_last, pairs.sqrt()));
            from = *to;
        }
        out
    }
}

impl Serial {
    /// Independent noise of means over so many points each.
    pub fn white(points: &[f64]) -> Serial {
        let n = points.len();
        Serial { scale: points.iter().map(|p| 1.0 / p.sqrt()).collect(), share: vec![0.0; n], link: vec![0.0; n] }
    }

    /// Calls `each(row, expected part of 0, its standard deviation)` with what the filter expects of the row after those
    /// before it; `each` returns the row's value in units of its scale.
    fn filter(&self, mut each: impl FnMut(usize, f64, f64) -> f64) {
        let (mut mean, mut variance) = (0.0, 0.0);
        for i in 0..self.scale.len() {
            let (link, part) = (self.link[i], self.share[i]);
            mean *= link;
            variance = link * link * variance + 1.0 - link * link;
            let spread = part * variance + 1.0 - part;
            let root = part.sqrt();
            let value = each(i, root * mean, spread.sqrt());
            let gain = variance * root / spread;
            mean += gain * (value - root * mean);
            variance -= gain * root * variance;
        }
    }

    /// A column whose noise is independent and of the same size in every row.
    pub fn whitened(&self, column: &[f64]) -> Vec<f64> {
        let mut out = vec![0.0; column.len()];
        self.filter(|i, expected, spread| {
            let value = column[i] / self.scale[i];
            out[i] = (value - expected) / spread;
            value
        });
        out
    }

    /// What [`Serial::whitened`] was made from.
    pub fn coloured(&self, white: &[f64]) -> Vec<f64> {
        let mut out = vec![0.0; white.len()];
        self.filter(|i, expected, spread| {
            let value = expected + spread * white[i];
            out[i] = value * self.scale[i];
            value
        });
        out
    }

    /// Noise of unit size.
    pub fn draw(&self, random: &mut Random) -> Vec<f64> {
        let white: Vec<f64> = self.scale.iter().map(|_| random.normal()).collect();
        self.coloured(&white)
    }

    /// ln of the determinant of the correlations.
    fn log_determinant(&self) -> f64 {
        let mut sum = 0.0;
        self.filter(|_, expected, spread| {
            sum += 2.0 * libm::log(spread);
            expected
        });
        sum
    }

    /// Degrees of freedom with which the spread of slow sums is known of so many residuals: by the error of the correlation
    /// φ of neighbours, (1 − φ²)/n, and what (1 + φ)/(1 − φ) makes of it.
    pub fn certainty(&self, freedom: f64) -> f64 {
        let n = self.link.len() as f64;
        let link = self.share.iter().zip(&self.link).map(|(s, l)| s * l).sum::<f64>() / n;
        if link > 0.0 { freedom / (1.0 + 2.0 * (1.0 + link) / (1.0 - link)) } else { freedom }
    }

    /// The rows from one to another.
    pub fn slice(&self, rows: std::ops::Range<usize>) -> Serial {
        let part = |v: &[f64]| v[rows.clone()].to_vec();
        let mut out = Serial { scale: part(&self.scale), share: part(&self.share), link: part(&self.link) };
        if let Some(first) = out.link.first_mut() {
            *first = 0.0;
        }
        out
    }
}

/// Restricted log likelihood of `data` about the best sum of `columns`, its size eliminated.
fn likelihood(noise: &Serial, columns: &[Vec<f64>], data: &[f64]) -> Option<f64> {
    let columns: Vec<Vec<f64>> = columns.iter().map(|c| noise.whitened(c)).collect();
    let data = noise.whitened(data);
    let rest = if columns.is_empty() { data } else { project(&columns, &data)?.1 };
    let p = columns.len();
    let normal: Vec<f64> = (0..p * p).map(|i| dot(&columns[i / p], &columns[i % p])).collect();
    let freedom = (rest.len() - p) as f64;
    let squares = dot(&rest, &rest);
    let trace = if p == 0 { 0.0 } else { log_determinant(&normal, p)? };
    Some(-0.5 * (noise.log_determinant() + trace + freedom * libm::log(squares / freedom)))
}

/// Gain in twice the log likelihood that two parameters must bring.
const GAIN: f64 = 4.0;
/// Shares and lengths that are tried first.
const SHARES: [f64; 4] = [0.25, 0.5, 0.75, 1.0];
const LENGTHS: usize = 10;

/// How the noise of points at rising times remembers, from what is left of them beside a sum of `columns`; `None` where
/// nothing shows that it does.
pub fn memory(time: &[f64], columns: &[Vec<f64>], data: &[f64]) -> Option<Memory> {
    let n = time.len();
    if n < columns.len() + 10 {
        return None;
    }
    let white = likelihood(&Serial::white(&vec![1.0; n]), columns, data)?;
    let even = time.windows(2).all(|w| ((w[1] - w[0]) / (time[1] - time[0]) - 1.0).abs() < 0.05);
    let axes: &[Axis] = if even { &[Axis::Points] } else { &[Axis::Points, Axis::Time] };
    let mut best: Option<(f64, Memory)> = None;
    for axis in axes {
        let [low, high] = match axis {
            Axis::Points => [0.3, n as f64 / 4.0],
            Axis::Time => [0.3 * (time[1] - time[0]), 0.25 * (time[n - 1] - time[0])],
        }
        .map(libm::log);
        // A first step that is most of the record leaves no length to seek.
        if !(low < high) {
            continue;
        }
        let score = |share: f64, log: f64| {
            let m = Memory { share, length: libm::exp(log), axis: *axis };
            likelihood(&m.of_points(time), columns, data).unwrap_or(f64::NEG_INFINITY)
        };
        let mut at = (f64::NEG_INFINITY, 1.0, low);
        let step = (high - low) / (LENGTHS - 1) as f64;
        for share in SHARES {
            for k in 0..LENGTHS {
                let log = low + step * k as f64;
                let v = score(share, log);
                if v > at.0 {
                    at = (v, share, log);
                }
            }
        }
        // From the best of the grid on, by steps that shrink.
        let (mut a, mut b) = (0.25, step);
        for _ in 0..7 {
            (a, b) = (0.6 * a, 0.6 * b);
            for (da, db) in [(a, 0.0), (-a, 0.0), (0.0, b), (0.0, -b), (a, -b), (-a, b)] {
                let (share, log) = ((at.1 + da).clamp(0.02, 1.0), (at.2 + db).clamp(low, high));
                let v = score(share, log);
                if v > at.0 {
                    at = (v, share, log);
                }
            }
        }
        if best.as_ref().is_none_or(|b| at.0 > b.0) {
            best = Some((at.0, Memory { share: at.1, length: libm::exp(at.2), axis: *axis }));
        }
    }
    best.filter(|b| 2.0 * (b.0 - white) > GAIN).map(|b| b.1)
}

#[cfg(test)]
mod tests {
    use super::*;

    const MEMORY: Memory = Memory { share: 0.7, length: 4.0, axis: Axis::Time };

    /// The covariance of rows as it is defined, entry by entry.
    fn covariance(time: &[f64]) -> Vec<Vec<f64>> {
        let at = |a: f64, b: f64| MEMORY.share * libm::exp(-(a - b).abs() / MEMORY.length);
        let own = |i: usize, j: usize| if i == j { 1.0 - MEMORY.share } else { 0.0 };
        (0..time.len()).map(|i| (0..time.len()).map(|j| at(time[i], time[j]) + own(i, j)).collect()).collect()
    }

    #[test]
    fn innovations_are_those_of_the_covariance() {
        // wᵀw of whitened columns is aᵀC⁻¹b, and Σ ln of their spreads ln|C|: against the inverse of the covariance itself.
        let time = [0.3, 1.0, 1.5, 4.0, 9.0, 9.2];
        let c = covariance(&time);
        let n = time.len();
        let dense = nalgebra::DMatrix::from_fn(n, n, |i, j| c[i][j]);
        let noise = MEMORY.of_points(&time);
        let (a, b) = ([1.0, -2.0, 0.5, 3.0, 1.0, -1.0], [0.2, 0.1, -1.0, 2.0, 0.4, 0.0]);
        let vector = |v: &[f64]| nalgebra::DVector::from_column_slice(v);
        let want = (vector(&a).transpose() * dense.clone().try_inverse().unwrap() * vector(&b))[0];
        assert!((dot(&noise.whitened(&a), &noise.whitened(&b)) - want).abs() < 1e-12);
        assert!((noise.log_determinant() - libm::log(dense.determinant())).abs() < 1e-12);
        let back = noise.coloured(&noise.whitened(&a));
        back.iter().zip(&a).for_each(|(x, y)| assert!((x - y).abs() < 1e-12));
    }

    #[test]
    fn means_have_the_variance_of_sums() {
        // Variance of each mean, and covariance of neighbours, against sums over the covariance of the points.
        let time: Vec<f64> = (0..12).map(|i| 0.7 * f64::from(i * i)).collect();
        let ends = [2, 3, 7, 12];
        let c = covariance(&time);
        let noise = MEMORY.of_means(&time, &ends);
        let rows = |k: usize| (if k == 0 { 0 } else { ends[k - 1] })..ends[k];
        let mean = |a: usize, b: usize| {
            let sum: f64 = rows(a).map(|i| rows(b).map(|j| c[i][j]).sum::<f64>()).sum();
            sum / (rows(a).len() * rows(b).len()) as f64
        };
        for k in 0..ends.len() {
            assert!((noise.scale[k].powi(2) - mean(k, k)).abs() < 1e-12);
            if k > 0 {
                let own =
                    noise.link[k] * (noise.share[k] * noise.share[k - 1]).sqrt() * noise.scale[k] * noise.scale[k - 1];
                assert!((own - mean(k, k - 1)).abs() < 1e-12);
            }
        }
    }

    #[test]
    fn memory_is_found_where_it_is() {
        // 400 points: white noise is taken for noise that remembers in fewer than 20 of 60 (two parameters at a gain of 4:
        // some 15 %; false alarm 3·10⁻⁴); correlations of 0.8 of neighbours are found within three errors of 0.03, and as one
        // of points rather than of time.
        let time: Vec<f64> = (0..400).map(|i| libm::exp10(0.01 * f64::from(i))).collect();
        let level = vec![vec![1.0; 400]];
        let mut taken = 0;
        for seed in 0..60 {
            let mut r = Random::named("memory", seed);
            let white: Vec<f64> = (0..400).map(|_| r.normal()).collect();
            taken += usize::from(memory(&time, &level, &white).is_some());
            let m = Memory { share: 1.0, length: -1.0 / libm::log(0.8), axis: Axis::Points };
            let found = memory(&time, &level, &m.of_points(&time).draw(&mut r)).unwrap();
            let link = libm::exp(-1.0 / found.length);
            assert!(found.axis == Axis::Points && (found.share * link - 0.8).abs() < 0.1, "{found:?}");
        }
        assert!(taken < 20, "{taken}");
    }
}
