//! Counting, fitting, and what follows from the fit.

use std::sync::Arc;

use super::{BoxCounting, Counted, Fit, FitRule, Offsets, SizeRule, Sizes};
use super::{null, table};
use crate::data::{Artifact, Metric, Volume, Warning};
use crate::num::quantile::quantile;
use crate::num::resample::GAUSS;
use crate::num::student::student;
use crate::reduce::box_counts::{BoxCounts, Counts as Boxes};
use crate::reduce::box_masses::{BoxMasses, Masses};
use crate::reduce::grid::Grid;
use crate::reduce::histogram::Histogram;
use crate::reduce::lacunarity::{Lacunarity, Mass};
use crate::reduce::mass_radius::MassRadius;
use crate::reduce::{Reducer, Set};
use crate::spatial::fractal::moments::{correlation, dimension, information};
use crate::spatial::fractal::{Counts, DECADE, Scaling};
use crate::stage::volume::{moments, pass};
use crate::stage::{Cx, Outputs, StageError, Uncertainty};

/// Steps along the axes may differ by this part: boxes are taken for cubes.
const CUBIC: f64 = 0.01;
/// Largest gliding box: larger ones hardly differ from each other.
pub(super) const GLIDING: usize = 32;
/// Places from which the mass of the largest region is counted, and the largest radius.
const SEEDS: usize = 48;
const RADIUS: usize = 40;
/// Layers of boxes that an interval needs.
const LAYERS: usize = 4;

/// Why there is no dimension.
const NO_RANGE: &str =
    "no scaling range: local slopes are not within ±0.1 over a decade of sizes at which boxes are free";

/// Sizes of gliding boxes with their lacunarity.
type Gliding = Vec<(usize, f64)>;

/// What is counted, and in which boxes.
pub(super) struct Plan {
    pub sizes: Vec<usize>,
    /// Grids of each size, the first at the origin.
    pub grids: Vec<Vec<Grid>>,
    pub boundary: bool,
    pub minimum: bool,
    /// Whether sizes are all whole numbers: neighbours then differ by how they fit, not by how the set scales.
    pub all: bool,
    /// Dimension of the space.
    pub space: usize,
}

impl Plan {
    fn new(stage: &BoxCounting, shape: [usize; 3], space: usize) -> Result<Plan, StageError> {
        let longest = shape.iter().copied().max().unwrap_or(1);
        let sizes: Vec<usize> = match &stage.sizes {
            Sizes::List(list) => list.iter().copied().filter(|s| *s <= longest).collect(),
            Sizes::Rule(SizeRule::All) => (1..=longest).collect(),
            Sizes::Rule(SizeRule::Dyadic) => {
                std::iter::successors(Some(1usize), |s| s.checked_mul(2)).take_while(|s| *s <= longest).collect()
            }
        };
        // A box of one pixel is never on both sides of a boundary.
        let sizes: Vec<usize> = sizes.into_iter().filter(|s| stage.of == Counted::Phase || *s > 1).collect();
        if sizes.len() < 2 {
            return Err(StageError::Failed(format!(
                "{} of the sizes fit into {longest} pixels; a slope needs two",
                sizes.len()
            )));
        }
        let places = if stage.offsets == Offsets::Origin { 1 } else { stage.grids };
        let grids =
            sizes.iter().map(|s| (0..places.min(*s)).map(|k| Grid { size: *s, offset: offset(k, *s) }).collect());
        Ok(Plan {
            grids: grids.collect(),
            sizes,
            boundary: stage.of == Counted::Boundary,
            minimum: stage.offsets == Offsets::Minimum,
            all: matches!(stage.sizes, Sizes::Rule(SizeRule::All)),
            space,
        })
    }

    /// The reducer over all grids, in order.
    pub(super) fn reducer(&self, set: Set, shape: [usize; 3]) -> BoxCounts {
        BoxCounts { set, grids: self.grids.iter().flatten().copied().collect(), boundary: self.boundary, shape }
    }

