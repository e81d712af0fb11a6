//! How many classes the maps have, against correlated fields that have one.

use ndarray::Array2;

use super::{Classes, Segment};
use crate::data::{Map, Metric, Warning};
use crate::segment::choice::{Choice, Measure, choose, measures, measures_of_several, taken};
use crate::segment::principal::Principal;
use crate::spatial::null::Null;
use crate::spatial::patches::Patches;
use crate::spatial::surrogates::{Kind, SurrogateError, Surrogates};
use crate::stage::null::{NO_VALUE, Side, p_row, rows, surrogate_note};
use crate::stage::{Cx, StageError};

/// The number of classes with what speaks for it.
pub(super) struct Verdict {
    pub k: usize,
    /// What was compared; `None` where the values have no spread.
    pub choice: Option<Choice>,
    /// Correlation of the first map, for blocks and numbers of independent patches.
    pub patches: Option<Patches>,
    /// Independent patches.
    pub n: f64,
    separations: Vec<f64>,
    /// What surrogates are, or why there are none.
    pub note: Result<String, String>,
    pub warnings: Vec<Warning>,
}

impl Verdict {
    pub(super) fn of(stage: &Segment, maps: &[&Map], cx: &Cx<'_>) -> Result<Verdict, StageError> {
        let first = maps[0];
        let ks = stage.compared();
        let patches = Patches::of(first);
        let pixels = first.values.iter().filter(|v| v.is_finite()).count() as f64;
        let n = patches.as_ref().map_or(pixels, |p| p.independent(first));
        let d = maps.len() as f64;
        let parameters = 1.0 + d + d * (d + 1.0) / 2.0;
        let mut out = Verdict {
            k: match stage.k {
                Classes::Number(k) => k,
                Classes::Chosen(_) => 1,
            },
            choice: None,
            patches,
            n,
            separations: Vec::new(),
            note: Err("the values have no spread".into()),
            warnings: Vec::new(),
        };
        if ks.len() < 2 {
            out.note = Err("one class was asked for".into());
            return Ok(out);
        }
        let (of, made, note) = match maps {
            [one] => self_and_surrogates(stage, one, &ks, &mut out.warnings, cx)?,
            _ => together_and_surrogates(stage, maps, &ks, &mut out.warnings, cx)?,
        };
        let Some(of) = of else { return Ok(out) };
        out.note = note;
        let choice = choose(&ks, &of, &made, n, parameters);
        if matches!(stage.k, Classes::Chosen(_)) {
            out.k = choice.k;
            if choice.null.is_none() {
                out.warnings.push(Warning::new(
                    "no-null-for-k",
                    "k was chosen by the criterion of Schwarz with the number of independent patches, without surrogates",
                    "give the maps a pixel size and `surrogates`: correlated fields look lumpy without classes",
                ));
            }
        }
        if matches!(stage.k, Classes::Chosen(_)) && out.k == stage.k_max {
            out.warnings.push(Warning::new(
                "k-at-limit",
                format!("{} classes are the most that were compared, and the best", out.k),
                "raise `k_max`; where k follows it, the values have a long tail rather than classes",
            ));
        }
        if let Some(at) = ks.iter().position(|k| *k == out.k).filter(|at| *at > 0) {
            out.separations = made.iter().map(|m| m[at].separation).collect();
        }
        let seen = |n: &Null| n.above >= Null::LEVEL;
        if matches!(stage.k, Classes::Number(_)) && choice.null.as_ref().is_some_and(seen) {
            out.warnings.push(Warning::new(
                "one-class",
                format!("{} classes gain no more than a correlated field of one class would", out.k),
                "k-means finds classes in any field; k = \"auto\" answers one here",
            ));
        }
        out.choice = Some(choice);
        Ok(out)
    }

