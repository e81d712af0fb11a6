//! What processes are fitted to: moduli against frequency, or a decay or a rise against time.

use super::model::Model;
use super::transient::Transient;

/// Storage and loss against angular frequency; one of them may be missing.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Isotherm {
    /// Angular frequencies, rising, rad/s.
    pub omega: Vec<f64>,
    /// M′, Pa; empty where it was not measured.
    pub storage: Vec<f64>,
    /// M″, Pa; empty where it was not measured.
    pub loss: Vec<f64>,
}

/// What is added to the processes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Background {
    /// Nothing.
    None,
    /// A constant loss; of moduli against frequency.
    Constant,
    /// A fractional element A(iω)ⁿ: in time A t⁻ⁿ/Γ(1−n), of a rise A tⁿ/Γ(1+n).
    SpringPot,
    /// What goes on straight in time: viscous flow.
    Flow,
}

/// Data in one of both domains.
#[derive(Clone, Copy, Debug)]
pub enum Observations<'a> {
    /// M′ and M″ of one temperature.
    Frequency(&'a Isotherm),
    /// A decay, or with `rising` a creep.
    Time {
        /// Points.
        data: &'a Transient,
        /// Whether the processes add to the value as time goes on.
        rising: bool,
    },
}

impl<'a> Observations<'a> {
    /// A transient, rising where its last tenth lies above its first.
    pub fn transient(data: &'a Transient) -> Observations<'a> {
        Observations::Time { data, rising: data.rises() }
    }

    /// All values: M′ first, then M″.
    pub fn values(&self) -> Vec<f64> {
        match self {
            Observations::Frequency(d) => d.storage.iter().chain(&d.loss).copied().collect(),
            Observations::Time { data, .. } => data.value.clone(),
        }
    }

    /// How many rows are M′, or values in time, and how many M″.
    pub fn parts(&self) -> [usize; 2] {
        match self {
            Observations::Frequency(d) => [d.storage.len(), d.loss.len()],
            Observations::Time { data, .. } => [data.value.len(), 0],
        }
    }

    /// Errors of the rows up to a factor: each point's own size in frequency, one for all in time.
    pub fn errors(&self) -> Vec<f64> {
        match self {
            Observations::Frequency(_) => self.values(),
            Observations::Time { data, .. } => {
                let size = crate::num::sum::moments(&data.value).std.max(f64::MIN_POSITIVE);
                data.noise.scale.iter().map(|s| size * s).collect()
            }
        }
    }

    /// Shortest and longest time that the data see, s.
    pub fn window(&self) -> [f64; 2] {
        match self {
            Observations::Frequency(d) => [1.0 / d.omega[d.omega.len() - 1], 1.0 / d.omega[0]],
            Observations::Time { data, .. } => [data.time[0], data.time[data.time.len() - 1]],
        }
    }

    fn rows(&self, frequency: impl Fn(f64) -> [f64; 2], time: impl Fn(f64) -> f64) -> Vec<f64> {
        match self {
            Observations::Frequency(d) => {
                let both: Vec<[f64; 2]> = d.omega.iter().map(|w| frequency(*w)).collect();
                let storage = both.iter().take(d.storage.len()).map(|b| b[0]);
                storage.chain(both.iter().take(d.loss.len()).map(|b| b[1])).collect()
            }
            Observations::Time { data, .. } => data.time.iter().map(|t| time(*t)).collect(),
        }
    }

    /// The level: M_u, what a decay ends at, or where a creep begins; `None` of a loss alone.
    pub fn level(&self) -> Option<Vec<f64>> {
        match self {
            Observations::Frequency(d) if d.storage.is_empty() => None,
            _ => Some(self.rows(|_| [1.0, 0.0], |_| 1.0)),
        }
    }

    /// One process of unit strength: −χ′ and −χ″, φ of a decay, 1 − φ of a creep. Not numbers in time of a model without φ.
    pub fn process(&self, model: &dyn Model, tau: f64, shape: &[f64]) -> Vec<f64> {
        let rising = matches!(self, Observations::Time { rising: true, .. });
        self.rows(
            |w| {
                let chi = model.susceptibility(w * tau, shape);
                [-chi.re, -chi.im]
            },
            |t| {
                let left = model.relaxation(t / tau, shape);
                if rising { 1.0 - left } else { left }
            },
        )
    }

    /// The background of unit strength; `n` is the exponent of a spring-pot.
    pub fn background(&self, background: Background, n: f64) -> Option<Vec<f64>> {
        let angle = n * std::f64::consts::FRAC_PI_2;
        let power = if matches!(self, Observations::Time { rising: true, .. }) { n } else { -n };
        let gamma = libm::tgamma(1.0 + power);
        let spring_pot = |w: f64| {
            let size = libm::pow(w, n);
            [size * libm::cos(angle), size * libm::sin(angle)]
        };
        match background {
            Background::None => None,
            Background::Constant => Some(self.rows(|_| [0.0, 1.0], |_| 1.0)),
            Background::SpringPot => Some(self.rows(spring_pot, |t| libm::pow(t, power) / gamma)),
            // Of a dashpot in parallel: a loss that rises as ω.
            Background::Flow => Some(self.rows(|w| [0.0, w], |t| t)),
        }
    }

    /// The curve of a process as it is drawn: what it takes from M′ and adds to M″, or its part in time.
    pub fn drawn(&self, model: &dyn Model, tau: f64, shape: &[f64], strength: f64) -> [Vec<f64>; 2] {
        match self {
            Observations::Frequency(d) => {
                let chi = |w: &f64| model.susceptibility(w * tau, shape);
                let column =
                    |get: fn(num_complex::Complex64) -> f64| d.omega.iter().map(|w| strength * get(chi(w))).collect();
                [column(|c| c.re), column(|c| -c.im)]
            }
            Observations::Time { .. } => {
                [self.process(model, tau, shape).into_iter().map(|v| strength * v).collect(), Vec::new()]
            }
        }
    }
}
