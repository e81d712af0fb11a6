//! Points that cannot be evaluated: each has its flag and the reason, the others are complete.

use std::fmt::Write as _;

use crate::common::{Row, Study, map};
use softspot::io::write::gsf;

/// Elastic curves of a sphere of 2 µm: G = 30 GPa, ν = 0.363, 100 points up to 800 µN and back, point by point as `change`
/// makes it from `[t, P, h]` (s, N, m).
fn curves(points: usize, change: impl Fn(usize, usize, [f64; 3]) -> Option<[String; 3]>) -> String {
    let mut out = String::from("x (µm),y (µm),t (s),P (N),h (m)\n");
    for k in 0..points {
        for i in 0..200 {
            let t = 0.01 * f64::from(i);
            let p = 8e-4 * (if i < 100 { t } else { 1.99 - t }).max(0.0);
            let h = libm::pow(3.0 * (1.0 - 0.363) / (8.0 * 2e-6f64.sqrt()) * p / 30e9, 2.0 / 3.0);
            if let Some([t, p, h]) = change(k, i as usize, [t, p, h]) {
                let _ = writeln!(out, "{},{},{t},{p},{h}", k % 3, k / 3);
            }
        }
    }
    out
}

fn plain(v: [f64; 3]) -> [String; 3] {
    v.map(|v| format!("{v:e}"))
}

const INPUT: &str = r#"curves = { path = "c.csv", columns = { x = "x (µm)", y = "y (µm)", time = "t (s)", load = "P (N)", depth = "h (m)" } }"#;

fn study(file: &str, stage: &str) -> Study {
    let study = Study::new();
    study.write("c.csv", file).definition(format!(
        "[pipeline]\nname = \"s\"\n[sample.A]\n{INPUT}\n[stage.fit]\nrun = \"indentation\"\ninput = \"curves\"\n{stage}"
    ));
    study
}

const HERTZ: &str = "model = \"hertz\"\nradius = \"2 µm\"\npoisson = 0.363\ncontact_point = \"zero\"\n";

fn point<'a>(table: &'a [Row], row: &str, column: &str) -> &'a Row {
    table.iter().find(|r| r["row"] == row && r["column"] == column).unwrap()
}

#[test]
fn each_point_says_why() {
    let file = curves(9, |k, i, v| {
        let [t, p, h] = v;
        match k {
            // Times that stand still, and that go back.
            1 if i == 50 => Some(plain([t - 0.01, p, h])),
            2 if i == 50 => Some(plain([t - 0.2, p, h])),
            // Loads of the other sign.
            3 => Some(plain([t, -p, h])),
            // A curve of other length is no error; one of three rows is.
            4 if i >= 150 => None,
            5 if i >= 3 => None,
            // Failed in the middle.
            6 if i == 20 => Some(["0.2".into(), "--.--".into(), "1e300".into()]),
            // µm named m.
            7 => Some(plain([t, p, h * 1e6])),
            // A point of the grid that was left out.
            8 => None,
            _ => Some(plain(v)),
        }
    });
    let study = study(&file, HERTZ);
    study.run(&[]).exits(0);
    let table = study.table("fit.points");
    // y points upwards: the first line of the file is the lowest row of the map.
    for (row, column, flag, reason) in [
        ("2", "0", "good", ""),
        ("2", "1", "damaged", "times do not rise in row 51"),
        ("2", "2", "damaged", "times do not rise in row 51"),
        ("1", "0", "damaged", "sign the right way round"),
        ("1", "1", "good", ""),
        ("1", "2", "too-few-points", "3 points"),
        ("0", "0", "damaged", "row 21 has no number"),
        ("0", "1", "damaged", "beyond the radius"),
    ] {
        let r = point(&table, row, column);
        assert_eq!(r["flag"], flag, "{row} {column}: {}", r["reason"]);
        assert!(r["reason"].contains(reason), "{row} {column}: {}", r["reason"]);
        assert_eq!(r["modulus [Pa]"].is_empty(), flag != "good");
    }
    let g: f64 = point(&table, "1", "1")["modulus [Pa]"].parse().unwrap();
    assert!((g / 30e9 - 1.0).abs() < 1e-6, "{g:e}");
    assert_eq!(study.number("A", "fit", "missing"), 1.0);
    assert_eq!(study.number("A", "fit", "damaged"), 5.0);
    let warned = study.record()["warnings"].as_array().unwrap().iter().any(|w| w["code"] == "points-left-out");
    assert!(warned);
}

#[test]
fn nothing_to_evaluate_fails_with_the_reasons() {
    // A load that is noise has no contact; with the contact given as zero and with the contact sought.
    let noise = |k: usize, i: usize| 1e-6 * libm::sin((37 * i + 11 * k) as f64 * 12.9898);
    let file = curves(2, |k, i, [t, _, h]| Some(plain([t, noise(k, i), h])));
    for contact in ["zero", "found"] {
        let stage = HERTZ.replace("zero", contact);
        study(&file, &stage).run(&[]).exits(1).says(&["no point could be evaluated", "there is no contact"]);
    }
    let upside = curves(1, |_, _, [t, p, h]| Some(plain([t, p, -h])));
    study(&upside, HERTZ).run(&[]).exits(1).says(&["unit and its sign"]);
}

