//! Do reducers keep their laws, and do they give what a plain loop over the whole gives?
//!
//! Laws: merging is associative, an empty partial changes nothing, blocks of any thickness give the same bits, and so does
//! a partial that was stored in between.

mod by_hand;

use std::collections::BTreeSet;
use std::fmt::Debug;

use ndarray::{Array3, s};
use softspot::data::Volume;
use softspot::num::random::Random;
use softspot::reduce::block_means::BlockMeans;
use softspot::reduce::box_counts::BoxCounts;
use softspot::reduce::box_masses::BoxMasses;
use softspot::reduce::grid::Grid;
use softspot::reduce::histogram::Histogram;
use softspot::reduce::lacunarity::Lacunarity;
use softspot::reduce::lags::{Ball, Lags};
use softspot::reduce::mass_radius::MassRadius;
use softspot::reduce::moments::Moments;
use softspot::reduce::profile::{From, Profile};
use softspot::reduce::ranks::{Digits, ranked};
use softspot::reduce::regions::Regions;
use softspot::reduce::{Block, Drive, REDUCERS, Reducer, Set, reduce};
use softspot::spatial::covariance::Covariance;
use softspot::spatial::field::VolumeSimulator;
use softspot::spatial::regions::cut::Side;
use softspot::spatial::regions::runs::Connectivity;
use softspot::unit::Unit;

const VOXEL: [f64; 3] = [3e-8, 2e-8, 2.5e-8];

/// A field of some structure, with or without invalid voxels.
fn field(shape: [usize; 3], holes: bool) -> Array3<f64> {
    let c = Covariance { sigma: 1.0, xi: 7e-8, alpha: 0.8, noise: 0.2 };
    let [mut z, _] = VolumeSimulator::new(shape, VOXEL, &c).pair(&mut Random::named("reducers", 0));
    if holes {
        let mut random = Random::named("holes", 0);
        z.mapv_inplace(|v| if random.uniform() < 0.02 { f64::NAN } else { v });
        z.slice_mut(s![4..9, .., 3..shape[2].min(20)]).fill(f64::NAN);
    }
    z
}

fn volume(values: Array3<f64>) -> Volume {
    Volume::new(values, Unit::none(), "g", Some(VOXEL))
}

/// The partial of some planes, given those around them that the reducer asks for.
fn piece<R: Reducer>(reducer: &R, values: &Array3<f64>, own: std::ops::Range<usize>) -> R::Partial {
    let (nz, ny, nx) = values.dim();
    let [before, behind] = reducer.halo();
    let (first, end) = (own.start.saturating_sub(before), nz.min(own.end + behind));
    reducer.map(&Block { values: values.slice(s![first..end, .., ..]), first, own, shape: [nz, ny, nx] })
}

fn stored<R: Reducer>(_: &R, partial: &R::Partial) -> R::Partial {
    postcard::from_bytes(&postcard::to_stdvec(partial).unwrap()).unwrap()
}

/// Asserts the laws and gives the id of the reducer.
fn laws<R: Reducer>(reducer: &R, values: &Array3<f64>) -> &'static str
where
    R::Output: PartialEq + Debug,
{
    let nz = values.dim().0;
    let want = reducer.finish(piece(reducer, values, 0..nz));
    let same = |got: R::Output, what: &str| assert!(got == want, "{}: {what}\n{got:?}\n{want:?}", R::ID);
    for thick in [1, 2, 3, 5, 17, 64, 100] {
        let drive = Drive { planes: Some(thick), ..Drive::simple() };
        same(reduce(&volume(values.clone()), reducer, &drive).unwrap(), &format!("blocks of {thick} planes"));
    }
    let cuts = [0, 1, 6, 7, 15, nz];
    let pieces = || cuts.windows(2).map(|c| piece(reducer, values, c[0]..c[1])).collect::<Vec<_>>();
    let left = pieces().into_iter().fold(reducer.empty(), |a, b| reducer.merge(a, b));
    same(reducer.finish(left), "from the left, an empty one first");
    let right = pieces().into_iter().rev().fold(reducer.empty(), |a, b| reducer.merge(b, a));
    same(reducer.finish(right), "from the right, an empty one last");
    let mut p = pieces().into_iter();
    let mut next = || p.next().unwrap();
    let (a, b, c, d, e) = (next(), next(), next(), next(), next());
    let middle = reducer.merge(reducer.merge(b, c), reducer.merge(reducer.empty(), d));
    same(reducer.finish(reducer.merge(a, reducer.merge(middle, e))), "from the middle");
    let through = pieces().into_iter().fold(reducer.empty(), |a, b| {
        let merged = reducer.merge(stored(reducer, &a), stored(reducer, &b));
        stored(reducer, &merged)
    });
    same(reducer.finish(through), "stored after every step");
    R::ID
}

