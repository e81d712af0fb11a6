//! Complex numbers in the registers of whatever processor the kernel is compiled for.

use std::ops::{Add, Mul, Sub};

use pulp::Simd;

use super::lanes::Lanes;

/// As many complex numbers as one pair of registers holds.
#[derive(Clone, Copy)]
pub(super) struct Vector<S: Simd> {
    simd: S,
    re: S::f64s,
    im: S::f64s,
}

impl<S: Simd> Vector<S> {
    /// The `c`-th registerful of `from`.
    #[inline(always)]
    pub(super) fn load(simd: S, from: &Lanes, c: usize) -> Vector<S> {
        Vector { simd, re: S::as_simd_f64s(&from.re).0[c], im: S::as_simd_f64s(&from.im).0[c] }
    }

    /// Puts it back.
    #[inline(always)]
    pub(super) fn store(self, to: &mut Lanes, c: usize) {
        S::as_mut_simd_f64s(&mut to.re).0[c] = self.re;
        S::as_mut_simd_f64s(&mut to.im).0[c] = self.im;
    }

    /// Real and imaginary parts exchanged: what turns a forward transform into an inverse one.
    #[inline(always)]
    pub(super) fn swapped(self) -> Vector<S> {
        Vector { re: self.im, im: self.re, ..self }
    }

    /// Times w = [re, im]. Each product is rounded before it is added, on every processor.
    #[inline(always)]
    pub(super) fn times(self, w: [f64; 2]) -> Vector<S> {
        let s = self.simd;
        let (re, im) = (s.splat_f64s(w[0]), s.splat_f64s(w[1]));
        Vector {
            simd: s,
            re: s.sub_f64s(s.mul_f64s(self.re, re), s.mul_f64s(self.im, im)),
            im: s.add_f64s(s.mul_f64s(self.re, im), s.mul_f64s(self.im, re)),
        }
    }

    /// self − i b.
    #[inline(always)]
    pub(super) fn sub_i(self, b: Vector<S>) -> Vector<S> {
        let s = self.simd;
        Vector { simd: s, re: s.add_f64s(self.re, b.im), im: s.sub_f64s(self.im, b.re) }
    }

    /// self + i b.
    #[inline(always)]
    pub(super) fn add_i(self, b: Vector<S>) -> Vector<S> {
        let s = self.simd;
        Vector { simd: s, re: s.sub_f64s(self.re, b.im), im: s.add_f64s(self.im, b.re) }
    }
}

impl<S: Simd> Add for Vector<S> {
    type Output = Vector<S>;
    #[inline(always)]
    fn add(self, b: Vector<S>) -> Vector<S> {
        let s = self.simd;
        Vector { simd: s, re: s.add_f64s(self.re, b.re), im: s.add_f64s(self.im, b.im) }
    }
}

impl<S: Simd> Sub for Vector<S> {
    type Output = Vector<S>;
    #[inline(always)]
    fn sub(self, b: Vector<S>) -> Vector<S> {
        let s = self.simd;
        Vector { simd: s, re: s.sub_f64s(self.re, b.re), im: s.sub_f64s(self.im, b.im) }
    }
}

impl<S: Simd> Mul<f64> for Vector<S> {
    type Output = Vector<S>;
    #[inline(always)]
    fn mul(self, b: f64) -> Vector<S> {
        let s = self.simd;
        let b = s.splat_f64s(b);
        Vector { simd: s, re: s.mul_f64s(self.re, b), im: s.mul_f64s(self.im, b) }
    }
}