    /// Counts by size: of the origin, the mean, or the least; and all boxes there are.
    pub(super) fn counts(&self, boxes: &Boxes, shape: [usize; 3]) -> Counts {
        let mut at = 0;
        let mut out = Vec::with_capacity(self.sizes.len());
        for grids in &self.grids {
            let of: Vec<u64> = (at..at + grids.len()).map(|k| boxes.total(k)).collect();
            at += grids.len();
            out.push(match self.minimum {
                true => of.iter().copied().min().unwrap_or(0) as f64,
                false => of.iter().sum::<u64>() as f64 / of.len() as f64,
            });
        }
        self.with(out, shape)
    }

    /// The plateau of local slopes; of all sizes only those that double are looked at.
    pub(super) fn plateau(&self, counts: &Counts) -> Option<Scaling> {
        if !self.all {
            return counts.plateau();
        }
        let kept: Vec<usize> = (0..self.sizes.len()).filter(|k| self.sizes[*k].is_power_of_two()).collect();
        let of = |v: &[f64]| kept.iter().map(|k| v[*k]).collect();
        let doubling =
            Counts { sizes: of(&counts.sizes), counts: of(&counts.counts), most: of(&counts.most), ..counts.clone() };
        doubling.plateau().map(|s| Scaling { range: s.range.map(|k| kept[k]), ..s })
    }

    fn with(&self, counts: Vec<f64>, shape: [usize; 3]) -> Counts {
        let most = |s: &usize| (0..3).map(|k| Grid::at_origin(*s).count(k, shape[k]) as f64).product();
        Counts {
            sizes: self.sizes.iter().map(|s| *s as f64).collect(),
            counts,
            most: self.sizes.iter().map(most).collect(),
            sign: -1.0,
            space: self.space as f64 - if self.boundary { 1.0 } else { 0.0 },
        }
    }
}

/// Places of grids spread evenly (Weyl's sequence of the powers of the root of x⁴ = x + 1).
fn offset(k: usize, size: usize) -> [usize; 3] {
    const STEP: [f64; 3] = [0.819_172_513_396_164_4, 0.671_043_606_703_789_3, 0.549_700_477_901_970_3];
    STEP.map(|s| ((k as f64 * s).fract() * size as f64) as usize % size)
}

