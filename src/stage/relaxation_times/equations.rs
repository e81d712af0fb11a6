//! From what is connected to equations on one grid: a decay, a frequency sweep, or both.

use super::{MOST, Noise, RelaxationTimes};
use crate::data::{Role, Spectrum, Warning};
use crate::relax::gather::{chosen, only_transient, sweeps};
use crate::relax::measured::Isotherm;
use crate::relax::times::strength::Normal;
use crate::relax::times::{Grid, Problem, Smooth, solve};
use crate::relax::transient::Transient;
use crate::stage::StageError;
use crate::unit::Unit;

/// Rows of one kind, in the order of the equations.
pub(super) struct Group {
    /// `value` against time, or `storage`, `loss` against angular frequency.
    pub kind: &'static str,
    /// Times or angular frequencies.
    pub axis: Vec<f64>,
}

/// Equations with what they came from.
pub(super) struct Equations {
    pub problem: Problem,
    pub groups: Vec<Group>,
    /// Shortest and longest time that the data see, s.
    pub window: [f64; 2],
    /// Unit of f, and of what is decayed.
    pub unit: Unit,
    pub relative: bool,
    /// What an error of 1 is, in the unit of the data, where errors are absolute.
    pub size: f64,
    /// Points measured.
    pub count: f64,
    /// The points themselves, of one input.
    pub points: Option<Points>,
    pub warnings: Vec<Warning>,
}

impl Equations {
    pub(super) fn in_time(&self) -> bool {
        self.groups.iter().all(|g| g.kind == "value")
    }
}

/// Points before they are equations.
pub(super) enum Points {
    Time { data: Transient, growing: bool },
    Frequency(Isotherm),
}

struct Reading {
    points: Points,
    error: Vec<f64>,
    groups: Vec<Group>,
    window: [f64; 2],
    unit: Unit,
    relative: bool,
    size: f64,
    count: f64,
    warnings: Vec<Warning>,
}

impl RelaxationTimes {
    fn grid(&self, window: [f64; 2]) -> Result<Grid, StageError> {
        let [a, b] = self.range.map_or([window[0] / 10.0, window[1] * 10.0], |r| r.map(|t| t.0));
        let count = (libm::log10(b / a) * self.per_decade as f64).round() as usize + 1;
        if !(5..=MOST).contains(&count) {
            return Err(StageError::Failed(format!(
                "{count} times from {a:.1e} to {b:.1e} s; 5 to {MOST} are possible: change `range` or `per_decade`"
            )));
        }
        Ok(Grid::new(a, b, count))
    }

    fn read(&self, s: &Spectrum) -> Result<Reading, StageError> {
        match s.get(Role::Time) {
            Some(_) => self.of_time(s),
            None => self.of_frequency(s),
        }
    }

    fn of_time(&self, s: &Spectrum) -> Result<Reading, StageError> {
        let (d, role, warnings) = only_transient(s)?;
        let n = d.time.len();
        let window = [d.time[0], d.time[n - 1]];
        let relative = self.noise == Some(Noise::Relative);
        // In units of the spread, so that sums keep their digits.
        let size = crate::num::sum::moments(&d.value).std.max(f64::MIN_POSITIVE);
        let error = |v: f64| if relative { v.abs().max(f64::MIN_POSITIVE) } else { size };
        let error: Vec<f64> = d.value.iter().zip(&d.noise.scale).map(|(v, s)| error(*v) * s).collect();
        let count = d.points;
        let growing = d.rises();
        let groups = vec![Group { kind: "value", axis: d.time.clone() }];
        let points = Points::Time { data: d, growing };
        Ok(Reading { points, error, groups, window, unit: role.unit(), relative, size, count, warnings })
    }

    fn of_frequency(&self, s: &Spectrum) -> Result<Reading, StageError> {
        let (all, warnings) = sweeps(s)?;
        let d = chosen(&all, self.temperature.map(|t| t.0))?.isotherm.clone();
        let window = [1.0 / d.omega[d.omega.len() - 1], 1.0 / d.omega[0]];
        let relative = self.noise != Some(Noise::Absolute);
        let values: Vec<f64> = d.storage.iter().chain(&d.loss).copied().collect();
        let largest = values.iter().copied().fold(0.0, f64::max);
        let error = values.iter().map(|v| if relative { *v } else { largest }).collect();
        let (size, count) = (largest, values.len() as f64);
        let group = |kind, there: bool| there.then(|| Group { kind, axis: d.omega.clone() });
        let groups = [group("storage", !d.storage.is_empty()), group("loss", !d.loss.is_empty())];
        let points = Points::Frequency(d);
        let groups = groups.into_iter().flatten().collect();
        Ok(Reading { points, error, groups, window, unit: Unit::of("Pa"), relative, size, count, warnings })
    }

