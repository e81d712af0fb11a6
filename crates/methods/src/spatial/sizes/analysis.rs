//! The law of a population of sizes: where it begins, which it is, how well it is known, and what featureless fields say of
//! it (METHODS §6, §13; Clauset, Shalizi & Newman, doi:10.1137/070710111).

use super::LEAST;
use super::law::{Law, Name};
use super::laws::Laws;
use super::rivals::{Comparison, compare};
use super::scale::{Measure, Scale};
use super::tail::{Sizes, Tail};
use super::threshold::{Start, search, semiparametric, start};
use super::verdict::{Evidence, Named, Range, Verdict};
use crate::num::parallel::ordered;
use crate::num::quantile::quantile;
use crate::num::random::{Random, Stream};
use crate::num::work::{Cancelled, Work};
use crate::spatial::null::Null;

/// Sizes of at least a given x_min without which there is no exponent at all.
pub const FEWEST: usize = 10;
/// Images from which on they are resampled, not their clusters.
const IMAGES: usize = 5;

/// The sizes of one image or several.
#[derive(Clone, Debug)]
pub struct Population {
    /// Image and size, as it is fitted.
    pub values: Vec<(u32, f64)>,
    /// How many images.
    pub images: usize,
    /// What a fitted size is of.
    pub scale: Scale,
}

impl Population {
    /// Sizes that were measured in steps as whole numbers of them; others as they are.
    #[must_use]
    pub fn in_steps(mut self) -> Population {
        if self.scale.measure == Measure::Given && !self.scale.discrete {
            let mut sizes: Vec<f64> = self.values.iter().map(|(_, v)| *v).collect();
            if let Some(scale) = Scale::steps(&mut sizes, &self.scale.unit) {
                self.scale = scale;
                self.values.iter_mut().zip(sizes).for_each(|(v, n)| v.1 = n);
            }
        }
        self
    }
}

/// The law of a population.
#[derive(Clone, Debug)]
pub struct SizeLaw {
    /// All sizes.
    pub sizes: Sizes,
    /// Where a power law begins.
    pub start: Start,
    /// p of the goodness of fit of that power law; `None` where resampling was not asked for or gave no law.
    pub ks_p: Option<f64>,
    /// Which law the sizes follow, as far as that can be told.
    pub verdict: Verdict,
    /// The power law and its rivals, over the range that the verdict is about.
    pub comparison: Comparison,
    /// What resampling tells, where it was asked for.
    pub resampled: Option<Resamples>,
    /// x_min, where it was given.
    x_min: Option<f64>,
}

/// Sizes that determine no law.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NoLaw {
    /// Too few at or above a given x_min: so many of all.
    FewBeyond(usize, usize),
    /// Too few at all.
    Few(usize),
    /// The largest are all equal: so many sizes.
    Equal(usize),
}

impl std::fmt::Display for NoLaw {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            NoLaw::FewBeyond(beyond, n) => {
                write!(f, "{beyond} of {n} sizes are at least x_min; {FEWEST} that differ are needed")
            }
            NoLaw::Few(n) => write!(f, "{n} sizes do not determine a law, which needs {LEAST}"),
            NoLaw::Equal(n) => write!(f, "all of the {n} largest sizes are equal"),
        }
    }
}

/// What resampling tells; exponents and sizes as they are fitted.
#[derive(Clone, Copy, Debug)]
pub struct Resamples {
    /// 95 % interval of the exponent; `None` where fewer than half of the resamples have one.
    pub alpha: Option<[f64; 2]>,
    /// That of the smallest size.
    pub x_min: Option<[f64; 2]>,
    /// That of the cut-off.
    pub cutoff: Option<[f64; 2]>,
}

/// What the sizes of featureless fields say of a law.
#[derive(Clone, Debug)]
pub struct SizeNull {
    /// Fields, and those that have a law.
    pub made: usize,
    /// Those that have a law.
    pub with_law: usize,
    /// Where the exponent stands among theirs, as METHODS §6 counts it.
    pub alpha: Option<Null>,
    /// The value that was compared.
    pub value: f64,
    /// The law that most of them prefer; `None` where too few have one.
    pub commonest: Option<Name>,
    /// p of the own law: the share of fields that prefer it as well; `None` where none is preferred.
    pub p: Option<f64>,
}

