//! What is said of the peaks of one frequency.

use crate::data::{Metric, Standing, Warning};
use crate::num::quantile::quantile;
use crate::relax::loss::LossCurve;
use crate::relax::peaks::{Beta, BetaClass, Peaks};
use crate::relax::resample::PeakIntervals;

/// T_α/T_g of glasses: at frequencies of DMA the peak lies within a tenth above T_g.
const NEAR_TG: [f64; 2] = [0.85, 1.3];
/// 0 °C, K.
const ICE: f64 = 273.15;

/// What is doubtful; `tg` is that of the sample, K.
pub(super) fn warnings(
    curve: &LossCurve,
    p: &Peaks,
    interval: Option<&PeakIntervals>,
    tg: Option<f64>,
) -> Vec<Warning> {
    let mut out = Vec::new();
    if curve.frequency.is_nan() {
        out.push(Warning::new(
            "no-frequency",
            "the table has no frequency column",
            "name it in `columns`; an activation energy needs it",
        ));
    }
    if p.alpha_at_edge {
        out.push(Warning::new(
            "peak-at-edge",
            format!("E″ is highest at the last temperature measured, {:.1} K", p.alpha.temperature),
            "measure beyond the α peak: E″max and every normalised value rest on it",
        ));
    }
    if let Err(why) = &p.beta {
        out.push(Warning::new("no-flank", why.to_string(), "T_α and E″max stand"));
    }
    if let Some(b) = p.beta.as_ref().ok().filter(|b| b.misfit > MISFIT) {
        out.push(Warning::new(
            Standing::ModelRejected.words(),
            format!(
                "an α flank and a symmetric β process leave {:.0} % of the height of β beyond noise; its intervals allow for that",
                100.0 * b.misfit
            ),
            "look at the curve: a third process, a step between runs, or an asymmetric β",
        ));
    }
    out.extend(tg.and_then(|tg| far_off(p.alpha.temperature, tg)));
    out.extend(gaps(curve));
    if let (Some(i), Some(class)) = (interval.filter(|i| i.same_class < 0.9), p.class()) {
        out.push(Warning::new(
            "class-unsure",
            format!(
                "with fresh noise the β class stays `{}` in {:.0} % of the curves only",
                class.name(),
                100.0 * i.same_class
            ),
            "reduce the noise of the measurement before building on the class",
        ));
    }
    out
}

/// A T_α that cannot be that of a glass of this T_g.
fn far_off(t_alpha: f64, tg: f64) -> Option<Warning> {
    let near = |t: f64| (NEAR_TG[0]..NEAR_TG[1]).contains(&(t / tg));
    if !(tg > 0.0) || near(t_alpha) {
        return None;
    }
    let hint = match () {
        () if near(t_alpha + ICE) => {
            "the temperatures look like °C named K: columns = { temperature = { name = \"…\", unit = \"°C\" } }"
        }
        () if near(t_alpha - ICE) => "the temperatures look like K named °C: check the unit of the column",
        () => "check the unit of the temperatures and `tg` of the sample",
    };
    Some(Warning::new("tg-far-off", format!("T_α = {t_alpha:.1} K is {:.2} T_g of this sample", t_alpha / tg), hint))
}

/// Steps of temperature many times the usual one: what lies between is not seen.
fn gaps(curve: &LossCurve) -> Option<Warning> {
    const WIDE: f64 = 8.0;
    const OF_RANGE: f64 = 0.05;
    let t = &curve.temperature;
    let range = t[t.len() - 1] - t[0];
    let mut steps: Vec<f64> = t.windows(2).map(|w| w[1] - w[0]).collect();
    let usual = quantile(&mut steps, 0.5);
    let wide = t.windows(2).filter(|w| w[1] - w[0] > (WIDE * usual).max(OF_RANGE * range));
    let list: Vec<String> = wide.map(|w| format!("{:.1} to {:.1} K", w[0], w[1])).collect();
    (!list.is_empty()).then(|| {
        let hint = "a peak or a class in a gap is a guess; measure there";
        Warning::new("gaps", format!("no points from {}", list.join(", ")), hint)
    })
}

