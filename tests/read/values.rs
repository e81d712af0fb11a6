//! Values, units, sizes and row order of the formats of arrays.

use super::fixtures::{self, Order, ramp};
use super::*;

/// The ramp of the fixtures as read: row 0 on top.
fn is_ramp(m: &Map, scale: f64) {
    let want = ramp(3, 4);
    for (a, b) in m.values.iter().zip(want) {
        assert!(close(*a, b * scale) || (*a == 0.0 && b == 0.0), "{a} is not {}", b * scale);
    }
    assert_eq!(m.shape(), [3, 4]);
}

fn has_pixel(m: &Map, dy: f64, dx: f64) {
    let p = m.pixel_size().unwrap();
    assert!((p[0] / dy - 1.0).abs() < 1e-9 && (p[1] / dx - 1.0).abs() < 1e-9, "{p:?}");
}

#[test]
fn gsf() {
    let d = open_as("a", fixtures::gsf()).unwrap();
    let m = map(&d, "Potential");
    is_ramp(&m, 1.0);
    has_pixel(&m, 3e-9, 2e-9);
    assert_eq!(m.unit.si_symbol(), "V");
}

#[test]
fn gwyddion() {
    let d = open_as("a", fixtures::gwy()).unwrap();
    let names: Vec<_> = d.channels().iter().map(|c| c.name.as_str()).collect();
    assert_eq!(names, ["Height", "Frequency", "Height (mask)"]);
    let m = map(&d, "Height");
    is_ramp(&m, 1.0);
    has_pixel(&m, 3e-9, 2e-9);
    is_ramp(&map(&d, "Frequency"), 1e3);
    assert_eq!(d.channels()[1].unit.si_symbol(), "Hz");
    assert_eq!(metadata(&d, "/0/meta/Scan rate"), "1 Hz");
    assert_eq!(metadata(&d, "/filename"), "scan.gwy");
}

#[test]
fn gwyddion_before_2004_and_its_prefix_that_means_nothing() {
    let d = open_as("a", fixtures::gwyo()).unwrap();
    let m = map(&d, "Channel 0");
    is_ramp(&m, 1.0);
    has_pixel(&m, 3e-9, 2e-9);
    assert_eq!(d.channels()[0].unit.symbol, "m");
    assert_eq!(metadata(&d, "/0/data/si_unit_z/unitstr"), "nm");
}

#[test]
fn igor_images_in_both_byte_orders() {
    for order in [Order::Little, Order::Big] {
        let d = open_as("a", fixtures::ibw_image(order)).unwrap();
        let m = map(&d, "HeightRetrace");
        is_ramp(&m, 1.0);
        has_pixel(&m, 3e-9, 2e-9);
        assert_eq!(m.unit.si_symbol(), "m");
        is_ramp(&map(&d, "PhaseRetrace"), 1.0);
        assert_eq!(d.channels()[1].unit.si_symbol(), "deg");
        assert_eq!((metadata(&d, "ScanRate"), metadata(&d, "Tip")), ("1.5", "new"));
    }
}

/// Where the name of a layer implies a length, the wave's own unit of length is right.
#[test]
fn igor_layers_in_the_unit_of_the_wave() {
    let values: Vec<f32> = ramp(3, 4).chunks(4).rev().flatten().map(|v| *v as f32).collect();
    let mut bytes = fixtures::ibw5(Order::Little, &[4, 3, 1], &values, &["HeightRetrace"], "m", "");
    // The wave's unit is where the header has it, 4 bytes in front of the units of the axes.
    let at = 64 + 68 + 16 + 64;
    assert_eq!(bytes.get(at..at + 4), Some(&b"m\0\0\0"[..]));
    bytes[at..at + 2].copy_from_slice(b"nm");
    bytes[2..4].fill(0);
    fixtures::check(&mut bytes, 2, 384, Order::Little);
    let m = map(&open_as("a", bytes).unwrap(), "HeightRetrace");
    is_ramp(&m, 1e-9);
}

