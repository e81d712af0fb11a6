//! Mixed-radix transforms in place: forward by decimation in frequency, back by decimation in time.
//!
//! The forward transform leaves frequencies in digit-reversed order and the inverse takes them so: a product of
//! spectra needs no sorting. Who does need the order asks [`Plan::position`].

use std::sync::Arc;

use pulp::{Simd, WithSimd};

use super::butterfly::{Butterfly, Forward};
use super::lanes::{LANES, Lanes};
use super::vector::Vector;
use crate::num::simd::widest;

/// Elements that stay in the first cache: deeper stages finish one such block before the next is begun.
const NEAR: usize = 512;

/// One division of a length into `radix` parts.
struct Stage {
    radix: usize,
    /// Length of a part.
    part: usize,
    /// For each j < part: w^{jq} for q = 1 … radix − 1, w = e^{−2πi/(radix·part)}.
    twiddles: Vec<[f64; 2]>,
}

/// Forward and inverse transforms of one length; the inverse is not normalised.
#[derive(Clone)]
pub struct Plan(Arc<Inner>);

struct Inner {
    length: usize,
    stages: Vec<Stage>,
    /// Stages that go over the whole; the rest goes block by block.
    far: usize,
    /// Where the forward transform leaves frequency k.
    position: Vec<u32>,
}

impl Plan {
    /// For length `n`, which has no prime factor above 7 (others are taken up to the next that has none).
    pub fn new(n: usize) -> Plan {
        let radices = (n..).find_map(radices).unwrap_or_default();
        let length = radices.iter().product();
        let mut whole = length;
        let mut stages = Vec::new();
        for radix in radices {
            let part = whole / radix;
            let twiddles = (0..part).flat_map(|j| (1..radix).map(move |q| root(j * q, whole))).collect();
            stages.push(Stage { radix, part, twiddles });
            whole = part;
        }
        let far = stages.iter().position(|s| s.radix * s.part <= NEAR).unwrap_or(stages.len());
        let position = (0..length)
            .map(|k| {
                let mut rest = k;
                stages.iter().fold(0, |at, s| {
                    let digit = rest % s.radix;
                    rest /= s.radix;
                    at + digit * s.part
                }) as u32
            })
            .collect();
        Plan(Arc::new(Inner { length, stages, far, position }))
    }

    /// Length.
    pub fn len(&self) -> usize {
        self.0.length
    }

    /// Never; a plan has a length.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Where the forward transform leaves frequency `k` < len.
    #[inline(always)]
    pub fn position(&self, k: usize) -> usize {
        self.0.position[k] as usize
    }

    /// Where it leaves `k` and −`k`.
    #[inline(always)]
    pub fn mirrored(&self, k: usize) -> (usize, usize) {
        (self.position(k), self.position(if k == 0 { 0 } else { self.len() - k }))
    }

    /// e^{−i…} of `x` (of the plan's length), natural order in, [`Plan::position`] out.
    pub fn forward(&self, x: &mut [Lanes]) {
        widest(Forwards { plan: &self.0, x });
    }

    /// e^{+i…}, unnormalised, of what [`Plan::forward`] leaves, natural order out.
    pub fn inverse(&self, x: &mut [Lanes]) {
        widest(Backwards { plan: &self.0, x });
    }
}

struct Forwards<'a> {
    plan: &'a Inner,
    x: &'a mut [Lanes],
}

impl WithSimd for Forwards<'_> {
    type Output = ();
    #[inline(always)]
    fn with_simd<S: Simd>(self, simd: S) {
        self.plan.forward(simd, self.x);
    }
}

struct Backwards<'a> {
    plan: &'a Inner,
    x: &'a mut [Lanes],
}

impl WithSimd for Backwards<'_> {
    type Output = ();
    #[inline(always)]
    fn with_simd<S: Simd>(self, simd: S) {
        self.plan.inverse(simd, self.x);
    }
}

impl Inner {
    #[inline(always)]
    fn forward<S: Simd>(&self, simd: S, x: &mut [Lanes]) {
        let (far, near) = self.stages.split_at(self.far);
        for s in far {
            s.forward(simd, x);
        }
        let Some(first) = near.first() else { return };
        for block in x.chunks_exact_mut(first.radix * first.part) {
            for s in near {
                s.forward(simd, block);
            }
        }
    }

