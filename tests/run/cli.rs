//! Do the commands do what they say, on standard output and with the exit status that scripts rely on?

use crate::common::{DMA, Study, dma, field, map, rows, softspot, two_samples};
use std::path::Path;

use serde_json::Value;
use softspot::data::{Artifact, Volume};
use softspot::io::write::{csv_map, gsf, npy_map, tiff_map, tiff_volume};
use softspot::io::{Limits, open};
use softspot::stage::STAGES;
use softspot::unit::Unit;

fn text(path: &std::path::Path) -> String {
    path.display().to_string()
}

#[test]
fn check_tells_right_from_wrong_and_computes_nothing() {
    let study = Study::new();
    study.field("good.gsf", 1).field("bad.gsf", 2).definition(two_samples("{ path = \"bad.gsf\" }"));
    let ran = study.check();
    ran.exits(0);
    assert!(ran.out.contains("2 samples, 2 stages, nothing wrong") && ran.err.is_empty(), "{ran:?}");
    assert!(!study.path("results").exists());
    softspot(&["check".into(), text(&study.path("study.toml")), "--set".into(), "stage.dist.resamples=-2".into()])
        .exits(2)
        .says(&["-2"]);
    study.definition(two_samples("{ path = \"nowhere.gsf\" }"));
    study.check().exits(2).says(&["study.toml:8", "nowhere.gsf"]);
}

#[test]
fn every_stage_is_described_with_inputs_parameters_metrics_and_an_example_that_parses() {
    let list = softspot(&["stages"]);
    list.exits(0);
    for entry in STAGES {
        let id = entry.doc.id;
        assert!(list.out.contains(id), "{id}");
        let ran = softspot(&["stages", id]);
        ran.exits(0);
        for part in [id, "Inputs", "Parameters", "Source", "Example"] {
            assert!(ran.out.contains(part), "{id}: no {part}");
        }
        for metric in entry.doc.metrics {
            assert!(ran.out.contains(&*metric.name), "{id}: {}", metric.name);
        }
        let example = format!("[pipeline]\nname = \"s\"\n[sample.a]\n[stage.x]\n{}", entry.doc.example);
        let parsed =
            softspot::pipeline::Definition::parse(&example, std::path::Path::new("."), &[], &Default::default());
        assert!(parsed.is_ok(), "{id}: {:?}", parsed.err());
    }
    softspot(&["stages", "corelation"]).exits(2).says(&["no stage `corelation`", "correlation"]);
    assert!(softspot(&["stages", "--formats"]).exits(0).out.contains("gsf"));
}

#[test]
fn the_schema_takes_the_embedded_study_and_refuses_mistakes() {
    let ran = softspot(&["schema"]);
    ran.exits(0);
    let schema: Value = serde_json::from_str(&ran.out).unwrap();
    assert_eq!(schema["$schema"], "https://json-schema.org/draft/2020-12/schema");
    assert!(jsonschema::meta::is_valid(&schema));
    let validator = jsonschema::validator_for(&schema).unwrap();
    let embedded = std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/pipelines/la-cu-zr.toml")).unwrap();
    let table: toml::Table = toml::from_str(&embedded).unwrap();
    let good = serde_json::to_value(&table).unwrap();
    let errors: Vec<String> = validator.iter_errors(&good).map(|e| format!("{}: {e}", e.instance_path)).collect();
    assert!(errors.is_empty(), "{errors:#?}");
    let refuses = |pointer: &str, key: &str, value: Value| {
        let mut bad = good.clone();
        bad.pointer_mut(pointer).unwrap().as_object_mut().unwrap().insert(key.into(), value);
        assert!(!validator.is_valid(&bad), "{pointer}/{key}");
    };
    refuses("", "stages", serde_json::json!({}));
    refuses("/pipeline", "sede", 1.into());
    refuses("/stage/corr", "modle", "auto".into());
    refuses("/stage/corr", "model", "fractal".into());
    refuses("/stage/corr", "run", "corelation".into());
    refuses("/stage/corr", "resamples", Value::from(-1));
    refuses("/sample/Vit105/frequency", "chanel", "x".into());
}

