//! `slices` and `solid`: a volume as three sections with its regions outlined, and a set of regions from outside.

use super::{Panels, Plot, PlotDoc, Request, companion};
use crate::data::{Artifact, Kind, Volume};
use crate::figure::plot::map::Range;
use crate::figure::plot::slices::Slice;
use crate::figure::plot::{Quantity, Slices as Sections, Solid as View};
use crate::stage::StageError;

pub(super) struct Slices;
pub(super) struct Solid;

/// Largest side of a volume that is drawn in space, in voxels: print resolves no more.
const SIDE: usize = 192;
/// Planes that are read at a time.
const PLANES: usize = 16;

impl Plot for Slices {
    fn doc(&self) -> &'static PlotDoc {
        &PlotDoc {
            id: "slices",
            about: "three sections through the middle of a volume, with the regions of `outlines`",
            kinds: &[Kind::Volume],
            of: None,
            each: true,
        }
    }

    fn draw(&self, request: &Request<'_>) -> Result<Panels, StageError> {
        let mut panels = Vec::new();
        for i in request.samples {
            let volume = request.volume(*i)?;
            let voxel = volume.voxel_size()?;
            let grey = sections(&volume)?;
            let labels = match companion::find(request, "outlines", *i) {
                Some((_, Artifact::Labels(l))) => {
                    l.volume().filter(|l| l.shape == volume.shape).map(|l| sections(l)).transpose()?
                }
                _ => None,
            };
            let slices = [0, 1, 2].map(|k| Slice {
                values: grey[k].clone(),
                labels: labels.as_ref().map_or_else(Vec::new, |l| l[k].iter().map(|v| *v as u32).collect()),
            });
            let name = match volume.quantity.as_str() {
                "" | "data" | "volume" => "Value",
                name => name,
            };
            let mut drawing = Sections::new(slices, volume.shape, voxel, Quantity::new(name, volume.unit.clone()));
            drawing.range = Range::Robust;
            drawing.name = Some(request.name(*i));
            panels.push(drawing.draw()?);
        }
        Ok(Panels {
            panels,
            caption: "Sections through the middle of the volumes; thin lines: where they cut each other.".into(),
        })
    }
}

/// The sections xy, xz and zy through the middle, row by row.
fn sections(volume: &Volume) -> Result<[Vec<f64>; 3], StageError> {
    let [nz, ny, nx] = volume.shape;
    let (mut xz, mut zy) = (Vec::with_capacity(nz * nx), vec![f64::NAN; ny * nz]);
    let mut xy = Vec::new();
    for first in (0..nz).step_by(PLANES) {
        let planes = volume.planes(first..first + PLANES)?;
        for (k, plane) in planes.outer_iter().enumerate() {
            let z = first + k;
            xz.extend(plane.row(ny / 2).iter().copied());
            plane.column(nx / 2).iter().enumerate().for_each(|(y, v)| zy[y * nz + z] = *v);
            if z == nz / 2 {
                xy = plane.iter().copied().collect();
            }
        }
    }
    Ok([xy, xz, zy])
}

impl Plot for Solid {
    fn doc(&self) -> &'static PlotDoc {
        &PlotDoc {
            id: "solid",
            about: "a set of regions (`low.labels`) in space, shaded",
            kinds: &[Kind::Labels, Kind::Volume],
            of: None,
            each: true,
        }
    }

    fn draw(&self, request: &Request<'_>) -> Result<Panels, StageError> {
        let (mut panels, mut caption) = (Vec::new(), String::new());
        for i in request.samples {
            let volume = request.volume_or_labels(*i)?;
            let voxel = volume.voxel_size()?;
            // Every so many voxels: their share of the volume stays what it is.
            let step = volume.shape.iter().copied().max().unwrap_or(1).div_ceil(SIDE);
            let shape = volume.shape.map(|n| n.div_ceil(step));
            let mut mask = Vec::with_capacity(shape.iter().product());
            for z in (0..volume.shape[0]).step_by(step) {
                let plane = volume.planes(z..z + 1)?;
                for y in (0..volume.shape[1]).step_by(step) {
                    let row = plane.slice(ndarray::s![0, y, ..]);
                    mask.extend(row.iter().step_by(step).map(|v| u8::from(*v != 0.0 && !v.is_nan())));
                }
            }
            let mut view = View::new(mask, shape, voxel.map(|v| v * step as f64));
            view.series = *i;
            view.name = Some(request.name(*i));
            caption = view.caption();
            panels.push(view.draw()?);
        }
        Ok(Panels { panels, caption })
    }
}
