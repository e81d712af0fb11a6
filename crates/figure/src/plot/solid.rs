//! A set of voxels in space: shaded surface in a wire box, seen along parallel rays.

use crate::note::{Key, Note};
use crate::panel::{Content, Panel};
use crate::scene::Paint;
use crate::solid::{self, Camera, Grid};
use crate::style::colour;
use crate::{FigureError, Result};

/// Where the eye stands, far away.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct View {
    /// Turn about z from −y towards +x (degrees).
    pub azimuth: f64,
    /// Height over the horizon (degrees, −90 to 90).
    pub elevation: f64,
}

impl Default for View {
    fn default() -> View {
        View { azimuth: 35.0, elevation: 25.0 }
    }
}

/// A set of voxels, or several by category; z is up.
#[derive(Clone, Debug)]
pub struct Solid {
    /// Category of each voxel, 0 outside the set, of shape `[nz, ny, nx]`; more than 256 a side are slow.
    pub mask: Vec<u8>,
    /// Shape: `[nz, ny, nx]`.
    pub shape: [usize; 3],
    /// Voxel size in z, y and x (m).
    pub voxel: [f64; 3],
    /// Where the eye stands.
    pub view: View,
    /// Names of the categories from 1 on, for a legend at the foot of the figure; empty for none.
    pub names: Vec<String>,
    /// Place in the study of category 1, which gives its colour; the next follow.
    pub series: usize,
    /// Sample's name above the view.
    pub name: Option<String>,
    /// Verdict written above the box.
    pub verdict: Option<String>,
}

impl Solid {
    /// A set in the first colour from the default view.
    pub fn new(mask: Vec<u8>, shape: [usize; 3], voxel: [f64; 3]) -> Solid {
        let view = View::default();
        Solid { mask, shape, voxel, view, names: Vec::new(), series: 0, name: None, verdict: None }
    }

    /// The view as a panel; a set without voxels is an empty box.
    ///
    /// # Errors
    /// A mask that does not fill the shape, a voxel without a size or more than 1000 times as long as wide.
    pub fn draw(&self) -> Result<Panel> {
        let [nz, ny, nx] = self.shape;
        let expected = nz.checked_mul(ny).and_then(|n| n.checked_mul(nx)).unwrap_or(0);
        if expected == 0 || self.mask.len() != expected {
            return Err(FigureError::Shape { what: "mask", found: self.mask.len(), expected });
        }
        let [dz, dy, dx] = self.voxel;
        let (least, most) = (dz.min(dy).min(dx), dz.max(dy).max(dx));
        let sound = self.voxel.iter().all(|v| (1e-30..1e30).contains(v)) && most <= 1000.0 * least;
        if !sound {
            return Err(FigureError::VoxelSize(dz, dy, dx));
        }
        let View { azimuth, elevation } = self.view();
        let categories = usize::from(self.mask.iter().copied().max().unwrap_or(0)).max(1);
        let colours = (0..categories).map(|k| colour(self.series + k)).collect();
        let view = solid::Solid {
            grid: Grid { voxels: self.mask.clone(), shape: self.shape },
            camera: Camera::new(azimuth, elevation),
            voxel: self.voxel,
            colours,
            verdict: self.verdict.clone(),
        };
        let key = |(k, name): (usize, &String)| Note::keyed(Key::Patch(Paint::solid(colour(self.series + k))), name);
        let keys = self.names.iter().take(categories).enumerate().map(key).collect();
        Ok(Panel::of(Content::Solid(view), self.name.clone()).with_legend_below(keys))
    }

    /// What the figure's caption has to say of the view.
    pub fn caption(&self) -> String {
        let View { azimuth, elevation } = self.view();
        let angle = |v: f64| format!("{v:.0}°").replace('-', "−");
        format!(
            "Parallel projection from azimuth {} (from −y towards +x) and elevation {}; the scale bar holds for lengths in \
             the plane of the picture. Outlines are those of the voxels, shading is smoothed over seven voxels; paler \
             faces are cut by the limits of the volume, paler depths lie farther away.",
            angle(azimuth),
            angle(elevation)
        )
    }

    /// The view within its limits; what is no number becomes the default.
    fn view(&self) -> View {
        let default = View::default();
        let sound = |v: f64, instead: f64| if v.is_finite() { v } else { instead };
        View {
            azimuth: sound(self.view.azimuth, default.azimuth).rem_euclid(360.0),
            elevation: sound(self.view.elevation, default.elevation).clamp(-90.0, 90.0),
        }
    }
}
