//! How many independent patches a map holds: its area over the correlation area of its covariance.

use super::covariance::{Covariance, Model, fit};
use super::structure_function::{Curve, Request, fitted_range, structure_function};
use softspot_data::Map;

/// The covariance of a map as it stands, with a nugget and its bias left in.
pub struct Patches {
    /// Fitted as far as [`fitted_range`] says.
    pub covariance: Covariance,
    /// Correlation of direct neighbours and the number of their pairs.
    pub neighbour: (f64, f64),
}

impl Patches {
    /// Of a map; `None` without a pixel size, a structure function or a fit.
    pub fn of(map: &Map) -> Option<Patches> {
        let pixel = map.pixel?;
        let request = Request { pixel, r_max: fitted_range(map.shape(), pixel), sectors: 0, plane: false };
        let sf = structure_function(map.values.view(), &request).ok()?;
        let covariance = fit(&sf.radial, Model::SelfAffine, true, request.r_max).ok()?.covariance;
        let total = covariance.sigma.powi(2) + covariance.noise.powi(2);
        let first = |c: &Curve| Some((1.0 - c.h.first()? / (2.0 * total), *c.pairs.first()?));
        let (fast, slow) = (first(&sf.fast)?, first(&sf.slow)?);
        let pairs = fast.1 + slow.1;
        Some(Patches { covariance, neighbour: ((fast.0 * fast.1 + slow.0 * slow.1) / pairs, pairs) })
    }

    /// Valid area over the correlation area, at most the number of valid pixels.
    pub fn independent(&self, map: &Map) -> f64 {
        let pixels = map.values.iter().filter(|v| v.is_finite()).count() as f64;
        let area = map.pixel.map_or(0.0, |p| p[0] * p[1]) * pixels;
        (area / self.covariance.correlation_area()).clamp(1.0, pixels)
    }
}