#[test]
fn igor_columns() {
    let d = open_as("a", fixtures::ibw_columns()).unwrap();
    assert_eq!(column(&d, "Defl"), [4.0, 5.0, 6.0, 7.0]);
    let t = d.table().unwrap().unwrap();
    assert_eq!(t.rows(), 4);
    assert_eq!(numbers(&t, 2), [8.0, 9.0, 10.0, 11.0]);
    for order in [Order::Little, Order::Big] {
        let d = open_as("a", fixtures::ibw2(order)).unwrap();
        assert_eq!(column(&d, "wave0"), [5.0, 4.0, 3.0, 2.0, 1.0]);
        assert_eq!(d.channels()[0].unit.si_symbol(), "V");
        assert_eq!(metadata(&d, "note"), "note");
    }
}

#[test]
fn an_unlabelled_wave_is_an_image_and_a_complex_one_is_refused() {
    let v: Vec<f32> = (0..12).map(|i| i as f32).collect();
    let d = open_as("a", fixtures::ibw5(Order::Little, &[4, 3], &v, &[], "m", "")).unwrap();
    let m = map(&d, "scan");
    assert_eq!((m.values[[0, 0]], m.values[[2, 3]]), (8.0, 3.0));
    let mut complex = fixtures::ibw2(Order::Little);
    complex[16] = 5;
    let e = open_as("a.ibw", complex).map(|_| ()).unwrap_err();
    assert!(e.what.contains("complex"), "{e}");
}

#[test]
fn nanoscope_of_two_and_four_bytes() {
    for bytes in [2, 4] {
        let d = open_as("a", fixtures::nanoscope(bytes)).unwrap();
        let names: Vec<_> = d.channels().iter().map(|c| c.name.as_str()).collect();
        assert_eq!(names, ["Height", "Height (retrace)", "Phase"]);
        let count = 64.0 / if bytes == 2 { 65_536.0 } else { 4_294_967_296.0 };
        let m = map(&d, "Height");
        is_ramp(&m, count * 8.0 * 1e-9);
        has_pixel(&m, 3e-9, 2e-9);
        is_ramp(&map(&d, "Phase"), count);
        let units: Vec<_> = d.channels().iter().map(|c| c.unit.si_symbol()).collect();
        assert_eq!(units, ["m", "m", "deg"]);
        assert_eq!(metadata(&d, "Ciao image list 2/Line direction"), "Retrace");
    }
}

#[test]
fn nanoscope_before_4_3() {
    let text = String::from_utf8(fixtures::nanoscope(2).iter().map(|b| if b.is_ascii() { *b } else { b'?' }).collect())
        .unwrap();
    let old = text.replace("@2:Z scale: V [Sens. Zscan] (0.01 V/LSB) 64.00000 V", "Z scale: 20.48 nm (2048)");
    // The header became shorter; the data stay where they were.
    let cut = old.find('\u{1a}').unwrap();
    let mut bytes = old.as_bytes()[..=cut].to_vec();
    bytes.resize(2048, 0);
    bytes.extend(&fixtures::nanoscope(2)[2048..]);
    let d = open_as("a", bytes).unwrap();
    is_ramp(&map(&d, "Height"), 0.01e-9);
}

#[test]
fn tiff_with_the_calibration_of_imagej() {
    let d = open_as("a", fixtures::tiff_stack()).unwrap();
    let v = volume(&d, "volume");
    assert_eq!(v.values.dim(), (2, 3, 4));
    assert_eq!((v.values[[0, 1, 2]], v.values[[1, 2, 3]]), (12.0, 123.0));
    let voxel = v.voxel.unwrap();
    for (have, want) in voxel.iter().zip([2e-6, 0.5e-6, 0.5e-6]) {
        assert!(close(*have, want), "{voxel:?}");
    }
    let d = open_as("a", fixtures::tiff_float()).unwrap();
    let m = map(&d, "image");
    is_ramp(&m, 0.5);
    assert_eq!(m.pixel, None, "72 dots per inch are no pixel size");
    assert_eq!(metadata(&d, "ImageDescription"), "a note");
}

