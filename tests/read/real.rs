//! Do the readers agree with independent programs on files of real instruments? Runs where those files are at hand.

use std::path::PathBuf;

use softspot::data::Artifact;
use softspot::io::{Dataset, Limits};
use softspot::unit::Unit;

/// The folder of real files: `SOFTSPOT_SHARED`, or `shared/data` beside the crate.
fn shared() -> Option<PathBuf> {
    let beside = || PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../shared/data"));
    let folder = std::env::var_os("SOFTSPOT_SHARED").map_or_else(beside, PathBuf::from);
    if !folder.join("MANIFEST.toml").is_file() {
        println!("shared data absent: {}", folder.display());
        return None;
    }
    Some(folder)
}

fn close(a: f64, b: f64, scale: f64) -> bool {
    (a - b).abs() <= 1e-6 * b.abs().max(1e-3 * scale)
}

/// Numbers of a channel in SI, row by row.
fn values(d: &Dataset, i: usize) -> Vec<f64> {
    match d.read(i).unwrap() {
        Artifact::Map(m) => m.values.iter().copied().collect(),
        Artifact::Volume(v) => v.whole().unwrap().iter().copied().collect(),
        Artifact::Table(t) => t.columns[0].numbers().unwrap(),
        _ => panic!("readers give maps, volumes and tables"),
    }
}

/// Whether one channel is what the manifest says of it, orientation included.
fn agrees(d: &Dataset, i: usize, want: &toml::Table) -> bool {
    let channel = &d.channels()[i];
    let shape: Vec<usize> =
        want["shape"].as_array().unwrap().iter().map(|n| n.as_integer().unwrap() as usize).collect();
    let count = |s: &[usize]| s.iter().product::<usize>();
    if count(&channel.shape) != count(&shape) {
        return false;
    }
    let unit = Unit::parse_or_keep(want["unit"].as_str().unwrap());
    let v = values(d, i);
    let finite: Vec<f64> = v.iter().copied().filter(|v| v.is_finite()).collect();
    let n = finite.len() as f64;
    let mean = finite.iter().sum::<f64>() / n;
    let std = (finite.iter().map(|v| (v - mean).powi(2)).sum::<f64>() / n).sqrt();
    let min = finite.iter().copied().fold(f64::INFINITY, f64::min);
    let max = finite.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    let scale = min.abs().max(max.abs());
    let named = want["unit"].as_str() != Some("");
    // Where the manifest or the file has no unit, the numbers are the file's.
    let bare = channel.unit.symbol.is_empty();
    let own = if named && !bare && unit.symbol != channel.unit.symbol { &unit } else { &channel.unit };
    let number = |key: &str| want.get(key).and_then(|v| v.as_float().or_else(|| v.as_integer().map(|i| i as f64)));
    let same = |have: f64, key: &str| number(key).is_none_or(|w| close(have, own.to_si(w), scale));
    let last_column = *channel.shape.last().unwrap() - 1;
    let length = Unit::parse(want.get("physical_unit").and_then(|u| u.as_str()).unwrap_or("m")).unwrap();
    let sizes = want.get("physical_size").and_then(|s| s.as_array()).is_none_or(|s| {
        let have = channel.physical_size.as_deref().unwrap_or(&[]);
        s.len() == have.len() && s.iter().zip(have).all(|(a, b)| close(*b, length.to_si(a.as_float().unwrap()), *b))
    });
    (!named || bare || own.same_dimension(&channel.unit))
        && ["min", "max", "mean"].iter().zip([min, max, mean]).all(|(k, v)| same(v, k))
        && number("std").is_none_or(|w| close(std, w * own.scale, scale))
        && same(v[0], "at_0_0")
        && (want.get("at_0_0").is_none() || same(v[last_column], "at_0_last_col"))
        && sizes
}

#[test]
fn real_files_read_as_other_programs_read_them() {
    let Some(folder) = shared() else { return };
    let manifest: toml::Table = std::fs::read_to_string(folder.join("MANIFEST.toml")).unwrap().parse().unwrap();
    let mut channels = 0;
    let mut wrong = Vec::new();
    for file in manifest["file"].as_array().unwrap() {
        let path = file["path"].as_str().unwrap();
        let d = softspot::io::open(&folder.join(path), None, &Limits::default()).unwrap_or_else(|e| panic!("{e}"));
        let wanted = file.get("channel").and_then(|c| c.as_array()).map_or(&[][..], |c| c.as_slice());
        for want in wanted.iter().filter_map(|c| c.as_table()).filter(|c| c.contains_key("min")) {
            channels += 1;
            if !(0..d.channels().len()).any(|i| agrees(&d, i, want)) {
                wrong.push(format!("{path}: {}", want["name"].as_str().unwrap()));
            }
        }
    }
    assert!(wrong.is_empty(), "{} of {channels}: {wrong:#?}", wrong.len());
    assert!(channels > 600, "only {channels} channels were compared");
}

#[test]
fn plain_tiff_refuses_files_whose_numbers_are_elsewhere() {
    let Some(folder) = shared() else { return };
    for (path, word) in [("spm/jpk_tapping_10ch.jpk", "JPK"), ("spm/park_nx_topography.tiff", "Park")] {
        let opened = softspot::io::open(&folder.join(path), Some("tiff"), &Limits::default());
        let e = opened.map(|_| ()).unwrap_err();
        assert!(e.what.contains(word) && !e.hint.is_empty(), "{e}");
    }
}
