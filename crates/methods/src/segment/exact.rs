//! k-means of one feature, the global optimum: dynamic programming over sorted values (Wang & Song 2011,
//! doi:10.32614/RJ-2011-015) on a grid that is refined only where a boundary of the best partition can lie.
//!
//! The values are counted in narrow bins. With boundaries at the edges of bins alone the best partition is found at
//! once and is an upper bound. A lower bound for a boundary somewhere within a bin is what the bins on both sides cost
//! without that one: removing values never makes a class costlier. Bins whose lower bound exceeds the upper bound hold
//! no boundary; the values of the others are sorted, and the same is done with groups of them until few are left.

use rayon::prelude::*;

use super::groups::Group;
use crate::num::spread::spread;
use crate::num::sum::mean_and_variance;

/// Classes of one feature by rising centre.
#[derive(Clone, Debug, PartialEq)]
pub struct Partition {
    /// Centres, rising.
    pub centres: Vec<f64>,
    /// Values that separate neighbouring classes: halfway between their centres.
    pub edges: Vec<f64>,
    /// Values in each class.
    pub counts: Vec<u64>,
    /// Sum of squared distances of every value from the centre of its class.
    pub inertia: f64,
}

/// Values that have no such partition.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{distinct} different values cannot make {k} classes; ask for at most {distinct}")]
pub struct TooFew {
    /// Classes asked for.
    pub k: usize,
    /// Different values there are.
    pub distinct: usize,
}

/// Cells of one pass.
const CELLS: usize = 4096;
/// Values below which they are sorted at once.
const FEW: usize = 1 << 15;
/// Values of a band; bands are summed in order, so that the number of threads does not matter.
const BAND: usize = 1 << 18;
/// By how much bounds may miss each other through rounding.
const SLACK: f64 = 1e-9;

impl Partition {
    /// The class of a value.
    pub fn class(&self, value: f64) -> usize {
        self.edges.iter().take_while(|e| **e < value).count()
    }
}

/// The partition of finite values into `k` classes of least inertia.
///
/// # Errors
/// [`TooFew`] where there are fewer than `k` different values.
pub fn partition(values: &[f64], k: usize) -> Result<Partition, TooFew> {
    let distinct = distinct(values, k);
    if distinct < k || k == 0 {
        return Err(TooFew { k, distinct });
    }
    let (mean, variance) = mean_and_variance(values);
    // Of one distinct value and k = 1 there is no spread; any scale will do.
    let scale = if variance > 0.0 { variance.sqrt() } else { 1.0 };
    let cells = if k == 1 { Vec::new() } else { cells(values, mean, scale, k) };
    let start = if k == 1 { vec![0.0] } else { centres(&cells, &best(&cells, k).1) };
    Ok(settled(values, start.iter().map(|c| mean + scale * c).collect()))
}

/// Centres of the best partition of groups by rising value into at most `k` classes, in the unit of the groups.
pub fn of_groups(groups: &[Group], k: usize) -> Vec<f64> {
    centres(groups, &best(groups, k.max(1)).1)
}

/// Different values, counted up to `k`.
fn distinct(values: &[f64], k: usize) -> usize {
    let mut seen: Vec<f64> = Vec::new();
    for v in values {
        if seen.len() >= k {
            break;
        }
        if !seen.contains(v) {
            seen.push(*v);
        }
    }
    seen.len()
}

/// Groups in standard units between which the boundaries of the best partition lie.
fn cells(values: &[f64], mean: f64, scale: f64, k: usize) -> Vec<Group> {
    let standard = |v: f64| (v - mean) / scale;
    if values.len() <= FEW {
        let mut sorted: Vec<f64> = values.iter().map(|v| standard(*v)).collect();
        sorted.sort_unstable_by(f64::total_cmp);
        return refined(different(&sorted), k);
    }
    // Outliers must not widen the bins: those beyond the sample fall into the first and the last one.
    let mut sample: Vec<f64> = spread(values.len(), CELLS).into_iter().map(|i| standard(values[i])).collect();
    sample.sort_unstable_by(f64::total_cmp);
    let (low, high) = (sample[0], sample[sample.len() - 1]);
    let per = if high > low { (CELLS - 2) as f64 / (high - low) } else { 0.0 };
    let (slope, offset) = (per / scale, 1.0 - low * per - mean / scale * per);
    let bin = |v: f64| ((slope * v + offset).max(0.0) as usize).min(CELLS - 1);
    let bands: Vec<Vec<Group>> = values
        .par_chunks(BAND)
        .map(|band| {
            let mut bins = vec![Group::default(); CELLS];
            for v in band {
                let b = &mut bins[bin(*v)];
                *b = b.and(Group::one(standard(*v)));
            }
            bins
        })
        .collect();
    let mut bins = vec![Group::default(); CELLS];
    for band in bands {
        bins.iter_mut().zip(band).for_each(|(b, g)| *b = b.and(g));
    }
    let open = viable(&bins, k);
    let found: Vec<Vec<f64>> = values
        .par_chunks(BAND)
        .map(|band| band.iter().filter(|v| open[bin(**v)]).map(|v| standard(*v)).collect())
        .collect();
    let mut within = found.concat();
    within.par_sort_unstable_by(f64::total_cmp);
    // Closed bins become one group between the values of open ones.
    let mut out: Vec<Cell> = Vec::new();
    let mut rest = within.as_slice();
    for (b, group) in bins.iter().enumerate().filter(|(_, g)| g.n > 0.0) {
        if open[b] {
            let (own, later) = rest.split_at(group.n as usize);
            out.extend(different(own));
            rest = later;
        } else {
            push_closed(&mut out, *group);
        }
    }
    refined(out, k)
}

