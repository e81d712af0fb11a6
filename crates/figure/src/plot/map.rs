//! A map of a quantity with scale bar and colour bar.

use super::{Quantity, checked};
use crate::axis::{Axis, Span};
use crate::colour::ColourMap;
use crate::colour_bar::ColourBar;
use crate::panel::Panel;
use crate::picture::Picture;
use crate::raster::Field;
use crate::{FigureError, Result};

/// Limits of a map's colours (SI).
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Range {
    /// 1 to 99 % of this map's values, said on the bar.
    Robust,
    /// 1 to 99 % of a comparison set's values by [`robust_range`], said on the bar.
    Shared(f64, f64),
    /// Limits asked for.
    Fixed(f64, f64),
}

/// One map; row 0 is the top.
#[derive(Clone, Debug)]
pub struct Map {
    /// Values (SI), row by row; what is not finite is masked.
    pub values: Vec<f64>,
    /// Rows.
    pub rows: usize,
    /// Columns.
    pub columns: usize,
    /// Step between rows and between columns (m).
    pub pixel: [f64; 2],
    /// Quantity and unit of the values.
    pub quantity: Quantity,
    /// Colours.
    pub colours: ColourMap,
    /// Limits of the colours.
    pub range: Range,
    /// Whether the colour bar is drawn; in a comparison once, at the right.
    pub bar: bool,
    /// End points of a profile: row, column (pixels).
    pub line: Option<[[f64; 2]; 2]>,
    /// Sample's name above the map.
    pub name: Option<String>,
    /// Number of the region of each pixel, 0 outside: regions are outlined. Empty for none.
    pub labels: Vec<u32>,
    /// Whether a scale bar is drawn.
    pub scale_bar: bool,
    /// Verdict written in the map.
    pub verdict: Option<String>,
}

impl Map {
    /// A map in batlow with robust limits and a colour bar.
    pub fn new(values: Vec<f64>, shape: [usize; 2], pixel: [f64; 2], quantity: Quantity) -> Map {
        let [rows, columns] = shape;
        let colours = ColourMap::Batlow;
        Map {
            values,
            rows,
            columns,
            pixel,
            quantity,
            colours,
            range: Range::Robust,
            bar: true,
            line: None,
            name: None,
            labels: Vec::new(),
            scale_bar: true,
            verdict: None,
        }
    }

    /// The map as a panel; a map that is masked throughout is all hatch.
    ///
    /// # Errors
    /// Values that do not fill the shape, a pixel without a size, limits that bound no range.
    pub fn draw(&self) -> Result<Panel> {
        let expected = self.rows.checked_mul(self.columns).unwrap_or(0);
        if expected == 0 || self.values.len() != expected {
            return Err(FigureError::Shape { what: "map", found: self.values.len(), expected });
        }
        let extent = [self.pixel[0] * self.rows as f64, self.pixel[1] * self.columns as f64];
        if !extent.iter().all(|e| (1e-30..1e30).contains(e)) {
            return Err(FigureError::PixelSize(self.pixel[0], self.pixel[1]));
        }
        let bar = colour_bar(&[&self.values], &self.quantity, self.colours, self.range)?;
        let field = Field { values: self.values.clone(), rows: self.rows, columns: self.columns };
        let verdict = self.verdict.clone();
        Ok(Panel::picture(
            Picture {
                field,
                extent,
                bar,
                show_bar: self.bar,
                line: self.line,
                outlines: outlines(&self.labels, self.rows, self.columns),
                cuts: None,
                scale_bar: self.scale_bar,
                verdict,
            },
            self.name.clone(),
        ))
    }
}

/// The colour bar of fields that are shown in one range of colours.
pub(super) fn colour_bar(
    fields: &[&[f64]],
    quantity: &Quantity,
    colours: ColourMap,
    range: Range,
) -> Result<ColourBar> {
    let span = Span::of(fields.iter().flat_map(|f| f.iter().copied()));
    let (low, high) = match range {
        Range::Shared(low, high) | Range::Fixed(low, high) => checked(low, high, "colour bar")?,
        Range::Robust => robust(fields, span, colours),
    };
    let (least, most) = span.limits().unwrap_or((low, high));
    let beyond = match range {
        // The bar speaks for the whole set, of which 1 % lies beyond each end.
        Range::Shared(..) => (true, true),
        _ => (least < low, most > high),
    };
    let said = !matches!(range, Range::Fixed(..)) && (beyond.0 || beyond.1);
    let note = said.then(|| "1–99\u{a0}%".to_string());
    let axis = Axis::linear(&quantity.name, &quantity.unit, (low, high));
    Ok(ColourBar { axis, map: colours, beyond, note })
}

/// 1 to 99 % of the values; about the centre for diverging colours.
fn robust(fields: &[&[f64]], span: Span, colours: ColourMap) -> (f64, f64) {
    let (low, high) = robust_range(fields.iter().copied()).or_else(|| span.limits()).unwrap_or((0.0, 1.0));
    let ColourMap::Vik { centre } = colours else { return (low, high) };
    let reach = (high - centre).abs().max((low - centre).abs());
    if reach.is_finite() && reach > 0.0 { (centre - reach, centre + reach) } else { (low, high) }
}

/// The sides between pixels of different regions, joined where they go on: `[row, column, row, column]` of corners.
pub(super) fn outlines(labels: &[u32], rows: usize, columns: usize) -> Vec<[u32; 4]> {
    let mut out: Vec<[u32; 4]> = Vec::new();
    if labels.len() != rows * columns {
        return out;
    }
    let at = |y: usize, x: usize| labels[y * columns + x];
    for y in 1..rows {
        let mut from = None;
        for x in 0..=columns {
            let differs = x < columns && at(y, x) != at(y - 1, x);
            match (from, differs) {
                (None, true) => from = Some(x),
                (Some(f), false) => {
                    out.push([y as u32, f as u32, y as u32, x as u32]);
                    from = None;
                }
                _ => {}
            }
        }
    }
    for x in 1..columns {
        let mut from = None;
        for y in 0..=rows {
            let differs = y < rows && at(y, x) != at(y, x - 1);
            match (from, differs) {
                (None, true) => from = Some(y),
                (Some(f), false) => {
                    out.push([f as u32, x as u32, y as u32, x as u32]);
                    from = None;
                }
                _ => {}
            }
        }
    }
    out
}

/// Limits from 1 to 99 % of all finite values (SI): one range over a comparison set. `None` if nothing is finite.
pub fn robust_range<'a>(fields: impl IntoIterator<Item = &'a [f64]>) -> Option<(f64, f64)> {
    let mut finite: Vec<f64> = fields.into_iter().flatten().copied().filter(|v| v.is_finite()).collect();
    if finite.is_empty() {
        return None;
    }
    let last = (finite.len() - 1) as f64;
    let mut at = |part: f64| *finite.select_nth_unstable_by((part * last).round() as usize, f64::total_cmp).1;
    Span::of([at(0.01), at(0.99)]).limits()
}
