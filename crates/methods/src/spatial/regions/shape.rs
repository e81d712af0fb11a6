//! What each region is: size, place, value, Feret diameters, moment ellipse, border (METHODS §5).

use ndarray::ArrayView2;
use rayon::prelude::*;

use super::feret::{diameters, hull};
use super::label::Labels;
use super::runs::Run;

/// One region, lengths in m.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Region {
    /// From 1, in the order of first pixels.
    pub id: usize,
    /// Pixels in it.
    pub pixels: usize,
    /// Area, m².
    pub area: f64,
    /// √(area/π).
    pub r_eq: f64,
    /// Centre of mass `[x, y]` from the upper left corner of the map.
    pub centroid: [f64; 2],
    /// Sum and mean of the values, SI.
    pub sum: f64,
    /// Sum over pixels.
    pub mean: f64,
    /// Largest Feret diameter.
    pub d_max: f64,
    /// Smallest Feret diameter.
    pub d_min: f64,
    /// `d_max/d_min`.
    pub aspect_ratio: f64,
    /// Axes 4√λ of the ellipse with the same second moments, the longer first.
    pub axes: [f64; 2],
    /// Direction of the longer axis in (−90°, 90°], from +x towards the top; NaN where the axes are equal.
    pub inclination: f64,
    /// Whether it touches the edge of the map.
    pub border: bool,
    /// Whether it touches an invalid pixel.
    pub hole: bool,
    /// Height and width of its bounding box, pixels.
    pub extent: [usize; 2],
    /// Whether it reaches from one side of the map to the opposite one.
    pub spans: bool,
}

/// Sums over the pixels of a region; whole numbers, so that no order of adding matters.
#[derive(Clone, Copy, Default)]
struct Sums {
    n: u64,
    x: u64,
    y: u64,
    xx: u128,
    xy: u128,
    yy: u128,
}

impl Sums {
    fn add(&mut self, run: &Run) {
        let (y, a, b) = (u64::from(run.y), u64::from(run.first), u64::from(run.end));
        let n = b - a;
        // Σ i and Σ i² over a … b − 1.
        let up_to =
            |m: u64| u128::from(m) * u128::from(m.saturating_sub(1)) * u128::from((2 * m).saturating_sub(1)) / 6;
        let x = n * (a + b - 1) / 2;
        self.n += n;
        self.x += x;
        self.y += n * y;
        self.xx += up_to(b) - up_to(a);
        self.xy += u128::from(x) * u128::from(y);
        self.yy += u128::from(n) * u128::from(y) * u128::from(y);
    }

    /// Second central moments xx, xy, yy a pixel, in pixels².
    fn central(&self) -> [f64; 3] {
        let n = u128::from(self.n);
        let (x, y) = (u128::from(self.x), u128::from(self.y));
        let over = (n as f64) * (n as f64);
        // n Σxy − Σx Σy is exact in 128 bits for maps of up to 2³⁰ pixels a side.
        let difference = |a: u128, b: u128| if a >= b { (a - b) as f64 } else { -((b - a) as f64) };
        [
            difference(n * self.xx, x * x) / over,
            difference(n * self.xy, x * y) / over,
            difference(n * self.yy, y * y) / over,
        ]
    }
}

/// Measures every region of a map with pixels of `pixel` [row, column] metres.
pub fn measure(values: ArrayView2<'_, f64>, labels: &Labels, pixel: [f64; 2]) -> Vec<Region> {
    let (starts, order) = labels.by_region();
    let all_valid = values.iter().all(|v| v.is_finite());
    (0..labels.count)
        .into_par_iter()
        .with_min_len(64)
        .map(|i| {
            let runs = order[starts[i]..starts[i + 1]].iter().map(|k| labels.runs[*k as usize]);
            region(values, i + 1, runs, pixel, all_valid)
        })
        .collect()
}

