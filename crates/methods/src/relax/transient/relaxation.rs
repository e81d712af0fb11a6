//! A relaxation in time as a whole: what its noise remembers, whether one stretched exponential is all there is, and whether
//! two are (METHODS §11, §13, §14a).

use super::Transient;
use super::kww::{StretchedExponential, ZeroTime};
use super::rate::{Step, steps};
use super::two::{TwoStepModel, TwoStepStarts, TwoSteps};
use crate::num::parallel::ordered;
use crate::num::quantile::quantile;
use crate::num::random::Stream;
use crate::num::serial::{Memory, memory};
use crate::num::sum::mean;
use crate::relax::monotone::Decays;
use crate::relax::processes::NoFit;

/// How a relaxation is read.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Setting {
    /// Whether a part may stay.
    pub baseline: bool,
    /// When it began.
    pub zero: ZeroTime,
    /// Half width of the window of the rate in ln t.
    pub window: f64,
    /// Rows above which neighbours are averaged.
    pub most: usize,
    /// Records in the likeness of a fit beside which its misfit is judged.
    pub surrogates: usize,
}

/// What a relaxation consists of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Class {
    /// One stretched exponential describes it.
    One,
    /// Two do and one does not, and the rate has a maximum of each.
    Two,
    /// Two do and one does not; the rate has one maximum, and the faster is a shoulder of it.
    Shoulder,
    /// Neither one nor two do.
    Neither,
}

impl Class {
    /// Its word.
    pub fn name(self) -> &'static str {
        match self {
            Class::One => "one step",
            Class::Two => "two steps",
            Class::Shoulder => "shoulder",
            Class::Neither => softspot_data::Standing::CannotBeTold.words(),
        }
    }
}

/// A relaxation that was read.
#[derive(Clone, Debug)]
pub struct Relaxation {
    /// Rows, averaged where there are many, with their noise.
    pub data: Transient,
    /// What the noise remembers, where it does.
    pub memory: Option<Memory>,
    /// One stretched exponential.
    pub one: StretchedExponential,
    /// Part of its records that a sum of decays of any times improves as much, as a p; `None` of a record without noise.
    pub misfit: Option<f64>,
    /// Two of them, where one does not do.
    pub two: Option<TwoSteps>,
    /// p of two.
    pub misfit_of_two: Option<f64>,
    /// −d(σ/σ₀)/d ln t: time, rate, standard error.
    pub rate: Vec<[f64; 3]>,
    /// Maxima of the rate.
    pub maxima: Vec<Step>,
    /// What it consists of.
    pub class: Class,
    /// Relative change of τ of one for a time zero off by half of the first interval.
    pub shift: f64,
    /// Median distance of the points measured, s.
    pub step: f64,
}

/// Residuals below this part of the amplitude are rounding.
const EXACT: f64 = 1e-6;
/// Changes below this part of the values are rounding.
const CONSTANT: f64 = 1e-9;
/// p below which a model is rejected.
const REJECTED: f64 = 0.05;
/// Least ratio of the times of two steps.
const APART: f64 = 3.0;
/// Rounds in which a fit and the memory of its noise find each other.
const ROUNDS: usize = 2;

