//! What each region of a volume is: size, place, value, axes of inertia, extent, surface, border (METHODS §5, §10).

use serde::{Deserialize, Serialize};

/// Sums over the voxels of a region; whole numbers, so that no order of adding matters. Axes are z, y, x.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Sums {
    /// Voxels.
    pub n: u64,
    /// Sums of indices.
    place: [u64; 3],
    /// Sums of products of indices: zz, yy, xx, zy, zx, yx.
    products: [u128; 6],
    /// Least and greatest index.
    low: [u32; 3],
    high: [u32; 3],
    /// Sides of voxels that face out of the region, across z, y and x.
    faces: [u64; 3],
    /// Whether it touches an invalid voxel.
    pub hole: bool,
}

impl Default for Sums {
    fn default() -> Sums {
        Sums { n: 0, place: [0; 3], products: [0; 6], low: [u32::MAX; 3], high: [0; 3], faces: [0; 3], hole: false }
    }
}

impl Sums {
    /// Adds a run of plane `z`.
    pub fn add(&mut self, z: u64, run: &super::runs::Run) {
        let (y, a, b) = (u64::from(run.y), u64::from(run.first), u64::from(run.end));
        let n = b - a;
        // Σ i and Σ i² over a … b − 1.
        let up_to =
            |m: u64| u128::from(m) * u128::from(m.saturating_sub(1)) * u128::from((2 * m).saturating_sub(1)) / 6;
        let x = n * (a + b - 1) / 2;
        self.n += n;
        for (k, v) in [n * z, n * y, x].into_iter().enumerate() {
            self.place[k] += v;
        }
        let wide = |a: u64, b: u64| u128::from(a) * u128::from(b);
        let products = [wide(n * z, z), wide(n * y, y), up_to(b) - up_to(a), wide(n * z, y), wide(z, x), wide(y, x)];
        for (sum, v) in self.products.iter_mut().zip(products) {
            *sum += v;
        }
        for (k, (low, high)) in [(z, z), (y, y), (a, b - 1)].into_iter().enumerate() {
            self.low[k] = self.low[k].min(low as u32);
            self.high[k] = self.high[k].max(high as u32);
        }
        self.faces[0] += 2 * n;
        self.faces[1] += 2 * n;
        self.faces[2] += 2;
    }

    /// Takes `n` pairs of sides across an axis away, which face each other within the region.
    pub fn face(&mut self, axis: usize, n: u32) {
        self.faces[axis] = self.faces[axis].wrapping_sub(2 * u64::from(n));
    }

    /// Adds another part of the same region.
    pub fn join(&mut self, other: &Sums) {
        self.n += other.n;
        for k in 0..3 {
            self.place[k] += other.place[k];
            self.low[k] = self.low[k].min(other.low[k]);
            self.high[k] = self.high[k].max(other.high[k]);
            self.faces[k] = self.faces[k].wrapping_add(other.faces[k]);
        }
        for (a, b) in self.products.iter_mut().zip(other.products) {
            *a += b;
        }
        self.hole |= other.hole;
    }

    /// Second central moments a voxel: zz, yy, xx, zy, zx, yx, in voxels².
    fn central(&self) -> [f64; 6] {
        let n = u128::from(self.n);
        let over = n as f64 * n as f64;
        let difference = |a: u128, b: u128| if a >= b { (a - b) as f64 } else { -((b - a) as f64) };
        let moment = |k: usize, i: usize, j: usize| {
            difference(n * self.products[k], u128::from(self.place[i]) * u128::from(self.place[j])) / over
        };
        [moment(0, 0, 0), moment(1, 1, 1), moment(2, 2, 2), moment(3, 0, 1), moment(4, 0, 2), moment(5, 1, 2)]
    }
}

