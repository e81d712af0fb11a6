//! What is wrong with volumes is said, with what to do about it, and the rest completes.

use ndarray::Array3;
use softspot::data::Volume;
use softspot::io::write::{npy_volume, tiff_volume};
use softspot::unit::Unit;

use crate::common::{Study, softspot};

fn ramp(shape: [usize; 3], f: impl Fn(usize, usize, usize) -> f64) -> Volume {
    let values = Array3::from_shape_fn((shape[0], shape[1], shape[2]), |(z, y, x)| f(z, y, x));
    Volume::new(values, Unit::none(), "g", Some([3e-8; 3]))
}

/// Something that has regions and boxes.
fn waves(z: usize, y: usize, x: usize) -> f64 {
    (libm::sin(0.7 * z as f64) * libm::cos(0.5 * y as f64) + libm::sin(0.9 * x as f64 + 0.3 * y as f64) + 3.0) * 100.0
}

const STAGES: &str = r#"
[stage.low]
run = "regions"
input = "ct"
top = "20 %"
surrogates = 0
[stage.boxes]
run = "box-counting"
input = "mask"
surrogates = 0
"#;

fn definition(ct: &str, mask: &str) -> String {
    format!("[pipeline]\nname = \"v\"\n[sample.a]\nct = {{ {ct} }}\nmask = {{ {mask} }}\n{STAGES}")
}

const PIXEL: &str = r#"pixel = ["30 nm", "30 nm", "30 nm"]"#;

#[test]
fn sets_that_say_nothing() {
    let study = Study::new();
    let cube = |f: fn(usize, usize, usize) -> f64| npy_volume(&ramp([16, 16, 16], f)).unwrap();
    study.write("ct.npy", cube(waves));
    study.write("empty.npy", cube(|_, _, _| 0.0));
    study.write("full.npy", cube(|_, _, _| 1.0));
    study.write("flat.npy", npy_volume(&ramp([1, 16, 16], |_, y, x| f64::from(u8::from(y == x)))).unwrap());
    study.write("thin.npy", npy_volume(&ramp([16, 1, 1], |z, _, _| f64::from(u8::from(z < 3)))).unwrap());
    let run = |mask: &str| {
        let pixel = PIXEL;
        study.write(
            "v.toml",
            definition(&format!("path = \"ct.npy\", {pixel}"), &format!("path = \"{mask}\", {pixel}")),
        );
        softspot(&["run", study.path("v.toml").to_str().unwrap()])
    };
    run("empty.npy").exits(1).says(&["the set is empty", "`regions`"]);
    run("full.npy").exits(1).says(&["the set is full"]);
    // Dimensions of one voxel are no fault: a line has the dimension of a line at most.
    run("flat.npy").exits(0);
    run("thin.npy").exits(0);
    let rows = std::fs::read_to_string(study.path("results/v/results.csv")).unwrap();
    assert!(rows.contains("a,low,count"), "the rest is complete");
}

#[test]
fn steps_that_are_missing_or_differ() {
    let study = Study::new();
    study.write("ct.npy", npy_volume(&ramp([16, 16, 16], waves)).unwrap());
    study.write("m.npy", npy_volume(&ramp([16, 16, 16], |z, _, _| f64::from(u8::from(z % 5 == 0)))).unwrap());
    study.write(
        "v.toml",
        definition("path = \"ct.npy\"", "path = \"m.npy\", pixel = [\"60 nm\", \"30 nm\", \"30 nm\"]"),
    );
    let ran = softspot(&["run", study.path("v.toml").to_str().unwrap()]);
    ran.exits(1).says(&["the volume has no voxel size", "pixel = [", "differ", "no cubes"]);
}

#[test]
fn values_that_cannot_be_cut() {
    let study = Study::new();
    let mask = npy_volume(&ramp([16, 16, 16], |z, _, _| f64::from(u8::from(z % 5 == 0)))).unwrap();
    study.write("m.npy", mask);
    let pixel = PIXEL;
    let run = |f: fn(usize, usize, usize) -> f64| {
        study.write("ct.npy", npy_volume(&ramp([16, 16, 16], f)).unwrap());
        study
            .write("v.toml", definition(&format!("path = \"ct.npy\", {pixel}"), &format!("path = \"m.npy\", {pixel}")));
        softspot(&["run", study.path("v.toml").to_str().unwrap()])
    };
    run(|_, _, _| f64::NAN).exits(1).says(&["no valid voxel"]);
    run(|_, _, _| f64::INFINITY).exits(1).says(&["no valid voxel"]);
    run(|_, _, _| 4.0).exits(1).says(&["the same value"]);
    // Nine of ten voxels are equal: a fifth cannot be chosen.
    run(|z, y, x| if z == 3 && y < 4 { x as f64 - 99.0 } else { 7.0 }).exits(1).says(&["have the value 7", "absolute"]);
}

#[test]
fn files_of_volumes_that_are_broken() {
    let study = Study::new();
    let whole = npy_volume(&ramp([16, 16, 16], waves)).unwrap();
    study.write("m.npy", npy_volume(&ramp([16, 16, 16], |z, _, _| f64::from(u8::from(z % 5 == 0)))).unwrap());
    let pixel = PIXEL;
    let run = |ct: &str| {
        study.write("v.toml", definition(&format!("path = \"{ct}\", {pixel}"), &format!("path = \"m.npy\", {pixel}")));
        softspot(&["run", study.path("v.toml").to_str().unwrap()])
    };
    study.write("cut.npy", &whole[..whole.len() - 900]);
    run("cut.npy").exits(1).says(&["cut.npy"]);
    study.write("nothing.npy", b"");
    run("nothing.npy").exits(1).says(&["nothing.npy", "empty"]);
    // A stack of pages of which one is missing, of another size, or of another type.
    let page = |name: &str, side: usize| {
        let v = ramp([1, side, side], waves);
        study.write(name, tiff_volume(&v).unwrap());
    };
    for z in 0..6 {
        page(&format!("stack/p_{z:03}.tif"), 16);
    }
    std::fs::remove_file(study.path("stack/p_003.tif")).unwrap();
    run("stack").exits(1).says(&["stack", "missing between", "p_002.tif"]);
    page("stack/p_003.tif", 15);
    run("stack").exits(1).says(&["p_003.tif"]);
    assert!(
        std::fs::read_to_string(study.path("results/v/results.csv")).unwrap().contains("a,boxes,d_f"),
        "the other stage is complete"
    );
}

#[test]
fn memory_that_does_not_do() {
    let study = Study::new();
    study.write("ct.npy", npy_volume(&ramp([20, 40, 40], waves)).unwrap());
    study.write("m.npy", npy_volume(&ramp([20, 40, 40], |z, _, _| f64::from(u8::from(z % 5 == 0)))).unwrap());
    let pixel = PIXEL;
    study.write("v.toml", definition(&format!("path = \"ct.npy\", {pixel}"), &format!("path = \"m.npy\", {pixel}")));
    let file = study.path("v.toml");
    let file = file.to_str().unwrap();
    softspot(&["run", file, "--memory", "20kB"]).exits(1).says(&["one block of this volume takes", "--memory"]);
    softspot(&["check", file, "--memory", "20kB"]).exits(2).says(&["one block", "--memory"]);
    softspot(&["run", file, "--memory", "little"]).exits(2).says(&["2GiB"]);
    let checked = softspot(&["check", file]);
    checked.exits(0);
    assert!(checked.out.contains("20 × 40 × 40") && checked.out.contains("memory"), "{}", checked.out);
    softspot(&["run", file, "--memory", "2MB"]).exits(0);
}
