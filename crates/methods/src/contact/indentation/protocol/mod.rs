//! How an indentation is evaluated: contact, drift, fit, flag (METHODS §9, §14).

use super::curve::{Contact, Curve, Flag, Unusable};
use super::evaluation::{Evaluation, Trace};
use super::fit::{Setting, Solution, fit};
use super::kelvin::two_thirds;
use super::model::Model;
use super::oliver_pharr::Instrument;
use super::sphere::Sphere;
use crate::contact::hertz::sample_modulus;
use crate::num::linear::line;

/// Where depth, load and time begin.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum ContactPoint {
    /// Sought from the last point of the loading within the noise of the load before, its depth fitted with the modulus.
    #[default]
    #[serde(alias = "fitted")]
    Found,
    /// Time and depth count from it.
    Zero,
}

/// What of the curve is fitted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Parts {
    /// Up to the largest load.
    Loading,
    /// And the hold.
    LoadingHold,
    /// And the unloading, where it is elastic.
    All,
}

/// Thermal drift of the depth.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Drift {
    /// None.
    None,
    /// Fitted with the model.
    Fitted,
    /// The slope of a hold at low load in the unloading.
    Hold,
    /// A rate, m/s.
    Rate(f64),
}

/// The indenter and what is fitted with it.
#[derive(Clone, Debug)]
pub enum Indenter {
    /// A sphere on a sample of a model.
    Sphere(Model, Sphere),
    /// A pyramid by Oliver and Pharr, of that indentation modulus E/(1−ν²), Pa.
    Pyramid {
        /// Area function and frame.
        instrument: Instrument,
        /// Of the indenter, Pa.
        modulus: f64,
    },
}

/// How curves are evaluated.
#[derive(Clone, Debug)]
pub struct Protocol {
    /// Indenter and model.
    pub indenter: Indenter,
    /// Where the contact begins.
    pub contact_point: ContactPoint,
    /// What is fitted.
    pub parts: Parts,
    /// Thermal drift.
    pub drift: Drift,
    /// Largest adhesive force of an adhesive model, N; the deepest load of the unloading unless given.
    pub pull_off: Option<f64>,
    /// Compliance of the frame, m/N, where the depths still hold it.
    pub frame_compliance: Option<f64>,
    /// Poisson's ratio of the sample, where it is known.
    pub poisson: Option<f64>,
}

impl Protocol {
    /// Evaluates one curve, load in N and depth in m against time in s.
    pub fn evaluate(&self, curve: &Curve) -> Evaluation {
        let found = match &self.indenter {
            Indenter::Sphere(model, sphere) => of_sphere(self, *model, *sphere, curve),
            Indenter::Pyramid { instrument, modulus } => of_pyramid(self, instrument, *modulus, curve),
        };
        found.unwrap_or_else(Evaluation::none)
    }
}

/// Depth that remains after the unloading, in standard deviations of the residuals and in parts of the largest depth, from
/// which on a point is plastic.
const PLASTIC: [f64; 2] = [5.0, 0.01];
/// Load below which the indenter is off, in parts of the largest.
const OFF: f64 = 0.05;
/// Negative load that noise does not explain, in parts of the largest.
const NEGATIVE: f64 = 0.05;
/// Depths below which a unit was taken for another, m.
const TOO_SMALL: f64 = 1e-13;
/// A curve that counts from the contact, without drift and frame.
struct ContactCurve {
    curve: Curve,
    contact: Contact,
    drift: f64,
    /// Whether a point at the origin was put before the first sample.
    anchored: bool,
}

fn prepared(protocol: &Protocol, c: &Curve) -> Result<ContactCurve, Unusable> {
    let mut c = c.clone();
    let pyramid = matches!(protocol.indenter, Indenter::Pyramid { .. });
    if let Some(frame) = protocol.frame_compliance.filter(|_| !pyramid) {
        c.depth.iter_mut().zip(&c.load).for_each(|(h, p)| *h -= frame * p);
    }
    let mut rate = match protocol.drift {
        Drift::Rate(v) => v,
        Drift::Hold => drift_of_hold(&c)?,
        Drift::None | Drift::Fitted => 0.0,
    };
    if !rate.is_finite() {
        rate = 0.0;
    }
    let begin = c.time[0];
    c.depth.iter_mut().zip(&c.time).for_each(|(h, t)| *h -= rate * (t - begin));
    let contact = match protocol.contact_point {
        ContactPoint::Zero => Contact::at_zero(&c)?,
        ContactPoint::Found => Contact::find(&c)?,
    };
    let mut curve = c.part(contact.index..c.len());
    let t0 = if protocol.contact_point == ContactPoint::Zero { 0.0 } else { curve.time[0] };
    curve.time.iter_mut().for_each(|t| *t -= t0);
    curve.load.iter_mut().for_each(|p| *p -= contact.baseline);
    curve.depth.iter_mut().for_each(|h| *h -= contact.depth[0]);
    // Time and depth count from the contact, which lies before the first sample.
    let anchored = protocol.contact_point == ContactPoint::Zero && curve.time[0] > 0.0;
    if anchored {
        curve.time.insert(0, 0.0);
        curve.load.insert(0, 0.0);
        curve.depth.insert(0, 0.0);
    }
    Ok(ContactCurve { curve, contact, drift: rate, anchored })
}

