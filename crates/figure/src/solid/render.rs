//! Rays through voxels to pixels: where each meets the set, and how bright the surface is there.
//!
//! Every pixel follows from its place alone, so the picture is the same on any number of threads.

use super::camera::{Camera, dot, unit};
use super::grid::{Density, Grid, WIDEST};
use crate::style::{PAPER, Rgb};
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
/// Share of paper mixed into a face cut by the volume's limits, and how much of its light has no direction: pale and
/// even, as a section is drawn.
const CUT: (f64, f64) = (0.32, 0.72);

/// Half width of the surroundings that take light, in parts of the longest side.
const AROUND: f64 = 0.05;
/// How far from the hit its normal may be taken (voxels).
const NEARBY: f64 = 0.8;

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
    smooth: Density,
    around: Density,
    /// Half width of the surroundings (in the voxel's unit).
    reach: f64,
}

/// Where a ray meets the set: place in voxels (z, y, x), voxel, the voxel's side, and whether the
/// volume's limit cuts the set there.
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
        let finest = voxel.iter().copied().fold(f64::INFINITY, f64::min);
        let reach = (AROUND * longest).min(WIDEST as f64 * finest);
        let half = voxel.map(|v| ((reach / v).round() as usize).clamp(1, WIDEST));
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
                let mut last: Option<(usize, [f64; 3], [f64; 3])> = None;
                for ray in 0..RAYS * RAYS {
                    let part = |i: usize| (i as f64 + 0.5) / RAYS as f64;
                    let x = ((column as f64 + part(ray % RAYS)) / columns as f64 - 0.5) * wide;
                    let y = (0.5 - (row as f64 + part(ray / RAYS)) / rows as f64) * high;
                    if let Some(hit) = self.meet([x, y]) {
                        // Rays of a pixel that meet one side of one voxel see one colour.
                        let colour = match last {
                            Some((index, face, colour)) if index == hit.index && face == hit.face => colour,
                            _ => self.colour(&hit),
                        };
                        last = Some((hit.index, hit.face, colour));
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
        let (place, normal) = if hit.cut { (hit.place, hit.face) } else { self.surface(hit) };
        let seen = [dot(normal, right), dot(normal, up), dot(normal, toward)];
        let lamp = dot(seen, LAMP).max(0.0);
        let (pale, light) = if hit.cut {
            (CUT.0, CUT.1 + (1.0 - CUT.1) * lamp)
        } else {
            (0.0, (LIGHT.0 + LIGHT.1 * lamp) * self.open(place, normal))
        };
        let mix = |c: f64, share: f64, i: usize| c + share * (f64::from(PAPER[i]) - c);
        [0, 1, 2].map(|i| {
            let ground = mix(f64::from(own[i]), pale, i);
            mix((ground * light).min(255.0), HAZE * hit.depth.clamp(0.0, 1.0), i)
        })
    }

    /// Place on the smoothed surface near a hit, and the normal there (x, y, z): out of the set, turned to the eye where
    /// a thin part has no side of its own.
    fn surface(&self, hit: &Hit) -> ([f64; 3], [f64; 3]) {
        // The steps of the voxels would show in the shading: light is reckoned where the smoothed set is half full.
        let mut place = hit.place;
        let mut out = self.smooth.outward(hit.place);
        let steepness = dot(out, out);
        if steepness > 1e-6 {
            let most = NEARBY / steepness.sqrt();
            let step = ((self.smooth.at(hit.place) - 0.5) / steepness).clamp(-most, most);
            let nearby = [0, 1, 2].map(|i| hit.place[i] + step * out[i]);
            let there = self.smooth.outward(nearby);
            // A part thinner than the smoothing may be crossed by the step.
            if dot(there, out) > 0.0 {
                (place, out) = (nearby, there);
            }
        }
        let [z, y, x] = out;
        let gradient = unit([x / self.voxel[2], y / self.voxel[1], z / self.voxel[0]].map(|c| c * self.reach));
        let Some(normal) = gradient else { return (place, hit.face) };
        if dot(normal, self.camera.toward) > 0.05 {
            return (place, normal);
        }
        (place, unit([0, 1, 2].map(|i| normal[i] + hit.face[i])).unwrap_or(hit.face))
    }

    /// Share of the light that reaches a place: hollows are full of surroundings, tips are not.
    fn open(&self, place: [f64; 3], normal: [f64; 3]) -> f64 {
        let place = [0, 1, 2].map(|i| place[i] + 0.5 * self.reach * normal[2 - i] / self.voxel[i]);
        // A plane fills about a quarter of a box that stands off by half its half width.
        let full = ((self.around.at(place) - 0.18) / 0.6).clamp(0.0, 1.0);
        1.0 - SHADE * full
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Balls and single voxels by a simple sequence of numbers.
    fn clutter(shape: [usize; 3]) -> Grid {
        let mut state = 7u64;
        let mut next = |n: usize| {
            state = state.wrapping_mul(6364136223846793005).wrapping_add(1442695040888963407);
            (state >> 33) as usize % n
        };
        let mut voxels = vec![0; shape.iter().product()];
        for k in 0..14 {
            let (c, r) = ([next(shape[0]), next(shape[1]), next(shape[2])], next(4));
            for (i, v) in voxels.iter_mut().enumerate() {
                let p = [i / (shape[1] * shape[2]), i / shape[2] % shape[1], i % shape[2]];
                if (0..3).map(|a| p[a].abs_diff(c[a]).pow(2)).sum::<usize>() <= r * r {
                    *v = 1 + k % 2;
                }
            }
        }
        Grid { voxels, shape }
    }

    /// The first voxel that small steps along the ray find.
    fn step_by_step(view: &View<'_>, at: [f64; 2]) -> Option<usize> {
        let Camera { right, up, toward } = view.camera;
        let depth = view.camera.depth(view.size);
        let parts = 20_000;
        (0..parts).find_map(|k| {
            let far = depth * (0.5 - (f64::from(k) + 0.5) / f64::from(parts));
            let mut index = 0;
            for i in 0..3 {
                let axis = 2 - i;
                let p = view.size[axis] / 2.0 + at[0] * right[axis] + at[1] * up[axis] + far * toward[axis];
                let cell = (p / view.voxel[i]).floor();
                if cell < 0.0 || cell >= view.grid.shape[i] as f64 {
                    return None;
                }
                index = index * view.grid.shape[i] + cell as usize;
            }
            (view.grid.voxels[index] != 0).then_some(index)
        })
    }

    #[test]
    fn rays_meet_what_small_steps_find() {
        let grid = clutter([14, 17, 20]);
        for (azimuth, elevation) in [(35.0, 25.0), (0.0, 0.0), (200.0, -40.0), (90.0, 90.0)] {
            let view = View::new(&grid, Camera::new(azimuth, elevation), [2e-9, 1e-9, 1.5e-9], &[[9, 9, 9]]);
            let [wide, high] = view.camera.extent(view.size);
            let mut other = 0;
            for k in 0..900 {
                let at = [((k % 30) as f64 + 0.53) / 30.0 - 0.5, ((k / 30) as f64 + 0.51) / 30.0 - 0.5];
                let at = [at[0] * wide, at[1] * high];
                let hit = view.meet(at).map(|h| h.index);
                other += usize::from(hit != step_by_step(&view, at));
            }
            // Rays that touch a corner pass between the small steps.
            assert!(other <= 4, "{other} of 900 rays at {azimuth}, {elevation}");
        }
    }

    #[test]
    fn pixels_do_not_depend_on_threads() {
        let grid = clutter([14, 17, 20]);
        let view = View::new(&grid, Camera::new(35.0, 25.0), [1.0; 3], &[[0, 114, 178], [213, 94, 0]]);
        let on = |n: usize| {
            let pool = rayon::ThreadPoolBuilder::new().num_threads(n).build().expect("threads");
            pool.install(|| view.pixels(70, 60))
        };
        let one = on(1);
        assert_eq!(one, on(3));
        let seen = one.chunks_exact(4).filter(|p| p[3] == 255).count();
        assert!(seen > 300 && seen < 70 * 60, "{seen}");
    }

    #[test]
    fn limits_of_the_volume_cut_flat_and_pale_faces() {
        let grid = Grid { voxels: vec![1; 512], shape: [8; 3] };
        let view = View::new(&grid, Camera::new(35.0, 25.0), [1.0; 3], &[[0, 114, 178]]);
        let pixels = view.pixels(40, 40);
        let at = |x: usize, y: usize| [pixels[(y * 40 + x) * 4], pixels[(y * 40 + x) * 4 + 2]];
        // Top, left and right side; red says how pale.
        let (top, left, right) = (at(20, 6), at(10, 22), at(32, 22));
        assert!(top[1] > left[1] && left[1] > right[1], "{top:?} {left:?} {right:?}");
        assert!(right[0] > 60);
    }
}
