//! JPK images and curves, Park images, force curves of Nanoscope and Asylum, and of those who write text.

use super::fixtures::jpk as make;
use super::*;

fn is_close(got: &[f64], want: &[f64]) {
    let scale = want.iter().fold(0.0f64, |m, v| m.max(v.abs()));
    let same = |(a, b): (&f64, &f64)| a.is_nan() && b.is_nan() || (a - b).abs() <= 1e-12 * scale;
    assert!(got.len() == want.len() && got.iter().zip(want).all(same), "{got:?} is not {want:?}");
}

/// The ramp, each value times `scale` plus `offset`.
fn ramp(scale: f64, offset: f64) -> Vec<f64> {
    fixtures::ramp(3, 4).iter().map(|v| v * scale + offset).collect()
}

fn fixture(name: &str) -> Dataset {
    let (_, _, bytes) = fixtures::all().into_iter().find(|f| f.0 == name).unwrap();
    open_as("x.bin", bytes).unwrap()
}

fn names(d: &Dataset) -> Vec<&str> {
    d.channels().iter().map(|c| c.name.as_str()).collect()
}

#[test]
fn a_jpk_image_in_its_default_slot() {
    let d = fixture("channels.jpk");
    assert_eq!(names(&d), ["Height", "Height (retrace)", "Adhesion"]);
    let values = |name: &str| map(&d, name).values.iter().copied().collect::<Vec<_>>();
    is_close(&values("Height"), &ramp(-1e-9, 100e-9));
    is_close(&values("Height (retrace)"), &ramp(-1e-9, 0.0));
    let mut holed = ramp(-1e-9, 100e-9);
    holed[0] = f64::NAN;
    is_close(&values("Adhesion"), &holed);
    let size = d.channels()[0].physical_size.clone().unwrap();
    assert!(close(size[0], 12e-9) && close(size[1], 6e-9), "{size:?}");
    let part = d.window(0, &softspot::io::Window::new([1..2, 2..4])).unwrap();
    is_close(&part, &[88e-9, 87e-9]);
    assert_eq!(metadata(&d, "feedback mode"), "contact");
    let named = open_as("x", make::jpk_image()).unwrap();
    assert_eq!(named.format(), "jpk");
}

#[test]
fn park_images_of_both_versions() {
    for (name, channel) in [("park.tiff", "Topography"), ("park_before_types.tiff", "Topography backward")] {
        let d = fixture(name);
        let m = map(&d, channel);
        let values: Vec<f64> = m.values.iter().copied().collect();
        // gain · (stored · scale + offset), in µm.
        is_close(&values, &ramp(-0.002e-6, -0.003e-6));
        let size = d.channels()[0].physical_size.clone().unwrap();
        assert!(close(size[0], 12e-9) && close(size[1], 6e-9), "{size:?}");
        assert_eq!(metadata(&d, "comment"), "on mica");
    }
    let mut profile = make::park(2);
    let at = profile.windows(4).position(|w| w == [84, 0, 111, 0]).unwrap() - 4;
    profile[at] = 1;
    let e = open_as("x", profile).map(|_| ()).unwrap_err();
    assert!(e.what.contains("line profile") && !e.hint.is_empty(), "{e}");
}

#[test]
fn plain_tiff_refuses_them_by_name() {
    for bytes in [make::jpk_image(), make::park(2)] {
        let source = Source::from_bytes(Path::new("x.tif"), bytes);
        let tiff = READERS.iter().find(|r| r.format().id == "tiff").unwrap();
        let e = tiff.open(&source, &Limits::default()).map(|_| ()).unwrap_err();
        assert!(e.what.contains("private tags") && !e.hint.is_empty(), "{e}");
    }
}