///
/// `regions`: whether its numbers are those of regions.
pub(super) fn run(
    stage: &BoxCounting,
    volume: &Volume,
    space: usize,
    regions: bool,
    cx: &Cx<'_>,
) -> Result<Outputs, StageError> {
    let voxel = volume.voxel_size()?;
    let steps: Vec<f64> = (0..3).filter(|k| volume.shape[*k] > 1).map(|k| voxel[k]).collect();
    let (least, most) = steps.iter().fold((f64::INFINITY, 0.0f64), |(l, m), s| (l.min(*s), m.max(*s)));
    if most > least * (1.0 + CUBIC) {
        return Err(StageError::Failed(format!(
            "the steps {voxel:?} m differ, and boxes of pixels are then no cubes; make the pixels square first: the stage \
             `resample` does so for maps, volumes are to be exported so"
        )));
    }
    let plan = Plan::new(stage, volume.shape, space)?;
    let boxes = pass(volume, &plan.reducer(Set::NonZero, volume.shape), "boxes", cx)?;
    if boxes.voxels == 0 || boxes.voxels == boxes.valid {
        let (what, why) = if boxes.voxels == 0 { ("empty", "no") } else { ("full", "every") };
        return Err(StageError::Failed(format!(
            "the set is {what}: {why} valid pixel of {} is in it; connect a mask, or the regions of the stage `regions`",
            boxes.valid
        )));
    }
    let counts = plan.counts(&boxes, volume.shape);
    let found = Scan { stage, plan: &plan, counts: &counts, boxes: &boxes, step: least };
    let scaling = found.scaling();
    let mut warnings = Vec::new();
    let made = match stage.surrogates {
        0 => None,
        _ => {
            let fraction = boxes.voxels as f64 / boxes.valid as f64;
            Some(null::compare(stage, &plan, volume, voxel, fraction, &counts, scaling.as_ref(), cx)?)
        }
    };
    // A plateau that featureless sets have as well is none of this set.
    let scaling = match made.as_ref().and_then(|m| m.refuted.clone()) {
        Some(why) if matches!(stage.fit, Fit::Rule(FitRule::Plateau)) => Err(why),
        _ => scaling,
    };
    let mut metrics = found.dimension(scaling.as_ref().ok(), volume.shape[0], cx);
    if let Err(why) = &scaling {
        metrics.extend(found.missing(why));
    }
    metrics.push(Metric::number("space", counts.space, ""));
    let fraction = boxes.voxels as f64 / boxes.valid as f64;
    metrics.push(Metric::number("fraction", fraction, "").n(boxes.valid as f64));
    let mut glided = Vec::new();
    if stage.moments {
        let (of_masses, gliding) = found.masses(volume, scaling.as_ref(), cx)?;
        metrics.extend(of_masses);
        glided = gliding;
    }
    if stage.moments {
        metrics.push(match regions {
            true => mass_radius(volume, space, cx)?,
            false => Metric::missing("d_mass", "the input holds no numbers of regions"),
        });
    }
    let mut band = None;
    if let Some(made) = made {
        metrics.extend(made.metrics);
        warnings.extend(made.warning);
        band = made.slopes;
    }
    if boxes.valid < volume.len() {
        warnings.push(Warning::new(
            "invalid-pixels",
            format!("{} invalid pixels are in no box", volume.len() - boxes.valid),
            "boxes at their edge are cut; crop them away where that matters",
        ));
    }
    let table = table::table(&counts, least, band.as_deref(), &glided, scaling.as_ref().ok());
    Ok(Outputs { artifacts: vec![("counts", Artifact::Table(Arc::new(table)))], metrics, warnings })
}

struct Scan<'a> {
    stage: &'a BoxCounting,
    plan: &'a Plan,
    counts: &'a Counts,
    boxes: &'a Boxes,
    /// Edge of a voxel, m.
    step: f64,
}

