//! Voxels and what light needs to know of them: how far the next one of the set is, and how full the surroundings are.

/// Voxels of shape z, y, x; 0 is outside the set.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Grid {
    pub(crate) voxels: Vec<u8>,
    pub(crate) shape: [usize; 3],
}

/// Largest half width of the surroundings (voxels).
pub(crate) const WIDEST: usize = 15;

/// Sums of the set over boxes about each voxel.
pub(crate) struct Density {
    sums: Vec<u16>,
    shape: [usize; 3],
    full: f64,
}

impl Grid {
    fn inside(&self) -> Vec<u16> {
        self.voxels.iter().map(|v| u16::from(*v != 0)).collect()
    }

    /// Weighted sum over 7 × 7 × 7 voxels (1, 3, 6, 7, 6, 3, 1 a direction); beyond the volume its face goes on.
    pub(crate) fn smooth(&self) -> Density {
        let mut sums = self.inside();
        for _ in 0..3 {
            for axis in 0..3 {
                sums = box_sums(&sums, self.shape, axis, 1, true);
            }
        }
        // 27 a direction.
        Density { sums, shape: self.shape, full: 19683.0 }
    }

    /// Sum over a box of these half widths in z, y and x, at most [`WIDEST`]; beyond the volume nothing is in the set.
    pub(crate) fn surroundings(&self, half: [usize; 3]) -> Density {
        let mut sums = self.inside();
        // 31 × 31 × 31 still fits the sums.
        let half = half.map(|h| h.min(WIDEST));
        for (axis, h) in half.into_iter().enumerate() {
            sums = box_sums(&sums, self.shape, axis, h, false);
        }
        Density { sums, shape: self.shape, full: half.iter().map(|h| (2 * h + 1) as f64).product() }
    }

    /// Steps to the nearest voxel of the set, diagonals counting as one, at most 255: a ray may jump so far unseen.
    pub(crate) fn distances(&self) -> Vec<u8> {
        let [nz, ny, nx] = self.shape;
        let mut d: Vec<u8> = self.voxels.iter().map(|v| if *v != 0 { 0 } else { u8::MAX }).collect();
        let mut least = vec![u8::MAX; nx];
        for forward in [true, false] {
            for k in 0..nz * ny {
                let k = if forward { k } else { nz * ny - 1 - k };
                let (z, y) = (k / ny, k % ny);
                least.fill(u8::MAX);
                for (dz, dy) in [(1, -1), (1, 0), (1, 1), (0, 1)] {
                    // Rows that this sweep has done already: before in a forward sweep, behind in the other.
                    let (dz, dy) = if forward { (-dz, -dy) } else { (dz, dy) };
                    let (Some(z), Some(y)) = (z.checked_add_signed(dz), y.checked_add_signed(dy)) else { continue };
                    if z < nz && y < ny {
                        let row = &d[(z * ny + y) * nx..][..nx];
                        least.iter_mut().zip(row).for_each(|(l, r)| *l = (*l).min(*r));
                    }
                }
                let row = &mut d[k * nx..][..nx];
                let mut before = u8::MAX;
                for x in 0..nx {
                    let x = if forward { x } else { nx - 1 - x };
                    let beside = least[x].min(least[x.saturating_sub(1)]).min(least[(x + 1).min(nx - 1)]);
                    before = row[x].min(beside.min(before).saturating_add(1));
                    row[x] = before;
                }
            }
        }
        d
    }
}

/// Running sums of `2 half + 1` voxels along an axis.
fn box_sums(from: &[u16], shape: [usize; 3], axis: usize, half: usize, goes_on: bool) -> Vec<u16> {
    let stride: usize = shape[axis + 1..].iter().product();
    let n = shape[axis];
    let mut out = vec![0u16; from.len()];
    let mut sum = vec![0u16; stride];
    for start in (0..from.len()).step_by(n * stride) {
        let row = |i: isize| {
            let inside = i >= 0 && (i as usize) < n;
            let i = i.clamp(0, n as isize - 1) as usize;
            (inside || goes_on).then(|| &from[start + i * stride..][..stride])
        };
        let half = half as isize;
        sum.fill(0);
        for i in -half..half {
            row(i).into_iter().for_each(|r| sum.iter_mut().zip(r).for_each(|(s, v)| *s += v));
        }
        for i in 0..n {
            let (first, last) = (i as isize - half, i as isize + half);
            row(last).into_iter().for_each(|r| sum.iter_mut().zip(r).for_each(|(s, v)| *s += v));
            out[start + i * stride..][..stride].copy_from_slice(&sum);
            row(first).into_iter().for_each(|r| sum.iter_mut().zip(r).for_each(|(s, v)| *s -= v));
        }
    }
    out
}