#[test]
fn inspect_shows_what_a_file_holds_as_table_and_as_json_in_si() {
    let study = Study::new();
    let m = map((4, 6), "kHz", |y, x| 1e3 * (y * 6 + x) as f64);
    study.write("a.gsf", gsf(&m)).write("t.csv", "T (K),E'' (MPa)\n300,1\n302,4\n304,2\n");
    let (a, t) = (text(&study.path("a.gsf")), text(&study.path("t.csv")));
    let ran = softspot(&["inspect", &a, &t]);
    ran.exits(0);
    for part in [
        "a.gsf (gsf: Gwyddion Simple Field)",
        "4 × 6",
        "60.0\u{a0}nm × 40.0\u{a0}nm",
        "23.0\u{a0}kHz",
        "t.csv",
        "E''",
        "4.00\u{a0}MPa",
    ] {
        assert!(ran.out.contains(part), "no `{part}` in\n{}", ran.out);
    }
    let json: Value = serde_json::from_str(&softspot(&["inspect", "--json", &a, &t]).exits(0).out).unwrap();
    assert_eq!((json[0]["path"].as_str(), json[0]["format"].as_str()), (Some(a.as_str()), Some("gsf")));
    let c = &json[0]["channels"][0];
    assert_eq!((c["unit"].as_str(), c["shape"][0].as_u64(), c["shape"][1].as_u64()), (Some("Hz"), Some(4), Some(6)));
    let near = |v: &Value, x: f64| assert!((v.as_f64().unwrap() / x - 1.0).abs() < 1e-6, "{v} for {x}");
    near(&c["physical_size"][0], 6e-8);
    near(&c["physical_size"][1], 4e-8);
    near(&c["max"], 23e3);
    near(&c["mean"], 11.5e3);
    near(&c["std"], 1e3 * (575.0f64 / 12.0).sqrt());
    near(&json[1]["channels"][1]["max"], 4e6);
    // One that cannot be read does not hide the others.
    let ran = softspot(&["inspect", "--json", &text(&study.path("no.gsf")), &a]);
    ran.exits(1).says(&["no.gsf", "cannot be read"]);
    assert_eq!(serde_json::from_str::<Value>(&ran.out).unwrap().as_array().unwrap().len(), 1);
    softspot(&["inspect"]).exits(2);
}

#[test]
fn inspect_surveys_a_folder_and_shows_one_channel() {
    let study = Study::new();
    let m = map((4, 6), "kHz", |y, x| 1e3 * (y * 6 + x) as f64);
    study.write("day1/a.gsf", gsf(&m)).write("day2/deep/t.csv", "T (K),E'' (MPa)\n300,1\n302,4\n304,2\n");
    study.write("day1/notes.bin", vec![0u8, 1, 2, 3]).write("day1/.hidden", "x");
    let folder = text(&study.path(""));
    let ran = softspot(&["inspect", &folder]);
    ran.exits(0);
    for part in
        ["a.gsf", "1 map", "4 × 6", "t.csv", "2 columns", "notes.bin", "no known format", "2 files can be read, 1 not"]
    {
        assert!(ran.out.contains(part), "no `{part}` in\n{}", ran.out);
    }
    assert!(!ran.out.contains(".hidden"));
    let json: Value = serde_json::from_str(&softspot(&["inspect", "--json", &folder]).exits(0).out).unwrap();
    assert_eq!(json.as_array().unwrap().len(), 2);
    let t = text(&study.path("day2/deep/t.csv"));
    let one = softspot(&["inspect", "--channel", "T", &t]);
    one.exits(0);
    assert!(one.out.contains("304") && !one.out.contains("E''"), "{}", one.out);
    softspot(&["inspect", "--channel", "Tt", &t]).exits(1).says(&["did you mean `T`"]);
    study.write("empty/b.bin", vec![9u8; 9]);
    softspot(&["inspect", &text(&study.path("empty"))]).exits(1).says(&["nothing in the folder can be read"]);
}