#[test]
fn a_jpk_curve_of_old_kind() {
    let d = fixture("version_0.jpk-force");
    assert_eq!(names(&d), ["force", "height (measured)", "height (piezo)", "segment", "time", "aux"]);
    let stored = [0.0, 1.0, 2.0, 3.0, 10.0, 11.0];
    let volts = stored.map(|v| v * 0.5 + 1.0);
    is_close(&column(&d, "force"), &volts.map(|v| v * 2e-8 * 0.1));
    is_close(&column(&d, "height (measured)"), &volts.map(|v| 5e-6 - v * 1e-6));
    is_close(&column(&d, "height (piezo)"), &volts.map(|v| 0.5 * (5e-6 - v * 1e-6)));
    is_close(&column(&d, "segment"), &[0.0, 0.0, 0.0, 0.0, 1.0, 1.0]);
    is_close(&column(&d, "time"), &[0.0, 0.5, 1.0, 1.5, 2.0, 2.5]);
    is_close(&column(&d, "aux"), &[0.0, 2.0, 4.0, 6.0, f64::NAN, f64::NAN]);
    assert_eq!(d.tables()[0].position, Some([1e-6, -2e-6]));
    assert_eq!(metadata(&d, "force-scan-series.time"), "12:30");
}

#[test]
fn a_jpk_map_says_where_its_curves_are() {
    let d = fixture("map.jpk-qi-data");
    let cells: Vec<_> = d.tables().iter().map(|t| t.cell.unwrap()).collect();
    // The second line goes back, and row 0 is the upper one.
    assert_eq!(cells, [[1, 0], [0, 2], [0, 1]]);
    let [x, y] = d.tables()[1].position.unwrap();
    assert!(close(x, 2e-6) && close(y, 0.5e-6), "{x} {y}");
    let force = [100.0, 101.0, 110.0, 111.0, 112.0].map(|v: f64| (v * 0.5 + 1.0) * 2e-8 * 0.1);
    is_close(&column(&d, "curve 1: force"), &force);
    is_close(&column(&d, "curve 1: time"), &[0.0, 0.125, 0.25, 0.25 + 0.25 / 3.0, 0.25 + 0.5 / 3.0]);
    is_close(&column(&d, "curve 2: smoothedMeasuredHeight"), &[200.0, 201.0, 202.0, 210.0, 211.0, 212.0]);
    assert!(!names(&d).iter().any(|n| n.contains("piezo")));
}

#[test]
fn a_map_of_too_many_curves_is_one_table() {
    let limits = Limits { channels: 12, ..Limits::default() };
    let source = Source::from_bytes(Path::new("x"), make::archive(&make::map_members(3)));
    let d = softspot::io::sniff(&source).unwrap().open(&source, &limits).unwrap();
    assert_eq!(d.tables().len(), 1);
    let expected =
        ["curve", "row", "column", "force", "height (measured)", "segment", "time", "smoothedMeasuredHeight"];
    assert_eq!(names(&d), expected);
    let whole = column(&d, "smoothedMeasuredHeight");
    assert_eq!(whole.len(), 17);
    for range in [0..17, 4..9, 6..11, 10..12, 16..17] {
        let part = d.window(7, &softspot::io::Window::new([range.clone()])).unwrap();
        assert_eq!(part, whole[range]);
    }
    let curves = column(&d, "curve");
    assert_eq!((curves[5], curves[6], curves[10], curves[11]), (0.0, 1.0, 1.0, 2.0));
}

#[test]
fn frames_of_a_fast_scan() {
    let d = fixture("frames.h5-jpk");
    assert_eq!(names(&d), ["Height (retrace)", "Measurement_000/Channel_000/Height"]);
    let v = volume(&d, "Height (retrace)");
    assert_eq!(v.values.shape(), [2, 3, 4]);
    let values: Vec<f64> = v.values.iter().copied().collect();
    // (stored · 0.5 + 1) V · 2 nm/V − 2 nm is the stored number in nm.
    is_close(&values, &[ramp(1e-9, 0.0), ramp(1e-9, 100e-9)].concat());
    let part = d.window(0, &softspot::io::Window::new([1..2, 0..2, 3..4])).unwrap();
    is_close(&part, &[103e-9, 113e-9]);
    assert_eq!(map(&d, "Measurement_000/Channel_000/Height").values[[0, 1]], 120.0);
}

