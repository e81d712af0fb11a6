//! One indentation: its parts, its contact point, what makes it unusable.

use crate::num::quantile::{mad, median};

/// Load and depth against time, SI.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Curve {
    /// Times, rising, s.
    pub time: Vec<f64>,
    /// Load on the indenter, N.
    pub load: Vec<f64>,
    /// Depth, growing into the sample, m.
    pub depth: Vec<f64>,
}

/// Why a point has no result.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Flag {
    /// It has one.
    Good,
    /// Depth remains after the unloading: what came before was not elastic alone.
    Plastic,
    /// The load never rises above its noise, or the curve begins within the contact.
    NoContact,
    /// Numbers that cannot be: times that do not rise, negative loads, lengths that differ, values of failed measurements.
    Damaged,
    /// Fewer points than parameters.
    TooFew,
    /// The fit came to no end, or to the end of what it may look for.
    NotFitted,
    /// Nothing was measured there.
    Missing,
}

impl Flag {
    /// Every flag, with its number in the map of flags.
    pub const ALL: [Flag; 7] =
        [Flag::Good, Flag::Plastic, Flag::NoContact, Flag::Damaged, Flag::TooFew, Flag::NotFitted, Flag::Missing];

    /// Its number.
    pub fn number(self) -> f64 {
        Flag::ALL.iter().position(|f| *f == self).unwrap_or(0) as f64
    }

    /// Its name in tables.
    pub fn name(self) -> &'static str {
        match self {
            Flag::Good => "good",
            Flag::Plastic => "plastic",
            Flag::NoContact => "no-contact",
            Flag::Damaged => "damaged",
            Flag::TooFew => "too-few-points",
            Flag::NotFitted => "not-fitted",
            Flag::Missing => "missing",
        }
    }
}

/// A point without a result: its flag and the reason in words.
#[derive(Clone, Debug, PartialEq)]
pub struct Unusable {
    /// Which kind.
    pub flag: Flag,
    /// What is wrong, and what to do.
    pub why: String,
}

impl Unusable {
    /// A reason.
    pub fn new(flag: Flag, why: impl Into<String>) -> Unusable {
        Unusable { flag, why: why.into() }
    }
}

/// Numbers beyond are marks of failed measurements, such as 1e300.
const BEYOND: f64 = 1e100;
/// Points below which there is no curve.
const FEWEST: usize = 8;
/// Share of the largest load, or of the range of depths, within which a hold keeps them.
const HOLD: f64 = 0.02;

impl Curve {
    /// Checked columns: rows that lack a number at their end or beginning are left out.
    ///
    /// # Errors
    /// [`Unusable`] says what is wrong with the curve.
    pub fn new(time: &[f64], load: &[f64], depth: &[f64]) -> Result<Curve, Unusable> {
        let damaged = |why: String| Unusable::new(Flag::Damaged, why);
        if time.len() != load.len() || time.len() != depth.len() {
            return Err(damaged(format!(
                "{} times, {} loads and {} depths: columns of one curve have one length",
                time.len(),
                load.len(),
                depth.len()
            )));
        }
        let sound = |i: usize| [time[i], load[i], depth[i]].iter().all(|v| v.abs() < BEYOND);
        let Some(from) = (0..time.len()).find(|i| sound(*i)) else {
            return Err(Unusable::new(Flag::Missing, "there is no number in it"));
        };
        let to = (from..time.len()).rfind(|i| sound(*i)).map_or(from, |i| i + 1);
        if let Some(i) = (from..to).find(|i| !sound(*i)) {
            return Err(damaged(format!("row {} has no number, or that of a failed measurement", i + 1)));
        }
        if to - from < FEWEST {
            return Err(Unusable::new(Flag::TooFew, format!("{} points are no curve", to - from)));
        }
        if let Some(i) = (from + 1..to).find(|i| !(time[*i] > time[*i - 1])) {
            return Err(damaged(format!(
                "times do not rise in row {} ({} s after {} s); sort the rows, or name curves by `x` and `y` or `point`",
                i + 1,
                time[i],
                time[i - 1]
            )));
        }
        let cut = |v: &[f64]| v[from..to].to_vec();
        Ok(Curve { time: cut(time), load: cut(load), depth: cut(depth) })
    }