#[test]
fn volumes_are_converted_and_no_folder_of_others_is_replaced() {
    let study = Study::new();
    let values = ndarray::Array3::from_shape_fn((3, 70, 5), |(z, y, x)| (100 * z + 10 * y + x) as f64 + 0.5);
    let volume = Volume::new(values, Unit::none(), "density", Some([2e-7, 1e-7, 1e-7]));
    study.write("v.tif", tiff_volume(&volume).unwrap());
    let tif = text(&study.path("v.tif"));
    for to in ["npy", "tif", "zarr"] {
        let out = text(&study.path(&format!("out/v.{to}")));
        // The second time it replaces its own.
        for _ in 0..2 {
            softspot(&["convert", &tif, &out]).exits(0);
        }
        let Artifact::Volume(back) = open(Path::new(&out), None, &Limits::default()).unwrap().read(0).unwrap() else {
            panic!("{to}: no volume")
        };
        assert_eq!(back.whole().unwrap(), volume.whole().unwrap(), "{to}");
        if to != "npy" {
            let voxel = back.voxel.unwrap_or_else(|| panic!("{to}: no voxel size"));
            assert!(voxel.iter().zip([2e-7, 1e-7, 1e-7]).all(|(a, b)| (a / b - 1.0).abs() < 1e-6), "{to}: {voxel:?}");
        }
    }
    study.write("mine.zarr/diary.txt", "dear diary");
    softspot(&["convert", &tif, &text(&study.path("mine.zarr"))]).exits(1).says(&["mine.zarr", "exists"]);
    assert!(study.path("mine.zarr/diary.txt").exists());
    study.write("m.gsf", gsf(&map((5, 7), "Hz", |y, x| (y + x) as f64)));
    softspot(&["convert", &text(&study.path("m.gsf")), &text(&study.path("m.zarr"))]).exits(1).says(&["map", "zarr"]);
}

#[test]
fn conversion_keeps_values_size_and_unit() {
    let study = Study::new();
    let m = map((5, 7), "Hz", |y, x| if (y, x) == (2, 3) { f64::NAN } else { (1000 * y + x) as f64 + 0.5 });
    study
        .write("gsf.gsf", gsf(&m))
        .write("tif.tif", tiff_map(&m).unwrap())
        .write("npy.npy", npy_map(&m))
        .write("csv.csv", csv_map(&m));
    for from in ["gsf", "tif", "npy", "csv"] {
        for to in ["gsf", "tif", "npy", "csv"] {
            let out = study.path(&format!("out/{from}-{to}.{to}"));
            softspot(&["convert".into(), text(&study.path(&format!("{from}.{from}"))), text(&out)]).exits(0);
            let dataset = open(&out, None, &Limits::default()).unwrap();
            let Artifact::Map(back) = dataset.read(0).unwrap() else { panic!("{from} to {to}: no map") };
            let same = back.values.iter().zip(&m.values).all(|(a, b)| a == b || a.is_nan() && b.is_nan());
            assert!(back.shape() == [5, 7] && same, "{from} to {to}: {:?}", back.values);
            // NPY has no place for a unit or a size; what it lost stays lost.
            if from != "npy" && to != "npy" {
                assert_eq!(back.unit.si_symbol(), "Hz", "{from} to {to}");
                let pixel = back.pixel.unwrap_or_else(|| panic!("{from} to {to}: no pixel size"));
                assert!(pixel.iter().all(|p| (p / 1e-8 - 1.0).abs() < 1e-6), "{from} to {to}: {pixel:?}");
            }
        }
    }
    let a = text(&study.path("gsf.gsf"));
    softspot(&["convert", &a, &text(&study.path("x.doc"))]).exits(2).says(&["x.doc", "gsf, tif, npy, csv, zarr"]);
    softspot(&["convert", &a, &text(&study.path("x.npy")), "--channel", "nope"])
        .exits(1)
        .says(&["gsf.gsf", "no channel `nope`"]);
    softspot(&["convert", &text(&study.path("away.gsf")), &text(&study.path("x.npy"))]).exits(1).says(&["away.gsf"]);
    assert!(!study.path("x.npy").exists());
}

