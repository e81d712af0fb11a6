//! The power spectrum of a map: its image, its radial mean, its angular harmonics (METHODS §5; S1 Fig. 42).

use ndarray::{Array2, ArrayView2};
use num_complex::Complex64;

use super::covariance::CovarianceFit;
use super::surrogates::{Kind, SurrogateError, Surrogates};
use crate::num::fft::{Plan, forward_2d, good_size};
use crate::num::quantile::quantiles;
use crate::num::random::Stream;
use crate::num::work::{Cancelled, Work};
use softspot_data::Map;

/// A power spectrum.
#[derive(Clone, Debug)]
pub struct Pattern {
    /// Power density in (unit of the map)² m², the zero frequency in the middle, row 0 the highest frequency along y
    /// towards the top.
    pub power: Array2<f64>,
    /// Frequency step [row, column], 1/m.
    pub step: [f64; 2],
    /// Mean frequency of each ring, 1/m.
    pub k: Vec<f64>,
    /// Mean power of each ring.
    pub radial: Vec<f64>,
    /// Frequencies in each ring, opposite ones counted once.
    pub modes: Vec<f64>,
    /// Second and fourth angular harmonic.
    pub harmonics: [Harmonic; 2],
}

/// An angular harmonic of the power.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Harmonic {
    /// |Σ P e^{imθ}|/Σ P: 0 where the pattern is the same in every direction, 1 where it is a line or a cross.
    pub strength: f64,
    /// Direction of most power in (−90°/m·2 …], from +x towards the top; in the map structures lie across it.
    pub angle: f64,
}

/// The spectrum of a map with pixels of `pixel` [row, column] metres, seen through a Hann window; invalid pixels are
/// taken as the mean. Harmonics are those of frequencies from `band[0]` to `band[1]`, 1/m.
///
/// `None` for a map without two different valid values or smaller than 8 pixels.
pub fn pattern(values: ArrayView2<'_, f64>, pixel: [f64; 2], band: [f64; 2]) -> Option<Pattern> {
    let (rows, columns) = values.dim();
    if rows.min(columns) < 8 {
        return None;
    }
    let hann = |i: usize, n: usize| {
        let s = libm::sin(std::f64::consts::PI * (i as f64 + 0.5) / n as f64);
        s * s
    };
    let (across, along): (Vec<f64>, Vec<f64>) =
        ((0..rows).map(|y| hann(y, rows)).collect(), (0..columns).map(|x| hann(x, columns)).collect());
    let (mut sum, mut weights, mut squares) = (0.0, 0.0, 0.0);
    for ((y, x), v) in values.indexed_iter().filter(|(_, v)| v.is_finite()) {
        let w = across[y] * along[x];
        sum += w * v;
        weights += w;
        squares += w * w;
    }
    let mean = sum / weights;
    let mut valid = values.iter().filter(|v| v.is_finite());
    let first = valid.next()?;
    if !(weights > 0.0) || valid.all(|v| v == first) {
        return None;
    }
    // A wavelength that is asked for is in, however its frequency is rounded.
    let band = [band[0] * (1.0 - 1e-9), band[1] * (1.0 + 1e-9)];
    let [height, width] = [good_size(rows), good_size(columns)];
    let mut data = vec![Complex64::new(0.0, 0.0); height * width];
    for ((y, x), v) in values.indexed_iter().filter(|(_, v)| v.is_finite()) {
        data[y * width + x].re = across[y] * along[x] * (v - mean);
    }
    forward_2d(&mut data, &Plan::new(width), &Plan::new(height));
    let norm = pixel[0] * pixel[1] / squares;
    let step = [1.0 / (height as f64 * pixel[0]), 1.0 / (width as f64 * pixel[1])];
    let ring = step[0].max(step[1]);
    let nyquist = 0.5 / pixel[0].max(pixel[1]);
    let rings = (nyquist / ring).floor() as usize + 1;
    let (mut k_sum, mut p_sum, mut n) = (vec![0.0; rings], vec![0.0; rings], vec![0.0; rings]);
    let mut power = Array2::zeros((height, width));
    let (mut total, mut second, mut fourth) = (0.0, [0.0; 2], [0.0; 2]);
    for v in 0..height {
        // Frequencies from −h/2 to h/2 − 1; up in the picture is up in the map, against the rows.
        let ky = (v as f64 - (height / 2) as f64) * step[0];
        let row = (v + height - height / 2) % height;
        for u in 0..width {
            let kx = (u as f64 - (width / 2) as f64) * step[1];
            let column = (u + width - width / 2) % width;
            let c = data[row * width + column];
            let p = (c.re * c.re + c.im * c.im) * norm;
            power[[v, u]] = p;
            let k = libm::hypot(kx, ky);
            let at = (k / ring).round() as usize;
            if k > 0.0 && k <= nyquist && at < rings {
                k_sum[at] += k;
                p_sum[at] += p;
                n[at] += 1.0;
            }
            if k >= band[0] && k <= band[1] && k <= nyquist && k > 0.0 {
                // Row 0 of the transform runs downwards: towards the top ky turns its sign.
                let (cos, sin) = (kx / k, -ky / k);
                let (c2, s2) = (cos * cos - sin * sin, 2.0 * cos * sin);
                total += p;
                second[0] += p * c2;
                second[1] += p * s2;
                fourth[0] += p * (c2 * c2 - s2 * s2);
                fourth[1] += p * 2.0 * c2 * s2;
            }
        }
    }
    let kept: Vec<usize> = (1..rings).filter(|i| n[*i] > 0.0).collect();
    let harmonic = |sums: [f64; 2], m: f64| Harmonic {
        strength: libm::hypot(sums[0], sums[1]) / total,
        angle: libm::atan2(sums[1], sums[0]).to_degrees() / m,
    };
    Some(Pattern {
        power,
        step,
        k: kept.iter().map(|i| k_sum[*i] / n[*i]).collect(),
        radial: kept.iter().map(|i| p_sum[*i] / n[*i]).collect(),
        modes: kept.iter().map(|i| 0.5 * n[*i]).collect(),
        harmonics: [harmonic(second, 2.0), harmonic(fourth, 4.0)],
    })
}

