//! Rays through voxels to pixels: where each meets the set, and how bright the surface is there.
//!
//! Every pixel follows from its place alone, so the picture is the same on any number of threads.

use super::camera::{Camera, dot, unit};
use super::grid::{Blurred, Grid};
use crate::figure::style::{PAPER, Rgb};
use rayon::prelude::*;

/// Rays a pixel in each direction.
const RAYS: usize = 2;
/// Light without a direction, and from the lamp.
const LIGHT: (f64, f64) = (0.40, 0.66);
/// Direction to the lamp: right, up, towards the eye.
const LAMP: [f64; 3] = [-0.45, 0.62, 0.64];
/// Share of the light that full surroundings take.
const SHADE: f64 = 0.75;
/// Share of paper mixed into what lies farthest.
const HAZE: f64 = 0.38;
/// Share of paper mixed into a face cut by the volume's limits.
const CUT: f64 = 0.22;

/// What is looked at, prepared for rays.
pub(crate) struct View<'a> {
    grid: &'a Grid,
    camera: Camera,
    /// Voxel size in z, y and x.
    voxel: [f64; 3],
    /// Extent of the volume in x, y and z.
    size: [f64; 3],
    colours: &'a [Rgb],
    distances: Vec<u8>,
    smooth: Blurred,
    around: Blurred,
    /// Half width of the surroundings (in the voxel's unit).
    reach: f64,
}

/// Where a ray meets the set: place in voxels (z, y, x), voxel, and the normal if the volume's limit cuts the set there.
struct Hit {
    place: [f64; 3],
    index: usize,
    face: [f64; 3],
    cut: bool,
    depth: f64,
}

