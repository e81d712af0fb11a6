//! Curves of structure functions.

use crate::data::{Map, Table, Volume};
use crate::reduce::lengths::VolumeLengths;
use crate::spatial::lengths::{Lengths, MapLengths};
use crate::spatial::structure_function::Curve;
use crate::stage::tables::StructureCurve;

/// H(r) of a map by direction and lag, with model and band.
pub(super) fn map_curves(map: &Map, found: &MapLengths) -> Table {
    let mut out = StructureCurve { units: vec![map.unit.squared()], ..StructureCurve::default() };
    let band = found.bootstrap.as_ref().map(|b| b.band.as_slice()).unwrap_or_default();
    let (sf, none) = (&found.functions, |_| f64::NAN);
    add(&mut out, "radial", &sf.radial, band, fitted(&found.lengths));
    add(&mut out, "fast", &sf.fast, &[], none);
    add(&mut out, "slow", &sf.slow, &[], none);
    for (k, sector) in sf.sectors.iter().enumerate() {
        let angle = 180.0 * k as f64 / sf.sectors.len() as f64;
        add(&mut out, &format!("{angle} deg"), sector, &[], none);
    }
    out.table()
}

/// H(r) of a volume by direction and lag, with model.
pub(super) fn volume_curves(volume: &Volume, found: &VolumeLengths) -> Table {
    let mut out = StructureCurve { units: vec![volume.unit.squared()], ..StructureCurve::default() };
    let along = ["x", "y", "z"].into_iter().zip(&found.axes);
    for (name, curve) in [("radial", &found.radial)].into_iter().chain(along) {
        add(&mut out, name, curve, &[], fitted(&found.lengths));
    }
    out.table()
}

/// The fitted model as far as it was fitted.
fn fitted(lengths: &Lengths) -> impl Fn(f64) -> f64 {
    let (c, end) = (lengths.fitted.covariance, lengths.r_max * (1.0 + 1e-9));
    move |r| if r <= end { c.structure(r) } else { f64::NAN }
}

fn add(out: &mut StructureCurve, direction: &str, curve: &Curve, band: &[[f64; 2]], model: impl Fn(f64) -> f64) {
    for i in 0..curve.r.len() {
        let [low, high] = band.get(i).copied().unwrap_or([f64::NAN; 2]);
        out.direction.push(direction.to_string());
        out.lag.push(curve.lag[i] as f64);
        out.r.push(curve.r[i]);
        out.h.push(curve.h[i]);
        out.pairs.push(curve.pairs[i]);
        out.model.push(model(curve.r[i]));
        out.band_low.push(low);
        out.band_high.push(high);
    }
}
