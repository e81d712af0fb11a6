//! What counts of boxes say, as rows, a table and warnings.

use crate::data::{Metric, Standing, Table, Warning};
use crate::reduce::dimension::{Dimension, Fit, Masses, SetNull, Setting};
use crate::stage::null::{NO_VALUE, Side, likeness, p_row, rows};
use crate::stage::tables::BoxCounts;
use crate::unit::Unit;

/// Metrics and warnings; `pixels` are all there are, valid or not.
pub(super) fn report(found: &Dimension, setting: &Setting, pixels: u64) -> (Vec<Metric>, Vec<Warning>) {
    let mut metrics = dimension(found, setting);
    metrics.push(Metric::number("space", found.counts.space, ""));
    metrics.push(Metric::number("fraction", found.fraction(), "").n(found.valid as f64));
    if let Some(m) = &found.masses {
        metrics.extend(masses(found, m));
    }
    let mut warnings = Vec::new();
    match &found.null {
        None => {}
        Some(Err(why)) => metrics.extend(rows("d_f", "", f64::NAN, Err(why), Side::Both, "")),
        Some(Ok(null)) => {
            metrics.extend(null_rows(found, null));
            warnings.extend(likeness(&null.fitted, "set"));
        }
    }
    if found.valid < pixels {
        warnings.push(Warning::new(
            "invalid-pixels",
            format!("{} invalid pixels are in no box", pixels - found.valid),
            "boxes at their edge are cut; crop them away where that matters",
        ));
    }
    (metrics, warnings)
}

fn missing(name: &str, unit: &str, why: &str) -> Metric {
    Metric { unit: Unit::of(unit), ..Metric::missing(name, why) }
}

/// The dimension with its range, or why there is none.
fn dimension(found: &Dimension, setting: &Setting) -> Vec<Metric> {
    let plateau = Metric::text("plateau", if found.plateau { "yes" } else { "no" });
    let s = match &found.scaling {
        Ok(s) => s,
        Err(why) => {
            let why = why.to_string();
            let names =
                [("d_f", ""), ("d_f_low", "nm"), ("d_f_high", "nm"), ("n0", ""), ("r2", ""), ("xi_fractal", "nm")];
            return names.map(|(name, unit)| missing(name, unit, &why)).into_iter().chain([plateau]).collect();
        }
    };
    let size = |k: usize| found.counts.sizes[k] * found.step;
    let points = (s.range[1] - s.range[0] + 1) as f64;
    let mut d = Metric::number("d_f", s.d, "").n(points);
    d = match &found.interval {
        Some(Ok([low, high])) => d.interval(*low, *high),
        Some(Err(why)) => d.note(why),
        None => d,
    };
    if setting.fit != Fit::Plateau && !found.plateau {
        d = d
            .standing(Standing::GuideOnly, "no plateau: a slope over these sizes, which a featureless set has as well");
    }
    if !matches!(&found.null, Some(Ok(null)) if null.p.is_some()) {
        d = d.standing(Standing::GuideOnly, "not compared with featureless sets, some of which have a plateau as well");
    }
    vec![
        d,
        Metric::number("d_f_low", size(s.range[0]), "nm"),
        Metric::number("d_f_high", size(s.range[1]), "nm"),
        Metric::number("n0", s.n0, ""),
        Metric::number("r2", s.r2, "").n(points).note("all sizes see the same pixels: no evidence of scaling"),
        match found.crossover {
            Some(xi) => Metric::number("xi_fractal", xi * found.step, "nm"),
            None => missing("xi_fractal", "nm", "the counts show no crossover to compact"),
        },
        plateau,
    ]
}

/// D₁, D₂, lacunarity and the mass within a distance.
fn masses(found: &Dimension, m: &Masses) -> Vec<Metric> {
    let mut out = Vec::new();
    let points = found.scaling.as_ref().map_or(0, |s| s.range[1] - s.range[0] + 1);
    for (k, name) in ["d_1", "d_2"].into_iter().enumerate() {
        out.push(match (m.generalised.map(|g| g[k]), &found.scaling) {
            (Some(Some(d)), _) => Metric::number(name, d, "").n(points as f64),
            (_, Err(why)) => Metric::missing(name, &why.to_string()),
            _ => Metric::missing(name, "the masses of boxes do not scale"),
        });
    }
    out.push(match m.gliding.get(m.gliding.len() / 2) {
        None => Metric::missing("lacunarity", "no size is at most a quarter of the shortest side"),
        Some(g) => {
            let note = format!("boxes of {} pixels; other sizes in the table", g.size);
            Metric::number("lacunarity", g.lacunarity, "").n(g.places as f64).note(&note)
        }
    });
    out.push(match &m.within {
        Err(why) => Metric::missing("d_mass", why),
        Ok(w) => Metric::number("d_mass", w.d, "").n(w.seeds as f64).note(&format!(
            "no null; region {}, radii of {} to {} pixels around {} of its voxels",
            w.region, w.radii[0], w.radii[1], w.seeds
        )),
    });
    out
}

/// The dimension beside those of featureless sets.
fn null_rows(found: &Dimension, null: &SetNull) -> Vec<Metric> {
    // A plateau that was refuted is no dimension, but what it was compared with is said.
    let d = match (&found.scaling, &null.refuted) {
        (Ok(s), _) => null.own.unwrap_or(s.d),
        (Err(_), Some(crate::reduce::dimension::NoScaling::NotItsOwn { d, .. })) => *d,
        (Err(why), _) => return rows("d_f", "", f64::NAN, Err(&why.to_string()), Side::Both, "").into(),
    };
    let sides = null.shape.map(|n| n.to_string()).join(" × ");
    let note = format!(
        "{} featureless sets of {sides} pixels, ξ = {:.3e} m; {} of them have a plateau",
        null.made, null.fitted.covariance.xi, null.plateaus
    );
    let mut out = rows("d_f", "", d, null.dimension.ok_or(NO_VALUE), Side::Both, &note);
    if let Some(p) = null.p {
        out[2] = p_row("d_f", p, null.made);
    }
    out.into()
}

/// One row a size.
pub(super) fn table(found: &Dimension) -> Table {
    let c = &found.counts;
    let n = c.sizes.len();
    let mut slope = c.slopes();
    slope.resize(n, f64::NAN);
    let null = found.null.as_ref().and_then(|n| n.as_ref().ok());
    let band = |side: usize| -> Vec<f64> {
        (0..n).map(|k| null.and_then(|n| n.slopes.get(k)).map_or(f64::NAN, |b| b[side])).collect()
    };
    let fitted = |k: usize| match &found.scaling {
        Ok(s) if (s.range[0]..=s.range[1]).contains(&k) => s.n0 * libm::pow(c.sizes[k], -s.d),
        _ => f64::NAN,
    };
    let gliding = found.masses.as_ref().map(|m| m.gliding.as_slice()).unwrap_or_default();
    let lacunarity = |k: usize| gliding.iter().find(|g| g.size as f64 == c.sizes[k]).map_or(f64::NAN, |g| g.lacunarity);
    BoxCounts {
        size: c.sizes.clone(),
        length: c.sizes.iter().map(|s| s * found.step).collect(),
        count: c.counts.clone(),
        boxes: c.most.clone(),
        slope,
        slope_null_low: band(0),
        slope_null_high: band(1),
        fit: (0..n).map(fitted).collect(),
        lacunarity: (0..n).map(lacunarity).collect(),
        units: Vec::new(),
    }
    .table()
}
