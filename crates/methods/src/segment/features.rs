//! k-means of several co-registered features: k-means++ with restarts, then Lloyd's rounds until nothing moves.

use rayon::prelude::*;

use super::linfa_bridge;
use crate::num::random::Stream;
use crate::num::spread::spread;

/// Points with several features, valid in all of them.
#[derive(Clone, Debug)]
pub struct Features {
    /// Values point by point, each feature about its mean and in units of its scale.
    pub rows: Vec<f64>,
    /// Features a point.
    pub features: usize,
    /// Mean of each feature.
    pub origin: Vec<f64>,
    /// What each feature is divided by.
    pub scale: Vec<f64>,
}

/// Classes of several features by rising first coordinate.
#[derive(Clone, Debug, PartialEq)]
pub struct Classes {
    /// Centres, class by class.
    pub centres: Vec<f64>,
    /// The class of each point.
    pub labels: Vec<usize>,
    /// Sum of squared distances.
    pub inertia: f64,
}

/// Points that cannot be made into so many classes.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct NoClasses(pub String);

/// Points from which starts are drawn; Lloyd's rounds then take them all.
const STARTERS: usize = 1 << 18;
/// Points of a band, summed in order.
const BAND: usize = 1 << 15;

impl Features {
    /// Of columns of equal length, without the points that lack a value. `scaled`: each in units of its own standard
    /// deviation; else all in that of the first.
    ///
    /// # Errors
    /// [`NoClasses`] where no point has all values or a feature is constant.
    pub fn of(columns: &[Vec<f64>], scaled: bool) -> Result<Features, NoClasses> {
        let n = columns.first().map_or(0, Vec::len);
        let whole: Vec<usize> = (0..n).filter(|i| columns.iter().all(|c| c[*i].is_finite())).collect();
        if whole.is_empty() {
            return Err(NoClasses("no pixel is valid in all maps".into()));
        }
        let (mut origin, mut scale) = (Vec::new(), Vec::new());
        for (i, c) in columns.iter().enumerate() {
            let values: Vec<f64> = whole.iter().map(|p| c[*p]).collect();
            let m = crate::num::sum::moments(&values);
            if !(m.std > 0.0) {
                return Err(NoClasses(format!("map {} has one value only, which tells no classes apart", i + 1)));
            }
            origin.push(m.mean);
            scale.push(m.std);
        }
        if !scaled {
            let first = scale[0];
            scale.fill(first);
        }
        let rows =
            whole.iter().flat_map(|p| (0..columns.len()).map(|f| (columns[f][*p] - origin[f]) / scale[f])).collect();
        Ok(Features { rows, features: columns.len(), origin, scale })
    }

    /// Points.
    pub fn len(&self) -> usize {
        self.rows.len() / self.features
    }

    /// Whether there is no point.
    pub fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }

    /// At most `most` points, evenly through all.
    pub fn thinned(&self, most: usize) -> Vec<f64> {
        let d = self.features;
        spread(self.len(), most).into_iter().flat_map(|i| &self.rows[i * d..(i + 1) * d]).copied().collect()
    }

    /// A coordinate in the unit of its map.
    pub fn restore(&self, feature: usize, v: f64) -> f64 {
        self.origin[feature] + self.scale[feature] * v
    }
}

/// The best of `starts` runs.
///
/// # Errors
/// [`NoClasses`] where there are fewer different points than classes.
pub fn classes(f: &Features, k: usize, starts: usize, stream: &Stream) -> Result<Classes, NoClasses> {
    let distinct = distinct(f, k);
    if distinct < k {
        return Err(NoClasses(format!(
            "{distinct} different points cannot make {k} classes; ask for at most {distinct}"
        )));
    }
    let draw = stream.role("k-means").replicate(k).below(usize::MAX) as u64;
    let centres = linfa_bridge::kmeans(&f.thinned(STARTERS), f.features, k, starts, draw)
        .ok_or_else(|| NoClasses("k-means found no centres: the values are not finite or all the same".into()))?;
    Ok(lloyd(f, None, centres))
}

fn distinct(f: &Features, k: usize) -> usize {
    let mut seen: Vec<&[f64]> = Vec::new();
    for p in f.rows.chunks_exact(f.features) {
        if seen.len() >= k {
            break;
        }
        if !seen.contains(&p) {
            seen.push(p);
        }
    }
    seen.len()
}

