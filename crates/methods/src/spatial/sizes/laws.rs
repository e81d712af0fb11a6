//! All laws of one range of sizes, and which of them the sizes themselves reject (Vuong 1989, doi:10.2307/1912557).

use statrs::function::erf::erfc;

use super::law::{Law, Name};
use super::tail::Tail;

/// p below which one law is better than another of which it is no case (Vuong).
const BETTER: f64 = 0.05;
/// p below which a law is better than one that is a case of it.
const BETTER_NESTED: f64 = 0.01;
/// p of what a law with one parameter more gains, from which on the simpler one stands.
const NO_GAIN: f64 = 0.02;

/// A law fitted to a range of sizes.
#[derive(Clone, Debug)]
pub struct FittedLaw {
    /// The law.
    pub law: Law,
    /// Log-likelihood of each size.
    likelihoods: Vec<f64>,
    /// Bayesian information criterion.
    pub bic: f64,
}

impl FittedLaw {
    /// What it is called.
    pub fn name(&self) -> Name {
        self.law.name()
    }

    /// Whether the sizes reject a rival against this law: it is worse beyond chance, or it has a parameter more and gains
    /// nothing by it.
    pub fn rejects(&self, rival: &FittedLaw) -> bool {
        let differences: Vec<f64> = self.likelihoods.iter().zip(&rival.likelihoods).map(|(a, b)| a - b).collect();
        let n = differences.len() as f64;
        let moments = crate::num::sum::moments(&differences);
        let gain = moments.mean * n;
        if case_of(rival.name(), self.name()) {
            // Twice the gain is χ² of one degree of freedom where the parameter more says nothing.
            gain > 0.0 && erfc(gain.sqrt()) < BETTER_NESTED
        } else if case_of(self.name(), rival.name()) {
            // At the bound of the parameter half of such gains are none.
            0.5 * erfc((-gain).max(0.0).sqrt()) >= NO_GAIN
        } else {
            gain > 0.0 && erfc(gain / (moments.std * (2.0 * n).sqrt())) < BETTER
        }
    }
}

/// Whether the first law is a case of the second, with one parameter less: of the log-normal at its bound, where its peak
/// lies far below and its width without end.
fn case_of(simple: Name, of: Name) -> bool {
    matches!(
        (simple, of),
        (Name::Power, Name::Cutoff) | (Name::Exponential, Name::Cutoff) | (Name::Power, Name::LogNormal)
    )
}

/// Every law that can be fitted to a range of sizes.
#[derive(Clone, Debug)]
pub struct Laws(pub Vec<FittedLaw>);

impl Laws {
    /// Of the sizes of a tail.
    pub fn of(tail: &Tail<'_>) -> Laws {
        let fitted = |name: &Name| {
            let law = Law::fit(*name, tail)?;
            let likelihoods = law.log_likelihoods(tail);
            let total: f64 = crate::num::sum::sum(&likelihoods);
            let bic = name.parameters() * libm::log(tail.n()) - 2.0 * total;
            total.is_finite().then_some(FittedLaw { law, likelihoods, bic })
        };
        Laws(Name::ALL.iter().filter_map(fitted).collect())
    }

    /// The one of lowest BIC.
    pub fn best(&self) -> Option<&FittedLaw> {
        self.0.iter().min_by(|a, b| a.bic.total_cmp(&b.bic))
    }

    /// Those that a law does not reject.
    pub fn beside<'a>(&'a self, best: &'a FittedLaw) -> impl Iterator<Item = &'a FittedLaw> {
        self.0.iter().filter(|rival| rival.name() != best.name() && !best.rejects(rival))
    }
}