    /// Rows of k and of the separation of the classes.
    pub(super) fn rows(&self, separation: f64) -> Vec<Metric> {
        let mut out = vec![Metric::number("k", self.k as f64, "").n(self.n)];
        let null = self.choice.as_ref().and_then(|c| c.null.as_ref().map(|n| (c, n)));
        let note = self.note.as_deref().unwrap_or_default();
        match null {
            Some((choice, null)) => {
                let mut answers: Vec<f64> = choice.answers.iter().map(|k| *k as f64).collect();
                let [median, low, high] = crate::num::quantile::quantiles(&mut answers, [0.5, 0.025, 0.975]);
                let made = null.n as f64;
                out.push(Metric::number("k_null", median, "").interval(low, high).n(made).note(note));
                out.push(Metric::number("k_excess", self.k as f64 - median, "").n(made));
                out.push(p_row("k", null.above, null.n));
            }
            None => {
                let why = self.note.as_ref().err().map_or(NO_VALUE, String::as_str);
                out.extend(["k_null", "k_excess", "k_p"].map(|m| Metric::missing(m, why)));
            }
        }
        out.push(match separation.is_finite() {
            true => Metric::number("separation", separation, "").n(self.n),
            false => Metric::missing("separation", "there is one class, or no mixture"),
        });
        let null = Null::of(separation, self.separations.iter().copied()).ok_or(NO_VALUE);
        out.extend(rows("separation", "", separation, null, Side::Above, note));
        out
    }
}

type Comparison = (Option<Vec<Measure>>, Vec<Vec<Measure>>, Result<String, String>);

/// Measures of one map and of Gaussian fields of its covariance.
fn self_and_surrogates(
    stage: &Segment,
    map: &Map,
    ks: &[usize],
    warnings: &mut Vec<Warning>,
    cx: &Cx<'_>,
) -> Result<Comparison, StageError> {
    let of = measures(map.valid(), ks);
    let none = |why: String| Ok((of.clone(), Vec::new(), Err(why)));
    if of.is_none() || stage.surrogates == 0 {
        return none("no surrogates were asked for".into());
    }
    let s = match Surrogates::new(map, Kind::Isotropic) {
        Ok(s) => s,
        Err(e) => return none(e.to_string()),
    };
    let valid = |z: &Array2<f64>| z.iter().copied().filter(|v| v.is_finite()).collect();
    let made = s.each(stage.surrogates, &cx.stream, false, cx.cancelled, |z| measures(valid(z), ks));
    let made: Vec<Vec<Measure>> = made.ok_or(StageError::Cancelled)?.into_iter().flatten().collect();
    let (note, warning) = surrogate_note(&s, made.len());
    warnings.extend(warning);
    Ok((of, made, Ok(format!("{note}, Gaussian values"))))
}

/// Measures of several maps and of Gaussian fields, one a principal component with its covariance.
fn together_and_surrogates(
    stage: &Segment,
    maps: &[&Map],
    ks: &[usize],
    warnings: &mut Vec<Warning>,
    cx: &Cx<'_>,
) -> Result<Comparison, StageError> {
    let columns: Vec<Vec<f64>> = maps.iter().map(|m| m.values.iter().copied().collect()).collect();
    let Some(principal) = Principal::of(&columns) else {
        return Ok((None, Vec::new(), Err("the maps have no spread of their own".into())));
    };
    let components = principal.components(&columns);
    let stream = cx.stream.role("choice");
    let of = measures_of_several(&components, ks, &stream);
    let none = |why: String| Ok((of.clone(), Vec::new(), Err(why)));
    if of.is_none() || stage.surrogates == 0 {
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
    let mut fields: Vec<Vec<Vec<f64>>> = vec![Vec::new(); stage.surrogates];
    for (i, s) in sources.iter().enumerate() {
        let made = s.each(stage.surrogates, &cx.stream.role("feature").content([i as f64]), false, cx.cancelled, |z| {
            // Thinned at once: all of them together would not fit into the memory.
            z.as_slice().map_or_else(Vec::new, |z| taken(z.len()).into_iter().map(|i| z[i]).collect::<Vec<f64>>())
        });
        fields.iter_mut().zip(made.ok_or(StageError::Cancelled)?).for_each(|(f, z)| f.push(z));
    }
    let made = crate::num::parallel::ordered(fields.len(), |i| measures_of_several(&fields[i], ks, &stream));
    let made: Vec<Vec<Measure>> = made.into_iter().flatten().collect();
    let (note, warning) = surrogate_note(&sources[0], made.len());
    warnings.extend(warning);
    Ok((of, made, Ok(format!("{note}, Gaussian principal components"))))
}