#[test]
fn tiff_of_other_numbers() {
    let signed: Vec<u8> = ramp(3, 4).iter().map(|v| (-*v as i8) as u8).collect();
    let d = open_as("a", fixtures::tiff(Order::Little, &[signed], [3, 4], 8, 2, "", (1, 1))).unwrap();
    is_ramp(&map(&d, "image"), -1.0);
    let double: Vec<u8> = ramp(3, 4).iter().flat_map(|v| v.to_be_bytes()).collect();
    let d = open_as("a", fixtures::tiff(Order::Big, &[double], [3, 4], 64, 3, "", (1, 1))).unwrap();
    is_ramp(&map(&d, "image"), 1.0);
    let bits = fixtures::tiff(Order::Little, &[vec![0b1010_0000, 0, 0b0001_0000]], [3, 4], 1, 1, "", (1, 1));
    let m = map(&open_as("a", bits).unwrap(), "image");
    assert_eq!(m.values.iter().copied().collect::<Vec<_>>(), [1., 0., 1., 0., 0., 0., 0., 0., 0., 0., 0., 1.]);
    // ImageJ keeps signed 16-bit numbers as unsigned ones and writes the shift.
    let shifted: Vec<u8> = ramp(3, 4).iter().flat_map(|v| (*v as u16 + 32768).to_le_bytes()).collect();
    let text = "ImageJ=1.5\ncf=0\nc0=-32768\nc1=1\nvunit=Gray Value\n";
    let d = open_as("a", fixtures::tiff(Order::Little, &[shifted], [3, 4], 16, 1, text, (1, 1))).unwrap();
    is_ramp(&map(&d, "image"), 1.0);
}

#[test]
fn numpy() {
    let d = open_as("a", fixtures::npy_fortran()).unwrap();
    is_ramp(&map(&d, "array"), 1.0);
    let d = open_as("a", fixtures::npy_compound()).unwrap();
    let m = map(&d, "Amplitude");
    assert_eq!(m.unit.symbol, "mV");
    assert!(close(m.values[[1, 2]], 5e-3));
    assert_eq!(map(&d, "n").values[[1, 0]], 6.0);
    let half = fixtures::npy("'>f2'", false, "(2,)", &[0x3c, 0, 0xc0, 0]);
    assert_eq!(column(&open_as("a", half).unwrap(), "array"), [1.0, -2.0]);
    let complex: Vec<u8> = [1.0f32, 2.0, 3.0, 4.0].iter().flat_map(|v| v.to_le_bytes()).collect();
    let d = open_as("a", fixtures::npy("'<c8'", false, "(2,)", &complex)).unwrap();
    assert_eq!((column(&d, "real"), column(&d, "imaginary")), (vec![1.0, 3.0], vec![2.0, 4.0]));
    let scalar = fixtures::npy("'<i4'", false, "()", &7i32.to_le_bytes());
    assert_eq!(column(&open_as("a", scalar).unwrap(), "array"), [7.0]);
    let fortran: Vec<u8> = (0..24).collect();
    let d = open_as("a", fixtures::npy("'|u1'", true, "(2, 3, 4)", &fortran)).unwrap();
    let v = volume(&d, "array");
    assert_eq!((v.values[[1, 0, 0]], v.values[[0, 1, 0]], v.values[[1, 2, 3]]), (1.0, 2.0, 23.0));
}

#[test]
fn numpy_refuses_what_is_not_numbers() {
    for descr in ["'|O'", "'<U5'", "'|S3'", "'<M8[s]'", "[('a', '<f4', (2,))]", "'<f16'"] {
        let e = open_as("a", fixtures::npy(descr, false, "(2,)", &[0; 64])).map(|_| ()).unwrap_err();
        assert!(!e.what.is_empty(), "{descr}: {e}");
    }
}

