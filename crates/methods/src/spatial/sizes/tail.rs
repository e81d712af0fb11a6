//! The sizes from a smallest one on, and the sums that every likelihood needs.

/// Sizes in rising order; where they are whole numbers of pixels, likelihoods are those of whole numbers.
#[derive(Clone, Debug)]
pub struct Sizes {
    values: Vec<f64>,
    /// ln of each.
    logs: Vec<f64>,
    /// Whether they count something.
    pub discrete: bool,
}

impl Sizes {
    /// Of sizes in any order; what is not finite or not positive is left out.
    pub fn new(values: impl IntoIterator<Item = f64>, discrete: bool) -> Sizes {
        let mut values: Vec<f64> = values.into_iter().filter(|v| v.is_finite() && *v > 0.0).collect();
        values.sort_unstable_by(f64::total_cmp);
        let logs = values.iter().map(|v| libm::log(*v)).collect();
        Sizes { values, logs, discrete }
    }

    /// All of them, rising.
    pub fn values(&self) -> &[f64] {
        &self.values
    }

    /// Their logarithms.
    pub fn logs(&self) -> &[f64] {
        &self.logs
    }

    /// What laws of the whole claim: the sizes from a given `x_min` on, or all.
    pub fn whole(&self, x_min: Option<f64>) -> Tail<'_> {
        self.tail(x_min.or(self.values.first().copied()).unwrap_or(1.0))
    }

    /// The sizes of at least `x_min`.
    pub fn tail(&self, x_min: f64) -> Tail<'_> {
        let from = self.values.partition_point(|v| *v < x_min);
        Tail::new(&self.values[from..], &self.logs[from..], x_min, self.discrete)
    }
}

/// Sizes of at least `x_min`, with their sums.
#[derive(Clone, Copy, Debug)]
pub struct Tail<'a> {
    /// Rising.
    pub values: &'a [f64],
    /// ln of each.
    pub logs: &'a [f64],
    /// Where it begins.
    pub x_min: f64,
    /// Whether they are whole numbers.
    pub discrete: bool,
    /// Mean of ln(x/x_min).
    pub mean_log: f64,
    /// Mean square of ln(x/x_min).
    pub square_log: f64,
    /// Mean of x/x_min.
    pub mean: f64,
    /// Mean square of x/x_min.
    pub square: f64,
}

impl<'a> Tail<'a> {
    fn new(values: &'a [f64], logs: &'a [f64], x_min: f64, discrete: bool) -> Tail<'a> {
        let n = values.len() as f64;
        let log_min = libm::log(x_min);
        let (mut a, mut b, mut c, mut d) = (0.0, 0.0, 0.0, 0.0);
        for (v, l) in values.iter().zip(logs) {
            let (l, x) = (l - log_min, v / x_min);
            a += l;
            b += l * l;
            c += x;
            d += x * x;
        }
        Tail { values, logs, x_min, discrete, mean_log: a / n, square_log: b / n, mean: c / n, square: d / n }
    }

    /// How many.
    pub fn n(&self) -> f64 {
        self.values.len() as f64
    }
}
