//! Background subtraction by least squares over valid pixels, row by row or over the whole map.

use ndarray::{Array2, Axis};
use rayon::prelude::*;

use crate::num::linear::{legendre, orthonormal, solve_spd};
use crate::num::quantile::median;
use crate::num::sum::{dot, mean};
use softspot_data::{Levelling, RowMethod};

/// A map that cannot be levelled.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum LevelError {
    /// Fewer valid pixels than coefficients, or all of them on a line.
    #[error(
        "the valid pixels do not determine a polynomial of degree ({0}, {1}); use a lower degree or a smaller mask"
    )]
    Undetermined(u8, u8),
}

/// Subtracts a background in place. Invalid pixels stay invalid and take no part.
///
/// A row with too few valid pixels for its polynomial is levelled by the highest degree they determine.
///
/// # Errors
/// [`LevelError`] if a two-dimensional polynomial is not determined.
pub fn level(values: &mut Array2<f64>, step: &Levelling) -> Result<(), LevelError> {
    let constant = is_constant(values);
    match *step {
        Levelling::Polynomial { degree } => polynomial(values, degree)?,
        Levelling::Rows { row, degree } => rows(values, row, usize::from(degree)),
    }
    if constant {
        // Exactly nothing is left, where rounding would leave something to analyse.
        values.mapv_inplace(|v| v * 0.0);
    }
    Ok(())
}

/// Whether all valid values are equal.
fn is_constant(values: &Array2<f64>) -> bool {
    let mut valid = values.iter().filter(|v| v.is_finite());
    valid.next().is_some_and(|first| valid.all(|v| v == first))
}

fn rows(values: &mut Array2<f64>, method: RowMethod, degree: usize) {
    match method {
        RowMethod::Median => each_row(values, |row| subtract(row, median(&mut finite(row)))),
        RowMethod::Mean => each_row(values, |row| subtract(row, mean(&finite(row)))),
        RowMethod::Polynomial => {
            let basis = orthonormal(values.ncols(), degree);
            let products = Products::new(&basis);
            each_row(values, |row| row_polynomial(row, &basis, &products));
        }
        RowMethod::MedianDifference => median_differences(values),
    }
}

fn each_row(values: &mut Array2<f64>, f: impl Fn(&mut [f64]) + Sync) {
    values.axis_iter_mut(Axis(0)).into_par_iter().for_each(|mut row| {
        if let Some(row) = row.as_slice_mut() {
            f(row);
        }
    });
}

fn finite(row: &[f64]) -> Vec<f64> {
    row.iter().copied().filter(|v| v.is_finite()).collect()
}

fn subtract(row: &mut [f64], value: f64) {
    if value.is_finite() {
        row.iter_mut().for_each(|v| *v -= value);
    }
}

/// Least-squares polynomial along one row; `basis` is orthonormal over the whole row.
fn row_polynomial(row: &mut [f64], basis: &[Vec<f64>], products: &Products) {
    // The projections are exact for a whole row; a NaN in it makes them NaN, which is the test for holes.
    let whole: Vec<f64> = basis.iter().map(|q| dot(q, row)).collect();
    if whole.first().is_some_and(|c| c.is_finite()) {
        return remove(row, basis, &whole);
    }
    for used in (1..=basis.len()).rev() {
        if let Some(c) = masked_projection(row, &basis[..used], products) {
            return remove(row, &basis[..used], &c);
        }
    }
}

fn remove(row: &mut [f64], basis: &[Vec<f64>], coefficients: &[f64]) {
    for (q, c) in basis.iter().zip(coefficients) {
        row.iter_mut().zip(q).for_each(|(v, q)| *v -= c * q);
    }
}

fn masked_projection(row: &[f64], basis: &[Vec<f64>], products: &Products) -> Option<Vec<f64>> {
    let (gram, rhs) = products.sums(row, basis);
    let n = basis.len();
    let matrix: Vec<f64> = (0..n * n).map(|k| gram[Products::index(k / n, k % n)]).collect();
    solve_spd(&matrix, &rhs)
}

/// The products of a basis along a row, made once: what a row with holes needs are then plain sums of products.
struct Products(Vec<Vec<f64>>);

impl Products {
    fn new(basis: &[Vec<f64>]) -> Products {
        let pairs = (0..basis.len()).flat_map(|i| (0..=i).map(move |j| (i, j)));
        Products(pairs.map(|(i, j)| basis[i].iter().zip(&basis[j]).map(|(a, b)| a * b).collect()).collect())
    }

    /// Where the product of functions `i` and `j` lies.
    fn index(i: usize, j: usize) -> usize {
        let (i, j) = (i.max(j), i.min(j));
        i * (i + 1) / 2 + j
    }

