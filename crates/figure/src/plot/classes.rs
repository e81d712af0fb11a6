//! A map of ordered classes: few colours from dark to light, each with its name on the bar.

use super::Quantity;
use crate::axis::Axis;
use crate::colour::ColourMap;
use crate::colour_bar::ColourBar;
use crate::panel::Panel;
use crate::picture::Picture;
use crate::raster::Field;
use crate::{FigureError, Result};
use softspot_data::unit::display;

/// Classes of the pixels of a map; row 0 is the top.
#[derive(Clone, Debug)]
pub struct Classes {
    /// Class of each pixel from 0 on, row by row; what is not finite is masked.
    pub labels: Vec<f64>,
    /// Rows.
    pub rows: usize,
    /// Columns.
    pub columns: usize,
    /// Step between rows and between columns (m).
    pub pixel: [f64; 2],
    /// Centre of each class (SI).
    pub centres: Vec<f64>,
    /// What the centres are.
    pub quantity: Quantity,
    /// Whether the bar is drawn.
    pub bar: bool,
    /// Verdict written in the map.
    pub verdict: Option<String>,
}

/// Pixels a side that print can show: of more, every so many are drawn, since classes have no average.
const SHOWN: usize = 1400;

impl Classes {
    /// The map as a panel.
    ///
    /// # Errors
    /// Labels that do not fill the shape, a pixel without a size, no class.
    pub fn draw(&self) -> Result<Panel> {
        let expected = self.rows.checked_mul(self.columns).unwrap_or(0);
        if expected == 0 || self.labels.len() != expected {
            return Err(FigureError::Shape { what: "classes", found: self.labels.len(), expected });
        }
        let extent = [self.pixel[0] * self.rows as f64, self.pixel[1] * self.columns as f64];
        if !extent.iter().all(|e| (1e-30..1e30).contains(e)) {
            return Err(FigureError::PixelSize(self.pixel[0], self.pixel[1]));
        }
        if self.centres.is_empty() {
            return Err(FigureError::Empty("classes"));
        }
        let step = self.rows.max(self.columns).div_ceil(SHOWN);
        let (rows, columns) = (self.rows.div_ceil(step), self.columns.div_ceil(step));
        let at = |i: usize| self.labels[i / columns * step * self.columns + i % columns * step];
        let values = (0..rows * columns).map(at).collect();
        let largest = self.centres.iter().fold(0.0f64, |m, c| m.max(c.abs()));
        let shown = display::choose(largest, &self.quantity.unit);
        let names: Vec<String> = self.centres.iter().map(|c| display::significant(shown.value(*c), 4)).collect();
        let label = if shown.label.is_empty() { String::new() } else { format!("\u{a0}({})", shown.label) };
        let axis = Axis::classes(&format!("{} of the class{label}", self.quantity.name), &names);
        let map = ColourMap::Classes(self.centres.len());
        Ok(Panel::picture(
            Picture {
                field: Field { values, rows, columns },
                extent,
                bar: ColourBar { axis, map, beyond: (false, false), note: None },
                show_bar: self.bar,
                line: None,
                outlines: Vec::new(),
                cuts: None,
                scale_bar: true,
                verdict: self.verdict.clone(),
            },
            None,
        ))
    }
}