/// Rows of one frequency.
pub(super) fn metrics(curve: &LossCurve, p: &Peaks, i: Option<&PeakIntervals>) -> Vec<Metric> {
    let n = curve.temperature.len() as f64;
    let with = |m: Metric, i: Option<[f64; 2]>| i.map_or_else(|| m.clone(), |[a, b]| m.clone().interval(a, b)).n(n);
    let frequency = if curve.frequency.is_finite() {
        Metric::number("frequency", curve.frequency, "Hz")
    } else {
        Metric::missing("frequency", "the table has no frequency column")
    };
    let edge = if p.alpha_at_edge { "the α peak may lie beyond the range measured" } else { "" };
    let mut out = vec![
        frequency,
        with(Metric::number("t_alpha", p.alpha.temperature, "K").note(edge), i.map(|i| i.alpha)),
        Metric::number("e_loss_max", p.alpha.height, "Pa").n(n).note(edge),
    ];
    let unrelaxed = curve.unrelaxed();
    match &p.beta {
        Ok(b) => out.extend(of_beta(b, p.alpha.height, unrelaxed, i, &with)),
        Err(why) => {
            let names = ["t_beta", "beta_intensity", "beta_area", "beta_class", "beta_intensity_absolute"];
            out.extend(names.map(|m| Metric::missing(m, &why.to_string())));
        }
    }
    match p.beta_prime {
        Some(f) => {
            out.push(with(Metric::number("t_beta_prime", f.temperature, "K"), i.and_then(|i| i.beta_prime)));
            out.push(Metric::number("beta_prime_intensity", f.height / p.alpha.height, "").n(n));
        }
        None => {
            let why = "there is no maximum below 0.55 T_α";
            out.extend(["t_beta_prime", "beta_prime_intensity"].map(|m| Metric::missing(m, why)));
        }
    }
    out.push(match curve.limit.is_finite() {
        true => Metric::number("t_x", curve.limit, "K").n(n),
        false => Metric::missing("t_x", "no crystallisation shows: E′ does not rise again, nor is there a maximum above α that stays with frequency"),
    });
    match unrelaxed {
        Some(e) => {
            out.push(Metric::number("e_u", e, "Pa"));
            out.push(Metric::number("alpha_intensity_absolute", p.alpha.height / e, "").n(n).note(edge));
        }
        None => out.extend(["e_u", "alpha_intensity_absolute"].map(|m| Metric::missing(m, NO_STORAGE))),
    }
    out
}

/// Why a class has no numbers.
const UNFITTED: &str = "no fit of an α flank and a symmetric β process at once describes the curve below 60 % of E″max";
/// Part of its height that a fit of β may leave before it is said.
const MISFIT: f64 = 0.05;

const NO_STORAGE: &str = "the table has no storage modulus";

fn of_beta(
    b: &Beta,
    alpha: f64,
    unrelaxed: Option<f64>,
    i: Option<&PeakIntervals>,
    with: &dyn Fn(Metric, Option<[f64; 2]>) -> Metric,
) -> Vec<Metric> {
    let unfitted = !b.intensity.is_finite();
    let unfitted_note = Standing::CannotBeTold.note(UNFITTED);
    let t_beta = match b.peak {
        Some(peak) => with(Metric::number("t_beta", peak.temperature, "K"), i.and_then(|i| i.beta)),
        None if unfitted => Metric::missing("t_beta", &unfitted_note),
        None => {
            let class = b.class.name();
            Metric::missing(
                "t_beta",
                &format!("the β relaxation is of class `{class}`: it has no temperature of its own"),
            )
        }
    };
    let agree = i.map_or_else(String::new, |i| format!("{:.0} % of the resampled curves agree", 100.0 * i.same_class));
    let none = match b.class {
        BetaClass::None => "no excess beyond noise",
        BetaClass::Wing => "no interval: the excess over a straight α flank, which is less than the β process",
        _ => "",
    };
    let intensity = i.and_then(|i| i.intensity);
    let known =
        |m: Metric, i: Option<[f64; 2]>| if unfitted { Metric::missing(&m.name, &unfitted_note) } else { with(m, i) };
    vec![
        t_beta,
        known(Metric::number("beta_intensity", b.intensity, "").note(none), intensity),
        known(Metric::number("beta_area", b.area.max(0.0), ""), i.and_then(|i| i.area)),
        with(Metric::text("beta_class", b.class.name()).note(&agree), None),
        match unrelaxed {
            Some(e) => {
                let m = Metric::number("beta_intensity_absolute", b.intensity * alpha / e, "").note(none);
                known(m, intensity.map(|i| i.map(|v| v * alpha / e)))
            }
            None => Metric::missing("beta_intensity_absolute", NO_STORAGE),
        },
    ]
}