impl<'a> View<'a> {
    pub(crate) fn new(grid: &'a Grid, camera: Camera, voxel: [f64; 3], colours: &'a [Rgb]) -> View<'a> {
        let extent = [0, 1, 2].map(|i| voxel[i] * grid.shape[i] as f64);
        let longest = extent.iter().copied().fold(0.0, f64::max);
        let reach = longest / 20.0;
        let half = voxel.map(|v| ((reach / v).round() as usize).clamp(1, 15));
        View {
            grid,
            camera,
            voxel,
            size: [extent[2], extent[1], extent[0]],
            colours,
            distances: grid.distances(),
            smooth: grid.smooth(),
            around: grid.surroundings(half),
            reach,
        }
    }

    /// Pixels (RGBA, row by row) of the box's whole extent in the picture.
    pub(crate) fn pixels(&self, columns: usize, rows: usize) -> Vec<u8> {
        let [wide, high] = self.camera.extent(self.size);
        let mut out = vec![0u8; columns * rows * 4];
        out.par_chunks_exact_mut(columns * 4).enumerate().for_each(|(row, line)| {
            for (column, pixel) in line.chunks_exact_mut(4).enumerate() {
                let mut sum = [0.0; 3];
                let mut seen = 0usize;
                for ray in 0..RAYS * RAYS {
                    let part = |i: usize| (i as f64 + 0.5) / RAYS as f64;
                    let x = ((column as f64 + part(ray % RAYS)) / columns as f64 - 0.5) * wide;
                    let y = (0.5 - (row as f64 + part(ray / RAYS)) / rows as f64) * high;
                    if let Some(hit) = self.meet([x, y]) {
                        let colour = self.colour(&hit);
                        (0..3).for_each(|i| sum[i] += colour[i]);
                        seen += 1;
                    }
                }
                if seen > 0 {
                    (0..3).for_each(|i| pixel[i] = (sum[i] / seen as f64).round().clamp(0.0, 255.0) as u8);
                    pixel[3] = (255 * seen / (RAYS * RAYS)) as u8;
                }
            }
        });
        out
    }

    /// Follows the ray at a place of the picture (from its centre, right and up) into the volume.
    fn meet(&self, [x, y]: [f64; 2]) -> Option<Hit> {
        let Camera { right, up, toward } = self.camera;
        let depth = self.camera.depth(self.size);
        // In voxels, z first: start in front of the box, length along the ray in the voxel's unit.
        let start = [2, 1, 0].map(|i| {
            let p = self.size[i] / 2.0 + x * right[i] + y * up[i] + depth / 2.0 * toward[i];
            p / self.voxel[2 - i]
        });
        let way = [2, 1, 0].map(|i| -toward[i] / self.voxel[2 - i]);
        let shape = self.grid.shape;
        let (mut t, mut leave, mut face) = (f64::NEG_INFINITY, f64::INFINITY, 0);
        for i in 0..3 {
            let n = shape[i] as f64;
            if way[i].abs() < 1e-12 / self.voxel[i] {
                if start[i] < 0.0 || start[i] >= n {
                    return None;
                }
                continue;
            }
            let (a, b) = (-start[i] / way[i], (n - start[i]) / way[i]);
            if a.min(b) > t {
                (t, face) = (a.min(b), i);
            }
            leave = leave.min(a.max(b));
        }
        if t >= leave {
            return None;
        }
        let fastest = way.iter().map(|w| w.abs()).fold(0.0, f64::max);
        let cell_at = |t: f64| [0, 1, 2].map(|i| ((start[i] + t * way[i]) as isize).clamp(0, shape[i] as isize - 1));
        let mut cell = cell_at(t);
        let mut cut = true;
        loop {
            let index = (cell[0] as usize * shape[1] + cell[1] as usize) * shape[2] + cell[2] as usize;
            let free = self.distances[index];
            if free == 0 {
                let place = [0, 1, 2].map(|i| start[i] + t * way[i]);
                let mut normal = [0.0; 3];
                normal[2 - face] = if way[face] > 0.0 { -1.0 } else { 1.0 };
                return Some(Hit { place, index, face: normal, cut, depth: t / depth });
            }
            cut = false;
            if free > 1 {
                // No voxel of the set is nearer, so all that the ray meets on its way is empty.
                t += f64::from(free - 1) * (1.0 - 1e-9) / fastest;
                if t >= leave {
                    return None;
                }
                cell = cell_at(t);
                continue;
            }
            let mut next = f64::INFINITY;
            for i in 0..3 {
                if way[i].abs() >= 1e-12 / self.voxel[i] {
                    let wall = cell[i] + isize::from(way[i] > 0.0);
                    let at = (wall as f64 - start[i]) / way[i];
                    if at < next {
                        (next, face) = (at, i);
                    }
                }
            }
            t = next;
            cell[face] += if way[face] > 0.0 { 1 } else { -1 };
            if next.is_infinite() || cell[face] < 0 || cell[face] >= shape[face] as isize {
                return None;
            }
        }
    }

    /// Colour where a ray meets the set, 0 to 255.
    fn colour(&self, hit: &Hit) -> [f64; 3] {
        let Camera { right, up, toward } = self.camera;
        let category = usize::from(self.grid.voxels[hit.index]).saturating_sub(1);
        let own = self.colours.get(category % self.colours.len().max(1)).copied().unwrap_or([128; 3]);
        let normal = if hit.cut { hit.face } else { self.normal(hit) };
        let seen = [dot(normal, right), dot(normal, up), dot(normal, toward)];
        let lit = LIGHT.0 + LIGHT.1 * dot(seen, LAMP).max(0.0);
        let open = if hit.cut { 1.0 } else { self.open(hit, normal) };
        let mix = |c: f64, share: f64, i: usize| c + share * (f64::from(PAPER[i]) - c);
        [0, 1, 2].map(|i| {
            let ground = mix(f64::from(own[i]), if hit.cut { CUT } else { 0.0 }, i);
            mix((ground * lit * open).min(255.0), HAZE * hit.depth.clamp(0.0, 1.0), i)
        })
    }

    /// Normal (x, y, z) from where the set thins out, turned to the eye where a thin part has none of its own.
    fn normal(&self, hit: &Hit) -> [f64; 3] {
        let [z, y, x] = self.smooth.outward(hit.place);
        let gradient = unit([x / self.voxel[2], y / self.voxel[1], z / self.voxel[0]].map(|c| c * self.reach));
        let Some(normal) = gradient else { return hit.face };
        if dot(normal, self.camera.toward) > 0.05 {
            return normal;
        }
        unit([0, 1, 2].map(|i| normal[i] + hit.face[i])).unwrap_or(hit.face)
    }

    /// Share of the light that reaches a place: hollows are full of surroundings, tips are not.
    fn open(&self, hit: &Hit, normal: [f64; 3]) -> f64 {
        let place = [0, 1, 2].map(|i| hit.place[i] + 0.5 * self.reach * normal[2 - i] / self.voxel[i]);
        // A plane fills about a quarter of a box that stands off by half its half width.
        let full = ((self.around.at(place) - 0.18) / 0.6).clamp(0.0, 1.0);
        1.0 - SHADE * full
    }
}
