//! Images of scanning probe microscopes: Nanonis, Nanosurf, NT-MDT, WSxM, Digital Surf.

use super::fixtures::ramp;
use super::fixtures::spm as make;
use super::*;

/// The ramp with row 0 on top, times `scale` plus `offset`; pixel 3 nm × 2 nm.
fn is_ramp(d: &Dataset, name: &str, unit: &str, scale: f64, offset: f64) {
    let m = map(d, name);
    assert_eq!(m.shape(), [3, 4], "{name}");
    for (a, b) in m.values.iter().zip(ramp(3, 4)) {
        let want = b * scale + offset;
        assert!((a - want).abs() <= 1e-6 * want.abs().max(scale), "{name}: {a} is not {want}");
    }
    assert_eq!(m.unit.si_symbol(), unit, "{name}");
    let p = m.pixel_size().unwrap();
    assert!((p[0] / 3e-9 - 1.0).abs() < 1e-6 && (p[1] / 2e-9 - 1.0).abs() < 1e-6, "{name}: {p:?}");
}

fn names(d: &Dataset) -> Vec<&str> {
    d.channels().iter().map(|c| c.name.as_str()).collect()
}

fn refused(name: &str, bytes: Vec<u8>) -> String {
    let e = open_as(name, bytes).map(|_| ()).unwrap_err();
    assert!(!e.hint.is_empty(), "{e}");
    e.to_string()
}

/// One value that is another, as a whole array of values.
fn equal(a: &[f64], b: &[f64]) -> bool {
    a.len() == b.len() && a.iter().zip(b).all(|(a, b)| (a - b).abs() <= 1e-6 * b.abs().max(1e-15))
}

#[test]
fn nanonis_scans_show_the_same_picture_up_and_down_forward_and_backward() {
    for (direction, missing) in [("up", 0), ("down", 2)] {
        let d = open_as("a", make::sxm(direction)).unwrap();
        assert_eq!(names(&d), ["Z (Forward)", "Z (Backward)", "Current (Forward)"]);
        is_ramp(&d, "Z (Forward)", "m", 1.0, 0.0);
        is_ramp(&d, "Z (Backward)", "m", 1.0, 0.0);
        let m = map(&d, "Current (Forward)");
        for row in 0..3 {
            assert_eq!(m.values[[row, 0]].is_nan(), row == missing, "{direction} {row}");
        }
        assert_eq!(metadata(&d, "SCAN_DIR"), direction);
        assert_eq!(metadata(&d, "Ext. VI 1>Temperature (K)"), "4,5E+0");
    }
}

#[test]
fn nanonis_files_that_were_cut_or_changed() {
    let whole = make::sxm("up");
    assert!(refused("a.sxm", whole[..300].to_vec()).contains("SCANIT_END"));
    assert!(refused("a.sxm", whole[..whole.len() - 1].to_vec()).contains("truncated"));
    let text = |from: &str, to: &str| String::from_utf8_lossy(&whole).replace(from, to).into_bytes();
    assert!(refused("a.sxm", text("FLOAT", "INT16")).contains("INT16"));
    assert!(refused("a.sxm", text("       4       3", "  400000  300000")).contains("can hold"));
}

#[test]
fn nanonis_grids() {
    let d = open_as("a", make::grid(12)).unwrap();
    assert_eq!(names(&d), ["Current", "LIX 1 omega [bwd]", "Sweep Start", "Sweep End", "X", "Z", "Bias"]);
    let v = volume(&d, "Current");
    assert_eq!((v.values.dim(), v.unit.si_symbol()), ((3, 4, 5), "A".to_string()));
    // Top line first: the ramp of the points, ten a step, plus the place in the sweep.
    assert_eq!((v.values[[0, 0, 0]], v.values[[0, 3, 4]], v.values[[2, 1, 2]]), (0.0, 34.0, 212.0));
    assert_eq!(volume(&d, "LIX 1 omega [bwd]").values[[2, 1, 2]], 1212.0);
    is_ramp(&d, "X", "m", 1e-9, 0.0);
    assert_eq!(map(&d, "Sweep Start").unit.si_symbol(), "V");
    assert_eq!(column(&d, "Bias"), [-1.0, -0.5, 0.0, 0.5, 1.0]);
}

