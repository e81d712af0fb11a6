//! How many classes maps have, against correlated fields that have one (METHODS §8, §13).

use ndarray::Array2;
use softspot_data::Map;

use super::Setting;
use super::choice::{Choice, Measure, choose, measures, measures_of_several, taken};
use super::principal::Principal;
use crate::num::parallel::ordered;
use crate::num::random::Stream;
use crate::num::work::{Cancelled, Work};
use crate::spatial::covariance::CovarianceFit;
use crate::spatial::null::Null;
use crate::spatial::patches::Patches;
use crate::spatial::surrogates::{Kind, SurrogateError, Surrogates};

/// Gaussian fields of one class.
#[derive(Clone, Debug)]
pub struct Fields {
    /// How many were measured.
    pub made: usize,
    /// The covariance of the first map, or of the first principal component.
    pub fitted: Option<CovarianceFit>,
    /// Principal components; 1 of one map.
    pub components: usize,
}

/// The number of classes with what speaks for it.
pub struct Verdict {
    /// The number.
    pub k: usize,
    /// What was compared; `None` where the values have no spread, or one class was asked for.
    pub choice: Option<Choice>,
    /// Correlation of the first map, for blocks and numbers of independent patches.
    pub patches: Option<Patches>,
    /// Independent patches.
    pub independent: f64,
    /// Separations of the classes that fields of one class show.
    pub separations: Vec<f64>,
    /// The fields, or why there are none.
    pub fields: Result<Fields, String>,
}

impl Verdict {
    /// Of co-registered maps: the number of classes that the setting gives, or the one that fields of one class do not gain
    /// as much by.
    ///
    /// # Errors
    /// [`Cancelled`].
    pub fn of(setting: &Setting, maps: &[&Map], stream: &Stream, work: &Work<'_>) -> Result<Verdict, Cancelled> {
        let ks = setting.compared();
        let pixels = maps.first().map_or(0.0, |m| m.values.iter().filter(|v| v.is_finite()).count() as f64);
        let patches = maps.first().and_then(|m| Patches::of(m));
        let n = patches.as_ref().zip(maps.first()).map_or(pixels, |(p, m)| p.independent(m));
        let d = maps.len() as f64;
        let parameters = 1.0 + d + d * (d + 1.0) / 2.0;
        let mut out = Verdict {
            k: setting.classes.unwrap_or(1),
            choice: None,
            patches,
            independent: n,
            separations: Vec::new(),
            fields: Err("the values have no spread".into()),
        };
        if ks.len() < 2 {
            out.fields = Err("one class was asked for".into());
            return Ok(out);
        }
        let (of, made, fields) = match maps {
            [one] => self_and_surrogates(setting, one, &ks, stream, work)?,
            _ => together_and_surrogates(setting, maps, &ks, stream, work)?,
        };
        let Some(of) = of else { return Ok(out) };
        out.fields = fields;
        let choice = choose(&ks, &of, &made, n, parameters);
        if setting.classes.is_none() {
            out.k = choice.k;
        }
        if let Some(at) = ks.iter().position(|k| *k == out.k).filter(|at| *at > 0) {
            out.separations = made.iter().map(|m| m[at].separation).collect();
        }
        out.choice = Some(choice);
        Ok(out)
    }

    /// Where what the classes gain stands among fields of one class.
    pub fn null(&self) -> Option<&Null> {
        self.choice.as_ref()?.null.as_ref()
    }
}

/// Measures of the maps and of each field, and what the fields are or why there are none.
type Comparison = (Option<Vec<Measure>>, Vec<Vec<Measure>>, Result<Fields, String>);

/// Measures of one map and of Gaussian fields of its covariance.
fn self_and_surrogates(
    setting: &Setting,
    map: &Map,
    ks: &[usize],
    stream: &Stream,
    work: &Work<'_>,
) -> Result<Comparison, Cancelled> {
    let own = measures(map.valid(), ks);
    let none = |why: String| Ok((own.clone(), Vec::new(), Err(why)));
    if own.is_none() || setting.surrogates == 0 {
        return none("no surrogates were asked for".into());
    }
    let s = match Surrogates::new(map, Kind::Isotropic) {
        Ok(s) => s,
        Err(e) => return none(e.to_string()),
    };
    let valid = |z: &Array2<f64>| z.iter().copied().filter(|v| v.is_finite()).collect();
    let made = s.each(setting.surrogates, stream, false, work, |z| measures(valid(z), ks));
    let made: Vec<Vec<Measure>> = made?.into_iter().flatten().collect();
    let fields = Fields { made: made.len(), fitted: s.fitted, components: 1 };
    Ok((own, made, Ok(fields)))
}

/// Measures of several maps and of Gaussian fields, one a principal component with its covariance.
fn together_and_surrogates(
    setting: &Setting,
    maps: &[&Map],
    ks: &[usize],
    stream: &Stream,
    work: &Work<'_>,
) -> Result<Comparison, Cancelled> {
    let columns: Vec<Vec<f64>> = maps.iter().map(|m| m.values.iter().copied().collect()).collect();
    let Some(principal) = Principal::of(&columns) else {
        return Ok((None, Vec::new(), Err("the maps have no spread of their own".into())));
    };
    let components = principal.components(&columns);
    let choice = stream.role("choice");
    let own = measures_of_several(&components, ks, &choice);
    let none = |why: String| Ok((own.clone(), Vec::new(), Err(why)));
    if own.is_none() || setting.surrogates == 0 {
        return none("no surrogates were asked for".into());
    }
    let shape = maps[0].values.dim();
    let of_component = |c: &Vec<f64>| -> Result<Surrogates, SurrogateError> {
        let values = Array2::from_shape_vec(shape, c.clone()).map_err(|e| SurrogateError(e.to_string()))?;
        Surrogates::new(&maps[0].with_values(values), Kind::Isotropic)
    };
    let sources: Result<Vec<Surrogates>, SurrogateError> = components.iter().map(of_component).collect();
    let sources = match sources {
        Ok(s) => s,
        Err(e) => return none(e.to_string()),
    };
    let mut fields: Vec<Vec<Vec<f64>>> = vec![Vec::new(); setting.surrogates];
    for (i, s) in sources.iter().enumerate() {
        let made = s.each(setting.surrogates, &stream.role("feature").content([i as f64]), false, work, |z| {
            // Thinned at once: all of them together would not fit into the memory.
            z.as_slice().map_or_else(Vec::new, |z| taken(z.len()).into_iter().map(|i| z[i]).collect::<Vec<f64>>())
        });
        fields.iter_mut().zip(made?).for_each(|(f, z)| f.push(z));
    }
    let made = ordered(fields.len(), |i| measures_of_several(&fields[i], ks, &choice));
    let made: Vec<Vec<Measure>> = made.into_iter().flatten().collect();
    let fitted = sources.into_iter().next().and_then(|s| s.fitted);
    let fields = Fields { made: made.len(), fitted, components: components.len() };
    Ok((own, made, Ok(fields)))
}
