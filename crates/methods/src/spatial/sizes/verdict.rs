//! Which law sizes follow, as far as that can be told (METHODS §6, §14a).
//!
//! Every law is judged over the whole range that it claims, from the smallest size on; a law is named where it fits there by
//! simulation and the sizes reject its rivals. Where none fits the whole, a power law, with or without a cut-off, may hold
//! from some size on – but every law looks like a power law over a short enough range: its range must be longer than what the
//! best law of the whole gives by simulation.

use super::LEAST;
use super::draw::Draw;
use super::law::{Law, Name};
use super::laws::{FittedLaw, Laws};
use super::tail::{Sizes, Tail};
use super::threshold::{Start, distance, search};
use crate::num::random::Stream;
use crate::num::work::{Cancelled, Work};
use crate::spatial::null::Null;

/// p of the goodness of fit below which a law is not said to fit. One true law in fifty is lost by it.
const FITS: f64 = 0.02;
/// Largest over smallest length below which no power law is called one: a decade, as for fractal dimensions.
const DECADE: f64 = 10.0;

/// What sizes say of their law.
#[derive(Clone, Debug, PartialEq)]
pub enum Verdict {
    /// One law fits, and its rivals are rejected.
    Named(Named),
    /// Which law it is cannot be told.
    Undecided(Undecided),
}

/// A law that fits where its rivals do not.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Named {
    /// The law.
    pub law: Law,
    /// The sizes that follow it.
    pub range: Range,
    /// p of its goodness of fit; `None` where no simulation was asked for: then the law is the likeliest, and no more.
    pub fit_p: Option<f64>,
}

/// Sizes that a law claims.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Range {
    /// All, or all from a given x_min on.
    Whole,
    /// Those from where the power law begins.
    Tail,
}

/// Why no law is named.
#[derive(Clone, Debug, PartialEq)]
pub enum Undecided {
    /// So few sizes do not tell laws apart.
    Few(usize),
    /// These describe the sizes alike, over all of them or from where a power law begins on; the likeliest first.
    Several(Vec<Name>, Range),
    /// No law fits.
    NoFit,
    /// A power law over lengths that span less than a decade: this factor.
    NoDecade(f64),
    /// A law of the whole gives as long a range as this power law has, with that p.
    ShortRange(Name, f64),
}

impl std::fmt::Display for Undecided {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Undecided::Few(n) => write!(f, "{n} sizes, and fewer than {LEAST} do not tell laws apart"),
            Undecided::Several(laws, _) => {
                let names: Vec<&str> = laws.iter().map(|n| n.text()).collect();
                write!(f, "{} describe these sizes alike; pool more images", names.join(" and "))
            }
            Undecided::NoFit => f.write_str("none of the laws fits these sizes"),
            Undecided::NoDecade(span) => write!(
                f,
                "there is no scaling range: lengths from x_min on span a factor of {span:.1}, and a power \
                 law needs {DECADE}"
            ),
            Undecided::ShortRange(rival, p) => write!(
                f,
                "the fitted {} law gives as long a range of power law in {:.0} % of simulated sets",
                rival.text(),
                100.0 * p
            ),
        }
    }
}

/// What a verdict is built on.
pub(super) struct Evidence<'a> {
    /// All sizes.
    pub sizes: &'a Sizes,
    /// Where the power law begins.
    pub start: &'a Start,
    /// p of its goodness of fit.
    pub ks_p: f64,
    /// x_min, where it was given: then all laws claim what lies from there on.
    pub x_min: Option<f64>,
    /// Power of a fitted size that is a length.
    pub length_power: f64,
    /// Simulated sets; `None` where none were asked for.
    pub resamples: Option<usize>,
}