/// Values of a class boundary's neighbourhood, and whether a boundary may yet be found within or beside them.
#[derive(Clone, Copy)]
struct Cell {
    group: Group,
    closed: bool,
}

fn push_closed(cells: &mut Vec<Cell>, group: Group) {
    match cells.last_mut() {
        Some(last) if last.closed => last.group = last.group.and(group),
        _ => cells.push(Cell { group, closed: true }),
    }
}

/// One cell a different value.
fn different(sorted: &[f64]) -> Vec<Cell> {
    let same = sorted.chunk_by(|a, b| a == b);
    same.map(|s| {
        let n = s.len() as f64;
        Cell { group: Group { n, sum: n * s[0], squares: n * s[0] * s[0] }, closed: false }
    })
    .collect()
}

/// Closes cells without a boundary, a group of them at a time, while that leaves fewer.
fn refined(mut cells: Vec<Cell>, k: usize) -> Vec<Group> {
    while cells.len() > CELLS {
        let per = cells.len().div_ceil(CELLS);
        let grouped: Vec<Group> =
            cells.chunks(per).map(|c| c.iter().fold(Group::default(), |g, c| g.and(c.group))).collect();
        let open = viable(&grouped, k);
        let mut next: Vec<Cell> = Vec::new();
        for (chunk, (open, group)) in cells.chunks(per).zip(open.iter().zip(grouped)) {
            match open {
                true => next.extend_from_slice(chunk),
                false => push_closed(&mut next, group),
            }
        }
        if next.len() > cells.len() / 2 {
            cells = next;
            break;
        }
        cells = next;
    }
    cells.into_iter().map(|c| c.group).collect()
}

/// Sums over the first cells: the cost of any range of them in a few operations.
struct Prefix(Vec<Group>);

impl Prefix {
    fn of(groups: impl Iterator<Item = Group>) -> Prefix {
        let mut total = Group::default();
        let mut out = vec![total];
        for g in groups {
            total = total.and(g);
            out.push(total);
        }
        Prefix(out)
    }

    /// Sum of squared distances from the mean over cells `from..to`; 0 of none.
    fn cost(&self, from: usize, to: usize) -> f64 {
        if to <= from {
            return 0.0;
        }
        let (a, b) = (self.0[from], self.0[to]);
        let (n, sum) = (b.n - a.n, b.sum - a.sum);
        if n > 0.0 { (b.squares - a.squares - sum * sum / n).max(0.0) } else { 0.0 }
    }
}

/// For every `b` the least `before[a] + cost(a, b)` over a ≤ b and the a it is found at. The costs of intervals make
/// the best a rise with b, so halves are searched between the neighbours' answers.
fn layer(before: &[f64], cost: &(impl Fn(usize, usize) -> f64 + Sync)) -> (Vec<f64>, Vec<u32>) {
    let n = before.len();
    let (mut least, mut from) = (vec![f64::INFINITY; n], vec![0u32; n]);
    let mut open = vec![(0, n, 0, n - 1)];
    while let Some((low, high, first, last)) = open.pop() {
        if low >= high {
            continue;
        }
        let b = low.midpoint(high - 1);
        let (mut value, mut at) = (f64::INFINITY, first);
        for (a, before) in before.iter().enumerate().take(last.min(b) + 1).skip(first) {
            let v = before + cost(a, b);
            if v < value {
                (value, at) = (v, a);
            }
        }
        (least[b], from[b]) = (value, at as u32);
        open.push((low, b, first, at));
        open.push((b + 1, high, at, last));
    }
    (least, from)
}