impl Relaxation {
    /// Reads a record of every point.
    ///
    /// # Errors
    /// [`NoFit`] where the points determine no stretched exponential.
    pub fn of(record: &Transient, setting: &Setting, stream: &Stream) -> Result<Relaxation, NoFit> {
        let reading = Reading { record, setting: *setting };
        if record.value.iter().all(|v| (v - record.value[0]).abs() <= CONSTANT * record.value[0].abs()) {
            return Err(NoFit("the record is constant: nothing relaxes in it".into()));
        }
        let (mut data, one, mut remembers) = reading.one()?;
        let shift = data.sensitivity(&one, one.baseline.is_some());
        let mut steps_of_time: Vec<f64> = record.time.windows(2).map(|w| w[1] - w[0]).collect();
        let step = quantile(&mut steps_of_time, 0.5);
        let amplitude = one.amplitude.0.abs();
        let noisy = one.residual > EXACT * amplitude;
        let decays = Decays::new(&data.time, data.rises());
        let refit = |d: &Transient, f: &StretchedExponential| {
            d.kww_near(f, f.baseline.is_some(), setting.zero).ok().map(|f| f.squares)
        };
        let misfit = (noisy && setting.surrogates > 0)
            .then(|| {
                let again = |d: &Transient| refit(d, &one);
                reading.misfit(&data, &decays, &one.curve, (one.squares, one.freedom), &again, &stream.role("one step"))
            })
            .flatten();
        let model = TwoStepModel { falls: one.amplitude.0 > 0.0, baseline: setting.baseline, zero: setting.zero };
        let (mut two, mut misfit_of_two) = (None, None);
        // Without records in its likeness what speaks against one step is a second maximum.
        let rejected = match misfit {
            Some(p) => p < REJECTED,
            None => noisy && maxima(&data, &data.rate(setting.window)).len() > 1,
        };
        if rejected {
            let found = reading.two(&data, &decays, model);
            if let Some((d, f, m)) = found {
                misfit_of_two = (setting.surrogates > 0)
                    .then(|| {
                        let near = TwoStepStarts::Near(&f.sought);
                        let again = |d: &Transient| model.fit(d, &near, false).map(|f| f.squares);
                        reading.misfit(&d, &decays, &f.curve, (f.squares, f.freedom), &again, &stream.role("two steps"))
                    })
                    .flatten();
                (data, remembers) = (d, m);
                two = Some(f);
            }
        }
        let rate = data.rate(setting.window);
        let maxima = maxima(&data, &rate);
        let stands = two.as_ref().is_some_and(|f| {
            let apart = f.tau[1].0 > APART * f.tau[0].0;
            let passed = misfit_of_two.map_or(setting.surrogates == 0, |p| p >= REJECTED);
            apart && !f.at_bound && passed
        });
        let class = match (rejected, stands) {
            (false, _) => Class::One,
            (true, true) if maxima.len() > 1 => Class::Two,
            (true, true) => Class::Shoulder,
            (true, false) => Class::Neither,
        };
        Ok(Relaxation { data, memory: remembers, one, misfit, two, misfit_of_two, rate, maxima, class, shift, step })
    }
}

/// Maxima of the rate of a decay, or of what a creep gains.
fn maxima(d: &Transient, rate: &[[f64; 3]]) -> Vec<Step> {
    let sign = if d.rises() && mean(&d.value) > 0.0 { -1.0 } else { 1.0 };
    steps(&rate.iter().map(|[t, r, e]| [*t, sign * r, *e]).collect::<Vec<_>>())
}

struct Reading<'a> {
    record: &'a Transient,
    setting: Setting,
}

