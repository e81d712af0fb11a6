//! Largest and smallest width of a region: Feret diameters of the convex hull of its pixels' corners.

/// The hull of points given in rows from the top: the outermost corners of each row.
///
/// `rows` holds, for consecutive rows, the index of the row, of its first pixel and one past its last; `step` is
/// [row, column]. The hull is returned counter-clockwise (x to the right, y downwards), without points on its edges.
pub fn hull(rows: &[(usize, usize, usize)], step: [f64; 2]) -> Vec<[f64; 2]> {
    // Corners of rows sorted by y: the right chain downwards, the left chain upwards.
    let mut right: Vec<[i64; 2]> = Vec::with_capacity(rows.len() + 2);
    let mut left: Vec<[i64; 2]> = Vec::with_capacity(rows.len() + 2);
    for &(row, first, end) in rows {
        for y in [row as i64, row as i64 + 1] {
            push(&mut right, [end as i64, y], 1);
            push(&mut left, [first as i64, y], -1);
        }
    }
    left.reverse();
    right.extend(left);
    right.dedup();
    right.into_iter().map(|[x, y]| [x as f64 * step[1], y as f64 * step[0]]).collect()
}

/// Adds a point to a chain of rising y that bends to one side only; whole numbers, so that no turn is misjudged.
fn push(chain: &mut Vec<[i64; 2]>, p: [i64; 2], side: i64) {
    if let Some(last) = chain.last_mut()
        && last[1] == p[1]
    {
        // The same height twice, where one row ends and the next begins: the outer one counts.
        if (p[0] - last[0]) * side <= 0 {
            return;
        }
        chain.pop();
    }
    while let [.., a, b] = chain.as_slice() {
        let turn = (b[0] - a[0]) * (p[1] - b[1]) - (b[1] - a[1]) * (p[0] - b[0]);
        // Outwards and then back: `b` stays; straight or hollow: it goes.
        if turn * side > 0 {
            break;
        }
        chain.pop();
    }
    chain.push(p);
}

/// [largest, smallest] Feret diameter of a convex polygon.
pub fn diameters(hull: &[[f64; 2]]) -> [f64; 2] {
    let n = hull.len();
    if n < 3 {
        return [f64::NAN; 2];
    }
    let cross = |a: [f64; 2], b: [f64; 2], p: [f64; 2]| (b[0] - a[0]) * (p[1] - a[1]) - (b[1] - a[1]) * (p[0] - a[0]);
    let distance = |a: [f64; 2], b: [f64; 2]| ((a[0] - b[0]) * (a[0] - b[0]) + (a[1] - b[1]) * (a[1] - b[1])).sqrt();
    let (mut largest, mut smallest) = (0.0f64, f64::INFINITY);
    // Calipers: the point farthest from an edge moves on as the edge does.
    let mut far = 1;
    for i in 0..n {
        let (a, b) = (hull[i], hull[(i + 1) % n]);
        let height = |k: usize| cross(a, b, hull[k % n]).abs();
        let mut steps = 0;
        while height(far + 1) > height(far) && steps < n {
            far = (far + 1) % n;
            steps += 1;
            // Every point passed lies opposite to the corner between this edge and the one before it.
            largest = largest.max(distance(a, hull[far]));
        }
        smallest = smallest.min(height(far) / distance(a, b));
        // Points at the same height are farthest together.
        for k in [far, far + 1] {
            largest = largest.max(distance(a, hull[k % n])).max(distance(b, hull[k % n]));
        }
    }
    [largest, smallest]
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::num::random::Random;

    /// By the definition: all pairs of corners; all directions of pairs of corners.
    fn slow(rows: &[(usize, usize, usize)], step: [f64; 2]) -> [f64; 2] {
        let corners: Vec<[f64; 2]> = rows
            .iter()
            .flat_map(|&(r, a, b)| [(r, a), (r, b), (r + 1, a), (r + 1, b)])
            .map(|(y, x)| [x as f64 * step[1], y as f64 * step[0]])
            .collect();
        let (mut largest, mut smallest) = (0.0f64, f64::INFINITY);
        for a in &corners {
            for b in &corners {
                let (dx, dy) = (b[0] - a[0], b[1] - a[1]);
                let d = (dx * dx + dy * dy).sqrt();
                largest = largest.max(d);
                if d > 0.0 {
                    let across = corners.iter().map(|p| (dx * p[1] - dy * p[0]) / d);
                    let (low, high) = across.fold((f64::INFINITY, f64::NEG_INFINITY), |(l, h), v| (l.min(v), h.max(v)));
                    smallest = smallest.min(high - low);
                }
            }
        }
        [largest, smallest]
    }

    #[test]
    fn simple_shapes() {
        let d = diameters(&hull(&[(0, 0, 1)], [1.0, 1.0]));
        assert!((d[0] - 2f64.sqrt()).abs() < 1e-15 && (d[1] - 1.0).abs() < 1e-15);
        let d = diameters(&hull(&[(3, 2, 6)], [1.5, 1.0]));
        assert!((d[0] - (16.0 + 2.25f64).sqrt()).abs() < 1e-15 && (d[1] - 1.5).abs() < 1e-15);
        assert_eq!(hull(&[(0, 0, 2), (1, 0, 2), (2, 0, 2)], [1.0, 1.0]).len(), 4);
    }

    #[test]
    fn calipers_agree_with_the_definition() {
        let mut random = Random::named("feret", 0);
        for _ in 0..3000 {
            let n = 1 + random.below(12);
            let mut at = 20;
            let rows: Vec<(usize, usize, usize)> = (0..n)
                .map(|r| {
                    at = (at + random.below(7)).saturating_sub(3);
                    (r, at, at + 1 + random.below(1 + random.clone().below(14)))
                })
                .collect();
            let step = [0.5 + random.uniform(), 0.5 + random.uniform()];
            let (have, want) = (diameters(&hull(&rows, step)), slow(&rows, step));
            for k in 0..2 {
                assert!((have[k] / want[k] - 1.0).abs() < 1e-12, "{rows:?} {step:?}: {have:?} {want:?}");
            }
        }
    }
}
