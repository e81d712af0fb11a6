//! What the fuzz targets do: open the bytes with one reader and read whatever it finds; plan a definition; parse a unit.

use std::path::Path;

use softspot::io::{Limits, READERS, Source, Window};
use softspot::pipeline::prepare;
use softspot::unit::{Quantity, Unit};

/// Opens the bytes as a file of that format and reads its channels, whole and in part.
///
/// An error is a right answer; a panic, a hang or a large allocation is not.
pub fn read(id: &str, data: &[u8]) {
    let limits = Limits { elements: 1 << 20, channels: 4096, inflated: 1 << 24 };
    // The reader of a folder gets the bytes as one of its files.
    let folder = files(id).map(|names| {
        let folder = tempfile::tempdir().expect("a temporary folder");
        for (name, content) in names {
            let path = folder.path().join(name);
            std::fs::create_dir_all(path.parent().unwrap_or(folder.path())).expect("room for a folder");
            std::fs::write(path, content.unwrap_or(data)).expect("room for a file");
        }
        folder
    });
    let source = match &folder {
        Some(folder) => Source::open(folder.path()).expect("the folder is there"),
        None => Source::from_bytes(Path::new("x.bin"), data.to_vec()),
    };
    for reader in READERS.iter().filter(|r| r.format().id == id) {
        reader.sniff(&source);
        let Ok(dataset) = reader.open(&source, &limits) else { return };
        for (i, channel) in dataset.channels().iter().enumerate().take(16) {
            let _ = dataset.read(i);
            let part = channel.shape.iter().map(|n| n / 2..(n / 2 + 3).min(*n)).collect::<Vec<_>>();
            let _ = dataset.window(i, &Window::new(part));
        }
        let _ = dataset.table_at(0);
    }
}

/// Plans the bytes as a definition whose files are not there.
pub fn plan(data: &[u8]) {
    if let Ok(text) = std::str::from_utf8(data) {
        let _ = prepare(text, Path::new(NOWHERE), &[]);
    }
}

/// Plans a sound definition with each line of the bytes as an argument of `--set`.
pub fn set(data: &[u8]) {
    if let Ok(text) = std::str::from_utf8(data) {
        let arguments: Vec<String> = text.lines().map(String::from).collect();
        let _ = prepare(STUDY, Path::new(NOWHERE), &arguments);
    }
}

/// Parses the bytes as a unit and as a quantity; what a unit prints is that unit again.
pub fn unit(data: &[u8]) {
    let Ok(text) = std::str::from_utf8(data) else { return };
    let _ = Quantity::parse(text);
    let Ok(unit) = Unit::parse(text) else { return };
    let again = Unit::parse(&unit.symbol).expect("what is printed is parsed");
    assert!(
        again.same_dimension(&unit) && again.scale == unit.scale && again.offset == unit.offset,
        "{text}: {unit:?}"
    );
}

/// A study of one map.
const STUDY: &str = r#"
[pipeline]
name = "study"
seed = 1
[sample.a]
map = { path = "a.gsf" }
[stage.soft]
run = "regions"
input = "map"
side = "low"
top = "15 %"
"#;

/// A folder without files.
const NOWHERE: &str = "/nonexistent";

/// Files of a folder that is one dataset; those without content get the fuzzer's bytes.
fn files(id: &str) -> Option<Vec<(&'static str, Option<&'static [u8]>)>> {
    match id {
        "zarr" => {
            Some(vec![("zarr.json", None), (".zarray", None), ("c/0/0/0", Some(&[0; 64])), ("0.0.0", Some(&[0; 64]))])
        }
        "tiff-sequence" => Some(vec![("a1.tif", None), ("a2.tif", None)]),
        "curve-folder" => Some(vec![("a1.txt", None), ("a2.txt", None)]),
        _ => None,
    }
}