impl Scan<'_> {
    /// The line that the dimension is taken from, or why there is none.
    fn scaling(&self) -> Result<Scaling, String> {
        let counts = self.counts;
        match self.stage.fit {
            Fit::Rule(FitRule::Plateau) => self.plan.plateau(counts).ok_or_else(|| {
                let (first, last) = (counts.sizes[0], counts.sizes[counts.sizes.len() - 1]);
                match last / first >= DECADE {
                    true => NO_RANGE.to_string(),
                    false => format!("{NO_RANGE}, and sizes of {first} to {last} pixels are less than one"),
                }
            }),
            Fit::Rule(FitRule::All) => counts.over([0, counts.sizes.len() - 1]).ok_or_else(|| NO_RANGE.to_string()),
            Fit::Range([low, high]) => {
                let inside = |s: &f64| (low.0..=high.0).contains(&(s * self.step));
                let first = counts.sizes.iter().position(inside);
                let last = counts.sizes.iter().rposition(inside);
                let line = first.zip(last).and_then(|(a, b)| counts.over([a, b]));
                line.ok_or_else(|| "fewer than two sizes lie in the range of `fit`".to_string())
            }
        }
    }

    fn dimension(&self, scaling: Option<&Scaling>, planes: usize, cx: &Cx<'_>) -> Vec<Metric> {
        let Some(s) = scaling else { return Vec::new() };
        let size = |k: usize| self.counts.sizes[k] * self.step;
        let points = (s.range[1] - s.range[0] + 1) as f64;
        let mut d = Metric::number("d_f", s.d, "").n(points);
        if self.stage.uncertainty == Uncertainty::Bootstrap {
            d = match self.interval(s, planes, cx) {
                Ok([low, high]) => d.interval(low, high),
                Err(why) => d.note(&why),
            };
        }
        if !matches!(self.stage.fit, Fit::Rule(FitRule::Plateau)) && self.plan.plateau(self.counts).is_none() {
            d = d.note("no plateau: a slope over these sizes, which a featureless set has as well");
        }
        if self.stage.surrogates == 0 {
            d = d.note("not compared with featureless sets, some of which have a plateau as well");
        }
        let crossover = match self.counts.crossover() {
            Some(xi) if xi > self.counts.sizes[s.range[0]] => Metric::number("xi_fractal", xi * self.step, "nm"),
            _ => missing("xi_fractal", "nm", "the counts show no crossover to compact"),
        };
        vec![
            d,
            Metric::number("d_f_low", size(s.range[0]), "nm"),
            Metric::number("d_f_high", size(s.range[1]), "nm"),
            Metric::number("n0", s.n0, ""),
            Metric::number("r2", s.r2, "").n(points).note("all sizes see the same pixels: no evidence of scaling"),
            crossover,
            self.plateau(),
        ]
    }

    /// Whether local slopes hold over a decade, whatever the sizes that are fitted.
    fn plateau(&self) -> Metric {
        Metric::text("plateau", if self.plan.plateau(self.counts).is_some() { "yes" } else { "no" })
    }

    fn missing(&self, why: &str) -> Vec<Metric> {
        [("d_f", ""), ("d_f_low", "nm"), ("d_f_high", "nm"), ("n0", ""), ("r2", ""), ("xi_fractal", "nm")]
            .map(|(name, unit)| missing(name, unit, why))
            .into_iter()
            .chain([self.plateau()])
            .collect()
    }

    /// 95 % interval by resampling layers as thick as the largest box of the fit, which hold whole boxes of all sizes.
    fn interval(&self, s: &Scaling, planes: usize, cx: &Cx<'_>) -> Result<[f64; 2], String> {
        if self.stage.offsets != Offsets::Origin {
            return Err("no interval: counts of several grids do not add up layer by layer".into());
        }
        let enough = |k: &usize| planes / self.plan.sizes[*k] >= LAYERS;
        // Where the largest boxes leave too few layers, the scatter is that of the smaller ones.
        let last = (s.range[0]..=s.range[1]).rev().find(enough).filter(|k| *k >= s.range[0] + 2);
        let Some(last) = last else {
            return Err(format!("no interval: fewer than {LAYERS} layers of boxes of three sizes"));
        };
        let thick = self.plan.sizes[last];
        let layers = planes / thick;
        // Counts of every size of the fit in every layer, from the grids at the origin.
        let mut grid = 0;
        let mut of: Vec<Vec<f64>> = Vec::new();
        for (k, grids) in self.plan.grids.iter().enumerate() {
            if (s.range[0]..=last).contains(&k) {
                let by_plane = &self.boxes.boxes[grid];
                let layer = |l: usize| by_plane[l * thick..(l + 1) * thick].iter().sum::<u64>() as f64;
                of.push((0..layers).map(layer).collect());
            }
            grid += grids.len();
        }
        let sizes = &self.counts.sizes[s.range[0]..=last];
        let slope = |drawn: &[usize]| -> f64 {
            let counts: Vec<f64> = of.iter().map(|n| drawn.iter().map(|l| n[*l]).sum()).collect();
            let logs: Vec<f64> = counts.iter().map(|n| libm::log(*n)).collect();
            dimension(sizes, &logs).map_or(f64::NAN, |d| -d)
        };
        let all: Vec<usize> = (0..layers).collect();
        let middle = slope(&all);
        let stream = cx.stream.role("layers");
        let mut drawn: Vec<f64> = (0..self.stage.resamples)
            .map(|i| {
                let mut random = stream.replicate(i);
                slope(&(0..layers).map(|_| random.below(layers)).collect::<Vec<_>>())
            })
            .filter(|d| d.is_finite())
            .collect();
        if drawn.len() * 2 < self.stage.resamples {
            return Err("no interval: most layers hold nothing".into());
        }
        // Resampled sums vary too little by the second factor, and few layers more than a Gaussian says.
        let n = layers as f64;
        let wider = student(n - 1.0) / GAUSS * (n / (n - 1.0)).sqrt();
        Ok([0.025, 0.975].map(|p| s.d + wider * (quantile(&mut drawn, p) - middle)))
    }

    /// D₁, D₂ over the sizes of the fit, and lacunarity.
    fn masses(
        &self,
        volume: &Volume,
        scaling: Result<&Scaling, &String>,
        cx: &Cx<'_>,
    ) -> Result<(Vec<Metric>, Gliding), StageError> {
        let mut out = Vec::new();
        match scaling {
            Ok(s) => {
                let sizes = &self.plan.sizes[s.range[0]..=s.range[1]];
                let grids = sizes.iter().map(|s| Grid::at_origin(*s)).collect();
                let reducer = BoxMasses { set: Set::NonZero, grids, shape: volume.shape };
                let masses: Vec<Vec<(u64, u64)>> = pass(volume, &reducer, "masses", cx)?
                    .into_iter()
                    .map(|m: Masses| m.into_iter().collect())
                    .collect();
                let x: Vec<f64> = sizes.iter().map(|s| *s as f64).collect();
                for (name, of) in [("d_1", information as fn(&[(u64, u64)]) -> f64), ("d_2", correlation)] {
                    let y: Vec<f64> = masses.iter().map(|m| of(m)).collect();
                    out.push(dimension(&x, &y).map_or_else(
                        || Metric::missing(name, "the masses of boxes do not scale"),
                        |d| Metric::number(name, d, "").n(x.len() as f64),
                    ));
                }
            }
            Err(why) => out.extend(["d_1", "d_2"].map(|name| Metric::missing(name, why))),
        }
        let side = volume.shape.iter().copied().filter(|n| *n > 1).min().unwrap_or(1);
        let sizes: Vec<usize> =
            self.plan.sizes.iter().copied().filter(|s| *s > 1 && *s <= (side / 4).min(GLIDING)).collect();
        if sizes.is_empty() {
            out.push(Metric::missing("lacunarity", "no size is at most a quarter of the shortest side"));
            return Ok((out, Vec::new()));
        }
        let reducer = Lacunarity { set: Set::NonZero, sizes: sizes.clone(), shape: volume.shape };
        let found: Vec<Mass> = pass(volume, &reducer, "lacunarity", cx)?;
        let gliding: Gliding = sizes.into_iter().zip(found.iter().map(Mass::lacunarity)).collect();
        let middle = gliding[gliding.len() / 2];
        let note = format!("boxes of {} pixels; other sizes in the table", middle.0);
        out.push(Metric::number("lacunarity", middle.1, "").n(found[gliding.len() / 2].places as f64).note(&note));
        Ok((out, gliding))
    }
}