/// A result that can be compared: NaN is NaN.
struct Text<R>(R);

impl<R: Reducer> Reducer for Text<R>
where
    R::Output: Debug,
{
    type Partial = R::Partial;
    type Output = String;
    const ID: &'static str = R::ID;

    fn halo(&self) -> [usize; 2] {
        self.0.halo()
    }

    fn empty(&self) -> R::Partial {
        self.0.empty()
    }

    fn map(&self, block: &Block<'_>) -> R::Partial {
        self.0.map(block)
    }

    fn merge(&self, left: R::Partial, right: R::Partial) -> R::Partial {
        self.0.merge(left, right)
    }

    fn finish(&self, total: R::Partial) -> String {
        format!("{:?}", self.0.finish(total))
    }
}

/// What regions are, without how they were found: that depends on the blocks.
struct Bodies(Regions);

impl Reducer for Bodies {
    type Partial = <Regions as Reducer>::Partial;
    type Output = String;
    const ID: &'static str = Regions::ID;

    fn halo(&self) -> [usize; 2] {
        self.0.halo()
    }

    fn empty(&self) -> Self::Partial {
        self.0.empty()
    }

    fn map(&self, block: &Block<'_>) -> Self::Partial {
        self.0.map(block)
    }

    fn merge(&self, left: Self::Partial, right: Self::Partial) -> Self::Partial {
        self.0.merge(left, right)
    }

    fn finish(&self, total: Self::Partial) -> String {
        format!("{:?}", self.0.finish(total).unwrap().regions)
    }
}

const HIGH: Set = Set::Beyond { threshold: 0.7, side: Side::High };
const LOW: Set = Set::Beyond { threshold: -0.2, side: Side::Low };

#[test]
fn every_reducer_keeps_the_laws() {
    let mut tested = BTreeSet::new();
    for (shape, holes) in [([23, 19, 70], true), ([21, 11, 13], false), ([16, 1, 90], false)] {
        let z = field(shape, holes);
        let grids = |sizes: &[usize]| -> Vec<Grid> {
            let offset = |s: usize| Grid { size: s, offset: [s / 2, s / 3, s - 1] };
            sizes.iter().map(|s| Grid::at_origin(*s)).chain(sizes.iter().map(|s| offset(*s))).collect()
        };
        tested.insert(laws(&Text(Moments), &z));
        tested.insert(laws(&Histogram { low: -3.0, width: 0.31, bins: 20 }, &z));
        for boundary in [false, true] {
            let grids = grids(&[1, 2, 3, 4, 7, 8, 16, 64]);
            tested.insert(laws(&BoxCounts { set: HIGH, grids, boundary, shape }, &z));
        }
        tested.insert(laws(&BoxMasses { set: LOW, grids: grids(&[1, 2, 5, 8]), shape }, &z));
        tested.insert(laws(&Lacunarity { set: LOW, sizes: vec![1, 2, 5], shape }, &z));
        for set in [None, Some(HIGH)] {
            let ball = Ball::new(1e-7, VOXEL);
            tested.insert(laws(&Text(Lags { max: [5, shape[1] - 1, 9], set, ball }), &z));
        }
        for connectivity in [Connectivity::Six, Connectivity::Eighteen, Connectivity::TwentySix] {
            let regions = Regions { set: LOW, connectivity, range: [-5.0, 5.0], holes };
            tested.insert(laws(&Bodies(regions), &z));
        }
        let seeds = vec![[1, 0, 4], [10, shape[1] - 1, 7]];
        tested.insert(laws(&MassRadius { set: LOW, seeds, radii: vec![1, 2, 3, 6] }, &z));
        for from in [From::Axis(0), From::Axis(2), From::Centre, From::Face(0), From::Face(1)] {
            let centre = [3e-7, 2e-7, 4e-7];
            let profile = Profile { from, centre, voxel: VOXEL, width: 6e-8, bins: 9, set: Some(HIGH) };
            tested.insert(laws(&Text(profile), &z));
        }
        tested.insert(laws(&Text(BlockMeans { edges: [4, 3, 5], shape }), &z));
        tested.insert(laws(&Digits::leading(), &z));
    }
    let all: BTreeSet<&str> = REDUCERS.iter().map(|r| r.id).collect();
    assert_eq!(tested, all, "every reducer is tested");
}