    /// Over the valid pixels of `row`: the sum of each product of the functions in `basis`, and their projections.
    fn sums(&self, row: &[f64], basis: &[Vec<f64>]) -> (Vec<f64>, Vec<f64>) {
        let valid: Vec<f64> = row.iter().map(|v| if v.is_finite() { 1.0 } else { 0.0 }).collect();
        let filled: Vec<f64> = row.iter().map(|v| if v.is_finite() { *v } else { 0.0 }).collect();
        let gram = self.0[..Products::index(basis.len(), 0)].iter().map(|p| dot(p, &valid)).collect();
        (gram, basis.iter().map(|q| dot(q, &filled)).collect())
    }
}

/// Each line is shifted so that the median of its differences to the line above is zero.
fn median_differences(values: &mut Array2<f64>) {
    let shifts: Vec<f64> = (1..values.nrows())
        .into_par_iter()
        .map(|y| {
            let (above, line) = (values.row(y - 1), values.row(y));
            let mut d: Vec<f64> = line.iter().zip(above).map(|(a, b)| a - b).filter(|d| d.is_finite()).collect();
            if d.is_empty() { 0.0 } else { median(&mut d) }
        })
        .collect();
    let mut total = 0.0;
    for (mut row, shift) in values.rows_mut().into_iter().skip(1).zip(shifts) {
        total += shift;
        row.iter_mut().for_each(|v| *v -= total);
    }
}

fn polynomial(values: &mut Array2<f64>, degree: [u8; 2]) -> Result<(), LevelError> {
    let [nx, ny] = degree.map(usize::from);
    let (rows, columns) = values.dim();
    let error = LevelError::Undetermined(degree[0], degree[1]);
    if columns <= nx || rows <= ny {
        return Err(error);
    }
    let coefficients = match whole_coefficients(values, nx, ny) {
        Some((px, py, c)) => return subtract_surface(values, &px, &py, &c),
        None => masked_coefficients(values, nx, ny).ok_or(error)?,
    };
    subtract_surface(values, &legendre(columns, nx), &legendre(rows, ny), &coefficients)
}

type Surface = (Vec<Vec<f64>>, Vec<Vec<f64>>, Vec<f64>);

/// Projections on the separable orthonormal basis; `None` if a pixel is invalid.
fn whole_coefficients(values: &Array2<f64>, nx: usize, ny: usize) -> Option<Surface> {
    let (rows, columns) = values.dim();
    let (px, py) = (orthonormal(columns, nx), orthonormal(rows, ny));
    let per_row: Vec<Vec<f64>> = (0..rows)
        .into_par_iter()
        .map(|y| {
            let row = values.row(y);
            row.as_slice().map_or_else(Vec::new, |row| px.iter().map(|p| dot(p, row)).collect())
        })
        .collect();
    let mut c = vec![0.0; px.len() * py.len()];
    for (y, row) in per_row.iter().enumerate() {
        for (j, q) in py.iter().enumerate() {
            for (i, a) in row.iter().enumerate() {
                c[j * px.len() + i] += q[y] * a;
            }
        }
    }
    c.iter().all(|c| c.is_finite()).then_some((px, py, c))
}

/// Normal equations over valid pixels in Legendre products.
fn masked_coefficients(values: &Array2<f64>, nx: usize, ny: usize) -> Option<Vec<f64>> {
    let (rows, columns) = values.dim();
    let (px, py) = (legendre(columns, nx), legendre(rows, ny));
    let (kx, k) = (nx + 1, (nx + 1) * (ny + 1));
    // Per row: the products of the x basis over valid pixels and their projection; the y basis is constant along it.
    let products = Products::new(&px);
    let per_row: Vec<(Vec<f64>, Vec<f64>)> = (0..rows)
        .into_par_iter()
        .map(|y| match values.row(y).as_slice() {
            Some(row) => products.sums(row, &px),
            None => products.sums(&values.row(y).to_vec(), &px),
        })
        .collect();
    let (mut matrix, mut rhs) = (vec![0.0; k * k], vec![0.0; k]);
    for (y, (gram, projection)) in per_row.iter().enumerate() {
        for a in 0..k {
            let (ja, ia) = (a / kx, a % kx);
            rhs[a] += py[ja][y] * projection[ia];
            for b in 0..k {
                let (jb, ib) = (b / kx, b % kx);
                matrix[a * k + b] += py[ja][y] * py[jb][y] * gram[Products::index(ia, ib)];
            }
        }
    }
    solve_spd(&matrix, &rhs)
}

