//! Silhouettes (Rousseeuw 1987, doi:10.1016/0377-0427(87)90125-7): how much nearer a value lies to its own class than to
//! the next.

/// Mean silhouette of one feature, exactly: distances to a class that lies on one side are those to its mean, and within
/// the own class sums over sorted values give them.
///
/// `sorted` by size; `edges` separate the classes. NaN of fewer than two classes.
pub fn of_one(sorted: &[f64], edges: &[f64]) -> f64 {
    let mut rest = sorted;
    let mut classes: Vec<&[f64]> = Vec::new();
    for e in edges {
        let (own, later) = rest.split_at(rest.partition_point(|v| v <= e));
        classes.push(own);
        rest = later;
    }
    classes.push(rest);
    classes.retain(|c| !c.is_empty());
    if classes.len() < 2 {
        return f64::NAN;
    }
    let means: Vec<f64> = classes.iter().map(|c| crate::num::sum::mean(c)).collect();
    let mut total = 0.0;
    for (k, class) in classes.iter().enumerate() {
        let n = class.len() as f64;
        if class.len() == 1 {
            continue;
        }
        let sum = crate::num::sum::sum(class);
        let mut below = 0.0;
        for (i, v) in class.iter().enumerate() {
            let i = i as f64;
            // Sum of v − x over those below, and of x − v over those above.
            let own = ((v * i - below) + (sum - below - v) - v * (n - 1.0 - i)) / (n - 1.0);
            below += v;
            let others = means.iter().enumerate().filter(|(j, _)| *j != k).map(|(_, m)| (v - m).abs());
            let next = others.fold(f64::INFINITY, f64::min);
            total += (next - own) / next.max(own).max(f64::MIN_POSITIVE);
        }
    }
    total / sorted.len() as f64
}

/// Mean silhouette of points with several features by all their distances: for a few thousand points.
pub fn of_points(rows: &[f64], features: usize, labels: &[usize], k: usize) -> f64 {
    let points: Vec<&[f64]> = rows.chunks_exact(features).collect();
    let mut counts = vec![0usize; k];
    labels.iter().for_each(|l| counts[*l] += 1);
    if counts.iter().filter(|c| **c > 0).count() < 2 {
        return f64::NAN;
    }
    let mut total = 0.0;
    for (p, own) in points.iter().zip(labels) {
        let mut sums = vec![0.0; k];
        for (q, l) in points.iter().zip(labels) {
            let square: f64 = p.iter().zip(*q).map(|(a, b)| (a - b).powi(2)).sum();
            sums[*l] += square.sqrt();
        }
        if counts[*own] < 2 {
            continue;
        }
        let within = sums[*own] / (counts[*own] - 1) as f64;
        let others = (0..k).filter(|l| l != own && counts[*l] > 0).map(|l| sums[l] / counts[l] as f64);
        let next = others.fold(f64::INFINITY, f64::min);
        total += (next - within) / next.max(within).max(f64::MIN_POSITIVE);
    }
    total / points.len() as f64
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::num::random::Random;

    #[test]
    fn one_feature_as_by_all_distances() {
        let mut r = Random::named("silhouette", 0);
        let mut v: Vec<f64> = (0..300).map(|i| f64::from(i % 3) * 4.0 + r.normal()).collect();
        v.sort_unstable_by(f64::total_cmp);
        let edges = [2.0, 6.0];
        let labels: Vec<usize> = v.iter().map(|v| edges.iter().filter(|e| *e < v).count()).collect();
        let want = of_points(&v, 1, &labels, 3);
        assert!((of_one(&v, &edges) - want).abs() < 1e-12 && want > 0.5);
        assert!(of_one(&v, &[]).is_nan() && of_one(&v, &[100.0]).is_nan());
        // By hand: classes {0}, {3, 5}: 0, (3 − 2)/3 and (5 − 2)/5 over three.
        assert!((of_one(&[0.0, 3.0, 5.0], &[1.0]) - (1.0 / 3.0 + 0.6) / 3.0).abs() < 1e-15);
    }
}