/// The least cost of at most `k` classes with boundaries at the edges of cells, and those edges.
fn best(cells: &[Group], k: usize) -> (f64, Vec<usize>) {
    let prefix = Prefix::of(cells.iter().copied());
    let m = cells.len();
    let cost = |a: usize, b: usize| prefix.cost(a, b);
    let mut least: Vec<f64> = (0..=m).map(|b| cost(0, b)).collect();
    let mut came = Vec::new();
    for _ in 1..k {
        let (next, from) = layer(&least, &cost);
        came.push(from);
        least = next;
    }
    let mut edges = Vec::new();
    let mut at = m;
    for from in came.iter().rev() {
        at = from[at] as usize;
        edges.push(at);
    }
    edges.reverse();
    (least[m], edges)
}

/// Whether a boundary of the best partition may lie within or beside each cell.
fn viable(cells: &[Group], k: usize) -> Vec<bool> {
    let (upper, _) = best(cells, k);
    let forward = lower(&Prefix::of(cells.iter().copied()), cells.len(), k);
    let backward = lower(&Prefix::of(cells.iter().rev().copied()), cells.len(), k);
    let m = cells.len();
    let limit = upper * (1.0 + SLACK) + f64::MIN_POSITIVE;
    (0..m).map(|b| (1..k).any(|t| forward[t - 1][b] + backward[k - t - 1][m - 1 - b] <= limit)).collect()
}

/// Lower bounds: for t = 1 … k−1 the cost of the first t classes where the last of them ends somewhere in cell b.
fn lower(prefix: &Prefix, m: usize, k: usize) -> Vec<Vec<f64>> {
    let mut out: Vec<Vec<f64>> = vec![(0..m).map(|b| prefix.cost(0, b)).collect()];
    for t in 1..k.saturating_sub(1) {
        let (next, _) = layer(&out[t - 1], &|a, b| prefix.cost(a + 1, b));
        out.push(next);
    }
    out
}

/// Means of the classes between edges; classes without a value are left out.
fn centres(cells: &[Group], edges: &[usize]) -> Vec<f64> {
    let ends = [0].into_iter().chain(edges.iter().copied()).chain([cells.len()]);
    let ends: Vec<usize> = ends.collect();
    let sum = |w: &[usize]| cells[w[0]..w[1].max(w[0])].iter().fold(Group::default(), |a, b| a.and(*b));
    ends.windows(2).map(sum).filter(|g| g.n > 0.0).map(|g| g.mean()).collect()
}

/// Moves every value to its nearest centre and every centre to the mean of its values until nothing moves: from the
/// optimum that is one round, which removes the rounding of sums over cells.
fn settled(values: &[f64], mut centres: Vec<f64>) -> Partition {
    const ROUNDS: usize = 100;
    let mut counts = Vec::new();
    for _ in 0..ROUNDS {
        let edges = halfway(&centres);
        let sums = by_class(values, &edges, &centres);
        let next: Vec<u64> = sums.iter().map(|s| s.0).collect();
        for (c, (n, sum, _)) in centres.iter_mut().zip(&sums) {
            if *n > 0 {
                *c += sum / *n as f64;
            }
        }
        if next == counts {
            break;
        }
        counts = next;
    }
    let edges = halfway(&centres);
    let sums = by_class(values, &edges, &centres);
    let inertia = sums.iter().map(|s| s.2).sum();
    Partition { counts: sums.iter().map(|s| s.0).collect(), edges, centres, inertia }
}

fn halfway(centres: &[f64]) -> Vec<f64> {
    centres.windows(2).map(|w| w[0] + 0.5 * (w[1] - w[0])).collect()
}

/// Number, sum of deviations and sum of squared deviations from its centre, of each class.
fn by_class(values: &[f64], edges: &[f64], centres: &[f64]) -> Vec<(u64, f64, f64)> {
    let bands: Vec<Vec<(u64, f64, f64)>> = values
        .par_chunks(BAND)
        .map(|band| {
            let mut out = vec![(0, 0.0, 0.0); centres.len()];
            for block in band.chunks(1024) {
                // Short sums first: their rounding does not grow with the map.
                let mut short = vec![(0u64, 0.0, 0.0); centres.len()];
                for v in block {
                    let class = edges.iter().map(|e| usize::from(*e < *v)).sum::<usize>();
                    let (d, s) = (v - centres[class], &mut short[class]);
                    *s = (s.0 + 1, s.1 + d, s.2 + d * d);
                }
                add(&mut out, &short);
            }
            out
        })
        .collect();
    let mut total = vec![(0, 0.0, 0.0); centres.len()];
    bands.iter().for_each(|b| add(&mut total, b));
    total
}