    /// Points.
    pub fn len(&self) -> usize {
        self.time.len()
    }

    /// Whether it has no point.
    pub fn is_empty(&self) -> bool {
        self.time.is_empty()
    }

    /// From the height of a scanner: depth is what it moved on, less what the cantilever bent. Heights may grow either way;
    /// they go down where the force rises.
    ///
    /// # Errors
    /// [`Unusable`] as of [`Curve::new`].
    pub fn of_height(time: &[f64], force: &[f64], height: &[f64], stiffness: f64) -> Result<Curve, Unusable> {
        let mut c = Curve::new(time, force, height)?;
        let top = c.top();
        let low = c.load[..=top].iter().copied().fold(f64::INFINITY, f64::min);
        let from = c.load[..=top].iter().rposition(|f| *f <= low + 0.5 * (c.load[top] - low)).unwrap_or(0);
        let sign = if c.depth[top] >= c.depth[from] { 1.0 } else { -1.0 };
        let (z0, f0) = (c.depth[0], c.load[0]);
        for (d, f) in c.depth.iter_mut().zip(&c.load) {
            *d = sign * (*d - z0) - (f - f0) / stiffness;
        }
        Ok(c)
    }

    /// Index of the largest load.
    pub fn top(&self) -> usize {
        let mut top = 0;
        for (i, p) in self.load.iter().enumerate() {
            if *p > self.load[top] {
                top = i;
            }
        }
        top
    }

    /// Standard deviation of the noise of the load, from second differences: free of any smooth course, N.
    fn load_noise(&self) -> f64 {
        let mut bends: Vec<f64> = self.load.windows(3).map(|w| (w[0] - 2.0 * w[1] + w[2]) / 6f64.sqrt()).collect();
        if bends.is_empty() { 0.0 } else { 1.4826 * mad(&mut bends) }
    }

    /// Takes a stretch of it.
    pub fn part(&self, rows: std::ops::Range<usize>) -> Curve {
        let cut = |v: &[f64]| v[rows.clone()].to_vec();
        Curve { time: cut(&self.time), load: cut(&self.load), depth: cut(&self.depth) }
    }

    /// Index of the last point of the loading and of the hold after it.
    ///
    /// The loading ends where the load first comes within 2 % of its largest; the hold where load and depth were last
    /// within 2 % of theirs, whichever is kept.
    pub fn phases(&self) -> [usize; 2] {
        let top = self.top();
        let peak = self.load[top];
        let loaded = (0..=top).find(|i| self.load[*i] >= (1.0 - HOLD) * peak).unwrap_or(top);
        let deepest = self.depth[loaded..].iter().copied().fold(f64::NEG_INFINITY, f64::max);
        // From the contact on: an approach through the air is no depth.
        let touched = (0..=loaded).rfind(|i| self.load[*i] <= HOLD * peak).unwrap_or(0);
        let range = deepest - self.depth[touched];
        let kept =
            |i: usize| self.load[i] >= (1.0 - HOLD) * peak || self.depth[i] >= deepest - HOLD * range && range > 0.0;
        let mut held = loaded;
        // A hold is one stretch; single points that noise throws out of it do not end it.
        for i in loaded..self.len() {
            if kept(i) {
                held = i;
            } else if i > held + (self.len() / 50).max(3) {
                break;
            }
        }
        // A load that peaks at once, without a hold, has its whole rise in the loading.
        [if held <= top { held } else { loaded }, held]
    }
}

