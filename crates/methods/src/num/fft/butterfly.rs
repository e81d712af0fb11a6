//! Transforms of the few lengths that all others are made of, forward.

use pulp::Simd;

use super::vector::Vector;

/// The transform of length `R`.
///
/// A type rather than a function pointer: every call has to be inlined into the kernel that is compiled per width.
pub(super) trait Butterfly<const R: usize> {
    /// The transform of `x`.
    fn of<S: Simd>(x: [Vector<S>; R]) -> [Vector<S>; R];
}

/// The butterflies.
pub(super) struct Forward;

impl Butterfly<2> for Forward {
    #[inline(always)]
    fn of<S: Simd>([a, b]: [Vector<S>; 2]) -> [Vector<S>; 2] {
        [a + b, a - b]
    }
}

impl Butterfly<4> for Forward {
    #[inline(always)]
    fn of<S: Simd>([a, b, c, d]: [Vector<S>; 4]) -> [Vector<S>; 4] {
        let (s, t) = (a + c, b + d);
        let (u, v) = (a - c, b - d);
        [s + t, u.sub_i(v), s - t, u.add_i(v)]
    }
}

impl Butterfly<8> for Forward {
    #[inline(always)]
    fn of<S: Simd>([a, b, c, d, e, f, g, h]: [Vector<S>; 8]) -> [Vector<S>; 8] {
        const R: f64 = std::f64::consts::FRAC_1_SQRT_2;
        let [e0, e1, e2, e3] = Forward::of([a, c, e, g]);
        let [o0, o1, o2, o3] = Forward::of([b, d, f, h]);
        // The eighth roots: (1 − i)/√2, −i and −(1 + i)/√2.
        let (o1, o3) = (o1.sub_i(o1) * R, o3.add_i(o3) * R);
        [e0 + o0, e1 + o1, e2.sub_i(o2), e3 - o3, e0 - o0, e1 - o1, e2.add_i(o2), e3 + o3]
    }
}

impl Butterfly<3> for Forward {
    #[inline(always)]
    fn of<S: Simd>([a, b, c]: [Vector<S>; 3]) -> [Vector<S>; 3] {
        const SIN: f64 = 0.866_025_403_784_438_6;
        let s = b + c;
        let d = (b - c) * SIN;
        let m = a - s * 0.5;
        [a + s, m.sub_i(d), m.add_i(d)]
    }
}

impl Butterfly<5> for Forward {
    #[inline(always)]
    fn of<S: Simd>([a, b, c, d, e]: [Vector<S>; 5]) -> [Vector<S>; 5] {
        const COS: [f64; 2] = [0.309_016_994_374_947_45, -0.809_016_994_374_947_5];
        const SIN: [f64; 2] = [0.951_056_516_295_153_5, 0.587_785_252_292_473_1];
        let (s1, s2) = (b + e, c + d);
        let (d1, d2) = (b - e, c - d);
        let m1 = a + s1 * COS[0] + s2 * COS[1];
        let m2 = a + s1 * COS[1] + s2 * COS[0];
        let n1 = d1 * SIN[0] + d2 * SIN[1];
        let n2 = d1 * SIN[1] - d2 * SIN[0];
        [a + s1 + s2, m1.sub_i(n1), m2.sub_i(n2), m2.add_i(n2), m1.add_i(n1)]
    }
}

impl Butterfly<7> for Forward {
    #[inline(always)]
    fn of<S: Simd>([a, b, c, d, e, f, g]: [Vector<S>; 7]) -> [Vector<S>; 7] {
        const COS: [f64; 3] = [0.623_489_801_858_733_6, -0.222_520_933_956_314_4, -0.900_968_867_902_419_1];
        const SIN: [f64; 3] = [0.781_831_482_468_029_8, 0.974_927_912_181_823_6, 0.433_883_739_117_558_2];
        let (s1, s2, s3) = (b + g, c + f, d + e);
        let (d1, d2, d3) = (b - g, c - f, d - e);
        let m1 = a + s1 * COS[0] + s2 * COS[1] + s3 * COS[2];
        let m2 = a + s1 * COS[1] + s2 * COS[2] + s3 * COS[0];
        let m3 = a + s1 * COS[2] + s2 * COS[0] + s3 * COS[1];
        let n1 = d1 * SIN[0] + d2 * SIN[1] + d3 * SIN[2];
        let n2 = d1 * SIN[1] - d2 * SIN[2] - d3 * SIN[0];
        let n3 = d1 * SIN[2] - d2 * SIN[0] + d3 * SIN[1];
        [a + s1 + s2 + s3, m1.sub_i(n1), m2.sub_i(n2), m3.sub_i(n3), m3.add_i(n3), m2.add_i(n2), m1.add_i(n1)]
    }
}
