//! Does every format give the values, units and shapes that its file holds – and only an error for a broken one?

#[path = "../common/mod.rs"]
mod common;

mod containers;
mod curves;
mod damage;
mod fixtures;
mod hostile;
mod inputs;
mod jpk;
mod memory;
mod real;
mod sheets;
mod spm;
mod text;
mod traps;
mod values;
mod volumes;
mod written;
mod zarr;

use std::path::{Path, PathBuf};
use std::sync::Arc;

use softspot::data::{Artifact, Map, Table, Volume};
use softspot::io::{Dataset, Limits, READERS, ReadError, Source};

/// Formats that the content alone does not tell: the name of the file says what its numbers are.
const BY_NAME: &[&str] = &["micro-materials"];

/// Opens bytes as a file of that name.
fn open_as(name: &str, bytes: Vec<u8>) -> Result<Dataset, ReadError> {
    let source = Source::from_bytes(Path::new(name), bytes);
    softspot::io::sniff(&source)?.open(&source, &Limits::default())
}

fn map(d: &Dataset, name: &str) -> Arc<Map> {
    match read(d, name) {
        Artifact::Map(m) => m,
        other => panic!("{name} is a {}", other.kind()),
    }
}

/// A volume with its numbers.
struct Held {
    values: ndarray::Array3<f64>,
    of: Arc<Volume>,
}

impl std::ops::Deref for Held {
    type Target = Volume;
    fn deref(&self) -> &Volume {
        &self.of
    }
}

fn volume(d: &Dataset, name: &str) -> Held {
    match read(d, name) {
        Artifact::Volume(v) => Held { values: v.whole().unwrap().into_owned(), of: v.clone() },
        other => panic!("{name} is a {}", other.kind()),
    }
}

fn column(d: &Dataset, name: &str) -> Vec<f64> {
    match read(d, name) {
        Artifact::Table(t) => numbers(&t, 0),
        other => panic!("{name} is a {}", other.kind()),
    }
}

fn numbers(t: &Table, i: usize) -> Vec<f64> {
    t.columns[i].numbers().unwrap_or_else(|| panic!("{} is text", t.columns[i].name))
}

fn read(d: &Dataset, name: &str) -> Artifact {
    let names: Vec<_> = d.channels().iter().map(|c| c.name.as_str()).collect();
    let i = names.iter().position(|n| *n == name).unwrap_or_else(|| panic!("no `{name}` in {names:?}"));
    d.read(i).unwrap()
}

fn metadata<'a>(d: &'a Dataset, key: &str) -> &'a str {
    d.metadata().iter().find(|(k, _)| k == key).map(|(_, v)| v.as_str()).unwrap_or_else(|| panic!("no {key}"))
}

fn close(a: f64, b: f64) -> bool {
    (a - b).abs() <= 1e-12 * b.abs().max(1e-300)
}

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures")
}

/// Set `SOFTSPOT_WRITE_FIXTURES=1` to write the files anew.
#[test]
fn fixtures_are_what_their_writers_make() {
    for (name, _, bytes) in fixtures::all() {
        let path = folder().join(name);
        if std::env::var_os("SOFTSPOT_WRITE_FIXTURES").is_some() {
            std::fs::write(&path, &bytes).unwrap();
        }
        let stored = std::fs::read(&path).unwrap();
        assert!(stored == bytes || name.ends_with(".png"), "{name} differs from its writer");
    }
}

#[test]
fn each_file_is_recognised_by_one_reader_whatever_its_name() {
    for (name, format, bytes) in fixtures::all() {
        for name in [name, "x.bin"] {
            if name == "x.bin" && BY_NAME.contains(&format) {
                continue;
            }
            let source = Source::from_bytes(Path::new(name), bytes.clone());
            let mut scores: Vec<_> = READERS.iter().map(|r| (r.sniff(&source), r.format().id)).collect();
            scores.sort();
            let [.., second, best] = scores.as_slice() else { panic!() };
            assert!(best.1 == format && best.0 > second.0, "{name}: {scores:?}");
            assert_eq!(open_as(name, bytes.clone()).unwrap().format(), format);
        }
    }
}

#[test]
fn readers_are_told_apart_and_documented() {
    let mut ids: Vec<_> = READERS.iter().map(|r| r.format().id).collect();
    for r in READERS {
        let f = r.format();
        assert!(!f.name.is_empty() && !f.about.is_empty() && !f.reference.is_empty() && !f.extensions.is_empty());
        let folder = fixtures::several().iter().any(|(id, ..)| *id == f.id);
        let have = folder || fixtures::all().iter().any(|(_, id, _)| *id == f.id);
        assert!(have, "{} has no fixture", f.id);
    }
    ids.sort();
    ids.dedup();
    assert_eq!(ids.len(), READERS.len());
}

#[test]
fn channel_names_are_unique_and_sizes_are_true() {
    for (name, _, bytes) in fixtures::all() {
        let d = open_as(name, bytes).unwrap();
        let mut names: Vec<_> = d.channels().iter().map(|c| c.name.clone()).collect();
        names.sort();
        names.dedup();
        assert_eq!(names.len(), d.channels().len(), "{name}");
        for (i, c) in d.channels().iter().enumerate() {
            let (kind, n) = match d.read(i).unwrap() {
                Artifact::Map(m) => (softspot::data::Kind::Map, m.values.len()),
                Artifact::Volume(v) => (softspot::data::Kind::Volume, v.len() as usize),
                Artifact::Table(t) => (softspot::data::Kind::Table, t.rows()),
                _ => panic!("readers give maps, volumes and tables"),
            };
            assert_eq!((kind, n), (c.kind, c.shape.iter().product()), "{name}: {}", c.name);
        }
        assert!(d.read(d.channels().len()).is_err(), "{name}: there is no such channel");
    }
}
