//! Maps as they are looked at for peaks: the values themselves, and without the white noise that hides classes.

use std::borrow::Cow;

use ndarray::Array2;
use softspot_data::{Levelling, Map, RowMethod};

use super::choice::{Measure, measures, measures_of_several};
use super::peaks::{PeakTest, Peaks, THIN};
use super::principal::Principal;
use crate::num::parallel::ordered;
use crate::num::quantile::quantile;
use crate::num::random::Stream;
use crate::num::spread::spread;
use crate::num::work::{Cancelled, Work};
use crate::prepare::filter::median_filter;
use crate::prepare::level::level;
use crate::spatial::covariance::CovarianceFit;
use crate::spatial::lines::LineSteps;
use crate::spatial::null::Null;
use crate::spatial::saturation::Saturation;
use crate::spatial::surrogates::SurrogateError;
use crate::spatial::tilt::Tilt;

/// Share of white noise in the variance of normal scores from which on a map is looked at without it as well.
const NOISY: f64 = 0.05;
/// Largest radius of the median filter that takes it away, in pixels: a quarter of the correlation length up to that.
const WIDEST: f64 = 3.0;

/// One map, or one principal component of several, as it is and smoothed.
pub(super) struct View {
    /// Which component.
    component: usize,
    /// Radius of the median filter in pixels, 0 of none.
    pub radius: usize,
    pub peaks: Peaks,
}

/// All views, the raw one of each component first.
pub(super) struct Views {
    views: Vec<View>,
    components: usize,
    /// Level of one test, so that all together err in 5 %.
    level: f64,
    /// Offsets of lines that were taken off.
    pub(super) offsets: Option<LineSteps>,
    /// A slope that was taken off.
    pub(super) tilt: Option<Tilt>,
}

/// The map itself, or the principal components of several; `None` where one is constant.
pub(super) fn components(maps: &[&Map]) -> Option<Vec<Map>> {
    if let [one] = maps {
        return Some(vec![(*one).clone()]);
    }
    let columns: Vec<Vec<f64>> = maps.iter().map(|m| m.values.iter().copied().collect()).collect();
    let first = *maps.first()?;
    let view = |c: Vec<f64>| Some(first.with_values(Array2::from_shape_vec(first.values.dim(), c).ok()?));
    Principal::of(&columns)?.components(&columns).into_iter().map(view).collect()
}

/// Medians of lines.
const BY_LINES: Levelling = Levelling::Rows { row: RowMethod::Median, degree: 0 };
/// A plane.
const BY_PLANE: Levelling = Levelling::Polynomial { degree: [1, 1] };