#[test]
fn an_aborted_grid_ends_in_missing_points() {
    let (whole, d) = (open_as("a", make::grid(12)).unwrap(), open_as("a", make::grid(6)).unwrap());
    let (v, all) = (volume(&d, "Current"), volume(&whole, "Current"));
    // Six points: the bottom line, and half of the line above.
    for ((row, column, i), a) in v.values.indexed_iter() {
        let there = row == 2 || row == 1 && column < 2;
        assert_eq!(a.is_nan(), !there, "{row} {column}");
        assert!(!there || *a == all.values[[row, column, i]]);
    }
    let window = softspot::io::Window::new([1..3, 1..3, 2..4]);
    let part = d.window(0, &window).unwrap();
    assert!(equal(&part[..2], &[112.0, 113.0]) && part[2].is_nan() && equal(&part[4..], &[212., 213., 222., 223.]));
    let x = d.window(4, &softspot::io::Window::new([1..2, 0..3])).unwrap();
    assert!(equal(&x[..2], &[10e-9, 11e-9]) && x[2].is_nan());
    assert_eq!(metadata(&d, "points stored"), "6");
    let claims = String::from_utf8_lossy(&make::grid(12)).replace("4 x 3", "40000 x 30000").into_bytes();
    assert!(refused("a.3ds", claims).contains("limit"));
}

#[test]
fn nanonis_curves_know_units_before_tags_and_the_place() {
    let d = open_as("a", make::curve()).unwrap();
    assert_eq!(names(&d), ["Bias calc", "Current", "Current [bwd]", "Current [filt]"]);
    assert!(d.channels()[1..].iter().all(|c| c.unit.si_symbol() == "A"));
    assert_eq!(column(&d, "Current [filt]"), [2e-9, 4e-9, 6e-9]);
    assert!(column(&d, "Current")[1].is_nan());
    assert_eq!(d.tables()[0].position, Some([1.5e-6, -2e-6]));
    assert_eq!(metadata(&d, "Experiment"), "bias spectroscopy");
    let e =
        refused("a.dat", String::from_utf8(make::curve()).unwrap().replace("10.5E-9\t5E-9", "x\t5E-9").into_bytes());
    assert!(e.contains("`x`") && e.contains("line 11"), "{e}");
}

#[test]
fn nanosurf() {
    let d = open_as("a", make::nid()).unwrap();
    is_ramp(&d, "Z-Axis forward", "m", 1e-9, 0.0);
    is_ramp(&d, "Z-Axis backward", "m", 1e-9, 0.0);
    let t = d.tables();
    assert_eq!(
        t.iter().map(|t| t.name.as_str()).collect::<Vec<_>>(),
        ["Spec forward 1", "Spec forward 2", "SlopeOut00"]
    );
    assert!(equal(&column(&d, "SlopeOut00: SlopeOut00 2"), &[9.0, 11.0]));
    assert_eq!((t[0].position, t[1].position), (Some([1e-6, 2e-6]), Some([3e-6, 4e-6])));
    assert!(equal(&column(&d, "Spec forward 1: Deflection"), &[0.0, 1.0, 2.0, 3.0]));
    assert!(equal(&column(&d, "Spec forward 2: Deflection"), &[4.0, 5.0, 6.0]));
    assert!(equal(&column(&d, "Spec forward 2: Z-Axis"), &[0.0, 1e-8, 2e-8]));
    assert_eq!(metadata(&d, "DataSet-0:1/SaveBits"), "16");
    let ascii = String::from_utf8_lossy(&make::nid()).replace("SaveMode=Binary", "SaveMode=Ascii").into_bytes();
    assert!(refused("a.nid", ascii).contains("Ascii"));
}

