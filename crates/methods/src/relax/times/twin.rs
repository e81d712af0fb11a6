//! A synthetic twin: what separation of two times the data at hand – their times and their noise – can resolve (S3 §6).

use super::kernel::Problem;
use super::peaks::peaks;
use super::strength::{Normal, Rule, Smooth, solve};
use crate::num::parallel::ordered;
use crate::num::random::Stream;

/// Separations that are tried, decades.
pub const SEPARATIONS: [f64; 8] = [0.25, 0.5, 0.75, 1.0, 1.25, 1.5, 2.0, 3.0];
/// Twins of each.
const TWINS: usize = 20;
/// Part of them in which both must be seen.
const SEEN: f64 = 0.9;

/// The smallest separation in decades at which two times of equal strength about the middle of what was found, with its
/// total strength, its noise and its unsmoothed parts, are told apart in nine of ten twins; `None` where even three decades
/// are not.
pub fn resolution(s: &Smooth, p: &Problem, normal: &Normal, rule: Rule, stream: &Stream) -> Option<f64> {
    let n = p.grid.tau.len();
    let f = &s.x[..n];
    let total: f64 = f.iter().sum();
    if !(total > 0.0) {
        return None;
    }
    let middle = f.iter().enumerate().map(|(i, v)| i as f64 * v).sum::<f64>() / total;
    let noise = s.noise(p);
    let seen = |decades: f64| {
        let apart = decades * std::f64::consts::LN_10 / p.grid.step;
        let mut x = vec![0.0; s.x.len()];
        x[n..].copy_from_slice(&s.x[n..]);
        for at in [middle - 0.5 * apart, middle + 0.5 * apart] {
            let at = at.clamp(0.0, (n - 1) as f64);
            let (low, part) = (at.floor() as usize, at - at.floor());
            x[low] += 0.5 * total * (1.0 - part);
            if low + 1 < n {
                x[low + 1] += 0.5 * total * part;
            }
        }
        let clean = p.predict(&x);
        let found = ordered(TWINS, |i| {
            let mut r = stream.content([decades]).replicate(i);
            let twin = p.with_data(clean.iter().map(|v| v + noise * r.normal()).collect());
            solve(&twin, &normal.with_data(&twin), rule).is_some_and(|s| peaks(&s, &twin).len() == 2)
        });
        found.into_iter().filter(|b| *b).count() as f64 >= SEEN * TWINS as f64
    };
    // From wide to narrow: the first that fails ends what can be resolved.
    let mut best = None;
    for d in SEPARATIONS.into_iter().rev() {
        if !seen(d) {
            break;
        }
        best = Some(d);
    }
    best
}