#[test]
fn what_afmformats_exports() {
    let d = fixture("afmformats.h5");
    assert_eq!(names(&d)[3..], ["curve 1: force", "curve 1: height (measured)", "curve 1: segment"]);
    is_close(&column(&d, "curve 0: height (measured)"), &[3e-6, 2e-6, 1e-6]);
    assert_eq!(d.tables()[1].position, Some([1e-6, 2e-6]));
    let d = fixture("afmformats.tab");
    assert_eq!(names(&d), ["force", "height (measured)", "segment", "time"]);
    is_close(&column(&d, "force"), &[1e-9, 2e-9]);
    is_close(&column(&d, "segment"), &[0.0, 1.0]);
    assert_eq!((d.tables()[0].position, d.tables()[0].cell), (Some([1e-6, -2e-6]), Some([3, 3])));
    assert!(metadata(&d, "first record").contains("line 14"));
    // A line that ends where it should costs no record.
    let whole = String::from_utf8(make::afmformats_tab()).unwrap().replace("time-5e-10", "time\n-5e-10");
    assert_eq!(column(&open_as("x", whole.into_bytes()).unwrap(), "force").len(), 3);
}

#[test]
fn curves_as_text() {
    let d = fixture("workshop.csv");
    // 20 mV/nm and 0.5 nN/nm.
    is_close(&column(&d, "force"), &[2.5e-9, 5e-9, 10e-9, 7.5e-9]);
    is_close(&column(&d, "height (measured)"), &[-1000e-9, -1001e-9, -1002e-9, -1001e-9]);
    is_close(&column(&d, "Retract T-B"), &[0.4, 0.3]);
    let [x, y] = d.tables()[0].position.unwrap();
    assert!(close(x, 25e-6) && close(y, 40e-6));
    let d = fixture("chiaro.txt");
    is_close(&column(&d, "force"), &[0.1e-6, 0.3e-6, 0.2e-6]);
    is_close(&column(&d, "height (piezo)"), &[-100e-9, -200e-9, -150e-9]);
    is_close(&column(&d, "tip position"), &[-95e-9, -185e-9, -140e-9]);
    is_close(&column(&d, "segment"), &[0.0, 0.0, 1.0]);
    assert_eq!((metadata(&d, "Max load (µN)"), metadata(&d, "Step absolute end times (s)")), ("0.050", "3"));
    // An instrument that was not calibrated measures no force.
    let plain = String::from_utf8(make::workshop()).unwrap().replace("mV/nm:\t20.0", "mV/nm:\t1");
    assert!(!names(&open_as("x", plain.into_bytes()).unwrap()).contains(&"force"));
    assert!(names(&open_as("x", make::chiaro()).unwrap()).contains(&"Auxiliary"));
}

#[test]
fn force_curves_of_nanoscope() {
    let d = fixture("force_curve.001");
    let deflection = [0.0, 1.0, 2.0, 3.0, 4.0].map(|v: f64| v * 0.01 * 50e-9);
    is_close(&column(&d, "force"), &deflection.map(|v| v * 0.2));
    is_close(&column(&d, "height (measured)"), &[0.0, -10e-9, -20e-9, -30e-9, -40e-9]);
    is_close(&column(&d, "height (piezo)"), &[400e-9 / 3.0, 200e-9 / 3.0, 0.0, 0.0, 100e-9]);
    is_close(&column(&d, "segment"), &[0.0, 0.0, 0.0, 1.0, 1.0]);
    is_close(&column(&d, "time"), &[0.0, 0.5, 1.0, 1.5, 1.75]);
    is_close(&column(&d, "Deflection Error extend"), &deflection[..3]);
    is_close(&column(&d, "Deflection Error retract"), &deflection[3..]);
    let d = open_as("x", make::nanoscope_force(6, 4)).unwrap();
    let cells: Vec<_> = d.tables().iter().map(|t| t.cell.unwrap()).collect();
    assert_eq!(cells, [[1, 0], [1, 1], [1, 2], [0, 0], [0, 1], [0, 2]]);
    let last = [50.0, 51.0, 52.0].map(|v: f64| v * 0.01 * 50e-9);
    is_close(&column(&d, "curve 5: Deflection Error extend"), &last);
}