/// The load before contact: level and noise of a baseline, and where it ends.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Contact {
    /// Index of the first point in contact.
    pub index: usize,
    /// Load before it, N.
    pub baseline: f64,
    /// Standard error of that level, N.
    pub level_error: f64,
    /// Standard deviation of the load about it, N.
    pub noise: f64,
    /// Depth at contact, m, and its standard error.
    pub depth: [f64; 2],
}

/// Share of the largest load that no baseline reaches.
const RISE: f64 = 0.02;
/// Noise that a contact must exceed.
const SURE: f64 = 10.0;
/// Points of a baseline whose noise can be told.
const BASELINE: usize = 10;

impl Contact {
    /// Where time and depth of the file count from the contact.
    ///
    /// # Errors
    /// [`Unusable`] where the load never rises out of its noise.
    pub fn at_zero(c: &Curve) -> Result<Contact, Unusable> {
        let (peak, noise) = (c.load[c.top()], c.load_noise());
        if peak > 0.0 && !(peak > SURE * noise) {
            return Err(Unusable::new(
                Flag::NoContact,
                format!(
                    "the load reaches {peak:.2e} N over a noise of {noise:.2e} N: there is no contact in the curve"
                ),
            ));
        }
        Ok(Contact { index: 0, baseline: 0.0, level_error: 0.0, noise: 0.0, depth: [0.0; 2] })
    }