#[test]
fn ntmdt_scans_and_arrays() {
    let d = open_as("a", make::mdt()).unwrap();
    is_ramp(&d, "Height one", "m", 1e-10, 0.0);
    is_ramp(&d, "1F:Iprobe: measurand", "A", 1e-9, 0.0);
    is_ramp(&d, "1F:Iprobe: Phase", "deg", 2.0, 1.0);
    is_ramp(&d, "Hybrid: Adhesion", "N", 1e-9, 0.0);
    let v = volume(&d, "Hybrid");
    assert_eq!(v.values.dim(), (3, 4, 2));
    assert!(close(v.values[[0, 3, 0]], 30e-9) && close(v.values[[2, 1, 1]], 211e-9));
    assert_eq!(metadata(&d, "frame 8/not read"), "a palette");
    assert_eq!(metadata(&d, "frame 1/date"), "2023-04-05 11:46:05");
}

#[test]
fn ntmdt_curves() {
    let d = open_as("a", make::mdt()).unwrap();
    assert!(equal(&column(&d, "Current: X"), &[1e-9, 1.5e-9, 2e-9, 2.5e-9]));
    assert!(equal(&column(&d, "Current: Current"), &[10e-9, 12e-9, 14e-9, 16e-9]));
    assert!(equal(&column(&d, "DFL 1 forward: DFL"), &[5e-9, 6e-9]));
    assert!(equal(&column(&d, "DFL 1 backward: DFL"), &[7e-9]));
    assert!(equal(&column(&d, "DFL 2 forward: DFL"), &[8e-9]));
    assert!(equal(&column(&d, "Raman: Shift"), &[100e2, 110e2, 120e2]));
    assert!(equal(&column(&d, "Raman: Counts"), &[1.0, 2.0, 4.0]));
    // The first curve goes against its axis, from stop to start.
    assert!(equal(&column(&d, "point 1 forward: BV"), &[-1.0, 0.0, 1.0]));
    assert!(equal(&column(&d, "point 1 forward: Iprobe"), &[1e-9, 2e-9, 3e-9]));
    assert!(equal(&column(&d, "point 1 backward: BV"), &[1.0, 0.0, -1.0]));
    assert!(equal(&column(&d, "point 1 backward: Iprobe"), &[0.0, 1e-9, 2e-9]));
    let place = |name: &str| d.tables().iter().find(|t| t.name == name).unwrap().position.unwrap();
    assert!(equal(&place("point 1 backward"), &[1.5e-6, 2.5e-6]) && equal(&place("DFL 2 forward"), &[3e-6, 4e-6]));
}

#[test]
fn wsxm_values_follow_from_the_amplitude() {
    // The ramp goes from 0 to 23, the amplitude is 46 nm.
    for kind in ["short", "float", "double"] {
        let d = open_as("a", make::wsxm(kind)).unwrap();
        is_ramp(&d, "Topography", "m", 2e-9, 0.0);
        assert_eq!(metadata(&d, "General Info/Z Amplitude"), "46 nm");
    }
    let phase = String::from_utf8_lossy(&make::wsxm("short")).replace("46 nm", "2 Pi");
    assert!(phase.contains("2 Pi"));
    let mut bytes = make::wsxm("short");
    let at = bytes.windows(5).position(|w| w == b"46 nm").unwrap();
    bytes[at..at + 5].copy_from_slice(b"23 Pi");
    is_ramp(&open_as("a", bytes).unwrap(), "Topography", "deg", 180.0, 0.0);
    let mut flat = make::wsxm("short");
    let n = flat.len();
    flat[n - 24..].fill(7);
    assert!(map(&open_as("a", flat).unwrap(), "Topography").values.iter().all(|v| *v == 0.0));
}

#[test]
fn wsxm_curves() {
    let d = open_as("a", make::wsxm_curve()).unwrap();
    assert_eq!(names(&d), ["IV 1: Bias", "IV 1: Current", "IV 2: Bias", "IV 2: Current"]);
    assert!(equal(&column(&d, "IV 2: Bias"), &[-1e-3, 0.0, 1e-3]));
    assert!(equal(&column(&d, "IV 2: Current"), &[-20e-9, 1e-9, 20e-9]));
    let cut = make::wsxm_curve();
    assert!(refused("a.cur", cut[..cut.len() - 4].to_vec()).contains("early"));
}

