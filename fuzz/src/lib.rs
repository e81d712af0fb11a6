//! What every fuzz target does: open the bytes with one reader and read whatever it finds.

use std::path::Path;

use softspot::io::{Limits, READERS, Source, Window};

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

/// Files of a folder that is one dataset; those without content get the fuzzer's bytes.
fn files(id: &str) -> Option<Vec<(&'static str, Option<&'static [u8]>)>> {
    match id {
        "zarr" => Some(vec![("zarr.json", None), (".zarray", None), ("c/0/0/0", Some(&[0; 64])), ("0.0.0", Some(&[0; 64]))]),
        "tiff-sequence" => Some(vec![("a1.tif", None), ("a2.tif", None)]),
        "curve-folder" => Some(vec![("a1.txt", None), ("a2.txt", None)]),
        _ => None,
    }
}
