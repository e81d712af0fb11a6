//! Named seeded random numbers: the same on every machine and for every number of threads.

use rand_pcg::Pcg64;
use rand_pcg::rand_core::{Rng as _, SeedableRng as _};

/// A generator with its own seed; make one per replicate, never share.
#[derive(Clone, Debug)]
pub struct Random(Pcg64);

impl Random {
    /// Seeded by a name and a number: the first 16 bytes of their BLAKE3 hash.
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
        quantile(self.uniform())
    }
}

/// Standard normal quantile, relative error about 1e-16 (Wichura 1988, AS 241, doi:10.2307/2347330).
pub fn quantile(p: f64) -> f64 {
    let q = p - 0.5;
    if q.abs() <= 0.425 {
        let r = 0.180_625 - q * q;
        return q * ratio(&CENTRE, r);
    }
    let tail = if q < 0.0 { p } else { 1.0 - p };
    if tail <= 0.0 {
        return f64::INFINITY.copysign(q);
    }
    let r = (-libm::log(tail)).sqrt();
    let value = if r <= 5.0 { ratio(&MIDDLE, r - 1.6) } else { ratio(&FAR, r - 5.0) };
    value.copysign(q)
}

/// Numerator and denominator coefficients, constant first.
type Rational = ([f64; 8], [f64; 8]);

fn ratio((num, den): &Rational, r: f64) -> f64 {
    let horner = |c: &[f64; 8]| c.iter().rev().fold(0.0, |acc, c| acc * r + c);
    horner(num) / horner(den)
}

const CENTRE: Rational = (
    [
        3.387_132_872_796_366_608_0,
        1.331_416_678_917_843_774_5e2,
        1.971_590_950_306_551_442_7e3,
        1.373_169_376_550_946_112_5e4,
        4.592_195_393_154_987_145_7e4,
        6.726_577_092_700_870_085_3e4,
        3.343_057_558_358_812_810_5e4,
        2.509_080_928_730_122_672_7e3,
    ],
    [
        1.0,
        4.231_333_070_160_091_125_2e1,
        6.871_870_074_920_579_083_0e2,
        5.394_196_021_424_751_107_7e3,
        2.121_379_430_158_659_586_7e4,
        3.930_789_580_009_271_061_0e4,
        2.872_908_573_572_194_267_4e4,
        5.226_495_278_852_854_561_0e3,
    ],
);
const MIDDLE: Rational = (
    [
        1.423_437_110_749_683_577_34,
        4.630_337_846_156_545_295_90,
        5.769_497_221_460_691_405_50,
        3.647_848_324_763_204_605_04,
        1.270_458_252_452_368_382_58,
        2.417_807_251_774_506_117_70e-1,
        2.272_384_498_926_918_458_33e-2,
        7.745_450_142_783_414_076_40e-4,
    ],
    [
        1.0,
        2.053_191_626_637_758_821_87,
        1.676_384_830_183_803_849_40,
        6.897_673_349_851_000_045_50e-1,
        1.481_039_764_274_800_745_90e-1,
        1.519_866_656_361_645_719_66e-2,
        5.475_938_084_995_344_946_00e-4,
        1.050_750_071_644_416_843_24e-9,
    ],
);
const FAR: Rational = (
    [
        6.657_904_643_501_103_777_20,
        5.463_784_911_164_114_369_90,
        1.784_826_539_917_291_335_80,
        2.965_605_718_285_048_912_30e-1,
        2.653_218_952_657_612_309_30e-2,
        1.242_660_947_388_078_438_60e-3,
        2.711_555_568_743_487_578_15e-5,
        2.010_334_399_292_288_132_65e-7,
    ],
    [
        1.0,
        5.998_322_065_558_879_376_90e-1,
        1.369_298_809_227_358_053_10e-1,
        1.487_536_129_085_061_485_25e-2,
        7.868_691_311_456_132_591_00e-4,
        1.846_318_317_510_054_681_80e-5,
        1.421_511_758_316_445_888_70e-7,
        2.044_263_103_389_939_785_64e-15,
    ],
);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quantiles_of_tables() {
        // scipy.stats.norm.ppf, 16 digits.
        for (p, z) in [
            (0.5, 0.0),
            (0.975, 1.959_963_984_540_054),
            (0.9, 1.281_551_565_544_600_4),
            (1e-3, -3.090_232_306_167_813_5),
            (1e-20, -9.262_340_089_798_408),
        ] {
            assert!((quantile(p) - z).abs() < 2e-15 * (1.0 + z.abs()), "{p}: {} {z}", quantile(p));
        }
    }

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
}