    #[inline(always)]
    fn inverse<S: Simd>(&self, simd: S, x: &mut [Lanes]) {
        let (far, near) = self.stages.split_at(self.far);
        if let Some(first) = near.first() {
            for block in x.chunks_exact_mut(first.radix * first.part) {
                for s in near.iter().rev() {
                    s.inverse(simd, block);
                }
            }
        }
        for s in far.iter().rev() {
            s.inverse(simd, x);
        }
    }
}

impl Stage {
    #[inline(always)]
    fn forward<S: Simd>(&self, simd: S, x: &mut [Lanes]) {
        match self.radix {
            2 => self.split::<S, 2>(simd, x),
            3 => self.split::<S, 3>(simd, x),
            4 => self.split::<S, 4>(simd, x),
            5 => self.split::<S, 5>(simd, x),
            7 => self.split::<S, 7>(simd, x),
            _ => self.split::<S, 8>(simd, x),
        }
    }

    #[inline(always)]
    fn inverse<S: Simd>(&self, simd: S, x: &mut [Lanes]) {
        match self.radix {
            2 => self.join::<S, 2>(simd, x),
            3 => self.join::<S, 3>(simd, x),
            4 => self.join::<S, 4>(simd, x),
            5 => self.join::<S, 5>(simd, x),
            7 => self.join::<S, 7>(simd, x),
            _ => self.join::<S, 8>(simd, x),
        }
    }

    #[inline(always)]
    fn split<S: Simd, const R: usize>(&self, simd: S, x: &mut [Lanes])
    where
        Forward: Butterfly<R>,
    {
        for block in x.chunks_exact_mut(R * self.part) {
            let parts = parts::<R>(block, self.part);
            for (j, w) in self.twiddles.chunks_exact(R - 1).take(self.part).enumerate() {
                for c in 0..LANES / S::F64_LANES {
                    let mut y = [Vector::load(simd, &parts[0][j], c); R];
                    for q in 1..R {
                        y[q] = Vector::load(simd, &parts[q][j], c);
                    }
                    y = Forward::of(y);
                    y[0].store(&mut parts[0][j], c);
                    for q in 1..R {
                        let v = if self.part == 1 { y[q] } else { y[q].times(w[q - 1]) };
                        v.store(&mut parts[q][j], c);
                    }
                }
            }
        }
    }

    /// Exchanged parts make the forward butterfly and twiddles those of the inverse.
    #[inline(always)]
    fn join<S: Simd, const R: usize>(&self, simd: S, x: &mut [Lanes])
    where
        Forward: Butterfly<R>,
    {
        for block in x.chunks_exact_mut(R * self.part) {
            let parts = parts::<R>(block, self.part);
            for (j, w) in self.twiddles.chunks_exact(R - 1).take(self.part).enumerate() {
                for c in 0..LANES / S::F64_LANES {
                    let mut y = [Vector::load(simd, &parts[0][j], c).swapped(); R];
                    for q in 1..R {
                        let v = Vector::load(simd, &parts[q][j], c).swapped();
                        y[q] = if self.part == 1 { v } else { v.times(w[q - 1]) };
                    }
                    y = Forward::of(y);
                    for q in 0..R {
                        y[q].swapped().store(&mut parts[q][j], c);
                    }
                }
            }
        }
    }
}

#[inline(always)]
fn parts<const R: usize>(block: &mut [Lanes], part: usize) -> [&mut [Lanes]; R] {
    let mut rest = block.chunks_exact_mut(part);
    std::array::from_fn(|_| &mut rest.next().unwrap_or_default()[..part])
}

/// Odd factors first, then a single 2, 4 or 8 and then fours; `None` if there is a prime above 7.
fn radices(n: usize) -> Option<Vec<usize>> {
    let mut rest = n.max(1);
    let mut out = Vec::new();
    for r in [7, 5, 3] {
        while rest.is_multiple_of(r) {
            out.push(r);
            rest /= r;
        }
    }
    if !rest.is_power_of_two() {
        return None;
    }
    let mut twos = rest.trailing_zeros();
    if twos % 2 == 1 {
        let (radix, used) = if twos >= 3 { (8, 3) } else { (2, 1) };
        out.push(radix);
        twos -= used;
    }
    out.extend((0..twos / 2).map(|_| 4));
    Some(out)
}

