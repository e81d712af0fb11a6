//! Random numbers by name: the same on every machine, for every number of threads, and whatever else a study holds.
//!
//! A stream is named by what is simulated – the definition's seed, the kind of stage, a role within it, the content of its
//! input – and by nothing else (METHODS §0). A replicate has its own generator, so that more replicates extend fewer.

use rand_pcg::Pcg64;
use rand_pcg::rand_core::{Rng as _, SeedableRng as _};

/// The name of a stream of random numbers: what is simulated, of what.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Stream([u8; 32]);

impl Stream {
    /// The streams of a kind of stage on that content, under the definition's seed.
    pub fn new(seed: u64, kind: &str, content: &[u8]) -> Stream {
        Stream([0; 32]).part(&seed.to_le_bytes()).part(kind.as_bytes()).part(content)
    }

    /// A stream of that name alone, for examples and tests.
    pub fn named(name: &str) -> Stream {
        Stream::new(0, name, &[])
    }

    /// The stream of one role: `resample`, `surrogate`, the metric whose interval is sought.
    pub fn role(&self, role: &str) -> Stream {
        self.part(role.as_bytes())
    }

    /// The stream of one of several things of a role, told apart by their numbers.
    pub fn content(&self, numbers: impl IntoIterator<Item = f64>) -> Stream {
        let bytes: Vec<u8> = numbers.into_iter().flat_map(|v| v.to_bits().to_le_bytes()).collect();
        self.part(&bytes)
    }

    /// The generator of one replicate.
    pub fn replicate(&self, number: usize) -> Random {
        Random(Pcg64::from_seed(self.part(&(number as u64).to_le_bytes()).0))
    }

    /// Hash of the name so far and one more part; the length keeps `ab`, `c` and `a`, `bc` apart.
    fn part(&self, bytes: &[u8]) -> Stream {
        let mut h = blake3::Hasher::new();
        h.update(&self.0).update(&(bytes.len() as u64).to_le_bytes()).update(bytes);
        Stream(*h.finalize().as_bytes())
    }
}

/// A generator with its own seed; make one per replicate, never share.
#[derive(Clone, Debug)]
pub struct Random(Pcg64);

impl Random {
    /// Seeded by a name and a number, for phantoms and tests: the BLAKE3 hash of both.
    pub fn named(name: &str, replicate: u64) -> Random {
        let mut h = blake3::Hasher::new();
        h.update(name.as_bytes());
        h.update(&replicate.to_le_bytes());
        let mut seed = [0u8; 32];
        seed.copy_from_slice(h.finalize().as_bytes());
        Random(Pcg64::from_seed(seed))
    }

    /// Uniform in the open interval (0, 1), 53 bits.
    pub fn uniform(&mut self) -> f64 {
        ((self.0.next_u64() >> 11) as f64 + 0.5) * (1.0 / (1u64 << 53) as f64)
    }

    /// Uniform integer in 0..n; n is at least 1.
    pub fn below(&mut self, n: usize) -> usize {
        // The bias of a 64-bit product is below 2^-40 for any n used here.
        ((u128::from(self.0.next_u64()) * n as u128) >> 64) as usize
    }

    /// Standard normal by inversion: one uniform a number, so a stream can be compared draw by draw.
    pub fn normal(&mut self) -> f64 {
        super::normal::quantile(self.uniform())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn draws_are_standard_normal() {
        let mut r = Random::named("normal", 0);
        let v: Vec<f64> = (0..100_000).map(|_| r.normal()).collect();
        let m = crate::num::sum::moments(&v);
        // Five standard errors each; false alarm 6e-7.
        assert!(m.mean.abs() < 5.0 / 316.0 && (m.std - 1.0).abs() < 5.0 / 447.0);
        assert!(m.kurtosis.abs() < 5.0 * (24.0f64 / 1e5).sqrt());
        assert_ne!(Random::named("a", 0).uniform(), Random::named("a", 1).uniform());
    }

    #[test]
    fn every_part_of_a_name_counts_and_nothing_else() {
        let first = |s: Stream| s.replicate(0).uniform();
        let base = Stream::new(1, "regions", b"map").role("surrogate");
        assert_eq!(first(base), first(Stream::new(1, "regions", b"map").role("surrogate")));
        let others = [
            Stream::new(2, "regions", b"map").role("surrogate"),
            Stream::new(1, "pattern", b"map").role("surrogate"),
            Stream::new(1, "regions", b"mop").role("surrogate"),
            Stream::new(1, "regions", b"map").role("resample"),
            Stream::new(1, "regionsm", b"ap").role("surrogate"),
            base.content([0.0]),
        ];
        for (i, a) in others.iter().enumerate() {
            assert_ne!(first(*a), first(base));
            assert!(others[..i].iter().all(|b| first(*a) != first(*b)));
        }
        // Zero has two signs, and a number its bits.
        assert_ne!(base.content([0.0]), base.content([-0.0]));
        assert_ne!(first(base), base.replicate(1).uniform());
    }
}
