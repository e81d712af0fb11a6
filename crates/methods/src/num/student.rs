//! Student's t: half widths of intervals in standard errors.

use statrs::distribution::{ContinuousCDF, StudentsT};

/// 97.5 % point of Student's t of so many degrees of freedom; NaN of none.
pub fn student(freedom: f64) -> f64 {
    StudentsT::new(0.0, 1.0, freedom).map_or(f64::NAN, |t| t.inverse_cdf(0.975))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn points_of_the_tables() {
        // Abramowitz & Stegun, table 26.10.
        for (freedom, t) in [(1.0, 12.706), (3.0, 3.182), (4.0, 2.776), (9.0, 2.262), (30.0, 2.042)] {
            assert!((student(freedom) - t).abs() < 6e-4, "{freedom} {}", student(freedom));
        }
        assert!(student(0.0).is_nan());
    }
}
