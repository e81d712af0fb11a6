//! An orthographic camera about a box: where its corners, edges and rays lie.

/// Directions of the picture in space (x, y, z), all of length one.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Camera {
    pub(crate) right: [f64; 3],
    pub(crate) up: [f64; 3],
    /// From the box to the eye.
    pub(crate) toward: [f64; 3],
}

/// One edge of the box by its corners, each with 0 or 1 a direction, and whether it lies behind everything.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Edge {
    pub(crate) from: [usize; 3],
    pub(crate) to: [usize; 3],
    pub(crate) behind: bool,
}

pub(crate) fn dot(a: [f64; 3], b: [f64; 3]) -> f64 {
    a[0] * b[0] + a[1] * b[1] + a[2] * b[2]
}

/// A vector of length one; `None` for one without a direction.
pub(crate) fn unit(v: [f64; 3]) -> Option<[f64; 3]> {
    let length = dot(v, v).sqrt();
    (length > 1e-12).then(|| v.map(|c| c / length))
}

impl Camera {
    /// The eye over the horizon by `elevation`, turned from −y towards +x by `azimuth` (degrees); z is up.
    pub(crate) fn new(azimuth: f64, elevation: f64) -> Camera {
        let (a, e) = (azimuth.to_radians(), elevation.to_radians());
        let (sa, ca, se, ce) = (libm::sin(a), libm::cos(a), libm::sin(e), libm::cos(e));
        Camera { right: [ca, sa, 0.0], up: [-se * sa, se * ca, ce], toward: [ce * sa, -ce * ca, se] }
    }

    /// Extents of a box in the picture, to the right and up.
    pub(crate) fn extent(&self, size: [f64; 3]) -> [f64; 2] {
        let extent = |way: [f64; 3]| (0..3).map(|i| way[i].abs() * size[i]).sum();
        [extent(self.right), extent(self.up)]
    }

    /// Extent of a box along the line of sight.
    pub(crate) fn depth(&self, size: [f64; 3]) -> f64 {
        (0..3).map(|i| self.toward[i].abs() * size[i]).sum()
    }

    /// Place of a point of the box in the picture, from its centre, to the right and up.
    pub(crate) fn project(&self, point: [f64; 3], size: [f64; 3]) -> [f64; 2] {
        let from_centre = [0, 1, 2].map(|i| point[i] - size[i] / 2.0);
        [dot(from_centre, self.right), dot(from_centre, self.up)]
    }

    /// The side of the box, 0 or 1, that faces the eye in this direction.
    pub(crate) fn near(&self, axis: usize) -> usize {
        usize::from(self.toward[axis] > 0.0)
    }

    /// The twelve edges; those at the corner farthest from the eye lie behind everything in the box.
    pub(crate) fn edges(&self) -> Vec<Edge> {
        let mut out = Vec::with_capacity(12);
        for axis in 0..3 {
            let (b, c) = ((axis + 1) % 3, (axis + 2) % 3);
            for (sb, sc) in [(0, 0), (0, 1), (1, 0), (1, 1)] {
                let mut from = [0; 3];
                (from[b], from[c]) = (sb, sc);
                let mut to = from;
                to[axis] = 1;
                let hides = |i: usize, s: usize| s != self.near(i) && self.toward[i].abs() > 1e-9;
                out.push(Edge { from, to, behind: hides(b, sb) && hides(c, sc) });
            }
        }
        out
    }

    /// The edge along `axis` that the letter of that axis stands at, on the outline of the box: below for x and y, at
    /// the left for z.
    pub(crate) fn labelled(&self, axis: usize) -> Edge {
        let mut from = [0; 3];
        if axis == 2 {
            let near = [self.near(0), self.near(1)];
            let at = |corner: [usize; 2]| (0..2).map(|i| self.right[i] * corner[i] as f64).sum::<f64>();
            let (one, other) = ([1 - near[0], near[1]], [near[0], 1 - near[1]]);
            let left = if at(one) < at(other) { one } else { other };
            (from[0], from[1]) = (left[0], left[1]);
        } else {
            from[1 - axis] = self.near(1 - axis);
            from[2] = 1 - self.near(2);
        }
        let mut to = from;
        to[axis] = 1;
        Edge { from, to, behind: false }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn directions_are_upright_and_right_handed() {
        for (a, e) in [(35.0, 25.0), (0.0, 0.0), (250.0, -70.0), (90.0, 90.0)] {
            let c = Camera::new(a, e);
            let cross = [0, 1, 2].map(|i| {
                let (j, k) = ((i + 1) % 3, (i + 2) % 3);
                c.right[j] * c.up[k] - c.right[k] * c.up[j]
            });
            assert!((0..3).all(|i| (cross[i] - c.toward[i]).abs() < 1e-12), "{a} {e}");
            assert!((dot(c.up, c.up) - 1.0).abs() < 1e-12 && c.up[2] >= -1e-12);
        }
        let front = Camera::new(0.0, 0.0);
        assert_eq!(front.extent([3.0, 5.0, 2.0]), [3.0, 2.0]);
        assert_eq!(front.near(1), 0);
    }

    #[test]
    fn three_edges_lie_behind_and_letters_stand_at_none_of_them() {
        let c = Camera::new(35.0, 25.0);
        assert_eq!(c.edges().iter().filter(|e| e.behind).count(), 3);
        for axis in 0..3 {
            let at = c.labelled(axis);
            assert!(c.edges().iter().any(|e| (e.from, e.to, e.behind) == (at.from, at.to, false)), "{axis}");
        }
        // x at the lower front, y at the lower right, z at the left.
        assert_eq!(c.labelled(0).from, [0, 0, 0]);
        assert_eq!(c.labelled(1).from, [1, 0, 0]);
        assert_eq!(c.labelled(2).from, [0, 0, 0]);
    }
}