#[test]
fn numpy_archives_stored_and_deflated() {
    for deflate in [false, true] {
        let d = open_as("a", fixtures::npz(deflate)).unwrap();
        let v = volume(&d, "pores");
        assert_eq!(v.values.iter().copied().collect::<Vec<_>>(), [0., 1., 0., 1., 1., 1., 0., 0.]);
        let joined = volume(&d, "grid");
        assert_eq!(joined.values.dim(), (2, 3, 20));
        assert_eq!(joined.values[[1, 2, 19]], 119.0);
        let first = map(&d, "grid [:, :, 0, 0]");
        assert_eq!((first.values[[0, 1]], first.values[[1, 2]]), (20.0, 100.0));
    }
}

#[test]
fn png_grey_and_colours() {
    let d = open_as("a", fixtures::png()).unwrap();
    let m = map(&d, "grey");
    is_ramp(&m, 1000.0);
    has_pixel(&m, 1e-6, 1e-6);
    let mut bytes = Vec::new();
    let mut e = png::Encoder::new(&mut bytes, 2, 1);
    e.set_color(png::ColorType::Rgb);
    e.set_pixel_dims(Some(png::PixelDimensions { xppu: 2835, yppu: 2835, unit: png::Unit::Meter }));
    e.write_header().unwrap().write_image_data(&[255, 0, 0, 10, 10, 10]).unwrap();
    let d = open_as("a", bytes).unwrap();
    let m = map(&d, "luminance");
    assert!((m.values[[0, 0]] - 0.2126 * 255.0).abs() < 1e-9 && (m.values[[0, 1]] - 10.0).abs() < 1e-9);
    assert_eq!(m.pixel, None, "72 dots per inch are no pixel size");
}

#[test]
fn mrc_from_its_lowest_line() {
    for order in [fixtures::Order::Little, fixtures::Order::Big] {
        let d = open_as("a", fixtures::mrc(order)).unwrap();
        let v = volume(&d, "data");
        assert_eq!((v.values.dim(), v.values[[0, 1, 2]], v.values[[1, 2, 3]]), ((2, 3, 4), 12.0, 123.0));
        assert!(v.voxel.unwrap().iter().all(|s| close(*s, 0.5e-9)), "{:?}", v.voxel);
        assert_eq!(metadata(&d, "label 1"), "made by a test");
    }
    // One ångström a voxel is what is written where nothing is known.
    let mut plain = fixtures::mrc(fixtures::Order::Little);
    for (at, v) in [(40, 4.0f32), (44, 3.0), (48, 2.0)] {
        plain[at..at + 4].copy_from_slice(&v.to_le_bytes());
    }
    assert_eq!(volume(&open_as("a", plain).unwrap(), "data").voxel, None);
}

#[test]
fn digital_micrograph_without_its_thumbnail() {
    for version in [3, 4] {
        let d = open_as("a", fixtures::dm(version)).unwrap();
        assert_eq!(d.channels().len(), 1, "{version}");
        let m = map(&d, "bright field");
        is_ramp(&m, 2.0);
        has_pixel(&m, 2e-9, 2e-9);
        assert_eq!(d.channels()[0].unit.symbol, "V");
    }
}

#[test]
fn archives_of_one_file_are_that_file() {
    let d = open_as("map.zip", fixtures::one_file(true)).unwrap();
    let plain = open_as("map.gsf", fixtures::gsf()).unwrap();
    assert_eq!(d.channels()[0].name, plain.channels()[0].name);
    assert_eq!(map(&d, &d.channels()[0].name).values, map(&plain, &plain.channels()[0].name).values);
    assert_eq!(metadata(&d, "file in the archive"), "map.gsf (gsf)");
    let d = open_as("table.csv.gz", fixtures::one_file(false)).unwrap();
    assert_eq!(column(&d, "E"), [1e6, 2e6]);
}