impl SizeLaw {
    /// Fits the law from `x_min` on, or from where it fits best, with so many resamples.
    ///
    /// # Errors
    /// [`Cancelled`].
    pub fn of(
        population: &Population,
        x_min: Option<f64>,
        resamples: Option<usize>,
        stream: &Stream,
        work: &Work<'_>,
    ) -> Result<Result<SizeLaw, NoLaw>, Cancelled> {
        let sizes = Sizes::new(population.values.iter().map(|(_, v)| *v), population.scale.discrete);
        let n = sizes.values().len();
        let fitted = begin(&sizes, x_min).and_then(|start| Some((start, compare(&sizes.tail(start.x_min))?)));
        let Some((start, comparison)) = fitted else {
            return Ok(Err(match x_min {
                Some(x) => NoLaw::FewBeyond(sizes.tail(x).values.len(), n),
                None if n >= LEAST => NoLaw::Equal(n),
                None => NoLaw::Few(n),
            }));
        };
        let ks_p = match resamples {
            Some(resamples) => goodness(&sizes, &start, x_min, resamples, stream, work)?,
            None => None,
        };
        let length_power = population.scale.length_power();
        let evidence =
            Evidence { sizes: &sizes, start: &start, ks_p: ks_p.unwrap_or(0.0), x_min, length_power, resamples };
        let verdict = evidence.verdict(stream, work)?;
        let mut out = SizeLaw { sizes, start, ks_p, verdict, comparison, resampled: None, x_min };
        if let Some(resamples) = resamples {
            out.resampled = Some(out.resample(population, resamples, stream, work)?);
        }
        // Of two laws over the whole range it is that range where they are told apart, or cannot be.
        if !matches!(out.verdict, Verdict::Named(Named { range: Range::Tail, .. }))
            && let Some(whole) = compare(&out.whole())
        {
            out.comparison = whole;
        }
        Ok(Ok(out))
    }

    /// Sizes from where the power law begins.
    pub fn tail(&self) -> Tail<'_> {
        self.sizes.tail(self.start.x_min)
    }

    /// All sizes, or those from a given x_min on.
    pub fn whole(&self) -> Tail<'_> {
        self.sizes.whole(self.x_min)
    }

    /// The sizes that the named law claims; of an undecided verdict those of the power law.
    pub fn claimed(&self) -> Tail<'_> {
        match &self.verdict {
            Verdict::Named(Named { range: Range::Whole, law, .. }) if law.name() != Name::Power => self.whole(),
            _ => self.tail(),
        }
    }

    /// The named law with a cut-off, if it is one.
    fn cutoff(&self) -> Option<Law> {
        match &self.verdict {
            Verdict::Named(Named { law: law @ Law::Cutoff { .. }, .. }) => Some(*law),
            _ => None,
        }
    }

    /// Exponent, cut-off in x_min and x_min: of the named law with a cut-off, else of the power law.
    pub fn parameters(&self) -> (f64, f64, f64) {
        match self.cutoff() {
            Some(Law::Cutoff { alpha, cutoff }) => (alpha, cutoff, self.claimed().x_min),
            _ => (self.start.alpha, f64::NAN, self.start.x_min),
        }
    }

    /// Refits of resampled sizes.
    fn resample(
        &self,
        population: &Population,
        resamples: usize,
        stream: &Stream,
        work: &Work<'_>,
    ) -> Result<Resamples, Cancelled> {
        let n = population.values.len();
        let mut by_image: Vec<Vec<f64>> = Vec::new();
        if population.images >= IMAGES {
            let mut sorted = population.values.clone();
            sorted.sort_by_key(|v| v.0);
            by_image = sorted.chunk_by(|a, b| a.0 == b.0).map(|c| c.iter().map(|v| v.1).collect()).collect();
        }
        let draw = |random: &mut Random| -> Vec<f64> {
            if by_image.is_empty() {
                (0..n).map(|_| population.values[random.below(n)].1).collect()
            } else {
                (0..by_image.len()).flat_map(|_| by_image[random.below(by_image.len())].iter().copied()).collect()
            }
        };
        let stream = stream.role("resample");
        let (cutoff, claimed) = (self.cutoff().is_some(), self.claimed().x_min);
        let refit = |i: usize| -> Option<[f64; 3]> {
            let sizes = Sizes::new(draw(&mut stream.replicate(i)), population.scale.discrete);
            if cutoff {
                let Law::Cutoff { alpha, cutoff } = Law::fit(Name::Cutoff, &sizes.tail(claimed))? else { return None };
                return Some([alpha, claimed, cutoff * claimed]);
            }
            begin(&sizes, self.x_min).map(|s| [s.alpha, s.x_min, f64::NAN])
        };
        let refits: Vec<[f64; 3]> = work.ordered(resamples, refit)?.into_iter().flatten().collect();
        let interval = |k: usize| {
            let mut v: Vec<f64> = refits.iter().map(|r| r[k]).filter(|v| v.is_finite()).collect();
            (v.len() * 2 > resamples).then(|| [0.025, 0.975].map(|p| quantile(&mut v, p)))
        };
        Ok(Resamples { alpha: interval(0), x_min: interval(1).filter(|_| !cutoff), cutoff: interval(2) })
    }

    /// Beside the laws of featureless fields, fitted alike. Laws are compared by their likelihoods alone, of the sizes as of
    /// the fields.
    pub fn null(&self, fields: &[Sizes], scale: &Scale) -> SizeNull {
        let own = match &self.verdict {
            Verdict::Named(named) => Some(*named),
            Verdict::Undecided(_) => None,
        };
        let range = own.map_or(Range::Tail, |n| n.range);
        let cutoff = self.cutoff().is_some();
        let laws: Vec<(f64, Option<Name>)> = ordered(fields.len(), |i| {
            let s = begin(&fields[i], self.x_min)?;
            let claimed = match range {
                Range::Whole => fields[i].whole(self.x_min),
                Range::Tail => fields[i].tail(s.x_min),
            };
            let laws = Laws::of(&claimed);
            // Like with like: the exponent of the law that the own exponent is one of.
            let alpha = match laws.0.iter().map(|l| l.law).find(|l| cutoff && l.name() == Name::Cutoff) {
                Some(Law::Cutoff { alpha, .. }) => alpha,
                _ => s.alpha,
            };
            Some((scale.exponent(alpha), laws.best().map(|l| l.name())))
        })
        .into_iter()
        .flatten()
        .collect();
        let value = scale.exponent(self.parameters().0);
        let count = |name: Name| laws.iter().filter(|l| l.1 == Some(name)).count();
        let enough = laws.len() >= Null::FEWEST;
        SizeNull {
            made: fields.len(),
            with_law: laws.len(),
            alpha: Null::of(value, laws.iter().map(|l| l.0)),
            value,
            commonest: enough.then(|| Name::ALL.into_iter().max_by_key(|n| count(*n)).unwrap_or(Name::Power)),
            p: own.filter(|_| enough).map(|own| (1 + count(own.law.name())) as f64 / (1 + laws.len()) as f64),
        }
    }
}

