//! From data to linear equations.

/// A logarithmic grid of relaxation times.
#[derive(Clone, Debug, PartialEq)]
pub struct Grid {
    /// Times, s.
    pub tau: Vec<f64>,
    /// Step of ln τ.
    pub step: f64,
}

impl Grid {
    /// So many times in s from the first to the last, at least two, evenly in their logarithm.
    pub fn new(first: f64, last: f64, count: usize) -> Grid {
        let step = libm::log(last / first) / (count - 1) as f64;
        Grid { tau: (0..count).map(|i| first * libm::exp(step * i as f64)).collect(), step }
    }
}

/// Weighted linear equations: columns of the grid first, then those that are not smoothed.
#[derive(Clone, Debug)]
pub struct Problem {
    /// The grid.
    pub grid: Grid,
    /// Columns, each divided by the error of its points.
    pub columns: Vec<Vec<f64>>,
    /// Data, divided likewise.
    pub data: Vec<f64>,
    /// What each point was divided by, up to a common factor.
    pub error: Vec<f64>,
    /// Names of the columns beyond the grid.
    pub extras: Vec<&'static str>,
}

impl Problem {
    fn new(
        grid: Grid,
        extras: Vec<&'static str>,
        data: &[f64],
        error: Vec<f64>,
        column: impl Fn(f64) -> Vec<f64>,
        more: Vec<Vec<f64>>,
    ) -> Problem {
        let weighted = |c: Vec<f64>, by: f64| -> Vec<f64> { c.iter().zip(&error).map(|(v, e)| by * v / e).collect() };
        let mut columns: Vec<Vec<f64>> = grid.tau.iter().map(|t| weighted(column(*t), grid.step)).collect();
        columns.extend(more.into_iter().map(|c| weighted(c, 1.0)));
        let data = data.iter().zip(&error).map(|(v, e)| v / e).collect();
        Problem { grid, columns, data, error, extras }
    }

    /// At times in s, data and errors in one unit: a decay `c + B t + Σ ε e^{−t/τ}`, or with `growing` `c + B t − Σ ε e^{−t/τ}`.
    pub fn of_time(
        grid: Grid,
        time: &[f64],
        value: &[f64],
        error: Vec<f64>,
        growing: bool,
        baseline: bool,
        drift: bool,
    ) -> Problem {
        let sign = if growing { -1.0 } else { 1.0 };
        let mut extras = Vec::new();
        let mut more = Vec::new();
        // What grows without a level would be a sum of negative decays.
        if baseline || growing {
            extras.push("baseline");
            more.push(vec![1.0; time.len()]);
        }
        if drift {
            extras.push("drift");
            more.push(time.to_vec());
        }
        Problem::new(grid, extras, value, error, |tau| time.iter().map(|t| sign * libm::exp(-t / tau)).collect(), more)
    }

    /// At angular frequencies in rad/s, moduli and errors in one unit: loss `Σ f ωτ/(1+ω²τ²)`, and storage `M₀ + Σ f ω²τ²/(1+ω²τ²)` where it is there; errors: storage first.
    pub fn of_frequency(grid: Grid, omega: &[f64], storage: &[f64], loss: &[f64], error: Vec<f64>) -> Problem {
        let both = |tau: f64| -> Vec<f64> {
            let x = |w: &f64| w * tau;
            let up = omega.iter().take(storage.len()).map(|w| x(w) * x(w) / (1.0 + x(w) * x(w)));
            up.chain(omega.iter().take(loss.len()).map(|w| x(w) / (1.0 + x(w) * x(w)))).collect()
        };
        let data: Vec<f64> = storage.iter().chain(loss).copied().collect();
        let (extras, more) = match storage.is_empty() {
            true => (Vec::new(), Vec::new()),
            false => {
                let level = (0..data.len()).map(|i| if i < storage.len() { 1.0 } else { 0.0 }).collect();
                (vec!["relaxed_modulus"], vec![level])
            }
        };
        Problem::new(grid, extras, &data, error, both, more)
    }

    /// These equations and others on the same grid, which share the spectrum and the level that it relaxes to.
    pub fn joined(&self, other: &Problem) -> Problem {
        let grid = self.grid.tau.len();
        let name = |n: &'static str| if n == "baseline" { "relaxed_modulus" } else { n };
        let names = |p: &Problem| p.extras.iter().map(|n| name(n)).collect::<Vec<_>>();
        let (mine, theirs) = (names(self), names(other));
        let mut extras = mine.clone();
        extras.extend(theirs.iter().filter(|n| !mine.contains(n)));
        let part = |p: &Problem, names: &[&str], wanted: &str| match names.iter().position(|n| *n == wanted) {
            Some(k) => p.columns[grid + k].clone(),
            None => vec![0.0; p.points()],
        };
        let mut columns: Vec<Vec<f64>> =
            (0..grid).map(|i| [self.columns[i].as_slice(), &other.columns[i]].concat()).collect();
        columns.extend(extras.iter().map(|n| [part(self, &mine, n), part(other, &theirs, n)].concat()));
        let both = |a: &[f64], b: &[f64]| [a, b].concat();
        Problem {
            grid: self.grid.clone(),
            columns,
            data: both(&self.data, &other.data),
            error: both(&self.error, &other.error),
            extras,
        }
    }

    /// The same equations, each row divided by a further error.
    pub fn weighted(&self, by: &[f64]) -> Problem {
        let divided = |v: &[f64]| v.iter().zip(by).map(|(v, b)| v / b).collect::<Vec<f64>>();
        Problem {
            columns: self.columns.iter().map(|c| divided(c)).collect(),
            data: divided(&self.data),
            error: self.error.iter().zip(by).map(|(e, b)| e * b).collect(),
            ..self.clone()
        }
    }

    /// Points.
    pub fn points(&self) -> usize {
        self.data.len()
    }

    /// The same equations for other data, already divided by the errors.
    pub fn with_data(&self, data: Vec<f64>) -> Problem {
        Problem { data, ..self.clone() }
    }

    /// The column of unit area of one time between those of the grid, by Lagrange's polynomial through six of them: of kernels
    /// of ln τ at ten times a decade exact to 10⁻⁶.
    pub fn at(&self, log_tau: f64) -> Vec<f64> {
        const SIX: usize = 6;
        let n = self.grid.tau.len();
        let take = SIX.min(n);
        let place = ((log_tau - libm::log(self.grid.tau[0])) / self.grid.step).clamp(0.0, (n - 1) as f64);
        let first = (place.floor() as usize + 1).saturating_sub(take / 2).min(n - take);
        let mut out = vec![0.0; self.points()];
        for i in first..first + take {
            let others = (first..first + take).filter(|j| *j != i);
            let weight: f64 = others.map(|j| (place - j as f64) / (i as f64 - j as f64)).product();
            out.iter_mut().zip(&self.columns[i]).for_each(|(o, c)| *o += weight / self.grid.step * c);
        }
        out
    }

    /// What unknowns make of the data, divided by the errors.
    pub fn predict(&self, x: &[f64]) -> Vec<f64> {
        let mut out = vec![0.0; self.points()];
        for (w, c) in x.iter().zip(&self.columns).filter(|(w, _)| **w != 0.0) {
            out.iter_mut().zip(c).for_each(|(o, v)| *o += w * v);
        }
        out
    }
}
