//! Numerics without a subject: sums, quantiles, transforms, least squares, random numbers.

pub mod binomial;
pub mod bits;
pub mod fft;
pub mod fit;
pub mod linear;
pub mod normal;
pub mod parallel;
pub mod quantile;
pub mod random;
pub mod resample;
pub mod separable;
pub mod serial;
pub mod simd;
pub mod spread;
pub mod student;
pub mod sum;
pub mod work;