impl Density {
    /// Part of the box that is in the set, about a place in voxels (z, y, x; the first voxel from 0 to 1), between
    /// voxels by their distances.
    pub(crate) fn at(&self, place: [f64; 3]) -> f64 {
        let [_, ny, nx] = self.shape;
        let mut low = [0usize; 3];
        let mut step = [0usize; 3];
        let mut part = [0.0; 3];
        for i in 0..3 {
            let p = (place[i] - 0.5).clamp(0.0, (self.shape[i] - 1) as f64);
            low[i] = p as usize;
            part[i] = p - low[i] as f64;
            step[i] = usize::from(low[i] + 1 < self.shape[i]);
        }
        let first = (low[0] * ny + low[1]) * nx + low[2];
        let along = |at: usize| {
            let (a, b) = (f64::from(self.sums[at]), f64::from(self.sums[at + step[2]]));
            a + part[2] * (b - a)
        };
        let plane = |at: usize| {
            let (a, b) = (along(at), along(at + step[1] * nx));
            a + part[1] * (b - a)
        };
        let (a, b) = (plane(first), plane(first + step[0] * ny * nx));
        (a + part[0] * (b - a)) / self.full
    }

    /// Way out of the set by the gradient, per voxel, in z, y and x.
    pub(crate) fn outward(&self, place: [f64; 3]) -> [f64; 3] {
        [0, 1, 2].map(|i| {
            let (mut before, mut after) = (place, place);
            before[i] -= 1.0;
            after[i] += 1.0;
            (self.at(before) - self.at(after)) / 2.0
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn blob(shape: [usize; 3], at: &[[usize; 3]]) -> Grid {
        let mut voxels = vec![0; shape.iter().product()];
        for [z, y, x] in at {
            voxels[(z * shape[1] + y) * shape[2] + x] = 1;
        }
        Grid { voxels, shape }
    }

    #[test]
    fn distances_count_steps_along_the_longest_way() {
        let set = [[1, 2, 3], [6, 0, 0]];
        let g = blob([7, 5, 6], &set);
        let d = g.distances();
        for (i, found) in d.iter().enumerate() {
            let p = [i / 30, i / 6 % 5, i % 6];
            let to = |q: &[usize; 3]| (0..3).map(|k| p[k].abs_diff(q[k])).max().expect("three");
            assert_eq!(usize::from(*found), set.iter().map(to).min().expect("two"), "{p:?}");
        }
        assert!(blob([2, 2, 2], &[]).distances().iter().all(|d| *d == u8::MAX));
    }

    #[test]
    fn sums_are_shares_of_the_box() {
        let full = Grid { voxels: vec![3; 60], shape: [3, 4, 5] };
        assert!((full.smooth().at([0.0, 4.0, 2.2]) - 1.0).abs() < 1e-12);
        // Of 3 × 3 × 3 voxels about a corner, 2 × 2 × 2 lie in the volume.
        assert!((full.surroundings([1; 3]).at([0.0; 3]) - 8.0 / 27.0).abs() < 1e-12);
        let one = blob([5, 5, 5], &[[2, 2, 2]]);
        assert!((one.surroundings([2; 3]).at([2.5; 3]) - 1.0 / 125.0).abs() < 1e-12);
        let out = one.smooth().outward([2.5, 2.5, 3.0]);
        assert!(out[2] > 0.0 && out[0].abs() < 1e-12 && out[1].abs() < 1e-12, "{out:?}");
    }
}