#[test]
fn conversion_keeps_its_input_and_says_what_it_rounds() {
    let study = Study::new();
    let m = map((2, 3), "Hz", |y, x| 0.1 * (y + x) as f64);
    study
        .write("m.csv", csv_map(&m))
        .write("slices/1.tif", tiff_map(&m).unwrap())
        .write("slices/2.tif", tiff_map(&m).unwrap());
    let at = |name: &str| text(&study.path(name));
    let before = std::fs::read(study.path("m.csv")).unwrap();
    softspot(&["convert", &at("m.csv"), &at("slices/../m.csv")]).exits(1).says(&["the input itself"]);
    assert_eq!(std::fs::read(study.path("m.csv")).unwrap(), before);
    for out in ["slices/3.tif", "slices/new/v.npy"] {
        softspot(&["convert", &at("slices"), &at(out)]).exits(1).says(&["the input itself"]);
    }
    assert_eq!(std::fs::read_dir(study.path("slices")).unwrap().count(), 2);
    for (to, rounded) in [("m.gsf", true), ("m.npy", false)] {
        let told = softspot(&["convert", &at("m.csv"), &at(to)]).exits(0).out.clone();
        assert_eq!(told.contains("rounded to 32-bit floats"), rounded, "{told}");
    }
    for (value, lost) in [(1e300, "1e300"), (1e-60, "1e-60")] {
        study.write("far.csv", csv_map(&map((2, 3), "Hz", |y, x| if (y, x) == (1, 1) { value } else { 1.0 })));
        for to in ["gsf", "tif"] {
            softspot(&["convert", &at("far.csv"), &at(&format!("far.{to}"))]).exits(1).says(&[lost, "npy or csv"]);
            assert!(!study.path(&format!("far.{to}")).exists());
        }
    }
}

#[test]
fn a_new_study_is_ready_and_overwrites_nothing() {
    let study = Study::new();
    let folder = study.path("mine");
    let ran = softspot(&["new", &text(&folder)]);
    ran.exits(0);
    let definition = text(&folder.join("la-cu-zr.toml"));
    assert!(ran.out.contains(&format!("softspot run {definition}")));
    softspot(&["check", &definition]).exits(0);
    softspot(&["new", &text(&folder)]).exits(2).says(&["not empty", "nothing is overwritten"]);
    softspot(&["new", &text(&study.path("other")), "--template", "nope"])
        .exits(2)
        .says(&["no template `nope`", "la-cu-zr"]);
    assert!(!study.path("other").exists());
    study.write("file", "x");
    softspot(&["new", &text(&study.path("file"))]).exits(1).says(&["file", "cannot be written"]);
    // Files, not phantoms: a study to put one's own data into.
    let written = std::fs::read_to_string(&definition).unwrap();
    assert!(!written.contains("phantom =") && written.contains("path = \"la-cu-zr/vit105.gsf\""), "{written}");
}

