//! How many classes maps have, against correlated fields that have one (METHODS §8, §13).

use softspot_data::Map;

use super::Setting;
use super::choice::{Candidate, candidates, chosen, measures, measures_of_several};
use super::groups::Groups;
use super::peaks::PeakTest;
use super::views::{Views, components, points};
use crate::num::random::Stream;
use crate::num::work::{Cancelled, Work};
use crate::spatial::covariance::CovarianceFit;
use crate::spatial::lines::LineSteps;
use crate::spatial::patches::Patches;
use crate::spatial::saturation::Saturation;
use crate::spatial::tilt::Tilt;

/// Groups of equal number that the values of one map are compared in.
const GROUPS: usize = 512;

/// Fields of one class, and what they say of the maps.
#[derive(Clone, Debug)]
pub struct Fields {
    /// How many were measured.
    pub made: usize,
    /// The covariance of the first map, or of the first principal component.
    pub fitted: Option<CovarianceFit>,
    /// Principal components; 1 of one map.
    pub components: usize,
    /// p of one class.
    pub p: f64,
    /// Peaks that stand out, along the component that has most.
    pub shown: usize,
    /// Numbers of classes that the fields would answer.
    pub answers: Vec<usize>,
    /// Tests of at most 1, 2, … peaks where the maps speak most against one.
    pub tests: Vec<PeakTest>,
    /// In how many views – components, smoothed and not – peaks were sought: a p of one counts so many times.
    pub views: usize,
    /// Offsets of lines that were taken off before.
    pub offsets: Option<LineSteps>,
    /// A slope that was taken off before peaks were sought.
    pub tilt: Option<Tilt>,
    /// Radius of the median filter there in pixels, 0 of none.
    pub radius: usize,
    /// What one map has cut off: the fields lack it alike.
    pub saturation: Saturation,
    /// Separations of as many classes in the fields.
    pub separations: Vec<f64>,
}

/// The number of classes with what speaks for it.
pub struct Verdict {
    /// The number.
    pub k: usize,
    /// What was compared; empty where the values have no spread, or one class was asked for.
    pub candidates: Vec<Candidate>,
    /// Correlation of the first map, for blocks and numbers of independent patches.
    pub patches: Option<Patches>,
    /// Independent patches.
    pub independent: f64,
    /// The fields, or why there are none.
    pub fields: Result<Fields, String>,
}

impl Verdict {
    /// Of co-registered maps: the number of classes that the setting gives, or as many as have peaks of their own.
    ///
    /// # Errors
    /// [`Cancelled`].
    pub fn of(setting: &Setting, maps: &[&Map], stream: &Stream, work: &Work<'_>) -> Result<Verdict, Cancelled> {
        let ks = setting.compared();
        let pixels = maps.first().map_or(0.0, |m| m.values.iter().filter(|v| v.is_finite()).count() as f64);
        let patches = maps.first().and_then(|m| Patches::of(m));
        let independent = patches.as_ref().zip(maps.first()).map_or(pixels, |(p, m)| p.independent(m));
        let mut out = Verdict {
            k: setting.classes.unwrap_or(1),
            candidates: Vec::new(),
            patches,
            independent,
            fields: Err("one class was asked for".into()),
        };
        if ks.len() < 2 {
            return Ok(out);
        }
        let choice = stream.role("choice");
        let (components, own) = match components(maps) {
            Some(c) if c.len() == 1 => {
                let mut values = c[0].valid();
                values.sort_unstable_by(f64::total_cmp);
                let own = Groups::of(&values, GROUPS).and_then(|g| measures(&g.groups, &ks));
                (c, own)
            }
            Some(c) => {
                let own = measures_of_several(&c.iter().map(points).collect::<Vec<_>>(), &ks, &choice);
                (c, own)
            }
            None => (Vec::new(), None),
        };
        let Some(own) = own else {
            out.fields = Err("the values have no spread of their own".into());
            return Ok(out);
        };
        let d = components.len();
        let parameters = 1.0 + d as f64 + (d * (d + 1)) as f64 / 2.0;
        let most = setting.classes.unwrap_or(setting.most) - 1;
        let views = match setting.surrogates {
            0 => Err("no surrogates were asked for".to_string()),
            n => Views::of(&components, n, most, stream, work)?.map_err(|e| e.to_string()),
        };
        let made = views.as_ref().map_or(Vec::new(), |v| v.measures_of_fields(&ks, &choice));
        let own = views.as_ref().ok().and_then(|v| v.measures_of_map(&ks)).unwrap_or(own);
        out.candidates = candidates(&ks, &own, &made, independent, parameters);
        let [fewest, most] = views.as_ref().map_or([1, setting.most], Views::range);
        if setting.classes.is_none() {
            out.k = chosen(&out.candidates, fewest, most).unwrap_or(1);
        }
        let at = ks.iter().position(|k| *k == out.k).filter(|at| *at > 0);
        let of_views = |v: Views| {
            let (radius, tests) = v.tests().ok_or("too few surrogates gave a value")?;
            Ok(Fields {
                made: tests.first().map_or(0, |t| t.null.n),
                fitted: v.fitted().cloned(),
                components: d,
                p: v.p().unwrap_or(1.0),
                shown: fewest,
                answers: v.answers(),
                tests: tests.to_vec(),
                views: v.len(),
                offsets: v.offsets,
                tilt: v.tilt,
                radius,
                saturation: v.saturation(),
                separations: at.map_or(Vec::new(), |at| made.iter().map(|m| m[at].separation).collect()),
            })
        };
        out.fields = views.and_then(of_views);
        Ok(out)
    }

    /// p of one class, where fields of one class were measured.
    pub fn p(&self) -> Option<f64> {
        self.fields.as_ref().ok().map(|f| f.p)
    }
}