fn missing(name: &str, unit: &str, why: &str) -> Metric {
    Metric { unit: crate::unit::Unit::of(unit), ..Metric::missing(name, why) }
}

/// Mass within a distance of voxels of the largest region, of numbers of regions.
fn mass_radius(volume: &Volume, space: usize, cx: &Cx<'_>) -> Result<Metric, StageError> {
    let none = |why: &str| Ok(Metric::missing("d_mass", why));
    let side = volume.shape.iter().copied().filter(|n| *n > 1).min().unwrap_or(1);
    let reach = (side / 4).min(RADIUS);
    if (reach as f64) < 2.0 * DECADE {
        return none("the volume is too small: radii up to a quarter of its side are less than a decade");
    }
    let count = moments(volume, cx)?.max as usize;
    let sizes = pass(volume, &Histogram { low: -0.5, width: 1.0, bins: count + 1 }, "sizes", cx)?;
    let largest = (1..=count).max_by_key(|k| (sizes[*k], usize::MAX - k)).unwrap_or(1);
    let set = Set::Region(largest as u32);
    let grid = BoxCounts { set, grids: vec![Grid::at_origin(1)], boundary: false, shape: volume.shape };
    let planes = pass(volume, &grid, "planes", cx)?;
    let seeds = seeds(volume, set, &planes.boxes[0], reach)?;
    if seeds.len() < SEEDS / 4 {
        return none("too few voxels of the largest region lie far enough from the border");
    }
    let radii: Vec<u32> = (2..=reach as u32).collect();
    let masses = pass(volume, &MassRadius { set, seeds: seeds.clone(), radii: radii.clone() }, "mass-radius", cx)?;
    let n = masses.len() as f64;
    let total = planes.voxels as f64;
    if masses.iter().any(|m| m.last().is_none_or(|last| *last as f64 > 0.5 * total)) {
        return none("the largest region is hardly larger than the radii");
    }
    let mean = |k: usize| masses.iter().map(|m| m[k] as f64).sum::<f64>() / n;
    let counts = Counts {
        sizes: radii.iter().map(|r| f64::from(*r)).collect(),
        counts: (0..radii.len()).map(mean).collect(),
        most: vec![f64::INFINITY; radii.len()],
        sign: 1.0,
        space: space as f64,
    };
    Ok(match counts.plateau() {
        None => Metric::missing("d_mass", NO_RANGE),
        Some(s) => Metric::number("d_mass", s.d, "").n(n).note(&format!(
            "no null; region {largest}, radii of {} to {} pixels around {} of its voxels",
            counts.sizes[s.range[0]],
            counts.sizes[s.range[1]],
            seeds.len()
        )),
    })
}