/// A levelled map where it is to be; as it is where too few pixels tell how.
fn levelled(map: Cow<'_, Map>, wanted: bool, by: Levelling) -> Cow<'_, Map> {
    if !wanted {
        return map;
    }
    let mut values = map.values.clone();
    match level(&mut values, &by) {
        Ok(()) => Cow::Owned(map.with_values(values)),
        Err(_) => map,
    }
}

impl Views {
    /// Looks at components beside `n` fields each, or as many as the number of views needs, and tests their peaks, up to
    /// `most` of them. A slope and lines with offsets of their own are levelled first: no isotropic field has them.
    ///
    /// # Errors
    /// Outer: the user ended the work. Inner: no surrogate can be made of a component.
    pub(super) fn of(
        components: &[Map],
        n: usize,
        most: usize,
        stream: &Stream,
        work: &Work<'_>,
    ) -> Result<Result<Views, SurrogateError>, Cancelled> {
        // As many that the least p of all views can be significant.
        let views_at_most = 2 * components.len();
        let n = n.max((views_at_most as f64 / Null::LEVEL) as usize);
        let (mut views, mut offsets, mut tilt) = (Vec::new(), None, None);
        for (component, map) in components.iter().enumerate() {
            let steps = LineSteps::of(&map.values).filter(LineSteps::are_offsets);
            offsets = offsets.or(steps);
            let slope = Tilt::of(&map.values).filter(Tilt::is_tilt);
            tilt = tilt.or(slope);
            let map = levelled(Cow::Borrowed(map), slope.is_some(), BY_PLANE);
            let map = &levelled(map, steps.is_some(), BY_LINES);
            let stream =
                if components.len() == 1 { *stream } else { stream.role("feature").content([component as f64]) };
            let peaks = match Peaks::of(map, n, &stream, work)? {
                Ok(p) => p,
                Err(e) => return Ok(Err(e)),
            };
            let radius = radius(map, &peaks);
            views.push(View { component, radius: 0, peaks });
            if radius > 0 {
                let smooth = map.with_values(median_filter(&map.values, radius));
                if let Ok(peaks) = Peaks::of(&smooth, n, &stream.role("smoothed"), work)? {
                    views.push(View { component, radius, peaks });
                }
            }
        }
        let level = Null::LEVEL / views.len() as f64;
        views.iter_mut().for_each(|v| v.peaks.test(most, level));
        Ok(Ok(Views { views, components: components.len(), level, offsets, tilt }))
    }

    /// The view that speaks most against one peak, where fields were measured.
    fn foremost(&self) -> Option<(&View, &PeakTest)> {
        let tested = self.views.iter().filter_map(|v| Some((v, v.peaks.tests.first()?)));
        tested.min_by(|a, b| a.1.null.above.total_cmp(&b.1.null.above))
    }

    /// Radius of the filter and tests of the view that speaks most against one peak.
    pub(super) fn tests(&self) -> Option<(usize, &[PeakTest])> {
        self.foremost().map(|(v, _)| (v.radius, v.peaks.tests.as_slice()))
    }

    /// p of one class: the least of the views, times their number.
    pub(super) fn p(&self) -> Option<f64> {
        Some((self.foremost()?.1.null.above * self.views.len() as f64).min(1.0))
    }

    /// Peaks along each component: as many as the raw or the smoothed one shows.
    fn shown(&self) -> Vec<usize> {
        let view =
            |c: usize| self.views.iter().filter(move |v| v.component == c).map(|v| v.peaks.number(self.level)).max();
        (0..self.components).map(|c| view(c).unwrap_or(1)).collect()
    }

    /// Fewest and most classes that so many peaks along each component make.
    pub(super) fn range(&self) -> [usize; 2] {
        let shown = self.shown();
        [shown.iter().copied().max().unwrap_or(1), shown.iter().product()]
    }

    /// Numbers of classes that the fields of the foremost view would answer by themselves.
    pub(super) fn answers(&self) -> Vec<usize> {
        let Some((view, first)) = self.foremost() else { return Vec::new() };
        let bounds: Vec<f64> =
            view.peaks.tests.iter().map(|t| quantile(&mut t.of_fields.clone(), 1.0 - self.level)).collect();
        let answer = |i: usize| {
            let beyond = view.peaks.tests.iter().zip(&bounds).take_while(|(t, bound)| t.of_fields[i] > **bound);
            1 + beyond.count()
        };
        (0..first.of_fields.len()).map(answer).collect()
    }

    /// What numbers of classes make of the one component, in the bins that its fields are measured in; `None` of several.
    pub(super) fn measures_of_map(&self, ks: &[usize]) -> Option<Vec<Measure>> {
        if self.components > 1 { None } else { measures(&self.views.first()?.peaks.groups(), ks) }
    }

    /// How many views there are.
    pub(super) fn len(&self) -> usize {
        self.views.len()
    }

    /// What numbers of classes make of the fields, which have the values of one class.
    pub(super) fn measures_of_fields(&self, ks: &[usize], stream: &Stream) -> Vec<Vec<Measure>> {
        let raw: Vec<&Peaks> = self.views.iter().filter(|v| v.radius == 0).map(|v| &v.peaks).collect();
        let all: Vec<Option<Vec<Measure>>> = match raw.as_slice() {
            [one] => {
                let fields = one.fields_of_one_peak();
                ordered(fields.len(), |i| measures(&fields[i], ks))
            }
            _ => {
                let points: Vec<Vec<Vec<f64>>> = raw.iter().map(|p| p.points_of_one_peak()).collect();
                let field = |i: usize| points.iter().map(|p| p[i].clone()).collect::<Vec<_>>();
                ordered(points.first().map_or(0, Vec::len), |i| measures_of_several(&field(i), ks, stream))
            }
        };
        all.into_iter().flatten().collect()
    }

    /// What the first component has cut off.
    pub(super) fn saturation(&self) -> Saturation {
        self.views.first().map_or(Saturation::default(), |v| v.peaks.saturation())
    }

    /// The covariance of the first component.
    pub(super) fn fitted(&self) -> Option<&CovarianceFit> {
        self.views.first()?.peaks.fitted.as_ref()
    }
}

/// Some pixels of a component, the same as of its fields.
pub(super) fn points(map: &Map) -> Vec<f64> {
    let z = map.values.as_slice().unwrap_or_default();
    spread(z.len(), THIN).into_iter().map(|i| z[i]).collect()
}

/// Radius of the median filter that takes the white noise of a map away and leaves its structure; 0 where there is none.
fn radius(map: &Map, peaks: &Peaks) -> usize {
    let Some((f, pixel)) = peaks.fitted.as_ref().zip(map.pixel) else { return 0 };
    let c = &f.covariance;
    let noise = c.noise.powi(2) / (c.sigma.powi(2) + c.noise.powi(2));
    let quarter = (0.25 * c.xi / pixel[0].max(pixel[1])).round();
    if noise < NOISY { 0 } else { quarter.clamp(0.0, WIDEST) as usize }
}
