//! Order statistics by the digits of numbers: exact, however many there are (METHODS §10).
//!
//! A number becomes a whole number of 64 bits in the same order. The first pass counts the leading digits and so finds
//! those of each order statistic; a later pass counts the next digits of the numbers that begin so. Whole numbers of a
//! detector and 32-bit floats are told apart by the first 36 bits: two passes.

use serde::{Deserialize, Serialize};

use super::fixed::Fixed;
use super::{Block, ReduceError, Reducer};

/// Bits that each pass settles.
const BITS: [u32; 4] = [20, 16, 16, 12];

/// A number as a whole number in the same order.
fn key(v: f64) -> u64 {
    // Both zeros are one value.
    let bits = (v + 0.0).to_bits();
    if bits >> 63 == 1 { !bits } else { bits | 1 << 63 }
}

/// The number of a [`key`].
fn value(key: u64) -> f64 {
    f64::from_bits(if key >> 63 == 1 { key & !(1 << 63) } else { !key })
}

/// Counts the next digits of numbers that begin with one of some prefixes.
pub struct Digits {
    /// Bits that are settled already.
    settled: u32,
    /// Bits to count.
    bits: u32,
    /// What numbers begin with, rising.
    prefixes: Vec<u64>,
    /// How values are summed as well; `None`: they are only counted.
    weight: Option<Fixed>,
}

impl Digits {
    /// The first pass: the leading digits of all numbers.
    pub fn leading() -> Digits {
        Digits { settled: 0, bits: BITS[0], prefixes: vec![0], weight: None }
    }
}

/// Counts of one prefix, and what its numbers have in common in the bits that follow.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Counts {
    numbers: Vec<u64>,
    sums: Vec<i128>,
    any: u64,
    all: u64,
}

impl Reducer for Digits {
    type Partial = Vec<Counts>;
    type Output = Vec<Counts>;
    const ID: &'static str = "digits";

    fn empty(&self) -> Vec<Counts> {
        let n = 1 << self.bits;
        let sums = if self.weight.is_some() { n } else { 0 };
        let one = Counts { numbers: vec![0; n], sums: vec![0; sums], any: 0, all: u64::MAX };
        vec![one; self.prefixes.len()]
    }

    fn map(&self, block: &Block<'_>) -> Vec<Counts> {
        let mut out = self.empty();
        let rest = 64 - self.settled - self.bits;
        let below = if rest == 0 { 0 } else { u64::MAX >> (64 - rest) };
        let mask = (1u64 << self.bits) - 1;
        for z in block.own.clone() {
            for v in block.plane(z).iter().filter(|v| !v.is_nan()) {
                let key = key(*v);
                let at = match self.settled {
                    0 => 0,
                    n => match self.prefixes.binary_search(&(key >> (64 - n))) {
                        Ok(at) => at,
                        Err(_) => continue,
                    },
                };
                let digit = (key >> rest & mask) as usize;
                let counts = &mut out[at];
                counts.numbers[digit] += 1;
                if let Some(fixed) = &self.weight {
                    counts.sums[digit] += i128::from(fixed.steps(*v));
                }
                counts.any |= key & below;
                counts.all &= key | !below;
            }
        }
        out
    }

    fn merge(&self, mut left: Vec<Counts>, right: Vec<Counts>) -> Vec<Counts> {
        for (a, b) in left.iter_mut().zip(right) {
            a.numbers.iter_mut().zip(b.numbers).for_each(|(a, b)| *a += b);
            a.sums.iter_mut().zip(b.sums).for_each(|(a, b)| *a += b);
            a.any |= b.any;
            a.all &= b.all;
        }
        left
    }

    fn finish(&self, total: Vec<Counts>) -> Vec<Counts> {
        total
    }
}

/// An order statistic, and how many are on either side of it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct OrderStatistics {
    /// The value.
    pub value: f64,
    /// Valid voxels below it.
    pub below: u64,
    /// Valid voxels of just this value.
    pub equal: u64,
}

/// Runs a pass over the volume: the number of the pass, and what it counts.
pub type Pass<'a> = &'a mut dyn FnMut(usize, &Digits) -> Result<Vec<Counts>, ReduceError>;

/// What is known of an order statistic so far.
#[derive(Clone, Copy, Default)]
struct RankSearch {
    /// The digits that are settled.
    prefix: u64,
    /// Numbers below all that begin so.
    below: u64,
    /// Numbers of the last digit.
    equal: u64,
    value: Option<f64>,
}

