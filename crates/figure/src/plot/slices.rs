//! Three orthogonal slices of a volume in one scale, with one colour bar and one scale bar.

use super::Quantity;
use super::map::{Range, colour_bar, outlines};
use crate::colour::ColourMap;
use crate::panel::{Content, Panel};
use crate::picture::Picture;
use crate::raster::Field;
use crate::slices;
use crate::{FigureError, Result};

/// One slice, row by row; row 0 is the top.
#[derive(Clone, Debug, Default)]
pub struct Slice {
    /// Values (SI); what is not finite is masked.
    pub values: Vec<f64>,
    /// Number of the region of each pixel, 0 outside: regions are outlined. Empty for none.
    pub labels: Vec<u32>,
}

/// Slices xy (large), xz (below it) and zy (at its right); x and z grow to the right, y and z down.
#[derive(Clone, Debug)]
pub struct Slices {
    /// Slice at the cut in z, of shape `[ny, nx]`.
    pub xy: Slice,
    /// Slice at the cut in y, of shape `[nz, nx]`.
    pub xz: Slice,
    /// Slice at the cut in x, of shape `[ny, nz]`.
    pub zy: Slice,
    /// Shape of the volume: `[nz, ny, nx]`.
    pub shape: [usize; 3],
    /// Voxel size in z, y and x (m).
    pub voxel: [f64; 3],
    /// Voxel in z, y and x through which the slices go.
    pub cuts: [usize; 3],
    /// Quantity and unit of the values.
    pub quantity: Quantity,
    /// Colours.
    pub colours: ColourMap,
    /// Limits of the colours; `Robust` takes 1 to 99 % of the three slices together.
    pub range: Range,
    /// Whether the colour bar is drawn; in a comparison once, at the right.
    pub bar: bool,
    /// Sample's name above the slices.
    pub name: Option<String>,
    /// Verdict written in the xy slice.
    pub verdict: Option<String>,
}

impl Slices {
    /// Central slices in batlow with robust limits and a colour bar.
    pub fn new([xy, xz, zy]: [Slice; 3], shape: [usize; 3], voxel: [f64; 3], quantity: Quantity) -> Slices {
        Slices {
            xy,
            xz,
            zy,
            shape,
            voxel,
            cuts: shape.map(|n| n / 2),
            quantity,
            colours: ColourMap::Batlow,
            range: Range::Robust,
            bar: true,
            name: None,
            verdict: None,
        }
    }

    /// The slices as a panel; a voxel is as large in all three, but for a volume so flat that a slice would vanish.
    ///
    /// # Errors
    /// Values that do not fill the shape, a cut outside it, a voxel without a size, limits that bound no range.
    pub fn draw(&self) -> Result<Panel> {
        let [nz, ny, nx] = self.shape;
        let [dz, dy, dx] = self.voxel;
        let extent = [dz * nz as f64, dy * ny as f64, dx * nx as f64];
        for (cut, n) in self.cuts.into_iter().zip(self.shape) {
            if cut >= n {
                return Err(FigureError::Cut { cut, voxels: n });
            }
        }
        if !extent.iter().all(|e| (1e-30..1e30).contains(e)) {
            return Err(FigureError::VoxelSize(dz, dy, dx));
        }
        let values = [&self.xy, &self.xz, &self.zy].map(|s| s.values.as_slice());
        let bar = colour_bar(&values, &self.quantity, self.colours, self.range)?;
        let [z, y, x] = self.cuts;
        let picture = |slice: &Slice, what, shape: [usize; 2], extent, cuts| -> Result<Picture> {
            let [rows, columns] = shape;
            let expected = rows.checked_mul(columns).unwrap_or(0);
            if slice.values.len() != expected {
                return Err(FigureError::Shape { what, found: slice.values.len(), expected });
            }
            Ok(Picture {
                field: Field { values: slice.values.clone(), rows, columns },
                extent,
                bar: bar.clone(),
                show_bar: false,
                line: None,
                outlines: outlines(&slice.labels, rows, columns),
                cuts: Some(cuts),
                scale_bar: false,
                verdict: None,
            })
        };
        let mut xy = picture(&self.xy, "xy slice", [ny, nx], [extent[1], extent[2]], [y, x])?;
        (xy.show_bar, xy.scale_bar, xy.verdict) = (self.bar, true, self.verdict.clone());
        let xz = picture(&self.xz, "xz slice", [nz, nx], [extent[0], extent[2]], [z, x])?;
        let zy = picture(&self.zy, "zy slice", [ny, nz], [extent[1], extent[0]], [y, z])?;
        let slices = Box::new(slices::Slices { xy, xz, zy, extent });
        Ok(Panel::of(Content::Slices(slices), self.name.clone()))
    }
}
