//! What a window can tell of a covariance: the information in its periodogram (METHODS §2; Whittle 1954; Guillaumin,
//! Sykulski, Olhede & Simons, doi:10.1111/rssb.12539).

use num_complex::Complex64;

use super::covariance::Covariance;
use crate::num::fft::{Plan, forward_2d, good_size};
use crate::num::linear::solve_spd;

/// Expected periodogram of a window of that many rows and columns of pixels of unit size, at its Fourier frequencies: the
/// transform of the covariance times the share of pairs at each lag, so that the window's own bias is in it.
///
/// The shape must be one that [`good_size`] gives.
fn expected(shape: [usize; 2], covariance: &Covariance, plans: [&Plan; 2]) -> Vec<f64> {
    let [rows, columns] = shape;
    let at = |dy: usize, dx: usize| covariance.correlated(((dy * dy + dx * dx) as f64).sqrt());
    let share = |d: usize, n: usize| 1.0 - d as f64 / n as f64;
    let mut torus = Vec::with_capacity(rows * columns);
    for y in 0..rows {
        for x in 0..columns {
            // A lag and those that fold onto it.
            let mut sum = 0.0;
            for (dy, wy) in [(y, share(y, rows)), (rows - y, share(rows - y, rows))] {
                for (dx, wx) in [(x, share(x, columns)), (columns - x, share(columns - x, columns))] {
                    if wy > 0.0 && wx > 0.0 {
                        sum += wy * wx * at(dy, dx);
                    }
                }
            }
            torus.push(Complex64::new(sum, 0.0));
        }
    }
    forward_2d(&mut torus, plans[0], plans[1]);
    let noise = covariance.noise * covariance.noise;
    torus.iter().map(|v| (v.re + noise).max(f64::MIN_POSITIVE)).collect()
}

/// Least relative standard deviations of unbiased estimates of ξ (in pixels), σ and α from one window, by the inverse of the
/// Fisher information of Whittle's likelihood; `alpha` and `noise` say which of those two are unknown as well. `None` where
/// the window does not tell them apart.
pub fn bounds(shape: [usize; 2], covariance: &Covariance, alpha: bool, noise: bool) -> [Option<f64>; 3] {
    let good = shape.map(good_size);
    let (rows, columns) = (Plan::new(good[1]), Plan::new(good[0]));
    let spectrum = |c: &Covariance| expected(good, c, [&rows, &columns]);
    const STEP: f64 = 1e-3;
    let moved = |k: usize, by: f64| {
        let mut c = *covariance;
        let f = libm::exp(by);
        match k {
            0 => c.xi *= f,
            1 => c.sigma *= f,
            2 => c.alpha *= f,
            _ => c.noise *= f,
        }
        c
    };
    let unknown: Vec<usize> = (0..4).filter(|k| *k < 2 || (*k == 2 && alpha) || (*k == 3 && noise)).collect();
    let slopes: Vec<Vec<f64>> = unknown
        .iter()
        .map(|k| {
            // An exponent has nothing above 1.
            let over = if *k == 2 && covariance.alpha * libm::exp(STEP) > 1.0 { 0.0 } else { STEP };
            let (up, down) = (spectrum(&moved(*k, over)), spectrum(&moved(*k, -STEP)));
            let slope = |(u, d): (&f64, f64)| libm::log(u / d) / (over + STEP);
            // Beyond rounding there is no power, and no slope of it.
            let known = |u: f64, d: f64| u > f64::MIN_POSITIVE && d > f64::MIN_POSITIVE;
            up.iter().zip(down).map(|(u, d)| if known(*u, d) { slope((u, d)) } else { 0.0 }).collect()
        })
        .collect();
    let n = unknown.len();
    // The mean is unknown: frequency zero says nothing.
    let information: Vec<f64> = (0..n * n)
        .map(|i| 0.5 * slopes[i / n].iter().zip(&slopes[i % n]).skip(1).map(|(a, b)| a * b).sum::<f64>())
        .collect();
    let larger = (good[0] * good[1]) as f64 / (shape[0] * shape[1]) as f64;
    [0, 1, 2].map(|k| {
        let at = unknown.iter().position(|u| *u == k)?;
        let unit: Vec<f64> = (0..n).map(|i| f64::from(u8::from(i == at))).collect();
        let variance = solve_spd(&information, &unit)?[at] * larger;
        (variance > 0.0).then(|| variance.sqrt())
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::num::random::Random;
    use crate::spatial::field::Simulator;

    #[test]
    fn the_periodogram_of_fields_is_the_expected_one() {
        // The mean over 200 fields of the periodogram, summed over octaves of frequency, each within 5 standard errors.
        let (n, c) = (64, Covariance { sigma: 1.5, xi: 5.0, alpha: 0.7, noise: 0.2 });
        let (rows, columns) = (Plan::new(n), Plan::new(n));
        let wanted = expected([n, n], &c, [&rows, &columns]);
        let sim = Simulator::new([n, n], [1.0, 1.0], &c);
        let octave = |i: usize| {
            let k = [i / n, i % n].map(|k| k.min(n - k) as f64);
            (libm::log2((k[0] * k[0] + k[1] * k[1]).sqrt().max(0.5)) + 1.0) as usize
        };
        let mut sums = vec![Vec::new(); 8];
        for r in 0..100 {
            for z in sim.pair(&mut Random::named("periodogram", r)) {
                let mut t: Vec<Complex64> = z.iter().map(|v| Complex64::new(*v, 0.0)).collect();
                forward_2d(&mut t, &rows, &columns);
                let mut of = vec![[0.0, 0.0]; 8];
                for (i, v) in t.iter().enumerate() {
                    let o = octave(i).min(7);
                    of[o][0] += v.norm_sqr() / (n * n) as f64;
                    of[o][1] += wanted[i];
                }
                for (s, [a, b]) in sums.iter_mut().zip(of) {
                    if b > 0.0 {
                        s.push(a / b);
                    }
                }
            }
        }
        for (o, s) in sums.iter().enumerate().filter(|(_, s)| !s.is_empty()) {
            let m = crate::num::sum::moments(s);
            assert!((m.mean - 1.0).abs() < 5.0 * m.std / (s.len() as f64).sqrt(), "octave {o}: {}", m.mean);
        }
    }

    #[test]
    fn white_noise_has_its_known_bound() {
        // ξ far below a pixel: σ of n independent values has the relative error 1/√(2n).
        let c = Covariance { sigma: 1.0, xi: 0.05, alpha: 1.0, noise: 0.0 };
        let n = 64 * 64;
        let at = Covariance { xi: 1.0, ..c };
        let [_, sigma, _] = bounds([64, 64], &at, false, false);
        assert!(sigma.unwrap() > 1.0 / (2.0 * n as f64).sqrt());
        // A larger window tells more, in proportion to its side: under white noise, beside which what the window's edges leak
        // into other frequencies is little.
        let noisy = Covariance { xi: 4.0, alpha: 0.5, noise: 1.0, ..c };
        let both = [64, 128].map(|n| bounds([n, n], &noisy, false, false)[0].unwrap());
        assert!((both[0] / both[1] - 2.0).abs() < 0.2, "{both:?}");
    }
}
