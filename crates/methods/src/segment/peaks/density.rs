//! The density with at most so many peaks that comes nearest to a histogram.

/// Shares of at most `peaks` peaks, nearest to those of a histogram by least squares: pieces that rise and fall in turn, each
/// the isotonic regression of its bins, with the turns where the sum of squares is least.
pub(super) fn nearest(share: &[f64], peaks: usize) -> Vec<f64> {
    let n = share.len();
    let pieces = 2 * peaks.max(1);
    let (rising, falling) = (costs(share, 1.0), costs(share, -1.0));
    // Least cost of the first bins in so many pieces, and where the last of them begins.
    let mut least = vec![f64::INFINITY; n + 1];
    least[0] = 0.0;
    let mut begins: Vec<Vec<usize>> = Vec::with_capacity(pieces);
    for piece in 0..pieces {
        let cost = if piece % 2 == 0 { &rising } else { &falling };
        let best_of = |end: usize| {
            (0..=end).map(|b| (least[b] + cost[b][end - b], b)).min_by(|a, b| a.0.total_cmp(&b.0)).unwrap_or((0.0, 0))
        };
        let best: Vec<(f64, usize)> = (0..=n).map(best_of).collect();
        least = best.iter().map(|b| b.0).collect();
        begins.push(best.into_iter().map(|b| b.1).collect());
    }
    let mut out = vec![0.0; n];
    let mut end = n;
    for (piece, begin) in begins.iter().enumerate().rev() {
        let from = begin[end];
        let sign = if piece % 2 == 0 { 1.0 } else { -1.0 };
        let mut blocks = Blocks::default();
        share[from..end].iter().for_each(|s| {
            blocks.push(sign * s);
        });
        let mut at = from;
        for (sum, count, _) in blocks.stack {
            out[at..at + count].fill(sign * sum / count as f64);
            at += count;
        }
        end = from;
    }
    out
}

/// Squared distance of each run of bins from its isotonic regression, by first bin and length.
fn costs(share: &[f64], sign: f64) -> Vec<Vec<f64>> {
    let from = |begin: usize| {
        let mut blocks = Blocks::default();
        let mut out = vec![0.0];
        out.extend(share[begin..].iter().map(|s| blocks.push(sign * s)));
        out
    };
    (0..=share.len()).map(from).collect()
}

/// Pool of adjacent violators: blocks of equal fit with their sums, numbers and squared distances.
#[derive(Default)]
struct Blocks {
    stack: Vec<(f64, usize, f64)>,
    cost: f64,
}

impl Blocks {
    /// Adds a bin at the upper end and returns the squared distance of all.
    fn push(&mut self, value: f64) -> f64 {
        let mut block = (value, 1usize, 0.0);
        while let Some(last) = self.stack.last().copied() {
            let (a, b) = (last.0 / last.1 as f64, block.0 / block.1 as f64);
            if a <= b {
                break;
            }
            self.stack.pop();
            self.cost -= last.2 + block.2;
            let between = (last.1 * block.1) as f64 / (last.1 + block.1) as f64 * (a - b) * (a - b);
            block = (last.0 + block.0, last.1 + block.1, last.2 + block.2 + between);
            self.cost += block.2;
        }
        self.stack.push(block);
        self.cost
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn valleys_are_filled_where_peaks_are_not_allowed() {
        let share = [1.0, 4.0, 0.0, 4.0, 1.0, 2.0, 0.0];
        assert_eq!(nearest(&share, 3), share);
        // Two peaks: the shallower valley of (1, 2) goes.
        let two = nearest(&share, 2);
        assert_eq!(two, [1.0, 4.0, 0.0, 4.0, 1.5, 1.5, 0.0]);
        // One peak: 0 and one of its neighbours become 2, at a cost of 8; all three would become 8/3, at one of 32/3.
        let one = nearest(&share, 1);
        let cost: f64 = share.iter().zip(&one).map(|(a, b)| (a - b) * (a - b)).sum();
        assert!((cost - 8.5).abs() < 1e-12 && one[4..] == [1.5, 1.5, 0.0], "{one:?}");
        assert!((two.iter().sum::<f64>() - 12.0).abs() < 1e-12);
    }
}
