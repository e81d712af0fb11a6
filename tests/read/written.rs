//! What the program writes, it reads back the same.

use ndarray::{Array2, Array3};
use softspot::data::{Cells, Column};
use softspot::io::write;
use softspot::unit::Unit;

use super::*;

fn sample() -> Map {
    let mut values = Array2::from_shape_fn((3, 10), |(r, c)| (10 * r + c) as f64 * 0.1e-9);
    values[[1, 1]] = f64::NAN;
    Map {
        values,
        unit: Unit::of("nm"),
        quantity: "Height".into(),
        pixel: Some([3e-9, 1.0 / 3.0 * 1e-9]),
        levelling: Vec::new(),
        convention: None,
    }
}

fn same(a: &Map, b: &Map, tolerance: f64) {
    assert_eq!(a.shape(), b.shape());
    for (x, y) in a.values.iter().zip(&b.values) {
        assert!((x.is_nan() && y.is_nan()) || (x - y).abs() <= tolerance * y.abs(), "{x} {y}");
    }
}

fn same_pixel(a: &Map, b: &Map) {
    let (p, q) = (a.pixel.unwrap(), b.pixel.unwrap());
    assert!(p.iter().zip(q).all(|(p, q)| (p / q - 1.0).abs() < 1e-8), "{p:?} {q:?}");
    assert_eq!(a.unit.si_symbol(), b.unit.si_symbol());
}

#[test]
fn maps() {
    let m = sample();
    let back = map(&open_as("a", write::gsf(&m)).unwrap(), "Height");
    same(&back, &m, 1e-6);
    same_pixel(&back, &m);
    let back = map(&open_as("a", write::tiff_map(&m).unwrap()).unwrap(), "image");
    same(&back, &m, 1e-6);
    same_pixel(&back, &m);
    let back = map(&open_as("a", write::csv_map(&m)).unwrap(), "Height");
    same(&back, &m, 0.0);
    same_pixel(&back, &m);
    let back = map(&open_as("a", write::npy_map(&m)).unwrap(), "array");
    same(&back, &m, 0.0);
}

#[test]
fn volumes_and_columns() {
    let values = Array3::from_shape_fn((2, 3, 4), |(z, y, x)| (100 * z + 10 * y + x) as f64);
    let v = Volume::new(values, Unit::none(), "ct", Some([65e-9, 5e-9, 7.5e-6]));
    let back = volume(&open_as("a", write::npy_volume(&v).unwrap()).unwrap(), "array");
    assert_eq!(back.whole().unwrap(), v.whole().unwrap());
    let back = volume(&open_as("a", write::tiff_volume(&v).unwrap()).unwrap(), "volume");
    assert_eq!(back.whole().unwrap(), v.whole().unwrap());
    let (p, q) = (back.voxel.unwrap(), v.voxel.unwrap());
    assert!(p.iter().zip(q).all(|(p, q)| (p / q - 1.0).abs() < 1e-8), "{p:?}");
    let bytes = write::npy_column(&[1.0, 2.5]);
    assert_eq!(bytes.len() % 64, 16, "the numbers start at a multiple of 64");
    assert_eq!(column(&open_as("a", bytes).unwrap(), "array"), [1.0, 2.5]);
}

#[test]
fn tables() {
    let t = Table {
        columns: vec![
            Column::text("sample", vec!["a, \"b\"".into(), "c".into()]),
            Column::number("T", &Unit::of("°C"), [461.25, f64::NAN]),
            Column::number("r", &Unit::of("nm"), [1.5e-9, 0.1]),
        ],
    };
    let text = String::from_utf8(write::csv_table(&t)).unwrap();
    assert_eq!(text, "sample,T [K],r [m]\n\"a, \"\"b\"\"\",461.25,1.5e-9\nc,,0.1\n");
    let back = open_as("a", text.into_bytes()).unwrap().table().unwrap().unwrap();
    assert_eq!(back.column("sample").unwrap().cells, Cells::Text(vec!["a, \"b\"".into(), "c".into()]));
    assert_eq!(back.column("r").unwrap().cells, t.columns[2].cells);
    assert_eq!(numbers(&back, 1)[0], 461.25);
}
