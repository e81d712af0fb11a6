//! One point after the other: curve, contact, drift, fit, flag.

use super::points::{Point, Points};
use super::{ContactPoint, Drift, DriftRule, Indentation, ModelName, Parts};
use crate::contact::hertz::sample_modulus;
use crate::contact::indentation::curve::{Contact, Curve, Flag, Unusable};
use crate::contact::indentation::fit::{Setting, Solution, fit};
use crate::contact::indentation::kelvin::two_thirds;
use crate::contact::indentation::model::Model;
use crate::contact::indentation::oliver_pharr::Instrument;
use crate::contact::indentation::sphere::Sphere;
use crate::data::{Curves, Role};
use crate::num::linear::line;
use crate::num::parallel::ordered;
use crate::stage::{Cx, StageError};

/// What became of a point; what it has not is NaN.
#[derive(Clone, Debug)]
pub(super) struct Evaluation {
    pub flag: Flag,
    pub why: String,
    pub modulus: f64,
    /// Standard errors of the logarithms of modulus, relaxation time and viscosity.
    pub errors: [f64; 3],
    pub young: f64,
    pub hardness: f64,
    pub relaxation_time: f64,
    pub viscosity: f64,
    /// G_II and η(1 + G_I/G_II) of a standard linear solid.
    pub second: [f64; 2],
    pub residual: f64,
    pub r2: f64,
    pub samples: usize,
    /// Depth of contact in the depths of the file, and its standard error.
    pub contact: [f64; 2],
    pub drift: f64,
    pub load: f64,
    pub depth: f64,
    pub contact_radius: f64,
    pub stiffness: f64,
    pub creep: [f64; 2],
    /// Whether an unloading could tell plasticity.
    pub unloaded: bool,
    pub trace: Option<Trace>,
}

/// A curve as it is drawn.
#[derive(Clone, Debug)]
pub(super) struct Trace {
    pub curve: Curve,
    pub fitted: Vec<f64>,
    /// Depths of an elastic contact of the same modulus.
    pub elastic: Vec<f64>,
}