impl Evidence<'_> {
    /// The sizes that laws of the whole claim.
    fn whole(&self) -> Tail<'_> {
        self.sizes.whole(self.x_min)
    }

    /// Which law it is.
    ///
    /// # Errors
    /// [`Cancelled`].
    pub(super) fn verdict(&self, stream: &Stream, work: &Work<'_>) -> Result<Verdict, Cancelled> {
        let whole = self.whole();
        if whole.values.len() < LEAST {
            return Ok(Verdict::Undecided(Undecided::Few(whole.values.len())));
        }
        let laws = Laws::of(&whole);
        let Some(best) = laws.best() else { return Ok(Verdict::Undecided(Undecided::NoFit)) };
        let mut fitting: Vec<(&FittedLaw, Option<f64>)> = Vec::new();
        for law in std::iter::once(best).chain(laws.beside(best)) {
            let p = self.goodness(&law.law, &whole, stream, work)?;
            if p.is_none_or(|p| p >= FITS) {
                fitting.push((law, p));
            }
        }
        match fitting[..] {
            [] if self.x_min.is_some() => Ok(Verdict::Undecided(Undecided::NoFit)),
            [] => self.of_tail(&laws, stream, work),
            [(law, fit_p)] => {
                let named = Verdict::Named(Named { law: law.law, range: Range::Whole, fit_p });
                let span = self.span(&whole);
                let short = law.name() == Name::Power && span < DECADE;
                Ok(if short { Verdict::Undecided(Undecided::NoDecade(span)) } else { named })
            }
            _ => {
                let names = fitting.iter().map(|(law, _)| law.name()).collect();
                Ok(Verdict::Undecided(Undecided::Several(names, Range::Whole)))
            }
        }
    }

    /// A power law, with or without a cut-off, from where it begins.
    fn of_tail(&self, whole: &Laws, stream: &Stream, work: &Work<'_>) -> Result<Verdict, Cancelled> {
        let undecided = |why| Ok(Verdict::Undecided(why));
        let tail = self.sizes.tail(self.start.x_min);
        let laws = Laws::of(&tail);
        let Some(best) = laws.best() else { return undecided(Undecided::NoFit) };
        let fit_p = match best.name() {
            Name::Power => Some(self.ks_p),
            Name::Cutoff => self.goodness(&best.law, &tail, stream, work)?,
            _ => return undecided(Undecided::NoFit),
        };
        if fit_p.is_some_and(|p| p < FITS) {
            return undecided(Undecided::NoFit);
        }
        let alike: Vec<Name> = std::iter::once(best).chain(laws.beside(best)).map(FittedLaw::name).collect();
        if alike.len() > 1 {
            return undecided(Undecided::Several(alike, Range::Tail));
        }
        let span = self.span(&tail);
        if best.name() == Name::Power && span < DECADE {
            return undecided(Undecided::NoDecade(span));
        }
        let rivals = whole.0.iter().filter(|l| l.name() != Name::Power);
        if let Some(rival) = rivals.min_by(|a, b| a.bic.total_cmp(&b.bic)) {
            let p = self.as_long(&rival.law, stream, work)?;
            if !Null::stands(p) {
                return undecided(Undecided::ShortRange(rival.name(), p));
            }
        }
        Ok(Verdict::Named(Named { law: best.law, range: Range::Tail, fit_p }))
    }

    /// Largest over smallest length of a tail.
    fn span(&self, tail: &Tail<'_>) -> f64 {
        libm::pow(tail.values.last().map_or(1.0, |v| v / tail.x_min), self.length_power)
    }

    /// Goodness of fit: the share of simulated sets, fitted alike, that lie at least as far from their law; `None` without
    /// simulation.
    fn goodness(&self, law: &Law, tail: &Tail<'_>, stream: &Stream, work: &Work<'_>) -> Result<Option<f64>, Cancelled> {
        let Some(resamples) = self.resamples else { return Ok(None) };
        let own = distance(tail, law, f64::INFINITY).0;
        let draw = Draw::new(law, tail.x_min, tail.discrete);
        let stream = stream.role("goodness of fit").role(law.name().text());
        let simulated = work.ordered(resamples, |i| {
            let sizes = draw.sizes(tail.values.len(), &mut stream.replicate(i));
            let tail = sizes.tail(tail.x_min);
            Law::fit(law.name(), &tail).map(|law| distance(&tail, &law, f64::INFINITY).0)
        })?;
        let simulated: Vec<f64> = simulated.into_iter().flatten().collect();
        let farther = simulated.iter().filter(|d| **d >= own).count();
        Ok(Some((1 + farther) as f64 / (1 + simulated.len()) as f64))
    }

    /// How often a law of the whole gives a power law over as long a range: decades of sizes times decades of numbers.
    fn as_long(&self, law: &Law, stream: &Stream, work: &Work<'_>) -> Result<f64, Cancelled> {
        let whole = self.whole();
        let draw = Draw::new(law, whole.x_min, whole.discrete);
        let stream = stream.role("range of a power law");
        let range = |sizes: &Sizes, start: &Start| {
            let last = sizes.values().last().copied().unwrap_or(start.x_min);
            libm::log(last / start.x_min) * libm::log(start.n as f64)
        };
        let own = range(self.sizes, self.start);
        let simulated = work.ordered(self.resamples.unwrap_or(0), |i| {
            let sizes = draw.sizes(whole.values.len(), &mut stream.replicate(i));
            search(&sizes, LEAST).map_or(0.0, |start| range(&sizes, &start))
        })?;
        let longer = simulated.iter().filter(|r| **r >= own).count();
        Ok((1 + longer) as f64 / (1 + simulated.len()) as f64)
    }
}