/// Voxels of a region spread evenly over it, at least `reach` from the border.
fn seeds(volume: &Volume, set: Set, planes: &[u64], reach: usize) -> Result<Vec<[usize; 3]>, StageError> {
    let [nz, ny, nx] = volume.shape;
    let inner = |i: usize, n: usize| n == 1 || (i >= reach && i + reach < n);
    let total: u64 = planes.iter().enumerate().filter(|(z, _)| inner(*z, nz)).map(|p| p.1).sum();
    let mut out = Vec::new();
    let (mut passed, mut next) = (0u64, 0usize);
    for (z, n) in planes.iter().enumerate().filter(|(z, _)| inner(*z, nz)) {
        let mut wanted = Vec::new();
        while next < SEEDS && (next as u64 * 2 + 1) * total / (2 * SEEDS as u64) < passed + n {
            wanted.push((next as u64 * 2 + 1) * total / (2 * SEEDS as u64) - passed);
            next += 1;
        }
        passed += n;
        if wanted.is_empty() {
            continue;
        }
        let plane = volume.planes(z..z + 1)?;
        let here: Vec<[usize; 3]> =
            plane.indexed_iter().filter(|(_, v)| set.has(**v)).map(|((_, y, x), _)| [z, y, x]).collect();
        let far = |s: &&[usize; 3]| inner(s[1], ny) && inner(s[2], nx);
        out.extend(wanted.iter().filter_map(|k| here.get(*k as usize)).filter(far).copied());
    }
    Ok(out)
}

/// Counts of a field cut at a threshold, by size.
pub(super) fn of_field(plan: &Plan, field: &ndarray::Array3<f64>, threshold: f64) -> Counts {
    let (nz, ny, nx) = field.dim();
    let shape = [nz, ny, nx];
    let set = Set::Beyond { threshold, side: crate::spatial::regions::cut::Side::High };
    let reducer = plan.reducer(set, shape);
    let partial = reducer.map(&crate::reduce::Block::whole(field.view()));
    plan.counts(&reducer.finish(partial), shape)
}