impl Evaluation {
    fn none(u: Unusable) -> Evaluation {
        const NAN: f64 = f64::NAN;
        Evaluation {
            flag: u.flag,
            why: u.why,
            modulus: NAN,
            errors: [NAN; 3],
            young: NAN,
            hardness: NAN,
            relaxation_time: NAN,
            viscosity: NAN,
            second: [NAN; 2],
            residual: NAN,
            r2: NAN,
            samples: 0,
            contact: [NAN; 2],
            drift: NAN,
            load: NAN,
            depth: NAN,
            contact_radius: NAN,
            stiffness: NAN,
            creep: [NAN; 2],
            unloaded: false,
            trace: None,
        }
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
/// Moduli that no solid has, Pa: marks of failed measurements.
const NO_SOLID: f64 = 1e13;

/// Evaluates every point.
pub(super) fn all(
    stage: &Indentation,
    s: &Curves,
    points: &Points,
    cx: &Cx<'_>,
) -> Result<Vec<Evaluation>, StageError> {
    let of = |i: usize| {
        if (cx.cancelled)() {
            return None;
        }
        let point = &points.points[i];
        let found = match stage.model {
            ModelName::Given => Ok(given(stage, s, point.rows[0])),
            _ => point_of(stage, s, point).and_then(|c| match stage.model.sphere().zip(stage.of_sphere()) {
                Some((model, sphere)) => of_sphere(stage, model, sphere, &c),
                None => of_pyramid(stage, &c),
            }),
        };
        Some(found.unwrap_or_else(Evaluation::none))
    };
    ordered(points.points.len(), of).into_iter().collect::<Option<Vec<_>>>().ok_or(StageError::Cancelled)
}

/// The curve of a point, as the file has it.
fn point_of(stage: &Indentation, s: &Curves, point: &Point) -> Result<Curve, Unusable> {
    let column = |r: Role| s.get(r).map(|v| point.rows.iter().map(|i| v[*i]).collect::<Vec<f64>>()).unwrap_or_default();
    let (time, load) = (column(Role::Time), column(Role::Load));
    match (s.get(Role::Depth), stage.spring_constant) {
        (None, Some(k)) => Curve::of_height(&time, &load, &column(Role::Height), k.0),
        _ => Curve::new(&time, &load, &column(Role::Depth)),
    }
}

/// A curve that counts from the contact, without drift and frame.
struct ContactCurve {
    curve: Curve,
    contact: Contact,
    drift: f64,
    /// Whether a point at the origin was put before the first sample.
    anchored: bool,
}

fn prepared(stage: &Indentation, c: &Curve) -> Result<ContactCurve, Unusable> {
    let mut c = c.clone();
    if let Some(frame) = stage.frame_compliance.filter(|_| stage.model != ModelName::OliverPharr) {
        c.depth.iter_mut().zip(&c.load).for_each(|(h, p)| *h -= frame.0 * p);
    }
    let mut rate = match stage.drift {
        Drift::Rate(v) => v.0,
        Drift::Rule(DriftRule::Hold) => drift_of_hold(&c)?,
        Drift::Rule(_) => 0.0,
    };
    if !rate.is_finite() {
        rate = 0.0;
    }
    let begin = c.time[0];
    c.depth.iter_mut().zip(&c.time).for_each(|(h, t)| *h -= rate * (t - begin));
    let contact = match stage.contact_point {
        ContactPoint::Zero => Contact::at_zero(&c)?,
        ContactPoint::Found | ContactPoint::Fitted => Contact::find(&c)?,
    };
    let mut curve = c.part(contact.index..c.len());
    let t0 = if stage.contact_point == ContactPoint::Zero { 0.0 } else { curve.time[0] };
    curve.time.iter_mut().for_each(|t| *t -= t0);
    curve.load.iter_mut().for_each(|p| *p -= contact.baseline);
    curve.depth.iter_mut().for_each(|h| *h -= contact.depth[0]);
    // Time and depth count from the contact, which lies before the first sample.
    let anchored = stage.contact_point == ContactPoint::Zero && curve.time[0] > 0.0;
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

fn of_sphere(stage: &Indentation, model: Model, sphere: Sphere, raw: &Curve) -> Result<Evaluation, Unusable> {
    let p = prepared(stage, raw)?;
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
    let whole = stage.parts() == Parts::All;
    let first = match stage.parts() {
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
    let pull_off = stage.pull_off.map_or_else(|| -c.load[held..].iter().copied().fold(0.0, f64::min), |f| f.0);
    let setting = Setting {
        model,
        offset: stage.contact_point == ContactPoint::Fitted,
        drift: stage.drift == Drift::Rule(DriftRule::Fitted),
        pull_off: if adhesive { pull_off } else { 0.0 },
        contact_error: p.contact.depth[1],
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

fn of_pyramid(stage: &Indentation, raw: &Curve) -> Result<Evaluation, Unusable> {
    let p = prepared(stage, raw)?;
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
    let instrument = Instrument {
        frame: stage.frame_compliance.map_or(0.0, |c| c.0),
        area: stage.area.clone(),
        epsilon: stage.epsilon,
        beta: stage.beta,
        ..Instrument::default()
    };
    let zero = Contact { index: 0, baseline: 0.0, noise: 0.0, depth: [0.0; 2] };
    let i = instrument.evaluate(&p.curve, &zero)?;
    let plane = sample_modulus(i.reduced_modulus, stage.indenter_modulus.0);
    let young = stage.poisson.map_or(f64::NAN, |v| plane * (1.0 - v * v));
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

/// A row of a finished table.
fn given(stage: &Indentation, s: &Curves, row: usize) -> Evaluation {
    let value = |r: Role| s.get(r).map(|v| v[row]);
    let failed = |v: f64| !(v > 0.0 && v < NO_SOLID);
    let (modulus, hardness) = (value(Role::Modulus), value(Role::Hardness));
    for (name, v) in [("modulus", modulus), ("hardness", hardness)] {
        if let Some(v) = v.filter(|v| failed(*v)) {
            let flag = if v.is_nan() { Flag::Missing } else { Flag::Damaged };
            let why = if v.is_nan() { format!("there is no {name}") } else { format!("{v:e} Pa is no {name}") };
            return Evaluation::none(Unusable::new(flag, why));
        }
    }
    let (load, depth) = (value(Role::Load).unwrap_or(f64::NAN), value(Role::Depth).unwrap_or(f64::NAN));
    let hardness = hardness.unwrap_or(f64::NAN);
    // The area under load: by hardness, else by the area function at that depth.
    let instrument = Instrument { area: stage.area.clone(), ..Instrument::default() };
    let area = if load > 0.0 && hardness > 0.0 { load / hardness } else { instrument.area_at(depth) };
    Evaluation {
        modulus: modulus.unwrap_or(f64::NAN),
        hardness,
        load,
        depth,
        samples: 1,
        contact_radius: (area / std::f64::consts::PI).sqrt(),
        ..Evaluation::none(Unusable::new(Flag::Good, ""))
    }
}
