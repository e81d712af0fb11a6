//! Decays and creeps in time: stretched exponentials, the rate in logarithmic time, one step or two (METHODS §11; S3 §7, S4
//! Fig. 2).

pub mod kww;
pub mod rate;
pub mod relaxation;
#[cfg(test)]
mod tests;
pub mod two;

use crate::num::serial::{Memory, Serial};

/// A decay against time, rising times.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Transient {
    /// s, above 0.
    pub time: Vec<f64>,
    /// The quantity that decays, in its unit.
    pub value: Vec<f64>,
    /// Its noise, up to a factor.
    pub noise: Serial,
    /// Points that were measured.
    pub points: f64,
}

impl Transient {
    /// Points as they were measured, of independent noise.
    pub fn new(time: Vec<f64>, value: Vec<f64>) -> Transient {
        let n = time.len();
        Transient { noise: Serial::white(&vec![1.0; n]), points: n as f64, time, value }
    }

    /// Rows averaged within steps of ln t where there are more than `most`: a linear record crowds its last decade, and no
    /// relaxation changes within a fiftieth of one. Of noise that remembers, or of independent noise.
    pub fn thinned(self, most: usize, memory: Option<Memory>) -> Transient {
        const STEP: f64 = std::f64::consts::LN_10 / 50.0;
        let n = self.time.len();
        if n <= most {
            return match memory {
                Some(m) => Transient { noise: m.of_points(&self.time), ..self },
                None => self,
            };
        }
        const FEWEST: usize = 50;
        let (mut out, mut from) = (Transient { points: self.points, ..Transient::default() }, 0);
        let mut ends = Vec::new();
        while from < n {
            let end = self.time[from] * libm::exp(STEP);
            let to = from + self.time[from..].partition_point(|t| *t < end).max(1);
            let mean = |v: &[f64]| crate::num::sum::mean(&v[from..to]);
            out.time.push(mean(&self.time));
            out.value.push(mean(&self.value));
            ends.push(to);
            from = to;
        }
        // A record of less than a decade keeps its points.
        if out.time.len() < FEWEST {
            return self.thinned(usize::MAX, memory);
        }
        out.noise = match memory {
            Some(m) => m.of_means(&self.time, &ends),
            None => {
                let starts = std::iter::once(0).chain(ends.iter().copied());
                Serial::white(&starts.zip(&ends).map(|(a, b)| (b - a) as f64).collect::<Vec<f64>>())
            }
        };
        out
    }

    /// A column whose rows have independent errors of one size.
    pub fn weighted(&self, column: &[f64]) -> Vec<f64> {
        self.noise.whitened(column)
    }

    /// What weighted residuals leave of the values.
    pub fn fitted(&self, rest: &[f64]) -> Vec<f64> {
        self.value.iter().zip(self.noise.coloured(rest)).map(|(v, r)| v - r).collect()
    }

    /// Whether the last tenth lies above the first.
    pub fn rises(&self) -> bool {
        let n = self.value.len();
        let tenth = (n / 10).max(1);
        let mean = crate::num::sum::mean;
        mean(&self.value[n - tenth..]) > mean(&self.value[..tenth])
    }
}
