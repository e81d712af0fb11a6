//! `pattern`: the power spectrum as an image; `radial`: its mean over rings with the null.

use super::{Panels, Plot, PlotDoc, Request};
use crate::data::Kind;
use crate::figure::plot::{Cloud, Map as Drawing, Quantity};
use crate::spatial::null::Null;
use crate::stage::StageError;
use crate::stage::tables::RadialSpectrum;
use crate::unit::{Unit, display};

pub(super) struct Pattern;
pub(super) struct Radial;

/// Decades below the highest power that are shown.
const DECADES: f64 = 4.0;

const CAPTION: &str = "Power spectra around zero frequency, as far as there is power to be seen; isotropic: neither harmonic is above \
                       those of isotropic surrogates.";

impl Plot for Pattern {
    fn doc(&self) -> &'static PlotDoc {
        &PlotDoc {
            id: "pattern",
            about: "power spectrum as an image, logarithmic, zero frequency in the middle",
            kinds: &[Kind::Map],
            of: Some("pattern"),
            each: true,
        }
    }

    fn draw(&self, request: &Request<'_>) -> Result<Panels, StageError> {
        let mut panels = Vec::new();
        for i in request.samples {
            let map = request.map(*i)?;
            let top = map.values.iter().copied().filter(|v| v.is_finite()).fold(0.0, f64::max);
            let shown = |v: &f64| libm::log10((v / top).max(1e-300)).max(-2.0 * DECADES);
            let [rows, columns] = map.shape();
            // Only as far from the middle as there is power to be seen.
            let seen = |y: usize, x: usize| map.values[[y, x]] > top * libm::pow(10.0, -DECADES);
            let off = |y: usize, x: usize| {
                let part = |i: usize, n: usize| (i as f64 - (n / 2) as f64).abs() / (n / 2) as f64;
                part(y, rows).max(part(x, columns))
            };
            let places = (0..rows).flat_map(|y| (0..columns).map(move |x| (y, x)));
            let reach = places.filter(|(y, x)| seen(*y, *x)).map(|(y, x)| off(y, x)).fold(0.05, f64::max).min(1.0);
            let span = |n: usize| {
                let half = (((n / 2) as f64 * reach).ceil() as usize).min(n / 2);
                n / 2 - half..(n / 2 + half + 1).min(n)
            };
            let (down, across) = (span(rows), span(columns));
            let cut = map.values.slice(ndarray::s![down.clone(), across.clone()]);
            let values = cut.iter().map(shown).collect();
            // Square in frequency: a pixel of the spectrum is as wide as high where the map's sides are equal.
            let pixel = [columns as f64, rows as f64];
            let quantity = Quantity::new("log_{10} P/P_{max}", Unit::none());
            let mut d = Drawing::new(values, [down.len(), across.len()], pixel, quantity);
            d.bar = Some(i) == request.samples.last();
            d.range = crate::figure::plot::map::Range::Fixed(-DECADES, 0.0);
            d.scale_bar = false;
            d.name = Some(request.name(*i));
            let c = |m: &str| request.metric(*i, m).and_then(|m| m.as_number());
            let p = [c("c_2_p"), c("c_4_p")];
            let isotropic = p.iter().all(|p| p.is_some_and(|p| !Null::stands(p)));
            d.verdict = isotropic.then(|| "isotropic".to_string());
            panels.push(d.draw()?);
        }
        Ok(Panels { panels, caption: CAPTION.into() })
    }
}

impl Plot for Radial {
    fn doc(&self) -> &'static PlotDoc {
        &PlotDoc {
            id: "radial",
            about: "power spectrum averaged over rings with the band of isotropic surrogates",
            kinds: &[Kind::Table],
            of: Some("pattern"),
            each: true,
        }
    }

    fn draw(&self, request: &Request<'_>) -> Result<Panels, StageError> {
        let mut panels = Vec::new();
        for i in request.samples {
            let RadialSpectrum { k, power, null_low: low, null_high: high, .. } = request.rows(*i)?;
            let top = power.iter().copied().fold(0.0, f64::max);
            let zip = k.iter().zip(&power).map(|(k, p)| [*k, p / top]).collect();
            let null = k.iter().zip(low.iter().zip(&high)).map(|(k, (a, b))| [*k, a / top, b / top]).collect();
            let number = |m: &str| request.metric(*i, m).and_then(|m| m.as_number());
            let notes = ["2", "4"].iter().filter_map(|m| {
                let (c, p) = (number(&format!("c_{m}"))?, number(&format!("c_{m}_p"))?);
                let n = |v: f64, d: usize| display::significant(v, d);
                Some(format!("c_{{{m}}}\u{a0}=\u{a0}{}, p\u{a0}=\u{a0}{}", n(c, 2), n(p, 2)))
            });
            let panel = Cloud {
                x: Quantity::new("k/2π", Unit::of("1/m")),
                y: Quantity::new("P/P_{max}", Unit::none()),
                points: zip,
                curves: Vec::new(),
                null,
                data: "mean over rings".into(),
                log: [true, true],
                notes: notes.collect(),
                verdict: None,
                series: *i,
            };
            panels.push(panel.draw()?.with_name(request.name(*i)));
        }
        Ok(Panels { panels, caption: "Radial mean of the power spectra; grey: 95 % of isotropic surrogates.".into() })
    }
}