#[test]
fn wsxm_spectroscopy() {
    let d = open_as("a", make::gsi()).unwrap();
    is_ramp(&d, "Topography", "m", 2e-9, 0.0);
    let v = volume(&d, "Normal force");
    assert_eq!((v.values.dim(), v.unit.si_symbol()), ((3, 4, 2), "N".to_string()));
    // Half a volt a count, 4 nN a volt, 1 nN on top.
    assert!(close(v.values[[0, 3, 0]], 7e-9) && close(v.values[[2, 1, 1]], 1043e-9));
    assert!(equal(&column(&d, "Z"), &[5e-9, 0.0]));
    let d = open_as("a", make::curves()).unwrap();
    is_ramp(&d, "Topography", "m", 2e-9, 0.0);
    assert_eq!(names(&d).len(), 9);
    assert!(equal(&column(&d, "curve 1 backward: Z"), &[6e-9, 8e-9, 10e-9]));
    assert!(equal(&column(&d, "curve 3 forward: Force"), &[-1e-9, -5e-9]));
}

#[test]
fn digital_surf() {
    // Integers are twice the ramp, steps 0.5 µm, the offset 10 µm.
    let d = open_as("a", make::sur()).unwrap();
    let m = map(&d, "Height");
    assert!(m.values[[2, 3]].is_nan());
    assert!(close(m.values[[1, 2]], 22e-6) && close(m.values[[0, 0]], 10e-6));
    let d = open_as("a", make::sur_packed()).unwrap();
    is_ramp(&d, "layer", "m", 1e-6, 10e-6);
    is_ramp(&d, "layer #2", "m", 1e-6, 110e-6);
    let d = open_as("a", make::profile()).unwrap();
    assert!(equal(&column(&d, "X"), &[0.0, 2e-9, 4e-9, 6e-9, 8e-9]));
    assert!(equal(&column(&d, "Height"), &[10e-6, 10.5e-6, 11e-6, 11.5e-6, 12e-6]));
    // What old programs kept in the place of the count of channels.
    let mut old = make::sur();
    old[80] = 5;
    assert_eq!(names(&open_as("a", old).unwrap()), ["Height"]);
    let mut disc = make::sur();
    disc[18] = 6;
    assert!(refused("a.sur", disc).contains("meridian disc"));
    let mut lie = make::sur_packed();
    lie[515 + 4..515 + 8].copy_from_slice(&4_000_000_000u32.to_le_bytes());
    assert!(refused("a.sur", lie).contains("claims"));
}

#[test]
fn movies_of_every_version() {
    for version in 0..3 {
        let bytes = make::asd(version);
        let d = open_as("a.asd", bytes.clone()).unwrap();
        assert_eq!((names(&d), d.channels()[0].shape.as_slice()), (vec!["Topography", "Phase"], &[2, 3, 4][..]));
        let size = d.channels()[0].physical_size.clone().unwrap();
        assert!(size.len() == 2 && close(size[0], 8e-9) && close(size[1], 9e-9), "{size:?}");
        let count = 10.0 / 4096.0;
        let first = |i| d.window(i, &softspot::io::Window::new([0..1, 0..3, 0..4])).unwrap();
        let want: Vec<f64> = ramp(3, 4).iter().map(|v| -v * count * 10e-9).collect();
        assert!(equal(&first(0)[1..], &want[1..]) && first(0)[0].abs() < 1e-20, "version {version}");
        let want: Vec<f64> = ramp(3, 4).iter().map(|v| (100.0 + v) * count * 10.0).collect();
        assert!(equal(&first(1), &want), "version {version}: {:?}", first(1));
        let rest = d.window(0, &softspot::io::Window::new([1..2, 0..3, 0..4])).unwrap();
        assert!(rest.iter().all(|v| v.is_nan()), "nothing was recorded");
        if version > 0 {
            assert_eq!(metadata(&d, "comment"), "\u{8a66}\u{6599}");
        }
        // A file that is cut loses frames of the second channel.
        let d = open_as("a.asd", bytes[..bytes.len() - 1].to_vec()).unwrap();
        assert!(d.channels()[1].shape == [1, 3, 4] && metadata(&d, "frames of Phase").starts_with("1 of 2"));
    }
    // A range that sources scale differently gives what is stored.
    let mut other = make::asd(1);
    other[133..137].copy_from_slice(&3u32.to_le_bytes());
    let d = open_as("a.asd", other).unwrap();
    assert_eq!(d.window(0, &softspot::io::Window::new([0..1, 2..3, 3..4])).unwrap(), [2071.0]);
    assert!(metadata(&d, "scale of Topography").contains("range 3"));
}