fn add(total: &mut [(u64, f64, f64)], part: &[(u64, f64, f64)]) {
    total.iter_mut().zip(part).for_each(|(t, p)| *t = (t.0 + p.0, t.1 + p.1, t.2 + p.2));
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::num::random::Random;

    /// The least inertia by trying every pair of boundaries.
    fn by_hand(values: &[f64]) -> f64 {
        let mut v = values.to_vec();
        v.sort_unstable_by(f64::total_cmp);
        let sse = |v: &[f64]| {
            let m = v.iter().sum::<f64>() / v.len().max(1) as f64;
            v.iter().map(|x| (x - m).powi(2)).sum::<f64>()
        };
        let n = v.len();
        let pairs = (0..=n).flat_map(|i| (i..=n).map(move |j| (i, j)));
        pairs.map(|(i, j)| sse(&v[..i]) + sse(&v[i..j]) + sse(&v[j..])).fold(f64::INFINITY, f64::min)
    }

    #[test]
    fn three_classes_as_by_trying_all() {
        for seed in 0..40 {
            let mut r = Random::named("exact", seed);
            let n = 3 + r.below(60);
            // Ties, gaps and heavy tails; on a large offset.
            let v: Vec<f64> = (0..n).map(|_| 1e6 + (3.0 * r.normal()).round() + r.normal().powi(3)).collect();
            let p = partition(&v, 3).unwrap();
            let want = by_hand(&v);
            assert!((p.inertia - want).abs() <= 1e-9 * want.max(1.0), "{seed}: {} {want}", p.inertia);
            assert_eq!(p.counts.iter().sum::<u64>(), n as u64);
        }
    }

    #[test]
    fn bins_and_bounds_change_nothing() {
        // The dynamic programme over every single value, without bins, is the reference.
        for (k, heavy) in [(2, false), (3, true), (5, false), (8, true)] {
            let mut r = Random::named("bins", k as u64);
            let tail = |r: &mut Random| if heavy { libm::exp(3.0 * r.normal()) } else { r.normal() };
            let v: Vec<f64> = (0..60_000).map(|_| tail(&mut r)).collect();
            let (mean, variance) = mean_and_variance(&v);
            let mut sorted: Vec<f64> = v.iter().map(|v| (v - mean) / variance.sqrt()).collect();
            sorted.sort_unstable_by(f64::total_cmp);
            let all: Vec<Group> = different(&sorted).iter().map(|c| c.group).collect();
            let want = best(&all, k).0 * variance;
            let p = partition(&v, k).unwrap();
            assert!((p.inertia / want - 1.0).abs() < 1e-11, "{k}: {} {want}", p.inertia);
        }
    }

    #[test]
    fn threads_do_not_matter_and_ties_stay_together() {
        let mut r = Random::named("threads", 0);
        let v: Vec<f64> = (0..600_000).map(|_| (100.0 * r.normal()).round()).collect();
        let run = |n: usize| {
            let pool = rayon::ThreadPoolBuilder::new().num_threads(n).build().unwrap();
            pool.install(|| partition(&v, 4).unwrap())
        };
        let (one, three) = (run(1), run(3));
        assert_eq!(one, three);
        let bits = |p: &Partition| p.centres.iter().map(|c| c.to_bits()).collect::<Vec<_>>();
        assert_eq!(bits(&one), bits(&three));
    }

    #[test]
    fn few_values() {
        assert_eq!(partition(&[1.0, 1.0, 2.0], 3), Err(TooFew { k: 3, distinct: 2 }));
        assert_eq!(partition(&[], 1), Err(TooFew { k: 1, distinct: 0 }));
        let p = partition(&[4.0, 4.0, 9.0], 2).unwrap();
        assert_eq!((p.centres, p.inertia, p.counts), (vec![4.0, 9.0], 0.0, vec![2, 1]));
        let p = partition(&[4.0; 4], 1).unwrap();
        assert_eq!((p.centres, p.edges, p.inertia), (vec![4.0], vec![], 0.0));
        let p = partition(&[3.0, -1.0, 8.0], 3).unwrap();
        assert_eq!((p.class(-5.0), p.class(3.0), p.class(5.4), p.class(9.0)), (0, 1, 1, 2));
    }
}
