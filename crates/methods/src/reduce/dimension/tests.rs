use ndarray::Array3;
use softspot_data::unit::Unit;

use super::*;
use crate::num::work::Work;

const SETTING: Setting = Setting {
    sizes: Sizes::Dyadic,
    offsets: Offsets::Origin,
    places: 8,
    counted: Counted::Phase,
    fit: Fit::Plateau,
    moments: false,
    regions: false,
    resamples: Some(100),
    surrogates: 0,
};

/// Sierpiński's carpet as a volume of planes of one row: everything but the middle ninth, at every level.
fn carpet(levels: u32) -> Volume {
    let n = 3usize.pow(levels);
    let hole = |mut y: usize, mut x: usize| {
        (0..levels).any(|_| {
            let middle = y % 3 == 1 && x % 3 == 1;
            (y, x) = (y / 3, x / 3);
            middle
        })
    };
    let values = Array3::from_shape_fn((n, 1, n), |(y, _, x)| if hole(y, x) { 0.0 } else { 1.0 });
    Volume::new(values, Unit::none(), "carpet", Some([1e-9; 3]))
}

fn of(volume: &Volume, setting: &Setting) -> Result<Dimension, DimensionError> {
    Dimension::of(volume, 2, setting, &Stream::named("dimension"), &Passes::simple())
}

/// Counted in boxes of 3ᵏ, the carpet has ln 8/ln 3 to rounding: every box counts alike.
#[test]
fn the_carpet_has_its_dimension() {
    let sizes = Sizes::List(vec![1, 3, 9, 27, 81]);
    let found = of(&carpet(5), &Setting { sizes, fit: Fit::All, ..SETTING }).unwrap();
    let expected = libm::log(8.0) / libm::log(3.0);
    assert!((found.scaling.unwrap().d - expected).abs() < 1e-12);
    assert_eq!(found.voxels, 8u64.pow(5));
    let [low, high] = found.interval.unwrap().unwrap();
    assert!(low < expected + 1e-9 && expected < high + 1e-9, "{low} to {high}");
}

/// A half plane is compact: slopes of 2 are those of space, and there is no dimension of its own.
#[test]
fn a_compact_set_has_no_dimension() {
    let values = Array3::from_shape_fn((128, 1, 128), |(y, ..)| if y < 64 { 1.0 } else { 0.0 });
    let volume = Volume::new(values, Unit::none(), "half", Some([1e-9; 3]));
    let found = of(&volume, &SETTING).unwrap();
    assert_eq!(found.scaling, Err(NoScaling::NoPlateau(None)));
    assert!(!found.plateau && found.interval.is_none());
    assert_eq!(found.fraction(), 0.5);
}

#[test]
fn what_cannot_be_counted_is_said() {
    let empty = Volume::new(Array3::zeros((8, 1, 8)), Unit::none(), "t", Some([1e-9; 3]));
    assert!(matches!(of(&empty, &SETTING), Err(DimensionError::NoSet { what: "empty", .. })));
    let full = Volume::new(Array3::ones((8, 1, 8)), Unit::none(), "t", Some([1e-9; 3]));
    assert!(matches!(of(&full, &SETTING), Err(DimensionError::NoSet { what: "full", .. })));
    let flat = Volume::new(Array3::ones((8, 4, 8)), Unit::none(), "t", Some([2e-9, 1e-9, 1e-9]));
    assert!(matches!(of(&flat, &SETTING), Err(DimensionError::NoCubes(_))));
    let large = Setting { sizes: Sizes::List(vec![4, 100]), ..SETTING };
    assert!(matches!(of(&full, &large), Err(DimensionError::FewSizes(1, 8))));
    let ended = Passes { work: Work { cancelled: &|| true, progress: &() }, ..Passes::simple() };
    let found = Dimension::of(&carpet(3), 2, &SETTING, &Stream::named("t"), &ended);
    assert_eq!(found.unwrap_err().to_string(), "interrupted");
}