/// Slope of the depth in the longest stretch of steady low load after the largest one.
fn drift_of_hold(c: &Curve) -> Result<f64, Unusable> {
    let top = c.top();
    let peak = c.load[top];
    let low = |i: usize| (0.03..0.35).contains(&(c.load[i] / peak));
    let (mut best, mut from) = (0..0, None::<usize>);
    for i in top..=c.len() {
        let steady = i < c.len() && low(i) && from.is_none_or(|f| (c.load[i] - c.load[f]).abs() < 0.02 * peak);
        match (from, steady) {
            (None, true) => from = Some(i),
            (Some(f), false) => {
                if i - f > best.len() {
                    best = f..i;
                }
                from = (i < c.len() && low(i)).then_some(i);
            }
            _ => {}
        }
    }
    let none = || {
        Unusable::new(
            Flag::NotFitted,
            "there is no hold at low load in the unloading to tell the drift from; give `drift` as a rate or \"none\"",
        )
    };
    if best.len() < 20 {
        return Err(none());
    }
    // The first third still recovers from the unloading.
    let rows = best.start + best.len() / 3..best.end;
    line(&c.time[rows.clone()], &c.depth[rows]).map(|l| l.slope).ok_or_else(none)
}

fn of_sphere(protocol: &Protocol, model: Model, sphere: Sphere, raw: &Curve) -> Result<Evaluation, Unusable> {
    let p = prepared(protocol, raw)?;
    let c = &p.curve;
    let damaged = |why: String| Unusable::new(Flag::Damaged, why);
    let deepest = c.depth.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    let peak = c.load[c.top()];
    if !(peak > 0.0) {
        return Err(damaged("no load is positive; is its sign the right way round?".into()));
    }
    if !(deepest > TOO_SMALL) {
        return Err(damaged(format!("the largest depth is {deepest:.1e} m: are its unit and its sign right?")));
    }
    if deepest > sphere.radius {
        return Err(damaged(format!(
            "the depth reaches {deepest:.2e} m, beyond the radius of {:.2e} m: is its unit right?",
            sphere.radius
        )));
    }
    let [loaded, held] = c.phases();
    // Where adhesion holds the indenter back, the way out is not that of any of these models, and tells no plasticity.
    let free = c.load[held..].iter().all(|p| *p > -NEGATIVE * peak);
    let unloaded = free && c.load[c.len() - 1] < 0.1 * peak && held + 4 < c.len();
    let whole = protocol.parts == Parts::All;
    let first = match protocol.parts {
        Parts::Loading => loaded,
        Parts::LoadingHold | Parts::All => held,
    };
    let adhesive = matches!(model, Model::Dmt | Model::Jkr);
    let lowest = c.load[..=first].iter().copied().fold(f64::INFINITY, f64::min);
    if !adhesive && lowest < -NEGATIVE * peak {
        return Err(damaged(format!(
            "the load falls to {lowest:.2e} N while the indenter goes in: negative loads are adhesion, which this model has not"
        )));
    }
    let pull_off = protocol.pull_off.unwrap_or_else(|| -c.load[held..].iter().copied().fold(0.0, f64::min));
    let setting = Setting {
        model,
        // Where the load leaves its noise the indenter is in already: its depth is fitted from there.
        offset: protocol.contact_point != ContactPoint::Zero,
        drift: protocol.drift == Drift::Fitted,
        pull_off: if adhesive { pull_off } else { 0.0 },
        contact_error: p.contact.depth[1],
        level_error: p.contact.level_error,
    };
    let mut part = c.part(0..first + 1);
    let mut solved = fit(&part, &setting)?;
    let mut flag = (Flag::Good, String::new());
    if unloaded && !adhesive {
        let remains = remaining(c, &part, &solved, &setting, peak);
        if remains > (PLASTIC[0] * solved.residual).max(PLASTIC[1] * deepest) {
            flag = (Flag::Plastic, format!("{remains:.2e} m of {deepest:.2e} m remain after the unloading"));
        }
    }
    if whole && unloaded && flag.0 == Flag::Good {
        part = c.clone();
        solved = fit(&part, &setting)?;
    }
    Ok(result(&p, part, solved, flag, sphere, unloaded))
}

