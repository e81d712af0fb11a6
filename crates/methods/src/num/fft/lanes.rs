//! Eight transforms side by side, so that every butterfly is a vector operation whatever the length.

/// Transforms done together.
pub const LANES: usize = 8;

/// The same part (real or imaginary) of one element of all transforms.
pub type Part = [f64; LANES];

/// One element of [`LANES`] transforms; two cache lines.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
#[repr(align(128))]
pub struct Lanes {
    /// Real parts.
    pub re: Part,
    /// Imaginary parts.
    pub im: Part,
}

/// `f` lane by lane.
#[inline(always)]
pub fn each(a: Part, b: Part, f: impl Fn(f64, f64) -> f64) -> Part {
    let mut c = [0.0; LANES];
    for k in 0..LANES {
        c[k] = f(a[k], b[k]);
    }
    c
}

/// Rows of a block become its columns.
#[inline(always)]
fn transposed(a: [Part; LANES]) -> [Part; LANES] {
    let mut b = [[0.0; LANES]; LANES];
    for i in 0..LANES {
        for k in 0..LANES {
            b[k][i] = a[i][k];
        }
    }
    b
}

/// Both parts of a block transposed: element r of lane k becomes element k of lane r.
#[inline(always)]
pub fn turned(a: [Lanes; LANES]) -> [Lanes; LANES] {
    let (re, im) = (transposed(a.map(|a| a.re)), transposed(a.map(|a| a.im)));
    let mut b = a;
    for k in 0..LANES {
        b[k] = Lanes { re: re[k], im: im[k] };
    }
    b
}

impl Lanes {
    /// |z|².
    #[inline(always)]
    pub fn norm_sqr(&self) -> Part {
        each(self.re, self.im, |re, im| re * re + im * im)
    }

    /// From x = p + i q at one frequency and its mirror: those of p and of q, which are real in the other domain.
    #[inline(always)]
    pub fn unpacked(&self, mirror: &Lanes) -> (Lanes, Lanes) {
        let (x, m) = (self, mirror);
        let p = Lanes { re: each(x.re, m.re, |x, m| 0.5 * (x + m)), im: each(x.im, m.im, |x, m| 0.5 * (x - m)) };
        let q = Lanes { re: each(x.im, m.im, |x, m| 0.5 * (x + m)), im: each(m.re, x.re, |m, x| 0.5 * (m - x)) };
        (p, q)
    }

    /// The reverse: p + i q at a frequency and at its mirror.
    #[inline(always)]
    pub fn packed(p: &Lanes, q: &Lanes) -> (Lanes, Lanes) {
        let x = Lanes { re: each(p.re, q.im, |p, q| p - q), im: each(p.im, q.re, |p, q| p + q) };
        let m = Lanes { re: each(p.re, q.im, |p, q| p + q), im: each(q.re, p.im, |q, p| q - p) };
        (x, m)
    }
}