/// Goodness of fit of the power law (semi-parametric bootstrap): the share of sets, with x_min sought anew, that lie at
/// least as far from theirs.
fn goodness(
    sizes: &Sizes,
    start: &Start,
    x_min: Option<f64>,
    resamples: usize,
    stream: &Stream,
    work: &Work<'_>,
) -> Result<Option<f64>, Cancelled> {
    let stream = stream.role("semi-parametric");
    let distances = work.ordered(resamples, |i| {
        let null = semiparametric(sizes, start, &mut stream.replicate(i));
        begin(&null, x_min).map(|s| s.distance)
    })?;
    let distances: Vec<f64> = distances.into_iter().flatten().collect();
    let farther = distances.iter().filter(|d| **d >= start.distance).count();
    Ok((!distances.is_empty()).then(|| (1 + farther) as f64 / (1 + distances.len()) as f64))
}

/// Where the law begins.
fn begin(sizes: &Sizes, x_min: Option<f64>) -> Option<Start> {
    match x_min {
        Some(x) => {
            let tail = sizes.tail(x);
            if tail.values.len() < FEWEST { None } else { start(&tail) }
        }
        None => search(sizes, LEAST),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use softspot_data::unit::Unit;

    fn population(values: impl Iterator<Item = f64>, images: usize) -> Population {
        let values: Vec<f64> = values.collect();
        let scale = Scale::given(&values, &Unit::none());
        let values = values.into_iter().enumerate().map(|(i, v)| ((i % images) as u32, v)).collect();
        Population { values, images, scale }
    }

    fn law(p: &Population, x_min: Option<f64>) -> Result<SizeLaw, NoLaw> {
        SizeLaw::of(p, x_min, Some(100), &Stream::named("sizes"), &Work::quiet()).unwrap()
    }

    /// Sizes at the quantiles of x^{−2.5} from 1 on: the exponent is theirs, the interval of single sizes and that of
    /// images hold it.
    #[test]
    fn a_power_law_has_its_exponent() {
        let quantiles = |n: usize| (0..n).map(move |i| libm::pow(1.0 - (i as f64 + 0.5) / n as f64, -1.0 / 1.5));
        for images in [1, 8] {
            let found = law(&population(quantiles(2000), images), Some(1.0)).unwrap();
            let [low, high] = found.resampled.unwrap().alpha.unwrap();
            assert!(low < 2.5 && 2.5 < high, "{images} images: {low} to {high}");
            assert!((found.start.alpha - 2.5).abs() < 0.01, "{}", found.start.alpha);
            let fields: Vec<Sizes> = (0..30).map(|_| Sizes::new(quantiles(500), false)).collect();
            let null = found.null(&fields, &population(quantiles(2000), 1).scale);
            assert_eq!((null.made, null.with_law), (30, 30));
            assert!(null.alpha.unwrap().both() > 0.05 || null.alpha.unwrap().median - null.value < 0.05);
        }
    }

    #[test]
    fn what_has_no_law_says_why() {
        assert_eq!(law(&population((1..9).map(f64::from), 1), None).unwrap_err(), NoLaw::Few(8));
        assert_eq!(law(&population((1..90).map(f64::from), 1), Some(85.0)).unwrap_err(), NoLaw::FewBeyond(5, 89));
        assert_eq!(law(&population((0..90).map(|_| 3.0), 1), None).unwrap_err(), NoLaw::Equal(90));
        let p = population((1..200).map(f64::from), 1);
        let ended = Work { cancelled: &|| true, progress: &() };
        assert!(SizeLaw::of(&p, None, Some(40), &Stream::named("t"), &ended).is_err());
    }
}