/// An interrupted pass goes on where its stored partial ends, and gives the same.
#[test]
fn an_interrupted_pass_goes_on() {
    use std::sync::atomic::{AtomicUsize, Ordering};
    let z = field([24, 12, 20], false);
    let v = volume(z.clone());
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("pass.partial");
    let seen = AtomicUsize::new(0);
    let stop = || seen.load(Ordering::Relaxed) >= 9;
    let count = |_: usize, _: usize| {
        seen.fetch_add(1, Ordering::Relaxed);
    };
    let regions = Regions { set: LOW, connectivity: Connectivity::Six, range: [-5.0, 5.0], holes: false };
    let reducer = Bodies(regions);
    let drive =
        Drive { planes: Some(1), cancelled: &stop, progress: &count, save: Some(file.clone()), ..Drive::simple() };
    assert!(reduce(&v, &reducer, &drive).is_err());
    assert!(file.exists() && seen.load(Ordering::Relaxed) == 9);
    let rest = AtomicUsize::new(0);
    let more = |_: usize, _: usize| {
        rest.fetch_add(1, Ordering::Relaxed);
    };
    let drive = Drive { planes: Some(1), progress: &more, save: Some(file.clone()), ..Drive::simple() };
    let whole = reduce(&v, &reducer, &Drive::simple()).unwrap();
    assert_eq!(reduce(&v, &reducer, &drive).unwrap(), whole);
    assert_eq!(rest.load(Ordering::Relaxed), 24 - 9, "the first planes were not done again");
    // What is finished is kept for the passes that follow.
    assert_eq!(reduce(&v, &reducer, &drive).unwrap(), whole);
    assert_eq!(rest.load(Ordering::Relaxed), 24 - 9);
    // A damaged partial is as none.
    std::fs::write(&file, b"not a partial, and longer than a hash of thirty-two bytes").unwrap();
    assert_eq!(reduce(&v, &reducer, &drive).unwrap(), whole);
}

/// Where nothing can be stored the pass ends with the place and a remedy, not with a result that cannot be gone on from.
#[test]
fn no_room_for_partials_is_said() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("file");
    std::fs::write(&file, b"a file, not a folder").unwrap();
    let drive = Drive { planes: Some(4), save: Some(file.join("pass.partial")), ..Drive::simple() };
    let e = reduce(&volume(field([12, 8, 9], false)), &Moments, &drive).unwrap_err().to_string();
    assert!(e.contains("pass.partial") && e.contains("cannot be stored") && e.contains("--out"), "{e}");
}

#[test]
fn memory_is_kept_or_said() {
    let reducer = Lacunarity { set: LOW, sizes: vec![8], shape: [40, 100, 100] };
    let drive = |memory: u64| Drive { memory, ..Drive::simple() };
    // 16 bytes a voxel: a plane takes 160 kB, seven more are wanted behind it.
    assert_eq!(drive(1_600_000).thickness([40, 100, 100], reducer.halo()).unwrap(), 3);
    let e = drive(1_200_000).thickness([40, 100, 100], reducer.halo()).unwrap_err().to_string();
    assert!(e.contains("2MiB") && e.contains("--memory"), "{e}");
}

/// Exact order statistics of numbers of every kind, against sorting.
#[test]
fn ranks_are_those_of_sorting() {
    let mut random = Random::named("ranks", 0);
    let kinds: [fn(&mut Random) -> f64; 5] = [
        |r| (65536.0 * r.uniform()).floor(),
        |r| f64::from(r.normal() as f32),
        |r| r.normal() * 1e-9,
        |r| (10.0 * r.normal()).round(),
        |r| if r.uniform() < 0.3 { f64::NAN } else { -(3.0 * r.uniform()).floor() },
    ];
    for (k, kind) in kinds.iter().enumerate() {
        let z = Array3::from_shape_fn((7, 30, 31), |_| kind(&mut random));
        let mut sorted: Vec<f64> = z.iter().copied().filter(|v| !v.is_nan()).collect();
        sorted.sort_by(f64::total_cmp);
        let ranks: Vec<u64> = [0, 1, 17, sorted.len() / 2, sorted.len() - 1].map(|r| r as u64).into();
        let v = volume(z);
        let mut passes = 0;
        let mut run = |_: usize, digits: &Digits| {
            passes += 1;
            reduce(&v, digits, &Drive::simple())
        };
        let found = ranked(&ranks, &mut run).unwrap().unwrap();
        for (r, f) in ranks.iter().zip(&found) {
            assert_eq!(f.value, sorted[*r as usize], "kind {k} rank {r}");
            assert_eq!(f.below, sorted.iter().filter(|v| **v < f.value).count() as u64, "kind {k}");
            assert_eq!(f.equal, sorted.iter().filter(|v| **v == f.value).count() as u64, "kind {k}");
        }
        assert!(passes <= if k < 2 { 2 } else { 4 }, "kind {k}: {passes} passes");
    }
}