impl Reading<'_> {
    fn thinned(&self, m: Option<Memory>) -> Transient {
        self.record.clone().thinned(self.setting.most, m)
    }

    /// One stretched exponential and the memory of its noise.
    fn one(&self) -> Result<(Transient, StretchedExponential, Option<Memory>), NoFit> {
        let Setting { baseline, zero, .. } = self.setting;
        let fit = |d: &Transient| {
            let f = d.kww(baseline, zero)?;
            // What goes on relaxing through 0 has no level within the window.
            if f.baseline.is_some_and(|b| b.0 * mean(&d.value) < 0.0) { d.kww(false, zero) } else { Ok(f) }
        };
        let (mut data, mut remembers) = (self.thinned(None), None);
        let mut f = fit(&data)?;
        for _ in 0..ROUNDS {
            if f.residual <= EXACT * f.amplitude.0.abs() {
                break;
            }
            let found = memory(&self.record.time, &self.record.tangents(&f, zero), &self.record.value);
            if found == remembers {
                break;
            }
            (data, remembers) = (self.thinned(found), found);
            f = fit(&data)?;
        }
        Ok((data, f, remembers))
    }

    /// Two, and the memory of their noise, which begins as that of what a sum of decays leaves.
    fn two(
        &self,
        data: &Transient,
        decays: &Decays,
        model: TwoStepModel,
    ) -> Option<(Transient, TwoSteps, Option<Memory>)> {
        let plain = self.thinned(None);
        let near = decays.nearest(&plain.value, &plain.noise)?;
        let remembers = self.left(&plain, &near.curve, &near.columns);
        let d = self.thinned(remembers);
        let t = &data.time;
        let (a, b) = (libm::log(t[0]), libm::log(t[t.len() - 1]));
        const PLACES: i32 = 7;
        let place = |i: i32| libm::exp(a + (b - a) * (f64::from(i) + 0.5) / f64::from(PLACES - 1));
        let pairs: Vec<[f64; 2]> =
            (0..PLACES).flat_map(|i| (i + 1..PLACES).map(move |j| [place(i), place(j)])).collect();
        let first = model.fit(&d, &TwoStepStarts::Times(&pairs), false)?;
        let r = self.record;
        let again = memory(&r.time, &model.tangents(&r.time, &first.sought), &self.rest(&d, &first.curve));
        let d = self.thinned(again);
        let f = model.fit(&d, &TwoStepStarts::Near(&first.sought), true)?;
        Some((d, f, again))
    }

    /// The memory of what a sum of decays leaves of the record.
    fn left(&self, d: &Transient, curve: &[f64], columns: &[Vec<f64>]) -> Option<Memory> {
        let r = self.record;
        // The freedom of a sum of decays is nothing beside as many points as are averaged.
        let columns = if r.time.len() == d.time.len() { columns } else { &[] };
        memory(&r.time, columns, &self.rest(d, curve))
    }

    /// What a curve leaves of the record; where rows were averaged, of the points beside the curve between rows.
    fn rest(&self, d: &Transient, curve: &[f64]) -> Vec<f64> {
        let r = self.record;
        if r.time.len() == d.time.len() {
            return r.value.iter().zip(curve).map(|(v, c)| v - c).collect();
        }
        let between = |t: f64| {
            let k = d.time.partition_point(|u| *u < t).clamp(1, d.time.len() - 1);
            let (a, b) = (libm::log(d.time[k - 1]), libm::log(d.time[k]));
            let part = (libm::log(t) - a) / (b - a);
            curve[k - 1] + part * (curve[k] - curve[k - 1])
        };
        r.time.iter().zip(&r.value).map(|(t, v)| v - between(*t)).collect()
    }

    /// How often records in the likeness of a fit are improved as much by a sum of decays of any times: p.
    fn misfit(
        &self,
        d: &Transient,
        decays: &Decays,
        curve: &[f64],
        (squares, freedom): (f64, f64),
        refit: &(dyn Fn(&Transient) -> Option<f64> + Sync),
        stream: &Stream,
    ) -> Option<f64> {
        let gain = |d: &Transient, squares: f64| Some(squares / decays.nearest(&d.value, &d.noise)?.squares);
        let own = gain(d, squares)?;
        let size = (squares / freedom).sqrt();
        let count = self.setting.surrogates;
        let drawn: Vec<Option<bool>> = ordered(count, |i| {
            let noise = d.noise.draw(&mut stream.replicate(i));
            let value = curve.iter().zip(noise).map(|(c, e)| c + size * e).collect();
            let d = Transient { value, ..d.clone() };
            Some(gain(&d, refit(&d)?)? >= own)
        });
        let drawn: Vec<bool> = drawn.into_iter().flatten().collect();
        let above = drawn.iter().filter(|a| **a).count();
        (drawn.len() * 2 > count).then(|| (above + 1) as f64 / (drawn.len() + 1) as f64)
    }
}
