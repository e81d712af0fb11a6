//! The sizes of all inputs, and those of surrogates.

use super::{Border, ClusterSizes, Variable};
use crate::data::{Artifact, Column, Role, Table};
use crate::spatial::sizes::analysis::Population;
use crate::spatial::sizes::scale::{Measure, Scale};
use crate::spatial::sizes::tail::Sizes;
use crate::stage::tables::{Shapes, TypedTable};
use crate::stage::{Inputs, StageError};

/// Regions that take no part.
#[derive(Default)]
struct LeftOut {
    cut: usize,
    spanning: usize,
}

fn wrong() -> StageError {
    StageError::Failed(
        "the input is no table of regions (of the stage `regions`) and has no `columns = { size = \"…\" }`".into(),
    )
}

/// A table that is nearly one of regions.
fn lacks(column: &str) -> StageError {
    StageError::Failed(format!(
        "the table has no column `{column}`: sizes are those of the table of regions of a stage `regions`, or of a column \
         named by `columns = {{ size = \"…\" }}`"
    ))
}

impl ClusterSizes {
    /// The sizes of all inputs, with what was left out.
    pub(super) fn population(&self, inputs: &Inputs<'_>) -> Result<(Population, String), StageError> {
        let mut out: Option<Population> = None;
        let mut left = LeftOut::default();
        for artifact in inputs.all(0) {
            let Artifact::Table(t) = artifact else { return Err(wrong()) };
            let before = out.as_ref().map_or(0, |p| p.images) as u32;
            let own = match t.column(Role::Size.name()) {
                Some(column) => given(t, column, before)?,
                None => self.of_regions(t, before, &mut left)?,
            };
            match &mut out {
                None => out = Some(own),
                Some(all) => {
                    all.scale = all.scale.pooled(&own.scale).map_err(StageError::Failed)?;
                    all.values.extend(own.values);
                    all.images += own.images;
                }
            }
        }
        let mut out = out.ok_or_else(wrong)?;
        let all = out.values.len();
        out.values.retain(|(_, v)| v.is_finite() && *v > 0.0);
        let bad = all - out.values.len();
        let left = [(left.spanning, "spanning"), (left.cut, "at the border"), (bad, "without a positive size")];
        let left: Vec<String> = left.iter().filter(|(n, _)| *n > 0).map(|(n, what)| format!("{n} {what}")).collect();
        let note = if left.is_empty() { String::new() } else { format!("left out: {}", left.join(", ")) };
        Ok((out.in_steps(), note))
    }

    /// Whether the border of the map leaves a region out.
    fn excludes(&self, border: f64) -> bool {
        border > 0.0 && self.border == Border::Exclude
    }

    /// Whole regions of one map or volume.
    fn of_regions(&self, t: &Table, image: u32, left: &mut LeftOut) -> Result<Population, StageError> {
        let r = Shapes::of(t).map_err(lacks)?;
        if t.column("area").is_none() && t.column("volume").is_none() {
            return Err(lacks("area` or `volume"));
        }
        let (space, sizes) = if r.volume.is_empty() { (2, &r.area) } else { (3, &r.volume) };
        let pixel = r.pixels.first().zip(sizes.first()).map(|(n, a)| a / n);
        let mut values = Vec::new();
        for i in 0..r.pixels.len() {
            if r.spans[i] > 0.0 {
                left.spanning += 1;
            } else if self.excludes(r.border[i]) {
                left.cut += 1;
            } else {
                values.push((image, r.pixels[i]));
            }
        }
        Ok(Population { values, images: 1, scale: Scale::regions(pixel, self.variable == Variable::REq, space) })
    }

    /// The sizes of each surrogate, as many images of them as the map's sizes come from pooled.
    pub(super) fn fields(&self, table: &Table, population: &Population) -> Result<Vec<Sizes>, StageError> {
        let port =
            |_| StageError::Failed("the port `surrogates` takes the output `surrogates` of a stage `regions`".into());
        let r = Shapes::of(table).map_err(port)?;
        if r.surrogate.len() != r.pixels.len() {
            return Err(port("surrogate"));
        }
        if population.scale.measure == Measure::Given {
            return Err(StageError::Failed("surrogates go with regions, not with sizes from a table".into()));
        }
        let mut by_image: Vec<Vec<f64>> = Vec::new();
        for (i, image) in r.surrogate.iter().enumerate() {
            let at = *image as usize;
            if at >= self.nulls.surrogates {
                continue;
            }
            by_image.resize(by_image.len().max(at + 1), Vec::new());
            if !(r.spans[i] > 0.0 || self.excludes(r.border[i])) {
                by_image[at].push(r.pixels[i]);
            }
        }
        Ok(by_image.chunks_exact(population.images.max(1)).map(|c| Sizes::new(c.concat(), true)).collect())
    }
}

/// Sizes of a table, with the numbers of their images where it has them.
fn given(t: &Table, column: &Column, before: u32) -> Result<Population, StageError> {
    let sizes = column.numbers().ok_or_else(wrong)?;
    let numbers = t.column(Role::Image.name()).and_then(Column::numbers);
    let own = |i: usize| numbers.as_ref().and_then(|n| n.get(i)).copied().unwrap_or(0.0).to_bits();
    let mut known: Vec<u64> = (0..sizes.len()).map(own).collect();
    known.sort_unstable();
    known.dedup();
    let at = |i: usize| before + known.binary_search(&own(i)).unwrap_or(0) as u32;
    let values = sizes.iter().enumerate().map(|(i, v)| (at(i), *v)).collect();
    Ok(Population { values, images: known.len(), scale: Scale::given(&sizes, &column.unit) })
}