fn subtract_surface(values: &mut Array2<f64>, px: &[Vec<f64>], py: &[Vec<f64>], c: &[f64]) -> Result<(), LevelError> {
    values.axis_iter_mut(Axis(0)).into_par_iter().enumerate().for_each(|(y, mut row)| {
        let along: Vec<f64> =
            (0..px.len()).map(|i| py.iter().enumerate().map(|(j, q)| c[j * px.len() + i] * q[y]).sum()).collect();
        if let Some(row) = row.as_slice_mut() {
            remove(row, px, &along);
        }
    });
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::num::random::Random;

    fn field(rows: usize, columns: usize) -> Array2<f64> {
        let mut r = Random::named("level", 1);
        Array2::from_shape_simple_fn((rows, columns), || r.normal())
    }

    fn add(z: &mut Array2<f64>, f: impl Fn(f64, f64) -> f64) {
        for ((y, x), v) in z.indexed_iter_mut() {
            *v += f(x as f64, y as f64);
        }
    }

    #[test]
    fn a_constant_map_leaves_exactly_nothing() {
        for step in
            [Levelling::Polynomial { degree: [1, 1] }, Levelling::Rows { row: RowMethod::Polynomial, degree: 2 }]
        {
            let mut z = Array2::from_elem((20, 30), 7.3e-3);
            z[[3, 4]] = f64::NAN;
            level(&mut z, &step).unwrap();
            assert!(z.iter().filter(|v| v.is_finite()).all(|v| *v == 0.0) && z[[3, 4]].is_nan());
        }
    }

    #[test]
    fn a_polynomial_is_removed_whole_and_nothing_else() {
        let step = Levelling::Polynomial { degree: [3, 2] };
        for holes in [false, true] {
            let mut plain = field(40, 30);
            if holes {
                plain
                    .indexed_iter_mut()
                    .filter(|((y, x), _)| (y * 7 + x * 3) % 5 == 0)
                    .for_each(|(_, v)| *v = f64::NAN);
            }
            let mut bent = plain.clone();
            add(&mut bent, |x, y| 1e3 + 5.0 * x - 0.3 * x * y + 0.01 * x * x * x - 0.002 * x * x * y * y);
            level(&mut plain, &step).unwrap();
            level(&mut bent, &step).unwrap();
            for (a, b) in plain.iter().zip(&bent) {
                assert!(a.is_nan() && b.is_nan() || (a - b).abs() < 1e-8, "{a} {b}");
            }
        }
    }

    #[test]
    fn residuals_are_orthogonal_to_what_was_removed() {
        let mut z = field(50, 41);
        z[[3, 4]] = f64::NAN;
        level(&mut z, &Levelling::Polynomial { degree: [1, 1] }).unwrap();
        for f in [|_, _| 1.0, |x, _| x, |_, y| y, |x: f64, y: f64| x * y] {
            let s: f64 =
                z.indexed_iter().filter(|(_, v)| v.is_finite()).map(|((y, x), v)| v * f(x as f64, y as f64)).sum();
            assert!(s.abs() < 1e-6, "{s}");
        }
    }

    #[test]
    fn rows_by_every_method() {
        for (row, degree) in
            [(RowMethod::Median, 0), (RowMethod::Mean, 0), (RowMethod::Polynomial, 2), (RowMethod::MedianDifference, 0)]
        {
            let step = Levelling::Rows { row, degree };
            let mut plain = field(20, 33);
            let mut shifted = plain.clone();
            for (y, mut r) in shifted.rows_mut().into_iter().enumerate() {
                r.iter_mut().for_each(|v| *v += (y * y) as f64);
            }
            level(&mut plain, &step).unwrap();
            level(&mut shifted, &step).unwrap();
            let worst = plain.iter().zip(&shifted).map(|(a, b)| (a - b).abs()).fold(0.0, f64::max);
            assert!(worst < 1e-10, "{row:?}: {worst}");
        }
    }

    #[test]
    fn too_few_pixels_are_said_or_handled() {
        let mut tiny = Array2::from_elem((2, 2), 1.0);
        assert!(level(&mut tiny, &Levelling::Polynomial { degree: [3, 3] }).is_err());
        let mut line = Array2::from_elem((10, 10), f64::NAN);
        (0..10).for_each(|x| line[[4, x]] = x as f64);
        assert!(level(&mut line, &Levelling::Polynomial { degree: [1, 1] }).is_err());
        // A row of two valid pixels takes a line at most; one of none stays as it is.
        let mut few = Array2::from_elem((2, 9), f64::NAN);
        few[[0, 1]] = 5.0;
        few[[0, 7]] = 9.0;
        level(&mut few, &Levelling::Rows { row: RowMethod::Polynomial, degree: 3 }).unwrap();
        assert!(few[[0, 1]].abs() < 1e-9 && few[[0, 7]].abs() < 1e-9 && few[[1, 0]].is_nan());
    }
}