/// e^{−2πi k/n}, from the angle within an eighth of a turn, so that symmetric roots are exactly symmetric.
fn root(k: usize, n: usize) -> [f64; 2] {
    let k = k % n;
    let angle = |k: usize| std::f64::consts::TAU * k as f64 / n as f64;
    let (cos, sin) = (|k| libm::cos(angle(k)), |k| libm::sin(angle(k)));
    if 8 * k <= n {
        [cos(k), -sin(k)]
    } else if 4 * k <= n {
        // The complement is exact in units of 1/(4n).
        let a = std::f64::consts::TAU * (n - 4 * k) as f64 / (4 * n) as f64;
        [libm::sin(a), -libm::cos(a)]
    } else if 2 * k <= n {
        let [c, s] = root(n - 2 * k, 2 * n);
        [-c, s]
    } else {
        let [c, s] = root(n - k, n);
        [c, -s]
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::num::random::Random;

    /// Powers of every radix, mixtures, and lengths that take the far stages.
    const LENGTHS: [usize; 14] = [1, 2, 3, 4, 5, 7, 8, 12, 49, 72, 128, 210, 1536, 4200];

    fn noise(n: usize) -> Vec<Lanes> {
        let mut random = Random::named("fft", n as u64);
        let mut part = || std::array::from_fn(|_| random.normal());
        (0..n).map(|_| Lanes { re: part(), im: part() }).collect()
    }

    fn worst(a: impl Iterator<Item = Lanes>, b: impl Iterator<Item = Lanes>) -> f64 {
        let parts = |l: Lanes| l.re.into_iter().chain(l.im);
        a.flat_map(parts).zip(b.flat_map(parts)).map(|(a, b)| (a - b).abs()).fold(0.0, f64::max)
    }

    #[test]
    fn forward_equals_the_definition_and_inverse_undoes_it() {
        for n in LENGTHS {
            let plan = Plan::new(n);
            let x = noise(n);
            let mut y = x.clone();
            plan.forward(&mut y);
            for k in (0..n).step_by(1 + n / 50) {
                let mut sum = Lanes::default();
                for (j, v) in x.iter().enumerate() {
                    let [c, s] = root(j * k, n);
                    for l in 0..LANES {
                        sum.re[l] += v.re[l] * c - v.im[l] * s;
                        sum.im[l] += v.re[l] * s + v.im[l] * c;
                    }
                }
                let error = worst([y[plan.position(k)]].into_iter(), [sum].into_iter());
                // The definition's own rounding grows with √n, and its terms add to about √n.
                assert!(error < 4e-15 * n as f64, "{n} {k}: {error}");
            }
            plan.inverse(&mut y);
            let scaled = x.iter().map(|v| Lanes { re: v.re.map(|v| v * n as f64), im: v.im.map(|v| v * n as f64) });
            assert!(worst(y.into_iter(), scaled) < 1e-14 * n as f64);
        }
    }

    #[test]
    fn roots_are_exactly_symmetric() {
        for n in [7, 12, 100, 8192] {
            for k in 1..n {
                let ([a, b], [c, d]) = (root(k, n), root(n - k, n));
                assert!(a == c && b == -d && (a * a + b * b - 1.0).abs() < 3e-16, "{k}/{n}");
            }
        }
        assert_eq!(root(3, 12), [0.0, -1.0]);
    }

    /// Both directions with the vectors of `simd`.
    fn with<S: Simd>(simd: S, n: usize) -> [Vec<Lanes>; 2] {
        let plan = Plan::new(n);
        let mut x = noise(n);
        simd.vectorize(Forwards { plan: &plan.0, x: &mut x });
        let forward = x.clone();
        simd.vectorize(Backwards { plan: &plan.0, x: &mut x });
        [forward, x]
    }

    #[test]
    fn every_width_gives_the_same_bits() {
        let bits = |x: &[Vec<Lanes>; 2]| -> Vec<u64> {
            x.iter().flatten().flat_map(|l| l.re.iter().chain(&l.im)).map(|v| v.to_bits()).collect()
        };
        for n in LENGTHS {
            let scalar = bits(&with(pulp::Scalar, n));
            assert_eq!(scalar, bits(&with(pulp::Scalar128b, n)), "{n}");
            #[cfg(target_arch = "x86_64")]
            {
                // Those that this processor has.
                let v3 = pulp::x86::V3::try_new().map(|v| with(v, n));
                let v4 = pulp::x86::V4::try_new().map(|v| with(v, n));
                for wide in [v3, v4].iter().flatten() {
                    assert_eq!(scalar, bits(wide), "{n}");
                }
            }
        }
    }
}