    /// Finds the last point of the loading at which the load is within two standard deviations of its baseline.
    ///
    /// # Errors
    /// [`Unusable`] where the load never rises out of its noise, or the curve begins within the contact.
    pub fn find(c: &Curve) -> Result<Contact, Unusable> {
        let top = c.top();
        let none = |why: String| Unusable::new(Flag::NoContact, why);
        let low = c.load[..=top].iter().copied().fold(f64::INFINITY, f64::min);
        let rise = c.load[top] - low;
        if top == 0 || !(rise > 0.0) {
            return Err(none("the load never rises; is its sign the right way round?".into()));
        }
        // Adhesion may pull before contact: the level is that of the first points, not the lowest.
        let mut first: Vec<f64> = c.load[..(top / 10).clamp(1, 2000).min(top)].to_vec();
        let level = median(&mut first);
        let climb = c.load[top] - level;
        let end = (0..=top).rfind(|i| c.load[*i] <= level + RISE * climb).unwrap_or(0);
        if c.load[0] > level + 0.1 * climb || level > 0.1 * c.load[top] && end < 3 {
            return Err(none(format!(
                "the curve begins at a load of {:.3e} N, within the contact; set `contact_point = \"zero\"` if depth and \
                 time count from the contact",
                c.load[0]
            )));
        }
        let before = &c.load[..end.max(1)];
        let (baseline, noise) = if before.len() >= BASELINE {
            let mut v = before.to_vec();
            let baseline = median(&mut v);
            (baseline, 1.4826 * mad(&mut v))
        } else {
            (before.iter().sum::<f64>() / before.len() as f64, 0.0)
        };
        if !(c.load[top] - baseline > SURE * noise) {
            return Err(none(format!(
                "the load rises by {:.2e} N over a noise of {noise:.2e} N: there is no contact in the curve",
                c.load[top] - baseline
            )));
        }
        let index = (0..=end).rfind(|i| c.load[*i] <= baseline + 2.0 * noise).unwrap_or(0);
        let next = (index + 1).min(c.len() - 1);
        let step = (c.depth[next] - c.depth[index.saturating_sub(1)]).abs() / 2.0;
        // Where within a step the contact lies is not known: a uniform error of that width.
        let depth = [c.depth[index], step / 3f64.sqrt()];
        // Of a median of independent values √(π/2) of that of their mean; of the few of a short baseline what a load wanders.
        let spread = if noise > 0.0 { noise } else { c.load_noise() };
        let level_error = (std::f64::consts::FRAC_PI_2 / before.len() as f64).sqrt() * spread;
        Ok(Contact { index, baseline, level_error, noise, depth })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::num::random::Random;

    /// Approach, loading, hold, unloading of an elastic sphere, h = P^{2/3}.
    fn trapezoid() -> Curve {
        let time: Vec<f64> = (0..400).map(|i| f64::from(i) * 0.01).collect();
        let load = |t: f64| (t - 1.0).clamp(0.0, 1.0).min((3.5 - t).max(0.0));
        let mut r = Random::named("trapezoid", 0);
        let load: Vec<f64> = time.iter().map(|t| load(*t) + 1e-3 * r.normal()).collect();
        let depth = load.iter().zip(&time).map(|(p, t)| p.max(0.0).powf23() + (t - 1.0).min(0.0)).collect();
        Curve { time, load, depth }
    }

    trait Power {
        fn powf23(self) -> f64;
    }
    impl Power for f64 {
        fn powf23(self) -> f64 {
            libm::cbrt(self * self)
        }
    }

    #[test]
    fn phases_and_contact() {
        let c = trapezoid();
        let [loaded, held] = c.phases();
        assert!((c.time[loaded] - 2.0).abs() < 0.03 && (c.time[held] - 2.5).abs() < 0.05, "{loaded} {held}");
        let contact = Contact::find(&c).unwrap();
        // Two standard deviations of the noise are passed within a step or two of the contact at t = 1.
        assert!((c.time[contact.index] - 1.0).abs() < 0.035, "{contact:?}");
        assert!(contact.baseline.abs() < 1e-3 && (contact.noise / 1e-3 - 1.0).abs() < 0.5);
    }

    #[test]
    fn what_is_no_curve_is_said() {
        let t: Vec<f64> = (0..20).map(f64::from).collect();
        let refusal = |time: &[f64], load: &[f64], depth: &[f64]| Curve::new(time, load, depth).unwrap_err();
        assert_eq!(refusal(&t, &t[1..], &t).flag, Flag::Damaged);
        assert_eq!(refusal(&t[..5], &t[..5], &t[..5]).flag, Flag::TooFew);
        assert_eq!(refusal(&[f64::NAN; 20], &t, &t).flag, Flag::Missing);
        let mut twice = t.clone();
        twice[7] = 6.0;
        assert!(refusal(&twice, &t, &t).why.contains("row 8"));
        let mut failed = t.clone();
        failed[3] = 1e300;
        assert!(refusal(&t, &failed, &t).why.contains("row 4"));
        failed[3] = 3.0;
        failed[19] = 1e300;
        assert_eq!(Curve::new(&t, &failed, &t).unwrap().len(), 19);
        let flat = Curve { time: t.clone(), load: vec![1.0; 20], depth: t.clone() };
        assert_eq!(Contact::find(&flat).unwrap_err().flag, Flag::NoContact);
        let mut r = Random::named("noise", 0);
        let noise = Curve { load: (0..20).map(|_| r.normal()).collect(), ..flat.clone() };
        assert_eq!(Contact::find(&noise).unwrap_err().flag, Flag::NoContact);
        let within = Curve { load: t.iter().map(|t| 10.0 + t).collect(), ..flat };
        assert_eq!(Contact::find(&within).unwrap_err().flag, Flag::NoContact);
    }

    #[test]
    fn a_cantilever_takes_its_share() {
        // A scanner that goes down by z: force k_c (z − δ) with δ = z/2 for a sample as stiff as the cantilever.
        let time: Vec<f64> = (0..50).map(f64::from).collect();
        for sign in [1.0, -1.0] {
            let height: Vec<f64> = time.iter().map(|t| sign * 1e-9 * t + 5e-6).collect();
            let force: Vec<f64> = time.iter().map(|t| 0.5e-9 * t * 0.1).collect();
            let c = Curve::of_height(&time, &force, &height, 0.1).unwrap();
            assert!(c.depth.iter().zip(&time).all(|(d, t)| (d - 0.5e-9 * t).abs() < 1e-18));
        }
    }
}
