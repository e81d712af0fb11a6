//! Peaks of a spectrum: where they are, what they hold, whether they are more than noise.

use super::kernel::Problem;
use super::strength::Smooth;

/// One peak.
#[derive(Clone, Debug, PartialEq)]
pub struct Peak {
    /// Centroid in ln τ as a time τ_m, s.
    pub tau: f64,
    /// Area c_m = ∫ f d ln τ, in the unit of the data.
    pub area: f64,
    /// Standard deviation of ln τ within the peak.
    pub width: f64,
    /// Rows of the grid that it holds.
    pub rows: std::ops::Range<usize>,
}

/// Two maxima are one peak where the dip between them keeps this part of the lower one.
const DIP: f64 = 0.8;
/// Least part of the whole area that is called a peak: dips in the wings of a broad one, where relative noise makes every
/// wiggle significant, part off up to 0.7 %.
const LEAST: f64 = 0.01;
/// Standard errors by which an area must exceed 0.
const SURE: f64 = 3.0;

/// Peaks by rising time.
pub fn peaks(s: &Smooth, p: &Problem) -> Vec<Peak> {
    let n = p.grid.tau.len();
    let f = &s.x[..n];
    let total: f64 = f.iter().sum();
    split(f)
        .into_iter()
        .filter_map(|rows| peak(f, p, rows))
        .filter(|k| k.area > LEAST * total * p.grid.step && k.area > SURE * area_error(s, p, &k.rows))
        .collect()
}

/// The peak that some rows hold.
pub fn peak(f: &[f64], p: &Problem, rows: std::ops::Range<usize>) -> Option<Peak> {
    let sum: f64 = f[rows.clone()].iter().sum();
    if !(sum > 0.0) {
        return None;
    }
    let log = |i: usize| libm::log(p.grid.tau[i]);
    let mean = rows.clone().map(|i| f[i] * log(i)).sum::<f64>() / sum;
    let spread = rows.clone().map(|i| f[i] * (log(i) - mean).powi(2)).sum::<f64>() / sum;
    Some(Peak { tau: libm::exp(mean), area: sum * p.grid.step, width: spread.sqrt(), rows })
}

/// Rows between the dips.
fn split(f: &[f64]) -> Vec<std::ops::Range<usize>> {
    let n = f.len();
    let at = |i: isize| if (0..n as isize).contains(&i) { f[i as usize] } else { 0.0 };
    let mut tops: Vec<usize> =
        (0..n).filter(|i| f[*i] > 0.0 && f[*i] >= at(*i as isize - 1) && f[*i] > at(*i as isize + 1)).collect();
    // Between peaks apart lies a stretch of zeros: its middle leaves both the room that noise moves them in.
    let lowest = |a: usize, b: usize| {
        let least = f[a..=b].iter().copied().fold(f64::INFINITY, f64::min);
        let all: Vec<usize> = (a..=b).filter(|i| f[*i] == least).collect();
        all[all.len() / 2]
    };
    // Shallow dips first: what they part is one.
    loop {
        let depth = |w: &[usize]| f[lowest(w[0], w[1])] / f[w[0]].min(f[w[1]]);
        let shallow = tops.windows(2).enumerate().map(|(i, w)| (i, depth(w))).filter(|d| d.1 > DIP);
        let Some((i, _)) = shallow.max_by(|a, b| a.1.total_cmp(&b.1)) else { break };
        let lower = if f[tops[i]] < f[tops[i + 1]] { i } else { i + 1 };
        tops.remove(lower);
    }
    let mut cuts = vec![0];
    cuts.extend(tops.windows(2).map(|w| lowest(w[0], w[1])));
    cuts.push(n);
    if tops.is_empty() { Vec::new() } else { cuts.windows(2).map(|w| w[0]..w[1]).collect() }
}

/// Standard error of the area of some rows: from the curvature of misfit and roughness over the unknowns above 0.
fn area_error(s: &Smooth, p: &Problem, rows: &std::ops::Range<usize>) -> f64 {
    let which = (0..s.inside.len()).filter(|i| s.inside[*i]);
    let w: Vec<f64> = which.map(|i| if rows.contains(&i) { p.grid.step } else { 0.0 }).collect();
    let mut v = w.clone();
    s.factor.solve(&mut v);
    let variance: f64 = w.iter().zip(&v).map(|(a, b)| a * b).sum();
    s.noise(p) * variance.max(0.0).sqrt()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dips_part_peaks() {
        assert_eq!(split(&[0.0, 1.0, 3.0, 1.0, 0.0, 0.0, 0.0, 2.0, 5.0, 0.0]), [0..5, 5..10]);
        // A dip to 90 % is none.
        assert_eq!(split(&[0.0, 1.0, 0.9, 1.1, 0.0]), [0..5]);
        assert!(split(&[0.0; 4]).is_empty());
        assert_eq!(split(&[2.0, 1.0, 0.0]), [0..3]);
    }
}
