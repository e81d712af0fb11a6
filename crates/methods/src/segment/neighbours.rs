//! A term for neighbours: pixels prefer the class of those beside them (Potts 1952; iterated conditional modes, Besag
//! 1986, doi:10.1111/j.2517-6161.1986.tb01412.x).

/// A grid of pixels with several features, invalid ones NaN in the first.
pub struct Pixels<'a> {
    /// `[rows, columns]`.
    pub shape: [usize; 2],
    /// Values pixel by pixel.
    pub rows: &'a [f64],
    /// Features a pixel.
    pub features: usize,
}

/// Rounds over all pixels.
const ROUNDS: usize = 100;

/// Changes labels, and centres with them, until no pixel gains: each takes the class of least
/// `|x − c|²/2s² + weight × (neighbours of another class)`, s² the mean squared distance within classes of one feature.
///
/// `labels` is NaN where a pixel is invalid. Returns the rounds it took.
pub fn smooth(pixels: &Pixels<'_>, labels: &mut [f64], centres: &mut [f64], weight: f64) -> usize {
    let d = pixels.features;
    let [rows, columns] = pixels.shape;
    let square = |p: usize, c: &[f64]| {
        pixels.rows[p * d..(p + 1) * d].iter().zip(c).map(|(a, b)| (a - b) * (a - b)).sum::<f64>()
    };
    for round in 1..=ROUNDS {
        let own = |l: f64, p: usize, centres: &[f64]| square(p, &centres[l as usize * d..(l as usize + 1) * d]);
        let valid: Vec<usize> = (0..labels.len()).filter(|p| labels[*p].is_finite()).collect();
        let inertia: f64 = valid.iter().map(|p| own(labels[*p], *p, centres)).sum();
        let spread = inertia / (valid.len() * d).max(1) as f64;
        let mut changed = 0usize;
        for p in &valid {
            let (y, x) = (p / columns, p % columns);
            let beside = [
                (y > 0).then(|| p - columns),
                (y + 1 < rows).then(|| p + columns),
                (x > 0).then(|| p - 1),
                (x + 1 < columns).then(|| p + 1),
            ];
            let energy = |class: usize| {
                let others = beside.iter().flatten().filter(|n| labels[**n].is_finite() && labels[**n] != class as f64);
                let data = square(*p, &centres[class * d..(class + 1) * d]);
                let data = if spread > 0.0 { data / (2.0 * spread) } else { data * f64::MAX.sqrt() };
                data + weight * others.count() as f64
            };
            let mut best = (labels[*p] as usize, energy(labels[*p] as usize));
            for class in 0..centres.len() / d {
                let e = energy(class);
                if e < best.1 {
                    best = (class, e);
                }
            }
            changed += usize::from(best.0 as f64 != labels[*p]);
            labels[*p] = best.0 as f64;
        }
        let mut sums = vec![0.0; centres.len()];
        let mut counts = vec![0.0; centres.len() / d];
        for p in &valid {
            let class = labels[*p] as usize;
            counts[class] += 1.0;
            (0..d).for_each(|f| sums[class * d + f] += pixels.rows[p * d + f]);
        }
        for (class, n) in counts.iter().enumerate().filter(|(_, n)| **n > 0.0) {
            (0..d).for_each(|f| centres[class * d + f] = sums[class * d + f] / n);
        }
        if changed == 0 {
            return round;
        }
    }
    ROUNDS
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::num::random::Random;

    #[test]
    fn noise_on_two_halves_goes_and_the_edge_stays() {
        // Halves at ±1 with noise of unit width: without neighbours 16 % are wrong, with them hardly one.
        let mut r = Random::named("potts", 0);
        let truth = |p: usize| f64::from(u8::from(p % 64 >= 32));
        let rows: Vec<f64> = (0..64 * 64).map(|p| 2.0 * truth(p) - 1.0 + r.normal()).collect();
        let mut labels: Vec<f64> = rows.iter().map(|v| f64::from(u8::from(*v > 0.0))).collect();
        labels[5] = f64::NAN;
        let wrong = |l: &[f64]| (0..l.len()).filter(|p| l[*p].is_finite() && l[*p] != truth(*p)).count();
        assert!(wrong(&labels) > 500);
        let mut centres = [-1.3, 1.3];
        let pixels = Pixels { shape: [64, 64], rows: &rows, features: 1 };
        let rounds = smooth(&pixels, &mut labels, &mut centres, 1.5);
        assert!(wrong(&labels) < 80 && rounds < ROUNDS, "{} {rounds}", wrong(&labels));
        assert!(
            labels[5].is_nan() && (centres[0] + 1.0).abs() < 0.15 && (centres[1] - 1.0).abs() < 0.15,
            "{centres:?}"
        );
        // Weight 0 is k-means: each takes the nearest centre.
        smooth(&pixels, &mut labels, &mut centres, 0.0);
        let middle = 0.5 * (centres[0] + centres[1]);
        assert!((0..rows.len()).filter(|p| *p != 5).all(|p| (rows[p] > middle) == (labels[p] == 1.0)));
    }
}