/// Lloyd's rounds from given centres; `times` says how often each point counts.
pub fn lloyd(f: &Features, times: Option<&[u32]>, mut centres: Vec<f64>) -> Classes {
    const ROUNDS: usize = 300;
    let d = f.features;
    let k = centres.len() / d;
    let mut labels: Vec<usize> = Vec::new();
    let mut inertia = f64::NAN;
    for _ in 0..ROUNDS {
        let bands: Vec<(Vec<usize>, Vec<f64>, f64)> = f
            .rows
            .par_chunks(BAND * d)
            .enumerate()
            .map(|(b, band)| {
                let times = times.map(|t| &t[b * BAND..]);
                let (mut own, mut sums, mut total) = (Vec::new(), vec![0.0; k * (d + 1)], 0.0);
                for (i, p) in band.chunks_exact(d).enumerate() {
                    let (label, square) = nearest(p, &centres, d);
                    let w = times.map_or(1.0, |t| f64::from(t[i]));
                    total += w * square;
                    let s = &mut sums[label * (d + 1)..][..d + 1];
                    s[d] += w;
                    s.iter_mut().zip(p).for_each(|(s, v)| *s += w * v);
                    own.push(label);
                }
                (own, sums, total)
            })
            .collect();
        let next: Vec<usize> = bands.iter().flat_map(|b| b.0.iter().copied()).collect();
        inertia = bands.iter().map(|b| b.2).sum();
        if next == labels {
            break;
        }
        labels = next;
        let mut sums = vec![0.0; k * (d + 1)];
        bands.iter().for_each(|b| sums.iter_mut().zip(&b.1).for_each(|(s, v)| *s += v));
        for (c, s) in centres.chunks_exact_mut(d).zip(sums.chunks_exact(d + 1)) {
            if s[d] > 0.0 {
                c.iter_mut().zip(s).for_each(|(c, sum)| *c = sum / s[d]);
            }
        }
    }
    ordered(centres, labels, inertia, d)
}

/// The nearest centre and the squared distance; the first of equals.
fn nearest(p: &[f64], centres: &[f64], d: usize) -> (usize, f64) {
    let square = |c: &[f64]| p.iter().zip(c).map(|(a, b)| (a - b) * (a - b)).sum::<f64>();
    let mut best = (0, f64::INFINITY);
    for (i, c) in centres.chunks_exact(d).enumerate() {
        let s = square(c);
        if s < best.1 {
            best = (i, s);
        }
    }
    best
}

/// Classes by rising first coordinate.
fn ordered(centres: Vec<f64>, labels: Vec<usize>, inertia: f64, d: usize) -> Classes {
    let mut order: Vec<usize> = (0..centres.len() / d).collect();
    order.sort_by(|a, b| centres[a * d].total_cmp(&centres[b * d]));
    let mut rank = vec![0; order.len()];
    order.iter().enumerate().for_each(|(r, i)| rank[*i] = r);
    Classes {
        centres: order.iter().flat_map(|i| centres[i * d..(i + 1) * d].to_vec()).collect(),
        labels: labels.iter().map(|l| rank[*l]).collect(),
        inertia,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::num::random::Random;
    use crate::segment::exact::partition;

    fn clouds(n: usize) -> Vec<Vec<f64>> {
        let mut r = Random::named("clouds", 0);
        let mut columns = vec![Vec::new(), Vec::new()];
        for i in 0..n {
            let c = [[0.0, 0.0], [6.0, 1.0], [3.0, 7.0]][i % 3];
            columns[0].push(c[0] + r.normal());
            columns[1].push(10.0 * (c[1] + r.normal()));
        }
        columns
    }

    #[test]
    fn three_clouds() {
        let f = Features::of(&clouds(3000), true).unwrap();
        let c = classes(&f, 3, 10, &Stream::named("test")).unwrap();
        let centre = |k: usize| [0, 1].map(|i| f.restore(i, c.centres[2 * k + i]));
        // Standard error of a centre 1/√1000; the tails that change sides shift it by less than as much.
        for (k, want) in [[0.0, 0.0], [3.0, 70.0], [6.0, 10.0]].iter().enumerate() {
            assert!((centre(k)[0] - want[0]).abs() < 0.15 && (centre(k)[1] - want[1]).abs() < 1.5, "{:?}", centre(k));
        }
        // The same for any number of threads.
        let pool = rayon::ThreadPoolBuilder::new().num_threads(1).build().unwrap();
        assert_eq!(pool.install(|| classes(&f, 3, 10, &Stream::named("test")).unwrap()), c);
    }

    #[test]
    fn one_feature_is_never_better_than_the_optimum() {
        let column = clouds(2000).remove(1);
        let f = Features::of(&[column], true).unwrap();
        let best = partition(&f.rows, 4).unwrap();
        let c = classes(&f, 4, 5, &Stream::named("one")).unwrap();
        assert!(best.inertia <= c.inertia * (1.0 + 1e-12));
        assert!(c.inertia < best.inertia * 1.05);
    }

    #[test]
    fn what_is_no_feature() {
        let nan = f64::NAN;
        assert!(Features::of(&[vec![1.0, nan], vec![nan, 2.0]], true).is_err());
        assert!(Features::of(&[vec![1.0, 1.0]], true).is_err() && Features::of(&[], true).is_err());
        let f = Features::of(&[vec![1.0, 2.0, nan], vec![1.0, 3.0, 4.0]], false).unwrap();
        assert_eq!((f.len(), f.scale[0] == f.scale[1], f.is_empty()), (2, true, false));
        assert!(classes(&f, 3, 2, &Stream::named("x")).unwrap_err().to_string().contains("2 different points"));
    }
}