    fn equations(&self, grid: Grid, read: &Reading) -> Problem {
        let error = read.error.clone();
        match &read.points {
            Points::Time { data, growing } => {
                Problem::of_time(grid, &data.time, &data.value, error, *growing, self.baseline, self.drift)
            }
            Points::Frequency(d) => Problem::of_frequency(grid, &d.omega, &d.storage, &d.loss, error),
        }
    }

    /// Equations of one input, or of two that share their times.
    pub(super) fn problem(&self, data: &Spectrum, more: Option<&Spectrum>) -> Result<Equations, StageError> {
        let first = self.read(data)?;
        let second = more.map(|s| self.read(s)).transpose()?;
        let Some(second) = second else {
            let problem = self.equations(self.grid(first.window)?, &first);
            enough(&problem)?;
            let Reading { points, groups, window, unit, relative, size, count, warnings, .. } = first;
            let points = Some(points);
            return Ok(Equations { problem, groups, window, unit, relative, size, count, points, warnings });
        };
        if matches!(first.points, Points::Time { .. }) == matches!(second.points, Points::Time { .. }) {
            return Err(StageError::Failed(
                "two inputs share one spectrum where one is a decay in time and the other a frequency sweep".into(),
            ));
        }
        let (time, frequency) =
            if matches!(first.points, Points::Time { .. }) { (first, second) } else { (second, first) };
        if !time.unit.same_dimension(&frequency.unit) {
            return Err(StageError::Failed(
                "a decay shares its spectrum with moduli where it is a relaxation modulus: columns = { modulus = \"…\" }".into(),
            ));
        }
        if matches!(time.points, Points::Time { growing: true, .. }) {
            return Err(StageError::Failed("a relaxation modulus falls with time; this one rises".into()));
        }
        let window = [time.window[0].min(frequency.window[0]), time.window[1].max(frequency.window[1])];
        let grid = self.grid(window)?;
        let problem = self.equations(grid.clone(), &time).joined(&self.equations(grid, &frequency));
        enough(&problem)?;
        let groups = time.groups.into_iter().chain(frequency.groups).collect();
        let warnings = time.warnings.into_iter().chain(frequency.warnings).collect();
        let count = time.count + frequency.count;
        let made = Equations {
            problem,
            groups,
            window,
            unit: time.unit,
            relative: true,
            size: 1.0,
            count,
            points: None,
            warnings,
        };
        self.balanced(made)
    }

    /// Each group of rows in units of its own scatter about a first spectrum.
    fn balanced(&self, mut made: Equations) -> Result<Equations, StageError> {
        const ROUNDS: usize = 2;
        const EXACT: f64 = 1e-9;
        for _ in 0..ROUNDS {
            let s = self.solved(&made.problem, &Normal::of(&made.problem))?;
            let fit = made.problem.predict(&s.x);
            let rest: Vec<f64> = fit.iter().zip(&made.problem.data).map(|(a, b)| a - b).collect();
            let mut by = Vec::with_capacity(rest.len());
            for g in &made.groups {
                let r = &rest[by.len()..by.len() + g.axis.len()];
                let scatter = (crate::num::sum::dot(r, r) / r.len() as f64).sqrt().max(EXACT);
                by.resize(by.len() + r.len(), scatter);
            }
            made.problem = made.problem.weighted(&by);
        }
        Ok(made)
    }

    pub(super) fn solved(&self, p: &Problem, normal: &Normal) -> Result<Smooth, StageError> {
        let why = "the equations have no solution: the data do not determine times in this range";
        solve(p, normal, self.rule).ok_or_else(|| StageError::Failed(why.into()))
    }
}

fn enough(p: &Problem) -> Result<(), StageError> {
    const FEWEST: usize = 12;
    if p.points() < FEWEST {
        return Err(StageError::Failed(format!(
            "{} points do not determine a spectrum; {FEWEST} at least",
            p.points()
        )));
    }
    Ok(())
}