#[test]
fn radius_and_poisson_are_asked_for() {
    let file = curves(1, |_, _, v| Some(plain(v)));
    for (stage, says) in [
        ("model = \"hertz\"\npoisson = 0.3\n", "needs the radius"),
        ("model = \"hertz\"\nradius = \"2 µm\"\n", "needs Poisson's ratio"),
        ("model = \"hertz\"\nradius = \"0 nm\"\npoisson = 0.3\n", "positive length"),
        ("model = \"hertz\"\nradius = \"2 mN\"\npoisson = 0.3\n", "radius"),
        ("model = \"hertz\"\nradius = \"2 µm\"\npoisson = 0.7\n", "no Poisson's ratio"),
        ("model = \"berkovich\"\n", "oliver-pharr"),
        ("model = \"hertz\"\nradius = \"2 µm\"\npoisson = 0.3\ndrift = \"fast\"\n", "0.05 nm/s"),
        ("model = \"oliver-pharr\"\narea = []\n", "coefficients"),
        ("model = \"given\"\ncontact_point = \"zero\"\n", "no curves"),
        ("model = \"hertz\"\nradius = \"2 µm\"\npoisson = 0.3\npitch = [\"1 µm\", \"1 µm\"]\n", "belongs to `grid`"),
    ] {
        study(&file, stage).check().exits(2).says(&[says]);
    }
    let grid = format!("{HERTZ}grid = [2, 2]\n");
    study(&file, &grid).run(&[]).exits(1).says(&["1 points do not fill a grid of 2 × 2"]);
    study(&file, "model = \"given\"\n").run(&[]).exits(1).says(&["`modulus` or `hardness`"]);
}

#[test]
fn finished_tables_with_failed_points() {
    let file = "X (µm),Y (µm),E (GPa)\n0,0,80\n1,0,1e300\n0,1,-1\n1,1,--.--\n2,0,82\n2,1,81\n";
    let study = Study::new();
    study.write("e.csv", file).definition(
        "[pipeline]\nname = \"s\"\n[sample.A]\ntable = { path = \"e.csv\", columns = { x = \"X (µm)\", y = \"Y (µm)\", modulus = \"E (GPa)\" } }\n\
         [stage.grid]\nrun = \"indentation\"\ninput = \"table\"\nmodel = \"given\"\n\
         [stage.seg]\nrun = \"segment\"\ninput = \"grid.modulus\"\nk = 4\nuncertainty = \"none\"\nsurrogates = 0\n",
    );
    // Three values make no four classes: that stage fails alone.
    study.run(&[]).exits(1).says(&["3 different values cannot make 4 classes"]);
    assert_eq!(study.number("A", "grid", "good"), 3.0);
    let flags: Vec<String> = study.table("grid.points").iter().map(|r| r["flag"].clone()).collect();
    assert_eq!(flags, ["good", "missing", "damaged", "missing", "good", "good"]);
}

#[test]
fn maps_that_make_no_classes() {
    let study = Study::new();
    study
        .write("a.gsf", gsf(&map((32, 32), "Pa", |y, x| ((y * 7 + x * 3) % 11) as f64)))
        .write("b.gsf", gsf(&map((16, 16), "Pa", |y, x| (y + x) as f64)))
        .write("hz.gsf", gsf(&map((32, 32), "Hz", |y, x| (y + x) as f64)))
        .write("flat.gsf", gsf(&map((32, 32), "Pa", |_, _| 5.0)));
    let with = |inputs: &str, stage: &str| {
        study.definition(format!(
            "[pipeline]\nname = \"s\"\n[sample.A]\na = {{ path = \"a.gsf\" }}\nb = {{ path = \"b.gsf\" }}\nhz = {{ path = \"hz.gsf\" }}\n\
             flat = {{ path = \"flat.gsf\" }}\n[stage.seg]\nrun = \"segment\"\ninput = {inputs}\n{stage}"
        ));
        study.run(&[])
    };
    with("\"flat\"", "k = 2\n").exits(1).says(&["1 different values cannot make 2 classes"]);
    with("[\"a\", \"b\"]", "k = 2\n").exits(1).says(&["not co-registered"]);
    with("[\"a\", \"hz\"]", "k = 2\n").exits(1).says(&["`scale = true`"]);
    with("\"a\"", "k = 0\n").exits(2).says(&["0 classes"]);
    with("\"a\"", "k = \"three\"\n").exits(2).says(&["number of classes"]);
    with("\"a\"", "neighbours = -1\n").exits(2).says(&["weight"]);
    // A constant has one class, by whatever rule.
    with("\"flat\"", "k = \"auto\"\nuncertainty = \"none\"\n").exits(0);
    assert_eq!(study.number("A", "seg", "k"), 1.0);
}
