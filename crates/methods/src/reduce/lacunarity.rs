//! Moments of the mass of gliding boxes (Allain & Cloitre, doi:10.1103/PhysRevA.44.3552; METHODS §7).

use serde::{Deserialize, Serialize};

use super::{Block, Reducer, Set};

/// Boxes of each size at every place where they lie wholly inside of the volume.
pub struct Lacunarity {
    /// The set.
    pub set: Set,
    /// Voxels along an edge; along an axis that has fewer, all of it.
    pub sizes: Vec<usize>,
    /// Shape of the volume.
    pub shape: [usize; 3],
}

/// Sums over all places of a box.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Mass {
    /// Places.
    pub places: u64,
    /// Sum of masses.
    pub sum: u128,
    /// Sum of their squares.
    pub squares: u128,
}

impl Mass {
    /// Λ = ⟨m²⟩/⟨m⟩²; NaN of an empty set.
    pub fn lacunarity(&self) -> f64 {
        self.squares as f64 * self.places as f64 / (self.sum as f64 * self.sum as f64)
    }
}

impl Lacunarity {
    /// Edges of a box along z, y and x; a map is a volume of one plane, and its boxes are flat.
    fn edges(&self, size: usize) -> [usize; 3] {
        self.shape.map(|n| if n == 1 { 1 } else { size })
    }

    /// Masses of squares of a plane, at every place.
    fn squares(&self, block: &Block<'_>, z: usize, [_, ey, ex]: [usize; 3]) -> Vec<u32> {
        let [_, ny, nx] = self.shape;
        let (wide, high) = (nx + 1 - ex, ny + 1 - ey);
        let mut member = vec![false; nx];
        let mut lines: Vec<u32> = Vec::with_capacity(ny * wide);
        for row in block.plane(z).outer_iter() {
            self.set.row(row, &mut member);
            let mut n: u32 = member[..ex].iter().map(|m| u32::from(*m)).sum();
            lines.push(n);
            for (new, old) in member[ex..].iter().zip(&member) {
                n = n + u32::from(*new) - u32::from(*old);
                lines.push(n);
            }
        }
        let mut out: Vec<u32> = vec![0; high * wide];
        let mut sum = vec![0u32; wide];
        for y in 0..ny {
            sum.iter_mut().zip(&lines[y * wide..(y + 1) * wide]).for_each(|(s, v)| *s += v);
            if y + 1 >= ey {
                let top = y + 1 - ey;
                out[top * wide..(top + 1) * wide].copy_from_slice(&sum);
                sum.iter_mut().zip(&lines[top * wide..(top + 1) * wide]).for_each(|(s, v)| *s -= v);
            }
        }
        out
    }
}

impl Reducer for Lacunarity {
    type Partial = Vec<Mass>;
    type Output = Vec<Mass>;
    const ID: &'static str = "lacunarity";

    fn halo(&self) -> [usize; 2] {
        [0, self.sizes.iter().map(|s| self.edges(*s)[0] - 1).max().unwrap_or(0)]
    }

    fn empty(&self) -> Vec<Mass> {
        vec![Mass::default(); self.sizes.len()]
    }

    fn map(&self, block: &Block<'_>) -> Vec<Mass> {
        let mut out = self.empty();
        for (mass, size) in out.iter_mut().zip(&self.sizes) {
            let edges = self.edges(*size);
            if edges.iter().zip(self.shape).any(|(e, n)| *e > n) {
                continue;
            }
            // Places of the box by its first plane; the sum over planes goes along.
            let last = (self.shape[0] + 1 - edges[0]).min(block.own.end);
            let mut sum: Vec<u32> = Vec::new();
            for z in block.own.start..last {
                if sum.is_empty() {
                    sum = self.squares(block, z, edges);
                    for k in z + 1..z + edges[0] {
                        sum.iter_mut().zip(self.squares(block, k, edges)).for_each(|(s, v)| *s += v);
                    }
                } else {
                    let (new, old) = (self.squares(block, z + edges[0] - 1, edges), self.squares(block, z - 1, edges));
                    sum.iter_mut().zip(new.iter().zip(&old)).for_each(|(s, (n, o))| *s = *s + n - o);
                }
                mass.places += sum.len() as u64;
                for m in &sum {
                    mass.sum += u128::from(*m);
                    mass.squares += u128::from(u64::from(*m) * u64::from(*m));
                }
            }
        }
        out
    }

    fn merge(&self, mut left: Vec<Mass>, right: Vec<Mass>) -> Vec<Mass> {
        for (a, b) in left.iter_mut().zip(right) {
            *a = Mass { places: a.places + b.places, sum: a.sum + b.sum, squares: a.squares + b.squares };
        }
        left
    }

    fn finish(&self, total: Vec<Mass>) -> Vec<Mass> {
        total
    }
}
