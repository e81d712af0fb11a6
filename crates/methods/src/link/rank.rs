//! Rank statistics with ties.

/// Ranks from 1; ties share their mean rank.
pub fn ranks(values: &[f64]) -> Vec<f64> {
    let mut order: Vec<usize> = (0..values.len()).collect();
    order.sort_by(|a, b| values[*a].total_cmp(&values[*b]));
    let mut out = vec![0.0; values.len()];
    let mut at = 0.0;
    for tie in order.chunk_by(|a, b| values[*a] == values[*b]) {
        let mean = at + (tie.len() as f64 + 1.0) / 2.0;
        tie.iter().for_each(|i| out[*i] = mean);
        at += tie.len() as f64;
    }
    out
}

/// Pearson's r; NaN if one side is constant.
pub fn pearson(x: &[f64], y: &[f64]) -> f64 {
    let n = x.len() as f64;
    let (mx, my) = (x.iter().sum::<f64>() / n, y.iter().sum::<f64>() / n);
    let (mut xx, mut yy, mut xy) = (0.0, 0.0, 0.0);
    for (x, y) in x.iter().zip(y) {
        xx += (x - mx) * (x - mx);
        yy += (y - my) * (y - my);
        xy += (x - mx) * (y - my);
    }
    let r = xy / (xx * yy).sqrt();
    r.clamp(-1.0, 1.0)
}

/// Spearman's ρ: Pearson's r of the ranks.
pub fn spearman(x: &[f64], y: &[f64]) -> f64 {
    pearson(&ranks(x), &ranks(y))
}

/// Kendall's τ_b.
pub fn kendall(x: &[f64], y: &[f64]) -> f64 {
    let n = x.len();
    let (mut s, mut tx, mut ty) = (0i64, 0i64, 0i64);
    for i in 0..n {
        for j in i + 1..n {
            let a = x[i].total_cmp(&x[j]) as i64 * i64::from(x[i] != x[j]);
            let b = y[i].total_cmp(&y[j]) as i64 * i64::from(y[i] != y[j]);
            s += a * b;
            tx += a * a;
            ty += b * b;
        }
    }
    s as f64 / ((tx * ty) as f64).sqrt()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_of_scipy() {
        // scipy.stats 1.x: spearmanr, kendalltau, pearsonr of these lists.
        let x = [1.0, 2.0, 2.0, 4.0, 7.0];
        let y = [3.0, 1.0, 4.0, 4.0, 9.0];
        assert_eq!(ranks(&x), [1.0, 2.5, 2.5, 4.0, 5.0]);
        assert!((spearman(&x, &y) - 0.763_157_894_736_842_1).abs() < 1e-12);
        assert!((kendall(&x, &y) - 2.0 / 3.0).abs() < 1e-12);
        assert!((pearson(&x, &y) - 0.880_429_600_540_763_8).abs() < 1e-12);
        assert!(spearman(&[1.0, 1.0], &[1.0, 2.0]).is_nan());
    }
}