fn region(
    values: ArrayView2<'_, f64>,
    id: usize,
    runs: impl Iterator<Item = Run>,
    pixel: [f64; 2],
    all_valid: bool,
) -> Region {
    let (rows, columns) = values.dim();
    let [dy, dx] = pixel;
    let mut sums = Sums::default();
    let mut sum = 0.0;
    // First pixel and one past the last, row by row.
    let mut outline: Vec<(usize, usize, usize)> = Vec::new();
    let mut hole = false;
    for run in runs {
        sums.add(&run);
        let (row, first, end) = (run.y as usize, run.first as usize, run.end as usize);
        for x in first..end {
            sum += values[[row, x]];
        }
        if !all_valid && !hole {
            let (up, down) = (row.saturating_sub(1), (row + 1).min(rows - 1));
            hole = (up..=down)
                .any(|y| (first.saturating_sub(1)..(end + 1).min(columns)).any(|x| !values[[y, x]].is_finite()));
        }
        match outline.last_mut().filter(|o| o.0 == row) {
            Some(o) => o.2 = end,
            None => outline.push((row, first, end)),
        }
    }
    let n = sums.n as f64;
    let area = n * dx * dy;
    let [d_max, d_min] = diameters(&hull(&outline, pixel));
    let [xx, xy, yy] = sums.central();
    // A pixel is no point: it has the second moment of its own square.
    let (a, b, c) = ((xx + 1.0 / 12.0) * dx * dx, xy * dx * dy, (yy + 1.0 / 12.0) * dy * dy);
    let half = 0.5 * (a - c);
    let root = libm::hypot(half, b);
    let middle = 0.5 * (a + c);
    // y runs downwards, so the angle towards the top is that of −xy.
    let angle = 0.5 * libm::atan2(-2.0 * b, a - c).to_degrees() + 0.0;
    let left = outline.iter().map(|o| o.1).min().unwrap_or(0);
    let right = outline.iter().map(|o| o.2).max().unwrap_or(0);
    let (top, bottom) = (outline.first().map_or(0, |o| o.0), outline.last().map_or(0, |o| o.0 + 1));
    Region {
        id,
        pixels: sums.n as usize,
        area,
        r_eq: (area / std::f64::consts::PI).sqrt(),
        centroid: [(sums.x as f64 / n + 0.5) * dx, (sums.y as f64 / n + 0.5) * dy],
        sum,
        mean: sum / n,
        d_max,
        d_min,
        aspect_ratio: d_max / d_min,
        axes: [4.0 * (middle + root).max(0.0).sqrt(), 4.0 * (middle - root).max(0.0).sqrt()],
        inclination: match root > 1e-9 * middle {
            true if angle <= -90.0 => angle + 180.0,
            true => angle,
            false => f64::NAN,
        },
        hole,
        border: top == 0 || left == 0 || bottom == rows || right == columns,
        extent: [bottom - top, right - left],
        spans: rows > 1 && top == 0 && bottom == rows || columns > 1 && left == 0 && right == columns,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::spatial::regions::label::{Connectivity, label};
    use ndarray::Array2;

    fn regions(map: &Array2<f64>, pixel: [f64; 2]) -> Vec<Region> {
        let mask = map.mapv(|v| v > 0.0);
        measure(map.view(), &label(mask.view(), Connectivity::Eight), pixel)
    }

    #[test]
    fn a_rectangle_by_hand() {
        // 2 × 5 pixels of 3 m × 2 m: 60 m², the variance of a length L is L²/12.
        let map =
            Array2::from_shape_fn((8, 10), |(y, x)| if (3..5).contains(&y) && (2..7).contains(&x) { 2.0 } else { 0.0 });
        let r = regions(&map, [3.0, 2.0]);
        let [r] = r[..] else { panic!("{r:?}") };
        assert_eq!((r.id, r.pixels, r.area, r.sum, r.mean, r.border, r.spans), (1, 10, 60.0, 20.0, 2.0, false, false));
        assert!((r.centroid[0] - 9.0).abs() < 1e-12 && (r.centroid[1] - 12.0).abs() < 1e-12);
        let side = |l: f64| 4.0 * (l * l / 12.0).sqrt();
        assert!((r.axes[0] - side(10.0)).abs() < 1e-12 && (r.axes[1] - side(6.0)).abs() < 1e-12, "{r:?}");
        assert!((r.d_max - 136f64.sqrt()).abs() < 1e-12 && (r.d_min - 6.0).abs() < 1e-12);
        assert_eq!((r.inclination, r.extent), (0.0, [2, 5]));
    }

    #[test]
    fn inclinations_are_counted_towards_the_top() {
        for (angle, slope) in [(45.0, -1i64), (-45.0, 1)] {
            let map = Array2::from_shape_fn((20, 20), |(y, x)| {
                let off = y as i64 - 10 - slope * (x as i64 - 10);
                if off == 0 && (4..16).contains(&x) { 1.0 } else { 0.0 }
            });
            let r = regions(&map, [1.0, 1.0]);
            assert!((r[0].inclination - angle).abs() < 1e-9, "{angle}: {:?}", r[0]);
        }
        let upright = Array2::from_shape_fn((9, 5), |(y, x)| if x == 2 && (1..8).contains(&y) { 1.0 } else { 0.0 });
        assert_eq!(regions(&upright, [1.0, 1.0])[0].inclination, 90.0);
    }

    /// A disc of radius 40.5 pixels: axes and diameters against the circle, within the diagonal of a pixel.
    #[test]
    fn a_disc_has_equal_axes() {
        let map = Array2::from_shape_fn((101, 101), |(y, x)| {
            let (u, v) = (x as f64 - 50.0, y as f64 - 50.0);
            if u * u + v * v < 40.5 * 40.5 { 1.0 } else { 0.0 }
        });
        let r = regions(&map, [1.0, 1.0])[0];
        for d in [r.d_max, r.d_min, r.axes[0], r.axes[1], 2.0 * r.r_eq] {
            assert!((d - 81.0).abs() < std::f64::consts::SQRT_2, "{r:?}");
        }
    }

    #[test]
    fn edges_and_holes() {
        let mut map = Array2::zeros((9, 9));
        map[[0, 4]] = 1.0;
        map[[4, 4]] = 1.0;
        map[[7, 7]] = 1.0;
        assert_eq!(regions(&map, [1.0, 1.0]).iter().map(|r| r.border).collect::<Vec<_>>(), [true, false, false]);
        map[[6, 6]] = f64::NAN;
        assert_eq!(regions(&map, [1.0, 1.0]).iter().map(|r| r.border).collect::<Vec<_>>(), [true, false, false]);
        assert_eq!(regions(&map, [1.0, 1.0]).iter().map(|r| r.hole).collect::<Vec<_>>(), [false, false, true]);
        let square =
            Array2::from_shape_fn((9, 9), |(y, x)| if (3..6).contains(&y) && (3..6).contains(&x) { 1.0 } else { 0.0 });
        assert!(regions(&square, [1.0, 1.0])[0].inclination.is_nan(), "equal axes have no direction");
        let bar = Array2::from_shape_fn((5, 7), |(y, _)| if y == 2 { 1.0 } else { 0.0 });
        assert!(regions(&bar, [1.0, 1.0])[0].spans);
    }
}