impl RankSearch {
    /// Takes the next digit, behind `before` numbers of the same prefix.
    fn settle(&mut self, of: &Counts, digit: usize, before: u64, bits: u32, rest: u32) {
        self.prefix = self.prefix << bits | digit as u64;
        self.below += before;
        self.equal = of.numbers[digit];
        // Nothing is left to tell apart where the bits that follow are the same in all.
        let low = if rest == 0 { 0 } else { u64::MAX >> (64 - rest) };
        if of.any & low == of.all & low {
            let full = if rest == 0 { self.prefix } else { self.prefix << rest | of.any & low };
            self.value = Some(value(full));
        }
    }

    fn ranked(&self) -> Option<OrderStatistics> {
        self.value.map(|value| OrderStatistics { value, below: self.below, equal: self.equal })
    }
}

/// Goes through the digits until every order statistic is found; `choose` names the digit of one, with the numbers before
/// it, or gives up.
fn search(
    n: usize,
    weight: Option<Fixed>,
    pass: Pass<'_>,
    mut choose: impl FnMut(usize, &RankSearch, &Counts) -> Option<(usize, u64)>,
) -> Result<Option<Vec<OrderStatistics>>, ReduceError> {
    let mut found = vec![RankSearch::default(); n];
    let mut settled = 0;
    for (k, bits) in BITS.into_iter().enumerate() {
        let mut prefixes: Vec<u64> = found.iter().filter(|f| f.value.is_none()).map(|f| f.prefix).collect();
        prefixes.sort_unstable();
        prefixes.dedup();
        if prefixes.is_empty() {
            break;
        }
        let digits = Digits { settled, bits, prefixes, weight };
        let counts = pass(k, &digits)?;
        for (i, f) in found.iter_mut().enumerate().filter(|(_, f)| f.value.is_none()) {
            let Some(of) = digits.prefixes.binary_search(&f.prefix).ok().and_then(|at| counts.get(at)) else {
                continue;
            };
            let Some((digit, before)) = choose(i, f, of) else { return Ok(None) };
            f.settle(of, digit, before, bits, 64 - settled - bits);
        }
        settled += bits;
    }
    Ok(found.iter().map(RankSearch::ranked).collect())
}

/// The numbers of those ranks (from 0, the least) among the valid voxels; a rank beyond the last gives the last. `None`
/// where no voxel is valid.
///
/// # Errors
/// [`ReduceError`] of the passes.
pub fn ranked(ranks: &[u64], pass: Pass<'_>) -> Result<Option<Vec<OrderStatistics>>, ReduceError> {
    search(ranks.len(), None, pass, |i, f, of| {
        let all: u64 = of.numbers.iter().sum();
        let wanted = ranks[i].saturating_sub(f.below).min(all.checked_sub(1)?);
        let mut before = 0;
        for (digit, n) in of.numbers.iter().enumerate() {
            if before + n > wanted {
                return Some((digit, before));
            }
            before += n;
        }
        None
    })
}

/// Voxels that hold a share of the sum.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Holding {
    /// The value at which the share is reached.
    pub at: OrderStatistics,
    /// Sum of all voxels strictly beyond it.
    pub beyond: f64,
    /// Sum of all voxels.
    pub total: f64,
}

/// Where the voxels from the greatest down (or from the least up) come to hold `share` of the sum of all, whose values
/// range over `range`. `None` where no voxel is valid or the sum is not positive.
///
/// # Errors
/// [`ReduceError`] of the passes.
pub fn holding(range: [f64; 2], share: f64, low: bool, pass: Pass<'_>) -> Result<Option<Holding>, ReduceError> {
    let fixed = Fixed::over(range[0], range[1]);
    let (mut total, mut beyond) = (f64::NAN, (0u64, 0i128));
    let found = search(1, Some(fixed), pass, |_, _, of| {
        let all: u64 = of.numbers.iter().sum();
        if total.is_nan() {
            total = fixed.sum(all, of.sums.iter().sum());
        }
        if !(total > 0.0) {
            return None;
        }
        let digits = of.numbers.len();
        let order = (0..digits).map(|k| if low { k } else { digits - 1 - k });
        let mut last = None;
        let mut passed = 0;
        for digit in order.filter(|d| of.numbers[*d] > 0) {
            let with = (beyond.0 + of.numbers[digit], beyond.1 + of.sums[digit]);
            last = Some((digit, passed, beyond));
            if fixed.sum(with.0, with.1) >= share * total {
                break;
            }
            passed += of.numbers[digit];
            beyond = with;
        }
        let (digit, passed, before) = last?;
        beyond = before;
        Some((digit, if low { passed } else { all - passed - of.numbers[digit] }))
    })?;
    let at = found.and_then(|f| f.first().copied());
    Ok(at.map(|at| Holding { at, beyond: fixed.sum(beyond.0, beyond.1), total }))
}