/// One region of a volume, lengths in m.
#[derive(Clone, Debug, PartialEq)]
pub struct Body {
    /// From 1, in the order of first voxels.
    pub id: usize,
    /// Voxels in it.
    pub voxels: u64,
    /// Volume, m³.
    pub volume: f64,
    /// (3V/4π)^{1/3}.
    pub r_eq: f64,
    /// Centre of mass `[x, y, z]` from the corner of the volume.
    pub centroid: [f64; 3],
    /// Sum of the values, SI.
    pub sum: f64,
    /// Mean of the values, SI.
    pub mean: f64,
    /// Axes 2√(5λ) of the ellipsoid with the same second moments, the longest first.
    pub axes: [f64; 3],
    /// Direction `[x, y, z]` of the longest axis, of length 1, its last part that is not zero positive; NaN where no axis
    /// is the longest.
    pub direction: [f64; 3],
    /// Area of the surface, m²: two thirds of the sides of voxels that face outwards, which is right for surfaces that
    /// look in all directions alike.
    pub surface: f64,
    /// Whether it touches a face of the volume.
    pub border: bool,
    /// Whether it touches an invalid voxel.
    pub hole: bool,
    /// Voxels of its bounding box along z, y and x.
    pub extent: [usize; 3],
    /// Whether it reaches from one face of the volume to the opposite one.
    pub spans: bool,
}

impl Body {
    /// Of the sums over a region of a volume of that shape with voxels of `voxel` `[z, y, x]` metres.
    pub fn new(id: usize, sums: &Sums, sum: f64, voxel: [f64; 3], shape: [usize; 3]) -> Body {
        let n = sums.n as f64;
        let volume = n * voxel.iter().product::<f64>();
        let [zz, yy, xx, zy, zx, yx] = sums.central();
        let [dz, dy, dx] = voxel;
        // A voxel is no point: it has the second moment of its own box. A direction of one voxel is one as well: the
        // regions of a plane are flat.
        let own = |v: f64| v + 1.0 / 12.0;
        let matrix = nalgebra::Matrix3::new(
            own(xx) * dx * dx,
            yx * dy * dx,
            zx * dz * dx,
            yx * dy * dx,
            own(yy) * dy * dy,
            zy * dz * dy,
            zx * dz * dx,
            zy * dz * dy,
            own(zz) * dz * dz,
        );
        let eigen = nalgebra::SymmetricEigen::new(matrix);
        let mut order = [0, 1, 2];
        order.sort_by(|a, b| eigen.eigenvalues[*b].total_cmp(&eigen.eigenvalues[*a]));
        let axes = order.map(|k| 2.0 * (5.0 * eigen.eigenvalues[k].max(0.0)).sqrt());
        let long = eigen.eigenvectors.column(order[0]);
        let mut direction = [long[0], long[1], long[2]];
        if let Some(last) = direction.iter().rev().find(|v| v.abs() > 1e-9)
            && *last < 0.0
        {
            direction = direction.map(|v| -v);
        }
        if axes[0] < axes[1] * (1.0 + 1e-9) {
            direction = [f64::NAN; 3];
        }
        let (low, high) = (sums.low.map(|v| v as usize), sums.high.map(|v| v as usize));
        let touches = |k: usize| [low[k] == 0, high[k] + 1 == shape[k]];
        // A volume of one plane is a map: regions touch its sides, not its faces.
        let sides: Vec<[bool; 2]> = (0..3).filter(|k| shape[*k] > 1).map(touches).collect();
        let faces = sums.faces[0] as f64 * dy * dx + sums.faces[1] as f64 * dz * dx + sums.faces[2] as f64 * dz * dy;
        let middle = |k: usize| (sums.place[k] as f64 / n + 0.5) * voxel[k];
        Body {
            id,
            voxels: sums.n,
            volume,
            r_eq: libm::cbrt(0.75 * volume / std::f64::consts::PI),
            centroid: [middle(2), middle(1), middle(0)],
            sum,
            mean: sum / n,
            axes,
            direction,
            surface: 2.0 / 3.0 * faces,
            border: sides.iter().flatten().any(|s| *s),
            hole: sums.hole,
            extent: [0, 1, 2].map(|k| high[k] + 1 - low[k]),
            spans: sides.iter().any(|s| s[0] && s[1]),
        }
    }

    /// Longest axis over the shortest.
    pub fn aspect_ratio(&self) -> f64 {
        self.axes[0] / self.axes[2]
    }
}