#[test]
fn a_hold_stands_behind_the_retraction_and_between_the_two_in_time() {
    let count = |v: f64| v * 0.01 * 50e-9;
    let d = fixture("force_hold.spm");
    is_close(&column(&d, "curve 0: force"), &[0.0, 1.0, 2.0, 8.0, 9.0, 3.0, 4.0].map(|v| count(v) * 0.2));
    is_close(&column(&d, "curve 0: segment"), &[0.0, 0.0, 0.0, 1.0, 1.0, 2.0, 2.0]);
    is_close(&column(&d, "curve 0: time"), &[0.0, 0.5, 1.0, 1.5, 2.0, 2.5, 2.75]);
    is_close(&column(&d, "curve 0: height (piezo)")[3..5], &[0.0, 0.0]);
    is_close(&column(&d, "curve 2: Deflection Error pause"), &[28.0, 29.0].map(count));
    // Of three samples of the approach two are there.
    let d = open_as("x", make::nanoscope_hold(true)).unwrap();
    let extend = column(&d, "curve 1: Deflection Error extend");
    assert!(extend[0].is_nan());
    is_close(&extend[1..], &[10.0, 11.0].map(count));
    is_close(&column(&d, "curve 1: Deflection Error retract"), &[13.0, 14.0, 15.0].map(count));
}

#[test]
fn park_curves_on_a_grid() {
    let d = fixture("park_curves.tiff");
    assert_eq!(map(&d, "Topography").shape(), [3, 4]);
    let places: Vec<_> = d.tables().iter().map(|t| (t.name.as_str(), t.cell.unwrap(), t.position.unwrap())).collect();
    assert_eq!(places.iter().map(|p| (p.0, p.1)).collect::<Vec<_>>(), [("curve 0", [1, 0]), ("curve 1", [0, 0])]);
    is_close(&places[1].2, &[1e-6, 3e-6]);
    is_close(&column(&d, "curve 1: Z Scan"), &[5e-6, 5.5e-6, 6e-6, 6.5e-6]);
    let volts = [110.0, 111.0, 112.0, 113.0].map(|v| v * 0.01 + 0.5);
    is_close(&column(&d, "curve 1: Vertical (A-B)"), &volts);
    is_close(&column(&d, "curve 1: force"), &volts.map(|v| v / 4.0 * 1e-6 * 2.0));
    is_close(&column(&d, "curve 0: segment"), &[0.0, 0.0, 1.0, 1.0]);
    assert!(metadata(&d, "offset of Vertical (A-B)").starts_with("0.5 V is added"));
    let whole = make::park_curves();
    let e = open_as("x", whole[..whole.len() - 20].to_vec()).map(|_| ()).unwrap_err();
    assert!(!e.hint.is_empty(), "{e}");
}

#[test]
fn a_force_volume_of_too_many_curves_is_volumes() {
    let limits = Limits { channels: 12, ..Limits::default() };
    let source = Source::from_bytes(Path::new("x"), make::nanoscope_force(6, 2));
    let d = softspot::io::sniff(&source).unwrap().open(&source, &limits).unwrap();
    assert_eq!(names(&d)[..2], ["Deflection Error extend", "Deflection Error retract"]);
    let v = volume(&d, "Deflection Error extend");
    assert_eq!(v.values.shape(), [3, 2, 3]);
    let values: Vec<f64> = v.values.iter().copied().collect();
    let first = [30.0, 40.0, 50.0, 0.0, 10.0, 20.0];
    let want: Vec<f64> = (0..3).flat_map(|t| first.map(|v| (v + f64::from(t)) * 0.01 * 50e-9)).collect();
    is_close(&values, &want);
}

#[test]
fn a_force_curve_of_asylum() {
    let d = open_as("x", make::asylum()).unwrap();
    assert_eq!(names(&d), ["Raw", "Defl", "ZSnsr", "force", "height (piezo)", "height (measured)", "segment"]);
    let raw = [1.0, 2.0, 3.0, 2.0, 1.0, 1.0f32];
    let times = |f: f32, g: f64| raw.map(|v| f64::from(v * f) * g);
    is_close(&column(&d, "force"), &times(1e-9, 0.5));
    is_close(&column(&d, "height (piezo)"), &times(1e-6, -1.0));
    is_close(&column(&d, "segment"), &[0.0, 0.0, 0.0, 1.0, 1.0, 2.0]);
    assert_eq!(d.tables()[0].position, Some([1e-6, -2e-6]));
}
