//! Runs a kernel with the widest vectors of the processor at hand.
//!
//! Wider vectors hold more lanes of the same operations, each rounded by itself: products are not fused with sums
//! and the order of sums is written in the kernels, so the bits are those of the narrowest path (the
//! tests compare them).

use pulp::{Arch, NullaryFnOnce, Scalar128b, Simd, WithSimd};

/// While it is set, everything takes the narrowest path; other tests may run meanwhile, since the bits are the same.
#[cfg(test)]
pub(crate) static NARROW: std::sync::atomic::AtomicBool = std::sync::atomic::AtomicBool::new(false);

/// Runs `kernel` with the widest vectors there are.
#[inline]
pub fn widest<K: WithSimd>(kernel: K) -> K::Output {
    #[cfg(test)]
    if NARROW.load(std::sync::atomic::Ordering::Relaxed) {
        return Scalar128b.vectorize(kernel);
    }
    match Arch::new() {
        // What every processor of the architecture has, two numbers at a time.
        Arch::Scalar => Scalar128b.vectorize(kernel),
        arch => arch.dispatch(kernel),
    }
}

/// A loop over slices that the compiler vectorises by itself, for every width.
///
/// Only what is inlined is compiled for the width: `run` and all it calls must be `#[inline(always)]`.
pub trait Loop {
    /// Runs it.
    fn run(self);
}

struct Call<L>(L);

impl<L: Loop> NullaryFnOnce for Call<L> {
    type Output = ();
    #[inline(always)]
    fn call(self) {
        self.0.run();
    }
}

/// Runs a loop with the widest vectors there are.
#[inline]
pub fn vectorised(work: impl Loop) {
    widest(Call(work));
}