/// Depth after the unloading beyond what the model of loading and hold leaves, m.
fn remaining(c: &Curve, part: &Curve, solved: &Solution, setting: &Setting, peak: f64) -> f64 {
    let h = setting.model.response(c, &solved.sought, setting.pull_off);
    let off: Vec<f64> = (part.len()..c.len())
        .filter(|i| c.load[*i] < OFF * peak)
        .map(|i| c.depth[i] - solved.scale * h[i] - solved.offset[0] - solved.drift[0] * (c.time[i] - c.time[0]))
        .collect();
    if off.is_empty() { 0.0 } else { off.iter().sum::<f64>() / off.len() as f64 }
}

fn result(
    p: &ContactCurve,
    part: Curve,
    s: Solution,
    (flag, why): (Flag, String),
    sphere: Sphere,
    unloaded: bool,
) -> Evaluation {
    let modulus = sphere.modulus(s.scale);
    // G goes with a^{−3/2}.
    let power = |of_scale: f64, rest: &[f64]| {
        let mut powers = vec![0.0; 1 + s.sought.len()];
        powers[0] = of_scale;
        powers[1..].iter_mut().zip(rest).for_each(|(p, r)| *p = *r);
        s.log_error(&powers)
    };
    let (mut time, mut viscosity, mut second) = (f64::NAN, f64::NAN, [f64::NAN; 2]);
    let mut errors = [power(-1.5, &[]), f64::NAN, f64::NAN];
    match s.sought[..] {
        [t] => {
            (time, viscosity) = (t, modulus * t);
            errors[1..].copy_from_slice(&[power(0.0, &[1.0]), power(-1.5, &[1.0])]);
        }
        [t, ratio] => {
            // G_II = G_I/ρ, η = G_II τ, η_eff = η (1 + ρ).
            second = [modulus / ratio, modulus / ratio * t * (1.0 + ratio)];
            (time, viscosity) = (t, modulus / ratio * t);
            errors[1..].copy_from_slice(&[power(0.0, &[1.0, 0.0]), power(-1.5, &[1.0, -1.0])]);
        }
        _ => {}
    }
    let deepest = part.depth.iter().copied().fold(0.0, f64::max) - s.offset[0];
    Evaluation {
        flag,
        why,
        modulus,
        errors,
        young: 2.0 * modulus * (1.0 + sphere.poisson),
        hardness: f64::NAN,
        relaxation_time: time,
        viscosity,
        second,
        residual: s.residual,
        r2: s.r2,
        samples: s.n - usize::from(p.anchored),
        contact: [p.contact.depth[0] + s.offset[0], s.offset[1]],
        drift: p.drift + s.drift[0],
        load: part.load[part.top()],
        depth: deepest,
        contact_radius: sphere.contact_radius(deepest),
        stiffness: f64::NAN,
        creep: [f64::NAN; 2],
        unloaded,
        trace: Some(Trace {
            elastic: part.load.iter().map(|p| s.scale * two_thirds(*p) + s.offset[0]).collect(),
            curve: part,
            fitted: s.depth,
        }),
    }
}

fn of_pyramid(
    protocol: &Protocol,
    instrument: &Instrument,
    indenter_modulus: f64,
    raw: &Curve,
) -> Result<Evaluation, Unusable> {
    let p = prepared(protocol, raw)?;
    let peak = p.curve.load[p.curve.top()];
    if !(peak > 0.0) {
        return Err(Unusable::new(Flag::Damaged, "no load is positive; is its sign the right way round?"));
    }
    let deepest = p.curve.depth.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    if !(deepest > TOO_SMALL && deepest < 1e-3) {
        return Err(Unusable::new(
            Flag::Damaged,
            format!("the largest depth is {deepest:.1e} m: are its unit and sign right?"),
        ));
    }
    let zero = Contact { index: 0, baseline: 0.0, level_error: 0.0, noise: 0.0, depth: [0.0; 2] };
    let i = instrument.evaluate(&p.curve, &zero)?;
    let plane = sample_modulus(i.reduced_modulus, indenter_modulus);
    let young = protocol.poisson.map_or(f64::NAN, |v| plane * (1.0 - v * v));
    // S alone is fitted to the unloading; the contact depth moves the area, E_r with its root.
    let of_contact = p.contact.depth[1] / i.contact_depth;
    let none = Evaluation::none(Unusable::new(Flag::Good, ""));
    Ok(Evaluation {
        modulus: i.reduced_modulus,
        errors: [libm::hypot(i.stiffness_error, of_contact), f64::NAN, f64::NAN],
        young,
        hardness: i.hardness,
        residual: i.residual,
        samples: p.curve.len() - usize::from(p.anchored),
        contact: p.contact.depth,
        drift: p.drift,
        load: peak,
        depth: deepest,
        contact_radius: (i.area / std::f64::consts::PI).sqrt(),
        stiffness: i.stiffness,
        creep: [i.creep_rate, i.creep],
        unloaded: true,
        trace: Some(Trace {
            fitted: vec![f64::NAN; p.curve.len()],
            elastic: vec![f64::NAN; p.curve.len()],
            curve: p.curve,
        }),
        ..none
    })
}

#[cfg(test)]
mod tests;