#[test]
fn phantoms_are_the_same_twice_and_say_their_truth() {
    let study = Study::new();
    let make = |kind: &str, out: &str, set: &[&str]| {
        let mut args = vec!["phantom".to_string(), kind.into(), text(&study.path(out)), "--set".into()];
        args.extend(set.iter().map(ToString::to_string));
        softspot(&args)
    };
    for name in ["a.gsf", "b.gsf"] {
        make("field", name, &["shape=[32,32]", "xi=90 nm", "seed=4"]).exits(0);
    }
    make("field", "c.gsf", &["shape=[32,32]", "xi=90 nm", "seed=5"]).exits(0);
    let read = |n: &str| std::fs::read(study.path(n)).unwrap();
    assert!(read("a.gsf") == read("b.gsf") && read("a.gsf") != read("c.gsf"));
    let truth = String::from_utf8(read("a.truth.toml")).unwrap();
    assert!(truth.contains("seed = 4") && truth.parse::<toml::Table>().is_ok(), "{truth}");
    make("field", "d.gsf", &["xi=-1 nm"]).exits(2).says(&["xi", "softspot phantom field -"]);
    make("field", "d.gsf", &["shape=[1000000,1000000]"]).exits(2).says(&["1000000"]);
    make("field", "d.gsf", &["span=3 m"]).exits(2).says(&["3 m"]);
    make("field", "d.gsf", &["noise"]).exits(2).says(&["softspot phantom field -"]);
    make("loss", "d.csv", &["temperatures=[300.0,200.0,1.0]"]).exits(2).says(&["temperatures"]);
    make("nope", "d.csv", &["a=1"]).exits(2).says(&["no phantom `nope`", "field", "loss", "la-cu-zr"]);
    assert!(!study.path("d.gsf").exists() && !study.path("d.csv").exists());
    assert!(softspot(&["phantom", "field", "-"]).exits(0).out.contains("xi ="));
}

#[test]
fn completions_help_and_version_are_printed() {
    for shell in ["bash", "zsh", "fish", "powershell", "elvish"] {
        assert!(softspot(&["completions", shell]).exits(0).out.contains("softspot"), "{shell}");
    }
    assert!(softspot(&["--version"]).exits(0).out.starts_with("softspot "));
    assert!(softspot(&["run", "--help"]).exits(0).out.contains("--dry-run"));
    softspot::<&str>(&[]).exits(2);
    softspot(&["rnu"]).exits(2).says(&["rnu", "Usage"]);
}

#[test]
fn quiet_is_silent_on_success_and_json_is_the_record() {
    let study = Study::new();
    study.field("good.gsf", 1).field("bad.gsf", 2).definition(two_samples("{ path = \"bad.gsf\" }"));
    let ran = study.run(&["--quiet"]);
    ran.exits(0);
    assert!(ran.out.is_empty() && ran.err.is_empty(), "{ran:?}");
    let ran = study.run(&["--quiet", "--json"]);
    assert!(ran.err.is_empty());
    assert_eq!(serde_json::from_str::<Value>(&ran.out).unwrap(), study.record());
    study.write("bad.gsf", "broken");
    let ran = study.run(&["--quiet"]);
    ran.exits(1).says(&["bad", "bad.gsf"]);
}

#[test]
fn a_dry_run_lists_what_would_run_in_order_and_writes_nothing() {
    let study = Study::new();
    study.field("good.gsf", 1).write("d.csv", dma(&[1.0], 1)).definition(format!(
        "[pipeline]\nname = \"s\"\n[sample.a]\nfrequency = {{ path = \"good.gsf\" }}\ndma = {{ path = \"d.csv\", {DMA} }}\n\
         [stage.dist]\nrun = \"distribution\"\ninput = \"level\"\n[stage.level]\nrun = \"level\"\ninput = \"frequency\"\n\
         [stage.relax]\nrun = \"spectrum-peaks\"\ninput = \"dma\"\n"
    ));
    let ran = study.run(&["--dry-run"]);
    ran.exits(0);
    let at = |s: &str| ran.out.find(s).unwrap_or_else(|| panic!("no {s} in {}", ran.out));
    assert!(at("level (level)") < at("dist (distribution)") && at("relax") > 0 && ran.out.contains("1 samples: a"));
    let ran = study.run(&["--dry-run", "--only", "dist"]);
    assert!(ran.out.contains("level (level)") && !ran.out.contains("relax"), "with what it needs: {}", ran.out);
    assert!(!study.path("results").exists());
}

#[test]
fn tables_of_results_are_plain_csv() {
    // A guard for the helpers of these tests.
    let parsed = rows("a,b\n1,\"x,y\"\n");
    assert_eq!(parsed[0]["b"], "x,y");
    assert_eq!(field(8, 1).shape(), [8, 8]);
}