#[test]
fn asylum_images_and_curves_of_one_file() {
    let bytes = make::ardf();
    let d = open_as("a.ARDF", bytes.clone()).unwrap();
    let m = map(&d, "HeightTrace");
    assert!(m.values.row(0).iter().all(|v| v.is_nan()), "a line that was not measured");
    assert_eq!((m.values[[1, 0]], m.values[[2, 3]]), (10.0, 23.0));
    assert!(equal(&m.pixel_size().unwrap(), &[3e-9, 2e-9]));
    let cells: Vec<_> = d.tables().iter().map(|t| (t.name.as_str(), t.cell.unwrap())).collect();
    // The second line runs from right to left, and is above the first.
    let want = [("curve 0", [1, 0]), ("curve 1", [1, 1]), ("curve 3", [0, 1]), ("curve 2", [0, 0])];
    assert_eq!(cells, want);
    let force = column(&d, "curve 3: force");
    assert_eq!((force.len(), column(&d, "curve 2: Raw").len()), (6, 7));
    assert!(equal(&force[5..], &[2.0 * 125e-9]) && equal(&column(&d, "curve 3: height (piezo)")[..1], &[-20e-9]));
    assert_eq!(column(&d, "curve 0: segment"), [0.0, 0.0, 1.0, 1.0]);
    assert_eq!((metadata(&d, "Date"), metadata(&d, "segments of volume 1")), ("2024-05-06", "Ext, Ret"));
    // Curves that are damaged do not hide the image.
    let mut broken = bytes;
    let at = broken.windows(4).position(|w| w == b"VDEF").unwrap();
    broken[at] = b'X';
    let d = open_as("a.ARDF", broken).unwrap();
    assert_eq!(names(&d), ["HeightTrace"]);
    assert!(d.metadata().iter().any(|(k, v)| k.starts_with("curves at byte") && v.starts_with("not read")));
}

#[test]
fn nanosurf_studio_of_both_versions() {
    for version in [1, 2] {
        let d = open_as("a.nhf", make::nhf(version)).unwrap();
        let m = map(&d, "Image: Topography forward");
        assert!(m.values.row(0).iter().all(|v| v.is_nan()), "a line that was not measured");
        let want: Vec<f64> = ramp(3, 4)[4..].iter().map(|v| v * 1e-9).collect();
        assert!(equal(&m.values.iter().skip(4).copied().collect::<Vec<_>>(), &want), "{version}: {:?}", m.values);
        assert!(equal(&m.pixel_size().unwrap(), &[3e-9, 2e-9]));
        let cells: Vec<_> = d.tables().iter().map(|t| (t.name.as_str(), t.cell.unwrap())).collect();
        assert_eq!(cells, [("curve 0", [0, 0]), ("curve 1", [0, 1])]);
        let rounded = |name: &str| column(&d, name).iter().map(|v| (v * 1e6).round() / 1e6).collect::<Vec<f64>>();
        assert_eq!(rounded("curve 0: Deflection"), [1.0, 2.0, 3.0, 101.0, 102.0], "{version}");
        assert_eq!(rounded("curve 1: force"), [24.0, 30.0, 618.0, 624.0, 630.0], "{version}");
        assert_eq!(column(&d, "curve 1: segment"), [0.0, 0.0, 1.0, 1.0, 1.0]);
        assert_eq!(metadata(&d, "segments"), "Advance, Retract");
    }
}