/// What featureless fields in the likeness of a map show (METHODS §13).
pub struct PatternNull {
    /// Strengths of the second and the fourth harmonic, of each field.
    pub strengths: Vec<[f64; 2]>,
    /// 95 % of their mean power in each ring.
    pub radial: Vec<[f64; 2]>,
    /// The covariance they were made with.
    pub fitted: Option<CovarianceFit>,
}

/// Reads so many isotropic fields in the likeness of a map as [`pattern`] reads it; or says why there are none.
///
/// # Errors
/// [`Cancelled`].
pub fn pattern_null(
    map: &Map,
    pixel: [f64; 2],
    band: [f64; 2],
    surrogates: usize,
    stream: &Stream,
    work: &Work<'_>,
) -> Result<Result<PatternNull, SurrogateError>, Cancelled> {
    let made = match Surrogates::new(map, Kind::Isotropic) {
        Ok(made) => made,
        Err(e) => return Ok(Err(e)),
    };
    let read = |z: &Array2<f64>| pattern(z.view(), pixel, band).map(|p| (p.harmonics.map(|h| h.strength), p.radial));
    let all: Vec<_> = made.each(surrogates, stream, true, work, read)?.into_iter().flatten().collect();
    let rings = all.first().map_or(0, |a| a.1.len());
    let ends = |i: usize| quantiles(&mut all.iter().map(|a| a.1[i]).collect::<Vec<_>>(), [0.025, 0.975]);
    let radial = (0..rings).map(ends).collect();
    Ok(Ok(PatternNull { strengths: all.into_iter().map(|a| a.0).collect(), radial, fitted: made.fitted }))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::num::random::Random;
    use crate::spatial::covariance::Covariance;
    use crate::spatial::field::Simulator;

    const ALL: [f64; 2] = [0.0, f64::INFINITY];

    #[test]
    fn waves_point_where_they_go() {
        for (angle, m) in [(30.0f64, 0), (-60.0, 0), (80.0, 0)] {
            let (s, c) = (libm::sin(angle.to_radians()), libm::cos(angle.to_radians()));
            // Eight pixels a wave; up is against the rows.
            let z = Array2::from_shape_fn((128, 96), |(y, x)| {
                libm::cos(std::f64::consts::TAU * (x as f64 * c - y as f64 * s) / 8.0)
            });
            let p = pattern(z.view(), [1e-9, 1e-9], ALL).unwrap();
            let h = p.harmonics[m];
            assert!((h.angle - angle).abs() < 1.0 && h.strength > 0.98, "{angle}: {h:?}");
            let top = (0..p.k.len()).max_by(|a, b| p.radial[*a].total_cmp(&p.radial[*b])).unwrap();
            assert!((p.k[top] * 8e-9 - 1.0).abs() < 0.06);
        }
    }

    /// The integral of the density over all frequencies is the variance (Parseval): 5 % of a field of 130 patches.
    #[test]
    fn power_adds_up_to_the_variance() {
        let c = Covariance { sigma: 2.0, xi: 4e-9, alpha: 1.0, noise: 0.0 };
        let sim = Simulator::new([90, 150], [1e-9, 2e-9], &c);
        let fields = (0..20).flat_map(|i| sim.pair(&mut Random::named("pattern", i)));
        let sums: Vec<f64> = fields
            .map(|z| {
                let p = pattern(z.view(), [1e-9, 2e-9], ALL).unwrap();
                p.power.iter().sum::<f64>() * p.step[0] * p.step[1]
            })
            .collect();
        // Forty fields of some hundred patches each: the mean has a standard error of 2 %; the mean taken off costs 1 %.
        let mean = crate::num::sum::mean(&sums);
        assert!((mean / 4.0 - 1.0).abs() < 0.09, "{mean}");
    }

    #[test]
    fn what_has_no_pattern() {
        assert!(pattern(Array2::zeros((20, 20)).view(), [1.0, 1.0], ALL).is_none());
        assert!(pattern(Array2::from_elem((20, 20), f64::NAN).view(), [1.0, 1.0], ALL).is_none());
        assert!(pattern(Array2::zeros((4, 20)).view(), [1.0, 1.0], ALL).is_none());
    }
}
